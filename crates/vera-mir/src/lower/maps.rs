//! Maps and sets (language reference, chapters 13.1 and 13.2). A set is a map
//! without values. The runtime keeps the entries; what is in them is decided
//! here, and so is when two keys are the same, see [`super::keys`].

use vera_abi::layout::{ENTRY_HASH, ENTRY_KEY, ENTRY_POSITION, MAP_SIZE};
use vera_abi::runtime::RtFn;
use vera_builtins::Inline;
use vera_check::typed::ExprId;
use vera_check::types::{Ty as VeraTy, TyKind};

use super::data::Repr;
use super::functions::FnLower;
use super::keys::KeyClass;
use crate::ir::*;

/// The shape of the entries of a map or set type.
#[derive(Clone, Copy)]
pub(super) struct EntryShape {
    layout: LayoutId,
    pub key_ty: VeraTy,
    /// `None` in sets.
    pub value_ty: Option<VeraTy>,
    class: KeyClass,
    /// Storage of the key; `None` for a zero-size one.
    key: Option<Mem>,
    /// Place of the value; `None` for a zero-size one and in sets.
    value: Option<(u32, Mem)>,
}

impl FnLower<'_, '_> {
    /// The functions that need only their arguments' values and types.
    pub(super) fn map_function(
        &mut self,
        inline: Inline,
        args: &[ExprId],
        e: ExprId,
    ) -> Option<ValueId> {
        let Some((&map, rest)) = args.split_first() else {
            return Some(self.b.constant(Const::Immediate(0)));
        };
        let map_ty = self.ty(map);
        let map = self.value(map);
        if inline == Inline::MapSize {
            return Some(self.map_size(map));
        }
        let shape = self.entry_shape(map_ty);
        let mut operands = rest.iter().map(|arg| self.expr(*arg)).collect::<Vec<_>>().into_iter();
        let key = operands.next().flatten();
        let value = operands.next().flatten();
        let ty = self.ty(e);
        Some(match inline {
            Inline::MapGet => self.map_get(&shape, map, key, ty),
            Inline::MapContains => {
                let found = self.find_entry(&shape, map, key);
                let absent = self.b.one(Op::IsImmediate(found), Ty::I32);
                self.b.unary(UnaryOp::Not, absent)
            }
            Inline::MapInsert => self.map_insert(&shape, map, key, value),
            Inline::SetAdd => self.set_add(&shape, map, key),
            Inline::MapRemove => self.map_remove(&shape, map, key),
            Inline::MapKeys => self.map_column(&shape, map, ty, Self::entry_key),
            Inline::MapValues => self.map_column(&shape, map, ty, Self::entry_value),
            _ => unreachable!("not a function on maps or sets"),
        })
    }

    /// The shape of the entries of a map or set type.
    pub(super) fn entry_shape(&mut self, ty: VeraTy) -> EntryShape {
        let (key_ty, value_ty) = match *self.lo.types.base_kind(ty) {
            TyKind::Map(key, value) => (key, Some(value)),
            TyKind::Set(key) => (key, None),
            _ => unreachable!("the argument is a map or a set"),
        };
        let class = self.lo.key_class(key_ty);
        let key = match class {
            KeyClass::Zero => None,
            KeyClass::Word if self.lo.repr(key_ty).field() == Some(Mem::F64) => Some(Mem::F64),
            KeyClass::Word => Some(Mem::I64),
            KeyClass::String | KeyClass::Decimal | KeyClass::Structural | KeyClass::Identity => {
                Some(Mem::Ref)
            }
        };
        let behind_key = ENTRY_KEY + key.map_or(0, Mem::size);
        let value = value_ty
            .and_then(|ty| self.lo.repr(ty).field())
            .map(|mem| (behind_key.next_multiple_of(mem.size()), mem));
        let slots = [key.map(|mem| (ENTRY_KEY, mem)), value];
        let end = value.map_or(behind_key, |(offset, mem)| offset + mem.size());
        let layout = self.lo.mutable_layout(end, &slots);
        EntryShape { layout, key_ty, value_ty, class, key, value }
    }

    pub(super) fn map_size(&mut self, map: ValueId) -> ValueId {
        let is_empty = self.b.one(Op::IsImmediate(map), Ty::I32);
        self.b.open();
        let none = self.b.i64(0);
        let then = Box::new(self.b.close(vec![none]));
        self.b.open();
        let load = Op::Load { object: map, offset: MAP_SIZE, mem: Mem::I32 };
        let size = self.b.one(load, Ty::I32);
        let size = self.b.unary(UnaryOp::I32ToI64, size);
        let otherwise = Box::new(self.b.close(vec![size]));
        self.b.one(Op::If { cond: is_empty, then, otherwise }, Ty::I64)
    }

    /// The entry of a key, or the immediate 0.
    fn find_entry(&mut self, shape: &EntryShape, map: ValueId, key: Option<ValueId>) -> ValueId {
        match (shape.class, key) {
            (KeyClass::Word, Some(key)) => {
                let word = self.key_word(shape.key_ty, key);
                self.b.rt(RtFn::MapFindWord, vec![map, word], Ty::Ref)
            }
            (KeyClass::String, Some(key)) => {
                self.b.rt(RtFn::MapFindString, vec![map, key], Ty::Ref)
            }
            (KeyClass::Decimal | KeyClass::Structural | KeyClass::Identity, Some(key)) => {
                let hash = self.entry_hash(shape, Some(key));
                self.find_by_hash(shape, map, hash, key)
            }
            (_, None) | (KeyClass::Zero, Some(_)) => {
                let hash = self.b.i32(0);
                self.b.rt(RtFn::MapFirst, vec![map, hash], Ty::Ref)
            }
        }
    }

    /// The hash an entry holds for a key that the runtime does not hash itself.
    fn entry_hash(&mut self, shape: &EntryShape, key: Option<ValueId>) -> ValueId {
        match key {
            Some(key) => {
                let hash = self.key_hash(shape.key_ty, Some(key));
                self.b.unary(UnaryOp::I64ToI32, hash)
            }
            None => self.b.i32(0),
        }
    }

    fn find_by_hash(
        &mut self,
        shape: &EntryShape,
        map: ValueId,
        hash: ValueId,
        key: ValueId,
    ) -> ValueId {
        let func = self.lo.key_finder(shape.key_ty);
        self.b.one(Op::Call { func, args: vec![map, hash, key] }, Ty::Ref)
    }

    fn map_get(
        &mut self,
        shape: &EntryShape,
        map: ValueId,
        key: Option<ValueId>,
        ty: VeraTy,
    ) -> ValueId {
        let found = self.find_entry(shape, map, key);
        let absent = self.b.one(Op::IsImmediate(found), Ty::I32);
        self.b.open();
        let none = self.prelude_ctor(ty, 0, &[]);
        let then = Box::new(self.b.close(vec![none]));
        self.b.open();
        let value = self.entry_value(shape, found);
        let some = self.prelude_ctor(ty, 1, value.as_slice());
        let otherwise = Box::new(self.b.close(vec![some]));
        self.b.one(Op::If { cond: absent, then, otherwise }, Ty::Ref)
    }

    /// A fresh entry; the runtime writes its position.
    fn entry(
        &mut self,
        shape: &EntryShape,
        hash: ValueId,
        key: Option<ValueId>,
        value: Option<ValueId>,
    ) -> ValueId {
        let position = self.b.i32(0);
        let mut fields = vec![(ENTRY_POSITION, Mem::I32, position), (ENTRY_HASH, Mem::I32, hash)];
        if let (Some(mem), Some(key)) = (shape.key, key) {
            fields.push((ENTRY_KEY, mem, key));
        }
        if let (Some((offset, mem)), Some(value)) = (shape.value, value) {
            fields.push((offset, mem, value));
        }
        self.b.one(Op::MakeObject { layout: shape.layout, fields }, Ty::Ref)
    }

    /// A key as an entry stores it.
    fn stored_key(&mut self, shape: &EntryShape, key: ValueId) -> ValueId {
        match shape.key {
            Some(Mem::F64) => self.canonical_float(key),
            Some(Mem::I64) => self.key_word(shape.key_ty, key),
            Some(Mem::Ref | Mem::I32 | Mem::U8) | None => key,
        }
    }

    pub(super) fn map_insert(
        &mut self,
        shape: &EntryShape,
        map: ValueId,
        key: Option<ValueId>,
        value: Option<ValueId>,
    ) -> ValueId {
        let insert = match shape.class {
            KeyClass::Word => RtFn::MapInsertWord,
            KeyClass::String => RtFn::MapInsertString,
            KeyClass::Decimal | KeyClass::Structural | KeyClass::Identity | KeyClass::Zero => {
                return self.map_put(shape, map, key, value);
            }
        };
        let hash = self.b.i32(0);
        let key = key.map(|key| self.stored_key(shape, key));
        let entry = self.entry(shape, hash, key, value);
        self.b.rt(insert, vec![map, entry], Ty::Ref)
    }

    /// Inserts under a key that the runtime cannot compare. The key that is
    /// there already stays.
    fn map_put(
        &mut self,
        shape: &EntryShape,
        map: ValueId,
        key: Option<ValueId>,
        value: Option<ValueId>,
    ) -> ValueId {
        let hash = self.entry_hash(shape, key);
        let Some(key) = key else {
            let old = self.b.rt(RtFn::MapFirst, vec![map, hash], Ty::Ref);
            let entry = self.entry(shape, hash, None, value);
            return self.b.rt(RtFn::MapPut, vec![map, entry, old], Ty::Ref);
        };
        let old = self.find_by_hash(shape, map, hash, key);
        let absent = self.b.one(Op::IsImmediate(old), Ty::I32);
        self.b.open();
        let then = Box::new(self.b.close(vec![key]));
        self.b.open();
        let load = Op::Load { object: old, offset: ENTRY_KEY, mem: Mem::Ref };
        let kept = self.b.one(load, Ty::Ref);
        let otherwise = Box::new(self.b.close(vec![kept]));
        let key = self.b.one(Op::If { cond: absent, then, otherwise }, Ty::Ref);
        let entry = self.entry(shape, hash, Some(key), value);
        self.b.rt(RtFn::MapPut, vec![map, entry, old], Ty::Ref)
    }

    pub(super) fn set_add(
        &mut self,
        shape: &EntryShape,
        set: ValueId,
        key: Option<ValueId>,
    ) -> ValueId {
        let found = self.find_entry(shape, set, key);
        let absent = self.b.one(Op::IsImmediate(found), Ty::I32);
        self.b.open();
        let added = match shape.class {
            KeyClass::Word | KeyClass::String => self.map_insert(shape, set, key, None),
            KeyClass::Decimal | KeyClass::Structural | KeyClass::Identity | KeyClass::Zero => {
                let hash = self.entry_hash(shape, key);
                let entry = self.entry(shape, hash, key, None);
                self.b.rt(RtFn::MapPut, vec![set, entry, found], Ty::Ref)
            }
        };
        let then = Box::new(self.b.close(vec![added]));
        self.b.open();
        let otherwise = Box::new(self.b.close(vec![set]));
        self.b.one(Op::If { cond: absent, then, otherwise }, Ty::Ref)
    }

    fn map_remove(&mut self, shape: &EntryShape, map: ValueId, key: Option<ValueId>) -> ValueId {
        let found = self.find_entry(shape, map, key);
        let absent = self.b.one(Op::IsImmediate(found), Ty::I32);
        self.b.open();
        let then = Box::new(self.b.close(vec![map]));
        self.b.open();
        let rest = self.b.rt(RtFn::MapRemove, vec![map, found], Ty::Ref);
        let otherwise = Box::new(self.b.close(vec![rest]));
        self.b.one(Op::If { cond: absent, then, otherwise }, Ty::Ref)
    }

    /// The key of an entry, in its own representation.
    pub(super) fn entry_key(&mut self, shape: &EntryShape, entry: ValueId) -> Option<ValueId> {
        let mem = shape.key?;
        let load = Op::Load { object: entry, offset: ENTRY_KEY, mem };
        let stored = self.b.one(load, mem.ty());
        Some(match self.lo.repr(shape.key_ty).ty() {
            Some(Ty::I32) => self.b.unary(UnaryOp::I64ToI32, stored),
            Some(Ty::I64 | Ty::F64 | Ty::Ref) | None => stored,
        })
    }

    /// The value of an entry of a map.
    pub(super) fn entry_value(&mut self, shape: &EntryShape, entry: ValueId) -> Option<ValueId> {
        let (offset, mem) = shape.value?;
        Some(self.b.one(Op::Load { object: entry, offset, mem }, mem.ty()))
    }

    /// An array of one part of each entry, in insertion order.
    pub(super) fn map_column(
        &mut self,
        shape: &EntryShape,
        map: ValueId,
        ty: VeraTy,
        part: fn(&mut Self, &EntryShape, ValueId) -> Option<ValueId>,
    ) -> ValueId {
        let TyKind::Array(element) = *self.lo.types.base_kind(ty) else {
            unreachable!("the result is an array");
        };
        let mem = self.lo.repr(element).element();
        let entries = self.b.rt(RtFn::MapEntries, vec![map], Ty::Ref);
        let len = self.b.seq_len(entries);
        let array = self.new_array(len, mem);
        self.for_each(entries, len, Repr::Ref, Vec::new(), &mut |this, index, entry, _| {
            if let Some(value) = part(this, shape, entry) {
                let data = this.b.seq_data(array);
                this.b.none(Op::SetElement { data, index, mem, value });
            }
            Vec::new()
        });
        self.finish_array(array, mem);
        array
    }

    /// Runs `step` for each entry of a map or set in insertion order, with its
    /// number and the value carried along, which it returns anew.
    pub(super) fn fold_entries(
        &mut self,
        ty: VeraTy,
        map: ValueId,
        start: ValueId,
        step: &mut EntryStep<'_, Self>,
    ) -> ValueId {
        let shape = self.entry_shape(ty);
        let entries = self.b.rt(RtFn::MapEntries, vec![map], Ty::Ref);
        let len = self.b.seq_len(entries);
        self.for_each(entries, len, Repr::Ref, vec![start], &mut |this, index, entry, carried| {
            vec![step(this, &shape, index, entry, carried[0])]
        })[0]
    }

    /// A map whose values are adapted to another type.
    pub(super) fn adapt_entries(&mut self, map: ValueId, from: VeraTy, to: VeraTy) -> ValueId {
        let shape = self.entry_shape(to);
        let empty = self.b.constant(Const::Immediate(0));
        self.fold_entries(from, map, empty, &mut |this, held, _, entry, built| {
            let key = this.entry_key(held, entry);
            let value = this.entry_value(held, entry).map(|value| {
                let (from, to) = (held.value_ty, shape.value_ty);
                from.zip(to).map_or(value, |(from, to)| this.adapted(value, from, to))
            });
            this.map_insert(&shape, built, key, value)
        })
    }

    /// Checks every key and value of a map or set against its type.
    pub(super) fn check_entries(&mut self, ty: VeraTy, map: ValueId) {
        let shape = self.entry_shape(ty);
        let entries = self.b.rt(RtFn::MapEntries, vec![map], Ty::Ref);
        let len = self.b.seq_len(entries);
        self.for_each(entries, len, Repr::Ref, Vec::new(), &mut |this, _, entry, _| {
            if let Some(key) = this.entry_key(&shape, entry) {
                this.check_part(key, shape.key_ty);
            }
            if let (Some(ty), Some(value)) = (shape.value_ty, this.entry_value(&shape, entry)) {
                this.check_part(value, ty);
            }
            Vec::new()
        });
    }
}

/// One step over the entries: their shape, the entry's number, the entry, and
/// the value carried along.
type EntryStep<'f, L> = dyn FnMut(&mut L, &EntryShape, ValueId, ValueId, ValueId) -> ValueId + 'f;
