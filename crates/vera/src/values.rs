//! Command-line words as Vera values (language reference, chapter 14.3).

use vera_host::Value;
use vera_mir::ir::HostTy;

/// The value a word stands for; the error is the message to show.
pub(crate) fn parse(word: &str, ty: &HostTy) -> Result<Value, String> {
    let invalid = |why: &str| {
        format!("Argument '{word}' is not valid for parameter type @{}: {why}", name(ty))
    };
    let in_range = |min, max, ty| {
        integer(word, min, max, ty).unwrap_or_else(|| Err(invalid("expected an integer")))
    };
    match ty {
        HostTy::Int => in_range(i64::MIN, i64::MAX, "Int").map(Value::Int),
        HostTy::Nat => in_range(0, i64::MAX, "Nat").map(Value::Int),
        HostTy::Byte => in_range(0, 255, "Byte").map(|n| Value::Byte(n as u8)),
        HostTy::Bool => match word.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Ok(Value::Bool(true)),
            "false" | "no" | "0" => Ok(Value::Bool(false)),
            _ => Err(invalid("expected true, yes, 1, false, no or 0")),
        },
        HostTy::Float64 => {
            float(word).map(Value::Float64).ok_or_else(|| invalid("expected a number"))
        }
        HostTy::String => Ok(Value::String(word.as_bytes().to_vec())),
        HostTy::Unit | HostTy::Other(..) => Err(invalid("it cannot be given on the command line")),
    }
}

/// The printed name of a type.
pub(crate) fn name(ty: &HostTy) -> String {
    match ty {
        HostTy::Unit => "Unit".to_owned(),
        HostTy::Int => "Int".to_owned(),
        HostTy::Nat => "Nat".to_owned(),
        HostTy::Byte => "Byte".to_owned(),
        HostTy::Bool => "Bool".to_owned(),
        HostTy::Float64 => "Float64".to_owned(),
        HostTy::String => "String".to_owned(),
        HostTy::Other(name, _) => name.clone(),
    }
}

/// Digits with single underscores between them, or `None`.
fn digits(text: &str) -> Option<String> {
    let ok = !text.is_empty()
        && !text.starts_with('_')
        && !text.ends_with('_')
        && !text.contains("__")
        && text.chars().all(|c| c.is_ascii_digit() || c == '_');
    ok.then(|| text.replace('_', ""))
}

/// `None` when the word is no integer, an error when it is out of range.
fn integer(word: &str, min: i64, max: i64, ty: &str) -> Option<Result<i64, String>> {
    let text = word.trim();
    let (sign, rest) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (&text[..1], rest),
        None => ("", text),
    };
    let plain = format!("{}{}", if sign == "-" { "-" } else { "" }, digits(rest)?);
    let value = plain.parse::<i64>().ok().filter(|n| (min..=max).contains(n));
    Some(value.ok_or_else(|| {
        format!(
            "Argument '{word}' is out of range for parameter type @{ty}: {} @{ty} holds {min} .. {max}.",
            if ty == "Int" { "an" } else { "a" }
        )
    }))
}

fn float(word: &str) -> Option<f64> {
    let text = word.trim();
    let digit = |c: Option<&u8>| c.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    let between_digits = |at: usize| at > 0 && digit(bytes.get(at - 1)) && digit(bytes.get(at + 1));
    if !text.match_indices('_').all(|(at, _)| between_digits(at)) {
        return None;
    }
    text.replace('_', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_accept_signs_blanks_and_underscores() {
        for (word, n) in [("42", 42), ("+5", 5), ("1_000", 1000), (" 42 ", 42), ("-3", -3)] {
            assert_eq!(parse(word, &HostTy::Int), Ok(Value::Int(n)));
        }
        for word in ["0x10", "1.0", "", "a", "_1", "1__0"] {
            assert!(parse(word, &HostTy::Int).is_err());
        }
        assert_eq!(
            parse("-4", &HostTy::Nat).unwrap_err(),
            "Argument '-4' is out of range for parameter type @Nat: a @Nat holds 0 .. 9223372036854775807."
        );
        assert_eq!(
            parse("9223372036854775808", &HostTy::Int).unwrap_err(),
            "Argument '9223372036854775808' is out of range for parameter type @Int: an @Int holds -9223372036854775808 .. 9223372036854775807."
        );
    }

    #[test]
    fn floats_accept_words_and_exponents() {
        assert_eq!(parse("1e3", &HostTy::Float64), Ok(Value::Float64(1000.0)));
        assert_eq!(parse("1_0.5", &HostTy::Float64), Ok(Value::Float64(10.5)));
        assert_eq!(parse("-INF", &HostTy::Float64), Ok(Value::Float64(f64::NEG_INFINITY)));
        assert_eq!(parse("+Infinity", &HostTy::Float64), Ok(Value::Float64(f64::INFINITY)));
        for word in ["one", "", "_", "_1.5", "1.5_", "1__0.5", "1_.5", "1._5", "1_0._5", "1_0e_5"] {
            assert!(parse(word, &HostTy::Float64).is_err(), "{word}");
        }
    }
}
