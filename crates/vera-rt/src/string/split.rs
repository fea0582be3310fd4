//! Strings into arrays of strings (language reference, chapter 12.6.4).
//!
//! Each function says where the next piece is; [`pieces`] asks twice, once to
//! count and once to build, so nothing is kept in between.

use super::search::Needle;
use super::transform::{find, is_space};
use super::{bytes, empty};
use crate::heap::Heap;
use crate::memory::Ref;
use crate::roots::Roots;
use crate::seq::{self, len};

/// A piece: its bytes `[start, end)`, and where to look for the next.
struct Piece {
    start: u32,
    end: u32,
    next: u32,
}

/// The array of the pieces that `piece` finds from position 0 on.
fn pieces(
    heap: &mut Heap,
    text: Ref,
    roots: Roots,
    piece: impl Fn(&Heap, u32) -> Option<Piece>,
) -> Ref {
    let (mut count, mut at) = (0, 0);
    while let Some(found) = piece(heap, at) {
        (count, at) = (count + 1, found.next);
    }
    let roots = roots.with(heap, [text]);
    let mut at = 0;
    seq::collected(heap, count, roots, |heap, _, roots| match piece(heap, at) {
        Some(found) => {
            at = found.next;
            seq::part(heap, text, found.start, found.end - found.start, 1, roots)
        }
        None => empty(heap),
    })
}

/// The pieces between non-overlapping occurrences of `delimiter`, at least one;
/// an empty delimiter does not occur. O(n + m + pieces).
pub fn split(heap: &mut Heap, text: Ref, delimiter: Ref, roots: Roots) -> Ref {
    let roots = roots.with(heap, [delimiter]);
    let size = len(heap, delimiter);
    let search = (size > 0).then(|| Needle::new(bytes(heap, delimiter)));
    let total = len(heap, text);
    pieces(heap, text, roots, |heap, start| {
        if start > total {
            return None;
        }
        let found = search.and_then(|search| find(heap, search, text, delimiter, start));
        Some(match found {
            Some(end) => Piece { start, end, next: end + size },
            None => Piece { start, end: total, next: total + 1 },
        })
    })
}

/// One string for each byte. O(n).
pub fn chars(heap: &mut Heap, text: Ref, roots: Roots) -> Ref {
    let total = len(heap, text);
    pieces(heap, text, roots, |_, at| {
        (at < total).then_some(Piece { start: at, end: at + 1, next: at + 1 })
    })
}

/// The lines, ended by LF, CR LF or CR; the end of the text ends a last line
/// that has no terminator of its own and is not empty. O(n).
pub fn lines(heap: &mut Heap, text: Ref, roots: Roots) -> Ref {
    let total = len(heap, text);
    pieces(heap, text, roots, |heap, start| {
        let rest = bytes(heap, text).get(start as usize..).filter(|rest| !rest.is_empty())?;
        let length = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let Some(length) = length else {
            return Some(Piece { start, end: total, next: total });
        };
        let terminator = if rest.get(length..)?.starts_with(b"\r\n") { 2 } else { 1 };
        let end = start + length as u32;
        Some(Piece { start, end, next: end + terminator })
    })
}

/// The longest stretches without white space. O(n).
pub fn words(heap: &mut Heap, text: Ref, roots: Roots) -> Ref {
    pieces(heap, text, roots, |heap, at| {
        let rest = bytes(heap, text).get(at as usize..)?;
        let skipped = rest.iter().position(|&byte| !is_space(byte))?;
        let word = rest.get(skipped..)?;
        let length = word.iter().position(|&byte| is_space(byte)).unwrap_or(word.len());
        let start = at + skipped as u32;
        let end = start + length as u32;
        Some(Piece { start, end, next: end })
    })
}
