//! Types of bodies, contracts and refinement predicates: one [`Infer`] for each
//! function or predicate, which walks the tree once and writes the typed body.

mod calls;
mod closures;
mod constructors;
mod control;
mod effects;
mod expressions;
mod futures;
mod generics;
mod handlers;
mod never;
mod operators;
mod patterns;
mod resumes;
mod sql;
mod unify;

use std::collections::HashMap;
use std::sync::Arc;

use smol_str::SmolStr;
use vera_diagnostics::{Diagnostic, FileSpan, Span};
use vera_syntax::{ast, print};

use self::effects::Frame;
use self::unify::Meta;
use crate::context::{Context, SpecSource};
use crate::diagnostics::repairs::WrittenRow;
use crate::diagnostics::{contracts as report, types};
use crate::resolve::{self, TypeScope};
use crate::typed::{
    Body, Clause, ClauseKind, EffectId, ExprId, FnId, Local, LocalId, ModuleId, NarrowSite,
    RefinementId, Scope, ScopeId,
};
use crate::types::{Printer, Ty, TyKind, for_each_refinement};

/// The state of one walk.
pub(crate) struct Infer<'a> {
    pub(crate) ctx: &'a mut Context,
    tree: &'a ast::Program,
    module: ModuleId,
    types: TypeScope,
    owner: Owner,
    body: Body,
    /// Bindings in scope, innermost last.
    slots: Vec<(SmolStr, LocalId)>,
    /// For each of these, it and those before.
    scopes: Vec<ScopeId>,
    metas: Vec<Meta>,
    /// Variables in the order they were solved.
    trail: Vec<u32>,
    /// The innermost function or closure being walked.
    frame: Frame,
    /// `@T.result` is allowed: its slot name and type.
    result: Option<(SmolStr, Ty)>,
    /// `old` and `new` are allowed.
    in_ensures: bool,
    /// Calls are made by a contract, not by a body.
    specification: bool,
    /// What is walked is stated by a `requires`, `ensures`, `assert` or `assume`.
    stated: bool,
    /// Integer literals compared with a `Byte` are `Byte`s.
    byte_literals: bool,
    /// Literals whose width is open: the typed expression and its digits.
    open_literals: Vec<(ExprId, SmolStr)>,
    /// Effects performed so far, in order; `None` for a call of an unknown function.
    effect_log: Vec<Option<EffectId>>,
    /// What `let`s bind, as far as the rules on SQL texts ask.
    let_values: HashMap<LocalId, ExprId>,
    /// The `match` being walked has an arm that matches everything.
    has_catch_all: bool,
    /// The pattern being walked has a faulty part.
    faulty_pattern: bool,
}

/// Whose calls are recorded.
#[derive(Clone, Copy)]
enum Owner {
    Fn(FnId),
    Refinement(RefinementId),
}

impl<'a> Infer<'a> {
    fn new(
        ctx: &'a mut Context,
        tree: &'a ast::Program,
        module: ModuleId,
        params: Vec<SmolStr>,
        owner: Owner,
    ) -> Infer<'a> {
        Infer {
            ctx,
            tree,
            module,
            types: TypeScope::new(module, params),
            owner,
            body: Body::default(),
            slots: Vec::new(),
            scopes: Vec::new(),
            metas: Vec::new(),
            trail: Vec::new(),
            frame: Frame::predicate(),
            result: None,
            in_ensures: false,
            specification: false,
            stated: false,
            byte_literals: false,
            open_literals: Vec::new(),
            effect_log: Vec::new(),
            let_values: HashMap::new(),
            has_catch_all: false,
            faulty_pattern: false,
        }
    }

    fn at(&self, span: Span) -> FileSpan {
        self.ctx.at(self.module, span)
    }

    /// The type as messages print it; of integer literals, `Int`.
    fn show(&mut self, ty: Ty) -> String {
        let ty = self.literals_as_int(ty);
        self.ctx.show(ty)
    }

    fn resolve_type(&mut self, ty: ast::TypeId) -> Ty {
        resolve::resolve(self.ctx, &mut self.types, ty)
    }

    fn slot_name(&mut self, ty: ast::TypeId) -> SmolStr {
        let at_reference = std::mem::replace(&mut self.types.at_reference, true);
        let name = resolve::slot_name(self.ctx, &mut self.types, ty);
        self.types.at_reference = at_reference;
        name
    }

    /// A new binding, visible from here on.
    fn bind(&mut self, slot: SmolStr, ty: Ty, span: Span) -> LocalId {
        let id = LocalId(self.body.locals.len() as u32);
        self.body.locals.push(Local { slot: slot.clone(), ty, span });
        self.enter(slot, id);
        id
    }

    /// Makes a binding visible.
    fn enter(&mut self, slot: SmolStr, local: LocalId) {
        let outer = self.scope();
        self.body.scopes.push(Scope { outer, local });
        self.scopes.push(ScopeId(self.body.scopes.len() as u32));
        self.slots.push((slot, local));
    }

    /// Only the first `depth` bindings stay visible.
    fn leave(&mut self, depth: usize) {
        self.slots.truncate(depth);
        self.scopes.truncate(depth);
    }

    /// What is in scope here.
    fn scope(&self) -> ScopeId {
        self.scopes.last().copied().unwrap_or(ScopeId(0))
    }

    /// A new binding of a written type.
    fn bind_written(&mut self, ty: ast::TypeId) -> LocalId {
        let resolved = self.resolve_type(ty);
        let slot = self.slot_name(ty);
        self.bind(slot, resolved, self.tree.nodes[ty].span)
    }

    /// Runs `inner` with its bindings dropped afterwards.
    fn scoped<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> T {
        let depth = self.slots.len();
        let out = inner(self);
        self.leave(depth);
        out
    }

    fn note_call(&mut self, callee: FnId, at: FileSpan) {
        // The call graph is that of a file; imports form no cycles.
        if self.ctx.program.function(callee).module != self.module {
            return;
        }
        match self.owner {
            Owner::Fn(id) if !self.specification => {
                self.ctx.body_calls[id.index()].push(callee);
            }
            Owner::Fn(id) => self.ctx.spec_calls.push((SpecSource::Fn(id), callee, at)),
            Owner::Refinement(id) => {
                self.ctx.spec_calls.push((SpecSource::Refinement(id), callee, at));
            }
        }
    }

    /// Literals left open are `Int`; a `Byte` literal must fit.
    fn check_open_literals(&mut self) {
        for (e, digits) in std::mem::take(&mut self.open_literals) {
            let ty = self.closed(self.body[e].ty);
            self.literal_range(&digits, ty, self.body[e].span);
        }
    }
}

/// Checks a function: clauses, then body. Fills its typed body.
pub(crate) fn function(ctx: &mut Context, id: FnId) {
    let source = ctx.fn_sources[id.index()].clone();
    if source.skip_body {
        return;
    }
    let tree = Arc::clone(&ctx.trees[source.module.index()]);
    let decl = source.decl(&tree);
    let params = ctx.program.function(id).type_params.iter().map(|p| p.name.clone()).collect();
    let body = std::mem::take(&mut ctx.program.fns[id.index()].body);
    let (ret, effects) = {
        let f = ctx.program.function(id);
        (f.ret, f.effects.clone())
    };
    let mut infer = Infer::new(ctx, &tree, source.module, params, Owner::Fn(id));
    infer.body = body;
    for i in 0..infer.body.locals.len() {
        infer.enter(infer.body.locals[i].slot.clone(), LocalId(i as u32));
    }
    let clauses = infer.clauses(decl, ret);
    infer.frame = Frame::of_row(effects, Some(decl.effects.span));
    infer.specification = false;
    infer.stated = false;
    let result = infer.scoped(|this| this.block(&decl.body, Some(ret)));
    let result = match infer.coerce(result, ret, NarrowSite::Return) {
        Some(e) => e,
        None => {
            let found = infer.ty(result);
            let (want, found) = (infer.show(ret), infer.show(found));
            // The report stands where the body's contents begin.
            let first = decl.body.stmts.first().map(|s| s.span);
            let at = infer.at(first.unwrap_or(infer.tree.nodes[decl.body.result].span));
            infer.ctx.report(types::body_mismatch(at, &decl.name.text, &want, &found));
            result
        }
    };
    let effects = std::mem::replace(&mut infer.frame, Frame::predicate());
    if infer.ctx.entry_point == Some(id) {
        infer.unhandled_effects(decl, &effects);
    }
    if let Some(performed) = effects.undeclared() {
        let names = infer.effect_names(performed);
        let at = infer.at(decl.span);
        let row = WrittenRow { at: infer.at(decl.effects.span), pure: true };
        infer.ctx.report(report::pure_function_performs(at, &decl.name.text, &names, row));
    }
    infer.check_open_literals();
    infer.close_body();
    let mut body = std::mem::take(&mut infer.body);
    for clause in &clauses {
        match clause.kind {
            ClauseKind::Requires(e) | ClauseKind::Ensures(e) => {
                never::vacuous(&infer.ctx.program.types, &mut body, e);
            }
            ClauseKind::Decreases(_) => {}
        }
    }
    let mut refinements = std::mem::take(&mut infer.types.refinements);
    for local in &body.locals {
        for_each_refinement(&ctx.program.types, local.ty, &mut |id| refinements.push(id));
    }
    ctx.fn_refinements[id.index()].extend(refinements);
    let function = &mut ctx.program.fns[id.index()];
    function.body = body;
    function.clauses = clauses;
    function.result = result;
}

impl Infer<'_> {
    fn clauses(&mut self, decl: &ast::FnDecl, ret: Ty) -> Vec<Clause> {
        self.specification = true;
        self.stated = true;
        let nodes = &self.tree.nodes;
        let mut clauses = Vec::new();
        for clause in &decl.clauses {
            let (kind, text) = match &clause.kind {
                ast::ClauseKind::Requires(e) => {
                    let predicate = self.predicate(*e, report::requires_not_bool);
                    (ClauseKind::Requires(predicate), print::expr(nodes, *e))
                }
                ast::ClauseKind::Ensures(e) => {
                    let slot = self.slot_name(decl.ret);
                    self.result = Some((slot, ret));
                    self.in_ensures = true;
                    let predicate = self.predicate(*e, report::ensures_not_bool);
                    self.result = None;
                    self.in_ensures = false;
                    (ClauseKind::Ensures(predicate), print::expr(nodes, *e))
                }
                ast::ClauseKind::Decreases(components) => {
                    let texts: Vec<String> =
                        components.iter().map(|e| print::expr(nodes, *e)).collect();
                    let components = components.iter().map(|e| self.measure(*e)).collect();
                    (ClauseKind::Decreases(components), texts.join(", "))
                }
            };
            clauses.push(Clause { kind, span: clause.span, text });
        }
        clauses
    }

    /// A pure expression of type `Bool`.
    fn predicate(&mut self, e: ast::ExprId, not_bool: NotBool) -> ExprId {
        let frame = std::mem::replace(&mut self.frame, Frame::predicate());
        let typed = self.scoped(|this| this.expr(e, Some(Ty::BOOL)));
        self.frame = frame;
        let found = self.ty(typed);
        if !self.subtype(found, Ty::BOOL) {
            let (at, shown) = (self.at(self.tree.nodes[e].span), self.show(found));
            self.ctx.report(not_bool(at, &shown));
        }
        typed
    }

    fn measure(&mut self, e: ast::ExprId) -> ExprId {
        self.frame = Frame::predicate();
        let typed = self.scoped(|this| this.expr(e, None));
        let ty = self.ty(typed);
        let ty = self.settle(ty);
        let measurable = match self.shape(ty) {
            TyKind::Int | TyKind::Nat | TyKind::Data(..) | TyKind::Unknown | TyKind::Never => true,
            TyKind::Byte
            | TyKind::Bool
            | TyKind::Float64
            | TyKind::String
            | TyKind::Unit
            | TyKind::Decimal
            | TyKind::Array(_)
            | TyKind::Set(_)
            | TyKind::Map(..)
            | TyKind::Future(_)
            | TyKind::Tuple(_)
            | TyKind::Fn { .. }
            | TyKind::Refined(..)
            | TyKind::Param(..)
            | TyKind::Meta(_)
            | TyKind::Undeclared(_) => false,
        };
        if !measurable {
            let (at, shown) = (self.at(self.tree.nodes[e].span), self.show(ty));
            self.ctx.report(report::measure_type(at, &shown));
        }
        typed
    }
}

/// Checks the predicate of a written refinement.
pub(crate) fn refinement(
    ctx: &mut Context,
    id: RefinementId,
    params: Vec<SmolStr>,
    written: ast::TypeId,
) {
    let tree = Arc::clone(&ctx.trees[ctx.program.refinements[id.index()].module.index()]);
    let ast::TypeKind::Refined { base, predicate } = tree.nodes[written].kind else {
        unreachable!("a refinement is written as one");
    };
    let mut infer = Infer::of_refinement(ctx, &tree, id, params);
    let slot = infer.slot_name(base);
    let predicate = (predicate, report::refinement_not_bool as NotBool);
    infer.member(id, slot, tree.nodes[base].span, predicate);
}

/// Checks the invariant of a data type. The value is in scope as a slot of the type
/// as its declaration writes it.
pub(crate) fn invariant(ctx: &mut Context, id: RefinementId, predicate: ast::ExprId) {
    let refinement = &ctx.program.refinements[id.index()];
    let (module, span, base) = (refinement.module, refinement.span, refinement.base);
    let TyKind::Data(data, _) = *ctx.program.types.kind(base) else {
        unreachable!("data types have invariants");
    };
    let tree = Arc::clone(&ctx.trees[module.index()]);
    let params = ctx.program.data(data).params.clone();
    let slot = Printer::slot(&ctx.program).ty(base).into();
    let infer = Infer::of_refinement(ctx, &tree, id, params);
    infer.member(id, slot, span, (predicate, report::invariant_not_bool));
}

/// Reports a predicate of another type.
type NotBool = fn(FileSpan, &str) -> Diagnostic;

impl<'a> Infer<'a> {
    fn of_refinement(
        ctx: &'a mut Context,
        tree: &'a ast::Program,
        id: RefinementId,
        params: Vec<SmolStr>,
    ) -> Infer<'a> {
        let module = ctx.program.refinements[id.index()].module;
        let mut infer = Infer::new(ctx, tree, module, params, Owner::Refinement(id));
        infer.specification = true;
        infer
    }

    /// Checks the predicate over a value of the refinement's base.
    fn member(
        mut self,
        id: RefinementId,
        slot: SmolStr,
        span: Span,
        (predicate, not_bool): (ast::ExprId, NotBool),
    ) {
        let base = self.ctx.program.refinements[id.index()].base;
        self.byte_literals = matches!(self.shape(base), TyKind::Byte);
        let binder = self.bind(slot, base, span);
        let predicate = self.predicate(predicate, not_bool);
        self.check_open_literals();
        self.close_body();
        never::vacuous(&self.ctx.program.types, &mut self.body, predicate);
        let refinement = &mut self.ctx.program.refinements[id.index()];
        refinement.binder = binder;
        refinement.body = self.body;
        refinement.predicate = predicate;
    }
}
