//! Effects: operations and handlers.
//!
//! State whose cell is lexically known is a value threaded through the walk (see
//! [`super::contexts`]), exceptions are exits of the handled body (see
//! [`super::exits`]). Results of other operations are opaque but for what the
//! operation itself promises.

use vera_check::typed::{EffectInst, ExprId, ExprKind, Handle, HandlerClause, LocalId, Stmt};
use vera_check::types::{Ty, TyKind};

use super::contexts::{Cell, Special, Surrounding, special};
use super::walk::Walk;
use super::*;
use crate::logic::{Op, Sort};

/// Clauses run in place of an operation may perform operations of outer handlers,
/// whose clauses may do the same; past this depth they are not followed.
const MAX_DEPTH: u32 = 8;

/// So many clauses are walked in place in one unit.
const MAX_INLINED: usize = 2_000;

/// `put`; `get` is 0.
const PUT: u32 = 1;

impl<'a> Walk<'_, 'a> {
    pub(super) fn perform(
        &mut self,
        e: ExprId,
        effect: &EffectInst,
        op: u32,
        args: &[ExprId],
    ) -> TermId {
        let values: Vec<TermId> = args.iter().map(|a| self.eval(*a)).collect();
        let family = effect.args.first().map(|t| self.subst(*t));
        match (special(self.program, effect.effect), family) {
            (Special::State, Some(family)) => {
                return self.state_operation(e, effect, family, op, values.first().copied());
            }
            (Special::Exn, Some(family)) => {
                if let Some(payload) = values.first() {
                    let payload = self.adapted_to(*payload, family);
                    self.throw(payload, effect);
                }
            }
            (Special::Handled, _) => self.clause_happens(),
            (Special::State | Special::Exn | Special::Marker, _) => {}
        }
        let effect = &self.program.effects[effect.effect.index()];
        let name = effect.ops[op as usize].name.clone();
        let built_in = effect.module.is_none();
        let result = self.opaque_result(e, &name);
        if let (true, "random_int", [low, high]) = (built_in, name.as_str(), values.as_slice()) {
            let above = self.terms().less_equal(*low, result);
            let below = self.terms().less_equal(result, *high);
            self.assume(above, Why::Path);
            self.assume(below, Why::Path);
        }
        if self.never_returns(e) {
            self.never();
        }
        result
    }

    pub(super) fn handle(&mut self, e: ExprId, handle: &'a Handle) -> TermId {
        let family = handle.effect.args.first().map(|t| self.subst(*t));
        match (special(self.program, handle.effect.effect), family) {
            (Special::State, Some(family)) => self.handle_state(e, family, handle),
            (Special::Exn, Some(payload)) => self.catch(e, payload, handle),
            (Special::State | Special::Exn | Special::Marker | Special::Handled, _) => {
                self.handle_other(e, handle)
            }
        }
    }

    /// `handle[State<T>]`: its cell is around the body and nowhere else.
    fn handle_state(&mut self, e: ExprId, family: Ty, handle: &'a Handle) -> TermId {
        let content = match &handle.state {
            Some((_, init)) => {
                let content = self.eval(*init);
                self.state_matches_cell(handle, *init);
                self.adapted_to(content, family)
            }
            None => self.zero_state(family),
        };
        let answer = self.ty(e);
        for clause in &handle.clauses {
            let runs = self.is_performed(handle.body, &handle.effect, clause.op);
            self.deferred(|w| {
                if !runs {
                    w.never();
                }
                w.clause(&handle.effect, clause, answer);
            });
        }
        let effect = handle.effect.clone();
        let cell = Cell { effect, family, content, handler: Some(handle) };
        self.around.push(Surrounding::Cell(cell));
        let conditional = std::mem::replace(&mut self.place.conditional, true);
        let value = self.eval(handle.body);
        self.enters(handle.body, value, answer);
        self.place.conditional = conditional;
        self.around.pop();
        let value = self.adapted_to(value, answer);
        self.handled(e, value)
    }

    /// The value of a handler. Where it rests on what a callee promises, a failed
    /// proof may be the contract's fault, so it counts as unknown then.
    pub(super) fn handled(&mut self, e: ExprId, value: TermId) -> TermId {
        let mut calls = false;
        self.unit.terms.visit(&[value], &mut |id| {
            if let Op::Apply(symbol) = &self.unit.terms[id].op {
                calls |= matches!(self.unit.origins.get(symbol), Some(Origin::Call { .. }));
            }
        });
        if !calls || self.place.bound {
            return value;
        }
        let handled = self.opaque_result(e, "handled");
        let same = self.terms().equal(handled, value);
        self.assume(same, Why::Derived);
        handled
    }

    /// A handler whose clauses run wherever an operation is performed, and may leave
    /// the body.
    fn handle_other(&mut self, e: ExprId, handle: &'a Handle) -> TermId {
        if let Some((_, init)) = &handle.state {
            self.eval(*init);
            self.state_matches_cell(handle, *init);
        }
        let answer = self.ty(e);
        for clause in &handle.clauses {
            self.deferred(|w| w.clause(&handle.effect, clause, answer));
        }
        self.around.push(Surrounding::Other);
        // The body may be left early, so what it learns is known inside only.
        self.apart(|w| {
            let value = w.eval(handle.body);
            w.enters(handle.body, value, answer);
        });
        self.around.pop();
        self.anything_happens();
        self.opaque_result(e, "handled")
    }

    // ---- operations of `State`

    /// Whether an operation of a cell is written in the body of its handler: callees
    /// reach the cell itself, not its clauses.
    fn is_performed(&self, body: ExprId, cell: &EffectInst, op: u32) -> bool {
        let mut work = vec![body];
        while let Some(e) = work.pop() {
            match &self.frame.body[e].kind {
                ExprKind::Perform { effect, op: performed, .. }
                    if *performed == op && effect == cell =>
                {
                    return true;
                }
                ExprKind::Handle(inner) if inner.effect == *cell => {
                    work.extend(inner.state.iter().map(|(_, init)| *init));
                    work.extend(inner.clauses.iter().map(|c| c.body));
                    work.extend(inner.clauses.iter().filter_map(|c| c.update));
                }
                kind => kind.for_each_child(|child| work.push(child)),
            }
        }
        false
    }

    fn state_operation(
        &mut self,
        e: ExprId,
        effect: &EffectInst,
        family: Ty,
        op: u32,
        argument: Option<TermId>,
    ) -> TermId {
        let argument = argument.map(|a| self.adapted_to(a, family));
        let put = op == PUT;
        let Some(at) = self.cell_of(effect) else {
            return if put { self.unit_value() } else { self.opaque_result(e, "state") };
        };
        let Some(cell) = self.around[at].cell_mut() else {
            return self.opaque_result(e, "state");
        };
        let (old, handler) = (cell.content, cell.handler);
        if let (true, Some(argument)) = (put, argument) {
            cell.content = argument;
            self.forget_namesakes(at);
        }
        match handler.and_then(|h| h.clauses.iter().find(|c| c.op == op)) {
            Some(clause) => {
                // `put` hands its argument to the clause, `get` a unit.
                let argument = if put { argument } else { None };
                self.clause_in_place(e, at, clause, argument, old)
            }
            None if put => self.unit_value(),
            None => old,
        }
    }

    /// Runs a clause of a `State` handler as an operation in its body does: outside
    /// of the handler, with the state before the operation.
    fn clause_in_place(
        &mut self,
        e: ExprId,
        at: usize,
        clause: &'a HandlerClause,
        argument: Option<TermId>,
        old: TermId,
    ) -> TermId {
        if self.clause_depth >= MAX_DEPTH || self.inlined >= MAX_INLINED {
            self.anything_happens();
            return self.opaque_result(e, "state");
        }
        self.inlined += 1;
        self.clause_depth += 1;
        let inner = self.around.split_off(at);
        let depth = self.frame.scope.len();
        if let (Some(param), Some(argument)) = (clause.params.first(), argument) {
            self.bind(*param, argument);
        }
        if let Some(local) = clause.state {
            self.bind(local, old);
        }
        let (answer, update) = self.silently(|w| {
            let answer = w.resumed_value(clause.body);
            (answer, clause.update.map(|update| w.eval(update)))
        });
        self.frame.scope.truncate(depth);
        self.around.extend(inner);
        self.clause_depth -= 1;
        if let Some(update) = update
            && let Some(family) = self.around[at].cell().map(|c| c.family)
        {
            let update = self.adapted_to(update, family);
            self.around[at].cell_mut().into_iter().for_each(|cell| cell.content = update);
        }
        match answer {
            Some(answer) => {
                let ty = self.ty(e);
                self.adapted_to(answer, ty)
            }
            None => {
                self.anything_happens();
                self.opaque_result(e, "state")
            }
        }
    }

    /// What a clause resumes with, where it ends by one `resume` through blocks,
    /// branches and matches of one arm.
    fn resumed_value(&mut self, e: ExprId) -> Option<TermId> {
        let body = self.frame.body;
        match &body[e].kind {
            ExprKind::Resume(value) => Some(self.eval(*value)),
            ExprKind::Block { stmts, result } => {
                let depth = self.frame.scope.len();
                stmts.iter().for_each(|stmt: &'a Stmt| self.statement(stmt));
                let value = self.resumed_value(*result);
                self.frame.scope.truncate(depth);
                value
            }
            ExprKind::If { cond, then, otherwise } => {
                let cond = self.eval_as(*cond, Sort::Bool);
                let (then, after) = self.branch(cond, |w| w.resumed_value(*then));
                let not = self.terms().not(cond);
                let (otherwise, rest) = self.branch(not, |w| w.resumed_value(*otherwise));
                self.set_contents(&rest);
                self.merge_contents(cond, &after);
                let (then, otherwise) = (then?, otherwise?);
                let same = self.unit.terms.sort(then) == self.unit.terms.sort(otherwise);
                same.then(|| self.terms().ite(cond, then, otherwise))
            }
            ExprKind::Match { scrutinee, arms } => {
                let [arm] = arms.as_slice() else { return None };
                let value = self.eval(*scrutinee);
                let depth = self.frame.scope.len();
                self.bind_pattern(&arm.pattern, value, Site::MatchBinding);
                let value = self.resumed_value(arm.body);
                self.frame.scope.truncate(depth);
                value
            }
            _ => None,
        }
    }

    // ---- clauses on their own

    /// A clause for any arguments and any state, in the surroundings of any
    /// operation.
    pub(super) fn clause(&mut self, effect: &EffectInst, clause: &'a HandlerClause, answer: Ty) {
        let program = self.program;
        let op = &program.effects[effect.effect.index()].ops[clause.op as usize];
        for (param, declared) in clause.params.iter().zip(&op.params) {
            let args: Vec<_> = effect.args.iter().map(|a| self.subst(*a)).collect();
            let from = self.types.subst(*declared, &args);
            self.clause_binder(*param, from);
        }
        if let Some(state) = clause.state {
            self.unknown_slots(&[state]);
        }
        let value = self.eval(clause.body);
        self.enters(clause.body, value, answer);
        if let Some(update) = clause.update {
            self.eval(update);
        }
    }

    /// The value of a handler's body or of a clause becomes that of the whole.
    pub(super) fn enters(&mut self, value: ExprId, term: TermId, answer: Ty) {
        let from = self.ty(value);
        let returns = !matches!(self.types.kind(from), TyKind::Never);
        if returns && from != answer && self.narrows(from, answer) {
            self.narrow_value(value, from, answer, term, Site::MatchBinding);
        }
    }

    /// A parameter of a clause, which may be narrower than the operation's.
    fn clause_binder(&mut self, param: LocalId, from: Ty) {
        let local = &self.frame.body[param];
        let (span, to) = (local.span, local.ty);
        let to = self.subst(to);
        let value = self.opaque(from, "parameter");
        if from != to && self.narrows(from, to) {
            let (at, text) = (self.at(span), self.text_of(span));
            self.narrowing(from, to, value, Site::HandlerClauseBinder, at, text, None);
            self.assume_type(value, to, Why::Path);
        }
        self.bind(param, value);
    }

    /// An instance of a generic handler declares the state type of its cell.
    fn state_matches_cell(&mut self, handle: &Handle, init: ExprId) {
        let Some((declared, _)) = handle.state else { return };
        let (generic, Some(cell)) =
            (!self.frame.type_args.is_empty(), handle.effect.args.first().copied())
        else {
            return;
        };
        let (declared, cell) = (self.subst(declared), self.subst(cell));
        if !generic || self.sort(declared) == self.sort(cell) {
            return;
        }
        let at = self.at(self.frame.body[init].span);
        let about = About::State { declared: self.show(declared), cell: self.show(cell) };
        let obligation = self.obligation(Kind::StateDecl, at, self.text(init), Demand::Failed);
        self.record(Obligation { about, ..obligation });
    }
}
