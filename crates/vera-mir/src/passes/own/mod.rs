//! A string or array that a loop changes and nobody else sees meanwhile is changed
//! where it lies: appending needs no new view each time, and storing an element no
//! copy but the first.
//!
//! Before the loop the sequence becomes a value with one holder
//! ([`RtFn::SeqOwn`]). In the loop that one holder is tracked: a change takes
//! it and yields the next, branches and inner loops pass it on, `Continue` takes
//! it around; a way on which another sequence takes its place makes that one
//! owned. The loop qualifies when nothing in it uses the sequence otherwise but to
//! ask its length and to read elements, and nothing uses a holder that is no longer
//! current, or the address of its elements. Parts of the body that leave the loop may
//! do what they like.
//!
//! A function that takes such a sequence and returns it on every way gets a variant that
//! takes and returns it as the one holder, for calls in such loops and in such variants
//! ([`Holder::through`]); where it is recursive, all calls are of the variant.
//!
//! The one holder of a sequence may still share its elements with other values, which
//! appending does not disturb. Storing does; what tells is the sequence itself
//! ([`RtFn::SeqUnshare`]).

mod convert;
mod holder;

use std::collections::{HashMap, HashSet};

use vera_abi::runtime::RtFn;

use self::convert::Convert;
use self::holder::Holder;
use crate::ir::*;

/// Functions that hand a holder through, by the parameter that takes it: the result that
/// returns it.
type Known = HashMap<(FuncId, usize), usize>;

/// How a sequence is changed.
#[derive(Clone, Copy)]
enum How {
    /// By what this appends in place.
    Append(RtFn),
    /// By storing into a copy.
    Store,
    /// By a function that takes it as this argument.
    Call(usize),
}

impl How {
    fn of(func: RtFn) -> Option<How> {
        let append = match func {
            RtFn::SeqCopy => return Some(How::Store),
            RtFn::StringConcat => RtFn::StringPush,
            RtFn::ArrayConcat => RtFn::ArrayExtend,
            RtFn::ArrayAppendU8 => RtFn::ArrayPushU8,
            RtFn::ArrayAppendI32 => RtFn::ArrayPushI32,
            RtFn::ArrayAppendI64 => RtFn::ArrayPushI64,
            RtFn::ArrayAppendF64 => RtFn::ArrayPushF64,
            RtFn::ArrayAppendRef => RtFn::ArrayPushRef,
            _ => return None,
        };
        Some(How::Append(append))
    }
}

/// What changes in a loop or function that qualifies.
#[derive(Default)]
struct Found {
    /// Results of the changes that can be done in place.
    changes: HashMap<ValueId, How>,
    /// Calls in the place of a return, by function and holder: which argument it is.
    tails: HashMap<(FuncId, ValueId), usize>,
    /// Addresses of the elements of holders.
    data: HashMap<ValueId, ValueId>,
    /// Sequences that become the holder where they flow into a value.
    adopted: HashSet<(ValueId, ValueId)>,
}

/// A function that hands a holder through, as it is without.
struct Through {
    func: Func,
    found: Found,
}

/// The functions that hand a holder through, and their variants.
struct Variants {
    known: Known,
    through: HashMap<(FuncId, usize), Through>,
    /// The variants that somebody calls, in the order in which they are made.
    wanted: Vec<(FuncId, usize)>,
    /// Where the first one gets its place.
    first: u32,
}

impl Variants {
    fn find(program: &Program) -> Variants {
        let mut known = Known::new();
        let mut through = HashMap::new();
        for id in super::callees_first(program) {
            let func = program.func(id);
            for (at, param) in func.params.iter().enumerate() {
                if func.ty(*param) != Ty::Ref {
                    continue;
                }
                let results = (0..func.results.len()).filter(|r| func.results[*r] == Ty::Ref);
                for result in results {
                    // A function that calls itself hands the holder through if it does so
                    // where the call inside does.
                    known.insert((id, at), result);
                    let found = Holder::through(&known, func, *param, result);
                    if let Some(found) = found.filter(|f| !f.changes.is_empty()) {
                        through.insert((id, at), Through { func: func.clone(), found });
                        break;
                    }
                    known.remove(&(id, at));
                }
            }
        }
        Variants { known, through, wanted: Vec::new(), first: program.funcs.len() as u32 }
    }

    /// The variant of a function that takes a holder as this argument.
    fn of(&mut self, func: FuncId, at: usize) -> FuncId {
        let place = self.wanted.iter().position(|wanted| *wanted == (func, at));
        let place = place.unwrap_or_else(|| {
            self.wanted.push((func, at));
            self.wanted.len() - 1
        });
        FuncId(self.first + place as u32)
    }

    /// The argument that a call should hand over as the one holder although the caller
    /// is none.
    fn worth_owning(&self, func: FuncId, args: &[ValueId]) -> Option<usize> {
        (0..args.len())
            .find(|at| self.through.get(&(func, *at)).is_some_and(|through| through.func.recursive))
    }
}

pub(super) fn run(program: &mut Program) {
    let mut variants = Variants::find(program);
    for func in &mut program.funcs {
        let mut body = take(&mut func.body);
        region(func, &mut body, &mut variants);
        func.body = body;
    }
    // Making one may want others.
    let mut made = 0;
    while let Some(wanted) = variants.wanted.get(made).copied() {
        made += 1;
        let Some(Through { func, found }) = variants.through.get_mut(&wanted) else { continue };
        let (mut func, found) = (func.clone(), std::mem::take(found));
        func.name = format!("{}$owned{}", func.name, wanted.1);
        func.indirect = false;
        let mut body = take(&mut func.body);
        let loc = body.insts.first().map_or(LocId(0), |inst| inst.loc);
        Convert::new(&mut func, found, &mut variants, loc).region(&mut body, &[]);
        region(&mut func, &mut body, &mut variants);
        func.body = body;
        program.funcs.push(func);
    }
}

fn take(body: &mut Region) -> Region {
    std::mem::replace(body, Region { insts: Vec::new(), end: Terminator::Unreachable })
}

/// Outer loops first: what they own, inner loops own.
fn region(func: &mut Func, region_: &mut Region, variants: &mut Variants) {
    let mut out = Vec::with_capacity(region_.insts.len());
    for mut inst in std::mem::take(&mut region_.insts) {
        match &mut inst.op {
            Op::Loop { label, params, init, body } => {
                for (index, param) in params.clone().iter().enumerate() {
                    if func.ty(*param) != Ty::Ref {
                        continue;
                    }
                    let found = Holder::in_loop(&variants.known, *label, params, *param, body);
                    if found.changes.is_empty() {
                        continue;
                    }
                    let mut convert = Convert::new(func, found, variants, inst.loc);
                    convert.jumps_to(*label, params.clone());
                    convert.region(body, &inst.results);
                    init[index] = own(func, init[index], inst.loc, &mut out);
                }
            }
            Op::Call { func: callee, args } => {
                if let Some(at) = variants.worth_owning(*callee, args) {
                    args[at] = own(func, args[at], inst.loc, &mut out);
                    *callee = variants.of(*callee, at);
                }
            }
            _ => {}
        }
        inst.op.for_each_region_mut(|r| region(func, r, variants));
        out.push(inst);
    }
    if let Terminator::TailCall { func: callee, args, loc } = &mut region_.end
        && let Some(at) = variants.worth_owning(*callee, args)
    {
        args[at] = own(func, args[at], *loc, &mut out);
        *callee = variants.of(*callee, at);
    }
    region_.insts = out;
}

/// Makes a value with one holder of a sequence.
fn own(func: &mut Func, seq: ValueId, loc: LocId, out: &mut Vec<Inst>) -> ValueId {
    let own = func.new_value(Ty::Ref);
    let op = Op::CallRt { func: RtFn::SeqOwn, args: vec![seq] };
    out.push(Inst { results: vec![own], op, loc, roots: Vec::new() });
    own
}
