//! The compiler as a module: what a page, its worker or Node asks, as JSON.
//!
//! A [`Compiler`] is asked by [`Compiler::answer`]: a method, parameters and bytes in, a
//! document and bytes out. It has no surroundings. Where it would ask for something, its
//! answer says what is wanted, and whoever asked hands that in and asks again:
//!
//! - `wanted`: files that imports or manifests may be (`files`);
//! - `questions`: scripts that only a solver decides (`solver`);
//! - `runtime`: the linked runtime that a program needs (`codegen`).
//!
//! Answers are functions of what was handed in, so asking again costs time and nothing else.
//! The requests are listed in `requests`; those of editors are the language server's, with
//! the same words. They come in two parts, of which a module has one or both, by features:
//! `editor` knows what a text says and proves it, `codegen` compiles. The one place where
//! the module meets its host is `boundary`.
//!
//! Pure. *Never knows* threads, clocks, the file system, engines.
#![deny(unsafe_code)]

#[cfg(target_family = "wasm")]
mod boundary;
#[cfg(feature = "codegen")]
mod codegen;
#[cfg(feature = "editor")]
mod editor;
mod files;
mod requests;
#[cfg(feature = "editor")]
mod solver;

#[cfg(all(test, feature = "codegen", feature = "editor"))]
mod tests;

use std::sync::Arc;

use serde_json::Value;

use files::Given;

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
    files: Arc<Given>,
    #[cfg(feature = "editor")]
    editor: editor::Editor,
}
