//! `show` and `hash` of recursive types, without recursion: values may be of any depth
//! (language reference, chapter 14.6), and the engine's stack is not.
//!
//! What is left to do is a list of *tasks* in the heap: a value and how far it has
//! been dealt with. A *step* function goes on with a value until it comes to a part
//! whose type leads back to its own; then it adds the task to go on behind that part,
//! and the part's own. The function of the whole takes tasks off the list until none
//! is left. Types that lead back to one another have one step function each, by number.

use vera_abi::layout::HEADER_SIZE;
use vera_abi::runtime::RtFn;
use vera_check::types::{Ty as VeraTy, TyKind};

use super::Lowerer;
use super::functions::FnLower;
use super::structural::Structural;
use crate::ir::*;

/// What is made of a value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Fold {
    Show,
    Hash,
    KeyHash,
}

impl Fold {
    pub(super) fn word(self) -> &'static str {
        match self {
            Fold::Show => "show",
            Fold::Hash => "hash",
            Fold::KeyHash => "key_hash",
        }
    }

    /// Whether it makes text.
    fn writes(self) -> bool {
        match self {
            Fold::Show => true,
            Fold::Hash | Fold::KeyHash => false,
        }
    }

    /// The type of what is carried from part to part: the text so far, or the hash of
    /// the part before.
    fn carried(self) -> Ty {
        if self.writes() { Ty::Ref } else { Ty::I64 }
    }
}

/// A task: the rest of the list, the value, the hash so far, the number of the step
/// function, and how far the value has been dealt with.
const NEXT: u32 = HEADER_SIZE;
const VALUE: u32 = HEADER_SIZE + 4;
const SO_FAR: u32 = HEADER_SIZE + 8;
const STEP: u32 = HEADER_SIZE + 16;
const AT: u32 = HEADER_SIZE + 20;
const SIZE: u32 = HEADER_SIZE + 24;

/// Makes a part of a value, if it takes space.
type Load<'f> = Box<dyn Fn(&mut FnLower<'_, '_>) -> Option<ValueId> + 'f>;

/// A part of a value, and the text before it.
struct Part<'f> {
    ty: VeraTy,
    before: String,
    load: Load<'f>,
}

/// The parameters of a step function.
struct Step {
    fold: Fold,
    /// Its number.
    number: usize,
    carried: ValueId,
    value: ValueId,
    so_far: ValueId,
    at: ValueId,
    next: ValueId,
    cycle: Vec<VeraTy>,
}

impl Lowerer<'_> {
    /// The compound types that lead to this one and to which it leads, itself among
    /// them; none if it does not lead back to itself.
    pub(super) fn cycle_of_type(&mut self, ty: VeraTy) -> Vec<VeraTy> {
        let mut members: Vec<VeraTy> = Vec::new();
        for part in self.types_within(ty) {
            let part = self.types.plain(part);
            let compound = match self.types.base_kind(part) {
                TyKind::Data(..)
                | TyKind::Tuple(_)
                | TyKind::Array(_)
                | TyKind::Set(_)
                | TyKind::Map(..) => self.repr(part).ty() == Some(Ty::Ref),
                _ => false,
            };
            if compound && !members.contains(&part) && self.leads_to(part, ty) {
                members.push(part);
            }
        }
        members.sort_unstable();
        members
    }

    /// Whether a value of the one type may hold one of the other inside.
    fn leads_to(&mut self, from: VeraTy, to: VeraTy) -> bool {
        let parts = self.parts_of(from);
        parts.into_iter().any(|part| {
            self.types_within(part).into_iter().any(|within| self.types.plain(within) == to)
        })
    }

    fn parts_of(&mut self, ty: VeraTy) -> Vec<VeraTy> {
        match self.types.base_kind(ty).clone() {
            TyKind::Data(data, args) => {
                let program = self.program;
                let fields = program.data(data).ctors.iter().flat_map(|c| &c.fields);
                fields.map(|field| self.types.subst(*field, &args)).collect()
            }
            TyKind::Tuple(parts) => parts,
            TyKind::Array(element) | TyKind::Set(element) => vec![element],
            TyKind::Map(key, value) => vec![key, value],
            _ => Vec::new(),
        }
    }
}

impl FnLower<'_, '_> {
    /// Deals with a whole value of a type of this cycle. Ends the function.
    pub(super) fn by_tasks(
        &mut self,
        fold: Fold,
        ty: VeraTy,
        cycle: &[VeraTy],
        start: ValueId,
        value: ValueId,
    ) {
        let none = self.b.constant(Const::Immediate(0));
        let number = number(cycle, ty).expect("a type is in its own cycle");
        let first = self.task(none, value, None, number, 0);
        let label = self.b.func.new_label();
        let carried = self.b.func.new_value(fold.carried());
        let list = self.b.func.new_value(Ty::Ref);
        self.b.open();
        let done = self.b.one(Op::IsImmediate(list), Ty::I32);
        self.return_value_if(done, carried);
        let read = |this: &mut Self, offset: u32, mem: Mem| {
            this.b.one(Op::Load { object: list, offset, mem }, mem.ty())
        };
        let next = read(self, NEXT, Mem::Ref);
        let value = read(self, VALUE, Mem::Ref);
        let so_far = read(self, SO_FAR, Mem::I64);
        let step = read(self, STEP, Mem::I32);
        let at = read(self, AT, Mem::I32);
        let mut cases = Vec::new();
        for member in cycle {
            let is_map =
                matches!(self.lo.types.base_kind(*member), TyKind::Map(..) | TyKind::Set(_));
            for entry in [false, true] {
                self.b.open();
                if !entry || is_map {
                    let func = self.lo.structural(Structural::Step(fold, entry), *member);
                    let args = vec![carried, value, so_far, at, next];
                    let results = self.b.emit(Op::Call { func, args }, &[fold.carried(), Ty::Ref]);
                    self.b.end(Terminator::Continue(label, results));
                }
                self.b.end(Terminator::Unreachable);
                cases.push(self.b.close(Vec::new()));
            }
        }
        self.b.open();
        self.b.end(Terminator::Unreachable);
        let default = Box::new(self.b.close(Vec::new()));
        self.b.none(Op::Switch { on: step, cases, default });
        self.b.end(Terminator::Unreachable);
        let body = Box::new(self.b.close(Vec::new()));
        let (params, init) = (vec![carried, list], vec![start, first]);
        self.b.none(Op::Loop { label, params, init, body });
        self.b.end(Terminator::Unreachable);
    }

    fn task(
        &mut self,
        next: ValueId,
        value: ValueId,
        so_far: Option<ValueId>,
        step: usize,
        at: u32,
    ) -> ValueId {
        let at = self.b.i32(at as i32);
        self.task_at(next, value, so_far, step, at)
    }

    fn task_at(
        &mut self,
        next: ValueId,
        value: ValueId,
        so_far: Option<ValueId>,
        step: usize,
        at: ValueId,
    ) -> ValueId {
        let slots = [
            (NEXT, Mem::Ref),
            (VALUE, Mem::Ref),
            (SO_FAR, Mem::I64),
            (STEP, Mem::I32),
            (AT, Mem::I32),
        ];
        let layout = self.lo.layout(0, SIZE, &slots.map(Some));
        let so_far = so_far.unwrap_or_else(|| self.b.i64(0));
        let step = self.b.i32(step as i32);
        let values = [next, value, so_far, step, at];
        let fields = slots.into_iter().zip(values).map(|((at, mem), v)| (at, mem, v)).collect();
        self.b.one(Op::MakeObject { layout, fields }, Ty::Ref)
    }

    /// `step(carried, value, so far, at, next) -> (carried, tasks)`
    pub(super) fn step_function(&mut self, fold: Fold, entry: bool, ty: VeraTy) {
        let cycle = self.lo.cycle_of_type(ty);
        let number = number(&cycle, ty).expect("only types of a cycle have steps");
        let step = Step {
            fold,
            number: number + usize::from(entry),
            carried: self.b.param(fold.carried()),
            value: self.b.param(Ty::Ref),
            so_far: self.b.param(Ty::I64),
            at: self.b.param(Ty::I32),
            next: self.b.param(Ty::Ref),
            cycle,
        };
        self.b.func.results = vec![fold.carried(), Ty::Ref];
        match *self.lo.types.base_kind(ty) {
            TyKind::Map(..) | TyKind::Set(_) if entry => self.entry_step(&step, ty),
            TyKind::Map(..) | TyKind::Set(_) => self.map_step(&step),
            TyKind::Array(element) => self.array_step(&step, element),
            _ => self.fields_step(&step, ty),
        }
    }

    fn fields_step(&mut self, step: &Step, ty: VeraTy) {
        let shapes = self.shapes(ty);
        let is_tuple = matches!(self.lo.types.base_kind(ty), TyKind::Tuple(_));
        let value = step.value;
        let tag = if is_tuple { self.b.i32(0) } else { self.tag(ty, value) };
        let wide = self.b.unary(UnaryOp::I32ToI64, tag);
        let start = match step.fold {
            Fold::Hash => {
                let basis = self.hash_basis();
                self.mix(basis, wide)
            }
            Fold::Show | Fold::KeyHash => wide,
        };
        self.each_ctor(tag, &shapes, &mut |this, _, name, shape| {
            let mut parts = Vec::new();
            for (i, (ty, slot)) in shape.fields.iter().zip(&shape.slots).enumerate() {
                let before = if i == 0 { format!("{name}(") } else { ", ".to_owned() };
                let slot = *slot;
                let load: Load<'_> = Box::new(move |this| this.field(value, slot));
                parts.push(Part { ty: *ty, before, load });
            }
            let end = if parts.is_empty() { name } else { ")" };
            this.parts_step(step, start, &parts, end);
        });
    }

    /// Key and value of an entry.
    fn entry_step(&mut self, step: &Step, ty: VeraTy) {
        let shape = self.entry_shape(ty);
        let entry = step.value;
        let key: Load<'_> = Box::new(|this| this.entry_key(&shape, entry));
        let mut parts = vec![Part { ty: shape.key_ty, before: String::new(), load: key }];
        if let Some(ty) = shape.value_ty {
            let load: Load<'_> = Box::new(|this| this.entry_value(&shape, entry));
            parts.push(Part { ty, before: ": ".to_owned(), load });
        }
        let start = self.hash_basis();
        self.parts_step(step, start, &parts, "");
    }

    /// Goes on with the parts of a value from the one that `at` tells. Ends the region.
    fn parts_step(&mut self, step: &Step, start: ValueId, parts: &[Part<'_>], end: &str) {
        let deep: Vec<(usize, usize)> = parts
            .iter()
            .enumerate()
            .filter_map(|(i, part)| {
                let ty = self.lo.types.plain(part.ty);
                number(&step.cycle, ty).map(|number| (i, number))
            })
            .collect();
        let mut ways = Vec::new();
        for way in 0..=deep.len() {
            self.b.open();
            let first = if way == 0 { 0 } else { deep[way - 1].0 + 1 };
            let stop = deep.get(way).map_or(parts.len(), |(i, _)| *i);
            let mut carried = match (step.fold.writes(), way) {
                (true, _) => step.carried,
                (false, 0) => start,
                (false, _) => self.combined(step.fold, step.so_far, step.carried),
            };
            for part in &parts[first..stop] {
                carried = self.shallow_part(step.fold, carried, part);
            }
            match deep.get(way) {
                Some((i, number)) => {
                    let part = &parts[*i];
                    if step.fold.writes() {
                        carried = self.append(carried, &part.before);
                    }
                    let value = (part.load)(self).expect("a compound value takes space");
                    let (_, value) = self.opened(part.ty, value);
                    let rest = (!step.fold.writes()).then_some(carried);
                    let tasks = self.task(step.next, step.value, rest, step.number, way as u32 + 1);
                    let tasks = self.task(tasks, value, None, *number, 0);
                    self.b.end(Terminator::Return(vec![carried, tasks]));
                }
                None => {
                    if step.fold.writes() {
                        carried = self.append(carried, end);
                    }
                    self.b.end(Terminator::Return(vec![carried, step.next]));
                }
            }
            ways.push(self.b.close(Vec::new()));
        }
        let default = Box::new(ways.pop().expect("there is a way to the end"));
        self.b.none(Op::Switch { on: step.at, cases: ways, default });
        self.b.end(Terminator::Unreachable);
    }

    /// A part that does not lead back.
    fn shallow_part(&mut self, fold: Fold, carried: ValueId, part: &Part<'_>) -> ValueId {
        match fold.writes() {
            true => {
                let text = self.append(carried, &part.before);
                let value = (part.load)(self);
                self.text_onto(text, part.ty, value)
            }
            false => {
                let value = (part.load)(self);
                let hash = self.part_hash(fold, part.ty, value);
                self.combined(fold, carried, hash)
            }
        }
    }

    fn part_hash(&mut self, fold: Fold, ty: VeraTy, value: Option<ValueId>) -> ValueId {
        match fold {
            Fold::KeyHash => self.key_hash(ty, value),
            Fold::Show | Fold::Hash => self.hash(ty, value),
        }
    }

    fn combined(&mut self, fold: Fold, so_far: ValueId, part: ValueId) -> ValueId {
        match fold {
            Fold::KeyHash => self.b.rt(RtFn::KeyHashMix, vec![so_far, part], Ty::I64),
            Fold::Show | Fold::Hash => self.mix(so_far, part),
        }
    }

    /// One element after the other; `at` is how many have been begun.
    fn array_step(&mut self, step: &Step, element: VeraTy) {
        let (array, at) = (step.value, step.at);
        let plain = self.lo.types.plain(element);
        let number = number(&step.cycle, plain).expect("an array leads back by its elements");
        let len = self.b.seq_len(array);
        let zero = self.b.i32(0);
        let first = self.b.binary(BinaryOp::EqI32, at, zero);
        let carried = match step.fold.writes() {
            true => self.either(first, Ty::Ref, |t| t.append(step.carried, "["), |_| step.carried),
            false => {
                let start = |this: &mut Self| {
                    let wide = this.b.unary(UnaryOp::I32ToI64, len);
                    let basis = this.hash_basis();
                    if step.fold == Fold::Hash { this.mix(basis, wide) } else { wide }
                };
                let go_on = |this: &mut Self| this.combined(step.fold, step.so_far, step.carried);
                self.either(first, Ty::I64, start, go_on)
            }
        };
        let done = self.b.binary(BinaryOp::EqI32, at, len);
        self.b.open();
        let whole = if step.fold.writes() { self.append(carried, "]") } else { carried };
        self.b.end(Terminator::Return(vec![whole, step.next]));
        let then = Box::new(self.b.close(Vec::new()));
        self.b.open();
        let otherwise = Box::new(self.b.close(Vec::new()));
        self.b.none(Op::If { cond: done, then, otherwise });
        let carried = match step.fold.writes() {
            true => self.separated(carried, at),
            false => carried,
        };
        let repr = self.lo.repr(element);
        let value = self.read(array, at, repr);
        let (_, value) = self.opened(element, value);
        self.go_on_with(step, array, carried, value, number);
    }

    /// One entry after the other: `at` is 0 for the map, and behind that, for the array
    /// of its entries, one more than how many have been begun.
    fn map_step(&mut self, step: &Step) {
        let number = step.number + 1;
        let (at, one, zero) = (step.at, self.b.i32(1), self.b.i32(0));
        let fresh = self.b.binary(BinaryOp::EqI32, at, zero);
        self.b.open();
        let carried = match step.fold.writes() {
            true => self.append(step.carried, "{"),
            false => {
                let size = self.map_size(step.value);
                let basis = self.hash_basis();
                self.mix(basis, size)
            }
        };
        let entries = self.b.rt(RtFn::MapEntries, vec![step.value], Ty::Ref);
        let hash = (!step.fold.writes()).then_some(carried);
        let tasks = self.task(step.next, entries, hash, step.number, 1);
        // There is no part before the first entry, so none adds to the hash.
        let nothing = if hash.is_some() { self.b.i64(0) } else { carried };
        self.b.end(Terminator::Return(vec![nothing, tasks]));
        let then = Box::new(self.b.close(Vec::new()));
        self.b.open();
        let otherwise = Box::new(self.b.close(Vec::new()));
        self.b.none(Op::If { cond: fresh, then, otherwise });
        let (entries, index) = (step.value, self.b.binary(BinaryOp::SubI32, at, one));
        let carried = match step.fold.writes() {
            true => step.carried,
            false => self.b.binary(BinaryOp::AddI64, step.so_far, step.carried),
        };
        let len = self.b.seq_len(entries);
        let done = self.b.binary(BinaryOp::EqI32, index, len);
        self.b.open();
        let whole = if step.fold.writes() { self.append(carried, "}") } else { carried };
        self.b.end(Terminator::Return(vec![whole, step.next]));
        let then = Box::new(self.b.close(Vec::new()));
        self.b.open();
        let otherwise = Box::new(self.b.close(Vec::new()));
        self.b.none(Op::If { cond: done, then, otherwise });
        let carried = match step.fold.writes() {
            true => self.separated(carried, index),
            false => carried,
        };
        let data = self.b.seq_data(entries);
        let entry = self.b.one(Op::Element { data, index, mem: Mem::Ref }, Ty::Ref);
        self.go_on_with(step, entries, carried, entry, number);
    }

    /// The task to go on with `whole` one further, and before that with a part of it.
    fn go_on_with(
        &mut self,
        step: &Step,
        whole: ValueId,
        carried: ValueId,
        part: ValueId,
        number: usize,
    ) {
        let one = self.b.i32(1);
        let at = self.b.binary(BinaryOp::AddI32, step.at, one);
        let hash = (!step.fold.writes()).then_some(carried);
        let tasks = self.task_at(step.next, whole, hash, step.number, at);
        let tasks = self.task(tasks, part, None, number, 0);
        self.b.end(Terminator::Return(vec![carried, tasks]));
    }

    fn either(
        &mut self,
        cond: ValueId,
        ty: Ty,
        then: impl FnOnce(&mut Self) -> ValueId,
        otherwise: impl FnOnce(&mut Self) -> ValueId,
    ) -> ValueId {
        self.b.open();
        let value = then(self);
        let then = Box::new(self.b.close(vec![value]));
        self.b.open();
        let value = otherwise(self);
        let otherwise = Box::new(self.b.close(vec![value]));
        self.b.one(Op::If { cond, then, otherwise }, ty)
    }
}

/// The number of a type's step function; that for an entry of it comes next.
fn number(cycle: &[VeraTy], ty: VeraTy) -> Option<usize> {
    cycle.iter().position(|member| *member == ty).map(|at| 2 * at)
}
