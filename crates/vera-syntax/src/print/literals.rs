//! String and float literals in canonical form (language reference, chapter 02
//! sections 5.3 and 5.4).

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Appends `text` as it stands between the quotes of a literal.
pub fn encode(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\0' => out.push_str("\\0"),
            ' '..='~' => out.push(c),
            c if is_invisible(c) => out.push_str(&format!("\\u{{{:04X}}}", u32::from(c))),
            c => out.push(c),
        }
    }
}

/// Whether a reader cannot see the character, or not tell it from another.
fn is_invisible(c: char) -> bool {
    matches!(
        c.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::Surrogate
            | GeneralCategory::PrivateUse
            | GeneralCategory::Unassigned
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::SpaceSeparator
    )
}

/// A string as a literal, with the quotes.
pub fn string_value(text: &str) -> String {
    let mut out = String::from("\"");
    encode(&mut out, text);
    out.push('"');
    out
}

/// A float as an expression: the shortest digits that read back to it, never with an
/// exponent; `nan()`, `infinity()` and `-infinity()` have no digits.
pub fn float_value(value: f64) -> String {
    if value.is_nan() {
        return "nan()".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "infinity()" } else { "-infinity()" }.to_owned();
    }
    let mut digits = value.to_string();
    if !digits.contains('.') {
        digits.push_str(".0");
    }
    digits
}

/// The shortest digits with the same value, never with an exponent. A literal that
/// overflows keeps its digits, without superfluous zeros.
pub fn float(literal: &str) -> String {
    match literal.parse::<f64>() {
        Ok(value) if value.is_finite() => float_value(value),
        _ => {
            let (whole, fraction) = literal.split_once('.').unwrap_or((literal, ""));
            let or_zero =
                |digits: &str| if digits.is_empty() { "0".into() } else { digits.to_string() };
            let whole = or_zero(whole.trim_start_matches('0'));
            let fraction = or_zero(fraction.trim_end_matches('0'));
            format!("{whole}.{fraction}")
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn floats() {
        let cases = [
            ("1.50", "1.5"),
            ("00.5", "0.5"),
            ("3.0", "3.0"),
            ("0.00001", "0.00001"),
            ("0.1234567890123456789", "0.12345678901234568"),
            ("1.0000000000000000000001", "1.0"),
            ("100000000000000000000000.0", "100000000000000000000000.0"),
        ];
        for (literal, expected) in cases {
            assert_eq!(super::float(literal), expected);
        }
        let values = [
            (0.1 + 0.2, "0.30000000000000004"),
            (-0.0, "-0.0"),
            (1e-8, "0.00000001"),
            (f64::NAN, "nan()"),
            (f64::NEG_INFINITY, "-infinity()"),
        ];
        for (value, expected) in values {
            assert_eq!(super::float_value(value), expected);
        }
        let nines = "9".repeat(400);
        assert_eq!(super::float(&format!("00{nines}.500")), format!("{nines}.5"));
        assert_eq!(super::float(&format!("{nines}.000")), format!("{nines}.0"));
    }

    #[test]
    fn strings() {
        let cases = [
            ("\\\"\n\t\r\0", r#"\\\"\n\t\r\0"#),
            ("Aé\u{1F600}ß", "Aé\u{1F600}ß"),
            ("\u{A0}\u{7F}\u{200B}", r"\u{00A0}\u{007F}\u{200B}"),
            (
                "\u{10FFFF}\u{E000}\u{2028}\u{2029}\u{3000}\u{378}\u{1}",
                r"\u{10FFFF}\u{E000}\u{2028}\u{2029}\u{3000}\u{0378}\u{0001}",
            ),
        ];
        for (text, expected) in cases {
            let mut out = String::new();
            super::encode(&mut out, text);
            assert_eq!(out, expected);
        }
    }
}
