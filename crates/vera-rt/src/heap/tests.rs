//! The collector against a model of the object graph, and against large and
//! deep graphs.

use super::{Config, Heap};
use crate::memory::Ref;
use crate::roots::Roots;
use crate::seq::{self, Elem, Head};
use crate::{array, string};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::vec;
use std::vec::Vec;
use vera_abi::layout::{Kind, SEQ_ELEMENTS, word0};
use vera_abi::runtime::GcMode;

/// `n`, or something Miri can do.
const fn size(n: u32) -> u32 {
    if cfg!(miri) { n / 2000 + 10 } else { n }
}

fn config(eager: bool) -> Config {
    let mode = if eager { GcMode::Eager } else { GcMode::Normal };
    Config { mode, ..if cfg!(miri) { Config::small() } else { Config::large() } }
}

/// A `Fixed` object with these references, then an `Int`; roots the references.
fn node(heap: &mut Heap, refs: &[Ref], number: u64, roots: Roots) -> Ref {
    let mut inner = roots;
    for &r in refs {
        inner = inner.with(heap, [r]);
    }
    let count = refs.len() as u32;
    let at = 8 + (4 * count).next_multiple_of(8);
    let object = heap.alloc(at + 8, inner);
    heap.mem_mut().set_u32(object, word0(Kind::Fixed, 7));
    heap.mem_mut().set_u32(object + 4, (1 << count) - 1);
    for (i, &r) in refs.iter().enumerate() {
        heap.mem_mut().set_u32(object + 8 + 4 * i as u32, r);
    }
    heap.mem_mut().set_u64(object + at, number);
    object
}

fn check(heap: &Heap) {
    assert_eq!(heap.verify(), Ok(()));
}

/// A list of `length` cells, built with a single root that moves along.
fn list(heap: &mut Heap, length: u32, roots: Roots) -> Ref {
    let mut list = 0;
    for i in 0..length {
        list = node(heap, &[list], u64::from(i), roots);
    }
    list
}

fn sum(heap: &Heap, mut list: Ref) -> u64 {
    let mut total = 0;
    while list != 0 {
        total += heap.mem().u64(list + 16);
        list = heap.mem().u32(list + 8);
    }
    total
}

#[test]
fn a_list_of_a_million_cells() {
    let n = size(1_000_000);
    let (mut heap, roots) = Heap::new(config(false));
    let list = list(&mut heap, n, roots);
    let inner = roots.with(&mut heap, [list]);
    for _ in 0..2 {
        let array = array::range(&mut heap, 0, i64::from(size(300_000)), inner);
        assert_eq!(seq::len(&heap, array), size(300_000));
    }
    heap.collect_full(inner);
    check(&heap);
    assert_eq!(sum(&heap, list), u64::from(n) * u64::from(n - 1) / 2);
    assert_eq!(heap.live_bytes(), 24 * u64::from(n));
    heap.collect_full(roots);
    assert_eq!(heap.live_bytes(), 0);
}

#[test]
fn trees_deep_on_either_side() {
    let n = size(1_000_000);
    for side in [0, 1] {
        let (mut heap, roots) = Heap::new(config(false));
        let mut tree = 0;
        for i in 0..n {
            let inner = roots.with(&mut heap, [tree]);
            let leaf = node(&mut heap, &[0, 0], 1, inner);
            let children = if side == 0 { [tree, leaf] } else { [leaf, tree] };
            tree = node(&mut heap, &children, u64::from(i), inner);
        }
        let roots = roots.with(&mut heap, [tree]);
        heap.collect_full(roots);
        check(&heap);
        assert_eq!(heap.marked_objects().len() as u32, 2 * n);
    }
}

#[test]
fn a_large_array_of_boxes_keeps_them() {
    let n = size(1_000_000);
    let (mut heap, roots) = Heap::new(config(false));
    let boxes = seq::new_building(&mut heap, n, Elem::REF, roots);
    let inner = roots.with(&mut heap, [boxes]);
    for i in 0..n {
        let made = node(&mut heap, &[], u64::from(i), inner);
        // As compiled code does: a plain store into an array that is being built.
        heap.mem_mut().set_u32(boxes + SEQ_ELEMENTS + 4 * i, made);
    }
    seq::trim(&mut heap, boxes, n, 4);
    heap.collect_young(inner);
    check(&heap);
    heap.collect_full(inner);
    check(&heap);
    for i in 0..n {
        let made = seq::get_ref(&heap, boxes, i);
        assert_eq!(heap.mem().u64(made + 8), u64::from(i));
    }
    assert_eq!(heap.marked_objects().len() as u32, n + 1);
}

#[test]
fn a_building_array_is_seen_by_every_young_collection() {
    let (mut heap, roots) = Heap::new(Config::small());
    let array = seq::new_building(&mut heap, 5, Elem::REF, roots);
    let inner = roots.with(&mut heap, [array]);
    for i in 0..5 {
        heap.collect_young(inner);
        assert!(heap.is_old(array));
        let made = node(&mut heap, &[], u64::from(i), inner);
        heap.mem_mut().set_u32(array + SEQ_ELEMENTS + 4 * i, made);
        heap.collect_young(inner);
        check(&heap);
        assert!(heap.is_old(made));
    }
    let last = node(&mut heap, &[], 99, inner);
    heap.mem_mut().set_u32(array + SEQ_ELEMENTS + 16, last);
    seq::trim(&mut heap, array, 5, 4);
    heap.collect_young(inner);
    check(&heap);
    assert!(heap.is_old(last));
    // Abandoned while it was built, as by an exception: nothing keeps it.
    heap.collect_full(roots);
    assert!(heap.marked_objects().is_empty());
    heap.collect_young(roots);
    check(&heap);
}

#[test]
fn an_old_array_keeps_what_is_appended_between_collections() {
    appended_between_collections(Head::Shared);
}

#[test]
fn an_old_array_with_one_holder_keeps_what_is_appended_between_collections() {
    appended_between_collections(Head::Owned);
}

fn appended_between_collections(head: Head) {
    let (mut heap, roots) = Heap::new(Config::small());
    let empty = string::empty(&heap);
    let mut array = seq::own(&mut heap, empty, roots);
    let count = if cfg!(miri) { 40 } else { 300 };
    for i in 0..count {
        let inner = roots.with(&mut heap, [array]);
        // Some elements are immediates, and some collections see none or many new ones.
        let element = if i % 5 == 0 { 3 } else { node(&mut heap, &[], u64::from(i), inner) };
        array = array::append_ref(&mut heap, array, element, head, inner);
        if i % 7 == 0 || i % 11 < 2 {
            let inner = roots.with(&mut heap, [array]);
            heap.collect_young(inner);
            check(&heap);
        }
    }
    let other = array::concat(&mut heap, array, array, Elem::REF, Head::Shared, roots);
    let inner = roots.with(&mut heap, [other]);
    heap.collect_young(inner);
    check(&heap);
    for i in 0..2 * count {
        let element = seq::get_ref(&heap, other, i);
        let i = u64::from(i % count);
        assert!(if i % 5 == 0 { element == 3 } else { heap.mem().u64(element + 8) == i });
    }
}

#[test]
fn an_old_object_remembers_what_is_written_into_it() {
    let (mut heap, roots) = Heap::new(Config::small());
    let cell = node(&mut heap, &[0], 0, roots);
    let inner = roots.with(&mut heap, [cell]);
    heap.collect_young(inner);
    let young = node(&mut heap, &[], 1, inner);
    heap.write_ref(cell, cell + 8, young);
    heap.collect_young(inner);
    assert!(heap.is_old(young));
    // An immediate needs no remembering, and the old value is garbage now, but
    // only a full collection sees that.
    heap.write_ref(cell, cell + 8, 3);
    heap.collect_young(inner);
    assert!(heap.is_old(young));
    heap.collect_full(inner);
    assert_eq!(heap.marked_objects(), [cell]);
}

#[test]
fn a_static_object_is_a_root_once_written() {
    let (mut heap, roots) = Heap::new(Config::small());
    let cell = heap.mem().test_statics();
    heap.mem_mut().set_u32(cell, word0(Kind::Fixed, 0));
    heap.mem_mut().set_u32(cell + 4, 1);
    for i in 0..3 {
        let kept = node(&mut heap, &[], i, roots);
        heap.write_ref(cell, cell + 8, kept);
        heap.collect_young(roots);
        assert!(heap.is_old(kept));
        heap.collect_full(roots);
        assert_eq!(heap.marked_objects(), [kept]);
    }
}

#[test]
fn a_wide_object_is_scanned_by_its_descriptor() {
    let (mut heap, roots) = Heap::new(Config::small());
    let descriptor = heap.mem().test_statics();
    for (i, word) in [40, 1 << 31, 1 << 3].into_iter().enumerate() {
        heap.mem_mut().set_u32(descriptor + 4 * i as u32, word);
    }
    let kept = [node(&mut heap, &[], 1, roots), node(&mut heap, &[], 2, roots)];
    let dead = node(&mut heap, &[], 3, roots);
    let inner = roots.with(&mut heap, kept);
    let wide = heap.alloc(8 + 160, inner);
    heap.mem_mut().fill(wide, 168, 0);
    heap.mem_mut().set_u32(wide, word0(Kind::Wide, 0));
    heap.mem_mut().set_u32(wide + 4, descriptor);
    for (word, r) in [(31, kept[0]), (35, kept[1]), (34, dead)] {
        heap.mem_mut().set_u32(wide + 8 + 4 * word, r);
    }
    let inner = roots.with(&mut heap, [wide]);
    heap.collect_full(inner);
    let live: BTreeSet<Ref> = heap.marked_objects().into_iter().collect();
    assert_eq!(live, BTreeSet::from([kept[0], kept[1], wide]));
}

#[test]
fn large_texts_grow_where_they_lie() {
    let (mut heap, roots) = Heap::new(config(false));
    let empty = string::empty(&heap);
    let steps = if cfg!(miri) { 8 } else { 200 };
    let mut texts = [empty; 3].map(|text| (seq::own(&mut heap, text, roots), Vec::new()));
    let mut moves = 0;
    for step in 0..steps {
        // The last grows alone in the second half, with garbage of others around.
        let index = if step < steps / 2 { step % 3 } else { 2 };
        let held = [texts[0].0, texts[1].0, texts[2].0];
        let inner = roots.with(&mut heap, held);
        let piece = vec![b'a' + (step % 26) as u8; 40_000 + 999 * step];
        let tail = string::new(&mut heap, &piece, inner);
        let (text, expected) = &mut texts[index];
        let before = seq::owner(&heap, *text);
        *text = string::transform::concat(&mut heap, *text, tail, Head::Owned, inner);
        moves += u32::from(seq::owner(&heap, *text) != before);
        expected.extend(piece);
        if step % 16 == 0 {
            let held = [texts[0].0, texts[1].0, texts[2].0];
            let inner = roots.with(&mut heap, held);
            heap.collect_full(inner);
            check(&heap);
        }
    }
    for (text, expected) in &texts {
        assert_eq!(string::bytes(&heap, *text), &expected[..]);
    }
    assert!(moves < steps as u32 / 4 || cfg!(miri), "{moves} copies for {steps} appends");
}

#[test]
fn large_objects_at_the_edges() {
    for length in [65_519, 65_531, 65_535, 65_536, 65_537, 8_168, 8_169] {
        let (mut heap, roots) = Heap::new(config(false));
        let (text, data) = string::new_undefined(&mut heap, length, roots);
        heap.mem_mut().fill(data, length, b'x');
        let inner = roots.with(&mut heap, [text]);
        let other = string::new_undefined(&mut heap, length, inner).0;
        heap.collect_full(inner);
        check(&heap);
        assert_eq!(seq::len(&heap, text), length);
        assert!(string::bytes(&heap, text).iter().all(|&byte| byte == b'x'));
        assert_eq!(heap.marked_objects(), [text]);
        assert_ne!(other, text);
    }
}

#[test]
fn building_and_dropping_stays_bounded() {
    let n = size(100_000);
    let (mut heap, roots) = Heap::new(config(false));
    for _ in 0..30 {
        let list = list(&mut heap, n, roots);
        assert_eq!(sum(&heap, list), u64::from(n) * u64::from(n - 1) / 2);
        let rooted = roots.with(&mut heap, [list]);
        let text = string::new_undefined(&mut heap, 10 * n, rooted).0;
        assert!(heap.is_large(text) || cfg!(miri));
    }
    // Live at once: a list and a text.
    let live = 34 * u64::from(n);
    assert!(heap.high_water() <= 2 * live + (4 << 20), "{} bytes", heap.high_water());
}

#[test]
fn gigabytes_of_short_lived_texts() {
    let (mut heap, roots) = Heap::new(config(false));
    for _ in 0..size(1_000_000) {
        let text = string::new_undefined(&mut heap, 1000, roots).0;
        assert_eq!(seq::len(&heap, text), 1000);
    }
    assert!(heap.high_water() <= 4 << 20);
}

#[test]
fn memory_of_one_size_serves_another() {
    let (mut heap, roots) = Heap::new(Config { memory: 12 << 20, ..Config::small() });
    for round in 0..size(40) {
        let bytes = if round % 2 == 0 { 8 } else { 2_000 };
        let mut inner = roots;
        for _ in 0..size(4 << 20) / (bytes + 24) {
            let made = string::new_undefined(&mut heap, bytes, inner).0;
            if inner.top() < heap.shadow_limit() {
                inner = inner.with(&mut heap, [made]);
            }
        }
        let large = string::new_undefined(&mut heap, 2 << 20, roots).0;
        assert!(heap.is_large(large));
    }
    heap.collect_full(roots);
    check(&heap);
}

#[test]
fn eager_collection_poisons_what_it_frees() {
    let (mut heap, roots) = Heap::new(Config::small().eager());
    let kept = node(&mut heap, &[], 1, roots);
    let inner = roots.with(&mut heap, [kept]);
    let dead = node(&mut heap, &[], 2, inner);
    node(&mut heap, &[], 3, inner);
    let again = node(&mut heap, &[], 4, inner);
    assert_eq!(dead, again, "a dead cell is reused at once");
    heap.collect_full(inner);
    assert_eq!(heap.mem().u64(dead + 8), 0xdbdb_dbdb_dbdb_dbdb);
    assert_eq!(heap.mem().u64(kept + 8), 1);
    check(&heap);
}

#[test]
fn a_built_value_needs_no_roots_inside() {
    for mode in [GcMode::Normal, GcMode::Eager, GcMode::Young] {
        let (mut heap, roots) = Heap::new(Config { mode, ..Config::small() });
        let collections = heap.collections();
        let made = heap.build(roots, |heap| {
            let leaves: Vec<Ref> = (0..100).map(|i| node(heap, &[], i, roots)).collect();
            assert_eq!(heap.collections(), collections);
            let array = seq::new(heap, 100, Elem::REF, 0, roots);
            for (i, &leaf) in leaves.iter().enumerate() {
                heap.mem_mut().set_u32(array + SEQ_ELEMENTS + 4 * i as u32, leaf);
            }
            array
        });
        let inner = roots.with(&mut heap, [made]);
        heap.collect_full(inner);
        assert_eq!(heap.marked_objects().len(), 101);
    }
}

#[test]
fn memory_grown_by_someone_else_is_left_alone() {
    let (mut heap, roots) = Heap::new(config(false));
    let mut inner = roots;
    let mut foreign = Vec::new();
    for i in 0..20 {
        let page = heap.mem_mut().grow(1).expect("there is memory");
        heap.mem_mut().fill(page, crate::memory::PAGE, i);
        foreign.push((page, i));
        let text = string::new_undefined(&mut heap, 300_000, inner).0;
        if i % 3 == 0 {
            inner = inner.with(&mut heap, [text]);
        }
        if i % 5 == 0 {
            heap.collect_full(inner);
            check(&heap);
        }
    }
    heap.collect_full(roots);
    check(&heap);
    for (page, i) in foreign {
        let bytes = heap.mem().bytes(page, crate::memory::PAGE);
        assert!(bytes.iter().all(|&byte| byte == i));
    }
}

#[test]
fn exhausted_memory_is_a_trap() {
    use vera_abi::trap::TrapKind;
    let (mut heap, roots) = Heap::new(Config::small());
    let mut inner = roots;
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        loop {
            let made = string::new_undefined(&mut heap, 100_000, inner).0;
            inner = inner.with(&mut heap, [made]);
        }
    }));
    let payload = caught.expect_err("memory ends");
    assert_eq!(payload.downcast_ref::<TrapKind>(), Some(&TrapKind::HeapExhausted));
    heap.collect_full(roots);
    check(&heap);
    string::new_undefined(&mut heap, 5_000_000, roots);
}

/// A step of a program over a graph of nodes; indices are taken modulo the
/// number of nodes that are still reachable.
#[derive(Clone, Debug)]
enum Op {
    /// A node referring to some others, possibly padded to a larger class.
    Node(Vec<usize>, u32),
    /// A sequence of references.
    Array(Vec<usize>),
    /// Stores a reference to the second into the first.
    Write(usize, usize),
    /// Makes a node a root, or the root at this place none.
    Root(usize),
    Unroot(usize),
    Garbage(u32),
    /// Someone else grows the memory, as Rust's allocator would.
    Foreign,
    Young,
    Full,
}

fn op() -> impl Strategy<Value = Op> {
    let index = any::<usize>;
    let indices = || proptest::collection::vec(any::<usize>(), 0..5);
    prop_oneof![
        (indices(), 0u32..200).prop_map(|(refs, pad)| Op::Node(refs, pad)),
        (indices(), Just(0)).prop_map(|(refs, pad)| Op::Node(refs, pad)),
        indices().prop_map(Op::Array),
        (index(), index()).prop_map(|(a, b)| Op::Write(a, b)),
        (index(), index()).prop_map(|(a, b)| Op::Write(a, b)),
        index().prop_map(Op::Root),
        index().prop_map(Op::Unroot),
        (1u32..100_000).prop_map(Op::Garbage),
        Just(Op::Foreign),
        Just(Op::Young),
        Just(Op::Full),
    ]
}

/// The graph as the test knows it.
#[derive(Default)]
struct Model {
    edges: BTreeMap<Ref, Vec<Ref>>,
    roots: Vec<Ref>,
}

impl Model {
    fn reachable(&self) -> BTreeSet<Ref> {
        let mut seen = BTreeSet::new();
        let mut open = self.roots.clone();
        while let Some(r) = open.pop() {
            if seen.insert(r) {
                open.extend(&self.edges[&r]);
            }
        }
        seen
    }

    /// The roots on the shadow stack.
    fn push(&self, heap: &mut Heap, roots: Roots) -> Roots {
        self.roots.iter().fold(roots, |roots, &r| roots.with(heap, [r]))
    }
}

fn run(ops: &[Op], config: Config) -> Result<(), TestCaseError> {
    let (mut heap, bottom) = Heap::new(config);
    let mut model = Model::default();
    for op in ops {
        let live: Vec<Ref> = model.reachable().into_iter().collect();
        let pick = |i: &usize| live.get(i % live.len().max(1)).copied().unwrap_or(0);
        let roots = model.push(&mut heap, bottom);
        match op {
            Op::Node(refs, pad) => {
                let refs: Vec<Ref> = refs.iter().map(pick).collect();
                let object = heap.alloc(8 + 4 * 5 + pad, roots);
                heap.mem_mut().set_u32(object, word0(Kind::Fixed, 0));
                heap.mem_mut().set_u32(object + 4, 0b11111);
                for i in 0..5 {
                    let r = refs.get(i as usize).copied().unwrap_or(i);
                    heap.mem_mut().set_u32(object + 8 + 4 * i, r);
                }
                model.edges.insert(object, refs.into_iter().filter(|&r| r != 0).collect());
                model.roots.push(object);
            }
            Op::Array(refs) => {
                let refs: Vec<Ref> = refs.iter().map(pick).collect();
                let array = seq::new(&mut heap, refs.len() as u32, Elem::REF, 0, roots);
                for (i, &r) in refs.iter().enumerate() {
                    heap.mem_mut().set_u32(array + SEQ_ELEMENTS + 4 * i as u32, r);
                }
                model.edges.insert(array, refs.into_iter().filter(|&r| r != 0).collect());
                model.roots.push(array);
            }
            Op::Write(a, b) => {
                let (a, b) = (pick(a), pick(b));
                if a != 0 && heap.mem().u32(a) & 0xf == Kind::Fixed as u32 {
                    let old = heap.mem().u32(a + 8);
                    heap.write_ref(a, a + 8, b);
                    let edges = model.edges.entry(a).or_default();
                    if let Some(at) = edges.iter().position(|&r| r == old) {
                        edges.remove(at);
                    }
                    edges.push(b);
                }
            }
            Op::Root(a) if !live.is_empty() => model.roots.push(pick(a)),
            Op::Unroot(a) if !model.roots.is_empty() => {
                model.roots.remove(a % model.roots.len());
            }
            Op::Root(_) | Op::Unroot(_) => {}
            Op::Garbage(bytes) => {
                string::new_undefined(&mut heap, *bytes, roots);
            }
            Op::Foreign => drop(heap.mem_mut().grow(1)),
            Op::Young => {
                heap.collect_young(roots);
                prop_assert_eq!(heap.verify(), Ok(()));
                prop_assert!(live.iter().all(|&r| heap.is_old(r)));
            }
            Op::Full => {
                heap.collect_full(roots);
                prop_assert_eq!(heap.verify(), Ok(()));
                prop_assert_eq!(heap.marked_objects(), live);
            }
        }
    }
    let roots = model.push(&mut heap, bottom);
    heap.collect_full(roots);
    prop_assert_eq!(heap.verify(), Ok(()));
    let live = model.reachable();
    prop_assert_eq!(heap.marked_objects(), live.iter().copied().collect::<Vec<_>>());
    for r in live {
        let mut found = heap.references(r);
        let mut expected = model.edges[&r].clone();
        found.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(found, expected);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 3 } else { 300 }))]
    #[test]
    fn graphs_live_exactly_as_long_as_they_are_reachable(
        ops in proptest::collection::vec(op(), 0..if cfg!(miri) { 25 } else { 120 }),
    ) {
        run(&ops, Config::small())?;
    }

    #[test]
    fn graphs_survive_young_collection(
        ops in proptest::collection::vec(op(), 0..if cfg!(miri) { 10 } else { 60 }),
    ) {
        run(&ops, Config::small().young())?;
    }

    #[test]
    fn graphs_survive_eager_collection(
        ops in proptest::collection::vec(op(), 0..if cfg!(miri) { 10 } else { 60 }),
    ) {
        run(&ops, Config::small().eager())?;
    }
}

/// A heap with room for so many blocks beside what it keeps to itself.
fn tight(blocks: u32) -> (Heap, Roots) {
    let pages = blocks / 2;
    Heap::new(Config { memory: (pages + 18) * 0x1_0000, ..Config::small() })
}

#[test]
fn memory_is_used_up_before_it_is_refused() {
    // A list that fills most of the memory, again and again: each time the old one is
    // garbage, and there is no block left to mark with but the one that is kept.
    let (mut heap, roots) = tight(64);
    let mut inner = roots;
    for round in 0..6 {
        let mut list = 0;
        for i in 0..40_000 {
            list = node(&mut heap, &[list], round * i, roots);
        }
        inner = roots.with(&mut heap, [list]);
    }
    heap.collect_full(inner);
    assert_eq!(heap.marked_objects().len(), 40_000);
    check(&heap);
}

#[test]
fn what_marking_cannot_keep_it_finds_again() {
    // A wide tree needs more of a stack than there is memory left for.
    let (mut heap, roots) = tight(64);
    let mut inner = roots;
    let mut leaves = Vec::new();
    while let Some(leaf) = heap.try_alloc(24, inner) {
        heap.mem_mut().set_u64(leaf, u64::from(word0(Kind::Fixed, 0)) | 1 << 32);
        heap.mem_mut().set_u64(leaf + 8, 0);
        if leaves.len() % 500 == 0 {
            inner = inner.with(&mut heap, [leaf]);
        } else {
            let before = leaves[leaves.len() - 1];
            heap.write_ref(before, before + 8, leaf);
        }
        leaves.push(leaf);
    }
    heap.collect_full(inner);
    assert_eq!(heap.marked_objects().len(), leaves.len());
}

#[test]
fn a_sequence_grows_by_what_it_needs_where_there_is_no_more() {
    let (mut heap, roots) = tight(64);
    // 700 KB of 2 MB, then a copy with a little more: no room for a half more.
    let long = seq::new(&mut heap, 700_000, Elem::BYTE, 0, roots);
    let inner = roots.with(&mut heap, [long]);
    let stop = seq::new(&mut heap, 300_000, Elem::BYTE, 0, inner);
    let inner = inner.with(&mut heap, [stop]);
    let (grown, _) = seq::extend(&mut heap, long, 1, Elem::BYTE, Head::Shared, inner);
    assert_eq!(seq::len(&heap, grown), 700_001);
}
