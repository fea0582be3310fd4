//! Files and their declarations, and where parsing goes on after an error.
//!
//! A rule that fails leaves its error in [`Parser::failure`] and stops. The nearest rule
//! around it that knows a place to go on keeps the error, skips what is between and puts
//! an `Error` node there: lists between their commas, blocks behind a `;`, clauses behind
//! their parenthesis, and at last the file at its next declaration. Tokens are skipped
//! once, however many rules give up, so parsing stays linear.

use vera_diagnostics::Span;

use super::{MAX_ERRORS, Parser, Rule, Stop};
use crate::ast::{ExprId, ExprKind, Program};
use crate::errors::SyntaxError;
use crate::token::{Tok, TokenSet};

const CLOSERS: TokenSet = TokenSet::of(&[Tok::RParen, Tok::RBracket, Tok::RBrace]);

/// What stands between expressions, which one that fails does not reach beyond.
const STATEMENT: TokenSet =
    TokenSet::of(&[Tok::Semi, Tok::Let, Tok::Then, Tok::Else, Tok::In, Tok::With]);

/// How many tokens behind its beginning a rule that failed is recovered from.
const LONGEST: usize = 2_000;

/// What ends a bracket that a token opens.
fn closer(kind: Tok) -> Option<Tok> {
    match kind {
        Tok::LParen => Some(Tok::RParen),
        Tok::LBracket => Some(Tok::RBracket),
        Tok::LBrace => Some(Tok::RBrace),
        _ => None,
    }
}

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
            let known = self.errors.len();
            program.decls.extend(self.declaration(Self::top_decl));
            // A bracket too many belongs to what was wrong before it.
            if self.errors.len() > known && CLOSERS.contains(self.current.kind) {
                self.skip_declaration(self.at);
            }
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
                self.keep_failure();
                self.lost = true;
                self.skip_declaration(start);
                None
            }
        }
    }

    /// Goes to the declaration after the one whose first token is number `start`.
    pub(super) fn skip_declaration(&mut self, start: usize) {
        let next = self.next_declaration(start);
        self.jump(next);
        self.depth = 0;
        self.height = 0;
    }

    /// [`Parser::keep_failure`], unless something inside was wrong already: when `known`
    /// errors were there before, and the text goes on.
    pub(super) fn keep_first_failure(&mut self, known: usize) {
        if self.errors.len() > known && self.current.kind != Tok::Eof {
            self.failure = None;
        }
        self.keep_failure();
    }

    /// Makes the error of the rule that failed one of the file.
    pub(super) fn keep_failure(&mut self) {
        // Where the text is cut off, a declaration may end.
        let at_cut = self.cut && self.current.kind == Tok::Eof;
        self.errors.extend(self.failure.take().filter(|_| !at_cut));
    }

    /// After a rule that failed, having begun at token `from`: keeps its error and goes to
    /// the next of `stops` that is inside no bracket opened since.
    ///
    /// # Errors
    /// A bracket, a statement or a declaration ends before; the error is left to the
    /// rules around.
    pub(super) fn resume(&mut self, from: usize, stops: TokenSet) -> Rule<()> {
        // Inside there are as many brackets as made it fail.
        if self.errors.len() + 1 >= MAX_ERRORS
            || self.failure.as_ref().is_some_and(SyntaxError::is_of_depth)
        {
            return Err(Stop);
        }
        // As many rules as nest look at the same tokens.
        if self.at - from > LONGEST {
            return Err(Stop);
        }
        let mut open: Vec<Tok> = Vec::new();
        for token in &self.tokens[from..self.at] {
            match closer(token.kind) {
                Some(closer) => open.push(closer),
                None if open.last() == Some(&token.kind) => _ = open.pop(),
                None => {}
            }
        }
        loop {
            let kind = self.current.kind;
            if open.is_empty() && stops.contains(kind) {
                self.keep_failure();
                return Ok(());
            }
            if kind == Tok::Eof
                || self.at_line_start(self.at) && self.starts_declaration(self.at, false)
            {
                return Err(Stop);
            }
            match closer(kind) {
                Some(closer) => open.push(closer),
                None if CLOSERS.contains(kind) && open.pop() != Some(kind) => return Err(Stop),
                None if CLOSERS.contains(kind) => {}
                None if open.last() != Some(&Tok::RBrace) && STATEMENT.contains(kind) => {
                    return Err(Stop);
                }
                None => {}
            }
            self.bump();
        }
    }

    /// An expression behind which one of `stops` comes; an `Error` node where there is
    /// none.
    pub(super) fn expr_before(&mut self, stops: TokenSet) -> Rule<ExprId> {
        let (from, start) = (self.at, self.start());
        match self.expr() {
            Ok(expr) => Ok(expr),
            Err(_) => {
                self.resume(from, stops)?;
                Ok(self.error_node(start))
            }
        }
    }

    /// Stands for what was skipped since `start`.
    pub(super) fn error_node(&mut self, start: u32) -> ExprId {
        let span = Span::new(start, self.last_end.max(start));
        self.expr_node(span, ExprKind::Error)
    }

    /// [`Parser::list`] whose items may fail, up to the closer, which is not taken.
    pub(super) fn list_before<T>(
        &mut self,
        closer: Tok,
        item: fn(&mut Self) -> Rule<T>,
        error: fn(&mut Self, u32) -> T,
    ) -> Rule<Vec<T>> {
        let stops = TokenSet::of(&[Tok::Comma, closer]);
        let mut items = Vec::new();
        loop {
            let (from, start) = (self.at, self.start());
            items.push(match item(self) {
                Ok(item) => item,
                Err(_) => {
                    self.resume(from, stops)?;
                    error(self, start)
                }
            });
            if self.eat(Tok::Comma) {
                continue;
            }
            if self.at(closer) {
                return Ok(items);
            }
            let Err(Stop) = self.unexpected::<()>() else { continue };
            self.resume(self.at, stops)?;
            if !self.eat(Tok::Comma) {
                return Ok(items);
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
