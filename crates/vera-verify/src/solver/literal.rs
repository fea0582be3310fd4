//! Constants and names as SMT-LIB 2 writes them.

/// The largest code point a string of the logic may hold.
pub(crate) const MAX_CHAR: char = '\u{2ffff}';

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

/// A quoted string in ASCII.
pub(super) fn string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\"\""),
            ' '..='~' if c != '\\' => out.push(c),
            _ => out.push_str(&format!("\\u{{{:x}}}", c as u32)),
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
/// is, so `\u{…}` is an escape only where the character needs one: what spells
/// that of a plain character is text.
pub(super) fn unquote(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?.replace("\"\"", "\"");
    let mut out = String::new();
    let mut rest = inner.as_str();
    while let Some(at) = rest.find("\\u{") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (read, length) = match escaped(rest) {
            Some((c, length)) => (c, length),
            None => ('\\', 1),
        };
        out.push(read);
        rest = &rest[length..];
    }
    out.push_str(rest);
    Some(out)
}

/// The character that the escape at the start of `text` stands for, and its length.
fn escaped(text: &str) -> Option<(char, usize)> {
    let (hex, _) = text.strip_prefix("\\u{")?.split_once('}')?;
    let c = char::from_u32(u32::from_str_radix(hex, 16).ok()?)?;
    let needed = c == '\\' || !matches!(c, ' '..='~');
    needed.then_some((c, hex.len() + 4))
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
        assert_eq!(read("\\u{41}\\u{e9}"), "\\u{41}é");
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
