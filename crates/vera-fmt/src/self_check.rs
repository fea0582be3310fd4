//! What must hold before a formatted text may replace its source (language
//! reference, chapter 02 section 1.5).

use std::fmt;

use vera_syntax::Parsed;

use crate::comments::collapse;
use crate::{format, printer};

/// Why a formatted text must not be used. Each would be an error of the formatter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Violation {
    /// The text has syntax errors.
    DoesNotParse,
    /// The text lacks a comment of its source, or has one more.
    CommentsDiffer,
    /// Formatting the text again gives another one.
    NotStable,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Violation::DoesNotParse => "the formatted text does not parse",
            Violation::CommentsDiffer => "the formatted text does not keep all comments",
            Violation::NotStable => "the formatted text changes when it is formatted again",
        })
    }
}

impl std::error::Error for Violation {}

/// [`format`], with the result checked.
///
/// # Errors
///
/// The condition that the result violates, if any.
pub fn format_checked(text: &str, parsed: &Parsed) -> Result<String, Violation> {
    let formatted = format(text, parsed);
    let again = vera_syntax::parse(&formatted);
    if !again.errors.is_empty() {
        Err(Violation::DoesNotParse)
    } else if contents(text, parsed) != contents(&formatted, &again) {
        Err(Violation::CommentsDiffer)
    } else if printer::print(&formatted, &again) != formatted {
        Err(Violation::NotStable)
    } else {
        Ok(formatted)
    }
}

/// The contents of all comments without differences of white space, sorted.
fn contents(text: &str, parsed: &Parsed) -> Vec<String> {
    let mut contents: Vec<String> =
        parsed.comments.iter().map(|comment| collapse(comment.content(text))).collect();
    contents.sort_unstable();
    contents
}
