//! Values as plain data, their equality, order and text.

use std::cmp::Ordering;
use std::fmt::Write;
use std::sync::Arc;

use vera_check::typed::{DataId, ExprId, LocalId, Program};
use vera_check::types::Ty;
use vera_diagnostics::FileSpan;

use super::Frame;

#[derive(Clone)]
pub enum Value<'p> {
    Unit,
    /// `Int` and `Nat`.
    Int(i64),
    Byte(u8),
    Bool(bool),
    Float(f64),
    Str(Arc<[u8]>),
    Array(Arc<[Value<'p>]>),
    Tuple(Arc<[Value<'p>]>),
    Data(DataId, u32, Arc<[Value<'p>]>),
    /// Entries in insertion order; the values of a set are units.
    Map(Arc<Vec<(Value<'p>, Value<'p>)>>),
    Closure(Arc<Closure<'p>>),
    /// A function under a type that promises more of its result.
    Narrowed(Arc<Narrowed<'p>>),
}

pub struct Closure<'p> {
    pub params: &'p [LocalId],
    pub body: ExprId,
    pub frame: Frame<'p>,
}

/// A function under another type, and where it came under it.
pub struct Narrowed<'p> {
    pub function: Value<'p>,
    pub ty: Ty,
    pub at: FileSpan,
}

impl<'p> Value<'p> {
    pub fn str(text: &str) -> Value<'p> {
        Value::Str(text.as_bytes().into())
    }

    pub fn int(&self) -> i64 {
        match self {
            Value::Int(n) => *n,
            _ => unreachable!("the checker found an integer here"),
        }
    }

    pub fn bool(&self) -> bool {
        match self {
            Value::Bool(b) => *b,
            _ => unreachable!("the checker found a Bool here"),
        }
    }

    pub fn float(&self) -> f64 {
        match self {
            Value::Float(x) => *x,
            _ => unreachable!("the checker found a Float64 here"),
        }
    }

    /// How many parts the value itself has.
    pub fn extent(&self) -> i64 {
        let parts = match self {
            Value::Str(bytes) => bytes.len(),
            Value::Array(items) => items.len(),
            Value::Map(entries) => entries.len(),
            _ => 0,
        };
        i64::try_from(parts).unwrap_or(i64::MAX)
    }

    pub fn bytes(&self) -> &[u8] {
        match self {
            Value::Str(bytes) => bytes,
            _ => unreachable!("the checker found a String here"),
        }
    }

    pub fn items(&self) -> &Arc<[Value<'p>]> {
        match self {
            Value::Array(items) => items,
            _ => unreachable!("the checker found an Array here"),
        }
    }

    pub fn entries(&self) -> &Arc<Vec<(Value<'p>, Value<'p>)>> {
        match self {
            Value::Map(entries) => entries,
            _ => unreachable!("the checker found a Map or a Set here"),
        }
    }

    /// The number of constructor nodes.
    pub fn nodes(&self) -> i64 {
        match self {
            Value::Data(_, _, fields) => 1 + fields.iter().map(Value::nodes).sum::<i64>(),
            Value::Tuple(parts) | Value::Array(parts) => parts.iter().map(Value::nodes).sum(),
            Value::Map(entries) => entries.iter().map(|(k, v)| k.nodes() + v.nodes()).sum(),
            _ => 0,
        }
    }

    /// `==`
    pub fn equals(&self, other: &Value<'p>) -> bool {
        let all = |a: &[Value<'p>], b: &[Value<'p>]| {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals(b))
        };
        match (self, other) {
            (Value::Data(_, c, a), Value::Data(_, d, b)) => c == d && all(a, b),
            (Value::Array(a), Value::Array(b)) | (Value::Tuple(a), Value::Tuple(b)) => all(a, b),
            (Value::Unit, Value::Unit) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            _ => self.order(other) == Some(Ordering::Equal),
        }
    }

    /// `<` and the like; none for a NaN.
    pub fn order(&self, other: &Value<'p>) -> Option<Ordering> {
        match (self, other) {
            (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
            (Value::Byte(a), Value::Byte(b)) => Some(a.cmp(b)),
            (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
            (Value::Str(a), Value::Str(b)) => Some(a.cmp(b)),
            _ => unreachable!("the checker found an ordered type here"),
        }
    }

    /// Language reference, chapter 12.12.3.
    pub fn hash(&self) -> u64 {
        let mix = |a: u64, h: u64| (a ^ h).wrapping_mul(1_099_511_628_211);
        let start = 14_695_981_039_346_656_037_u64;
        let all = |first: u64, parts: &[Value<'p>]| {
            parts.iter().fold(mix(start, first), |a, part| mix(a, part.hash()))
        };
        match self {
            Value::Unit => 0,
            Value::Int(n) => *n as u64,
            Value::Byte(b) => u64::from(*b),
            Value::Bool(b) => u64::from(*b),
            Value::Float(x) if x.is_nan() => 0x7ff8_0000_0000_0000,
            Value::Float(x) => x.to_bits(),
            Value::Str(bytes) => bytes.iter().fold(start, |a, b| mix(a, u64::from(*b))),
            Value::Data(_, ctor, fields) => all(u64::from(*ctor), fields),
            Value::Tuple(parts) => all(0, parts),
            Value::Array(items) => all(items.len() as u64, items),
            Value::Map(_) | Value::Closure(_) | Value::Narrowed(_) => {
                unreachable!("no program hashes these")
            }
        }
    }

    /// `show`
    pub fn show(&self, program: &Program, out: &mut Vec<u8>) {
        let list = |out: &mut Vec<u8>, parts: &[Value<'p>]| {
            for (i, part) in parts.iter().enumerate() {
                out.extend_from_slice(if i == 0 { b"" } else { b", " });
                part.show(program, out);
            }
        };
        match self {
            Value::Unit => out.extend_from_slice(b"unit"),
            Value::Int(n) => out.extend_from_slice(n.to_string().as_bytes()),
            Value::Byte(b) => out.push(*b),
            Value::Bool(b) => out.extend_from_slice(b.to_string().as_bytes()),
            Value::Float(x) => out.extend_from_slice(float_text(*x).as_bytes()),
            Value::Str(bytes) => out.extend_from_slice(bytes),
            Value::Array(items) => {
                out.push(b'[');
                list(out, items);
                out.push(b']');
            }
            Value::Tuple(parts) => {
                out.push(b'(');
                list(out, parts);
                out.push(b')');
            }
            Value::Data(data, ctor, fields) => {
                let name = &program.data(*data).ctors[*ctor as usize].name;
                out.extend_from_slice(name.as_bytes());
                if !fields.is_empty() {
                    out.push(b'(');
                    list(out, fields);
                    out.push(b')');
                }
            }
            Value::Map(_) | Value::Closure(_) | Value::Narrowed(_) => {
                unreachable!("no program shows these")
            }
        }
    }
}

/// Language reference, chapter 12.5.1.
fn float_text(x: f64) -> String {
    if x.is_nan() {
        return "nan".to_owned();
    }
    let sign = if x < 0.0 { "-" } else { "" };
    let a = x.abs();
    if a.is_infinite() {
        return format!("{sign}inf");
    }
    let mut whole = a.floor();
    let mut digits = ((a - whole) * 1_000_000.0 + 0.5).trunc() as u32;
    if digits == 1_000_000 {
        whole += 1.0;
        digits = 0;
    }
    let mut text = format!("{sign}{whole:.0}.");
    write!(text, "{digits:06}").expect("a string takes any text");
    let kept = text.trim_end_matches('0').len();
    text.truncate(kept);
    if text.ends_with('.') {
        text.push('0');
    }
    text
}
