//! Which comment goes where (language reference, chapter 02 section 7).

use std::collections::BTreeMap;
use std::ops::Range;

use vera_syntax::ast::Program;
use vera_syntax::{Comment, CommentKind};

use crate::anchors;
use crate::lines::{Lines, is_space};

/// A comment that is not a label, and its lines.
#[derive(Clone, Copy)]
pub(crate) struct Placed<'t> {
    kind: CommentKind,
    /// With its delimiters.
    text: &'t str,
    content: &'t str,
    pub first_line: usize,
    pub last_line: usize,
}

impl<'t> Placed<'t> {
    /// The physical lines, each without white space around it.
    pub(crate) fn stripped_lines(&self) -> impl Iterator<Item = &'t str> {
        self.text.split('\n').map(|line| line.trim_matches(is_space))
    }

    /// The physical lines as written, without white space at their ends.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &'t str> {
        self.text.split('\n').map(|line| line.trim_end_matches(is_space))
    }

    /// The comment on one line.
    fn collapsed(&self) -> String {
        if self.text.contains('\n') { collapse(self.text) } else { self.text.into() }
    }

    /// A line comment in delimiters that let other text follow; `None` when its
    /// text holds delimiters of both sorts.
    fn delimited(&self) -> Option<String> {
        let text = self.content.trim_matches(is_space);
        if !text.contains("-}") && !text.contains("{-") {
            Some(format!("{{- {text} -}}"))
        } else if !text.contains("*/") && !text.contains("/*") {
            Some(format!("/* {text} */"))
        } else {
            None
        }
    }
}

/// `text` with runs of white space as single spaces.
pub(crate) fn collapse(text: &str) -> String {
    let words: Vec<&str> = text.split(is_space).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// The comments of a file that are still to be printed.
pub(crate) struct Comments<'t> {
    /// Own-line comments without an anchor below them, for the top of the file.
    pub header: Vec<Placed<'t>>,
    /// The same for its end.
    pub trailing: Vec<Placed<'t>>,
    /// Own-line comments by the line of their anchor.
    attached: BTreeMap<usize, Vec<Placed<'t>>>,
    /// Comments that share a line with something before them, by their offsets.
    inline: BTreeMap<usize, Placed<'t>>,
}

impl<'t> Comments<'t> {
    pub(crate) fn new(
        text: &'t str,
        program: &Program,
        comments: &[Comment],
        lines: &Lines,
    ) -> Comments<'t> {
        let anchors = anchors::anchors(program, lines);
        let first_anchor = anchors.first().copied();
        let covered = covered_lines(program, lines);
        let mut all = Comments {
            header: Vec::new(),
            trailing: Vec::new(),
            attached: BTreeMap::new(),
            inline: BTreeMap::new(),
        };
        let mut code_end = 0;
        for comment in comments {
            let (start, end) = (comment.span.start as usize, comment.span.end as usize);
            let content = comment.content(text);
            let placed = Placed {
                kind: comment.kind,
                text: &text[start..end],
                content,
                first_line: lines.of(start),
                last_line: lines.of(end),
            };
            // Text before it on its line that is not part of comments.
            let line_start = lines.start(placed.first_line);
            let after_comment = code_end > line_start;
            let between = &text[code_end.max(line_start)..start];
            let alone = between.chars().all(is_space);
            code_end = end;
            if comment.is_label && !content.chars().all(is_space) {
                continue;
            }
            let own_line = alone && (!after_comment || !is_covered(&covered, placed.first_line));
            if !own_line {
                all.inline.insert(start, placed);
            } else if let Some(anchor) = anchors.range(placed.last_line + 1..).next() {
                all.attached.entry(*anchor).or_default().push(placed);
            } else if first_anchor.is_some_and(|first| placed.first_line <= first) {
                all.header.push(placed);
            } else {
                all.trailing.push(placed);
            }
        }
        all
    }

    /// Takes the comments attached to a line.
    pub(crate) fn take_attached(&mut self, line: usize) -> Vec<Placed<'t>> {
        self.attached.remove(&line).unwrap_or_default()
    }

    /// Takes the comments attached to lines before `line` that were never printed.
    pub(crate) fn take_stranded(&mut self, line: usize) -> Vec<Placed<'t>> {
        let mut stranded = Vec::new();
        while let Some(first) = self.attached.first_entry().filter(|first| *first.key() < line) {
            stranded.extend(first.remove());
        }
        stranded
    }

    /// Takes the inline comments that start in a range of offsets, for one line.
    pub(crate) fn take_inline(&mut self, range: Range<usize>) -> Option<Inline> {
        let mut taken = Vec::new();
        while let Some(start) = self.inline.range(range.clone()).next().map(|(start, _)| *start) {
            taken.extend(self.inline.remove(&start));
        }
        (!taken.is_empty()).then(|| Inline::new(taken))
    }
}

/// First and last lines of everything that takes inline comments.
fn covered_lines(program: &Program, lines: &Lines) -> Vec<(usize, usize)> {
    let module = program.module.iter().map(|module| module.span);
    let imports = program.imports.iter().map(|import| import.span);
    let decls = program.decls.iter().map(|decl| decl.span);
    module
        .chain(imports)
        .chain(decls)
        .map(|span| (lines.of(span.start as usize), lines.of(span.end as usize)))
        .collect()
}

/// Whether a line is among the lines of `covered`, which are in source order.
fn is_covered(covered: &[(usize, usize)], line: usize) -> bool {
    let after = covered.partition_point(|(first, _)| *first <= line);
    covered[..after].last().is_some_and(|(_, last)| line <= *last)
}

/// The inline comments of a line.
pub(crate) struct Inline {
    /// Comments for lines of their own above it: of those that cannot be delimited
    /// a line holds one.
    pub above: Vec<String>,
    /// What is appended to it.
    pub behind: String,
}

impl Inline {
    /// Behind the line go two spaces and the comments with delimiters, then the line
    /// comments, of which only the last can stay one.
    fn new(comments: Vec<Placed<'_>>) -> Inline {
        let (line, delimited): (Vec<_>, Vec<_>) =
            comments.into_iter().partition(|c| c.kind == CommentKind::Line);
        let mut parts: Vec<String> = delimited.iter().map(Placed::collapsed).collect();
        let mut above = Vec::new();
        // A comment that cannot be delimited has to be the last one.
        let last = line.iter().rposition(|c| c.delimited().is_none()).or(line.len().checked_sub(1));
        let as_written = |c: &Placed<'_>| c.text.trim_end_matches(is_space).to_string();
        for (i, comment) in line.iter().enumerate() {
            match comment.delimited() {
                _ if Some(i) == last => {}
                Some(text) => parts.push(text),
                None => above.push(as_written(comment)),
            }
        }
        parts.extend(last.map(|i| as_written(&line[i])));
        Inline { above, behind: format!("  {}", parts.join(" ")) }
    }
}
