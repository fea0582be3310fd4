//! Comments (language reference, chapter 01 section 2): finding where one ends.

use vera_diagnostics::Span;

use crate::errors::{ErrorKind, SyntaxError};

/// A comment and where it stands, delimiters included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Comment {
    pub kind: CommentKind,
    pub span: Span,
    /// Whether it is the label of a slot in a signature; the label may be empty.
    pub is_label: bool,
}

/// The three forms of comment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum CommentKind {
    /// `-- …` to the end of the line (which is not part of it).
    Line,
    /// `{- … -}`, nesting.
    Block,
    /// `/* … */`, not nesting; in a signature it can label a slot.
    Annotation,
}

impl Comment {
    /// The text between the delimiters, as written.
    pub fn content<'t>(&self, text: &'t str) -> &'t str {
        let whole = text.get(self.span.start as usize..self.span.end as usize).unwrap_or("");
        match self.kind {
            CommentKind::Line => whole.strip_prefix("--"),
            CommentKind::Block => whole.strip_prefix("{-").and_then(|s| s.strip_suffix("-}")),
            CommentKind::Annotation => whole.strip_prefix("/*").and_then(|s| s.strip_suffix("*/")),
        }
        .unwrap_or(whole)
    }
}

/// Where a comment ends in which another one begins; `None` where it does not.
pub(crate) fn end_of_nested(
    text: &str,
    kind: CommentKind,
    start: usize,
    limit: usize,
) -> Option<usize> {
    match kind {
        CommentKind::Annotation => text.get(start + 2..limit)?.find("*/").map(|at| start + at + 4),
        CommentKind::Line | CommentKind::Block => None,
    }
}

/// The comment of the given form that opens at `start`; text ends at `limit`.
pub(crate) fn scan(
    text: &str,
    kind: CommentKind,
    start: usize,
    limit: usize,
) -> Result<Comment, SyntaxError> {
    let inside = text.get(start + 2..limit).unwrap_or("");
    let end = match kind {
        CommentKind::Line => inside.find('\n').unwrap_or(inside.len()),
        CommentKind::Block => block_end(inside)
            .ok_or_else(|| SyntaxError::opener(start, ErrorKind::UnterminatedBlockComment))?,
        CommentKind::Annotation => {
            let end = inside
                .find("*/")
                .ok_or_else(|| SyntaxError::opener(start, ErrorKind::UnterminatedAnnotation))?;
            if let Some(inner) = inside[..end].find("/*") {
                return Err(SyntaxError::opener(start + 2 + inner, ErrorKind::NestedAnnotation));
            }
            end + 2
        }
    };
    let span = Span::new(start as u32, (start + 2 + end) as u32);
    Ok(Comment { kind, span, is_label: false })
}

/// Offset just past the `-}` that closes a block comment, `inside` being the
/// text after its `{-`.
fn block_end(inside: &str) -> Option<usize> {
    let bytes = inside.as_bytes();
    let mut depth = 1usize;
    let mut at = 0;
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"{-" => depth += 1,
            b"-}" if depth == 1 => return Some(at + 2),
            b"-}" => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
    }
    None
}
