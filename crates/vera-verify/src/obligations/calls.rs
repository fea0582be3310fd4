//! Calls: the callee's precondition, its promises, and the measure of recursion.

use std::collections::HashMap;

use vera_check::typed::{ClauseKind, ExprId, ExprKind, FnId, Function};
use vera_check::types::Ty;

use super::arrays::roles;
use super::contexts::StateValues;
use super::functions::{measure, phase};
use super::labels;
use super::walk::{Frame, Walk};
use super::*;
use crate::logic::Sort;

/// Contracts may call functions whose contracts call functions; past this depth the
/// results are opaque, since each level multiplies the calls.
const MAX_DEPTH: u32 = 6;

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
        let roles = if prelude { roles(&function.name) } else { None };
        for (arg, param) in args.iter().zip(&function.params) {
            if roles.is_some() {
                values.push(self.array_argument(*arg));
                continue;
            }
            self.callee = Some(decl);
            let ty = self.types.subst(function.body[*param].ty, &type_args);
            let sort = self.sort(ty);
            values.push(self.eval_as(*arg, sort));
        }
        self.callee = None;
        if let Some(roles) = roles {
            self.walk_handed(e, roles, args, &values);
        }
        for arg in args {
            self.application_happens(*arg);
        }
        if prelude {
            return self.library_call(e, callee, type_args, &values);
        }
        if self.place.depth > MAX_DEPTH {
            return self.opaque_call(e, &function.name, &values);
        }
        let fits = self.arguments_fit(function, &type_args, &values, args);
        // A call whose arguments do not fit ends before it is one.
        self.under(fits, |w| w.recursion(callee, &type_args, &values));
        let (holds, owed) = self.preconditions(e, function, &type_args, &values, args, fits);
        let states = self.effects_of_call(function, written);
        let result = self.call_result(e, callee, &type_args, &values);
        if !owed.is_empty() {
            self.unit.call_obligations.entry(result).or_default().extend(owed);
        }
        let premise = self.terms().and(fits, holds);
        self.promises(function, &type_args, &values, premise, result, &states);
        if self.never_returns(e) {
            self.never();
        }
        result
    }

    /// The call may throw, and changes cells; yields their contents before and after.
    fn effects_of_call(&mut self, function: &Function, written: &[Ty]) -> Vec<StateValues> {
        let effects = self.row_here(&function.effects, written);
        self.may_throw(&effects);
        let cells = self.cells(&function.effects);
        let mut places = Vec::new();
        for (cell, here) in cells.iter().zip(self.row_here(&cells, written)) {
            let Some(family) = here.args.first().map(|t| self.subst(*t)) else { continue };
            places.push((cell.clone(), family, self.cell_of(&here)));
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
            let (own, inner) = self.apart(|w| (w.belongs(*value, ty), w.parts_belong(*value, ty)));
            parts.extend([own, inner]);
        }
        self.terms().all(&parts)
    }

    /// The conjunction of the callee's preconditions, and the obligations they make.
    fn preconditions(
        &mut self,
        e: ExprId,
        function: &'a Function,
        type_args: &[Ty],
        values: &[TermId],
        args: &[ExprId],
        fits: TermId,
    ) -> (TermId, Vec<usize>) {
        let mut all = self.terms().yes();
        let mut owed = Vec::new();
        for clause in &function.clauses {
            let ClauseKind::Requires(predicate) = clause.kind else { continue };
            if is_trivial(function, predicate) {
                continue;
            }
            let frame = self.callee_frame(function, type_args, values);
            let known = self.terms().and(fits, all);
            let holds = self.under(known, |w| w.within(frame, |w| w.clause_value(predicate)));
            all = self.terms().and(all, holds);
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

    /// The obligation that a call meets a precondition.
    pub(super) fn call_precondition(
        &mut self,
        e: ExprId,
        holds: TermId,
        about: About,
        check_at: Option<FileSpan>,
    ) -> Option<usize> {
        let at = self.at(self.frame.body[e].span);
        let obligation = self.obligation(Kind::CallPre, at, self.text(e), self.goal(holds));
        let (phase, check_at) = (calls_phase(obligation.phase), check_at.unwrap_or(at));
        self.record(Obligation { phase, about, check_at, ..obligation })
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
    /// can influence it.
    fn call_result(
        &mut self,
        e: ExprId,
        callee: FnId,
        type_args: &[Ty],
        values: &[TermId],
    ) -> TermId {
        let ty = self.ty(e);
        let sort = self.sort(ty);
        let function = self.program.function(callee);
        let pure = function.effects.is_empty() && !self.never_returns(e);
        let symbol = if pure {
            let params: Vec<Sort> = values.iter().map(|v| self.unit.terms.sort(*v)).collect();
            let key = format!("{} {callee:?} {type_args:?} {params:?}", function.name);
            match self.functions.get(&key) {
                Some(symbol) => *symbol,
                None => {
                    let symbol = self.unit.terms.declare(&function.name, params, sort);
                    self.functions.insert(key, symbol);
                    symbol
                }
            }
        } else {
            self.unit.terms.declare(&function.name, Vec::new(), sort)
        };
        let generic = !type_args.is_empty();
        self.unit.origins.insert(symbol, Origin::Call { callee, generic });
        if self.place.bound {
            // The callee's promises cannot be stated of a bound variable.
            self.opaques += 1;
        }
        let args = if pure { values } else { &[] };
        let result = self.unit.terms.apply(symbol, args);
        if self.place.in_clause && self.cycles.is_recursive(callee) {
            self.unit.specified.insert(result);
        }
        result
    }

    /// Assumes what the callee promises of its result.
    fn promises(
        &mut self,
        function: &'a Function,
        type_args: &[Ty],
        values: &[TermId],
        premise: TermId,
        result: TermId,
        states: &[StateValues],
    ) {
        if self.place.bound {
            return;
        }
        let ret = self.types.subst(function.ret, type_args);
        let base = self.types.base(ret);
        self.assume_type(result, base, Why::Type);
        self.under(premise, |w| {
            w.assume_type(result, ret, Why::Type);
            for clause in &function.clauses {
                let ClauseKind::Ensures(predicate) = clause.kind else { continue };
                if is_trivial(function, predicate) {
                    continue;
                }
                let mut frame = w.callee_frame(function, type_args, values);
                frame.result = Some(result);
                frame.states = states.to_vec();
                let holds = w.within(frame, |w| w.clause_value(predicate));
                w.assume(holds, Why::Derived);
            }
        });
    }

    /// A call of a function of the standard prelude: its body when that is simple.
    fn library_call(
        &mut self,
        e: ExprId,
        callee: FnId,
        type_args: Vec<Ty>,
        values: &[TermId],
    ) -> TermId {
        let function = self.program.function(callee);
        if let Some(value) = self.quantified_result(&function.name, values) {
            return value;
        }
        if self.cycles.is_recursive(callee) || self.is_higher_order(function) {
            let result = self.opaque_call(e, &function.name, values);
            self.found(&function.name, values, result);
            return result;
        }
        let frame = self.callee_frame(function, &type_args, values);
        self.within(frame, |w| w.silently(|w| w.eval(function.result)))
    }

    /// Whether the function calls its arguments or recursive helpers.
    fn is_higher_order(&self, function: &Function) -> bool {
        let mut found = false;
        super::visit::all(&function.body, function.result, &mut |e| {
            found |= match &function.body[e].kind {
                ExprKind::Apply { .. } => true,
                ExprKind::Call { callee, .. } => self.cycles.is_recursive(*callee),
                _ => false,
            };
        });
        found
    }

    /// The goal of a recursive call: the measure is smaller and not negative.
    fn recursion(&mut self, callee: FnId, type_args: &[Ty], values: &[TermId]) {
        let cyclic = self.caller().is_some_and(|f| self.cycles.contains(f, callee));
        if !cyclic || self.place.silent || self.place.in_clause || self.measure.is_none() {
            return;
        }
        let function = self.program.function(callee);
        let components = measure(function);
        if components.is_empty() {
            self.measure.as_mut().expect("tested above").incomparable = true;
            return;
        }
        let frame = self.callee_frame(function, type_args, values);
        let next: Vec<TermId> =
            self.within(frame, |w| w.silently(|w| components.iter().map(|c| w.eval(*c)).collect()));
        let own = self.measure.as_ref().expect("tested above").components.clone();
        let claim = self.decreases(&next, &own);
        let under = self.hyp;
        let state = self.measure.as_mut().expect("tested above");
        match claim {
            Some(claim) => state.goals.push(Goal { under, claim }),
            None => state.incomparable = true,
        }
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

/// Whether a clause is the literal `true`.
pub(super) fn is_trivial(function: &Function, predicate: ExprId) -> bool {
    matches!(function.body[predicate].kind, ExprKind::Bool(true))
}

/// Where in the order of output a call's precondition stands.
fn calls_phase(place: u32) -> u32 {
    if place == phase::BODY || place == phase::ENSURES_OPERATIONS { phase::CALLS } else { place }
}
