//! Functions that come back from every call with arguments of their types.

use std::collections::{HashMap, HashSet};

use vera_check::typed::{Clause, ClauseKind, DataId, ExprId, ExprKind, FnId, Function, Program};
use vera_check::types::{Ty, TyKind};

use super::discharge::Finding;
use crate::logic::{Op, TermId, Terms};
use crate::obligations::{Kind, Obligation, Obligations, Unit};

/// What is proved of functions, as far as it decides whether calls come back.
pub(super) struct Totality<'p> {
    program: &'p Program,
    /// Of each function with units: whether everything it owes is proved, and whether
    /// all that its body owes is.
    proved: HashMap<FnId, (bool, bool)>,
}

impl<'p> Totality<'p> {
    pub fn new(program: &'p Program, all: &Obligations, findings: &[Vec<Finding>]) -> Totality<'p> {
        let mut proved: HashMap<FnId, (bool, bool)> = HashMap::new();
        for (unit, findings) in all.units.iter().zip(findings) {
            let Some(function) = unit.function else { continue };
            let entry = proved.entry(function).or_insert((true, true));
            entry.0 &= is_proved(unit, findings, |_| true);
            let clauses = &program.function(function).clauses;
            entry.1 &= is_proved(unit, findings, |o| !is_about_result(clauses, o));
        }
        Totality { program, proved }
    }

    /// The functions whose calls all come back, whatever the arguments.
    pub fn total(&self) -> HashSet<FnId> {
        let all = (0..self.program.fns.len() as u32).map(FnId);
        let owed = |f: &FnId| self.proved.get(f).is_some_and(|(all, _)| *all);
        let plain = |f: &FnId| is_plain(self.program, self.program.function(*f));
        let mut total: HashSet<FnId> = all.filter(|f| owed(f) && plain(f)).collect();
        // A cycle has a proved measure; what is left is whether callees outside are total.
        loop {
            let keeps = |f: &FnId| self.callees(*f).all(|c| self.comes_back(c, &total));
            let kept: HashSet<FnId> = total.iter().copied().filter(keeps).collect();
            if kept.len() == total.len() {
                return total;
            }
            total = kept;
        }
    }

    /// Whether the body of a function comes to its end for all arguments that it admits;
    /// what it claims at the end is another matter.
    pub fn ends(&self, function: FnId, total: &HashSet<FnId>) -> bool {
        let pure = self.program.function(function).effects.is_empty();
        pure && self.proved.get(&function).is_some_and(|(_, but_ensures)| *but_ensures)
            && self.callees(function).all(|callee| self.comes_back(callee, total))
    }

    fn comes_back(&self, callee: FnId, total: &HashSet<FnId>) -> bool {
        // What the library is written in is proved once for all; its preconditions are
        // obligations of the caller.
        self.program.is_prelude(self.program.function(callee).module) || total.contains(&callee)
    }

    /// What the body of a function calls.
    fn callees(&self, function: FnId) -> impl Iterator<Item = FnId> {
        let function = self.program.function(function);
        let mut out = Vec::new();
        for_each(function, &mut |e| {
            if let ExprKind::Call { callee, .. } = &function.body[e].kind {
                out.push(*callee);
            }
        });
        out.into_iter()
    }
}

fn is_proved(unit: &Unit, findings: &[Finding], counts: impl Fn(&Obligation) -> bool) -> bool {
    let counted = unit.obligations.iter().zip(findings).filter(|(o, _)| counts(o));
    let all = counted.map(|(_, f)| *f).all(|f| f == Finding::Proved);
    all && unit.trusts.is_empty()
}

/// Whether an obligation is a postcondition, or arises when one is evaluated.
fn is_about_result(clauses: &[Clause], obligation: &Obligation) -> bool {
    let around = |c: &Clause| {
        c.span.start <= obligation.at.span.start && obligation.at.span.end <= c.span.end
    };
    let ensures = |c: &&Clause| matches!(c.kind, ClauseKind::Ensures(_));
    obligation.kind == Kind::Ensures || clauses.iter().filter(ensures).any(around)
}

/// Whether a function admits all values of its parameters' types, has no effects, and
/// applies no function value, of which nothing is known.
fn is_plain(program: &Program, function: &Function) -> bool {
    let asks = |kind: &ClauseKind| match kind {
        ClauseKind::Requires(e) => !matches!(function.body[*e].kind, ExprKind::Bool(true)),
        ClauseKind::Ensures(_) | ClauseKind::Decreases(_) => false,
    };
    let admits_all = function.params.iter().all(|param| {
        let ty = function.body[*param].ty;
        let number = matches!(program.types.kind(ty), TyKind::Int | TyKind::Nat | TyKind::Byte);
        number || is_unconstrained(program, ty, &mut HashSet::new())
    });
    let mut applies = false;
    for_each(function, &mut |e| {
        applies |= matches!(
            &function.body[e].kind,
            ExprKind::Apply { .. }
                | ExprKind::Perform { .. }
                | ExprKind::Handle(_)
                | ExprKind::Hole
                | ExprKind::Assume(_)
                | ExprKind::Resume(_)
        );
    });
    function.effects.is_empty()
        && !function.clauses.iter().any(|clause| asks(&clause.kind))
        && admits_all
        && !applies
}

/// Whether all values of a type's representation belong to it, and it holds no functions.
fn is_unconstrained(program: &Program, ty: Ty, seen: &mut HashSet<Ty>) -> bool {
    if !seen.insert(ty) {
        return true;
    }
    let mut datas = Vec::new();
    let constrained = vera_check::types::any(&program.types, ty, &mut |kind| match kind {
        TyKind::Nat | TyKind::Byte | TyKind::Refined(..) | TyKind::Fn { .. } => true,
        TyKind::Data(id, _) => {
            datas.push(*id);
            false
        }
        _ => false,
    });
    let unconstrained = |id: DataId, seen: &mut HashSet<Ty>| {
        let data = program.data(id);
        let mut fields = data.ctors.iter().flat_map(|ctor| &ctor.fields);
        data.invariant.is_none() && fields.all(|field| is_unconstrained(program, *field, seen))
    };
    !constrained && datas.into_iter().all(|id| unconstrained(id, seen))
}

/// What numbers must be to be arguments of a function: those of its type.
pub(super) fn admitted(
    program: &Program,
    function: FnId,
    terms: &mut Terms,
    args: &[TermId],
) -> TermId {
    let function = program.function(function);
    let mut all = Vec::new();
    for (param, arg) in function.params.iter().zip(args) {
        match program.types.kind(function.body[*param].ty) {
            TyKind::Int => all.push(terms.within(*arg, i64::MIN.into(), i64::MAX.into())),
            TyKind::Nat => all.push(terms.within(*arg, 0, i64::MAX.into())),
            TyKind::Byte => all.push(terms.within(*arg, 0, 255)),
            _ => {}
        }
    }
    terms.all(&all)
}

fn for_each(function: &Function, visit: &mut dyn FnMut(ExprId)) {
    let mut work = vec![function.result];
    while let Some(e) = work.pop() {
        visit(e);
        function.body[e].kind.for_each_child(|child| work.push(child));
    }
}

/// Whether every term of this form is a value of its type: no arithmetic, whose result
/// may not fit, nothing that depends on a quantifier, and values made here only where
/// `made` are known to be some.
pub(super) fn is_value(terms: &Terms, term: TermId, made: bool) -> bool {
    let mut work = vec![term];
    while let Some(id) = work.pop() {
        let node = &terms[id];
        match node.op {
            Op::Apply(_) | Op::Bool(_) | Op::Int(_) | Op::Float(_) | Op::String(_) => {}
            Op::Select(..) => work.extend(&node.args),
            Op::Construct(..) | Op::ArrayLiteral(_) if made => work.extend(&node.args),
            _ => return false,
        }
    }
    true
}
