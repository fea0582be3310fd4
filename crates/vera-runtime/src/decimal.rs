//! Decimals.
//!
//! A value is an object of the 32 bytes that `vera-data` writes for a number whose
//! coefficient is a machine word, which almost all are; else one that refers to a
//! string of its bytes. The tag tells which.

use vera_abi::layout::{HEADER_SIZE, Kind, TAG_SHIFT, word0};
use vera_abi::prelude::{EQUAL, GREATER, LESS};
use vera_data::decimal::{Bytes, Decimal, Short, Undefined};
use vera_rt::map::hash;
use vera_rt::{Heap, Ref, Roots, parse, string};

use crate::values::{Builder, build};

/// Tags of the two forms.
const SHORT: u32 = 0;
const LONG: u32 = 1;

/// Bytes of a short number.
const SIZE: u32 = 32;

/// The number a value is.
fn number(heap: &Heap, value: Ref) -> Decimal {
    let number = if heap.mem().u32(value) >> TAG_SHIFT == SHORT {
        let mut bytes = [0; SIZE as usize];
        let (words, _) = bytes.as_chunks_mut::<8>();
        for (at, word) in (HEADER_SIZE..).step_by(8).zip(words) {
            *word = heap.mem().u64(value + at).to_le_bytes();
        }
        Decimal::from_bytes(&bytes)
    } else {
        Decimal::from_bytes(string::bytes(heap, heap.mem().field(value, HEADER_SIZE)))
    };
    number.unwrap_or_else(|| vera_rt::trap::trap(vera_abi::trap::TrapKind::Unreachable))
}

/// The value of a number.
pub fn value(heap: &mut Heap, number: &Decimal, roots: Roots) -> Ref {
    match number.to_bytes() {
        Bytes::Short(bytes) => short(heap, &bytes, roots),
        Bytes::Long(bytes) => build(heap, roots, |b| long(b, &bytes)),
    }
}

fn made(b: &mut Builder<'_>, number: &Decimal) -> Ref {
    match number.to_bytes() {
        Bytes::Short(bytes) => short(b.heap, &bytes, b.roots),
        Bytes::Long(bytes) => long(b, &bytes),
    }
}

fn short(heap: &mut Heap, bytes: &[u8; SIZE as usize], roots: Roots) -> Ref {
    let mut short = Short([0; 4]);
    for (word, bytes) in short.0.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    kept(heap, short, roots)
}

#[inline]
fn kept(heap: &mut Heap, short: Short, roots: Roots) -> Ref {
    let object = heap.alloc(HEADER_SIZE + SIZE, roots);
    let mem = heap.mem_mut();
    mem.set_u64(object, word0(Kind::Fixed, SHORT).into());
    for (at, word) in (HEADER_SIZE..).step_by(8).zip(short.0) {
        mem.set_u64(object + at, word);
    }
    object
}

fn long(b: &mut Builder<'_>, bytes: &[u8]) -> Ref {
    let bytes = b.string(bytes);
    let object = b.heap.alloc(HEADER_SIZE + 8, b.roots);
    let mem = b.heap.mem_mut();
    mem.set_u32(object, word0(Kind::Fixed, LONG));
    mem.set_u32(object + 4, 1);
    mem.set_field(object, HEADER_SIZE, bytes);
    object
}

/// `decimal_from_string`
pub fn from_string(heap: &mut Heap, text: Ref, roots: Roots) -> Ref {
    let number = Decimal::from_text(string::bytes(heap, text));
    build(heap, roots, |b| {
        let number = number.map(|number| made(b, &number));
        b.option(number)
    })
}

/// `decimal_to_string`
pub fn to_string(heap: &mut Heap, of: Ref, roots: Roots) -> Ref {
    let text = number(heap, of).to_text();
    string::new(heap, &text, roots)
}

/// `decimal_to_float`
pub fn to_float(heap: &Heap, of: Ref) -> f64 {
    number(heap, of).to_float(|text| parse::float(text).unwrap_or(0.0))
}

/// An operation on one number.
pub fn unary(heap: &mut Heap, of: Ref, op: impl FnOnce(&Decimal) -> Decimal, roots: Roots) -> Ref {
    let result = op(&number(heap, of));
    value(heap, &result, roots)
}

/// The words of a number whose coefficient is a machine word.
#[inline]
fn words(heap: &Heap, value: Ref) -> Option<Short> {
    let mem = heap.mem();
    let word = |at: u32| mem.u64(value + HEADER_SIZE + 8 * at);
    let is_short = mem.u32(value) >> TAG_SHIFT == SHORT;
    is_short.then(|| Short([word(0), word(1), word(2), word(3)]))
}

/// `decimal_add`
///
/// # Errors
/// As [`binary`].
pub fn add(heap: &mut Heap, of: [Ref; 2], roots: Roots) -> Result<Ref, Undefined> {
    let [a, b] = of.map(|of| words(heap, of));
    match a.zip(b).and_then(|(a, b)| a.sum(b)) {
        Some(sum) => Ok(kept(heap, sum, roots)),
        None => binary(heap, of, Decimal::add, roots),
    }
}

/// `decimal_sub`
///
/// # Errors
/// As [`binary`].
pub fn sub(heap: &mut Heap, of: [Ref; 2], roots: Roots) -> Result<Ref, Undefined> {
    let [a, b] = of.map(|of| words(heap, of));
    match a.zip(b.and_then(Short::negated)).and_then(|(a, b)| a.sum(b)) {
        Some(difference) => Ok(kept(heap, difference, roots)),
        None => binary(heap, of, Decimal::sub, roots),
    }
}

/// An operation on two numbers.
///
/// # Errors
/// Where it has no value.
pub fn binary(
    heap: &mut Heap,
    of: [Ref; 2],
    op: impl FnOnce(&Decimal, &Decimal) -> Result<Decimal, Undefined>,
    roots: Roots,
) -> Result<Ref, Undefined> {
    let [a, b] = of.map(|of| number(heap, of));
    Ok(value(heap, &op(&a, &b)?, roots))
}

/// `decimal_div`
///
/// # Errors
/// As [`binary`].
pub fn div(heap: &mut Heap, of: [Ref; 2], roots: Roots) -> Result<Ref, Undefined> {
    let [a, b] = of.map(|of| number(heap, of));
    let quotient = a.div(&b)?;
    Ok(build(heap, roots, |b| {
        let quotient = quotient.map(|number| made(b, &number));
        b.option(quotient)
    }))
}

/// `decimal_compare`
///
/// # Errors
/// With a NaN.
pub fn compare(heap: &Heap, of: [Ref; 2]) -> Result<u32, Undefined> {
    let [a, b] = of.map(|of| number(heap, of));
    Ok(match a.compare(&b)? {
        core::cmp::Ordering::Less => LESS,
        core::cmp::Ordering::Equal => EQUAL,
        core::cmp::Ordering::Greater => GREATER,
    })
}

/// `decimal_eq`
pub fn equals(heap: &Heap, of: [Ref; 2]) -> bool {
    let [a, b] = of.map(|of| number(heap, of));
    a.equals(&b)
}

/// Whether two numbers are the same key: equal, or both NaN.
pub fn is_same_key(heap: &Heap, of: [Ref; 2]) -> bool {
    let [a, b] = of.map(|of| number(heap, of));
    a.equals(&b) || a.is_nan() && b.is_nan()
}

/// `hash`, which equal numbers share.
pub fn hash(heap: &Heap, of: Ref) -> u64 {
    string::hash_of(&number(heap, of).canonical().to_bytes())
}

/// The hash of a key, under the instance's secret.
pub fn key_hash(heap: &Heap, of: Ref) -> u64 {
    hash::bytes(heap, &number(heap, of).canonical().to_bytes())
}
