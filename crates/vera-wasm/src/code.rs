//! Bytes of one function body under construction.

use vera_abi::runtime::Wasm;

use vera_mir::ir::LocId;
use wasm_encoder::{Encode, InstructionSink, MemArg, ValType};

use crate::func::locals::{class, spilled};

/// Code of a function without its local declarations.
#[derive(Default)]
pub struct Code {
    /// Where values are that no local has room for.
    pub frame: Option<Frame>,
    bytes: Vec<u8>,
    /// Code offset and source position of calls and checks, ascending.
    marks: Vec<(u32, LocId)>,
    /// End and local of the last instruction, when it was a `local.set`.
    last_set: Option<(usize, usize, u32)>,
}

/// An object that holds values, and locals to move them with.
#[derive(Clone, Copy)]
pub struct Frame {
    pub object: u32,
    /// One of each type.
    pub scratch: [u32; 3],
    /// Offset of the first value.
    pub elements: u32,
}

/// A finished function body.
pub struct Body {
    /// Local declarations and code, without the length in front.
    pub bytes: Vec<u8>,
    /// Offset into `bytes` and source position, ascending.
    pub marks: Vec<(u32, LocId)>,
}

impl Code {
    /// The encoder for everything that has no method here.
    pub fn ops(&mut self) -> InstructionSink<'_> {
        InstructionSink::new(&mut self.bytes)
    }

    /// Gives the next instruction a source position.
    pub fn mark(&mut self, loc: LocId) {
        self.marks.push((self.bytes.len() as u32, loc));
    }

    /// Reads a local; right after it was set, that becomes `local.tee`.
    pub fn get(&mut self, local: u32) {
        if let (Some((ty, offset)), Some(frame)) = (spilled(local), self.frame) {
            let at = frame.elements + offset;
            let mut ops = self.ops();
            ops.local_get(frame.object);
            match ty {
                Wasm::I32 => ops.i32_load(mem_arg(at, 4)),
                Wasm::I64 => ops.i64_load(mem_arg(at, 8)),
                Wasm::F64 => ops.f64_load(mem_arg(at, 8)),
            };
        } else if let Some((start, end, set)) = self.last_set
            && set == local
            && end == self.bytes.len()
        {
            self.bytes.truncate(start);
            self.last_set = None;
            self.ops().local_tee(local);
        } else {
            self.ops().local_get(local);
        }
    }

    pub fn set(&mut self, local: u32) {
        if let (Some((ty, offset)), Some(frame)) = (spilled(local), self.frame) {
            let (scratch, at) = (frame.scratch[class(ty)], frame.elements + offset);
            let mut ops = self.ops();
            ops.local_set(scratch).local_get(frame.object).local_get(scratch);
            match ty {
                Wasm::I32 => ops.i32_store(mem_arg(at, 4)),
                Wasm::I64 => ops.i64_store(mem_arg(at, 8)),
                Wasm::F64 => ops.f64_store(mem_arg(at, 8)),
            };
            return;
        }
        let start = self.bytes.len();
        self.ops().local_set(local);
        self.last_set = Some((start, self.bytes.len(), local));
    }

    pub fn tee(&mut self, local: u32) {
        if spilled(local).is_some() {
            self.set(local);
            return self.get(local);
        }
        self.ops().local_tee(local);
    }

    /// A number that is known later only; yields where to [`Code::put`] it.
    pub fn i32_later(&mut self) -> usize {
        const I32_CONST: u8 = 0x41;
        self.bytes.push(I32_CONST);
        self.bytes.extend([0x80, 0x80, 0x80, 0x80, 0]);
        self.bytes.len() - 5
    }

    /// The number, below 2^31, that was to come there.
    pub fn put(&mut self, at: usize, value: u32) {
        for (i, byte) in self.bytes[at..at + 5].iter_mut().enumerate() {
            *byte |= (value >> (7 * i) & 0x7f) as u8;
        }
    }

    pub fn i32(&mut self, value: u32) {
        self.ops().i32_const(value as i32);
    }

    /// Ends the function. `locals` are the types of those that are not parameters.
    pub fn finish(mut self, locals: &[Wasm]) -> Body {
        self.ops().end();
        let runs: Vec<&[Wasm]> = locals.chunk_by(|a, b| a == b).collect();
        let mut bytes = Vec::with_capacity(self.bytes.len() + 2 + 2 * runs.len());
        (runs.len() as u32).encode(&mut bytes);
        for run in runs {
            (run.len() as u32).encode(&mut bytes);
            val_type(run[0]).encode(&mut bytes);
        }
        let shift = bytes.len() as u32;
        bytes.extend_from_slice(&self.bytes);
        let marks = self.marks.into_iter().map(|(at, loc)| (at + shift, loc)).collect();
        Body { bytes, marks }
    }
}

pub const fn val_type(ty: Wasm) -> ValType {
    match ty {
        Wasm::I32 => ValType::I32,
        Wasm::I64 => ValType::I64,
        Wasm::F64 => ValType::F64,
    }
}

/// A memory operand with an alignment of `size` bytes.
pub const fn mem_arg(offset: u32, size: u32) -> MemArg {
    MemArg { offset: offset as u64, align: size.trailing_zeros(), memory_index: 0 }
}
