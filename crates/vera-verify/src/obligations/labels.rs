//! How slots and expressions are written.

use super::walk::Frame;
use crate::logic::TermId;

/// As many slots are kept for a counterexample, the innermost ones.
const MAX_SLOTS: usize = 40;

/// The slots in scope as the source refers to them, with their values.
pub(super) fn slots(frame: &Frame<'_>) -> Vec<(String, TermId)> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    let mut out = Vec::new();
    for local in frame.scope.iter().rev().take(MAX_SLOTS) {
        let name = frame.body[*local].slot.as_str();
        let index = match counts.iter_mut().find(|(n, _)| *n == name) {
            Some((_, count)) => {
                *count += 1;
                *count
            }
            None => {
                counts.push((name, 0));
                0
            }
        };
        if let Some(value) = frame.locals.get(local) {
            out.push((format!("@{name}.{index}"), *value));
        }
    }
    out.sort();
    out
}

/// How clauses name parameters of these types, in order.
pub(crate) fn arguments(types: &[&str]) -> Vec<String> {
    let label = |(at, ty): (usize, &&str)| {
        let later = types[at + 1..].iter().filter(|t| *t == ty).count();
        format!("@{ty}.{later}")
    };
    types.iter().enumerate().map(label).collect()
}

/// `text` with each slot reference replaced by the argument of the same name.
pub(super) fn substitute(text: &str, arguments: &[(String, String)]) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let fits = |(name, _): &&(String, String)| {
            rest.strip_prefix(name.as_str())
                .is_some_and(|after| !after.starts_with(|c: char| c.is_ascii_digit()))
        };
        match arguments.iter().find(fits) {
            Some((name, value)) => {
                rest = &rest[name.len()..];
                let plain = value.chars().all(|c| c.is_alphanumeric() || "@._\"".contains(c));
                // A whole argument needs no parentheses of its own.
                let alone = out.ends_with(['(', '[']) || out.ends_with(", ");
                let alone = alone && rest.starts_with([')', ']', ',']);
                let whole = plain || alone;
                out.push_str(&if whole { value.clone() } else { format!("({value})") });
            }
            None => {
                out.push('@');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_take_the_place_of_slots() {
        let args =
            [("@Int.1".to_owned(), "@Nat.0".to_owned()), ("@Int.0".to_owned(), "0 - 4".to_owned())];
        assert_eq!(substitute("@Int.0 > @Int.1", &args), "(0 - 4) > @Nat.0");
        assert_eq!(substitute("@Int.10 > 0", &args), "@Int.10 > 0");
        assert_eq!(substitute("f(@Int.0, -@Int.0) > 0", &args), "f(0 - 4, -(0 - 4)) > 0");
    }
}
