//! Types.

use vera_diagnostics::Span;

use super::{Parser, Rule};
use crate::ast::{TypeExpr, TypeId, TypeKind};
use crate::continuation::Role;
use crate::token::Tok;

impl Parser<'_> {
    /// `type = UPPER_IDENT , [ type_args ] | fn_type | refined_type`
    pub(super) fn ty(&mut self) -> Rule<TypeId> {
        self.nested(Self::ty_here)
    }

    fn ty_here(&mut self) -> Rule<TypeId> {
        self.roles.insert(Role::Type);
        if self.at(Tok::Upper) {
            self.named_type(Role::Type)
        } else if self.at(Tok::Fn) {
            self.fn_type()
        } else if self.at(Tok::LBrace) {
            self.refined_type()
        } else {
            self.unexpected()
        }
    }

    fn type_node(&mut self, start: u32, kind: TypeKind) -> TypeId {
        let span = self.span_from(start);
        self.nodes.add_type(TypeExpr { span, kind })
    }

    /// Stands for a type that could not be read.
    pub(super) fn error_type(&mut self, start: u32) -> TypeId {
        let span = Span::new(start, self.last_end.max(start));
        self.nodes.add_type(TypeExpr { span, kind: TypeKind::Error })
    }

    /// `UPPER_IDENT , [ type_args ]`
    pub(super) fn named_type(&mut self, role: Role) -> Rule<TypeId> {
        let name = self.upper(role)?;
        let args = self.type_args()?;
        Ok(self.type_node(name.span.start, TypeKind::Named { name, args }))
    }

    /// `type_args = "<" , types , ">"`, empty when absent
    pub(super) fn type_args(&mut self) -> Rule<Vec<TypeId>> {
        if !self.eat_split(Tok::Lt) {
            return Ok(Vec::new());
        }
        let args = self.list(Self::ty)?;
        self.expect_split(Tok::Gt)?;
        Ok(args)
    }

    /// `"fn" , "(" , [ types ] , "->" , type , ")" , effects_clause`
    fn fn_type(&mut self) -> Rule<TypeId> {
        let start = self.expect(Tok::Fn)?.span.start;
        let (params, ret) = self.op_signature()?;
        let effects = self.effects_clause()?;
        Ok(self.type_node(start, TypeKind::Fn { params, ret, effects }))
    }

    /// `"(" , [ types ] , "->" , type , ")"`, as operations and function types have it
    pub(super) fn op_signature(&mut self) -> Rule<(Vec<TypeId>, TypeId)> {
        self.expect(Tok::LParen)?;
        let mut params = Vec::new();
        if !self.eat(Tok::Arrow) {
            params = self.list(Self::ty)?;
            self.expect(Tok::Arrow)?;
        }
        let ret = self.ty()?;
        self.expect(Tok::RParen)?;
        Ok((params, ret))
    }

    /// `"{" , "@" , type , "|" , expr , "}"`
    fn refined_type(&mut self) -> Rule<TypeId> {
        let start = self.expect(Tok::LBrace)?.span.start;
        let base = self.binding()?;
        self.expect_split(Tok::Bar)?;
        let predicate = self.expr()?;
        self.expect(Tok::RBrace)?;
        Ok(self.type_node(start, TypeKind::Refined { base, predicate }))
    }
}
