//! What is wrong with a text, and the sentences that say so (chapter 13.4.2).

use alloc::vec::Vec;

/// Why a text is refused, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub reason: Reason,
    /// Line, from 1; only a line feed starts a new one.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Position in characters, from 0.
    pub at: usize,
}

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No value where there must be one.
    Value,
    /// More text after the value.
    ExtraData,
    /// Neither a comma nor the end of the container.
    Comma,
    /// No member name where there must be one.
    Name,
    /// No colon after a member name.
    Colon,
    /// A string without its end.
    Unterminated,
    /// A raw control character in a string.
    Control,
    /// A backslash before anything but an escape.
    Escape,
    /// `\u` without four hexadecimal digits.
    UnicodeEscape,
    /// The text starts with a byte order mark.
    ByteOrderMark,
    /// A bare constant that other dialects have.
    Constant(Constant),
    /// A number too large for a double, as infinity and its sign.
    Overflow(Constant),
    /// Half of a surrogate pair.
    LoneSurrogate(u16),
}

/// Numbers that JSON cannot say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constant {
    /// `NaN`
    NaN,
    /// `Infinity`
    Infinity,
    /// `-Infinity`
    NegativeInfinity,
}

impl Constant {
    /// Its name as text.
    pub const fn name(self) -> &'static [u8] {
        match self {
            Constant::NaN => b"NaN",
            Constant::Infinity => b"Infinity",
            Constant::NegativeInfinity => b"-Infinity",
        }
    }
}

impl Error {
    /// The error of `text` (valid UTF-8) at byte `offset`.
    #[cold]
    #[inline(never)]
    pub(super) fn new(reason: Reason, text: &[u8], offset: usize) -> Error {
        let mut error = Error { reason, line: 1, column: 1, at: 0 };
        for &byte in text.get(..offset).unwrap_or(text) {
            // Bytes 10xxxxxx continue a character.
            let starts = usize::from(byte & 0xc0 != 0x80);
            error.at += starts;
            error.column += starts;
            if byte == b'\n' {
                (error.line, error.column) = (error.line + 1, 1);
            }
        }
        error
    }

    /// The sentence, such as `Expecting value: line 1 column 4 (char 3)`.
    pub fn message(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self.reason {
            Reason::Value => out.extend_from_slice(b"Expecting value"),
            Reason::ExtraData => out.extend_from_slice(b"Extra data"),
            Reason::Comma => out.extend_from_slice(b"Expecting ',' delimiter"),
            Reason::Name => {
                out.extend_from_slice(b"Expecting property name enclosed in double quotes");
            }
            Reason::Colon => out.extend_from_slice(b"Expecting ':' delimiter"),
            Reason::Unterminated => out.extend_from_slice(b"Unterminated string starting at"),
            Reason::Control => out.extend_from_slice(b"Invalid control character at"),
            Reason::Escape => out.extend_from_slice(b"Invalid \\escape"),
            Reason::UnicodeEscape => out.extend_from_slice(b"Invalid \\uXXXX escape"),
            Reason::ByteOrderMark => {
                out.extend_from_slice(b"Unexpected UTF-8 BOM (decode using utf-8-sig)");
            }
            Reason::Constant(constant) => {
                out.extend_from_slice(b"json_parse: ");
                out.extend_from_slice(constant.name());
                out.extend_from_slice(b" is not valid JSON");
            }
            Reason::Overflow(constant) => {
                out.extend_from_slice(b"json_parse: a number in the text overflows to ");
                out.extend_from_slice(constant.name());
            }
            Reason::LoneSurrogate(code) => {
                out.extend_from_slice(b"json_parse: \\u");
                for shift in [12, 8, 4, 0] {
                    let digit = (code >> shift & 15) as u8;
                    out.push(if digit < 10 { b'0' + digit } else { b'A' - 10 + digit });
                }
                out.extend_from_slice(b" decodes to a lone surrogate");
            }
        }
        out.extend_from_slice(b": line ");
        crate::text::push_number(&mut out, self.line as u64);
        out.extend_from_slice(b" column ");
        crate::text::push_number(&mut out, self.column as u64);
        out.extend_from_slice(b" (char ");
        crate::text::push_number(&mut out, self.at as u64);
        out.push(b')');
        out
    }
}
