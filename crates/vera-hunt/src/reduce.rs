//! Makes a faulty program smaller: replaces bracketed parts by parts of them and
//! leaves out elements and statements, as long as the kind of fault stays. What
//! is no longer well typed has another fault.

use std::time::{Duration, Instant};

use crate::examine::Finding;

/// The smallest program found with the same kind of fault, and its fault, after `time`
/// at most. `confirm` says whether a program shows a fault like the one given.
pub fn reduce(
    text: String,
    finding: Finding,
    time: Duration,
    confirm: impl Fn(&str, &Finding) -> Option<Finding>,
) -> (String, Finding) {
    let until = Instant::now() + time;
    let mut found = (text, finding);
    let mut rest = 0;
    while Instant::now() < until {
        let candidates = candidates(&found.0);
        let smaller = candidates.iter().enumerate().skip(rest).find_map(|(at, text)| {
            let late = Instant::now() > until;
            let finding = confirm(text, &found.1).filter(|_| !late)?;
            Some((at, (text.clone(), finding)))
        });
        match smaller {
            // What did not help before seldom helps now.
            Some((at, faulty)) => (rest, found) = (at, faulty),
            None if rest == 0 => break,
            None => rest = 0,
        }
    }
    found
}

/// Smaller texts, those that leave out most first.
fn candidates(text: &str) -> Vec<String> {
    let mut cuts: Vec<(usize, usize, &str)> = Vec::new();
    let starts: Vec<usize> = text.match_indices("\nprivate ").map(|(at, _)| at).collect();
    for (i, start) in starts.iter().enumerate() {
        let next = starts.get(i + 1).copied().or_else(|| text.find("\npublic "));
        cuts.push((*start, next.unwrap_or(text.len()), ""));
    }
    let groups = groups(text);
    for (i, (start, end)) in groups.iter().enumerate() {
        let whole = call_start(text, *start);
        for (from, to) in elements(text, *start, *end) {
            cuts.push((from, to, ""));
            let element = text[from..to].trim_matches([',', ';', ' ']);
            cuts.push((whole, *end, element));
            cuts.push((*start, *end, element));
        }
        let inner = groups[i + 1..].iter().take_while(|(s, _)| s < end).take(60);
        for (s, e) in inner {
            cuts.push((whole, *end, &text[call_start(text, *s)..*e]));
        }
        for constant in ["{ 0 }", "{ true }", "{ \"\" }"] {
            cuts.push((*start, *end, constant));
        }
    }
    cuts.retain(|(from, to, with)| to - from > with.len());
    cuts.sort_by_key(|(from, to, with)| std::cmp::Reverse(to - from - with.len()));
    let apply =
        |(from, to, with): (usize, usize, &str)| [&text[..from], with, &text[to..]].concat();
    cuts.into_iter().map(apply).collect()
}

/// Bracketed parts, by where they start.
fn groups(text: &str) -> Vec<(usize, usize)> {
    let (mut open, mut groups) = (Vec::new(), Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '{' | '(' | '[' => open.push(at),
            '}' | ')' | ']' => groups.extend(open.pop().map(|start| (start, at + 1))),
            _ => {}
        }
    }
    groups.sort();
    groups
}

/// Where a call starts whose arguments start here.
fn call_start(text: &str, at: usize) -> usize {
    if !text[at..].starts_with('(') {
        return at;
    }
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    text[..at].rfind(|c| !name(c)).map_or(0, |i| i + 1)
}

/// The parts of a group between commas and semicolons, each with what follows.
fn elements(text: &str, start: usize, end: usize) -> Vec<(usize, usize)> {
    let (mut depth, mut from, mut parts) = (0, start + 1, Vec::new());
    for (at, c) in text[start + 1..end - 1].char_indices() {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            ',' | ';' if depth == 0 => {
                parts.push((from, start + 1 + at + 1));
                from = start + 1 + at + 1;
            }
            _ => {}
        }
    }
    if !parts.is_empty() {
        // With the separator before it.
        parts.push((from - 1, end - 1));
    }
    parts
}
