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
        self.further_up(&relative)
    }
}

impl Files {
    /// Where a module is that imports cannot name from the entry file.
    fn further_up(&self, relative: &Path) -> Lookup {
        let above = std::iter::successors(Some(above(&self.entry_dir)), |dir| Some(above(dir)));
        let root = above.take(MAX_LEVELS).find(|dir| dir.join(relative).is_file());
        match root {
            Some(root) => Lookup::Elsewhere {
                file: shown(&root.join(relative)),
                root: root.to_string_lossy().into_owned(),
            },
            None => Lookup::Missing,
        }
    }
}

/// The directory above one, as it would be written.
fn above(dir: &Path) -> PathBuf {
    match (dir.file_name(), dir.parent()) {
        (Some(_), Some(parent)) if parent.as_os_str().is_empty() => PathBuf::from("."),
        (Some(_), Some(parent)) => parent.to_owned(),
        _ if dir == Path::new(".") => PathBuf::from(".."),
        _ => dir.join(".."),
    }
}

/// So many directories above that of the entry file are looked at for a hint.
const MAX_LEVELS: usize = 4;

/// The path as diagnostics show it: without a leading `./`.
fn shown(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).to_string_lossy().into_owned()
}
