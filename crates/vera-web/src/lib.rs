//! The compiler as a module: what a page, its worker or Node asks, as JSON.
//!
//! A [`Compiler`] is asked by [`Compiler::answer`]: a method, parameters and bytes in, a
//! document and bytes out. It has no surroundings. Where it would ask for something, its
//! answer says what is wanted, and whoever asked hands that in and asks again:
//!
//! - `wanted`: files that imports or manifests may be (`files`);
//! - `questions`: scripts that only a solver decides (`solver`);
//! - `runs`: calls that decide what the prover refutes (`editor::runs`);
//! - `runtime`: the linked runtime that a program needs (`codegen`).
//!
//! Answers are functions of what was handed in, so asking again costs time and nothing else.
//! The requests are listed in `requests`; those of editors are the language server's, with
//! the same words. A module has some parts of the compiler, by features: `editor` knows what
//! a text says and proves it, `codegen` compiles it, `text` shows modules. The one place
//! where the module meets its host is `boundary`.
//!
//! Pure. *Never knows* threads, clocks, the file system, engines.
#![deny(unsafe_code)]

#[cfg(target_family = "wasm")]
mod boundary;
#[cfg(feature = "codegen")]
mod codegen;
#[cfg(feature = "editor")]
mod editor;
#[cfg(feature = "front")]
mod files;
#[cfg(feature = "front")]
mod front;
mod requests;
#[cfg(feature = "editor")]
mod solver;

#[cfg(all(test, feature = "codegen", feature = "editor", feature = "text"))]
mod tests;

use serde_json::Value;

/// A document and, for some, bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub document: Value,
    pub bytes: Vec<u8>,
}

impl From<Value> for Answer {
    fn from(document: Value) -> Answer {
        Answer { document, bytes: Vec::new() }
    }
}

/// What was handed in, and the open texts.
#[derive(Default)]
pub struct Compiler {
    #[cfg(feature = "front")]
    files: std::sync::Arc<files::Given>,
    #[cfg(feature = "editor")]
    editor: editor::Editor,
    #[cfg(feature = "codegen")]
    codegen: codegen::Codegen,
}
