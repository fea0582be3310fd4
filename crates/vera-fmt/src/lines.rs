//! The physical lines of a text.

use std::ops::Range;

/// Where lines start, and which of them are blank. Line numbers start at 1.
pub(crate) struct Lines {
    starts: Vec<usize>,
    blank: Vec<bool>,
}

/// White space as the language has it.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1C}'..='\u{1F}').contains(&c)
}

impl Lines {
    /// A line is blank when it holds only white space and no part of a comment.
    pub(crate) fn new(text: &str, comments: impl Iterator<Item = Range<usize>>) -> Lines {
        let mut starts = vec![0];
        starts.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1));
        let blank = text.split('\n').map(|line| line.chars().all(is_space)).collect();
        let mut lines = Lines { starts, blank };
        for comment in comments {
            let inside = lines.of(comment.start)..lines.of(comment.end);
            lines.blank[inside].fill(false);
        }
        lines
    }

    /// The line of an offset.
    pub(crate) fn of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    /// Offset of the first character of a line; the line after the last one starts
    /// past the end.
    pub(crate) fn start(&self, line: usize) -> usize {
        self.starts.get(line - 1).copied().unwrap_or(usize::MAX)
    }

    /// Whether the line directly above is blank.
    pub(crate) fn blank_above(&self, line: usize) -> bool {
        line >= 2 && self.blank.get(line - 2).copied().unwrap_or(false)
    }

    /// Whether the line directly below is blank; below the last line there is none.
    pub(crate) fn blank_below(&self, line: usize) -> bool {
        self.blank.get(line).copied().unwrap_or(false)
    }
}
