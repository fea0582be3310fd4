//! What holds for the canonical text of every program: it parses, it is its own
//! canonical text, it has the tree and the comments of the program, and none of
//! it depends on how the program was laid out.

use proptest::collection::vec;
use proptest::prelude::*;
use vera_fmt::{format, format_checked};
use vera_syntax::{CommentKind, Parsed, ast_text};

/// Every construct of the grammar, and forms that the formatter rewrites.
const PROGRAMS: [&str; 2] =
    [include_str!("../../vera-syntax/tests/common/sample.vera"), include_str!("rewritten.vera")];

/// The tokens of a text that holds no comments.
fn tokens(text: &str) -> Vec<&str> {
    const SYMBOLS: [&str; 11] = ["==>", "->", "|>", "==", "!=", "<=", ">=", "&&", "||", "::", "--"];
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let length = if first == '"' {
            let mut escaped = false;
            let end = rest[1..].find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            end.map_or(rest.len(), |end| end + 2)
        } else if first.is_ascii_digit() {
            rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len())
        } else if word(first) {
            rest.find(|c| !word(c)).unwrap_or(rest.len())
        } else if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            symbol.len()
        } else {
            first.len_utf8()
        };
        tokens.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    tokens
}

/// The tokens with the `n`th text of `between` after the `n`th of them.
fn layout(tokens: &[&str], between: &[usize]) -> String {
    const BETWEEN: [&str; 24] = [
        " ",
        " ",
        " ",
        " ",
        " ",
        " ",
        " ",
        " ",
        " ",
        "\n",
        "\n",
        "\n  ",
        "\n\n",
        "\n \n\n",
        " -- a\n",
        "\n-- b\n",
        "\n\n  --  c  d \n\n",
        " {- e -} ",
        "\n{- f\n   g -}\n",
        " /* h */ ",
        "\n/* i\nj */\n\n",
        " {- k -} {- l -} -- m\n",
        "\n  -- n\n  -- o\n",
        "\n\n{- p -} -- q\n\n",
    ];
    let mut text = String::new();
    for (i, token) in tokens.iter().enumerate() {
        text.push_str(token);
        text.push_str(BETWEEN[between[i % between.len()] % BETWEEN.len()]);
    }
    text
}

/// The tree without what formatting may change: redundant blocks and labels.
fn shape(text: &str, parsed: &Parsed) -> Vec<String> {
    let file = vera_diagnostics::SourceFile::new("t.vera", text);
    ast_text(&parsed.program, &file)
        .lines()
        .map(str::trim_start)
        .filter(|line| {
            !matches!(*line, "Block" | "expr:" | "statements: ()")
                && !line.starts_with("where_span")
                && !line.contains("_annotation")
        })
        .map(str::to_string)
        .collect()
}

fn check(text: &str) {
    let parsed = vera_syntax::parse(text);
    assert!(parsed.errors.is_empty(), "{:?}\n{text}", parsed.errors);
    let canonical = format_checked(text, &parsed).unwrap_or_else(|v| panic!("{v}:\n{text}"));
    let again = vera_syntax::parse(&canonical);
    assert_eq!(shape(text, &parsed), shape(&canonical, &again), "{text}\n{canonical}");
    assert!(canonical.lines().all(|line| line.trim_end() == line), "{canonical}");
    assert!(!canonical.contains("\n\n\n") && canonical.ends_with('\n'), "{canonical}");
}

#[test]
fn canonical_text_does_not_depend_on_white_space() {
    for program in PROGRAMS {
        let program = program.replace("-- note\n", "");
        let canonical = |text: &str| format(text, &vera_syntax::parse(text));
        let spaced = canonical(&layout(&tokens(&program), &[0]));
        assert_eq!(canonical(&layout(&tokens(&program), &[9])), spaced);
        assert_eq!(canonical(&layout(&tokens(&program), &[11])), spaced);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_layout(between in vec(0usize..24, 40..400), program in 0..2usize) {
        let program = PROGRAMS[program].replace("-- note\n", "");
        check(&layout(&tokens(&program), &between));
    }

    #[test]
    fn few_comments(between in vec(prop_oneof![30 => 0usize..9, 8 => 9usize..14, 2 => 14usize..24], 40..400), program in 0..2usize) {
        let program = PROGRAMS[program].replace("-- note\n", "");
        check(&layout(&tokens(&program), &between));
    }
}

#[test]
fn comment_kinds_survive() {
    let text = "-- a\n{- b -}\n/* c */\ntype A = B;\n";
    let parsed = vera_syntax::parse(text);
    assert_eq!(format(text, &parsed), text);
    let kinds: Vec<CommentKind> = parsed.comments.iter().map(|c| c.kind).collect();
    assert_eq!(kinds, [CommentKind::Line, CommentKind::Block, CommentKind::Annotation]);
}

#[test]
fn time_is_linear() {
    const SIZE: usize = 1 << 20;
    let fill = |piece: &str| piece.repeat(SIZE / piece.len());
    let function = "private fn f(@Int -> @Int) requires(true) effects(pure) { ";
    let texts = [
        fill("-- c\n\n{- a -} {- b -}\ntype A = B; -- d\n"),
        format!("{function}{} 1 }}", fill("f(1);\n-- c\n\n")),
        format!("{function}{} 1 }}", fill("f(1); {- c -} ")),
        format!("{function}[{}1] }}", fill("1, -- c\n")),
        format!("{function}match 1 {{ {} _ -> 1 }} }}", fill("0 -> { { 1 } }, -- c\n")),
        fill("{- a -} "),
        fill(&format!("{function}1 -- c\n}}\n-- d\n")),
    ];
    for text in texts {
        let start = std::time::Instant::now();
        let parsed = vera_syntax::parse(&text);
        assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
        format(&text, &parsed);
        // Far above what is needed; a quadratic step would take many minutes.
        assert!(start.elapsed().as_secs() < 30, "{}", &text[..80]);
    }
}
