//! Claims about folds, by induction over the elements.
//!
//! A claim about what a fold yields is tried as what every step keeps: it holds of the
//! start, and of what a step yields if it held before. Where the claim speaks of the
//! array's length, that is the number of elements folded so far; where the array is a
//! range up to a number, that is the number reached. (An invariant is the postcondition
//! with a constant made a variable: Gries, *The Science of Programming*, 1981, 16.2.)

use std::collections::HashMap;

use crate::logic::{Op, Sorts, SymbolId, TermId};
use crate::obligations::{Added, Fold, Goal, Ground, Origin, Unit, Why};

/// What has to be shown in place of a claim.
pub(super) struct Induction {
    /// Each with what is known besides the goal's facts.
    pub goals: Vec<(Vec<TermId>, TermId)>,
}

/// What else changes from step to step, besides what was folded.
#[derive(Clone, Copy)]
enum Counted {
    Nothing,
    /// The array's length.
    Length,
    /// The number that lies `offset` below the end of the range.
    Bound {
        bound: TermId,
        offset: i128,
    },
}

/// The inductions by which a claim may be shown, those first that are more often of use.
pub(super) fn inductions(unit: &mut Unit, sorts: &Sorts, goal: &Goal) -> Vec<Induction> {
    let mut out = Vec::new();
    for fold in 0..unit.folds.len() {
        let claim = with_bindings(unit, sorts, goal.claim.term());
        let result = with_bindings(unit, sorts, unit.folds[fold].result);
        if !mentions(unit, claim, result) {
            continue;
        }
        let others = postconditions(unit, sorts, result);
        let with_others = unit.terms.and(claim, others);
        for invariant in [claim, with_others] {
            for counted in counted(unit, fold) {
                let (unit, fold) = (&mut *unit, Step { fold, result, counted });
                out.extend(fold.induction(unit, sorts, claim, invariant));
            }
            if with_others == claim {
                break;
            }
        }
    }
    out
}

/// A term with what `let`s stand for in the place of their constants.
fn with_bindings(unit: &mut Unit, sorts: &Sorts, term: TermId) -> TermId {
    let mut term = term;
    loop {
        let mut bound: HashMap<TermId, TermId> = HashMap::new();
        unit.terms.visit(&[term], &mut |id| {
            if let Op::Apply(symbol) = &unit.terms[id].op
                && let Some(Origin::Binding(value)) = unit.origins.get(symbol)
            {
                bound.insert(id, *value);
            }
        });
        if bound.is_empty() {
            return term;
        }
        term = unit.terms.replace(sorts, term, &bound);
    }
}

fn mentions(unit: &Unit, term: TermId, part: TermId) -> bool {
    let mut found = false;
    unit.terms.visit(&[term], &mut |id| found |= id == part);
    found
}

/// All that the function claims of what it yields and that speaks of a fold: what one
/// claim needs of the steps before, another may say.
fn postconditions(unit: &mut Unit, sorts: &Sorts, result: TermId) -> TermId {
    let mut claims: Vec<TermId> = Vec::new();
    for claim in unit.postconditions.clone() {
        let claim = with_bindings(unit, sorts, claim.term());
        claims.extend(mentions(unit, claim, result).then_some(claim));
    }
    unit.terms.all(&claims)
}

/// What may be counted along a fold.
fn counted(unit: &Unit, fold: usize) -> Vec<Counted> {
    let Fold { range, .. } = &unit.folds[fold];
    let mut out = vec![Counted::Nothing, Counted::Length];
    if let Some((_, after)) = range {
        let node = &unit.terms[*after];
        let number = |t: &TermId| unit.terms.as_int(*t);
        let bound = match (&node.op, &*node.args) {
            (Op::Int(_), _) => None,
            (Op::Add, [a, b]) => match (number(a), number(b)) {
                (Some(offset), None) => Some((*b, offset)),
                (None, Some(offset)) => Some((*a, offset)),
                _ => Some((*after, 0)),
            },
            (Op::Subtract, [a, b]) => number(b).map(|offset| (*a, -offset)).or(Some((*after, 0))),
            _ => Some((*after, 0)),
        };
        out.extend(bound.map(|(bound, offset)| Counted::Bound { bound, offset }));
    }
    out
}

/// A fold, and what is counted along it.
struct Step {
    fold: usize,
    result: TermId,
    counted: Counted,
}

impl Step {
    /// The claim from an invariant that implies it; none where what is counted does not
    /// occur.
    fn induction(
        &self,
        unit: &mut Unit,
        sorts: &Sorts,
        claim: TermId,
        invariant: TermId,
    ) -> Option<Induction> {
        let fold = &unit.folds[self.fold];
        let (start, so_far, next, path) = (fold.start, fold.so_far, fold.next, fold.path);
        let (index, range) = (fold.index, fold.range);
        let learnt: Vec<TermId> = fold.learnt.iter().map(|learnt| learnt.fact).collect();
        let one = unit.terms.int(1);
        let later = unit.terms.add(index, one);
        let zero = unit.terms.int(0);
        let counter = self.counter(unit, sorts, invariant);
        if counter.is_none() && !matches!(self.counted, Counted::Nothing) {
            return None;
        }
        let first = self.at(unit, sorts, invariant, Some(start), zero);
        let before = self.at(unit, sorts, invariant, Some(so_far), index);
        let after = self.at(unit, sorts, invariant, Some(next), later);
        let mut goals = Vec::new();
        if unit.terms.as_bool(path) != Some(true) {
            let elsewhere = unit.terms.not(path);
            goals.push((vec![elsewhere], claim));
        }
        // Of what the invariant calls it is known that the last call came back.
        let back = counter.map_or(unit.terms.yes(), |counter| came_back(unit, invariant, counter));
        let (back_at_first, back_before, back_after) = (
            self.at(unit, sorts, back, None, zero),
            self.at(unit, sorts, back, None, index),
            self.at(unit, sorts, back, None, later),
        );
        if unit.terms.as_bool(back) != Some(true) {
            let inside = self.inside(unit);
            goals.push((vec![path], back));
            goals.push((vec![path, inside, back_after], back_before));
        }
        match (self.counted, range) {
            // A range may end before it begins; the number reached is then another.
            (Counted::Bound { .. }, Some((low, high))) => {
                let some = unit.terms.less(low, high);
                let none = unit.terms.not(some);
                let nothing = HashMap::from([(self.result, start)]);
                let over_nothing = unit.terms.replace(sorts, invariant, &nothing);
                goals.push((vec![path, none], over_nothing));
                goals.push((vec![path, some, back_at_first], first));
            }
            (Counted::Nothing | Counted::Length | Counted::Bound { .. }, _) => {
                goals.push((vec![path, back_at_first], first));
            }
        }
        let mut known = vec![path, back_before, back_after];
        known.extend(learnt);
        known.push(match vera_faults::facts::is_negated(std::panic::Location::caller()) {
            true => unit.terms.not(before),
            false => before,
        });
        goals.push((known, after));
        Some(Induction { goals })
    }

    /// What counts the elements in an invariant, if it occurs there besides the fold.
    fn counter(&self, unit: &mut Unit, sorts: &Sorts, invariant: TermId) -> Option<TermId> {
        let counter = match self.counted {
            Counted::Nothing => return None,
            Counted::Length => {
                let array = unit.folds[self.fold].array;
                unit.terms.length(array)
            }
            Counted::Bound { bound, .. } => bound,
        };
        let counter = with_bindings(unit, sorts, counter);
        let so_far = unit.folds[self.fold].so_far;
        let besides = HashMap::from([(self.result, so_far)]);
        let besides = unit.terms.replace(sorts, invariant, &besides);
        mentions(unit, besides, counter).then_some(counter)
    }

    /// A term when so many elements were folded, which yielded a value.
    fn at(
        &self,
        unit: &mut Unit,
        sorts: &Sorts,
        term: TermId,
        value: Option<TermId>,
        count: TermId,
    ) -> TermId {
        let mut by: HashMap<TermId, TermId> =
            value.map(|value| (self.result, value)).into_iter().collect();
        let Fold { array, range, .. } = unit.folds[self.fold];
        let (counter, count) = match (self.counted, range) {
            (Counted::Length, _) => (unit.terms.length(array), count),
            (Counted::Bound { bound, offset }, Some((first, _))) => {
                let (reached, offset) = (unit.terms.add(first, count), unit.terms.int(offset));
                (bound, unit.terms.subtract(reached, offset))
            }
            (Counted::Nothing | Counted::Bound { .. }, _) => {
                return unit.terms.replace(sorts, term, &by);
            }
        };
        by.insert(with_bindings(unit, sorts, counter), count);
        unit.terms.replace(sorts, term, &by)
    }

    /// That there is an element at the index.
    fn inside(&self, unit: &mut Unit) -> TermId {
        let Fold { array, index, .. } = unit.folds[self.fold];
        let (zero, length) = (unit.terms.int(0), unit.terms.length(array));
        let (low, high) = (unit.terms.less_equal(zero, index), unit.terms.less(index, length));
        unit.terms.and(low, high)
    }
}

/// That the calls in a term came back that depend on a counter.
fn came_back(unit: &mut Unit, term: TermId, counter: TermId) -> TermId {
    let results: HashMap<SymbolId, SymbolId> =
        unit.calls.iter().map(|(returned, called)| (called.result, *returned)).collect();
    let mut calls: Vec<(SymbolId, TermId)> = Vec::new();
    unit.terms.visit(&[term], &mut |id| {
        if let Op::Apply(symbol) = &unit.terms[id].op
            && let Some(returned) = results.get(symbol)
            && !unit.terms.is_open(id)
        {
            calls.push((*returned, id));
        }
    });
    calls.retain(|(_, call)| mentions(unit, *call, counter));
    let mut back = Vec::new();
    for (returned, call) in calls {
        let args = unit.terms[call].args.clone();
        back.push(unit.terms.apply(returned, &args));
    }
    unit.terms.all(&back)
}

/// Facts of a step, as they are put before a goal.
pub(super) fn as_facts(known: Vec<TermId>) -> Vec<Added> {
    known.into_iter().map(|fact| (fact, Why::Derived, Ground::Fold)).collect()
}
