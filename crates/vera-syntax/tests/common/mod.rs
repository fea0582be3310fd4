//! Shared by the tests of this crate.
#![allow(dead_code, reason = "each test crate uses a part")]

use vera_diagnostics::{FileId, SourceFile, Sources, json_text, render_text, to_json};
use vera_syntax::{dump_text, parse};

/// A function with this body, which starts at line 2, column 1.
pub fn in_body(body: &str) -> String {
    format!("private fn f(@Int -> @Int) requires(true) effects(pure) {{\n{body}\n}}")
}

/// All errors of a text, one a line: code, position, description.
pub fn errors(text: &str) -> String {
    let file = SourceFile::new("t.vera", text);
    let lines: Vec<String> = parse(file.text())
        .errors
        .iter()
        .map(|error| {
            let at = file.line_col(error.span.start);
            let report = error.to_diagnostic(FileId(0));
            let description = report.description.lines().last().unwrap_or_default();
            format!("{} {}:{} {description}", error.code().as_str(), at.line, at.column)
        })
        .collect();
    lines.join("\n")
}

/// Code and position of the first error of a text, such as `E005 1:3`, or `ok`.
pub fn first(text: &str) -> String {
    let all = errors(text);
    let mut words = all.split(' ');
    match (words.next(), words.next()) {
        (Some(code), Some(position)) => format!("{code} {position}"),
        _ => "ok".into(),
    }
}

/// The report of the first error as text and as JSON.
pub fn report(text: &str) -> String {
    let mut sources = Sources::default();
    let file = sources.add(SourceFile::new("t.vera", text));
    let parsed = parse(sources.get(file).text());
    let Some(error) = parsed.errors.first() else { return "no errors".into() };
    let diagnostic = error.to_diagnostic(file);
    format!(
        "{}\n{}",
        render_text(&diagnostic, &sources),
        json_text(&to_json(&diagnostic, &sources))
    )
}

/// The tree of a text without errors, with positions.
pub fn tree(text: &str) -> String {
    let file = SourceFile::new("t.vera", text);
    let parsed = parse(file.text());
    assert!(parsed.errors.is_empty(), "{}", errors(text));
    dump_text(&parsed.program, &file)
}

/// A program with every construct of the grammar.
pub const SAMPLE: &str = include_str!("sample.vera");

/// Name and text of every program of the conformance suite, in order.
pub fn programs() -> Vec<(String, String)> {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/conformance");
    let entries = std::fs::read_dir(dir).expect("the suite is there");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    let vera = paths.filter(|path| path.extension().is_some_and(|e| e == "vera"));
    let read = |path: std::path::PathBuf| {
        let name = path.file_name()?.to_string_lossy().into_owned();
        // Some are no text.
        Some((name, std::fs::read_to_string(path).ok()?))
    };
    let mut out: Vec<(String, String)> = vera.filter_map(read).collect();
    out.sort();
    out
}
