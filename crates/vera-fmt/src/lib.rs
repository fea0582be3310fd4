//! The canonical text of Vera programs (language reference, chapter 02). Knows
//! syntax and nothing else; every program has exactly one canonical text.
//!
//! The text is made from the tree. From the source come only the comments, single
//! blank lines at certain places and the labels of slots.
#![forbid(unsafe_code)]

mod anchors;
mod blocks;
mod comments;
mod lines;
mod printer;
mod self_check;

use vera_syntax::Parsed;

pub use self_check::{Violation, format_checked};

/// Passes after which a text that still changes is taken as it is.
const MAX_PASSES: usize = 8;

/// The canonical text of `text`, whose line ends are `\n` and which `parsed` is the
/// parse of, without errors.
///
/// Comments that move can make others move when the result is formatted again, so
/// passes are made until nothing changes; nearly always one is enough and a second
/// confirms it.
///
/// ```
/// let text = "type  P={@Int|@Int.0>(0)} ; -- positive";
/// let parsed = vera_syntax::parse(text);
/// assert_eq!(vera_fmt::format(text, &parsed), "type P = { @Int | @Int.0 > 0 };  -- positive\n");
/// ```
pub fn format(text: &str, parsed: &Parsed) -> String {
    let mut current = printer::print(text, parsed);
    for _ in 1..MAX_PASSES {
        let again = vera_syntax::parse(&current);
        if !again.errors.is_empty() {
            break;
        }
        let next = printer::print(&current, &again);
        if next == current {
            break;
        }
        current = next;
    }
    current
}
