//! The data formats of Vera's library as plain Rust.
//!
//! Texts are bytes as Vera's strings are: mostly UTF-8, but any bytes may come.
//! Nothing here knows the program's heap, the compiler or the host; the runtime
//! (`vera-runtime`) turns what is parsed here into Vera values and back.
//!
//! # Invariants
//!
//! - `no_std` with `alloc`: compiled to wasm, a format costs its own code only.
//! - No recursion over input: depth is limited by memory alone. Rust's own stack
//!   in a program is 64 KiB.
//! - No panic and no formatting machinery: what is malformed is an error value,
//!   what cannot happen is written so that the compiler sees it.
//! - Time is linear in the input, except where a function says otherwise.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod csv;
pub mod date;
pub mod decimal;
#[cfg(feature = "digest")]
pub mod digest;
pub mod encoding;
mod float;
pub mod json;
pub mod regex;
pub mod sort;
mod text;
