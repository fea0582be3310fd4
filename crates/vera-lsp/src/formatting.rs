//! Canonical form, of a whole document or of the declarations in a range.

use lsp_types::{Range, TextEdit};
use vera_diagnostics::Span;

use crate::document::Document;

/// The edit that makes a text canonical; none where it does not parse, or is so already.
pub fn whole(document: &Document) -> Option<Vec<TextEdit>> {
    let new_text = canonical(&document.text)?;
    if new_text == document.text {
        return Some(Vec::new());
    }
    Some(vec![TextEdit { range: document.lines.all(&document.text), new_text }])
}

/// The edits that make those declarations canonical that a range meets.
pub fn range(document: &Document, range: Range) -> Option<Vec<TextEdit>> {
    let (old, lines) = (&document.text, &document.lines);
    let new = canonical(old)?;
    let (start, end) = (lines.offset(old, range.start), lines.offset(old, range.end));
    let (before, after) = (declarations(old), declarations(&new));
    let pairs = before.iter().zip(&after).filter(|(b, _)| b.start <= end && start <= b.end);
    let edit = |(before, after): (&Span, &Span)| {
        let new_text = &new[after.start as usize..after.end as usize];
        let changes = old[before.start as usize..before.end as usize] != *new_text;
        changes
            .then(|| TextEdit { range: lines.range(old, *before), new_text: new_text.to_owned() })
    };
    Some(pairs.filter_map(edit).collect())
}

fn canonical(text: &str) -> Option<String> {
    let parsed = vera_syntax::parse(text);
    if !parsed.errors.is_empty() {
        return None;
    }
    vera_fmt::format_checked(text, &parsed).ok()
}

/// Where the declarations of a text stand. Formatting leaves their order.
fn declarations(text: &str) -> Vec<Span> {
    vera_syntax::parse(text).program.decls.iter().map(|decl| decl.span).collect()
}
