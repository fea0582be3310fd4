//! What really happens on a counterexample: the function is called with the
//! prover's values.
//!
//! The prover knows a callee by its contract only, so a counterexample can be one
//! of the contracts and not of the code; the run tells which.

use vera_check::typed::{FnId, Program};
use vera_check::types::Types;
use vera_diagnostics::Sources;
use vera_host::Outcome;
use vera_verify::{Record, Status, Verification};

use crate::models::from_model;
use crate::shape::{Shape, Shapes};
use crate::trial::Call;
use crate::value::Value;
use crate::{Subject, Tools, compile, subject};

/// So many are run at most.
const MOST: usize = 20;

/// Calls refuted pure functions. Yields the places of their records, and how the calls
/// ended; of a result that is neither a number nor text, its text.
pub fn replay(
    program: &mut Program,
    sources: &Sources,
    verification: &Verification,
    tools: &Tools<'_>,
) -> Vec<(usize, Outcome)> {
    let refuted = |r: &Record| r.status == Status::Violated;
    if !verification.records.iter().any(refuted) {
        return Vec::new();
    }
    let mut types = program.types.clone();
    let mut shapes = Shapes::new(vera_verify::refinement_bounds(program, sources));
    let mut calls = Vec::new();
    let records = verification.records.iter().enumerate().filter(|(_, r)| refuted(r));
    for (i, record) in records {
        if let Some((subject, input)) = call(program, &mut types, &mut shapes, record)
            && calls.len() < MOST
        {
            calls.push((i, subject, input));
        }
    }
    let mut functions: Vec<FnId> = calls.iter().map(|(_, subject, _)| subject.id).collect();
    functions.sort();
    functions.dedup();
    // Without a run the report stands as it is.
    let Ok(Some(runner)) = compile::runner(program, sources, &functions, true, 0, tools) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for (i, subject, input) in calls {
        let Ok(parameters) = &subject.parameters else { continue };
        let call = Call { function: &subject.name, shapes: &shapes, parameters, cells: 0 };
        if let Ok(outcome) = runner.shown(call, &input) {
            out.push((i, outcome));
        }
    }
    out
}

/// The refuted function and its arguments, if the prover's values give all of them.
fn call(
    program: &Program,
    types: &mut Types,
    shapes: &mut Shapes,
    record: &Record,
) -> Option<(Subject, Vec<Value>)> {
    let of = |id: &&FnId| {
        let function = program.function(**id);
        let file = program.modules[function.module.index()].file;
        let decl = vera_diagnostics::FileSpan { file, span: function.span };
        record.declaration == Some(decl)
            && function.type_params.is_empty()
            && function.effects.is_empty()
    };
    let id = program.entry_fns.iter().find(of)?;
    let subject = subject(program, types, shapes, *id);
    let mut input = Vec::new();
    for parameter in subject.parameters.as_ref().ok()? {
        if matches!(shapes[parameter.shape], Shape::Unit) {
            input.push(Value::Unit);
            continue;
        }
        let known = record.inputs.iter().find(|v| v.slot == parameter.label)?;
        input.push(from_model(shapes, &known.value, parameter.shape, &mut |_| None)?);
    }
    Some((subject, input))
}
