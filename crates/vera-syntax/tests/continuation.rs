//! What can follow a beginning of a program: over the conformance suite, at every position.

mod common;

use vera_diagnostics::Span;
use vera_syntax::{Role, Tok, continuation, parse, tokens};

/// Whether a token of a text can stand where these are expected: as what it is, as a name, or
/// with its first part alone.
fn fits(text: &str, token: &vera_syntax::Token, after: &vera_syntax::Continuation) -> bool {
    let kind = token.kind;
    let spelling = &text[token.span.start as usize..token.span.end as usize];
    let begins = |first: Tok| {
        let symbol = first.describe().trim_matches('"');
        after.tokens.contains(first)
            && !symbol.chars().any(char::is_alphanumeric)
            && spelling.starts_with(symbol)
    };
    after.tokens.contains(kind)
        || spelling.starts_with(|c: char| c.is_ascii_lowercase()) && after.tokens.contains(Tok::Lower)
        || [Tok::Gt, Tok::Lt, Tok::Eq, Tok::Bang, Tok::Minus, Tok::Bar].into_iter().any(begins)
        // `@Int.0.5` is read as a number and a rest.
        || kind == Tok::Float && after.tokens.contains(Tok::Int)
}

#[test]
fn the_next_token_of_every_program_is_expected() {
    let mut positions = 0;
    for (path, text) in common::programs() {
        if !parse(&text).errors.is_empty() {
            continue;
        }
        let all = tokens(&text, Span::new(0, text.len() as u32));
        let (last, all) = all.split_last().expect("there is an end");
        assert_eq!(last.kind, Tok::Eof);
        // Of programs that are long at some.
        for token in all.iter().step_by(all.len() / 400 + 1) {
            let after = continuation(&text[..token.span.start as usize]);
            assert!(fits(&text, token, &after), "{path}: {token:?}: {after:?}");
            positions += 1;
        }
        let whole = continuation(&text);
        assert!(whole.complete && whole.tokens.contains(Tok::Private), "{path}: {whole:?}");
    }
    assert!(positions > 50_000, "{positions}");
}

fn after(text: &str) -> String {
    continuation(text).tokens.descriptions().join(" ")
}

const HEAD: &str = "private fn f(@Int -> @Int)\n  requires(true)\n  effects(pure)\n{\n  ";

#[test]
fn places_know_what_they_ask_for() {
    assert_eq!(
        after("private fn f(@Int -> @Int)\n  requires(true)\n"),
        "\"decreases\" \"effects\" \"ensures\" \"requires\""
    );
    assert_eq!(after(&format!("{HEAD}@Int.")), "\"result\" INT_LIT");
    assert_eq!(after(&format!("{HEAD}if true ")), after(&format!("{HEAD}if false ")));
    for (text, role) in [
        ("@", Role::Slot),
        ("@Int.", Role::Index),
        ("let @", Role::Type),
        ("let ", Role::Constructor),
        ("match @Int.0 { ", Role::Constructor),
        ("1 + ", Role::Operand),
        ("IO.", Role::Operation),
        ("a.", Role::Module),
        ("a.b::", Role::Member),
        ("handle[", Role::Effect),
        ("handle[State<Int>] { ", Role::Clause),
    ] {
        let found = continuation(&format!("{HEAD}{text}"));
        assert!(found.roles.contains(role), "{text}: {found:?}");
    }
    // Behind an error nothing follows.
    assert_eq!(continuation(&format!("{HEAD}) ")).tokens.descriptions(), Vec::<&str>::new());
    assert_eq!(continuation("\"").tokens.descriptions(), Vec::<&str>::new());
}
