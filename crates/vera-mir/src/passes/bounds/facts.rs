//! What is known of numbers at a point of the program: an interval for each, and
//! upper bounds of differences of two.
//!
//! A number is seen as a *root* and a constant offset, so that `i + 1` and the
//! 64-bit form of a 32-bit length are related to `i` and the length. 32-bit values
//! are lengths and indices, so unsigned. Differences are kept as found, without
//! closing them transitively; a question follows one step (a poor man's octagon;
//! compare Bodík, Gupta, Sarkar, "ABCD: eliminating array bounds checks on demand",
//! 2000).

use std::collections::HashMap;

use crate::ir::*;

/// The least and the greatest value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Interval {
    pub lo: i64,
    pub hi: i64,
}

impl Interval {
    pub fn of(ty: Ty) -> Interval {
        match ty {
            Ty::I32 => Interval { lo: 0, hi: u32::MAX as i64 },
            Ty::I64 | Ty::F64 | Ty::Ref => Interval { lo: i64::MIN, hi: i64::MAX },
        }
    }

    pub const fn only(n: i64) -> Interval {
        Interval { lo: n, hi: n }
    }

    /// The smallest interval around both.
    pub fn join(self, other: Interval) -> Interval {
        Interval { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi) }
    }

    /// What is in both; as it is if nothing were, which only code that never runs
    /// can tell.
    pub fn meet(self, other: Interval) -> Interval {
        let met = Interval { lo: self.lo.max(other.lo), hi: self.hi.min(other.hi) };
        if met.lo <= met.hi { met } else { self }
    }

    /// The results of an exact operation, and whether they all fit 64 bits.
    pub fn checked(op: CheckedOp, a: Interval, b: Interval) -> Option<(Interval, bool)> {
        let wide = |n: i64| i128::from(n);
        let (lo, hi) = match op {
            CheckedOp::Add => (wide(a.lo) + wide(b.lo), wide(a.hi) + wide(b.hi)),
            CheckedOp::Sub => (wide(a.lo) - wide(b.hi), wide(a.hi) - wide(b.lo)),
            CheckedOp::Mul => {
                let corners = [a.lo, a.hi].map(|x| [b.lo, b.hi].map(|y| wide(x) * wide(y)));
                let all = corners.as_flattened();
                (*all.iter().min()?, *all.iter().max()?)
            }
            CheckedOp::Div if b.lo > 0 => {
                let corners = [a.lo, a.hi].map(|x| [b.lo, b.hi].map(|y| wide(x) / wide(y)));
                let all = corners.as_flattened();
                (*all.iter().min()?, *all.iter().max()?)
            }
            CheckedOp::Rem if b.lo > 0 => {
                let most = wide(b.hi) - 1;
                let hi = if a.hi < 0 { 0 } else { most.min(wide(a.hi)) };
                (if a.lo >= 0 { 0 } else { -most }, hi)
            }
            CheckedOp::Div | CheckedOp::Rem => return None,
        };
        let clamp = |n: i128| n.clamp(wide(i64::MIN), wide(i64::MAX)) as i64;
        let fits = lo >= wide(i64::MIN) && hi <= wide(i64::MAX);
        Some((Interval { lo: clamp(lo), hi: clamp(hi) }, fits))
    }
}

/// How a value was made, as far as it matters here.
#[derive(Clone, Copy)]
pub(super) enum Def {
    Const(i64),
    Unary(UnaryOp, ValueId),
    Binary(BinaryOp, ValueId, ValueId),
    Checked(CheckedOp, ValueId, ValueId),
    /// A condition, and what its two sides yield.
    Select(ValueId, ValueId, ValueId),
}

/// Offsets beyond this are left alone, so that sums of them never overflow.
const FAR: i64 = 1 << 40;
/// Steps from a value to its root, and from a condition to its parts.
const STEPS: u32 = 8;
/// Differences looked at for one question.
const MOST: usize = 64;

/// The facts at a point of the walk.
pub(super) struct Facts {
    types: Vec<Ty>,
    defs: HashMap<ValueId, Def>,
    intervals: HashMap<ValueId, Interval>,
    /// `(a, b, k)`: `a <= b + k` of two roots.
    differences: Vec<(ValueId, ValueId, i64)>,
    /// Intervals as they were, to go back to.
    log: Vec<(ValueId, Option<Interval>)>,
}

/// A point to go back to.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    log: usize,
    differences: usize,
}

impl Facts {
    /// `natural` values are never negative.
    pub fn new(types: Vec<Ty>, natural: &[ValueId]) -> Facts {
        let natural = natural.iter().map(|v| (*v, Interval { lo: 0, hi: i64::MAX }));
        Facts {
            types,
            defs: HashMap::new(),
            intervals: natural.collect(),
            differences: Vec::new(),
            log: Vec::new(),
        }
    }

    pub fn mark(&self) -> Mark {
        Mark { log: self.log.len(), differences: self.differences.len() }
    }

    pub fn reset(&mut self, mark: Mark) {
        while self.log.len() > mark.log
            && let Some((value, before)) = self.log.pop()
        {
            match before {
                Some(interval) => self.intervals.insert(value, interval),
                None => self.intervals.remove(&value),
            };
        }
        self.differences.truncate(mark.differences);
    }

    pub fn define(&mut self, value: ValueId, def: Def) {
        self.defs.insert(value, def);
    }

    pub fn interval(&self, value: ValueId) -> Interval {
        match self.intervals.get(&value) {
            Some(interval) => *interval,
            None => Interval::of(self.types[value.index()]),
        }
    }

    pub fn set(&mut self, value: ValueId, interval: Interval) {
        let before = self.intervals.insert(value, interval);
        self.log.push((value, before));
    }

    fn constant(&self, value: ValueId) -> Option<i64> {
        match self.defs.get(&value)? {
            Def::Const(n) => Some(*n),
            _ => None,
        }
    }

    /// One step from a value to what it is an offset of.
    fn step(&self, value: ValueId) -> Option<(ValueId, i64)> {
        let near = |n: i64| (-FAR..=FAR).contains(&n).then_some(n);
        match *self.defs.get(&value)? {
            Def::Checked(CheckedOp::Add, a, b) => match (self.constant(a), self.constant(b)) {
                (_, Some(n)) => Some((a, near(n)?)),
                (Some(n), _) => Some((b, near(n)?)),
                _ => None,
            },
            Def::Checked(CheckedOp::Sub, a, b) => Some((a, -near(self.constant(b)?)?)),
            Def::Binary(BinaryOp::AddI64 | BinaryOp::AddI32, a, b) => {
                let (a, n) = match (self.constant(a), self.constant(b)) {
                    (_, Some(n)) => (a, near(n)?),
                    (Some(n), _) => (b, near(n)?),
                    _ => return None,
                };
                self.stays_inside(a, n).then_some((a, n))
            }
            Def::Binary(BinaryOp::SubI64, a, b) => {
                let n = -near(self.constant(b)?)?;
                self.stays_inside(a, n).then_some((a, n))
            }
            Def::Unary(UnaryOp::I32ToI64, a) => Some((a, 0)),
            Def::Unary(UnaryOp::I64ToI32, a) => {
                let Interval { lo, hi } = self.interval(a);
                (lo >= 0 && hi <= i64::from(u32::MAX)).then_some((a, 0))
            }
            _ => None,
        }
    }

    /// Whether `value + n` is a number of the same type.
    fn stays_inside(&self, value: ValueId, n: i64) -> bool {
        let (have, whole) = (self.interval(value), Interval::of(self.types[value.index()]));
        have.lo.checked_add(n).is_some_and(|lo| lo >= whole.lo)
            && have.hi.checked_add(n).is_some_and(|hi| hi <= whole.hi)
    }

    /// The root of a value and its offset from that.
    fn root(&self, mut value: ValueId) -> (ValueId, i64) {
        let mut offset = 0;
        for _ in 0..STEPS {
            let Some((below, n)) = self.step(value) else { break };
            (value, offset) = (below, offset + n);
        }
        (value, offset)
    }

    /// Whether `a <= b + k`.
    pub fn at_most(&self, a: ValueId, b: ValueId, k: i64) -> bool {
        let (left, right) = (self.interval(a), self.interval(b));
        if right.lo.checked_add(k).is_some_and(|bound| left.hi <= bound) {
            return true;
        }
        let ((a, m), (b, n)) = (self.root(a), self.root(b));
        let k = n + k - m;
        if a == b {
            return 0 <= k;
        }
        let recent = self.differences.iter().rev().take(MOST);
        recent.clone().any(|&(x, y, d)| {
            x == a
                && (y == b && d <= k
                    || y != b && recent.clone().any(|&(v, w, e)| v == y && w == b && d + e <= k))
        })
    }

    /// Records `a <= b + k`, where `k` is 0 or -1.
    fn learn_at_most(&mut self, a: ValueId, b: ValueId, k: i64) {
        let (left, right) = (self.interval(a), self.interval(b));
        if let Some(hi) = right.hi.checked_add(k) {
            self.refine(a, Interval { lo: i64::MIN, hi });
        }
        if let Some(lo) = left.lo.checked_sub(k) {
            self.refine(b, Interval { lo, hi: i64::MAX });
        }
        let ((a, m), (b, n)) = (self.root(a), self.root(b));
        if a != b {
            self.differences.push((a, b, n + k - m));
        }
    }

    /// Narrows the interval of a value and of what it is an offset of.
    fn refine(&mut self, mut value: ValueId, mut to: Interval) {
        for _ in 0..STEPS {
            let have = self.interval(value);
            let met = have.meet(to);
            if met != have {
                self.set(value, met);
                self.learn_side(value, met);
            }
            let Some((below, n)) = self.step(value) else { return };
            to = Interval { lo: met.lo.saturating_sub(n), hi: met.hi.saturating_sub(n) };
            value = below;
        }
    }

    /// A value of two sides, one of which is a constant that the value is not,
    /// comes from the other.
    fn learn_side(&mut self, value: ValueId, interval: Interval) {
        let Some(Def::Select(cond, then, otherwise)) = self.defs.get(&value).copied() else {
            return;
        };
        let excluded = |n: Option<i64>| n.is_some_and(|n| n < interval.lo || n > interval.hi);
        let (side, truth) = match (self.constant(then), self.constant(otherwise)) {
            (_, n) if excluded(n) => (then, true),
            (n, _) if excluded(n) => (otherwise, false),
            _ => return,
        };
        self.learn(cond, truth);
        let ((a, m), (b, n)) = (self.root(value), self.root(side));
        if a != b {
            self.differences.push((a, b, n - m));
            self.differences.push((b, a, m - n));
        }
    }

    /// Records that a condition is true or false.
    pub fn learn(&mut self, cond: ValueId, truth: bool) {
        self.learn_within(cond, truth, STEPS);
    }

    fn learn_within(&mut self, cond: ValueId, truth: bool, steps: u32) {
        let (Some(def), Some(steps)) = (self.defs.get(&cond).copied(), steps.checked_sub(1)) else {
            return;
        };
        match def {
            Def::Unary(UnaryOp::Not, a) => self.learn_within(a, !truth, steps),
            Def::Binary(BinaryOp::AndI32, a, b) if truth => {
                self.learn_within(a, true, steps);
                self.learn_within(b, true, steps);
            }
            Def::Binary(BinaryOp::OrI32, a, b) if !truth => {
                self.learn_within(a, false, steps);
                self.learn_within(b, false, steps);
            }
            Def::Binary(op, a, b) => self.learn_comparison(op, a, b, truth),
            // `a && b` and `a || b`.
            Def::Select(cond, then, otherwise) => {
                if truth && self.constant(otherwise) == Some(0) {
                    self.learn_within(cond, true, steps);
                    self.learn_within(then, true, steps);
                } else if !truth && self.constant(then).is_some_and(|n| n != 0) {
                    self.learn_within(cond, false, steps);
                    self.learn_within(otherwise, false, steps);
                }
            }
            Def::Const(_) | Def::Unary(..) | Def::Checked(..) => {}
        }
    }

    fn learn_comparison(&mut self, op: BinaryOp, a: ValueId, b: ValueId, truth: bool) {
        match (op, truth) {
            (BinaryOp::EqI64, true) | (BinaryOp::NeI64, false) => {
                self.learn_at_most(a, b, 0);
                self.learn_at_most(b, a, 0);
            }
            // An end of an interval that is excluded.
            (BinaryOp::NeI64, true) | (BinaryOp::EqI64, false) => {
                let (have, other) = (self.interval(a), self.interval(b));
                if other.lo == other.hi && have.lo == other.lo && have.lo < have.hi {
                    self.refine(a, Interval { lo: have.lo + 1, hi: have.hi });
                }
            }
            (BinaryOp::LtU64, true) if self.interval(b).lo >= 0 => {
                self.refine(a, Interval { lo: 0, hi: i64::MAX });
                self.learn_at_most(a, b, -1);
            }
            _ => match self.order(op, a, b) {
                Some((a, b, k)) if truth => self.learn_at_most(a, b, k),
                // Not `a <= b + k`: `b <= a - k - 1`.
                Some((a, b, k)) => self.learn_at_most(b, a, -k - 1),
                None => {}
            },
        }
    }

    /// A comparison as `a <= b + k`.
    fn order(&self, op: BinaryOp, a: ValueId, b: ValueId) -> Option<(ValueId, ValueId, i64)> {
        match op {
            BinaryOp::LtI64 | BinaryOp::LtU32 => Some((a, b, -1)),
            BinaryOp::GtI64 => Some((b, a, -1)),
            BinaryOp::LeI64 => Some((a, b, 0)),
            BinaryOp::GeI64 | BinaryOp::GeU32 => Some((b, a, 0)),
            BinaryOp::LtU64 if self.are_natural(a, b) => Some((a, b, -1)),
            BinaryOp::GeU64 if self.are_natural(a, b) => Some((b, a, 0)),
            _ => None,
        }
    }

    fn are_natural(&self, a: ValueId, b: ValueId) -> bool {
        self.interval(a).lo >= 0 && self.interval(b).lo >= 0
    }

    /// What a comparison always gives here.
    pub fn decide(&self, op: BinaryOp, a: ValueId, b: ValueId) -> Option<bool> {
        let (a, b, k) = self.order(op, a, b)?;
        if self.at_most(a, b, k) {
            Some(true)
        } else if self.at_most(b, a, -k - 1) {
            Some(false)
        } else {
            None
        }
    }
}
