//! An open text, what the checker makes of it, and what the prover does.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use lsp_types::{Location, Position, Range, Uri};
use vera_check::Checked;
use vera_check::typed::{ModuleId, Program};
use vera_diagnostics::{FileId, FileSpan, SourceFile, Span};
use vera_session::{Files, Modules};
use vera_verify::{Overview, Verification};

use crate::index::{Index, Names, Target};
use crate::positions::Lines;
use crate::uris;

/// The file that was opened.
pub const ENTRY: FileId = FileId(0);

/// A text as it was at one time, with all that is known of it. Never changes, so that
/// workers can look at it while the text goes on.
#[derive(Debug)]
pub struct Document {
    pub uri: Uri,
    pub version: i32,
    /// As the client has it.
    pub text: String,
    pub lines: Lines,
    pub checked: Checked,
    /// Of the texts as the checker has them, by file, made when they are asked for.
    checked_lines: Vec<OnceLock<Lines>>,
    names: Names,
}

/// What the prover says of a document.
#[derive(Debug)]
pub struct Proofs {
    pub verification: Verification,
    pub overview: Overview,
}

impl Document {
    /// Reads and checks a text. Imports are those of its place.
    pub fn new(files: &dyn Files, uri: Uri, version: i32, text: String) -> Document {
        let path = uris::path(&uri);
        let name = path
            .as_ref()
            .map_or_else(|| uri.as_str().to_owned(), |path| path.to_string_lossy().into_owned());
        let source = SourceFile::new(&name, text.strip_prefix('\u{feff}').unwrap_or(&text));
        let checked = match path.as_deref().and_then(Path::parent) {
            Some(dir) => vera_check::check(source, &mut Modules::new(files, dir)),
            // A text without a place imports nothing.
            None => vera_check::check(source, &mut vera_check::NoModules),
        };
        let names = Names::new(&checked);
        let checked_lines = checked.sources.iter().map(|_| OnceLock::new()).collect();
        let lines = Lines::new(&text);
        Document { uri, version, text, lines, checked, checked_lines, names }
    }

    /// The program as far as it is typed.
    pub fn program(&self) -> Option<&Program> {
        self.checked.typed()
    }

    /// What its names stand for.
    pub fn index(&self) -> Index<'_> {
        self.names.of(&self.checked)
    }

    /// What can be proved of it.
    pub fn provable(&self) -> Option<Arc<Program>> {
        match (&self.checked.program, &self.checked.partial) {
            (Some(program), _) => Some(Arc::clone(program)),
            (None, Some(partial)) => partial.provable(&self.checked.diagnostics).map(Arc::new),
            (None, None) => None,
        }
    }

    /// The offset of a position, in the text as the checker has it.
    pub fn offset(&self, at: Position) -> u32 {
        let (text, lines) = self.lines_of(ENTRY);
        lines.offset(text, at)
    }

    /// The range of a place in the document.
    pub fn range(&self, span: Span) -> Range {
        self.range_in(FileSpan { file: ENTRY, span })
    }

    fn range_in(&self, at: FileSpan) -> Range {
        let (text, lines) = self.lines_of(at.file);
        lines.range(text, at.span)
    }

    /// A text as the checker has it, with its lines.
    fn lines_of(&self, file: FileId) -> (&str, &Lines) {
        let text = self.checked.sources.get(file).text();
        (text, self.checked_lines[file.0 as usize].get_or_init(|| Lines::new(text)))
    }

    /// Where a place of the program is, for the client; `None` in the prelude.
    pub fn location(&self, at: FileSpan) -> Option<Location> {
        let uri = match at.file {
            ENTRY => self.uri.clone(),
            file if self.is_prelude(file) => return None,
            file => uris::uri(Path::new(self.checked.sources.get(file).name()))?,
        };
        Some(Location { uri, range: self.range_in(at) })
    }

    fn is_prelude(&self, file: FileId) -> bool {
        self.program().is_some_and(|program| program.is_prelude(ModuleId(file.0)))
    }

    /// What is declared at a place, as this program knows it.
    pub fn index_at(&self, place: &Location) -> Option<Target> {
        let files = self.checked.sources.iter().map(|(file, _)| file);
        let mut declared = files.flat_map(|file| self.index().of_file(file)).filter(|o| o.declares);
        let found = declared.find(|o| {
            self.location(FileSpan { file: o.file, span: o.span }).is_some_and(|at| at == *place)
        });
        found.map(|o| o.target)
    }

    /// Where a name stands for something.
    pub fn places(&self, target: Target, declaration: bool) -> Vec<Location> {
        let all = self.index().all(target).filter(|o| declaration || !o.declares);
        all.filter_map(|o| self.location(FileSpan { file: o.file, span: o.span })).collect()
    }

    /// The text of a place.
    pub fn slice(&self, at: FileSpan) -> &str {
        self.checked.sources.get(at.file).slice(at.span)
    }

    /// The files it imports, directly or not.
    pub fn imports(&self) -> impl Iterator<Item = PathBuf> {
        let sources = self.checked.sources.iter().skip(1);
        let sources = sources.filter(|(file, _)| !self.is_prelude(*file));
        sources.map(|(_, source)| PathBuf::from(source.name()))
    }
}

/// A document that is open.
pub struct Open {
    pub document: Arc<Document>,
    /// Of the current text; `None` until the prover is done.
    pub proofs: Option<Arc<Proofs>>,
}
