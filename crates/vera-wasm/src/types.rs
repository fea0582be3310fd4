//! The type section: every function type once.

use std::collections::HashMap;

use vera_abi::runtime::Wasm;
use wasm_encoder::{BlockType, TypeSection, ValType};

use crate::code::val_type;

#[derive(Default)]
pub struct TypeTable {
    section: TypeSection,
    known: HashMap<(Vec<ValType>, Vec<ValType>), u32>,
}

impl TypeTable {
    /// Index of the type of functions from `params` to `results`.
    pub fn func(&mut self, params: &[Wasm], results: &[Wasm]) -> u32 {
        let convert = |types: &[Wasm]| types.iter().copied().map(val_type).collect();
        self.intern(convert(params), convert(results))
    }

    pub fn intern(&mut self, params: Vec<ValType>, results: Vec<ValType>) -> u32 {
        let next = self.section.len();
        *self.known.entry((params, results)).or_insert_with_key(|(params, results)| {
            self.section.ty().function(params.iter().copied(), results.iter().copied());
            next
        })
    }

    /// The type of a block without parameters.
    pub fn block(&mut self, results: &[Wasm]) -> BlockType {
        match results {
            [] => BlockType::Empty,
            [one] => BlockType::Result(val_type(*one)),
            _ => BlockType::FunctionType(self.func(&[], results)),
        }
    }

    pub fn into_section(self) -> TypeSection {
        self.section
    }
}
