//! The heap: allocation, collection, and the policy that says when.
//!
//! Objects never move. Small ones live in cells of a few sizes ([`SIZE_CLASSES`]) in
//! 32 KiB [`block`]s, large ones in runs of blocks of their own; [`pool`] manages the
//! runs, [`mark`] finds the live objects, [`sweep`] the free memory, [`verify`]
//! the mistakes.
//!
//! # Generations by sticky mark bits
//!
//! Mark bits stay set between collections (Demers and others, 1990; *The
//! Garbage Collection Handbook*, chapter 9.8), and new objects are unmarked:
//! a set bit means *old*. A **young** collection leaves the bits alone, starts
//! from the roots and the remembered set and stops at old objects, so it costs
//! what the young live objects cost. A **full** collection clears all bits
//! first. Vera data is immutable, so an old object refers to a young one only
//! after [`Heap::write_ref`], or while its `BUILDING` flag is set; both put it
//! into the remembered set.
//!
//! # When
//!
//! With `L` the live bytes after the last full collection, the heap may reach
//! `2 L + 4 MiB`. A collection is due after a quarter of the live bytes has been
//! allocated, at least [`NURSERY`]; it is a full one when, at the present rate,
//! the next would come too late for that limit. So long as little survives,
//! collections are young and cheap; while a program builds up data, full ones
//! come each time the live bytes have doubled, and their cost stays
//! proportional to what was allocated.

pub mod block;
pub mod mark;
pub mod pool;
pub mod sweep;
#[cfg(not(target_arch = "wasm32"))]
pub mod verify;

#[cfg(test)]
mod tests;

use crate::memory::{Memory, PAGE, Ref};
use crate::roots::Roots;
use crate::trap::{heap_exhausted, trap};
use block::{BLOCK, BLOCK_HEADER, State, cell_size, class_of, first_cell};
use mark::{Marker, Stack};
use pool::Pool;
use sweep::{Class, Classes, POISON};
use vera_abi::layout::{
    REMEMBERED, REMEMBERED_WHOLE, SIZE_CLASSES, WINDOW_CURSOR, WINDOW_LIMIT, WINDOW_SIZE,
};
use vera_abi::runtime::GcMode;
use vera_abi::trap::TrapKind;

/// Bytes allocated between two collections, at least.
pub const NURSERY: u64 = 2 << 20;
/// What the heap may exceed twice the live bytes by.
const SLACK: u64 = 4 << 20;
/// Blocks that a [`Heap::build`] scope of a few small objects may need.
const ROOM: u32 = 16;
/// In [`GcMode::Young`], every so manieth collection is a full one.
const YOUNG_BETWEEN_FULL: u32 = 100;
/// Largest object in a cell.
const MAX_SMALL: u32 = SIZE_CLASSES[SIZE_CLASSES.len() - 1];
/// Largest object at all; keeps size arithmetic from wrapping.
const MAX_OBJECT: u32 = 0xffff_0000;

/// A heap and its shadow stack.
pub struct Heap {
    pool: Pool,
    classes: Classes,
    remembered: Stack,
    /// Where marking keeps what it has not followed yet. It has a block from the start,
    /// since collections happen when there is none left.
    marking: Stack,
    /// Something could not be remembered, so the next collection is a full one.
    forgot: bool,
    /// Address of the allocation windows.
    windows: u32,
    shadow_base: u32,
    shadow_limit: u32,
    /// References below this are immediates or static objects.
    heap_start: u32,
    mode: GcMode,
    /// Depth of [`Heap::build`] scopes.
    building: u32,
    /// Bytes handed out since the last collection.
    allocated: u64,
    /// Bytes to hand out before the next.
    budget: u64,
    /// Live bytes after the last collection, and after the last full one.
    live: u64,
    live_full: u64,
    collections: u32,
    /// The secret under which keys are hashed.
    hash_key: [u64; 2],
}

/// Size of a heap for tests.
#[cfg(not(target_arch = "wasm32"))]
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Bytes of address space, a multiple of 64 KiB.
    pub memory: u32,
    /// Bytes of shadow stack, a multiple of 64 KiB.
    pub shadow: u32,
    /// When to collect.
    pub mode: GcMode,
}

#[cfg(not(target_arch = "wasm32"))]
impl Config {
    /// A few megabytes; fit for Miri.
    pub fn small() -> Config {
        Config { memory: 8 << 20, shadow: 1 << 20, mode: GcMode::Normal }
    }

    /// Address space for a gigabyte of objects.
    pub fn large() -> Config {
        Config { memory: 1 << 30, shadow: 64 << 20, mode: GcMode::Normal }
    }

    /// The same, collecting at every allocation.
    pub fn eager(self) -> Config {
        Config { mode: GcMode::Eager, ..self }
    }

    /// The same, collecting what is young at every allocation.
    pub fn young(self) -> Config {
        Config { mode: GcMode::Young, ..self }
    }
}

impl Heap {
    /// A heap that must be [initialised](Heap::init) before use.
    pub const fn uninit(mem: Memory) -> Heap {
        Heap {
            pool: Pool::new(mem),
            classes: [Class::EMPTY; SIZE_CLASSES.len()],
            remembered: Stack::EMPTY,
            marking: Stack::EMPTY,
            forgot: false,
            windows: 0,
            shadow_base: 0,
            shadow_limit: 0,
            heap_start: 0,
            mode: GcMode::Normal,
            building: 0,
            allocated: 0,
            // All zero, so that the module's image need not hold it; `init` sets the rest.
            budget: 0,
            live: 0,
            live_full: 0,
            collections: 0,
            hash_key: [0; 2],
        }
    }

    /// A heap of its own, and its empty shadow stack.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn new(config: Config) -> (Heap, Roots) {
        let mut heap = Heap::uninit(Memory::reserve(config.memory));
        let roots = heap.init(config.shadow, config.mode);
        (heap, roots)
    }

    /// Sets up the shadow stack, of `shadow` bytes, and the static strings.
    ///
    /// # Traps
    /// `heap_exhausted` when there is no memory for the shadow stack.
    pub fn init(&mut self, shadow: u32, mode: GcMode) -> Roots {
        let Some(base) = self.mem_mut().grow(shadow / PAGE) else { heap_exhausted() };
        self.shadow_base = base;
        self.shadow_limit = base + shadow;
        self.heap_start = self.shadow_limit;
        self.windows = self.mem().windows();
        self.mode = mode;
        self.budget = NURSERY;
        crate::string::init_statics(self);
        Roots::at(base)
    }

    /// The memory the heap is in.
    #[inline(always)]
    pub fn mem(&self) -> &Memory {
        &self.pool.mem
    }

    /// The memory the heap is in.
    #[inline(always)]
    pub fn mem_mut(&mut self) -> &mut Memory {
        &mut self.pool.mem
    }

    /// Address behind the shadow stack.
    #[inline(always)]
    pub fn shadow_limit(&self) -> u32 {
        self.shadow_limit
    }

    /// The secret under which keys are hashed.
    #[inline(always)]
    pub fn hash_key(&self) -> [u64; 2] {
        self.hash_key
    }

    /// Chooses the secret under which keys are hashed, before the first map exists.
    pub fn set_hash_key(&mut self, key: [u64; 2]) {
        self.hash_key = key;
    }

    /// Whether `r` refers to an object of the heap, so not to an immediate or a
    /// static object.
    #[inline(always)]
    pub fn is_heap(&self, r: Ref) -> bool {
        r >= self.heap_start
    }

    /// Whether the heap object has survived a collection.
    pub fn is_old(&self, object: Ref) -> bool {
        block::is_marked(self.mem(), object)
    }

    /// Bytes of all blocks in use at most so far.
    pub fn high_water(&self) -> u64 {
        self.pool.high_water()
    }

    /// Bytes of live objects the last collection found, in whole cells and blocks.
    pub fn live_bytes(&self) -> u64 {
        self.live
    }

    /// Number of collections so far.
    pub fn collections(&self) -> u32 {
        self.collections
    }

    /// A cell for an object of `size` bytes, header included. Its contents are
    /// undefined: header and references must be stored before the next
    /// allocation. O(1) plus, once in a while, a collection.
    ///
    /// # Traps
    /// `heap_exhausted` when memory does not suffice after a full collection.
    #[inline]
    pub fn alloc(&mut self, size: u32, roots: Roots) -> Ref {
        match self.try_alloc(size, roots) {
            Some(cell) => cell,
            None => heap_exhausted(),
        }
    }

    /// As [`Heap::alloc`]; `None` when memory does not suffice.
    #[inline]
    pub fn try_alloc(&mut self, size: u32, roots: Roots) -> Option<Ref> {
        if size > MAX_SMALL {
            return self.alloc_large(size, roots);
        }
        match self.alloc_at_once(size) {
            Some(cell) => Some(cell),
            None => self.alloc_slow(class_of(size), roots),
        }
    }

    /// As [`Heap::alloc`] for a small object, if that takes no collection and no
    /// search for memory: nothing needs to be rooted.
    #[inline(always)]
    pub fn alloc_at_once(&mut self, size: u32) -> Option<Ref> {
        let class = class_of(size);
        let window = self.windows + class as u32 * WINDOW_SIZE;
        let cursor = self.mem().field(window, WINDOW_CURSOR);
        let next = cursor + cell_size(class);
        if next > self.mem().field(window, WINDOW_LIMIT) {
            return None;
        }
        self.mem_mut().set_field(window, WINDOW_CURSOR, next);
        Some(cursor)
    }

    /// Bytes from the start of `object`, allocated with `size`, that belong to it.
    pub fn usable_size(&self, object: Ref, size: u32) -> u32 {
        if size > MAX_SMALL {
            block::run(self.mem(), block::block_of(object)) * BLOCK - BLOCK_HEADER
        } else {
            cell_size(class_of(size))
        }
    }

    /// Bytes of the cell of a small object.
    pub fn cell_of(&self, object: Ref) -> u32 {
        cell_size(block::class(self.mem(), block::block_of(object)) as usize)
    }

    #[cold]
    #[inline(never)]
    fn alloc_slow(&mut self, class: usize, roots: Roots) -> Option<Ref> {
        self.collect_if_due(0, roots);
        let cell = cell_size(class);
        let eager = self.is_eager();
        let most = if eager { cell } else { BLOCK };
        let (start, stop) = match self.next_free(class, cell, most) {
            Some(free) => free,
            None => {
                let block = self.take(1, State::Small, roots)?;
                block::format_small(&mut self.pool.mem, block, class);
                if let Some(state) = self.classes.get_mut(class) {
                    state.enter(block, &self.pool);
                }
                self.next_free(class, cell, most).unwrap_or_else(|| trap(TrapKind::Unreachable))
            }
        };
        self.allocated += u64::from(stop - start);
        if !eager {
            let window = self.windows + class as u32 * WINDOW_SIZE;
            self.mem_mut().set_field(window, WINDOW_CURSOR, start + cell);
            self.mem_mut().set_field(window, WINDOW_LIMIT, stop);
        }
        Some(start)
    }

    fn is_eager(&self) -> bool {
        self.mode != GcMode::Normal
    }

    fn next_free(&mut self, class: usize, cell: u32, most: u32) -> Option<(u32, u32)> {
        self.classes.get_mut(class)?.next_free(&self.pool, cell, most)
    }

    #[cold]
    #[inline(never)]
    fn alloc_large(&mut self, size: u32, roots: Roots) -> Option<Ref> {
        if size > MAX_OBJECT {
            return None;
        }
        let blocks = block::blocks_for(size);
        let bytes = u64::from(blocks) * u64::from(BLOCK);
        self.collect_if_due(bytes, roots);
        let block = self.take(blocks, State::Large, roots)?;
        sweep::clear_large_mark(&mut self.pool, block);
        self.allocated += bytes;
        Some(first_cell(block))
    }

    /// A run of blocks, after a full collection if there is no other way.
    fn take(&mut self, blocks: u32, state: State, roots: Roots) -> Option<u32> {
        if !self.marking.has_block() {
            self.marking = Stack::with_block(&mut self.pool)?;
        }
        if let Some(block) = self.pool.take(blocks, state) {
            return Some(block);
        }
        if self.building > 0 {
            return None;
        }
        self.collect_full(roots);
        self.pool.take(blocks, state)
    }

    /// Makes room, as far as memory allows, for what a [`Heap::build`] scope of a few
    /// small objects needs, since nothing is collected there. The references are kept;
    /// yields the roots with them.
    pub fn make_room<const N: usize>(&mut self, refs: [Ref; N], roots: Roots) -> Roots {
        if self.building > 0 || self.pool.can_take(ROOM) {
            return roots;
        }
        let roots = roots.with(self, refs);
        // While memory is nearly full of live objects, not for every small scope.
        if self.allocated > self.live / 64 {
            self.collect_full(roots);
        }
        roots
    }

    /// Runs `make`, in which allocation never collects, and a collection that
    /// fell due meanwhile afterwards. So `make` need not root what it builds;
    /// it should build nothing that the value it returns does not need, and be small:
    /// memory that is refused meanwhile ends the program ([`Heap::make_room`]).
    pub fn build(&mut self, roots: Roots, make: impl FnOnce(&mut Heap) -> Ref) -> Ref {
        self.building += 1;
        let made = make(self);
        self.building -= 1;
        let roots = roots.with(self, [made]);
        self.collect_if_due(0, roots);
        made
    }

    /// Stores `value` into the field of `object` at the address `field`. An old
    /// object that now refers to a heap object is remembered, and so is a
    /// static one, for good.
    #[inline]
    pub fn write_ref(&mut self, object: Ref, field: u32, value: Ref) {
        self.mem_mut().set_u32(field, value);
        if self.is_heap(value) {
            self.remember(object);
        }
    }

    /// Makes the next collection look at `object` even if it is old: it may now
    /// refer to young objects.
    fn remember(&mut self, object: Ref) {
        self.remember_from(object, 0);
    }

    /// As `remember` for the owner of a sequence whose references from the
    /// address `from` on have just been appended. Those before are as old as the
    /// owner, so a long array is not looked at as a whole for a few new elements.
    pub fn remember_appended(&mut self, owner: Ref, from: u32) {
        self.remember_from(owner, from);
    }

    /// Stores `value` into the element of `owner`, which is in the heap, at the address
    /// `at`. The whole of an old owner is looked at in the next collection.
    #[inline]
    pub fn write_element(&mut self, owner: Ref, at: u32, value: Ref) {
        self.mem_mut().set_u32(at, value);
        if self.is_heap(value) && self.is_old(owner) {
            self.remember_as(owner, 0, REMEMBERED | REMEMBERED_WHOLE);
        }
    }

    fn remember_from(&mut self, object: Ref, from: u32) {
        if self.is_heap(object) && !self.is_old(object) {
            return;
        }
        self.remember_as(object, from, REMEMBERED);
    }

    /// Puts an object into the remembered set, unless it has these flags.
    fn remember_as(&mut self, object: Ref, from: u32, flags: u32) {
        let word0 = self.mem().u32(object);
        if word0 & flags != flags {
            if self.remembered.push_pair(&mut self.pool, object, from) {
                self.mem_mut().set_u32(object, word0 | flags);
            } else if self.is_heap(object) {
                self.forgot = true;
            } else {
                heap_exhausted();
            }
        }
    }

    /// Gives back the blocks behind the first `size` bytes of a large object,
    /// and returns the bytes that now belong to it.
    pub fn trim_large(&mut self, object: Ref, size: u32) -> u32 {
        let block = block::block_of(object);
        let (have, keep) = (block::run(self.mem(), block), block::blocks_for(size));
        if keep < have {
            block::set_run(self.mem_mut(), block, keep);
            let rest = block + keep * BLOCK;
            self.pool.give(rest, have - keep);
            if self.is_eager() {
                let bytes = (have - keep) * BLOCK - BLOCK_HEADER;
                self.mem_mut().fill(first_cell(rest), bytes, POISON);
            }
        }
        keep.min(have) * BLOCK - BLOCK_HEADER
    }

    /// Lengthens a large object to `size` bytes where it lies, if the memory behind
    /// it is free, and returns the bytes that now belong to it. May collect; the
    /// object must be among the roots.
    pub fn lengthen_large(&mut self, object: Ref, size: u32, roots: Roots) -> Option<u32> {
        if size > MAX_OBJECT {
            return None;
        }
        let block = block::block_of(object);
        let (have, want) = (block::run(self.mem(), block), block::blocks_for(size));
        let more = u64::from(want.saturating_sub(have)) * u64::from(BLOCK);
        self.collect_if_due(more, roots);
        if !self.pool.lengthen(block, want) {
            return None;
        }
        self.allocated += more;
        Some(want.max(have) * BLOCK - BLOCK_HEADER)
    }

    /// Whether the object has a run of blocks of its own.
    pub fn is_large(&self, object: Ref) -> bool {
        self.is_heap(object)
            && block::state(self.mem(), block::block_of(object)) == State::Large as u32
    }

    /// The most the heap may hold before a full collection.
    fn ceiling(&self) -> u64 {
        2 * self.live_full + SLACK
    }

    #[inline]
    fn collect_if_due(&mut self, extra: u64, roots: Roots) {
        if self.building > 0 {
            return;
        }
        match self.mode {
            GcMode::Normal if self.allocated + extra > self.budget => {
                let next = self.live + self.allocated + extra + NURSERY / 2;
                self.collect(next > self.ceiling(), roots);
            }
            GcMode::Normal => {}
            GcMode::Eager => self.collect(true, roots),
            GcMode::Young => {
                self.collect(self.collections.is_multiple_of(YOUNG_BETWEEN_FULL), roots);
            }
        }
    }

    /// Collects everything that is not reachable.
    pub fn collect_full(&mut self, roots: Roots) {
        self.collect(true, roots);
    }

    /// Collects unreachable objects that were allocated since the last collection.
    pub fn collect_young(&mut self, roots: Roots) {
        self.collect(false, roots);
    }

    fn collect(&mut self, full: bool, roots: Roots) {
        let full = full | core::mem::replace(&mut self.forgot, false);
        self.collections += 1;
        let windows = SIZE_CLASSES.len() as u32 * WINDOW_SIZE;
        let at = self.windows;
        self.mem_mut().fill(at, windows, 0);
        if full {
            sweep::clear_marks(&mut self.pool);
        }
        let Heap { pool, remembered, marking, heap_start, .. } = self;
        let mut marker = Marker::new(pool, remembered, marking, *heap_start);
        marker.remembered(full);
        marker.roots(self.shadow_base, roots.top());
        let poison = self.is_eager();
        self.live = sweep::sweep(&mut self.pool, &mut self.classes, poison);
        if full {
            self.live_full = self.live;
        }
        self.allocated = 0;
        let room = self.ceiling().saturating_sub(self.live);
        self.budget = NURSERY.max(self.live / 4).min(room).max(NURSERY / 2);
    }
}
