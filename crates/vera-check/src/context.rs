//! What all parts of the checker share: the program under construction, the
//! name tables of its modules, and the diagnostics so far.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use smol_str::SmolStr;
use vera_diagnostics::{Diagnostic, FileSpan, Span};
use vera_syntax::{ast, print};

use crate::forwards::Forward;
use crate::modules::PRELUDE;
use crate::overlap::Site;
use crate::refinements::{Identity, Written};
use crate::typed::{
    Body, DataId, EffectId, ExprId, FnId, LocalId, ModuleId, Program, Refinement, RefinementId,
};
use crate::types::{Printer, Row, Ty};

/// What a type name denotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum TypeDef {
    Data(DataId),
    Alias(AliasId),
    /// A refused declaration: uses are silent, of unknown type.
    Poisoned,
    /// A name two imports supply: it denotes nothing.
    Ambiguous,
}

/// What a constructor name denotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CtorDef {
    Ctor(DataId, u32),
    Poisoned,
}

/// What a bare function name denotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FnDef {
    Fn(FnId),
    Poisoned,
}

/// A `type` declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AliasId(pub u32);

#[derive(Debug)]
pub(crate) struct Alias {
    pub name: SmolStr,
    pub module: ModuleId,
    pub params: Vec<SmolStr>,
    pub body: ast::TypeId,
    pub span: Span,
    pub state: AliasState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AliasState {
    Unresolved,
    Resolving,
    /// Over `Param(i)` of the declaration.
    Resolved(Ty),
}

/// A user-declared ability.
#[derive(Debug)]
pub(crate) struct UserAbility {
    pub ops: Vec<(SmolStr, Span)>,
    pub span: Span,
}

/// The names of one module.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    /// Local and imported; local ones win. The prelude is looked up last.
    pub types: HashMap<SmolStr, TypeDef>,
    pub ctors: HashMap<SmolStr, CtorDef>,
    pub fns: HashMap<SmolStr, FnDef>,
    pub effects: HashMap<SmolStr, EffectId>,
    pub abilities: HashMap<SmolStr, UserAbility>,
    /// Top-level functions declared here, for qualified calls and imports.
    pub own_fns: HashMap<SmolStr, FnId>,
    pub own_types: HashMap<SmolStr, (DataId, ast::Visibility)>,
    /// Names of `where` helpers, with the function that owns them.
    pub helpers: HashMap<SmolStr, FnId>,
    /// Likewise, names of helpers of other modules that an import list names.
    pub imported_helpers: HashMap<SmolStr, FnId>,
    /// By dotted path: the module and the names a selective import lists.
    pub imports: HashMap<String, Import>,
    /// The path of the `module` line.
    pub own_path: Option<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Import {
    pub module: ModuleId,
    /// `None`: everything.
    pub names: Option<HashSet<SmolStr>>,
}

impl Import {
    pub fn brings(&self, name: &str) -> bool {
        self.names.as_ref().is_none_or(|names| names.contains(name))
    }
}

/// Where a function's declaration stands in its file.
#[derive(Debug, Clone)]
pub(crate) struct FnSource {
    pub module: ModuleId,
    /// Index of the top-level declaration, then of helpers.
    pub path: Vec<u32>,
    /// Helpers by name, visible in this function's body.
    pub helpers: HashMap<SmolStr, FnId>,
    /// The row for inclusion tests.
    pub row: Row,
    /// Whether to check its body (refused declarations are not).
    pub skip_body: bool,
}

impl FnSource {
    pub fn decl<'a>(&self, program: &'a ast::Program) -> &'a ast::FnDecl {
        let ast::Decl::Fn(top) = &program.decls[self.path[0] as usize].decl else {
            unreachable!("a function source names a function");
        };
        let mut decl = top;
        for helper in &self.path[1..] {
            decl = &decl.helpers[*helper as usize];
        }
        decl
    }
}

#[derive(Default)]
pub(crate) struct Context {
    pub program: Program,
    pub scopes: Vec<Scope>,
    pub aliases: Vec<Alias>,
    /// Aliases whose right-hand sides are being resolved, outermost first.
    pub open_aliases: Vec<AliasId>,
    /// Names reported once for each module, not at every mention.
    pub mentioned: HashSet<(ModuleId, SmolStr)>,
    /// Effects that rows name and nothing declares; an opaque effect each.
    pub unknown_effects: HashMap<SmolStr, EffectId>,
    /// Parallel to `program.fns`.
    pub fn_sources: Vec<FnSource>,
    /// Data types of recursion groups refused with E129.
    pub irregular: HashSet<DataId>,
    pub trees: Vec<Arc<ast::Program>>,
    /// Written refinements already resolved, so that one place is one type.
    pub refinements: HashMap<(ModuleId, ast::TypeId), Written>,
    /// The first of the refinements that are one type.
    pub same_refinements: HashMap<Identity, RefinementId>,
    /// Refinements whose predicate is still to be checked, with the type
    /// parameters in scope and the place.
    pub pending_refinements: Vec<(RefinementId, Vec<SmolStr>, ast::TypeId)>,
    /// Predicates of data invariants.
    pub invariants: Vec<(RefinementId, ast::ExprId)>,
    /// The function a host calls.
    pub entry_point: Option<FnId>,
    /// Specification calls: from a contract or refinement to a function.
    pub spec_calls: Vec<(SpecSource, FnId, FileSpan)>,
    /// Body calls, by function.
    pub body_calls: Vec<Vec<FnId>>,
    /// Handlers that may forward operations the row around them lacks.
    pub forwards: Vec<Forward>,
    /// The `async`s whose arguments perform something.
    pub asyncs: Vec<Site>,
    /// Type parameters whose values a function's body or contracts read.
    pub param_reads: Vec<HashSet<u32>>,
    /// Refinements a function's signature or body writes, and invariants of what it
    /// constructs.
    pub fn_refinements: Vec<Vec<RefinementId>>,
    diagnostics: Vec<Diagnostic>,
    seen: HashSet<Diagnostic>,
}

/// A place in the reports.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark(usize);

/// Who makes a specification call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SpecSource {
    Fn(FnId),
    Refinement(RefinementId),
}

impl Context {
    /// A refinement whose predicate is to be checked.
    pub fn new_refinement(
        &mut self,
        module: ModuleId,
        base: Ty,
        predicate: ast::ExprId,
    ) -> RefinementId {
        let nodes = &self.trees[module.index()].nodes;
        let id = RefinementId(self.program.refinements.len() as u32);
        self.program.refinements.push(Refinement {
            module,
            name: None,
            base,
            binder: LocalId(0),
            body: Body::default(),
            predicate: ExprId(0),
            text: print::expr(nodes, predicate),
            span: nodes[predicate].span,
        });
        id
    }

    /// The public `main` of the entry file or, without one, its first public
    /// function that a host can call, a generic one only if there is no other.
    pub fn find_entry_point(&self) -> Option<FnId> {
        let program = &self.program;
        let entries = &program.entry_fns;
        let callable = |id: &&FnId| {
            program.function(**id).visibility == ast::Visibility::Public
                && program.entry_args(&program.types, **id).is_some()
        };
        let plain = |id: &&FnId| program.function(**id).type_params.is_empty() && callable(id);
        let main = entries.iter().find(|id| program.function(**id).name == "main");
        let first = || entries.iter().find(plain).or_else(|| entries.iter().find(callable));
        main.or_else(first).filter(callable).copied()
    }

    /// Adds a report unless an identical one is there.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        if self.seen.insert(diagnostic.clone()) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// How far reports have come.
    pub fn mark(&self) -> Mark {
        Mark(self.diagnostics.len())
    }

    /// Reports what was found only later before what was reported since.
    pub fn report_before(&mut self, mark: Mark, diagnostic: Diagnostic) {
        if self.seen.insert(diagnostic.clone()) {
            self.diagnostics.insert(mark.0, diagnostic);
        }
    }

    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// The reports so far. Of several that say the same in one place, the first.
    pub fn take_diagnostics(&mut self) -> Vec<Diagnostic> {
        let mut out = std::mem::take(&mut self.diagnostics);
        let mut seen = HashSet::new();
        out.retain(|d| {
            let at = d.location.map(|at| (at.file, at.span.start));
            seen.insert((d.code, d.severity, at, d.description.clone()))
        });
        out
    }

    pub fn at(&self, module: ModuleId, span: Span) -> FileSpan {
        FileSpan { file: self.program.modules[module.index()].file, span }
    }

    /// What a new import stands behind: the last import, or the module's name, or
    /// nothing.
    pub fn head(&self, module: ModuleId) -> FileSpan {
        let tree = &self.trees[module.index()];
        let import = tree.imports.last().map(|import| import.span);
        let span = import.or(tree.module.as_ref().map(|module| module.span));
        self.at(module, span.unwrap_or_default())
    }

    /// Refuses a declaration if a type in it was too large.
    pub fn check_type_sizes(&mut self, module: ModuleId, span: Span) {
        if self.program.types.take_oversized() {
            let at = self.at(module, span);
            self.report(crate::diagnostics::types::oversized(at));
        }
    }

    /// The type as messages print it.
    pub fn show(&self, ty: Ty) -> String {
        Printer::message(&self.program).ty(ty)
    }

    pub fn type_def(&self, module: ModuleId, name: &str) -> Option<TypeDef> {
        let here = self.scopes[module.index()].types.get(name).copied();
        // Aliases belong to their file, those of the prelude too.
        here.or_else(|| match self.scopes[PRELUDE.index()].types.get(name) {
            Some(TypeDef::Alias(_)) | None => None,
            Some(def) => Some(*def),
        })
    }

    pub fn ctor_def(&self, module: ModuleId, name: &str) -> Option<CtorDef> {
        self.scopes[module.index()]
            .ctors
            .get(name)
            .or_else(|| self.scopes[PRELUDE.index()].ctors.get(name))
            .copied()
    }

    pub fn effect_id(&self, module: ModuleId, name: &str) -> Option<EffectId> {
        self.scopes[module.index()]
            .effects
            .get(name)
            .or_else(|| self.scopes[PRELUDE.index()].effects.get(name))
            .copied()
    }

    /// The path of another file that declares an effect of this name.
    pub fn foreign_effect(&self, module: ModuleId, name: &str) -> Option<String> {
        self.program.effects.iter().find_map(|effect| {
            let owner = effect.module.filter(|owner| *owner != module && effect.name == name)?;
            let path = &self.program.modules[owner.index()].path;
            (!path.is_empty()).then(|| path.clone())
        })
    }

    /// The one public data type, outside the names `module` sees, that has a
    /// constructor of this name.
    pub fn foreign_ctor(&self, module: ModuleId, name: &str) -> Option<(DataId, u32)> {
        let mut found = None;
        for (i, data) in self.program.datas.iter().enumerate() {
            if data.module == module || data.module == PRELUDE {
                continue;
            }
            let own = &self.scopes[data.module.index()].own_types;
            let public = own.get(&data.name).is_some_and(|(id, visibility)| {
                id.index() == i && *visibility == ast::Visibility::Public
            });
            if !public {
                continue;
            }
            if let Some(c) = data.ctors.iter().position(|c| c.name == name) {
                if found.is_some() {
                    return None;
                }
                found = Some((DataId(i as u32), c as u32));
            }
        }
        found
    }
}
