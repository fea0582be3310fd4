//! The direct parts of an expression.

use vera_check::typed::{Body, ExprId, ExprKind, Stmt};

/// Calls `f` on every direct subexpression, in evaluation order.
pub(super) fn children(body: &Body, id: ExprId, f: &mut dyn FnMut(ExprId)) {
    let mut all = |ids: &[ExprId]| ids.iter().for_each(|e| f(*e));
    match &body[id].kind {
        ExprKind::Int(_)
        | ExprKind::Float(_)
        | ExprKind::Str(_)
        | ExprKind::Bool(_)
        | ExprKind::Unit
        | ExprKind::Hole
        | ExprKind::Local(_)
        | ExprKind::Result
        | ExprKind::Old(_)
        | ExprKind::New(_) => {}
        ExprKind::Interpolate(parts) | ExprKind::Array(parts) | ExprKind::Tuple(parts) => {
            all(parts)
        }
        ExprKind::Unary { operand, .. } => f(*operand),
        ExprKind::Binary { left, right, .. } => all(&[*left, *right]),
        ExprKind::Index { array, index } => all(&[*array, *index]),
        ExprKind::Call { args, .. }
        | ExprKind::Builtin { args, .. }
        | ExprKind::AbilityOp { args, .. }
        | ExprKind::Construct { args, .. }
        | ExprKind::Perform { args, .. } => all(args),
        ExprKind::Apply { function, args } => {
            f(*function);
            args.iter().for_each(|e| f(*e));
        }
        ExprKind::Closure { body, .. } => f(*body),
        ExprKind::If { cond, then, otherwise } => all(&[*cond, *then, *otherwise]),
        ExprKind::Match { scrutinee, arms } => {
            f(*scrutinee);
            arms.iter().for_each(|arm| f(arm.body));
        }
        ExprKind::Block { stmts, result } => {
            for stmt in stmts {
                match stmt {
                    Stmt::Let { value, .. } | Stmt::Destructure { value, .. } => f(*value),
                    Stmt::Expr(e) => f(*e),
                }
            }
            f(*result);
        }
        ExprKind::Handle(handle) => {
            if let Some((_, init)) = &handle.state {
                f(*init);
            }
            for clause in &handle.clauses {
                f(clause.body);
                clause.update.iter().for_each(|e| f(*e));
            }
            f(handle.body);
        }
        ExprKind::Resume(value) | ExprKind::Assume(value) | ExprKind::Narrow { value, .. } => {
            f(*value)
        }
        ExprKind::Assert { predicate, .. } => f(*predicate),
        ExprKind::Quantifier { bound, predicate, .. } => all(&[*bound, *predicate]),
    }
}

/// Calls `f` on `root` and everything below it.
pub(super) fn all(body: &Body, root: ExprId, f: &mut dyn FnMut(ExprId)) {
    let mut work = vec![root];
    while let Some(id) = work.pop() {
        f(id);
        children(body, id, &mut |child| work.push(child));
    }
}
