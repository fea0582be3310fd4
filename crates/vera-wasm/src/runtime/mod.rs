//! The linked runtime, and the part of it that a program needs.
//!
//! `build.rs` has the runtime linked with its symbol table and relocations
//! kept. Each relocation says that a function, or a piece of data, refers to
//! another one; following them from the runtime functions a program calls finds
//! exactly what must be in its module, as a linker's section collection does,
//! but at the grain of single functions and data objects. Addresses of data and
//! places in the function table stay as linked, so that only indices of
//! functions, types and globals are rewritten.

mod cut;
mod parse;
#[cfg(feature = "embedded")]
pub mod slim;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use vera_abi::host::HostFn;
use vera_abi::runtime::Library;
use wasm_encoder::ValType;

use crate::runtimes;
pub use cut::{Cut, StandIns, cut, library};

/// The linked runtime, taken apart.
pub struct Runtime {
    wasm: &'static [u8],
    types: Vec<(Vec<ValType>, Vec<ValType>)>,
    /// Imported functions; they come first among the functions.
    imports: Vec<Import>,
    funcs: Vec<Func>,
    globals: Vec<Global>,
    /// Function of each used slot of the function table.
    table: HashMap<u32, u32>,
    /// Slot of each function that has one.
    slots: HashMap<u32, u32>,
    segments: Vec<Segment>,
    data: Vec<DataObject>,
    /// Exported functions by name.
    exports: HashMap<&'static str, u32>,
    /// Address of the allocation windows.
    pub windows: u32,
    /// First address above the runtime's data.
    pub data_end: u32,
}

/// A function that the linked module imports.
#[derive(Clone, Copy)]
enum Import {
    Host(HostFn),
    /// One of WASI: its place among all imports.
    Outer {
        module: &'static str,
        name: &'static str,
        ty: u32,
    },
}

/// A function of the runtime.
struct Func {
    ty: u32,
    /// Its body, without the length in front.
    body: Range<usize>,
    refers_to: Vec<Node>,
}

struct Global {
    mutable: bool,
    init: i32,
}

/// An initialised stretch of memory.
struct Segment {
    address: u32,
    bytes: Range<usize>,
}

/// A symbol in a segment; symbols of zeroed memory have no bytes.
struct DataObject {
    bytes: Option<(usize, Range<usize>)>,
    refers_to: Vec<Node>,
}

/// Something that code or data can refer to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
enum Node {
    /// By index among all functions, imports included.
    Func(u32),
    /// A function's place in the table.
    Slot(u32),
    Data(u32),
    Global(u32),
}

impl Runtime {
    /// The runtime that holds this library, taken apart at the first call.
    ///
    /// # Panics
    /// It is not there (see [`crate::runtimes`]).
    pub fn of(library: Library) -> &'static Runtime {
        RUNTIMES[library as usize].get_or_init(|| {
            let wasm = runtimes::bytes(library).expect("the caller has seen that it is there");
            parse::parse(wasm).expect("our own linker wrote it")
        })
    }

    /// Takes a runtime apart that was handed in.
    ///
    /// # Errors
    /// It is none.
    #[cfg(not(feature = "embedded"))]
    pub fn put(library: Library, wasm: &'static [u8]) -> Result<(), String> {
        let runtime = parse::parse(wasm).map_err(|error| error.to_string())?;
        _ = RUNTIMES[library as usize].set(runtime);
        Ok(())
    }
}

static RUNTIMES: [OnceLock<Runtime>; Library::ALL.len()] =
    [const { OnceLock::new() }; Library::ALL.len()];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use vera_abi::layout::ALLOC_WINDOWS;
    use vera_abi::runtime::RtFn;
    use vera_abi::wasi::{World, stand_in};

    use super::*;

    fn wasm(library: Library) -> &'static [u8] {
        runtimes::bytes(library).expect("tests have them embedded")
    }

    #[test]
    fn without_names_a_runtime_is_the_same() {
        for library in Library::ALL {
            let all = Runtime::of(library);
            let slim: &'static [u8] = runtimes::slim(library).leak();
            assert!(slim.len() < all.wasm.len());
            let slim = parse::parse(slim).expect("a module");
            let bytes =
                |runtime: &Runtime, range: &Range<usize>| runtime.wasm[range.clone()].to_vec();
            assert_eq!(slim.exports, all.exports);
            assert_eq!(slim.table, all.table);
            assert_eq!((slim.windows, slim.data_end), (all.windows, all.data_end));
            assert_eq!(slim.funcs.len(), all.funcs.len());
            for (one, other) in slim.funcs.iter().zip(&all.funcs) {
                assert_eq!(bytes(&slim, &one.body), bytes(all, &other.body));
                assert_eq!(one.refers_to, other.refers_to);
            }
            assert_eq!(slim.data.len(), all.data.len());
            for (one, other) in slim.data.iter().zip(&all.data) {
                assert_eq!(one.bytes, other.bytes);
                assert_eq!(one.refers_to, other.refers_to);
            }
        }
    }

    #[test]
    fn each_module_exports_exactly_the_contract() {
        Library::ALL.into_iter().for_each(exports_the_contract);
    }

    fn exports_the_contract(library: Library) {
        use wasmparser::{ExternalKind, Parser, Payload};
        let (mut functions, mut globals) = (BTreeSet::new(), BTreeSet::new());
        for payload in Parser::new(0).parse_all(wasm(library)) {
            match payload.expect("a well formed module") {
                Payload::ExportSection(exports) => {
                    for export in exports {
                        let export = export.expect("a well formed export");
                        match export.kind {
                            ExternalKind::Func => drop(functions.insert(export.name)),
                            ExternalKind::Global => drop(globals.insert(export.name)),
                            _ => assert_eq!(export.name, "memory"),
                        }
                    }
                }
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import.expect("a well formed import");
                        if import.module.starts_with("wasi:") {
                            assert_eq!(library, Library::Wasi);
                            assert!(import.module.ends_with("@0.2.0"), "{}", import.module);
                            continue;
                        }
                        let known = HostFn::ALL.iter().any(|f| f.name() == import.name);
                        assert!(
                            known && import.module == vera_abi::host::MODULE,
                            "{}",
                            import.name
                        );
                    }
                }
                _ => {}
            }
        }
        if library == Library::Wasi {
            // What stands in for the host comes with the bindings' own allocator.
            for func in HostFn::ALL {
                let named = stand_in(*func, World::Cli);
                assert!(named.is_none_or(|name| functions.contains(name)), "{}", func.name());
            }
            functions.retain(|name| !name.starts_with("vera_wasi_") && !name.starts_with("cabi_"));
        }
        let contract = RtFn::ALL.iter().filter(|f| f.library() <= library);
        assert_eq!(functions, contract.map(|f| f.name()).collect());
        assert!(globals.contains(ALLOC_WINDOWS));
    }
}
