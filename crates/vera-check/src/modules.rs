//! The module graph: which files a program consists of, and what each imports.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use smol_str::SmolStr;
use vera_diagnostics::{Diagnostic, FileId, FileSpan, SourceFile, Sources};
use vera_syntax::ast;
use vera_syntax::{Parsed, SyntaxError};

use crate::diagnostics::modules as report;
use crate::prelude;
use crate::typed::ModuleId;

/// Where the text of imported modules comes from. The command line reads files;
/// tests hand out strings.
pub trait Loader {
    /// Looks for the module `segments` imported by the module with key
    /// `importer` (`None`: the entry file).
    fn load(&mut self, importer: Option<&str>, segments: &[SmolStr]) -> Lookup;
}

/// What a [`Loader`] found.
pub enum Lookup {
    Found(Loaded),
    /// No file of that name.
    Missing,
    /// None where it is looked for, but one further up: the file and its directory.
    Elsewhere {
        file: String,
        root: String,
    },
    /// Several files, any of which may be meant.
    Ambiguous(Vec<String>),
    /// The manifest that says where to look cannot be read: which, and why.
    NoManifest(String),
    /// A file that cannot be read, and why.
    Unreadable(String),
}

/// An imported module.
pub struct Loaded {
    /// Identifies the file however it was reached.
    pub key: String,
    pub module: Arc<ModuleText>,
}

/// The text of a module, and what the parser makes of it, which is found out when it is
/// first wanted. Whoever checks many programs, or one again, hands out the same one while
/// the text is the same.
#[derive(Debug)]
pub struct ModuleText {
    /// With the name shown in diagnostics.
    source: SourceFile,
    parsed: OnceLock<ParsedModule>,
}

#[derive(Debug)]
struct ParsedModule {
    tree: Arc<ast::Program>,
    /// The first error; the module then counts as empty.
    error: Option<SyntaxError>,
}

impl ModuleText {
    pub fn new(name: &str, text: &str) -> ModuleText {
        ModuleText { source: SourceFile::new(name, text), parsed: OnceLock::new() }
    }

    pub fn source(&self) -> &SourceFile {
        &self.source
    }

    fn parsed(&self) -> &ParsedModule {
        self.parsed.get_or_init(|| {
            let Parsed { program, errors, .. } = vera_syntax::parse(self.source.text());
            let error = errors.into_iter().next();
            let program = if error.is_some() { Default::default() } else { program };
            ParsedModule { tree: Arc::new(program), error }
        })
    }
}

/// A loader for programs of a single file.
pub struct NoModules;

impl Loader for NoModules {
    fn load(&mut self, _: Option<&str>, _: &[SmolStr]) -> Lookup {
        Lookup::Missing
    }
}

/// One parsed file of the program.
pub(crate) struct Unit {
    pub file: FileId,
    /// The loader's key; `None` for the entry file and the prelude.
    pub key: Option<String>,
    /// The dotted path it was first imported under.
    pub path: String,
    pub tree: Arc<ast::Program>,
    /// One per import declaration; `None` when it could not be resolved.
    pub imports: Vec<Option<ModuleId>>,
}

/// The files of a program: [`ModuleId`] 0 is the entry, 1 the prelude; ids
/// equal file ids.
pub(crate) struct Graph {
    pub sources: Sources,
    pub units: Vec<Unit>,
    pub diagnostics: Vec<Diagnostic>,
}

/// The entry module.
pub(crate) const ENTRY: ModuleId = ModuleId(0);
/// The prelude.
pub(crate) const PRELUDE: ModuleId = ModuleId(1);

/// Loads and parses everything the entry file reaches. Syntax errors of the
/// entry itself are the caller's concern; what could be read counts.
pub(crate) fn load(entry: SourceFile, parsed: Parsed, loader: &mut dyn Loader) -> Graph {
    let mut sources = Sources::default();
    let entry_file = sources.add(entry);
    let prelude_file = sources.add(SourceFile::new("<prelude>", vera_builtins::PRELUDE));
    let unit = |file, tree: ast::Program| Unit {
        file,
        key: None,
        path: String::new(),
        tree: Arc::new(tree),
        imports: Vec::new(),
    };
    let mut resolver = Resolver {
        graph: Graph {
            sources,
            // The prelude is read when it is known what is wanted of it.
            units: vec![unit(entry_file, parsed.program), unit(prelude_file, Default::default())],
            diagnostics: Vec::new(),
        },
        by_key: HashMap::new(),
        open: Vec::new(),
        loader,
    };
    resolver.resolve(ENTRY);
    let mut graph = resolver.graph;
    let own = graph.sources.iter().filter(|(file, _)| *file != prelude_file);
    let prelude = vera_syntax::parse(&prelude::part(own.map(|(_, source)| source.text())));
    assert!(prelude.errors.is_empty(), "the prelude parses: {:?}", prelude.errors);
    graph.units[PRELUDE.index()].tree = Arc::new(prelude.program);
    graph
}

struct Resolver<'a> {
    graph: Graph,
    by_key: HashMap<String, Result<ModuleId, String>>,
    /// Modules whose imports are being resolved, for cycle detection.
    open: Vec<ModuleId>,
    loader: &'a mut dyn Loader,
}

impl Resolver<'_> {
    fn resolve(&mut self, module: ModuleId) {
        self.open.push(module);
        let tree = Arc::clone(&self.graph.units[module.index()].tree);
        for import in &tree.imports {
            let target = self.import(module, import);
            self.graph.units[module.index()].imports.push(target);
        }
        self.open.pop();
    }

    fn import(&mut self, importer: ModuleId, import: &ast::ImportDecl) -> Option<ModuleId> {
        let at = FileSpan { file: self.graph.units[importer.index()].file, span: import.span };
        let path = import.path.dotted();
        let segments: Vec<SmolStr> = import.path.segments.iter().map(|s| s.text.clone()).collect();
        let key = self.graph.units[importer.index()].key.clone();
        let loaded = match self.loader.load(key.as_deref(), &segments) {
            Lookup::Found(loaded) => loaded,
            Lookup::Missing => {
                self.graph.diagnostics.push(report::unresolved_import(at, &path, None));
                return None;
            }
            Lookup::Elsewhere { file, root } => {
                let found = Some((file.as_str(), root.as_str()));
                self.graph.diagnostics.push(report::unresolved_import(at, &path, found));
                return None;
            }
            Lookup::Ambiguous(files) => {
                self.graph.diagnostics.push(report::ambiguous_import(at, &path, &files));
                return None;
            }
            Lookup::NoManifest(what) => {
                self.graph.diagnostics.push(report::no_manifest(at, &path, &what));
                return None;
            }
            Lookup::Unreadable(reason) => {
                self.graph.diagnostics.push(report::unreadable_import(at, &path, &reason));
                return None;
            }
        };
        match self.by_key.get(&loaded.key) {
            Some(Ok(known)) => {
                let known = *known;
                if self.open.contains(&known) {
                    self.graph.diagnostics.push(report::circular_import(at, &path));
                }
                return Some(known);
            }
            Some(Err(inner)) => {
                let inner = inner.clone();
                self.graph.diagnostics.push(report::broken_import(at, &path, &inner));
                return None;
            }
            None => {}
        }
        let file = self.graph.sources.add(loaded.module.source.clone());
        let ParsedModule { tree, error } = loaded.module.parsed();
        // With an error too, the file keeps its id, so the module table stays parallel.
        self.add_unit(file, loaded.key.clone(), path.clone(), Arc::clone(tree));
        if let Some(error) = error {
            let inner = error.to_diagnostic(file);
            let text = vera_diagnostics::render_text(&inner, &self.graph.sources);
            self.graph.diagnostics.push(report::broken_import(at, &path, &text));
            self.by_key.insert(loaded.key, Err(text));
            return None;
        }
        let module = ModuleId(file.0);
        self.by_key.insert(loaded.key, Ok(module));
        self.resolve(module);
        Some(module)
    }

    fn add_unit(&mut self, file: FileId, key: String, path: String, tree: Arc<ast::Program>) {
        debug_assert_eq!(file.0 as usize, self.graph.units.len());
        self.graph.units.push(Unit { file, key: Some(key), path, tree, imports: Vec::new() });
    }
}
