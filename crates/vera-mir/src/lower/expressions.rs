//! Expressions in value and in tail position.

use smol_str::SmolStr;
use vera_abi::runtime::RtFn;
use vera_abi::trap::TrapKind;
use vera_check::typed::{Body, DataId, ExprId, ExprKind, NarrowSite, Quantifier, Stmt};
use vera_check::types::{Ty as VeraTy, TyKind};
use vera_diagnostics::Span;

use super::data::Repr;
use super::functions::FnLower;
use crate::ir::*;

/// So many parts of an interpolation are joined at once.
const JOINED_AT_ONCE: usize = 32;

impl<'a> FnLower<'_, 'a> {
    /// The value of an expression that takes space. After code that never
    /// returns it is a value nothing defines, in a region that has ended.
    pub(super) fn value(&mut self, e: ExprId) -> ValueId {
        match self.expr(e) {
            Some(value) => value,
            None => {
                debug_assert!(self.b.ended(), "only unreachable code has no value");
                let ty = self.repr_of(e).ty().unwrap_or(Ty::I32);
                self.b.func.new_value(ty)
            }
        }
    }

    /// Evaluates an expression; `None` when its value takes no space.
    pub(super) fn expr(&mut self, e: ExprId) -> Option<ValueId> {
        let body: &'a Body = self.body;
        let expr = &body[e];
        match &expr.kind {
            ExprKind::Int(value) => Some(match self.repr_of(e) {
                Repr::Byte => self.b.i32(*value as i32),
                _ => self.b.i64(*value),
            }),
            ExprKind::Float(value) => Some(self.b.constant(Const::F64(value.to_bits()))),
            ExprKind::Str(text) => Some(self.string(text)),
            ExprKind::Bool(value) => Some(self.b.i32(i32::from(*value))),
            ExprKind::Unit => None,
            ExprKind::Hole => unreachable!("programs with holes are not lowered"),
            ExprKind::Local(local) => {
                let ty = self.ty(e);
                if self.never_returns(ty) {
                    // There is no such value, so control does not come here.
                    self.b.end(Terminator::Unreachable);
                }
                self.locals[local]
            }
            ExprKind::Result => self.result,
            ExprKind::Interpolate(parts) => Some(self.interpolate(parts)),
            ExprKind::Array(items) => Some(self.array_literal(e, items)),
            ExprKind::Unary { op, operand } => self.placed(e, |this| this.unary(*op, *operand)),
            ExprKind::Binary { op, left, right } => {
                self.placed(e, |this| Some(this.binary(*op, *left, *right, e)))
            }
            ExprKind::Index { array, index } => {
                self.placed(e, |this| this.index(e, *array, *index))
            }
            ExprKind::Call { callee, type_args, args } => {
                self.placed(e, |this| this.call(*callee, type_args, args))
            }
            ExprKind::Builtin { function, args, .. } => {
                self.applied_here(args);
                let mut renaming = Vec::new();
                for arg in args {
                    renaming.extend(self.renaming_of_type(self.body[*arg].ty));
                }
                let lower = |this: &mut Self| {
                    this.renamed(renaming, |this| {
                        this.placed(e, |this| this.builtin(*function, args, e))
                    })
                };
                if self.given_functions(args) { self.publishing(lower) } else { lower(self) }
            }
            ExprKind::Apply { function, args } => {
                self.placed(e, |this| this.apply(*function, args))
            }
            ExprKind::AbilityOp { ability, args } => {
                self.placed(e, |this| Some(this.ability(*ability, args)))
            }
            ExprKind::Construct { data, ctor, args } => {
                self.placed(e, |this| Some(this.construct(e, *data, *ctor, args)))
            }
            ExprKind::Tuple(args) => {
                let ty = self.ty(e);
                let TyKind::Tuple(parts) = self.lo.types.base_kind(ty).clone() else {
                    unreachable!("a tuple has a tuple type");
                };
                let shape = self.lo.object_shape(0, parts);
                self.placed(e, |this| Some(this.object(0, &shape, args, &[])))
            }
            ExprKind::Perform { effect, op, args } => {
                self.placed(e, |this| this.perform(effect, *op, args))
            }
            ExprKind::Closure { params, body } => Some(self.closure(e, params, *body)),
            ExprKind::If { cond, then, otherwise } => self.if_(e, *cond, *then, *otherwise),
            ExprKind::Match { scrutinee, arms } => self.match_(e, *scrutinee, arms, false),
            ExprKind::Block { stmts, result } => {
                self.stmts(stmts);
                self.expr(*result)
            }
            ExprKind::Assert { predicate, text } => {
                let holds = self.value(*predicate);
                let line = self.line(expr.span);
                let message = format!("Assertion failed (line {line}): assert({text})");
                let before = self.place(expr.span);
                self.explain(holds, *predicate);
                self.b.guard(holds, TrapKind::AssertionFailed, Some(message));
                self.b.loc = before;
                None
            }
            ExprKind::Assume(_) => None,
            ExprKind::Quantifier { kind, index_ty, bound, predicate } => {
                Some(self.quantifier(*kind, *index_ty, *bound, *predicate))
            }
            ExprKind::Narrow { value, site } => self.narrow(e, *value, site),
            ExprKind::Handle(handle) => self.placed(e, |this| this.handle(e, handle)),
            ExprKind::Resume(value) => self.placed(e, |this| this.resume(e, *value)),
            ExprKind::Old(effect) => self.old.get(effect).copied().flatten(),
            ExprKind::New(effect) => self.placed(e, |this| this.cell_value(effect)),
        }
    }

    /// Runs `lower` with instructions placed at the expression.
    pub(super) fn placed<T>(&mut self, e: ExprId, lower: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.place(self.body[e].span);
        let out = lower(self);
        self.b.loc = before;
        out
    }

    /// Reports a construct without code; what follows is unreachable.
    pub(super) fn not_yet(&mut self, e: ExprId, what: &str) -> Option<ValueId> {
        let at = self.at(self.body[e].span);
        self.lo.unsupported(at, what);
        self.b.end(Terminator::Unreachable);
        None
    }

    pub(super) fn string(&mut self, text: &str) -> ValueId {
        let id = self.lo.static_(Static::String(text.as_bytes().to_vec()));
        self.b.constant(Const::Static(id))
    }

    pub(super) fn stmts(&mut self, stmts: &[Stmt]) {
        for stmt in stmts {
            match stmt {
                Stmt::Let { local, value } => {
                    self.binding = Some(self.body[*local].slot.clone());
                    let value = self.expr(*value);
                    self.binding = None;
                    let value = self.defined(*local, value);
                    self.locals.insert(*local, value);
                }
                Stmt::Destructure { pattern, value } => {
                    let value = self.expr(*value);
                    self.destructure(pattern, value);
                }
                Stmt::Expr(e) => {
                    self.expr(*e);
                }
            }
        }
    }

    /// A local's value, also where its definition is unreachable.
    pub(super) fn defined(
        &mut self,
        local: vera_check::typed::LocalId,
        value: Option<ValueId>,
    ) -> Option<ValueId> {
        let ty = self.local_ty(local);
        let ty = self.lo.repr(ty).ty()?;
        Some(value.unwrap_or_else(|| self.b.func.new_value(ty)))
    }

    /// An expression whose value the function returns. Ends the region.
    pub(super) fn tail(&mut self, e: ExprId) {
        let body = self.body;
        let expr = &body[e];
        match &expr.kind {
            ExprKind::If { cond, then, otherwise } => {
                let cond = self.value(*cond);
                self.b.open();
                self.tail(*then);
                let then = Box::new(self.b.close(Vec::new()));
                self.b.open();
                self.tail(*otherwise);
                let otherwise = Box::new(self.b.close(Vec::new()));
                self.b.none(Op::If { cond, then, otherwise });
                self.b.end(Terminator::Unreachable);
            }
            ExprKind::Match { scrutinee, arms } => {
                self.match_(e, *scrutinee, arms, true);
                self.b.end(Terminator::Unreachable);
            }
            ExprKind::Block { stmts, result } => {
                self.stmts(stmts);
                self.tail(*result);
            }
            ExprKind::Narrow { value, site } if self.narrow_is_free(e, *value, site) => {
                self.tail(*value)
            }
            _ if self.scope.clause.is_some() => {
                let clause = self.scope.clause.clone().expect("just tested");
                self.clause_end(e, clause);
            }
            ExprKind::Call { callee, type_args, args } => {
                let before = self.place(expr.span);
                self.tail_call(*callee, type_args, args);
                self.b.loc = before;
            }
            ExprKind::Apply { function, args } => {
                let before = self.place(expr.span);
                self.tail_apply(*function, args);
                self.b.loc = before;
            }
            ExprKind::Handle(handle) => {
                let before = self.place(expr.span);
                self.tail_handle(e, handle);
                self.b.loc = before;
            }
            ExprKind::Narrow { value, site: site @ (NarrowSite::Return | NarrowSite::Join) } => {
                self.tail_narrow(e, *value, site)
            }
            _ => {
                let value = self.expr(e);
                self.b.end(Terminator::Return(value.into_iter().collect()));
            }
        }
    }

    /// Whether a narrowing emits nothing.
    fn narrow_is_free(&mut self, e: ExprId, value: ExprId, site: &NarrowSite) -> bool {
        let (from, to) = (self.ty(value), self.ty(e));
        let natural = matches!(self.lo.types.base_kind(from), TyKind::Nat);
        match self.lo.types.kind(to) {
            TyKind::Nat => natural,
            TyKind::Refined(..) => {
                let whole = self.lo.types.base(to);
                matches!(site, NarrowSite::Argument | NarrowSite::Return)
                    && (self.lo.repr(whole) != Repr::Ref || self.emits_nothing(from, whole))
            }
            _ => self.emits_nothing(from, to),
        }
    }

    /// Whether a compound value is one of another type without a check.
    fn emits_nothing(&mut self, from: VeraTy, to: VeraTy) -> bool {
        !self.lo.is_constrained(to) && !self.lo.adapts(from, to)
    }

    /// Pushes a check of the result into the branches, so that a branch that
    /// needs none stays a tail call. The checks stand where the whole value does, as the
    /// obligation behind them.
    fn tail_narrow(&mut self, e: ExprId, value: ExprId, site: &NarrowSite) {
        let body = self.body;
        let to = self.ty(e);
        let at = body[value].span;
        match &body[value].kind {
            ExprKind::If { cond, then, otherwise } => {
                let cond = self.value(*cond);
                let branch = |this: &mut Self, branch: ExprId| {
                    this.b.open();
                    this.tail_checked(branch, to, site, at);
                    Box::new(this.b.close(Vec::new()))
                };
                let then = branch(self, *then);
                let otherwise = branch(self, *otherwise);
                self.b.none(Op::If { cond, then, otherwise });
                self.b.end(Terminator::Unreachable);
            }
            ExprKind::Block { stmts, result } => {
                self.stmts(stmts);
                self.tail_checked(*result, to, site, body[*result].span);
            }
            _ => self.tail_checked(value, to, site, at),
        }
    }

    /// A result with its check, which stands at a place.
    fn tail_checked(&mut self, e: ExprId, to: VeraTy, site: &NarrowSite, at: Span) {
        let from = self.ty(e);
        if matches!(self.lo.types.kind(to), TyKind::Nat)
            && matches!(self.lo.types.base_kind(from), TyKind::Nat)
        {
            return self.tail(e);
        }
        let value = self.expr(e).map(|value| {
            let before = self.place(at);
            let value = self.narrowed(value, from, to, site);
            self.b.loc = before;
            value
        });
        self.b.end(Terminator::Return(value.into_iter().collect()));
    }

    fn if_(&mut self, e: ExprId, cond: ExprId, then: ExprId, otherwise: ExprId) -> Option<ValueId> {
        let cond = self.value(cond);
        let ty = self.repr_of(e).ty();
        let branch = |this: &mut Self, e: ExprId| {
            this.b.open();
            let value = match ty {
                Some(_) => vec![this.value(e)],
                None => {
                    this.expr(e);
                    Vec::new()
                }
            };
            Box::new(this.b.close(value))
        };
        let then = branch(self, then);
        let otherwise = branch(self, otherwise);
        let results: Vec<Ty> = ty.into_iter().collect();
        self.b.emit(Op::If { cond, then, otherwise }, &results).first().copied()
    }

    fn construct(&mut self, e: ExprId, data: DataId, ctor: u32, args: &[ExprId]) -> ValueId {
        let ty = self.ty(e);
        let declared = &self.lo.program.data(data).ctors[ctor as usize];
        let value = if self.lo.repr(ty) == Repr::Enum {
            self.b.i32(ctor as i32)
        } else {
            let TyKind::Data(_, type_args) = self.lo.types.base_kind(ty).clone() else {
                unreachable!("a constructor builds a value of a data type");
            };
            let shape = self.lo.ctor_shape(data, ctor, &type_args);
            // What comes through a type argument has no name of its own.
            let named = declared.fields.iter().zip(&declared.slots).map(|(ty, slot)| {
                let param = matches!(self.lo.types.kind(*ty), TyKind::Param(..));
                (!param).then(|| slot.clone())
            });
            let slots: Vec<Option<SmolStr>> = named.collect();
            self.object(ctor, &shape, args, &slots)
        };
        self.invariant_check(value, ty, || match declared.fields.len() {
            0 => format!("{} construction", declared.name),
            _ => format!("{}(…) construction", declared.name),
        });
        value
    }

    /// Builds an object of this shape, or the immediate of a constructor that
    /// holds nothing. `slots` names the fields' types where their
    /// declaration does.
    fn object(
        &mut self,
        tag: u32,
        shape: &super::data::CtorShape,
        args: &[ExprId],
        slots: &[Option<SmolStr>],
    ) -> ValueId {
        let mut fields = Vec::new();
        for (i, (arg, slot)) in args.iter().zip(&shape.slots).enumerate() {
            self.binding = slots.get(i).cloned().flatten();
            let value = self.expr(*arg);
            self.binding = None;
            if let (Some((offset, mem)), Some(value)) = (slot, value) {
                fields.push((*offset, *mem, value));
            }
        }
        self.make_object(tag, shape, fields)
    }

    pub(super) fn make_object(
        &mut self,
        tag: u32,
        shape: &super::data::CtorShape,
        fields: Vec<(u32, Mem, ValueId)>,
    ) -> ValueId {
        match shape.layout {
            Some(layout) => self.b.one(Op::MakeObject { layout, fields }, Ty::Ref),
            None => self.b.constant(Const::Immediate(tag)),
        }
    }

    /// Joins the texts of the parts: many in groups of groups, so that few texts are
    /// live at a time. Where all are, each call on the way carries all before it as
    /// roots.
    fn interpolate(&mut self, parts: &[ExprId]) -> ValueId {
        let strings = if parts.len() <= JOINED_AT_ONCE {
            let text = |part: &ExprId| {
                let value = self.value(*part);
                let ty = self.ty(*part);
                self.text_of(value, ty)
            };
            parts.iter().map(text).collect()
        } else {
            let mut group = JOINED_AT_ONCE;
            while group * JOINED_AT_ONCE < parts.len() {
                group *= JOINED_AT_ONCE;
            }
            parts.chunks(group).map(|group| self.interpolate(group)).collect()
        };
        self.join_strings(strings)
    }

    /// The text of a value that can be interpolated.
    pub(super) fn text_of(&mut self, value: ValueId, ty: VeraTy) -> ValueId {
        let rt = match self.lo.types.base_kind(ty) {
            TyKind::String => return value,
            TyKind::Int | TyKind::Nat => RtFn::IntToString,
            TyKind::Float64 => RtFn::FloatToString,
            TyKind::Bool => RtFn::BoolToString,
            TyKind::Byte => RtFn::StringFromByte,
            TyKind::Decimal => RtFn::DecimalToString,
            _ => unreachable!("the checker allows no other interpolated type"),
        };
        self.b.rt(rt, vec![value], Ty::Ref)
    }

    pub(super) fn join_strings(&mut self, strings: Vec<ValueId>) -> ValueId {
        match strings.as_slice() {
            [] => self.string(""),
            [one] => *one,
            [a, b] => self.b.rt(RtFn::StringConcat, vec![*a, *b], Ty::Ref),
            many => {
                let array = self.fill_array(many, Mem::Ref);
                self.b.rt(RtFn::StringConcatAll, vec![array], Ty::Ref)
            }
        }
    }

    /// A loop with early exit over `0..bound`.
    fn quantifier(
        &mut self,
        kind: Quantifier,
        index_ty: VeraTy,
        bound: ExprId,
        predicate: ExprId,
    ) -> ValueId {
        let ExprKind::Closure { params, body } = &self.body[predicate].kind else {
            unreachable!("a quantifier's predicate is a closure literal");
        };
        let (param, result) = (params[0], *body);
        let bound = self.value(bound);
        let zero = self.b.i64(0);
        let label = self.b.func.new_label();
        let index = self.b.func.new_value(Ty::I64);
        let otherwise_value = i32::from(kind == Quantifier::Forall);
        self.b.open();
        let more = self.b.binary(BinaryOp::LtI64, index, bound);
        self.b.open();
        self.locals.insert(param, Some(index));
        let index_ty = self.subst(index_ty);
        let holds = match self.lo.types.kind(index_ty).clone() {
            // A refined index type restricts the range.
            TyKind::Refined(..) => {
                let inside = self.in_refinement(index, index_ty);
                self.b.open();
                let holds = self.value(result);
                let then = Box::new(self.b.close(vec![holds]));
                self.b.open();
                let skip = self.b.i32(otherwise_value);
                let otherwise = Box::new(self.b.close(vec![skip]));
                self.b.one(Op::If { cond: inside, then, otherwise }, Ty::I32)
            }
            _ => self.value(result),
        };
        let going = match kind {
            Quantifier::Forall => holds,
            Quantifier::Exists => self.b.unary(UnaryOp::Not, holds),
        };
        self.b.open();
        let one = self.b.i64(1);
        let next = self.b.binary(BinaryOp::AddI64, index, one);
        self.b.end(Terminator::Continue(label, vec![next]));
        let then = Box::new(self.b.close(Vec::new()));
        self.b.open();
        let decided = self.b.i32(1 - otherwise_value);
        let otherwise = Box::new(self.b.close(vec![decided]));
        let decided = self.b.one(Op::If { cond: going, then, otherwise }, Ty::I32);
        let then = Box::new(self.b.close(vec![decided]));
        self.b.open();
        let exhausted = self.b.i32(otherwise_value);
        let otherwise = Box::new(self.b.close(vec![exhausted]));
        let value = self.b.one(Op::If { cond: more, then, otherwise }, Ty::I32);
        let body = Box::new(self.b.close(vec![value]));
        let op = Op::Loop { label, params: vec![index], init: vec![zero], body };
        self.b.one(op, Ty::I32)
    }
}
