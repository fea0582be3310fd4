//! What comments say about functions.

use vera_check::typed::Program;
use vera_diagnostics::Sources;
use vera_syntax::ast::{Decl, FnDecl};
use vera_syntax::{Comment, CommentKind, Parsed};

/// The comments of the entry file.
pub(crate) struct Documentation<'s> {
    text: &'s str,
    parsed: Parsed,
}

/// The labels of a function's slots.
#[derive(Default)]
pub(crate) struct Labels {
    pub parameters: Vec<Option<String>>,
    pub result: Option<String>,
}

impl<'s> Documentation<'s> {
    pub fn of(program: &Program, sources: &'s Sources) -> Documentation<'s> {
        let text = program.modules.first().map_or("", |entry| sources.get(entry.file).text());
        Documentation { text, parsed: vera_syntax::parse(text) }
    }

    fn declaration(&self, name: &str) -> Option<(&FnDecl, u32)> {
        self.parsed.program.decls.iter().find_map(|top| match &top.decl {
            Decl::Fn(function) if function.name.text == name => Some((function, top.span.start)),
            _ => None,
        })
    }

    pub fn labels(&self, name: &str) -> Labels {
        let Some((function, _)) = self.declaration(name) else { return Labels::default() };
        Labels {
            parameters: function
                .param_labels
                .iter()
                .map(|label| label.as_ref().map(ToString::to_string))
                .collect(),
            result: function.ret_label.as_ref().map(ToString::to_string),
        }
    }

    /// The comment directly above a function, without its delimiters; empty if there is
    /// none.
    pub fn comment(&self, name: &str) -> String {
        let Some((_, mut below)) = self.declaration(name) else { return String::new() };
        let before = self.parsed.comments.partition_point(|c| c.span.start < below);
        let mut lines = Vec::new();
        for comment in self.parsed.comments[..before].iter().rev() {
            if !self.touches(comment, below) {
                break;
            }
            below = comment.span.start;
            let inside = comment.content(self.text).lines().rev();
            // `--` is usually followed by a blank, and the lines of a block are indented.
            lines.extend(inside.map(|line| match comment.kind {
                CommentKind::Line => line.strip_prefix(' ').unwrap_or(line).trim_end(),
                CommentKind::Block | CommentKind::Annotation => line.trim(),
            }));
        }
        lines.reverse();
        lines.join("\n").trim().to_owned()
    }

    /// Whether a comment begins its line, and no blank line is between it and what is
    /// below.
    fn touches(&self, comment: &Comment, below: u32) -> bool {
        let between = self.text.get(comment.span.end as usize..below as usize).unwrap_or("x");
        let before = self.text.get(..comment.span.start as usize).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        between.trim().is_empty() && between.matches('\n').count() <= 1 && line.trim().is_empty()
    }
}
