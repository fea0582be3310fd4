//! A loop that stores into its array in every round asks in the first one only whether
//! the array shares its elements.
//!
//! What [`super::own`] leaves asks before each store: the array in the loop's parameter
//! may be a view, and is an owner from the first copy on. Where every way around the loop
//! takes an array that was asked about, the first round is put before the loop (loop
//! peeling; Muchnick, "Advanced compiler design and implementation", 1997, 18.5). In the
//! rest the answer is known, so the array is the same one all along: the parameter goes,
//! and length and address can be read before the loop ([`super::hoist`]).
//!
//! ```text
//! loop l (a) = (s) {                    block done {
//!   b = if owns a { a }                   r = block first {
//!       else { copy a }                     b = if owns s { s } else { copy s }
//!   store b …                   becomes     store b …
//!   if … { continue l b }                   if … { break first b } else { break done b }
//!   else { yield b }                      }
//! }                                       loop l () { store r … if … }
//!                                       }
//! ```

use std::collections::HashMap;

use vera_abi::runtime::RtFn;

use super::Pass;
use crate::ir::*;

/// Instructions of a body that is written twice, at most.
const LONGEST: usize = 64;

pub(super) fn run(program: &mut Program, pass: Pass) {
    if !pass.deletes {
        return;
    }
    for id in (0..program.funcs.len() as u32).map(FuncId) {
        let func = &mut program.funcs[id.index()];
        let mut body = std::mem::replace(
            &mut func.body,
            Region { insts: Vec::new(), end: Terminator::Unreachable },
        );
        region(func, &mut body, pass);
        func.body = body;
        pass.settle(program, id);
    }
}

fn region(func: &mut Func, region_: &mut Region, pass: Pass) {
    for inst in &mut region_.insts {
        inst.op.for_each_region_mut(|r| region(func, r, pass));
        let Op::Loop { label, params, body, .. } = &inst.op else { continue };
        if !is_short(body) {
            continue;
        }
        let asked = asked(body);
        let owned = params.iter().position(|p| {
            asked.values().any(|of| of == p) && always_owned(body, *label, params, *p, &asked)
        });
        if let Some(at) = owned {
            peel(func, inst, at, &asked, pass);
        }
    }
}

/// Whether a body has few instructions, and no loop.
fn is_short(body: &Region) -> bool {
    let (mut count, mut loops) = (0, false);
    body.for_each_inst(&mut |inst| {
        count += 1;
        loops |= matches!(inst.op, Op::Loop { .. });
    });
    count <= LONGEST && !loops
}

/// The arrays that own their elements because it was asked, and a copy made if not: each
/// with the array that the question was about.
fn asked(body: &Region) -> HashMap<ValueId, ValueId> {
    let mut questions = HashMap::new();
    let mut asked = HashMap::new();
    body.for_each_inst(&mut |inst| match &inst.op {
        Op::SeqOwns(seq) => _ = questions.insert(inst.results[0], *seq),
        Op::If { cond, then, otherwise } => {
            if let Some(seq) = questions.get(cond)
                && yields(then) == Some(*seq)
                && then.insts.is_empty()
                && copies(otherwise, *seq)
            {
                asked.insert(inst.results[0], *seq);
            }
        }
        _ => {}
    });
    asked
}

/// The one value that a region yields.
fn yields(region: &Region) -> Option<ValueId> {
    match &region.end {
        Terminator::Yield(values) if values.len() == 1 => Some(values[0]),
        _ => None,
    }
}

/// Whether a region does nothing but copy a sequence, and yields the copy.
fn copies(region: &Region, seq: ValueId) -> bool {
    let [inst] = &region.insts[..] else { return false };
    matches!(&inst.op, Op::CallRt { func: RtFn::SeqCopy, args } if args[0] == seq)
        && yields(region) == Some(inst.results[0])
}

/// Whether every way around the loop takes what was asked about for a parameter, and this
/// is the array that the parameter was.
fn always_owned(
    body: &Region,
    label: LabelId,
    params: &[ValueId],
    param: ValueId,
    asked: &HashMap<ValueId, ValueId>,
) -> bool {
    let Some(at) = params.iter().position(|p| *p == param) else { return false };
    let (mut ways, mut all) = (0, true);
    body.for_each_end(&mut |end| {
        if let Terminator::Continue(to, values) = end
            && *to == label
        {
            ways += 1;
            all &= asked.contains_key(&values[at]) && origin(values[at], asked) == param;
        }
    });
    ways > 0 && all
}

/// The array that the first question was about, of those that led to this one.
fn origin(mut seq: ValueId, asked: &HashMap<ValueId, ValueId>) -> ValueId {
    // Each was made of one that stands before it.
    while let Some(of) = asked.get(&seq) {
        seq = *of;
    }
    seq
}

/// Puts the first round before a loop, in whose rest the parameter at `at` is what the
/// first round left.
fn peel(
    func: &mut Func,
    inst: &mut Inst,
    at: usize,
    asked: &HashMap<ValueId, ValueId>,
    pass: Pass,
) {
    let Op::Loop { label, params, init, body } = &mut inst.op else { return };
    let (done, first) = (func.new_label(), func.new_label());
    let mut round = Round {
        values: params.iter().copied().zip(init.iter().copied()).collect(),
        labels: HashMap::new(),
        around: (*label, first),
        func,
    };
    let mut before = (**body).clone();
    round.region(&mut before);
    if let Terminator::Yield(values) = before.end {
        before.end = Terminator::Break(done, values);
    }
    let left: Vec<ValueId> = params.iter().map(|p| func.new_value(func.ty(*p))).collect();
    let kept = left[at];
    let param = params.remove(at);
    let same = asked.keys().filter(|seq| origin(**seq, asked) == param);
    let mut rest = Rest {
        label: *label,
        at,
        claim: pass.claim([Reason::Loop(*label)], inst.loc),
        same: same.map(|seq| (*seq, kept)).chain([(param, kept)]).collect(),
    };
    rest.region(body);
    *init = left.iter().copied().filter(|value| *value != kept).collect();
    let results: Vec<ValueId> = inst.results.iter().map(|r| func.new_value(func.ty(*r))).collect();
    let rest = inst.op.clone();
    let plain = |results, op| Inst { results, op, loc: inst.loc, roots: Vec::new() };
    let insts = vec![
        plain(left, Op::Block { label: first, body: Box::new(before) }),
        plain(results.clone(), rest),
    ];
    let body = Box::new(Region { insts, end: Terminator::Yield(results) });
    inst.op = Op::Block { label: done, body };
}

/// The first round: a copy of the body with values and labels of its own.
struct Round<'f> {
    func: &'f mut Func,
    values: HashMap<ValueId, ValueId>,
    labels: HashMap<LabelId, LabelId>,
    /// What leads around the loop leads to the end of this block instead.
    around: (LabelId, LabelId),
}

impl Round<'_> {
    fn region(&mut self, region: &mut Region) {
        for inst in &mut region.insts {
            inst.op.for_each_operand_mut(|v| *v = self.value(*v));
            match &mut inst.op {
                Op::Block { label, .. } => {
                    let fresh = self.func.new_label();
                    self.labels.insert(*label, fresh);
                    *label = fresh;
                }
                Op::Loop { label, params, .. } => {
                    let fresh = self.func.new_label();
                    self.labels.insert(*label, fresh);
                    *label = fresh;
                    params.iter_mut().for_each(|p| self.define(p));
                }
                _ => {}
            }
            inst.op.for_each_region_mut(|r| self.region(r));
            inst.results.iter_mut().for_each(|r| self.define(r));
        }
        region.end.for_each_operand_mut(|v| *v = self.value(*v));
        if let Terminator::Continue(label, values) = &mut region.end
            && *label == self.around.0
        {
            region.end = Terminator::Break(self.around.1, std::mem::take(values));
        } else if let Terminator::Break(label, _) | Terminator::Continue(label, _) = &mut region.end
        {
            *label = self.labels.get(label).copied().unwrap_or(*label);
        }
    }

    fn define(&mut self, value: &mut ValueId) {
        let fresh = self.func.new_value(self.func.ty(*value));
        self.values.insert(*value, fresh);
        *value = fresh;
    }

    /// A value of the round; those from outside are what they are.
    fn value(&self, value: ValueId) -> ValueId {
        self.values.get(&value).copied().unwrap_or(value)
    }
}

/// The rounds after the first.
struct Rest {
    label: LabelId,
    /// Where the parameter was that is one no more.
    at: usize,
    claim: Option<Inst>,
    /// The names of the one array.
    same: HashMap<ValueId, ValueId>,
}

impl Rest {
    fn region(&mut self, region: &mut Region) {
        for mut inst in std::mem::take(&mut region.insts) {
            if inst.results.first().is_some_and(|r| self.same.contains_key(r)) {
                // It was asked about, and the answer is known.
                region
                    .insts
                    .extend(self.claim.clone().map(|claim| Inst { loc: inst.loc, ..claim }));
                continue;
            }
            inst.op.for_each_operand_mut(|v| *v = self.value(*v));
            inst.op.for_each_region_mut(|r| self.region(r));
            region.insts.push(inst);
        }
        if let Terminator::Continue(label, values) = &mut region.end
            && *label == self.label
        {
            values.remove(self.at);
        }
        region.end.for_each_operand_mut(|v| *v = self.value(*v));
    }

    fn value(&self, value: ValueId) -> ValueId {
        self.same.get(&value).copied().unwrap_or(value)
    }
}
