//! Calls: the callee's precondition, its promises, and the measure of recursion.

use std::collections::HashMap;

use vera_builtins::BuiltinId;
use vera_check::typed::{ClauseKind, ExprId, ExprKind, FnId, Function, Program, RefinementId};
use vera_check::types::Ty;
use vera_faults::Fault;

use super::arrays::roles;
use super::contexts::StateValues;
use super::functions::{measure, phase};
use super::labels;
use super::walk::{Frame, Walk};
use super::*;
use crate::logic::{Assumptions, Sort};

/// Contracts may call functions whose contracts call functions; past this depth the
/// results are opaque, since each level multiplies the calls.
const MAX_DEPTH: u32 = 6;

/// So many clauses of callees are looked into where they stand in other contracts.
const MAX_MEANINGS: usize = 24;

/// The row of a function of the prelude that programs call.
fn library_function(program: &Program, function: &Function) -> Option<BuiltinId> {
    let prelude = program.is_prelude(function.module) && function.parent.is_none();
    prelude.then(|| vera_builtins::function(&function.name))?.map(|row| row.id)
}

impl<'a> Walk<'_, 'a> {
    pub(super) fn call(
        &mut self,
        e: ExprId,
        callee: FnId,
        type_args: &[Ty],
        args: &[ExprId],
    ) -> TermId {
        let file = self.program.modules[self.program.function(callee).module.index()].file;
        let decl = FileSpan { file, span: self.program.function(callee).span };
        let mut values = Vec::new();
        let program = self.program;
        let function = program.function(callee);
        let written = type_args;
        let type_args: Vec<Ty> = written.iter().map(|t| self.subst(*t)).collect();
        let prelude = program.modules[function.module.index()].prelude;
        let roles = library_function(program, function).and_then(roles);
        for (at, (arg, param)) in args.iter().zip(&function.params).enumerate() {
            if let Some((function, _)) = roles {
                values.push(if at == function {
                    self.function_argument(*arg)
                } else {
                    self.eval(*arg)
                });
                continue;
            }
            // For the argument itself, not for what stands inside it.
            let narrows = matches!(self.frame.body[*arg].kind, ExprKind::Narrow { .. });
            self.callee = narrows.then_some(decl);
            let ty = self.types.subst(function.body[*param].ty, &type_args);
            let sort = self.sort(ty);
            values.push(self.eval_as(*arg, sort));
        }
        self.callee = None;
        if let Some(roles) = roles {
            // Of what functions of the prelude do with a step, their promises speak.
            self.walk_handed(e, roles, args, &values);
        }
        for arg in args {
            self.application_happens(*arg);
        }
        if prelude {
            return self.library_call(e, callee, type_args, &values, args);
        }
        // A unit looks so far into contracts of contracts: proofs rarely need them, and
        // every query carries what was looked at.
        let deep = self.place.depth > 1 && self.meanings.len() >= MAX_MEANINGS;
        if deep || self.place.depth > MAX_DEPTH {
            return self.opaque_call(e, &function.name, &values);
        }
        if self.place.bound {
            // Nothing can be stated of it here; see [`Walk::witness`].
            self.bound_calls += 1;
            return self.call_result(e, callee, &type_args, &values).0;
        }
        let fits = self.arguments_fit(function, &type_args, &values, args);
        let at = At { callee, type_args: &type_args, values: &values };
        if Fault::MeasureTeaches.planted() {
            self.under(fits, |w| w.recursion(e, &at));
        }
        let (holds, owed) = self.preconditions(e, function, &at, args, fits);
        let premise = self.terms().and(fits, holds);
        // The callee compares its measure once its precondition has held. What that
        // teaches is no fact of the caller: a run need not evaluate the measure.
        if !Fault::MeasureTeaches.planted() {
            self.apart(|w| {
                w.assume(Fact::exactly(premise), Why::Path);
                w.recursion(e, &at);
            });
        }
        let states = self.effects_of_call(function, written);
        // That it returned says that it was let in.
        if self.passing {
            self.assume(Fact::exactly(premise), Why::Path);
        }
        let (result, returned) = self.call_result(e, callee, &type_args, &values);
        if !owed.is_empty() {
            self.unit.call_obligations.entry(result).or_default().extend(owed);
        }
        self.promises(function, &at, premise, result, &states);
        self.returned(callee, premise, returned);
        if self.never_returns(e) {
            self.never();
        }
        result
    }

    /// What follows a call is reached only if the callee returns, which its contract does
    /// not say. That it did, under its precondition, is what its definition can be
    /// looked up by.
    fn returned(&mut self, callee: FnId, premise: TermId, returned: Option<TermId>) {
        let name = &self.program.function(callee).name;
        let goes_on = self.goes_on(name, Origin::Call { callee, generic: false });
        let Some(returned) = returned else { return };
        if let Some(symbol) = goes_on {
            self.unit.passed.insert(symbol, returned);
        }
        let fact = self.terms().implies(premise, returned);
        self.assume(Fact::exactly(fact), Why::Derived);
    }

    /// What follows is reached only if what was asked for comes back. The condition proves
    /// nothing; it tells verdicts what a place rests on.
    pub(super) fn goes_on(&mut self, name: &str, origin: Origin) -> Option<SymbolId> {
        if self.place.silent || self.place.bound {
            return None;
        }
        let symbol = self.unit.terms.declare(name, Vec::new(), Sort::Bool);
        self.unit.origins.insert(symbol, origin);
        let returned = self.unit.terms.apply(symbol, &[]);
        self.rest_on(returned);
        Some(symbol)
    }

    /// The call may throw, and changes cells; yields their contents before and after.
    fn effects_of_call(&mut self, function: &Function, written: &[Ty]) -> Vec<StateValues> {
        let effects = self.row_here(&function.effects, written);
        self.may_throw(&effects);
        let cells = self.cells(&function.effects);
        let mut places = Vec::new();
        for (cell, here) in cells.iter().zip(self.row_here(&cells, written)) {
            let Some(family) = here.args.first().map(|t| self.subst(*t)) else { continue };
            places.push((cell.clone(), family, self.reached_cell(&here)));
        }
        let content = |w: &mut Self, family: Ty, at: Option<usize>| match at {
            Some(at) => w.around[at].cell().map(|c| c.content),
            None => Some(w.opaque(family, "state")),
        };
        let old: Vec<_> = places.iter().map(|(_, f, at)| content(self, *f, *at)).collect();
        self.forget_effects(&effects);
        let mut out = Vec::new();
        for ((effect, family, at), old) in places.into_iter().zip(old) {
            let new = content(self, family, at);
            if let (Some(old), Some(new)) = (old, new) {
                out.push(StateValues { effect, family, old, new });
            }
        }
        out
    }

    /// The callee's slots at these arguments.
    pub(super) fn callee_frame(
        &self,
        function: &'a Function,
        type_args: &[Ty],
        values: &[TermId],
    ) -> Frame<'a> {
        Frame {
            body: &function.body,
            module: function.module,
            type_args: type_args.to_vec(),
            locals: HashMap::from_iter(function.params.iter().copied().zip(values.iter().copied())),
            scope: function.params.clone(),
            result: None,
            states: Vec::new(),
        }
    }

    /// Whether the arguments belong to the parameters' types.
    fn arguments_fit(
        &mut self,
        function: &'a Function,
        type_args: &[Ty],
        values: &[TermId],
        args: &[ExprId],
    ) -> TermId {
        let mut parts = Vec::new();
        for ((param, value), arg) in function.params.iter().zip(values).zip(args) {
            // Other arguments have the parameter's type already.
            if !matches!(self.frame.body[*arg].kind, ExprKind::Narrow { .. }) {
                continue;
            }
            let ty = self.types.subst(function.body[*param].ty, type_args);
            let (own, inner) = self.apart(|w| (w.belongs(*value, ty), w.known_parts(*value, ty)));
            parts.extend([Fact::from(own).term(), inner.term()]);
        }
        self.terms().all(&parts)
    }

    /// The conjunction of the callee's preconditions, and the obligations they make.
    fn preconditions(
        &mut self,
        e: ExprId,
        function: &'a Function,
        at: &At<'_>,
        args: &[ExprId],
        fits: TermId,
    ) -> (TermId, Vec<usize>) {
        let mut all = self.terms().yes();
        let mut owed = Vec::new();
        for (index, clause) in function.clauses.iter().enumerate() {
            let ClauseKind::Requires(predicate) = clause.kind else { continue };
            if is_trivial(function, predicate) {
                continue;
            }
            let frame = self.callee_frame(function, at.type_args, at.values);
            let known = self.terms().and(fits, all);
            let holds = self.under(known, |w| {
                w.meaning(at, index, None, |w| w.within(frame, |w| w.clause_value(predicate)))
            });
            all = self.terms().and(all, holds);
            if self.place.silent {
                continue;
            }
            let about = About::Call {
                callee: function.name.to_string(),
                clause: clause.text.clone(),
                substituted: self.substituted(&clause.text, function, args),
                builtin: false,
            };
            let file = self.program.modules[function.module.index()].file;
            let check_at = FileSpan { file, span: clause.span };
            owed.extend(self.call_precondition(e, holds, about, Some(check_at)));
        }
        (all, owed)
    }

    /// What a clause means at given arguments, and result: its value. What evaluating
    /// it teaches is assumed.
    ///
    /// It is computed once for each depth of contracts within contracts: contracts
    /// that call functions whose contracts call functions would otherwise be walked
    /// as often as there are paths to them. What is learnt is shared terms.
    fn meaning(
        &mut self,
        at: &At<'_>,
        clause: usize,
        result: Option<TermId>,
        walk: impl FnOnce(&mut Self) -> TermId,
    ) -> TermId {
        // Nothing is learnt at a bound variable, so nothing learnt may be remembered.
        if self.place.bound {
            return walk(self);
        }
        let key = Meaning {
            callee: at.callee,
            type_args: at.type_args.to_vec(),
            values: at.values.to_vec(),
            clause,
            result,
            depth: self.place.depth,
            making: self.making.clone(),
        };
        if !self.meanings.contains_key(&key) {
            let before = self.hyp;
            let value = walk(self);
            let mut learnt: Vec<(Why, Vec<TermId>)> = Vec::new();
            for Learnt { fact, why, .. } in self.facts_since(before) {
                match learnt.iter_mut().find(|(w, _)| *w == why) {
                    Some((_, facts)) => facts.push(fact),
                    None => learnt.push((why, vec![fact])),
                }
            }
            self.hyp = before;
            let learnt =
                learnt.into_iter().map(|(why, facts)| (why, self.terms().all(&facts))).collect();
            self.meanings.insert(key.clone(), (value, learnt));
        }
        let (value, learnt) = self.meanings[&key].clone();
        for (why, fact) in learnt {
            self.assume(Fact::exactly(fact), why);
        }
        value
    }

    /// The obligation that a call meets a precondition.
    pub(super) fn call_precondition(
        &mut self,
        e: ExprId,
        holds: TermId,
        about: About,
        check_at: Option<FileSpan>,
    ) -> Option<usize> {
        let at = self.at(self.frame.body[e].span);
        let obligation =
            self.obligation(Kind::CallPre, at, self.text(e), self.goal(Claim::exactly(holds)));
        let phase = calls_phase(obligation.phase);
        let check = Check::At(check_at.unwrap_or(at));
        self.record(Obligation { phase, about, check, ..obligation })
    }

    /// A callee's clause with the arguments in it, as the caller would write it.
    fn substituted(&self, clause: &str, function: &Function, args: &[ExprId]) -> String {
        let frame = Frame {
            body: &function.body,
            module: function.module,
            type_args: Vec::new(),
            locals: function.params.iter().map(|p| (*p, TermId(p.0))).collect(),
            scope: function.params.clone(),
            result: None,
            states: Vec::new(),
        };
        let mut arguments = Vec::new();
        for (label, param) in labels::slots(&frame) {
            let position = function.params.iter().position(|p| p.0 == param.0);
            if let Some(arg) = position.and_then(|i| args.get(i)) {
                arguments.push((label, self.text(*arg)));
            }
        }
        labels::substitute(clause, &arguments)
    }

    /// The term of a call's result: a function of the arguments when nothing else
    /// can influence it, and then also the term that says that the call returned.
    fn call_result(
        &mut self,
        e: ExprId,
        callee: FnId,
        type_args: &[Ty],
        values: &[TermId],
    ) -> (TermId, Option<TermId>) {
        let ty = self.ty(e);
        let sort = self.sort(ty);
        let function = self.program.function(callee);
        let pure = function.effects.is_empty() && !self.never_returns(e);
        let called = pure.then(|| self.called(callee, type_args, values, sort));
        let generic = !type_args.is_empty();
        let (symbol, args) = match called {
            Some((symbol, _)) => (symbol, values),
            None => (self.unit.terms.declare(&function.name, Vec::new(), sort), &[][..]),
        };
        self.unit.origins.insert(symbol, Origin::Call { callee, generic });
        if self.place.bound && called.is_none() {
            // A value that may differ from index to index has no symbol to stand for it.
            self.opaques += 1;
        }
        let result = self.unit.terms.apply(symbol, args);
        if self.place.in_clause && self.cycles.is_recursive(callee) {
            self.unit.specified.insert(result);
        }
        let returned = called.map(|(_, returned)| self.unit.terms.apply(returned, args));
        (result, returned)
    }

    /// The symbols of a pure callee: of its result, and that it returns.
    fn called(
        &mut self,
        function: FnId,
        type_args: &[Ty],
        values: &[TermId],
        sort: Sort,
    ) -> (SymbolId, SymbolId) {
        let name = self.program.function(function).name.clone();
        let params: Vec<Sort> = values.iter().map(|v| self.unit.terms.sort(*v)).collect();
        let instance = format!("{function:?} {type_args:?} ");
        let result = self.function(&format!("{name} {instance}"), params.clone(), sort);
        let returned = self.function(&format!("{name}.returns {instance}"), params, Sort::Bool);
        let origin = Origin::Call { callee: function, generic: false };
        self.unit.origins.insert(returned, origin);
        let callee = Callee::Function { function, type_args: type_args.to_vec() };
        self.unit.calls.insert(returned, Called { callee, result });
        (result, returned)
    }

    /// Assumes what the callee promises of its result.
    fn promises(
        &mut self,
        function: &'a Function,
        at: &At<'_>,
        premise: TermId,
        result: TermId,
        states: &[StateValues],
    ) {
        if self.place.bound {
            return;
        }
        let ret = self.types.subst(function.ret, at.type_args);
        let base = self.types.base(ret);
        self.assume_type(result, base, Why::Type);
        if let Some(bound) = self.growth.bound(at.callee) {
            let within = self.terms().within(result, -bound, bound);
            self.assume(Fact::exactly(within), Why::Type);
        }
        let inductive = self.caller().is_some_and(|f| self.cycles.contains(f, at.callee));
        let why = if inductive { Why::Induction } else { Why::Derived };
        self.under(premise, |w| {
            w.assume_type(result, ret, Why::Type);
            for (index, clause) in function.clauses.iter().enumerate() {
                let ClauseKind::Ensures(predicate) = clause.kind else { continue };
                if is_trivial(function, predicate) {
                    continue;
                }
                let mut frame = w.callee_frame(function, at.type_args, at.values);
                frame.result = Some(result);
                frame.states = states.to_vec();
                let evaluate = |w: &mut Self| w.within(frame, |w| w.clause_value(predicate));
                // A cell's contents are those of one call.
                let holds = match states {
                    [] => w.meaning(at, index, Some(result), evaluate),
                    _ => evaluate(w),
                };
                w.assume(Fact::exactly(holds), why);
            }
        });
    }

    /// A call of a function of the standard prelude: its body when that is simple, else
    /// what it promises, which is proved of the prelude once for all.
    fn library_call(
        &mut self,
        e: ExprId,
        callee: FnId,
        type_args: Vec<Ty>,
        values: &[TermId],
        args: &[ExprId],
    ) -> TermId {
        let program = self.program;
        let function = program.function(callee);
        let at = At { callee, type_args: &type_args, values };
        let fits = self.terms().yes();
        let (premise, _) = self.preconditions(e, function, &at, args, fits);
        let called = library_function(program, function);
        if let Some(value) = called.and_then(|called| self.quantified_result(called, args, values))
        {
            return value;
        }
        if self.cycles.is_recursive(callee) || self.calls_recursion(function) {
            let result = self.opaque_call(e, &function.name, values);
            self.promises(function, &at, premise, result, &[]);
            if let Some(called) = called {
                self.found(called, values, result);
            }
            return result;
        }
        let frame = self.callee_frame(function, &type_args, values);
        self.within(frame, |w| w.silently(|w| w.eval(function.result)))
    }

    /// Whether the function calls recursive ones.
    fn calls_recursion(&self, function: &Function) -> bool {
        let mut found = false;
        super::visit::all(&function.body, function.result, &mut |e| {
            if let ExprKind::Call { callee, .. } = &function.body[e].kind {
                found |= self.cycles.is_recursive(*callee);
            }
        });
        found
    }

    /// The goal of a recursive call: the measure is smaller and not negative.
    fn recursion(&mut self, e: ExprId, at: &At<'_>) {
        let cyclic = self.caller().is_some_and(|f| self.cycles.contains(f, at.callee));
        if !cyclic || self.place.silent || self.place.in_clause || self.measure.is_none() {
            return;
        }
        let deferred = self.place.deferred;
        self.measure.as_mut().expect("tested above").in_closure |= deferred;
        let function = self.program.function(at.callee);
        let components = measure(function);
        if components.is_empty() {
            self.measure.as_mut().expect("tested above").incomparable = true;
            return;
        }
        let next = self.measure_at(at, at.values);
        let state = self.measure.as_ref().expect("tested above");
        let (own, learnt) = (state.components.clone(), state.learnt.clone());
        for Learnt { fact, why, .. } in learnt {
            self.assume(Fact::exactly(fact), why);
        }
        let claim = self.decreases(&next, &own);
        let under = self.hyp;
        let better = claim.and_then(|claim| self.better_argument(e, at, claim, &own));
        let call = Recursive { text: self.text(e), better };
        let state = self.measure.as_mut().expect("tested above");
        match claim {
            Some(claim) => {
                state.goals.push(Goal::new(under, Claim::exactly(claim)));
                state.calls.push(call);
            }
            None => state.incomparable = true,
        }
    }

    /// The callee's measure at arguments.
    fn measure_at(&mut self, at: &At<'_>, values: &[TermId]) -> Vec<TermId> {
        let function = self.program.function(at.callee);
        let components = measure(function);
        let frame = self.callee_frame(function, at.type_args, values);
        self.within(frame, |w| w.silently(|w| components.iter().map(|c| w.eval(*c)).collect()))
    }

    /// A slot that shrinks the measure in the place of a slot of its type that is passed
    /// on, where the call evidently does not shrink it.
    fn better_argument(
        &mut self,
        e: ExprId,
        at: &At<'_>,
        claim: TermId,
        own: &[TermId],
    ) -> Option<(String, String)> {
        if self.unit.terms.as_bool(claim) != Some(false) {
            return None;
        }
        let body = self.frame.body;
        let ExprKind::Call { args, .. } = &body[e].kind else { return None };
        let slots = labels::slots(&self.frame);
        for (i, arg) in args.iter().enumerate() {
            let ExprKind::Local(passed) = body[*arg].kind else { continue };
            for local in self.frame.scope.clone().into_iter().rev() {
                let Some(value) = self.frame.locals.get(&local).copied() else { continue };
                if local == passed || body[local].ty != body[passed].ty {
                    continue;
                }
                let mut values = at.values.to_vec();
                values[i] = value;
                let next = self.measure_at(at, &values);
                let Some(claim) = self.decreases(&next, own) else { continue };
                let mut facts: Vec<TermId> = self.unit.facts(self.hyp).map(|h| h.fact).collect();
                facts.reverse();
                if Assumptions::new(&self.unit.terms, facts.into_iter()).prove(claim) {
                    let label = slots.iter().find(|(_, term)| *term == value)?;
                    return Some((self.text(*arg), label.0.clone()));
                }
            }
        }
        None
    }

    /// Lexicographic order of measures, the deciding component not negative.
    fn decreases(&mut self, next: &[TermId], own: &[TermId]) -> Option<TermId> {
        let mut cases = Vec::new();
        let mut same = self.terms().yes();
        for (n, o) in next.iter().zip(own) {
            let (n, o) = match (self.unit.terms.sort(*n), self.unit.terms.sort(*o)) {
                (Sort::Int, Sort::Int) => (*n, *o),
                (Sort::Data(_), Sort::Data(_)) => (self.rank(*n), self.rank(*o)),
                _ => return None,
            };
            let zero = self.terms().int(0);
            let (less, low) = (self.terms().less(n, o), self.terms().less_equal(zero, n));
            let case = self.terms().all(&[same, less, low]);
            cases.push(case);
            let equal = self.terms().equal(n, o);
            same = self.terms().and(same, equal);
        }
        Some(self.terms().any(&cases))
    }
}

/// A callee at types and arguments.
struct At<'c> {
    callee: FnId,
    type_args: &'c [Ty],
    values: &'c [TermId],
}

/// What the meaning of a callee's clause depends on.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Meaning {
    callee: FnId,
    type_args: Vec<Ty>,
    values: Vec<TermId>,
    clause: usize,
    result: Option<TermId>,
    depth: u32,
    making: Vec<RefinementId>,
}

/// Whether a clause is the literal `true`.
pub(super) fn is_trivial(function: &Function, predicate: ExprId) -> bool {
    matches!(function.body[predicate].kind, ExprKind::Bool(true))
}

/// Where in the order of output a call's precondition stands.
fn calls_phase(place: u32) -> u32 {
    if place == phase::BODY || place == phase::ENSURES_OPERATIONS { phase::CALLS } else { place }
}
