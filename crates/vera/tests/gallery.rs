//! Classic exercises of program verification, in `tests/gallery`. The first lines of
//! each say what it shows and where it comes from, how many obligations are proved,
//! which stay open, and which changes of one word make it wrong:
//!
//! | Line | Meaning |
//! |---|---|
//! | `-- origin: …` | where the exercise comes from |
//! | `-- proved: n` | so many obligations are proved |
//! | `-- open: kind n` | and so many of this kind are not, none of them refuted |
//! | `-- wrong: CODE: old => new` | with this text in place of the other, which stands there once, an obligation is refuted with the code, and a run of the counterexample fails |

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::{TempDir, in_parallel, programs, root, vera};

#[test]
fn gallery() {
    let all = programs(&root().join("tests/gallery"));
    assert!(all.len() >= 30, "only {} programs found", all.len());
    let mut failures: Vec<String> = Vec::new();
    for (path, failure) in all.iter().zip(in_parallel(&all, |path: &PathBuf| holds(path))) {
        failures.extend(failure.err().map(|text| format!("{}: {text}", path.display())));
    }
    assert!(failures.is_empty(), "{} failures\n\n{}", failures.len(), failures.join("\n\n"));
}

/// What the first lines of a program promise.
#[derive(Default)]
struct Header {
    origin: bool,
    proved: usize,
    open: BTreeMap<String, usize>,
    /// Code, old text, new text.
    wrong: Vec<(String, String, String)>,
}

fn header(text: &str) -> Result<Header, String> {
    let mut header = Header::default();
    for line in text.lines().map_while(|line| line.strip_prefix("-- ")) {
        let Some((key, value)) = line.split_once(": ") else { continue };
        match key {
            "origin" => header.origin = true,
            "proved" => {
                header.proved = value.parse().map_err(|_| format!("not a number: {value}"))?
            }
            "open" => {
                let (kind, count) = value.split_once(' ').ok_or("no count")?;
                header.open.insert(kind.to_owned(), count.parse().map_err(|_| "no count")?);
            }
            "wrong" => {
                let (code, change) = value.split_once(": ").ok_or("no code")?;
                let (old, new) = change.split_once(" => ").ok_or("no change")?;
                header.wrong.push((code.to_owned(), old.to_owned(), new.to_owned()));
            }
            _ => {}
        }
    }
    Ok(header)
}

fn holds(path: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let header = header(&text)?;
    if !header.origin || text.contains("assume(") {
        return Err("it has no origin, or assumes something".to_owned());
    }
    let format = vera([Path::new("fmt"), Path::new("--check"), path]).run();
    if format.code != Some(0) {
        return Err(format!("not canonical: {}", format.stderr));
    }
    let (proved, open) = verdicts(path)?;
    if (proved, &open) != (header.proved, &header.open) {
        return Err(format!("proved: {proved}, open: {open:?}"));
    }
    let run = vera([Path::new("run"), path]).run();
    run.clean()?;
    if run.stdout != "1\n" {
        return Err(format!("main: {}{}", run.stdout, run.stderr));
    }
    header.wrong.iter().try_for_each(|(code, old, new)| is_refuted(&text, code, old, new))
}

/// How many obligations are proved, and what is open.
fn verdicts(path: &Path) -> Result<(usize, BTreeMap<String, usize>), String> {
    let words = ["verify", "--json", "--no-reconcile", "--no-cache"].map(Path::new);
    let outcome = vera(words.into_iter().chain([path])).run();
    outcome.clean()?;
    if outcome.code != Some(0) {
        return Err(outcome.stdout);
    }
    let report = outcome.json();
    let (mut proved, mut open) = (0, BTreeMap::new());
    for record in report["obligations"].as_array().ok_or("no obligations")? {
        let word = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
        match word("status").as_str() {
            "verified" => proved += 1,
            _ => *open.entry(word("kind")).or_default() += 1,
        }
    }
    Ok((proved, open))
}

/// Whether the change is found, with a run that shows it.
fn is_refuted(text: &str, code: &str, old: &str, new: &str) -> Result<(), String> {
    let body: String =
        text.lines().filter(|l| !l.starts_with("--")).map(|l| l.to_owned() + "\n").collect();
    if body.matches(old).count() != 1 {
        return Err(format!("not there once: {old}"));
    }
    let dir = TempDir::new("gallery");
    let path = dir.file("wrong.vera", body.replace(old, new));
    let words = ["verify", "--no-reconcile", "--no-cache"].map(Path::new);
    let outcome = vera(words.into_iter().chain([path.as_path()])).run();
    outcome.clean()?;
    let shown = outcome.stderr.split("[E").any(|report| {
        report.starts_with(&code[1..])
            && report.contains("When run, ")
            && report.contains("] Error")
    });
    if outcome.code != Some(1) || !shown {
        return Err(format!("{old} => {new} is not refuted by a run:\n{}", outcome.stderr));
    }
    Ok(())
}
