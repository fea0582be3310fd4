//! Constructors in expressions: E210–E216.

use vera_diagnostics::{Code, Diagnostic, FileSpan, Severity};

use super::{count, error};

const CTORS: &str = "Chapter 3, Section 3.4.1 \"Constructor expressions\"";

/// A constructor no name in scope supplies; `foreign` is the one data type of a
/// loaded module that has it, and the module's path.
pub(crate) fn unknown(
    code: Code,
    at: FileSpan,
    name: &str,
    foreign: Option<(&str, &str)>,
) -> Diagnostic {
    if let Some((data, path)) = foreign {
        let mut warning = error(
            code,
            at,
            format!(
                "Constructor '{name}' belongs to data type '{data}' of module '{path}', which this file does not import."
            ),
            "Constructors are named through an import of their data type.",
            format!("Add `import {path}({data});`."),
            "Chapter 11, Section 11.3.1 \"Types without importing their name\"",
        );
        warning.severity = Severity::Warning;
        return warning;
    }
    error(
        code,
        at,
        format!("Unknown constructor `{name}`."),
        "A constructor is declared by a data type of this file, of an import, or of the prelude.",
        format!("Correct the name, or declare it: `private data My{name} {{ {name} }}`."),
        CTORS,
    )
}

pub(crate) fn unknown_applied(
    at: FileSpan,
    name: &str,
    foreign: Option<(&str, &str)>,
) -> Diagnostic {
    unknown(Code::E210, at, name, foreign)
}

pub(crate) fn unknown_nullary(
    at: FileSpan,
    name: &str,
    foreign: Option<(&str, &str)>,
) -> Diagnostic {
    unknown(Code::E214, at, name, foreign)
}

pub(crate) fn takes_no_arguments(at: FileSpan, name: &str) -> Diagnostic {
    error(
        Code::E211,
        at,
        format!("The constructor `{name}` has no fields and takes no arguments."),
        "A constructor without fields is a value by itself.",
        name,
        CTORS,
    )
}

pub(crate) fn field_count(at: FileSpan, name: &str, want: usize, given: usize) -> Diagnostic {
    error(
        Code::E212,
        at,
        format!("The constructor `{name}` has {}, but {given} given.", count(want, "field")),
        "A constructor is applied to one value for each field, in order.",
        format!("Pass exactly {}.", count(want, "argument")),
        CTORS,
    )
}

pub(crate) fn field_type(
    at: FileSpan,
    name: &str,
    index: usize,
    want: &str,
    found: &str,
) -> Diagnostic {
    error(
        Code::E213,
        at,
        format!("Field {index} of `{name}` has type {want}, but the argument has type {found}."),
        "Each argument has the type of its field; fields are numbered from 0.",
        format!("Pass a value of type {want}."),
        CTORS,
    )
}

pub(crate) fn needs_arguments(at: FileSpan, name: &str, want: usize) -> Diagnostic {
    let holes = vec!["?"; want].join(", ");
    error(
        Code::E215,
        at,
        format!("The constructor `{name}` has {} and must be applied.", count(want, "field")),
        "Only a constructor without fields stands alone.",
        format!("{name}({holes})"),
        CTORS,
    )
}

pub(crate) fn empty_tuple(at: FileSpan) -> Diagnostic {
    error(
        Code::E216,
        at,
        "A tuple has at least one component.".to_owned(),
        "The value without content is `()`, of type Unit.",
        "()",
        "Chapter 3, Section 3.3 \"Built-in and prelude types\"",
    )
}
