//! The live measures that closures find (language reference, chapter 6.4).
//!
//! A closure that calls back into its cycle may run when another activation of
//! the cycle is the innermost one, or none is. So an activation of such a cycle
//! *publishes* its last measures while it runs code that may apply closures: it
//! puts them into a frame, and [`Global::Measures`] refers to the newest frame.
//! A call from such a closure looks there. Other cycles publish nothing.

use vera_check::typed::{ExprId, ExprKind, FnId};
use vera_check::types::{Ty as VeraTy, TyKind};

use super::cycles::CycleId;
use super::functions::FnLower;
use super::handlers::{FAMILY, OUTER};
use super::operations::Search;
use super::unwinding::{Special, special};
use crate::ir::*;

/// The last measures that are known at a place: for each member of the cycle.
#[derive(Clone, Debug)]
pub(crate) enum Live {
    /// Those of the activation the code belongs to.
    Own(Vec<Vec<ValueId>>),
    /// Those published when the code runs.
    Published,
}

impl FnLower<'_, '_> {
    /// Runs code that may apply closures of the cycle.
    pub(super) fn publishing<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let Some((cycle, measures)) = self.publishes() else { return run(self) };
        let outer = self.b.one(Op::GetGlobal(Global::Measures), Ty::Ref);
        let mems: Vec<Mem> = measures.iter().map(|v| self.b.func.ty(*v).field()).collect();
        let (layout, slots) = self.lo.frame_shape(0, &mems);
        let family = self.b.i32(cycle.0 as i32);
        let mut fields = vec![(OUTER, Mem::Ref, outer), (FAMILY, Mem::I32, family)];
        fields.extend(slots.iter().zip(measures).map(|((at, mem), v)| (*at, *mem, v)));
        let frame = self.b.one(Op::MakeObject { layout, fields }, Ty::Ref);
        self.b.none(Op::SetGlobal(Global::Measures, frame));
        let out = run(self);
        // Read from the frame, which therefore stays alive so long.
        let outer = Op::ReadCell { object: frame, offset: OUTER, mem: Mem::Ref };
        let outer = self.b.one(outer, Ty::Ref);
        self.b.none(Op::SetGlobal(Global::Measures, outer));
        out
    }

    /// The measures of this activation, if closures may ask for them.
    pub(super) fn publishes(&self) -> Option<(CycleId, Vec<ValueId>)> {
        let cycle = self.cycle.filter(|cycle| self.lo.cycle(*cycle).escapes)?;
        match &self.live {
            Live::Own(measures) => Some((cycle, measures.iter().flatten().copied().collect())),
            Live::Published => None,
        }
    }

    /// Whether a call from the cycle to a function outside it may apply closures
    /// that it did not make: it is given some, or reaches some through effects.
    pub(super) fn may_apply(&mut self, callee: FnId, type_args: &[VeraTy]) -> bool {
        let program = self.lo.program;
        let function = program.function(callee);
        if self.lo.cycle_of(callee, type_args).is_some_and(|cycle| Some(cycle) == self.cycle) {
            // It publishes its own.
            return false;
        }
        let effects = function.effects.iter();
        let mut kept = effects.filter(|e| special(program, e.effect) != Special::Exn);
        let params: Vec<VeraTy> = function.params.iter().map(|p| function.body[*p].ty).collect();
        kept.any(|e| !program.effects[e.effect.index()].ops.is_empty())
            || params.into_iter().any(|ty| {
                let ty = self.lo.types.subst(ty, type_args);
                self.lo.holds_functions(ty)
            })
    }

    /// Whether a library function is given function values that are not written
    /// there.
    pub(super) fn given_functions(&mut self, args: &[ExprId]) -> bool {
        args.iter().any(|e| {
            let ty = self.ty(*e);
            !matches!(self.body[*e].kind, ExprKind::Closure { .. })
                && matches!(self.lo.types.base_kind(ty), TyKind::Fn { .. })
        })
    }

    /// The published measures of a cycle, or that there are none.
    pub(super) fn published(&mut self, cycle: CycleId) -> Vec<ValueId> {
        let func = self.lo.search(Search::Measures(cycle));
        let frame = self.b.one(Op::Call { func, args: Vec::new() }, Ty::Ref);
        let none = self.b.one(Op::IsImmediate(frame), Ty::I32);
        let tys = self.lo.measure_types(cycle);
        let mems: Vec<Mem> = tys.iter().map(|ty| ty.field()).collect();
        let (_, slots) = self.lo.frame_shape(0, &mems);
        self.b.open();
        let idle = self.no_measures(cycle);
        let then = Box::new(self.b.close(idle));
        self.b.open();
        let found = slots
            .into_iter()
            .map(|(offset, mem)| self.b.one(Op::Load { object: frame, offset, mem }, mem.ty()))
            .collect();
        let otherwise = Box::new(self.b.close(found));
        self.b.emit(Op::If { cond: none, then, otherwise }, &tys)
    }
}
