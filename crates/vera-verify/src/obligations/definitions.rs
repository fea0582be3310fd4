//! Definitions of pure functions: what a call that returned says about its arguments
//! and its result, as formulas over the parameters.
//!
//! A definition is made by walking the body as that of a call that returned: every
//! check on the way was passed, and every call on the way returned, too. So each of its
//! formulas is true wherever the symbol of the call says that it returned, whether or
//! not the function ends for other arguments, and no set of definitions contradicts
//! itself. Values that the walk does not look into are functions of the parameters,
//! since the body has no effects.

use std::collections::{HashMap, HashSet};

use vera_check::typed::{Body, ClauseKind, ExprId, ExprKind, Function, LocalId, ModuleId};
use vera_check::types::{Ty, TyKind};

use super::functions::{Generator, phase, stripped, unit};
use super::walk::{Frame, Place, Walk};
use super::*;
use crate::logic::{Op, Sort};

/// A body of more terms is not looked into.
const MAX_TERMS: usize = 3_000;

/// Calls lead to definitions to this depth: instances at ever larger types have no end.
const MAX_DEPTH: u32 = 12;

/// So many definitions are made in one verification.
const MAX_DEFINITIONS: usize = 500;

/// What a call that returned says.
pub(crate) struct Definition {
    /// The symbols, parameters and terms it is stated in.
    unit: Unit,
    pub parameters: Vec<TermId>,
    /// The body's value, of the result's sort.
    pub value: TermId,
    /// What else is known.
    pub facts: Vec<(TermId, Why)>,
    /// The names of symbols that are functions of the logic.
    names: HashMap<SymbolId, String>,
    /// The values that the walk did not look into.
    unknowns: Vec<(TermId, SymbolId)>,
}

impl Definition {
    pub fn terms(&self) -> &Terms {
        &self.unit.terms
    }

    pub fn symbols(&self) -> impl Iterator<Item = SymbolId> {
        self.unit.terms.symbols()
    }

    /// Values of which the body does not tell how they come about: whatever they are,
    /// the arguments decide it.
    pub fn unknowns(&self) -> impl Iterator<Item = (TermId, SymbolId)> {
        self.unknowns.iter().copied()
    }

    /// The name of a symbol that means the same everywhere.
    pub fn name(&self, symbol: SymbolId) -> Option<&str> {
        self.names.get(&symbol).map(String::as_str)
    }

    pub fn origin(&self, symbol: SymbolId) -> Option<Origin> {
        self.unit.origins.get(&symbol).copied()
    }

    pub fn called(&self, symbol: SymbolId) -> Option<&Called> {
        self.unit.calls.get(&symbol)
    }

    /// What the symbol says the return of, if it does so of function values.
    pub fn application(&self, symbol: SymbolId) -> Option<SymbolId> {
        self.unit.applications.get(&symbol).copied()
    }

    pub fn closure(&self, symbol: SymbolId) -> Option<ClosureId> {
        self.unit.closures.get(&symbol).copied()
    }
}

/// The definitions that the calls of some units lead to.
pub(crate) struct Definitions {
    found: HashMap<Callee, Definition>,
    /// Functions whose calls are not known to come to an end.
    pub endless: HashSet<FnId>,
    /// Functions whose calls all come back, whatever the arguments.
    pub total: HashSet<FnId>,
    /// Functions without recursion whose bodies come to their end for all arguments that
    /// they admit.
    pub ending: HashSet<FnId>,
}

impl Definitions {
    /// The definition of a callee whose calls come to an end. That of another would not
    /// be wrong, but could only show that the calls do not return.
    pub fn of(&self, callee: &Callee) -> Option<&Definition> {
        let endless = callee.function().is_some_and(|f| self.endless.contains(&f));
        self.found.get(callee).filter(|_| !endless)
    }
}

impl<'a> Generator<'a> {
    /// The definitions of what these units call, and of what those call.
    pub fn definitions<'u>(&mut self, units: impl Iterator<Item = &'u Unit>) -> Definitions {
        let mut found = HashMap::new();
        let mut seen: HashSet<Callee> = HashSet::new();
        let mut wanted = Vec::new();
        units.for_each(|unit| collect(unit, &mut seen, &mut wanted));
        for _ in 0..MAX_DEPTH {
            let mut next = Vec::new();
            for callee in wanted {
                if found.len() >= MAX_DEFINITIONS {
                    break;
                }
                if let Some(definition) = self.definition(&callee) {
                    collect(&definition.unit, &mut seen, &mut next);
                    found.insert(callee, definition);
                }
            }
            wanted = next;
        }
        Definitions {
            found,
            endless: HashSet::new(),
            total: HashSet::new(),
            ending: HashSet::new(),
        }
    }

    /// The definition of a callee, if its body can be looked into: it assumes nothing, is
    /// written out, and is no larger than is of use.
    fn definition(&mut self, callee: &Callee) -> Option<Definition> {
        let mut value = None;
        let unit = match callee {
            Callee::Function { function: id, type_args } => {
                let function = self.program.function(*id);
                let is_hole = |kind: &ExprKind| matches!(kind, ExprKind::Hole);
                if function.body.exprs.iter().any(|e| is_hole(&e.kind)) {
                    return None;
                }
                let frame = frame(&function.body, function.module, type_args);
                let unit = unit(function.name.to_string(), Some(*id), None);
                self.walk(unit, frame, |walk| {
                    value = walk.returned_call(function);
                    walk.unit.end = walk.hyp;
                })
            }
            Callee::Closure(id) => {
                let lambda = self.lambdas.of(*id).clone();
                let frame = frame(lambda.body, lambda.module, &lambda.type_args);
                self.walk(unit("closure".to_owned(), None, None), frame, |walk| {
                    value = Some(walk.returned_application(&lambda));
                    walk.unit.end = walk.hyp;
                })
            }
        };
        finished(unit, value?)
    }
}

/// Where expressions of a body stand before anything is bound.
fn frame<'a>(body: &'a Body, module: ModuleId, type_args: &[Ty]) -> Frame<'a> {
    Frame {
        body,
        module,
        type_args: type_args.to_vec(),
        locals: HashMap::new(),
        scope: Vec::new(),
        result: None,
        states: Vec::new(),
    }
}

/// The definition that a walk to a value made.
fn finished(mut unit: Unit, value: TermId) -> Option<Definition> {
    if !unit.trusts.is_empty() || unit.terms.len() > MAX_TERMS {
        return None;
    }
    let mut facts: Vec<_> = unit.facts(unit.end).map(|hyp| (hyp.fact, hyp.why)).collect();
    facts.reverse();
    let parameters: Vec<TermId> = unit.parameters.iter().map(|(_, value)| *value).collect();
    let names: HashMap<SymbolId, String> =
        unit.functions.drain().map(|(name, symbol)| (symbol, name)).collect();
    let mut unknowns = Vec::new();
    unit.terms.visit(&[&[value][..], &facts_of(&facts)].concat(), &mut |id| {
        if let Op::Apply(symbol) = &unit.terms[id].op
            && !names.contains_key(symbol)
            && !parameters.contains(&id)
        {
            unknowns.push((id, *symbol));
        }
    });
    Some(Definition { unit, parameters, value, facts, names, unknowns })
}

fn facts_of(facts: &[(TermId, Why)]) -> Vec<TermId> {
    facts.iter().map(|(fact, _)| *fact).collect()
}

/// What a unit calls, and what closures it makes, that was not seen before, in a fixed
/// order.
fn collect(unit: &Unit, seen: &mut HashSet<Callee>, out: &mut Vec<Callee>) {
    let mut calls: Vec<(&SymbolId, &Called)> = unit.calls.iter().collect();
    calls.sort_by_key(|(symbol, _)| **symbol);
    let mut closures: Vec<ClosureId> = unit.closures.values().copied().collect();
    closures.sort();
    let calls = calls.into_iter().map(|(_, called)| called.callee.clone());
    let all = calls.chain(closures.into_iter().map(Callee::Closure));
    out.extend(all.filter(|callee| seen.insert(callee.clone())));
}

/// A closure as it is written, at the types of an instance.
#[derive(Clone)]
pub(super) struct Lambda<'a> {
    body: &'a Body,
    module: ModuleId,
    type_args: Vec<Ty>,
    /// What it captures, in the order in which a closure is a function of it.
    captured: Vec<LocalId>,
    params: &'a [LocalId],
    result: ExprId,
}

/// The closures met so far, each once: what is written alike, and captures the same, is
/// the same.
#[derive(Default)]
pub(super) struct Lambdas<'a> {
    by_name: HashMap<String, ClosureId>,
    all: Vec<Lambda<'a>>,
}

impl<'a> Lambdas<'a> {
    /// The closure of a name, which says all that its meaning depends on.
    pub fn id(&mut self, name: String, lambda: Lambda<'a>) -> ClosureId {
        let all = &mut self.all;
        *self.by_name.entry(name).or_insert_with(|| {
            all.push(lambda);
            ClosureId(all.len() as u32 - 1)
        })
    }

    fn of(&self, id: ClosureId) -> &Lambda<'a> {
        &self.all[id.0 as usize]
    }
}

impl<'a> Walk<'_, 'a> {
    /// Walks the body of a call that returned; its value, if the logic has one.
    fn returned_call(&mut self, function: &'a Function) -> Option<TermId> {
        self.start_returned(&function.params);
        for clause in &function.clauses {
            let ClauseKind::Requires(predicate) = clause.kind else { continue };
            let holds = self.eval_as(predicate, Sort::Bool);
            self.assume(Fact::exactly(holds), Why::Derived);
        }
        let body = stripped(function);
        let value = self.eval(body);
        let ret: Ty = self.subst(function.ret);
        if *self.types.kind(ret) == TyKind::Never || self.sort(ret) != self.unit.terms.sort(value) {
            return None;
        }
        self.assume_type(value, ret, Why::Path);
        Some(value)
    }

    /// Walks the body of a closure whose application returned.
    fn returned_application(&mut self, lambda: &Lambda<'a>) -> TermId {
        self.start_returned(&[&lambda.captured[..], lambda.params].concat());
        let value = self.eval(lambda.result);
        let ty = self.ty(lambda.result);
        self.assume_type(value, ty, Why::Path);
        value
    }

    /// Everything from here on returned, and depends on these.
    fn start_returned(&mut self, params: &[LocalId]) {
        self.passing = true;
        (self.texts_measured, self.texts_tested) = (true, true);
        self.place = Place { phase: phase::BODY, silent: true, ..Place::default() };
        for param in params {
            self.parameter(*param);
            let value = self.frame.locals[param];
            self.unit.parameters.push((String::new(), value));
        }
    }

    /// A closure written here.
    pub(super) fn lambda(&self, params: &'a [LocalId], result: ExprId) -> Lambda<'a> {
        let Frame { body, module, ref type_args, .. } = self.frame;
        let captured = body.free_locals(params, &[result]);
        Lambda { body, module, type_args: type_args.clone(), captured, params, result }
    }
}
