//! Selecting the needed part of the runtime and writing it into a module.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use vera_abi::host::HostFn;
use vera_abi::runtime::{Library, RtFn};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{ConstExpr, GlobalType, ValType};
use wasmparser::{BinaryReader, FunctionBody};

use super::{Node, Runtime};
use crate::types::TypeTable;

/// Unneeded data is left out when the gap is at least this long: a new segment
/// costs about as many bytes.
const MIN_GAP: usize = 12;

/// The needed part of the runtime.
pub struct Cut {
    runtime: &'static Runtime,
    /// Function indices of the linked runtime, ascending, without imports.
    funcs: Vec<u32>,
    imports: BTreeSet<HostFn>,
    globals: Vec<u32>,
    /// Slots of the function table with the functions in them, ascending.
    table: BTreeMap<u32, u32>,
    data: Vec<u32>,
    entries: BTreeMap<RtFn, u32>,
}

/// Finds what `entries` need, in the smallest library that has them.
pub fn cut(entries: &BTreeSet<RtFn>) -> Cut {
    let library = entries.iter().map(|f| f.library()).max().unwrap_or(Library::Core);
    let runtime = Runtime::embedded(library);
    let mut seen = BTreeSet::new();
    let mut entry_indices = BTreeMap::new();
    let mut work = Vec::new();
    for entry in entries {
        let index = runtime.exports.get(entry.name()).copied();
        let index = index.unwrap_or_else(|| panic!("the runtime lacks {}", entry.name()));
        entry_indices.insert(*entry, index);
        work.push(Node::Func(index));
    }
    let mut imports = BTreeSet::new();
    while let Some(node) = work.pop() {
        if !seen.insert(node) {
            continue;
        }
        match node {
            Node::Func(index) => match (index as usize).checked_sub(runtime.imports.len()) {
                None => _ = imports.insert(runtime.imports[index as usize]),
                Some(defined) => work.extend(&runtime.funcs[defined].refers_to),
            },
            Node::Slot(func) => work.push(Node::Func(func)),
            Node::Data(index) => work.extend(&runtime.data[index as usize].refers_to),
            Node::Global(_) => {}
        }
    }
    let mut cut = Cut {
        runtime,
        funcs: Vec::new(),
        imports,
        globals: Vec::new(),
        table: BTreeMap::new(),
        data: Vec::new(),
        entries: entry_indices,
    };
    for node in seen {
        match node {
            Node::Func(index) if index as usize >= runtime.imports.len() => cut.funcs.push(index),
            Node::Func(_) => {}
            Node::Slot(func) => {
                let slot = runtime.slots.get(&func).expect("a function in the table has a slot");
                cut.table.insert(*slot, func);
            }
            Node::Data(index) => cut.data.push(index),
            Node::Global(index) => cut.globals.push(index),
        }
    }
    debug_assert!(cut.table.iter().all(|(slot, func)| runtime.table.get(slot) == Some(func)));
    cut
}

impl Cut {
    /// Host functions the part imports.
    pub fn imports(&self) -> &BTreeSet<HostFn> {
        &self.imports
    }

    pub fn func_count(&self) -> u32 {
        self.funcs.len() as u32
    }

    pub fn global_count(&self) -> u32 {
        self.globals.len() as u32
    }

    /// First free slot of the function table.
    pub fn table_end(&self) -> u32 {
        self.table.keys().next_back().map_or(1, |slot| slot + 1)
    }

    pub fn windows(&self) -> u32 {
        self.runtime.windows
    }

    pub fn data_end(&self) -> u32 {
        self.runtime.data_end
    }

    /// Types and values of the globals.
    pub fn globals(&self) -> impl Iterator<Item = (GlobalType, ConstExpr)> {
        self.globals.iter().map(|index| {
            let global = &self.runtime.globals[*index as usize];
            let ty = GlobalType { val_type: ValType::I32, mutable: global.mutable, shared: false };
            (ty, ConstExpr::i32_const(global.init))
        })
    }

    /// Addresses and contents of the initialised data.
    pub fn segments(&self) -> Vec<(u32, &'static [u8])> {
        let mut ranges: Vec<(u32, usize, usize)> = Vec::new();
        let mut objects: Vec<_> =
            self.data.iter().filter_map(|i| self.runtime.data[*i as usize].bytes.clone()).collect();
        objects.sort_by_key(|(segment, range)| (*segment, range.start));
        let mut last = None;
        for (segment, range) in objects {
            let place = &self.runtime.segments[segment];
            let start = place.bytes.start + range.start;
            let end = place.bytes.start + range.end;
            match ranges.last_mut() {
                Some((_, _, open)) if last == Some(segment) && start < *open + MIN_GAP => {
                    *open = (*open).max(end);
                }
                _ => ranges.push((place.address + range.start as u32, start, end)),
            }
            last = Some(segment);
        }
        ranges
            .into_iter()
            .map(|(address, start, end)| (address, &self.runtime.wasm[start..end]))
            .collect()
    }

    /// Indices of the part's functions in the module under construction.
    pub fn place(&self, host: &BTreeMap<HostFn, u32>, first: u32) -> Placed<'_> {
        let mut funcs = vec![u32::MAX; self.runtime.imports.len() + self.runtime.funcs.len()];
        for (import, index) in self.runtime.imports.iter().zip(&mut funcs) {
            *index = host.get(import).copied().unwrap_or(u32::MAX);
        }
        for (index, func) in (first..).zip(&self.funcs) {
            funcs[*func as usize] = index;
        }
        Placed { cut: self, funcs }
    }
}

/// The part with the places of its functions in the module.
pub struct Placed<'a> {
    cut: &'a Cut,
    /// By index in the linked runtime.
    funcs: Vec<u32>,
}

impl Placed<'_> {
    pub fn entries(&self) -> impl Iterator<Item = (RtFn, u32)> {
        self.cut.entries.iter().map(|(entry, func)| (*entry, self.funcs[*func as usize]))
    }

    /// Slots of the function table with their functions, ascending.
    pub fn table(&self) -> impl Iterator<Item = (u32, u32)> {
        self.cut.table.iter().map(|(slot, func)| (*slot, self.funcs[*func as usize]))
    }

    /// Type and body of each function, in order.
    pub fn bodies(&self, types: &mut TypeTable) -> Vec<(u32, Vec<u8>)> {
        let imports = self.cut.runtime.imports.len() as u32;
        let mut rewrite = Rewrite { placed: self, types };
        let bodies = self.cut.funcs.iter().map(|index| {
            let func = &self.cut.runtime.funcs[(index - imports) as usize];
            let ty = rewrite.type_index(func.ty)?;
            let reader =
                BinaryReader::new(&self.cut.runtime.wasm[func.body.clone()], func.body.start);
            Ok::<_, Error>((ty, rewrite.body(FunctionBody::new(reader))?))
        });
        bodies.collect::<Result<_, _>>().expect("the runtime is valid")
    }
}

/// Replaces the indices in the runtime's code.
struct Rewrite<'a> {
    placed: &'a Placed<'a>,
    types: &'a mut TypeTable,
}

impl Rewrite<'_> {
    fn body(&mut self, body: FunctionBody<'_>) -> Result<Vec<u8>, Error> {
        let mut func = self.new_function_with_parsed_locals(&body)?;
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            func.instruction(&self.parse_instruction(&mut reader)?);
        }
        Ok(func.into_raw_body())
    }
}

impl Reencode for Rewrite<'_> {
    type Error = Infallible;

    fn function_index(&mut self, func: u32) -> Result<u32, Error> {
        let index = self.placed.funcs[func as usize];
        debug_assert_ne!(index, u32::MAX, "function {func} of the runtime was cut off");
        Ok(index)
    }

    fn type_index(&mut self, ty: u32) -> Result<u32, Error> {
        let (params, results) = self.placed.cut.runtime.types[ty as usize].clone();
        Ok(self.types.intern(params, results))
    }

    fn global_index(&mut self, global: u32) -> Result<u32, Error> {
        let index = self.placed.cut.globals.binary_search(&global);
        Ok(index.expect("relocations name every global in use") as u32)
    }
}
