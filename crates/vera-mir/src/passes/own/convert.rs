//! Does in place what [`Found`] says can be.

use std::collections::HashMap;

use vera_abi::runtime::RtFn;

use super::{Found, How, Variants, own};
use crate::ir::*;

/// The conversion of the body of a loop or function.
pub(super) struct Convert<'a> {
    func: &'a mut Func,
    found: Found,
    variants: &'a mut Variants,
    /// What the operands of a jump to a label flow into.
    targets: HashMap<LabelId, Vec<ValueId>>,
    loc: LocId,
}

impl<'a> Convert<'a> {
    /// `loc` is where what has no place of its own is said to stand.
    pub fn new(
        func: &'a mut Func,
        found: Found,
        variants: &'a mut Variants,
        loc: LocId,
    ) -> Convert<'a> {
        Convert { func, found, variants, targets: HashMap::new(), loc }
    }

    /// What the operands of jumps to a label flow into.
    pub fn jumps_to(&mut self, label: LabelId, values: Vec<ValueId>) {
        self.targets.insert(label, values);
    }

    /// Has a holder copied only where it shares its elements: it is a view then, as
    /// [`RtFn::SeqOwn`] makes it. An owner was made for its holder since.
    fn unshare(&mut self, copy: &mut Inst, out: &mut Vec<Inst>) {
        let Op::CallRt { args, .. } = &copy.op else { return };
        let (holder, loc) = (args[0], copy.loc);
        let cond = self.func.new_value(Ty::I32);
        out.push(Inst { results: vec![cond], op: Op::SeqOwns(holder), loc, roots: Vec::new() });
        let fresh = self.func.new_value(Ty::Ref);
        let made = Inst { results: vec![fresh], ..copy.clone() };
        let then = Region { insts: Vec::new(), end: Terminator::Yield(vec![holder]) };
        let otherwise = Region { insts: vec![made], end: Terminator::Yield(vec![fresh]) };
        copy.op = Op::If { cond, then: Box::new(then), otherwise: Box::new(otherwise) };
    }

    /// `yields` is what the operands of `Yield` flow into.
    pub fn region(&mut self, region: &mut Region, yields: &[ValueId]) {
        for mut inst in std::mem::take(&mut region.insts) {
            let how = inst.results.iter().find_map(|r| self.found.changes.get(r)).copied();
            match &mut inst.op {
                Op::CallRt { func, .. } => match how {
                    Some(How::Append(append)) => *func = append,
                    Some(How::Store) => self.unshare(&mut inst, &mut region.insts),
                    Some(How::Call(_)) | None => {}
                },
                Op::Call { func, .. } => {
                    if let Some(How::Call(at)) = how {
                        *func = self.variants.of(*func, at);
                    }
                }
                // What was copied and so was young may now be old.
                Op::SetElement { data, index, mem: Mem::Ref, value } => {
                    if let Some(seq) = self.found.data.get(data) {
                        let args = vec![*seq, *index, *value];
                        inst.op = Op::CallRt { func: RtFn::SeqPutRef, args };
                    }
                }
                Op::Block { label, .. } => {
                    self.targets.insert(*label, inst.results.clone());
                    inst.op.for_each_region_mut(|r| self.region(r, &inst.results));
                }
                Op::Loop { label, params, .. } => {
                    self.targets.insert(*label, params.clone());
                    inst.op.for_each_region_mut(|r| self.region(r, &inst.results));
                }
                op => op.for_each_region_mut(|r| self.region(r, &inst.results)),
            }
            region.insts.push(inst);
        }
        if let Terminator::TailCall { func, args, loc: _ } = &mut region.end {
            let at = args.iter().find_map(|a| self.found.tails.get(&(*func, *a)));
            if let Some(at) = at {
                *func = self.variants.of(*func, *at);
            }
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
