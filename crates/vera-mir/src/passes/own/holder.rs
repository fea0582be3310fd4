//! The walk that follows a holder: through the body of a loop for one of its
//! parameters, or of a whole function for one of its.

use std::collections::{HashMap, HashSet};

use super::{Found, How, Known};
use crate::ir::*;

/// The sequence has another holder, or a use that does not qualify.
struct Shared;

/// The values that are the one holder at a point of the program: several when
/// one instruction passed it on under more than one name.
type Current = HashSet<ValueId>;

/// How control reaches the end of a region or jumps to a label: the holders
/// then, and the operands handed on.
type Arrival = (Current, Vec<ValueId>);

/// The walk.
pub(super) struct Holder<'k> {
    /// Functions that hand a holder through.
    known: &'k Known,
    /// How control leaves the function, if it is a function that is walked.
    returns: Option<Vec<Arrival>>,
    /// The results by which holders come back from calls in the place of a return.
    tails: HashSet<usize>,
    /// Every value that was a holder at some point.
    ever: HashSet<ValueId>,
    found: Found,
    /// Arrivals at the end of the blocks inside the loop.
    blocks: HashMap<LabelId, Vec<Arrival>>,
    /// Loops that control is in.
    loops: HashMap<LabelId, Carried>,
}

/// What a loop takes around.
struct Carried {
    /// The parameters, and which are holders.
    params: Vec<(ValueId, bool)>,
    /// The holders at its start if it carries none: it must leave them alone.
    kept: Current,
}

impl<'k> Holder<'k> {
    fn new(known: &'k Known, param: ValueId) -> Holder<'k> {
        Holder {
            known,
            returns: None,
            tails: HashSet::new(),
            ever: HashSet::from([param]),
            found: Found::default(),
            blocks: HashMap::new(),
            loops: HashMap::new(),
        }
    }

    /// What can be done in place in a loop with a parameter as the holder; nothing if
    /// the loop does not qualify.
    pub fn in_loop(
        known: &'k Known,
        label: LabelId,
        params: &[ValueId],
        param: ValueId,
        body: &Region,
    ) -> Found {
        let mut walk = Holder::new(known, param);
        let params = params.iter().map(|p| (*p, *p == param)).collect();
        walk.loops.insert(label, Carried { params, kept: Current::new() });
        match walk.region(body, Current::from([param])) {
            Ok(_) => walk.found,
            Err(Shared) => Found::default(),
        }
    }

    /// What can be done in place in a function that takes a holder as a parameter and
    /// returns it as a result on every way; `None` if it does not.
    pub fn through(known: &'k Known, func: &Func, param: ValueId, result: usize) -> Option<Found> {
        let mut walk = Holder::new(known, param);
        walk.returns = Some(Vec::new());
        let end = walk.region(&func.body, Current::from([param])).ok()?;
        let mut returns = walk.returns.take().unwrap_or_default().into_iter().chain(end);
        let returned = returns.all(|(current, values)| current.contains(&values[result]));
        (returned && walk.tails.iter().all(|tail| *tail == result)).then_some(walk.found)
    }

    /// Operands that may be holders, but then the current one.
    fn pass(&self, values: &[ValueId], current: &Current) -> Result<(), Shared> {
        if values.iter().any(|v| self.found.data.contains_key(v)) {
            return Err(Shared);
        }
        self.touch(values, current)
    }

    /// As [`Holder::pass`]; or they are the address of its elements.
    fn touch(&self, values: &[ValueId], current: &Current) -> Result<(), Shared> {
        let stale = |v: &ValueId| {
            let holder = self.found.data.get(v).unwrap_or(v);
            self.ever.contains(holder) && !current.contains(holder)
        };
        if values.iter().any(stale) { Err(Shared) } else { Ok(()) }
    }

    /// Operands that have nothing to do with a holder.
    fn apart(&self, values: &[ValueId]) -> Result<(), Shared> {
        let held = |v: &ValueId| self.ever.contains(v) || self.found.data.contains_key(v);
        if values.iter().any(held) { Err(Shared) } else { Ok(()) }
    }

    /// The argument of a call that is the holder, and the result that it comes back as.
    fn handed(
        &self,
        func: FuncId,
        args: &[ValueId],
        current: &Current,
    ) -> Result<(usize, usize), Shared> {
        let at = args.iter().position(|a| current.contains(a)).ok_or(Shared)?;
        let result = *self.known.get(&(func, at)).ok_or(Shared)?;
        self.apart(&args[..at])?;
        self.apart(&args[at + 1..])?;
        Ok((at, result))
    }

    /// The holder became another value.
    fn changed(&mut self, result: ValueId, how: How, current: &mut Current) {
        self.ever.insert(result);
        self.found.changes.insert(result, how);
        *current = Current::from([result]);
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
                let Some(Carried { params, kept }) = self.loops.get(label) else {
                    return Ok(None);
                };
                if !kept.is_subset(&current) {
                    return Err(Shared);
                }
                for ((param, holds), value) in params.iter().zip(values) {
                    match (holds, current.contains(value)) {
                        (false, true) => return Err(Shared),
                        (true, false) => {
                            self.found.adopted.insert((*value, *param));
                        }
                        (true, true) | (false, false) => {}
                    }
                }
            }
            Terminator::Return(values) => {
                if let Some(returns) = &mut self.returns {
                    returns.push((current, values.clone()));
                }
            }
            Terminator::TailCall { func, args, loc: _ } if self.returns.is_some() => {
                let (at, result) = self.handed(*func, args, &current)?;
                self.found.tails.insert((*func, args[at]), at);
                self.tails.insert(result);
            }
            Terminator::TailCallClosure { .. } if self.returns.is_some() => return Err(Shared),
            Terminator::TailCall { .. }
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
                // A holder from outside the inner loop may be stale the second
                // time around, so only what the loop carries is current there; or it
                // carries none, and changes nothing.
                let (inside, kept) = match inside.is_empty() {
                    true => (current.clone(), current.clone()),
                    false => (inside, Current::new()),
                };
                self.loops.insert(*label, Carried { params, kept });
                let Some(end) = self.region(body, inside)? else { return Ok(false) };
                self.join(inst, vec![end], current)
            }
            Op::CallRt { func, args } if args.first().is_some_and(|a| current.contains(a)) => {
                let how = How::of(*func).ok_or(Shared)?;
                self.apart(&args[1..])?;
                self.changed(inst.results[0], how, current);
                Ok(true)
            }
            Op::Call { func, args } if args.iter().any(|a| current.contains(a)) => {
                let (at, result) = self.handed(*func, args, current)?;
                self.changed(inst.results[result], How::Call(at), current);
                Ok(true)
            }
            Op::SeqLen(seq) => {
                self.pass(&[*seq], current)?;
                Ok(true)
            }
            Op::SeqData(seq) => {
                self.pass(&[*seq], current)?;
                if current.contains(seq) {
                    self.found.data.insert(inst.results[0], *seq);
                }
                Ok(true)
            }
            Op::Element { data, index, mem: _ } => {
                self.touch(&[*data], current)?;
                self.apart(&[*index])?;
                Ok(true)
            }
            Op::SetElement { data, index, mem: _, value } => {
                self.touch(&[*data], current)?;
                self.apart(&[*index, *value])?;
                Ok(true)
            }
            op => {
                let mut operands = Vec::new();
                op.for_each_operand(|v| operands.push(v));
                self.apart(&operands)?;
                Ok(true)
            }
        }
    }

    /// Whether control never comes back from the region into what is walked.
    fn leaves(&self, region: &Region) -> bool {
        let mut leaves = !matches!(region.end, Terminator::Yield(_));
        region.for_each_end(&mut |end| match end {
            Terminator::Break(label, _) | Terminator::Continue(label, _) => {
                leaves &= !self.blocks.contains_key(label) && !self.loops.contains_key(label);
            }
            Terminator::Return(_)
            | Terminator::TailCall { .. }
            | Terminator::TailCallClosure { .. } => leaves &= self.returns.is_none(),
            Terminator::Yield(_) | Terminator::Trap { .. } | Terminator::Unreachable => {}
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
                self.touch(&operands(arm), current)?;
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
