//! The value of a handled expression whose body did not simply come to its end:
//! a clause abandoned it, or left something to do behind its `resume` (the cut is
//! made in [`super::resume`]).

use vera_abi::trap::TrapKind;
use vera_check::typed::ExprId;
use vera_check::types::Ty as VeraTy;

use super::functions::FnLower;
use super::handlers::{Frame, OUTER};
use super::resume;
use super::unwinding::Clause;
use crate::ir::*;

impl FnLower<'_, '_> {
    /// The value of a handled body, or that of the clause which abandoned it.
    pub(super) fn answer(
        &mut self,
        frame: &Frame,
        value: Option<ValueId>,
        result: Option<(u32, Mem)>,
    ) -> Option<ValueId> {
        let label = self.b.func.new_label();
        let tys: Vec<Ty> = result.map(|(_, mem)| mem.ty()).into_iter().collect();
        self.b.open();
        self.after_body(
            frame,
            |this| {
                let values = value.map_or_else(|| this.dummies(&tys), |value| vec![value]);
                this.b.end(Terminator::Break(label, values));
            },
            |this| {
                let values = this.read_cell(frame, result);
                this.b.end(Terminator::Break(label, values));
            },
        );
        let body = Box::new(self.b.close(Vec::new()));
        self.b.emit(Op::Block { label, body }, &tys).first().copied()
    }

    fn read_cell(&mut self, frame: &Frame, cell: Option<(u32, Mem)>) -> Vec<ValueId> {
        let object = frame.value;
        cell.map(|(offset, mem)| self.b.one(Op::ReadCell { object, offset, mem }, mem.ty()))
            .into_iter()
            .collect()
    }

    /// Runs what clauses left to do behind their `resume`, newest first, each on
    /// the value so far. What goes on behind an abandoned `resume` may catch: the
    /// rest of the body ran inside the handlers around that `resume`.
    pub(super) fn run_deferred(
        &mut self,
        frame: &Frame,
        value: Option<ValueId>,
        result: Option<(u32, Mem)>,
    ) -> Option<ValueId> {
        let label = self.b.func.new_label();
        let object = frame.value;
        let list = frame.cells[0].0;
        let tys: Vec<Ty> = result.map(|(_, mem)| mem.ty()).into_iter().collect();
        let init = value.map_or_else(|| self.dummies(&tys), |value| vec![value]);
        let params: Vec<ValueId> = tys.iter().map(|ty| self.b.func.new_value(*ty)).collect();
        self.b.open();
        let values = self.given_up(frame, &params, result);
        let read = Op::ReadCell { object, offset: list, mem: Mem::Ref };
        let node = self.b.one(read, Ty::Ref);
        let done = self.b.one(Op::IsImmediate(node), Ty::I32);
        self.b.open();
        let then = Box::new(self.b.close(values.clone()));
        self.b.open();
        let field = |offset| Op::Load { object: node, offset, mem: Mem::Ref };
        let next = self.b.one(field(resume::NODE_NEXT), Ty::Ref);
        let closure = self.b.one(field(resume::NODE_CLOSURE), Ty::Ref);
        self.b.none(Op::WriteCell { object, offset: list, mem: Mem::Ref, value: next });
        let call = Op::CallClosure { closure, args: values, results: Vec::new() };
        self.publishing(|this| this.b.none(call));
        let nothing = self.dummies(&tys);
        self.b.end(Terminator::Continue(label, nothing));
        let otherwise = Box::new(self.b.close(Vec::new()));
        let values = self.b.emit(Op::If { cond: done, then, otherwise }, &tys);
        let body = Box::new(self.b.close(values));
        let value = self.b.emit(Op::Loop { label, params, init, body }, &tys).first().copied();
        self.b.none(Op::SetGlobal(Global::Handlers, frame.outer));
        self.unwind_if_abandoned();
        value
    }

    /// The value of what a clause of this handler abandoned; otherwise `values`,
    /// which nobody reads while unwinding goes on.
    fn given_up(
        &mut self,
        frame: &Frame,
        values: &[ValueId],
        result: Option<(u32, Mem)>,
    ) -> Vec<ValueId> {
        let tys: Vec<Ty> = values.iter().map(|v| self.b.func.ty(*v)).collect();
        let target = self.b.one(Op::GetGlobal(Global::Unwinding), Ty::Ref);
        let mine = self.b.binary(BinaryOp::EqRef, target, frame.value);
        self.b.open();
        self.stop_unwinding();
        let result = self.read_cell(frame, result);
        let then = Box::new(self.b.close(result));
        self.b.open();
        let otherwise = Box::new(self.b.close(values.to_vec()));
        self.b.emit(Op::If { cond: mine, then, otherwise }, &tys)
    }

    /// The function that stands for the rest of the handled body where a clause
    /// goes on behind it.
    pub(super) fn rest_of_body(
        &mut self,
        name: &str,
        ret: VeraTy,
        answer: VeraTy,
    ) -> (FuncId, Vec<Ty>) {
        let results: Vec<Ty> = self.lo.repr(answer).ty().into_iter().collect();
        let at = self.lo.out.locs[self.b.loc.index()].at;
        let id = self.lo.reserve(format!("{name}$resume"), name.to_owned(), at);
        let loc = self.lo.loc(at, self.lo.out.funcs[id.index()].source);
        let value = self.lo.repr(ret).ty();
        let func = &mut self.lo.out.funcs[id.index()];
        for ty in [Some(Ty::Ref), value].into_iter().flatten() {
            let param = func.new_value(ty);
            func.params.push(param);
        }
        func.results.clone_from(&results);
        func.body.end = Terminator::Trap {
            kind: TrapKind::HostError,
            message: Some(Message(format!(
                "The clause of `{name}` resumed a second time; a clause can resume once"
            ))),
            loc,
        };
        (id, results)
    }

    /// `resume` whose result the clause uses. The rest of the body runs inside the
    /// handlers that the clause has entered, so the handler's frame goes on to
    /// them, and what abandons the rest may be theirs to catch.
    pub(super) fn resume(&mut self, e: ExprId, value: ExprId) -> Option<ValueId> {
        let Some(Clause::Function(function)) = self.scope.clause.clone() else {
            return self.not_yet(e, "`resume` here");
        };
        let (rest, results) = function.rest.clone().expect("a clause with such a `resume` has it");
        let value = self.expr(value);
        if let (Some(owed), Some(value)) = (&function.owed, value) {
            self.check_ensures(owed, value);
        }
        self.update_state(&function);
        let live = self.b.one(Op::GetGlobal(Global::Handlers), Ty::Ref);
        if !self.scope.catches.is_empty() {
            let object = function.frame;
            self.b.none(Op::WriteCell { object, offset: OUTER, mem: Mem::Ref, value: live });
        }
        let args = [Some(function.frame), value].into_iter().flatten().collect();
        let value = self.b.emit(Op::Call { func: rest, args }, &results).first().copied();
        self.b.none(Op::SetGlobal(Global::Handlers, live));
        self.unwind_if_abandoned();
        value
    }
}
