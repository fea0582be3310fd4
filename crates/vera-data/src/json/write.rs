//! Canonical output (chapter 13.4.3).

use alloc::vec::Vec;

use super::error::Constant;
use crate::float::shortest;
use crate::text::push_number;

/// A number that JSON cannot say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotRepresentable(pub Constant);

impl NotRepresentable {
    /// `json_stringify: NaN is not representable in JSON`
    pub fn message(self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(b"json_stringify: ");
        out.extend_from_slice(self.0.name());
        out.extend_from_slice(b" is not representable in JSON");
        out
    }
}

/// Appends a string in quotes, with as few escapes as the grammar allows and
/// U+FFFD for what is not UTF-8. O(n).
pub fn write_string(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    match core::str::from_utf8(text) {
        Ok(_) => write_plain(out, text),
        Err(_) => {
            for chunk in text.utf8_chunks() {
                write_plain(out, chunk.valid().as_bytes());
                if !chunk.invalid().is_empty() {
                    out.extend_from_slice("\u{fffd}".as_bytes());
                }
            }
        }
    }
    out.push(b'"');
}

fn write_plain(out: &mut Vec<u8>, mut text: &[u8]) {
    loop {
        let (plain, rest) = text.split_at_checked(super::scan::plain(text)).unwrap_or((text, &[]));
        out.extend_from_slice(plain);
        let [byte, rest @ ..] = rest else { return };
        text = rest;
        let letter = match byte {
            b'"' | b'\\' => *byte,
            8 => b'b',
            12 => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            _ => {
                let low = byte & 15;
                let low = if low < 10 { b'0' + low } else { b'a' - 10 + low };
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', b'0' + (byte >> 4), low]);
                continue;
            }
        };
        out.extend_from_slice(&[b'\\', letter]);
    }
}

/// Appends a number in the layout of ECMAScript's Number-to-String: the shortest
/// digits that read back to the same double, positional between 1e-6 and 1e21.
/// Either zero is `0`. O(1).
///
/// # Errors
///
/// A NaN or an infinity, with nothing appended.
pub fn write_number(out: &mut Vec<u8>, value: f64) -> Result<(), NotRepresentable> {
    if !value.is_finite() {
        return Err(NotRepresentable(if value.is_nan() {
            Constant::NaN
        } else if value > 0.0 {
            Constant::Infinity
        } else {
            Constant::NegativeInfinity
        }));
    }
    if value < 0.0 {
        out.push(b'-');
    }
    let integer = value as i64;
    if integer.unsigned_abs() >> 53 == 0 && integer as f64 == value {
        push_number(out, integer.unsigned_abs());
        return Ok(());
    }
    let (digits, exponent) = shortest(value);
    let start = out.len();
    push_number(out, digits);
    let count = (out.len() - start) as i32;
    // The value is 0.DIGITS * 10^point.
    let point = count + exponent;
    if exponent >= 0 && point <= 21 {
        out.resize(out.len() + exponent as usize, b'0');
    } else if 0 < point && point <= 21 {
        out.insert(start + point as usize, b'.');
    } else if -6 < point && point <= 0 {
        out.truncate(start);
        out.extend_from_slice(b"0.");
        out.resize(out.len() + point.unsigned_abs() as usize, b'0');
        push_number(out, digits);
    } else {
        if count > 1 {
            out.insert(start + 1, b'.');
        }
        out.extend_from_slice(if point > 0 { b"e+" } else { b"e-" });
        push_number(out, u64::from((point - 1).unsigned_abs()));
    }
    Ok(())
}
