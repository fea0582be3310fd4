//! Operations that may trap: E502, E526-E529.

use vera_diagnostics::{Code, Diagnostic};

use super::About;
use crate::obligations;

const CHAPTER: &str = "Chapter 8, Section 8.2 \"Obligations\"";

fn operation(r: &About<'_>) -> &'static str {
    match &r.record.about {
        obligations::About::Operation(word) | obligations::About::Float(word) => word,
        obligations::About::Plain
        | obligations::About::Call { .. }
        | obligations::About::Narrow { .. }
        | obligations::About::Invariant { .. }
        | obligations::About::State { .. } => "operation",
    }
}

pub(super) fn underflow(r: &About<'_>) -> Diagnostic {
    r.error(Code::E502, format!("@Nat subtraction in '{}' may underflow.", r.function))
        .rationale(format!(
            "`{}` is a @Nat, so its right operand may not exceed the left.",
            r.record.text
        ))
        .fix(if r.record.text.contains('@') {
            "Add a `requires` that orders the operands, or guard the subtraction with `if`."
        } else {
            "Subtract no more than there is, or compute in `Int`."
        })
        .spec(CHAPTER)
}

pub(super) fn division(r: &About<'_>) -> Diagnostic {
    let word = if operation(r) == "modulo" { "modulo" } else { "division" };
    let description = if word == "modulo" {
        format!("Integer modulo in '{}' may divide by zero.", r.function)
    } else {
        format!("Integer division in '{}' may divide by zero.", r.function)
    };
    r.error(Code::E526, description)
        .rationale(format!(
            "The divisor of `{}` can be 0, and integer {word} by zero traps.",
            r.record.text
        ))
        .fix(if r.record.text.contains('@') {
            "Add a `requires` that the divisor differs from 0, or guard the operation with `if`."
        } else {
            "Use a divisor other than 0."
        })
        .spec(CHAPTER)
}

pub(super) fn index(r: &About<'_>) -> Diagnostic {
    r.error(Code::E527, format!("Array index in '{}' is out of bounds.", r.function))
        .rationale(format!("No state that reaches `{}` has an element there.", r.record.text))
        .fix("Index between 0 and `array_length` minus 1, or guard the access with `if`.")
        .spec(CHAPTER)
}

pub(super) fn overflow(r: &About<'_>) -> Diagnostic {
    let word = match operation(r) {
        "abs" => "`abs`",
        word => word,
    };
    r.error(Code::E528, format!("Integer {word} in '{}' provably overflows.", r.function))
        .rationale(format!(
            "The result of `{}` lies outside 64 bits in every state that reaches it.",
            r.record.text
        ))
        .fix("Bound the operands.")
        .spec(CHAPTER)
}

pub(super) fn float_domain(r: &About<'_>) -> Diagnostic {
    r.error(
        Code::E529,
        format!(
            "`{}` in '{}' provably traps: the argument is {}.",
            r.record.text,
            r.function,
            operation(r)
        ),
    )
    .rationale("Only a finite float whose integer part fits into 64 bits has an integer.")
    .fix("Test with `float_is_nan`, `float_is_infinite` and a range first.")
    .spec(CHAPTER)
}
