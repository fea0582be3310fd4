//! Operations of host effects that a handler has no clause for (language reference,
//! chapter 10.13): they go to the context around it, which must allow the effect (E125) if
//! the handled body can perform one of them.
//!
//! What a body can perform is what it performs itself and what the functions it calls
//! perform, and anything where a function value with the effect in its row is applied.

use std::collections::HashSet;

use vera_diagnostics::FileSpan;

use crate::context::Context;
use crate::diagnostics::effects as report;
use crate::diagnostics::repairs::WrittenRow;
use crate::typed::{Body, EffectId, ExprId, ExprKind, FnId, Program};
use crate::types::{Ty, TyKind};

/// A handler in a row that lacks its effect.
pub(crate) struct Forward {
    pub at: FileSpan,
    /// The function whose body holds it.
    pub function: FnId,
    pub body: ExprId,
    pub effect: EffectId,
    /// Operations without a clause.
    pub missing: Vec<u32>,
    /// The row in force, and the effect, as reports show them.
    pub row: String,
    /// Where the row is written.
    pub written: Option<WrittenRow>,
    pub name: String,
}

/// Reports the handlers whose bodies can perform what they forward.
pub(crate) fn check(ctx: &mut Context) {
    for forward in std::mem::take(&mut ctx.forwards) {
        let mut reached = Reached {
            program: &ctx.program,
            effect: forward.effect,
            seen: HashSet::new(),
            ops: HashSet::new(),
            any: false,
        };
        reached.from(forward.function, forward.body);
        let Reached { ops, any, .. } = reached;
        let Some(op) = forward.missing.iter().find(|op| any || ops.contains(*op)) else { continue };
        let op = &ctx.program.effects[forward.effect.index()].ops[*op as usize].name;
        let what = format!("`{}.{op}`, which has no clause here,", forward.name);
        let Forward { at, name, row, written, .. } = &forward;
        let report = report::call_exceeds_row(*at, &what, name, row, *written);
        ctx.report(report);
    }
}

/// Which operations of an effect can be performed.
struct Reached<'p> {
    program: &'p Program,
    effect: EffectId,
    seen: HashSet<FnId>,
    ops: HashSet<u32>,
    /// Some function value could perform any.
    any: bool,
}

impl Reached<'_> {
    fn from(&mut self, function: FnId, e: ExprId) {
        let mut work = vec![(function, e)];
        while let Some((function, e)) = work.pop() {
            let program = self.program;
            let body = &program.function(function).body;
            match &body[e].kind {
                ExprKind::Perform { effect, op, .. } if effect.effect == self.effect => {
                    self.ops.insert(*op);
                }
                ExprKind::Call { callee, .. } if self.seen.insert(*callee) => {
                    let called = program.function(*callee);
                    work.push((*callee, called.result));
                }
                ExprKind::Apply { function, .. } => self.any |= self.may(body, *function),
                // A closure written there is looked into.
                ExprKind::Builtin { args, .. } => {
                    let values = args.iter().filter(|a| !is_closure(body, **a));
                    for value in values {
                        self.any |= self.may(body, *value);
                    }
                }
                _ => {}
            }
            body[e].kind.for_each_child(|child| work.push((function, child)));
        }
    }

    /// Whether a function value may perform operations of the effect.
    fn may(&self, body: &Body, value: ExprId) -> bool {
        let types = &self.program.types;
        let ty: Ty = body[value].ty;
        match types.base_kind(ty) {
            TyKind::Fn { row, .. } => {
                !row.vars.is_empty() || row.effects.iter().any(|e| e.effect == self.effect)
            }
            _ => false,
        }
    }
}

fn is_closure(body: &Body, e: ExprId) -> bool {
    matches!(body[e].kind, ExprKind::Closure { .. })
}
