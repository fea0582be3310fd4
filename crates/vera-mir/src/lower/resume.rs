//! `resume` that is not the last thing a clause does.
//!
//! `resume(v)` there stands for the rest of the handled body, and what follows
//! in the clause runs when that rest has its value. So the clause is cut in two
//! at each such place: the first part pushes the second one, as a closure over
//! what it still needs, on the handler's list and returns `v` to the body; the
//! end of the handled expression runs the list, newest first, each closure on
//! the value so far. The body itself is never copied, so a clause can resume
//! once; a second time is a trap.
//!
//! In the clause as lowered, the rest of the body is a call of a function that
//! traps ([`ClauseFunction::rest`]); the cut replaces the first one on each path.

use std::collections::HashSet;

use vera_abi::layout::HEADER_SIZE;

use super::Lowerer;
use super::unwinding::ClauseFunction;
use crate::ir::*;

/// Offset of the list of second parts in a handler's frame, and the shape of
/// its nodes: the next node, then a closure.
pub(crate) const NODE_NEXT: u32 = HEADER_SIZE;
pub(crate) const NODE_CLOSURE: u32 = HEADER_SIZE + 4;

/// What encloses a place: the control instructions around it, outermost first,
/// each with what follows it.
struct Around<'f> {
    results: &'f [ValueId],
    /// The label of a block.
    label: Option<LabelId>,
    loc: LocId,
    rest: &'f [Inst],
    end: &'f Terminator,
}

struct Cut<'l, 'a, 'f> {
    lo: &'l mut Lowerer<'a>,
    clause: &'f Func,
    frame: ValueId,
    list: u32,
    rest_of_body: FuncId,
    /// The first part: values are added for the closures.
    first: Func,
    source_fn: FuncId,
}

/// Cuts a finished clause function; returns its first part. The second parts
/// become functions of their own. `list` is the offset of the frame's list.
pub(crate) fn cut(
    lo: &mut Lowerer<'_>,
    clause: &Func,
    function: &ClauseFunction,
    list: u32,
    place: FuncId,
) -> Func {
    let (rest_of_body, _) = function.rest.as_ref().expect("the clause resumes before its end");
    let mut cut = Cut {
        lo,
        clause,
        frame: function.frame,
        list,
        rest_of_body: *rest_of_body,
        first: clause.clone(),
        source_fn: place,
    };
    let body = cut.region(&clause.body.insts, &clause.body.end, &mut Vec::new());
    cut.first.body = body;
    cut.first
}

impl<'f> Cut<'_, '_, 'f> {
    fn region(
        &mut self,
        insts: &'f [Inst],
        end: &'f Terminator,
        around: &mut Vec<Around<'f>>,
    ) -> Region {
        let mut out = Vec::new();
        for (at, inst) in insts.iter().enumerate() {
            let rest = &insts[at + 1..];
            if let Op::Call { func, args } = &inst.op
                && *func == self.rest_of_body
            {
                let value = args.get(1).copied();
                let second = self.second(inst, rest, end, around);
                self.push(second, inst.loc, &mut out);
                return Region { insts: out, end: Terminator::Return(value.into_iter().collect()) };
            }
            let mut inst_ = inst.clone();
            let enclose =
                |label| Around { results: &inst.results, label, loc: inst.loc, rest, end };
            match (&mut inst_.op, &inst.op) {
                (Op::If { then, otherwise, .. }, Op::If { then: t, otherwise: o, .. }) => {
                    around.push(enclose(None));
                    **then = self.region(&t.insts, &t.end, around);
                    **otherwise = self.region(&o.insts, &o.end, around);
                    around.pop();
                }
                (Op::Switch { cases, default, .. }, Op::Switch { cases: c, default: d, .. }) => {
                    around.push(enclose(None));
                    for (case, c) in cases.iter_mut().zip(c) {
                        *case = self.region(&c.insts, &c.end, around);
                    }
                    **default = self.region(&d.insts, &d.end, around);
                    around.pop();
                }
                (Op::Block { body, .. }, Op::Block { label, body: b }) => {
                    around.push(enclose(Some(*label)));
                    **body = self.region(&b.insts, &b.end, around);
                    around.pop();
                }
                // No `resume` stands in a loop: closures do not see it.
                _ => {}
            }
            out.push(inst_);
        }
        Region { insts: out, end: end.clone() }
    }

    /// The function that goes on behind a `resume`, and what it captures.
    fn second(
        &mut self,
        resume: &Inst,
        rest: &[Inst],
        end: &Terminator,
        around: &[Around<'f>],
    ) -> (FuncId, Vec<ValueId>) {
        let mut func = self.clause.clone();
        let mut insts = rest.to_vec();
        let mut end = end.clone();
        for outer in around.iter().rev() {
            let label = outer.label.unwrap_or_else(|| func.new_label());
            let body = Box::new(Region { insts, end });
            insts = vec![Inst {
                results: outer.results.to_vec(),
                op: Op::Block { label, body },
                loc: outer.loc,
                roots: Vec::new(),
            }];
            insts.extend_from_slice(outer.rest);
            end = outer.end.clone();
        }
        let mut body = Region { insts, end };
        returns_nothing(&mut body);
        let captured = free(&body, &resume.results, &func);
        let object = func.new_value(Ty::Ref);
        func.params = vec![object];
        func.params.extend(&resume.results);
        func.results = Vec::new();
        func.indirect = true;
        let mems = mems(&func, &captured);
        let (_, slots) = self.lo.closure_shape(0, &mems);
        let loads = captured.iter().zip(slots).map(|(value, (offset, mem))| Inst {
            results: vec![*value],
            op: Op::Load { object, offset, mem },
            loc: resume.loc,
            roots: Vec::new(),
        });
        body.insts = loads.chain(std::mem::take(&mut body.insts)).collect();
        func.body = body;
        let source = self.lo.out.funcs[self.source_fn.index()].source;
        let id = FuncId(self.lo.out.funcs.len() as u32);
        func.name = format!("{}$rest{}", func.name, id.0);
        func.source = source;
        self.lo.out.funcs.push(func);
        (id, captured)
    }

    /// Puts a closure of the second part on the handler's list.
    fn push(
        &mut self,
        (second, captured): (FuncId, Vec<ValueId>),
        loc: LocId,
        out: &mut Vec<Inst>,
    ) {
        let mems = mems(&self.first, &captured);
        let (layout, slots) = self.lo.closure_shape(0, &mems);
        let captures =
            captured.iter().zip(slots).map(|(v, (offset, mem))| (offset, mem, *v)).collect();
        let mut emit = |first: &mut Func, op: Op, ty: Option<Ty>| {
            let results: Vec<ValueId> = ty.map(|ty| first.new_value(ty)).into_iter().collect();
            let value = results.first().copied();
            out.push(Inst { results, op, loc, roots: Vec::new() });
            value
        };
        let list = Op::ReadCell { object: self.frame, offset: self.list, mem: Mem::Ref };
        let make = Op::MakeClosure { layout, func: second, captures };
        let closure = emit(&mut self.first, make, Some(Ty::Ref)).expect("a closure is a value");
        let next = emit(&mut self.first, list, Some(Ty::Ref)).expect("a list is a value");
        let layout = self.lo.node_layout();
        let fields = vec![(NODE_NEXT, Mem::Ref, next), (NODE_CLOSURE, Mem::Ref, closure)];
        let node = emit(&mut self.first, Op::MakeObject { layout, fields }, Some(Ty::Ref))
            .expect("a node is a value");
        let push =
            Op::WriteCell { object: self.frame, offset: self.list, mem: Mem::Ref, value: node };
        emit(&mut self.first, push, None);
    }
}

/// How captured values are stored.
fn mems(func: &Func, captured: &[ValueId]) -> Vec<Mem> {
    captured.iter().map(|v| func.ty(*v).field()).collect()
}

fn returns_nothing(region: &mut Region) {
    for inst in &mut region.insts {
        match &mut inst.op {
            Op::If { then, otherwise, .. } => {
                returns_nothing(then);
                returns_nothing(otherwise);
            }
            Op::Switch { cases, default, .. } => {
                cases.iter_mut().for_each(returns_nothing);
                returns_nothing(default);
            }
            Op::Block { body, .. } | Op::Loop { body, .. } => returns_nothing(body),
            _ => {}
        }
    }
    if let Terminator::Return(values) = &mut region.end {
        values.clear();
    }
}

/// Values used in a region and defined outside it, in order of first use.
fn free(region: &Region, bound: &[ValueId], func: &Func) -> Vec<ValueId> {
    let mut defined: HashSet<ValueId> = bound.iter().copied().collect();
    region.for_each_inst(&mut |inst| {
        defined.extend(&inst.results);
        if let Op::Loop { params, .. } = &inst.op {
            defined.extend(params);
        }
    });
    let mut found = Vec::new();
    let mut note = |v: ValueId| {
        if !defined.contains(&v) && !found.contains(&v) && v.index() < func.values.len() {
            found.push(v);
        }
    };
    region.for_each_inst(&mut |inst| inst.op.for_each_operand(&mut note));
    region.for_each_end(&mut |end| end.for_each_operand(&mut note));
    found
}
