//! How the parser will pair the runs of `*` and `_` in a text that is being written.
//!
//! This is the procedure "process emphasis" of CommonMark's appendix, with its rules of
//! flanking and of lengths that are multiples of three, played on the output so far: it
//! tells as soon as a run is complete whether it does what each of its marks is for.

use super::escape;
use crate::markdown::parse::parse;
use crate::markdown::tree::NodeId;

/// The class of a character beside a marker.
#[derive(Clone, Copy, PartialEq)]
pub enum Class {
    Blank,
    /// Punctuation and symbols.
    Mark,
    Word,
}

/// The class that the parser sees.
pub fn class(c: char) -> Class {
    if c.is_whitespace() {
        Class::Blank
    } else if is_word(c) || c.is_ascii_control() || !c.is_ascii() && opens_within_word(c) {
        Class::Word
    } else {
        Class::Mark
    }
}

/// Letters and digits. Enclosed ones may be symbols.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() && !matches!(c, '\u{2460}'..='\u{24ff}' | '\u{1f100}'..='\u{1f1ff}')
}

/// Asks the parser, which has the tables, whether a marker after a letter and before this
/// character opens: before punctuation and symbols it does not.
fn opens_within_word(c: char) -> bool {
    let mut text = String::from("a*");
    text.push(c);
    text.push_str("b*");
    let tree = parse(text.as_bytes());
    // Otherwise all of it is one text in a paragraph.
    tree.len() > 3
}

/// What a mark is for.
#[derive(Clone, Copy, PartialEq)]
pub enum Role {
    Text,
    Opens(NodeId),
    Closes(NodeId),
}

/// One `*` or `_` without a backslash, where it stands in the output.
struct Mark {
    at: usize,
    role: Role,
}

/// What is left of a run that may open: some of the marks.
struct Opener {
    start: usize,
    end: usize,
    byte: u8,
    /// How long the whole run was, and whether it could close as well.
    length: usize,
    both: bool,
}

/// The marks outside of links, or those of one link's text: they pair among themselves.
#[derive(Default)]
pub struct Level {
    marks: Vec<Mark>,
    /// How many marks are in runs that are done with.
    settled: usize,
    openers: Vec<Opener>,
}

impl Level {
    pub fn push(&mut self, at: usize, role: Role) {
        self.marks.push(Mark { at, role });
    }

    fn roles(&self, start: usize, end: usize) -> impl Iterator<Item = Role> {
        self.marks.get(start..end).unwrap_or_default().iter().map(|mark| mark.role)
    }

    fn any_opens(&self, start: usize, end: usize) -> bool {
        self.roles(start, end).any(|role| matches!(role, Role::Opens(_)))
    }

    /// Goes through the runs that are new, but for the last one if more of the text is
    /// still to come; whether all did what they are for.
    pub fn settle(&mut self, out: &[u8], is_end: bool) -> bool {
        let byte_at = |mark: &Mark| out.get(mark.at).copied().unwrap_or_default();
        while let Some(first) = self.marks.get(self.settled) {
            let start = self.settled;
            let byte = byte_at(first);
            let joined = |mark: &Mark, at: usize| mark.at == at && byte_at(mark) == byte;
            let run = self.marks.iter().skip(start).zip(first.at..);
            let length = run.take_while(|(mark, at)| joined(mark, *at)).count();
            if start + length == self.marks.len() && !is_end {
                break;
            }
            self.settled = start + length;
            let before = out.get(..first.at).and_then(escape::last_char);
            let after = out.get(first.at + length..).and_then(escape::first_char);
            let class_of = |c: Option<(char, usize)>| c.map_or(Class::Blank, |(c, _)| class(c));
            if !self.run(start, length, byte, class_of(before), class_of(after)) {
                return false;
            }
        }
        true
    }

    /// Pairs one run with what is open, and opens what is left of it.
    fn run(&mut self, start: usize, length: usize, byte: u8, before: Class, after: Class) -> bool {
        let left = after != Class::Blank && (after == Class::Word || before != Class::Word);
        let right = before != Class::Blank && (before == Class::Word || after != Class::Word);
        let can_open = left && (byte == b'*' || !right || before == Class::Mark);
        let can_close = right && (byte == b'*' || !left || after == Class::Mark);
        let both = can_open && can_close;
        let end = start + length;
        let mut at = start;
        while can_close && at < end {
            let pairs = |opener: &Opener| {
                opener.byte == byte
                    && (!both && !opener.both
                        || !(length + opener.length).is_multiple_of(3)
                        || length.is_multiple_of(3))
            };
            let Some(found) = self.openers.iter().rposition(pairs) else { break };
            let inner = self.openers.get(found + 1..).unwrap_or_default();
            if inner.iter().any(|inner| self.any_opens(inner.start, inner.end)) {
                return false;
            }
            self.openers.truncate(found + 1);
            let Some(opener) = self.openers.pop() else { break };
            let mut open_end = opener.end;
            while at < end && open_end > opener.start {
                let two = end - at >= 2 && open_end - opener.start >= 2;
                let width = 1 + usize::from(two);
                if !self.is_pair(open_end - width, at, width) {
                    return false;
                }
                open_end -= width;
                at += width;
            }
            if open_end > opener.start {
                self.openers.push(Opener { end: open_end, ..opener });
            }
        }
        if self.roles(at, end).any(|role| matches!(role, Role::Closes(_))) {
            return false;
        }
        if can_open && at < end {
            self.openers.push(Opener { start: at, end, byte, length, both });
        }
        can_open || !self.any_opens(at, end)
    }

    /// Whether the marks at the two places are those of one node, all of them.
    fn is_pair(&self, open: usize, close: usize, width: usize) -> bool {
        let Some(Role::Opens(node)) = self.roles(open, open + 1).next() else { return false };
        let outer = open.checked_sub(1).and_then(|before| self.marks.get(before));
        self.roles(open, open + width).all(|role| role == Role::Opens(node))
            && self.roles(close, close + width).all(|role| role == Role::Closes(node))
            && outer.is_none_or(|outer| outer.role != Role::Opens(node))
    }
}
