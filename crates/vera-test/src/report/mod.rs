//! What a test run found, as data; as text and as JSON in the modules below.

mod json;
mod text;

use serde_json::Value as Json;
use vera_diagnostics::{Code, Diagnostic, FileSpan};

pub use json::to_json;
pub(crate) use text::arguments as arguments_text;
pub use text::to_text;

use crate::trial::Status;

/// The outcome of testing a program.
#[derive(Clone, Debug)]
pub struct Report {
    /// Proved functions ran too.
    pub distrust: bool,
    /// The tested functions, in source order.
    pub functions: Vec<FunctionReport>,
    /// What the verifier refuted, then what testing has to say.
    pub diagnostics: Vec<Diagnostic>,
    /// Errors of the verifier that belong to no function listed as failed.
    pub unlisted_errors: usize,
}

/// What became of a function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Category {
    /// Proved, and therefore not run.
    Verified,
    /// Run.
    Tested,
    /// The verifier refuted it, and it cannot be run.
    Failed,
    /// There is nothing to run, or no way to.
    Skipped,
    /// A run contradicts its proof.
    Refuted,
}

impl Category {
    /// The name in machine-readable output.
    pub fn as_str(self) -> &'static str {
        match self {
            Category::Verified => "verified",
            Category::Tested => "tested",
            Category::Failed => "failed",
            Category::Skipped => "skipped",
            Category::Refuted => "refuted",
        }
    }
}

/// The report about one function.
#[derive(Clone, Debug)]
pub struct FunctionReport {
    pub name: String,
    pub category: Category,
    pub reason: String,
    /// Every contract of it is proved.
    pub proved: bool,
    /// The prover's error about it, which keeps it from no run.
    pub refuted: Option<Code>,
    pub trials: Trials,
    /// One for each way in which trials failed, with the smallest input found.
    pub failures: Vec<Failure>,
    /// Proved clauses that no run-time check stands for.
    pub unchecked: Vec<String>,
}

/// How many trials ended how.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Trials {
    pub run: usize,
    pub passed: usize,
    pub failed: usize,
    /// Of the failed ones: those that contradict a proof.
    pub refuting: usize,
    /// Of the failed ones: those of which that cannot be told.
    pub unattributed: usize,
}

/// A way in which trials failed.
#[derive(Clone, Debug)]
pub struct Failure {
    pub arguments: Vec<Argument>,
    pub status: Status,
    pub message: String,
    /// The trap's name in machine-readable output.
    pub trap_kind: &'static str,
    /// Where the trap happened, in words.
    pub place: Option<String>,
    /// What the failure means for proofs; given when proved functions run too.
    pub attribution: Option<String>,
    /// The obligations whose proofs it contradicts.
    pub refutes: Vec<RefutedProof>,
}

/// An argument of a failing call.
#[derive(Clone, Debug)]
pub struct Argument {
    /// The slot reference, `@Int.0`.
    pub label: String,
    pub text: String,
    pub json: Json,
}

/// An obligation that was proved and yet failed.
#[derive(Clone, Debug)]
pub struct RefutedProof {
    pub function: String,
    pub kind: &'static str,
    pub text: String,
    pub at: FileSpan,
}

/// The numbers of a report.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    pub verified: usize,
    pub tested: usize,
    /// Of the tested: without and with a failed trial.
    pub tested_passed: usize,
    pub tested_failed: usize,
    /// Refuted by the verifier.
    pub failed: usize,
    pub skipped: usize,
    pub refuted: usize,
    pub trials: Trials,
    /// Proofs whose functions ran, could not be judged, and did not run.
    pub exercised: usize,
    pub unattributed: usize,
    pub not_exercised: usize,
}

impl Report {
    pub fn summary(&self) -> Summary {
        let mut out = Summary::default();
        for f in &self.functions {
            match f.category {
                Category::Verified => out.verified += 1,
                Category::Tested => {
                    out.tested += 1;
                    if f.trials.failed == 0 {
                        out.tested_passed += 1;
                    } else {
                        out.tested_failed += 1;
                    }
                }
                Category::Failed => out.failed += 1,
                Category::Skipped => out.skipped += 1,
                Category::Refuted => out.refuted += 1,
            }
            out.trials.run += f.trials.run;
            out.trials.passed += f.trials.passed;
            out.trials.failed += f.trials.failed;
            out.trials.refuting += f.trials.refuting;
            out.trials.unattributed += f.trials.unattributed;
            if f.proved && f.trials.run > 0 {
                out.exercised += 1;
                out.unattributed += usize::from(f.trials.unattributed > 0);
            } else if f.proved {
                out.not_exercised += 1;
            }
        }
        out
    }

    /// Whether the run as a whole failed.
    pub fn has_failed(&self) -> bool {
        let failed = |f: &FunctionReport| match f.category {
            Category::Failed | Category::Refuted => true,
            Category::Tested => f.trials.failed > 0 || f.refuted.is_some(),
            Category::Verified | Category::Skipped => false,
        };
        self.functions.iter().any(failed) || self.diagnostics.iter().any(Diagnostic::is_error)
    }
}
