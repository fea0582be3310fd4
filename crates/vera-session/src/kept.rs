//! Files whose modules are read and parsed once, as long as their texts stay the same.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use vera_check::ModuleText;

use crate::files::{Files, ReadError, lock, module};

/// Files with a memory. Texts are read each time, and compared: a module is the same one,
/// its parse tree included, while its text is the same. What a name leads to is remembered
/// until it is [forgotten](Kept::forget). Clones share what they remember.
#[derive(Clone)]
pub struct Kept<F> {
    below: F,
    memory: Arc<Memory>,
}

#[derive(Default)]
struct Memory {
    /// By the path they were reached by, with the text as the file has it.
    modules: Mutex<HashMap<PathBuf, (String, Arc<ModuleText>)>>,
    identities: Mutex<HashMap<PathBuf, PathBuf>>,
}

impl<F: Files> Kept<F> {
    pub fn new(below: F) -> Kept<F> {
        Kept { below, memory: Arc::default() }
    }

    /// Links, and which files there are, may be others than before.
    pub fn forget(&self) {
        lock(&self.memory.identities).clear();
        lock(&self.memory.modules).retain(|path, _| self.below.is_file(path));
    }
}

impl<F: Files> Files for Kept<F> {
    fn read(&self, path: &Path) -> Result<String, ReadError> {
        self.below.read(path)
    }

    fn module(&self, path: &Path) -> Result<Arc<ModuleText>, ReadError> {
        let text = self.below.read(path)?;
        let mut modules = lock(&self.memory.modules);
        match modules.get(path) {
            Some((known, module)) if *known == text => Ok(Arc::clone(module)),
            _ => {
                let module = module(path, &text);
                modules.insert(path.to_owned(), (text, Arc::clone(&module)));
                Ok(module)
            }
        }
    }

    fn is_file(&self, path: &Path) -> bool {
        self.below.is_file(path)
    }

    fn identity(&self, path: &Path) -> PathBuf {
        if let Some(known) = lock(&self.memory.identities).get(path) {
            return known.clone();
        }
        let identity = self.below.identity(path);
        // A file that is not there yet may be a link to another one later.
        if self.below.is_file(path) {
            lock(&self.memory.identities).insert(path.to_owned(), identity.clone());
        }
        identity
    }

    fn sources(&self, dir: &Path, deep: bool) -> Vec<PathBuf> {
        self.below.sources(dir, deep)
    }
}
