//! Contract-driven testing (language reference, chapter 09): runs the public
//! functions of a program on arguments that meet their preconditions, and reports
//! what violates a contract or traps.
//!
//! [`test`] verifies and compiles a typed program, decides on each function
//! (`classify`), generates inputs (`generate`: `boundary` values, then `random` ones
//! and the solver's models), runs each in a fresh instance (`trial`), makes failing
//! ones smaller (`shrink`), asks what they mean for proofs (`distrust`) and yields a
//! [`Report`] as data. [`Replay`] calls functions with the prover's counterexamples.
//!
//! # Invariants
//!
//! - The same program, options and solver give the same report, but for trials that
//!   run out of time.
//! - Whether arguments meet a precondition is decided by the compiled precondition;
//!   what the prover knows of it only saves trials.
//! - Nothing here prints, or reads files.
#![forbid(unsafe_code)]

mod boundary;
mod classify;
mod compile;
mod constants;
mod diagnostics;
mod distrust;
mod generate;
mod models;
mod random;
mod replay;
mod report;
mod session;
mod shape;
mod shrink;
mod trial;
mod value;

use vera_check::typed::{EffectInst, FnId, Function, Program, Visibility};
use vera_check::types::{Printer, Types};
use vera_diagnostics::{FileSpan, Sources};
use vera_host::{CacheDir, HostError};
use vera_verify::{Cache, NoProgress, Progress};
use vera_wasm::EmitOptions;

pub use replay::Replay;
pub use report::{
    Argument, Category, Failure, FunctionReport, RefutedProof, Report, Summary, Trials, to_json,
    to_text,
};
pub use trial::Status;

use generate::Parameter;
use random::Range;
use shape::Shapes;

/// How many inputs are tried when nobody says.
pub const DEFAULT_TRIALS: usize = 100;

/// How to test.
#[derive(Clone, Debug)]
pub struct Options {
    /// Inputs for each function; boundary inputs may be more.
    pub trials: usize,
    /// The only function to test.
    pub function: Option<String>,
    /// Run proved functions too.
    pub distrust: bool,
    /// Where random inputs start.
    pub seed: u64,
    /// The most the prover may spend on one obligation, in milliseconds.
    pub timeout_ms: u32,
}

/// What testing works with.
pub struct Tools<'t> {
    /// Answers of the prover.
    pub proofs: &'t dyn Cache,
    /// Native code.
    pub code: &'t CacheDir,
    pub emit: EmitOptions,
    /// A name for this build of the tool: ends of runs that another stored are not used.
    pub build: String,
}

/// Why nothing was tested.
#[derive(Debug)]
pub enum Refusal {
    /// There is no public function of the name; those that there are.
    NoFunction { name: String, private: bool, public: Vec<String> },
    /// The engine does not work.
    Host(HostError),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Refusal::NoFunction { name, private, public } => {
                let public =
                    if public.is_empty() { "(none)".to_owned() } else { public.join(", ") };
                let what = if *private { "is private" } else { "is not declared" };
                write!(
                    f,
                    "Function '{name}' {what} and cannot be tested. Public functions: {public}"
                )
            }
            Refusal::Host(error) => error.fmt(f),
        }
    }
}

/// Who is told how far it is.
#[derive(Clone, Copy)]
pub struct Told<'t> {
    /// With proving, obligation by obligation.
    pub proofs: &'t dyn Progress,
    /// With trials, function by function.
    pub trials: &'t dyn Progress,
}

impl Default for Told<'_> {
    /// Nobody.
    fn default() -> Self {
        Told { proofs: &NoProgress, trials: &NoProgress }
    }
}

/// Tests the public functions of the entry file.
///
/// # Errors
/// See [`Refusal`]. A program that does not compile is no error: its functions are
/// reported as skipped.
pub fn test(
    program: &Program,
    sources: &Sources,
    options: &Options,
    tools: &Tools<'_>,
    told: &Told<'_>,
) -> Result<Report, Refusal> {
    let mut shapes = Shapes::new(vera_verify::refinement_bounds(program, sources));
    let subjects = subjects(program, options, &mut shapes)?;
    session::run(program, sources, options, (tools, told), &shapes, &subjects)
        .map_err(Refusal::Host)
}

/// A function to test.
#[derive(Debug)]
pub(crate) struct Subject {
    pub id: FnId,
    pub name: String,
    pub decl: FileSpan,
    /// Or the types that no arguments can be made for.
    pub parameters: Result<Vec<Parameter>, Vec<String>>,
    /// The state cells of its row, in order.
    pub cells: Vec<Cell>,
}

/// A state cell that a call starts as zero.
#[derive(Debug)]
pub(crate) struct Cell {
    /// `State<Int>`
    pub name: String,
    /// Whether its type has a zero, leaving refinements aside.
    pub has_zero: bool,
}

fn subjects(
    program: &Program,
    options: &Options,
    shapes: &mut Shapes,
) -> Result<Vec<Subject>, Refusal> {
    let mut types = program.types.clone();
    let is_public = |f: &FnId| program.function(*f).visibility == Visibility::Public;
    let public: Vec<FnId> = program.entry_fns.iter().copied().filter(is_public).collect();
    let named = |f: &FnId, name: &String| program.function(*f).name == name.as_str();
    if let Some(name) = &options.function
        && !public.iter().any(|f| named(f, name))
    {
        return Err(Refusal::NoFunction {
            name: name.clone(),
            private: program.entry_fns.iter().any(|f| named(f, name)),
            public: public.iter().map(|f| program.function(*f).name.to_string()).collect(),
        });
    }
    let wanted = |f: &&FnId| options.function.as_ref().is_none_or(|name| named(f, name));
    Ok(public.iter().filter(wanted).map(|f| subject(program, &mut types, shapes, *f)).collect())
}

fn subject(program: &Program, types: &mut Types, shapes: &mut Shapes, id: FnId) -> Subject {
    let function = program.function(id);
    let file = program.modules[function.module.index()].file;
    let slots: Vec<&str> =
        function.params.iter().map(|p| function.body[*p].slot.as_str()).collect();
    let (mut parameters, mut missing) = (Vec::new(), Vec::new());
    for (i, param) in function.params.iter().enumerate() {
        let ty = function.body[*param].ty;
        match shapes.of(program, types, ty) {
            Some(shape) => {
                let index = slots[i + 1..].iter().filter(|later| **later == slots[i]).count();
                let label = format!("@{}.{index}", slots[i]);
                let range = shapes[shape].integers().map_or(Range::INT, |(_, range)| range);
                parameters.push(Parameter { label, shape, range });
            }
            None => missing.push(Printer::with_types(program, types).ty(types.base(ty))),
        }
    }
    missing.sort();
    missing.dedup();
    Subject {
        id,
        name: function.name.to_string(),
        decl: FileSpan { file, span: function.span },
        parameters: if missing.is_empty() { Ok(parameters) } else { Err(missing) },
        cells: cells(program, types, function),
    }
}

fn cells(program: &Program, types: &Types, function: &Function) -> Vec<Cell> {
    let is_state = |effect: &&EffectInst| {
        let declared = &program.effects[effect.effect.index()];
        declared.module.is_none() && declared.name == "State"
    };
    let cell = |effect: &EffectInst| Cell {
        name: Printer::with_types(program, types).effect(effect),
        has_zero: types.base_kind(effect.args[0]).has_zero(),
    };
    function.effects.iter().filter(is_state).map(cell).collect()
}
