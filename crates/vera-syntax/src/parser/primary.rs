//! Operands: literals, references, calls and the bracketed forms.

use vera_diagnostics::Span;

use super::decls::Signature;
use super::{Parser, Rule};
use crate::ast::{
    Closure, ExprId, ExprKind, Handle, HandlerClause, HandlerState, Name, Path, Quantifier,
};
use crate::continuation::Role;
use crate::errors::OPERAND_START;
use crate::token::{Tok, TokenSet};

impl Parser<'_> {
    /// `primary`
    pub(super) fn primary(&mut self) -> Rule<ExprId> {
        self.expected = self.expected.union(OPERAND_START);
        self.roles.insert(Role::Operand);
        match self.current.kind {
            Tok::LParen => self.unit_or_group(),
            Tok::At => self.slot(),
            Tok::Upper => self.upper_operand(),
            Tok::Fn => self.closure_operand(),
            Tok::If => self.if_expr(),
            Tok::Match => self.match_expr(),
            Tok::LBrace => self.block_operand(),
            Tok::Handle => self.handle(),
            Tok::LBracket => self.array(),
            Tok::Old | Tok::New => self.state_form(),
            Tok::Assert | Tok::Assume => self.assertion(),
            Tok::Forall | Tok::Exists => self.quantifier(),
            Tok::Int | Tok::Float | Tok::Str | Tok::True | Tok::False | Tok::Question => {
                Ok(self.literal())
            }
            word if word.is_lower() => self.lower_operand(),
            _ => self.unexpected(),
        }
    }

    fn finish(&mut self, start: u32, kind: ExprKind) -> Rule<ExprId> {
        let span = self.span_from(start);
        Ok(self.expr_node(span, kind))
    }

    /// `INT_LIT | FLOAT_LIT | STRING_LIT | "true" | "false" | "?"`
    fn literal(&mut self) -> ExprId {
        let token = self.bump();
        let text = self.slice(token.span);
        let kind = match token.kind {
            Tok::Int => ExprKind::Int(text.into()),
            Tok::Float => ExprKind::Float(text.into()),
            Tok::Str => self.string(token.span),
            Tok::True => ExprKind::Bool(true),
            Tok::False => ExprKind::Bool(false),
            _ => ExprKind::Hole,
        };
        self.expr_node(token.span, kind)
    }

    /// `"(" , ")" | "(" , expr , ")"`
    fn unit_or_group(&mut self) -> Rule<ExprId> {
        let start = self.expect(Tok::LParen)?.span.start;
        if self.eat(Tok::RParen) {
            return self.finish(start, ExprKind::Unit);
        }
        let inner = self.expr_before(TokenSet::of(&[Tok::RParen]))?;
        self.expect(Tok::RParen)?;
        Ok(inner)
    }

    /// `"@" , UPPER_IDENT , [ type_args ] , "." , ( INT_LIT | "result" )`
    fn slot(&mut self) -> Rule<ExprId> {
        let start = self.expect(Tok::At)?.span.start;
        let ty = self.named_type(Role::Slot)?;
        self.expect(Tok::Dot)?;
        self.roles.insert(Role::Index);
        if self.eat(Tok::Result) {
            return self.finish(start, ExprKind::Result { ty });
        }
        let digits = self.expect_split(Tok::Int)?.span;
        let index = self.slice(digits).parse().unwrap_or(u32::MAX);
        self.finish(start, ExprKind::Slot { ty, index })
    }

    /// `args = "(" , [ exprs ] , ")"`
    fn args(&mut self) -> Rule<Vec<ExprId>> {
        self.expect(Tok::LParen)?;
        self.exprs_until(Tok::RParen)
    }

    /// `[ exprs ]` and the closer
    fn exprs_until(&mut self, closer: Tok) -> Rule<Vec<ExprId>> {
        if self.eat(closer) {
            return Ok(Vec::new());
        }
        let exprs = self.list_before(closer, Self::expr, Self::error_node)?;
        self.expect(closer)?;
        Ok(exprs)
    }

    /// `UPPER_IDENT , [ args ] | UPPER_IDENT , "." , LOWER_IDENT , args`
    fn upper_operand(&mut self) -> Rule<ExprId> {
        let name = self.upper(Role::Operand)?;
        let start = name.span.start;
        if self.at(Tok::LParen) {
            let args = self.args()?;
            return self.finish(start, ExprKind::CtorCall { name, args, stage: None });
        }
        if self.eat(Tok::Dot) {
            let op = self.lower(Role::Operation)?;
            let args = self.args()?;
            let call = ExprKind::OpCall { qualifier: name, name: op, args, stage: None };
            return self.finish(start, call);
        }
        self.finish(start, ExprKind::Ctor { name })
    }

    /// `LOWER_IDENT , args | path , "::" , LOWER_IDENT , args`
    fn lower_operand(&mut self) -> Rule<ExprId> {
        let name = self.take_name();
        let start = name.span.start;
        if self.at(Tok::LParen) {
            let args = self.args()?;
            return self.finish(start, ExprKind::Call { name, args, stage: None });
        }
        let path = self.module_path(name)?;
        let name = self.lower(Role::Member)?;
        let args = self.args()?;
        self.finish(start, ExprKind::ModuleCall { path, name, args, stage: None })
    }

    /// `path , "::"`, its first segment being read
    fn module_path(&mut self, first: Name) -> Rule<Path> {
        let start = first.span.start;
        let mut segments = vec![first];
        while self.eat(Tok::Dot) {
            segments.push(self.lower(Role::Module)?);
        }
        let span = self.span_from(start);
        self.expect(Tok::ColonColon)?;
        Ok(Path { segments, span })
    }

    /// `"[" , [ exprs ] , "]"`
    fn array(&mut self) -> Rule<ExprId> {
        let start = self.expect(Tok::LBracket)?.span.start;
        let elements = self.exprs_until(Tok::RBracket)?;
        self.finish(start, ExprKind::Array(elements))
    }

    /// `closure = "fn" , signature , effects_clause , block`
    fn closure(&mut self) -> Rule<Closure> {
        let start = self.expect(Tok::Fn)?.span.start;
        let Signature { params, ret } = self.signature()?;
        let effects = self.effects_clause()?;
        let body = self.block()?;
        Ok(Closure { span: self.span_from(start), params, ret, effects, body })
    }

    fn closure_operand(&mut self) -> Rule<ExprId> {
        let closure = self.closure()?;
        let span = closure.span;
        Ok(self.expr_node(span, ExprKind::Closure(Box::new(closure))))
    }

    /// `"if" , expr , "then" , block , "else" , block`
    fn if_expr(&mut self) -> Rule<ExprId> {
        let start = self.expect(Tok::If)?.span.start;
        let cond = self.expr_before(TokenSet::of(&[Tok::Then]))?;
        self.expect(Tok::Then)?;
        let then = self.block()?;
        self.expect(Tok::Else)?;
        let otherwise = self.block()?;
        self.finish(start, ExprKind::If { cond, then, otherwise })
    }

    /// `"match" , expr , "{" , arm , { "," , arm } , "}"`
    fn match_expr(&mut self) -> Rule<ExprId> {
        let start = self.expect(Tok::Match)?.span.start;
        let scrutinee = self.expr()?;
        self.expect(Tok::LBrace)?;
        let arms = self.list_before(Tok::RBrace, Self::arm, Self::error_arm)?;
        self.expect(Tok::RBrace)?;
        self.finish(start, ExprKind::Match { scrutinee, arms })
    }

    /// A block as an operand; unlike [`Parser::block`] its node has the span of the
    /// contents too.
    fn block_operand(&mut self) -> Rule<ExprId> {
        let block = self.block()?;
        let span = block.span;
        Ok(self.expr_node(span, ExprKind::Block(block)))
    }

    /// `( "old" | "new" ) , "(" , effect_ref , ")"`
    fn state_form(&mut self) -> Rule<ExprId> {
        let word = self.current;
        let effect = self.in_parens(Self::effect_ref)?;
        let kind =
            if word.kind == Tok::Old { ExprKind::Old(effect) } else { ExprKind::New(effect) };
        self.finish(word.span.start, kind)
    }

    /// `( "assert" | "assume" ) , "(" , expr , ")"`
    fn assertion(&mut self) -> Rule<ExprId> {
        let word = self.current;
        let claim = self.in_parens(Self::expr)?;
        let kind = if word.kind == Tok::Assert {
            ExprKind::Assert(claim)
        } else {
            ExprKind::Assume(claim)
        };
        self.finish(word.span.start, kind)
    }

    /// `( "forall" | "exists" ) , "(" , "@" , type , "," , expr , "," , closure , ")"`
    fn quantifier(&mut self) -> Rule<ExprId> {
        let word = self.bump();
        let kind = if word.kind == Tok::Forall { Quantifier::Forall } else { Quantifier::Exists };
        self.expect(Tok::LParen)?;
        let index_ty = self.binding()?;
        self.expect(Tok::Comma)?;
        let bound = self.expr()?;
        self.expect(Tok::Comma)?;
        let predicate = Box::new(self.closure()?);
        self.expect(Tok::RParen)?;
        self.finish(word.span.start, ExprKind::Quantifier { kind, index_ty, bound, predicate })
    }

    /// `handle = "handle" , "[" , effect_ref , "]" , [ "(" , "@" , type , "=" , expr ,
    /// ")" ] , "{" , clause , { "," , clause } , "}" , "in" , block`
    fn handle(&mut self) -> Rule<ExprId> {
        let start = self.expect(Tok::Handle)?.span.start;
        self.expect(Tok::LBracket)?;
        let effect = self.effect_ref()?;
        self.expect(Tok::RBracket)?;
        let state = if self.at(Tok::LParen) { Some(self.handler_state()?) } else { None };
        self.expect(Tok::LBrace)?;
        let clauses = self.list(Self::handler_clause)?;
        self.expect(Tok::RBrace)?;
        self.expect(Tok::In)?;
        let body = self.block()?;
        let span = self.span_from(start);
        let handle = Handle { span, effect, state, clauses, body };
        Ok(self.expr_node(span, ExprKind::Handle(Box::new(handle))))
    }

    /// `"(" , "@" , type , "=" , expr , ")"`
    fn handler_state(&mut self) -> Rule<HandlerState> {
        let start = self.expect(Tok::LParen)?.span.start;
        let ty = self.binding()?;
        self.expect_split(Tok::Eq)?;
        let init = self.expr()?;
        self.expect(Tok::RParen)?;
        Ok(HandlerState { span: self.span_from(start), ty, init })
    }

    /// `clause = LOWER_IDENT , "(" , [ bindings ] , ")" , "->" , expr , [ "with" , "@" ,
    /// type , "=" , expr ]`
    fn handler_clause(&mut self) -> Rule<HandlerClause> {
        let op = self.lower(Role::Clause)?;
        self.expect(Tok::LParen)?;
        let params = if self.at(Tok::At) { self.bindings()? } else { Vec::new() };
        self.expect(Tok::RParen)?;
        self.expect(Tok::Arrow)?;
        let body = self.expr()?;
        let mut update = None;
        if self.eat(Tok::With) {
            let ty = self.binding()?;
            self.expect_split(Tok::Eq)?;
            update = Some((ty, self.expr()?));
        }
        let span: Span = self.span_from(op.span.start);
        Ok(HandlerClause { span, op, params, body, update })
    }
}
