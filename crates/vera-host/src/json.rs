//! Values as JSON by their types, for recordings that people read and edit.
//!
//! | type | JSON |
//! |---|---|
//! | `Int`, `Nat`, `Byte`, `Bool`, `Unit` | number, truth value, `null` |
//! | `Float64` | number, or `"NaN"`, `"Infinity"`, `"-Infinity"` |
//! | `String`, `Decimal` | string |
//! | array, set, tuple | array |
//! | map | array of pairs; an object where the keys are strings |
//! | constructor without fields | its name |
//! | constructor with fields | an object of its name and the field, or the array of fields |
//!
//! Operations take and yield values of bounded depth, so both directions recurse.

use serde_json::{Map, Value as Json, json};
use vera_abi::interface::{CompoundKind, HostTy, Interface};

use crate::value::{Parts, Value};

/// A value of a type as JSON; `text` may change texts on the way.
pub(crate) fn to_json(
    interface: &Interface,
    ty: &HostTy,
    value: &Value,
    text: &dyn Fn(&str) -> String,
) -> Json {
    let all = |ty: &HostTy, values: &Parts| -> Json {
        values.iter().map(|v| to_json(interface, ty, v, text)).collect()
    };
    let kind = match ty {
        HostTy::Enum(id) | HostTy::Compound(id) => Some(&interface.compound(*id).kind),
        _ => None,
    };
    match (value, kind) {
        (Value::Int(n), _) => json!(n),
        (Value::Byte(n), _) => json!(n),
        (Value::Bool(b), _) => json!(b),
        (Value::Float64(x), _) if x.is_nan() => json!("NaN"),
        (Value::Float64(x), _) if x.is_infinite() => {
            json!(if *x > 0.0 { "Infinity" } else { "-Infinity" })
        }
        (Value::Float64(x), _) => json!(x),
        (Value::String(bytes), _) => json!(text(&String::from_utf8_lossy(bytes))),
        (Value::Bytes(bytes), _) => json!(bytes),
        (Value::Array(elements), Some(CompoundKind::Array(element))) => all(element, elements),
        (Value::Set(elements), Some(CompoundKind::Set(array))) => {
            element(interface, array).map_or(Json::Null, |ty| all(ty, elements))
        }
        (Value::Map { keys, values }, Some(CompoundKind::Map(key_ty, value_ty))) => {
            let (Some(key_ty), Some(value_ty)) =
                (element(interface, key_ty), element(interface, value_ty))
            else {
                return Json::Null;
            };
            let pairs = keys.iter().zip(values.iter()).map(|(key, value)| {
                let key = to_json(interface, key_ty, key, text);
                (key, to_json(interface, value_ty, value, text))
            });
            if *key_ty == HostTy::String {
                let named =
                    pairs.map(|(key, value)| (key.as_str().unwrap_or_default().to_owned(), value));
                return Json::Object(named.collect::<Map<_, _>>());
            }
            pairs.map(|(key, value)| json!([key, value])).collect()
        }
        (Value::Data { fields, .. }, Some(CompoundKind::Tuple(types))) => {
            let parts = types.iter().zip(fields.iter());
            parts.map(|(ty, v)| to_json(interface, ty, v, text)).collect()
        }
        (Value::Data { ctor, fields }, Some(CompoundKind::Data(ctors))) => {
            let Some(ctor) = ctors.get(*ctor as usize) else { return Json::Null };
            let parts = ctor.fields.iter().zip(fields.iter());
            let mut parts: Vec<Json> =
                parts.map(|(ty, v)| to_json(interface, ty, v, text)).collect();
            match parts.len() {
                0 => json!(ctor.name),
                1 => json!({ ctor.name.as_str(): parts.remove(0) }),
                _ => json!({ ctor.name.as_str(): parts }),
            }
        }
        (Value::Unit | Value::Opaque, _)
        | (Value::Array(_) | Value::Set(_) | Value::Map { .. } | Value::Data { .. }, _) => {
            Json::Null
        }
    }
}

/// The value of a type that JSON stands for, if it does.
pub(crate) fn from_json(interface: &Interface, ty: &HostTy, json: &Json) -> Option<Value> {
    let all = |ty: &HostTy, values: &[Json]| -> Option<Parts> {
        let values: Option<Vec<Value>> =
            values.iter().map(|v| from_json(interface, ty, v)).collect();
        values.map(Parts::from)
    };
    Some(match ty {
        HostTy::Unit => json.is_null().then_some(Value::Unit)?,
        HostTy::Int => Value::Int(json.as_i64()?),
        HostTy::Nat => Value::Int(json.as_i64().filter(|n| *n >= 0)?),
        HostTy::Byte => Value::Byte(u8::try_from(json.as_u64()?).ok()?),
        HostTy::Bool => Value::Bool(json.as_bool()?),
        HostTy::Float64 => Value::Float64(match json.as_str() {
            Some("NaN") => f64::NAN,
            Some("Infinity") => f64::INFINITY,
            Some("-Infinity") => f64::NEG_INFINITY,
            Some(_) => return None,
            None => json.as_f64()?,
        }),
        HostTy::String | HostTy::Decimal => Value::text(json.as_str()?),
        HostTy::Opaque(_) => return None,
        HostTy::Enum(id) | HostTy::Compound(id) => match &interface.compound(*id).kind {
            CompoundKind::Array(HostTy::Byte) => {
                let bytes = json.as_array()?.iter();
                let bytes: Option<Vec<u8>> =
                    bytes.map(|b| u8::try_from(b.as_u64()?).ok()).collect();
                Value::Bytes(bytes?)
            }
            CompoundKind::Array(element) => Value::Array(all(element, json.as_array()?)?),
            CompoundKind::Set(array) => {
                Value::Set(all(element(interface, array)?, json.as_array()?)?)
            }
            CompoundKind::Map(key_ty, value_ty) => {
                let (key_ty, value_ty) =
                    (element(interface, key_ty)?, element(interface, value_ty)?);
                let (mut keys, mut values) = (Vec::new(), Vec::new());
                if *key_ty == HostTy::String {
                    for (key, value) in json.as_object()? {
                        keys.push(Value::text(key.clone()));
                        values.push(from_json(interface, value_ty, value)?);
                    }
                } else {
                    for pair in json.as_array()? {
                        let [key, value] = pair.as_array()?.as_slice() else { return None };
                        keys.push(from_json(interface, key_ty, key)?);
                        values.push(from_json(interface, value_ty, value)?);
                    }
                }
                Value::Map { keys: keys.into(), values: values.into() }
            }
            CompoundKind::Tuple(types) => Value::data(0, fields(interface, types, json)?),
            CompoundKind::Data(ctors) => {
                let (name, inside) = match json {
                    Json::String(name) => (name, &Json::Null),
                    Json::Object(object) => object.iter().next().filter(|_| object.len() == 1)?,
                    _ => return None,
                };
                let ctor = ctors.iter().position(|c| c.name == *name)?;
                let types = &ctors[ctor].fields;
                let parts: Vec<Value> = match types.as_slice() {
                    [] => Vec::new(),
                    [ty] => vec![from_json(interface, ty, inside)?],
                    types => fields(interface, types, inside)?,
                };
                Value::data(ctor as u32, parts)
            }
        },
    })
}

fn fields(interface: &Interface, types: &[HostTy], json: &Json) -> Option<Vec<Value>> {
    let values = json.as_array().filter(|values| values.len() == types.len())?;
    types.iter().zip(values).map(|(ty, value)| from_json(interface, ty, value)).collect()
}

/// The type of an array's elements.
fn element<'i>(interface: &'i Interface, array: &HostTy) -> Option<&'i HostTy> {
    match array {
        HostTy::Compound(id) => match &interface.compound(*id).kind {
            CompoundKind::Array(element) => Some(element),
            _ => None,
        },
        _ => None,
    }
}
