//! Nodes of the trie: objects of kind [`Kind::Split`], two bitmaps and then the
//! children, entries before nodes.
//!
//! A node of level `l` is indexed by bits `5 l` to `5 l + 4` of the hash. Where
//! the hash has no bits left, entries with the same hash stand in a *bucket*: a
//! node whose bitmaps are empty.

use crate::heap::Heap;
use crate::memory::Ref;
use crate::roots::Roots;
use vera_abi::layout::{ENTRY_HASH, HEADER_SIZE, Kind, SPLIT_SHIFT};

/// Which hash digits have an entry here.
const ENTRIES: u32 = HEADER_SIZE;
/// Which hash digits have a node below this one.
const NODES: u32 = HEADER_SIZE + 4;
const CHILDREN: u32 = HEADER_SIZE + 8;
/// Words before the children.
const RAW_WORDS: u32 = 2;

/// Bits of the hash that index one level.
pub const DIGIT: u32 = 5;
/// The shift at which the hash has no bits left.
pub const BOTTOM: u32 = 35;
/// Levels of the trie, buckets included.
pub const LEVELS: usize = (BOTTOM / DIGIT) as usize + 1;

/// The hash an entry holds.
#[inline(always)]
pub fn hash_of(heap: &Heap, entry: Ref) -> u32 {
    heap.mem().field(entry, ENTRY_HASH)
}

/// The bitmap position of a hash at a level, which is not the bottom.
#[inline(always)]
pub fn digit(hash: u32, shift: u32) -> u32 {
    1 << (hash >> shift & 31)
}

/// What a node has at a hash digit: the address of the child's reference.
pub enum Child {
    /// Nothing.
    None,
    /// An entry.
    Entry(u32),
    /// A node of the next level.
    Node(u32),
}

/// Number of children.
#[inline(always)]
pub fn count(heap: &Heap, node: Ref) -> u32 {
    heap.mem().u32(node + 4) >> SPLIT_SHIFT
}

/// Number of children that are entries: all of a bucket's.
pub fn entry_count(heap: &Heap, node: Ref) -> u32 {
    count(heap, node) - heap.mem().field(node, NODES).count_ones()
}

/// Child `i`.
#[inline(always)]
pub fn child(heap: &Heap, node: Ref, i: u32) -> Ref {
    heap.mem().u32(place(node, i))
}

/// The address of the reference to child `i`.
#[inline(always)]
pub fn place(node: Ref, i: u32) -> u32 {
    node + CHILDREN + 4 * i
}

/// The child at a digit of a node that is not a bucket.
#[inline(always)]
pub fn lookup(heap: &Heap, node: Ref, digit: u32) -> Child {
    let entries = heap.mem().field(node, ENTRIES);
    let first = node + CHILDREN;
    if entries & digit != 0 {
        return Child::Entry(first + 4 * below(entries, digit));
    }
    let nodes = heap.mem().field(node, NODES);
    if nodes & digit != 0 {
        return Child::Node(first + 4 * (entries.count_ones() + below(nodes, digit)));
    }
    Child::None
}

/// The place of an entry in a bucket, as an index of its children.
pub fn bucket_index(
    heap: &Heap,
    bucket: Ref,
    mut is: impl FnMut(&Heap, Ref) -> bool,
) -> Option<u32> {
    (0..count(heap, bucket)).find(|&i| is(heap, child(heap, bucket, i)))
}

/// Number of bits of `map` below `digit`.
#[inline(always)]
fn below(map: u32, digit: u32) -> u32 {
    (map & (digit - 1)).count_ones()
}

fn new(heap: &mut Heap, entries: u32, nodes: u32, count: u32, roots: Roots) -> Ref {
    let node = heap.alloc(CHILDREN + 4 * count, roots);
    let mem = heap.mem_mut();
    mem.set_u32(node, Kind::Split as u32);
    mem.set_u32(node + 4, RAW_WORDS | count << SPLIT_SHIFT);
    mem.set_field(node, ENTRIES, entries);
    mem.set_field(node, NODES, nodes);
    node
}

/// A node, or bucket when both bitmaps are 0, whose `count` children are undefined.
pub fn undefined(heap: &mut Heap, maps: [u32; 2], count: u32, roots: Roots) -> Ref {
    new(heap, maps[0], maps[1], count, roots)
}

/// A node, or bucket, with a single entry.
pub fn single(heap: &mut Heap, entry: Ref, shift: u32, roots: Roots) -> Ref {
    let entries = if shift < BOTTOM { digit(hash_of(heap, entry), shift) } else { 0 };
    let node = new(heap, entries, 0, 1, roots);
    heap.mem_mut().set_field(node, CHILDREN, entry);
    node
}

/// A copy of a node.
pub fn copy(heap: &mut Heap, node: Ref, roots: Roots) -> Ref {
    let size = CHILDREN + 4 * count(heap, node);
    let copy = heap.alloc(size, roots);
    heap.mem_mut().copy(node, copy, size);
    copy
}

/// A copy of a node with one more entry; of a bucket, at its end.
pub fn with_entry(heap: &mut Heap, node: Ref, entry: Ref, shift: u32, roots: Roots) -> Ref {
    let (entries, nodes) = maps(heap, node);
    let (digit, at) = if shift < BOTTOM {
        let digit = digit(hash_of(heap, entry), shift);
        (digit, below(entries, digit))
    } else {
        (0, count(heap, node))
    };
    let grown = new(heap, entries | digit, nodes, count(heap, node) + 1, roots);
    splice(heap, node, grown, at, 0, Some(entry));
    grown
}

/// A copy of a node without the entry at a digit whose reference is at `place`.
pub fn without_entry(heap: &mut Heap, node: Ref, place: u32, digit: u32, roots: Roots) -> Ref {
    let (entries, nodes) = maps(heap, node);
    let shrunk = new(heap, entries & !digit, nodes, count(heap, node) - 1, roots);
    splice(heap, node, shrunk, (place - node - CHILDREN) / 4, 1, None);
    shrunk
}

/// A copy of a node with another node at a digit that has one.
pub fn with_node(heap: &mut Heap, node: Ref, digit: u32, below: Ref, roots: Roots) -> Ref {
    let copy = copy(heap, node, roots);
    if let Child::Node(place) = lookup(heap, copy, digit) {
        heap.mem_mut().set_u32(place, below);
    }
    copy
}

/// A copy of a node with a node instead of the entry at a digit. Returns the
/// address of the reference to it, which is undefined, too.
pub fn entry_to_node(heap: &mut Heap, node: Ref, digit: u32, roots: Roots) -> (Ref, u32) {
    let (entries, nodes) = maps(heap, node);
    let copy = new(heap, entries & !digit, nodes | digit, count(heap, node), roots);
    let from = below(entries, digit);
    let to = entries.count_ones() - 1 + below(nodes, digit);
    let (old, new) = (node + CHILDREN, copy + CHILDREN);
    let mem = heap.mem_mut();
    mem.copy(old, new, 4 * from);
    mem.copy(old + 4 * (from + 1), new + 4 * from, 4 * (to - from));
    let rest = count(heap, node) - to - 1;
    heap.mem_mut().copy(old + 4 * (to + 1), new + 4 * (to + 1), 4 * rest);
    (copy, new + 4 * to)
}

/// A copy of a node with `entry` instead of the node at a digit.
pub fn node_to_entry(heap: &mut Heap, node: Ref, digit: u32, entry: Ref, roots: Roots) -> Ref {
    let (entries, nodes) = maps(heap, node);
    let copy = new(heap, entries | digit, nodes & !digit, count(heap, node), roots);
    let from = entries.count_ones() + below(nodes, digit);
    let to = below(entries, digit);
    let (old, new) = (node + CHILDREN, copy + CHILDREN);
    let mem = heap.mem_mut();
    mem.copy(old, new, 4 * to);
    mem.set_u32(new + 4 * to, entry);
    mem.copy(old + 4 * to, new + 4 * (to + 1), 4 * (from - to));
    let rest = count(heap, node) - from - 1;
    heap.mem_mut().copy(old + 4 * (from + 1), new + 4 * (from + 1), 4 * rest);
    copy
}

fn maps(heap: &Heap, node: Ref) -> (u32, u32) {
    (heap.mem().field(node, ENTRIES), heap.mem().field(node, NODES))
}

/// Copies the children of `node` to `to`, with `entry` instead of the `skip`
/// children at `at`.
fn splice(heap: &mut Heap, node: Ref, to: Ref, at: u32, skip: u32, entry: Option<Ref>) {
    let rest = count(heap, node) - at - skip;
    let (old, new) = (node + CHILDREN, to + CHILDREN);
    let mem = heap.mem_mut();
    mem.copy(old, new, 4 * at);
    let mut behind = new + 4 * at;
    if let Some(entry) = entry {
        mem.set_u32(behind, entry);
        behind += 4;
    }
    mem.copy(old + 4 * (at + skip), behind, 4 * rest);
}
