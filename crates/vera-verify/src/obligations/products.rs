//! Facts about products that solvers are slow to find: each holds of all integers, so
//! the only question is which are worth stating.

use super::walk::Walk;
use super::*;
use crate::logic::Op;

/// As many facts are stated in one unit.
const MAX_LEMMAS: usize = 40;

/// As many are stated of one product.
const MAX_OF_ONE: usize = 4;

/// Of the facts in force, as many of the latest are looked at.
const MAX_FACTS: usize = 100;

impl<'a> Walk<'_, 'a> {
    /// The sign of a product, and its order against products of what its factors are
    /// compared with.
    pub(super) fn product_lemmas(&mut self, a: TermId, b: TermId, product: TermId) {
        let constant = |t| self.unit.terms.as_int(t).is_some();
        if self.place.bound || self.place.silent || constant(a) || constant(b) {
            return;
        }
        let of_a = self.limits(a).into_iter().map(|(limit, strict)| (a, b, limit, strict));
        let of_b = self.limits(b).into_iter().map(|(limit, strict)| (b, a, limit, strict));
        let compared: Vec<(TermId, TermId, TermId, bool)> =
            of_a.chain(of_b).take(MAX_OF_ONE).collect();
        if compared.is_empty() || self.unit_has_lemmas(compared.len() + 1) {
            return;
        }
        let zero = self.terms().int(0);
        let (a_low, b_low) = (self.terms().less_equal(zero, a), self.terms().less_equal(zero, b));
        let both = self.terms().and(a_low, b_low);
        let low = self.terms().less_equal(zero, product);
        self.lemma(both, low);
        for (factor, other, limit, strict) in compared {
            self.bounded_product(factor, other, limit, strict, product);
        }
    }

    /// `0 <= other && factor < limit ==> factor * other <= limit * other - other`
    fn bounded_product(
        &mut self,
        factor: TermId,
        other: TermId,
        limit: TermId,
        strict: bool,
        product: TermId,
    ) {
        let zero = self.terms().int(0);
        let low = self.terms().less_equal(zero, other);
        let mut most = self.distributed(limit, other);
        let below = if strict {
            most = self.terms().subtract(most, other);
            self.terms().less(factor, limit)
        } else {
            self.terms().less_equal(factor, limit)
        };
        let premise = self.terms().and(low, below);
        let bounded = self.terms().less_equal(product, most);
        self.lemma(premise, bounded);
    }

    /// `limit * other`, where the limit may be a sum with a constant.
    fn distributed(&mut self, limit: TermId, other: TermId) -> TermId {
        let node = &self.unit.terms[limit];
        match (&node.op, node.args.as_slice()) {
            (Op::Add, &[base, offset]) if self.unit.terms.as_int(offset).is_some() => {
                let (a, b) =
                    (self.terms().multiply(base, other), self.terms().multiply(offset, other));
                self.terms().add(a, b)
            }
            _ => self.terms().multiply(limit, other),
        }
    }

    fn lemma(&mut self, premise: TermId, conclusion: TermId) {
        let fact = self.terms().implies(premise, conclusion);
        self.assume(Fact::exactly(fact), Why::Path);
    }

    /// Counts facts; whether they are too many.
    fn unit_has_lemmas(&mut self, more: usize) -> bool {
        self.lemmas += more;
        self.lemmas > MAX_LEMMAS
    }

    /// The terms that a factor is compared with from above, and whether strictly; a
    /// factor of the form `x + 1` as its `x` is.
    fn limits(&mut self, factor: TermId) -> Vec<(TermId, bool)> {
        let (base, offset) =
            match (&self.unit.terms[factor].op, self.unit.terms[factor].args.as_slice()) {
                (Op::Add, [base, offset]) if self.unit.terms.as_int(*offset).is_some() => {
                    (*base, Some(*offset))
                }
                _ => (factor, None),
            };
        let mut out = Vec::new();
        for (limit, strict) in self.upper_bounds(base) {
            // Of a limit by cases, each case may be the one.
            let cases = match (&self.unit.terms[limit].op, self.unit.terms[limit].args.as_slice()) {
                (Op::Ite, [_, then, otherwise]) => vec![*then, *otherwise],
                _ => vec![limit],
            };
            for case in cases {
                if self.unit.terms.as_int(case).is_none() {
                    let case = offset.map_or(case, |offset| self.unit.terms.add(case, offset));
                    out.push((case, strict));
                }
            }
        }
        out
    }

    /// The terms that recent facts, or their conclusions, compare `term` with from
    /// above, and whether strictly.
    fn upper_bounds(&self, term: TermId) -> Vec<(TermId, bool)> {
        let mut out = Vec::new();
        for hyp in self.unit.facts(self.hyp).take(MAX_FACTS) {
            let mut work = vec![hyp.fact];
            while let Some(fact) = work.pop() {
                let node = &self.unit.terms[fact];
                match (&node.op, node.args.as_slice()) {
                    (Op::And, parts) => work.extend(parts),
                    (Op::Implies, [_, conclusion]) => work.push(*conclusion),
                    (Op::Less | Op::LessEqual, [small, large])
                        if *small == term && self.unit.terms.as_int(*large).is_none() =>
                    {
                        let found = (*large, node.op == Op::Less);
                        if !out.contains(&found) {
                            out.push(found);
                        }
                    }
                    _ => {}
                }
            }
        }
        out
    }
}
