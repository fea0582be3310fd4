//! Strings and white space.

use alloc::vec::Vec;

use super::error::{Error, Reason};
use crate::text::{hex_value, push_code_point};

/// A position in a text of valid UTF-8.
pub(super) struct Scanner<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
    /// The last string with escapes, decoded.
    scratch: Vec<u8>,
}

/// Half of a surrogate pair, and the offset of its escape.
pub(super) type Lone = Option<(u16, usize)>;

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a [u8], at: usize) -> Scanner<'a> {
        Scanner { text, at, scratch: Vec::new() }
    }

    /// The next byte; 0, which begins nothing, at the end.
    pub(super) fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    /// What is left of the text.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or(&[])
    }

    pub(super) fn skip_space(&mut self) {
        while let b' ' | b'\n' | b'\r' | b'\t' = self.peek() {
            self.at += 1;
        }
    }

    pub(super) fn error(&self, reason: Reason) -> Error {
        Error::new(reason, self.text, self.at)
    }

    fn error_at(&self, reason: Reason, at: usize) -> Error {
        Error::new(reason, self.text, at)
    }

    /// Reads the string whose opening quote is here: its bytes, and the first
    /// lone surrogate in it, which is decoded in the layout of UTF-8 so that
    /// different strings stay different. O(its length).
    pub(super) fn string(&mut self) -> Result<(&[u8], Lone), Error> {
        let start = self.at + 1;
        self.at = start + plain(self.text.get(start..).unwrap_or(&[]));
        if self.peek() == b'"' {
            let string = self.text.get(start..self.at).unwrap_or(&[]);
            self.at += 1;
            return Ok((string, None));
        }
        self.string_with_escapes(start)
    }

    /// The same, with the first piece read already.
    fn string_with_escapes(&mut self, start: usize) -> Result<(&[u8], Lone), Error> {
        self.scratch.clear();
        let mut lone = None;
        let mut piece = start;
        loop {
            self.scratch.extend_from_slice(self.text.get(piece..self.at).unwrap_or(&[]));
            match self.text.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    let from = self.at;
                    let code = self.escape(start - 1)?;
                    if lone.is_none() && code & 0xffff_f800 == 0xd800 {
                        lone = Some((code as u16, from));
                    }
                    push_code_point(&mut self.scratch, code);
                }
                Some(_) => return Err(self.error(Reason::Control)),
                None => return Err(self.error_at(Reason::Unterminated, start - 1)),
            }
            piece = self.at;
            self.at += plain(self.rest());
        }
        self.at += 1;
        Ok((&self.scratch, lone))
    }

    /// Reads an escape, a surrogate pair as one, in the string that starts at
    /// `open`: its code point.
    fn escape(&mut self, open: usize) -> Result<u32, Error> {
        let code = match self.text.get(self.at + 1) {
            Some(&same @ (b'"' | b'\\' | b'/')) => same,
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                let high = self.unicode_escape()?;
                let pair = high & 0xfc00 == 0xd800 && self.rest().starts_with(b"\\u");
                if !pair {
                    return Ok(high);
                }
                let between = self.at;
                let low = self.unicode_escape()?;
                if low & 0xfc00 == 0xdc00 {
                    return Ok(0x1_0000 + ((high & 0x3ff) << 10 | low & 0x3ff));
                }
                self.at = between;
                return Ok(high);
            }
            Some(_) => return Err(self.error(Reason::Escape)),
            None => return Err(self.error_at(Reason::Unterminated, open)),
        };
        self.at += 2;
        Ok(u32::from(code))
    }

    /// `\uXXXX` with text behind it.
    fn unicode_escape(&mut self) -> Result<u32, Error> {
        let mut code = 0;
        for at in self.at + 2..self.at + 6 {
            let digit = self.text.get(at).and_then(|&digit| hex_value(digit));
            let Some(digit) = digit.filter(|_| self.text.len() > self.at + 6) else {
                return Err(self.error_at(Reason::UnicodeEscape, self.at + 1));
            };
            code = code << 4 | u32::from(digit);
        }
        self.at += 6;
        Ok(code)
    }
}

/// How many bytes at the start of `text` are no quote, backslash or control
/// character: eight at a time, by the arithmetic of the "Bit Twiddling Hacks"
/// (S. E. Anderson), whose lowest mark is exact.
pub(super) fn plain(text: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = ONES << 7;
    let (chunks, tail) = text.as_chunks::<8>();
    for (i, chunk) in chunks.iter().enumerate() {
        let word = u64::from_le_bytes(*chunk);
        let zero_in = |word: u64| word.wrapping_sub(ONES) & !word;
        let marks = (zero_in(word ^ (ONES * b'"' as u64))
            | zero_in(word ^ (ONES * b'\\' as u64))
            | (word.wrapping_sub(ONES * 0x20) & !word))
            & HIGH;
        if marks != 0 {
            return i * 8 + (marks.trailing_zeros() / 8) as usize;
        }
    }
    let rest = tail.iter().position(|&byte| matches!(byte, 0..0x20 | b'"' | b'\\'));
    chunks.len() * 8 + rest.unwrap_or(tail.len())
}
