//! Which references each collecting instruction must keep alive.
//!
//! A backward walk over the region tree carries the set of live references.
//! Loops need no iteration to a fixpoint, because control is structured (the
//! argument is that of Boissinot, Hack, Grund, Dupont de Dinechin, Rastello,
//! "Fast liveness checking for SSA-form programs", 2008): a first walk in which
//! `Continue` carries nothing already yields what is live at the head of each
//! outermost loop, and an inner loop only lacks what is live at the heads of
//! the loops it may return to. To know which those are, `Continue(l)` makes a
//! pseudo-reference for `l` live, which ends at the head of `l`. The second
//! walk then knows every head and records the roots. Nesting depth costs
//! nothing.
//!
//! Two rules go beyond plain liveness. The operands of an allocation are live
//! across it, since they are stored after the cell was obtained. And the address
//! [`Op::SeqData`] yields keeps the sequence alive as long as it is used itself.

use super::live_set::LiveSet;
use crate::ir::{Func, Inst, Op, Region, Terminator, Ty, UnaryOp, ValueId};

/// Fills `Inst::roots` of every collecting instruction of `func`.
pub fn annotate(func: &mut Func, collects: &[bool]) {
    let mut walk = Walk::new(func, collects);
    if walk.has_loops {
        walk.region(&mut func.body, &LiveSet::default(), Phase::Heads);
    }
    walk.region(&mut func.body, &LiveSet::default(), Phase::Record);
}

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    /// Finds what is live at loop heads; `Continue` carries pseudo-references.
    Heads,
    /// Records roots; `Continue` carries what is live at the head.
    Record,
}

struct Walk<'a> {
    collects: &'a [bool],
    /// Position of each value in definition order, or `None` when it needs no
    /// root: not a reference, or one that never points into the heap.
    order: Vec<Option<u32>>,
    /// Inverse of `order`.
    by_order: Vec<ValueId>,
    /// The sequence whose elements a value addresses.
    base: Vec<Option<ValueId>>,
    /// Live after each `Block`, by label.
    after: Vec<LiveSet>,
    /// Live at the head of each `Loop`, by label.
    heads: Vec<LiveSet>,
    has_loops: bool,
}

impl<'a> Walk<'a> {
    fn new(func: &Func, collects: &'a [bool]) -> Walk<'a> {
        let mut rooted: Vec<bool> = func.values.iter().map(|ty| *ty == Ty::Ref).collect();
        let mut base = vec![None; func.values.len()];
        let mut has_loops = false;
        func.body.for_each_inst(&mut |inst| {
            if matches!(inst.op, Op::Const(_) | Op::Unary(UnaryOp::I32ToRef, _)) {
                inst.results.iter().for_each(|v| rooted[v.index()] = false);
            } else if let Op::SeqData(seq) = inst.op {
                inst.results.iter().for_each(|v| base[v.index()] = Some(seq));
            }
            has_loops |= matches!(inst.op, Op::Loop { .. });
        });
        let mut order = vec![None; func.values.len()];
        let mut by_order = Vec::new();
        func.for_each_def(&mut |value| {
            if rooted[value.index()] {
                order[value.index()] = Some(by_order.len() as u32);
                by_order.push(value);
            }
        });
        let labels = func.labels as usize;
        let (after, heads) = (vec![LiveSet::default(); labels], vec![LiveSet::default(); labels]);
        Walk { collects, order, by_order, base, after, heads, has_loops }
    }

    /// First key that stands for a label and not for a value.
    fn first_pseudo(&self) -> u32 {
        self.by_order.len() as u32
    }

    fn use_value(&self, live: &mut LiveSet, value: ValueId) {
        let value = self.base[value.index()].unwrap_or(value);
        if let Some(key) = self.order[value.index()] {
            live.insert(key);
        }
    }

    fn define(&self, live: &mut LiveSet, values: &[ValueId]) {
        for value in values {
            if let Some(key) = self.order[value.index()] {
                live.remove(key);
            }
        }
    }

    /// Returns what is live before `region`, given what is live where its
    /// `Yield` leads.
    fn region(&mut self, region: &mut Region, out: &LiveSet, phase: Phase) -> LiveSet {
        let mut live = match &region.end {
            Terminator::Yield(_) => out.clone(),
            Terminator::Break(label, _) => self.after[label.index()].clone(),
            Terminator::Continue(label, _) => match phase {
                Phase::Record => self.heads[label.index()].clone(),
                Phase::Heads => {
                    let mut live = LiveSet::default();
                    live.insert(self.first_pseudo() + label.0);
                    live
                }
            },
            Terminator::Return(_)
            | Terminator::TailCall { .. }
            | Terminator::TailCallClosure { .. }
            | Terminator::Trap { .. }
            | Terminator::Unreachable => LiveSet::default(),
        };
        region.end.for_each_operand(|v| self.use_value(&mut live, v));
        for inst in region.insts.iter_mut().rev() {
            live = self.inst(inst, live, phase);
        }
        live
    }

    fn inst(&mut self, inst: &mut Inst, mut live: LiveSet, phase: Phase) -> LiveSet {
        self.define(&mut live, &inst.results);
        let collects = inst.op.may_collect(|f| self.collects[f.index()]);
        if let Op::If { then, otherwise, .. } = &mut inst.op {
            let other = self.region(otherwise, &live, phase);
            live = self.region(then, &live, phase);
            live.union(&other);
        } else if let Op::Switch { cases, default, .. } = &mut inst.op {
            let mut before = self.region(default, &live, phase);
            for case in cases {
                before.union(&self.region(case, &live, phase));
            }
            live = before;
        } else if let Op::Block { label, body } = &mut inst.op {
            self.after[label.index()] = live.clone();
            live = self.region(body, &live, phase);
        } else if let Op::Loop { label, params, body, .. } = &mut inst.op {
            let label = *label;
            if phase == Phase::Record {
                self.finish_head(label.index());
            }
            live = self.region(body, &live, phase);
            self.define(&mut live, params);
            if phase == Phase::Heads {
                live.remove(self.first_pseudo() + label.0);
                self.heads[label.index()] = live.clone();
            }
        } else if matches!(inst.op, Op::MakeObject { .. } | Op::MakeClosure { .. }) {
            inst.op.for_each_operand(|v| self.use_value(&mut live, v));
        }
        if phase == Phase::Record {
            inst.roots.clear();
            if collects {
                inst.roots.extend(live.iter().map(|key| self.by_order[key as usize]));
            }
        }
        inst.op.for_each_operand(|v| self.use_value(&mut live, v));
        live
    }

    /// Completes a loop head with what is live at the heads of the enclosing
    /// loops it may return to, which are complete already.
    fn finish_head(&mut self, label: usize) {
        let first_pseudo = self.first_pseudo();
        for outer in self.heads[label].split_off(first_pseudo) {
            let outer_head = self.heads[(outer - first_pseudo) as usize].clone();
            self.heads[label].union(&outer_head);
        }
    }
}
