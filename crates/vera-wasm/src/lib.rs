//! From MIR to a wasm module.
//!
//! [`emit`] is the whole interface. Where to start reading:
//!
//! - `usage`: what of the program, the runtime and the host the module needs;
//! - `func`: the code of one function; `func::fold` keeps operands off the
//!   locals, `func::shadow` keeps references where the collector finds them;
//! - `runtime`: the part of `vera-rt` that the program needs, cut out of the
//!   linked runtime by its symbol table;
//! - [`runtimes`]: where linked runtimes come from;
//! - `component`: what a WASI component has instead of a host;
//! - `module`: putting the sections together;
//! - [`source_map`]: from code offsets back to source positions.
//!
//! # Invariants
//!
//! - Time and memory are linear in the size of the program.
//! - Equal programs give equal bytes.
//! - Emission never fails: what it is given has passed the MIR verifier, and the runtime
//!   it needs is there.
#![forbid(unsafe_code)]

mod code;
mod component;
mod exports;
mod func;
mod glue;
mod module;
mod runtime;
pub mod runtimes;
pub mod source_map;
mod statics;
mod types;
mod usage;

#[cfg(test)]
mod tests;

use vera_abi::interface::{Export, Interface};
pub use vera_abi::runtime::{GcMode, Library};
pub use vera_abi::wasi::World;
use vera_mir::ir;
use vera_mir::passes::Optimise;

pub use source_map::SourceMap;

/// Choices of the build that are not in the program.
#[derive(Clone, Copy, Debug, Default)]
pub struct EmitOptions {
    /// When the collector runs in a module that is not initialised by its host.
    pub gc: GcMode,
    /// Export `vera.high_water`.
    pub test_hooks: bool,
    /// Before compiled code reads through a reference, see that it leads to an object
    /// with such a field: a fault of the compiler ends in a trap, not in a wrong read.
    /// For tests; costs a call for each read.
    pub check_references: bool,
    /// Count work, for hosts whose engine does not: each call of a function of the program
    /// and each turn of a loop takes one unit off the exported variable [`FUEL`], and where
    /// there is none left, the program traps. Work of the runtime is not counted: it is
    /// bounded by the values that it works on.
    pub fuel: bool,
    /// What offers the functions that the program asks its host for.
    pub host: HostLink,
}

/// The export of the fuel that is left, an `i64`; as good as endless until a host sets it.
/// See [`EmitOptions::fuel`].
pub const FUEL: &str = "vera.fuel";

/// See [`EmitOptions::host`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HostLink {
    /// The module imports them.
    #[default]
    Imports,
    /// They are part of the module, which imports WASI 0.2.0, and exports what the world
    /// asks for: `main` of the program as a command, or its `handle` as what answers
    /// requests.
    Wasi(World),
}

/// A compiled program.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// The module.
    pub wasm: Vec<u8>,
    /// The functions a host may call.
    pub exports: Vec<Export>,
    /// The types of what they take and yield, and the operations the host performs.
    pub interface: Interface,
    /// Where the code came from.
    pub source_map: SourceMap,
}

/// Compiles a lowered program: optimises it, sees what lives where, and emits.
///
/// # Panics
/// When the runtime it needs is not there (see [`runtimes`]); in debug builds, when a step
/// leaves what is not valid.
pub fn build(mut program: ir::Program, optimise: Optimise, options: &EmitOptions) -> Artifact {
    vera_mir::passes::optimise(&mut program, optimise);
    vera_mir::analysis::annotate(&mut program);
    emit(&program, options)
}

/// The linked runtime that a program is merged with, once it is optimised; `None` where
/// it needs none.
pub fn library(program: &ir::Program, options: &EmitOptions) -> Option<Library> {
    let usage = usage::Usage::of(program, options);
    usage.needs_runtime().then(|| match options.host {
        HostLink::Imports => runtime::library(&usage.runtime),
        HostLink::Wasi(_) => Library::Wasi,
    })
}

/// Emits an annotated program (see [`vera_mir::analysis::annotate`]).
///
/// # Panics
/// When the runtime it needs is not there (see [`runtimes`]); in debug builds, when the
/// program or the emitted module is not valid.
pub fn emit(program: &ir::Program, options: &EmitOptions) -> Artifact {
    #[cfg(debug_assertions)]
    if let Err(errors) = vera_mir::verify::verify(program) {
        panic!("invalid MIR:\n{errors}");
    }
    let artifact = module::build(program, options);
    #[cfg(all(debug_assertions, feature = "validate"))]
    if let Err(error) = wasmparser::Validator::new().validate_all(&artifact.wasm) {
        panic!("invalid module: {error}");
    }
    artifact
}
