//! What can be done at a place: the repairs that reports offer, and binding with `let`.

use std::collections::HashMap;

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, Range, TextEdit, Uri, WorkspaceEdit,
};
use vera_diagnostics::{Applicability, Diagnostic as Report, FileSpan, Fix, Span};
use vera_session::Files;

use crate::document::{Document, ENTRY, Proofs};
use crate::{reports, slots};

/// The kinds of actions there are.
pub const KINDS: [&str; 4] = ["quickfix", "source.fixAll", "refactor.extract", "refactor.inline"];

/// One quick fix for each repair of a report in a range, and one action for all that are
/// safe; a `let` for the selected expression, and the end of one.
pub fn actions(
    files: &dyn Files,
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
    let selected = Span::new(document.offset(range.start), document.offset(range.end));
    // The text as the checker has it is the client's, but for a mark at its beginning.
    if document.checked.sources.get(ENTRY).text() == document.text {
        if let Some(text) = slots::extracted(files, document, selected) {
            let title = "Bind the expression with `let`";
            out.push(refactoring(document, title, CodeActionKind::REFACTOR_EXTRACT, &text));
        }
        if let Some(text) = slots::inlined(files, document, selected.start) {
            let title = "Write the value of this `let` where it is used";
            out.push(refactoring(document, title, CodeActionKind::REFACTOR_INLINE, &text));
        }
    }
    out
}

/// The document as another text, by the one edit that leaves both ends as they are.
fn refactoring(
    document: &Document,
    title: &str,
    kind: CodeActionKind,
    new: &str,
) -> CodeActionOrCommand {
    let old = &document.text;
    let same = |(a, b): &(char, char)| a == b;
    let start: usize =
        old.chars().zip(new.chars()).take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let ends = old[start..].chars().rev().zip(new[start..].chars().rev());
    let end: usize = ends.take_while(same).map(|(c, _)| c.len_utf8()).sum();
    let span = Span::new(start as u32, (old.len() - end) as u32);
    let new_text = new[start..new.len() - end].to_owned();
    let edit = TextEdit { range: document.lines.range(old, span), new_text };
    #[expect(clippy::mutable_key_type, reason = "the protocol's own type has such keys")]
    let changes = HashMap::from([(document.uri.clone(), vec![edit])]);
    CodeActionOrCommand::CodeAction(CodeAction {
        title: title.to_owned(),
        kind: Some(kind),
        edit: Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }),
        ..CodeAction::default()
    })
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
