//! THE table of what is in scope in every Vera program: functions with their
//! signatures and lowering, effects and abilities, and the declarations of the
//! prelude, which are ordinary Vera. Checker, prover, code generator, listings
//! and documentation read it; nobody repeats it.
#![forbid(unsafe_code)]

mod contracts;
mod domains;
mod effects;
mod functions;
mod meanings;
pub mod signature;
mod table;

pub use contracts::*;
pub use domains::*;
pub use effects::*;
pub use functions::*;
pub use meanings::{Meaning, meaning};
pub use table::{BuiltinId, FUNCTIONS, function};

/// Source text of the prelude: data types and functions written in Vera.
pub const PRELUDE: &str = concat!(include_str!("prelude.vera"), "\n", include_str!("library.vera"));

/// The part of the prelude that the older tool did not have. A program may declare all
/// of it itself, so it is a program: the prover's tests verify it as one.
pub const LIBRARY: &str = include_str!("library.vera");
