//! Integer terms.

use super::super::linear::Linear;
use super::super::sort::Sort;
use super::super::term::{Op, TermId, Terms};

/// Sums of at most this many atoms are kept in normal form, so that long ones over
/// few slots stay short.
const SHORT: usize = 8;

impl Terms {
    pub fn int(&mut self, value: i128) -> TermId {
        self.intern(Op::Int(value), &[], Sort::Int)
    }

    /// The value of an integer constant.
    pub fn as_int(&self, term: TermId) -> Option<i128> {
        match self[term].op {
            Op::Int(value) => Some(value),
            _ => None,
        }
    }

    pub fn add(&mut self, a: TermId, b: TermId) -> TermId {
        match (self.as_int(a), self.as_int(b)) {
            (Some(0), _) => return b,
            (_, Some(0)) => return a,
            (Some(x), Some(y)) if x.checked_add(y).is_some() => return self.int(x + y),
            _ => {}
        }
        match Linear::sum(self, a, b, 1) {
            Some(sum) if sum.atoms.len() <= SHORT => self.linear(&sum),
            _ => self.intern(Op::Add, &[a, b], Sort::Int),
        }
    }

    /// A sum in its normal form: positive parts, negative ones, the constant.
    fn linear(&mut self, sum: &Linear) -> TermId {
        let mut total: Option<TermId> = None;
        for (atom, factor) in sum.atoms.iter().filter(|(_, factor)| **factor > 0) {
            let part = self.multiple(*factor, *atom);
            total = Some(match total {
                Some(total) => self.intern(Op::Add, &[total, part], Sort::Int),
                None => part,
            });
        }
        // Where nothing is positive the constant leads.
        let mut constant = sum.constant;
        for (atom, factor) in sum.atoms.iter().filter(|(_, factor)| **factor < 0) {
            let part = self.multiple(factor.saturating_neg(), *atom);
            let from = match total {
                Some(total) => total,
                None => self.int(std::mem::take(&mut constant)),
            };
            total = Some(self.intern(Op::Subtract, &[from, part], Sort::Int));
        }
        match total {
            Some(total) if constant == 0 => total,
            Some(total) => {
                let constant = self.int(constant);
                self.intern(Op::Add, &[total, constant], Sort::Int)
            }
            None => self.int(constant),
        }
    }

    fn multiple(&mut self, factor: i128, atom: TermId) -> TermId {
        if factor == 1 {
            return atom;
        }
        let factor = self.int(factor);
        self.intern(Op::Multiply, &[factor, atom], Sort::Int)
    }

    pub fn subtract(&mut self, a: TermId, b: TermId) -> TermId {
        if a == b {
            return self.int(0);
        }
        match (self.as_int(a), self.as_int(b)) {
            (_, Some(0)) => return a,
            (Some(x), Some(y)) if x.checked_sub(y).is_some() => return self.int(x - y),
            _ => {}
        }
        match Linear::sum(self, a, b, -1) {
            Some(sum) if sum.atoms.len() <= SHORT => self.linear(&sum),
            _ => self.intern(Op::Subtract, &[a, b], Sort::Int),
        }
    }

    pub fn negate(&mut self, a: TermId) -> TermId {
        let zero = self.int(0);
        self.subtract(zero, a)
    }

    pub fn multiply(&mut self, a: TermId, b: TermId) -> TermId {
        match (self.as_int(a), self.as_int(b)) {
            (Some(0), _) | (_, Some(1)) => return a,
            (_, Some(0)) | (Some(1), _) => return b,
            (Some(x), Some(y)) if x.checked_mul(y).is_some() => return self.int(x * y),
            _ => {}
        }
        self.intern(Op::Multiply, &[a, b], Sort::Int)
    }

    /// Truncating division.
    pub fn divide(&mut self, a: TermId, b: TermId) -> TermId {
        match (self.as_int(a), self.as_int(b)) {
            (_, Some(1)) => return a,
            (Some(x), Some(y)) if y != 0 && x.checked_div(y).is_some() => return self.int(x / y),
            _ => {}
        }
        self.intern(Op::Divide, &[a, b], Sort::Int)
    }

    /// The remainder of truncating division.
    pub fn remainder(&mut self, a: TermId, b: TermId) -> TermId {
        match (self.as_int(a), self.as_int(b)) {
            (_, Some(1 | -1)) => return self.int(0),
            (Some(x), Some(y)) if y != 0 && x.checked_rem(y).is_some() => return self.int(x % y),
            _ => {}
        }
        self.intern(Op::Remainder, &[a, b], Sort::Int)
    }

    pub fn less_equal(&mut self, a: TermId, b: TermId) -> TermId {
        match constant_difference(self, a, b) {
            Some(difference) => self.bool(difference <= 0),
            None => self.intern(Op::LessEqual, &[a, b], Sort::Bool),
        }
    }

    pub fn less(&mut self, a: TermId, b: TermId) -> TermId {
        match constant_difference(self, a, b) {
            Some(difference) => self.bool(difference < 0),
            None => self.intern(Op::Less, &[a, b], Sort::Bool),
        }
    }

    pub(super) fn equal_integers(&mut self, a: TermId, b: TermId) -> TermId {
        match constant_difference(self, a, b) {
            Some(difference) => self.bool(difference == 0),
            None => self.intern(Op::Equal, &[a, b], Sort::Bool),
        }
    }

    /// `low <= term && term <= high`
    pub fn within(&mut self, term: TermId, low: i128, high: i128) -> TermId {
        let (low, high) = (self.int(low), self.int(high));
        let above = self.less_equal(low, term);
        let below = self.less_equal(term, high);
        self.and(above, below)
    }

    pub fn minimum(&mut self, a: TermId, b: TermId) -> TermId {
        let first = self.less_equal(a, b);
        self.ite(first, a, b)
    }

    pub fn maximum(&mut self, a: TermId, b: TermId) -> TermId {
        let second = self.less_equal(a, b);
        self.ite(second, b, a)
    }
}

fn constant_difference(terms: &Terms, a: TermId, b: TermId) -> Option<i128> {
    let difference = Linear::difference(terms, a, b)?;
    difference.atoms.is_empty().then_some(difference.constant)
}
