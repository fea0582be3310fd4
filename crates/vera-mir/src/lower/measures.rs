//! The run-time check of `decreases` (language reference, chapters 6.4 and 14.6).
//!
//! A measure is compared with that of the innermost live activation of the same
//! function. Every function on a cycle of calls hands the *last measures* of all
//! measured functions of the cycle on, as additional parameters, so a tail call
//! stays one and nothing has to be put back when a call ends. Calls from outside
//! the cycle hand on that there is none. Closures that a library function or
//! `apply_fn` gets directly, and handler clauses, run while the function around
//! them is live, and so capture its measures; other closures may run when it is
//! not.

use vera_abi::trap::TrapKind;
use vera_check::typed::{self, ClauseKind, ExprId, FnId};
use vera_check::types::{Ty as VeraTy, TyKind};

use super::Lowerer;
use super::data::Repr;
use super::functions::FnLower;
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

/// The last measures that are known at a place: for each measured function of
/// the cycle, in order.
pub(crate) type Last = Vec<(FnId, Vec<ValueId>)>;

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
    /// The measured functions of the cycle a function lies on, and how their
    /// measures are handed on. Functions of the prelude are trusted.
    pub(super) fn measured(&mut self, id: FnId, type_args: &[VeraTy]) -> Vec<(FnId, Shape)> {
        let program = self.program;
        let function = program.function(id);
        let (Some(cycle), false) = (function.cycle, self.is_trusted(function)) else {
            return Vec::new();
        };
        let members = self.cycles.get(&cycle).cloned().unwrap_or_default();
        let mut out = Vec::new();
        for member in members {
            let other = program.function(member);
            // Its measure has the types of this instance only if both have the
            // same parameters.
            if other.type_params.len() != function.type_params.len() {
                continue;
            }
            let exprs = measure(other);
            let shape = self.shape(other, &exprs, type_args);
            out.extend(shape.map(|shape| (member, shape)));
        }
        out
    }

    pub(super) fn is_trusted(&self, function: &typed::Function) -> bool {
        self.program.modules[function.module.index()].prelude
    }

    /// `None` when there is nothing to compare.
    fn shape(
        &mut self,
        function: &typed::Function,
        exprs: &[ExprId],
        type_args: &[VeraTy],
    ) -> Option<Shape> {
        let mut components = Vec::new();
        for e in exprs {
            let ty = self.types.subst(function.body[*e].ty, type_args);
            let ty = self.types.base(ty);
            components.push(match self.repr(ty) {
                Repr::I64 => Component::Integer,
                Repr::Enum => Component::Enum,
                Repr::Ref if self.has_rank(ty) => Component::Data(ty),
                Repr::Ref | Repr::Zero | Repr::F64 | Repr::Byte => return None,
            });
        }
        match components.as_slice() {
            [] => None,
            [Component::Integer] => Some(Shape::Integer),
            _ => Some(Shape::Tuple(components)),
        }
    }

    /// The parameters a function takes for measures.
    pub(super) fn measure_types(&mut self, id: FnId, type_args: &[VeraTy]) -> Vec<Ty> {
        self.measured(id, type_args).iter().flat_map(|(_, shape)| shape.types()).collect()
    }
}

impl FnLower<'_, '_> {
    /// Adds the parameters for measures.
    pub(super) fn measure_params(&mut self, id: FnId, type_args: &[VeraTy]) -> Last {
        let measured = self.lo.measured(id, type_args);
        measured
            .into_iter()
            .map(|(f, shape)| (f, shape.types().into_iter().map(|ty| self.b.param(ty)).collect()))
            .collect()
    }

    /// What a call hands on as last measures.
    pub(super) fn measure_args(&mut self, callee: FnId, type_args: &[VeraTy]) -> Vec<ValueId> {
        let measured = self.lo.measured(callee, type_args);
        if measured.is_empty() {
            return Vec::new();
        }
        let same_cycle = self.cycle.is_some()
            && self.cycle == self.lo.program.function(callee).cycle
            && self.type_args == type_args;
        let mut out = Vec::new();
        for (f, shape) in measured {
            let known = self.last.iter().find(|(g, _)| *g == f).map(|(_, values)| values.clone());
            match known {
                Some(values) if same_cycle => out.extend(values),
                _ => out.extend(self.no_measure(&shape)),
            }
        }
        out
    }

    pub(super) fn no_measure(&mut self, shape: &Shape) -> Vec<ValueId> {
        match shape {
            Shape::Integer => vec![self.b.i64(-1)],
            Shape::Tuple(_) => self.dummies(&shape.types()),
        }
    }

    /// Evaluates the measure at entry, checks it, and makes it the last one.
    pub(super) fn measure_check(&mut self, id: FnId, function: &typed::Function) {
        let exprs = measure(function);
        if exprs.is_empty() || self.lo.is_trusted(function) {
            return;
        }
        let before = self.place(function.span);
        let values: Vec<ValueId> = exprs.iter().map(|e| self.value(*e)).collect();
        let type_args = self.type_args.clone();
        let shape = self.lo.shape(function, &exprs, &type_args);
        let last = self.last.iter().position(|(f, _)| *f == id);
        if let (Some(shape), Some(at)) = (shape, last) {
            let natural = exprs.len() == 1 && {
                let ty = self.ty(exprs[0]);
                matches!(self.lo.types.base_kind(ty), TyKind::Nat)
            };
            let old = self.last[at].1.clone();
            self.last[at].1 = match &shape {
                Shape::Integer => vec![self.integer_check(old[0], values[0], natural)],
                Shape::Tuple(components) => {
                    let live = old[0];
                    let ok = self.lexicographic(components, &old[1..], &values);
                    let idle = self.b.unary(UnaryOp::Not, live);
                    let ok = self.b.binary(BinaryOp::OrI32, idle, ok);
                    self.measure_guard(ok);
                    [self.b.i32(1)].into_iter().chain(values).collect()
                }
            };
        }
        self.b.loc = before;
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
