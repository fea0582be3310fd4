//! Arrays made by library functions, and the closures given to those: where the
//! elements of a result come from is remembered, and what is known of an element
//! is stated where the element is read. So no proof pays for elements it does not
//! look at, and solvers see few quantifiers.

use std::rc::Rc;

use vera_builtins::BuiltinId;
use vera_check::typed::{ExprId, ExprKind, LocalId};
use vera_check::types::{Ty, TyKind};

use super::folds::Step;
use super::walk::{Frame, Walk};
use super::*;
use crate::logic::{Op, Sort};

/// An element may come from an element of another array, and so on, to this depth.
const MAX_DEPTH: u32 = 6;

/// So many elements are looked into in one unit.
const MAX_UNFOLDED: usize = 500;

/// Functions over array literals of at most this length are written out.
const WRITTEN_OUT: usize = 16;

/// The constructor `Some` of `Option`.
const SOME: u32 = 1;

/// A function value whose body is known.
#[derive(Clone)]
pub(super) struct Closure<'a> {
    frame: Rc<Frame<'a>>,
    params: &'a [LocalId],
    body: ExprId,
}

/// Where the elements of an array come from.
#[derive(Clone)]
pub(super) enum Sequence<'a> {
    /// The function at each element, and at its index when `indexed`.
    Mapped {
        source: TermId,
        function: Closure<'a>,
        indexed: bool,
    },
    /// Some elements of the source, each meeting the predicate.
    Selected {
        source: TermId,
        predicate: Option<Closure<'a>>,
    },
    /// The elements of the source from an index on, which may be too small.
    Sliced {
        source: TermId,
        first: TermId,
    },
    Reversed {
        source: TermId,
    },
    Joined {
        first: TermId,
        second: TermId,
    },
    Appended {
        source: TermId,
        last: TermId,
    },
    Range {
        first: TermId,
        /// The one after the last.
        after: TermId,
    },
}

/// What a library function hands to a parameter of its closure.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Element,
    /// The index of the element.
    Index,
    /// What the function has computed so far.
    Accumulator,
}

/// The place of the closure among the arguments of a function over an array, and
/// what it is handed.
pub(super) fn roles(function: BuiltinId) -> Option<(usize, &'static [Role])> {
    Some(match function {
        BuiltinId::ArrayMap
        | BuiltinId::ArrayFilter
        | BuiltinId::ArrayFind
        | BuiltinId::ArrayAny
        | BuiltinId::ArrayAll => (1, &[Role::Element]),
        BuiltinId::ArrayMapi => (1, &[Role::Element, Role::Index]),
        BuiltinId::ArraySortBy => (1, &[Role::Element, Role::Element]),
        BuiltinId::ArrayFold => (2, &[Role::Accumulator, Role::Element]),
        _ => return None,
    })
}

impl<'a> Walk<'_, 'a> {
    // ---- closures

    /// The function given to a function over arrays: the body of a closure is walked
    /// by [`Walk::walk_handed`], when the array is known.
    pub(super) fn function_argument(&mut self, arg: ExprId) -> TermId {
        match self.written_closure(arg) {
            Some((params, body)) => self.closure_value(arg, params, body),
            None => self.eval(arg),
        }
    }

    /// The closure written as this argument. It may narrow as a function value; here
    /// what it is handed and yields is looked at itself.
    fn written_closure(&self, arg: ExprId) -> Option<(&'a [LocalId], ExprId)> {
        let exprs = self.frame.body;
        match &exprs[arg].kind {
            ExprKind::Closure { params, body } => Some((params, *body)),
            ExprKind::Narrow { value, .. } => match &exprs[*value].kind {
                ExprKind::Closure { params, body } => Some((params, *body)),
                _ => None,
            },
            _ => None,
        }
    }

    /// A function value, which remembers the body: a function of what it captures, so that
    /// closures that are written alike and capture the same are the same.
    pub(super) fn closure_value(
        &mut self,
        e: ExprId,
        params: &'a [LocalId],
        body: ExprId,
    ) -> TermId {
        let value = match self.captured(params, body) {
            Some((name, captured)) if !self.place.bound => {
                let name = format!("closure {} {name}", self.text(e));
                let ty = self.ty(e);
                let sort = self.sort(ty);
                let (symbol, value) = self.applied(&name, &captured, sort);
                let origin = Origin::Opaque { in_clause: self.place.in_clause };
                self.unit.origins.entry(symbol).or_insert(origin);
                self.opaques += 1;
                let lambda = self.lambda(params, body);
                let sorts: Vec<Sort> = captured.iter().map(|c| self.sort_of(*c)).collect();
                let closure = self.lambdas.id(format!("{name}{sorts:?}{sort:?}"), lambda);
                self.unit.closures.insert(symbol, closure);
                value
            }
            _ => self.opaque_result(e, "closure"),
        };
        if !self.place.bound {
            let closure = Closure { frame: Rc::new(self.frame.clone()), params, body };
            self.closures.insert(value, closure);
        }
        value
    }

    /// What the meaning of a closure depends on besides its text, and the values it
    /// captures; `None` where that is more than values.
    fn captured(&self, params: &[LocalId], code: ExprId) -> Option<(String, Vec<TermId>)> {
        let body = self.frame.body;
        let (mut plain, mut callees) = (true, Vec::new());
        super::visit::all(body, code, &mut |e| match &body[e].kind {
            ExprKind::Call { callee, type_args, .. } => callees.push((*callee, type_args.clone())),
            ExprKind::Result
            | ExprKind::Old(_)
            | ExprKind::New(_)
            | ExprKind::Perform { .. }
            | ExprKind::Resume(_)
            | ExprKind::Handle(_)
            | ExprKind::Assume(_)
            | ExprKind::Hole => plain = false,
            _ => {}
        });
        let captured = body.free_locals(params, &[code]);
        let values: Option<Vec<TermId>> =
            captured.iter().map(|local| self.frame.locals.get(local).copied()).collect();
        let name = format!("{:?} {:?} {callees:?}", self.frame.module, self.frame.type_args);
        plain.then_some((name, values?))
    }

    /// Walks a closure given to a function over an array for what it owes at any
    /// element; yields the step of a fold.
    pub(super) fn walk_handed(
        &mut self,
        e: ExprId,
        roles: (usize, &'static [Role]),
        args: &[ExprId],
        values: &[TermId],
    ) -> Option<Step> {
        let (closure, array) = (*args.get(roles.0)?, *args.first()?);
        let array_value = *values.first()?;
        let (params, body) = self.written_closure(closure)?;
        let TyKind::Array(element) = self.base_kind(array) else { return None };
        // Of what is walked for its value only, the steps of a fold are of interest.
        let folds = roles.1.contains(&Role::Accumulator) && !self.passing && !self.place.bound;
        if self.place.silent && !(folds && self.place.depth <= 1) {
            return None;
        }
        let accumulated = self.ty(e);
        let mut step = None;
        self.elsewhere(|w| {
            let start = w.hyp;
            let (mut index, mut so_far) = (None, None);
            for (param, role) in params.iter().zip(roles.1) {
                let (value, from) = match role {
                    Role::Element => {
                        let (at, value) = w.any_element(array_value, element);
                        index = at;
                        (value, element)
                    }
                    Role::Index => match index {
                        Some(at) => (at, Ty::NAT),
                        None => (w.opaque(Ty::NAT, "index"), Ty::NAT),
                    },
                    Role::Accumulator => {
                        let value = w.opaque(accumulated, "so_far");
                        w.fold_stays(args, values, value);
                        so_far = Some(value);
                        (value, accumulated)
                    }
                };
                w.handed(*param, value, from);
            }
            let value = w.eval(body);
            let TyKind::Fn { ret, row, .. } = w.base_kind(closure) else { return };
            w.yielded(body, value, ret);
            if let (Some(index), Some(so_far), true) = (index, so_far, row.is_pure()) {
                let learnt = w.facts_since(start);
                step = Some(Step { index, so_far, next: value, learnt });
            }
        });
        step
    }

    /// An element at an index of which only the range is known.
    fn any_element(&mut self, array: TermId, ty: Ty) -> (Option<TermId>, TermId) {
        if !matches!(self.unit.terms.sort(array), Sort::Array(_)) {
            return (None, self.opaque(ty, "element"));
        }
        let index = self.opaque(Ty::NAT, "index");
        let inside = self.inside(array, index);
        self.assume(Fact::exactly(inside), Why::Path);
        let value = self.element_at(array, index);
        self.assume_type(value, ty, Why::Type);
        (Some(index), value)
    }

    /// Binds a parameter of a closure, which may be narrower than what it is handed.
    fn handed(&mut self, param: LocalId, value: TermId, from: Ty) {
        let local = &self.frame.body[param];
        let (span, to) = (local.span, local.ty);
        let to = self.subst(to);
        self.comes_in(param, self.at(span));
        if from != to && self.narrows(from, to) {
            let (at, text) = (self.at(span), self.text_of(span));
            self.narrowing(from, to, value, Site::ClosureArgument, at, text, None);
        }
        self.assume_type(value, to, Why::Path);
        self.bind(param, value);
    }

    /// What the closure yields may be asked for at a narrower type than its own.
    fn yielded(&mut self, body: ExprId, value: TermId, asked: Ty) {
        let (from, to) = (self.ty(body), self.subst(asked));
        if from != to && self.narrows(from, to) {
            self.narrow_value(body, from, to, value, Site::ClosureReturn);
        }
    }

    /// The closure behind a function value, through the `let`s it went through.
    fn closure_of(&self, value: TermId) -> Option<Closure<'a>> {
        self.closures.get(&self.unbound(value)).cloned()
    }

    /// What a function value without effects yields, where its body is known.
    pub(super) fn known_application(
        &mut self,
        function: TermId,
        args: &[TermId],
    ) -> Option<TermId> {
        let closure = self.closure_of(function)?;
        // A function may be given itself inside of a value.
        if self.element_depth >= MAX_DEPTH || !self.may_unfold(1) {
            return None;
        }
        self.element_depth += 1;
        let result = self.result_of(&closure, args);
        self.element_depth -= 1;
        Some(result)
    }

    /// What a closure that returned yields at these arguments.
    fn result_of(&mut self, closure: &Closure<'a>, args: &[TermId]) -> TermId {
        let frame = Frame::clone(&closure.frame);
        self.within(frame, |w| {
            for (param, arg) in closure.params.iter().zip(args) {
                let ty = w.subst(w.frame.body[*param].ty);
                // The closure checked it.
                w.assume_type(*arg, ty, Why::Path);
                w.bind(*param, *arg);
            }
            w.silently(|w| w.eval(closure.body))
        })
    }

    // ---- results

    /// The result of a function over array literals, where it is written out.
    pub(super) fn written_out_result(
        &mut self,
        called: BuiltinId,
        values: &[TermId],
    ) -> Option<TermId> {
        let array = self.unbound(*values.first()?);
        let Op::ArrayLiteral(_) = self.unit.terms[array].op else { return None };
        let elements = self.unit.terms[array].args.to_vec();
        if elements.len() > WRITTEN_OUT || self.place.bound || !self.may_unfold(elements.len()) {
            return None;
        }
        match (called, values) {
            (BuiltinId::ArrayFold, [_, start, function]) => {
                let function = self.closure_of(*function)?;
                let mut so_far = *start;
                for element in elements {
                    so_far = self.result_of(&function, &[so_far, element]);
                }
                Some(so_far)
            }
            _ => None,
        }
    }

    /// Remembers where the elements of a result come from.
    pub(super) fn remember(&mut self, called: BuiltinId, values: &[TermId], result: TermId) {
        if self.place.bound {
            return;
        }
        let sequence = match (called, values) {
            (BuiltinId::ArrayMap | BuiltinId::ArrayMapi, [source, function]) => {
                let Some(function) = self.closure_of(*function) else { return };
                Sequence::Mapped {
                    source: *source,
                    function,
                    indexed: called == BuiltinId::ArrayMapi,
                }
            }
            (BuiltinId::ArrayFilter, [source, predicate]) => {
                Sequence::Selected { source: *source, predicate: self.closure_of(*predicate) }
            }
            (BuiltinId::ArraySlice, [source, first, _]) => {
                Sequence::Sliced { source: *source, first: *first }
            }
            (BuiltinId::ArraySortBy, [source, ..]) => {
                Sequence::Selected { source: *source, predicate: None }
            }
            (BuiltinId::ArrayReverse, [source]) => Sequence::Reversed { source: *source },
            (BuiltinId::ArrayConcat, [first, second]) => {
                Sequence::Joined { first: *first, second: *second }
            }
            (BuiltinId::ArrayAppend, [source, last]) => {
                Sequence::Appended { source: *source, last: *last }
            }
            (BuiltinId::ArrayRange, [first, after]) => {
                Sequence::Range { first: *first, after: *after }
            }
            _ => return,
        };
        self.sequences.insert(result, sequence);
    }

    /// What a fold has computed is its start or a result of its closure: of the type
    /// of that result, if the start is.
    pub(super) fn fold_stays(&mut self, args: &[ExprId], values: &[TermId], so_far: TermId) {
        let (Some(closure), Some(start)) = (args.get(2), values.get(1)) else { return };
        let TyKind::Fn { ret, .. } = self.base_kind(*closure) else { return };
        let ret = self.subst(ret);
        if self.place.bound || !self.is_constrained(ret) {
            return;
        }
        let starts = self.apart(|w| w.belongs(*start, ret)).term();
        let stays = self.apart(|w| w.belongs(so_far, ret)).term();
        let fact = self.terms().implies(starts, stays);
        self.assume(Fact::exactly(fact), Why::Derived);
    }

    /// A fold over no elements is its start.
    pub(super) fn fold_of_nothing(&mut self, values: &[TermId], result: TermId) {
        let [array, start, _] = values else { return };
        let same_sort = self.sort_of(*start) == self.sort_of(result);
        if self.place.bound || !same_sort || !matches!(self.sort_of(*array), Sort::Array(_)) {
            return;
        }
        let (length, zero) = (self.terms().length(*array), self.terms().int(0));
        let none = self.terms().equal(length, zero);
        let same = self.terms().equal(result, *start);
        let fact = self.terms().implies(none, same);
        self.assume(Fact::exactly(fact), Why::Derived);
    }

    /// `array_any` and `array_all` are quantifiers.
    pub(super) fn quantified_result(
        &mut self,
        called: BuiltinId,
        args: &[ExprId],
        values: &[TermId],
    ) -> Option<TermId> {
        let [array, predicate] = values else { return None };
        let all = match called {
            BuiltinId::ArrayAll => true,
            BuiltinId::ArrayAny => false,
            _ => return None,
        };
        let closure = self.closure_of(*predicate)?;
        if !matches!(self.unit.terms.sort(*array), Sort::Array(_)) || self.place.bound {
            return None;
        }
        if let TyKind::Array(element) = self.base_kind(*args.first()?) {
            self.read_everywhere.push((*array, Some(element)));
        }
        self.at_every_element(*array, all, |w, element| w.result_of(&closure, &[element]))
    }

    /// What `array_find` finds is an element that meets the predicate.
    pub(super) fn found(&mut self, called: BuiltinId, values: &[TermId], result: TermId) {
        let (BuiltinId::ArrayFind, [array, predicate]) = (called, values) else { return };
        let (Sort::Data(data), Sort::Array(_)) = (self.sort_of(result), self.sort_of(*array))
        else {
            return;
        };
        let predicate = self.closure_of(*predicate);
        let some = self.unit.terms.is_ctor(&self.encoder.sorts, data, SOME, result);
        let element = self.unit.terms.select(&self.encoder.sorts, data, SOME, 0, result);
        self.under(some, |w| w.selected(*array, predicate.as_ref(), element));
    }

    /// That a property holds of every element, or of some; `None` when it cannot be
    /// stated of a variable.
    fn at_every_element(
        &mut self,
        array: TermId,
        all: bool,
        property: impl FnOnce(&mut Self, TermId) -> TermId,
    ) -> Option<TermId> {
        let (variable, index) = self.terms().variable();
        let bound = std::mem::replace(&mut self.place.bound, true);
        let before = self.opaques;
        let element = self.element_at(array, index);
        let holds = property(self, element);
        self.place.bound = bound;
        self.state_elements();
        if self.opaques != before || self.unit.terms.sort(holds) != Sort::Bool {
            return None;
        }
        let inside = self.inside(array, index);
        let body =
            if all { self.terms().implies(inside, holds) } else { self.terms().and(inside, holds) };
        Some(self.terms().quantified(all, variable, body))
    }

    /// States what is known of every element of the arrays of which one at a variable
    /// index was read: what their type says, and what they were chosen by.
    pub(super) fn state_elements(&mut self) {
        if self.place.bound {
            return;
        }
        let mut read = std::mem::take(&mut self.read_everywhere);
        read.sort();
        read.dedup();
        for (array, element) in read {
            if self.unit.terms.is_open(array) {
                continue;
            }
            if let Some(element) = element {
                let fact = self.known_elements(array, element);
                self.assume(fact, Why::Type);
            }
            self.selected_everywhere(array);
        }
    }

    /// That all elements meet the predicates by which they were selected.
    fn selected_everywhere(&mut self, array: TermId) {
        let mut at = self.unbound(array);
        while let Some(Sequence::Selected { source, predicate }) = self.sequences.get(&at).cloned()
        {
            let holds = predicate.and_then(|predicate| {
                self.at_every_element(array, true, |w, e| w.result_of(&predicate, &[e]))
            });
            if let Some(fact) = holds {
                self.assume(Fact::exactly(fact), Why::Derived);
            }
            at = self.unbound(source);
        }
    }

    // ---- elements

    pub(super) fn inside(&mut self, array: TermId, index: TermId) -> TermId {
        let (zero, length) = (self.terms().int(0), self.terms().length(array));
        let low = self.terms().less_equal(zero, index);
        let high = self.terms().less(index, length);
        self.terms().and(low, high)
    }

    /// The value a constant of a `let` stands for.
    pub(super) fn unbound(&self, mut value: TermId) -> TermId {
        while let Op::Apply(symbol) = &self.unit.terms[value].op
            && let Some(Origin::Binding(inner)) = self.unit.origins.get(symbol)
        {
            value = *inner;
        }
        value
    }

    /// What a value is where a condition holds, and where it does not, each with its
    /// condition; `None` of other values, and of too many.
    pub(super) fn alternatives(
        &mut self,
        value: TermId,
    ) -> Option<(TermId, [(TermId, TermId); 2])> {
        let node = &self.unit.terms[value];
        let (Op::Ite, &[condition, a, b]) = (&node.op, node.args.as_slice()) else { return None };
        if !self.may_unfold(1) {
            return None;
        }
        let not = self.terms().not(condition);
        Some((condition, [(condition, a), (not, b)]))
    }

    fn may_unfold(&mut self, count: usize) -> bool {
        let left = MAX_UNFOLDED.saturating_sub(self.unfolded);
        self.unfolded += count.min(left);
        count <= left
    }

    /// The element of an array at an index inside it. What is known of it from where
    /// it comes from becomes a fact; under a quantifier, where there are none, and in
    /// a range the value is written in its place.
    pub(super) fn element_at(&mut self, array: TermId, index: TermId) -> TermId {
        let element = self.unit.terms.element(&self.encoder.sorts, array, index);
        let whole = self.unbound(array);
        if let Some((condition, arrays)) = self.alternatives(whole) {
            let [a, b] =
                arrays.map(|(holds, array)| self.under(holds, |w| w.element_at(array, index)));
            return if self.place.bound { self.terms().ite(condition, a, b) } else { element };
        }
        let Some(sequence) = self.sequences.get(&whole).cloned() else { return element };
        if self.element_depth >= MAX_DEPTH || !self.may_unfold(1) {
            return element;
        }
        self.element_depth += 1;
        let inside = self.inside(array, index);
        let range = matches!(sequence, Sequence::Range { .. });
        if self.place.bound && matches!(sequence, Sequence::Selected { .. }) {
            self.read_everywhere.push((array, None));
        }
        let known = self.under(inside, |w| match sequence {
            Sequence::Selected { source, predicate } => {
                w.selected(source, predicate.as_ref(), element);
                None
            }
            sequence => Some(w.computed(&sequence, array, index)),
        });
        self.element_depth -= 1;
        let Some(value) = known.filter(|v| self.sort_of(*v) == self.sort_of(element)) else {
            return element;
        };
        if self.place.bound || range {
            return value;
        }
        let same = self.terms().equal(element, value);
        let fact = self.terms().implies(inside, same);
        self.assume(Fact::exactly(fact), Why::Derived);
        element
    }

    pub(super) fn sort_of(&self, term: TermId) -> Sort {
        self.unit.terms.sort(term)
    }

    /// An element as its array's origin gives it.
    fn computed(&mut self, sequence: &Sequence<'a>, array: TermId, index: TermId) -> TermId {
        match sequence {
            Sequence::Mapped { source, function, indexed } => {
                let element = self.element_at(*source, index);
                let args = if *indexed { vec![element, index] } else { vec![element] };
                self.result_of(function, &args)
            }
            Sequence::Sliced { source, first } => {
                let zero = self.terms().int(0);
                let first = self.terms().maximum(*first, zero);
                let original = self.terms().add(first, index);
                self.element_at(*source, original)
            }
            Sequence::Reversed { source } => {
                let (length, one) = (self.terms().length(array), self.terms().int(1));
                let last = self.terms().subtract(length, one);
                let mirrored = self.terms().subtract(last, index);
                self.element_at(*source, mirrored)
            }
            Sequence::Joined { first, second } => {
                let length = self.terms().length(*first);
                let in_first = self.terms().less(index, length);
                let rest = self.terms().subtract(index, length);
                let a = self.under(in_first, |w| w.element_at(*first, index));
                let not = self.terms().not(in_first);
                let b = self.under(not, |w| w.element_at(*second, rest));
                self.terms().ite(in_first, a, b)
            }
            Sequence::Appended { source, last } => {
                let length = self.terms().length(*source);
                let in_source = self.terms().less(index, length);
                let a = self.under(in_source, |w| w.element_at(*source, index));
                self.terms().ite(in_source, a, *last)
            }
            Sequence::Range { first, .. } => self.terms().add(*first, index),
            Sequence::Selected { .. } => self.unit.terms.element(&self.encoder.sorts, array, index),
        }
    }

    /// An element is one of the source's and meets the predicate. Of a variable
    /// index nothing is said.
    fn selected(&mut self, source: TermId, predicate: Option<&Closure<'a>>, element: TermId) {
        if self.place.bound {
            // See `selected_everywhere`.
            return;
        }
        let place = self.opaque(Ty::NAT, "place");
        let inside = self.inside(source, place);
        self.assume(Fact::exactly(inside), Why::Derived);
        let original = self.element_at(source, place);
        let same = self.terms().equal(element, original);
        self.assume(Fact::exactly(same), Why::Derived);
        if let Some(predicate) = predicate {
            let holds = self.result_of(predicate, &[element]);
            if self.sort_of(holds) == Sort::Bool {
                self.assume(Fact::exactly(holds), Why::Derived);
            }
        }
    }
}
