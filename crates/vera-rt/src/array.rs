//! Arrays (language reference, chapter 12.9), as far as they need no closure.

use crate::heap::Heap;
use crate::memory::Ref;
use crate::roots::Roots;
use crate::seq::{self, Elem, Head, data, len};
use crate::trap::heap_exhausted;
use vera_abi::layout::SEQ_ELEMENTS;

/// `array` and one element more, `store`d at the address it is given.
/// Amortised O(1).
#[inline(always)]
fn append(
    heap: &mut Heap,
    array: Ref,
    elem: Elem,
    head: Head,
    roots: Roots,
    store: impl FnOnce(&mut Heap, u32),
) -> Ref {
    let (grown, at) = match seq::extend_at_once(heap, array, 1, elem, head) {
        Some(grown) => grown,
        None => {
            let grown = extend_by_one(heap, array, elem, head, roots);
            (grown, last(heap, grown, elem))
        }
    };
    store(heap, at);
    grown
}

/// An array with one element more, which is undefined. Apart from the common
/// case, which needs no stack frame.
#[cold]
#[inline(never)]
fn extend_by_one(heap: &mut Heap, array: Ref, elem: Elem, head: Head, roots: Roots) -> Ref {
    seq::extend(heap, array, 1, elem, head, roots).0
}

/// Address of the last element.
fn last(heap: &Heap, array: Ref, elem: Elem) -> u32 {
    data(heap, array) + (len(heap, array) - 1) * elem.size
}

/// Appends an 8-byte element, given by its bits.
#[inline(always)]
pub fn append_u64(heap: &mut Heap, array: Ref, element: u64, head: Head, roots: Roots) -> Ref {
    append(heap, array, Elem::LONG, head, roots, |heap, at| heap.mem_mut().set_u64(at, element))
}

/// Appends a 4-byte element that is not a reference.
#[inline(always)]
pub fn append_u32(heap: &mut Heap, array: Ref, element: u32, head: Head, roots: Roots) -> Ref {
    append(heap, array, Elem::WORD, head, roots, |heap, at| heap.mem_mut().set_u32(at, element))
}

/// Appends a 1-byte element.
#[inline(always)]
pub fn append_u8(heap: &mut Heap, array: Ref, element: u8, head: Head, roots: Roots) -> Ref {
    append(heap, array, Elem::BYTE, head, roots, |heap, at| heap.mem_mut().set_u8(at, element))
}

/// Appends a reference.
#[inline(always)]
pub fn append_ref(heap: &mut Heap, array: Ref, element: Ref, head: Head, roots: Roots) -> Ref {
    let (grown, at) = match seq::extend_at_once(heap, array, 1, Elem::REF, head) {
        Some(grown) => grown,
        None => {
            let roots = roots.with(heap, [element]);
            let grown = extend_by_one(heap, array, Elem::REF, head, roots);
            (grown, last(heap, grown, Elem::REF))
        }
    };
    let owner = seq::owner(heap, grown);
    heap.mem_mut().set_u32(at, element);
    if heap.is_heap(element) {
        heap.remember_appended(owner, at);
    }
    grown
}

/// The elements of `a`, then those of `b`. Amortised O(length of `b`).
pub fn concat(heap: &mut Heap, a: Ref, b: Ref, elem: Elem, head: Head, roots: Roots) -> Ref {
    if len(heap, b) == 0 {
        return a;
    }
    if head == Head::Shared && len(heap, a) == 0 {
        return b;
    }
    let roots = roots.with(heap, [b]);
    let count = len(heap, b);
    let (grown, at) = seq::extend(heap, a, count, elem, head, roots);
    let from = data(heap, b);
    heap.mem_mut().copy(from, at, count * elem.size);
    if elem.is_ref {
        let owner = seq::owner(heap, grown);
        heap.remember_appended(owner, at);
    }
    grown
}

/// `[start, end)`, both clamped; shares the elements. O(1).
pub fn slice(heap: &mut Heap, a: Ref, start: i64, end: i64, size: u32, roots: Roots) -> Ref {
    let (start, count) = seq::clamp(len(heap, a), start, end);
    seq::part(heap, a, start, count, size, roots)
}

/// The elements in reverse order. O(n).
pub fn reverse(heap: &mut Heap, array: Ref, elem: Elem, roots: Roots) -> Ref {
    let count = len(heap, array);
    if count < 2 {
        return array;
    }
    let roots = roots.with(heap, [array]);
    let reversed = seq::new(heap, count, elem, 0, roots);
    let mut from = data(heap, array);
    let mut to = reversed + SEQ_ELEMENTS + count * elem.size;
    for _ in 0..count {
        to -= elem.size;
        let mem = heap.mem_mut();
        match elem.size {
            1 => mem.set_u8(to, mem.u8(from)),
            4 => mem.set_u32(to, mem.u32(from)),
            _ => mem.set_u64(to, mem.u64(from)),
        }
        from += elem.size;
    }
    reversed
}

/// Integers in natural order, or in the opposite one. O(n log n).
pub fn sort_int(heap: &mut Heap, array: Ref, descending: bool, roots: Roots) -> Ref {
    let count = len(heap, array);
    let roots = roots.with(heap, [array]);
    let sorted = seq::new(heap, count, Elem::LONG, 0, roots);
    let (from, to) = (data(heap, array), sorted + SEQ_ELEMENTS);
    heap.mem_mut().copy(from, to, count * 8);
    let elements = heap.mem_mut().words_mut(to, count);
    // Equal integers cannot be told apart.
    elements.sort_unstable();
    if descending {
        elements.reverse();
    }
    sorted
}

/// The elements of the elements. O(result + input).
pub fn flatten(heap: &mut Heap, array: Ref, elem: Elem, roots: Roots) -> Ref {
    let outer = len(heap, array);
    let total: u64 = (0..outer).map(|i| u64::from(len(heap, seq::get_ref(heap, array, i)))).sum();
    let roots = roots.with(heap, [array]);
    seq::byte_len(total, elem.size);
    let flat = seq::new(heap, total as u32, elem, 0, roots);
    let mut to = flat + SEQ_ELEMENTS;
    for i in 0..outer {
        let inner = seq::get_ref(heap, array, i);
        let (from, bytes) = (data(heap, inner), len(heap, inner) * elem.size);
        heap.mem_mut().copy(from, to, bytes);
        to += bytes;
    }
    flat
}

/// `start, start + 1, …, end - 1`. O(n).
///
/// # Traps
/// `heap_exhausted` when they do not fit.
pub fn range(heap: &mut Heap, start: i64, end: i64, roots: Roots) -> Ref {
    // The difference of two integers in order always fits 64 bits unsigned.
    let count = if start < end { end.wrapping_sub(start) as u64 } else { 0 };
    let Ok(length) = u32::try_from(count) else { heap_exhausted() };
    let array = seq::new(heap, length, Elem::LONG, 0, roots);
    let mut at = array + SEQ_ELEMENTS;
    let mut value = start;
    while value < end {
        heap.mem_mut().set_u64(at, value as u64);
        (at, value) = (at + 8, value + 1);
    }
    array
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::Config;
    use std::vec::Vec;

    #[test]
    fn integers_in_both_orders() {
        let (mut heap, roots) = Heap::new(Config::small());
        let mut expected = [3, -1, i64::MAX, 0, i64::MIN, 3, -1];
        let mut array = crate::string::empty(&heap);
        for number in expected {
            array = append_u64(&mut heap, array, number as u64, Head::Shared, roots);
        }
        expected.sort_unstable();
        for descending in [false, true] {
            let sorted = sort_int(&mut heap, array, descending, roots);
            let found: Vec<i64> = (0..len(&heap, sorted))
                .map(|i| heap.mem().u64(data(&heap, sorted) + 8 * i) as i64)
                .collect();
            assert_eq!(found, expected);
            expected.reverse();
        }
    }
}
