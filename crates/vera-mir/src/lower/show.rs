//! Values as text: `show`.

use vera_abi::runtime::RtFn;
use vera_check::types::{Ty as VeraTy, TyKind};

use super::deep::Fold;
use super::functions::FnLower;
use super::structural::Structural;
use crate::ir::*;

impl FnLower<'_, '_> {
    /// The text `show` gives.
    pub(super) fn show(&mut self, ty: VeraTy, value: Option<ValueId>) -> ValueId {
        let (ty, value) = self.opened_part(ty, value);
        if let Some(text) = self.simple_text(ty, value) {
            return text;
        }
        let empty = self.string("");
        self.text_onto(empty, ty, value)
    }

    /// The text of a value without parts.
    fn simple_text(&mut self, ty: VeraTy, value: Option<ValueId>) -> Option<ValueId> {
        Some(match self.lo.types.base_kind(ty) {
            TyKind::Unit => self.string("unit"),
            TyKind::Never => {
                self.b.end(Terminator::Unreachable);
                self.b.func.new_value(Ty::Ref)
            }
            TyKind::String
            | TyKind::Int
            | TyKind::Nat
            | TyKind::Bool
            | TyKind::Byte
            | TyKind::Float64
            | TyKind::Decimal => {
                let value = value.unwrap_or_else(|| self.b.func.new_value(Ty::Ref));
                self.text_of(value, ty)
            }
            _ => return None,
        })
    }

    /// `text` with that of a value appended. Texts of compound values are built by
    /// appending to one string, so that their cost is that of the result.
    pub(super) fn text_onto(
        &mut self,
        text: ValueId,
        ty: VeraTy,
        value: Option<ValueId>,
    ) -> ValueId {
        let (ty, value) = self.opened_part(ty, value);
        if let Some(simple) = self.simple_text(ty, value) {
            return self.b.rt(RtFn::StringConcat, vec![text, simple], Ty::Ref);
        }
        let value = value.unwrap_or_else(|| self.b.func.new_value(Ty::Ref));
        let func = self.lo.structural(Structural::Show, ty);
        self.b.one(Op::Call { func, args: vec![text, value] }, Ty::Ref)
    }

    pub(super) fn append(&mut self, text: ValueId, piece: &str) -> ValueId {
        if piece.is_empty() {
            return text;
        }
        let piece = self.string(piece);
        self.b.rt(RtFn::StringConcat, vec![text, piece], Ty::Ref)
    }

    /// `show(text so far, value) -> text`
    pub(super) fn show_function(&mut self, ty: VeraTy) {
        let repr = self.lo.repr(ty);
        let text = self.b.param(Ty::Ref);
        let value = self.b.param(repr.ty().expect("a compound value takes space"));
        self.b.func.results = vec![Ty::Ref];
        let cycle = self.lo.cycle_of_type(ty);
        if !cycle.is_empty() {
            return self.by_tasks(Fold::Show, ty, &cycle, text, value);
        }
        if let TyKind::Array(element) = *self.lo.types.base_kind(ty) {
            let text = self.show_array(text, element, value);
            return self.b.end(Terminator::Return(vec![text]));
        }
        if matches!(self.lo.types.base_kind(ty), TyKind::Map(..) | TyKind::Set(_)) {
            let text = self.show_map(text, ty, value);
            return self.b.end(Terminator::Return(vec![text]));
        }
        let shapes = self.shapes(ty);
        let is_tuple = matches!(self.lo.types.base_kind(ty), TyKind::Tuple(_));
        let tag = if is_tuple { self.b.i32(0) } else { self.tag(ty, value) };
        self.each_ctor(tag, &shapes, &mut |this, _, name, shape| {
            let mut text = text;
            for (i, (ty, slot)) in shape.fields.iter().zip(&shape.slots).enumerate() {
                let separator = if i == 0 { format!("{name}(") } else { ", ".to_owned() };
                text = this.append(text, &separator);
                let field = this.field(value, *slot);
                text = this.text_onto(text, *ty, field);
            }
            text = this.append(text, if shape.fields.is_empty() { name } else { ")" });
            this.b.end(Terminator::Return(vec![text]));
        });
    }

    /// The texts of the elements in brackets.
    fn show_array(&mut self, text: ValueId, element: VeraTy, array: ValueId) -> ValueId {
        let repr = self.lo.repr(element);
        let len = self.b.seq_len(array);
        let text = self.append(text, "[");
        let text = self.for_each(array, len, repr, vec![text], &mut |this, index, x, carried| {
            let text = this.separated(carried[0], index);
            vec![this.text_onto(text, element, Some(x))]
        })[0];
        self.append(text, "]")
    }

    /// `text` with a separator behind it unless it is element 0 that follows.
    pub(super) fn separated(&mut self, text: ValueId, index: ValueId) -> ValueId {
        let zero = self.b.i32(0);
        let first = self.b.binary(BinaryOp::EqI32, index, zero);
        self.b.open();
        let then = Box::new(self.b.close(vec![text]));
        self.b.open();
        let separated = self.append(text, ", ");
        let otherwise = Box::new(self.b.close(vec![separated]));
        self.b.one(Op::If { cond: first, then, otherwise }, Ty::Ref)
    }

    /// The texts of the entries of a map or set in braces.
    fn show_map(&mut self, text: ValueId, ty: VeraTy, map: ValueId) -> ValueId {
        let text = self.append(text, "{");
        let text = self.fold_entries(ty, map, text, &mut |this, shape, index, entry, text| {
            let text = this.separated(text, index);
            let key = this.entry_key(shape, entry);
            let text = this.text_onto(text, shape.key_ty, key);
            let Some(value_ty) = shape.value_ty else { return text };
            let text = this.append(text, ": ");
            let value = this.entry_value(shape, entry);
            this.text_onto(text, value_ty, value)
        });
        self.append(text, "}")
    }
}
