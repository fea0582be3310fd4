//! What generic functions are used at.
//!
//! E206: a generic function that reads a value of a type parameter is not called
//! at a type that takes no space. E340: a program reaches finitely many instances
//! of its generic functions, and not too many, since each is compiled. A recursion
//! at ever larger types shares instances where it can.

use std::collections::HashSet;

use vera_diagnostics::{FileSpan, Sources, Span};
use vera_faults::Fault;

use crate::context::Context;
use crate::diagnostics::{calls as report, types};
use crate::graph;
use crate::sharing::Uses;
use crate::typed::{Body, ExprKind, FnId, RefinementId};
use crate::types::{Ty, TyKind, any, for_each_part};

/// Checks every call of every body.
pub(crate) fn check(ctx: &mut Context) {
    let mut faults = Vec::new();
    for function in &ctx.program.fns {
        for expr in &function.body.exprs {
            let ExprKind::Call { callee, type_args, .. } = &expr.kind else { continue };
            if let Some(index) = unreadable(ctx, *callee, type_args) {
                let called = ctx.program.function(*callee);
                let at = ctx.at(function.module, expr.span);
                let param = &called.type_params[index].name;
                let shown = ctx.show(type_args[index]);
                faults.push(report::zero_size_instance(at, &called.name, param, &shown));
            }
        }
    }
    faults.into_iter().for_each(|f| ctx.report(f));
}

/// The first parameter the callee reads whose argument takes no space.
fn unreadable(ctx: &Context, callee: FnId, type_args: &[Ty]) -> Option<usize> {
    let reads = &ctx.param_reads[callee.index()];
    (0..type_args.len())
        .find(|i| reads.contains(&(*i as u32)) && ctx.program.types.is_zero_size(type_args[*i]))
}

/// Checks that what the program reaches can be compiled. For programs without
/// other errors.
pub(crate) fn finite(ctx: &mut Context, sources: &Sources) {
    growing(ctx, sources);
    if !ctx.has_errors() {
        reached(ctx);
    }
}

/// Recursion at ever larger types: a cycle in the graph that has a node for each
/// type parameter of each function and an edge from a parameter to the one it is
/// passed on to, with an edge that wraps the parameter (Kennedy and Pierce, "On
/// decidability of nominal subtyping", 2007, use the same test).
fn growing(ctx: &mut Context, sources: &Sources) {
    let mut first = Vec::new();
    let mut count = 0;
    for function in &ctx.program.fns {
        first.push(count);
        count += function.type_params.len() as u32;
    }
    let mut edges: Vec<Vec<u32>> = vec![Vec::new(); count as usize];
    let mut wrapping: Vec<(u32, u32, FnId, Ty, FileSpan)> = Vec::new();
    for (caller, function) in ctx.program.fns.iter().enumerate() {
        for expr in &function.body.exprs {
            let ExprKind::Call { callee, type_args, .. } = &expr.kind else { continue };
            for (to, arg) in (first[callee.index()]..).zip(type_args) {
                let bare = matches!(ctx.program.types.kind(*arg), TyKind::Param(..));
                any(&ctx.program.types, *arg, &mut |kind| {
                    if let TyKind::Param(index, _) = kind {
                        let from = first[caller] + index;
                        edges[from as usize].push(to);
                        if !bare {
                            let at = ctx.at(function.module, expr.span);
                            wrapping.push((from, to, *callee, *arg, at));
                        }
                    }
                    false
                });
            }
        }
    }
    let mut component = vec![0; edges.len()];
    for (number, members) in graph::components(&edges).into_iter().enumerate() {
        members.into_iter().for_each(|node| component[node as usize] = number);
    }
    let mut uses = None;
    for (from, to, callee, arg, at) in wrapping {
        if component[from as usize] != component[to as usize] {
            continue;
        }
        let param = (to - first[callee.index()]) as usize;
        let uses = uses.get_or_insert_with(|| Uses::of(&ctx.program));
        match uses.get(callee, param).filter(|_| !Fault::SharedInstance.planted()) {
            None => ctx.program.fns[callee.index()].type_params[param].shared = true,
            Some(found) => {
                let place = ctx.at(found.module, found.span);
                let line = sources.get(place.file).line_col(place.span.start).line;
                let name = ctx.program.function(callee).name.clone();
                let shown = ctx.show(arg);
                ctx.report(types::growing_recursion(at, &name, &shown, &found.what, line));
            }
        }
    }
}

/// How many instances of functions and types are looked at.
const LIMIT: usize = 20_000;

/// A body at type arguments.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Instance {
    Function(FnId, Vec<Ty>),
    Refinement(RefinementId, Vec<Ty>),
}

/// The instances met so far.
struct Reached {
    instances: HashSet<Instance>,
    types: HashSet<Ty>,
    /// With where the program itself calls it, if it is the prelude's.
    work: Vec<(Instance, Option<FileSpan>)>,
}

/// Visits every instance the program reaches, with the types in it and in the
/// fields of those. Of the prelude, what the program calls.
fn reached(ctx: &mut Context) {
    if ctx.program.fns.iter().all(|f| f.type_params.is_empty())
        && ctx.program.datas.iter().all(|d| d.params.is_empty())
    {
        return;
    }
    let mut reached =
        Reached { instances: HashSet::new(), types: HashSet::new(), work: Vec::new() };
    for (id, function) in (0..).map(FnId).zip(&ctx.program.fns) {
        if function.type_params.is_empty() && !ctx.program.is_prelude(function.module) {
            reached.add(Instance::Function(id, Vec::new()), None);
        }
    }
    while let Some((instance, called_at)) = reached.work.pop() {
        let (body, args, module) = match &instance {
            Instance::Function(id, args) => {
                let function = &mut ctx.program.fns[id.index()];
                (std::mem::take(&mut function.body), args, function.module)
            }
            Instance::Refinement(id, args) => {
                let refinement = &mut ctx.program.refinements[id.index()];
                (std::mem::take(&mut refinement.body), args, refinement.module)
            }
        };
        let fault = reached
            .body(ctx, &body, args, |ctx, span| called_at.unwrap_or_else(|| ctx.at(module, span)));
        match instance {
            Instance::Function(id, _) => ctx.program.fns[id.index()].body = body,
            Instance::Refinement(id, _) => ctx.program.refinements[id.index()].body = body,
        }
        if let Some((at, what)) = fault {
            if ctx.program.types.take_oversized() {
                ctx.report(types::oversized(at));
            } else {
                ctx.report(types::too_many_instances(at, &what, LIMIT));
            }
            return;
        }
    }
}

impl Reached {
    fn add(&mut self, instance: Instance, called_at: Option<FileSpan>) {
        if self.instances.insert(instance.clone()) {
            self.work.push((instance, called_at));
        }
    }

    /// Visits a body; yields the first place that reaches too much, and what does
    /// so there. `place` says where in the program something in the body is.
    fn body(
        &mut self,
        ctx: &mut Context,
        body: &Body,
        args: &[Ty],
        place: impl Fn(&Context, Span) -> FileSpan,
    ) -> Option<(FileSpan, String)> {
        let written = body.locals.iter().map(|l| (l.ty, l.span));
        for (ty, span) in written.chain(body.exprs.iter().map(|e| (e.ty, e.span))) {
            let ty = ctx.program.types.subst(ty, args);
            self.ty(ctx, ty);
            if self.too_much(ctx) {
                return Some((place(ctx, span), format!("The type `{}`", ctx.show(ty))));
            }
        }
        for expr in &body.exprs {
            let ExprKind::Call { callee, type_args, .. } = &expr.kind else { continue };
            let prelude = ctx.program.is_prelude(ctx.program.function(*callee).module);
            if type_args.is_empty() && !prelude {
                continue;
            }
            let types = &mut ctx.program.types;
            let args = type_args.iter().map(|t| types.subst(*t, args)).collect();
            let args = ctx.program.instance_args(&ctx.program.types, *callee, args);
            let called_at = prelude.then(|| place(ctx, expr.span));
            self.add(Instance::Function(*callee, args), called_at);
            if self.too_much(ctx) {
                let callee = &ctx.program.function(*callee).name;
                let what = format!("The call of `{callee}`");
                return Some((place(ctx, expr.span), what));
            }
        }
        None
    }

    fn too_much(&self, ctx: &mut Context) -> bool {
        let oversized = ctx.program.types.is_oversized();
        oversized || self.instances.len() + self.types.len() > LIMIT
    }

    /// A type, its parts, and what its values hold.
    fn ty(&mut self, ctx: &mut Context, ty: Ty) {
        let mut work = vec![ty];
        while let Some(ty) = work.pop() {
            if self.types.len() > LIMIT || !self.types.insert(ty) {
                continue;
            }
            let kind = ctx.program.types.kind(ty).clone();
            for_each_part(&kind, &mut |part| work.push(part));
            if let TyKind::Data(id, args) = kind {
                let data = &ctx.program.datas[id.index()];
                if let Some(invariant) = data.invariant {
                    self.add(Instance::Refinement(invariant, args.clone()), None);
                }
                for field in data.ctors.iter().flat_map(|c| &c.fields) {
                    work.push(ctx.program.types.subst(*field, &args));
                }
            } else if let TyKind::Refined(_, id, args) = kind {
                self.add(Instance::Refinement(id, args), None);
            }
        }
    }
}
