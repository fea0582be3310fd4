//! The summary of a run as text and as JSON (language reference, chapter 08.12).

use serde_json::{Map, Value, json};
use vera_diagnostics::{FileSpan, Sources};

use crate::{MismatchKind, Reconciliation, Record, Status, Verification};

/// How many obligations ended how.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    pub verified: usize,
    /// Checked at run time.
    pub runtime: usize,
    pub violated: usize,
    pub unguarded: usize,
}

impl Verification {
    pub fn summary(&self) -> Summary {
        let mut out = Summary::default();
        for record in &self.records {
            match record.status {
                Status::Verified => out.verified += 1,
                Status::Tier3 | Status::Timeout => out.runtime += 1,
                Status::Violated => out.violated += 1,
                Status::Tier3Unguarded => out.unguarded += 1,
            }
        }
        out
    }
}

/// `Verification: 4 verified (Tier 1), 1 runtime checks (Tier 3)`
pub fn summary_line(summary: &Summary) -> String {
    let mut parts = Vec::new();
    if summary.verified > 0 {
        parts.push(format!("{} verified (Tier 1)", summary.verified));
    }
    if summary.runtime > 0 {
        parts.push(format!("{} runtime checks (Tier 3)", summary.runtime));
    }
    if parts.is_empty() {
        parts.push("no contracts".to_owned());
    }
    format!("Verification: {}", parts.join(", "))
}

/// Adds the keys of a verification to the envelope of `vera verify --json`.
pub fn to_json(verification: &Verification, sources: &Sources, envelope: &mut Value) {
    let summary = verification.summary();
    envelope["verification"] = json!({
        "tier1_verified": summary.verified,
        "tier3_runtime": summary.runtime,
        "total": summary.verified + summary.runtime,
        "assumptions": verification.assumptions,
        "timeout_ms": verification.timeout_ms,
    });
    envelope["obligations"] = verification.records.iter().map(|r| record(r, sources)).collect();
}

/// Where something begins.
fn location(sources: &Sources, at: FileSpan) -> Value {
    let file = sources.get(at.file);
    let place = file.line_col(at.span.start);
    json!({ "line": place.line, "column": place.column, "file": file.name() })
}

fn record(record: &Record, sources: &Sources) -> Value {
    let mut object = Map::new();
    object.insert("kind".into(), record.kind.as_str().into());
    object.insert("status".into(), record.status.as_str().into());
    object.insert("description".into(), record.text.as_str().into());
    object.insert("location".into(), location(sources, record.at));
    if let Some(code) = record.code {
        object.insert("error_code".into(), code.as_str().into());
    }
    object.insert("function".into(), record.function.as_str().into());
    if record.status == Status::Violated && !record.counterexample.is_empty() {
        let values = record.counterexample.iter();
        let values: Map<String, Value> =
            values.map(|v| (v.slot.clone(), v.text.as_str().into())).collect();
        object.insert("counterexample".into(), values.into());
    }
    if let Some(premises) = &record.premises {
        let place = |at| location(sources, at);
        let premises = premises
            .iter()
            .map(|premise| json!({ "text": premise.text, "location": premise.at.map(place) }));
        object.insert("premises".into(), premises.collect());
    }
    object.into()
}

/// `Reconciliation: 1 of 2 runtime checks (Tier 3) found in the compiled module`;
/// `None` when no check is claimed.
pub fn reconciliation_line(summary: &Summary, found: &Reconciliation) -> Option<String> {
    if summary.runtime == 0 {
        return None;
    }
    let mut line = format!(
        "Reconciliation: {} of {} runtime checks (Tier 3) found in the compiled module",
        found.matched, summary.runtime
    );
    let without_code = found.absent + found.count(MismatchKind::RecordedUnguarded);
    if without_code > 0 {
        line.push_str(&format!(", {without_code} in a function the module holds no code for"));
    }
    Some(line)
}

/// The `reconciliation` object; without an outcome the program was not compiled.
pub fn reconciliation_json(found: Option<&Reconciliation>, sources: &Sources) -> Value {
    let nothing = Reconciliation::default();
    let all = found.unwrap_or(&nothing);
    let mismatches: Vec<Value> = all
        .mismatches
        .iter()
        .map(|m| {
            let file = sources.get(m.at.file);
            let place = file.line_col(m.at.span.start);
            json!({
                "kind": m.kind.as_str(),
                "obligation": m.obligation,
                "file": file.name(),
                "line": place.line,
                "column": place.column,
                "function": m.function,
                "status": m.status,
                "emitter": "vera-mir",
                "detail": m.detail,
            })
        })
        .collect();
    json!({
        "compiled": found.is_some(),
        "matched": all.matched,
        "recorded_unguarded": all.count(MismatchKind::RecordedUnguarded),
        "guarded_unrecorded": all.count(MismatchKind::GuardedUnrecorded),
        "no_mapping": 0,
        "absent": all.absent,
        "out_of_scope": all.out_of_scope,
        "mismatches": mismatches,
    })
}
