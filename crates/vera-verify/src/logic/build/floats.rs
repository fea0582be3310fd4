//! Float terms; constants are computed with the machine's own arithmetic, which
//! is the same IEEE 754 the solver models.

use super::super::sort::Sort;
use super::super::term::{Op, TermId, Terms};

impl Terms {
    pub fn float(&mut self, value: f64) -> TermId {
        let value = if value.is_nan() { f64::NAN } else { value };
        self.intern(Op::Float(value.to_bits()), &[], Sort::Float)
    }

    /// The value of a float constant.
    pub fn as_float(&self, term: TermId) -> Option<f64> {
        match self[term].op {
            Op::Float(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }

    fn float_binary(
        &mut self,
        op: Op,
        a: TermId,
        b: TermId,
        compute: fn(f64, f64) -> f64,
    ) -> TermId {
        match (self.as_float(a), self.as_float(b)) {
            (Some(x), Some(y)) => self.float(compute(x, y)),
            _ => self.intern(op, &[a, b], Sort::Float),
        }
    }

    pub fn float_add(&mut self, a: TermId, b: TermId) -> TermId {
        self.float_binary(Op::FloatAdd, a, b, |x, y| x + y)
    }

    pub fn float_subtract(&mut self, a: TermId, b: TermId) -> TermId {
        self.float_binary(Op::FloatSubtract, a, b, |x, y| x - y)
    }

    pub fn float_multiply(&mut self, a: TermId, b: TermId) -> TermId {
        self.float_binary(Op::FloatMultiply, a, b, |x, y| x * y)
    }

    pub fn float_divide(&mut self, a: TermId, b: TermId) -> TermId {
        self.float_binary(Op::FloatDivide, a, b, |x, y| x / y)
    }

    pub fn float_remainder(&mut self, a: TermId, b: TermId) -> TermId {
        self.float_binary(Op::FloatRemainder, a, b, |x, y| x - (x / y).trunc() * y)
    }

    pub fn float_negate(&mut self, a: TermId) -> TermId {
        match self.as_float(a) {
            Some(x) => self.float(-x),
            None => self.intern(Op::FloatNegate, &[a], Sort::Float),
        }
    }

    fn float_test(
        &mut self,
        op: Op,
        a: TermId,
        b: TermId,
        compute: fn(f64, f64) -> bool,
    ) -> TermId {
        match (self.as_float(a), self.as_float(b)) {
            (Some(x), Some(y)) => self.bool(compute(x, y)),
            _ => self.intern(op, &[a, b], Sort::Bool),
        }
    }

    /// IEEE equality: NaN differs from itself, the zeros are equal.
    pub fn float_equal(&mut self, a: TermId, b: TermId) -> TermId {
        self.float_test(Op::FloatEqual, a, b, |x, y| x == y)
    }

    pub fn float_less(&mut self, a: TermId, b: TermId) -> TermId {
        self.float_test(Op::FloatLess, a, b, |x, y| x < y)
    }

    pub fn float_less_equal(&mut self, a: TermId, b: TermId) -> TermId {
        self.float_test(Op::FloatLessEqual, a, b, |x, y| x <= y)
    }

    fn float_class(&mut self, op: Op, a: TermId, compute: fn(f64) -> bool) -> TermId {
        match self.as_float(a) {
            Some(x) => self.bool(compute(x)),
            None => self.intern(op, &[a], Sort::Bool),
        }
    }

    pub fn float_is_nan(&mut self, a: TermId) -> TermId {
        self.float_class(Op::FloatIsNan, a, f64::is_nan)
    }

    pub fn float_is_infinite(&mut self, a: TermId) -> TermId {
        self.float_class(Op::FloatIsInfinite, a, f64::is_infinite)
    }

    /// Whether the sign bit is set.
    pub fn float_is_negative(&mut self, a: TermId) -> TermId {
        self.float_class(Op::FloatIsNegative, a, |x| x.is_sign_negative() && !x.is_nan())
    }

    /// The smaller value as wasm's `f64.min`: NaN wins, `-0.0` is below `0.0`.
    pub fn float_minimum(&mut self, a: TermId, b: TermId) -> TermId {
        let less = self.float_less(a, b);
        let negative = self.float_is_negative(a);
        self.float_choose(a, b, less, negative)
    }

    /// The larger value as wasm's `f64.max`.
    pub fn float_maximum(&mut self, a: TermId, b: TermId) -> TermId {
        let less = self.float_less(b, a);
        let negative = self.float_is_negative(b);
        self.float_choose(a, b, less, negative)
    }

    /// `a` when `less` or, between equal values, when `tie`; NaN when either is.
    fn float_choose(&mut self, a: TermId, b: TermId, less: TermId, tie: TermId) -> TermId {
        let (a_nan, b_nan) = (self.float_is_nan(a), self.float_is_nan(b));
        let equal = self.float_equal(a, b);
        let tied = self.and(equal, tie);
        let first = self.or(less, tied);
        let ordered = self.ite(first, a, b);
        let or_b = self.ite(b_nan, b, ordered);
        self.ite(a_nan, a, or_b)
    }
}
