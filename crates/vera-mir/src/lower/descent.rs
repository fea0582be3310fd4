//! Recursion that decreases by its form, so that no check of the measure is
//! needed: the measure is a parameter, and every recursive call hands on a part
//! of it that a pattern took out, or the number less a literal, where it is natural
//! or the conditions around the call keep the difference from being negative.

use std::collections::HashSet;

use vera_check::typed::{
    self, BinaryOp, Body, ExprId, ExprKind, FnId, LocalId, Pattern, PatternKind, Stmt,
};
use vera_check::types::{TyKind, Types};

use super::measures::measure;

/// Whether a function that alone makes up its cycle of calls decreases by form.
pub(super) fn is_evident(program: &typed::Program, types: &Types, id: FnId) -> bool {
    let function = program.function(id);
    let [measure] = measure(function)[..] else { return false };
    let ExprKind::Local(param) = function.body[measure].kind else { return false };
    let Some(index) = function.params.iter().position(|p| *p == param) else { return false };
    let is_nat = matches!(types.kind(function.body[param].ty), TyKind::Nat);
    let is_data = matches!(types.kind(function.body[param].ty), TyKind::Data(..));
    let is_int = matches!(types.kind(function.body[param].ty), TyKind::Int);
    if !is_nat && !is_data && !is_int {
        return false;
    }
    let body = &function.body;
    let is_number = !is_data;
    let walk = Walk { body, id, index, param, is_number, parts: parts(body, param) };
    walk.every_call_descends(function.result, if is_nat { i64::MAX } else { i64::MIN })
}

struct Walk<'a> {
    body: &'a Body,
    id: FnId,
    /// Which parameter is the measure.
    index: usize,
    param: LocalId,
    is_number: bool,
    /// Locals that are proper parts of the measure.
    parts: HashSet<LocalId>,
}

impl Walk<'_> {
    /// `low`: the measure is at least this; `i64::MAX` for a natural number, whose
    /// parameter is checked where it is entered.
    fn every_call_descends(&self, e: ExprId, low: i64) -> bool {
        let mut ok = true;
        match &self.body[e].kind {
            // A closure may run when another activation is the innermost one.
            ExprKind::Closure { body, .. } => return !self.calls(*body),
            ExprKind::Handle(handle) => {
                let clauses = handle.clauses.iter().flat_map(|c| [Some(c.body), c.update]);
                if clauses.flatten().any(|e| self.calls(e)) {
                    return false;
                }
            }
            ExprKind::Call { callee, args, .. } if *callee == self.id => {
                ok = self.descends(args[self.index], low);
            }
            ExprKind::If { cond, then, otherwise } => {
                let (yes, no) = self.bounds(*cond);
                return self.every_call_descends(*cond, low)
                    && self.every_call_descends(*then, low.max(yes))
                    && self.every_call_descends(*otherwise, low.max(no));
            }
            _ => {}
        }
        self.body[e].kind.for_each_child(|e| ok = ok && self.every_call_descends(e, low));
        ok
    }

    /// What a condition says the measure is at least, where it holds and where not.
    fn bounds(&self, cond: ExprId) -> (i64, i64) {
        const NOTHING: i64 = i64::MIN;
        let ExprKind::Binary { op, left, right } = &self.body[cond].kind else {
            return (NOTHING, NOTHING);
        };
        let (ExprKind::Local(local), ExprKind::Int(n)) =
            (&self.body[*left].kind, &self.body[*right].kind)
        else {
            return (NOTHING, NOTHING);
        };
        match op {
            _ if *local != self.param => (NOTHING, NOTHING),
            BinaryOp::Lt => (NOTHING, *n),
            BinaryOp::Le => (NOTHING, n.saturating_add(1)),
            BinaryOp::Ge => (*n, NOTHING),
            BinaryOp::Gt => (n.saturating_add(1), NOTHING),
            _ => (NOTHING, NOTHING),
        }
    }

    fn calls(&self, e: ExprId) -> bool {
        let mut found =
            matches!(&self.body[e].kind, ExprKind::Call { callee, .. } if *callee == self.id);
        self.body[e].kind.for_each_child(|e| found = found || self.calls(e));
        found
    }

    fn descends(&self, e: ExprId, low: i64) -> bool {
        match &self.body[e].kind {
            ExprKind::Narrow { value, .. } => self.descends(*value, low),
            ExprKind::Local(local) => !self.is_number && self.parts.contains(local),
            // A natural parameter that is entered below zero is a trap of its own.
            ExprKind::Binary { op: BinaryOp::Sub, left, right } if self.is_number => {
                let is_param = |e: ExprId| match &self.body[e].kind {
                    ExprKind::Local(local) => *local == self.param,
                    _ => false,
                };
                is_param(*left)
                    && matches!(self.body[*right].kind, ExprKind::Int(n) if n > 0 && n <= low)
            }
            _ => false,
        }
    }
}

/// The locals bound to proper parts of a local.
fn parts(body: &Body, whole: LocalId) -> HashSet<LocalId> {
    let mut parts = HashSet::new();
    loop {
        let before = parts.len();
        for expr in &body.exprs {
            match &expr.kind {
                ExprKind::Match { scrutinee, arms } => {
                    let Some(proper) = source(body, *scrutinee, whole, &parts) else { continue };
                    arms.iter().for_each(|arm| binders(&arm.pattern, proper, &mut parts));
                }
                ExprKind::Block { stmts, .. } => {
                    for stmt in stmts {
                        let value = stmt.value();
                        let Some(proper) = source(body, value, whole, &parts) else { continue };
                        match stmt {
                            Stmt::Let { local, .. } if proper => {
                                parts.insert(*local);
                            }
                            Stmt::Destructure { pattern, .. } => {
                                binders(pattern, proper, &mut parts);
                            }
                            Stmt::Let { .. } | Stmt::Expr(_) => {}
                        }
                    }
                }
                _ => {}
            }
        }
        if parts.len() == before {
            return parts;
        }
    }
}

/// Whether an expression is a proper part of `whole`; `None` when it is no part.
fn source(body: &Body, e: ExprId, whole: LocalId, parts: &HashSet<LocalId>) -> Option<bool> {
    match &body[e].kind {
        ExprKind::Local(local) if *local == whole => Some(false),
        ExprKind::Local(local) if parts.contains(local) => Some(true),
        _ => None,
    }
}

fn binders(pattern: &Pattern, proper: bool, into: &mut HashSet<LocalId>) {
    match &pattern.kind {
        PatternKind::Bind(local) => {
            if proper {
                into.insert(*local);
            }
        }
        PatternKind::Ctor { args, .. } => args.iter().for_each(|p| binders(p, true, into)),
        // A tuple is no constructor node.
        PatternKind::Tuple(args) => args.iter().for_each(|p| binders(p, proper, into)),
        PatternKind::Wildcard
        | PatternKind::Int(_)
        | PatternKind::Str(_)
        | PatternKind::Bool(_) => {}
    }
}
