//! `vera test`.

use std::collections::HashSet;
use std::path::PathBuf;
use std::process::ExitCode;

use vera_check::typed::Program;
use vera_diagnostics::{Diagnostic, Sources};
use vera_host::CacheDir;
use vera_test::{Options, Told, Tools};

use super::build::emit_options;
use super::imported::{self, VerifiedModule, identities};
use super::inputs::{Found, each};
use super::verify::Settings;
use super::{checked, recordings, refuse_words, refused, verify};
use crate::cli::Test;
use crate::input::Entry;
use crate::progress::ProgressLine;
use crate::{output, proofs};

pub(super) fn test(args: &Test) -> ExitCode {
    let json = args.json.on;
    let environment_ms = match verify::from_environment() {
        Ok(timeout_ms) => timeout_ms,
        Err(text) => return refuse_words(json, &text, false),
    };
    let entries = identities(&args.inputs);
    let unreadable = |file: &str, text: &str| refused(file, vec![output::plain_diagnostic(text)]);
    each(&args.inputs, json, unreadable, |entry| match &args.replay {
        Some(dir) => recordings::test(entry, json, dir),
        None => match verify::settings(entry, environment_ms, (None, None), args.proving) {
            Ok(settings) => test_file(entry, args, &settings, &entries),
            Err(why) => Found::refused(json, &entry.word, &why),
        },
    })
}

fn test_file(entry: &Entry, args: &Test, settings: &Settings, entries: &HashSet<PathBuf>) -> Found {
    let json = args.json.on;
    let mut checked = checked(entry);
    let Some(program) = checked.program.take() else {
        return Found::errors(json, &entry.word, &checked.diagnostics, &checked.sources);
    };
    let anew = args.proving.no_cache;
    let code = if anew { CacheDir::Off } else { CacheDir::Default };
    let tested = proofs::with_answers(!anew, |proofs| {
        let tools = Tools { proofs, code: &code, emit: emit_options(), build: proofs::build() };
        let (verifying, testing) = (ProgressLine::verifying(json), ProgressLine::testing(json));
        let told = Told { proofs: &verifying, trials: &testing };
        let options = options(args, settings.timeout_ms);
        vera_test::test(&program, &checked.sources, &options, &tools, &told)
    });
    let report = match tested {
        Ok(report) => report,
        Err(refusal) => return Found::refused(json, &entry.word, &refusal.to_string()),
    };
    let modules = match args.proving.entry_only {
        true => Vec::new(),
        false => imported::modules(entry, &checked.sources, settings, entries),
    };
    let ok = !report.has_failed() && modules.iter().all(VerifiedModule::ok);
    if json {
        let mut document = vera_test::to_json(&report, &entry.word, &checked.sources);
        if !modules.is_empty() {
            document["ok"] = ok.into();
            document["modules"] = modules.iter().map(VerifiedModule::json).collect();
        }
        return Found { ok, json: Some(document) };
    }
    modules.iter().for_each(VerifiedModule::print);
    let mut text = vera_test::to_text(&report, &entry.word, output::styles());
    for module in &modules {
        text.push_str(&format!("{}\n", module.line()));
    }
    output::print(&text);
    Found::text(ok)
}

/// What testing every public function of a program reports, proved ones too.
pub(super) fn reports(program: &Program, sources: &Sources) -> Vec<Diagnostic> {
    let options = Options {
        trials: vera_test::DEFAULT_TRIALS,
        function: None,
        distrust: true,
        seed: 0,
        timeout_ms: vera_verify::DEFAULT_TIMEOUT_MS,
    };
    let tested = proofs::with_answers(true, |proofs| {
        let code = CacheDir::Default;
        let tools = Tools { proofs, code: &code, emit: emit_options(), build: proofs::build() };
        vera_test::test(program, sources, &options, &tools, &Told::default())
    });
    tested.map_or_else(|_| Vec::new(), |report| report.diagnostics)
}

fn options(args: &Test, timeout_ms: u32) -> Options {
    Options {
        trials: args.trials,
        function: args.function.clone(),
        distrust: args.distrust,
        seed: args.seed,
        timeout_ms,
    }
}
