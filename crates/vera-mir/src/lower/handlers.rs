//! `handle` expressions (language reference, chapters 10.6 to 10.8 and 10.13).
//!
//! A handler that is live has a *frame*: an object with the next outer frame,
//! the number of the effect it handles, one closure for each clause and the
//! cells its clauses change. [`Global::Handlers`] refers to the innermost one.
//! The function that entered the handler keeps the frame alive.
//!
//! Clauses of a `State` handler are code in place of the operations written in
//! the handled body; elsewhere such operations only act on the cell. The clause
//! of an `Exn` handler runs when its frame is gone. Clauses of other handlers
//! are functions that the operations call.

use vera_abi::host::HostFn;
use vera_abi::layout::HEADER_SIZE;
use vera_check::typed::{EffectInst, ExprId, ExprKind, Handle, HandlerClause, LocalId, NarrowSite};
use vera_check::types::Ty as VeraTy;

use super::captures::{performs, resumes_early, resumes_inside_handle};
use super::families::{Family, FrameKind};
use super::functions::{FnLower, Surroundings};
use super::matching::Exit;
use super::unwinding::{Catch, Clause, ClauseFunction, Special, StateHandler, special};
use crate::ir::*;

/// Offsets in every frame.
pub(super) const OUTER: u32 = HEADER_SIZE;
pub(super) const FAMILY: u32 = HEADER_SIZE + 4;
/// Of the first clause, or of the cells where there are no clauses.
const CLAUSES: u32 = HEADER_SIZE + 8;

/// Offset of a clause's closure.
pub(super) const fn clause_offset(op: u32) -> u32 {
    CLAUSES + 4 * op
}

/// A frame as one handler lays it out.
pub(super) struct Frame {
    pub value: ValueId,
    pub outer: ValueId,
    pub cells: Vec<(u32, Mem)>,
}

impl<'a> FnLower<'_, 'a> {
    /// The value of a `handle` expression.
    pub(super) fn handle(&mut self, e: ExprId, handle: &'a Handle) -> Option<ValueId> {
        let ty = self.repr_of(e).ty();
        let label = self.b.func.new_label();
        self.b.open();
        self.handle_to(e, handle, Exit::Break(label, ty));
        self.b.end(Terminator::Unreachable);
        let body = Box::new(self.b.close(Vec::new()));
        let results: Vec<Ty> = ty.into_iter().collect();
        self.b.emit(Op::Block { label, body }, &results).first().copied()
    }

    /// A `handle` expression in tail position. Ends the region.
    pub(super) fn tail_handle(&mut self, e: ExprId, handle: &'a Handle) {
        self.handle_to(e, handle, Exit::Return);
    }

    fn handle_to(&mut self, e: ExprId, handle: &'a Handle, exit: Exit) {
        let family = self.family(&handle.effect);
        match special(self.lo.program, handle.effect.effect) {
            Special::State => self.handle_state(e, handle, family, exit),
            Special::Exn => self.handle_exn(e, handle, &family, exit),
            Special::No => self.handle_general(e, handle, &family, exit),
        }
    }

    fn leave(&mut self, value: Option<ValueId>, exit: Exit) {
        let wanted = match exit {
            Exit::Return => self.b.func.results.len(),
            Exit::Break(_, ty) => usize::from(ty.is_some()),
        };
        let values: Vec<ValueId> = value.into_iter().take(wanted).collect();
        self.b.end(match exit {
            // The value never comes.
            _ if values.len() < wanted => Terminator::Unreachable,
            Exit::Return => Terminator::Return(values),
            Exit::Break(label, _) => Terminator::Break(label, values),
        });
    }

    /// Makes a frame and makes it the innermost one. `clauses` are closures in
    /// the order of the effect's operations; the cells start with these values.
    fn enter(&mut self, family: &Family, clauses: &[ValueId], cells: &[(Mem, ValueId)]) -> Frame {
        let outer = self.b.one(Op::GetGlobal(Global::Handlers), Ty::Ref);
        let mems: Vec<Mem> = cells.iter().map(|(mem, _)| *mem).collect();
        let (layout, slots) = self.lo.frame_shape(clauses.len() as u32, &mems);
        let family = self.lo.frame_number(FrameKind::Handler(family.clone()));
        let family = self.b.i32(family as i32);
        let mut fields = vec![(OUTER, Mem::Ref, outer), (FAMILY, Mem::I32, family)];
        fields.extend(clauses.iter().zip(0..).map(|(c, op)| (clause_offset(op), Mem::Ref, *c)));
        fields.extend(slots.iter().zip(cells).map(|((at, mem), (_, v))| (*at, *mem, *v)));
        let value = self.b.one(Op::MakeObject { layout, fields }, Ty::Ref);
        self.b.none(Op::SetGlobal(Global::Handlers, value));
        Frame { value, outer, cells: slots }
    }

    /// Lowers the handled body of `e`. Returns its value and whether it may be
    /// abandoned.
    fn handled_body(
        &mut self,
        e: ExprId,
        handle: &'a Handle,
        frame: &Frame,
    ) -> (Option<ValueId>, bool) {
        let body = handle.body;
        let ty = self.repr_of(body).ty();
        let results: Vec<Ty> = ty.into_iter().collect();
        let label = self.b.func.new_label();
        self.scope.catches.push(Catch { label, results: results.clone(), used: false });
        self.b.open();
        let values = match ty {
            Some(_) => {
                let value = self.value(body);
                vec![self.as_answer(value, body, e)]
            }
            None => {
                self.expr(body);
                Vec::new()
            }
        };
        self.b.end(Terminator::Break(label, values));
        let body = Box::new(self.b.close(Vec::new()));
        let catch = self.scope.catches.pop().expect("pushed above");
        let value = self.b.emit(Op::Block { label, body }, &results).first().copied();
        self.leave_frame(frame.value);
        (value, catch.used)
    }

    /// The value of a body or clause as one of the handled expression `e`.
    fn as_answer(&mut self, value: ValueId, part: ExprId, e: ExprId) -> ValueId {
        let (from, to) = (self.ty(part), self.ty(e));
        self.narrowed(value, from, to, &NarrowSite::Join)
    }

    /// Makes the next outer frame the innermost one. It is read from the frame,
    /// which therefore stays alive as long as the body runs.
    pub(super) fn leave_frame(&mut self, frame: ValueId) {
        let outer = Op::ReadCell { object: frame, offset: OUTER, mem: Mem::Ref };
        let outer = self.b.one(outer, Ty::Ref);
        self.b.none(Op::SetGlobal(Global::Handlers, outer));
    }

    /// Behind a handled body that may be abandoned: `normal` if it was not,
    /// `caught` if it was for this handler; otherwise unwinding goes on.
    pub(super) fn after_body(
        &mut self,
        frame: &Frame,
        normal: impl FnOnce(&mut Self),
        caught: impl FnOnce(&mut Self),
    ) {
        let target = self.b.one(Op::GetGlobal(Global::Unwinding), Ty::Ref);
        let cond = self.b.one(Op::IsImmediate(target), Ty::I32);
        self.b.open();
        normal(self);
        let then = Box::new(self.b.close(Vec::new()));
        self.b.open();
        let mine = self.b.binary(BinaryOp::EqRef, target, frame.value);
        self.b.open();
        self.stop_unwinding();
        caught(self);
        let inner_then = Box::new(self.b.close(Vec::new()));
        self.b.open();
        self.unwind();
        let inner_otherwise = Box::new(self.b.close(Vec::new()));
        self.b.none(Op::If { cond: mine, then: inner_then, otherwise: inner_otherwise });
        self.b.end(Terminator::Unreachable);
        let otherwise = Box::new(self.b.close(Vec::new()));
        self.b.none(Op::If { cond, then, otherwise });
        self.b.end(Terminator::Unreachable);
    }

    /// Enters cells that start as zero, where their types allow it; returns their
    /// frames.
    pub(super) fn zero_frames(&mut self, effects: &[EffectInst]) -> Vec<ValueId> {
        let enter = |effect: &EffectInst| {
            let cell = self.zero_cell(effect.args[0]);
            let family = self.family(effect);
            self.enter(&family, &[], cell.as_slice()).value
        };
        effects.iter().map(enter).collect()
    }

    /// Enters cells that start as the host says, or as zero; returns their frames.
    pub(super) fn kept_frames(&mut self, effects: &[EffectInst]) -> Vec<ValueId> {
        let enter = |effect: &EffectInst| {
            let cell = self.kept_cell(effect.args[0]);
            let family = self.family(effect);
            self.enter(&family, &[], cell.as_slice()).value
        };
        effects.iter().map(enter).collect()
    }

    fn kept_cell(&mut self, ty: VeraTy) -> Option<(Mem, ValueId)> {
        let mem = self.lo.repr(ty).field()?;
        let number = self.lo.host_cell(ty);
        let number = self.b.i32(number as i32);
        let begins = self.b.host(HostFn::CellBegins, vec![number], &[Ty::I32]);
        self.b.open();
        let given = self.take(ty).into_iter().collect();
        let then = Box::new(self.b.close(given));
        self.b.open();
        let zero = self.zero(mem);
        let otherwise = Box::new(self.b.close(vec![zero]));
        let choice = Op::If { cond: begins[0], then, otherwise };
        let value = self.b.emit(choice, &[mem.ty()]).first().copied()?;
        self.zero_check(value, ty);
        Some((mem, value))
    }

    /// Hands over what the cells of a row hold.
    pub(super) fn keep_cells(&mut self, effects: &[EffectInst], frames: &[ValueId]) {
        for (effect, frame) in effects.iter().zip(frames) {
            let ty = effect.args[0];
            let Some((offset, mem)) = self.lo.cell(effect) else { continue };
            let read = Op::ReadCell { object: *frame, offset, mem };
            let value = self.b.one(read, mem.ty());
            self.put(ty, Some(value));
            let number = self.lo.host_cell(ty);
            let number = self.b.i32(number as i32);
            self.b.host(HostFn::CellEnds, vec![number], &[]);
        }
    }

    /// The zero that a cell of this type starts with, checked.
    pub(super) fn zero_cell(&mut self, ty: VeraTy) -> Option<(Mem, ValueId)> {
        let mem = self.lo.repr(ty).field()?;
        let zero = self.zero(mem);
        self.zero_check(zero, ty);
        Some((mem, zero))
    }

    /// The value a cell starts with when the program gives none.
    pub(super) fn zero(&mut self, mem: Mem) -> ValueId {
        self.dummies(&[mem.ty()])[0]
    }

    fn handle_state(&mut self, e: ExprId, handle: &'a Handle, family: Family, exit: Exit) {
        let content = family.effect.args[0];
        let mem = self.lo.repr(content).field();
        let initial = match handle.state {
            Some((_, init)) => self.expr(init),
            None => self.zero_cell(content).map(|(_, zero)| zero),
        };
        let cells: Vec<(Mem, ValueId)> = mem.zip(initial).into_iter().collect();
        let frame = self.enter(&family, &[], &cells);
        // `None` for a cell that takes no space.
        let cell = frame.cells.first().copied();
        let (value, outer) = (frame.value, frame.outer);
        let state = StateHandler { family, handle, frame: value, outer, cell, hidden: false };
        self.scope.states.push(state);
        let (value, abandoned) = self.handled_body(e, handle, &frame);
        self.scope.states.pop();
        if abandoned {
            // It was not for this handler.
            self.unwind_if_abandoned();
        }
        self.leave(value, exit);
    }

    fn handle_exn(&mut self, e: ExprId, handle: &'a Handle, family: &Family, exit: Exit) {
        let payload_ty = family.effect.args[0];
        let payload = self.lo.repr(payload_ty).field();
        let state = handle.state.as_ref().map(|(ty, init)| {
            let ty = self.subst(*ty);
            (self.expr(*init), ty)
        });
        let mut cells = Vec::new();
        if let Some(mem) = payload {
            cells.push((mem, self.zero(mem)));
        }
        let frame = self.enter(family, &[], &cells);
        let (value, abandoned) = self.handled_body(e, handle, &frame);
        if !abandoned {
            return self.leave(value, exit);
        }
        let Some(clause) = handle.clauses.first() else {
            unreachable!("a handler has a clause, and `throw` is the only operation");
        };
        let object = frame.value;
        self.after_body(
            &frame,
            |this| this.leave(value, exit),
            |this| {
                let thrown = frame.cells.first().map(|(offset, mem)| {
                    let read = Op::ReadCell { object, offset: *offset, mem: *mem };
                    this.b.one(read, mem.ty())
                });
                if let Some(param) = clause.params.first() {
                    this.bind_argument(*param, thrown, payload_ty);
                }
                if let (Some(local), Some((value, _))) = (clause.state, &state) {
                    this.bind_clause(local, *value);
                }
                this.arm(e, clause.body, exit);
            },
        );
    }

    /// Lowers an expression whose value is that of the whole `handle`.
    fn arm(&mut self, e: ExprId, body: ExprId, exit: Exit) {
        let (from, to) = (self.ty(body), self.ty(e));
        let checked = from != to
            && (self.lo.is_constrained(to) || self.lo.adapts(from, to))
            && self.lo.repr(to).ty().is_some();
        match exit {
            Exit::Return if !checked => self.tail(body),
            Exit::Return | Exit::Break(_, Some(_)) => {
                let value = self.value(body);
                let value = self.as_answer(value, body, e);
                self.leave(Some(value), exit);
            }
            Exit::Break(_, None) => {
                self.expr(body);
                self.leave(None, exit);
            }
        }
    }

    fn handle_general(&mut self, e: ExprId, handle: &'a Handle, family: &Family, exit: Exit) {
        let effect = &family.effect;
        let answer = self.ty(e);
        let result = self.lo.repr(answer).field();
        let state = handle.state.as_ref().map(|(ty, init)| {
            let ty = self.subst(*ty);
            (self.expr(*init), self.lo.repr(ty).field())
        });
        // The list of second parts of clauses, the state, the result.
        let none = self.b.constant(Const::Immediate(0));
        let mut cells = vec![(Mem::Ref, none)];
        let state_mem = state.as_ref().and_then(|(value, mem)| mem.zip(*value));
        cells.extend(state_mem);
        if let Some(mem) = result {
            cells.push((mem, self.zero(mem)));
        }
        let count = self.lo.program.effects[effect.effect.index()].ops.len() as u32;
        let mems: Vec<Mem> = cells.iter().map(|(mem, _)| *mem).collect();
        let (_, slots) = self.lo.frame_shape(count, &mems);
        let cell = |index: usize| slots[index];
        let state_cell = state_mem.is_some().then(|| cell(1));
        let result_cell = result.map(|_| cell(slots.len() - 1));
        let hides = handle.clauses.iter().any(|c| resumes_inside_handle(self.body, c.body));
        let hidden: Vec<bool> = self.scope.states.iter().map(|s| s.hidden).collect();
        self.scope.states.iter_mut().for_each(|s| s.hidden |= hides);
        let mut deferred = false;
        let clauses: Vec<ValueId> = (0..count)
            .map(|op| match handle.clauses.iter().find(|c| c.op == op) {
                Some(clause) => {
                    let shape = ClauseShape { state: state_cell, result: result_cell, answer };
                    let (closure, defers) = self.clause(clause, effect, &shape, cell(0).0);
                    deferred |= defers;
                    closure
                }
                None => none,
            })
            .collect();
        let frame = self.enter(family, &clauses, &cells);
        let (value, abandoned) = self.handled_body(e, handle, &frame);
        for (state, hidden) in self.scope.states.iter_mut().zip(hidden) {
            state.hidden = hidden;
        }
        let value = if deferred {
            self.run_deferred(&frame, value, result_cell)
        } else if abandoned {
            self.answer(&frame, value, result_cell)
        } else {
            value
        };
        self.leave(value, exit);
    }

    /// The closure of a clause, and whether it leaves something to do behind a
    /// `resume`. Its parameters are the frame and those of the operation.
    fn clause(
        &mut self,
        clause: &'a HandlerClause,
        effect: &EffectInst,
        shape: &ClauseShape,
        list: u32,
    ) -> (ValueId, bool) {
        let declared = &self.lo.program.effects[effect.effect.index()].ops[clause.op as usize];
        let (op_name, op_params, op_ret) =
            (declared.name.clone(), declared.params.clone(), declared.ret);
        let name = format!("{}.{op_name}", self.lo.effect_name(effect));
        let exprs: Vec<ExprId> = [clause.body].into_iter().chain(clause.update).collect();
        let (captures, states) = self.clause_captures(clause, exprs);
        let defers = resumes_early(self.body, clause.body, true);
        let effect = effect.clone();
        let (answer, state, result) = (shape.answer, shape.state, shape.result);
        let surroundings = Surroundings { captures, live: false, states, value: false };
        let closure = self.nested(&name, clause.span, surroundings, |this, place| {
            let frame = this.b.param(Ty::Ref);
            let mut arguments = Vec::new();
            for param in &op_params {
                let ty = this.lo.types.subst(*param, &effect.args);
                arguments.push((this.lo.repr(ty).ty().map(|ty| this.b.param(ty)), ty));
            }
            let ret = this.lo.types.subst(op_ret, &effect.args);
            this.b.func.results = this.lo.repr(ret).ty().into_iter().collect();
            let rest = defers.then(|| this.rest_of_body(&name, ret, answer));
            let update = clause.update;
            let given: Vec<ValueId> = arguments.iter().filter_map(|(value, _)| *value).collect();
            let owed = this.owed(&effect, clause.op, &given);
            let function = ClauseFunction { frame, state, result, answer, update, rest, owed };
            for (param, (value, ty)) in clause.params.iter().zip(arguments) {
                this.bind_argument(*param, value, ty);
            }
            if let Some(local) = clause.state {
                let value = state.map(|(offset, mem)| {
                    this.b.one(Op::ReadCell { object: frame, offset, mem }, mem.ty())
                });
                this.locals.insert(local, value);
            }
            this.scope.clause = Some(Clause::Function(function.clone()));
            this.tail(clause.body);
            this.scope.clause = None;
            defers.then_some((function, list, place))
        });
        (closure, defers)
    }

    /// What a clause captures, and whether it performs operations of `State`: then
    /// also what the clauses that answer them in place use.
    fn clause_captures(
        &self,
        clause: &HandlerClause,
        mut exprs: Vec<ExprId>,
    ) -> (Vec<(LocalId, ValueId)>, bool) {
        let mut own = Self::clause_locals(clause);
        let is_state = |e: &EffectInst| special(self.lo.program, e.effect) == Special::State;
        let states = !self.scope.states.is_empty()
            && exprs.iter().any(|e| performs(self.body, *e, &is_state));
        for clause in self.scope.states.iter().filter(|_| states).flat_map(|s| &s.handle.clauses) {
            own.extend(Self::clause_locals(clause));
            exprs.extend([Some(clause.body), clause.update].into_iter().flatten());
        }
        (self.capture(&own, &exprs), states)
    }

    /// The end of a clause, in the mode of the clause being lowered. Ends the
    /// region.
    pub(super) fn clause_end(&mut self, e: ExprId, clause: Clause) {
        let body = self.body;
        if let ExprKind::Resume(value) = &body[e].kind {
            let early = matches!(&clause, Clause::Function(f) if f.rest.is_some());
            if !early {
                let value = self.expr(*value);
                let before = self.place(body[e].span);
                self.resumed(value, &clause);
                self.b.loc = before;
                return;
            }
        }
        let value = self.expr(e);
        let Clause::Function(function) = clause else {
            // A `State` clause ends by `resume` or not at all.
            return self.b.end(Terminator::Unreachable);
        };
        if let (Some((offset, mem)), Some(value)) = (function.result, value) {
            // A last `resume` yields nothing by its type; here it yields the answer.
            let from = match self.ty(e) {
                VeraTy::NEVER => function.answer,
                ty => ty,
            };
            let value = self.narrowed(value, from, function.answer, &NarrowSite::Join);
            let object = function.frame;
            self.b.none(Op::WriteCell { object, offset, mem, value });
        }
        self.abandon_to(function.frame);
    }

    /// `resume` as the last thing a clause does.
    fn resumed(&mut self, value: Option<ValueId>, clause: &Clause) {
        match clause {
            Clause::Inline { label } => {
                self.b.end(Terminator::Break(*label, value.into_iter().collect()));
            }
            Clause::Function(function) => {
                if let (Some(owed), Some(value)) = (&function.owed, value) {
                    self.check_ensures(owed, value);
                }
                self.update_state(function);
                self.b.end(Terminator::Return(value.into_iter().collect()));
            }
        }
    }

    pub(super) fn update_state(&mut self, function: &ClauseFunction) {
        if let (Some(update), Some((offset, mem))) = (function.update, function.state)
            && let Some(value) = self.expr(update)
        {
            let object = function.frame;
            self.b.none(Op::WriteCell { object, offset, mem, value });
        }
    }

    /// An operation of `State` in the body of its handler: the cell, then the
    /// clause. `argument` is that of `put`.
    pub(super) fn state_in_body(
        &mut self,
        at: usize,
        put: bool,
        argument: Option<ValueId>,
    ) -> Option<ValueId> {
        let StateHandler { handle, frame, outer, cell, ref family, .. } = self.scope.states[at];
        let content = family.effect.args[0];
        let old = cell
            .map(|(offset, mem)| self.b.one(Op::ReadCell { object: frame, offset, mem }, mem.ty()));
        if let (true, Some((offset, mem)), Some(value)) = (put, cell, argument) {
            self.b.none(Op::WriteCell { object: frame, offset, mem, value });
        }
        let Some(clause) = handle.clauses.iter().find(|c| c.op == u32::from(put)) else {
            return old.filter(|_| !put);
        };
        // The clause belongs to where the handler is written.
        let inner = self.scope.states.split_off(at);
        let live = self.b.one(Op::GetGlobal(Global::Handlers), Ty::Ref);
        self.b.none(Op::SetGlobal(Global::Handlers, outer));
        if let Some(param) = clause.params.first() {
            self.bind_argument(*param, argument, content);
        }
        if let Some(local) = clause.state {
            self.bind_clause(local, old);
        }
        let result = cell.filter(|_| !put).map(|(_, mem)| mem.ty());
        let results: Vec<Ty> = result.into_iter().collect();
        let label = self.b.func.new_label();
        let around = self.scope.clause.replace(Clause::Inline { label });
        self.b.open();
        self.tail(clause.body);
        let body = Box::new(self.b.close(Vec::new()));
        self.scope.clause = around;
        let value = self.b.emit(Op::Block { label, body }, &results).first().copied();
        if let Some(update) = clause.update
            && let (Some(value), Some((offset, mem))) = (self.expr(update), cell)
        {
            self.b.none(Op::WriteCell { object: frame, offset, mem, value });
        }
        self.b.none(Op::SetGlobal(Global::Handlers, live));
        self.scope.states.extend(inner);
        value
    }
}

/// The cells a clause uses, and the type of the whole `handle`.
struct ClauseShape {
    state: Option<(u32, Mem)>,
    result: Option<(u32, Mem)>,
    answer: VeraTy,
}
