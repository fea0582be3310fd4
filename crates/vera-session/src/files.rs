//! Where texts come from.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use vera_check::ModuleText;

/// Why a text cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    Missing,
    /// Another reason, as it is shown.
    Other(String),
}

/// Files, as far as the tool reads them.
pub trait Files: Send + Sync {
    /// The text of a file, as it is there.
    ///
    /// # Errors
    /// There is no such file, or no text in it.
    fn read(&self, path: &Path) -> Result<String, ReadError>;

    /// The text of a module. Who reads it again gets the same one, as far as texts are kept.
    ///
    /// # Errors
    /// As [`read`](Files::read).
    fn module(&self, path: &Path) -> Result<Arc<ModuleText>, ReadError> {
        self.read(path).map(|text| module(path, &text))
    }

    /// Whether there is a file that can be read.
    fn is_file(&self, path: &Path) -> bool;

    /// One name for a file, however it is reached.
    fn identity(&self, path: &Path) -> PathBuf;

    /// The Vera files in a directory, and with `deep` in those below; hidden ones and links
    /// are left out. None where it cannot be read.
    fn sources(&self, dir: &Path, deep: bool) -> Vec<PathBuf>;
}

/// The text of a file, as a module.
pub(crate) fn module(path: &Path, text: &str) -> Arc<ModuleText> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    Arc::new(ModuleText::new(&shown(path), text))
}

impl<F: Files + ?Sized> Files for Arc<F> {
    fn read(&self, path: &Path) -> Result<String, ReadError> {
        (**self).read(path)
    }

    fn module(&self, path: &Path) -> Result<Arc<ModuleText>, ReadError> {
        (**self).module(path)
    }

    fn is_file(&self, path: &Path) -> bool {
        (**self).is_file(path)
    }

    fn identity(&self, path: &Path) -> PathBuf {
        (**self).identity(path)
    }

    fn sources(&self, dir: &Path, deep: bool) -> Vec<PathBuf> {
        (**self).sources(dir, deep)
    }
}

/// Files under texts that stand in their place: what an editor has not saved yet.
#[derive(Clone)]
pub struct Overlay<F> {
    below: F,
    /// By identity.
    texts: HashMap<PathBuf, Text>,
}

/// A text in the place of a file's.
#[derive(Clone)]
struct Text {
    text: String,
    /// As programs import it, with the paths they reach it by.
    modules: Arc<Mutex<HashMap<PathBuf, Arc<ModuleText>>>>,
}

impl<F: Files> Overlay<F> {
    pub fn new(below: F) -> Overlay<F> {
        Overlay { below, texts: HashMap::new() }
    }

    /// The files under the texts.
    pub fn below(&self) -> &F {
        &self.below
    }

    /// Puts a text in the place of a file's.
    pub fn put(&mut self, path: &Path, text: String) {
        let text = Text { text, modules: Arc::default() };
        self.texts.insert(self.below.identity(path), text);
    }

    /// The file's own text counts again.
    pub fn remove(&mut self, path: &Path) {
        self.texts.remove(&self.below.identity(path));
    }
}

impl<F: Files> Files for Overlay<F> {
    fn read(&self, path: &Path) -> Result<String, ReadError> {
        match self.texts.get(&self.below.identity(path)) {
            Some(Text { text, .. }) => Ok(text.clone()),
            None => self.below.read(path),
        }
    }

    fn module(&self, path: &Path) -> Result<Arc<ModuleText>, ReadError> {
        let Some(Text { text, modules }) = self.texts.get(&self.below.identity(path)) else {
            return self.below.module(path);
        };
        let mut modules = lock(modules);
        let known = modules.entry(path.to_owned()).or_insert_with(|| module(path, text));
        Ok(Arc::clone(known))
    }

    fn is_file(&self, path: &Path) -> bool {
        self.texts.contains_key(&self.below.identity(path)) || self.below.is_file(path)
    }

    fn identity(&self, path: &Path) -> PathBuf {
        self.below.identity(path)
    }

    fn sources(&self, dir: &Path, deep: bool) -> Vec<PathBuf> {
        let mut found = self.below.sources(dir, deep);
        let dir = self.below.identity(dir);
        let inside = |path: &&PathBuf| match path.parent() {
            Some(parent) if deep => parent.starts_with(&dir),
            parent => parent == Some(&dir),
        };
        for path in self.texts.keys().filter(inside) {
            if found.iter().all(|known| self.below.identity(known) != *path) {
                found.push(path.clone());
            }
        }
        found
    }
}

/// What is kept while nobody panics with the lock; a panic leaves nothing half done.
pub(crate) fn lock<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The path as diagnostics show it: without a leading `./`.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).to_string_lossy().into_owned()
}
