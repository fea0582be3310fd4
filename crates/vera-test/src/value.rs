//! Values of parameters: as literals, as JSON, and as a host takes them.

use serde_json::{Value as Json, json};
use vera_host::Argument;
use vera_host::text::{float_json, float_text};
use vera_syntax::print;

use crate::shape::{Shape, ShapeId, Shapes};

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

    /// Appends the parts in which a host supplies the value.
    pub fn supply(&self, shapes: &Shapes, shape: ShapeId, out: &mut Vec<Argument>) {
        match (self, &shapes[shape]) {
            (Value::Unit, _) => {}
            (Value::Int(n), _) => out.push(Argument::Word(*n)),
            (Value::Bool(b), _) => out.push(Argument::Word((*b).into())),
            (Value::Float(x), _) => out.push(Argument::Float(*x)),
            (Value::Text(text), _) => out.push(Argument::Text(text.clone())),
            (Value::Array(values), Shape::Array(element)) => {
                out.push(Argument::Word(values.len() as i64));
                values.iter().for_each(|v| v.supply(shapes, *element, out));
            }
            (Value::Data { fields, .. }, Shape::Tuple(parts)) => {
                fields.iter().zip(parts).for_each(|(f, part)| f.supply(shapes, *part, out));
            }
            (Value::Data { ctor, fields }, Shape::Data(ctors)) => {
                out.push(Argument::Word((*ctor).into()));
                let parts = &ctors[*ctor as usize].fields;
                fields.iter().zip(parts).for_each(|(f, part)| f.supply(shapes, *part, out));
            }
            (Value::Array(_) | Value::Data { .. }, shape) => {
                unreachable!("a value belongs to its shape, not to {shape:?}")
            }
        }
    }
}
