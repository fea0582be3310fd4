//! Functions and closures: parameters, entry and exit checks, bodies.

use std::collections::{HashMap, HashSet};

use smol_str::SmolStr;
use vera_builtins::{Lowering, Specified};
use vera_check::typed::{
    self, Body, ClauseKind, EffectInst, ExprId, ExprKind, FnId, LocalId, ModuleId, NarrowSite,
};
use vera_check::types::{Ty as VeraTy, TyKind};
use vera_diagnostics::{FileSpan, Span};

use super::Lowerer;
use super::builder::Builder;
use super::captures::old_cells;
use super::cycles::CycleId;
use super::data::Repr;
use super::families::Families;
use super::live::Live;
use super::unwinding::{ClauseFunction, Scope, StateHandler};
use crate::ir::*;

/// The lowering of one function body.
pub(crate) struct FnLower<'l, 'a> {
    pub lo: &'l mut Lowerer<'a>,
    pub b: Builder,
    pub body: &'a Body,
    pub module: ModuleId,
    /// The function that the code stands in.
    pub owner: Option<FnId>,
    /// What `Param(i)` stands for.
    pub type_args: Vec<VeraTy>,
    /// `None`: the local takes no space.
    pub locals: HashMap<LocalId, Option<ValueId>>,
    /// `@T.result` in a postcondition.
    pub result: Option<ValueId>,
    pub source: SourceFnId,
    /// Where the program calls it, if it is the prelude's: what is wrong with the instance
    /// is wrong there.
    pub called_at: Option<FileSpan>,
    /// How a tail call of the function itself continues: its instance and loop.
    pub self_loop: Option<(FnId, Vec<VeraTy>, LabelId)>,
    /// The slot name of the binding whose value is being lowered.
    pub binding: Option<SmolStr>,
    /// A name for closures of this function in messages.
    pub signature: String,
    pub scope: Scope<'a>,
    /// The families of the effects the code writes; where one is missing, no two fall
    /// together.
    pub families: Families,
    /// What `old` of a cell is, in a postcondition.
    pub old: HashMap<EffectInst, Option<ValueId>>,
    /// The cycle of calls the function lies on, if measures are compared in it, and
    /// the last ones.
    pub cycle: Option<CycleId>,
    pub live: Live,
    /// Closure literals that are applied while this function is live.
    pub immediate: HashSet<ExprId>,
    /// Values being checked come from the host: no constructor checked them.
    pub checks_supplied: bool,
}

impl<'l, 'a> FnLower<'l, 'a> {
    /// Starts the function whose place is reserved, with code from this body.
    pub(super) fn new(
        lo: &'l mut Lowerer<'a>,
        func: FuncId,
        body: &'a Body,
        module: ModuleId,
    ) -> FnLower<'l, 'a> {
        let reserved = &lo.out.funcs[func.index()];
        let (name, source) = (reserved.name.clone(), reserved.source);
        let decl = lo.out.source_fns[source.index()].decl;
        let loc = lo.loc(decl, source);
        FnLower {
            b: Builder::new(name, source, loc),
            lo,
            body,
            module,
            owner: None,
            type_args: Vec::new(),
            locals: HashMap::new(),
            result: None,
            source,
            called_at: None,
            self_loop: None,
            binding: None,
            signature: String::new(),
            scope: Scope::default(),
            families: Families::default(),
            old: HashMap::new(),
            cycle: None,
            live: Live::Published,
            immediate: HashSet::new(),
            checks_supplied: false,
        }
    }
}

/// Lowers an instance of a function into its reserved place.
pub(super) fn lower<'a>(lo: &mut Lowerer<'a>, id: FnId, type_args: Vec<VeraTy>, func: FuncId) {
    let program: &'a typed::Program = lo.program;
    let function = program.function(id);
    let name = &lo.out.funcs[func.index()].name;
    let signature = if function.type_params.is_empty() {
        function.signature.replacen(function.name.as_str(), name, 1)
    } else {
        let name = name.clone();
        instance_signature(lo, &name, function, &type_args)
    };
    let cycle = lo.cycle_of(id, &type_args);
    let called_at = lo.called_at.get(&func).copied();
    let mut this = FnLower {
        type_args: type_args.clone(),
        owner: Some(id),
        signature,
        called_at,
        cycle,
        ..FnLower::new(lo, func, &function.body, function.module)
    };
    this.number_effects(&function.effects);
    let params = this.params(&function.params);
    this.natural(&params);
    this.live = Live::Own(this.measure_params());
    this.results(function.ret);
    let looping = this.calls_itself(id, &type_args, function.result);
    if looping {
        this.looped(id, type_args, function, params);
    } else {
        this.guarded_body(id, function);
    }
    let built = this.b.finish();
    lo.out.funcs[func.index()] = built;
}

/// What stands for the body of a function of the prelude.
fn specified(program: &typed::Program, function: &typed::Function) -> Option<Specified> {
    if !program.is_prelude(function.module) || function.parent.is_some() {
        return None;
    }
    match vera_builtins::function(&function.name)?.lowering {
        Lowering::Specified(body) => Some(body),
        Lowering::Runtime(_) | Lowering::Inline(_) | Lowering::Prelude => None,
    }
}

/// What code that becomes a function of its own keeps of what is around it.
pub(super) struct Surroundings {
    pub captures: Vec<(LocalId, ValueId)>,
    /// It runs while the function around it is live.
    pub live: bool,
    /// Operations in it are written in the bodies of the `State` handlers around.
    pub states: bool,
    /// It is a value of the program, which may be kept and cross to a task.
    pub value: bool,
}

impl<'a> FnLower<'_, 'a> {
    fn params(&mut self, params: &[LocalId]) -> Vec<(LocalId, Option<ValueId>)> {
        let mut out = Vec::new();
        for param in params {
            let ty = self.local_ty(*param);
            let value = self.lo.repr(ty).ty().map(|ty| self.b.param(ty));
            self.locals.insert(*param, value);
            out.push((*param, value));
        }
        out
    }

    /// Callers have guarded the parameters of type `Nat`.
    fn natural(&mut self, params: &[(LocalId, Option<ValueId>)]) {
        for (param, value) in params {
            let ty = self.local_ty(*param);
            if let (TyKind::Nat, Some(value)) = (self.lo.types.kind(ty), value) {
                self.b.func.natural.push(*value);
            }
        }
    }

    fn results(&mut self, ret: VeraTy) {
        let ret = self.subst(ret);
        self.b.func.results = self.lo.repr(ret).ty().into_iter().collect();
    }

    /// A function whose tail calls of itself are jumps.
    fn looped(
        &mut self,
        id: FnId,
        type_args: Vec<VeraTy>,
        function: &'a typed::Function,
        params: Vec<(LocalId, Option<ValueId>)>,
    ) {
        let label = self.b.func.new_label();
        let init: Vec<ValueId> = params.iter().filter_map(|(_, v)| *v).collect();
        let mut bound = Vec::new();
        for (local, value) in &params {
            if let Some(value) = value {
                let ty = self.b.func.ty(*value);
                let fresh = self.b.func.new_value(ty);
                self.locals.insert(*local, Some(fresh));
                bound.push(fresh);
            }
        }
        let mut init = init;
        if let Live::Own(last) = &mut self.live {
            for value in last.iter_mut().flatten() {
                init.push(*value);
                *value = self.b.func.new_value(self.b.func.ty(*value));
                bound.push(*value);
            }
        }
        self.self_loop = Some((id, type_args, label));
        self.b.open();
        self.guarded_body(id, function);
        let body = self.b.close(Vec::new());
        let body = Box::new(body);
        self.b.none(Op::Loop { label, params: bound, init, body });
        self.b.end(Terminator::Unreachable);
    }

    /// Entry checks, the body, exit checks. What the prelude promises, and that it calls
    /// its helpers as they require, is proved by a test of the prover.
    fn guarded_body(&mut self, id: FnId, function: &'a typed::Function) {
        let trusted = self.lo.program.modules[function.module.index()].prelude;
        for param in &function.params {
            if !trusted {
                self.parameter_check(*param);
            }
        }
        for clause in &function.clauses {
            if let ClauseKind::Requires(predicate) = clause.kind
                && !(trusted && function.parent.is_some())
            {
                self.contract("Precondition", "requires", predicate, clause);
            }
        }
        let exit_checks = self.has_exit_checks(function);
        if exit_checks {
            self.remember_cells(function);
        }
        self.measure_check(id, function);
        if let Some(body) = specified(self.lo.program, function) {
            return self.specified(body, function);
        }
        if !exit_checks {
            return self.tail(function.result);
        }
        let result = self.expr(function.result);
        self.result = result;
        self.result_check(function.ret);
        for clause in &function.clauses {
            if let ClauseKind::Ensures(predicate) = clause.kind {
                self.contract("Postcondition", "ensures", predicate, clause);
            }
        }
        self.b.end(Terminator::Return(result.into_iter().collect()));
    }

    fn has_exit_checks(&self, function: &typed::Function) -> bool {
        if self.lo.is_trusted(function) {
            return false;
        }
        let refined = matches!(self.lo.types.kind(function.ret), TyKind::Refined(..));
        refined
            || function.clauses.iter().any(|c| match c.kind {
                ClauseKind::Ensures(e) => !self.is_trivial(e),
                ClauseKind::Requires(_) | ClauseKind::Decreases(_) => false,
            })
    }

    /// Whether a predicate is the literal `true`.
    pub(super) fn is_trivial(&self, predicate: ExprId) -> bool {
        matches!(self.body[predicate].kind, ExprKind::Bool(true))
    }

    /// Whether the body calls this very instance in tail position.
    fn calls_itself(&self, id: FnId, type_args: &[VeraTy], e: ExprId) -> bool {
        let function = self.lo.program.function(id);
        !self.has_exit_checks(function) && self.tail_calls(id, type_args, e)
    }

    fn tail_calls(&self, id: FnId, type_args: &[VeraTy], e: ExprId) -> bool {
        match &self.body[e].kind {
            ExprKind::Call { callee, type_args: args, .. } => {
                // Substituting an instance into itself: identical parameters, or
                // equal closed types.
                *callee == id
                    && args.iter().zip(type_args).all(|(a, own)| match self.lo.types.kind(*a) {
                        TyKind::Param(i, _) => type_args.get(*i as usize) == Some(own),
                        _ => a == own,
                    })
            }
            ExprKind::If { then, otherwise, .. } => {
                self.tail_calls(id, type_args, *then) || self.tail_calls(id, type_args, *otherwise)
            }
            ExprKind::Match { arms, .. } => {
                arms.iter().any(|a| self.tail_calls(id, type_args, a.body))
            }
            ExprKind::Block { result, .. } => self.tail_calls(id, type_args, *result),
            ExprKind::Narrow { value, site: NarrowSite::Return | NarrowSite::Join } => {
                self.tail_calls(id, type_args, *value)
            }
            _ => false,
        }
    }

    /// Whether a value enters the type of the result at an end of this body.
    fn narrows_at_end(&self, e: ExprId) -> bool {
        match &self.body[e].kind {
            ExprKind::Narrow { value, site } => {
                matches!(site, NarrowSite::Return) || self.narrows_at_end(*value)
            }
            ExprKind::If { then, otherwise, .. } => {
                self.narrows_at_end(*then) || self.narrows_at_end(*otherwise)
            }
            ExprKind::Match { arms, .. } => arms.iter().any(|a| self.narrows_at_end(a.body)),
            ExprKind::Block { result, .. } => self.narrows_at_end(*result),
            _ => false,
        }
    }

    /// Makes a function of a closure literal and returns the closure value.
    pub(super) fn closure(&mut self, e: ExprId, params: &[LocalId], result: ExprId) -> ValueId {
        let captures = self.capture(params, &[result]);
        let ty = self.ty(e);
        let TyKind::Fn { params: param_tys, ret, .. } = self.lo.types.base_kind(ty).clone() else {
            unreachable!("a closure has a function type");
        };
        let row = match self.lo.types.base_kind(self.body[e].ty) {
            TyKind::Fn { row, .. } => row.effects.clone(),
            _ => Vec::new(),
        };
        self.lo.closures += 1;
        let name = format!("anon_{}", self.lo.closures);
        let signature = closure_signature(self, &param_tys, ret);
        let live = self.immediate.contains(&e);
        let surroundings = Surroundings { captures, live, states: false, value: !live };
        self.nested(&name, self.body[e].span, surroundings, |this, _| {
            this.signature = signature;
            this.number_effects(&row);
            this.params(params);
            this.b.func.results = this.lo.repr(ret).ty().into_iter().collect();
            for param in params {
                this.closure_parameter_check(*param);
            }
            let refined = matches!(this.lo.types.kind(ret), TyKind::Refined(..));
            if refined && (this.ty(result) != ret || this.narrows_at_end(result)) {
                let result = this.expr(result);
                this.result = result;
                this.result_check(ret);
                this.b.end(Terminator::Return(result.into_iter().collect()));
            } else {
                this.tail(result);
            }
            None
        })
    }

    /// Makes a function of code written in this one and returns a closure of it.
    /// `lower` adds the parameters behind the closure object, and the body; what
    /// it returns tells how to cut a clause in two (see [`super::resume`]).
    pub(super) fn nested(
        &mut self,
        name: &str,
        span: Span,
        surroundings: Surroundings,
        lower: impl FnOnce(&mut FnLower<'_, 'a>, FuncId) -> Option<(ClauseFunction, u32, FuncId)>,
    ) -> ValueId {
        let Surroundings { captures, live, states, value } = surroundings;
        let states: Vec<StateHandler<'a>> =
            self.scope.states.iter().filter(|_| states).cloned().collect();
        let last = match &self.live {
            Live::Own(last) if live => last.clone(),
            Live::Own(_) | Live::Published => Vec::new(),
        };
        let measures = last.iter().flatten().copied();
        let handlers = states.iter().flat_map(|s| [s.frame, s.outer]);
        // What `@T.result` and `old` are, in a postcondition.
        let mut old: Vec<(EffectInst, ValueId)> =
            self.old.iter().filter_map(|(effect, v)| Some((effect.clone(), (*v)?))).collect();
        old.sort_by_key(|(_, v)| v.index());
        let asked = self.result.into_iter().chain(old.iter().map(|(_, v)| *v));
        let captured: Vec<ValueId> = (captures.iter().map(|(_, v)| *v))
            .chain(measures)
            .chain(handlers)
            .chain(asked)
            .collect();
        let mems: Vec<Mem> = captured.iter().map(|v| self.b.func.ty(*v).field()).collect();
        let at = self.at(span);
        let func = self.lo.reserve(format!("{name}${}", self.b.func.name), name.to_owned(), at);
        let contract = self.result.is_some() || !self.old.is_empty();
        let tag = if value && !contract { self.lo.closure_tag() } else { 0 };
        let (layout, slots) = self.lo.closure_shape(tag, &mems);
        let types = captures.iter().map(|(local, _)| self.local_ty(*local)).collect();
        self.lo.describe(tag, func, (layout, slots.clone()), types);
        let mut inner = FnLower {
            type_args: self.type_args.clone(),
            signature: self.signature.clone(),
            families: self.families.clone(),
            called_at: self.called_at,
            owner: self.owner,
            cycle: self.cycle,
            ..FnLower::new(self.lo, func, self.body, self.module)
        };
        inner.b.func.indirect = true;
        let object = inner.b.param(Ty::Ref);
        let mut loads = slots.iter();
        let mut load = |inner: &mut FnLower<'_, 'a>| {
            let (offset, mem) = *loads.next().expect("each captured value has a slot");
            inner.b.one(Op::Load { object, offset, mem }, mem.ty())
        };
        for (local, _) in &captures {
            let value = load(&mut inner);
            inner.locals.insert(*local, Some(value));
        }
        if live && matches!(self.live, Live::Own(_)) {
            let last = last.iter().map(|m| m.iter().map(|_| load(&mut inner)).collect());
            inner.live = Live::Own(last.collect());
        }
        for state in states {
            let (frame, outer) = (load(&mut inner), load(&mut inner));
            inner.scope.states.push(StateHandler { frame, outer, ..state });
        }
        inner.result = self.result.map(|_| load(&mut inner));
        for (effect, _) in old {
            let value = load(&mut inner);
            inner.old.insert(effect, Some(value));
        }
        let cut = lower(&mut inner, func);
        let mut built = inner.b.finish();
        if let Some((function, list, place)) = cut {
            built = super::resume::cut(self.lo, &built, &function, list, place);
        }
        self.lo.out.funcs[func.index()] = built;
        if captured.is_empty() {
            let object = self.lo.static_(Static::Closure(func));
            return self.b.constant(Const::Static(object));
        }
        let captures =
            captured.iter().zip(slots).map(|(v, (offset, mem))| (offset, mem, *v)).collect();
        self.b.one(Op::MakeClosure { layout, func, captures }, Ty::Ref)
    }

    /// Reads the cells whose content at entry a postcondition asks for.
    fn remember_cells(&mut self, function: &typed::Function) {
        for clause in &function.clauses {
            let ClauseKind::Ensures(predicate) = clause.kind else { continue };
            let mut asked = Vec::new();
            old_cells(self.body, predicate, &mut asked);
            for effect in asked {
                if !self.old.contains_key(&effect) {
                    let value = self.cell_value(&effect);
                    self.old.insert(effect, value);
                }
            }
        }
    }

    pub(super) fn local_ty(&mut self, local: LocalId) -> VeraTy {
        let ty = self.body[local].ty;
        self.subst(ty)
    }

    pub(super) fn subst(&mut self, ty: VeraTy) -> VeraTy {
        self.lo.types.subst(ty, &self.type_args)
    }

    /// The monomorphic type of an expression.
    pub(super) fn ty(&mut self, e: ExprId) -> VeraTy {
        let ty = self.body[e].ty;
        self.subst(ty)
    }

    pub(super) fn repr_of(&mut self, e: ExprId) -> Repr {
        let ty = self.ty(e);
        self.lo.repr(ty)
    }

    pub(super) fn at(&self, span: Span) -> FileSpan {
        self.lo.at(self.module, span)
    }

    /// Lets the instructions emitted next come from `span`; returns the place
    /// they came from before.
    pub(super) fn place(&mut self, span: Span) -> LocId {
        let at = self.at(span);
        let loc = self.lo.loc(at, self.source);
        std::mem::replace(&mut self.b.loc, loc)
    }

    /// 1-based line of a place.
    pub(super) fn line(&self, span: Span) -> u32 {
        let at = self.at(span);
        self.lo.sources.get(at.file).line_col(at.span.start).line
    }
}

/// `idt$String(@String -> @String)`
fn instance_signature(
    lo: &mut Lowerer<'_>,
    name: &str,
    function: &typed::Function,
    type_args: &[VeraTy],
) -> String {
    let mut shown = |ty: VeraTy| {
        let ty = lo.types.subst(ty, type_args);
        format!("@{}", lo.show(ty))
    };
    let params: Vec<String> = function.params.iter().map(|p| shown(function.body[*p].ty)).collect();
    format!("{name}({} -> {})", params.join(", "), shown(function.ret))
}

/// `fn(@Int -> @Bool)`
fn closure_signature(this: &mut FnLower<'_, '_>, params: &[VeraTy], ret: VeraTy) -> String {
    let shown = |ty: VeraTy| format!("@{}", this.lo.show(ty));
    let params: Vec<String> = params.iter().map(|p| shown(*p)).collect();
    format!("fn({} -> {})", params.join(", "), shown(ret))
}
