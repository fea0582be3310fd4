//! Proofs: a text's or an open document's, by function.

use serde_json::{Value, json};
use vera_check::typed::Program;
use vera_diagnostics::{FileId, Sources};
use vera_lsp::Prover;
use vera_verify::execution::End;
use vera_verify::{Means, Options, Overview, Progress, Record, SlotValue, Tried, Verification};

use super::runs::Runs;
use crate::solver::Elsewhere;

/// Proves with a solver elsewhere, and has counterexamples run elsewhere.
pub struct Remote<'s> {
    pub solver: &'s Elsewhere,
    pub runs: &'s Runs,
    pub options: Options,
}

impl Prover for Remote<'_> {
    fn verify(
        &self,
        program: &Program,
        sources: &Sources,
        progress: &dyn Progress,
    ) -> Verification {
        let execution = self.runs.of(sources);
        let means =
            Means { solver: self.solver, progress, execution: &execution, ..Means::default() };
        vera_verify::verify_with(program, sources, &self.options, &means)
    }
}

/// What there is to say of a proof in few words.
pub fn lines(verification: &Verification, overview: &Overview) -> Vec<String> {
    let mut lines = vec![vera_verify::summary_line(&verification.summary())];
    lines.extend(overview.lines());
    lines
}

/// How many claims wait for a solver.
pub fn unsolved(verification: &Verification) -> usize {
    verification.records.iter().filter(|record| record.exhausted).count()
}

/// The functions of the entry file with what each owes, in source order.
pub fn functions(verification: &Verification, overview: &Overview, sources: &Sources) -> Value {
    let mut out: Vec<Value> = Vec::new();
    let mut named: Vec<&str> = Vec::new();
    for record in &verification.records {
        let known = named.iter().position(|name| *name == record.function);
        let at = known.unwrap_or_else(|| {
            let place = record.declaration.unwrap_or(record.at);
            let proof = record.declaration.and_then(|declaration| overview.of(declaration));
            named.push(&record.function);
            out.push(json!({
                "name": record.function,
                "proof": proof.map(|proof| proof.as_str()),
                "line": sources.get(place.file).line_col(place.span.start).line,
                "obligations": [],
            }));
            out.len() - 1
        });
        if let Some(list) = out[at]["obligations"].as_array_mut() {
            list.push(obligation(record, sources));
        }
    }
    out.into()
}

/// A run of the counterexample: the call, how it ended, and whether that is the failure.
fn run(tried: &Tried) -> Value {
    let end = match &tried.end {
        End::Returned(value) => json!({ "returned": value }),
        End::Exited(code) => json!({ "exited": code }),
        End::Unmet => json!("unmet"),
        End::Trapped { message, .. } => json!({ "trapped": message }),
    };
    json!({ "call": tried.call, "end": end, "breaks": tried.breaks })
}

fn obligation(record: &Record, sources: &Sources) -> Value {
    let place = sources.get(record.at.file).line_col(record.at.span.start);
    let values = |list: &[SlotValue]| -> Value {
        list.iter().map(|value| json!({ "slot": value.slot, "value": value.text })).collect()
    };
    json!({
        "kind": record.kind.as_str(),
        "status": record.status.as_str(),
        "text": record.text,
        "code": record.code.map(|code| code.as_str()),
        "line": place.line,
        "column": place.column,
        "here": record.at.file == FileId(0),
        "counterexample": values(&record.counterexample),
        "inputs": values(&record.inputs),
        "exhausted": record.exhausted,
        "run": record.tried.as_ref().map(run),
    })
}
