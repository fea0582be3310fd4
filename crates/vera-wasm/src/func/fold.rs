//! Which values never need a local.
//!
//! Code comes in A-normal form, but wasm is a stack machine: a value that is
//! used once can often stay on the operand stack. Walking each region backward,
//! an operand is *folded* into its consumer when its instruction is the last
//! one before the consumer that is still unplaced, so that nothing changes
//! order (as LLVM's register stackification does). Instructions that depend on
//! nothing but their operands, and cannot trap, are folded from anywhere in the
//! region. Constants are repeated at each use.
//!
//! A value that some instruction must store to the shadow stack is not folded:
//! it is read twice.

use vera_mir::behaviour::Behaviour;
use vera_mir::ir::{BinaryOp, Const, Func, Inst, Op, Region, Terminator, UnaryOp, ValueId};

/// What is known about the values of one function.
pub struct Values<'a> {
    pub consts: Vec<Option<Const>>,
    /// The instruction to emit where the value is used.
    pub folded: Vec<Option<&'a Inst>>,
    pub uses: Vec<u32>,
}

impl<'a> Values<'a> {
    pub fn of(func: &'a Func) -> Values<'a> {
        let count = func.values.len();
        let mut values =
            Values { consts: vec![None; count], folded: vec![None; count], uses: vec![0; count] };
        let mut rooted = vec![false; count];
        func.body.for_each_inst(&mut |inst| {
            inst.op.for_each_operand(|v| values.uses[v.index()] += 1);
            inst.roots.iter().for_each(|v| rooted[v.index()] = true);
            if let Op::Const(c) = inst.op {
                values.consts[inst.results[0].index()] = Some(c);
            }
        });
        func.body.for_each_end(&mut |end: &Terminator| {
            end.for_each_operand(|v| values.uses[v.index()] += 1);
        });
        let mut fold = Fold { values, rooted, place: vec![None; count], regions: 0, depth: 0 };
        fold.region(&func.body);
        fold.values
    }

    /// Whether the instruction stands by itself: it is not a constant, not
    /// folded into another one, and does something.
    pub fn stands(&self, inst: &Inst) -> bool {
        match inst.results[..] {
            [] => true,
            [value] => {
                self.consts[value.index()].is_none()
                    && self.folded[value.index()].is_none()
                    && (self.uses[value.index()] > 0 || !inst.op.only_reads())
            }
            _ => true,
        }
    }
}

struct Fold<'a> {
    values: Values<'a>,
    rooted: Vec<bool>,
    /// Region and position of the instruction that defines a value alone.
    place: Vec<Option<(u32, usize)>>,
    regions: u32,
    /// How deep what is being folded stands in others.
    depth: u32,
}

/// Instructions are folded into others so deep at most: each keeps locals meanwhile,
/// and whoever walks them keeps a frame.
const DEEPEST: u32 = 64;

/// Which operands of an instruction may be folded.
#[derive(Clone, Copy, PartialEq)]
enum Accepts {
    /// All; they are pushed in order.
    Any,
    /// Those whose place does not matter.
    Movable,
}

impl<'a> Fold<'a> {
    fn region(&mut self, region: &'a Region) {
        self.regions += 1;
        let id = self.regions;
        for (at, inst) in region.insts.iter().enumerate() {
            if let [value] = inst.results[..] {
                self.place[value.index()] = Some((id, at));
            }
        }
        let mut cursor = region.insts.len();
        let mut operands = Vec::new();
        region.end.for_each_operand(|v| operands.push(v));
        self.operands(region, id, &operands, Accepts::Any, &mut cursor);
        while cursor > 0 {
            cursor -= 1;
            let inst = &region.insts[cursor];
            if self.values.stands(inst) {
                self.inst(region, id, inst, &mut cursor);
            }
        }
        for inst in &region.insts {
            inst.op.regions().for_each(|r| self.region(r));
        }
    }

    fn inst(&mut self, region: &'a Region, id: u32, inst: &'a Inst, cursor: &mut usize) {
        let mut operands = Vec::new();
        inst.op.for_each_operand(|v| operands.push(v));
        // An object is allocated before its fields are pushed.
        let allocates = matches!(inst.op, Op::MakeObject { .. } | Op::MakeClosure { .. });
        let accepts = if allocates { Accepts::Movable } else { Accepts::Any };
        self.operands(region, id, &operands, accepts, cursor);
    }

    /// Folds what it can of operands that are pushed from left to right just
    /// before position `cursor`.
    fn operands(
        &mut self,
        region: &'a Region,
        id: u32,
        operands: &[ValueId],
        accepts: Accepts,
        cursor: &mut usize,
    ) {
        if self.depth >= DEEPEST {
            return;
        }
        for value in operands.iter().rev() {
            while *cursor > 0 && !self.values.stands(&region.insts[*cursor - 1]) {
                *cursor -= 1;
            }
            let v = value.index();
            let Some((place, at)) = self.place[v] else { continue };
            if place != id
                || self.values.uses[v] != 1
                || self.values.consts[v].is_some()
                || self.rooted[v]
            {
                continue;
            }
            let inst = &region.insts[at];
            if is_movable(&inst.op) {
                self.values.folded[v] = Some(inst);
            } else if accepts == Accepts::Any && at + 1 == *cursor {
                self.values.folded[v] = Some(inst);
                *cursor = at;
            } else {
                continue;
            }
            self.depth += 1;
            if accepts == Accepts::Any {
                self.inst(region, id, inst, cursor);
            } else {
                let mut inner = Vec::new();
                inst.op.for_each_operand(|v| inner.push(v));
                self.operands(region, id, &inner, accepts, cursor);
            }
            self.depth -= 1;
        }
    }
}

/// Whether the result depends on nothing but the operands, so that the
/// instruction may run later than it stands. Operators on references are
/// excluded: the referent may be collected, and its address used again.
fn is_movable(op: &Op) -> bool {
    op.behaviour() == Behaviour::Computes
        && !matches!(
            op,
            Op::Const(_)
                | Op::IsImmediate(_)
                | Op::Unary(UnaryOp::RefToI32, _)
                | Op::Binary(BinaryOp::EqRef, ..)
        )
}
