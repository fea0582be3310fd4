//! Blocks and the constructs that are given lines of their own (language reference,
//! chapter 02 section 4).

use vera_syntax::ast::{Block, ExprId, ExprKind, Handle, HandlerClause, Stmt};
use vera_syntax::print::{inside_layer, stmt_value};

use crate::anchors;
use crate::printer::Printer;

/// An expression without the layers of braces around it.
struct Stripped {
    /// The lines of the layers, the outermost first.
    layers: Vec<usize>,
    expr: ExprId,
}

impl Printer<'_> {
    /// The contents of a block.
    pub(crate) fn block(&mut self, block: &Block, indent: usize) {
        let result_start = self.nodes[block.result].span.start;
        for (i, stmt) in block.stmts.iter().enumerate() {
            let next = block.stmts.get(i + 1).map_or(result_start, |next| next.span.start);
            self.statement(stmt, indent, i > 0);
            self.append(stmt.span.start, stmt.span.end, Some(next));
        }
        self.result(block.result, indent, !block.stmts.is_empty());
        let span = self.nodes[block.result].span;
        self.append(span.start, span.end, None);
    }

    fn statement(&mut self, stmt: &Stmt, indent: usize, gap: bool) {
        let line = self.line_of(stmt.span.start);
        let Stripped { layers, expr } = self.strip(stmt_value(stmt));
        let mut lines = vec![line];
        if !layers.is_empty() || self.is_construct(expr) {
            lines.extend(layers);
            lines.push(self.expr_line(expr));
        }
        self.start_item(indent, gap.then_some(line), &lines);
        let prefix = self.inline(|w| w.stmt_head(stmt));
        self.expanded(&prefix, expr, ";", indent);
    }

    /// The expression at the end of a block.
    fn result(&mut self, expr: ExprId, indent: usize, gap: bool) {
        let line = self.expr_line(expr);
        let Stripped { layers, expr: inner } = self.strip(expr);
        let mut lines = vec![line];
        let expr = if self.is_construct(inner) {
            lines.extend(layers);
            lines.push(self.expr_line(inner));
            inner
        } else {
            expr
        };
        self.start_item(indent, gap.then_some(line), &lines);
        self.expanded("", expr, "", indent);
    }

    /// An expression in a position where constructs take lines of their own,
    /// between the text before and after it.
    fn expanded(&mut self, prefix: &str, expr: ExprId, suffix: &str, indent: usize) {
        let nodes = self.nodes;
        match &nodes[expr].kind {
            ExprKind::If { cond, then, otherwise } => {
                let head = self.inline(|w| w.if_head(*cond));
                self.line(indent, &format!("{prefix}{head}{{"));
                self.block(then, indent + 1);
                self.line(indent, "} else {");
                self.block(otherwise, indent + 1);
            }
            ExprKind::Match { scrutinee, arms } => {
                let head = self.inline(|w| w.match_head(*scrutinee));
                self.line(indent, &format!("{prefix}{head} {{"));
                for i in 0..arms.len() {
                    let next = arms.get(i + 1).map(|arm| arm.span.start);
                    self.arm(&arms[i], indent + 1, i > 0, next);
                }
            }
            ExprKind::Handle(handle) => {
                self.handle(prefix, handle, indent);
            }
            ExprKind::Block(block) => {
                self.line(indent, &format!("{prefix}{{"));
                self.block(block, indent + 1);
            }
            _ => {
                let text = self.inline(|w| w.expr(expr));
                self.line(indent, &format!("{prefix}{text}{suffix}"));
                return;
            }
        }
        self.line(indent, &format!("}}{suffix}"));
    }

    /// One arm of an expanded match; `next` is where the following one starts.
    fn arm(&mut self, arm: &vera_syntax::ast::Arm, indent: usize, gap: bool, next: Option<u32>) {
        let line = self.line_of(arm.span.start);
        let Stripped { layers, expr } = self.strip(arm.body);
        let mut lines = vec![line];
        let inside = layers.is_empty() && matches!(self.nodes[expr].kind, ExprKind::Block(_));
        if !inside {
            // Comments at the outermost layer have no place here.
            lines.extend(layers.into_iter().skip(1));
            lines.push(self.expr_line(expr));
        }
        self.start_item(indent, gap.then_some(line), &lines);
        let prefix = self.inline(|w| {
            w.pattern(arm.pattern);
            w.text(" -> ");
        });
        let suffix = if next.is_some() { "," } else { "" };
        self.expanded(&prefix, expr, suffix, indent);
        self.append(arm.span.start, arm.span.end, next);
    }

    /// A handle up to the `}` that closes its body.
    fn handle(&mut self, prefix: &str, handle: &Handle, indent: usize) {
        let head = self.inline(|w| w.handle_head(handle));
        self.line(indent, &format!("{prefix}{head} {{"));
        for (i, clause) in handle.clauses.iter().enumerate() {
            let next = handle.clauses.get(i + 1).map(|clause| clause.span.start);
            self.clause(clause, indent + 1, i > 0, next);
        }
        self.line(indent, "} in {");
        self.block(&handle.body, indent + 1);
    }

    fn clause(&mut self, clause: &HandlerClause, indent: usize, gap: bool, next: Option<u32>) {
        let line = self.line_of(clause.span.start);
        let mut inside = anchors::value_anchors(self.nodes, &self.lines, clause.body);
        inside.insert(self.expr_line(clause.body));
        let mut lines = vec![line];
        lines.extend(inside);
        self.start_item(indent, gap.then_some(line), &lines);
        let mut text = self.inline(|w| w.handler_clause(clause));
        if next.is_some() {
            text.push(',');
        }
        self.line(indent, &text);
        self.append(clause.span.start, clause.span.end, next);
    }

    /// The line of an expression; that of a block is the line of its contents.
    fn expr_line(&self, expr: ExprId) -> usize {
        self.line_of(self.nodes[expr].span.start)
    }

    fn is_construct(&self, expr: ExprId) -> bool {
        matches!(
            self.nodes[expr].kind,
            ExprKind::If { .. } | ExprKind::Match { .. } | ExprKind::Handle(_)
        )
    }

    fn strip(&self, mut expr: ExprId) -> Stripped {
        let mut layers = Vec::new();
        while let Some(inner) = inside_layer(self.nodes, expr) {
            layers.push(self.expr_line(expr));
            expr = inner;
        }
        Stripped { layers, expr }
    }
}
