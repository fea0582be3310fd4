//! Edits with what they do to the proofs: `vera/speculativeEdit`, `vera/proposeEdit`,
//! `vera/strengthenContract` (language reference, chapter 17.8).

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};
use vera_syntax::ast::{self, ClauseKind, Decl};
use vera_verify::{Record, Status, Verification};

use crate::document::{Document, ENTRY};

/// What a proposed text is like.
pub struct Outcome {
    pub ok: bool,
    /// `None`: it does not get as far as proofs.
    pub delta: Option<Delta>,
    /// How many errors it has.
    pub errors: usize,
}

/// The obligations of a text against those of another.
pub struct Delta {
    json: Value,
    /// Nothing that was proved is proved no more, and nothing new is open.
    pub safe: bool,
}

impl Outcome {
    pub fn json(&self) -> Value {
        json!({
            "ok": self.ok,
            "proof_delta": self.delta.as_ref().map(|delta| delta.json.clone()),
            "diagnostics": self.errors,
        })
    }

    /// Whether the edit may be made without being forced.
    pub fn passes(&self) -> bool {
        self.errors == 0 && self.delta.as_ref().is_some_and(|delta| delta.safe)
    }
}

/// When obligations of two texts that stand at different places are the same.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pairing {
    /// They say the same.
    ByText,
    /// They are of the same kind in the same function, in order: slots are counted anew, so
    /// texts differ.
    ByKind,
}

/// A record with where it stands.
struct Placed<'r> {
    record: &'r Record,
    line: u32,
    column: u32,
}

fn placed<'r>(document: &Document, verification: &'r Verification) -> Vec<Placed<'r>> {
    let place = |record: &'r Record| {
        let at = document.checked.sources.get(record.at.file).line_col(record.at.span.start);
        Placed { record, line: at.line, column: at.column }
    };
    verification.records.iter().map(place).collect()
}

type Identity<'r> = (&'r str, &'static str, &'r str, u32, u32);

impl Placed<'_> {
    /// What makes it the same obligation at the same place.
    fn identity(&self) -> Identity<'_> {
        let r = self.record;
        (&r.function, r.kind.as_str(), &r.text, self.line, self.column)
    }

    /// What makes it the same obligation wherever it stands.
    fn what(&self, pairing: Pairing) -> (bool, &str, &'static str, &str) {
        let r = self.record;
        let text = match pairing {
            Pairing::ByText => r.text.as_str(),
            Pairing::ByKind => "",
        };
        (r.at.file == ENTRY, &r.function, r.kind.as_str(), text)
    }

    fn item(&self, before: Option<Status>, after: Option<Status>) -> Value {
        json!({
            "fn": self.record.function,
            "kind": self.record.kind.as_str(),
            "expr": self.record.text,
            "line": self.line,
            "column": self.column,
            "status_before": before.map(Status::as_str),
            "status_after": after.map(Status::as_str),
        })
    }
}

/// Compares the proofs of two texts. Of an old text that cannot be proved there are none.
pub fn delta(
    old: Option<(&Document, &Verification)>,
    new: (&Document, &Verification),
    pairing: Pairing,
) -> Delta {
    let before = old.map(|(document, found)| placed(document, found)).unwrap_or_default();
    let after = placed(new.0, new.1);
    let mut waiting: HashMap<Identity<'_>, Vec<usize>> = HashMap::new();
    for (i, record) in before.iter().enumerate().rev() {
        waiting.entry(record.identity()).or_default().push(i);
    }
    // For each new obligation the old one at the same place, if there is one.
    let mut same: Vec<Option<usize>> =
        after.iter().map(|record| waiting.get_mut(&record.identity())?.pop()).collect();
    let kept: HashSet<usize> = same.iter().flatten().copied().collect();
    let removed: Vec<Value> = (0..before.len())
        .filter(|i| !kept.contains(i))
        .map(|i| before[i].item(Some(before[i].record.status), None))
        .collect();
    let in_place = same.clone();
    // The rest are paired by what they say, in order.
    let mut moved: HashMap<_, Vec<usize>> = HashMap::new();
    for i in (0..before.len()).rev().filter(|i| !kept.contains(i)) {
        moved.entry(before[i].what(pairing)).or_default().push(i);
    }
    for (record, pair) in after.iter().zip(&mut same) {
        if pair.is_none() {
            *pair = moved.get_mut(&record.what(pairing)).and_then(Vec::pop);
        }
    }
    let (mut discharged, mut timed_out, mut undischarged) = (Vec::new(), Vec::new(), Vec::new());
    let (mut regressions, mut unchanged, mut safe) = (Vec::new(), 0, true);
    for ((record, here), pair) in after.iter().zip(in_place).zip(same) {
        let now = record.record.status;
        let was = pair.map(|i| before[i].record.status);
        if here.is_some() && was == Some(now) {
            unchanged += 1;
        } else {
            let item = record.item(was, Some(now));
            match now {
                Status::Verified => discharged.push(item),
                Status::Timeout => timed_out.push(item),
                Status::Violated | Status::Tier3 | Status::Tier3Unguarded => {
                    safe &= was == Some(now);
                    undischarged.push(item);
                }
            }
        }
        if let Some(i) = pair
            && was == Some(Status::Verified)
            && now != Status::Verified
        {
            let mut item = record.item(was, Some(now));
            item["line_before"] = before[i].line.into();
            item["column_before"] = before[i].column.into();
            regressions.push(item);
        }
    }
    safe &= regressions.is_empty();
    let json = json!({
        "newly_discharged": discharged,
        "timed_out": timed_out,
        "newly_undischarged": undischarged,
        "unchanged": unchanged,
        "removed": removed,
        "proof_regressions": regressions,
    });
    Delta { json, safe }
}

/// The text with another expression in the first clause of a kind of a top-level function.
///
/// # Errors
/// Why there is no such clause.
pub fn strengthened(
    document: &Document,
    name: &str,
    kind: &str,
    expr: &str,
) -> Result<String, String> {
    let text = document.checked.sources.get(ENTRY).text();
    let (tree, f) = function(document, name)?;
    let clause = f.clauses.iter().find_map(|clause| match (&clause.kind, kind) {
        (ClauseKind::Requires(e), "requires") | (ClauseKind::Ensures(e), "ensures") => Some(*e),
        _ => None,
    });
    let clause = clause.ok_or_else(|| format!("`{name}` has no `{kind}`"))?;
    let span = tree.nodes[clause].span;
    let (start, end) = (span.start as usize, span.end as usize);
    Ok(format!("{}{expr}{}", &text[..start], &text[end..]))
}

/// A top-level function, and the tree it stands in.
///
/// # Errors
/// There is none of that name, or the text cannot be read.
pub fn function<'d>(
    document: &'d Document,
    name: &str,
) -> Result<(&'d ast::Program, &'d ast::FnDecl), String> {
    let tree = document.checked.trees.first().ok_or("the document has no analysis")?;
    if !vera_syntax::parse(document.checked.sources.get(ENTRY).text()).errors.is_empty() {
        return Err("the document does not parse".to_owned());
    }
    let found = functions(tree).find(|f| f.name.text == name);
    let found = found.ok_or_else(|| format!("there is no top-level function `{name}`"))?;
    Ok((tree, found))
}

/// The top-level functions.
pub fn functions(tree: &ast::Program) -> impl Iterator<Item = &ast::FnDecl> {
    tree.decls.iter().filter_map(|decl| match &decl.decl {
        Decl::Fn(f) => Some(f),
        Decl::Data(_) | Decl::Alias(_) | Decl::Effect(_) | Decl::Ability(_) => None,
    })
}
