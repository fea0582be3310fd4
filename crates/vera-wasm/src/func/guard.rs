//! References that are looked at before they are followed
//! ([`crate::EmitOptions::check_references`]).
//!
//! Every object says in its header which of its words are references, for the
//! collector. So a read of a field can be held against it: that there is an object,
//! and that the field is a reference where one is read and none where a number is.
//! Optimised modules do without; there only calls through closures are looked at, by
//! the engine.

use vera_abi::host::HostFn;
use vera_abi::layout::{
    FIRST_ADDRESS, HEADER_SIZE, Kind, SEQ_DATA, SEQ_ELEMENTS, SEQ_OWNER, VIEW_BITMAP,
};
use vera_abi::runtime::Wasm;
use vera_abi::trap::TrapKind;
use vera_mir::ir::Mem;
use wasm_encoder::BlockType;

use super::Emitter;
use crate::code::{Code, mem_arg};
use crate::module::Context;

/// What a reference should lead to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expected {
    /// An object with fields, and at a word of its payload words that are, or are not,
    /// references.
    Field,
    /// A string or an array.
    Sequence,
    /// An object with fields, or an immediate.
    Constructor,
}

impl Expected {
    fn message(self) -> &'static str {
        match self {
            Expected::Field => "A reference does not lead to an object with the field that is read",
            Expected::Sequence => "A reference does not lead to a string or an array",
            Expected::Constructor => "A reference does not lead to a value of a data type",
        }
    }
}

impl Emitter<'_, '_> {
    /// Looks at the reference on the operand stack, and leaves it there.
    pub(super) fn guard(&mut self, expected: Expected) {
        if self.cx.check_references {
            let helper = self.cx.reference_helper(expected);
            self.code.ops().call(helper);
        }
    }

    /// As [`Emitter::guard`], for a field.
    pub(super) fn guard_field(&mut self, offset: u32, mem: Mem) {
        if self.cx.check_references {
            let words = mem.size().div_ceil(4);
            let mask = (1 << words) - 1;
            self.code.i32((offset - HEADER_SIZE) / 4);
            self.code.i32(mask);
            self.code.i32(if mem == Mem::Ref { mask } else { 0 });
            self.guard(Expected::Field);
        }
    }
}

impl Context<'_> {
    /// `(reference) -> reference`; for a field `(reference, word, mask, bits) ->
    /// reference`: the words that `mask` selects from `word` on have these `bits`.
    fn reference_helper(&mut self, expected: Expected) -> u32 {
        if let Some(index) = self.reference_helpers.get(&expected) {
            return *index;
        }
        let (text, trap) = (self.data.text(expected.message()), self.host(HostFn::Trap));
        let (params, name) = match expected {
            Expected::Field => (4, "check field"),
            Expected::Sequence => (1, "check sequence"),
            Expected::Constructor => (1, "check constructor"),
        };
        let (reference, word0, word1) = (0, params, params + 1);
        let mut code = Code::default();
        let mut ops = code.ops();
        // Code in this block leaves it, by `br 0`, where something is wrong.
        ops.block(BlockType::Empty);
        ops.local_get(reference).i32_const(FIRST_ADDRESS as i32).i32_lt_u();
        match expected {
            Expected::Constructor => {
                ops.if_(BlockType::Empty).local_get(reference).return_().end();
            }
            Expected::Field | Expected::Sequence => {
                ops.br_if(0);
            }
        }
        ops.local_get(reference).i32_const(7).i32_and().br_if(0);
        ops.local_get(reference).i32_load(mem_arg(0, 4)).i32_const(0xf).i32_and();
        ops.local_set(word0);
        ops.local_get(reference).i32_load(mem_arg(4, 4)).local_set(word1);
        match expected {
            Expected::Field => {
                let (word, mask, bits) = (1, 2, 3);
                ops.local_get(word0).i32_const(Kind::Wide as i32).i32_eq();
                ops.if_(BlockType::Empty);
                ops.local_get(word1).local_get(word).i32_const(5).i32_shr_u();
                ops.i32_const(2).i32_shl().i32_add().i32_load(mem_arg(4, 4)).local_set(word1);
                ops.i32_const(Kind::Fixed as i32).local_set(word0).end();
                ops.local_get(word0).i32_const(Kind::Fixed as i32).i32_ne().br_if(0);
                ops.local_get(word1).local_get(word).i32_shr_u().local_get(mask).i32_and();
                ops.local_get(bits).i32_ne().br_if(0);
            }
            Expected::Sequence => {
                // A view looks like an object with one reference; its elements, though,
                // are inside the owner that the reference leads to.
                ops.local_get(word0).i32_const(Kind::Fixed as i32).i32_eq();
                ops.local_get(word1).i32_const(VIEW_BITMAP as i32).i32_eq().i32_and();
                ops.if_(BlockType::Empty);
                ops.local_get(reference).i32_load(mem_arg(SEQ_OWNER, 4)).local_set(word1);
                ops.local_get(word1).i32_load(mem_arg(0, 4)).i32_const(0xf).i32_and();
                ops.local_set(word0);
                ops.local_get(reference).i32_load(mem_arg(SEQ_DATA, 4));
                ops.local_get(word1).i32_const(SEQ_ELEMENTS as i32).i32_add().i32_sub();
                ops.local_get(word1).i32_load(mem_arg(4, 4)).i32_gt_u().br_if(1).end();
                ops.local_get(word0).i32_const(Kind::SeqRaw as i32).i32_ne();
                ops.local_get(word0).i32_const(Kind::SeqRef as i32).i32_ne().i32_and().br_if(0);
            }
            Expected::Constructor => {
                ops.local_get(word0).i32_const(Kind::Wide as i32).i32_gt_u().br_if(0);
            }
        }
        ops.local_get(reference).return_().end();
        ops.i32_const(TrapKind::OutOfBounds as i32).i32_const(text as i32);
        ops.i32_const(expected.message().len() as i32).call(trap).unreachable();
        let types = vec![Wasm::I32; params as usize];
        let locals = [Wasm::I32; 2];
        let index = self.add_glue(name.into(), &types, &[Wasm::I32], code, &locals);
        self.reference_helpers.insert(expected, index);
        index
    }
}
