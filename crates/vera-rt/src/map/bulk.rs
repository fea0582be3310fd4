//! A map of many fresh entries at once: linear but for the sorting of hashes, and
//! without the intermediate versions that inserting one by one leaves behind.

use super::node::{BOTTOM, DIGIT, hash_of};
use super::{EMPTY, hash, new, node};
use crate::heap::Heap;
use crate::memory::Ref;
use crate::roots::Roots;
use crate::string;
use vera_abi::layout::{ENTRY_HASH, ENTRY_KEY, ENTRY_POSITION, MAP_ROOT};

/// Gives fresh entries, whose keys are strings, their hashes and positions, and tells
/// `each` for every one by what it is to be sorted: the digits of its hash, the first one
/// first, then its index.
pub fn prepare(heap: &mut Heap, entries: &[Ref], mut each: impl FnMut((u32, u32))) {
    for (position, &entry) in (0..).zip(entries) {
        let hash = hash::string(heap, heap.mem().field(entry, ENTRY_KEY)) as u32;
        heap.mem_mut().set_field(entry, ENTRY_HASH, hash);
        heap.mem_mut().set_field(entry, ENTRY_POSITION, position);
        each((path(hash), position));
    }
}

/// The map that inserting prepared entries in the order of their positions makes. They
/// come sorted as [`prepare`] says, and are left in some order. Inside [`Heap::build`].
pub fn of_sorted(heap: &mut Heap, entries: &mut [Ref], roots: Roots) -> Ref {
    if entries.is_empty() {
        return EMPTY;
    }
    let next = entries.len() as u32;
    let count = without_duplicates(heap, entries);
    let map = new(heap, count as u32, next, roots);
    let root = trie(heap, entries.get(..count).unwrap_or(entries), 0, roots);
    heap.mem_mut().set_field(map, MAP_ROOT, root);
    map
}

/// The digits of a hash from the first to the last, which has two bits only.
fn path(hash: u32) -> u32 {
    let digits =
        (0..32 / DIGIT).fold(0, |path, level| path << DIGIT | hash >> (DIGIT * level) & 31);
    digits << 2 | hash >> 30
}

/// Moves the entries that stay to the front and says how many. Of those with the same
/// key the last one stays, at the place of the first.
fn without_duplicates(heap: &mut Heap, entries: &mut [Ref]) -> usize {
    let (mut kept, mut run) = (0, 0);
    for i in 0..entries.len() {
        let entry = entries[i];
        let same_hash = |heap: &Heap, other: Ref| hash_of(heap, other) == hash_of(heap, entry);
        if run < kept && !same_hash(heap, entries[run]) {
            run = kept;
        }
        let key = heap.mem().field(entry, ENTRY_KEY);
        let same =
            (run..kept).find(|&j| string::eq(heap, heap.mem().field(entries[j], ENTRY_KEY), key));
        match same {
            Some(j) => {
                let position = heap.mem().field(entries[j], ENTRY_POSITION);
                heap.mem_mut().set_field(entry, ENTRY_POSITION, position);
                entries[j] = entry;
            }
            None => {
                entries[kept] = entry;
                kept += 1;
            }
        }
    }
    kept
}

/// The node at `shift` of these entries, which agree below it and stand in the order of
/// their paths. It goes as deep as a hash has digits.
fn trie(heap: &mut Heap, entries: &[Ref], shift: u32, roots: Roots) -> Ref {
    if shift >= BOTTOM {
        let bucket = node::undefined(heap, [0, 0], entries.len() as u32, roots);
        for (i, &entry) in (0..).zip(entries) {
            heap.mem_mut().set_u32(node::place(bucket, i), entry);
        }
        return bucket;
    }
    let digit = |heap: &Heap, entry: &Ref| node::digit(hash_of(heap, *entry), shift);
    let mut maps = [0, 0];
    for group in entries.chunk_by(|a, b| digit(heap, a) == digit(heap, b)) {
        let bit = group.first().map_or(0, |e| digit(heap, e));
        maps[usize::from(group.len() > 1)] |= bit;
    }
    let count = maps[0].count_ones() + maps[1].count_ones();
    let made = node::undefined(heap, maps, count, roots);
    let (mut entry_at, mut node_at) = (0, maps[0].count_ones());
    let mut rest = entries;
    while let Some(first) = rest.first() {
        let bit = digit(heap, first);
        let end = rest.iter().position(|e| digit(heap, e) != bit).unwrap_or(rest.len());
        let (group, behind) = rest.split_at(end);
        rest = behind;
        let (at, child) = match group {
            [entry] => (&mut entry_at, *entry),
            _ => (&mut node_at, trie(heap, group, shift + DIGIT, roots)),
        };
        heap.mem_mut().set_u32(node::place(made, *at), child);
        *at += 1;
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::Config;
    use crate::map::{find_string, insert_string, order, size};
    use crate::seq;
    use std::format;
    use std::vec::Vec;
    use vera_abi::layout::{Kind, word0};

    fn entry(heap: &mut Heap, key: &str, value: u32, roots: Roots) -> Ref {
        let key = string::new(heap, key.as_bytes(), roots);
        let roots = roots.with(heap, [key]);
        let entry = heap.alloc(24, roots);
        let mem = heap.mem_mut();
        mem.set_u32(entry, word0(Kind::Fixed, 0));
        mem.set_u32(entry + 4, 1 << 2);
        mem.set_field(entry, ENTRY_KEY, key);
        mem.set_field(entry, ENTRY_KEY + 4, value);
        entry
    }

    fn contents(heap: &mut Heap, map: Ref, roots: Roots) -> Vec<(Vec<u8>, u32)> {
        let array = order::entries(heap, map, roots);
        (0..seq::len(heap, array))
            .map(|i| {
                let entry = seq::get_ref(heap, array, i);
                let key = heap.mem().field(entry, ENTRY_KEY);
                (string::bytes(heap, key).to_vec(), heap.mem().field(entry, ENTRY_KEY + 4))
            })
            .collect()
    }

    #[test]
    fn it_is_what_inserting_makes() {
        let counts = if cfg!(miri) { [0, 1, 2, 40] } else { [0, 1, 30, 3000] };
        for count in counts {
            let (mut heap, roots) = Heap::new(Config::small());
            heap.set_hash_key([7, 9]);
            let keys: Vec<_> = (0..count).map(|i| format!("k{}", i * i % 977)).collect();
            let mut one_by_one = EMPTY;
            for (value, key) in (0..).zip(&keys) {
                let roots = roots.with(&mut heap, [one_by_one]);
                let entry = entry(&mut heap, key, value, roots);
                one_by_one = insert_string(&mut heap, one_by_one, entry, roots);
            }
            let roots = roots.with(&mut heap, [one_by_one]);
            let map = heap.build(roots, |heap| {
                let entries: Vec<_> =
                    (0..).zip(&keys).map(|(value, key)| entry(heap, key, value, roots)).collect();
                let mut order = Vec::new();
                prepare(heap, &entries, |key| order.push(key));
                order.sort_unstable();
                let mut entries: Vec<_> = order.iter().map(|(_, i)| entries[*i as usize]).collect();
                of_sorted(heap, &mut entries, roots)
            });
            let roots = roots.with(&mut heap, [map]);
            assert_eq!(size(&heap, map), size(&heap, one_by_one));
            let expected = contents(&mut heap, one_by_one, roots);
            assert_eq!(contents(&mut heap, map, roots), expected);
            for (key, value) in expected {
                let key = string::new(&mut heap, &key, roots);
                let found = find_string(&heap, map, key);
                assert_eq!(heap.mem().field(found, ENTRY_KEY + 4), value);
            }
            heap.collect_full(roots);
            heap.verify().expect("a sound heap");
        }
    }
}
