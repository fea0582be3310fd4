//! Constants and names as SMT-LIB 2 writes them.

use vera_faults::Fault;

/// `(- 5)`
pub(super) fn int(value: i128) -> String {
    if value < 0 { format!("(- {})", value.unsigned_abs()) } else { value.to_string() }
}

/// The exact float.
pub(super) fn float(bits: u64) -> String {
    if f64::from_bits(bits).is_nan() {
        return "(_ NaN 11 53)".to_owned();
    }
    let (sign, exponent, fraction) = (bits >> 63, bits >> 52 & 0x7ff, bits & ((1 << 52) - 1));
    format!("(fp #b{sign} #b{exponent:011b} #x{fraction:013x})")
}

/// A quoted string in ASCII. Strings are sequences of bytes: each is the character of
/// its number.
pub(super) fn string(text: &str) -> String {
    let mut out = String::from("\"");
    let codes: Vec<u32> = if Fault::StringsOfCodePoints.planted() {
        text.chars().map(u32::from).collect()
    } else {
        text.bytes().map(u32::from).collect()
    };
    for code in codes {
        match char::from_u32(code) {
            Some('"') => out.push_str("\"\""),
            Some(c @ ' '..='~') if c != '\\' => out.push(c),
            _ => out.push_str(&format!("\\u{{{code:x}}}")),
        }
    }
    out.push('"');
    out
}

/// A name as a simple symbol: other characters become `_`.
pub(super) fn symbol(name: &str) -> String {
    let clean: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if clean.starts_with(|c: char| c.is_ascii_digit()) { format!("n{clean}") } else { clean }
}

/// Reads a string as a solver prints it, with the quotes. Some print a backslash as it
/// is, so `\u{…}` is an escape only where the byte needs one: what spells that of a
/// plain character is text. `None` for what is no text: a character that is no byte,
/// or bytes that are not UTF-8.
pub(super) fn unquote(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?.replace("\"\"", "\"");
    let mut bytes = Vec::new();
    let mut rest = inner.as_str();
    while let Some(at) = rest.find("\\u{") {
        bytes.extend(&rest.as_bytes()[..at]);
        rest = &rest[at..];
        let (code, length) = escaped(rest).unwrap_or((u32::from('\\'), 1));
        bytes.push(u8::try_from(code).ok()?);
        rest = &rest[length..];
    }
    bytes.extend(rest.as_bytes());
    String::from_utf8(bytes).ok()
}

/// The number of the character that the escape at the start of `text` stands for, and
/// its length.
fn escaped(text: &str) -> Option<(u32, usize)> {
    let (hex, _) = text.strip_prefix("\\u{")?.split_once('}')?;
    let code = u32::from_str_radix(hex, 16).ok()?;
    let plain = matches!(char::from_u32(code), Some(c @ ' '..='~') if c != '\\');
    (!plain).then_some((code, hex.len() + 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_survive_the_round_trip() {
        for text in ["", "plain", "say \"hi\"", "tab\tand\\", "é😀", "\\u{41}"] {
            let quoted = string(text);
            assert!(quoted.is_ascii());
            assert_eq!(unquote(&quoted).as_deref(), Some(text));
        }
    }

    #[test]
    fn solvers_may_print_a_backslash_as_it_is() {
        let read = |text: &str| unquote(&format!("\"{text}\"")).expect("a string");
        assert_eq!(read("\\u{41}\\u{c3}\\u{a9}"), "\\u{41}é");
        assert_eq!(read("\\n\\\\u{}\\u{zz}\\u{41"), "\\n\\\\u{}\\u{zz}\\u{41");
        assert_eq!(read("\\u{5c}u{41}"), "\\u{41}");
    }

    #[test]
    fn floats_are_exact() {
        assert_eq!(float(1.0f64.to_bits()), "(fp #b0 #b01111111111 #x0000000000000)");
        assert_eq!(float((-2.5f64).to_bits()), "(fp #b1 #b10000000000 #x4000000000000)");
        assert_eq!(float(f64::NAN.to_bits()), "(_ NaN 11 53)");
    }

    #[test]
    fn names_are_simple_symbols() {
        assert_eq!(symbol("Option<Int>"), "Option_Int_");
        assert_eq!(symbol("2x"), "n2x");
    }
}
