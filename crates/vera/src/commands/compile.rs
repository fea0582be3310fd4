//! `vera compile`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;
use vera_diagnostics::{Diagnostic, Severity};

use super::build::{Built, Failed, build};
use super::component::component;
use super::inputs::{Unreadable, one};
use super::targets::{self, Written};
use super::unreadable;
use crate::cli::{Compile, TargetName};
use crate::input::Entry;
use crate::output;
use crate::replace::replace;

pub(super) fn compile(args: &Compile) -> ExitCode {
    let document = args.json.on.then_some(unreadable as Unreadable);
    one(&args.program, document, |entry| compile_file(entry, args))
}

fn compile_file(entry: &Entry, args: &Compile) -> ExitCode {
    let made = match args.target.target {
        TargetName::Wasm | TargetName::Browser => {
            build(entry, &targets::options(), args.checks).map(|built| (built, None))
        }
        TargetName::WasiP2 => component(entry, args.checks, targets::world(args))
            .map(|component| (component.built, Some(component.bytes))),
    };
    let (built, component) = match made {
        Ok(made) => made,
        Err(Failed { diagnostics, sources }) => {
            if args.json.on {
                output::print_json(&output::envelope(&entry.word, &diagnostics, &sources));
            } else {
                output::print_diagnostics(&diagnostics, &sources);
            }
            return ExitCode::FAILURE;
        }
    };
    if !args.json.on {
        output::print_severity(&built.warnings, &built.sources, Severity::Warning);
    }
    let written = match targets::written(entry, &built, component, args) {
        Ok(written) => written,
        Err(errors) => return refuse_program(entry, args, &built, &errors),
    };
    if args.wat && !args.json.on {
        return print_text(&written.module);
    }
    // With `--json` a file is written only where `-o` asks for one.
    if (!args.json.on || args.output.is_some())
        && let Err(text) = write(&written)
    {
        return refuse(entry, args, &built, &text);
    }
    report(entry, args, &built, &written);
    ExitCode::SUCCESS
}

/// Writes all files; the error says what kept one from being written.
fn write(written: &Written) -> Result<(), String> {
    if let Some(dir) = &written.directory {
        std::fs::create_dir_all(dir)
            .map_err(|error| format!("cannot write {}: {error}", dir.display()))?;
    }
    for (path, contents) in &written.files {
        replace(path, contents).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => format!("file not found: {}", path.display()),
            _ => format!("cannot write {}: {error}", path.display()),
        })?;
    }
    Ok(())
}

fn report(entry: &Entry, args: &Compile, built: &Built, written: &Written) {
    if !args.json.on {
        return output::print(&written.said);
    }
    let exports: Vec<&str> = built.functions().map(|e| e.name.as_str()).collect();
    let mut envelope = json!({ "ok": true, "file": entry.word, "exports": exports });
    if let Some(path) = &args.output {
        envelope["output"] = json!(path);
    }
    envelope["diagnostics"] = json!([]);
    envelope["warnings"] =
        output::json_list(&built.warnings, &built.sources, Severity::Warning).into();
    output::print_json(&envelope);
}

fn print_text(module: &[u8]) -> ExitCode {
    match wasmprinter::print_bytes(module) {
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

/// The program is not one for the target.
fn refuse_program(entry: &Entry, args: &Compile, built: &Built, errors: &[Diagnostic]) -> ExitCode {
    if args.json.on {
        let all: Vec<Diagnostic> = errors.iter().chain(&built.warnings).cloned().collect();
        output::print_json(&output::envelope(&entry.word, &all, &built.sources));
    } else {
        output::print_diagnostics(errors, &built.sources);
    }
    ExitCode::FAILURE
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

/// As messages name it: without a `./` in front.
pub(super) fn shown(path: &Path) -> PathBuf {
    path.strip_prefix(".").unwrap_or(path).to_owned()
}
