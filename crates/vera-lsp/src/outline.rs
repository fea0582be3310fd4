//! What a document consists of: symbols, folds, and what stands beside the lines.

use lsp_types::{
    CodeLens, Command, DocumentSymbol, FoldingRange, InlayHint, InlayHintKind, InlayHintLabel,
    Position, Range, SelectionRange, SymbolKind,
};
use serde_json::json;
use vera_check::typed::ModuleId;
use vera_diagnostics::{FileSpan, Span};
use vera_syntax::ast::{self, Decl};
use vera_verify::FunctionProof;

use crate::calls;
use crate::document::{Document, ENTRY, Proofs};
use crate::index::{self, Target};

/// The declarations of the document, helpers and constructors inside theirs.
pub fn symbols(document: &Document) -> Vec<DocumentSymbol> {
    let Some(tree) = document.checked.trees.first() else { return Vec::new() };
    tree.decls.iter().map(|decl| symbol(document, decl)).collect()
}

fn symbol(document: &Document, decl: &ast::TopDecl) -> DocumentSymbol {
    match &decl.decl {
        Decl::Fn(f) => function(document, f, decl.span),
        Decl::Data(d) => {
            let ctors = d.ctors.iter();
            let children =
                ctors.map(|c| one(document, &c.name, SymbolKind::ENUM_MEMBER, c.span, Vec::new()));
            one(document, &d.name, SymbolKind::ENUM, decl.span, children.collect())
        }
        Decl::Alias(d) => one(document, &d.name, SymbolKind::CLASS, decl.span, Vec::new()),
        Decl::Effect(d) | Decl::Ability(d) => {
            let ops = d.ops.iter();
            let children =
                ops.map(|op| one(document, &op.name, SymbolKind::METHOD, op.span, Vec::new()));
            one(document, &d.name, SymbolKind::INTERFACE, decl.span, children.collect())
        }
    }
}

fn function(document: &Document, f: &ast::FnDecl, span: Span) -> DocumentSymbol {
    let helpers = f.helpers.iter().map(|helper| function(document, helper, helper.span));
    let mut symbol = one(document, &f.name, SymbolKind::FUNCTION, span, helpers.collect());
    let signature = FileSpan { file: ENTRY, span: f.signature_span };
    symbol.detail = Some(document.slice(signature).to_owned());
    symbol
}

fn one(
    document: &Document,
    name: &ast::Name,
    kind: SymbolKind,
    span: Span,
    children: Vec<DocumentSymbol>,
) -> DocumentSymbol {
    #[expect(deprecated, reason = "the protocol's own type still has the field")]
    DocumentSymbol {
        name: name.text.to_string(),
        detail: None,
        kind,
        tags: None,
        deprecated: None,
        range: document.range(span),
        selection_range: document.range(name.span),
        children: (!children.is_empty()).then_some(children),
    }
}

/// Declarations of several lines.
pub fn folds(document: &Document) -> Vec<FoldingRange> {
    let Some(tree) = document.checked.trees.first() else { return Vec::new() };
    let fold = |decl: &ast::TopDecl| {
        let range = document.range(decl.span);
        (range.start.line < range.end.line).then(|| FoldingRange {
            start_line: range.start.line,
            end_line: range.end.line,
            ..FoldingRange::default()
        })
    };
    tree.decls.iter().filter_map(fold).collect()
}

/// What is selected by growing from a position: ever larger expressions, then the
/// declaration.
pub fn selection(document: &Document, at: Position) -> Option<SelectionRange> {
    let tree = document.checked.trees.first()?;
    let offset = document.offset(at);
    let around = |span: &Span| span.start <= offset && offset <= span.end;
    let exprs = tree.nodes.exprs().map(|e| e.span);
    let types = tree.nodes.types().map(|t| t.span);
    let decls = tree.decls.iter().map(|d| d.span);
    let mut spans: Vec<Span> = exprs.chain(types).chain(decls).filter(around).collect();
    spans.sort_by_key(|span| std::cmp::Reverse(span.end - span.start));
    spans.dedup();
    let mut out: Option<SelectionRange> = None;
    for span in spans {
        let range = document.range(span);
        out = Some(SelectionRange { range, parent: out.map(Box::new) });
    }
    out
}

/// Behind each slot reference of a range which binding it names, before each argument the
/// type it is wanted at, and behind each function how it is proved.
pub fn hints(document: &Document, proofs: Option<&Proofs>, range: Range) -> Vec<InlayHint> {
    let Some(program) = document.program() else { return Vec::new() };
    let (first, last) = (document.offset(range.start), document.offset(range.end));
    let mut out = Vec::new();
    for name in document.index().of_file(ENTRY) {
        if name.span.end < first || name.span.start > last || name.declares {
            continue;
        }
        let Target::Local(owner, local) = name.target else { continue };
        let parameter = index::parameter(program, owner, local);
        let body = index::body(program, owner);
        let label = match parameter {
            Some(i) => format!("← parameter {}", i + 1),
            None => format!("← line {}", document.range(body[local].span).start.line + 1),
        };
        out.push(hint(document, name.span.end, label));
    }
    let types = calls::arguments(document, Span::new(first, last)).into_iter();
    out.extend(types.map(|(place, ty)| InlayHint {
        kind: Some(InlayHintKind::PARAMETER),
        padding_left: None,
        padding_right: Some(true),
        ..hint(document, place, format!("{ty}:"))
    }));
    for FunctionProof { at, proof, .. } in
        proofs.into_iter().flat_map(|proofs| &proofs.overview.functions)
    {
        let function = program.fns.iter().find(|f| f.module == ModuleId(0) && f.span == at.span);
        let Some(function) = function.filter(|_| at.file == ENTRY) else { continue };
        let end = function.name_span.end;
        if first <= end && end <= last {
            out.push(hint(document, end, proof.as_str().to_owned()));
        }
    }
    out.sort_by_key(|hint| (hint.position.line, hint.position.character));
    out
}

fn hint(document: &Document, at: u32, label: String) -> InlayHint {
    InlayHint {
        position: document.range(Span::new(at, at)).start,
        label: InlayHintLabel::String(label),
        kind: Some(InlayHintKind::TYPE),
        text_edits: None,
        tooltip: None,
        padding_left: Some(true),
        padding_right: None,
        data: None,
    }
}

/// Above each function how it is proved, and what can be done with it.
pub fn lenses(document: &Document, proofs: Option<&Proofs>) -> Vec<CodeLens> {
    let Some(program) = document.program() else { return Vec::new() };
    let mut out = Vec::new();
    for f in program.entry_fns.iter().map(|f| program.function(*f)) {
        let range = document.range(f.name_span);
        let at = FileSpan { file: ENTRY, span: f.span };
        let proof = proofs.and_then(|proofs| proofs.overview.of(at));
        let status = match (proof, proofs) {
            (Some(proof), _) => proof.as_str(),
            (None, Some(_)) => "nothing to prove",
            (None, None) => "being proved",
        };
        let arguments = vec![json!(document.uri.as_str()), json!(f.name.as_str())];
        for (title, command) in [(status, ""), ("verify", "vera.verify"), ("test", "vera.test")] {
            let command = Command {
                title: title.to_owned(),
                command: command.to_owned(),
                arguments: (!command.is_empty()).then(|| arguments.clone()),
            };
            out.push(CodeLens { range, command: Some(command), data: None });
        }
    }
    out
}
