//! The instances of generic functions that a program reaches.

use std::collections::{BTreeMap, HashSet};

use vera_check::typed::{ExprKind, FnId, Program, Visibility};
use vera_check::types::{Printer, Ty, Types};

/// Instances of each generic function.
pub(super) struct Instances {
    found: BTreeMap<FnId, Vec<Vec<Ty>>>,
}

/// A program may instantiate a function at ever larger types; past this number of
/// instances the rest is not looked at.
const LIMIT: usize = 4096;

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
        while let Some((f, args)) = work.pop() {
            for expr in &program.function(f).body.exprs {
                let ExprKind::Call { callee, type_args, .. } = &expr.kind else { continue };
                if type_args.is_empty() {
                    continue;
                }
                let closed: Vec<Ty> = type_args.iter().map(|t| types.subst(*t, &args)).collect();
                if seen.len() < LIMIT && seen.insert((*callee, closed.clone())) {
                    work.push((*callee, closed));
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
        Instances { found }
    }

    /// The instances of a function, in the order of their names.
    pub fn of(&self, f: FnId) -> &[Vec<Ty>] {
        self.found.get(&f).map_or(&[], Vec::as_slice)
    }
}

/// `f<Bool>`
pub(super) fn name(program: &Program, types: &Types, f: FnId, args: &[Ty]) -> String {
    let printer = Printer::with_types(program, types);
    let args: Vec<String> = args.iter().map(|a| printer.ty(*a)).collect();
    format!("{}<{}>", program.function(f).name, args.join(", "))
}
