//! Vera values as text and as JSON (language reference, chapter 14.4).

use serde_json::{Value as Json, json};

use crate::run::Value;

/// What `vera run` prints for a result, or `None` for Unit.
pub fn bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(bytes) => Some(bytes.clone()),
        Value::Unit
        | Value::Int(_)
        | Value::Byte(_)
        | Value::Bool(_)
        | Value::Float64(_)
        | Value::Other(_) => text(value).map(String::into_bytes),
    }
}

/// A result as text, or `None` for Unit.
pub fn text(value: &Value) -> Option<String> {
    Some(match value {
        Value::Unit => return None,
        Value::Int(n) => n.to_string(),
        Value::Byte(n) => n.to_string(),
        Value::Bool(b) => i32::from(*b).to_string(),
        Value::Float64(x) => float_text(*x),
        Value::String(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::Other(_) => return None,
    })
}

/// The JSON form of a result.
pub fn json(value: &Value) -> Json {
    match value {
        Value::Unit | Value::Other(_) => Json::Null,
        Value::Int(n) => json!(n),
        Value::Byte(n) => json!(n),
        Value::Bool(b) => json!(i32::from(*b)),
        Value::Float64(x) => float_json(*x),
        Value::String(bytes) => json!(String::from_utf8_lossy(bytes)),
    }
}

/// The JSON form of a float: a number, or a word for what JSON has no number for.
pub fn float_json(x: f64) -> Json {
    if x.is_nan() {
        json!("NaN")
    } else if x.is_infinite() {
        json!(if x > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        json!(x)
    }
}

/// Shortest digits that read back equal, always with a point or an exponent;
/// plain notation from 1e-4 up to 1e16.
pub fn float_text(x: f64) -> String {
    if x.is_nan() {
        return "nan".to_owned();
    }
    if x.is_infinite() {
        return if x > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let magnitude = x.abs();
    if magnitude == 0.0 || (1e-4..1e16).contains(&magnitude) {
        let text = format!("{x}");
        return if text.contains('.') { text } else { format!("{text}.0") };
    }
    let text = format!("{x:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(rest) => ('-', rest),
        None => ('+', exponent),
    };
    format!("{digits}e{sign}{exponent:0>2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_shortest_and_marked() {
        for (x, text) in [
            (3.0, "3.0"),
            (0.1, "0.1"),
            (-0.0, "-0.0"),
            (1e20, "1e+20"),
            (1e-7, "1e-07"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (0.0001, "0.0001"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(float_text(x), text);
        }
    }
}
