//! One function for each report, grouped as the registry groups the codes.

pub(crate) mod calls;
pub(crate) mod constructors;
pub(crate) mod contracts;
pub(crate) mod control;
pub(crate) mod declare;
pub(crate) mod effects;
pub(crate) mod expressions;
pub(crate) mod modules;
pub(crate) mod operators;
pub(crate) mod patterns;
pub(crate) mod repairs;
pub(crate) mod slots;
pub(crate) mod types;

use vera_diagnostics::{Code, Diagnostic, FileSpan};

/// An error with all its parts: what, why, what to write, where it is written.
fn error(
    code: Code,
    at: FileSpan,
    description: String,
    rationale: &str,
    fix: impl Into<String>,
    spec: &str,
) -> Diagnostic {
    Diagnostic::error(code, at, description).rationale(rationale).fix(fix).spec(spec)
}

/// At most three names like `name`, the likeliest first: those that one of both begins
/// with, if there are any, and otherwise those within a small edit distance.
pub(crate) fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Vec<String> {
    const LEAST: usize = 4;
    let limit = (name.len() / 3).max(1);
    let mut close: Vec<(usize, &str)> = Vec::new();
    for other in names {
        let begins = |a: &str, b: &str| a.len() >= LEAST && b.starts_with(a);
        if begins(name, other) || begins(other, name) {
            close.push((0, other));
        } else if let Some(distance) = distance(name, other, limit) {
            close.push((distance, other));
        }
    }
    close.sort();
    close.dedup();
    let alike = close.first().is_some_and(|(distance, _)| *distance == 0);
    close.retain(|(distance, _)| !alike || *distance == 0);
    close.into_iter().take(3).map(|(_, n)| n.to_owned()).collect()
}

/// Levenshtein distance, or `None` above `limit`.
fn distance(a: &str, b: &str, limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let cost = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().filter(|d| *d <= limit)
}

/// `1 argument`, `2 arguments`.
fn count(n: usize, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// Names in backquotes, joined by commas.
fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    names.join(", ")
}
