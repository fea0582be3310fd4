//! Recursion that decreases by its form, so that no check of the measure is
//! needed: the measure is a parameter, and every recursive call hands on a part
//! of it that a pattern took out, or a natural number less a literal.

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
    if !is_nat && !is_data {
        return false;
    }
    let body = &function.body;
    let walk = Walk { body, id, index, param, is_nat, parts: parts(body, param) };
    walk.every_call_descends(function.result)
}

struct Walk<'a> {
    body: &'a Body,
    id: FnId,
    /// Which parameter is the measure.
    index: usize,
    param: LocalId,
    is_nat: bool,
    /// Locals that are proper parts of the measure.
    parts: HashSet<LocalId>,
}

impl Walk<'_> {
    fn every_call_descends(&self, e: ExprId) -> bool {
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
                ok = self.descends(args[self.index]);
            }
            _ => {}
        }
        self.body[e].kind.for_each_child(|e| ok = ok && self.every_call_descends(e));
        ok
    }

    fn calls(&self, e: ExprId) -> bool {
        let mut found =
            matches!(&self.body[e].kind, ExprKind::Call { callee, .. } if *callee == self.id);
        self.body[e].kind.for_each_child(|e| found = found || self.calls(e));
        found
    }

    fn descends(&self, e: ExprId) -> bool {
        match &self.body[e].kind {
            ExprKind::Narrow { value, .. } => self.descends(*value),
            ExprKind::Local(local) => !self.is_nat && self.parts.contains(local),
            // Entering the parameter below zero is a trap of its own.
            ExprKind::Binary { op: BinaryOp::Sub, left, right } if self.is_nat => {
                let is_param = |e: ExprId| match &self.body[e].kind {
                    ExprKind::Local(local) => *local == self.param,
                    _ => false,
                };
                is_param(*left) && matches!(self.body[*right].kind, ExprKind::Int(n) if n > 0)
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
