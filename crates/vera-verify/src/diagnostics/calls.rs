//! Calls and handlers: E501, E532, E533.

use vera_diagnostics::{Code, Diagnostic};

use super::About;
use crate::obligations;

/// The callee, its clause and the clause at this call.
fn call<'r>(r: &'r About<'_>) -> (&'r str, &'r str, &'r str) {
    match &r.record.about {
        obligations::About::Call { callee, clause, substituted, .. } => {
            (callee, clause, substituted)
        }
        obligations::About::Plain
        | obligations::About::Operation(_)
        | obligations::About::Narrow { .. }
        | obligations::About::Invariant { .. }
        | obligations::About::Float(_)
        | obligations::About::State { .. } => ("", "", ""),
    }
}

pub(super) fn precondition_false(r: &About<'_>) -> Diagnostic {
    let (callee, clause, here) = call(r);
    r.error(
        Code::E501,
        format!(
            "Call to '{callee}' in function '{}' may violate the callee's precondition.\n  Precondition: {clause}\n  At this call site: {here}",
            r.function
        ),
    )
    .rationale("A caller owes every precondition of what it calls.")
    .fix(if here.contains('@') {
        format!("Guard the call with `if {here} then {{ … }}`, or add `requires({here})`.")
    } else {
        format!("Pass arguments for which `{clause}` holds.")
    })
    .spec("Chapter 8, Section 8.2 \"Obligations\"")
}

pub(super) fn precondition_undecidable(r: &About<'_>) -> Diagnostic {
    let (callee, clause, _) = call(r);
    r.warning(
        Code::E532,
        format!(
            "Cannot statically verify the precondition of '{callee}' at this call site in '{}'. The call uses constructs outside the decidable fragment. The precondition will be checked at runtime.",
            r.function
        ),
    )
    .rationale(format!("Whether `{clause}` holds depends on a value the prover has no model of."))
    .fix("Bind the value, test it, and call under the test.")
    .spec("Chapter 8, Section 8.2 \"Obligations\"")
}

pub(super) fn state_type(r: &About<'_>) -> Diagnostic {
    let (declared, cell) = match &r.record.about {
        obligations::About::State { declared, cell } => (declared.as_str(), cell.as_str()),
        obligations::About::Plain
        | obligations::About::Operation(_)
        | obligations::About::Narrow { .. }
        | obligations::About::Invariant { .. }
        | obligations::About::Float(_)
        | obligations::About::Call { .. } => ("", ""),
    };
    r.error(
        Code::E533,
        format!(
            "The handler in '{}' declares its state as {declared}, but the cell holds {cell}.",
            r.function
        ),
    )
    .rationale(
        "At this instance the declared state type and the effect's argument are different types.",
    )
    .fix("Declare the state with the effect's own type parameter.")
    .spec("Chapter 10, Section 10.7 \"State\"")
}
