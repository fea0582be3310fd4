//! Text to numbers (language reference, chapter 12.4.1).
//!
//! Nothing here allocates: on success the value, otherwise the status that
//! compiled code turns into the error text.

use vera_abi::runtime::ParseStatus;

/// A value, or why there is none.
pub type Parsed<T> = Result<T, ParseStatus>;

/// `text` without the spaces in front.
fn skip_spaces(mut text: &[u8]) -> &[u8] {
    while let [b' ', rest @ ..] = text {
        text = rest;
    }
    text
}

/// `text` without the digits in front, of which `each` is told.
fn digits(mut text: &[u8], mut each: impl FnMut(u8)) -> &[u8] {
    while let [digit @ b'0'..=b'9', rest @ ..] = text {
        each(digit - b'0');
        text = rest;
    }
    text
}

/// Digits up to `limit`, then spaces, then the end.
fn magnitude(text: &[u8], limit: u64) -> Parsed<u64> {
    if text.is_empty() {
        return Err(ParseStatus::Empty);
    }
    let mut value = Some(0);
    let rest = digits(text, |digit| {
        value = value
            .and_then(|v: u64| v.checked_mul(10)?.checked_add(u64::from(digit)))
            .filter(|&v| v <= limit);
    });
    match value {
        None => Err(ParseStatus::OutOfRange),
        Some(value) if rest.len() < text.len() && skip_spaces(rest).is_empty() => Ok(value),
        Some(_) => Err(ParseStatus::Invalid),
    }
}

/// A `Nat`: spaces, digits, spaces. O(n).
pub fn nat(text: &[u8]) -> Parsed<i64> {
    magnitude(skip_spaces(text), i64::MAX as u64).map(|value| value as i64)
}

/// An `Int`: as [`nat`], with one sign allowed. O(n).
pub fn int(text: &[u8]) -> Parsed<i64> {
    match skip_spaces(text) {
        [b'-', rest @ ..] => {
            magnitude(rest, i64::MIN.unsigned_abs()).map(|value| (value as i64).wrapping_neg())
        }
        [b'+', rest @ ..] | rest => magnitude(rest, i64::MAX as u64).map(|value| value as i64),
    }
}

/// A `Bool` between spaces. O(n).
pub fn bool(text: &[u8]) -> Option<bool> {
    let (value, rest) = match skip_spaces(text) {
        [b't', b'r', b'u', b'e', rest @ ..] => (true, rest),
        [b'f', b'a', b'l', b's', b'e', rest @ ..] => (false, rest),
        _ => return None,
    };
    skip_spaces(rest).is_empty().then_some(value)
}

/// A `Float64`: one sign, digits with an optional point, an optional exponent,
/// between spaces; correctly rounded (nearest, ties to even), beyond the range
/// to an infinity. O(n) for the text, and for the value, when it has more than
/// 15 digits or a large exponent, time in the size of the exponent.
pub fn float(text: &[u8]) -> Parsed<f64> {
    let text = skip_spaces(text);
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let mut decimal = Decimal::new();
    let mut rest = digits(text, |digit| decimal.push(digit, 0));
    let mut any = rest.len() < text.len();
    if let [b'.', fraction @ ..] = rest {
        rest = digits(fraction, |digit| decimal.push(digit, 1));
        any |= rest.len() < fraction.len();
    }
    if any && let Some((exponent, behind)) = exponent(rest) {
        decimal.exponent = decimal.exponent.saturating_add(exponent);
        rest = behind;
    }
    if !skip_spaces(rest).is_empty() {
        return Err(ParseStatus::Invalid);
    }
    if !any {
        return Err(ParseStatus::Empty);
    }
    let value = decimal.into_f64();
    Ok(if negative { -value } else { value })
}

/// The exponent part in front of `text`, if there is a whole one.
fn exponent(text: &[u8]) -> Option<(i64, &[u8])> {
    let [b'e' | b'E', text @ ..] = text else { return None };
    let (sign, text) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        rest => (1, rest),
    };
    let mut value = 0i64;
    let rest = digits(text, |digit| value = (value * 10 + i64::from(digit)).min(1 << 40));
    (rest.len() < text.len()).then_some((sign * value, rest))
}

/// More significant digits than it takes to tell any decimal from the middle
/// of two neighbouring doubles (767); those beyond only matter by not being 0.
const DIGITS: usize = 770;

/// A decimal number: an integer of at most [`DIGITS`] digits and a power of ten.
struct Decimal {
    /// Digits in groups of nine, most significant first.
    groups: [u32; DIGITS / 9 + 2],
    /// Significant digits in `groups`.
    count: usize,
    /// Whether a digit other than 0 was left out.
    inexact: bool,
    exponent: i64,
}

impl Decimal {
    fn new() -> Decimal {
        Decimal { groups: [0; DIGITS / 9 + 2], count: 0, inexact: false, exponent: 0 }
    }

    /// Appends a digit, `places` (0 or 1) of them behind the point.
    fn push(&mut self, digit: u8, places: i64) {
        self.exponent -= places;
        if self.count == 0 && digit == 0 {
            return;
        }
        if self.count >= DIGITS {
            self.inexact |= digit != 0;
            self.exponent += 1;
            return;
        }
        self.append(digit);
    }

    fn append(&mut self, digit: u8) {
        if let Some(group) = self.groups.get_mut(self.count / 9) {
            *group = *group * 10 + u32::from(digit);
        }
        self.count += 1;
    }

    fn into_f64(mut self) -> f64 {
        if self.inexact {
            // One digit more stands for everything left out.
            self.exponent -= 1;
            self.append(1);
        }
        let leading = self.exponent + self.count as i64;
        if self.count == 0 || leading < -330 {
            return 0.0;
        }
        if leading > 310 {
            return f64::INFINITY;
        }
        if self.count <= 15
            && let Some(value) = self.fast()
        {
            return value;
        }
        self.exact()
    }

    /// Clinger's fast path: both the digits and the power of ten are doubles,
    /// so one operation rounds once.
    fn fast(&self) -> Option<f64> {
        let mut power = 1.0;
        let count = self.exponent.unsigned_abs();
        if count > 22 {
            return None;
        }
        for _ in 0..count {
            // Exact: 10^22 is the largest power of ten that is a double.
            power *= 10.0;
        }
        let scale = if self.count > 9 { 10u64.pow(self.count as u32 - 9) } else { 1 };
        let mantissa = u64::from(self.groups[0]) * scale + u64::from(self.groups[1]);
        Some(if self.exponent < 0 { mantissa as f64 / power } else { mantissa as f64 * power })
    }

    /// The nearest double by exact integer arithmetic: `digits * 10^e` is
    /// `digits * 5^e * 2^e`, and `floor(floor(x / a) / b)` is `floor(x / (a * b))`,
    /// so a division by `5^-e` is a series of divisions by one word, and the
    /// remainders together tell whether it came out even.
    fn exact(&self) -> f64 {
        let mut big = Big::new();
        let mut left = self.count;
        for &group in &self.groups {
            let digits = left.min(9);
            if digits > 0 {
                big.multiply_add(10u32.pow(digits as u32), group);
            }
            left -= digits;
        }
        let mut binary = self.exponent;
        let mut inexact = false;
        let mut fives = self.exponent.unsigned_abs() as u32;
        if self.exponent < 0 {
            // Enough bits that the quotient has at least 66: 5^n < 2^(7n/3 + 1).
            let shift = (fives * 7 / 3 + 96) / 32;
            big.shift_words(shift as usize);
            binary -= i64::from(shift) * 32;
        }
        while fives > 0 {
            let step = fives.min(13);
            let power = 5u32.pow(step);
            if self.exponent < 0 {
                inexact |= big.divide(power) != 0;
            } else {
                big.multiply_add(power, 0);
            }
            fives -= step;
        }
        big.round(binary, inexact)
    }
}

/// A non-negative integer, least significant word first.
struct Big {
    /// 770 digits times 10^1100 or 2^2700 take fewer than 200 words.
    words: [u32; 224],
    count: usize,
}

impl Big {
    fn new() -> Big {
        Big { words: [0; 224], count: 0 }
    }

    fn multiply_add(&mut self, factor: u32, carry: u32) {
        let mut carry = u64::from(carry);
        for word in self.words.iter_mut().take(self.count) {
            carry += u64::from(*word) * u64::from(factor);
            *word = carry as u32;
            carry >>= 32;
        }
        if carry != 0
            && let Some(word) = self.words.get_mut(self.count)
        {
            *word = carry as u32;
            self.count += 1;
        }
    }

    /// Divides by a divisor other than 0 and returns the remainder.
    fn divide(&mut self, divisor: u32) -> u32 {
        let divisor = u64::from(divisor).max(1);
        let mut rest = 0;
        for word in self.words.iter_mut().take(self.count).rev() {
            let value = rest << 32 | u64::from(*word);
            *word = (value / divisor) as u32;
            rest = value % divisor;
        }
        while self.count > 0 && self.word(self.count - 1) == 0 {
            self.count -= 1;
        }
        rest as u32
    }

    fn shift_words(&mut self, by: usize) {
        for i in (0..self.count).rev() {
            let word = self.word(i);
            if let Some(to) = self.words.get_mut(i + by) {
                *to = word;
            }
        }
        for word in self.words.iter_mut().take(by) {
            *word = 0;
        }
        self.count += by;
    }

    fn word(&self, i: usize) -> u32 {
        self.words.get(i).copied().unwrap_or(0)
    }

    /// The double nearest to `self * 2^exponent`, or to a value a little above
    /// when `inexact`.
    fn round(&self, exponent: i64, inexact: bool) -> f64 {
        // The topmost 64 bits, the first of them set, and whether a lower one is.
        let mut top = 0u128;
        let mut sticky = inexact;
        for i in (0..self.count).rev() {
            if i + 3 >= self.count {
                top = top << 32 | u128::from(self.word(i));
            } else {
                sticky |= self.word(i) != 0;
            }
        }
        let below = 32 * self.count.saturating_sub(3) as i64;
        let lead = 127 - i64::from(top.leading_zeros());
        let value_exponent = exponent + below + lead;
        // Bits kept: 53, fewer below the smallest normal double.
        let kept = (value_exponent + 1075).min(53);
        if kept < 0 {
            return 0.0;
        }
        let drop = lead + 1 - kept;
        let (mut mantissa, rest, half) = if drop > 0 {
            (top >> drop, top & ((1 << drop) - 1), 1 << (drop - 1))
        } else {
            (top << -drop, 0, 1)
        };
        if rest > half || (rest == half && (sticky || mantissa & 1 == 1)) {
            mantissa += 1;
        }
        // A carry out of the mantissa raises the exponent by itself; so does the
        // step from the largest subnormal to the smallest normal.
        let biased = (value_exponent + 1023).max(0);
        if biased >= 2047 {
            return f64::INFINITY;
        }
        let bits = if biased == 0 {
            mantissa as u64
        } else {
            ((biased as u64 - 1) << 52) + mantissa as u64
        };
        f64::from_bits(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::ParseStatus::{Empty, Invalid, OutOfRange};
    use super::*;
    use proptest::prelude::*;
    use std::format;

    /// One row of the table in chapter 12.4.1.
    type Row = (&'static str, Parsed<i64>, Parsed<i64>, Parsed<f64>);

    #[test]
    fn the_table_of_chapter_12_4_1() {
        let rows: [Row; 33] = [
            ("42", Ok(42), Ok(42), Ok(42.0)),
            ("  7  ", Ok(7), Ok(7), Ok(7.0)),
            ("007", Ok(7), Ok(7), Ok(7.0)),
            ("", Err(Empty), Err(Empty), Err(Empty)),
            ("   ", Err(Empty), Err(Empty), Err(Empty)),
            ("-", Err(Invalid), Err(Empty), Err(Empty)),
            ("+", Err(Invalid), Err(Empty), Err(Empty)),
            ("- ", Err(Invalid), Err(Invalid), Err(Empty)),
            ("-7", Err(Invalid), Ok(-7), Ok(-7.0)),
            ("+3", Err(Invalid), Ok(3), Ok(3.0)),
            ("-0", Err(Invalid), Ok(0), Ok(-0.0)),
            ("--5", Err(Invalid), Err(Invalid), Err(Invalid)),
            ("+-5", Err(Invalid), Err(Invalid), Err(Invalid)),
            ("- 5", Err(Invalid), Err(Invalid), Err(Invalid)),
            ("1 2", Err(Invalid), Err(Invalid), Err(Invalid)),
            ("12a", Err(Invalid), Err(Invalid), Err(Invalid)),
            ("1_000", Err(Invalid), Err(Invalid), Err(Invalid)),
            ("0x10", Err(Invalid), Err(Invalid), Err(Invalid)),
            ("\t1", Err(Invalid), Err(Invalid), Err(Invalid)),
            ("7\n", Err(Invalid), Err(Invalid), Err(Invalid)),
            ("9223372036854775807", Ok(i64::MAX), Ok(i64::MAX), Ok(9223372036854775807.0)),
            ("9223372036854775808", Err(OutOfRange), Err(OutOfRange), Ok(9223372036854775808.0)),
            ("-9223372036854775808", Err(Invalid), Ok(i64::MIN), Ok(-9223372036854775808.0)),
            ("-9223372036854775809", Err(Invalid), Err(OutOfRange), Ok(-9223372036854775808.0)),
            ("99999999999999999999x", Err(OutOfRange), Err(OutOfRange), Err(Invalid)),
            (".5", Err(Invalid), Err(Invalid), Ok(0.5)),
            ("5.", Err(Invalid), Err(Invalid), Ok(5.0)),
            ("-.5", Err(Invalid), Err(Invalid), Ok(-0.5)),
            (".", Err(Invalid), Err(Invalid), Err(Empty)),
            (". ", Err(Invalid), Err(Invalid), Err(Empty)),
            ("1.2.3", Err(Invalid), Err(Invalid), Err(Invalid)),
            ("1e3", Err(Invalid), Err(Invalid), Ok(1000.0)),
            ("inf", Err(Invalid), Err(Invalid), Err(Invalid)),
        ];
        for (text, as_nat, as_int, as_float) in rows {
            assert_eq!(nat(text.as_bytes()), as_nat, "nat {text:?}");
            assert_eq!(int(text.as_bytes()), as_int, "int {text:?}");
            let bits = |parsed: Parsed<f64>| parsed.map(f64::to_bits);
            assert_eq!(bits(float(text.as_bytes())), bits(as_float), "float {text:?}");
        }
    }

    #[test]
    fn exponents_must_be_whole() {
        for text in ["1e", "1e+", "e5", ".e5", "1e5.", "1e 5", "1ee5"] {
            assert!(float(text.as_bytes()).is_err(), "{text}");
        }
        assert_eq!(float(b" -1.5E-2 "), Ok(-0.015));
    }

    #[test]
    fn booleans() {
        assert_eq!(bool(b"  true  "), Some(true));
        assert_eq!(bool(b"false"), Some(false));
        for text in ["True", "TRUE", "yes", "1", "", "true x", "\ttrue", "truefalse"] {
            assert_eq!(bool(text.as_bytes()), None, "{text}");
        }
    }

    fn agrees_with_rust(text: &str) {
        let ours = float(text.as_bytes()).map(f64::to_bits);
        let rust = text.parse::<f64>().expect("valid in Rust too").to_bits();
        assert_eq!(ours, Ok(rust), "{text}");
    }

    #[test]
    fn hard_floats_are_correctly_rounded() {
        for text in [
            "0.1234567890123456789",
            "9007199254740993",
            "9007199254740992.99999999999999999999999999999999",
            "1e22",
            "1e23",
            "123456789012345e22",
            "1e-22",
            "1e308",
            "1.7976931348623157e308",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "1e309",
            "1e400",
            "1e99999999999999",
            "4.9e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "1e-323",
            "2.2250738585072011e-308",
            "2.2250738585072014e-308",
            "1e-400",
            "0e99999999999",
            "6.631236846766476e-316",
            "3.237883913302901e-319",
            "8.5e-1",
        ] {
            agrees_with_rust(text);
        }
        agrees_with_rust(&format!("0.{}1", "0".repeat(310)));
        agrees_with_rust(&format!("0.{}1e320", "0".repeat(310)));
        agrees_with_rust(&format!("1{}", "0".repeat(308)));
        // Exactly between two doubles, then with a digit far behind.
        let half = "9007199254740993.".to_owned();
        agrees_with_rust(&format!("{half}{}", "0".repeat(900)));
        agrees_with_rust(&format!("{half}{}1", "0".repeat(900)));
        agrees_with_rust(&"9".repeat(1000));
        agrees_with_rust(&format!("{}e-900", "9".repeat(1000)));
    }

    use std::borrow::ToOwned;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 16 } else { 5_000 }))]
        #[test]
        fn shortest_texts_come_back(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            prop_assert_eq!(float(format!("{value:e}").as_bytes()).map(f64::to_bits), Ok(bits));
            prop_assert_eq!(float(format!("{value}").as_bytes()).map(f64::to_bits), Ok(bits));
        }

        #[test]
        fn any_decimal_like_rust(text in "[0-9]{1,40}(\\.[0-9]{0,40})?(e[+-]?[0-9]{1,3})?") {
            agrees_with_rust(&text);
        }
    }
}
