//! Strings (language reference, chapters 12.6 and 12.8): immutable sequences of
//! bytes, normally UTF-8. Lengths and positions count bytes; case and white
//! space are ASCII.
//!
//! This file makes, compares and reads strings; [`transform`] derives one from
//! others, [`search`] finds one in another, [`split`] takes one apart.

pub mod search;
pub mod split;
pub mod transform;

#[cfg(test)]
mod tests;

use crate::heap::Heap;
use crate::memory::Ref;
use crate::roots::Roots;
use crate::seq::{self, Elem};
use core::cmp::Ordering;
use vera_abi::layout::{Kind, SEQ_ELEMENTS};

/// Offsets of the static strings from [`crate::Memory::statics`].
const EMPTY: u32 = 0;
const FALSE: u32 = 24;
const TRUE: u32 = 56;

/// Writes the runtime's static strings.
pub(crate) fn init_statics(heap: &mut Heap) {
    let mut put = |offset: u32, text: &[u8]| {
        let (at, len) = (heap.mem().statics() + offset, text.len() as u32);
        let data = at + SEQ_ELEMENTS;
        seq::init(heap, at, [Kind::SeqRaw as u32, len], [data, len, 0, len]);
        heap.mem_mut().bytes_mut(data, len).copy_from_slice(text);
    };
    put(EMPTY, b"");
    put(FALSE, b"false");
    put(TRUE, b"true");
}

/// The empty string, which serves as the empty array of any type too.
#[inline]
pub fn empty(heap: &Heap) -> Ref {
    heap.mem().statics() + EMPTY
}

/// `true` or `false`.
pub fn from_bool(heap: &Heap, value: bool) -> Ref {
    heap.mem().statics() + if value { TRUE } else { FALSE }
}

/// A string of `len` undefined bytes, and the address of the first.
pub fn new_undefined(heap: &mut Heap, len: u32, roots: Roots) -> (Ref, u32) {
    let string = seq::new(heap, len, Elem::BYTE, 0, roots);
    (string, string + SEQ_ELEMENTS)
}

/// A string of these bytes, which are not the heap's.
pub fn new(heap: &mut Heap, text: &[u8], roots: Roots) -> Ref {
    let len = text.len() as u32;
    let (string, to) = new_undefined(heap, len, roots);
    for (to, from) in heap.mem_mut().bytes_mut(to, len).iter_mut().zip(text) {
        *to = *from;
    }
    string
}

/// The bytes.
#[inline]
pub fn bytes(heap: &Heap, string: Ref) -> &[u8] {
    heap.mem().bytes(seq::data(heap, string), seq::len(heap, string))
}

/// Whether both have the same bytes. O(n).
#[inline]
pub fn eq(heap: &Heap, a: Ref, b: Ref) -> bool {
    let count = seq::len(heap, a);
    a == b
        || (count == seq::len(heap, b)
            && heap.mem().is_same(seq::data(heap, a), seq::data(heap, b), count))
}

/// Bytewise unsigned order; a proper prefix is less. O(n).
pub fn compare(heap: &Heap, a: Ref, b: Ref) -> Ordering {
    let (x, y) = (seq::len(heap, a), seq::len(heap, b));
    let common = heap.mem().compare(seq::data(heap, a), seq::data(heap, b), x.min(y));
    common.then(x.cmp(&y))
}

/// FNV-1a, 64 bits, as chapter 12.12.3 fixes it. O(n).
pub fn hash(heap: &Heap, string: Ref) -> u64 {
    hash_of(bytes(heap, string))
}

/// [`hash`] of bytes.
pub fn hash_of(bytes: &[u8]) -> u64 {
    bytes.iter().fold(14695981039346656037, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(1099511628211)
    })
}

/// The one-byte string of this byte.
pub fn from_byte(heap: &mut Heap, byte: u8, roots: Roots) -> Ref {
    new(heap, &[byte], roots)
}

/// Offset of the first byte of the first invalid UTF-8 sequence. O(n).
pub fn utf8_error(heap: &Heap, string: Ref) -> Option<u32> {
    let error = core::str::from_utf8(bytes(heap, string)).err()?;
    Some(error.valid_up_to() as u32)
}
