//! Literals, holes, `let`, closures and arrays: E148, E149, E162, E170, E171, W001.

use vera_diagnostics::{Code, Diagnostic, FileSpan};

use super::error;
use crate::types::Ty;

pub(crate) fn literal_range(at: FileSpan, digits: &str, negated: bool, ty: Ty) -> Diagnostic {
    let sign = if negated { "-" } else { "" };
    let (target, range) = if ty == Ty::BYTE {
        ("@Byte; the range is 0..255", "0..255")
    } else if ty == Ty::NAT {
        ("@Nat (i64); the maximum is 9223372036854775807", "0..9223372036854775807")
    } else if negated {
        (
            "@Int (i64); the minimum is -9223372036854775808",
            "-9223372036854775808..9223372036854775807",
        )
    } else {
        (
            "@Int (i64); the maximum is 9223372036854775807",
            "-9223372036854775808..9223372036854775807",
        )
    };
    error(
        Code::E149,
        at,
        format!("The integer literal {sign}{digits} does not fit {target}."),
        "Integers have a fixed width; a literal must have a value of its type.",
        format!("Write a number in {range}."),
        "Chapter 5, Section 5.2 \"Literals\"",
    )
}

pub(crate) fn hole(at: FileSpan, ty: &str, bindings: &str) -> Diagnostic {
    let fix = if bindings.is_empty() {
        format!("Replace ? with an expression of type {ty}.")
    } else {
        format!("Replace ? with an expression of type {ty}. Available bindings: {bindings}.")
    };
    Diagnostic::warning(Code::W001, at, format!("Typed hole: expected {ty}."))
        .rationale("A program with holes can be checked, but not compiled or run.")
        .fix(fix)
        .spec("Chapter 5, Section 5.15 \"Typed holes\"")
}

pub(crate) fn not_interpolable(at: FileSpan, ty: &str) -> Diagnostic {
    error(
        Code::E148,
        at,
        format!("A value of type {ty} cannot be interpolated into a string."),
        "Interpolation converts String, Int, Nat, Bool, Byte and Float64.",
        "Convert it first, for example with `show(…)`.",
        "Chapter 5, Section 5.14 \"String interpolation\"",
    )
}

pub(crate) fn element_type(at: FileSpan, index: usize, want: &str, found: &str) -> Diagnostic {
    error(
        Code::E162,
        at,
        format!(
            "Element {index} has type {found}, but the elements before it make this an array of {want}."
        ),
        "All elements of an array have one type; the first element whose type is known decides.",
        format!("Convert element {index} to {want}, or wrap the elements in one data type."),
        "Chapter 5, Section 5.8 \"Arrays\"",
    )
}

pub(crate) fn let_mismatch(at: FileSpan, want: &str, found: &str) -> Diagnostic {
    error(
        Code::E170,
        at,
        format!("The value has type {found}, but `let` binds a {want}."),
        "The type of a `let` is written, never inferred; the value must have it.",
        format!("Write `let @{found} = …`, or convert the value to {want}."),
        "Chapter 5, Section 5.12 \"let\"",
    )
}

pub(crate) fn component_mismatch(
    at: FileSpan,
    index: usize,
    want: &str,
    found: &str,
) -> Diagnostic {
    error(
        Code::E170,
        at,
        format!("Component {index} has type {found}, but it is bound as {want}."),
        "Each binder of a destructuring `let` has the type of its component.",
        format!("Bind it as `@{found}`."),
        "Chapter 5, Section 5.12 \"let\"",
    )
}

pub(crate) fn closure_mismatch(at: FileSpan, want: &str, found: &str) -> Diagnostic {
    error(
        Code::E171,
        at,
        format!("The body of this function value has type {found}, but it returns {want}."),
        "The value of the last expression of the body is the result.",
        format!(
            "End the body with an expression of type {want}, or declare the result as `@{found}`."
        ),
        "Chapter 6, Section 6.6 \"Function values\"",
    )
}
