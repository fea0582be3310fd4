//! An array that is made out of another, element by element, takes its place when
//! nobody has the other any more: a map over a fresh array writes into it.
//!
//! The source must be made in the same region and must not leave it: only its
//! length and elements are used. From the making of the result on, only one loop
//! reads it, each element before it stores the result's element of the same index.
//! An array of references stays under construction from the first loop to the last,
//! as the collector has to see what is stored; so one loop follows the other.

use std::collections::{HashMap, HashSet};

use vera_abi::runtime::RtFn;

use crate::behaviour::Behaviour;
use crate::ir::*;

pub(super) fn run(program: &mut Program) {
    for func in &mut program.funcs {
        let mut numbers = HashMap::new();
        let mut lengths = HashMap::new();
        func.body.for_each_inst(&mut |inst| match inst.op {
            Op::Const(Const::I32(n)) => {
                numbers.insert(inst.results[0], n);
            }
            Op::SeqLen(seq) => {
                lengths.insert(inst.results[0], seq);
            }
            _ => {}
        });
        let private = private_arrays(&func.body);
        if !private.is_empty() {
            let mut reuse = Reuse { numbers, lengths, private, merged: HashMap::new() };
            reuse.region(&mut func.body);
        }
    }
}

/// Arrays of which only the length and the elements are used, with the addresses
/// of their elements.
fn private_arrays(body: &Region) -> HashMap<ValueId, HashSet<ValueId>> {
    let mut arrays: HashMap<ValueId, HashSet<ValueId>> = HashMap::new();
    let mut others = Vec::new();
    body.for_each_inst(&mut |inst| match &inst.op {
        Op::CallRt { func: RtFn::SeqNew, .. } => {
            arrays.insert(inst.results[0], HashSet::new());
        }
        Op::SeqData(seq) => {
            if let Some(data) = arrays.get_mut(seq) {
                data.insert(inst.results[0]);
            }
        }
        Op::SeqLen(_) | Op::SeqFinish(_) => {}
        Op::CallRt { func: RtFn::SeqTrim, args } => others.extend(&args[1..]),
        Op::Element { index, .. } => others.push(*index),
        Op::SetElement { index, value, .. } => others.extend([*index, *value]),
        op => op.for_each_operand(|v| others.push(v)),
    });
    body.for_each_end(&mut |end| end.for_each_operand(|v| others.push(v)));
    let others: HashSet<ValueId> = others.into_iter().collect();
    arrays.retain(|array, data| !others.contains(array) && data.is_disjoint(&others));
    arrays
}

/// What elements of an array are.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Elements {
    size: i32,
    refs: bool,
}

/// An array whose place another takes.
struct Overwritten {
    source: ValueId,
    /// The array that was made for it.
    object: ValueId,
    /// Where the construction of references ended, which is put off.
    finished: Option<usize>,
}

struct Reuse {
    numbers: HashMap<ValueId, i32>,
    /// Which sequence a length is of.
    lengths: HashMap<ValueId, ValueId>,
    private: HashMap<ValueId, HashSet<ValueId>>,
    /// Arrays that are not made, and what takes their place.
    merged: HashMap<ValueId, ValueId>,
}

impl Reuse {
    fn region(&mut self, region: &mut Region) {
        let mut made: HashMap<ValueId, Elements> = HashMap::new();
        let mut at = 0;
        while at < region.insts.len() {
            if let Some((result, elements)) = self.fresh_array(&region.insts[at]) {
                let over = self.overwritten(&region.insts, at, &made);
                made.insert(result, elements);
                if let Some(Overwritten { source, object, finished }) = over {
                    self.merged.insert(result, object);
                    // From now on it is the result that may be written over.
                    self.private.remove(&source);
                    region.insts.remove(at);
                    if let Some(finished) = finished {
                        region.insts.remove(finished);
                        at -= 1;
                    }
                    continue;
                }
            }
            let inst = &mut region.insts[at];
            inst.op.for_each_operand_mut(|v| *v = self.object(*v));
            inst.op.for_each_region_mut(|r| self.region(r));
            at += 1;
        }
        region.end.for_each_operand_mut(|v| *v = self.object(*v));
    }

    /// What a value is now.
    fn object(&self, value: ValueId) -> ValueId {
        self.merged.get(&value).copied().unwrap_or(value)
    }

    /// What the array made at `at` can be written over.
    fn overwritten(
        &self,
        insts: &[Inst],
        at: usize,
        made: &HashMap<ValueId, Elements>,
    ) -> Option<Overwritten> {
        let (result, elements) = self.fresh_array(&insts[at])?;
        let source = self.source(&insts[at])?;
        if made.get(&source) != Some(&elements)
            || !self.takes_place(source, result, &insts[at + 1..])
        {
            return None;
        }
        let object = self.object(source);
        let finished = just_finished(&insts[..at], object);
        let can_be = !elements.refs || finished.is_some();
        can_be.then_some(Overwritten { source, object, finished })
    }

    /// An array made here, and its elements.
    fn fresh_array(&self, inst: &Inst) -> Option<(ValueId, Elements)> {
        let Op::CallRt { func: RtFn::SeqNew, args } = &inst.op else { return None };
        let (size, refs) = (*self.numbers.get(&args[1])?, *self.numbers.get(&args[2])?);
        Some((inst.results[0], Elements { size, refs: refs != 0 }))
    }

    /// The private array that a new one is as long as.
    fn source(&self, inst: &Inst) -> Option<ValueId> {
        let Op::CallRt { func: RtFn::SeqNew, args } = &inst.op else { return None };
        let source = *self.lengths.get(&args[0])?;
        self.private.contains_key(&source).then_some(source)
    }

    /// Whether `result` can be written over `source`; `rest` is what follows its
    /// making in the region.
    fn takes_place(&self, source: ValueId, result: ValueId, rest: &[Inst]) -> bool {
        let elements = &self.private[&source];
        let mut reading = rest.iter().filter(|inst| reads(inst, elements) > 0);
        let (Some(only), None) = (reading.next(), reading.next()) else { return false };
        let Op::Loop { label, params, body, .. } = &only.op else { return false };
        let trimmed = rest.iter().any(|inst| trims(inst, source));
        !trimmed
            && body.insts.iter().any(|inst| {
                let Op::If { then, .. } = &inst.op else { return false };
                self.overwrites(then, elements, result, params).is_some_and(
                    |(index, reads_before)| {
                        reads_before == reads(only, elements)
                            && counts_up(body, *label, params, index)
                    },
                )
            })
    }

    /// The index of the one store into `result`, if all reads of the source before
    /// it in this region are at that index, and their number.
    fn overwrites(
        &self,
        region: &Region,
        elements: &HashSet<ValueId>,
        result: ValueId,
        params: &[ValueId],
    ) -> Option<(ValueId, usize)> {
        let mut addresses = HashSet::new();
        region.for_each_inst(&mut |inst| {
            if matches!(inst.op, Op::SeqData(seq) if seq == result) {
                addresses.insert(inst.results[0]);
            }
        });
        let mut stores = region.insts.iter().enumerate().filter_map(|(at, inst)| match &inst.op {
            Op::SetElement { data, index, .. } if addresses.contains(data) => Some((at, *index)),
            _ => None,
        });
        let (at, index) = stores.next()?;
        if stores.next().is_some() || !params.contains(&index) {
            return None;
        }
        let mut count = 0;
        let mut elsewhere = false;
        let mut look = |inst: &Inst| {
            if let Op::Element { data, index: read, .. } = &inst.op
                && elements.contains(data)
            {
                count += 1;
                elsewhere |= *read != index;
            }
        };
        for inst in &region.insts[..at] {
            look(inst);
            inst.op.regions().for_each(|r| r.for_each_inst(&mut |inst| look(inst)));
        }
        (!elsewhere).then_some((index, count))
    }
}

/// How often an instruction and what it holds read or store elements at these
/// addresses.
fn reads(inst: &Inst, elements: &HashSet<ValueId>) -> usize {
    let mut count = 0;
    let mut look = |inst: &Inst| {
        if let Op::Element { data, .. } | Op::SetElement { data, .. } = &inst.op {
            count += usize::from(elements.contains(data));
        }
    };
    look(inst);
    inst.op.regions().for_each(|r| r.for_each_inst(&mut |inst| look(inst)));
    count
}

/// The place where the construction of an array of references has ended, if nothing
/// after it can run the collector: as long as it lasts, each collection looks at all
/// elements.
fn just_finished(before: &[Inst], array: ValueId) -> Option<usize> {
    let at = before.iter().rposition(|inst| match inst.op.behaviour() {
        Behaviour::Nothing
        | Behaviour::Computes
        | Behaviour::Reads
        | Behaviour::ReadsState
        | Behaviour::MayTrap => false,
        Behaviour::Allocates | Behaviour::Writes | Behaviour::Calls | Behaviour::Controls => true,
    })?;
    matches!(before[at].op, Op::SeqFinish(finished) if finished == array).then_some(at)
}

fn trims(inst: &Inst, source: ValueId) -> bool {
    let mut found = false;
    let mut look = |inst: &Inst| {
        if let Op::CallRt { func: RtFn::SeqTrim, args } = &inst.op {
            found |= args[0] == source;
        }
    };
    look(inst);
    inst.op.regions().for_each(|r| r.for_each_inst(&mut |inst| look(inst)));
    found
}

/// Whether every way around the loop adds one to this parameter.
fn counts_up(body: &Region, label: LabelId, params: &[ValueId], index: ValueId) -> bool {
    let Some(place) = params.iter().position(|p| *p == index) else { return false };
    let mut ones = HashSet::new();
    let mut next = HashSet::new();
    body.for_each_inst(&mut |inst| match inst.op {
        Op::Const(Const::I32(1)) => {
            ones.insert(inst.results[0]);
        }
        Op::Binary(BinaryOp::AddI32, a, b) if a == index && ones.contains(&b) => {
            next.insert(inst.results[0]);
        }
        _ => {}
    });
    let mut all = true;
    body.for_each_end(&mut |end| {
        if let Terminator::Continue(to, values) = end
            && *to == label
        {
            all &= next.contains(&values[place]);
        }
    });
    all
}
