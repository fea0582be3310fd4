//! The exported functions are those of the contract.

use std::collections::BTreeSet;
use vera_abi::layout::ALLOC_WINDOWS;
use vera_abi::runtime::{RtFn, Wasm};

/// Reads `fn name(parameters) -> result` off the text of `exports.rs`, which is
/// compiled for wasm only. Types are mapped as the C ABI of the target does.
#[test]
fn the_source_exports_exactly_the_contract() {
    let source = include_str!("../src/exports.rs");
    let wasm = |name: &str| match name.trim() {
        "u64" | "i64" => Wasm::I64,
        "f64" => Wasm::F64,
        _ => Wasm::I32,
    };
    let mut found = BTreeSet::new();
    for line in source.lines().filter(|line| line.starts_with("    fn vera_")) {
        let (name, rest) = line[7..].split_once('(').expect("a parameter list");
        let (params, rest) = rest.split_once(')').expect("on one line");
        let function = RtFn::ALL.iter().find(|f| f.name() == name);
        let function = function.unwrap_or_else(|| panic!("{name} is not in the contract"));
        let types = params.split(',').filter_map(|param| Some(wasm(param.split_once(':')?.1)));
        assert_eq!(types.collect::<Vec<_>>(), function.params(), "parameters of {name}");
        let result = rest.strip_prefix(" -> ").map(|r| wasm(r.split('{').next().unwrap_or(r)));
        assert_eq!(result.into_iter().collect::<Vec<_>>(), function.results(), "result of {name}");
        assert_eq!(params.ends_with("sp: u32"), function.collects(), "{name} and the shadow stack");
        found.insert(name);
    }
    let contract: BTreeSet<&str> = RtFn::ALL.iter().map(|f| f.name()).collect();
    assert_eq!(found, contract);
}

/// Checks the built module, named by `VERA_RT_WASM`; see `build-wasm.sh`.
#[test]
#[ignore = "needs the wasm module: VERA_RT_WASM=… cargo nextest run --run-ignored all"]
fn the_module_exports_exactly_the_contract() {
    use wasmparser::{ExternalKind, Parser, Payload};
    let path = std::env::var("VERA_RT_WASM").expect("VERA_RT_WASM names the module");
    let bytes = std::fs::read(path).expect("the module is built");
    let (mut functions, mut globals) = (BTreeSet::new(), BTreeSet::new());
    for payload in Parser::new(0).parse_all(&bytes) {
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
                    let known = vera_abi::host::HostFn::ALL.iter().any(|f| f.name() == import.name);
                    assert!(known && import.module == vera_abi::host::MODULE, "{}", import.name);
                }
            }
            _ => {}
        }
    }
    assert_eq!(functions, RtFn::ALL.iter().map(|f| f.name()).collect());
    assert!(globals.contains(ALLOC_WINDOWS));
}
