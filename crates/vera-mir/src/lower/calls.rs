//! Calls of functions and function values.

use vera_check::typed::{ExprId, ExprKind, FnId};
use vera_check::types::{Ty as VeraTy, TyKind};

use super::functions::FnLower;
use crate::ir::*;

impl FnLower<'_, '_> {
    /// The values of arguments, without those that take no space. An argument
    /// that never returns counts as a value: what follows is unreachable.
    pub(super) fn args(&mut self, args: &[ExprId]) -> Vec<ValueId> {
        let mut out = Vec::new();
        for arg in args {
            let ty = self.ty(*arg);
            let never = matches!(self.lo.types.base_kind(ty), TyKind::Never);
            if never || self.lo.repr(ty).ty().is_some() {
                out.push(self.value(*arg));
            } else {
                self.expr(*arg);
            }
        }
        out
    }

    /// Notes the closure literals among arguments: they are applied while this
    /// function is live.
    pub(super) fn applied_here(&mut self, args: &[ExprId]) {
        let body = self.body;
        let literal = |e: &ExprId| matches!(body[*e].kind, ExprKind::Closure { .. });
        self.immediate.extend(args.iter().copied().filter(literal));
    }

    fn target(&mut self, callee: FnId, type_args: &[VeraTy]) -> (FuncId, Vec<VeraTy>) {
        let type_args = self.instance_args(callee, type_args);
        let func = self.lo.instance(callee, type_args.clone());
        if self.lo.program.is_prelude(self.lo.program.function(callee).module) {
            let here = self.lo.out.locs[self.b.loc.index()].at;
            self.lo.called_at.entry(func).or_insert(self.called_at.unwrap_or(here));
        }
        (func, type_args)
    }

    fn instance_args(&mut self, callee: FnId, type_args: &[VeraTy]) -> Vec<VeraTy> {
        let closed = type_args.iter().map(|t| self.subst(*t)).collect();
        self.lo.program.instance_args(&self.lo.types, callee, closed)
    }

    /// The result types of a call of an instance.
    fn callee_results(&mut self, callee: FnId, type_args: &[VeraTy]) -> Vec<Ty> {
        let ret = self.lo.program.function(callee).ret;
        let ret = self.lo.types.subst(ret, type_args);
        self.lo.repr(ret).ty().into_iter().collect()
    }

    pub(super) fn never_returns(&self, ret: VeraTy) -> bool {
        matches!(self.lo.types.base_kind(ret), TyKind::Never)
    }

    pub(super) fn call(
        &mut self,
        callee: FnId,
        type_args: &[VeraTy],
        args: &[ExprId],
    ) -> Option<ValueId> {
        if self.lo.is_trusted(self.lo.program.function(callee)) {
            self.applied_here(args);
        }
        let mut args = self.args(args);
        let written = type_args;
        let (func, type_args) = self.target(callee, written);
        args.extend(self.measure_args(callee, &type_args));
        let results = self.callee_results(callee, &type_args);
        let renaming = self.renaming_of_call(callee, written, &type_args);
        let call = Op::Call { func, args };
        let emit = |this: &mut Self| {
            this.renamed(renaming, |this| this.b.emit(call, &results).first().copied())
        };
        let value = if self.publishes().is_some() && self.may_apply(callee, &type_args) {
            self.publishing(emit)
        } else {
            emit(self)
        };
        let program = self.lo.program;
        if self.may_unwind(&program.function(callee).effects) {
            self.unwind_if_abandoned();
        }
        let ret = program.function(callee).ret;
        if self.never_returns(ret) {
            self.b.end(Terminator::Unreachable);
        }
        value
    }

    pub(super) fn tail_call(&mut self, callee: FnId, type_args: &[VeraTy], args: &[ExprId]) {
        let instance = self.instance_args(callee, type_args);
        let publishes = self.publishes().is_some() && self.may_apply(callee, &instance);
        if publishes || !self.renaming_of_call(callee, type_args, &instance).is_empty() {
            // The activation stays live until its closures have run, and what the callee
            // calls its effects until it has.
            let value = self.call(callee, type_args, args);
            return self.b.end(Terminator::Return(value.into_iter().collect()));
        }
        if self.lo.is_trusted(self.lo.program.function(callee)) {
            self.applied_here(args);
        }
        let mut args = self.args(args);
        let (func, type_args) = self.target(callee, type_args);
        args.extend(self.measure_args(callee, &type_args));
        if let Some((own, own_args, label)) = &self.self_loop
            && *own == callee
            && *own_args == type_args
        {
            let label = *label;
            return self.b.end(Terminator::Continue(label, args));
        }
        let results = self.callee_results(callee, &type_args);
        let loc = self.b.loc;
        if results == self.b.func.results {
            self.b.end(Terminator::TailCall { func, args, loc });
        } else {
            // The callee never returns.
            self.b.emit(Op::Call { func, args }, &results);
            let program = self.lo.program;
            if self.may_unwind(&program.function(callee).effects) {
                self.unwind_if_abandoned();
            }
            self.b.end(Terminator::Unreachable);
        }
    }

    fn function_type(&mut self, function: ExprId) -> (Vec<Ty>, VeraTy) {
        let ty = self.ty(function);
        let TyKind::Fn { ret, .. } = *self.lo.types.base_kind(ty) else {
            unreachable!("the checker applies only function values");
        };
        (self.lo.repr(ret).ty().into_iter().collect(), ret)
    }

    pub(super) fn apply(&mut self, function: ExprId, args: &[ExprId]) -> Option<ValueId> {
        self.applied_here(&[function]);
        let closure = self.value(function);
        let args = self.args(args);
        let (results, ret) = self.function_type(function);
        let op = Op::CallClosure { closure, args, results: results.clone() };
        let renaming = self.renaming_of_type(self.body[function].ty);
        let emit = |this: &mut Self| {
            this.renamed(renaming, |this| this.b.emit(op, &results).first().copied())
        };
        let value =
            if self.given_functions(&[function]) { self.publishing(emit) } else { emit(self) };
        let ty = self.ty(function);
        if self.closure_may_unwind(ty) {
            self.unwind_if_abandoned();
        }
        if self.never_returns(ret) {
            self.b.end(Terminator::Unreachable);
        }
        value
    }

    pub(super) fn tail_apply(&mut self, function: ExprId, args: &[ExprId]) {
        let publishes = self.publishes().is_some() && self.given_functions(&[function]);
        if publishes || !self.renaming_of_type(self.body[function].ty).is_empty() {
            let value = self.apply(function, args);
            return self.b.end(Terminator::Return(value.into_iter().collect()));
        }
        self.applied_here(&[function]);
        let closure = self.value(function);
        let args = self.args(args);
        let (results, _) = self.function_type(function);
        let loc = self.b.loc;
        if results == self.b.func.results {
            self.b.end(Terminator::TailCallClosure { closure, args, results, loc });
        } else {
            self.b.emit(Op::CallClosure { closure, args, results: results.clone() }, &results);
            let ty = self.ty(function);
            if self.closure_may_unwind(ty) {
                self.unwind_if_abandoned();
            }
            self.b.end(Terminator::Unreachable);
        }
    }
}
