//! Equality and order of values, as `==` and `compare` have them.

use vera_check::typed::ExprId;

use super::walk::Walk;
use super::*;
use crate::logic::{DataId, Op, Sort};

impl Walk<'_, '_> {
    /// `==` of the language on two values of one sort.
    pub(super) fn same(&mut self, a: TermId, b: TermId) -> TermId {
        match self.unit.terms.sort(a) {
            Sort::Float => self.terms().float_equal(a, b),
            Sort::Data(data) => {
                let contents = self.encoder.sorts.contents(data);
                let by_parts = contents.float || contents.hidden || contents.arrays;
                match (by_parts, contents.recursive) {
                    (false, _) => self.terms().equal(a, b),
                    (true, false) => self.same_fields(data, a, b),
                    // No finite formula compares floats, or arrays, all the way down.
                    (true, true) => self.some_equality(a, b),
                }
            }
            Sort::Bool | Sort::Int | Sort::String => self.terms().equal(a, b),
            Sort::Array(_) if !self.encoder.sorts.hides_float(self.unit.terms.sort(a)) => {
                self.same_arrays(a, b)
            }
            Sort::Uninterpreted(_) | Sort::Array(_) => self.some_equality(a, b),
        }
    }

    /// An equality of which little is known. Two values are equal or not, whoever asks;
    /// where no NaN can be inside, they are if they are one.
    fn some_equality(&mut self, a: TermId, b: TermId) -> TermId {
        let (a, b) = (a.min(b), a.max(b));
        let (symbol, equal) = self.applied("equality", &[a, b], Sort::Bool);
        self.little_known(symbol);
        let sort = self.unit.terms.sort(a);
        if self.place.bound || self.encoder.sorts.hides_float(sort) {
            return equal;
        }
        let identical = self.terms().equal(a, b);
        let follows = match sort {
            // What it is made of is all there is to it.
            Sort::Data(_) => self.terms().equal(identical, equal),
            Sort::Bool
            | Sort::Int
            | Sort::Float
            | Sort::String
            | Sort::Array(_)
            | Sort::Uninterpreted(_) => self.terms().implies(identical, equal),
        };
        self.assume(Fact::exactly(follows), Why::Derived);
        equal
    }

    /// Arrays are what they are made of: two are one value, or differ in length or at an
    /// index.
    fn same_arrays(&mut self, a: TermId, b: TermId) -> TermId {
        let same = self.terms().equal(a, b);
        if self.place.bound || self.unit.terms.as_bool(same).is_some() {
            return same;
        }
        let (a, b) = (a.min(b), a.max(b));
        let (_, index) = self.applied("difference", &[a, b], Sort::Int);
        let (own, other) = (self.terms().length(a), self.terms().length(b));
        let lengths = self.terms().equal(own, other);
        let inside = self.inside(a, index);
        let (x, y) = (self.element_at(a, index), self.element_at(b, index));
        let elements = self.same(x, y);
        let same_here = self.terms().implies(inside, elements);
        let alike = self.terms().and(lengths, same_here);
        let fact = self.terms().implies(alike, same);
        self.assume(Fact::exactly(fact), Why::Derived);
        same
    }

    fn same_fields(&mut self, data: DataId, a: TermId, b: TermId) -> TermId {
        let ctors = self.encoder.sorts.data(data).ctors.clone();
        let mut cases = Vec::new();
        for (c, ctor) in ctors.iter().enumerate() {
            let c = c as u32;
            let is_a = self.unit.terms.is_ctor(&self.encoder.sorts, data, c, a);
            let is_b = self.unit.terms.is_ctor(&self.encoder.sorts, data, c, b);
            let mut parts = vec![is_a, is_b];
            for f in 0..ctor.fields.len() as u32 {
                let x = self.unit.terms.select(&self.encoder.sorts, data, c, f, a);
                let y = self.unit.terms.select(&self.encoder.sorts, data, c, f, b);
                parts.push(self.same(x, y));
            }
            cases.push(self.terms().all(&parts));
        }
        self.terms().any(&cases)
    }

    /// `compare`: `Less`, `Equal` or `Greater`.
    pub(super) fn compare(&mut self, e: ExprId, a: TermId, b: TermId) -> TermId {
        let (less, equal) = match (self.unit.terms.sort(a), self.unit.terms.sort(b)) {
            (Sort::Int, Sort::Int) => (self.terms().less(a, b), self.terms().equal(a, b)),
            (Sort::Float, Sort::Float) => {
                (self.terms().float_less(a, b), self.terms().float_equal(a, b))
            }
            (one, other) if one == other => (self.precedes(a, b), self.same(a, b)),
            _ => return self.opaque_result(e, "comparison"),
        };
        let (l, q, g) =
            (self.construct(e, 0, &[]), self.construct(e, 1, &[]), self.construct(e, 2, &[]));
        let rest = self.terms().ite(equal, q, g);
        self.terms().ite(less, l, rest)
    }

    /// `<` of values that are no numbers: texts, and values of a type parameter with
    /// `Ord`. The order is total, and what takes the same place in it is equal. (Floats
    /// are numbers; a generic function at `Float64` is verified as such an instance.)
    pub(super) fn precedes(&mut self, a: TermId, b: TermId) -> TermId {
        if let (Op::String(a), Op::String(b)) = (&self.unit.terms[a].op, &self.unit.terms[b].op) {
            let less = a.as_bytes() < b.as_bytes();
            return self.terms().bool(less);
        }
        let (x, y) = (self.place_in_order(a), self.place_in_order(b));
        if !self.place.bound && a != b {
            let level = self.terms().equal(x, y);
            let same = self.same(a, b);
            let lawful = self.terms().equal(level, same);
            self.assume(Fact::exactly(lawful), Why::Derived);
        }
        self.terms().less(x, y)
    }

    /// Where a value stands among those of its sort. Finitely many values in a total
    /// order can be numbered in it, and a proof speaks of finitely many.
    fn place_in_order(&mut self, value: TermId) -> TermId {
        let (symbol, place) = self.applied("comparison", &[value], Sort::Int);
        self.little_known(symbol);
        place
    }

    /// A refutation that rests on what a symbol yields shows nothing.
    fn little_known(&mut self, symbol: SymbolId) {
        let origin = Origin::Opaque { in_clause: self.place.in_clause };
        self.unit.origins.entry(symbol).or_insert(origin);
    }
}
