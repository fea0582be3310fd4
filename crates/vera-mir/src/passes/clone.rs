//! Copying a callee's body into a caller, with fresh values and labels.

use std::collections::HashMap;

use crate::ir::*;

/// How the callee's returns leave the copy.
#[derive(Clone, Copy)]
pub(super) enum Returns {
    /// The copy replaces a tail call: returns stay returns.
    Keep,
    /// Returns leave this block of the caller.
    Break(LabelId),
}

/// One copy in progress.
pub(super) struct Copy<'a> {
    pub caller: &'a mut Func,
    pub callee: &'a Func,
    pub locs: &'a mut Vec<Loc>,
    /// Where the call stands.
    pub at: LocId,
    pub returns: Returns,
    values: HashMap<ValueId, ValueId>,
    labels: HashMap<LabelId, LabelId>,
    places: HashMap<LocId, LocId>,
}

impl<'a> Copy<'a> {
    pub fn new(
        caller: &'a mut Func,
        callee: &'a Func,
        locs: &'a mut Vec<Loc>,
        at: LocId,
        args: &[ValueId],
        returns: Returns,
    ) -> Copy<'a> {
        let values = callee.params.iter().copied().zip(args.iter().copied()).collect();
        Copy {
            caller,
            callee,
            locs,
            at,
            returns,
            values,
            labels: HashMap::new(),
            places: HashMap::new(),
        }
    }

    pub fn body(&mut self) -> Region {
        let mut region = self.region(&self.callee.body);
        if let Terminator::Yield(values) = region.end {
            region.end = self.leave(values);
        }
        region
    }

    fn leave(&self, values: Vec<ValueId>) -> Terminator {
        match self.returns {
            Returns::Keep => Terminator::Return(values),
            Returns::Break(label) => Terminator::Break(label, values),
        }
    }

    fn value(&mut self, value: ValueId) -> ValueId {
        if let Some(known) = self.values.get(&value) {
            return *known;
        }
        let fresh = self.caller.new_value(self.callee.ty(value));
        self.values.insert(value, fresh);
        fresh
    }

    fn all(&mut self, values: &[ValueId]) -> Vec<ValueId> {
        values.iter().map(|v| self.value(*v)).collect()
    }

    fn label(&mut self, label: LabelId) -> LabelId {
        if let Some(known) = self.labels.get(&label) {
            return *known;
        }
        let fresh = self.caller.new_label();
        self.labels.insert(label, fresh);
        fresh
    }

    /// The place as seen through the call.
    fn place(&mut self, loc: LocId) -> LocId {
        if let Some(known) = self.places.get(&loc) {
            return *known;
        }
        let inner = self.locs[loc.index()].clone();
        let inlined_at = match inner.inlined_at {
            Some(outer) => self.place(outer),
            None => self.at,
        };
        self.locs.push(Loc { inlined_at: Some(inlined_at), ..inner });
        let fresh = LocId(self.locs.len() as u32 - 1);
        self.places.insert(loc, fresh);
        fresh
    }

    fn region(&mut self, region: &Region) -> Region {
        let mut insts: Vec<Inst> = region.insts.iter().map(|i| self.inst(i)).collect();
        let end = match &region.end {
            Terminator::Yield(values) => Terminator::Yield(self.all(values)),
            Terminator::Return(values) => {
                let values = self.all(values);
                self.leave(values)
            }
            Terminator::Break(label, values) => {
                let values = self.all(values);
                Terminator::Break(self.label(*label), values)
            }
            Terminator::Continue(label, values) => {
                let values = self.all(values);
                Terminator::Continue(self.label(*label), values)
            }
            Terminator::TailCall { func, args, loc } => {
                let args = self.all(args);
                let loc = self.place(*loc);
                match self.returns {
                    Returns::Keep => Terminator::TailCall { func: *func, args, loc },
                    Returns::Break(_) => self.call(&mut insts, Op::Call { func: *func, args }, loc),
                }
            }
            Terminator::TailCallClosure { closure, args, results, loc } => {
                let closure = self.value(*closure);
                let args = self.all(args);
                let loc = self.place(*loc);
                let results = results.clone();
                match self.returns {
                    Returns::Keep => Terminator::TailCallClosure { closure, args, results, loc },
                    Returns::Break(_) => {
                        self.call(&mut insts, Op::CallClosure { closure, args, results }, loc)
                    }
                }
            }
            Terminator::Trap { kind, message, loc } => {
                let loc = self.place(*loc);
                Terminator::Trap { kind: *kind, message: message.clone(), loc }
            }
            Terminator::Unreachable => Terminator::Unreachable,
        };
        Region { insts, end }
    }

    /// A tail call of the callee, as a call followed by leaving the copy.
    fn call(&mut self, insts: &mut Vec<Inst>, op: Op, loc: LocId) -> Terminator {
        let results: Vec<ValueId> =
            self.callee.results.iter().map(|ty| self.caller.new_value(*ty)).collect();
        insts.push(Inst { results: results.clone(), op, loc, roots: Vec::new() });
        self.leave(results)
    }

    fn inst(&mut self, inst: &Inst) -> Inst {
        let op = match &inst.op {
            Op::If { cond, then, otherwise } => Op::If {
                cond: self.value(*cond),
                then: Box::new(self.region(then)),
                otherwise: Box::new(self.region(otherwise)),
            },
            Op::Switch { on, cases, default } => Op::Switch {
                on: self.value(*on),
                cases: cases.iter().map(|c| self.region(c)).collect(),
                default: Box::new(self.region(default)),
            },
            Op::Block { label, body } => {
                Op::Block { label: self.label(*label), body: Box::new(self.region(body)) }
            }
            Op::Loop { label, params, init, body } => {
                let init = self.all(init);
                let params = self.all(params);
                Op::Loop {
                    label: self.label(*label),
                    params,
                    init,
                    body: Box::new(self.region(body)),
                }
            }
            op => {
                let mut op = op.clone();
                op.for_each_operand_mut(|v| *v = self.value(*v));
                op
            }
        };
        let results = self.all(&inst.results);
        Inst { results, op, loc: self.place(inst.loc), roots: Vec::new() }
    }
}
