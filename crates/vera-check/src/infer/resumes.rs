//! Where a handler clause resumes: a question about the text of the clause.

use vera_diagnostics::Span;
use vera_syntax::ast::{Block, ExprId, ExprKind, InterpolPart, Nodes, StmtKind};

/// The places of the `resume` calls in tail position: through the ends of blocks,
/// branches and arms.
pub(super) fn in_tail_position(nodes: &Nodes, e: ExprId) -> Vec<Span> {
    let mut found = Vec::new();
    let mut work = vec![e];
    while let Some(e) = work.pop() {
        match &nodes[e].kind {
            ExprKind::Call { name, stage, .. } if name.text == "resume" => {
                found.push(stage.map_or(nodes[e].span, |s| s.span));
            }
            ExprKind::Block(block) => work.push(block.result),
            ExprKind::If { then, otherwise, .. } => work.extend([then.result, otherwise.result]),
            ExprKind::Match { arms, .. } => work.extend(arms.iter().map(|a| a.body)),
            _ => {}
        }
    }
    found
}

/// Whether a clause resumes at some place other than its ends.
pub(super) fn before_the_end(nodes: &Nodes, e: ExprId) -> bool {
    count(nodes, e) > in_tail_position(nodes, e).len()
}

/// Whether the last thing an expression does, whatever happens in it, is one
/// `resume`: through the ends of blocks and of single-arm matches.
pub(super) fn always_ends(nodes: &Nodes, mut e: ExprId) -> bool {
    loop {
        match &nodes[e].kind {
            ExprKind::Call { name, .. } => return name.text == "resume",
            ExprKind::Block(block) => e = block.result,
            ExprKind::Match { arms, .. } if arms.len() == 1 => e = arms[0].body,
            _ => return false,
        }
    }
}

/// How many `resume` calls an expression holds; those of a nested handler's own
/// clauses are not counted.
pub(super) fn count(nodes: &Nodes, e: ExprId) -> usize {
    let mut found = 0;
    let mut work = vec![e];
    while let Some(e) = work.pop() {
        match &nodes[e].kind {
            ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Str(_)
            | ExprKind::Bool(_)
            | ExprKind::Unit
            | ExprKind::Hole
            | ExprKind::Slot { .. }
            | ExprKind::Result { .. }
            | ExprKind::Ctor { .. }
            | ExprKind::Old(_)
            | ExprKind::New(_)
            | ExprKind::Error => {}
            ExprKind::Interpolated(parts) => {
                for part in parts {
                    match part {
                        InterpolPart::Text(_) => {}
                        InterpolPart::Expr(e) => work.push(*e),
                    }
                }
            }
            ExprKind::Call { name, args, .. } => {
                found += usize::from(name.text == "resume");
                work.extend(args);
            }
            ExprKind::Array(args)
            | ExprKind::CtorCall { args, .. }
            | ExprKind::OpCall { args, .. }
            | ExprKind::ModuleCall { args, .. } => work.extend(args),
            ExprKind::Unary { operand, .. } => work.push(*operand),
            ExprKind::Binary { left, right, .. } => work.extend([left, right]),
            ExprKind::Index { array, index } => work.extend([array, index]),
            ExprKind::Assert(e) | ExprKind::Assume(e) => work.push(*e),
            ExprKind::If { cond, then, otherwise } => {
                work.push(*cond);
                block(then, &mut work);
                block(otherwise, &mut work);
            }
            ExprKind::Match { scrutinee, arms } => {
                work.push(*scrutinee);
                work.extend(arms.iter().map(|a| a.body));
            }
            ExprKind::Block(inner) => block(inner, &mut work),
            ExprKind::Closure(closure) => block(&closure.body, &mut work),
            ExprKind::Quantifier { bound, predicate, .. } => {
                work.push(*bound);
                block(&predicate.body, &mut work);
            }
            ExprKind::Handle(handle) => {
                work.extend(handle.state.iter().map(|s| s.init));
                block(&handle.body, &mut work);
            }
        }
    }
    found
}

fn block(block: &Block, work: &mut Vec<ExprId>) {
    for stmt in &block.stmts {
        match &stmt.kind {
            StmtKind::Let { value, .. } | StmtKind::Destructure { value, .. } => work.push(*value),
            StmtKind::Expr(e) => work.push(*e),
        }
    }
    work.push(block.result);
}
