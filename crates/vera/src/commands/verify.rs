//! `vera verify`.

use std::process::ExitCode;

use serde_json::json;
use vera_check::typed::Program;
use vera_diagnostics::{Code, Diagnostic, FileSpan, Sources};
use vera_host::CacheDir;
use vera_test::{Replay, Tools};
use vera_verify::{
    DEFAULT_TIMEOUT_MS, EmittedCheck, Module, Options, Overview, Reconciliation, Verification,
};

use super::build::emit_options;
use super::inputs::{Found, each};
use super::{checked, refuse_words, unreadable};
use crate::cli::{self, Strict, Verify};
use crate::input::Entry;
use crate::progress::ProgressLine;
use crate::{output, proofs};

/// The variable that gives the budget when no flag does.
const BUDGET: &str = "VERA_Z3_TIMEOUT_MS";

/// The budget of a query in milliseconds that the variable gives.
///
/// # Errors
/// What is wrong with it.
pub(super) fn from_environment() -> Result<u32, String> {
    match std::env::var_os(BUDGET) {
        Some(value) => cli::milliseconds(BUDGET, &value.to_string_lossy()),
        None => Ok(DEFAULT_TIMEOUT_MS),
    }
}

/// The budget of commands that have no flag for it. A bad variable counts as none.
pub(super) fn environment_budget() -> u32 {
    from_environment().unwrap_or(DEFAULT_TIMEOUT_MS)
}

pub(super) fn verify(args: &Verify) -> ExitCode {
    let budget = args.timeout_ms.map_or_else(from_environment, Ok);
    match budget {
        Ok(timeout_ms) => each(&args.inputs, args.json.on, unreadable, |entry| {
            verify_file(entry, args, timeout_ms)
        }),
        Err(text) => refuse_words(args.json.on, &text, false),
    }
}

fn verify_file(entry: &Entry, args: &Verify, timeout_ms: u32) -> Found {
    let mut checked = checked(entry);
    let Some(mut program) = checked.program.take() else {
        if args.json.on {
            let envelope = output::envelope(&entry.word, &checked.diagnostics, &checked.sources);
            return Found { ok: false, json: Some(envelope) };
        }
        output::print_diagnostics(&checked.diagnostics, &checked.sources);
        return Found::text(false);
    };
    let sources = checked.sources;
    if let Some(dir) = &args.dump_smt
        && let Err(error) = dump(dir, vera_verify::scripts(&program, &sources))
    {
        output::error(&format!("--dump-smt: cannot write to {dir}: {error}"));
        return Found::text(false);
    }
    let silent = args.json.on || args.quiet;
    let mut verification = proved(&program, &sources, timeout_ms, args.proving.no_cache, silent);
    if let Some(strict) = args.strict {
        vera_verify::make_strict(&mut verification, strict == Strict::All);
    }
    let overview = Overview::new(&program, &verification);
    let mut diagnostics = checked.diagnostics;
    diagnostics.extend(verification.diagnostics.iter().cloned());
    let comparison = if args.no_reconcile {
        Comparison::NotAsked
    } else {
        compare(&mut program, &sources, &verification, &mut diagnostics)
    };
    let proofs = Proofs { verification: &verification, overview: &overview };
    print(entry, args, &sources, &proofs, &comparison, &diagnostics)
}

/// Proves a program, and has counterexamples run.
fn proved(
    program: &Program,
    sources: &Sources,
    timeout_ms: u32,
    anew: bool,
    silent: bool,
) -> Verification {
    let options = Options { timeout_ms };
    let native = if anew { CacheDir::Off } else { CacheDir::Default };
    proofs::with_answers(!anew, |proofs| {
        let line = ProgressLine::new(silent);
        let tools = Tools { proofs, code: &native, emit: emit_options(), build: proofs::build() };
        let replay = Replay { program, sources, tools: &tools };
        vera_verify::verify_running(program, sources, &options, proofs, &line, &replay)
    })
}

/// The errors that proving a program finds.
pub(super) fn errors(program: &Program, sources: &Sources) -> Vec<Diagnostic> {
    let verification = proved(program, sources, environment_budget(), false, true);
    verification.diagnostics.into_iter().filter(Diagnostic::is_error).collect()
}

/// What became of comparing claims with the compiled module.
enum Comparison {
    NotAsked,
    /// The program has typed holes.
    Holes,
    /// It does not compile.
    Failed,
    Done(Reconciliation),
}

/// Compiles the program and compares; what is found goes to the diagnostics.
fn compare(
    program: &mut Program,
    sources: &Sources,
    verification: &Verification,
    diagnostics: &mut Vec<Diagnostic>,
) -> Comparison {
    if let Some(first) = program.holes.first() {
        diagnostics.push(skipped(*first, program.holes.len()));
        return Comparison::Holes;
    }
    let module = match lowered(program, sources) {
        Ok(mir) => module(&mir),
        Err(errors) => {
            diagnostics.extend(errors);
            return Comparison::Failed;
        }
    };
    let found = vera_verify::reconcile(verification, &module);
    diagnostics.extend(found.diagnostics());
    Comparison::Done(found)
}

/// What the prover asks of a lowered program.
pub(super) fn module(mir: &vera_mir::ir::Program) -> Module {
    let found = vera_mir::checks::checks(mir);
    let checks = found.checks.into_iter();
    Module {
        checks: checks.map(|c| EmittedCheck { kind: c.kind, at: c.at }).collect(),
        functions: found.functions,
    }
}

/// The program with its private functions; they make claims too. A module leaves out
/// those it does not reach, so their refusal is none of the program.
fn lowered(
    program: &mut Program,
    sources: &Sources,
) -> Result<vera_mir::ir::Program, Vec<Diagnostic>> {
    let all = vera_mir::lower::Options { private_functions: true, ..Default::default() };
    vera_mir::lower::lower(program, sources, &all)
        .or_else(|_| vera_mir::lower::lower(program, sources, &Default::default()))
}

/// W005: a program with holes is not compiled.
fn skipped(first: FileSpan, count: usize) -> Diagnostic {
    let number =
        if count == 1 { "a typed hole".to_owned() } else { format!("{count} typed holes") };
    Diagnostic::warning(
        Code::W005,
        first,
        format!("Runtime checks not reconciled: the program holds {number}."),
    )
    .rationale("A program with holes is not compiled, so there is no module to look for checks in.")
    .fix("Fill the holes.")
    .spec("Chapter 5, Section 5.15 \"Typed holes\"")
}

/// What was found out.
struct Proofs<'v> {
    verification: &'v Verification,
    overview: &'v Overview,
}

fn print(
    entry: &Entry,
    args: &Verify,
    sources: &Sources,
    proofs: &Proofs<'_>,
    comparison: &Comparison,
    diagnostics: &[Diagnostic],
) -> Found {
    let Proofs { verification, overview } = *proofs;
    let failed = diagnostics.iter().any(Diagnostic::is_error);
    if args.json.on {
        let mut envelope = output::envelope(&entry.word, diagnostics, sources);
        vera_verify::to_json(verification, sources, &mut envelope);
        envelope["overview"] = overview.json();
        match comparison {
            Comparison::NotAsked => {}
            Comparison::Holes => {
                envelope["reconciliation"] = json!({ "skipped": "the program holds typed holes" });
            }
            Comparison::Failed => {
                envelope["reconciliation"] = vera_verify::reconciliation_json(None, sources);
            }
            Comparison::Done(found) => {
                envelope["reconciliation"] = vera_verify::reconciliation_json(Some(found), sources);
            }
        }
        return Found { ok: !failed, json: Some(envelope) };
    }
    output::print_diagnostics(diagnostics, sources);
    if !failed && !args.quiet {
        output::print(&summary(entry, proofs, comparison));
    }
    Found::text(!failed)
}

/// The lines of success.
fn summary(entry: &Entry, proofs: &Proofs<'_>, comparison: &Comparison) -> String {
    let summary = proofs.verification.summary();
    let mut out = format!("OK: {}\n{}\n", entry.word, vera_verify::summary_line(&summary));
    if let Comparison::Done(found) = comparison
        && let Some(line) = vera_verify::reconciliation_line(&summary, found)
    {
        out.push_str(&line);
        out.push('\n');
    }
    for line in proofs.overview.lines() {
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// Writes the files of a dump, the directory included.
fn dump(dir: &str, files: Vec<(String, String)>) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    for (name, text) in files {
        std::fs::write(std::path::Path::new(dir).join(name), text)?;
    }
    Ok(())
}
