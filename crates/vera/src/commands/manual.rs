//! What the tool says of itself: its version, its manual, and how shells complete its
//! commands.

use std::process::ExitCode;

use clap_complete::Shell;

use crate::{cli, output};

pub(super) fn version() -> ExitCode {
    let solver = vera_verify::solver::library().unwrap_or_else(|reason| {
        format!("no solver ({reason}); `vera explain E542` says how to get one")
    });
    output::print(&format!("vera {}\n{solver}\n", env!("CARGO_PKG_VERSION")));
    ExitCode::SUCCESS
}

/// A script to be read by the shell.
pub(super) fn completions(shell: Shell) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut cli::command(), "vera", &mut script);
    output::print_bytes(&script);
    ExitCode::SUCCESS
}

/// A manual page in the form of `man`.
pub(super) fn man(name: Option<&str>) -> ExitCode {
    let all = cli::command();
    let command = match name {
        None => all,
        Some(name) => match all.find_subcommand(name) {
            Some(command) => command.clone().name(format!("vera-{}", command.get_name())),
            None => {
                output::error(&format!("there is no command `{name}`; `vera help` lists them"));
                return ExitCode::FAILURE;
            }
        },
    };
    let mut page = Vec::new();
    // Writing to memory does not fail.
    _ = clap_mangen::Man::new(command.version(env!("CARGO_PKG_VERSION"))).render(&mut page);
    output::print_bytes(&page);
    ExitCode::SUCCESS
}
