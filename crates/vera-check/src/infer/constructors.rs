//! Constructor and tuple expressions (language reference, chapter 03.4.1).

use vera_diagnostics::Span;
use vera_syntax::ast::{self, Name};

use super::Infer;
use crate::context::CtorDef;
use crate::diagnostics::constructors as report;
use crate::typed::{DataId, ExprId, ExprKind, NarrowSite};
use crate::types::{Ty, TyKind};

impl Infer<'_> {
    /// What a constructor name means; `None` after a report (or silently, for a
    /// poisoned name).
    pub(super) fn lookup_ctor(
        &mut self,
        name: &Name,
        unknown: fn(
            vera_diagnostics::FileSpan,
            &str,
            Option<(&str, &str)>,
        ) -> vera_diagnostics::Diagnostic,
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
        self.push(ExprKind::Construct { data, ctor, args: Vec::new() }, ty, span)
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
        let Some((data, ctor)) = self.lookup_ctor(name, report::unknown_applied) else {
            for arg in args {
                self.expr(*arg, None);
            }
            return self.unknown(span);
        };
        let fields = self.ctx.program.data(data).ctors[ctor as usize].fields.clone();
        if fields.is_empty() || fields.len() != args.len() {
            for arg in args {
                self.expr(*arg, None);
            }
            let at = self.at(span);
            if fields.is_empty() {
                self.ctx.report(report::takes_no_arguments(at, &name.text));
                let args = self.data_args(data, expected);
                let ty = self.ctx.program.types.intern(TyKind::Data(data, args));
                return self.push(ExprKind::Construct { data, ctor, args: Vec::new() }, ty, span);
            }
            self.ctx.report(report::field_count(at, &name.text, fields.len(), args.len()));
            return self.unknown(span);
        }
        let hints = self.data_args(data, expected);
        let mut chosen = hints.clone();
        let mut typed = Vec::new();
        for (i, (arg, field)) in args.iter().zip(&fields).enumerate() {
            let want = self.ctx.program.types.subst(*field, &chosen);
            let e = self.expr(*arg, Some(want));
            let found = self.ty(e);
            match self.coerce(e, want, NarrowSite::Field(name.text.clone())) {
                Some(e) => typed.push(e),
                None => {
                    typed.push(e);
                    // An argument of a bare type parameter fixes it; the place
                    // the value goes to reports.
                    if let TyKind::Param(p, _) = *self.ctx.program.types.kind(*field)
                        && chosen[p as usize] == hints[p as usize]
                        && !self.is_open(hints[p as usize])
                    {
                        chosen[p as usize] = self.settle(found);
                        continue;
                    }
                    let at = self.at(self.tree.nodes[*arg].span);
                    let (want, found) = (self.show(want), self.show(found));
                    self.ctx.report(report::field_type(at, &name.text, i, &want, &found));
                }
            }
        }
        let ty = self.ctx.program.types.intern(TyKind::Data(data, chosen));
        self.push(ExprKind::Construct { data, ctor, args: typed }, ty, span)
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
