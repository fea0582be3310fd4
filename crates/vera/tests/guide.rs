//! The programs in the book, the guide, the reference and the README do what the text
//! beside them says, and `vera guide` prints the guide.
//!
//! Every fenced block whose first word is `vera` is a complete program. It is in
//! canonical form, checks without a word, has no refuted obligation, and prints the
//! `text` block that follows it, if one does. Words after `vera` say otherwise:
//!
//! | Word | Meaning |
//! |---|---|
//! | `error=E130` | `check` reports exactly this error |
//! | `warning=W001` | `check` reports exactly this warning; the program is not run |
//! | `verify=E501` | it checks, and `verify` reports exactly this error; it is not run |
//! | `trap=overflow` | the run ends in this trap |
//! | `unproved=W006` | `verify` reports exactly this warning, and the program runs |
//! | `fn=f`, `args=1|[2]` | the function that runs, and the words after `--` |
//! | `file=a/b.vera` | a module for the programs after it in the same document |
//! | `name=a.vera` | the file that it is in the sessions of the document |
//!
//! A block `console` is a session: lines that begin with `$ ` are commands, the others
//! what they print, but for blank lines at the end. All sessions of a document go on in
//! one directory, which has the files that stand above them.

mod common;

use common::blocks::{blocks, read};
use common::{TempDir, difference, in_parallel, root, vera};
use serde_json::Value;
use std::path::{Path, PathBuf};

#[test]
fn guide_fits_into_a_prompt_and_is_printed() {
    let text = read(&root().join("docs/guide/SKILL.md"));
    assert!(text.chars().count() < 25_000, "{} characters", text.chars().count());
    let printed = vera(["guide"]).run();
    assert_eq!(printed.code, Some(0));
    assert_eq!(printed.stdout, text);
}

#[test]
fn programs_in_the_documents() {
    let examples: Vec<Example> = documents().iter().flat_map(|path| examples(path)).collect();
    assert!(examples.len() >= 80, "only {} programs found", examples.len());
    let failures: Vec<String> = in_parallel(&examples, |example| {
        let place = format!("{}:{}", example.document, example.line);
        example.judge().err().map(|text| format!("{place}: {text}"))
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(failures.is_empty(), "{} failures\n\n{}", failures.len(), failures.join("\n\n"));
}

#[test]
fn sessions_in_the_documents() {
    let documents = documents();
    let results = in_parallel(&documents, |path| session(path).map_err(|why| (path.clone(), why)));
    let sessions: usize = results.iter().filter_map(|result| result.as_ref().ok()).sum();
    let failures: Vec<String> = results
        .into_iter()
        .filter_map(|result| result.err())
        .map(|(path, why)| format!("{}:{why}", path.display()))
        .collect();
    assert!(failures.is_empty(), "{} failures\n\n{}", failures.len(), failures.join("\n\n"));
    assert!(sessions >= 20, "only {sessions} commands found");
}

/// Runs the commands of a document; their number.
fn session(path: &Path) -> Result<usize, String> {
    let dir = TempDir::new("session");
    let (mut here, mut count) = (dir.path().to_owned(), 0);
    for block in blocks(&read(path)) {
        if let Some(name) = block.file() {
            dir.file(name, &block.body);
        }
        if block.kind() != "console" {
            continue;
        }
        let place = |why: String| format!("{}: {why}", block.line);
        let mut said = String::new();
        for line in block.body.lines().filter_map(|line| line.strip_prefix("$ ")) {
            said.push_str(&format!("$ {line}\n"));
            let mut words = line.split(' ');
            match (words.next(), words.clone().next()) {
                (Some("cd"), Some(to)) => here = here.join(to),
                (Some("vera"), Some(_)) => {
                    let run = vera(words).dir(&here).run();
                    run.clean().map_err(place)?;
                    let printed = run.stdout + &run.stderr;
                    if !printed.trim_end().is_empty() {
                        said.push_str(printed.trim_end());
                        said.push('\n');
                    }
                    count += 1;
                }
                _ => return Err(place(format!("`{line}` is no command of a session"))),
            }
        }
        if let Some(why) = difference("session", &block.body, &said) {
            return Err(place(why));
        }
    }
    Ok(count)
}

fn documents() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for directory in ["docs/book", "docs/reference"] {
        let path = root().join(directory);
        let entries = std::fs::read_dir(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
            .map(|entry| entry.expect("a readable directory").path());
        found.extend(entries.filter(|path| path.extension().is_some_and(|kind| kind == "md")));
    }
    found.sort();
    found.extend([root().join("docs/guide/SKILL.md"), root().join("README.md")]);
    found
}

/// A program, what is said about it, and the modules that stand before it.
struct Example {
    document: String,
    line: usize,
    program: String,
    modules: Vec<(String, String)>,
    output: Option<String>,
    promise: Promise,
    /// What follows the file on the command line of `run`.
    call: Vec<String>,
}

/// What the words after `vera` promise.
enum Promise {
    Runs,
    Error(String),
    Warning(String),
    Refuted(String),
    Unproved(String),
    Traps(String),
}

fn examples(path: &Path) -> Vec<Example> {
    let document = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let blocks = blocks(&read(path));
    let mut modules = Vec::new();
    let mut found = Vec::new();
    for (i, block) in blocks.iter().enumerate() {
        if block.kind() != "vera" {
            continue;
        }
        let mut promise = Promise::Runs;
        let (mut file, mut call) = (None, Vec::new());
        for (key, value) in block.words() {
            let text = value.to_owned();
            match key {
                "error" => promise = Promise::Error(text),
                "warning" => promise = Promise::Warning(text),
                "verify" => promise = Promise::Refuted(text),
                "trap" => promise = Promise::Traps(text),
                "unproved" => promise = Promise::Unproved(text),
                "fn" => call.extend(["--fn".to_owned(), text]),
                "args" => {
                    call.push("--".to_owned());
                    call.extend(value.split('|').map(str::to_owned));
                }
                "file" => file = Some(text),
                "name" => {}
                _ => panic!("{document}:{}: unknown word `{key}`", block.line),
            }
        }
        match file {
            Some(name) => modules.push((name, block.body.clone())),
            None => found.push(Example {
                document: document.clone(),
                line: block.line,
                program: block.body.clone(),
                modules: modules.clone(),
                output: blocks.get(i + 1).filter(|b| b.info == "text").map(|b| b.body.clone()),
                promise,
                call,
            }),
        }
    }
    found
}

impl Example {
    fn judge(&self) -> Result<(), String> {
        let dir = TempDir::new("guide");
        for (name, text) in &self.modules {
            dir.file(name, text);
        }
        let path = dir.file("main.vera", &self.program);
        let file = path.to_str().ok_or("a path that is not text")?;
        let (errors, warnings): (&[&str], &[&str]) = match &self.promise {
            Promise::Error(code) => (&[code], &[]),
            Promise::Warning(code) => (&[], &[code]),
            Promise::Runs | Promise::Refuted(_) | Promise::Unproved(_) | Promise::Traps(_) => {
                (&[], &[])
            }
        };
        reported(file, errors, warnings)?;
        if errors.is_empty() {
            self.canonical(file)?;
        }
        match &self.promise {
            Promise::Error(_) | Promise::Warning(_) => Ok(()),
            Promise::Refuted(code) => refuted(file, &[code]),
            Promise::Runs => {
                refuted(file, &[])?;
                self.prints(file)
            }
            Promise::Unproved(code) => {
                let verify = vera(["verify", "--json", file]).run();
                verify.clean()?;
                if codes(&verify.json()["warnings"]) != [code] {
                    return Err(format!("verify: expected {code}\n{}", verify.stdout));
                }
                self.prints(file)
            }
            Promise::Traps(kind) => traps(file, kind),
        }
    }

    fn canonical(&self, file: &str) -> Result<(), String> {
        let fmt = vera(["fmt", file]).run();
        difference("not canonical", &fmt.stdout, &self.program).map_or(Ok(()), Err)
    }

    fn prints(&self, file: &str) -> Result<(), String> {
        let Some(expected) = &self.output else {
            let compile = vera(["compile", "--wat", file]).run();
            return if compile.code == Some(0) { Ok(()) } else { Err(compile.stderr) };
        };
        let words = ["run", file].into_iter().chain(self.call.iter().map(String::as_str));
        let run = vera(words).run();
        run.clean()?;
        if run.code != Some(0) {
            return Err(format!("exit {:?}\n{}", run.code, run.stderr));
        }
        difference("stdout", expected, &run.stdout).map_or(Ok(()), Err)
    }
}

/// `check` reports exactly these codes.
fn reported(file: &str, errors: &[&str], warnings: &[&str]) -> Result<(), String> {
    let check = vera(["check", "--json", file]).run();
    check.clean()?;
    let envelope = check.json();
    for (list, expected) in [("diagnostics", errors), ("warnings", warnings)] {
        if codes(&envelope[list]) != expected {
            return Err(format!("{list}: expected {expected:?}\n{}", check.stdout));
        }
    }
    Ok(())
}

fn codes(diagnostics: &Value) -> Vec<&str> {
    let items = diagnostics.as_array().map_or(&[][..], Vec::as_slice);
    items.iter().map(|d| d["error_code"].as_str().unwrap_or("none")).collect()
}

/// `verify` refutes exactly these obligations.
fn refuted(file: &str, expected: &[&str]) -> Result<(), String> {
    let verify = vera(["verify", "--json", file]).run();
    verify.clean()?;
    if codes(&verify.json()["diagnostics"]) != expected {
        return Err(format!("verify: expected {expected:?}\n{}", verify.stdout));
    }
    Ok(())
}

fn traps(file: &str, kind: &str) -> Result<(), String> {
    let run = vera(["run", "--json", file]).run();
    run.clean()?;
    let envelope = run.json();
    let actual = envelope["diagnostics"][0]["trap_kind"].as_str().unwrap_or("none");
    difference("trap", kind, actual).map_or(Ok(()), Err)
}
