//! Writing a file over another.
//!
//! The new contents are written beside the target, brought to the disk, and renamed
//! into its place: whatever goes wrong, a full disk or an interrupted process, the old
//! file stays as it was.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// As many links are followed to a target.
const MAX_LINKS: usize = 40;

/// Makes `contents` the contents of the file at `path`: of the target of a link, with
/// the rights the file has. What is no file, a device or a pipe, is written to.
///
/// # Errors
/// Those of the system; the file at `path` is unchanged then.
pub(crate) fn replace(path: &Path, contents: &[u8]) -> io::Result<()> {
    let target = target(path)?;
    let old = match fs::metadata(&target) {
        Ok(metadata) if !metadata.is_file() => {
            return OpenOptions::new().write(true).open(&target)?.write_all(contents);
        }
        Ok(metadata) => {
            // Renaming would replace what may not be written to.
            OpenOptions::new().append(true).open(&target)?;
            Some(metadata)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let beside = beside(&target)?;
    let written =
        write(&beside, contents, old.as_ref()).and_then(|()| fs::rename(&beside, &target));
    if written.is_err() {
        _ = fs::remove_file(&beside);
    }
    written?;
    sync_dir(&target);
    Ok(())
}

fn write(beside: &Path, contents: &[u8], old: Option<&fs::Metadata>) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(beside)?;
    file.write_all(contents)?;
    if let Some(old) = old {
        keep_owner(&file, old);
        file.set_permissions(old.permissions())?;
    }
    file.sync_all()
}

/// Where the contents go: links are followed, also one that leads to no file yet.
fn target(path: &Path) -> io::Result<PathBuf> {
    let mut at = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&at) {
            Ok(link) => at = at.parent().unwrap_or(Path::new("")).join(link),
            Err(_) => return Ok(at),
        }
    }
    Err(io::Error::other("too many levels of symbolic links"))
}

/// A name in the directory of the target that no file has.
fn beside(target: &Path) -> io::Result<PathBuf> {
    let name = target.file_name().ok_or(io::ErrorKind::IsADirectory)?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.tmp", std::process::id()));
    Ok(target.with_file_name(hidden))
}

#[cfg(unix)]
fn keep_owner(file: &File, old: &fs::Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    // Only the superuser can, and for anybody else it is the same already.
    _ = fchown(file, Some(old.uid()), Some(old.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &fs::Metadata) {}

/// Brings the new name to the disk, where directories can be.
fn sync_dir(target: &Path) {
    let dir = match target.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    _ = File::open(dir).and_then(|dir| dir.sync_all());
}
