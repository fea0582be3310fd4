//! Numbers to text (language reference, chapter 12.5).

use crate::heap::Heap;
use crate::memory::Ref;
use crate::roots::Roots;
use crate::string;

/// A text built from its last byte to its first.
struct Backwards<const N: usize> {
    bytes: [u8; N],
    start: usize,
}

impl<const N: usize> Backwards<N> {
    fn new() -> Self {
        Backwards { bytes: [0; N], start: N }
    }

    /// Puts a byte in front; the buffers are large enough for every number.
    fn byte(&mut self, byte: u8) {
        if let Some(at) = self.start.checked_sub(1)
            && let Some(slot) = self.bytes.get_mut(at)
        {
            *slot = byte;
            self.start = at;
        }
    }

    /// Puts a number in front, filled up with zeros to `width` digits.
    fn number(&mut self, mut value: u64, mut width: u32) {
        while value != 0 || width > 0 {
            self.byte(b'0' + (value % 10) as u8);
            value /= 10;
            width = width.saturating_sub(1);
        }
    }

    fn text(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or(&[])
    }
}

/// Decimal digits, with `-` in front of a negative value. O(1).
pub fn int_to_string(heap: &mut Heap, value: i64, roots: Roots) -> Ref {
    let mut text = Backwards::<20>::new();
    text.number(value.unsigned_abs(), 1);
    if value < 0 {
        text.byte(b'-');
    }
    string::new(heap, text.text(), roots)
}

/// Longest text: sign, 309 digits, point and fraction.
const FLOAT_TEXT: usize = 320;

/// The six-digit format of chapter 12.5.1; values of 2^63 and more are printed
/// exactly (12.5.2). Never an exponent. O(1).
pub fn float_to_string(heap: &mut Heap, value: f64, roots: Roots) -> Ref {
    if value.is_nan() {
        return string::new(heap, b"nan", roots);
    }
    if value.is_infinite() {
        let text: &[u8] = if value < 0.0 { b"-inf" } else { b"inf" };
        return string::new(heap, text, roots);
    }
    let mut text = Backwards::<FLOAT_TEXT>::new();
    let magnitude = value.abs();
    if magnitude < 9223372036854775808.0 {
        small_float(&mut text, magnitude);
    } else {
        text.number(0, 1);
        text.byte(b'.');
        large_integer(&mut text, magnitude);
    }
    if value < 0.0 {
        text.byte(b'-');
    }
    string::new(heap, text.text(), roots)
}

/// The shortest decimal digits that read back to the same value: always with a
/// point, never with an exponent. NaN and the infinities as [`float_to_string`]
/// writes them. O(1).
pub fn float_to_string_exact(heap: &mut Heap, value: f64, roots: Roots) -> Ref {
    if !value.is_finite() {
        return float_to_string(heap, value, roots);
    }
    let text = Shortest::of(value);
    string::new(heap, text.text(), roots)
}

/// The shortest digits of a finite float.
struct Shortest {
    /// Sign, `0.`, at most 324 zeros and 17 digits.
    bytes: [u8; 352],
    len: usize,
}

impl Shortest {
    fn of(value: f64) -> Shortest {
        let mut text = Shortest { bytes: [0; 352], len: 0 };
        // Never fails: the buffer is large enough for every float.
        _ = core::fmt::Write::write_fmt(&mut text, format_args!("{value}"));
        if !text.text().contains(&b'.') {
            _ = core::fmt::Write::write_str(&mut text, ".0");
        }
        text
    }

    fn text(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }
}

impl core::fmt::Write for Shortest {
    fn write_str(&mut self, piece: &str) -> core::fmt::Result {
        let end = self.len + piece.len();
        let to = self.bytes.get_mut(self.len..end).ok_or(core::fmt::Error)?;
        to.copy_from_slice(piece.as_bytes());
        self.len = end;
        Ok(())
    }
}

/// A magnitude below 2^63, rounded to six digits in the way the language fixes.
fn small_float(text: &mut Backwards<FLOAT_TEXT>, magnitude: f64) {
    let mut whole = magnitude as u64;
    let fraction = magnitude - whole as f64;
    let mut digits = (fraction * 1000000.0 + 0.5) as u64;
    if digits == 1000000 {
        (whole, digits) = (whole + 1, 0);
    }
    let mut width = 6;
    while width > 1 && digits.is_multiple_of(10) {
        (digits, width) = (digits / 10, width - 1);
    }
    text.number(digits, width);
    text.byte(b'.');
    text.number(whole, 1);
}

/// The digits of a magnitude of 2^53 or more, which is an integer: repeated
/// division of the binary number by 10^9, schoolbook fashion.
fn large_integer(text: &mut Backwards<FLOAT_TEXT>, magnitude: f64) {
    // 1024 bits, least significant word first.
    let mut words = [0u32; 33];
    let bits = magnitude.to_bits();
    let mantissa = bits & ((1 << 52) - 1) | 1 << 52;
    let shift = (bits >> 52) as usize - 1075;
    let wide = u128::from(mantissa) << (shift % 32);
    for (i, word) in words.iter_mut().skip(shift / 32).take(3).enumerate() {
        *word = (wide >> (32 * i)) as u32;
    }
    loop {
        let mut rest = 0;
        let mut quotient = 0;
        for word in words.iter_mut().rev() {
            let value = rest << 32 | u64::from(*word);
            *word = (value / 1_000_000_000) as u32;
            rest = value % 1_000_000_000;
            quotient |= *word;
        }
        if quotient == 0 {
            text.number(rest, 1);
            return;
        }
        text.number(rest, 9);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::Config;
    use proptest::prelude::*;
    use std::format;
    use std::string::{String, ToString};

    fn float(value: f64) -> String {
        let (mut heap, roots) = Heap::new(Config::small());
        let text = float_to_string(&mut heap, value, roots);
        String::from_utf8(string::bytes(&heap, text).to_vec()).expect("digits are text")
    }

    fn int(value: i64) -> String {
        let (mut heap, roots) = Heap::new(Config::small());
        let text = int_to_string(&mut heap, value, roots);
        String::from_utf8(string::bytes(&heap, text).to_vec()).expect("digits are text")
    }

    #[test]
    fn floats_as_chapter_12_5_1() {
        let cases = [
            (0.0, "0.0"),
            (-0.0, "0.0"),
            (42.0, "42.0"),
            (0.1, "0.1"),
            (0.1 + 0.2, "0.3"),
            (-1.5, "-1.5"),
            (1.0 / 3.0, "0.333333"),
            (2.0 / 3.0, "0.666667"),
            (0.0000005, "0.000001"),
            (0.0000004, "0.0"),
            (-0.0000001, "-0.0"),
            (-0.0000006, "-0.000001"),
            (0.00001, "0.00001"),
            (0.0000015, "0.000002"),
            (0.0000025, "0.000003"),
            (0.1234567, "0.123457"),
            (0.12345649, "0.123456"),
            (0.9999999, "1.0"),
            (1.0000005, "1.000001"),
            (2.0000005, "2.000001"),
            (1.9999995, "1.999999"),
            (-1.9999996, "-2.0"),
            (123_456_789.123_456_79, "123456789.123457"),
            (4503599627370495.5, "4503599627370495.5"),
            (10000000000000000.0, "10000000000000000.0"),
            (9223372036854774784.0, "9223372036854774784.0"),
            (9223372036854775808.0, "9223372036854775808.0"),
            (1e22, "10000000000000000000000.0"),
            (f64::NAN, "nan"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (value, text) in cases {
            assert_eq!(float(value), text, "{value:e}");
        }
    }

    fn exact(value: f64) -> String {
        String::from_utf8(Shortest::of(value).text().to_vec()).expect("digits are text")
    }

    #[test]
    fn shortest_digits() {
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e-8, "0.00000001"),
            (1e22, "10000000000000000000000.0"),
            (1.0 / 3.0, "0.3333333333333333"),
        ];
        for (value, text) in cases {
            assert_eq!(exact(value), text);
        }
        for value in [f64::MAX, -f64::MIN_POSITIVE, -f64::from_bits(1), 123456.0e-300] {
            assert_eq!(exact(value).parse(), Ok(value));
            assert_eq!(crate::parse::float(exact(value).as_bytes()), Ok(value));
        }
    }

    #[test]
    fn extreme_values() {
        assert_eq!(int(i64::MIN), i64::MIN.to_string());
        assert_eq!(int(0), "0");
        assert_eq!(float(f64::MAX), format!("{:.1}", f64::MAX));
        assert_eq!(float(-f64::MAX), format!("{:.1}", -f64::MAX));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 8 } else { 1024 }))]
        #[test]
        fn ints_like_rust(value: i64) {
            prop_assert_eq!(int(value), value.to_string());
        }

        #[test]
        fn large_floats_like_rust(bits in (1023u64 + 63) << 52..2047 << 52) {
            let value = f64::from_bits(bits);
            prop_assert_eq!(float(value), format!("{value:.1}"));
        }
    }
}
