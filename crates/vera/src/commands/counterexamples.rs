//! What really happens on a counterexample, as part of its report.
//!
//! The prover knows a callee by its contract only, so a counterexample can be one
//! of the contracts and not of the code; the run tells which.

use vera_check::typed::Program;
use vera_diagnostics::{Code, Diagnostic, Sources};
use vera_host::{CacheDir, Outcome, text};
use vera_test::Tools;
use vera_verify::{NoCache, Verification};

use super::build::emit_options;

/// Runs the functions and adds what happened to the reports.
pub(super) fn execute(
    program: &mut Program,
    sources: &Sources,
    code: &CacheDir,
    verification: &Verification,
    diagnostics: &mut [Diagnostic],
) {
    let tools = Tools { proofs: &NoCache, code, emit: emit_options() };
    for (record, outcome) in vera_test::replay(program, sources, verification, &tools) {
        let record = &verification.records[record];
        let report =
            diagnostics.iter_mut().find(|d| d.code == record.code && d.location == Some(record.at));
        if let Some(report) = report {
            let postcondition = record.code == Some(Code::E500);
            report.description.push_str(&format!("\n{}", happened(&outcome, postcondition)));
        }
    }
}

/// The line that tells how a run ended.
fn happened(outcome: &Outcome, postcondition: bool) -> String {
    match outcome {
        Outcome::Returned(value) => {
            let value = text::text(value).unwrap_or_else(|| "()".to_owned());
            let fine = if postcondition { "the postcondition holds" } else { "nothing fails" };
            format!(
                "  When run, it returns {value} and {fine}: the contract of some callee says less than its code does."
            )
        }
        Outcome::Exited(code) => format!("  When run, it ends the program with status {code}."),
        Outcome::Trapped(trap) => {
            let first = trap.message.lines().next().unwrap_or_default();
            format!("  When run, it ends with {}: {first}", trap.kind.name())
        }
    }
}
