//! Folds over arrays whose closure is written in place: what one step does, from which
//! verdicts prove claims by induction over the elements.

use super::arrays::Sequence;
use super::walk::Walk;
use super::*;
use crate::logic::Sort;

/// One step of a fold, at any element, after any steps before it.
pub(super) struct Step {
    /// How many elements were folded before.
    pub index: TermId,
    /// What these yielded.
    pub so_far: TermId,
    /// What the step yields.
    pub next: TermId,
    /// What is known when the step has come to its end.
    pub learnt: Vec<Learnt>,
}

/// A fold, and one step of it.
pub(crate) struct Fold {
    /// What the fold yields.
    pub result: TermId,
    pub array: TermId,
    /// Where the array is a range of numbers: the first, and the one after the last.
    pub range: Option<(TermId, TermId)>,
    /// What it yields over no elements.
    pub start: TermId,
    pub index: TermId,
    pub so_far: TermId,
    pub next: TermId,
    /// What is known when a step has come to its end, where the fold is reached.
    pub learnt: Vec<Learnt>,
    /// The condition under which the fold is reached.
    pub path: TermId,
}

impl Walk<'_, '_> {
    /// Remembers a fold for the claims that will be made of it.
    pub(super) fn remember_fold(&mut self, values: &[TermId], step: Option<Step>, result: TermId) {
        let ([array, start, _], Some(step)) = (values, step) else { return };
        let sort = self.sort_of(result);
        let alike = [*start, step.so_far, step.next].iter().all(|t| self.sort_of(*t) == sort);
        if self.place.bound || !alike || !matches!(self.sort_of(*array), Sort::Array(_)) {
            return;
        }
        let path = self.path.clone();
        let path = self.terms().all(&path);
        self.unit.folds.push(Fold {
            result,
            array: *array,
            range: self.range_of(*array),
            start: *start,
            index: step.index,
            so_far: step.so_far,
            next: step.next,
            learnt: step.learnt,
            path,
        });
    }

    /// The bounds of an array that `array_range` made.
    fn range_of(&self, array: TermId) -> Option<(TermId, TermId)> {
        let array = self.unbound(array);
        let Sequence::Range { first, after } = self.sequences.get(&array)? else { return None };
        Some((*first, *after))
    }
}
