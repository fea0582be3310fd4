//! Where the linked runtimes come from: with the feature `embedded` they are part of the
//! compiler; else whoever runs it hands each in before a program needs it, so that a page
//! loads no more than its programs use.

use vera_abi::runtime::Library;

#[cfg(feature = "embedded")]
mod source {
    use super::Library;

    pub fn bytes(library: Library) -> Option<&'static [u8]> {
        Some(match library {
            Library::Core => include_bytes!(env!("VERA_RUNTIME_CORE")),
            Library::Data => include_bytes!(env!("VERA_RUNTIME_DATA")),
            Library::Markup => include_bytes!(env!("VERA_RUNTIME_MARKUP")),
            Library::Wasi => include_bytes!(env!("VERA_RUNTIME_WASI")),
        })
    }

    pub fn provide(_library: Library, _wasm: Vec<u8>) -> Result<(), String> {
        Ok(())
    }
}

#[cfg(not(feature = "embedded"))]
mod source {
    use std::sync::OnceLock;

    use super::Library;

    use crate::runtime::Runtime;

    static GIVEN: [OnceLock<&'static [u8]>; Library::ALL.len()] =
        [const { OnceLock::new() }; Library::ALL.len()];

    pub fn bytes(library: Library) -> Option<&'static [u8]> {
        GIVEN[library as usize].get().copied()
    }

    pub fn provide(library: Library, wasm: Vec<u8>) -> Result<(), String> {
        // It is needed for as long as the compiler runs.
        let wasm = wasm.leak();
        Runtime::put(library, wasm)?;
        // Whoever was first is as good: there is one build of each.
        _ = GIVEN[library as usize].set(wasm);
        Ok(())
    }
}

/// The linked module of a library, where it is there.
pub fn bytes(library: Library) -> Option<&'static [u8]> {
    source::bytes(library)
}

/// The embedded module of a library as it is handed in elsewhere: without names.
#[cfg(feature = "embedded")]
pub fn slim(library: Library) -> Vec<u8> {
    let wasm = bytes(library).expect("it is embedded");
    crate::runtime::slim::slim(wasm).expect("our own linker wrote it")
}

/// Hands in the linked module of a library, as `slim` or [`bytes`] of this
/// very build yields it;
/// where there is one already, it stays.
///
/// # Errors
/// It is no linked runtime.
pub fn provide(library: Library, wasm: Vec<u8>) -> Result<(), String> {
    source::provide(library, wasm)
}
