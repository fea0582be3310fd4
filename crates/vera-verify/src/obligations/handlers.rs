//! Effects: operations and handlers. Results of operations are opaque but for what
//! the operation itself promises.

use vera_check::typed::{EffectInst, ExprId, Handle, HandlerClause, LocalId};
use vera_check::types::Ty;

use super::walk::Walk;
use super::*;

impl<'a> Walk<'_, 'a> {
    pub(super) fn perform(
        &mut self,
        e: ExprId,
        effect: &EffectInst,
        op: u32,
        args: &[ExprId],
    ) -> TermId {
        let values: Vec<TermId> = args.iter().map(|a| self.eval(*a)).collect();
        let effect = &self.program.effects[effect.effect.index()];
        let name = effect.ops[op as usize].name.clone();
        let built_in = effect.module.is_none();
        let result = self.opaque_result(e, &name);
        if let (true, "random_int", [low, high]) = (built_in, name.as_str(), values.as_slice()) {
            let above = self.terms().less_equal(*low, result);
            let below = self.terms().less_equal(result, *high);
            self.assume(above, Why::Path);
            self.assume(below, Why::Path);
        }
        if self.never_returns(e) {
            let never = self.terms().bool(false);
            self.assume(never, Why::Path);
        }
        result
    }

    pub(super) fn handle(&mut self, e: ExprId, handle: &'a Handle) -> TermId {
        if let Some((_, init)) = &handle.state {
            self.eval(*init);
            self.state_matches_cell(handle, *init);
        }
        for clause in &handle.clauses {
            self.deferred(|w| w.clause(&handle.effect, clause));
        }
        // The body may be left early, so what it learns is known inside only.
        self.apart(|w| w.eval(handle.body));
        self.opaque_result(e, "handled")
    }

    fn clause(&mut self, effect: &EffectInst, clause: &'a HandlerClause) {
        let program = self.program;
        let op = &program.effects[effect.effect.index()].ops[clause.op as usize];
        for (param, declared) in clause.params.iter().zip(&op.params) {
            let args: Vec<_> = effect.args.iter().map(|a| self.subst(*a)).collect();
            let from = self.types.subst(*declared, &args);
            self.clause_binder(*param, from);
        }
        if let Some(state) = clause.state {
            self.unknown_slots(&[state]);
        }
        self.eval(clause.body);
        if let Some(update) = clause.update {
            self.eval(update);
        }
    }

    /// A parameter of a clause, which may be narrower than the operation's.
    fn clause_binder(&mut self, param: LocalId, from: Ty) {
        let local = &self.frame.body[param];
        let (span, to) = (local.span, local.ty);
        let to = self.subst(to);
        let value = self.opaque(from, "parameter");
        if from != to && self.narrows(from, to) {
            let (at, text) = (self.at(span), self.text_of(span));
            self.narrowing(from, to, value, Site::HandlerClauseBinder, at, text, None);
            self.assume_type(value, to, Why::Path);
        }
        self.bind(param, value);
    }

    /// An instance of a generic handler declares the state type of its cell.
    fn state_matches_cell(&mut self, handle: &Handle, init: ExprId) {
        let Some((declared, _)) = handle.state else { return };
        let (generic, Some(cell)) =
            (!self.frame.type_args.is_empty(), handle.effect.args.first().copied())
        else {
            return;
        };
        let (declared, cell) = (self.subst(declared), self.subst(cell));
        if !generic || self.sort(declared) == self.sort(cell) {
            return;
        }
        let at = self.at(self.frame.body[init].span);
        let about = About::State { declared: self.show(declared), cell: self.show(cell) };
        let obligation = self.obligation(Kind::StateDecl, at, self.text(init), Demand::Failed);
        self.record(Obligation { about, ..obligation });
    }
}
