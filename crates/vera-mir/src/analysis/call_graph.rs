//! Which functions may collect and which may call themselves.
//!
//! Both follow from the strongly connected components of the call graph, found
//! by Tarjan's algorithm ("Depth-first search and linear graph algorithms",
//! 1972), which yields callees before callers. A call through a closure goes to
//! one extra node that calls every function reached through closures, so cycles
//! through closures are found too.

use crate::ir::{Func, Op, Program, Region, Terminator};

/// Outgoing edges of every node, and what a function does by itself.
struct Graph {
    /// `targets[starts[n]..starts[n + 1]]` are the callees of node `n`.
    starts: Vec<u32>,
    targets: Vec<u32>,
    collects: Vec<bool>,
}

/// Sets `collects` and `recursive` of every function.
pub fn annotate(program: &mut Program) {
    let graph = Graph::new(program);
    let mut collects = graph.collects.clone();
    for component in graph.components() {
        let any = component.iter().any(|n| {
            collects[*n as usize] || graph.callees(*n).iter().any(|c| collects[*c as usize])
        });
        let cycle = component.len() > 1 || graph.callees(component[0]).contains(&component[0]);
        for node in component {
            collects[node as usize] = any;
            if let Some(func) = program.funcs.get_mut(node as usize) {
                func.collects = any;
                func.recursive = cycle;
            }
        }
    }
}

impl Graph {
    fn new(program: &Program) -> Graph {
        let closure_node = program.funcs.len() as u32;
        let mut graph = Graph { starts: Vec::new(), targets: Vec::new(), collects: Vec::new() };
        for func in &program.funcs {
            graph.starts.push(graph.targets.len() as u32);
            graph.collects.push(func.indirect || func.is_long());
            graph.add_calls(func, closure_node);
        }
        graph.starts.push(graph.targets.len() as u32);
        graph.collects.push(true);
        let indirect = program.funcs.iter().enumerate().filter(|(_, f)| f.indirect);
        graph.targets.extend(indirect.map(|(i, _)| i as u32));
        graph.starts.push(graph.targets.len() as u32);
        graph
    }

    fn add_calls(&mut self, func: &Func, closure_node: u32) {
        let body: &Region = &func.body;
        body.for_each_inst(&mut |inst| match &inst.op {
            Op::Call { func, .. } => self.targets.push(func.0),
            Op::CallClosure { .. } => self.targets.push(closure_node),
            op => {
                if op.may_collect(|_| false) {
                    *self.collects.last_mut().expect("pushed by the caller") = true;
                }
            }
        });
        body.for_each_end(&mut |end| match end {
            Terminator::TailCall { func, .. } => self.targets.push(func.0),
            Terminator::TailCallClosure { .. } => self.targets.push(closure_node),
            Terminator::Yield(_)
            | Terminator::Return(_)
            | Terminator::Break(..)
            | Terminator::Continue(..)
            | Terminator::Trap { .. }
            | Terminator::Unreachable => {}
        });
    }

    fn callees(&self, node: u32) -> &[u32] {
        &self.targets[self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize]
    }

    /// The strongly connected components, callees first. The depth-first search
    /// keeps its own stack: call chains are as long as programs are.
    fn components(&self) -> Vec<Vec<u32>> {
        const UNSEEN: u32 = u32::MAX;
        let nodes = self.collects.len();
        let mut index = vec![UNSEEN; nodes];
        let mut low = vec![0; nodes];
        let mut on_stack = vec![false; nodes];
        let mut stack = Vec::new();
        let mut next = 0;
        let mut found = Vec::new();
        let mut work: Vec<(u32, usize)> = Vec::new();
        for root in 0..nodes as u32 {
            if index[root as usize] != UNSEEN {
                continue;
            }
            work.push((root, 0));
            while let Some((node, edge)) = work.pop() {
                let n = node as usize;
                if edge == 0 {
                    index[n] = next;
                    low[n] = next;
                    next += 1;
                    stack.push(node);
                    on_stack[n] = true;
                }
                if let Some(&callee) = self.callees(node).get(edge) {
                    work.push((node, edge + 1));
                    let c = callee as usize;
                    if index[c] == UNSEEN {
                        work.push((callee, 0));
                    } else if on_stack[c] {
                        low[n] = low[n].min(index[c]);
                    }
                    continue;
                }
                if let Some(&(parent, _)) = work.last() {
                    low[parent as usize] = low[parent as usize].min(low[n]);
                }
                if low[n] == index[n] {
                    let at = stack.iter().rposition(|x| *x == node).expect("the root is on it");
                    let component = stack.split_off(at);
                    component.iter().for_each(|x| on_stack[*x as usize] = false);
                    found.push(component);
                }
            }
        }
        found
    }
}
