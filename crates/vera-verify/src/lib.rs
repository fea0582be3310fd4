//! The prover: what a typed program owes, and what of it holds.
//!
//! [`verify`] walks every function of the entry file ([`obligations`]), states each
//! demand of the language in a small logic ([`logic`]), lets a simplifier and a
//! solver decide it ([`solver`]), and reads the language's verdicts off the answers
//! ([`verdict`]). Specification: language reference, chapter 08.
//!
//! Pure: results are stored through a [`Cache`] the caller provides; nothing here
//! touches files or terminals, or knows of code generation.
#![forbid(unsafe_code)]

mod cancel;
mod diagnostics;
mod elision;
pub mod execution;
mod inputs;
pub mod logic;
mod obligations;
mod overview;
mod reconcile;
mod report;
pub mod solver;
mod stability;
mod verdict;

use std::collections::HashSet;

use rayon::prelude::*;
use vera_check::typed::{FnId, Program};
use vera_diagnostics::{Diagnostic, FileSpan, Sources};

pub use cancel::Cancel;
pub use elision::superfluous;
pub use inputs::{Assumption, Bounds, Found, Precondition, preconditions, refinement_bounds};
pub use obligations::Kind;
pub use overview::{FunctionProof, Overview, Proof, counted, make_strict};
pub use reconcile::{
    EmittedCheck, Mismatch, MismatchKind, Module, Reconciliation, answers, reconcile, unaccounted,
};
pub use report::{Summary, reconciliation_json, reconciliation_line, summary_line, to_json};
pub use stability::{Fragile, Stability, stability};
pub use verdict::{SlotValue, Status, Tried};

use execution::{Execution, NoExecution};
use obligations::{Check, Definitions, Demand, Generator, Obligations, Unit};
use solver::Solver;
use verdict::{Context, Finding, Premises, Settled};

/// How to verify.
#[derive(Clone, Debug)]
pub struct Options {
    /// The most a solver may spend on one query, in milliseconds.
    pub timeout_ms: u32,
    /// Nothing but this function of the entry file and its helpers; contracts of others
    /// are trusted.
    pub function: Option<String>,
    /// Find out which premises each proof uses.
    pub explain: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { timeout_ms: DEFAULT_TIMEOUT_MS, function: None, explain: false }
    }
}

/// What all queries of a verification may cost together, in milliseconds of a
/// solver's steps. Where there are many, each may cost less.
const BUDGET_MS: u32 = 120_000;

/// What a query may cost in any case.
const LEAST_MS: u32 = 50;

/// What a query may take by the clock, however small its share of the steps, if its
/// limit allows: a machine may be as busy as that.
const PATIENCE_MS: u32 = 5_000;

/// What a query may cost that asks again with definitions of callees, in milliseconds.
const UNFOLDED_MS: u32 = 2_000;

/// The budget of a query when nobody chose one, in milliseconds.
pub const DEFAULT_TIMEOUT_MS: u32 = 10_000;

/// A store of answers. A key names everything the answer depends on, so entries
/// never go stale; a store may forget any of them.
pub trait Cache: Sync {
    fn get(&self, key: &str) -> Option<String>;
    fn put(&self, key: &str, value: &str);
}

/// Remembers nothing.
pub struct NoCache;

impl Cache for NoCache {
    fn get(&self, _key: &str) -> Option<String> {
        None
    }

    fn put(&self, _key: &str, _value: &str) {}
}

/// Is told how far a verification is, and says whether it is still wanted.
pub trait Progress: Sync {
    /// So many obligations of so many have an answer. Called from several threads;
    /// `done` grows, but calls may come out of order.
    fn settled(&self, done: usize, total: usize);

    /// The flag that ends the verification; one that is never set unless it can be.
    fn cancel(&self) -> Cancel {
        Cancel::default()
    }
}

/// Tells nobody.
pub struct NoProgress;

impl Progress for NoProgress {
    fn settled(&self, _done: usize, _total: usize) {}
}

/// What a verification has of its surroundings.
#[derive(Clone, Copy)]
pub struct Means<'m> {
    pub solver: &'m dyn Solver,
    pub cache: &'m dyn Cache,
    pub progress: &'m dyn Progress,
    pub execution: &'m dyn Execution,
}

impl Default for Means<'_> {
    /// Z3 in this process, and nothing else.
    fn default() -> Self {
        let (solver, cache) = (&solver::Z3, &NoCache);
        Means { solver, cache, progress: &NoProgress, execution: &NoExecution }
    }
}

/// One settled obligation.
#[derive(Clone, Debug)]
pub struct Record {
    pub kind: Kind,
    pub status: Status,
    pub code: Option<vera_diagnostics::Code>,
    pub at: FileSpan,
    /// Where the module checks it at run time; `None` where no one place does, or
    /// nothing is left to check.
    pub check_at: Option<FileSpan>,
    /// The clause or expression, as written.
    pub text: String,
    /// The function it belongs to.
    pub function: String,
    /// That function's declaration; `None` for the predicate of a refinement.
    pub declaration: Option<FileSpan>,
    /// Slots with values that make it fail.
    pub counterexample: Vec<SlotValue>,
    /// The values of the function's parameters then, as far as they are known, named
    /// as its clauses name them.
    pub inputs: Vec<SlotValue>,
    /// The run of those inputs.
    pub tried: Option<Tried>,
    /// The solver gave no answer within its budget.
    pub exhausted: bool,
    /// What a proof uses, if that was asked for and there was something to prove.
    pub premises: Option<Vec<Premise>>,
}

/// Something that a proof uses.
#[derive(Clone, Debug)]
pub struct Premise {
    /// In words.
    pub text: String,
    /// Where it stands, if it does in one place of the program.
    pub at: Option<FileSpan>,
}

/// The outcome of verifying a program.
#[derive(Clone, Debug)]
pub struct Verification {
    /// Grouped by function, in source order.
    pub records: Vec<Record>,
    /// In the order of the records they belong to.
    pub diagnostics: Vec<Diagnostic>,
    /// How many `assume` statements were taken on trust.
    pub assumptions: usize,
    /// Checks of the module behind which no record stands, and that need none: proved
    /// preconditions of calls, which are not listed, and what is evident.
    pub unlisted: Vec<(Kind, FileSpan)>,
    /// Declarations of functions whose proofs may rest on an `assume`.
    pub trusting: HashSet<FileSpan>,
    pub timeout_ms: u32,
    partial: elision::Partial,
}

/// The stack of a worker: terms nest as deep as programs do.
const STACK: usize = 256 << 20;

/// Verifies the functions of the entry file, on all cores.
///
/// The result is a function of the program and the options, but for queries whose
/// answer the time limit cuts off.
pub fn verify(
    program: &Program,
    sources: &Sources,
    options: &Options,
    cache: &dyn Cache,
) -> Verification {
    verify_with(program, sources, options, &Means { cache, ..Means::default() })
}

/// [`verify`] by other means: another solver, telling how far it is, having
/// counterexamples run.
pub fn verify_with(
    program: &Program,
    sources: &Sources,
    options: &Options,
    means: &Means<'_>,
) -> Verification {
    let Means { solver, cache, progress, execution } = *means;
    let mut generator = Generator::new(program, sources);
    let mut all = generator.obligations();
    if let Some(name) = &options.function {
        all.units.retain(|unit| unit.function.is_some_and(|f| is_of(program, f, name)));
    }
    let sorts = generator.sorts();
    let timeout_ms = options.timeout_ms;
    let patience_ms = patience(timeout_ms);
    let mut context = Context { sorts: &sorts, timeout_ms, patience_ms, solver, cache, progress };
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK).build();
    let mut work = || {
        let (mut settled, premises) = settle(&mut generator, &mut context, execution, &mut all);
        if options.explain {
            let sorts = generator.sorts();
            let context = &Context { sorts: &sorts, ..context };
            let explained = all.units.par_iter().zip(&mut settled);
            explained.for_each(|(unit, records)| verdict::explain(context, unit, records));
        }
        (settled, premises)
    };
    let (settled, premises) = match pool {
        Ok(pool) => pool.install(work),
        // Without threads of its own it runs in this one.
        Err(_) => work(),
    };
    let each = context.timeout_ms;
    let mut verification = assemble(program, sources, options, all, settled, premises);
    let open = verification.records.iter().any(|record| record.exhausted);
    if open && let Some(missing) = solver.missing() {
        // What is left open, is so for this one reason.
        verification.diagnostics.retain(Diagnostic::is_error);
        let report = diagnostics::no_solver(&verification.records, &missing);
        verification.diagnostics.splice(0..0, report);
    } else if each < timeout_ms {
        let reports = diagnostics::budget(&verification.records, each, timeout_ms);
        verification.diagnostics.extend(reports);
    }
    verification
}

/// Whether a function is the one of the entry file with a name, or a helper below it.
fn is_of(program: &Program, function: FnId, name: &str) -> bool {
    let outermost = std::iter::successors(Some(function), |f| program.function(*f).parent).last();
    outermost.is_some_and(|f| program.entry_fns.contains(&f) && program.function(f).name == name)
}

/// How long a query may take by the clock: steps end it long before on a machine that has
/// time, and on one that has none the verdict is to be the same.
fn patience(timeout_ms: u32) -> u32 {
    timeout_ms.saturating_mul(4)
}

/// What each of so many queries may cost: the same on every machine, since solvers
/// count steps.
fn share(timeout_ms: u32, queries: usize) -> u32 {
    let queries = u32::try_from(queries).unwrap_or(u32::MAX).max(1);
    timeout_ms.min((BUDGET_MS / queries).max(LEAST_MS))
}

/// Verdicts on every obligation and on every unit's premises.
fn settle(
    generator: &mut Generator<'_>,
    context: &mut Context<'_>,
    execution: &dyn Execution,
    all: &mut Obligations,
) -> (Vec<Vec<Settled>>, Vec<Premises>) {
    let program = generator.program;
    let (simple, open) = verdict::simple(all);
    context.timeout_ms = share(context.timeout_ms, open);
    let share = patience(context.timeout_ms);
    context.patience_ms = context.patience_ms.min(PATIENCE_MS).max(share);
    let mut findings = verdict::discharge(context, all, simple);
    let definitions = definitions(generator, all, &findings);
    // Bodies may hold values of more types.
    let sorts = generator.sorts();
    let context = &Context { sorts: &sorts, ..*context };
    if let Some(mut definitions) = definitions {
        // Its clock is that of other queries.
        let each = context.timeout_ms.min(UNFOLDED_MS);
        let context = &Context { timeout_ms: each, ..*context };
        let may_be_run = undecided(program, all, &findings);
        rayon::join(
            || verdict::unfold(context, program, &mut definitions, all, &mut findings),
            || execution.prepare(&may_be_run),
        );
    }
    let mut settled: Vec<Vec<Settled>> = all
        .units
        .iter()
        .zip(&findings)
        .map(|(unit, found)| verdict::interpret(unit, found))
        .collect();
    verdict::withdraw(context, program, all, &mut settled);
    verdict::disclose(context, all, &mut settled);
    let premises = all
        .units
        .par_iter()
        .zip(&mut settled)
        .with_min_len(verdict::AT_ONCE)
        .map(|(unit, records)| verdict::check_premises(context, unit, records))
        .collect();
    // Nothing is run for a verification that nobody waits for.
    if !context.progress.cancel().is_set() {
        verdict::confirm(context, program, execution, &mut all.units, &mut settled);
        verdict::try_out(program, execution, &all.units, &mut settled);
    }
    let advise = |(unit, records): (&mut Unit, &mut Vec<Settled>)| {
        verdict::divide(context, unit, records);
        verdict::propose(context, program, unit, records);
    };
    all.units.par_iter_mut().zip(&mut settled).with_min_len(verdict::AT_ONCE).for_each(advise);
    (settled, premises)
}

/// The declarations of functions in which something is open that a run may decide.
fn undecided(program: &Program, all: &Obligations, findings: &[Vec<Finding>]) -> Vec<FileSpan> {
    let units = open_units(all, findings, |kind| !kind.is_counted());
    units.filter_map(|unit| unit.function).map(|f| declaration(program, f)).collect()
}

/// The definitions of what units call in which something is open; `None` where nothing is.
fn definitions(
    generator: &mut Generator<'_>,
    all: &Obligations,
    findings: &[Vec<Finding>],
) -> Option<Definitions> {
    let mut units = open_units(all, findings, |_| true).peekable();
    units.peek()?;
    Some(generator.definitions(units))
}

/// The units in which an obligation of a wanted kind is open.
fn open_units<'a>(
    all: &'a Obligations,
    findings: &'a [Vec<Finding>],
    wanted: impl Fn(Kind) -> bool,
) -> impl Iterator<Item = &'a Unit> {
    let open = move |(unit, findings): &(&Unit, &Vec<Finding>)| {
        let mut each = unit.obligations.iter().zip(*findings);
        each.any(|(o, f)| wanted(o.kind) && verdict::is_open(o, f))
    };
    all.units.iter().zip(findings).filter(open).map(|(unit, _)| unit)
}

fn assemble(
    program: &Program,
    sources: &Sources,
    options: &Options,
    all: Obligations,
    settled: Vec<Vec<Settled>>,
    premises: Vec<Premises>,
) -> Verification {
    let partial = elision::partial(program, &all, &settled);
    let mut out = Verification {
        records: Vec::new(),
        diagnostics: Vec::new(),
        assumptions: 0,
        unlisted: all.evident,
        trusting: HashSet::new(),
        timeout_ms: options.timeout_ms,
        partial,
    };
    let trusted: Vec<FileSpan> = all.units.iter().flat_map(|u| u.trusts.clone()).collect();
    let mut units: Vec<(Unit, Vec<Settled>, Premises)> = all
        .units
        .into_iter()
        .zip(settled)
        .zip(premises)
        .map(|((unit, settled), premises)| (unit, settled, premises))
        .collect();
    units.reverse();
    while let Some((first, records, premises)) = units.pop() {
        out.trust(program, &first);
        out.unlisted.extend(&first.evident);
        let mut group = vec![records];
        let mut found = premises;
        while let Some((next, _, _)) = units.last()
            && next.function == first.function
            && next.predicate == first.predicate
        {
            let (unit, records, premises) = units.pop().expect("the unit just seen");
            out.trust(program, &unit);
            out.unlisted.extend(&unit.evident);
            group.push(records);
            found = if found == Premises::Satisfiable { premises } else { found };
        }
        out.unit(program, sources, &first, verdict::merge(group), found);
    }
    out.assumed_elsewhere(program, &trusted);
    out
}

fn declaration(program: &Program, f: vera_check::typed::FnId) -> FileSpan {
    let function = program.function(f);
    FileSpan { file: program.modules[function.module.index()].file, span: function.span }
}

impl Verification {
    fn unit(
        &mut self,
        program: &Program,
        sources: &Sources,
        unit: &Unit,
        records: Vec<Settled>,
        premises: Premises,
    ) {
        let declaration = unit.function.map(|f| declaration(program, f));
        let clauses = diagnostics::Places::new(program, sources, unit);
        for assumed in &unit.assumes {
            self.assumptions += 1;
            self.diagnostics.push(diagnostics::assumption(&unit.name, assumed.at));
        }
        for record in records {
            if record.status == Status::Verified && !record.listed {
                let at = match record.check {
                    Check::At(at) => at,
                    Check::Elsewhere | Check::Idle | Check::NoSize | Check::WhileRunning => {
                        record.at
                    }
                };
                self.unlisted.extend([(record.kind, record.at), (record.kind, at)]);
                continue;
            }
            if premises.code() != record.code || record.status != Status::Tier3Unguarded {
                self.diagnostics.extend(diagnostics::of(unit, &record, &clauses));
            }
            self.records.push(Record {
                kind: record.kind,
                status: record.status,
                code: record.code,
                at: record.at,
                check_at: match record.check {
                    Check::At(at) => Some(at),
                    Check::Elsewhere | Check::Idle | Check::NoSize | Check::WhileRunning => None,
                },
                text: record.text,
                function: unit.name.clone(),
                declaration,
                counterexample: record.counterexample.slots,
                inputs: record.counterexample.inputs,
                tried: record.tried,
                exhausted: record.exhausted,
                premises: record.premises.map(|premises| {
                    let words = |premise: &verdict::Premise| {
                        let (text, at) = diagnostics::premise(program, sources, *premise);
                        Premise { text, at }
                    };
                    premises.iter().map(words).collect()
                }),
            });
        }
        if let (Some(code), Some(at)) = (premises.code(), unit.premises_at) {
            self.diagnostics.push(diagnostics::premises(&unit.name, code, at));
        }
    }

    /// Notes whether the proofs of a unit may rest on an `assume`.
    fn trust(&mut self, program: &Program, unit: &Unit) {
        if !unit.trusts.is_empty() {
            self.trusting.extend(unit.function.map(|f| declaration(program, f)));
        }
    }

    /// Reports the assumptions relied on that stand in no unit of this run: in clauses
    /// of imported functions and in predicates with type parameters.
    fn assumed_elsewhere(&mut self, program: &Program, trusted: &[FileSpan]) {
        let mut told: HashSet<FileSpan> = self
            .diagnostics
            .iter()
            .filter(|d| d.code == Some(vera_diagnostics::Code::W003))
            .filter_map(|d| d.location)
            .collect();
        for at in trusted {
            if told.insert(*at) {
                self.assumptions += 1;
                let owner = program.fns.iter().enumerate().find(|(i, _)| {
                    let whole = declaration(program, vera_check::typed::FnId(*i as u32));
                    whole.file == at.file
                        && whole.span.start <= at.span.start
                        && at.span.end <= whole.span.end
                });
                let name = owner.map_or("a predicate", |(_, f)| f.name.as_str());
                self.diagnostics.push(diagnostics::assumption(name, *at));
            }
        }
    }

    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Every obligation that asks something, as SMT-LIB 2 files: a name and the text,
/// which is unsatisfiable when the obligation holds.
pub fn scripts(program: &Program, sources: &Sources) -> Vec<(String, String)> {
    let mut generator = Generator::new(program, sources);
    let all = generator.obligations();
    let sorts = generator.sorts();
    let mut out = Vec::new();
    for unit in &all.units {
        for obligation in &unit.obligations {
            let Demand::Goals(goals) = &obligation.demand else { continue };
            for goal in goals {
                let mut assertions: Vec<_> = unit.facts(goal.under).map(|h| h.fact).collect();
                assertions.reverse();
                let problem = solver::Problem {
                    terms: &unit.terms,
                    sorts: &sorts,
                    assertions,
                    refuted: Some(goal.claim.term()),
                    values: Vec::new(),
                };
                let place = sources.get(obligation.at.file).line_col(obligation.at.span.start);
                let plain: String =
                    unit.name.chars().filter(|c| c.is_alphanumeric() || *c == '_').collect();
                let (kind, number) = (obligation.kind.as_str(), out.len());
                let name =
                    format!("{number:04}_{plain}_{kind}_{}_{}.smt2", place.line, place.column);
                out.push((name, problem.script().file()));
            }
        }
    }
    out
}
