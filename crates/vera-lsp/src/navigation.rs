//! From a name to what it means, and to every place that means the same.

use std::collections::HashMap;

use lsp_types::{
    DocumentHighlight, DocumentHighlightKind, Location, Position, TextEdit, Uri, WorkspaceEdit,
};
use vera_check::types::{Ty, TyKind};
use vera_diagnostics::FileSpan;

use crate::document::{Document, ENTRY};
use crate::hover::smallest;
use crate::index::{self, Occurrence, Target};

/// The name at a position.
pub fn name(document: &Document, at: Position) -> Option<Occurrence> {
    document.index().at(ENTRY, document.offset(at))
}

/// Where what is under the cursor is declared.
pub fn definition(document: &Document, at: Position) -> Option<Location> {
    let target = name(document, at)?.target;
    let declared = document.index().declaration(target)?;
    document.location(FileSpan { file: declared.file, span: declared.span })
}

/// Where the type of what is under the cursor is declared.
pub fn type_definition(document: &Document, at: Position) -> Option<Location> {
    let program = document.program()?;
    let offset = document.offset(at);
    let ty = match document.index().at(ENTRY, offset).map(|name| name.target) {
        Some(Target::Local(owner, local)) => index::body(program, owner)[local].ty,
        _ => {
            let (owner, e) = smallest(program, offset)?;
            index::body(program, owner)[e].ty
        }
    };
    let data = data_of(program, ty)?;
    let declared = document.index().declaration(Target::Data(data))?;
    document.location(FileSpan { file: declared.file, span: declared.span })
}

/// The data type that a type is, or holds.
fn data_of(program: &vera_check::typed::Program, ty: Ty) -> Option<vera_check::typed::DataId> {
    match program.types.base_kind(ty) {
        TyKind::Data(data, _) => Some(*data),
        TyKind::Array(inner) | TyKind::Set(inner) | TyKind::Future(inner) => {
            data_of(program, *inner)
        }
        _ => None,
    }
}

/// Every place that means the same, in the files of the program.
pub fn references(document: &Document, at: Position, declaration: bool) -> Vec<Location> {
    let Some(found) = name(document, at) else { return Vec::new() };
    let mut out = document.places(found.target, declaration);
    out.sort_by_key(|l| (l.uri.as_str().to_owned(), l.range.start.line, l.range.start.character));
    out.dedup();
    out
}

pub fn highlights(document: &Document, at: Position) -> Vec<DocumentHighlight> {
    let Some(found) = name(document, at) else { return Vec::new() };
    let here = document.index().all(found.target).filter(|o| o.file == ENTRY);
    let mut out: Vec<DocumentHighlight> = here
        .map(|o| DocumentHighlight {
            range: document.range(o.span),
            kind: Some(if o.declares {
                DocumentHighlightKind::WRITE
            } else {
                DocumentHighlightKind::READ
            }),
        })
        .collect();
    out.sort_by_key(|h| (h.range.start.line, h.range.start.character));
    out.dedup();
    out
}

/// Whether what is under the cursor can have another name.
///
/// # Errors
/// Why it cannot have that one.
pub fn can_rename(document: &Document, at: Position, new: &str) -> Result<(), String> {
    let found = name(document, at).ok_or("there is no name here")?;
    let lower = match found.target {
        Target::Local(..) => {
            return Err("slots have no names: the type is what a slot is called by".to_owned());
        }
        Target::Builtin(_) => return Err("a built-in function cannot be renamed".to_owned()),
        Target::Function(_) | Target::Operation(..) => true,
        Target::Constructor(..) | Target::Data(_) | Target::Effect(_) | Target::Alias(..) => false,
    };
    if document.index().declaration(found.target).is_none() {
        return Err("what is built in cannot be renamed".to_owned());
    }
    well_formed(new, lower)?;
    if taken(document, found.target, new) {
        return Err(format!("`{new}` is declared already"));
    }
    Ok(())
}

/// The edits that write another name at places.
pub fn renamed(places: Vec<Location>, new: &str) -> WorkspaceEdit {
    #[expect(clippy::mutable_key_type, reason = "the protocol's own type has such keys")]
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for Location { uri, range } in places {
        let edit = TextEdit { range, new_text: new.to_owned() };
        changes.entry(uri).or_default().push(edit);
    }
    WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }
}

/// Whether a word can be a name of that sort.
fn well_formed(new: &str, lower: bool) -> Result<(), String> {
    let declaration = if lower {
        format!(
            "public fn {new}(@Int -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{{\n  1\n}}\n"
        )
    } else {
        format!("private data {new} {{\n  {new}\n}}\n")
    };
    let word = new.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let fits = word && vera_syntax::parse(&declaration).errors.is_empty();
    let what = if lower { "lower-case" } else { "capital" };
    if !fits {
        return Err(format!("`{new}` is no name here: it begins with a {what} letter"));
    }
    if lower && vera_builtins::function(new).is_some_and(|f| !f.can_be_redeclared()) {
        return Err(format!("`{new}` is the name of a built-in function"));
    }
    Ok(())
}

/// Whether something of the same sort has the name in the same file.
fn taken(document: &Document, target: Target, new: &str) -> bool {
    let same_sort = |other: Target| match target {
        Target::Function(_) => matches!(other, Target::Function(_)),
        Target::Constructor(..) => matches!(other, Target::Constructor(..)),
        Target::Operation(effect, _) => {
            matches!(other, Target::Operation(of, _) if of == effect)
        }
        Target::Data(_) | Target::Alias(..) | Target::Effect(_) => {
            matches!(other, Target::Data(_) | Target::Alias(..) | Target::Effect(_))
        }
        Target::Local(..) | Target::Builtin(_) => false,
    };
    let Some(file) = document.index().declaration(target).map(|o| o.file) else { return false };
    document.index().of_file(file).any(|o| {
        o.declares
            && o.target != target
            && same_sort(o.target)
            && document.slice(FileSpan { file, span: o.span }) == new
    })
}
