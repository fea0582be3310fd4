//! Which effects can abandon the code that performs them, and how control gets
//! from there to the handler.
//!
//! Unwinding is explicit: what abandons sets [`Global::Unwinding`] to the frame
//! of the handler it goes to and returns, and every call that may come back so
//! is followed by a test of that variable. Functions whose rows hold no such
//! effect are called without a test.

use std::collections::HashSet;

use vera_check::typed::{
    self, Body, EffectId, EffectInst, ExprId, ExprKind, Handle, HandlerClause, LocalId, NarrowSite,
};
use vera_check::types::{Ty as VeraTy, TyKind};

use super::contracts::Owed;
use super::families::Family;
use super::functions::FnLower;
use crate::ir::*;

/// What the whole program does with effects.
#[derive(Default)]
pub(crate) struct EffectUse {
    /// Effects some handler takes over by clauses that run wherever an operation
    /// is performed: all but `State` and `Exn`.
    pub handled: HashSet<EffectId>,
    /// Effects whose operations may abandon the code that performs them.
    pub unwinding: HashSet<EffectId>,
}

/// The built-in effects whose handlers have rules of their own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Special {
    State,
    Exn,
    /// Any other effect: `general handlers` of the language reference.
    No,
}

pub(crate) fn special(program: &typed::Program, effect: EffectId) -> Special {
    let declared = &program.effects[effect.index()];
    match (declared.module, declared.name.as_str()) {
        (None, "State") => Special::State,
        (None, "Exn") => Special::Exn,
        _ => Special::No,
    }
}

impl EffectUse {
    pub fn of(program: &typed::Program) -> EffectUse {
        let mut found = EffectUse::default();
        let exn = (0..program.effects.len() as u32).map(EffectId);
        found.unwinding.extend(exn.filter(|e| special(program, *e) == Special::Exn));
        let mut sites = Vec::new();
        for function in &program.fns {
            let row = function.effects.iter().map(|e| e.effect);
            let mut mentioned: HashSet<EffectId> = row.collect();
            let mut handles = Vec::new();
            for expr in &function.body.exprs {
                match &expr.kind {
                    ExprKind::Perform { effect, .. } => {
                        mentioned.insert(effect.effect);
                    }
                    ExprKind::Handle(handle) => {
                        mentioned.insert(handle.effect.effect);
                        if special(program, handle.effect.effect) == Special::No {
                            handles.push((&function.body, &**handle));
                        }
                    }
                    _ => {}
                }
            }
            sites.extend(handles.into_iter().map(|(body, h)| (body, h, mentioned.clone())));
        }
        found.handled.extend(sites.iter().map(|(_, h, _)| h.effect.effect));
        // A handler whose clauses only resume abandons nothing, unless what it
        // stands in may.
        loop {
            let before = found.unwinding.len();
            for (body, handle, mentioned) in &sites {
                if !handle.clauses.iter().all(|c| only_resumes(body, c.body))
                    || !mentioned.is_disjoint(&found.unwinding)
                {
                    found.unwinding.insert(handle.effect.effect);
                }
            }
            if found.unwinding.len() == before {
                return found;
            }
        }
    }
}

/// Whether a clause ends by `resume` wherever it ends.
fn only_resumes(body: &Body, e: ExprId) -> bool {
    match &body[e].kind {
        ExprKind::Resume(_) => true,
        ExprKind::If { then, otherwise, .. } => {
            only_resumes(body, *then) && only_resumes(body, *otherwise)
        }
        ExprKind::Match { arms, .. } => arms.iter().all(|a| only_resumes(body, a.body)),
        ExprKind::Block { result, .. } => only_resumes(body, *result),
        ExprKind::Narrow { value, .. } => only_resumes(body, *value),
        _ => false,
    }
}

/// The effects around the code being lowered, as far as they are known there.
#[derive(Default)]
pub(crate) struct Scope<'a> {
    /// `State` handlers around this point in the same function, outermost first.
    pub states: Vec<StateHandler<'a>>,
    /// Where unwinding goes within the function, innermost last.
    pub catches: Vec<Catch>,
    /// The handler clause being lowered.
    pub clause: Option<Clause>,
}

/// A `State` handler whose body is being lowered.
#[derive(Clone)]
pub(crate) struct StateHandler<'a> {
    pub family: Family,
    pub handle: &'a Handle,
    pub frame: ValueId,
    /// Handlers around this one at run time.
    pub outer: ValueId,
    pub cell: Option<(u32, Mem)>,
    /// Another cell of the effect may be live inside this one here: a clause of a
    /// handler in between resumes inside handlers of its own.
    pub hidden: bool,
}

/// The end of a handled body.
pub(crate) struct Catch {
    pub label: LabelId,
    pub results: Vec<Ty>,
    pub used: bool,
}

/// What `resume` and the end of a clause mean.
#[derive(Clone)]
pub(crate) enum Clause {
    /// The clause of a `State` operation, in place: `resume` leaves the block.
    Inline { label: LabelId },
    /// A clause as a function of its own.
    Function(ClauseFunction),
}

#[derive(Clone)]
pub(crate) struct ClauseFunction {
    /// The frame of the handler.
    pub frame: ValueId,
    /// Cells of the frame for the handler's state and its result.
    pub state: Option<(u32, Mem)>,
    pub result: Option<(u32, Mem)>,
    /// The type of the whole `handle` expression.
    pub answer: VeraTy,
    pub update: Option<ExprId>,
    /// Stands for the rest of the handled body, when a `resume` is not the last
    /// thing the clause does; its result type.
    pub rest: Option<(FuncId, Vec<Ty>)>,
    /// What the clause owes those that perform the operation.
    pub owed: Option<Owed>,
}

impl<'a> FnLower<'_, 'a> {
    /// Whether a call of code with this row may come back abandoned.
    pub(super) fn may_unwind(&self, row: &[EffectInst]) -> bool {
        row.iter().any(|e| self.lo.effects.unwinding.contains(&e.effect))
    }

    /// Whether applying a value of this function type may come back abandoned.
    pub(super) fn closure_may_unwind(&self, ty: VeraTy) -> bool {
        match self.lo.types.base_kind(ty) {
            TyKind::Fn { row, .. } => self.may_unwind(&row.effects),
            _ => false,
        }
    }

    /// Goes to the innermost handler of this function, or back to the caller.
    /// Ends the region.
    pub(super) fn unwind(&mut self) {
        let (label, tys) = match self.scope.catches.last_mut() {
            Some(catch) => {
                catch.used = true;
                (Some(catch.label), catch.results.clone())
            }
            None => (None, self.b.func.results.clone()),
        };
        let values = self.dummies(&tys);
        self.b.end(match label {
            Some(label) => Terminator::Break(label, values),
            None => Terminator::Return(values),
        });
    }

    /// Values nobody reads.
    pub(super) fn dummies(&mut self, tys: &[Ty]) -> Vec<ValueId> {
        tys.iter()
            .map(|ty| {
                self.b.constant(match ty {
                    Ty::I32 => Const::I32(0),
                    Ty::I64 => Const::I64(0),
                    Ty::F64 => Const::F64(0),
                    Ty::Ref => Const::Immediate(0),
                })
            })
            .collect()
    }

    /// After a call that may have been abandoned: goes on only if it was not.
    pub(super) fn unwind_if_abandoned(&mut self) {
        let target = self.b.one(Op::GetGlobal(Global::Unwinding), Ty::Ref);
        let none = self.b.one(Op::IsImmediate(target), Ty::I32);
        let some = self.b.unary(UnaryOp::Not, none);
        self.when(some, Self::unwind);
    }

    /// Runs `then` when the condition holds; goes on behind it either way, unless
    /// `then` ends its region.
    pub(super) fn when(&mut self, cond: ValueId, then: impl FnOnce(&mut Self)) {
        self.b.open();
        then(self);
        let then = Box::new(self.b.close(Vec::new()));
        self.b.open();
        let otherwise = Box::new(self.b.close(Vec::new()));
        self.b.none(Op::If { cond, then, otherwise });
    }

    /// Starts unwinding to a frame. Ends the region.
    pub(super) fn abandon_to(&mut self, frame: ValueId) {
        self.b.none(Op::SetGlobal(Global::Unwinding, frame));
        self.unwind();
    }

    pub(super) fn stop_unwinding(&mut self) {
        let none = self.b.constant(Const::Immediate(0));
        self.b.none(Op::SetGlobal(Global::Unwinding, none));
    }

    /// Binds a local of a clause.
    pub(super) fn bind_clause(&mut self, local: LocalId, value: Option<ValueId>) {
        let value = self.defined(local, value);
        self.locals.insert(local, value);
        self.parameter_check(local);
    }

    /// Binds a parameter of a clause to an argument of the operation, whose type is
    /// `from`; that of the parameter may be narrower.
    pub(super) fn bind_argument(&mut self, param: LocalId, value: Option<ValueId>, from: VeraTy) {
        let to = self.local_ty(param);
        let before = self.place(self.body[param].span);
        let value = value.map(|value| self.narrowed(value, from, to, &NarrowSite::Argument));
        self.bind_clause(param, value);
        self.b.loc = before;
    }

    /// The rest of the clause's `resume`: what its parameters are.
    pub(super) fn clause_locals(clause: &HandlerClause) -> Vec<LocalId> {
        clause.params.iter().copied().chain(clause.state).collect()
    }
}
