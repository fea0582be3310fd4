//! Arguments that meet a function's precondition, for whoever wants to call it.
//!
//! The precondition is the one that the prover assumes: the types of the
//! parameters, refinements included, and the `requires` clauses, as terms. What the
//! logic does not express is left open in it, so it can admit arguments that the
//! function refuses, but never the other way round.

use std::collections::HashMap;
use std::rc::Rc;

use vera_check::typed::{FnId, Program};
use vera_diagnostics::{FileSpan, Sources};

use crate::Cache;
use crate::logic::{Assumptions, Sort, Sorts, TermId, Terms};
use crate::obligations::{self, Demand, Kind};
use crate::solver::{Answer, Observed, Problem, Value, Z3};
use crate::verdict::Context;

/// What a function asks of its arguments.
pub struct Precondition {
    terms: Terms,
    sorts: Rc<Sorts>,
    parameters: Vec<TermId>,
    facts: Vec<TermId>,
    /// The `requires` clauses that the logic does not express, as written.
    pub untranslated: Vec<String>,
    /// The `assume` statements of the body.
    pub assumptions: Vec<Assumption>,
}

/// Something a function's proofs take on trust.
pub struct Assumption {
    pub at: FileSpan,
    /// The statement, as written.
    pub text: String,
    holds: TermId,
}

/// The answer to the question for arguments.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// A value for each parameter, with [`Value::Opaque`] where any may do.
    Arguments(Vec<Value>),
    /// There are none.
    Nothing,
    /// No answer within the budget.
    Unknown,
}

/// The preconditions of functions without type parameters.
pub fn preconditions(
    program: &Program,
    sources: &Sources,
    functions: &[FnId],
) -> Vec<Precondition> {
    let (of, sorts) = obligations::preconditions(program, sources, functions);
    let sorts = Rc::new(sorts);
    of.into_iter()
        .map(|(unit, parameters)| {
            let mut facts: Vec<TermId> = unit.facts(unit.end).map(|h| h.fact).collect();
            facts.reverse();
            let untranslated = unit
                .obligations
                .iter()
                .filter(|o| o.kind == Kind::Requires)
                .filter(|o| matches!(o.demand, Demand::Inexpressible))
                .map(|o| o.text.clone())
                .collect();
            let assumptions = unit.assumes.into_iter();
            let assumptions = assumptions
                .map(|a| Assumption { at: a.at, text: a.text, holds: a.holds })
                .collect();
            let sorts = sorts.clone();
            Precondition { terms: unit.terms, sorts, parameters, facts, untranslated, assumptions }
        })
        .collect()
}

/// The least and the greatest of integers, as far as they are known.
pub type Bounds = (Option<i128>, Option<i128>);

/// The bounds of the values of each refinement of integers, by its number.
pub fn refinement_bounds(program: &Program, sources: &Sources) -> Vec<Bounds> {
    let units = obligations::refinements(program, sources).into_iter();
    units
        .map(|(unit, value)| {
            let facts = unit.facts(unit.end).map(|h| h.fact);
            Assumptions::new(&unit.terms, facts).range(value)
        })
        .collect()
}

impl Precondition {
    /// The sort of a parameter.
    pub fn sort(&self, parameter: usize) -> Sort {
        self.terms.sort(self.parameters[parameter])
    }

    pub fn sorts(&self) -> &Sorts {
        &self.sorts
    }

    /// Whether the precondition admits arguments of which only some are known;
    /// `None` when that depends on the others, or is not decided by evaluation.
    /// Much cheaper than [`Precondition::find`].
    pub fn admits(&mut self, arguments: &[Value]) -> Option<bool> {
        let facts = std::mem::take(&mut self.facts);
        let decided = self.evaluated(&facts, arguments);
        self.facts = facts;
        decided
    }

    /// Whether what an assumption says is true of arguments; `None` when that depends
    /// on more than them.
    pub fn holds(&mut self, assumption: usize, arguments: &[Value]) -> Option<bool> {
        let holds = self.assumptions[assumption].holds;
        self.evaluated(&[holds], arguments)
    }

    /// Whether all of these are true.
    fn evaluated(&mut self, claims: &[TermId], arguments: &[Value]) -> Option<bool> {
        let (sorts, parameters) = (&self.sorts, &self.parameters);
        self.terms.scratch(|terms| {
            let mut by = HashMap::new();
            for (parameter, value) in parameters.iter().zip(arguments) {
                if let Some(constant) = constant(terms, sorts, terms.sort(*parameter), value) {
                    by.insert(*parameter, constant);
                }
            }
            let mut all = Some(true);
            for claim in claims {
                let claim = terms.replace(sorts, *claim, &by);
                match terms.as_bool(claim) {
                    Some(true) => {}
                    Some(false) => return Some(false),
                    None => all = None,
                }
            }
            all
        })
    }

    /// The least and the greatest value of an integer parameter, as far as bounds
    /// in the precondition show them.
    pub fn range(&self, parameter: usize) -> Bounds {
        let facts = self.facts.iter().copied();
        Assumptions::new(&self.terms, facts).range(self.parameters[parameter])
    }

    /// Asks a solver for arguments that agree with `fixed` where it knows a value,
    /// and are none of `forbidden`. Arrays have at most `elements` elements.
    ///
    /// The answer is a function of the question, but for those that the budget cuts
    /// off.
    pub fn find(
        &mut self,
        fixed: &[Value],
        forbidden: &[Vec<Value>],
        elements: usize,
        timeout_ms: u32,
        cache: &dyn Cache,
    ) -> Found {
        let (sorts, parameters, facts) = (&self.sorts, &self.parameters, &self.facts);
        self.terms.scratch(|terms| {
            let mut assertions = facts.clone();
            let observed: Vec<Observed> =
                parameters.iter().map(|p| Observed::new(terms, sorts, *p, elements)).collect();
            for (parameter, value) in parameters.iter().zip(fixed) {
                assertions.extend(same(terms, sorts, *parameter, value));
            }
            for tuple in forbidden {
                let parts = parameters.iter().zip(tuple);
                let parts: Option<Vec<TermId>> =
                    parts.map(|(p, v)| same(terms, sorts, *p, v)).collect();
                if let Some(parts) = parts {
                    let all = terms.all(&parts);
                    assertions.push(terms.not(all));
                }
            }
            for observed in &observed {
                if let Sort::Array(_) = terms.sort(observed.value()) {
                    let length = terms.length(observed.value());
                    assertions.push(terms.within(length, 0, elements as i128));
                }
            }
            let problem = Problem {
                terms,
                sorts,
                assertions,
                refuted: None,
                values: observed.iter().flat_map(Observed::terms).collect(),
            };
            let patience_ms = crate::patience(timeout_ms);
            let progress = &crate::NoProgress;
            let context = Context { sorts, timeout_ms, patience_ms, solver: &Z3, cache, progress };
            let answer = context.ask(&problem.script());
            match Observed::read_all(observed.iter(), terms, sorts, &answer) {
                Some(values) => Found::Arguments(values),
                None if answer == Answer::Unsatisfiable => Found::Nothing,
                None => Found::Unknown,
            }
        })
    }
}

/// The value as a term; `None` when it is not known to the end.
fn constant(terms: &mut Terms, sorts: &Sorts, sort: Sort, value: &Value) -> Option<TermId> {
    match (value, sort) {
        (Value::Int(value), Sort::Int) => Some(terms.int(*value)),
        (Value::Bool(value), Sort::Bool) => Some(terms.bool(*value)),
        (Value::Float(value), Sort::Float) => Some(terms.float(*value)),
        (Value::String(text), Sort::String) => Some(terms.string(text)),
        (Value::Data { ctor, fields, .. }, Sort::Data(data)) => {
            let declared = &sorts.data(data).ctors.get(*ctor as usize)?.fields;
            let fields: Option<Vec<TermId>> =
                declared.iter().zip(fields).map(|(s, f)| constant(terms, sorts, *s, f)).collect();
            Some(terms.construct(data, *ctor, &fields?))
        }
        (Value::Array { elements, more: false }, Sort::Array(array)) => {
            let element = sorts.element(array);
            let elements: Option<Vec<TermId>> =
                elements.iter().map(|e| constant(terms, sorts, element, e)).collect();
            Some(terms.array_literal(array, &elements?))
        }
        _ => None,
    }
}

/// That a term has this value. Arrays of equal content count as the same, which the
/// logic's equality of arrays does not know.
fn same(terms: &mut Terms, sorts: &Sorts, term: TermId, value: &Value) -> Option<TermId> {
    match (value, terms.sort(term)) {
        (Value::Data { ctor, fields, .. }, Sort::Data(data)) => {
            let mut parts = vec![terms.is_ctor(sorts, data, *ctor, term)];
            for (i, field) in fields.iter().enumerate() {
                let part = terms.select(sorts, data, *ctor, i as u32, term);
                parts.push(same(terms, sorts, part, field)?);
            }
            Some(terms.all(&parts))
        }
        (Value::Array { elements, more: false }, Sort::Array(_)) => {
            let (length, known) = (terms.length(term), terms.int(elements.len() as i128));
            let mut parts = vec![terms.equal(length, known)];
            for (i, element) in elements.iter().enumerate() {
                let index = terms.int(i as i128);
                let part = terms.element(sorts, term, index);
                parts.push(same(terms, sorts, part, element)?);
            }
            Some(terms.all(&parts))
        }
        (value, sort) => {
            let known = constant(terms, sorts, sort, value)?;
            Some(terms.equal(term, known))
        }
    }
}

#[cfg(test)]
mod tests {
    use vera_check::NoModules;
    use vera_diagnostics::SourceFile;

    use super::*;
    use crate::NoCache;

    /// The precondition of the first function of a program.
    fn precondition(text: &str) -> Precondition {
        let checked = vera_check::check(SourceFile::new("t.vera", text), &mut NoModules);
        let program = checked.program.expect("a well-typed program");
        let f = program.entry_fns[0];
        preconditions(&program, &checked.sources, &[f]).remove(0)
    }

    fn function(params: &str, requires: &str) -> Precondition {
        precondition(&format!(
            "type Pos = {{ @Int | @Int.0 > 0 }};\n\npublic fn f({params} -> @Int)\n  requires({requires})\n  ensures(true)\n  effects(pure)\n{{\n  0\n}}\n"
        ))
    }

    fn find(p: &mut Precondition, fixed: &[Value], forbidden: &[Vec<Value>]) -> Found {
        p.find(fixed, forbidden, 4, 5000, &NoCache)
    }

    #[test]
    fn partial_arguments_are_judged_by_evaluation() {
        let mut p = function("@Int, @Pos", "@Pos.0 < 4 && @Int.0 > @Pos.0");
        assert_eq!(p.admits(&[Value::Int(5), Value::Int(4)]), Some(false));
        assert_eq!(p.admits(&[Value::Int(5), Value::Int(3)]), Some(true));
        assert_eq!(p.admits(&[Value::Opaque, Value::Int(0)]), Some(false));
        assert_eq!(p.admits(&[Value::Opaque, Value::Int(2)]), None);
        assert_eq!(p.range(1), (Some(1), Some(3)));
    }

    #[test]
    fn bounds_of_refinements() {
        let text = "type Percent = { @Nat | @Nat.0 <= 100 };\n\ntype Most = { @Percent | @Percent.0 > 90 };\n\ntype Word = { @String | @String.0 != \"\" };\n";
        let checked = vera_check::check(SourceFile::new("t.vera", text), &mut NoModules);
        let program = checked.program.expect("a well-typed program");
        let bounds = refinement_bounds(&program, &checked.sources);
        let known: Vec<Bounds> = bounds.into_iter().filter(|b| *b != (None, None)).collect();
        assert_eq!(known, [(Some(0), Some(100)), (Some(91), Some(100))]);
    }

    #[test]
    fn every_argument_of_a_small_domain_is_found_once() {
        let mut p = function("@Pos", "@Pos.0 < 4");
        let mut seen: Vec<Vec<Value>> = Vec::new();
        while let Found::Arguments(values) = find(&mut p, &[Value::Opaque], &seen) {
            assert!(!seen.contains(&values));
            seen.push(values);
        }
        seen.sort_by_key(|v| format!("{v:?}"));
        assert_eq!(seen, [[Value::Int(1)], [Value::Int(2)], [Value::Int(3)]]);
        assert_eq!(find(&mut p, &[Value::Int(4)], &[]), Found::Nothing);
    }

    #[test]
    fn arrays_are_found_by_length_and_elements() {
        let requires = "array_length(@Array<Int>.0) == 2 && @Array<Int>.0[1] == 7";
        let mut p = function("@Array<Int>", requires);
        let Found::Arguments(values) = find(&mut p, &[Value::Opaque], &[]) else {
            panic!("there are such arrays");
        };
        let [Value::Array { elements, more: false }] = values.as_slice() else {
            panic!("{values:?}");
        };
        assert_eq!((elements.len(), &elements[1]), (2, &Value::Int(7)));
        assert_eq!(p.admits(&values), Some(true));
    }

    #[test]
    fn what_the_logic_does_not_express_is_named() {
        let p = function("@String", "to_string(3) != @String.0");
        assert_eq!(p.untranslated, ["to_string(3) != @String.0"]);
    }
}
