//! Compiled in every way, a program does what the interpreter does.

use std::time::Duration;

use vera_abi::runtime::GcMode;
use vera_abi::trap::TrapKind;
use vera_check::typed::{FnId, Program, Visibility};
use vera_check::types::TyKind;
use vera_diagnostics::Sources;
use vera_host::{Io, Module, Outcome, RunOptions};
use vera_mir::lower;
use vera_mir::passes::Optimise;
use vera_verify::{EmittedCheck, Verification};
use vera_wasm::EmitOptions;

use crate::examine::{Examiner, Finding, Observed, Oracle, Subject};
use crate::interpret::{End, Value};

/// A compiled program that runs longer than this never ends: the interpreter of the
/// same program took few steps.
const LONGEST: Duration = Duration::from_secs(20);

/// A way to compile.
#[derive(Clone, Copy)]
pub(crate) enum Build<'v> {
    Standard,
    /// With every check and branch that lowering put there, and every read through a
    /// reference checked.
    NothingDeleted,
    /// Without the checks that are proved.
    Unproved(&'v Verification),
}

impl Build<'_> {
    fn name(self) -> &'static str {
        match self {
            Build::Standard => "compiled",
            Build::NothingDeleted => "with nothing deleted",
            Build::Unproved(_) => "without proved checks",
        }
    }

    fn modes(self) -> &'static [GcMode] {
        match self {
            Build::Standard => &[GcMode::Normal, GcMode::Eager, GcMode::Young],
            Build::NothingDeleted | Build::Unproved(_) => &[GcMode::Normal],
        }
    }
}

/// What a run yields.
#[derive(Debug, PartialEq)]
struct Seen {
    printed: String,
    /// The result where host and interpreter have the same words for it, or why there
    /// is none.
    result: Result<Option<vera_host::Value>, TrapKind>,
}

/// Whether a host can call the function: it needs no handler but for exceptions and
/// cells that can start at zero.
pub(crate) fn is_callable(program: &Program, id: FnId) -> bool {
    let known = ["State", "Exn", "IO", "Random", "Diverge"];
    let function = program.function(id);
    function.type_params.is_empty()
        && function.effects.iter().all(|e| {
            let effect = &program.effects[e.effect.index()];
            let starts = effect.name != "State" || program.types.base_kind(e.args[0]).has_zero();
            effect.module.is_none() && known.contains(&effect.name.as_str()) && starts
        })
}

/// Compares the runs of compiled programs with those of the interpreter; yields how
/// many there were.
pub(crate) fn compare(
    examiner: &Examiner,
    subject: &Subject,
    observed: &[Observed<'_>],
    builds: &[Build<'_>],
) -> Result<u64, Finding> {
    let program = &subject.program;
    let comparable: Vec<(&Observed<'_>, Vec<vera_host::Value>, Seen)> =
        observed.iter().filter_map(|o| expected(program, o)).collect();
    let mut count = 0;
    for build in builds {
        let module = compile(examiner, subject, *build)?;
        for ((observed, args, expected), mode) in
            comparable.iter().flat_map(|c| build.modes().iter().map(move |m| (c, *m)))
        {
            let name = program.function(observed.function).name.as_str();
            count += 1;
            let found = run(examiner, &module, name, args, mode);
            if found.as_ref() != Ok(expected) {
                return Err(Finding::new(
                    Oracle::Runs,
                    format!("{}, {mode:?}", build.name()),
                    format!("{name}({args:?}):\n found    {found:?}\n expected {expected:?}"),
                ));
            }
        }
    }
    Ok(count)
}

/// What a compiled program must do, where a host can call the function and its end does
/// not depend on chance.
fn expected<'o, 'p>(
    program: &Program,
    observed: &'o Observed<'p>,
) -> Option<(&'o Observed<'p>, Vec<vera_host::Value>, Seen)> {
    let function = program.function(observed.function);
    let chance =
        |e: &&vera_check::typed::EffectInst| program.effects[e.effect.index()].name == "Random";
    if function.visibility != Visibility::Public || function.effects.iter().any(|e| chance(&e)) {
        return None;
    }
    let args = observed.args.iter().filter(|a| !matches!(a, Value::Unit));
    let args = args.map(shown).collect::<Option<Vec<_>>>()?;
    let result = match &observed.run.end {
        End::Returned(value) => match program.types.base_kind(function.ret) {
            TyKind::Unit => Ok(Some(vera_host::Value::Unit)),
            _ => Ok(shown(value).map(canonical)),
        },
        End::Trapped(failure) => Err(failure.kind),
        End::Thrown => Err(TrapKind::UncaughtException),
        End::Unmet | End::TooLong => return None,
    };
    let printed = String::from_utf8_lossy(&observed.run.printed).into_owned();
    Some((observed, args, Seen { printed, result }))
}

/// A value as a host sees it.
fn shown(value: &Value<'_>) -> Option<vera_host::Value> {
    Some(match value {
        Value::Unit => vera_host::Value::Unit,
        Value::Int(n) => vera_host::Value::Int(*n),
        Value::Byte(b) => vera_host::Value::Byte(*b),
        Value::Bool(b) => vera_host::Value::Bool(*b),
        Value::Float(x) => vera_host::Value::Float64(*x),
        Value::Str(bytes) => vera_host::Value::String(bytes.to_vec()),
        Value::Array(_)
        | Value::Tuple(_)
        | Value::Data(..)
        | Value::Map(_)
        | Value::Closure(_)
        | Value::Narrowed(_) => return None,
    })
}

/// One number stands for all NaNs, so that they are equal.
fn canonical(value: vera_host::Value) -> vera_host::Value {
    match value {
        vera_host::Value::Float64(x) if x.is_nan() => vera_host::Value::Float64(7.25e-222),
        other => other,
    }
}

/// What the module checks and the prover does not state, it cannot report.
fn every_check_has_an_obligation(
    program: &Program,
    sources: &Sources,
    module: &vera_verify::Module,
) -> Result<(), Finding> {
    let Some(check) = vera_verify::unaccounted(program, sources, module).first().copied() else {
        return Ok(());
    };
    let place = sources.get(check.at.file).line_col(check.at.span.start);
    let details = format!(
        "no obligation stands behind the check at {}:{} `{}`",
        place.line,
        place.column,
        sources.one_line(check.at)
    );
    Err(Finding::new(Oracle::Recorded, check.kind.name(), details))
}

fn compile(examiner: &Examiner, subject: &Subject, build: Build<'_>) -> Result<Module, Finding> {
    let Subject { sources, program } = subject;
    let lowered = lower::lower(program, sources, &lower::Options::default());
    let mut mir = lowered.map_err(|errors| {
        let texts: Vec<&str> = errors.iter().map(|e| e.description.as_str()).collect();
        Finding::new(Oracle::Accepted, "lowering refuses it", texts.join("; "))
    })?;
    if let Build::Unproved(verification) = build {
        let found = vera_mir::checks::checks(&mir);
        let checks = found.checks.iter().map(|c| EmittedCheck { kind: c.kind, at: c.at });
        let module =
            vera_verify::Module { checks: checks.collect(), functions: found.functions.clone() };
        every_check_has_an_obligation(program, sources, &module)?;
        let gone = vera_verify::superfluous(verification, &module);
        vera_mir::passes::elide::run(&mut mir, &|kind, at| gone.contains(&(kind, at)));
    }
    let delete_checks = !matches!(build, Build::NothingDeleted);
    let checked = EmitOptions { check_references: !delete_checks, ..EmitOptions::default() };
    let optimise = Optimise { delete_checks, verify: true };
    let artifact = vera_wasm::build(mir, optimise, &checked);
    examiner
        .host
        .load(&artifact)
        .map_err(|e| Finding::new(Oracle::Accepted, "the module is invalid", e.to_string()))
}

fn run(
    examiner: &Examiner,
    module: &Module,
    name: &str,
    args: &[vera_host::Value],
    gc: GcMode,
) -> Result<Seen, String> {
    let options = RunOptions { gc, timeout: Some(LONGEST), ..RunOptions::default() };
    let mut io = Io::null();
    let run = examiner.host.run(module, name, args.to_vec(), &mut io, &options);
    let result = match run.map_err(|error| error.to_string())?.outcome {
        // Interpreter and host have words for numbers and texts only.
        Outcome::Returned(vera_host::Value::Opaque | vera_host::Value::Data { .. }) => Ok(None),
        Outcome::Returned(value) => Ok(Some(canonical(value))),
        Outcome::Trapped(trap) => Err(trap.kind),
        Outcome::Exited(code) => return Err(format!("it exits with {code}")),
    };
    Ok(Seen { printed: io.captured_stdout(), result })
}
