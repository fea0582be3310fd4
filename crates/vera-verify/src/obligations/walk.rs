//! The state of a symbolic walk over one unit.

use std::collections::HashMap;

use vera_check::typed::{Body, ExprId, FnId, LocalId, ModuleId, Program, RefinementId};
use vera_check::types::{Printer, Ty, TyKind, Types};
use vera_diagnostics::{FileSpan, Sources, Span};

use super::arrays::{Closure, Sequence};
use super::calls::Meaning;
use super::contexts::{Contents, StateValues, Surrounding};
use super::definitions::Lambdas;
use super::encode::Encoder;
use super::graph::Cycles;
use super::growth::Growth;
use super::handlers::Answered;
use super::invariants::Invariants;
use super::labels;
use super::maps::Made;
use super::*;
use crate::logic::{Op, Sort};

/// Expressions of one arena with what their slots and types stand for.
#[derive(Clone)]
pub(super) struct Frame<'a> {
    pub body: &'a Body,
    pub module: ModuleId,
    /// What `Param(i)` stands for.
    pub type_args: Vec<Ty>,
    pub locals: HashMap<LocalId, TermId>,
    /// The locals in scope, outermost first.
    pub scope: Vec<LocalId>,
    /// `@T.result`
    pub result: Option<TermId>,
    /// What `old` and `new` stand for.
    pub states: Vec<StateValues>,
}

/// What surrounds the expression being walked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    pub phase: u32,
    /// No obligations are recorded: the expression is walked for its value only.
    pub silent: bool,
    pub deferred: bool,
    pub in_clause: bool,
    /// Inside a quantifier whose variable is bound: no facts about it can be kept.
    pub bound: bool,
    /// How many contracts of callees this one is inside of.
    pub depth: u32,
    /// Inside a closure, handler or branch, so that not every run comes here.
    pub conditional: bool,
}

/// The measure of the unit's function, for recursive calls.
pub(super) struct Measure {
    pub components: Vec<TermId>,
    /// What evaluating it teaches. Only goals about the measure may rely on it: where
    /// recursion evidently descends, no run evaluates it.
    pub learnt: Vec<Learnt>,
    pub goals: Vec<Goal>,
    /// The call of each.
    pub calls: Vec<Recursive>,
    /// A recursive call cannot be compared.
    pub incomparable: bool,
    /// A recursive call stands in a closure.
    pub in_closure: bool,
}

pub(super) struct Walk<'w, 'a> {
    pub program: &'a Program,
    pub sources: &'a Sources,
    pub types: &'w mut Types,
    pub encoder: &'w mut Encoder,
    pub lambdas: &'w mut Lambdas<'a>,
    pub cycles: &'w Cycles,
    pub growth: &'w Growth,
    pub invariants: &'w Invariants,
    pub unit: Unit,
    pub frame: Frame<'a>,
    /// The facts in force.
    pub hyp: Option<HypId>,
    /// The conditions this point is under, outermost first.
    pub path: Vec<TermId>,
    /// Cells and handlers around this point, outermost first.
    pub around: Vec<Surrounding<'a>>,
    /// What the clause being walked answers.
    pub answering: Option<Answered>,
    /// How many clauses are being walked in place of operations, and have been.
    pub clause_depth: u32,
    pub inlined: usize,
    /// Function values whose body is known.
    pub closures: HashMap<TermId, Closure<'a>>,
    /// Where the elements of arrays come from.
    pub sequences: HashMap<TermId, Sequence<'a>>,
    /// How maps and sets came about.
    pub maps: HashMap<TermId, Made>,
    /// Arrays of which an element at a variable index was read, with the type of their
    /// elements: what is known of all these is yet to be stated.
    pub read_everywhere: Vec<(TermId, Option<Ty>)>,
    /// Lengths of texts matter here.
    pub texts_measured: bool,
    /// What texts hold is asked here.
    pub texts_tested: bool,
    /// How deep the element being looked into lies, and how many were looked into.
    pub element_depth: u32,
    pub unfolded: usize,
    /// How many facts about products were stated.
    pub lemmas: usize,
    pub place: Place,
    /// The expression or clause being walked.
    pub here: FileSpan,
    /// The walk is of a call that returned, so every check on the way was passed.
    pub passing: bool,
    pub measure: Option<Measure>,
    /// What clauses of callees mean at given arguments: the value, and all that
    /// evaluating it teaches.
    pub meanings: HashMap<Meaning, (TermId, Vec<(Why, TermId)>)>,
    /// The invariants being evaluated for a value just made.
    pub making: Vec<RefinementId>,
    /// How many opaque values were made.
    pub opaques: usize,
    /// How many calls were met at variables of quantifiers.
    pub bound_calls: usize,
    /// How many indices of quantifiers were written out.
    pub unrolled: usize,
    /// Which terms rest on values nothing is known of.
    pub rests: HashMap<TermId, bool>,
    /// The declaration of the function whose argument comes next.
    pub callee: Option<FileSpan>,
}

impl<'a> Walk<'_, 'a> {
    pub fn subst(&mut self, ty: Ty) -> Ty {
        self.types.subst(ty, &self.frame.type_args)
    }

    /// The type of an expression, closed.
    pub fn ty(&mut self, e: ExprId) -> Ty {
        self.subst(self.frame.body[e].ty)
    }

    pub fn base_kind(&mut self, e: ExprId) -> TyKind {
        let ty = self.ty(e);
        self.types.base_kind(ty).clone()
    }

    pub fn sort(&mut self, ty: Ty) -> Sort {
        self.encoder.sort(self.program, self.types, ty)
    }

    pub fn show(&self, ty: Ty) -> String {
        Printer::with_types(self.program, self.types).ty(ty)
    }

    pub fn terms(&mut self) -> &mut Terms {
        &mut self.unit.terms
    }

    pub fn at(&self, span: Span) -> FileSpan {
        let file = self.program.modules[self.frame.module.index()].file;
        FileSpan { file, span }
    }

    /// The text of an expression on one line.
    pub fn text(&self, e: ExprId) -> String {
        self.text_of(self.frame.body[e].span)
    }

    pub fn text_of(&self, span: Span) -> String {
        let at = self.at(span);
        self.sources.one_line(at)
    }

    // ---- facts

    #[track_caller]
    pub fn assume(&mut self, fact: Fact, why: Why) {
        let mut fact = fact.term();
        if vera_faults::facts::is_negated(std::panic::Location::caller()) {
            fact = self.terms().not(fact);
        }
        self.know(fact, why);
    }

    /// Notes that what follows rests on a new symbol: nothing is known of it, so this
    /// proves nothing, and its opposite would do as well.
    pub fn rest_on(&mut self, symbol: TermId) {
        self.know(symbol, Why::Path);
    }

    fn know(&mut self, fact: TermId, why: Why) {
        if self.place.bound || self.unit.terms.as_bool(fact) == Some(true) {
            return;
        }
        let ground = Ground::At(self.here);
        self.unit.hyps.push(Hyp { parent: self.hyp, fact, why, ground });
        self.hyp = Some(HypId(self.unit.hyps.len() as u32 - 1));
    }

    /// Walks something under a condition. What is learnt there holds afterwards
    /// wherever the condition does, and so do changes of cells.
    pub fn under<T>(&mut self, condition: TermId, walk: impl FnOnce(&mut Self) -> T) -> T {
        let (result, after) = self.branch(condition, walk);
        self.merge_contents(condition, &after);
        result
    }

    /// [`Walk::under`] with the cells as they were before; yields what they are at
    /// the end of the branch.
    pub fn branch<T>(
        &mut self,
        condition: TermId,
        walk: impl FnOnce(&mut Self) -> T,
    ) -> (T, Contents) {
        let contents = self.contents();
        let result = self.on_condition(condition, walk);
        let after = self.contents();
        self.set_contents(&contents);
        (result, after)
    }

    fn on_condition<T>(&mut self, condition: TermId, walk: impl FnOnce(&mut Self) -> T) -> T {
        if self.unit.terms.as_bool(condition) == Some(true) {
            return walk(self);
        }
        let (before, place) = (self.hyp, self.place);
        self.place.conditional = true;
        self.assume(Fact::exactly(condition), Why::Path);
        self.path.push(condition);
        let start = self.hyp;
        let result = walk(self);
        self.place = place;
        self.path.pop();
        let learnt = self.facts_since(start);
        self.hyp = before;
        for Learnt { fact, why, here } in learnt {
            let fact = self.unit.terms.implies(condition, fact);
            self.standing(here, |w| w.assume(Fact::exactly(fact), why));
        }
        result
    }

    /// Does something as where another expression is walked.
    pub fn standing<T>(&mut self, here: FileSpan, work: impl FnOnce(&mut Self) -> T) -> T {
        let around = std::mem::replace(&mut self.here, here);
        let result = work(self);
        self.here = around;
        result
    }

    /// Walks something whose facts hold only inside it.
    pub fn apart<T>(&mut self, walk: impl FnOnce(&mut Self) -> T) -> T {
        let (before, place) = (self.hyp, self.place);
        self.place.conditional = true;
        let result = walk(self);
        self.hyp = before;
        self.place = place;
        result
    }

    /// Walks something in another arena.
    pub fn within<T>(&mut self, frame: Frame<'a>, walk: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.frame, frame);
        let result = self.detached(walk);
        self.frame = outer;
        result
    }

    /// Walks something for its value only.
    pub fn silently<T>(&mut self, walk: impl FnOnce(&mut Self) -> T) -> T {
        let silent = std::mem::replace(&mut self.place.silent, true);
        let result = walk(self);
        self.place.silent = silent;
        result
    }

    /// Walks an expression of a contract for its value.
    pub fn clause_value(&mut self, e: ExprId) -> TermId {
        let in_clause = std::mem::replace(&mut self.place.in_clause, true);
        self.place.depth += 1;
        let value = self.silently(|w| w.eval_as(e, Sort::Bool));
        self.place.depth -= 1;
        self.place.in_clause = in_clause;
        value
    }

    // ---- values

    pub fn bind(&mut self, local: LocalId, value: TermId) {
        self.frame.locals.insert(local, value);
        self.frame.scope.push(local);
    }

    /// A value of which only the declared type is known.
    pub fn opaque(&mut self, ty: Ty, name: &str) -> TermId {
        self.opaques += 1;
        let sort = self.sort(ty);
        let symbol = self.unit.terms.declare(name, Vec::new(), sort);
        self.unit.origins.insert(symbol, Origin::Opaque { in_clause: self.place.in_clause });
        let value = self.unit.terms.apply(symbol, &[]);
        self.assume_type(value, ty, Why::Type);
        value
    }

    /// The value of an expression as one of a sort: an expression that never returns
    /// has none, and stands wherever another may.
    pub fn eval_as(&mut self, e: ExprId, sort: Sort) -> TermId {
        let value = self.eval(e);
        self.adapted(value, sort)
    }

    pub fn adapted(&mut self, value: TermId, sort: Sort) -> TermId {
        if self.unit.terms.sort(value) == sort {
            return value;
        }
        self.opaques += 1;
        let symbol = self.unit.terms.declare("never", Vec::new(), sort);
        self.unit.origins.insert(symbol, Origin::Opaque { in_clause: self.place.in_clause });
        self.unit.terms.apply(symbol, &[])
    }

    /// A function of the logic, one for each name; what follows a space in it tells
    /// functions of one name apart.
    pub fn function(&mut self, name: &str, params: Vec<Sort>, result: Sort) -> SymbolId {
        self.unit.function_symbol(name, params, result)
    }

    /// A function applied to values.
    pub fn applied(&mut self, name: &str, args: &[TermId], result: Sort) -> (SymbolId, TermId) {
        let params = args.iter().map(|a| self.unit.terms.sort(*a)).collect();
        let symbol = self.function(name, params, result);
        (symbol, self.unit.terms.apply(symbol, args))
    }

    /// The value a binding gets: one that rests on an opaque value becomes a constant
    /// of its own, equal to it, so that a verdict can tell a bound value from an
    /// expression in place.
    pub fn bound_value(&mut self, value: TermId) -> TermId {
        if self.place.bound || self.passing || !self.rests_on_call_or_opaque(value) {
            return value;
        }
        let sort = self.unit.terms.sort(value);
        let symbol = self.unit.terms.declare("let", Vec::new(), sort);
        self.unit.origins.insert(symbol, Origin::Binding(value));
        let constant = self.unit.terms.apply(symbol, &[]);
        let same = self.unit.terms.equal(constant, value);
        self.assume(Fact::exactly(same), Why::Derived);
        constant
    }

    /// Whether a term contains a call with preconditions or an opaque value. The
    /// answer for each term is kept: every binding asks.
    fn rests_on_call_or_opaque(&mut self, value: TermId) -> bool {
        let mut work = vec![(value, false)];
        while let Some((id, expanded)) = work.pop() {
            if self.rests.contains_key(&id) {
                continue;
            }
            let node = &self.unit.terms[id];
            if !expanded {
                work.push((id, true));
                work.extend(node.args.iter().map(|a| (*a, false)));
                continue;
            }
            let own = match &node.op {
                Op::Apply(symbol) => match self.unit.origins.get(symbol) {
                    Some(Origin::Opaque { .. } | Origin::Partial | Origin::State) => true,
                    Some(Origin::Call { generic, .. }) => {
                        *generic || self.unit.call_obligations.contains_key(&id)
                    }
                    Some(Origin::Binding(_)) | None => false,
                },
                _ => false,
            };
            let rests = own || node.args.iter().any(|a| self.rests[a]);
            self.rests.insert(id, rests);
        }
        self.rests[&value]
    }

    // ---- obligations

    /// Records an obligation; yields its index unless nothing is recorded here.
    pub fn record(&mut self, obligation: Obligation) -> Option<usize> {
        if self.place.silent {
            return None;
        }
        self.unit.obligations.push(obligation);
        Some(self.unit.obligations.len() - 1)
    }

    /// An obligation of this kind here.
    pub fn obligation(&self, kind: Kind, at: FileSpan, text: String, demand: Demand) -> Obligation {
        Obligation {
            kind,
            at,
            check: Check::At(at),
            text,
            phase: self.place.phase,
            demand,
            deferred: self.place.deferred,
            about: About::Plain,
            slots: labels::slots(&self.frame),
            understood: HashSet::new(),
            calls: Vec::new(),
            parts: Vec::new(),
            looked_into: HashSet::new(),
        }
    }

    /// A check here that needs no record.
    pub fn evident(&mut self, kind: Kind, at: FileSpan) {
        if !self.place.silent {
            self.unit.evident.push((kind, at));
        }
    }

    /// A value enters a parameter, which whoever hands it over owes; the check stands at
    /// this place.
    pub fn comes_in(&mut self, param: LocalId, at: FileSpan) {
        let ty = self.subst(self.frame.body[param].ty);
        if self.is_constrained(ty) {
            let kind = if self.mentions_refinement(ty) { Kind::RefineBind } else { Kind::NatBind };
            self.evident(kind, at);
        }
    }

    /// The demand that `claim` holds here.
    pub fn goal(&self, claim: Claim) -> Demand {
        Demand::Goals(vec![Goal::new(self.hyp, claim)])
    }

    /// Records that an operation demands `claim`.
    pub fn demand(&mut self, kind: Kind, e: ExprId, claim: TermId, about: About) -> Option<usize> {
        if self.passing && kind.is_of_operation() {
            self.assume(Fact::exactly(claim), Why::Path);
        }
        let at = self.at(self.frame.body[e].span);
        let demand = self.goal(Claim::exactly(claim));
        let obligation = self.obligation(kind, at, self.text(e), demand);
        self.record(Obligation { about, ..obligation })
    }

    pub fn caller(&self) -> Option<FnId> {
        self.unit.function
    }
}
