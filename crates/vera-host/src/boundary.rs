//! The one place where the engine's interface is unsafe.
#![allow(unsafe_code)]

use wasmtime::{Engine, Module};

/// Makes native code from the cache ready to run.
///
/// # Errors
/// When the engine did not write it.
pub fn load_native_code(engine: &Engine, code: &[u8]) -> wasmtime::Result<Module> {
    // SAFETY: the contents must come unmodified from `Module::serialize` of a
    // compatible engine. The store has checked a code over them that only a process with
    // the user's secret can make, over their name too, which is a hash of the engine's
    // configuration and of the wasm module; and what was checked is what is loaded, not
    // a file that could change in between. The engine checks its own version and
    // settings besides.
    unsafe { Module::deserialize(engine, code) }
}
