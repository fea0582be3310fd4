//! The usage text: every command and every flag, made from the grammar.

use std::fmt::Write;

use clap::{Arg, CommandFactory};

use super::Cli;

/// The grammar, with everything that `clap` adds to it.
pub(crate) fn command() -> clap::Command {
    let mut command = plain();
    command.build();
    command
}

/// The grammar as it is declared: enough to read words, and quicker to make.
pub(super) fn plain() -> clap::Command {
    Cli::command().mut_subcommands(|command| command.help_template(TEMPLATE))
}

/// What `--help` says of a command.
const TEMPLATE: &str = "{usage-heading} {usage}\n\n{about}\n\n{all-args}\n";

/// A flag with what it says, and the commands that take it.
struct Flag {
    written: String,
    help: String,
    /// None: all do.
    commands: Vec<String>,
}

/// The text of `vera help`.
pub(crate) fn usage() -> String {
    let cli = command();
    let mut out = "Usage: vera <command> [options] <file>\n\nCommands:\n".to_owned();
    for command in shown(&cli) {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        _ = writeln!(out, "  {:<12}{about}", command.get_name());
    }
    out.push_str("\n`vera <command> --help` tells more of one.\n\nOptions:\n");
    for flag in flags(&cli) {
        let line = match flag.commands.len() {
            0 => flag.help,
            _ => format!("{} ({})", flag.help, flag.commands.join(", ")),
        };
        if flag.written.len() < 22 {
            _ = writeln!(out, "  {:<23}{line}", flag.written);
        } else {
            _ = writeln!(out, "  {}\n  {:<23}{line}", flag.written, "");
        }
    }
    _ = writeln!(out, "  {:<23}Arguments for the program (run)", "--");
    out
}

/// The commands in the order they are declared, without `help`.
fn shown(cli: &clap::Command) -> impl Iterator<Item = &clap::Command> {
    cli.get_subcommands().filter(|command| command.get_name() != "help")
}

/// The flags of a command, without `--help`.
pub(super) fn options(command: &clap::Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| !arg.is_positional() && arg.get_id() != "help")
}

fn flags(cli: &clap::Command) -> Vec<Flag> {
    let mut flags: Vec<Flag> = Vec::new();
    for command in shown(cli) {
        for arg in options(command).filter(|arg| !arg.is_global_set()) {
            let (written, help) = said(arg);
            let name = command.get_name().to_owned();
            match flags.iter_mut().find(|flag| flag.written == written && flag.help == help) {
                Some(flag) => flag.commands.push(name),
                None => flags.push(Flag { written, help, commands: vec![name] }),
            }
        }
    }
    let global = options(cli).map(said);
    flags.extend(global.map(|(written, help)| Flag { written, help, commands: Vec::new() }));
    flags
}

/// The flag as it is written, and what it says.
fn said(arg: &Arg) -> (String, String) {
    (written(arg), arg.get_help().map(ToString::to_string).unwrap_or_default())
}

/// The flag as it is written, with what it takes.
fn written(arg: &Arg) -> String {
    let name = match (arg.get_long(), arg.get_short()) {
        (Some(long), _) => format!("--{long}"),
        (None, Some(short)) => format!("-{short}"),
        (None, None) => String::new(),
    };
    match arg.get_value_names() {
        Some([value, ..]) if arg.is_require_equals_set() => format!("{name}[={value}]"),
        Some([value, ..]) if arg.get_action().takes_values() => {
            format!("{name} <{}>", value.to_lowercase())
        }
        _ => name,
    }
}
