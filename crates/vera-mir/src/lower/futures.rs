//! Futures (language reference, chapter 10.11). A future is an object with its value, or
//! with the host's number for what will yield it: then it is *pending* until somebody
//! reads it.
//!
//! What is an operation of a host is begun by the host. Any other argument becomes a
//! function of the values it uses, a *task*, which the host runs in another instance of
//! the module; where the host has no room for one, it is called in place.
//!
//! To every function that looks into values, a future is its value: they *open* what they
//! find ([`FnLower::opened`]) before they look. A future of what takes no space takes none.

use std::collections::{HashMap, HashSet};

use vera_abi::host::HostFn;
use vera_abi::interface::{HostTask, HostTy, TASK};
use vera_abi::layout::HEADER_SIZE;
use vera_builtins::BuiltinId;
use vera_check::overlap::{self, Verdict};
use vera_check::typed::{self, EffectId, EffectInst, ExprId, ExprKind, FnId};
use vera_check::types::{Ty as VeraTy, TyKind};
use vera_diagnostics::{FileSpan, Span};

use super::Lowerer;
use super::data::Repr;
use super::functions::FnLower;
use super::live::Live;
use super::measures::Measures;
use super::structural::bare;
use crate::ir::*;

/// The number of the value's type, the host's number for what was begun, [`SETTLED`] once
/// the value is known, and that.
const TYPE: u32 = HEADER_SIZE;
const NUMBER: u32 = HEADER_SIZE + 4;
const RESULT: u32 = HEADER_SIZE + 8;

/// No number of the host's.
const SETTLED: i32 = -1;

/// Effects whose operations can overlap with the program.
const OVERLAPPING: [&str; 4] = ["DB", "Http", "IO", "Inference"];

/// An argument of `async` that overlaps.
#[derive(Clone, Copy)]
struct Site {
    /// Whether it reads the database.
    database: bool,
    /// Whether it calls back into the cycle of calls it stands in.
    recursion: bool,
}

/// What overlaps with the program somewhere.
#[derive(Default)]
pub(super) struct Futures {
    /// The arguments of `async` that do.
    sites: HashMap<(FnId, ExprId), Site>,
    /// Some of them are tasks.
    tasks: bool,
    /// The types of pending values, by the number in their futures.
    types: Vec<VeraTy>,
    /// The functions that await values stored so.
    settle: Vec<(Mem, FuncId)>,
    finished: bool,
}

impl Futures {
    /// Looks for what overlaps. Where a handler may answer an effect, its operations
    /// never do; a task may perform any of them, so none is made where one is handled.
    /// Recorded runs have no tasks, so that operations have an order.
    pub fn of(
        program: &typed::Program,
        types: &vera_check::types::Types,
        handled: &HashSet<EffectId>,
        recorded: bool,
    ) -> Futures {
        let mut found = Futures::default();
        let is_host = |effect: &EffectId| {
            let declared = &program.effects[effect.index()];
            declared.module.is_none() && OVERLAPPING.contains(&declared.name.as_str())
        };
        let no_tasks = recorded || handled.iter().any(is_host);
        for (number, function) in program.fns.iter().enumerate() {
            let id = FnId(number as u32);
            for expr in &function.body.exprs {
                let ExprKind::Builtin { function: BuiltinId::Async, args, .. } = &expr.kind else {
                    continue;
                };
                let argument = args[0];
                let direct = overlap::is_direct(program, &function.body, argument);
                let kept = match &function.body[argument].kind {
                    ExprKind::Perform { effect, .. } if direct => handled.contains(&effect.effect),
                    _ => no_tasks,
                };
                if kept {
                    continue;
                }
                let verdict = overlap::verdict(program, types, id, argument);
                if let Verdict::Overlaps { database, recursion } = verdict {
                    found.sites.insert((id, argument), Site { database, recursion });
                    found.tasks |= !direct;
                }
            }
        }
        found
    }

    /// Whether the program may have tasks.
    pub fn tasks(&self) -> bool {
        self.tasks
    }
}

impl Lowerer<'_> {
    fn settle_function(&mut self, mem: Mem) -> FuncId {
        if let Some((_, func)) = self.futures.settle.iter().find(|(known, _)| *known == mem) {
            return *func;
        }
        let decl = FileSpan { file: self.program.modules[0].file, span: Span::default() };
        let func = self.reserve(format!("settle${mem:?}"), String::new(), decl);
        self.futures.settle.push((mem, func));
        func
    }

    /// Lowers the functions that await, when every type they may meet is known. A value
    /// may hold futures itself.
    pub(super) fn finish_futures(&mut self) {
        if std::mem::replace(&mut self.futures.finished, true) {
            return;
        }
        let mut done = 0;
        while let Some((mem, func)) = self.futures.settle.get(done).copied() {
            let mut this = bare(self, func);
            this.settle_body(mem);
            let built = this.b.finish();
            self.out.funcs[func.index()] = built;
            done += 1;
        }
    }

    /// Exports a task, for the host to run with these values; its number.
    fn task_export(&mut self, func: FuncId, used: &[VeraTy], ret: VeraTy, database: bool) -> usize {
        let number = self.out.interface.tasks.len();
        let entry = format!("{TASK}{number}");
        self.out.interface.tasks.push(HostTask { entry: entry.clone(), database });
        let params: Vec<HostTy> = used.iter().map(|ty| self.wire_ty(*ty)).collect();
        let result = self.wire_ty(ret);
        let decl = FileSpan { file: self.program.modules[0].file, span: Span::default() };
        let place = self.reserve(entry.clone(), String::new(), decl);
        let mut this = bare(self, place);
        let args = used.iter().filter_map(|ty| this.take(*ty)).collect();
        let results: Vec<Ty> = this.lo.repr(ret).ty().into_iter().collect();
        let value = this.b.emit(Op::Call { func, args }, &results).first().copied();
        this.put(ret, value);
        this.b.end(Terminator::Return(Vec::new()));
        let built = this.b.finish();
        self.out.funcs[place.index()] = built;
        self.out.exports.push(Export { name: entry, func: place, params, result, in_parts: true });
        number
    }

    /// The layout of futures whose values are stored so.
    fn future_layout(&mut self, mem: Mem) -> LayoutId {
        let slots = [(TYPE, Mem::I32), (NUMBER, Mem::I32), (RESULT, mem)];
        self.mutable_layout(RESULT + mem.size(), &slots.map(Some))
    }
}

impl FnLower<'_, '_> {
    /// `async` of an expression.
    pub(super) fn async_of(&mut self, e: ExprId) -> Option<ValueId> {
        let site = self.owner.and_then(|owner| self.lo.futures.sites.get(&(owner, e)));
        let future = match (site.copied(), &self.body[e].kind) {
            (None, _) => None,
            (Some(_), ExprKind::Perform { effect, op, args })
                if overlap::is_direct(self.lo.program, self.body, e) =>
            {
                Some(self.placed(e, |this| this.start(effect, *op, args)))
            }
            (Some(site), _) => self.placed(e, |this| this.begin(e, site)),
        };
        if future.is_some() {
            return future;
        }
        let value = self.expr(e);
        let ty = self.ty(e);
        value.map(|value| self.settled(ty, value))
    }

    /// Has the host begin an operation.
    fn start(&mut self, effect: &EffectInst, op: u32, args: &[ExprId]) -> ValueId {
        let args = self.args(args);
        let declared = &self.lo.program.effects[effect.effect.index()].ops[op as usize];
        let (name, ret) = (declared.name.to_string(), declared.ret);
        self.put_arguments(effect, &name, &args);
        let number = self.lo.host_op(effect, &name);
        let number = self.b.i32(number as i32);
        let number = self.b.host(HostFn::Start, vec![number], &[Ty::I32])[0];
        self.pending(ret, Mem::Ref, number)
    }

    /// Has the host begin a task, if it has room for one; `None` where a type that only
    /// this instance has does not cross or takes no space.
    fn begin(&mut self, e: ExprId, site: Site) -> Option<ValueId> {
        let captures = self.capture(&[], &[e]);
        let mut used: Vec<VeraTy> =
            captures.iter().map(|(local, _)| self.local_ty(*local)).collect();
        let ret = self.ty(e);
        let mem = self.lo.repr(ret).field()?;
        let measures = if site.recursion { self.carried_measures() } else { Measures::default() };
        used.extend(&measures.types);
        let all = || used.iter().chain([&ret]);
        if !all().all(|ty| self.lo.crosses_to_tasks(*ty)) {
            return None;
        }
        let mut conditions = measures.live.clone();
        if all().any(|ty| self.lo.holds_functions(*ty)) {
            let func = self.lo.all_cross();
            conditions.push(self.b.one(Op::Call { func, args: Vec::new() }, Ty::I32));
        }
        let locals: Vec<_> = captures.iter().map(|(local, _)| *local).collect();
        let func = self.task_function(e, &locals, &measures);
        let number = self.lo.task_export(func, &used, ret, site.database);
        let captured = captures.iter().map(|(_, value)| *value);
        let values: Vec<ValueId> = captured.chain(measures.values).collect();
        let cond = self.may_begin(&conditions);
        self.b.open();
        for (ty, value) in used.iter().zip(&values) {
            self.put(*ty, Some(*value));
        }
        let number = self.b.i32(number as i32);
        let number = self.b.host(HostFn::Begin, vec![number], &[Ty::I32])[0];
        let future = self.pending(ret, mem, number);
        let then = Box::new(self.b.close(vec![future]));
        self.b.open();
        let value = self.b.one(Op::Call { func, args: values }, mem.ty());
        let value = self.settled(ret, value);
        let otherwise = Box::new(self.b.close(vec![value]));
        Some(self.b.one(Op::If { cond, then, otherwise }, Ty::Ref))
    }

    /// Whether a task can begin now: where all of these hold, the host says.
    fn may_begin(&mut self, conditions: &[ValueId]) -> ValueId {
        let Some((first, rest)) = conditions.split_first() else {
            return self.b.host(HostFn::MayBegin, Vec::new(), &[Ty::I32])[0];
        };
        self.b.open();
        let rest = self.may_begin(rest);
        let then = Box::new(self.b.close(vec![rest]));
        self.b.open();
        let no = self.b.i32(0);
        let otherwise = Box::new(self.b.close(vec![no]));
        self.b.one(Op::If { cond: *first, then, otherwise }, Ty::I32)
    }

    /// Makes a function of an expression, the bindings around it that it uses, and the
    /// measures that its calls are compared with.
    fn task_function(
        &mut self,
        e: ExprId,
        locals: &[typed::LocalId],
        measures: &Measures,
    ) -> FuncId {
        let at = self.at(self.body[e].span);
        let name = format!("task${}", self.b.func.name);
        let shown = self.lo.out.source_fns[self.source.index()].name.clone();
        let func = self.lo.reserve(name, shown, at);
        let ret = self.ty(e);
        let mut inner = FnLower {
            type_args: self.type_args.clone(),
            signature: self.signature.clone(),
            families: self.families.clone(),
            called_at: self.called_at,
            owner: self.owner,
            cycle: self.cycle.filter(|_| !measures.shapes.is_empty()),
            ..FnLower::new(self.lo, func, self.body, self.module)
        };
        for local in locals {
            let ty = inner.local_ty(*local);
            let value = inner.lo.repr(ty).ty().map(|ty| inner.b.param(ty));
            inner.locals.insert(*local, value);
        }
        let mut last = Vec::new();
        for shape in &measures.shapes {
            last.push(shape.types().into_iter().map(|ty| inner.b.param(ty)).collect());
        }
        inner.live = Live::Own(last);
        inner.b.func.results = inner.lo.repr(ret).ty().into_iter().collect();
        inner.tail(e);
        let built = inner.b.finish();
        self.lo.out.funcs[func.index()] = built;
        func
    }

    /// A future that awaits what the host began, of a value that is stored so.
    fn pending(&mut self, ty: VeraTy, mem: Mem, number: ValueId) -> ValueId {
        let ty = self.lo.types.base(ty);
        let known = self.lo.futures.types.iter().position(|known| *known == ty);
        let of = known.unwrap_or_else(|| {
            self.lo.futures.types.push(ty);
            self.lo.futures.types.len() - 1
        });
        let of = self.b.i32(of as i32);
        let none = self.b.constant(match mem {
            Mem::I64 => Const::I64(0),
            Mem::F64 => Const::F64(0),
            Mem::U8 | Mem::I32 => Const::I32(0),
            Mem::Ref => Const::Immediate(0),
        });
        self.future(mem, of, number, none)
    }

    fn future(&mut self, mem: Mem, of: ValueId, number: ValueId, value: ValueId) -> ValueId {
        let layout = self.lo.future_layout(mem);
        let fields = vec![(TYPE, Mem::I32, of), (NUMBER, Mem::I32, number), (RESULT, mem, value)];
        self.b.one(Op::MakeObject { layout, fields }, Ty::Ref)
    }

    /// A future of a value of this type.
    pub(super) fn settled(&mut self, ty: VeraTy, value: ValueId) -> ValueId {
        let mem = self.lo.repr(ty).field().expect("a value takes space");
        let (of, number) = (self.b.i32(0), self.b.i32(SETTLED));
        self.future(mem, of, number, value)
    }

    /// The value of a future of this type of value; `None` if it takes no space.
    pub(super) fn await_of(&mut self, future: ExprId, ty: VeraTy) -> Option<ValueId> {
        let future = self.expr(future)?;
        Some(self.awaited(ty, future))
    }

    /// The value of a future of values of this type.
    pub(super) fn awaited(&mut self, ty: VeraTy, future: ValueId) -> ValueId {
        let mem = self.lo.repr(ty).field().expect("a future is of a value that takes space");
        if self.lo.futures.sites.is_empty() {
            // Every future has its value from the start.
            return self.b.one(Op::ReadCell { object: future, offset: RESULT, mem }, mem.ty());
        }
        let func = self.lo.settle_function(mem);
        self.b.one(Op::Call { func, args: vec![future] }, mem.ty())
    }

    /// A value to look into: that of a future in its place, and its type without
    /// refinements and futures.
    pub(super) fn opened(&mut self, ty: VeraTy, value: ValueId) -> (VeraTy, ValueId) {
        let base = self.lo.types.base(ty);
        match *self.lo.types.kind(base) {
            TyKind::Future(inner) if self.lo.repr(inner) == Repr::Zero => {
                (self.lo.types.plain(inner), value)
            }
            TyKind::Future(inner) => {
                let value = self.awaited(inner, value);
                self.opened(inner, value)
            }
            _ => (base, value),
        }
    }

    /// The same of what may take no space.
    pub(super) fn opened_part(
        &mut self,
        ty: VeraTy,
        value: Option<ValueId>,
    ) -> (VeraTy, Option<ValueId>) {
        match value {
            Some(value) => {
                let (ty, value) = self.opened(ty, value);
                (ty, Some(value))
            }
            None => (self.lo.types.plain(ty), None),
        }
    }

    /// The reverse of [`Self::opened`]: a value of this type from one without futures.
    pub(super) fn closed(&mut self, ty: VeraTy, value: ValueId) -> ValueId {
        match *self.lo.types.base_kind(ty) {
            TyKind::Future(inner) if self.lo.repr(inner) != Repr::Zero => {
                let value = self.closed(inner, value);
                self.settled(inner, value)
            }
            _ => value,
        }
    }

    /// `settle(future) -> value`, of values that are stored so.
    fn settle_body(&mut self, mem: Mem) {
        let future = self.b.param(Ty::Ref);
        self.b.func.results = vec![mem.ty()];
        let mut read =
            |offset, mem: Mem| self.b.one(Op::ReadCell { object: future, offset, mem }, mem.ty());
        let known = read(RESULT, mem);
        let (of, number) = (read(TYPE, Mem::I32), read(NUMBER, Mem::I32));
        let settled = self.b.i32(SETTLED);
        let is_known = self.b.binary(BinaryOp::EqI32, number, settled);
        self.when(is_known, |this| this.b.end(Terminator::Return(vec![known])));
        let types = self.lo.futures.types.clone();
        if types.iter().any(|ty| self.lo.repr(*ty).field() == Some(mem)) {
            self.b.host(HostFn::Finish, vec![number], &[]);
        }
        let mut cases = Vec::new();
        for ret in types {
            self.b.open();
            if self.lo.repr(ret).field() == Some(mem)
                && let Some(result) = self.take(ret)
            {
                for (offset, mem, part) in [(RESULT, mem, result), (NUMBER, Mem::I32, settled)] {
                    self.b.none(Op::WriteCell { object: future, offset, mem, value: part });
                }
                self.b.end(Terminator::Return(vec![result]));
            }
            self.b.end(Terminator::Unreachable);
            cases.push(self.b.close(Vec::new()));
        }
        self.b.open();
        self.b.end(Terminator::Unreachable);
        let default = Box::new(self.b.close(Vec::new()));
        self.b.none(Op::Switch { on: of, cases, default });
        self.b.end(Terminator::Unreachable);
    }
}
