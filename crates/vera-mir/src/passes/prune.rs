//! Removal of functions and static objects nothing reaches any more.

use crate::ir::*;

pub(super) fn run(program: &mut Program) {
    let mut reached = vec![false; program.funcs.len()];
    let mut work: Vec<FuncId> = program.exports.iter().map(|e| e.func).collect();
    while let Some(id) = work.pop() {
        if std::mem::replace(&mut reached[id.index()], true) {
            continue;
        }
        work.extend(super::callees(program, id));
    }
    let mut places = vec![None; program.funcs.len()];
    let mut kept = Vec::new();
    for (i, func) in std::mem::take(&mut program.funcs).into_iter().enumerate() {
        if reached[i] {
            places[i] = Some(FuncId(kept.len() as u32));
            kept.push(func);
        }
    }
    program.funcs = kept;
    let statics = statics(program);
    let place = |id: FuncId| places[id.index()].expect("a reached function is kept");
    for export in &mut program.exports {
        export.func = place(export.func);
    }
    for object in &mut program.statics {
        if let Static::Closure(func) = object {
            *func = place(*func);
        }
    }
    for func in &mut program.funcs {
        renumber(&mut func.body, &place, &statics);
    }
}

/// Keeps the static objects in use; returns where each went.
fn statics(program: &mut Program) -> Vec<Option<StaticId>> {
    let mut used = vec![false; program.statics.len()];
    for func in &program.funcs {
        func.body.for_each_inst(&mut |inst| {
            if let Op::Const(Const::Static(s)) = inst.op {
                used[s.index()] = true;
            }
        });
    }
    // What a static refers to comes before it.
    for (i, object) in program.statics.iter().enumerate().rev() {
        if used[i] {
            object.for_each_static(|s| used[s.index()] = true);
        }
    }
    let mut places = vec![None; used.len()];
    let mut kept = Vec::new();
    for (i, object) in std::mem::take(&mut program.statics).into_iter().enumerate() {
        if used[i] {
            places[i] = Some(StaticId(kept.len() as u32));
            kept.push(object);
        }
    }
    program.statics = kept;
    for object in &mut program.statics {
        if let Static::Object(_, fields) = object {
            for (_, _, value) in fields {
                if let Const::Static(s) = value {
                    *s = places[s.index()].expect("a used static object is kept");
                }
            }
        }
    }
    places
}

fn renumber(region: &mut Region, place: &impl Fn(FuncId) -> FuncId, statics: &[Option<StaticId>]) {
    for inst in &mut region.insts {
        match &mut inst.op {
            Op::Call { func, .. } | Op::MakeClosure { func, .. } => *func = place(*func),
            Op::Const(Const::Static(s)) => {
                *s = statics[s.index()].expect("a used static object is kept");
            }
            _ => {}
        }
        inst.op.for_each_region_mut(|r| renumber(r, place, statics));
    }
    if let Terminator::TailCall { func, .. } = &mut region.end {
        *func = place(*func);
    }
}
