//! An array of consecutive numbers that is only read is not made: its length and
//! its elements are computed where they are asked for.

use std::collections::HashMap;

use vera_abi::runtime::RtFn;
use vera_abi::trap::TrapKind;

use crate::ir::*;

/// Whether any such array was there.
pub(super) fn run(program: &mut Program) -> bool {
    let mut any = false;
    for func in &mut program.funcs {
        let found = find(func);
        if found.is_empty() {
            continue;
        }
        any = true;
        let empty = Region { insts: Vec::new(), end: Terminator::Unreachable };
        let mut body = std::mem::replace(&mut func.body, empty);
        let mut rewrite =
            Rewrite { func, ranges: HashMap::new(), data: HashMap::new(), wanted: found };
        rewrite.region(&mut body);
        func.body = body;
    }
    any
}

/// What is known of the bounds of a range that can go.
#[derive(Clone, Copy)]
struct Found {
    /// It starts at 0 and its end is no negative number, nor too large.
    is_length: bool,
}

/// The ranges whose length and elements alone are used.
fn find(func: &Func) -> HashMap<ValueId, Found> {
    let mut found = HashMap::new();
    let mut zeros = vec![false; func.values.len()];
    let mut lengths = vec![false; func.values.len()];
    func.body.for_each_inst(&mut |inst| match &inst.op {
        Op::Const(Const::I64(0)) => zeros[inst.results[0].index()] = true,
        Op::Unary(UnaryOp::I32ToI64, _) => lengths[inst.results[0].index()] = true,
        Op::CallRt { func: RtFn::ArrayRange, args } => {
            let is_length = zeros[args[0].index()] && lengths[args[1].index()];
            found.insert(inst.results[0], Found { is_length });
        }
        _ => {}
    });
    if found.is_empty() {
        return found;
    }
    // Addresses of their elements, and the ranges with another use.
    let mut data: HashMap<ValueId, ValueId> = HashMap::new();
    let mut escaped = Vec::new();
    func.body.for_each_inst(&mut |inst| match &inst.op {
        Op::SeqLen(_) | Op::Element { .. } => {}
        Op::SeqData(seq) if found.contains_key(seq) => {
            data.insert(inst.results[0], *seq);
        }
        op => op.for_each_operand(|v| escaped.push(v)),
    });
    func.body.for_each_end(&mut |end| end.for_each_operand(|v| escaped.push(v)));
    for value in escaped {
        found.remove(data.get(&value).unwrap_or(&value));
    }
    found
}

/// A range that is not made.
#[derive(Clone, Copy)]
struct Range {
    start: ValueId,
    len: ValueId,
}

struct Rewrite<'a> {
    func: &'a mut Func,
    wanted: HashMap<ValueId, Found>,
    ranges: HashMap<ValueId, Range>,
    /// Addresses of elements that do not exist.
    data: HashMap<ValueId, Range>,
}

impl Rewrite<'_> {
    fn region(&mut self, region: &mut Region) {
        let mut out = Vec::with_capacity(region.insts.len());
        for mut inst in std::mem::take(&mut region.insts) {
            match &inst.op {
                Op::CallRt { func: RtFn::ArrayRange, args } => {
                    if let Some(found) = self.wanted.get(&inst.results[0]).copied() {
                        let (start, end) = (args[0], args[1]);
                        let len = self.length(start, end, found, inst.loc, &mut out);
                        self.ranges.insert(inst.results[0], Range { start, len });
                        continue;
                    }
                }
                Op::SeqLen(seq) => {
                    if let Some(range) = self.ranges.get(seq) {
                        // A copy; simplification sees through it.
                        inst.op = Op::Binary(BinaryOp::AndI32, range.len, range.len);
                    }
                }
                Op::SeqData(seq) => {
                    if let Some(range) = self.ranges.get(seq) {
                        self.data.insert(inst.results[0], *range);
                        continue;
                    }
                }
                Op::Element { data, index, .. } => {
                    if let Some(range) = self.data.get(data).copied() {
                        let op = Op::Unary(UnaryOp::I32ToI64, *index);
                        let offset = self.emit(Ty::I64, op, inst.loc, &mut out);
                        inst.op = Op::Binary(BinaryOp::AddI64, range.start, offset);
                    }
                }
                _ => {}
            }
            inst.op.for_each_region_mut(|r| self.region(r));
            out.push(inst);
        }
        region.insts = out;
    }

    fn emit(&mut self, ty: Ty, op: Op, loc: LocId, out: &mut Vec<Inst>) -> ValueId {
        let value = self.func.new_value(ty);
        out.push(Inst { results: vec![value], op, loc, roots: Vec::new() });
        value
    }

    /// The number of elements. More than an array can have end the program, as
    /// making it would.
    fn length(
        &mut self,
        start: ValueId,
        end: ValueId,
        found: Found,
        loc: LocId,
        out: &mut Vec<Inst>,
    ) -> ValueId {
        if found.is_length {
            return self.emit(Ty::I32, Op::Unary(UnaryOp::I64ToI32, end), loc, out);
        }
        let cond = self.emit(Ty::I32, Op::Binary(BinaryOp::LtI64, start, end), loc, out);
        let mut then = Vec::new();
        let count = self.emit(Ty::I64, Op::Binary(BinaryOp::SubI64, end, start), loc, &mut then);
        let most = self.emit(Ty::I64, Op::Const(Const::I64(1 << 32)), loc, &mut then);
        let fits = self.emit(Ty::I32, Op::Binary(BinaryOp::LtU64, count, most), loc, &mut then);
        let op = Op::Guard { cond: fits, kind: TrapKind::HeapExhausted, message: None };
        then.push(Inst { results: Vec::new(), op, loc, roots: Vec::new() });
        let mut otherwise = Vec::new();
        let none = self.emit(Ty::I64, Op::Const(Const::I64(0)), loc, &mut otherwise);
        let op = Op::If {
            cond,
            then: Box::new(Region { insts: then, end: Terminator::Yield(vec![count]) }),
            otherwise: Box::new(Region { insts: otherwise, end: Terminator::Yield(vec![none]) }),
        };
        let count = self.emit(Ty::I64, op, loc, out);
        self.emit(Ty::I32, Op::Unary(UnaryOp::I64ToI32, count), loc, out)
    }
}
