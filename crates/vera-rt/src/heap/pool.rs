//! The pool of block runs: where blocks come from and go to.
//!
//! Free runs are kept in lists by the power of two of their length
//! (segregated fits; Jones, Hosking, Moss: *The Garbage Collection Handbook*,
//! chapter 7). They are linked through their own headers, so there is no table.
//! Neighbours are joined when the sweep walks all runs in address order.
//!
//! Memory comes in *extents*, one for each stretch the engine hands out; a grow
//! that continues the last extent lengthens it. Someone else growing the same
//! memory therefore does no harm.

use super::block::{self, BLOCK, State};
use crate::memory::{Memory, PAGE};

/// Lists of free runs: list `i` holds runs of `2^i` to `2^(i+1) - 1` blocks.
const LISTS: usize = 18;
/// Blocks obtained from the engine at once, at least.
const MIN_GROWTH: u32 = 32;
/// Runs looked at in the list that may hold too short ones.
const TRIES: u32 = 16;

/// Block runs, free and in use.
pub struct Pool {
    /// The memory the blocks are in.
    pub mem: Memory,
    free: [u32; LISTS],
    first_extent: u32,
    last_extent: u32,
    /// Blocks obtained from the engine.
    reserved: u32,
    in_use: u32,
    high_water: u32,
}

fn list_of(blocks: u32) -> usize {
    (31 - blocks.leading_zeros()) as usize
}

impl Pool {
    /// A pool without blocks.
    pub const fn new(mem: Memory) -> Pool {
        Pool {
            mem,
            free: [0; LISTS],
            first_extent: 0,
            last_extent: 0,
            reserved: 0,
            in_use: 0,
            high_water: 0,
        }
    }

    /// Bytes of all blocks in use at most so far.
    pub fn high_water(&self) -> u64 {
        u64::from(self.high_water) * u64::from(BLOCK)
    }

    /// A run of `blocks` blocks, the shortest that is easily found, or `None`
    /// when memory cannot grow. The caller formats it.
    pub fn take(&mut self, blocks: u32, state: State) -> Option<u32> {
        let block = match self.unlink(blocks) {
            0 => {
                self.grow(blocks)?;
                self.unlink(blocks)
            }
            block => block,
        };
        let have = block::run(&self.mem, block);
        if have > blocks {
            self.add_free(block + blocks * BLOCK, have - blocks);
        }
        block::set_state(&mut self.mem, block, state as u32);
        block::set_run(&mut self.mem, block, blocks);
        self.in_use += blocks;
        self.high_water = self.high_water.max(self.in_use);
        Some(block)
    }

    /// Lengthens the run in use at `block` to `blocks` blocks, if what lies behind
    /// it is free or not obtained yet; whether it is that long now.
    pub fn lengthen(&mut self, block: u32, blocks: u32) -> bool {
        let mut have = block::run(&self.mem, block);
        while have < blocks {
            let behind = block + have * BLOCK;
            if self.is_end(self.last_extent, behind) && self.grow(blocks - have).is_none() {
                return false;
            }
            let free = !self.ends_an_extent(behind)
                && block::state(&self.mem, behind) == State::Free as u32;
            if !free || !self.remove(behind) {
                return false;
            }
            let found = block::run(&self.mem, behind);
            let taken = found.min(blocks - have);
            if taken < found {
                self.add_free(behind + taken * BLOCK, found - taken);
            }
            have += taken;
            block::set_run(&mut self.mem, block, have);
            self.in_use += taken;
            self.high_water = self.high_water.max(self.in_use);
        }
        true
    }

    fn is_end(&self, extent: u32, address: u32) -> bool {
        extent != 0 && block::extent_end(&self.mem, extent) == address
    }

    fn ends_an_extent(&self, address: u32) -> bool {
        let mut extent = self.first_extent;
        while extent != 0 && !self.is_end(extent, address) {
            extent = block::extent_next(&self.mem, extent);
        }
        extent != 0
    }

    /// Removes this free run from its list, if it is among the first there.
    fn remove(&mut self, run: u32) -> bool {
        let Some(head) = self.free.get_mut(list_of(block::run(&self.mem, run))) else {
            return false;
        };
        let after = block::next(&self.mem, run);
        let mut at = *head;
        if at == run {
            *head = after;
            return true;
        }
        for _ in 0..TRIES {
            if at == 0 {
                return false;
            }
            let next = block::next(&self.mem, at);
            if next == run {
                block::set_next(&mut self.mem, at, after);
                return true;
            }
            at = next;
        }
        false
    }

    /// Whether `blocks` single blocks can be taken, perhaps after memory has grown.
    pub fn can_take(&mut self, blocks: u32) -> bool {
        let free = self.reserved - self.in_use;
        free >= blocks || self.grow(blocks - free).is_some()
    }

    /// Takes back the run of `blocks` blocks at `block`.
    pub fn give(&mut self, block: u32, blocks: u32) {
        self.in_use -= blocks;
        self.add_free(block, blocks);
    }

    /// Removes a run of at least `blocks` blocks from its list; 0 if there is none.
    fn unlink(&mut self, blocks: u32) -> u32 {
        let mut list = list_of(blocks);
        let mut before = 0;
        let mut tries = TRIES;
        while let Some(&head) = self.free.get(list) {
            let candidate = if before == 0 { head } else { block::next(&self.mem, before) };
            if candidate == 0 || tries == 0 {
                (list, before, tries) = (list + 1, 0, TRIES);
            } else if block::run(&self.mem, candidate) >= blocks {
                let after = block::next(&self.mem, candidate);
                match self.free.get_mut(list) {
                    Some(head) if before == 0 => *head = after,
                    _ => block::set_next(&mut self.mem, before, after),
                }
                return candidate;
            } else {
                (before, tries) = (candidate, tries - 1);
            }
        }
        0
    }

    /// Enters a free run into its list.
    pub fn add_free(&mut self, block: u32, blocks: u32) {
        block::set_state(&mut self.mem, block, State::Free as u32);
        block::set_run(&mut self.mem, block, blocks);
        if let Some(head) = self.free.get_mut(list_of(blocks)) {
            block::set_next(&mut self.mem, block, *head);
            *head = block;
        }
    }

    /// Forgets every free run; the sweep enters them again, joined.
    pub fn clear_free(&mut self) {
        self.free = [0; LISTS];
    }

    /// Obtains at least `blocks` blocks: an eighth of what we have, if the
    /// engine allows it, otherwise what it does allow.
    fn grow(&mut self, blocks: u32) -> Option<()> {
        const PER_PAGE: u32 = PAGE / BLOCK;
        let need = blocks.div_ceil(PER_PAGE);
        let wish = blocks.max(self.reserved / 8).max(MIN_GROWTH);
        // Whole multiples, so that runs of this length leave no rest.
        let mut pages = (wish - wish % blocks).div_ceil(PER_PAGE);
        let start = loop {
            match self.mem.grow(pages) {
                Some(start) => break start,
                None if pages <= need => return None,
                None => pages = need.max(pages / 2),
            }
        };
        // The last block of the address space stays unused, so that an address
        // behind a block never wraps to 0.
        let end = (u64::from(start) + u64::from(pages) * u64::from(PAGE))
            .min(u64::from(0u32.wrapping_sub(BLOCK))) as u32;
        let got = (end - start) / BLOCK;
        self.reserved += got;
        if self.last_extent != 0 && block::extent_end(&self.mem, self.last_extent) == start {
            block::set_extent_end(&mut self.mem, self.last_extent, end);
        } else {
            match self.last_extent {
                0 => self.first_extent = start,
                last => block::set_extent_next(&mut self.mem, last, start),
            }
            block::set_extent_end(&mut self.mem, start, end);
            block::set_extent_next(&mut self.mem, start, 0);
            self.last_extent = start;
        }
        self.add_free(start, got);
        (got >= blocks).then_some(())
    }

    /// All runs in address order.
    pub fn walk(&self) -> Walk {
        Walk { extent: self.first_extent, at: self.first_extent }
    }

    /// Blocks in use.
    pub fn in_use(&self) -> u32 {
        self.in_use
    }

    /// Records that the sweep turned `blocks` blocks into free ones.
    pub fn freed(&mut self, blocks: u32) {
        self.in_use -= blocks;
    }
}

/// A walk over all runs. It reads a run's length only when it steps past it.
pub struct Walk {
    extent: u32,
    at: u32,
}

/// What a [`Walk`] meets.
pub enum Step {
    /// A run of this many blocks.
    Run(u32, u32),
    /// The end of an extent: the next run is not a neighbour.
    Gap,
}

impl Walk {
    /// The next run, or `None` behind the last.
    pub fn next(&mut self, mem: &Memory) -> Option<Step> {
        if self.extent == 0 {
            return None;
        }
        if self.at == block::extent_end(mem, self.extent) {
            self.extent = block::extent_next(mem, self.extent);
            self.at = self.extent;
            return Some(Step::Gap);
        }
        let (block, blocks) = (self.at, block::run(mem, self.at));
        self.at += blocks * BLOCK;
        Some(Step::Run(block, blocks))
    }
}
