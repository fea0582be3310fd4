//! The instances of generic functions that a program reaches.

use std::collections::{BTreeMap, HashSet};

use vera_check::typed::{ExprKind, FnId, Program, Visibility};
use vera_check::types::{Printer, Ty, Types};

/// Instances of each generic function.
pub(super) struct Instances {
    found: BTreeMap<FnId, Vec<Vec<Ty>>>,
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
        while let Some((f, args)) = work.pop() {
            for expr in &program.function(f).body.exprs {
                let ExprKind::Call { callee, type_args, .. } = &expr.kind else { continue };
                if type_args.is_empty() {
                    continue;
                }
                let closed = type_args.iter().map(|t| types.subst(*t, &args)).collect();
                let closed = program.instance_args(types, *callee, closed);
                if seen.insert((*callee, closed.clone())) {
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
    let params = &program.function(f).type_params;
    let args: Vec<String> = args
        .iter()
        .zip(params)
        .map(|(a, p)| if p.is_any_reference(*a) { "_".into() } else { printer.ty(*a) })
        .collect();
    format!("{}<{}>", program.function(f).name, args.join(", "))
}
