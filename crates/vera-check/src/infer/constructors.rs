//! Constructor and tuple expressions (language reference, chapter 03.4.1).

use vera_builtins::BuiltinId;
use vera_diagnostics::Span;
use vera_syntax::ast::{self, Name};

use super::Infer;
use super::generics::Solving;
use crate::context::CtorDef;
use crate::diagnostics::constructors as report;
use crate::typed::{DataId, ExprId, ExprKind, NarrowSite};
use crate::types::{Ty, TyKind};

/// Reports an unknown constructor; with it the type and module of a foreign one.
pub(super) type UnknownCtor =
    fn(vera_diagnostics::FileSpan, &str, Option<(&str, &str)>) -> vera_diagnostics::Diagnostic;

impl Infer<'_> {
    /// What a constructor name means; `None` after a report (or silently, for a
    /// poisoned name).
    pub(super) fn lookup_ctor(
        &mut self,
        name: &Name,
        unknown: UnknownCtor,
    ) -> Option<(DataId, u32)> {
        match self.ctx.ctor_def(self.module, &name.text) {
            Some(CtorDef::Ctor(data, ctor)) => Some((data, ctor)),
            Some(CtorDef::Poisoned) => None,
            None => {
                let at = self.at(name.span);
                let foreign = self.ctx.foreign_ctor(self.module, &name.text);
                let described = foreign.map(|(data, _)| {
                    let data = self.ctx.program.data(data);
                    let path = self.ctx.program.modules[data.module.index()].path.clone();
                    (data.name.to_string(), path)
                });
                let described = described.as_ref().map(|(d, p)| (d.as_str(), p.as_str()));
                self.ctx.report(unknown(at, &name.text, described));
                foreign
            }
        }
    }

    pub(super) fn nullary_ctor(&mut self, name: &Name, expected: Option<Ty>, span: Span) -> ExprId {
        let Some((data, ctor)) = self.lookup_ctor(name, report::unknown_nullary) else {
            return self.unknown(span);
        };
        let declared = &self.ctx.program.data(data).ctors[ctor as usize];
        let count = declared.fields.len();
        if count > 0 {
            let at = self.at(span);
            self.ctx.report(report::needs_arguments(at, &name.text, count));
        }
        let args = self.data_args(data, expected);
        let ty = self.ctx.program.types.intern(TyKind::Data(data, args));
        self.construct(data, ctor, Vec::new(), ty, span)
    }

    fn construct(
        &mut self,
        data: DataId,
        ctor: u32,
        args: Vec<ExprId>,
        ty: Ty,
        span: Span,
    ) -> ExprId {
        self.types.refinements.extend(self.ctx.program.data(data).invariant);
        self.push(ExprKind::Construct { data, ctor, args }, ty, span)
    }

    /// Type arguments for a constructor: those of the expected type where it is
    /// the same data type, else fresh variables.
    fn data_args(&mut self, data: DataId, expected: Option<Ty>) -> Vec<Ty> {
        if let Some(expected) = expected
            && let TyKind::Data(head, args) = self.shape(expected)
            && head == data
        {
            return args;
        }
        let count = self.ctx.program.data(data).params.len();
        (0..count).map(|_| self.fresh()).collect()
    }

    /// Whether the name is the constructor of the built-in futures.
    pub(super) fn is_future(&self, name: &Name) -> bool {
        name.text == "Future" && self.ctx.ctor_def(self.module, &name.text).is_none()
    }

    /// `Future(value)`: a future that has its value.
    fn future(&mut self, args: &[ast::ExprId], expected: Option<Ty>, span: Span) -> ExprId {
        let [arg] = args else {
            for arg in args {
                self.expr(*arg, None);
            }
            let at = self.at(span);
            self.ctx.report(report::field_count(at, "Future", 1, args.len()));
            return self.unknown(span);
        };
        let hint = expected.and_then(|ty| match self.shape(ty) {
            TyKind::Future(inner) => Some(inner),
            _ => None,
        });
        let value = self.expr(*arg, hint);
        let value = hint
            .and_then(|inner| self.coerce(value, inner, NarrowSite::Field("Future".into())))
            .unwrap_or(value);
        let inner = self.ty(value);
        let ty = self.ctx.program.types.intern(TyKind::Future(inner));
        let kind = ExprKind::Builtin {
            function: BuiltinId::Async,
            type_args: vec![inner],
            args: vec![value],
        };
        self.push(kind, ty, span)
    }

    pub(super) fn ctor_call(
        &mut self,
        name: &Name,
        args: &[ast::ExprId],
        expected: Option<Ty>,
        span: Span,
    ) -> ExprId {
        if name.text == "Tuple" {
            return self.tuple(args, expected, span);
        }
        if self.is_future(name) {
            return self.future(args, expected, span);
        }
        let Some((data, ctor)) = self.lookup_ctor(name, report::unknown_applied) else {
            for arg in args {
                self.expr(*arg, None);
            }
            return self.unknown(span);
        };
        let fields = self.ctx.program.data(data).ctors[ctor as usize].fields.clone();
        if fields.len() != args.len() {
            for arg in args {
                self.expr(*arg, None);
            }
            let at = self.at(span);
            if fields.is_empty() {
                self.ctx.report(report::takes_no_arguments(at, &name.text));
                let args = self.data_args(data, expected);
                let ty = self.ctx.program.types.intern(TyKind::Data(data, args));
                return self.construct(data, ctor, Vec::new(), ty, span);
            }
            self.ctx.report(report::field_count(at, &name.text, fields.len(), args.len()));
            return self.unknown(span);
        }
        let hints = self.data_args(data, expected);
        let mut typed = Vec::new();
        for (arg, field) in args.iter().zip(&fields) {
            let hint = self.ctx.program.types.subst(*field, &hints);
            typed.push(self.expr(*arg, Some(hint)));
        }
        let type_args = self.solve_ctor(hints, args, &fields, &typed);
        let mut coerced = Vec::new();
        for (i, (e, field)) in typed.into_iter().zip(&fields).enumerate() {
            let want = self.ctx.program.types.subst(*field, &type_args);
            coerced.push(match self.coerce(e, want, NarrowSite::Field(name.text.clone())) {
                Some(e) => e,
                None => {
                    let found = self.ty(e);
                    let at = self.at(self.tree.nodes[args[i]].span);
                    let (want, found) = (self.show(want), self.show(found));
                    self.ctx.report(report::field_type(at, &name.text, i, &want, &found));
                    e
                }
            });
        }
        let ty = self.ctx.program.types.intern(TyKind::Data(data, type_args));
        self.construct(data, ctor, coerced, ty, span)
    }

    /// Type arguments for typed constructor arguments: the hints when all fit
    /// them, else those the arguments propose.
    fn solve_ctor(
        &mut self,
        hints: Vec<Ty>,
        args: &[ast::ExprId],
        fields: &[Ty],
        typed: &[ExprId],
    ) -> Vec<Ty> {
        let fits = self.attempt(|this| {
            typed.iter().zip(fields).all(|(e, field)| {
                let want = this.ctx.program.types.subst(*field, &hints);
                let found = this.ty(*e);
                this.subtype(found, want)
            })
        });
        if fits {
            return hints;
        }
        let type_args: Vec<Ty> = hints.iter().map(|_| self.fresh()).collect();
        let mut solving = Solving::new(0, type_args.len());
        for ((e, field), arg) in typed.iter().zip(fields).zip(args) {
            let found = self.ty(*e);
            self.propose(&mut solving, *field, found, *arg);
        }
        self.adopt(&solving, &type_args);
        for (var, hint) in type_args.iter().zip(&hints) {
            if self.open_var(*var).is_some_and(|v| !self.is_literal_var(v)) {
                self.subtype(*hint, *var);
            }
        }
        type_args
    }

    fn tuple(&mut self, args: &[ast::ExprId], expected: Option<Ty>, span: Span) -> ExprId {
        if args.is_empty() {
            let at = self.at(span);
            self.ctx.report(report::empty_tuple(at));
            return self.unknown(span);
        }
        let hints = match expected.map(|e| self.shape(e)) {
            Some(TyKind::Tuple(parts)) if parts.len() == args.len() => Some(parts),
            _ => None,
        };
        let mut typed = Vec::new();
        let mut parts = Vec::new();
        for (i, arg) in args.iter().enumerate() {
            let hint = hints.as_ref().map(|h| h[i]);
            let e = self.expr(*arg, hint);
            let coerced = hint.and_then(|h| self.coerce(e, h, NarrowSite::Field("Tuple".into())));
            match (coerced, hint) {
                (Some(e), Some(hint)) => {
                    typed.push(e);
                    parts.push(hint);
                }
                _ => {
                    typed.push(e);
                    parts.push(self.body[e].ty);
                }
            }
        }
        let ty = self.ctx.program.types.intern(TyKind::Tuple(parts));
        self.push(ExprKind::Tuple(typed), ty, span)
    }
}
