//! `if`, `match` and exhaustiveness: E300–E302, E310–E313.

use vera_diagnostics::{Code, Diagnostic, Edit, FileSpan, Fix, Span};

use super::error;

const EXHAUSTIVE: &str = "Chapter 5, Section 5.10.1 \"Exhaustiveness and reachability\"";

pub(crate) fn condition(at: FileSpan, ty: &str) -> Diagnostic {
    error(
        Code::E300,
        at,
        format!("The condition has type {ty}, not Bool."),
        "`if` decides by a Bool; there are no truthy values.",
        "Make the condition a comparison, for example `@Int.0 != 0`.",
        "Chapter 5, Section 5.9 \"if\"",
    )
}

pub(crate) fn branch_types(at: FileSpan, then: &str, otherwise: &str) -> Diagnostic {
    error(
        Code::E301,
        at,
        format!("The branches have types {then} and {otherwise}."),
        "Both branches of an `if` give a value of one type.",
        format!("Convert one branch, so that both have type {then} or both {otherwise}."),
        "Chapter 5, Section 5.9 \"if\"",
    )
}

pub(crate) fn arm_type(at: FileSpan, want: &str, found: &str) -> Diagnostic {
    error(
        Code::E302,
        at,
        format!("This arm has type {found}, but the arms before it have type {want}."),
        "All arms give a value of one type.",
        format!("Make the arm an expression of type {want}."),
        "Chapter 5, Section 5.10.2 \"Result type\"",
    )
}

/// `before` is where the arm before it stands.
pub(crate) fn unreachable_arm(at: FileSpan, before: FileSpan) -> Diagnostic {
    let span = Span::new(before.span.end, at.span.end);
    let gone = Edit::delete(FileSpan { file: at.file, span });
    Diagnostic::warning(Code::E310, at, "This arm can never be reached.")
        .rationale("An earlier arm matches every value.")
        .fix("Remove the arm, or move it above the one that matches everything.")
        .spec(EXHAUSTIVE)
        .repair(Fix::safe("Delete the arm", vec![gone]))
}

pub(crate) fn missing_cases(at: FileSpan, ty: &str, missing: &[String]) -> Diagnostic {
    let shown = missing.join(", ");
    let arms: Vec<String> = missing.iter().map(|m| format!("{m} -> ?")).collect();
    error(
        Code::E311,
        at,
        format!("The match on {ty} does not cover: {shown}."),
        "A match covers every value its scrutinee can have.",
        format!("Add arms, or a last arm `_ -> ?`:\n{}", arms.join(",\n")),
        EXHAUSTIVE,
    )
}

pub(crate) fn refutable_let(at: FileSpan, head: &str, ty: &str, others: &[String]) -> Diagnostic {
    error(
        Code::E311,
        at,
        format!(
            "`let {head}<…>` does not cover the other constructors of {ty}: {}.",
            others.join(", ")
        ),
        "A destructuring `let` has no way to go on when the value has another constructor.",
        format!("match … {{ {head}(…) -> ?, _ -> ? }}"),
        EXHAUSTIVE,
    )
}

pub(crate) fn missing_bool(at: FileSpan, missing: &str) -> Diagnostic {
    error(
        Code::E312,
        at,
        format!("The match on Bool does not cover: {missing}."),
        "A match covers every value its scrutinee can have.",
        format!("Add `{missing} -> ?` or a last arm `_ -> ?`."),
        EXHAUSTIVE,
    )
}

pub(crate) fn needs_catch_all(at: FileSpan, ty: &str) -> Diagnostic {
    error(
        Code::E313,
        at,
        format!(
            "The values of type {ty} cannot all be listed; the match needs an arm for the rest."
        ),
        "A match covers every value its scrutinee can have.",
        format!("Add a last arm `_ -> ?` or `@{ty} -> ?`."),
        EXHAUSTIVE,
    )
}
