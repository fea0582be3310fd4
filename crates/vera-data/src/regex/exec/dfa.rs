//! The lazy automaton.
//!
//! A state is a list of places in the program, in order of preference, before
//! their empty moves, with the symbol that was read last where assertions look at
//! it. A step makes the empty moves, when the symbols on both sides are known,
//! and then takes the symbol; so a match is noticed one symbol late, and all
//! assertions cost nothing while the automaton runs.
//!
//! Sources: Thompson (1968); Cox, "Regular Expression Matching in the Wild"
//! (2010) for states made on demand and forgotten when they are too many.

use alloc::vec;
use alloc::vec::Vec;

use super::alphabet::Alphabet;
use super::prefilter::Prefilter;
use super::{Budget, Search};
use crate::regex::ast::Assert;
use crate::regex::error::Error;
use crate::regex::index::{Index, hash};
use crate::regex::program::{Around, Inst, Pc, Program};
use crate::regex::set::Set;
use crate::regex::text;

/// When the table of steps (words) or the lists of places are longer, all states
/// are forgotten.
const MOST: usize = 1 << 20;

/// No state: a step not made yet.
const UNKNOWN: u32 = 0;
const DEAD: u32 = 1;

/// A step is `state << 2 | SPECIAL | MATCHED`.
const MATCHED: u32 = 1;
/// The state is dead, or one at which candidates can be looked for.
const SPECIAL: u32 = 2;

/// What a state is, besides its places.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Kind {
    /// The symbol read before, or 0 where that does not matter.
    context: u16,
    /// A match may still start here.
    searching: bool,
    /// An empty match here does not count.
    not_empty: bool,
}

struct State {
    first: u32,
    count: u32,
    kind: Kind,
}

/// The pattern's parts that a step needs.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'a> {
    pub(crate) program: &'a Program,
    pub(crate) sets: &'a [Set],
    pub(crate) alphabet: &'a Alphabet,
}

/// States of one program in one direction.
pub(crate) struct Dfa {
    backward: bool,
    /// Assertions look at what was read before.
    looks_back: bool,
    stops: bool,
    width: usize,
    steps: Vec<u32>,
    states: Vec<State>,
    places: Vec<Pc>,
    index: Index,
    seen: Vec<u32>,
    taken: Vec<u32>,
    mark: u32,
    stack: Vec<Pc>,
    list: Vec<Pc>,
    /// Visits of instructions not yet paid for.
    visits: u64,
    /// As in [`super::visits_per_step`].
    visits_per_step: u64,
    clearings: u64,
}

/// Visits after which they are paid for, in the middle of a search.
const MANY_VISITS: u64 = 1 << 16;

impl Dfa {
    /// An automaton without states; `stops`: it stops where candidates can be looked for.
    pub(crate) fn new(parts: Parts, backward: bool, stops: bool) -> Self {
        let looks_back = parts.program.insts.iter().any(|inst| {
            let Inst::Assert { assert, .. } = inst else { return false };
            match assert {
                Assert::Start | Assert::LineStart | Assert::Before { .. } => !backward,
                Assert::End | Assert::LastEnd | Assert::LineEnd | Assert::Next { .. } => backward,
                Assert::Word { .. } => true,
            }
        });
        let length = parts.program.insts.len();
        let mut dfa = Self {
            backward,
            looks_back,
            stops,
            width: parts.alphabet.len(),
            steps: Vec::new(),
            states: Vec::new(),
            places: Vec::new(),
            index: Index::default(),
            seen: vec![0; length],
            taken: vec![0; length],
            mark: 0,
            stack: Vec::new(),
            list: Vec::new(),
            visits: 0,
            visits_per_step: super::visits_per_step(length),
            clearings: 0,
        };
        dfa.clear();
        dfa
    }

    fn clear(&mut self) {
        self.clearings += 1;
        self.steps.clear();
        self.states.clear();
        self.places.clear();
        self.index.clear();
        for _ in [UNKNOWN, DEAD] {
            let kind = Kind { context: 0, searching: false, not_empty: false };
            self.states.push(State { first: 0, count: 0, kind });
        }
        self.steps.resize(2 * self.width, DEAD << 2 | SPECIAL);
    }

    /// The state of `self.list`.
    fn state(&mut self, kind: Kind) -> u32 {
        if self.list.is_empty() && !kind.searching {
            return DEAD;
        }
        let bits = u32::from(kind.context) << 2
            | u32::from(kind.searching) << 1
            | u32::from(kind.not_empty);
        let hash = hash(self.list.iter().copied().chain([bits]));
        let known = self.index.find(hash, |id| {
            let state = &self.states[id as usize];
            state.kind == kind
                && self.places[state.first as usize..(state.first + state.count) as usize]
                    == self.list[..]
        });
        if let Some(id) = known {
            return id;
        }
        if self.steps.len() > MOST || self.places.len() > MOST {
            self.clear();
        }
        let id = self.states.len() as u32;
        let first = self.places.len() as u32;
        self.places.extend_from_slice(&self.list);
        self.states.push(State { first, count: self.list.len() as u32, kind });
        self.steps.resize(self.steps.len() + self.width, UNKNOWN);
        self.index.insert(hash, id);
        id
    }

    fn start(&mut self, context: usize, kind: Kind, from: Option<Pc>) -> u32 {
        let context = if self.looks_back { context as u16 } else { 0 };
        self.list.clear();
        self.list.extend(from);
        self.state(Kind { context, ..kind })
    }

    /// Makes the step from a state by a symbol.
    fn step(&mut self, parts: Parts, from: u32, symbol: usize) -> u32 {
        let State { first, count, kind } = self.states[from as usize];
        let (c, is_last) = parts.alphabet.member(symbol);
        let around = if self.looks_back {
            let (other, other_last) = parts.alphabet.member(kind.context as usize);
            if self.backward {
                Around { left: c, right: other, last: other_last }
            } else {
                Around { left: other, right: c, last: is_last }
            }
        } else if self.backward {
            Around { left: c, right: 0, last: false }
        } else {
            Around { left: 0, right: c, last: is_last }
        };
        self.mark = self.mark.wrapping_add(1);
        self.list.clear();
        let mut matched = false;
        for i in first..first + count {
            let place = self.places[i as usize];
            matched |= self.follow(parts, place, c, around, kind.not_empty);
            if matched && !self.backward {
                break;
            }
        }
        if kind.searching && !matched {
            matched = self.follow(parts, parts.program.start, c, around, kind.not_empty);
        }
        let searching = kind.searching && !matched;
        let context = if self.looks_back { symbol as u16 } else { 0 };
        // A clearing in `state` forgets `from`, too.
        let clearings = self.clearings;
        let to = self.state(Kind { context, searching, not_empty: false });
        let pauses = to == DEAD || self.stops && searching && self.list.is_empty();
        let step = to << 2 | if pauses { SPECIAL } else { 0 } | if matched { MATCHED } else { 0 };
        if self.clearings == clearings {
            self.steps[from as usize * self.width + symbol] = step;
        }
        step
    }

    /// Follows the empty moves from a place, then the symbol; whether a match ends here.
    fn follow(&mut self, parts: Parts, from: Pc, c: u32, around: Around, not_empty: bool) -> bool {
        let mut matched = false;
        self.stack.clear();
        self.stack.push(from);
        while let Some(pc) = self.stack.pop() {
            self.visits += 1;
            if core::mem::replace(&mut self.seen[pc as usize], self.mark) == self.mark {
                continue;
            }
            let next = match parts.program.insts[pc as usize] {
                Inst::Match if not_empty => continue,
                Inst::Match if self.backward => {
                    matched = true;
                    continue;
                }
                Inst::Match => return true,
                Inst::Char { c: wanted, next } if wanted == c => next,
                Inst::Set { set, next } if parts.sets[set as usize].has(c) => next,
                Inst::Split { first, second } => {
                    self.stack.push(second);
                    self.stack.push(first);
                    continue;
                }
                Inst::Save { next, .. } => {
                    self.stack.push(next);
                    continue;
                }
                Inst::Assert { assert, next } => {
                    if around.holds(assert, parts.sets) {
                        self.stack.push(next);
                    }
                    continue;
                }
                _ => continue,
            };
            if core::mem::replace(&mut self.taken[next as usize], self.mark) != self.mark {
                self.list.push(next);
            }
        }
        matched
    }

    fn pay(&mut self, bytes: usize, budget: &mut Budget) -> Result<(), Error> {
        let visits = core::mem::take(&mut self.visits);
        budget.spend(bytes as u64 + visits / self.visits_per_step)
    }

    /// The end of the first match.
    pub(crate) fn find_end(
        &mut self,
        parts: Parts,
        prefilter: &Prefilter,
        search: Search,
        budget: &mut Budget,
    ) -> Result<Option<usize>, Error> {
        let text = search.text;
        let kind = Kind { context: 0, searching: !search.anchored, not_empty: search.not_empty };
        let from = search.anchored.then_some(parts.program.start);
        let mut at = search.start;
        let mut memory = (0, 0);
        let mut found = None;
        let mut paid = at;
        // Where single bytes can be read without a thought of the end.
        let plain = text.len() - usize::from(text.last() == Some(&10));
        let mut fresh = self.stops && !search.anchored;
        let mut state = self.start(self.before(parts, text, at), kind, from);
        loop {
            if fresh {
                // Nothing is under way: go to the next candidate.
                let Some(candidate) = prefilter.candidate(text, at, &mut memory) else {
                    self.pay((text.len() - paid) / 8, budget)?;
                    return Ok(None);
                };
                if candidate != at {
                    at = candidate;
                    let kind = Kind { not_empty: false, ..kind };
                    state = self.start(self.before(parts, text, at), kind, None);
                }
                fresh = false;
            }
            if at >= plain {
                let (c, length) = text::next(text, at);
                let symbol = parts.alphabet.symbol(c, at + length == text.len());
                let step = self.take(parts, state, symbol, budget)?;
                if step & MATCHED != 0 {
                    found = Some(at);
                }
                state = step >> 2;
                if length == 0 || state == DEAD {
                    break;
                }
                at += length;
                continue;
            }
            let byte = text[at];
            let (symbol, length) = if byte < 0x80 {
                (parts.alphabet.ascii(byte), 1)
            } else {
                let (c, length) = text::next(text, at);
                (parts.alphabet.symbol(c, false), length)
            };
            let step = self.take(parts, state, symbol, budget)?;
            state = step >> 2;
            if step & (MATCHED | SPECIAL) != 0 {
                if step & MATCHED != 0 {
                    found = Some(at);
                }
                if state == DEAD {
                    break;
                }
                fresh = step & SPECIAL != 0;
            }
            at += length;
            if at - paid > 1 << 16 {
                self.pay(at - paid, budget)?;
                paid = at;
            }
        }
        self.pay(at.saturating_sub(paid), budget)?;
        Ok(found)
    }

    /// The leftmost start, not before `low`, of a match that ends at `end`.
    pub(crate) fn find_start(
        &mut self,
        parts: Parts,
        text: &[u8],
        low: usize,
        end: usize,
        budget: &mut Budget,
    ) -> Result<usize, Error> {
        let kind = Kind { context: 0, searching: false, not_empty: false };
        let (c, length) = text::next(text, end);
        let context = parts.alphabet.symbol(c, end + length == text.len());
        let mut state = self.start(context, kind, Some(parts.program.start));
        let (mut at, mut found) = (end, end);
        loop {
            let (c, length) = text::previous(text, at);
            let symbol = parts.alphabet.symbol(c, at == text.len());
            let step = self.take(parts, state, symbol, budget)?;
            state = step >> 2;
            if step & MATCHED != 0 {
                found = at;
            }
            if state == DEAD || at == low {
                break;
            }
            at -= length;
        }
        self.pay(end - at, budget)?;
        Ok(found)
    }

    #[inline]
    fn take(
        &mut self,
        parts: Parts,
        state: u32,
        symbol: usize,
        budget: &mut Budget,
    ) -> Result<u32, Error> {
        let step = self.steps[state as usize * self.width + symbol];
        if step != UNKNOWN {
            return Ok(step);
        }
        if self.visits > MANY_VISITS {
            self.pay(0, budget)?;
        }
        Ok(self.step(parts, state, symbol))
    }

    /// The symbol before a place.
    fn before(&self, parts: Parts, text: &[u8], at: usize) -> usize {
        if self.looks_back { parts.alphabet.symbol(text::previous(text, at).0, false) } else { 0 }
    }
}
