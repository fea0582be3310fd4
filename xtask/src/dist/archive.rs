//! The archive: one directory that can stand anywhere.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::tree::{Tree, place};

/// Writes `vera-VERSION-TARGET.tar.gz`; the same bytes for the same files.
///
/// # Errors
/// The disk, or `tar`.
pub fn write(tree: &Tree, out: &Path) -> Result<PathBuf, String> {
    let name = tree.name();
    let dir = out.join(&name);
    if dir.exists() {
        std::fs::remove_dir_all(&dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    }
    for file in tree.files.iter().chain(&tree.documents) {
        place(&dir, file).map_err(|error| format!("{}: {error}", file.path))?;
    }
    let archive = out.join(format!("{name}.tar.gz"));
    // Nothing of the machine goes into it: order, times and owners are fixed.
    let status = Command::new("tar")
        .args(["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"])
        .arg("--use-compress-program=gzip -9n")
        .arg("--directory")
        .arg(out)
        .arg("-cf")
        .arg(&archive)
        .arg(&name)
        .status()
        .map_err(|error| format!("tar: {error}"))?;
    if !status.success() {
        return Err(format!("tar could not write {}", archive.display()));
    }
    std::fs::remove_dir_all(&dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    Ok(archive)
}
