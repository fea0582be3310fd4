//! Definitions at the arguments of calls, in the terms of a unit.

use std::collections::HashMap;
use std::rc::Rc;

use vera_check::typed::{FnId, Program};
use vera_faults::Fault;

use crate::logic::{Sorts, SymbolId, TermId, Translation};
use crate::obligations::{Callee, Definition, Definitions, Unit, Why};

/// The definitions of a unit's calls.
pub(super) struct Instances<'d> {
    program: &'d Program,
    sorts: &'d Sorts,
    definitions: &'d Definitions,
    /// What the symbols of a definition are in the unit.
    known: HashMap<Callee, Names>,
    made: HashMap<TermId, Rc<Instance>>,
}

/// What is known of a call that returned.
pub(super) struct Instance {
    pub facts: Vec<(TermId, Why)>,
    /// The call and the value of its body.
    pub equation: (TermId, TermId),
}

/// The symbols and variables of a definition in the unit.
struct Names {
    symbols: HashMap<SymbolId, SymbolId>,
    variables: HashMap<u32, u32>,
}

impl<'d> Instances<'d> {
    pub fn new(
        program: &'d Program,
        sorts: &'d Sorts,
        definitions: &'d Definitions,
    ) -> Instances<'d> {
        Instances { program, sorts, definitions, known: HashMap::new(), made: HashMap::new() }
    }

    /// Whether the callee can lead back to itself, of a term that says that a call
    /// returned whose definition is known.
    pub fn is_recursive(&self, unit: &Unit, term: TermId) -> Option<bool> {
        let callee = unit.call(term)?.callee;
        self.definitions.of(&callee)?;
        Some(callee.function().is_some_and(|f| self.program.function(f).cycle.is_some()))
    }

    pub fn program(&self) -> &'d Program {
        self.program
    }

    /// Whether all calls of a function come back.
    pub fn is_total(&self, function: FnId) -> bool {
        self.definitions.total.contains(&function)
    }

    /// What a call says if it returned; each fact is guarded by the term that says so.
    pub fn of(&mut self, unit: &mut Unit, returned: TermId) -> Option<Rc<Instance>> {
        if let Some(known) = self.made.get(&returned) {
            return Some(known.clone());
        }
        let called = unit.call(returned)?;
        let definition = self.definitions.of(&called.callee)?;
        let mut translation = self.translation(unit, &called.callee, definition, &called.args);
        let mut import = |unit: &mut Unit, term| {
            unit.terms.import(self.sorts, definition.terms(), term, &mut translation)
        };
        let value = import(unit, definition.value);
        let args = unit.terms[returned].args.to_vec();
        let result = unit.terms.apply(called.result, &args);
        if unit.terms.sort(result) != unit.terms.sort(value) {
            return None;
        }
        let mut equation = unit.terms.equal(result, value);
        if vera_faults::facts::is_negated(std::panic::Location::caller()) {
            equation = unit.terms.not(equation);
        }
        let inductive = self.is_on_cycle(unit, &called.callee);
        let mut facts = vec![(equation, Why::Derived)];
        for (fact, why) in &definition.facts {
            let why = match why {
                Why::Induction if inductive => Why::Induction,
                Why::Type | Why::Parameter => Why::Type,
                Why::Requires | Why::Assume | Why::Path | Why::Derived | Why::Induction => {
                    Why::Derived
                }
            };
            facts.push((import(unit, *fact), why));
        }
        self.known.insert(
            called.callee.clone(),
            Names { symbols: translation.symbols, variables: translation.variables },
        );
        let facts = guarded(unit, returned, facts);
        let instance = Rc::new(Instance { facts, equation: (result, value) });
        self.made.insert(returned, instance.clone());
        Some(instance)
    }

    /// A call that returned, and the value of its body.
    pub fn equation(&mut self, unit: &mut Unit, returned: TermId) -> Option<(TermId, TermId)> {
        self.of(unit, returned).map(|instance| instance.equation)
    }

    /// Whether the unit's own function leads to itself through the callee.
    fn is_on_cycle(&self, unit: &Unit, callee: &Callee) -> bool {
        let cycle = |f| self.program.function(f).cycle;
        let own = unit.function.and_then(cycle);
        own.is_some() && own == callee.function().and_then(cycle)
    }

    /// What a definition's terms are at arguments: its parameters are these, and what it
    /// does not look into are functions of them.
    fn translation(
        &mut self,
        unit: &mut Unit,
        callee: &Callee,
        definition: &Definition,
        args: &[TermId],
    ) -> Translation {
        let names = self.known.remove(callee).unwrap_or_else(|| names(unit, callee, definition));
        let mut terms: HashMap<TermId, TermId> =
            definition.parameters.iter().copied().zip(args.iter().copied()).collect();
        for (term, symbol) in definition.unknowns() {
            let args = if Fault::SharedUnknown.planted() { &[] } else { args };
            terms.insert(term, unit.terms.apply(names.symbols[&symbol], args));
        }
        Translation { symbols: names.symbols, variables: names.variables, terms }
    }
}

/// The symbols of a definition as the unit knows them.
fn names(unit: &mut Unit, callee: &Callee, definition: &Definition) -> Names {
    let mut symbols = HashMap::new();
    for symbol in definition.symbols() {
        let declared = definition.terms().symbol(symbol).clone();
        let (key, params) = match definition.name(symbol) {
            Some(name) => (name.to_owned(), declared.params),
            None => {
                let of = definition.parameters.iter().map(|p| definition.terms().sort(*p));
                let key = format!("{callee:?} {symbol:?}");
                (key, if Fault::SharedUnknown.planted() { Vec::new() } else { of.collect() })
            }
        };
        let own = match unit.functions.get(&key) {
            Some(own) => *own,
            None => {
                let own = unit.terms.declare(&declared.name, params, declared.result);
                unit.functions.insert(key, own);
                own
            }
        };
        if let Some(origin) = definition.origin(symbol) {
            unit.origins.entry(own).or_insert(origin);
        }
        if let Some(called) = definition.called(symbol) {
            // The result's symbol was declared before.
            let result = symbols[&called.result];
            let called = crate::obligations::Called { callee: called.callee.clone(), result };
            unit.calls.entry(own).or_insert(called);
        }
        if let Some(result) = definition.application(symbol) {
            unit.applications.entry(own).or_insert(symbols[&result]);
        }
        if let Some(closure) = definition.closure(symbol) {
            unit.closures.entry(own).or_insert(closure);
        }
        symbols.insert(symbol, own);
    }
    Names { symbols, variables: HashMap::new() }
}

/// The facts, each under the guard; those of one kind become one.
fn guarded(unit: &mut Unit, guard: TermId, facts: Vec<(TermId, Why)>) -> Vec<(TermId, Why)> {
    let guard = if Fault::UnguardedDefinition.planted() { unit.terms.yes() } else { guard };
    let mut grouped: Vec<(Why, Vec<TermId>)> = Vec::new();
    for (fact, why) in facts {
        match grouped.iter_mut().find(|(w, _)| *w == why) {
            Some((_, group)) => group.push(fact),
            None => grouped.push((why, vec![fact])),
        }
    }
    let mut out = Vec::new();
    for (why, group) in grouped {
        let all = unit.terms.all(&group);
        let fact = unit.terms.implies(guard, all);
        if unit.terms.as_bool(fact) != Some(true) {
            out.push((fact, why));
        }
    }
    out
}
