//! Sweeping, the lazy part and the eager part.
//!
//! After marking, one walk over the block headers frees dead large objects and
//! empty blocks, joins free neighbours, and lists for each size class the
//! blocks with room. No cell is touched: free cells are found later, when an
//! allocation asks for them, as the stretches between mark bits (lazy sweep;
//! *The Garbage Collection Handbook*, chapter 2.5).

use super::block::{self, BLOCK, BLOCK_HEADER, MARKS, State, cell_size, first_cell};
use super::pool::{Pool, Step};
use vera_abi::layout::SIZE_CLASSES;

/// Byte that fills freed memory in eager mode.
pub const POISON: u8 = 0xdb;

/// Where allocation in one size class stands.
#[derive(Clone, Copy)]
pub struct Class {
    /// Blocks with room, not yet looked at.
    blocks: u32,
    /// Next cell to look at in the current block.
    at: u32,
    /// Behind the last cell of the current block.
    end: u32,
}

/// The size classes.
pub type Classes = [Class; SIZE_CLASSES.len()];

impl Class {
    /// No block.
    pub const EMPTY: Class = Class { blocks: 0, at: 0, end: 0 };

    /// The next stretch of free cells, or `None` when every listed block is
    /// used up. At most `most` bytes, a whole number of cells.
    pub fn next_free(&mut self, pool: &Pool, cell: u32, most: u32) -> Option<(u32, u32)> {
        loop {
            while self.at < self.end {
                let start = self.at;
                let stop = block::next_marked(&pool.mem, start, self.end);
                if stop == start {
                    self.at += cell;
                    continue;
                }
                if stop - start > most {
                    self.at = start + most;
                    return Some((start, self.at));
                }
                self.at = stop + cell;
                return Some((start, stop));
            }
            if self.blocks == 0 {
                return None;
            }
            self.enter(self.blocks, pool);
            self.blocks = block::next(&pool.mem, self.blocks);
        }
    }

    /// Makes `block` the current block.
    pub fn enter(&mut self, block: u32, pool: &Pool) {
        self.at = first_cell(block);
        self.end = block::end(&pool.mem, block);
    }
}

/// Clears all mark bits.
pub fn clear_marks(pool: &mut Pool) {
    let mut walk = pool.walk();
    while let Some(step) = walk.next(&pool.mem) {
        if let Step::Run(block, _) = step {
            let state = block::state(&pool.mem, block);
            if state == State::Small as u32 {
                pool.mem.fill(block, MARKS, 0);
            } else if state == State::Large as u32 {
                clear_large_mark(pool, block);
            }
        }
    }
}

/// Clears the mark bit of the large object whose run starts at `block`.
pub fn clear_large_mark(pool: &mut Pool, block: u32) {
    let (word, _) = block::mark_bit(first_cell(block));
    pool.mem.set_u32(word, 0);
}

/// Frees what is not marked and lists what can be allocated into. Returns the
/// bytes of marked objects (whole cells, whole runs).
pub fn sweep(pool: &mut Pool, classes: &mut Classes, poison: bool) -> u64 {
    *classes = [Class::EMPTY; SIZE_CLASSES.len()];
    let mut tails = [0; SIZE_CLASSES.len()];
    let mut live = 0;
    // The free run being joined: its first block and its end.
    let (mut open, mut open_end) = (0, 0);
    pool.clear_free();
    let mut walk = pool.walk();
    while let Some(step) = walk.next(&pool.mem) {
        if let Step::Run(block, blocks) = step {
            let state = block::state(&pool.mem, block);
            let bytes = if state == State::Free as u32 {
                0
            } else if state == State::Small as u32 {
                sweep_small(pool, classes, &mut tails, block, poison)
            } else if state == State::Large as u32
                && !block::is_marked(&pool.mem, first_cell(block))
            {
                0
            } else {
                blocks * BLOCK
            };
            if state != State::Internal as u32 {
                live += u64::from(bytes);
            }
            if bytes == 0 {
                if state != State::Free as u32 {
                    pool.freed(blocks);
                    if poison {
                        let size = blocks * BLOCK - BLOCK_HEADER;
                        pool.mem.fill(first_cell(block), size, POISON);
                    }
                }
                if open == 0 {
                    open = block;
                }
                open_end = block + blocks * BLOCK;
                continue;
            }
        }
        if open != 0 {
            pool.add_free(open, (open_end - open) / BLOCK);
            open = 0;
        }
    }
    live
}

/// Lists a block of cells if it has room; returns its live bytes.
fn sweep_small(
    pool: &mut Pool,
    classes: &mut Classes,
    tails: &mut [u32; SIZE_CLASSES.len()],
    block: u32,
    poison: bool,
) -> u32 {
    let marks = block::count_marks(&pool.mem, block);
    let class = block::class(&pool.mem, block) as usize;
    if marks != 0 && marks != block::cells(&pool.mem, block) {
        if poison {
            poison_free_cells(pool, block, cell_size(class));
        }
        block::set_next(&mut pool.mem, block, 0);
        // In address order, so that allocation fills low blocks first.
        if let (Some(class), Some(tail)) = (classes.get_mut(class), tails.get_mut(class)) {
            match *tail {
                0 => class.blocks = block,
                last => block::set_next(&mut pool.mem, last, block),
            }
            *tail = block;
        }
    }
    marks * cell_size(class)
}

fn poison_free_cells(pool: &mut Pool, block: u32, cell: u32) {
    let mut free = Class::EMPTY;
    free.enter(block, pool);
    while let Some((start, stop)) = free.next_free(pool, cell, BLOCK) {
        pool.mem.fill(start, stop - start, POISON);
    }
}
