//! Which run-time checks of a module the proofs make superfluous (language
//! reference, chapter 07.6).
//!
//! A check goes only when every obligation at its place is proved. What the proofs
//! themselves rest on stays: preconditions and refined parameters, which callers
//! outside the program may break, and measures. A function that holds an `assume`, or
//! uses a clause or type whose predicate does, keeps all its checks, since its proofs
//! are as good as those assumptions. And a check stays whose predicate may trap or run
//! on: what it teaches those after it is that it came back.

use std::collections::{HashMap, HashSet};

use vera_abi::trap::TrapKind;
use vera_check::typed::{Body, ClauseKind, ExprId, ExprKind, FnId, ModuleId, Program};
use vera_diagnostics::{FileSpan, Span};

use crate::obligations::{Kind, Obligations};
use crate::reconcile::answers;
use crate::verdict::Settled;
use crate::{EmittedCheck, Module, Record, Status, Verification};

/// The checks of `module` that never fail.
///
/// None, when some obligation is neither proved nor checked anywhere: facts that
/// depend on it may be wrong, and then a check further on is the one that notices.
pub fn superfluous(verification: &Verification, module: &Module) -> HashSet<(TrapKind, FileSpan)> {
    if verification.records.iter().any(|r| r.status == Status::Tier3Unguarded) {
        return HashSet::new();
    }
    let proved = |r: &Record| {
        r.status == Status::Verified
            && r.declaration.is_some_and(|d| !verification.trusting.contains(&d))
    };
    let goes = |check: &&EmittedCheck| {
        let mut answering = verification.records.iter().filter(|r| answers(check, r)).peekable();
        let mut owned = false;
        answering.all(|r| {
            owned |= r.check_at == Some(check.at) && r.at == check.at && may_go(r.kind);
            proved(r) && !verification.stays(r)
        }) && owned
    };
    module.checks.iter().filter(goes).map(|check| (check.kind, check.at)).collect()
}

/// Whether the check of a proved obligation of this kind can be left out.
fn may_go(kind: Kind) -> bool {
    match kind {
        Kind::Ensures
        | Kind::Assert
        | Kind::NatSub
        | Kind::NatBind
        | Kind::RefineBind
        | Kind::DivZero
        | Kind::IndexBounds
        | Kind::IntOverflow
        | Kind::FloatToIntDomain => true,
        Kind::Requires | Kind::Decreases | Kind::StateDecl | Kind::CallPre => false,
    }
}

/// Predicates whose evaluation is not known to come back.
#[derive(Clone, Debug, Default)]
pub(crate) struct Partial {
    /// Clauses and asserted predicates, by their place.
    places: HashSet<FileSpan>,
    /// Predicates of types.
    of_types: bool,
}

impl Verification {
    /// Whether the check of a proved record stays, because its predicate may not come
    /// back.
    fn stays(&self, record: &Record) -> bool {
        match record.kind {
            Kind::Ensures | Kind::Assert => self.partial.places.contains(&record.at),
            Kind::RefineBind => self.partial.of_types,
            Kind::Requires
            | Kind::Decreases
            | Kind::CallPre
            | Kind::NatSub
            | Kind::NatBind
            | Kind::DivZero
            | Kind::IndexBounds
            | Kind::IntOverflow
            | Kind::FloatToIntDomain
            | Kind::StateDecl => false,
        }
    }
}

/// Finds the predicates that may trap or run on: those with an operation that is not
/// proved, or with a call of a function that has one or runs what it was given.
pub(crate) fn partial(program: &Program, all: &Obligations, settled: &[Vec<Settled>]) -> Partial {
    let mut open: Vec<FileSpan> = Vec::new();
    let mut verified: HashMap<FnId, bool> = HashMap::new();
    for (unit, records) in all.units.iter().zip(settled) {
        let proved = |r: &&Settled| r.status == Status::Verified;
        open.extend(records.iter().filter(|r| !proved(r)).map(|r| r.at));
        if let Some(f) = unit.function {
            *verified.entry(f).or_insert(true) &= records.iter().all(|r| proved(&r));
        }
    }
    open.sort();
    let total = total(program, &verified);
    let holds_open = |module: ModuleId, span: Span| {
        let file = program.modules[module.index()].file;
        let first = open.partition_point(|at| (at.file, at.span.start) < (file, span.start));
        let begins_inside = |at: &&FileSpan| at.file == file && at.span.start <= span.end;
        open[first..].iter().take_while(begins_inside).any(|at| at.span.end <= span.end)
    };
    let comes_back = |body: &Body, module: ModuleId, predicate: ExprId| {
        !holds_open(module, body[predicate].span) && calls_total(body, predicate, &total)
    };
    let mut partial = Partial::default();
    for function in &program.fns {
        let (body, module) = (&function.body, function.module);
        let file = program.modules[module.index()].file;
        for clause in &function.clauses {
            if let ClauseKind::Ensures(predicate) = clause.kind
                && !comes_back(body, module, predicate)
            {
                partial.places.insert(FileSpan { file, span: clause.span });
            }
        }
        for expr in &body.exprs {
            if let ExprKind::Assert { predicate, .. } = expr.kind
                && !comes_back(body, module, predicate)
            {
                partial.places.insert(FileSpan { file, span: expr.span });
            }
        }
    }
    partial.of_types =
        program.refinements.iter().any(|r| !comes_back(&r.body, r.module, r.predicate));
    partial
}

/// The functions, by number, every call of which that meets its precondition returns.
fn total(program: &Program, verified: &HashMap<FnId, bool>) -> Vec<bool> {
    let ids = (0..program.fns.len() as u32).map(FnId);
    let mut total: Vec<bool> = ids
        .map(|f| {
            let function = program.function(f);
            let trusted = program.modules[function.module.index()].prelude;
            trusted || function.effects.is_empty() && verified.get(&f) == Some(&true)
        })
        .collect();
    loop {
        let mut changed = false;
        for (f, function) in program.fns.iter().enumerate() {
            let trusted = program.modules[function.module.index()].prelude;
            let all = || {
                (0..function.body.exprs.len() as u32)
                    .all(|e| is_total(&function.body, ExprId(e), &total))
            };
            if total[f] && !trusted && !all() {
                total[f] = false;
                changed = true;
            }
        }
        if !changed {
            return total;
        }
    }
}

fn calls_total(body: &Body, predicate: ExprId, total: &[bool]) -> bool {
    let mut work = vec![predicate];
    while let Some(e) = work.pop() {
        if !is_total(body, e, total) {
            return false;
        }
        body[e].kind.for_each_child(|child| work.push(child));
    }
    true
}

/// Whether the expression itself calls nothing that may not return.
fn is_total(body: &Body, e: ExprId, total: &[bool]) -> bool {
    match &body[e].kind {
        ExprKind::Call { callee, .. } => total[callee.index()],
        ExprKind::Apply { .. } => false,
        _ => true,
    }
}
