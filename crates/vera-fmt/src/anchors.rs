//! The source lines that comments attach to (language reference, chapter 02
//! section 7.3).

use std::collections::BTreeSet;

use vera_syntax::ast::{Block, Decl, ExprId, ExprKind, FnDecl, Nodes, Program};
use vera_syntax::print::stmt_value;

use crate::lines::Lines;

/// All anchors of a file.
pub(crate) fn anchors(program: &Program, lines: &Lines) -> BTreeSet<usize> {
    let mut anchors = Anchors { nodes: &program.nodes, lines, found: BTreeSet::new() };
    if let Some(module) = &program.module {
        anchors.add(module.span.start);
    }
    for import in &program.imports {
        anchors.add(import.span.start);
    }
    for top in &program.decls {
        anchors.add(top.span.start);
        match &top.decl {
            Decl::Fn(decl) => anchors.function(decl),
            Decl::Data(decl) => decl.ctors.iter().for_each(|ctor| anchors.add(ctor.span.start)),
            Decl::Effect(decl) | Decl::Ability(decl) => {
                decl.ops.iter().for_each(|op| anchors.add(op.span.start));
            }
            Decl::Alias(_) => {}
        }
    }
    anchors.found
}

/// The anchors inside an expression, in ascending order.
pub(crate) fn value_anchors(nodes: &Nodes, lines: &Lines, expr: ExprId) -> BTreeSet<usize> {
    let mut anchors = Anchors { nodes, lines, found: BTreeSet::new() };
    anchors.value(expr);
    anchors.found
}

struct Anchors<'t> {
    nodes: &'t Nodes,
    lines: &'t Lines,
    found: BTreeSet<usize>,
}

impl Anchors<'_> {
    fn add(&mut self, offset: u32) {
        self.found.insert(self.lines.of(offset as usize));
    }

    fn expr(&mut self, expr: ExprId) {
        self.add(self.nodes[expr].span.start);
    }

    fn function(&mut self, decl: &FnDecl) {
        for clause in &decl.clauses {
            self.add(clause.span.start);
        }
        self.add(decl.effects.span.start);
        self.block(&decl.body);
        if let Some(span) = decl.where_span {
            self.add(span.start);
        }
        for helper in &decl.helpers {
            self.add(helper.span.start);
            self.function(helper);
        }
    }

    fn block(&mut self, block: &Block) {
        for stmt in &block.stmts {
            self.add(stmt.span.start);
            self.value(stmt_value(stmt));
        }
        self.expr(block.result);
        self.value(block.result);
    }

    fn value(&mut self, expr: ExprId) {
        match &self.nodes[expr].kind {
            ExprKind::Block(block) => self.block(block),
            ExprKind::If { then, otherwise, .. } => {
                self.expr(expr);
                self.block(then);
                self.block(otherwise);
            }
            ExprKind::Match { arms, .. } => {
                self.expr(expr);
                for arm in arms {
                    self.add(arm.span.start);
                    self.expr(arm.body);
                    self.value(arm.body);
                }
            }
            ExprKind::Handle(handle) => {
                self.expr(expr);
                for clause in &handle.clauses {
                    self.add(clause.span.start);
                    self.expr(clause.body);
                    self.value(clause.body);
                }
                self.block(&handle.body);
            }
            _ => {}
        }
    }
}
