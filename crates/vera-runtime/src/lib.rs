//! The module every compiled program is merged with.
//!
//! `vera-rt` is the heap and all that needs nothing else; this crate adds the data
//! formats: each function reads its arguments off the heap, has `vera-data` or
//! `vera-markup` do the work on plain Rust values, and builds the result inside
//! [`vera_rt::Heap::build`], where nothing is collected and so nothing can be
//! forgotten. It is linked four times ([`vera_abi::runtime::Library`]), so that a
//! program which uses none of the formats is not even linked against them.
//!
//! Where to start reading: [`values`], then one file for each format; `exports` (wasm
//! only) is the list of what compiled code calls.
//!
//! # Invariants
//!
//! - No address of the heap outlives the function that took it.
//! - Rust's own memory, which the formats work in, comes from an allocator beside the
//!   collector; both grow the one linear memory, and neither touches the other's pages.
//! - What a value looks like is said by [`vera_abi::prelude`] alone.
#![cfg_attr(all(target_arch = "wasm32", not(feature = "markup")), no_std)]
#![deny(unsafe_op_in_unsafe_fn, missing_docs)]

#[cfg(feature = "data")]
extern crate alloc;
// Its exported functions are part of the module.
extern crate vera_rt;
// As above.
#[cfg(feature = "wasi")]
extern crate vera_wasi;

#[cfg(all(target_arch = "wasm32", feature = "data"))]
mod exports;
#[cfg(all(target_arch = "wasm32", not(test)))]
mod system;

#[cfg(feature = "data")]
pub mod csv;
#[cfg(feature = "data")]
pub mod date;
#[cfg(feature = "data")]
pub mod decimal;
#[cfg(feature = "data")]
pub mod digest;
#[cfg(feature = "data")]
pub mod encoding;
#[cfg(feature = "markup")]
pub mod html;
#[cfg(feature = "data")]
pub mod json;
#[cfg(feature = "markup")]
pub mod markdown;
#[cfg(feature = "data")]
pub mod regex;
#[cfg(feature = "data")]
pub mod values;
