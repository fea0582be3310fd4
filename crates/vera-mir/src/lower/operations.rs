//! Effect operations: who answers them is found at run time among the live
//! handler frames, innermost first; the host answers what no handler does.
//!
//! The search is a function for each effect instance (`State`, `Exn`) or for
//! each operation of one (all others), made on first use. Effects the program
//! nowhere handles go to the host directly.

use vera_abi::host::HostFn;
use vera_abi::trap::TrapKind;
use vera_check::typed::{Ability, EffectInst, ExprId, FnId};
use vera_check::types::{Ty as VeraTy, TyKind};

use super::cycles::CycleId;
use super::families::{Family, FrameKind};
use super::functions::FnLower;
use super::handlers::{FAMILY, OUTER, clause_offset};
use super::structural::bare;
use super::unwinding::{Special, special};
use super::{Lowerer, Work};
use crate::ir::*;

/// A function that looks for a handler.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Search {
    /// Yields the innermost frame of a `State` or `Exn` family, or the immediate 0.
    Frame(Family),
    /// Performs an operation: calls the clause of the innermost handler that
    /// has one, or the host.
    Operation(Family, u32),
    /// Yields the newest published frame of a cycle, or the immediate 0.
    Measures(CycleId),
}

impl Lowerer<'_> {
    pub(super) fn search(&mut self, search: Search) -> FuncId {
        if let Some(func) = self.searches.get(&search) {
            return *func;
        }
        let name = match &search {
            Search::Frame(family) => format!("handler${}", self.show_family(family)),
            Search::Operation(family, op) => {
                let ops = &self.program.effects[family.effect.effect.index()].ops;
                let op = ops[*op as usize].name.clone();
                format!("{}.{op}", self.show_family(family))
            }
            Search::Measures(cycle) => format!("measures${}", cycle.0),
        };
        let decl = vera_diagnostics::FileSpan {
            file: self.program.modules[0].file,
            span: vera_diagnostics::Span::default(),
        };
        // It only stands between an operation and who answers it.
        let func = self.reserve(name, String::new(), decl);
        self.searches.insert(search.clone(), func);
        self.work.push(Work::Search(search, func));
        func
    }

    fn show_family(&self, family: &Family) -> String {
        match (self.show_effect(&family.effect), family.number) {
            (name, 0) => name,
            (name, number) => format!("{name}${number}"),
        }
    }

    /// `State<Int>`
    pub(super) fn show_effect(&self, effect: &EffectInst) -> String {
        let name = self.effect_name(effect);
        if effect.args.is_empty() {
            return name;
        }
        let args: Vec<String> = effect.args.iter().map(|a| self.show(*a)).collect();
        format!("{name}<{}>", args.join(", "))
    }
}

/// The function a host calls for `func`: arguments of type `Nat` are guarded, the
/// cells of its row that start as zero are around it, no measured function is live, and
/// futures are the host's values.
pub(super) fn entry(lo: &mut Lowerer<'_>, id: FnId, args: Vec<VeraTy>, func: FuncId) -> FuncId {
    let function = lo.program.function(id);
    let natural = function.params.iter().any(|p| is_nat(lo, function.body[*p].ty));
    let cells = lo.zero_cells(&function.effects);
    let types = function.params.iter().map(|p| function.body[*p].ty).chain([function.ret]);
    let futures = types.into_iter().any(|ty| lo.types.futures(ty) > 0);
    if !natural && !futures && cells.is_empty() && lo.cycle_of(id, &args).is_none() {
        return func;
    }
    let called = &lo.out.funcs[func.index()];
    let (name, source) = (called.name.clone(), called.source);
    let decl = lo.out.source_fns[source.index()].decl;
    let place = lo.reserve(format!("{name}$entry"), String::new(), decl);
    lo.work.push(Work::Entry { id, args, func, place });
    place
}

fn is_nat(lo: &Lowerer<'_>, ty: VeraTy) -> bool {
    matches!(lo.types.kind(ty), TyKind::Nat)
}

/// Lowers what [`entry`] reserved; the called function's signature is known by now.
pub(super) fn lower_entry(
    lo: &mut Lowerer<'_>,
    id: FnId,
    type_args: &[VeraTy],
    func: FuncId,
    place: FuncId,
) {
    let function = lo.program.function(id);
    let cells = lo.zero_cells(&function.effects);
    let cycle = lo.cycle_of(id, type_args);
    let mut this = bare(lo, place);
    let mut args = Vec::new();
    for param in &function.params {
        let vera = this.lo.types.subst(function.body[*param].ty, type_args);
        let plain = this.lo.types.plain(vera);
        let Some(ty) = this.lo.repr(plain).ty() else { continue };
        let value = this.b.param(ty);
        if is_nat(this.lo, vera) {
            this.nat_guard(value);
        }
        args.push(this.closed(vera, value));
    }
    let results = this.lo.out.funcs[func.index()].results.clone();
    args.extend(cycle.into_iter().flat_map(|cycle| this.no_measures(cycle)));
    let ret = this.lo.types.subst(function.ret, type_args);
    let plain = this.lo.types.plain(ret);
    this.b.func.results = this.lo.repr(plain).ty().into_iter().collect();
    if cells.is_empty() && this.lo.types.futures(ret) == 0 {
        let loc = this.b.loc;
        this.b.end(Terminator::TailCall { func, args, loc });
        let built = this.b.finish();
        lo.out.funcs[place.index()] = built;
        return;
    }
    let kept = this.lo.cells;
    let frames = if kept { this.kept_frames(&cells) } else { this.zero_frames(&cells) };
    let values = this.b.emit(Op::Call { func, args }, &results);
    if kept {
        this.keep_cells(&cells, &frames);
    }
    for frame in frames.into_iter().rev() {
        this.leave_frame(frame);
    }
    let values = values.into_iter().map(|value| this.opened(ret, value).1).collect();
    this.b.end(Terminator::Return(values));
    let built = this.b.finish();
    lo.out.funcs[place.index()] = built;
}

/// Lowers a search function.
pub(super) fn lower(lo: &mut Lowerer<'_>, search: Search, func: FuncId) {
    let mut this = bare(lo, func);
    match search {
        Search::Frame(family) => this.frame_function(&family),
        Search::Operation(family, op) => this.operation_function(&family, op),
        Search::Measures(cycle) => this.measures_function(cycle),
    }
    let built = this.b.finish();
    lo.out.funcs[func.index()] = built;
}

/// Frames that a search walks.
struct Frames {
    newest: Global,
    /// The number of those it looks for at first.
    number: u32,
    /// Frames that change it, by their number, and how.
    renamings: Vec<(u32, Vec<(u32, u32)>)>,
}

impl FnLower<'_, '_> {
    pub(super) fn perform(
        &mut self,
        effect: &EffectInst,
        op: u32,
        args: &[ExprId],
    ) -> Option<ValueId> {
        match special(self.lo.program, effect.effect) {
            Special::State => self.state_operation(effect, op, args),
            Special::Exn => self.throw(effect, args),
            Special::No => self.general_operation(effect, op, args),
        }
    }

    fn state_operation(
        &mut self,
        effect: &EffectInst,
        op: u32,
        args: &[ExprId],
    ) -> Option<ValueId> {
        let argument = self.args(args).first().copied();
        let put = op == 1;
        let family = self.family(effect);
        let Some(at) = self.scope.states.iter().rposition(|s| s.family == family) else {
            let object = self.live_cell(&family);
            return self.cell_operation(&family.effect, put, object, argument);
        };
        if !self.scope.states[at].hidden {
            return self.state_in_body(at, put, argument);
        }
        let object = self.live_cell(&family);
        let own = self.scope.states[at].frame;
        let cond = self.b.binary(BinaryOp::EqRef, object, own);
        self.b.open();
        let value = self.state_in_body(at, put, argument);
        let tys: Vec<Ty> = value.iter().map(|v| self.b.func.ty(*v)).collect();
        let then = Box::new(self.b.close(value.into_iter().collect()));
        self.b.open();
        let value = self.cell_operation(&family.effect, put, object, argument);
        let otherwise = Box::new(self.b.close(value.into_iter().collect()));
        self.b.emit(Op::If { cond, then, otherwise }, &tys).first().copied()
    }

    /// An operation of `State` that only acts on a cell.
    fn cell_operation(
        &mut self,
        effect: &EffectInst,
        put: bool,
        object: ValueId,
        argument: Option<ValueId>,
    ) -> Option<ValueId> {
        let (offset, mem) = self.lo.cell(effect)?;
        if put {
            let value = argument?;
            self.b.none(Op::WriteCell { object, offset, mem, value });
            None
        } else {
            Some(self.b.one(Op::ReadCell { object, offset, mem }, mem.ty()))
        }
    }

    /// The innermost live frame of a family of `State` or `Exn`.
    fn live_cell(&mut self, family: &Family) -> ValueId {
        let func = self.lo.search(Search::Frame(family.clone()));
        self.b.one(Op::Call { func, args: Vec::new() }, Ty::Ref)
    }

    /// The content of the innermost live cell: `old` at entry, `new` at exit.
    pub(super) fn cell_value(&mut self, effect: &EffectInst) -> Option<ValueId> {
        let family = self.family(effect);
        let (offset, mem) = self.lo.cell(&family.effect)?;
        let object = self.live_cell(&family);
        Some(self.b.one(Op::ReadCell { object, offset, mem }, mem.ty()))
    }

    fn throw(&mut self, effect: &EffectInst, args: &[ExprId]) -> Option<ValueId> {
        let value = self.args(args).first().copied();
        let family = self.family(effect);
        let frame = self.live_cell(&family);
        let none = self.b.one(Op::IsImmediate(frame), Ty::I32);
        self.when(none, |this| this.uncaught(&family.effect, value));
        if let (Some((offset, mem)), Some(value)) = (self.lo.cell(&family.effect), value) {
            self.b.none(Op::WriteCell { object: frame, offset, mem, value });
        }
        self.abandon_to(frame);
        None
    }

    /// Ends the program: nobody catches the exception.
    fn uncaught(&mut self, effect: &EffectInst, value: Option<ValueId>) {
        let name = self.lo.show_effect(effect);
        let name = self.string(&name);
        let ty = effect.args[0];
        let shown = self.lo.has(Ability::Show, ty);
        let text = match value {
            Some(value) if shown => {
                let text = self.show(ty, Some(value));
                match self.lo.types.base_kind(ty) {
                    TyKind::String => {
                        let quote = self.string("\"");
                        self.join_strings(vec![quote, text, quote])
                    }
                    _ => text,
                }
            }
            _ => self.string(""),
        };
        let mut args = Vec::new();
        for text in [name, text] {
            args.push(self.b.seq_data(text));
            args.push(self.b.seq_len(text));
        }
        self.b.host(HostFn::Uncaught, args, &[]);
        self.b.end(Terminator::Unreachable);
    }

    fn general_operation(
        &mut self,
        effect: &EffectInst,
        op: u32,
        args: &[ExprId],
    ) -> Option<ValueId> {
        let family = self.family(effect);
        let effect = &family.effect;
        let declared = &self.lo.program.effects[effect.effect.index()];
        let is_own = declared.module.is_some();
        let operation = &declared.ops[op as usize];
        let (name, ret) = (operation.name.clone(), operation.ret);
        let ret = self.lo.types.subst(ret, &effect.args);
        if !is_own && !self.lo.effects.handled.contains(&effect.effect) {
            let args = self.args(args);
            self.check_owed_before(effect, op, &args);
            return self.host_operation(effect, &name, &args, ret);
        }
        let args = self.args(args);
        self.check_owed_before(effect, op, &args);
        let func = self.lo.search(Search::Operation(family.clone(), op));
        let results: Vec<Ty> = self.lo.repr(ret).ty().into_iter().collect();
        let call = Op::Call { func, args };
        let value = self.publishing(|this| this.b.emit(call, &results).first().copied());
        if self.lo.effects.unwinding.contains(&effect.effect) {
            self.unwind_if_abandoned();
        }
        if matches!(self.lo.types.base_kind(ret), TyKind::Never) {
            self.b.end(Terminator::Unreachable);
        }
        value
    }

    fn check_owed_before(&mut self, effect: &EffectInst, op: u32, args: &[ValueId]) {
        if let Some(owed) = self.owed(effect, op, args) {
            self.check_requires(&owed);
        }
    }

    /// `find() -> frame`
    fn frame_function(&mut self, family: &Family) {
        self.b.func.results = vec![Ty::Ref];
        let is_state = special(self.lo.program, family.effect.effect) == Special::State;
        let name = self.lo.show_effect(&family.effect);
        let search = self.handlers_of(family);
        self.each_frame(
            search,
            |this, none| {
                if let Some(plain) = family.plain() {
                    let func = this.lo.search(Search::Frame(plain));
                    let loc = this.b.loc;
                    this.b.end(Terminator::TailCall { func, args: Vec::new(), loc });
                } else if is_state {
                    let text =
                        format!("No handler of `{name}` is live, and its cell has no start value");
                    let (message, loc) = (Some(Message(text)), this.b.loc);
                    this.b.end(Terminator::Trap { kind: TrapKind::HostError, message, loc });
                } else {
                    this.b.end(Terminator::Return(vec![none]));
                }
            },
            |this, frame| this.b.end(Terminator::Return(vec![frame])),
        );
    }

    /// `find() -> frame`
    fn measures_function(&mut self, cycle: CycleId) {
        self.b.func.results = vec![Ty::Ref];
        self.each_frame(
            Frames { newest: Global::Measures, number: cycle.0, renamings: Vec::new() },
            |this, none| this.b.end(Terminator::Return(vec![none])),
            |this, frame| this.b.end(Terminator::Return(vec![frame])),
        );
    }

    /// The frames of a family's handlers.
    fn handlers_of(&mut self, family: &Family) -> Frames {
        let number = self.lo.frame_number(FrameKind::Handler(family.clone()));
        let renamings = self.lo.renamings_of(&family.effect);
        Frames { newest: Global::Handlers, number, renamings }
    }

    /// Walks frames: `found` at each that is looked for, which may end the region;
    /// `last` when none is left.
    fn each_frame(
        &mut self,
        frames: Frames,
        last: impl FnOnce(&mut Self, ValueId),
        found: impl FnOnce(&mut Self, ValueId),
    ) {
        let first = self.b.one(Op::GetGlobal(frames.newest), Ty::Ref);
        let wanted = self.b.i32(frames.number as i32);
        let label = self.b.func.new_label();
        let frame = self.b.func.new_value(Ty::Ref);
        let (mut params, mut init) = (vec![frame], vec![first]);
        // What is looked for changes only where something is renamed.
        let mut family = wanted;
        if !frames.renamings.is_empty() {
            family = self.b.func.new_value(Ty::I32);
            params.push(family);
            init.push(wanted);
        }
        self.b.open();
        let none = self.b.one(Op::IsImmediate(frame), Ty::I32);
        self.when(none, |this| last(this, frame));
        let load = Op::Load { object: frame, offset: FAMILY, mem: Mem::I32 };
        let own = self.b.one(load, Ty::I32);
        let same = self.b.binary(BinaryOp::EqI32, own, family);
        self.when(same, |this| found(this, frame));
        let next = Op::ReadCell { object: frame, offset: OUTER, mem: Mem::Ref };
        let next = self.b.one(next, Ty::Ref);
        for (number, pairs) in &frames.renamings {
            let number = self.b.i32(*number as i32);
            let renames = self.b.binary(BinaryOp::EqI32, own, number);
            self.when(renames, |this| {
                let mut renamed = family;
                for (callee, caller) in pairs {
                    let (callee, caller) = (this.b.i32(*callee as i32), this.b.i32(*caller as i32));
                    let is_it = this.b.binary(BinaryOp::EqI32, family, callee);
                    renamed = this.select(is_it, caller, renamed, Ty::I32);
                }
                this.b.end(Terminator::Continue(label, vec![next, renamed]));
            });
        }
        let same_again = params.iter().skip(1).map(|_| family);
        self.b.end(Terminator::Continue(label, [next].into_iter().chain(same_again).collect()));
        let body = Box::new(self.b.close(Vec::new()));
        self.b.none(Op::Loop { label, params, init, body });
        self.b.end(Terminator::Unreachable);
    }

    /// `operation(arguments) -> result`
    fn operation_function(&mut self, family: &Family, op: u32) {
        let effect = &family.effect;
        let declared = &self.lo.program.effects[effect.effect.index()].ops[op as usize];
        let (name, params, ret) = (declared.name.clone(), declared.params.clone(), declared.ret);
        let mut args = Vec::new();
        for param in params {
            let ty = self.lo.types.subst(param, &effect.args);
            args.extend(self.lo.repr(ty).ty().map(|ty| self.b.param(ty)));
        }
        let ret = self.lo.types.subst(ret, &effect.args);
        let results: Vec<Ty> = self.lo.repr(ret).ty().into_iter().collect();
        self.b.func.results.clone_from(&results);
        let host_args = args.clone();
        let frames = self.handlers_of(family);
        self.each_frame(
            frames,
            |this, _| match family.plain() {
                Some(plain) => {
                    let func = this.lo.search(Search::Operation(plain, op));
                    let loc = this.b.loc;
                    this.b.end(Terminator::TailCall { func, args: host_args, loc });
                }
                None => this.unhandled(effect, &name, &host_args, ret),
            },
            |this, frame| {
                let load = Op::Load { object: frame, offset: clause_offset(op), mem: Mem::Ref };
                let closure = this.b.one(load, Ty::Ref);
                let none = this.b.one(Op::IsImmediate(closure), Ty::I32);
                let some = this.b.unary(UnaryOp::Not, none);
                this.when(some, |this| {
                    let outer = Op::ReadCell { object: frame, offset: OUTER, mem: Mem::Ref };
                    let outer = this.b.one(outer, Ty::Ref);
                    let live = this.b.one(Op::GetGlobal(Global::Handlers), Ty::Ref);
                    this.b.none(Op::SetGlobal(Global::Handlers, outer));
                    let mut all = vec![frame];
                    all.extend(args);
                    let call = Op::CallClosure { closure, args: all, results: results.clone() };
                    let values = this.b.emit(call, &results);
                    this.b.none(Op::SetGlobal(Global::Handlers, live));
                    this.b.end(Terminator::Return(values));
                });
            },
        );
    }

    /// No handler is live: the host answers, where there is one.
    fn unhandled(&mut self, effect: &EffectInst, op: &str, args: &[ValueId], ret: VeraTy) {
        if self.lo.has_host(effect) {
            let value = self.host_operation(effect, op, args, ret);
            return self.b.end(Terminator::Return(value.into_iter().collect()));
        }
        let name = self.lo.show_effect(effect);
        let text = format!("`{name}.{op}` was performed without a handler");
        let (message, loc) = (Some(Message(text)), self.b.loc);
        self.b.end(Terminator::Trap { kind: TrapKind::HostError, message, loc });
    }
}

impl Lowerer<'_> {
    /// Place of the value in a frame of `State` or `Exn`.
    pub(super) fn cell(&mut self, effect: &EffectInst) -> Option<(u32, Mem)> {
        let mem = self.repr(effect.args[0]).field()?;
        let (_, slots) = self.frame_shape(0, &[mem]);
        slots.first().copied()
    }

    /// Whether a host answers the effect's operations where no handler does.
    fn has_host(&self, effect: &EffectInst) -> bool {
        self.program.effects[effect.effect.index()].module.is_none()
    }

    /// The `State` instances in a row whose cells start as zero when a host calls.
    pub(super) fn zero_cells(&self, row: &[EffectInst]) -> Vec<EffectInst> {
        row.iter()
            .filter(|e| special(self.program, e.effect) == Special::State)
            .filter(|e| self.types.base_kind(e.args[0]).has_zero())
            .cloned()
            .collect()
    }
}
