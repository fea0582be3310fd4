//! Operands and nested regions of instructions, in evaluation order.

use crate::ir::{
    Const, Func, FuncId, Inst, Op, Program, Region, Static, StaticId, Terminator, ValueId,
};

/// The operations that neither hold regions nor run the collector, as a pattern.
macro_rules! simple {
    () => {
        Op::Const(_)
            | Op::Unary(..)
            | Op::Binary(..)
            | Op::Checked(..)
            | Op::Guard { .. }
            | Op::Claim { .. }
            | Op::Load { .. }
            | Op::ReadCell { .. }
            | Op::WriteCell { .. }
            | Op::GetGlobal(_)
            | Op::SetGlobal(..)
            | Op::Tag { .. }
            | Op::IsImmediate(_)
            | Op::SeqOwns(_)
            | Op::SeqLen(_)
            | Op::SeqData(_)
            | Op::Element { .. }
            | Op::SetElement { .. }
            | Op::SeqFinish(_)
            | Op::CallHost { .. }
    };
}

/// The operations that hold no regions, as a pattern.
macro_rules! without_regions {
    () => {
        simple!()
            | Op::MakeObject { .. }
            | Op::MakeClosure { .. }
            | Op::Call { .. }
            | Op::CallClosure { .. }
            | Op::CallRt { .. }
    };
}

impl Op {
    /// Calls `f` with every operand, in evaluation order. Operands inside nested
    /// regions are not included.
    pub fn for_each_operand(&self, mut f: impl FnMut(ValueId)) {
        match self {
            Op::Const(_) | Op::Claim { .. } | Op::GetGlobal(_) | Op::Block { .. } => {}
            Op::Unary(_, a)
            | Op::Guard { cond: a, .. }
            | Op::Load { object: a, .. }
            | Op::ReadCell { object: a, .. }
            | Op::SetGlobal(_, a)
            | Op::Tag { object: a }
            | Op::IsImmediate(a)
            | Op::SeqOwns(a)
            | Op::SeqLen(a)
            | Op::SeqData(a)
            | Op::SeqFinish(a)
            | Op::If { cond: a, .. }
            | Op::Switch { on: a, .. } => f(*a),
            Op::Binary(_, a, b)
            | Op::Checked(_, a, b)
            | Op::WriteCell { object: a, value: b, .. } => {
                f(*a);
                f(*b);
            }
            Op::MakeObject { fields, .. } | Op::MakeClosure { captures: fields, .. } => {
                fields.iter().for_each(|(_, _, v)| f(*v));
            }
            Op::Element { data, index, .. } => {
                f(*data);
                f(*index);
            }
            Op::SetElement { data, index, value, .. } => {
                f(*data);
                f(*index);
                f(*value);
            }
            Op::Call { args, .. } | Op::CallRt { args, .. } | Op::CallHost { args, .. } => {
                args.iter().for_each(|v| f(*v));
            }
            Op::CallClosure { closure, args, .. } => {
                f(*closure);
                args.iter().for_each(|v| f(*v));
            }
            Op::Loop { init, .. } => init.iter().for_each(|v| f(*v)),
        }
    }

    /// As [`Op::for_each_operand`], to rewrite the operands.
    pub fn for_each_operand_mut(&mut self, mut f: impl FnMut(&mut ValueId)) {
        match self {
            Op::Const(_) | Op::Claim { .. } | Op::GetGlobal(_) | Op::Block { .. } => {}
            Op::Unary(_, a)
            | Op::Guard { cond: a, .. }
            | Op::Load { object: a, .. }
            | Op::ReadCell { object: a, .. }
            | Op::SetGlobal(_, a)
            | Op::Tag { object: a }
            | Op::IsImmediate(a)
            | Op::SeqOwns(a)
            | Op::SeqLen(a)
            | Op::SeqData(a)
            | Op::SeqFinish(a)
            | Op::If { cond: a, .. }
            | Op::Switch { on: a, .. } => f(a),
            Op::Binary(_, a, b)
            | Op::Checked(_, a, b)
            | Op::WriteCell { object: a, value: b, .. } => {
                f(a);
                f(b);
            }
            Op::MakeObject { fields, .. } | Op::MakeClosure { captures: fields, .. } => {
                fields.iter_mut().for_each(|(_, _, v)| f(v));
            }
            Op::Element { data, index, .. } => {
                f(data);
                f(index);
            }
            Op::SetElement { data, index, value, .. } => {
                f(data);
                f(index);
                f(value);
            }
            Op::Call { args, .. } | Op::CallRt { args, .. } | Op::CallHost { args, .. } => {
                args.iter_mut().for_each(f);
            }
            Op::CallClosure { closure, args, .. } => {
                f(closure);
                args.iter_mut().for_each(f);
            }
            Op::Loop { init, .. } => init.iter_mut().for_each(f),
        }
    }

    /// The regions nested directly in this operation, in text order.
    pub fn regions(&self) -> impl Iterator<Item = &Region> {
        let (list, a, b): (&[Region], Option<&Region>, Option<&Region>) = match self {
            Op::If { then, otherwise, .. } => (&[], Some(then), Some(otherwise)),
            Op::Switch { cases, default, .. } => (cases, Some(default), None),
            Op::Block { body, .. } | Op::Loop { body, .. } => (&[], Some(body), None),
            without_regions!() => (&[], None, None),
        };
        list.iter().chain(a).chain(b)
    }

    /// One of [`Op::regions`], to change it.
    pub fn region_mut(&mut self, index: usize) -> Option<&mut Region> {
        match self {
            Op::If { then, otherwise, .. } => match index {
                0 => Some(then),
                1 => Some(otherwise),
                _ => None,
            },
            Op::Switch { cases, default, .. } if index == cases.len() => Some(default),
            Op::Switch { cases, .. } => cases.get_mut(index),
            Op::Block { body, .. } | Op::Loop { body, .. } => (index == 0).then_some(body),
            without_regions!() => None,
        }
    }

    /// Calls `f` with the regions nested directly in this operation, to change them.
    pub fn for_each_region_mut(&mut self, mut f: impl FnMut(&mut Region)) {
        match self {
            Op::If { then, otherwise, .. } => {
                f(then);
                f(otherwise);
            }
            Op::Switch { cases, default, .. } => {
                cases.iter_mut().for_each(&mut f);
                f(default);
            }
            Op::Block { body, .. } | Op::Loop { body, .. } => f(body),
            without_regions!() => {}
        }
    }

    /// Whether the instruction may run the collector; `collects` says so of the
    /// program's functions.
    pub fn may_collect(&self, collects: impl Fn(FuncId) -> bool) -> bool {
        match self {
            Op::MakeObject { .. } | Op::MakeClosure { .. } | Op::CallClosure { .. } => true,
            Op::CallRt { func, .. } => func.collects(),
            Op::Call { func, .. } => collects(*func),
            simple!() => false,
            Op::If { .. } | Op::Switch { .. } | Op::Block { .. } | Op::Loop { .. } => false,
        }
    }
}

impl Terminator {
    /// Calls `f` with every operand, in evaluation order.
    pub fn for_each_operand(&self, mut f: impl FnMut(ValueId)) {
        match self {
            Terminator::Yield(args)
            | Terminator::Return(args)
            | Terminator::TailCall { args, .. }
            | Terminator::Break(_, args)
            | Terminator::Continue(_, args) => args.iter().for_each(|v| f(*v)),
            Terminator::TailCallClosure { closure, args, .. } => {
                f(*closure);
                args.iter().for_each(|v| f(*v));
            }
            Terminator::Trap { .. } | Terminator::Unreachable => {}
        }
    }

    /// As [`Terminator::for_each_operand`], to rewrite the operands.
    pub fn for_each_operand_mut(&mut self, mut f: impl FnMut(&mut ValueId)) {
        match self {
            Terminator::Yield(args)
            | Terminator::Return(args)
            | Terminator::TailCall { args, .. }
            | Terminator::Break(_, args)
            | Terminator::Continue(_, args) => args.iter_mut().for_each(f),
            Terminator::TailCallClosure { closure, args, .. } => {
                f(closure);
                args.iter_mut().for_each(f);
            }
            Terminator::Trap { .. } | Terminator::Unreachable => {}
        }
    }
}

impl Region {
    /// Calls `f` with every instruction of this region and of those nested in
    /// it, in text order: an instruction comes before what it contains.
    pub fn for_each_inst<'a>(&'a self, f: &mut impl FnMut(&'a Inst)) {
        for inst in &self.insts {
            f(inst);
            for region in inst.op.regions() {
                region.for_each_inst(f);
            }
        }
    }

    /// Calls `f` with the terminator of this region and of those nested in it.
    pub fn for_each_end<'a>(&'a self, f: &mut impl FnMut(&'a Terminator)) {
        for inst in &self.insts {
            for region in inst.op.regions() {
                region.for_each_end(f);
            }
        }
        f(&self.end);
    }

    /// Calls `f` with every value that is defined in this region or in those nested
    /// in it, as the text defines them. Results of a control instruction come after
    /// the values inside it.
    pub fn for_each_def(&self, f: &mut impl FnMut(ValueId)) {
        for inst in &self.insts {
            if let Op::Loop { params, .. } = &inst.op {
                params.iter().for_each(|v| f(*v));
            }
            for nested in inst.op.regions() {
                nested.for_each_def(f);
            }
            inst.results.iter().for_each(|v| f(*v));
        }
    }
}

impl Func {
    /// Calls `f` with every value in definition order: parameters, then the
    /// values of the body.
    pub fn for_each_def(&self, f: &mut impl FnMut(ValueId)) {
        self.params.iter().for_each(|v| f(*v));
        self.body.for_each_def(f);
    }
}

impl Static {
    /// Calls `f` with the statics it refers to.
    pub fn for_each_static(&self, mut f: impl FnMut(StaticId)) {
        if let Static::Object(_, fields) = self {
            for (_, _, value) in fields {
                if let Const::Static(s) = value {
                    f(*s);
                }
            }
        }
    }
}

impl Program {
    pub fn func(&self, id: FuncId) -> &Func {
        &self.funcs[id.index()]
    }
}
