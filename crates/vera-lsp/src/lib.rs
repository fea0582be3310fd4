//! The language server: an open text is checked at once and proved in the background;
//! answers are always about the current text.
//!
//! One thread owns the texts and answers requests from immutable [`document::Document`]s.
//! Proofs, which may take long, are made by a worker, one at a time, of the newest text.
//! Nothing here touches the file system or knows how proofs are stored: both are handed in.
#![forbid(unsafe_code)]

mod actions;
mod calls;
mod completion;
mod custom;
mod document;
mod effects;
mod formatting;
mod hierarchy;
mod hover;
mod index;
mod navigation;
mod outline;
mod positions;
mod project;
mod proposals;
mod reports;
mod requests;
mod server;
mod slots;
mod tokens;
mod uris;
mod work;
mod workspace;

use std::path::Path;
use std::sync::Arc;

use lsp_server::Connection;
use serde_json::Value;
use vera_check::typed::Program;
use vera_diagnostics::Sources;
use vera_session::Files;
use vera_verify::{Progress, Verification};

pub use workspace::Workspace;

/// Proves programs.
pub trait Prover: Send + Sync {
    /// Is told by `progress` when nobody waits for it any more.
    fn verify(&self, program: &Program, sources: &Sources, progress: &dyn Progress)
    -> Verification;
}

/// What the server has of its surroundings.
#[derive(Clone)]
pub struct Surroundings {
    pub files: Arc<dyn Files>,
    pub prover: Arc<dyn Prover>,
    /// Of the tool.
    pub version: String,
}

/// Serves a client until it says `exit` or is gone.
///
/// # Errors
/// What is wrong with its messages, where no conversation is possible.
pub fn serve(connection: Connection, surroundings: Surroundings) -> Result<(), String> {
    server::run(connection, surroundings)
}

/// What a text does to the proofs of another one in the same place: `ok`, `proof_delta` and
/// `diagnostics`, as `vera/speculativeEdit` answers.
pub fn weigh(surroundings: &Surroundings, path: &Path, old: &str, new: &str) -> Value {
    work::weigh(&*surroundings.files, &*surroundings.prover, path, old, new)
}

/// What other parameters of a function of a file do, in every file of its project: `ok`,
/// `proof_delta`, `diagnostics`, and the `files` with their new texts; and whether no proof
/// is lost. `params` are those of `vera/changeSignature`.
///
/// # Errors
/// Why they cannot be changed.
pub fn change_signature(
    surroundings: &Surroundings,
    file: (&Path, &str),
    params: &Value,
) -> Result<(Value, bool), String> {
    work::change_signature(Arc::clone(&surroundings.files), &*surroundings.prover, file, params)
}

/// [`serve`], over standard input and output.
///
/// # Errors
/// As [`serve`].
pub fn serve_stdio(surroundings: Surroundings) -> Result<(), String> {
    let (connection, threads) = Connection::stdio();
    let served = serve(connection, surroundings);
    // The client's end of input may not have come where it is not what ended us.
    if served.is_ok() {
        threads.join().map_err(|error| error.to_string())?;
    }
    served
}
