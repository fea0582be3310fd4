//! The engines. All agree on the match that backtracking in order finds first.
//!
//! - [`dfa`]: sets of places in the program as states, made when first needed
//!   (Thompson; Cox, "Regular Expression Matching: the Virtual Machine
//!   Approach"; the delayed match follows Rust's regex-automata). It finds both
//!   ends of a match; a state costs memory that is bounded.
//! - [`pike`]: the same sets, without keeping states, with the groups (Pike).
//! - [`backtrack`]: for back-references, conditionals, look-around and atomic groups.

pub(crate) mod alphabet;
pub(crate) mod backtrack;
pub(crate) mod dfa;
pub(crate) mod pike;
pub(crate) mod prefilter;

use super::error::Error;

/// Steps that a call may take: this many, and some for every byte of the text.
const STEPS: u64 = 100_000_000;
const STEPS_PER_BYTE: u64 = 64;

/// Visits of instructions that count as one step, in a program of this length: those of a
/// long one are not in the cache.
pub(crate) fn visits_per_step(length: usize) -> u64 {
    if length < 4096 { 8 } else { 1 }
}

/// What is left of the steps of one call.
pub(crate) struct Budget {
    left: u64,
    all: u64,
}

impl Budget {
    /// The steps for a text of this length.
    pub(crate) fn of(length: usize) -> Self {
        let all = STEPS + STEPS_PER_BYTE * length as u64;
        Self { left: all, all }
    }

    /// Takes steps; an error when there are no more.
    pub(crate) fn spend(&mut self, steps: u64) -> Result<(), Error> {
        match self.left.checked_sub(steps) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(Error::gave_up(self.all)),
        }
    }
}

/// What one search is about.
#[derive(Clone, Copy)]
pub(crate) struct Search<'t> {
    pub(crate) text: &'t [u8],
    pub(crate) start: usize,
    /// A match must start at `start`.
    pub(crate) anchored: bool,
    /// A match at `start` must not be empty.
    pub(crate) not_empty: bool,
}
