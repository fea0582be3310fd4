//! Recognising the slip behind an unexpected token, from the tokens before it and from
//! what could have stood there.

use super::Parser;
use crate::slips::{Slip, WORDS};
use crate::token::{Tok, Token, TokenSet};

impl Parser<'_> {
    /// The slip behind the current token, which cannot stand there.
    pub(super) fn slip(&self, expected: TokenSet) -> Option<Slip> {
        let current = self.current.kind;
        let before = self.before(1);
        self.word(before, expected)
            .or_else(|| self.list_end(before))
            .or_else(|| self.signature_slip(before, expected))
            .or_else(|| self.branch(before, expected))
            .or_else(|| self.binding_slip(before, expected))
            .or_else(|| self.slot_slip(before, expected))
            .or_else(|| self.block_end(before, expected))
            .or_else(|| {
                let slashes = current == Tok::Slash && self.after(1).kind == Tok::Slash;
                slashes.then_some(Slip::SlashComment)
            })
    }

    /// The token so many before the current one, if there is one.
    pub(super) fn before(&self, count: usize) -> Option<Token> {
        self.tokens.get(self.at.checked_sub(count)?).copied()
    }

    pub(super) fn after(&self, count: usize) -> Token {
        self.tokens[(self.at + count).min(self.tokens.len() - 1)]
    }

    pub(super) fn is(&self, token: Option<Token>, kind: Tok) -> bool {
        token.is_some_and(|t| t.kind == kind)
    }

    fn text_of(&self, token: Token) -> Box<str> {
        self.slice(token.span).into()
    }

    /// A lower-case name where a value is meant.
    fn word(&self, before: Option<Token>, expected: TokenSet) -> Option<Slip> {
        let known = |token: Token| {
            let text = self.slice(token.span);
            WORDS.iter().find(|(word, _)| *word == text).copied()
        };
        // `a and b`
        if self.current.kind.is_lower()
            && expected.contains(Tok::AmpAmp)
            && let Some((word, instead)) = known(self.current)
        {
            return Some(Slip::Word(word, instead));
        }
        // `a | b`, `c ? a : b`, `a.f()`, `a = b`
        if expected.contains(Tok::AmpAmp) {
            match self.current.kind {
                Tok::Bar => return Some(Slip::Word("|", "a || b")),
                Tok::Question => return Some(Slip::Word("? :", "if c then { a } else { b }")),
                Tok::Dot => return Some(Slip::Method),
                Tok::Eq => return Some(Slip::Assignment),
                _ => {}
            }
        }
        let name = before.filter(|t| t.kind.is_lower())?;
        let called = expected.contains(Tok::LParen) && expected.contains(Tok::ColonColon);
        if !called {
            return None;
        }
        match self.slice(name.span) {
            "return" => return Some(Slip::Return),
            "result" => return Some(Slip::BareResult),
            "let" => return Some(Slip::BareStatements),
            _ => {}
        }
        Some(match known(name) {
            Some((word, instead)) => Slip::Word(word, instead),
            None => Slip::Variable(self.text_of(name)),
        })
    }

    fn list_end(&self, before: Option<Token>) -> Option<Slip> {
        let closes =
            matches!(self.current.kind, Tok::RParen | Tok::RBracket | Tok::RBrace | Tok::Gt);
        (closes && self.is(before, Tok::Comma)).then_some(Slip::TrailingComma)
    }

    fn signature_slip(&self, before: Option<Token>, expected: TokenSet) -> Option<Slip> {
        let current = self.current.kind;
        let in_list =
            before.is_some_and(|t| matches!(t.kind, Tok::LParen | Tok::Comma | Tok::Arrow));
        if in_list && expected.contains(Tok::At) && !expected.contains(Tok::Question) {
            let is_pattern = expected.contains(Tok::Underscore);
            return match current {
                _ if is_pattern => None,
                Tok::Upper => Some(Slip::TypeWithoutSigil(self.text_of(self.current))),
                Tok::RParen => Some(Slip::ResultOutside),
                Tok::Arrow => Some(Slip::TrailingComma),
                kind if kind.is_lower() => Some(Slip::NamedParameter),
                _ => None,
            };
        }
        let type_only = expected.contains(Tok::Upper)
            && expected.contains(Tok::LBrace)
            && !expected.contains(Tok::Question);
        if current == Tok::At && type_only {
            return Some(Slip::SigilInType);
        }
        let after_params = current == Tok::RParen
            && expected.contains(Tok::Arrow)
            && (expected.contains(Tok::Comma) || self.is(before, Tok::LParen));
        after_params.then_some(Slip::ResultOutside)
    }

    fn branch(&self, before: Option<Token>, expected: TokenSet) -> Option<Slip> {
        let current = self.current.kind;
        let op = match current {
            Tok::Lt | Tok::LtEq | Tok::Gt | Tok::GtEq | Tok::EqEq | Tok::BangEq => {
                expected.contains(Tok::AmpAmp).then(|| current.describe().trim_matches('"'))
            }
            _ => None,
        };
        if let Some(op) = op {
            return Some(Slip::Chained(op));
        }
        if expected.contains(Tok::Then) {
            return Some(Slip::MissingThen);
        }
        if expected.contains(Tok::Else) {
            return Some(Slip::MissingElse);
        }
        let after_word = self.is(before, Tok::Then) || self.is(before, Tok::Else);
        if after_word && expected.contains(Tok::LBrace) {
            let again = self.is(before, Tok::Else) && current == Tok::If;
            return Some(if again { Slip::ElseIf } else { Slip::BareBranch });
        }
        let arm = expected.contains(Tok::Arrow)
            && matches!(current, Tok::Eq | Tok::FatArrow | Tok::EqEq | Tok::Unknown);
        arm.then_some(Slip::ArmArrow)
    }

    fn binding_slip(&self, before: Option<Token>, expected: TokenSet) -> Option<Slip> {
        let current = self.current.kind;
        if self.is(before, Tok::Let) && current.is_lower() {
            return Some(Slip::NamedLet);
        }
        if current == Tok::Eq
            && self.is(self.before(2), Tok::Let)
            && let Some(ty) = before.filter(|t| t.kind == Tok::Upper)
        {
            return Some(Slip::LetWithoutSigil(self.text_of(ty)));
        }
        let pattern = expected.contains(Tok::Underscore) && current.is_lower();
        pattern.then_some(Slip::NamedPattern)
    }

    fn slot_slip(&self, before: Option<Token>, expected: TokenSet) -> Option<Slip> {
        if self.is(before, Tok::At) && self.current.kind.is_lower() {
            return Some(Slip::LowerCaseType);
        }
        // `@T` and no dot, or a dot and no index.
        let after_dot = self.is(before, Tok::Dot) && expected.contains(Tok::Result);
        let no_dot = expected.contains(Tok::Dot)
            && !expected.contains(Tok::LParen)
            && !expected.contains(Tok::ColonColon);
        if !after_dot && !no_dot {
            return None;
        }
        let end = before.filter(|t| matches!(t.kind, Tok::Upper | Tok::Gt | Tok::Dot))?;
        let is_type =
            |t: &&Token| matches!(t.kind, Tok::Upper | Tok::Lt | Tok::Gt | Tok::Comma | Tok::Dot);
        let length = self.tokens[..self.at].iter().rev().take_while(is_type).count();
        let sigil = self.at.checked_sub(length + 1).map(|at| self.tokens[at])?;
        if sigil.kind != Tok::At {
            return None;
        }
        let slot = &self.text[sigil.span.start as usize..end.span.end as usize];
        Some(Slip::MissingIndex(slot.trim_end_matches('.').into()))
    }

    fn block_end(&self, before: Option<Token>, expected: TokenSet) -> Option<Slip> {
        let current = self.current.kind;
        if expected.contains(Tok::Semi) {
            let begins = matches!(
                current,
                Tok::Let | Tok::At | Tok::Upper | Tok::If | Tok::Match | Tok::RBrace | Tok::Int
            ) || current.is_lower();
            return (begins && expected.contains(Tok::Plus)).then_some(Slip::MissingSemicolon);
        }
        if current != Tok::RBrace || !expected.contains(Tok::Let) {
            return None;
        }
        match before?.kind {
            Tok::Semi => Some(Slip::NoResult),
            Tok::LBrace => Some(Slip::EmptyBlock),
            _ => None,
        }
    }
}
