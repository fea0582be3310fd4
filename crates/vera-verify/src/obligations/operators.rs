//! Operators: arithmetic with what it demands, comparison, logic.

use vera_check::typed::{Ability, BinaryOp, ExprId, ExprKind, UnaryOp};
use vera_check::types::TyKind;

use super::walk::Walk;
use super::*;
use crate::logic::Sort;

impl<'a> Walk<'_, 'a> {
    pub(super) fn unary(&mut self, e: ExprId, op: UnaryOp, operand: ExprId) -> TermId {
        if self.never_returns(operand) {
            self.eval(operand);
            return self.opaque_result(e, "never");
        }
        let value = self.eval(operand);
        match (op, self.unit.terms.sort(value)) {
            (UnaryOp::Not, _) => self.terms().not(value),
            (UnaryOp::Neg, Sort::Float) => self.terms().float_negate(value),
            (UnaryOp::Neg, _) => {
                let result = self.terms().negate(value);
                if !matches!(self.frame.body[operand].kind, ExprKind::Int(_)) {
                    self.no_overflow(e, result, "negation");
                } else {
                    let at = self.at(self.frame.body[e].span);
                    self.evident(Kind::IntOverflow, at);
                }
                result
            }
        }
    }

    pub(super) fn binary(
        &mut self,
        e: ExprId,
        op: BinaryOp,
        left: ExprId,
        right: ExprId,
    ) -> TermId {
        let a = match op {
            BinaryOp::And | BinaryOp::Or | BinaryOp::Implies => self.eval_as(left, Sort::Bool),
            BinaryOp::Add
            | BinaryOp::Sub
            | BinaryOp::Mul
            | BinaryOp::Div
            | BinaryOp::Rem
            | BinaryOp::Eq
            | BinaryOp::Ne
            | BinaryOp::Lt
            | BinaryOp::Gt
            | BinaryOp::Le
            | BinaryOp::Ge => self.eval(left),
        };
        match op {
            BinaryOp::And => {
                let b = self.under(a, |w| w.eval_as(right, Sort::Bool));
                return self.terms().and(a, b);
            }
            BinaryOp::Or => {
                let not = self.terms().not(a);
                let b = self.under(not, |w| w.eval_as(right, Sort::Bool));
                return self.terms().or(a, b);
            }
            BinaryOp::Implies => {
                let b = self.under(a, |w| w.eval_as(right, Sort::Bool));
                return self.terms().implies(a, b);
            }
            BinaryOp::Add
            | BinaryOp::Sub
            | BinaryOp::Mul
            | BinaryOp::Div
            | BinaryOp::Rem
            | BinaryOp::Eq
            | BinaryOp::Ne
            | BinaryOp::Lt
            | BinaryOp::Gt
            | BinaryOp::Le
            | BinaryOp::Ge => {}
        }
        let b = self.eval(right);
        match (self.unit.terms.sort(a), self.unit.terms.sort(b)) {
            (Sort::Int, Sort::Int) => self.integers(e, op, (left, a), (right, b)),
            (Sort::Float, Sort::Float) => self.floats(op, a, b),
            (x, y) if x == y => self.others(e, op, a, b),
            _ => self.opaque_result(e, "operation"),
        }
    }

    fn integers(
        &mut self,
        e: ExprId,
        op: BinaryOp,
        left: (ExprId, TermId),
        right: (ExprId, TermId),
    ) -> TermId {
        let (a, b) = (left.1, right.1);
        match op {
            BinaryOp::Add => {
                let sum = self.terms().add(a, b);
                self.no_overflow(e, sum, "addition");
                sum
            }
            BinaryOp::Mul => {
                let product = self.terms().multiply(a, b);
                self.product_lemmas(a, b, product);
                self.no_overflow(e, product, "multiplication");
                product
            }
            BinaryOp::Sub => {
                let difference = self.terms().subtract(a, b);
                if self.is_nat(left.0) && self.is_nat(right.0) {
                    let fits = self.terms().less_equal(b, a);
                    self.demand(Kind::NatSub, e, fits, About::Plain);
                } else {
                    self.no_overflow(e, difference, "subtraction");
                }
                difference
            }
            BinaryOp::Div => {
                self.divisor(e, right, "divide");
                self.quotient_fits(e, left, right);
                self.terms().divide(a, b)
            }
            BinaryOp::Rem => {
                self.divisor(e, right, "modulo");
                self.terms().remainder(a, b)
            }
            BinaryOp::Eq => self.terms().equal(a, b),
            BinaryOp::Ne => {
                let equal = self.terms().equal(a, b);
                self.terms().not(equal)
            }
            BinaryOp::Lt => self.terms().less(a, b),
            BinaryOp::Gt => self.terms().less(b, a),
            BinaryOp::Le => self.terms().less_equal(a, b),
            BinaryOp::Ge => self.terms().less_equal(b, a),
            BinaryOp::And | BinaryOp::Or | BinaryOp::Implies => {
                unreachable!("logic has no integer operands")
            }
        }
    }

    /// Whether the expression counts as a `Nat`: a literal is an `Int`.
    fn is_nat(&mut self, e: ExprId) -> bool {
        !matches!(self.frame.body[e].kind, ExprKind::Int(_)) && self.base_kind(e) == TyKind::Nat
    }

    pub(super) fn no_overflow(&mut self, e: ExprId, result: TermId, what: &'static str) {
        let fits = self.terms().within(result, i64::MIN.into(), i64::MAX.into());
        self.demand(Kind::IntOverflow, e, fits, About::Operation(what));
    }

    fn divisor(&mut self, e: ExprId, right: (ExprId, TermId), what: &'static str) {
        let literal = match self.frame.body[right.0].kind {
            ExprKind::Int(value) => value != 0,
            ExprKind::Unary { operand, .. } => {
                matches!(self.frame.body[operand].kind, ExprKind::Int(value) if value != 0)
            }
            _ => false,
        };
        if literal {
            let at = self.at(self.frame.body[e].span);
            return self.evident(Kind::DivZero, at);
        }
        let zero = self.terms().int(0);
        let equal = self.terms().equal(right.1, zero);
        let differs = self.terms().not(equal);
        self.demand(Kind::DivZero, e, differs, About::Operation(what));
    }

    /// `-2^63 / -1` does not fit; obligated unless a literal or type rules it out.
    fn quotient_fits(&mut self, e: ExprId, left: (ExprId, TermId), right: (ExprId, TermId)) {
        let (a, b) = (left.1, right.1);
        let small = self.unit.terms.as_int(a).is_some_and(|v| v != i64::MIN.into());
        let known = self.unit.terms.as_int(b).is_some_and(|v| v != -1);
        if small || known || self.is_nat(left.0) || self.is_nat(right.0) {
            let at = self.at(self.frame.body[e].span);
            return self.evident(Kind::IntOverflow, at);
        }
        let (min, minus) = (self.terms().int(i64::MIN.into()), self.terms().int(-1));
        let (extreme, negates) = (self.terms().equal(a, min), self.terms().equal(b, minus));
        let both = self.terms().and(extreme, negates);
        let fits = self.terms().not(both);
        self.demand(Kind::IntOverflow, e, fits, About::Operation("division"));
    }

    fn floats(&mut self, op: BinaryOp, a: TermId, b: TermId) -> TermId {
        let terms = self.terms();
        match op {
            BinaryOp::Add => terms.float_add(a, b),
            BinaryOp::Sub => terms.float_subtract(a, b),
            BinaryOp::Mul => terms.float_multiply(a, b),
            BinaryOp::Div => terms.float_divide(a, b),
            BinaryOp::Rem => terms.float_remainder(a, b),
            BinaryOp::Eq => terms.float_equal(a, b),
            BinaryOp::Ne => {
                let equal = terms.float_equal(a, b);
                terms.not(equal)
            }
            BinaryOp::Lt => terms.float_less(a, b),
            BinaryOp::Gt => terms.float_less(b, a),
            BinaryOp::Le => terms.float_less_equal(a, b),
            BinaryOp::Ge => terms.float_less_equal(b, a),
            BinaryOp::And | BinaryOp::Or | BinaryOp::Implies => {
                unreachable!("logic has no float operands")
            }
        }
    }

    /// Equality and order of everything else.
    fn others(&mut self, e: ExprId, op: BinaryOp, a: TermId, b: TermId) -> TermId {
        match op {
            BinaryOp::Eq => self.same(a, b),
            BinaryOp::Ne => {
                let same = self.same(a, b);
                self.terms().not(same)
            }
            BinaryOp::Add
            | BinaryOp::Sub
            | BinaryOp::Mul
            | BinaryOp::Div
            | BinaryOp::Rem
            | BinaryOp::And
            | BinaryOp::Or
            | BinaryOp::Implies => self.opaque_result(e, "comparison"),
            BinaryOp::Lt => self.precedes(a, b),
            BinaryOp::Gt => self.precedes(b, a),
            BinaryOp::Le => {
                let greater = self.precedes(b, a);
                self.terms().not(greater)
            }
            BinaryOp::Ge => {
                let less = self.precedes(a, b);
                self.terms().not(less)
            }
        }
    }

    /// `eq`, `compare`, `hash`, `show`.
    pub(super) fn ability(&mut self, e: ExprId, ability: Ability, args: &[ExprId]) -> TermId {
        let values: Vec<TermId> = args.iter().map(|a| self.eval(*a)).collect();
        match (ability, values.as_slice()) {
            (Ability::Eq, [a, b]) if self.unit.terms.sort(*a) == self.unit.terms.sort(*b) => {
                self.same(*a, *b)
            }
            (Ability::Ord, [a, b]) => self.compare(e, *a, *b),
            _ => self.opaque_result(e, "ability"),
        }
    }
}
