//! Terms with parts replaced. Constants in place of all symbols decide most terms.

use std::collections::HashMap;

use super::super::sort::Sorts;
use super::super::term::{Node, Op, SymbolId, TermId, Terms};

/// What the symbols and variables of another arena are in this one.
pub struct Translation {
    pub symbols: HashMap<SymbolId, SymbolId>,
    pub variables: HashMap<u32, u32>,
    /// Terms of the other arena whose terms here are known.
    pub terms: HashMap<TermId, TermId>,
}

impl Terms {
    /// The term with replacements for some of its parts, simplified. Below a
    /// replaced part nothing changes.
    pub fn replace(&mut self, sorts: &Sorts, term: TermId, by: &HashMap<TermId, TermId>) -> TermId {
        let mut done = by.clone();
        let mut work = vec![(term, false)];
        while let Some((id, expanded)) = work.pop() {
            if done.contains_key(&id) {
                continue;
            }
            let node = self[id].clone();
            if expanded {
                let args: Vec<TermId> = node.args.iter().map(|a| done[a]).collect();
                let new = if *args == *node.args { id } else { self.rebuild(sorts, &node, &args) };
                done.insert(id, new);
            } else {
                work.push((id, true));
                work.extend(node.args.iter().map(|a| (*a, false)));
            }
        }
        done[&term]
    }

    /// A term of another arena in this one, simplified. All its symbols must be known;
    /// variables get a number here when they are met first.
    pub fn import(
        &mut self,
        sorts: &Sorts,
        from: &Terms,
        term: TermId,
        by: &mut Translation,
    ) -> TermId {
        let mut work = vec![(term, false)];
        while let Some((id, expanded)) = work.pop() {
            if by.terms.contains_key(&id) {
                continue;
            }
            let node = &from[id];
            if expanded {
                let args: Vec<TermId> = node.args.iter().map(|a| by.terms[a]).collect();
                let node = self.renamed(node, by);
                let new = self.rebuild(sorts, &node, &args);
                by.terms.insert(id, new);
            } else {
                work.push((id, true));
                work.extend(node.args.iter().map(|a| (*a, false)));
            }
        }
        by.terms[&term]
    }

    /// The node with the symbol or variable of its operation as this arena has it.
    fn renamed(&mut self, node: &Node, by: &mut Translation) -> Node {
        let mut variable =
            |number: &u32| *by.variables.entry(*number).or_insert_with(|| self.variable().0);
        let op = match &node.op {
            Op::Apply(symbol) => Op::Apply(by.symbols[symbol]),
            Op::Bound(number) => Op::Bound(variable(number)),
            Op::Forall(number) => Op::Forall(variable(number)),
            Op::Exists(number) => Op::Exists(variable(number)),
            op => op.clone(),
        };
        Node { op, ..node.clone() }
    }

    /// The operation of a node at other arguments of the same sorts.
    fn rebuild(&mut self, sorts: &Sorts, node: &Node, args: &[TermId]) -> TermId {
        match (&node.op, args) {
            (Op::Not, [a]) => self.not(*a),
            (Op::And, parts) => self.all(parts),
            (Op::Or, parts) => self.any(parts),
            (Op::Implies, [a, b]) => self.implies(*a, *b),
            (Op::Ite, [cond, a, b]) => self.ite(*cond, *a, *b),
            (Op::Equal, [a, b]) => self.equal(*a, *b),
            (Op::LessEqual, [a, b]) => self.less_equal(*a, *b),
            (Op::Less, [a, b]) => self.less(*a, *b),
            (Op::Add, [a, b]) => self.add(*a, *b),
            (Op::Subtract, [a, b]) => self.subtract(*a, *b),
            (Op::Multiply, [a, b]) => self.multiply(*a, *b),
            (Op::Divide, [a, b]) => self.divide(*a, *b),
            (Op::Remainder, [a, b]) => self.remainder(*a, *b),
            (Op::FloatAdd, [a, b]) => self.float_add(*a, *b),
            (Op::FloatSubtract, [a, b]) => self.float_subtract(*a, *b),
            (Op::FloatMultiply, [a, b]) => self.float_multiply(*a, *b),
            (Op::FloatDivide, [a, b]) => self.float_divide(*a, *b),
            (Op::FloatRemainder, [a, b]) => self.float_remainder(*a, *b),
            (Op::FloatNegate, [a]) => self.float_negate(*a),
            (Op::FloatEqual, [a, b]) => self.float_equal(*a, *b),
            (Op::FloatLess, [a, b]) => self.float_less(*a, *b),
            (Op::FloatLessEqual, [a, b]) => self.float_less_equal(*a, *b),
            (Op::FloatIsNan, [a]) => self.float_is_nan(*a),
            (Op::FloatIsInfinite, [a]) => self.float_is_infinite(*a),
            (Op::FloatIsNegative, [a]) => self.float_is_negative(*a),
            (Op::StringContains, [a, b]) => self.string_contains(*a, *b),
            (Op::StringStartsWith, [a, b]) => self.string_starts_with(*a, *b),
            (Op::StringEndsWith, [a, b]) => self.string_ends_with(*a, *b),
            (Op::Construct(data, ctor), fields) => self.construct(*data, *ctor, fields),
            (Op::IsCtor(data, ctor), [a]) => self.is_ctor(sorts, *data, *ctor, *a),
            (Op::Select(data, ctor, field), [a]) => self.select(sorts, *data, *ctor, *field, *a),
            (Op::ArrayLiteral(array), elements) => self.array_literal(*array, elements),
            (Op::Length, [a]) => self.length(*a),
            (Op::Element, [a, b]) => self.element(sorts, *a, *b),
            (Op::Apply(symbol), args) => self.apply(*symbol, args),
            (Op::Forall(variable), [body]) => self.quantified(true, *variable, *body),
            (Op::Exists(variable), [body]) => self.quantified(false, *variable, *body),
            (
                Op::Bool(_)
                | Op::Int(_)
                | Op::Float(_)
                | Op::String(_)
                | Op::Bound(_)
                | Op::Not
                | Op::Implies
                | Op::Ite
                | Op::Equal
                | Op::LessEqual
                | Op::Less
                | Op::Add
                | Op::Subtract
                | Op::Multiply
                | Op::Divide
                | Op::Remainder
                | Op::FloatAdd
                | Op::FloatSubtract
                | Op::FloatMultiply
                | Op::FloatDivide
                | Op::FloatRemainder
                | Op::FloatNegate
                | Op::FloatEqual
                | Op::FloatLess
                | Op::FloatLessEqual
                | Op::FloatIsNan
                | Op::FloatIsInfinite
                | Op::FloatIsNegative
                | Op::StringContains
                | Op::StringStartsWith
                | Op::StringEndsWith
                | Op::IsCtor(..)
                | Op::Select(..)
                | Op::Length
                | Op::Element
                | Op::Forall(_)
                | Op::Exists(_),
                _,
            ) => self.intern(node.op.clone(), args, node.sort),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::Sort;

    #[test]
    fn constants_decide_and_leave_no_trace() {
        let mut terms = Terms::default();
        let sorts = Sorts::default();
        let (a, b) = (terms.constant("a", Sort::Int), terms.constant("b", Sort::Int));
        let sum = terms.add(a, b);
        let ten = terms.int(10);
        let (less, positive) = (terms.less(sum, ten), terms.less(b, a));
        let both = terms.and(less, positive);
        let decide = |terms: &mut Terms, values: &[(TermId, i128)]| {
            terms.scratch(|terms| {
                let by = values.iter().map(|(t, v)| (*t, terms.int(*v))).collect();
                let term = terms.replace(&sorts, both, &by);
                terms.as_bool(term)
            })
        };
        assert_eq!(decide(&mut terms, &[(a, 5), (b, 4)]), Some(true));
        assert_eq!(decide(&mut terms, &[(a, 5), (b, 5)]), Some(false));
        assert_eq!(decide(&mut terms, &[(a, 5)]), None);
        let fresh = terms.int(77);
        assert_eq!(fresh.0, both.0 + 1);
    }
}
