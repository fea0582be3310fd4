//! Wasm locals, used again when the region that needed them has ended.

use vera_abi::runtime::Wasm;

pub struct Locals {
    /// Number of parameters; the locals come behind them.
    params: u32,
    types: Vec<Wasm>,
    free: [Vec<u32>; 3],
}

impl Locals {
    pub fn new(params: u32) -> Locals {
        Locals { params, types: Vec::new(), free: Default::default() }
    }

    pub fn take(&mut self, ty: Wasm) -> u32 {
        self.free[class(ty)].pop().unwrap_or_else(|| {
            self.types.push(ty);
            self.params + self.types.len() as u32 - 1
        })
    }

    /// Gives back a local got from [`Locals::take`].
    pub fn give(&mut self, local: u32) {
        let ty = self.types[(local - self.params) as usize];
        self.free[class(ty)].push(local);
    }

    /// Types of all locals that are not parameters.
    pub fn types(&self) -> &[Wasm] {
        &self.types
    }
}

const fn class(ty: Wasm) -> usize {
    match ty {
        Wasm::I32 => 0,
        Wasm::I64 => 1,
        Wasm::F64 => 2,
    }
}
