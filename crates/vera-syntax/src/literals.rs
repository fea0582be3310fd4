//! String literals (language reference, chapter 01 sections 3.9 and 3.10): where
//! one ends, its escapes, and its interpolation holes.

use std::ops::Range;

use crate::errors::StringFault;

/// Deepest nesting of string literals inside interpolation holes.
const MAX_NESTED_STRINGS: usize = 32;

/// Failed searches for a literal with strings in its holes after which no
/// further ones are made; keeps lexing linear in hostile texts.
const MAX_FAILED_SEARCHES: u32 = 16;

/// Finds the ends of string literals.
#[derive(Default)]
pub(crate) struct StringEnds {
    /// End of the text that belongs to a literal without an end: quotes in it open
    /// no other, and comment openers no comment that would have to be closed.
    broken_until: usize,
    failed_searches: u32,
}

impl StringEnds {
    /// Whether an offset lies in a literal that has no end.
    pub(crate) fn in_broken(&self, offset: usize) -> bool {
        offset < self.broken_until
    }

    /// The offset past the closing quote of the literal that opens at `start`,
    /// or `None` when it has no end.
    ///
    /// A literal ends at its first unescaped quote. When that quote lies inside
    /// an open interpolation hole, quotes in the hole are taken to delimit
    /// nested literals instead, if the whole then comes out even.
    pub(crate) fn find(&mut self, text: &str, start: usize) -> Option<usize> {
        if self.in_broken(start) {
            return None;
        }
        let bytes = text.as_bytes();
        match plain_end(bytes, start + 1) {
            PlainEnd::Closed(end) => Some(end),
            PlainEnd::Missing(at) => {
                self.broken_until = broken_end(bytes, at);
                None
            }
            PlainEnd::InsideHole(end) => {
                if self.failed_searches >= MAX_FAILED_SEARCHES {
                    return Some(end);
                }
                let nested = nested_end(bytes, start + 1);
                if nested.is_none() {
                    self.failed_searches += 1;
                }
                Some(nested.unwrap_or(end))
            }
        }
    }
}

/// The end of a literal that breaks at `start`, which is the end of the text or a
/// backslash before a line break: past the next unescaped quote.
fn broken_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

enum PlainEnd {
    Closed(usize),
    /// The first unescaped quote comes before the `)` of a hole.
    InsideHole(usize),
    /// There is no quote before this offset.
    Missing(usize),
}

fn plain_end(bytes: &[u8], start: usize) -> PlainEnd {
    let mut open_parens = 0usize;
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' if open_parens > 0 => return PlainEnd::InsideHole(at + 1),
            b'"' => return PlainEnd::Closed(at + 1),
            b'\\' => {
                match bytes.get(at + 1) {
                    None | Some(b'\n') => return PlainEnd::Missing(at),
                    Some(b'(') => open_parens += 1,
                    Some(b')') if open_parens > 0 => open_parens -= 1,
                    Some(_) => {}
                }
                at += 1;
            }
            b'(' if open_parens > 0 => open_parens += 1,
            b')' if open_parens > 0 => open_parens -= 1,
            _ => {}
        }
        at += 1;
    }
    PlainEnd::Missing(bytes.len())
}

/// End of a literal whose holes may hold string literals. Those may not contain
/// raw line breaks, so that a forgotten `)` does not swallow the lines below.
fn nested_end(bytes: &[u8], start: usize) -> Option<usize> {
    /// Open parentheses of the hole around each nested literal.
    struct Hole {
        parens: usize,
    }
    let mut holes: Vec<Hole> = Vec::new();
    let mut in_text = true;
    let mut at = start;
    loop {
        let byte = *bytes.get(at)?;
        at += 1;
        if in_text {
            match byte {
                b'"' if holes.is_empty() => return Some(at),
                b'"' => in_text = false,
                b'\n' if !holes.is_empty() => return None,
                b'\\' => {
                    match *bytes.get(at)? {
                        b'\n' => return None,
                        b'(' => {
                            if holes.len() == MAX_NESTED_STRINGS {
                                return None;
                            }
                            holes.push(Hole { parens: 1 });
                            in_text = false;
                        }
                        _ => {}
                    }
                    at += 1;
                }
                _ => {}
            }
            continue;
        }
        let hole = holes.last_mut()?;
        match byte {
            b'"' => in_text = true,
            b'(' => hole.parens += 1,
            b')' => {
                hole.parens -= 1;
                if hole.parens == 0 {
                    holes.pop();
                    in_text = true;
                }
            }
            _ => {}
        }
    }
}

/// One part of a string literal.
#[derive(Debug)]
pub(crate) enum Piece {
    /// Decoded text.
    Text(String),
    /// Where the contents of a hole stand.
    Hole(Range<usize>),
}

/// Splits the literal at `literal` (quotes included) into texts and holes. A
/// literal with holes starts and ends with a text and has one between holes.
pub(crate) fn pieces(text: &str, literal: Range<usize>) -> Result<Vec<Piece>, StringFault> {
    let inner_end = literal.end - 1;
    let mut pieces = Vec::new();
    let mut decoded = String::new();
    let mut at = literal.start + 1;
    while at < inner_end {
        let rest = &text[at..inner_end];
        let plain = rest.find('\\').unwrap_or(rest.len());
        decoded.push_str(&rest[..plain]);
        at += plain;
        if at == inner_end {
            break;
        }
        if text[at..inner_end].starts_with("\\(") {
            let end =
                hole_end(text.as_bytes(), at + 2, inner_end).ok_or(StringFault::UnmatchedHole)?;
            pieces.push(Piece::Text(std::mem::take(&mut decoded)));
            pieces.push(Piece::Hole(at + 2..end));
            at = end + 1;
        } else {
            let (value, length) = escape(&text[at..inner_end])?;
            decoded.push(value);
            at += length;
        }
    }
    pieces.push(Piece::Text(decoded));
    Ok(pieces)
}

/// Offset of the `)` that closes the hole whose contents start at `start`.
fn hole_end(bytes: &[u8], start: usize, limit: usize) -> Option<usize> {
    let bytes = bytes.get(..limit)?;
    let mut parens = 1usize;
    let mut at = start;
    loop {
        match *bytes.get(at)? {
            b'"' => {
                at = nested_end(bytes, at + 1)?;
                continue;
            }
            b'(' => parens += 1,
            b')' if parens == 1 => return Some(at),
            b')' => parens -= 1,
            _ => {}
        }
        at += 1;
    }
}

/// The value and source length of the escape at the start of `rest`, which is
/// not a hole.
fn escape(rest: &str) -> Result<(char, usize), StringFault> {
    let mut chars = rest.chars();
    chars.next();
    let value = match chars.next() {
        Some('\\') => '\\',
        Some('"') => '"',
        Some('n') => '\n',
        Some('t') => '\t',
        Some('r') => '\r',
        Some('0') => '\0',
        Some('u') => return unicode_escape(rest),
        Some(other) => return Err(StringFault::UnknownEscape(other)),
        None => return Err(StringFault::UnknownEscape('"')),
    };
    Ok((value, 2))
}

/// `\u{H…}`
fn unicode_escape(rest: &str) -> Result<(char, usize), StringFault> {
    let Some(after) = rest.strip_prefix("\\u{") else { return Err(StringFault::UnicodeOpen) };
    let Some(length) = after.find('}') else { return Err(StringFault::UnicodeClose) };
    let digits = &after[..length];
    if digits.is_empty() || digits.len() > 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(StringFault::UnicodeDigits(digits.into()));
    }
    let value = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
    let value = value.ok_or_else(|| StringFault::UnicodeRange(digits.into()))?;
    Ok((value, "\\u{}".len() + length))
}
