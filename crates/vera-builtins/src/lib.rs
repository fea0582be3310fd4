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

pub use contracts::*;
pub use domains::*;
pub use effects::*;
pub use functions::*;
pub use meanings::{Meaning, meaning};

/// Source text of the prelude: data types and functions written in Vera.
pub const PRELUDE: &str = include_str!("prelude.vera");
