//! How the values of parameters are built.

use std::collections::HashMap;

use vera_check::typed::{DataId, Program, RefinementId};
use vera_check::types::{Ty, TyKind, Types};
use vera_verify::Bounds;

use crate::random::Range;

/// Index of a [`Shape`] in its [`Shapes`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ShapeId(u32);

/// A type as whoever builds its values sees it. Of a refinement it knows the bounds of
/// integers; which values belong to the type, the precondition tells.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    Unit,
    Int(Number, Range),
    Bool,
    Float,
    Decimal,
    Text,
    Array(ShapeId),
    Set(ShapeId),
    /// Of keys and values.
    Map(ShapeId, ShapeId),
    Tuple(Vec<ShapeId>),
    /// At least one constructor.
    Data(Vec<Ctor>),
}

impl Shape {
    /// Which integers it is of, if it is.
    pub fn integers(&self) -> Option<(Number, Range)> {
        match self {
            Shape::Int(number, range) => Some((*number, *range)),
            Shape::Unit
            | Shape::Bool
            | Shape::Float
            | Shape::Decimal
            | Shape::Text
            | Shape::Array(_)
            | Shape::Set(_)
            | Shape::Map(..)
            | Shape::Tuple(_)
            | Shape::Data(_) => None,
        }
    }
}

/// The types whose values are integers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Number {
    Int,
    Nat,
    Byte,
}

#[derive(Clone, Debug)]
pub(crate) struct Ctor {
    pub name: String,
    pub fields: Vec<ShapeId>,
}

/// The shapes of the types of one program.
#[derive(Debug, Default)]
pub(crate) struct Shapes {
    shapes: Vec<Shape>,
    /// How deeply the values of a shape nest at least; `None` while that is not known,
    /// and for types whose values never end.
    depths: Vec<Option<u32>>,
    known: HashMap<Ty, ShapeId>,
    /// The bounds of integers by refinement.
    bounds: Vec<Bounds>,
}

/// Types that grow with every step into them have more shapes than this.
const MAX_SHAPES: usize = 1_000;

impl std::ops::Index<ShapeId> for Shapes {
    type Output = Shape;
    fn index(&self, id: ShapeId) -> &Shape {
        &self.shapes[id.0 as usize]
    }
}

impl Shapes {
    pub fn new(bounds: Vec<Bounds>) -> Shapes {
        Shapes { bounds, ..Shapes::default() }
    }

    /// The shape of a closed type; `None` when values of it cannot be built from
    /// literals, constructors, array literals and what makes sets and maps.
    pub fn of(&mut self, program: &Program, types: &mut Types, ty: Ty) -> Option<ShapeId> {
        let before = self.shapes.len();
        let id = self.add(program, types, ty);
        self.measure();
        let id = id.filter(|id| self.depth(*id).is_some());
        if id.is_none() {
            // Parts of what has no shape may refer to what was never finished.
            self.shapes.truncate(before);
            self.depths.truncate(before);
            self.known.retain(|_, id| (id.0 as usize) < before);
        }
        id
    }

    /// How deeply values nest at least.
    pub fn depth(&self, id: ShapeId) -> Option<u32> {
        self.depths[id.0 as usize]
    }

    /// How deeply the values of a constructor nest at least, below it.
    pub fn ctor_depth(&self, ctor: &Ctor) -> Option<u32> {
        ctor.fields.iter().try_fold(0, |most, field| Some(most.max(self.depth(*field)?)))
    }

    fn add(&mut self, program: &Program, types: &mut Types, ty: Ty) -> Option<ShapeId> {
        if let Some(id) = self.known.get(&ty) {
            return Some(*id);
        }
        if let TyKind::Refined(base, refinement, _) = *types.kind(ty) {
            let base = self.add(program, types, base)?;
            let id = self.refined(base, refinement);
            self.known.insert(ty, id);
            return Some(id);
        }
        if self.shapes.len() >= MAX_SHAPES {
            return None;
        }
        // Known before its parts are, so recursion ends.
        let id = ShapeId(self.shapes.len() as u32);
        self.shapes.push(Shape::Unit);
        self.depths.push(None);
        self.known.insert(ty, id);
        let shape = match types.kind(ty).clone() {
            TyKind::Unit => Shape::Unit,
            TyKind::Int => Shape::Int(Number::Int, Range::INT),
            TyKind::Nat => Shape::Int(Number::Nat, Range::NAT),
            TyKind::Byte => Shape::Int(Number::Byte, Range::BYTE),
            TyKind::Bool => Shape::Bool,
            TyKind::Float64 => Shape::Float,
            TyKind::String => Shape::Text,
            TyKind::Decimal => Shape::Decimal,
            TyKind::Set(element) => Shape::Set(self.add(program, types, element)?),
            TyKind::Map(key, value) => {
                Shape::Map(self.add(program, types, key)?, self.add(program, types, value)?)
            }
            TyKind::Array(element) => Shape::Array(self.add(program, types, element)?),
            TyKind::Tuple(parts) => Shape::Tuple(self.all(program, types, &parts)?),
            TyKind::Data(data, args) => Shape::Data(self.ctors(program, types, data, &args)?),
            TyKind::Never
            | TyKind::Future(_)
            | TyKind::Fn { .. }
            | TyKind::Refined(..)
            | TyKind::Param(..)
            | TyKind::Meta(_)
            | TyKind::Undeclared(_)
            | TyKind::Unknown => return None,
        };
        self.shapes[id.0 as usize] = shape;
        Some(id)
    }

    /// The shape of a refinement of another one.
    fn refined(&mut self, base: ShapeId, refinement: RefinementId) -> ShapeId {
        let bounds = self.bounds.get(refinement.index()).copied().unwrap_or_default();
        let Shape::Int(number, range) = self[base] else { return base };
        let narrow = range.within(bounds);
        // A type without values is left to the precondition, which refuses them.
        if narrow == range || narrow.is_empty() {
            return base;
        }
        self.shapes.push(Shape::Int(number, narrow));
        self.depths.push(None);
        ShapeId(self.shapes.len() as u32 - 1)
    }

    fn all(&mut self, program: &Program, types: &mut Types, tys: &[Ty]) -> Option<Vec<ShapeId>> {
        tys.iter().map(|ty| self.add(program, types, *ty)).collect()
    }

    fn ctors(
        &mut self,
        program: &Program,
        types: &mut Types,
        data: DataId,
        args: &[Ty],
    ) -> Option<Vec<Ctor>> {
        let mut out = Vec::new();
        for ctor in &program.datas[data.index()].ctors {
            let fields: Vec<Ty> = ctor.fields.iter().map(|f| types.subst(*f, args)).collect();
            let fields = self.all(program, types, &fields)?;
            out.push(Ctor { name: ctor.name.to_string(), fields });
        }
        (!out.is_empty()).then_some(out)
    }

    /// The least depths, as a least fixed point.
    fn measure(&mut self) {
        let mut changed = true;
        while changed {
            changed = false;
            for i in 0..self.shapes.len() {
                let depth = match &self.shapes[i] {
                    Shape::Unit
                    | Shape::Int(..)
                    | Shape::Bool
                    | Shape::Float
                    | Shape::Decimal
                    | Shape::Text
                    | Shape::Array(_)
                    | Shape::Set(_)
                    | Shape::Map(..) => Some(0),
                    Shape::Tuple(parts) => parts
                        .iter()
                        .try_fold(0, |most, part| Some(most.max(self.depth(*part)?)))
                        .map(|d| d + 1),
                    Shape::Data(ctors) => {
                        ctors.iter().filter_map(|c| self.ctor_depth(c)).min().map(|d| d + 1)
                    }
                };
                changed |= depth != self.depths[i];
                self.depths[i] = depth;
            }
        }
    }
}
