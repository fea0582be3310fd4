//! Z3's library, loaded when it is first asked for: nothing but proofs pays for it, and
//! a build needs no Z3.
//!
//! Only what a solver of SMT-LIB 2 texts needs is here: a [`Context`], a [`Solver`] in
//! it that reads a text, answers, and prints a model. The functions are those of Z3's C
//! interface (`z3_api.h`), which its versions keep.

#[cfg(not(target_family = "wasm"))]
mod api;
#[cfg(not(target_family = "wasm"))]
mod context;
#[cfg(not(target_family = "wasm"))]
mod load;
#[cfg(target_family = "wasm")]
mod nowhere;

use std::fmt;
use std::path::PathBuf;

#[cfg(not(target_family = "wasm"))]
pub use context::{Context, Interrupt, Solver};
#[cfg(not(target_family = "wasm"))]
pub use load::{Library, library};
#[cfg(target_family = "wasm")]
pub use nowhere::{Context, Interrupt, Library, Solver, library};

/// The variable that names the library's file.
pub const VARIABLE: &str = "VERA_Z3";

/// What the library tries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strategy {
    /// The core of the solver alone (its tactic `smt`).
    Core,
    /// The procedures it picks by the look of the problem.
    Portfolio,
}

/// What is known of a text's assertions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    Unsatisfiable,
    Satisfiable,
    Unknown,
}

/// Why there is no library.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Missing {
    /// The file that [`VARIABLE`] names; `None` where it names none, and the places
    /// where libraries are were tried.
    pub named: Option<PathBuf>,
    /// What the system said of the last file tried.
    pub reason: String,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.named {
            Some(file) => write!(f, "{VARIABLE} names {}: {}", file.display(), self.reason),
            None => write!(f, "{}", self.reason),
        }
    }
}

impl std::error::Error for Missing {}
