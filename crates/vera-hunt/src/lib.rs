//! The search for faults: random well-typed programs through the whole tool, against
//! an interpreter that shares nothing with it (a *fuzzing campaign* with several
//! oracles; generation after Yang, Chen, Eide, Regehr: "Finding and understanding bugs
//! in C compilers", 2011).
//!
//! [`hunt`] runs a [`Campaign`]. Each program is generated from a number
//! ([`program`]), interpreted, compiled in several ways, proved and formatted
//! (`examine`), and everything that must agree is compared ([`Oracle`]). A program
//! that shows a contradiction is made smaller (`reduce`).
//!
//! Where to start reading: `examine`, then `runs`, `proofs`, `observations`,
//! `formatted` for what must agree; `generate` for the programs.
//!
//! # Invariants
//!
//! - A program is a function of its number and profile, and so is every finding about
//!   it, but for what the solver's clock decides.
//! - The interpreter knows nothing of the prover and of compiled code.
#![forbid(unsafe_code)]

mod campaign;
mod examine;
mod files;
mod formatted;
mod generate;
mod inputs;
mod interpret;
mod models;
mod observations;
mod proofs;
mod reduce;
mod runs;

pub use campaign::{Campaign, Found, Report, claimed, examine, hunt, program, shows};
pub use examine::{Ending, Examined, Examiner, Finding, Looked, Oracle};
pub use files::Files;
pub use generate::Profile;
pub use interpret::STACK;
