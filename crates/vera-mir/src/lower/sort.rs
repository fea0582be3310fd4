//! `array_sort_by` (language reference, chapter 12.9): a stable merge sort from
//! the bottom up, in line, so that a comparator known at the call is inlined.
//!
//! Runs of [`RUN`] elements are sorted by insertion, then neighbouring runs are
//! merged back and forth between two arrays. Only `Greater` moves an element
//! before an earlier one, and the earlier one is the first argument. The merge
//! chooses without a branch, which random data could not predict.

use vera_abi::runtime::RtFn;
use vera_check::typed::{Ability, ExprId, ExprKind, LocalId};
use vera_check::types::TyKind;

use super::data::Repr;
use super::functions::FnLower;
use crate::ir::*;

/// Elements sorted by insertion.
const RUN: i32 = 16;
/// The tag of `Greater`.
const GREATER: i32 = 2;

/// What the parts of the sort share. Positions are byte offsets.
#[derive(Clone, Copy)]
struct Sort {
    comparator: ValueId,
    mem: Mem,
    /// Bytes of all elements.
    len: ValueId,
}

/// Two neighbouring runs, by address, and where they go.
#[derive(Clone, Copy)]
struct Runs {
    low: ValueId,
    middle: ValueId,
    high: ValueId,
    to: ValueId,
}

impl FnLower<'_, '_> {
    pub(super) fn array_sort(&mut self, array: ExprId, comparator: ExprId) -> ValueId {
        if let Some(descending) = self.natural_order(array, comparator) {
            let array = self.value(array);
            let descending = self.b.i32(i32::from(descending));
            return self.b.rt(RtFn::ArraySortInt, vec![array, descending], Ty::Ref);
        }
        let mem = self.element_of(array).element();
        let source = self.value(array);
        let comparator = self.value(comparator);
        let count = self.b.seq_len(source);
        let size = self.b.i32(mem.size() as i32);
        let len = self.b.binary(BinaryOp::MulI32, count, size);
        let sort = Sort { comparator, mem, len };
        let first = self.new_array(count, mem);
        self.sort_runs(sort, source, first);
        let run = self.b.i32(RUN * mem.size() as i32);
        let is_short = self.b.binary(BinaryOp::GeU32, run, len);
        self.b.open();
        let then = Box::new(self.b.close(vec![first]));
        self.b.open();
        let second = self.new_array(count, mem);
        let merged = self.merge_all(sort, first, second, run);
        let otherwise = Box::new(self.b.close(vec![merged]));
        let sorted = self.b.one(Op::If { cond: is_short, then, otherwise }, Ty::Ref);
        self.finish_array(sorted, mem);
        sorted
    }

    /// Whether the comparator is a closure that compares integers by `compare`:
    /// `Some(true)` when it swaps them. The runtime sorts those faster.
    fn natural_order(&mut self, array: ExprId, comparator: ExprId) -> Option<bool> {
        let ExprKind::Closure { params, body } = &self.body[comparator].kind else { return None };
        let mut result = *body;
        while let ExprKind::Block { stmts, result: inner } = &self.body[result].kind {
            if !stmts.is_empty() {
                return None;
            }
            result = *inner;
        }
        let ExprKind::AbilityOp { ability: Ability::Ord, args } = &self.body[result].kind else {
            return None;
        };
        let compared: Option<Vec<LocalId>> = args
            .iter()
            .map(|arg| match &self.body[*arg].kind {
                ExprKind::Local(local) => Some(*local),
                _ => None,
            })
            .collect();
        let ty = self.ty(array);
        let TyKind::Array(element) = *self.lo.types.base_kind(ty) else { return None };
        // A parameter of a narrower type checks what it is given.
        for param in params {
            let ty = self.local_ty(*param);
            let is_int = matches!(self.lo.types.kind(ty), TyKind::Int);
            if !is_int || self.lo.repr(element) != Repr::I64 {
                return None;
            }
        }
        match (&params[..], &compared?[..]) {
            ([a, b], [x, y]) if (a, b) == (x, y) => Some(false),
            ([a, b], [x, y]) if (a, b) == (y, x) => Some(true),
            _ => None,
        }
    }

    /// 1 when the comparator says that the earlier element comes behind the later.
    fn is_greater(&mut self, sort: Sort, earlier: ValueId, later: ValueId) -> ValueId {
        let order = self
            .apply_value(sort.comparator, vec![earlier, later], Repr::Enum)
            .expect("an Ordering takes space");
        let greater = self.b.i32(GREATER);
        self.b.binary(BinaryOp::EqI32, order, greater)
    }

    fn load_at(&mut self, address: ValueId, sort: Sort) -> ValueId {
        let index = self.b.i32(0);
        self.b.one(Op::Element { data: address, index, mem: sort.mem }, sort.mem.ty())
    }

    fn store_at(&mut self, address: ValueId, sort: Sort, value: ValueId) {
        let index = self.b.i32(0);
        self.b.none(Op::SetElement { data: address, index, mem: sort.mem, value });
    }

    fn add(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.b.binary(BinaryOp::AddI32, a, b)
    }

    fn less(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.b.binary(BinaryOp::LtU32, a, b)
    }

    /// `start + count`, but at most `len`, which is not below `start`.
    fn bounded(&mut self, start: ValueId, count: ValueId, len: ValueId) -> ValueId {
        let left = self.b.binary(BinaryOp::SubI32, len, start);
        let fits = self.less(count, left);
        let end = self.add(start, count);
        self.select(fits, end, len, Ty::I32)
    }

    /// Copies `from` to `to` with each run of [`RUN`] elements in order.
    fn sort_runs(&mut self, sort: Sort, from: ValueId, to: ValueId) {
        let zero = self.b.i32(0);
        self.repeat(
            vec![zero],
            |this, state| this.less(state[0], sort.len),
            |this, state| {
                let run = this.b.i32(RUN * sort.mem.size() as i32);
                let end = this.bounded(state[0], run, sort.len);
                this.insert_each(sort, from, to, [state[0], end]);
                vec![end]
            },
        );
    }

    /// Insertion sort of the elements in `[low, end)`.
    fn insert_each(&mut self, sort: Sort, from: ValueId, to: ValueId, [low, end]: [ValueId; 2]) {
        self.repeat(
            vec![low],
            |this, state| this.less(state[0], end),
            |this, state| {
                let source = this.b.seq_data(from);
                let source = this.add(source, state[0]);
                let x = this.load_at(source, sort);
                let data = this.b.seq_data(to);
                let bounds = [this.add(data, low), this.add(data, state[0])];
                let place = this.sift(sort, bounds, x);
                this.store_at(place, sort, x);
                let size = this.b.i32(sort.mem.size() as i32);
                vec![this.add(state[0], size)]
            },
        );
    }

    /// Moves the elements between two addresses that belong behind `x` up by
    /// one; returns where `x` belongs.
    fn sift(&mut self, sort: Sort, [low, end]: [ValueId; 2], x: ValueId) -> ValueId {
        let back = self.b.i32(-(sort.mem.size() as i32));
        self.repeat(
            vec![end],
            |this, state| {
                let some = this.less(low, state[0]);
                this.b.open();
                let before = this.add(state[0], back);
                let earlier = this.load_at(before, sort);
                let greater = this.is_greater(sort, earlier, x);
                let then = Box::new(this.b.close(vec![greater]));
                this.b.open();
                let no = this.b.i32(0);
                let otherwise = Box::new(this.b.close(vec![no]));
                this.b.one(Op::If { cond: some, then, otherwise }, Ty::I32)
            },
            |this, state| {
                let before = this.add(state[0], back);
                let earlier = this.load_at(before, sort);
                this.store_at(state[0], sort, earlier);
                vec![before]
            },
        )[0]
    }

    /// Merges runs of `width` bytes, then of twice as many, until one is left.
    /// Both arrays are carried from pass to pass, which keeps them alive while
    /// only their addresses are in use.
    fn merge_all(&mut self, sort: Sort, from: ValueId, to: ValueId, width: ValueId) -> ValueId {
        self.repeat(
            vec![from, to, width],
            |this, state| this.less(state[2], sort.len),
            |this, state| {
                let [from, to, width] = state[..] else { unreachable!("three values") };
                this.merge_pass(sort, from, to, width);
                // More than half of the largest length is the last width there is.
                let double = this.add(width, width);
                let wraps = this.less(double, width);
                let next = this.select(wraps, sort.len, double, Ty::I32);
                vec![to, from, next]
            },
        )[0]
    }

    fn merge_pass(&mut self, sort: Sort, from: ValueId, to: ValueId, width: ValueId) {
        let (source, target) = (self.b.seq_data(from), self.b.seq_data(to));
        let zero = self.b.i32(0);
        self.repeat(
            vec![zero],
            |this, state| this.less(state[0], sort.len),
            |this, state| {
                let middle = this.bounded(state[0], width, sort.len);
                let high = this.bounded(middle, width, sort.len);
                let runs = Runs {
                    low: this.add(source, state[0]),
                    middle: this.add(source, middle),
                    high: this.add(source, high),
                    to: this.add(target, state[0]),
                };
                this.merge(sort, runs);
                vec![high]
            },
        );
    }

    /// Merges two runs; at once when they are in order already.
    fn merge(&mut self, sort: Sort, runs: Runs) {
        let is_last = self.b.binary(BinaryOp::EqI32, runs.middle, runs.high);
        self.b.open();
        let yes = self.b.i32(1);
        let then = Box::new(self.b.close(vec![yes]));
        self.b.open();
        let back = self.b.i32(-(sort.mem.size() as i32));
        let last = self.add(runs.middle, back);
        let last = self.load_at(last, sort);
        let first = self.load_at(runs.middle, sort);
        let greater = self.is_greater(sort, last, first);
        let in_order = self.b.unary(UnaryOp::Not, greater);
        let otherwise = Box::new(self.b.close(vec![in_order]));
        let in_order = self.b.one(Op::If { cond: is_last, then, otherwise }, Ty::I32);
        self.b.open();
        self.copy_elements(sort, [runs.low, runs.high, runs.to]);
        let then = Box::new(self.b.close(Vec::new()));
        self.b.open();
        self.merge_runs(sort, runs);
        let otherwise = Box::new(self.b.close(Vec::new()));
        self.b.none(Op::If { cond: in_order, then, otherwise });
    }

    fn merge_runs(&mut self, sort: Sort, runs: Runs) {
        let end = self.repeat(
            vec![runs.low, runs.middle, runs.to],
            |this, state| {
                let left = this.less(state[0], runs.middle);
                let right = this.less(state[1], runs.high);
                this.b.binary(BinaryOp::AndI32, left, right)
            },
            |this, state| {
                let [left, right, to] = state[..] else { unreachable!("three values") };
                let (x, y) = (this.load_at(left, sort), this.load_at(right, sort));
                let greater = this.is_greater(sort, x, y);
                let first = this.select(greater, y, x, sort.mem.ty());
                this.store_at(to, sort, first);
                let size = this.b.i32(sort.mem.size() as i32);
                let from_right = this.b.binary(BinaryOp::MulI32, greater, size);
                let from_left = this.b.binary(BinaryOp::SubI32, size, from_right);
                vec![this.add(left, from_left), this.add(right, from_right), this.add(to, size)]
            },
        );
        let [left, right, to] = end[..] else { unreachable!("three values") };
        let to = self.copy_elements(sort, [left, runs.middle, to]);
        self.copy_elements(sort, [right, runs.high, to]);
    }

    /// Copies the elements between two addresses to a third; returns the address
    /// behind the copies.
    fn copy_elements(&mut self, sort: Sort, [start, end, to]: [ValueId; 3]) -> ValueId {
        self.repeat(
            vec![start, to],
            |this, state| this.less(state[0], end),
            |this, state| {
                let x = this.load_at(state[0], sort);
                this.store_at(state[1], sort, x);
                let size = this.b.i32(sort.mem.size() as i32);
                vec![this.add(state[0], size), this.add(state[1], size)]
            },
        )[1]
    }

    /// A loop over `state` that runs while `holds`; returns the last state.
    fn repeat(
        &mut self,
        init: Vec<ValueId>,
        holds: impl FnOnce(&mut Self, &[ValueId]) -> ValueId,
        step: impl FnOnce(&mut Self, &[ValueId]) -> Vec<ValueId>,
    ) -> Vec<ValueId> {
        let tys: Vec<Ty> = init.iter().map(|v| self.b.func.ty(*v)).collect();
        let params: Vec<ValueId> = tys.iter().map(|ty| self.b.func.new_value(*ty)).collect();
        let label = self.b.func.new_label();
        self.b.open();
        let cond = holds(self, &params);
        self.b.open();
        let next = step(self, &params);
        self.b.end(Terminator::Continue(label, next));
        let then = Box::new(self.b.close(Vec::new()));
        self.b.open();
        let otherwise = Box::new(self.b.close(params.clone()));
        let results = self.b.emit(Op::If { cond, then, otherwise }, &tys);
        let body = Box::new(self.b.close(results));
        self.b.emit(Op::Loop { label, params, init, body }, &tys)
    }
}
