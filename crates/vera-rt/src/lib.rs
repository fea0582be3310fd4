//! The runtime of compiled Vera programs.
//!
//! Compiled to `wasm32-unknown-unknown` it is the module every program is
//! merged with; compiled natively it is an ordinary library, which is how it is
//! tested. What it offers to compiled code is fixed by [`vera_abi::runtime`],
//! what a value looks like by [`vera_abi::layout`].
//!
//! Where to start reading:
//!
//! - [`memory`]: linear memory as a value; the only place that turns an address
//!   into a pointer, and apart from `exports` the only one with `unsafe`;
//! - [`heap`]: allocator and collector;
//! - [`seq`]: the one shape behind strings and arrays; then [`array`],
//!   [`string`], [`number`], [`parse`], [`float`];
//! - [`map`]: maps and sets;
//! - `exports` (wasm only): the functions compiled code calls.
//!
//! # Invariants
//!
//! - An object never moves, so an address read before an allocation is still
//!   right after it, *if the object was rooted*: see [`roots`].
//! - Nothing here allocates through Rust's allocator on wasm, and nothing
//!   recurses over a program's data.
//! - No function formats a panic message: what cannot happen ends in
//!   [`trap::trap`].
//!
//! # How it is built and tested
//!
//! The build script of `vera-wasm` links the module, by way of `vera-runtime`.
//! `build-wasm.sh` builds the example, and names the flags. `cargo nextest run -p
//! vera-rt` runs everything natively; `MIRIFLAGS=-Zmiri-disable-isolation cargo
//! +nightly miri test -p vera-rt --lib` the same with smaller sizes under Miri;
//! `tests/exports.rs` compares the source with the contract, and `vera-wasm` the
//! built module; `examples/bench.mjs` measures it.
#![no_std]
#![deny(unsafe_op_in_unsafe_fn, missing_docs)]

#[cfg(not(target_arch = "wasm32"))]
extern crate std;

pub mod array;
#[cfg(target_arch = "wasm32")]
pub mod exports;
pub mod float;
pub mod heap;
pub mod map;
pub mod memory;
pub mod number;
pub mod parse;
pub mod roots;
pub mod seq;
pub mod string;
pub mod trap;

pub use heap::Heap;
pub use memory::{Memory, Ref};
pub use roots::Roots;
