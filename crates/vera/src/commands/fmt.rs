//! `vera fmt`, of one file or of all files below a directory.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rayon::prelude::*;
use vera_diagnostics::render_text;

use super::syntax::parsed;
use crate::arguments::Arguments;
use crate::input::{self, Entry};
use crate::output;
use crate::replace::replace;

/// What formatting one file has to say.
struct Outcome {
    stdout: String,
    stderr: String,
    ok: bool,
}

impl Outcome {
    fn good(stdout: String) -> Outcome {
        Outcome { stdout, stderr: String::new(), ok: true }
    }

    fn bad(stderr: String) -> Outcome {
        Outcome { stdout: String::new(), stderr, ok: false }
    }

    fn error(text: &str) -> Outcome {
        Outcome::bad(format!("Error: {text}\n"))
    }

    fn print(&self) {
        output::print(&self.stdout);
        output::eprint(&self.stderr);
    }
}

pub(super) fn file(entry: &Entry, args: &Arguments) -> ExitCode {
    let outcome = format(entry, args);
    outcome.print();
    if outcome.ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Formats or checks every `.vera` file below a directory, in parallel; reports
/// come in the order of the paths. Hidden directories are left out.
pub(super) fn directory(word: &str, args: &Arguments) -> ExitCode {
    if !args.check && !args.write {
        output::error(&format!("{word} is a directory: give --check or --write"));
        return ExitCode::FAILURE;
    }
    let mut files = Vec::new();
    if let Err(why) = collect(Path::new(word), &mut files) {
        output::error(&why);
        return ExitCode::FAILURE;
    }
    if files.is_empty() {
        output::error(&format!("no .vera files below {word}"));
        return ExitCode::FAILURE;
    }
    files.sort();
    let outcomes: Vec<Outcome> = files
        .par_iter()
        .map(|path| match input::read(&path.to_string_lossy()) {
            Ok(entry) => format(&entry, args),
            Err(error) => Outcome::error(&error.text()),
        })
        .collect();
    outcomes.iter().for_each(Outcome::print);
    let ok = outcomes.iter().all(|o| o.ok);
    if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn collect(dir: &Path, into: &mut Vec<PathBuf>) -> Result<(), String> {
    let unreadable = |e: std::io::Error| format!("cannot read {}: {e}", dir.display());
    for entry in std::fs::read_dir(dir).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        // Links are not followed, so that no circle is.
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_dir() && !hidden {
            collect(&path, into)?;
        } else if path.extension().is_some_and(|e| e == "vera") && path.is_file() {
            into.push(path);
        }
    }
    Ok(())
}

fn format(entry: &Entry, args: &Arguments) -> Outcome {
    let parsed = match parsed(entry) {
        Ok(parsed) => parsed,
        Err((diagnostics, sources)) => {
            return Outcome::bad(diagnostics.iter().map(|d| render_text(d, &sources)).collect());
        }
    };
    let word = &entry.word;
    let formatted = match vera_fmt::format_checked(entry.source.text(), &parsed) {
        Ok(formatted) => formatted,
        Err(violation) => {
            return Outcome::error(&format!("cannot format {word}: {violation} (a bug in vera)"));
        }
    };
    if args.check {
        return if formatted == entry.raw {
            Outcome::good(format!("OK: {word}\n"))
        } else {
            Outcome::bad(format!("Would reformat: {word}\n"))
        };
    }
    if !args.write {
        return Outcome::good(formatted);
    }
    if matches!(word.as_str(), "-" | "/dev/stdin") {
        return Outcome::error("fmt --write needs a file, not standard input");
    }
    if formatted != entry.raw
        && let Err(error) = replace(Path::new(word), formatted.as_bytes())
    {
        return Outcome::error(&format!("cannot write {word}: {error}"));
    }
    Outcome::good(format!("Formatted: {word}\n"))
}
