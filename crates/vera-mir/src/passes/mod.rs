//! Optimisation: passes over MIR, each leaving a valid program.
//!
//! Functions are simplified callees first, so that what is inlined is already
//! small. One walk does most of the work ([`simplify`]): it knows the defining
//! instruction of every value in scope, so closures passed to array functions
//! become direct calls, direct calls of small functions become their bodies,
//! and reads of objects just made become the values stored there. Then objects
//! that nothing keeps are taken apart ([`unbox`]) and arrays that are only counted
//! through dissolve ([`ranges`]), which may make more known. At last, what numbers
//! can be decides checks ([`bounds`]), and arrays and strings that nobody else has
//! are changed in place ([`reuse`], [`own`]).

mod available;
mod bounds;
mod clone;
mod dead;
pub mod elide;
mod fold;
mod hoist;
mod own;
mod prune;
mod ranges;
mod reuse;
mod simplify;
mod unbox;

use std::collections::HashSet;

use crate::ir::{FuncId, Op, Program, Region, Terminator};

/// Objects within objects are unboxed from the outside in, one level a round.
const ROUNDS: usize = 4;

/// Optimises a whole program. Facts set by [`crate::analysis`] are stale
/// afterwards.
pub fn optimise(program: &mut Program) {
    crate::analysis::annotate(program);
    let order = callees_first(program);
    for _ in 0..ROUNDS {
        for id in &order {
            simplify::run(program, *id);
            dead::run(program, *id);
        }
        if !(ranges::run(program) | unbox::run(program)) {
            break;
        }
    }
    for id in order {
        if bounds::run(program, id) {
            simplify::run(program, id);
            dead::run(program, id);
        }
    }
    reuse::run(program);
    own::run(program);
    prune::run(program);
    crate::analysis::annotate(program);
    hoist::run(program);
    if cfg!(debug_assertions)
        && let Err(faults) = crate::verify::verify(program)
    {
        panic!("optimisation broke the program:\n{faults}");
    }
}

/// Every function, after those it calls where there is no recursion.
fn callees_first(program: &Program) -> Vec<FuncId> {
    let mut order = Vec::new();
    let mut seen: HashSet<FuncId> = HashSet::new();
    for root in (0..program.funcs.len() as u32).map(FuncId) {
        let mut work = vec![(root, false)];
        while let Some((id, done)) = work.pop() {
            if done {
                order.push(id);
                continue;
            }
            if !seen.insert(id) {
                continue;
            }
            work.push((id, true));
            for callee in callees(program, id) {
                if !seen.contains(&callee) {
                    work.push((callee, false));
                }
            }
        }
    }
    order
}

/// The functions a body names: callees and closures it makes.
fn callees(program: &Program, id: FuncId) -> Vec<FuncId> {
    let mut out = Vec::new();
    let body: &Region = &program.funcs[id.index()].body;
    body.for_each_inst(&mut |inst| match &inst.op {
        Op::Call { func, .. } | Op::MakeClosure { func, .. } => out.push(*func),
        Op::Const(crate::ir::Const::Static(s)) => {
            if let crate::ir::Static::Closure(func) = &program.statics[s.index()] {
                out.push(*func);
            }
        }
        _ => {}
    });
    body.for_each_end(&mut |end| {
        if let Terminator::TailCall { func, .. } = end {
            out.push(*func);
        }
    });
    out
}
