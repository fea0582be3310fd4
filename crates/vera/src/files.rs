//! Imported modules as files: `a.b` is `a/b.vera`, beside the importing file or
//! beside the entry file.

use std::path::{Path, PathBuf};

use smol_str::SmolStr;
use vera_check::{Loaded, Loader, Lookup};

use crate::input::{self, ReadError, without_bom};

/// Reads modules from the file system.
pub(crate) struct Files {
    entry_dir: PathBuf,
}

impl Files {
    pub fn new(entry_dir: &Path) -> Files {
        Files { entry_dir: entry_dir.to_owned() }
    }
}

impl Loader for Files {
    fn load(&mut self, importer: Option<&str>, segments: &[SmolStr]) -> Lookup {
        let mut relative = PathBuf::new();
        relative.extend(segments.iter().map(|s| s.as_str()));
        relative.set_extension("vera");
        let beside = importer.and_then(|key| Path::new(key).parent());
        for dir in beside.into_iter().chain([self.entry_dir.as_path()]) {
            let path = dir.join(&relative);
            if !path.is_file() {
                continue;
            }
            let key = path.canonicalize().unwrap_or_else(|_| path.clone());
            return match input::read_text(&path) {
                Ok(text) => Lookup::Found(Loaded {
                    key: key.to_string_lossy().into_owned(),
                    name: shown(&path),
                    text: without_bom(&text).to_owned(),
                }),
                Err(ReadError::Missing) => Lookup::Missing,
                Err(ReadError::Other(reason)) => Lookup::Unreadable(reason),
            };
        }
        Lookup::Missing
    }
}

/// The path as diagnostics show it: without a leading `./`.
fn shown(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).to_string_lossy().into_owned()
}
