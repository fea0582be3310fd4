//! Futures (language reference, chapter 10.11). A future is its value, unless the argument
//! of its `async` is computed while the program goes on: then it is a *pending* object
//! until it is awaited.
//!
//! What is an operation of a host is begun by the host. Any other argument becomes a
//! function of the values it uses, a *task*, which the host runs in another instance of
//! the module; where the host has no room for one, it is called in place.
//!
//! A pending object stands where a value of the argument's type does, and is told from
//! one by its tag, which no constructor has. `await` replaces it, and so does every
//! function that looks into values of that type.

use std::collections::{HashMap, HashSet};

use vera_abi::host::HostFn;
use vera_abi::interface::{HostTask, HostTy, TASK};
use vera_abi::layout::HEADER_SIZE;
use vera_builtins::BuiltinId;
use vera_check::overlap::{self, Verdict};
use vera_check::typed::{self, EffectId, EffectInst, ExprId, ExprKind, FnId};
use vera_check::types::{Ty as VeraTy, TyKind, any};
use vera_diagnostics::{FileSpan, Span};

use super::Lowerer;
use super::data::Repr;
use super::functions::FnLower;
use super::structural::bare;
use crate::ir::*;

/// The tag of pending objects.
const PENDING: u32 = 0xffff;

/// The number of the result's type, the host's number for what was begun, [`SETTLED`] once
/// its result is known, and that.
const TYPE: u32 = HEADER_SIZE;
const NUMBER: u32 = HEADER_SIZE + 4;
const RESULT: u32 = HEADER_SIZE + 8;

/// No number of the host's.
const SETTLED: i32 = -1;

/// Effects whose operations can overlap with the program.
const OVERLAPPING: [&str; 4] = ["DB", "Http", "IO", "Inference"];

/// What overlaps with the program somewhere.
#[derive(Default)]
pub(super) struct Futures {
    /// The arguments of `async` that do, and whether they read the database.
    sites: HashMap<(FnId, ExprId), bool>,
    /// The types of pending values, by the number in pending objects.
    types: Vec<VeraTy>,
    /// The types of all that could be pending.
    results: HashSet<VeraTy>,
    /// Some of them depend on type parameters: any type could be one of these.
    open: bool,
    settle: Option<FuncId>,
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
                if let Verdict::Overlaps { database } = verdict {
                    let ty = function.body[argument].ty;
                    found.sites.insert((id, argument), database);
                    found.results.insert(types.plain(ty));
                    found.open |= any(types, ty, &mut |kind| matches!(kind, TyKind::Param(..)));
                }
            }
        }
        found
    }

    /// Whether a value of this type, without refinements and futures around it, could be
    /// pending.
    fn may_be(&self, ty: VeraTy) -> bool {
        self.open || self.results.contains(&ty)
    }
}

impl Lowerer<'_> {
    fn settle_function(&mut self) -> FuncId {
        if let Some(func) = self.futures.settle {
            return func;
        }
        let decl = FileSpan { file: self.program.modules[0].file, span: Span::default() };
        let func = self.reserve("settle".to_owned(), String::new(), decl);
        self.futures.settle = Some(func);
        func
    }

    /// Lowers the function that awaits, when every operation it may meet is known.
    pub(super) fn finish_futures(&mut self) {
        if std::mem::replace(&mut self.futures.finished, true) {
            return;
        }
        let Some(func) = self.futures.settle else { return };
        let mut this = bare(self, func);
        this.settle_body();
        let built = this.b.finish();
        self.out.funcs[func.index()] = built;
    }

    /// Exports a task, for the host to run with these values; its number.
    fn task_export(&mut self, func: FuncId, used: &[VeraTy], ret: VeraTy, database: bool) -> usize {
        let number = self.out.interface.tasks.len();
        let entry = format!("{TASK}{number}");
        self.out.interface.tasks.push(HostTask { entry: entry.clone(), database });
        let params: Vec<HostTy> = used.iter().map(|ty| self.host_ty(*ty)).collect();
        let result = self.host_ty(ret);
        let decl = FileSpan { file: self.program.modules[0].file, span: Span::default() };
        let place = self.reserve(entry.clone(), String::new(), decl);
        let mut this = bare(self, place);
        let args = used.iter().filter_map(|ty| this.take(*ty)).collect();
        let value = this.b.one(Op::Call { func, args }, Ty::Ref);
        this.put(ret, Some(value));
        this.b.end(Terminator::Return(Vec::new()));
        let built = this.b.finish();
        self.out.funcs[place.index()] = built;
        self.out.exports.push(Export { name: entry, func: place, params, result, in_parts: true });
        number
    }

    fn pending_layout(&mut self) -> LayoutId {
        let slots = [(TYPE, Mem::I32), (NUMBER, Mem::I32), (RESULT, Mem::Ref)];
        self.layout_of(PENDING, RESULT + 4, &slots.map(Some), true)
    }
}

impl FnLower<'_, '_> {
    /// `async` of an expression.
    pub(super) fn async_of(&mut self, e: ExprId) -> Option<ValueId> {
        let site = self.owner.and_then(|owner| self.lo.futures.sites.get(&(owner, e)));
        let Some(database) = site.copied() else { return self.expr(e) };
        match &self.body[e].kind {
            ExprKind::Perform { effect, op, args }
                if overlap::is_direct(self.lo.program, self.body, e) =>
            {
                Some(self.placed(e, |this| this.start(effect, *op, args)))
            }
            _ => match self.placed(e, |this| this.begin(e, database)) {
                Some(future) => Some(future),
                None => self.expr(e),
            },
        }
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
        self.pending(ret, number)
    }

    /// Has the host begin a task, if it has room for one; `None` where a type that only
    /// this instance has does not cross or is none of a data type.
    fn begin(&mut self, e: ExprId, database: bool) -> Option<ValueId> {
        let captures = self.capture(&[], &[e]);
        let used: Vec<VeraTy> = captures.iter().map(|(local, _)| self.local_ty(*local)).collect();
        let ret = self.ty(e);
        let ret = self.lo.types.plain(ret);
        let is_data = matches!(self.lo.types.kind(ret), TyKind::Data(..) | TyKind::Tuple(_));
        let crosses = used.iter().chain([&ret]).all(|ty| self.lo.crosses(*ty));
        if !crosses || !is_data || self.lo.repr(ret) != Repr::Ref {
            return None;
        }
        let locals: Vec<_> = captures.iter().map(|(local, _)| *local).collect();
        let func = self.task_function(e, &locals);
        let number = self.lo.task_export(func, &used, ret, database);
        let values: Vec<ValueId> = captures.iter().map(|(_, value)| *value).collect();
        let cond = self.b.host(HostFn::MayBegin, Vec::new(), &[Ty::I32])[0];
        self.b.open();
        for (ty, value) in used.iter().zip(&values) {
            self.put(*ty, Some(*value));
        }
        let number = self.b.i32(number as i32);
        let number = self.b.host(HostFn::Begin, vec![number], &[Ty::I32])[0];
        let future = self.pending(ret, number);
        let then = Box::new(self.b.close(vec![future]));
        self.b.open();
        let value = self.b.one(Op::Call { func, args: values }, Ty::Ref);
        let otherwise = Box::new(self.b.close(vec![value]));
        Some(self.b.one(Op::If { cond, then, otherwise }, Ty::Ref))
    }

    /// Makes a function of an expression and the bindings around it that it uses.
    fn task_function(&mut self, e: ExprId, locals: &[typed::LocalId]) -> FuncId {
        let at = self.at(self.body[e].span);
        let name = format!("task${}", self.b.func.name);
        let shown = self.lo.out.source_fns[self.source.index()].name.clone();
        let func = self.lo.reserve(name, shown, at);
        let mut inner = FnLower {
            type_args: self.type_args.clone(),
            signature: self.signature.clone(),
            families: self.families.clone(),
            called_at: self.called_at,
            owner: self.owner,
            ..FnLower::new(self.lo, func, self.body, self.module)
        };
        for local in locals {
            let ty = inner.local_ty(*local);
            let value = inner.lo.repr(ty).ty().map(|ty| inner.b.param(ty));
            inner.locals.insert(*local, value);
        }
        inner.b.func.results = vec![Ty::Ref];
        inner.tail(e);
        let built = inner.b.finish();
        self.lo.out.funcs[func.index()] = built;
        func
    }

    fn pending(&mut self, ty: VeraTy, number: ValueId) -> ValueId {
        let ty = self.lo.types.plain(ty);
        let known = self.lo.futures.types.iter().position(|known| *known == ty);
        let of = known.unwrap_or_else(|| {
            self.lo.futures.types.push(ty);
            self.lo.futures.types.len() - 1
        });
        let of = self.b.i32(of as i32);
        let none = self.b.constant(Const::Immediate(0));
        let layout = self.lo.pending_layout();
        let fields =
            vec![(TYPE, Mem::I32, of), (NUMBER, Mem::I32, number), (RESULT, Mem::Ref, none)];
        self.b.one(Op::MakeObject { layout, fields }, Ty::Ref)
    }

    /// The value of a future.
    pub(super) fn await_of(&mut self, future: ExprId, ty: VeraTy) -> Option<ValueId> {
        let value = self.expr(future)?;
        let ty = self.lo.types.plain(ty);
        Some(self.looked_into(ty, value))
    }

    /// A value whose structure is looked at, of this type: a pending object is awaited.
    pub(super) fn looked_into(&mut self, ty: VeraTy, value: ValueId) -> ValueId {
        let ty = self.lo.types.plain(ty);
        let is_data = matches!(self.lo.types.kind(ty), TyKind::Data(..) | TyKind::Tuple(_));
        match is_data && self.lo.futures.may_be(ty) && self.lo.repr(ty) == Repr::Ref {
            true => self.settled(value),
            false => value,
        }
    }

    fn settled(&mut self, value: ValueId) -> ValueId {
        let func = self.lo.settle_function();
        self.b.one(Op::Call { func, args: vec![value] }, Ty::Ref)
    }

    /// `settle(value) -> value`: what a pending object stands for; any other value is its
    /// own.
    fn settle_body(&mut self) {
        let value = self.b.param(Ty::Ref);
        self.b.func.results = vec![Ty::Ref];
        let tag = self.b.one(Op::Tag { object: value }, Ty::I32);
        let pending = self.b.i32(PENDING as i32);
        let is_value = self.b.binary(BinaryOp::NeI32, tag, pending);
        self.when(is_value, |this| this.b.end(Terminator::Return(vec![value])));
        let mut read =
            |offset, mem: Mem| self.b.one(Op::ReadCell { object: value, offset, mem }, mem.ty());
        let known = read(RESULT, Mem::Ref);
        let (of, number) = (read(TYPE, Mem::I32), read(NUMBER, Mem::I32));
        let settled = self.b.i32(SETTLED);
        let is_known = self.b.binary(BinaryOp::EqI32, number, settled);
        self.when(is_known, |this| this.b.end(Terminator::Return(vec![known])));
        self.b.host(HostFn::Finish, vec![number], &[]);
        let mut cases = Vec::new();
        for ret in self.lo.futures.types.clone() {
            self.b.open();
            if let Some(result) = self.take(ret) {
                for (offset, mem, part) in [(RESULT, Mem::Ref, result), (NUMBER, Mem::I32, settled)]
                {
                    self.b.none(Op::WriteCell { object: value, offset, mem, value: part });
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
