//! The next token of every program of the conformance suite that checks is among what can
//! continue it: here at some positions of each; at which, depends on the program. The
//! syntactic half is tested at every position where the parser is.

use vera_check::NoModules;
use vera_diagnostics::{SourceFile, Span};
use vera_next::{Item, Kind, next};
use vera_syntax::{Tok, Token, tokens};

/// Every how many tokens a program is cut off. `VERA_NEXT_EVERY=1` is all positions.
fn every() -> usize {
    std::env::var("VERA_NEXT_EVERY").ok().and_then(|n| n.parse().ok()).unwrap_or(199)
}

fn programs() -> Vec<(String, String)> {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/conformance");
    let entries = std::fs::read_dir(dir).expect("the suite is there");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    let vera = paths.filter(|path| path.extension().is_some_and(|e| e == "vera"));
    let read = |path: std::path::PathBuf| {
        let name = path.file_name()?.to_string_lossy().into_owned();
        Some((name, std::fs::read_to_string(path).ok()?))
    };
    let mut out: Vec<(String, String)> = vera.filter_map(read).collect();
    out.sort();
    out
}

fn is_among(items: &[Item], text: &str, token: &Token) -> bool {
    let spelling = &text[token.span.start as usize..token.span.end as usize];
    let begins = |item: &Item| item.kind == Kind::Symbol && spelling.starts_with(&item.text);
    let class = match token.kind {
        Tok::Upper => "UPPER_IDENT",
        Tok::Int => "INT_LIT",
        Tok::Float => "FLOAT_LIT",
        Tok::Str => "STRING_LIT",
        _ if spelling.starts_with(|c: char| c.is_ascii_lowercase()) => "LOWER_IDENT",
        _ => "",
    };
    items.iter().any(|item| match item.kind {
        Kind::Class => item.text == class,
        _ => item.text == spelling || begins(item),
    })
}

#[test]
fn the_next_token_of_every_program_is_among_them() {
    let thread = std::thread::Builder::new().stack_size(256 << 20).spawn(cut_everywhere);
    thread.expect("a thread starts").join().expect("the test passes");
}

fn cut_everywhere() {
    let (mut positions, mut slots, mut closed) = (0, 0, 0);
    for (i, (name, text)) in programs().into_iter().enumerate() {
        let source = SourceFile::new(&name, &text);
        // Long ones are long in one way.
        if text.len() > 20_000 || vera_check::check(source, &mut NoModules).program.is_none() {
            continue;
        }
        let all = tokens(&text, Span::new(0, text.len() as u32));
        let inside = all.len() - 1;
        for token in all[..inside].iter().skip(i % every()).step_by(every()) {
            let found = next(&text[..token.span.start as usize], &mut NoModules);
            assert!(is_among(&found.tokens, &text, token), "{name}: {token:?}\n{found:#?}");
            positions += 1;
            let exact = |kind| found.tokens.iter().any(|item| item.kind == kind);
            slots += usize::from(exact(Kind::Slot) || exact(Kind::Index));
            let class = |item: &Item| item.kind == Kind::Class && item.text == "INT_LIT";
            closed += usize::from(exact(Kind::Index) && !found.tokens.iter().any(class));
        }
    }
    println!("{positions} positions, {slots} in slots, {closed} with all their numbers");
    assert!(positions > 500 && slots > 20, "{positions} {slots}");
}
