//! The rules of chapter 13.4, and `serde_json` as a second opinion.

use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use super::*;

/// The canonical form of a text, or the error's sentence.
fn canonical(text: impl AsRef<[u8]>) -> Result<String, String> {
    let mut tree = Tree::default();
    let utf8 = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    match parse(text.as_ref(), &mut tree) {
        Ok(()) => Ok(utf8(tree.to_bytes())),
        Err(error) => Err(utf8(error.message())),
    }
}

#[track_caller]
fn accepts(text: &str, output: &str) {
    assert_eq!(canonical(text).as_deref(), Ok(output), "{text}");
}

#[track_caller]
fn refuses(text: impl AsRef<[u8]>, message: &str) {
    assert_eq!(canonical(text), Err(message.to_string()));
}

#[test]
fn values_and_space() {
    accepts(" \t\r\nnull ", "null");
    accepts("true", "true");
    accepts("[ false , true ]", "[false,true]");
    accepts(" [1, 2 ,3.0, 1e2, 1E-7, -0.0]", "[1,2,3,100,1e-7,0]");
    accepts(r#" { } "#, "{}");
    accepts("[ ]", "[]");
    accepts(r#"[[],{},[{}],{"a":[]}]"#, r#"[[],{},[{}],{"a":[]}]"#);
    accepts(r#"{"10":1,"2":2,"":3}"#, r#"{"10":1,"2":2,"":3}"#);
    accepts(r#"{"b":1,"a":2,"b":3}"#, r#"{"b":3,"a":2}"#);
}

#[test]
fn strings() {
    accepts(r#""\u0041\u00e9\ud83d\ude00\/""#, r#""Aé😀/""#);
    accepts(r#""\"\\\/\b\f\n\r\t\u000B\uABCD""#, r#""\"\\/\b\f\n\r\t\u000bꯍ""#);
    accepts("\"\u{7f}\u{2028}/<>&'\"", "\"\u{7f}\u{2028}/<>&'\"");
    accepts(r#""\u0000\u001f""#, r#""\u0000\u001f""#);
    accepts(r#"{"\u0061":1,"a":2}"#, r#"{"a":2}"#);
    for length in 0..40 {
        let text = format!("\"{}\\n{0}\"", "é".repeat(length));
        accepts(&text, &text);
    }
}

#[test]
fn invalid_utf8_is_replaced() {
    let text = canonical(b"[\"a\xffb\", \"\xf0\x9f\x98\"]");
    assert_eq!(text.as_deref(), Ok("[\"a\u{fffd}b\",\"\u{fffd}\"]"));
    refuses(b"\"\xff\xff\" x", "Extra data: line 1 column 6 (char 5)");
    refuses(b"\xff", "Expecting value: line 1 column 1 (char 0)");
    let mut out = Vec::new();
    write_string(&mut out, b"a\xff\"\xe2\x82");
    assert_eq!(out, "\"a\u{fffd}\\\"\u{fffd}\"".as_bytes());
}

#[test]
fn syntax_errors() {
    let value = "Expecting value";
    let comma = "Expecting ',' delimiter";
    let name = "Expecting property name enclosed in double quotes";
    let colon = "Expecting ':' delimiter";
    let unicode = "Invalid \\uXXXX escape";
    for (text, reason, at) in [
        ("", value, 0),
        ("   ", value, 3),
        ("nul", value, 0),
        ("+1", value, 0),
        (".5", value, 0),
        ("-", value, 0),
        ("[1,]", value, 3),
        ("[tru]", value, 1),
        (r#"{"a":}"#, value, 5),
        ("[", value, 1),
        ("[ ,1]", value, 2),
        ("\u{a0}1", value, 0),
        ("NULL", value, 0),
        ("-Infinit", value, 0),
        ("'a'", value, 0),
        ("/**/1", value, 0),
        ("1 2", "Extra data", 2),
        ("01", "Extra data", 1),
        ("-01", "Extra data", 2),
        ("1.", "Extra data", 1),
        ("1e", "Extra data", 1),
        ("1e+", "Extra data", 1),
        ("true false", "Extra data", 5),
        ("[]]", "Extra data", 2),
        ("1\0", "Extra data", 1),
        ("[1 2]", comma, 3),
        ("[1", comma, 2),
        (r#"{"a":1"#, comma, 6),
        ("[1}", comma, 2),
        (r#"{"a":1]"#, comma, 6),
        ("[Infinity_x]", comma, 9),
        ("{", name, 1),
        ("{a:1}", name, 1),
        (r#"{"a":1,}"#, name, 7),
        (r#"{"a""#, colon, 4),
        (r#"{"a" 1}"#, colon, 5),
        (r#""abc"#, "Unterminated string starting at", 0),
        (r#"["abc"#, "Unterminated string starting at", 1),
        (r#"["ab\"#, "Unterminated string starting at", 1),
        ("\"a\tb\"", "Invalid control character at", 2),
        (r#""\x""#, "Invalid \\escape", 1),
        (r#""\u12""#, unicode, 2),
        (r#""\u+123""#, unicode, 2),
        (r#""\ud83d\u12""#, unicode, 8),
        (r#""\u1234"#, unicode, 2),
        ("\u{feff}1", "Unexpected UTF-8 BOM (decode using utf-8-sig)", 0),
    ] {
        refuses(text, &format!("{reason}: line 1 column {} (char {at})", at + 1));
    }
    refuses("[1,\n\"é\r\nü\"]", "Invalid control character at: line 2 column 3 (char 6)");
    refuses("[\r\n\n  1,x", "Expecting value: line 3 column 5 (char 8)");
}

#[test]
fn violations_by_precedence() {
    let constant = |name, at: usize| {
        format!("json_parse: {name} is not valid JSON: line 1 column {} (char {at})", at + 1)
    };
    let overflow = |name, at: usize| {
        let head = "json_parse: a number in the text overflows to";
        format!("{head} {name}: line 1 column {} (char {at})", at + 1)
    };
    let lone = |code, at: usize| {
        let tail = "decodes to a lone surrogate";
        format!("json_parse: \\u{code} {tail}: line 1 column {} (char {at})", at + 1)
    };
    refuses("NaN", &constant("NaN", 0));
    refuses("[-Infinity, NaN]", &constant("-Infinity", 1));
    refuses(r#"{"a":Infinity,"a":1}"#, &constant("Infinity", 5));
    refuses("[1e999, NaN]", &constant("NaN", 8));
    refuses("[NaN, 1e999, ]", "Expecting value: line 1 column 14 (char 13)");
    refuses("1e999", &overflow("Infinity", 0));
    refuses("[1, -1e999]", &overflow("-Infinity", 4));
    refuses(format!("-1{}", "0".repeat(400)), &overflow("-Infinity", 0));
    refuses(r#""\ud83d""#, &lone("D83D", 1));
    refuses(r#""\uDE00""#, &lone("DE00", 1));
    refuses(r#""\ud83dx""#, &lone("D83D", 1));
    refuses(r#""\ud83d\ud83d\ude00""#, &lone("D83D", 1));
    refuses(r#""\ud83d\ude00\ude0a""#, &lone("DE0A", 13));
    refuses(r#"["\udead", 1e999]"#, &lone("DEAD", 2));
    refuses(r#"[1e999, "\udead"]"#, &overflow("Infinity", 1));
    refuses(r#"{"\udead": 1e999}"#, &lone("DEAD", 2));
    refuses(r#"{"\udead": 1e999, "\udead": 1}"#, &lone("DEAD", 2));
    // Names that decode alike are one name, and only those.
    accepts(r#"{"a":1e999,"a":1}"#, r#"{"a":1}"#);
    accepts(r#"{"a":[{"\udead":1e999}],"\u0061":1}"#, r#"{"a":1}"#);
    accepts(r#"[{"b":0,"a":{"c":1e999,"d":2},"a":{"c":3}}]"#, r#"[{"b":0,"a":{"c":3}}]"#);
    refuses(r#"{"a":1,"a":1e999}"#, &overflow("Infinity", 11));
    refuses(r#"{"a":-1e999,"b":1e999,"a":1}"#, &overflow("Infinity", 16));
    refuses(r#"{"�":1e999,"\udead":1}"#, &overflow("Infinity", 5));
    refuses(r#"{"a":{"a":1e999},"b":{"a":1}}"#, &overflow("Infinity", 10));
}

#[test]
fn numbers() {
    for (text, bits) in [
        ("9007199254740993", 9007199254740992.0f64),
        ("-0", 0.0),
        ("-0.0", -0.0),
        ("-0e1", -0.0),
        ("1e-999", 0.0),
        ("-1e-999", -0.0),
        ("-65.613616999999977", -65.61361699999998),
        ("0.000000000000000000000000000000000000001", 1e-39),
        ("1e00000000000000000000022", 1e22),
        ("18446744073709551616", 18446744073709551616.0),
        ("0e99999999999999999999999", 0.0),
    ] {
        assert_eq!(number(text).to_bits(), bits.to_bits(), "{text}");
    }
    for (value, text) in [
        (-0.0, "0"),
        (3.0, "3"),
        (1e2, "100"),
        (1e20, "100000000000000000000"),
        (123456789012345678901.0, "123456789012345680000"),
        (4.35, "4.35"),
        (-12345.678, "-12345.678"),
        (0.1 + 0.2, "0.30000000000000004"),
        (0.000001, "0.000001"),
        (0.00000123, "0.00000123"),
        (0.0000012345678901234567, "0.0000012345678901234567"),
        (0.5, "0.5"),
        (1e21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (1e-7, "1e-7"),
        (-1.5e-7, "-1.5e-7"),
        (f64::MAX, "1.7976931348623157e+308"),
        (5e-324, "5e-324"),
        (9007199254740992.0, "9007199254740992"),
    ] {
        let mut out = Vec::new();
        assert_eq!(write_number(&mut out, value), Ok(()));
        assert_eq!(out, text.as_bytes());
    }
    for (value, name) in [(f64::NAN, "NaN"), (1.0 / 0.0, "Infinity"), (-1.0 / 0.0, "-Infinity")] {
        let error = write_number(&mut Vec::new(), value).expect_err("not a number of JSON");
        let message = format!("json_stringify: {name} is not representable in JSON");
        assert_eq!(error.message(), message.as_bytes());
    }
}

#[test]
fn deep_nesting() {
    let depth = 200_000;
    let text = "[".repeat(depth) + &"]".repeat(depth);
    accepts(&text, &text);
    let open = r#"{"a":"#.repeat(depth);
    let text = format!("{open}1{}", "}".repeat(depth));
    accepts(&text, &text);
    assert!(canonical(format!("{open}1e999{}", "}".repeat(depth))).is_err());
    assert!(canonical(open).is_err());
}

/// The number a text is, by [`parse`].
fn number(text: &str) -> f64 {
    struct Number(f64);
    impl Sink for Number {
        fn null(&mut self) {}
        fn bool(&mut self, _: bool) {}
        fn number(&mut self, value: f64) {
            self.0 = value;
        }
        fn string(&mut self, _: &[u8]) {}
        fn name(&mut self, _: &[u8]) {}
        fn begin_array(&mut self) {}
        fn end_array(&mut self, _: usize) {}
        fn begin_object(&mut self) {}
        fn end_object(&mut self, _: usize) {}
        fn nearest(&mut self, token: &[u8]) -> f64 {
            Tree::default().nearest(token)
        }
    }
    let mut sink = Number(f64::NAN);
    parse(text.as_bytes(), &mut sink).expect("a number");
    sink.0
}

/// A document with its text, at random.
fn document() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(|n| Value::from(f64::from(n) / 8.0)),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec(("[a-c\"\n]{0,2}", inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn doubles_come_back(bits: u64) {
        let value = f64::from_bits(bits);
        prop_assume!(value.is_finite());
        let mut text = Vec::new();
        prop_assert_eq!(write_number(&mut text, value), Ok(()));
        let back = number(&String::from_utf8(text).expect("digits"));
        prop_assert_eq!(back.to_bits(), (value + 0.0).to_bits());
    }

    #[test]
    fn doubles_of_middling_size_come_back(digits: u64, exponent in -30i32..10) {
        let value: f64 = format!("{digits}e{exponent}").parse().expect("a number of Rust");
        let mut text = Vec::new();
        prop_assert_eq!(write_number(&mut text, value), Ok(()));
        prop_assert_eq!(number(&String::from_utf8(text).expect("digits")), value);
    }

    #[test]
    fn numbers_like_rust(text in "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,25})?([eE][+-]?[0-9]{1,2})?") {
        let value: f64 = text.parse().expect("a number of Rust");
        prop_assert_eq!(number(&text), value, "{}", text);
    }

    #[test]
    fn documents_like_serde_json(document in document(), pretty: bool) {
        let text = if pretty {
            serde_json::to_string_pretty(&document)
        } else {
            serde_json::to_string(&document)
        };
        let text = canonical(text.expect("serialisable")).expect("JSON");
        prop_assert_eq!(canonical(&text), Ok(text.clone()));
        let back: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        // Integers come back as such: compare as doubles.
        let doubles = |value: &serde_json::Value| canonical(value.to_string());
        prop_assert_eq!(doubles(&back), doubles(&document));
    }

    #[test]
    fn verdicts_like_serde_json(tokens in prop::collection::vec(0usize..18, 0..12)) {
        let words = ["[", "]", "{", "}", ",", ":", " ", "1", "-", "0", ".5", "e1", "\"", "a", "\\",
            "null", "\"a\"", "\n"];
        let text: String = tokens.into_iter().map(|i| words[i]).collect();
        let theirs = serde_json::from_str::<serde_json::Value>(&text).is_ok();
        prop_assert_eq!(canonical(&text).is_ok(), theirs, "{}", text);
    }

    #[test]
    fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = canonical(&bytes);
        let mut quoted = vec![b'"'];
        quoted.extend(bytes.iter().filter(|&&byte| byte >= 0x20 && byte != b'"' && byte != b'\\'));
        quoted.push(b'"');
        prop_assert!(canonical(&quoted).is_ok());
    }
}
