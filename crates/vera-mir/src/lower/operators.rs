//! Operators and indexing.

use vera_abi::runtime::RtFn;
use vera_abi::trap::TrapKind;
use vera_check::typed::{Ability, BinaryOp as VeraOp, ExprId, UnaryOp as VeraUnary};
use vera_check::types::{Ty as VeraTy, TyKind};

use super::functions::FnLower;
use crate::ir::*;

impl FnLower<'_, '_> {
    pub(super) fn unary(&mut self, op: VeraUnary, operand: ExprId) -> Option<ValueId> {
        let ty = self.ty(operand);
        let value = self.value(operand);
        Some(match (op, self.lo.types.base_kind(ty)) {
            (VeraUnary::Not, _) => self.b.unary(UnaryOp::Not, value),
            (VeraUnary::Neg, TyKind::Float64) => self.b.unary(UnaryOp::NegF64, value),
            (VeraUnary::Neg, _) => {
                let zero = self.b.i64(0);
                self.explain_negation(operand, value);
                self.b.checked(CheckedOp::Sub, zero, value)
            }
        })
    }

    pub(super) fn binary(&mut self, op: VeraOp, left: ExprId, right: ExprId, e: ExprId) -> ValueId {
        match op {
            VeraOp::And => self.short_circuit(left, right, None),
            VeraOp::Or => self.short_circuit(left, right, Some(1)),
            VeraOp::Implies => {
                let a = self.value(left);
                let not = self.b.unary(UnaryOp::Not, a);
                self.or_else(not, right)
            }
            VeraOp::Add | VeraOp::Sub | VeraOp::Mul | VeraOp::Div | VeraOp::Rem => {
                self.arithmetic(op, left, right, e)
            }
            VeraOp::Eq | VeraOp::Ne => {
                let ty = self.ty(left);
                // Of compounds the checker has seen that all parts can be compared.
                let compounds = self.body.compounds_compared.contains(&e);
                if !compounds && !self.has_ability(Ability::Eq, ty, left) {
                    return self.b.func.new_value(Ty::I32);
                }
                let (a, b) = (self.expr(left), self.expr(right));
                let equal = match (a, b) {
                    (Some(a), Some(b)) => self.equal(ty, a, b),
                    _ => self.b.i32(1),
                };
                if op == VeraOp::Ne { self.b.unary(UnaryOp::Not, equal) } else { equal }
            }
            VeraOp::Lt | VeraOp::Gt | VeraOp::Le | VeraOp::Ge => {
                let ty = self.ty(left);
                let (a, b) = (self.value(left), self.value(right));
                self.ordering(op, ty, a, b)
            }
        }
    }

    /// `&&` (no fixed value) or `||` (fixed value 1).
    fn short_circuit(&mut self, left: ExprId, right: ExprId, fixed: Option<i32>) -> ValueId {
        let a = self.value(left);
        if fixed.is_some() {
            return self.or_else(a, right);
        }
        self.b.open();
        let b = self.value(right);
        let then = Box::new(self.b.close(vec![b]));
        self.b.open();
        let no = self.b.i32(0);
        let otherwise = Box::new(self.b.close(vec![no]));
        self.b.one(Op::If { cond: a, then, otherwise }, Ty::I32)
    }

    fn or_else(&mut self, a: ValueId, right: ExprId) -> ValueId {
        self.b.open();
        let yes = self.b.i32(1);
        let then = Box::new(self.b.close(vec![yes]));
        self.b.open();
        let b = self.value(right);
        let otherwise = Box::new(self.b.close(vec![b]));
        self.b.one(Op::If { cond: a, then, otherwise }, Ty::I32)
    }

    /// `a - trunc(a / b) * b`, each step rounded, which is how the language defines it
    /// and how proofs reckon: not the exact remainder.
    fn float_remainder(&mut self, a: ValueId, b: ValueId) -> ValueId {
        let quotient = self.b.binary(BinaryOp::DivF64, a, b);
        let whole = self.b.unary(UnaryOp::TruncF64, quotient);
        let product = self.b.binary(BinaryOp::MulF64, whole, b);
        self.b.binary(BinaryOp::SubF64, a, product)
    }

    fn arithmetic(&mut self, op: VeraOp, left: ExprId, right: ExprId, e: ExprId) -> ValueId {
        let (lt, rt) = (self.ty(left), self.ty(right));
        let (a, b) = (self.value(left), self.value(right));
        if matches!(self.lo.types.base_kind(lt), TyKind::Float64) {
            let float = match op {
                VeraOp::Add => BinaryOp::AddF64,
                VeraOp::Sub => BinaryOp::SubF64,
                VeraOp::Mul => BinaryOp::MulF64,
                VeraOp::Div => BinaryOp::DivF64,
                _ => return self.float_remainder(a, b),
            };
            return self.b.binary(float, a, b);
        }
        let natural = |this: &Self, ty: VeraTy| matches!(this.lo.types.base_kind(ty), TyKind::Nat);
        if op == VeraOp::Sub && natural(self, lt) && natural(self, rt) {
            let fits = self.b.binary(BinaryOp::GeI64, a, b);
            let line = self.line(self.body[e].span);
            let text = self.source_text(e);
            let (l, r) = (self.source_text(left), self.source_text(right));
            let message = format!(
                "@Nat subtraction `{text}` would be negative (line {line}): it needs `{l} >= {r}`"
            );
            self.explain_operands(fits, e, &[(left, a), (right, b)]);
            self.b.guard(fits, TrapKind::NatUnderflow, Some(message));
            return self.b.binary(BinaryOp::SubI64, a, b);
        }
        let checked = match op {
            VeraOp::Add => CheckedOp::Add,
            VeraOp::Sub => CheckedOp::Sub,
            VeraOp::Mul => CheckedOp::Mul,
            VeraOp::Div => CheckedOp::Div,
            _ => CheckedOp::Rem,
        };
        self.explain_arithmetic(checked, e, [(left, a), (right, b)]);
        self.b.checked(checked, a, b)
    }

    /// The source text of an expression on one line.
    pub(super) fn source_text(&self, e: ExprId) -> String {
        let at = self.at(self.body[e].span);
        let text = self.lo.sources.get(at.file).slice(at.span);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// `a < b` and its kin on an ordered type.
    pub(super) fn ordering(&mut self, op: VeraOp, ty: VeraTy, a: ValueId, b: ValueId) -> ValueId {
        let pick = |lt, gt, le, ge| match op {
            VeraOp::Lt => lt,
            VeraOp::Gt => gt,
            VeraOp::Le => le,
            _ => ge,
        };
        match self.lo.types.base_kind(ty) {
            TyKind::Float64 => {
                let op = pick(BinaryOp::LtF64, BinaryOp::GtF64, BinaryOp::LeF64, BinaryOp::GeF64);
                self.b.binary(op, a, b)
            }
            TyKind::Byte => {
                // 0 … 255 compare alike signed.
                let op = pick(BinaryOp::LtI32, BinaryOp::GtI32, BinaryOp::LeI32, BinaryOp::GeI32);
                self.b.binary(op, a, b)
            }
            TyKind::String => {
                let order = self.b.rt(RtFn::StringCompare, vec![a, b], Ty::I32);
                let zero = self.b.i32(0);
                let op = pick(BinaryOp::LtI32, BinaryOp::GtI32, BinaryOp::LeI32, BinaryOp::GeI32);
                self.b.binary(op, order, zero)
            }
            _ => {
                let op = pick(BinaryOp::LtI64, BinaryOp::GtI64, BinaryOp::LeI64, BinaryOp::GeI64);
                self.b.binary(op, a, b)
            }
        }
    }

    pub(super) fn index(&mut self, e: ExprId, array: ExprId, index: ExprId) -> Option<ValueId> {
        let element = self.repr_of(e);
        let seq = self.value(array);
        let at = self.value(index);
        let len = self.b.seq_len(seq);
        let wide = self.b.unary(UnaryOp::I32ToI64, len);
        let inside = self.b.binary(BinaryOp::LtU64, at, wide);
        let line = self.line(self.body[e].span);
        let (text, i, a) = (self.source_text(e), self.source_text(index), self.source_text(array));
        let message = format!(
            "Array index out of bounds (line {line}): `{text}` needs `0 <= {i}` and `{i} < array_length({a})`."
        );
        self.explain_value(inside, &i, VeraTy::INT, at);
        self.explain_value(inside, &format!("array_length({a})"), VeraTy::INT, wide);
        self.b.guard(inside, TrapKind::IndexOutOfBounds, Some(message));
        element.ty()?;
        let narrow = self.b.unary(UnaryOp::I64ToI32, at);
        let data = self.b.seq_data(seq);
        let mem = element.element();
        Some(self.b.one(Op::Element { data, index: narrow, mem }, mem.ty()))
    }
}
