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
mod graph;
mod infer;
mod instances;
mod knots;
mod modules;
mod recursion;
mod refinements;
mod resolve;
mod sharing;
mod sizes;
pub mod slots;
pub mod typed;
pub mod types;

use vera_diagnostics::{Diagnostic, SourceFile, Sources};

pub use modules::{Loaded, Loader, Lookup, NoModules};

/// What checking a program yields.
pub struct Checked {
    /// All files; the entry is file 0, the prelude file 1.
    pub sources: Sources,
    /// In the order the command line shows them.
    pub diagnostics: Vec<Diagnostic>,
    /// Present when no diagnostic is an error.
    pub program: Option<typed::Program>,
}

impl Checked {
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Checks the program whose entry file is `entry`, with every module it reaches.
pub fn check(entry: SourceFile, loader: &mut dyn Loader) -> Checked {
    let parsed = vera_syntax::parse(entry.text());
    if !parsed.errors.is_empty() {
        let mut sources = Sources::default();
        let file = sources.add(entry);
        let diagnostics = parsed.errors.iter().map(|e| e.to_diagnostic(file)).collect();
        return Checked { sources, diagnostics, program: None };
    }
    let mut graph = modules::load(entry, parsed, loader);
    let mut diagnostics = std::mem::take(&mut graph.diagnostics);
    let mut ctx = declare::declare(&graph);
    check_bodies(&mut ctx);
    forwards::check(&mut ctx);
    instances::check(&mut ctx);
    recursion::check(&mut ctx);
    if !ctx.has_errors() {
        knots::check(&mut ctx);
        instances::finite(&mut ctx, &graph.sources);
    }
    diagnostics.extend(ctx.take_diagnostics());
    let failed = diagnostics.iter().any(Diagnostic::is_error);
    let program = (!failed).then_some(ctx.program);
    Checked { sources: graph.sources, diagnostics, program }
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
