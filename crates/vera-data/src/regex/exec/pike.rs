//! Simulation of the program on all ways at once, in order of preference.
//!
//! Source: Rob Pike's `sam`; Russ Cox, "Regular Expression Matching: the Virtual
//! Machine Approach" (2009). A thread is an instruction that takes a character,
//! with the groups found on the way; of two threads at one instruction the
//! preferred one lives. Time is text × program, memory program × groups.

use alloc::vec;
use alloc::vec::Vec;

use super::{Budget, Search};
use crate::regex::error::Error;
use crate::regex::program::{Around, Inst, Pc, Program};
use crate::regex::set::Set;
use crate::regex::text;

/// A slot of a group that took no part.
pub(crate) const UNSET: usize = usize::MAX;

/// Threads in order, each with its slots.
#[derive(Default)]
struct Threads {
    pcs: Vec<Pc>,
    slots: Vec<usize>,
}

impl Threads {
    fn clear(&mut self) {
        self.pcs.clear();
        self.slots.clear();
    }
}

enum Visit {
    Go(Pc),
    Restore(u32, usize),
}

/// The first match with its slots (start and end of the whole, then of the groups).
pub(crate) fn search(
    program: &Program,
    sets: &[Set],
    groups: u32,
    search: Search,
    budget: &mut Budget,
) -> Result<Option<Vec<usize>>, Error> {
    let width = 2 * groups as usize;
    let mut vm = Vm {
        program,
        sets,
        width,
        seen: vec![0; program.insts.len()],
        mark: 0,
        stack: Vec::new(),
        slots: vec![UNSET; width],
        visits: 0,
        visits_per_step: super::visits_per_step(program.insts.len()),
    };
    let (mut now, mut then) = (Threads::default(), Threads::default());
    let mut found: Option<Vec<usize>> = None;
    let mut at = search.start;
    loop {
        let around = Around::of(search.text, at);
        // Threads hold places before their empty moves: those are made here,
        // where both neighbours are known.
        vm.mark += 1;
        then.clear();
        let mut matched = false;
        for i in 0..now.pcs.len() {
            vm.slots.copy_from_slice(&now.slots[i * width..(i + 1) * width]);
            if vm.follow(now.pcs[i], at, around, search.not_empty && at == search.start, &mut then)
            {
                matched = true;
                break;
            }
        }
        if !matched && found.is_none() && (at == search.start || !search.anchored) {
            vm.slots.fill(UNSET);
            vm.slots[0] = at;
            matched = vm.follow(
                program.start,
                at,
                around,
                search.not_empty && at == search.start,
                &mut then,
            );
        }
        if matched {
            vm.slots[1] = at;
            found = Some(vm.slots.clone());
        }
        budget.spend(1 + vm.visits / vm.visits_per_step)?;
        vm.visits = 0;
        core::mem::swap(&mut now, &mut then);
        let over = now.pcs.is_empty() && (found.is_some() || search.anchored);
        if around.right == text::EDGE || over {
            return Ok(found);
        }
        at += text::next(search.text, at).1;
    }
}

struct Vm<'a> {
    program: &'a Program,
    sets: &'a [Set],
    width: usize,
    /// The mark of the place at which an instruction was last visited.
    seen: Vec<u32>,
    mark: u32,
    stack: Vec<Visit>,
    slots: Vec<usize>,
    /// Visits of instructions, and slots copied, eight as one.
    visits: u64,
    visits_per_step: u64,
}

impl Vm<'_> {
    /// Follows the empty moves from an instruction and takes the character on the
    /// right; true when a match ends here, with its slots in `self.slots`.
    fn follow(
        &mut self,
        from: Pc,
        at: usize,
        around: Around,
        not_empty: bool,
        then: &mut Threads,
    ) -> bool {
        self.stack.clear();
        self.stack.push(Visit::Go(from));
        while let Some(visit) = self.stack.pop() {
            let pc = match visit {
                Visit::Restore(slot, old) => {
                    self.slots[slot as usize] = old;
                    continue;
                }
                Visit::Go(pc) => pc,
            };
            self.visits += 1;
            if core::mem::replace(&mut self.seen[pc as usize], self.mark) == self.mark {
                continue;
            }
            match self.program.insts[pc as usize] {
                Inst::Match if not_empty => {}
                Inst::Match => return true,
                Inst::Char { c, next } if c == around.right => self.take(next, then),
                Inst::Set { set, next } if self.sets[set as usize].has(around.right) => {
                    self.take(next, then)
                }
                Inst::Split { first, second } => {
                    self.stack.push(Visit::Go(second));
                    self.stack.push(Visit::Go(first));
                }
                Inst::Save { slot, next } => {
                    if let Some(place) = self.slots.get_mut(slot as usize) {
                        self.stack.push(Visit::Restore(slot, *place));
                        *place = at;
                    }
                    self.stack.push(Visit::Go(next));
                }
                Inst::Assert { assert, next } if around.holds(assert, self.sets) => {
                    self.stack.push(Visit::Go(next));
                }
                // The way ends; other instructions are not in programs for this engine.
                _ => {}
            }
        }
        false
    }

    fn take(&mut self, next: Pc, then: &mut Threads) {
        self.visits += self.width as u64 / 8;
        then.pcs.push(next);
        then.slots.extend_from_slice(&self.slots[..self.width]);
    }
}
