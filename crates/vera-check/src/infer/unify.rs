//! Inference variables, subtyping and joins (language reference, chapters 03.8
//! and 03.10; bidirectional checking after Dunfield and Krishnaswami, 2013).
//!
//! A variable stands for a part that the expression itself leaves open: the `T`
//! of `None`, a type parameter of a generic call, the width of an integer
//! literal. Solving is by substitution, in place, in the order of the text.

use vera_diagnostics::Span;

use super::Infer;
use crate::typed::{DataId, ExprId, ExprKind, NarrowSite, Pattern, PatternKind, Stmt};
use crate::types::{Row, Ty, TyKind, any};

/// State of one inference variable.
#[derive(Debug, Clone, Copy)]
pub(super) struct Meta {
    pub solution: Option<Ty>,
    /// What may become of it.
    pub open: Open,
}

/// What a variable may stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    Anything,
    /// The type of integer literals: `Int`, `Nat` or `Byte`.
    Literal,
    /// The type of integers made of literals by arithmetic, of which bytes have none.
    Number,
}

impl Open {
    fn is_literal(self) -> bool {
        self != Open::Anything
    }

    /// The stricter of two.
    fn meet(self, other: Open) -> Open {
        match (self, other) {
            (Open::Anything, other) | (other, Open::Anything) => other,
            (Open::Number, _) | (_, Open::Number) => Open::Number,
            (Open::Literal, Open::Literal) => Open::Literal,
        }
    }
}

impl Infer<'_> {
    pub(super) fn fresh(&mut self) -> Ty {
        self.new_meta(Open::Anything)
    }

    pub(super) fn fresh_literal(&mut self) -> Ty {
        self.new_meta(Open::Literal)
    }

    pub(super) fn new_meta(&mut self, open: Open) -> Ty {
        let index = self.metas.len() as u32;
        self.metas.push(Meta { solution: None, open });
        self.ctx.program.types.intern(TyKind::Meta(index))
    }

    /// Gives a variable its solution; remembered, so that an attempt can be undone.
    pub(super) fn assign(&mut self, index: u32, ty: Ty) {
        self.metas[index as usize].solution = Some(ty);
        self.trail.push(index);
    }

    /// Runs `attempt`; when it fails, no variable keeps a solution from it.
    pub(super) fn attempt(&mut self, attempt: impl FnOnce(&mut Self) -> bool) -> bool {
        let start = self.trail.len();
        let fits = attempt(self);
        if !fits {
            for index in self.trail.split_off(start) {
                self.metas[index as usize].solution = None;
            }
        }
        fits
    }

    /// The variable a type is, when it is one without a solution.
    pub(super) fn open_var(&self, ty: Ty) -> Option<u32> {
        match self.ctx.program.types.kind(self.shallow(ty)) {
            TyKind::Meta(index) => Some(*index),
            _ => None,
        }
    }

    pub(super) fn is_literal_var(&self, index: u32) -> bool {
        self.metas[index as usize].open.is_literal()
    }

    /// Whether a type is open to become `Byte` for the sake of its literals.
    pub(super) fn may_be_byte(&self, index: u32) -> bool {
        self.metas[index as usize].open == Open::Literal
    }

    /// The type with its outermost variable replaced by its solution.
    pub(super) fn shallow(&self, mut ty: Ty) -> Ty {
        while let TyKind::Meta(index) = self.ctx.program.types.kind(ty) {
            match self.metas[*index as usize].solution {
                Some(solution) => ty = solution,
                None => break,
            }
        }
        ty
    }

    /// The type with all solved variables replaced.
    pub(super) fn solved(&mut self, ty: Ty) -> Ty {
        deep(&mut self.ctx.program.types, &self.metas, ty)
    }

    /// Like [`Infer::solved`], with what is still open made concrete.
    pub(super) fn closed(&mut self, ty: Ty) -> Ty {
        let solved = self.solved(ty);
        let metas = &self.metas;
        self.ctx.program.types.map(solved, &mut |types, ty| match types.kind(ty) {
            TyKind::Meta(index) if metas[*index as usize].open.is_literal() => Some(Ty::INT),
            TyKind::Meta(_) => Some(Ty::BOOL),
            _ => None,
        })
    }

    /// Like [`Infer::solved`], with open literals as `Int`.
    pub(super) fn literals_as_int(&mut self, ty: Ty) -> Ty {
        let solved = self.solved(ty);
        let metas = &self.metas;
        self.ctx.program.types.map(solved, &mut |types, ty| match types.kind(ty) {
            TyKind::Meta(index) if metas[*index as usize].open.is_literal() => Some(Ty::INT),
            _ => None,
        })
    }

    /// The shape of a type without variables and outer refinements.
    pub(super) fn shape(&self, ty: Ty) -> TyKind {
        let mut ty = self.shallow(ty);
        while let TyKind::Refined(base, ..) = self.ctx.program.types.kind(ty) {
            ty = self.shallow(*base);
        }
        self.ctx.program.types.kind(ty).clone()
    }

    /// Commits an open literal type to `Int`.
    pub(super) fn settle(&mut self, ty: Ty) -> Ty {
        let ty = self.shallow(ty);
        if let TyKind::Meta(index) = *self.ctx.program.types.kind(ty)
            && self.is_literal_var(index)
        {
            self.assign(index, Ty::INT);
            return Ty::INT;
        }
        ty
    }

    /// Commits every open literal inside a type to `Int`.
    pub(super) fn settle_all(&mut self, ty: Ty) -> Ty {
        let solved = self.solved(ty);
        let mut open = Vec::new();
        any(&self.ctx.program.types, solved, &mut |kind| {
            if let TyKind::Meta(index) = kind {
                open.push(*index);
            }
            false
        });
        for index in open {
            if self.is_literal_var(index) {
                self.assign(index, Ty::INT);
            }
        }
        self.solved(solved)
    }

    pub(super) fn is_open(&mut self, ty: Ty) -> bool {
        let solved = self.solved(ty);
        any(&self.ctx.program.types, solved, &mut |k| matches!(k, TyKind::Meta(_)))
    }

    fn occurs(&mut self, index: u32, ty: Ty) -> bool {
        let solved = self.solved(ty);
        any(&self.ctx.program.types, solved, &mut |k| *k == TyKind::Meta(index))
    }

    /// Gives an unsolved variable a solution; false when that cannot be.
    fn solve(&mut self, index: u32, ty: Ty) -> bool {
        let ty = self.shallow(ty);
        if let TyKind::Meta(other) = *self.ctx.program.types.kind(ty) {
            if other == index {
                return true;
            }
            // The stricter variable survives; of equals the older one, so that a
            // long literal does not make a chain of its elements.
            let (own, others) = (self.metas[index as usize].open, self.metas[other as usize].open);
            let survives = if own == others { index < other } else { own.meet(others) == own };
            if survives {
                let this = self.ctx.program.types.intern(TyKind::Meta(index));
                self.assign(other, this);
            } else {
                self.assign(index, ty);
            }
            return true;
        }
        if self.is_literal_var(index) {
            let base = self.ctx.program.types.base(ty);
            return match self.ctx.program.types.kind(base) {
                TyKind::Byte if !self.may_be_byte(index) => false,
                TyKind::Int | TyKind::Nat | TyKind::Byte => {
                    self.assign(index, base);
                    true
                }
                TyKind::Unknown => true,
                _ => false,
            };
        }
        if self.occurs(index, ty) {
            return false;
        }
        self.assign(index, ty);
        true
    }

    /// Whether a value of type `from` may stand where `to` is wanted. Solves
    /// variables on the way, none when the answer is no.
    pub(super) fn subtype(&mut self, from: Ty, to: Ty) -> bool {
        self.attempt(|this| this.subtype_step(from, to))
    }

    fn subtype_step(&mut self, from: Ty, to: Ty) -> bool {
        let (from, to) = (self.shallow(from), self.shallow(to));
        if from == to || from == Ty::UNKNOWN || to == Ty::UNKNOWN || from == Ty::NEVER {
            return true;
        }
        let from_kind = self.ctx.program.types.kind(from).clone();
        let to_kind = self.ctx.program.types.kind(to).clone();
        match (&from_kind, &to_kind) {
            (_, TyKind::Meta(index)) => self.solve(*index, from),
            (TyKind::Meta(index), _) => self.solve(*index, to),
            (TyKind::Refined(a, ..), TyKind::Refined(b, ..)) => self.subtype_step(*a, *b),
            (TyKind::Refined(base, ..), _) => self.subtype_step(*base, to),
            (_, TyKind::Refined(base, ..)) => self.subtype_step(from, *base),
            (TyKind::Int | TyKind::Nat, TyKind::Int | TyKind::Nat) => true,
            (TyKind::Array(a), TyKind::Array(b))
            | (TyKind::Set(a), TyKind::Set(b))
            | (TyKind::Future(a), TyKind::Future(b)) => self.subtype_step(*a, *b),
            (TyKind::Map(k, v), TyKind::Map(l, w)) => {
                self.subtype_step(*k, *l) && self.subtype_step(*v, *w)
            }
            (TyKind::Tuple(a), TyKind::Tuple(b)) => self.subtype_all(a, b),
            (TyKind::Data(d, a), TyKind::Data(e, b)) => d == e && self.subtype_all(a, b),
            (
                TyKind::Fn { params, ret, row },
                TyKind::Fn { params: to_params, ret: to_ret, row: to_row },
            ) => {
                self.subtype_all(to_params, params)
                    && self.subtype_step(*ret, *to_ret)
                    && self.row_fits(row, to_row)
            }
            _ => false,
        }
    }

    fn subtype_all(&mut self, from: &[Ty], to: &[Ty]) -> bool {
        from.len() == to.len() && from.iter().zip(to).all(|(a, b)| self.subtype_step(*a, *b))
    }

    /// Row inclusion: effects by name and equal arguments.
    pub(super) fn row_fits(&mut self, from: &Row, to: &Row) -> bool {
        let fits = from.effects.iter().all(|e| self.row_has(&to.effects, e));
        fits && (from.vars.is_empty() || !to.is_pure())
    }

    pub(super) fn row_has(
        &mut self,
        row: &[crate::typed::EffectInst],
        wanted: &crate::typed::EffectInst,
    ) -> bool {
        let args: Vec<Ty> = wanted.args.iter().map(|a| self.solved(*a)).collect();
        let entries: Vec<&crate::typed::EffectInst> = row
            .iter()
            .filter(|e| e.effect == wanted.effect && e.args.len() == args.len())
            .collect();
        let same = |this: &mut Self, e: &crate::typed::EffectInst| {
            e.args.iter().zip(&args).all(|(a, b)| this.solved(*a) == this.solved(*b))
        };
        if entries.iter().any(|e| same(self, e)) {
            return true;
        }
        // Arguments still open are those of the one entry they fit.
        let open = args.iter().any(|a| self.is_open(*a));
        match entries[..] {
            [only] if open => {
                only.args.iter().zip(&args).all(|(a, b)| self.subtype(*b, *a)) && same(self, only)
            }
            // Of several, the one for `Int` where literals left them open.
            _ if open => {
                let literal: Vec<Ty> = args.iter().map(|a| self.with_int_literals(*a)).collect();
                let fits = entries
                    .iter()
                    .any(|e| e.args.iter().zip(&literal).all(|(a, b)| self.solved(*a) == *b));
                if fits {
                    for arg in &args {
                        self.settle_all(*arg);
                    }
                }
                fits
            }
            _ => false,
        }
    }

    /// A type as [`Infer::settle_all`] would leave it.
    fn with_int_literals(&mut self, ty: Ty) -> Ty {
        let solved = self.solved(ty);
        let mut literals = Vec::new();
        any(&self.ctx.program.types, solved, &mut |kind| {
            literals.extend(match kind {
                TyKind::Meta(index) => Some(*index).filter(|i| self.is_literal_var(*i)),
                _ => None,
            });
            false
        });
        self.ctx.program.types.map(solved, &mut |types, ty| match types.kind(ty) {
            TyKind::Meta(index) if literals.contains(index) => Some(Ty::INT),
            _ => None,
        })
    }

    /// The type both values have together, or `None`.
    pub(super) fn join(&mut self, a: Ty, b: Ty) -> Option<Ty> {
        let (a, b) = (self.shallow(a), self.shallow(b));
        if a == Ty::NEVER || a == Ty::UNKNOWN {
            return Some(b);
        }
        if b == Ty::NEVER || b == Ty::UNKNOWN || a == b {
            return Some(a);
        }
        let types = &self.ctx.program.types;
        match (types.kind(a), types.kind(b)) {
            (TyKind::Refined(..), _) | (_, TyKind::Refined(..)) => {
                let (x, y) = (types.base(a), types.base(b));
                self.join(x, y)
            }
            (TyKind::Int, TyKind::Nat) | (TyKind::Nat, TyKind::Int) => Some(Ty::INT),
            _ => {
                if self.subtype(b, a) {
                    Some(self.merge(a, b))
                } else if self.subtype(a, b) {
                    Some(b)
                } else {
                    None
                }
            }
        }
    }

    /// `a` with `Nat` parts that are `Int` in `b` widened. Both are compatible.
    fn merge(&mut self, a: Ty, b: Ty) -> Ty {
        let (a, b) = (self.shallow(a), self.shallow(b));
        let (x, y) =
            (self.ctx.program.types.kind(a).clone(), self.ctx.program.types.kind(b).clone());
        let kind = match (x, y) {
            (TyKind::Nat, TyKind::Int) => TyKind::Int,
            (TyKind::Refined(base, ..), y) if a != b => {
                let other = if let TyKind::Refined(other, ..) = y { other } else { b };
                return self.merge(base, other);
            }
            (TyKind::Array(s), TyKind::Array(t)) => TyKind::Array(self.merge(s, t)),
            (TyKind::Set(s), TyKind::Set(t)) => TyKind::Set(self.merge(s, t)),
            (TyKind::Future(s), TyKind::Future(t)) => TyKind::Future(self.merge(s, t)),
            (TyKind::Map(k, v), TyKind::Map(l, w)) => {
                TyKind::Map(self.merge(k, l), self.merge(v, w))
            }
            (TyKind::Tuple(s), TyKind::Tuple(t)) => TyKind::Tuple(self.merge_all(&s, &t)),
            (TyKind::Data(d, s), TyKind::Data(_, t)) => TyKind::Data(d, self.merge_all(&s, &t)),
            _ => return a,
        };
        self.ctx.program.types.intern(kind)
    }

    fn merge_all(&mut self, a: &[Ty], b: &[Ty]) -> Vec<Ty> {
        a.iter().zip(b).map(|(x, y)| self.merge(*x, *y)).collect()
    }

    /// Whether a value of type `from` needs a check before it may be called a `to`.
    pub(super) fn narrows(&self, from: Ty, to: Ty) -> bool {
        let (from, to) = (self.shallow(from), self.shallow(to));
        if from == to || from == Ty::UNKNOWN || from == Ty::NEVER {
            return false;
        }
        let types = &self.ctx.program.types;
        match (types.kind(from), types.kind(to)) {
            (from_kind, TyKind::Refined(_, id, _)) => match from_kind {
                TyKind::Refined(_, other, _) if other == id => false,
                TyKind::Refined(inner, ..) => self.narrows(*inner, to),
                TyKind::Meta(_) => false,
                _ => true,
            },
            (TyKind::Refined(base, ..), _) => self.narrows(*base, to),
            (TyKind::Int, TyKind::Nat) => true,
            (TyKind::Array(a), TyKind::Array(b))
            | (TyKind::Set(a), TyKind::Set(b))
            | (TyKind::Future(a), TyKind::Future(b)) => self.narrows(*a, *b),
            (TyKind::Map(k, v), TyKind::Map(l, w)) => self.narrows(*k, *l) || self.narrows(*v, *w),
            (TyKind::Tuple(a), TyKind::Tuple(b)) => {
                a.iter().zip(b).any(|(x, y)| self.narrows(*x, *y))
            }
            // A function in it may take values of its parameters.
            (TyKind::Data(id, a), TyKind::Data(_, b)) => {
                a.iter().zip(b).any(|(x, y)| self.narrows(*x, *y))
                    || a.iter().zip(b).any(|(x, y)| self.narrows(*y, *x))
                        && self.holds_functions(*id)
            }
            // It will be given and yield values of the types it is called at. One that
            // never returns is called as one that does.
            (TyKind::Fn { params: a, ret: from, .. }, TyKind::Fn { params: b, ret: to, .. }) => {
                self.narrows(*from, *to)
                    || self.never_becomes(*from, *to)
                    || b.iter().zip(a).any(|(x, y)| self.narrows(*x, *y))
            }
            _ => false,
        }
    }

    /// Whether a function may be found inside a value of the data type.
    fn holds_functions(&self, id: DataId) -> bool {
        let program = &self.ctx.program;
        let mut met = vec![id];
        let mut next = 0;
        while let Some(id) = met.get(next).copied() {
            next += 1;
            for field in program.data(id).ctors.iter().flat_map(|c| &c.fields) {
                let found = any(&program.types, *field, &mut |kind| {
                    if let TyKind::Data(inner, _) = kind
                        && !met.contains(inner)
                    {
                        met.push(*inner);
                    }
                    matches!(kind, TyKind::Fn { .. })
                });
                if found {
                    return true;
                }
            }
        }
        false
    }

    /// Whether a result that never comes stands for one of another type.
    fn never_becomes(&self, from: Ty, to: Ty) -> bool {
        self.shallow(from) == Ty::NEVER && self.shallow(to) != Ty::NEVER
    }

    /// The expression as a value of type `to`, or `None` when it is no such value.
    pub(super) fn coerce(&mut self, e: ExprId, to: Ty, site: NarrowSite) -> Option<ExprId> {
        let from = self.ty(e);
        if !self.subtype(from, to) {
            return None;
        }
        if self.narrows(from, to) {
            let span = self.body[e].span;
            let to = self.solved(to);
            return Some(self.push(ExprKind::Narrow { value: e, site }, to, span));
        }
        Some(e)
    }

    pub(super) fn push(&mut self, kind: ExprKind, ty: Ty, span: Span) -> ExprId {
        let scope = self.scope();
        self.body.exprs.push(crate::typed::Expr { kind, ty, span, scope });
        ExprId(self.body.exprs.len() as u32 - 1)
    }

    pub(super) fn ty(&self, e: ExprId) -> Ty {
        self.shallow(self.body[e].ty)
    }

    /// Replaces every variable in the finished body.
    pub(super) fn close_body(&mut self) {
        let mut body = std::mem::take(&mut self.body);
        for local in &mut body.locals {
            local.ty = self.closed(local.ty);
        }
        for expr in &mut body.exprs {
            expr.ty = self.closed(expr.ty);
            self.close_kind(&mut expr.kind);
        }
        self.body = body;
        self.cut_at_never();
    }

    fn close_kind(&mut self, kind: &mut ExprKind) {
        match kind {
            ExprKind::Call { type_args, .. } | ExprKind::Builtin { type_args, .. } => {
                type_args.iter_mut().for_each(|t| *t = self.closed(*t))
            }
            ExprKind::Perform { effect, .. } | ExprKind::Old(effect) | ExprKind::New(effect) => {
                effect.args.iter_mut().for_each(|t| *t = self.closed(*t))
            }
            ExprKind::Handle(handle) => {
                handle.effect.args.iter_mut().for_each(|t| *t = self.closed(*t));
                if let Some((ty, _)) = &mut handle.state {
                    *ty = self.closed(*ty);
                }
            }
            ExprKind::Quantifier { index_ty, .. } => *index_ty = self.closed(*index_ty),
            ExprKind::Match { arms, .. } => {
                arms.iter_mut().for_each(|arm| self.close_pattern(&mut arm.pattern))
            }
            ExprKind::Block { stmts, .. } => {
                for stmt in stmts {
                    match stmt {
                        Stmt::Destructure { pattern, .. } => self.close_pattern(pattern),
                        Stmt::Let { .. } | Stmt::Expr(_) => {}
                    }
                }
            }
            ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Str(_)
            | ExprKind::Bool(_)
            | ExprKind::Unit
            | ExprKind::Hole
            | ExprKind::Interpolate(_)
            | ExprKind::Array(_)
            | ExprKind::Local(_)
            | ExprKind::Result
            | ExprKind::Unary { .. }
            | ExprKind::Binary { .. }
            | ExprKind::Index { .. }
            | ExprKind::Apply { .. }
            | ExprKind::AbilityOp { .. }
            | ExprKind::Construct { .. }
            | ExprKind::Tuple(_)
            | ExprKind::Closure { .. }
            | ExprKind::If { .. }
            | ExprKind::Resume(_)
            | ExprKind::Assert { .. }
            | ExprKind::Assume(_)
            | ExprKind::Narrow { .. } => {}
        }
    }

    fn close_pattern(&mut self, pattern: &mut Pattern) {
        pattern.ty = self.closed(pattern.ty);
        match &mut pattern.kind {
            PatternKind::Ctor { args, .. } | PatternKind::Tuple(args) => {
                args.iter_mut().for_each(|p| self.close_pattern(p))
            }
            PatternKind::Wildcard
            | PatternKind::Bind(_)
            | PatternKind::Int(_)
            | PatternKind::Str(_)
            | PatternKind::Bool(_) => {}
        }
    }
}

fn deep(types: &mut crate::types::Types, metas: &[Meta], ty: Ty) -> Ty {
    types.follow(ty, &|types, mut ty| {
        while let TyKind::Meta(index) = types.kind(ty) {
            match metas[*index as usize].solution {
                Some(solution) => ty = solution,
                None => break,
            }
        }
        ty
    })
}
