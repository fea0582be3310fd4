//! Functions and closures: parameters, entry and exit checks, bodies.

use std::collections::{HashMap, HashSet};

use smol_str::SmolStr;
use vera_check::typed::{
    self, Body, ClauseKind, ExprId, ExprKind, FnId, LocalId, ModuleId, NarrowSite, Stmt,
};
use vera_check::types::{Ty as VeraTy, TyKind};
use vera_diagnostics::{FileSpan, Span};

use super::Lowerer;
use super::builder::Builder;
use super::data::Repr;
use crate::ir::*;

/// The lowering of one function body.
pub(crate) struct FnLower<'l, 'a> {
    pub lo: &'l mut Lowerer<'a>,
    pub b: Builder,
    pub body: &'a Body,
    pub module: ModuleId,
    /// What `Param(i)` stands for.
    pub type_args: Vec<VeraTy>,
    /// `None`: the local takes no space.
    pub locals: HashMap<LocalId, Option<ValueId>>,
    /// `@T.result` in a postcondition.
    pub result: Option<ValueId>,
    pub source: SourceFnId,
    /// How a tail call of the function itself continues: its instance and loop.
    pub self_loop: Option<(FnId, Vec<VeraTy>, LabelId)>,
    /// The slot name of the binding whose value is being lowered.
    pub binding: Option<SmolStr>,
    /// A name for closures of this function in messages.
    pub signature: String,
}

/// Lowers an instance of a function into its reserved place.
pub(super) fn lower<'a>(lo: &mut Lowerer<'a>, id: FnId, type_args: Vec<VeraTy>, func: FuncId) {
    let program: &'a typed::Program = lo.program;
    let function = program.function(id);
    let reserved = &lo.out.funcs[func.index()];
    let (name, source) = (reserved.name.clone(), reserved.source);
    let decl = lo.at(function.module, function.span);
    let loc = lo.loc(decl, source);
    let signature = if function.type_params.is_empty() {
        function.signature.replacen(function.name.as_str(), &name, 1)
    } else {
        instance_signature(lo, &name, function, &type_args)
    };
    let mut this = FnLower {
        b: Builder::new(name, source, loc),
        lo,
        body: &function.body,
        module: function.module,
        type_args: type_args.clone(),
        locals: HashMap::new(),
        result: None,
        source,
        self_loop: None,
        binding: None,
        signature,
    };
    let params = this.params(&function.params);
    this.results(function.ret);
    let looping = this.calls_itself(id, &type_args, function.result);
    if looping {
        this.looped(id, type_args, function, params);
    } else {
        this.guarded_body(function);
    }
    let built = this.b.finish();
    lo.out.funcs[func.index()] = built;
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
        self.self_loop = Some((id, type_args, label));
        self.b.open();
        self.guarded_body(function);
        let body = self.b.close(Vec::new());
        let body = Box::new(body);
        self.b.none(Op::Loop { label, params: bound, init, body });
        self.b.end(Terminator::Unreachable);
    }

    /// Entry checks, the body, exit checks.
    fn guarded_body(&mut self, function: &'a typed::Function) {
        let trusted = self.lo.program.modules[function.module.index()].prelude;
        for param in &function.params {
            if !trusted {
                self.parameter_check(*param);
            }
        }
        for clause in &function.clauses {
            if let ClauseKind::Requires(predicate) = clause.kind {
                self.contract("Precondition", "requires", predicate, clause);
            }
        }
        if !self.has_exit_checks(function) {
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

    /// Makes a function of a closure literal and returns the closure value.
    pub(super) fn closure(&mut self, e: ExprId, params: &[LocalId], result: ExprId) -> ValueId {
        let captured = self.captures(params, result);
        let captures: Vec<(LocalId, ValueId)> = captured
            .into_iter()
            .filter_map(|l| self.locals.get(&l).copied().flatten().map(|v| (l, v)))
            .collect();
        let mems: Vec<Mem> = captures
            .iter()
            .map(|(l, _)| {
                let ty = self.local_ty(*l);
                self.lo.repr(ty).field().expect("a captured value takes space")
            })
            .collect();
        let ty = self.ty(e);
        let TyKind::Fn { params: param_tys, ret, .. } = self.lo.types.base_kind(ty).clone() else {
            unreachable!("a closure has a function type");
        };
        let at = self.at(self.body[e].span);
        self.lo.closures += 1;
        let name = format!("anon_{}", self.lo.closures);
        let func = self.lo.reserve(format!("{name}${}", self.b.func.name), name, at);
        let (layout, slots) = self.lo.closure_shape(&mems);
        let signature = closure_signature(self, &param_tys, ret);
        let source = self.lo.out.funcs[func.index()].source;
        let loc = self.lo.loc(at, source);
        let mut inner = FnLower {
            b: Builder::new(self.lo.out.funcs[func.index()].name.clone(), source, loc),
            lo: self.lo,
            body: self.body,
            module: self.module,
            type_args: self.type_args.clone(),
            locals: HashMap::new(),
            result: None,
            source,
            self_loop: None,
            binding: None,
            signature,
        };
        inner.b.func.indirect = true;
        let object = inner.b.param(Ty::Ref);
        inner.params(params);
        inner.b.func.results = inner.lo.repr(ret).ty().into_iter().collect();
        for ((local, _), (offset, mem)) in captures.iter().zip(&slots) {
            let load = Op::Load { object, offset: *offset, mem: *mem };
            let value = inner.b.one(load, mem.ty());
            inner.locals.insert(*local, Some(value));
        }
        for param in params {
            inner.parameter_check(*param);
        }
        if matches!(inner.lo.types.kind(ret), TyKind::Refined(..)) {
            let result = inner.expr(result);
            inner.result = result;
            inner.result_check(ret);
            inner.b.end(Terminator::Return(result.into_iter().collect()));
        } else {
            inner.tail(result);
        }
        let built = inner.b.finish();
        self.lo.out.funcs[func.index()] = built;
        if captures.is_empty() {
            let object = self.lo.static_(Static::Closure(func));
            return self.b.constant(Const::Static(object));
        }
        let captures =
            captures.iter().zip(slots).map(|((_, v), (offset, mem))| (offset, mem, *v)).collect();
        self.b.one(Op::MakeClosure { layout, func, captures }, Ty::Ref)
    }

    /// The bindings a closure body uses from around it, in order of first use.
    fn captures(&self, params: &[LocalId], result: ExprId) -> Vec<LocalId> {
        let mut free =
            Free { body: self.body, own: params.iter().copied().collect(), found: Vec::new() };
        free.expr(result);
        free.found.retain(|l| !free.own.contains(l));
        free.found
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
        with_sigils(&format!("@{}", lo.show(ty)))
    };
    let params: Vec<String> = function.params.iter().map(|p| shown(function.body[*p].ty)).collect();
    format!("{name}({} -> {})", params.join(", "), shown(function.ret))
}

/// Repeats the sigil inside type arguments: `@Array<Int>` is `@Array<@Int>`.
pub(super) fn with_sigils(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut depth = 0u32;
    let mut chars = text.chars().peekable();
    let mut before = ' ';
    let mut in_type = false;
    while let Some(c) = chars.next() {
        out.push(c);
        match c {
            '@' => in_type = true,
            '<' if in_type && before.is_alphanumeric() => {
                depth += 1;
                if chars.peek().is_some_and(char::is_ascii_uppercase) {
                    out.push('@');
                }
            }
            '>' if depth > 0 => depth -= 1,
            ' ' if depth > 0
                && before == ','
                && chars.peek().is_some_and(char::is_ascii_uppercase) =>
            {
                out.push('@');
            }
            c if depth == 0 && !c.is_alphanumeric() => in_type = false,
            _ => {}
        }
        before = c;
    }
    out
}

/// `fn(@Int -> @Bool)`
fn closure_signature(this: &mut FnLower<'_, '_>, params: &[VeraTy], ret: VeraTy) -> String {
    let params: Vec<String> = params.iter().map(|p| format!("@{}", this.lo.show(*p))).collect();
    format!("fn({} -> @{})", params.join(", "), this.lo.show(ret))
}

/// The walk that finds free bindings.
struct Free<'a> {
    body: &'a Body,
    own: HashSet<LocalId>,
    found: Vec<LocalId>,
}

impl Free<'_> {
    fn all(&mut self, exprs: &[ExprId]) {
        exprs.iter().for_each(|e| self.expr(*e));
    }

    fn bind(&mut self, pattern: &typed::Pattern) {
        use typed::PatternKind;
        match &pattern.kind {
            PatternKind::Bind(local) => {
                self.own.insert(*local);
            }
            PatternKind::Ctor { args, .. } | PatternKind::Tuple(args) => {
                args.iter().for_each(|p| self.bind(p))
            }
            PatternKind::Wildcard
            | PatternKind::Int(_)
            | PatternKind::Str(_)
            | PatternKind::Bool(_) => {}
        }
    }

    fn expr(&mut self, e: ExprId) {
        match &self.body[e].kind {
            ExprKind::Local(local) => {
                if !self.found.contains(local) {
                    self.found.push(*local);
                }
            }
            ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Str(_)
            | ExprKind::Bool(_)
            | ExprKind::Unit
            | ExprKind::Hole
            | ExprKind::Result
            | ExprKind::Old(_)
            | ExprKind::New(_) => {}
            ExprKind::Interpolate(es) | ExprKind::Array(es) | ExprKind::Tuple(es) => self.all(es),
            ExprKind::Unary { operand, .. } => self.expr(*operand),
            ExprKind::Binary { left, right, .. } => self.all(&[*left, *right]),
            ExprKind::Index { array, index } => self.all(&[*array, *index]),
            ExprKind::Call { args, .. }
            | ExprKind::Builtin { args, .. }
            | ExprKind::AbilityOp { args, .. }
            | ExprKind::Construct { args, .. }
            | ExprKind::Perform { args, .. } => self.all(args),
            ExprKind::Apply { function, args } => {
                self.expr(*function);
                self.all(args);
            }
            ExprKind::Closure { params, body } => {
                self.own.extend(params);
                self.expr(*body);
            }
            ExprKind::If { cond, then, otherwise } => self.all(&[*cond, *then, *otherwise]),
            ExprKind::Match { scrutinee, arms } => {
                self.expr(*scrutinee);
                for arm in arms {
                    self.bind(&arm.pattern);
                    self.expr(arm.body);
                }
            }
            ExprKind::Block { stmts, result } => {
                for stmt in stmts {
                    match stmt {
                        Stmt::Let { local, value } => {
                            self.expr(*value);
                            self.own.insert(*local);
                        }
                        Stmt::Destructure { pattern, value } => {
                            self.expr(*value);
                            self.bind(pattern);
                        }
                        Stmt::Expr(e) => self.expr(*e),
                    }
                }
                self.expr(*result);
            }
            ExprKind::Handle(handle) => {
                if let Some((_, init)) = handle.state {
                    self.expr(init);
                }
                for clause in &handle.clauses {
                    self.own.extend(&clause.params);
                    self.own.extend(clause.state);
                    self.expr(clause.body);
                    clause.update.into_iter().for_each(|u| self.expr(u));
                }
                self.expr(handle.body);
            }
            ExprKind::Resume(e) | ExprKind::Assume(e) => self.expr(*e),
            ExprKind::Assert { predicate, .. } => self.expr(*predicate),
            ExprKind::Quantifier { bound, predicate, .. } => self.all(&[*bound, *predicate]),
            ExprKind::Narrow { value, .. } => self.expr(*value),
        }
    }
}
