//! Repairs as edits that several reports offer.

use vera_diagnostics::{Edit, FileSpan, Fix, Span};

/// The row a function or function value declares, as it is written.
#[derive(Clone, Copy)]
pub(crate) struct WrittenRow {
    /// `pure` or `<A, B>`.
    pub at: FileSpan,
    pub pure: bool,
}

/// Adds effects to a row.
pub(crate) fn extend_row(row: WrittenRow, missing: &str) -> Fix {
    let edit = if row.pure {
        Edit::replace(row.at, format!("<{missing}>"))
    } else {
        let end = row.at.span.end.saturating_sub(1);
        let before_close = FileSpan { file: row.at.file, span: Span::new(end, end) };
        Edit::replace(before_close, format!(", {missing}"))
    };
    Fix::review(format!("Declare `{missing}` in the row"), vec![edit])
}

/// Adds arms with holes behind the last one.
pub(crate) fn add_arms(last: FileSpan, cases: &[String]) -> Fix {
    let arms: String = cases.iter().map(|case| format!(", {case} -> ?")).collect();
    let title = if let [case] = cases {
        format!("Add an arm for `{case}`")
    } else {
        format!("Add the {} missing arms", cases.len())
    };
    Fix::review(title, vec![Edit::insert_after(last, arms)])
}

/// Another name in the place of the one written, for each that may be meant.
pub(crate) fn rename(at: FileSpan, near: &[String]) -> Vec<Fix> {
    let fix = |name: &String| {
        Fix::review(format!("Write `{name}`"), vec![Edit::replace(at, name.as_str())])
    };
    near.iter().map(fix).collect()
}

/// Imports a name, behind what stands at the head of the file.
pub(crate) fn import(head: FileSpan, path: &str, name: &str) -> Fix {
    let line = format!("import {path}({name});");
    let edit = if head.span.end == 0 {
        Edit::insert_after(head, format!("{line}\n\n"))
    } else {
        Edit::insert_after(head, format!("\n{line}"))
    };
    Fix::review(format!("Add `{line}`"), vec![edit])
}
