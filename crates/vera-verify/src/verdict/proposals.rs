//! Clauses that would settle what is open: a postcondition of a function that is called,
//! where the claim is one about what the call yields; or the claim itself, where it speaks
//! of the function's parameters alone and can be asked of callers.

use std::collections::HashSet;

use vera_check::typed::{FnId, Function, Program};

use super::discharge::Context;
use super::unknowns::result_slot;
use super::written::Writer;
use super::{Proposal, Settled, Status};
use crate::logic::{Assumptions, Op, Sort, SymbolId, TermId, Terms};
use crate::obligations::{Callee, Demand, Goal, Kind, Unit, Why, arguments};
use crate::solver::Answer;

/// Longer conditions are left to the author.
const LONGEST: usize = 120;

/// Notes of what is not proved which clause would prove it, if one can be written.
pub(crate) fn propose(
    context: &Context<'_>,
    program: &Program,
    unit: &mut Unit,
    settled: &mut [Settled],
) {
    if unit.function.is_none() || unit.instance.is_some() {
        return;
    }
    for (index, record) in settled.iter_mut().enumerate() {
        let obligation = &unit.obligations[index];
        let Demand::Goals(goals) = &obligation.demand else { continue };
        let [goal] = goals.as_slice() else { continue };
        if record.status == Status::Verified || record.deferred || record.kind.is_counted() {
            continue;
        }
        let goal = *goal;
        // What a run contradicts no callee can promise.
        if record.status != Status::Violated {
            record.proposal = postcondition(program, unit, &goal);
        }
        // A law that is asked for is none.
        let law = record.kind == Kind::Ensures && record.status != Status::Violated;
        if record.proposal.is_none() && is_asked_of_callers(record.kind) && !law {
            let clause = precondition(context, program, unit, &goal);
            record.proposal = clause.map(Proposal::Precondition);
        }
    }
}

/// Whether a precondition can take its place.
fn is_asked_of_callers(kind: Kind) -> bool {
    match kind {
        Kind::Ensures
        | Kind::CallPre
        | Kind::Assert
        | Kind::NatSub
        | Kind::NatBind
        | Kind::RefineBind
        | Kind::DivZero
        | Kind::IndexBounds => true,
        Kind::Requires
        | Kind::Decreases
        | Kind::IntOverflow
        | Kind::FloatToIntDomain
        | Kind::StateDecl => false,
    }
}

/// The parts of a claim that the preconditions do not imply, as a clause: there are inputs
/// that meet it and the others, and with it the claim is proved, being it.
fn precondition(
    context: &Context<'_>,
    program: &Program,
    unit: &mut Unit,
    goal: &Goal,
) -> Option<String> {
    let claim = goal.claim.term();
    let mut premises: Vec<TermId> = unit
        .facts(goal.under)
        .filter(|hyp| matches!(hyp.why, Why::Parameter | Why::Requires))
        .map(|hyp| hyp.fact)
        .collect();
    premises.reverse();
    let parts = match unit.terms[claim].op {
        Op::And => unit.terms[claim].args.to_vec(),
        _ => vec![claim],
    };
    let known = Assumptions::new(&unit.terms, premises.iter().copied());
    let parts: Vec<TermId> = parts.into_iter().filter(|part| !known.prove(*part)).collect();
    let clause = unit.terms.all(&parts);
    let text = Writer::new(program, unit, unit.parameters.iter().cloned()).text(clause)?;
    premises.push(clause);
    let possible = context.decide(unit, premises, None);
    let fits = text.len() <= LONGEST && matches!(possible, Answer::Satisfiable(_));
    fits.then_some(text)
}

/// What the innermost call in a claim would have to promise of its result, where the claim
/// speaks of the result and of the arguments only. Not what is a promise about a truth
/// value: a predicate says what is so, it is not to be made true.
fn postcondition(program: &Program, unit: &Unit, goal: &Goal) -> Option<Proposal> {
    let claim = goal.claim.term();
    for result in innermost_first(&unit.terms, claim) {
        let node = &unit.terms[result];
        let Op::Apply(symbol) = node.op else { continue };
        let Some((id, function)) = callee(program, unit, symbol) else { continue };
        if unit.terms.sort(result) == Sort::Bool || Some(id) == unit.function {
            continue;
        }
        let types: Vec<&str> =
            function.params.iter().map(|p| function.body[*p].slot.as_str()).collect();
        let mut names: Vec<(String, TermId)> =
            arguments(&types).into_iter().zip(node.args.iter().copied()).collect();
        names.retain(|(_, arg)| !unit.terms[*arg].is_literal());
        names.push((format!("@{}.result", result_slot(&function.signature)), result));
        // A promise may not call the function that makes it (E138).
        let writer = Writer::new(program, unit, names.into_iter()).without(symbol);
        let Some(clause) = writer.text(claim) else { continue };
        if clause.len() <= LONGEST {
            return Some(Proposal::Postcondition { function: id, clause });
        }
    }
    None
}

/// The function of this module of which a symbol is the result.
fn callee<'p>(program: &'p Program, unit: &Unit, symbol: SymbolId) -> Option<(FnId, &'p Function)> {
    let called = unit.calls.values().find(|called| called.result == symbol)?;
    let Callee::Function { function: id, type_args } = &called.callee else { return None };
    let function = program.function(*id);
    let here = unit.function.map(|f| program.function(f).module);
    let near = Some(function.module) == here && function.parent.is_none();
    (near && type_args.is_empty()).then_some((*id, function))
}

/// The terms in a term, parts before what they are part of, each once.
fn innermost_first(terms: &Terms, root: TermId) -> Vec<TermId> {
    let (mut out, mut seen, mut stack) = (Vec::new(), HashSet::new(), vec![(root, false)]);
    while let Some((term, parts_done)) = stack.pop() {
        if parts_done {
            out.push(term);
        } else if seen.insert(term) {
            stack.push((term, true));
            stack.extend(terms[term].args.iter().rev().map(|arg| (*arg, false)));
        }
    }
    out
}
