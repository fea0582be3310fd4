//! Function values that cross between two instances of a program, with a task (see
//! [`super::super::futures`]). They cross as values of one data type: its constructors are
//! the closures of the program, and the fields of each are what it captured.
//!
//! A closure is told by the tag of its object, or as an object where it captured nothing.
//! Those that are written where they are applied, in the clauses of handlers, and in
//! contracts are no values that could cross, and have the tag of all other objects.

use vera_abi::interface::{Compound, CompoundId, CompoundKind, HostCtor, HostTy};
use vera_abi::layout::MAX_TAG;
use vera_check::types::{Ty as VeraTy, TyKind};
use vera_diagnostics::{FileSpan, Span};

use super::super::Lowerer;
use super::super::functions::FnLower;
use super::super::structural::{Structural, bare};
use crate::ir::*;

/// The closures of a program, if some may cross.
#[derive(Default)]
pub(in crate::lower) struct Functions {
    may_cross: bool,
    /// One of their types stands for all.
    ty: Option<(VeraTy, CompoundId)>,
    /// By the number of the constructor.
    closures: Vec<Option<Closure>>,
    /// Functions that put and take a node.
    put: Made,
    take: Made,
    /// The function that tells whether all closures can cross.
    all_cross: Made,
}

/// A function that is lowered when all closures are known.
#[derive(Clone, Copy, Default)]
struct Made {
    func: Option<FuncId>,
    lowered: bool,
}

#[derive(Clone)]
struct Closure {
    name: String,
    func: FuncId,
    layout: LayoutId,
    /// Storage and type of each captured value.
    slots: Vec<(u32, Mem)>,
    types: Vec<VeraTy>,
}

impl Functions {
    pub fn of(may_cross: bool) -> Functions {
        Functions { may_cross, ..Functions::default() }
    }
}

impl Lowerer<'_> {
    /// The tag of a closure that is a value; it is to be [described](Self::describe).
    pub(in crate::lower) fn closure_tag(&mut self) -> u32 {
        let functions = &mut self.wire.functions;
        if !functions.may_cross || functions.closures.len() as u32 >= MAX_TAG {
            return 0;
        }
        functions.closures.push(None);
        functions.closures.len() as u32
    }

    /// Describes the closure with this tag.
    pub(in crate::lower) fn describe(
        &mut self,
        tag: u32,
        func: FuncId,
        (layout, slots): (LayoutId, Vec<(u32, Mem)>),
        types: Vec<VeraTy>,
    ) {
        let Some(number) = (tag as usize).checked_sub(1) else { return };
        let source = self.out.funcs[func.index()].source;
        let name = self.out.source_fns[source.index()].name.clone();
        let closure = Closure { name, func, layout, slots, types };
        self.wire.functions.closures[number] = Some(closure);
    }

    /// What stands for the types of function values.
    pub(super) fn functions_ty(&mut self, ty: VeraTy) -> HostTy {
        if let Some((_, id)) = self.wire.functions.ty {
            return HostTy::Compound(id);
        }
        let id = CompoundId(self.wire.types.len() as u32);
        self.wire.types.push(ty);
        self.wire.functions.ty = Some((ty, id));
        let kind = CompoundKind::Data(Vec::new());
        self.out.interface.compounds.push(Compound { name: "fn".to_owned(), kind });
        HostTy::Compound(id)
    }

    /// The function that puts a node of a type, or takes one.
    pub(super) fn node_function(&mut self, what: Structural, ty: VeraTy) -> FuncId {
        if !matches!(self.types.base_kind(ty), TyKind::Fn { .. }) {
            return self.structural(what, ty);
        }
        let is_put = what == Structural::Put;
        let functions = &self.wire.functions;
        let made = if is_put { functions.put } else { functions.take };
        if let Some(func) = made.func {
            return func;
        }
        let func = self.reserve_plain(if is_put { "put$fn" } else { "take$fn" });
        let functions = &mut self.wire.functions;
        let made = if is_put { &mut functions.put } else { &mut functions.take };
        made.func = Some(func);
        func
    }

    /// The function that tells whether every closure of the program can cross: that is
    /// known when all of them are.
    pub(in crate::lower) fn all_cross(&mut self) -> FuncId {
        if let Some(func) = self.wire.functions.all_cross.func {
            return func;
        }
        let func = self.reserve_plain("functions$cross");
        self.wire.functions.all_cross.func = Some(func);
        func
    }

    fn reserve_plain(&mut self, name: &str) -> FuncId {
        let decl = FileSpan { file: self.program.modules[0].file, span: Span::default() };
        self.reserve(name.to_owned(), String::new(), decl)
    }

    /// Lowers what depends on all closures, when nothing else is left to lower.
    pub(in crate::lower) fn finish_functions(&mut self) {
        let closures: Vec<Closure> =
            self.wire.functions.closures.iter().flatten().cloned().collect();
        let types: Vec<VeraTy> = closures.iter().flat_map(|c| c.types.iter().copied()).collect();
        let numbered = closures.len() == self.wire.functions.closures.len();
        let crosses = numbered
            && closures.len() < MAX_TAG as usize
            && types.iter().all(|ty| self.crosses_to_tasks(*ty));
        if let Some(func) = unlowered(&mut self.wire.functions.all_cross) {
            let mut this = bare(self, func);
            this.b.func.results = vec![Ty::I32];
            let all = this.b.i32(i32::from(crosses));
            this.b.end(Terminator::Return(vec![all]));
            let built = this.b.finish();
            self.out.funcs[func.index()] = built;
        }
        let Some((_, id)) = self.wire.functions.ty.filter(|_| crosses) else { return };
        let mut ctors = Vec::new();
        for closure in &closures {
            let fields = closure.types.iter().map(|ty| self.wire_ty(*ty)).collect();
            ctors.push(HostCtor { name: closure.name.clone(), fields });
        }
        self.out.interface.compounds[id.0 as usize].kind = CompoundKind::Data(ctors);
        if self.wire.put.contains(&id) {
            types.iter().for_each(|ty| self.put_nodes(*ty));
        }
        if self.wire.taken.contains(&id) {
            types.iter().for_each(|ty| self.take_nodes(*ty));
        }
        if let Some(func) = unlowered(&mut self.wire.functions.put) {
            let mut this = bare(self, func);
            this.put_closure(&closures);
            let built = this.b.finish();
            self.out.funcs[func.index()] = built;
        }
        if let Some(func) = unlowered(&mut self.wire.functions.take) {
            let mut this = bare(self, func);
            this.take_closure(&closures);
            let built = this.b.finish();
            self.out.funcs[func.index()] = built;
        }
    }
}

fn unlowered(made: &mut Made) -> Option<FuncId> {
    let func = made.func.filter(|_| !made.lowered)?;
    made.lowered = true;
    Some(func)
}

impl FnLower<'_, '_> {
    /// `put(closure, left) -> left`
    fn put_closure(&mut self, closures: &[Closure]) {
        let value = self.b.param(Ty::Ref);
        let left = self.b.param(Ty::Ref);
        self.b.func.results = vec![Ty::Ref];
        for (number, closure) in closures.iter().enumerate() {
            if closure.slots.is_empty() {
                let object = self.lo.static_(Static::Closure(closure.func));
                let object = self.b.constant(Const::Static(object));
                let is_this = self.b.binary(BinaryOp::EqRef, value, object);
                self.when(is_this, |this| {
                    let number = this.b.i32(number as i32);
                    this.put_fields(number, &[], left);
                });
            }
        }
        let tag = self.b.one(Op::Tag { object: value }, Ty::I32);
        self.b.open();
        self.b.end(Terminator::Unreachable);
        let mut cases = vec![self.b.close(Vec::new())];
        for (number, closure) in closures.iter().enumerate() {
            self.b.open();
            if closure.slots.is_empty() {
                self.b.end(Terminator::Unreachable);
            } else {
                let mut fields = Vec::new();
                for (ty, slot) in closure.types.iter().zip(&closure.slots) {
                    fields.push((*ty, self.field(value, Some(*slot))));
                }
                let number = self.b.i32(number as i32);
                self.put_fields(number, &fields, left);
            }
            cases.push(self.b.close(Vec::new()));
        }
        self.end_with_switch(tag, cases);
    }

    /// `take(number, stack) -> stack`
    fn take_closure(&mut self, closures: &[Closure]) {
        let number = self.b.param(Ty::I32);
        let stack = self.b.param(Ty::Ref);
        self.b.func.results = vec![Ty::Ref];
        let mut cases = Vec::new();
        for closure in closures {
            self.b.open();
            let (values, stack) = self.take_fields(&closure.types, stack);
            let object = if closure.slots.is_empty() {
                let object = self.lo.static_(Static::Closure(closure.func));
                self.b.constant(Const::Static(object))
            } else {
                let slots = closure.slots.iter().zip(values);
                let captures =
                    slots.filter_map(|((at, mem), value)| Some((*at, *mem, value?))).collect();
                let (layout, func) = (closure.layout, closure.func);
                self.b.one(Op::MakeClosure { layout, func, captures }, Ty::Ref)
            };
            self.push(stack, object);
            cases.push(self.b.close(Vec::new()));
        }
        self.end_with_switch(number, cases);
    }

    fn end_with_switch(&mut self, on: ValueId, cases: Vec<Region>) {
        self.b.open();
        self.b.end(Terminator::Unreachable);
        let default = Box::new(self.b.close(Vec::new()));
        self.b.none(Op::Switch { on, cases, default });
        self.b.end(Terminator::Unreachable);
    }
}
