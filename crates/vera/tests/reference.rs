//! The reference agrees with the tool: its tables of functions, operations and codes
//! with the tables they come from, its headings with the sections that diagnostics name.
//!
//! `UPDATE_REFERENCE=1 cargo test -p vera --test reference` writes signatures, titles and
//! the meanings of functions into the tables; other meanings are written by hand.

mod common;

use common::{in_parallel, programs, root, vera};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use vera_diagnostics::Code;

#[test]
fn every_function_has_a_row_with_its_signature_and_meaning() {
    let functions = vera_builtins::FUNCTIONS.iter();
    let expected: BTreeMap<String, String> =
        functions.map(|f| (code(f.name), format!("{} | {} |", code(f.signature), f.doc))).collect();
    agree(&["12-core-library.md", "13-data-library.md"], &expected);
}

/// The examples are compiled and run as one program.
#[test]
fn every_function_is_shown_at_work() {
    let mut program = String::new();
    let mut calls = String::new();
    for (i, f) in vera_builtins::FUNCTIONS.iter().enumerate() {
        let call = f.example.call;
        assert!(call.contains(&format!("{}(", f.name)), "{} is not what {call} shows", f.name);
        let row = if call.contains("async(") { "<Async>" } else { "pure" };
        program += &format!(
            "private fn example{i}(@Unit -> @String)\n  requires(true)\n  ensures(true)\n  \
             effects({row})\n{{\n  show({call})\n}}\n\n"
        );
        calls += &format!("  IO.print(\"\\(example{i}(()))\\n\");\n");
    }
    program += &format!(
        "public fn main(@Unit -> @Unit)\n  requires(true)\n  ensures(true)\n  \
         effects(<IO, Async>)\n{{\n{calls}  ()\n}}\n"
    );
    let ran = vera(["run", "-"]).stdin(program).run();
    assert_eq!(ran.stderr, "");
    let shown: Vec<&str> = ran.stdout.lines().collect();
    let examples = vera_builtins::FUNCTIONS.iter().map(|f| f.example);
    for (example, shown) in examples.clone().zip(&shown) {
        assert_eq!(*shown, example.shown, "{}", example.call);
    }
    assert_eq!(shown.len(), examples.count());
}

#[test]
fn every_io_operation_has_a_row_with_its_type() {
    let io = vera_builtins::EFFECTS.iter().find(|e| e.name == "IO").expect("IO is built in");
    let bare = |signature: &str| signature.trim_matches(['(', ')']).to_owned();
    let expected: BTreeMap<String, String> =
        io.ops.iter().map(|op| (code(op.name), code(&bare(op.signature)))).collect();
    agree(&["10-effects.md"], &expected);
}

#[test]
fn every_code_has_a_row_with_its_title() {
    let expected: BTreeMap<String, String> =
        Code::ALL.iter().map(|c| (c.as_str().to_owned(), c.title().to_owned())).collect();
    agree(&["16-diagnostics.md"], &expected);
}

/// Chapter 4, Section 4.1 "Resolution" is the heading `4.1 Resolution` of chapter 4.
#[test]
fn sections_that_diagnostics_name_exist() {
    let refused = programs(&root().join("tests/conformance"));
    let named: BTreeSet<String> = in_parallel(&refused, |path| {
        let check = vera(["check", "--json", &path.to_string_lossy()]).run().json();
        let lists = ["diagnostics", "warnings"].map(|list| check[list].clone());
        let reports = lists.iter().filter_map(|list| list.as_array()).flatten();
        reports.filter_map(|d| d["spec_ref"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(named.len() >= 30, "only {} sections named", named.len());

    let headings: BTreeSet<String> = chapters().iter().flat_map(|c| headings(c)).collect();
    let missing: Vec<&String> =
        named.iter().filter(|reference| !headings.contains(&heading(reference))).collect();
    assert!(missing.is_empty(), "no such sections: {missing:#?}");
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn chapter(name: &str) -> PathBuf {
    root().join("docs/reference").join(name)
}

fn chapters() -> Vec<String> {
    let dir = std::fs::read_dir(root().join("docs/reference")).expect("the reference exists");
    dir.map(|entry| std::fs::read_to_string(entry.expect("entry").path()).expect("text")).collect()
}

fn headings(chapter: &str) -> Vec<String> {
    let titles = chapter.lines().filter(|line| line.starts_with("##"));
    titles.map(|line| line.trim_start_matches('#').trim().to_owned()).collect()
}

/// `Chapter 4, Section 4.1 "Resolution"` as a heading.
fn heading(reference: &str) -> String {
    let section = reference.split_once("Section ").map_or(reference, |(_, section)| section);
    section.replace('"', "")
}

/// The tables of these chapters have one row for each key, with its text beside it.
fn agree(names: &[&str], expected: &BTreeMap<String, String>) {
    let mut rows: Vec<String> = Vec::new();
    let mut stale: Vec<String> = Vec::new();
    for name in names {
        let path = chapter(name);
        let text = std::fs::read_to_string(&path).expect("the chapter exists");
        let mut fresh = String::new();
        for line in text.lines() {
            fresh.push_str(&row(line, expected, &mut rows));
            fresh.push('\n');
        }
        if fresh != text {
            if std::env::var_os("UPDATE_REFERENCE").is_some() {
                std::fs::write(&path, &fresh).expect("the chapter can be written");
            }
            let changed = fresh.lines().zip(text.lines()).filter(|(new, old)| new != old);
            stale.extend(changed.map(|(new, _)| new.to_owned()));
        }
    }
    assert!(stale.is_empty(), "stale rows (UPDATE_REFERENCE=1 rewrites them):\n{stale:#?}");
    rows.sort();
    let keys: Vec<&String> = expected.keys().collect();
    assert_eq!(rows.iter().collect::<Vec<_>>(), keys, "one row for each");
}

/// The line with its second cell as expected, if its first cell is a key; with all cells,
/// where those are told.
fn row(line: &str, expected: &BTreeMap<String, String>, rows: &mut Vec<String>) -> String {
    let cells: Vec<&str> = line.splitn(4, '|').collect();
    if let [_, key, _, rest] = cells[..]
        && let Some(second) = expected.get(key.trim())
    {
        rows.push(key.trim().to_owned());
        return match second.strip_suffix(" |") {
            Some(cells) => format!("|{key}| {cells} |"),
            None => format!("|{key}| {second} |{rest}"),
        };
    }
    line.to_owned()
}
