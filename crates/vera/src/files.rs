//! The files of the machine.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use vera_session::{Files, Kept, ReadError};

/// The file system.
pub(crate) struct Disk;

/// The file system as a command sees it: programs that import the same modules share them.
pub(crate) fn disk() -> &'static Kept<Disk> {
    static DISK: OnceLock<Kept<Disk>> = OnceLock::new();
    DISK.get_or_init(|| Kept::new(Disk))
}

impl Files for Disk {
    fn read(&self, path: &Path) -> Result<String, ReadError> {
        if path.is_dir() {
            return Err(ReadError::Other("is a directory".to_owned()));
        }
        let bytes = std::fs::read(path).map_err(|e| match e.kind() {
            ErrorKind::NotFound => ReadError::Missing,
            ErrorKind::PermissionDenied => ReadError::Other("permission denied".to_owned()),
            _ => ReadError::Other(e.to_string()),
        })?;
        if bytes.len() > u32::MAX as usize {
            return Err(ReadError::Other("larger than 4 GiB".to_owned()));
        }
        String::from_utf8(bytes).map_err(|e| ReadError::Other(not_utf8(&e)))
    }

    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn identity(&self, path: &Path) -> PathBuf {
        path.canonicalize().unwrap_or_else(|_| path.to_owned())
    }

    fn sources(&self, dir: &Path, deep: bool) -> Vec<PathBuf> {
        let mut found = Vec::new();
        // What cannot be read has no files to offer.
        _ = collect(dir, deep, &mut found);
        found.sort();
        found
    }
}

/// The Vera files in a directory, and with `deep` in those below.
///
/// # Errors
/// Which directory cannot be read.
pub(crate) fn collect(dir: &Path, deep: bool, into: &mut Vec<PathBuf>) -> Result<(), String> {
    let unreadable = |e: std::io::Error| format!("cannot read {}: {e}", dir.display());
    for entry in std::fs::read_dir(dir).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        // Links are not followed, so that no circle is.
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_dir() && !hidden && deep {
            collect(&path, deep, into)?;
        } else if path.extension().is_some_and(|e| e == "vera") && path.is_file() {
            into.push(path);
        }
    }
    Ok(())
}

/// What is said of bytes that are no text.
pub(crate) fn not_utf8(error: &std::string::FromUtf8Error) -> String {
    format!("not valid UTF-8 (byte {})", error.utf8_error().valid_up_to())
}
