//! The next token of every program of the conformance suite that checks is among what can
//! continue it: here at some positions of each; at which, depends on the program. The
//! syntactic half is tested at every position where the parser is.

use vera_check::NoModules;
use vera_diagnostics::{SourceFile, Span};
use vera_next::{Item, Kind, next};
use vera_syntax::{Tok, Token, tokens};

/// Every how many tokens a program is cut off. `VERA_NEXT_EVERY=1` is all positions, as
/// `scripts/nightly` has it.
fn every() -> usize {
    std::env::var("VERA_NEXT_EVERY").ok().and_then(|n| n.parse().ok()).unwrap_or(97)
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

/// What was looked at: positions, slots, and indices of which all that exist are known.
#[derive(Default)]
struct Seen {
    positions: usize,
    slots: usize,
    closed: usize,
}

#[test]
fn the_next_token_of_every_program_is_among_them() {
    let programs = programs();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let seen: Vec<Seen> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|worker| {
                let own = programs.iter().enumerate().skip(worker).step_by(threads);
                let thread = std::thread::Builder::new().stack_size(256 << 20);
                thread.spawn_scoped(scope, move || cut_everywhere(own)).expect("a thread starts")
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("the test passes")).collect()
    });
    let sum = |of: fn(&Seen) -> usize| seen.iter().map(of).sum::<usize>();
    let (positions, slots) = (sum(|seen| seen.positions), sum(|seen| seen.slots));
    let closed = sum(|seen| seen.closed);
    println!("{positions} positions, {slots} in slots, {closed} with all their numbers");
    assert!(positions > 1000 && slots > 40, "{positions} {slots}");
}

fn cut_everywhere<'p>(programs: impl Iterator<Item = (usize, &'p (String, String))>) -> Seen {
    let mut seen = Seen::default();
    for (i, (name, text)) in programs {
        let source = SourceFile::new(name, text);
        // Long ones are long in one way.
        if text.len() > 20_000 || vera_check::check(source, &mut NoModules).program.is_none() {
            continue;
        }
        let all = tokens(text, Span::new(0, text.len() as u32));
        let inside = all.len() - 1;
        for token in all[..inside].iter().skip(i % every()).step_by(every()) {
            let found = next(&text[..token.span.start as usize], &mut NoModules);
            assert!(is_among(&found.tokens, text, token), "{name}: {token:?}\n{found:#?}");
            seen.positions += 1;
            let exact = |kind| found.tokens.iter().any(|item| item.kind == kind);
            seen.slots += usize::from(exact(Kind::Slot) || exact(Kind::Index));
            let class = |item: &Item| item.kind == Kind::Class && item.text == "INT_LIT";
            seen.closed += usize::from(exact(Kind::Index) && !found.tokens.iter().any(class));
        }
    }
    seen
}
