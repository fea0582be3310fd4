//! Invariants of data types: an obligation where a value is made, a fact where one
//! is met.
//!
//! A value whose invariant is still being evaluated must not be taken for one that
//! has it: checks would be left out on the strength of what they are there to show.
//! A predicate that only takes the value apart shows nobody but itself such a value.
//! One that hands it on shows it to the functions it calls, so their proofs do
//! without the fact; and where it could reach any function there is, all do.

use std::collections::{HashMap, HashSet};

use vera_check::typed::{Body, ExprId, ExprKind, FnId, PatternKind, Program, RefinementId};
use vera_check::types::{Ty, TyKind, Types, for_each_refinement};

use super::walk::Walk;
use super::*;

/// Contracts within contracts in which invariants are known.
const MAX_DEPTH: u32 = 2;

/// Who may rely on the invariants of a program.
pub(super) struct Invariants {
    trust: HashMap<RefinementId, Trust>,
}

enum Trust {
    All,
    /// All but these functions.
    AllBut(HashSet<FnId>),
    Nobody,
}

impl Invariants {
    pub fn new(program: &Program, types: &mut Types) -> Invariants {
        let ids = program.datas.iter().filter_map(|d| d.invariant);
        Invariants { trust: ids.map(|id| (id, trust(program, types, id))).collect() }
    }

    /// Whether the proof of a function, or of a predicate, may rely on an invariant.
    fn holds_for(&self, id: RefinementId, function: Option<FnId>) -> bool {
        match &self.trust[&id] {
            Trust::All => true,
            Trust::AllBut(shown) => function.is_some_and(|f| !shown.contains(&f)),
            Trust::Nobody => false,
        }
    }

    /// Whether anybody but the predicate sees a value whose invariant is being
    /// evaluated.
    fn is_shown(&self, id: RefinementId) -> bool {
        match &self.trust[&id] {
            Trust::All => false,
            Trust::AllBut(_) | Trust::Nobody => true,
        }
    }
}

fn trust(program: &Program, types: &mut Types, id: RefinementId) -> Trust {
    let refinement = &program.refinements[id.index()];
    if !is_handed_on(program, id) {
        return Trust::All;
    }
    let applies = program
        .types_within(types, refinement.base)
        .into_iter()
        .any(|ty| matches!(types.kind(ty), TyKind::Fn { .. } | TyKind::Param(..)));
    if applies { Trust::Nobody } else { Trust::AllBut(reached(program, id)) }
}

/// Whether the predicate does more with the value than to take it apart.
fn is_handed_on(program: &Program, id: RefinementId) -> bool {
    let refinement = &program.refinements[id.index()];
    let is_value =
        |e: ExprId| matches!(refinement.body[e].kind, ExprKind::Local(l) if l == refinement.binder);
    let (mut uses, mut taken_apart) = (0, 0);
    visit::all(&refinement.body, refinement.predicate, &mut |e| {
        uses += usize::from(is_value(e));
        if let ExprKind::Match { scrutinee, arms } = &refinement.body[e].kind
            && is_value(*scrutinee)
            && !arms.iter().any(|arm| matches!(arm.pattern.kind, PatternKind::Bind(_)))
        {
            taken_apart += 1;
        }
    });
    uses != taken_apart
}

/// The functions that evaluating the predicate may run.
fn reached(program: &Program, id: RefinementId) -> HashSet<FnId> {
    let mut reached = Reached { program, fns: HashSet::new(), refinements: HashSet::new() };
    reached.refinement(id);
    reached.fns
}

struct Reached<'a> {
    program: &'a Program,
    fns: HashSet<FnId>,
    refinements: HashSet<RefinementId>,
}

impl Reached<'_> {
    fn refinement(&mut self, id: RefinementId) {
        if self.refinements.insert(id) {
            self.body(&self.program.refinements[id.index()].body);
        }
    }

    fn function(&mut self, id: FnId) {
        if self.fns.insert(id) {
            let function = self.program.function(id);
            self.ty(function.ret);
            self.body(&function.body);
        }
    }

    fn body(&mut self, body: &Body) {
        body.locals.iter().for_each(|local| self.ty(local.ty));
        for expr in &body.exprs {
            self.ty(expr.ty);
            match &expr.kind {
                ExprKind::Call { callee, .. } => self.function(*callee),
                ExprKind::Construct { data, .. } => {
                    self.program.data(*data).invariant.into_iter().for_each(|r| self.refinement(r));
                }
                _ => {}
            }
        }
    }

    /// The predicates of a type are evaluated where values enter it.
    fn ty(&mut self, ty: Ty) {
        let mut written = Vec::new();
        for_each_refinement(&self.program.types, ty, &mut |id| written.push(id));
        written.into_iter().for_each(|id| self.refinement(id));
    }
}

impl Walk<'_, '_> {
    /// What the invariant says of a value of the type, where it can be relied on.
    pub(super) fn invariant_fact(&mut self, value: TermId, ty: Ty) -> TermId {
        match self.invariant(ty) {
            Some((id, args))
                if self.invariants.holds_for(id, self.unit.function)
                    && !self.making.contains(&id) =>
            {
                self.predicate(id, &args, value)
            }
            _ => self.terms().yes(),
        }
    }

    /// The obligation of a value just made, which is a fact afterwards.
    pub(super) fn owes_invariant(&mut self, e: ExprId, value: TermId) {
        let ty = self.ty(e);
        let Some((id, args)) = self.invariant(ty) else { return };
        // Whoever evaluates the predicate, the value does not have the invariant yet.
        let making = self.making.len();
        self.making.extend(self.invariants.is_shown(id).then_some(id));
        let claim = self.predicate(id, &args, value);
        self.making.truncate(making);
        let refinement = &self.program.refinements[id.index()];
        let predicate = refinement.written(self.program, self.sources);
        let TyKind::Data(data, _) = self.types.base_kind(ty) else { return };
        let data = self.program.data(*data).name.to_string();
        self.demand(Kind::RefineBind, e, claim, About::Invariant { data, predicate });
        if !self.place.bound {
            self.assume(Fact::exactly(claim), Why::Path);
        }
    }

    /// The invariant of a data type, if it does not stand too deep in predicates: those
    /// of recursive types have no end.
    fn invariant(&self, ty: Ty) -> Option<(RefinementId, Vec<Ty>)> {
        if self.place.depth < MAX_DEPTH { self.program.invariant(self.types, ty) } else { None }
    }
}
