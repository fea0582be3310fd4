//! Recursion rules: every function on a cycle of body calls needs a measure or
//! `Diverge` (E137), and no contract leads back to its own function (E138).

use std::collections::HashMap;

use crate::context::{Context, SpecSource};
use crate::diagnostics::contracts as report;
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

/// Strongly connected components (Tarjan, 1972), without recursion.
fn components(calls: &[Vec<FnId>]) -> Vec<Vec<FnId>> {
    const NEW: u32 = u32::MAX;
    let n = calls.len();
    let (mut order, mut low) = (vec![NEW; n], vec![0u32; n]);
    let mut on_stack = vec![false; n];
    let (mut stack, mut found) = (Vec::new(), Vec::new());
    let mut next = 0;
    for root in 0..n {
        if order[root] != NEW {
            continue;
        }
        let mut work = vec![(root, 0usize)];
        while let Some((v, edge)) = work.pop() {
            if edge == 0 {
                order[v] = next;
                low[v] = next;
                next += 1;
                stack.push(v);
                on_stack[v] = true;
            }
            if let Some(w) = calls[v].get(edge) {
                let w = w.index();
                work.push((v, edge + 1));
                if order[w] == NEW {
                    work.push((w, 0));
                } else if on_stack[w] {
                    low[v] = low[v].min(order[w]);
                }
                continue;
            }
            if low[v] == order[v] {
                let mut scc = Vec::new();
                loop {
                    let w = stack.pop().expect("the component's root is on the stack");
                    on_stack[w] = false;
                    scc.push(FnId(w as u32));
                    if w == v {
                        break;
                    }
                }
                scc.sort();
                found.push(scc);
            }
            if let Some((parent, _)) = work.last() {
                low[*parent] = low[*parent].min(low[v]);
            }
        }
    }
    found
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
                faults.push(report::contract_cycle(*at, &name, &callee));
            }
        }
    }
    for fault in faults {
        ctx.report(fault);
    }
}
