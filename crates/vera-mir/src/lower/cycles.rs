//! Cycles of calls between instances: where measures are compared.
//!
//! The checker's cycles are of functions. An instance is compared with live
//! activations of the same instance, so what counts is which instances lead back
//! to themselves; a cycle may hold several instances of one function.

use std::collections::{HashMap, HashSet};

use vera_check::typed::{self, Body, ExprId, ExprKind, FnId};
use vera_check::types::{Ty as VeraTy, Types};

use super::measures::{Shape, measure};
use super::unwinding::{Special, special};
use super::{Lowerer, descent};

/// A function at type arguments.
pub(crate) type Instance = (FnId, Vec<VeraTy>);

/// Index of a cycle among those found so far.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct CycleId(pub u32);

/// The measured instances of a cycle, in an order that each of them sees.
#[derive(Clone, Debug)]
pub(crate) struct Cycle {
    pub members: Vec<(Instance, Shape)>,
    /// Some call of the cycle stands in a closure that may run anywhere.
    pub escapes: bool,
}

/// What is known of the program's cycles.
#[derive(Default)]
pub(crate) struct Cycles {
    /// The checker's cycles with something to compare, and whether they escape.
    groups: HashMap<u32, bool>,
    of: HashMap<Instance, Option<CycleId>>,
    found: Vec<Cycle>,
}

impl Cycles {
    pub fn of(program: &typed::Program, types: &Types) -> Cycles {
        let mut members: HashMap<u32, Vec<FnId>> = HashMap::new();
        for (id, function) in (0..).map(FnId).zip(&program.fns) {
            if let (Some(cycle), false) =
                (function.cycle, program.modules[function.module.index()].prelude)
            {
                members.entry(cycle).or_default().push(id);
            }
        }
        members.retain(|_, members| match members[..] {
            [only] => !descent::is_evident(program, types, only),
            _ => true,
        });
        let groups = members
            .into_iter()
            .map(|(cycle, members)| {
                let escapes = members.iter().any(|id| {
                    let function = program.function(*id);
                    let walk = Escapes { program, body: &function.body, cycle };
                    walk.calls_later(function.result, false)
                });
                (cycle, escapes)
            })
            .collect();
        Cycles { groups, of: HashMap::new(), found: Vec::new() }
    }
}

impl Lowerer<'_> {
    /// The cycle an instance lies on, if there is something to compare in it.
    pub(super) fn cycle_of(&mut self, id: FnId, type_args: &[VeraTy]) -> Option<CycleId> {
        let group = self.program.function(id).cycle?;
        let escapes = *self.cycles.groups.get(&group)?;
        let start = (id, type_args.to_vec());
        if let Some(known) = self.cycles.of.get(&start) {
            return *known;
        }
        let instances = self.leading_back(start.clone(), group);
        let mut members = Vec::new();
        for (id, args) in &instances {
            let function = self.program.function(*id);
            let shape = self.shape(function, &measure(function), args);
            members.extend(shape.map(|shape| ((*id, args.clone()), shape)));
        }
        let cycle = (!members.is_empty()).then(|| {
            self.cycles.found.push(Cycle { members, escapes });
            CycleId(self.cycles.found.len() as u32 - 1)
        });
        self.cycles.of.insert(start, None);
        for instance in instances {
            self.cycles.of.insert(instance, cycle);
        }
        cycle
    }

    pub(super) fn cycle(&self, id: CycleId) -> &Cycle {
        &self.cycles.found[id.0 as usize]
    }

    /// The instances that a call of `start` leads to within its group and that
    /// lead back to it, sorted.
    fn leading_back(&mut self, start: Instance, group: u32) -> Vec<Instance> {
        let mut numbers: HashMap<Instance, usize> = HashMap::from([(start.clone(), 0)]);
        let mut instances = vec![start];
        let mut callers: Vec<Vec<usize>> = vec![Vec::new()];
        let mut next = 0;
        while let Some((id, args)) = instances.get(next).cloned() {
            let program = self.program;
            for expr in &program.function(id).body.exprs {
                let ExprKind::Call { callee, type_args, .. } = &expr.kind else { continue };
                if program.function(*callee).cycle != Some(group) {
                    continue;
                }
                let args = type_args.iter().map(|t| self.types.subst(*t, &args)).collect();
                let called = (*callee, args);
                let number = *numbers.entry(called.clone()).or_insert_with(|| {
                    instances.push(called);
                    callers.push(Vec::new());
                    instances.len() - 1
                });
                callers[number].push(next);
            }
            next += 1;
        }
        let mut back: HashSet<usize> = HashSet::new();
        let mut work = callers[0].clone();
        while let Some(number) = work.pop() {
            if back.insert(number) {
                work.extend(&callers[number]);
            }
        }
        let mut out: Vec<Instance> = back.into_iter().map(|n| instances[n].clone()).collect();
        out.sort();
        out
    }
}

/// Looks for calls of a cycle in code that may run when another activation is the
/// innermost one.
struct Escapes<'a> {
    program: &'a typed::Program,
    body: &'a Body,
    cycle: u32,
}

impl Escapes<'_> {
    /// `later`: `e` stands in such code.
    fn calls_later(&self, e: ExprId, later: bool) -> bool {
        let mut found = false;
        match &self.body[e].kind {
            ExprKind::Closure { body, .. } => return self.calls_later(*body, true),
            ExprKind::Call { callee, args, .. } => {
                let called = self.program.function(*callee);
                if later && called.cycle == Some(self.cycle) {
                    return true;
                }
                if self.program.modules[called.module.index()].prelude {
                    return self.applied_now(args, later);
                }
            }
            ExprKind::Builtin { args, .. } => return self.applied_now(args, later),
            ExprKind::Apply { function, args } => {
                return self.applied_now(&[*function], later)
                    || args.iter().any(|e| self.calls_later(*e, later));
            }
            ExprKind::Handle(handle) => {
                // The clauses of `State` and `Exn` are code of this function.
                let later_clauses =
                    later || special(self.program, handle.effect.effect) == Special::No;
                let clauses = handle.clauses.iter().flat_map(|c| [Some(c.body), c.update]);
                return handle.state.iter().any(|(_, init)| self.calls_later(*init, later))
                    || clauses.flatten().any(|e| self.calls_later(e, later_clauses))
                    || self.calls_later(handle.body, later);
            }
            _ => {}
        }
        self.body[e].kind.for_each_child(|e| found = found || self.calls_later(e, later));
        found
    }

    /// Closures written as these arguments run while the function is live.
    fn applied_now(&self, args: &[ExprId], later: bool) -> bool {
        args.iter().any(|e| match &self.body[*e].kind {
            ExprKind::Closure { body, .. } => self.calls_later(*body, later),
            _ => self.calls_later(*e, later),
        })
    }
}
