//! The rules of the representation, checked after passes in debug builds.
//!
//! Checked are: every value has one definition, which is visible at each use;
//! operand and result types; what regions yield; the targets of `Break` and
//! `Continue`; that functions reached through closures are marked so; and that
//! roots are visible references.

pub mod claims;
mod types;

use crate::ir::*;

/// Checks a whole program.
///
/// # Errors
/// Every breach found, one line each: `<function>: <instruction>: <what>`.
pub fn verify(program: &Program) -> Result<(), String> {
    let mut errors = Vec::new();
    for (i, func) in program.funcs.iter().enumerate() {
        let mut checker = Checker {
            program,
            func,
            errors: &mut errors,
            id: FuncId(i as u32),
            visible: vec![false; func.values.len()],
            defined: vec![false; func.values.len()],
            labels: vec![None; func.labels as usize],
        };
        checker.func();
    }
    for export in &program.exports {
        if let Some(what) = types::export(program, export) {
            errors.push(format!("export {:?}: {what}", export.name));
        }
    }
    for s in &program.statics {
        if let Static::Closure(func) = s
            && !program.funcs.get(func.index()).is_some_and(|f| f.indirect)
        {
            errors.push(format!("static closure of {func}: not marked indirect"));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors.join("\n")) }
}

/// What a label in scope leads to.
#[derive(Clone)]
enum Target {
    /// `Break` with these types.
    Block(Vec<Ty>),
    /// `Continue` with these types.
    Loop(Vec<Ty>),
}

struct Checker<'a> {
    program: &'a Program,
    func: &'a Func,
    id: FuncId,
    errors: &'a mut Vec<String>,
    visible: Vec<bool>,
    defined: Vec<bool>,
    /// Targets in scope, by label.
    labels: Vec<Option<Target>>,
}

impl Checker<'_> {
    fn error(&mut self, at: &str, what: impl std::fmt::Display) {
        self.errors.push(format!("{} {}: {at}: {what}", self.id, self.func.name));
    }

    fn func(&mut self) {
        let func = self.func;
        let mut scope = Vec::new();
        self.define(&func.params, &mut scope, "parameters");
        for value in &func.natural {
            if !func.params.contains(value) || func.ty(*value) != Ty::I64 {
                self.error("parameters", format_args!("{value} is no number among them"));
            }
        }
        self.region(&func.body, &func.results, "body");
    }

    fn define(&mut self, values: &[ValueId], scope: &mut Vec<ValueId>, at: &str) {
        for value in values {
            let Some(defined) = self.defined.get_mut(value.index()) else {
                self.error(at, format_args!("{value} has no type"));
                continue;
            };
            if std::mem::replace(defined, true) {
                self.error(at, format_args!("{value} is defined twice"));
            }
            self.visible[value.index()] = true;
            scope.push(*value);
        }
    }

    fn used(&mut self, value: ValueId, at: &str) {
        if !self.visible.get(value.index()).is_some_and(|v| *v) {
            self.error(at, format_args!("{value} is not visible here"));
        }
    }

    fn types_of(&self, values: &[ValueId]) -> Vec<Option<Ty>> {
        values.iter().map(|v| self.func.values.get(v.index()).copied()).collect()
    }

    fn expect_types(&mut self, values: &[ValueId], types: &[Ty], at: &str) {
        let found = self.types_of(values);
        let wanted: Vec<_> = types.iter().copied().map(Some).collect();
        if found != wanted {
            self.error(at, format_args!("has types {found:?}, needs {wanted:?}"));
        }
    }

    fn region(&mut self, region: &Region, yields: &[Ty], at: &str) {
        let mut scope = Vec::new();
        for inst in &region.insts {
            let at = types::describe(inst);
            self.inst(inst, &mut scope, &at);
        }
        let at = format!("{at}, {}", region.end);
        self.terminator(&region.end, yields, &at);
        for value in scope {
            self.visible[value.index()] = false;
        }
    }

    fn inst(&mut self, inst: &Inst, scope: &mut Vec<ValueId>, at: &str) {
        let mut operands = Vec::new();
        inst.op.for_each_operand(|v| operands.push(v));
        operands.iter().for_each(|v| self.used(*v, at));
        for root in &inst.roots {
            self.used(*root, at);
            if self.func.values.get(root.index()) != Some(&Ty::Ref) {
                self.error(at, format_args!("root {root} is not a reference"));
            }
        }
        let results: Vec<Ty> =
            inst.results.iter().filter_map(|v| self.func.values.get(v.index()).copied()).collect();
        let found = self.types_of(&operands);
        let Some(found) = found.into_iter().collect::<Option<Vec<Ty>>>() else { return };
        match types::signature(self.program, &inst.op, &results, &found) {
            Ok(signature) => {
                if let Some(wanted) = signature.params
                    && wanted != found
                {
                    self.error(at, format_args!("operands are {found:?}, needs {wanted:?}"));
                }
                if let Some(wanted) = signature.results
                    && wanted != results
                {
                    self.error(at, format_args!("results are {results:?}, yields {wanted:?}"));
                }
            }
            Err(what) => self.error(at, what),
        }
        if let Op::Block { label, body } = &inst.op {
            self.with_label(*label, Target::Block(results.clone()), at, |c| {
                c.region(body, &results, at);
            });
        } else if let Op::Loop { label, params, body, .. } = &inst.op {
            let types = found;
            let mut inner = Vec::new();
            self.define(params, &mut inner, at);
            self.with_label(*label, Target::Loop(types), at, |c| c.region(body, &results, at));
            inner.iter().for_each(|v| self.visible[v.index()] = false);
        } else {
            for region in inst.op.regions() {
                self.region(region, &results, at);
            }
        }
        self.define(&inst.results, scope, at);
    }

    fn with_label(&mut self, label: LabelId, target: Target, at: &str, f: impl FnOnce(&mut Self)) {
        match self.labels.get_mut(label.index()) {
            Some(slot @ None) => *slot = Some(target),
            Some(Some(_)) => return self.error(at, format_args!("{label} shadows itself")),
            None => return self.error(at, format_args!("{label} is out of range")),
        }
        f(self);
        self.labels[label.index()] = None;
    }

    fn terminator(&mut self, end: &Terminator, yields: &[Ty], at: &str) {
        let mut operands = Vec::new();
        end.for_each_operand(|v| operands.push(v));
        operands.iter().for_each(|v| self.used(*v, at));
        let func = self.func;
        match end {
            Terminator::Yield(args) => self.expect_types(args, yields, at),
            Terminator::Return(args) => self.expect_types(args, &func.results, at),
            Terminator::TailCall { func: callee, args, .. } => {
                let Some(callee) = self.program.funcs.get(callee.index()) else {
                    return self.error(at, "no such function");
                };
                let params: Vec<Ty> = callee.params.iter().map(|v| callee.ty(*v)).collect();
                self.expect_types(args, &params, at);
                if callee.results != func.results {
                    self.error(at, "the callee returns other types");
                }
            }
            Terminator::TailCallClosure { closure, results, .. } => {
                self.expect_types(&[*closure], &[Ty::Ref], at);
                if *results != func.results {
                    self.error(at, "the closure returns other types");
                }
            }
            Terminator::Break(label, args) => match self.label(*label) {
                Some(Target::Block(types)) => self.expect_types(args, &types, at),
                Some(Target::Loop(_)) => self.error(at, "breaks to a loop"),
                None => self.error(at, "the label is not in scope"),
            },
            Terminator::Continue(label, args) => match self.label(*label) {
                Some(Target::Loop(types)) => self.expect_types(args, &types, at),
                Some(Target::Block(_)) => self.error(at, "continues a block"),
                None => self.error(at, "the label is not in scope"),
            },
            Terminator::Trap { .. } | Terminator::Unreachable => {}
        }
    }

    fn label(&self, label: LabelId) -> Option<Target> {
        self.labels.get(label.index()).cloned().flatten()
    }
}
