//! Effect rows in force, operations, handlers, `old` and `new` (language
//! reference, chapter 10).

use smol_str::SmolStr;
use vera_diagnostics::Span;
use vera_syntax::ast::{self, Name};

use super::Infer;
use crate::diagnostics::{effects as report, types};
use crate::resolve;
use crate::typed::{EffectId, EffectInst, ExprId, ExprKind, Handle, HandlerClause, NarrowSite};
use crate::types::{Row, Ty};

/// What the function or closure being walked may perform.
pub(super) struct Frame {
    /// The declared row, in source order.
    pub effects: Vec<EffectInst>,
    /// Effects of the handled bodies around this point, innermost last.
    handled: Vec<Handled>,
    /// What was performed against a `pure` row.
    performed: Vec<EffectInst>,
    /// In a contract or other predicate, which must be pure whatever the row.
    pub in_predicate: bool,
    pub in_closure: bool,
    /// The operation whose clause this is: what `resume` takes.
    resume: Option<Ty>,
}

struct Handled {
    effect: EffectInst,
    /// Slot name of the state, for a hint.
    state: Option<SmolStr>,
}

impl Frame {
    pub fn of_row(effects: Vec<EffectInst>) -> Frame {
        Frame {
            effects,
            handled: Vec::new(),
            performed: Vec::new(),
            in_predicate: false,
            in_closure: false,
            resume: None,
        }
    }

    pub fn predicate() -> Frame {
        Frame { in_predicate: true, ..Frame::of_row(Vec::new()) }
    }

    /// What a `pure` function performed all the same.
    pub fn undeclared(&self) -> Option<&[EffectInst]> {
        let undeclared = self.effects.is_empty() && !self.performed.is_empty();
        (undeclared && !self.in_predicate).then_some(&self.performed)
    }
}

impl Infer<'_> {
    /// Sorted names of effects.
    pub(super) fn effect_names(&self, effects: &[EffectInst]) -> String {
        let printer = crate::types::Printer::message(&self.ctx.program);
        let mut names: Vec<String> = effects.iter().map(|e| printer.effect(e)).collect();
        names.sort();
        names.dedup();
        names.join(", ")
    }

    /// Judges the performing of a callee's row at a call.
    pub(super) fn performs(&mut self, row: &Row, span: Span, what: &str) {
        if row.effects.is_empty() {
            return;
        }
        let mut missing = Vec::new();
        for effect in &row.effects {
            let handled: Vec<EffectInst> =
                self.frame.handled.iter().map(|h| h.effect.clone()).collect();
            let declared = self.frame.effects.clone();
            if !self.row_has(&handled, effect) && !self.row_has(&declared, effect) {
                missing.push(effect.clone());
            }
        }
        if missing.is_empty() {
            return;
        }
        let names = self.effect_names(&missing);
        let at = self.at(span);
        if self.frame.in_predicate && !self.frame.in_closure {
            return self.ctx.report(report::impure_predicate(at, &names));
        }
        let declared = self.declared_row();
        self.ctx.report(report::call_exceeds_row(at, what, &names, &declared));
        if self.frame.handled.is_empty() {
            self.frame.performed.extend(missing);
        }
    }

    fn declared_row(&self) -> String {
        if self.frame.effects.is_empty() {
            "pure".to_owned()
        } else {
            format!("<{}>", self.effect_names(&self.frame.effects))
        }
    }

    /// Judges the performing of one operation.
    fn performs_operation(&mut self, effect: EffectId, span: Span, what: &str) {
        let known = |e: &EffectInst| e.effect == effect;
        if self.frame.handled.iter().any(|h| known(&h.effect))
            || self.frame.effects.iter().any(known)
        {
            return;
        }
        let name = self.ctx.program.effects[effect.index()].name.to_string();
        let at = self.at(span);
        if self.frame.in_predicate && !self.frame.in_closure {
            return self.ctx.report(report::impure_predicate(at, &name));
        }
        if self.frame.effects.is_empty() && self.frame.handled.is_empty() {
            self.frame.performed.push(EffectInst { effect, args: Vec::new() });
            return;
        }
        let declared = self.declared_row();
        self.ctx.report(report::call_exceeds_row(at, what, &name, &declared));
    }

    /// Whether a bare name is an operation of some effect in scope.
    pub(super) fn is_operation(&self, name: &str) -> bool {
        self.ctx.program.effects.iter().any(|e| {
            let visible = e.module.is_none_or(|m| m == self.module);
            visible && e.ops.iter().any(|op| op.name == name)
        })
    }

    /// A bare call of an effect operation.
    pub(super) fn bare_operation(
        &mut self,
        name: &Name,
        args: &[ast::ExprId],
        span: Span,
    ) -> ExprId {
        let has = |this: &Self, effect: EffectId| {
            let ops = &this.ctx.program.effects[effect.index()].ops;
            ops.iter().position(|op| op.name == name.text)
        };
        let handled = self.frame.handled.iter().rev().map(|h| h.effect.effect);
        let candidates: Vec<EffectId> =
            handled.chain(self.frame.effects.iter().map(|e| e.effect)).collect();
        let mut found = candidates.into_iter().find(|e| has(self, *e).is_some());
        if found.is_none() {
            let all = (0..self.ctx.program.effects.len() as u32).map(EffectId);
            found = all
                .filter(|e| {
                    let module = self.ctx.program.effects[e.index()].module;
                    module.is_none_or(|m| m == self.module)
                })
                .find(|e| has(self, *e).is_some());
        }
        let Some(effect) = found else { return self.args_of_unknown(args, span) };
        let op = has(self, effect).expect("the effect was chosen for this operation");
        let handled_here = self.frame.handled.iter().any(|h| h.effect.effect == effect);
        let bare = matches!(name.text.as_str(), "get" | "put" | "throw");
        if !handled_here && !bare {
            let owner = self.ctx.program.effects[effect.index()].name.clone();
            let at = self.at(span);
            self.ctx.report(report::must_qualify(at, &owner, &name.text));
        }
        self.operation(effect, op, args, span)
    }

    /// `Effect.op(args)`
    pub(super) fn qualified_call(
        &mut self,
        qualifier: &Name,
        name: &Name,
        args: &[ast::ExprId],
        span: Span,
    ) -> ExprId {
        let at = self.at(span);
        if let Some(effect) = self.ctx.effect_id(self.module, &qualifier.text) {
            let ops = &self.ctx.program.effects[effect.index()].ops;
            if let Some(op) = ops.iter().position(|op| op.name == name.text) {
                return self.operation(effect, op, args, span);
            }
            let known: Vec<String> = ops.iter().map(|op| op.name.to_string()).collect();
            self.ctx.report(report::unknown_operation(at, &qualifier.text, &name.text, &known));
            return self.args_of_unknown(args, span);
        }
        let ability = vera_builtins::ABILITIES.iter().find(|a| a.name == qualifier.text);
        let user = self.ctx.scopes[self.module.index()].abilities.get(&qualifier.text);
        let is_op = ability.is_some_and(|a| a.op == name.text)
            || user.is_some_and(|a| a.ops.iter().any(|(op, _)| *op == name.text));
        self.ctx.report(if is_op {
            types::qualified_ability(at, &qualifier.text, &name.text)
        } else {
            report::unknown_operation(at, &qualifier.text, &name.text, &[])
        });
        self.args_of_unknown(args, span)
    }

    /// The instance of an effect an operation here acts on.
    fn instance(&mut self, effect: EffectId) -> EffectInst {
        let handled = self.frame.handled.iter().rev().map(|h| &h.effect);
        let found = handled.chain(&self.frame.effects).find(|e| e.effect == effect).cloned();
        found.unwrap_or_else(|| {
            let count = self.ctx.program.effects[effect.index()].params.len();
            EffectInst { effect, args: (0..count).map(|_| self.fresh()).collect() }
        })
    }

    fn operation(
        &mut self,
        effect: EffectId,
        op: usize,
        args: &[ast::ExprId],
        span: Span,
    ) -> ExprId {
        let instance = self.instance(effect);
        let declared = &self.ctx.program.effects[effect.index()];
        let what = format!("`{}.{}`", declared.name, declared.ops[op].name);
        let name = declared.ops[op].name.clone();
        let params = declared.ops[op].params.clone();
        let ret = declared.ops[op].ret;
        let ret = self.ctx.program.types.subst(ret, &instance.args);
        self.performs_operation(effect, span, &what);
        if params.len() != args.len() {
            let at = self.at(span);
            self.ctx.report(report::operation_count(at, &what, params.len(), args.len()));
            for arg in args {
                self.expr(*arg, None);
            }
            return self.push(ExprKind::Hole, ret, span);
        }
        let mut typed = Vec::new();
        for (i, (arg, param)) in args.iter().zip(params).enumerate() {
            let param = self.ctx.program.types.subst(param, &instance.args);
            let e = self.expr(*arg, Some(param));
            typed.push(match self.coerce(e, param, NarrowSite::OperationArgument(name.clone())) {
                Some(e) => e,
                None => {
                    let found = self.ty(e);
                    let (want, found) = (self.show(param), self.show(found));
                    let at = self.at(self.tree.nodes[*arg].span);
                    self.ctx.report(report::operation_argument(at, &what, i, &want, &found));
                    e
                }
            });
        }
        self.push(ExprKind::Perform { effect: instance, op: op as u32, args: typed }, ret, span)
    }

    /// `resume(value)`, or `None` outside a handler clause.
    pub(super) fn resume(&mut self, args: &[ast::ExprId], span: Span) -> Option<ExprId> {
        let want = self.frame.resume?;
        let at = self.at(span);
        let [arg] = args else {
            self.ctx.report(crate::diagnostics::calls::argument_count(at, "resume", 1, args.len()));
            return Some(self.args_of_unknown(args, span));
        };
        let e = self.expr(*arg, Some(want));
        let e = match self.coerce(e, want, NarrowSite::ResumeValue) {
            Some(e) => e,
            None => {
                let found = self.ty(e);
                let (want, found) = (self.show(want), self.show(found));
                let at = self.at(self.tree.nodes[*arg].span);
                let report =
                    crate::diagnostics::calls::argument_type(at, "resume", 0, &want, &found);
                self.ctx.report(report);
                e
            }
        };
        Some(self.push(ExprKind::Resume(e), Ty::NEVER, span))
    }

    /// A hint for a slot of a handler's state type used in the handled body.
    pub(super) fn handler_state_hint(&self, slot: &str) -> bool {
        self.frame.handled.iter().any(|h| h.state.as_deref() == Some(slot))
    }

    pub(super) fn handle(
        &mut self,
        handle: &ast::Handle,
        expected: Option<Ty>,
        span: Span,
    ) -> ExprId {
        let at = self.at(handle.effect.span);
        if self.ctx.effect_id(self.module, &handle.effect.name.text).is_none() {
            self.ctx.report(report::unknown_handled(at, &handle.effect.name.text));
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
        let state = handle.state.as_ref().map(|s| self.handler_state(s, &effect));
        let state_slot = handle.state.as_ref().map(|s| self.slot_name(s.ty));
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
                self.ctx.report(crate::diagnostics::declare::declared_twice(
                    at,
                    "handler clause",
                    &clause.op.text,
                    at,
                ));
                continue;
            }
            let state = state.as_ref().map(|(ty, _)| *ty);
            let typed = self.clause(clause, op, &effect, state, state_slot.clone(), expected);
            clause_types.push((self.ty(typed.body), clause.span));
            clauses.push(typed);
        }
        self.frame.handled.push(Handled { effect: effect.clone(), state: state_slot });
        let body = self.scoped(|this| this.block(&handle.body, expected));
        self.frame.handled.pop();
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
                self.ctx.report(crate::diagnostics::control::arm_type(at, &want, &found));
            }
        }
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
        let is_state = self.ctx.program.effects[effect.effect.index()].name == "State";
        if is_state && effect.args.first().is_some_and(|cell| *cell != ty) {
            let (want, found) = (self.show(effect.args[0]), self.show(ty));
            let at = self.at(state.span);
            self.ctx.report(report::state_diverges(at, &want, &found));
        }
        (ty, init)
    }

    fn clause(
        &mut self,
        clause: &ast::HandlerClause,
        op: usize,
        effect: &EffectInst,
        state: Option<Ty>,
        state_slot: Option<SmolStr>,
        expected: Option<Ty>,
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
        let resume = self.frame.resume.replace(op_ret);
        let body = self.scoped(|this| this.expr(clause.body, expected));
        self.frame.resume = resume;
        let update = clause
            .update
            .as_ref()
            .and_then(|(ty, e)| self.state_update(*ty, *e, state, state_slot.as_deref()));
        self.slots.truncate(depth);
        HandlerClause { op: op as u32, params, state: state_local, body, update, span: clause.span }
    }

    fn state_update(
        &mut self,
        ty: ast::TypeId,
        value: ast::ExprId,
        state: Option<Ty>,
        slot: Option<&str>,
    ) -> Option<ExprId> {
        let (Some(state), Some(slot)) = (state, slot) else {
            let at = self.at(self.tree.nodes[ty].span);
            self.ctx.report(report::update_without_state(at));
            return None;
        };
        let written = self.slot_name(ty);
        if written != slot {
            let at = self.at(self.tree.nodes[ty].span);
            self.ctx.report(report::update_name(at, &written, slot));
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

    pub(super) fn old_or_new(&mut self, effect: &ast::EffectRef, old: bool, span: Span) -> ExprId {
        let at = self.at(span);
        let Some(instance) = resolve::resolve_effect(self.ctx, &mut self.types, effect) else {
            return self.unknown(span);
        };
        if !self.in_ensures {
            self.ctx.report(report::state_outside_ensures(at, old));
            return self.unknown(span);
        }
        let declared = match self.owner {
            super::Owner::Fn(id) => self.ctx.program.function(id).effects.clone(),
            super::Owner::Refinement(_) => Vec::new(),
        };
        let is_state = self.ctx.program.effects[instance.effect.index()].name == "State";
        if !is_state || !self.row_has(&declared, &instance) {
            let shown = self.effect_names(&declared);
            let wanted = self.effect_names(std::slice::from_ref(&instance));
            self.ctx.report(report::undeclared_state(at, old, &wanted, &shown));
        }
        let ty = instance.args.first().copied().unwrap_or(Ty::UNKNOWN);
        let kind = if old { ExprKind::Old(instance) } else { ExprKind::New(instance) };
        self.push(kind, ty, span)
    }
}
