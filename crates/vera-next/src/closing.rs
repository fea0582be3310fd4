//! Closing a beginning of a program: the fewest tokens, or nearly, that make a declaration of
//! it. Which can stand where is asked of the parser, one token after the other.

use vera_syntax::{Continuation, Tok, continuation};

/// No beginning that people write is open in more places.
const LONGEST: usize = 400;

/// What to go on with, the first that is possible: what closes before what opens.
const ORDER: [(Tok, &str); 33] = [
    (Tok::RBrace, "}"),
    (Tok::RParen, ")"),
    (Tok::RBracket, "]"),
    (Tok::Semi, ";"),
    (Tok::Then, "then"),
    (Tok::Else, "else"),
    (Tok::In, "in"),
    (Tok::Arrow, "->"),
    (Tok::Pure, "pure"),
    (Tok::Effects, "effects"),
    (Tok::Requires, "requires"),
    (Tok::Eq, "="),
    (Tok::Comma, ","),
    (Tok::Question, "?"),
    (Tok::Underscore, "_"),
    (Tok::Upper, "A"),
    (Tok::Lower, "a"),
    (Tok::Int, "0"),
    (Tok::LBrace, "{"),
    (Tok::LParen, "("),
    (Tok::ColonColon, "::"),
    (Tok::Dot, "."),
    (Tok::At, "@"),
    (Tok::Fn, "fn"),
    (Tok::Op, "op"),
    (Tok::Data, "data"),
    (Tok::Bar, "|"),
    (Tok::Gt, ">"),
    (Tok::Lt, "<"),
    (Tok::LBracket, "["),
    (Tok::Type, "type"),
    (Tok::Forall, "forall"),
    (Tok::Private, "private"),
];

/// What makes a program of a text that goes on with a typed hole, if that can stand there,
/// the hole included. `None` where nothing does.
pub fn closing(text: &str) -> Option<String> {
    let start = last_declaration(text);
    let mut whole = text[start..].to_owned();
    let begin = whole.len();
    let first = continuation(&whole);
    if first.tokens.contains(Tok::Question) {
        whole.push('?');
    }
    for _ in 0..LONGEST {
        let after = continuation(&whole);
        if after.complete {
            return Some(whole.split_off(begin));
        }
        whole.push(' ');
        whole.push_str(chosen(after)?);
    }
    None
}

fn chosen(after: Continuation) -> Option<&'static str> {
    // Behind an operand these are operators.
    let operand = after.tokens.contains(Tok::Plus);
    let goes_on = |tok: Tok| operand && matches!(tok, Tok::Lt | Tok::Gt | Tok::LBracket);
    ORDER
        .iter()
        .find(|(tok, _)| after.tokens.contains(*tok) && !goes_on(*tok))
        .map(|(_, text)| *text)
}

/// Where the last declaration begins: at a line that begins with one of its words, as all do
/// in canonical texts, provided that it is read so.
fn last_declaration(text: &str) -> usize {
    const WORDS: [&str; 10] = [
        "public ", "private ", "fn ", "forall<", "data ", "type ", "effect ", "ability ",
        "import ", "module ",
    ];
    let lines = text.rmatch_indices('\n').map(|(at, _)| at + 1).chain([0]);
    let begins = |at: &usize| WORDS.iter().any(|word| text[*at..].starts_with(word));
    let mut candidates = lines.filter(begins);
    let reads = |at: &usize| continuation(&text[*at..]).tokens != vera_syntax::TokenSet::default();
    candidates.next().filter(reads).unwrap_or(0)
}
