//! The report for machines (language reference, chapter 09.8).

use serde_json::{Map, Value as Json, json};
use vera_diagnostics::{Sources, to_json as diagnostic};

use super::{Failure, FunctionReport, RefutedProof, Report};

/// So many failures of a function are listed.
const MAX_FAILURES: usize = 5;

/// The whole report; `file` as the user named it.
pub fn to_json(report: &Report, file: &str, sources: &Sources) -> Json {
    let s = report.summary();
    let mut out = json!({ "ok": !report.has_failed(), "file": file });
    if report.distrust {
        out["distrust"] = json!(true);
    }
    out["functions"] = report.functions.iter().map(|f| function(report, f, sources)).collect();
    let mut summary = json!({
        "verified": s.verified,
        "tested": s.tested,
        "passed": s.tested_passed,
        "failed": s.failed + s.tested_failed,
        "skipped": s.skipped,
        "total_trials": s.trials.run,
        "total_passes": s.trials.passed,
        "total_failures": s.trials.failed,
        "unlisted_errors": report.unlisted_errors,
    });
    if report.distrust {
        summary["refuted"] = json!(s.refuted);
        summary["unattributed"] = json!(s.unattributed);
    }
    out["summary"] = summary;
    out["diagnostics"] = report.diagnostics.iter().map(|d| diagnostic(d, sources)).collect();
    out
}

fn function(report: &Report, f: &FunctionReport, sources: &Sources) -> Json {
    let mut out = Map::new();
    out.insert("name".into(), f.name.as_str().into());
    out.insert("category".into(), f.category.as_str().into());
    if report.distrust {
        out.insert("proved".into(), f.proved.into());
    }
    if let Some(code) = f.refuted {
        out.insert("verifier".into(), code.as_str().into());
    }
    out.insert("reason".into(), f.reason.as_str().into());
    out.insert("trials_run".into(), f.trials.run.into());
    out.insert("trials_passed".into(), f.trials.passed.into());
    out.insert("trials_failed".into(), f.trials.failed.into());
    let failures = f.failures.iter().take(MAX_FAILURES);
    let failures: Vec<Json> = failures.map(|f| failure(report, f, sources)).collect();
    out.insert("failures".into(), failures.into());
    out.into()
}

fn failure(report: &Report, failure: &Failure, sources: &Sources) -> Json {
    let args: Map<String, Json> =
        failure.arguments.iter().map(|a| (a.label.clone(), a.json.clone())).collect();
    let mut out = json!({
        "args": args,
        "status": failure.status.as_str(),
        "message": failure.message,
        "trap_kind": failure.trap_kind,
    });
    if report.distrust {
        out["attribution"] = json!(failure.attribution);
        out["refutes"] = failure.refutes.iter().map(|r| refuted(r, sources)).collect();
    }
    out
}

fn refuted(proof: &RefutedProof, sources: &Sources) -> Json {
    let file = sources.get(proof.at.file);
    let place = file.line_col(proof.at.span.start);
    json!({
        "function": proof.function,
        "kind": proof.kind,
        "expr": proof.text,
        "file": file.name(),
        "line": place.line,
        "column": place.column,
    })
}
