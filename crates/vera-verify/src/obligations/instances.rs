//! The instances of generic functions that a program reaches.

use std::collections::{BTreeMap, HashSet};

use vera_check::typed::{Body, ExprKind, FnId, Program, Refinement, RefinementId, Visibility};
use vera_check::types::{Printer, Ty, TyKind, Types, any};
use vera_faults::Fault;

/// Instances of each generic function.
pub(super) struct Instances {
    found: BTreeMap<FnId, Vec<Vec<Ty>>>,
    /// Those of predicates with type parameters.
    predicates: BTreeMap<RefinementId, Vec<Vec<Ty>>>,
}

impl Instances {
    pub fn new(program: &Program, types: &mut Types) -> Instances {
        let mut seen: HashSet<(FnId, Vec<Ty>)> = HashSet::new();
        let mut work: Vec<(FnId, Vec<Ty>)> = (0..program.fns.len() as u32)
            .map(FnId)
            .filter(|f| {
                let function = program.function(*f);
                function.type_params.is_empty() && !program.modules[function.module.index()].prelude
            })
            .map(|f| (f, Vec::new()))
            .collect();
        for f in &program.entry_fns {
            let args = program.entry_args(types, *f).filter(|args| !args.is_empty());
            if program.function(*f).visibility == Visibility::Public
                && let Some(args) = args
            {
                seen.insert((*f, args.clone()));
                work.push((*f, args));
            }
        }
        let mut predicates: HashSet<(RefinementId, Vec<Ty>)> = HashSet::new();
        let mut bodies: Vec<(&Body, Vec<Ty>)> = Vec::new();
        // Predicates that are written without type parameters are evaluated at least
        // by whoever makes their type's values.
        for refinement in program.refinements.iter().filter(|r| is_closed(types, r)) {
            bodies.push((&refinement.body, Vec::new()));
        }
        loop {
            let (body, args) = match (work.pop(), bodies.pop()) {
                (Some((f, args)), later) => {
                    bodies.extend(later);
                    (&program.function(f).body, args)
                }
                (None, Some(body)) => body,
                (None, None) => break,
            };
            for (callee, closed) in calls(program, types, body, &args) {
                if seen.insert((callee, closed.clone())) {
                    work.push((callee, closed));
                }
            }
            for (id, closed) in evaluated(program, types, body, &args) {
                if predicates.insert((id, closed.clone())) {
                    bodies.push((&program.refinements[id.index()].body, closed));
                }
            }
        }
        let mut found: BTreeMap<FnId, Vec<Vec<Ty>>> = BTreeMap::new();
        for (f, args) in seen {
            found.entry(f).or_default().push(args);
        }
        for (f, instances) in &mut found {
            instances.sort_by_cached_key(|args| name(program, types, *f, args));
        }
        let mut of_predicates: BTreeMap<RefinementId, Vec<Vec<Ty>>> = BTreeMap::new();
        for (id, args) in predicates {
            of_predicates.entry(id).or_default().push(args);
        }
        of_predicates.values_mut().for_each(|instances| instances.sort());
        Instances { found, predicates: of_predicates }
    }

    /// The types a predicate is evaluated at.
    pub fn of_predicate(&self, id: RefinementId) -> &[Vec<Ty>] {
        self.predicates.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The instances of a function, in the order of their names.
    pub fn of(&self, f: FnId) -> &[Vec<Ty>] {
        self.found.get(&f).map_or(&[], Vec::as_slice)
    }
}

/// The generic functions a body calls, with their closed type arguments.
fn calls(program: &Program, types: &mut Types, body: &Body, args: &[Ty]) -> Vec<(FnId, Vec<Ty>)> {
    let mut out = Vec::new();
    for expr in &body.exprs {
        if let ExprKind::Call { callee, type_args, .. } = &expr.kind
            && !type_args.is_empty()
        {
            let closed = type_args.iter().map(|t| types.subst(*t, args)).collect();
            out.push((*callee, program.instance_args(types, *callee, closed)));
        }
    }
    out
}

/// The predicates with type parameters that a body may evaluate: those of the types
/// it mentions, and of what lies in their values.
fn evaluated(
    program: &Program,
    types: &mut Types,
    body: &Body,
    args: &[Ty],
) -> Vec<(RefinementId, Vec<Ty>)> {
    let mut out = Vec::new();
    if Fault::InstancesOfPredicates.planted() {
        return out;
    }
    let mut mentioned: Vec<Ty> = body.exprs.iter().map(|e| e.ty).collect();
    mentioned.extend(body.locals.iter().map(|l| l.ty));
    let mut met = HashSet::new();
    let mut work: Vec<Ty> = mentioned.into_iter().filter(|ty| met.insert(*ty)).collect();
    work.iter_mut().for_each(|ty| *ty = types.subst(*ty, args));
    let mut seen = HashSet::new();
    while let Some(ty) = work.pop() {
        if seen.contains(&ty) {
            continue;
        }
        for part in program.types_within(types, ty) {
            if !seen.insert(part) {
                continue;
            }
            match types.kind(part).clone() {
                TyKind::Refined(_, id, args) if !args.is_empty() => out.push((id, args)),
                TyKind::Fn { params, ret, .. } => {
                    work.extend(params);
                    work.push(ret);
                }
                _ => {}
            }
            out.extend(program.invariant(types, part).filter(|(_, args)| !args.is_empty()));
        }
    }
    out
}

/// Whether the predicate is written without type parameters.
fn is_closed(types: &Types, refinement: &Refinement) -> bool {
    !Fault::InstancesOfPredicates.planted()
        && !any(types, refinement.base, &mut |kind| matches!(kind, TyKind::Param(..)))
}

/// `f<Bool>`
pub(super) fn name(program: &Program, types: &Types, f: FnId, args: &[Ty]) -> String {
    let printer = Printer::with_types(program, types);
    let params = &program.function(f).type_params;
    let args: Vec<String> = args
        .iter()
        .zip(params)
        .map(|(a, p)| if p.is_any_reference(*a) { "_".into() } else { printer.ty(*a) })
        .collect();
    format!("{}<{}>", program.function(f).name, args.join(", "))
}
