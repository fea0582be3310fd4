//! Array literals and the array functions that run closures: loops in place,
//! so that a closure known at the call is inlined into them.

use vera_abi::runtime::RtFn;
use vera_check::typed::{ExprId, ExprKind, UnaryOp as VeraUnary};
use vera_check::types::TyKind;

use super::data::Repr;
use super::functions::FnLower;
use crate::ir::*;

/// Elements of an array literal that may be alive at once.
const MANY: usize = 100;

impl FnLower<'_, '_> {
    pub(super) fn array_literal(&mut self, e: ExprId, items: &[ExprId]) -> ValueId {
        let ty = self.ty(e);
        let TyKind::Array(element) = *self.lo.types.base_kind(ty) else {
            unreachable!("an array literal has an array type");
        };
        if items.is_empty() {
            return self.empty_array();
        }
        let mem = self.lo.repr(element).element();
        if let Some(object) = self.constant_array(items, mem) {
            let id = self.lo.static_(object);
            return self.b.constant(Const::Static(id));
        }
        if items.len() > MANY {
            return self.long_array(items, mem);
        }
        let values: Vec<ValueId> = items.iter().map(|i| self.element(*i)).collect();
        self.fill_array(&values, mem)
    }

    /// The value of an expression as an array stores it. One that takes no space,
    /// in an instance of generic code, is a zero there.
    pub(super) fn element(&mut self, e: ExprId) -> ValueId {
        self.expr(e).unwrap_or_else(|| self.b.i32(0))
    }

    /// The array as data of the module, if every element is a literal.
    fn constant_array(&mut self, items: &[ExprId], mem: Mem) -> Option<Static> {
        if mem == Mem::Ref {
            let texts = items.iter().map(|item| match &self.body[*item].kind {
                ExprKind::Str(text) => Some(text.as_bytes().to_vec()),
                _ => None,
            });
            return Some(Static::Strings(texts.collect::<Option<_>>()?));
        }
        let bits = items.iter().map(|item| self.literal_bits(*item));
        Some(Static::Array(mem, bits.collect::<Option<_>>()?))
    }

    /// The bits of a literal number, truth value or constructor without fields.
    fn literal_bits(&self, e: ExprId) -> Option<u64> {
        match &self.body[e].kind {
            ExprKind::Int(value) => Some(*value as u64),
            ExprKind::Float(value) => Some(value.to_bits()),
            ExprKind::Bool(value) => Some(u64::from(*value)),
            ExprKind::Construct { ctor, args, .. } if args.is_empty() => {
                // An invariant is checked at run time.
                let ty = self.body[e].ty;
                self.lo.invariant(ty).is_none().then(|| u64::from(*ctor))
            }
            ExprKind::Unary { op: VeraUnary::Neg, operand } => match &self.body[*operand].kind {
                ExprKind::Int(value) => Some(value.checked_neg()? as u64),
                ExprKind::Float(value) => Some((-value).to_bits()),
                _ => None,
            },
            _ => None,
        }
    }

    /// An array of many elements, stored one by one as they are computed, so
    /// that only one of them is alive at a time.
    fn long_array(&mut self, items: &[ExprId], mem: Mem) -> ValueId {
        let len = self.b.i32(items.len() as i32);
        let array = self.new_array(len, mem);
        for (i, item) in items.iter().enumerate() {
            let value = self.element(*item);
            let data = self.b.seq_data(array);
            let index = self.b.i32(i as i32);
            self.b.none(Op::SetElement { data, index, mem, value });
        }
        self.finish_array(array, mem);
        array
    }

    pub(super) fn empty_array(&mut self) -> ValueId {
        let id = self.lo.static_(Static::EmptyArray);
        self.b.constant(Const::Static(id))
    }

    /// A fresh array of these elements.
    pub(super) fn fill_array(&mut self, values: &[ValueId], mem: Mem) -> ValueId {
        let len = self.b.i32(values.len() as i32);
        let array = self.new_array(len, mem);
        let data = self.b.seq_data(array);
        for (i, value) in values.iter().enumerate() {
            let index = self.b.i32(i as i32);
            self.b.none(Op::SetElement { data, index, mem, value: *value });
        }
        self.finish_array(array, mem);
        array
    }

    pub(super) fn new_array(&mut self, len: ValueId, mem: Mem) -> ValueId {
        let (size, is_ref) = self.element_size(mem);
        self.b.rt(RtFn::SeqNew, vec![len, size, is_ref], Ty::Ref)
    }

    pub(super) fn finish_array(&mut self, array: ValueId, mem: Mem) {
        if mem == Mem::Ref {
            self.b.none(Op::SeqFinish(array));
        }
    }

    /// Element size and whether elements are references, as runtime arguments.
    pub(super) fn element_size(&mut self, mem: Mem) -> (ValueId, ValueId) {
        let size = self.b.i32(mem.size() as i32);
        let is_ref = self.b.i32(i32::from(mem == Mem::Ref));
        (size, is_ref)
    }

    /// The element representation of an array-typed expression.
    pub(super) fn element_of(&mut self, array: ExprId) -> Repr {
        let ty = self.ty(array);
        match *self.lo.types.base_kind(ty) {
            TyKind::Array(element) => self.lo.repr(element),
            _ => unreachable!("the argument is an array"),
        }
    }

    /// Applies a closure value to arguments.
    pub(super) fn apply_value(
        &mut self,
        closure: ValueId,
        args: Vec<ValueId>,
        ret: Repr,
    ) -> Option<ValueId> {
        let results: Vec<Ty> = ret.ty().into_iter().collect();
        let op = Op::CallClosure { closure, args, results: results.clone() };
        self.b.emit(op, &results).first().copied()
    }

    fn closure_result(&mut self, closure: ExprId) -> Repr {
        let ty = self.ty(closure);
        let TyKind::Fn { ret, .. } = *self.lo.types.base_kind(ty) else {
            unreachable!("the argument is a function value");
        };
        self.lo.repr(ret)
    }

    pub(super) fn read(&mut self, array: ValueId, index: ValueId, repr: Repr) -> ValueId {
        let data = self.b.seq_data(array);
        let mem = repr.element();
        self.b.one(Op::Element { data, index, mem }, mem.ty())
    }

    /// `array_map`, and `array_mapi` when the closure also takes the index.
    pub(super) fn array_map(&mut self, array: ExprId, closure: ExprId, indexed: bool) -> ValueId {
        let from = self.element_of(array);
        let to = self.closure_result(closure);
        let source = self.value(array);
        let function = self.value(closure);
        let len = self.b.seq_len(source);
        let mem = to.element();
        let result = self.new_array(len, mem);
        let mut looped = Looped::open(self, len, Vec::new());
        let x = self.read(source, looped.index, from);
        let mut args = vec![x];
        if indexed {
            args.push(self.b.unary(UnaryOp::I32ToI64, looped.index));
        }
        if let Some(value) = self.apply_value(function, args, to) {
            let data = self.b.seq_data(result);
            self.b.none(Op::SetElement { data, index: looped.index, mem, value });
        }
        looped.next = Vec::new();
        looped.close(self);
        self.finish_array(result, mem);
        result
    }

    pub(super) fn array_filter(&mut self, array: ExprId, closure: ExprId) -> ValueId {
        let element = self.element_of(array);
        let mem = element.element();
        let source = self.value(array);
        let function = self.value(closure);
        let len = self.b.seq_len(source);
        let result = self.new_array(len, mem);
        let zero = self.b.i32(0);
        let mut looped = Looped::open(self, len, vec![zero]);
        let kept = looped.carried[0];
        let x = self.read(source, looped.index, element);
        let keep =
            self.apply_value(function, vec![x], Repr::Byte).expect("the predicate returns a Bool");
        self.b.open();
        let data = self.b.seq_data(result);
        self.b.none(Op::SetElement { data, index: kept, mem, value: x });
        let one = self.b.i32(1);
        let more = self.b.binary(BinaryOp::AddI32, kept, one);
        let then = Box::new(self.b.close(vec![more]));
        self.b.open();
        let otherwise = Box::new(self.b.close(vec![kept]));
        let next = self.b.one(Op::If { cond: keep, then, otherwise }, Ty::I32);
        looped.next = vec![next];
        let count = looped.close(self)[0];
        let (size, _) = self.element_size(mem);
        self.b.rt_none(RtFn::SeqTrim, vec![result, count, size]);
        result
    }

    pub(super) fn array_fold(
        &mut self,
        array: ExprId,
        init: ExprId,
        closure: ExprId,
    ) -> Option<ValueId> {
        let element = self.element_of(array);
        let acc = self.repr_of(init);
        let source = self.value(array);
        let init = self.expr(init);
        let function = self.value(closure);
        let len = self.b.seq_len(source);
        let mut looped = Looped::open(self, len, init.into_iter().collect());
        let x = self.read(source, looped.index, element);
        let mut args = looped.carried.clone();
        args.push(x);
        let next = self.apply_value(function, args, acc);
        looped.next = next.into_iter().collect();
        looped.close(self).first().copied()
    }
}

/// The body of a loop over elements: index, element and carried values in, the
/// next carried values out.
type EachBody<'f, L> = dyn FnMut(&mut L, ValueId, ValueId, &[ValueId]) -> Vec<ValueId> + 'f;

/// The same without an element.
type NumberBody<'f, L> = dyn FnMut(&mut L, ValueId, &[ValueId]) -> Vec<ValueId> + 'f;

impl FnLower<'_, '_> {
    /// Runs `body` for each element with its index and the carried values, which
    /// it returns anew. Returns the final ones.
    pub(super) fn for_each(
        &mut self,
        array: ValueId,
        len: ValueId,
        element: Repr,
        carried: Vec<ValueId>,
        body: &mut EachBody<'_, Self>,
    ) -> Vec<ValueId> {
        let mut looped = Looped::open(self, len, carried);
        let x = self.read(array, looped.index, element);
        looped.next = body(self, looped.index, x, &looped.carried.clone());
        looped.close(self)
    }

    /// Runs `body` for each index below `len` with the carried values, which it returns
    /// anew. Returns the final ones.
    pub(super) fn for_numbers(
        &mut self,
        len: ValueId,
        carried: Vec<ValueId>,
        body: &mut NumberBody<'_, Self>,
    ) -> Vec<ValueId> {
        let mut looped = Looped::open(self, len, carried);
        looped.next = body(self, looped.index, &looped.carried.clone());
        looped.close(self)
    }

    /// Runs `body` for each index below `len`.
    pub(super) fn for_indices(&mut self, len: ValueId, body: impl FnOnce(&mut Self, ValueId)) {
        let looped = Looped::open(self, len, Vec::new());
        body(self, looped.index);
        looped.close(self);
    }
}

/// A loop over `0..len` whose body is being emitted.
struct Looped {
    label: LabelId,
    index: ValueId,
    carried: Vec<ValueId>,
    params: Vec<ValueId>,
    init: Vec<ValueId>,
    more: ValueId,
    next: Vec<ValueId>,
}

impl Looped {
    fn open(this: &mut FnLower<'_, '_>, len: ValueId, carried: Vec<ValueId>) -> Looped {
        let zero = this.b.i32(0);
        let mut init = vec![zero];
        init.extend(carried);
        let label = this.b.func.new_label();
        let mut params = Vec::new();
        for value in &init {
            let ty = this.b.func.ty(*value);
            params.push(this.b.func.new_value(ty));
        }
        this.b.open();
        let more = this.b.binary(BinaryOp::LtU32, params[0], len);
        this.b.open();
        Looped {
            label,
            index: params[0],
            carried: params[1..].to_vec(),
            params,
            init,
            more,
            next: Vec::new(),
        }
    }

    /// Ends the loop; returns the carried values after it.
    fn close(self, this: &mut FnLower<'_, '_>) -> Vec<ValueId> {
        let one = this.b.i32(1);
        let index = this.b.binary(BinaryOp::AddI32, self.index, one);
        let mut args = vec![index];
        args.extend(self.next);
        this.b.end(Terminator::Continue(self.label, args));
        let then = Box::new(this.b.close(Vec::new()));
        let tys: Vec<Ty> = self.carried.iter().map(|v| this.b.func.ty(*v)).collect();
        this.b.open();
        let otherwise = Box::new(this.b.close(self.carried));
        let results = this.b.emit(Op::If { cond: self.more, then, otherwise }, &tys);
        let body = Box::new(this.b.close(results));
        let op = Op::Loop { label: self.label, params: self.params, init: self.init, body };
        this.b.emit(op, &tys)
    }
}
