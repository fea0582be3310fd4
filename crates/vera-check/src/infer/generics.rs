//! What the arguments of a generic call or a constructor make of its type
//! parameters (language reference, chapter 03.10.1).
//!
//! Arguments are typed without an expected type first. Each then proposes types
//! for the parameters it mentions; the proposals for one parameter are merged:
//! what is open or made of integer literals only yields to what is determined,
//! and parts below a shared head that disagree are a conflict. Proposals with
//! different heads are not merged: the first stands, and the argument check
//! reports the other.

use vera_syntax::ast::{self, ExprKind as Syntax, UnaryOp};

use super::Infer;
use super::unify::Open;
use crate::types::{Ty, TyKind};

/// The proposals for one type parameter, merged so far.
#[derive(Clone, Copy, Default)]
pub(super) struct Proposal {
    ty: Option<Ty>,
    /// Made of integer literals only, though its type may already be `Int`: for
    /// arithmetic, of which bytes have none.
    literal: bool,
}

/// Type parameters being solved.
pub(super) struct Solving {
    /// Parameters before this index belong to enclosing functions and are fixed.
    first: usize,
    proposals: Vec<Proposal>,
    /// Two parts that disagree.
    pub conflict: Option<(Ty, Ty)>,
}

impl Solving {
    pub fn new(first: usize, count: usize) -> Solving {
        Solving { first, proposals: vec![Proposal::default(); count], conflict: None }
    }
}

impl Infer<'_> {
    /// Enters what an argument of type `found` says about the parameters in the
    /// declared type `param`.
    pub(super) fn propose(
        &mut self,
        solving: &mut Solving,
        param: Ty,
        found: Ty,
        argument: ast::ExprId,
    ) {
        let literal = self.only_literals(argument);
        self.propose_part(solving, param, found, literal);
    }

    fn propose_part(&mut self, solving: &mut Solving, param: Ty, found: Ty, literal: bool) {
        let found = self.shallow(found);
        let kinds = (
            self.ctx.program.types.kind(param).clone(),
            self.ctx.program.types.kind(found).clone(),
        );
        match kinds {
            (TyKind::Param(index, _), _) if index as usize >= solving.first => {
                let known = solving.proposals[index as usize];
                solving.proposals[index as usize] = match known.ty {
                    None => Proposal { ty: Some(found), literal },
                    Some(_) => self.merge_proposals(
                        known,
                        Proposal { ty: Some(found), literal },
                        &mut solving.conflict,
                    ),
                };
            }
            (TyKind::Refined(base, ..), _) => self.propose_part(solving, base, found, literal),
            (_, TyKind::Refined(base, ..)) => self.propose_part(solving, param, base, literal),
            (TyKind::Array(a), TyKind::Array(b))
            | (TyKind::Set(a), TyKind::Set(b))
            | (TyKind::Future(a), TyKind::Future(b)) => self.propose_part(solving, a, b, false),
            (TyKind::Map(k, v), TyKind::Map(l, w)) => {
                self.propose_part(solving, k, l, false);
                self.propose_part(solving, v, w, false);
            }
            (TyKind::Tuple(a), TyKind::Tuple(b)) => self.propose_parts(solving, &a, &b),
            (TyKind::Data(d, a), TyKind::Data(e, b)) if d == e => {
                self.propose_parts(solving, &a, &b);
            }
            (TyKind::Fn { params, ret, .. }, TyKind::Fn { params: found, ret: found_ret, .. }) => {
                self.propose_parts(solving, &params, &found);
                self.propose_part(solving, ret, found_ret, false);
                self.widen_to_function(solving, (&params, ret), (&found, found_ret));
            }
            _ => {}
        }
    }

    /// A function from `Int` to `Int` is handed what it yields, as in a fold: where
    /// another argument proposed `Nat`, the parameter is `Int`.
    fn widen_to_function(
        &mut self,
        solving: &mut Solving,
        (params, ret): (&[Ty], Ty),
        (found, found_ret): (&[Ty], Ty),
    ) {
        let types = &self.ctx.program.types;
        let TyKind::Param(index, _) = *types.kind(ret) else { return };
        let Some(proposal) = solving.proposals.get_mut(index as usize) else { return };
        let natural = proposal.ty.is_some_and(|ty| types.base(ty) == Ty::NAT);
        let mut handed = params.iter().zip(found).filter(|(p, _)| **p == ret).peekable();
        let is_handed = handed.peek().is_some();
        if natural && is_handed && found_ret == Ty::INT && handed.all(|(_, f)| *f == Ty::INT) {
            *proposal = Proposal { ty: Some(Ty::INT), literal: false };
        }
    }

    fn propose_parts(&mut self, solving: &mut Solving, params: &[Ty], found: &[Ty]) {
        for (param, found) in params.iter().zip(found) {
            self.propose_part(solving, *param, *found, false);
        }
    }

    /// Solves the variables `type_args` as proposed; what is open stays open.
    pub(super) fn adopt(&mut self, solving: &Solving, type_args: &[Ty]) {
        for (proposal, var) in solving.proposals.iter().zip(type_args) {
            let (Some(ty), Some(index)) = (proposal.ty, self.open_var(*var)) else { continue };
            let ty = match (proposal.literal, self.open_var(ty)) {
                (false, _) => ty,
                (true, Some(var)) if self.may_be_byte(var) => self.new_meta(Open::Literal),
                (true, _) => self.new_meta(Open::Number),
            };
            if self.open_var(ty) != Some(index) {
                self.assign(index, ty);
            }
        }
    }

    /// Two proposals for one parameter as a whole.
    fn merge_proposals(
        &mut self,
        a: Proposal,
        b: Proposal,
        conflict: &mut Option<(Ty, Ty)>,
    ) -> Proposal {
        let (Some(x), Some(y)) = (a.ty, b.ty) else {
            return if a.ty.is_some() { a } else { b };
        };
        if self.yields(x, a.literal) {
            let anything = |ty: Ty| {
                ty == Ty::NEVER || self.open_var(ty).is_some_and(|v| !self.is_literal_var(v))
            };
            // Of two literal proposals, that which cannot be bytes stands.
            let literals = !anything(x) && self.yields(y, b.literal);
            let number = |p: Proposal| p.ty == Some(Ty::INT);
            return if literals && (anything(y) || !number(b)) { a } else { b };
        }
        if self.yields(y, b.literal) {
            return a;
        }
        let (base_x, base_y) = (self.ctx.program.types.base(x), self.ctx.program.types.base(y));
        let merged = if x == y {
            x
        } else if self.same_head(base_x, base_y) {
            self.merge_below(base_x, base_y, conflict)
        } else {
            base_x
        };
        Proposal { ty: Some(merged), literal: false }
    }

    /// Whether a proposal gives way to any determined one.
    fn yields(&self, ty: Ty, literal: bool) -> bool {
        literal || ty == Ty::UNKNOWN || ty == Ty::NEVER || self.open_var(ty).is_some()
    }

    fn same_head(&self, a: Ty, b: Ty) -> bool {
        match (self.ctx.program.types.kind(a), self.ctx.program.types.kind(b)) {
            (TyKind::Data(d, _), TyKind::Data(e, _)) => d == e,
            (TyKind::Tuple(x), TyKind::Tuple(y)) => x.len() == y.len(),
            (TyKind::Array(_), TyKind::Array(_))
            | (TyKind::Set(_), TyKind::Set(_))
            | (TyKind::Map(..), TyKind::Map(..))
            | (TyKind::Future(_), TyKind::Future(_)) => true,
            _ => a == b,
        }
    }

    /// Two proposals for a part below a shared head.
    fn merge_below(&mut self, a: Ty, b: Ty, conflict: &mut Option<(Ty, Ty)>) -> Ty {
        let (a, b) = (self.shallow(a), self.shallow(b));
        let a = self.ctx.program.types.base(a);
        let b = self.ctx.program.types.base(b);
        let (a, b) = (self.shallow(a), self.shallow(b));
        if a == b || b == Ty::UNKNOWN || b == Ty::NEVER {
            return a;
        }
        if a == Ty::UNKNOWN || a == Ty::NEVER {
            return b;
        }
        match (self.open_var(a), self.open_var(b)) {
            (Some(x), _) if !self.is_literal_var(x) => return b,
            (_, Some(y)) if !self.is_literal_var(y) => return a,
            (Some(_), Some(_)) => return a,
            (Some(_), None) => return self.literal_meets(b, (a, b), conflict),
            (None, Some(_)) => return self.literal_meets(a, (a, b), conflict),
            (None, None) => {}
        }
        let kinds =
            (self.ctx.program.types.kind(a).clone(), self.ctx.program.types.kind(b).clone());
        let kind = match kinds {
            (TyKind::Int, TyKind::Nat) | (TyKind::Nat, TyKind::Int) => TyKind::Int,
            (TyKind::Array(x), TyKind::Array(y)) => TyKind::Array(self.merge_below(x, y, conflict)),
            (TyKind::Set(x), TyKind::Set(y)) => TyKind::Set(self.merge_below(x, y, conflict)),
            (TyKind::Future(x), TyKind::Future(y)) => {
                TyKind::Future(self.merge_below(x, y, conflict))
            }
            (TyKind::Map(k, v), TyKind::Map(l, w)) => {
                TyKind::Map(self.merge_below(k, l, conflict), self.merge_below(v, w, conflict))
            }
            (TyKind::Tuple(x), TyKind::Tuple(y)) if x.len() == y.len() => {
                TyKind::Tuple(self.merge_all_below(&x, &y, conflict))
            }
            (TyKind::Data(d, x), TyKind::Data(e, y)) if d == e => {
                TyKind::Data(d, self.merge_all_below(&x, &y, conflict))
            }
            // Function types are left to the argument check.
            (TyKind::Fn { .. }, TyKind::Fn { .. }) => return a,
            _ => {
                conflict.get_or_insert((a, b));
                return a;
            }
        };
        self.ctx.program.types.intern(kind)
    }

    fn merge_all_below(&mut self, a: &[Ty], b: &[Ty], conflict: &mut Option<(Ty, Ty)>) -> Vec<Ty> {
        a.iter().zip(b).map(|(x, y)| self.merge_below(*x, *y, conflict)).collect()
    }

    /// A part fixed by literals meets one of another origin.
    fn literal_meets(&mut self, other: Ty, both: (Ty, Ty), conflict: &mut Option<(Ty, Ty)>) -> Ty {
        if !matches!(self.shape(other), TyKind::Int | TyKind::Nat | TyKind::Byte) {
            conflict.get_or_insert(both);
        }
        other
    }

    /// Whether an expression's value is made of integer literals and arithmetic.
    fn only_literals(&self, e: ast::ExprId) -> bool {
        match &self.tree.nodes[e].kind {
            Syntax::Int(_) => true,
            Syntax::Unary { op: UnaryOp::Neg, operand } => self.only_literals(*operand),
            Syntax::Binary { op, left, right } => {
                use ast::BinaryOp::{Add, Div, Mul, Rem, Sub};
                matches!(op, Add | Sub | Mul | Div | Rem)
                    && self.only_literals(*left)
                    && self.only_literals(*right)
            }
            Syntax::If { then, otherwise, .. } => {
                self.only_literals(then.result) && self.only_literals(otherwise.result)
            }
            Syntax::Match { arms, .. } => arms.iter().all(|a| self.only_literals(a.body)),
            Syntax::Block(block) => self.only_literals(block.result),
            _ => false,
        }
    }

    /// Lets the expected type fix what the arguments left open.
    pub(super) fn infer_result(&mut self, ret: Ty, expected: Ty) {
        let (ret, expected) = (self.shallow(ret), self.shallow(expected));
        let base = self.ctx.program.types.base(expected);
        match (self.ctx.program.types.kind(ret).clone(), self.shape(expected)) {
            (TyKind::Meta(index), shape) if self.is_literal_var(index) => {
                let byte = shape == TyKind::Byte && self.may_be_byte(index);
                if byte || matches!(shape, TyKind::Int | TyKind::Nat) {
                    self.assign(index, base);
                }
            }
            (TyKind::Meta(_), _) => {
                self.subtype(ret, base);
            }
            (TyKind::Array(a), TyKind::Array(b))
            | (TyKind::Set(a), TyKind::Set(b))
            | (TyKind::Future(a), TyKind::Future(b)) => self.infer_result(a, b),
            (TyKind::Map(k, v), TyKind::Map(l, w)) => {
                self.infer_result(k, l);
                self.infer_result(v, w);
            }
            (TyKind::Tuple(a), TyKind::Tuple(b)) => {
                a.iter().zip(&b).for_each(|(x, y)| self.infer_result(*x, *y));
            }
            (TyKind::Data(d, a), TyKind::Data(e, b)) if d == e => {
                a.iter().zip(&b).for_each(|(x, y)| self.infer_result(*x, *y));
            }
            _ => {}
        }
    }
}
