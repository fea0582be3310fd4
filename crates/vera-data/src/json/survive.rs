//! Which violation survives.
//!
//! A number too large and a lone surrogate are no errors in a value that a later
//! member of the same name discards. Such texts are rare, so the parser only
//! notes where the flaws are; when there is one, the text, well-formed by now, is
//! walked again here. Each container keeps the first flaw among its contents that
//! are still alive, an object by the names of the members.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::parse::Flaw;
use super::scan::{Scanner, plain};

/// The first of several flaws, by their index; none is the greatest.
type First = usize;
const NONE: First = usize::MAX;

/// A container that is open.
enum Open {
    Array(First),
    Object {
        /// First flaw in a name.
        names: First,
        /// The opening quote of the name whose value comes next; `None` where a
        /// name comes next.
        name: Option<usize>,
        /// First flaws in the values, by name. Members before the first flawed
        /// one are left out.
        values: BTreeMap<Vec<u8>, First>,
    },
}

/// The first of `flaws` that no later member of the same name discards.
/// O(n log n) for a well-formed text of length n.
#[cold]
#[inline(never)]
pub(super) fn first(text: &[u8], flaws: &[Flaw]) -> Option<Flaw> {
    let mut stack: Vec<Open> = Vec::new();
    let mut seen = 0;
    let mut at = 0;
    loop {
        let value = match text.get(at)? {
            b' ' | b'\n' | b'\r' | b'\t' | b',' | b':' => {
                at += 1;
                continue;
            }
            b'[' => {
                at += 1;
                stack.push(Open::Array(NONE));
                continue;
            }
            b'{' => {
                at += 1;
                stack.push(Open::Object { names: NONE, name: None, values: BTreeMap::new() });
                continue;
            }
            b']' | b'}' => {
                at += 1;
                stack.pop().map_or(NONE, Open::first)
            }
            _ => {
                let from = at;
                at = end_of_scalar(text, at);
                let flaw =
                    if flaws.get(seen).is_some_and(|flaw| flaw.at < at) { seen } else { NONE };
                seen += usize::from(flaw != NONE);
                if let Some(Open::Object { names, name: name @ None, .. }) = stack.last_mut() {
                    *names = flaw.min(*names);
                    *name = Some(from);
                    continue;
                }
                flaw
            }
        };
        match stack.last_mut() {
            None => return flaws.get(value).copied(),
            Some(Open::Array(first)) => *first = value.min(*first),
            Some(Open::Object { name, values, .. }) => {
                let name = name.take().unwrap_or(at);
                if (value != NONE || !values.is_empty())
                    && let Ok((name, _)) = Scanner::new(text, name).string()
                {
                    values.insert(name.to_vec(), value);
                }
            }
        }
    }
}

impl Open {
    /// The first flaw of a whole container.
    fn first(self) -> First {
        match self {
            Open::Array(first) => first,
            Open::Object { names, values, .. } => values.into_values().fold(names, First::min),
        }
    }
}

/// Where the string, number or literal ends that starts at `at`.
fn end_of_scalar(text: &[u8], mut at: usize) -> usize {
    if text.get(at) == Some(&b'"') {
        at += 1;
        loop {
            at += plain(text.get(at..).unwrap_or(&[]));
            match text.get(at) {
                Some(b'\\') => at += 2,
                _ => return at + 1,
            }
        }
    }
    while !matches!(text.get(at), None | Some(b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}
