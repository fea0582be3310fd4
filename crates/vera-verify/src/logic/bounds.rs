//! Deciding a goal from its hypotheses without search: syntactic entailment and
//! intervals of integer terms.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use super::linear::Linear;
use super::sort::Sort;
use super::term::{Op, TermId, Terms};

/// An interval of integers; `None` is unbounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Interval {
    low: Option<i128>,
    high: Option<i128>,
}

const EVERYTHING: Interval = Interval { low: None, high: None };

/// How often facts between terms are applied again to narrow their intervals.
const ROUNDS: usize = 3;

/// The hypotheses of a goal, prepared for quick decisions.
pub struct Assumptions<'t> {
    terms: &'t Terms,
    facts: HashSet<TermId>,
    /// The facts in the order they became known, so that nothing depends on hashing.
    order: Vec<TermId>,
    intervals: HashMap<TermId, Interval>,
    contradictory: bool,
    /// Steps left for the decision at hand: shared terms have exponentially many
    /// paths.
    fuel: Cell<u32>,
}

/// Steps of one decision.
const FUEL: u32 = 2_000;

impl<'t> Assumptions<'t> {
    pub fn new(terms: &'t Terms, hypotheses: impl Iterator<Item = TermId>) -> Assumptions<'t> {
        let mut this = Assumptions {
            terms,
            facts: HashSet::new(),
            order: Vec::new(),
            intervals: HashMap::new(),
            contradictory: false,
            fuel: Cell::new(FUEL),
        };
        for hypothesis in hypotheses {
            this.learn(hypothesis);
        }
        for _ in 1..ROUNDS {
            for fact in this.order.clone() {
                this.use_fact(fact);
            }
        }
        this
    }

    /// Adds a fact and draws its conclusions.
    fn learn(&mut self, fact: TermId) {
        let node = &self.terms[fact];
        match &node.op {
            Op::And => node.args.iter().for_each(|part| self.learn(*part)),
            Op::Bool(false) => self.contradictory = true,
            Op::Bool(true) => {}
            _ => {
                if self.facts.insert(fact) {
                    self.contradictory |= node.op == Op::Not && self.facts.contains(&node.args[0]);
                    self.order.push(fact);
                    self.use_fact(fact);
                }
            }
        }
    }

    fn use_fact(&mut self, fact: TermId) {
        let node = &self.terms[fact];
        match (&node.op, node.args.as_slice()) {
            (Op::Implies, [premise, conclusion]) => {
                if !self.facts.contains(conclusion) && self.prove(*premise) {
                    self.learn(*conclusion);
                }
            }
            _ => self.narrow(fact),
        }
    }

    /// The least and the greatest value of an integer term, as far as they show.
    pub fn range(&self, term: TermId) -> (Option<i128>, Option<i128>) {
        let interval = self.intervals.get(&term).copied().unwrap_or(EVERYTHING);
        (interval.low, interval.high)
    }

    /// Whether the goal follows. `false` means that this does not show it.
    pub fn prove(&self, goal: TermId) -> bool {
        self.fuel.set(FUEL);
        self.proves(goal)
    }

    /// Uses up a step; `false` when none is left.
    fn step(&self) -> bool {
        let left = self.fuel.get();
        self.fuel.set(left.saturating_sub(1));
        left > 0
    }

    fn proves(&self, goal: TermId) -> bool {
        if !self.step() {
            return false;
        }
        if self.contradictory || self.facts.contains(&goal) {
            return true;
        }
        let node = &self.terms[goal];
        match (&node.op, node.args.as_slice()) {
            (Op::Bool(value), _) => *value,
            (Op::And, parts) => parts.iter().all(|p| self.proves(*p)),
            (Op::Or, parts) => parts.iter().any(|p| self.proves(*p)),
            (Op::Implies, [premise, conclusion]) => {
                self.proves(*conclusion) || self.refutes(*premise)
            }
            (Op::Ite, [_, a, b]) => self.proves(*a) && self.proves(*b),
            (Op::Not, [inner]) => self.refutes(*inner),
            (Op::LessEqual, [a, b]) => self.high(*a, *b).is_some_and(|h| h <= 0),
            (Op::Less, [a, b]) => self.high(*a, *b).is_some_and(|h| h < 0),
            (Op::Equal, [a, b]) if self.terms.sort(*a) == Sort::Int => {
                self.high(*a, *b).is_some_and(|h| h <= 0)
                    && self.high(*b, *a).is_some_and(|h| h <= 0)
            }
            _ => false,
        }
    }

    /// Whether the negation of a term follows.
    fn refutes(&self, term: TermId) -> bool {
        if !self.step() {
            return false;
        }
        let node = &self.terms[term];
        match (&node.op, node.args.as_slice()) {
            (Op::Bool(value), _) => !value,
            (Op::Not, [inner]) => self.proves(*inner),
            (Op::LessEqual, [a, b]) => self.high(*b, *a).is_some_and(|h| h < 0),
            (Op::Less, [a, b]) => self.high(*b, *a).is_some_and(|h| h <= 0),
            (Op::And, parts) => parts.iter().any(|p| self.refutes(*p)),
            (Op::Or, parts) => parts.iter().all(|p| self.refutes(*p)),
            (Op::Equal, [a, b]) if self.terms.sort(*a) == Sort::Int => {
                self.high(*a, *b).is_some_and(|h| h < 0) || self.high(*b, *a).is_some_and(|h| h < 0)
            }
            _ => false,
        }
    }

    /// An upper bound of `a - b`.
    fn high(&self, a: TermId, b: TermId) -> Option<i128> {
        let difference = Linear::difference(self.terms, a, b)?;
        self.sum(&difference, None).high
    }

    /// The interval of a sum without the atom `except`.
    fn sum(&self, linear: &Linear, except: Option<TermId>) -> Interval {
        let mut total = Interval { low: Some(linear.constant), high: Some(linear.constant) };
        for (atom, factor) in linear.atoms.iter().filter(|(a, _)| Some(**a) != except) {
            let part = scale(self.interval(*atom), *factor);
            total.low = total.low.zip(part.low).and_then(|(x, y)| x.checked_add(y));
            total.high = total.high.zip(part.high).and_then(|(x, y)| x.checked_add(y));
        }
        total
    }

    fn interval(&self, atom: TermId) -> Interval {
        let known = self.intervals.get(&atom).copied().unwrap_or(EVERYTHING);
        if !self.step() {
            return known;
        }
        let node = &self.terms[atom];
        let structural = match (&node.op, node.args.as_slice()) {
            (Op::Length, _) => Interval { low: Some(0), high: Some(super::LONGEST) },
            (Op::Ite, [_, a, b]) => {
                let (a, b) = (self.linear_interval(*a), self.linear_interval(*b));
                Interval {
                    low: a.low.zip(b.low).map(|(x, y)| x.min(y)),
                    high: a.high.zip(b.high).map(|(x, y)| x.max(y)),
                }
            }
            (Op::Multiply, [a, b]) => product(self.linear_interval(*a), self.linear_interval(*b)),
            (Op::Remainder, [a, b]) => match self.terms.as_int(*b) {
                Some(divisor) if divisor != 0 => remainder(self.linear_interval(*a), divisor),
                _ => EVERYTHING,
            },
            (Op::Divide, [a, b]) => match self.terms.as_int(*b) {
                Some(divisor) if divisor > 0 => quotient(self.linear_interval(*a), divisor),
                _ => EVERYTHING,
            },
            _ => EVERYTHING,
        };
        meet(known, structural)
    }

    fn linear_interval(&self, term: TermId) -> Interval {
        Linear::of(self.terms, term).map_or(EVERYTHING, |sum| self.sum(&sum, None))
    }

    /// Applies one fact to the intervals of the terms in it.
    fn narrow(&mut self, fact: TermId) {
        self.fuel.set(FUEL);
        let node = &self.terms[fact];
        let (strict, equal) = match node.op {
            Op::LessEqual => (0, false),
            Op::Less => (1, false),
            Op::Equal if self.terms.sort(node.args[0]) == Sort::Int => (0, true),
            _ => return,
        };
        let Some(difference) = Linear::difference(self.terms, node.args[0], node.args[1]) else {
            return;
        };
        // `difference + strict <= 0`, and `>= 0` as well for an equation.
        for (atom, factor) in &difference.atoms {
            let rest = self.sum(&difference, Some(*atom));
            let upper =
                rest.low.and_then(|low| low.checked_add(strict)).and_then(i128::checked_neg);
            let lower = if equal { rest.high.and_then(i128::checked_neg) } else { None };
            let bound = divide(Interval { low: lower, high: upper }, *factor);
            let known = self.intervals.get(atom).copied().unwrap_or(EVERYTHING);
            let narrowed = meet(known, bound);
            if let (Some(low), Some(high)) = (narrowed.low, narrowed.high)
                && low > high
            {
                self.contradictory = true;
            }
            self.intervals.insert(*atom, narrowed);
        }
    }
}

fn meet(a: Interval, b: Interval) -> Interval {
    let tighter = |x: Option<i128>, y: Option<i128>, pick: fn(i128, i128) -> i128| match (x, y) {
        (Some(x), Some(y)) => Some(pick(x, y)),
        (known, None) | (None, known) => known,
    };
    Interval { low: tighter(a.low, b.low, i128::max), high: tighter(a.high, b.high, i128::min) }
}

fn scale(i: Interval, factor: i128) -> Interval {
    let times = |bound: Option<i128>| bound.and_then(|b| b.checked_mul(factor));
    if factor >= 0 {
        Interval { low: times(i.low), high: times(i.high) }
    } else {
        Interval { low: times(i.high), high: times(i.low) }
    }
}

/// The integers `x` with `factor * x` in the interval.
fn divide(i: Interval, factor: i128) -> Interval {
    let floor = |bound: i128, by: i128| bound.checked_div_euclid(by);
    let ceil = |bound: i128, by: i128| floor(bound.checked_neg()?, by).and_then(i128::checked_neg);
    let by = factor.unsigned_abs() as i128;
    let (low, high) = if factor > 0 {
        (i.low, i.high)
    } else {
        (i.high.and_then(i128::checked_neg), i.low.and_then(i128::checked_neg))
    };
    Interval { low: low.and_then(|b| ceil(b, by)), high: high.and_then(|b| floor(b, by)) }
}

/// Bounds of a product; those of factors without bounds are not looked for.
fn product(a: Interval, b: Interval) -> Interval {
    let (Some(al), Some(ah), Some(bl), Some(bh)) = (a.low, a.high, b.low, b.high) else {
        return EVERYTHING;
    };
    let corners = [(al, bl), (al, bh), (ah, bl), (ah, bh)].map(|(x, y)| x.checked_mul(y));
    let known: Vec<i128> = corners.into_iter().flatten().collect();
    // Far bounds decide nothing.
    if known.len() < corners.len() || known.iter().any(|k| k.unsigned_abs() > 1 << 100) {
        return EVERYTHING;
    }
    Interval { low: known.iter().min().copied(), high: known.iter().max().copied() }
}

fn remainder(dividend: Interval, divisor: i128) -> Interval {
    let Some(limit) = divisor.checked_abs().map(|d| d - 1) else { return EVERYTHING };
    Interval {
        low: Some(if dividend.low.is_some_and(|l| l >= 0) { 0 } else { -limit }),
        high: Some(if dividend.high.is_some_and(|h| h <= 0) { 0 } else { limit }),
    }
}

fn quotient(dividend: Interval, divisor: i128) -> Interval {
    Interval { low: dividend.low.map(|l| l / divisor), high: dividend.high.map(|h| h / divisor) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proves(build: impl FnOnce(&mut Terms, TermId, TermId) -> (Vec<TermId>, TermId)) -> bool {
        let mut terms = Terms::default();
        let (x, y) = (terms.constant("x", Sort::Int), terms.constant("y", Sort::Int));
        let (facts, goal) = build(&mut terms, x, y);
        Assumptions::new(&terms, facts.into_iter()).prove(goal)
    }

    #[test]
    fn bounds_of_sums() {
        assert!(proves(|t, x, _| {
            let low = t.within(x, 0, 10);
            let one = t.int(1);
            let next = t.add(x, one);
            (vec![low], t.within(next, 1, 11))
        }));
        assert!(!proves(|t, x, _| {
            let low = t.within(x, 0, 10);
            let one = t.int(1);
            let next = t.add(x, one);
            (vec![low], t.within(next, 1, 10))
        }));
    }

    #[test]
    fn bounds_travel_between_terms() {
        assert!(proves(|t, x, y| {
            let (low, less) = (t.within(x, 0, 10), t.less(y, x));
            let ten = t.int(10);
            (vec![low, less], t.less(y, ten))
        }));
    }

    #[test]
    fn an_empty_interval_proves_anything() {
        assert!(proves(|t, x, _| {
            let (a, b) = (t.within(x, 5, 9), t.within(x, 0, 3));
            (vec![a, b], t.bool(false))
        }));
    }

    #[test]
    fn multiples_round_inwards() {
        assert!(proves(|t, x, _| {
            let (two, seven, three) = (t.int(2), t.int(7), t.int(3));
            let twice = t.multiply(two, x);
            let fact = t.less_equal(twice, seven);
            (vec![fact], t.less_equal(x, three))
        }));
        assert!(proves(|t, x, _| {
            let (minus, seven, bound) = (t.int(-2), t.int(7), t.int(-3));
            let twice = t.multiply(minus, x);
            let fact = t.less_equal(twice, seven);
            (vec![fact], t.less_equal(bound, x))
        }));
    }

    #[test]
    fn conclusions_are_drawn() {
        assert!(proves(|t, x, y| {
            let zero = t.int(0);
            let (low, premise) = (t.within(x, 3, 9), t.less(zero, x));
            let above = t.less(x, y);
            let fact = t.implies(premise, above);
            (vec![low, fact], t.less(zero, y))
        }));
    }

    #[test]
    fn products() {
        assert!(proves(|t, x, y| {
            let (a, b) = (t.within(x, -3, 4), t.within(y, -5, 2));
            let xy = t.multiply(x, y);
            (vec![a, b], t.within(xy, -20, 15))
        }));
        assert!(!proves(|t, x, y| {
            let (a, b) = (t.within(x, -3, 4), t.within(y, -5, 2));
            let xy = t.multiply(x, y);
            (vec![a, b], t.within(xy, -19, 15))
        }));
    }

    #[test]
    fn remainders_and_quotients() {
        assert!(proves(|t, x, _| {
            let (ten, eight) = (t.int(10), t.int(8));
            let fact = t.within(x, 0, 80);
            let (rest, part) = (t.remainder(x, ten), t.divide(x, ten));
            let (a, b) = (t.within(rest, 0, 9), t.less_equal(part, eight));
            (vec![fact], t.and(a, b))
        }));
    }
}
