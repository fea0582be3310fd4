//! Operations that may trap and are not proved not to: W006-W010.

use vera_diagnostics::{Code, Diagnostic};

use super::About;

const CHAPTER: &str = "Chapter 8, Section 8.2 \"Obligations\"";

pub(super) fn index(r: &About<'_>) -> Diagnostic {
    undecided(
        r,
        Code::W006,
        "is in bounds",
        "Add a `requires` that the index is at least 0 and below `array_length`, guard the access with `if`, or keep the check at run time.",
    )
}

pub(super) fn division(r: &About<'_>) -> Diagnostic {
    undecided(
        r,
        Code::W007,
        "does not divide by zero",
        "Add a `requires` that the divisor differs from 0, guard the operation with `if`, or keep the check at run time.",
    )
}

pub(super) fn negative(r: &About<'_>) -> Diagnostic {
    undecided(
        r,
        Code::W008,
        "is not negative where it becomes a @Nat",
        "Add a `requires` that it is at least 0, test it first, or keep the check at run time.",
    )
}

pub(super) fn underflow(r: &About<'_>) -> Diagnostic {
    undecided(
        r,
        Code::W009,
        "is not negative, as a difference of two @Nat must be",
        "Add a `requires` that orders the operands, guard the subtraction with `if`, or keep the check at run time.",
    )
}

pub(super) fn float_domain(r: &About<'_>) -> Diagnostic {
    undecided(
        r,
        Code::W010,
        "is given a finite float in the range of Int",
        "Test with `float_is_nan`, `float_is_infinite` and a range first, or keep the check at run time.",
    )
}

fn undecided(r: &About<'_>, code: Code, what: &str, fix: &str) -> Diagnostic {
    r.warning(
        code,
        format!(
            "Cannot statically verify that `{}` in '{}' {what}. It will be checked at runtime.",
            r.record.text, r.function
        ),
    )
    .rationale("No fact in force here implies it, and not every input breaks it.")
    .fix(fix)
    .spec(CHAPTER)
}
