//! Reports on verdicts: one function for each code, grouped as the registry is.

mod calls;
mod clauses;
mod narrowing;
mod operations;
mod premises;
mod undecided;

pub(crate) use premises::premise;
use vera_check::typed::{ClauseKind, FnId, Program};
use vera_diagnostics::{Code, Diagnostic, Edit, FileSpan, Fix, Sources};

use crate::Record;
use crate::execution::End;
use crate::obligations::{Kind, Recursive, Unit};
use crate::solver::Missing;
use crate::verdict::{Proposal, Settled, SlotValue, Status, Tried};

/// The report on a settled obligation, if its code asks for one.
pub(crate) fn of(unit: &Unit, record: &Settled, clauses: &Places<'_>) -> Option<Diagnostic> {
    let code = record.code?;
    let report = About { function: &unit.name, record };
    let mut diagnostic = match code {
        Code::E500 => clauses::postcondition_false(&report),
        Code::E501 => calls::precondition_false(&report),
        Code::E502 => operations::underflow(&report),
        Code::E503 => narrowing::negative(&report),
        Code::E504 => narrowing::negative_unguarded(&report),
        Code::E505 => narrowing::predicate_false(&report),
        Code::E506 => narrowing::predicate_undecided(&report),
        Code::E507 => clauses::assertion_false(&report),
        Code::E521 => clauses::precondition_undecidable(&report),
        Code::E522 => clauses::body_undecidable(&report),
        Code::E523 => clauses::postcondition_undecidable(&report),
        Code::E524 => clauses::postcondition_timeout(&report),
        Code::E525 => clauses::measure(&report),
        Code::E526 => operations::division(&report),
        Code::E527 => operations::index(&report),
        Code::E528 => operations::overflow(&report),
        Code::E529 => operations::float_domain(&report),
        Code::E532 => calls::precondition_undecidable(&report),
        Code::E533 => calls::state_type(&report),
        Code::E534 => clauses::disclosed(&report),
        Code::E535 => clauses::assertion_undecided(&report),
        Code::W006 => undecided::index(&report),
        Code::W007 => undecided::division(&report),
        Code::W008 => undecided::negative(&report),
        Code::W009 => undecided::underflow(&report),
        Code::W010 => undecided::float_domain(&report),
        _ => return None,
    };
    if let Some(generic) = &unit.instance {
        let base = generic.split('<').next().unwrap_or(generic);
        diagnostic.description = format!(
            "In generic function '{base}' instantiated at {}: {}",
            instances(&record.instances),
            diagnostic.description
        );
    }
    if record.status == Status::Violated {
        diagnostic.description.push_str(&values(record));
    }
    if let Some(tried) = &record.tried {
        diagnostic.description.push_str(&happened(record.kind, tried));
    }
    if let Some((yes, no)) = &record.parts {
        diagnostic.description.push_str(&divided(yes, no));
    }
    for call in &record.calls {
        diagnostic.description.push_str(&not_smaller(call));
    }
    for unknown in &record.unknowns {
        diagnostic.description.push_str(&format!("\n  {unknown}"));
    }
    match &record.proposal {
        Some(Proposal::Precondition(condition)) => {
            if let Some((clause, repair)) = clauses.own.require(condition) {
                if !diagnostic.fix.contains(&clause) {
                    diagnostic.fix.push_str(&format!(" `{clause}` would prove it here."));
                }
                diagnostic = diagnostic.repair(repair);
            }
        }
        Some(Proposal::Postcondition { function, clause }) => {
            if let Some((clause, repair)) = clauses.of(*function).promise(clause) {
                let name = &clauses.program.function(*function).name;
                diagnostic.fix.push_str(&format!(" `{clause}` of `{name}` would prove it here."));
                diagnostic = diagnostic.repair(repair);
            }
        }
        None => {}
    }
    Some(diagnostic)
}

/// Where the clauses are that a report may propose to add to.
pub(crate) struct Places<'p> {
    program: &'p Program,
    sources: &'p Sources,
    own: Clauses,
}

impl<'p> Places<'p> {
    pub fn new(program: &'p Program, sources: &'p Sources, unit: &Unit) -> Places<'p> {
        let none = Clauses { requires: Place::default(), ensures: Place::default() };
        let own = unit.function.map_or(none, |f| Clauses::of(program, sources, f));
        Places { program, sources, own }
    }

    fn of(&self, function: FnId) -> Clauses {
        Clauses::of(self.program, self.sources, function)
    }
}

/// Where a function states what it asks of callers, and what it promises them.
struct Clauses {
    requires: Place,
    ensures: Place,
}

/// Where clauses of a kind stand.
#[derive(Default)]
struct Place {
    /// One that says `true`, whose place another takes.
    trivial: Option<FileSpan>,
    /// The last of them, and how far it is indented.
    last: Option<(FileSpan, u32)>,
}

impl Clauses {
    fn of(program: &Program, sources: &Sources, function: FnId) -> Clauses {
        let mut out = Clauses { requires: Place::default(), ensures: Place::default() };
        let function = program.function(function);
        let file = program.modules[function.module.index()].file;
        for clause in &function.clauses {
            let place = match clause.kind {
                ClauseKind::Requires(_) => &mut out.requires,
                ClauseKind::Ensures(_) => &mut out.ensures,
                ClauseKind::Decreases(_) => continue,
            };
            let at = FileSpan { file, span: clause.span };
            place.last = Some((at, sources.get(file).line_col(at.span.start).column - 1));
            if clause.text == "true" {
                place.trivial = Some(at);
            }
        }
        out
    }

    /// Asks one more thing of callers.
    fn require(&self, condition: &str) -> Option<(String, Fix)> {
        self.requires.with(format!("requires({condition})"))
    }

    /// Promises one more thing.
    fn promise(&self, condition: &str) -> Option<(String, Fix)> {
        self.ensures.with(format!("ensures({condition})"))
    }
}

impl Place {
    /// A clause, and the repair that puts it here.
    fn with(&self, clause: String) -> Option<(String, Fix)> {
        let edit = match (self.trivial, self.last) {
            (Some(at), _) => Edit::replace(at, clause.as_str()),
            (None, Some((at, indent))) => {
                Edit::insert_after(at, format!("\n{}{clause}", " ".repeat(indent as usize)))
            }
            (None, None) => return None,
        };
        let fix = Fix::review(format!("Add `{clause}`"), vec![edit]);
        Some((clause, fix))
    }
}

/// The line about a recursive call that is not known to shrink the measure.
fn not_smaller(call: &Recursive) -> String {
    let better = call.better.as_ref().map_or(String::new(), |(passed, better)| {
        format!(" Did you mean `{better}` instead of `{passed}`?")
    });
    format!("\n  `{}` is not known to make it smaller.{better}", call.text)
}

/// The line that tells which parts of a conjunction are not proved.
fn divided(yes: &[String], no: &[String]) -> String {
    let list = |parts: &[String]| {
        parts.iter().map(|part| format!("`{part}`")).collect::<Vec<_>>().join(", ")
    };
    format!("\n  Of its parts, these are proved: {}; these are not: {}.", list(yes), list(no))
}

/// What a report is about.
struct About<'r> {
    function: &'r str,
    record: &'r Settled,
}

impl About<'_> {
    fn error(&self, code: Code, description: String) -> Diagnostic {
        Diagnostic::error(code, self.record.at, description)
    }

    /// A warning that a check moved to run time.
    fn warning(&self, code: Code, description: String) -> Diagnostic {
        let mut warning = Diagnostic::warning(code, self.record.at, description);
        warning.tier = Some(3);
        warning
    }
}

/// At most three names, then how many more.
fn instances(names: &[String]) -> String {
    let shown = names.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    match names.len() {
        0..=3 => shown,
        more => format!("{shown} (+{} more)", more - 3),
    }
}

/// The failing state, one slot a line.
fn values(record: &Settled) -> String {
    if record.counterexample.slots.is_empty() {
        return String::new();
    }
    let mut out = "\n  Counterexample:".to_owned();
    for SlotValue { slot, text: value, .. } in &record.counterexample.slots {
        out.push_str(&format!("\n      {slot} = {value}"));
    }
    out
}

/// The line that tells how the run of a counterexample ended.
fn happened(kind: Kind, tried: &Tried) -> String {
    let Tried { call, end, breaks } = tried;
    match end {
        End::Trapped { kind, message, .. } if *breaks => {
            format!("\n  When run, `{call}` ends with {}: {message}", kind.name())
        }
        End::Trapped { kind, .. } => format!(
            "\n  The prover's counterexample is none: when run, `{call}` ends with {} before.",
            kind.name()
        ),
        End::Returned(value) => {
            let fine = if kind == Kind::Ensures { " and the postcondition holds" } else { "" };
            format!(
                "\n  The prover's counterexample is none: when run, `{call}` returns {value}{fine}."
            )
        }
        End::Exited(code) => format!(
            "\n  The prover's counterexample is none: when run, `{call}` exits with {code}."
        ),
        End::Unmet => {
            "\n  The prover's counterexample is none: the inputs do not meet the precondition."
                .to_owned()
        }
    }
}

/// W003: an `assume` is taken on trust.
pub(crate) fn assumption(function: &str, at: FileSpan) -> Diagnostic {
    Diagnostic::warning(
        Code::W003,
        at,
        format!("Unverified assumption in '{function}': taken on trust, not proved."),
    )
    .rationale("An `assume` is a fact for every proof after it, and nothing checks it at run time.")
    .fix("Prove it and drop the statement, or write `assert` to have it checked.")
    .spec("Chapter 7, Section 7.1 \"Clauses\"")
}

/// W011: what the budget of the whole left undecided.
pub(crate) fn budget(records: &[Record], each: u32, timeout: u32) -> Option<Diagnostic> {
    let mut functions: Vec<(&str, usize)> = Vec::new();
    let mut first = None;
    for record in records.iter().filter(|r| r.exhausted) {
        first = first.or(Some(record.at));
        match functions.iter_mut().find(|(name, _)| *name == record.function) {
            Some((_, count)) => *count += 1,
            None => functions.push((&record.function, 1)),
        }
    }
    let names: Vec<String> = functions.iter().map(|(f, n)| format!("{f} ×{n}")).collect();
    let warning = Diagnostic::warning(
        Code::W011,
        first?,
        format!(
            "The program has more obligations than the budget of a verification covers: each had {each} ms of the solver's steps instead of {timeout} ms. Not settled so: {}.",
            names.join(", ")
        ),
    )
    .rationale("A verification ends in bounded time whatever the program.")
    .fix("Verify the modules of the program one by one, or simplify the clauses named.")
    .spec("Chapter 8, Section 8.6 \"Time\"");
    Some(warning)
}

/// E542: queries were left that only the solver answers, and there is none.
pub(crate) fn no_solver(records: &[Record], missing: &Missing) -> Option<Diagnostic> {
    let mut open = records.iter().filter(|r| r.exhausted);
    let first = open.next()?.at;
    let count = 1 + open.count();
    let (claims, need) = if count == 1 { ("claim", "needs") } else { ("claims", "need") };
    let error = Diagnostic::error(
        Code::E542,
        first,
        format!(
            "{}, and {count} {claims} of this program {need} it: {}.",
            missing.what, missing.reason
        ),
    )
    .rationale(
        "Simple claims are proved without a solver; the rest, from here on, are not looked at.",
    )
    .fix(missing.fix.clone())
    .spec("Chapter 8, Section 8.6 \"Time\"");
    Some(error)
}

/// E538, E539, E540: the premises may have no model.
pub(crate) fn premises(function: &str, code: Code, at: FileSpan) -> Diagnostic {
    let spec = "Chapter 8, Section 8.3 \"Facts\"";
    let mut report = match code {
        Code::E538 => Diagnostic::error(
            code,
            at,
            format!("The premises of '{function}' are unsatisfiable, so no call can reach the body and its proofs say nothing."),
        )
        .rationale("Parameter types, `requires` clauses and `assume` statements contradict each other; from a contradiction everything follows.")
        .fix("Weaken or remove one of them."),
        Code::E539 => Diagnostic::warning(
            code,
            at,
            format!("The premises of '{function}' contradict facts about the functions it calls, so its proofs are withdrawn."),
        )
        .rationale("What `requires` and `assume` state cannot hold together with a callee's postcondition.")
        .fix("Compare the callees' contracts with the premises; correct the one that is wrong."),
        _ => Diagnostic::warning(
            code,
            at,
            format!("It could not be established that the premises of '{function}' are satisfiable, so its proofs are withdrawn."),
        )
        .rationale("A premise multiplies or divides unknown values, which the solver could neither satisfy nor refute within its budget.")
        .fix("State a linear bound, or raise the budget with --timeout-ms."),
    }
    .spec(spec);
    if code != Code::E538 {
        report.tier = Some(3);
    }
    report
}
