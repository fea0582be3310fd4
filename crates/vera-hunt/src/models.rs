//! Values as expressions, and values of the prover's models.

use vera_check::typed::Program;
use vera_check::types::{Ty, TyKind};
use vera_verify::solver::Value as Model;

use crate::interpret::Value;

/// The value as a report shows it.
pub(crate) fn text(program: &Program, value: &Value<'_>) -> String {
    let all =
        |parts: &[Value<'_>]| parts.iter().map(|p| text(program, p)).collect::<Vec<_>>().join(", ");
    match value {
        Value::Array(items) => format!("[{}]", all(items)),
        Value::Tuple(parts) => format!("Tuple({})", all(parts)),
        Value::Data(data, ctor, fields) => {
            let name = &program.data(*data).ctors[*ctor as usize].name;
            if fields.is_empty() { name.to_string() } else { format!("{name}({})", all(fields)) }
        }
        Value::Map(entries) => {
            let pairs =
                entries.iter().map(|(k, v)| format!("{}: {}", text(program, k), text(program, v)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(", "))
        }
        Value::Closure(_) | Value::Narrowed(_) => "<function>".to_owned(),
        Value::Unit => "()".to_owned(),
        Value::Int(_) | Value::Byte(_) | Value::Bool(_) | Value::Float(_) | Value::Str(_) => {
            scalar(value).unwrap_or_else(|| match value {
                Value::Float(x) => format!("{x:?}"),
                _ => String::new(),
            })
        }
    }
}

/// An expression for a number, truth value or text; `None` for other values.
pub(crate) fn scalar(value: &Value<'_>) -> Option<String> {
    Some(match value {
        Value::Int(i64::MIN) => "(-9223372036854775807 - 1)".to_owned(),
        Value::Int(n) if *n < 0 => format!("(-{})", n.unsigned_abs()),
        Value::Int(n) => n.to_string(),
        Value::Byte(b) => b.to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Float(x) if x.is_nan() => "nan()".to_owned(),
        Value::Float(x) if x.is_infinite() => {
            if *x > 0.0 {
                "infinity()".to_owned()
            } else {
                "(-infinity())".to_owned()
            }
        }
        // There are no literals with an exponent.
        Value::Float(x) if format!("{x:?}").contains('e') => return None,
        Value::Float(x) if x.is_sign_negative() => format!("(-{:?})", x.abs()),
        Value::Float(x) => format!("{x:?}"),
        Value::Str(bytes) => string(bytes),
        Value::Unit
        | Value::Array(_)
        | Value::Tuple(_)
        | Value::Data(..)
        | Value::Map(_)
        | Value::Closure(_)
        | Value::Narrowed(_) => return None,
    })
}

/// A literal, or a call that makes what literals cannot say.
fn string(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            let mut out = String::from("\"");
            for c in text.chars() {
                match c {
                    '"' | '\\' => out.extend(['\\', c]),
                    c if c.is_control() => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
                    c => out.push(c),
                }
            }
            out + "\""
        }
        Err(_) => {
            let codes = bytes.iter().map(|b| format!("string_from_char_code({b})"));
            codes.reduce(|a, b| format!("string_concat({a}, {b})")).unwrap_or_default()
        }
    }
}

/// The value that a model tells for a type, if it tells all of it.
pub(crate) fn value<'p>(program: &'p Program, ty: Ty, model: Option<&Model>) -> Option<Value<'p>> {
    let kind = program.types.kind(ty);
    let Some(model) = model else {
        return matches!(kind, TyKind::Unit).then_some(Value::Unit);
    };
    let all = |tys: &mut dyn Iterator<Item = Ty>, models: &[Model]| {
        tys.zip(models).map(|(t, m)| value(program, t, Some(m))).collect::<Option<Vec<_>>>()
    };
    Some(match (kind, model) {
        (TyKind::Refined(base, ..), _) => value(program, *base, Some(model))?,
        (TyKind::Int, Model::Int(n)) => Value::Int(i64::try_from(*n).ok()?),
        (TyKind::Nat, Model::Int(n @ 0..)) => Value::Int(i64::try_from(*n).ok()?),
        (TyKind::Byte, Model::Int(n)) => Value::Byte(u8::try_from(*n).ok()?),
        (TyKind::Bool, Model::Bool(b)) => Value::Bool(*b),
        (TyKind::Float64, Model::Float(x)) => Value::Float(*x),
        (TyKind::String, Model::String(text)) => Value::str(text),
        (TyKind::Unit, _) => Value::Unit,
        (TyKind::Array(item), Model::Array { elements, more: false }) => {
            Value::Array(all(&mut std::iter::repeat(*item), elements)?.into())
        }
        (TyKind::Tuple(tys), Model::Data { ctor: 0, fields, .. }) if tys.len() == fields.len() => {
            Value::Tuple(all(&mut tys.iter().copied(), fields)?.into())
        }
        (TyKind::Data(data, args), Model::Data { ctor, fields, .. }) => {
            let declared = &program.data(*data).ctors.get(*ctor as usize)?.fields;
            // Types that are not declared nor arguments would have to be made first.
            let field = |t: &Ty| {
                match program.types.kind(*t) {
                TyKind::Param(i, _) => Some(args[*i as usize]),
                TyKind::Data(..) if args.is_empty() => Some(*t),
                TyKind::Data(d, inner) if d == data => inner
                    .iter()
                    .enumerate()
                    .all(|(n, t)| {
                        matches!(program.types.kind(*t), TyKind::Param(i, _) if *i as usize == n)
                    })
                    .then_some(ty),
                TyKind::Data(..) | TyKind::Array(_) | TyKind::Tuple(_) if !args.is_empty() => None,
                _ => Some(*t),
            }
            };
            let tys: Vec<Ty> = declared.iter().map(field).collect::<Option<_>>()?;
            if tys.len() != fields.len() {
                return None;
            }
            Value::Data(*data, *ctor, all(&mut tys.into_iter(), fields)?.into())
        }
        _ => return None,
    })
}
