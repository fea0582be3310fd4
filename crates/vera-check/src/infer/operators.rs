//! Operators and indexing (language reference, chapters 05.4 to 05.8).

use std::collections::HashSet;

use vera_diagnostics::Span;
use vera_syntax::ast::{self, BinaryOp, UnaryOp};

use super::Infer;
use crate::diagnostics::operators as report;
use crate::typed::{Ability, ExprId, ExprKind};
use crate::types::{Ty, TyKind};

impl Infer<'_> {
    pub(super) fn unary(&mut self, op: UnaryOp, operand: ast::ExprId, span: Span) -> ExprId {
        let hint = (op == UnaryOp::Not).then(|| self.hole_hint(operand, Ty::BOOL)).flatten();
        let typed = self.expr(operand, hint);
        let ty = self.ty(typed);
        let ty = self.settle(ty);
        let at = self.at(span);
        let result = match (op, self.shape(ty)) {
            (_, TyKind::Unknown) => Ty::UNKNOWN,
            (UnaryOp::Not, TyKind::Bool | TyKind::Never) => Ty::BOOL,
            (UnaryOp::Not, _) => {
                let shown = self.show(ty);
                self.ctx.report(report::not_needs_bool(at, &shown));
                Ty::BOOL
            }
            (UnaryOp::Neg, TyKind::Int | TyKind::Nat) => Ty::INT,
            (UnaryOp::Neg, TyKind::Float64) => Ty::FLOAT64,
            (UnaryOp::Neg, TyKind::Never) => Ty::NEVER,
            (UnaryOp::Neg, _) => {
                let shown = self.show(ty);
                self.ctx.report(report::negate_needs_number(at, &shown));
                Ty::UNKNOWN
            }
        };
        self.push(ExprKind::Unary { op, operand: typed }, result, span)
    }

    pub(super) fn binary(
        &mut self,
        op: BinaryOp,
        left: ast::ExprId,
        right: ast::ExprId,
        span: Span,
    ) -> ExprId {
        // Long chains lean to the left; walk them without recursion.
        let mut chain = vec![(op, right, span)];
        let mut first = left;
        while let ast::ExprKind::Binary { op, left, right } = &self.tree.nodes[first].kind {
            chain.push((*op, *right, self.tree.nodes[first].span));
            first = *left;
        }
        // A hole on the left has the type of the operand after it.
        let hint = match (&self.tree.nodes[first].kind, chain.last()) {
            (ast::ExprKind::Hole, Some((op, right, _))) => self.operand_hint(*op, *right),
            _ => None,
        };
        let mut typed = self.expr(first, hint);
        while let Some((op, right, span)) = chain.pop() {
            typed = self.binary_step(op, typed, right, span);
        }
        typed
    }

    /// An expected type for a hole; other expressions in such places have none.
    pub(super) fn hole_hint(&self, e: ast::ExprId, ty: Ty) -> Option<Ty> {
        matches!(self.tree.nodes[e].kind, ast::ExprKind::Hole).then_some(ty)
    }

    /// The type a hole takes from the operator and its right operand.
    fn operand_hint(&mut self, op: BinaryOp, right: ast::ExprId) -> Option<Ty> {
        match op {
            BinaryOp::And | BinaryOp::Or | BinaryOp::Implies => Some(Ty::BOOL),
            _ => match &self.tree.nodes[right].kind {
                ast::ExprKind::Int(_) => Some(Ty::INT),
                ast::ExprKind::Float(_) => Some(Ty::FLOAT64),
                ast::ExprKind::Str(_) | ast::ExprKind::Interpolated(_) => Some(Ty::STRING),
                ast::ExprKind::Bool(_) => Some(Ty::BOOL),
                ast::ExprKind::Slot { ty, index } => self.slot_type(*ty, *index),
                _ => None,
            },
        }
    }

    fn binary_step(
        &mut self,
        op: BinaryOp,
        left: ExprId,
        right: ast::ExprId,
        span: Span,
    ) -> ExprId {
        // A hole has the type its other operand asks for.
        let ty = match op {
            BinaryOp::And | BinaryOp::Or | BinaryOp::Implies => Ty::BOOL,
            _ => {
                let ty = self.ty(left);
                self.literals_as_int(ty)
            }
        };
        let hint = self.hole_hint(right, ty);
        let right = self.expr(right, hint);
        let mut compounds = false;
        let ty = match op {
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => {
                self.arithmetic(op, left, right, span)
            }
            BinaryOp::Eq | BinaryOp::Ne => {
                compounds = self.equality(op, left, right, span);
                Ty::BOOL
            }
            BinaryOp::Lt | BinaryOp::Gt | BinaryOp::Le | BinaryOp::Ge => {
                self.ordering(op, left, right, span)
            }
            BinaryOp::And | BinaryOp::Or | BinaryOp::Implies => {
                self.logic(op, left, span, true);
                self.logic(op, right, span, false);
                Ty::BOOL
            }
        };
        let compared = self.push(ExprKind::Binary { op, left, right }, ty, span);
        if compounds {
            self.body.compounds_compared.insert(compared);
        }
        compared
    }

    fn arithmetic(&mut self, op: BinaryOp, left: ExprId, right: ExprId, span: Span) -> Ty {
        let (l, r) = (self.ty(left), self.ty(right));
        let (l, r) = (self.settle(l), self.settle(r));
        let number = |k: &TyKind| matches!(k, TyKind::Int | TyKind::Nat | TyKind::Float64);
        let (lk, rk) = (self.shape(l), self.shape(r));
        match (&lk, &rk) {
            (TyKind::Unknown, _) | (_, TyKind::Unknown) => Ty::UNKNOWN,
            (TyKind::Nat, TyKind::Nat) => Ty::NAT,
            (TyKind::Int | TyKind::Nat, TyKind::Int | TyKind::Nat) => Ty::INT,
            (TyKind::Float64, TyKind::Float64) => Ty::FLOAT64,
            // What never comes is a number of the other's type.
            (TyKind::Never, TyKind::Never) => Ty::NEVER,
            (TyKind::Never, other) | (other, TyKind::Never) if number(other) => match other {
                TyKind::Nat => Ty::NAT,
                TyKind::Float64 => Ty::FLOAT64,
                _ => Ty::INT,
            },
            (a, b) => {
                let at = self.at(span);
                let (ls, rs) = (self.show(l), self.show(r));
                self.ctx.report(if number(a) && number(b) {
                    report::mixed_numbers(at, op, &ls, &rs)
                } else {
                    report::not_numbers(at, op, &ls, &rs)
                });
                Ty::UNKNOWN
            }
        }
    }

    /// Gives an open literal the type of a `Byte` on the other side, in
    /// predicates over bytes only; settles both.
    fn settle_both(&mut self, left: ExprId, right: ExprId) -> (Ty, Ty) {
        let (l, r) = (self.ty(left), self.ty(right));
        if self.byte_literals {
            let byte = |k: TyKind| k == TyKind::Byte;
            if byte(self.shape(l)) {
                self.subtype(r, Ty::BYTE);
            } else if byte(self.shape(r)) {
                self.subtype(l, Ty::BYTE);
            }
        }
        (self.settle_all(l), self.settle_all(r))
    }

    /// Whether the operands are of a type that only specifications compare.
    fn equality(&mut self, op: BinaryOp, left: ExprId, right: ExprId, span: Span) -> bool {
        let (l, r) = self.settle_both(left, right);
        if self.shape(l) == TyKind::Unknown || self.shape(r) == TyKind::Unknown {
            return false;
        }
        let at = self.at(span);
        // A generic call nothing determines is of an opaque type.
        let opaque = self.open_var(l).is_some() || self.open_var(r).is_some();
        if opaque || (!self.subtype(l, r) && !self.subtype(r, l)) {
            let (ls, rs) = (self.show(l), self.show(r));
            self.ctx.report(report::incomparable(at, op, &ls, &rs));
        } else if !self.has_ability(Ability::Eq, l) {
            if self.stated && self.is_comparable_in_contracts(l) {
                return true;
            }
            let shown = self.show(l);
            self.ctx.report(report::no_equality(at, &shown));
        }
        false
    }

    fn ordering(&mut self, op: BinaryOp, left: ExprId, right: ExprId, span: Span) -> Ty {
        let (l, r) = self.settle_both(left, right);
        let (lk, rk) = (self.shape(l), self.shape(r));
        let at = self.at(span);
        if lk == TyKind::Unknown || rk == TyKind::Unknown {
            return Ty::BOOL;
        }
        if !is_ordered(&lk) || !is_ordered(&rk) {
            let unordered = if is_ordered(&lk) { r } else { l };
            let shown = self.show(unordered);
            self.ctx.report(report::no_order(at, op, &shown));
        } else if !self.subtype(l, r) && !self.subtype(r, l) {
            let (ls, rs) = (self.show(l), self.show(r));
            self.ctx.report(report::incomparable(at, op, &ls, &rs));
        }
        Ty::BOOL
    }

    fn logic(&mut self, op: BinaryOp, operand: ExprId, at: Span, left: bool) {
        let ty = self.ty(operand);
        let ty = self.settle(ty);
        if self.open_var(ty).is_some() || !self.subtype(ty, Ty::BOOL) {
            let (at, shown) = (self.at(at), self.show(ty));
            self.ctx.report(report::logic_needs_bool(at, op, left, &shown));
        }
    }

    pub(super) fn index(&mut self, array: ast::ExprId, index: ast::ExprId, span: Span) -> ExprId {
        let (array_at, index_at) = (self.tree.nodes[array].span, self.tree.nodes[index].span);
        let array = self.expr(array, None);
        let hint = self.hole_hint(index, Ty::INT);
        let index = self.expr(index, hint);
        let array_ty = self.ty(array);
        let array_ty = self.settle_all(array_ty);
        let index_ty = self.ty(index);
        let index_ty = self.settle(index_ty);
        let element = match self.shape(array_ty) {
            TyKind::Array(element) => element,
            TyKind::Unknown => return self.unknown(span),
            // Typed as what it comes to, see `never.rs`.
            TyKind::Never => Ty::NEVER,
            _ => {
                let (at, shown) = (self.at(array_at), self.show(array_ty));
                self.ctx.report(report::not_indexable(at, &shown));
                return self.unknown(span);
            }
        };
        match self.shape(index_ty) {
            TyKind::Int | TyKind::Nat | TyKind::Never | TyKind::Unknown => {}
            _ => {
                let (at, shown) = (self.at(index_at), self.show(index_ty));
                self.ctx.report(report::index_type(at, &shown));
            }
        }
        self.push(ExprKind::Index { array, index }, element, span)
    }

    /// Whether a type has an ability (language reference, chapter 03.9).
    pub(super) fn has_ability(&mut self, ability: Ability, ty: Ty) -> bool {
        let ty = self.solved(ty);
        self.has_ability_under(ability, ty, false, &mut HashSet::new())
    }

    /// Whether contracts and assertions compare values of a type with `==`: arrays and
    /// tuples, too.
    fn is_comparable_in_contracts(&mut self, ty: Ty) -> bool {
        let ty = self.solved(ty);
        self.has_ability_under(Ability::Eq, ty, true, &mut HashSet::new())
    }

    /// `assumed` holds the types met so far: a type that recurs has what its other
    /// parts have, and one that lacks the ability ends the whole question.
    /// With `compounds`, arrays and tuples have what their parts have.
    fn has_ability_under(
        &mut self,
        ability: Ability,
        ty: Ty,
        compounds: bool,
        assumed: &mut HashSet<Ty>,
    ) -> bool {
        let structural = matches!(ability, Ability::Hash | Ability::Show);
        let parts = match self.shape(ty) {
            TyKind::Int | TyKind::Nat | TyKind::Byte | TyKind::Float64 | TyKind::String => {
                return true;
            }
            TyKind::Bool | TyKind::Unit => return ability != Ability::Ord,
            TyKind::Never | TyKind::Unknown | TyKind::Param(..) | TyKind::Meta(_) => return true,
            TyKind::Decimal => return structural,
            TyKind::Fn { .. } | TyKind::Refined(..) | TyKind::Undeclared(_) => return false,
            TyKind::Future(_) if ability == Ability::Ord => return false,
            TyKind::Set(_) | TyKind::Map(..) if !structural => return false,
            TyKind::Array(_) | TyKind::Tuple(_) if !structural && !compounds => return false,
            TyKind::Future(part) | TyKind::Array(part) | TyKind::Set(part) => vec![part],
            TyKind::Map(key, value) => vec![key, value],
            TyKind::Tuple(parts) => parts,
            TyKind::Data(id, args) => {
                if ability == Ability::Ord {
                    return false;
                }
                // Refused where it is declared; its fields have no end.
                if self.ctx.irregular.contains(&id) || !assumed.insert(ty) {
                    return true;
                }
                let fields = self.ctx.program.data(id).ctors.iter().flat_map(|c| &c.fields);
                let fields: Vec<Ty> = fields.copied().collect();
                let types = &mut self.ctx.program.types;
                fields.into_iter().map(|f| types.subst(f, &args)).collect()
            }
        };
        parts.into_iter().all(|part| self.has_ability_under(ability, part, compounds, assumed))
    }
}

/// Types with `<`.
pub(super) fn is_ordered(kind: &TyKind) -> bool {
    matches!(
        kind,
        TyKind::Int
            | TyKind::Nat
            | TyKind::Float64
            | TyKind::Byte
            | TyKind::String
            | TyKind::Never
            | TyKind::Unknown
    )
}
