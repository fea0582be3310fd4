//! An effect more in the row of a function, and of all whose calls lead to it
//! (`vera/addEffect`; language reference, chapter 17.8.5).

use std::collections::HashSet;
use std::sync::Arc;

use vera_diagnostics::{FileSpan, Span};
use vera_syntax::ast;

use crate::document::{Document, ENTRY};
use crate::index::Target;
use crate::project;
use crate::proposals::{function, functions};
use crate::workspace::Workspace;

/// A file with functions whose rows are to have the effect.
pub struct Spread {
    pub document: Arc<Document>,
    /// As the client counts, where it is open.
    pub version: Option<i32>,
    /// Top-level functions, by name.
    functions: HashSet<String>,
}

/// The function and every top-level one of the document that calls it, directly or not,
/// outside of a `handle` of the effect.
///
/// # Errors
/// Why there is no such function.
pub fn in_document(document: &Arc<Document>, name: &str, effect: &str) -> Result<Spread, String> {
    let (tree, _) = function(document, name)?;
    let functions = callers(document, tree, HashSet::from([name.to_owned()]), effect);
    let version = Some(document.version);
    Ok(Spread { document: Arc::clone(document), version, functions })
}

/// The same in every file of the project. The document's own comes first.
///
/// # Errors
/// As [`in_document`].
pub fn in_project(
    workspace: &Workspace,
    document: &Arc<Document>,
    name: &str,
    effect: &str,
) -> Result<Vec<Spread>, String> {
    let own = in_document(document, name, effect)?;
    let mut waiting: Vec<(usize, String)> =
        own.functions.iter().map(|name| (0, name.clone())).collect();
    let mut files = vec![own];
    while let Some((file, name)) = waiting.pop() {
        let declaring = Arc::clone(&files[file].document);
        let (_, f) = function(&declaring, &name)?;
        let at = FileSpan { file: ENTRY, span: f.name.span };
        let Some(place) = declaring.location(at) else { continue };
        for neighbour in project::neighbours(workspace, &declaring, &name) {
            let project::Neighbour { document, version } = neighbour;
            let Some(target @ Target::Function(_)) = document.index_at(&place) else { continue };
            let known = files.iter().position(|file| file.document.uri == document.uri);
            let file = known.unwrap_or_else(|| {
                files.push(Spread { document, version, functions: HashSet::new() });
                files.len() - 1
            });
            waiting.extend(files[file].add(target, effect).into_iter().map(|name| (file, name)));
        }
    }
    files.retain(|file| !file.functions.is_empty());
    Ok(files)
}

impl Spread {
    /// Those that call a function of another file, and all that call them: whoever is new.
    fn add(&mut self, target: Target, effect: &str) -> Vec<String> {
        let document = Arc::clone(&self.document);
        let Some(tree) = document.checked.trees.first() else { return Vec::new() };
        let handled = handled(&document, tree, effect);
        let calls = document.index().all(target).filter(|o| o.file == ENTRY && !o.declares);
        let direct = calls
            .filter(|o| !is_within(&handled, o.span))
            .filter_map(|o| Some(around(tree, o.span)?.name.text.to_string()));
        let roots: HashSet<String> = direct.chain(self.functions.iter().cloned()).collect();
        let all = callers(&document, tree, roots, effect);
        let new = all.difference(&self.functions).cloned().collect();
        self.functions = all;
        new
    }

    /// The text with the effect in the rows that lack it, and the names of those functions,
    /// in order.
    pub fn rewritten(&self, effect: &str) -> (String, Vec<String>) {
        let mut text = self.document.checked.sources.get(ENTRY).text().to_owned();
        let Some(tree) = self.document.checked.trees.first() else { return (text, Vec::new()) };
        let mut names = Vec::new();
        let mut edits: Vec<(Span, String)> = Vec::new();
        for f in functions(tree).filter(|f| self.functions.contains(f.name.text.as_str())) {
            let written = |span: Span| text[span.start as usize..span.end as usize].to_owned();
            let mut members: Vec<String> =
                f.effects.effects.iter().map(|e| written(e.span)).collect();
            if members.iter().any(|member| base(member) == base(effect)) {
                continue;
            }
            members.push(effect.to_owned());
            edits.push((f.effects.span, format!("<{}>", members.join(", "))));
            names.push(f.name.text.to_string());
        }
        for (span, row) in edits.into_iter().rev() {
            text.replace_range(span.start as usize..span.end as usize, &row);
        }
        (text, names)
    }
}

/// The name of an effect without its arguments.
fn base(written: &str) -> &str {
    written.split('<').next().unwrap_or_default().trim()
}

/// The bodies of handlers whose head is written as the effect is.
fn handled(document: &Document, tree: &ast::Program, effect: &str) -> Vec<Span> {
    let without_blanks = |written: &str| written.replace(char::is_whitespace, "");
    let wanted = without_blanks(effect);
    let handles = tree.nodes.exprs().filter_map(|e| match &e.kind {
        ast::ExprKind::Handle(handle) => {
            let head = document.slice(FileSpan { file: ENTRY, span: handle.effect.span });
            (without_blanks(head) == wanted).then_some(handle.body.span)
        }
        _ => None,
    });
    handles.collect()
}

fn is_within(places: &[Span], span: Span) -> bool {
    places.iter().any(|place| place.start <= span.start && span.end <= place.end)
}

/// The top-level function around a place.
fn around(tree: &ast::Program, at: Span) -> Option<&ast::FnDecl> {
    functions(tree).find(|f| f.span.start <= at.start && at.end <= f.span.end)
}

/// These functions and every top-level one that calls one of them, directly or not, outside
/// of a `handle` of the effect.
fn callers(
    document: &Document,
    tree: &ast::Program,
    mut out: HashSet<String>,
    effect: &str,
) -> HashSet<String> {
    let handled = handled(document, tree, effect);
    let own_path = tree.module.as_ref().map(|module| module.path.dotted());
    let mut calls: Vec<(String, String)> = Vec::new();
    for e in tree.nodes.exprs() {
        let callee = match &e.kind {
            ast::ExprKind::Call { name, .. } => name,
            ast::ExprKind::ModuleCall { path, name, .. }
                if own_path.as_deref() == Some(&path.dotted()) =>
            {
                name
            }
            _ => continue,
        };
        if let Some(f) = around(tree, e.span).filter(|_| !is_within(&handled, e.span)) {
            calls.push((f.name.text.to_string(), callee.text.to_string()));
        }
    }
    loop {
        let more: Vec<String> = calls
            .iter()
            .filter(|(caller, callee)| out.contains(callee) && !out.contains(caller))
            .map(|(caller, _)| caller.clone())
            .collect();
        if more.is_empty() {
            return out;
        }
        out.extend(more);
    }
}
