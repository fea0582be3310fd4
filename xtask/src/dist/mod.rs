//! `cargo xtask dist`: a release of `vera` with its solver, as an archive and as a wheel, and
//! of the compiler as WebAssembly, as a package for Node.
//!
//! Archive and wheel hold the same tree: `bin/vera`, `lib/vera/libz3.so`, where `vera` looks
//! for it, manual pages, completions, licences. The package is the same for every machine.
//! Nothing is published; the names are placeholders until somebody owns them. Needs Python
//! with `pip`, `tar`, `gzip` and binutils; the package needs Node with `npm`.

mod archive;
mod elf;
mod licences;
mod target;
mod tree;
mod wheel;
mod z3;

use std::path::{Path, PathBuf};

use crate::{npm, release};
use target::Target;
use tree::Tree;

const USAGE: &str = "usage: cargo xtask dist [archive|wheel|npm] [--target TRIPLE] [-o DIR]";

/// Builds what the words ask for; without a form, all of them.
///
/// # Errors
/// Words that mean nothing here, a missing tool, a failed build or download.
pub fn run(args: &[String]) -> Result<(), String> {
    let (mut forms, mut target, mut out) = (Vec::new(), Target::host()?, None);
    let mut words = args.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "archive" => forms.push(Form::Archive),
            "wheel" => forms.push(Form::Wheel),
            "npm" => forms.push(Form::Npm),
            "--target" => target = Target::of(words.next().ok_or(USAGE)?)?,
            "-o" => out = Some(PathBuf::from(words.next().ok_or(USAGE)?)),
            _ => return Err(USAGE.to_owned()),
        }
    }
    if forms.is_empty() {
        forms = vec![Form::Archive, Form::Wheel, Form::Npm];
    }
    let root = release::root()?;
    let out = out.unwrap_or_else(|| root.join("target/dist"));
    std::fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    let mut native = None;
    for form in forms {
        let file = match form {
            Form::Archive => archive::write(built(&mut native, &root, target)?, &out)?,
            Form::Wheel => wheel::write(built(&mut native, &root, target)?, &out)?,
            Form::Npm => npm::pack(&out, &crate::target_dir()?)?,
        };
        let size = std::fs::metadata(&file).map_err(|error| error.to_string())?.len();
        println!("{} ({:.1} MB)", file.display(), size as f64 / 1e6);
    }
    Ok(())
}

/// The tree of a native release, built when it is first asked for.
fn built<'t>(tree: &'t mut Option<Tree>, root: &Path, target: Target) -> Result<&'t Tree, String> {
    if tree.is_none() {
        *tree = Some(Tree::build(root, target)?);
    }
    tree.as_ref().ok_or_else(|| "no tree was built".to_owned())
}

/// What a release is packed as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Archive,
    Wheel,
    Npm,
}
