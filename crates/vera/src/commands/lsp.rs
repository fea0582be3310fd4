//! `vera lsp`.

use std::process::ExitCode;
use std::sync::Arc;

use vera_check::typed::Program;
use vera_diagnostics::Sources;
use vera_lsp::{Prover, Surroundings, serve_stdio};
use vera_verify::{Progress, Verification};

use super::verify::{self, Settings};
use crate::files::Disk;
use crate::output;

/// Proves with the answers of earlier runs.
struct Stored {
    settings: Settings,
}

impl Prover for Stored {
    fn verify(
        &self,
        program: &Program,
        sources: &Sources,
        progress: &dyn Progress,
    ) -> Verification {
        verify::proved(program, sources, &self.settings, None, progress)
    }
}

/// The machine's files, and proofs with the environment's budget.
///
/// # Errors
/// What is wrong with the budget.
pub(super) fn surroundings() -> Result<Surroundings, String> {
    let settings = Settings::of(verify::from_environment()?);
    Ok(Surroundings {
        files: Arc::new(Disk),
        prover: Arc::new(Stored { settings }),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

pub(super) fn lsp() -> ExitCode {
    let surroundings = match surroundings() {
        Ok(surroundings) => surroundings,
        Err(text) => {
            output::error(&text);
            return ExitCode::FAILURE;
        }
    };
    // Standard output is the protocol's: what fails is told beside it, and served on.
    std::panic::set_hook(Box::new(|panic| eprintln!("vera lsp: {panic}")));
    match serve_stdio(surroundings) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            output::error(&format!("vera lsp: {why}"));
            ExitCode::FAILURE
        }
    }
}
