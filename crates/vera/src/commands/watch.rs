//! Looking at files for changes.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use vera_diagnostics::Sources;
use vera_session::MANIFEST;

use super::inputs;
use super::serve::{Refusal, show};
use crate::cli::Inputs;
use crate::files::disk;
use crate::input::{self, Entry};
use crate::output;

/// The files of a program, to be looked at for changes.
pub(super) type Watched = Vec<PathBuf>;

/// How often files are looked at.
const LOOK: Duration = Duration::from_millis(200);

/// What tells whether files have changed.
type Stamps = Vec<Option<(SystemTime, u64)>>;

fn stamps(files: &[PathBuf]) -> Stamps {
    let stamp = |path: &PathBuf| {
        let data = std::fs::metadata(path).ok()?;
        Some((data.modified().ok()?, data.len()))
    };
    files.iter().map(stamp).collect()
}

/// Runs a command, and with `watch` again whenever a program, or a manifest, near its files
/// changes, until it is interrupted.
pub(super) fn again(watch: bool, of: &Inputs, mut command: impl FnMut() -> ExitCode) -> ExitCode {
    if !watch {
        return command();
    }
    loop {
        let before = state(of);
        disk().forget();
        command();
        output::eprint("Watching for changes (Ctrl-C to stop).\n");
        while state(of) == before {
            std::thread::sleep(LOOK);
        }
    }
}

/// The files, and what tells whether they have changed.
fn state(of: &Inputs) -> (Vec<PathBuf>, Stamps) {
    let files = files(of);
    let stamps = stamps(&files);
    (files, stamps)
}

/// The programs and manifests in and below the directories of a command's files: what these
/// import is among them.
fn files(of: &Inputs) -> Vec<PathBuf> {
    let words = inputs::words(of).unwrap_or_default();
    let mut out = Vec::new();
    for word in &words {
        let path = Path::new(word);
        let dir = if path.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) };
        let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
        // A directory that is gone has no files; the command says so.
        let below = inputs::files(&dir.to_string_lossy()).unwrap_or_default();
        out.extend(below.into_iter().map(PathBuf::from));
        out.push(dir.join(MANIFEST));
    }
    out.sort();
    out.dedup();
    out
}

/// The files that a program was read from.
pub(super) fn paths(sources: &Sources) -> Watched {
    let names = sources.iter().map(|(_, file)| PathBuf::from(file.name()));
    names.filter(|path| path.is_file()).collect()
}

/// From now on has a program served anew whenever one of its files changes. `replace` puts
/// the new version in force and tells its files; where it refuses, the version before stays.
pub(super) fn anew(
    word: String,
    mut files: Watched,
    mut replace: impl FnMut(&Entry) -> Result<Watched, Refusal> + Send + 'static,
) {
    let mut seen = stamps(&files);
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(LOOK);
            let now = stamps(&files);
            if now == seen {
                continue;
            }
            seen = now;
            disk().forget();
            let read = input::read(&word).map_err(|error| Refusal::Text(error.text()));
            match read.and_then(|entry| replace(&entry)) {
                Ok(read) => {
                    // Of files that were watched, what came since they were read is new.
                    if read != files {
                        files = read;
                        seen = stamps(&files);
                    }
                    output::eprint("Reloaded.\n");
                }
                Err(refusal) => {
                    show(&refusal);
                    output::eprint("Not reloaded: the version before is still served.\n");
                }
            }
        }
    });
}
