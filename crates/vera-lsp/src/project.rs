//! The files of a document's project, opened or not.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lsp_types::{Location, Position, Uri};
use vera_session::{Files, project_of};

use crate::document::{Document, Open};
use crate::index::Target;
use crate::navigation;
use crate::uris;
use crate::workspace::Workspace;

/// A file beside a document.
pub struct Neighbour {
    pub document: Arc<Document>,
    /// As the client counts, where it is open.
    pub version: Option<i32>,
}

/// The other files of the project that hold a word: those below the manifest, or below the
/// folder that the client has opened; without both, those of the same directory.
pub fn neighbours(workspace: &Workspace, document: &Document, word: &str) -> Vec<Neighbour> {
    let mut out: Vec<Neighbour> = Vec::new();
    for Open { document: other, .. } in workspace.open.values() {
        if other.uri != document.uri {
            let version = Some(other.version);
            out.push(Neighbour { document: Arc::clone(other), version });
        }
    }
    let Some(path) = uris::path(&document.uri) else { return out };
    let own = workspace.files.identity(&path);
    let opened: Vec<PathBuf> = out
        .iter()
        .filter_map(|n| Some(workspace.files.identity(&uris::path(&n.document.uri)?)))
        .collect();
    for file in sources(workspace, &path) {
        let identity = workspace.files.identity(&file);
        if identity == own || opened.contains(&identity) {
            continue;
        }
        let text = workspace.files.read(&file).ok().filter(|text| text.contains(word));
        if let (Some(text), Some(uri)) = (text, uris::uri(&file)) {
            let document = Arc::new(Document::new(&workspace.files, uri, 0, text));
            out.push(Neighbour { document, version: None });
        }
    }
    out.retain(|n| n.document.text.contains(word));
    out.sort_by(|a, b| a.document.uri.as_str().cmp(b.document.uri.as_str()));
    out
}

/// A document, open or as its file has it.
pub fn document(workspace: &Workspace, uri: &Uri) -> Option<Arc<Document>> {
    if let Some(open) = workspace.open.get(uri.as_str()) {
        return Some(Arc::clone(&open.document));
    }
    let text = workspace.files.read(&uris::path(uri)?).ok()?;
    Some(Arc::new(Document::new(&workspace.files, uri.clone(), 0, text)))
}

fn sources(workspace: &Workspace, path: &Path) -> Vec<PathBuf> {
    let dir = path.parent().unwrap_or(Path::new("."));
    // A manifest that is none is reported where modules are loaded.
    if let Ok(Some(project)) = project_of(&workspace.files, dir) {
        return workspace.files.sources(&project.dir, true);
    }
    match workspace.folders.iter().find(|folder| path.starts_with(folder)) {
        Some(folder) => workspace.files.sources(folder, true),
        None => workspace.files.sources(dir, false),
    }
}

/// The places where the name at a position stands for the same, in every file of the project.
pub fn references(
    workspace: &Workspace,
    document: &Document,
    at: Position,
    declaration: bool,
) -> Vec<Location> {
    let mut out = navigation::references(document, at, declaration);
    let declared = navigation::name(document, at).and_then(|name| {
        let declared = document.index().declaration(name.target)?;
        // Bindings are seen in their function alone.
        let global = !matches!(name.target, Target::Local(..));
        let at = vera_diagnostics::FileSpan { file: declared.file, span: declared.span };
        let place = document.location(at)?;
        global.then(|| (document.slice(at).to_owned(), place))
    });
    let Some((word, place)) = declared else { return out };
    for neighbour in neighbours(workspace, document, &word) {
        let other = &neighbour.document;
        let declared = other.index_at(&place);
        let more = declared.map(|target| other.places(target, declaration));
        for location in more.into_iter().flatten() {
            if !out.contains(&location) {
                out.push(location);
            }
        }
    }
    out
}
