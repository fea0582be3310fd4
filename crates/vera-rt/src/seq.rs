//! Sequences: the one shape behind strings and arrays.
//!
//! Reading needs only `data` and `len`. The interesting part is appending: the
//! elements of a sequence belong to an *owner*, whose `used` says how much of
//! its room is taken. A sequence that ends exactly at `used` may grow in place,
//! since no other value can see what lies behind; the result is a new 24-byte
//! view and the old value stays what it was. Only one value ends at `used` in
//! this sense at any time, so appending twice to the same value copies the
//! second time. A copy doubles the room, which makes appending amortised O(1).
//! A sequence that is known to have one holder needs no new view ([`Head`]).

use crate::heap::Heap;
use crate::memory::Ref;
use crate::roots::Roots;
use crate::string::empty;
use crate::trap::heap_exhausted;
use vera_abi::layout::{
    BUILDING, HEADER_SIZE, Kind, SEQ_DATA, SEQ_ELEMENTS, SEQ_LEN, SEQ_OWNER, SEQ_USED, VIEW_BITMAP,
    word0,
};

/// A part of at most this many bytes is copied rather than shared: the copy is
/// hardly larger than a view, and lets the whole go.
const COPY: u32 = 16;
/// The same when the whole is at least [`HUGE`] bytes.
const COPY_OF_HUGE: u32 = 64;
/// See [`COPY_OF_HUGE`].
const HUGE: u32 = 4096;
/// Owners double their room up to this size, then grow by half.
const DOUBLING: u32 = 1 << 20;

/// What the elements of a sequence are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Elem {
    /// Bytes of one: 1, 4 or 8.
    pub size: u32,
    /// Whether they are references; then `size` is 4.
    pub is_ref: bool,
}

impl Elem {
    /// `Byte`, `Bool`, and the bytes of a string.
    pub const BYTE: Elem = Elem { size: 1, is_ref: false };
    /// Enumerations.
    pub const WORD: Elem = Elem { size: 4, is_ref: false };
    /// `Int`, `Nat`, `Float64`.
    pub const LONG: Elem = Elem { size: 8, is_ref: false };
    /// Everything else.
    pub const REF: Elem = Elem { size: 4, is_ref: true };

    /// The kind of an owner of such elements.
    pub fn kind(self) -> Kind {
        if self.is_ref { Kind::SeqRef } else { Kind::SeqRaw }
    }
}

/// Who may look at the sequence that is appended to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Head {
    /// Anybody: it stays what it is, and the result is another value.
    Shared,
    /// Nobody but the caller, who forgets it: it may become the result.
    Owned,
}

/// Address of element 0.
#[inline(always)]
pub fn data(heap: &Heap, seq: Ref) -> u32 {
    heap.mem().field(seq, SEQ_DATA)
}

/// Number of elements.
#[inline(always)]
pub fn len(heap: &Heap, seq: Ref) -> u32 {
    heap.mem().field(seq, SEQ_LEN)
}

/// The object the elements belong to.
#[inline]
pub fn owner(heap: &Heap, seq: Ref) -> Ref {
    match heap.mem().field(seq, SEQ_OWNER) {
        0 => seq,
        owner => owner,
    }
}

/// Element `i` of a sequence of references; the caller keeps `i` in bounds.
#[inline(always)]
pub fn get_ref(heap: &Heap, seq: Ref, i: u32) -> Ref {
    heap.mem().u32(data(heap, seq) + 4 * i)
}

/// Writes the fields of a sequence.
pub(crate) fn init(heap: &mut Heap, seq: Ref, words: [u32; 2], fields: [u32; 4]) {
    let mem = heap.mem_mut();
    mem.set_u64(seq, u64::from(words[0]) | u64::from(words[1]) << 32);
    mem.set_long_field(seq, SEQ_DATA, u64::from(fields[0]) | u64::from(fields[1]) << 32);
    mem.set_long_field(seq, SEQ_OWNER, u64::from(fields[2]) | u64::from(fields[3]) << 32);
}

/// `count * size` in bytes.
///
/// # Traps
/// `heap_exhausted` when no object can be that large.
pub fn byte_len(count: u64, size: u32) -> u32 {
    match count.checked_mul(u64::from(size)) {
        Some(bytes) if bytes <= u64::from(u32::MAX - SEQ_ELEMENTS) => bytes as u32,
        _ => heap_exhausted(),
    }
}

/// An owner of `count` undefined elements with room for `room` bytes, at least
/// theirs. The caller stores the elements before the next allocation.
///
/// # Traps
/// `heap_exhausted`.
pub fn new(heap: &mut Heap, count: u32, elem: Elem, room: u32, roots: Roots) -> Ref {
    try_new(heap, count, elem, room, roots).unwrap_or_else(|| heap_exhausted())
}

/// As [`new`]; `None` when memory does not suffice.
#[inline(never)]
fn try_new(heap: &mut Heap, count: u32, elem: Elem, room: u32, roots: Roots) -> Option<Ref> {
    let used = byte_len(u64::from(count), elem.size);
    let size = SEQ_ELEMENTS.saturating_add(room.max(used));
    let seq = heap.try_alloc(size, roots)?;
    let capacity = heap.usable_size(seq, size) - SEQ_ELEMENTS;
    init(heap, seq, [elem.kind() as u32, capacity], [seq + SEQ_ELEMENTS, count, 0, used]);
    Some(seq)
}

/// As [`new`] with exactly the elements' room. References are null and the
/// `BUILDING` flag is set, so that compiled code may store them one by one with
/// plain stores; [`trim`] ends that.
pub fn new_building(heap: &mut Heap, count: u32, elem: Elem, roots: Roots) -> Ref {
    let seq = new(heap, count, elem, 0, roots);
    if elem.is_ref {
        heap.mem_mut().set_u32(seq, elem.kind() as u32 | BUILDING);
        heap.mem_mut().fill(seq + SEQ_ELEMENTS, 4 * count, 0);
    }
    seq
}

/// An array of `count` references, each made by `make`, which may collect.
pub fn collected(
    heap: &mut Heap,
    count: u32,
    roots: Roots,
    mut make: impl FnMut(&mut Heap, u32, Roots) -> Ref,
) -> Ref {
    if count == 0 {
        return empty(heap);
    }
    let array = new_building(heap, count, Elem::REF, roots);
    let roots = roots.with(heap, [array]);
    for i in 0..count {
        let element = make(heap, i, roots);
        heap.mem_mut().set_u32(array + SEQ_ELEMENTS + 4 * i, element);
    }
    trim(heap, array, count, 4);
    array
}

/// Keeps the first `count` elements of an owner no other value shares, gives
/// back whole blocks behind them, and clears `BUILDING`.
pub fn trim(heap: &mut Heap, seq: Ref, count: u32, size: u32) {
    if !heap.is_heap(seq) {
        return;
    }
    let word0 = heap.mem().u32(seq);
    let used = count * size;
    heap.mem_mut().set_u32(seq, word0 & !BUILDING);
    heap.mem_mut().set_field(seq, SEQ_LEN, count);
    heap.mem_mut().set_field(seq, SEQ_USED, used);
    if heap.is_large(seq) {
        let capacity = heap.trim_large(seq, SEQ_ELEMENTS + used) - SEQ_ELEMENTS;
        heap.mem_mut().set_field(seq, 4, capacity);
    }
}

/// The same elements as a value that has one holder, to be appended to as
/// [`Head::Owned`]. O(1).
pub fn own(heap: &mut Heap, seq: Ref, roots: Roots) -> Ref {
    let roots = roots.with(heap, [seq]);
    let (from, count) = (data(heap, seq), len(heap, seq));
    view(heap, owner(heap, seq), from, count, roots)
}

/// An owner of the same elements that nobody else has. O(n).
pub fn copy(heap: &mut Heap, seq: Ref, elem: Elem, roots: Roots) -> Ref {
    let roots = roots.with(heap, [seq]);
    let count = len(heap, seq);
    let copy = new(heap, count, elem, 0, roots);
    let from = data(heap, seq);
    heap.mem_mut().copy(from, copy + SEQ_ELEMENTS, count * elem.size);
    copy
}

/// Stores element `index` of an owner in the heap that no other value shares; the
/// caller keeps `index` in bounds.
pub fn put_ref(heap: &mut Heap, owner: Ref, index: u32, value: Ref) {
    heap.write_element(owner, owner + SEQ_ELEMENTS + 4 * index, value);
}

/// A view of `count` elements at `data` of `owner`.
fn view(heap: &mut Heap, owner: Ref, data: u32, count: u32, roots: Roots) -> Ref {
    let view = heap.alloc(SEQ_ELEMENTS, roots);
    init(heap, view, [word0(Kind::Fixed, 0), VIEW_BITMAP], [data, count, owner, 0]);
    view
}

/// The `count` elements from `start` on. O(1): shares the elements, or copies
/// them when they are few bytes. The caller keeps the range in bounds.
pub fn part(heap: &mut Heap, seq: Ref, start: u32, count: u32, size: u32, roots: Roots) -> Ref {
    if count == 0 {
        return empty(heap);
    }
    if start == 0 && count == len(heap, seq) {
        return seq;
    }
    let roots = roots.with(heap, [seq]);
    let from = data(heap, seq) + start * size;
    let bytes = count * size;
    let whole = owner(heap, seq);
    if bytes <= COPY || (bytes <= COPY_OF_HUGE && heap.mem().field(whole, SEQ_USED) >= HUGE) {
        let is_ref = heap.mem().u32(whole) & 0xf == Kind::SeqRef as u32;
        let copy = new(heap, count, Elem { size, is_ref }, 0, roots);
        heap.mem_mut().copy(from, copy + SEQ_ELEMENTS, bytes);
        return copy;
    }
    view(heap, whole, from, count, roots)
}

/// `[start, end)` with both clamped to `[0, len]`, as a start and a count.
pub fn clamp(len: u32, start: i64, end: i64) -> (u32, u32) {
    let clamp = |i: i64| i.clamp(0, i64::from(len)) as u32;
    let (start, end) = (clamp(start), clamp(end));
    (start, end.saturating_sub(start))
}

/// Appends `count` undefined elements to `seq`: returns the new value and the
/// address of the first new element. The caller stores them before the next
/// allocation; references in a sequence that may be old are followed by
/// [`Heap::remember_appended`] of its [`owner`].
///
/// Amortised O(`count`): see the module's text.
///
/// # Traps
/// `heap_exhausted`.
pub fn extend(
    heap: &mut Heap,
    seq: Ref,
    count: u32,
    elem: Elem,
    head: Head,
    roots: Roots,
) -> (Ref, u32) {
    if let Some(grown) = extend_at_once(heap, seq, count, elem, head) {
        return grown;
    }
    let roots = roots.with(heap, [seq]);
    let (from, have) = (data(heap, seq), len(heap, seq));
    let bytes = have * elem.size;
    let total = have.checked_add(count).unwrap_or_else(|| heap_exhausted());
    let needed = byte_len(u64::from(total), elem.size);
    if let Some((whole, used)) = room(heap, seq, bytes, needed, elem) {
        let grown = view(heap, whole, from, total, roots);
        heap.mem_mut().set_field(whole, SEQ_USED, used);
        return (grown, from + bytes);
    }
    // A long tail is appended once, not bit by bit: then there is no use for room.
    let more = if needed - bytes > bytes { 0 } else { growth(needed) };
    // Where memory is short, what is needed will do.
    for room in [needed.saturating_add(more), needed] {
        if lengthen(heap, seq, bytes, room, elem, roots).is_some() {
            return extend(heap, seq, count, elem, head, roots);
        }
    }
    let grown = match try_new(heap, total, elem, needed.saturating_add(more), roots) {
        Some(grown) => grown,
        None => new(heap, total, elem, needed, roots),
    };
    heap.mem_mut().copy(from, grown + SEQ_ELEMENTS, bytes);
    (grown, grown + SEQ_ELEMENTS + bytes)
}

/// The owner of `seq`, which has `bytes` bytes, and the bytes before it there, if
/// no other value lies behind it.
#[inline(always)]
fn newest(heap: &Heap, seq: Ref, bytes: u32, elem: Elem) -> Option<(Ref, u32)> {
    let whole = owner(heap, seq);
    // An empty array may have been made without knowing its elements' kind.
    if !heap.is_heap(whole) || heap.mem().u32(whole) & 0xf != elem.kind() as u32 {
        return None;
    }
    let before = data(heap, seq) - (whole + SEQ_ELEMENTS);
    (before + bytes == heap.mem().field(whole, SEQ_USED)).then_some((whole, before))
}

/// The owner of `seq`, which has `bytes` bytes, if it may be extended to
/// `needed` bytes in place, and what of the owner is used then.
#[inline(always)]
fn room(heap: &Heap, seq: Ref, bytes: u32, needed: u32, elem: Elem) -> Option<(Ref, u32)> {
    let (whole, before) = newest(heap, seq, bytes, elem)?;
    let end = before.checked_add(needed)?;
    (end <= heap.mem().field(whole, 4)).then_some((whole, end))
}

/// Makes room for `room` bytes from the start of `seq`, which has `bytes` bytes, in
/// its owner, if that is a large object with free memory behind it.
fn lengthen(
    heap: &mut Heap,
    seq: Ref,
    bytes: u32,
    room: u32,
    elem: Elem,
    roots: Roots,
) -> Option<()> {
    let (whole, before) = newest(heap, seq, bytes, elem)?;
    if !heap.is_large(whole) {
        return None;
    }
    let size = SEQ_ELEMENTS.checked_add(before)?.checked_add(room)?;
    let size = heap.lengthen_large(whole, size, roots)?;
    heap.mem_mut().set_field(whole, 4, size - SEQ_ELEMENTS);
    Some(())
}

/// As [`extend`] in the common case, that there is room and a cell for the view
/// at hand: nothing needs to be rooted.
#[inline(always)]
pub fn extend_at_once(
    heap: &mut Heap,
    seq: Ref,
    count: u32,
    elem: Elem,
    head: Head,
) -> Option<(Ref, u32)> {
    let (from, have) = (data(heap, seq), len(heap, seq));
    let total = have.checked_add(count)?;
    let (bytes, needed) = (have * elem.size, total.checked_mul(elem.size)?);
    let (whole, used) = room(heap, seq, bytes, needed, elem)?;
    let grown = match head {
        Head::Shared => {
            let view = heap.alloc_at_once(SEQ_ELEMENTS)?;
            init(heap, view, [word0(Kind::Fixed, 0), VIEW_BITMAP], [from, total, whole, 0]);
            view
        }
        Head::Owned => {
            heap.mem_mut().set_field(seq, SEQ_LEN, total);
            seq
        }
    };
    heap.mem_mut().set_field(whole, SEQ_USED, used);
    Some((grown, from + bytes))
}

/// Room to add to a sequence of `bytes` bytes.
fn growth(bytes: u32) -> u32 {
    bytes.min((bytes / 2).max(DOUBLING))
}

const _: () = assert!(SEQ_DATA == HEADER_SIZE && SEQ_LEN == 12 && SEQ_USED == 20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clamping() {
        assert_eq!(clamp(5, -3, 2), (0, 2));
        assert_eq!(clamp(5, 3, 1), (3, 0));
        assert_eq!(clamp(5, i64::MIN, i64::MAX), (0, 5));
        assert_eq!(clamp(5, 9, 12), (5, 0));
    }

    #[test]
    fn growth_doubles_then_slows_down() {
        assert_eq!(growth(100), 100);
        assert_eq!(growth(DOUBLING), DOUBLING);
        assert_eq!(growth(16 * DOUBLING), 8 * DOUBLING);
    }
}
