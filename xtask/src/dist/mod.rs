//! `cargo xtask dist`: a release of `vera` with its solver, as an archive and as a wheel.
//!
//! Both hold the same tree: `bin/vera`, `lib/vera/libz3.so`, where `vera` looks for it,
//! manual pages, completions, licences. Nothing is published; the names are placeholders
//! until somebody owns them. Needs Python with `pip`, `tar`, `gzip` and binutils.

mod archive;
mod elf;
mod licences;
mod target;
mod tree;
mod wheel;
mod z3;

use std::path::PathBuf;

use crate::release;
use target::Target;
use tree::Tree;

const USAGE: &str = "usage: cargo xtask dist [archive|wheel] [--target TRIPLE] [-o DIR]";

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
            "--target" => target = Target::of(words.next().ok_or(USAGE)?)?,
            "-o" => out = Some(PathBuf::from(words.next().ok_or(USAGE)?)),
            _ => return Err(USAGE.to_owned()),
        }
    }
    if forms.is_empty() {
        forms = vec![Form::Archive, Form::Wheel];
    }
    let root = release::root()?;
    let out = out.unwrap_or_else(|| root.join("target/dist"));
    std::fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    let tree = Tree::build(&root, target)?;
    for form in forms {
        let file = match form {
            Form::Archive => archive::write(&tree, &out)?,
            Form::Wheel => wheel::write(&tree, &out)?,
        };
        let size = std::fs::metadata(&file).map_err(|error| error.to_string())?.len();
        println!("{} ({:.1} MB)", file.display(), size as f64 / 1e6);
    }
    Ok(())
}

/// What a release is packed as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Archive,
    Wheel,
}
