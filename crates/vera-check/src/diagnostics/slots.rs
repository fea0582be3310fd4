//! Slot and result references: E130, E131, E163, E182, E183.

use vera_diagnostics::{Code, Diagnostic, FileSpan};

use super::error;

const SLOTS: &str = "Chapter 4, Section 4.1 \"Resolution\"";

pub(crate) fn unresolved(
    at: FileSpan,
    slot: &str,
    index: u32,
    count: u32,
    bindings: &str,
    state: bool,
) -> Diagnostic {
    let known = match count {
        0 => format!("no {slot} bindings in scope."),
        1 => format!("only 1 {slot} binding in scope (valid indices: 0..0)."),
        n => format!("only {n} {slot} bindings in scope (valid indices: 0..{}).", n - 1),
    };
    let mut fix = if bindings.is_empty() {
        "Nothing is bound here.".to_owned()
    } else {
        format!("In scope: {bindings}")
    };
    if state {
        fix.push_str("\nThe handler's state is read with `get(())` and written with `put(…)`.");
    }
    error(
        Code::E130,
        at,
        format!("Cannot resolve @{slot}.{index}: {known}"),
        "`@T.n` is the binding number n of slot name T, counted from the innermost outward.",
        fix,
        SLOTS,
    )
}

pub(crate) fn result_outside_ensures(at: FileSpan) -> Diagnostic {
    error(
        Code::E131,
        at,
        "`.result` is used outside `ensures`.".to_owned(),
        "The result exists only when the function has returned, so only postconditions see it.",
        "Move the condition into an `ensures(…)` clause.",
        "Chapter 4, Section 4.4 \"Contracts\"",
    )
}

pub(crate) fn result_type(at: FileSpan, written: &str, slot: &str) -> Diagnostic {
    error(
        Code::E163,
        at,
        format!("`@{written}.result` does not name the return type, which is written `@{slot}`."),
        "The result is referred to by the slot name of the declared return type.",
        format!("@{slot}.result"),
        "Chapter 4, Section 4.4 \"Contracts\"",
    )
}

pub(crate) fn zero_size(at: FileSpan, ty: &str) -> Diagnostic {
    error(
        Code::E182,
        at,
        format!("A binding of type {ty} cannot be read: the type takes no space."),
        "A type with a single value carries no information.",
        "()",
        "Chapter 3, Section 3.1.1 \"Zero-size types\"",
    )
}

pub(crate) fn zero_size_let(at: FileSpan, ty: &str) -> Diagnostic {
    error(
        Code::E183,
        at,
        format!("`let` cannot bind a value of type {ty}: the type takes no space."),
        "A binding that cannot be read serves nothing.",
        "Write the expression as a statement, ended by `;`.",
        "Chapter 3, Section 3.1.1 \"Zero-size types\"",
    )
}
