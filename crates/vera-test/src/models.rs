//! Values as the prover knows them.

use vera_verify::logic::{Sort, Sorts};
use vera_verify::solver::Value as Model;

use crate::shape::{Shape, ShapeId, Shapes};
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
        Value::Decimal(..) | Value::Set(_) | Value::Map(_) => Model::Opaque,
    }
}

/// The value of a shape that a model tells. `fill` gives the parts it says nothing of,
/// or of which it says what the type does not allow; `None` if it gives none, and if
/// that is all of the value.
pub(crate) fn from_model(
    shapes: &Shapes,
    model: &Model,
    shape: ShapeId,
    fill: &mut dyn FnMut(ShapeId) -> Option<Value>,
) -> Option<Value> {
    match (&shapes[shape], model) {
        (Shape::Unit, _) => Some(Value::Unit),
        (Shape::Int(_, range), Model::Int(n)) => {
            i64::try_from(*n).ok().filter(|n| range.contains(*n)).map(Value::Int)
        }
        (Shape::Bool, Model::Bool(b)) => Some(Value::Bool(*b)),
        (Shape::Float, Model::Float(x)) => Some(Value::Float(*x)),
        (Shape::Text, Model::String(text)) => Some(Value::Text(text.clone())),
        (Shape::Array(element), Model::Array { elements, more: false }) => {
            let shape = std::iter::repeat(element);
            Some(Value::Array(parts(shapes, elements, shape, fill)?))
        }
        (Shape::Tuple(declared), Model::Data { ctor: 0, fields, .. })
            if fields.len() == declared.len() =>
        {
            Some(Value::Data { ctor: 0, fields: parts(shapes, fields, declared.iter(), fill)? })
        }
        (Shape::Data(ctors), Model::Data { ctor, fields, .. }) => {
            let declared = ctors.get(*ctor as usize).filter(|c| c.fields.len() == fields.len())?;
            let fields = parts(shapes, fields, declared.fields.iter(), fill)?;
            Some(Value::Data { ctor: *ctor, fields })
        }
        (
            Shape::Int(..)
            | Shape::Bool
            | Shape::Float
            | Shape::Decimal
            | Shape::Text
            | Shape::Array(_)
            | Shape::Set(_)
            | Shape::Map(..)
            | Shape::Tuple(_)
            | Shape::Data(_),
            _,
        ) => None,
    }
}

fn parts<'s>(
    shapes: &Shapes,
    models: &[Model],
    declared: impl Iterator<Item = &'s ShapeId>,
    fill: &mut dyn FnMut(ShapeId) -> Option<Value>,
) -> Option<Vec<Value>> {
    let pairs = models.iter().zip(declared);
    pairs.map(|(m, s)| from_model(shapes, m, *s, fill).or_else(|| fill(*s))).collect()
}
