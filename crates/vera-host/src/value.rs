//! Values of the program, outside of it.

use std::mem;
use std::ops::Deref;

/// A value by its structure. Its [type](vera_abi::interface::HostTy) gives names to the
/// constructors; values may nest to any depth.
///
/// Comparing and dropping take no stack for what is nested; cloning and `Debug` do, and
/// are for values whose type bounds their depth.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Unit,
    /// `Int` and `Nat`.
    Int(i64),
    Byte(u8),
    Bool(bool),
    Float64(f64),
    /// Bytes, normally UTF-8; also the text of a `Decimal`.
    String(Vec<u8>),
    /// An array of `Byte`.
    Bytes(Vec<u8>),
    /// An array of anything else.
    Array(Parts),
    /// A data value by the number of its constructor; a tuple, with constructor 0.
    Data {
        ctor: u32,
        fields: Parts,
    },
    /// Keys and values side by side, in the order of insertion.
    Map {
        keys: Parts,
        values: Parts,
    },
    Set(Parts),
    /// Of a type that does not cross.
    Opaque,
}

impl Value {
    /// A text.
    pub fn text(text: impl Into<String>) -> Value {
        Value::String(text.into().into_bytes())
    }

    /// A data value.
    pub fn data(ctor: u32, fields: impl Into<Parts>) -> Value {
        Value::Data { ctor, fields: fields.into() }
    }

    /// `Ok(value)`.
    pub fn ok(value: Value) -> Value {
        Value::data(OK, [value])
    }

    /// `Err(text)`.
    pub fn err(text: impl Into<String>) -> Value {
        Value::data(ERR, [Value::text(text)])
    }

    /// `Some(value)` or `None`.
    pub fn option(value: Option<Value>) -> Value {
        match value {
            Some(value) => Value::data(SOME, [value]),
            None => Value::data(NONE, []),
        }
    }

    /// What is directly inside.
    fn parts_mut(&mut self) -> [Option<&mut Parts>; 2] {
        match self {
            Value::Array(parts) | Value::Set(parts) | Value::Data { fields: parts, .. } => {
                [Some(parts), None]
            }
            Value::Map { keys, values } => [Some(keys), Some(values)],
            Value::Unit
            | Value::Int(_)
            | Value::Byte(_)
            | Value::Bool(_)
            | Value::Float64(_)
            | Value::String(_)
            | Value::Bytes(_)
            | Value::Opaque => [None, None],
        }
    }
}

/// Tags of the prelude's types.
const OK: u32 = vera_abi::prelude::OK.tag;
const ERR: u32 = vera_abi::prelude::ERR.tag;
const SOME: u32 = vera_abi::prelude::SOME.tag;
const NONE: u32 = vera_abi::prelude::NONE;

/// The values inside another one.
#[derive(Clone, Debug, Default)]
pub struct Parts(Vec<Value>);

impl Parts {
    pub fn into_vec(mut self) -> Vec<Value> {
        mem::take(&mut self.0)
    }
}

impl Deref for Parts {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.0
    }
}

impl From<Vec<Value>> for Parts {
    fn from(values: Vec<Value>) -> Parts {
        Parts(values)
    }
}

impl<const N: usize> From<[Value; N]> for Parts {
    fn from(values: [Value; N]) -> Parts {
        Parts(values.into())
    }
}

impl FromIterator<Value> for Parts {
    fn from_iter<T: IntoIterator<Item = Value>>(values: T) -> Parts {
        Parts(values.into_iter().collect())
    }
}

impl Drop for Parts {
    /// Takes values apart before they are dropped, so that none holds another.
    fn drop(&mut self) {
        if self.0.iter_mut().all(|value| value.parts_mut()[0].is_none()) {
            return;
        }
        let mut work = mem::take(&mut self.0);
        while let Some(mut value) = work.pop() {
            for parts in value.parts_mut().into_iter().flatten() {
                work.append(&mut parts.0);
            }
        }
    }
}

impl PartialEq for Parts {
    fn eq(&self, other: &Parts) -> bool {
        let mut work = vec![(self, other)];
        while let Some((a, b)) = work.pop() {
            if a.len() != b.len() {
                return false;
            }
            for pair in a.iter().zip(b.iter()) {
                match pair {
                    (Value::Array(a), Value::Array(b)) | (Value::Set(a), Value::Set(b)) => {
                        work.push((a, b));
                    }
                    (Value::Data { ctor: c, fields: a }, Value::Data { ctor: d, fields: b })
                        if c == d =>
                    {
                        work.push((a, b))
                    }
                    (Value::Map { keys: k, values: v }, Value::Map { keys: l, values: w }) => {
                        work.extend([(k, l), (v, w)])
                    }
                    // Of these at least one has nothing inside, or they differ.
                    (a, b) if a != b => return false,
                    _ => {}
                }
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(length: i64) -> Value {
        let nil = Value::data(0, []);
        (0..length).fold(nil, |tail, n| Value::data(1, [Value::Int(n), tail]))
    }

    #[test]
    fn depth_has_no_limit() {
        let (a, b) = (list(1_000_000), list(1_000_000));
        assert!(a == b);
        assert!(a != list(1_000_001));
    }
}
