//! Diagnostics as text and as JSON (language reference, chapter 15 sections 15.4.1
//! and 15.5). The layout is the same on terminals, pipes and files: no wrapping, and
//! colours only around words ([`Styles`]).

use serde_json::{Map, Value, json};

use crate::{Diagnostic, Edit, Excerpt, Fix, LineCol, Related, Severity, Sources, Styles};

/// The text form of a report, with a final newline.
///
/// ```
/// use vera_diagnostics::{Code, Diagnostic, FileSpan, SourceFile, Sources, Span, render_text};
///
/// let mut sources = Sources::default();
/// let file = sources.add(SourceFile::new("a.vera", "fn f("));
/// let place = FileSpan { file, span: Span::new(4, 5) };
/// let report = Diagnostic::error(Code::E005, place, "Unexpected \"\".").fix("Write ')'.");
/// assert_eq!(render_text(&report, &sources), "\
/// [E005] Error at a.vera, line 1, column 5:
///
///     fn f(
///         ^
///
///   Unexpected \"\".
///
///   Fix:
///
///     Write ')'.
/// ");
/// ```
pub fn render_text(diagnostic: &Diagnostic, sources: &Sources) -> String {
    render_styled(diagnostic, sources, &Styles::PLAIN)
}

/// [`render_text`], in colours.
pub fn render_styled(diagnostic: &Diagnostic, sources: &Sources, styles: &Styles) -> String {
    let place = Place::of(diagnostic, sources);
    let (severity, heading) = (styles.of(diagnostic.severity), styles.heading);
    let mut out = header(diagnostic, &place, styles);
    if let Some(Excerpt { text, column, cut_before, cut_after }) = place.excerpt
        && !text.is_empty()
    {
        let text = if cut_after { text } else { text.trim_end() };
        let before = if cut_before { "…" } else { "" };
        let after = if cut_after { "…" } else { "" };
        let indent = " ".repeat(column as usize + 3 + usize::from(cut_before));
        out.push_str(&format!("\n    {before}{text}{after}\n{indent}{severity}^{severity:#}\n"));
    }
    paragraph(&mut out, &diagnostic.description, 2);
    paragraph(&mut out, &diagnostic.rationale, 2);
    if !diagnostic.fix.is_empty() {
        out.push_str(&format!("\n  {heading}Fix:{heading:#}\n"));
        paragraph(&mut out, &diagnostic.fix, 4);
    }
    if !diagnostic.related.is_empty() {
        out.push_str(&format!("\n  {heading}Related:{heading:#}\n\n"));
    }
    for Related { at, label } in &diagnostic.related {
        let file = sources.get(at.file);
        let LineCol { line, column } = file.line_col(at.span.start);
        out.push_str(&format!("    {}, line {line}, column {column}: {label}\n", file.name()));
    }
    if !diagnostic.spec_ref.is_empty() {
        let text = &diagnostic.spec_ref;
        out.push_str(&format!("\n  {heading}See:{heading:#} {text}\n"));
    }
    out
}

/// The JSON object of a report; keys come in the documented order and those
/// without content are absent.
pub fn to_json(diagnostic: &Diagnostic, sources: &Sources) -> Value {
    let place = Place::of(diagnostic, sources);
    let mut location = Map::new();
    location.insert("line".into(), place.position.line.into());
    location.insert("column".into(), place.position.column.into());
    if let Some(file) = place.file {
        location.insert("file".into(), file.into());
    }
    let mut object = Map::new();
    object.insert("severity".into(), severity_word(diagnostic.severity).into());
    object.insert("description".into(), diagnostic.description.as_str().into());
    object.insert("location".into(), location.into());
    let mut text = |key: &str, text: &str| {
        if !text.is_empty() {
            object.insert(key.into(), text.into());
        }
    };
    text("source_line", place.excerpt.map_or("", |excerpt| excerpt.text));
    text("rationale", &diagnostic.rationale);
    text("fix", &diagnostic.fix);
    text("spec_ref", &diagnostic.spec_ref);
    text("error_code", diagnostic.code.map_or("", |code| code.as_str()));
    if let Some(tier) = diagnostic.tier {
        object.insert("tier".into(), tier.into());
    }
    if let Some(location) = diagnostic.location {
        let end = sources.get(location.file).line_col(location.span.end);
        object.insert("end_line".into(), end.line.into());
        object.insert("end_column".into(), end.column.into());
    }
    let mut list = |key: &str, items: Vec<Value>| {
        if !items.is_empty() {
            object.insert(key.into(), items.into());
        }
    };
    list("related", diagnostic.related.iter().map(|r| related(r, sources)).collect());
    list("fixes", diagnostic.fixes.iter().map(|f| fix(f, sources)).collect());
    object.into()
}

fn related(related: &Related, sources: &Sources) -> Value {
    let file = sources.get(related.at.file);
    let start = file.line_col(related.at.span.start);
    let end = file.line_col(related.at.span.end);
    json!({
        "label": related.label,
        "location": { "line": start.line, "column": start.column, "file": file.name() },
        "end_line": end.line,
        "end_column": end.column,
    })
}

/// The JSON form of the diagnostics of one severity.
pub fn json_list(diagnostics: &[Diagnostic], sources: &Sources, severity: Severity) -> Vec<Value> {
    diagnostics.iter().filter(|d| d.severity == severity).map(|d| to_json(d, sources)).collect()
}

/// The envelope of `check`, and of refusals of other commands.
pub fn envelope(file: &str, diagnostics: &[Diagnostic], sources: &Sources) -> Value {
    let errors = json_list(diagnostics, sources, Severity::Error);
    json!({
        "ok": errors.is_empty(),
        "file": file,
        "diagnostics": errors,
        "warnings": json_list(diagnostics, sources, Severity::Warning),
    })
}

/// An error without code and position, as a JSON diagnostic.
pub fn plain_diagnostic(text: &str) -> Value {
    json!({
        "severity": "error",
        "description": text,
        "location": { "line": 0, "column": 0 },
    })
}

fn fix(fix: &Fix, sources: &Sources) -> Value {
    let edit = |edit: &Edit| {
        let file = sources.get(edit.at.file);
        let place = |offset| {
            let LineCol { line, column } = file.line_col(offset);
            json!({ "line": line, "column": column })
        };
        let (start, end) = (place(edit.at.span.start), place(edit.at.span.end));
        json!({ "file": file.name(), "start": start, "end": end, "text": edit.text })
    };
    let edits: Vec<Value> = fix.edits.iter().map(edit).collect();
    json!({ "title": fix.title, "safe": fix.is_safe(), "edits": edits })
}

/// JSON as every command prints it: indented by two, in ASCII (other characters
/// as `\uXXXX`), with a final newline.
pub fn json_text(value: &Value) -> String {
    // Only strings hold other characters, so they can be escaped afterwards.
    let mut out = ascii(&format!("{value:#}"));
    out.push('\n');
    out
}

/// Where a report stands, as shown; line and column are 0 without a position.
struct Place<'s> {
    file: Option<&'s str>,
    position: LineCol,
    excerpt: Option<Excerpt<'s>>,
}

impl<'s> Place<'s> {
    fn of(diagnostic: &Diagnostic, sources: &'s Sources) -> Place<'s> {
        let Some(location) = diagnostic.location else {
            return Place { file: None, position: LineCol { line: 0, column: 0 }, excerpt: None };
        };
        let file = sources.get(location.file);
        let offset = location.span.start;
        Place {
            file: Some(file.name()),
            position: file.line_col(offset),
            excerpt: Some(file.excerpt(offset)),
        }
    }
}

fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// `[E005] Error at a.vera, line 1, column 5:`
fn header(diagnostic: &Diagnostic, place: &Place<'_>, styles: &Styles) -> String {
    let style = styles.of(diagnostic.severity);
    let mut out = style.to_string();
    if diagnostic.severity == Severity::Warning {
        out.push_str("warning: ");
    }
    if let Some(code) = diagnostic.code {
        out.push_str(&format!("[{}] ", code.as_str()));
    }
    let word = if diagnostic.is_error() { "Error" } else { "Warning" };
    out.push_str(&format!("{word}{style:#} at "));
    if let Some(file) = place.file {
        out.push_str(&format!("{file}, "));
    }
    let LineCol { line, column } = place.position;
    out.push_str(&format!("line {line}, column {column}:\n"));
    out
}

/// A block of text under an empty line, every line indented; nothing when empty.
fn paragraph(out: &mut String, text: &str, indent: usize) {
    if text.is_empty() {
        return;
    }
    out.push('\n');
    for line in text.split('\n') {
        out.push_str(&format!("{:indent$}{line}\n", ""));
    }
}

/// `text` with every character outside printable ASCII as `\uXXXX`, in surrogate
/// pairs where needed.
fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut units = [0; 2];
    for c in text.chars() {
        if c.is_ascii() && c != '\x7f' {
            out.push(c);
        } else {
            out.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    out
}
