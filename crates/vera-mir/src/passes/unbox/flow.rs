//! Which references flow into one another, where they come from, and whether
//! anything but taking them apart is done with them.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use crate::ir::*;

/// Index of a set of references that flow into one another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct FlowId(pub u32);

impl FlowId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What is known of one flow.
#[derive(Clone, Default)]
pub(super) struct Flow {
    /// Something needs the object, or a value comes from out of sight.
    pub boxed: bool,
    /// Some value is taken apart.
    pub inspected: bool,
    /// Objects made, with their fields.
    pub objects: BTreeMap<LayoutId, Vec<(u32, Mem)>>,
    /// Constructors without fields.
    pub immediates: BTreeSet<u32>,
    /// Results of functions: callee and position.
    pub calls: BTreeSet<(FuncId, usize)>,
}

impl Flow {
    /// Whether all its values are made by instructions of the program and only
    /// taken apart.
    pub fn is_made_in_sight(&self) -> bool {
        let made =
            !(self.objects.is_empty() && self.immediates.is_empty() && self.calls.is_empty());
        made && !self.boxed
    }

    /// Adds an object. One type has one list of fields for each tag; should two
    /// types ever meet here, in code that never runs, nothing is unboxed.
    fn object(&mut self, layout: LayoutId, fields: Vec<(u32, Mem)>) {
        match self.objects.entry(layout) {
            Entry::Vacant(entry) => {
                entry.insert(fields);
            }
            Entry::Occupied(entry) => self.boxed |= *entry.get() != fields,
        }
    }
}

/// The flows of a whole program: a union-find over its values and the results
/// of its functions.
pub(super) struct Flows {
    parent: Vec<u32>,
    /// By representative.
    flows: Vec<Flow>,
    /// First node of each function's values.
    values: Vec<u32>,
    /// First node of each function's results.
    results: Vec<u32>,
}

impl Flows {
    pub fn of(program: &Program) -> Flows {
        let mut next = 0;
        let mut values = Vec::new();
        let mut results = Vec::new();
        for func in &program.funcs {
            values.push(next);
            next += func.values.len() as u32;
            results.push(next);
            next += func.results.len() as u32;
        }
        let parent = (0..next).collect();
        let mut flows =
            Flows { parent, flows: vec![Flow::default(); next as usize], values, results };
        for (i, func) in program.funcs.iter().enumerate() {
            flows.func(FuncId(i as u32), func);
        }
        flows
    }

    /// The flow of a value, by its representative.
    pub fn value(&mut self, func: FuncId, value: ValueId) -> FlowId {
        self.find(self.values[func.index()] + value.0)
    }

    /// The flow of a function's result.
    pub fn result(&mut self, func: FuncId, index: usize) -> FlowId {
        self.find(self.results[func.index()] + index as u32)
    }

    pub fn get(&self, id: FlowId) -> &Flow {
        &self.flows[id.index()]
    }

    pub fn get_mut(&mut self, id: FlowId) -> &mut Flow {
        &mut self.flows[id.index()]
    }

    /// Every flow once.
    pub fn ids(&self) -> impl Iterator<Item = FlowId> + use<> {
        let roots: Vec<u32> =
            (0..self.parent.len() as u32).filter(|n| self.parent[*n as usize] == *n).collect();
        roots.into_iter().map(FlowId)
    }

    fn find(&mut self, mut node: u32) -> FlowId {
        while self.parent[node as usize] != node {
            let above = self.parent[self.parent[node as usize] as usize];
            self.parent[node as usize] = above;
            node = above;
        }
        FlowId(node)
    }

    fn union(&mut self, a: FlowId, b: FlowId) {
        let (a, b) = (self.find(a.0), self.find(b.0));
        if a == b {
            return;
        }
        self.parent[b.index()] = a.0;
        let gone = std::mem::take(&mut self.flows[b.index()]);
        let kept = &mut self.flows[a.index()];
        kept.boxed |= gone.boxed;
        kept.inspected |= gone.inspected;
        kept.immediates.extend(gone.immediates);
        kept.calls.extend(gone.calls);
        gone.objects.into_iter().for_each(|(layout, fields)| kept.object(layout, fields));
    }

    fn func(&mut self, id: FuncId, func: &Func) {
        let mut walk = Walk { flows: self, id, func, labels: vec![None; func.labels as usize] };
        let scalars = (0..func.values.len() as u32).map(ValueId).filter(|v| func.ty(*v) != Ty::Ref);
        for value in scalars.chain(func.params.iter().copied()) {
            walk.boxed(value);
        }
        if func.indirect {
            // Callers who know only the type expect an object.
            for (i, _) in func.results.iter().enumerate() {
                let result = walk.flows.result(id, i);
                walk.flows.get_mut(result).boxed = true;
            }
        }
        let results = (0..func.results.len()).map(|i| walk.flows.result(id, i)).collect();
        walk.region(&func.body, Some(results));
    }
}

/// The walk over one function.
struct Walk<'a> {
    flows: &'a mut Flows,
    id: FuncId,
    func: &'a Func,
    /// What the operands of a jump to a label flow into.
    labels: Vec<Option<Vec<FlowId>>>,
}

impl Walk<'_> {
    fn flow(&mut self, value: ValueId) -> FlowId {
        self.flows.value(self.id, value)
    }

    fn flows(&mut self, values: &[ValueId]) -> Vec<FlowId> {
        values.iter().map(|v| self.flow(*v)).collect()
    }

    fn boxed(&mut self, value: ValueId) {
        let flow = self.flow(value);
        self.flows.get_mut(flow).boxed = true;
    }

    fn inspected(&mut self, value: ValueId) {
        let flow = self.flow(value);
        self.flows.get_mut(flow).inspected = true;
    }

    fn into(&mut self, values: &[ValueId], targets: &[FlowId]) {
        for (value, target) in values.iter().zip(targets) {
            let flow = self.flow(*value);
            self.flows.union(*target, flow);
        }
    }

    /// `yields` is what the operands of `Yield` flow into.
    fn region(&mut self, region: &Region, yields: Option<Vec<FlowId>>) {
        for inst in &region.insts {
            self.inst(inst);
        }
        match &region.end {
            Terminator::Yield(values) => {
                let targets = yields.unwrap_or_default();
                self.into(values, &targets);
            }
            Terminator::Return(values) => {
                let targets: Vec<FlowId> =
                    (0..values.len()).map(|i| self.flows.result(self.id, i)).collect();
                self.into(values, &targets);
            }
            Terminator::Break(label, values) | Terminator::Continue(label, values) => {
                let targets = self.labels[label.index()].clone().unwrap_or_default();
                self.into(values, &targets);
            }
            Terminator::TailCall { func, args, .. } => {
                args.iter().for_each(|v| self.boxed(*v));
                for i in 0..self.func.results.len() {
                    let (own, callee) =
                        (self.flows.result(self.id, i), self.flows.result(*func, i));
                    self.flows.union(own, callee);
                }
            }
            Terminator::TailCallClosure { closure, args, .. } => {
                self.boxed(*closure);
                args.iter().for_each(|v| self.boxed(*v));
                for i in 0..self.func.results.len() {
                    let own = self.flows.result(self.id, i);
                    self.flows.get_mut(own).boxed = true;
                }
            }
            Terminator::Trap { .. } | Terminator::Unreachable => {}
        }
    }

    fn inst(&mut self, inst: &Inst) {
        match &inst.op {
            Op::Const(Const::Immediate(tag)) => {
                let flow = self.flow(inst.results[0]);
                self.flows.get_mut(flow).immediates.insert(*tag);
            }
            Op::MakeObject { layout, fields } => {
                fields.iter().for_each(|(_, _, v)| self.boxed(*v));
                let flow = self.flow(inst.results[0]);
                let fields = fields.iter().map(|(offset, mem, _)| (*offset, *mem)).collect();
                self.flows.get_mut(flow).object(*layout, fields);
            }
            Op::Load { object, .. } => {
                self.inspected(*object);
                self.boxed(inst.results[0]);
            }
            Op::Tag { object } | Op::IsImmediate(object) => self.inspected(*object),
            Op::Call { func, args } => {
                args.iter().for_each(|v| self.boxed(*v));
                for (i, result) in inst.results.iter().enumerate() {
                    let flow = self.flow(*result);
                    self.flows.get_mut(flow).calls.insert((*func, i));
                }
            }
            Op::If { then, otherwise, .. } => {
                let results = self.flows(&inst.results);
                self.region(then, Some(results.clone()));
                self.region(otherwise, Some(results));
            }
            Op::Switch { cases, default, .. } => {
                let results = self.flows(&inst.results);
                for case in cases {
                    self.region(case, Some(results.clone()));
                }
                self.region(default, Some(results));
            }
            Op::Block { label, body } => {
                let results = self.flows(&inst.results);
                self.labels[label.index()] = Some(results.clone());
                self.region(body, Some(results));
            }
            Op::Loop { label, params, init, body } => {
                let params = self.flows(params);
                self.into(init, &params);
                self.labels[label.index()] = Some(params);
                let results = self.flows(&inst.results);
                self.region(body, Some(results));
            }
            Op::Const(_)
            | Op::Unary(..)
            | Op::Binary(..)
            | Op::Checked(..)
            | Op::Guard { .. }
            | Op::Claim { .. }
            | Op::MakeClosure { .. }
            | Op::ReadCell { .. }
            | Op::WriteCell { .. }
            | Op::GetGlobal(_)
            | Op::SetGlobal(..)
            | Op::SeqOwns(_)
            | Op::SeqLen(_)
            | Op::SeqData(_)
            | Op::Element { .. }
            | Op::SetElement { .. }
            | Op::SeqFinish(_)
            | Op::CallClosure { .. }
            | Op::CallRt { .. }
            | Op::CallHost { .. } => {
                let mut operands = Vec::new();
                inst.op.for_each_operand(|v| operands.push(v));
                operands.iter().chain(&inst.results).for_each(|v| self.boxed(*v));
            }
        }
    }
}
