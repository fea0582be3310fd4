//! What the engines run: instructions that name their successors.

use alloc::vec::Vec;

use super::ast::{Assert, Fold, SetId};
use super::set::Set;
use super::text::{self, EDGE};

/// Index of an [`Inst`].
pub(crate) type Pc = u32;

/// One step of a match.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Inst {
    Match,
    Char {
        c: u32,
        next: Pc,
    },
    Set {
        set: SetId,
        next: Pc,
    },
    /// `first` is preferred.
    Split {
        first: Pc,
        second: Pc,
    },
    Save {
        slot: u32,
        next: Pc,
    },
    Assert {
        assert: Assert,
        next: Pc,
    },
    /// The body runs to its `EndLook` from here, or from `behind` characters before.
    Look {
        body: Pc,
        behind: Option<u32>,
        negative: bool,
        next: Pc,
    },
    EndLook,
    /// The body runs to its `EndAtomic`; its other ways are forgotten there.
    Atomic {
        body: Pc,
    },
    EndAtomic {
        next: Pc,
    },
    /// `empty` follows when the group's text is empty.
    BackReference {
        group: u32,
        fold: Fold,
        next: Pc,
        empty: Pc,
    },
    Condition {
        group: u32,
        yes: Pc,
        no: Pc,
    },
}

/// A compiled pattern, in one direction.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) insts: Vec<Inst>,
    pub(crate) start: Pc,
}

/// The characters on both sides of a place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around {
    pub(crate) left: u32,
    pub(crate) right: u32,
    /// `right` is the last character of the text.
    pub(crate) last: bool,
}

impl Around {
    /// What stands around `at`.
    pub(crate) fn of(text: &[u8], at: usize) -> Self {
        let (right, length) = text::next(text, at);
        Self { left: text::previous(text, at).0, right, last: at + length == text.len() }
    }

    /// Whether a place is as it must be.
    pub(crate) fn holds(self, assert: Assert, sets: &[Set]) -> bool {
        let Self { left, right, last } = self;
        match assert {
            Assert::Start => left == EDGE,
            Assert::LineStart => left == EDGE || left == 10,
            Assert::End => right == EDGE,
            Assert::LastEnd => right == EDGE || right == 10 && last,
            Assert::LineEnd => right == EDGE || right == 10,
            // As in Python, an empty text has neither a boundary nor a place without one.
            Assert::Word { word, negative } => {
                let differ = is_in(sets, word, left) != is_in(sets, word, right);
                differ != negative && (left, right) != (EDGE, EDGE)
            }
            Assert::Next { set, negative } => is_in(sets, set, right) != negative,
            Assert::Before { set, negative } => is_in(sets, set, left) != negative,
        }
    }
}

/// Whether a set has the character; in little code.
#[inline(never)]
fn is_in(sets: &[Set], set: SetId, c: u32) -> bool {
    sets[set as usize].has(c)
}
