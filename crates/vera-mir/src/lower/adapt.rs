//! Function values under types that promise more of them (language reference,
//! chapter 03.8).
//!
//! What a function value will be given and yield is known where it is called. One
//! that enters a type with a narrower result, or with parameters its own do not
//! allow for, is therefore put into a closure that checks both and calls it. So is
//! one that never returns where its type says that it does, since a call tells the
//! place of the result. A value that holds such functions is built anew around the
//! closures.

use std::collections::HashSet;

use vera_check::types::{Ty as VeraTy, TyKind};

use super::Lowerer;
use super::data::Repr;
use super::functions::FnLower;
use super::structural::{Structural, bare};
use crate::ir::*;

impl Lowerer<'_> {
    /// Whether a value of type `from` is not the same value as one of type `to`.
    pub(super) fn adapts(&mut self, from: VeraTy, to: VeraTy) -> bool {
        let mut met = HashSet::new();
        let mut work = vec![(from, to)];
        while let Some((from, to)) = work.pop() {
            if from == to || !met.insert((from, to)) {
                continue;
            }
            match (self.types.base_kind(from).clone(), self.types.base_kind(to).clone()) {
                (
                    TyKind::Fn { params: own, ret: yields, .. },
                    TyKind::Fn { params: given, ret, .. },
                ) => {
                    let mut sides = own.iter().zip(&given);
                    if self.promises_return(yields, ret)
                        || self.checks_result(yields, ret)
                        || sides.any(|(own, given)| self.checks_param(*own, *given))
                    {
                        return true;
                    }
                    work.push((yields, ret));
                    work.extend(given.into_iter().zip(own));
                }
                (TyKind::Array(from), TyKind::Array(to))
                | (TyKind::Future(from), TyKind::Future(to)) => work.push((from, to)),
                (TyKind::Map(_, from), TyKind::Map(_, to)) => work.push((from, to)),
                (TyKind::Tuple(from), TyKind::Tuple(to)) => work.extend(from.into_iter().zip(to)),
                (TyKind::Data(data, from), TyKind::Data(_, to)) => {
                    let program = self.program;
                    for field in program.data(data).ctors.iter().flat_map(|c| &c.fields) {
                        work.push((self.types.subst(*field, &from), self.types.subst(*field, &to)));
                    }
                }
                _ => {}
            }
        }
        false
    }

    /// Whether only the second result says that a function returns.
    fn promises_return(&self, yields: VeraTy, ret: VeraTy) -> bool {
        self.repr(yields) == Repr::Zero && self.repr(ret) != Repr::Zero
    }

    fn checks_result(&mut self, yields: VeraTy, ret: VeraTy) -> bool {
        yields != ret && self.is_constrained(ret)
    }

    /// A closure checks parameters that are a `Nat` or refined itself, but not what
    /// is inside a compound one.
    fn checks_param(&mut self, own: VeraTy, given: VeraTy) -> bool {
        own != given && self.repr(own) == Repr::Ref && self.is_constrained(own)
    }
}

impl FnLower<'_, '_> {
    /// A value of type `from` as one of type `to`.
    pub(super) fn adapted(&mut self, value: ValueId, from: VeraTy, to: VeraTy) -> ValueId {
        if !self.lo.adapts(from, to) {
            return value;
        }
        match (self.lo.types.base_kind(from), self.lo.types.base_kind(to)) {
            (TyKind::Fn { .. }, _) => self.enclosed(value, from, to),
            (&TyKind::Future(from), &TyKind::Future(to)) => {
                let value = self.awaited(from, value);
                let value = self.adapted(value, from, to);
                self.settled(to, value)
            }
            _ => {
                let func = self.lo.structural(Structural::Adapt(from), to);
                self.b.one(Op::Call { func, args: vec![value] }, Ty::Ref)
            }
        }
    }

    /// A closure that calls a function value, with the checks the new type owes.
    fn enclosed(&mut self, function: ValueId, from: VeraTy, to: VeraTy) -> ValueId {
        let (TyKind::Fn { params: own, ret: yields, .. }, TyKind::Fn { params, ret, row }) =
            (self.lo.types.base_kind(from).clone(), self.lo.types.base_kind(to).clone())
        else {
            unreachable!("a function type is below function types only");
        };
        self.lo.closures += 1;
        let name = format!("anon_{}", self.lo.closures);
        let at = self.lo.out.locs[self.b.loc.index()].at;
        let func = self.lo.reserve(format!("{name}${}", self.b.func.name), name, at);
        let tag = self.lo.closure_tag();
        let (layout, slots) = self.lo.closure_shape(tag, &[Mem::Ref]);
        self.lo.describe(tag, func, (layout, slots.clone()), vec![from]);
        let (offset, mem) = slots[0];
        let may_unwind = self.may_unwind(&row.effects);
        let mut inner = bare(self.lo, func);
        inner.b.func.indirect = true;
        let object = inner.b.param(Ty::Ref);
        let closure = inner.b.one(Op::Load { object, offset, mem }, Ty::Ref);
        let mut args = Vec::new();
        for (given, own) in params.into_iter().zip(own) {
            let Some(ty) = inner.lo.repr(given).ty() else { continue };
            let arg = inner.b.param(ty);
            let adapted = inner.adapted(arg, given, own);
            if inner.lo.checks_param(own, given) {
                inner.check_part(adapted, own);
            }
            args.push(adapted);
        }
        inner.b.func.results = inner.lo.repr(ret).ty().into_iter().collect();
        let results: Vec<Ty> = inner.lo.repr(yields).ty().into_iter().collect();
        let call = Op::CallClosure { closure, args, results: results.clone() };
        let mut result = inner.b.emit(call, &results);
        if may_unwind {
            inner.unwind_if_abandoned();
        }
        if inner.lo.promises_return(yields, ret) {
            inner.b.end(Terminator::Unreachable);
        }
        if let Some(result) = result.first_mut() {
            *result = inner.adapted(*result, yields, ret);
            if inner.lo.checks_result(yields, ret) {
                inner.check_part(*result, ret);
            }
        }
        inner.b.end(Terminator::Return(result));
        let built = inner.b.finish();
        self.lo.out.funcs[func.index()] = built;
        let captures = vec![(offset, mem, function)];
        self.b.one(Op::MakeClosure { layout, func, captures }, Ty::Ref)
    }

    /// `adapt(value) -> value` of a compound type.
    pub(super) fn adapt_function(&mut self, from: VeraTy, to: VeraTy) {
        let value = self.b.param(Ty::Ref);
        self.b.func.results = vec![Ty::Ref];
        let built = match (self.lo.types.base_kind(from), self.lo.types.base_kind(to)) {
            (&TyKind::Array(from), &TyKind::Array(to)) => self.adapt_elements(value, from, to),
            (TyKind::Map(..), TyKind::Map(..)) => self.adapt_entries(value, from, to),
            _ => return self.adapt_fields(value, from, to),
        };
        self.b.end(Terminator::Return(vec![built]));
    }

    fn adapt_elements(&mut self, array: ValueId, from: VeraTy, to: VeraTy) -> ValueId {
        let len = self.b.seq_len(array);
        let built = self.new_array(len, Mem::Ref);
        self.for_each(array, len, Repr::Ref, Vec::new(), &mut |this, index, element, _| {
            let value = this.adapted(element, from, to);
            let data = this.b.seq_data(built);
            this.b.none(Op::SetElement { data, index, mem: Mem::Ref, value });
            Vec::new()
        });
        self.finish_array(built, Mem::Ref);
        built
    }

    fn adapt_fields(&mut self, object: ValueId, from: VeraTy, to: VeraTy) {
        let (held, shapes) = (self.shapes(from), self.shapes(to));
        let tag = match self.lo.types.base_kind(from) {
            TyKind::Tuple(_) => self.b.i32(0),
            _ => self.tag(from, object),
        };
        self.each_ctor(tag, &shapes, &mut |this, tag, _, shape| {
            let mut fields = Vec::new();
            let held = &held[tag].1;
            for (i, slot) in shape.slots.iter().enumerate() {
                let Some((offset, mem)) = *slot else { continue };
                // A constructor with a field of no value is never built.
                let Some(field) = this.field(object, held.slots[i]) else { return };
                let value = this.adapted(field, held.fields[i], shape.fields[i]);
                fields.push((offset, mem, value));
            }
            let built = this.make_object(tag as u32, shape, fields);
            this.b.end(Terminator::Return(vec![built]));
        });
    }
}
