//! Recursion rules: every function on a cycle of body calls needs a measure or
//! `Diverge` (E137), and no contract leads back to its own function (E138).

use std::collections::HashMap;

use crate::context::{Context, SpecSource};
use crate::diagnostics::contracts as report;
use crate::graph;
use crate::typed::{ClauseKind, FnId, RefinementId};

pub(crate) fn check(ctx: &mut Context) {
    measures(ctx);
    contract_cycles(ctx);
}

fn measures(ctx: &mut Context) {
    for (number, scc) in components(&ctx.body_calls).into_iter().enumerate() {
        let first = scc[0];
        let cyclic = scc.len() > 1 || ctx.body_calls[first.index()].contains(&first);
        if !cyclic {
            continue;
        }
        let mut names: Vec<String> =
            scc.iter().map(|f| ctx.program.function(*f).name.to_string()).collect();
        names.sort();
        for id in scc {
            ctx.program.fns[id.index()].cycle = Some(number as u32);
            let function = ctx.program.function(id);
            let measured =
                function.clauses.iter().any(|c| matches!(c.kind, ClauseKind::Decreases(_)));
            let diverges = function
                .effects
                .iter()
                .any(|e| ctx.program.effects[e.effect.index()].name == "Diverge");
            if !measured && !diverges && !ctx.fn_sources[id.index()].skip_body {
                let at = ctx.at(function.module, function.span);
                let name = function.name.clone();
                ctx.report(report::no_measure(at, &name, &names));
            }
        }
    }
}

/// The strongly connected components of a graph of calls.
fn components(calls: &[Vec<FnId>]) -> Vec<Vec<FnId>> {
    let edges: Vec<Vec<u32>> =
        calls.iter().map(|callees| callees.iter().map(|f| f.0).collect()).collect();
    let numbers = graph::components(&edges).into_iter();
    numbers.map(|scc| scc.into_iter().map(FnId).collect()).collect()
}

fn contract_cycles(ctx: &mut Context) {
    if ctx.spec_calls.is_empty() {
        return;
    }
    // Specification edges of a function: its clauses, and the refinements it writes.
    let mut writers: HashMap<RefinementId, Vec<FnId>> = HashMap::new();
    for (f, written) in ctx.fn_refinements.iter().enumerate() {
        for refinement in written {
            let writers = writers.entry(*refinement).or_default();
            if writers.last() != Some(&FnId(f as u32)) {
                writers.push(FnId(f as u32));
            }
        }
    }
    let owners = |source: &SpecSource| match source {
        SpecSource::Fn(id) => vec![*id],
        SpecSource::Refinement(r) => writers.get(r).cloned().unwrap_or_default(),
    };
    let mut edges: Vec<Vec<FnId>> = ctx.body_calls.clone();
    for (source, callee, _) in &ctx.spec_calls {
        for owner in owners(source) {
            edges[owner.index()].push(*callee);
        }
    }
    // A call leads back to its owner when both lie on one cycle.
    let mut component = vec![0; edges.len()];
    for (number, members) in components(&edges).into_iter().enumerate() {
        members.into_iter().for_each(|f| component[f.index()] = number);
    }
    let mut faults = Vec::new();
    for (source, callee, at) in &ctx.spec_calls {
        for owner in owners(source) {
            if component[owner.index()] == component[callee.index()] {
                let name = ctx.program.function(owner).name.clone();
                let callee = ctx.program.function(*callee).name.clone();
                faults.push(match source {
                    SpecSource::Refinement(id)
                        if let Some(data) = ctx.program.invariant_of(*id) =>
                    {
                        report::invariant_cycle(*at, &data.name, &callee)
                    }
                    SpecSource::Refinement(_) | SpecSource::Fn(_) => {
                        report::contract_cycle(*at, &name, &callee)
                    }
                });
            }
        }
    }
    for fault in faults {
        ctx.report(fault);
    }
}
