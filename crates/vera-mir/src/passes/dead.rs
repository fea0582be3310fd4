//! Removal of instructions whose results nothing uses and whose execution
//! nobody can observe.

use crate::behaviour::Behaviour;
use crate::ir::*;

/// Sweeps one function.
pub(super) fn run(program: &mut Program, id: FuncId) {
    let func = &mut program.funcs[id.index()];
    let mut used = vec![false; func.values.len()];
    let mut body = std::mem::replace(
        &mut func.body,
        Region { insts: Vec::new(), end: Terminator::Unreachable },
    );
    sweep(&mut body, &mut used);
    func.body = body;
}

/// Walks backwards: every use is seen before the definition.
fn sweep(region: &mut Region, used: &mut [bool]) {
    region.end.for_each_operand(|v| used[v.index()] = true);
    let mut kept = Vec::new();
    for mut inst in std::mem::take(&mut region.insts).into_iter().rev() {
        if is_pure(&inst.op) && inst.results.iter().all(|r| !used[r.index()]) {
            continue;
        }
        inst.op.for_each_region_mut(|r| sweep(r, used));
        inst.op.for_each_operand(|v| used[v.index()] = true);
        kept.push(inst);
    }
    kept.reverse();
    region.insts = kept;
}

/// Whether an operation matters for its results only. Allocation counts: that it
/// may exhaust the heap is no promise.
fn is_pure(op: &Op) -> bool {
    op.only_reads() || op.behaviour() == Behaviour::Allocates
}
