//! The layout of reports, in text and in JSON.

use insta::assert_snapshot;
use vera_diagnostics::{
    Code, Diagnostic, FileSpan, SourceFile, Sources, Span, json_text, render_text, to_json,
};

fn sources() -> Sources {
    let mut sources = Sources::default();
    sources.add(SourceFile::new("dir/é.vera", "one\n\tlet @Int = \"é😀\" + 1;  \n\nlast"));
    sources
}

fn at(start: u32) -> FileSpan {
    let sources = sources();
    let file = sources.iter().next().map(|(id, _)| id).expect("one file was added");
    FileSpan { file, span: Span::new(start, start + 1) }
}

fn both(diagnostic: &Diagnostic) -> String {
    let sources = sources();
    let text = render_text(diagnostic, &sources);
    // Trailing spaces matter, so they are made visible.
    let text: String = text.lines().map(|line| format!("{line}|\n")).collect();
    format!("{text}{}", json_text(&to_json(diagnostic, &sources)))
}

#[test]
fn every_part() {
    let diagnostic = Diagnostic::error(
        Code::E121,
        at(27),
        "Function 'f' has body type Bool.\n  Counterexample:\n      @Int.0 = 1",
    )
    .rationale("The body gives the result.\nAlways.")
    .fix("Write\n\nlet @Int = 1;")
    .spec("Chapter 5, Section 5.1 \"Functions\"");
    assert_snapshot!(both(&diagnostic));
}

#[test]
fn a_warning_with_a_tier_and_nothing_else() {
    let mut diagnostic = Diagnostic::warning(Code::E504, at(0), "May be negative.");
    diagnostic.tier = Some(3);
    assert_snapshot!(both(&diagnostic));
}

#[test]
fn without_code() {
    assert_snapshot!(both(&Diagnostic::uncoded(at(1), "Missing visibility on 'f'.")));
}

#[test]
fn without_position() {
    let mut diagnostic = Diagnostic::error(Code::E699, at(0), "file not found: x");
    diagnostic.location = None;
    diagnostic.code = None;
    assert_snapshot!(both(&diagnostic));
}

#[test]
fn on_an_empty_line_and_past_the_end() {
    assert_snapshot!(both(&Diagnostic::error(Code::E006, at(32), "Here.")));
    assert_snapshot!(both(&Diagnostic::error(Code::E006, at(900), "There.")));
}

#[test]
fn json_is_ascii_and_indented() {
    let value = serde_json::json!({"a": ["é", "😀\u{7f}\n"], "b": {}, "c": []});
    assert_snapshot!(json_text(&value), @r#"
    {
      "a": [
        "\u00e9",
        "\ud83d\ude00\u007f\n"
      ],
      "b": {},
      "c": []
    }
    "#);
}

#[test]
fn the_caret_of_a_very_long_line() {
    let column = 100_000;
    let mut sources = Sources::default();
    let file = sources.add(SourceFile::new("a.vera", &"x".repeat(column)));
    let place = FileSpan { file, span: Span::new(column as u32 - 1, column as u32) };
    let text = render_text(&Diagnostic::uncoded(place, "Wrong."), &sources);
    let caret = text.lines().find(|line| line.ends_with('^')).expect("a caret");
    assert_eq!(caret.len(), column + 4);
}
