//! The rules of the dialect, one test each; scripts/compare_regex.py does the rest.

use alloc::vec::Vec;
use std::format;
use std::string::String;
use std::time::Instant;

use super::Regex;

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn error(pattern: &str) -> String {
    match Regex::new(pattern.as_bytes()) {
        Ok(_) => String::from("no error"),
        Err(error) => lossy(error.text()),
    }
}

fn all<'t>(pattern: &str, text: &'t str) -> Vec<&'t str> {
    let mut regex = Regex::new(pattern.as_bytes()).unwrap();
    regex.find_all(text.as_bytes()).unwrap().into_iter().map(|range| &text[range]).collect()
}

fn first<'t>(pattern: &str, text: &'t str) -> Option<&'t str> {
    Regex::new(pattern.as_bytes()).unwrap().find(text.as_bytes()).unwrap().map(|range| &text[range])
}

fn matches(pattern: &str, text: &str) -> bool {
    first(pattern, text).is_some()
}

fn replace(text: &str, pattern: &str, template: &str) -> String {
    match Regex::new(pattern.as_bytes())
        .and_then(|mut r| r.replace_first(text.as_bytes(), template.as_bytes()))
    {
        Ok(out) => lossy(&out),
        Err(error) => lossy(error.text()),
    }
}

#[test]
fn dot_and_anchors() {
    assert!(!matches("a.b", "a\nb"));
    assert!(matches("a.b", "a\rb") && matches("a.b", "a\u{2028}b") && matches("(?s)a.b", "a\nb"));
    assert!(matches("^a$", "a\n") && !matches("^a$", "a\n\n") && !matches(r"\Aa\Z", "a\n"));
    assert_eq!(all("(?m)^.", "ab\ncd\n"), ["a", "c"]);
    assert_eq!(all("(?m).$", "ab\ncd\n"), ["b", "d"]);
    assert_eq!(all(r"\b\w", "ab é-日"), ["a", "é", "日"]);
    assert_eq!(all(r"(?a)\b\w", "ab éx"), ["a", "x"]);
}

#[test]
fn classes() {
    assert_eq!(all("[]a-]", "]-ab"), ["]", "-", "a"]);
    assert_eq!(all("[^a-c]", "abcd-"), ["d", "-"]);
    assert!(matches(r"^\d\w\s$", "٣é\u{a0}") && !matches(r"(?a)\d|\w|\s", "٣é\u{a0}"));
    assert_eq!(all(r"[\d.]+|[^\W\d]", "1.5é"), ["1.5", "é"]);
}

#[test]
fn quantifiers() {
    assert_eq!(first("a{2,3}", "aaaa"), Some("aaa"));
    assert_eq!(first("a{2,3}?", "aaaa"), Some("aa"));
    assert_eq!(first("a{,2}", "aaaa"), Some("aa"));
    assert_eq!(first("a{x}", "a{x}"), Some("a{x}"));
    assert!(!matches("a*+a", "aaa") && !matches("(?>a*)a", "aaa") && matches("a++b", "aab"));
    assert_eq!(first("(?:ab|a){1,2}+", "aba"), Some("aba"));
    assert_eq!(first("a{1,2}+", "aaa"), Some("aa"));
}

#[test]
fn groups_and_references() {
    assert_eq!(first("a|ab", "ab"), Some("a"));
    assert_eq!(first(r"(a+)-\1", "aa-aa"), Some("aa-aa"));
    assert_eq!(first(r"(?P<q>['x]).*?(?P=q)", "'ax'"), Some("'ax'"));
    assert_eq!(first(r"(?<q>x)(?P=q)", "xx"), Some("xx"));
    assert_eq!(all(r"^(<)?\w(?(1)>|!)$", "<a>"), ["<a>"]);
    assert!(!matches(r"^(<)?\w(?(1)>|!)$", "<a!"));
    assert_eq!(first("a(?#comment)b", "ab"), Some("ab"));
    assert_eq!(all("(?i:a)b", "AbAB"), ["Ab"]);
    assert_eq!(all("(?i)a(?-i:b)", "AbAB"), ["Ab"]);
    assert_eq!(first("(?x) a b # c\n c", "abc"), Some("abc"));
}

#[test]
fn look_around() {
    assert_eq!(all(r"\w+(?=!)", "a b! cd!"), ["b", "cd"]);
    assert_eq!(all(r"(?<=ab)c|(?<!ab)d", "abcabdd"), ["c", "d"]);
    assert_eq!(all(r"(?<!\d)\d(?!\d)", "1 23 4"), ["1", "4"]);
    assert_eq!(replace("xab", "(?=(a))ab", r"\1"), "xa");
}

#[test]
fn case_is_ignored_by_simple_folding() {
    assert!(matches("(?i)é", "É") && matches("(?i)k", "\u{212a}") && matches("(?i)\u{17f}", "S"));
    assert!(matches("(?i)σ", "ς") && matches("(?i)[Σ]", "ς") && matches("(?i)ǆ", "ǅ"));
    assert!(!matches("(?i)ß", "SS") && !matches("(?ai)k", "\u{212a}") && matches("(?i)ß", "ẞ"));
    assert!(matches(r"(?i)(é)\1", "éÉ") && !matches("(?i)[^é]", "É"));
}

#[test]
fn escapes() {
    assert!(matches(
        r"^\n\t\r\f\v\a\\\x41\u00e9\U0001F600\101\0\.$",
        "\n\t\r\u{c}\u{b}\u{7}\\Aé😀A\0."
    ));
    assert!(matches(r"[\b]", "\u{8}"));
}

#[test]
fn properties() {
    assert_eq!(all(r"\p{Lu}", "aBÉ"), ["B", "É"]);
    assert_eq!(all(r"\P{L}+", "a12b"), ["12"]);
    assert_eq!(all(r"[\p{Greek}\p{Han}]+", "aαβ日本b"), ["αβ日本"]);
    for (script, text) in [
        ("Latin", "é"),
        ("Cyrillic", "ж"),
        ("Hiragana", "あ"),
        ("Katakana", "ア"),
        ("Arabic", "ع"),
        ("Hebrew", "א"),
        ("Thai", "ก"),
        ("Devanagari", "क"),
    ] {
        assert!(matches(&format!(r"^\p{{{script}}}$"), text), "{script}");
        assert!(!matches(&format!(r"\p{{{script}}}"), "1α日"), "{script}");
    }
    assert_eq!(error(r"\p{Klingon}"), "invalid regex: unknown property 'Klingon' at position 3");
    assert_eq!(error(r"\p"), r"invalid regex: bad escape \p at position 0");
}

#[test]
fn errors() {
    for (pattern, reason) in [
        ("[", "unterminated character set at position 0"),
        ("(", "missing ), unterminated subpattern at position 0"),
        (")", "unbalanced parenthesis at position 0"),
        ("*", "nothing to repeat at position 0"),
        ("a**", "multiple repeat at position 2"),
        ("a{2,1}", "min repeat greater than max repeat at position 2"),
        ("[z-a]", "bad character range z-a at position 1"),
        (r"\q", r"bad escape \q at position 0"),
        (r"\z", r"bad escape \z at position 0"),
        (r"\k<a>", r"bad escape \k at position 0"),
        ("\\", "bad escape (end of pattern) at position 0"),
        ("é\\", "bad escape (end of pattern) at position 1"),
        ("(?z)", "unknown extension ?z at position 1"),
        ("(?<=a+)b", "look-behind requires fixed-width pattern"),
        ("x(?i)", "global flags not at the start of the expression at position 1"),
        (r"\1", "invalid group reference 1 at position 1"),
        (
            "(?P<n>a)(?P<n>b)",
            "redefinition of group name 'n' as group 2; was group 1 at position 12",
        ),
        ("a\n(", "missing ), unterminated subpattern at position 2 (line 2, column 1)"),
        ("a{99999999999}", "the repetition number is too large"),
        ("(a{1000}){1000}", "pattern too large"),
        ("(?:){1000000000}", "pattern too large"),
    ] {
        assert_eq!(error(pattern), format!("invalid regex: {reason}"), "{pattern}");
    }
}

#[test]
fn iteration() {
    assert_eq!(all("a*", "baac"), ["", "aa", "", ""]);
    assert_eq!(all("", "abc"), ["", "", "", ""]);
    assert_eq!(all("", ""), [""]);
    assert_eq!(all("|a", "aé"), ["", "a", "", ""]);
    assert_eq!(all(r"([a-z])(\d)", "a1b2"), ["a1", "b2"]);
}

#[test]
fn templates() {
    assert_eq!(replace("john smith", r"(\w+) (\w+)", r"\2 \1"), "smith john");
    assert_eq!(replace("aaa", "a", "b"), "baa");
    assert_eq!(replace("john", "o", "$0&"), "j$0&hn");
    assert_eq!(replace("abc", "", "-"), "-abc");
    assert_eq!(replace("abc", "(?<n>b)|(x)", r"[\g<n>\g<1>\g<0>\2\n\\\101\0]"), "a[bbb\n\\A\0]c");
    assert_eq!(
        replace("zzz", "a", r"\1"),
        "invalid regex: invalid group reference 1 at position 1"
    );
    assert_eq!(replace("zzz", "a", r"\q"), r"invalid regex: bad escape \q at position 0");
    assert_eq!(
        replace("zzz", "a", r"x\g<zz>"),
        "invalid regex: unknown group name 'zz' at position 4"
    );
    assert_eq!(
        replace("zzz", "(", r"\q"),
        "invalid regex: missing ), unterminated subpattern at position 0"
    );
}

#[test]
fn rounds_that_are_empty() {
    // After an empty round a loop is left; what the groups hold shows it.
    assert_eq!(first("(?:a||b)*", "ab"), Some("a"));
    assert_eq!(first("(|a)*", "aaa"), Some(""));
    assert_eq!(replace("ab", "(a|b*)*", r"[\1]"), "[]");
    assert_eq!(replace("ab", "(?:(a)|b)*", r"[\1]"), "[a]");
    assert_eq!(first("(?:a*?)*b", "aab"), Some("aab"));
}

#[test]
fn invalid_bytes_read_as_replacement_characters() {
    let mut regex = Regex::new("\u{fffd}".as_bytes()).unwrap();
    assert_eq!(regex.find_all(b"a\xff\xe2\x82b").unwrap(), [1..2, 2..4]);
    let mut regex = Regex::new(b".").unwrap();
    assert_eq!(regex.find_all(b"\xf0\x9f\x98\xc3\xa9").unwrap(), [0..3, 3..5]);
}

#[test]
fn linear_where_backtracking_is_not() {
    let text = "a".repeat(100_000);
    let start = Instant::now();
    // A class at the end, or the missing byte alone would answer.
    for pattern in [
        "(a*)*[bc]",
        "(a|a)*[bc]",
        "(?:a+)+[bc]",
        "a*a*a*a*a*[bc]",
        "(?:a?){20}a{20}[bc]",
        "a*+[bc]",
        "(?:(?:a*)*)*[bc]",
    ] {
        assert!(!matches(pattern, &text), "{pattern}");
    }
    assert!(start.elapsed().as_secs() < 60);
    assert_eq!(replace(&text, "(a*)*$", r"<\1>"), "<>");
}

#[test]
fn backtracking_gives_up() {
    let text = "a".repeat(40);
    let mut regex = Regex::new(br"(?:(a|a)*\1)*b").unwrap();
    let error = regex.find(text.as_bytes()).unwrap_err();
    assert_eq!(lossy(error.text()), "regex: gave up after 100002560 steps");
}

#[test]
fn classes_of_many_ranges() {
    // One that was there before is not made again.
    assert!(!matches(&r"[^\W\d_]".repeat(110_000), "éé"));
    let letters = r"[^\W\d_]".repeat(1_000);
    assert_eq!(first(&letters, &"é".repeat(1_001)).map(str::len), Some(2_000));
    assert_eq!(all(r"(?i)[ab]x[ab](?-i:[ab])[ab]", "AxBaBaxbAb"), ["AxBaB"]);
    assert_eq!(all("[ab][abc][ab][]a][]ab]", "abb]]acc"), ["abb]]"]);
    let different: String = ('\u{4e00}'..'\u{6e00}').map(|c| format!(r"[^\W\d{c}]")).collect();
    assert_eq!(error(&different), "invalid regex: pattern too large");
}

#[test]
fn huge_patterns_have_an_answer() {
    let size = 1_000_000;
    assert!(error(&"(".repeat(size)).ends_with("position 999999"));
    assert!(error(&"[".repeat(size)).ends_with("position 0"));
    let deep = 200_000;
    assert_eq!(error(&format!("{}a{}", "(?:".repeat(deep), ")".repeat(deep))), "no error");
    assert_eq!(error(&format!("{}a{}", "(".repeat(deep), ")".repeat(deep))), "no error");
    for pattern in [
        "a*".repeat(size / 2),
        "a|".repeat(size / 2),
        "(a)|".repeat(size / 4),
        format!("{}a{}", "(?:".repeat(deep), ")*".repeat(deep)),
        format!("{}a{}", "(?=".repeat(deep), ")".repeat(deep)),
        format!("{}a{}", "(?>b|".repeat(deep), ")".repeat(deep)),
        "(?:".repeat(size / 3),
        "[^a][^b]".repeat(size / 8),
    ] {
        if let Ok(mut regex) = Regex::new(pattern.as_bytes()) {
            let _ = regex.find_all(b"aaaab");
            let _ = regex.captures(b"aaaab");
        }
    }
}
