//! When two keys of a map or set are the same, and how they are hashed
//! (language reference, chapter 13.1.3).
//!
//! Keys are compared by value: `Float64` by "same value zero", so that a NaN is
//! found again, and compound keys part by part. Values that have no equality,
//! closures and maps and what holds them, are the same when they are one object.
//! The hash is not that of the built-in `hash`: it depends on a secret of the
//! instance, so that no chosen keys can collide.

use vera_abi::layout::ENTRY_KEY;
use vera_abi::runtime::RtFn;
use vera_check::types::{Ty as VeraTy, TyKind};

use super::Lowerer;
use super::data::Repr;
use super::functions::FnLower;
use super::structural::Structural;
use crate::ir::*;

/// How keys of a type are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum KeyClass {
    /// A machine word, by the runtime.
    Word,
    /// By the runtime.
    String,
    /// By the runtime, which tells equal numbers of different scale to be the same.
    Decimal,
    /// Part by part, by functions of the type.
    Structural,
    /// As objects.
    Identity,
    /// There is only one value.
    Zero,
}

impl Lowerer<'_> {
    pub(super) fn key_class(&self, ty: VeraTy) -> KeyClass {
        match self.repr(ty) {
            Repr::Zero => KeyClass::Zero,
            Repr::I64 | Repr::F64 | Repr::Byte | Repr::Enum => KeyClass::Word,
            Repr::Ref if matches!(self.types.base_kind(ty), TyKind::String) => KeyClass::String,
            Repr::Ref if matches!(self.types.base_kind(ty), TyKind::Decimal) => KeyClass::Decimal,
            Repr::Ref if self.has_parts_with_equality(ty, &mut Vec::new()) => KeyClass::Structural,
            Repr::Ref => KeyClass::Identity,
        }
    }

    /// Whether no part of a value can be a closure, a map or a set.
    fn has_parts_with_equality(&self, ty: VeraTy, seen: &mut Vec<VeraTy>) -> bool {
        if seen.contains(&ty) {
            return true;
        }
        seen.push(ty);
        match self.types.base_kind(ty).clone() {
            TyKind::Array(inner) | TyKind::Future(inner) => {
                self.has_parts_with_equality(inner, seen)
            }
            TyKind::Tuple(parts) => parts.iter().all(|p| self.has_parts_with_equality(*p, seen)),
            TyKind::Data(data, args) => {
                // Arguments stand for the parameters that fields mention.
                let fields = self.program.data(data).ctors.iter().flat_map(|c| c.fields.iter());
                let mut declared = fields.copied();
                args.iter().all(|a| self.has_parts_with_equality(*a, seen))
                    && declared.all(|f| self.has_parts_with_equality(f, seen))
            }
            TyKind::Int
            | TyKind::Nat
            | TyKind::Byte
            | TyKind::Bool
            | TyKind::Float64
            | TyKind::String
            | TyKind::Decimal
            | TyKind::Unit
            | TyKind::Never
            | TyKind::Param(..) => true,
            TyKind::Map(..)
            | TyKind::Set(_)
            | TyKind::Fn { .. }
            | TyKind::Refined(..)
            | TyKind::Meta(_)
            | TyKind::Undeclared(_)
            | TyKind::Unknown => false,
        }
    }

    /// The function that finds the entry of a key among those with its hash.
    pub(super) fn key_finder(&mut self, ty: VeraTy) -> FuncId {
        let ty = self.types.base(ty);
        self.structural(Structural::KeyFind, ty)
    }
}

impl FnLower<'_, '_> {
    /// A key of class `Word` as a word; the same keys have the same word.
    pub(super) fn key_word(&mut self, ty: VeraTy, key: ValueId) -> ValueId {
        match self.lo.repr(ty) {
            Repr::F64 => {
                let canonical = self.canonical_float(key);
                self.b.unary(UnaryOp::F64Bits, canonical)
            }
            Repr::Byte | Repr::Enum => self.b.unary(UnaryOp::I32ToI64, key),
            Repr::I64 | Repr::Ref | Repr::Zero => key,
        }
    }

    /// A float with one bit pattern for every NaN and one for both zeros.
    pub(super) fn canonical_float(&mut self, value: ValueId) -> ValueId {
        let is_nan = self.b.binary(BinaryOp::NeF64, value, value);
        self.b.open();
        let nan = self.b.constant(Const::F64(0x7ff8_0000_0000_0000));
        let then = Box::new(self.b.close(vec![nan]));
        self.b.open();
        // Negative zero plus zero is zero.
        let zero = self.b.constant(Const::F64(0));
        let number = self.b.binary(BinaryOp::AddF64, value, zero);
        let otherwise = Box::new(self.b.close(vec![number]));
        self.b.one(Op::If { cond: is_nan, then, otherwise }, Ty::F64)
    }

    /// The hash of a key or of a part of one.
    pub(super) fn key_hash(&mut self, ty: VeraTy, key: Option<ValueId>) -> ValueId {
        let Some(key) = key else { return self.b.i64(0) };
        let (ty, key) = self.opened(ty, key);
        match self.lo.key_class(ty) {
            KeyClass::Zero => self.b.i64(0),
            KeyClass::Word => {
                let word = self.key_word(ty, key);
                self.b.rt(RtFn::KeyHashWord, vec![word], Ty::I64)
            }
            KeyClass::String => self.b.rt(RtFn::KeyHashString, vec![key], Ty::I64),
            KeyClass::Decimal => self.b.rt(RtFn::KeyHashDecimal, vec![key], Ty::I64),
            KeyClass::Structural => {
                let func = self.lo.structural(Structural::KeyHash, ty);
                self.b.one(Op::Call { func, args: vec![key] }, Ty::I64)
            }
            KeyClass::Identity => {
                // Objects never move.
                let address = self.b.unary(UnaryOp::RefToI32, key);
                let word = self.b.unary(UnaryOp::I32ToI64, address);
                self.b.rt(RtFn::KeyHashWord, vec![word], Ty::I64)
            }
        }
    }

    /// 1 when two keys, or parts of keys, are the same.
    pub(super) fn key_equal(&mut self, ty: VeraTy, a: ValueId, b: ValueId) -> ValueId {
        let ((_, a), (ty, b)) = (self.opened(ty, a), self.opened(ty, b));
        match self.lo.key_class(ty) {
            KeyClass::Zero => self.b.i32(1),
            KeyClass::Word => {
                let (a, b) = (self.key_word(ty, a), self.key_word(ty, b));
                self.b.binary(BinaryOp::EqI64, a, b)
            }
            KeyClass::String => self.b.rt(RtFn::StringEq, vec![a, b], Ty::I32),
            KeyClass::Decimal => self.b.rt(RtFn::DecimalIsSameKey, vec![a, b], Ty::I32),
            KeyClass::Structural => {
                let func = self.lo.structural(Structural::KeyEq, ty);
                self.b.one(Op::Call { func, args: vec![a, b] }, Ty::I32)
            }
            KeyClass::Identity => self.b.binary(BinaryOp::EqRef, a, b),
        }
    }

    /// The function behind [`Lowerer::key_finder`].
    pub(super) fn key_find_function(&mut self, ty: VeraTy) {
        let map = self.b.param(Ty::Ref);
        let hash = self.b.param(Ty::I32);
        let key = self.b.param(Ty::Ref);
        self.b.func.results = vec![Ty::Ref];
        let first = self.b.rt(RtFn::MapFirst, vec![map, hash], Ty::Ref);
        let label = self.b.func.new_label();
        let entry = self.b.func.new_value(Ty::Ref);
        self.b.open();
        let none = self.b.one(Op::IsImmediate(entry), Ty::I32);
        self.return_value_if(none, entry);
        let load = Op::Load { object: entry, offset: ENTRY_KEY, mem: Mem::Ref };
        let other = self.b.one(load, Ty::Ref);
        let same = self.key_equal(ty, other, key);
        self.return_value_if(same, entry);
        let next = self.b.rt(RtFn::MapFollowing, vec![map, entry], Ty::Ref);
        self.b.end(Terminator::Continue(label, vec![next]));
        let body = Box::new(self.b.close(Vec::new()));
        self.b.none(Op::Loop { label, params: vec![entry], init: vec![first], body });
        self.b.end(Terminator::Unreachable);
    }

    /// The hash of an array key.
    pub(super) fn key_hash_array(&mut self, element: VeraTy, array: ValueId) -> ValueId {
        let repr = self.lo.repr(element);
        let len = self.b.seq_len(array);
        let start = self.b.unary(UnaryOp::I32ToI64, len);
        self.for_each(array, len, repr, vec![start], &mut |this, _, x, carried| {
            let part = this.key_hash(element, Some(x));
            vec![this.b.rt(RtFn::KeyHashMix, vec![carried[0], part], Ty::I64)]
        })[0]
    }

    /// Whether two arrays have the same elements as keys; ends the function.
    pub(super) fn equal_arrays(
        &mut self,
        what: Structural,
        element: VeraTy,
        a: ValueId,
        b: ValueId,
    ) {
        let repr = self.lo.repr(element);
        let (len, other_len) = (self.b.seq_len(a), self.b.seq_len(b));
        let differ = self.b.binary(BinaryOp::NeI32, len, other_len);
        self.return_if(differ, 0);
        self.for_each(a, len, repr, Vec::new(), &mut |this, index, x, _| {
            let y = this.read(b, index, repr);
            let same = this.equal_part(what, element, x, y);
            let differ = this.b.unary(UnaryOp::Not, same);
            this.return_if(differ, 0);
            Vec::new()
        });
        let yes = self.b.i32(1);
        self.b.end(Terminator::Return(vec![yes]));
    }
}
