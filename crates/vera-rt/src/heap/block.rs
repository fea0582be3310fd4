//! Blocks: 32 KiB of memory at a multiple of 32 KiB, and runs of them.
//!
//! The first block of a *run* begins with a header: 512 bytes of mark bits, one
//! for each 8 bytes of the block, then a few words of description. A small
//! object's block is its address with the low 15 bits cleared; a large object
//! stands right behind the header of its run, so the same rule finds its mark
//! bit and nothing needs a table of blocks.

use crate::memory::Memory;
use vera_abi::layout::{LAST_EVEN_CLASS, SIZE_CLASSES};

/// Bytes of a block.
pub const BLOCK: u32 = 0x8000;
/// Bytes of mark bits at the start of a block.
pub const MARKS: u32 = BLOCK / 8 / 8;

/// What a run is used for.
const STATE: u32 = MARKS;
/// Blocks in the run.
const RUN: u32 = MARKS + 4;
/// Size class of a small block.
const CLASS: u32 = MARKS + 8;
/// Address behind the last cell of a small block.
const END: u32 = MARKS + 12;
/// Number of cells of a small block.
const CELLS: u32 = MARKS + 16;
/// The next block in whatever list the run is in.
const NEXT: u32 = MARKS + 20;
/// First block of an extent: the address behind it, and the next extent.
const EXTENT_END: u32 = MARKS + 24;
const EXTENT_NEXT: u32 = MARKS + 28;

/// Bytes of a block header.
pub const BLOCK_HEADER: u32 = MARKS + 32;

/// What a run of blocks is used for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum State {
    /// Nothing.
    Free = 1,
    /// One block of cells of one size.
    Small = 2,
    /// One large object.
    Large = 3,
    /// The collector's own stacks.
    Internal = 4,
}

/// Index of the size class for an object of `size` bytes, which must be at most
/// the largest cell. Agrees with [`vera_abi::layout::size_class`], without a search
/// for objects of up to 1024 bytes.
#[inline]
pub fn class_of(size: u32) -> usize {
    let last = size.saturating_sub(1);
    if last < 64 {
        (last / 8).saturating_sub(1) as usize
    } else if last < 1024 {
        let log = 31 - last.leading_zeros();
        (7 + (log - 6) * 4 + (last >> (log - 2) & 3)) as usize
    } else {
        let larger = SIZE_CLASSES.iter().skip(LAST_EVEN_CLASS + 1);
        LAST_EVEN_CLASS + 1 + larger.take_while(|cell| **cell < size).count()
    }
}

/// Bytes of a cell of `class`.
#[inline(always)]
pub fn cell_size(class: usize) -> u32 {
    // The bound states to the compiler what every caller knows.
    SIZE_CLASSES[class.min(SIZE_CLASSES.len() - 1)]
}

/// The block an object stands in.
#[inline(always)]
pub fn block_of(object: u32) -> u32 {
    object & !(BLOCK - 1)
}

/// Address of the mark word of `object`, and its bit.
#[inline(always)]
pub fn mark_bit(object: u32) -> (u32, u32) {
    (block_of(object) + (object & (BLOCK - 1)) / 256 * 4, 1 << (object / 8 % 32))
}

/// Blocks needed for a large object of `size` bytes.
pub fn blocks_for(size: u32) -> u32 {
    (u64::from(size) + u64::from(BLOCK_HEADER)).div_ceil(u64::from(BLOCK)) as u32
}

macro_rules! fields {
    ($($get:ident, $set:ident: $offset:ident, $doc:literal;)*) => {$(
        #[doc = $doc]
        #[inline(always)]
        pub fn $get(mem: &Memory, block: u32) -> u32 {
            mem.field(block, $offset)
        }
        #[doc = concat!("Sets: ", $doc)]
        #[inline(always)]
        pub fn $set(mem: &mut Memory, block: u32, value: u32) {
            mem.set_field(block, $offset, value);
        }
    )*};
}

fields! {
    state, set_state: STATE, "The [`State`] of the run that starts at `block`.";
    run, set_run: RUN, "Number of blocks of the run.";
    class, set_class: CLASS, "Size class of a small block.";
    end, set_end: END, "Address behind the last cell of a small block.";
    cells, set_cells: CELLS, "Number of cells of a small block.";
    next, set_next: NEXT, "The next block in the list the run is in; 0 ends it.";
    extent_end, set_extent_end: EXTENT_END, "Address behind the extent that starts at `block`.";
    extent_next, set_extent_next: EXTENT_NEXT, "The extent after this one; 0 ends the list.";
}

/// Address of the first cell, or of the large object.
#[inline(always)]
pub fn first_cell(block: u32) -> u32 {
    block + BLOCK_HEADER
}

/// Makes the block one of empty cells of `class`.
pub fn format_small(mem: &mut Memory, block: u32, class: usize) {
    let cell = cell_size(class);
    let count = (BLOCK - BLOCK_HEADER) / cell;
    mem.fill(block, MARKS, 0);
    set_state(mem, block, State::Small as u32);
    set_run(mem, block, 1);
    set_class(mem, block, class as u32);
    set_cells(mem, block, count);
    set_end(mem, block, first_cell(block) + count * cell);
}

/// Whether `object`'s mark bit is set.
#[inline(always)]
pub fn is_marked(mem: &Memory, object: u32) -> bool {
    let (word, bit) = mark_bit(object);
    mem.u32(word) & bit != 0
}

/// Number of marks of a small block.
pub fn count_marks(mem: &Memory, block: u32) -> u32 {
    let mut at = block;
    let mut count = 0;
    while at < block + MARKS {
        count += mem.u64(at).count_ones();
        at += 8;
    }
    count
}

/// Address of the first marked object at or behind `from`, or `end`; both lie
/// in the block or just behind it.
pub fn next_marked(mem: &Memory, from: u32, end: u32) -> u32 {
    let block = block_of(from);
    let mut bit = (from - block) / 8;
    let bits = (end - block) / 8;
    while bit < bits {
        let word = mem.u64(block + bit / 64 * 8) >> (bit % 64);
        if word != 0 {
            return (block + (bit + word.trailing_zeros()) * 8).min(end);
        }
        bit = (bit | 63) + 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use vera_abi::layout::size_class;

    #[test]
    fn class_of_agrees_with_the_contract() {
        for size in 1..=16112 {
            assert_eq!(Some(class_of(size)), size_class(size), "size {size}");
        }
    }

    #[test]
    fn large_cells_use_up_their_block() {
        for cell in SIZE_CLASSES.iter().skip(LAST_EVEN_CLASS + 1) {
            let space = BLOCK - BLOCK_HEADER;
            let next = space / (space / cell);
            assert!(next - cell < 8, "{cell} could be {next}");
        }
    }

    #[test]
    fn the_header_is_a_whole_number_of_granules() {
        assert_eq!(BLOCK_HEADER % 8, 0);
        assert_eq!(mark_bit(0x1_8000 + BLOCK_HEADER), (0x1_8000 + 8, 1 << 4));
    }
}
