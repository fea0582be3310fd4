//! The pages of diagnostics: a page for each section of the reference that lists codes,
//! each code as `vera explain` has it.

use std::fmt::Write;
use std::path::Path;

use serde_json::Value;
use vera_diagnostics::Code;

use crate::command::{item, said};
use crate::library::sentence;
use crate::pages::{Page, Part, file_name, generated, sections};

/// The pages, the table of all codes first.
///
/// # Errors
/// `vera explain` failed.
pub fn pages(vera: &Path, reference: &[&Page]) -> Result<Vec<Page>, String> {
    let mut pages = Vec::new();
    let mut table = String::from("| Code | Title | Stage |\n|---|---|---|\n");
    let chapters = reference.iter().filter(|chapter| chapter.path.ends_with("-diagnostics.md"));
    for section in chapters.flat_map(|chapter| sections(&chapter.text)) {
        let codes: Vec<Code> = section.keys.iter().filter_map(|key| Code::of(key)).collect();
        if codes.is_empty() {
            continue;
        }
        let path = format!("diagnostics/{}.md", file_name(section.title));
        let mut text = String::new();
        for code in codes {
            _ = writeln!(
                table,
                "| {} | {} | {} |",
                code.as_str(),
                code.title(),
                code.phase().as_str()
            );
            text.push_str(&entry(vera, code)?);
        }
        pages.push(generated(path, section.title, Part::Diagnostics, &text));
    }
    let text = format!(
        "Every report has a code that keeps its meaning for good. `vera explain CODE` prints what stands here. Programs below are whole files that draw the code.\n\n{table}"
    );
    pages.insert(
        0,
        generated("diagnostics/index.md".to_owned(), "All codes", Part::Diagnostics, &text),
    );
    Ok(pages)
}

fn entry(vera: &Path, code: Code) -> Result<String, String> {
    let name = code.as_str();
    let explained = explained(vera, code)?;
    let meaning = explained["meaning"].as_str().unwrap_or_else(|| code.title());
    let mut out = format!("## {name}: {} {{#{name}}}\n\n{}\n\n", code.title(), sentence(meaning));
    if let Some(note) = explained["note"].as_str() {
        _ = writeln!(out, "{note}\n");
    }
    if let Some(example) = explained["example"].as_str() {
        _ = writeln!(out, "```vera\n{}\n```\n", example.trim_end());
    }
    let report = &explained["report"];
    if let Some(text) = report["text"].as_str() {
        _ = writeln!(out, "is reported as\n\n```text\n{}\n```\n", text.trim_end());
    }
    if let Some(section) = report["spec_ref"].as_str().and_then(section) {
        _ = writeln!(out, "The rule: section {section}.\n");
    }
    _ = writeln!(out, "*Stage: {}. Since {}.*\n", code.phase().as_str(), code.since());
    Ok(out)
}

/// What `vera explain` says of a code, the report's text with it.
fn explained(vera: &Path, code: Code) -> Result<Value, String> {
    let words = ["explain", code.as_str(), "--json"];
    let mut item = item(vera, &words)?;
    if item["report"].is_object() {
        let text = said(vera, &words[..2])?;
        if let Some((_, report)) = text.split_once("\nis reported as\n\n") {
            let lines = report.lines().map(|line| line.strip_prefix("    ").unwrap_or(line));
            item["report"]["text"] = lines.collect::<Vec<_>>().join("\n").into();
        }
    }
    Ok(item)
}

/// `Chapter 4, Section 4.1 "Resolution"`: 4.1.
fn section(reference: &str) -> Option<&str> {
    reference.split_once("Section ")?.1.split(' ').next()
}
