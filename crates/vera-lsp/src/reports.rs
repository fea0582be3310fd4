//! Reports and proofs as the client shows them.

use lsp_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, NumberOrString, Position, Range,
};
use serde_json::json;
use vera_diagnostics::{Diagnostic as Report, FileId, Severity};
use vera_verify::Status;

use crate::document::{Document, ENTRY, Proofs};

/// What is published of a document: its reports, those of the prover as soon as there are
/// any, and a hint for each function.
pub fn published(document: &Document, proofs: Option<&Proofs>, hints: bool) -> Vec<Diagnostic> {
    let mut out: Vec<Diagnostic> =
        reports(document, proofs).map(|report| diagnostic(document, report)).collect();
    if let Some(proofs) = proofs.filter(|_| hints) {
        out.extend(tiers(document, proofs));
    }
    out
}

/// The reports of a document, in order.
pub fn reports<'d>(
    document: &'d Document,
    proofs: Option<&'d Proofs>,
) -> impl Iterator<Item = &'d Report> {
    let proved = proofs.into_iter().flat_map(|proofs| &proofs.verification.diagnostics);
    document.checked.diagnostics.iter().chain(proved)
}

/// A report as the protocol has it. One of another file stands at the first line, and names
/// its place.
pub fn diagnostic(document: &Document, report: &Report) -> Diagnostic {
    let here = report.location.filter(|at| at.file == ENTRY);
    let range = here.map_or_else(Range::default, |at| {
        let mut range = document.range(at.span);
        if range.start == range.end {
            range.end.character += 1;
        }
        range
    });
    let mut message = report.description.clone();
    if !report.rationale.is_empty() {
        message.push_str(&format!("\n\n{}", report.rationale));
    }
    if !report.fix.is_empty() {
        message.push_str(&format!("\n\nFix: {}", report.fix));
    }
    let mut related = Vec::new();
    let mut relate = |at, message: &str| {
        let location = document.location(at);
        related.extend(location.map(|location| DiagnosticRelatedInformation {
            location,
            message: message.to_owned(),
        }));
    };
    if let (None, Some(at)) = (here, report.location) {
        relate(at, "here");
    }
    for place in &report.related {
        relate(place.at, &place.label);
    }
    Diagnostic {
        range,
        severity: Some(match report.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
        }),
        code: report.code.map(|code| NumberOrString::String(code.as_str().to_owned())),
        source: Some("vera".to_owned()),
        message,
        related_information: (!related.is_empty()).then_some(related),
        data: report.tier.map(|tier| json!({ "tier": tier })),
        ..Diagnostic::default()
    }
}

/// One hint for each function with obligations none of which is refuted.
fn tiers(document: &Document, proofs: &Proofs) -> Vec<Diagnostic> {
    let mut out: Vec<(&str, Vec<&vera_verify::Record>)> = Vec::new();
    for record in &proofs.verification.records {
        if record.at.file != ENTRY {
            continue;
        }
        match out.iter_mut().find(|(name, _)| *name == record.function) {
            Some((_, records)) => records.push(record),
            None => out.push((&record.function, vec![record])),
        }
    }
    out.into_iter().filter_map(|(name, records)| tier(document, name, &records)).collect()
}

fn tier(document: &Document, name: &str, records: &[&vera_verify::Record]) -> Option<Diagnostic> {
    let count = |statuses: &[Status]| {
        records.iter().filter(|record| statuses.contains(&record.status)).count()
    };
    let total = records.len();
    if count(&[Status::Violated]) > 0 {
        return None;
    }
    let unguarded = count(&[Status::Tier3Unguarded]);
    let runtime = count(&[Status::Tier3, Status::Timeout]);
    let message = if unguarded > 0 {
        format!(
            "{name}: not verified — {unguarded} of {total} obligation(s) were neither proved nor guarded"
        )
    } else if runtime > 0 {
        format!("{name}: Tier 3 — {runtime} of {total} obligation(s) fall back to runtime checks")
    } else {
        let holes = &document.program()?.holes;
        let declaration = records.first()?.declaration?;
        let holed = holes.iter().any(|hole| {
            hole.file == FileId(0)
                && declaration.span.start <= hole.span.start
                && hole.span.end <= declaration.span.end
        });
        if holed {
            return None;
        }
        format!("{name}: Tier 1 — all contracts proven by Z3")
    };
    let line = document.range(records.first()?.at.span).start.line;
    let at = Position::new(line, 0);
    Some(Diagnostic {
        range: Range::new(at, at),
        severity: Some(DiagnosticSeverity::HINT),
        code: Some(NumberOrString::String("tier".to_owned())),
        source: Some("vera".to_owned()),
        message,
        ..Diagnostic::default()
    })
}
