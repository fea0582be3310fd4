//! Values the host hands over: a node after the nodes below it, which are on a stack.

use vera_abi::host::HostFn;
use vera_abi::interface::HostTy;
use vera_abi::prelude::SOME;
use vera_abi::runtime::RtFn;
use vera_abi::trap::TrapKind;
use vera_check::types::{Ty as VeraTy, TyKind};

use super::super::functions::FnLower;
use super::super::structural::Structural;
use super::put::is_node;
use super::{NEXT, VALUE};
use crate::ir::*;

impl FnLower<'_, '_> {
    /// The value of this type that the host hands over next; `None` if it takes no space.
    pub(crate) fn take(&mut self, ty: VeraTy) -> Option<ValueId> {
        let plain = self.lo.types.plain(ty);
        let value = if is_node(self, plain) {
            let func = self.lo.take_all(plain);
            Some(self.b.one(Op::Call { func, args: Vec::new() }, Ty::Ref))
        } else {
            let host = self.lo.wire_ty(plain);
            self.take_inline(&host, plain)
        };
        value.map(|value| self.closed(ty, value))
    }

    fn take_inline(&mut self, host: &HostTy, ty: VeraTy) -> Option<ValueId> {
        Some(match host {
            HostTy::Unit => {
                if matches!(self.lo.types.base_kind(ty), TyKind::Never) {
                    self.b.end(Terminator::Unreachable);
                }
                return None;
            }
            HostTy::Int | HostTy::Nat => self.take_word(),
            HostTy::Byte | HostTy::Bool | HostTy::Enum(_) => self.take_number(),
            HostTy::Float64 => self.b.host(HostFn::TakeFloat, Vec::new(), &[Ty::F64])[0],
            HostTy::String => self.take_text(),
            HostTy::Decimal => self.take_decimal(),
            HostTy::Compound(_) => {
                let TyKind::Array(element) = *self.lo.types.base_kind(ty) else {
                    unreachable!("only arrays are compound and inline");
                };
                let plain = self.lo.types.plain(element);
                let array = self.take_elements(self.lo.repr(plain).element());
                self.with_futures(element, array)
            }
            HostTy::Opaque(_) => unreachable!("the caller has seen that values cross"),
        })
    }

    fn take_word(&mut self) -> ValueId {
        self.b.host(HostFn::TakeWord, Vec::new(), &[Ty::I64])[0]
    }

    fn take_number(&mut self) -> ValueId {
        let word = self.take_word();
        self.b.unary(UnaryOp::I64ToI32, word)
    }

    fn take_text(&mut self) -> ValueId {
        self.b.host(HostFn::TakeBytes, Vec::new(), &[]);
        self.host_text()
    }

    fn take_decimal(&mut self) -> ValueId {
        let text = self.take_text();
        let parsed = self.b.rt(RtFn::DecimalFromString, vec![text], Ty::Ref);
        let none = self.b.one(Op::IsImmediate(parsed), Ty::I32);
        let some = self.b.unary(UnaryOp::Not, none);
        let message = "The host handed over a text that is no decimal number".to_owned();
        self.b.guard(some, TrapKind::HostError, Some(message));
        self.b.one(Op::Load { object: parsed, offset: SOME.offset(0), mem: Mem::Ref }, Ty::Ref)
    }

    /// An array whose elements come as they lie in memory.
    fn take_elements(&mut self, mem: Mem) -> ValueId {
        if mem == Mem::U8 {
            // Strings and arrays of bytes have one form.
            return self.take_text();
        }
        self.b.host(HostFn::TakeBytes, Vec::new(), &[]);
        let bytes = self.b.host(HostFn::ResultLen, Vec::new(), &[Ty::I32])[0];
        let bytes = self.b.unary(UnaryOp::I32ToI64, bytes);
        let shift = self.b.i64(i64::from(mem.size().ilog2()));
        let len = self.b.binary(BinaryOp::ShrU64, bytes, shift);
        let len = self.b.unary(UnaryOp::I64ToI32, len);
        let array = self.new_array(len, mem);
        let data = self.b.seq_data(array);
        self.b.host(HostFn::ResultCopy, vec![data], &[]);
        self.finish_array(array, mem);
        array
    }

    /// An array of such elements from one whose elements are no futures.
    fn with_futures(&mut self, element: VeraTy, array: ValueId) -> ValueId {
        if !matches!(self.lo.types.base_kind(element), TyKind::Future(_)) {
            return array;
        }
        let repr = self.lo.repr(self.lo.types.plain(element));
        let len = self.b.seq_len(array);
        let built = self.new_array(len, Mem::Ref);
        self.for_each(array, len, repr, Vec::new(), &mut |this, index, x, _| {
            let value = this.closed(element, x);
            let data = this.b.seq_data(built);
            this.b.none(Op::SetElement { data, index, mem: Mem::Ref, value });
            Vec::new()
        });
        self.finish_array(built, Mem::Ref);
        built
    }

    /// `take(number, stack) -> stack`: replaces the nodes below one by it.
    pub(crate) fn take_function(&mut self, ty: VeraTy) {
        let number = self.b.param(Ty::I32);
        let stack = self.b.param(Ty::Ref);
        self.b.func.results = vec![Ty::Ref];
        match *self.lo.types.base_kind(ty) {
            TyKind::Array(element) => {
                let (array, stack) = self.take_array(element, number, stack);
                self.push(stack, array);
            }
            TyKind::Map(..) | TyKind::Set(_) => {
                let columns = self.lo.columns(ty);
                let (values, stack) = self.take_fields(&columns, stack);
                let map = self.map_of_columns(ty, &columns, &values);
                self.push(stack, map);
            }
            _ => {
                let shapes = self.shapes(ty);
                let is_tuple = matches!(self.lo.types.base_kind(ty), TyKind::Tuple(_));
                let tag = if is_tuple { self.b.i32(0) } else { number };
                self.each_ctor(tag, &shapes, &mut |this, tag, _, shape| {
                    let (values, stack) = this.take_fields(&shape.fields, stack);
                    let slots = shape.slots.iter().zip(values);
                    let fields = slots.filter_map(|(slot, value)| {
                        let ((offset, mem), value) = (*slot).zip(value)?;
                        Some((offset, mem, value))
                    });
                    let fields = fields.collect();
                    let object = this.make_object(tag as u32, shape, fields);
                    this.push(stack, object);
                });
            }
        }
    }

    /// Ends the function with one more value on the stack.
    pub(super) fn push(&mut self, stack: ValueId, value: ValueId) {
        let stack = self.link(stack, value);
        self.b.end(Terminator::Return(vec![stack]));
    }

    /// The value on the stack, and the stack below it.
    fn pop(&mut self, stack: ValueId) -> (ValueId, ValueId) {
        let mut read =
            |offset| self.b.one(Op::Load { object: stack, offset, mem: Mem::Ref }, Ty::Ref);
        (read(VALUE), read(NEXT))
    }

    /// The fields of a node, and what is left on the stack.
    pub(super) fn take_fields(
        &mut self,
        types: &[VeraTy],
        stack: ValueId,
    ) -> (Vec<Option<ValueId>>, ValueId) {
        let mut values = Vec::new();
        let mut below = Vec::new();
        for (i, ty) in types.iter().enumerate() {
            let plain = self.lo.types.plain(*ty);
            if is_node(self, plain) {
                below.push(i);
                values.push(None);
            } else {
                let host = self.lo.wire_ty(plain);
                let value = self.take_inline(&host, plain);
                values.push(value.map(|value| self.closed(*ty, value)));
            }
        }
        let mut stack = stack;
        for i in below.into_iter().rev() {
            let (value, rest) = self.pop(stack);
            values[i] = Some(self.closed(types[i], value));
            stack = rest;
        }
        (values, stack)
    }

    fn take_array(&mut self, element: VeraTy, len: ValueId, stack: ValueId) -> (ValueId, ValueId) {
        let mem = self.lo.repr(element).element();
        let array = self.new_array(len, mem);
        let plain = self.lo.types.plain(element);
        let stack = if is_node(self, plain) {
            let one = self.b.i32(1);
            let last = self.b.binary(BinaryOp::SubI32, len, one);
            self.for_numbers(len, vec![stack], &mut |this, index, carried| {
                let index = this.b.binary(BinaryOp::SubI32, last, index);
                let (value, rest) = this.pop(carried[0]);
                let value = this.closed(element, value);
                let data = this.b.seq_data(array);
                this.b.none(Op::SetElement { data, index, mem, value });
                vec![rest]
            })[0]
        } else {
            let host = self.lo.wire_ty(plain);
            self.for_indices(len, |this, index| {
                if let Some(value) = this.take_inline(&host, plain) {
                    let value = this.closed(element, value);
                    let data = this.b.seq_data(array);
                    this.b.none(Op::SetElement { data, index, mem, value });
                }
            });
            stack
        };
        self.finish_array(array, mem);
        (array, stack)
    }

    /// A map or set of the arrays it crosses as.
    fn map_of_columns(
        &mut self,
        ty: VeraTy,
        columns: &[VeraTy],
        arrays: &[Option<ValueId>],
    ) -> ValueId {
        let shape = self.entry_shape(ty);
        let reprs: Vec<_> = columns
            .iter()
            .map(|column| match *self.lo.types.base_kind(*column) {
                TyKind::Array(element) => self.lo.repr(element),
                _ => unreachable!("columns are arrays"),
            })
            .collect();
        let arrays: Vec<ValueId> = arrays.iter().flatten().copied().collect();
        let len = self.b.seq_len(arrays[0]);
        let empty = self.b.constant(Const::Immediate(0));
        self.for_numbers(len, vec![empty], &mut |this, index, carried| {
            let mut parts = arrays
                .iter()
                .zip(&reprs)
                .map(|(array, repr)| repr.ty().is_some().then(|| this.read(*array, index, *repr)));
            let (key, value) = (parts.next().flatten(), parts.next().flatten());
            vec![match arrays.len() {
                1 => this.set_add(&shape, carried[0], key),
                _ => this.map_insert(&shape, carried[0], key, value),
            }]
        })[0]
    }

    /// `take() -> value`: builds a value of all nodes that the host hands over.
    pub(super) fn take_loop(&mut self) {
        self.b.func.results = vec![Ty::Ref];
        let count = self.take_word();
        let none = self.b.constant(Const::Immediate(0));
        let label = self.b.func.new_label();
        let (stack, left) = (self.b.func.new_value(Ty::Ref), self.b.func.new_value(Ty::I64));
        self.b.open();
        let (zero, one) = (self.b.i64(0), self.b.i64(1));
        let done = self.b.binary(BinaryOp::EqI64, left, zero);
        self.when(done, |this| {
            let (value, _) = this.pop(stack);
            this.b.end(Terminator::Return(vec![value]));
        });
        let left_then = self.b.binary(BinaryOp::SubI64, left, one);
        let word = self.take_word();
        let number = self.b.unary(UnaryOp::I64ToI32, word);
        let half = self.b.i64(32);
        let ty = self.b.binary(BinaryOp::ShrU64, word, half);
        let ty = self.b.unary(UnaryOp::I64ToI32, ty);
        let types = self.lo.wire.taken.clone();
        self.each_node_type(ty, &types, |this, ty| {
            let func = this.lo.node_function(Structural::Take, ty);
            let stack = this.b.one(Op::Call { func, args: vec![number, stack] }, Ty::Ref);
            this.b.end(Terminator::Continue(label, vec![stack, left_then]));
        });
        let body = Box::new(self.b.close(Vec::new()));
        let (params, init) = (vec![stack, left], vec![none, count]);
        self.b.none(Op::Loop { label, params, init, body });
        self.b.end(Terminator::Unreachable);
    }
}
