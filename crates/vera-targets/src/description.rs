//! What a module says of itself, as JSON: its functions, the types of what crosses, the
//! operations it asks its host for, the state cells it can have kept.
//!
//! It stands in the module's custom section [`SECTION`], so a module alone can be called
//! with values of any type; `vera compile --interface` writes the same text beside it.
//!
//! ```json
//! {
//!   "version": 1,
//!   "types": [{ "name": "Option<Int>", "kind": "data", "constructors": [
//!     { "name": "None", "fields": [] }, { "name": "Some", "fields": ["Int"] }] }],
//!   "functions": [{ "name": "half", "params": ["Int"], "result": 0, "export": "half$call",
//!     "in_parts": true }],
//!   "operations": [{ "effect": "IO", "name": "read_all", "params": ["Unit"], "result": "String" }],
//!   "tasks": [],
//!   "cells": []
//! }
//! ```
//!
//! A type is the name of one without parts, a number in `types`, or `{"opaque": …}` with
//! the printed form of one whose values do not cross. `vera_abi::interface` says how
//! values cross.

use serde_json::{Value as Json, json};
use vera_abi::interface::{
    CALL, Compound, CompoundKind, Export, HostCtor, HostTy, Interface, TASK,
};
use wasm_encoder::{CustomSection, Section};

/// Name of the custom section.
pub const SECTION: &str = "vera.interface";

/// Changes when a host of an older version cannot read the description.
pub const VERSION: u32 = 1;

/// Describes a program with these exports.
pub fn describe(exports: &[Export], interface: &Interface) -> Json {
    let functions: Vec<Json> = functions(exports)
        .map(|Function { name, export, .. }| {
            json!({
                "name": name,
                "params": types(&export.params),
                "result": ty(&export.result),
                "export": export.name,
                "in_parts": export.in_parts,
            })
        })
        .collect();
    let operations: Vec<Json> = (interface.operations.iter())
        .map(|op| {
            json!({
                "effect": op.effect,
                "name": op.name,
                "params": types(&op.params),
                "result": ty(&op.result),
            })
        })
        .collect();
    let tasks: Vec<Json> = (interface.tasks.iter())
        .filter_map(|task| {
            let export = exports.iter().find(|e| e.name == task.entry)?;
            Some(json!({
                "export": task.entry,
                "params": types(&export.params),
                "result": ty(&export.result),
                "database": task.database,
            }))
        })
        .collect();
    json!({
        "version": VERSION,
        "types": interface.compounds.iter().map(compound).collect::<Vec<_>>(),
        "functions": functions,
        "operations": operations,
        "tasks": tasks,
        "cells": interface.cells.iter().map(|c| json!({ "name": c.name, "type": ty(&c.ty) })).collect::<Vec<_>>(),
    })
}

/// The module with the description in its section.
pub fn embed(wasm: &[u8], description: &Json) -> Vec<u8> {
    let text = description.to_string();
    let mut module = wasm.to_vec();
    CustomSection { name: SECTION.into(), data: text.as_bytes().into() }.append_to(&mut module);
    module
}

/// A function of the program, and the export to call it by.
#[derive(Clone, Copy, Debug)]
pub struct Function<'a> {
    pub name: &'a str,
    /// The one that takes numbers, and texts as address and length.
    pub plain: &'a Export,
    /// The one whose arguments cross in parts, where there is one.
    pub export: &'a Export,
}

/// The program's functions, in the order of their declarations.
pub fn functions(exports: &[Export]) -> impl Iterator<Item = Function<'_>> {
    let own = exports.iter().filter(|e| !e.in_parts && !e.name.starts_with(TASK));
    own.map(|export| {
        let call = |e: &&Export| e.name.strip_suffix(CALL) == Some(&export.name);
        let called = exports.iter().find(call).unwrap_or(export);
        Function { name: &export.name, plain: export, export: called }
    })
}

/// The exports whose arguments cross in parts, as `functions` lists functions: of a module
/// that offers nothing else (`vera_mir::lower::Options::only`).
pub fn calls(exports: &[Export]) -> Vec<Json> {
    let in_parts = exports.iter().filter(|e| e.in_parts);
    let call = |export: &Export| {
        let name = export.name.strip_suffix(CALL)?;
        Some(json!({
            "name": name,
            "params": types(&export.params),
            "result": ty(&export.result),
            "export": export.name,
            "in_parts": true,
        }))
    };
    in_parts.filter_map(call).collect()
}

fn types(all: &[HostTy]) -> Vec<Json> {
    all.iter().map(ty).collect()
}

fn ty(ty: &HostTy) -> Json {
    match ty {
        HostTy::Unit => json!("Unit"),
        HostTy::Int => json!("Int"),
        HostTy::Nat => json!("Nat"),
        HostTy::Byte => json!("Byte"),
        HostTy::Bool => json!("Bool"),
        HostTy::Float64 => json!("Float64"),
        HostTy::String => json!("String"),
        HostTy::Decimal => json!("Decimal"),
        HostTy::Enum(id) | HostTy::Compound(id) => json!(id.0),
        HostTy::Opaque(name) => json!({ "opaque": name }),
    }
}

fn compound(compound: &Compound) -> Json {
    let name = &compound.name;
    match &compound.kind {
        CompoundKind::Array(element) => {
            json!({ "name": name, "kind": "array", "element": ty(element) })
        }
        CompoundKind::Set(elements) => {
            json!({ "name": name, "kind": "set", "elements": ty(elements) })
        }
        CompoundKind::Map(keys, values) => {
            json!({ "name": name, "kind": "map", "keys": ty(keys), "values": ty(values) })
        }
        CompoundKind::Tuple(parts) => {
            json!({ "name": name, "kind": "tuple", "parts": types(parts) })
        }
        CompoundKind::Data(ctors) => {
            json!({ "name": name, "kind": data_kind(ctors), "constructors": constructors(ctors) })
        }
    }
}

/// A type all of whose constructors are without fields crosses as a number.
fn data_kind(ctors: &[HostCtor]) -> &'static str {
    if ctors.iter().all(|c| c.fields.is_empty()) { "enum" } else { "data" }
}

fn constructors(ctors: &[HostCtor]) -> Vec<Json> {
    ctors.iter().map(|c| json!({ "name": c.name, "fields": types(&c.fields) })).collect()
}
