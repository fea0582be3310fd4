//! The object in which a very long function keeps the values that its locals have no
//! room for.
//!
//! It is a sequence of bytes, which the collector does not look into; references are
//! on the shadow stack besides, as ever, while something may collect. The object itself
//! stands at the bottom of the function's shadow frame.

use vera_abi::layout::SEQ_ELEMENTS;
use vera_abi::runtime::{RtFn, Wasm};
use vera_mir::ir::Ty;

use super::Emitter;
use crate::code::{Frame, mem_arg};

impl Emitter<'_, '_> {
    /// Makes the object. Returns where its size is to be put.
    pub(super) fn make_frame(&mut self) -> usize {
        let sp = self.sp.expect("a long function counts as one that collects");
        let frame = Frame {
            object: self.pool.take(Wasm::I32),
            scratch: [Wasm::I32, Wasm::I64, Wasm::F64].map(|ty| self.pool.take(ty)),
            elements: SEQ_ELEMENTS,
        };
        // The caller does not keep what it has passed.
        let refs = self.func.params.iter().zip(0..).filter(|(v, _)| self.func.ty(**v) == Ty::Ref);
        let refs: Vec<u32> = refs.map(|(_, local)| local).collect();
        for (slot, local) in (0..).zip(&refs) {
            self.code.get(sp);
            self.code.get(*local);
            self.code.ops().i32_store(mem_arg(4 * slot, 4));
        }
        let size = self.code.i32_later();
        self.code.i32(1);
        self.code.i32(0);
        self.shadow_pointer(refs.len() as u32);
        let new = self.cx.runtime(RtFn::SeqNew);
        self.code.ops().call(new);
        self.code.set(frame.object);
        self.code.get(sp);
        self.code.get(frame.object);
        self.code.ops().i32_store(mem_arg(0, 4));
        self.shadow_pointer(1);
        self.code.set(sp);
        self.code.frame = Some(frame);
        size
    }
}
