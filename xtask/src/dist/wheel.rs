//! The wheel: what `pip`, `uv` and `pipx` install (the binary distribution format of
//! Python packages; tags after PEP 600).
//!
//! It holds no Python, so nothing of Python builds it: `maturin`, which other commands in
//! Rust use, would compile everything anew and does not know the library beside it. The
//! tree is laid out as the format wants it, and the packaging authority's own tool,
//! `wheel pack`, lists and packs it.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::tree::{File, Tree, place};

/// The tool's version.
const TOOL: &str = "wheel==0.45.1";

/// The time of every file, so that equal files make equal wheels: the first that the
/// format of archives has, 1 January 1980.
const TIME: &str = "315532800";

/// Writes `vera-VERSION-py3-none-PLATFORM.whl`.
///
/// # Errors
/// The disk, `pip` or `wheel`.
pub fn write(tree: &Tree, out: &Path) -> Result<PathBuf, String> {
    let tag = format!("py3-none-{}_{}", tree.needs.tag(), tree.target.architecture());
    let work = out.join(format!("{}.wheel", tree.name()));
    let packed = pack(tree, &tag, &work, out);
    let removed = std::fs::remove_dir_all(&work).map_err(|e| format!("{}: {e}", work.display()));
    packed?;
    removed?;
    Ok(out.join(format!("vera-{}-{tag}.whl", tree.version)))
}

fn pack(tree: &Tree, tag: &str, work: &Path, out: &Path) -> Result<(), String> {
    let (tools, dir) = (work.join("tools"), work.join("tree"));
    for file in layout(tree, tag) {
        place(&dir, &file).map_err(|error| format!("{}: {error}", file.path))?;
    }
    let python = |words: &[&str], more: &[&Path]| {
        let mut command = Command::new("python3");
        command.arg("-m").args(words).args(more);
        command.env("PYTHONPATH", &tools).env("SOURCE_DATE_EPOCH", TIME);
        match command.output() {
            Ok(run) if run.status.success() => Ok(()),
            Ok(run) => {
                Err(format!("python3 -m {words:?}: {}", String::from_utf8_lossy(&run.stderr)))
            }
            Err(error) => Err(format!("python3: {error}")),
        }
    };
    let install = ["pip", "install", "--quiet", "--disable-pip-version-check", TOOL, "--target"];
    python(&install, &[&tools])?;
    python(&["wheel", "pack", "--dest-dir"], &[out, &dir])
}

/// The files of the wheel, but for the list of them.
fn layout(tree: &Tree, tag: &str) -> Vec<File> {
    let (data, info) =
        (format!("vera-{}.data", tree.version), format!("vera-{}.dist-info", tree.version));
    let installed = tree.files.iter().map(|file| {
        // Commands go to the directory of commands, the rest below the prefix.
        let path = match file.path.strip_prefix("bin/") {
            Some(name) => format!("{data}/scripts/{name}"),
            None => format!("{data}/data/{}", file.path),
        };
        File { path, ..file.clone() }
    });
    let licences = tree.documents.iter().filter(|file| file.path.starts_with("LICENSE"));
    let names: Vec<&str> = licences.clone().map(|file| file.path.as_str()).collect();
    let about = format!(
        "Wheel-Version: 1.0\nGenerator: cargo xtask dist\nRoot-Is-Purelib: false\nTag: {tag}\n"
    );
    let written = [
        File::text(format!("{info}/METADATA"), metadata(&tree.version, &names)),
        File::text(format!("{info}/WHEEL"), about),
    ];
    let licences = licences
        .map(|file| File { path: format!("{info}/licenses/{}", file.path), ..file.clone() });
    installed.chain(licences).chain(written).collect()
}

fn metadata(version: &str, licences: &[&str]) -> String {
    let mut out = format!(
        "Metadata-Version: 2.4\nName: vera\nVersion: {version}\nSummary: The toolchain of the programming language Vera\nLicense-Expression: MIT OR Apache-2.0\n"
    );
    for name in licences {
        out.push_str(&format!("License-File: {name}\n"));
    }
    out.push_str("Requires-Python: >=3.7\nDescription-Content-Type: text/markdown\n\n");
    out.push_str("Vera is a programming language made for language models to write and for people to read. This package holds its command, `vera`, and the library of the solver Z3.\n");
    out
}

#[cfg(test)]
mod tests {
    use super::super::elf::Needs;
    use super::super::target::Target;
    use super::*;

    #[test]
    fn files_go_where_pip_puts_them() {
        let text = |path: &str| File::text(path.to_owned(), String::new());
        let command = File { executable: true, ..text("bin/vera") };
        let tree = Tree {
            version: "0.1.0".to_owned(),
            target: Target::LinuxX86,
            files: vec![command, text("lib/vera/libz3.so")],
            documents: vec![text("LICENSE-MIT"), text("README.md")],
            needs: Needs::default(),
        };
        let files = layout(&tree, "py3-none-any");
        let paths: Vec<(&str, bool)> =
            files.iter().map(|file| (file.path.as_str(), file.executable)).collect();
        assert_eq!(
            paths,
            [
                ("vera-0.1.0.data/scripts/vera", true),
                ("vera-0.1.0.data/data/lib/vera/libz3.so", false),
                ("vera-0.1.0.dist-info/licenses/LICENSE-MIT", false),
                ("vera-0.1.0.dist-info/METADATA", false),
                ("vera-0.1.0.dist-info/WHEEL", false),
            ]
        );
        let metadata = String::from_utf8_lossy(&files[3].bytes);
        assert!(metadata.contains("\nLicense-File: LICENSE-MIT\nRequires-Python"), "{metadata}");
    }
}
