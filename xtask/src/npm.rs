//! `cargo xtask npm DIR`: the compiler as a package for Node.

use std::path::Path;
use std::process::Command;

use crate::playground::{modules, packages, succeed};

/// Makes the package in a directory: modules of the compiler, command line, manifest.
/// `target`: where cargo keeps what it builds.
///
/// # Errors
/// What cargo, Node or the system says.
pub fn package(dir: &Path, target: &Path) -> Result<(), String> {
    // The bundler runs elsewhere.
    let dir = std::path::absolute(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let sources = packages()?;
    modules(&dir, target)?;
    let mut bundle = Command::new("node");
    bundle.arg("npm.mjs").arg(&dir).arg(env!("CARGO_PKG_VERSION")).current_dir(&sources);
    succeed(bundle)
}
