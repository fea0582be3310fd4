//! Runs compiled programs.
//!
//! [`Host`] owns the engine and the cache of native code, [`Module`] is a
//! program ready to run, [`Io`] is the outside world it sees. [`Host::run`]
//! yields an [`Outcome`]; [`report`] turns a trap into what the user reads.
//!
//! Where to start reading: `engine` (compile or load), `run` (one run),
//! `imports` (what a program can call), `io` (what that does), `trap` (how
//! the end of a program is understood).
//!
//! # Invariants
//!
//! - A run leaves nothing behind: each has its own instance and memory.
//! - Why a program ended is decided by types, never by the text of an error.
//! - The host keeps no address of the program's memory across a call into it.
#![deny(unsafe_code)]

mod boundary;
mod budget;
mod cache;
mod engine;
mod imports;
mod io;
pub mod report;
mod run;
mod store;
pub mod text;
mod trap;

pub use budget::Budget;
pub use engine::{Host, HostError, Limits, Module};
pub use io::{
    Argument, Captured, Env, Files, Input, Io, MAX_CAPTURED, Output, Streams, Summary, Supplied,
};
pub use run::{Outcome, Run, RunOptions, Value, restore_terminal};
pub use store::{CacheDir, Store};
pub use trap::Trap;
