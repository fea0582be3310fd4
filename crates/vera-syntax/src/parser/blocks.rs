//! Blocks and statements.

use super::{Parser, Rule};
use crate::ast::{Block, ExprId, Stmt, StmtKind};
use crate::token::Tok;

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
            match self.block_item()? {
                Item::Stmt(stmt) => stmts.push(stmt),
                Item::Result(result) => {
                    let span = self.span_from(start);
                    self.expect(Tok::RBrace)?;
                    return Ok(Block { span, stmts, result });
                }
            }
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
        let head = self.upper()?;
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
        self.expect(Tok::Semi)?;
        Ok(value)
    }
}
