//! Futures (language reference, chapter 10.11). A future is its value, unless `async` is
//! applied to an operation that a host performs at once while the program goes on: then it
//! is a *pending* object until it is awaited.
//!
//! A pending object stands where a value of the operation's result type does, and is told
//! from one by its tag, which no constructor has. `await` replaces it, and so does every
//! function that looks into values of that type.

use std::collections::HashSet;

use vera_abi::host::HostFn;
use vera_abi::layout::HEADER_SIZE;
use vera_builtins::BuiltinId;
use vera_check::typed::{self, EffectId, EffectInst, ExprId, ExprKind};
use vera_check::types::Ty as VeraTy;
use vera_diagnostics::{FileSpan, Span};

use super::Lowerer;
use super::data::Repr;
use super::functions::FnLower;
use super::structural::bare;
use crate::ir::*;

/// The tag of pending objects.
const PENDING: u32 = 0xffff;

/// The operation, the host's number for it, and its result once that is known.
const OPERATION: u32 = HEADER_SIZE;
const NUMBER: u32 = HEADER_SIZE + 4;
const RESULT: u32 = HEADER_SIZE + 8;

/// Which operations overlap with the program somewhere.
#[derive(Default)]
pub(super) struct Futures {
    /// With their result types, by the number in pending objects.
    operations: Vec<(EffectId, String, VeraTy)>,
    /// The result types of all operations that could.
    results: HashSet<VeraTy>,
    settle: Option<FuncId>,
    finished: bool,
}

/// Whether a direct operation of this effect can overlap with the program.
fn overlaps(program: &typed::Program, effect: EffectId, op: u32) -> bool {
    let declared = &program.effects[effect.index()];
    declared.module.is_none()
        && vera_builtins::overlaps(&declared.name, &declared.ops[op as usize].name)
}

impl Futures {
    /// Looks for `async` of operations that overlap. Where a handler may answer an
    /// effect, its operations never do.
    pub fn of(
        program: &typed::Program,
        types: &vera_check::types::Types,
        handled: &HashSet<EffectId>,
    ) -> Futures {
        let mut found = Futures::default();
        for function in &program.fns {
            for expr in &function.body.exprs {
                let ExprKind::Builtin { function: BuiltinId::Async, args, .. } = &expr.kind else {
                    continue;
                };
                let ExprKind::Perform { effect, op, .. } = &function.body[args[0]].kind else {
                    continue;
                };
                if overlaps(program, effect.effect, *op) && !handled.contains(&effect.effect) {
                    let ret = program.effects[effect.effect.index()].ops[*op as usize].ret;
                    found.results.insert(types.plain(ret));
                }
            }
        }
        found
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

    fn pending_layout(&mut self) -> LayoutId {
        let slots = [(OPERATION, Mem::I32), (NUMBER, Mem::I32), (RESULT, Mem::Ref)];
        self.layout_of(PENDING, RESULT + 4, &slots.map(Some), true)
    }
}

impl FnLower<'_, '_> {
    /// `async` of an expression.
    pub(super) fn async_of(&mut self, e: ExprId) -> Option<ValueId> {
        if let ExprKind::Perform { effect, op, args } = &self.body[e].kind
            && overlaps(self.lo.program, effect.effect, *op)
            && !self.lo.effects.handled.contains(&effect.effect)
        {
            return Some(self.placed(e, |this| this.start(effect, *op, args)));
        }
        self.expr(e)
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
        let id = effect.effect;
        let mut known = self.lo.futures.operations.iter();
        let known = known.position(|(e, n, _)| *e == id && *n == name);
        let operation = known.unwrap_or_else(|| {
            self.lo.futures.operations.push((id, name, ret));
            self.lo.futures.operations.len() - 1
        });
        let operation = self.b.i32(operation as i32);
        let none = self.b.constant(Const::Immediate(0));
        let layout = self.lo.pending_layout();
        let fields = vec![
            (OPERATION, Mem::I32, operation),
            (NUMBER, Mem::I32, number),
            (RESULT, Mem::Ref, none),
        ];
        self.b.one(Op::MakeObject { layout, fields }, Ty::Ref)
    }

    /// The value of a future.
    pub(super) fn await_of(&mut self, future: ExprId, ty: VeraTy) -> Option<ValueId> {
        let value = self.expr(future)?;
        if self.lo.futures.results.is_empty() || self.lo.repr(ty) != Repr::Ref {
            return Some(value);
        }
        Some(self.settled(value))
    }

    /// A value whose structure is looked at, of this type: a pending object is awaited.
    pub(super) fn looked_into(&mut self, ty: VeraTy, value: ValueId) -> ValueId {
        let ty = self.lo.types.plain(ty);
        if self.lo.futures.results.contains(&ty) { self.settled(value) } else { value }
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
        let (operation, number) = (read(OPERATION, Mem::I32), read(NUMBER, Mem::I32));
        let unknown = self.b.one(Op::IsImmediate(known), Ty::I32);
        let is_known = self.b.unary(UnaryOp::Not, unknown);
        self.when(is_known, |this| this.b.end(Terminator::Return(vec![known])));
        self.b.host(HostFn::Finish, vec![number], &[]);
        let mut cases = Vec::new();
        for (_, _, ret) in self.lo.futures.operations.clone() {
            self.b.open();
            if let Some(result) = self.take(ret) {
                let write =
                    Op::WriteCell { object: value, offset: RESULT, mem: Mem::Ref, value: result };
                self.b.none(write);
                self.b.end(Terminator::Return(vec![result]));
            }
            self.b.end(Terminator::Unreachable);
            cases.push(self.b.close(Vec::new()));
        }
        self.b.open();
        self.b.end(Terminator::Unreachable);
        let default = Box::new(self.b.close(Vec::new()));
        self.b.none(Op::Switch { on: operation, cases, default });
        self.b.end(Terminator::Unreachable);
    }
}
