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

use super::why::{Why, Whys};
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

/// An interval, and why the value is in it.
#[derive(Clone, Copy)]
pub(super) struct Known {
    pub interval: Interval,
    pub why: Why,
}

/// `a <= b + k` of two roots.
#[derive(Clone, Copy)]
struct Difference {
    a: ValueId,
    b: ValueId,
    k: i64,
    why: Why,
}

/// The facts at a point of the walk.
pub(super) struct Facts {
    pub whys: Whys,
    types: Vec<Ty>,
    defs: HashMap<ValueId, Def>,
    intervals: HashMap<ValueId, Known>,
    differences: Vec<Difference>,
    /// Intervals as they were, to go back to.
    log: Vec<(ValueId, Option<Known>)>,
}

/// A point to go back to.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    log: usize,
    differences: usize,
}

impl Facts {
    /// `natural` values are never negative. `reasons`: whether anybody will ask why.
    pub fn new(types: Vec<Ty>, natural: &[ValueId], reasons: bool) -> Facts {
        let known = Known { interval: Interval { lo: 0, hi: i64::MAX }, why: Why::ALWAYS };
        Facts {
            whys: Whys::new(reasons),
            types,
            defs: HashMap::new(),
            intervals: natural.iter().map(|v| (*v, known)).collect(),
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
        self.known(value).interval
    }

    pub fn known(&self, value: ValueId) -> Known {
        match self.intervals.get(&value) {
            Some(known) => *known,
            None => Known { interval: Interval::of(self.types[value.index()]), why: Why::ALWAYS },
        }
    }

    /// Why these values are in their intervals.
    pub fn why(&mut self, values: &[ValueId]) -> Why {
        values.iter().fold(Why::ALWAYS, |why, value| {
            let known = self.known(*value);
            self.whys.both(why, known.why)
        })
    }

    pub fn set(&mut self, value: ValueId, interval: Interval, why: Why) {
        let before = self.intervals.insert(value, Known { interval, why });
        self.log.push((value, before));
    }

    fn constant(&self, value: ValueId) -> Option<i64> {
        match self.defs.get(&value)? {
            Def::Const(n) => Some(*n),
            _ => None,
        }
    }

    /// One step from a value to what it is an offset of, and why it is.
    fn step(&self, value: ValueId) -> Option<(ValueId, i64, Why)> {
        let near = |n: i64| (-FAR..=FAR).contains(&n).then_some(n);
        match *self.defs.get(&value)? {
            Def::Checked(CheckedOp::Add, a, b) => match (self.constant(a), self.constant(b)) {
                (_, Some(n)) => Some((a, near(n)?, Why::ALWAYS)),
                (Some(n), _) => Some((b, near(n)?, Why::ALWAYS)),
                _ => None,
            },
            Def::Checked(CheckedOp::Sub, a, b) => Some((a, -near(self.constant(b)?)?, Why::ALWAYS)),
            Def::Binary(BinaryOp::AddI64 | BinaryOp::AddI32, a, b) => {
                let (a, n) = match (self.constant(a), self.constant(b)) {
                    (_, Some(n)) => (a, near(n)?),
                    (Some(n), _) => (b, near(n)?),
                    _ => return None,
                };
                Some((a, n, self.stays_inside(a, n)?))
            }
            Def::Binary(BinaryOp::SubI64, a, b) => {
                let n = -near(self.constant(b)?)?;
                Some((a, n, self.stays_inside(a, n)?))
            }
            Def::Unary(UnaryOp::I32ToI64, a) => Some((a, 0, Why::ALWAYS)),
            Def::Unary(UnaryOp::I64ToI32, a) => {
                let Known { interval: Interval { lo, hi }, why } = self.known(a);
                (lo >= 0 && hi <= i64::from(u32::MAX)).then_some((a, 0, why))
            }
            _ => None,
        }
    }

    /// Why `value + n` is a number of the same type, if it is.
    fn stays_inside(&self, value: ValueId, n: i64) -> Option<Why> {
        let Known { interval: have, why } = self.known(value);
        let whole = Interval::of(self.types[value.index()]);
        let stays = have.lo.checked_add(n).is_some_and(|lo| lo >= whole.lo)
            && have.hi.checked_add(n).is_some_and(|hi| hi <= whole.hi);
        stays.then_some(why)
    }

    /// The root of a value and its offset from that, and why.
    fn root(&mut self, mut value: ValueId) -> (ValueId, i64, Why) {
        let (mut offset, mut why) = (0, Why::ALWAYS);
        for _ in 0..STEPS {
            let Some((below, n, because)) = self.step(value) else { break };
            (value, offset) = (below, offset + n);
            why = self.whys.both(why, because);
        }
        (value, offset, why)
    }

    /// Why `a <= b + k`, if it is known.
    pub fn at_most(&mut self, a: ValueId, b: ValueId, k: i64) -> Option<Why> {
        let (left, right) = (self.known(a), self.known(b));
        if right.interval.lo.checked_add(k).is_some_and(|bound| left.interval.hi <= bound) {
            return Some(self.whys.both(left.why, right.why));
        }
        let ((a, m, left), (b, n, right)) = (self.root(a), self.root(b));
        let (k, roots) = (n + k - m, self.whys.both(left, right));
        if a == b {
            return (0 <= k).then_some(roots);
        }
        let recent = self.differences.iter().rev().take(MOST);
        let (one, two) = recent.clone().filter(|first| first.a == a).find_map(|first| {
            if first.b == b {
                return (first.k <= k).then_some((first.why, Why::ALWAYS));
            }
            let second = recent
                .clone()
                .find(|second| second.a == first.b && second.b == b && first.k + second.k <= k)?;
            Some((first.why, second.why))
        })?;
        let steps = self.whys.both(one, two);
        Some(self.whys.both(roots, steps))
    }

    /// Records `a <= b + k`, where `k` is 0 or -1.
    fn learn_at_most(&mut self, a: ValueId, b: ValueId, k: i64, why: Why) {
        let (left, right) = (self.known(a), self.known(b));
        if let Some(hi) = right.interval.hi.checked_add(k) {
            let why = self.whys.both(why, right.why);
            self.refine(a, Interval { lo: i64::MIN, hi }, why);
        }
        if let Some(lo) = left.interval.lo.checked_sub(k) {
            let why = self.whys.both(why, left.why);
            self.refine(b, Interval { lo, hi: i64::MAX }, why);
        }
        let ((a, m, left), (b, n, right)) = (self.root(a), self.root(b));
        if a != b {
            let roots = self.whys.both(left, right);
            let why = self.whys.both(why, roots);
            self.differences.push(Difference { a, b, k: n + k - m, why });
        }
    }

    /// Narrows the interval of a value and of what it is an offset of.
    fn refine(&mut self, mut value: ValueId, mut to: Interval, mut why: Why) {
        for _ in 0..STEPS {
            let have = self.known(value);
            let met = have.interval.meet(to);
            why = self.whys.both(why, have.why);
            if met != have.interval {
                self.set(value, met, why);
                self.learn_side(value, met, why);
            }
            let Some((below, n, because)) = self.step(value) else { return };
            to = Interval { lo: met.lo.saturating_sub(n), hi: met.hi.saturating_sub(n) };
            why = self.whys.both(why, because);
            value = below;
        }
    }

    /// A value of two sides, one of which is a constant that the value is not,
    /// comes from the other.
    fn learn_side(&mut self, value: ValueId, interval: Interval, why: Why) {
        let Some(Def::Select(cond, then, otherwise)) = self.defs.get(&value).copied() else {
            return;
        };
        let excluded = |n: Option<i64>| n.is_some_and(|n| n < interval.lo || n > interval.hi);
        let (side, truth) = match (self.constant(then), self.constant(otherwise)) {
            (_, n) if excluded(n) => (then, true),
            (n, _) if excluded(n) => (otherwise, false),
            _ => return,
        };
        self.learn_within(cond, truth, why, STEPS);
        let ((a, m, left), (b, n, right)) = (self.root(value), self.root(side));
        if a != b {
            let roots = self.whys.both(left, right);
            let why = self.whys.both(why, roots);
            self.differences.push(Difference { a, b, k: n - m, why });
            self.differences.push(Difference { a: b, b: a, k: m - n, why });
        }
    }

    /// Records that a condition is true or false, since control has been through it.
    pub fn learn(&mut self, cond: ValueId, truth: bool) {
        let why = self.whys.given(Reason::Condition(cond, truth));
        self.learn_within(cond, truth, why, STEPS);
    }

    fn learn_within(&mut self, cond: ValueId, truth: bool, why: Why, steps: u32) {
        let (Some(def), Some(steps)) = (self.defs.get(&cond).copied(), steps.checked_sub(1)) else {
            return;
        };
        match def {
            Def::Unary(UnaryOp::Not, a) => self.learn_within(a, !truth, why, steps),
            Def::Binary(BinaryOp::AndI32, a, b) if truth => {
                self.learn_within(a, true, why, steps);
                self.learn_within(b, true, why, steps);
            }
            Def::Binary(BinaryOp::OrI32, a, b) if !truth => {
                self.learn_within(a, false, why, steps);
                self.learn_within(b, false, why, steps);
            }
            Def::Binary(op, a, b) => self.learn_comparison(op, a, b, truth, why),
            // `a && b` and `a || b`.
            Def::Select(cond, then, otherwise) => {
                if truth && self.constant(otherwise) == Some(0) {
                    self.learn_within(cond, true, why, steps);
                    self.learn_within(then, true, why, steps);
                } else if !truth && self.constant(then).is_some_and(|n| n != 0) {
                    self.learn_within(cond, false, why, steps);
                    self.learn_within(otherwise, false, why, steps);
                }
            }
            Def::Const(_) | Def::Unary(..) | Def::Checked(..) => {}
        }
    }

    fn learn_comparison(&mut self, op: BinaryOp, a: ValueId, b: ValueId, truth: bool, why: Why) {
        match (op, truth) {
            (BinaryOp::EqI64, true) | (BinaryOp::NeI64, false) => {
                self.learn_at_most(a, b, 0, why);
                self.learn_at_most(b, a, 0, why);
            }
            // An end of an interval that is excluded.
            (BinaryOp::NeI64, true) | (BinaryOp::EqI64, false) => {
                let (have, other) = (self.known(a), self.known(b));
                let (why, have) = (self.whys.both(why, other.why), have.interval);
                let other = other.interval;
                if other.lo == other.hi && have.lo == other.lo && have.lo < have.hi {
                    self.refine(a, Interval { lo: have.lo + 1, hi: have.hi }, why);
                }
            }
            (BinaryOp::LtU64, true) if self.interval(b).lo >= 0 => {
                let below = self.why(&[b]);
                let why = self.whys.both(why, below);
                self.refine(a, Interval { lo: 0, hi: i64::MAX }, why);
                self.learn_at_most(a, b, -1, why);
            }
            _ => {
                let Some((a, b, k, because)) = self.order(op, a, b) else { return };
                let why = self.whys.both(why, because);
                match truth {
                    true => self.learn_at_most(a, b, k, why),
                    // Not `a <= b + k`: `b <= a - k - 1`.
                    false => self.learn_at_most(b, a, -k - 1, why),
                }
            }
        }
    }

    /// A comparison as `a <= b + k`, and why it is that.
    fn order(
        &mut self,
        op: BinaryOp,
        a: ValueId,
        b: ValueId,
    ) -> Option<(ValueId, ValueId, i64, Why)> {
        match op {
            BinaryOp::LtI64 | BinaryOp::LtU32 => Some((a, b, -1, Why::ALWAYS)),
            BinaryOp::GtI64 => Some((b, a, -1, Why::ALWAYS)),
            BinaryOp::LeI64 => Some((a, b, 0, Why::ALWAYS)),
            BinaryOp::GeI64 | BinaryOp::GeU32 => Some((b, a, 0, Why::ALWAYS)),
            BinaryOp::LtU64 if self.are_natural(a, b) => Some((a, b, -1, self.why(&[a, b]))),
            BinaryOp::GeU64 if self.are_natural(a, b) => Some((b, a, 0, self.why(&[a, b]))),
            _ => None,
        }
    }

    fn are_natural(&self, a: ValueId, b: ValueId) -> bool {
        self.interval(a).lo >= 0 && self.interval(b).lo >= 0
    }

    /// What a comparison always gives here, and why.
    pub fn decide(&mut self, op: BinaryOp, a: ValueId, b: ValueId) -> Option<(bool, Why)> {
        let (a, b, k, order) = self.order(op, a, b)?;
        let (truth, why) = match self.at_most(a, b, k) {
            Some(why) => (true, why),
            None => (false, self.at_most(b, a, -k - 1)?),
        };
        Some((truth, self.whys.both(order, why)))
    }
}
