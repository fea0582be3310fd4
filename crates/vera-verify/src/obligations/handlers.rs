//! Effects: operations and handlers.
//!
//! State whose cell is lexically known is a value threaded through the walk (see
//! [`super::contexts`]), exceptions are exits of the handled body (see
//! [`super::exits`]). Results of other operations are opaque but for what the
//! operation itself promises.

use vera_check::typed::{EffectInst, ExprId, ExprKind, Handle, HandlerClause, LocalId, Stmt};
use vera_check::types::{Ty, TyKind};
use vera_diagnostics::FileSpan;
use vera_faults::Fault;

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

/// The built-in operation that the clause being walked answers.
#[derive(Clone)]
pub(super) struct Answered {
    contract: vera_builtins::Contract,
    params: Vec<TermId>,
    /// The types of parameters and result, as clauses name them.
    types: Vec<String>,
    ret: String,
}

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
        let name = self.program.effects[effect.effect.index()].ops[op as usize].name.clone();
        let contract = self.contract(effect, op);
        let asked = match contract {
            Some(contract) => self.operation_precondition(e, contract, &values),
            None => self.terms().yes(),
        };
        let result = self.opaque_result(e, &name);
        if let Some(contract) = contract {
            // Whoever answers owes it, so it holds under any handler.
            let answered = self.operation_clauses(contract.ensures, &values, Some(result));
            let fact = self.terms().implies(asked, answered);
            self.assume(Fact::exactly(fact), Why::Path);
        }
        self.may_not_come_back(std::slice::from_ref(effect));
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
            None => self.zero_cell(e, family),
        };
        let answer = self.ty(e);
        let mut leaves = false;
        for clause in &handle.clauses {
            let runs = self.is_performed(handle.body, &handle.effect, clause.op);
            leaves |= runs && !self.always_resumes(clause.body);
            self.deferred(|w| {
                if !runs {
                    w.never();
                }
                w.clause(&handle.effect, clause, answer);
            });
        }
        let effect = handle.effect.clone();
        let cell = Cell { effect, family, content, handler: Some(handle), leaves };
        self.around.push(Surrounding::Cell(cell));
        if leaves {
            return self.left_body(e, handle, answer);
        }
        let conditional = std::mem::replace(&mut self.place.conditional, true);
        let value = self.eval(handle.body);
        self.enters(handle.body, value, answer);
        self.place.conditional = conditional;
        self.around.pop();
        let value = self.adapted_to(value, answer);
        self.handled(e, value)
    }

    /// Walks a handled body that a clause may leave, or run inside other handlers:
    /// what it learns is known inside only. What was pushed around it goes.
    fn left_body(&mut self, e: ExprId, handle: &'a Handle, answer: Ty) -> TermId {
        self.apart(|w| {
            let value = w.eval(handle.body);
            w.enters(handle.body, value, answer);
        });
        self.around.pop();
        self.anything_happens();
        self.opaque_result(e, "handled")
    }

    /// The content of a cell without initial value, which owes its type like any value.
    fn zero_cell(&mut self, e: ExprId, family: Ty) -> TermId {
        let content = self.zero_state(family);
        if !self.types.base_kind(family).has_zero() {
            let at = self.at(self.frame.body[e].span);
            self.starts_without_value(family, at);
            return content;
        }
        let text = self.unit.terms.as_int(content).map_or("zero".to_owned(), |n| n.to_string());
        let at = self.at(self.frame.body[e].span);
        self.starts_at_zero(content, family, at, text);
        content
    }

    /// The obligation of a cell whose type has no zero: who reads it first ends the run.
    pub(super) fn starts_without_value(&mut self, family: Ty, at: FileSpan) {
        let predicate = self.show(family);
        let site = Site::HandlerStateInit;
        let about =
            About::Narrow { site, predicate: predicate.clone(), nested: true, literal: None };
        let kind = Kind::RefineBind;
        let obligation = self.obligation(kind, at, predicate, Demand::Inexpressible);
        self.record(Obligation { about, check: Check::Elsewhere, ..obligation });
    }

    /// The obligation that zero is a value of a cell's type.
    pub(super) fn starts_at_zero(&mut self, zero: TermId, family: Ty, at: FileSpan, text: String) {
        if Fault::ZeroCell.planted() || !matches!(self.types.kind(family), TyKind::Refined(..)) {
            return;
        }
        let from = self.types.base(family);
        self.narrowing(from, family, zero, Site::HandlerStateInit, at, text.clone(), Some(text));
        self.assume_type(zero, family, Why::Path);
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
        self.assume(Fact::exactly(same), Why::Derived);
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
        self.around.push(Surrounding::Other(handle));
        self.left_body(e, handle, answer)
    }

    // ---- contracts of built-in operations

    fn contract(&self, effect: &EffectInst, op: u32) -> Option<vera_builtins::Contract> {
        let declared = &self.program.effects[effect.effect.index()];
        match declared.module {
            None => vera_builtins::contract(&declared.name, &declared.ops[op as usize].name),
            Some(_) => None,
        }
    }

    /// What an operation's caller owes; yields the precondition.
    fn operation_precondition(
        &mut self,
        e: ExprId,
        contract: vera_builtins::Contract,
        values: &[TermId],
    ) -> TermId {
        if Fault::OperationPrecondition.planted() {
            return self.terms().yes();
        }
        let asked = self.operation_clauses(contract.requires, values, None);
        let ExprKind::Perform { effect, op, args } = &self.frame.body[e].kind else {
            return asked;
        };
        let types: Vec<String> = args
            .iter()
            .map(|a| {
                let ty = self.ty(*a);
                let base = self.types.base(ty);
                self.show(base)
            })
            .collect();
        let types: Vec<&str> = types.iter().map(String::as_str).collect();
        let declared = &self.program.effects[effect.effect.index()];
        let callee = format!("{}.{}", declared.name, declared.ops[*op as usize].name);
        let texts: Vec<String> = contract.requires.iter().map(|c| c.text(&types, "")).collect();
        if texts.is_empty() {
            return asked;
        }
        let clause = texts.join(" && ");
        let labels = labels::arguments(&types);
        let written: Vec<(String, String)> =
            labels.into_iter().zip(args.iter().map(|a| self.text(*a))).collect();
        let substituted = labels::substitute(&clause, &written);
        let about = About::Call { callee, clause, substituted, builtin: false };
        self.call_precondition(e, asked, about, None);
        asked
    }

    /// Clauses of a built-in operation at its arguments and result.
    fn operation_clauses(
        &mut self,
        clauses: &[vera_builtins::Clause],
        values: &[TermId],
        result: Option<TermId>,
    ) -> TermId {
        use vera_builtins::{Relation, Term};
        let mut parts = Vec::new();
        for clause in clauses {
            let float = result.is_some_and(|r| self.unit.terms.sort(r) == Sort::Float);
            let value = |w: &mut Self, term| match term {
                Term::Param(at) => values.get(at).copied(),
                Term::Result => result,
                Term::Number(n) if float => Some(w.terms().float(n.into())),
                Term::Number(n) => Some(w.terms().int(n.into())),
            };
            let (Some(left), Some(right)) = (value(self, clause.left), value(self, clause.right))
            else {
                continue;
            };
            if self.unit.terms.sort(left) != self.unit.terms.sort(right) {
                continue;
            }
            parts.push(match (clause.relation, float) {
                (Relation::AtMost, false) => self.terms().less_equal(left, right),
                (Relation::LessThan, false) => self.terms().less(left, right),
                (Relation::AtMost, true) => self.terms().float_less_equal(left, right),
                (Relation::LessThan, true) => self.terms().float_less(left, right),
            });
        }
        self.terms().all(&parts)
    }

    /// `resume(v)`: what the clause owes whoever performed the operation.
    pub(super) fn resume(&mut self, e: ExprId, value: ExprId) -> TermId {
        let answer = self.eval(value);
        if let Some(Answered { contract, params, types, ret }) = self.answering.clone()
            && !contract.ensures.is_empty()
            && !Fault::RangeOfHandledOperation.planted()
        {
            let kept = self.operation_clauses(contract.ensures, &params, Some(answer));
            let asked = self.operation_clauses(contract.requires, &params, None);
            let claim = self.terms().implies(asked, kept);
            let types: Vec<&str> = types.iter().map(String::as_str).collect();
            let texts: Vec<String> =
                contract.ensures.iter().map(|c| c.text(&types, &ret)).collect();
            let at = self.at(self.frame.body[e].span);
            let demand = self.goal(Claim::exactly(claim));
            let obligation = self.obligation(Kind::Ensures, at, texts.join(" && "), demand);
            self.record(obligation);
        }
        self.opaque_result(e, "resumed")
    }

    /// Whether a clause ends by one `resume` as [`Walk::resumed_value`] sees it, so
    /// that the body goes on where it was, with nothing else around it.
    fn always_resumes(&self, e: ExprId) -> bool {
        self.last_resumes(e).is_some()
    }

    /// The number of places where such a clause resumes, one for each way through it.
    fn last_resumes(&self, e: ExprId) -> Option<usize> {
        match &self.frame.body[e].kind {
            ExprKind::Resume(_) => Some(1),
            ExprKind::Block { result, .. } => self.last_resumes(*result),
            ExprKind::If { then, otherwise, .. } => {
                Some(self.last_resumes(*then)? + self.last_resumes(*otherwise)?)
            }
            ExprKind::Match { arms, .. } => match arms.as_slice() {
                [arm] => self.last_resumes(arm.body),
                _ => None,
            },
            _ => Fault::ClauseInPlace.planted().then_some(0),
        }
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
        // What clauses resume with is owed where they are written.
        let at = self.at(self.frame.body[e].span);
        self.evident(Kind::RefineBind, at);
        let Some(at) = self.reached_cell(effect) else {
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
        let mut types = Vec::new();
        for (param, declared) in clause.params.iter().zip(&op.params) {
            let args: Vec<_> = effect.args.iter().map(|a| self.subst(*a)).collect();
            let from = self.types.subst(*declared, &args);
            types.push(self.show(from));
            self.clause_binder(*param, from);
        }
        let answering = self.contract(effect, clause.op).map(|contract| Answered {
            contract,
            params: clause.params.iter().map(|p| self.frame.locals[p]).collect(),
            types,
            ret: self.show(op.ret),
        });
        if let Some(answered) = &answering {
            // The caller's precondition was met.
            let asked = self.operation_clauses(answered.contract.requires, &answered.params, None);
            self.assume(Fact::exactly(asked), Why::Path);
        }
        let outer = std::mem::replace(&mut self.answering, answering);
        if let Some(state) = clause.state {
            self.unknown_slots(&[state]);
        }
        // The state is updated when the clause resumes: what it does afterwards, or does
        // instead, teaches nothing there.
        let last = self.resumes_last(clause.body);
        if let Some(update) = clause.update.filter(|_| !last) {
            let contents = self.contents();
            self.apart(|w| {
                w.anything_happens();
                w.eval(update);
            });
            self.set_contents(&contents);
        }
        let value = self.eval(clause.body);
        self.enters(clause.body, value, answer);
        if let Some(update) = clause.update.filter(|_| last) {
            self.eval(update);
        }
        self.answering = outer;
    }

    /// Whether resuming is the last that a clause does, whatever it does before.
    fn resumes_last(&self, e: ExprId) -> bool {
        let mut resumes = 0;
        super::visit::all(self.frame.body, e, &mut |id| {
            resumes += usize::from(matches!(self.frame.body[id].kind, ExprKind::Resume(_)));
        });
        self.last_resumes(e) == Some(resumes)
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
        self.comes_in(param, self.at(span));
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
