//! Bytes pushed onto a buffer, without the formatting machinery.

use alloc::vec::Vec;

/// Appends `number` in decimal.
pub(crate) fn push_number(out: &mut Vec<u8>, number: u64) {
    push_digits(out, number, 1);
}

/// Appends `number` in decimal, with zeros in front up to `width` digits (20 at
/// most).
pub(crate) fn push_digits(out: &mut Vec<u8>, mut number: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut left = 0;
    for (i, digit) in digits.iter_mut().enumerate().rev() {
        if number == 0 {
            left = i + 1;
            break;
        }
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
    let from = left.min(20usize.saturating_sub(width));
    out.extend_from_slice(digits.get(from..).unwrap_or(&[]));
}

/// Appends a code point in UTF-8; a surrogate in the same layout, which no valid
/// text contains.
pub(crate) fn push_code_point(out: &mut Vec<u8>, code: u32) {
    let continuation = |shift: u32| 0x80 | (code >> shift & 0x3f) as u8;
    match code {
        0..0x80 => out.push(code as u8),
        0x80..0x800 => out.extend_from_slice(&[0xc0 | (code >> 6) as u8, continuation(0)]),
        0x800..0x1_0000 => {
            out.extend_from_slice(&[0xe0 | (code >> 12) as u8, continuation(6), continuation(0)]);
        }
        _ => out.extend_from_slice(&[
            0xf0 | (code >> 18) as u8,
            continuation(12),
            continuation(6),
            continuation(0),
        ]),
    }
}

/// The value of a hexadecimal digit of either case.
pub(crate) fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn numbers() {
        for number in [0, 1, 9, 10, 99, 100, 12345, u64::MAX] {
            let mut out = Vec::new();
            push_number(&mut out, number);
            assert_eq!(out, number.to_string().as_bytes());
        }
        let mut out = Vec::new();
        push_digits(&mut out, 42, 5);
        push_digits(&mut out, 123, 2);
        push_digits(&mut out, 0, 3);
        assert_eq!(out, b"00042123000");
    }

    #[test]
    fn code_points() {
        for char in
            ['\0', 'a', '\x7f', 'é', '\u{7ff}', '\u{800}', '€', '\u{ffff}', '😀', '\u{10ffff}']
        {
            let mut out = Vec::new();
            push_code_point(&mut out, char as u32);
            assert_eq!(out, char.to_string().as_bytes());
        }
    }
}
