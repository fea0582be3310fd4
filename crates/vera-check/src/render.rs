//! Expressions and types as messages print them: canonical spacing, only the
//! parentheses that are needed, `<expr>` for forms that do not fit on a line.

use vera_syntax::ast::{self, BinaryOp, ExprId, ExprKind, InterpolPart, TypeId, TypeKind, UnaryOp};

/// Renders nodes of one file.
#[derive(Clone, Copy)]
pub(crate) struct Renderer<'a> {
    pub nodes: &'a ast::Nodes,
    /// Put `@` before type arguments, as messages do.
    pub sigils: bool,
}

/// How tightly an operator binds; larger is tighter.
fn level(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Implies => 1,
        BinaryOp::Or => 2,
        BinaryOp::And => 3,
        BinaryOp::Eq | BinaryOp::Ne => 4,
        BinaryOp::Lt | BinaryOp::Gt | BinaryOp::Le | BinaryOp::Ge => 5,
        BinaryOp::Add | BinaryOp::Sub => 6,
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => 7,
    }
}

const UNARY: u8 = 8;
const POSTFIX: u8 = 9;

impl Renderer<'_> {
    pub fn expr(&self, id: ExprId) -> String {
        let mut out = String::new();
        self.write(id, 0, &mut out);
        out
    }

    fn write(&self, id: ExprId, min: u8, out: &mut String) {
        match &self.nodes[id].kind {
            ExprKind::Int(text) | ExprKind::Float(text) => out.push_str(text),
            ExprKind::Str(text) => write_string(text, out),
            ExprKind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            ExprKind::Unit => out.push_str("()"),
            ExprKind::Hole => out.push('?'),
            ExprKind::Interpolated(parts) => {
                out.push('"');
                for part in parts {
                    match part {
                        InterpolPart::Text(text) => escape(text, out),
                        InterpolPart::Expr(e) => {
                            out.push_str("\\(");
                            self.write(*e, 0, out);
                            out.push(')');
                        }
                    }
                }
                out.push('"');
            }
            ExprKind::Array(items) => {
                out.push('[');
                self.write_list(items, out);
                out.push(']');
            }
            ExprKind::Slot { ty, index } => {
                out.push('@');
                self.write_type(*ty, out);
                out.push_str(&format!(".{index}"));
            }
            ExprKind::Result { ty } => {
                out.push('@');
                self.write_type(*ty, out);
                out.push_str(".result");
            }
            ExprKind::Unary { op, operand } => self.parenthesised(UNARY < min, out, |out| {
                out.push_str(op.as_str());
                // `--` would open a comment.
                let negated = |id: ExprId| {
                    matches!(self.nodes[id].kind, ExprKind::Unary { op: UnaryOp::Neg, .. })
                };
                if *op == UnaryOp::Neg && negated(*operand) {
                    out.push(' ');
                }
                self.write(*operand, UNARY, out);
            }),
            ExprKind::Binary { op, left, right } => {
                let own = level(*op);
                let (l, r) = match op {
                    BinaryOp::Implies => (own + 1, own),
                    BinaryOp::Eq
                    | BinaryOp::Ne
                    | BinaryOp::Lt
                    | BinaryOp::Gt
                    | BinaryOp::Le
                    | BinaryOp::Ge => (own + 1, own + 1),
                    BinaryOp::Or
                    | BinaryOp::And
                    | BinaryOp::Add
                    | BinaryOp::Sub
                    | BinaryOp::Mul
                    | BinaryOp::Div
                    | BinaryOp::Rem => (own, own + 1),
                };
                self.parenthesised(own < min, out, |out| {
                    self.write(*left, l, out);
                    out.push_str(&format!(" {} ", op.as_str()));
                    self.write(*right, r, out);
                });
            }
            ExprKind::Index { array, index } => {
                self.write(*array, POSTFIX, out);
                out.push('[');
                self.write(*index, 0, out);
                out.push(']');
            }
            ExprKind::Call { name, args, .. } | ExprKind::CtorCall { name, args, .. } => {
                self.write_call(&name.text, args, out)
            }
            ExprKind::Ctor { name } => out.push_str(&name.text),
            ExprKind::OpCall { qualifier, name, args, .. } => {
                self.write_call(&format!("{}.{}", qualifier.text, name.text), args, out)
            }
            ExprKind::ModuleCall { path, name, args, .. } => {
                self.write_call(&format!("{}::{}", path.dotted(), name.text), args, out)
            }
            ExprKind::Old(effect) | ExprKind::New(effect) => {
                let old = matches!(self.nodes[id].kind, ExprKind::Old(_));
                out.push_str(if old { "old(" } else { "new(" });
                self.write_effect(effect, out);
                out.push(')');
            }
            ExprKind::Assert(e) => {
                out.push_str("assert(");
                self.write(*e, 0, out);
                out.push(')');
            }
            ExprKind::Assume(e) => {
                out.push_str("assume(");
                self.write(*e, 0, out);
                out.push(')');
            }
            ExprKind::Quantifier { kind, index_ty, bound, .. } => {
                let word = match kind {
                    ast::Quantifier::Forall => "forall",
                    ast::Quantifier::Exists => "exists",
                };
                out.push_str(word);
                out.push_str("(@");
                self.write_type(*index_ty, out);
                out.push_str(", ");
                self.write(*bound, 0, out);
                out.push_str(", ...)");
            }
            ExprKind::Closure(_)
            | ExprKind::If { .. }
            | ExprKind::Match { .. }
            | ExprKind::Block(_)
            | ExprKind::Handle(_)
            | ExprKind::Error => out.push_str("<expr>"),
        }
    }

    fn parenthesised(&self, yes: bool, out: &mut String, inner: impl FnOnce(&mut String)) {
        if yes {
            out.push('(');
        }
        inner(out);
        if yes {
            out.push(')');
        }
    }

    fn write_call(&self, name: &str, args: &[ExprId], out: &mut String) {
        out.push_str(name);
        out.push('(');
        self.write_list(args, out);
        out.push(')');
    }

    fn write_list(&self, items: &[ExprId], out: &mut String) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            self.write(*item, 0, out);
        }
    }

    fn write_type(&self, id: TypeId, out: &mut String) {
        match &self.nodes[id].kind {
            TypeKind::Named { name, args } => self.write_applied(&name.text, args, out),
            TypeKind::Fn { params, ret, effects } => {
                out.push_str("fn(");
                for (i, p) in params.iter().enumerate() {
                    if i > 0 {
                        out.push_str(", ");
                    }
                    self.write_type(*p, out);
                }
                if !params.is_empty() {
                    out.push(' ');
                }
                out.push_str("-> ");
                self.write_type(*ret, out);
                out.push_str(") effects(");
                if effects.effects.is_empty() {
                    out.push_str("pure");
                } else {
                    out.push('<');
                    for (i, e) in effects.effects.iter().enumerate() {
                        if i > 0 {
                            out.push_str(", ");
                        }
                        self.write_effect(e, out);
                    }
                    out.push('>');
                }
                out.push(')');
            }
            TypeKind::Refined { base, predicate } => {
                if self.sigils {
                    return self.write_type(*base, out);
                }
                out.push_str("{ @");
                self.write_type(*base, out);
                out.push_str(" | ");
                self.write(*predicate, 0, out);
                out.push_str(" }");
            }
            TypeKind::Error => out.push('?'),
        }
    }

    fn write_applied(&self, name: &str, args: &[TypeId], out: &mut String) {
        out.push_str(name);
        if args.is_empty() {
            return;
        }
        out.push('<');
        for (i, arg) in args.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            if self.sigils {
                out.push('@');
            }
            self.write_type(*arg, out);
        }
        out.push('>');
    }

    fn write_effect(&self, effect: &ast::EffectRef, out: &mut String) {
        if let Some(qualifier) = &effect.qualifier {
            out.push_str(&qualifier.text);
            out.push('.');
        }
        self.write_applied(&effect.name.text, &effect.args, out);
    }

    /// `name(@A, @B -> @C)`
    pub fn signature(&self, name: &str, params: &[TypeId], ret: TypeId) -> String {
        let mut out = format!("{name}(");
        for (i, p) in params.iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            out.push('@');
            self.write_type(*p, &mut out);
        }
        out.push_str(" -> @");
        self.write_type(ret, &mut out);
        out.push(')');
        out
    }
}

fn write_string(text: &str, out: &mut String) {
    out.push('"');
    escape(text, out);
    out.push('"');
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\0' => out.push_str("\\0"),
            c => out.push(c),
        }
    }
}
