//! Reading the entry file.

use std::io::Read;
use std::path::{Path, PathBuf};

use vera_diagnostics::SourceFile;
use vera_session::{Files, ReadError};

use crate::files::{disk, not_utf8};

/// The entry file of a command.
#[derive(Clone)]
pub(crate) struct Entry {
    /// The word given on the command line.
    pub word: String,
    pub source: SourceFile,
    /// The text as it is on disk, line ends included.
    pub raw: String,
    /// Where imports are looked for and default outputs go.
    pub dir: PathBuf,
    /// The file's name without directory and suffix.
    pub stem: String,
}

/// Why there is no entry file.
#[derive(Debug)]
pub(crate) enum InputError {
    NotFound(String),
    Unreadable { path: String, reason: String },
}

impl InputError {
    pub fn text(&self) -> String {
        match self {
            InputError::NotFound(path) => format!("file not found: {path}"),
            InputError::Unreadable { path, reason } => format!("cannot read {path}: {reason}"),
        }
    }
}

/// Reads the file a command names; `-` and `/dev/stdin` are standard input.
pub(crate) fn read(word: &str) -> Result<Entry, InputError> {
    if matches!(word, "-" | "/dev/stdin") {
        return stdin(word);
    }
    let path = Path::new(word);
    let raw = disk().read(path).map_err(|e| match e {
        ReadError::Missing => InputError::NotFound(word.to_owned()),
        ReadError::Other(reason) => InputError::Unreadable { path: word.to_owned(), reason },
    })?;
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir.to_owned(),
        _ => PathBuf::from("."),
    };
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let source = SourceFile::new(word, without_bom(&raw));
    Ok(Entry { word: word.to_owned(), source, raw, dir, stem })
}

fn stdin(word: &str) -> Result<Entry, InputError> {
    let unreadable = |reason: String| InputError::Unreadable { path: word.to_owned(), reason };
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).map_err(|e| unreadable(e.to_string()))?;
    let raw = String::from_utf8(bytes).map_err(|e| unreadable(not_utf8(&e)))?;
    let cwd = std::env::current_dir().unwrap_or_default();
    // Syntax errors name the word given, later reports the logical file.
    let broken = !vera_syntax::parse(without_bom(&raw)).errors.is_empty();
    let logical = cwd.join("stdin.vera");
    let name = if broken { word.to_owned() } else { logical.to_string_lossy().into_owned() };
    let source = SourceFile::new(&name, without_bom(&raw));
    Ok(Entry { word: word.to_owned(), source, raw, dir: cwd, stem: "stdin".to_owned() })
}

/// The text without a leading byte order mark.
fn without_bom(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}
