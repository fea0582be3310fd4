//! Values that make an obligation fail, in the author's terms.

use super::discharge::Context;
use crate::logic::{Sort, Sorts, TermId};
use crate::obligations::{Demand, Goal, Obligation, Unit};
use crate::solver::{Answer, Problem, Value};

/// Slots with their values as Vera expressions.
pub(crate) type Counterexample = Vec<(String, String)>;

/// Small values are looked for first.
const SIZES: [Option<i128>; 3] = [Some(3), Some(100), None];

/// As many elements of an array are shown.
const ELEMENTS: usize = 6;

/// A counterexample to a refuted obligation; empty when none is found in time.
pub(crate) fn counterexample(
    context: &Context<'_>,
    unit: &mut Unit,
    index: usize,
) -> Counterexample {
    let obligation = unit.obligations[index].clone();
    let Demand::Goals(goals) = &obligation.demand else { return Vec::new() };
    let Some(goal) = goals.first() else { return Vec::new() };
    let shown = shown(context.sorts, unit, &obligation);
    if shown.is_empty() {
        return Vec::new();
    }
    for size in SIZES {
        if let Some(found) = search(context, unit, goal, &shown, size) {
            return found;
        }
    }
    Vec::new()
}

/// A slot to show and the terms that tell its value.
struct Shown {
    label: String,
    value: TermId,
    /// Of an array: its length and first elements.
    length: Option<TermId>,
    elements: Vec<TermId>,
}

fn shown(sorts: &Sorts, unit: &mut Unit, obligation: &Obligation) -> Vec<Shown> {
    let mut out = Vec::new();
    for (label, value) in &obligation.slots {
        let (label, value) = (label.clone(), *value);
        let mut slot = Shown { label, value, length: None, elements: Vec::new() };
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

/// A failing state whose integers are at most `size`.
fn search(
    context: &Context<'_>,
    unit: &mut Unit,
    goal: &Goal,
    shown: &[Shown],
    size: Option<i128>,
) -> Option<Counterexample> {
    let mut assertions: Vec<TermId> = unit.facts(goal.under).map(|h| h.fact).collect();
    assertions.reverse();
    if let Some(size) = size {
        for slot in shown {
            for term in slot.length.iter().chain(&slot.elements).chain([&slot.value]) {
                if unit.terms.sort(*term) == Sort::Int {
                    let small = unit.terms.within(*term, -size, size);
                    assertions.push(small);
                }
            }
        }
    }
    let values = shown
        .iter()
        .flat_map(|s| s.length.iter().chain(&s.elements).chain([&s.value]).copied())
        .collect::<Vec<_>>();
    let problem = Problem {
        terms: &unit.terms,
        sorts: context.sorts,
        assertions,
        refuted: Some(goal.claim),
        values: values.clone(),
    };
    let Answer::Satisfiable(found) = context.ask(&problem.script()) else { return None };
    let mut read = values.iter().enumerate().map(|(i, term)| {
        let name = crate::solver::value_name(i);
        let text = found.iter().find(|(n, _)| *n == name).map_or("", |(_, text)| text.as_str());
        Value::read(text, unit.terms.sort(*term), context.sorts)
    });
    let mut out = Vec::new();
    for slot in shown {
        let length = slot.length.map(|_| read.next().unwrap_or(Value::Opaque));
        let elements: Vec<Value> = read.by_ref().take(slot.elements.len()).collect();
        let value = read.next().unwrap_or(Value::Opaque);
        let value = match length {
            Some(length) => array(length, elements),
            None => value,
        };
        if let Some(text) = expression(&value, context.sorts) {
            out.push((slot.label.clone(), text));
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
