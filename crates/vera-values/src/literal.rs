//! Values as expressions.

use vera_abi::interface::{CompoundKind, HostTy, Interface};
use vera_host::Value;
use vera_syntax::print;

/// What is left to write, the next piece last.
enum Piece<'v> {
    Text(&'v str),
    Value(&'v HostTy, &'v Value),
}

/// A value as an expression of its type. A value that is none of the type is written as
/// far as it fits, so that reports about it can be made.
pub fn literal(interface: &Interface, ty: &HostTy, value: &Value) -> String {
    let mut out = String::new();
    let mut work = vec![Piece::Value(ty, value)];
    while let Some(piece) = work.pop() {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Value(ty, value) => write(interface, ty, value, &mut out, &mut work),
        }
    }
    out
}

fn write<'v>(
    interface: &'v Interface,
    ty: &'v HostTy,
    value: &'v Value,
    out: &mut String,
    work: &mut Vec<Piece<'v>>,
) {
    let kind = match ty {
        HostTy::Enum(id) | HostTy::Compound(id) => Some(&interface.compound(*id).kind),
        _ => None,
    };
    match (value, kind) {
        (Value::Unit, _) => out.push_str("()"),
        (Value::Int(n), _) => out.push_str(&n.to_string()),
        (Value::Byte(n), _) => out.push_str(&n.to_string()),
        (Value::Bool(b), _) => out.push_str(if *b { "true" } else { "false" }),
        (Value::Float64(x), _) => out.push_str(&print::float_value(*x)),
        (Value::String(text), _) if *ty == HostTy::Decimal => {
            out.push_str(&String::from_utf8_lossy(text));
        }
        (Value::String(text), _) => string(text, out),
        (Value::Bytes(bytes), _) => {
            let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
            out.push_str(&format!("[{}]", numbers.join(", ")));
        }
        (Value::Array(elements), Some(CompoundKind::Array(element))) => {
            let parts: Vec<_> = elements.iter().map(|value| (element, value)).collect();
            list("[", &parts, "]", out, work);
        }
        (Value::Data { fields, .. }, Some(CompoundKind::Tuple(types))) => {
            let parts: Vec<_> = types.iter().zip(fields.iter()).collect();
            list("Tuple(", &parts, ")", out, work);
        }
        (Value::Data { ctor, fields }, Some(CompoundKind::Data(ctors))) => {
            let Some(ctor) = ctors.get(*ctor as usize) else { return };
            out.push_str(&ctor.name);
            if !fields.is_empty() {
                let parts: Vec<_> = ctor.fields.iter().zip(fields.iter()).collect();
                list("(", &parts, ")", out, work);
            }
        }
        (Value::Map { keys, values }, Some(CompoundKind::Map(key_ty, value_ty))) => {
            out.push_str("map_new()");
            let (Some(key_ty), Some(value_ty)) =
                (element(interface, key_ty), element(interface, value_ty))
            else {
                return;
            };
            for (key, value) in keys.iter().zip(values.iter()).rev() {
                work.extend([
                    Piece::Text(")"),
                    Piece::Value(value_ty, value),
                    Piece::Text(", "),
                    Piece::Value(key_ty, key),
                    Piece::Text(" |> map_insert("),
                ]);
            }
        }
        (Value::Set(elements), Some(CompoundKind::Set(array))) => {
            out.push_str("set_new()");
            let Some(ty) = element(interface, array) else { return };
            for value in elements.iter().rev() {
                work.extend([
                    Piece::Text(")"),
                    Piece::Value(ty, value),
                    Piece::Text(" |> set_add("),
                ]);
            }
        }
        (Value::Array(_) | Value::Data { .. } | Value::Map { .. } | Value::Set(_), _)
        | (Value::Opaque, _) => {}
    }
}

/// The type of an array's elements.
pub(crate) fn element<'i>(interface: &'i Interface, array: &HostTy) -> Option<&'i HostTy> {
    match array {
        HostTy::Compound(id) => match &interface.compound(*id).kind {
            CompoundKind::Array(element) => Some(element),
            _ => None,
        },
        _ => None,
    }
}

fn list<'v>(
    open: &str,
    parts: &[(&'v HostTy, &'v Value)],
    close: &'static str,
    out: &mut String,
    work: &mut Vec<Piece<'v>>,
) {
    out.push_str(open);
    work.push(Piece::Text(close));
    for (i, (ty, value)) in parts.iter().enumerate().rev() {
        work.push(Piece::Value(ty, value));
        if i > 0 {
            work.push(Piece::Text(", "));
        }
    }
}

/// A string literal. Bytes that are no part of a character have no escape: they are
/// interpolated.
fn string(bytes: &[u8], out: &mut String) {
    out.push('"');
    for chunk in bytes.utf8_chunks() {
        print::encode(out, chunk.valid());
        for byte in chunk.invalid() {
            out.push_str(&format!("\\(string_from_char_code({byte}))"));
        }
    }
    out.push('"');
}
