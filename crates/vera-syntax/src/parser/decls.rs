//! Modules, imports and declarations.

use vera_diagnostics::Span;

use super::{Parser, Rule};
use crate::ast::{
    AliasDecl, Block, Clause, ClauseKind, Constraint, CtorDecl, DataDecl, Decl, EffectRef,
    EffectRow, ExprId, FnDecl, Forall, ImportDecl, ModuleDecl, Name, OpDecl, OpSetDecl, Path,
    TopDecl, TypeId, Visibility,
};
use crate::continuation::Role;
use crate::labels;
use crate::token::{Tok, TokenSet};

/// Parameters and result of a function or closure.
pub(super) struct Signature {
    pub params: Vec<TypeId>,
    pub ret: TypeId,
}

impl Parser<'_> {
    /// `module_decl = "module" , path , ";"`
    pub(super) fn module_decl(&mut self) -> Rule<ModuleDecl> {
        let start = self.expect(Tok::Module)?.span.start;
        let path = self.path()?;
        self.expect(Tok::Semi)?;
        Ok(ModuleDecl { span: self.span_from(start), path })
    }

    /// `import_decl = "import" , path , [ "(" , name , { "," , name } , ")" ] , ";"`
    pub(super) fn import_decl(&mut self) -> Rule<ImportDecl> {
        let start = self.expect(Tok::Import)?.span.start;
        let path = self.path()?;
        let mut names = None;
        if self.eat(Tok::LParen) {
            names = Some(self.list(Self::name)?);
            self.expect(Tok::RParen)?;
        }
        self.expect(Tok::Semi)?;
        Ok(ImportDecl { span: self.span_from(start), path, names })
    }

    /// `path = LOWER_IDENT , { "." , LOWER_IDENT }`
    fn path(&mut self) -> Rule<Path> {
        let start = self.start();
        let mut segments = vec![self.lower(Role::Module)?];
        while self.eat(Tok::Dot) {
            segments.push(self.lower(Role::Module)?);
        }
        Ok(Path { segments, span: self.span_from(start) })
    }

    /// `name = LOWER_IDENT | UPPER_IDENT`
    fn name(&mut self) -> Rule<Name> {
        if self.at(Tok::Upper) { self.upper(Role::Imported) } else { self.lower(Role::Imported) }
    }

    /// `top_decl = [ visibility ] , ( fn_decl | data_decl ) | type_decl | effect_decl | ability_decl`
    pub(super) fn top_decl(&mut self) -> Rule<TopDecl> {
        let start = self.start();
        let visibility = self.visibility();
        let decl = if self.at(Tok::Fn) || self.at(Tok::Forall) {
            Decl::Fn(self.fn_decl()?)
        } else if self.at(Tok::Data) {
            Decl::Data(self.data_decl()?)
        } else if visibility.is_some() {
            return self.unexpected();
        } else if self.at(Tok::Type) {
            Decl::Alias(self.type_decl()?)
        } else if self.at(Tok::Effect) {
            Decl::Effect(self.op_set_decl(Tok::Effect)?)
        } else if self.at(Tok::Ability) {
            Decl::Ability(self.op_set_decl(Tok::Ability)?)
        } else {
            return self.unexpected();
        };
        Ok(TopDecl { span: self.span_from(start), visibility, decl })
    }

    /// `visibility = "public" | "private"`
    fn visibility(&mut self) -> Option<Visibility> {
        if self.eat(Tok::Public) {
            Some(Visibility::Public)
        } else if self.eat(Tok::Private) {
            Some(Visibility::Private)
        } else {
            None
        }
    }

    /// `fn_decl = [ forall_clause ] , "fn" , LOWER_IDENT , signature , contract ,
    /// { contract } , effects_clause , block , [ where_block ]`
    fn fn_decl(&mut self) -> Rule<FnDecl> {
        let (start, first, known) = (self.start(), self.at, self.errors.len());
        let forall = if self.at(Tok::Forall) { Some(self.forall_clause()?) } else { None };
        self.expect(Tok::Fn)?;
        let name = self.lower(Role::New)?;
        let signature_start = self.start();
        let Signature { params, ret } = self.signature()?;
        let signature_span = self.span_from(signature_start);
        let mut clauses = Vec::new();
        let mut effects = EffectRow { span: signature_span, effects: Vec::new() };
        let mut helpers = Vec::new();
        let mut where_span = None;
        let rest = self.fn_rest(&mut clauses, &mut effects, &mut helpers, &mut where_span);
        let body = match rest {
            Ok(body) => body,
            // Name and type are known, so that calls are no mistakes.
            Err(_) if self.helpers_around == 0 => {
                self.keep_first_failure(known);
                self.skip_declaration(first);
                helpers.clear();
                let result = self.error_node(self.last_end);
                Block { span: self.nodes[result].span, stmts: Vec::new(), result }
            }
            Err(stop) => return Err(stop),
        };
        let slots: Vec<_> =
            params.iter().chain([&ret]).map(|slot| self.nodes[*slot].span).collect();
        let mut param_labels =
            labels::take_labels(self.text, &mut self.comments, &slots, signature_span.end);
        let ret_label = param_labels.pop().flatten();
        Ok(FnDecl {
            span: self.span_from(start),
            forall,
            name,
            params,
            ret,
            signature_span,
            clauses,
            effects,
            body,
            helpers,
            where_span,
            param_labels,
            ret_label,
        })
    }

    /// What follows the signature: contract, effects, body and helpers. What was read before
    /// an error is there.
    fn fn_rest(
        &mut self,
        clauses: &mut Vec<Clause>,
        effects: &mut EffectRow,
        helpers: &mut Vec<FnDecl>,
        where_span: &mut Option<Span>,
    ) -> Rule<Block> {
        self.contracts(clauses)?;
        *effects = self.effects_clause()?;
        let body = self.block()?;
        let start = self.start();
        if self.eat(Tok::Where) {
            self.helpers_around += 1;
            let read = self.where_block();
            self.helpers_around -= 1;
            *helpers = read?;
            *where_span = Some(self.span_from(start));
        }
        Ok(body)
    }

    /// `forall_clause = "forall" , "<" , tyvars , [ "where" , constraint , { "," ,
    /// constraint } ] , ">"`
    fn forall_clause(&mut self) -> Rule<Forall> {
        let start = self.expect(Tok::Forall)?.span.start;
        self.expect_split(Tok::Lt)?;
        let vars = self.list(|p| p.upper(Role::New))?;
        let constraints =
            if self.eat(Tok::Where) { self.list(Self::constraint)? } else { Vec::new() };
        self.expect_split(Tok::Gt)?;
        Ok(Forall { span: self.span_from(start), vars, constraints })
    }

    /// `constraint = UPPER_IDENT , "<" , UPPER_IDENT , ">"`
    fn constraint(&mut self) -> Rule<Constraint> {
        let ability = self.upper(Role::Ability)?;
        self.expect_split(Tok::Lt)?;
        let var = self.upper(Role::TypeVariable)?;
        self.expect_split(Tok::Gt)?;
        Ok(Constraint { span: self.span_from(ability.span.start), ability, var })
    }

    /// `signature = "(" , [ bindings ] , "->" , "@" , type , ")"`
    pub(super) fn signature(&mut self) -> Rule<Signature> {
        self.expect(Tok::LParen)?;
        let mut params = Vec::new();
        if self.at(Tok::At) {
            params = self.list_before(Tok::Arrow, Self::binding, Self::error_type)?;
        }
        self.expect(Tok::Arrow)?;
        let (from, start) = (self.at, self.start());
        let ret = match self.binding() {
            Ok(ret) => ret,
            Err(_) => {
                self.resume(from, TokenSet::of(&[Tok::RParen]))?;
                self.error_type(start)
            }
        };
        self.expect(Tok::RParen)?;
        Ok(Signature { params, ret })
    }

    /// `bindings = "@" , type , { "," , "@" , type }`
    pub(super) fn bindings(&mut self) -> Rule<Vec<TypeId>> {
        self.list(Self::binding)
    }

    /// `"@" , type`
    pub(super) fn binding(&mut self) -> Rule<TypeId> {
        self.expect(Tok::At)?;
        self.ty()
    }

    /// `contract , { contract }`
    fn contracts(&mut self, clauses: &mut Vec<Clause>) -> Rule<()> {
        loop {
            let start = self.start();
            let kind = if self.at(Tok::Requires) {
                ClauseKind::Requires(self.in_parens(Self::claim)?)
            } else if self.at(Tok::Ensures) {
                ClauseKind::Ensures(self.in_parens(Self::claim)?)
            } else if self.at(Tok::Decreases) {
                let measures =
                    |p: &mut Self| p.list_before(Tok::RParen, Self::expr, Self::error_node);
                ClauseKind::Decreases(self.in_parens(measures)?)
            } else if !clauses.is_empty() && self.at(Tok::Effects) {
                return Ok(());
            } else {
                return self.unexpected();
            };
            clauses.push(Clause { span: self.span_from(start), kind });
        }
    }

    /// An expression in parentheses.
    fn claim(&mut self) -> Rule<ExprId> {
        self.expr_before(TokenSet::of(&[Tok::RParen]))
    }

    /// A keyword, which is current, and its argument: `word , "(" , rule , ")"`.
    pub(super) fn in_parens<T>(&mut self, rule: fn(&mut Self) -> Rule<T>) -> Rule<T> {
        self.bump();
        self.expect(Tok::LParen)?;
        let inner = rule(self)?;
        self.expect(Tok::RParen)?;
        Ok(inner)
    }

    /// `effects_clause = "effects" , "(" , effect_row , ")"`
    pub(super) fn effects_clause(&mut self) -> Rule<EffectRow> {
        if !self.at(Tok::Effects) {
            return self.unexpected();
        }
        self.in_parens(Self::effect_row)
    }

    /// `effect_row = "pure" | "<" , effect_ref , { "," , effect_ref } , ">"`
    fn effect_row(&mut self) -> Rule<EffectRow> {
        let start = self.start();
        let mut effects = Vec::new();
        if !self.eat(Tok::Pure) {
            self.expect_split(Tok::Lt)?;
            effects = self.list(Self::effect_ref)?;
            self.expect_split(Tok::Gt)?;
        }
        Ok(EffectRow { span: self.span_from(start), effects })
    }

    /// `effect_ref = UPPER_IDENT , [ "." , UPPER_IDENT ] , [ type_args ]`
    pub(super) fn effect_ref(&mut self) -> Rule<EffectRef> {
        let start = self.start();
        let mut name = self.upper(Role::Effect)?;
        let mut qualifier = None;
        if self.eat(Tok::Dot) {
            qualifier = Some(std::mem::replace(&mut name, self.upper(Role::Effect)?));
        }
        let args = self.type_args()?;
        Ok(EffectRef { span: self.span_from(start), qualifier, name, args })
    }

    /// `where_block = "where" , "{" , fn_decl , { fn_decl } , "}"`, the word being
    /// taken.
    fn where_block(&mut self) -> Rule<Vec<FnDecl>> {
        self.expect(Tok::LBrace)?;
        let mut helpers = vec![self.helper()?];
        while !self.eat(Tok::RBrace) {
            helpers.push(self.helper()?);
        }
        Ok(helpers)
    }

    fn helper(&mut self) -> Rule<FnDecl> {
        if self.at(Tok::Forall) || self.at(Tok::Fn) {
            self.nested(Self::fn_decl)
        } else {
            self.unexpected()
        }
    }

    /// `data_decl = "data" , UPPER_IDENT , [ type_params ] , [ "invariant" , "(" ,
    /// expr , ")" ] , "{" , ctor , { "," , ctor } , "}"`
    fn data_decl(&mut self) -> Rule<DataDecl> {
        let start = self.expect(Tok::Data)?.span.start;
        let name = self.upper(Role::New)?;
        let params = self.type_params()?;
        let invariant =
            if self.at(Tok::Invariant) { Some(self.in_parens(Self::expr)?) } else { None };
        self.expect(Tok::LBrace)?;
        let ctors = self.list(Self::ctor)?;
        self.expect(Tok::RBrace)?;
        Ok(DataDecl { span: self.span_from(start), name, params, invariant, ctors })
    }

    /// `type_params = "<" , tyvars , ">"`, empty when absent
    fn type_params(&mut self) -> Rule<Vec<Name>> {
        if !self.eat_split(Tok::Lt) {
            return Ok(Vec::new());
        }
        let params = self.list(|p| p.upper(Role::New))?;
        self.expect_split(Tok::Gt)?;
        Ok(params)
    }

    /// `ctor = UPPER_IDENT , [ "(" , type , { "," , type } , ")" ]`
    fn ctor(&mut self) -> Rule<CtorDecl> {
        let name = self.upper(Role::New)?;
        let mut fields = Vec::new();
        if self.eat(Tok::LParen) {
            fields = self.list(Self::ty)?;
            self.expect(Tok::RParen)?;
        }
        Ok(CtorDecl { span: self.span_from(name.span.start), name, fields })
    }

    /// `type_decl = "type" , UPPER_IDENT , [ type_params ] , "=" , type , ";"`
    fn type_decl(&mut self) -> Rule<AliasDecl> {
        let start = self.expect(Tok::Type)?.span.start;
        let name = self.upper(Role::New)?;
        let params = self.type_params()?;
        self.expect_split(Tok::Eq)?;
        let ty = self.ty()?;
        self.expect(Tok::Semi)?;
        Ok(AliasDecl { span: self.span_from(start), name, params, ty })
    }

    /// `( "effect" | "ability" ) , UPPER_IDENT , [ type_params ] , "{" , op_decl ,
    /// { op_decl } , "}"`
    fn op_set_decl(&mut self, word: Tok) -> Rule<OpSetDecl> {
        let start = self.expect(word)?.span.start;
        let name = self.upper(Role::New)?;
        let params = self.type_params()?;
        self.expect(Tok::LBrace)?;
        let mut ops = vec![self.op_decl()?];
        while !self.eat(Tok::RBrace) {
            ops.push(self.op_decl()?);
        }
        Ok(OpSetDecl { span: self.span_from(start), name, params, ops })
    }

    /// `op_decl = "op" , LOWER_IDENT , "(" , [ types ] , "->" , type , ")" , ";"`
    fn op_decl(&mut self) -> Rule<OpDecl> {
        let start = self.expect(Tok::Op)?.span.start;
        let name = self.lower(Role::New)?;
        let (params, ret) = self.op_signature()?;
        self.expect(Tok::Semi)?;
        Ok(OpDecl { span: self.span_from(start), name, params, ret })
    }
}
