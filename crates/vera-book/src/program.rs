//! A program on a page: coloured by the language's own lexer, with a link that opens it
//! in the playground.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vera_diagnostics::Span;
use vera_syntax::{Tok, Token};

/// What stands before the program in the fragment of a link to the playground.
pub const FRAGMENT: &str = "v1:";

/// The fragment that makes the playground open a program: its UTF-8 text in raw DEFLATE,
/// in the alphabet of base64 for addresses.
pub fn fragment(program: &str) -> String {
    let packed = miniz_oxide::deflate::compress_to_vec(program.as_bytes(), 9);
    format!("{FRAGMENT}{}", URL_SAFE_NO_PAD.encode(packed))
}

/// A program that shows the value of a call.
pub fn showing(call: &str) -> String {
    // The row may name what is not performed.
    format!(
        "public fn main(@Unit -> @String)\n  requires(true)\n  ensures(true)\n  effects(<Async>)\n{{\n  show({})\n}}\n",
        call.trim()
    )
}

/// Whether a program is one file.
pub fn stands_alone(program: &str) -> bool {
    vera_syntax::parse(program).program.imports.is_empty()
}

/// The program as HTML, tokens and comments in the classes of the site's colour themes.
pub fn highlighted(program: &str) -> String {
    let whole = Span { start: 0, end: u32::try_from(program.len()).unwrap_or(u32::MAX) };
    let tokens = vera_syntax::tokens(program, whole);
    let comments = vera_syntax::parse(program).comments;
    let mut pieces: Vec<(Span, Option<&'static str>)> = tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| token.kind != Tok::Eof)
        .map(|(i, token)| (token.span, class(program, &tokens, i)))
        .chain(comments.iter().map(|comment| (comment.span, Some("hljs-comment"))))
        .collect();
    pieces.sort_by_key(|(span, _)| span.start);
    let (mut out, mut at) = (String::new(), 0);
    for (span, class) in pieces {
        let (start, end) = (span.start as usize, span.end as usize);
        // Comments inside string literals are part of what is coloured already.
        if start < at {
            continue;
        }
        out.push_str(&escaped(&program[at..start]));
        let text = escaped(&program[start..end]);
        match class {
            Some(class) => out.push_str(&format!("<span class=\"{class}\">{text}</span>")),
            None => out.push_str(&text),
        }
        at = end;
    }
    out.push_str(&escaped(&program[at..]));
    out
}

/// The colour of a token, by its sort and its neighbours.
fn class(program: &str, tokens: &[Token], i: usize) -> Option<&'static str> {
    let kind = tokens[i].kind;
    let before = i.checked_sub(1).map(|i| tokens[i].kind);
    let after = tokens.get(i + 1).map(|token| token.kind);
    let word = &program[tokens[i].span.start as usize..tokens[i].span.end as usize];
    if kind == Tok::Str {
        Some("hljs-string")
    } else if kind == Tok::At || before == Some(Tok::At) || follows_slot(before, kind) {
        Some("hljs-variable")
    } else if matches!(kind, Tok::Int | Tok::Float) {
        Some("hljs-number")
    } else if kind == Tok::Upper {
        Some("hljs-type")
    } else if matches!(kind, Tok::True | Tok::False) {
        Some("hljs-literal")
    } else if kind == Tok::Lower {
        (after == Some(Tok::LParen)).then_some("hljs-title")
    } else {
        word.starts_with(|first: char| first.is_ascii_lowercase()).then_some("hljs-keyword")
    }
}

/// The index or `result` behind the dot of a slot.
fn follows_slot(before: Option<Tok>, kind: Tok) -> bool {
    before == Some(Tok::Dot) && matches!(kind, Tok::Int | Tok::Result)
}

/// Text as it stands in HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_holds_the_program() {
        let program = "-- λ\nprivate fn f(@Int -> @Int)\n";
        let text = fragment(program);
        let packed = URL_SAFE_NO_PAD.decode(text.strip_prefix("v1:").expect("the prefix"));
        let bytes = miniz_oxide::inflate::decompress_to_vec(&packed.expect("base64"));
        assert_eq!(bytes.expect("DEFLATE"), program.as_bytes());
    }

    #[test]
    fn colours() {
        assert_eq!(
            highlighted("f(@Int.0 < 2) -- \"a\"\n"),
            "<span class=\"hljs-title\">f</span>(<span class=\"hljs-variable\">@</span><span class=\"hljs-variable\">Int</span>.<span class=\"hljs-variable\">0</span> &lt; <span class=\"hljs-number\">2</span>) <span class=\"hljs-comment\">-- &quot;a&quot;</span>\n"
        );
        // What is no token has no colour.
        assert_eq!(highlighted("let \"é"), "<span class=\"hljs-keyword\">let</span> &quot;é");
    }
}
