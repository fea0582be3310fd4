//! The contract between compiled Vera code, the runtime `vera-rt` and the hosts.
//!
//! Eight things live here and nowhere else: how a value lies in memory
//! ([`layout`]), how the prelude's data types do ([`prelude`]), which functions the
//! runtime offers to compiled code ([`runtime`]), which are its exports ([`export`]), and
//! those the host offers to both ([`host`]), how
//! values of any type cross between program and host (`interface`), how a program
//! ends abnormally ([`trap`]), and what stands in for the host in a component ([`wasi`]). The crate is
//! `no_std`, has no dependencies and contains no algorithm.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "interface")]
extern crate alloc;

pub mod export;
pub mod host;
#[cfg(feature = "interface")]
pub mod interface;
pub mod layout;
pub mod prelude;
pub mod runtime;
pub mod trap;
pub mod wasi;
