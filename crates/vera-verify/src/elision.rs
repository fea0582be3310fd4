//! Which run-time checks of a module the proofs make superfluous (language
//! reference, chapter 07.6).
//!
//! A check goes only when every obligation at its place is proved. What the proofs
//! themselves rest on stays: preconditions and refined parameters, which callers
//! outside the program may break, and measures. A function that holds an `assume`, or
//! uses a clause or type whose predicate does, keeps all its checks, since its proofs
//! are as good as those assumptions.

use std::collections::HashSet;

use vera_abi::trap::TrapKind;
use vera_diagnostics::FileSpan;

use crate::obligations::Kind;
use crate::reconcile::answers;
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
            proved(r)
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
