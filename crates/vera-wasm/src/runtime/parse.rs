//! Reads the linked runtime.

use std::collections::HashMap;
use std::ops::Range;

use vera_abi::host::{HostFn, MODULE};
use vera_abi::layout::ALLOC_WINDOWS;
use wasm_encoder::ValType;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasmparser::{
    ConstExpr, DataKind, ElementItems, ElementKind, ExternalKind, KnownCustom, Linking, Operator,
    Parser, Payload, RelocationType, Result, SymbolInfo, TypeRef,
};

use super::{DataObject, Func, Global, Import, Node, Runtime, Segment};

/// What the linker calls the end of static data.
const HEAP_BASE: &str = "__heap_base";

/// Takes the module apart.
pub fn parse(wasm: &'static [u8]) -> Result<Runtime> {
    let mut reader = Reader::default();
    for payload in Parser::new(0).parse_all(wasm) {
        reader.payload(payload?)?;
    }
    reader.finish(wasm)
}

#[derive(Default)]
struct Reader {
    types: Vec<(Vec<ValType>, Vec<ValType>)>,
    imports: Vec<Import>,
    func_types: Vec<u32>,
    bodies: Vec<Range<usize>>,
    globals: Vec<Global>,
    table: HashMap<u32, u32>,
    segments: Vec<Segment>,
    exports: HashMap<&'static str, u32>,
    exported_globals: HashMap<&'static str, u32>,
    symbols: Vec<Symbol>,
    /// Section index, place in the file, and kind of relocation with its symbol.
    relocs: Vec<(u32, u32, RelocationType, u32)>,
    /// Sections counted so far, and where code and data are.
    sections: u32,
    code: (u32, usize),
    data: (u32, usize),
}

enum Symbol {
    Node(Node),
    /// Segment and range in it.
    Data(Option<(u32, u32, u32)>),
    Other,
}

impl Reader {
    fn payload(&mut self, payload: Payload<'static>) -> Result<()> {
        let section = self.sections;
        match payload {
            Payload::TypeSection(types) => {
                self.sections += 1;
                for ty in types.into_iter_err_on_gc_types() {
                    let ty = ty?;
                    self.types.push((val_types(ty.params()), val_types(ty.results())));
                }
            }
            Payload::ImportSection(imports) => {
                self.sections += 1;
                for import in imports.into_imports() {
                    let import = import?;
                    let TypeRef::Func(ty) = import.ty else { continue };
                    self.imports.push(if import.module == MODULE {
                        let host = HostFn::ALL.iter().find(|f| f.name() == import.name);
                        Import::Host(*host.expect("the runtime imports host functions only"))
                    } else {
                        Import::Outer { module: import.module, name: import.name, ty }
                    });
                }
            }
            Payload::FunctionSection(funcs) => {
                self.sections += 1;
                self.func_types = funcs.into_iter().collect::<Result<_>>()?;
            }
            Payload::GlobalSection(globals) => {
                self.sections += 1;
                for global in globals {
                    let global = global?;
                    let init = constant(&global.init_expr)?;
                    self.globals.push(Global { mutable: global.ty.mutable, init });
                }
            }
            Payload::ExportSection(exports) => {
                self.sections += 1;
                for export in exports {
                    let export = export?;
                    match export.kind {
                        ExternalKind::Func => {
                            self.exports.insert(export.name, export.index);
                        }
                        ExternalKind::Global => {
                            self.exported_globals.insert(export.name, export.index);
                        }
                        ExternalKind::FuncExact
                        | ExternalKind::Table
                        | ExternalKind::Memory
                        | ExternalKind::Tag => {}
                    }
                }
            }
            Payload::ElementSection(elements) => {
                self.sections += 1;
                for element in elements {
                    let element = element?;
                    if let ElementKind::Active { offset_expr, .. } = &element.kind
                        && let ElementItems::Functions(funcs) = element.items
                    {
                        let first = constant(offset_expr)? as u32;
                        for (slot, func) in (first..).zip(funcs) {
                            self.table.insert(slot, func?);
                        }
                    }
                }
            }
            Payload::CodeSectionStart { range, .. } => {
                self.sections += 1;
                self.code = (section, range.start);
            }
            Payload::CodeSectionEntry(body) => self.bodies.push(body.range()),
            Payload::DataSection(data) => {
                self.sections += 1;
                self.data = (section, data.range().start);
                for segment in data {
                    let segment = segment?;
                    if let DataKind::Active { offset_expr, .. } = &segment.kind {
                        let address = constant(offset_expr)? as u32;
                        let end = segment.range.end;
                        let bytes = end - segment.data.len()..end;
                        self.segments.push(Segment { address, bytes });
                    }
                }
            }
            Payload::CustomSection(custom) => {
                self.sections += 1;
                match custom.as_known() {
                    KnownCustom::Linking(linking) => {
                        for part in linking.subsections() {
                            if let Linking::SymbolTable(symbols) = part? {
                                for symbol in symbols {
                                    self.symbols.push(symbol_of(symbol?));
                                }
                            }
                        }
                    }
                    KnownCustom::Reloc(relocs) => {
                        let section = relocs.section_index();
                        for entry in relocs.entries() {
                            let entry = entry?;
                            self.relocs.push((section, entry.offset, entry.ty, entry.index));
                        }
                    }
                    _ => {}
                }
            }
            Payload::TableSection(_)
            | Payload::MemorySection(_)
            | Payload::TagSection(_)
            | Payload::StartSection { .. }
            | Payload::DataCountSection { .. } => self.sections += 1,
            _ => {}
        }
        Ok(())
    }

    fn finish(self, wasm: &'static [u8]) -> Result<Runtime> {
        let global = |name| {
            let index = self.exported_globals.get(name)?;
            self.globals.get(*index as usize).map(|g| g.init as u32)
        };
        let windows = global(ALLOC_WINDOWS).expect("the runtime exports its windows");
        let data_end = global(HEAP_BASE).expect("the linker exports the end of static data");
        let (node_of_symbol, mut data) = self.data_objects();
        let bodies = self.bodies.iter().cloned();
        let mut funcs: Vec<Func> = (self.func_types.iter().zip(bodies))
            .map(|(ty, body)| Func { ty: *ty, body, refers_to: Vec::new() })
            .collect();
        // Data objects by place in the file.
        let mut places: Vec<(Range<usize>, usize)> = (data.iter().enumerate())
            .filter_map(|(i, object)| {
                let (segment, bytes) = object.bytes.as_ref()?;
                let start = self.segments[*segment].bytes.start;
                Some((start + bytes.start..start + bytes.end, i))
            })
            .collect();
        places.sort_by_key(|(range, _)| range.start);
        for (section, offset, ty, symbol) in &self.relocs {
            let Some(to) = target(*ty, node_of_symbol.get(*symbol as usize).copied().flatten())
            else {
                continue;
            };
            if *section == self.code.0 {
                let at = self.code.1 + *offset as usize;
                let index = self.bodies.partition_point(|body| body.end <= at);
                if let Some(func) = funcs.get_mut(index) {
                    func.refers_to.push(to);
                }
            } else if *section == self.data.0 {
                let at = self.data.1 + *offset as usize;
                let index = places.partition_point(|(range, _)| range.end <= at);
                if let Some((_, object)) = places.get(index) {
                    data[*object].refers_to.push(to);
                }
            }
        }
        let slots = self.table.iter().map(|(slot, func)| (*func, *slot)).collect();
        Ok(Runtime {
            wasm,
            types: self.types,
            imports: self.imports,
            funcs,
            globals: self.globals,
            table: self.table,
            slots,
            segments: self.segments,
            data,
            exports: self.exports,
            windows,
            data_end,
        })
    }

    /// The node of each symbol, and the data objects among them.
    fn data_objects(&self) -> (Vec<Option<Node>>, Vec<DataObject>) {
        let mut data = Vec::new();
        let nodes = (self.symbols.iter())
            .map(|symbol| match symbol {
                Symbol::Node(node) => Some(*node),
                Symbol::Other => None,
                Symbol::Data(place) => {
                    let bytes = place.and_then(|(segment, offset, size)| {
                        let length = self.segments.get(segment as usize)?.bytes.len();
                        let range = offset as usize..(offset + size) as usize;
                        (range.end <= length).then_some((segment as usize, range))
                    });
                    data.push(DataObject { bytes, refers_to: Vec::new() });
                    Some(Node::Data(data.len() as u32 - 1))
                }
            })
            .collect();
        (nodes, data)
    }
}

fn symbol_of(symbol: SymbolInfo<'_>) -> Symbol {
    match symbol {
        SymbolInfo::Func { index, .. } => Symbol::Node(Node::Func(index)),
        SymbolInfo::Global { index, .. } => Symbol::Node(Node::Global(index)),
        SymbolInfo::Data { symbol, .. } => {
            Symbol::Data(symbol.map(|s| (s.index, s.offset, s.size)))
        }
        SymbolInfo::Section { .. } | SymbolInfo::Event { .. } | SymbolInfo::Table { .. } => {
            Symbol::Other
        }
    }
}

/// What a relocation refers to, given its symbol.
fn target(ty: RelocationType, symbol: Option<Node>) -> Option<Node> {
    use RelocationType::*;
    match (ty, symbol?) {
        (TableIndexSleb | TableIndexI32 | TableIndexRelSleb, Node::Func(f)) => Some(Node::Slot(f)),
        // Its "symbol" is the index of a type.
        (TypeIndexLeb, _) => None,
        (_, node) => Some(node),
    }
}

fn val_types(types: &[wasmparser::ValType]) -> Vec<ValType> {
    let convert = |ty| RoundtripReencoder.val_type(ty).expect("the runtime uses number types");
    types.iter().copied().map(convert).collect()
}

/// The value of a constant expression that is one `i32.const`.
fn constant(expr: &ConstExpr<'_>) -> Result<i32> {
    match expr.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(value),
        // Which one it is, is not printed: the names of all instructions are much text.
        _ => unreachable!("the linker places statics at fixed addresses"),
    }
}
