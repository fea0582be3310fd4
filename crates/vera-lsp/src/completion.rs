//! What can be written at the cursor.

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, Position, TextEdit,
};
use vera_check::typed::{ExprId, ExprKind, LocalId, ModuleId, Program};
use vera_check::types::{Printer, Ty};
use vera_diagnostics::Span;
use vera_syntax::ast::Decl;

use crate::document::{Document, ENTRY};
use crate::hover::smallest;
use crate::index::{self, Owner};

/// What stands before the cursor.
enum Place {
    /// At a typed hole.
    Hole(Span),
    /// Behind `@`, or in a type that follows it.
    Type,
    /// Behind `@T.`: its slot name.
    Index(String),
    /// Behind `E.`.
    Operation(String),
    /// Behind `effects(` or inside a row.
    Row,
    /// In a word, or where one may begin.
    Word,
}

/// The items at a position, the likeliest first; `None` where nothing can be said.
pub fn completion(document: &Document, at: Position) -> Option<Vec<CompletionItem>> {
    let program = document.program()?;
    let offset = document.offset(at);
    let text = document.checked.sources.get(ENTRY).text();
    let before = text.get(..offset as usize)?;
    let items = match place(text, before, offset) {
        Place::Hole(span) => hole(document, program, span),
        Place::Type => types(document, program),
        Place::Index(slot) => indices(program, offset, &slot),
        Place::Operation(effect) => operations(program, &effect),
        Place::Row => effects(program),
        Place::Word => {
            let mut items = bindings(program, offset);
            items.extend(names(program));
            items
        }
    };
    let number = |(i, mut item): (usize, CompletionItem)| {
        item.sort_text = Some(format!("{i:04}"));
        item
    };
    (!items.is_empty()).then(|| items.into_iter().enumerate().map(number).collect())
}

fn place(text: &str, before: &str, offset: u32) -> Place {
    if text[offset as usize..].starts_with('?') {
        return Place::Hole(Span::new(offset, offset + 1));
    }
    if before.ends_with('?') {
        return Place::Hole(Span::new(offset - 1, offset));
    }
    let line = before.rsplit('\n').next().unwrap_or_default();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let without_word = line.trim_end_matches(is_word);
    if let Some(head) = without_word.strip_suffix('.') {
        // `@Array<Int>.` is a slot, `State.` an effect.
        let slot = head.rfind('@').map(|at| &head[at + 1..]);
        if let Some(slot) = slot.filter(|slot| is_slot(slot)) {
            return Place::Index(slot.to_owned());
        }
        let start = head.trim_end_matches(is_word).len();
        return Place::Operation(head[start..].to_owned());
    }
    if without_word.ends_with('@') {
        return Place::Type;
    }
    match line.rfind("effects(") {
        Some(at) if !line[at..].contains(')') => Place::Row,
        _ => Place::Word,
    }
}

/// Whether a text is one type, written without blanks.
fn is_slot(text: &str) -> bool {
    let depth = text.matches('<').count() == text.matches('>').count();
    depth && text.starts_with(|c: char| c.is_ascii_uppercase()) && !text.contains([' ', '.'])
}

/// The bindings in scope at an expression, innermost first, as references.
fn in_scope(program: &Program, owner: Owner, e: ExprId) -> Vec<(String, LocalId)> {
    let body = index::body(program, owner);
    let mut out: Vec<(String, LocalId)> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for local in body.in_scope(e) {
        let slot = body[local].slot.as_str();
        let number = seen.iter().filter(|name| **name == slot).count();
        seen.push(slot);
        out.push((format!("@{slot}.{number}"), local));
    }
    out
}

/// The innermost expression at, or else before, an offset: what is in scope there.
fn nearest(program: &Program, offset: u32) -> Option<(Owner, ExprId)> {
    smallest_or_hole(program, offset).or_else(|| {
        let mut best: Option<(u32, Owner, ExprId)> = None;
        for (owner, body) in index::bodies(program, ModuleId(0)) {
            let Owner::Function(id) = owner else { continue };
            let span = program.function(id).span;
            if offset < span.start || span.end < offset {
                continue;
            }
            for (i, expr) in body.exprs.iter().enumerate() {
                let end = expr.span.end;
                if end <= offset && best.is_none_or(|(latest, ..)| latest < end) {
                    best = Some((end, owner, ExprId(i as u32)));
                }
            }
        }
        best.map(|(_, owner, e)| (owner, e))
    })
}

/// [`smallest`], of what has no type too.
fn smallest_or_hole(program: &Program, offset: u32) -> Option<(Owner, ExprId)> {
    let holes = index::bodies(program, ModuleId(0)).flat_map(|(owner, body)| {
        let exprs = body.exprs.iter().enumerate();
        exprs.map(move |(i, expr)| (owner, ExprId(i as u32), expr))
    });
    let around =
        |expr: &vera_check::typed::Expr| expr.span.start <= offset && offset <= expr.span.end;
    let hole = holes
        .filter(|(_, _, expr)| matches!(expr.kind, ExprKind::Hole) && around(expr))
        .min_by_key(|(_, _, expr)| expr.span.end - expr.span.start);
    let size = |owner, e: ExprId| {
        let span = index::body(program, owner)[e].span;
        span.end - span.start
    };
    match (hole, smallest(program, offset)) {
        (Some((owner, e, _)), Some((o, s))) if size(owner, e) <= size(o, s) => Some((owner, e)),
        (Some((owner, e, _)), None) => Some((owner, e)),
        (_, found) => found,
    }
}

/// Every binding in scope, with `fits` first.
fn listed(
    program: &Program,
    owner: Owner,
    e: ExprId,
    fits: impl Fn(Ty) -> bool,
) -> Vec<CompletionItem> {
    let body = index::body(program, owner);
    let printer = Printer::message(program);
    let item = |(label, local): (String, LocalId)| {
        let ty = body[local].ty;
        let item = CompletionItem {
            label,
            kind: Some(CompletionItemKind::VARIABLE),
            detail: Some(printer.ty(ty)),
            preselect: fits(ty).then_some(true),
            ..CompletionItem::default()
        };
        (!fits(ty), item)
    };
    let mut items: Vec<(bool, CompletionItem)> =
        in_scope(program, owner, e).into_iter().map(item).collect();
    items.sort_by_key(|(other, _)| *other);
    items.into_iter().map(|(_, item)| item).collect()
}

/// What fills a hole: bindings, and constructors and functions whose result fits.
fn hole(document: &Document, program: &Program, span: Span) -> Vec<CompletionItem> {
    let at_hole = index::bodies(program, ModuleId(0)).find_map(|(owner, body)| {
        let is = |e: &vera_check::typed::Expr| matches!(e.kind, ExprKind::Hole) && e.span == span;
        body.exprs.iter().position(is).map(|i| (owner, ExprId(i as u32)))
    });
    let Some((owner, e)) = at_hole else { return Vec::new() };
    let want = index::body(program, owner)[e].ty;
    let mut items = listed(program, owner, e, |ty| ty == want);
    for item in &mut items {
        let edit = TextEdit { range: document.range(span), new_text: item.label.clone() };
        item.text_edit = Some(CompletionTextEdit::Edit(edit));
    }
    items
}

fn bindings(program: &Program, offset: u32) -> Vec<CompletionItem> {
    match nearest(program, offset) {
        Some((owner, e)) => listed(program, owner, e, |_| false),
        None => Vec::new(),
    }
}

/// The numbers that name a binding of a slot.
fn indices(program: &Program, offset: u32, slot: &str) -> Vec<CompletionItem> {
    let Some((owner, e)) = nearest(program, offset) else { return Vec::new() };
    let body = index::body(program, owner);
    let printer = Printer::message(program);
    let named = in_scope(program, owner, e).into_iter().filter(|(_, l)| body[*l].slot == slot);
    let number = |(label, local): (String, LocalId)| {
        let number = label.rsplit('.').next().unwrap_or_default().to_owned();
        let parameter = index::parameter(program, owner, local);
        let what = match parameter {
            Some(i) => format!("parameter {}", i + 1),
            None => "bound in the body".to_owned(),
        };
        CompletionItem {
            label: number,
            kind: Some(CompletionItemKind::VARIABLE),
            detail: Some(format!("{} ({what})", printer.ty(body[local].ty))),
            ..CompletionItem::default()
        }
    };
    named.map(number).collect()
}

const SCALARS: [&str; 12] = [
    "Int", "Nat", "Bool", "String", "Float64", "Byte", "Unit", "Array", "Map", "Set", "Decimal",
    "Never",
];

fn types(document: &Document, program: &Program) -> Vec<CompletionItem> {
    let own = document.checked.trees.first().into_iter().flat_map(|tree| &tree.decls);
    let aliases = own.filter_map(|decl| match &decl.decl {
        Decl::Alias(alias) => Some(alias.name.text.to_string()),
        Decl::Fn(_) | Decl::Data(_) | Decl::Effect(_) | Decl::Ability(_) => None,
    });
    let datas = program.datas.iter().map(|data| data.name.to_string());
    let scalars = SCALARS.iter().map(|name| (*name).to_owned());
    let mut seen: Vec<String> = Vec::new();
    for name in aliases.chain(datas).chain(scalars) {
        if !seen.contains(&name) {
            seen.push(name);
        }
    }
    let item = |label| CompletionItem {
        label,
        kind: Some(CompletionItemKind::CLASS),
        ..CompletionItem::default()
    };
    seen.into_iter().map(item).collect()
}

fn effects(program: &Program) -> Vec<CompletionItem> {
    let item = |label: String| CompletionItem {
        label,
        kind: Some(CompletionItemKind::INTERFACE),
        ..CompletionItem::default()
    };
    let mut items = vec![item("pure".to_owned())];
    items.extend(program.effects.iter().map(|effect| item(effect.name.to_string())));
    items
}

fn operations(program: &Program, effect: &str) -> Vec<CompletionItem> {
    let ops = program.effects.iter().filter(|e| e.name == effect).flat_map(|e| &e.ops);
    let item = |op: &vera_check::typed::EffectOp| CompletionItem {
        label: op.name.to_string(),
        kind: Some(CompletionItemKind::METHOD),
        detail: Some(index::signature(program, &op.params, op.ret).1),
        ..CompletionItem::default()
    };
    ops.map(item).collect()
}

/// Functions and constructors: those of the file and of what it imports before what is
/// built in.
fn names(program: &Program) -> Vec<CompletionItem> {
    let visible = |module: ModuleId| !program.is_prelude(module);
    let mut items: Vec<CompletionItem> = Vec::new();
    for f in program.fns.iter().filter(|f| visible(f.module) && f.parent.is_none()) {
        items.push(CompletionItem {
            label: f.name.to_string(),
            kind: Some(CompletionItemKind::FUNCTION),
            detail: Some(f.signature.clone()),
            ..CompletionItem::default()
        });
    }
    for data in &program.datas {
        for ctor in &data.ctors {
            items.push(CompletionItem {
                label: ctor.name.to_string(),
                kind: Some(CompletionItemKind::CONSTRUCTOR),
                detail: Some(data.name.to_string()),
                ..CompletionItem::default()
            });
        }
    }
    let own: Vec<String> = items.iter().map(|item| item.label.clone()).collect();
    for f in vera_builtins::FUNCTIONS.iter().filter(|f| !own.iter().any(|name| name == f.name)) {
        items.push(CompletionItem {
            label: f.name.to_owned(),
            kind: Some(CompletionItemKind::FUNCTION),
            detail: Some(f.signature.to_owned()),
            documentation: Some(Documentation::String(f.doc.to_owned())),
            ..CompletionItem::default()
        });
    }
    items
}
