//! Marking: which objects a program can still reach.
//!
//! Tricolour marking with an explicit stack (*The Garbage Collection Handbook*,
//! chapter 2): an object's bit is set when it is found, and the object stands
//! on the stack until its references have been followed. Objects without
//! references never get onto the stack, and a long array leaves a (object,
//! position) pair there instead of all its elements. The stack is a list of
//! blocks, so neither the depth nor the width of the graph has a limit but
//! memory.

use super::block::{self, BLOCK, BLOCK_HEADER, State, first_cell, mark_bit};
use super::pool::{Pool, Step};
use crate::memory::Ref;
use crate::trap::{heap_exhausted, trap};
use vera_abi::layout::{
    BUILDING, HEADER_SIZE, Kind, REMEMBERED, REMEMBERED_WHOLE, SEQ_ELEMENTS, SEQ_USED, SPLIT_SHIFT,
};
use vera_abi::trap::TrapKind;

/// Bytes of a sequence of references followed before its own continuation is
/// pushed.
const STRIDE: u32 = 4 * 128;

/// A stack of words in blocks of their own.
#[derive(Clone, Copy)]
pub struct Stack {
    top: u32,
    bottom: u32,
    limit: u32,
}

impl Stack {
    /// No words and no blocks.
    pub const EMPTY: Stack = Stack { top: 0, bottom: 0, limit: 0 };

    /// A stack with a block of its own, which it keeps.
    pub fn with_block(pool: &mut Pool) -> Option<Stack> {
        let mut stack = Stack::EMPTY;
        stack.extend(pool).then_some(stack)
    }

    /// Whether it has memory.
    pub fn has_block(&self) -> bool {
        self.bottom != 0
    }

    /// Pushes a word; `false` if there is no memory for it.
    #[inline(always)]
    #[must_use]
    pub fn push(&mut self, pool: &mut Pool, word: u32) -> bool {
        if self.top == self.limit && !self.extend(pool) {
            return false;
        }
        pool.mem.set_u32(self.top, word);
        self.top += 4;
        true
    }

    /// Pushes a pair, the second word on top, or nothing.
    #[inline(never)]
    #[must_use]
    pub fn push_pair(&mut self, pool: &mut Pool, first: u32, second: u32) -> bool {
        if !self.push(pool, first) {
            return false;
        }
        if !self.push(pool, second) {
            self.top -= 4;
            return false;
        }
        true
    }

    /// Pops a word.
    #[inline(always)]
    pub fn pop(&mut self, pool: &mut Pool) -> Option<u32> {
        if self.top == self.bottom && !self.retreat(pool) {
            return None;
        }
        self.top -= 4;
        Some(pool.mem.u32(self.top))
    }

    /// Gives up the block of an empty stack.
    fn release(self, pool: &mut Pool) {
        if self.bottom != 0 {
            pool.give(self.bottom - BLOCK_HEADER, 1);
        }
    }

    #[cold]
    #[inline(never)]
    fn extend(&mut self, pool: &mut Pool) -> bool {
        let Some(block) = pool.take(1, State::Internal) else { return false };
        let below = if self.bottom == 0 { 0 } else { self.bottom - BLOCK_HEADER };
        block::set_next(&mut pool.mem, block, below);
        self.bottom = block + BLOCK_HEADER;
        self.top = self.bottom;
        self.limit = block + BLOCK;
        true
    }

    /// Leaves the empty topmost block for the full one below; false if there is none.
    #[cold]
    #[inline(never)]
    fn retreat(&mut self, pool: &mut Pool) -> bool {
        if self.bottom == 0 {
            return false;
        }
        let block = self.bottom - BLOCK_HEADER;
        let below = block::next(&pool.mem, block);
        if below == 0 {
            // A stack keeps its first block: when it is needed again, there may be none.
            return false;
        }
        pool.give(block, 1);
        self.bottom = below + BLOCK_HEADER;
        self.limit = below + BLOCK;
        self.top = self.limit;
        true
    }
}

/// One marking phase.
pub struct Marker<'a> {
    /// The blocks.
    pub pool: &'a mut Pool,
    /// Old objects that may refer to young ones, each with the address from
    /// which its references may be young, or 0; see [`super::Heap::write_ref`].
    pub remembered: &'a mut Stack,
    /// References below this are immediates or static objects.
    pub heap_start: u32,
    stack: &'a mut Stack,
    /// Marked objects were dropped for want of memory, their references not followed.
    dropped: bool,
}

impl<'a> Marker<'a> {
    /// A phase that has marked nothing yet.
    pub fn new(
        pool: &'a mut Pool,
        remembered: &'a mut Stack,
        stack: &'a mut Stack,
        heap_start: u32,
    ) -> Marker<'a> {
        Marker { pool, remembered, heap_start, stack, dropped: false }
    }

    /// Marks what the roots in `[from, to)` reach.
    pub fn roots(&mut self, from: u32, to: u32) {
        let mut at = from;
        while at < to {
            self.visit(self.pool.mem.u32(at));
            at += 4;
        }
        self.drain();
    }

    /// Marks what the remembered objects reach, and empties the set but for the
    /// objects that must be seen again. In a full collection an old object
    /// counts only if something else reaches it, so it is merely forgotten.
    pub fn remembered(&mut self, full: bool) {
        let mut set = core::mem::replace(self.remembered, Stack::EMPTY);
        while let Some(from) = set.pop(self.pool)
            && let Some(object) = set.pop(self.pool)
        {
            let word0 = self.pool.mem.u32(object);
            if object < self.heap_start {
                // A static object lives for ever, and so do its references.
                self.remember(object);
                self.follow(object);
                continue;
            }
            self.pool.mem.set_u32(object, word0 & !(REMEMBERED | REMEMBERED_WHOLE));
            if full {
                continue;
            }
            // One at a time: how many there are has no limit.
            match from {
                0 => self.follow(object),
                _ => self.scan_elements(object, from),
            }
        }
        set.release(self.pool);
        self.drain();
    }

    fn remember(&mut self, object: Ref) {
        if !self.remembered.push_pair(self.pool, object, 0) {
            heap_exhausted();
        }
    }

    /// Marks the object `r` refers to, if it refers to one, and puts it on the
    /// stack if it has references itself.
    #[inline(always)]
    fn visit(&mut self, r: Ref) {
        if r < self.heap_start {
            return;
        }
        let (word, bit) = mark_bit(r);
        let marks = self.pool.mem.u32(word);
        if marks & bit != 0 {
            return;
        }
        self.pool.mem.set_u32(word, marks | bit);
        let header = self.pool.mem.u64(r);
        let is_leaf = match header as u32 & 0xf {
            0 => header >> 32 == 0,
            kind => kind == Kind::SeqRaw as u32,
        };
        if !is_leaf {
            self.dropped |= !self.stack.push(self.pool, r);
        }
    }

    /// Follows everything on the stack. What did not fit there is found again among
    /// the marked objects, as often as it takes (Boehm and Weiser, 1988).
    fn drain(&mut self) {
        self.drain_stack();
        while core::mem::replace(&mut self.dropped, false) {
            let mut walk = self.pool.walk();
            while let Some(step) = walk.next(&self.pool.mem) {
                if let Step::Run(block, _) = step {
                    self.scan_marked(block);
                }
            }
        }
    }

    /// Follows the references of the marked objects of a run.
    #[cold]
    fn scan_marked(&mut self, block: u32) {
        let state = block::state(&self.pool.mem, block);
        if state == State::Small as u32 {
            let end = block::end(&self.pool.mem, block);
            let mut at = block::next_marked(&self.pool.mem, first_cell(block), end);
            while at < end {
                self.follow(at);
                at = block::next_marked(&self.pool.mem, at + 8, end);
            }
        } else if state == State::Large as u32
            && block::is_marked(&self.pool.mem, first_cell(block))
        {
            self.follow(first_cell(block));
        }
    }

    /// Follows the references of a marked object, while the stack is empty.
    fn follow(&mut self, object: Ref) {
        self.dropped |= !self.stack.push(self.pool, object);
        self.drain_stack();
    }

    #[inline(never)]
    fn drain_stack(&mut self) {
        while let Some(entry) = self.stack.pop(self.pool) {
            if entry & 1 == 0 {
                self.scan(entry);
            } else if let Some(at) = self.stack.pop(self.pool) {
                self.scan_elements(entry - 1, at);
            }
        }
    }

    #[inline(always)]
    fn scan(&mut self, object: u32) {
        let header = self.pool.mem.u64(object);
        let word1 = (header >> 32) as u32;
        match Kind::of_word0(header as u32) {
            Some(Kind::Fixed) => self.scan_words(object + HEADER_SIZE, word1),
            Some(Kind::SeqRaw) => {}
            Some(Kind::SeqRef) => {
                if header as u32 & (BUILDING | REMEMBERED) == BUILDING {
                    self.pool.mem.set_u32(object, header as u32 | REMEMBERED);
                    self.remember(object);
                }
                self.scan_elements(object, object + SEQ_ELEMENTS);
            }
            Some(Kind::Wide) => self.scan_wide(object, word1),
            Some(Kind::Split) => self.scan_split(object, word1),
            None => trap(TrapKind::Unreachable),
        }
    }

    /// Follows the references among the 32 words at `at` that `bitmap` names.
    #[inline(always)]
    fn scan_words(&mut self, at: u32, bitmap: u32) {
        let mut bits = bitmap;
        while bits != 0 {
            self.visit(self.pool.mem.u32(at + 4 * bits.trailing_zeros()));
            bits &= bits - 1;
        }
    }

    fn scan_wide(&mut self, object: u32, descriptor: u32) {
        let words = self.pool.mem.u32(descriptor);
        let mut done = 0;
        while done < words {
            let bitmap = self.pool.mem.u32(descriptor + 4 + done / 8);
            self.scan_words(object + HEADER_SIZE + 4 * done, bitmap);
            done += 32;
        }
    }

    fn scan_split(&mut self, object: u32, counts: u32) {
        let mut at = object + HEADER_SIZE + 4 * (counts & ((1 << SPLIT_SHIFT) - 1));
        let end = at + 4 * (counts >> SPLIT_SHIFT);
        while at < end {
            self.visit(self.pool.mem.u32(at));
            at += 4;
        }
    }

    /// Follows elements from the address `at` on.
    fn scan_elements(&mut self, object: u32, at: u32) {
        let end = object + SEQ_ELEMENTS + self.pool.mem.field(object, SEQ_USED);
        let mut at = at;
        let mut stop = end;
        if end - at > STRIDE && self.stack.push_pair(self.pool, at + STRIDE, object + 1) {
            stop = at + STRIDE;
        }
        while at < stop {
            self.visit(self.pool.mem.u32(at));
            at += 4;
        }
    }
}
