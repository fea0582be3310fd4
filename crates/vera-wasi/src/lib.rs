//! What compiled programs ask their host for, on top of WASI 0.2.0.
//!
//! The crate is linked into the runtime of components (`vera-runtime` with the feature
//! `wasi`); `vera_abi::wasi` says which of its functions stands in for what. Only those
//! that a program needs stay in its component, and so only their imports.
//!
//! Where to start reading: [`exports`] (the functions), [`wire`] (values in parts), then
//! one file for each part of the world.
//!
//! # Invariants
//!
//! - Nothing here touches the program's heap: bytes come from it and go to it.
//! - `unsafe` only in [`exports`], where addresses become slices.
#![deny(unsafe_code)]
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

mod console;
mod ending;
#[cfg(target_arch = "wasm32")]
mod exports;
mod files;
mod http;
mod random;
mod server;
mod url;
mod wire;
