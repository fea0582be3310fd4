//! Values as JSON by their types: for recordings, which people read and edit, and for
//! callers that know no Vera.
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
//! Readers of JSON bound how deeply it nests, so both directions recurse.

use serde_json::{Map, Value as Json, json};
use vera_abi::interface::{CompoundKind, HostTy, Interface};

use crate::value::{Parts, Value};

/// How deeply what is written nests at most; readers of JSON commonly stop at 128.
pub const MAX_DEPTH: usize = 120;

/// A value that nests more deeply than [`MAX_DEPTH`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooDeep;

impl std::fmt::Display for TooDeep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the value nests more than {MAX_DEPTH} levels deep, which JSON does not")
    }
}

/// A value of a type as JSON; `text` may change texts on the way.
///
/// # Errors
/// [`TooDeep`].
pub fn to_json(
    interface: &Interface,
    ty: &HostTy,
    value: &Value,
    text: &dyn Fn(&str) -> String,
) -> Result<Json, TooDeep> {
    Writer { interface, text }.json(ty, value, MAX_DEPTH)
}

struct Writer<'a> {
    interface: &'a Interface,
    text: &'a dyn Fn(&str) -> String,
}

impl Writer<'_> {
    /// `left` is how many more levels there may be.
    fn json(&self, ty: &HostTy, value: &Value, left: usize) -> Result<Json, TooDeep> {
        let left = left.checked_sub(1).ok_or(TooDeep)?;
        let interface = self.interface;
        let kind = match ty {
            HostTy::Enum(id) | HostTy::Compound(id) => Some(&interface.compound(*id).kind),
            _ => None,
        };
        Ok(match (value, kind) {
            (Value::Int(n), _) => json!(n),
            (Value::Byte(n), _) => json!(n),
            (Value::Bool(b), _) => json!(b),
            (Value::Float64(x), _) if x.is_nan() => json!("NaN"),
            (Value::Float64(x), _) if x.is_infinite() => {
                json!(if *x > 0.0 { "Infinity" } else { "-Infinity" })
            }
            (Value::Float64(x), _) => json!(x),
            (Value::String(bytes), _) => json!((self.text)(&String::from_utf8_lossy(bytes))),
            (Value::Bytes(bytes), _) => json!(bytes),
            (Value::Array(elements), Some(CompoundKind::Array(element))) => {
                self.all(element, elements, left)?
            }
            (Value::Set(elements), Some(CompoundKind::Set(array))) => {
                match element(interface, array) {
                    Some(ty) => self.all(ty, elements, left)?,
                    None => Json::Null,
                }
            }
            (Value::Map { keys, values }, Some(CompoundKind::Map(key_ty, value_ty))) => {
                match (element(interface, key_ty), element(interface, value_ty)) {
                    (Some(key_ty), Some(value_ty)) => {
                        self.map((key_ty, keys), (value_ty, values), left)?
                    }
                    _ => Json::Null,
                }
            }
            (Value::Data { fields, .. }, Some(CompoundKind::Tuple(types))) => {
                self.row(types, fields, left)?.into()
            }
            (Value::Data { ctor, fields }, Some(CompoundKind::Data(ctors))) => {
                let Some(ctor) = ctors.get(*ctor as usize) else { return Ok(Json::Null) };
                // The object around the fields is a level, too.
                let left = left.saturating_sub(usize::from(!ctor.fields.is_empty()));
                let mut parts = self.row(&ctor.fields, fields, left)?;
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
        })
    }

    fn all(&self, ty: &HostTy, values: &Parts, left: usize) -> Result<Json, TooDeep> {
        values.iter().map(|value| self.json(ty, value, left)).collect()
    }

    fn row(&self, types: &[HostTy], values: &Parts, left: usize) -> Result<Vec<Json>, TooDeep> {
        types.iter().zip(values.iter()).map(|(ty, value)| self.json(ty, value, left)).collect()
    }

    fn map(
        &self,
        (key_ty, keys): (&HostTy, &Parts),
        (value_ty, values): (&HostTy, &Parts),
        left: usize,
    ) -> Result<Json, TooDeep> {
        let mut pairs = Vec::with_capacity(keys.len());
        for (key, value) in keys.iter().zip(values.iter()) {
            pairs.push((self.json(key_ty, key, left)?, self.json(value_ty, value, left)?));
        }
        if *key_ty == HostTy::String {
            let named = pairs.into_iter();
            let named =
                named.map(|(key, value)| (key.as_str().unwrap_or_default().to_owned(), value));
            return Ok(Json::Object(named.collect::<Map<_, _>>()));
        }
        Ok(pairs.into_iter().map(|(key, value)| json!([key, value])).collect())
    }
}

/// Why JSON is no value of a type.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Misfit {
    /// The way to what does not fit, from the outside: `[2]`, `.Some`.
    pub path: String,
    /// What should stand there.
    pub expected: String,
    /// What does, if it is short.
    pub found: String,
}

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Misfit { path, expected, found } = self;
        match path.is_empty() {
            true => write!(f, "expected {expected}, found {found}"),
            false => write!(f, "at {path}: expected {expected}, found {found}"),
        }
    }
}

/// The value of a type that JSON stands for.
///
/// # Errors
/// The first place where it stands for none.
pub fn from_json(interface: &Interface, ty: &HostTy, json: &Json) -> Result<Value, Misfit> {
    Reader { interface }.value(ty, json)
}

/// Longest piece of JSON that a message repeats.
const MAX_SHOWN: usize = 60;

fn misfit(expected: impl Into<String>, json: &Json) -> Misfit {
    let shown = match json {
        Json::Object(_) => "an object".to_owned(),
        Json::Array(array) => format!("an array of {}", array.len()),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => json.to_string(),
    };
    let found = match shown.len() > MAX_SHOWN {
        true => format!("{}…", &shown[..shown.floor_char_boundary(MAX_SHOWN)]),
        false => shown,
    };
    Misfit { path: String::new(), expected: expected.into(), found }
}

/// Says where a misfit is.
fn inside<T>(place: impl FnOnce() -> String, result: Result<T, Misfit>) -> Result<T, Misfit> {
    result.map_err(|misfit| Misfit { path: format!("{}{}", place(), misfit.path), ..misfit })
}

struct Reader<'a> {
    interface: &'a Interface,
}

impl Reader<'_> {
    fn value(&self, ty: &HostTy, json: &Json) -> Result<Value, Misfit> {
        let number = |least: i64, most: i64, what: &str| {
            let number = json.as_i64().filter(|n| (least..=most).contains(n));
            number.ok_or_else(|| misfit(what, json))
        };
        Ok(match ty {
            HostTy::Unit if json.is_null() => Value::Unit,
            HostTy::Unit => return Err(misfit("null", json)),
            HostTy::Int => Value::Int(number(i64::MIN, i64::MAX, "an integer of 64 bits")?),
            HostTy::Nat => Value::Int(number(0, i64::MAX, "an integer from 0 to 2^63 - 1")?),
            HostTy::Byte => Value::Byte(number(0, 255, "an integer from 0 to 255")? as u8),
            HostTy::Bool => {
                Value::Bool(json.as_bool().ok_or_else(|| misfit("true or false", json))?)
            }
            HostTy::Float64 => Value::Float64(match json.as_str() {
                Some("NaN") => f64::NAN,
                Some("Infinity") => f64::INFINITY,
                Some("-Infinity") => f64::NEG_INFINITY,
                _ => json.as_f64().ok_or_else(|| misfit("a number", json))?,
            }),
            HostTy::String | HostTy::Decimal => {
                Value::text(json.as_str().ok_or_else(|| misfit("a string", json))?)
            }
            HostTy::Opaque(name) => return Err(misfit(format!("no {name}"), json)),
            HostTy::Enum(id) | HostTy::Compound(id) => {
                self.compound(&self.interface.compound(*id).kind, json)?
            }
        })
    }

    fn compound(&self, kind: &CompoundKind, json: &Json) -> Result<Value, Misfit> {
        let array = || json.as_array().ok_or_else(|| misfit("an array", json));
        Ok(match kind {
            CompoundKind::Array(HostTy::Byte) => {
                let mut bytes = Vec::new();
                for (i, byte) in array()?.iter().enumerate() {
                    match inside(|| format!("[{i}]"), self.value(&HostTy::Byte, byte))? {
                        Value::Byte(byte) => bytes.push(byte),
                        _ => return Err(misfit("a byte", json)),
                    }
                }
                Value::Bytes(bytes)
            }
            CompoundKind::Array(element) => Value::Array(self.all(element, array()?)?),
            CompoundKind::Set(elements) => {
                let ty = element(self.interface, elements);
                Value::Set(self.all(ty.ok_or_else(|| misfit("no set", json))?, array()?)?)
            }
            CompoundKind::Map(keys, values) => {
                let types = (element(self.interface, keys), element(self.interface, values));
                let (Some(key_ty), Some(value_ty)) = types else {
                    return Err(misfit("no map", json));
                };
                self.map(key_ty, value_ty, json)?
            }
            CompoundKind::Tuple(types) => Value::data(0, self.row(types, json)?),
            CompoundKind::Data(ctors) => {
                let named = match json {
                    Json::String(name) => Some((name, &Json::Null)),
                    Json::Object(object) if object.len() == 1 => object.iter().next(),
                    _ => None,
                };
                let known = named.and_then(|(name, inside)| {
                    let at = ctors.iter().position(|c| c.name == *name)?;
                    // A name alone has no fields, and an object some.
                    (ctors[at].fields.is_empty() == json.is_string()).then_some((at, inside))
                });
                let Some((at, fields)) = known else {
                    let names: Vec<String> = ctors
                        .iter()
                        .map(|ctor| match ctor.fields.is_empty() {
                            true => format!("\"{}\"", ctor.name),
                            false => format!("{{\"{}\": …}}", ctor.name),
                        })
                        .collect();
                    return Err(misfit(names.join(" or "), json));
                };
                let place = || format!(".{}", ctors[at].name);
                let parts = match ctors[at].fields.as_slice() {
                    [] => Vec::new(),
                    [ty] => vec![inside(place, self.value(ty, fields))?],
                    types => inside(place, self.row(types, fields))?,
                };
                Value::data(at as u32, parts)
            }
        })
    }

    fn all(&self, ty: &HostTy, values: &[Json]) -> Result<Parts, Misfit> {
        let values = values.iter().enumerate();
        values.map(|(i, v)| inside(|| format!("[{i}]"), self.value(ty, v))).collect()
    }

    fn row(&self, types: &[HostTy], json: &Json) -> Result<Vec<Value>, Misfit> {
        let values = json.as_array().filter(|values| values.len() == types.len());
        let values =
            values.ok_or_else(|| misfit(format!("an array of {} values", types.len()), json))?;
        let parts = types.iter().zip(values).enumerate();
        parts.map(|(i, (ty, v))| inside(|| format!("[{i}]"), self.value(ty, v))).collect()
    }

    fn map(&self, key_ty: &HostTy, value_ty: &HostTy, json: &Json) -> Result<Value, Misfit> {
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        if *key_ty == HostTy::String {
            let object = json.as_object().ok_or_else(|| misfit("an object", json))?;
            for (key, value) in object {
                keys.push(Value::text(key.clone()));
                values.push(inside(|| format!(".{key}"), self.value(value_ty, value))?);
            }
        } else {
            let pairs = json.as_array().ok_or_else(|| misfit("an array of pairs", json))?;
            for (i, pair) in pairs.iter().enumerate() {
                let types = [key_ty.clone(), value_ty.clone()];
                let mut row = inside(|| format!("[{i}]"), self.row(&types, pair))?;
                values.extend(row.pop());
                keys.extend(row.pop());
            }
        }
        Ok(Value::Map { keys: keys.into(), values: values.into() })
    }
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

#[cfg(test)]
mod tests {
    use vera_abi::interface::{Compound, CompoundId, HostCtor};

    use super::*;

    /// `data List { Nil, Cons(Int, List) }`
    fn list() -> (Interface, HostTy) {
        let ty = HostTy::Compound(CompoundId(0));
        let ctors = vec![
            HostCtor { name: "Nil".into(), fields: Vec::new() },
            HostCtor { name: "Cons".into(), fields: vec![HostTy::Int, ty.clone()] },
        ];
        let kind = CompoundKind::Data(ctors);
        let compounds = vec![Compound { name: "List".into(), kind }];
        (Interface { compounds, ..Interface::default() }, ty)
    }

    #[test]
    fn what_does_not_fit_is_named_with_its_place() {
        let (interface, ty) = list();
        let read = |json: Json| from_json(&interface, &ty, &json).map_err(|m| m.to_string());
        let two = json!({ "Cons": [1, { "Cons": [2, "Nil"] }] });
        let value = read(two.clone()).expect("a list");
        assert_eq!(to_json(&interface, &ty, &value, &|t| t.to_owned()), Ok(two));
        let wrong = read(json!({ "Cons": [1, { "Cons": ["x", "Nil"] }] }));
        let at = "at .Cons[1].Cons[0]: expected an integer of 64 bits, found \"x\"";
        assert_eq!(wrong, Err(at.to_owned()));
        let wrong = "expected \"Nil\" or {\"Cons\": …}, found \"Cons\"";
        assert_eq!(read(json!("Cons")), Err(wrong.to_owned()));
        let wrong = "at .Cons: expected an array of 2 values, found an array of 1";
        assert_eq!(read(json!({ "Cons": [1] })), Err(wrong.to_owned()));
    }

    #[test]
    fn depth_is_bounded() {
        let (interface, ty) = list();
        let nil = Value::data(0, []);
        let deep = (0..1_000_000).fold(nil, |tail, n| Value::data(1, [Value::Int(n), tail]));
        assert_eq!(to_json(&interface, &ty, &deep, &|t| t.to_owned()), Err(TooDeep));
    }
}
