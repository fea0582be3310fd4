//! Selecting the needed part of the runtime and writing it into a module.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use vera_abi::host::HostFn;
use vera_abi::runtime::{Library, RtFn};
use vera_abi::wasi::{World, stand_in};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{ConstExpr, GlobalType, ValType};
use wasmparser::{BinaryReader, FunctionBody};

use super::{Import, Node, Runtime};
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
    /// Imports of WASI, by index in the linked runtime.
    outer: Vec<u32>,
    /// What stands in for the host.
    stand_ins: BTreeMap<&'static str, u32>,
}

/// What stands in for the host of a component: the functions wanted by name.
#[derive(Clone, Debug)]
pub struct StandIns {
    pub world: World,
    pub names: BTreeSet<&'static str>,
}

/// The smallest library that has these functions.
pub fn library(entries: &BTreeSet<RtFn>) -> Library {
    entries.iter().map(|f| f.library()).max().unwrap_or(Library::Core)
}

/// Finds what `entries` need, in the smallest library that has them; with `stand_ins`,
/// host functions are part of it.
pub fn cut(entries: &BTreeSet<RtFn>, stand_ins: Option<&StandIns>) -> Cut {
    let library = match stand_ins {
        Some(_) => Library::Wasi,
        None => library(entries),
    };
    let runtime = Runtime::of(library);
    let named = |name: &str| {
        let index = runtime.exports.get(name).copied();
        index.unwrap_or_else(|| panic!("the runtime lacks {name}"))
    };
    let mut seen = BTreeSet::new();
    let mut entry_indices = BTreeMap::new();
    let mut work = Vec::new();
    for entry in entries {
        let index = named(entry.name());
        entry_indices.insert(*entry, index);
        work.push(Node::Func(index));
    }
    let names = stand_ins.into_iter().flat_map(|s| &s.names);
    let mut found: BTreeMap<&'static str, u32> = names.map(|n| (*n, named(n))).collect();
    work.extend(found.values().map(|index| Node::Func(*index)));
    let (mut imports, mut outer) = (BTreeSet::new(), Vec::new());
    while let Some(node) = work.pop() {
        if !seen.insert(node) {
            continue;
        }
        match node {
            Node::Func(index) => match (index as usize).checked_sub(runtime.imports.len()) {
                None => match (runtime.imports[index as usize], stand_ins) {
                    (Import::Host(func), None) => _ = imports.insert(func),
                    (Import::Host(func), Some(stand_ins)) => {
                        let name = stand_in(func, stand_ins.world)
                            .expect("the runtime itself performs no operation of the program's");
                        let index = *found.entry(name).or_insert_with(|| named(name));
                        work.push(Node::Func(index));
                    }
                    (Import::Outer { .. }, _) => outer.push(index),
                },
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
        outer,
        stand_ins: found,
    };
    cut.outer.sort_unstable();
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

    /// Imports of WASI in order: module, name, and type.
    pub fn outer(&self, types: &mut TypeTable) -> Vec<(&'static str, &'static str, u32)> {
        let import = |index: &u32| match self.runtime.imports[*index as usize] {
            Import::Outer { module, name, ty } => {
                let (params, results) = self.runtime.types[ty as usize].clone();
                (module, name, types.intern(params, results))
            }
            Import::Host(func) => unreachable!("{} is none of WASI", func.name()),
        };
        self.outer.iter().map(import).collect()
    }

    pub fn outer_count(&self) -> u32 {
        self.outer.len() as u32
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
    pub fn place(
        &self,
        host: &BTreeMap<HostFn, u32>,
        first: u32,
        world: Option<World>,
    ) -> Placed<'_> {
        let mut funcs = vec![u32::MAX; self.runtime.imports.len() + self.runtime.funcs.len()];
        for (index, func) in (first..).zip(&self.funcs) {
            funcs[*func as usize] = index;
        }
        for (index, func) in (0..).zip(&self.outer) {
            funcs[*func as usize] = index;
        }
        for (at, import) in self.runtime.imports.iter().enumerate() {
            let Import::Host(func) = *import else { continue };
            funcs[at] = match world.and_then(|world| stand_in(func, world)) {
                Some(name) => self.stand_ins.get(name).map(|index| funcs[*index as usize]),
                None => host.get(&func).copied(),
            }
            .unwrap_or(u32::MAX);
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

    /// What stands in for the host, by name.
    pub fn stand_ins(&self) -> BTreeMap<&'static str, u32> {
        let placed = |(name, func): (&&'static str, &u32)| (*name, self.funcs[*func as usize]);
        self.cut.stand_ins.iter().map(placed).collect()
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
