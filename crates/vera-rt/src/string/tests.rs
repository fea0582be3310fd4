//! Strings and arrays against `String` and `Vec`.

use super::transform::{self, End};
use super::{bytes, empty, new, split};
use crate::heap::Config;
use crate::seq::{self, Elem, Head};
use crate::{Heap, Roots, array};
use proptest::prelude::*;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;
use vera_abi::layout::{SEQ_DATA, SEQ_LEN};
use vera_abi::trap::TrapKind;

/// A heap, its roots, and shorthands.
struct Test {
    heap: Heap,
    roots: Roots,
}

impl Test {
    fn new() -> Test {
        Test::with(Config::small())
    }

    fn with(config: Config) -> Test {
        let (heap, roots) = Heap::new(config);
        Test { heap, roots }
    }

    /// A new string, rooted for the rest of the test.
    fn string(&mut self, text: impl AsRef<[u8]>) -> u32 {
        let made = new(&mut self.heap, text.as_ref(), self.roots);
        self.root(made)
    }

    fn root(&mut self, r: u32) -> u32 {
        self.roots = self.roots.with(&mut self.heap, [r]);
        r
    }

    fn text(&self, r: u32) -> String {
        String::from_utf8_lossy(bytes(&self.heap, r)).into_owned()
    }

    fn texts(&self, array: u32) -> Vec<String> {
        (0..seq::len(&self.heap, array))
            .map(|i| self.text(seq::get_ref(&self.heap, array, i)))
            .collect()
    }

    fn longs(&self, array: u32) -> Vec<i64> {
        let data = seq::data(&self.heap, array);
        (0..seq::len(&self.heap, array)).map(|i| self.heap.mem().u64(data + 8 * i) as i64).collect()
    }
}

/// The kind `f` traps with.
fn trap_of(f: impl FnOnce() -> u32) -> Option<TrapKind> {
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).err()?;
    caught.downcast_ref::<TrapKind>().copied()
}

macro_rules! unary {
    ($t:ident, $f:path, $text:expr) => {{
        let text = $t.string($text);
        let result = $f(&mut $t.heap, text, $t.roots);
        $t.text(result)
    }};
}

macro_rules! pieces {
    ($t:ident, $f:path, $text:expr $(, $arg:expr)?) => {{
        let text = $t.string($text);
        $(let arg = $t.string($arg);)?
        let result = $f(&mut $t.heap, text, $({let _ = $arg; arg},)? $t.roots);
        $t.texts(result)
    }};
}

#[test]
fn slices_as_chapter_12_6_2() {
    let mut t = Test::new();
    let cases = [
        ("hello", 1, 3, "el"),
        ("hello", 0, 99, "hello"),
        ("hello", 3, 1, ""),
        ("hello", 9, 12, ""),
        ("hello", -3, 2, "he"),
        ("héllo", 1, 3, "é"),
        ("hello", i64::MIN, i64::MAX, "hello"),
    ];
    for (text, start, end, expected) in cases {
        let text = t.string(text);
        let part = transform::slice(&mut t.heap, text, start, end, t.roots);
        assert_eq!(t.text(part), expected);
    }
}

#[test]
fn padding_as_chapter_12_6_2() {
    let mut t = Test::new();
    let cases = [
        ("7", 3, "0", End::Start, "007"),
        ("a", 6, "xy", End::Start, "xyxyxa"),
        ("a", 6, "xyz", End::End, "axyzxy"),
        ("abc", 2, "0", End::Start, "abc"),
        ("abc", 9, "", End::Start, "abc"),
        ("é", 4, ".", End::End, "é.."),
        ("a", 3, "wxyz", End::Start, "wxa"),
    ];
    for (text, width, fill, end, expected) in cases {
        let (text, fill) = (t.string(text), t.string(fill));
        let padded = transform::pad(&mut t.heap, text, width, fill, end, t.roots);
        assert_eq!(t.text(padded), expected);
    }
}

#[test]
fn replacing_as_chapter_12_6_4() {
    let mut t = Test::new();
    let cases = [
        ("aaa", "a", "bb", "bbbbbb"),
        ("aaa", "aa", "b", "ba"),
        ("aaaa", "aa", "a", "aa"),
        ("hello", "", "x", "hello"),
        ("abc", "b", "", "ac"),
        ("abc", "abc", "", ""),
        ("abc", "x", "y", "abc"),
    ];
    for (text, needle, with, expected) in cases {
        let (text, needle, with) = (t.string(text), t.string(needle), t.string(with));
        let replaced = transform::replace(&mut t.heap, text, needle, with, t.roots);
        assert_eq!(t.text(replaced), expected);
    }
}

#[test]
fn splitting_as_chapter_12_6_4() {
    let mut t = Test::new();
    assert_eq!(pieces!(t, split::split, "a,,b", ","), ["a", "", "b"]);
    assert_eq!(pieces!(t, split::split, ",a,", ","), ["", "a", ""]);
    assert_eq!(pieces!(t, split::split, "", ","), [""]);
    assert_eq!(pieces!(t, split::split, "abc", ""), ["abc"]);
    assert_eq!(pieces!(t, split::split, "aaa", "aa"), ["", "a"]);
    assert_eq!(pieces!(t, split::split, "x", "x"), ["", ""]);
    assert_eq!(pieces!(t, split::chars, "abc"), ["a", "b", "c"]);
    assert_eq!(pieces!(t, split::chars, "é").len(), 2);
    assert_eq!(pieces!(t, split::lines, "a\nb\r\nc\rd"), ["a", "b", "c", "d"]);
    assert_eq!(pieces!(t, split::lines, "\n"), [""]);
    assert_eq!(pieces!(t, split::lines, "a\n"), ["a"]);
    assert_eq!(pieces!(t, split::lines, "a\n\n"), ["a", ""]);
    assert_eq!(pieces!(t, split::lines, "\n\n"), ["", ""]);
    assert_eq!(pieces!(t, split::lines, "a\n\rb"), ["a", "", "b"]);
    assert_eq!(pieces!(t, split::lines, "a\r\r\nb"), ["a", "", "b"]);
    assert!(pieces!(t, split::lines, "").is_empty());
    assert_eq!(pieces!(t, split::words, "  a b\tc\n d  "), ["a", "b", "c", "d"]);
    assert_eq!(pieces!(t, split::words, "a\u{b}b\u{c}c\u{a0}d"), ["a", "b", "c\u{a0}d"]);
    assert!(pieces!(t, split::words, "   ").is_empty());
}

#[test]
fn case_and_trimming() {
    let mut t = Test::new();
    assert_eq!(unary!(t, transform::upper, "straße"), "STRAßE");
    assert_eq!(unary!(t, transform::lower, "HELLO É!"), "hello É!");
    assert_eq!(unary!(t, transform::first_upper, "hello"), "Hello");
    assert_eq!(unary!(t, transform::first_lower, "HELLO"), "hELLO");
    assert_eq!(unary!(t, transform::first_upper, "éa"), "éa");
    assert_eq!(unary!(t, transform::first_upper, ""), "");
    assert_eq!(unary!(t, transform::reverse, "abc"), "cba");
    for (start, end, expected) in
        [(true, true, "a  b"), (true, false, "a  b \t"), (false, true, " \ra  b")]
    {
        let text = t.string(" \ra  b \t");
        let trimmed = transform::trim(&mut t.heap, text, start, end, t.roots);
        assert_eq!(t.text(trimmed), expected);
    }
    let text = t.string(" \t\n\u{b}\u{c}\r ");
    assert_eq!(transform::trim(&mut t.heap, text, true, true, t.roots), empty(&t.heap));
    let text = t.string("\u{a0}");
    assert_eq!(transform::trim(&mut t.heap, text, true, true, t.roots), text);
}

#[test]
fn hash_equality_and_order() {
    let mut t = Test::new();
    for (text, hash) in [
        ("", -3750763034362895579),
        ("a", -5808556873153909620),
        ("hello", -6615550055289275125),
        ("é", 775207407765167617),
        ("日本", 1305338235904577169i64),
    ] {
        let text = t.string(text);
        assert_eq!(super::hash(&t.heap, text) as i64, hash);
    }
    let ascending: Vec<u32> =
        ["", "Z", "a", "ab", "z", "é"].into_iter().map(|s| t.string(s)).collect();
    for (i, &a) in ascending.iter().enumerate() {
        for (j, &b) in ascending.iter().enumerate() {
            assert_eq!(super::compare(&t.heap, a, b), i.cmp(&j));
            assert_eq!(super::eq(&t.heap, a, b), i == j);
        }
    }
}

#[test]
fn equality_and_order_find_a_difference_anywhere() {
    let mut t = Test::new();
    for len in 0..if cfg!(miri) { 12 } else { 40 } {
        let text = vec![b'm'; len];
        let whole = t.string(&text);
        for at in 0..=len {
            for byte in [0, b'a', b'z', 0xff] {
                let mut other = text.clone();
                other.insert(at, byte);
                for cut in [len, len + 1] {
                    let other = &other[..cut.min(other.len())];
                    let made = t.string(other);
                    assert_eq!(super::compare(&t.heap, whole, made), text[..].cmp(other));
                    assert_eq!(super::eq(&t.heap, whole, made), text == other);
                }
            }
        }
    }
}

#[test]
fn utf8_as_chapter_12_8() {
    let mut t = Test::new();
    let cases: [(&[u8], Option<u32>); 10] = [
        (&[72, 105], None),
        (&[], None),
        (&[65, 0, 66], None),
        (&[65, 255, 66], Some(1)),
        (&[195], Some(0)),
        (&[0xc0, 0x80], Some(0)),
        (&[65, 0xe0, 0x80, 0x80], Some(1)),
        (&[0xed, 0xa0, 0x80], Some(0)),
        (&[65, 66, 0xf4, 0x90, 0x80, 0x80], Some(2)),
        ("日本é😀".as_bytes(), None),
    ];
    for (text, error) in cases {
        let text = t.string(text);
        assert_eq!(super::utf8_error(&t.heap, text), error);
    }
}

#[test]
fn sizes_never_wrap() {
    let mut t = Test::new();
    let a = t.string("a");
    let wide = 4294967297;
    let exhausted = Some(TrapKind::HeapExhausted);
    assert_eq!(trap_of(|| transform::repeat(&mut t.heap, a, wide, t.roots)), exhausted);
    assert_eq!(trap_of(|| transform::repeat(&mut t.heap, a, i64::MAX, t.roots)), exhausted);
    let pad = || transform::pad(&mut t.heap, a, wide, a, End::Start, t.roots);
    assert_eq!(trap_of(pad), exhausted);
    for (start, end) in [(0, wide), (-i64::MAX, i64::MAX), (i64::MIN, i64::MAX), (0, 400_000_000)] {
        assert_eq!(trap_of(|| array::range(&mut t.heap, start, end, t.roots)), exhausted);
    }
    let nothing = empty(&t.heap);
    assert_eq!(transform::repeat(&mut t.heap, nothing, i64::MAX, t.roots), nothing);
    // The heap is still in order.
    t.heap.collect_full(t.roots);
    assert_eq!(t.heap.verify(), Ok(()));
}

#[test]
fn appending_to_the_newest_view_is_in_place() {
    let mut t = Test::new();
    let (mut text, x) = (t.string("0123456789"), t.string("x"));
    let owners = (0..1000).map(|_| {
        text = transform::concat(&mut t.heap, text, x, Head::Shared, t.roots);
        let at = t.roots;
        t.roots = at.with(&mut t.heap, [text]);
        seq::owner(&t.heap, text)
    });
    let mut owners: Vec<u32> = owners.collect();
    owners.dedup();
    assert!(owners.len() <= 8, "{} copies for 1000 appends", owners.len());
}

#[test]
fn a_static_owner_is_never_written() {
    let mut t = Test::new();
    let (yes, x) = (super::from_bool(&t.heap, true), t.string("x"));
    let joined = transform::concat(&mut t.heap, yes, x, Head::Shared, t.roots);
    assert_eq!((t.text(yes), t.text(joined)), ("true".to_string(), "truex".to_string()));
    assert!(t.heap.is_heap(seq::owner(&t.heap, joined)));
    let nothing = empty(&t.heap);
    let one = array::append_ref(&mut t.heap, nothing, x, Head::Shared, t.roots);
    assert_eq!(t.texts(one), ["x"]);
    assert_eq!(seq::len(&t.heap, nothing), 0);
}

#[test]
fn a_small_part_of_a_huge_text_lets_it_go() {
    let mut t = Test::with(Config { memory: 64 << 20, ..Config::small() });
    let unit = t.string("0123456789abcdef");
    let text = transform::repeat(&mut t.heap, unit, 1 << 16, t.roots);
    let part = transform::slice(&mut t.heap, text, 100, 150, t.roots);
    assert_eq!(t.heap.mem().u32(part + vera_abi::layout::SEQ_OWNER), 0);
    let part = transform::slice(&mut t.heap, text, 100, 1000, t.roots);
    assert_eq!(seq::owner(&t.heap, part), text);
}

#[test]
fn a_trimmed_owner_gives_back_blocks() {
    let mut t = Test::with(Config { memory: 64 << 20, ..Config::small() });
    let array = seq::new_building(&mut t.heap, 100_000, Elem::REF, t.roots);
    let kept = t.string("kept");
    for i in 0..10 {
        let at = seq::data(&t.heap, array) + 4 * i;
        t.heap.mem_mut().set_u32(at, kept);
    }
    let before = t.heap.high_water();
    seq::trim(&mut t.heap, array, 10, 4);
    t.root(array);
    seq::new(&mut t.heap, 90_000, Elem::REF, 0, t.roots);
    assert_eq!(t.heap.high_water(), before);
    t.heap.collect_full(t.roots);
    assert_eq!(t.heap.verify(), Ok(()));
    assert_eq!(t.texts(array), ["kept"; 10]);
}

/// One step of a program over strings and arrays of `Int`; indices are taken
/// modulo the number of values made so far.
#[derive(Clone, Debug)]
enum Op {
    Literal(String),
    Concat(usize, usize),
    Slice(usize, i64, i64),
    Repeat(usize, i64),
    Replace(usize, usize, usize),
    SplitJoin(usize, usize),
    /// A text built in place out of one and others.
    BuildString(usize, Vec<usize>),
    /// The same with arrays, and a number after each.
    BuildArray(usize, Vec<usize>, i64),
    Append(usize, i64),
    ArrayConcat(usize, usize),
    ArraySlice(usize, i64, i64),
    Reverse(usize),
    Young,
    Full,
}

fn op() -> impl Strategy<Value = Op> {
    let index = any::<usize>;
    prop_oneof![
        "[ab]{0,20}".prop_map(Op::Literal),
        (index(), index()).prop_map(|(a, b)| Op::Concat(a, b)),
        (index(), index()).prop_map(|(a, b)| Op::Concat(a, b)),
        (index(), -2i64..30, -2i64..60).prop_map(|(a, s, e)| Op::Slice(a, s, e)),
        (index(), 0i64..5).prop_map(|(a, n)| Op::Repeat(a, n)),
        (index(), index(), index()).prop_map(|(a, b, c)| Op::Replace(a, b, c)),
        (index(), index()).prop_map(|(a, b)| Op::SplitJoin(a, b)),
        (index(), prop::collection::vec(index(), 0..6)).prop_map(|(a, b)| Op::BuildString(a, b)),
        (index(), prop::collection::vec(index(), 0..6), any::<i64>())
            .prop_map(|(a, b, x)| Op::BuildArray(a, b, x)),
        (index(), any::<i64>()).prop_map(|(a, x)| Op::Append(a, x)),
        (index(), any::<i64>()).prop_map(|(a, x)| Op::Append(a, x)),
        (index(), index()).prop_map(|(a, b)| Op::ArrayConcat(a, b)),
        (index(), -2i64..20, -2i64..40).prop_map(|(a, s, e)| Op::ArraySlice(a, s, e)),
        index().prop_map(Op::Reverse),
        Just(Op::Young),
        Just(Op::Full),
    ]
}

/// Runs the program on the heap and on a model; every value ever made must keep
/// its contents, whatever was appended to it since.
fn run(ops: &[Op], config: Config) -> Result<(), TestCaseError> {
    let mut t = Test::with(config);
    let mut strings = std::vec![(empty(&t.heap), String::new())];
    let mut arrays = std::vec![(empty(&t.heap), Vec::<i64>::new())];
    for op in ops {
        let string = |i: usize| strings[i % strings.len()].clone();
        let array = |i: usize| arrays[i % arrays.len()].clone();
        let range = |len: usize, start: i64, end: i64| {
            let clamp = |i: i64| i.clamp(0, len as i64) as usize;
            clamp(start)..clamp(end).max(clamp(start))
        };
        let (heap, roots) = (&mut t.heap, t.roots);
        let mut new_string = None;
        let mut new_array = None;
        match op.clone() {
            Op::Literal(text) => new_string = Some((new(heap, text.as_bytes(), roots), text)),
            Op::Concat(a, b) => {
                let ((a, x), (b, y)) = (string(a), string(b));
                if x.len() + y.len() < 2000 {
                    let made = transform::concat(heap, a, b, Head::Shared, roots);
                    new_string = Some((made, x + &y));
                }
            }
            Op::Slice(a, start, end) => {
                let (a, x) = string(a);
                let expected = x[range(x.len(), start, end)].to_string();
                new_string = Some((transform::slice(heap, a, start, end, roots), expected));
            }
            Op::Repeat(a, n) => {
                let (a, x) = string(a);
                if x.len() < 500 {
                    let expected = x.repeat(n as usize);
                    new_string = Some((transform::repeat(heap, a, n, roots), expected));
                }
            }
            Op::Replace(a, b, c) => {
                let ((a, x), (b, y), (c, z)) = (string(a), string(b), string(c));
                if !y.is_empty() && x.len() * z.len() < 5000 {
                    let expected = x.replace(&y, &z);
                    new_string = Some((transform::replace(heap, a, b, c, roots), expected));
                }
            }
            Op::SplitJoin(a, b) => {
                let ((a, x), (b, _)) = (string(a), string(b));
                let pieces = split::split(heap, a, b, roots);
                let roots = roots.with(heap, [pieces]);
                new_string = Some((transform::join(heap, pieces, b, roots), x));
            }
            Op::BuildString(a, pieces) => {
                let (a, mut x) = string(a);
                let mut own = seq::own(heap, a, roots);
                for (b, y) in pieces.into_iter().map(string).filter(|(_, y)| y.len() < 200) {
                    own = transform::concat(heap, own, b, Head::Owned, roots);
                    x.push_str(&y);
                }
                if x.len() < 2000 {
                    new_string = Some((own, x));
                }
            }
            Op::BuildArray(a, pieces, element) => {
                let (a, mut x) = array(a);
                let mut own = seq::own(heap, a, roots);
                for (b, y) in pieces.into_iter().map(array).filter(|(_, y)| y.len() < 50) {
                    own = array::concat(heap, own, b, Elem::LONG, Head::Owned, roots);
                    own = array::append_u64(heap, own, element as u64, Head::Owned, roots);
                    x.extend(y);
                    x.push(element);
                }
                if x.len() < 500 {
                    new_array = Some((own, x));
                }
            }
            Op::Append(a, element) => {
                let (a, mut x) = array(a);
                x.push(element);
                let made = array::append_u64(heap, a, element as u64, Head::Shared, roots);
                new_array = Some((made, x));
            }
            Op::ArrayConcat(a, b) => {
                let ((a, x), (b, y)) = (array(a), array(b));
                if x.len() + y.len() < 500 {
                    let made = array::concat(heap, a, b, Elem::LONG, Head::Shared, roots);
                    new_array = Some((made, [x, y].concat()));
                }
            }
            Op::ArraySlice(a, start, end) => {
                let (a, x) = array(a);
                let expected = x[range(x.len(), start, end)].to_vec();
                new_array = Some((array::slice(heap, a, start, end, 8, roots), expected));
            }
            Op::Reverse(a) => {
                let (a, mut x) = array(a);
                x.reverse();
                new_array = Some((array::reverse(heap, a, Elem::LONG, roots), x));
            }
            Op::Young => heap.collect_young(roots),
            Op::Full => heap.collect_full(roots),
        }
        if let Some(made) = new_string {
            t.root(made.0);
            strings.push(made);
        }
        if let Some(made) = new_array {
            t.root(made.0);
            arrays.push(made);
        }
    }
    t.heap.collect_full(t.roots);
    prop_assert_eq!(t.heap.verify(), Ok(()));
    for (r, expected) in strings {
        prop_assert_eq!(t.text(r), expected);
    }
    for (r, expected) in arrays {
        prop_assert_eq!(t.longs(r), expected);
        prop_assert_eq!(t.heap.mem().u32(r + SEQ_DATA) % 8, 0);
        prop_assert!(t.heap.mem().u32(r + SEQ_LEN) < 2000);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 3 } else { 300 }))]
    #[test]
    fn programs_over_sequences(ops in proptest::collection::vec(op(), 0..80)) {
        run(&ops, Config::small())?;
    }

    #[test]
    fn programs_over_sequences_with_young_collections(ops in proptest::collection::vec(op(), 0..40)) {
        run(&ops, Config::small().young())?;
    }

    #[test]
    fn programs_over_sequences_eagerly(ops in proptest::collection::vec(op(), 0..40)) {
        run(&ops, Config::small().eager())?;
    }

    #[test]
    fn lines_and_words_like_a_model(text in "[a \r\n\t]{0,30}") {
        let mut t = Test::new();
        let words: Vec<String> = text.split_ascii_whitespace().map(str::to_string).collect();
        prop_assert_eq!(pieces!(t, split::words, &text), words);
        let unix = text.replace("\r\n", "\n").replace('\r', "\n");
        let lines: Vec<String> = unix.lines().map(str::to_string).collect();
        prop_assert_eq!(pieces!(t, split::lines, &text), lines);
    }
}

#[test]
fn every_function_roots_its_arguments() {
    let mut t = Test::with(Config::small().eager());
    let (text, needle, with) = (t.string("a-b-c and so on"), t.string("-"), t.string("<>"));
    let heap_roots = t.roots;
    let replaced = transform::replace(&mut t.heap, text, needle, with, heap_roots);
    assert_eq!(t.text(replaced), "a<>b<>c and so on");
    let pieces = split::split(&mut t.heap, text, needle, heap_roots);
    let twice = array::concat(&mut t.heap, pieces, pieces, Elem::REF, Head::Shared, heap_roots);
    assert_eq!(t.texts(twice), ["a", "b", "c and so on", "a", "b", "c and so on"]);
    let inner = t.root(twice);
    let nothing = empty(&t.heap);
    let outer = array::append_ref(&mut t.heap, nothing, inner, Head::Shared, t.roots);
    let outer = array::append_ref(&mut t.heap, outer, inner, Head::Shared, t.roots);
    let flat = array::flatten(&mut t.heap, outer, Elem::REF, t.roots);
    assert_eq!(t.texts(flat).len(), 12);
    let reversed = array::reverse(&mut t.heap, flat, Elem::REF, t.roots);
    assert_eq!(t.texts(reversed)[0], "c and so on");
    assert_eq!(t.heap.verify(), Ok(()));
}
