//! Run-time checks: contracts, refinements and `Nat` guards (language
//! reference, chapter 14.6).

use std::collections::HashMap;

use vera_abi::trap::TrapKind;
use vera_check::typed::{Clause, ExprId, LocalId, NarrowSite, RefinementId};
use vera_check::types::{Ty as VeraTy, TyKind};

use super::data::Repr;
use super::functions::FnLower;
use super::structural::Structural;
use crate::ir::*;

impl<'a> FnLower<'_, 'a> {
    /// A `requires` or `ensures` clause.
    pub(super) fn contract(&mut self, what: &str, word: &str, predicate: ExprId, clause: &Clause) {
        if self.is_trivial(predicate) {
            return;
        }
        let before = self.place(clause.span);
        let holds = self.value(predicate);
        let message =
            format!("{what} violation in {}\n  {word}({}) failed", self.signature, clause.text);
        self.explain(holds, predicate);
        self.b.guard(holds, TrapKind::ContractViolation, Some(message));
        self.b.loc = before;
    }

    /// The check of a refined parameter. A `Nat` parameter is guarded where an
    /// `Int` flows into it.
    pub(super) fn parameter_check(&mut self, param: LocalId) {
        let ty = self.local_ty(param);
        let Some(Some(value)) = self.locals.get(&param).copied() else { return };
        if matches!(self.lo.types.kind(ty), TyKind::Refined(..)) {
            let head = format!("Refinement violation in {}\n  parameter: ", self.signature);
            self.refinement_check(value, ty, &head);
        }
    }

    /// The check of a closure's parameter. It is applied under any type it fits,
    /// so a `Nat` is guarded here too.
    pub(super) fn closure_parameter_check(&mut self, param: LocalId) {
        let ty = self.local_ty(param);
        match (self.lo.types.kind(ty), self.locals.get(&param).copied().flatten()) {
            (TyKind::Nat, Some(value)) => {
                let before = self.place(self.body[param].span);
                self.nat_guard(value);
                self.b.loc = before;
            }
            _ => self.parameter_check(param),
        }
    }

    /// The check of a cell that starts as zero.
    pub(super) fn zero_check(&mut self, zero: ValueId, ty: VeraTy) {
        let base = self.lo.types.base(ty);
        self.narrow_value(zero, base, ty, &NarrowSite::HandlerState);
    }

    /// The check of a refined result.
    pub(super) fn result_check(&mut self, ret: VeraTy) {
        let ret = self.subst(ret);
        if let Some(value) = self.result
            && matches!(self.lo.types.kind(ret), TyKind::Refined(..))
        {
            let head = format!("Refinement violation in {}\n  return value: ", self.signature);
            self.refinement_check(value, ret, &head);
        }
    }

    /// Checks every predicate of a refined type, innermost base first.
    fn refinement_check(&mut self, value: ValueId, ty: VeraTy, head: &str) {
        match self.lo.types.kind(ty).clone() {
            TyKind::Refined(base, id, args) => {
                self.refinement_check(value, base, head);
                let (holds, text) = self.refinement_holds(id, &args, value);
                let range = match self.lo.types.kind(base) {
                    TyKind::Nat => "@Nat.0 >= 0 && ",
                    TyKind::Byte => "@Byte.0 >= 0 && @Byte.0 <= 255 && ",
                    _ => "",
                };
                let message = format!("{head}{range}{text} failed");
                let label = format!("@{}.0", self.lo.show(base));
                self.explain_value(holds, &label, base, value);
                self.b.guard(holds, TrapKind::ContractViolation, Some(message));
            }
            TyKind::Nat => self.nat_guard(value),
            _ => {}
        }
    }

    /// Checks that a value just made, or supplied, satisfies the invariant of its type.
    pub(super) fn invariant_check(
        &mut self,
        value: ValueId,
        ty: VeraTy,
        place: impl FnOnce() -> String,
    ) {
        let Some((invariant, _)) = self.lo.invariant(ty) else { return };
        let program = self.lo.program;
        let text = program.refinements[invariant.index()].written(program, self.lo.sources);
        let message = format!("Invariant violation in {}\n  invariant({text}) failed", place());
        let func = self.lo.structural(Structural::Invariant, self.lo.types.base(ty));
        let holds = self.b.one(Op::Call { func, args: vec![value] }, Ty::I32);
        let base = self.lo.types.base(ty);
        let label = format!("@{}.0", self.lo.show(base));
        self.explain_value(holds, &label, base, value);
        self.b.guard(holds, TrapKind::ContractViolation, Some(message));
    }

    /// `invariant(value) -> holds`
    pub(super) fn invariant_function(&mut self, ty: VeraTy) {
        let param = self.lo.repr(ty).ty().expect("a value of a data type takes space");
        let value = self.b.param(param);
        self.b.func.results = vec![Ty::I32];
        let (invariant, args) = self.lo.invariant(ty).expect("the type has an invariant");
        let (holds, _) = self.refinement_holds(invariant, &args, value);
        self.b.end(Terminator::Return(vec![holds]));
    }

    pub(super) fn nat_guard(&mut self, value: ValueId) {
        let zero = self.b.i64(0);
        let natural = self.b.binary(BinaryOp::GeI64, value, zero);
        self.explain_value(natural, "the value", VeraTy::INT, value);
        self.b.guard(natural, TrapKind::NatGuard, None);
    }

    /// 1 when a value of the base belongs to a refined type.
    pub(super) fn in_refinement(&mut self, value: ValueId, ty: VeraTy) -> ValueId {
        let TyKind::Refined(base, id, args) = self.lo.types.kind(ty).clone() else {
            return self.b.i32(1);
        };
        let inside = self.in_refinement(value, base);
        self.b.open();
        let (holds, _) = self.refinement_holds(id, &args, value);
        let then = Box::new(self.b.close(vec![holds]));
        self.b.open();
        let no = self.b.i32(0);
        let otherwise = Box::new(self.b.close(vec![no]));
        self.b.one(Op::If { cond: inside, then, otherwise }, Ty::I32)
    }

    /// Evaluates a refinement's predicate for a value.
    fn refinement_holds(
        &mut self,
        id: RefinementId,
        args: &[VeraTy],
        value: ValueId,
    ) -> (ValueId, String) {
        let program = self.lo.program;
        let refinement = &program.refinements[id.index()];
        let body = std::mem::replace(&mut self.body, &refinement.body);
        let module = std::mem::replace(&mut self.module, refinement.module);
        let type_args = std::mem::replace(&mut self.type_args, args.to_vec());
        let locals =
            std::mem::replace(&mut self.locals, HashMap::from([(refinement.binder, Some(value))]));
        let families = std::mem::take(&mut self.families);
        self.number_effects(&[]);
        let holds = self.value(refinement.predicate);
        self.families = families;
        self.body = body;
        self.module = module;
        self.type_args = type_args;
        self.locals = locals;
        (holds, refinement.text.clone())
    }

    /// A value on its way into a narrower type.
    pub(super) fn narrow(
        &mut self,
        e: ExprId,
        value: ExprId,
        site: &NarrowSite,
    ) -> Option<ValueId> {
        let binding = self.binding.take();
        let lowered = self.expr(value)?;
        self.binding = binding;
        let (from, to) = (self.ty(value), self.ty(e));
        let before = self.place(self.body[e].span);
        let narrowed = self.narrowed(lowered, from, to, site);
        self.b.loc = before;
        Some(narrowed)
    }

    /// A value of type `from` as one of type `to`, checked.
    pub(super) fn narrowed(
        &mut self,
        value: ValueId,
        from: VeraTy,
        to: VeraTy,
        site: &NarrowSite,
    ) -> ValueId {
        if from == to {
            return value;
        }
        let value = self.adapted(value, from, to);
        self.narrow_value(value, from, to, site);
        value
    }

    /// Checks that a value of type `from` is one of type `to`.
    pub(super) fn narrow_value(
        &mut self,
        value: ValueId,
        from: VeraTy,
        to: VeraTy,
        site: &NarrowSite,
    ) {
        let natural = matches!(self.lo.types.base_kind(from), TyKind::Nat);
        match self.lo.types.kind(to).clone() {
            TyKind::Nat if !natural => self.nat_guard(value),
            TyKind::Refined(base, ..) => {
                let whole = self.lo.types.base(to);
                if self.lo.repr(whole) == Repr::Ref && self.lo.types.base(from) != whole {
                    self.narrow_value(value, from, whole, site);
                }
                // The callee, and the function itself at its end, check these.
                let elsewhere = matches!(site, NarrowSite::Argument | NarrowSite::Return);
                if elsewhere {
                    return;
                }
                let binding = self.binding.take();
                let shown = match site {
                    NarrowSite::Let
                    | NarrowSite::Field(_)
                    | NarrowSite::MatchBinding
                    | NarrowSite::SubPattern(_)
                    | NarrowSite::Destructure(_) => {
                        binding.map_or_else(|| self.lo.show(base), |s| s.to_string())
                    }
                    NarrowSite::Thrown
                    | NarrowSite::StatePut
                    | NarrowSite::HandlerState
                    | NarrowSite::StateUpdate => self.lo.show(to),
                    NarrowSite::Argument
                    | NarrowSite::Return
                    | NarrowSite::ArrayElement
                    | NarrowSite::BuiltinArgument
                    | NarrowSite::AppliedArgument
                    | NarrowSite::OperationArgument(_)
                    | NarrowSite::ResumeValue
                    | NarrowSite::Join => self.lo.show(base),
                };
                let place = site_words(site, &shown);
                self.refinement_check(value, to, &format!("Refinement violation in {place}: "));
            }
            TyKind::Future(to) => {
                if let TyKind::Future(from) = *self.lo.types.base_kind(from)
                    && self.lo.repr(from) != Repr::Zero
                {
                    let value = self.awaited(from, value);
                    self.narrow_value(value, from, to, site);
                }
            }
            // A container of values: each of them.
            TyKind::Array(_)
            | TyKind::Tuple(_)
            | TyKind::Data(..)
            | TyKind::Map(..)
            | TyKind::Set(_) => self.check_parts(value, to),
            _ => {}
        }
    }

    /// Checks every value inside a compound one against its type.
    pub(super) fn check_parts(&mut self, value: ValueId, ty: VeraTy) {
        if !self.is_checked(ty) || self.lo.repr(ty) == Repr::Zero {
            return;
        }
        if let TyKind::Future(inner) = *self.lo.types.base_kind(ty) {
            let value = self.awaited(inner, value);
            self.check_part(value, inner);
        } else if self.lo.repr(ty) == Repr::Ref {
            let func = self.part_check(ty);
            self.b.none(Op::Call { func, args: vec![value] });
        } else if self.checks_supplied {
            self.invariant_check(value, ty, || "component".to_owned());
        }
    }

    /// Checks a part of a compound value against its type.
    pub(super) fn check_part(&mut self, value: ValueId, ty: VeraTy) {
        match self.lo.types.kind(ty).clone() {
            TyKind::Nat => self.nat_guard(value),
            TyKind::Refined(base, ..) => {
                let whole = self.lo.types.base(ty);
                self.check_parts(value, whole);
                let shown = self.lo.show(base);
                let head = format!("Refinement violation in component\n  @{shown} binding: ");
                self.refinement_check(value, ty, &head);
            }
            _ => self.check_parts(value, ty),
        }
    }
}

/// How messages name a place where a value narrows, and the type it narrows to.
fn site_words(site: &NarrowSite, shown: &str) -> String {
    let place = match site {
        NarrowSite::Let => "let binding".to_owned(),
        NarrowSite::Argument | NarrowSite::BuiltinArgument | NarrowSite::AppliedArgument => {
            "argument".to_owned()
        }
        NarrowSite::Return => "return value".to_owned(),
        NarrowSite::Field(ctor) => format!("{ctor}(…) construction"),
        NarrowSite::ArrayElement => "array element store".to_owned(),
        NarrowSite::Destructure(head) => format!("let {head}(…) destructure"),
        NarrowSite::OperationArgument(op) => format!("{op}(…) argument"),
        NarrowSite::Thrown => return format!("throw(@{shown})\n  payload"),
        NarrowSite::StatePut => "State put(…) write".to_owned(),
        NarrowSite::HandlerState => "State cell init".to_owned(),
        NarrowSite::StateUpdate => "State with(…) override".to_owned(),
        NarrowSite::ResumeValue => "resume(…) value".to_owned(),
        NarrowSite::Join => "branch value".to_owned(),
        NarrowSite::MatchBinding => "match binding pattern".to_owned(),
        NarrowSite::SubPattern(ctor) => format!("constructor sub-pattern {ctor}(…)"),
    };
    format!("{place}\n  @{shown} binding")
}
