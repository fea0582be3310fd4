//! Allocation of objects of fixed size.
//!
//! A cell is taken from the allocation window of its size class in line; only
//! when the window is used up does the code call the runtime, and only then do
//! the live references have to be on the shadow stack. If many of them are not
//! there yet they are stored before, where the stores count for what follows.

use vera_abi::layout::{
    CLOSURE_CODE, SIZE_CLASSES, WINDOW_CURSOR, WINDOW_LIMIT, WINDOW_SIZE, size_class,
};
use vera_abi::runtime::{RtFn, Wasm};
use vera_mir::ir::{FuncId, Inst, LayoutId, Mem, ValueId};
use wasm_encoder::BlockType;

use super::{Emitter, ops};
use crate::code::mem_arg;

/// The most stores worth repeating on the slow path of each allocation.
const MAX_SLOW_STORES: usize = 3;

impl Emitter<'_, '_> {
    /// Allocates an object and stores its header and fields. Returns the local
    /// that holds its address, from the pool.
    pub(super) fn make_object(
        &mut self,
        inst: &Inst,
        layout: LayoutId,
        code: Option<FuncId>,
        fields: &[(u32, Mem, ValueId)],
    ) -> u32 {
        let layout = &self.cx.program.layouts[layout.index()];
        let header = self.cx.data.header(layout);
        let object = self.pool.take(Wasm::I32);
        self.allocate(inst, layout.size, object);
        self.code.get(object);
        self.code.ops().i64_const(header as i64).i64_store(mem_arg(0, 8));
        if let Some(code) = code {
            self.code.get(object);
            self.code.i32(self.cx.table_index(code));
            self.code.ops().i32_store(mem_arg(CLOSURE_CODE, 4));
        }
        for (offset, mem, value) in fields {
            self.code.get(object);
            self.push(*value);
            ops::store(&mut self.code.ops(), *mem, *offset);
        }
        object
    }

    fn allocate(&mut self, inst: &Inst, size: u32, object: u32) {
        let Some(class) = size_class(size) else {
            let slots = self.keep(&inst.roots);
            self.alloc_slow(inst, size, slots, object);
            return;
        };
        let mut slow = self.shadow.clone().unwrap_or_default();
        let (stores, slots) = slow.keep(&inst.roots, &mut self.marks);
        let inline = stores.len() > MAX_SLOW_STORES;
        if inline {
            self.stores(&stores);
            self.shadow = Some(slow.clone());
        }
        let window = self.cx.windows + WINDOW_SIZE * class as u32;
        let cell = SIZE_CLASSES[class];
        let next = self.pool.take(Wasm::I32);
        self.code.i32(0);
        self.code.ops().i32_load(mem_arg(window + WINDOW_CURSOR, 4));
        self.code.tee(object);
        self.code.i32(cell);
        self.code.ops().i32_add();
        self.code.tee(next);
        self.code.i32(0);
        self.code.ops().i32_load(mem_arg(window + WINDOW_LIMIT, 4)).i32_gt_u();
        self.code.ops().if_(BlockType::Empty);
        if !inline {
            self.stores(&stores);
        }
        self.alloc_slow(inst, size, slots, object);
        self.code.ops().else_();
        self.code.i32(0);
        self.code.get(next);
        self.code.ops().i32_store(mem_arg(window + WINDOW_CURSOR, 4)).end();
        self.pool.give(next);
        if let Some(shadow) = &mut self.shadow {
            shadow.meet(&slow);
        }
    }

    fn alloc_slow(&mut self, inst: &Inst, size: u32, slots: u32, object: u32) {
        self.code.i32(size);
        self.shadow_pointer(slots);
        let index = self.cx.runtime(RtFn::AllocSlow);
        self.code.mark(inst.loc);
        self.code.ops().call(index);
        self.code.set(object);
    }

    /// Stores what is not yet on the shadow stack; returns the slots in use.
    pub(super) fn keep(&mut self, roots: &[ValueId]) -> u32 {
        let mut shadow = self.shadow.take().unwrap_or_default();
        let (stores, slots) = shadow.keep(roots, &mut self.marks);
        if !stores.is_empty() {
            self.stores(&stores);
        }
        self.shadow = Some(shadow);
        slots
    }
}
