//! A string or array that a loop builds and nobody else sees meanwhile is
//! extended where it lies, instead of getting a new view with every append.
//!
//! Before the loop the sequence becomes a value with one holder
//! ([`RtFn::SeqOwn`]). In the loop that one holder is tracked: an append takes
//! it and yields the next, branches and inner loops pass it on, `Continue` takes
//! it around; a way on which another sequence takes its place makes that one
//! owned. The loop qualifies when nothing in it uses the sequence otherwise but to
//! ask its length, and nothing uses a holder that is no longer current. Parts of
//! the body that leave the loop may do what they like.

use std::collections::{HashMap, HashSet};

use vera_abi::runtime::RtFn;

use crate::ir::*;

pub(super) fn run(program: &mut Program) {
    for func in &mut program.funcs {
        let empty = Region { insts: Vec::new(), end: Terminator::Unreachable };
        let mut body = std::mem::replace(&mut func.body, empty);
        region(func, &mut body);
        func.body = body;
    }
}

/// The variant of an append for a sequence with one holder.
fn owned(func: RtFn) -> Option<RtFn> {
    match func {
        RtFn::StringConcat => Some(RtFn::StringPush),
        RtFn::ArrayConcat => Some(RtFn::ArrayExtend),
        RtFn::ArrayAppendU8 => Some(RtFn::ArrayPushU8),
        RtFn::ArrayAppendI32 => Some(RtFn::ArrayPushI32),
        RtFn::ArrayAppendI64 => Some(RtFn::ArrayPushI64),
        RtFn::ArrayAppendF64 => Some(RtFn::ArrayPushF64),
        RtFn::ArrayAppendRef => Some(RtFn::ArrayPushRef),
        _ => None,
    }
}

/// Outer loops first: what they own, inner loops own.
fn region(func: &mut Func, region_: &mut Region) {
    let mut out = Vec::with_capacity(region_.insts.len());
    for mut inst in std::mem::take(&mut region_.insts) {
        if let Op::Loop { label, params, init, body } = &mut inst.op {
            for (index, param) in params.clone().iter().enumerate() {
                if func.ty(*param) != Ty::Ref {
                    continue;
                }
                let found = Holder::find(*label, params, *param, body);
                if found.appends.is_empty() {
                    continue;
                }
                let targets = HashMap::from([(*label, params.clone())]);
                Convert { func, found, targets, loc: inst.loc }.region(body, &inst.results);
                init[index] = own(func, init[index], inst.loc, &mut out);
            }
        }
        inst.op.for_each_region_mut(|r| region(func, r));
        out.push(inst);
    }
    region_.insts = out;
}

/// Makes a value with one holder of a sequence.
fn own(func: &mut Func, seq: ValueId, loc: LocId, out: &mut Vec<Inst>) -> ValueId {
    let own = func.new_value(Ty::Ref);
    let op = Op::CallRt { func: RtFn::SeqOwn, args: vec![seq] };
    out.push(Inst { results: vec![own], op, loc, roots: Vec::new() });
    own
}

/// What changes in a loop that qualifies.
#[derive(Default)]
struct Found {
    /// Results of the appends that can be done in place.
    appends: HashSet<ValueId>,
    /// Sequences that become the holder where they flow into a value.
    adopted: HashSet<(ValueId, ValueId)>,
}

/// Applies it to the loop's body.
struct Convert<'a> {
    func: &'a mut Func,
    found: Found,
    /// What the operands of a jump to a label flow into.
    targets: HashMap<LabelId, Vec<ValueId>>,
    loc: LocId,
}

impl Convert<'_> {
    /// `yields` is what the operands of `Yield` flow into.
    fn region(&mut self, region: &mut Region, yields: &[ValueId]) {
        for inst in &mut region.insts {
            if let Op::CallRt { func, .. } = &mut inst.op
                && inst.results.first().is_some_and(|r| self.found.appends.contains(r))
            {
                *func = owned(*func).unwrap_or(*func);
            }
            let jumped_to = match &inst.op {
                Op::Block { label, .. } => Some((*label, inst.results.clone())),
                Op::Loop { label, params, .. } => Some((*label, params.clone())),
                _ => None,
            };
            self.targets.extend(jumped_to);
            inst.op.for_each_region_mut(|r| self.region(r, &inst.results));
        }
        let (targets, values) = match &mut region.end {
            Terminator::Yield(values) => (yields, values),
            Terminator::Break(label, values) | Terminator::Continue(label, values) => {
                (self.targets.get(label).map_or(&[][..], |t| t), values)
            }
            _ => return,
        };
        for (value, target) in values.iter_mut().zip(targets) {
            if self.found.adopted.contains(&(*value, *target)) {
                *value = own(self.func, *value, self.loc, &mut region.insts);
            }
        }
    }
}

/// The sequence has another holder, or a use that does not qualify.
struct Shared;

/// The values that are the one holder at a point of the program: several when
/// one instruction passed it on under more than one name.
type Current = HashSet<ValueId>;

/// How control reaches the end of a region or jumps to a label: the holders
/// then, and the operands handed on.
type Arrival = (Current, Vec<ValueId>);

/// The walk over one loop's body for one of its parameters.
struct Holder {
    /// Every value that was a holder at some point.
    ever: HashSet<ValueId>,
    found: Found,
    /// Arrivals at the end of the blocks inside the loop.
    blocks: HashMap<LabelId, Vec<Arrival>>,
    /// The parameters of loops that control is in, and which are holders.
    loops: HashMap<LabelId, Vec<(ValueId, bool)>>,
}

impl Holder {
    /// What can be done in place; nothing if the loop does not qualify.
    fn find(label: LabelId, params: &[ValueId], param: ValueId, body: &Region) -> Found {
        let params = params.iter().map(|p| (*p, *p == param)).collect();
        let mut walk = Holder {
            ever: HashSet::from([param]),
            found: Found::default(),
            blocks: HashMap::new(),
            loops: HashMap::from([(label, params)]),
        };
        match walk.region(body, Current::from([param])) {
            Ok(_) => walk.found,
            Err(Shared) => Found::default(),
        }
    }

    /// Operands that may be holders, but then the current one.
    fn pass(&self, values: &[ValueId], current: &Current) -> Result<(), Shared> {
        let stale = |v: &ValueId| self.ever.contains(v) && !current.contains(v);
        if values.iter().any(stale) { Err(Shared) } else { Ok(()) }
    }

    /// How control gets to the end of the region; `None` if it does not.
    fn region(&mut self, region: &Region, mut current: Current) -> Result<Option<Arrival>, Shared> {
        for inst in &region.insts {
            if !self.inst(inst, &mut current)? {
                return Ok(None);
            }
        }
        let mut operands = Vec::new();
        region.end.for_each_operand(|v| operands.push(v));
        self.pass(&operands, &current)?;
        match &region.end {
            Terminator::Yield(values) => return Ok(Some((current, values.clone()))),
            Terminator::Break(label, values) => {
                if let Some(arrivals) = self.blocks.get_mut(label) {
                    arrivals.push((current, values.clone()));
                }
            }
            Terminator::Continue(label, values) => {
                for ((param, holds), value) in
                    self.loops.get(label).into_iter().flatten().zip(values)
                {
                    match (holds, current.contains(value)) {
                        (false, true) => return Err(Shared),
                        (true, false) => {
                            self.found.adopted.insert((*value, *param));
                        }
                        (true, true) | (false, false) => {}
                    }
                }
            }
            Terminator::Return(_)
            | Terminator::TailCall { .. }
            | Terminator::TailCallClosure { .. }
            | Terminator::Trap { .. }
            | Terminator::Unreachable => {}
        }
        Ok(None)
    }

    /// Whether control goes on behind the instruction.
    fn inst(&mut self, inst: &Inst, current: &mut Current) -> Result<bool, Shared> {
        match &inst.op {
            Op::If { cond: _, then, otherwise } => {
                let arms = [&**then, &**otherwise];
                self.branches(inst, arms.into_iter(), current)
            }
            Op::Switch { on: _, cases, default } => {
                self.branches(inst, cases.iter().chain([&**default]), current)
            }
            Op::Block { label, body } => {
                self.blocks.insert(*label, Vec::new());
                let end = self.region(body, current.clone())?;
                let mut arrivals = self.blocks.remove(label).unwrap_or_default();
                arrivals.extend(end);
                self.join(inst, arrivals, current)
            }
            Op::Loop { label, params, init, body } => {
                self.pass(init, current)?;
                let holds = init.iter().map(|v| current.contains(v));
                let params: Vec<(ValueId, bool)> = params.iter().copied().zip(holds).collect();
                let inside: Current = params.iter().filter(|(_, h)| *h).map(|(p, _)| *p).collect();
                self.ever.extend(&inside);
                self.loops.insert(*label, params);
                // A holder from outside the inner loop may be stale the second
                // time around, so only what the loop carries is current there.
                let carried = !inside.is_empty();
                let Some((end, values)) = self.region(body, inside)? else { return Ok(false) };
                let end = if carried { end } else { current.clone() };
                self.join(inst, vec![(end, values)], current)
            }
            Op::CallRt { func, args } if owned(*func).is_some() && current.contains(&args[0]) => {
                if args[1..].iter().any(|v| self.ever.contains(v)) {
                    return Err(Shared);
                }
                let result = inst.results[0];
                self.ever.insert(result);
                self.found.appends.insert(result);
                *current = Current::from([result]);
                Ok(true)
            }
            Op::SeqLen(seq) => {
                self.pass(&[*seq], current)?;
                Ok(true)
            }
            op => {
                let mut shared = false;
                op.for_each_operand(|v| shared |= self.ever.contains(&v));
                if shared { Err(Shared) } else { Ok(true) }
            }
        }
    }

    /// Whether control never comes back from the region into the loop.
    fn leaves(&self, region: &Region) -> bool {
        let mut leaves = !matches!(region.end, Terminator::Yield(_));
        region.for_each_end(&mut |end| {
            if let Terminator::Break(label, _) | Terminator::Continue(label, _) = end {
                leaves &= !self.blocks.contains_key(label) && !self.loops.contains_key(label);
            }
        });
        leaves
    }

    fn branches<'r>(
        &mut self,
        inst: &Inst,
        arms: impl Iterator<Item = &'r Region>,
        current: &mut Current,
    ) -> Result<bool, Shared> {
        let mut arrivals = Vec::new();
        for arm in arms {
            if self.leaves(arm) {
                self.pass(&operands(arm), current)?;
            } else {
                arrivals.extend(self.region(arm, current.clone())?);
            }
        }
        self.join(inst, arrivals, current)
    }

    /// The holders after control came together again. A result is one when some
    /// way hands on the holder as it; on the others the sequence that is handed on
    /// instead becomes the holder.
    fn join(
        &mut self,
        inst: &Inst,
        arrivals: Vec<Arrival>,
        current: &mut Current,
    ) -> Result<bool, Shared> {
        let Some((first, _)) = arrivals.first() else { return Ok(false) };
        let mut joined = first.clone();
        joined.retain(|v| arrivals.iter().all(|(current, _)| current.contains(v)));
        for (i, result) in inst.results.iter().enumerate() {
            let holds = |(current, values): &&Arrival| current.contains(&values[i]);
            let (holding, adopting): (Vec<_>, Vec<_>) = arrivals.iter().partition(holds);
            if !holding.is_empty() {
                let adopted = adopting.iter().map(|(_, values)| (values[i], *result));
                self.found.adopted.extend(adopted);
                self.ever.insert(*result);
                joined.insert(*result);
            }
        }
        *current = joined;
        Ok(true)
    }
}

/// Every operand in a region and those nested in it.
fn operands(region: &Region) -> Vec<ValueId> {
    let mut all = Vec::new();
    region.for_each_inst(&mut |inst| inst.op.for_each_operand(|v| all.push(v)));
    region.for_each_end(&mut |end| end.for_each_operand(|v| all.push(v)));
    all
}
