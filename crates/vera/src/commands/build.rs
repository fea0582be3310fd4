//! From an entry file to a compiled module, for `compile` and `run`.
//!
//! Proofs leave every run-time check in place unless the user asks otherwise
//! (`--checks unproved`): only then is the prover run.

use vera_abi::interface::Export;
use vera_check::typed::{Program, Visibility};
use vera_diagnostics::{Diagnostic, Sources};
use vera_mir::lower;
use vera_mir::passes::Optimise;
use vera_wasm::{Artifact, EmitOptions, GcMode, HostLink};

use super::{checked, verify};
use crate::cli::Checks;
use crate::input::Entry;
use crate::proofs;

/// A compiled program with what reports about it need.
pub(super) struct Built {
    pub artifact: Artifact,
    pub sources: Sources,
    /// Warnings of the checker.
    pub warnings: Vec<Diagnostic>,
    /// Functions of the entry file.
    pub declared: Vec<Declared>,
}

/// A function as the entry file declares it.
pub(super) struct Declared {
    pub name: String,
    pub public: bool,
    pub generic: bool,
}

/// Diagnostics that keep the program from being compiled, errors among them.
pub(super) struct Failed {
    pub diagnostics: Vec<Diagnostic>,
    pub sources: Sources,
}

impl Built {
    /// The exports that are functions of the program.
    pub fn functions(&self) -> impl Iterator<Item = &Export> {
        vera_targets::description::functions(&self.artifact.exports).map(|function| function.plain)
    }
}

/// Checks, lowers, optimises and emits.
pub(super) fn build(
    entry: &Entry,
    options: &lower::Options,
    checks: Checks,
) -> Result<Built, Failed> {
    let checked = checked(entry);
    let (sources, mut diagnostics) = (checked.sources, checked.diagnostics);
    let Some(program) = checked.program else {
        return Err(Failed { diagnostics, sources });
    };
    let declared = declared(&program);
    match compiled(&program, &sources, options, checks) {
        Ok(artifact) => Ok(Built { artifact, sources, warnings: diagnostics, declared }),
        Err(errors) => {
            diagnostics.extend(errors);
            Err(Failed { diagnostics, sources })
        }
    }
}

/// Compiles a checked program.
///
/// # Errors
/// As [`lower::lower`].
pub(super) fn compiled(
    program: &Program,
    sources: &Sources,
    options: &lower::Options,
    checks: Checks,
) -> Result<Artifact, Vec<Diagnostic>> {
    let mir = lowered(program, sources, options, checks)?;
    Ok(vera_wasm::build(mir, optimise(), &emit_options()))
}

/// Lowers a checked program, without the checks that are not wanted.
///
/// # Errors
/// As [`lower::lower`].
pub(super) fn lowered(
    program: &Program,
    sources: &Sources,
    options: &lower::Options,
    checks: Checks,
) -> Result<vera_mir::ir::Program, Vec<Diagnostic>> {
    let mut mir = lower::lower(program, sources, options)?;
    if checks == Checks::Unproved {
        elide(program, sources, &mut mir);
    }
    Ok(mir)
}

/// Removes the checks that the prover shows to be superfluous.
fn elide(program: &Program, sources: &Sources, mir: &mut vera_mir::ir::Program) {
    let options =
        vera_verify::Options { timeout_ms: verify::environment_budget(), ..Default::default() };
    let verification =
        proofs::with_answers(true, |c| vera_verify::verify(program, sources, &options, c));
    let module = verify::module(mir);
    let superfluous = vera_verify::superfluous(&verification, &module);
    vera_mir::passes::elide::run(mir, &|kind, at| superfluous.contains(&(kind, at)));
}

/// `VERA_KEEP_CHECKS=1` compiles what lowering made of the program as it is, without
/// any check or branch taken away: what a program does must not depend on it.
pub(super) fn optimise() -> Optimise {
    Optimise { delete_checks: !flag("VERA_KEEP_CHECKS"), ..Optimise::default() }
}

/// Choices of the build that the environment makes.
pub(super) fn emit_options() -> EmitOptions {
    EmitOptions {
        gc: gc_mode(),
        test_hooks: flag("VERA_TEST_HOOKS"),
        check_references: cfg!(debug_assertions),
        fuel: false,
        host: HostLink::Imports,
    }
}

pub(super) fn declared(program: &Program) -> Vec<Declared> {
    let describe = |id: &vera_check::typed::FnId| {
        let f = program.function(*id);
        Declared {
            name: f.name.to_string(),
            public: f.visibility == Visibility::Public,
            generic: !f.type_params.is_empty(),
        }
    };
    program.entry_fns.iter().map(describe).collect()
}

/// When the collector runs: `VERA_EAGER_GC` may be a word for yes, or `young`.
pub(super) fn gc_mode() -> GcMode {
    let asked = std::env::var("VERA_EAGER_GC").unwrap_or_default();
    match asked.trim().eq_ignore_ascii_case("young") {
        true => GcMode::Young,
        false if flag("VERA_EAGER_GC") => GcMode::Eager,
        false => GcMode::Normal,
    }
}

/// Whether an environment variable is set to a word for yes.
pub(super) fn flag(name: &str) -> bool {
    std::env::var(name).is_ok_and(|value| {
        matches!(value.trim().to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "on")
    })
}
