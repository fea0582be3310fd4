//! The bindings around a piece of code that it uses.

use std::collections::HashSet;

use crate::typed::{Body, ExprId, ExprKind, LocalId, Pattern, PatternKind, Stmt};

impl Body {
    /// The bindings around that code uses, in order of first use; `own` are bound inside.
    pub fn free_locals(&self, own: &[LocalId], code: &[ExprId]) -> Vec<LocalId> {
        let own = own.iter().copied().collect();
        let mut free = Free { body: self, own, found: Vec::new() };
        code.iter().for_each(|e| free.expr(*e));
        let Free { own, found, .. } = free;
        found.into_iter().filter(|local| !own.contains(local)).collect()
    }
}

/// The walk that finds the bindings around that code uses.
struct Free<'a> {
    body: &'a Body,
    own: HashSet<LocalId>,
    found: Vec<LocalId>,
}

impl Free<'_> {
    fn bind(&mut self, pattern: &Pattern) {
        match &pattern.kind {
            PatternKind::Bind(local) => {
                self.own.insert(*local);
            }
            PatternKind::Ctor { args, .. } | PatternKind::Tuple(args) => {
                args.iter().for_each(|p| self.bind(p))
            }
            PatternKind::Wildcard
            | PatternKind::Int(_)
            | PatternKind::Str(_)
            | PatternKind::Bool(_) => {}
        }
    }

    fn expr(&mut self, e: ExprId) {
        let body = self.body;
        match &body[e].kind {
            ExprKind::Local(local) if !self.found.contains(local) => self.found.push(*local),
            ExprKind::Closure { params, .. } => self.own.extend(params),
            ExprKind::Match { arms, .. } => arms.iter().for_each(|arm| self.bind(&arm.pattern)),
            ExprKind::Block { stmts, .. } => {
                for stmt in stmts {
                    match stmt {
                        Stmt::Let { local, .. } => {
                            self.own.insert(*local);
                        }
                        Stmt::Destructure { pattern, .. } => self.bind(pattern),
                        Stmt::Expr(_) => {}
                    }
                }
            }
            ExprKind::Handle(handle) => {
                for clause in &handle.clauses {
                    self.own.extend(&clause.params);
                    self.own.extend(clause.state);
                }
            }
            _ => {}
        }
        body[e].kind.for_each_child(|e| self.expr(e));
    }
}
