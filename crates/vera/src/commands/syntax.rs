//! `vera parse`, `vera ast`, `vera fmt`: commands that look at one file's text.

use std::process::ExitCode;

use vera_diagnostics::{Diagnostic, FileId, Sources};
use vera_syntax::Parsed;

use crate::arguments::Arguments;
use crate::input::Entry;
use crate::output;

/// The parsed file, or its errors.
fn parsed(entry: &Entry) -> Result<Parsed, (Vec<Diagnostic>, Sources)> {
    let parsed = vera_syntax::parse(entry.source.text());
    if parsed.errors.is_empty() {
        return Ok(parsed);
    }
    let mut sources = Sources::default();
    let file: FileId = sources.add(entry.source.clone());
    Err((parsed.errors.iter().map(|e| e.to_diagnostic(file)).collect(), sources))
}

pub(super) fn parse(entry: &Entry) -> ExitCode {
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

pub(super) fn ast(entry: &Entry, json: bool) -> ExitCode {
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

pub(super) fn fmt(entry: &Entry, args: &Arguments) -> ExitCode {
    let parsed = match parsed(entry) {
        Ok(parsed) => parsed,
        Err((diagnostics, sources)) => {
            output::print_diagnostics(&diagnostics, &sources);
            return ExitCode::FAILURE;
        }
    };
    let formatted = match vera_fmt::format_checked(entry.source.text(), &parsed) {
        Ok(formatted) => formatted,
        Err(violation) => {
            output::error(&format!("cannot format {}: {violation} (a bug in vera)", entry.word));
            return ExitCode::FAILURE;
        }
    };
    if args.check {
        if formatted == entry.raw {
            output::print(&format!("OK: {}\n", entry.word));
            return ExitCode::SUCCESS;
        }
        output::eprint(&format!("Would reformat: {}\n", entry.word));
        return ExitCode::FAILURE;
    }
    if !args.write {
        output::print(&formatted);
        return ExitCode::SUCCESS;
    }
    if matches!(entry.word.as_str(), "-" | "/dev/stdin") {
        output::error("fmt --write needs a file, not standard input");
        return ExitCode::FAILURE;
    }
    if formatted != entry.raw
        && let Err(error) = std::fs::write(&entry.word, &formatted)
    {
        output::error(&format!("cannot write {}: {error}", entry.word));
        return ExitCode::FAILURE;
    }
    output::print(&format!("Formatted: {}\n", entry.word));
    ExitCode::SUCCESS
}
