//! What a diagnostic code means: the sentence of the reference, a program that draws it, and
//! the report that the program gets; or, where no file alone draws it, when it comes.
//!
//! Pure. *Never knows* solvers, code generation, runs: who explains says what the stages
//! behind the checker report.
#![forbid(unsafe_code)]

use std::fmt::Write;

use include_dir::{Dir, include_dir};
use serde_json::{Value, json};
use vera_check::NoModules;
use vera_check::typed::Program;
use vera_diagnostics::{Code, Diagnostic, Phase, SourceFile, Sources, render_text, to_json};

/// The chapter of the reference with a table of every code.
const CHAPTER: &str = include_str!("../../../docs/reference/16-diagnostics.md");

/// Programs named after the code they draw.
static EXAMPLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../docs/diagnostics");

/// Of each code without an example when it comes, and what to do: a table.
const NOTES: &str = include_str!("../../../docs/diagnostics/without-example.md");

/// What the stage of a code, behind the checker, reports on a program.
pub type Later<'p> = dyn Fn(Phase, &Program, &Sources) -> Vec<Diagnostic> + 'p;

/// What is known of a code.
pub struct Explanation {
    code: Code,
    /// The sentence of the reference.
    meaning: String,
    example: Option<&'static str>,
    /// When it comes, where there is no example.
    note: Option<&'static str>,
    /// The report on the example, as text and as JSON.
    report: Option<(String, Value)>,
}

/// The last cell of the code's row.
fn meaning(code: Code) -> Option<String> {
    let start = format!("| {} | ", code.as_str());
    let row = CHAPTER.lines().find_map(|line| line.strip_prefix(&start))?;
    let (_, meaning) = row.strip_suffix(" |")?.split_once(" | ")?;
    Some(meaning.replace("\\|", "|"))
}

/// The first program that draws the code.
fn example(code: Code) -> Option<&'static str> {
    EXAMPLES.get_file(format!("{}_1.vera", code.as_str()))?.contents_utf8()
}

/// When a code without an example comes, and what to do.
fn note(code: Code) -> Option<&'static str> {
    let start = format!("| {} | ", code.as_str());
    NOTES.lines().find_map(|line| line.strip_prefix(&start)?.strip_suffix(" |"))
}

/// What the tool says of the example.
fn report(code: Code, text: &str, later: &Later<'_>) -> Option<(String, Value)> {
    // Those of several files are told by their text.
    let checked = vera_check::check(SourceFile::new("example.vera", text), &mut NoModules);
    let is_it = |report: &&Diagnostic| report.code == Some(code);
    let rendered =
        |report, sources: &Sources| (render_text(report, sources), to_json(report, sources));
    if let Some(report) = checked.diagnostics.iter().find(is_it) {
        return Some(rendered(report, &checked.sources));
    }
    let reports = match code.phase() {
        phase @ (Phase::Verify | Phase::Warning | Phase::Codegen | Phase::Test) => {
            later(phase, checked.program.as_deref()?, &checked.sources)
        }
        Phase::Parse | Phase::Typecheck => return None,
    };
    reports.iter().find(is_it).map(|report| rendered(report, &checked.sources))
}

impl Explanation {
    /// Of a code; `later` is asked about its example, where the checker does not report it.
    pub fn new(code: Code, later: &Later<'_>) -> Explanation {
        let example = example(code);
        Explanation {
            code,
            meaning: meaning(code).unwrap_or_else(|| code.title().to_owned()),
            example,
            note: note(code),
            report: example.and_then(|text| report(code, text, later)),
        }
    }

    /// As `vera explain` prints it.
    pub fn text(&self) -> String {
        let code = self.code;
        let mut out = format!(
            "{}: {} ({}, since {})\n\n  {}\n",
            code.as_str(),
            code.title(),
            code.phase().as_str(),
            code.since(),
            self.meaning
        );
        if let Some(note) = self.note {
            _ = write!(out, "\n  {note}\n");
        }
        if let Some(example) = self.example {
            out.push_str("\nFor example:\n\n");
            out.push_str(&indented(example));
        }
        if let Some((report, _)) = &self.report {
            out.push_str("\nis reported as\n\n");
            out.push_str(&indented(report));
        }
        out
    }

    /// As `vera explain --json` does.
    pub fn json(&self) -> Value {
        let code = self.code;
        let mut item = json!({
            "code": code.as_str(),
            "phase": code.phase().as_str(),
            "title": code.title(),
            "since": code.since(),
            "meaning": self.meaning,
        });
        if let Some(example) = self.example {
            item["example"] = example.into();
        }
        if let Some(note) = self.note {
            item["note"] = note.into();
        }
        if let Some((_, report)) = &self.report {
            item["report"] = report.clone();
        }
        json!({ "schema": "vera-explain/1", "items": [item] })
    }
}

fn indented(text: &str) -> String {
    let line = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") };
    text.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_an_example_or_says_when_it_comes() {
        for code in Code::ALL {
            let (example, note) = (example(*code), note(*code));
            assert_ne!(example.is_some(), note.is_some(), "{code:?}");
        }
    }
}
