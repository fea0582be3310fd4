//! Values of programs as people and other programs write them.
//!
//! [`shown`] is what `vera run` prints for a result and [`json`] what it puts into JSON
//! (language reference, chapter 14.4); [`literal`] is any value as an expression, and
//! [`parse`] reads what stands for an argument (chapter 14.3). What is printed for a
//! value is an argument of its type.
//!
//! # Invariants
//!
//! - Writing takes no stack for what nests in a value; reading takes as much as the
//!   parser, which bounds how deeply an expression nests.
#![forbid(unsafe_code)]

mod floats;
mod literal;
mod parse;

use serde_json::{Value as Json, json};
use vera_abi::interface::{HostTy, Interface};
use vera_host::Value;

pub use floats::{float_json, float_text};
pub use literal::literal;
pub use parse::parse;

/// What `vera run` prints for a result, or `None` for nothing.
pub fn shown(interface: &Interface, ty: &HostTy, value: &Value) -> Option<Vec<u8>> {
    Some(match value {
        Value::Unit | Value::Opaque => return None,
        Value::Int(n) => n.to_string().into_bytes(),
        Value::Byte(n) => n.to_string().into_bytes(),
        Value::Bool(b) => i32::from(*b).to_string().into_bytes(),
        Value::Float64(x) => float_text(*x).into_bytes(),
        Value::String(text) => text.clone(),
        Value::Bytes(_)
        | Value::Array(_)
        | Value::Data { .. }
        | Value::Map { .. }
        | Value::Set(_) => literal(interface, ty, value).into_bytes(),
    })
}

/// The JSON form of a result: compound values as the text of their literal.
pub fn json(interface: &Interface, ty: &HostTy, value: &Value) -> Json {
    match value {
        Value::Unit | Value::Opaque => Json::Null,
        Value::Int(n) => json!(n),
        Value::Byte(n) => json!(n),
        Value::Bool(b) => json!(i32::from(*b)),
        Value::Float64(x) => float_json(*x),
        Value::String(text) => json!(String::from_utf8_lossy(text)),
        Value::Bytes(_)
        | Value::Array(_)
        | Value::Data { .. }
        | Value::Map { .. }
        | Value::Set(_) => json!(literal(interface, ty, value)),
    }
}
