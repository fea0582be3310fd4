//! Strings from strings (language reference, chapters 12.6.2 and 12.6.4).

use super::search::Needle;
use super::{bytes, empty, new_undefined};
use crate::heap::Heap;
use crate::memory::Ref;
use crate::roots::Roots;
use crate::seq::{self, Elem, Head, data, len};
use crate::trap::heap_exhausted;

/// The length of a new string.
fn checked(len: u64) -> u32 {
    seq::byte_len(len, 1)
}

/// Appends `tail` to `head`.
///
/// Amortised O(length of `tail`): when `head` is the newest view of its owner
/// and that has room, the bytes are written in place and both values share it;
/// otherwise they are copied once into an owner twice the size.
///
/// # Traps
/// `heap_exhausted`.
#[inline(always)]
pub fn concat(heap: &mut Heap, text: Ref, tail: Ref, head: Head, roots: Roots) -> Ref {
    let count = len(heap, tail);
    if count == 0 {
        return text;
    }
    if head == Head::Shared && len(heap, text) == 0 {
        return tail;
    }
    let Some((grown, at)) = seq::extend_at_once(heap, text, count, Elem::BYTE, head) else {
        return concat_slow(heap, text, tail, head, roots);
    };
    let from = data(heap, tail);
    heap.mem_mut().copy(from, at, count);
    grown
}

/// Apart from the common case, which needs no stack frame.
#[cold]
#[inline(never)]
fn concat_slow(heap: &mut Heap, text: Ref, tail: Ref, head: Head, roots: Roots) -> Ref {
    let roots = roots.with(heap, [tail]);
    let count = len(heap, tail);
    let (grown, at) = seq::extend(heap, text, count, Elem::BYTE, head, roots);
    let from = data(heap, tail);
    heap.mem_mut().copy(from, at, count);
    grown
}

/// The strings of an array one after the other, `separator` between them.
/// O(result + elements).
pub fn join(heap: &mut Heap, array: Ref, separator: Ref, roots: Roots) -> Ref {
    let count = len(heap, array);
    let gap = len(heap, separator);
    let mut total = u64::from(count.saturating_sub(1)) * u64::from(gap);
    for i in 0..count {
        total += u64::from(len(heap, seq::get_ref(heap, array, i)));
    }
    let roots = roots.with(heap, [array, separator]);
    let (joined, mut to) = new_undefined(heap, checked(total), roots);
    for i in 0..count {
        if i > 0 {
            to = put(heap, separator, to);
        }
        to = put(heap, seq::get_ref(heap, array, i), to);
    }
    joined
}

/// Copies a string's bytes to an address; returns the address behind them.
fn put(heap: &mut Heap, string: Ref, to: u32) -> u32 {
    let (from, count) = (data(heap, string), len(heap, string));
    heap.mem_mut().copy(from, to, count);
    to + count
}

/// The strings of an array one after the other. O(result + elements).
pub fn concat_all(heap: &mut Heap, array: Ref, roots: Roots) -> Ref {
    let nothing = empty(heap);
    join(heap, array, nothing, roots)
}

/// Bytes `[start, end)`, both clamped; shares the bytes. O(1).
pub fn slice(heap: &mut Heap, text: Ref, start: i64, end: i64, roots: Roots) -> Ref {
    let (start, count) = seq::clamp(len(heap, text), start, end);
    seq::part(heap, text, start, count, 1, roots)
}

/// Fills `count` bytes at `to` with the bytes of `unit`, over and over: one
/// copy of the unit, then copies of what is there, twice as much each time.
fn fill_repeated(heap: &mut Heap, unit: Ref, to: u32, count: u32) {
    let first = len(heap, unit).min(count);
    let from = data(heap, unit);
    heap.mem_mut().copy(from, to, first);
    let mut done = first;
    while done < count {
        let more = done.min(count - done);
        heap.mem_mut().copy(to, to + done, more);
        done += more;
    }
}

/// `count` copies; a negative count counts as 0. O(result).
///
/// # Traps
/// `heap_exhausted`, whatever the count.
pub fn repeat(heap: &mut Heap, text: Ref, count: i64, roots: Roots) -> Ref {
    let unit = len(heap, text);
    if unit == 0 || count <= 0 {
        return empty(heap);
    }
    if count == 1 {
        return text;
    }
    let total = seq::byte_len(count as u64, unit);
    let roots = roots.with(heap, [text]);
    let (repeated, to) = new_undefined(heap, total, roots);
    fill_repeated(heap, text, to, total);
    repeated
}

/// The bytes in reverse order. O(n).
pub fn reverse(heap: &mut Heap, text: Ref, roots: Roots) -> Ref {
    crate::array::reverse(heap, text, Elem::BYTE, roots)
}

/// Which end padding goes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// In front of the text.
    Start,
    /// Behind it.
    End,
}

/// Pads to `width` bytes with `fill`, repeated from its first byte and cut off.
/// The text itself when it is long enough or `fill` is empty. O(result).
pub fn pad(heap: &mut Heap, text: Ref, width: i64, fill: Ref, end: End, roots: Roots) -> Ref {
    let have = len(heap, text);
    if width <= i64::from(have) || len(heap, fill) == 0 {
        return text;
    }
    let total = checked(width as u64);
    let roots = roots.with(heap, [text, fill]);
    let (padded, to) = new_undefined(heap, total, roots);
    let (text_at, fill_at) = match end {
        End::Start => (to + (total - have), to),
        End::End => (to, to + have),
    };
    put(heap, text, text_at);
    fill_repeated(heap, fill, fill_at, total - have);
    padded
}

/// The first `limit` bytes changed by `change`; the text itself if that leaves
/// them all alone. O(n).
fn map_bytes(
    heap: &mut Heap,
    text: Ref,
    limit: usize,
    change: impl Fn(u8) -> u8,
    roots: Roots,
) -> Ref {
    if bytes(heap, text).iter().take(limit).all(|&byte| change(byte) == byte) {
        return text;
    }
    let count = len(heap, text);
    let roots = roots.with(heap, [text]);
    let (copy, to) = new_undefined(heap, count, roots);
    put(heap, text, to);
    for byte in heap.mem_mut().bytes_mut(to, count).iter_mut().take(limit) {
        *byte = change(*byte);
    }
    copy
}

/// ASCII letters to upper case. O(n).
pub fn upper(heap: &mut Heap, text: Ref, roots: Roots) -> Ref {
    map_bytes(heap, text, usize::MAX, |byte| byte.to_ascii_uppercase(), roots)
}

/// ASCII letters to lower case. O(n).
pub fn lower(heap: &mut Heap, text: Ref, roots: Roots) -> Ref {
    map_bytes(heap, text, usize::MAX, |byte| byte.to_ascii_lowercase(), roots)
}

/// A first byte that is an ASCII letter to upper case. O(n).
pub fn first_upper(heap: &mut Heap, text: Ref, roots: Roots) -> Ref {
    map_bytes(heap, text, 1, |byte| byte.to_ascii_uppercase(), roots)
}

/// A first byte that is an ASCII letter to lower case. O(n).
pub fn first_lower(heap: &mut Heap, text: Ref, roots: Roots) -> Ref {
    map_bytes(heap, text, 1, |byte| byte.to_ascii_lowercase(), roots)
}

/// The six bytes the language calls white space.
pub fn is_space(byte: u8) -> bool {
    matches!(byte, 9..=13 | 32)
}

/// Without white space at the chosen ends; shares the bytes. O(white space).
pub fn trim(heap: &mut Heap, text: Ref, at_start: bool, at_end: bool, roots: Roots) -> Ref {
    let whole = bytes(heap, text);
    let spaces = |leading: usize| leading as u32;
    let mut start = 0;
    let mut count = whole.len() as u32;
    if at_start {
        start = spaces(whole.iter().take_while(|&&byte| is_space(byte)).count());
        count -= start;
    }
    if at_end && count > 0 {
        count -= spaces(whole.iter().rev().take_while(|&&byte| is_space(byte)).count());
    }
    seq::part(heap, text, start, count, 1, roots)
}

/// All non-overlapping occurrences of `needle`, from the left, replaced. The
/// text itself when there is none or `needle` is empty. O(text + needle + result).
pub fn replace(heap: &mut Heap, text: Ref, needle: Ref, with: Ref, roots: Roots) -> Ref {
    let (size, width) = (len(heap, needle), len(heap, with));
    if size == 0 {
        return text;
    }
    let search = Needle::new(bytes(heap, needle));
    let mut count = 0u64;
    let mut from = 0;
    while let Some(found) = find(heap, search, text, needle, from) {
        (count, from) = (count + 1, found + size);
    }
    if count == 0 {
        return text;
    }
    let kept = u64::from(len(heap, text)) - count * u64::from(size);
    let Some(total) = count.checked_mul(u64::from(width)) else { heap_exhausted() };
    let roots = roots.with(heap, [text, needle, with]);
    let (replaced, mut to) = new_undefined(heap, checked(kept.saturating_add(total)), roots);
    let start = data(heap, text);
    from = 0;
    loop {
        let found = find(heap, search, text, needle, from);
        let end = found.unwrap_or(len(heap, text));
        heap.mem_mut().copy(start + from, to, end - from);
        to += end - from;
        if found.is_none() {
            return replaced;
        }
        to = put(heap, with, to);
        from = end + size;
    }
}

/// The next occurrence of `needle` in `text`.
pub(super) fn find(heap: &Heap, search: Needle, text: Ref, needle: Ref, from: u32) -> Option<u32> {
    search.find(bytes(heap, text), bytes(heap, needle), from as usize).map(|found| found as u32)
}
