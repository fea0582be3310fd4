//! The regular expressions of `regex_match` and its like.

use alloc::vec::Vec;

use vera_abi::trap::TrapKind;
use vera_data::regex::{Error, Regex};
use vera_rt::trap::trap;
use vera_rt::{Heap, Ref, Roots, seq, string};

use crate::values::{Builder, build};

/// So many compiled patterns are kept.
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

    fn get(&mut self, pattern: &[u8]) -> Result<&mut Regex, Error> {
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

/// `Ok` of what is made of the answer, or `Err` of the reason.
fn result<T>(
    heap: &mut Heap,
    roots: Roots,
    answer: Result<T, Error>,
    ok: impl FnOnce(&mut Builder<'_>, T) -> Ref,
) -> Ref {
    build(heap, roots, |b| match answer {
        Ok(value) => ok(b, value),
        Err(error) => b.err(error.text()),
    })
}

/// `Result<Bool, String>`: whether the pattern matches anywhere in the text.
pub fn matches(heap: &mut Heap, kept: &mut Patterns, args: [Ref; 2], roots: Roots) -> Ref {
    let [text, pattern] = args;
    let regex = kept.get(string::bytes(heap, pattern));
    let answer = regex.and_then(|regex| regex.matches(string::bytes(heap, text)));
    result(heap, roots, answer, |b, found| b.ok_bool(found))
}

/// `Result<Option<String>, String>`: the first match.
pub fn find(heap: &mut Heap, kept: &mut Patterns, args: [Ref; 2], roots: Roots) -> Ref {
    let [text, pattern] = args;
    let regex = kept.get(string::bytes(heap, pattern));
    let answer = regex.and_then(|regex| regex.find(string::bytes(heap, text)));
    result(heap, roots, answer, |b, found| {
        let found = found.map(|range| part(b, text, range));
        let option = b.option(found);
        b.ok(option)
    })
}

/// `Result<Array<String>, String>`: all matches.
pub fn find_all(heap: &mut Heap, kept: &mut Patterns, args: [Ref; 2], roots: Roots) -> Ref {
    let [text, pattern] = args;
    let regex = kept.get(string::bytes(heap, pattern));
    let answer = regex.and_then(|regex| regex.find_all(string::bytes(heap, text)));
    result(heap, roots, answer, |b, found| {
        let parts: Vec<Ref> = found.into_iter().map(|range| part(b, text, range)).collect();
        let array = b.array(&parts);
        b.ok(array)
    })
}

/// `Result<String, String>`: the text with the first match replaced.
pub fn replace(heap: &mut Heap, kept: &mut Patterns, args: [Ref; 3], roots: Roots) -> Ref {
    let [text, pattern, template] = args;
    let regex = kept.get(string::bytes(heap, pattern));
    let answer = regex.and_then(|regex| {
        regex.replace_first(string::bytes(heap, text), string::bytes(heap, template))
    });
    result(heap, roots, answer, |b, replaced| {
        let replaced = b.string(&replaced);
        b.ok(replaced)
    })
}

/// A part of a text, which shares its bytes where that pays.
fn part(b: &mut Builder<'_>, text: Ref, range: core::ops::Range<usize>) -> Ref {
    let (start, count) = (range.start as u32, range.len() as u32);
    seq::part(b.heap, text, start, count, 1, b.roots)
}
