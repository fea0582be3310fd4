//! Looking at files for changes.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use vera_session::MANIFEST;

use super::inputs;
use crate::cli::Inputs;
use crate::files::disk;
use crate::output;

/// How often files are looked at.
pub(super) const LOOK: Duration = Duration::from_millis(200);

/// What tells whether files have changed.
pub(super) type Stamps = Vec<Option<(SystemTime, u64)>>;

pub(super) fn stamps(files: &[PathBuf]) -> Stamps {
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
