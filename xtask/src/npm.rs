//! `cargo xtask npm DIR`: the compiler as a package for Node; `cargo xtask dist npm` packs it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::playground::{NODE, modules, packages, succeed};

/// Makes the package in a directory: modules of the compiler, command line, manifest.
/// `target`: where cargo keeps what it builds.
///
/// # Errors
/// What cargo, Node or the system says.
pub fn package(dir: &Path, target: &Path) -> Result<(), String> {
    // The bundler runs elsewhere.
    let dir = std::path::absolute(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let sources = packages()?;
    modules(&dir, target, &NODE)?;
    let mut bundle = Command::new("node");
    bundle.arg("npm.mjs").arg(&dir).arg(env!("CARGO_PKG_VERSION")).current_dir(&sources);
    succeed(bundle)
}

/// Packs the package into a directory, as `npm install` takes it; yields the file.
///
/// # Errors
/// As [`package`]; and what `npm` says.
#[allow(dead_code, reason = "tests that share this file install the directory")]
pub fn pack(out: &Path, target: &Path) -> Result<PathBuf, String> {
    let dir = target.join("npm-package");
    package(&dir, target)?;
    let out = std::path::absolute(out).map_err(|error| format!("{}: {error}", out.display()))?;
    let mut npm = Command::new("npm");
    npm.args(["pack", "--silent", "--pack-destination"]).arg(&out).current_dir(&dir);
    let packed = npm.output().map_err(|error| format!("npm: {error}"))?;
    if !packed.status.success() {
        return Err(format!("npm pack: {}", String::from_utf8_lossy(&packed.stderr)));
    }
    // It prints the name of what it wrote.
    Ok(out.join(String::from_utf8_lossy(&packed.stdout).trim()))
}
