//! Making a failing input smaller, greedily: the first smaller candidate that still
//! fails in the same way is the next to be made smaller (after Claessen, Hughes:
//! QuickCheck, 2000).

use crate::random::Range;
use crate::shape::{Shape, ShapeId, Shapes};
use crate::value::{Value, different};

/// So many candidates are tried.
const TRIES: usize = 1_000;

/// Makes a failing input smaller as long as `fails` holds of a smaller one.
pub(crate) fn shrink(
    shapes: &Shapes,
    parameters: &[ShapeId],
    mut input: Vec<Value>,
    fails: &mut dyn FnMut(&[Value]) -> bool,
) -> Vec<Value> {
    let mut tries = TRIES;
    'smaller: loop {
        for (i, shape) in parameters.iter().enumerate() {
            for candidate in smaller(shapes, *shape, &input[i]) {
                if tries == 0 {
                    return input;
                }
                tries -= 1;
                let before = std::mem::replace(&mut input[i], candidate);
                if fails(&input) {
                    continue 'smaller;
                }
                input[i] = before;
            }
        }
        return input;
    }
}

/// Smaller values, the smallest first; each step of them makes the value smaller in
/// a fixed order, so that shrinking ends.
fn smaller(shapes: &Shapes, shape: ShapeId, value: &Value) -> Vec<Value> {
    match (value, &shapes[shape]) {
        (Value::Unit, _) => Vec::new(),
        (Value::Int(n), Shape::Int(_, range)) => ints(*n, *range),
        (Value::Bool(b), _) => {
            if *b {
                vec![Value::Bool(false)]
            } else {
                Vec::new()
            }
        }
        (Value::Float(x), _) => floats(*x),
        (Value::Decimal(digits, places), _) => decimals(*digits, *places),
        (Value::Text(text), _) => texts(text),
        (Value::Array(values), Shape::Array(element)) => {
            sequences(shapes, *element, values).into_iter().map(Value::Array).collect()
        }
        (Value::Set(values), Shape::Set(element)) => {
            // What would be there twice is no smaller set.
            let sets = sequences(shapes, *element, values).into_iter();
            let sets = sets.map(|values| different(values, |v| v));
            sets.map(Value::Set).collect()
        }
        (Value::Map(entries), Shape::Map(keys, values)) => maps(shapes, (*keys, *values), entries),
        (Value::Data { ctor, fields }, Shape::Tuple(parts)) => {
            in_fields(shapes, *ctor, fields, parts)
        }
        (Value::Data { ctor, fields }, Shape::Data(ctors)) => {
            let own = &ctors[*ctor as usize].fields;
            // A part of the same type, a simpler constructor, smaller fields.
            let mut out: Vec<Value> = fields
                .iter()
                .zip(own)
                .filter(|(_, part)| **part == shape)
                .map(|(field, _)| field.clone())
                .collect();
            let depth = shapes.ctor_depth(&ctors[*ctor as usize]);
            for (i, other) in ctors.iter().enumerate() {
                let other_depth = shapes.ctor_depth(other);
                let earlier = other_depth == depth && i < *ctor as usize;
                if other_depth < depth && other_depth.is_some() || earlier {
                    let fields: Option<Vec<Value>> =
                        other.fields.iter().map(|f| least(shapes, *f)).collect();
                    out.extend(fields.map(|fields| Value::Data { ctor: i as u32, fields }));
                }
            }
            out.extend(in_fields(shapes, *ctor, fields, own));
            out
        }
        (
            Value::Int(_) | Value::Array(_) | Value::Set(_) | Value::Map(_) | Value::Data { .. },
            shape,
        ) => {
            unreachable!("a value belongs to its shape, not to {shape:?}")
        }
    }
}

/// Closer to 0: the closest of the range, then by bisection; at last the positive
/// number of equal size.
fn ints(n: i64, range: Range) -> Vec<Value> {
    let mut out = Vec::new();
    let goal = 0.clamp(range.low, range.high);
    let mut step = i128::from(n) - i128::from(goal);
    while step != 0 {
        out.push(Value::Int((i128::from(n) - step) as i64));
        step /= 2;
    }
    if n < 0 {
        out.extend(n.checked_neg().filter(|n| range.contains(*n)).map(Value::Int));
    }
    out
}

fn floats(x: f64) -> Vec<Value> {
    let simpler = |y: &f64| {
        if x.is_finite() {
            y.abs() < x.abs() || y.abs() == x.abs() && x < 0.0 && *y > 0.0
        } else {
            // Any finite number is simpler, and infinities are simpler than NaN.
            y.is_finite() || x.is_nan() && y.is_infinite()
        }
    };
    let candidates = [0.0, 1.0, x.trunc(), (x / 2.0).trunc(), -x, f64::INFINITY];
    candidates.into_iter().filter(simpler).map(Value::Float).collect()
}

/// Shorter texts, then texts with an `a` for one of the characters.
fn texts(text: &str) -> Vec<Value> {
    let chars: Vec<char> = text.chars().collect();
    let collect = |chars: Vec<char>| Value::Text(chars.into_iter().collect());
    let mut out: Vec<Value> = cuts(&chars).into_iter().map(collect).collect();
    for i in (0..chars.len()).filter(|i| chars[*i] != 'a') {
        let mut simpler = chars.clone();
        simpler[i] = 'a';
        out.push(collect(simpler));
    }
    out
}

/// Without places, then with fewer, or closer to 0.
fn decimals(digits: i64, places: u32) -> Vec<Value> {
    let whole = (places > 0).then(|| digits / 10_i64.pow(places.min(18)));
    let smaller = ints(digits, Range::INT).into_iter().filter_map(|value| match value {
        Value::Int(digits) => Some(Value::Decimal(digits, places)),
        _ => None,
    });
    whole.map(|whole| Value::Decimal(whole, 0)).into_iter().chain(smaller).collect()
}

/// Shorter sequences, then those with a smaller element.
fn sequences(shapes: &Shapes, element: ShapeId, values: &[Value]) -> Vec<Vec<Value>> {
    let mut out = cuts(values);
    for (i, value) in values.iter().enumerate() {
        for candidate in smaller(shapes, element, value) {
            let mut values = values.to_vec();
            values[i] = candidate;
            out.push(values);
        }
    }
    out
}

/// Maps with fewer entries, then those with a smaller key or value.
fn maps(
    shapes: &Shapes,
    (keys, held): (ShapeId, ShapeId),
    entries: &[(Value, Value)],
) -> Vec<Value> {
    let mut out = cuts(entries);
    for (i, (key, value)) in entries.iter().enumerate() {
        let in_key = smaller(shapes, keys, key).into_iter().map(|key| (key, value.clone()));
        let in_value = smaller(shapes, held, value).into_iter().map(|value| (key.clone(), value));
        for candidate in in_key.chain(in_value) {
            let mut entries = entries.to_vec();
            entries[i] = candidate;
            out.push(different(entries, |(key, _)| key));
        }
    }
    out.into_iter().map(Value::Map).collect()
}

/// The sequence without anything, without either half, without one item.
fn cuts<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    if items.is_empty() {
        return Vec::new();
    }
    let mut out = vec![Vec::new()];
    if items.len() > 1 {
        let half = items.len() / 2;
        out.push(items[..half].to_vec());
        out.push(items[half..].to_vec());
    }
    if items.len() > 2 {
        for i in 0..items.len() {
            out.push([&items[..i], &items[i + 1..]].concat());
        }
    }
    out
}

fn in_fields(shapes: &Shapes, ctor: u32, fields: &[Value], parts: &[ShapeId]) -> Vec<Value> {
    let mut out = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        for candidate in smaller(shapes, *part, &fields[i]) {
            let mut fields = fields.to_vec();
            fields[i] = candidate;
            out.push(Value::Data { ctor, fields });
        }
    }
    out
}

/// The least value of a shape.
fn least(shapes: &Shapes, shape: ShapeId) -> Option<Value> {
    Some(match &shapes[shape] {
        Shape::Unit => Value::Unit,
        Shape::Int(_, range) => Value::Int(0.clamp(range.low, range.high)),
        Shape::Bool => Value::Bool(false),
        Shape::Float => Value::Float(0.0),
        Shape::Text => Value::Text(String::new()),
        Shape::Decimal => Value::Decimal(0, 0),
        Shape::Array(_) => Value::Array(Vec::new()),
        Shape::Set(_) => Value::Set(Vec::new()),
        Shape::Map(..) => Value::Map(Vec::new()),
        Shape::Tuple(parts) => {
            let fields: Option<Vec<Value>> = parts.iter().map(|p| least(shapes, *p)).collect();
            Value::Data { ctor: 0, fields: fields? }
        }
        Shape::Data(ctors) => {
            let depth = shapes.depth(shape)?;
            let shallow = |c: &&(usize, &crate::shape::Ctor)| {
                shapes.ctor_depth(c.1).is_some_and(|d| d < depth)
            };
            let all: Vec<(usize, &crate::shape::Ctor)> = ctors.iter().enumerate().collect();
            let (ctor, declared) = all.iter().find(shallow)?;
            let fields: Option<Vec<Value>> =
                declared.fields.iter().map(|f| least(shapes, *f)).collect();
            Value::Data { ctor: *ctor as u32, fields: fields? }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shrunk_int(n: i64, fails: impl Fn(i64) -> bool) -> i64 {
        let mut n = n;
        while let Some(Value::Int(next)) =
            ints(n, Range::INT).into_iter().find(|v| matches!(v, Value::Int(n) if fails(*n)))
        {
            n = next;
        }
        n
    }

    #[test]
    fn integers_shrink_to_the_least_that_fails() {
        assert_eq!(shrunk_int(i64::MAX, |n| n > 41), 42);
        assert_eq!(shrunk_int(i64::MIN, |n| n < -7), -8);
        assert_eq!(shrunk_int(-90, |n| n.abs() > 7), 8);
        assert_eq!(shrunk_int(i64::MIN, |_| true), 0);
    }

    #[test]
    fn texts_shrink_in_length_then_in_characters() {
        let mut text = "xyz!bcd".to_owned();
        let mut steps = 0;
        while let Some(Value::Text(next)) =
            texts(&text).into_iter().find(|v| matches!(v, Value::Text(t) if t.contains('!')))
        {
            text = next;
            steps += 1;
            assert!(steps < 50, "shrinking ends");
        }
        assert_eq!(text, "!");
    }

    #[test]
    fn floats_shrink_to_simpler_ones() {
        assert_eq!(floats(f64::NAN).first(), Some(&Value::Float(0.0)));
        assert!(floats(0.0).is_empty());
        assert_eq!(floats(-2.5), [0.0, 1.0, -2.0, -1.0, 2.5].map(Value::Float));
    }
}
