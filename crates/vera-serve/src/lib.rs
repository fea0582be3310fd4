//! An HTTP server whose requests a compiled program answers (language reference, chapter
//! 14.9).
//!
//! Connections and HTTP are the affair of an asynchronous front (`front`), which hands
//! each request to a [`Site`]. The one for programs (`handler`) makes a value of the
//! prelude's type `Request` of it (`exchange`) and gives it to a pool of threads
//! (`workers`), each of which runs `handle` in a fresh instance, one request after the
//! other. Nothing a program does outlives its request. What comes back is a whole
//! response, or one that the program sends piece by piece (`streaming`).
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
mod handler;
mod log;
mod seats;
mod settings;
mod streaming;
mod tls;
mod workers;

pub use exchange::refusal;
pub use front::{Answer, Answering, Body, Server, Site, Stop};
pub use handler::{Handler, Handling, Program, RequestForm, ResponseForm, read_body};
pub use log::LogForm;
pub use settings::{ServeError, Settings, Tls};
pub use workers::{Bounds, Call, Done, Lost, Workers};
