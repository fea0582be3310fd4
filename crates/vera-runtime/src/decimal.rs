//! Decimals. A value is a string of the bytes that `vera-data` writes, so the collector
//! need not know it.

use vera_abi::prelude::{EQUAL, GREATER, LESS};
use vera_data::decimal::{Decimal, Undefined};
use vera_rt::map::hash;
use vera_rt::{Heap, Ref, Roots, parse, string};

use crate::values::{Builder, build};

/// The number a value is.
fn number(heap: &Heap, value: Ref) -> Decimal {
    let number = Decimal::from_bytes(string::bytes(heap, value));
    number.unwrap_or_else(|| vera_rt::trap::trap(vera_abi::trap::TrapKind::Unreachable))
}

fn made(b: &mut Builder<'_>, number: &Decimal) -> Ref {
    b.string(&number.to_bytes())
}

/// The value of a number.
pub fn value(heap: &mut Heap, number: &Decimal, roots: Roots) -> Ref {
    string::new(heap, &number.to_bytes(), roots)
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
