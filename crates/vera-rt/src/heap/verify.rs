//! The heap verifier: walks everything and checks what the collector relies on.
//!
//! Native only; tests call it after collections.

use super::Heap;
use super::block::{self, BLOCK, MARKS, State, first_cell};
use super::pool::Step;
use crate::memory::Ref;
use std::format;
use std::string::String;
use std::vec::Vec;
use vera_abi::layout::{BUILDING, HEADER_SIZE, Kind, SEQ_ELEMENTS, SEQ_USED, SPLIT_SHIFT};

impl Heap {
    /// The marked objects in address order: right after a full collection, the
    /// reachable ones.
    pub fn marked_objects(&self) -> Vec<Ref> {
        let mut found = Vec::new();
        let mut walk = self.pool.walk();
        while let Some(step) = walk.next(self.mem()) {
            let Step::Run(block, _) = step else { continue };
            let state = block::state(self.mem(), block);
            if state == State::Small as u32 {
                let end = block::end(self.mem(), block);
                let mut at = block::next_marked(self.mem(), first_cell(block), end);
                while at < end {
                    found.push(at);
                    at = block::next_marked(self.mem(), at + 8, end);
                }
            } else if state == State::Large as u32 && self.is_old(first_cell(block)) {
                found.push(first_cell(block));
            }
        }
        found
    }

    /// The heap references an object holds.
    pub fn references(&self, object: Ref) -> Vec<Ref> {
        let (word0, word1) = (self.mem().u32(object), self.mem().u32(object + 4));
        let offsets: Vec<u32> = match Kind::of_word0(word0) {
            Some(Kind::Fixed) => {
                (0..32).filter(|i| word1 >> i & 1 != 0).map(|i| HEADER_SIZE + 4 * i).collect()
            }
            Some(Kind::Wide) => (0..self.mem().u32(word1))
                .filter(|i| self.mem().u32(word1 + 4 + i / 32 * 4) >> (i % 32) & 1 != 0)
                .map(|i| HEADER_SIZE + 4 * i)
                .collect(),
            Some(Kind::SeqRef) => {
                let used = self.mem().u32(object + SEQ_USED);
                (SEQ_ELEMENTS..SEQ_ELEMENTS + used).step_by(4).collect()
            }
            Some(Kind::Split) => {
                let first = HEADER_SIZE + 4 * (word1 & ((1 << SPLIT_SHIFT) - 1));
                (0..word1 >> SPLIT_SHIFT).map(|i| first + 4 * i).collect()
            }
            Some(Kind::SeqRaw) | None => Vec::new(),
        };
        let values = offsets.into_iter().map(|at| self.mem().u32(object + at));
        values.filter(|&r| self.is_heap(r)).collect()
    }

    /// Checks the block headers, the free lists' sum, and, which holds right
    /// after a collection, that marked objects are well formed and refer to
    /// marked objects only.
    ///
    /// # Errors
    /// A description of the first breach.
    pub fn verify(&self) -> Result<(), String> {
        let (mut in_use, mut after_free) = (0, false);
        let mut walk = self.pool.walk();
        while let Some(step) = walk.next(self.mem()) {
            let Step::Run(block, blocks) = step else {
                after_free = false;
                continue;
            };
            if block % BLOCK != 0 || blocks == 0 {
                return Err(format!("run {block:#x} of {blocks} blocks"));
            }
            let state = block::state(self.mem(), block);
            let is_free = state == State::Free as u32;
            if is_free && after_free {
                return Err(format!("free run {block:#x} is not joined with its neighbour"));
            }
            after_free = is_free;
            if !is_free {
                in_use += blocks;
            }
            if state == State::Small as u32 {
                self.verify_small(block)?;
            } else if !(1..=4).contains(&state) {
                return Err(format!("block {block:#x} has state {state}"));
            }
        }
        if in_use != self.pool.in_use() {
            return Err(format!("{in_use} blocks in use, {} counted", self.pool.in_use()));
        }
        for object in self.marked_objects() {
            self.verify_object(object)?;
        }
        Ok(())
    }

    fn verify_small(&self, block: u32) -> Result<(), String> {
        let mem = self.mem();
        let class = block::class(mem, block) as usize;
        let cell = block::cell_size(class);
        let (first, end) = (first_cell(block), block::end(mem, block));
        if end != first + block::cells(mem, block) * cell || end > block + BLOCK {
            return Err(format!("block {block:#x} of class {class} ends at {end:#x}"));
        }
        for at in (block..block + MARKS * 64).step_by(8) {
            let is_cell = at >= first && at < end && (at - first).is_multiple_of(cell);
            if at < block + BLOCK && block::is_marked(mem, at) && !is_cell {
                return Err(format!("mark at {at:#x}, not a cell of {cell} bytes"));
            }
        }
        Ok(())
    }

    fn verify_object(&self, object: Ref) -> Result<(), String> {
        let word0 = self.mem().u32(object);
        let kind = Kind::of_word0(word0);
        if kind.is_none() || (word0 & BUILDING != 0 && kind != Some(Kind::SeqRef)) {
            return Err(format!("object {object:#x} has header {word0:#x}"));
        }
        if matches!(kind, Some(Kind::SeqRaw | Kind::SeqRef)) {
            let (used, capacity) = (self.mem().u32(object + SEQ_USED), self.mem().u32(object + 4));
            if used > capacity {
                return Err(format!("owner {object:#x} uses {used} of {capacity} bytes"));
            }
        }
        match self.references(object).into_iter().find(|&r| r % 8 != 0 || !self.is_old(r)) {
            Some(r) => Err(format!("object {object:#x} refers to {r:#x}, which is not live")),
            None => Ok(()),
        }
    }
}
