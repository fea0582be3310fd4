//! Enumeration in insertion order.
//!
//! The trie knows nothing of the order, but each entry holds its position.
//! While nothing has been removed, positions are 0 to n - 1 and every entry goes
//! straight to its place; otherwise a radix sort brings them in order. Both take
//! linear time.

use super::node::{self, LEVELS};
use super::{EMPTY, Same, insert, size};
use crate::heap::Heap;
use crate::memory::Ref;
use crate::roots::Roots;
use crate::seq::{self, Elem};
use crate::string::empty;
use vera_abi::layout::{ENTRY_POSITION, MAP_NEXT, MAP_ROOT, SEQ_ELEMENTS};

/// An array of a map's entries in insertion order. O(n).
///
/// # Traps
/// `heap_exhausted`.
pub fn entries(heap: &mut Heap, map: Ref, roots: Roots) -> Ref {
    if map == EMPTY {
        return empty(heap);
    }
    let roots = roots.with(heap, [map]);
    sorted(heap, map, roots)
}

/// Calls `each` for every entry, in no particular order. O(n).
pub fn unordered(heap: &Heap, map: Ref, mut each: impl FnMut(Ref)) {
    if map != EMPTY {
        let mut walk = Walk::of(heap, map);
        while let Some(entry) = walk.next(heap) {
            each(entry);
        }
    }
}

/// The map is among the roots.
fn sorted(heap: &mut Heap, map: Ref, roots: Roots) -> Ref {
    let count = size(heap, map);
    // Room to sort in holds no references that anybody follows.
    let in_order = heap.mem().field(map, MAP_NEXT) == count;
    let spare = if in_order { empty(heap) } else { seq::new(heap, count, Elem::WORD, 0, roots) };
    let roots = roots.with(heap, [spare]);
    let array = seq::new(heap, count, Elem::REF, 0, roots);
    let to = array + SEQ_ELEMENTS;
    if in_order {
        let mut walk = Walk::of(heap, map);
        while let Some(entry) = walk.next(heap) {
            let position = heap.mem().field(entry, ENTRY_POSITION);
            heap.mem_mut().set_u32(to + 4 * position, entry);
        }
        return array;
    }
    let mut at = to;
    let mut walk = Walk::of(heap, map);
    while let Some(entry) = walk.next(heap) {
        heap.mem_mut().set_u32(at, entry);
        at += 4;
    }
    radix_sort(heap, map, [to, spare + SEQ_ELEMENTS], count);
    array
}

/// Sorts the entries at `areas[0]` by position, least significant byte first,
/// in an even number of passes, so that they end where they were.
fn radix_sort(heap: &mut Heap, map: Ref, areas: [u32; 2], count: u32) {
    let [mut from, mut to] = areas;
    let passes = if heap.mem().field(map, MAP_NEXT) <= 1 << 16 { 2 } else { 4 };
    for pass in 0..passes {
        let byte = |heap: &Heap, entry: Ref| heap.mem().u8(entry + ENTRY_POSITION + pass);
        let mut places = [0_u32; 256];
        for i in 0..count {
            let entry = heap.mem().u32(from + 4 * i);
            places[usize::from(byte(heap, entry))] += 1;
        }
        let mut start = to;
        for place in &mut places {
            let entries = core::mem::replace(place, start);
            start += 4 * entries;
        }
        for i in 0..count {
            let entry = heap.mem().u32(from + 4 * i);
            let place = &mut places[usize::from(byte(heap, entry))];
            heap.mem_mut().set_u32(*place, entry);
            *place += 4;
        }
        (from, to) = (to, from);
    }
}

/// A map with the same contents whose positions are 0 to n - 1. Other versions
/// keep the entries, so these are copies.
pub(super) fn renumbered(heap: &mut Heap, map: Ref, roots: Roots) -> Ref {
    let array = sorted(heap, map, roots);
    let mut made = EMPTY;
    for i in 0..seq::len(heap, array) {
        let entry = seq::get_ref(heap, array, i);
        let size = heap.cell_of(entry);
        let copy = heap.alloc(size, roots);
        heap.mem_mut().copy(entry, copy, size);
        made = insert(heap, made, copy, Same::Entry(0), roots);
    }
    made
}

/// A walk over all entries, in the order of the trie.
struct Walk {
    /// The nodes from the root down, each with its next child.
    path: [(Ref, u32); LEVELS],
    depth: usize,
}

impl Walk {
    fn of(heap: &Heap, map: Ref) -> Walk {
        let mut path = [(0, 0); LEVELS];
        path[0] = (heap.mem().field(map, MAP_ROOT), 0);
        Walk { path, depth: 0 }
    }

    fn next(&mut self, heap: &Heap) -> Option<Ref> {
        loop {
            let (node, i) = self.path.get_mut(self.depth)?;
            let (node, at) = (*node, core::mem::replace(i, *i + 1));
            if at < node::entry_count(heap, node) {
                return Some(node::child(heap, node, at));
            }
            if at < node::count(heap, node) {
                self.depth += 1;
                *self.path.get_mut(self.depth)? = (node::child(heap, node, at), 0);
            } else {
                self.depth = self.depth.checked_sub(1)?;
            }
        }
    }
}
