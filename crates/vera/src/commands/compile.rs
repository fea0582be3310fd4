//! `vera compile`.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;
use vera_diagnostics::Severity;

use super::build::{Built, build, unsupported_target};
use super::inputs::{Unreadable, one};
use super::unreadable;
use crate::cli::Compile;
use crate::input::Entry;
use crate::output;
use crate::replace::replace;

pub(super) fn compile(args: &Compile) -> ExitCode {
    let document = args.json.on.then_some(unreadable as Unreadable);
    one(&args.program, document, |entry| compile_file(entry, args))
}

fn compile_file(entry: &Entry, args: &Compile) -> ExitCode {
    let built = match build(entry, &Default::default(), args.checks) {
        Ok(built) => built,
        Err(failed) => {
            if args.json.on {
                let envelope = output::envelope(&entry.word, &failed.diagnostics, &failed.sources);
                output::print_json(&envelope);
            } else {
                output::print_diagnostics(&failed.diagnostics, &failed.sources);
            }
            return ExitCode::FAILURE;
        }
    };
    if !args.json.on {
        output::print_severity(&built.warnings, &built.sources, Severity::Warning);
    }
    if let Some(text) = unsupported_target(&args.target) {
        return refuse(entry, args, &built, &text);
    }
    if args.wat && !args.json.on {
        return print_text(&built);
    }
    let path = match &args.output {
        Some(path) => PathBuf::from(path),
        None => entry.dir.join(format!("{}.wasm", entry.stem)),
    };
    // With `--json` a file is written only where `-o` asks for one.
    if (!args.json.on || args.output.is_some())
        && let Err(error) = replace(&path, &built.artifact.wasm)
    {
        let text = match error.kind() {
            std::io::ErrorKind::NotFound => format!("file not found: {}", path.display()),
            _ => format!("cannot write {}: {error}", path.display()),
        };
        return refuse(entry, args, &built, &text);
    }
    report(entry, args, &built, &path);
    ExitCode::SUCCESS
}

fn report(entry: &Entry, args: &Compile, built: &Built, path: &std::path::Path) {
    let exports: Vec<&str> =
        built.artifact.exports.iter().filter(|e| !e.in_parts).map(|e| e.name.as_str()).collect();
    if !args.json.on {
        let noun = if exports.len() == 1 { "function" } else { "functions" };
        let path = path.strip_prefix(".").unwrap_or(path).display();
        return output::print(&format!("Compiled: {path} ({} {noun} exported)\n", exports.len()));
    }
    let mut envelope = json!({ "ok": true, "file": entry.word, "exports": exports });
    if let Some(path) = &args.output {
        envelope["output"] = json!(path);
    }
    envelope["diagnostics"] = json!([]);
    envelope["warnings"] =
        output::json_list(&built.warnings, &built.sources, Severity::Warning).into();
    output::print_json(&envelope);
}

fn print_text(built: &Built) -> ExitCode {
    match wasmprinter::print_bytes(&built.artifact.wasm) {
        Ok(text) => {
            output::print(&text);
            ExitCode::SUCCESS
        }
        Err(error) => {
            output::error(&format!("cannot print the module: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn refuse(entry: &Entry, args: &Compile, built: &Built, text: &str) -> ExitCode {
    if args.json.on {
        output::print_json(&json!({
            "ok": false,
            "file": entry.word,
            "diagnostics": [output::plain_diagnostic(text)],
            "warnings": output::json_list(&built.warnings, &built.sources, Severity::Warning),
        }));
    } else {
        output::error(text);
    }
    ExitCode::FAILURE
}
