//! Files and their declarations, and where parsing goes on after an error.

use vera_diagnostics::Span;

use super::{MAX_ERRORS, Parser, Rule};
use crate::ast::Program;
use crate::token::Tok;

impl Parser<'_> {
    /// `program = [ module_decl ] , { import_decl } , { top_decl }`
    pub(super) fn program(&mut self) -> Program {
        let mut program = Program::default();
        let first = self.start();
        if self.at(Tok::Module) {
            program.module = self.declaration(Self::module_decl);
        }
        while self.at(Tok::Import) {
            program.imports.extend(self.declaration(Self::import_decl));
        }
        while self.current.kind != Tok::Eof && self.errors.len() < MAX_ERRORS {
            program.decls.extend(self.declaration(Self::top_decl));
        }
        let last = self.tokens.last().map_or(first, |eof| eof.span.end);
        program.span = (self.tokens.len() > 1).then_some(Span::new(first, last));
        program
    }

    /// Runs the rule of one declaration; if it fails, keeps the error and moves to
    /// the next declaration.
    fn declaration<T>(&mut self, rule: fn(&mut Self) -> Rule<T>) -> Option<T> {
        let start = self.at;
        match rule(self) {
            Ok(decl) => Some(decl),
            Err(_) => {
                self.errors.extend(self.failure.take());
                let next = self.next_declaration(start);
                self.jump(next);
                self.depth = 0;
                self.height = 0;
                None
            }
        }
    }

    /// The first token at or after the current one that starts a declaration,
    /// other than the one that started at `start`.
    ///
    /// A declaration starts where the words of one stand outside braces, or at the
    /// start of a line, as they do in canonical text whatever braces are missing.
    fn next_declaration(&self, start: usize) -> usize {
        let mut open = 0i64;
        for at in start..self.tokens.len() {
            let kind = self.tokens[at].kind;
            if at > start && at >= self.at {
                let outside = open <= 0;
                let found = match kind {
                    Tok::Eof => true,
                    _ if outside || self.at_line_start(at) => self.starts_declaration(at, outside),
                    _ => false,
                };
                if found {
                    return at;
                }
            }
            match kind {
                Tok::LBrace => open += 1,
                Tok::RBrace => open = (open - 1).max(0),
                _ => {}
            }
        }
        self.tokens.len() - 1
    }

    fn at_line_start(&self, at: usize) -> bool {
        let start = self.tokens[at].span.start as usize;
        start == 0 || self.text.as_bytes()[start - 1] == b'\n'
    }

    /// Whether the tokens from `at` look like the start of a declaration. Inside
    /// braces a `fn` is a helper or a closure, so it needs its visibility.
    fn starts_declaration(&self, at: usize, outside_braces: bool) -> bool {
        let next = self.tokens.get(at + 1).map_or(Tok::Eof, |t| t.kind);
        match self.tokens[at].kind {
            Tok::Public | Tok::Private => matches!(
                next,
                Tok::Fn | Tok::Forall | Tok::Data | Tok::Type | Tok::Effect | Tok::Ability
            ),
            // The visibility before it has been looked at already.
            Tok::Fn | Tok::Forall | Tok::Data | Tok::Type | Tok::Effect | Tok::Ability
                if at > 0 && matches!(self.tokens[at - 1].kind, Tok::Public | Tok::Private) =>
            {
                false
            }
            Tok::Fn => outside_braces && next.is_lower(),
            Tok::Forall => outside_braces && next == Tok::Lt,
            Tok::Data | Tok::Type | Tok::Effect | Tok::Ability => next == Tok::Upper,
            Tok::Module | Tok::Import => next.is_lower(),
            _ => false,
        }
    }
}
