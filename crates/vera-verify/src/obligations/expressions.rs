//! Expressions as terms.

use vera_check::typed::{
    BinaryOp, EffectInst, ExprId, ExprKind, LocalId, Pattern, PatternKind, Stmt,
};
use vera_check::types::{Ty, TyKind};
use vera_diagnostics::Span;
use vera_faults::Fault;

use super::contexts::StateValues;
use super::walk::Walk;
use super::*;
use crate::logic::{Op, Sort};

impl<'a> Walk<'_, 'a> {
    /// The value of an expression; what it demands is recorded on the way.
    pub fn eval(&mut self, e: ExprId) -> TermId {
        let here = self.at(self.frame.body[e].span);
        self.standing(here, |w| w.evaluated(e))
    }

    fn evaluated(&mut self, e: ExprId) -> TermId {
        let body = self.frame.body;
        match &body[e].kind {
            ExprKind::Int(value) => self.terms().int((*value).into()),
            ExprKind::Float(value) => self.terms().float(*value),
            ExprKind::Str(text) => self.terms().string(text),
            ExprKind::Bool(value) => self.terms().bool(*value),
            ExprKind::Unit => self.unit_value(),
            ExprKind::Hole => self.opaque_result(e, "hole"),
            ExprKind::Interpolate(parts) => self.interpolation(e, parts),
            ExprKind::Array(elements) => self.array(e, elements),
            ExprKind::Local(local) => self.local(*local),
            ExprKind::Result => match self.frame.result {
                Some(value) => value,
                None => self.opaque_result(e, "result"),
            },
            ExprKind::Unary { op, operand } => self.unary(e, *op, *operand),
            ExprKind::Binary { op, left, right } => self.binary(e, *op, *left, *right),
            ExprKind::Index { array, index } => self.index(e, *array, *index),
            ExprKind::Call { callee, type_args, args } => self.call(e, *callee, type_args, args),
            ExprKind::Builtin { function, args, .. } => self.builtin(e, *function, args),
            ExprKind::Apply { function, args } => self.application(e, *function, args),
            ExprKind::AbilityOp { ability, args } => self.ability(e, *ability, args),
            ExprKind::Construct { ctor, args, .. } => {
                let args: Vec<TermId> = args.iter().map(|a| self.eval(*a)).collect();
                let value = self.construct(e, *ctor, &args);
                self.owes_invariant(e, value);
                value
            }
            ExprKind::Tuple(parts) => {
                let parts: Vec<TermId> = parts.iter().map(|p| self.eval(*p)).collect();
                self.construct(e, 0, &parts)
            }
            ExprKind::Perform { effect, op, args } => self.perform(e, effect, *op, args),
            ExprKind::Closure { params, body } => self.closure(e, params, *body),
            ExprKind::If { cond, then, otherwise } => {
                let cond = self.eval_as(*cond, Sort::Bool);
                let (then, after) = self.branch(cond, |w| w.eval(*then));
                let not = self.terms().not(cond);
                let (otherwise, rest) = self.branch(not, |w| w.eval(*otherwise));
                self.set_contents(&rest);
                self.merge_contents(cond, &after);
                self.choice(e, cond, then, otherwise)
            }
            ExprKind::Match { scrutinee, arms } => self.match_(e, *scrutinee, arms),
            ExprKind::Block { stmts, result } => self.block(stmts, *result),
            ExprKind::Handle(handle) => self.handle(e, handle),
            ExprKind::Resume(value) => self.resume(e, *value),
            ExprKind::Old(effect) => self.state(e, effect, |values| values.old),
            ExprKind::New(effect) => self.state(e, effect, |values| values.new),
            ExprKind::Assert { predicate, .. } => self.assert(e, *predicate),
            ExprKind::Assume(predicate) => self.assume_statement(e, *predicate),
            ExprKind::Quantifier { kind, index_ty, bound, predicate } => {
                self.quantifier(e, *kind, *index_ty, *bound, *predicate)
            }
            ExprKind::Narrow { value, site } => self.narrow(e, *value, site),
        }
    }

    /// A value of which only the type of its expression is known.
    pub fn opaque_result(&mut self, e: ExprId, name: &str) -> TermId {
        let ty = self.ty(e);
        self.opaque(ty, name)
    }

    /// The content of a state cell before or after: where it is not known, the
    /// body's doing, wherever it is spoken of.
    fn state(
        &mut self,
        e: ExprId,
        effect: &EffectInst,
        which: fn(&StateValues) -> TermId,
    ) -> TermId {
        if let Some(values) = self.frame.states.iter().find(|s| s.effect == *effect) {
            return which(values);
        }
        let in_clause = std::mem::replace(&mut self.place.in_clause, false);
        let value = self.opaque_result(e, "state");
        self.place.in_clause = in_clause;
        value
    }

    pub fn unit_value(&mut self) -> TermId {
        match self.sort(Ty::UNIT) {
            Sort::Data(data) => self.terms().construct(data, 0, &[]),
            Sort::Bool
            | Sort::Int
            | Sort::Float
            | Sort::String
            | Sort::Uninterpreted(_)
            | Sort::Array(_) => self.opaque(Ty::UNIT, "unit"),
        }
    }

    /// `if`; branches that never return a value may differ in sort.
    fn choice(&mut self, e: ExprId, cond: TermId, then: TermId, otherwise: TermId) -> TermId {
        let ty = self.ty(e);
        let sort = self.sort(ty);
        let fits = |w: &Self, t: TermId| w.unit.terms.sort(t) == sort;
        match (fits(self, then), fits(self, otherwise)) {
            (true, true) => self.terms().ite(cond, then, otherwise),
            (true, false) => then,
            (false, true) => otherwise,
            (false, false) => self.opaque_result(e, "branch"),
        }
    }

    fn local(&mut self, local: LocalId) -> TermId {
        match self.frame.locals.get(&local) {
            Some(value) => *value,
            None => {
                let ty = self.subst(self.frame.body[local].ty);
                self.opaque(ty, "slot")
            }
        }
    }

    /// What a function value yields: of one without effects, the same at the same
    /// arguments.
    fn application(&mut self, e: ExprId, function: ExprId, args: &[ExprId]) -> TermId {
        let value = self.eval(function);
        let mut values = vec![value];
        values.extend(args.iter().map(|a| self.eval(*a)));
        self.application_happens(function);
        let ty = self.frame.body[function].ty;
        let pure = match self.types.kind(self.types.base(ty)) {
            TyKind::Fn { row, .. } => row.is_pure(),
            _ => false,
        };
        if !pure || self.never_returns(e) {
            return self.opaque_result(e, APPLY);
        }
        let known = self.known_application(value, &values[1..]);
        let sort = self.ty(e);
        let sort = self.sort(sort);
        match known.filter(|known| self.unit.terms.sort(*known) == sort) {
            Some(known) => known,
            None => self.applied_value(e, &values),
        }
    }

    /// What a function value yields whose body is not looked into here: it came back, by
    /// which its definition can be found where it turns out to be a closure.
    fn applied_value(&mut self, e: ExprId, values: &[TermId]) -> TermId {
        let result = self.opaque_call(e, APPLY, values);
        let (returned, term) = self.applied("apply returns", values, Sort::Bool);
        if let Op::Apply(symbol) = self.unit.terms[result].op {
            self.unit.applications.insert(returned, symbol);
            let origin = Origin::Opaque { in_clause: self.place.in_clause };
            self.unit.origins.entry(returned).or_insert(origin);
            self.assume(Fact::exactly(term), Why::Derived);
        }
        result
    }

    fn interpolation(&mut self, e: ExprId, parts: &[ExprId]) -> TermId {
        let values: Vec<TermId> = parts.iter().map(|part| self.eval(*part)).collect();
        let text = match self.joined_parts(parts, &values) {
            Some(text) => text,
            None => self.opaque_result(e, "text"),
        };
        self.interpolation_facts(parts, &values, text);
        text
    }

    fn array(&mut self, e: ExprId, elements: &[ExprId]) -> TermId {
        let values: Vec<TermId> = elements.iter().map(|e| self.eval(*e)).collect();
        let ty = self.ty(e);
        match self.sort(ty) {
            Sort::Array(id) if !self.place.bound => {
                let sort = self.encoder.sorts.element(id);
                let values: Vec<TermId> =
                    values.into_iter().map(|v| self.adapted(v, sort)).collect();
                self.terms().array_literal(id, &values)
            }
            _ => self.opaque_result(e, "array"),
        }
    }

    /// A constructor or tuple term.
    pub fn construct(&mut self, e: ExprId, ctor: u32, args: &[TermId]) -> TermId {
        let ty = self.ty(e);
        let Sort::Data(data) = self.sort(ty) else { return self.opaque_result(e, "value") };
        let fields = self.encoder.sorts.data(data).ctors[ctor as usize].fields.clone();
        // An argument of type `Never` has another sort; nothing is built then.
        let fits = fields.len() == args.len()
            && fields.iter().zip(args).all(|(f, a)| self.unit.terms.sort(*a) == *f);
        if fits { self.terms().construct(data, ctor, args) } else { self.opaque_result(e, "value") }
    }

    fn index(&mut self, e: ExprId, array: ExprId, index: ExprId) -> TermId {
        let element_ty = self.ty(e);
        let (array, index) = (self.eval(array), self.eval_as(index, Sort::Int));
        if !matches!(self.unit.terms.sort(array), Sort::Array(_)) {
            return self.opaque_result(e, "element");
        }
        let (zero, length) = (self.terms().int(0), self.terms().length(array));
        let low = self.terms().less_equal(zero, index);
        let high = self.terms().less(index, length);
        let inside = self.terms().and(low, high);
        self.demand(Kind::IndexBounds, e, inside, About::Plain);
        let element = self.element_at(array, index);
        if self.place.bound {
            self.read_everywhere.push((array, Some(element_ty)));
        }
        self.assume_type(element, element_ty, Why::Type);
        element
    }

    // ---- blocks

    fn block(&mut self, stmts: &'a [Stmt], result: ExprId) -> TermId {
        let depth = self.frame.scope.len();
        stmts.iter().for_each(|stmt| self.statement(stmt));
        let result = self.eval(result);
        self.frame.scope.truncate(depth);
        result
    }

    pub(super) fn statement(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Let { local, value } => {
                let value = self.eval(*value);
                let value = self.bound_value(value);
                self.bind(*local, value);
            }
            Stmt::Destructure { pattern, value } => {
                let value = self.eval(*value);
                self.destructure(pattern, value);
            }
            Stmt::Expr(e) => {
                self.eval(*e);
            }
        }
    }

    fn destructure(&mut self, pattern: &'a Pattern, value: TermId) {
        match &pattern.kind {
            PatternKind::Ctor { .. } | PatternKind::Tuple(_) => {
                self.bind_pattern(pattern, value, Site::TupleDestructure)
            }
            PatternKind::Bind(_) => self.bind_pattern(pattern, value, Site::Let),
            PatternKind::Wildcard
            | PatternKind::Int(_)
            | PatternKind::Str(_)
            | PatternKind::Bool(_) => {}
        }
    }

    // ---- statements of contracts

    fn assert(&mut self, e: ExprId, predicate: ExprId) -> TermId {
        let holds = self.eval_as(predicate, Sort::Bool);
        let at = self.at(self.frame.body[e].span);
        let text = self.text(predicate);
        let obligation = self.obligation(Kind::Assert, at, text, self.goal(Claim::exactly(holds)));
        let parts = if self.place.silent { Vec::new() } else { self.conjuncts(predicate, holds) };
        self.record(Obligation { parts, ..obligation });
        self.assume(Fact::exactly(holds), Why::Path);
        self.unit_value()
    }

    /// The parts of a predicate that is written as a conjunction, and was found to be
    /// `whole`; none where they are not terms of their own.
    pub(super) fn conjuncts(&mut self, predicate: ExprId, whole: TermId) -> Vec<(String, TermId)> {
        let (mut parts, mut work) = (Vec::new(), vec![predicate]);
        while let Some(e) = work.pop() {
            match &self.frame.body[e].kind {
                ExprKind::Binary { op: BinaryOp::And, left, right } => work.extend([*right, *left]),
                _ => parts.push(e),
            }
        }
        if parts.len() < 2 || self.place.bound {
            return Vec::new();
        }
        let values: Vec<TermId> = parts
            .iter()
            .map(|e| self.apart(|w| w.silently(|w| w.eval_as(*e, Sort::Bool))))
            .collect();
        if self.terms().all(&values) != whole {
            return Vec::new();
        }
        parts.into_iter().map(|e| self.text(e)).zip(values).collect()
    }

    fn assume_statement(&mut self, e: ExprId, predicate: ExprId) -> TermId {
        // Nothing evaluates it, so it owes nothing.
        let holds = self.silently(|w| w.eval_as(predicate, Sort::Bool));
        let at = self.at(self.frame.body[e].span);
        let clause = self.place.silent && Fault::AssumeInClause.planted();
        if !clause && !self.unit.trusts.contains(&at) {
            self.unit.trusts.push(at);
        }
        if !self.place.silent {
            let text = self.text(e);
            self.unit.assumes.push(Assumed { at, text, holds });
            if !self.place.conditional && self.unit.premises_at.is_none() {
                self.unit.premises_at = Some(at);
            }
        }
        let why = if self.place.conditional { Why::Path } else { Why::Assume };
        self.assume(Fact::exactly(holds), why);
        self.unit_value()
    }

    /// Where the value of an expression is written: the end of a block.
    pub fn tail_span(&self, e: ExprId) -> Span {
        let mut at = e;
        loop {
            match &self.frame.body[at].kind {
                ExprKind::Block { result, .. } => at = *result,
                ExprKind::Narrow { value, .. } => at = *value,
                _ => return self.frame.body[at].span,
            }
        }
    }

    /// Whether the type is `Never`.
    pub fn never_returns(&mut self, e: ExprId) -> bool {
        self.base_kind(e) == TyKind::Never
    }
}
