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
//! callers ([`peel`]). Patterns that stand in the program are compiled ([`patterns`]).
//! At last, arrays and strings that nobody else has are changed
//! in place ([`reuse`], [`own`]), and loops that do so ask once whether they may
//! ([`first_round`]).

mod available;
mod bounds;
mod clone;
mod constants;
mod dead;
pub mod elide;
mod first_round;
mod fold;
mod hoist;
mod own;
#[cfg(feature = "patterns")]
mod patterns;
mod peel;
mod prune;
mod ranges;
mod reuse;
mod simplify;
#[cfg(test)]
mod tests;
mod unbox;

use std::collections::HashSet;

use crate::ir::*;

/// Objects within objects are unboxed from the outside in, one level a round.
const ROUNDS: usize = 4;

/// How a program is optimised.
#[derive(Clone, Copy, Debug)]
pub struct Optimise {
    /// Take away checks, and branches, that known facts decide. Without, whatever
    /// lowering put there runs: an independent second opinion on what the passes do.
    pub delete_checks: bool,
    /// Let the verifier look at each claim that justified this, and at the program after
    /// every pass.
    pub verify: bool,
}

impl Default for Optimise {
    fn default() -> Optimise {
        Optimise { delete_checks: true, verify: cfg!(debug_assertions) }
    }
}

/// What a pass over one function may do and has to show.
#[derive(Clone, Copy)]
struct Pass {
    /// See [`Optimise::delete_checks`].
    deletes: bool,
    /// Leave a claim for each fact that decided something.
    claims: bool,
}

impl Pass {
    /// What stands where something was decided by this.
    fn claim(self, by: impl IntoIterator<Item = Reason>, loc: LocId) -> Option<Inst> {
        let by: Vec<Reason> = if self.claims { by.into_iter().collect() } else { Vec::new() };
        let claim = |by| Inst { results: Vec::new(), op: Op::Claim { by }, loc, roots: Vec::new() };
        (!by.is_empty()).then(|| claim(by))
    }

    /// Has the claims of a function looked at, and takes them away.
    ///
    /// # Panics
    /// When a claim does not hold: the pass is wrong.
    fn settle(self, program: &mut Program, id: FuncId) {
        if self.claims
            && let Err(faults) = crate::verify::claims::settle(program, id)
        {
            panic!("a pass relied on facts that do not hold:\n{faults}");
        }
    }
}

/// Optimises a whole program. Facts set by [`crate::analysis`] are stale
/// afterwards.
pub fn optimise(program: &mut Program, options: Optimise) {
    let pass = Pass { deletes: options.delete_checks, claims: options.verify };
    settle_proofs(program, pass);
    crate::analysis::annotate_calls(program);
    let order = callees_first(program);
    for _ in 0..ROUNDS {
        for id in &order {
            simplify::run(program, *id, pass);
            dead::run(program, *id);
        }
        look(program, options, "simplify");
        let dissolved = ranges::run(program);
        look(program, options, "ranges");
        let unboxed = unbox::run(program);
        look(program, options, "unbox");
        if !(dissolved || unboxed) {
            break;
        }
    }
    for id in order {
        if bounds::run(program, id, pass) {
            simplify::run(program, id, pass);
            dead::run(program, id);
        }
    }
    look(program, options, "bounds");
    constants::run(program);
    look(program, options, "constants");
    #[cfg(feature = "patterns")]
    {
        patterns::run(program);
        look(program, options, "patterns");
    }
    inline_base_cases(program, pass);
    look(program, options, "peel");
    reuse::run(program);
    look(program, options, "reuse");
    own::run(program);
    look(program, options, "own");
    first_round::run(program, pass);
    look(program, options, "first_round");
    for id in (0..program.funcs.len() as u32).map(FuncId) {
        dead::run(program, id);
    }
    prune::run(program);
    look(program, options, "prune");
    crate::analysis::annotate_calls(program);
    hoist::run(program);
    look(program, options, "hoist");
}

/// Where passes are verified, a broken one is found where it breaks.
///
/// # Panics
/// When the program is none any more.
fn look(program: &Program, options: Optimise, pass: &str) {
    if options.verify
        && let Err(faults) = crate::verify::verify(program)
    {
        panic!("the pass {pass} broke the program:\n{faults}");
    }
}

/// Takes away the claims that [`elide`] left; they hold for the program as lowered.
fn settle_proofs(program: &mut Program, pass: Pass) {
    for id in (0..program.funcs.len() as u32).map(FuncId) {
        let settled = crate::verify::claims::settle(program, id);
        if let (true, Err(faults)) = (pass.claims, settled) {
            panic!("proofs took checks away that they say nothing of:\n{faults}");
        }
    }
}

/// Cuts base cases off recursive functions and puts them where these are called.
fn inline_base_cases(program: &mut Program, pass: Pass) {
    crate::analysis::annotate_calls(program);
    let cut = peel::run(program);
    if cut.is_empty() {
        return;
    }
    for id in (0..program.funcs.len() as u32).map(FuncId) {
        if callees(program, id).iter().any(|callee| cut.contains(callee)) {
            simplify::inline_cut(program, id, &cut, pass);
            dead::run(program, id);
            if program.func(id).recursive {
                simplify::unroll(program, id, pass);
            }
            if bounds::run(program, id, pass) {
                simplify::run(program, id, pass);
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
