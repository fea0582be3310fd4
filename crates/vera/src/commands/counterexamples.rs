//! What really happens on a counterexample: the function is compiled and run on the
//! prover's values.
//!
//! The prover knows a callee by its contract only, so a counterexample can be one
//! of the contracts and not of the code; the run tells which.

use std::time::Duration;

use vera_diagnostics::{Code, Diagnostic, SourceFile};
use vera_host::{CacheDir, Host, Io, Limits, Outcome, RunOptions};
use vera_mir::lower::{Options, SHOWN};
use vera_syntax::ast::{Decl, FnDecl, Nodes};
use vera_verify::{Record, Status, Verification};

use super::build::{Checks, build};
use super::literals::{is_literal, written};
use crate::input::Entry;

/// How long one function may run.
const PATIENCE: Duration = Duration::from_secs(1);
/// How much memory it may use.
const MEMORY: u64 = 256 << 20;
/// So many are run at most.
const MOST: usize = 20;

/// A call that a counterexample stands for.
struct Call {
    /// Index of the diagnostic it belongs to.
    diagnostic: usize,
    /// A postcondition is refuted, and not an operation in the function.
    postcondition: bool,
    /// Name of the added function.
    name: String,
    text: String,
}

/// Runs the functions and adds what happened to the reports.
pub(super) fn execute(
    entry: &Entry,
    cache: &CacheDir,
    verification: &Verification,
    diagnostics: &mut [Diagnostic],
) {
    let calls = calls(entry, verification, diagnostics);
    if calls.is_empty() {
        return;
    }
    let mut text = entry.source.text().to_owned();
    for call in &calls {
        text.push_str("\n\n");
        text.push_str(&call.text);
    }
    let extended = Entry {
        word: entry.word.clone(),
        source: SourceFile::new(entry.source.name(), &text),
        raw: String::new(),
        dir: entry.dir.clone(),
        stem: entry.stem.clone(),
    };
    // Values that are no literals of their types end here; the report stands
    // without a run.
    let options = Options { shown_results: true, ..Options::default() };
    let Ok(built) = build(&extended, &options, Checks::All) else {
        return;
    };
    let limits = Limits { time: true, ..Limits::default() };
    let started = Host::with_limits(cache, limits)
        .and_then(|host| host.load(&built.artifact).map(|module| (host, module)));
    let Ok((host, module)) = started else { return };
    let options =
        RunOptions { timeout: Some(PATIENCE), max_memory: Some(MEMORY), ..RunOptions::default() };
    for call in &calls {
        let shown = format!("{}{SHOWN}", call.name);
        let has_shown = built.artifact.exports.iter().any(|e| e.name == shown);
        let export = if has_shown { &shown } else { &call.name };
        if let Ok(run) = host.run(&module, export, &[], &mut Io::captured(Vec::new()), &options) {
            let report = &mut diagnostics[call.diagnostic];
            report
                .description
                .push_str(&format!("\n{}", happened(&run.outcome, call.postcondition)));
        }
    }
}

/// The line that tells how a run ended.
fn happened(outcome: &Outcome, postcondition: bool) -> String {
    match outcome {
        Outcome::Returned(value) => {
            let value = vera_host::text::text(value).unwrap_or_else(|| "()".to_owned());
            let fine = if postcondition { "the postcondition holds" } else { "nothing fails" };
            format!(
                "  When run, it returns {value} and {fine}: the contract of some callee says less than its code does."
            )
        }
        Outcome::Exited(code) => format!("  When run, it ends the program with status {code}."),
        Outcome::Trapped(trap) => {
            let first = trap.message.lines().next().unwrap_or_default();
            format!("  When run, it ends with {}: {first}", trap.kind.name())
        }
    }
}

fn calls(entry: &Entry, verification: &Verification, diagnostics: &[Diagnostic]) -> Vec<Call> {
    let records = verification.records.iter();
    let refuted: Vec<&Record> = records.filter(|r| r.status == Status::Violated).collect();
    if refuted.is_empty() {
        return Vec::new();
    }
    let text = entry.source.text();
    let parsed = vera_syntax::parse(text);
    let nodes = &parsed.program.nodes;
    let mut out: Vec<Call> = Vec::new();
    for record in refuted {
        let report =
            diagnostics.iter().position(|d| d.code == record.code && d.location == Some(record.at));
        let function = parsed.program.decls.iter().find_map(|d| match &d.decl {
            Decl::Fn(f) if f.name.text == record.function => Some(f),
            Decl::Fn(_) | Decl::Data(_) | Decl::Alias(_) | Decl::Effect(_) | Decl::Ability(_) => {
                None
            }
        });
        if let (Some(diagnostic), Some(function)) = (report, function)
            && out.len() < MOST
            && let Some(arguments) = arguments(text, nodes, function, record)
        {
            let name = format!("counterexample_{}", out.len());
            let ret = written(text, nodes, function.ret);
            let text = format!(
                "public fn {name}(@Unit -> @{ret})\n  requires(true)\n  ensures(true)\n  effects(pure)\n{{\n  {}({arguments})\n}}\n",
                function.name.text
            );
            let postcondition = record.code == Some(Code::E500);
            out.push(Call { diagnostic, postcondition, name, text });
        }
    }
    out
}

/// The arguments of a pure function without type parameters as source text; `None`
/// when the prover's values do not give all of them.
fn arguments(text: &str, nodes: &Nodes, function: &FnDecl, record: &Record) -> Option<String> {
    if function.forall.is_some() || !function.effects.effects.is_empty() {
        return None;
    }
    let names: Vec<&str> = function.params.iter().map(|ty| written(text, nodes, *ty)).collect();
    let mut out = Vec::new();
    for (i, name) in names.iter().enumerate() {
        if *name == "Unit" {
            out.push("()".to_owned());
            continue;
        }
        let index = names[i + 1..].iter().filter(|later| *later == name).count();
        let slot = format!("@{name}.{index}");
        let (_, value) = record.inputs.iter().find(|(known, _)| *known == slot)?;
        out.push(source(value)?);
    }
    Some(out.join(", "))
}

/// A value of a counterexample as an expression.
fn source(value: &str) -> Option<String> {
    match value {
        "NaN" => Some("nan()".to_owned()),
        "+oo" => Some("infinity()".to_owned()),
        "-oo" => Some("-infinity()".to_owned()),
        value => is_literal(value).then(|| value.to_owned()),
    }
}
