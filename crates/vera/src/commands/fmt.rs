//! `vera fmt`.

use std::path::Path;
use std::process::ExitCode;

use rayon::prelude::*;

use super::syntax::parsed;
use super::{inputs, refuse_words};
use crate::cli::Fmt;
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
        Outcome::bad(output::error_line(text))
    }

    fn print(&self) {
        output::print(&self.stdout);
        output::eprint(&self.stderr);
    }
}

/// Formats, or checks the form of, every file in parallel; reports come in the order of
/// the paths.
pub(super) fn fmt(args: &Fmt) -> ExitCode {
    let words = match inputs::words(&args.inputs) {
        Ok(words) if words.is_empty() => return inputs::no_file(false),
        Ok(words) => words,
        Err(why) => return refuse_words(false, &why, false),
    };
    let mut ok = true;
    for word in &words {
        let outcomes = if inputs::is_directory(word) && !args.check && !args.write {
            vec![Outcome::error(&format!("{word} is a directory: give --check or --write"))]
        } else {
            match inputs::files(word) {
                Ok(files) => files.par_iter().map(|file| of_file(file, args)).collect(),
                Err(why) => vec![Outcome::error(&why)],
            }
        };
        outcomes.iter().for_each(Outcome::print);
        ok &= outcomes.iter().all(|outcome| outcome.ok);
    }
    if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn of_file(word: &str, args: &Fmt) -> Outcome {
    match input::read(word) {
        Ok(entry) => format(&entry, args),
        Err(error) => Outcome::error(&error.text()),
    }
}

fn format(entry: &Entry, args: &Fmt) -> Outcome {
    let parsed = match parsed(entry) {
        Ok(parsed) => parsed,
        Err((diagnostics, sources)) => {
            return Outcome::bad(
                diagnostics.iter().map(|d| output::rendered(d, &sources)).collect(),
            );
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
            Outcome::good(output::success(word))
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
