//! What stands under the cursor.

use std::fmt::Write;

use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind, Position};
use vera_check::typed::{ExprId, FnId, LocalId, ModuleId, Program};
use vera_check::types::{Printer, Ty};
use vera_diagnostics::{FileSpan, Span};
use vera_session::comment_above;
use vera_verify::Status;

use crate::document::{Document, ENTRY, Proofs};
use crate::index::{self, Occurrence, Owner, Target};

/// The hover text at a position: the type of the expression there, and what the name there
/// stands for.
pub fn hover(document: &Document, proofs: Option<&Proofs>, at: Position) -> Option<Hover> {
    let program = document.program()?;
    let offset = document.offset(at);
    let name = document.index().at(ENTRY, offset);
    let expression = smallest(program, offset);
    let mut value = String::new();
    let mut span = name.map(|name| name.span);
    if let Some((owner, e)) = expression {
        let expr = &index::body(program, owner)[e];
        let ty = Printer::message(program).ty(expr.ty);
        value = fenced(&ty);
        span = Some(expr.span);
    }
    if let Some(name) = name {
        let described = described(document, proofs, name);
        // Where a name is declared there is no expression of its own.
        let declares = name.declares
            && expression.is_none_or(|(owner, e)| {
                index::body(program, owner)[e].span.start > name.span.start
            });
        if declares {
            value.clear();
            span = Some(name.span);
        }
        if let Some(text) = described {
            value.push_str(&text);
        }
    }
    if let Some(clause) = clause(document, proofs, offset) {
        _ = write!(value, "\n\n{clause}");
    }
    if value.is_empty() {
        return None;
    }
    let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value });
    Some(Hover { contents, range: span.map(|span| document.range(span)) })
}

fn fenced(code: &str) -> String {
    format!("```vera\n{code}\n```")
}

/// The smallest typed expression of the document around an offset.
pub fn smallest(program: &Program, offset: u32) -> Option<(Owner, ExprId)> {
    let mut best: Option<(u32, Owner, ExprId)> = None;
    for (owner, body) in index::bodies(program, ModuleId(0)) {
        for (i, expr) in body.exprs.iter().enumerate() {
            let Span { start, end } = expr.span;
            let size = end - start;
            let inside = start <= offset && offset <= end;
            // Of those that are written alike, the outermost has the type that counts.
            if inside && expr.ty != Ty::UNKNOWN && best.is_none_or(|(least, ..)| size <= least) {
                best = Some((size, owner, ExprId(i as u32)));
            }
        }
    }
    best.map(|(_, owner, e)| (owner, e))
}

/// What a name stands for, in words.
fn described(document: &Document, proofs: Option<&Proofs>, name: Occurrence) -> Option<String> {
    let program = document.program()?;
    match name.target {
        Target::Local(owner, local) => binder(document, owner, local),
        Target::Function(id) => Some(function(document, proofs, id)),
        Target::Builtin(id) => {
            let function = id.function();
            let signature = format!("{} {}", function.name, function.signature);
            Some(format!("\n\n{}\n\n{}", fenced(&signature), function.doc))
        }
        Target::Operation(effect, op) => {
            let effect = &program.effects[effect.index()];
            let op = &effect.ops[op as usize];
            let (_, signature) = index::signature(program, &op.params, op.ret);
            let whole = format!("{}.{}{signature}", effect.name, op.name);
            Some(format!("\n\n{}", fenced(&whole)))
        }
        Target::Constructor(data, _) | Target::Data(data) => {
            let data = program.data(data);
            let file = program.modules[data.module.index()].file;
            let at = FileSpan { file, span: data.span };
            Some(format!("\n\n{}", fenced(document.slice(at))))
        }
        Target::Effect(_) | Target::Alias(..) => {
            let declared = document.index().declaration(name.target)?;
            let text = document.checked.sources.get(declared.file).text();
            let start = text[..declared.span.start as usize].rfind('\n').map_or(0, |at| at + 1);
            let end = text[start..].find('\n').map_or(text.len(), |at| start + at);
            Some(format!("\n\n{}", fenced(text[start..end].trim_end_matches('{').trim_end())))
        }
    }
}

/// Which binding a slot names.
pub fn binder(document: &Document, owner: Owner, local: LocalId) -> Option<String> {
    let program = document.program()?;
    let body = index::body(program, owner);
    let at = &body[local];
    let line = document.range(at.span).start.line + 1;
    let parameter = index::parameter(program, owner, local);
    Some(match parameter {
        Some(i) => format!("\n\nparameter {} of `{}`", i + 1, owner_name(program, owner)),
        None => format!("\n\nbound in line {line} as `@{}`", at.slot),
    })
}

fn owner_name(program: &Program, owner: Owner) -> &str {
    match owner {
        Owner::Function(id) => &program.function(id).name,
        Owner::Refinement(id) => program.refinements[id.index()].name.as_deref().unwrap_or("_"),
    }
}

/// Signature, contract and comment of a function, and how it is proved.
pub fn function(document: &Document, proofs: Option<&Proofs>, id: FnId) -> String {
    let Some(program) = document.program() else { return String::new() };
    let f = program.function(id);
    let file = program.modules[f.module.index()].file;
    let text = document.checked.sources.get(file).text();
    let body = f.body.exprs.get(f.result.index()).map_or(f.span.end, |e| e.span.start);
    let header = text.get(f.span.start as usize..body.max(f.span.start) as usize);
    let header = header.unwrap_or_default().trim_end().trim_end_matches('{').trim_end();
    let mut out = format!("\n\n{}", fenced(header));
    let parsed = vera_syntax::parse(text);
    if let Some(comment) = declaration_comment(text, &parsed, f.span) {
        _ = write!(out, "\n\n{comment}");
    }
    let at = FileSpan { file, span: f.span };
    if let Some(proof) = proofs.and_then(|proofs| proofs.overview.of(at)) {
        _ = write!(out, "\n\n*{}*", proof.as_str());
    }
    out
}

/// The comment above the declaration around a span.
fn declaration_comment(text: &str, parsed: &vera_syntax::Parsed, span: Span) -> Option<String> {
    let around = |decl: &&vera_syntax::ast::TopDecl| {
        decl.span.start <= span.start && span.end <= decl.span.end
    };
    let decl = parsed.program.decls.iter().find(around)?;
    comment_above(text, &parsed.comments, decl.span.start)
}

/// How the contract clause at an offset is proved.
fn clause(document: &Document, proofs: Option<&Proofs>, offset: u32) -> Option<String> {
    let program = document.program()?;
    let clauses = program.fns.iter().filter(|f| f.module == ModuleId(0)).flat_map(|f| &f.clauses);
    let clause = clauses.into_iter().find(|c| c.span.start <= offset && offset <= c.span.end)?;
    let records = proofs?.verification.records.iter();
    let of_clause = records.filter(|r| r.at.file == ENTRY && r.at.span == clause.span);
    let worst = of_clause.map(|r| r.status).max_by_key(|status| match status {
        Status::Verified => 0,
        Status::Tier3 | Status::Timeout => 1,
        Status::Tier3Unguarded => 2,
        Status::Violated => 3,
    })?;
    Some(match worst {
        Status::Verified => "*proved*".to_owned(),
        Status::Tier3 | Status::Timeout => "*checked at run time*".to_owned(),
        Status::Tier3Unguarded => "*neither proved nor checked*".to_owned(),
        Status::Violated => "*refuted*".to_owned(),
    })
}
