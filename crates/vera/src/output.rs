//! Writing to the three streams. A closed stream ends the tool quietly.

use std::io::Write;

use serde_json::{Value, json};
use vera_diagnostics::{Diagnostic, Severity, Sources, json_text, render_text};
pub(crate) use vera_diagnostics::{envelope, json_list, plain_diagnostic};

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
    eprint(&format!("Error: {text}\n"));
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
        eprint(&render_text(diagnostic, sources));
    }
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
