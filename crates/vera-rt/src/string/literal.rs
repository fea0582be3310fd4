//! A string as an expression of the language that evaluates to it.

use super::{bytes, new_undefined};
use crate::heap::Heap;
use crate::memory::Ref;
use crate::roots::Roots;
use crate::seq;

/// How one character of a string is written; bytes that are no part of one are
/// written by an interpolation.
struct Piece {
    text: [u8; 32],
    len: usize,
}

impl Piece {
    fn of(parts: &[&[u8]]) -> Piece {
        let mut piece = Piece { text: [0; 32], len: 0 };
        for &byte in parts.iter().copied().flatten() {
            if let Some(slot) = piece.text.get_mut(piece.len) {
                *slot = byte;
                piece.len += 1;
            }
        }
        piece
    }

    fn text(&self) -> &[u8] {
        self.text.get(..self.len).unwrap_or(&[])
    }
}

/// The bytes at the front of `rest` that are written together: how many, and how.
fn first(rest: &[u8]) -> (u32, Piece) {
    let Some(&byte) = rest.first() else { return (0, Piece::of(&[])) };
    let escape = match byte {
        b'"' => Some(b'"'),
        b'\\' => Some(b'\\'),
        b'\n' => Some(b'n'),
        b'\t' => Some(b't'),
        b'\r' => Some(b'r'),
        0 => Some(b'0'),
        _ => None,
    };
    if let Some(letter) = escape {
        return (1, Piece::of(&[b"\\", &[letter]]));
    }
    if byte.is_ascii_graphic() || byte == b' ' {
        return (1, Piece::of(&[&[byte]]));
    }
    let longest = rest.get(..4).unwrap_or(rest);
    let chunk = longest.utf8_chunks().next();
    match chunk.and_then(|chunk| chunk.valid().chars().next()) {
        Some(c) if c.is_control() => {
            let hex = |digit: u32| b"0123456789ABCDEF".get(digit as usize).copied().unwrap_or(b'0');
            let code = u32::from(c);
            let digits = [hex(code >> 4 & 15), hex(code & 15)];
            (c.len_utf8() as u32, Piece::of(&[b"\\u{00", &digits, b"}"]))
        }
        Some(c) => {
            let mut utf8 = [0; 4];
            let text = c.encode_utf8(&mut utf8).as_bytes();
            (c.len_utf8() as u32, Piece::of(&[text]))
        }
        None => {
            let digits = [b'0' + byte / 100, b'0' + byte / 10 % 10, b'0' + byte % 10];
            (1, Piece::of(&[b"\\(string_from_char_code(", &digits, b"))"]))
        }
    }
}

/// `"…"`, which read as an expression is the string again. O(n).
///
/// # Traps
/// `heap_exhausted`.
pub fn literal(heap: &mut Heap, text: Ref, roots: Roots) -> Ref {
    let mut total = 2;
    let mut rest = bytes(heap, text);
    while !rest.is_empty() {
        let (count, piece) = first(rest);
        total += piece.len as u64;
        rest = rest.get(count as usize..).unwrap_or(&[]);
    }
    let roots = roots.with(heap, [text]);
    let (quoted, mut to) = new_undefined(heap, seq::byte_len(total, 1), roots);
    let mut put = |heap: &mut Heap, text: &[u8]| {
        heap.mem_mut().bytes_mut(to, text.len() as u32).copy_from_slice(text);
        to += text.len() as u32;
    };
    put(heap, b"\"");
    let mut at = 0;
    while let Some(rest) = bytes(heap, text).get(at..).filter(|rest| !rest.is_empty()) {
        let (count, piece) = first(rest);
        put(heap, piece.text());
        at += count as usize;
    }
    put(heap, b"\"");
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::heap::Config;
    use std::string::String;

    fn written(text: &[u8]) -> String {
        let (mut heap, roots) = Heap::new(Config::small());
        let text = super::super::new(&mut heap, text, roots);
        let quoted = literal(&mut heap, text, roots);
        String::from_utf8(bytes(&heap, quoted).to_vec()).expect("literals are text")
    }

    #[test]
    fn what_needs_it_is_escaped() {
        assert_eq!(written(b""), r#""""#);
        assert_eq!(written("né 😀\u{200B}".as_bytes()), "\"né 😀\u{200B}\"");
        assert_eq!(written(b"a\"\\b\n\t\r\0"), r#""a\"\\b\n\t\r\0""#);
        assert_eq!(written("\x01\x7f\u{85}".as_bytes()), r#""\u{0001}\u{007F}\u{0085}""#);
        assert_eq!(written(b"\\(x)"), r#""\\(x)""#);
    }

    #[test]
    fn bytes_outside_characters_are_interpolated() {
        assert_eq!(
            written(b"n\xc3\xc3\xa9\x07\xf0\x9f"),
            r#""n\(string_from_char_code(195))é\u{0007}\(string_from_char_code(240))\(string_from_char_code(159))""#
        );
    }
}
