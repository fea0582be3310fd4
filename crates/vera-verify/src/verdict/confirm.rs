//! The last word on refuted obligations: a run's, where one can be made.
//!
//! A refutation that rests on something the prover does not know is no error. One
//! that a run confirms is; one that a run does not bear out is none, whatever it
//! rests on; one that cannot be run is an error only if every symbol is understood
//! (language reference, chapter 08, decisions 3 and 7).

use vera_abi::trap::TrapKind;
use vera_check::typed::{EffectInst, FnId, Program};
use vera_diagnostics::{Code, FileSpan};

use super::counterexample::{Counterexample, Effort, counterexample};
use super::discharge::Context;
use super::interpret::{error, rests_on_clause, unsettled};
use super::unknowns::unknowns;
use super::{Gap, Settled, Status, Tried};
use crate::SlotValue;
use crate::execution::{End, Execution, Failure, Question};
use crate::obligations::{About, Check, Kind, Obligation, Site, Unit};
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
    let mut candidates = candidates(settled);
    let ends = run(context, program, execution, units, settled, &candidates, Effort::Any);
    for ((u, i), end) in candidates.iter().zip(ends) {
        decide(program, &units[*u], &mut settled[*u][*i], *i, end);
    }
    // Errors show the simplest values, and what a run does with those.
    candidates.retain(|(u, i)| settled[*u][*i].status == Status::Violated);
    let ends = run(context, program, execution, units, settled, &candidates, Effort::Simplest);
    for ((u, i), end) in candidates.into_iter().zip(ends) {
        let record = &mut settled[u][i];
        match end {
            Some(end) if breaks(program, &units[u], record, &end) => {
                let call = call(&units[u], &record.counterexample.inputs);
                record.tried = Some(Tried { call, end, breaks: true });
            }
            Some(_) if record.certain => record.counterexample = Counterexample::default(),
            Some(_) | None => {}
        }
    }
}

/// Tries functions whose postconditions are open on some inputs: what the prover neither
/// proves nor refutes, a run may refute.
pub(crate) fn try_out(
    program: &Program,
    execution: &dyn Execution,
    units: &[Unit],
    settled: &mut [Vec<Settled>],
) {
    let mut tried: Vec<usize> = Vec::new();
    for (u, unit) in units.iter().enumerate() {
        let callable = unit.function.is_some_and(|f| can_be_called(program, unit, f));
        let open = |record: &Settled| record.kind == Kind::Ensures && is_open(record);
        if callable && settled[u].iter().any(open) && tried.len() < MOST {
            tried.push(u);
        }
    }
    let declarations = tried.iter().filter_map(|u| units[*u].function);
    let functions: Vec<FileSpan> = declarations.map(|f| crate::declaration(program, f)).collect();
    if functions.is_empty() {
        return;
    }
    for (u, failures) in tried.into_iter().zip(execution.try_out(&functions)) {
        for record in settled[u].iter_mut().filter(|record| is_open(record)) {
            let fails = |failure: &&Failure| {
                breaks(program, &units[u], record, &failure.end)
                    && !is_ambiguous(program, &units[u], record, &failure.end)
            };
            if let Some(failure) = failures.iter().find(fails) {
                refute(&units[u], record, failure);
            }
        }
    }
}

/// Whether a record is neither proved nor refuted, and a failure would refute it.
fn is_open(record: &Settled) -> bool {
    let undecided = match record.status {
        Status::Verified | Status::Violated => false,
        Status::Tier3 | Status::Tier3Unguarded | Status::Timeout => true,
    };
    let shown = record.tried.as_ref().is_some_and(|tried| tried.breaks);
    undecided && !shown && !record.kind.is_counted() && asks(record.kind)
}

/// A run failed, whatever the prover thinks.
fn refute(unit: &Unit, record: &mut Settled, failure: &Failure) {
    let inputs = failure.inputs.clone();
    let call = call(unit, &inputs);
    record.counterexample = Counterexample { slots: inputs.clone(), inputs };
    record.tried = Some(Tried { call, end: failure.end.clone(), breaks: true });
    record.refuted = true;
    record.unknowns.clear();
    if !record.kind.needs_certain_failure() {
        record.status = Status::Violated;
        record.code = error(record.kind).or(record.code);
    }
}

/// The refuted obligations that a run may decide, unit by unit.
fn candidates(settled: &[Vec<Settled>]) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    for (u, records) in settled.iter().enumerate() {
        let open = records.iter().enumerate().filter(|(_, record)| is_candidate(record));
        out.extend(open.map(|(i, _)| (u, i)));
    }
    out
}

/// Finds counterexamples and has them run; yields how the runs ended.
fn run(
    context: &Context<'_>,
    program: &Program,
    execution: &dyn Execution,
    units: &mut [Unit],
    settled: &mut [Vec<Settled>],
    candidates: &[(usize, usize)],
    effort: Effort,
) -> Vec<Option<End>> {
    let mut ends = vec![None; candidates.len()];
    let mut asked = Vec::new();
    for (n, (u, i)) in candidates.iter().copied().enumerate() {
        let record = &mut settled[u][i];
        // In long files, the rest is not worth a search.
        if n >= MOST && record.status != Status::Violated {
            continue;
        }
        let called = units[u].function.filter(|f| can_be_called(program, &units[u], *f));
        if effort == Effort::Any && called.is_none() {
            continue;
        }
        let found = counterexample(context, &mut units[u], i, effort);
        if effort == Effort::Any || !found.slots.is_empty() {
            record.counterexample = found;
        }
        if n < MOST
            && let Some(f) = called
        {
            asked.push((n, u, i, crate::declaration(program, f)));
        }
    }
    let question = |(_, u, i, function): &(usize, usize, usize, FileSpan)| Question {
        function: *function,
        inputs: &settled[*u][*i].counterexample.inputs,
    };
    let questions: Vec<Question<'_>> = asked.iter().map(question).collect();
    for ((n, ..), end) in asked.iter().zip(execution.run(&questions)) {
        ends[*n] = end;
    }
    ends
}

/// Whether a record is refuted and can still change.
fn is_candidate(record: &Settled) -> bool {
    let counts = !record.kind.is_counted() || record.status == Status::Violated;
    record.refuted && counts && asks(record.kind)
}

/// Whether obligations of a kind ask something that a run may break.
fn asks(kind: Kind) -> bool {
    match kind {
        Kind::Requires | Kind::StateDecl => false,
        Kind::Ensures
        | Kind::Decreases
        | Kind::CallPre
        | Kind::Assert
        | Kind::NatSub
        | Kind::NatBind
        | Kind::RefineBind
        | Kind::DivZero
        | Kind::IndexBounds
        | Kind::IntOverflow
        | Kind::FloatToIntDomain => true,
    }
}

/// Whether a call of the function can be made, as far as its declaration tells.
fn can_be_called(program: &Program, unit: &Unit, f: FnId) -> bool {
    let stays_inside = |effect: &EffectInst| {
        let declared = &program.effects[effect.effect.index()];
        declared.module.is_none() && matches!(declared.name.as_str(), "Exn" | "State" | "Diverge")
    };
    unit.instance.is_none()
        && program.entry_fns.contains(&f)
        && program.function(f).type_params.is_empty()
        && program.function(f).effects.iter().all(stays_inside)
}

/// The verdict on a refuted obligation, given how the run of a counterexample ended.
fn decide(program: &Program, unit: &Unit, record: &mut Settled, index: usize, end: Option<End>) {
    let two_checks = record.kind.needs_certain_failure();
    let exact = unit.function.is_some_and(|f| is_exact(program, f));
    let understood = || unknowns(unit, &unit.obligations[index]).is_empty();
    let end = end.filter(|end| !is_ambiguous(program, unit, record, end));
    match end {
        Some(end) if breaks(program, unit, record, &end) => {
            let call = call(unit, &record.counterexample.inputs);
            record.tried = Some(Tried { call, end, breaks: true });
            if !two_checks || record.certain {
                record.status = Status::Violated;
                record.code = error(record.kind).or(record.code);
            } else {
                not_proved(program, unit, record, index);
            }
        }
        // The claim fails whatever the inputs, and these do not show it.
        Some(End::Unmet) if record.certain && understood() => {
            record.counterexample = Counterexample::default();
        }
        // What the cells hold and what effects answer is not part of the inputs.
        Some(end) if exact => {
            let call = call(unit, &record.counterexample.inputs);
            record.tried = Some(Tried { call, end, breaks: false });
            not_proved(program, unit, record, index);
        }
        Some(_) | None => {
            let failed = record.certain || !two_checks && !record.deferred;
            if !failed || !understood() {
                not_proved(program, unit, record, index);
            }
        }
    }
}

fn not_proved(program: &Program, unit: &Unit, record: &mut Settled, index: usize) {
    let mut unknowns = unknowns(unit, &unit.obligations[index]);
    // What goes on is to blame sooner than what was looked into to the end.
    if unknowns.iter().any(|unknown| !unknown.is_definition(program)) {
        unknowns.retain(|unknown| !unknown.is_definition(program));
    }
    record.unknowns = unknowns.iter().map(|unknown| unknown.text(program)).collect();
    record.unknowns.dedup();
    record.gap = if unknowns.is_empty() {
        Gap::Model
    } else if unknowns.iter().all(|u| u.is_recursion(program)) {
        Gap::Induction
    } else if unknowns.iter().all(|u| u.is_definition(program)) {
        Gap::Search
    } else {
        Gap::Model
    };
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
            meet(at, *first) && places.get(1).is_none_or(|caller| fits(unit, record, *caller))
        }
        Check::At(at) if is_head(program, unit, *first) => at_the_head(record) || at == *first,
        Check::At(_) => fits(unit, record, *first),
        Check::Elsewhere => matches!(kind, TrapKind::NatGuard | TrapKind::ContractViolation),
        Check::WhileRunning => is_head(program, unit, *first),
        Check::Idle | Check::NoSize => false,
    }
}

/// Whether a broken precondition may be one of the callee's own calls of itself: calls
/// in tail position leave no trace.
fn is_ambiguous(program: &Program, unit: &Unit, record: &Settled, end: &End) -> bool {
    let Check::At(at) = record.check else { return false };
    record.kind == Kind::CallPre
        && at != record.at
        && breaks(program, unit, record, end)
        && (0..program.fns.len() as u32).map(FnId).any(|f| {
            let whole = crate::declaration(program, f);
            let recursive = program.function(f).cycle.is_some();
            recursive
                && unit.function != Some(f)
                && whole.file == at.file
                && (whole.span.start..whole.span.end).contains(&at.span.start)
        })
}

/// Whether the record is the one of its kind whose place fits a failure best: places
/// lie in one another.
fn fits(unit: &Unit, record: &Settled, place: FileSpan) -> bool {
    let distance = |at: FileSpan| at.span.start.abs_diff(place.span.start);
    let nearer = |o: &Obligation| {
        o.kind == record.kind && meet(o.at, place) && distance(o.at) < distance(record.at)
    };
    meet(record.at, place) && !unit.obligations.iter().any(nearer)
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
