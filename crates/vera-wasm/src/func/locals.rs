//! Wasm locals, used again when the value they held is done with.
//!
//! Engines allow a function 50,000, and take minutes for code with half as many alive at
//! once. What is beyond a few thousand lies in an object of the function's own (see
//! [`super::frame`]): a local's number then says where.

use vera_abi::runtime::Wasm;

/// Locals of a function at most, parameters included. More than the values of any
/// function that is not long, and what it needs in between.
const MOST: u32 = 6_000;

/// Marks the number of a place in the function's object.
const SPILLED: u32 = 1 << 31;
const CLASS_SHIFT: u32 = 29;

pub struct Locals {
    /// Number of parameters; the locals come behind them.
    params: u32,
    types: Vec<Wasm>,
    /// Places in the function's object, of 8 bytes each.
    spilled: u32,
    free: [Vec<u32>; 3],
}

impl Locals {
    pub fn new(params: u32) -> Locals {
        Locals { params, types: Vec::new(), spilled: 0, free: Default::default() }
    }

    pub fn take(&mut self, ty: Wasm) -> u32 {
        if let Some(local) = self.free[class(ty)].pop() {
            return local;
        }
        let next = self.params + self.types.len() as u32;
        if next < MOST {
            self.types.push(ty);
            return next;
        }
        self.spilled += 1;
        SPILLED | (class(ty) as u32) << CLASS_SHIFT | (self.spilled - 1)
    }

    /// Gives back a local got from [`Locals::take`].
    pub fn give(&mut self, local: u32) {
        let ty = match spilled(local) {
            Some((ty, _)) => ty,
            None => self.types[(local - self.params) as usize],
        };
        self.free[class(ty)].push(local);
    }

    /// Types of all locals that are not parameters.
    pub fn types(&self) -> &[Wasm] {
        &self.types
    }

    /// Bytes of the function's object.
    pub fn spilled_bytes(&self) -> u32 {
        8 * self.spilled
    }
}

/// Type and offset of a value that lies in the function's object.
pub fn spilled(local: u32) -> Option<(Wasm, u32)> {
    let ty = match local >> CLASS_SHIFT & 3 {
        0 => Wasm::I32,
        1 => Wasm::I64,
        _ => Wasm::F64,
    };
    let place = local & ((1 << CLASS_SHIFT) - 1);
    (local & SPILLED != 0 && local != u32::MAX).then_some((ty, 8 * place))
}

pub const fn class(ty: Wasm) -> usize {
    match ty {
        Wasm::I32 => 0,
        Wasm::I64 => 1,
        Wasm::F64 => 2,
    }
}
