//! One module for each command, or group of like commands.

mod build;
mod check;
mod compile;
mod fix;
mod fmt;
mod guide;
mod handlers;
mod listings;
mod permissions;
mod recordings;
mod run;
mod serve;
mod syntax;
mod test;
mod verify;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use crate::arguments::{self, Arguments};
use crate::input::{self, Entry};
use crate::output;

const USAGE: &str = "\
Usage: vera <command> [options] <file>

Commands:
  check       Check types, effects and contracts for form (also: typecheck)
  verify      Check, then prove the contracts
  test        Verify, then run public functions on generated inputs
  run         Compile and run a program
  serve       Answer HTTP requests with the function `handle`
  compile     Compile to WebAssembly
  fix         Apply the repairs that reports offer as safe; --dry-run shows them
  fmt         Print the canonical form; --write, --check
  parse       Print the parse tree
  ast         Print the syntax tree
  builtins    List the built-in functions; with a name, say what that one does
  effects     List the effects and abilities
  errors      List the diagnostic codes
  guide       Print how to write Vera, for the prompt of a model
  version     Print the version
  lsp is not part of this version

Options:
  --json             Machine-readable output (check, verify, test, run, compile, ast, listings)
  --quiet            No success lines (check, verify)
  --timeout-ms <n>   Budget of a proof query in milliseconds (verify)
  --strict           Undecided obligations are errors; --strict=all: overflow, too (verify)
  --no-reconcile     Do not compare claims of run-time checks with the module (verify)
  --no-cache         Prove anew what an earlier run has proved (verify, test)
  --dump-smt <dir>   Write each obligation as an SMT-LIB 2 file (verify)
  --explain-slots    Slot tables after a successful check
  --fn <name>        The function to run, or the only one to test
  --trials <n>       Inputs for each function, 100 by default (test)
  --seed <n>         Where random inputs start, 0 by default (test)
  --distrust         Run proved functions too (test)
  --checks <which>   all, or unproved: leave out run-time checks that are proved
                     never to fail (run, compile)
  --fuel <n>         End a run after so much work (run)
  --max-memory <n>   End a run that needs more bytes; 64M and 1G count too (run)
  --timeout <s>      End a run after so many seconds (run)
  --allow-dir <dir>  Let the program read and write files there only; repeatable (run)
  --allow-net <host[:port]>, --allow-db <path>, --allow-env <name>
                     Likewise for requests, databases and variables (run)
  --sandbox          Allow nothing but what such flags allow; --allow-inference, too (run)
  --record <file>    Write every operation and its answer (run)
  --replay <file>    Answer from a recording, and tell of the first difference (run);
                     from each in a directory (test)
  --as-handler       Print a recording as handlers and a call inside them (run)
  -o <path>          Output file (compile)
  --wat              Print text-format WebAssembly (compile)
  --target <t>       wasm (browser and wasi-p2 are not part of this version)
  --world <w>        cli or server, with --target wasi-p2
  --dry-run          Show what would change, as a diff (fix)
  --write, --check   Format in place, or test the form; of a directory too (fmt)
  --port <n>, --host <h>
                     Where to listen: 8000 and 127.0.0.1, port 0 for a free one (serve)
  --workers <n>      Threads that run the program (serve)
  --max-requests <n> Requests in progress; others get 503 (serve)
  --max-body <n>, --max-head <n>
                     Sizes of a request: 10M and 64K (serve)
  --production       Clients are not told what went wrong (serve)
  --precondition-status <n>
                     Where a request breaks a `requires` of `handle`: 500 (serve)
  --watch            Serve the program anew when it changes (serve)
  --verify           Refuse what has proof errors (serve)
  --tls-cert <file>, --tls-key <file>
                     Serve HTTPS (serve)
  --                 Arguments for the program (run)
";

/// Runs the command line; the words exclude the program's name.
pub(crate) fn run(mut words: Vec<OsString>) -> ExitCode {
    if words.is_empty() {
        output::eprint(USAGE);
        return ExitCode::FAILURE;
    }
    let command = words.remove(0).to_string_lossy().into_owned();
    if matches!(command.as_str(), "help" | "--help" | "-h") {
        output::print(USAGE);
        return ExitCode::SUCCESS;
    }
    let known = [
        "version",
        "--version",
        "-V",
        "parse",
        "ast",
        "check",
        "typecheck",
        "verify",
        "test",
        "compile",
        "run",
        "serve",
        "fix",
        "fmt",
        "builtins",
        "effects",
        "errors",
        "guide",
        "lsp",
    ];
    if !known.contains(&command.as_str()) {
        if !words.is_empty() {
            output::eprint(&format!("Unknown command: {command}\n"));
        }
        output::eprint(USAGE);
        return ExitCode::FAILURE;
    }
    let (args, refusal) = arguments::parse(&command, words);
    if let Some(refusal) = refusal {
        refuse(&args, &refusal.text, refusal.located);
        return ExitCode::FAILURE;
    }
    if args.help {
        output::print(USAGE);
        return ExitCode::SUCCESS;
    }
    dispatch(&command, &args)
}

fn dispatch(command: &str, args: &Arguments) -> ExitCode {
    if matches!(command, "verify" | "test")
        && let Err(text) = verify::budget(args)
    {
        refuse(args, &text, false);
        return ExitCode::FAILURE;
    }
    match command {
        "version" | "--version" | "-V" => {
            output::print(&format!("vera {}\n", env!("CARGO_PKG_VERSION")));
            ExitCode::SUCCESS
        }
        "builtins" => listings::builtins(args.file.as_deref(), args.json),
        "effects" => listings::effects(args.json),
        "errors" => listings::errors(args.json),
        "guide" => guide::guide(),
        "lsp" => {
            refuse(args, &format!("`vera {command}` is not part of this version."), true);
            ExitCode::FAILURE
        }
        _ => match &args.file {
            None => {
                output::eprint(USAGE);
                ExitCode::FAILURE
            }
            Some(word) => on_file(command, args, word),
        },
    }
}

fn on_file(command: &str, args: &Arguments, word: &str) -> ExitCode {
    if command == "fmt" && Path::new(word).is_dir() {
        return fmt::directory(word, args);
    }
    let entry = match input::read(word) {
        Ok(entry) => entry,
        Err(error) => {
            not_found(command, args, word, &error.text());
            return ExitCode::FAILURE;
        }
    };
    match command {
        "parse" => syntax::parse(&entry),
        "ast" => syntax::ast(&entry, args.json),
        "fix" => fix::fix(&entry, args),
        "fmt" => fmt::file(&entry, args),
        "compile" => compile::compile(&entry, args),
        "run" => run::run(&entry, args),
        "serve" => serve::serve(&entry, args),
        "verify" => verify::verify(&entry, args),
        "test" => test::test(&entry, args),
        _ => check::check(&entry, args),
    }
}

/// `Error: …` in the form asked for.
fn refuse(args: &Arguments, text: &str, located: bool) {
    if !args.json {
        return output::error(text);
    }
    let mut diagnostic = output::plain_diagnostic(text);
    if !located && let Some(object) = diagnostic.as_object_mut() {
        object.remove("location");
    }
    output::print_json(&json!({ "ok": false, "file": "", "diagnostics": [diagnostic] }));
}

fn not_found(command: &str, args: &Arguments, word: &str, text: &str) {
    let has_json = matches!(
        command,
        "check" | "typecheck" | "verify" | "test" | "compile" | "run" | "ast" | "fix"
    );
    if !(args.json && has_json) {
        return output::error(text);
    }
    let mut envelope = json!({
        "ok": false,
        "file": word,
        "diagnostics": [output::plain_diagnostic(text)],
    });
    if !matches!(command, "run" | "test") {
        envelope["warnings"] = json!([]);
    }
    if args.explain_slots && matches!(command, "check" | "typecheck") {
        envelope["slot_environments"] = json!([]);
    }
    output::print_json(&envelope);
}

/// Checks the program of an entry file.
fn checked(entry: &Entry) -> vera_check::Checked {
    let mut files = crate::files::Files::new(&entry.dir);
    vera_check::check(entry.source.clone(), &mut files)
}
