//! `vera fix`: applies the repairs that need no second thought, until there are none.

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};
use similar::TextDiff;
use vera_check::Checked;
use vera_diagnostics::{FileId, Fix, Severity, SourceFile, apply};

use super::inputs::{Found, each};
use super::{checked, unreadable};
use crate::cli;
use crate::input::Entry;
use crate::output;
use crate::replace::replace;

/// Repairs can bring others to light, but not without end.
const MAX_ROUNDS: usize = 100;

/// A program after its repairs.
struct Mended {
    text: String,
    /// What was done, in the order it was done: line and title.
    done: Vec<(u32, String)>,
    /// What is left to say of it.
    checked: Checked,
}

pub(super) fn fix(args: &cli::Fix) -> ExitCode {
    each(&args.inputs, args.json.on, unreadable, |entry| fix_file(entry, args))
}

fn fix_file(entry: &Entry, args: &cli::Fix) -> Found {
    let mended = mend(entry);
    let raw = as_on_disk(&mended.text, &entry.raw);
    if !args.dry_run && raw != entry.raw {
        let written = match entry.word.as_str() {
            "-" | "/dev/stdin" => Err("fix needs a file, or --dry-run".to_owned()),
            word => replace(Path::new(word), raw.as_bytes())
                .map_err(|e| format!("cannot write {word}: {e}")),
        };
        if let Err(why) = written {
            return Found::refused(args.json.on, &entry.word, &why);
        }
    }
    let diff = args.dry_run.then(|| diff(&entry.word, &entry.raw, &raw));
    let ok = !mended.checked.has_errors();
    if args.json.on {
        return Found { ok, json: Some(envelope(entry, &mended, diff)) };
    }
    report(entry, &mended, diff);
    Found::text(ok)
}

/// Applies safe repairs of the entry file, round after round.
fn mend(entry: &Entry) -> Mended {
    let mut at = entry.clone();
    let mut checked = checked(&at);
    let mut done = Vec::new();
    for _ in 0..MAX_ROUNDS {
        let file = FileId(0);
        let of_entry = |fix: &&Fix| fix.is_safe() && fix.edits.iter().all(|e| e.at.file == file);
        let reports = checked.diagnostics.iter();
        let fixes = reports.filter_map(|report| report.fixes.iter().find(of_entry));
        // Of those that meet, the rest comes in the next round.
        let (text, applied) = apply(at.source.text(), file, fixes);
        if applied.is_empty() || !reads_as_well(&text, at.source.text()) {
            break;
        }
        for fix in applied {
            let place = fix.edits.first().map_or(0, |edit| edit.at.span.start);
            done.push((at.source.line_col(place).line, fix.title.clone()));
        }
        at.source = SourceFile::new(at.source.name(), &text);
        checked = super::checked(&at);
    }
    Mended { text: at.source.text().to_owned(), done, checked }
}

/// Whether a text can be read as far as another one. A mended error can bring others to
/// light, but only behind it.
fn reads_as_well(new: &str, old: &str) -> bool {
    let errors = |text: &str| {
        let errors = vera_syntax::parse(text).errors;
        let first = errors.iter().map(|error| error.span.start as usize).min();
        let line = first.map_or(usize::MAX, |at| text[..at].matches('\n').count());
        (errors.len(), line)
    };
    let ((new_count, new_line), (old_count, old_line)) = (errors(new), errors(old));
    new_count <= old_count || new_line >= old_line
}

/// The text with the byte order mark and the line ends that the file has.
fn as_on_disk(text: &str, raw: &str) -> String {
    let mark = if raw.starts_with('\u{feff}') { "\u{feff}" } else { "" };
    let text = if raw.contains("\r\n") {
        text.replace("\r\n", "\n").replace('\n', "\r\n")
    } else {
        text.to_owned()
    };
    format!("{mark}{text}")
}

fn diff(word: &str, old: &str, new: &str) -> String {
    TextDiff::from_lines(old, new).unified_diff().header(word, word).to_string()
}

/// A diff with its lines in their colours.
fn coloured(diff: &str) -> String {
    let styles = output::styles();
    let line = |line: &str| {
        let style = match line.chars().next() {
            Some('+') => styles.success,
            Some('-') => styles.error,
            Some('@') => styles.heading,
            _ => return line.to_owned(),
        };
        let (text, end) = line.strip_suffix('\n').map_or((line, ""), |text| (text, "\n"));
        format!("{style}{text}{style:#}{end}")
    };
    diff.split_inclusive('\n').map(line).collect()
}

fn report(entry: &Entry, mended: &Mended, diff: Option<String>) {
    output::print_diagnostics(&mended.checked.diagnostics, &mended.checked.sources);
    if let Some(diff) = diff {
        return output::print(&coloured(&diff));
    }
    let mut text = match mended.done.len() {
        0 => format!("Nothing to fix: {}\n", entry.word),
        1 => format!("Fixed: {} (1 repair)\n", entry.word),
        n => format!("Fixed: {} ({n} repairs)\n", entry.word),
    };
    for (line, title) in &mended.done {
        text.push_str(&format!("  line {line}: {title}\n"));
    }
    output::print(&text);
}

fn envelope(entry: &Entry, mended: &Mended, diff: Option<String>) -> Value {
    let Checked { diagnostics, sources, .. } = &mended.checked;
    let mut envelope = output::envelope(&entry.word, diagnostics, sources);
    let done = mended.done.iter();
    envelope["fixed"] = done.map(|(line, title)| json!({ "line": line, "title": title })).collect();
    let offered = diagnostics.iter().filter(|d| d.severity == Severity::Error);
    envelope["fixable"] = offered.filter(|d| !d.fixes.is_empty()).count().into();
    if let Some(diff) = diff {
        envelope["diff"] = diff.into();
    }
    envelope
}
