//! Values that make an obligation fail, in the author's terms.

use super::discharge::Context;
use crate::logic::{Sort, Sorts, TermId};
use crate::obligations::{Demand, Goal, Obligation, Unit};
use crate::solver::{Answer, Problem, Value};

/// Values with which an obligation fails, as Vera expressions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counterexample {
    /// The slots in scope there.
    pub slots: Vec<(String, String)>,
    /// The parameters of the function.
    pub inputs: Vec<(String, String)>,
}

/// The ranges values are looked for in, the smallest first.
const SIZES: [Option<i128>; 3] = [Some(3), Some(100), None];

/// What an integer is in the simplest state, by preference.
const SIMPLE: [i128; 5] = [0, 1, -1, 2, -2];

/// As many slots are simplified.
const SIMPLIFIED: usize = 6;

/// As many elements of an array are shown.
const ELEMENTS: usize = 6;

/// A counterexample to a refuted obligation; empty when none is found in time.
pub(crate) fn counterexample(
    context: &Context<'_>,
    unit: &mut Unit,
    index: usize,
) -> Counterexample {
    let obligation = unit.obligations[index].clone();
    let Demand::Goals(goals) = &obligation.demand else { return Counterexample::default() };
    let Some(goal) = goals.first() else { return Counterexample::default() };
    let shown = shown(context.sorts, unit, &obligation);
    if shown.is_empty() {
        return Counterexample::default();
    }
    let mut facts: Vec<TermId> = unit.facts(goal.under).map(|h| h.fact).collect();
    facts.reverse();
    for size in SIZES {
        let ranges = ranges(unit, &shown, size);
        facts.extend(&ranges);
        if let Some(found) = search(context, unit, goal, &shown, &facts) {
            return simplest(context, unit, goal, &shown, facts, found);
        }
        facts.truncate(facts.len() - ranges.len());
    }
    Counterexample::default()
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
        for wished in wishes(unit, slot.value) {
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

/// A slot to show and the terms that tell its value.
struct Shown {
    label: String,
    /// A parameter of the function rather than a slot in scope.
    input: bool,
    value: TermId,
    /// Of an array: its length and first elements.
    length: Option<TermId>,
    elements: Vec<TermId>,
}

fn shown(sorts: &Sorts, unit: &mut Unit, obligation: &Obligation) -> Vec<Shown> {
    let mut out = Vec::new();
    let slots = obligation.slots.iter().map(|slot| (slot.clone(), false));
    let inputs = unit.parameters.iter().map(|slot| (slot.clone(), true));
    for ((label, value), input) in slots.chain(inputs).collect::<Vec<_>>() {
        let mut slot = Shown { label, input, value, length: None, elements: Vec::new() };
        if let Sort::Array(_) = unit.terms.sort(value) {
            slot.length = Some(unit.terms.length(value));
            for i in 0..ELEMENTS {
                let index = unit.terms.int(i as i128);
                slot.elements.push(unit.terms.element(sorts, value, index));
            }
        }
        out.push(slot);
    }
    out
}

/// That the integers among the values are at most `size`.
fn ranges(unit: &mut Unit, shown: &[Shown], size: Option<i128>) -> Vec<TermId> {
    let Some(size) = size else { return Vec::new() };
    let mut out = Vec::new();
    for slot in shown {
        for term in slot.length.iter().chain(&slot.elements).chain([&slot.value]) {
            if unit.terms.sort(*term) == Sort::Int {
                out.push(unit.terms.within(*term, -size, size));
            }
        }
    }
    out
}

/// A state that meets the facts and fails the goal.
fn search(
    context: &Context<'_>,
    unit: &Unit,
    goal: &Goal,
    shown: &[Shown],
    facts: &[TermId],
) -> Option<Counterexample> {
    let values = shown
        .iter()
        .flat_map(|s| s.length.iter().chain(&s.elements).chain([&s.value]).copied())
        .collect::<Vec<_>>();
    let problem = Problem {
        terms: &unit.terms,
        sorts: context.sorts,
        assertions: facts.to_vec(),
        refuted: Some(goal.claim),
        values: values.clone(),
    };
    let Answer::Satisfiable(found) = context.ask(&problem.script()) else { return None };
    let mut read = values.iter().enumerate().map(|(i, term)| {
        let name = crate::solver::value_name(i);
        let text = found.iter().find(|(n, _)| *n == name).map_or("", |(_, text)| text.as_str());
        Value::read(text, unit.terms.sort(*term), context.sorts)
    });
    let mut out = Counterexample::default();
    for slot in shown {
        let length = slot.length.map(|_| read.next().unwrap_or(Value::Opaque));
        let elements: Vec<Value> = read.by_ref().take(slot.elements.len()).collect();
        let value = read.next().unwrap_or(Value::Opaque);
        let value = match length {
            Some(length) => array(length, elements),
            None => value,
        };
        if let Some(text) = expression(&value, context.sorts) {
            let to = if slot.input { &mut out.inputs } else { &mut out.slots };
            to.push((slot.label.clone(), text));
        }
    }
    Some(out)
}

fn array(length: Value, mut elements: Vec<Value>) -> Value {
    let Value::Int(length) = length else { return Value::Opaque };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let more = length > elements.len();
    elements.truncate(length);
    Value::Array { elements, more }
}

/// The value as the source would write it; `None` when nothing is known of it.
fn expression(value: &Value, sorts: &Sorts) -> Option<String> {
    Some(match value {
        Value::Int(value) => value.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Float(value) => float(*value),
        Value::String(text) => format!("{text:?}"),
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

fn float(value: f64) -> String {
    if value.is_nan() {
        "nan()".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "infinity()".to_owned() } else { "-infinity()".to_owned() }
    } else {
        format!("{value:?}")
    }
}
