//! Backtracking with a stack of our own, for what automata cannot do.
//!
//! The stack holds ways not yet tried and what to restore on the way back.
//! Look-around and atomic groups leave a barrier; when their body ends, the ways
//! above it are forgotten but what must be restored stays. Time can be
//! exponential in the pattern; the budget ends it.

use alloc::vec;
use alloc::vec::Vec;

use super::pike::UNSET;
use super::prefilter::Prefilter;
use super::{Budget, Search};
use crate::regex::ast::Fold;
use crate::regex::error::Error;
use crate::regex::program::{Around, Inst, Pc, Program};
use crate::regex::set::Set;
use crate::regex::text::{self, EDGE};

/// The stack's greatest length (about 100 MB).
const DEEPEST: usize = 1 << 22;

#[derive(Clone, Copy)]
enum Entry {
    /// Go on here.
    Way {
        pc: Pc,
        at: usize,
    },
    /// Go on here, at `at` and then one character less each time, down to `low`.
    Run {
        pc: Pc,
        low: usize,
        at: usize,
    },
    Restore {
        slot: u32,
        old: usize,
    },
    /// The look-around instruction that started at `at`.
    Look {
        pc: Pc,
        at: usize,
    },
    Atomic,
}

/// [`search`], as a value.
pub(crate) type Engine = fn(
    &Program,
    &[Set],
    u32,
    &Prefilter,
    fn(u32) -> u32,
    Search,
    &mut Budget,
) -> Result<Option<Vec<usize>>, Error>;

/// The first match with its slots.
pub(crate) fn search(
    program: &Program,
    sets: &[Set],
    groups: u32,
    prefilter: &Prefilter,
    lower: fn(u32) -> u32,
    search: Search,
    budget: &mut Budget,
) -> Result<Option<Vec<usize>>, Error> {
    let mut machine = Machine {
        program,
        sets,
        text: search.text,
        lower,
        slots: vec![UNSET; 2 * groups as usize],
        stack: Vec::new(),
        barriers: Vec::new(),
    };
    let mut at = search.start;
    loop {
        if !search.anchored && prefilter.is_useful() {
            let Some(candidate) = prefilter.candidate(search.text, at, &mut (0, 0)) else {
                return Ok(None);
            };
            budget.spend((candidate - at) as u64 / 8)?;
            at = candidate;
        }
        if machine.run(at, search.not_empty.then_some(search.start), budget)? {
            return Ok(Some(machine.slots));
        }
        let (c, length) = text::next(search.text, at);
        if c == EDGE || search.anchored {
            return Ok(None);
        }
        at += length;
    }
}

struct Machine<'a> {
    program: &'a Program,
    sets: &'a [Set],
    text: &'a [u8],
    lower: fn(u32) -> u32,
    slots: Vec<usize>,
    stack: Vec<Entry>,
    /// Where in the stack the barriers of open bodies stand.
    barriers: Vec<usize>,
}

impl Machine<'_> {
    /// Whether a match starts here that does not end at `forbidden`.
    fn run(
        &mut self,
        start: usize,
        forbidden: Option<usize>,
        budget: &mut Budget,
    ) -> Result<bool, Error> {
        budget.spend(self.slots.len() as u64 / 8)?;
        self.slots.fill(UNSET);
        self.stack.clear();
        self.barriers.clear();
        let mut place = Some((self.program.start, start));
        while let Some((pc, at)) = place {
            budget.spend(1)?;
            if self.stack.len() > DEEPEST {
                budget.spend(u64::MAX)?;
            }
            if matches!(self.program.insts[pc as usize], Inst::Match) && forbidden != Some(at) {
                self.slots[0] = start;
                self.slots[1] = at;
                return Ok(true);
            }
            place = match self.step(pc, at, budget)? {
                None => self.back(),
                further => further,
            };
        }
        Ok(false)
    }

    /// The next way not yet tried.
    fn back(&mut self) -> Option<(Pc, usize)> {
        loop {
            match self.stack.pop()? {
                Entry::Way { pc, at } => return Some((pc, at)),
                Entry::Run { pc, low, at } => {
                    if at > low {
                        let before = at - text::previous(self.text, at).1;
                        self.stack.push(Entry::Run { pc, low, at: before });
                    }
                    return Some((pc, at));
                }
                Entry::Restore { slot, old } => self.slots[slot as usize] = old,
                Entry::Atomic => {
                    self.barriers.pop();
                }
                Entry::Look { pc, at } => {
                    self.barriers.pop();
                    if let Inst::Look { negative: true, next, .. } = self.program.insts[pc as usize]
                    {
                        return Some((next, at));
                    }
                }
            }
        }
    }

    fn step(
        &mut self,
        pc: Pc,
        at: usize,
        budget: &mut Budget,
    ) -> Result<Option<(Pc, usize)>, Error> {
        Ok(match self.program.insts[pc as usize] {
            Inst::Match => None,
            Inst::Char { c, next } => {
                let (right, length) = text::next(self.text, at);
                (right == c).then_some((next, at + length))
            }
            Inst::Set { set, next } => {
                let (right, length) = text::next(self.text, at);
                self.sets[set as usize].has(right).then_some((next, at + length))
            }
            Inst::Split { first, second } => {
                if let Some(place) = self.run_of_one(pc, first, second, at, budget)? {
                    return Ok(Some(place));
                }
                self.stack.push(Entry::Way { pc: second, at });
                Some((first, at))
            }
            Inst::Save { slot, next } => {
                let old = core::mem::replace(&mut self.slots[slot as usize], at);
                self.stack.push(Entry::Restore { slot, old });
                Some((next, at))
            }
            Inst::Assert { assert, next } => {
                Around::of(self.text, at).holds(assert, self.sets).then_some((next, at))
            }
            Inst::Atomic { body } => {
                self.barriers.push(self.stack.len());
                self.stack.push(Entry::Atomic);
                Some((body, at))
            }
            Inst::EndAtomic { next } => {
                self.cut(budget)?;
                Some((next, at))
            }
            Inst::Look { body, behind, negative, next } => {
                let mut from = at;
                for _ in 0..behind.unwrap_or(0) {
                    let (c, length) = text::previous(self.text, from);
                    if c == EDGE {
                        return Ok(negative.then_some((next, at)));
                    }
                    from -= length;
                    budget.spend(1)?;
                }
                self.barriers.push(self.stack.len());
                self.stack.push(Entry::Look { pc, at });
                Some((body, from))
            }
            Inst::EndLook => self.end_look(budget)?,
            Inst::BackReference { group, fold, next, empty } => self
                .group(group)
                .and_then(|(low, high)| self.same(low, high, at, fold, budget))
                .transpose()?
                .map(|end| (if end == at { empty } else { next }, end)),
            Inst::Condition { group, yes, no } => {
                Some((if self.group(group).is_some() { yes } else { no }, at))
            }
        })
    }

    /// A greedy loop over single characters runs ahead and leaves one entry.
    fn run_of_one(
        &mut self,
        pc: Pc,
        first: Pc,
        second: Pc,
        at: usize,
        budget: &mut Budget,
    ) -> Result<Option<(Pc, usize)>, Error> {
        let takes = match self.program.insts[first as usize] {
            Inst::Char { c, next } if next == pc => Ok(c),
            Inst::Set { set, next } if next == pc => Err(&self.sets[set as usize]),
            _ => return Ok(None),
        };
        let mut end = at;
        loop {
            let (c, length) = text::next(self.text, end);
            let more = match takes {
                Ok(only) => c == only,
                Err(set) => set.has(c),
            };
            if !more {
                break;
            }
            end += length;
        }
        budget.spend((end - at) as u64 / 4)?;
        if end > at {
            let before = end - text::previous(self.text, end).1;
            self.stack.push(Entry::Run { pc: second, low: at, at: before });
        }
        Ok(Some((second, end)))
    }

    /// The bytes of a group that took part.
    fn group(&self, group: u32) -> Option<(usize, usize)> {
        let low = *self.slots.get(2 * group as usize)?;
        let high = *self.slots.get(2 * group as usize + 1)?;
        (low != UNSET && high != UNSET && low <= high).then_some((low, high))
    }

    /// Where the same characters as in `low..high` end when they follow at `at`.
    fn same(
        &self,
        low: usize,
        high: usize,
        at: usize,
        fold: Fold,
        budget: &mut Budget,
    ) -> Option<Result<usize, Error>> {
        let (mut from, mut to) = (low, at);
        while from < high {
            let (a, a_length) = text::next(self.text, from);
            let (b, b_length) = text::next(self.text, to);
            let equal = b != EDGE
                && match fold {
                    _ if a == b => true,
                    Fold::Exact => false,
                    Fold::Ascii => a < 128 && b < 128 && (a as u8).eq_ignore_ascii_case(&(b as u8)),
                    Fold::Unicode => (self.lower)(a) == (self.lower)(b),
                };
            if !equal {
                return None;
            }
            from += a_length;
            to += b_length;
        }
        Some(budget.spend((high - low) as u64 / 4).map(|()| to))
    }

    /// Forgets the ways above the innermost barrier, and the barrier; its entry.
    fn cut(&mut self, budget: &mut Budget) -> Result<Option<Entry>, Error> {
        let Some(height) = self.barriers.pop() else { return Ok(None) };
        let entry = self.stack.get(height).copied();
        let mut kept = height;
        for i in height + 1..self.stack.len() {
            if let Entry::Restore { .. } = self.stack[i] {
                self.stack[kept] = self.stack[i];
                kept += 1;
            }
        }
        budget.spend((self.stack.len() - height) as u64 / 4)?;
        self.stack.truncate(kept);
        Ok(entry)
    }

    /// The body of a look-around has matched.
    fn end_look(&mut self, budget: &mut Budget) -> Result<Option<(Pc, usize)>, Error> {
        let height = self.barriers.last().copied().unwrap_or(0);
        let Some(Entry::Look { pc, at }) = self.cut(budget)? else { return Ok(None) };
        let Inst::Look { negative, next, .. } = self.program.insts[pc as usize] else {
            return Ok(None);
        };
        if !negative {
            return Ok(Some((next, at)));
        }
        while self.stack.len() > height {
            if let Some(Entry::Restore { slot, old }) = self.stack.pop() {
                self.slots[slot as usize] = old;
            }
        }
        Ok(None)
    }
}
