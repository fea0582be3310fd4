//! What a program asks its host for, and where.

use std::collections::BTreeSet;

use vera_abi::host::HostFn;
use vera_abi::runtime::RtFn;
use vera_diagnostics::FileSpan;

use crate::ir::{
    Const, Func, FuncId, Inst, LocId, Op, Program, Static, StaticId, Terminator, ValueId,
};

/// Something that only a host can do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum HostUse {
    Func(HostFn),
    /// By number of the program's table.
    Operation(u32),
    /// `IO.args`.
    Arguments,
}

/// Each use in what the exports reach, with the place in the source; linear in the
/// program's size.
pub fn host_uses(program: &Program) -> Vec<(HostUse, FileSpan)> {
    let mut search = Search {
        program,
        seen: BTreeSet::new(),
        statics: BTreeSet::new(),
        work: Vec::new(),
        uses: Vec::new(),
    };
    search.work.extend(program.exports.iter().map(|e| e.func));
    while let Some(id) = search.work.pop() {
        if search.seen.insert(id.index()) {
            search.func(program.func(id));
        }
    }
    search.uses
}

struct Search<'a> {
    program: &'a Program,
    seen: BTreeSet<usize>,
    statics: BTreeSet<StaticId>,
    work: Vec<FuncId>,
    uses: Vec<(HostUse, FileSpan)>,
}

impl Search<'_> {
    fn func(&mut self, func: &Func) {
        let mut numbers: Vec<(ValueId, u32)> = Vec::new();
        func.body.for_each_inst(&mut |inst| {
            if let (Op::Const(Const::I32(n)), [value]) = (&inst.op, &inst.results[..]) {
                numbers.push((*value, *n as u32));
            }
        });
        func.body.for_each_inst(&mut |inst| self.inst(inst, &numbers));
        func.body.for_each_end(&mut |end| {
            if let Terminator::TailCall { func, .. } = end {
                self.work.push(*func);
            }
        });
    }

    fn inst(&mut self, inst: &Inst, numbers: &[(ValueId, u32)]) {
        if let Op::Call { func, .. } | Op::MakeClosure { func, .. } = &inst.op {
            self.work.push(*func);
        }
        if let Op::Const(Const::Static(id)) = &inst.op {
            self.static_(*id);
        }
        if let Op::CallRt { func: RtFn::HostArgs, .. } = &inst.op {
            self.add(HostUse::Arguments, inst.loc);
        }
        let Op::CallHost { func, args } = &inst.op else { return };
        if !matches!(func, HostFn::Perform | HostFn::Start) {
            return self.add(HostUse::Func(*func), inst.loc);
        }
        let number = numbers.iter().find(|(value, _)| Some(value) == args.first());
        if let Some((_, number)) = number {
            self.add(HostUse::Operation(*number), inst.loc);
        }
    }

    fn static_(&mut self, id: StaticId) {
        if !self.statics.insert(id) {
            return;
        }
        let program = self.program;
        let object = &program.statics[id.index()];
        if let Static::Closure(func) = object {
            self.work.push(*func);
        }
        object.for_each_static(|inner| self.static_(inner));
    }

    fn add(&mut self, what: HostUse, loc: LocId) {
        // Where the outermost call stands, of what was inlined.
        let mut loc = &self.program.locs[loc.index()];
        while let Some(outer) = loc.inlined_at {
            loc = &self.program.locs[outer.index()];
        }
        self.uses.push((what, loc.at));
    }
}
