//! Maps and sets (language reference, chapters 13.1 and 13.2): persistent, in
//! insertion order, keys compared by value.
//!
//! A map is a hash trie from keys to *entries* (Bagwell, "Ideal Hash Trees",
//! 2001; with the node layout of Steindorfer and Vinju, "Optimizing Hash-Array
//! Mapped Tries for Fast and Lean Immutable JVM Collections", 2015). An update
//! copies the nodes from the root to one place and shares all others, so every
//! version stays valid.
//!
//! An entry is an object the caller made: the runtime knows its position in
//! insertion order, the hash of its key and where the key is, and nothing of
//! the key's or the value's type. Keys of one word and strings are compared
//! here. For any other type, compiled code looks at the entries with the right
//! hash one by one ([`first`], [`following`]); the runtime never calls back.
//!
//! Enumeration sorts the entries by position, which takes linear time; see
//! [`order`]. The empty map is the immediate 0.

pub mod bulk;
pub mod hash;
mod node;
pub mod order;

#[cfg(test)]
mod tests;

use crate::heap::Heap;
use crate::memory::Ref;
use crate::roots::Roots;
use crate::string;
use node::{BOTTOM, Child, DIGIT, LEVELS, digit, hash_of};
use vera_abi::layout::{
    ENTRY_HASH, ENTRY_KEY, ENTRY_POSITION, Kind, MAP_NEXT, MAP_ROOT, MAP_SIZE, word0,
};

/// The map without entries.
pub const EMPTY: Ref = 0;

/// Bytes of a map object.
const SIZE: u32 = MAP_ROOT + 4;

/// Number of entries. O(1).
#[inline]
pub fn size(heap: &Heap, map: Ref) -> u32 {
    if map == EMPTY { 0 } else { heap.mem().field(map, MAP_SIZE) }
}

/// How the entry a new one takes the place of is recognised.
#[derive(Clone, Copy)]
pub enum Same {
    /// It is this one; 0 for none.
    Entry(Ref),
    /// It has this key of one word.
    Word(u64),
    /// It has this key, a string.
    String(Ref),
}

impl Same {
    #[inline(always)]
    fn is(self, heap: &Heap, entry: Ref) -> bool {
        match self {
            Same::Entry(it) => it == entry,
            Same::Word(key) => heap.mem().long_field(entry, ENTRY_KEY) == key,
            Same::String(key) => string::eq(heap, heap.mem().field(entry, ENTRY_KEY), key),
        }
    }
}

/// The entry with this hash that is the `same`, or 0. O(log n).
#[inline(always)]
fn find(heap: &Heap, map: Ref, hash: u32, same: impl Fn(&Heap, Ref) -> bool) -> Ref {
    if map == EMPTY {
        return 0;
    }
    let is = |heap: &Heap, entry| hash_of(heap, entry) == hash && same(heap, entry);
    let mut at = heap.mem().field(map, MAP_ROOT);
    let mut shift = 0;
    while shift < BOTTOM {
        match node::lookup(heap, at, digit(hash, shift)) {
            Child::None => return 0,
            Child::Entry(place) => {
                let entry = heap.mem().u32(place);
                return if is(heap, entry) { entry } else { 0 };
            }
            Child::Node(place) => at = heap.mem().u32(place),
        }
        shift += DIGIT;
    }
    node::bucket_index(heap, at, is).map_or(0, |i| node::child(heap, at, i))
}

/// The entry with this key of one word, or 0. O(log n).
pub fn find_word(heap: &Heap, map: Ref, key: u64) -> Ref {
    find(heap, map, hash::word(heap, key) as u32, |heap, entry| Same::Word(key).is(heap, entry))
}

/// The entry with this string as key, or 0. O(log n + length).
pub fn find_string(heap: &Heap, map: Ref, key: Ref) -> Ref {
    let hash = hash::string(heap, key) as u32;
    find(heap, map, hash, |heap, entry| Same::String(key).is(heap, entry))
}

/// The first entry with this hash, or 0. O(log n).
pub fn first(heap: &Heap, map: Ref, hash: u32) -> Ref {
    find(heap, map, hash, |_, _| true)
}

/// The entry after `entry`, which is in the map, with the same hash, or 0.
pub fn following(heap: &Heap, map: Ref, entry: Ref) -> Ref {
    let hash = hash_of(heap, entry);
    let mut at = heap.mem().field(map, MAP_ROOT);
    let mut shift = 0;
    while shift < BOTTOM {
        let Child::Node(place) = node::lookup(heap, at, digit(hash, shift)) else { return 0 };
        at = heap.mem().u32(place);
        shift += DIGIT;
    }
    let mut passed = false;
    let next = node::bucket_index(heap, at, |_, other| {
        let is_behind = passed;
        passed |= other == entry;
        is_behind
    });
    next.map_or(0, |i| node::child(heap, at, i))
}

/// The map with a fresh entry whose key is of one word, instead of the one with
/// the same key or behind all others. O(log n).
pub fn insert_word(heap: &mut Heap, map: Ref, entry: Ref, roots: Roots) -> Ref {
    let key = heap.mem().long_field(entry, ENTRY_KEY);
    let hash = hash::word(heap, key) as u32;
    heap.mem_mut().set_field(entry, ENTRY_HASH, hash);
    insert(heap, map, entry, Same::Word(key), roots)
}

/// As [`insert_word`] for a string as key.
pub fn insert_string(heap: &mut Heap, map: Ref, entry: Ref, roots: Roots) -> Ref {
    let key = heap.mem().field(entry, ENTRY_KEY);
    let hash = hash::string(heap, key) as u32;
    heap.mem_mut().set_field(entry, ENTRY_HASH, hash);
    insert(heap, map, entry, Same::String(key), roots)
}

/// The map with a fresh entry, whose hash is set, instead of the one that is the
/// `same`, or behind all others. O(log n); no other version changes.
///
/// # Traps
/// `heap_exhausted`.
pub fn insert(heap: &mut Heap, map: Ref, entry: Ref, same: Same, roots: Roots) -> Ref {
    let roots = heap.make_room([map, entry], roots);
    heap.build(roots, |heap| {
        let map = if next_position(heap, map) == u32::MAX {
            order::renumbered(heap, map, roots)
        } else {
            map
        };
        inserted(heap, map, entry, same, roots)
    })
}

fn next_position(heap: &Heap, map: Ref) -> u32 {
    if map == EMPTY { 0 } else { heap.mem().field(map, MAP_NEXT) }
}

/// A map with these fields; the root is undefined.
fn new(heap: &mut Heap, size: u32, next: u32, roots: Roots) -> Ref {
    let map = heap.alloc(SIZE, roots);
    let mem = heap.mem_mut();
    mem.set_u32(map, word0(Kind::Fixed, 0));
    mem.set_u32(map + 4, 1 << ((MAP_ROOT - 8) / 4));
    mem.set_field(map, MAP_SIZE, size);
    mem.set_field(map, MAP_NEXT, next);
    map
}

/// Copies the nodes from the root down; `link` is where the reference to the
/// next copy belongs. Allocation does not collect.
fn inserted(heap: &mut Heap, map: Ref, entry: Ref, same: Same, roots: Roots) -> Ref {
    let (count, next) = (size(heap, map), next_position(heap, map));
    let made = new(heap, count + 1, next + 1, roots);
    heap.mem_mut().set_field(entry, ENTRY_POSITION, next);
    let mut link = made + MAP_ROOT;
    if map == EMPTY {
        let root = node::single(heap, entry, 0, roots);
        heap.mem_mut().set_u32(link, root);
        return made;
    }
    let hash = hash_of(heap, entry);
    let mut at = heap.mem().field(map, MAP_ROOT);
    let mut shift = 0;
    loop {
        let child = match shift < BOTTOM {
            true => node::lookup(heap, at, digit(hash, shift)),
            false => node::bucket_index(heap, at, |heap, other| same.is(heap, other))
                .map_or(Child::None, |i| Child::Entry(node::place(at, i))),
        };
        match child {
            Child::None => {
                let grown = node::with_entry(heap, at, entry, shift, roots);
                heap.mem_mut().set_u32(link, grown);
                return made;
            }
            Child::Entry(place) => {
                let other = heap.mem().u32(place);
                if hash_of(heap, other) == hash && same.is(heap, other) {
                    let copy = node::copy(heap, at, roots);
                    let mem = heap.mem_mut();
                    mem.set_u32(link, copy);
                    mem.set_u32(copy + (place - at), entry);
                    mem.set_field(entry, ENTRY_POSITION, mem.field(other, ENTRY_POSITION));
                    mem.set_field(made, MAP_SIZE, count);
                    mem.set_field(made, MAP_NEXT, next);
                    return made;
                }
                let (copy, below) = node::entry_to_node(heap, at, digit(hash, shift), roots);
                heap.mem_mut().set_u32(link, copy);
                split(heap, below, [other, entry], shift + DIGIT, roots);
                return made;
            }
            Child::Node(place) => {
                let copy = node::copy(heap, at, roots);
                heap.mem_mut().set_u32(link, copy);
                link = copy + (place - at);
                at = heap.mem().u32(place);
                shift += DIGIT;
            }
        }
    }
}

/// Stores at `link` the smallest trie of two entries whose hashes agree below
/// `shift`.
fn split(heap: &mut Heap, link: u32, entries: [Ref; 2], shift: u32, roots: Roots) {
    let [old, new] = entries;
    let (mut link, mut shift) = (link, shift);
    loop {
        let node = node::single(heap, old, shift, roots);
        let agree =
            shift < BOTTOM && digit(hash_of(heap, old), shift) == digit(hash_of(heap, new), shift);
        if !agree {
            let both = node::with_entry(heap, node, new, shift, roots);
            return heap.mem_mut().set_u32(link, both);
        }
        let (node, below) =
            node::entry_to_node(heap, node, digit(hash_of(heap, old), shift), roots);
        heap.mem_mut().set_u32(link, node);
        (link, shift) = (below, shift + DIGIT);
    }
}

/// The map without an entry of its own. O(log n); no other version changes.
///
/// # Traps
/// `heap_exhausted`.
pub fn remove(heap: &mut Heap, map: Ref, entry: Ref, roots: Roots) -> Ref {
    let count = size(heap, map);
    if count <= 1 {
        return EMPTY;
    }
    let roots = heap.make_room([map, entry], roots);
    heap.build(roots, |heap| {
        let next = next_position(heap, map);
        let made = new(heap, count - 1, next, roots);
        let root = removed(heap, heap.mem().field(map, MAP_ROOT), entry, roots);
        heap.mem_mut().set_field(made, MAP_ROOT, root);
        made
    })
}

/// The trie without an entry, of at least two. A node left with a single entry
/// is replaced by it, so equal contents have equal tries but for the order in
/// buckets.
fn removed(heap: &mut Heap, root: Ref, entry: Ref, roots: Roots) -> Ref {
    let hash = hash_of(heap, entry);
    // The nodes from the root to the entry.
    let mut path = [0; LEVELS];
    let mut depth = 0;
    let mut shift = 0;
    let mut at = root;
    let place = loop {
        if let Some(slot) = path.get_mut(depth) {
            *slot = at;
        }
        depth += 1;
        let child = match shift < BOTTOM {
            true => node::lookup(heap, at, digit(hash, shift)),
            false => node::bucket_index(heap, at, |_, other| other == entry)
                .map_or(Child::None, |i| Child::Entry(node::place(at, i))),
        };
        match child {
            Child::None => return root,
            Child::Entry(place) => break place,
            Child::Node(place) => at = heap.mem().u32(place),
        }
        shift += DIGIT;
    };
    let digit_at = |shift| if shift < BOTTOM { digit(hash, shift) } else { 0 };
    let mut made = node::without_entry(heap, at, place, digit_at(shift), roots);
    for &above in path.iter().take(depth).rev().skip(1) {
        shift -= DIGIT;
        let digit = digit_at(shift);
        made = if node::count(heap, made) == 1 && node::entry_count(heap, made) == 1 {
            let last = node::child(heap, made, 0);
            node::node_to_entry(heap, above, digit, last, roots)
        } else {
            node::with_node(heap, above, digit, made, roots)
        };
    }
    made
}
