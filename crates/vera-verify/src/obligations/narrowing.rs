//! Values entering narrower types: `nat_bind` and `refine_bind` (language
//! reference, chapter 08.4.5 and 08.4.6).

use std::collections::HashSet;

use vera_check::typed::{BinaryOp, ExprId, ExprKind, NarrowSite};
use vera_check::types::{Ty, TyKind};
use vera_diagnostics::FileSpan;
use vera_faults::Fault;

use super::functions::phase;
use super::walk::Walk;
use super::*;

impl<'a> Walk<'_, 'a> {
    pub(super) fn narrow(&mut self, e: ExprId, value: ExprId, site: &NarrowSite) -> TermId {
        let callee = self.callee.take();
        let (from, to) = (self.ty(value), self.ty(e));
        let sort = self.sort(to);
        let term = self.eval_as(value, sort);
        let site = self.site(site);
        // A refined parameter is checked at the callee's entry.
        let at_entry = matches!(self.types.kind(to), TyKind::Refined(..));
        self.callee = callee.filter(|_| at_entry && site == Site::CallArgument);
        // What the predicate teaches is known once it has been checked.
        let before = self.hyp;
        self.narrow_value(value, from, to, term, site);
        self.hyp = before;
        self.callee = None;
        match site {
            Site::CallArgument | Site::ClosureReturn => {}
            _ => self.assume_type(term, to, Why::Path),
        }
        term
    }

    fn site(&self, site: &NarrowSite) -> Site {
        match site {
            NarrowSite::Let => Site::Let,
            NarrowSite::Argument | NarrowSite::BuiltinArgument | NarrowSite::AppliedArgument => {
                Site::CallArgument
            }
            NarrowSite::Return => Site::ClosureReturn,
            NarrowSite::Field(name) if name == "Tuple" => Site::TupleComponent,
            NarrowSite::Field(_) => Site::ConstructorField,
            NarrowSite::ArrayElement => Site::ArrayElement,
            NarrowSite::Destructure(_) => Site::TupleDestructure,
            NarrowSite::OperationArgument(_) | NarrowSite::Thrown | NarrowSite::StatePut => {
                Site::OperationArgument
            }
            NarrowSite::HandlerState => Site::HandlerStateInit,
            NarrowSite::StateUpdate => Site::HandlerStateUpdate,
            NarrowSite::ResumeValue => Site::OperationResume,
            NarrowSite::Join | NarrowSite::MatchBinding | NarrowSite::SubPattern(_) => {
                Site::MatchBinding
            }
        }
    }

    /// Records what an expression owes a narrower type.
    pub(super) fn narrow_value(
        &mut self,
        value: ExprId,
        from: Ty,
        to: Ty,
        term: TermId,
        site: Site,
    ) {
        if *self.types.kind(to) == TyKind::Nat && self.is_non_negative(value) {
            let at = self.at(self.tail_span(value));
            return self.evident(Kind::NatBind, at);
        }
        if matches!(self.types.base_kind(to), TyKind::Fn { .. })
            && Fault::FunctionParameter.planted()
            && !self.result_narrows(from, to)
        {
            return;
        }
        let span = self.tail_span(value);
        let (at, text) = (self.at(span), self.text(value));
        let literal = self.literal(value);
        self.narrowing(from, to, term, site, at, text, literal);
    }

    /// Whether a function value promises more of its results under the second type.
    fn result_narrows(&mut self, from: Ty, to: Ty) -> bool {
        match (self.types.base_kind(from), self.types.base_kind(to)) {
            (&TyKind::Fn { ret: from, .. }, &TyKind::Fn { ret: to, .. }) => {
                let returns = *self.types.base_kind(from) != TyKind::Never;
                returns && from != to && self.narrows(from, to)
            }
            _ => false,
        }
    }

    /// The text of a literal, a negated one included.
    fn literal(&self, value: ExprId) -> Option<String> {
        match &self.frame.body[value].kind {
            ExprKind::Int(_) | ExprKind::Float(_) | ExprKind::Str(_) | ExprKind::Bool(_) => {
                Some(self.text(value))
            }
            ExprKind::Unary { operand, .. } => self.literal(*operand).map(|_| self.text(value)),
            _ => None,
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what a value is and where it goes")]
    pub(super) fn narrowing(
        &mut self,
        from: Ty,
        to: Ty,
        term: TermId,
        site: Site,
        at: FileSpan,
        text: String,
        literal: Option<String>,
    ) {
        // Predicates call functions with arguments of their own.
        let callee = self.callee.take();
        if matches!(self.types.kind(to), TyKind::Nat) {
            let claim = self.belongs(term, to);
            let about =
                About::Narrow { site, predicate: String::new(), nested: false, literal: None };
            self.callee = callee;
            return self.narrow_record(Kind::NatBind, at, text, claim, about);
        }
        if matches!(self.types.kind(to), TyKind::Refined(..)) && !self.carries(from, to) {
            let claim = self.belongs(term, to);
            let predicate = self.predicate_text(to);
            let about = About::Narrow { site, predicate, nested: false, literal };
            self.callee = callee;
            self.narrow_record(Kind::RefineBind, at, text.clone(), claim, about);
        }
        let (inner, outer) = (self.types.base(from), self.types.base(to));
        if inner == outer {
            return;
        }
        let functions = self.functions_narrow(from, to);
        if matches!(self.types.kind(outer), TyKind::Fn { .. }) {
            if functions {
                self.functions_record(from, to, site, at, text);
            }
        } else if self.is_constrained(outer) && *self.types.kind(outer) != TyKind::Nat {
            self.callee = callee;
            self.nested_narrowing(to, term, site, at, text);
        } else if functions && !Fault::FunctionInside.planted() {
            self.functions_record(from, to, site, at, text);
        }
    }

    /// Whether function values in a value of the first type check more, or are asked to
    /// yield more, than the second type says.
    pub(super) fn functions_narrow(&mut self, from: Ty, to: Ty) -> bool {
        let mut met = HashSet::new();
        let mut work = vec![(from, to)];
        while let Some((from, to)) = work.pop() {
            if from == to || !met.insert((from, to)) {
                continue;
            }
            match (self.types.base_kind(from).clone(), self.types.base_kind(to).clone()) {
                (
                    TyKind::Fn { params: own, ret: yields, .. },
                    TyKind::Fn { params: given, ret, .. },
                ) => {
                    let returns = *self.types.base_kind(yields) != TyKind::Never;
                    let mut sides: Vec<(Ty, Ty)> = given.into_iter().zip(own).collect();
                    sides.extend(returns.then_some((yields, ret)));
                    if sides.iter().any(|(from, to)| from != to && self.narrows_values(*from, *to))
                    {
                        return true;
                    }
                    work.extend(sides);
                }
                (TyKind::Array(from), TyKind::Array(to))
                | (TyKind::Future(from), TyKind::Future(to)) => work.push((from, to)),
                (TyKind::Map(_, from), TyKind::Map(_, to)) => work.push((from, to)),
                (TyKind::Tuple(from), TyKind::Tuple(to)) => work.extend(from.into_iter().zip(to)),
                (TyKind::Data(data, from), TyKind::Data(_, to)) => {
                    let program = self.program;
                    for field in program.data(data).ctors.iter().flat_map(|c| &c.fields) {
                        work.push((self.types.subst(*field, &from), self.types.subst(*field, &to)));
                    }
                }
                _ => {}
            }
        }
        false
    }

    /// The record of functions that are asked for more than they promise: what they
    /// will be given and yield is not modelled. Where the calls are checked is known to
    /// no one place.
    fn functions_record(&mut self, from: Ty, to: Ty, site: Site, at: FileSpan, text: String) {
        let claim = Claim::exactly(self.opaque(Ty::BOOL, "calls"));
        let refined = self.mentions_refinement(from) || self.mentions_refinement(to);
        let kind = if refined { Kind::RefineBind } else { Kind::NatBind };
        let predicate = self.show(to);
        let about = About::Narrow { site, predicate, nested: true, literal: None };
        let demand = self.goal(claim);
        let obligation = self.obligation(kind, at, text, demand);
        let phase = if obligation.phase == phase::BODY { phase::NARROW } else { obligation.phase };
        self.record(Obligation { phase, about, check: Check::Elsewhere, ..obligation });
    }

    /// The record of the values inside a compound one.
    fn nested_narrowing(&mut self, to: Ty, term: TermId, site: Site, at: FileSpan, text: String) {
        let callee = self.callee.take();
        let claim = self.parts_belong(term, to);
        self.callee = callee;
        let predicate = self.show(to);
        let about = About::Narrow { site, predicate, nested: true, literal: None };
        let kind = if self.mentions_refinement(to) { Kind::RefineBind } else { Kind::NatBind };
        self.narrow_record(kind, at, text, claim, about);
    }

    fn narrow_record(
        &mut self,
        kind: Kind,
        at: FileSpan,
        text: String,
        claim: Claim,
        about: About,
    ) {
        let obligation = self.obligation(kind, at, text, self.goal(claim));
        let phase = if obligation.phase == phase::BODY { phase::NARROW } else { obligation.phase };
        let check = self.callee.map_or(obligation.check, Check::At);
        self.record(Obligation { phase, about, check, ..obligation });
    }

    /// Whether a value of type `from` satisfies every predicate of `to` already.
    fn carries(&self, from: Ty, to: Ty) -> bool {
        let mut at = from;
        loop {
            if at == to {
                return true;
            }
            match self.types.kind(at) {
                TyKind::Refined(base, ..) => at = *base,
                _ => return false,
            }
        }
    }

    /// Whether an expression is evidently not negative, by its form.
    pub(super) fn is_non_negative(&mut self, e: ExprId) -> bool {
        let body = self.frame.body;
        match &body[e].kind {
            ExprKind::Int(value) => *value >= 0,
            ExprKind::Binary {
                op: BinaryOp::Add | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem,
                left,
                right,
            } => self.is_non_negative(*left) && self.is_non_negative(*right),
            ExprKind::If { then, otherwise, .. } => {
                self.is_non_negative(*then) && self.is_non_negative(*otherwise)
            }
            ExprKind::Match { arms, .. } => arms.iter().all(|arm| self.is_non_negative(arm.body)),
            ExprKind::Block { result, .. } => self.is_non_negative(*result),
            _ => matches!(self.base_kind(e), TyKind::Nat | TyKind::Never),
        }
    }
}
