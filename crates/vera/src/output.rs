//! Writing to the three streams. A closed stream ends the tool quietly.

use std::io::{IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use serde_json::{Value, json};
use vera_diagnostics::{Diagnostic, Severity, Sources, Styles, json_text, render_styled};
pub(crate) use vera_diagnostics::{envelope, json_list, plain_diagnostic};

use crate::cli::ColorWhen;

/// Sets where colours are shown, before anything is written.
pub(crate) fn colour(when: ColorWhen) {
    let choice = match when {
        ColorWhen::Auto => ColorChoice::Auto,
        ColorWhen::Always => ColorChoice::Always,
        ColorWhen::Never => ColorChoice::Never,
    };
    choice.write_global();
}

/// How words on stdout look.
pub(crate) fn styles() -> &'static Styles {
    styles_for(AutoStream::choice(&std::io::stdout()))
}

/// How words on stderr look.
fn stderr_styles() -> &'static Styles {
    styles_for(AutoStream::choice(&std::io::stderr()))
}

fn styles_for(choice: ColorChoice) -> &'static Styles {
    match choice {
        ColorChoice::Always | ColorChoice::AlwaysAnsi | ColorChoice::Auto => &Styles::COLOURED,
        ColorChoice::Never => &Styles::PLAIN,
    }
}

/// Whether somebody reads stdout as it is written.
pub(crate) fn is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// `OK: <word>`, with a line end.
pub(crate) fn success(word: &str) -> String {
    let style = styles().success;
    format!("{style}OK:{style:#} {word}\n")
}

/// Writes to stdout; a closed stdout ends the process with status 1.
pub(crate) fn print(text: &str) {
    print_bytes(text.as_bytes());
}

/// [`print`], of what need not be text.
pub(crate) fn print_bytes(bytes: &[u8]) {
    let mut stdout = std::io::stdout().lock();
    if stdout.write_all(bytes).and_then(|()| stdout.flush()).is_err() {
        std::process::exit(1);
    }
}

/// Writes to stderr; a closed stderr is no reason to stop.
pub(crate) fn eprint(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes());
}

/// `Error: <text>` on stderr.
pub(crate) fn error(text: &str) {
    eprint(&error_line(text));
}

/// Writes a text to stderr that begins with `Error: `.
pub(crate) fn eprint_report(text: &str) {
    let style = stderr_styles().error;
    match text.strip_prefix("Error:") {
        Some(rest) => eprint(&format!("{style}Error:{style:#}{rest}")),
        None => eprint(text),
    }
}

/// What [`error`] writes.
pub(crate) fn error_line(text: &str) -> String {
    let style = stderr_styles().error;
    format!("{style}Error:{style:#} {text}\n")
}

/// Prints a JSON document.
pub(crate) fn print_json(value: &Value) {
    print(&json_text(value));
}

/// Warnings, then errors, on stderr.
pub(crate) fn print_diagnostics(diagnostics: &[Diagnostic], sources: &Sources) {
    for severity in [Severity::Warning, Severity::Error] {
        print_severity(diagnostics, sources, severity);
    }
}

/// The diagnostics of one severity, on stderr.
pub(crate) fn print_severity(diagnostics: &[Diagnostic], sources: &Sources, severity: Severity) {
    for diagnostic in diagnostics.iter().filter(|d| d.severity == severity) {
        eprint(&rendered(diagnostic, sources));
    }
}

/// A report as it is written to stderr.
pub(crate) fn rendered(diagnostic: &Diagnostic, sources: &Sources) -> String {
    render_styled(diagnostic, sources, stderr_styles())
}

/// Reports a bug of the tool, in the form asked for.
pub(crate) fn internal_error(what: &str, json: bool) {
    let text = format!("Internal compiler error: {what}");
    if !json {
        return eprint(&format!(
            "[E699] Error: {text}\n\n  This is a bug in vera, not in the program. Please report it with the program.\n"
        ));
    }
    let mut diagnostic = plain_diagnostic(&text);
    diagnostic["error_code"] = json!("E699");
    print_json(&json!({ "ok": false, "file": "", "diagnostics": [diagnostic], "warnings": [] }));
}
