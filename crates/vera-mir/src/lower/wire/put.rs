//! Values the program hands over: a node before the nodes below it.

use vera_abi::host::HostFn;
use vera_abi::interface::HostTy;
use vera_abi::runtime::RtFn;
use vera_check::types::{Ty as VeraTy, TyKind};

use super::super::data::Repr;
use super::super::functions::FnLower;
use super::super::structural::Structural;
use super::{NEXT, TYPE, VALUE};
use crate::ir::*;

impl FnLower<'_, '_> {
    /// Hands a value over; `None` for one that takes no space.
    pub(crate) fn put(&mut self, ty: VeraTy, value: Option<ValueId>) {
        let Some(value) = value else { return };
        let (ty, value) = self.opened(ty, value);
        let host = self.lo.wire_ty(ty);
        if self.lo.out.interface.is_inline(&host) {
            return self.put_inline(&host, ty, value);
        }
        let HostTy::Compound(id) = host else { unreachable!("only compound values are nodes") };
        let func = self.lo.put_all(ty);
        let number = self.b.i32(id.0 as i32);
        self.b.none(Op::Call { func, args: vec![number, value] });
    }

    fn put_inline(&mut self, host: &HostTy, ty: VeraTy, value: ValueId) {
        match host {
            HostTy::Unit => {}
            HostTy::Int | HostTy::Nat => _ = self.b.host(HostFn::PutWord, vec![value], &[]),
            HostTy::Byte | HostTy::Bool | HostTy::Enum(_) => self.put_number(value),
            HostTy::Float64 => _ = self.b.host(HostFn::PutFloat, vec![value], &[]),
            HostTy::String => self.put_elements(value, 1),
            HostTy::Decimal => {
                let text = self.b.rt(RtFn::DecimalToString, vec![value], Ty::Ref);
                self.put_elements(text, 1);
            }
            HostTy::Compound(_) => {
                let TyKind::Array(element) = *self.lo.types.base_kind(ty) else {
                    unreachable!("only arrays are compound and inline");
                };
                let (value, mem) = self.without_futures(element, value);
                self.put_elements(value, mem.size());
            }
            HostTy::Opaque(_) => unreachable!("the caller has seen that values cross"),
        }
    }

    fn put_number(&mut self, number: ValueId) {
        let word = self.b.unary(UnaryOp::I32ToI64, number);
        self.b.host(HostFn::PutWord, vec![word], &[]);
    }

    /// The elements of a sequence, as they lie in memory.
    fn put_elements(&mut self, sequence: ValueId, size: u32) {
        let mut bytes = self.b.seq_len(sequence);
        if size > 1 {
            let size = self.b.i32(size as i32);
            bytes = self.b.binary(BinaryOp::MulI32, bytes, size);
        }
        let data = self.b.seq_data(sequence);
        self.b.host(HostFn::PutBytes, vec![data, bytes], &[]);
    }

    /// `put(value, left) -> left`: hands one node over, and adds those below it to the
    /// list of what is left.
    pub(crate) fn put_function(&mut self, ty: VeraTy) {
        let value = self.b.param(Ty::Ref);
        let left = self.b.param(Ty::Ref);
        self.b.func.results = vec![Ty::Ref];
        match *self.lo.types.base_kind(ty) {
            TyKind::Array(element) => {
                let left = self.put_array(element, value, left);
                self.b.end(Terminator::Return(vec![left]));
            }
            TyKind::Map(..) | TyKind::Set(_) => {
                let shape = self.entry_shape(ty);
                let columns = self.lo.columns(ty);
                let mut fields = Vec::new();
                for (column, part) in columns.into_iter().zip([Self::entry_key, Self::entry_value])
                {
                    fields.push((column, Some(self.map_column(&shape, value, column, part))));
                }
                let number = self.b.i32(0);
                self.put_fields(number, &fields, left);
            }
            _ => {
                let shapes = self.shapes(ty);
                let is_tuple = matches!(self.lo.types.base_kind(ty), TyKind::Tuple(_));
                let tag = if is_tuple { self.b.i32(0) } else { self.tag(ty, value) };
                self.each_ctor(tag, &shapes, &mut |this, _, _, shape| {
                    let mut fields = Vec::new();
                    for (ty, slot) in shape.fields.iter().zip(&shape.slots) {
                        fields.push((*ty, this.field(value, *slot)));
                    }
                    this.put_fields(tag, &fields, left);
                });
            }
        }
    }

    /// Ends the function with a node of these fields.
    pub(super) fn put_fields(
        &mut self,
        number: ValueId,
        fields: &[(VeraTy, Option<ValueId>)],
        left: ValueId,
    ) {
        self.put_number(number);
        let mut below = Vec::new();
        for (ty, value) in fields {
            let Some(value) = *value else { continue };
            let (ty, value) = self.opened(*ty, value);
            let host = self.lo.wire_ty(ty);
            match host {
                HostTy::Compound(id) if !self.lo.out.interface.is_inline(&host) => {
                    below.push((id, value));
                }
                _ => self.put_inline(&host, ty, value),
            }
        }
        let mut left = left;
        for (id, value) in below.into_iter().rev() {
            let number = self.b.i32(id.0 as i32);
            left = self.left_to_put(number, value, left);
        }
        self.b.end(Terminator::Return(vec![left]));
    }

    fn put_array(&mut self, element: VeraTy, array: ValueId, left: ValueId) -> ValueId {
        let len = self.b.seq_len(array);
        self.put_number(len);
        let host = self.lo.wire_ty(element);
        let repr = self.lo.repr(element);
        match host {
            HostTy::Compound(id) if !self.lo.out.interface.is_inline(&host) => {
                let one = self.b.i32(1);
                let last = self.b.binary(BinaryOp::SubI32, len, one);
                self.for_numbers(len, vec![left], &mut |this, index, carried| {
                    let index = this.b.binary(BinaryOp::SubI32, last, index);
                    let x = this.read(array, index, repr);
                    let (_, x) = this.opened(element, x);
                    let number = this.b.i32(id.0 as i32);
                    vec![this.left_to_put(number, x, carried[0])]
                })[0]
            }
            _ => {
                self.for_each(array, len, repr, Vec::new(), &mut |this, _, x, _| {
                    let (plain, x) = this.opened(element, x);
                    this.put_inline(&host, plain, x);
                    Vec::new()
                });
                left
            }
        }
    }

    /// An array whose elements are no futures, from one of such elements, and how it
    /// stores them.
    fn without_futures(&mut self, element: VeraTy, array: ValueId) -> (ValueId, Mem) {
        let repr = self.lo.repr(element);
        if !matches!(self.lo.types.base_kind(element), TyKind::Future(_)) {
            return (array, repr.element());
        }
        let plain = self.lo.types.plain(element);
        let mem = self.lo.repr(plain).element();
        let len = self.b.seq_len(array);
        let built = self.new_array(len, mem);
        self.for_each(array, len, repr, Vec::new(), &mut |this, index, x, _| {
            let (_, value) = this.opened(element, x);
            let data = this.b.seq_data(built);
            this.b.none(Op::SetElement { data, index, mem, value });
            Vec::new()
        });
        self.finish_array(built, mem);
        (built, mem)
    }

    /// The list with one more value to put.
    fn left_to_put(&mut self, number: ValueId, value: ValueId, left: ValueId) -> ValueId {
        let slots = [Some((NEXT, Mem::Ref)), Some((VALUE, Mem::Ref)), Some((TYPE, Mem::I32))];
        let layout = self.lo.layout(0, TYPE + 4, &slots);
        let fields =
            vec![(NEXT, Mem::Ref, left), (VALUE, Mem::Ref, value), (TYPE, Mem::I32, number)];
        self.b.one(Op::MakeObject { layout, fields }, Ty::Ref)
    }

    /// `put(type, value)`: hands all nodes of a value over.
    pub(super) fn put_loop(&mut self) {
        let number = self.b.param(Ty::I32);
        let value = self.b.param(Ty::Ref);
        let none = self.b.constant(Const::Immediate(0));
        let first = self.left_to_put(number, value, none);
        let label = self.b.func.new_label();
        let list = self.b.func.new_value(Ty::Ref);
        self.b.open();
        let done = self.b.one(Op::IsImmediate(list), Ty::I32);
        self.when(done, |this| this.b.end(Terminator::Return(Vec::new())));
        let mut read =
            |offset, mem: Mem| self.b.one(Op::Load { object: list, offset, mem }, mem.ty());
        let (next, value, number) =
            (read(NEXT, Mem::Ref), read(VALUE, Mem::Ref), read(TYPE, Mem::I32));
        let types = self.lo.wire.put.clone();
        self.each_node_type(number, &types, |this, ty| {
            let func = this.lo.node_function(Structural::Put, ty);
            let left = this.b.one(Op::Call { func, args: vec![value, next] }, Ty::Ref);
            this.b.end(Terminator::Continue(label, vec![left]));
        });
        let body = Box::new(self.b.close(Vec::new()));
        self.b.none(Op::Loop { label, params: vec![list], init: vec![first], body });
        self.b.end(Terminator::Unreachable);
    }
}

/// Whether values of the type are nodes of their own.
pub(super) fn is_node(this: &mut FnLower<'_, '_>, ty: VeraTy) -> bool {
    let host = this.lo.wire_ty(ty);
    this.lo.repr(ty) == Repr::Ref && !this.lo.out.interface.is_inline(&host)
}
