//! `vera test`.

use std::process::ExitCode;

use serde_json::json;
use vera_diagnostics::Severity;
use vera_host::CacheDir;
use vera_test::{DEFAULT_TRIALS, Options, Tools};
use vera_verify::DEFAULT_TIMEOUT_MS;

use super::build::emit_options;
use super::{checked, recordings, verify};
use crate::arguments::Arguments;
use crate::input::Entry;
use crate::{output, proofs};

pub(super) fn test(entry: &Entry, args: &Arguments) -> ExitCode {
    if let Some(dir) = &args.replay {
        return recordings::test(entry, args, dir);
    }
    let mut checked = checked(entry);
    let Some(mut program) = checked.program.take() else {
        if args.json {
            let errors = output::json_list(&checked.diagnostics, &checked.sources, Severity::Error);
            output::print_json(&json!({ "ok": false, "file": entry.word, "diagnostics": errors }));
        } else {
            output::print_severity(&checked.diagnostics, &checked.sources, Severity::Error);
        }
        return ExitCode::FAILURE;
    };
    let code = if args.no_cache { CacheDir::Off } else { CacheDir::Default };
    let tested = proofs::with_answers(!args.no_cache, |proofs| {
        let tools = Tools { proofs, code: &code, emit: emit_options(), build: proofs::build() };
        vera_test::test(&mut program, &checked.sources, &options(args), &tools)
    });
    let report = match tested {
        Ok(report) => report,
        Err(refusal) => return refuse(entry, args, &refusal.to_string()),
    };
    if args.json {
        output::print_json(&vera_test::to_json(&report, &entry.word, &checked.sources));
    } else {
        output::print(&vera_test::to_text(&report, &entry.word));
    }
    if report.has_failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The choices; what is malformed was refused before.
fn options(args: &Arguments) -> Options {
    let trials = args.trials.as_ref().and_then(|t| t.trim().parse::<i64>().ok());
    let trials = trials.map_or(DEFAULT_TRIALS, |n| usize::try_from(n).unwrap_or(0));
    let seed = args.seed.as_ref().and_then(|s| s.trim().parse().ok());
    Options {
        trials,
        function: args.function.clone(),
        distrust: args.exclusive.iter().any(|flag| flag == "--distrust"),
        seed: seed.unwrap_or(0),
        timeout_ms: verify::budget(args).unwrap_or(DEFAULT_TIMEOUT_MS),
    }
}

fn refuse(entry: &Entry, args: &Arguments, text: &str) -> ExitCode {
    if args.json {
        let diagnostics = [output::plain_diagnostic(text)];
        output::print_json(&json!({ "ok": false, "file": entry.word, "diagnostics": diagnostics }));
    } else {
        output::error(text);
    }
    ExitCode::FAILURE
}
