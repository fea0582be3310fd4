//! The run-time checks a program holds, for those who claim that one exists.

use vera_abi::trap::TrapKind;
use vera_diagnostics::{FileSpan, Span};

use crate::ir::{CheckedOp, Func, Inst, LocId, Op, Program, Region, Terminator};

/// A place where a program ends unless something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    pub kind: TrapKind,
    pub at: FileSpan,
}

/// The checks of a program, and the declarations it holds code for.
#[derive(Clone, Debug, Default)]
pub struct Checks {
    pub checks: Vec<Check>,
    pub functions: Vec<FileSpan>,
}

/// Lists the checks of a lowered program. Passes may drop checks they prove, so
/// this is asked before them.
pub fn checks(program: &Program) -> Checks {
    let mut out = Checks::default();
    for func in &program.funcs {
        out.functions.push(program.source_fns[func.source.index()].decl);
        let mut add = |kind: TrapKind, loc: LocId| {
            out.checks.push(Check { kind, at: program.locs[loc.index()].at });
        };
        region(program, &func.body, &mut add);
    }
    out.functions.sort();
    out.functions.dedup();
    out
}

fn region(program: &Program, region_: &Region, add: &mut dyn FnMut(TrapKind, LocId)) {
    for inst in &region_.insts {
        instruction(program, inst, add);
        inst.op.regions().for_each(|inner| region(program, inner, add));
    }
    if let Terminator::Trap { kind, loc, .. } = &region_.end {
        add(*kind, *loc);
    }
}

fn instruction(program: &Program, inst: &Inst, add: &mut dyn FnMut(TrapKind, LocId)) {
    match &inst.op {
        Op::Guard { kind, .. } => add(*kind, inst.loc),
        Op::Checked(CheckedOp::Add | CheckedOp::Sub | CheckedOp::Mul, ..) => {
            add(TrapKind::Overflow, inst.loc)
        }
        Op::Checked(CheckedOp::Div, ..) => {
            add(TrapKind::DivideByZero, inst.loc);
            add(TrapKind::Overflow, inst.loc);
        }
        Op::Checked(CheckedOp::Rem, ..) => add(TrapKind::DivideByZero, inst.loc),
        // Checks of the parts of a compound value are a function of their own.
        Op::Call { func, .. } if is_check(program, &program.funcs[func.index()]) => {
            add(TrapKind::ContractViolation, inst.loc);
            add(TrapKind::NatGuard, inst.loc);
        }
        _ => {}
    }
}

/// Whether the function checks values of a type; no source declares it.
fn is_check(program: &Program, func: &Func) -> bool {
    let decl = program.source_fns[func.source.index()].decl;
    decl.span == Span::default() && func.name.starts_with("check$")
}
