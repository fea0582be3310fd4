//! `vera verify`.

use std::collections::HashSet;
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;
use vera_check::typed::Program;
use vera_diagnostics::{Code, Diagnostic, FileId, FileSpan, Sources};
use vera_host::CacheDir;
use vera_session::{ProverSettings, StrictName, project_of};
use vera_test::{Replay, Tools};
use vera_verify::solver::{Solver, Z3};
use vera_verify::{
    DEFAULT_TIMEOUT_MS, EmittedCheck, Means, Module, NoProgress, Options, Overview, Progress,
    Proof, Reconciliation, Stability, Verification,
};

use super::build::emit_options;
use super::imported::{VerifiedModule, identities, modules};
use super::inputs::{Found, each};
use super::{checked, refuse_words, unreadable, watch};
use crate::STACK;
use crate::cli::{self, Proving, Strict, Verify};
use crate::files::disk;
use crate::input::Entry;
use crate::progress::ProgressLine;
use crate::second_solver::SecondSolver;
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

/// How one program is verified.
pub(super) struct Settings {
    pub timeout_ms: u32,
    pub strict: Option<Strict>,
    /// Ask the solver everything.
    pub anew: bool,
    /// Who is asked what Z3 leaves open.
    pub second: Option<SecondSolver>,
    /// Find out what each proof uses.
    pub explain: bool,
}

impl Settings {
    /// Those of commands that have no flags for them.
    pub fn of(timeout_ms: u32) -> Settings {
        Settings { timeout_ms, strict: None, anew: false, second: None, explain: false }
    }
}

/// The flags' settings; where there is no flag, those of the project, and then those of
/// the environment.
///
/// # Errors
/// What is wrong with the project's.
pub(super) fn settings(
    entry: &Entry,
    environment_ms: u32,
    flags: (Option<u32>, Option<Strict>),
    proving: Proving,
) -> Result<Settings, String> {
    let project = project_of(disk(), &entry.dir).map_err(|error| error.to_string())?;
    let ProverSettings { timeout_ms, strict } = project.map(|p| p.prover).unwrap_or_default();
    let strict = strict.and_then(|strict| match strict {
        vera_session::Strict::Plain(on) => on.then_some(Strict::AllButOverflow),
        vera_session::Strict::Named(StrictName::All) => Some(Strict::All),
    });
    Ok(Settings {
        timeout_ms: flags.0.or(timeout_ms.filter(|ms| *ms > 0)).unwrap_or(environment_ms),
        strict: flags.1.or(strict),
        anew: proving.no_cache,
        second: None,
        explain: false,
    })
}

pub(super) fn verify(args: &Verify) -> ExitCode {
    let environment_ms = match (args.timeout_ms, from_environment()) {
        // Whatever the variable says.
        (Some(timeout_ms), _) => timeout_ms,
        (None, Ok(timeout_ms)) => timeout_ms,
        (None, Err(text)) => return refuse_words(args.json.on, &text, false),
    };
    let second = match args.solver.as_deref().map(SecondSolver::new).transpose() {
        Ok(second) => second,
        Err(text) => return refuse_words(args.json.on, &text, false),
    };
    // The solver's library is loaded while the program is read.
    std::thread::spawn(vera_verify::solver::library);
    watch::again(args.watch, &args.inputs, || {
        let entries = identities(&args.inputs);
        each(&args.inputs, args.json.on, unreadable, |entry| {
            match settings(entry, environment_ms, (args.timeout_ms, args.strict), args.proving) {
                Ok(settings) => {
                    let (second, explain) = (second.clone(), args.explain_proof);
                    let settings = Settings { second, explain, ..settings };
                    verify_file(entry, args, &settings, &entries)
                }
                Err(why) => Found::refused(args.json.on, &entry.word, &why),
            }
        })
    })
}

fn verify_file(
    entry: &Entry,
    args: &Verify,
    settings: &Settings,
    entries: &HashSet<PathBuf>,
) -> Found {
    let mut checked = checked(entry);
    let Some(program) = checked.program.take() else {
        if args.json.on {
            let envelope = output::envelope(&entry.word, &checked.diagnostics, &checked.sources);
            return Found { ok: false, json: Some(envelope) };
        }
        output::print_diagnostics(&checked.diagnostics, &checked.sources);
        return Found::text(false);
    };
    let sources = checked.sources;
    if let Some(name) = &args.function
        && !program.entry_fns.iter().any(|f| program.function(*f).name == *name)
    {
        let text = format!("no function is called `{name}` in {}", entry.word);
        return Found::refused(args.json.on, &entry.word, &text);
    }
    if let Some(dir) = &args.dump_smt
        && let Err(error) = dump(dir, vera_verify::scripts(&program, &sources))
    {
        output::error(&format!("--dump-smt: cannot write to {dir}: {error}"));
        return Found::text(false);
    }
    let silent = args.json.on || args.quiet;
    let function = args.function.clone();
    // Of one function there is not every claim.
    let compares = !args.no_reconcile && args.function.is_none();
    // Neither asks anything of the other.
    let (lowered, mut verification) = side_by_side(
        || (compares && program.holes.is_empty()).then(|| lowered(&program, &sources)),
        || proved(&program, &sources, settings, function, &ProgressLine::verifying(silent)),
    );
    make_strict(&mut verification, settings);
    let mut diagnostics = checked.diagnostics;
    diagnostics.extend(verification.diagnostics.iter().cloned());
    let comparison = match (lowered, program.holes.first()) {
        (Some(lowered), _) => compare(lowered, &verification, &mut diagnostics),
        (None, Some(first)) if compares => {
            diagnostics.push(skipped(*first, program.holes.len()));
            Comparison::Holes
        }
        (None, _) => Comparison::NotAsked,
    };
    let stability = args.stability.map(|seeds| {
        let options = Options {
            timeout_ms: settings.timeout_ms,
            function: args.function.clone(),
            explain: false,
        };
        proofs::with_answers(!settings.anew, |proofs| {
            vera_verify::stability(&program, &sources, &options, proofs, seeds)
        })
    });
    let alone = args.proving.entry_only || args.function.is_some();
    let modules = if alone { Vec::new() } else { modules(entry, &sources, settings, entries) };
    let elsewhere: Vec<FileId> = modules.iter().map(|module| module.file).collect();
    let overview = Overview::new(&program, &verification, &elsewhere);
    let stability = stability.as_ref();
    let proofs =
        Proofs { verification: &verification, overview: &overview, modules: &modules, stability };
    print(entry, args, &sources, &proofs, &comparison, &diagnostics)
}

pub(super) fn make_strict(verification: &mut Verification, settings: &Settings) {
    if let Some(strict) = settings.strict {
        vera_verify::make_strict(verification, strict == Strict::All);
    }
}

/// Proves a program, and has counterexamples run.
pub(super) fn proved(
    program: &Program,
    sources: &Sources,
    settings: &Settings,
    function: Option<String>,
    progress: &dyn Progress,
) -> Verification {
    let Settings { timeout_ms, anew, .. } = *settings;
    let options = Options { timeout_ms, function, explain: settings.explain };
    let native = if anew { CacheDir::Off } else { CacheDir::Default };
    proofs::with_answers(!anew, |proofs| {
        let tools = Tools { proofs, code: &native, emit: emit_options(), build: proofs::build() };
        let replay = Replay::new(program, sources, &tools, true);
        let solver: &dyn Solver = settings.second.as_ref().map_or(&Z3, |second| second);
        let means = Means { solver, cache: proofs, progress, execution: &replay };
        vera_verify::verify_with(program, sources, &options, &means)
    })
}

/// Proves a program as the environment has it.
fn proved_quietly(program: &Program, sources: &Sources) -> Verification {
    let settings = Settings::of(environment_budget());
    proved(program, sources, &settings, None, &NoProgress)
}

/// What proving a program finds.
pub(super) fn reports(program: &Program, sources: &Sources) -> Vec<Diagnostic> {
    proved_quietly(program, sources).diagnostics
}

/// How the functions of a program are proved.
pub(super) fn overview(program: &Program, sources: &Sources) -> Overview {
    Overview::new(program, &proved_quietly(program, sources), &[])
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

/// Does two things at once, the first on a thread of its own.
fn side_by_side<A: Send, B>(first: impl Fn() -> A + Sync, second: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|scope| {
        let worker = std::thread::Builder::new().stack_size(STACK);
        let started = worker.spawn_scoped(scope, &first);
        let second = second();
        let first = match started.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(first)) => first,
            // The hook has reported it.
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            // There is no thread to be had.
            Err(_) => first(),
        };
        (first, second)
    })
}

/// Compares claims with the checks of the compiled program; what is found goes to the
/// diagnostics.
fn compare(
    lowered: Result<vera_mir::ir::Program, Vec<Diagnostic>>,
    verification: &Verification,
    diagnostics: &mut Vec<Diagnostic>,
) -> Comparison {
    let module = match lowered {
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
fn lowered(program: &Program, sources: &Sources) -> Result<vera_mir::ir::Program, Vec<Diagnostic>> {
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
    /// Imported modules of the same project.
    modules: &'v [VerifiedModule],
    /// If it was asked for.
    stability: Option<&'v Stability>,
}

fn print(
    entry: &Entry,
    args: &Verify,
    sources: &Sources,
    proofs: &Proofs<'_>,
    comparison: &Comparison,
    diagnostics: &[Diagnostic],
) -> Found {
    let Proofs { verification, overview, modules, stability } = *proofs;
    let failed = diagnostics.iter().any(Diagnostic::is_error);
    let ok = !failed && modules.iter().all(VerifiedModule::ok);
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
        if let Some(stability) = stability {
            envelope["stability"] = stability_json(stability, sources);
        }
        if !modules.is_empty() {
            envelope["ok"] = ok.into();
            envelope["modules"] = modules.iter().map(VerifiedModule::json).collect();
        }
        return Found { ok, json: Some(envelope) };
    }
    output::print_diagnostics(diagnostics, sources);
    modules.iter().for_each(VerifiedModule::print);
    if output::is_terminal() && !args.quiet {
        output::print(&table(overview));
    }
    if ok && !args.quiet {
        output::print(&summary(entry, proofs, comparison));
    }
    if args.explain_proof {
        output::print(&explained_text(verification, sources));
    }
    if let Some(stability) = stability {
        output::print(&stability_text(stability, sources));
    }
    Found::text(ok)
}

/// What became of each function, a line each, for people.
fn table(overview: &Overview) -> String {
    let styles = output::styles();
    let proofs = overview.functions.iter().map(|function| {
        let style = match function.proof {
            Proof::Proved => styles.success,
            Proof::Runtime => styles.warning,
            Proof::Failed => styles.error,
        };
        let mut words = format!("{style}{}{style:#}", function.proof.as_str());
        if !function.kinds.is_empty() {
            words.push_str(&format!(" ({})", vera_verify::counted(&function.kinds)));
        }
        (function.name.as_str(), words)
    });
    let trusted = overview.trusted.iter().map(|name| {
        let style = styles.warning;
        (name.as_str(), format!("{style}trusted{style:#}"))
    });
    let lines: Vec<(&str, String)> = proofs.chain(trusted).collect();
    let width = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    lines.iter().map(|(name, words)| format!("  {name:width$}  {words}\n")).collect()
}

/// What only some seeds prove, a line each.
/// What each proof uses, by function.
fn explained_text(verification: &Verification, sources: &Sources) -> String {
    let mut out = String::from("Proofs:\n");
    for record in &verification.records {
        let Some(premises) = &record.premises else { continue };
        let line = |at: FileSpan| sources.get(at.file).line_col(at.span.start).line;
        let (function, kind, text) = (&record.function, record.kind.as_str(), &record.text);
        out.push_str(&format!("  {function}, line {}: {kind} `{text}` uses\n", line(record.at)));
        for premise in premises {
            let place = match premise.at {
                Some(at) if at.file == record.at.file => format!(", line {}", line(at)),
                Some(at) => format!(", {}:{}", sources.get(at.file).name(), line(at)),
                None => String::new(),
            };
            out.push_str(&format!("    {}{place}\n", premise.text));
        }
        if premises.is_empty() {
            out.push_str("    nothing: it holds whatever the values are\n");
        }
    }
    out
}

fn stability_text(stability: &Stability, sources: &Sources) -> String {
    let Stability { seeds, obligations, fragile } = stability;
    let alike = obligations - fragile.len();
    let mut out =
        format!("Stability: {alike} of {obligations} obligations fare alike under {seeds} seeds\n");
    for f in fragile {
        let place = sources.get(f.at.file).line_col(f.at.span.start);
        out.push_str(&format!(
            "  {} in {} at {}:{}, proved under {} of {seeds}: {}\n",
            f.kind.as_str(),
            f.function,
            place.line,
            place.column,
            f.proved,
            f.text
        ));
    }
    out
}

fn stability_json(stability: &Stability, sources: &Sources) -> serde_json::Value {
    let fragile = stability.fragile.iter().map(|f| {
        let place = sources.get(f.at.file).line_col(f.at.span.start);
        json!({
            "kind": f.kind.as_str(),
            "function": f.function,
            "location": { "line": place.line, "column": place.column },
            "description": f.text,
            "proved": f.proved,
        })
    });
    json!({
        "seeds": stability.seeds,
        "obligations": stability.obligations,
        "fragile": fragile.collect::<Vec<_>>(),
    })
}

/// The lines of success.
fn summary(entry: &Entry, proofs: &Proofs<'_>, comparison: &Comparison) -> String {
    let summary = proofs.verification.summary();
    let mut out = output::success(&entry.word);
    out.push_str(&format!("{}\n", vera_verify::summary_line(&summary)));
    if let Comparison::Done(found) = comparison
        && let Some(line) = vera_verify::reconciliation_line(&summary, found)
    {
        out.push_str(&line);
        out.push('\n');
    }
    let modules = proofs.modules.iter().map(VerifiedModule::line);
    for line in modules.chain(proofs.overview.lines()) {
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
