//! From functions to something that can be called.

use vera_check::typed::{FnId, Program};
use vera_diagnostics::Sources;
use vera_host::{Host, HostError, Limits};
use vera_mir::lower;
use vera_verify::EmittedCheck;

use crate::Tools;
use crate::trial::Runner;

/// Compiles functions so that they can be called with any arguments. Functions that do
/// not compile are left out; `None` if none is left.
pub(crate) fn runner(
    program: &Program,
    sources: &Sources,
    functions: &[FnId],
    seed: u64,
    tools: &Tools<'_>,
    limits: Limits,
) -> Result<Option<Runner>, HostError> {
    let mut functions = functions.to_vec();
    let mut lowered = lowered(program, sources, &functions);
    if lowered.is_none() {
        functions.retain(|f| self::lowered(program, sources, &[*f]).is_some());
        lowered = self::lowered(program, sources, &functions);
    }
    let Some(mir) = lowered.filter(|_| !functions.is_empty()) else { return Ok(None) };
    let artifact = vera_wasm::build(mir, Default::default(), &tools.emit);
    let host = Host::with_limits(tools.code, limits)?;
    let module = host.load(&artifact)?;
    let results = artifact.exports.into_iter().map(|e| (e.name, e.result)).collect();
    let interface = artifact.interface;
    Ok(Some(Runner { host, module, seed, functions, interface, results }))
}

fn lowered(
    program: &Program,
    sources: &Sources,
    functions: &[FnId],
) -> Option<vera_mir::ir::Program> {
    let options = lower::Options { only: Some(functions), ..lower::Options::default() };
    lower::lower(program, sources, &options).ok()
}

/// The run-time checks of the program, or of what runs where not all of it compiles.
pub(crate) fn checks(program: &Program, sources: &Sources, running: &[FnId]) -> Vec<EmittedCheck> {
    let all = lower::lower(program, sources, &lower::Options::default()).ok();
    let Some(mir) = all.or_else(|| lowered(program, sources, running)) else {
        return Vec::new();
    };
    let checks = vera_mir::checks::checks(&mir).checks.into_iter();
    checks.map(|c| EmittedCheck { kind: c.kind, at: c.at }).collect()
}
