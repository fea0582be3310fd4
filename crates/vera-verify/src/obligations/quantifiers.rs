//! Closures and quantifiers.

use vera_check::typed::{ExprId, ExprKind, LocalId, Quantifier};
use vera_check::types::{Ty, TyKind};
use vera_faults::Fault;

use super::walk::Walk;
use super::*;
use crate::logic::Sort;

/// A quantifier over at most this many indices is written out.
const UNROLL: i128 = 64;

/// As many indices are written out in one unit; nested quantifiers multiply.
const MAX_UNROLLED: usize = 10_000;

impl<'a> Walk<'_, 'a> {
    /// A function value: its body is walked for any arguments.
    pub(super) fn closure(&mut self, e: ExprId, params: &'a [LocalId], body: ExprId) -> TermId {
        self.deferred(|w| {
            w.unknown_slots(params);
            w.eval(body);
        });
        self.closure_value(e, params, body)
    }

    /// Walks code that runs later or not at all: what it learns is not known
    /// afterwards, and a failure in it is no failure of the function.
    pub(super) fn deferred(&mut self, walk: impl FnOnce(&mut Self)) {
        if !self.place.silent {
            self.elsewhere(walk);
        }
    }

    /// Walks code that runs later or not at all, also where nothing is recorded.
    pub(super) fn elsewhere(&mut self, walk: impl FnOnce(&mut Self)) {
        let depth = self.frame.scope.len();
        self.apart(|w| {
            w.place.deferred = true;
            w.detached(walk);
        });
        self.frame.scope.truncate(depth);
    }

    /// Binds slots to values of which only the types are known.
    pub(super) fn unknown_slots(&mut self, params: &[LocalId]) {
        for param in params {
            self.comes_in(*param, self.at(self.frame.body[*param].span));
            let ty = self.subst(self.frame.body[*param].ty);
            let value = self.opaque(ty, "parameter");
            self.bind(*param, value);
        }
    }

    /// `forall` and `exists` over `0 <= i < bound`.
    pub(super) fn quantifier(
        &mut self,
        e: ExprId,
        kind: Quantifier,
        index_ty: Ty,
        bound: ExprId,
        predicate: ExprId,
    ) -> TermId {
        let bound = self.eval_as(bound, Sort::Int);
        let program_body = self.frame.body;
        let ExprKind::Closure { params, body } = &program_body[predicate].kind else {
            self.eval(predicate);
            return self.opaque_result(e, "quantifier");
        };
        let [index] = params.as_slice() else { return self.opaque_result(e, "quantifier") };
        let index_ty = self.subst(index_ty);
        self.deferred(|w| {
            let value = w.opaque(index_ty, "index");
            let inside = w.in_range(value, bound);
            w.assume(Fact::exactly(inside), Why::Path);
            w.bind(*index, value);
            w.eval(*body);
        });
        let written = self.types.base(program_body[predicate].ty);
        if let TyKind::Fn { row, .. } = self.types.kind(written).clone()
            && !row.is_pure()
        {
            self.row_happens(&row);
            return self.opaque_result(e, "quantifier");
        }
        match self.unit.terms.as_int(bound) {
            Some(count) if count <= UNROLL && self.unrolled < MAX_UNROLLED => {
                self.written_out(kind, *index, *body, count)
            }
            _ => self.symbolic(e, kind, *index, *body, bound),
        }
    }

    fn in_range(&mut self, index: TermId, bound: TermId) -> TermId {
        let zero = self.terms().int(0);
        let low = self.terms().less_equal(zero, index);
        let high = self.terms().less(index, bound);
        self.terms().and(low, high)
    }

    /// The predicate at an index.
    fn instance(&mut self, index: LocalId, body: ExprId, value: TermId) -> TermId {
        let depth = self.frame.scope.len();
        self.bind(index, value);
        let holds = self.silently(|w| w.eval_as(body, Sort::Bool));
        self.frame.scope.truncate(depth);
        holds
    }

    fn written_out(
        &mut self,
        kind: Quantifier,
        index: LocalId,
        body: ExprId,
        count: i128,
    ) -> TermId {
        let mut parts = Vec::new();
        // A quantifier stops at the first index that decides it: what the predicate
        // teaches at an index holds only where no earlier one did.
        let mut open = self.terms().yes();
        for i in 0..count {
            self.unrolled += 1;
            let value = self.terms().int(i);
            let reached =
                if Fault::LaterQuantifierSteps.planted() { self.terms().yes() } else { open };
            let holds = self.under(reached, |w| w.instance(index, body, value));
            parts.push(holds);
            let goes_on = match kind {
                Quantifier::Forall => holds,
                Quantifier::Exists => self.terms().not(holds),
            };
            open = self.terms().and(open, goes_on);
        }
        match kind {
            Quantifier::Forall => self.terms().all(&parts),
            Quantifier::Exists => self.terms().any(&parts),
        }
    }

    fn symbolic(
        &mut self,
        e: ExprId,
        kind: Quantifier,
        index: LocalId,
        body: ExprId,
        bound: TermId,
    ) -> TermId {
        let (variable, value) = self.terms().variable();
        let outer = std::mem::replace(&mut self.place.bound, true);
        let before = (self.opaques, self.bound_calls);
        let holds = self.instance(index, body, value);
        self.place.bound = outer;
        self.state_elements();
        if self.opaques != before.0 {
            // A value that depends on the index has no symbol to stand for it.
            return self.opaque_result(e, "quantifier");
        }
        let inside = self.in_range(value, bound);
        let (whole, other) = match kind {
            Quantifier::Forall => {
                let body = self.terms().implies(inside, holds);
                let all = self.terms().quantified(true, variable, body);
                (all, self.terms().not(all))
            }
            Quantifier::Exists => {
                let body = self.terms().and(inside, holds);
                let some = self.terms().quantified(false, variable, body);
                (some, some)
            }
        };
        if self.bound_calls != before.1 {
            self.under(other, |w| w.witness(kind, index, body, bound));
        }
        whole
    }

    /// The index that decided a quantifier early: the predicate came back there, and what
    /// its calls promise is known. (Of calls at a bound variable nothing can be stated.)
    fn witness(&mut self, kind: Quantifier, index: LocalId, body: ExprId, bound: TermId) {
        if self.place.bound {
            return;
        }
        let place = self.terms().constant("index", Sort::Int);
        let inside = self.in_range(place, bound);
        self.assume(Fact::exactly(inside), Why::Derived);
        let holds = self.instance(index, body, place);
        let decided = match kind {
            Quantifier::Forall => self.terms().not(holds),
            Quantifier::Exists => holds,
        };
        self.assume(Fact::exactly(decided), Why::Derived);
    }
}
