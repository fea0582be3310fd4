//! `json_parse` and `json_stringify`. The accessors are Vera, in the prelude.

use alloc::vec::Vec;

use vera_abi::prelude::{J_ARRAY, J_BOOL, J_NULL, J_NUMBER, J_OBJECT, J_STRING};
use vera_data::json::{self, NotRepresentable, Sink};
use vera_rt::{Heap, Ref, Roots, string};

use crate::values::{self, Builder, Field, build};

/// `Result<Json, String>` of a text.
pub fn parse(heap: &mut Heap, text: Ref, roots: Roots) -> Ref {
    let text = values::bytes(heap, text);
    build(heap, roots, |b| {
        let mut stack = Stack { b, values: Vec::new(), entries: Vec::new() };
        match json::parse(&text, &mut stack) {
            Ok(()) => {
                let value = stack.values.pop().unwrap_or(J_NULL);
                stack.b.ok(value)
            }
            Err(error) => b.err(&error.message()),
        }
    })
}

/// Builds values bottom-up: what is finished and belongs to an open container.
struct Stack<'b, 'h> {
    b: &'b mut Builder<'h>,
    /// Values of arrays; in objects, name and value in turn.
    values: Vec<Ref>,
    /// Where the entries of a map are gathered.
    entries: Vec<Ref>,
}

impl Stack<'_, '_> {
    fn object(&mut self, ctor: &vera_abi::prelude::Ctor, field: Field) {
        let value = self.b.object(ctor, &[field]);
        self.values.push(value);
    }
}

impl Sink for Stack<'_, '_> {
    fn null(&mut self) {
        self.values.push(J_NULL);
    }

    fn bool(&mut self, value: bool) {
        self.object(&J_BOOL, Field::Word(value.into()));
    }

    fn number(&mut self, value: f64) {
        self.object(&J_NUMBER, Field::Long(value.to_bits()));
    }

    fn string(&mut self, text: &[u8]) {
        let text = self.b.string(text);
        self.object(&J_STRING, Field::Ref(text));
    }

    fn name(&mut self, text: &[u8]) {
        let name = self.b.string(text);
        self.values.push(name);
    }

    fn begin_array(&mut self) {}

    fn end_array(&mut self, count: usize) {
        let from = self.values.len().saturating_sub(count);
        let array = self.b.array(self.values.get(from..).unwrap_or(&[]));
        self.values.truncate(from);
        self.object(&J_ARRAY, Field::Ref(array));
    }

    fn begin_object(&mut self) {}

    fn end_object(&mut self, count: usize) {
        let from = self.values.len().saturating_sub(2 * count);
        self.entries.clear();
        for pair in self.values.get(from..).unwrap_or(&[]).chunks_exact(2) {
            if let [name, value] = *pair {
                self.entries.push(self.b.entry(name, value));
            }
        }
        let map = self.b.map(&self.entries);
        self.values.truncate(from);
        self.object(&J_OBJECT, Field::Ref(map));
    }

    fn nearest(&mut self, token: &[u8]) -> f64 {
        // Of the form that is a `Float64` as well.
        vera_rt::parse::float(token).unwrap_or(0.0)
    }
}

/// What is left to write, the next last.
enum Step {
    Value(Ref),
    /// A member: its name, then its value.
    Member(Ref, Ref),
    Byte(u8),
}

/// The canonical text of a value.
///
/// # Errors
/// At the first number that is NaN or infinite.
pub fn stringify(heap: &mut Heap, value: Ref, roots: Roots) -> Result<Ref, NotRepresentable> {
    let mut out = Vec::new();
    let mut steps = alloc::vec![Step::Value(value)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Byte(byte) => out.push(byte),
            Step::Member(name, value) => {
                json::write_string(&mut out, string::bytes(heap, name));
                out.push(b':');
                steps.push(Step::Value(value));
            }
            Step::Value(value) => write(heap, value, &mut steps, &mut out)?,
        }
    }
    Ok(build(heap, roots, |b| b.string(&out)))
}

fn write(
    heap: &Heap,
    value: Ref,
    steps: &mut Vec<Step>,
    out: &mut Vec<u8>,
) -> Result<(), NotRepresentable> {
    let tag = values::tag(heap, value);
    if tag == J_BOOL.tag {
        let text: &[u8] = match values::field(heap, value, &J_BOOL, 0) {
            0 => b"false",
            _ => b"true",
        };
        out.extend_from_slice(text);
    } else if tag == J_NUMBER.tag {
        json::write_number(out, f64::from_bits(values::long_field(heap, value, &J_NUMBER, 0)))?;
    } else if tag == J_STRING.tag {
        json::write_string(out, string::bytes(heap, values::field(heap, value, &J_STRING, 0)));
    } else if tag == J_ARRAY.tag {
        out.push(b'[');
        steps.push(Step::Byte(b']'));
        let array = values::field(heap, value, &J_ARRAY, 0);
        separated(steps, values::elements(heap, array).rev().map(Step::Value));
    } else if tag == J_OBJECT.tag {
        out.push(b'{');
        steps.push(Step::Byte(b'}'));
        let map = values::field(heap, value, &J_OBJECT, 0);
        let entries = values::entries(heap, map);
        separated(steps, entries.into_iter().rev().map(|(k, v)| Step::Member(k, v)));
    } else {
        out.extend_from_slice(b"null");
    }
    Ok(())
}

/// Pushes steps, the last one first, with commas between.
fn separated(steps: &mut Vec<Step>, parts: impl Iterator<Item = Step>) {
    for (i, part) in parts.enumerate() {
        if i > 0 {
            steps.push(Step::Byte(b','));
        }
        steps.push(part);
    }
}
