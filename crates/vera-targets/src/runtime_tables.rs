//! What the runtime in TypeScript knows of our ABI, generated from `vera_abi`: kinds of
//! traps with their messages and hints, and the functions a module may import. With them,
//! the compiler of TypeScript sees that the runtime offers each.

use std::fmt::Write;

use vera_abi::host::HostFn;
use vera_abi::runtime::Wasm;
use vera_abi::trap::TrapKind;

/// The file `targets/browser/src/generated.ts`.
pub fn typescript() -> String {
    let mut text = "// Generated from `vera_abi` by `vera_targets::runtime_tables`; see `crates/vera-targets/tests/browser_sources.rs`.\n\n".to_owned();
    traps(&mut text);
    host_functions(&mut text);
    text
}

fn traps(text: &mut String) {
    let names: Vec<String> = TrapKind::ALL.iter().map(|k| format!("{:?}", k.name())).collect();
    _ = writeln!(text, "export type TrapKind =\n  | {};\n", names.join("\n  | "));
    text.push_str("/** Of each kind the standard message, and what to change. */\n");
    text.push_str("export const TRAPS: Record<TrapKind, { message: string; fix: string }> = {\n");
    for kind in TrapKind::ALL {
        let (name, message, hint) = (kind.name(), kind.message(), kind.hint());
        _ = writeln!(text, "  {name}: {{ message: {message:?}, fix: {hint:?} }},");
    }
    text.push_str("};\n\n/** The kind with this code. */\nexport function kindOfCode(code: number): TrapKind {\n  switch (code) {\n");
    for kind in TrapKind::ALL {
        _ = writeln!(text, "    case {}: return {:?};", *kind as i32, kind.name());
    }
    text.push_str("    default: return \"unknown\";\n  }\n}\n\n");
}

fn host_functions(text: &mut String) {
    text.push_str(
        "/** What a module may import from `vera`. */\nexport interface HostFunctions {\n",
    );
    for func in HostFn::ALL {
        let params = func.params().iter().enumerate();
        let params: Vec<String> = params.map(|(i, ty)| format!("p{i}: {}", number(*ty))).collect();
        let result = func.results().first().map_or("void", |ty| number(*ty));
        _ = writeln!(text, "  {}: ({}) => {result};", func.name(), params.join(", "));
    }
    text.push_str("}\n");
}

fn number(ty: Wasm) -> &'static str {
    match ty {
        Wasm::I64 => "bigint",
        Wasm::I32 | Wasm::F64 => "number",
    }
}
