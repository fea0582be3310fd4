//! Contracts, refinements and `Nat` guards.

use vera_abi::trap::TrapKind;
use vera_check::typed::{ClauseKind, FnId, Function, NarrowSite, RefinementId};
use vera_check::types::{Ty, TyKind};

use super::{Frame, Machine, Stop, Thread, Value, located, refusal, trap};

type Checked<'p> = Result<(), Stop<'p>>;

/// What the type parameters of a type stand for, themselves in an outer scope.
#[derive(Clone, Copy)]
struct Scope<'a> {
    args: &'a [Ty],
    outer: Option<&'a Scope<'a>>,
}

/// Whether the first component that differs is smaller, and not negative.
fn decreases(old: &[Value<'_>], new: &[Value<'_>]) -> bool {
    let rank = |value: &Value<'_>| match value {
        Value::Int(n) => *n,
        other => other.nodes(),
    };
    let changed = old.iter().zip(new).find(|(o, n)| rank(o) != rank(n));
    changed.is_some_and(|(o, n)| rank(n) < rank(o) && rank(n) >= 0)
}

fn broken<'p>() -> Stop<'p> {
    trap(TrapKind::ContractViolation)
}

impl<'p> Machine<'p> {
    pub(super) fn entry_checks(
        &self,
        thread: &mut Thread<'p>,
        frame: &mut Frame<'p>,
        function: &'p Function,
    ) -> Checked<'p> {
        for param in &function.params {
            let value = frame.locals[param.index()].clone().expect("arguments are bound");
            let local = &function.body[*param];
            let checked = self.check_refined(thread, &value, local.ty);
            checked.map_err(|stop| refusal(located(stop, frame.at(local.span))))?;
        }
        for clause in &function.clauses {
            if let ClauseKind::Requires(predicate) = clause.kind
                && !self.eval(thread, frame, predicate)?.bool()
            {
                return Err(refusal(located(broken(), frame.at(clause.span))));
            }
        }
        let states = function.effects.iter().filter(|e| self.effect_name(e) == "State");
        frame.old = states.map(|e| (e.clone(), self.read(thread, frame, e))).collect();
        Ok(())
    }

    pub(super) fn exit_checks(
        &self,
        thread: &mut Thread<'p>,
        frame: &mut Frame<'p>,
        function: &'p Function,
        value: &Value<'p>,
    ) -> Checked<'p> {
        let checked = self.check_refined(thread, value, function.ret);
        checked.map_err(|stop| located(stop, frame.at(function.body[function.result].span)))?;
        frame.result = Some(value.clone());
        for clause in &function.clauses {
            if let ClauseKind::Ensures(predicate) = clause.kind
                && !self.eval(thread, frame, predicate)?.bool()
            {
                return Err(located(broken(), frame.at(clause.span)));
            }
        }
        Ok(())
    }

    /// Evaluates the measure of a call; one within the function's own cycle must
    /// be below that of the innermost live activation.
    pub(super) fn measure_check(
        &self,
        thread: &mut Thread<'p>,
        frame: &mut Frame<'p>,
        caller: Option<FnId>,
        id: FnId,
    ) -> Checked<'p> {
        let function = self.program.function(id);
        let (mut values, mut span) = (Vec::new(), function.span);
        for clause in &function.clauses {
            if let ClauseKind::Decreases(components) = &clause.kind {
                span = clause.span;
                for e in components {
                    values.push(self.eval(thread, frame, *e)?);
                }
            }
        }
        let recurs = caller.is_some_and(|c| self.program.function(c).cycle == function.cycle);
        if function.cycle.is_none() || values.is_empty() {
            return Ok(());
        }
        let live = thread.measures.iter().rev().find(|(f, _)| *f == id);
        if let (Some((_, old)), true) = (live, recurs)
            && !decreases(old, &values)
        {
            return Err(located(broken(), frame.at(span)));
        }
        thread.measures.push((id, values));
        Ok(())
    }

    /// A value of type `from` enters the type `to`.
    pub(super) fn narrow(
        &self,
        thread: &mut Thread<'p>,
        value: &Value<'p>,
        from: Ty,
        to: Ty,
        site: &NarrowSite,
    ) -> Checked<'p> {
        if from == to {
            return Ok(());
        }
        let types = &self.program.types;
        match types.kind(to) {
            TyKind::Nat if matches!(types.base_kind(from), TyKind::Nat) => Ok(()),
            // The callee, and the function at its end, check these.
            TyKind::Refined(..) if matches!(site, NarrowSite::Argument | NarrowSite::Return) => {
                Ok(())
            }
            _ => self.check_part(thread, value, to),
        }
    }

    /// The check of a refined parameter or result.
    pub(super) fn check_refined(
        &self,
        thread: &mut Thread<'p>,
        value: &Value<'p>,
        ty: Ty,
    ) -> Checked<'p> {
        match self.program.types.kind(ty) {
            TyKind::Refined(..) => self.check_part(thread, value, ty),
            _ => Ok(()),
        }
    }

    /// What a cell without an initial value starts with.
    pub(super) fn zero(&self, ty: Ty) -> Value<'p> {
        match self.program.types.base_kind(ty) {
            TyKind::Byte => Value::Byte(0),
            TyKind::Bool => Value::Bool(false),
            TyKind::Float64 => Value::Float(0.0),
            _ => Value::Int(0),
        }
    }

    /// Whether the value, with everything inside, is one of the type.
    pub(super) fn check_part(
        &self,
        thread: &mut Thread<'p>,
        value: &Value<'p>,
        ty: Ty,
    ) -> Checked<'p> {
        self.check(thread, value, ty, Scope { args: &[], outer: None })
    }

    /// Checks that a value satisfies the predicate of a refinement, or an invariant.
    pub(super) fn predicate(
        &self,
        thread: &mut Thread<'p>,
        id: RefinementId,
        value: &Value<'p>,
    ) -> Checked<'p> {
        let refinement = &self.program.refinements[id.index()];
        let mut frame = self.frame(&refinement.body, refinement.module);
        frame.locals[refinement.binder.index()] = Some(value.clone());
        match self.eval(thread, &mut frame, refinement.predicate)?.bool() {
            true => Ok(()),
            false => Err(broken()),
        }
    }

    fn check(
        &self,
        thread: &mut Thread<'p>,
        value: &Value<'p>,
        ty: Ty,
        scope: Scope<'_>,
    ) -> Checked<'p> {
        match (self.program.types.kind(ty), value) {
            (TyKind::Nat, Value::Int(..0)) => Err(trap(TrapKind::NatGuard)),
            (TyKind::Refined(base, id, _), _) => {
                self.check(thread, value, *base, scope)?;
                self.predicate(thread, *id, value)
            }
            (TyKind::Param(i, _), _) => match (scope.args.get(*i as usize), scope.outer) {
                (Some(arg), Some(outer)) => self.check(thread, value, *arg, *outer),
                _ => Ok(()),
            },
            (TyKind::Array(item), Value::Array(items)) => {
                items.iter().try_for_each(|i| self.check(thread, i, *item, scope))
            }
            (TyKind::Tuple(tys), Value::Tuple(parts)) => {
                tys.iter().zip(parts.iter()).try_for_each(|(t, p)| self.check(thread, p, *t, scope))
            }
            (TyKind::Data(id, args), Value::Data(_, ctor, fields)) => {
                let inner = Scope { args, outer: Some(&scope) };
                let tys = &self.program.data(*id).ctors[*ctor as usize].fields;
                tys.iter()
                    .zip(fields.iter())
                    .try_for_each(|(t, f)| self.check(thread, f, *t, inner))
            }
            (TyKind::Map(key, of), Value::Map(entries)) => entries.iter().try_for_each(|(k, v)| {
                self.check(thread, k, *key, scope)?;
                self.check(thread, v, *of, scope)
            }),
            (TyKind::Set(key), Value::Map(entries)) => {
                entries.iter().try_for_each(|(k, _)| self.check(thread, k, *key, scope))
            }
            _ => Ok(()),
        }
    }
}
