//! The run-time check of `decreases` (language reference, chapters 6.4 and 14.6).
//!
//! A measure is compared with that of the innermost live activation of the same
//! instance. Every function on a cycle of calls hands the *last measures* of all
//! measured instances of the cycle on, as additional parameters, so a tail call
//! stays one and nothing has to be put back when a call ends. Calls from outside
//! the cycle hand on that there is none. Closures that `apply_fn` applies and
//! library functions are given where they are written run while the function
//! around them is live, and so capture its measures; other closures, and handler
//! clauses, look for those published (see [`super::live`]).

use vera_abi::trap::TrapKind;
use vera_check::typed::{self, ClauseKind, ExprId, FnId};
use vera_check::types::{Ty as VeraTy, TyKind};

use super::Lowerer;
use super::cycles::CycleId;
use super::data::Repr;
use super::functions::FnLower;
use super::live::Live;
use super::structural::Structural;
use crate::ir::*;

/// How the last measure of a function is handed on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    /// One integer, clamped at 0 from below: a new measure must be smaller,
    /// both read as unsigned. Without a live activation: all ones.
    Integer,
    /// Whether an activation is live, then the components.
    Tuple(Vec<Component>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Component {
    Integer,
    /// A data value; smaller when it has fewer constructor nodes.
    Data(VeraTy),
    /// A data type whose every value has one node: never smaller.
    Enum,
}

impl Shape {
    pub(crate) fn types(&self) -> Vec<Ty> {
        match self {
            Shape::Integer => vec![Ty::I64],
            Shape::Tuple(components) => {
                let of = |c: &Component| match c {
                    Component::Integer => Ty::I64,
                    Component::Data(_) => Ty::Ref,
                    Component::Enum => Ty::I32,
                };
                [Ty::I32].into_iter().chain(components.iter().map(of)).collect()
            }
        }
    }
}

/// The last measures of a cycle as values that code elsewhere takes.
#[derive(Default)]
pub(super) struct Measures {
    /// Of each member of the cycle.
    pub shapes: Vec<Shape>,
    /// One after the other, and their types.
    pub values: Vec<ValueId>,
    pub types: Vec<VeraTy>,
    /// Whether those are values at all that only are while an activation is live.
    pub live: Vec<ValueId>,
}

/// The expressions of a function's measure; several clauses count as one.
pub(super) fn measure(function: &typed::Function) -> Vec<ExprId> {
    let mut out = Vec::new();
    for clause in &function.clauses {
        if let ClauseKind::Decreases(components) = &clause.kind {
            out.extend(components);
        }
    }
    out
}

impl Lowerer<'_> {
    pub(super) fn is_trusted(&self, function: &typed::Function) -> bool {
        self.program.modules[function.module.index()].prelude
    }

    /// `None` when there is nothing to compare.
    pub(super) fn shape(
        &mut self,
        function: &typed::Function,
        exprs: &[ExprId],
        type_args: &[VeraTy],
    ) -> Option<Shape> {
        let mut components = Vec::new();
        for e in exprs {
            let ty = self.types.subst(function.body[*e].ty, type_args);
            let ty = self.types.plain(ty);
            components.push(match self.repr(ty) {
                Repr::I64 => Component::Integer,
                Repr::Enum => Component::Enum,
                Repr::Ref if self.program.has_size(&mut self.types, ty) => Component::Data(ty),
                Repr::Ref | Repr::Zero | Repr::F64 | Repr::Byte => return None,
            });
        }
        match components.as_slice() {
            [] => None,
            [Component::Integer] => Some(Shape::Integer),
            _ => Some(Shape::Tuple(components)),
        }
    }

    /// The types of the last measures of a cycle's members.
    pub(super) fn measure_types(&self, cycle: CycleId) -> Vec<Ty> {
        self.cycle(cycle).members.iter().flat_map(|(_, shape)| shape.types()).collect()
    }
}

impl FnLower<'_, '_> {
    /// Adds the parameters for measures.
    pub(super) fn measure_params(&mut self) -> Vec<Vec<ValueId>> {
        let Some(cycle) = self.cycle else { return Vec::new() };
        let cycle = self.lo.cycle(cycle);
        let tys: Vec<Vec<Ty>> = cycle.members.iter().map(|(_, shape)| shape.types()).collect();
        tys.into_iter().map(|tys| tys.into_iter().map(|ty| self.b.param(ty)).collect()).collect()
    }

    /// What a call hands on as last measures.
    pub(super) fn measure_args(&mut self, callee: FnId, type_args: &[VeraTy]) -> Vec<ValueId> {
        let Some(cycle) = self.lo.cycle_of(callee, type_args) else { return Vec::new() };
        if self.cycle != Some(cycle) {
            return self.no_measures(cycle);
        }
        match &self.live {
            Live::Own(last) => last.iter().flatten().copied().collect(),
            Live::Published => self.published(cycle),
        }
    }

    /// The last measures of the cycle this code belongs to.
    pub(super) fn carried_measures(&mut self) -> Measures {
        let Some(cycle) = self.cycle else { return Measures::default() };
        let members = self.lo.cycle(cycle).members.clone();
        let (int, bool) = (self.lo.types.intern(TyKind::Int), self.lo.types.intern(TyKind::Bool));
        let values = match &self.live {
            Live::Own(last) => last.iter().flatten().copied().collect(),
            Live::Published => self.published(cycle),
        };
        let mut out = Measures { values, ..Measures::default() };
        for ((id, type_args), shape) in members {
            let live = out.values[out.types.len()];
            match &shape {
                Shape::Integer => out.types.push(int),
                Shape::Tuple(components) => {
                    out.types.push(bool);
                    let function = self.lo.program.function(id);
                    for (e, component) in measure(function).into_iter().zip(components) {
                        let ty = self.lo.types.subst(function.body[e].ty, &type_args);
                        out.types.push(self.lo.types.plain(ty));
                        if matches!(component, Component::Data(_)) && !out.live.contains(&live) {
                            out.live.push(live);
                        }
                    }
                }
            }
            out.shapes.push(shape);
        }
        out
    }

    /// That no activation of a cycle is live.
    pub(super) fn no_measures(&mut self, cycle: CycleId) -> Vec<ValueId> {
        let shapes = self.lo.cycle(cycle).members.iter();
        let shapes: Vec<Shape> = shapes.map(|(_, shape)| shape.clone()).collect();
        let mut out = Vec::new();
        for shape in shapes {
            match shape {
                Shape::Integer => out.push(self.b.i64(-1)),
                Shape::Tuple(_) => out.extend(self.dummies(&shape.types())),
            }
        }
        out
    }

    /// Evaluates the measure at entry, checks it, and makes it the last one.
    pub(super) fn measure_check(&mut self, id: FnId, function: &typed::Function) {
        let exprs = measure(function);
        if exprs.is_empty() || self.lo.is_trusted(function) {
            return;
        }
        let before = self.place(function.span);
        let values: Vec<ValueId> = exprs
            .iter()
            .map(|e| {
                let (ty, value) = (self.ty(*e), self.value(*e));
                self.opened(ty, value).1
            })
            .collect();
        let Some((at, shape)) = self.own_measure(id) else {
            self.b.loc = before;
            return;
        };
        let natural = exprs.len() == 1 && {
            let ty = self.ty(exprs[0]);
            matches!(self.lo.types.base_kind(ty), TyKind::Nat)
        };
        let Live::Own(last) = &self.live else {
            unreachable!("the entry of a function is its own activation");
        };
        let old = last[at].clone();
        let new = match &shape {
            Shape::Integer => vec![self.integer_check(old[0], values[0], natural)],
            Shape::Tuple(components) => {
                // Where none is live, the old values are no values.
                let live = old[0];
                self.b.open();
                let ok = self.lexicographic(components, &old[1..], &values);
                let then = Box::new(self.b.close(vec![ok]));
                self.b.open();
                let fine = self.b.i32(1);
                let otherwise = Box::new(self.b.close(vec![fine]));
                let ok = self.b.one(Op::If { cond: live, then, otherwise }, Ty::I32);
                self.measure_guard(ok);
                [self.b.i32(1)].into_iter().chain(values).collect()
            }
        };
        if let Live::Own(last) = &mut self.live {
            last[at] = new;
        }
        self.b.loc = before;
    }

    /// The place of this instance among the members of its cycle.
    fn own_measure(&self, id: FnId) -> Option<(usize, Shape)> {
        let members = self.lo.cycle(self.cycle?).members.iter().enumerate();
        let own = |member: &(FnId, Vec<VeraTy>)| member.0 == id && member.1 == self.type_args;
        members.into_iter().find(|(_, (m, _))| own(m)).map(|(at, (_, shape))| (at, shape.clone()))
    }

    /// Checks one integer; returns what is handed on.
    fn integer_check(&mut self, old: ValueId, new: ValueId, natural: bool) -> ValueId {
        let smaller = self.b.binary(BinaryOp::LtU64, new, old);
        self.b.open();
        let then = Box::new(self.b.close(Vec::new()));
        self.b.open();
        let none = self.b.i64(-1);
        let idle = self.b.binary(BinaryOp::EqI64, old, none);
        self.measure_guard(idle);
        let otherwise = Box::new(self.b.close(Vec::new()));
        self.b.none(Op::If { cond: smaller, then, otherwise });
        if natural {
            return new;
        }
        let zero = self.b.i64(0);
        let negative = self.b.binary(BinaryOp::LtI64, new, zero);
        self.select(negative, zero, new, Ty::I64)
    }

    fn measure_guard(&mut self, ok: ValueId) {
        let name = self.b.func.name.clone();
        let message = format!(
            "decreases() measure in '{name}' failed to decrease: the termination metric must strictly decrease and stay non-negative on every recursive call"
        );
        self.b.guard(ok, TrapKind::ContractViolation, Some(message));
    }

    /// 1 when the first component that differs is smaller, and not negative.
    fn lexicographic(
        &mut self,
        components: &[Component],
        old: &[ValueId],
        new: &[ValueId],
    ) -> ValueId {
        let Some(((component, rest), (o, n))) =
            components.split_first().zip(old.first().zip(new.first()))
        else {
            return self.b.i32(0);
        };
        let (o, n) = (*o, *n);
        let (smaller, same) = match component {
            Component::Integer => {
                let less = self.b.binary(BinaryOp::LtI64, n, o);
                let zero = self.b.i64(0);
                let natural = self.b.binary(BinaryOp::GeI64, n, zero);
                let less = self.b.binary(BinaryOp::AndI32, less, natural);
                (less, self.b.binary(BinaryOp::EqI64, n, o))
            }
            Component::Enum => (self.b.i32(0), self.b.i32(1)),
            Component::Data(ty) => {
                let func = self.lo.structural(Structural::Smaller, *ty);
                let order = self.b.one(Op::Call { func, args: vec![n, o] }, Ty::I32);
                let one = self.b.i32(1);
                let zero = self.b.i32(0);
                (
                    self.b.binary(BinaryOp::EqI32, order, one),
                    self.b.binary(BinaryOp::EqI32, order, zero),
                )
            }
        };
        if rest.is_empty() {
            return smaller;
        }
        self.b.open();
        let yes = self.b.i32(1);
        let then = Box::new(self.b.close(vec![yes]));
        self.b.open();
        self.b.open();
        let deeper = self.lexicographic(rest, &old[1..], &new[1..]);
        let inner_then = Box::new(self.b.close(vec![deeper]));
        self.b.open();
        let no = self.b.i32(0);
        let inner_otherwise = Box::new(self.b.close(vec![no]));
        let op = Op::If { cond: same, then: inner_then, otherwise: inner_otherwise };
        let decided = self.b.one(op, Ty::I32);
        let otherwise = Box::new(self.b.close(vec![decided]));
        self.b.one(Op::If { cond: smaller, then, otherwise }, Ty::I32)
    }
}
