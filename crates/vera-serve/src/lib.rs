//! An HTTP server whose requests a compiled program answers (language reference, chapter
//! 14.9).
//!
//! Connections and HTTP are the affair of an asynchronous front (`front`); a request that
//! has been read becomes a value of the prelude's type `Request` (`exchange`) and goes to
//! a pool of threads (`workers`), each of which runs `handle` in a fresh instance, one
//! request after the other. Nothing a program does outlives its request.
//!
//! # Invariants
//!
//! - Every request is answered, whatever the handler does: it traps, never ends, exits, or
//!   waits for the outside world beyond its time.
//! - Nothing is sent that the program did not build as a legal response.
//! - What a client sends takes bounded memory and bounded time.
#![forbid(unsafe_code)]

mod exchange;
mod front;
mod log;
mod settings;
mod tls;
mod workers;

pub use front::{Replace, Server, Stop};
pub use log::LogForm;
pub use settings::{Program, ServeError, Settings, Tls};
