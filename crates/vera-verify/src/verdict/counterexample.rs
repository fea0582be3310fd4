//! Values that make an obligation fail, in the author's terms.

use vera_syntax::print;

use super::discharge::Context;
use crate::logic::{Sampled, Sort, Sorts, TermId, model};
use crate::obligations::{Demand, Goal, Obligation, SHOWN_ELEMENTS, Unit};
use crate::solver::{Observed, Problem, Value};

/// A slot of a counterexample.
#[derive(Clone, Debug, PartialEq)]
pub struct SlotValue {
    /// The slot reference, `@Int.0`.
    pub slot: String,
    /// Its value as a Vera expression.
    pub text: String,
    pub value: Value,
}

/// Values with which an obligation fails.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counterexample {
    /// The slots in scope there.
    pub slots: Vec<SlotValue>,
    /// The parameters of the function.
    pub inputs: Vec<SlotValue>,
}

/// The ranges values are looked for in, the smallest first.
const SIZES: [Option<i128>; 3] = [Some(3), Some(100), None];

/// What an integer is in the simplest state, by preference.
const SIMPLE: [i128; 5] = [0, 1, -1, 2, -2];

/// A problem of more terms is large.
const LARGE: usize = 1_000;

/// As many slots are simplified.
const SIMPLIFIED: usize = 6;

/// How much work a counterexample is worth.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Effort {
    /// It is shown to the author, so its values are as simple as they can be.
    Simplest,
    /// It is only run.
    Any,
}

/// A counterexample to a refuted obligation; empty when none is found in time.
pub(crate) fn counterexample(
    context: &Context<'_>,
    unit: &mut Unit,
    index: usize,
    effort: Effort,
) -> Counterexample {
    let obligation = unit.obligations[index].clone();
    let Demand::Goals(goals) = &obligation.demand else { return Counterexample::default() };
    let shown = shown(context.sorts, unit, &obligation);
    if shown.is_empty() {
        return Counterexample::default();
    }
    // The first goal that has one: of several, the others may hold.
    for goal in goals {
        let mut facts: Vec<TermId> = unit.facts(goal.refuted_under()).map(|h| h.fact).collect();
        facts.reverse();
        facts.extend(&unit.shown_parts);
        let sized: Vec<Vec<TermId>> = SIZES.map(|size| ranges(unit, &shown, size)).into();
        let with = |ranges: &Vec<TermId>| [facts.as_slice(), ranges].concat();
        if effort == Effort::Any
            && let Some(found) =
                sized.iter().find_map(|size| sample(context, unit, goal, &shown, &with(size)))
        {
            return found;
        }
        for size in &sized {
            let facts = with(size);
            let Some(found) = search(context, unit, goal, &shown, &facts) else { continue };
            if effort == Effort::Any || is_large(unit, goal, &facts) {
                return found;
            }
            return simplest(context, unit, goal, &shown, facts, found);
        }
    }
    Counterexample::default()
}

/// Whether making values simpler would cost more than they are worth.
fn is_large(unit: &Unit, goal: &Goal, facts: &[TermId]) -> bool {
    let mut count = 0;
    let roots: Vec<TermId> = facts.iter().copied().chain([goal.claim.term()]).collect();
    unit.terms.visit(&roots, &mut |_| count += 1);
    count > LARGE
}

/// Gives slots their simplest values one after the other, as far as the state still
/// fails.
fn simplest(
    context: &Context<'_>,
    unit: &mut Unit,
    goal: &Goal,
    shown: &[Shown],
    mut facts: Vec<TermId>,
    mut best: Counterexample,
) -> Counterexample {
    for slot in shown.iter().take(SIMPLIFIED) {
        for wished in wishes(unit, slot.observed.value()) {
            if unit.terms.as_bool(wished) == Some(true) {
                break;
            }
            facts.push(wished);
            if let Some(found) = search(context, unit, goal, shown, &facts) {
                best = found;
                break;
            }
            facts.pop();
        }
    }
    best
}

/// What a value would be at best.
fn wishes(unit: &mut Unit, value: TermId) -> Vec<TermId> {
    match unit.terms.sort(value) {
        Sort::Bool => vec![unit.terms.not(value)],
        Sort::Int => {
            let mut out = Vec::new();
            for simple in SIMPLE {
                let simple = unit.terms.int(simple);
                out.push(unit.terms.equal(value, simple));
            }
            out
        }
        Sort::Float | Sort::String | Sort::Uninterpreted(_) | Sort::Data(_) | Sort::Array(_) => {
            Vec::new()
        }
    }
}

/// A slot to show.
struct Shown {
    label: String,
    /// A parameter of the function rather than a slot in scope.
    input: bool,
    observed: Observed,
}

fn shown(sorts: &Sorts, unit: &mut Unit, obligation: &Obligation) -> Vec<Shown> {
    let slots = obligation.slots.iter().map(|slot| (slot, false));
    let inputs = unit.parameters.iter().map(|slot| (slot, true));
    let mut out = Vec::new();
    for ((label, value), input) in slots.chain(inputs) {
        let observed = Observed::new(&mut unit.terms, sorts, *value, SHOWN_ELEMENTS);
        out.push(Shown { label: label.clone(), input, observed });
    }
    out
}

/// That the integers among the values are at most `size`.
fn ranges(unit: &mut Unit, shown: &[Shown], size: Option<i128>) -> Vec<TermId> {
    let Some(size) = size else { return Vec::new() };
    let mut out = Vec::new();
    for term in shown.iter().flat_map(|s| s.observed.terms()) {
        if unit.terms.sort(term) == Sort::Int {
            out.push(unit.terms.within(term, -size, size));
        }
    }
    out
}

/// A state found by trying values, which costs a fraction of asking for one.
fn sample(
    context: &Context<'_>,
    unit: &Unit,
    goal: &Goal,
    shown: &[Shown],
    facts: &[TermId],
) -> Option<Counterexample> {
    let wanted: Vec<TermId> = shown.iter().flat_map(|s| s.observed.terms()).collect();
    let claim = Some(goal.claim.term());
    let found = model(&unit.terms, context.sorts, facts, claim, &wanted)?;
    let mut values = found.iter().map(value);
    let observed = shown.iter().map(|s| s.observed.read(&mut values)).collect();
    Some(counterexample_of(shown, observed, context.sorts))
}

fn value(sampled: &Sampled) -> Value {
    match sampled {
        Sampled::Bool(value) => Value::Bool(*value),
        Sampled::Int(value) => Value::Int(*value),
        Sampled::Float(value) => Value::Float(*value),
        Sampled::String(text) => Value::String(text.clone()),
        Sampled::Data(data, ctor, fields) => {
            Value::Data { data: *data, ctor: *ctor, fields: fields.iter().map(value).collect() }
        }
        Sampled::Opaque => Value::Opaque,
    }
}

/// A state that meets the facts and fails the goal.
fn search(
    context: &Context<'_>,
    unit: &Unit,
    goal: &Goal,
    shown: &[Shown],
    facts: &[TermId],
) -> Option<Counterexample> {
    let problem = Problem {
        terms: &unit.terms,
        sorts: context.sorts,
        assertions: facts.to_vec(),
        refuted: Some(goal.claim.term()),
        values: shown.iter().flat_map(|s| s.observed.terms()).collect(),
    };
    let answer = context.ask(&problem.script());
    let observed = shown.iter().map(|s| &s.observed);
    let values = Observed::read_all(observed, &unit.terms, context.sorts, &answer)?;
    Some(counterexample_of(shown, values, context.sorts))
}

fn counterexample_of(shown: &[Shown], values: Vec<Value>, sorts: &Sorts) -> Counterexample {
    let mut out = Counterexample::default();
    for (slot, value) in shown.iter().zip(values) {
        if let Some(text) = expression(&value, sorts) {
            let to = if slot.input { &mut out.inputs } else { &mut out.slots };
            to.push(SlotValue { slot: slot.label.clone(), text, value });
        }
    }
    out
}

/// The value as the source would write it; `None` when nothing is known of it.
fn expression(value: &Value, sorts: &Sorts) -> Option<String> {
    Some(match value {
        Value::Int(value) => value.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Float(value) => print::float_value(*value),
        Value::String(text) => print::string_value(text),
        Value::Data { data, ctor, fields } => {
            let name = &sorts.data(*data).ctors[*ctor as usize].name;
            if fields.is_empty() {
                return (name != "()").then(|| name.clone());
            }
            let fields: Vec<String> = fields
                .iter()
                .map(|f| expression(f, sorts).unwrap_or_else(|| "_".to_owned()))
                .collect();
            format!("{name}({})", fields.join(", "))
        }
        Value::Array { elements, more } => {
            let mut parts: Vec<String> = elements
                .iter()
                .map(|e| expression(e, sorts).unwrap_or_else(|| "_".to_owned()))
                .collect();
            if *more {
                parts.push("…".to_owned());
            }
            format!("[{}]", parts.join(", "))
        }
        Value::Opaque => return None,
    })
}
