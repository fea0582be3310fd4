//! The files of a release.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::elf::Needs;
use super::target::Target;
use super::{licences, z3};
use crate::release;

/// A file, by its path below the prefix that it is installed to.
#[derive(Clone)]
pub struct File {
    pub path: String,
    pub bytes: Vec<u8>,
    pub executable: bool,
}

impl File {
    /// A file to be read.
    pub fn text(path: String, text: String) -> File {
        File { path, bytes: text.into_bytes(), executable: false }
    }
}

/// Writes a file below a directory.
///
/// # Errors
/// The disk.
pub fn place(dir: &Path, file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let path = dir.join(&file.path);
    std::fs::create_dir_all(path.parent().unwrap_or(dir))?;
    std::fs::write(&path, &file.bytes)?;
    let mode = if file.executable { 0o755 } else { 0o644 };
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode))
}

/// A release for one system.
pub struct Tree {
    pub version: String,
    pub target: Target,
    /// What is installed: `bin`, `lib`, `share`.
    pub files: Vec<File>,
    /// What is to be read: licences and the like, by their names.
    pub documents: Vec<File>,
    pub needs: Needs,
}

impl Tree {
    /// Builds it: the command, its solver, and what the command says of itself.
    ///
    /// # Errors
    /// A build, a tool or the download of the solver failed.
    pub fn build(root: &Path, target: Target) -> Result<Tree, String> {
        let work = std::env::temp_dir().join(format!("vera-dist-{}", std::process::id()));
        std::fs::create_dir_all(&work).map_err(|error| error.to_string())?;
        let tree = Tree::build_in(root, target, &work);
        let removed = std::fs::remove_dir_all(&work).map_err(|error| error.to_string());
        let tree = tree?;
        removed?;
        Ok(tree)
    }

    fn build_in(root: &Path, target: Target, work: &Path) -> Result<Tree, String> {
        // Manual pages and completions are the same for all systems.
        let own = release::vera(root)?;
        let program = match target == Target::host()? {
            true => own.clone(),
            false => release::vera_for(root, target.triple(), &target.tool("gcc"))?,
        };
        let program = stripped(&program, target, work)?;
        let solver = z3::library(target, work)?;
        let mut needs = Needs::default();
        let mut files = Vec::new();
        for (place, path, executable) in
            [(program, "bin/vera", true), (solver, "lib/vera/libz3.so", false)]
        {
            needs.add(&place)?;
            let bytes = std::fs::read(&place).map_err(|e| format!("{}: {e}", place.display()))?;
            files.push(File { path: path.to_owned(), bytes, executable });
        }
        files.extend(pages(&own)?);
        Ok(Tree {
            version: version(root)?,
            target,
            files,
            documents: documents(root, target)?,
            needs,
        })
    }

    /// `vera-0.1.0-x86_64-unknown-linux-gnu`
    pub fn name(&self) -> String {
        format!("vera-{}-{}", self.version, self.target.triple())
    }
}

/// The version of the workspace.
fn version(root: &Path) -> Result<String, String> {
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).map_err(|e| e.to_string())?;
    let line = manifest.lines().find_map(|line| line.strip_prefix("version = \""));
    let version = line.and_then(|rest| rest.strip_suffix('"'));
    Ok(version.ok_or("the workspace has no version")?.to_owned())
}

/// The program without what only debuggers read.
fn stripped(program: &Path, target: Target, work: &Path) -> Result<PathBuf, String> {
    let (tool, out) = (target.tool("strip"), work.join("vera"));
    let status = Command::new(&tool)
        .arg("-o")
        .arg(&out)
        .arg(program)
        .status()
        .map_err(|error| format!("{tool}: {error}"))?;
    match status.success() {
        true => Ok(out),
        false => Err(format!("{tool} failed on {}", program.display())),
    }
}

/// Manual pages, and completions where each shell looks for them.
fn pages(vera: &Path) -> Result<Vec<File>, String> {
    let mut files = vec![said(vera, &["man"], "share/man/man1/vera.1")?];
    for command in commands(vera)? {
        let path = format!("share/man/man1/vera-{command}.1");
        files.push(said(vera, &["man", &command], &path)?);
    }
    for (shell, path) in [
        ("bash", "share/bash-completion/completions/vera"),
        ("fish", "share/fish/vendor_completions.d/vera.fish"),
        ("zsh", "share/zsh/site-functions/_vera"),
    ] {
        files.push(said(vera, &["completions", shell], path)?);
    }
    Ok(files)
}

/// The commands that the usage lists.
fn commands(vera: &Path) -> Result<Vec<String>, String> {
    let usage = String::from_utf8(said(vera, &["help"], "")?.bytes).map_err(|e| e.to_string())?;
    let lines = usage.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = lines.take_while(|line| !line.is_empty());
    Ok(commands.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect())
}

/// What the command prints, as a file.
fn said(vera: &Path, words: &[&str], path: &str) -> Result<File, String> {
    let run = Command::new(vera)
        .args(words)
        .output()
        .map_err(|error| format!("{}: {error}", vera.display()))?;
    match run.status.success() {
        true => Ok(File { path: path.to_owned(), bytes: run.stdout, executable: false }),
        false => Err(format!("vera {}: {}", words.join(" "), run.status)),
    }
}

fn documents(root: &Path, target: Target) -> Result<Vec<File>, String> {
    let mut files = Vec::new();
    for name in ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md"] {
        let bytes = std::fs::read(root.join(name)).map_err(|error| format!("{name}: {error}"))?;
        files.push(File { path: name.to_owned(), bytes, executable: false });
    }
    let others = licences::text(root, target)?.into_bytes();
    files.push(File { path: "LICENSES-OF-OTHERS".to_owned(), bytes: others, executable: false });
    Ok(files)
}
