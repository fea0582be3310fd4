//! The components that stand for a reference which is never an object, and the
//! choice of the flows that get them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::flow::{FlowId, Flows};
use crate::ir::*;

/// More components than this are worse than an object: results beyond the
/// machine's registers go through memory anyway.
const MOST: usize = 8;

/// What the values of one flow are carried as.
#[derive(Clone, Default, PartialEq, Debug)]
pub(super) struct Shape {
    /// The objects that the values would be, with their fields.
    pub objects: BTreeMap<LayoutId, Vec<(u32, Mem)>>,
    pub immediates: BTreeSet<u32>,
}

impl Shape {
    /// Whether the constructor tag is the first component.
    pub fn is_tagged(&self) -> bool {
        self.objects.len() + self.immediates.len() > 1
    }

    /// The components after the tag: offset and type of a field, ascending.
    /// Constructors share the place of a field that is alike in both.
    pub fn slots(&self) -> BTreeSet<(u32, Ty)> {
        self.objects.values().flatten().map(|(offset, mem)| (*offset, mem.ty())).collect()
    }

    /// The types of all components.
    pub fn types(&self) -> Vec<Ty> {
        let tag = self.is_tagged().then_some(Ty::I32);
        tag.into_iter().chain(self.slots().into_iter().map(|(_, ty)| ty)).collect()
    }

    /// Makes room for the values of another shape; whether it was lacking.
    fn include(&mut self, other: &Shape) -> bool {
        let before = (self.objects.len(), self.immediates.len());
        for (layout, fields) in &other.objects {
            self.objects.entry(*layout).or_insert_with(|| fields.clone());
        }
        self.immediates.extend(&other.immediates);
        before != (self.objects.len(), self.immediates.len())
    }
}

/// The shapes of the flows that are unboxed.
pub(super) struct Shapes(HashMap<FlowId, Shape>);

impl Shapes {
    pub fn get(&self, flow: FlowId) -> Option<&Shape> {
        self.0.get(&flow)
    }

    /// Chooses what to unbox; `None` if there is nothing.
    ///
    /// All flows that may be are taken at first, then those go that do not hold
    /// up: a result of a function whose own result is boxed, too many
    /// components, results that no caller takes apart.
    pub fn decide(program: &Program, flows: &mut Flows) -> Option<Shapes> {
        let mut chosen: HashSet<FlowId> =
            flows.ids().filter(|id| flows.get(*id).is_made_in_sight()).collect();
        loop {
            let lost = drop_boxed_calls(&mut chosen, flows);
            let shapes = shapes(&chosen, flows);
            let before = chosen.len();
            chosen.retain(|id| {
                let shape = &shapes[id];
                let made = shape.objects.len() + shape.immediates.len() > 0;
                made && shape.types().len() <= MOST
            });
            drop_useless_results(program, &mut chosen, flows);
            if !lost && chosen.len() == before {
                // A flow of immediates alone is a number already.
                let kept: HashMap<FlowId, Shape> =
                    shapes.into_iter().filter(|(id, _)| chosen.contains(id)).collect();
                let gain = kept.values().any(|s| !s.objects.is_empty());
                return gain.then_some(Shapes(kept));
            }
        }
    }
}

/// Takes out flows fed by a call whose result is an object; whether there were any.
fn drop_boxed_calls(chosen: &mut HashSet<FlowId>, flows: &mut Flows) -> bool {
    let mut lost = false;
    loop {
        let gone: Vec<FlowId> = chosen
            .iter()
            .copied()
            .filter(|id| {
                let calls = flows.get(*id).calls.clone();
                calls.into_iter().any(|(f, i)| !chosen.contains(&flows.result(f, i)))
            })
            .collect();
        if gone.is_empty() {
            return lost;
        }
        lost = true;
        gone.iter().for_each(|id| {
            chosen.remove(id);
        });
    }
}

/// The shapes of these flows: what is made in them and what calls bring in.
fn shapes(chosen: &HashSet<FlowId>, flows: &mut Flows) -> HashMap<FlowId, Shape> {
    let mut order: Vec<FlowId> = chosen.iter().copied().collect();
    order.sort_unstable();
    let mut shapes: HashMap<FlowId, Shape> = HashMap::new();
    for id in &order {
        let flow = flows.get(*id);
        let shape = Shape { objects: flow.objects.clone(), immediates: flow.immediates.clone() };
        shapes.insert(*id, shape);
    }
    loop {
        let mut changed = false;
        for id in &order {
            for (func, index) in flows.get(*id).calls.clone() {
                let brought = shapes[&flows.result(func, index)].clone();
                changed |= shapes.get_mut(id).is_some_and(|s| s.include(&brought));
            }
        }
        if !changed {
            return shapes;
        }
    }
}

/// Takes out results of functions that are unboxed in vain: every caller would
/// have to make the object.
fn drop_useless_results(program: &Program, chosen: &mut HashSet<FlowId>, flows: &mut Flows) {
    let mut results = HashSet::new();
    for (i, func) in program.funcs.iter().enumerate() {
        for index in 0..func.results.len() {
            results.insert(flows.result(FuncId(i as u32), index));
        }
    }
    let mut useful: HashSet<FlowId> = HashSet::new();
    loop {
        let mut found = Vec::new();
        for id in chosen.iter() {
            let flow = flows.get(*id);
            if (!results.contains(id) || useful.contains(id)) || flow.inspected {
                let calls = flow.calls.clone();
                found.extend(calls.into_iter().map(|(f, i)| flows.result(f, i)));
            }
        }
        let before = useful.len();
        useful.extend(found);
        if useful.len() == before {
            break;
        }
    }
    chosen.retain(|id| !results.contains(id) || useful.contains(id));
}
