//! Patterns: E314, E320–E322.

use vera_diagnostics::{Code, Diagnostic, FileSpan};

use super::{constructors, count, error};

const PATTERNS: &str = "Chapter 5, Section 5.10 \"match\"";

pub(crate) fn unknown_applied(
    at: FileSpan,
    name: &str,
    foreign: Option<(&str, &str)>,
) -> Diagnostic {
    constructors::unknown(Code::E320, at, name, foreign)
}

pub(crate) fn unknown_nullary(
    at: FileSpan,
    name: &str,
    foreign: Option<(&str, &str)>,
) -> Diagnostic {
    constructors::unknown(Code::E322, at, name, foreign)
}

pub(crate) fn cannot_match(at: FileSpan, what: &str, ty: &str) -> Diagnostic {
    error(
        Code::E314,
        at,
        format!("The pattern `{what}` cannot match a value of type {ty}."),
        "A pattern has the type of what it is matched against.",
        format!("Use a pattern that {ty} admits, a binding `@{ty}`, or `_`."),
        PATTERNS,
    )
}

pub(crate) fn field_count(at: FileSpan, name: &str, want: usize, given: usize) -> Diagnostic {
    let holes = vec!["_"; want].join(", ");
    let form = if want == 0 { name.to_owned() } else { format!("{name}({holes})") };
    error(
        Code::E321,
        at,
        format!(
            "The constructor `{name}` has {}, but the pattern gives {given}.",
            count(want, "field")
        ),
        "A constructor pattern has one sub-pattern for each field.",
        form,
        PATTERNS,
    )
}
