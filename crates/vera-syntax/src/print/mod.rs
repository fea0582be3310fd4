//! Everything that is printed on one line: expressions, types, patterns, rows
//! (language reference, chapter 02 sections 2 and 5). The formatter and every
//! message that shows a piece of a program write it this way.

mod literals;
mod types;

use crate::ast::{
    BinaryOp, Block, Closure, EffectRef, ExprId, ExprKind, Forall, Handle, HandlerClause,
    InterpolPart, Name, Nodes, Quantifier, Stmt, StmtKind, TypeId, UnaryOp,
};

pub use literals::{encode, float, float_value, string_value};

/// Writes nodes on one line.
pub struct Inline<'t> {
    pub nodes: &'t Nodes,
    pub out: String,
    /// What is written instead of a slot, where it says so.
    pub slot: Option<&'t dyn Fn(TypeId, u32) -> Option<&'static str>>,
}

/// The text that `write` produces.
///
/// ```
/// use vera_syntax::{ast::Decl, print};
/// let parsed = vera_syntax::parse("type P={@Int|(@Int.0)>match 1{_->{0}}};");
/// let Decl::Alias(alias) = &parsed.program.decls[0].decl else { unreachable!() };
/// let text = print::inline(&parsed.program.nodes, |w| w.ty(alias.ty));
/// assert_eq!(text, "{ @Int | @Int.0 > match 1 { _ -> 0 } }");
/// ```
pub fn inline(nodes: &Nodes, write: impl FnOnce(&mut Inline<'_>)) -> String {
    let mut inline = Inline { nodes, out: String::new(), slot: None };
    write(&mut inline);
    inline.out
}

/// An expression on one line.
pub fn expr(nodes: &Nodes, id: ExprId) -> String {
    inline(nodes, |w| w.expr(id))
}

/// Whether an operator and its operand are parenthesised as a pair.
fn level(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Implies => 2,
        BinaryOp::Or => 3,
        BinaryOp::And => 4,
        BinaryOp::Eq | BinaryOp::Ne => 5,
        BinaryOp::Lt | BinaryOp::Gt | BinaryOp::Le | BinaryOp::Ge => 6,
        BinaryOp::Add | BinaryOp::Sub => 7,
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => 8,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// Whether a binary expression is parenthesised as an operand of `parent`.
fn binary_in_binary(child: BinaryOp, parent: BinaryOp, side: Side) -> bool {
    let (child, level) = (level(child), level(parent));
    let same = match level {
        5 | 6 => true,
        _ if parent == BinaryOp::Implies => side == Side::Left,
        _ => side == Side::Right,
    };
    child < level || child == level && same
}

impl Inline<'_> {
    pub fn text(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn name(&mut self, name: &Name) {
        self.text(&name.text);
    }

    /// `name(@A, @B -> @C)`, as messages name a function; without parameters
    /// `name( -> @C)`.
    pub fn signature(&mut self, name: &str, params: &[TypeId], ret: TypeId) {
        self.text(name);
        self.text("(");
        self.binders(params);
        self.text(" -> ");
        self.binder(ret);
        self.text(")");
    }

    /// Items with `, ` between them.
    pub fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.text(", ");
            }
            write(self, item);
        }
    }

    pub fn names(&mut self, names: &[Name]) {
        self.list(names, |w, name| w.name(name));
    }

    /// `<T, U>`, or nothing.
    pub fn type_params(&mut self, params: &[Name]) {
        if !params.is_empty() {
            self.text("<");
            self.names(params);
            self.text(">");
        }
    }

    /// `forall<T, U where Eq<T>> `
    pub fn forall(&mut self, forall: &Forall) {
        self.text("forall<");
        self.names(&forall.vars);
        if !forall.constraints.is_empty() {
            self.text(" where ");
            self.list(&forall.constraints, |w, c| {
                w.name(&c.ability);
                w.text("<");
                w.name(&c.var);
                w.text(">");
            });
        }
        self.text("> ");
    }

    // Expressions.

    fn string(&mut self, text: &str) {
        self.text(&string_value(text));
    }

    fn bool(&mut self, value: bool) {
        self.text(if value { "true" } else { "false" });
    }

    /// An expression.
    ///
    /// Chains of operators are written by walking down their left side first, so
    /// that their length does not matter.
    pub fn expr(&mut self, id: ExprId) {
        let mut chain = Vec::new();
        let mut leftmost = id;
        while let Some(left) = self.left_operand(leftmost) {
            let parens = self.left_parens(leftmost, left);
            if parens {
                self.text("(");
            }
            chain.push((leftmost, parens));
            leftmost = left;
        }
        self.operand(leftmost);
        for (node, parens) in chain.into_iter().rev() {
            if parens {
                self.text(")");
            }
            self.right_of_operator(node);
        }
    }

    /// The operand an expression's text starts with, if it is an operator,
    /// index or pipe.
    fn left_operand(&self, id: ExprId) -> Option<ExprId> {
        match &self.nodes[id].kind {
            ExprKind::Binary { left, .. } => Some(*left),
            ExprKind::Index { array, .. } => Some(*array),
            ExprKind::Call { args, stage: Some(_), .. }
            | ExprKind::CtorCall { args, stage: Some(_), .. }
            | ExprKind::OpCall { args, stage: Some(_), .. }
            | ExprKind::ModuleCall { args, stage: Some(_), .. } => args.first().copied(),
            _ => None,
        }
    }

    fn left_parens(&self, parent: ExprId, child: ExprId) -> bool {
        match &self.nodes[parent].kind {
            ExprKind::Binary { op, .. } => self.parens_in_binary(child, *op, Side::Left),
            ExprKind::Index { .. } => {
                self.is_pipe(child)
                    || matches!(
                        self.nodes[child].kind,
                        ExprKind::Binary { .. }
                            | ExprKind::Unary { .. }
                            | ExprKind::If { .. }
                            | ExprKind::Match { .. }
                            | ExprKind::Handle(_)
                            | ExprKind::Closure(_)
                            | ExprKind::Block(_)
                    )
            }
            _ => false,
        }
    }

    fn parens_in_binary(&self, child: ExprId, parent: BinaryOp, side: Side) -> bool {
        match &self.nodes[child].kind {
            ExprKind::Binary { op, .. } => binary_in_binary(*op, parent, side),
            _ => self.is_pipe(child),
        }
    }

    fn is_pipe(&self, id: ExprId) -> bool {
        matches!(
            self.nodes[id].kind,
            ExprKind::Call { stage: Some(_), .. }
                | ExprKind::CtorCall { stage: Some(_), .. }
                | ExprKind::OpCall { stage: Some(_), .. }
                | ExprKind::ModuleCall { stage: Some(_), .. }
        )
    }

    fn parenthesised(&mut self, parens: bool, id: ExprId) {
        if parens {
            self.text("(");
        }
        self.expr(id);
        if parens {
            self.text(")");
        }
    }

    /// What follows the left operand of `id`.
    fn right_of_operator(&mut self, id: ExprId) {
        let nodes = self.nodes;
        match &nodes[id].kind {
            ExprKind::Binary { op, right, .. } => {
                self.text(" ");
                self.text(op.as_str());
                self.text(" ");
                let parens = self.parens_in_binary(*right, *op, Side::Right);
                self.parenthesised(parens, *right);
            }
            ExprKind::Index { index, .. } => {
                self.text("[");
                self.expr(*index);
                self.text("]");
            }
            _ => {
                self.text(" |> ");
                self.call(id, 1);
            }
        }
    }

    /// A call, without its first `skip` arguments.
    fn call(&mut self, id: ExprId, skip: usize) {
        let nodes = self.nodes;
        let args = match &nodes[id].kind {
            ExprKind::Call { name, args, .. } | ExprKind::CtorCall { name, args, .. } => {
                self.name(name);
                args
            }
            ExprKind::OpCall { qualifier, name, args, .. } => {
                self.name(qualifier);
                self.text(".");
                self.name(name);
                args
            }
            ExprKind::ModuleCall { path, name, args, .. } => {
                self.text(&path.dotted());
                self.text("::");
                self.name(name);
                args
            }
            _ => return,
        };
        self.text("(");
        self.exprs(args.get(skip..).unwrap_or_default());
        self.text(")");
    }

    fn exprs(&mut self, exprs: &[ExprId]) {
        self.list(exprs, |w, expr| w.expr(*expr));
    }

    /// An expression that is no binary operator, index or pipe.
    fn operand(&mut self, id: ExprId) {
        let nodes = self.nodes;
        match &nodes[id].kind {
            ExprKind::Int(digits) => self.text(digits),
            ExprKind::Float(literal) => self.text(&literals::float(literal)),
            ExprKind::Str(text) => self.string(text),
            ExprKind::Bool(value) => self.bool(*value),
            ExprKind::Unit => self.text("()"),
            ExprKind::Hole => self.text("?"),
            ExprKind::Interpolated(parts) => self.interpolated(parts),
            ExprKind::Array(elements) => {
                self.text("[");
                self.exprs(elements);
                self.text("]");
            }
            ExprKind::Slot { ty, index } => match self.slot.and_then(|slot| slot(*ty, *index)) {
                Some(text) => self.text(text),
                None => {
                    self.binder(*ty);
                    self.text(&format!(".{index}"));
                }
            },
            ExprKind::Result { ty } => {
                self.binder(*ty);
                self.text(".result");
            }
            ExprKind::Unary { .. } => self.unary(id),
            ExprKind::Call { .. }
            | ExprKind::CtorCall { .. }
            | ExprKind::OpCall { .. }
            | ExprKind::ModuleCall { .. } => self.call(id, 0),
            ExprKind::Ctor { name } => self.name(name),
            ExprKind::Closure(closure) => self.closure(closure),
            ExprKind::If { cond, then, otherwise } => {
                self.if_head(*cond);
                self.braces(then);
                self.text(" else ");
                self.braces(otherwise);
            }
            ExprKind::Match { scrutinee, arms } => {
                self.match_head(*scrutinee);
                self.text(" { ");
                self.list(arms, |w, arm| {
                    w.pattern(arm.pattern);
                    w.text(" -> ");
                    w.expr(strip_layers(w.nodes, arm.body));
                });
                self.text(" }");
            }
            ExprKind::Block(block) => self.braces(block),
            ExprKind::Handle(handle) => {
                self.handle_head(handle);
                self.text(" { ");
                self.list(&handle.clauses, |w, clause| w.handler_clause(clause));
                self.text(" } in ");
                self.braces(&handle.body);
            }
            ExprKind::Old(effect) => self.state_form("old", effect),
            ExprKind::New(effect) => self.state_form("new", effect),
            ExprKind::Assert(claim) => self.claim("assert", *claim),
            ExprKind::Assume(claim) => self.claim("assume", *claim),
            ExprKind::Quantifier { kind, index_ty, bound, predicate } => {
                self.text(match kind {
                    Quantifier::Forall => "forall(",
                    Quantifier::Exists => "exists(",
                });
                self.binder(*index_ty);
                self.text(", ");
                self.expr(*bound);
                self.text(", ");
                self.closure(predicate);
                self.text(")");
            }
            ExprKind::Binary { .. } | ExprKind::Index { .. } | ExprKind::Error => {}
        }
    }

    fn unary(&mut self, id: ExprId) {
        let nodes = self.nodes;
        let mut closers = 0;
        let mut id = id;
        while let ExprKind::Unary { op, operand } = &nodes[id].kind {
            self.text(op.as_str());
            let parens = match &nodes[*operand].kind {
                ExprKind::Binary { .. } => true,
                ExprKind::Unary { op: inner, .. } => *op == UnaryOp::Neg && *inner == UnaryOp::Neg,
                _ => self.is_pipe(*operand),
            };
            if parens {
                self.text("(");
                closers += 1;
            }
            id = *operand;
        }
        self.expr(id);
        self.out.extend(std::iter::repeat_n(')', closers));
    }

    fn interpolated(&mut self, parts: &[InterpolPart]) {
        self.text("\"");
        for part in parts {
            match part {
                InterpolPart::Text(text) => literals::encode(&mut self.out, text),
                InterpolPart::Expr(expr) => {
                    self.text("\\(");
                    self.expr(*expr);
                    self.text(")");
                }
            }
        }
        self.text("\"");
    }

    fn state_form(&mut self, word: &str, effect: &EffectRef) {
        self.text(word);
        self.text("(");
        self.effect_ref(effect);
        self.text(")");
    }

    fn claim(&mut self, word: &str, claim: ExprId) {
        self.text(word);
        self.text("(");
        self.expr(claim);
        self.text(")");
    }

    fn closure(&mut self, closure: &Closure) {
        self.text("fn(");
        self.binders(&closure.params);
        self.text(if closure.params.is_empty() { "-> " } else { " -> " });
        self.binder(closure.ret);
        self.text(") ");
        self.effects(&closure.effects);
        self.text(" ");
        self.braces(&closure.body);
    }

    /// `{ s1; s2; e }`
    fn braces(&mut self, block: &Block) {
        self.text("{ ");
        for stmt in &block.stmts {
            self.stmt_head(stmt);
            self.expr(stmt_value(stmt));
            self.text("; ");
        }
        self.expr(block.result);
        self.text(" }");
    }

    // Pieces that the expanded forms share.

    /// `let @T = `, `let C<@A> = ` or nothing.
    pub fn stmt_head(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Let { ty, .. } => {
                self.text("let ");
                self.binder(*ty);
                self.text(" = ");
            }
            StmtKind::Destructure { head, binders, .. } => {
                self.text("let ");
                self.name(head);
                self.text("<");
                self.binders(binders);
                self.text("> = ");
            }
            StmtKind::Expr(_) => {}
        }
    }

    /// `if COND then `
    pub fn if_head(&mut self, cond: ExprId) {
        self.text("if ");
        self.expr(cond);
        self.text(" then ");
    }

    /// `match SCRUTINEE`
    pub fn match_head(&mut self, scrutinee: ExprId) {
        self.text("match ");
        self.expr(scrutinee);
    }

    /// `handle[EFFECT](@T = init)`
    pub fn handle_head(&mut self, handle: &Handle) {
        self.text("handle[");
        self.effect_ref(&handle.effect);
        self.text("]");
        if let Some(state) = &handle.state {
            self.text("(");
            self.binder(state.ty);
            self.text(" = ");
            self.expr(state.init);
            self.text(")");
        }
    }

    /// `op(@A) -> { BODY } with @T = e`
    pub fn handler_clause(&mut self, clause: &HandlerClause) {
        let nodes = self.nodes;
        self.name(&clause.op);
        self.text("(");
        self.binders(&clause.params);
        self.text(") -> ");
        if let ExprKind::Block(block) = &nodes[clause.body].kind {
            self.braces(block);
        } else {
            self.text("{ ");
            self.expr(clause.body);
            self.text(" }");
        }
        if let Some((ty, value)) = clause.update {
            self.text(" with ");
            self.binder(ty);
            self.text(" = ");
            self.expr(value);
        }
    }
}

/// The expression of a statement.
pub fn stmt_value(stmt: &Stmt) -> ExprId {
    match &stmt.kind {
        StmtKind::Let { value, .. } | StmtKind::Destructure { value, .. } => *value,
        StmtKind::Expr(expr) => *expr,
    }
}

/// The expression inside braces without statements, if it is such a block.
pub fn inside_layer(nodes: &Nodes, id: ExprId) -> Option<ExprId> {
    match &nodes[id].kind {
        ExprKind::Block(block) if block.stmts.is_empty() => Some(block.result),
        _ => None,
    }
}

/// The expression inside all layers of braces without statements.
pub fn strip_layers(nodes: &Nodes, mut id: ExprId) -> ExprId {
    while let Some(inner) = inside_layer(nodes, id) {
        id = inner;
    }
    id
}
