//! One forward walk over a function: known closures are called directly, small
//! callees inlined, reads of fresh objects and operators on constants replaced
//! by their values, decided branches taken, nothing computed twice.

use std::collections::{HashMap, HashSet};

use super::Pass;
use super::available::{Available, Operand, Truth};
use super::clone::{Copy, Returns};
use super::fold;
use crate::behaviour::Behaviour;
use crate::ir::*;

/// Instructions of a function small enough to be inlined anywhere.
const SMALL: usize = 24;
/// Instructions of a closure body inlined where it is called directly.
const CLOSURE: usize = 80;
/// A caller this large grows no further.
const LARGE: usize = 4_000;
/// Instructions of the second operand of `&&` that is computed always, at most.
const CONNECTED: usize = 4;
/// A recursive function this small is inlined into itself, once.
const UNROLLED: usize = 48;
/// Calls of itself in such a function, at most.
const UNROLLED_CALLS: usize = 2;

/// Simplifies one function; its callees should have been simplified before.
pub(super) fn run(program: &mut Program, id: FuncId, pass: Pass) {
    walk(program, id, &Recursive::default(), pass);
}

/// As [`run`], and inlines these functions, which lie on cycles but call none of
/// one another; see [`super::peel`].
pub(super) fn inline_cut(program: &mut Program, id: FuncId, cut: &HashSet<FuncId>, pass: Pass) {
    walk(program, id, &Recursive { cut: Some(cut), itself: None }, pass);
}

/// As [`run`], and inlines a small recursive function where it calls itself, once:
/// half of the calls remain, or fewer.
pub(super) fn unroll(program: &mut Program, id: FuncId, pass: Pass) {
    let func = program.func(id);
    let mut calls = 0;
    func.body.for_each_inst(&mut |inst| {
        calls += usize::from(matches!(inst.op, Op::Call { func, .. } if func == id));
    });
    if size(&func.body) <= UNROLLED && (1..=UNROLLED_CALLS).contains(&calls) {
        let itself = Some(func.clone());
        walk(program, id, &Recursive { cut: None, itself }, pass);
    }
}

/// What may be inlined of functions on cycles.
#[derive(Default)]
struct Recursive<'a> {
    cut: Option<&'a HashSet<FuncId>>,
    /// The function itself, as it was.
    itself: Option<Func>,
}

fn walk(program: &mut Program, id: FuncId, recursive: &Recursive<'_>, pass: Pass) {
    let empty = Region { insts: Vec::new(), end: Terminator::Unreachable };
    let body = std::mem::replace(&mut program.funcs[id.index()].body, empty);
    let size = size(&body);
    let mut walk = Walk {
        program,
        id,
        pass,
        recursive,
        aliases: HashMap::new(),
        known: HashMap::new(),
        available: Available::default(),
        truths: HashSet::new(),
        size,
        depth: 0,
    };
    let body = walk.region(body);
    program.funcs[id.index()].body = body;
    pass.settle(program, id);
}

fn size(region: &Region) -> usize {
    let mut count = 0;
    region.for_each_inst(&mut |_| count += 1);
    count
}

/// What is known of a value.
#[derive(Clone)]
enum Known {
    Const(Const),
    /// A fresh object: its tag and fields by offset.
    Object {
        tag: u32,
        fields: Vec<(u32, ValueId)>,
    },
    /// The result of an operator.
    Unary(UnaryOp, ValueId),
    Binary(BinaryOp, ValueId, ValueId),
    /// A closure object and its captures by offset.
    Closure {
        func: FuncId,
        captures: Vec<(u32, ValueId)>,
    },
}

struct Walk<'p> {
    program: &'p mut Program,
    id: FuncId,
    pass: Pass,
    recursive: &'p Recursive<'p>,
    /// Values that stand for others.
    aliases: HashMap<ValueId, ValueId>,
    known: HashMap<ValueId, Known>,
    available: Available,
    /// Values that are 0 or 1.
    truths: HashSet<ValueId>,
    size: usize,
    /// Nesting of inlined bodies.
    depth: u32,
}

/// What became of an instruction.
enum Outcome {
    Keep(Inst),
    /// It is gone; its results are aliases.
    Gone,
    /// It is replaced by these instructions and then, unless they end the
    /// region, by nothing.
    Splice(Region),
}

impl Walk<'_> {
    fn alias(&self, value: ValueId) -> ValueId {
        self.aliases.get(&value).copied().unwrap_or(value)
    }

    fn func(&mut self) -> &mut Func {
        &mut self.program.funcs[self.id.index()]
    }

    /// As `region`, where a condition is known.
    fn branch(&mut self, region: Region, cond: ValueId, truth: bool) -> Region {
        let mark = self.available.mark();
        self.assume(cond, truth, Reason::Condition(cond, truth));
        let region = self.region(region);
        self.available.reset(mark);
        region
    }

    /// Records what a condition is, and what follows for its operands.
    fn assume(&mut self, cond: ValueId, truth: bool, by: Reason) {
        self.available.assume(cond, Truth { truth, by });
        match self.known.get(&cond).cloned() {
            Some(Known::Unary(UnaryOp::Not, a)) => self.assume(a, !truth, by),
            Some(Known::Binary(BinaryOp::AndI32, a, b)) if truth => {
                self.assume(a, true, by);
                self.assume(b, true, by);
            }
            Some(Known::Binary(BinaryOp::OrI32, a, b)) if !truth => {
                self.assume(a, false, by);
                self.assume(b, false, by);
            }
            _ => {}
        }
    }

    fn region(&mut self, region: Region) -> Region {
        let mark = self.available.mark();
        let region = self.open_region(region);
        self.available.reset(mark);
        region
    }

    /// Leaves what it learns: the region's instructions go into the one around it.
    fn open_region(&mut self, region: Region) -> Region {
        let mut out = Vec::new();
        let mut pending: Vec<Inst> = region.insts;
        pending.reverse();
        let mut end = region.end;
        while let Some(inst) = pending.pop() {
            let results = inst.results.clone();
            match self.inst(inst) {
                Outcome::Keep(inst) => {
                    self.learn(&inst);
                    out.push(inst);
                }
                Outcome::Gone => {}
                Outcome::Splice(spliced) => {
                    // Already simplified.
                    out.extend(spliced.insts);
                    match spliced.end {
                        Terminator::Yield(values) => self.bind(&results, &values),
                        other => {
                            return Region { insts: out, end: other };
                        }
                    }
                }
            }
        }
        end.for_each_operand_mut(|v| *v = self.alias(*v));
        let end = self.terminator(end, &mut out);
        Region { insts: out, end }
    }

    fn bind(&mut self, results: &[ValueId], values: &[ValueId]) {
        for (result, value) in results.iter().zip(values) {
            let value = self.alias(*value);
            self.aliases.insert(*result, value);
        }
    }

    fn learn(&mut self, inst: &Inst) {
        if self.yields_truth(&inst.op) {
            self.truths.insert(inst.results[0]);
        }
        let known = match &inst.op {
            Op::Const(c) => {
                if let Const::Static(s) = c
                    && let Static::Closure(func) = &self.program.statics[s.index()]
                {
                    Known::Closure { func: *func, captures: Vec::new() }
                } else {
                    Known::Const(*c)
                }
            }
            Op::MakeObject { layout, fields } => Known::Object {
                tag: self.program.layouts[layout.index()].tag,
                fields: fields.iter().map(|(o, _, v)| (*o, *v)).collect(),
            },
            Op::MakeClosure { func, captures, .. } => Known::Closure {
                func: *func,
                captures: captures.iter().map(|(o, _, v)| (*o, *v)).collect(),
            },
            Op::Unary(op, a) => Known::Unary(*op, *a),
            Op::Binary(op, a, b) => Known::Binary(*op, *a, *b),
            _ => return,
        };
        self.known.insert(inst.results[0], known);
    }

    fn constant(&self, value: ValueId) -> Option<Const> {
        match self.known.get(&value) {
            Some(Known::Const(c)) => Some(*c),
            _ => None,
        }
    }

    fn inst(&mut self, mut inst: Inst) -> Outcome {
        inst.op.for_each_operand_mut(|v| *v = self.alias(*v));
        if let Some(c) = self.folded(&inst.op) {
            inst.op = Op::Const(c);
            return Outcome::Keep(inst);
        }
        if let Some(value) = self.identity(&inst.op).or_else(|| self.at_hand(&inst)) {
            self.bind(&inst.results, &[value]);
            return Outcome::Gone;
        }
        match inst.op {
            Op::Binary(BinaryOp::EqI32, order, two) => match self.is_greater(order, two) {
                Some(greater) => {
                    self.bind(&inst.results, &[greater]);
                    Outcome::Gone
                }
                None => Outcome::Keep(inst),
            },
            Op::Load { object, offset, mem } => {
                let fields = match self.known.get(&object) {
                    Some(Known::Object { fields, .. }) => Some(fields),
                    Some(Known::Closure { captures, .. }) => Some(captures),
                    Some(Known::Const(_) | Known::Unary(..) | Known::Binary(..)) | None => None,
                };
                let found = fields.and_then(|f| f.iter().find(|(o, _)| *o == offset));
                // Code for another constructor, never reached, reads a field of
                // another type there.
                if let Some((_, value)) = found.copied()
                    && self.func().ty(value) == mem.ty()
                {
                    self.bind(&inst.results, &[value]);
                    return Outcome::Gone;
                }
                Outcome::Keep(inst)
            }
            Op::Guard { cond, .. } => match self.truth(cond) {
                Some((true, by)) => match self.pass.claim(by, inst.loc) {
                    Some(claim) => Outcome::Keep(claim),
                    None => Outcome::Gone,
                },
                Some((false, _)) | None => {
                    // Later code runs only if it holds.
                    self.assume(cond, true, Reason::Condition(cond, true));
                    Outcome::Keep(inst)
                }
            },
            Op::If { cond, then, otherwise } => match self.truth(cond) {
                Some((truth, by)) => {
                    let taken = if truth { *then } else { *otherwise };
                    let mut taken = self.open_region(taken);
                    taken.insts.splice(..0, self.pass.claim(by, inst.loc));
                    Outcome::Splice(taken)
                }
                None => {
                    let then = Box::new(self.branch(*then, cond, true));
                    let otherwise = Box::new(self.branch(*otherwise, cond, false));
                    if let Some((op, other)) = self.connective(cond, &then, &otherwise) {
                        let way = if op == BinaryOp::AndI32 { *then } else { *otherwise };
                        return self.without_branch(inst.loc, Op::Binary(op, cond, other), way);
                    }
                    inst.op = Op::If { cond, then, otherwise };
                    Outcome::Keep(inst)
                }
            },
            Op::Switch { on, mut cases, default } => match self.constant(on) {
                Some(Const::I32(n)) if self.pass.deletes => {
                    let taken = if (n as u32 as usize) < cases.len() {
                        cases.swap_remove(n as u32 as usize)
                    } else {
                        *default
                    };
                    Outcome::Splice(self.open_region(taken))
                }
                _ => {
                    let cases = cases.into_iter().map(|c| self.region(c)).collect();
                    let default = Box::new(self.region(*default));
                    inst.op = Op::Switch { on, cases, default };
                    Outcome::Keep(inst)
                }
            },
            Op::Block { label, body } => {
                let body = self.region(*body);
                self.block(inst.results, label, body, inst.loc)
            }
            Op::Loop { label, params, init, body } => {
                let body = Box::new(self.region(*body));
                inst.op = Op::Loop { label, params, init, body };
                Outcome::Keep(inst)
            }
            Op::CallClosure { closure, ref args, .. } => match self.known.get(&closure) {
                Some(Known::Closure { func, .. }) => {
                    let func = *func;
                    let mut all = vec![closure];
                    all.extend(args);
                    self.call(inst, func, all, CLOSURE)
                }
                _ => Outcome::Keep(inst),
            },
            Op::Call { func, ref args } => {
                let args = args.clone();
                self.call(inst, func, args, SMALL)
            }
            _ => Outcome::Keep(inst),
        }
    }

    /// `a && b` and `a || b` with a `b` that may as well be computed always: the
    /// operator, and `b`.
    fn connective<'w>(
        &self,
        a: ValueId,
        then: &'w Region,
        otherwise: &'w Region,
    ) -> Option<(BinaryOp, ValueId)> {
        let (Terminator::Yield(yes), Terminator::Yield(no)) = (&then.end, &otherwise.end) else {
            return None;
        };
        let ([yes], [no]) = (yes.as_slice(), no.as_slice()) else { return None };
        let (op, way, b, other) = match (self.constant(*yes), self.constant(*no)) {
            (_, Some(Const::I32(0))) => (BinaryOp::AndI32, then, *yes, otherwise),
            (Some(Const::I32(1)), _) => (BinaryOp::OrI32, otherwise, *no, then),
            _ => return None,
        };
        let real = |region: &'w Region| {
            region.insts.iter().filter(|i| i.op.behaviour() != Behaviour::Nothing)
        };
        let cheap = real(way).count() <= CONNECTED
            && real(way).all(|inst| inst.op.behaviour() == Behaviour::Computes)
            && real(other).all(|inst| matches!(inst.op, Op::Const(_)));
        let truths = self.truths.contains(&a) && self.truths.contains(&b);
        (cheap && truths).then_some((op, b))
    }

    /// Whether the operation yields 0 or 1.
    fn yields_truth(&self, op: &Op) -> bool {
        let truths = &self.truths;
        match op {
            Op::Const(c) => matches!(c, Const::I32(0 | 1)),
            Op::Unary(op, _) => *op == UnaryOp::Not,
            Op::Binary(BinaryOp::AndI32 | BinaryOp::OrI32, a, b) => {
                truths.contains(a) && truths.contains(b)
            }
            Op::Binary(op, ..) => op.is_comparison(),
            Op::IsImmediate(_) => true,
            _ => false,
        }
    }

    /// Puts the instructions of a way and an operator on what it yields in the place
    /// of a choice.
    fn without_branch(&mut self, loc: LocId, op: Op, way: Region) -> Outcome {
        let value = self.func().new_value(Ty::I32);
        let inst = Inst { results: vec![value], op, loc, roots: Vec::new() };
        self.learn(&inst);
        let mut insts = way.insts;
        // What was settled in the way was so under its condition; where that does not
        // hold, the operator makes nothing of what the way computes.
        insts.retain(|inst| inst.op.behaviour() != Behaviour::Nothing);
        insts.push(inst);
        Outcome::Splice(Region { insts, end: Terminator::Yield(vec![value]) })
    }

    /// What a condition is known to be here, and by what; constants need nothing.
    fn truth(&self, cond: ValueId) -> Option<(bool, Option<Reason>)> {
        if !self.pass.deletes {
            return None;
        }
        match self.constant(cond) {
            Some(Const::I32(n)) => Some((n != 0, None)),
            _ => self.available.truth(cond).map(|known| (known.truth, Some(known.by))),
        }
    }

    /// The value of the same operation done before.
    fn at_hand(&mut self, inst: &Inst) -> Option<ValueId> {
        if self.keeps(&inst.op) {
            return None;
        }
        let known = &self.known;
        let operand = |value: ValueId| match known.get(&value) {
            Some(Known::Const(c)) => Operand::constant(*c).unwrap_or(Operand::Value(value)),
            _ => Operand::Value(value),
        };
        self.available.find_or_add(&inst.op, inst.results.first(), operand)
    }

    /// Whether the operation is a check that must stay.
    fn keeps(&self, op: &Op) -> bool {
        matches!(op, Op::Checked(..)) && !self.pass.deletes
    }

    /// The operand that an operator yields unchanged.
    fn identity(&self, op: &Op) -> Option<ValueId> {
        if self.keeps(op) {
            return None;
        }
        let zero = |value| matches!(self.constant(value), Some(Const::I32(0) | Const::I64(0)));
        match op {
            Op::Binary(BinaryOp::AddI64 | BinaryOp::AddI32, a, b) if zero(*b) => Some(*a),
            Op::Binary(BinaryOp::AddI64 | BinaryOp::AddI32, a, b) if zero(*a) => Some(*b),
            Op::Checked(CheckedOp::Add, a, b) if zero(*a) => Some(*b),
            Op::Checked(CheckedOp::Add | CheckedOp::Sub, a, b) if zero(*b) => Some(*a),
            Op::Binary(BinaryOp::SubI64 | BinaryOp::SubI32, a, b) if zero(*b) => Some(*a),
            Op::Binary(BinaryOp::AndI32 | BinaryOp::OrI32, a, b) if a == b => Some(*a),
            Op::Binary(op @ (BinaryOp::AndI32 | BinaryOp::OrI32), a, b) => {
                let neutral = i32::from(*op == BinaryOp::AndI32);
                let is = |value, n| self.constant(value) == Some(Const::I32(n));
                match (self.truths.contains(a), self.truths.contains(b)) {
                    (true, true) if is(*a, neutral) || is(*b, 1 - neutral) => Some(*b),
                    (true, true) if is(*b, neutral) || is(*a, 1 - neutral) => Some(*a),
                    _ => None,
                }
            }
            Op::Unary(UnaryOp::I64ToI32, a) => match self.known.get(a) {
                Some(Known::Unary(UnaryOp::I32ToI64, narrow)) => Some(*narrow),
                _ => None,
            },
            Op::Unary(UnaryOp::Not, a) => match self.known.get(a) {
                Some(Known::Unary(UnaryOp::Not, cond)) => match self.known.get(cond) {
                    Some(Known::Binary(op, ..)) if op.is_comparison() => Some(*cond),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    /// What `order == two` is when `order` came from `compare`, which makes
    /// `greater - less + 1` of two values that are not both 1, and `two` is
    /// `Greater`: just `greater`.
    fn is_greater(&self, order: ValueId, two: ValueId) -> Option<ValueId> {
        let binary = |value: ValueId, wanted: BinaryOp| match self.known.get(&value)? {
            Known::Binary(op, a, b) if *op == wanted => Some((*a, *b)),
            _ => None,
        };
        let (sign, one) = binary(order, BinaryOp::AddI32)?;
        let (greater, less) = binary(sign, BinaryOp::SubI32)?;
        let pairs = [(BinaryOp::GtI64, BinaryOp::LtI64), (BinaryOp::GtI32, BinaryOp::LtI32)];
        let exclusive = pairs.into_iter().any(|(gt, lt)| {
            let same = binary(greater, gt);
            same.is_some() && same == binary(less, lt)
        });
        let constants = [self.constant(one)?, self.constant(two)?];
        (exclusive && constants == [Const::I32(1), Const::I32(2)]).then_some(greater)
    }

    /// A block that is left only at its end is no block.
    fn block(
        &mut self,
        results: Vec<ValueId>,
        label: LabelId,
        mut body: Region,
        loc: LocId,
    ) -> Outcome {
        let mut breaks = 0;
        body.for_each_end(&mut |end| {
            if matches!(end, Terminator::Break(l, _) if *l == label) {
                breaks += 1;
            }
        });
        let at_end = matches!(&body.end, Terminator::Break(l, _) if *l == label);
        if breaks == usize::from(at_end) {
            if at_end && let Terminator::Break(_, values) = body.end {
                body.end = Terminator::Yield(values);
            }
            return Outcome::Splice(body);
        }
        let op = Op::Block { label, body: Box::new(body) };
        Outcome::Keep(Inst { results, op, loc, roots: Vec::new() })
    }

    fn folded(&self, op: &Op) -> Option<Const> {
        if self.keeps(op) {
            return None;
        }
        match op {
            Op::Unary(op, a) => fold::unary(*op, self.constant(*a)?),
            Op::Binary(op, a, b) => fold::binary(*op, self.constant(*a)?, self.constant(*b)?),
            Op::Checked(op, a, b) => fold::checked(*op, self.constant(*a)?, self.constant(*b)?),
            Op::Tag { object } => match self.known.get(object)? {
                Known::Object { tag, .. } => Some(Const::I32(*tag as i32)),
                Known::Const(Const::Immediate(tag)) => Some(Const::I32(*tag as i32)),
                Known::Const(_) | Known::Closure { .. } | Known::Unary(..) | Known::Binary(..) => {
                    None
                }
            },
            Op::IsImmediate(object) => match self.known.get(object)? {
                Known::Object { .. } | Known::Closure { .. } => Some(Const::I32(0)),
                Known::Const(Const::Immediate(_)) => Some(Const::I32(1)),
                Known::Const(_) | Known::Unary(..) | Known::Binary(..) => None,
            },
            _ => None,
        }
    }

    /// Whether a callee may be inlined here.
    fn inlines(&self, func: FuncId, limit: usize) -> bool {
        if func == self.id {
            return self.recursive.itself.is_some() && self.depth == 0;
        }
        let callee = &self.program.funcs[func.index()];
        (!callee.recursive || self.recursive.cut.is_some_and(|cut| cut.contains(&func)))
            && self.depth < 8
            && self.size < LARGE
            && size(&callee.body) <= limit
    }

    fn call(&mut self, mut inst: Inst, func: FuncId, args: Vec<ValueId>, limit: usize) -> Outcome {
        if !self.inlines(func, limit) {
            inst.op = Op::Call { func, args };
            return Outcome::Keep(inst);
        }
        let label = self.func().new_label();
        let copy = self.copy(func, inst.loc, &args, Returns::Break(label));
        self.depth += 1;
        let body = self.region(copy);
        self.depth -= 1;
        self.block(inst.results, label, body, inst.loc)
    }

    fn copy(&mut self, func: FuncId, at: LocId, args: &[ValueId], returns: Returns) -> Region {
        let callee = match &self.recursive.itself {
            Some(itself) if func == self.id => itself.clone(),
            _ => self.program.func(func).clone(),
        };
        self.size += size(&callee.body);
        let Program { funcs, locs, .. } = &mut *self.program;
        Copy::new(&mut funcs[self.id.index()], &callee, locs, at, args, returns).body()
    }

    fn terminator(&mut self, end: Terminator, out: &mut Vec<Inst>) -> Terminator {
        let (func, args, loc, limit) = match end {
            Terminator::TailCall { func, args, loc } => (func, args, loc, SMALL),
            Terminator::TailCallClosure { closure, args, results, loc } => {
                match self.known.get(&closure) {
                    Some(Known::Closure { func, .. }) => {
                        let mut all = vec![closure];
                        all.extend(args);
                        (*func, all, loc, CLOSURE)
                    }
                    _ => return Terminator::TailCallClosure { closure, args, results, loc },
                }
            }
            other => return other,
        };
        if !self.inlines(func, limit) {
            return Terminator::TailCall { func, args, loc };
        }
        let copy = self.copy(func, loc, &args, Returns::Keep);
        self.depth += 1;
        let body = self.region(copy);
        self.depth -= 1;
        out.extend(body.insts);
        body.end
    }
}
