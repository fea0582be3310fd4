//! What the module needs: the program's functions reachable from its exports,
//! and what those use of the static objects, the runtime and the host.

use std::collections::BTreeSet;

use vera_abi::host::HostFn;
use vera_abi::runtime::{RtFn, Wasm};
use vera_mir::ir::{
    CheckedOp, Const, FuncId, Inst, Mem, Op, Program, Static, StaticId, Terminator,
};

use crate::{EmitOptions, exports};

#[derive(Default)]
pub struct Usage {
    /// Reachable functions, ascending.
    pub funcs: Vec<FuncId>,
    /// Those among them that are called through closures, ascending.
    pub table: Vec<FuncId>,
    /// Static objects that are referred to, ascending.
    pub statics: BTreeSet<StaticId>,
    pub runtime: BTreeSet<RtFn>,
    pub host: BTreeSet<HostFn>,
    /// Some code passes the host an address.
    pub memory: bool,
    /// Some export takes or returns a string, and some takes one.
    pub strings_out: bool,
    pub strings_in: bool,
    /// Some code calls through the function table.
    pub indirect_calls: bool,
    /// Some code uses a module variable.
    pub globals: bool,
    /// Some function checks the shadow stack.
    stack_checks: bool,
}

impl Usage {
    pub fn of(program: &Program, options: &EmitOptions) -> Usage {
        let mut search = Search {
            program,
            usage: Usage::default(),
            seen: vec![false; program.funcs.len()],
            in_table: BTreeSet::new(),
            work: Vec::new(),
        };
        for export in &program.exports {
            search.call(export.func);
            search.usage.strings_in |= exports::takes_text(export);
            search.usage.strings_out |= exports::yields_text(export);
        }
        while let Some(id) = search.work.pop() {
            search.func(id);
        }
        let Search { mut usage, in_table, .. } = search;
        usage.funcs.sort_unstable();
        usage.table = in_table.into_iter().collect();
        usage.finish(options);
        usage
    }

    fn finish(&mut self, options: &EmitOptions) {
        if self.strings_in {
            self.runtime.insert(RtFn::StringNew);
        }
        if self.stack_checks && self.collects() {
            self.host.insert(HostFn::Trap);
        }
        if options.fuel {
            self.host.insert(HostFn::Trap);
        }
        if options.check_references {
            self.host.insert(HostFn::Trap);
            self.memory = true;
        }
        if self.needs_runtime() {
            self.runtime.insert(RtFn::Init);
            if options.test_hooks {
                self.runtime.insert(RtFn::HighWater);
            }
        }
        self.memory |= self.strings_out
            || !self.runtime.is_empty()
            || !self.statics.is_empty()
            || self.host.iter().any(|f| *f != HostFn::Trap && f.params().contains(&Wasm::I32));
    }

    pub fn needs_runtime(&self) -> bool {
        !self.runtime.is_empty()
    }

    /// Whether a collection can ever happen. If not, nobody scans the shadow
    /// stack, and so nothing needs to be stored there.
    pub fn collects(&self) -> bool {
        self.runtime.iter().any(|f| f.collects())
    }
}

struct Search<'a> {
    program: &'a Program,
    usage: Usage,
    seen: Vec<bool>,
    in_table: BTreeSet<FuncId>,
    work: Vec<FuncId>,
}

impl Search<'_> {
    fn call(&mut self, id: FuncId) {
        if !std::mem::replace(&mut self.seen[id.index()], true) {
            self.usage.funcs.push(id);
            self.work.push(id);
        }
    }

    fn closure(&mut self, id: FuncId) {
        self.in_table.insert(id);
        self.call(id);
    }

    fn trap(&mut self, has_message: bool) {
        self.usage.host.insert(HostFn::Trap);
        self.usage.memory |= has_message;
    }

    fn call_indirect(&mut self) {
        self.usage.memory = true;
        self.usage.indirect_calls = true;
    }

    fn func(&mut self, id: FuncId) {
        let func = self.program.func(id);
        if func.is_long() {
            self.usage.runtime.insert(RtFn::SeqNew);
        }
        func.body.for_each_inst(&mut |inst| self.inst(inst));
        func.body.for_each_end(&mut |end| match end {
            Terminator::TailCall { func, .. } => self.call(*func),
            Terminator::Trap { message, .. } => self.trap(message.is_some()),
            Terminator::TailCallClosure { .. } => self.call_indirect(),
            Terminator::Yield(_)
            | Terminator::Return(_)
            | Terminator::Break(..)
            | Terminator::Continue(..)
            | Terminator::Unreachable => {}
        });
        self.usage.stack_checks |= crate::func::checks_stack(func);
    }

    fn static_(&mut self, id: StaticId) {
        if !self.usage.statics.insert(id) {
            return;
        }
        let program = self.program;
        let object = &program.statics[id.index()];
        if let Static::Closure(func) = object {
            self.closure(*func);
        }
        object.for_each_static(|s| self.static_(s));
    }

    fn inst(&mut self, inst: &Inst) {
        match &inst.op {
            Op::Const(Const::Static(id)) => {
                self.static_(*id);
            }
            Op::Checked(CheckedOp::Add | CheckedOp::Sub | CheckedOp::Mul, ..) => self.trap(false),
            Op::Guard { message, .. } => self.trap(message.is_some()),
            Op::MakeObject { .. } => {
                self.usage.runtime.insert(RtFn::AllocSlow);
            }
            Op::MakeClosure { func, .. } => {
                self.usage.runtime.insert(RtFn::AllocSlow);
                self.closure(*func);
            }
            Op::Call { func, .. } => self.call(*func),
            Op::CallRt { func, .. } => {
                self.usage.runtime.insert(*func);
            }
            Op::CallHost { func, .. } => {
                self.usage.host.insert(*func);
            }
            Op::CallClosure { .. } => self.call_indirect(),
            Op::GetGlobal(_) | Op::SetGlobal(..) => self.usage.globals = true,
            Op::WriteCell { mem: Mem::Ref, .. } => {
                self.usage.runtime.insert(RtFn::WriteRef);
            }
            Op::Load { .. }
            | Op::ReadCell { .. }
            | Op::WriteCell { .. }
            | Op::Tag { .. }
            | Op::SeqOwns(_)
            | Op::SeqLen(_)
            | Op::SeqData(_)
            | Op::Element { .. }
            | Op::SetElement { .. }
            | Op::SeqFinish(_) => self.usage.memory = true,
            Op::Const(Const::I32(_) | Const::I64(_) | Const::F64(_) | Const::Immediate(_))
            | Op::Unary(..)
            | Op::Binary(..)
            | Op::Checked(CheckedOp::Div | CheckedOp::Rem, ..)
            | Op::IsImmediate(_)
            | Op::Claim { .. }
            | Op::If { .. }
            | Op::Switch { .. }
            | Op::Block { .. }
            | Op::Loop { .. } => {}
        }
    }
}
