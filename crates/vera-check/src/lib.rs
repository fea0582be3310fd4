//! The checker: from parsed files to a typed program, or to diagnostics.
//!
//! Pure: the text of imported modules comes from a [`Loader`]. Nothing here
//! knows of files, code generation or proofs.
#![forbid(unsafe_code)]

mod context;
mod declare;
mod diagnostics;
mod exhaustive;
mod forwards;
mod free;
mod graph;
mod infer;
mod instances;
mod knots;
mod modules;
pub mod overlap;
mod partial;
mod prelude;
mod recursion;
mod refinements;
mod resolve;
mod sharing;
mod sizes;
pub mod slots;
pub mod typed;
pub mod types;

use std::sync::Arc;

use vera_diagnostics::{Diagnostic, FileId, SourceFile, Sources};
use vera_syntax::ast;

pub use modules::{Loaded, Loader, Lookup, ModuleText, NoModules};
pub use partial::Partial;

/// What checking a program yields.
#[derive(Debug)]
pub struct Checked {
    /// All files; the entry is file 0, the prelude file 1.
    pub sources: Sources,
    /// In the order the command line shows them.
    pub diagnostics: Vec<Diagnostic>,
    /// Present when no diagnostic is an error: what may be proved and compiled. It never
    /// changes, so whoever works with it shares it; types that are made later stand behind
    /// its own, in a table of whoever makes them.
    pub program: Option<Arc<typed::Program>>,
    /// Present otherwise.
    pub partial: Option<Partial>,
    /// The trees that were read, by file.
    pub trees: Vec<Arc<ast::Program>>,
}

impl Checked {
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// The program as far as it is typed, to be looked at.
    pub fn typed(&self) -> Option<&typed::Program> {
        self.program.as_deref().or(self.partial.as_ref().map(Partial::program))
    }
}

/// Checks the program whose entry file is `entry`, with every module it reaches. Whatever
/// is wrong, the rest is typed: of what could not be read, or has no type, the type is
/// unknown, and nothing more is said of it.
pub fn check(entry: SourceFile, loader: &mut dyn Loader) -> Checked {
    let parsed = vera_syntax::parse(entry.text());
    let mut diagnostics: Vec<Diagnostic> =
        parsed.errors.iter().map(|e| e.to_diagnostic(FileId(0))).collect();
    // What refers to a declaration that could not be read is no mistake.
    let lost = parsed.lost;
    let mut graph = modules::load(entry, parsed, loader);
    diagnostics.append(&mut graph.diagnostics);
    let mut ctx = declare::declare(&graph);
    check_bodies(&mut ctx);
    forwards::check(&mut ctx);
    instances::check(&mut ctx);
    recursion::check(&mut ctx);
    overlap::check(&mut ctx);
    let readable = !diagnostics.iter().any(Diagnostic::is_error);
    if readable && !ctx.has_errors() {
        knots::check(&mut ctx);
        instances::finite(&mut ctx, &graph.sources);
    }
    let found = ctx.take_diagnostics();
    diagnostics.extend(found.into_iter().filter(|_| !lost));
    let (sources, trees) = (graph.sources, ctx.trees);
    let (program, partial) = if diagnostics.iter().any(Diagnostic::is_error) {
        (None, Some(Partial::new(ctx.program)))
    } else {
        (Some(Arc::new(ctx.program)), None)
    };
    Checked { sources, diagnostics, program, partial, trees }
}

fn check_bodies(ctx: &mut context::Context) {
    let count = ctx.program.fns.len();
    ctx.body_calls = vec![Vec::new(); count];
    ctx.param_reads = vec![Default::default(); count];
    ctx.entry_point = ctx.find_entry_point();
    for (id, predicate) in std::mem::take(&mut ctx.invariants) {
        infer::invariant(ctx, id, predicate);
    }
    // A parent is checked before its helpers, so reports follow the source.
    for id in 0..count {
        drain_refinements(ctx);
        let id = typed::FnId(id as u32);
        infer::function(ctx, id);
        let function = ctx.program.function(id);
        let (module, span) = (function.module, function.span);
        ctx.check_type_sizes(module, span);
    }
    drain_refinements(ctx);
}

/// Checks the predicates of refinements met so far; checking one may meet more.
fn drain_refinements(ctx: &mut context::Context) {
    while let Some((id, params, written)) = ctx.pending_refinements.pop() {
        infer::refinement(ctx, id, params, written);
        let refinement = &ctx.program.refinements[id.index()];
        let (module, span) = (refinement.module, refinement.span);
        ctx.check_type_sizes(module, span);
    }
}
