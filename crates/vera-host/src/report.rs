//! What the user reads about a trap.

use std::fmt::Write;

use serde_json::{Value, json};
use vera_diagnostics::Sources;
use vera_wasm::source_map::Frame;

use crate::trap::Trap;

/// Column that a hint does not go beyond.
const HINT_WIDTH: usize = 76;

/// The report for a terminal, with a line end after each line.
pub fn render_trap_text(trap: &Trap, sources: &Sources) -> String {
    let mut text = format!("Error: {}\n", trap.message);
    for value in &trap.values {
        _ = writeln!(text, "  {value}");
    }
    let helpers = trap.suppressed;
    if !trap.frames.is_empty() {
        text.push_str("Source backtrace:\n");
        if helpers > 0 {
            let words = "runtime-helper frame(s) above first user code";
            _ = writeln!(text, "  (suppressed {helpers} {words})");
        }
        for frame in &trap.frames {
            let place = Place::of(frame, sources);
            let file = place.file;
            _ = match (frame.is_helper, place.lines) {
                (true, _) => write!(text, "  in {}  <builtin>", place.func),
                (false, Some((a, b))) if a == b => {
                    write!(text, "  in {}  ({file}:{a})", place.func)
                }
                (false, Some((a, b))) => write!(text, "  in {}  ({file}:{a}-{b})", place.func),
                (false, None) => write!(text, "  in {}  ({file})", place.func),
            };
            if let Some((line, column)) = place.at {
                _ = write!(text, " at {file}:{line}:{column}");
            }
            text.push('\n');
        }
    }
    let hint = trap.kind.hint();
    if !hint.is_empty() {
        text.push_str("Fix:\n");
        for line in wrap(hint, HINT_WIDTH - 2) {
            _ = writeln!(text, "  {line}");
        }
    }
    text
}

/// The diagnostic of `run --json`.
pub fn trap_json(trap: &Trap, sources: &Sources) -> Value {
    let frames: Vec<Value> = trap
        .frames
        .iter()
        .map(|frame| {
            let place = Place::of(frame, sources);
            json!({
                "func": place.func,
                "file": place.file,
                "line_start": place.lines.map(|l| l.0),
                "line_end": place.lines.map(|l| l.1),
                "is_builtin": frame.is_helper,
                "line": place.at.map(|at| at.0),
                "column": place.at.map(|at| at.1),
            })
        })
        .collect();
    let mut report = json!({
        "severity": "error",
        "description": trap.message,
        "trap_kind": trap.kind.name(),
        "location": { "line": 0, "column": 0 },
        "frames": frames,
        "fix": trap.kind.hint(),
    });
    if !trap.values.is_empty() {
        report["values"] = json!(trap.values);
    }
    report
}

/// A frame in terms of files and lines.
struct Place<'a> {
    func: &'a str,
    file: &'a str,
    /// First and last line of the function.
    lines: Option<(u32, u32)>,
    /// Line and column of the failing place.
    at: Option<(u32, u32)>,
}

impl<'a> Place<'a> {
    fn of(frame: &'a Frame, sources: &'a Sources) -> Place<'a> {
        let func = if frame.func.is_empty() { "runtime" } else { &frame.func };
        let known = |span: vera_diagnostics::FileSpan| (span.file.0 as usize) < sources.len();
        let Some(decl) = frame.decl.filter(|decl| known(*decl)) else {
            let file = if frame.is_helper { "<builtin>" } else { "<unknown>" };
            return Place { func, file, lines: None, at: None };
        };
        let file = sources.get(decl.file);
        let first = file.line_col(decl.span.start).line;
        // A span may end behind its last line's end.
        let last = file.line_col(decl.span.end.max(decl.span.start + 1) - 1).line;
        let at = frame.at.filter(|at| known(*at)).map(|at| {
            let place = sources.get(at.file).line_col(at.span.start);
            (place.line, place.column)
        });
        Place { func, file: file.name(), lines: Some((first, last)), at }
    }
}

/// Breaks a text at blanks into lines of at most `width` characters.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
