//! Free variables: the bindings that a closure or a clause uses and does not make.

use vera_check::typed::{Body, EffectInst, ExprId, ExprKind, LocalId};

use super::functions::FnLower;
use crate::ir::ValueId;

impl FnLower<'_, '_> {
    /// The free variables of `code`, in order of first use, with their values; `own` are
    /// bound inside. Those that take no space are left out.
    pub(super) fn capture(&self, own: &[LocalId], code: &[ExprId]) -> Vec<(LocalId, ValueId)> {
        let found = self.body.free_locals(own, code).into_iter();
        found.filter_map(|l| self.locals.get(&l).copied().flatten().map(|v| (l, v))).collect()
    }
}

/// The arguments of `old` in a predicate.
pub(super) fn old_cells(body: &Body, e: ExprId, into: &mut Vec<EffectInst>) {
    if let ExprKind::Old(effect) = &body[e].kind {
        into.push(effect.clone());
    }
    body[e].kind.for_each_child(|e| old_cells(body, e, into));
}

/// Whether a clause goes on behind some `resume` of it. `tail`: the value of
/// `e` is that of the clause.
pub(super) fn resumes_early(body: &Body, e: ExprId, tail: bool) -> bool {
    let mut found = false;
    match &body[e].kind {
        ExprKind::Resume(value) => return !tail || resumes_early(body, *value, false),
        // Closures do not see `resume`, and in a clause of an inner handler it is
        // that handler's.
        ExprKind::Closure { .. } => return false,
        ExprKind::Handle(handle) => {
            let init = handle.state.iter().any(|(_, init)| resumes_early(body, *init, false));
            return init || resumes_early(body, handle.body, false);
        }
        ExprKind::If { cond, then, otherwise } => {
            return resumes_early(body, *cond, false)
                || resumes_early(body, *then, tail)
                || resumes_early(body, *otherwise, tail);
        }
        ExprKind::Match { scrutinee, arms } => {
            return resumes_early(body, *scrutinee, false)
                || arms.iter().any(|arm| resumes_early(body, arm.body, tail));
        }
        ExprKind::Block { stmts, result } => {
            return stmts.iter().any(|stmt| resumes_early(body, stmt.value(), false))
                || resumes_early(body, *result, tail);
        }
        ExprKind::Narrow { value, .. } => return resumes_early(body, *value, tail),
        other => other.for_each_child(|e| found |= resumes_early(body, e, false)),
    }
    found
}

/// Whether code performs an operation of some effect, closures left aside.
pub(super) fn performs(body: &Body, e: ExprId, which: &dyn Fn(&EffectInst) -> bool) -> bool {
    let mut found = match &body[e].kind {
        ExprKind::Closure { .. } => return false,
        ExprKind::Perform { effect, .. } => which(effect),
        _ => false,
    };
    body[e].kind.for_each_child(|e| found = found || performs(body, e, which));
    found
}

/// Whether a clause resumes inside the body of another `handle` of it, so that
/// the rest of its own handler's body runs inside that one.
pub(super) fn resumes_inside_handle(body: &Body, e: ExprId) -> bool {
    let mut found = false;
    match &body[e].kind {
        ExprKind::Closure { .. } => {}
        ExprKind::Handle(handle) => {
            let init = handle.state.iter().any(|(_, init)| resumes_inside_handle(body, *init));
            return init || resumes_early(body, handle.body, false);
        }
        other => other.for_each_child(|e| found |= resumes_inside_handle(body, e)),
    }
    found
}
