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
    Text(String),
    Array(Vec<Value>),
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
            Value::Unit | Value::Int(_) | Value::Array(_) | Value::Data { .. } => {
                self.literal(shapes, shape)
            }
        }
    }

    /// The same for machines; literals are strings.
    pub fn json(&self, shapes: &Shapes, shape: ShapeId) -> Json {
        match self {
            Value::Int(n) => json!(n),
            Value::Bool(b) => json!(i32::from(*b)),
            Value::Float(x) => float_json(*x),
            Value::Text(text) => json!(text),
            Value::Unit | Value::Array(_) | Value::Data { .. } => {
                json!(self.literal(shapes, shape))
            }
        }
    }

    /// The value as an expression.
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
            (Value::Array(values), Shape::Array(element)) => {
                format!("[{}]", list(values, &|_| *element))
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
            (Value::Array(_) | Value::Data { .. }, shape) => {
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
            (Value::Array(values), Shape::Array(element)) => {
                Host::Array(all(values, &|_| *element))
            }
            (Value::Data { fields, .. }, Shape::Tuple(parts)) => {
                Host::data(0, all(fields, &|i| parts[i]))
            }
            (Value::Data { ctor, fields }, Shape::Data(ctors)) => {
                let types = &ctors[*ctor as usize].fields;
                Host::data(*ctor, all(fields, &|i| types[i]))
            }
            (Value::Array(_) | Value::Data { .. }, shape) => {
                unreachable!("a value belongs to its shape, not to {shape:?}")
            }
        }
    }
}
