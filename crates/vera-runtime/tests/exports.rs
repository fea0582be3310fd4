//! The exported functions are those of the contract.

use std::collections::BTreeSet;
use vera_abi::runtime::{RtFn, Wasm};

/// Reads `fn name(parameters) -> result` off the text of `exports.rs`, which is
/// compiled for wasm only. Names and types come from the contract there; what the compiler
/// cannot see is that a function which may collect takes the shadow pointer.
#[test]
fn the_source_exports_exactly_the_contract() {
    let source =
        concat!(include_str!("../../vera-rt/src/exports.rs"), include_str!("../src/exports.rs"));
    let wasm = |name: &str| match name.trim() {
        "u64" | "i64" => Wasm::I64,
        "f64" => Wasm::F64,
        _ => Wasm::I32,
    };
    let mut found = BTreeSet::new();
    for line in source.lines().filter(|line| line.starts_with("    pub fn vera_")) {
        let (name, rest) = line[11..].split_once('(').expect("a parameter list");
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
