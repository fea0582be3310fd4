//! Operators and indexing: E140–E147, E160, E161, E243.

use vera_diagnostics::{Code, Diagnostic, FileSpan};
use vera_syntax::ast::BinaryOp;

use super::error;

const ARITHMETIC: &str = "Chapter 5, Section 5.4 \"Arithmetic\"";
const EQUALITY: &str = "Chapter 5, Section 5.5 \"Equality\"";
const ORDERING: &str = "Chapter 5, Section 5.6 \"Ordering\"";
const LOGIC: &str = "Chapter 5, Section 5.7 \"Logic\"";

pub(crate) fn not_numbers(at: FileSpan, op: BinaryOp, left: &str, right: &str) -> Diagnostic {
    let fix = if op == BinaryOp::Add && (left == "String" || right == "String") {
        "Join strings with `string_concat(a, b)` or `\"\\(…)\\(…)\"`."
    } else {
        "Use operands of type Int, Nat or Float64; `byte_to_int(…)` and `parse_int(…)` convert."
    };
    error(
        Code::E140,
        at,
        format!("`{}` needs numbers, but its operands have types {left} and {right}.", op.as_str()),
        "Arithmetic is defined on Int, Nat and Float64.",
        fix,
        ARITHMETIC,
    )
}

pub(crate) fn mixed_numbers(at: FileSpan, op: BinaryOp, left: &str, right: &str) -> Diagnostic {
    error(
        Code::E141,
        at,
        format!("`{}` cannot mix {left} and {right}.", op.as_str()),
        "There is no implicit conversion between integers and Float64.",
        "Convert one operand: `int_to_float(…)`, or `float_to_int(…)`; a Float64 literal is written with a point, as in `2.0`.",
        ARITHMETIC,
    )
}

pub(crate) fn incomparable(at: FileSpan, op: BinaryOp, left: &str, right: &str) -> Diagnostic {
    error(
        Code::E142,
        at,
        format!("`{}` cannot compare {left} with {right}.", op.as_str()),
        "Both sides of a comparison have one type; Nat and Int may be mixed.",
        "Convert one operand to the type of the other.",
        EQUALITY,
    )
}

pub(crate) fn no_equality(at: FileSpan, ty: &str) -> Diagnostic {
    error(
        Code::E243,
        at,
        format!("Values of type {ty} cannot be compared for equality."),
        "`==`, `!=` and `eq` need a type with the ability Eq: primitive types, and data types all of whose fields have it. Contracts, `assert` and `assume` compare arrays and tuples with `==`, too.",
        "Compare a part of the value that has equality.",
        "Chapter 3, Section 3.9.1 \"Who satisfies what\"",
    )
}

pub(crate) fn no_order(at: FileSpan, op: BinaryOp, ty: &str) -> Diagnostic {
    error(
        Code::E143,
        at,
        format!("`{}` needs an ordered type, but its operands have type {ty}.", op.as_str()),
        "Int, Nat, Float64, Byte and String are ordered.",
        "Compare an ordered key of the values; on a type parameter with `Ord`, call `compare(…)`.",
        ORDERING,
    )
}

pub(crate) fn logic_needs_bool(at: FileSpan, op: BinaryOp, left: bool, ty: &str) -> Diagnostic {
    let (code, side) = if left { (Code::E144, "left") } else { (Code::E145, "right") };
    error(
        code,
        at,
        format!("The {side} operand of `{}` has type {ty}, not Bool.", op.as_str()),
        "Logical operators work on Bool; there are no truthy values.",
        "Make the operand a comparison, for example `@Int.0 != 0`.",
        LOGIC,
    )
}

pub(crate) fn not_needs_bool(at: FileSpan, ty: &str) -> Diagnostic {
    error(
        Code::E146,
        at,
        format!("`!` needs a Bool, but its operand has type {ty}."),
        "Negation works on Bool; there are no truthy values.",
        "Negate a comparison, for example `!(@Int.0 == 0)`.",
        LOGIC,
    )
}

pub(crate) fn negate_needs_number(at: FileSpan, ty: &str) -> Diagnostic {
    error(
        Code::E147,
        at,
        format!("Unary `-` needs a number, but its operand has type {ty}."),
        "Negation is defined on Int, Nat and Float64.",
        "Convert the operand first, for example with `byte_to_int(…)`.",
        ARITHMETIC,
    )
}

pub(crate) fn index_type(at: FileSpan, ty: &str) -> Diagnostic {
    error(
        Code::E160,
        at,
        format!("An array index is an Int or Nat, but this one has type {ty}."),
        "Elements are numbered from 0.",
        "Use an integer index.",
        "Chapter 5, Section 5.8 \"Arrays\"",
    )
}

pub(crate) fn not_indexable(at: FileSpan, ty: &str) -> Diagnostic {
    error(
        Code::E161,
        at,
        format!("A value of type {ty} cannot be indexed."),
        "`e[i]` reads an element of an array.",
        if ty == "String" {
            "Use `string_char_code(text, i)` or `string_slice(text, i, i + 1)`."
        } else {
            "Index a value of type Array<T>."
        },
        "Chapter 5, Section 5.8 \"Arrays\"",
    )
}
