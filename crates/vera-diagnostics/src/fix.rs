//! Repairs as changes of the text, for tools to apply.

use crate::source::{FileId, FileSpan};

/// How much a repair asks of whoever applies it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Applicability {
    /// It does what the author meant; `vera fix` applies it.
    Safe,
    /// One of several ways, or part of one: to be looked at.
    Review,
}

/// A repair of what a report is about.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub struct Fix {
    /// What it does, as an instruction: `Insert ';'`.
    pub title: String,
    pub applicability: Applicability,
    /// In the order of the text, none overlapping another.
    pub edits: Vec<Edit>,
}

/// A piece of a file and what comes in its place.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub struct Edit {
    pub at: FileSpan,
    pub text: String,
}

impl Edit {
    pub fn replace(at: FileSpan, text: impl Into<String>) -> Edit {
        Edit { at, text: text.into() }
    }

    pub fn insert_before(at: FileSpan, text: impl Into<String>) -> Edit {
        Edit { at: FileSpan { file: at.file, span: at.span.at_start() }, text: text.into() }
    }

    pub fn insert_after(at: FileSpan, text: impl Into<String>) -> Edit {
        Edit { at: FileSpan { file: at.file, span: at.span.at_end() }, text: text.into() }
    }

    pub fn delete(at: FileSpan) -> Edit {
        Edit { at, text: String::new() }
    }
}

impl Fix {
    pub fn safe(title: impl Into<String>, edits: Vec<Edit>) -> Fix {
        Fix::new(title.into(), Applicability::Safe, edits)
    }

    pub fn review(title: impl Into<String>, edits: Vec<Edit>) -> Fix {
        Fix::new(title.into(), Applicability::Review, edits)
    }

    fn new(title: String, applicability: Applicability, mut edits: Vec<Edit>) -> Fix {
        edits.sort_by_key(|edit| (edit.at.file, edit.at.span.start, edit.at.span.end));
        Fix { title, applicability, edits }
    }

    pub fn is_safe(&self) -> bool {
        self.applicability == Applicability::Safe
    }
}

/// The text of a file after the repairs, and those it has: one whose edits meet those of
/// an earlier one, or belong to other files too, is left out.
///
/// ```
/// use vera_diagnostics::{Edit, FileId, FileSpan, Fix, Span, apply};
///
/// let file = FileId(0);
/// let semicolon = FileSpan { file, span: Span::new(3, 3) };
/// let fix = Fix::safe("Insert ';'", vec![Edit::replace(semicolon, ";")]);
/// assert_eq!(apply("f()\n()", file, [&fix]), ("f();\n()".to_owned(), vec![&fix]));
/// ```
pub fn apply<'f>(
    text: &str,
    file: FileId,
    fixes: impl IntoIterator<Item = &'f Fix>,
) -> (String, Vec<&'f Fix>) {
    let mut edits: Vec<&Edit> = Vec::new();
    let mut applied = Vec::new();
    for fix in fixes {
        let fits = |edit: &Edit| {
            edit.at.file == file && !edits.iter().any(|other| meet(edit.at, other.at))
        };
        if fix.edits.iter().all(fits) {
            edits.extend(&fix.edits);
            applied.push(fix);
        }
    }
    edits.sort_by_key(|edit| edit.at.span.start);
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for edit in edits {
        out.push_str(&text[from..edit.at.span.start as usize]);
        out.push_str(&edit.text);
        from = edit.at.span.end as usize;
    }
    out.push_str(&text[from..]);
    (out, applied)
}

/// Whether two pieces share a byte, or one touches the other.
fn meet(a: FileSpan, b: FileSpan) -> bool {
    a.span.start <= b.span.end && b.span.start <= a.span.end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    fn at(start: u32, end: u32) -> FileSpan {
        FileSpan { file: FileId(0), span: Span::new(start, end) }
    }

    #[test]
    fn repairs_that_meet_are_applied_one_at_a_time() {
        let a = Fix::safe("a", vec![Edit::delete(at(0, 2)), Edit::insert_after(at(4, 6), "!")]);
        let b = Fix::safe("b", vec![Edit::replace(at(2, 3), "x")]);
        let c = Fix::safe("c", vec![Edit::replace(at(8, 9), "é")]);
        assert_eq!(
            apply("abcdefghij", FileId(0), [&a, &b, &c]),
            ("cdef!ghéj".to_owned(), vec![&a, &c])
        );
    }

    #[test]
    fn other_files_are_left_alone() {
        let elsewhere = FileSpan { file: FileId(1), span: Span::new(0, 1) };
        let fix = Fix::safe("f", vec![Edit::delete(at(0, 1)), Edit::delete(elsewhere)]);
        assert_eq!(apply("ab", FileId(0), [&fix]), ("ab".to_owned(), Vec::new()));
    }
}
