//! The one place where the engine's interface is unsafe.
#![allow(unsafe_code)]

use std::path::Path;

use wasmtime::{Engine, Module};

/// Maps native code from the cache into memory.
///
/// # Errors
/// When there is no such file, or the engine did not write it.
pub fn load_native_code(engine: &Engine, file: &Path) -> wasmtime::Result<Module> {
    // SAFETY: the contents must come unmodified from `Module::serialize` of a
    // compatible engine. The name is a hash of the engine's configuration and
    // of the wasm module; files appear under their names complete, by renaming;
    // and only the user can write to the user's cache directory, as with any
    // other program the user runs from there. The engine checks its own version
    // and settings besides.
    unsafe { Module::deserialize_file(engine, file) }
}
