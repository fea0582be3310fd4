//! Equality of recursive types, without recursion (see [`super::deep`]).
//!
//! It does not matter in which order parts are compared. So of the parts that lead
//! back to the type all but one are put on a list of pairs still to compare, and the
//! comparison goes on with that one by a tail call. Types with one such part, lists,
//! put nothing there and need none of this.

use vera_abi::layout::HEADER_SIZE;
use vera_check::types::{Ty as VeraTy, TyKind};

use super::functions::FnLower;
use super::structural::Structural;
use crate::ir::*;

/// A pair: the rest of the list, the values, and the place of their type in the cycle.
const NEXT: u32 = HEADER_SIZE;
const LEFT: u32 = HEADER_SIZE + 4;
const RIGHT: u32 = HEADER_SIZE + 8;
const TYPE: u32 = HEADER_SIZE + 12;
const SIZE: u32 = HEADER_SIZE + 16;

const SLOTS: [(u32, Mem); 4] =
    [(NEXT, Mem::Ref), (LEFT, Mem::Ref), (RIGHT, Mem::Ref), (TYPE, Mem::I32)];

impl FnLower<'_, '_> {
    /// The cycle of a type whose values hold several of their kind side by side, or
    /// one that is not their last part.
    pub(super) fn branching_cycle(&mut self, ty: VeraTy) -> Option<Vec<VeraTy>> {
        let cycle = self.lo.cycle_of_type(ty);
        let branches = cycle.iter().any(|member| {
            if matches!(self.lo.types.base_kind(*member), TyKind::Array(_)) {
                return true;
            }
            self.shapes(*member).iter().any(|(_, shape)| {
                let stored = shape.fields.iter().zip(&shape.slots).filter(|(_, s)| s.is_some());
                let back: Vec<bool> =
                    stored.map(|(ty, _)| cycle.contains(&self.lo.types.plain(*ty))).collect();
                back.iter().rev().skip(1).any(|leads_back| *leads_back)
            })
        });
        branches.then_some(cycle)
    }

    /// Compares two values of a type of the cycle. Ends the function.
    pub(super) fn equal_by_pairs(
        &mut self,
        what: Structural,
        ty: VeraTy,
        cycle: &[VeraTy],
        a: ValueId,
        b: ValueId,
    ) {
        let none = self.b.constant(Const::Immediate(0));
        let first = self.pair(none, a, b, cycle, ty);
        let label = self.b.func.new_label();
        let list = self.b.func.new_value(Ty::Ref);
        self.b.open();
        let done = self.b.one(Op::IsImmediate(list), Ty::I32);
        self.return_if(done, 1);
        let [next, left, right, at] =
            SLOTS.map(|(offset, mem)| self.b.one(Op::Load { object: list, offset, mem }, mem.ty()));
        let mut cases = Vec::new();
        for member in cycle {
            self.b.open();
            let func = self.lo.structural(Structural::EqStep(what == Structural::KeyEq), *member);
            let args = vec![left, right, next];
            let results = self.b.emit(Op::Call { func, args }, &[Ty::I32, Ty::Ref]);
            let differ = self.b.unary(UnaryOp::Not, results[0]);
            self.return_if(differ, 0);
            self.b.end(Terminator::Continue(label, vec![results[1]]));
            cases.push(self.b.close(Vec::new()));
        }
        let default = Box::new(cases.pop().expect("a type is in its own cycle"));
        self.b.none(Op::Switch { on: at, cases, default });
        self.b.end(Terminator::Unreachable);
        let body = Box::new(self.b.close(Vec::new()));
        self.b.none(Op::Loop { label, params: vec![list], init: vec![first], body });
        self.b.end(Terminator::Unreachable);
    }

    fn pair(
        &mut self,
        next: ValueId,
        a: ValueId,
        b: ValueId,
        cycle: &[VeraTy],
        ty: VeraTy,
    ) -> ValueId {
        let place = cycle.iter().position(|member| *member == ty);
        let place = self.b.i32(place.expect("the part leads back") as i32);
        let layout = self.lo.layout(0, SIZE, &SLOTS.map(Some));
        let values = [next, a, b, place];
        let fields = SLOTS.into_iter().zip(values).map(|((at, mem), v)| (at, mem, v)).collect();
        self.b.one(Op::MakeObject { layout, fields }, Ty::Ref)
    }

    /// `step(a, b, pairs) -> (whether they may still be equal, pairs)`
    pub(super) fn eq_step_function(&mut self, is_key: bool, ty: VeraTy) {
        let what = if is_key { Structural::KeyEq } else { Structural::Eq };
        let cycle = self.lo.cycle_of_type(ty);
        let (a, b) = (self.b.param(Ty::Ref), self.b.param(Ty::Ref));
        let pairs = self.b.param(Ty::Ref);
        self.b.func.results = vec![Ty::I32, Ty::Ref];
        if is_key || !self.holds_float(ty) {
            let same = self.b.binary(BinaryOp::EqRef, a, b);
            self.settle_if(same, 1, pairs);
        }
        if let TyKind::Array(element) = *self.lo.types.base_kind(ty) {
            return self.array_pairs(element, &cycle, a, b, pairs);
        }
        let shapes = self.shapes(ty);
        let is_tuple = matches!(self.lo.types.base_kind(ty), TyKind::Tuple(_));
        let tag = if is_tuple { self.b.i32(0) } else { self.tag(ty, a) };
        if !is_tuple {
            let other = self.tag(ty, b);
            let differ = self.b.binary(BinaryOp::NeI32, tag, other);
            self.settle_if(differ, 0, pairs);
        }
        self.each_ctor(tag, &shapes, &mut |this, _, _, shape| {
            let mut back = Vec::new();
            for (ty, slot) in shape.fields.iter().zip(&shape.slots) {
                let (Some(x), Some(y)) = (this.field(a, *slot), this.field(b, *slot)) else {
                    continue;
                };
                let ((_, x), (ty, y)) = (this.opened(*ty, x), this.opened(*ty, y));
                if cycle.contains(&ty) {
                    back.push((ty, x, y));
                } else {
                    let equal = this.equal_part(what, ty, x, y);
                    let differ = this.b.unary(UnaryOp::Not, equal);
                    this.settle_if(differ, 0, pairs);
                }
            }
            let Some((ty, x, y)) = back.pop() else {
                return this.settle(1, pairs);
            };
            let mut pairs = pairs;
            for (ty, x, y) in back.into_iter().rev() {
                pairs = this.pair(pairs, x, y, &cycle, ty);
            }
            let func = this.lo.structural(Structural::EqStep(is_key), ty);
            let loc = this.b.loc;
            this.b.end(Terminator::TailCall { func, args: vec![x, y, pairs], loc });
        });
    }

    fn array_pairs(
        &mut self,
        element: VeraTy,
        cycle: &[VeraTy],
        a: ValueId,
        b: ValueId,
        pairs: ValueId,
    ) {
        let repr = self.lo.repr(element);
        let (len, other) = (self.b.seq_len(a), self.b.seq_len(b));
        let differ = self.b.binary(BinaryOp::NeI32, len, other);
        self.settle_if(differ, 0, pairs);
        let all = self.for_each(a, len, repr, vec![pairs], &mut |this, index, x, carried| {
            let y = this.read(b, index, repr);
            let ((_, x), (element, y)) = (this.opened(element, x), this.opened(element, y));
            vec![this.pair(carried[0], x, y, cycle, element)]
        })[0];
        self.settle(1, all);
    }

    fn settle(&mut self, equal: i32, pairs: ValueId) {
        let equal = self.b.i32(equal);
        self.b.end(Terminator::Return(vec![equal, pairs]));
    }

    fn settle_if(&mut self, cond: ValueId, equal: i32, pairs: ValueId) {
        self.when(cond, |this| this.settle(equal, pairs));
    }
}
