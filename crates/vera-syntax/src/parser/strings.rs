//! String literals as operands and patterns, and the expressions in their holes.

use std::ops::Range;

use vera_diagnostics::Span;

use super::Parser;
use crate::ast::{ExprId, ExprKind, InterpolPart, PatternKind};
use crate::errors::{ErrorKind, StringFault, SyntaxError};
use crate::lexer;
use crate::literals::{self, Piece};
use crate::token::Tok;

impl Parser<'_> {
    /// The literal at `span`, whose token is taken. Faults are errors at its
    /// opening quote, one per literal.
    pub(super) fn string(&mut self, span: Span) -> ExprKind {
        match self.string_parts(span) {
            Ok(mut parts) => match parts.pop() {
                Some(InterpolPart::Text(text)) if parts.is_empty() => ExprKind::Str(text),
                last => {
                    parts.extend(last);
                    ExprKind::Interpolated(parts)
                }
            },
            Err(fault) => {
                self.string_fault(span, fault);
                ExprKind::Error
            }
        }
    }

    /// `STRING_LIT` in a pattern
    pub(super) fn string_pattern(&mut self) -> PatternKind {
        let span = self.bump().span;
        let fault = match literals::pieces(self.text, range(span)) {
            Ok(mut pieces) => match pieces.pop() {
                Some(Piece::Text(text)) if pieces.is_empty() => {
                    return PatternKind::Str(text.into());
                }
                _ => StringFault::InPattern,
            },
            Err(fault) => fault,
        };
        self.string_fault(span, fault);
        PatternKind::Error
    }

    fn string_fault(&mut self, literal: Span, fault: StringFault) {
        let quote = Span::new(literal.start, literal.start + 1);
        self.tree_error(SyntaxError::new(quote, ErrorKind::BadString(fault)));
    }

    fn string_parts(&mut self, span: Span) -> Result<Vec<InterpolPart>, StringFault> {
        let pieces = literals::pieces(self.text, range(span))?;
        pieces
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(text) => Ok(InterpolPart::Text(text.into())),
                Piece::Hole(hole) => self.hole(hole).map(InterpolPart::Expr),
            })
            .collect()
    }

    /// The one expression in the hole at `hole`.
    fn hole(&mut self, hole: Range<usize>) -> Result<ExprId, StringFault> {
        let text = &self.text[hole.clone()];
        let invalid = || StringFault::InvalidHole(text.into());
        let lexed = lexer::lex(self.text, hole);
        if !lexed.errors.is_empty() {
            return Err(invalid());
        }
        if lexed.tokens.len() == 1 {
            return Err(StringFault::EmptyHole);
        }
        self.hole_comments.extend(lexed.comments);

        // The literal is one token, so the token after it is whole.
        let tokens = std::mem::replace(&mut self.tokens, lexed.tokens);
        let at = self.at;
        self.jump(0);
        let last_end = self.last_end;
        let known_errors = (self.errors.len(), self.tree_errors.len());
        let depth = self.depth;
        let height = self.height;

        let around = std::mem::replace(&mut self.in_hole, true);
        let starts_with_let = self.current.kind == Tok::Let;
        let result = self.expr();
        let next = self.current.kind;
        let result = match result {
            // What was recovered from makes the hole none.
            _ if self.errors.len() > known_errors.0 => Err(invalid()),
            Ok(expr) if next == Tok::Eof => Ok(expr),
            Ok(_) if next == Tok::Semi => Err(StringFault::StatementsInHole),
            Err(_) if starts_with_let => Err(StringFault::StatementsInHole),
            _ => Err(invalid()),
        };
        if result.is_err() {
            self.failure = None;
            self.errors.truncate(known_errors.0);
            self.tree_errors.truncate(known_errors.1);
            self.depth = depth;
            self.height = height;
        }

        self.in_hole = around;
        self.tokens = tokens;
        self.jump(at);
        self.last_end = last_end;
        result
    }
}

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}
