//! What never comes (language reference, chapter 03.1.2).
//!
//! `Never` fits every type, so a value of it may stand as any operand, index,
//! argument, condition or scrutinee. What such an operand belongs to is never
//! evaluated: it amounts to the operands before that one, then that one. Written so
//! into the typed program, nobody after the checker meets an operand without a value.

use super::Infer;
use crate::typed::{BinaryOp, Body, ExprId, ExprKind, Stmt};
use crate::types::{Ty, TyKind, Types};

impl Infer<'_> {
    /// Rewrites the finished body, whose types are closed.
    pub(super) fn cut_at_never(&mut self) {
        let types = &self.ctx.program.types;
        // Operands are typed before what they belong to.
        for index in 0..self.body.exprs.len() {
            let expr = &self.body.exprs[index];
            let kind = match &expr.kind {
                ExprKind::Block { stmts, result } => {
                    let Some(kind) = cut_block(&self.body, types, stmts, *result) else {
                        continue;
                    };
                    kind
                }
                kind => {
                    let operands = operands(kind);
                    let never = |e: &ExprId| is_never(types, self.body[*e].ty);
                    let Some(at) = operands.iter().position(never) else { continue };
                    let stmts = operands[..at].iter().map(|e| Stmt::Expr(*e)).collect();
                    ExprKind::Block { stmts, result: operands[at] }
                }
            };
            let expr = &mut self.body.exprs[index];
            (expr.kind, expr.ty) = (kind, Ty::NEVER);
        }
    }
}

/// A predicate over what never comes is never evaluated, and says nothing.
pub(super) fn vacuous(types: &Types, body: &mut Body, predicate: ExprId) {
    let expr = &mut body.exprs[predicate.index()];
    if is_never(types, expr.ty) {
        (expr.kind, expr.ty) = (ExprKind::Bool(true), Ty::BOOL);
    }
}

fn is_never(types: &Types, ty: Ty) -> bool {
    *types.base_kind(ty) == TyKind::Never
}

/// A block that ends before its own end: at parts of a value that never comes, or
/// with such a result.
fn cut_block(body: &Body, types: &Types, stmts: &[Stmt], result: ExprId) -> Option<ExprKind> {
    let never = |e: ExprId| is_never(types, body[e].ty);
    let cut = stmts.iter().position(|stmt| match stmt {
        Stmt::Destructure { value, .. } => never(*value),
        Stmt::Let { .. } | Stmt::Expr(_) => false,
    });
    match cut {
        Some(at) => {
            Some(ExprKind::Block { stmts: stmts[..at].to_vec(), result: stmts[at].value() })
        }
        None => never(result).then(|| ExprKind::Block { stmts: stmts.to_vec(), result }),
    }
}

/// The expressions that are all evaluated, in this order, before what they belong
/// to is.
fn operands(kind: &ExprKind) -> Vec<ExprId> {
    let mut first_only = false;
    match kind {
        ExprKind::Binary { op: BinaryOp::And | BinaryOp::Or | BinaryOp::Implies, .. }
        | ExprKind::If { .. }
        | ExprKind::Match { .. } => first_only = true,
        ExprKind::Handle(handle) => return handle.state.iter().map(|(_, init)| *init).collect(),
        ExprKind::Closure { .. } | ExprKind::Block { .. } => return Vec::new(),
        ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Str(_)
        | ExprKind::Bool(_)
        | ExprKind::Unit
        | ExprKind::Hole
        | ExprKind::Interpolate(_)
        | ExprKind::Array(_)
        | ExprKind::Local(_)
        | ExprKind::Result
        | ExprKind::Unary { .. }
        | ExprKind::Binary { .. }
        | ExprKind::Index { .. }
        | ExprKind::Call { .. }
        | ExprKind::Builtin { .. }
        | ExprKind::Apply { .. }
        | ExprKind::AbilityOp { .. }
        | ExprKind::Construct { .. }
        | ExprKind::Tuple(_)
        | ExprKind::Perform { .. }
        | ExprKind::Resume(_)
        | ExprKind::Old(_)
        | ExprKind::New(_)
        | ExprKind::Assert { .. }
        | ExprKind::Assume(_)
        | ExprKind::Quantifier { .. }
        | ExprKind::Narrow { .. } => {}
    }
    let mut operands = Vec::new();
    kind.for_each_child(|e| operands.push(e));
    if first_only {
        operands.truncate(1);
    }
    operands
}
