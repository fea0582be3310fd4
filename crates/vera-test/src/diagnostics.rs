//! The reports of testing, E700 to E703.

use vera_diagnostics::{Code, Diagnostic};

use crate::Subject;
use crate::report::arguments_text;
use crate::report::{Failure, RefutedProof};

const SPEC: &str = "Chapter 9, Section 9.3 \"Trials\"";
const SPEC_ARGUMENTS: &str = "Chapter 9, Section 9.2 \"Arguments\"";
const SPEC_PROOFS: &str = "Chapter 9, Section 9.4 \"Proofs under test\"";

/// E700: a trial failed.
pub(crate) fn violation(subject: &Subject, failure: &Failure) -> Diagnostic {
    let mut text = format!("Contract violation in '{}': {}", subject.name, failure.message);
    if !failure.arguments.is_empty() {
        text.push_str(&format!("\n  Arguments: {}", arguments_text(&failure.arguments)));
    }
    if let Some(place) = &failure.place {
        text.push_str(&format!("\n  Failing at: {place}"));
    }
    Diagnostic::error(Code::E700, subject.decl, text)
        .rationale("The compiled function was called with arguments that meet its precondition, and violated a contract or trapped.")
        .fix("Correct the body so that it keeps its contract for these arguments, or change the contract: exclude them by `requires`, or promise less by `ensures`.")
        .spec(SPEC)
}

/// E701: a function cannot be tested because no arguments for it were found.
pub(crate) fn no_inputs(subject: &Subject, why: &str) -> Diagnostic {
    let text = format!("'{}' is not tested: {why}.", subject.name);
    Diagnostic::warning(Code::E701, subject.decl, text)
        .rationale("Arguments come from the parameters' types and from the precondition: boundary values, random values and the solver's models, as far as the compiled precondition admits them.")
        .fix("State the precondition in terms the prover knows, such as comparisons of numbers and `array_length`, or write a function that builds suitable arguments and calls this one, and test that.")
        .spec(SPEC_ARGUMENTS)
}

/// E702: no trial could put a proof to the test.
pub(crate) fn nothing_to_test(subject: &Subject, why: &str) -> Diagnostic {
    let text = format!("The proof of '{}' is not put to the test: {why}.", subject.name);
    Diagnostic::warning(Code::E702, subject.decl, text)
        .rationale("`--distrust` runs proved functions with the run-time checks that stand for their proofs. Without such a check a run shows nothing.")
        .fix("Test a function that calls this one and has a contract that is checked at run time.")
        .spec(SPEC_PROOFS)
}

/// What a proof takes on trust.
pub(crate) struct Trust {
    /// `assume(@Int.0 > 0)`
    pub text: String,
    pub line: u32,
    /// Whether the arguments satisfy it, where that is known.
    pub holds: Option<bool>,
}

/// E703: a trial contradicts a proof.
pub(crate) fn refuted(failure: &Failure, proof: &RefutedProof, trust: &[Trust]) -> Diagnostic {
    let first = failure.message.lines().next().unwrap_or_default();
    let on = match failure.arguments.as_slice() {
        [] => String::new(),
        arguments => format!(" on {}", arguments_text(arguments)),
    };
    let mut text = format!(
        "Tier 1 proof refuted in '{}': {} was proved, but the trial{on} failed it at run time: {first}",
        proof.function,
        proof.clause()
    );
    for (i, trust) in trust.iter().enumerate() {
        let (word, end) = match trust.holds {
            Some(false) => ("the proof rests", ", which these arguments violate"),
            Some(true) => ("the proof also rests", ", which these arguments satisfy"),
            None => ("the proof rests", ", which the verifier takes on trust (W003)"),
        };
        let word = if i > 0 { "it also rests" } else { word };
        text.push_str(&format!("; {word} on `{}` at line {}{end}", trust.text, trust.line));
    }
    let report = Diagnostic::error(Code::E703, proof.at, text).spec(SPEC_PROOFS);
    if trust.iter().any(|t| t.holds != Some(true)) {
        report
            .rationale("The proof rests on an assumption that nothing checks. Where the assumption is false, the proof says nothing.")
            .fix("Replace the `assume` by something that is proved or checked: a `requires` that callers must meet, an `assert`, or a branch on the condition.")
    } else {
        report
            .rationale("What is proved holds for all inputs, so a run that fails it is evidence of a defect of the prover or of the compiler.")
            .fix("Report it with the program; until then do not rely on this proof.")
    }
}
