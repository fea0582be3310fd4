//! Values of parameters: as literals, as JSON, and as a host takes them.

use serde_json::{Value as Json, json};
use vera_syntax::print;
use vera_values::{float_json, float_text};

use crate::shape::{Number, Shape, ShapeId, Shapes};

/// A value of some [`Shape`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Unit,
    /// Also of `Nat` and `Byte`.
    Int(i64),
    Bool(bool),
    Float(f64),
    /// So many of a power of ten, which is not positive: its number of decimal places.
    Decimal(i64, u32),
    Text(String),
    Array(Vec<Value>),
    /// Different elements, in the order in which they are added.
    Set(Vec<Value>),
    /// Different keys with their values, in the order in which they are inserted.
    Map(Vec<(Value, Value)>),
    /// Also a tuple, with constructor 0.
    Data {
        ctor: u32,
        fields: Vec<Value>,
    },
}

impl Value {
    /// The text of an argument in reports: numbers, texts as they are, truth values
    /// as 0 and 1, anything else as a literal.
    pub fn shown(&self, shapes: &Shapes, shape: ShapeId) -> String {
        match self {
            Value::Bool(b) => i32::from(*b).to_string(),
            Value::Text(text) => text.clone(),
            Value::Float(x) => float_text(*x),
            Value::Unit
            | Value::Int(_)
            | Value::Decimal(..)
            | Value::Array(_)
            | Value::Set(_)
            | Value::Map(_)
            | Value::Data { .. } => self.literal(shapes, shape),
        }
    }

    /// The same for machines; literals are strings.
    pub fn json(&self, shapes: &Shapes, shape: ShapeId) -> Json {
        match self {
            Value::Int(n) => json!(n),
            Value::Bool(b) => json!(i32::from(*b)),
            Value::Float(x) => float_json(*x),
            Value::Text(text) => json!(text),
            Value::Unit
            | Value::Decimal(..)
            | Value::Array(_)
            | Value::Set(_)
            | Value::Map(_)
            | Value::Data { .. } => json!(self.literal(shapes, shape)),
        }
    }

    /// The value as `vera run` takes it: an expression, but for decimal numbers, which are
    /// digits.
    pub fn literal(&self, shapes: &Shapes, shape: ShapeId) -> String {
        let list = |values: &[Value], shape_of: &dyn Fn(usize) -> ShapeId| {
            let parts = values.iter().enumerate();
            parts.map(|(i, v)| v.literal(shapes, shape_of(i))).collect::<Vec<_>>().join(", ")
        };
        match (self, &shapes[shape]) {
            (Value::Unit, _) => "()".to_owned(),
            (Value::Int(n), _) => n.to_string(),
            (Value::Bool(b), _) => b.to_string(),
            (Value::Float(x), _) => print::float_value(*x),
            (Value::Text(text), _) => print::string_value(text),
            (Value::Decimal(digits, places), _) => decimal_text(*digits, *places),
            (Value::Array(values), Shape::Array(element)) => {
                format!("[{}]", list(values, &|_| *element))
            }
            (Value::Set(values), Shape::Set(element)) => {
                let add = |v: &Value| format!(" |> set_add({})", v.literal(shapes, *element));
                format!("set_new(){}", values.iter().map(add).collect::<String>())
            }
            (Value::Map(entries), Shape::Map(keys, values)) => {
                let insert = |(k, v): &(Value, Value)| {
                    let (k, v) = (k.literal(shapes, *keys), v.literal(shapes, *values));
                    format!(" |> map_insert({k}, {v})")
                };
                format!("map_new(){}", entries.iter().map(insert).collect::<String>())
            }
            (Value::Data { fields, .. }, Shape::Tuple(parts)) => {
                format!("Tuple({})", list(fields, &|i| parts[i]))
            }
            (Value::Data { ctor, fields }, Shape::Data(ctors)) => {
                let ctor = &ctors[*ctor as usize];
                if fields.is_empty() {
                    ctor.name.clone()
                } else {
                    format!("{}({})", ctor.name, list(fields, &|i| ctor.fields[i]))
                }
            }
            (Value::Array(_) | Value::Set(_) | Value::Map(_) | Value::Data { .. }, shape) => {
                unreachable!("a value belongs to its shape, not to {shape:?}")
            }
        }
    }

    /// The value as a host takes it.
    pub fn supplied(&self, shapes: &Shapes, shape: ShapeId) -> vera_host::Value {
        use vera_host::Value as Host;
        let all = |values: &[Value], shape_of: &dyn Fn(usize) -> ShapeId| -> vera_host::Parts {
            values.iter().enumerate().map(|(i, v)| v.supplied(shapes, shape_of(i))).collect()
        };
        match (self, &shapes[shape]) {
            (Value::Unit, _) => Host::Unit,
            (Value::Int(n), Shape::Int(Number::Byte, _)) => Host::Byte(*n as u8),
            (Value::Int(n), _) => Host::Int(*n),
            (Value::Bool(b), _) => Host::Bool(*b),
            (Value::Float(x), _) => Host::Float64(*x),
            (Value::Text(text), _) => Host::text(text.clone()),
            (Value::Decimal(digits, places), _) => Host::text(decimal_text(*digits, *places)),
            (Value::Array(values), Shape::Array(element)) => {
                Host::Array(all(values, &|_| *element))
            }
            (Value::Set(values), Shape::Set(element)) => Host::Set(all(values, &|_| *element)),
            (Value::Map(entries), Shape::Map(keys, values)) => Host::Map {
                keys: entries.iter().map(|(k, _)| k.supplied(shapes, *keys)).collect(),
                values: entries.iter().map(|(_, v)| v.supplied(shapes, *values)).collect(),
            },
            (Value::Data { fields, .. }, Shape::Tuple(parts)) => {
                Host::data(0, all(fields, &|i| parts[i]))
            }
            (Value::Data { ctor, fields }, Shape::Data(ctors)) => {
                let types = &ctors[*ctor as usize].fields;
                Host::data(*ctor, all(fields, &|i| types[i]))
            }
            (Value::Array(_) | Value::Set(_) | Value::Map(_) | Value::Data { .. }, shape) => {
                unreachable!("a value belongs to its shape, not to {shape:?}")
            }
        }
    }
}

/// The digits of a decimal number, with as many places as it has.
fn decimal_text(digits: i64, places: u32) -> String {
    let (sign, places) = (if digits < 0 { "-" } else { "" }, places as usize);
    let all = format!("{:0>width$}", digits.unsigned_abs(), width = places + 1);
    let (whole, fraction) = all.split_at(all.len() - places);
    let point = if places == 0 { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

/// The values without those that are among them already: elements of a set, keys of a map.
pub(crate) fn different<T>(values: Vec<T>, key: impl Fn(&T) -> &Value) -> Vec<T> {
    let mut out: Vec<T> = Vec::with_capacity(values.len());
    for value in values {
        if out.iter().all(|other| key(other) != key(&value)) {
            out.push(value);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::decimal_text;

    #[test]
    fn decimal_numbers_have_their_places() {
        assert_eq!(decimal_text(150, 2), "1.50");
        assert_eq!(decimal_text(-5, 3), "-0.005");
        assert_eq!(decimal_text(0, 0), "0");
        assert_eq!(decimal_text(i64::MIN, 1), "-922337203685477580.8");
    }
}
