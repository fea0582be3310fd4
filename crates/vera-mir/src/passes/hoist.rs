//! Length and address of a sequence are read once before a loop that cannot
//! collect. (They never change; in a loop that may collect the address is read
//! again each time, which keeps the sequence itself alive.)

use std::collections::HashSet;

use crate::ir::*;

pub(super) fn run(program: &mut Program) {
    let collects: Vec<bool> = program.funcs.iter().map(|f| f.collects).collect();
    for func in &mut program.funcs {
        let mut body = std::mem::replace(
            &mut func.body,
            Region { insts: Vec::new(), end: Terminator::Unreachable },
        );
        region(&mut body, &collects);
        func.body = body;
    }
}

fn region(region_: &mut Region, collects: &[bool]) {
    let mut out = Vec::new();
    for mut inst in std::mem::take(&mut region_.insts) {
        inst.op.for_each_region_mut(|r| region(r, collects));
        if let Op::Loop { params, body, .. } = &mut inst.op
            && !may_collect(body, collects)
        {
            let mut inside: HashSet<ValueId> = params.iter().copied().collect();
            body.for_each_def(&mut |value| _ = inside.insert(value));
            lift(body, &inside, &mut out);
        }
        out.push(inst);
    }
    region_.insts = out;
}

fn may_collect(body: &Region, collects: &[bool]) -> bool {
    let mut found = false;
    body.for_each_inst(&mut |inst| found |= inst.op.may_collect(|f| collects[f.index()]));
    found
}

/// Moves reads of sequences from outside the loop to `out`.
fn lift(body: &mut Region, inside: &HashSet<ValueId>, out: &mut Vec<Inst>) {
    let mut kept = Vec::new();
    for mut inst in std::mem::take(&mut body.insts) {
        match &inst.op {
            Op::SeqLen(seq) | Op::SeqData(seq) if !inside.contains(seq) => out.push(inst),
            _ => {
                inst.op.for_each_region_mut(|r| lift(r, inside, out));
                kept.push(inst);
            }
        }
    }
    body.insts = kept;
}
