//! Handlers and their clauses (language reference, chapters 10.6 to 10.8 and
//! 10.13).

use smol_str::SmolStr;
use vera_diagnostics::Span;
use vera_syntax::ast;

use super::Infer;
use super::effects::Handled;
use super::resumes;
use crate::diagnostics::{calls, control, declare, effects as report, types};
use crate::forwards::Forward;
use crate::resolve;
use crate::typed::{EffectId, EffectInst, ExprId, ExprKind, Handle, HandlerClause, NarrowSite};
use crate::types::{Ty, TyKind};

/// What `resume` means in the clause being walked.
#[derive(Clone)]
pub(super) struct Resume {
    /// The operation's result type.
    value: Ty,
    /// The type of the whole `handle` expression.
    answer: Ty,
    /// The places of the calls in tail position.
    tails: Vec<Span>,
    /// Closures in the clause see it too, so that only the clause is reported.
    pub in_closures: bool,
}

impl Infer<'_> {
    /// `resume(value)`, or `None` outside a handler clause.
    pub(super) fn resume(&mut self, args: &[ast::ExprId], span: Span) -> Option<ExprId> {
        let resume = self.frame.resume.clone()?;
        let at = self.at(span);
        let [arg] = args else {
            self.ctx.report(calls::argument_count(at, "resume", 1, args.len()));
            return Some(self.args_of_unknown(args, span));
        };
        let want = resume.value;
        let e = self.expr(*arg, Some(want));
        let e = match self.coerce(e, want, NarrowSite::ResumeValue) {
            Some(e) => e,
            None => {
                let found = self.ty(e);
                let at = self.at(self.tree.nodes[*arg].span);
                let (shown, found) = (self.show(want), self.show(found));
                self.ctx.report(match self.shape(want) {
                    TyKind::Never => calls::resume_never(at, &found),
                    _ => calls::argument_type(at, "resume", 0, &shown, &found),
                });
                e
            }
        };
        // What a resume that is not the clause's last act gives back is the rest
        // of the handled body.
        let ty = if resume.tails.contains(&span) { Ty::NEVER } else { resume.answer };
        Some(self.push(ExprKind::Resume(e), ty, span))
    }

    pub(super) fn handle(
        &mut self,
        handle: &ast::Handle,
        expected: Option<Ty>,
        span: Span,
    ) -> ExprId {
        let at = self.at(handle.effect.span);
        if self.ctx.effect_id(self.module, &handle.effect.name.text).is_none() {
            let name = &handle.effect.name.text;
            let foreign = self.ctx.foreign_effect(self.module, name);
            self.ctx.report(report::unknown_handled(at, name, foreign.as_deref()));
            return self.unknown(span);
        }
        let name = handle.effect.name.text.as_str();
        if matches!(name, "State" | "Exn") && handle.effect.args.len() != 1 {
            self.ctx.report(report::handled_arity(at, name, handle.effect.args.len()));
            return self.unknown(span);
        }
        let Some(effect) = resolve::resolve_effect(self.ctx, &mut self.types, &handle.effect)
        else {
            return self.unknown(span);
        };
        self.handleable(handle, &effect, span);
        let answer = expected.unwrap_or_else(|| self.fresh());
        let state = handle.state.as_ref().map(|s| self.handler_state(s, &effect));
        let state_slot = handle.state.as_ref().map(|s| self.slot_name(s.ty));
        if state.is_none() && self.is_builtin(effect.effect, "State") {
            self.zero_state(&effect, handle.effect.span);
        }
        let mut clauses: Vec<HandlerClause> = Vec::new();
        let mut clause_types = Vec::new();
        for clause in &handle.clauses {
            let ops = &self.ctx.program.effects[effect.effect.index()].ops;
            let Some(op) = ops.iter().position(|op| op.name == clause.op.text) else {
                let known: Vec<String> = ops.iter().map(|op| op.name.to_string()).collect();
                let at = self.at(clause.op.span);
                let name = &handle.effect.name.text;
                self.ctx.report(report::no_such_operation(at, name, &clause.op.text, &known));
                continue;
            };
            if clauses.iter().any(|c| c.op as usize == op) {
                let at = self.at(clause.op.span);
                self.ctx.report(declare::declared_twice(at, "handler clause", &clause.op.text, at));
                continue;
            }
            let state = state.as_ref().map(|(ty, _)| *ty);
            let typed = self.clause(clause, op, &effect, state, state_slot.clone(), answer);
            clause_types.push((self.ty(typed.body), clause.span));
            clauses.push(typed);
        }
        self.frame.handled.push(Handled { effect: effect.clone(), state: state_slot });
        let body = self.scoped(|this| this.block(&handle.body, expected));
        self.frame.handled.pop();
        self.missing_clauses(&effect, &clauses, body, handle.effect.span);
        let ty = self.ty(body);
        let ty = if ty == Ty::NEVER {
            clause_types.iter().map(|(ty, _)| *ty).find(|t| *t != Ty::NEVER).unwrap_or(ty)
        } else {
            ty
        };
        for (found, span) in clause_types {
            if !self.subtype(found, ty) {
                let (want, found) = (self.show(ty), self.show(found));
                let at = self.at(span);
                self.ctx.report(control::arm_type(at, &want, &found));
            }
        }
        self.subtype(ty, answer);
        // Where a clause uses what `resume` gives back, it has this type already.
        let early =
            handle.clauses.iter().any(|c| resumes::before_the_end(&self.tree.nodes, c.body));
        let ty = if early { answer } else { ty };
        let kind = ExprKind::Handle(Box::new(Handle { effect, state, clauses, body }));
        self.push(kind, ty, span)
    }

    fn handler_state(&mut self, state: &ast::HandlerState, effect: &EffectInst) -> (Ty, ExprId) {
        let ty = self.resolve_type(state.ty);
        let init = self.expr(state.init, Some(ty));
        let init = match self.coerce(init, ty, NarrowSite::HandlerState) {
            Some(e) => e,
            None => {
                let found = self.ty(init);
                let (want, found) = (self.show(ty), self.show(found));
                let at = self.at(self.tree.nodes[state.init].span);
                self.ctx.report(report::state_type(at, &want, &found));
                init
            }
        };
        let is_state = self.is_builtin(effect.effect, "State");
        if is_state && effect.args.first().is_some_and(|cell| *cell != ty) {
            let (want, found) = (self.show(effect.args[0]), self.show(ty));
            let at = self.at(self.tree.nodes[state.ty].span);
            self.ctx.report(report::state_diverges(at, &want, &found));
        }
        (ty, init)
    }

    /// E331: a cell without an initial value starts as zero, so zero must be a
    /// value of its type.
    fn zero_state(&mut self, effect: &EffectInst, span: Span) {
        let cell = effect.args[0];
        let shape = self.shape(cell);
        if !shape.has_zero() && shape != TyKind::Unknown {
            let at = self.at(span);
            let shown = self.show(cell);
            self.ctx.report(report::no_start_value(at, &shown));
        }
    }

    fn clause(
        &mut self,
        clause: &ast::HandlerClause,
        op: usize,
        effect: &EffectInst,
        state: Option<Ty>,
        state_slot: Option<SmolStr>,
        answer: Ty,
    ) -> HandlerClause {
        let declared = &self.ctx.program.effects[effect.effect.index()].ops[op];
        let (op_params, op_ret) = (declared.params.clone(), declared.ret);
        let op_ret = self.ctx.program.types.subst(op_ret, &effect.args);
        let depth = self.slots.len();
        let mut params = Vec::new();
        for (i, param) in clause.params.iter().enumerate() {
            let Some(op_param) = op_params.get(i) else {
                let at = self.at(self.tree.nodes[*param].span);
                let what = format!("`{}`", clause.op.text);
                let given = clause.params.len();
                self.ctx.report(report::operation_count(at, &what, op_params.len(), given));
                break;
            };
            let want = self.ctx.program.types.subst(*op_param, &effect.args);
            let local = self.bind_written(*param);
            let found = self.body[local].ty;
            if !self.subtype(want, found) && !self.subtype(found, want) {
                let at = self.at(self.tree.nodes[*param].span);
                let (want, found) = (self.show(want), self.show(found));
                let what = format!("`{}`", clause.op.text);
                self.ctx.report(report::operation_argument(at, &what, i, &want, &found));
            }
            params.push(local);
        }
        let state_local = match (state, &state_slot) {
            (Some(ty), Some(slot)) => Some(self.bind(slot.clone(), ty, clause.span)),
            _ => None,
        };
        let tails = resumes::in_tail_position(&self.tree.nodes, clause.body);
        let is_state = self.is_builtin(effect.effect, "State");
        let resume = Resume {
            value: op_ret,
            answer: if is_state { Ty::NEVER } else { answer },
            tails: tails.to_vec(),
            in_closures: is_state,
        };
        let outer = self.frame.resume.replace(resume);
        let expected = (!self.is_open(answer)).then_some(answer);
        let body = self.scoped(|this| this.expr(clause.body, expected));
        if is_state {
            self.one_resume(clause);
        }
        let update = clause.update.as_ref().and_then(|(ty, e)| {
            self.state_update(*ty, *e, state, state_slot.as_deref(), clause.span)
        });
        self.frame.resume = outer;
        self.leave(depth);
        HandlerClause { op: op as u32, params, state: state_local, body, update, span: clause.span }
    }

    fn state_update(
        &mut self,
        ty: ast::TypeId,
        value: ast::ExprId,
        state: Option<Ty>,
        slot: Option<&str>,
        clause: Span,
    ) -> Option<ExprId> {
        let at = self.at(clause);
        let (Some(state), Some(slot)) = (state, slot) else {
            self.ctx.report(report::update_without_state(at));
            return None;
        };
        let written = self.slot_name(ty);
        if written != slot {
            self.ctx.report(report::update_name(
                at,
                &written,
                slot,
                self.at(self.tree.nodes[ty].span),
            ));
        }
        let e = self.expr(value, Some(state));
        match self.coerce(e, state, NarrowSite::StateUpdate) {
            Some(e) => Some(e),
            None => {
                let found = self.ty(e);
                let (want, found) = (self.show(state), self.show(found));
                let at = self.at(self.tree.nodes[value].span);
                self.ctx.report(report::update_type(at, &want, &found));
                None
            }
        }
    }

    fn is_builtin(&self, effect: EffectId, name: &str) -> bool {
        let declared = &self.ctx.program.effects[effect.index()];
        declared.module.is_none() && declared.name == name
    }

    /// E340 for effects without operations, and for cells named by a predicate.
    fn handleable(&mut self, handle: &ast::Handle, effect: &EffectInst, span: Span) {
        let declared = &self.ctx.program.effects[effect.effect.index()];
        if declared.ops.is_empty() {
            let name = declared.name.clone();
            let at = self.at(span);
            self.ctx.report(report::nothing_to_handle(at, &name));
        }
        let cell = self.is_builtin(effect.effect, "State") || self.is_builtin(effect.effect, "Exn");
        if let ([arg], true) = (handle.effect.args.as_slice(), cell) {
            let node = &self.tree.nodes[*arg];
            if matches!(node.kind, ast::TypeKind::Refined { .. }) {
                let at = self.at(node.span);
                self.ctx.report(types::inline_refinement_cell(at, &handle.effect.name.text));
            }
        }
    }

    /// Operations without a clause: an effect of this file has no other meaning;
    /// those of a host effect go to the context around the handler.
    fn missing_clauses(
        &mut self,
        effect: &EffectInst,
        clauses: &[HandlerClause],
        body: ExprId,
        span: Span,
    ) {
        let declared = &self.ctx.program.effects[effect.effect.index()];
        let missing: Vec<u32> = (0..declared.ops.len() as u32)
            .filter(|op| clauses.iter().all(|c| c.op != *op))
            .collect();
        if missing.is_empty() {
            return;
        }
        let (name, own) = (declared.name.clone(), declared.module.is_some());
        if own {
            let ops = missing.iter().map(|op| declared.ops[*op as usize].name.to_string());
            let (ops, at) = (ops.collect::<Vec<_>>(), self.at(span));
            self.ctx.report(report::missing_clauses(at, &name, &ops));
        } else if !matches!(name.as_str(), "State" | "Exn") && !self.row_in_force_has(effect) {
            let super::Owner::Fn(function) = self.owner else { return };
            let (at, row, written) = (self.at(span), self.declared_row(), self.written_row());
            let (effect, name) = (effect.effect, name.to_string());
            self.ctx.forwards.push(Forward {
                at,
                function,
                body,
                effect,
                missing,
                row,
                written,
                name,
            });
        }
    }

    /// E340 unless a clause of a `State` handler ends by its one `resume`.
    fn one_resume(&mut self, clause: &ast::HandlerClause) {
        let nodes = &self.tree.nodes;
        let body = resumes::count(nodes, clause.body);
        let update = clause.update.as_ref().map_or(0, |(_, e)| resumes::count(nodes, *e));
        if body != 1 || !resumes::always_ends(nodes, clause.body) || update > 0 {
            let at = self.at(clause.span);
            self.ctx.report(report::state_clause_resume(at, &clause.op.text));
        }
    }
}
