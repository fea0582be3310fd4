//! The regular expressions of `regex_match` and its like.

use alloc::vec::Vec;
use core::ops::Range;

use vera_abi::trap::TrapKind;
use vera_data::regex::{Backtracking, Error, Regex, Template};
use vera_rt::trap::trap;
use vera_rt::{Heap, Ref, Roots, seq, string};

use crate::values::{Builder, build, elements};

/// So many patterns that are texts are kept.
const KEPT: usize = 16;

/// Patterns used before, compiled, the last one first: programs use the same few again
/// and again.
#[derive(Default)]
pub struct Patterns(Vec<(Vec<u8>, Regex)>);

impl Patterns {
    /// No patterns.
    pub const fn new() -> Patterns {
        Patterns(Vec::new())
    }

    /// The pattern of this text.
    pub fn get(&mut self, heap: &Heap, pattern: Ref) -> Result<&mut Regex, Error> {
        let pattern = string::bytes(heap, pattern);
        match self.0.iter().position(|(known, _)| known == pattern) {
            Some(at) => self.0.swap(0, at),
            None => {
                let regex = Regex::new(pattern)?;
                self.0.truncate(KEPT - 1);
                self.0.push((pattern.to_vec(), regex));
                let last = self.0.len() - 1;
                self.0.swap(0, last);
            }
        }
        match self.0.as_mut_slice() {
            [(_, regex), ..] => Ok(regex),
            // One has just been put there.
            [] => trap(TrapKind::Unreachable),
        }
    }
}

/// Patterns that the compiler has frozen: arrays of texts, by their addresses. A program
/// has so many, and they stay.
#[derive(Default)]
pub struct Frozen {
    known: Vec<(Ref, Regex)>,
    /// The engine of those that backtrack, once one has asked for it.
    pub backtracking: Option<Backtracking>,
}

impl Frozen {
    /// No patterns.
    pub const fn new() -> Frozen {
        Frozen { known: Vec::new(), backtracking: None }
    }

    /// The pattern there.
    #[inline(never)]
    pub fn get(&mut self, heap: &Heap, pattern: Ref) -> &mut Regex {
        let at = match self.known.iter().position(|(known, _)| *known == pattern) {
            Some(at) => at,
            None => {
                let pieces = elements(heap, pattern).map(|piece| string::bytes(heap, piece));
                self.known.push((pattern, Regex::thaw(pieces, self.backtracking)));
                self.known.len() - 1
            }
        };
        &mut self.known[at].1
    }
}

/// A pattern ready to be searched for, or why there is none.
type Compiled<'a> = Result<&'a mut Regex, Error>;

/// What a search gives.
enum Answer {
    Matches(bool),
    Found(Option<Range<usize>>),
    All(Vec<Range<usize>>),
    Text(Vec<u8>),
}

/// `Ok` of the answer, or `Err` of the reason. One for all, since each program that has
/// one carries it.
#[inline(never)]
fn result(heap: &mut Heap, roots: Roots, text: Ref, answer: Result<Answer, Error>) -> Ref {
    build(heap, roots, |b| {
        let value = match answer {
            Err(error) => return b.err(error.text()),
            Ok(Answer::Matches(matches)) => return b.ok_bool(matches),
            Ok(Answer::Found(found)) => {
                let found = found.map(|range| part(b, text, range));
                b.option(found)
            }
            Ok(Answer::All(all)) => {
                let parts: Vec<Ref> = all.into_iter().map(|range| part(b, text, range)).collect();
                b.array(&parts)
            }
            Ok(Answer::Text(text)) => b.string(&text),
        };
        b.ok(value)
    })
}

/// `Result<Bool, String>`: whether the pattern matches anywhere in the text.
pub fn matches(heap: &mut Heap, regex: Compiled<'_>, text: Ref, roots: Roots) -> Ref {
    let matches = regex.and_then(|regex| regex.matches(string::bytes(heap, text)));
    result(heap, roots, text, matches.map(Answer::Matches))
}

/// `Result<Option<String>, String>`: the first match.
pub fn find(heap: &mut Heap, regex: Compiled<'_>, text: Ref, roots: Roots) -> Ref {
    let found = regex.and_then(|regex| regex.find(string::bytes(heap, text)));
    result(heap, roots, text, found.map(Answer::Found))
}

/// `Result<Array<String>, String>`: all matches.
pub fn find_all(heap: &mut Heap, regex: Compiled<'_>, text: Ref, roots: Roots) -> Ref {
    let all = regex.and_then(|regex| regex.find_all(string::bytes(heap, text)));
    result(heap, roots, text, all.map(Answer::All))
}

/// `Result<String, String>`: the text with the first match replaced.
pub fn replace(
    heap: &mut Heap,
    regex: Compiled<'_>,
    text: Ref,
    template: Ref,
    roots: Roots,
) -> Ref {
    let replaced = regex.and_then(|regex| {
        regex.replace_first(string::bytes(heap, text), string::bytes(heap, template))
    });
    result(heap, roots, text, replaced.map(Answer::Text))
}

/// The same for a template that the compiler has frozen.
pub fn replace_by_frozen(
    heap: &mut Heap,
    regex: Compiled<'_>,
    text: Ref,
    template: Ref,
    roots: Roots,
) -> Ref {
    let replaced = regex.and_then(|regex| {
        let template = Template::thaw(string::bytes(heap, template));
        regex.replace_first_by(string::bytes(heap, text), &template)
    });
    result(heap, roots, text, replaced.map(Answer::Text))
}

/// A part of a text, which shares its bytes where that pays.
fn part(b: &mut Builder<'_>, text: Ref, range: Range<usize>) -> Ref {
    let (start, count) = (range.start as u32, range.len() as u32);
    seq::part(b.heap, text, start, count, 1, b.roots)
}
