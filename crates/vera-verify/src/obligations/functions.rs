//! One unit for each function instance and each refinement of the entry file.

use std::collections::{HashMap, HashSet};

use smol_str::SmolStr;
use vera_check::typed::{
    Clause, ClauseKind, ExprId, ExprKind, FnId, Function, Local, LocalId, ModuleId, NarrowSite,
    Program, Refinement, RefinementId,
};
use vera_check::types::{Ty, TyKind, Types, any};
use vera_diagnostics::{FileSpan, Sources, Span};
use vera_faults::Fault;

use super::calls::is_trivial;
use super::definitions::Lambdas;
use super::encode::Encoder;
use super::graph::Cycles;
use super::growth::Growth;
use super::instances::{self, Instances};
use super::invariants::Invariants;
use super::texts;
use super::walk::{Frame, Measure, Place, Walk};
use super::*;
use crate::logic::{Op, Sort};

/// Places in the order of output of a function (language reference, chapter 08.3).
/// The operations of the nth `requires` come at `2n`, the clause at `2n + 1`.
pub(super) mod phase {
    pub const MEASURE: u32 = 1_000_000;
    pub const BODY: u32 = MEASURE + 1;
    pub const NARROW: u32 = BODY + 1;
    pub const ENSURES_OPERATIONS: u32 = NARROW + 1;
    pub const CALLS: u32 = ENSURES_OPERATIONS + 1;
    pub const ENSURES: u32 = CALLS + 1;
    pub const REFINED_RETURN: u32 = ENSURES + 1;
    pub const NAT_RETURN: u32 = REFINED_RETURN + 1;
    pub const DECREASES: u32 = NAT_RETURN + 1;
}

/// What functions ask of their arguments: for each a unit whose facts at its end are
/// the types of the parameters and the preconditions, and the parameters' terms. Of
/// the bodies, only what they assume is of interest.
pub(crate) fn preconditions(
    program: &Program,
    sources: &Sources,
    functions: &[FnId],
) -> (Vec<(Unit, Vec<TermId>)>, Sorts) {
    let mut generator = Generator::new(program, sources);
    let of = functions.iter().map(|f| generator.precondition(*f)).collect();
    (of, generator.encoder.sorts)
}

/// For each refinement a unit whose facts at its end are its predicate and those of
/// its bases, and the value's term.
pub(crate) fn refinements(program: &Program, sources: &Sources) -> Vec<(Unit, TermId)> {
    let mut generator = Generator::new(program, sources);
    let ids = (0..program.refinements.len() as u32).map(RefinementId);
    ids.map(|id| generator.member(id)).collect()
}

/// A declaration to verify.
enum Item {
    Function(FnId),
    Refinement(RefinementId),
}

/// Makes the units of a program.
pub(crate) struct Generator<'a> {
    pub program: &'a Program,
    sources: &'a Sources,
    types: Types,
    encoder: Encoder,
    cycles: Cycles,
    growth: Growth,
    invariants: Invariants,
    instances: Instances,
    pub(super) lambdas: Lambdas<'a>,
    units: Vec<Unit>,
    /// What is evident in predicates that owe nothing.
    evident: Vec<(Kind, FileSpan)>,
}

impl<'a> Generator<'a> {
    pub fn new(program: &'a Program, sources: &'a Sources) -> Generator<'a> {
        let mut types = program.types.clone();
        Generator {
            program,
            sources,
            instances: Instances::new(program, &mut types),
            invariants: Invariants::new(program, &mut types),
            types,
            encoder: Encoder::new(),
            lambdas: Lambdas::default(),
            cycles: Cycles::new(program),
            growth: Growth::new(program),
            units: Vec::new(),
            evident: Vec::new(),
        }
    }

    /// The obligations of the program's entry file.
    pub fn obligations(&mut self) -> Obligations {
        for item in self.items() {
            match item {
                Item::Function(f) => self.function(f),
                Item::Refinement(r) => self.refinement(r),
            }
        }
        let (units, evident) = (std::mem::take(&mut self.units), std::mem::take(&mut self.evident));
        Obligations { units, evident }
    }

    /// The sorts met so far.
    pub fn sorts(&self) -> Sorts {
        self.encoder.sorts.clone()
    }

    /// Declarations in source order, helpers after their parent; then instances of
    /// imported generic functions.
    fn items(&self) -> Vec<Item> {
        let program = self.program;
        let entry = ModuleId(0);
        let mut items: Vec<(u32, Item)> = Vec::new();
        for (i, r) in program.refinements.iter().enumerate() {
            if r.module == entry {
                items.push((r.span.start, Item::Refinement(RefinementId(i as u32))));
            }
        }
        for f in &program.entry_fns {
            items.push((program.function(*f).span.start, Item::Function(*f)));
        }
        items.sort_by_key(|(start, _)| *start);
        let mut out = Vec::new();
        for (_, item) in items {
            let helpers_of = match &item {
                Item::Function(f) => Some(*f),
                Item::Refinement(_) => None,
            };
            out.push(item);
            helpers_of.into_iter().for_each(|f| self.helpers(f, &mut out));
        }
        for (i, f) in program.fns.iter().enumerate() {
            let imported = f.module != entry && !program.modules[f.module.index()].prelude;
            if imported && !self.instances.of(FnId(i as u32)).is_empty() {
                out.push(Item::Function(FnId(i as u32)));
            }
        }
        out
    }

    fn helpers(&self, parent: FnId, out: &mut Vec<Item>) {
        for (i, f) in self.program.fns.iter().enumerate() {
            if f.parent == Some(parent) {
                out.push(Item::Function(FnId(i as u32)));
                self.helpers(FnId(i as u32), out);
            }
        }
    }

    fn function(&mut self, f: FnId) {
        if self.program.function(f).type_params.is_empty() {
            return self.instance(f, Vec::new(), None);
        }
        let instances = self.instances.of(f).to_vec();
        if instances.is_empty() {
            return self.stand_in(f);
        }
        for args in instances {
            let name = instances::name(self.program, &self.types, f, &args);
            self.instance(f, args, Some(name));
        }
    }

    /// A generic function that nothing calls is verified at types of which nothing is
    /// known but what its constraints say.
    fn stand_in(&mut self, f: FnId) {
        let program = self.program;
        let params = program.function(f).type_params.iter();
        let args =
            (0..).zip(params).map(|(i, p)| self.types.intern(TyKind::Param(i, p.name.clone())));
        let args: Vec<Ty> = args.collect();
        self.instance(f, args, None);
    }

    fn instance(&mut self, f: FnId, type_args: Vec<Ty>, instance: Option<String>) {
        let function = self.program.function(f);
        let unit = unit(function.name.to_string(), Some(f), instance);
        let frame = Frame {
            body: &function.body,
            module: function.module,
            type_args,
            locals: HashMap::new(),
            scope: Vec::new(),
            result: None,
            states: Vec::new(),
        };
        let unit = self.walk(unit, frame, |walk| walk.whole_function(function));
        self.units.push(unit);
    }

    fn precondition(&mut self, f: FnId) -> (Unit, Vec<TermId>) {
        let function = self.program.function(f);
        let frame = Frame {
            body: &function.body,
            module: function.module,
            type_args: Vec::new(),
            locals: HashMap::new(),
            scope: Vec::new(),
            result: None,
            states: Vec::new(),
        };
        let mut params = Vec::new();
        let unit = unit(function.name.to_string(), Some(f), None);
        let unit = self.walk(unit, frame, |walk| {
            for param in &function.params {
                walk.parameter(*param);
                params.push(walk.frame.locals[param]);
            }
            walk.requires(function);
            walk.unit.end = walk.hyp;
            walk.place = Place { phase: phase::BODY, ..Place::default() };
            walk.eval(stripped(function));
        });
        (unit, params)
    }

    /// A predicate, at each type it is evaluated at.
    fn refinement(&mut self, id: RefinementId) {
        let refinement: &'a Refinement = &self.program.refinements[id.index()];
        let mut open: Vec<(u32, SmolStr)> = Vec::new();
        any(&self.types, refinement.base, &mut |kind| {
            if let TyKind::Param(index, name) = kind {
                open.push((*index, name.clone()));
            }
            false
        });
        let mut instances = self.instances.of_predicate(id).to_vec();
        if instances.is_empty() {
            // As of functions: at stand-ins for its parameters.
            let count = open.iter().map(|(index, _)| index + 1).max().unwrap_or(0);
            let named = |i: u32| open.iter().find(|(index, _)| *index == i).map(|(_, n)| n.clone());
            let params = (0..count)
                .map(|i| self.types.intern(TyKind::Param(i, named(i).unwrap_or_default())));
            instances.push(params.collect());
        }
        for args in instances {
            self.predicate(id, args);
        }
    }

    fn predicate(&mut self, id: RefinementId, type_args: Vec<Ty>) {
        let refinement: &'a Refinement = &self.program.refinements[id.index()];
        let frame = Frame { type_args, ..refinement_frame(refinement) };
        let invariant_of = self.program.invariant_of(id);
        let name = match invariant_of {
            Some(data) => format!("invariant of {}", data.name),
            None => format!("{{ {} }}", refinement.text),
        };
        let mut unit = self.walk(unit(name, None, None), frame, |walk| {
            walk.place.phase = phase::BODY;
            match invariant_of {
                Some(_) => _ = walk.value_in_the_making(refinement.binder),
                None => walk.parameter(refinement.binder),
            }
            walk.eval(refinement.predicate);
        });
        unit.predicate = Some(id);
        let assumes = !unit.assumes.is_empty() && !Fault::AssumeInClause.planted();
        if assumes || !unit.obligations.is_empty() {
            self.units.push(unit);
        } else {
            self.evident.extend(unit.evident);
        }
    }

    fn member(&mut self, id: RefinementId) -> (Unit, TermId) {
        let refinement: &'a Refinement = &self.program.refinements[id.index()];
        let mut value = TermId(0);
        let frame = refinement_frame(refinement);
        let unit = self.walk(unit(refinement.text.clone(), None, None), frame, |walk| {
            walk.parameter(refinement.binder);
            value = walk.frame.locals[&refinement.binder];
            let holds = walk.eval_as(refinement.predicate, Sort::Bool);
            walk.assume(Fact::exactly(holds), Why::Requires);
            walk.unit.end = walk.hyp;
        });
        (unit, value)
    }

    pub(super) fn walk(
        &mut self,
        unit: Unit,
        frame: Frame<'a>,
        walk: impl FnOnce(&mut Walk<'_, 'a>),
    ) -> Unit {
        let texts_measured = texts::are_measured(self.program, frame.body);
        let texts_tested = texts::are_tested(frame.body);
        let file = self.program.modules[frame.module.index()].file;
        let span = unit.function.map_or(Span::default(), |f| self.program.function(f).span);
        let mut state = Walk {
            program: self.program,
            sources: self.sources,
            types: &mut self.types,
            encoder: &mut self.encoder,
            lambdas: &mut self.lambdas,
            cycles: &self.cycles,
            growth: &self.growth,
            invariants: &self.invariants,
            unit,
            frame,
            hyp: None,
            path: Vec::new(),
            around: Vec::new(),
            answering: None,
            clause_depth: 0,
            inlined: 0,
            closures: HashMap::new(),
            sequences: HashMap::new(),
            maps: HashMap::new(),
            read_everywhere: Vec::new(),
            texts_measured,
            texts_tested,
            element_depth: 0,
            unfolded: 0,
            lemmas: 0,
            place: Place::default(),
            here: FileSpan { file, span },
            passing: false,
            measure: None,
            meanings: HashMap::new(),
            making: Vec::new(),
            opaques: 0,
            bound_calls: 0,
            unrolled: 0,
            rests: HashMap::new(),
            callee: None,
        };
        walk(&mut state);
        let mut unit = state.unit;
        // Calls refer to obligations by index, so the order is kept beside them.
        sort_obligations(&mut unit);
        unit
    }
}

fn refinement_frame(refinement: &Refinement) -> Frame<'_> {
    Frame {
        body: &refinement.body,
        module: refinement.module,
        type_args: Vec::new(),
        locals: HashMap::new(),
        scope: Vec::new(),
        result: None,
        states: Vec::new(),
    }
}

fn sort_obligations(unit: &mut Unit) {
    let mut order: Vec<usize> = (0..unit.obligations.len()).collect();
    order.sort_by_key(|i| unit.obligations[*i].phase);
    let mut place = vec![0; order.len()];
    order.iter().enumerate().for_each(|(new, old)| place[*old] = new);
    for owed in unit.call_obligations.values_mut() {
        owed.iter_mut().for_each(|i| *i = place[*i]);
    }
    unit.obligations.sort_by_key(|o| o.phase);
}

pub(super) fn unit(name: String, function: Option<FnId>, instance: Option<String>) -> Unit {
    Unit {
        name,
        function,
        predicate: None,
        instance,
        terms: Terms::default(),
        parameters: Vec::new(),
        shown_parts: Vec::new(),
        signature: Vec::new(),
        hyps: Vec::new(),
        obligations: Vec::new(),
        origins: HashMap::new(),
        functions: HashMap::new(),
        calls: HashMap::new(),
        applications: HashMap::new(),
        closures: HashMap::new(),
        passed: HashMap::new(),
        call_obligations: HashMap::new(),
        specified: HashSet::new(),
        postconditions: Vec::new(),
        folds: Vec::new(),
        end: None,
        premises_at: None,
        nonlinear: false,
        assumes: Vec::new(),
        evident: Vec::new(),
        trusts: Vec::new(),
    }
}

impl<'a> Walk<'_, 'a> {
    fn whole_function(&mut self, function: &'a Function) {
        for param in &function.params {
            self.parameter(*param);
            // Callers owe it, and what comes from the host is checked on entry.
            let span = self.frame.body[*param].span;
            self.comes_in(*param, self.at(function.span));
            self.comes_in(*param, self.at(span));
        }
        self.unit.parameters = labels::slots(&self.frame);
        self.unit.shown_parts = self.shown_parts(&function.params);
        let types: Vec<&str> =
            function.params.iter().map(|p| function.body[*p].slot.as_str()).collect();
        self.unit.signature = labels::arguments(&types);
        self.entry_cells(function);
        self.requires(function);
        self.own_measure(function);
        self.place = Place { phase: phase::BODY, ..Place::default() };
        let body = stripped(function);
        let result = self.eval(body);
        let result = self.result_value(function, body, result);
        self.unit.end = self.hyp;
        self.return_type(function, body, result);
        self.ensures(function, result);
        self.termination(function);
        if self.unit.premises_at.is_none() {
            let first = function.clauses.iter().find(|c| match c.kind {
                ClauseKind::Requires(p) => !is_trivial(function, p),
                ClauseKind::Ensures(_) | ClauseKind::Decreases(_) => false,
            });
            let clause = first.or(function.clauses.first());
            self.unit.premises_at = clause.map(|c| self.at(c.span));
        }
    }

    pub(super) fn parameter(&mut self, param: LocalId) {
        let value = self.value_in_the_making(param);
        let ty = self.subst(self.frame.body[param].ty);
        self.assume_type(value, ty, Why::Parameter);
    }

    /// Binds a local to a value of which nothing is known.
    fn value_in_the_making(&mut self, local: LocalId) -> TermId {
        let Local { slot, ty, .. } = &self.frame.body[local];
        let ty = self.subst(*ty);
        let sort = self.sort(ty);
        let value = self.unit.terms.constant(slot, sort);
        self.bind(local, value);
        value
    }

    fn requires(&mut self, function: &'a Function) {
        let mut index = 0;
        for clause in &function.clauses {
            let ClauseKind::Requires(predicate) = clause.kind else { continue };
            self.place = Place { phase: 2 * index, in_clause: true, ..Place::default() };
            let before = self.hyp;
            let holds = self.eval_as(predicate, Sort::Bool);
            let expressible = !self.mentions_opaque(holds);
            let demand = if expressible { Demand::Nothing } else { Demand::Inexpressible };
            self.place.phase = 2 * index + 1;
            self.clause_record(Kind::Requires, clause, demand);
            self.mark_premises(before);
            let at = self.at(clause.span);
            self.standing(at, |w| w.assume(Fact::exactly(holds), Why::Requires));
            self.unit.nonlinear |= is_nonlinear(&self.unit.terms, holds);
            index += 1;
        }
    }

    /// What evaluating a premise teaches is derived, not the author's.
    fn mark_premises(&mut self, before: Option<HypId>) {
        let mut at = self.hyp;
        while at != before {
            let Some(id) = at else { break };
            let hyp = &mut self.unit.hyps[id.0 as usize];
            if hyp.why == Why::Path {
                hyp.why = Why::Derived;
            }
            at = hyp.parent;
        }
    }

    /// Whether a term speaks of a value that callers cannot speak of. What a function value
    /// yields depends on its arguments alone.
    fn mentions_opaque(&self, term: TermId) -> bool {
        let mut found = false;
        self.unit.terms.visit(&[term], &mut |id| {
            if let Op::Apply(symbol) = &self.unit.terms[id].op {
                let opaque = matches!(self.unit.origins.get(symbol), Some(Origin::Opaque { .. }));
                found |= opaque && self.unit.terms.symbol(*symbol).name != APPLY;
            }
        });
        found
    }

    fn clause_record(&mut self, kind: Kind, clause: &Clause, demand: Demand) {
        let at = self.at(clause.span);
        let obligation = self.obligation(kind, at, clause.text.clone(), demand);
        self.record(obligation);
    }

    fn own_measure(&mut self, function: &'a Function) {
        self.place = Place { phase: phase::MEASURE, in_clause: true, ..Place::default() };
        let before = self.hyp;
        let components = measure(function).into_iter().map(|c| self.eval(c)).collect();
        let learnt = self.facts_since(before);
        if !Fault::MeasureTeaches.planted() {
            self.hyp = before;
        }
        if self.caller().is_some_and(|f| self.cycles.is_recursive(f)) {
            self.measure = Some(Measure {
                components,
                learnt,
                goals: Vec::new(),
                calls: Vec::new(),
                incomparable: false,
                in_closure: false,
            });
        }
    }

    /// The body's value as a value of the result's sort.
    fn result_value(&mut self, function: &Function, body: ExprId, result: TermId) -> TermId {
        let ret = self.subst(function.ret);
        let sort = self.sort(ret);
        if self.unit.terms.sort(result) == sort {
            return result;
        }
        if self.never_returns(body) {
            self.never();
        }
        self.opaque(ret, "result")
    }

    fn return_type(&mut self, function: &Function, body: ExprId, result: TermId) {
        let (from, to) = (self.ty(body), self.subst(function.ret));
        let natural = *self.types.kind(to) == TyKind::Nat;
        let phase = if natural { phase::NAT_RETURN } else { phase::REFINED_RETURN };
        self.place = Place { phase, ..Place::default() };
        if natural && matches!(self.types.base_kind(from), TyKind::Nat) {
            return;
        }
        if matches!(function.body[function.result].kind, ExprKind::Narrow { .. }) {
            self.narrow_value(body, from, to, result, Site::Return);
        } else if !natural && self.mentions_refinement(to) {
            // Carried along unchanged, and on record all the same.
            let span = self.tail_span(body);
            let (at, text) = (self.at(span), self.text(body));
            let yes = self.terms().yes();
            let predicate = self.show(to);
            let about =
                About::Narrow { site: Site::Return, predicate, nested: true, literal: None };
            let obligation =
                self.obligation(Kind::RefineBind, at, text, self.goal(Claim::exactly(yes)));
            self.record(Obligation { about, ..obligation });
        }
        // What the check at the end lets through belongs to the type.
        self.assume_type(result, to, Why::Path);
    }

    pub(super) fn mentions_refinement(&self, ty: Ty) -> bool {
        any(self.types, ty, &mut |kind| matches!(kind, TyKind::Refined(..)))
    }

    fn ensures(&mut self, function: &'a Function, result: TermId) {
        self.frame.result = Some(result);
        self.states_at_the_end();
        let ret = self.subst(function.ret);
        let before = self.hyp;
        self.assume_type(result, ret, Why::Path);
        let label = format!("@{}.result", crate::verdict::result_slot(&function.signature));
        for clause in &function.clauses {
            let ClauseKind::Ensures(predicate) = clause.kind else { continue };
            self.place =
                Place { phase: phase::ENSURES_OPERATIONS, in_clause: true, ..Place::default() };
            let holds = self.eval_as(predicate, Sort::Bool);
            self.place.phase = phase::ENSURES;
            self.unit.postconditions.push(Claim::exactly(holds));
            let demand = if is_trivial(function, predicate) {
                Demand::Nothing
            } else {
                self.goal(Claim::exactly(holds))
            };
            let at = self.at(clause.span);
            let mut obligation = self.obligation(Kind::Ensures, at, clause.text.clone(), demand);
            obligation.parts = self.conjuncts(predicate, holds);
            obligation.slots.extend(self.state_slots());
            obligation.slots.push((label.clone(), result));
            self.record(obligation);
        }
        self.hyp = before;
    }

    /// The cells of callers hold their last content.
    fn states_at_the_end(&mut self) {
        for i in 0..self.frame.states.len() {
            let effect = self.frame.states[i].effect.clone();
            let at = self.cell_of(&effect);
            if let Some(cell) = at.and_then(|at| self.around[at].cell()) {
                self.frame.states[i].new = cell.content;
            }
        }
    }

    /// `old(State<T>)` and `new(State<T>)`, for counterexamples.
    fn state_slots(&self) -> Vec<(String, TermId)> {
        let mut out = Vec::new();
        for state in &self.frame.states {
            let effect = format!("State<{}>", self.show(state.family));
            out.push((format!("old({effect})"), state.old));
            out.push((format!("new({effect})"), state.new));
        }
        out
    }

    fn termination(&mut self, function: &'a Function) {
        let measure = self.measure.take();
        for clause in &function.clauses {
            let ClauseKind::Decreases(_) = clause.kind else { continue };
            self.place = Place { phase: phase::DECREASES, in_clause: true, ..Place::default() };
            let demand = match &measure {
                Some(m) if !m.incomparable => Demand::Goals(m.goals.clone()),
                _ => Demand::Inexpressible,
            };
            let at = self.at(clause.span);
            let check = match &measure {
                None => Check::Idle,
                Some(_) if !self.is_compared(function) => Check::NoSize,
                Some(m) if m.in_closure => Check::WhileRunning,
                Some(_) => Check::At(at),
            };
            let obligation = self.obligation(Kind::Decreases, at, clause.text.clone(), demand);
            let calls = measure.as_ref().map(|m| m.calls.clone()).unwrap_or_default();
            self.record(Obligation { check, calls, ..obligation });
        }
    }
}

impl Walk<'_, '_> {
    /// Whether a run compares the function's measure: its data has a size.
    fn is_compared(&mut self, function: &Function) -> bool {
        measure(function).into_iter().all(|component| {
            let ty = self.subst(function.body[component].ty);
            self.program.has_size(self.types, ty)
        })
    }
}

/// The components of a function's measure: those of all its clauses, in order.
pub(super) fn measure(function: &Function) -> Vec<ExprId> {
    let of = |clause: &Clause| match &clause.kind {
        ClauseKind::Decreases(components) => components.clone(),
        ClauseKind::Requires(_) | ClauseKind::Ensures(_) => Vec::new(),
    };
    function.clauses.iter().flat_map(of).collect()
}

/// The body without the check of its value against the result type.
pub(super) fn stripped(function: &Function) -> ExprId {
    match &function.body[function.result].kind {
        ExprKind::Narrow { value, site: NarrowSite::Return } => *value,
        _ => function.result,
    }
}

/// Whether a term multiplies or divides by something that is not constant, or
/// quantifies.
fn is_nonlinear(terms: &Terms, term: TermId) -> bool {
    let mut found = false;
    terms.visit(&[term], &mut |id| {
        let node = &terms[id];
        found |= match (&node.op, node.args.as_slice()) {
            (Op::Multiply, [a, b]) => terms.as_int(*a).is_none() && terms.as_int(*b).is_none(),
            (Op::Divide | Op::Remainder, [_, b]) => terms.as_int(*b).is_none(),
            (Op::Forall(_) | Op::Exists(_), _) => true,
            _ => false,
        };
    });
    found
}
