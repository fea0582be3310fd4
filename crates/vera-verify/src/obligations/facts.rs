//! What a type says of its values.

use std::collections::HashMap;

use vera_check::typed::{LocalId, RefinementId};
use vera_check::types::{Ty, TyKind};
use vera_faults::Fault;

use super::claims::Purpose;
use super::walk::{Frame, Walk};
use super::*;
use crate::logic::Sort;

/// Parts of compound values are looked at down to this depth: recursive types have
/// no end.
const MAX_DEPTH: u32 = 3;

impl<'a> Walk<'_, 'a> {
    /// Assumes what the type says of a value itself; what it says of parts is
    /// assumed where they are read.
    #[track_caller]
    pub fn assume_type(&mut self, value: TermId, ty: Ty, why: Why) {
        if self.place.bound {
            return;
        }
        let fact = self.membership(value, ty, Purpose::Fact);
        self.assume(Fact::exactly(fact), why);
    }

    /// That a value may stand where the type is asked for: it is not negative for
    /// `Nat`, and satisfies every predicate. That it fits into 64 bits is the concern
    /// of the operation that made it.
    pub fn belongs(&mut self, value: TermId, ty: Ty) -> Claim {
        Claim::exactly(self.membership(value, ty, Purpose::Claim))
    }

    fn membership(&mut self, value: TermId, ty: Ty, purpose: Purpose) -> TermId {
        let known = purpose != Purpose::Claim;
        match self.types.kind(ty).clone() {
            TyKind::Int if known => self.terms().within(value, i64::MIN.into(), i64::MAX.into()),
            TyKind::Nat if known => self.terms().within(value, 0, i64::MAX.into()),
            TyKind::Byte if known => self.terms().within(value, 0, 255),
            TyKind::Nat => {
                let zero = self.terms().int(0);
                self.terms().less_equal(zero, value)
            }
            TyKind::Refined(base, id, args) => {
                let base = self.membership(value, base, purpose);
                let own = self.under(base, |w| w.predicate(id, &args, value));
                self.terms().and(base, own)
            }
            TyKind::Int | TyKind::Byte => self.terms().yes(),
            TyKind::Bool
            | TyKind::Float64
            | TyKind::String
            | TyKind::Unit
            | TyKind::Never
            | TyKind::Decimal
            | TyKind::Array(_)
            | TyKind::Set(_)
            | TyKind::Map(..)
            | TyKind::Tuple(_)
            | TyKind::Fn { .. }
            | TyKind::Param(..)
            | TyKind::Meta(_)
            | TyKind::Undeclared(_)
            | TyKind::Unknown => self.terms().yes(),
            // Whatever is of the type has its invariant.
            TyKind::Data(..) if known => self.invariant_fact(value, ty),
            TyKind::Data(..) => self.terms().yes(),
            TyKind::Future(inner) => self.membership(value, inner, purpose),
        }
    }

    /// The predicate of a refinement at a value.
    pub fn predicate(&mut self, id: RefinementId, args: &[Ty], value: TermId) -> TermId {
        let program = self.program;
        let refinement = &program.refinements[id.index()];
        let frame = Frame {
            body: &refinement.body,
            module: refinement.module,
            type_args: args.to_vec(),
            locals: HashMap::from([(refinement.binder, value)]),
            scope: vec![refinement.binder],
            result: None,
            states: Vec::new(),
        };
        self.within(frame, |w| w.clause_value(refinement.predicate))
    }

    /// The predicates of a refined type, innermost first, as messages show them.
    pub fn predicate_text(&self, ty: Ty) -> String {
        let mut levels = Vec::new();
        let mut at = ty;
        let mut base = "";
        while let TyKind::Refined(inner, id, _) = self.types.kind(at) {
            levels.push(self.program.refinements[id.index()].text.clone());
            at = *inner;
            base = if *self.types.kind(at) == TyKind::Nat { "@Nat.0 >= 0 && " } else { "" };
        }
        levels.reverse();
        match levels.as_slice() {
            [one] => format!("{base}{one}"),
            many => {
                let parts: Vec<String> = many.iter().map(|p| format!("({p})")).collect();
                format!("{base}{}", parts.join(" && "))
            }
        }
    }

    /// That every part inside a value belongs to its type.
    pub fn parts_belong(&mut self, value: TermId, ty: Ty) -> Claim {
        Claim::exactly(self.parts(value, ty, 0, Purpose::Claim))
    }

    /// What is known of the parts of a value that may stand where the type is asked for.
    pub fn known_parts(&mut self, value: TermId, ty: Ty) -> Fact {
        Fact::exactly(self.parts(value, ty, 0, Purpose::Fact))
    }

    /// What the types of the parameters say of the parts that a counterexample shows.
    pub fn shown_parts(&mut self, parameters: &[LocalId]) -> Vec<TermId> {
        let mut facts = Vec::new();
        for param in parameters {
            let ty = self.subst(self.frame.body[*param].ty);
            if self.is_constrained(ty) {
                let value = self.frame.locals[param];
                facts.push(self.apart(|w| w.parts(value, ty, 0, Purpose::Shown)));
            }
        }
        facts
    }

    /// What stands for something that is not looked into.
    fn unseen(&mut self, purpose: Purpose, name: &str) -> TermId {
        match purpose {
            Purpose::Claim if !Fault::DeepClaimIsTrue.planted() => self.opaque(Ty::BOOL, name),
            Purpose::Claim | Purpose::Fact | Purpose::Shown => self.terms().yes(),
        }
    }

    fn parts(&mut self, value: TermId, ty: Ty, depth: u32, purpose: Purpose) -> TermId {
        let ty = self.types.base(ty);
        if !self.is_constrained(ty) {
            return self.terms().yes();
        }
        if depth >= MAX_DEPTH {
            return self.unseen(purpose, "parts");
        }
        match (self.types.kind(ty).clone(), self.terms().sort(value)) {
            (TyKind::Tuple(parts), Sort::Data(data)) => {
                let fields = parts.iter().map(|p| (0, *p)).collect::<Vec<_>>();
                self.fields(value, data, &[fields], depth, purpose)
            }
            (TyKind::Data(id, args), Sort::Data(data)) => {
                let program = self.program;
                let mut ctors = Vec::new();
                for (c, ctor) in program.data(id).ctors.iter().enumerate() {
                    let fields = ctor.fields.iter();
                    ctors.push(
                        fields.map(|f| (c as u32, self.types.subst(*f, &args))).collect::<Vec<_>>(),
                    );
                }
                self.fields(value, data, &ctors, depth, purpose)
            }
            (TyKind::Array(element), Sort::Array(_)) => match purpose {
                Purpose::Claim | Purpose::Fact => self.elements(value, element, depth, purpose),
                Purpose::Shown if depth == 0 => self.first_elements(value, element),
                Purpose::Shown => self.terms().yes(),
            },
            (TyKind::Future(inner), _) => {
                let own = self.membership(value, inner, purpose);
                let below = self.parts(value, inner, depth + 1, purpose);
                self.terms().and(own, below)
            }
            // What a map or set holds is not modelled, nor is what has another sort.
            _ => self.unseen(purpose, "contents"),
        }
    }

    fn fields(
        &mut self,
        value: TermId,
        data: crate::logic::DataId,
        ctors: &[Vec<(u32, Ty)>],
        depth: u32,
        purpose: Purpose,
    ) -> TermId {
        let mut all = Vec::new();
        for fields in ctors {
            for (index, (ctor, ty)) in fields.iter().enumerate() {
                if !self.is_constrained(*ty) {
                    continue;
                }
                let is = self.unit.terms.is_ctor(&self.encoder.sorts, data, *ctor, value);
                let field =
                    self.unit.terms.select(&self.encoder.sorts, data, *ctor, index as u32, value);
                let part = self.under(is, |w| w.part(field, *ty, depth, purpose));
                all.push(self.terms().implies(is, part));
            }
        }
        self.terms().all(&all)
    }

    fn part(&mut self, value: TermId, ty: Ty, depth: u32, purpose: Purpose) -> TermId {
        let own = self.membership(value, ty, purpose);
        let inner = self.parts(value, ty, depth + 1, purpose);
        self.terms().and(own, inner)
    }

    /// What the type of elements says of all elements of an array.
    pub(super) fn known_elements(&mut self, array: TermId, element: Ty) -> Fact {
        Fact::exactly(self.elements(array, element, 0, Purpose::Fact))
    }

    fn elements(&mut self, array: TermId, element: Ty, depth: u32, purpose: Purpose) -> TermId {
        let (variable, index) = self.terms().variable();
        let bound = std::mem::replace(&mut self.place.bound, true);
        let before = self.opaques;
        let item = self.unit.terms.element(&self.encoder.sorts, array, index);
        let part = self.part(item, element, depth, purpose);
        self.place.bound = bound;
        if self.opaques != before {
            return self.unseen(purpose, "elements");
        }
        let (zero, length) = (self.terms().int(0), self.terms().length(array));
        let low = self.terms().less_equal(zero, index);
        let high = self.terms().less(index, length);
        let inside = self.terms().and(low, high);
        let body = self.terms().implies(inside, part);
        self.terms().quantified(true, variable, body)
    }

    /// What the element type says of as many elements as counterexamples show.
    fn first_elements(&mut self, array: TermId, element: Ty) -> TermId {
        let length = self.terms().length(array);
        let mut all = Vec::new();
        for i in 0..SHOWN_ELEMENTS {
            let index = self.terms().int(i as i128);
            let exists = self.terms().less(index, length);
            let item = self.unit.terms.element(&self.encoder.sorts, array, index);
            let part = self.under(exists, |w| w.part(item, element, 0, Purpose::Shown));
            all.push(self.terms().implies(exists, part));
        }
        self.terms().all(&all)
    }

    /// Whether a type restricts the values of its representation.
    pub fn is_constrained(&mut self, ty: Ty) -> bool {
        self.constrained(ty, &mut Vec::new())
    }

    fn constrained(&mut self, ty: Ty, seen: &mut Vec<Ty>) -> bool {
        if seen.contains(&ty) {
            return false;
        }
        seen.push(ty);
        match self.types.kind(ty).clone() {
            TyKind::Nat | TyKind::Refined(..) => true,
            TyKind::Array(inner) | TyKind::Set(inner) | TyKind::Future(inner) => {
                self.constrained(inner, seen)
            }
            TyKind::Map(key, value) => self.constrained(key, seen) || self.constrained(value, seen),
            TyKind::Tuple(parts) => parts.iter().any(|p| self.constrained(*p, seen)),
            TyKind::Data(id, args) => {
                let program = self.program;
                program.data(id).ctors.iter().flat_map(|c| &c.fields).any(|field| {
                    let field = self.types.subst(*field, &args);
                    self.constrained(field, seen)
                })
            }
            TyKind::Int
            | TyKind::Byte
            | TyKind::Bool
            | TyKind::Float64
            | TyKind::String
            | TyKind::Unit
            | TyKind::Never
            | TyKind::Decimal
            | TyKind::Fn { .. }
            | TyKind::Param(..)
            | TyKind::Meta(_)
            | TyKind::Undeclared(_)
            | TyKind::Unknown => false,
        }
    }
}
