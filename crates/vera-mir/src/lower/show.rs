//! Values as text: `show`, and Vera literals for the results that hosts print.

use vera_abi::runtime::RtFn;
use vera_check::types::{Ty as VeraTy, TyKind};

use super::deep::Fold;
use super::functions::FnLower;
use super::structural::{Structural, bare};
use super::{Lowerer, Work};
use crate::ir::*;

/// How values are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// As `show` does: strings as they are, tuples in parentheses.
    Show,
    /// As an expression for the value.
    Literal,
}

impl Style {
    fn function(self) -> Structural {
        match self {
            Style::Show => Structural::Show,
            Style::Literal => Structural::Literal,
        }
    }
}

/// A function that calls `func` and yields its result as a literal.
pub(super) fn shown(lo: &mut Lowerer<'_>, func: FuncId, ret: VeraTy) -> FuncId {
    let called = &lo.out.funcs[func.index()];
    let (name, source) = (format!("{}{}", called.name, super::SHOWN), called.source);
    let decl = lo.out.source_fns[source.index()].decl;
    let place = lo.reserve(name, String::new(), decl);
    lo.work.push(Work::Shown { func, ret, place });
    place
}

/// Lowers what [`shown`] reserved; the called function's signature is known by now.
pub(super) fn lower_shown(lo: &mut Lowerer<'_>, func: FuncId, ret: VeraTy, place: FuncId) {
    let mut this = bare(lo, place);
    let called = &this.lo.out.funcs[func.index()];
    let params: Vec<Ty> = called.params.iter().map(|p| called.ty(*p)).collect();
    let results = called.results.clone();
    let args = params.into_iter().map(|ty| this.b.param(ty)).collect();
    this.b.func.results = vec![Ty::Ref];
    let value = this.b.emit(Op::Call { func, args }, &results).first().copied();
    let empty = this.string("");
    let text = this.text_onto(Style::Literal, empty, ret, value);
    this.b.end(Terminator::Return(vec![text]));
    let built = this.b.finish();
    lo.out.funcs[place.index()] = built;
}

impl FnLower<'_, '_> {
    /// The text `show` gives.
    pub(super) fn show(&mut self, ty: VeraTy, value: Option<ValueId>) -> ValueId {
        let ty = self.lo.types.plain(ty);
        if let Some(text) = self.simple_text(Style::Show, ty, value) {
            return text;
        }
        let empty = self.string("");
        self.text_onto(Style::Show, empty, ty, value)
    }

    /// The text of a value without parts.
    fn simple_text(&mut self, style: Style, ty: VeraTy, value: Option<ValueId>) -> Option<ValueId> {
        Some(match (self.lo.types.base_kind(ty), style) {
            (TyKind::Unit, Style::Show) => self.string("unit"),
            (TyKind::Unit, Style::Literal) => self.string("()"),
            (TyKind::Never, _) => {
                self.b.end(Terminator::Unreachable);
                self.b.func.new_value(Ty::Ref)
            }
            (TyKind::String, Style::Literal) => self.literal(RtFn::StringLiteral, value),
            (TyKind::Float64, Style::Literal) => self.literal(RtFn::FloatLiteral, value),
            (TyKind::Byte, Style::Literal) => {
                let byte = value.unwrap_or_else(|| self.b.func.new_value(Ty::I32));
                let number = self.b.unary(UnaryOp::I32ToI64, byte);
                self.b.rt(RtFn::IntToString, vec![number], Ty::Ref)
            }
            (
                TyKind::String
                | TyKind::Int
                | TyKind::Nat
                | TyKind::Bool
                | TyKind::Byte
                | TyKind::Float64
                | TyKind::Decimal,
                _,
            ) => {
                let value = value.unwrap_or_else(|| self.b.func.new_value(Ty::Ref));
                self.text_of(value, ty)
            }
            _ => return None,
        })
    }

    /// A value as an expression; after code that never returns there is none.
    fn literal(&mut self, written: RtFn, value: Option<ValueId>) -> ValueId {
        let value = value.unwrap_or_else(|| self.b.func.new_value(Ty::Ref));
        self.b.rt(written, vec![value], Ty::Ref)
    }

    /// `text` with that of a value appended. Texts of compound values are built by
    /// appending to one string, so that their cost is that of the result.
    pub(super) fn text_onto(
        &mut self,
        style: Style,
        text: ValueId,
        ty: VeraTy,
        value: Option<ValueId>,
    ) -> ValueId {
        let ty = self.lo.types.plain(ty);
        if let Some(simple) = self.simple_text(style, ty, value) {
            return self.b.rt(RtFn::StringConcat, vec![text, simple], Ty::Ref);
        }
        let value = value.unwrap_or_else(|| self.b.func.new_value(Ty::Ref));
        let func = self.lo.structural(style.function(), ty);
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
    pub(super) fn show_function(&mut self, style: Style, ty: VeraTy) {
        let repr = self.lo.repr(ty);
        let text = self.b.param(Ty::Ref);
        let value = self.b.param(repr.ty().expect("a compound value takes space"));
        self.b.func.results = vec![Ty::Ref];
        let cycle = self.lo.cycle_of_type(ty);
        if !cycle.is_empty() {
            let fold = match style {
                Style::Show => Fold::Show,
                Style::Literal => Fold::Literal,
            };
            return self.by_tasks(fold, ty, &cycle, text, value);
        }
        if let TyKind::Array(element) = *self.lo.types.base_kind(ty) {
            let text = self.show_array(style, text, element, value);
            return self.b.end(Terminator::Return(vec![text]));
        }
        if matches!(self.lo.types.base_kind(ty), TyKind::Map(..) | TyKind::Set(_)) {
            let text = self.show_map(style, text, ty, value);
            return self.b.end(Terminator::Return(vec![text]));
        }
        let shapes = self.shapes(ty);
        let is_tuple = matches!(self.lo.types.base_kind(ty), TyKind::Tuple(_));
        let tag = if is_tuple { self.b.i32(0) } else { self.tag(ty, value) };
        self.each_ctor(tag, &shapes, &mut |this, _, name, shape| {
            let name = if is_tuple && style == Style::Literal { "Tuple" } else { name };
            let mut text = text;
            for (i, (ty, slot)) in shape.fields.iter().zip(&shape.slots).enumerate() {
                let separator = if i == 0 { format!("{name}(") } else { ", ".to_owned() };
                text = this.append(text, &separator);
                let field = this.field(value, *slot);
                text = this.text_onto(style, text, *ty, field);
            }
            text = this.append(text, if shape.fields.is_empty() { name } else { ")" });
            this.b.end(Terminator::Return(vec![text]));
        });
    }

    /// The texts of the elements in brackets.
    fn show_array(
        &mut self,
        style: Style,
        text: ValueId,
        element: VeraTy,
        array: ValueId,
    ) -> ValueId {
        let repr = self.lo.repr(element);
        let len = self.b.seq_len(array);
        let text = self.append(text, "[");
        let text = self.for_each(array, len, repr, vec![text], &mut |this, index, x, carried| {
            let text = this.separated(carried[0], index);
            vec![this.text_onto(style, text, element, Some(x))]
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

    /// The texts of the entries of a map or set: in braces, or as calls that make it
    /// one entry after the other.
    fn show_map(&mut self, style: Style, text: ValueId, ty: VeraTy, map: ValueId) -> ValueId {
        let is_map = matches!(self.lo.types.base_kind(ty), TyKind::Map(..));
        let start = match (style, is_map) {
            (Style::Show, _) => "{",
            (Style::Literal, true) => "map_new()",
            (Style::Literal, false) => "set_new()",
        };
        let text = self.append(text, start);
        let text = self.fold_entries(ty, map, text, &mut |this, shape, index, entry, text| {
            let text = match (style, is_map) {
                (Style::Show, _) => this.separated(text, index),
                (Style::Literal, true) => this.append(text, " |> map_insert("),
                (Style::Literal, false) => this.append(text, " |> set_add("),
            };
            let key = this.entry_key(shape, entry);
            let mut text = this.text_onto(style, text, shape.key_ty, key);
            if let Some(value_ty) = shape.value_ty {
                text = this.append(text, if style == Style::Show { ": " } else { ", " });
                let value = this.entry_value(shape, entry);
                text = this.text_onto(style, text, value_ty, value);
            }
            match style {
                Style::Show => text,
                Style::Literal => this.append(text, ")"),
            }
        });
        match style {
            Style::Show => self.append(text, "}"),
            Style::Literal => text,
        }
    }
}
