//! Development tasks, run as `cargo xtask <task>`.
#![forbid(unsafe_code)]

mod bench;
mod book;
mod dist;
mod fuzz;
mod generate;
mod hunt;
mod lsp;
mod measure;
mod mutate;
mod npm;
mod playground;
mod release;
mod tree_sitter;
mod world;

use std::path::{Path, PathBuf};

const USAGE: &str = "usage: cargo xtask bench [name…] | book DIR | dist [form…] | fuzz [seconds [seed]] | hunt [options] | mutate [file:line…] | npm DIR | playground DIR | tree-sitter DIR";

/// Where this program was built: `DIR/release/xtask`.
fn target_dir() -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let dir = own.parent().and_then(Path::parent);
    dir.map(Path::to_owned).ok_or_else(|| format!("{}: not in a target directory", own.display()))
}

/// Has something made in the directory that is named.
fn into(make: fn(&Path, &Path) -> Result<(), String>, words: &[String]) -> Result<(), String> {
    let [dir] = words else { return Err(USAGE.to_owned()) };
    make(Path::new(dir), &target_dir()?)
}

fn main() -> std::process::ExitCode {
    let mut args = std::env::args().skip(1);
    let result = match args.next().as_deref() {
        Some("bench") => bench::run(&args.collect::<Vec<_>>()),
        Some("book") => book::run(&args.collect::<Vec<_>>()),
        Some("dist") => dist::run(&args.collect::<Vec<_>>()),
        Some("fuzz") => fuzz::run(&args.collect::<Vec<_>>()),
        Some("hunt") => hunt::run(&args.collect::<Vec<_>>()),
        Some("tree-sitter") => tree_sitter::run(&args.collect::<Vec<_>>()),
        Some("npm") => into(npm::package, &args.collect::<Vec<_>>()),
        Some("playground") => into(playground::site, &args.collect::<Vec<_>>()),
        Some("mutate") => mutate::run(&args.collect::<Vec<_>>()),
        _ => Err(USAGE.to_owned()),
    };
    match result {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(text) => {
            eprintln!("{text}");
            std::process::ExitCode::FAILURE
        }
    }
}
