//! Maps against a vector of pairs, in every version at once.

use super::*;
use crate::heap::Config;
use crate::seq;
use proptest::prelude::*;
use std::vec;
use std::vec::Vec;
use vera_abi::runtime::GcMode;

/// `n`, or something Miri can do.
const fn reduced(n: u64) -> u64 {
    if cfg!(miri) { n / 2000 + 10 } else { n }
}

/// An entry with a word as key and a boxed number as value.
fn word_entry(heap: &mut Heap, key: u64, value: u64, roots: Roots) -> Ref {
    let boxed = heap.alloc(16, roots);
    heap.mem_mut().set_u64(boxed, u64::from(word0(Kind::Fixed, 0)));
    heap.mem_mut().set_u64(boxed + 8, value);
    let inner = roots.with(heap, [boxed]);
    let entry = heap.alloc(32, inner);
    heap.mem_mut().set_u64(entry, u64::from(word0(Kind::Fixed, 0)) | 1 << (32 + 4));
    heap.mem_mut().set_u64(entry + ENTRY_POSITION, 0);
    heap.mem_mut().set_u64(entry + ENTRY_KEY, key);
    heap.mem_mut().set_u64(entry + 24, u64::from(boxed));
    entry
}

fn string_entry(heap: &mut Heap, key: &[u8], roots: Roots) -> Ref {
    let key = string::new(heap, key, roots);
    let inner = roots.with(heap, [key]);
    let entry = heap.alloc(24, inner);
    heap.mem_mut().set_u64(entry, u64::from(word0(Kind::Fixed, 0)) | 1 << (32 + 2));
    heap.mem_mut().set_u64(entry + ENTRY_POSITION, 0);
    heap.mem_mut().set_u64(entry + ENTRY_KEY, u64::from(key));
    entry
}

fn value(heap: &Heap, entry: Ref) -> u64 {
    heap.mem().u64(heap.mem().u32(entry + 24) + 8)
}

/// The pairs of a map in its order.
fn contents(heap: &mut Heap, map: Ref, roots: Roots) -> Vec<(u64, u64)> {
    let entries = order::entries(heap, map, roots);
    assert_eq!(seq::len(heap, entries), size(heap, map));
    (0..seq::len(heap, entries))
        .map(|i| seq::get_ref(heap, entries, i))
        .map(|entry| (heap.mem().long_field(entry, ENTRY_KEY), value(heap, entry)))
        .collect()
}

/// How the hash of a key comes about.
#[derive(Clone, Copy, Debug)]
enum Hashing {
    /// By the runtime, from the key.
    Real,
    /// By the caller: few values, which agree in their low digits.
    Poor,
}

fn poor_hash(key: u64) -> u32 {
    [0, 0, 1 << 31, 1 << 5, 0xffff_ffff, 31][(key % 6) as usize]
}

fn lookup(heap: &Heap, map: Ref, key: u64, hashing: Hashing) -> Ref {
    match hashing {
        Hashing::Real => find_word(heap, map, key),
        Hashing::Poor => {
            let mut entry = first(heap, map, poor_hash(key));
            while entry != 0 && heap.mem().long_field(entry, ENTRY_KEY) != key {
                entry = following(heap, map, entry);
            }
            entry
        }
    }
}

fn put(heap: &mut Heap, map: Ref, key: u64, value: u64, hashing: Hashing, roots: Roots) -> Ref {
    let roots = roots.with(heap, [map]);
    let entry = word_entry(heap, key, value, roots);
    match hashing {
        Hashing::Real => insert_word(heap, map, entry, roots),
        Hashing::Poor => {
            let old = lookup(heap, map, key, hashing);
            heap.mem_mut().set_field(entry, ENTRY_HASH, poor_hash(key));
            insert(heap, map, entry, Same::Entry(old), roots)
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// Key, value, and which version it goes into, counted from the newest.
    Insert(u64, u64, usize),
    Remove(u64, usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = 0..40_u64;
    let step = prop_oneof![
        3 => (key.clone(), any::<u64>(), 0..3_usize).prop_map(|(k, v, at)| Step::Insert(k, v, at)),
        2 => (key, 0..3_usize).prop_map(|(k, at)| Step::Remove(k, at)),
    ];
    prop::collection::vec(step, 1..if cfg!(miri) { 20 } else { 120 })
}

fn model_put(pairs: &mut Vec<(u64, u64)>, key: u64, value: u64) {
    match pairs.iter_mut().find(|(k, _)| *k == key) {
        Some(pair) => pair.1 = value,
        None => pairs.push((key, value)),
    }
}

/// Runs the steps; every version must keep its contents to the end.
fn agrees(steps: &[Step], hashing: Hashing, mode: u8) {
    let mode = GcMode::of_flags(i32::from(mode % 3));
    let config = Config { mode, ..Config::small() };
    let (mut heap, mut roots) = Heap::new(config);
    heap.set_hash_key([1, 2]);
    let mut versions = vec![(EMPTY, Vec::new())];
    for step in steps {
        let (Step::Insert(.., back) | Step::Remove(_, back)) = *step;
        let (map, mut pairs) = versions[versions.len() - 1 - back.min(versions.len() - 1)].clone();
        let map = match *step {
            Step::Insert(key, value, _) => {
                model_put(&mut pairs, key, value);
                put(&mut heap, map, key, value, hashing, roots)
            }
            Step::Remove(key, _) => {
                pairs.retain(|(k, _)| *k != key);
                match lookup(&heap, map, key, hashing) {
                    0 => map,
                    entry => remove(&mut heap, map, entry, roots),
                }
            }
        };
        roots = roots.with(&mut heap, [map]);
        versions.push((map, pairs));
    }
    heap.collect_full(roots);
    assert_eq!(heap.verify(), Ok(()));
    for (map, pairs) in versions {
        assert_eq!(contents(&mut heap, map, roots), pairs);
        for key in 0..40 {
            let entry = lookup(&heap, map, key, hashing);
            let found = (entry != 0).then(|| value(&heap, entry));
            assert_eq!(found, pairs.iter().find(|(k, _)| *k == key).map(|(_, v)| *v));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 3 } else { 256 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_version_agrees_with_the_model(steps in steps(), mode: u8) {
        agrees(&steps, Hashing::Real, mode);
    }

    #[test]
    fn equal_hashes_are_all_kept(steps in steps(), mode: u8) {
        agrees(&steps, Hashing::Poor, mode);
    }
}

#[test]
fn a_million_keys() {
    let n = reduced(1_000_000);
    let (mut heap, roots) = Heap::new(if cfg!(miri) { Config::small() } else { Config::large() });
    heap.set_hash_key([3, 4]);
    let mut map = EMPTY;
    for key in 0..n {
        map = put(&mut heap, map, key * 7919, key, Hashing::Real, roots);
    }
    let inner = roots.with(&mut heap, [map]);
    heap.collect_full(inner);
    assert_eq!(heap.verify(), Ok(()));
    assert_eq!(u64::from(size(&heap, map)), n);
    for key in 0..n {
        assert_eq!(value(&heap, find_word(&heap, map, key * 7919)), key);
        assert_eq!(find_word(&heap, map, key * 7919 + 1), 0);
    }
    let pairs = contents(&mut heap, map, inner);
    assert!(pairs.iter().enumerate().all(|(i, pair)| *pair == (i as u64 * 7919, i as u64)));
    for key in (0..n).filter(|key| key % 3 != 1) {
        let entry = find_word(&heap, map, key * 7919);
        map = remove(&mut heap, map, entry, roots);
    }
    let inner = roots.with(&mut heap, [map]);
    let pairs = contents(&mut heap, map, inner);
    assert!(pairs.iter().enumerate().all(|(i, pair)| pair.1 == 3 * i as u64 + 1));
    for pair in pairs {
        let entry = find_word(&heap, map, pair.0);
        map = remove(&mut heap, map, entry, roots);
    }
    assert_eq!(map, EMPTY);
    heap.collect_full(roots);
    assert_eq!(heap.live_bytes(), 0);
}

#[test]
fn strings_are_keys_by_content() {
    let (mut heap, roots) = Heap::new(Config::small());
    heap.set_hash_key([5, 6]);
    let mut map = EMPTY;
    for i in 0..reduced(2_000) as usize {
        let inner = roots.with(&mut heap, [map]);
        let text = vec![b'k'; i];
        let entry = string_entry(&mut heap, &text, inner);
        map = insert_string(&mut heap, map, entry, inner);
    }
    let roots = roots.with(&mut heap, [map]);
    for i in 0..reduced(2_000) as usize {
        let key = string::new(&mut heap, &vec![b'k'; i], roots);
        let entry = find_string(&heap, map, key);
        assert_eq!(heap.mem().field(entry, ENTRY_POSITION) as usize, i);
    }
    let absent = string::new(&mut heap, b"x", roots);
    assert_eq!(find_string(&heap, map, absent), 0);
}

#[test]
fn positions_are_given_anew_before_they_run_out() {
    let (mut heap, roots) = Heap::new(Config::small());
    heap.set_hash_key([7, 8]);
    let mut map = EMPTY;
    for key in 0..100 {
        map = put(&mut heap, map, key, key, Hashing::Real, roots);
    }
    // As after four thousand million insertions of one key and its removals.
    let old = map;
    let roots = roots.with(&mut heap, [old]);
    heap.mem_mut().set_field(map, MAP_NEXT, u32::MAX);
    map = put(&mut heap, map, 100, 100, Hashing::Real, roots);
    let roots = roots.with(&mut heap, [map]);
    assert_eq!(heap.mem().field(map, MAP_NEXT), 101);
    let expected: Vec<(u64, u64)> = (0..101).map(|key| (key, key)).collect();
    assert_eq!(contents(&mut heap, map, roots), expected);
    assert_eq!(contents(&mut heap, old, roots), expected[..100]);
}

#[test]
fn siphash_agrees_with_its_authors_test_vectors() {
    let (mut heap, roots) = Heap::new(Config::small());
    heap.set_hash_key([0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908]);
    let expected = [0xabac_0158_050f_c4dc, 0xc9f4_9bf3_7d57_ca93, 0x82cb_9b02_4dc7_d44d];
    for (len, hash) in expected.into_iter().enumerate() {
        let bytes: Vec<u8> = (0..len as u8).collect();
        let text = string::new(&mut heap, &bytes, roots);
        assert_eq!(hash::string(&heap, text), hash);
    }
}

#[test]
fn a_map_that_fits_is_changed_for_ever() {
    // Versions that nobody keeps are garbage that insertion makes itself.
    let memory = 0x1_0000 * 60;
    let (mut heap, roots) = Heap::new(Config { memory, ..Config::small() });
    heap.set_hash_key([1, 2]);
    let mut map = EMPTY;
    for i in 0..reduced(200_000) {
        let inner = roots.with(&mut heap, [map]);
        let entry = word_entry(&mut heap, i % 8_000, i, inner);
        map = insert_word(&mut heap, map, entry, inner);
    }
    assert_eq!(u64::from(size(&heap, map)), reduced(200_000).min(8_000));
}
