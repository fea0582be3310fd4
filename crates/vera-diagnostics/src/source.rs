//! Source text and positions in it.

use std::sync::Arc;

/// A half-open range of byte offsets in one file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, PartialOrd, Ord)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub const fn new(start: u32, end: u32) -> Span {
        Span { start, end }
    }

    /// The smallest span that covers both.
    pub fn to(self, other: Span) -> Span {
        Span { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The empty span at this span's start.
    pub fn at_start(self) -> Span {
        Span { start: self.start, end: self.start }
    }

    /// The empty span behind it.
    pub fn at_end(self) -> Span {
        Span { start: self.end, end: self.end }
    }
}

/// Index of a file in a [`Sources`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A span together with the file it lies in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct FileSpan {
    pub file: FileId,
    pub span: Span,
}

/// A 1-based line and column; columns count Unicode code points.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct LineCol {
    pub line: u32,
    pub column: u32,
}

/// So many characters of a line, or of an expression, are repeated in a report at
/// most.
const SHOWN: u32 = 400;

/// The part of a line that a report repeats.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Excerpt<'s> {
    pub text: &'s str,
    /// The 1-based column, in `text`, of the place it was made for.
    pub column: u32,
    /// Whether the line has more before `text`.
    pub cut_before: bool,
    /// Whether the line has more after `text`.
    pub cut_after: bool,
}

/// One source file: the name shown to the user, the text with `\n` line ends,
/// and where its lines start.
#[derive(Debug, Clone)]
pub struct SourceFile {
    name: Arc<str>,
    text: Arc<str>,
    line_starts: Arc<[u32]>,
    /// Code points before each block of [`BLOCK`] bytes, so that columns are found
    /// quickly on lines of any length.
    points_before: Arc<[u32]>,
}

/// Bytes per entry of [`SourceFile::points_before`].
const BLOCK: usize = 256;

/// Number of code points that start in `bytes`.
fn points(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|b| (**b as i8) >= -0x40).count() as u32
}

impl SourceFile {
    /// `\r\n` and lone `\r` in `text` become `\n`.
    pub fn new(name: &str, text: &str) -> SourceFile {
        let text: Arc<str> = if text.contains('\r') {
            text.replace("\r\n", "\n").replace('\r', "\n").into()
        } else {
            text.into()
        };
        let line_starts = std::iter::once(0)
            .chain(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1))
            .collect();
        let points_before = text
            .as_bytes()
            .chunks(BLOCK)
            .scan(0, |total, block| {
                let before = *total;
                *total += points(block);
                Some(before)
            })
            .collect();
        SourceFile { name: name.into(), text, line_starts, points_before }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of `span`, clipped to the file.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// Line and column of a byte offset; offsets past the end give the end.
    pub fn line_col(&self, offset: u32) -> LineCol {
        let offset = (offset as usize).min(self.text.len());
        let line = self.line_starts.partition_point(|start| *start as usize <= offset) - 1;
        let start = self.line_starts[line] as usize;
        let column = self.points_to(offset) - self.points_to(start);
        LineCol { line: line as u32 + 1, column: column + 1 }
    }

    /// Number of code points that start before `offset`.
    fn points_to(&self, offset: usize) -> u32 {
        let block = offset / BLOCK;
        let before = self.points_before.get(block).copied();
        match before {
            Some(before) => before + points(&self.text.as_bytes()[block * BLOCK..offset]),
            // The offset is the end of a text that fills its last block.
            None => block.checked_sub(1).map_or(0, |last| {
                self.points_before[last] + points(&self.text.as_bytes()[last * BLOCK..offset])
            }),
        }
    }

    /// The line of a byte offset, as far as a report repeats it: whole, or as a window
    /// around the place if it is longer than [`SHOWN`] characters. What it costs does
    /// not depend on the line's length.
    pub fn excerpt(&self, offset: u32) -> Excerpt<'_> {
        let LineCol { line, column } = self.line_col(offset);
        let text = self.line_text(line);
        let start = self.line_starts[line as usize - 1] as usize;
        let length = self.points_to(start + text.len()) - self.points_to(start);
        if length <= SHOWN {
            return Excerpt { text, column, cut_before: false, cut_after: false };
        }
        // The window does not reach past the ends of the line.
        let skipped = (column - 1).saturating_sub(SHOWN / 2).min(length - SHOWN);
        let from = self.byte_of(start, skipped);
        let to = self.byte_of(start, skipped + SHOWN);
        Excerpt {
            text: &self.text[from..to],
            column: column - skipped,
            cut_before: skipped > 0,
            cut_after: skipped + SHOWN < length,
        }
    }

    /// The byte offset of the `count`-th code point from `start`, both boundaries.
    fn byte_of(&self, start: usize, count: u32) -> usize {
        let wanted = self.points_to(start) + count;
        let block = self.points_before.partition_point(|before| *before <= wanted) - 1;
        let bytes = &self.text.as_bytes()[block * BLOCK..];
        let mut seen = self.points_before[block];
        let starts = bytes.iter().position(|byte| {
            let begins = points(&[*byte]) == 1;
            let here = begins && seen == wanted;
            seen += u32::from(begins);
            here
        });
        starts.map_or(self.text.len(), |at| block * BLOCK + at)
    }

    /// The text of a 1-based line without its line end; empty past the end.
    pub fn line_text(&self, line: u32) -> &str {
        let Some(index) = (line as usize).checked_sub(1) else { return "" };
        let Some(start) = self.line_starts.get(index) else { return "" };
        let end =
            self.line_starts.get(index + 1).map_or(self.text.len(), |next| *next as usize - 1);
        self.text.get(*start as usize..end).unwrap_or("")
    }
}

/// All files of one run; [`FileId`] 0 is the entry file.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    pub fn add(&mut self, file: SourceFile) -> FileId {
        self.files.push(file);
        FileId(self.files.len() as u32 - 1)
    }

    pub fn get(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    pub fn len(&self) -> usize {
        self.files.len()
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Source text with every run of white space as one blank, its end left out when
    /// it is long.
    pub fn one_line(&self, at: FileSpan) -> String {
        let text = self.get(at.file).slice(at.span);
        let blanks = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        match text.char_indices().nth(SHOWN as usize) {
            Some((end, _)) => format!("{} …", blanks(&text[..end])),
            None => blanks(text),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(i, f)| (FileId(i as u32), f))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_code_points() {
        for text in
            ["", "a", "é\nπx\r\n\rz", &"é😀a\n".repeat(200), &"é😀a".repeat(400), &"a".repeat(512)]
        {
            let file = SourceFile::new("t", text);
            let mut expected = LineCol { line: 1, column: 1 };
            for (offset, c) in file.text().char_indices() {
                assert_eq!(file.line_col(offset as u32), expected);
                if c == '\n' {
                    expected = LineCol { line: expected.line + 1, column: 1 };
                } else {
                    expected.column += 1;
                }
            }
            assert_eq!(file.line_col(file.text().len() as u32), expected);
            assert_eq!(file.line_col(u32::MAX), expected);
        }
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        for unit in ["abcdefg", "é😀a", "πππ "] {
            let long: String = unit.chars().cycle().take(1500).collect();
            let exact: String = unit.chars().cycle().take(SHOWN as usize).collect();
            let file = SourceFile::new("t", &format!("x\n{long}\n{exact}\n{long}"));
            for (offset, _) in file.text().char_indices().chain([(file.text().len(), ' ')]) {
                let at = file.line_col(offset as u32);
                let line: Vec<char> = file.line_text(at.line).chars().collect();
                let Excerpt { text, column, cut_before, cut_after } = file.excerpt(offset as u32);
                let skipped = (at.column - column) as usize;
                let shown: Vec<char> = text.chars().collect();
                assert_eq!(shown.len(), line.len().min(SHOWN as usize));
                assert_eq!(shown, line[skipped..skipped + shown.len()]);
                assert_eq!(cut_before, skipped > 0);
                assert_eq!(cut_after, skipped + shown.len() < line.len());
                // A place inside the line is inside the window, away from cut ends.
                assert!(!cut_before || column > SHOWN / 2);
                assert!(!cut_after || column <= SHOWN / 2 + 1);
            }
        }
    }

    #[test]
    fn lines_have_no_ends() {
        let file = SourceFile::new("t", "a\r\nb\rc\n");
        let lines: Vec<&str> = (0..6).map(|line| file.line_text(line)).collect();
        assert_eq!(lines, ["", "a", "b", "c", "", ""]);
    }
}
