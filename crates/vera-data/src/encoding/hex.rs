//! Hexadecimal (RFC 4648, section 8; written in lower case).

use alloc::vec::Vec;

use crate::text::hex_value;

/// Why a text is not hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// Its length is odd.
    Length,
    /// A byte that is no digit of either case.
    Text,
}

impl Error {
    /// The sentence of the language reference.
    pub const fn message(self) -> &'static str {
        match self {
            Error::Length => "invalid hex length",
            Error::Text => "invalid hex",
        }
    }
}

/// Two digits for each byte. O(n).
///
/// ```
/// assert_eq!(vera_data::encoding::hex::encode(b"a\xff"), b"61ff");
/// ```
pub fn encode(bytes: &[u8]) -> Vec<u8> {
    let digit = |value: u8| if value < 10 { b'0' + value } else { b'a' + value - 10 };
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Reads digits of either case. O(n).
///
/// # Errors
///
/// Another text.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, Error> {
    let (pairs, rest) = text.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(Error::Length);
    }
    let byte = |[high, low]: &[u8; 2]| Some(hex_value(*high)? << 4 | hex_value(*low)?);
    pairs.iter().map(|pair| byte(pair).ok_or(Error::Text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&bytes)), Ok(bytes));
        assert_eq!(decode(b"aAfF00"), Ok([0xaa, 0xff, 0].to_vec()));
        assert_eq!((decode(b""), decode(b"a")), (Ok(Vec::new()), Err(Error::Length)));
        for text in [b"0g", b"-1", b"0x", b" 1"] {
            assert_eq!(decode(text), Err(Error::Text));
        }
    }
}
