//! Percent-encoding (RFC 3986, sections 2.1 and 2.3).

use alloc::vec::Vec;

use crate::text::hex_value;

/// The text has a `%` without two hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error;

impl Error {
    /// The sentence of the language reference.
    pub const fn message(self) -> &'static str {
        "invalid percent-encoding"
    }
}

/// Encodes every byte but the unreserved ones. O(n).
///
/// ```
/// assert_eq!(vera_data::encoding::percent::encode("a é".as_bytes()), b"a%20%C3%A9");
/// ```
pub fn encode(text: &[u8]) -> Vec<u8> {
    let digit = |value: u8| if value < 10 { b'0' + value } else { b'A' - 10 + value };
    let mut out = Vec::with_capacity(text.len());
    for &byte in text {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte),
            _ => out.extend_from_slice(&[b'%', digit(byte >> 4), digit(byte & 15)]),
        }
    }
    out
}

/// Decodes `%` and two hexadecimal digits; anything else stays. O(n).
///
/// # Errors
///
/// A `%` without two hexadecimal digits behind it.
pub fn decode(mut text: &[u8]) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(text.len());
    while let [byte, rest @ ..] = text {
        if *byte != b'%' {
            out.push(*byte);
            text = rest;
            continue;
        }
        let [high, low, rest @ ..] = rest else { return Err(Error) };
        let high = hex_value(*high).ok_or(Error)?;
        out.push(high << 4 | hex_value(*low).ok_or(Error)?);
        text = rest;
    }
    Ok(out)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn as_chapter_13_9() {
        assert_eq!(encode("AZaz09-_.~ é/+%".as_bytes()), b"AZaz09-_.~%20%C3%A9%2F%2B%25");
        assert_eq!(decode(b"a+b%2fC%2F%c3%A9%FF"), Ok(b"a+b/C/\xc3\xa9\xff".to_vec()));
        for text in ["%", "%4", "%4g", "%zz", "%%41", "abc%", "%+1"] {
            assert_eq!(
                decode(text.as_bytes()).map_err(Error::message),
                Err("invalid percent-encoding")
            );
        }
    }

    proptest! {
        #[test]
        fn bytes_come_back(bytes: Vec<u8>) {
            prop_assert_eq!(decode(&encode(&bytes)), Ok(bytes));
        }
    }
}
