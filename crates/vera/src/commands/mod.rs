//! One module for each command, or group of like commands.

mod build;
mod check;
mod compile;
mod component;
mod context;
mod doc;
mod explain;
mod explain_trap;
mod fix;
mod fmt;
mod guide;
mod handlers;
mod imported;
mod inputs;
mod listings;
mod lsp;
mod manual;
mod mcp;
mod new;
mod next;
mod permissions;
mod recordings;
mod run;
mod run_component;
mod serve;
mod syntax;
mod targets;
mod test;
mod toolbox;
mod verify;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;

use serde_json::{Value, json};
use vera_session::Modules;

use crate::cli::{self, Command, Parsed, Refusal};
use crate::files::disk;
use crate::input::Entry;
use crate::output;

/// Runs the command line; the words exclude the program's name. `json`: the form that
/// refusals have.
pub(crate) fn run(words: Vec<OsString>, json: bool) -> ExitCode {
    match cli::parse(words) {
        Parsed::Command(command, color) => {
            output::colour(color);
            dispatch(command)
        }
        Parsed::Help(text) => {
            output::print(&text);
            ExitCode::SUCCESS
        }
        Parsed::Usage(text) => {
            output::eprint(&text);
            ExitCode::FAILURE
        }
        Parsed::Refused(Refusal { text, located }) => {
            // A port is no number, whoever reads it.
            let json = json && !text.starts_with("--port ");
            refuse_words(json, &text, located)
        }
    }
}

fn dispatch(command: Command) -> ExitCode {
    match command {
        Command::Check(args) => check::check(&args),
        Command::Verify(args) => verify::verify(&args),
        Command::Test(args) => test::test(&args),
        Command::Run(args) => run::run(*args),
        Command::Serve(args) if args.mcp.is_some() => mcp::serve(&args),
        Command::Serve(args) => serve::serve(&args),
        Command::Compile(args) => compile::compile(&args),
        Command::Fix(args) => fix::fix(&args),
        Command::Fmt(args) => fmt::fmt(&args),
        Command::Parse(args) => syntax::parse(&args),
        Command::Ast(args) => syntax::ast(&args),
        Command::Builtins(args) => listings::builtins(args.name.as_deref(), args.json.on),
        Command::Effects(args) => listings::effects(args.json.on),
        Command::Errors(args) => listings::errors(args.json.on),
        Command::Explain(args) => explain::explain(&args),
        Command::Doc(args) => doc::doc(&args),
        Command::New(args) => new::new(&args),
        Command::Guide => guide::guide(),
        Command::Completions(args) => manual::completions(args.shell),
        Command::Man(args) => manual::man(args.command.as_deref()),
        Command::Version => manual::version(),
        Command::Context(args) => context::context(&args),
        Command::Next(args) => next::next(&args),
        Command::Grammar(args) => syntax::grammar(args.format),
        Command::Lsp => lsp::lsp(),
        Command::Mcp(args) => toolbox::mcp(&args),
    }
}

/// Refuses a command line, in the form asked for.
fn refuse_words(json: bool, text: &str, located: bool) -> ExitCode {
    if json {
        let mut diagnostic = output::plain_diagnostic(text);
        if !located && let Some(object) = diagnostic.as_object_mut() {
            object.remove("location");
        }
        output::print_json(&json!({ "ok": false, "file": "", "diagnostics": [diagnostic] }));
    } else {
        output::error(text);
    }
    ExitCode::FAILURE
}

/// The document of a file that nothing is done with.
fn refused(file: &str, diagnostics: Vec<Value>) -> Value {
    json!({ "ok": false, "file": file, "diagnostics": diagnostics })
}

/// The document of a file that cannot be read.
fn unreadable(file: &str, text: &str) -> Value {
    let mut document = refused(file, vec![output::plain_diagnostic(text)]);
    document["warnings"] = json!([]);
    document
}

/// Checks the program of an entry file.
fn checked(entry: &Entry) -> vera_check::Checked {
    let mut modules = Modules::new(disk(), &entry.dir);
    vera_check::check(entry.source.clone(), &mut modules)
}
