//! The module as a whole: which index everything gets, and the sections.

use std::collections::BTreeMap;

use vera_abi::host::{self, HostFn};
use vera_abi::interface;
use vera_abi::layout::{FIRST_ADDRESS, SHADOW_STACK_SIZE};
use vera_abi::runtime::RtFn;
use vera_mir::ir::{FuncId, Global, Program, Static};
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, Encode, EntityType, ExportKind,
    ExportSection, FunctionSection, GlobalSection, GlobalType, ImportSection, MemorySection,
    MemoryType, Module, NameMap, NameSection, RefType, TableSection, TableType, ValType,
};

use crate::code::Body;
use crate::exports::{self, RuntimeGlobals};
use crate::func::Expected;
use crate::glue::Glue;
use crate::runtime::{self, Cut};
use crate::source_map::{FuncKind, FuncRange, SourceMap};
use crate::statics::Data;
use crate::types::TypeTable;
use crate::usage::Usage;
use crate::{Artifact, EmitOptions, FUEL, HostLink, component, func};

const PAGE: u32 = 0x1_0000;

/// Shadow stack that the runtime may use above the frames of compiled code.
const RUNTIME_RESERVE: u32 = 64 << 10;

/// What emission of functions shares.
pub struct Context<'a> {
    pub program: &'a Program,
    pub types: TypeTable,
    pub data: Data,
    /// Address of each static object in use.
    pub statics: Vec<u32>,
    /// Whether collections can happen at all.
    pub gc: bool,
    /// Address of the runtime's allocation windows.
    pub windows: u32,
    pub runtime_globals: Option<RuntimeGlobals>,
    /// Bytes of all shadow frames of functions that do not check their stack.
    unchecked_frames: u32,
    /// Bytes of the largest one of a function that does.
    largest_frame: u32,
    pub shadow_limit: u32,
    /// Index of the first variable of the program.
    first_global: u32,
    /// Index of the variable with the fuel that is left; see [`EmitOptions::fuel`].
    pub fuel: Option<u32>,
    pub glue: Vec<Glue>,
    pub first_glue: u32,
    pub trap_helpers: BTreeMap<i32, u32>,
    pub mul_helper: Option<u32>,
    /// See [`EmitOptions::check_references`].
    pub check_references: bool,
    pub reference_helpers: BTreeMap<Expected, u32>,
    funcs: Vec<u32>,
    table: BTreeMap<FuncId, u32>,
    pub host: BTreeMap<HostFn, u32>,
    /// What stands in for the host of a component, by name.
    pub stand_ins: BTreeMap<&'static str, u32>,
    runtime: BTreeMap<RtFn, u32>,
}

impl Context<'_> {
    /// Index of a function of the program.
    pub fn func(&self, id: FuncId) -> u32 {
        self.funcs[id.index()]
    }

    /// Place of a function in the table.
    pub fn table_index(&self, id: FuncId) -> u32 {
        self.table[&id]
    }

    /// Index of an imported function.
    pub fn host(&self, func: HostFn) -> u32 {
        self.host[&func]
    }

    /// Takes note of a function's shadow frame.
    pub fn add_frame(&mut self, slots: u32, checked: bool) {
        if checked {
            self.largest_frame = self.largest_frame.max(4 * slots);
        } else {
            self.unchecked_frames = self.unchecked_frames.saturating_add(4 * slots);
        }
    }

    /// How far frames can reach beyond the last check: functions that do not
    /// check are not recursive, so each has one frame at most, and the one that
    /// checked last has one too.
    pub fn shadow_reserve(&self) -> u32 {
        let frames = self.unchecked_frames.saturating_add(self.largest_frame);
        frames.saturating_add(RUNTIME_RESERVE).min(SHADOW_STACK_SIZE / 2)
    }

    /// Index of a module variable.
    pub fn global(&self, global: Global) -> u32 {
        self.first_global + global as u32
    }

    /// Index of a function of the runtime.
    pub fn runtime(&self, func: RtFn) -> u32 {
        self.runtime[&func]
    }
}

/// Compiles the program.
pub fn build(program: &Program, options: &EmitOptions) -> Artifact {
    let mut usage = Usage::of(program, options);
    let world = match options.host {
        HostLink::Imports => None,
        HostLink::Wasi(world) => Some(world),
    };
    let stand_ins = world.map(|world| component::stand_ins(program, &mut usage, world));
    let cut = usage.needs_runtime().then(|| runtime::cut(&usage.runtime, stand_ins.as_ref()));
    if let Some(cut) = &cut {
        usage.host.extend(cut.imports());
    }
    let imported: BTreeMap<HostFn, u32> = match world {
        None => usage.host.iter().copied().zip(0..).collect(),
        Some(_) => BTreeMap::new(),
    };
    let outer = cut.as_ref().map_or(0, Cut::outer_count);
    let first_runtime = imported.len() as u32 + outer;
    let placed = cut.as_ref().map(|cut| cut.place(&imported, first_runtime, world));
    let import_count = first_runtime;
    let host = imported;
    let first_func = first_runtime + cut.as_ref().map_or(0, Cut::func_count);
    let mut cx = context(program, &usage, cut.as_ref(), host, first_func, options);
    if let Some(placed) = &placed {
        cx.runtime = placed.entries().collect();
        if let Some(world) = world {
            component::link(&mut cx, &usage, &placed.stand_ins(), world);
        }
    }
    let outer = cut.as_ref().map_or_else(Vec::new, |cut| cut.outer(&mut cx.types));
    let runtime_bodies = placed.as_ref().map_or_else(Vec::new, |p| p.bodies(&mut cx.types));

    let bodies: Vec<(u32, Body)> = usage
        .funcs
        .iter()
        .map(|id| {
            let func = program.func(*id);
            let ty = cx.types.func(&func::params(func), &func::results(func));
            (ty, func::emit(&mut cx, *id))
        })
        .collect();
    let mut exported = exports::emit(&mut cx, options);
    if let Some(world) = world {
        exported = component::exports(&mut cx, &exported, world);
    }

    let mut assembly = Assembly::default();
    for (ty, body) in runtime_bodies {
        assembly.func(ty, &body, &[], FuncKind::Runtime);
    }
    for (id, (ty, body)) in usage.funcs.iter().zip(bodies) {
        let func = program.func(*id);
        let kind = FuncKind::Program { source: func.source, name: func.name.clone() };
        assembly.func(ty, &body.bytes, &body.marks, kind);
    }
    for glue in &cx.glue {
        assembly.func(glue.ty, &glue.body.bytes, &[], FuncKind::Glue);
    }
    let slots: Vec<(u32, u32)> = (placed.iter().flat_map(|p| p.table()))
        .chain(usage.table.iter().map(|id| (cx.table_index(*id), cx.func(*id))))
        .collect();
    let segments = cut.as_ref().map_or_else(Vec::new, Cut::segments);
    let globals = globals(&cx, cut.as_ref(), usage.globals);
    let names = names(&cx, &usage, cut.as_ref(), import_count);
    let is_component = world.is_some();
    let sections = Sections {
        cx,
        usage: &usage,
        outer,
        is_component,
        exported,
        slots,
        segments,
        globals,
        names,
    };
    sections.assemble(assembly)
}

/// Assigns every index and address.
fn context<'a>(
    program: &'a Program,
    usage: &Usage,
    cut: Option<&Cut>,
    host: BTreeMap<HostFn, u32>,
    first_func: u32,
    options: &EmitOptions,
) -> Context<'a> {
    let mut funcs = vec![u32::MAX; program.funcs.len()];
    for (index, id) in (first_func..).zip(&usage.funcs) {
        funcs[id.index()] = index;
    }
    let first_slot = cut.map_or(1, Cut::table_end);
    let table: BTreeMap<FuncId, u32> = usage.table.iter().copied().zip(first_slot..).collect();
    let mut data = Data::new(cut.map_or(FIRST_ADDRESS, Cut::data_end));
    let mut statics = vec![0; program.statics.len()];
    for id in &usage.statics {
        statics[id.index()] = match &program.statics[id.index()] {
            Static::String(bytes) => data.string(bytes),
            Static::EmptyArray => data.empty_array(),
            Static::Array(mem, bits) => data.array(mem.size(), bits),
            Static::Strings(texts) => data.strings(texts),
            Static::Closure(func) => data.closure(table[func]),
            Static::Object(layout, fields) => {
                data.constructed(&program.layouts[layout.index()], fields, &statics)
            }
        };
    }
    let runtime_globals = cut.map(|cut| {
        let first = cut.global_count();
        let scratch = usage.strings_in.then_some(first + 2);
        RuntimeGlobals { shadow_base: first, shadow_limit: first + 1, scratch }
    });
    let first_global = cut.map_or(0, Cut::global_count)
        + runtime_globals.map_or(0, |g| 2 + u32::from(g.scratch.is_some()));
    let own_globals = if usage.globals { Global::ALL.len() as u32 } else { 0 };
    Context {
        program,
        types: TypeTable::default(),
        data,
        statics,
        gc: usage.collects(),
        windows: cut.map_or(0, Cut::windows),
        runtime_globals,
        unchecked_frames: 0,
        largest_frame: 0,
        shadow_limit: runtime_globals.map_or(0, |g| g.shadow_limit),
        first_global,
        fuel: options.fuel.then_some(first_global + own_globals),
        glue: Vec::new(),
        first_glue: first_func + usage.funcs.len() as u32,
        trap_helpers: BTreeMap::new(),
        mul_helper: None,
        check_references: options.check_references,
        reference_helpers: BTreeMap::new(),
        funcs,
        table,
        host,
        stand_ins: BTreeMap::new(),
        runtime: BTreeMap::new(),
    }
}

fn globals(cx: &Context<'_>, cut: Option<&Cut>, own: bool) -> GlobalSection {
    let mut section = GlobalSection::new();
    let ty = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
    for (ty, init) in cut.iter().flat_map(|cut| cut.globals()) {
        section.global(ty, &init);
    }
    if let Some(globals) = cx.runtime_globals {
        for _ in 0..2 + u32::from(globals.scratch.is_some()) {
            section.global(ty, &ConstExpr::i32_const(0));
        }
    }
    if own {
        for _ in Global::ALL {
            section.global(ty, &ConstExpr::i32_const(0));
        }
    }
    if cx.fuel.is_some() {
        let ty = GlobalType { val_type: ValType::I64, mutable: true, shared: false };
        section.global(ty, &ConstExpr::i64_const(i64::MAX));
    }
    section
}

/// Names of imports, of the runtime's entry points, and of all other functions.
fn names(cx: &Context<'_>, usage: &Usage, cut: Option<&Cut>, imports: u32) -> NameMap {
    let mut names = NameMap::new();
    // What stands in for the host has the names of the runtime.
    for (host, index) in cx.host.iter().filter(|(_, index)| **index < imports) {
        names.append(*index, host.name());
    }
    if cut.is_some() {
        let entries: BTreeMap<u32, RtFn> = cx.runtime.iter().map(|(f, i)| (*i, *f)).collect();
        for (index, entry) in entries {
            names.append(index, entry.name());
        }
    }
    for id in &usage.funcs {
        names.append(cx.func(*id), &cx.program.func(*id).name);
    }
    for (index, glue) in (cx.first_glue..).zip(&cx.glue) {
        names.append(index, &glue.name);
    }
    names
}

/// The functions in order, while offsets are still relative.
#[derive(Default)]
struct Assembly {
    types: FunctionSection,
    code: CodeSection,
    marks: Vec<(u32, vera_mir::ir::LocId)>,
    funcs: Vec<FuncRange>,
}

impl Assembly {
    fn func(&mut self, ty: u32, body: &[u8], marks: &[(u32, vera_mir::ir::LocId)], kind: FuncKind) {
        self.types.function(ty);
        self.code.raw(body);
        let end = self.code.byte_len() as u32;
        let start = end - body.len() as u32;
        self.marks.extend(marks.iter().map(|(at, loc)| (start + at, *loc)));
        self.funcs.push(FuncRange { end, kind });
    }
}

/// Everything but the code.
struct Sections<'a> {
    cx: Context<'a>,
    usage: &'a Usage,
    /// Imports of a component: module, name and type.
    outer: Vec<(&'static str, &'static str, u32)>,
    is_component: bool,
    exported: Vec<(String, u32)>,
    slots: Vec<(u32, u32)>,
    segments: Vec<(u32, &'static [u8])>,
    globals: GlobalSection,
    names: NameMap,
}

impl Sections<'_> {
    fn assemble(mut self, assembly: Assembly) -> Artifact {
        let mut module = Module::new();
        let imports = self.imports();
        let types = std::mem::take(&mut self.cx.types).into_section();
        section(&mut module, &types, types.is_empty());
        section(&mut module, &imports, imports.is_empty());
        section(&mut module, &assembly.types, assembly.types.is_empty());
        let table = self.table();
        section(&mut module, &table, table.is_empty());
        let memory = self.memory();
        section(&mut module, &memory, memory.is_empty());
        section(&mut module, &self.globals, self.globals.is_empty());
        let exports = self.exports(!memory.is_empty());
        section(&mut module, &exports, exports.is_empty());
        let elements = self.elements();
        section(&mut module, &elements, elements.is_empty());

        // The section's id, its length, and the number of functions come first.
        let mut count = Vec::new();
        assembly.code.len().encode(&mut count);
        let mut length = Vec::new();
        (assembly.code.byte_len() + count.len()).encode(&mut length);
        let base = (module.len() + 1 + length.len() + count.len()) as u32;
        section(&mut module, &assembly.code, assembly.code.is_empty());

        let data = self.data();
        section(&mut module, &data, data.is_empty());
        let mut names = NameSection::new();
        names.functions(&self.names);
        section(&mut module, &names, self.names.is_empty());

        let mut source_map = SourceMap {
            funcs: assembly.funcs,
            marks: assembly.marks,
            locs: self.cx.program.locs.clone(),
            source_fns: self.cx.program.source_fns.clone(),
        };
        source_map.funcs.iter_mut().for_each(|f| f.end += base);
        source_map.marks.iter_mut().for_each(|(at, _)| *at += base);
        let program = self.cx.program;
        let exports = program.exports.iter().map(|e| interface::Export {
            name: e.name.clone(),
            params: e.params.clone(),
            result: e.result.clone(),
            in_parts: e.in_parts,
        });
        Artifact {
            wasm: module.finish(),
            exports: exports.collect(),
            interface: program.interface.clone(),
            source_map,
        }
    }

    fn imports(&mut self) -> ImportSection {
        let mut section = ImportSection::new();
        for (module, name, ty) in &self.outer {
            section.import(module, name, EntityType::Function(*ty));
        }
        let host = if self.is_component { BTreeMap::new() } else { self.cx.host.clone() };
        for func in host.keys() {
            let ty = self.cx.types.func(func.params(), func.results());
            section.import(host::MODULE, func.name(), EntityType::Function(ty));
        }
        section
    }

    fn table(&self) -> TableSection {
        let mut section = TableSection::new();
        let end = self.slots.iter().map(|(slot, _)| slot + 1).max();
        // Code that calls closures needs a table even if there are none.
        if end.is_some() || self.usage.indirect_calls {
            let size = u64::from(end.unwrap_or(0));
            section.table(TableType {
                element_type: RefType::FUNCREF,
                table64: false,
                minimum: size,
                maximum: Some(size),
                shared: false,
            });
        }
        section
    }

    /// One segment for each run of consecutive slots.
    fn elements(&self) -> ElementSection {
        let mut section = ElementSection::new();
        for run in self.slots.chunk_by(|a, b| a.0 + 1 == b.0) {
            let funcs: Vec<u32> = run.iter().map(|(_, func)| *func).collect();
            let offset = ConstExpr::i32_const(run[0].0 as i32);
            section.active(None, &offset, Elements::Functions(funcs.into()));
        }
        section
    }

    fn memory(&self) -> MemorySection {
        let mut section = MemorySection::new();
        if self.usage.memory || self.cx.data.end() > self.cx.data.start() {
            section.memory(MemoryType {
                minimum: self.cx.data.end().div_ceil(PAGE).max(1).into(),
                maximum: None,
                memory64: false,
                shared: false,
                page_size_log2: None,
            });
        }
        section
    }

    fn exports(&self, memory: bool) -> ExportSection {
        let mut section = ExportSection::new();
        if memory {
            let name = if self.is_component { "memory" } else { "vera.memory" };
            section.export(name, ExportKind::Memory, 0);
        }
        for (name, index) in &self.exported {
            section.export(name, ExportKind::Func, *index);
        }
        if let Some(index) = self.cx.fuel {
            section.export(FUEL, ExportKind::Global, index);
        }
        section
    }

    fn data(&mut self) -> DataSection {
        let mut section = DataSection::new();
        for (address, bytes) in &self.segments {
            section.active(0, &ConstExpr::i32_const(*address as i32), bytes.iter().copied());
        }
        let start = self.cx.data.start();
        let bytes = std::mem::replace(&mut self.cx.data, Data::new(0)).into_bytes();
        if !bytes.is_empty() {
            section.active(0, &ConstExpr::i32_const(start as i32), bytes);
        }
        section
    }
}

/// Adds a section unless it is empty.
fn section(module: &mut Module, section: &impl wasm_encoder::Section, is_empty: bool) {
    if !is_empty {
        module.section(section);
    }
}
