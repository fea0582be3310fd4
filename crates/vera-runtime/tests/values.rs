//! Library functions over a heap, with and without a collection at every allocation:
//! results, soundness of the heap, and that nothing an argument alone keeps is lost.

use proptest::prelude::*;
use vera_abi::prelude::{ERR, OK};
use vera_rt::heap::Config;
use vera_rt::{Heap, Ref, Roots, string};
use vera_runtime::regex::Patterns;
use vera_runtime::{decimal, encoding, html, json, markdown, regex, values};

/// Runs a test with each way to collect.
fn in_each_mode(test: impl Fn(&mut Heap, Roots)) {
    for config in [Config::small(), Config::small().eager(), Config::small().young()] {
        let (mut heap, roots) = Heap::new(config);
        heap.set_hash_key([3, 5]);
        test(&mut heap, roots);
        heap.verify().expect("a sound heap");
    }
}

fn text(heap: &mut Heap, text: &[u8], roots: Roots) -> (Ref, Roots) {
    let made = string::new(heap, text, roots);
    (made, roots.with(heap, [made]))
}

/// What is in a `Result`, rooted.
fn inside(heap: &mut Heap, result: Ref, roots: Roots) -> (Result<Ref, Ref>, Roots) {
    let value = values::field(heap, result, &OK, 0);
    let roots = roots.with(heap, [value]);
    (if values::tag(heap, result) == ERR.tag { Err(value) } else { Ok(value) }, roots)
}

/// The canonical form of a JSON text, or the message.
fn canonical_json(heap: &mut Heap, source: &[u8], roots: Roots) -> Vec<u8> {
    let (source, roots) = text(heap, source, roots);
    let result = json::parse(heap, source, roots);
    let (value, roots) = inside(heap, result, roots);
    // Nothing but the value is kept now.
    heap.collect_full(roots);
    match value {
        Ok(value) => {
            let written = json::stringify(heap, value, roots).expect("finite numbers");
            values::bytes(heap, written)
        }
        Err(message) => values::bytes(heap, message),
    }
}

#[test]
fn json_there_and_back() {
    in_each_mode(|heap, roots| {
        for (source, expected) in [
            (&br#" [1, 2 ,3.0, 1e2, -0.0] "#[..], &b"[1,2,3,100,0]"[..]),
            (br#"{"b":1,"a":{"x":[null,true]},"b":3}"#, br#"{"b":3,"a":{"x":[null,true]}}"#),
            (b"{}", b"{}"),
            (b"[1,]", b"Expecting value: line 1 column 4 (char 3)"),
        ] {
            assert_eq!(canonical_json(heap, source, roots), expected);
        }
    });
}

#[test]
fn many_members_keep_their_order() {
    let count = if cfg!(miri) { 40 } else { 2_000 };
    let members: Vec<String> = (0..count).map(|i| format!("\"k{}\":{i}", i * 7 % 3001)).collect();
    let source = format!("{{{}}}", members.join(","));
    in_each_mode(|heap, roots| {
        assert_eq!(canonical_json(heap, source.as_bytes(), roots), source.as_bytes());
    });
}

#[test]
fn html_is_built_printed_and_searched() {
    in_each_mode(|heap, roots| {
        let (source, roots) = text(heap, b"<ul><li class=a>1<li>2</ul>", roots);
        let result = html::parse(heap, source, roots);
        let (Ok(tree), roots) = inside(heap, result, roots) else { panic!("always a tree") };
        heap.collect_full(roots);
        let printed = html::to_string(heap, tree, roots);
        assert_eq!(string::bytes(heap, printed), b"<ul><li class=\"a\">1</li><li>2</li></ul>");
        let (selector, roots) = text(heap, b"li.a", roots);
        let found = html::query(heap, [tree, selector], roots);
        let roots = roots.with(heap, [found]);
        let found: Vec<Ref> = values::elements(heap, found).collect();
        let [found] = found[..] else { panic!("one element") };
        let inner = html::text(heap, found, roots);
        assert_eq!(string::bytes(heap, inner), b"1");
    });
}

#[test]
fn markdown_is_rendered_as_it_was_read() {
    const TEXT: &[u8] =
        b"# T *e*\n\n- a\n- b\n\n| x | y |\n| --- | --- |\n| 1 | **2** |\n\n```vera\nf\n```\n\n> [l](u) ![i](s)\n\n---";
    in_each_mode(|heap, roots| {
        let (source, roots) = text(heap, TEXT, roots);
        let result = markdown::parse(heap, source, roots);
        let (Ok(document), roots) = inside(heap, result, roots) else { panic!("always Ok") };
        heap.collect_full(roots);
        let rendered = markdown::render(heap, document, roots);
        assert_eq!(string::bytes(heap, rendered), TEXT);
        assert!(markdown::has_heading(heap, document, 1));
        let (language, roots) = text(heap, b"vera", roots);
        assert!(markdown::has_code_block(heap, document, language));
        let blocks = markdown::extract_code_blocks(heap, [document, language], roots);
        let blocks: Vec<Ref> = values::elements(heap, blocks).collect();
        assert_eq!(string::bytes(heap, blocks[0]), b"f");
    });
}

#[test]
fn matches_share_the_text() {
    in_each_mode(|heap, roots| {
        let mut patterns = Patterns::new();
        let (source, roots) = text(heap, b"a long word of more than sixteen bytes, twice", roots);
        let (pattern, roots) = text(heap, br"[a-z ]{20,}", roots);
        for _ in 0..2 {
            let compiled = patterns.get(heap, pattern);
            let found = regex::find_all(heap, compiled, source, roots);
            let (Ok(found), roots) = inside(heap, found, roots) else { panic!("a pattern") };
            let found: Vec<Ref> = values::elements(heap, found).collect();
            heap.collect_full(roots);
            assert_eq!(string::bytes(heap, found[0]), b"a long word of more than sixteen bytes");
        }
        let (pattern, roots) = text(heap, b"[", roots);
        let compiled = patterns.get(heap, pattern);
        let result = regex::matches(heap, compiled, source, roots);
        let (Err(message), _) = inside(heap, result, roots) else { panic!("no pattern") };
        let expected = b"invalid regex: unterminated character set at position 0";
        assert_eq!(string::bytes(heap, message), expected);
    });
}

#[test]
fn decimals_of_both_forms() {
    in_each_mode(|heap, roots| {
        for (source, expected) in [
            ("1.50", "1.50"),
            ("-0", "-0"),
            (
                "1234567890123456789012345678901234567890.5",
                "1234567890123456789012345678901234567890.5",
            ),
        ] {
            let (source, roots) = text(heap, source.as_bytes(), roots);
            let number = decimal::from_string(heap, source, roots);
            let number = values::field(heap, number, &vera_abi::prelude::SOME, 0);
            let roots = roots.with(heap, [number]);
            heap.collect_full(roots);
            let shown = decimal::to_string(heap, number, roots);
            assert_eq!(string::bytes(heap, shown), expected.as_bytes());
            assert!(decimal::is_same_key(heap, [number, number]));
        }
    });
}

#[test]
fn urls_remember_their_text() {
    in_each_mode(|heap, roots| {
        let (source, roots) = text(heap, b"http://h/p?#", roots);
        let result = encoding::url_parse(heap, source, roots);
        let (Ok(parts), roots) = inside(heap, result, roots) else { panic!("it has a scheme") };
        heap.collect_full(roots);
        let joined = encoding::url_join(heap, parts, roots);
        assert_eq!(string::bytes(heap, joined), b"http://h/p?#");
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 300 }))]

    /// Canonical text is a fixed point, and the heap stays sound, whatever is read.
    #[test]
    fn canonical_json_is_canonical(source in "[\\[\\]{}:,\" 0-9a-c.eE\\\\u-]{0,40}") {
        let (mut heap, roots) = Heap::new(Config::small().young());
        heap.set_hash_key([3, 5]);
        let once = canonical_json(&mut heap, source.as_bytes(), roots);
        let twice = canonical_json(&mut heap, &once, roots);
        if !once.starts_with(b"E") && !once.starts_with(b"I") && !once.starts_with(b"U")
            && !once.starts_with(b"json_parse") {
            prop_assert_eq!(once, twice);
        }
        prop_assert!(heap.verify().is_ok());
    }
}
