//! Blocks and statements.

use super::{Parser, Rule, Stop};
use crate::ast::{Block, ExprId, Stmt, StmtKind};
use crate::continuation::Role;
use crate::token::{Tok, TokenSet};

/// Where a block goes on after a statement that fails.
const BEHIND_STATEMENT: TokenSet = TokenSet::of(&[Tok::Semi, Tok::RBrace, Tok::Let]);

/// What a block goes on with: a statement, or the expression that ends it.
enum Item {
    Stmt(Stmt),
    Result(ExprId),
}

impl Parser<'_> {
    /// `block = "{" , { statement } , expr , "}"`
    pub(super) fn block(&mut self) -> Rule<Block> {
        self.expect(Tok::LBrace)?;
        let start = self.start();
        let mut stmts = Vec::new();
        loop {
            let (first, item_start, known) = (self.at, self.start(), self.errors.len());
            let item = self.block_item();
            if let Ok(Item::Result(result)) = item {
                let span = self.span_from(start);
                if self.eat(Tok::RBrace) {
                    return Ok(Block { span, stmts, result });
                }
                let Err(_) = self.unexpected::<()>() else { continue };
            }
            if let Ok(Item::Stmt(stmt)) = item {
                stmts.push(stmt);
                continue;
            }
            // A `let` that fails at once is not where to go on.
            if self.at == first && self.current.kind == Tok::Let {
                self.bump();
            }
            // A statement has one mistake.
            if self.errors.len() > known {
                self.failure = None;
            }
            self.resume(first, BEHIND_STATEMENT)?;
            let error = self.error_node(item_start);
            if self.eat(Tok::RBrace) {
                return Ok(Block { span: self.span_from(start), stmts, result: error });
            }
            self.eat(Tok::Semi);
            let span = self.span_from(item_start);
            stmts.push(Stmt { span, kind: StmtKind::Expr(error) });
        }
    }

    /// `statement`, or an expression without its `;`
    fn block_item(&mut self) -> Rule<Item> {
        let start = self.start();
        let kind = if self.eat(Tok::Let) {
            self.let_statement()?
        } else {
            let expr = self.expr()?;
            if !self.eat(Tok::Semi) {
                return Ok(Item::Result(expr));
            }
            StmtKind::Expr(expr)
        };
        Ok(Item::Stmt(Stmt { span: self.span_from(start), kind }))
    }

    /// `"@" , type , "=" , expr , ";" | UPPER_IDENT , "<" , bindings , ">" , "=" ,
    /// expr , ";"`, after the `let`
    fn let_statement(&mut self) -> Rule<StmtKind> {
        if self.at(Tok::At) {
            let ty = self.binding()?;
            let value = self.let_value()?;
            return Ok(StmtKind::Let { ty, value });
        }
        let head = self.upper(Role::Constructor)?;
        self.expect_split(Tok::Lt)?;
        let binders = self.bindings()?;
        self.expect_split(Tok::Gt)?;
        let value = self.let_value()?;
        Ok(StmtKind::Destructure { head, binders, value })
    }

    /// `"=" , expr , ";"`
    fn let_value(&mut self) -> Rule<ExprId> {
        self.expect_split(Tok::Eq)?;
        let value = self.expr()?;
        if self.expect(Tok::Semi).is_err() {
            // Where the next statement begins, only the `;` is missing.
            if self.current.kind != Tok::Let {
                return Err(Stop);
            }
            self.keep_failure();
        }
        Ok(value)
    }
}
