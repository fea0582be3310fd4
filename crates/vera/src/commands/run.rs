//! `vera run`.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use serde_json::{Value as Json, json};
use vera_abi::interface::{CALL, Export, HostTy};
use vera_host::tape::{Player, Tape};
use vera_host::{
    CacheDir, Host, Io, Limits, MAX_CAPTURED, Outcome, RunOptions, Streams, Value, report,
    restore_terminal,
};
use vera_mir::lower::Options;

use super::build::{Built, Failed, build, gc_mode};
use super::inputs::{Found, Unreadable, one};
use super::permissions::permit;
use super::recordings::{self, Replayed};
use super::{explain_trap, handlers, refused, run_component};
use crate::cli::{Run, TargetName};
use crate::input::Entry;
use crate::output;

/// Arguments and results may be of any type; `recorded`: the host sees each operation.
pub(super) fn options(recorded: bool) -> Options<'static> {
    Options { calls: true, recorded, ..Options::default() }
}

/// The call that is wanted.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// `None`: the entry point.
    pub function: Option<String>,
    /// What stands after `--`; `None`: there is no `--`.
    pub arguments: Option<Vec<String>>,
}

pub(super) fn run(args: Run) -> ExitCode {
    let without_warnings: Unreadable =
        |file, text| refused(file, vec![output::plain_diagnostic(text)]);
    let document = args.json.on.then_some(without_warnings);
    let program = args.program.clone();
    one(&program, document, |entry| run_file(entry, args))
}

fn run_file(entry: &Entry, args: Run) -> ExitCode {
    let refuse = |text: &str| Found::refused(args.json.on, &entry.word, text).finish();
    match args.target.target {
        TargetName::Wasm => {}
        TargetName::Browser => return refuse(NO_BROWSER),
        TargetName::WasiP2 => return run_component::run(entry, &args),
    }
    let replayed = match args.replay.as_ref().map(|path| Replayed::read(Path::new(path))) {
        Some(Ok(replayed)) => Some(replayed),
        Some(Err(text)) => return refuse(&text),
        None => None,
    };
    let recorded = replayed.is_some() || args.record.is_some();
    let built = match build(entry, &options(recorded), args.checks) {
        Ok(built) => built,
        Err(failed) => {
            let Failed { diagnostics, sources } = failed;
            return Found::errors(args.json.on, &entry.word, &diagnostics, &sources).finish();
        }
    };
    let mut wanted = Wanted { function: args.function.clone(), arguments: args.arguments.clone() };
    if let Some(replayed) = &replayed {
        // What was recorded is run unless something else is asked for.
        let (function, arguments) = replayed.call();
        wanted.function = wanted.function.or(function);
        wanted.arguments = wanted.arguments.or(arguments);
    }
    match (prepare(&wanted, &built), &replayed) {
        (Ok(call), Some(replayed)) if args.as_handler => {
            match as_handler(entry, &built, &call, &replayed.recording.player) {
                Ok(text) => {
                    output::print(&text);
                    ExitCode::SUCCESS
                }
                Err(text) => refuse(&text),
            }
        }
        (Ok(call), _) => execute(entry, &args, &wanted, &built, call, replayed),
        (Err(text), _) => refuse(&text),
    }
}

/// Why a bundle is not run here.
const NO_BROWSER: &str = "--target browser: `vera run` has no browser.\nWrite the bundle with `vera compile --target browser` and open its page, or leave `--target` out to run the program here.";

fn as_handler(
    entry: &Entry,
    built: &Built,
    call: &Call<'_>,
    player: &Player,
) -> Result<String, String> {
    let name = call.export.name.strip_suffix(CALL).unwrap_or(&call.export.name);
    // Zero-size arguments are left out where a call does not cross in parts.
    let mut values = call.values.iter().cloned();
    let params = call.export.params.iter();
    let arguments: Vec<Value> = params
        .map(|ty| match ty {
            HostTy::Unit if !call.export.in_parts => Value::Unit,
            _ => values.next().unwrap_or(Value::Unit),
        })
        .collect();
    handlers::text(entry, call.export, name, &arguments, &built.artifact.interface, player)
}

/// A call that was asked for.
#[derive(Clone)]
pub(super) struct Call<'a> {
    pub export: &'a Export,
    /// What the export takes.
    pub values: Vec<Value>,
    /// What `IO.args` yields.
    pub words: Vec<String>,
}

pub(super) fn prepare<'a>(args: &Wanted, built: &'a Built) -> Result<Call<'a>, String> {
    let export = choose(args, built)?;
    let call = format!("{}{CALL}", export.name);
    let call = built.artifact.exports.iter().find(|e| e.name == call).unwrap_or(export);
    let params: Vec<&HostTy> = export.params.iter().filter(|p| **p != HostTy::Unit).collect();
    let words = args.arguments.clone().unwrap_or_default();
    if params.is_empty() {
        // The words are the program's own affair.
        let values = if call.in_parts { vec![Value::Unit; call.params.len()] } else { Vec::new() };
        return Ok(Call { export: call, values, words });
    }
    if words.len() != params.len() {
        return Err(wrong_count(export, params.len(), args.arguments.as_ref(), built));
    }
    let interface = &built.artifact.interface;
    let mut given = words.iter();
    let mut values = Vec::new();
    for (i, ty) in export.params.iter().enumerate() {
        if *ty == HostTy::Unit {
            values.extend(call.in_parts.then_some(Value::Unit));
            continue;
        }
        if let HostTy::Opaque(shown) = ty {
            return Err(format!(
                "parameter {} of '{}' has type {shown}, which cannot be given on the command line",
                i + 1,
                export.name
            ));
        }
        let word = given.next().expect("there is a word for each parameter that takes one");
        values.push(vera_values::parse(interface, ty, word)?);
    }
    Ok(Call { export: call, values, words })
}

fn wrong_count(
    export: &Export,
    expected: usize,
    given: Option<&Vec<String>>,
    built: &Built,
) -> String {
    let name = &export.name;
    match given {
        Some(words) => format!(
            "Function '{name}' expects {expected} {} but {} {} provided.",
            if expected == 1 { "argument" } else { "arguments" },
            words.len(),
            if words.len() == 1 { "was" } else { "were" },
        ),
        None => format!(
            "Function '{name}' expects {expected} {} but 0 were provided.\nAvailable exports: {}\nGive arguments after `--`: vera run <file> --fn {name} -- <arguments>",
            if expected == 1 { "parameter" } else { "parameters" },
            export_names(built),
        ),
    }
}

fn export_names(built: &Built) -> String {
    let names: Vec<&str> = built.functions().map(|e| e.name.as_str()).collect();
    if names.is_empty() { "(none)".to_owned() } else { names.join(", ") }
}

fn choose<'a>(args: &Wanted, built: &'a Built) -> Result<&'a Export, String> {
    let find = |name: &str| built.functions().find(|e| e.name == name);
    if let Some(name) = &args.function {
        if let Some(export) = find(name) {
            return Ok(export);
        }
        let declared = built.declared.iter().find(|d| d.name == *name);
        return Err(match declared {
            Some(d) if !d.public => format!(
                "Function '{name}' is declared private and cannot be called directly.\nDeclare it as `public fn {name}` to run it."
            ),
            Some(d) if d.generic => format!(
                "Function '{name}' is generic and cannot be called directly.\nCall it from a function without type parameters."
            ),
            _ => format!(
                "Function '{name}' not found in exports. Available: {}",
                export_names(built)
            ),
        });
    }
    if let Some(export) = find("main") {
        return Ok(export);
    }
    match built.functions().next() {
        Some(export) => {
            let name = &export.name;
            output::eprint(&format!(
                "Note: no 'main' declared — running public function '{name}'.\n"
            ));
            Ok(export)
        }
        None => Err(no_exports(built)),
    }
}

fn no_exports(built: &Built) -> String {
    let mut text = "No exported functions to call.".to_owned();
    if !built.declared.is_empty() {
        text.push_str("\nDeclared functions:");
        for d in &built.declared {
            let visibility = if d.public { "public" } else { "private" };
            let generic = if d.generic { ", generic" } else { "" };
            text.push_str(&format!("\n  {} ({visibility}{generic})", d.name));
        }
    }
    text.push_str(
        "\nA program starts in a public function:\n  public fn main(@Unit -> @Unit)\n    requires(true)\n    ensures(true)\n    effects(<IO>)\n  {\n    IO.print(\"hello\")\n  }",
    );
    text
}

/// Exit status of a run that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// What the flags allow the run.
fn run_options(args: &Run) -> RunOptions {
    RunOptions {
        gc: gc_mode(),
        fuel: args.limits.fuel,
        max_memory: args.limits.max_memory,
        timeout: args.limits.timeout,
        ..RunOptions::default()
    }
}

fn execute(
    entry: &Entry,
    args: &Run,
    asked: &Wanted,
    built: &Built,
    call: Call<'_>,
    replayed: Option<Replayed>,
) -> ExitCode {
    let repeated = call.clone();
    let Call { export, values, words } = call;
    let json = args.json.on;
    let refuse = |text: &str| Found::refused(json, &entry.word, text).finish();
    let options = run_options(args);
    let needed = Limits {
        fuel: options.fuel.is_some(),
        time: options.timeout.is_some(),
        ..Limits::default()
    };
    let started = Host::with_limits(&CacheDir::Default, needed)
        .and_then(|host| host.load(&built.artifact).map(|module| (host, module)));
    let (host, module) = match started {
        Ok(pair) => pair,
        Err(error) => return refuse(&error.to_string()),
    };
    let mut io = match json {
        true => Io::captured(words),
        false => Io::streaming(words),
    };
    if let Err(text) = permit(&args.permissions, &mut io) {
        return refuse(&text);
    }
    let mut wanted = None;
    if let Some(Replayed { recording }) = replayed {
        io.tape = Tape::Replay(recording.player);
        wanted = Some(recording.end);
    } else if let Some(path) = &args.record {
        match recordings::record(path, entry, export, asked.arguments.as_ref()) {
            Ok(tape) => io.tape = tape,
            Err(text) => return refuse(&text),
        }
    }
    end_on_interrupt(entry, json, &io);
    let begun = Instant::now();
    let mut run = match host.run(&module, &export.name, values, &mut io, &options) {
        Ok(run) => run,
        Err(error) => return refuse(&error.to_string()),
    };
    if let Outcome::Trapped(trap) = &mut run.outcome
        && matches!(io.tape, Tape::Off)
        && !io.asked
    {
        trap.values = explain_trap::values(entry, args, &repeated, trap, begun.elapsed());
    }
    if let Some(bytes) = run.heap_high_water {
        output::eprint(&format!("heap high water: {bytes}\n"));
    }
    if json {
        print_envelope(entry, built, export, &run.outcome, &io);
    } else {
        print_outcome(built, export, &run.outcome, &io);
    }
    let interface = &built.artifact.interface;
    let finished =
        recordings::finish(&mut io.tape, wanted.as_ref(), interface, export, &run.outcome);
    if let Err(text) = finished {
        // A trap is told of already.
        if !matches!(&run.outcome, Outcome::Trapped(_)) {
            output::error(&text);
        }
        return ExitCode::FAILURE;
    }
    match run.outcome {
        Outcome::Returned(_) => ExitCode::SUCCESS,
        Outcome::Exited(code) => ExitCode::from(code.rem_euclid(256) as u8),
        Outcome::Trapped(_) => ExitCode::FAILURE,
    }
}

/// Lets Ctrl-C end the process. Text is written at once, so none is lost; what was
/// collected is shown.
fn end_on_interrupt(entry: &Entry, json: bool, io: &Io) {
    let streams = io.streams.clone();
    let refused = refused(&entry.word, vec![output::plain_diagnostic("Interrupted.")]);
    _ = ctrlc::set_handler(move || {
        if json {
            let envelope = with_streams(refused.clone(), &streams);
            output::print_json(&envelope);
        }
        restore_terminal();
        std::process::exit(INTERRUPTED);
    });
}

/// Adds what the program wrote to the envelope of a run; where the end was cut off, how
/// much it was.
fn with_streams(mut envelope: Json, streams: &Streams) -> Json {
    let collected = [("stdout", streams.captured_stdout()), ("stderr", streams.captured_stderr())];
    for (key, captured) in collected {
        if captured.written > 0 {
            envelope[key] = json!(captured.text());
        }
        if captured.is_cut() {
            envelope[format!("{key}_truncated")] = json!(true);
            envelope[format!("{key}_bytes")] = json!(captured.written);
        }
    }
    envelope
}

/// The result of a run; of a text beyond [`MAX_CAPTURED`] the beginning and its length.
fn with_value(mut envelope: Json, value: Json) -> Json {
    match value {
        Json::String(mut text) if text.len() > MAX_CAPTURED => {
            let bytes = text.len();
            text.truncate(text.floor_char_boundary(MAX_CAPTURED));
            envelope["value"] = json!(text);
            envelope["value_truncated"] = json!(true);
            envelope["value_bytes"] = json!(bytes);
        }
        value => envelope["value"] = value,
    }
    envelope
}

pub(super) fn print_outcome(built: &Built, export: &Export, outcome: &Outcome, io: &Io) {
    let written = io.streams.summary();
    if written.printed > 0 && written.last_byte != Some(b'\n') {
        output::print("\n");
    }
    if written.last_error_byte.is_some_and(|b| b != b'\n') {
        output::eprint("\n");
    }
    match outcome {
        Outcome::Returned(value) => {
            if written.printed == 0
                && let Some(mut bytes) =
                    vera_values::shown(&built.artifact.interface, &export.result, value)
            {
                bytes.push(b'\n');
                output::print_bytes(&bytes);
            }
        }
        Outcome::Exited(_) => {}
        Outcome::Trapped(trap) => {
            output::eprint_report(&report::render_trap_text(trap, &built.sources))
        }
    }
}

pub(super) fn print_envelope(
    entry: &Entry,
    built: &Built,
    export: &Export,
    outcome: &Outcome,
    io: &Io,
) {
    let function = export.name.strip_suffix(CALL).unwrap_or(&export.name);
    let ended = |value: &Value| {
        let envelope = json!({ "ok": true, "file": entry.word, "function": function });
        let value = vera_values::json(&built.artifact.interface, &export.result, value);
        let mut envelope = with_value(envelope, value);
        envelope["stdout"] = json!("");
        envelope
    };
    let envelope = match outcome {
        Outcome::Returned(value) => ended(value),
        Outcome::Exited(_) => ended(&Value::Unit),
        Outcome::Trapped(trap) => {
            refused(&entry.word, vec![report::trap_json(trap, &built.sources)])
        }
    };
    let mut envelope = with_streams(envelope, &io.streams);
    if let Outcome::Exited(code) = outcome {
        envelope["exit_code"] = json!(code);
    }
    output::print_json(&envelope);
}
