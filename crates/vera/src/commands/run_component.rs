//! `vera run --target wasi-p2`: the program as a component, under a host of WASI 0.2.

use std::process::ExitCode;

use vera_abi::interface::HostTy;
use vera_abi::wasi::World;
use vera_host::{Io, Outcome, run_component};

use super::build::Failed;
use super::component::component;
use super::inputs::Found;
use super::run::{print_envelope, print_outcome};
use crate::cli::{self, Permissions, Run, RunLimits};
use crate::input::Entry;

/// Runs the program's component.
pub(super) fn run(entry: &Entry, args: &Run) -> ExitCode {
    let refuse = |text: &str| Found::refused(args.json.on, &entry.word, text).finish();
    if let Some(text) = refusal(args) {
        return refuse(&text);
    }
    let made = match component(entry, args.checks, World::Cli) {
        Ok(made) => made,
        Err(Failed { diagnostics, sources }) => {
            return Found::errors(args.json.on, &entry.word, &diagnostics, &sources).finish();
        }
    };
    let words = args.arguments.clone().unwrap_or_default();
    let io = match args.json.on {
        true => Io::captured(Vec::new()),
        false => Io::streaming(Vec::new()),
    };
    let export = made.built.artifact.exports.iter().find(|e| e.name == "main");
    let main = export.map_or(HostTy::Unit, |export| export.result.clone());
    let ran = match run_component(&made.bytes, &main, &words, &io.streams) {
        Ok(ran) => ran,
        Err(error) => return refuse(&error.to_string()),
    };
    if let Some(export) = export {
        if args.json.on {
            print_envelope(entry, &made.built, export, &ran.outcome, &io);
        } else if !ran.reported {
            print_outcome(&made.built, export, &ran.outcome, &io);
        }
    }
    match ran.outcome {
        Outcome::Returned(_) | Outcome::Exited(0) => ExitCode::SUCCESS,
        Outcome::Exited(_) | Outcome::Trapped(_) => ExitCode::FAILURE,
    }
}

/// What a component cannot be asked for.
fn refusal(args: &Run) -> Option<String> {
    if args.target.world == Some(cli::World::Server) {
        return Some(
            "--world server: a server is not run.\nCompile it with `vera compile --target wasi-p2 --world server` and start it with `wasmtime serve`, or serve the program with `vera serve`."
                .to_owned(),
        );
    }
    if let Some(name) = args.function.as_ref().filter(|name| *name != "main") {
        return Some(format!(
            "--target wasi-p2: '{name}' cannot be called; a component offers only `main`."
        ));
    }
    let RunLimits { fuel, max_memory, timeout } = &args.limits;
    let Permissions { dirs, net, db, env, inference, sandbox } = &args.permissions;
    let given = [
        ("--fuel", fuel.is_some()),
        ("--max-memory", max_memory.is_some()),
        ("--timeout", timeout.is_some()),
        ("--allow-dir", !dirs.is_empty()),
        ("--allow-net", !net.is_empty()),
        ("--allow-db", !db.is_empty()),
        ("--allow-env", !env.is_empty()),
        ("--allow-inference", *inference),
        ("--sandbox", *sandbox),
        ("--record", args.record.is_some()),
        ("--replay", args.replay.is_some()),
    ];
    let (flag, _) = given.into_iter().find(|(_, given)| *given)?;
    Some(format!(
        "{flag}: not with --target wasi-p2, whose host has no such limit; leave `--target` out to run the program natively"
    ))
}
