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
mod component;
mod engine;
mod imports;
mod io;
pub mod json;
mod operations;
pub mod permissions;
pub mod report;
mod run;
mod store;
pub mod tape;
mod threads;
mod trap;
mod value;
mod wire;

pub use budget::Budget;
pub use component::{ComponentRun, run_component};
pub use engine::{Host, HostError, Limits, Module, Pool};
pub use io::{Captured, Env, Files, Input, Io, MAX_CAPTURED, Output, Streams, Summary};
pub use operations::{Responder, Unwritten, World, secrets};
pub use permissions::Permissions;
pub use run::{Admission, Outcome, RUN_STACK, Run, RunOptions, restore_terminal};
pub use store::{CacheDir, Store};
pub use trap::Trap;
pub use value::{Parts, Value};
