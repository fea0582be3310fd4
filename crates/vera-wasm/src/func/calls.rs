//! Calls of functions, closures and the runtime.
//!
//! A callee that may collect takes the address behind the caller's live
//! references as an additional last argument. A closure's code takes the closure
//! as an additional first one.

use vera_abi::layout::CLOSURE_CODE;
use vera_abi::runtime::{RtFn, Wasm};
use vera_mir::ir::{Const, FuncId, Inst, LocId, Mem, Static, Ty, ValueId};

use super::{Emitter, Readable, takes_shadow_pointer};
use crate::code::mem_arg;

impl Emitter<'_, '_> {
    pub(super) fn call(&mut self, inst: &Inst, func: FuncId, args: &[ValueId]) {
        self.push_all(args);
        if takes_shadow_pointer(self.cx.program.func(func)) {
            self.keep_and_pass(&inst.roots);
        }
        let index = self.cx.func(func);
        self.code.mark(inst.loc);
        self.code.ops().call(index);
    }

    pub(super) fn call_runtime(&mut self, inst: &Inst, func: RtFn, args: &[ValueId]) {
        self.push_all(args);
        if func.collects() {
            self.keep_and_pass(&inst.roots);
        }
        let index = self.cx.runtime(func);
        self.code.mark(inst.loc);
        self.code.ops().call(index);
    }

    pub(super) fn call_closure(
        &mut self,
        inst: &Inst,
        closure: ValueId,
        args: &[ValueId],
        results: &[Ty],
    ) {
        if let Some(func) = self.static_code(closure) {
            self.push(closure);
            return self.call(inst, func, args);
        }
        let object = self.push_closure(closure, args);
        self.keep_and_pass(&inst.roots);
        let ty = self.push_code(object, args, results);
        self.code.mark(inst.loc);
        self.code.ops().call_indirect(0, ty);
    }

    pub(super) fn tail_call(&mut self, func: FuncId, args: &[ValueId], loc: LocId) {
        self.push_all(args);
        if let Some(depth) = self.self_loop.filter(|_| func == self.id) {
            for local in (0..self.func.params.len() as u32).rev() {
                self.code.set(local);
            }
            self.code.ops().br(self.depth - depth);
            return;
        }
        if takes_shadow_pointer(self.cx.program.func(func)) {
            self.shadow_pointer(0);
        }
        let index = self.cx.func(func);
        self.code.mark(loc);
        self.code.ops().return_call(index);
    }

    pub(super) fn tail_call_closure(
        &mut self,
        closure: ValueId,
        args: &[ValueId],
        results: &[Ty],
        loc: LocId,
    ) {
        if let Some(func) = self.static_code(closure) {
            self.push(closure);
            return self.tail_call(func, args, loc);
        }
        let object = self.push_closure(closure, args);
        self.shadow_pointer(0);
        let ty = self.push_code(object, args, results);
        self.code.mark(loc);
        self.code.ops().return_call_indirect(0, ty);
    }

    /// The code of a closure known here.
    fn static_code(&self, closure: ValueId) -> Option<FuncId> {
        let Some(Const::Static(id)) = self.values.consts[closure.index()] else { return None };
        match &self.cx.program.statics[id.index()] {
            Static::Closure(func) => Some(*func),
            Static::String(_)
            | Static::EmptyArray
            | Static::Array(..)
            | Static::Strings(_)
            | Static::Object(..) => None,
        }
    }

    /// Pushes a closure and the arguments of a call of it.
    fn push_closure(&mut self, closure: ValueId, args: &[ValueId]) -> Readable {
        let object = self.read(closure);
        self.code.get(object.local);
        self.push_all(args);
        object
    }

    /// Pushes the table index of a closure's code; returns the code's type.
    fn push_code(&mut self, object: Readable, args: &[ValueId], results: &[Ty]) -> u32 {
        self.code.get(object.local);
        self.guard_field(CLOSURE_CODE, Mem::I32);
        self.code.ops().i32_load(mem_arg(CLOSURE_CODE, 4));
        self.release(object);
        let mut params = vec![Wasm::I32];
        params.extend(args.iter().map(|v| self.func.ty(*v).wasm()));
        params.push(Wasm::I32);
        let results: Vec<Wasm> = results.iter().map(|ty| ty.wasm()).collect();
        self.cx.types.func(&params, &results)
    }

    fn keep_and_pass(&mut self, roots: &[ValueId]) {
        let slots = if self.cx.gc { self.keep(roots) } else { 0 };
        self.shadow_pointer(slots);
    }
}
