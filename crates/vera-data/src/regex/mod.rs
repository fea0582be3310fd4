//! Regular expressions: the dialect of Python's `re` for texts, without its
//! recursion and, where automata can do it, without its exponential time.
//!
//! Besides Python 3.11 there are `(?<name>…)` and `\p{…}`; there are no named
//! characters (`\N{…}`). Everything works on bytes and reads what is no UTF-8 as
//! U+FFFD; matches are byte ranges.
//!
//! ```
//! use vera_data::regex::Regex;
//!
//! let mut regex = Regex::new(br"(\w+)@(\w+)").unwrap();
//! assert!(regex.matches(b"to ann@example").unwrap());
//! assert_eq!(regex.replace_first(b"to ann@example", br"\2 at \1").unwrap(), b"to example at ann");
//! ```
//!
//! # The way of a pattern
//!
//! `parse` makes a tree ([`ast`]), `compile` a program, once forward and once
//! backward; [`exec`] has the engines. Patterns without back-references,
//! conditionals, longer look-around and atomic groups run on automata, in time
//! linear in the text for one search. The others backtrack. All calls end in an
//! error after a number of steps that grows with the text: 100 million, and 64 for
//! each byte.

mod ast;
mod compile;
mod error;
mod exec;
mod frozen;
mod index;
mod numbers;
mod parse;
mod program;
mod replace;
mod set;
#[cfg(test)]
mod tests;
mod text;
mod unicode;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

use exec::alphabet::Alphabet;
use exec::dfa::{Dfa, Parts};
use exec::prefilter::Prefilter;
use exec::{Budget, Search, backtrack, pike};
use program::Program;
use set::Set;

pub use error::Error;
pub use replace::Template;

/// A compiled pattern with what its searches keep: the methods take `&mut self`
/// to add states of the automaton, which later searches use.
pub struct Regex {
    names: Vec<(Vec<u32>, u32)>,
    /// With the whole match.
    groups: u32,
    sets: Vec<Set>,
    program: Program,
    prefilter: Prefilter,
    engine: Engine,
    // Values, so that code which needs neither of them does not refer to it.
    backtracking: Option<Backtracking>,
    /// Simple lower case, for back-references.
    lower: fn(u32) -> u32,
}

/// The backtracking engine, for [`Regex::thaw`].
#[derive(Clone, Copy)]
pub struct Backtracking(backtrack::Engine);

/// It.
pub const BACKTRACKING: Backtracking = Backtracking(backtrack::search);

/// Groups × instructions that may be followed at once; beyond, groups are found by
/// backtracking.
const MOST_SLOTS: usize = 1 << 22;

/// The automata of a pattern: one finds where the match ends, the other where it starts.
struct Automata {
    alphabet: Alphabet,
    forward: Dfa,
    backward: Dfa,
    reverse: Program,
}

/// How matches are found.
enum Engine {
    Automata(Box<Automata>),
    Pike,
    Backtrack,
}

impl Engine {
    /// Automata, or the simulation when characters fall into too many classes.
    fn automata(
        program: &Program,
        sets: &[Set],
        prefilter: &Prefilter,
        reverse: impl FnOnce() -> Result<Program, Error>,
    ) -> Result<Self, Error> {
        let Some(alphabet) = Alphabet::new(program, sets) else { return Ok(Engine::Pike) };
        let reverse = reverse()?;
        let parts = |program| Parts { program, sets, alphabet: &alphabet };
        let forward = Dfa::new(parts(program), false, prefilter.is_useful());
        let backward = Dfa::new(parts(&reverse), true, false);
        Ok(Engine::Automata(Box::new(Automata { alphabet, forward, backward, reverse })))
    }
}

impl Regex {
    /// Compiles a pattern.
    ///
    /// # Errors
    ///
    /// `invalid regex: REASON at position N`, N in characters, with the reasons of
    /// Python's `re`; `invalid regex: pattern too large` when counted repetitions
    /// make more than some 260,000 instructions.
    #[inline(never)]
    pub fn new(pattern: &[u8]) -> Result<Self, Error> {
        let (mut ast, root) = parse::parse(pattern)?;
        let program = compile::compile(&ast, root, false)?;
        let prefilter = Prefilter::new(&ast, root, &program);
        let engine = if ast.irregular {
            Engine::Backtrack
        } else {
            let reverse = || compile::compile(&ast, root, true);
            Engine::automata(&program, &ast.sets, &prefilter, reverse)?
        };
        let names = core::mem::take(&mut ast.names);
        Ok(Self {
            names,
            groups: ast.groups,
            sets: ast.sets,
            program,
            prefilter,
            engine,
            backtracking: Some(BACKTRACKING),
            lower: unicode::lower,
        })
    }

    /// Whether matches are found by backtracking.
    pub fn backtracks(&self) -> bool {
        matches!(self.engine, Engine::Backtrack)
    }

    /// What following the groups of all ways at once keeps.
    fn slots_of_all_ways(&self) -> usize {
        self.program.insts.len().saturating_mul(self.groups as usize)
    }

    fn backtrack(&self, search: Search, budget: &mut Budget) -> Result<Option<Vec<usize>>, Error> {
        let Some(Backtracking(engine)) = self.backtracking else { return Ok(None) };
        let Self { program, sets, groups, prefilter, lower, .. } = self;
        engine(program, sets, *groups, prefilter, *lower, search, budget)
    }

    /// The number of groups, without the whole match.
    pub fn groups(&self) -> u32 {
        self.groups - 1
    }

    /// The first match that starts at `start` or later.
    ///
    /// `start` is a place between characters; what stands before it counts for
    /// `\b`, `^` and look-behind. With `not_empty`, a match at `start` must not be
    /// empty: the search goes on for a longer one, or a later one.
    ///
    /// # Errors
    ///
    /// `regex: gave up after N steps`.
    #[inline(never)]
    pub fn find_at(
        &mut self,
        text: &[u8],
        start: usize,
        not_empty: bool,
    ) -> Result<Option<Range<usize>>, Error> {
        self.find_within(text, start, not_empty, &mut Budget::of(text.len()))
    }

    #[inline(never)]
    fn find_within(
        &mut self,
        text: &[u8],
        start: usize,
        not_empty: bool,
        budget: &mut Budget,
    ) -> Result<Option<Range<usize>>, Error> {
        let search = Search { text, start, anchored: false, not_empty };
        let sets = &self.sets[..];
        // Without groups the slots are those of the whole match.
        let slots = match &mut self.engine {
            Engine::Automata(automata) => {
                let Automata { alphabet, forward, backward, reverse } = &mut **automata;
                let parts = Parts { program: &self.program, sets, alphabet };
                let Some(end) = forward.find_end(parts, &self.prefilter, search, budget)? else {
                    return Ok(None);
                };
                let parts = Parts { program: reverse, sets, alphabet };
                let start = backward.find_start(parts, text, start, end, budget)?;
                return Ok(Some(start..end));
            }
            Engine::Pike => pike::search(&self.program, sets, 1, search, budget)?,
            Engine::Backtrack => self.backtrack(search, budget)?,
        };
        Ok(slots.map(|slots| slots[0]..slots[1]))
    }

    /// The first match with its groups: element 0 is the whole, a group that took
    /// no part is none.
    ///
    /// # Errors
    ///
    /// As [`Regex::find_at`].
    #[inline(never)]
    pub fn captures(&mut self, text: &[u8]) -> Result<Option<Vec<Option<Range<usize>>>>, Error> {
        let budget = &mut Budget::of(text.len());
        let backtracks = self.backtracks();
        let start = if backtracks {
            0
        } else {
            // The automata say where; only from there on the groups are followed.
            let Some(found) = self.find_within(text, 0, false, budget)? else { return Ok(None) };
            found.start
        };
        let search = Search { text, start, anchored: !backtracks, not_empty: false };
        let slots = if backtracks || self.slots_of_all_ways() > MOST_SLOTS {
            self.backtrack(search, budget)?
        } else {
            pike::search(&self.program, &self.sets, self.groups, search, budget)?
        };
        let range = |pair: &[usize]| {
            (pair[0] != pike::UNSET && pair[1] != pike::UNSET).then(|| pair[0]..pair[1])
        };
        Ok(slots.map(|slots| slots.chunks_exact(2).map(range).collect()))
    }

    /// Whether the pattern matches anywhere.
    ///
    /// # Errors
    ///
    /// As [`Regex::find_at`].
    pub fn matches(&mut self, text: &[u8]) -> Result<bool, Error> {
        Ok(self.find_at(text, 0, false)?.is_some())
    }

    /// The first match.
    ///
    /// # Errors
    ///
    /// As [`Regex::find_at`].
    pub fn find(&mut self, text: &[u8]) -> Result<Option<Range<usize>>, Error> {
        self.find_at(text, 0, false)
    }

    /// All matches that do not overlap, as Python 3.7 and later finds them: after a
    /// match the search goes on at its end, where an empty match counts only after
    /// a match that was not empty.
    ///
    /// Each search is linear for patterns of automata, all together need not be:
    /// the steps of all are counted together.
    ///
    /// # Errors
    ///
    /// As [`Regex::find_at`]; what was found before is lost.
    #[inline(never)]
    pub fn find_all(&mut self, text: &[u8]) -> Result<Vec<Range<usize>>, Error> {
        let mut budget = Budget::of(text.len());
        let mut all = Vec::new();
        let (mut at, mut not_empty) = (0, false);
        while let Some(found) = self.find_within(text, at, not_empty, &mut budget)? {
            at = found.end;
            not_empty = found.is_empty();
            all.push(found);
            if not_empty && at == text.len() {
                break;
            }
        }
        Ok(all)
    }

    /// Replaces the first match by a template; the text itself when there is none.
    ///
    /// # Errors
    ///
    /// What is wrong with the template, also when nothing matches; then as
    /// [`Regex::find_at`].
    #[inline(never)]
    pub fn replace_first(&mut self, text: &[u8], template: &[u8]) -> Result<Vec<u8>, Error> {
        let template = Template::parse(template, self)?;
        self.replace_first_by(text, &template)
    }

    /// Replaces the first match by a template of this pattern.
    ///
    /// # Errors
    ///
    /// As [`Regex::find_at`].
    #[inline(never)]
    pub fn replace_first_by(&mut self, text: &[u8], template: &Template) -> Result<Vec<u8>, Error> {
        let groups = if template.has_groups() {
            self.captures(text)?
        } else {
            self.find(text)?.map(|found| alloc::vec![Some(found)])
        };
        let mut out = Vec::new();
        match groups.as_deref() {
            Some([Some(whole), ..]) => {
                out.extend_from_slice(&text[..whole.start]);
                template.expand(text, groups.as_deref().unwrap_or(&[]), &mut out);
                out.extend_from_slice(&text[whole.end..]);
            }
            _ => out.extend_from_slice(text),
        }
        Ok(out)
    }
}
