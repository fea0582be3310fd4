//! Patterns against the type of what they match (language reference, chapter
//! 05.10).

use vera_syntax::ast::{self, PatternId, PatternKind as Syntax};

use super::Infer;
use crate::diagnostics::patterns as report;
use crate::typed::{Pattern, PatternKind};
use crate::types::{Ty, TyKind};

impl Infer<'_> {
    /// The typed pattern; binds its binders. A fault is counted in
    /// `pattern_faults` and makes the pattern match everything.
    pub(super) fn pattern(&mut self, id: PatternId, ty: Ty) -> Pattern {
        let tree = self.tree;
        let node = &tree.nodes[id];
        let shape = self.shape(ty);
        let unknown = matches!(shape, TyKind::Unknown | TyKind::Undeclared(_));
        let kind = match &node.kind {
            Syntax::Wildcard | Syntax::Error => PatternKind::Wildcard,
            Syntax::Binding(written) => self.binder(*written, ty),
            Syntax::Int(digits) => match shape {
                TyKind::Int | TyKind::Nat | TyKind::Byte => {
                    let target = if shape == TyKind::Byte { Ty::BYTE } else { Ty::INT };
                    self.literal_range(digits, target, node.span);
                    PatternKind::Int(digits.parse().unwrap_or(0))
                }
                _ => self.mismatch(digits, ty, node.span, unknown),
            },
            Syntax::Str(text) => match shape {
                TyKind::String => PatternKind::Str(text.clone()),
                _ => self.mismatch(&format!("{text:?}"), ty, node.span, unknown),
            },
            Syntax::Bool(value) => match shape {
                TyKind::Bool => PatternKind::Bool(*value),
                _ => self.mismatch(&value.to_string(), ty, node.span, unknown),
            },
            Syntax::Ctor { name, args } if name.text == "Tuple" => match shape {
                TyKind::Tuple(parts) if parts.len() == args.len() => {
                    let args = args.iter().zip(parts).map(|(a, t)| self.pattern(*a, t)).collect();
                    PatternKind::Tuple(args)
                }
                _ => {
                    let kind = self.mismatch("Tuple(…)", ty, node.span, unknown);
                    for arg in args {
                        self.pattern(*arg, Ty::UNKNOWN);
                    }
                    kind
                }
            },
            Syntax::Ctor { name, args } => self.ctor_pattern(name, args, ty, node.span),
            Syntax::NullaryCtor { name } => {
                let Some((data, ctor)) = self.lookup_ctor(name, report::unknown_nullary) else {
                    return self.fault(ty, node.span);
                };
                match shape {
                    TyKind::Data(head, _) if head == data => {
                        PatternKind::Ctor { data, ctor, args: Vec::new() }
                    }
                    _ => self.mismatch(&name.text, ty, node.span, unknown),
                }
            }
        };
        Pattern { kind, ty, span: node.span }
    }

    fn fault(&mut self, ty: Ty, span: vera_diagnostics::Span) -> Pattern {
        self.pattern_faults += 1;
        Pattern { kind: PatternKind::Wildcard, ty, span }
    }

    fn mismatch(
        &mut self,
        what: &str,
        ty: Ty,
        span: vera_diagnostics::Span,
        unknown: bool,
    ) -> PatternKind {
        self.pattern_faults += 1;
        let opaque = matches!(self.shape(ty), TyKind::Fn { .. });
        if !unknown && !opaque {
            let (at, shown) = (self.at(span), self.show(ty));
            self.ctx.report(report::cannot_match(at, what, &shown));
        }
        PatternKind::Wildcard
    }

    fn binder(&mut self, written: ast::TypeId, ty: Ty) -> PatternKind {
        let local = self.bind_written(written);
        let declared = self.body[local].ty;
        let mut inference = |a: Ty, b: Ty| self.subtype(a, b);
        if !inference(ty, declared) && !inference(declared, ty) {
            self.pattern_faults += 1;
            let at = self.at(self.tree.nodes[written].span);
            let (want, found) = (self.show(ty), self.show(declared));
            self.ctx.report(report::cannot_match(at, &format!("@{found}"), &want));
        }
        PatternKind::Bind(local)
    }

    fn ctor_pattern(
        &mut self,
        name: &ast::Name,
        args: &[PatternId],
        ty: Ty,
        span: vera_diagnostics::Span,
    ) -> PatternKind {
        let Some((data, ctor)) = self.lookup_ctor(name, report::unknown_applied) else {
            self.pattern_faults += 1;
            return PatternKind::Wildcard;
        };
        let shape = self.shape(ty);
        let fields = self.ctx.program.data(data).ctors[ctor as usize].fields.clone();
        let (matches, type_args) = match &shape {
            TyKind::Data(head, args) if *head == data => (true, args.clone()),
            _ => {
                let count = self.ctx.program.data(data).params.len();
                (false, vec![Ty::UNKNOWN; count])
            }
        };
        if !matches {
            let unknown = matches!(shape, TyKind::Unknown | TyKind::Undeclared(_));
            self.mismatch(&format!("{}(…)", name.text), ty, span, unknown);
        }
        if fields.len() != args.len() {
            self.pattern_faults += 1;
            let at = self.at(span);
            self.ctx.report(report::field_count(at, &name.text, fields.len(), args.len()));
            return PatternKind::Wildcard;
        }
        let args = args
            .iter()
            .zip(fields)
            .map(|(arg, field)| {
                let field = self.ctx.program.types.subst(field, &type_args);
                self.pattern(*arg, field)
            })
            .collect();
        if matches { PatternKind::Ctor { data, ctor, args } } else { PatternKind::Wildcard }
    }
}
