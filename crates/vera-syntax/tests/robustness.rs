//! Whatever the text, the parser returns, and what it returns is sound.

mod common;

use std::time::{Duration, Instant};

use common::SAMPLE;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use vera_diagnostics::{FileId, SourceFile};
use vera_syntax::{ast_json, dump_text, parse};

/// Parses and checks what holds for every text.
fn check(text: &str) {
    let file = SourceFile::new("t.vera", text);
    let parsed = parse(file.text());
    for error in &parsed.errors {
        let diagnostic = error.to_diagnostic(FileId(0));
        assert!(!diagnostic.description.is_empty());
        assert!(!diagnostic.fix.is_empty());
        let span = error.span;
        assert!(span.start < span.end && span.end as usize <= file.text().len(), "{error:?}");
        assert!(file.text().is_char_boundary(span.start as usize), "{error:?}");
    }
    assert!(parsed.comments.is_sorted_by_key(|c| c.span.start));
    for comment in &parsed.comments {
        assert!(file.text().get(comment.span.start as usize..comment.span.end as usize).is_some());
    }
    dump_text(&parsed.program, &file);
    ast_json(&parsed.program, &file);
}

const SOUP: &[&str] = &[
    "public",
    "private",
    "fn",
    "forall",
    "data",
    "type",
    "effect",
    "ability",
    "module",
    "import",
    "requires",
    "ensures",
    "decreases",
    "effects",
    "pure",
    "where",
    "invariant",
    "op",
    "let",
    "if",
    "then",
    "else",
    "match",
    "handle",
    "in",
    "with",
    "old",
    "new",
    "assert",
    "assume",
    "exists",
    "true",
    "false",
    "result",
    "f",
    "x",
    "Int",
    "A",
    "T",
    "0",
    "1",
    "007",
    "1.5",
    "\"s\"",
    "\"\\(1)\"",
    "\"\\q\"",
    "\"\\(",
    "\"",
    "-- c\n",
    "{- d -}",
    "/* e */",
    "{-",
    "-}",
    "/*",
    "*/",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "<",
    ">",
    "<=",
    ">=",
    "==",
    "!=",
    "==>",
    "=",
    "->",
    "|>",
    "||",
    "|",
    "&&",
    "&",
    "!",
    "-",
    "+",
    "*",
    "/",
    "%",
    ",",
    ";",
    ".",
    ":",
    "::",
    "@",
    "?",
    "_",
    "#",
    "é",
    "\u{FEFF}",
    "\u{2003}",
    "\r\n",
    "\n",
    " ",
    "requires(true) effects(pure) {",
    "@Int.0",
    "private fn f(@Int -> @Int)",
    "match 1 { _ ->",
    "handle[E] { f() ->",
    "} in {",
];

/// A text with some pieces replaced, removed, doubled or put elsewhere.
fn mutate(text: &str, changes: &[(usize, usize, u8)]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for (at, other, change) in changes {
        if chars.is_empty() {
            break;
        }
        let at = at % chars.len();
        let end = (at + other % 12).min(chars.len());
        match change % 5 {
            0 => drop(chars.drain(at..end)),
            1 => {
                let piece = SOUP[other % SOUP.len()];
                chars.splice(at..at, piece.chars());
            }
            2 => {
                let piece: Vec<char> = chars[at..end].to_vec();
                let to = other % chars.len();
                chars.splice(to..to, piece);
            }
            3 => chars.truncate(at.max(1)),
            _ => {
                let other = other % chars.len();
                chars.swap(at, other);
            }
        }
    }
    chars.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_characters(text in ".*") {
        check(&text);
    }

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..400)) {
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_tokens(pieces in vec(select(SOUP), 0..80)) {
        check(&pieces.join(" "));
        check(&pieces.concat());
    }

    #[test]
    fn any_tokens_in_a_body(pieces in vec(select(SOUP), 0..80)) {
        check(&common::in_body(&pieces.join(" ")));
    }

    #[test]
    fn mutated_programs(changes in vec(any::<(usize, usize, u8)>(), 1..8)) {
        check(&mutate(SAMPLE, &changes));
    }
}

/// A small fuzz run with a fixed seed, for a fixed time.
#[test]
fn fuzz_for_two_seconds() {
    let start = Instant::now();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as usize
    };
    while start.elapsed() < Duration::from_secs(2) {
        let changes: Vec<(usize, usize, u8)> = (0..1 + random() % 20)
            .map(|_| (random() >> 8, random() >> 8, (random() >> 8) as u8))
            .collect();
        check(&mutate(SAMPLE, &changes));
        let soup: Vec<&str> =
            (0..random() % 200).map(|_| SOUP[(random() >> 8) % SOUP.len()]).collect();
        check(&soup.join(if random() % 2 == 0 { " " } else { "" }));
    }
}
