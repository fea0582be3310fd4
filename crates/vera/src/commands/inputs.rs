//! Commands that work on any number of files and directories.

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use vera_diagnostics::{Diagnostic, Severity, Sources};
use vera_session::project_of;

use super::{refuse_words, refused};
use crate::cli::{self, Inputs, Program};
use crate::files::{collect, disk};
use crate::input::{self, Entry};
use crate::output;

/// What a command found out about one file. As text it has been printed already.
pub(super) struct Found {
    pub ok: bool,
    /// The JSON document; nothing where text was asked for.
    pub json: Option<Value>,
}

impl Found {
    /// What is printed as it comes.
    pub fn text(ok: bool) -> Found {
        Found { ok, json: None }
    }

    /// Says why nothing is done with a file, in the form asked for; without warnings, as
    /// `run` and `test` have it.
    pub fn refused(json: bool, file: &str, text: &str) -> Found {
        if json {
            let diagnostics = vec![output::plain_diagnostic(text)];
            return Found { ok: false, json: Some(refused(file, diagnostics)) };
        }
        output::error(text);
        Found::text(false)
    }

    /// Shows the errors of a program that nothing is done with.
    pub fn errors(json: bool, file: &str, reports: &[Diagnostic], sources: &Sources) -> Found {
        if json {
            let errors = output::json_list(reports, sources, Severity::Error);
            return Found { ok: false, json: Some(refused(file, errors)) };
        }
        output::print_severity(reports, sources, Severity::Error);
        Found::text(false)
    }

    /// Prints the document, and ends the command.
    pub fn finish(self) -> ExitCode {
        if let Some(document) = &self.json {
            output::print_json(document);
        }
        if self.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Runs a command on each file. One file gets the command's own JSON document, several,
/// or a directory, a list of them. `unreadable` makes the document of a file that cannot
/// be read.
pub(super) fn each(
    inputs: &Inputs,
    json: bool,
    unreadable: impl Fn(&str, &str) -> Value,
    mut command: impl FnMut(&Entry) -> Found,
) -> ExitCode {
    let words = match words(inputs) {
        Ok(words) if words.is_empty() => return no_file(json),
        Ok(words) => words,
        Err(why) => return refuse_words(json, &why, false),
    };
    let several = words.len() > 1 || words.iter().any(|word| is_directory(word));
    let mut documents = Vec::new();
    let mut ok = true;
    let mut found_one = |found: Found| {
        ok &= found.ok;
        documents.extend(found.json);
    };
    for word in &words {
        match files(word) {
            Err(why) if json => {
                found_one(Found { ok: false, json: Some(unreadable(word, &why)) });
            }
            Err(why) => {
                output::error(&why);
                found_one(Found::text(false));
            }
            Ok(words) => {
                for word in words {
                    found_one(match input::read(&word) {
                        Ok(entry) => command(&entry),
                        Err(error) if json => {
                            let document = unreadable(&word, &error.text());
                            Found { ok: false, json: Some(document) }
                        }
                        Err(error) => {
                            output::error(&error.text());
                            Found::text(false)
                        }
                    });
                }
            }
        }
    }
    if json {
        match documents.pop() {
            Some(document) if !several => output::print_json(&document),
            last => {
                documents.extend(last);
                output::print_json(&json!({ "ok": ok, "files": documents }));
            }
        }
    }
    if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The document that says why a file cannot be read, given the file and the reason.
pub(super) type Unreadable = fn(&str, &str) -> Value;

/// Runs a command on the one file that it takes. `document` is there where JSON is asked
/// for.
pub(super) fn one(
    program: &Program,
    document: Option<Unreadable>,
    command: impl FnOnce(&Entry) -> ExitCode,
) -> ExitCode {
    let word = match &program.file {
        Some(word) => Ok(Some(word.clone())),
        None => entry_points().map(|words| words.into_iter().next()),
    };
    let word = match word {
        Ok(Some(word)) => word,
        Ok(None) => return no_file(document.is_some()),
        Err(why) => return refuse_words(document.is_some(), &why, false),
    };
    match (input::read(&word), document) {
        (Ok(entry), _) => command(&entry),
        (Err(error), Some(document)) => {
            output::print_json(&document(&word, &error.text()));
            ExitCode::FAILURE
        }
        (Err(error), None) => {
            output::error(&error.text());
            ExitCode::FAILURE
        }
    }
}

/// The words of the command line, or the entry points of the project.
///
/// # Errors
/// The message to show where the project's manifest is none.
pub(super) fn words(inputs: &Inputs) -> Result<Vec<String>, String> {
    if inputs.files.is_empty() { entry_points() } else { Ok(inputs.files.clone()) }
}

/// The entry points of the project that the current directory belongs to.
fn entry_points() -> Result<Vec<String>, String> {
    let project = project_of(disk(), Path::new("")).map_err(|error| error.to_string())?;
    let entries = project.into_iter().flat_map(|project| project.entries);
    Ok(entries.map(|entry| entry.to_string_lossy().into_owned()).collect())
}

/// Says that the command line names no file.
pub(super) fn no_file(json: bool) -> ExitCode {
    if json {
        return refuse_words(true, "no file is given, and no project has an entry point", false);
    }
    output::eprint(&cli::usage());
    ExitCode::FAILURE
}

pub(super) fn is_directory(word: &str) -> bool {
    Path::new(word).is_dir()
}

/// The files that a word names: itself, or all `.vera` files below it, sorted by path.
/// Hidden directories are left out.
///
/// # Errors
/// The message to show.
pub(super) fn files(word: &str) -> Result<Vec<String>, String> {
    if !is_directory(word) {
        return Ok(vec![word.to_owned()]);
    }
    let mut found = Vec::new();
    collect(Path::new(word), true, &mut found)?;
    if found.is_empty() {
        return Err(format!("no .vera files below {word}"));
    }
    found.sort();
    Ok(found.iter().map(|path| path.to_string_lossy().into_owned()).collect())
}
