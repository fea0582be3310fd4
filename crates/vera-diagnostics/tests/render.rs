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

/// The text of a report at a 0-based column of a long line, and its JSON.
fn on_a_long_line(line: &str, column: usize) -> (String, serde_json::Value) {
    let offset = line.char_indices().nth(column).map_or(line.len(), |(offset, _)| offset) as u32;
    let mut sources = Sources::default();
    let file = sources.add(SourceFile::new("a.vera", line));
    let place = FileSpan { file, span: Span::new(offset, offset + 1) };
    let report = Diagnostic::uncoded(place, "Wrong.");
    (render_text(&report, &sources), to_json(&report, &sources))
}

#[test]
fn a_long_line_is_shown_around_the_column() {
    for (other, wrong) in [("x", '!'), ("é", '😀')] {
        for column in [0, 5, 199, 200, 201, 50_000, 99_799, 99_800, 99_999] {
            let mut line: Vec<String> = vec![other.to_owned(); 100_000];
            line[column] = wrong.to_string();
            let (text, json) = on_a_long_line(&line.concat(), column);

            let shown: Vec<&str> = text.lines().skip(2).take(2).collect();
            let caret = shown[1].chars().position(|c| c == '^').expect("a caret");
            assert_eq!(shown[0].chars().nth(caret), Some(wrong));
            let begins = if column <= 200 { "    " } else { "    …" };
            let ends = if column >= 99_800 { "" } else { "…" };
            let window = shown[0].strip_prefix(begins).and_then(|line| line.strip_suffix(ends));
            let window = window.expect("an ellipsis at each cut end");
            assert_eq!(window.chars().count(), 400);
            assert!(!window.contains('…'), "and none elsewhere");

            assert_eq!(json["source_line"], window);
            assert_eq!(json["location"]["column"], column + 1);
        }
    }
}

#[test]
fn past_the_end_of_a_long_line() {
    let (text, json) = on_a_long_line(&"é".repeat(1000), 1000);
    let shown: Vec<&str> = text.lines().skip(2).take(2).collect();
    assert_eq!(shown[0], format!("    …{}", "é".repeat(400)));
    assert_eq!(shown[1], format!("{}^", " ".repeat(405)));
    assert_eq!(json["location"]["column"], 1001);
}
