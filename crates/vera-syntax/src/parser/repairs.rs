//! Repairs of syntax errors as edits, from the tokens around them.

use vera_diagnostics::{Applicability, Span};

use super::Parser;
use crate::errors::{ErrorKind, Repair};
use crate::slips::Slip;
use crate::token::{Tok, Token};

impl Parser<'_> {
    /// A repair of an error at the current token.
    pub(super) fn repair(&self, kind: &ErrorKind) -> Option<Repair> {
        let here = self.current.span;
        match kind {
            ErrorKind::Unexpected { slip: Some(slip), .. } => self.repair_slip(slip),
            ErrorKind::MissingContracts => {
                let clauses = "requires(true)\n  ensures(true)\n  effects(pure)\n";
                Some(review("Insert contract clauses that say nothing", here.at_start(), clauses))
            }
            ErrorKind::MissingEffects => {
                let row = if self.current.kind == Tok::LBrace {
                    "effects(pure)\n"
                } else {
                    " effects(pure)"
                };
                let at = if self.current.kind == Tok::LBrace {
                    here.at_start()
                } else {
                    self.end_before()
                };
                Some(review("Insert 'effects(pure)'", at, row))
            }
            ErrorKind::UnknownCharacter('&') => Some(safe("Write '&&'", here, "&&")),
            ErrorKind::DotCall { .. } => {
                let dot = self.before(2).filter(|t| t.kind == Tok::Dot)?;
                Some(safe("Write '::' before the function", dot.span, "::"))
            }
            ErrorKind::LateContract { .. } => self.move_clause(),
            ErrorKind::Unexpected { slip: None, .. }
            | ErrorKind::NestedTooDeep
            | ErrorKind::UnknownCharacter(_)
            | ErrorKind::BadString(_)
            | ErrorKind::UnterminatedBlockComment
            | ErrorKind::UnterminatedAnnotation
            | ErrorKind::NestedAnnotation
            | ErrorKind::OldArgument
            | ErrorKind::NewArgument
            | ErrorKind::PipeIntoNonCall { .. } => None,
        }
    }

    fn repair_slip(&self, slip: &Slip) -> Option<Repair> {
        let current = self.current;
        let here = current.span;
        let before = self.before(1);
        match slip {
            Slip::MissingThen => (current.kind == Tok::LBrace)
                .then(|| safe("Insert 'then'", here.at_start(), "then ")),
            Slip::MissingElse => {
                Some(review("Insert 'else { () }'", self.end_before(), " else { () }"))
            }
            Slip::ElseIf => {
                let end = self.end_of_if(self.at)?;
                let edits = vec![(here.at_start(), "{ ".into()), (end.at_end(), " }".into())];
                Some(Repair::new("Put the second 'if' into a block", Applicability::Safe, edits))
            }
            Slip::Return => {
                Some(safe("Delete 'return'", Span::new(before?.span.start, here.start), ""))
            }
            Slip::LetWithoutSigil(_) => {
                Some(safe("Insert '@' before the type", before?.span.at_start(), "@"))
            }
            Slip::TypeWithoutSigil(_) => {
                Some(safe("Insert '@' before the type", here.at_start(), "@"))
            }
            Slip::SigilInType => Some(safe("Delete the '@'", here, "")),
            Slip::ResultOutside => self.move_result(),
            Slip::MissingIndex(_) => {
                let dotted = before?.kind == Tok::Dot;
                let index = if dotted { "0" } else { ".0" };
                Some(review("Insert the index of the latest binding", self.end_before(), index))
            }
            Slip::LowerCaseType => {
                let ty = match self.slice(here) {
                    "int" => "Int",
                    "nat" => "Nat",
                    "bool" => "Bool",
                    "byte" => "Byte",
                    "string" => "String",
                    "float" => "Float64",
                    _ => return None,
                };
                Some(safe("Write the type with a capital letter", here, ty))
            }
            Slip::ArmArrow => {
                (current.kind == Tok::FatArrow).then(|| safe("Write '->'", here, "->"))
            }
            Slip::TrailingComma => Some(safe("Delete the comma", before?.span, "")),
            Slip::MissingSemicolon => {
                let end = self.end_before();
                let between = self.slice(Span::new(end.start, here.start));
                between.contains('\n').then(|| safe("Insert ';'", end, ";"))
            }
            Slip::Assignment => Some(review("Compare with '=='", here, "==")),
            Slip::NoResult => Some(review("End the block with '()'", here.at_start(), "() ")),
            Slip::EmptyBlock => Some(review("Insert '()'", here.at_start(), " () ")),
            Slip::SlashComment => {
                let slashes = Span::new(here.start, self.after(1).span.end);
                Some(safe("Write '--'", slashes, "--"))
            }
            Slip::Word(word, _) => self.repair_word(word),
            Slip::BareBranch
            | Slip::NamedLet
            | Slip::BareStatements
            | Slip::Variable(_)
            | Slip::NamedParameter
            | Slip::Chained(_)
            | Slip::NamedPattern
            | Slip::Method
            | Slip::BareResult => None,
        }
    }

    /// An operator or constructor for a word.
    fn repair_word(&self, word: &str) -> Option<Repair> {
        let written = |token: &Token| self.slice(token.span) == word;
        let token = Some(self.current).filter(written).or(self.before(1).filter(written))?;
        match word {
            "and" => Some(safe("Write '&&'", token.span, "&&")),
            "or" => Some(safe("Write '||'", token.span, "||")),
            "mod" => Some(safe("Write '%'", token.span, "%")),
            "null" | "nil" => Some(review("Write 'None'", token.span, "None")),
            "not" => {
                let operand = Span::new(token.span.start, self.current.span.start);
                Some(review("Write '!'", operand, "!"))
            }
            _ => None,
        }
    }

    /// `(A) -> B` to `(A -> B)`, the current token being the `)`.
    fn move_result(&self) -> Option<Repair> {
        let arrow = Some(self.after(1)).filter(|t| t.kind == Tok::Arrow)?;
        let end = self.end_of_type(self.at + 2)?;
        let close = self.current.span;
        let after_close = Span::new(close.start, arrow.span.start);
        let space = if self.is(self.before(1), Tok::LParen) { "" } else { " " };
        let edits = vec![(after_close, space.into()), (end.at_end(), ")".into())];
        Some(Repair::new("Move the ')' behind the result", Applicability::Safe, edits))
    }

    /// Moves the contract clause at the current token before the `effects` it follows.
    fn move_clause(&self) -> Option<Repair> {
        let open = self.at + 1;
        let close = self.matching(open, Tok::LParen, Tok::RParen)?;
        let row = self.tokens[..self.at].iter().rposition(|t| t.kind == Tok::Effects)?;
        let clause = Span::new(self.current.span.start, self.tokens[close].span.end);
        let moved = format!("{}\n  ", self.slice(clause));
        let gone = Span::new(self.end_before().start, clause.end);
        let edits = vec![(self.tokens[row].span.at_start(), moved), (gone, String::new())];
        Some(Repair::new("Move the clause before 'effects'", Applicability::Safe, edits))
    }

    /// The empty span behind the token before the current one.
    fn end_before(&self) -> Span {
        self.before(1).map_or(self.current.span.at_start(), |token| token.span.at_end())
    }

    /// The last token of the `if` at `at`, with all its branches.
    fn end_of_if(&self, mut at: usize) -> Option<Span> {
        loop {
            let open = at + self.tokens[at..].iter().position(|t| t.kind == Tok::LBrace)?;
            let close = self.matching(open, Tok::LBrace, Tok::RBrace)?;
            if self.tokens.get(close + 1)?.kind != Tok::Else {
                return Some(self.tokens[close].span);
            }
            at = close + 2;
            if self.tokens.get(at)?.kind == Tok::LBrace {
                let close = self.matching(at, Tok::LBrace, Tok::RBrace)?;
                return Some(self.tokens[close].span);
            }
        }
    }

    /// The last token of the type that begins at `at`, with its `@`.
    fn end_of_type(&self, at: usize) -> Option<Span> {
        let name = at + usize::from(self.tokens.get(at)?.kind == Tok::At);
        if self.tokens.get(name)?.kind != Tok::Upper {
            return None;
        }
        if self.tokens.get(name + 1)?.kind != Tok::Lt {
            return Some(self.tokens[name].span);
        }
        let close = self.matching(name + 1, Tok::Lt, Tok::Gt)?;
        Some(self.tokens[close].span)
    }

    /// The token that closes what the token at `at` opens.
    fn matching(&self, at: usize, open: Tok, close: Tok) -> Option<usize> {
        if self.tokens.get(at)?.kind != open {
            return None;
        }
        let mut depth = 0_usize;
        for (i, token) in self.tokens.iter().enumerate().skip(at) {
            if token.kind == open {
                depth += 1;
            } else if token.kind == close {
                depth -= 1;
                if depth == 0 {
                    return Some(i);
                }
            }
        }
        None
    }
}

fn safe(title: &'static str, at: Span, text: &str) -> Repair {
    Repair::new(title, Applicability::Safe, vec![(at, text.to_owned())])
}

fn review(title: &'static str, at: Span, text: &str) -> Repair {
    Repair::new(title, Applicability::Review, vec![(at, text.to_owned())])
}
