//! Datatype and array terms.

use super::super::sort::{ArrayId, DataId, Sort, Sorts};
use super::super::term::{Op, TermId, Terms};

impl Terms {
    pub fn construct(&mut self, data: DataId, ctor: u32, args: &[TermId]) -> TermId {
        self.intern(Op::Construct(data, ctor), args, Sort::Data(data))
    }

    /// Whether `value` was built by constructor `ctor`.
    pub fn is_ctor(&mut self, sorts: &Sorts, data: DataId, ctor: u32, value: TermId) -> TermId {
        if sorts.data(data).ctors.len() == 1 {
            return self.yes();
        }
        let node = self[value].clone();
        match (&node.op, node.args.as_slice()) {
            (Op::Construct(_, built), _) => self.bool(*built == ctor),
            (Op::Ite, [cond, a, b]) if self.is_built(*a) || self.is_built(*b) => {
                let a = self.is_ctor(sorts, data, ctor, *a);
                let b = self.is_ctor(sorts, data, ctor, *b);
                self.ite(*cond, a, b)
            }
            _ => self.intern(Op::IsCtor(data, ctor), &[value], Sort::Bool),
        }
    }

    /// The field of a value built by constructor `ctor`.
    pub fn select(
        &mut self,
        sorts: &Sorts,
        data: DataId,
        ctor: u32,
        field: u32,
        value: TermId,
    ) -> TermId {
        let node = self[value].clone();
        if let Op::Construct(_, built) = node.op
            && built == ctor
        {
            return node.args[field as usize];
        }
        let sort = sorts.data(data).ctors[ctor as usize].fields[field as usize];
        self.intern(Op::Select(data, ctor, field), &[value], sort)
    }

    fn is_built(&self, term: TermId) -> bool {
        matches!(self[term].op, Op::Construct(..))
    }

    pub(super) fn equal_data(&mut self, a: TermId, b: TermId) -> TermId {
        let (left, right) = (self[a].clone(), self[b].clone());
        match (&left.op, &right.op) {
            (Op::Construct(_, c), Op::Construct(_, d)) if c != d => self.bool(false),
            (Op::Construct(..), Op::Construct(..)) => {
                let pairs = left.args.iter().zip(&right.args);
                let parts: Vec<TermId> = pairs.map(|(x, y)| self.equal(*x, *y)).collect();
                self.all(&parts)
            }
            _ => self.intern(Op::Equal, &[a, b], Sort::Bool),
        }
    }

    pub fn array_literal(&mut self, array: ArrayId, elements: &[TermId]) -> TermId {
        self.intern(Op::ArrayLiteral(array), elements, Sort::Array(array))
    }

    fn is_literal(&self, term: TermId) -> bool {
        matches!(self[term].op, Op::ArrayLiteral(_))
    }

    pub fn length(&mut self, array: TermId) -> TermId {
        let node = self[array].clone();
        match (&node.op, node.args.as_slice()) {
            (Op::ArrayLiteral(_), elements) => self.int(elements.len() as i128),
            // Choices among shared terms are left alone: they have too many paths.
            (Op::Ite, [cond, a, b]) if self.is_literal(*a) || self.is_literal(*b) => {
                let (a, b) = (self.length(*a), self.length(*b));
                self.ite(*cond, a, b)
            }
            _ => self.intern(Op::Length, &[array], Sort::Int),
        }
    }

    /// The element at an index; anything outside the array.
    pub fn element(&mut self, sorts: &Sorts, array: TermId, index: TermId) -> TermId {
        if let (Op::ArrayLiteral(_), Op::Int(at)) = (&self[array].op, &self[index].op)
            && let Ok(at) = usize::try_from(*at)
            && let Some(element) = self[array].args.get(at)
        {
            return *element;
        }
        let Sort::Array(id) = self.sort(array) else {
            unreachable!("elements are taken from arrays only")
        };
        self.intern(Op::Element, &[array, index], sorts.element(id))
    }
}
