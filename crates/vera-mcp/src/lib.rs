//! Functions of a compiled program as tools of the Model Context Protocol (language
//! reference, chapter 14.10).
//!
//! What a tool is called, what it says of itself and what JSON it takes is handed in
//! ([`Described`]); how its arguments become values the artifact says. A call runs in a
//! fresh instance on the threads of `vera-serve`, within the same limits as a request.
//! Models reach the tools over HTTP ([`http`]) or over the standard streams ([`stdio`]).
//! Tools of another kind, such as the toolchain's own, are a [`toolbox`].
//!
//! # Invariants
//!
//! - A call that the contracts refuse never reaches the function, and the model reads why.
//! - Nothing that a program prints gets between the messages of the protocol.
//!
//! *Never knows* syntax, types, files of programs.
#![forbid(unsafe_code)]

pub mod http;
mod server;
pub mod stdio;
pub mod toolbox;
mod tools;

pub use tools::{Described, Offering, Program, Tools, Unknown};
