//! Base64 with the standard alphabet and padding (RFC 4648, section 4).

use alloc::vec::Vec;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Not in the alphabet.
const NONE: u8 = 0xff;

/// The value of each byte, or [`NONE`].
static VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut i = 0;
    while i < ALPHABET.len() {
        values[ALPHABET[i] as usize] = i as u8;
        i += 1;
    }
    values
};

/// Why a text is not base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// Its length is not a multiple of 4.
    Length,
    /// A byte outside the alphabet, or padding before the end.
    Text,
}

impl Error {
    /// The sentence of the language reference.
    pub const fn message(self) -> &'static str {
        match self {
            Error::Length => "invalid base64 length",
            Error::Text => "invalid base64",
        }
    }
}

/// Encodes bytes, with padding. O(n).
///
/// ```
/// assert_eq!(vera_data::encoding::base64::encode(b"ab"), b"YWI=");
/// ```
pub fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    let symbol = |bits: u32| ALPHABET.get((bits & 63) as usize).copied().unwrap_or(b'=');
    let group = |a: u8, b: u8, c: u8| {
        let bits = u32::from_be_bytes([0, a, b, c]);
        [symbol(bits >> 18), symbol(bits >> 12), symbol(bits >> 6), symbol(bits)]
    };
    let (groups, rest) = bytes.as_chunks::<3>();
    for &[a, b, c] in groups {
        out.extend_from_slice(&group(a, b, c));
    }
    match *rest {
        [a] => {
            let [first, second, ..] = group(a, 0, 0);
            out.extend_from_slice(&[first, second, b'=', b'=']);
        }
        [a, b] => {
            let [first, second, third, _] = group(a, b, 0);
            out.extend_from_slice(&[first, second, third, b'=']);
        }
        _ => {}
    }
    out
}

/// Decodes a text; bits of the last group that no byte uses are dropped. O(n).
///
/// # Errors
///
/// A length that is not a multiple of 4, before anything else; then a byte
/// outside the alphabet or padding anywhere but as the last one or two bytes.
///
/// ```
/// use vera_data::encoding::base64::{Error, decode};
///
/// assert_eq!(decode(b"YWJj"), Ok(b"abc".to_vec()));
/// assert_eq!(decode(b"YWJ"), Err(Error::Length));
/// ```
pub fn decode(text: &[u8]) -> Result<Vec<u8>, Error> {
    let (groups, []) = text.as_chunks::<4>() else { return Err(Error::Length) };
    let (groups, last) = match groups {
        [groups @ .., [a, b, b'=', b'=']] => (groups, Some(([*a, *b, b'A', b'A'], 1))),
        [groups @ .., [a, b, c, b'=']] => (groups, Some(([*a, *b, *c, b'A'], 2))),
        groups => (groups, None),
    };
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    for group in groups {
        out.extend_from_slice(&bytes(group)?);
    }
    if let Some((group, count)) = last {
        out.extend(bytes(&group)?.into_iter().take(count));
    }
    Ok(out)
}

fn bytes(group: &[u8; 4]) -> Result<[u8; 3], Error> {
    let [a, b, c, d] = group.map(|byte| VALUES.get(usize::from(byte)).copied().unwrap_or(NONE));
    if (a | b | c | d) == NONE {
        return Err(Error::Text);
    }
    Ok([a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d])
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_table_of_chapter_13_8() {
        for (text, bytes) in [
            ("", &b""[..]),
            ("YWJj", b"abc"),
            ("YWI=", b"ab"),
            ("YQ==", b"a"),
            ("w6nwn5iA", "é😀".as_bytes()),
            ("YQBi", b"a\0b"),
            ("/wAQ", &[255, 0, 16]),
            ("/w==", &[255]),
        ] {
            assert_eq!(decode(text.as_bytes()), Ok(bytes.to_vec()));
            assert_eq!(encode(bytes), text.as_bytes());
        }
        assert_eq!(decode(b"YR=="), Ok(b"a".to_vec()));
        assert_eq!(decode(b"YWJ="), Ok(b"ab".to_vec()));
        for text in ["YQ", "YQ=", "YW Jj", "YWJj\n", "=", "***"] {
            assert_eq!(
                decode(text.as_bytes()).map_err(Error::message),
                Err("invalid base64 length")
            );
        }
        for text in ["Y===", "====", "YQ==YQ==", "Y=Jj", "YQ=a", "-_8=", "YW\nJ", "é==", "A=A="] {
            assert_eq!(decode(text.as_bytes()).map_err(Error::message), Err("invalid base64"));
        }
    }

    proptest! {
        #[test]
        fn bytes_come_back(bytes: Vec<u8>) {
            let text = encode(&bytes);
            prop_assert_eq!(text.len(), bytes.len().div_ceil(3) * 4);
            prop_assert_eq!(decode(&text), Ok(bytes));
        }

        #[test]
        fn any_bytes_end(bytes: Vec<u8>) {
            let _ = decode(&bytes);
        }
    }
}
