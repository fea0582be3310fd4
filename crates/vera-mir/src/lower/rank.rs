//! How large a data value is: the number of its constructor nodes, which
//! `decreases` compares.
//!
//! Recursion mostly goes to a part of the parameter, so parts near the top are
//! looked for first; only values that are none are counted.

use vera_check::types::{Ty as VeraTy, TyKind};

use super::Lowerer;
use super::data::Repr;
use super::functions::FnLower;
use super::structural::Structural;
use crate::ir::*;

impl Lowerer<'_> {
    /// Whether a function may be reached through values of the type.
    pub(super) fn holds_functions(&mut self, ty: VeraTy) -> bool {
        let within = self.types_within(ty);
        within.into_iter().any(|t| matches!(self.types.kind(t), TyKind::Fn { .. }))
    }

    /// Whether values of the type hold constructor nodes.
    fn is_ranked(&mut self, ty: VeraTy) -> bool {
        let ty = self.types.plain(ty);
        match self.types.base_kind(ty).clone() {
            TyKind::Data(..) => true,
            TyKind::Array(inner) | TyKind::Set(inner) => self.is_ranked(inner),
            TyKind::Map(key, value) => self.is_ranked(key) || self.is_ranked(value),
            TyKind::Tuple(parts) => parts.iter().any(|p| self.is_ranked(*p)),
            _ => false,
        }
    }
}

impl FnLower<'_, '_> {
    /// `smaller(a, b)`: 1 when `a` has fewer nodes than `b`, 0 when as many, 2
    /// when more.
    pub(super) fn smaller_function(&mut self, ty: VeraTy) {
        let a = self.b.param(Ty::Ref);
        let b = self.b.param(Ty::Ref);
        self.b.func.results = vec![Ty::I32];
        let same = self.b.binary(BinaryOp::EqRef, a, b);
        self.return_if(same, 0);
        let func = self.lo.structural(Structural::HasPart, ty);
        let depth = self.b.i32(3);
        let part = self.b.one(Op::Call { func, args: vec![b, a, depth] }, Ty::I32);
        self.return_if(part, 1);
        let (na, nb) = (self.size(ty, a), self.size(ty, b));
        let fewer = self.b.binary(BinaryOp::LtI64, na, nb);
        self.return_if(fewer, 1);
        let more = self.b.binary(BinaryOp::GtI64, na, nb);
        self.return_if(more, 2);
        let zero = self.b.i32(0);
        self.b.end(Terminator::Return(vec![zero]));
    }

    fn size(&mut self, ty: VeraTy, value: ValueId) -> ValueId {
        let func = self.lo.structural(Structural::Size, ty);
        let zero = self.b.i64(0);
        self.b.one(Op::Call { func, args: vec![value, zero] }, Ty::I64)
    }

    /// `has_part(whole, part, depth)`: whether `part` is a field of `whole`, or a
    /// field of a field, so many levels deep.
    pub(super) fn has_part_function(&mut self, ty: VeraTy) {
        let whole = self.b.param(Ty::Ref);
        let part = self.b.param(Ty::Ref);
        let depth = self.b.param(Ty::I32);
        self.b.func.results = vec![Ty::I32];
        let one = self.b.i32(1);
        let left = self.b.binary(BinaryOp::SubI32, depth, one);
        let fields = |this: &mut Self, shape: &super::data::CtorShape| {
            let mut found = Vec::new();
            for (ty, slot) in shape.fields.iter().zip(&shape.slots) {
                let data = matches!(this.lo.types.base_kind(*ty), TyKind::Data(..));
                if data && this.lo.repr(*ty) == Repr::Ref {
                    found.extend(this.field(whole, *slot).map(|field| (*ty, field)));
                }
            }
            found
        };
        let shapes = self.shapes(ty);
        let tag = self.tag(ty, whole);
        self.each_ctor(tag, &shapes, &mut |this, _, _, shape| {
            let fields = fields(this, shape);
            for (_, field) in &fields {
                let same = this.b.binary(BinaryOp::EqRef, *field, part);
                this.return_if(same, 1);
            }
            let zero = this.b.i32(0);
            let deep = this.b.binary(BinaryOp::LeI32, left, zero);
            this.return_if(deep, 0);
            for (ty, field) in &fields {
                let ty = this.lo.types.plain(*ty);
                let func = this.lo.structural(Structural::HasPart, ty);
                let op = Op::Call { func, args: vec![*field, part, left] };
                let found = this.b.one(op, Ty::I32);
                this.return_if(found, 1);
            }
            this.b.end(Terminator::Return(vec![zero]));
        });
    }

    /// `size(value, nodes so far) -> nodes`. The last field is counted by a tail
    /// call, so that a list takes constant stack space.
    pub(super) fn size_function(&mut self, ty: VeraTy) {
        let value = self.b.param(Ty::Ref);
        let so_far = self.b.param(Ty::I64);
        self.b.func.results = vec![Ty::I64];
        let is_data = match *self.lo.types.base_kind(ty) {
            TyKind::Array(element) => {
                let repr = self.lo.repr(element);
                let len = self.b.seq_len(value);
                let total = self.for_each(value, len, repr, vec![so_far], &mut |this, _, x, n| {
                    vec![this.count(element, x, n[0])]
                })[0];
                return self.b.end(Terminator::Return(vec![total]));
            }
            TyKind::Map(..) | TyKind::Set(_) => {
                let total = self.fold_entries(ty, value, so_far, &mut |this, held, _, entry, n| {
                    let key = this.entry_key(held, entry);
                    let n = key.map_or(n, |key| this.count(held.key_ty, key, n));
                    let value = this.entry_value(held, entry).zip(held.value_ty);
                    value.map_or(n, |(value, ty)| this.count(ty, value, n))
                });
                return self.b.end(Terminator::Return(vec![total]));
            }
            TyKind::Data(..) => true,
            _ => false,
        };
        let tag = if is_data { self.tag(ty, value) } else { self.b.i32(0) };
        let shapes = self.shapes(ty);
        self.each_ctor(tag, &shapes, &mut |this, _, _, shape| {
            let mut total = so_far;
            if is_data {
                let one = this.b.i64(1);
                total = this.b.binary(BinaryOp::AddI64, total, one);
            }
            let mut last: Option<(VeraTy, ValueId)> = None;
            for (ty, slot) in shape.fields.iter().zip(&shape.slots) {
                if slot.is_none() || !this.lo.is_ranked(*ty) {
                    continue;
                }
                if let Some((ty, field)) = last.take() {
                    total = this.count(ty, field, total);
                }
                last = this.field(value, *slot).map(|field| (*ty, field));
            }
            match last {
                Some((ty, field)) if this.lo.repr(ty) == Repr::Ref => {
                    let (ty, field) = this.opened(ty, field);
                    let func = this.lo.structural(Structural::Size, ty);
                    let (args, loc) = (vec![field, total], this.b.loc);
                    this.b.end(Terminator::TailCall { func, args, loc });
                }
                Some((ty, field)) => {
                    let total = this.count(ty, field, total);
                    this.b.end(Terminator::Return(vec![total]));
                }
                None => this.b.end(Terminator::Return(vec![total])),
            }
        });
    }

    /// The nodes of a part added to those so far.
    fn count(&mut self, ty: VeraTy, value: ValueId, so_far: ValueId) -> ValueId {
        if !self.lo.is_ranked(ty) {
            return so_far;
        }
        let (ty, value) = self.opened(ty, value);
        if self.lo.repr(ty) == Repr::Ref {
            let func = self.lo.structural(Structural::Size, ty);
            return self.b.one(Op::Call { func, args: vec![value, so_far] }, Ty::I64);
        }
        let one = self.b.i64(1);
        self.b.binary(BinaryOp::AddI64, so_far, one)
    }
}
