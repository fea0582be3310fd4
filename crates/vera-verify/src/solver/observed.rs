//! Reading the value of a term off a model.

use super::{Answer, Value, value_name};
use crate::logic::{Sort, Sorts, TermId, Terms};

/// So deep arrays inside of values are looked at.
const DEPTH: u32 = 2;

/// A term with the terms that tell its value in a model.
pub(crate) struct Observed {
    value: TermId,
    inside: Inside,
}

/// What a model does not tell with the value itself.
enum Inside {
    Nothing,
    /// Of an array, its length and first elements.
    Array {
        length: TermId,
        elements: Vec<Observed>,
    },
    /// Of data, the fields that hold arrays: each with the constructor and its place.
    Fields(Vec<(u32, usize, Observed)>),
}

impl Observed {
    /// `elements`: so many of an array are looked at.
    pub fn new(terms: &mut Terms, sorts: &Sorts, value: TermId, elements: usize) -> Observed {
        Observed::at_depth(terms, sorts, value, elements, DEPTH)
    }

    fn at_depth(
        terms: &mut Terms,
        sorts: &Sorts,
        value: TermId,
        count: usize,
        depth: u32,
    ) -> Observed {
        let inside = match terms.sort(value) {
            Sort::Array(_) => {
                let length = terms.length(value);
                let elements = (0..count).map(|i| {
                    let index = terms.int(i as i128);
                    let element = terms.element(sorts, value, index);
                    Observed::at_depth(terms, sorts, element, count, depth.saturating_sub(1))
                });
                let elements = elements.collect();
                Inside::Array { length, elements }
            }
            Sort::Data(data) if depth > 0 && sorts.contents(data).arrays => {
                let mut fields = Vec::new();
                for (c, ctor) in sorts.data(data).ctors.iter().enumerate() {
                    for (f, sort) in ctor.fields.iter().enumerate() {
                        if has_arrays(sorts, *sort) {
                            let part = terms.select(sorts, data, c as u32, f as u32, value);
                            let part = Observed::at_depth(terms, sorts, part, count, depth - 1);
                            fields.push((c as u32, f, part));
                        }
                    }
                }
                Inside::Fields(fields)
            }
            Sort::Bool
            | Sort::Int
            | Sort::Float
            | Sort::String
            | Sort::Uninterpreted(_)
            | Sort::Data(_) => Inside::Nothing,
        };
        Observed { value, inside }
    }

    pub fn value(&self) -> TermId {
        self.value
    }

    /// The terms to ask a model for.
    pub fn terms(&self) -> Vec<TermId> {
        let mut out = Vec::new();
        self.collect(&mut out);
        out
    }

    fn collect(&self, out: &mut Vec<TermId>) {
        match &self.inside {
            Inside::Nothing => {}
            Inside::Array { length, elements } => {
                out.push(*length);
                elements.iter().for_each(|element| element.collect(out));
            }
            Inside::Fields(fields) => fields.iter().for_each(|(.., part)| part.collect(out)),
        }
        out.push(self.value);
    }

    /// Takes the values of [`Observed::terms`].
    pub fn read(&self, values: &mut dyn Iterator<Item = Value>) -> Value {
        match &self.inside {
            Inside::Nothing => values.next().unwrap_or(Value::Opaque),
            Inside::Array { elements, .. } => {
                let length = values.next().unwrap_or(Value::Opaque);
                let elements = elements.iter().map(|element| element.read(values)).collect();
                values.next();
                array(length, elements)
            }
            Inside::Fields(fields) => {
                let parts: Vec<Value> = fields.iter().map(|(.., part)| part.read(values)).collect();
                let mut value = values.next().unwrap_or(Value::Opaque);
                if let Value::Data { ctor, fields: whole, .. } = &mut value {
                    for ((of, place, _), part) in fields.iter().zip(parts) {
                        if of == ctor
                            && let Some(field) = whole.get_mut(*place)
                        {
                            *field = part;
                        }
                    }
                }
                value
            }
        }
    }

    /// The values of several terms in the answer to a script that asked for the
    /// [`Observed::terms`] of each; `None` without a model.
    pub fn read_all<'o>(
        all: impl Iterator<Item = &'o Observed> + Clone,
        terms: &Terms,
        sorts: &Sorts,
        answer: &Answer,
    ) -> Option<Vec<Value>> {
        let Answer::Satisfiable(found) = answer else { return None };
        let mut read = all.clone().flat_map(Observed::terms).enumerate().map(|(i, term)| {
            let name = value_name(i);
            let text = found.iter().find(|(n, _)| *n == name).map_or("", |(_, text)| text.as_str());
            Value::read(text, terms.sort(term), sorts)
        });
        Some(all.map(|observed| observed.read(&mut read)).collect())
    }
}

/// Whether there are arrays in a value that are worth looking at: a search for trees of
/// arrays with floats takes solvers minutes.
fn has_arrays(sorts: &Sorts, sort: Sort) -> bool {
    match sort {
        Sort::Array(id) => {
            let element = sorts.element(id);
            element == Sort::Float || !sorts.hides_float(element)
        }
        Sort::Data(_) => !sorts.hides_float(sort),
        Sort::Bool | Sort::Int | Sort::Float | Sort::String | Sort::Uninterpreted(_) => false,
    }
}

fn array(length: Value, mut elements: Vec<Value>) -> Value {
    let Value::Int(length) = length else { return Value::Opaque };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let more = length > elements.len();
    elements.truncate(length);
    Value::Array { elements, more }
}
