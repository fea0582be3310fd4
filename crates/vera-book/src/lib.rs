//! The book: a tutorial, the reference, the guide, the library and the diagnostics as one
//! site that any host of files serves.
//!
//! What is written by hand stands in `docs/book`, `docs/reference` and `docs/guide`; the
//! library's pages come from the table of built-in functions, those of diagnostics from
//! the registry and from what `vera explain` says. Everything is Markdown first
//! ([`pages`]), in which mentions become links and programs get colours and a way into the
//! playground ([`rewrite`]). `mdBook` makes the site, and its links are checked
//! ([`links`]).
#![forbid(unsafe_code)]

mod command;
mod diagnostics;
mod index;
mod library;
mod links;
mod pages;
mod program;
mod rewrite;
mod site;
mod theory;

use std::path::{Path, PathBuf};

pub use links::{Report, check};
pub use program::{FRAGMENT, fragment};
pub use site::mdbook;

/// What the site is made of.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The repository.
    pub root: PathBuf,
    /// The command `vera`, whose words on diagnostics are printed.
    pub vera: PathBuf,
    /// The command `mdbook`.
    pub mdbook: PathBuf,
    /// The built playground, which becomes a part of the site.
    pub playground: Option<PathBuf>,
}

/// Builds the site into a directory, which is replaced, and checks every link of it.
///
/// # Errors
/// What could not be read, made or written; which links lead nowhere.
pub fn build(inputs: &Inputs, out: &Path) -> Result<Report, String> {
    let pages = pages::all(inputs)?;
    let index = index::Index::of(&pages);
    let playground = inputs.playground.is_some();
    let rendered: Vec<pages::Page> =
        pages.into_iter().map(|page| rewrite::rewrite(page, &index, playground)).collect();
    site::make(inputs, &rendered, out)?;
    let report = links::check(out)?;
    match report.faults.as_slice() {
        [] => Ok(report),
        faults => Err(format!("{} faults in the links\n{}", faults.len(), faults.join("\n"))),
    }
}
