//! Which files a program reaches.

use std::path::{Path, PathBuf};

/// The files that paths of a program may lead to. What a program may touch is
/// decided before it is touched; since programs cannot make links, nothing they do
/// in between leads elsewhere.
#[derive(Clone)]
pub enum Files {
    All,
    /// Those in these directories, which are resolved, and below.
    Within(Vec<PathBuf>),
}

impl Files {
    /// The files in these directories and below; the first that is none is the error.
    pub fn within(dirs: &[String]) -> Result<Files, String> {
        let resolved = dirs.iter().map(|dir| {
            let found = std::fs::canonicalize(dir).ok().filter(|path| path.is_dir());
            found.ok_or_else(|| dir.clone())
        });
        resolved.collect::<Result<_, _>>().map(Files::Within)
    }

    pub(crate) fn admit(&self, path: &Path) -> bool {
        match self {
            Files::All => true,
            Files::Within(dirs) => {
                resolve(path).is_some_and(|path| dirs.iter().any(|dir| path.starts_with(dir)))
            }
        }
    }
}

/// The place a path leads to, links followed; what does not exist yet is below what
/// does. `None` where that cannot be said: a link that leads nowhere, `..` after a
/// directory that does not exist.
fn resolve(path: &Path) -> Option<PathBuf> {
    let mut at = std::path::absolute(path).ok()?;
    let mut missing = Vec::new();
    loop {
        if let Ok(place) = std::fs::canonicalize(&at) {
            return Some(missing.iter().rev().fold(place, |place, part| place.join(part)));
        }
        if at.symlink_metadata().is_ok() {
            return None;
        }
        missing.push(at.file_name()?.to_owned());
        at = at.parent()?.to_owned();
    }
}
