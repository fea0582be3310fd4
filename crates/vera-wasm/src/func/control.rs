//! Control structure: MIR's is wasm's, so regions become blocks directly.

use vera_mir::ir::{
    BinaryOp, Func, FuncId, Inst, LabelId, Op, Region, Terminator, UnaryOp, ValueId,
};
use wasm_encoder::BlockType;

use super::Emitter;
use super::shadow::Shadow;

/// What a MIR label in scope means in wasm.
pub(super) struct Label {
    /// Number of open blocks inside the wasm block, itself included.
    depth: u32,
    kind: LabelKind,
}

enum LabelKind {
    /// What the shadow frame holds where all breaks so far meet.
    Block(Option<Shadow>),
    /// What it holds at the head, and the locals of the parameters.
    Loop(Shadow, Vec<u32>),
}

/// Whether some call in tail position is of the function itself.
pub(super) fn calls_itself_last(func: &Func, id: FuncId) -> bool {
    let mut found = false;
    func.body.for_each_end(&mut |end| {
        found |= matches!(end, Terminator::TailCall { func, .. } if *func == id);
    });
    found
}

fn meet(a: Option<Shadow>, b: Option<Shadow>) -> Option<Shadow> {
    match (a, b) {
        (Some(mut a), Some(b)) => {
            a.meet(&b);
            Some(a)
        }
        (one, None) | (None, one) => one,
    }
}

/// Whether a region does nothing.
fn is_empty(region: &Region) -> bool {
    region.insts.is_empty() && matches!(&region.end, Terminator::Yield(args) if args.is_empty())
}

/// Operators worth computing in vain to save a branch.
const SPECULATED: usize = 2;

/// Whether a region does nothing but compute a value, from operands that are
/// there anyway, cheaply and without a trap.
fn is_speculative(region: &Region) -> bool {
    let cheap = region.insts.iter().all(|inst| match inst.op {
        Op::Const(_) => true,
        Op::Unary(op, _) => !matches!(op, UnaryOp::F64ToI64 | UnaryOp::SqrtF64),
        Op::Binary(op, ..) => op != BinaryOp::DivF64,
        _ => false,
    });
    let operators = region.insts.iter().filter(|inst| !matches!(inst.op, Op::Const(_))).count();
    cheap && operators <= SPECULATED && matches!(region.end, Terminator::Yield(_))
}

/// Whether control cannot come to a region.
fn is_unreachable(region: &Region) -> bool {
    region.insts.is_empty() && matches!(region.end, Terminator::Unreachable)
}

impl Emitter<'_, '_> {
    fn result_type(&mut self, inst: &Inst) -> BlockType {
        let types: Vec<_> = inst.results.iter().map(|v| self.func.ty(*v).wasm()).collect();
        self.cx.types.block(&types)
    }

    pub(super) fn if_(&mut self, inst: &Inst, cond: ValueId, then: &Region, otherwise: &Region) {
        let ty = self.result_type(inst);
        let folded = self.values.folded[cond.index()];
        if inst.results.len() == 1 && is_speculative(then) && is_speculative(otherwise) {
            self.region(then);
            self.region(otherwise);
            self.push(cond);
            self.code.ops().select();
        } else if is_empty(then) && !is_empty(otherwise) {
            self.push_negated(cond);
            self.branches(ty, otherwise, then);
        } else if let Some(Inst { op: Op::Unary(UnaryOp::Not, inner), .. }) = folded {
            self.push(*inner);
            self.branches(ty, otherwise, then);
        } else {
            self.push(cond);
            self.branches(ty, then, otherwise);
        }
    }

    /// Pops a condition and runs one of two regions.
    fn branches(&mut self, ty: BlockType, then: &Region, otherwise: &Region) {
        self.code.ops().if_(ty);
        self.depth += 1;
        let before = self.shadow.clone();
        self.region(then);
        let after_then = std::mem::replace(&mut self.shadow, before);
        if !is_empty(otherwise) {
            self.code.ops().else_();
            self.region(otherwise);
        }
        self.code.ops().end();
        self.depth -= 1;
        self.shadow = meet(after_then, self.shadow.take());
    }

    pub(super) fn switch(&mut self, inst: &Inst, on: ValueId, cases: &[Region], default: &Region) {
        // A default that cannot happen leaves its place to the last case.
        let (cases, default) = match cases {
            [cases @ .., last] if is_unreachable(default) => (cases, last),
            _ => (cases, default),
        };
        let ty = self.result_type(inst);
        match cases {
            [] => {
                self.push(on);
                self.code.ops().drop().block(ty);
                self.depth += 1;
                self.region(default);
                self.code.ops().end();
                self.depth -= 1;
            }
            [zero] => {
                self.push(on);
                self.branches(ty, default, zero);
            }
            _ => self.jump_table(ty, on, cases, default),
        }
    }

    /// Blocks are nested so that leaving the one numbered `i` from inside leads
    /// to case `i`, and leaving the last one to the default; around them is one
    /// more, whose end is the end of the switch.
    fn jump_table(&mut self, ty: BlockType, on: ValueId, cases: &[Region], default: &Region) {
        let count = cases.len() as u32;
        let on = self.read(on);
        self.code.ops().block(ty);
        (0..=count).for_each(|_| _ = self.code.ops().block(BlockType::Empty));
        self.code.get(on.local);
        self.code.ops().br_table(0..count, count);
        self.release(on);
        self.depth += count + 2;
        let before = self.shadow.take();
        let mut after = None;
        for (at, region) in (0..).zip(cases.iter().chain([default])) {
            self.code.ops().end();
            self.depth -= 1;
            self.shadow = before.clone();
            self.region(region);
            if at < count && matches!(region.end, Terminator::Yield(_)) {
                self.code.ops().br(count - at);
            }
            after = meet(after, self.shadow.take());
        }
        self.code.ops().end();
        self.depth -= 1;
        self.shadow = after;
    }

    pub(super) fn block(&mut self, inst: &Inst, label: LabelId, body: &Region) {
        let ty = self.result_type(inst);
        self.code.ops().block(ty);
        self.depth += 1;
        self.labels[label.index()] =
            Some(Label { depth: self.depth, kind: LabelKind::Block(None) });
        self.region(body);
        self.code.ops().end();
        self.depth -= 1;
        if let Some(Label { kind: LabelKind::Block(breaks), .. }) =
            self.labels[label.index()].take()
        {
            self.shadow = meet(self.shadow.take(), breaks);
        }
    }

    pub(super) fn loop_(
        &mut self,
        inst: &Inst,
        label: LabelId,
        params: &[ValueId],
        init: &[ValueId],
        body: &Region,
    ) {
        self.push_all(init);
        let locals: Vec<u32> =
            params.iter().map(|v| self.pool.take(self.func.ty(*v).wasm())).collect();
        for (param, local) in params.iter().zip(&locals).rev() {
            self.locals[param.index()] = *local;
            self.code.set(*local);
        }
        let head = self.loop_head(params, body);
        self.shadow = Some(head.clone());
        let ty = self.result_type(inst);
        self.code.ops().loop_(ty);
        self.depth += 1;
        let kind = LabelKind::Loop(head, locals.clone());
        self.labels[label.index()] = Some(Label { depth: self.depth, kind });
        self.burn();
        self.region(body);
        self.code.ops().end();
        self.depth -= 1;
        self.labels[label.index()] = None;
        locals.into_iter().for_each(|local| self.pool.give(local));
    }

    /// What the shadow frame holds at the head of a loop, on every way there.
    ///
    /// Values from outside that calls in the loop must find there are stored
    /// before it, once. A slot stays known if its value is of use in the loop;
    /// jumps back to the head see to it that it still is there.
    fn loop_head(&mut self, params: &[ValueId], body: &Region) -> Shadow {
        let mut head = self.shadow.take().unwrap_or_default();
        let mut wanted = Vec::new();
        let mut called = Vec::new();
        body.for_each_inst(&mut |inst| {
            let is_object = matches!(inst.op, Op::MakeObject { .. } | Op::MakeClosure { .. });
            for root in inst.roots.iter().filter(|root| !params.contains(root)) {
                // Values of the loop itself have no local yet.
                if self.locals[root.index()] != u32::MAX {
                    wanted.push(*root);
                    if !is_object {
                        called.push(*root);
                    }
                }
            }
        });
        wanted.sort_unstable();
        head.retain(|value| wanted.binary_search(&value).is_ok());
        if self.cx.gc && !called.is_empty() {
            let stores = head.add(&called, &mut self.marks);
            self.stores(&stores);
        }
        head
    }

    /// Ends a region. Where control goes on behind the region's code, the results
    /// are on the operand stack; where it does not, `self.shadow` becomes `None`.
    pub(super) fn terminator(&mut self, end: &Terminator) {
        match end {
            Terminator::Yield(args) => return self.push_all(args),
            Terminator::Return(args) => {
                self.push_all(args);
                if self.depth > self.self_loop.unwrap_or(0) {
                    self.code.ops().return_();
                }
            }
            Terminator::TailCall { func, args, loc } => self.tail_call(*func, args, *loc),
            Terminator::TailCallClosure { closure, args, results, loc } => {
                self.tail_call_closure(*closure, args, results, *loc);
            }
            Terminator::Break(label, args) => self.break_(*label, args),
            Terminator::Continue(label, args) => self.continue_(*label, args),
            Terminator::Trap { kind, message, loc } => self.trap(*kind, message.as_ref(), *loc),
            Terminator::Unreachable => {
                self.code.ops().unreachable();
            }
        }
        self.shadow = None;
    }

    fn break_(&mut self, label: LabelId, args: &[ValueId]) {
        self.push_all(args);
        let here = self.shadow.clone();
        let label = self.labels[label.index()].as_mut().expect("verified: the label is in scope");
        if let LabelKind::Block(breaks) = &mut label.kind {
            *breaks = meet(breaks.take(), here);
        }
        self.code.ops().br(self.depth - label.depth);
    }

    fn continue_(&mut self, label: LabelId, args: &[ValueId]) {
        self.push_all(args);
        let label = self.labels[label.index()].as_ref().expect("verified: the label is in scope");
        let depth = label.depth;
        if let LabelKind::Loop(head, params) = &label.kind {
            for local in params.iter().rev() {
                self.code.set(*local);
            }
            let stores = self.shadow.as_ref().map_or_else(Vec::new, |s| s.restore(head));
            if !stores.is_empty() {
                self.stores(&stores);
            }
        }
        self.code.ops().br(self.depth - depth);
    }
}
