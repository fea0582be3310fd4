//! Match arms and their patterns.

use super::{Parser, Rule};
use crate::ast::{Arm, Pattern, PatternId, PatternKind};
use crate::continuation::Role;
use crate::token::Tok;

impl Parser<'_> {
    /// `arm = pattern , "->" , expr`
    pub(super) fn arm(&mut self) -> Rule<Arm> {
        let start = self.start();
        let pattern = self.pattern()?;
        self.expect(Tok::Arrow)?;
        let body = self.expr()?;
        Ok(Arm { span: self.span_from(start), pattern, body })
    }

    /// Stands for an arm that could not be read.
    pub(super) fn error_arm(&mut self, start: u32) -> Arm {
        let body = self.error_node(start);
        let span = self.nodes[body].span;
        let pattern = self.nodes.add_pattern(Pattern { span, kind: PatternKind::Error });
        Arm { span, pattern, body }
    }

    /// `pattern = ctor_pattern | "_" | INT_LIT | STRING_LIT | "true" | "false" | "@" , type`
    fn pattern(&mut self) -> Rule<PatternId> {
        self.nested(Self::pattern_here)
    }

    fn pattern_here(&mut self) -> Rule<PatternId> {
        let start = self.start();
        self.roles.insert(Role::Constructor);
        let kind = if self.at(Tok::Upper) {
            self.ctor_pattern()?
        } else if self.eat(Tok::Underscore) {
            PatternKind::Wildcard
        } else if self.at(Tok::At) {
            PatternKind::Binding(self.binding()?)
        } else if self.eat(Tok::True) {
            PatternKind::Bool(true)
        } else if self.eat(Tok::False) {
            PatternKind::Bool(false)
        } else if self.at(Tok::Str) {
            self.string_pattern()
        } else if self.at_split(Tok::Int) {
            let digits = self.bump().span;
            PatternKind::Int(self.slice(digits).into())
        } else {
            return self.unexpected();
        };
        let span = self.span_from(start);
        Ok(self.nodes.add_pattern(Pattern { span, kind }))
    }

    /// `UPPER_IDENT , [ "(" , pattern , { "," , pattern } , ")" ]`
    fn ctor_pattern(&mut self) -> Rule<PatternKind> {
        let name = self.upper(Role::Constructor)?;
        if !self.eat(Tok::LParen) {
            return Ok(PatternKind::NullaryCtor { name });
        }
        let args = self.list(Self::pattern)?;
        self.expect(Tok::RParen)?;
        Ok(PatternKind::Ctor { name, args })
    }
}
