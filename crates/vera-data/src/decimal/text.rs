//! Numbers from and to text (chapters 13.3.2 and 13.3.4).

use alloc::vec::Vec;

use super::coefficient::{Coefficient, WORD_DIGITS, decimal_digits};
use super::limbs::Limbs;
use super::{Decimal, Finite, Repr};
use crate::text::push_number;

/// The exponents that a text may say.
const TEXT_LIMIT: i64 = 999_999;

impl Decimal {
    /// The number that a text says exactly, white space (six characters of ASCII)
    /// around it ignored; `None` when it says none. O(n).
    pub fn from_text(text: &[u8]) -> Option<Decimal> {
        let text = trim(text);
        let (negative, text) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] | rest => (false, rest),
        };
        let (whole, rest) = digits(text);
        let (fraction, rest) = match rest {
            [b'.', rest @ ..] => digits(rest),
            rest => (&[][..], rest),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let exponent = match rest {
            [] => 0,
            [b'e' | b'E', rest @ ..] => exponent(rest)?,
            _ => return None,
        };
        let exponent = exponent - fraction.len() as i64;
        Some(Decimal::finite(negative, coefficient(whole, fraction), exponent))
    }

    /// The text of a number: positional with a small exponent, else scientific.
    /// O(n).
    pub fn to_text(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match &self.0 {
            Repr::NaN => out.extend_from_slice(b"NaN"),
            Repr::Infinite(true) => out.extend_from_slice(b"-Infinity"),
            Repr::Infinite(false) => out.extend_from_slice(b"Infinity"),
            Repr::Finite(finite) => finite.write(&mut out),
        }
        out
    }
}

impl Finite {
    fn write(&self, out: &mut Vec<u8>) {
        if self.negative {
            out.push(b'-');
        }
        let digits = decimal_digits(&self.coefficient);
        let adjusted = self.exponent + digits.len() as i64 - 1;
        if self.exponent <= 0 && adjusted >= -6 {
            if adjusted < 0 {
                out.extend_from_slice(b"0.");
                out.resize(out.len() + (-1 - adjusted) as usize, b'0');
                out.extend_from_slice(&digits);
                return;
            }
            let point = digits.split_at_checked(adjusted as usize + 1);
            let (whole, fraction) = point.unwrap_or((&digits, &[]));
            out.extend_from_slice(whole);
            if !fraction.is_empty() {
                out.push(b'.');
                out.extend_from_slice(fraction);
            }
            return;
        }
        let (first, rest) = digits.split_at_checked(1).unwrap_or((&digits, &[]));
        out.extend_from_slice(first);
        if !rest.is_empty() {
            out.push(b'.');
            out.extend_from_slice(rest);
        }
        out.extend_from_slice(if adjusted < 0 { b"E-" } else { b"E+" });
        push_number(out, adjusted.unsigned_abs());
    }

    /// The magnitude as digits, `e` and the exponent.
    pub(super) fn digits_and_exponent(&self) -> Vec<u8> {
        let mut out = decimal_digits(&self.coefficient);
        out.extend_from_slice(if self.exponent < 0 { b"e-" } else { b"e" });
        push_number(&mut out, self.exponent.unsigned_abs());
        out
    }
}

/// `text` without tab, LF, VT, FF, CR and space around.
fn trim(mut text: &[u8]) -> &[u8] {
    while let [b'\t'..=b'\r' | b' ', rest @ ..] | [rest @ .., b'\t'..=b'\r' | b' '] = text {
        text = rest;
    }
    text
}

/// The digits in front of `text`, and the rest.
fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, &[]))
}

/// What stands behind the `e`, to the end.
fn exponent(text: &[u8]) -> Option<i64> {
    let (sign, text) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] | rest => (1, rest),
    };
    let (digits, rest) = digits(text);
    if digits.is_empty() || !rest.is_empty() {
        return None;
    }
    let push = |value: i64, digit: &u8| (value * 10 + i64::from(digit - b'0')).min(TEXT_LIMIT + 1);
    let value = digits.iter().fold(0, push);
    (value <= TEXT_LIMIT).then_some(sign * value)
}

fn coefficient(whole: &[u8], fraction: &[u8]) -> Coefficient {
    let mut all = whole.iter().chain(fraction).skip_while(|&&digit| digit == b'0');
    let count = all.clone().count() as u64;
    if count <= WORD_DIGITS {
        let push = |word: u128, digit: &u8| word * 10 + u128::from(digit - b'0');
        return Coefficient::Word(
            all.try_fold(0, |word, digit| Some(push(word, digit))).unwrap_or(0),
        );
    }
    Coefficient::from_limbs(Limbs::from_digits(&all.copied().collect::<Vec<u8>>()))
}
