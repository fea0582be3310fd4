//! The release build of `vera`, which measurements, the book and packages use.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// The repository.
///
/// # Errors
/// None that a checkout has.
pub fn root() -> Result<PathBuf, String> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(own.parent().ok_or("no workspace")?.to_owned())
}

/// Builds the release binary and returns its path.
///
/// # Errors
/// The build failed.
pub fn vera(root: &Path) -> Result<PathBuf, String> {
    build(root, &mut cargo())
}

/// Builds the release binary for another system with a C compiler for it.
///
/// # Errors
/// The build failed; the text says what it needs.
pub fn vera_for(root: &Path, triple: &str, compiler: &str) -> Result<PathBuf, String> {
    let variable = triple.to_uppercase().replace('-', "_");
    let mut cargo = cargo();
    cargo.args(["--target", triple]).env(format!("CARGO_TARGET_{variable}_LINKER"), compiler);
    build(root, &mut cargo)
        .map_err(|why| format!("{why}; it needs `rustup target add {triple}` and {compiler}"))
}

fn cargo() -> Command {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--release", "--locked", "--package", "vera", "--quiet"]);
    command
}

/// Runs the build, and yields the program.
fn build(root: &Path, cargo: &mut Command) -> Result<PathBuf, String> {
    let built = executables(root, cargo, "the release build failed")?;
    let mut named = built.into_iter().filter(|(name, _)| name == "vera").map(|(_, file)| file);
    named.next_back().ok_or_else(|| "cargo named no program".to_owned())
}

/// Has cargo build, and reads from its messages what can be run: names of targets and
/// files.
///
/// # Errors
/// Cargo cannot be run, or fails, which is said with these words.
pub fn executables(
    root: &Path,
    cargo: &mut Command,
    failed: &str,
) -> Result<Vec<(String, PathBuf)>, String> {
    let run = cargo
        .arg("--message-format=json-render-diagnostics")
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| error.to_string())?;
    if !run.status.success() {
        return Err(failed.to_owned());
    }
    let said = String::from_utf8_lossy(&run.stdout);
    let executable = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        let file = PathBuf::from(message["executable"].as_str()?);
        Some((message["target"]["name"].as_str()?.to_owned(), file))
    };
    Ok(said.lines().filter_map(executable).collect())
}
