//! Optimisation: passes over MIR, each leaving a valid program.
//!
//! Functions are simplified callees first, so that what is inlined is already
//! small. One walk does most of the work ([`simplify`]): it knows the defining
//! instruction of every value in scope, so closures passed to array functions
//! become direct calls, direct calls of small functions become their bodies,
//! and reads of objects just made become the values stored there. Then objects
//! that nothing keeps are taken apart ([`unbox`]) and arrays that are only counted
//! through dissolve ([`ranges`]), which may make more known. Then, what numbers can
//! be decides checks ([`bounds`]), and base cases of recursive functions go to their
//! callers ([`peel`]). At last, arrays and strings that nobody else has are changed
//! in place ([`reuse`], [`own`]).

mod available;
mod bounds;
mod clone;
mod constants;
mod dead;
pub mod elide;
mod fold;
mod hoist;
mod own;
mod peel;
mod prune;
mod ranges;
mod reuse;
mod simplify;
mod unbox;

use std::collections::HashSet;

use crate::ir::*;

/// Objects within objects are unboxed from the outside in, one level a round.
const ROUNDS: usize = 4;

/// Optimises a whole program. Facts set by [`crate::analysis`] are stale
/// afterwards.
pub fn optimise(program: &mut Program) {
    crate::analysis::annotate_calls(program);
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
    constants::run(program);
    inline_base_cases(program);
    reuse::run(program);
    own::run(program);
    for id in (0..program.funcs.len() as u32).map(FuncId) {
        dead::run(program, id);
    }
    prune::run(program);
    crate::analysis::annotate_calls(program);
    hoist::run(program);
    if cfg!(debug_assertions)
        && let Err(faults) = crate::verify::verify(program)
    {
        panic!("optimisation broke the program:\n{faults}");
    }
}

/// Cuts base cases off recursive functions and puts them where these are called.
fn inline_base_cases(program: &mut Program) {
    crate::analysis::annotate_calls(program);
    let cut = peel::run(program);
    if cut.is_empty() {
        return;
    }
    for id in (0..program.funcs.len() as u32).map(FuncId) {
        if callees(program, id).iter().any(|callee| cut.contains(callee)) {
            simplify::inline_cut(program, id, &cut);
            dead::run(program, id);
            if program.func(id).recursive {
                simplify::unroll(program, id);
            }
            if bounds::run(program, id) {
                simplify::run(program, id);
            }
            dead::run(program, id);
        }
    }
}

/// A place in code that stands between a function and its callers, which back
/// traces leave out.
fn hidden_place(program: &mut Program, of: FuncId) -> LocId {
    let function = &program.source_fns[program.func(of).source.index()];
    let hidden = SourceFn { name: String::new(), decl: function.decl };
    let at = hidden.decl;
    program.source_fns.push(hidden);
    let func = SourceFnId(program.source_fns.len() as u32 - 1);
    program.locs.push(Loc { at, func, inlined_at: None });
    LocId(program.locs.len() as u32 - 1)
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

/// The closures a static object is or refers to.
fn closures(program: &Program, object: StaticId, out: &mut Vec<FuncId>) {
    let object = &program.statics[object.index()];
    if let Static::Closure(func) = object {
        out.push(*func);
    }
    object.for_each_static(|s| closures(program, s, out));
}

/// The functions a body names: callees and closures it makes.
fn callees(program: &Program, id: FuncId) -> Vec<FuncId> {
    let mut out = Vec::new();
    let body: &Region = &program.funcs[id.index()].body;
    body.for_each_inst(&mut |inst| match &inst.op {
        Op::Call { func, .. } | Op::MakeClosure { func, .. } => out.push(*func),
        Op::Const(Const::Static(s)) => closures(program, *s, &mut out),
        _ => {}
    });
    body.for_each_end(&mut |end| {
        if let Terminator::TailCall { func, .. } = end {
            out.push(*func);
        }
    });
    out
}
