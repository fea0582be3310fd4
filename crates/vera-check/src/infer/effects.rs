//! Effect rows in force, operations, `old` and `new` (language reference,
//! chapter 10).

use smol_str::SmolStr;
use vera_diagnostics::Span;
use vera_syntax::ast::{self, Name};

use super::Infer;
use super::handlers::Resume;
use crate::context::Mark;
use crate::diagnostics::repairs::WrittenRow;
use crate::diagnostics::{effects as report, nearest, repairs, types};
use crate::typed::{EffectId, EffectInst, ExprId, ExprKind, NarrowSite};
use crate::types::{Row, Ty, TyKind};

/// What the function or closure being walked may perform.
pub(super) struct Frame {
    /// The declared row, in source order.
    pub effects: Vec<EffectInst>,
    /// Where it is written; nothing for a predicate.
    pub row: Option<Span>,
    /// Effects of the handled bodies around this point, innermost last.
    pub handled: Vec<Handled>,
    /// What was performed against a `pure` row.
    performed: Vec<EffectInst>,
    /// For each effect of the row, what performs it first.
    first: Vec<(EffectId, String)>,
    /// In a contract or other predicate, which must be pure whatever the row.
    pub in_predicate: bool,
    pub in_closure: bool,
    /// Of the handler clause being walked.
    pub resume: Option<Resume>,
}

/// An effect handled around the code being walked.
pub(super) struct Handled {
    pub effect: EffectInst,
    /// Slot name of the state, for a hint.
    pub state: Option<SmolStr>,
}

impl Frame {
    pub fn of_row(effects: Vec<EffectInst>, row: Option<Span>) -> Frame {
        Frame {
            effects,
            row,
            handled: Vec::new(),
            performed: Vec::new(),
            first: Vec::new(),
            in_predicate: false,
            in_closure: false,
            resume: None,
        }
    }

    pub fn predicate() -> Frame {
        Frame { in_predicate: true, ..Frame::of_row(Vec::new(), None) }
    }

    /// What performs an effect of the row first.
    pub fn performer(&self, effect: EffectId) -> Option<&str> {
        self.first.iter().find(|(e, _)| *e == effect).map(|(_, what)| what.as_str())
    }

    fn note(&mut self, effect: EffectId, what: &str) {
        if !self.handled.iter().any(|h| h.effect.effect == effect)
            && self.effects.iter().any(|e| e.effect == effect)
            && self.performer(effect).is_none()
        {
            self.first.push((effect, what.to_owned()));
        }
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
            self.frame.note(effect.effect, what);
            self.effect_log.push(Some(effect.effect));
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
        let row = self.written_row();
        self.ctx.report(report::call_exceeds_row(at, what, &names, &declared, row));
        if self.frame.handled.is_empty() {
            self.frame.performed.extend(missing);
        }
    }

    /// The row in force, as it is written.
    pub(super) fn written_row(&self) -> Option<WrittenRow> {
        let pure = self.frame.effects.is_empty();
        self.frame.row.map(|span| WrittenRow { at: self.at(span), pure })
    }

    /// Whether the row in force allows the effect.
    pub(super) fn row_in_force_has(&mut self, effect: &EffectInst) -> bool {
        let handled: Vec<EffectInst> =
            self.frame.handled.iter().map(|h| h.effect.clone()).collect();
        let declared = self.frame.effects.clone();
        self.row_has(&handled, effect) || self.row_has(&declared, effect)
    }

    pub(super) fn declared_row(&self) -> String {
        if self.frame.effects.is_empty() {
            "pure".to_owned()
        } else {
            format!("<{}>", self.effect_names(&self.frame.effects))
        }
    }

    /// Notes the performing of one operation; whether the row in force has its effect.
    fn performs_operation(&mut self, effect: EffectId, what: &str) -> bool {
        self.frame.note(effect, what);
        self.effect_log.push(Some(effect));
        let known = |e: &EffectInst| e.effect == effect;
        self.frame.handled.iter().any(|h| known(&h.effect)) || self.frame.effects.iter().any(known)
    }

    /// Tells of an operation that the row in force lacks, before what was said of its
    /// arguments since `mark`: only they say at which types it is performed.
    fn lacks_operation(&mut self, performed: EffectInst, span: Span, what: &str, mark: Mark) {
        let at = self.at(span);
        if self.frame.in_predicate && !self.frame.in_closure {
            let name = &self.ctx.program.effects[performed.effect.index()].name;
            let report = report::impure_predicate(at, name);
            return self.ctx.report_before(mark, report);
        }
        let name = self.effect_names(std::slice::from_ref(&performed));
        if self.frame.effects.is_empty() && self.frame.handled.is_empty() {
            self.frame.performed.push(performed);
            return;
        }
        let declared = self.declared_row();
        let report = report::call_exceeds_row(at, what, &name, &declared, self.written_row());
        self.ctx.report_before(mark, report);
    }

    /// The effect of an operation that nothing in force declares, at the types that its
    /// arguments, the expected result or another such operation tell.
    fn performed_instance(
        &mut self,
        effect: EffectId,
        (params, args): (&[Ty], &[ExprId]),
        (ret, expected): (Ty, Option<Ty>),
    ) -> EffectInst {
        let found: Vec<Ty> = args.iter().map(|arg| self.ty(*arg)).collect();
        let told = params.iter().copied().zip(found).chain(expected.map(|ty| (ret, ty)));
        let told: Vec<(Ty, Ty)> = told.collect();
        let count = self.ctx.program.effects[effect.index()].params.len() as u32;
        let before = self.frame.performed.iter().find(|e| e.effect == effect).cloned();
        let args = (0..count).map(|index| {
            let types = &self.ctx.program.types;
            let is_param = |ty: &Ty| matches!(types.kind(*ty), TyKind::Param(i, _) if *i == index);
            let ty = told.iter().find(|(param, _)| is_param(param)).map(|(_, found)| *found);
            let ty = ty.map(|ty| self.literals_as_int(ty)).filter(|ty| !self.is_open(*ty));
            let ty = ty.filter(|ty| *ty != Ty::UNKNOWN && *ty != Ty::NEVER);
            ty.or(before.as_ref().map(|e| e.args[index as usize])).unwrap_or(Ty::INT)
        });
        EffectInst { effect, args: args.collect() }
    }

    /// A hint for a slot of a handler's state type used in the handled body.
    pub(super) fn handler_state_hint(&self, slot: &str) -> bool {
        self.frame.handled.iter().any(|h| h.state.as_deref() == Some(slot))
    }

    /// E340: an effect of this file has no meaning for a host, so it must be
    /// handled before it reaches the entry point.
    pub(super) fn unhandled_effects(&mut self, decl: &ast::FnDecl, frame: &Frame) {
        for effect in &decl.effects.effects {
            let own = &self.ctx.scopes[self.module.index()].effects;
            let Some(id) = own.get(&effect.name.text).copied() else { continue };
            let source = frame.performer(id);
            let at = self.at(effect.span);
            let name = &effect.name.text;
            self.ctx.report(types::unhandled_at_entry(at, name, &decl.name.text, source));
        }
    }

    /// Whether a bare name is an operation of some effect in scope.
    pub(super) fn is_operation(&self, name: &str) -> bool {
        let mut effects = (0..).map(EffectId).zip(&self.ctx.program.effects);
        effects.any(|(id, e)| e.ops.iter().any(|op| op.name == name) && self.is_visible(id))
    }

    /// Whether an effect is built in or declared in this file.
    fn is_visible(&self, id: EffectId) -> bool {
        let name = &self.ctx.program.effects[id.index()].name;
        self.ctx.effect_id(self.module, name) == Some(id)
    }

    /// A bare call of an effect operation.
    pub(super) fn bare_operation(
        &mut self,
        name: &Name,
        args: &[ast::ExprId],
        expected: Option<Ty>,
        span: Span,
    ) -> ExprId {
        let has = |this: &Self, effect: EffectId| {
            let ops = &this.ctx.program.effects[effect.index()].ops;
            ops.iter().position(|op| op.name == name.text)
        };
        // Handled effects, then the row, then whatever declares the operation; of
        // these an effect whose operations may be called bare here comes first.
        let handled = self.frame.handled.iter().rev().map(|h| h.effect.effect);
        let in_force = handled.chain(self.frame.effects.iter().map(|e| e.effect));
        let count = self.ctx.program.effects.len() as u32;
        let visible = (0..count).map(EffectId).filter(|e| self.is_visible(*e));
        let candidates: Vec<EffectId> =
            in_force.chain(visible).filter(|e| has(self, *e).is_some()).collect();
        let bare = |e: &EffectId| {
            let effect = &self.ctx.program.effects[e.index()];
            self.frame.handled.iter().any(|h| h.effect.effect == *e)
                || (effect.module.is_none() && matches!(effect.name.as_str(), "State" | "Exn"))
        };
        let callable = candidates.iter().find(|e| bare(e)).copied();
        let Some(effect) = callable.or(candidates.first().copied()) else {
            return self.args_of_unknown(args, span);
        };
        let op = has(self, effect).expect("the effect was chosen for this operation");
        if callable.is_none() {
            let owner = self.ctx.program.effects[effect.index()].name.clone();
            let at = self.at(span);
            let written = self.at(name.span);
            self.ctx.report(report::must_qualify(at, &owner, &name.text, written));
        }
        self.operation(effect, op, args, expected, span)
    }

    /// `Effect.op(args)`
    pub(super) fn qualified_call(
        &mut self,
        qualifier: &Name,
        name: &Name,
        args: &[ast::ExprId],
        expected: Option<Ty>,
        span: Span,
    ) -> ExprId {
        let at = self.at(span);
        if let Some(effect) = self.ctx.effect_id(self.module, &qualifier.text) {
            let ops = &self.ctx.program.effects[effect.index()].ops;
            if let Some(op) = ops.iter().position(|op| op.name == name.text) {
                return self.operation(effect, op, args, expected, span);
            }
            let known: Vec<String> = ops.iter().map(|op| op.name.to_string()).collect();
            let near = nearest(&name.text, known.iter().map(String::as_str));
            let mut report = report::unknown_operation(at, &qualifier.text, &name.text, &known);
            report.fixes = repairs::rename(self.at(name.span), &near);
            self.ctx.report(report);
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

    /// The instances of an effect that an operation here may act on; without more to
    /// go by it is the first.
    fn instances(&self, effect: EffectId) -> Vec<EffectInst> {
        let handled = self.frame.handled.iter().rev().map(|h| &h.effect);
        let mut found: Vec<EffectInst> = Vec::new();
        for known in handled.chain(&self.frame.effects).filter(|e| e.effect == effect) {
            if !found.contains(known) {
                found.push(known.clone());
            }
        }
        found
    }

    /// Of several instances the only one whose operation takes these arguments and
    /// has the result that is expected: the operation's own result type and that.
    fn fitting_instance(
        &mut self,
        instances: &[EffectInst],
        params: &[Ty],
        args: &[ExprId],
        result: Option<(Ty, Ty)>,
    ) -> Option<EffectInst> {
        let mut found = Vec::new();
        for arg in args {
            let ty = self.ty(*arg);
            let ty = self.literals_as_int(ty);
            if self.is_open(ty) {
                return None;
            }
            found.push(ty);
        }
        let result = result.filter(|(_, expected)| !self.is_open(*expected));
        let mut fitting = instances.iter().filter(|instance| {
            let yields = result.is_none_or(|(ret, expected)| {
                let ret = self.ctx.program.types.subst(ret, &instance.args);
                self.subtype(ret, expected)
            });
            yields
                && params.iter().zip(&found).all(|(param, found)| {
                    let param = self.ctx.program.types.subst(*param, &instance.args);
                    self.subtype(*found, param)
                })
        });
        fitting.next().filter(|_| fitting.next().is_none()).cloned()
    }

    fn operation(
        &mut self,
        effect: EffectId,
        op: usize,
        args: &[ast::ExprId],
        expected: Option<Ty>,
        span: Span,
    ) -> ExprId {
        let instances = self.instances(effect);
        let params = self.ctx.program.effects[effect.index()].ops[op].params.clone();
        // With several instances the arguments decide, so they come first.
        let early: Option<Vec<ExprId>> = (instances.len() > 1 && params.len() == args.len())
            .then(|| args.iter().map(|arg| self.expr(*arg, None)).collect());
        let ret = self.ctx.program.effects[effect.index()].ops[op].ret;
        let fitting = early.as_ref().and_then(|typed| {
            self.fitting_instance(&instances, &params, typed, expected.map(|ty| (ret, ty)))
        });
        let known = fitting.or(instances.first().cloned());
        let declared = &self.ctx.program.effects[effect.index()];
        let instance = known.clone().unwrap_or_else(|| EffectInst {
            effect,
            args: vec![Ty::UNKNOWN; declared.params.len()],
        });
        let builtin = declared.module.is_none().then(|| declared.name.clone());
        let what = format!("`{}.{}`", declared.name, declared.ops[op].name);
        let name = declared.ops[op].name.clone();
        let ret = declared.ops[op].ret;
        let mark = self.ctx.mark();
        let allowed = self.performs_operation(effect, &what);
        let declared_ret = ret;
        let ret = self.ctx.program.types.subst(ret, &instance.args);
        if params.len() != args.len() {
            let at = self.at(span);
            self.ctx.report(report::operation_count(at, &what, params.len(), args.len()));
            let typed: Vec<ExprId> = args.iter().map(|arg| self.expr(*arg, None)).collect();
            if !allowed {
                let told = (declared_ret, expected);
                let performed = self.performed_instance(effect, (&params, &typed), told);
                self.lacks_operation(performed, span, &what, mark);
            }
            return self.push(ExprKind::Hole, ret, span);
        }
        let mut typed = Vec::new();
        for (i, (arg, param)) in args.iter().zip(&params).enumerate() {
            let param = self.ctx.program.types.subst(*param, &instance.args);
            let e = match &early {
                Some(typed) => typed[i],
                None => self.expr(*arg, Some(param)),
            };
            let site = match builtin.as_deref() {
                Some("Exn") => NarrowSite::Thrown,
                Some("State") => NarrowSite::StatePut,
                Some(_) | None => NarrowSite::OperationArgument(name.clone()),
            };
            typed.push(match self.coerce(e, param, site) {
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
        if !allowed {
            let told = (declared_ret, expected);
            let performed = self.performed_instance(effect, (&params, &typed), told);
            self.lacks_operation(performed, span, &what, mark);
        }
        if builtin.as_deref() == Some("DB") && params.len() == 2 {
            // The operations that take SQL and its parameters.
            self.sql(&name, args, &typed, span);
        }
        self.push(ExprKind::Perform { effect: instance, op: op as u32, args: typed }, ret, span)
    }

    pub(super) fn old_or_new(&mut self, effect: &ast::EffectRef, old: bool, span: Span) -> ExprId {
        let at = self.at(span);
        if !self.in_ensures {
            self.ctx.report(report::state_outside_ensures(at, old));
        }
        let args: Vec<Ty> = effect.args.iter().map(|a| self.resolve_type(*a)).collect();
        let ty = args.first().copied().unwrap_or(Ty::UNKNOWN);
        let declared = match self.owner {
            super::Owner::Fn(id) => self.ctx.program.function(id).effects.clone(),
            super::Owner::Refinement(_) => Vec::new(),
        };
        let state = match &effect.qualifier {
            Some(_) => None,
            None => self.ctx.effect_id(self.module, &effect.name.text),
        };
        let instance = state
            .filter(|id| self.ctx.program.effects[id.index()].name == "State")
            .map(|effect| EffectInst { effect, args: args.clone() })
            .filter(|instance| self.row_has(&declared, instance));
        let Some(instance) = instance else {
            let declared = self.effect_names(&declared);
            let shown: Vec<String> = args.iter().map(|a| self.show(*a)).collect();
            let wanted = match shown.as_slice() {
                [] => effect.name.text.to_string(),
                args => format!("{}<{}>", effect.name.text, args.join(", ")),
            };
            self.ctx.report(report::undeclared_state(at, old, &wanted, &declared));
            return self.push(ExprKind::Hole, ty, span);
        };
        let kind = if old { ExprKind::Old(instance) } else { ExprKind::New(instance) };
        self.push(kind, ty, span)
    }
}
