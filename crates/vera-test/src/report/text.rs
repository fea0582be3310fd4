//! The report for a terminal (language reference, chapter 09.7).

use std::fmt::Write;

use vera_diagnostics::Styles;

use super::{Argument, Category, Failure, FunctionReport, Report};

/// Column at which verdicts start, less the dots' own.
const NAME_WIDTH: usize = 40;

/// So many failures of a function are shown.
const MAX_FAILURES: usize = 3;

/// The whole report; `file` as the user named it.
pub fn to_text(report: &Report, file: &str, styles: &Styles) -> String {
    let note = if report.distrust { " (--distrust: proved functions run too)" } else { "" };
    let mut out = format!("\nTesting: {file}{note}\n\n");
    for f in &report.functions {
        let dots = NAME_WIDTH.saturating_sub(f.name.chars().count()).max(1);
        _ = writeln!(out, "  {} {} {}", f.name, ".".repeat(dots), verdict(report, f, styles));
        for failure in f.failures.iter().take(MAX_FAILURES) {
            failure_lines(failure, &mut out);
        }
    }
    if !report.diagnostics.is_empty() {
        out.push_str("\nDiagnostics:\n");
        for d in &report.diagnostics {
            let code = d.code.map_or(String::new(), |code| format!("{}: ", code.as_str()));
            _ = writeln!(out, "  {code}{}", d.description.lines().next().unwrap_or_default());
        }
    }
    _ = writeln!(out, "\nResults: {}", results(report));
    let summary = report.summary();
    let trials = summary.trials;
    if trials.run > 0 {
        let (run, passed, failed) = (trials.run, trials.passed, trials.failed);
        _ = writeln!(out, "Trials:  {run} run, {passed} passed, {failed} failed");
    }
    if report.distrust {
        _ = writeln!(
            out,
            "Proofs:  {} exercised, {} refuted, {} with an unattributed trap, {} not exercised",
            summary.exercised, summary.refuted, summary.unattributed, summary.not_exercised
        );
    }
    out
}

/// A word in its colour, and why.
fn verdict(report: &Report, f: &FunctionReport, styles: &Styles) -> String {
    let trials = f.trials;
    let (word, style, why) = match f.category {
        Category::Verified => ("VERIFIED", styles.success, proof(report, f)),
        Category::Tested if trials.failed > 0 => ("FAILED ", styles.error, tally(f)),
        Category::Tested => ("TESTED ", styles.success, tally(f)),
        Category::Failed => ("FAILED ", styles.error, f.reason.clone()),
        Category::Skipped => ("SKIPPED", styles.warning, f.reason.clone()),
        Category::Refuted => {
            let (refuting, run) = (trials.refuting, trials.run);
            let why = format!("{refuting}/{run} trials contradict the Tier 1 proof");
            ("REFUTED", styles.error, why)
        }
    };
    format!("{style}{word}{style:#} ({why})")
}

fn proof(report: &Report, f: &FunctionReport) -> String {
    if report.distrust { f.reason.clone() } else { "Tier 1".to_owned() }
}

/// How the trials of a function went.
fn tally(f: &FunctionReport) -> String {
    let (passed, run, failed) = (f.trials.passed, f.trials.run, f.trials.failed);
    if failed > 0 {
        return format!("{passed}/{run} passed, {failed} failed{}", thinks(f));
    }
    let held = if f.proved { ", Tier 1 proof held" } else { "" };
    let unchecked: Vec<String> = f.unchecked.iter().map(|c| format!("`{c}`")).collect();
    let unchecked = match unchecked.as_slice() {
        [] => String::new(),
        clauses => format!("; no runtime check for {}", clauses.join(", ")),
    };
    format!("{passed}/{run} passed{held}{unchecked}{}", thinks(f))
}

/// What the prover thinks besides.
fn thinks(f: &FunctionReport) -> String {
    f.refuted.map_or(String::new(), |code| format!("; the prover refutes it: {}", code.as_str()))
}

fn failure_lines(failure: &Failure, out: &mut String) {
    let arguments = arguments(&failure.arguments);
    let arrow = if arguments.is_empty() { "->" } else { " ->" };
    _ = writeln!(out, "    {arguments}{arrow} {}", failure.message);
    if let Some(attribution) = &failure.attribution {
        _ = writeln!(out, "      {attribution}");
    }
}

/// `@Int.1 = 8, @Int.0 = 10`
pub(crate) fn arguments(arguments: &[Argument]) -> String {
    let parts: Vec<String> =
        arguments.iter().map(|a| format!("{} = {}", a.label, a.text)).collect();
    parts.join(", ")
}

fn results(report: &Report) -> String {
    let s = report.summary();
    let mut parts = Vec::new();
    if s.refuted > 0 {
        parts.push(format!("{} refuted", s.refuted));
    }
    if s.tested > 0 {
        let failed = if s.tested_failed > 0 {
            format!(", {} failed", s.tested_failed)
        } else {
            String::new()
        };
        parts.push(format!("{} tested ({} passed{failed})", s.tested, s.tested_passed));
    }
    if s.failed > 0 {
        parts.push(format!("{} failed", s.failed));
    }
    if report.unlisted_errors > 0 {
        let plural = if report.unlisted_errors == 1 { "" } else { "s" };
        parts.push(format!("{} verifier error{plural}", report.unlisted_errors));
    }
    if s.verified > 0 {
        parts.push(format!("{} verified", s.verified));
    }
    if s.skipped > 0 {
        parts.push(format!("{} skipped", s.skipped));
    }
    if parts.is_empty() { "no testable functions".to_owned() } else { parts.join(", ") }
}
