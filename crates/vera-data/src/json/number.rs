//! Number tokens.

use crate::float;

/// A number token at the start of a text.
pub(super) struct Number {
    /// Bytes of the token.
    pub(super) length: usize,
    /// The nearest double, unless it takes more than a word to tell.
    pub(super) value: Option<f64>,
}

/// Reads the longest number token that starts `text`, if there is one.
///
/// The integer token `-0` is the integer 0, so +0.0; any other zero keeps its
/// sign.
pub(super) fn scan(text: &[u8]) -> Option<Number> {
    let negative = text.first() == Some(&b'-');
    let mut digits = Digits { word: 0, fits: true };
    let mut at = usize::from(negative);
    if text.get(at) == Some(&b'0') {
        at += 1;
    } else {
        let start = at;
        at = digits.read(text, at);
        if at == start {
            return None;
        }
    }
    let mut exponent = 0i64;
    let mut integer = true;
    if text.get(at) == Some(&b'.') {
        let end = digits.read(text, at + 1);
        if end > at + 1 {
            exponent = -((end - at - 1) as i64);
            at = end;
            integer = false;
        }
    }
    if let Some(b'e' | b'E') = text.get(at) {
        let sign = text.get(at + 1).copied().unwrap_or(0);
        let start = at + 1 + usize::from(matches!(sign, b'+' | b'-'));
        let mut end = start;
        let mut value = 0i64;
        while let Some(digit @ b'0'..=b'9') = text.get(end) {
            value = (value * 10 + i64::from(digit - b'0')).min(1 << 40);
            end += 1;
        }
        if end > start {
            exponent += if sign == b'-' { -value } else { value };
            at = end;
            integer = false;
        }
    }
    let value = if digits.fits { float::nearest(digits.word, exponent) } else { None };
    let value = match value {
        Some(value) if negative && !(integer && digits.word == 0) => Some(-value),
        value => value,
    };
    Some(Number { length: at, value })
}

/// The digits of a token as an integer.
struct Digits {
    word: u64,
    /// Whether they are all in `word`.
    fits: bool,
}

impl Digits {
    /// Reads digits from `at` on and returns where they end.
    fn read(&mut self, text: &[u8], mut at: usize) -> usize {
        while let Some(digit @ b'0'..=b'9') = text.get(at) {
            at += 1;
            if self.word < u64::MAX / 10 {
                self.word = self.word * 10 + u64::from(digit - b'0');
            } else {
                self.fits = false;
            }
        }
        at
    }
}
