//! Where values are needed for the last time, so that their locals can serve others:
//! engines allow a function so many locals, and programs have longer functions.
//!
//! A value is done with after the last statement, of the region that defines it, in
//! which it is mentioned: loops inside the statement are over by then. What is folded
//! into a statement counts where that stands.

use std::collections::HashMap;

use vera_mir::ir::{Inst, Op, Region, ValueId};

use super::fold::Values;

/// The values that each statement is the last to mention.
#[derive(Default)]
pub struct Lifetimes {
    /// By the statement's address; the code does not move while it is emitted.
    ends: HashMap<*const Inst, Vec<ValueId>>,
}

impl Lifetimes {
    pub fn of(body: &Region, values: &Values<'_>) -> Lifetimes {
        let count = values.uses.len();
        let mut walk = Walk {
            values,
            path: Vec::new(),
            depth: vec![usize::MAX; count],
            last: vec![None; count],
        };
        walk.region(body);
        let mut lifetimes = Lifetimes::default();
        for (index, last) in walk.last.into_iter().enumerate() {
            if let Some(inst) = last {
                lifetimes.ends.entry(inst).or_default().push(ValueId(index as u32));
            }
        }
        lifetimes
    }

    /// The values that nothing behind the statement mentions.
    pub fn end_at(&self, inst: &Inst) -> &[ValueId] {
        self.ends.get(&std::ptr::from_ref(inst)).map_or(&[], Vec::as_slice)
    }
}

struct Walk<'v, 'a> {
    values: &'v Values<'a>,
    /// The statements around, outermost first: one for each region that is open.
    path: Vec<*const Inst>,
    /// For each value met, how many regions are around its definition.
    depth: Vec<usize>,
    last: Vec<Option<*const Inst>>,
}

impl Walk<'_, '_> {
    fn region(&mut self, region: &Region) {
        let depth = self.path.len();
        self.path.push(std::ptr::null());
        for inst in region.insts.iter().filter(|inst| self.values.stands(inst)) {
            self.path[depth] = inst;
            self.mention(inst);
            for result in &inst.results {
                self.depth[result.index()] = depth;
            }
        }
        // What the end mentions lives as long as the region: no statement has no address.
        self.path[depth] = std::ptr::null();
        region.end.for_each_operand(|v| self.operand(v));
        self.path.pop();
    }

    fn mention(&mut self, inst: &Inst) {
        inst.op.for_each_operand(|v| self.operand(v));
        inst.roots.iter().for_each(|v| self.value(*v));
        if let Op::Loop { params, .. } = &inst.op {
            // They have locals of their own.
            params.iter().for_each(|v| self.depth[v.index()] = usize::MAX);
        }
        inst.op.regions().for_each(|region| self.region(region));
    }

    fn operand(&mut self, value: ValueId) {
        match self.values.folded[value.index()] {
            Some(inst) => self.mention(inst),
            None => self.value(value),
        }
    }

    fn value(&mut self, value: ValueId) {
        if let Some(statement) = self.path.get(self.depth[value.index()]) {
            self.last[value.index()] = Some(*statement);
        }
    }
}
