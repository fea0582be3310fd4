//! A program of one file or several, as one text.
//!
//! A line `-- module NAME` begins the file of an imported module; what stands before
//! the first is the entry file. So whatever works on texts, the reducer first of all,
//! works on programs of several files.

use std::sync::Arc;

use smol_str::SmolStr;
use vera_check::{Loaded, Loader, Lookup, ModuleText};
use vera_diagnostics::SourceFile;

/// Begins the text of an imported module.
pub const MARK: &str = "-- module ";

/// The files of a program.
pub struct Files {
    entry: String,
    modules: Vec<(String, String)>,
}

impl Files {
    pub fn new(text: &str) -> Files {
        let mut parts = text.split(MARK);
        let entry = parts.next().unwrap_or_default().to_owned();
        let module = |part: &str| {
            let (name, text) = part.split_once('\n').unwrap_or((part, ""));
            (name.trim().to_owned(), text.to_owned())
        };
        Files { entry, modules: parts.map(module).collect() }
    }

    pub fn entry(&self) -> SourceFile {
        SourceFile::new("hunt.vera", &self.entry)
    }

    /// Names of files with their texts, as they would be written to a directory.
    pub fn named(&self) -> Vec<(String, &str)> {
        let modules =
            self.modules.iter().map(|(name, text)| (format!("{name}.vera"), text.as_str()));
        [("hunt.vera".to_owned(), self.entry.as_str())].into_iter().chain(modules).collect()
    }

    /// The same program with other texts for its files.
    pub fn map(&self, mut f: impl FnMut(&str) -> Option<String>) -> Option<String> {
        let mut text = f(&self.entry)?;
        for (name, module) in &self.modules {
            text.push_str(&format!("{MARK}{name}\n{}", f(module)?));
        }
        Some(text)
    }
}

impl Loader for &Files {
    fn load(&mut self, _importer: Option<&str>, segments: &[SmolStr]) -> Lookup {
        let wanted = segments.join(".");
        match self.modules.iter().find(|(name, _)| *name == wanted) {
            Some((name, text)) => Lookup::Found(Loaded {
                key: name.clone(),
                module: Arc::new(ModuleText::new(&format!("{name}.vera"), text)),
            }),
            None => Lookup::Missing,
        }
    }
}
