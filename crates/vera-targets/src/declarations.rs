//! TypeScript types of a program's functions, beside its bundle.

use std::fmt::Write;

use vera_abi::interface::{CompoundKind, Export, HostTy, Interface};

use crate::description::functions;

/// What every runtime declares; the program's functions are put where it says.
const API: &str = include_str!("../../../targets/browser/src/runtime.d.mts");

/// Where in [`API`] the program's functions go.
const PLACE: &str = "  [name: string]: (...args: never[]) => unknown;\n";

/// The file `runtime.d.mts` of a program with these exports.
pub fn declarations(exports: &[Export], interface: &Interface) -> String {
    let mut own = String::new();
    for function in functions(exports) {
        let params: Vec<String> = (function.export.params.iter())
            .filter(|ty| **ty != HostTy::Unit)
            .enumerate()
            .map(|(i, ty)| format!("p{}: {}", i + 1, taken(interface, ty)))
            .collect();
        let result = given(interface, &function.export.result);
        _ = writeln!(own, "  {:?}: ({}) => {result};", function.name, params.join(", "));
    }
    let mut types = String::new();
    for (number, compound) in interface.compounds.iter().enumerate() {
        let name = &compound.name;
        _ = writeln!(
            types,
            "\n/** `{name}` */\ntype T{number} = {};",
            shape(interface, &compound.kind, given)
        );
        _ = writeln!(types, "type A{number} = {};", shape(interface, &compound.kind, taken));
    }
    API.replace(PLACE, &own) + &types
}

/// The TypeScript type of a part of a type.
type Side = fn(&Interface, &HostTy) -> String;

/// What a function yields.
fn given(_: &Interface, ty: &HostTy) -> String {
    match ty {
        HostTy::Unit => "undefined".into(),
        HostTy::Int | HostTy::Nat => "bigint".into(),
        HostTy::Byte | HostTy::Float64 => "number".into(),
        HostTy::Bool => "boolean".into(),
        HostTy::String | HostTy::Decimal => "string".into(),
        HostTy::Enum(id) | HostTy::Compound(id) => format!("T{}", id.0),
        HostTy::Opaque(_) => "undefined".into(),
    }
}

/// What a function accepts.
fn taken(interface: &Interface, ty: &HostTy) -> String {
    match ty {
        HostTy::Unit => "undefined".into(),
        HostTy::Int | HostTy::Nat | HostTy::Byte => "bigint | number".into(),
        HostTy::Bool => "boolean | 0 | 1".into(),
        HostTy::Enum(id) | HostTy::Compound(id) => format!("A{}", id.0),
        HostTy::Opaque(_) => "never".into(),
        HostTy::Float64 | HostTy::String | HostTy::Decimal => given(interface, ty),
    }
}

fn shape(interface: &Interface, kind: &CompoundKind, side: Side) -> String {
    let part = |ty: &HostTy| side(interface, ty);
    // The columns of a map or set are arrays.
    let element = |ty: &HostTy| match ty {
        HostTy::Compound(id) => match &interface.compound(*id).kind {
            CompoundKind::Array(element) => side(interface, element),
            _ => part(ty),
        },
        _ => part(ty),
    };
    match kind {
        CompoundKind::Array(HostTy::Byte) => "Uint8Array".into(),
        CompoundKind::Array(ty) => format!("Array<{}>", part(ty)),
        CompoundKind::Set(ty) => format!("Set<{}>", element(ty)),
        CompoundKind::Map(keys, values) => format!("Map<{}, {}>", element(keys), element(values)),
        CompoundKind::Tuple(parts) => {
            format!("[{}]", parts.iter().map(part).collect::<Vec<_>>().join(", "))
        }
        CompoundKind::Data(ctors) if ctors.is_empty() => "never".into(),
        CompoundKind::Data(ctors) => {
            let one = |c: &vera_abi::interface::HostCtor| {
                let fields: Vec<String> = c.fields.iter().map(part).collect();
                format!("{{ tag: {:?}; fields: [{}] }}", c.name, fields.join(", "))
            };
            ctors.iter().map(one).collect::<Vec<_>>().join(" | ")
        }
    }
}
