//! `vera next`: the tokens that can continue a beginning of a program.

use std::process::ExitCode;

use vera_next::{Inside, Item, Kind, Next};
use vera_session::Modules;

use super::refuse_words;
use crate::cli;
use crate::files::disk;
use crate::input;
use crate::output;

pub(super) fn next(args: &cli::Next) -> ExitCode {
    let entry = match input::read(&args.file) {
        Ok(entry) => entry,
        Err(error) => return refuse_words(args.json.on, &error.text(), false),
    };
    let text = entry.source.text();
    let beginning = match args.at {
        None => text,
        Some(at) => match before(text, at) {
            Some(beginning) => beginning,
            None => {
                let why = format!("--at: there is no {}:{} in {}", at.0, at.1, args.file);
                return refuse_words(args.json.on, &why, false);
            }
        },
    };
    let found = vera_next::next(beginning, &mut Modules::new(disk(), &entry.dir));
    if args.json.on {
        output::print_json(&found.json());
    } else {
        output::print(&shown(&found));
    }
    ExitCode::SUCCESS
}

/// The text before a line and a column, which count characters from 1.
fn before(text: &str, (line, column): (u32, u32)) -> Option<&str> {
    let mut start = 0;
    for _ in 1..line {
        start += text[start..].find('\n')? + 1;
    }
    let rest = text[start..].split('\n').next()?;
    let mut ends = rest.char_indices().map(|(i, _)| i).chain([rest.len()]);
    let end = ends.nth(column as usize - 1)?;
    Some(&text[..start + end])
}

/// One line for each kind, what fits being marked.
fn shown(found: &Next) -> String {
    let mut out = String::new();
    match found.inside {
        Some(Inside::Comment) => out.push_str("Inside a comment: any text.\n"),
        Some(Inside::Literal) => out.push_str("Inside a string literal: any text, then \"\n"),
        None if found.tokens.is_empty() => {
            out.push_str("Nothing: there is an error before; `vera check` tells which.\n");
        }
        None => {}
    }
    if found.complete {
        out.push_str("The text is a program as it is.\n");
    }
    out.push_str(&kinds(&found.tokens));
    if !found.completes.is_empty() {
        out.push_str(&format!("In the place of `{}`:\n{}", found.partial, kinds(&found.completes)));
    }
    out
}

fn kinds(items: &[Item]) -> String {
    let mut kinds: Vec<Kind> = items.iter().map(|item| item.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let line = |kind: &Kind| {
        let of_kind = items.iter().filter(|item| item.kind == *kind);
        let words = of_kind.map(|item| {
            let mark = if item.fits == Some(true) { "*" } else { "" };
            format!(" {}{mark}", item.text)
        });
        format!("{}:{}\n", kind.as_str(), words.collect::<String>())
    };
    kinds.iter().map(line).collect()
}
