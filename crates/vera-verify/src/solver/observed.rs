//! Reading the value of a term off a model.

use super::{Answer, Value, value_name};
use crate::logic::{Sort, Sorts, TermId, Terms};

/// A term with the terms that tell its value in a model: of an array, its length
/// and first elements.
pub(crate) struct Observed {
    value: TermId,
    length: Option<TermId>,
    elements: Vec<TermId>,
}

impl Observed {
    /// `elements`: so many of an array are looked at.
    pub fn new(terms: &mut Terms, sorts: &Sorts, value: TermId, elements: usize) -> Observed {
        let mut out = Observed { value, length: None, elements: Vec::new() };
        if let Sort::Array(_) = terms.sort(value) {
            out.length = Some(terms.length(value));
            for i in 0..elements {
                let index = terms.int(i as i128);
                out.elements.push(terms.element(sorts, value, index));
            }
        }
        out
    }

    pub fn value(&self) -> TermId {
        self.value
    }

    /// The terms to ask a model for.
    pub fn terms(&self) -> impl Iterator<Item = TermId> {
        self.length.into_iter().chain(self.elements.iter().copied()).chain([self.value])
    }

    /// Takes the values of [`Observed::terms`].
    pub fn read(&self, values: &mut impl Iterator<Item = Value>) -> Value {
        let length = self.length.map(|_| values.next().unwrap_or(Value::Opaque));
        let elements: Vec<Value> = values.take(self.elements.len()).collect();
        let value = values.next().unwrap_or(Value::Opaque);
        match length {
            Some(length) => array(length, elements),
            None => value,
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

fn array(length: Value, mut elements: Vec<Value>) -> Value {
    let Value::Int(length) = length else { return Value::Opaque };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let more = length > elements.len();
    elements.truncate(length);
    Value::Array { elements, more }
}
