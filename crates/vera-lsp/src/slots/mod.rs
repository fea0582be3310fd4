//! Rewriting that keeps slots right: when bindings come, go or change places, the index of
//! every reference is counted anew, so that it goes on naming the binding it named.
//!
//! What a reference names is what the checker resolved it to. Its *chain* is all that is in
//! scope there, innermost first, and its index is how many bindings of the same slot name
//! stand before its own. An edit says how chains change; the rest is counting.

mod lets;
mod rewriting;
mod signature;
#[cfg(test)]
mod tests;

use smol_str::SmolStr;
use vera_check::typed::{Body, ExprId, ExprKind, LocalId, ModuleId, Program};
use vera_check::types::{Printer, Ty, TyKind};
use vera_diagnostics::Span;
use vera_syntax::ast::{self, TypeKind};

use crate::document::{Document, ENTRY};
use crate::index::{self, Expressions, Owner};

pub use lets::{blocks, extracted, inlined};
pub use signature::{Parameter, changed_calls, changed_signature, function_named};

use rewriting::{Part, Rewriting};

/// A binding as a chain has it. Its place in the text tells it from others.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Binder {
    slot: SmolStr,
    at: Span,
}

/// A slot reference of the document.
#[derive(Clone, Debug)]
struct Reference {
    span: Span,
    owner: Owner,
    chain: Vec<Binder>,
    /// The binding it names, in the chain.
    named: usize,
}

impl Reference {
    fn slot(&self) -> &SmolStr {
        &self.chain[self.named].slot
    }
}

/// What the expressions of the document are, by place.
struct Typed<'d> {
    document: &'d Document,
    program: &'d Program,
    tree: &'d ast::Program,
    exprs: Expressions,
}

impl<'d> Typed<'d> {
    fn new(document: &'d Document) -> Option<Typed<'d>> {
        let program = document.program()?;
        let tree = document.checked.trees.first()?;
        let mut exprs = index::expressions(program, ModuleId(0));
        // What is piped into is typed without what is piped.
        for expr in tree.nodes.exprs() {
            let stage = match &expr.kind {
                ast::ExprKind::Call { stage, .. }
                | ast::ExprKind::CtorCall { stage, .. }
                | ast::ExprKind::OpCall { stage, .. }
                | ast::ExprKind::ModuleCall { stage, .. } => *stage,
                _ => None,
            };
            let typed = stage.and_then(|stage| exprs.get(&stage.span)).cloned();
            if let Some(typed) = typed {
                exprs.entry(expr.span).or_default().extend(typed);
            }
        }
        Some(Typed { document, program, tree, exprs })
    }

    fn text(&self) -> &'d str {
        self.document.checked.sources.get(ENTRY).text()
    }

    fn body(&self, owner: Owner) -> &'d Body {
        index::body(self.program, owner)
    }

    /// The typed expression that was written at a place, checks of narrower types left out.
    fn at(&self, span: Span) -> Option<(Owner, ExprId)> {
        let all = self.exprs.get(&span)?;
        let kind = |(owner, e): &&(Owner, ExprId)| {
            !matches!(self.body(*owner)[*e].kind, ExprKind::Narrow { .. })
        };
        all.iter().find(kind).copied()
    }

    fn chain(&self, owner: Owner, e: ExprId) -> Vec<Binder> {
        let body = self.body(owner);
        let binder = |local: LocalId| {
            let local = &body[local];
            Binder { slot: local.slot.clone(), at: local.span }
        };
        body.in_scope(e).map(binder).collect()
    }

    /// The references in a part of the text.
    ///
    /// # Errors
    /// Where one stands that names nothing.
    fn references(&self, part: Span) -> Result<Vec<Reference>, String> {
        let mut out = Vec::new();
        for expr in self.tree.nodes.exprs().filter(|e| inside(part, e.span)) {
            if !matches!(expr.kind, ast::ExprKind::Slot { .. }) || self.is_isolated(expr.span) {
                continue;
            }
            let found = self.exprs.get(&expr.span).into_iter().flatten();
            let reference = found.into_iter().find_map(|(owner, e)| {
                let ExprKind::Local(local) = self.body(*owner)[*e].kind else { return None };
                let named = self.body(*owner).in_scope(*e).position(|l| l == local)?;
                let chain = self.chain(*owner, *e);
                Some(Reference { span: expr.span, owner: *owner, chain, named })
            });
            let unresolved = || {
                let at = self.document.checked.sources.get(ENTRY).line_col(expr.span.start);
                format!("the reference at {}:{} names nothing: mend it first", at.line, at.column)
            };
            out.push(reference.ok_or_else(unresolved)?);
        }
        Ok(out)
    }

    /// Whether a place is in the predicate of a refinement, which sees its own binding alone.
    fn is_isolated(&self, span: Span) -> bool {
        self.tree.nodes.types().any(|ty| match &ty.kind {
            TypeKind::Refined { predicate, .. } => inside(self.tree.nodes[*predicate].span, span),
            TypeKind::Named { .. } | TypeKind::Fn { .. } | TypeKind::Error => false,
        })
    }

    /// Whether evaluating an expression can be noticed, other than by its value.
    fn has_effects(&self, owner: Owner, e: ExprId) -> bool {
        let body = self.body(owner);
        let mut open = vec![e];
        while let Some(e) = open.pop() {
            let kind = &body[e].kind;
            match kind {
                ExprKind::Perform { .. }
                | ExprKind::Apply { .. }
                | ExprKind::Resume(_)
                | ExprKind::Handle(_)
                | ExprKind::Assert { .. }
                | ExprKind::Assume(_) => return true,
                ExprKind::Call { callee, .. }
                    if !self.program.function(*callee).effects.is_empty() =>
                {
                    return true;
                }
                // Making one does nothing.
                ExprKind::Closure { .. } => {}
                ExprKind::Builtin { function, .. }
                    if function.function().effects != vera_builtins::Effects::Pure =>
                {
                    return true;
                }
                _ => kind.for_each_child(|child| open.push(child)),
            }
        }
        false
    }

    /// The slot name that a binding of a type has.
    fn slot_of(&self, ty: Ty) -> String {
        match self.program.types.kind(ty) {
            TyKind::Refined(base, ..) => self.slot_of(*base),
            TyKind::Fn { .. } => "Fn".to_owned(),
            _ => Printer::slot(self.program).ty(ty),
        }
    }
}

fn inside(outer: Span, inner: Span) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// The index of a binding in a chain.
fn index_in(chain: &[Binder], named: usize) -> usize {
    chain[..named].iter().filter(|binder| binder.slot == chain[named].slot).count()
}

/// Has a reference name a binding of another chain, if it is written otherwise then.
fn rename(
    rewriting: &mut Rewriting<'_>,
    text: &str,
    reference: &Reference,
    (chain, named): (&[Binder], usize),
) {
    let slot = &chain[named].slot;
    let index = index_in(chain, named);
    let written = &text[reference.span.start as usize..reference.span.end as usize];
    let head = written.trim_end_matches(|c: char| c.is_ascii_digit());
    if slot != reference.slot() {
        rewriting.replace(reference.span, vec![Part::Text(format!("@{slot}.{index}"))]);
    } else if written[head.len()..] != index.to_string() {
        rewriting.replace(reference.span, vec![Part::Text(format!("{head}{index}"))]);
    }
}

/// The canonical form of a text that was made of a canonical one; else the text as it is.
fn as_before(old: &str, new: String) -> String {
    let canonical = |text: &str| {
        let parsed = vera_syntax::parse(text);
        if parsed.errors.is_empty() { vera_fmt::format_checked(text, &parsed).ok() } else { None }
    };
    if canonical(old).as_deref() == Some(old) { canonical(&new).unwrap_or(new) } else { new }
}
