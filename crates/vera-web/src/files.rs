//! Files that are handed in. What is asked for and not known is wanted.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use vera_session::{Files, ReadError};

#[derive(Default)]
pub struct Given {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The directory that relative paths begin at.
    directory: PathBuf,
    /// By identity; `None` of what is known not to be there.
    texts: BTreeMap<PathBuf, Option<String>>,
    /// What was asked for since it was last told.
    wanted: BTreeSet<PathBuf>,
}

impl State {
    /// One name for a file: from the root, without `.` and `..`.
    fn identity(&self, path: &Path) -> PathBuf {
        let mut out = PathBuf::new();
        for part in self.directory.join(path).components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir => _ = out.pop(),
                Component::Prefix(_) | Component::RootDir | Component::Normal(_) => out.push(part),
            }
        }
        out
    }

    fn text(&mut self, path: &Path) -> Option<&String> {
        let identity = self.identity(path);
        if !self.texts.contains_key(&identity) {
            self.wanted.insert(identity);
            return None;
        }
        self.texts[&identity].as_ref()
    }
}

impl Given {
    fn state(&self) -> MutexGuard<'_, State> {
        // No holder can leave it half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where relative paths begin.
    pub fn enter(&self, directory: &str) {
        self.state().directory = directory.into();
    }

    /// A file's text, or that there is none.
    pub fn put(&self, path: &str, text: Option<String>) {
        let mut state = self.state();
        let identity = state.identity(Path::new(path));
        state.texts.insert(identity, text);
    }

    /// What was asked for since the last call, and is not known.
    pub fn wanted(&self) -> Vec<String> {
        let wanted = std::mem::take(&mut self.state().wanted);
        wanted.iter().map(|path| path.to_string_lossy().into_owned()).collect()
    }
}

impl Files for Given {
    fn read(&self, path: &Path) -> Result<String, ReadError> {
        self.state().text(path).cloned().ok_or(ReadError::Missing)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.state().text(path).is_some()
    }

    fn identity(&self, path: &Path) -> PathBuf {
        self.state().identity(path)
    }

    fn sources(&self, dir: &Path, deep: bool) -> Vec<PathBuf> {
        let state = self.state();
        let dir = state.identity(dir);
        let inside = |path: &Path| match path.parent() {
            Some(parent) if deep => parent.starts_with(&dir),
            parent => parent == Some(&dir),
        };
        let is_source = |path: &Path| path.extension().is_some_and(|suffix| suffix == "vera");
        let there = state.texts.iter().filter(|(_, text)| text.is_some()).map(|(path, _)| path);
        there.filter(|path| inside(path) && is_source(path)).cloned().collect()
    }
}
