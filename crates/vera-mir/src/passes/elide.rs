//! Removal of checks that are proved never to fail.

use vera_abi::trap::TrapKind;
use vera_diagnostics::FileSpan;

use crate::ir::*;

/// Removes the checks for which `proved` holds, given how they end a run and where
/// they stand. To be run before other passes.
pub fn run(program: &mut Program, proved: &impl Fn(TrapKind, FileSpan) -> bool) {
    let Program { funcs, locs, source_fns, .. } = program;
    for func in funcs {
        // Proofs say nothing of what a host passes.
        if source_fns[func.source.index()].name.is_empty() {
            continue;
        }
        region(&mut func.body, &|kind, loc: LocId| proved(kind, locs[loc.index()].at));
    }
}

fn region(region_: &mut Region, proved: &impl Fn(TrapKind, LocId) -> bool) {
    for inst in &mut region_.insts {
        match &mut inst.op {
            Op::Guard { kind, .. } if proved(*kind, inst.loc) => {
                inst.op = Op::Claim { by: vec![Reason::Proof] };
            }
            Op::Checked(op, a, b) if proved(TrapKind::Overflow, inst.loc) => {
                // Division traps in the machine anyway.
                let wrapping = match op {
                    CheckedOp::Add => Some(BinaryOp::AddI64),
                    CheckedOp::Sub => Some(BinaryOp::SubI64),
                    CheckedOp::Mul => Some(BinaryOp::MulI64),
                    CheckedOp::Div | CheckedOp::Rem => None,
                };
                if let Some(wrapping) = wrapping {
                    inst.op = Op::Binary(wrapping, *a, *b);
                }
            }
            _ => {}
        }
        inst.op.for_each_region_mut(|r| region(r, proved));
    }
}
