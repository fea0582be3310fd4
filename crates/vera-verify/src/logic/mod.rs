//! The logic obligations are stated in: sorts, hash-consed terms, and a
//! simplifier that decides what needs no search.
//!
//! Integers are mathematical, floats are IEEE 754, strings are sequences of code
//! points. The vocabulary is that of SMT-LIB 2, so every term has a direct
//! rendering there (see [`crate::solver`]).

/// No sequence or map has more elements, and no text more bytes: memory ends before.
pub const LONGEST: i128 = u32::MAX as i128;

mod bounds;
mod build;
mod linear;
mod sample;
mod sort;
mod term;

pub use bounds::Assumptions;
pub use build::Translation;
pub use sample::{Sampled, has_model, model};
pub use sort::{ArrayId, Contents, Ctor, Data, DataId, Sort, SortId, Sorts, Uninterpreted};
pub use term::{Node, Op, Symbol, SymbolId, TermId, Terms};
