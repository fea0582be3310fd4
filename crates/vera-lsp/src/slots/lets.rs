//! Binding an expression with `let`, and writing what a `let` binds where it is used.

use vera_check::types::{Printer, Ty, TyKind, any};
use vera_diagnostics::Span;
use vera_session::Files;
use vera_syntax::Tok;
use vera_syntax::ast::{self, Block, Decl, FnDecl, StmtKind};

use super::rewriting::{Part, Rewriting};
use super::{Binder, Reference, Typed, as_before, inside, rename};
use crate::document::{Document, ENTRY};
use crate::index::Owner;

/// A place where a `let` can stand, with what would see its binding.
struct Place {
    /// Where it begins.
    start: u32,
    /// An expression that sees what the `let` would see.
    beside: Span,
    /// How far its binding is seen.
    end: u32,
    /// No block yet: what is there becomes one.
    opens: bool,
}

/// The document with the selected expression bound by a `let` before the statement that it
/// is in. `None` where the selection is no expression, or a `let` cannot bind it.
pub fn extracted(files: &dyn Files, document: &Document, selected: Span) -> Option<String> {
    if selected.start >= selected.end {
        return None;
    }
    let typed = Typed::new(document)?;
    let text = typed.text();
    let span = expression_at(&typed, selected)?;
    let (owner, e) = typed.at(span)?;
    let Owner::Function(_) = owner else { return None };
    let ty = bindable(&typed, typed.body(owner)[e].ty)?;
    let place = innermost(&typed, span)?;
    let (_, beside) = typed.at(place.beside)?;
    let seen = typed.chain(owner, beside);
    // What the expression sees besides would be out of scope.
    if typed.chain(owner, e) != seen || typed.is_isolated(span) {
        return None;
    }

    let binder = Binder { slot: typed.slot_of(ty).into(), at: Span::new(0, 0) };
    let mut rewriting = Rewriting::new(text);
    let region = Span::new(place.start, place.end);
    let written = Printer::slot(typed.program).ty(ty);
    let value = &text[span.start as usize..span.end as usize];
    let (before, behind) = if place.opens { ("{ ", " }") } else { ("", "") };
    let separator = separator(text, place.start);
    let parts = vec![
        Part::Text(format!("{before}let @{written} = {value};{separator}")),
        Part::Source(region),
        Part::Text(behind.to_owned()),
    ];
    rewriting.replace(region, parts);
    // Where it stood, nothing is bound nearer.
    rewriting.replace(span, vec![Part::Text(format!("@{}.0", binder.slot))]);
    let references = typed.references(region).ok()?;
    let others = references.iter().filter(|r| r.owner == owner && !inside(span, r.span));
    for reference in others {
        let outer = reference.chain.len().checked_sub(seen.len())?;
        let mut chain = reference.chain.clone();
        chain.insert(outer, binder.clone());
        let named = reference.named + usize::from(reference.named >= outer);
        rename(&mut rewriting, text, reference, (&chain, named));
    }
    finish(files, document, rewriting)
}

/// The document without the `let` at a place, with its value where its binding is used.
/// `None` where no `let` of one binding is there, or that could be noticed.
pub fn inlined(files: &dyn Files, document: &Document, at: u32) -> Option<String> {
    let typed = Typed::new(document)?;
    let text = typed.text();
    let blocks = blocks(typed.tree);
    let lets = blocks.iter().flat_map(|block| block.stmts.iter().map(move |stmt| (*block, stmt)));
    let lets = lets.filter_map(|(block, stmt)| match stmt.kind {
        StmtKind::Let { ty, value } if touches(stmt.span, at) => Some((block, stmt, ty, value)),
        _ => None,
    });
    let (block, stmt, ty, value) =
        lets.min_by_key(|(_, stmt, ..)| stmt.span.end - stmt.span.start)?;
    let (bound, value) = (typed.tree.nodes[ty].span, typed.tree.nodes[value].span);
    let (owner, e) = typed.at(value)?;
    let local = typed.body(owner).locals.iter().find(|local| local.span == bound)?;
    // Its type is part of what it says.
    if typed.body(owner)[e].ty != local.ty || typed.has_effects(owner, e) {
        return None;
    }
    let binder = Binder { slot: local.slot.clone(), at: bound };
    let outer = typed.chain(owner, e);
    let in_value = typed.references(value).ok()?;

    let mut rewriting = Rewriting::new(text);
    rewriting.replace(removed(text, stmt.span), Vec::new());
    let rest = Span::new(stmt.span.end, block.span.end);
    for reference in typed.references(rest).ok()?.iter().filter(|r| r.owner == owner) {
        let gone = reference.chain.iter().position(|b| *b == binder)?;
        let mut chain = reference.chain.clone();
        chain.remove(gone);
        if reference.named == gone {
            let value = moved(text, value, &in_value, outer.len(), &chain);
            rewriting.replace(reference.span, vec![Part::Text(value)]);
        } else {
            let named = reference.named - usize::from(reference.named > gone);
            rename(&mut rewriting, text, reference, (&chain, named));
        }
    }
    finish(files, document, rewriting)
}

/// The value of a `let` as it is written where `chain` is in scope; its own references see
/// `outer` bindings of where it stood.
fn moved(
    text: &str,
    value: Span,
    references: &[Reference],
    outer: usize,
    chain: &[Binder],
) -> String {
    let mut rewriting = Rewriting::new(text);
    for reference in references {
        let own = reference.chain.len() - outer;
        let mut seen = reference.chain[..own].to_vec();
        seen.extend_from_slice(chain);
        let named = &reference.chain[reference.named];
        // Which is further out by what was bound since.
        let at = reference.named
            + if reference.named < own { 0 } else { seen.len() - reference.chain.len() };
        debug_assert_eq!(seen.get(at), Some(named), "what was in scope is so still");
        rename(&mut rewriting, text, reference, (&seen, at));
    }
    let whole = rewriting.piece(value);
    let is_operand = whole.ends_with(')')
        || whole.chars().all(|c| c.is_ascii_alphanumeric() || "@._".contains(c));
    if is_operand && !whole.contains([' ', '\n']) { whole } else { format!("({whole})") }
}

/// The text of an edit, if it has no mistake that was not there.
fn finish(files: &dyn Files, document: &Document, rewriting: Rewriting<'_>) -> Option<String> {
    let old = document.checked.sources.get(ENTRY).text();
    let new = as_before(old, rewriting.finish());
    let again = Document::new(files, document.uri.clone(), document.version, new.clone());
    let errors = |document: &Document| {
        document.checked.diagnostics.iter().filter(|report| report.is_error()).count()
    };
    (errors(&again) <= errors(document)).then_some(new)
}

/// The expression that is selected, blanks around it aside.
fn expression_at(typed: &Typed<'_>, selected: Span) -> Option<Span> {
    let text = typed.text();
    let piece = text.get(selected.start as usize..selected.end as usize)?;
    let start = selected.start + (piece.len() - piece.trim_start().len()) as u32;
    let end = start + piece.trim().len() as u32;
    let spans = typed.tree.nodes.exprs().map(|e| e.span);
    let mut exact = spans.filter(|span| span.start == start && span.end == end);
    exact.next()
}

/// The type, if a `let` can have it.
fn bindable(typed: &Typed<'_>, ty: Ty) -> Option<Ty> {
    let types = &typed.program.types;
    let unknown = any(types, ty, &mut |kind| {
        matches!(kind, TyKind::Unknown | TyKind::Undeclared(_) | TyKind::Meta(_) | TyKind::Never)
    });
    (!unknown && !types.is_zero_size(ty)).then_some(ty)
}

/// The innermost place before an expression where a `let` can stand.
fn innermost(typed: &Typed<'_>, span: Span) -> Option<Place> {
    let text = typed.text();
    let mut best: Option<Place> = None;
    let mut consider = |place: Place| {
        let fits = place.start <= span.start && span.end <= place.end;
        let nearer = best.as_ref().is_none_or(|b| place.start >= b.start && place.end <= b.end);
        if fits && nearer {
            best = Some(place);
        }
    };
    for block in blocks(typed.tree) {
        let end = block.span.end;
        for stmt in &block.stmts {
            let (StmtKind::Let { value, .. }
            | StmtKind::Destructure { value, .. }
            | StmtKind::Expr(value)) = stmt.kind;
            if inside(stmt.span, span) {
                let beside = typed.tree.nodes[value].span;
                consider(Place { start: stmt.span.start, beside, end, opens: false });
            }
        }
        let behind = block.stmts.last().map_or(block.span.start, |stmt| stmt.span.end);
        let start = vera_syntax::tokens(text, Span::new(behind, end)).first()?.span.start;
        let beside = typed.tree.nodes[block.result].span;
        if start <= span.start {
            consider(Place { start, beside, end, opens: false });
        }
    }
    for expr in typed.tree.nodes.exprs() {
        let ast::ExprKind::Match { arms, .. } = &expr.kind else { continue };
        for arm in arms {
            let behind = typed.tree.nodes[arm.pattern].span.end;
            let tokens = vera_syntax::tokens(text, Span::new(behind, arm.span.end));
            let [arrow, body, ..] = tokens[..] else { continue };
            if arrow.kind == Tok::Arrow {
                let beside = typed.tree.nodes[arm.body].span;
                let (start, end) = (body.span.start, arm.span.end);
                consider(Place { start, beside, end, opens: true });
            }
        }
    }
    best
}

/// Every block of a file.
pub fn blocks(tree: &ast::Program) -> Vec<&Block> {
    fn of_function<'t>(f: &'t FnDecl, out: &mut Vec<&'t Block>) {
        out.push(&f.body);
        f.helpers.iter().for_each(|helper| of_function(helper, out));
    }
    let mut out = Vec::new();
    for decl in &tree.decls {
        match &decl.decl {
            Decl::Fn(f) => of_function(f, &mut out),
            Decl::Data(_) | Decl::Alias(_) | Decl::Effect(_) | Decl::Ability(_) => {}
        }
    }
    for expr in tree.nodes.exprs() {
        match &expr.kind {
            ast::ExprKind::Block(block) => out.push(block),
            ast::ExprKind::If { then, otherwise, .. } => out.extend([then, otherwise]),
            ast::ExprKind::Closure(closure) => out.push(&closure.body),
            ast::ExprKind::Quantifier { predicate, .. } => out.push(&predicate.body),
            ast::ExprKind::Handle(handle) => out.push(&handle.body),
            _ => {}
        }
    }
    out
}

/// What stands between a new statement and the next: a new line where that one begins its
/// line.
fn separator(text: &str, at: u32) -> String {
    let line = text[..at as usize].rfind('\n').map_or(0, |i| i + 1);
    let indent = &text[line..at as usize];
    if indent.trim().is_empty() { format!("\n{indent}") } else { " ".to_owned() }
}

/// A statement with the blanks before it, where it begins its line.
fn removed(text: &str, stmt: Span) -> Span {
    let before = &text[..stmt.start as usize];
    let blanks = before.trim_end();
    let start =
        if before[blanks.len()..].contains('\n') { blanks.len() as u32 } else { stmt.start };
    Span::new(start, stmt.end)
}

fn touches(span: Span, at: u32) -> bool {
    span.start <= at && at <= span.end
}
