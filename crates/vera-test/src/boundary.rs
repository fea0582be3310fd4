//! Boundary values: what is tried before anything random (language reference,
//! chapter 09.4.2), and every value of small domains.

use crate::random::{MAX_ELEMENTS, Range};
use crate::shape::{Number, Shape, ShapeId, Shapes};
use crate::value::Value;

const INTS: [i64; 9] = [0, 1, -1, 2, -2, 10, -10, 100, -100];
const NATS: [i64; 5] = [0, 1, 2, 10, 100];
const BYTES: [i64; 5] = [0, 1, 127, 128, 255];
const TEXTS: [&str; 8] = ["", "a", "abc", "hello world", "abc123", "\n", "\t", "   "];
const FLOATS: [f64; 15] = [
    0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    2.0,
    -2.0,
    10.0,
    -10.0,
    1e10,
    -1e10,
    1e-10,
    -1e-10,
    9_007_199_254_740_992.0,
    -9_007_199_254_740_992.0,
];

/// Digits and decimal places.
const DECIMALS: [(i64, u32); 9] =
    [(0, 0), (1, 0), (-1, 0), (5, 1), (-5, 1), (1, 2), (100, 0), (110, 2), (-100, 0)];

/// So many values of each field are combined in a constructor.
const PER_FIELD: usize = 3;

/// How deeply boundary values of recursive types nest.
const MAX_DEPTH: u32 = 3;

/// The boundary values of a parameter, in order. `range` are the integers that its
/// precondition leaves; its ends are boundaries where they are not those of the type.
pub(crate) fn values(shapes: &Shapes, shape: ShapeId, range: Range) -> Vec<Value> {
    match shapes[shape].integers() {
        Some((number, _)) => integers(number, range),
        None => part(shapes, shape, MAX_DEPTH),
    }
}

/// The boundary values of an integer type that are in range, then the ends of the
/// range.
fn integers(number: Number, range: Range) -> Vec<Value> {
    let (table, own): (&[i64], Range) = match number {
        Number::Int => (&INTS, Range::INT),
        Number::Nat => (&NATS, Range::NAT),
        Number::Byte => (&BYTES, Range::BYTE),
    };
    let mut out: Vec<i64> = table.iter().copied().filter(|n| range.contains(*n)).collect();
    let ends = [
        (range.low != own.low, range.low, range.low.saturating_add(1)),
        (range.high != own.high, range.high, range.high.saturating_sub(1)),
    ];
    for (_, end, inner) in ends.into_iter().filter(|(stated, ..)| *stated) {
        for n in [end, inner] {
            if range.contains(n) && !out.contains(&n) {
                out.push(n);
            }
        }
    }
    out.into_iter().map(Value::Int).collect()
}

fn part(shapes: &Shapes, shape: ShapeId, depth: u32) -> Vec<Value> {
    match &shapes[shape] {
        Shape::Unit => vec![Value::Unit],
        Shape::Int(number, range) => integers(*number, *range),
        Shape::Bool => vec![Value::Bool(true), Value::Bool(false)],
        Shape::Float => FLOATS.into_iter().map(Value::Float).collect(),
        Shape::Text => TEXTS.into_iter().map(|t| Value::Text(t.to_owned())).collect(),
        Shape::Decimal => DECIMALS.map(|(digits, places)| Value::Decimal(digits, places)).into(),
        Shape::Array(element) => arrays(shapes, *element, depth),
        Shape::Set(element) => {
            let elements = firsts(shapes, *element, depth.saturating_sub(1));
            (0..=elements.len()).map(|n| Value::Set(elements[..n].to_vec())).collect()
        }
        Shape::Map(key, value) => {
            let depth = depth.saturating_sub(1);
            let (keys, values) = (firsts(shapes, *key, depth), firsts(shapes, *value, depth));
            let held = values.iter().cycle().cloned();
            let entries: Vec<(Value, Value)> = keys.into_iter().zip(held).collect();
            (0..=entries.len()).map(|n| Value::Map(entries[..n].to_vec())).collect()
        }
        Shape::Tuple(parts) => combined(shapes, 0, parts, depth),
        Shape::Data(ctors) => {
            let least = ctors.iter().filter_map(|c| shapes.ctor_depth(c)).min().unwrap_or(0);
            let most = depth.saturating_sub(1).max(least);
            let fits =
                |c: &crate::shape::Ctor| shapes.ctor_depth(c).is_some_and(|depth| depth <= most);
            let ctors = ctors.iter().enumerate().filter(|(_, c)| fits(c));
            ctors.flat_map(|(i, c)| combined(shapes, i as u32, &c.fields, depth)).collect()
        }
    }
}

/// The empty array, and arrays of the first boundary elements: rising, and the
/// longest falling and of equal elements too.
fn arrays(shapes: &Shapes, element: ShapeId, depth: u32) -> Vec<Value> {
    let mut out = vec![Value::Array(Vec::new())];
    let elements = firsts(shapes, element, depth.saturating_sub(1));
    for length in 1..=elements.len() {
        out.push(Value::Array(elements[..length].to_vec()));
    }
    if let Some(last) = elements.last().filter(|_| elements.len() > 1) {
        out.push(Value::Array(elements.iter().rev().cloned().collect()));
        out.push(Value::Array(vec![last.clone(); MAX_ELEMENTS]));
    }
    out
}

/// The first boundary elements; none where they nest too deep.
fn firsts(shapes: &Shapes, element: ShapeId, depth: u32) -> Vec<Value> {
    if shapes.depth(element).is_none_or(|least| least > depth) {
        return Vec::new();
    }
    part(shapes, element, depth).into_iter().take(MAX_ELEMENTS).collect()
}

/// A constructor with the first boundary values of each field side by side.
fn combined(shapes: &Shapes, ctor: u32, fields: &[ShapeId], depth: u32) -> Vec<Value> {
    let depth = depth.saturating_sub(1);
    let columns: Vec<Vec<Value>> = fields
        .iter()
        .map(|f| part(shapes, *f, depth).into_iter().take(PER_FIELD).collect())
        .collect();
    let rows = columns.iter().map(Vec::len).max().unwrap_or(1);
    let row = |i: usize| columns.iter().map(|c| c[i % c.len()].clone()).collect();
    (0..rows).map(|i| Value::Data { ctor, fields: row(i) }).collect()
}

/// The number of values of a type, if it is at most `limit`.
pub(crate) fn count(shapes: &Shapes, shape: ShapeId, range: Range, limit: u128) -> Option<u128> {
    let size = match &shapes[shape] {
        Shape::Unit => 1,
        Shape::Bool => 2,
        Shape::Int(..) => range.size(),
        // Data types are looked at as enumerations only.
        Shape::Data(ctors) if ctors.iter().all(|c| c.fields.is_empty()) => ctors.len() as u128,
        Shape::Float
        | Shape::Decimal
        | Shape::Text
        | Shape::Array(_)
        | Shape::Set(_)
        | Shape::Map(..)
        | Shape::Tuple(_)
        | Shape::Data(_) => return None,
    };
    (size <= limit).then_some(size)
}

/// The value with a number below [`count`].
pub(crate) fn nth(shapes: &Shapes, shape: ShapeId, range: Range, n: u128) -> Value {
    match &shapes[shape] {
        Shape::Bool => Value::Bool(n == 1),
        Shape::Int(..) => Value::Int((i128::from(range.low) + n as i128) as i64),
        Shape::Data(_) => Value::Data { ctor: n as u32, fields: Vec::new() },
        Shape::Unit
        | Shape::Float
        | Shape::Decimal
        | Shape::Text
        | Shape::Array(_)
        | Shape::Set(_)
        | Shape::Map(..)
        | Shape::Tuple(_) => Value::Unit,
    }
}
