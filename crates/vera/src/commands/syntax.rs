//! `vera parse` and `vera ast`: the tree of one file. `vera grammar`: the rules of all.

use std::process::ExitCode;

use vera_diagnostics::{Diagnostic, FileId, Sources};
use vera_syntax::Parsed;
use vera_syntax::grammar::Format;

use super::inputs::{Unreadable, one};
use super::unreadable;
use crate::cli::{Ast, GrammarFormat, Tree};
use crate::input::Entry;
use crate::output;

/// The parsed file, or its errors.
pub(super) fn parsed(entry: &Entry) -> Result<Parsed, (Vec<Diagnostic>, Sources)> {
    let parsed = vera_syntax::parse(entry.source.text());
    if parsed.errors.is_empty() {
        return Ok(parsed);
    }
    let mut sources = Sources::default();
    let file: FileId = sources.add(entry.source.clone());
    Err((parsed.errors.iter().map(|e| e.to_diagnostic(file)).collect(), sources))
}

pub(super) fn parse(args: &Tree) -> ExitCode {
    one(&args.program, None, parse_file)
}

fn parse_file(entry: &Entry) -> ExitCode {
    match parsed(entry) {
        Ok(parsed) => {
            output::print(&vera_syntax::dump_text(&parsed.program, &entry.source));
            ExitCode::SUCCESS
        }
        Err((diagnostics, sources)) => {
            output::print_diagnostics(&diagnostics, &sources);
            ExitCode::FAILURE
        }
    }
}

pub(super) fn ast(args: &Ast) -> ExitCode {
    let json = args.json.on;
    let document = json.then_some(unreadable as Unreadable);
    one(&args.program, document, |entry| ast_file(entry, json))
}

fn ast_file(entry: &Entry, json: bool) -> ExitCode {
    match parsed(entry) {
        Ok(parsed) => {
            let text = if json {
                vera_syntax::ast_json(&parsed.program, &entry.source)
            } else {
                vera_syntax::ast_text(&parsed.program, &entry.source)
            };
            output::print(&text);
            ExitCode::SUCCESS
        }
        Err((diagnostics, sources)) if json => {
            output::print_json(&output::envelope(&entry.word, &diagnostics, &sources));
            ExitCode::FAILURE
        }
        Err((diagnostics, sources)) => {
            output::print_diagnostics(&diagnostics, &sources);
            ExitCode::FAILURE
        }
    }
}

pub(super) fn grammar(format: GrammarFormat) -> ExitCode {
    let format = match format {
        GrammarFormat::Ebnf => Format::Ebnf,
        GrammarFormat::Gbnf => Format::Gbnf,
        GrammarFormat::Lark => Format::Lark,
    };
    output::print(&vera_syntax::grammar::grammar(format));
    ExitCode::SUCCESS
}
