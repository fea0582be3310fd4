//! The last word on refuted obligations: a run's, where one can be made.
//!
//! A refutation that rests on something the prover does not know is no error. One
//! that a run confirms is; one that a run does not bear out is none, whatever it
//! rests on; one that cannot be run is an error only if every symbol is understood
//! (language reference, chapter 08, decisions 3 and 7).

use vera_abi::trap::TrapKind;
use vera_check::typed::{FnId, Program};
use vera_diagnostics::{Code, FileSpan};

use super::counterexample::{Effort, counterexample};
use super::discharge::Context;
use super::interpret::{error, rests_on_clause, unsettled};
use super::unknowns::unknowns;
use super::{Settled, Status, Tried};
use crate::SlotValue;
use crate::execution::{End, Execution, Question};
use crate::obligations::{About, Check, Kind, Site, Unit};
use crate::reconcile::traps;

/// So many counterexamples are run in one verification.
const MOST: usize = 200;

/// Settles what is refuted in every unit.
pub(crate) fn confirm(
    context: &Context<'_>,
    program: &Program,
    execution: &dyn Execution,
    units: &mut [Unit],
    settled: &mut [Vec<Settled>],
) {
    let mut candidates: Vec<(usize, usize)> = Vec::new();
    for (u, records) in settled.iter_mut().enumerate() {
        for (i, record) in records.iter_mut().enumerate() {
            if !is_candidate(record) {
                continue;
            }
            let effort = effort(record);
            if candidates.len() < MOST || effort == Effort::Simplest {
                record.counterexample = counterexample(context, &mut units[u], i, effort);
                candidates.push((u, i));
            }
        }
    }
    let mut questions = Vec::new();
    let mut asked = Vec::new();
    for (u, i) in candidates.iter().copied().take(MOST) {
        if let Some(f) = units[u].function.filter(|f| can_be_called(program, &units[u], *f)) {
            let function = crate::declaration(program, f);
            questions.push(Question { function, inputs: &settled[u][i].counterexample.inputs });
            asked.push((u, i));
        }
    }
    let mut ends = vec![None; candidates.len()];
    for (place, end) in asked.into_iter().zip(execution.run(&questions)) {
        let at = candidates.iter().position(|c| *c == place).expect("a candidate was asked about");
        ends[at] = end;
    }
    for ((u, i), end) in candidates.into_iter().zip(ends) {
        decide(program, &units[u], &mut settled[u][i], i, end);
    }
}

/// Whether a record is refuted and can still change.
fn is_candidate(record: &Settled) -> bool {
    let asks = match record.kind {
        Kind::Requires | Kind::StateDecl | Kind::FloatToIntDomain => false,
        // What may overflow is counted only.
        Kind::IntOverflow => record.status == Status::Violated,
        Kind::Ensures
        | Kind::Decreases
        | Kind::CallPre
        | Kind::Assert
        | Kind::NatSub
        | Kind::NatBind
        | Kind::RefineBind
        | Kind::DivZero
        | Kind::IndexBounds => true,
    };
    record.refuted && asks
}

/// Errors show the simplest values; of others one model is enough to try.
fn effort(record: &Settled) -> Effort {
    if record.kind.needs_certain_failure() && record.status != Status::Violated {
        Effort::Any
    } else {
        Effort::Simplest
    }
}

fn can_be_called(program: &Program, unit: &Unit, f: FnId) -> bool {
    unit.instance.is_none() && program.entry_fns.contains(&f)
}

fn decide(program: &Program, unit: &Unit, record: &mut Settled, index: usize, end: Option<End>) {
    let failed = error(record.kind);
    let two_checks = record.kind.needs_certain_failure();
    let exact = unit.function.is_some_and(|f| is_exact(program, f));
    let inputs = record.counterexample.inputs.clone();
    match end {
        Some(end) if breaks(program, unit, record, &end) => {
            record.tried = Some(Tried { call: call(unit, &inputs), end, breaks: true });
            if !two_checks {
                record.status = Status::Violated;
                record.code = failed.or(record.code);
            }
        }
        // It fails whatever the inputs; these do not show it.
        Some(End::Unmet) if record.certain => {
            record.counterexample.slots.clear();
            record.counterexample.inputs.clear();
        }
        // What the cells hold and what effects answer is not part of the inputs.
        Some(end) if exact && !record.certain => {
            record.tried = Some(Tried { call: call(unit, &inputs), end, breaks: false });
            not_proved(program, unit, record, index);
        }
        Some(_) | None => {
            let understood = || unknowns(unit, &unit.obligations[index]).is_empty();
            if !record.certain && (two_checks || record.deferred || !understood()) {
                not_proved(program, unit, record, index);
            }
        }
    }
}

fn not_proved(program: &Program, unit: &Unit, record: &mut Settled, index: usize) {
    let unknowns = unknowns(unit, &unit.obligations[index]);
    record.unknowns = unknowns.iter().map(|unknown| unknown.text(program)).collect();
    record.unknowns.dedup();
    if record.status == Status::Violated {
        (record.status, record.code) = unsettled(record.kind, false);
        if record.kind == Kind::Ensures && rests_on_clause(unit, &unit.obligations[index]) {
            record.code = Some(Code::E523);
        }
    }
}

/// Whether the inputs are all that a run of the function depends on.
fn is_exact(program: &Program, f: FnId) -> bool {
    program.function(f).effects.iter().all(|effect| {
        let declared = &program.effects[effect.effect.index()];
        declared.module.is_none() && matches!(declared.name.as_str(), "Exn" | "Diverge")
    })
}

/// Whether a run ended in the failure of this obligation.
fn breaks(program: &Program, unit: &Unit, record: &Settled, end: &End) -> bool {
    let End::Trapped { kind, places, .. } = end else { return false };
    if !traps(record.kind).contains(kind) {
        return false;
    }
    let Some(first) = places.first() else { return false };
    match record.check {
        // The check stands in the callee; the call must be the one that is refuted. A
        // tail call leaves no trace.
        Check::At(at) if at != record.at => {
            meet(at, *first)
                && (places.len() == 1 || places.iter().skip(1).any(|p| meet(record.at, *p)))
        }
        Check::At(at) => meet(at, *first) || at_the_head(record) && is_head(program, unit, *first),
        Check::Elsewhere => matches!(kind, TrapKind::NatGuard | TrapKind::ContractViolation),
        Check::Idle | Check::NoSize => false,
    }
}

/// Whether one place begins inside the other.
fn meet(a: FileSpan, b: FileSpan) -> bool {
    let begins_in = |inner: FileSpan, outer: FileSpan| {
        (outer.span.start..=outer.span.end).contains(&inner.span.start)
    };
    a.file == b.file && (begins_in(a, b) || begins_in(b, a))
}

/// Whether a failure is reported at the function's name: it is one of the whole call.
fn at_the_head(record: &Settled) -> bool {
    record.kind == Kind::Decreases
        || matches!(record.about, About::Narrow { site: Site::Return, .. })
}

/// Whether a place is the name of a function that the unit's recursion goes through.
fn is_head(program: &Program, unit: &Unit, place: FileSpan) -> bool {
    let Some(own) = unit.function else { return false };
    let cycle = program.function(own).cycle;
    (0..program.fns.len() as u32).map(FnId).any(|f| {
        let function = program.function(f);
        let same = f == own || cycle.is_some() && function.cycle == cycle;
        let whole = crate::declaration(program, f);
        let body = function.clauses.first().map_or(whole.span.end, |c| c.span.start);
        same && place.file == whole.file && (whole.span.start..body).contains(&place.span.start)
    })
}

/// `f(0, [])`
fn call(unit: &Unit, inputs: &[SlotValue]) -> String {
    let argument = |label: &String| {
        inputs.iter().find(|i| i.slot == *label).map_or("()".to_owned(), |i| i.text.clone())
    };
    let arguments: Vec<String> = unit.signature.iter().map(argument).collect();
    format!("{}({})", unit.name, arguments.join(", "))
}
