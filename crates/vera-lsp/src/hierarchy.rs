//! Who calls whom.

use std::sync::Arc;

use lsp_types::{
    CallHierarchyIncomingCall, CallHierarchyItem, CallHierarchyOutgoingCall, Location, Position,
    SymbolKind,
};
use vera_check::typed::{FnId, ModuleId};
use vera_diagnostics::FileSpan;

use crate::document::{Document, ENTRY};
use crate::index::Target;
use crate::navigation;
use crate::project;
use crate::workspace::Workspace;

/// The function at a position.
pub fn prepare(document: &Document, at: Position) -> Option<Vec<CallHierarchyItem>> {
    let Target::Function(id) = navigation::name(document, at)?.target else { return None };
    Some(vec![item(document, id)?])
}

/// A function as the hierarchy shows it; `None` of the prelude's.
fn item(document: &Document, id: FnId) -> Option<CallHierarchyItem> {
    let program = document.program()?;
    let f = program.function(id);
    let file = program.modules[f.module.index()].file;
    let whole = document.location(FileSpan { file, span: f.span })?;
    let name = document.location(FileSpan { file, span: f.name_span })?;
    Some(CallHierarchyItem {
        name: f.name.to_string(),
        kind: SymbolKind::FUNCTION,
        tags: None,
        detail: Some(f.signature.clone()),
        uri: whole.uri,
        range: whole.range,
        selection_range: name.range,
        data: None,
    })
}

/// The document that an item is of, and which function it is there.
fn of_item(workspace: &Workspace, item: &CallHierarchyItem) -> Option<(Arc<Document>, FnId)> {
    let document = project::document(workspace, &item.uri)?;
    let place = Location { uri: item.uri.clone(), range: item.selection_range };
    match document.index_at(&place)? {
        Target::Function(id) => Some((document, id)),
        _ => None,
    }
}

/// The functions that call it, in every file of the project.
pub fn incoming(
    workspace: &Workspace,
    item: &CallHierarchyItem,
) -> Option<Vec<CallHierarchyIncomingCall>> {
    let (document, _) = of_item(workspace, item)?;
    let place = Location { uri: item.uri.clone(), range: item.selection_range };
    let others = project::neighbours(workspace, &document, &item.name);
    let documents = std::iter::once(document).chain(others.into_iter().map(|n| n.document));
    let mut out = Vec::new();
    for document in documents {
        let target = document.index_at(&place);
        let Some(Target::Function(id)) = target else { continue };
        for (caller, at) in
            calls(&document).filter(|(_, _, callee)| *callee == id).map(|(c, a, _)| (c, a))
        {
            let Some(from) = self::item(&document, caller) else { continue };
            let known =
                out.iter_mut().find(|call: &&mut CallHierarchyIncomingCall| call.from == from);
            match known {
                Some(call) => call.from_ranges.push(at),
                None => out.push(CallHierarchyIncomingCall { from, from_ranges: vec![at] }),
            }
        }
    }
    Some(out)
}

/// The functions that it calls.
pub fn outgoing(
    workspace: &Workspace,
    item: &CallHierarchyItem,
) -> Option<Vec<CallHierarchyOutgoingCall>> {
    let (document, id) = of_item(workspace, item)?;
    let mut out: Vec<CallHierarchyOutgoingCall> = Vec::new();
    for (caller, at, callee) in calls(&document) {
        let Some(to) = self::item(&document, callee).filter(|_| caller == id) else { continue };
        match out.iter_mut().find(|call| call.to == to) {
            Some(call) => call.from_ranges.push(at),
            None => out.push(CallHierarchyOutgoingCall { to, from_ranges: vec![at] }),
        }
    }
    Some(out)
}

/// Every call in the document: in which function, where, and of which.
fn calls(document: &Document) -> impl Iterator<Item = (FnId, lsp_types::Range, FnId)> + '_ {
    let names = document.index().of_file(ENTRY).filter(|name| !name.declares);
    names.filter_map(move |name| {
        let Target::Function(callee) = name.target else { return None };
        let program = document.program()?;
        let around = program.fns.iter().enumerate().filter(|(_, f)| {
            f.module == ModuleId(0)
                && f.span.start <= name.span.start
                && name.span.end <= f.span.end
        });
        // A helper's declaration stands inside that of its function.
        let (caller, _) = around.min_by_key(|(_, f)| f.span.end - f.span.start)?;
        Some((FnId(caller as u32), document.range(name.span), callee))
    })
}
