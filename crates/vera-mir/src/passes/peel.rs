//! Base cases of recursive functions move to where the functions are called.
//!
//! A recursive function often begins with a cheap test and returns at once for
//! half of its calls: the leaves of a tree, the end of a list. Such a function is
//! cut in two: what is not cheap becomes a function of its own, the *rest*, and
//! what remains is small enough to be inlined, though it lies on a cycle (partial
//! inlining; Muth and Debray, "Partial inlining", 1997). Calls that meet a base
//! case are then no calls at all.
//!
//! ```text
//! f(x) = if leaf(x) { a } else { b }    becomes    f(x) = if leaf(x) { a } else { f$rest(x) }
//!                                                  f$rest(x) = b
//! ```

use std::collections::{HashMap, HashSet};

use crate::behaviour::Behaviour;
use crate::ir::*;

/// Instructions before the rest, at most.
const CHEAP: usize = 16;
/// Values that a rest may need, at most.
const MOST_VALUES: usize = 8;
/// Instructions after the choice that are put into both its ways, at most.
const TAIL: usize = 8;

/// Cuts the recursive functions of a program that begin so. Returns those that are
/// to be inlined now; each calls a function that is not among them.
pub(super) fn run(program: &mut Program) -> HashSet<FuncId> {
    let mut cut = HashSet::new();
    for id in (0..program.funcs.len() as u32).map(FuncId) {
        if program.func(id).recursive && peel(program, id) {
            cut.insert(id);
        }
    }
    cut
}

fn peel(program: &mut Program, id: FuncId) -> bool {
    let mut func = with_checks_sunk(program.func(id));
    let Some(way) = way_to_rest(&func.body) else { return false };
    if way.params.len() > MOST_VALUES {
        return false;
    }
    let loc = super::hidden_place(program, id);
    let tail = FuncId(program.funcs.len() as u32);
    let call = Terminator::TailCall { func: tail, args: way.params.clone(), loc };
    let mut place = &mut func.body;
    for child in way.path {
        let Some(region) = place.insts.last_mut().and_then(|last| last.op.region_mut(child)) else {
            return false;
        };
        place = region;
    }
    let mut body = std::mem::replace(place, Region { insts: Vec::new(), end: call });
    body.insts.splice(..0, way.consts);
    let natural = func.natural.iter().copied().filter(|v| way.params.contains(v)).collect();
    let rest = Func {
        name: format!("{}$rest", func.name),
        params: way.params,
        natural,
        indirect: false,
        body,
        ..func.clone()
    };
    program.funcs[id.index()] = func;
    program.funcs.push(rest);
    true
}

/// Where the rest of a function stands, and what it needs of the code before it.
struct Way {
    /// For each choice on the way, which of its regions is next.
    path: Vec<usize>,
    /// Constants the rest uses, to be made again.
    consts: Vec<Inst>,
    /// All other values it uses.
    params: Vec<ValueId>,
}

/// `None` for a function that does not begin with a cheap base case.
fn way_to_rest(body: &Region) -> Option<Way> {
    let mut budget = CHEAP;
    let (mut rest, mut path, mut consts) = (body, Vec::new(), Vec::new());
    while let Some((cost, child)) = costly_child(rest, budget)
        && let Some(next) = rest.insts.last().and_then(|last| last.op.regions().nth(child))
    {
        budget -= cost;
        consts.extend(rest.insts.iter().filter(|inst| matches!(inst.op, Op::Const(_))).cloned());
        path.push(child);
        rest = next;
    }
    if path.is_empty() {
        return None;
    }
    let mut params = needs(rest);
    consts.retain(|inst| params.contains(&inst.results[0]));
    params.retain(|value| !consts.iter().any(|c| c.results[0] == *value));
    Some(Way { path, consts, params })
}

/// A copy of the function, prepared by [`sink`].
fn with_checks_sunk(func: &Func) -> Func {
    let mut func = func.clone();
    let empty = Region { insts: Vec::new(), end: Terminator::Unreachable };
    let mut body = std::mem::replace(&mut func.body, empty);
    if let Terminator::Yield(values) = body.end {
        body.end = Terminator::Return(values);
    }
    sink(&mut body, &mut func);
    func.body = body;
    func
}

/// Checks of the result stand after the choice between base case and rest. They go
/// into both its ways, so that each leaves the function by itself.
fn sink(region: &mut Region, func: &mut Func) {
    let Some(at) = region.insts.iter().position(|inst| !is_cheap(inst)) else { return };
    let tail = &region.insts[at + 1..];
    let chooses = matches!(region.insts[at].op, Op::If { .. } | Op::Switch { .. });
    let returns = matches!(region.end, Terminator::Return(_));
    if !chooses || !returns || tail.len() > TAIL || !tail.iter().all(is_cheap) {
        return;
    }
    let tail = region.insts.split_off(at + 1);
    let end = std::mem::replace(&mut region.end, Terminator::Unreachable);
    let Some(choice) = region.insts.last_mut() else { return };
    let results = std::mem::take(&mut choice.results);
    choice.op.for_each_region_mut(|way| {
        if let Terminator::Yield(values) = &way.end {
            let mut names = results.iter().copied().zip(values.iter().copied()).collect();
            way.insts.extend(tail.iter().map(|inst| copy(inst, &mut names, func)));
            way.end = end.clone();
            way.end.for_each_operand_mut(|v| *v = *names.get(v).unwrap_or(v));
            sink(way, func);
        }
    });
}

/// An instruction without regions once more, with results of its own.
fn copy(inst: &Inst, names: &mut HashMap<ValueId, ValueId>, func: &mut Func) -> Inst {
    let mut inst = inst.clone();
    inst.op.for_each_operand_mut(|v| *v = *names.get(v).unwrap_or(v));
    for result in &mut inst.results {
        let fresh = func.new_value(func.ty(*result));
        names.insert(*result, fresh);
        *result = fresh;
    }
    inst
}

/// For a region that only decides where to go: the instructions in it and in its
/// cheap ways, and which way is the one that is not cheap.
fn costly_child(region: &Region, budget: usize) -> Option<(usize, usize)> {
    let (last, before) = region.insts.split_last()?;
    let chooses = matches!(last.op, Op::If { .. } | Op::Switch { .. });
    if !chooses || !matches!(region.end, Terminator::Unreachable) || !before.iter().all(is_cheap) {
        return None;
    }
    let mut cost = region.insts.len();
    let mut costly = None;
    for (i, way) in last.op.regions().enumerate() {
        match cost_of(way) {
            Some(more) => cost += more,
            None if costly.is_some() => return None,
            None => costly = Some(i),
        }
    }
    costly.filter(|_| cost <= budget).map(|child| (cost, child))
}

/// Number of instructions of a region that is cheap and leaves the function.
fn cost_of(region: &Region) -> Option<usize> {
    let leaves = matches!(region.end, Terminator::Return(_) | Terminator::Trap { .. });
    (leaves && region.insts.iter().all(is_cheap)).then_some(region.insts.len())
}

fn is_cheap(inst: &Inst) -> bool {
    match inst.op.behaviour() {
        Behaviour::Nothing | Behaviour::Computes | Behaviour::MayTrap => true,
        // The address of elements must not be handed to another function.
        Behaviour::Reads => !matches!(inst.op, Op::SeqData(_)),
        Behaviour::ReadsState
        | Behaviour::Allocates
        | Behaviour::Writes
        | Behaviour::Calls
        | Behaviour::Controls => false,
    }
}

/// The values a region uses but does not define, in the order of their first use.
fn needs(region: &Region) -> Vec<ValueId> {
    let mut defined = HashSet::new();
    region.for_each_def(&mut |value| _ = defined.insert(value));
    let mut needed = Vec::new();
    let mut need = |value: ValueId| {
        if !defined.contains(&value) && !needed.contains(&value) {
            needed.push(value);
        }
    };
    region.for_each_inst(&mut |inst| inst.op.for_each_operand(&mut need));
    region.for_each_end(&mut |end| end.for_each_operand(&mut need));
    needed
}
