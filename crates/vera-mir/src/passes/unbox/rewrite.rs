//! Replaces the values of unboxed flows by their components.

use std::collections::{BTreeMap, HashMap};

use super::flow::Flows;
use super::shape::{Shape, Shapes};
use crate::ir::*;
use crate::passes::hidden_place;

pub(super) fn run(program: &mut Program, flows: &mut Flows, shapes: &Shapes) {
    let tags: Vec<u32> = program.layouts.iter().map(|l| l.tag).collect();
    let results: Vec<Vec<Option<Shape>>> = program
        .funcs
        .iter()
        .enumerate()
        .map(|(id, func)| {
            let flow = |i| flows.result(FuncId(id as u32), i);
            (0..func.results.len()).map(flow).map(|f| shapes.get(f).cloned()).collect()
        })
        .collect();
    let context = Context { tags, results };
    wrap_exports(program, &context);
    for id in 0..context.results.len() {
        let func = &mut program.funcs[id];
        let id = FuncId(id as u32);
        let of_values = (0..func.values.len() as u32)
            .map(ValueId)
            .filter_map(|v| Some((v, shapes.get(flows.value(id, v))?.clone())))
            .collect();
        rewrite(func, id, &context, of_values);
    }
}

/// What all functions share.
struct Context {
    /// Constructor tags by layout.
    tags: Vec<u32>,
    /// The shapes of the results of each function, `None` for those that stay.
    results: Vec<Vec<Option<Shape>>>,
}

impl Context {
    fn tag(&self, layout: LayoutId) -> u32 {
        self.tags[layout.index()]
    }

    fn is_unboxed(&self, id: FuncId) -> bool {
        self.results.get(id.index()).is_some_and(|r| r.iter().any(Option::is_some))
    }
}

/// The host wants objects: an export whose result is unboxed gets a function in
/// between that makes them.
fn wrap_exports(program: &mut Program, context: &Context) {
    for index in 0..program.exports.len() {
        let id = program.exports[index].func;
        if !context.is_unboxed(id) {
            continue;
        }
        let inner = program.func(id).clone();
        let loc = hidden_place(program, id);
        let source = program.locs[loc.index()].func;
        let mut outer = Func {
            name: format!("{}$boxed", inner.name),
            source,
            params: Vec::new(),
            natural: Vec::new(),
            results: inner.results.clone(),
            values: Vec::new(),
            labels: 0,
            body: Region { insts: Vec::new(), end: Terminator::Unreachable },
            ..inner
        };
        outer.params = inner.params.iter().map(|p| outer.new_value(inner.ty(*p))).collect();
        let values: Vec<ValueId> = inner.results.iter().map(|ty| outer.new_value(*ty)).collect();
        let call = Op::Call { func: id, args: outer.params.clone() };
        outer.body.insts.push(Inst { results: values.clone(), op: call, loc, roots: Vec::new() });
        outer.body.end = Terminator::Yield(values);
        rewrite(&mut outer, FuncId(u32::MAX), context, HashMap::new());
        program.exports[index].func = FuncId(program.funcs.len() as u32);
        program.funcs.push(outer);
    }
}

fn rewrite(func: &mut Func, id: FuncId, context: &Context, shapes: HashMap<ValueId, Shape>) {
    let results = context.results.get(id.index());
    if let Some(results) = results.filter(|_| context.is_unboxed(id)) {
        let old = std::mem::take(&mut func.results);
        for (ty, shape) in old.into_iter().zip(results) {
            match shape {
                Some(shape) => func.results.extend(shape.types()),
                None => func.results.push(ty),
            }
        }
    }
    let empty = Region { insts: Vec::new(), end: Terminator::Unreachable };
    let body = std::mem::replace(&mut func.body, empty);
    let mut walk = Walk { func, context, shapes, parts: HashMap::new(), aliases: HashMap::new() };
    let body = walk.region(body);
    func.body = body;
}

/// The components of one value.
#[derive(Clone, Default)]
struct Parts {
    tag: Option<ValueId>,
    slots: BTreeMap<(u32, Ty), ValueId>,
}

impl Parts {
    fn all(&self) -> impl Iterator<Item = ValueId> + '_ {
        self.tag.into_iter().chain(self.slots.values().copied())
    }
}

struct Walk<'a> {
    func: &'a mut Func,
    context: &'a Context,
    /// The values that are replaced.
    shapes: HashMap<ValueId, Shape>,
    parts: HashMap<ValueId, Parts>,
    /// Values read from components.
    aliases: HashMap<ValueId, ValueId>,
}

/// The instructions written so far, and where new ones stand.
struct Out {
    insts: Vec<Inst>,
    loc: LocId,
}

impl Walk<'_> {
    fn emit(&mut self, out: &mut Out, ty: Ty, op: Op) -> ValueId {
        let value = self.func.new_value(ty);
        out.insts.push(Inst { results: vec![value], op, loc: out.loc, roots: Vec::new() });
        value
    }

    fn number(&mut self, out: &mut Out, n: u32) -> ValueId {
        self.emit(out, Ty::I32, Op::Const(Const::I32(n as i32)))
    }

    /// Stands in a component that the constructor does not have.
    fn nothing(&mut self, out: &mut Out, ty: Ty) -> ValueId {
        let zero = match ty {
            Ty::I32 => Const::I32(0),
            Ty::I64 => Const::I64(0),
            Ty::F64 => Const::F64(0),
            Ty::Ref => Const::Immediate(0),
        };
        self.emit(out, ty, Op::Const(zero))
    }

    /// Fresh values for the components of a shape.
    fn fresh(&mut self, shape: &Shape) -> Parts {
        let tag = shape.is_tagged().then(|| self.func.new_value(Ty::I32));
        let slots =
            shape.slots().into_iter().map(|slot| (slot, self.func.new_value(slot.1))).collect();
        Parts { tag, slots }
    }

    /// Components of a constructor application.
    fn made(
        &mut self,
        out: &mut Out,
        shape: &Shape,
        tag: u32,
        fields: &[(u32, Mem, ValueId)],
    ) -> Parts {
        let tag = shape.is_tagged().then(|| self.number(out, tag));
        let mut slots = BTreeMap::new();
        for slot in shape.slots() {
            let field = fields.iter().find(|(offset, mem, _)| (*offset, mem.ty()) == slot);
            let value = match field {
                Some((_, _, value)) => *value,
                None => self.nothing(out, slot.1),
            };
            slots.insert(slot, value);
        }
        Parts { tag, slots }
    }

    /// The components of a callee's result as those of a larger shape.
    fn widened(&mut self, out: &mut Out, parts: Parts, from: &Shape, to: &Shape) -> Parts {
        let tag = match parts.tag {
            Some(tag) => Some(tag),
            None => to.is_tagged().then(|| {
                let layout = from.objects.keys().next().map(|l| self.context.tag(*l));
                let tag = layout.or(from.immediates.first().copied()).unwrap_or(0);
                self.number(out, tag)
            }),
        };
        let mut slots = BTreeMap::new();
        for slot in to.slots() {
            let value = match parts.slots.get(&slot) {
                Some(value) => *value,
                None => self.nothing(out, slot.1),
            };
            slots.insert(slot, value);
        }
        Parts { tag, slots }
    }

    /// Makes the object that the components stand for.
    fn boxed(&mut self, out: &mut Out, parts: &Parts, shape: &Shape, result: ValueId) {
        let objects: Vec<_> = shape.objects.iter().map(|(l, f)| (*l, f.clone())).collect();
        self.boxed_one_of(out, parts, shape, &objects, result);
    }

    fn boxed_one_of(
        &mut self,
        out: &mut Out,
        parts: &Parts,
        shape: &Shape,
        objects: &[(LayoutId, Vec<(u32, Mem)>)],
        result: ValueId,
    ) {
        let loc = out.loc;
        let mut push = |op| {
            out.insts.push(Inst { results: vec![result], op, loc, roots: Vec::new() });
        };
        let Some(((layout, fields), rest)) = objects.split_first() else {
            // What is left has no fields: its tag is the value.
            return match parts.tag {
                Some(tag) => push(Op::Unary(UnaryOp::I32ToRef, tag)),
                None => push(Op::Const(Const::Immediate(
                    shape.immediates.first().copied().unwrap_or(0),
                ))),
            };
        };
        let fields =
            fields.iter().map(|(o, mem)| (*o, *mem, parts.slots[&(*o, mem.ty())])).collect();
        let make = Op::MakeObject { layout: *layout, fields };
        let last = rest.is_empty() && shape.immediates.is_empty();
        let Some(tag) = parts.tag.filter(|_| !last) else { return push(make) };
        let wanted = self.number(out, self.context.tag(*layout));
        let cond = self.emit(out, Ty::I32, Op::Binary(BinaryOp::EqI32, tag, wanted));
        let mut then = Out { insts: Vec::new(), loc };
        let object = self.emit(&mut then, Ty::Ref, make);
        let mut otherwise = Out { insts: Vec::new(), loc };
        let other = self.func.new_value(Ty::Ref);
        self.boxed_one_of(&mut otherwise, parts, shape, rest, other);
        let op = Op::If {
            cond,
            then: Box::new(Region { insts: then.insts, end: Terminator::Yield(vec![object]) }),
            otherwise: Box::new(Region {
                insts: otherwise.insts,
                end: Terminator::Yield(vec![other]),
            }),
        };
        out.insts.push(Inst { results: vec![result], op, loc, roots: Vec::new() });
    }

    fn alias(&self, value: ValueId) -> ValueId {
        self.aliases.get(&value).copied().unwrap_or(value)
    }

    /// Operands with unboxed ones replaced by their components.
    fn spread(&self, values: Vec<ValueId>) -> Vec<ValueId> {
        let mut all = Vec::with_capacity(values.len());
        for value in values {
            match self.parts.get(&value) {
                Some(parts) => all.extend(parts.all()),
                None => all.push(self.alias(value)),
            }
        }
        all
    }

    /// Definitions with unboxed ones replaced by fresh components.
    fn define(&mut self, values: Vec<ValueId>) -> Vec<ValueId> {
        let mut all = Vec::with_capacity(values.len());
        for value in values {
            match self.shapes.get(&value).cloned() {
                Some(shape) => {
                    let parts = self.fresh(&shape);
                    all.extend(parts.all());
                    self.parts.insert(value, parts);
                }
                None => all.push(value),
            }
        }
        all
    }

    fn region(&mut self, region: Region) -> Region {
        let mut out = Out { insts: Vec::with_capacity(region.insts.len()), loc: LocId(0) };
        for inst in region.insts {
            out.loc = inst.loc;
            self.inst(inst, &mut out);
        }
        let mut end = region.end;
        match &mut end {
            Terminator::Yield(values)
            | Terminator::Return(values)
            | Terminator::Break(_, values)
            | Terminator::Continue(_, values) => *values = self.spread(std::mem::take(values)),
            Terminator::TailCall { .. } | Terminator::TailCallClosure { .. } => {
                end.for_each_operand_mut(|v| *v = self.alias(*v));
            }
            Terminator::Trap { .. } | Terminator::Unreachable => {}
        }
        Region { insts: out.insts, end }
    }

    fn inst(&mut self, mut inst: Inst, out: &mut Out) {
        match inst.op {
            Op::MakeObject { layout, mut fields } => {
                fields.iter_mut().for_each(|(_, _, v)| *v = self.alias(*v));
                if let Some(shape) = self.shapes.get(&inst.results[0]).cloned() {
                    let parts = self.made(out, &shape, self.context.tag(layout), &fields);
                    self.parts.insert(inst.results[0], parts);
                    return;
                }
                inst.op = Op::MakeObject { layout, fields };
            }
            Op::Const(Const::Immediate(tag)) => {
                if let Some(shape) = self.shapes.get(&inst.results[0]).cloned() {
                    let parts = self.made(out, &shape, tag, &[]);
                    self.parts.insert(inst.results[0], parts);
                    return;
                }
            }
            Op::Load { object, offset, mem } => {
                if let Some(parts) = self.parts.get(&object) {
                    let slot = parts.slots.get(&(offset, mem.ty())).copied();
                    // A constructor that is never made: the code never runs.
                    let value = slot.unwrap_or_else(|| self.nothing(out, mem.ty()));
                    self.aliases.insert(inst.results[0], value);
                    return;
                }
                inst.op = Op::Load { object: self.alias(object), offset, mem };
            }
            Op::Tag { object } if self.parts.contains_key(&object) => {
                let value = self.tag(object, out);
                self.aliases.insert(inst.results[0], value);
                return;
            }
            Op::IsImmediate(object) if self.parts.contains_key(&object) => {
                let value = self.is_immediate(object, out);
                self.aliases.insert(inst.results[0], value);
                return;
            }
            Op::Call { func, mut args } => {
                args.iter_mut().for_each(|v| *v = self.alias(*v));
                return self.call(inst.results, func, args, out);
            }
            Op::If { cond, then, otherwise } => {
                let then = Box::new(self.region(*then));
                let otherwise = Box::new(self.region(*otherwise));
                inst.op = Op::If { cond: self.alias(cond), then, otherwise };
                inst.results = self.define(inst.results);
            }
            Op::Switch { on, cases, default } => {
                let cases = cases.into_iter().map(|c| self.region(c)).collect();
                let default = Box::new(self.region(*default));
                inst.op = Op::Switch { on: self.alias(on), cases, default };
                inst.results = self.define(inst.results);
            }
            Op::Block { label, body } => {
                inst.op = Op::Block { label, body: Box::new(self.region(*body)) };
                inst.results = self.define(inst.results);
            }
            Op::Loop { label, params, init, body } => {
                let init = self.spread(init);
                let params = self.define(params);
                let body = Box::new(self.region(*body));
                inst.op = Op::Loop { label, params, init, body };
                inst.results = self.define(inst.results);
            }
            mut other => {
                other.for_each_operand_mut(|v| *v = self.alias(*v));
                inst.op = other;
            }
        }
        out.insts.push(inst);
    }

    /// The constructor tag of an unboxed value.
    fn tag(&mut self, object: ValueId, out: &mut Out) -> ValueId {
        if let Some(tag) = self.parts[&object].tag {
            return tag;
        }
        let shape = &self.shapes[&object];
        let layout = shape.objects.keys().next().map(|l| self.context.tag(*l));
        let tag = layout.or(shape.immediates.first().copied()).unwrap_or(0);
        self.number(out, tag)
    }

    /// 1 when the tag of an unboxed value is that of a constructor without fields.
    fn is_immediate(&mut self, object: ValueId, out: &mut Out) -> ValueId {
        let shape = self.shapes[&object].clone();
        let tag = match self.parts[&object].tag {
            Some(tag) if !shape.objects.is_empty() && !shape.immediates.is_empty() => tag,
            _ => return self.number(out, u32::from(shape.objects.is_empty())),
        };
        let mut answer = None;
        for layout in shape.objects.keys() {
            let number = self.number(out, self.context.tag(*layout));
            let differs = self.emit(out, Ty::I32, Op::Binary(BinaryOp::NeI32, tag, number));
            answer = Some(match answer {
                None => differs,
                Some(a) => self.emit(out, Ty::I32, Op::Binary(BinaryOp::AndI32, a, differs)),
            });
        }
        answer.expect("there are objects in the shape")
    }

    fn call(&mut self, results: Vec<ValueId>, func: FuncId, args: Vec<ValueId>, out: &mut Out) {
        let shapes = &self.context.results[func.index()];
        let mut defined = Vec::new();
        let mut brought = Vec::new();
        for (result, shape) in results.into_iter().zip(shapes) {
            match shape {
                Some(shape) => {
                    let parts = self.fresh(shape);
                    defined.extend(parts.all());
                    brought.push((result, shape, parts));
                }
                None => defined.push(result),
            }
        }
        let op = Op::Call { func, args };
        out.insts.push(Inst { results: defined, op, loc: out.loc, roots: Vec::new() });
        for (result, from, parts) in brought {
            match self.shapes.get(&result).cloned() {
                Some(to) => {
                    let parts = self.widened(out, parts, from, &to);
                    self.parts.insert(result, parts);
                }
                None => self.boxed(out, &parts, from, result),
            }
        }
    }
}
