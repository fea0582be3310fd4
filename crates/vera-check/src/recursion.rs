//! Recursion rules: every function on a cycle of body calls needs a measure or
//! `Diverge` (E137), and no contract or predicate leads back to itself (E138).

use std::collections::HashSet;

use smol_str::SmolStr;
use vera_diagnostics::FileSpan;

use crate::context::{Context, SpecSource};
use crate::diagnostics::contracts as report;
use crate::graph;
use crate::typed::{ClauseKind, ExprKind, FnId, RefinementId};
use crate::types::{Printer, TyKind, for_each_refinement};

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
                let (measures, row) = (possible_measures(ctx, id), diverging_row(ctx, id));
                let last = ctx.program.function(id).clauses.last().map(|clause| clause.span);
                let last = last.map(|span| FileSpan { span, ..at });
                ctx.report(report::no_measure(at, &name, &names, &measures, &row, last));
            }
        }
    }
}

/// Clauses over parameters of the function, for its author to choose from.
fn possible_measures(ctx: &Context, id: FnId) -> Vec<String> {
    let function = ctx.program.function(id);
    let params = || function.params.iter().map(|p| &function.body[*p]);
    let slots: Vec<&str> = params().map(|local| local.slot.as_str()).collect();
    let index = |at: usize| slots[at + 1..].iter().filter(|slot| **slot == slots[at]).count();
    let mut found: Vec<(u8, String)> = Vec::new();
    let mut integers = Vec::new();
    for (at, local) in params().enumerate() {
        let slot = format!("@{}.{}", local.slot, index(at));
        let measure = match ctx.program.types.base_kind(local.ty) {
            TyKind::Nat => {
                integers.push(slot.clone());
                (0, slot)
            }
            TyKind::Data(..) => (1, slot),
            TyKind::Array(_) => (2, format!("array_length({slot})")),
            TyKind::String => (2, format!("string_length({slot})")),
            TyKind::Map(..) => (2, format!("map_size({slot})")),
            TyKind::Set(_) => (2, format!("set_size({slot})")),
            TyKind::Int => {
                integers.push(slot.clone());
                (3, slot)
            }
            _ => continue,
        };
        found.push(measure);
    }
    found.sort();
    // A counter runs up to a length or to another number.
    let mut lengths = found.iter().filter(|(rank, _)| *rank == 2).map(|(_, measure)| measure);
    let upwards = match (lengths.next_back(), integers.as_slice()) {
        (Some(limit), [.., counter]) => Some((limit.clone(), counter)),
        (None, [limit, .., counter]) => Some((limit.clone(), counter)),
        (_, []) | (None, [_]) => None,
    };
    let clause = |measure: &str| format!("`decreases({measure})`");
    let mut clauses: Vec<String> = found.iter().take(2).map(|(_, m)| clause(m)).collect();
    match upwards {
        Some((limit, counter)) => {
            let upwards = clause(&format!("{limit} - {counter}"));
            clauses.push(format!("for a count upwards {upwards}, the limit minus the counter"));
        }
        None if integers.is_empty() => {}
        None => clauses.push("for a count upwards the limit minus the counter".to_owned()),
    }
    clauses
}

/// The function's row with `Diverge` in it.
fn diverging_row(ctx: &Context, id: FnId) -> String {
    let printer = Printer::message(&ctx.program);
    let effects = ctx.program.function(id).effects.iter().map(|e| printer.effect(e));
    let row: Vec<String> = effects.chain(["Diverge".to_owned()]).collect();
    format!("effects(<{}>)", row.join(", "))
}

/// The strongly connected components of a graph of calls.
fn components(calls: &[Vec<FnId>]) -> Vec<Vec<FnId>> {
    let edges: Vec<Vec<u32>> =
        calls.iter().map(|callees| callees.iter().map(|f| f.0).collect()).collect();
    let numbers = graph::components(&edges).into_iter();
    numbers.map(|scc| scc.into_iter().map(FnId).collect()).collect()
}

fn contract_cycles(ctx: &mut Context) {
    let uses = uses(ctx);
    if ctx.spec_calls.is_empty() && uses.is_empty() {
        return;
    }
    let graph = Specifications::new(ctx, uses);
    let mut faults = Vec::new();
    for (source, callee, at) in &ctx.spec_calls {
        let id = match source {
            SpecSource::Fn(owner) if graph.function(*owner) == graph.function(*callee) => {
                let name = &ctx.program.function(*owner).name;
                let callee = &ctx.program.function(*callee).name;
                faults.push(report::contract_cycle(*at, name, callee));
                continue;
            }
            SpecSource::Refinement(id) if graph.refinement(*id) == graph.function(*callee) => *id,
            SpecSource::Fn(_) | SpecSource::Refinement(_) => continue,
        };
        let callee = &ctx.program.function(*callee).name;
        match ctx.program.invariant_of(id) {
            Some(data) => faults.push(report::invariant_cycle(*at, &data.name, callee)),
            None => {
                // Where only predicates write the type, its function is the callee.
                let names: Vec<&str> =
                    graph.writers(ctx, id).map(|f| &*ctx.program.function(f).name).collect();
                let names = if names.is_empty() { vec![callee.as_str()] } else { names };
                faults.extend(names.iter().map(|name| report::contract_cycle(*at, name, callee)));
            }
        }
    }
    let mut told = HashSet::new();
    for Use { source, used, at, made } in &graph.uses {
        if graph.refinement(*source) != graph.refinement(*used) {
            continue;
        }
        let data = |id| ctx.program.invariant_of(id).map(|data| data.name.as_str());
        faults.push(match (made, data(*source).or(data(*used))) {
            (Some(made), Some(data)) => report::invariant_cycle(*at, data, made),
            // A constructor or a call on the cycle is reported, or else its types.
            _ if graph.is_reported(ctx, *source) || !told.insert(*source) => continue,
            _ => report::predicate_cycle(*at),
        });
    }
    for fault in faults {
        ctx.report(fault);
    }
}

/// That a predicate writes a refinement, or constructs a value with an invariant.
struct Use {
    source: RefinementId,
    used: RefinementId,
    at: FileSpan,
    made: Option<SmolStr>,
}

/// What evaluating functions and predicates may lead to.
struct Specifications {
    uses: Vec<Use>,
    /// The numbers of the components of functions, then of refinements.
    component: Vec<u32>,
    fns: usize,
}

impl Specifications {
    fn new(ctx: &Context, uses: Vec<Use>) -> Specifications {
        let fns = ctx.program.fns.len();
        let mut edges: Vec<Vec<u32>> = Vec::new();
        edges.extend(ctx.body_calls.iter().map(|calls| calls.iter().map(|f| f.0).collect()));
        edges.resize(fns + ctx.program.refinements.len(), Vec::new());
        for (f, written) in ctx.fn_refinements.iter().enumerate() {
            edges[f].extend(written.iter().map(|r| fns as u32 + r.0));
        }
        for (source, callee, _) in &ctx.spec_calls {
            let source = match source {
                SpecSource::Fn(id) => id.index(),
                SpecSource::Refinement(id) => fns + id.index(),
            };
            edges[source].push(callee.0);
        }
        for used in &uses {
            edges[fns + used.source.index()].push(fns as u32 + used.used.0);
        }
        let mut component = vec![0; edges.len()];
        for (number, members) in (0..).zip(graph::components(&edges)) {
            members.into_iter().for_each(|node| component[node as usize] = number);
        }
        Specifications { uses, component, fns }
    }

    /// The component of a function. What leads to something of its own component can be
    /// reached from it.
    fn function(&self, id: FnId) -> u32 {
        self.component[id.index()]
    }

    fn refinement(&self, id: RefinementId) -> u32 {
        self.component[self.fns + id.index()]
    }

    /// The functions on a cycle with a refinement that they write.
    fn writers(&self, ctx: &Context, id: RefinementId) -> impl Iterator<Item = FnId> {
        let fns = (0..).map(FnId).zip(&ctx.fn_refinements);
        fns.filter(move |(f, written)| {
            written.contains(&id) && self.function(*f) == self.refinement(id)
        })
        .map(|(f, _)| f)
    }

    /// Whether a call or a constructor is reported on the cycle of a refinement.
    fn is_reported(&self, ctx: &Context, id: RefinementId) -> bool {
        let cycle = self.refinement(id);
        let made = |u: &Use| {
            let on_it = |id| self.refinement(id) == cycle;
            u.made.is_some() && on_it(u.source) && on_it(u.used)
        };
        ctx.spec_calls.iter().any(|(_, callee, _)| self.function(*callee) == cycle)
            || self.uses.iter().any(made)
    }
}

/// What predicates themselves write and construct.
fn uses(ctx: &Context) -> Vec<Use> {
    let program = &ctx.program;
    let mut uses = Vec::new();
    for (source, refinement) in (0..).map(RefinementId).zip(&program.refinements) {
        let mut used = |used, span, made| {
            let at = ctx.at(refinement.module, span);
            uses.push(Use { source, used, at, made });
        };
        let mut written = |ty, span| {
            for_each_refinement(&program.types, ty, &mut |id| used(id, span, None));
        };
        for local in &refinement.body.locals {
            written(local.ty, local.span);
        }
        for expr in &refinement.body.exprs {
            written(expr.ty, expr.span);
        }
        for expr in &refinement.body.exprs {
            if let ExprKind::Construct { data, ctor, .. } = &expr.kind
                && let Some(invariant) = program.data(*data).invariant
            {
                let made = program.data(*data).ctors[*ctor as usize].name.clone();
                used(invariant, expr.span, Some(made));
            }
        }
    }
    uses
}
