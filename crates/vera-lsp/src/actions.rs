//! The repairs that reports offer, as actions.

use std::collections::HashMap;

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, Range, TextEdit, Uri, WorkspaceEdit,
};
use vera_diagnostics::{Applicability, Diagnostic as Report, FileSpan, Fix};

use crate::document::{Document, ENTRY, Proofs};
use crate::reports;

/// One quick fix for each repair of a report in a range, and one action for all that are
/// safe.
pub fn actions(
    document: &Document,
    proofs: Option<&Proofs>,
    range: Range,
) -> Vec<CodeActionOrCommand> {
    let mut out = Vec::new();
    for report in reports::reports(document, proofs) {
        let Some(at) = report.location.filter(|at| at.file == ENTRY) else { continue };
        let place = document.range(at.span);
        if place.end < range.start || range.end < place.start {
            continue;
        }
        for (i, fix) in report.fixes.iter().enumerate() {
            out.extend(quick_fix(document, report, fix, i == 0));
        }
    }
    out.extend(fix_all(document, proofs));
    out
}

fn quick_fix(
    document: &Document,
    report: &Report,
    fix: &Fix,
    first: bool,
) -> Option<CodeActionOrCommand> {
    let edit = workspace_edit(document, std::iter::once(fix))?;
    Some(CodeActionOrCommand::CodeAction(CodeAction {
        title: fix.title.clone(),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(vec![reports::diagnostic(document, report)]),
        is_preferred: Some(first && fix.applicability == Applicability::Safe),
        edit: Some(edit),
        ..CodeAction::default()
    }))
}

/// Every safe repair of the document at once, as far as they do not meet.
fn fix_all(document: &Document, proofs: Option<&Proofs>) -> Option<CodeActionOrCommand> {
    let safe = reports::reports(document, proofs).filter_map(|report| {
        let own = |fix: &&Fix| fix.is_safe() && fix.edits.iter().all(|e| e.at.file == ENTRY);
        report.fixes.iter().find(own)
    });
    let source = document.checked.sources.get(ENTRY);
    let (_, applied) = vera_diagnostics::apply(source.text(), ENTRY, safe);
    if applied.is_empty() {
        return None;
    }
    let edit = workspace_edit(document, applied.into_iter())?;
    Some(CodeActionOrCommand::CodeAction(CodeAction {
        title: "Apply all safe repairs".to_owned(),
        kind: Some(CodeActionKind::SOURCE_FIX_ALL),
        edit: Some(edit),
        ..CodeAction::default()
    }))
}

fn workspace_edit<'f>(
    document: &Document,
    fixes: impl Iterator<Item = &'f Fix>,
) -> Option<WorkspaceEdit> {
    #[expect(clippy::mutable_key_type, reason = "the protocol's own type has such keys")]
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for edit in fixes.flat_map(|fix| &fix.edits) {
        let location = document.location(FileSpan { file: edit.at.file, span: edit.at.span })?;
        let edit = TextEdit { range: location.range, new_text: edit.text.clone() };
        changes.entry(location.uri).or_default().push(edit);
    }
    Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() })
}
