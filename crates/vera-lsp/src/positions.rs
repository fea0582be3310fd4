//! Places in a text: offsets of bytes, and lines with columns in UTF-16 units, as the
//! protocol has them.

use lsp_types::{Position, Range};
use vera_diagnostics::Span;

/// Where the lines of a text begin. A line ends with `\n`, `\r\n` or `\r`.
#[derive(Debug)]
pub struct Lines {
    starts: Vec<usize>,
    length: usize,
}

impl Lines {
    pub fn new(text: &str) -> Lines {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(i, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(i + 1) != Some(&b'\n'),
            _ => false,
        });
        let starts = std::iter::once(0).chain(ends.map(|(i, _)| i + 1)).collect();
        Lines { starts, length: text.len() }
    }

    /// The position of an offset, which is cut to the text and to a character's start.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let offset = text.floor_char_boundary((offset as usize).min(self.length));
        let line = self.starts.partition_point(|start| *start <= offset) - 1;
        let units = text[self.starts[line]..offset].chars().map(char::len_utf16).sum::<usize>();
        Position::new(line as u32, units as u32)
    }

    /// The offset of a position. Columns beyond a line are its end, lines beyond the text
    /// the text's; in the middle of a character it is the character's start.
    pub fn offset(&self, text: &str, at: Position) -> u32 {
        let Some(start) = self.starts.get(at.line as usize).copied() else {
            return self.length as u32;
        };
        let end = self.starts.get(at.line as usize + 1).copied().unwrap_or(self.length);
        let mut units = 0;
        for (i, c) in text[start..end].char_indices() {
            units += c.len_utf16() as u32;
            if units > at.character || matches!(c, '\n' | '\r') {
                return (start + i) as u32;
            }
        }
        end as u32
    }

    pub fn range(&self, text: &str, span: Span) -> Range {
        Range::new(self.position(text, span.start), self.position(text, span.end))
    }

    /// The whole text.
    pub fn all(&self, text: &str) -> Range {
        self.range(text, Span::new(0, self.length as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_utf_16_units() {
        let text = "a\r\n𝄞é|\rz\n";
        let lines = Lines::new(text);
        for (offset, line, column) in
            [(0, 0, 0), (3, 1, 0), (7, 1, 2), (9, 1, 3), (10, 1, 4), (11, 2, 0), (13, 3, 0)]
        {
            let position = Position::new(line, column);
            assert_eq!(lines.position(text, offset), position);
            assert_eq!(lines.offset(text, position), offset);
        }
        // In the middle of a character, behind a line, behind the text.
        assert_eq!(lines.offset(text, Position::new(1, 1)), 3);
        assert_eq!(lines.offset(text, Position::new(0, 9)), 1);
        assert_eq!(lines.offset(text, Position::new(9, 0)), 13);
        assert_eq!(lines.position(text, 5), Position::new(1, 0));
    }
}
