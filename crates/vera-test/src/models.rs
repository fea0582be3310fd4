//! Values as the prover knows them.

use vera_verify::logic::{Sort, Sorts};
use vera_verify::solver::Value as Model;

use crate::random::Source;
use crate::shape::{Shape, ShapeId};
use crate::value::Value;

/// The value in the logic; [`Model::Opaque`] where that has no such value.
pub(crate) fn to_model(value: &Value, sort: Sort, sorts: &Sorts) -> Model {
    let data = |ctor: u32, fields: &[Value]| {
        let Sort::Data(data) = sort else { return Model::Opaque };
        let Some(declared) = sorts.data(data).ctors.get(ctor as usize) else {
            return Model::Opaque;
        };
        let fields = fields.iter().zip(&declared.fields);
        let fields = fields.map(|(f, sort)| to_model(f, *sort, sorts)).collect();
        Model::Data { data, ctor, fields }
    };
    match value {
        Value::Unit => data(0, &[]),
        Value::Int(n) => Model::Int((*n).into()),
        Value::Bool(b) => Model::Bool(*b),
        Value::Float(x) => Model::Float(*x),
        Value::Text(text) => Model::String(text.clone()),
        Value::Array(values) => {
            let Sort::Array(array) = sort else { return Model::Opaque };
            let element = sorts.element(array);
            let elements = values.iter().map(|v| to_model(v, element, sorts)).collect();
            Model::Array { elements, more: false }
        }
        Value::Data { ctor, fields } => data(*ctor, fields),
    }
}

/// The value of a shape that a model tells. Parts it says nothing of, or says what
/// the type does not allow, are random; `None` if that is all of it.
pub(crate) fn from_model(source: &mut Source<'_>, model: &Model, shape: ShapeId) -> Option<Value> {
    let shapes = source.shapes;
    match (&shapes[shape], model) {
        (Shape::Unit, _) => Some(Value::Unit),
        (Shape::Int(_, range), Model::Int(n)) => {
            i64::try_from(*n).ok().filter(|n| range.contains(*n)).map(Value::Int)
        }
        (Shape::Bool, Model::Bool(b)) => Some(Value::Bool(*b)),
        (Shape::Float, Model::Float(x)) => Some(Value::Float(*x)),
        (Shape::Text, Model::String(text)) => Some(Value::Text(text.clone())),
        (Shape::Array(element), Model::Array { elements, more: false }) => {
            Some(Value::Array(elements.iter().map(|e| part(source, e, *element)).collect()))
        }
        (Shape::Tuple(parts), Model::Data { ctor: 0, fields, .. })
            if fields.len() == parts.len() =>
        {
            let fields = fields.iter().zip(parts).map(|(f, p)| part(source, f, *p)).collect();
            Some(Value::Data { ctor: 0, fields })
        }
        (Shape::Data(ctors), Model::Data { ctor, fields, .. }) => {
            let declared = ctors.get(*ctor as usize).filter(|c| c.fields.len() == fields.len())?;
            let parts = fields.iter().zip(&declared.fields);
            let fields = parts.map(|(f, p)| part(source, f, *p)).collect();
            Some(Value::Data { ctor: *ctor, fields })
        }
        (
            Shape::Int(..)
            | Shape::Bool
            | Shape::Float
            | Shape::Text
            | Shape::Array(_)
            | Shape::Tuple(_),
            _,
        )
        | (Shape::Data(_), _) => None,
    }
}

fn part(source: &mut Source<'_>, model: &Model, shape: ShapeId) -> Value {
    from_model(source, model, shape).unwrap_or_else(|| source.any(shape))
}
