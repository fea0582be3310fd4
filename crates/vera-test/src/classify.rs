//! What happens to each function (language reference, chapter 09.3).

use std::collections::HashSet;

use vera_check::typed::{Clause, ClauseKind, ExprKind, FnId, Function, ModuleId, Program};
use vera_check::types::{TyKind, any};
use vera_diagnostics::{Code, FileSpan};
use vera_verify::{Kind, Record, Status, Verification};

use crate::report::Category;
use crate::{Cell, Subject};

/// The reason of proved functions.
pub(crate) const PROVED: &str = "Tier 1 (proved)";

/// The decision on a function.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Plan {
    /// It is listed without running it.
    List(Category, String),
    Run,
}

/// The decision, and what the prover thinks of the function.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Decision {
    pub plan: Plan,
    /// There are contracts, and all are proved.
    pub proved: bool,
    /// The prover's first error about it.
    pub refuted: Option<Code>,
}

/// Decides on a function; `distrust`: proved ones run too.
///
/// Proofs keep no function from running but those that leave nothing to run time.
pub(crate) fn decide(
    program: &Program,
    verification: &Verification,
    subject: &Subject,
    distrust: bool,
) -> Decision {
    let function = program.function(subject.id);
    let contracts: Vec<&Record> = verification
        .records
        .iter()
        .filter(|r| belongs(r, subject) && is_contract(r.kind))
        .collect();
    let trivial = is_trivial(program, function, &contracts);
    let refuted = first_error(program, verification, subject);
    let holds = contracts.iter().all(|r| r.status == Status::Verified);
    let proved = holds && !trivial && refuted.is_none();
    let settled = refuted.is_none() && leaves_nothing(program, verification, subject.id);
    let plan = if !function.type_params.is_empty() {
        Plan::List(Category::Skipped, "generic function".to_owned())
    } else if settled && !(distrust && proved) {
        Plan::List(Category::Verified, PROVED.to_owned())
    } else {
        let cell = subject.cells.iter().find(|cell| !cell.has_zero);
        match (&subject.parameters, cell) {
            (Err(types), _) => {
                let why = format!("cannot generate {} inputs", types.join(", "));
                let (category, reason) = unable(refuted, distrust && proved, &why);
                Plan::List(category, reason)
            }
            (Ok(_), Some(cell)) => {
                let (category, reason) = unable(refuted, proved, &no_start(cell));
                Plan::List(category, reason)
            }
            (Ok(_), None) => Plan::Run,
        }
    };
    Decision { plan, proved, refuted }
}

/// Whether nothing that a call of the function runs is left to a check at run time,
/// or taken on trust.
fn leaves_nothing(program: &Program, verification: &Verification, start: FnId) -> bool {
    let mut open: HashSet<FileSpan> = verification.trusting.clone();
    for record in verification.records.iter().filter(|r| r.status != Status::Verified) {
        match record.declaration {
            Some(declaration) => _ = open.insert(declaration),
            // Predicates are evaluated by whoever makes values of their types.
            None => return false,
        }
    }
    let mut met = HashSet::from([start]);
    let mut work = vec![start];
    while let Some(id) = work.pop() {
        let function = program.function(id);
        let module = &program.modules[function.module.index()];
        if module.prelude {
            continue;
        }
        let declaration = FileSpan { file: module.file, span: function.span };
        if function.module != ModuleId(0) || open.contains(&declaration) {
            return false;
        }
        for expr in &function.body.exprs {
            if let ExprKind::Call { callee, .. } = &expr.kind
                && met.insert(*callee)
            {
                work.push(*callee);
            }
        }
    }
    true
}

/// How a function is listed that cannot be run.
pub(crate) fn unable(refuted: Option<Code>, proved: bool, why: &str) -> (Category, String) {
    match refuted {
        Some(code) => (Category::Failed, format!("verification error ({}); {why}", code.as_str())),
        None if proved => (Category::Verified, format!("Tier 1, not exercised: {why}")),
        None => (Category::Skipped, why.to_owned()),
    }
}

/// Why a function cannot be called whose cell would start as something that is no value
/// of its type.
pub(crate) fn no_start(cell: &Cell) -> String {
    format!("the cell of {} has no start value", cell.name)
}

/// Whether the record is about the function itself.
pub(crate) fn belongs(record: &Record, subject: &Subject) -> bool {
    record.declaration == Some(subject.decl)
}

/// The kinds of obligations that stand for contracts; the others are those of
/// primitive operations.
fn is_contract(kind: Kind) -> bool {
    match kind {
        Kind::Requires | Kind::Ensures | Kind::Decreases | Kind::Assert | Kind::RefineBind => true,
        Kind::CallPre
        | Kind::NatSub
        | Kind::NatBind
        | Kind::DivZero
        | Kind::IndexBounds
        | Kind::IntOverflow
        | Kind::FloatToIntDomain
        | Kind::StateDecl => false,
    }
}

/// Whether there is nothing to prove or to test: only clauses that say `true`, no
/// assertion, and no refinement.
fn is_trivial(program: &Program, function: &Function, contracts: &[&Record]) -> bool {
    let refined = |ty| any(&program.types, ty, &mut |k| matches!(k, TyKind::Refined(..)));
    let demands = contracts.iter().any(|r| matches!(r.kind, Kind::Assert | Kind::RefineBind));
    !demands
        && function.clauses.iter().all(|c| says_nothing(function, c))
        && !refined(function.ret)
        && !function.params.iter().any(|p| refined(function.body[*p].ty))
}

fn says_nothing(function: &Function, clause: &Clause) -> bool {
    match clause.kind {
        ClauseKind::Requires(e) | ClauseKind::Ensures(e) => {
            matches!(function.body[e].kind, ExprKind::Bool(true))
        }
        ClauseKind::Decreases(_) => false,
    }
}

/// The code of the verifier's first error about a function; its helpers have errors
/// of their own.
fn first_error(program: &Program, verification: &Verification, subject: &Subject) -> Option<Code> {
    let inside = |at: FileSpan| contains(subject.decl, at) && !in_helper(program, subject, at);
    let mut errors = verification.diagnostics.iter().filter(|d| d.is_error());
    errors.find(|d| d.location.is_some_and(inside)).and_then(|d| d.code)
}

fn contains(outer: FileSpan, inner: FileSpan) -> bool {
    outer.file == inner.file
        && outer.span.start <= inner.span.start
        && inner.span.end <= outer.span.end
}

fn in_helper(program: &Program, subject: &Subject, at: FileSpan) -> bool {
    let helpers = program.fns.iter().filter(|f| f.parent == Some(subject.id));
    helpers.into_iter().any(|f| {
        let file = program.modules[f.module.index()].file;
        contains(FileSpan { file, span: f.span }, at)
    })
}

/// How many errors of the verifier are about none of these functions.
pub(crate) fn unlisted_errors(
    program: &Program,
    verification: &Verification,
    failed: &[&Subject],
) -> usize {
    let listed =
        |at: FileSpan| failed.iter().any(|s| contains(s.decl, at) && !in_helper(program, s, at));
    let errors = verification.diagnostics.iter().filter(|d| d.is_error());
    errors.filter(|d| !d.location.is_some_and(listed)).count()
}
