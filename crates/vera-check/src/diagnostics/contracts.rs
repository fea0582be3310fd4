//! Contracts, purity and recursion: E120, E122–E124, E126–E128, E137, E138,
//! E172, E173, E179, E186.

use vera_diagnostics::{Code, Diagnostic, Edit, FileSpan, Fix};

use super::repairs::{WrittenRow, extend_row};
use super::{error, quoted};

const DECLARATION: &str = "Chapter 6, Section 6.1 \"Declaration\"";
const RECURSION: &str = "Chapter 6, Section 6.4 \"Recursion\"";
const QUANTIFIERS: &str = "Chapter 5, Section 5.17 \"Quantifiers\"";
const FACTS: &str = "Chapter 5, Section 5.16 \"assert and assume\"";

fn not_bool(code: Code, at: FileSpan, what: &str, ty: &str, spec: &str) -> Diagnostic {
    error(
        code,
        at,
        format!("The predicate of {what} has type {ty}, not Bool."),
        "A predicate says of each value whether it holds.",
        "Write a comparison, for example `@Int.0 > 0`.",
        spec,
    )
}

pub(crate) fn requires_not_bool(at: FileSpan, ty: &str) -> Diagnostic {
    not_bool(Code::E123, at, "`requires`", ty, DECLARATION)
}

pub(crate) fn ensures_not_bool(at: FileSpan, ty: &str) -> Diagnostic {
    not_bool(Code::E124, at, "`ensures`", ty, DECLARATION)
}

pub(crate) fn refinement_not_bool(at: FileSpan, ty: &str) -> Diagnostic {
    not_bool(Code::E126, at, "a refinement type", ty, "Chapter 3, Section 3.7 \"Refinement types\"")
}

pub(crate) fn invariant_not_bool(at: FileSpan, ty: &str) -> Diagnostic {
    not_bool(Code::E120, at, "`invariant`", ty, "Chapter 3, Section 3.4 \"User data types\"")
}

pub(crate) fn assert_not_bool(at: FileSpan, ty: &str) -> Diagnostic {
    not_bool(Code::E172, at, "`assert`", ty, FACTS)
}

pub(crate) fn assume_not_bool(at: FileSpan, ty: &str) -> Diagnostic {
    not_bool(Code::E173, at, "`assume`", ty, FACTS)
}

pub(crate) fn measure_type(at: FileSpan, ty: &str) -> Diagnostic {
    error(
        Code::E127,
        at,
        format!("A measure of type {ty} has no smallest value to end at."),
        "`decreases` takes Int, Nat or a data type, whose values cannot become smaller forever.",
        "Measure a counter, a shrinking structure, or `array_length(…)`.",
        RECURSION,
    )
}

pub(crate) fn pure_function_performs(
    at: FileSpan,
    name: &str,
    effects: &str,
    row: WrittenRow,
) -> Diagnostic {
    error(
        Code::E122,
        at,
        format!("`{name}` is declared `effects(pure)` but performs: {effects}."),
        "A function performs only the effects its row declares.",
        format!("Declare `effects(<{effects}>)`, or handle the effects inside."),
        DECLARATION,
    )
    .repair(extend_row(row, effects))
}

pub(crate) fn pure_closure_performs(at: FileSpan, effects: &str, row: WrittenRow) -> Diagnostic {
    error(
        Code::E122,
        at,
        format!("This function value is declared `effects(pure)` but performs: {effects}."),
        "A function value performs only the effects its own row declares.",
        format!("Declare `effects(<{effects}>)` here and in the function type it is used at."),
        "Chapter 6, Section 6.6 \"Function values\"",
    )
    .repair(extend_row(row, effects))
}

/// `function` is the type of a function that can get at itself through `name`.
pub(crate) fn knot(at: FileSpan, name: &str, function: &str) -> Diagnostic {
    error(
        Code::E137,
        at,
        format!(
            "A function of type `{function}` in `{name}` can get at a `{name}` again, so it can call itself without end, but its row lacks `Diverge`."
        ),
        "Recursion must be seen to end, or be declared endless. No measure can be compared where functions call themselves through values.",
        "Add `Diverge` to the function type's row, `effects(<Diverge>)`, or keep the function out of the value it is given.",
        RECURSION,
    )
}

/// `measures` are those the parameters offer, `row` is the row with `Diverge`.
pub(crate) fn no_measure(
    at: FileSpan,
    name: &str,
    cycle: &[String],
    measures: &[String],
    row: &str,
    last_clause: Option<FileSpan>,
) -> Diagnostic {
    let how = if cycle.len() > 1 {
        format!("is part of the recursion {}", quoted(cycle))
    } else {
        "calls itself".to_owned()
    };
    let mut report = error(
        Code::E137,
        at,
        format!("`{name}` {how} but has neither a `decreases` clause nor `Diverge` in its row."),
        "Recursion must be seen to end, or be declared endless.",
        match measures {
            [] => format!(
                "No parameter can be measured: add a counter to count down, or declare `{row}`, also in the callers."
            ),
            measures => format!(
                "Add a measure, for example {}; or declare `{row}`, also in the callers.",
                measures.join(" or ")
            ),
        },
        RECURSION,
    );
    for clause in measures.iter().filter_map(|m| m.strip_prefix('`')?.strip_suffix('`')) {
        let insert = |at| Edit::insert_after(at, format!("\n  {clause}"));
        let fix = |at| Fix::review(format!("Add `{clause}`"), vec![insert(at)]);
        report.fixes.extend(last_clause.map(fix));
    }
    report
}

pub(crate) fn contract_cycle(at: FileSpan, name: &str, callee: &str) -> Diagnostic {
    error(
        Code::E138,
        at,
        format!("A contract of `{name}` calls `{callee}`, which leads back to `{name}`."),
        "A contract that needs the function it describes describes nothing.",
        "State the condition over the parameters and the result, or through a function that does not use this one.",
        RECURSION,
    )
}

pub(crate) fn predicate_cycle(at: FileSpan) -> Diagnostic {
    error(
        Code::E138,
        at,
        "This predicate checks a value against its own type.".to_owned(),
        "Whether a value belongs to the type is decided by the predicate, so the predicate cannot ask.",
        "State the condition over the value, or use the base type inside the predicate.",
        RECURSION,
    )
}

/// `made` says by what: a constructor, or a function that leads to one.
pub(crate) fn invariant_cycle(at: FileSpan, data: &str, made: &str) -> Diagnostic {
    error(
        Code::E138,
        at,
        format!("The invariant of `{data}` uses `{made}`, which makes values of `{data}`."),
        "Whether a value may be made is decided by the invariant, so the invariant cannot make one.",
        format!("State the condition over the parts of the value: `match @{data}.0 {{ … }}`."),
        RECURSION,
    )
}

pub(crate) fn quantifier_index(at: FileSpan, ty: &str) -> Diagnostic {
    error(
        Code::E186,
        at,
        format!("A quantifier ranges over Int or Nat, not {ty}."),
        "The index runs from 0 to the bound.",
        "Write `@Nat` or `@Int`.",
        QUANTIFIERS,
    )
}

pub(crate) fn quantifier_bound(at: FileSpan, ty: &str) -> Diagnostic {
    error(
        Code::E128,
        at,
        format!("The bound of a quantifier is a count, not a value of type {ty}."),
        "The index runs from 0 up to, but not including, the bound.",
        "Pass a count such as `array_length(…)` and index inside the predicate.",
        QUANTIFIERS,
    )
}

pub(crate) fn quantifier_predicate(at: FileSpan, ty: &str) -> Diagnostic {
    error(
        Code::E179,
        at,
        format!("The predicate of a quantifier is a function of the index to Bool, not {ty}."),
        "It takes exactly one Int or Nat; refine the index type to restrict the range.",
        "fn(@Nat -> @Bool) effects(pure) { ? }",
        QUANTIFIERS,
    )
}
