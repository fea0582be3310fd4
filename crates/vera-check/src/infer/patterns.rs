//! Patterns against the type of what they match (language reference, chapter
//! 05.10).
//!
//! A faulty pattern is reported and stops nothing else: it still covers what its
//! constructor's name says, so that the rest of the `match` is judged as meant.

use vera_diagnostics::Span;
use vera_syntax::ast::{self, PatternId, PatternKind as Syntax};

use super::Infer;
use super::constructors::UnknownCtor;
use crate::context::CtorDef;
use crate::diagnostics::patterns as report;
use crate::typed::{DataId, Pattern, PatternKind};
use crate::types::{Ty, TyKind};

/// A typed pattern, or what a faulty one covers.
struct Typed {
    kind: PatternKind,
    /// Covers nothing: its arm does not count.
    nothing: bool,
}

impl Typed {
    fn of(kind: PatternKind) -> Typed {
        Typed { kind, nothing: false }
    }

    fn nothing() -> Typed {
        Typed { kind: PatternKind::Wildcard, nothing: true }
    }
}

/// How the values that an arm takes and those that its typed pattern does compare.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Covers {
    Exactly,
    /// It has a faulty part, which stands for everything.
    AtMost,
    Nothing,
}

impl Infer<'_> {
    /// The pattern of an arm; binds its binders. With it whether the arm
    /// covers nothing, or more than what is written, since a part of it is faulty.
    pub(super) fn arm_pattern(&mut self, id: PatternId, ty: Ty) -> (Pattern, Covers) {
        self.faulty_pattern = false;
        let typed = self.typed_pattern(id, ty, true);
        let span = self.tree.nodes[id].span;
        let covers = match (typed.nothing, self.faulty_pattern) {
            (true, _) => Covers::Nothing,
            (false, true) => Covers::AtMost,
            (false, false) => Covers::Exactly,
        };
        (Pattern { kind: typed.kind, ty, span }, covers)
    }

    fn nested_pattern(&mut self, id: PatternId, ty: Ty) -> Pattern {
        let typed = self.typed_pattern(id, ty, false);
        Pattern { kind: typed.kind, ty, span: self.tree.nodes[id].span }
    }

    fn typed_pattern(&mut self, id: PatternId, ty: Ty, top: bool) -> Typed {
        let tree = self.tree;
        let node = &tree.nodes[id];
        let span = node.span;
        match &node.kind {
            Syntax::Wildcard | Syntax::Error => Typed::of(PatternKind::Wildcard),
            Syntax::Binding(written) => Typed::of(self.binder(*written, ty, span)),
            Syntax::Int(digits) => {
                self.fix_open(ty, Ty::INT, top);
                match self.shape(ty) {
                    shape @ (TyKind::Int | TyKind::Nat | TyKind::Byte) => {
                        let target = if shape == TyKind::Byte { Ty::BYTE } else { Ty::INT };
                        self.literal_range(digits, target, span);
                        Typed::of(PatternKind::Int(digits.parse().unwrap_or(0)))
                    }
                    _ => self.literal_mismatch(digits, ty, span, top),
                }
            }
            Syntax::Str(text) => {
                self.fix_open(ty, Ty::STRING, top);
                match self.shape(ty) {
                    TyKind::String => Typed::of(PatternKind::Str(text.clone())),
                    _ => self.literal_mismatch(&format!("{text:?}"), ty, span, top),
                }
            }
            Syntax::Bool(value) => {
                self.fix_open(ty, Ty::BOOL, top);
                match self.shape(ty) {
                    TyKind::Bool => Typed::of(PatternKind::Bool(*value)),
                    _ => self.literal_mismatch(&value.to_string(), ty, span, top),
                }
            }
            Syntax::Ctor { name, args } if name.text == "Tuple" => {
                self.tuple_pattern(args, ty, span, top)
            }
            Syntax::Ctor { name, args } if self.is_future(name) => {
                self.future_pattern(args, ty, span, top)
            }
            Syntax::Ctor { name, args } => self.ctor_pattern(name, args, ty, span, top),
            Syntax::NullaryCtor { name } => {
                let Some((data, ctor)) = self.pattern_ctor(name, ty, report::unknown_nullary)
                else {
                    return self.faulty(name, ty, top);
                };
                self.fix_open_data(ty, data, top);
                match self.shape(ty) {
                    TyKind::Data(head, _) if head == data => {
                        Typed::of(PatternKind::Ctor { data, ctor, args: Vec::new() })
                    }
                    _ => {
                        self.report_mismatch(&name.text, ty, span);
                        self.faulty(name, ty, top)
                    }
                }
            }
        }
    }

    /// Below a constructor, a literal decides a part that is still open.
    fn fix_open(&mut self, ty: Ty, literal: Ty, top: bool) {
        if !top && let Some(var) = self.open_var(ty) {
            self.assign(var, literal);
        }
    }

    /// Likewise a constructor.
    fn fix_open_data(&mut self, ty: Ty, data: crate::typed::DataId, top: bool) {
        if !top && self.open_var(ty).is_some() {
            let count = self.ctx.program.data(data).params.len();
            let args = (0..count).map(|_| self.fresh()).collect();
            let decided = self.ctx.program.types.intern(TyKind::Data(data, args));
            self.subtype(ty, decided);
        }
    }

    /// The constructor of this name. Where the type of the value is unknown, so are its
    /// constructors, and nothing is said.
    fn pattern_ctor(
        &mut self,
        name: &ast::Name,
        ty: Ty,
        unknown: UnknownCtor,
    ) -> Option<(DataId, u32)> {
        let undeclared = self.ctx.ctor_def(self.module, &name.text).is_none();
        if undeclared && matches!(self.shape(ty), TyKind::Unknown | TyKind::Undeclared(_)) {
            return None;
        }
        self.lookup_ctor(name, unknown)
    }

    /// Binds what a pattern without a constructor would: the arm refers to it.
    fn bind_unchecked(&mut self, id: PatternId) {
        match &self.tree.nodes[id].kind {
            Syntax::Binding(written) => {
                let (slot, span) = (self.slot_name(*written), self.tree.nodes[*written].span);
                self.bind(slot, Ty::UNKNOWN, span);
            }
            Syntax::Ctor { args, .. } => args.iter().for_each(|arg| self.bind_unchecked(*arg)),
            Syntax::NullaryCtor { .. }
            | Syntax::Wildcard
            | Syntax::Int(_)
            | Syntax::Str(_)
            | Syntax::Bool(_)
            | Syntax::Error => {}
        }
    }

    /// What a faulty constructor pattern covers: as a whole pattern, the
    /// constructor of that name; below one, everything at its place.
    fn faulty(&mut self, name: &ast::Name, ty: Ty, top: bool) -> Typed {
        self.faulty_pattern = true;
        if !top || self.ctx.ctor_def(self.module, &name.text) == Some(CtorDef::Poisoned) {
            return Typed::of(PatternKind::Wildcard);
        }
        match self.shape(ty) {
            TyKind::Data(data, _) => {
                let ctors = &self.ctx.program.data(data).ctors;
                match ctors.iter().position(|c| c.name == name.text) {
                    Some(ctor) => {
                        let ctor = ctor as u32;
                        Typed::of(PatternKind::Ctor { data, ctor, args: Vec::new() })
                    }
                    None => Typed::nothing(),
                }
            }
            TyKind::Tuple(_) if name.text == "Tuple" => Typed::of(PatternKind::Tuple(Vec::new())),
            _ => Typed::nothing(),
        }
    }

    fn literal_mismatch(&mut self, what: &str, ty: Ty, span: Span, top: bool) -> Typed {
        self.report_mismatch(what, ty, span);
        if top { Typed::nothing() } else { Typed::of(PatternKind::Wildcard) }
    }

    /// E314, except on types where the lack of a catch-all says more.
    fn report_mismatch(&mut self, what: &str, ty: Ty, span: Span) {
        self.faulty_pattern = true;
        match self.shape(ty) {
            TyKind::Unknown | TyKind::Undeclared(_) | TyKind::Meta(_) | TyKind::Never => {}
            TyKind::Fn { .. } | TyKind::Param(..) if !self.has_catch_all => {}
            _ => {
                let (at, shown) = (self.at(span), self.show(ty));
                self.ctx.report(report::cannot_match(at, what, &shown));
            }
        }
    }

    fn binder(&mut self, written: ast::TypeId, ty: Ty, span: Span) -> PatternKind {
        let local = self.bind_written(written);
        let declared = self.body[local].ty;
        if !self.subtype(ty, declared) && !self.subtype(declared, ty) {
            let at = self.at(span);
            let (want, found) = (self.show(ty), self.show(declared));
            self.ctx.report(report::cannot_match(at, &format!("@{found}"), &want));
        }
        PatternKind::Bind(local)
    }

    fn tuple_pattern(&mut self, args: &[PatternId], ty: Ty, span: Span, top: bool) -> Typed {
        if !top && self.open_var(ty).is_some() {
            let parts = args.iter().map(|_| self.fresh()).collect();
            let decided = self.ctx.program.types.intern(TyKind::Tuple(parts));
            self.subtype(ty, decided);
        }
        let (parts, fits) = match self.shape(ty) {
            TyKind::Tuple(parts) if parts.len() == args.len() => (parts, true),
            _ => (vec![Ty::UNKNOWN; args.len()], false),
        };
        if !fits {
            self.report_mismatch("Tuple(…)", ty, span);
        }
        let typed = args.iter().zip(parts).map(|(a, t)| self.nested_pattern(*a, t)).collect();
        match self.shape(ty) {
            TyKind::Tuple(_) if fits => Typed::of(PatternKind::Tuple(typed)),
            TyKind::Tuple(_) => Typed::of(PatternKind::Tuple(Vec::new())),
            _ if top => Typed::nothing(),
            _ => Typed::of(PatternKind::Wildcard),
        }
    }

    /// `Future(p)`: a future is its value, so the pattern is `p`.
    fn future_pattern(&mut self, args: &[PatternId], ty: Ty, span: Span, top: bool) -> Typed {
        if !top && self.open_var(ty).is_some() {
            let inner = self.fresh();
            let decided = self.ctx.program.types.intern(TyKind::Future(inner));
            self.subtype(ty, decided);
        }
        let inner = match self.shape(ty) {
            TyKind::Future(inner) => inner,
            _ => {
                self.report_mismatch("Future(…)", ty, span);
                Ty::UNKNOWN
            }
        };
        match args {
            [arg] => self.typed_pattern(*arg, inner, top),
            _ => {
                let at = self.at(span);
                self.ctx.report(report::field_count(at, "Future", 1, args.len()));
                Typed::of(PatternKind::Wildcard)
            }
        }
    }

    fn ctor_pattern(
        &mut self,
        name: &ast::Name,
        args: &[PatternId],
        ty: Ty,
        span: Span,
        top: bool,
    ) -> Typed {
        let Some((data, ctor)) = self.pattern_ctor(name, ty, report::unknown_applied) else {
            args.iter().for_each(|arg| self.bind_unchecked(*arg));
            return self.faulty(name, ty, top);
        };
        self.fix_open_data(ty, data, top);
        let fields = self.ctx.program.data(data).ctors[ctor as usize].fields.clone();
        let (matches, type_args) = match self.shape(ty) {
            TyKind::Data(head, args) if head == data => (true, args),
            _ => {
                let count = self.ctx.program.data(data).params.len();
                (false, vec![Ty::UNKNOWN; count])
            }
        };
        if !matches {
            self.report_mismatch(&format!("{}(…)", name.text), ty, span);
        }
        if fields.len() != args.len() {
            let at = self.at(span);
            self.ctx.report(report::field_count(at, &name.text, fields.len(), args.len()));
            return if matches {
                Typed::of(PatternKind::Ctor { data, ctor, args: Vec::new() })
            } else {
                self.faulty(name, ty, top)
            };
        }
        let args = args
            .iter()
            .zip(fields)
            .map(|(arg, field)| {
                let field = self.ctx.program.types.subst(field, &type_args);
                self.nested_pattern(*arg, field)
            })
            .collect();
        if matches {
            Typed::of(PatternKind::Ctor { data, ctor, args })
        } else {
            self.faulty(name, ty, top)
        }
    }
}
