//! How Vera types become MIR types, and data values objects.

use vera_abi::layout::{CLOSURE_CODE, HEADER_SIZE};
use vera_check::typed::{DataId, RefinementId};
use vera_check::types::{Ty as VeraTy, TyKind};

use super::Lowerer;
use super::handlers::{OUTER, clause_offset};
use super::resume::{NODE_CLOSURE, NODE_NEXT};
use crate::ir::{Layout, LayoutId, Mem, Ty};

/// The run-time form of a Vera type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Repr {
    /// Takes no space.
    Zero,
    I64,
    F64,
    /// `Bool` and `Byte`: one byte as an element.
    Byte,
    /// A data type none of whose constructors holds anything: the tag.
    Enum,
    Ref,
}

impl Repr {
    /// The type of the value, or `None` when there is none.
    pub fn ty(self) -> Option<Ty> {
        Some(match self {
            Repr::Zero => return None,
            Repr::I64 => Ty::I64,
            Repr::F64 => Ty::F64,
            Repr::Byte | Repr::Enum => Ty::I32,
            Repr::Ref => Ty::Ref,
        })
    }

    /// Storage as a field of an object.
    pub fn field(self) -> Option<Mem> {
        Some(match self {
            Repr::Zero => return None,
            Repr::I64 => Mem::I64,
            Repr::F64 => Mem::F64,
            Repr::Byte | Repr::Enum => Mem::I32,
            Repr::Ref => Mem::Ref,
        })
    }

    /// Storage as an element of a sequence.
    pub fn element(self) -> Mem {
        match self {
            // The checker refuses zero-size elements; an array of what cannot
            // exist is empty.
            Repr::Zero | Repr::Byte => Mem::U8,
            Repr::I64 => Mem::I64,
            Repr::F64 => Mem::F64,
            Repr::Enum => Mem::I32,
            Repr::Ref => Mem::Ref,
        }
    }
}

/// One constructor of a monomorphic data type, or a tuple.
#[derive(Clone, Debug)]
pub(crate) struct CtorShape {
    /// `None` when the value is an immediate: no field takes space.
    pub layout: Option<LayoutId>,
    /// Types of all fields, zero-size ones included.
    pub fields: Vec<VeraTy>,
    /// Offset and storage of each field; `None` for a zero-size one.
    pub slots: Vec<Option<(u32, Mem)>>,
}

impl Lowerer<'_> {
    pub(crate) fn repr(&self, ty: VeraTy) -> Repr {
        match self.types.base_kind(ty) {
            TyKind::Int | TyKind::Nat => Repr::I64,
            TyKind::Float64 => Repr::F64,
            TyKind::Bool | TyKind::Byte => Repr::Byte,
            TyKind::Unit | TyKind::Never => Repr::Zero,
            TyKind::Future(inner) => match self.repr(*inner) {
                Repr::Zero => Repr::Zero,
                Repr::I64 | Repr::F64 | Repr::Byte | Repr::Enum | Repr::Ref => Repr::Ref,
            },
            TyKind::Data(id, _) if self.program.data(*id).is_enum() => Repr::Enum,
            TyKind::String
            | TyKind::Data(..)
            | TyKind::Decimal
            | TyKind::Array(_)
            | TyKind::Set(_)
            | TyKind::Map(..)
            | TyKind::Tuple(_)
            | TyKind::Fn { .. } => Repr::Ref,
            TyKind::Refined(..)
            | TyKind::Param(..)
            | TyKind::Meta(_)
            | TyKind::Undeclared(_)
            | TyKind::Unknown => unreachable!("lowering sees closed monomorphic types"),
        }
    }

    /// The shape of constructor `ctor` of a data type at its arguments.
    pub(crate) fn ctor_shape(&mut self, data: DataId, ctor: u32, args: &[VeraTy]) -> CtorShape {
        let declared = self.program.data(data).ctors[ctor as usize].fields.clone();
        let fields = declared.iter().map(|f| self.types.subst(*f, args)).collect();
        self.object_shape(ctor, fields)
    }

    /// The shape of an object with these fields.
    pub(crate) fn object_shape(&mut self, tag: u32, fields: Vec<VeraTy>) -> CtorShape {
        let mems: Vec<Option<Mem>> = fields.iter().map(|f| self.repr(*f).field()).collect();
        let (slots, size) = place(&mems, HEADER_SIZE);
        let layout = (size > HEADER_SIZE).then(|| self.layout(tag, size, &slots));
        CtorShape { layout, fields, slots }
    }

    /// Layout and capture slots of a closure object.
    pub(crate) fn closure_shape(
        &mut self,
        tag: u32,
        captures: &[Mem],
    ) -> (LayoutId, Vec<(u32, Mem)>) {
        let mems: Vec<Option<Mem>> = captures.iter().map(|m| Some(*m)).collect();
        let (slots, size) = place(&mems, CLOSURE_CODE + 4);
        let layout = self.layout(tag, size, &slots);
        (layout, slots.into_iter().flatten().collect())
    }

    /// Layout of a handler frame with this many clauses, and the places of its
    /// cells.
    pub(crate) fn frame_shape(
        &mut self,
        clauses: u32,
        cells: &[Mem],
    ) -> (LayoutId, Vec<(u32, Mem)>) {
        let mems: Vec<Option<Mem>> = cells.iter().map(|m| Some(*m)).collect();
        let (slots, size) = place(&mems, clause_offset(clauses));
        let mut all = slots.clone();
        all.push(Some((OUTER, Mem::Ref)));
        all.extend((0..clauses).map(|op| Some((clause_offset(op), Mem::Ref))));
        let layout = self.mutable_layout(size, &all);
        (layout, slots.into_iter().flatten().collect())
    }

    /// See [`Program::invariant`](vera_check::typed::Program::invariant).
    pub(super) fn invariant(&self, ty: VeraTy) -> Option<(RefinementId, Vec<VeraTy>)> {
        self.program.invariant(&self.types, ty)
    }

    /// See [`Program::types_within`](vera_check::typed::Program::types_within).
    pub(super) fn types_within(&mut self, ty: VeraTy) -> Vec<VeraTy> {
        self.program.types_within(&mut self.types, ty)
    }

    /// Layout of a node of the list a frame keeps (see [`super::resume`]).
    pub(crate) fn node_layout(&mut self) -> LayoutId {
        let slots = [Some((NODE_NEXT, Mem::Ref)), Some((NODE_CLOSURE, Mem::Ref))];
        self.layout(0, NODE_CLOSURE + 4, &slots)
    }

    pub(super) fn layout(&mut self, tag: u32, size: u32, slots: &[Option<(u32, Mem)>]) -> LayoutId {
        self.layout_of(tag, size, slots, false)
    }

    /// The layout of objects whose fields are written after they are made.
    pub(super) fn mutable_layout(&mut self, size: u32, slots: &[Option<(u32, Mem)>]) -> LayoutId {
        self.layout_of(0, size, slots, true)
    }

    pub(super) fn layout_of(
        &mut self,
        tag: u32,
        size: u32,
        slots: &[Option<(u32, Mem)>],
        mutable: bool,
    ) -> LayoutId {
        let mut refs: Vec<u32> =
            slots.iter().flatten().filter(|(_, mem)| *mem == Mem::Ref).map(|(o, _)| *o).collect();
        refs.sort_unstable();
        let layout = Layout { tag, size: size.next_multiple_of(8), refs, mutable };
        if let Some(id) = self.layouts.get(&layout) {
            return *id;
        }
        let id = LayoutId(self.out.layouts.len() as u32);
        self.out.layouts.push(layout.clone());
        self.layouts.insert(layout, id);
        id
    }
}

/// Places fields from offset `start`: four-byte ones first where they fill a
/// gap, then eight-byte ones, then the rest. Returns slots and the end.
fn place(mems: &[Option<Mem>], start: u32) -> (Vec<Option<(u32, Mem)>>, u32) {
    let mut slots = vec![None; mems.len()];
    let mut end = start;
    let mut gap = (!start.is_multiple_of(8)).then_some(start);
    if gap.is_some() {
        end = start.next_multiple_of(8);
    }
    for (slot, mem) in slots.iter_mut().zip(mems) {
        if let Some(mem) = mem.filter(|m| m.size() == 8) {
            *slot = Some((end, mem));
            end += 8;
        }
    }
    let any_wide = end > start.next_multiple_of(8);
    if gap.is_some() && !any_wide {
        end = start;
        gap = None;
    }
    for (slot, mem) in slots.iter_mut().zip(mems) {
        if let Some(mem) = mem.filter(|m| m.size() != 8) {
            let at = gap.take().unwrap_or_else(|| {
                end += 4;
                end - 4
            });
            *slot = Some((at, mem));
        }
    }
    (slots, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_field_fills_the_gap_before_a_wide_one() {
        let (slots, end) = place(&[Some(Mem::I64), Some(Mem::Ref), None], 12);
        assert_eq!(slots, [Some((16, Mem::I64)), Some((12, Mem::Ref)), None]);
        assert_eq!(end, 24);
    }

    #[test]
    fn small_fields_pack() {
        let (slots, end) = place(&[Some(Mem::Ref), Some(Mem::I32)], 12);
        assert_eq!(slots, [Some((12, Mem::Ref)), Some((16, Mem::I32))]);
        assert_eq!(end, 20);
        let (slots, end) = place(&[Some(Mem::Ref), Some(Mem::I64)], 8);
        assert_eq!(slots, [Some((16, Mem::Ref)), Some((8, Mem::I64))]);
        assert_eq!(end, 20);
    }
}
