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
mod release;
mod tree_sitter;
mod world;

const USAGE: &str = "usage: cargo xtask bench [name…] | book DIR | dist [form…] | fuzz [seconds [seed]] | hunt [options] | mutate [file:line…] | tree-sitter DIR";

fn main() -> std::process::ExitCode {
    let mut args = std::env::args().skip(1);
    let result = match args.next().as_deref() {
        Some("bench") => bench::run(&args.collect::<Vec<_>>()),
        Some("book") => book::run(&args.collect::<Vec<_>>()),
        Some("dist") => dist::run(&args.collect::<Vec<_>>()),
        Some("fuzz") => fuzz::run(&args.collect::<Vec<_>>()),
        Some("hunt") => hunt::run(&args.collect::<Vec<_>>()),
        Some("tree-sitter") => tree_sitter::run(&args.collect::<Vec<_>>()),
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
