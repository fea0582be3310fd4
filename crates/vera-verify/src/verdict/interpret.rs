//! The language's verdict on a finding (language reference, chapter 08 sections 3
//! and 5).

use std::collections::HashSet;

use vera_diagnostics::Code;

use super::discharge::Finding;
use super::{Counterexample, Settled, Status};
use crate::logic::{Op, TermId};
use crate::obligations::{About, Demand, Kind, Obligation, Origin, Site, Unit};

/// How a goal rests on values nothing is known of; ordered by what excuses more.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Dependence {
    Independent,
    /// On the content of a cell at entry, or a slot bound to it.
    State,
    BoundState,
    /// On a slot bound to such a value.
    Slot,
    /// On such an expression of a contract clause.
    Clause,
    /// On such an expression of the body.
    Body,
}

/// The verdicts on a unit's obligations.
pub(crate) fn interpret(unit: &Unit, findings: &[Finding]) -> Vec<Settled> {
    let unmet = unmet_calls(unit, findings);
    let settle = |(obligation, finding): (&Obligation, &Finding)| {
        let dependence = || match &obligation.demand {
            Demand::Goals(goals) => goals
                .iter()
                .map(|g| depends(unit, &unmet, g.claim.term()))
                .max()
                .unwrap_or(Dependence::Independent),
            Demand::Nothing | Demand::Inexpressible | Demand::Failed => Dependence::Independent,
        };
        let (status, code) = match finding {
            Finding::Proved => (Status::Verified, None),
            Finding::Refuted { certain } => refuted(obligation, *certain, dependence()),
            Finding::Unknown => unsettled(obligation.kind, true),
            Finding::Inexpressible => unsettled(obligation.kind, false),
        };
        Settled {
            kind: obligation.kind,
            status,
            code,
            at: obligation.at,
            check: obligation.check,
            text: obligation.text.clone(),
            phase: obligation.phase,
            about: obligation.about.clone(),
            counterexample: Counterexample::default(),
            listed: !matches!(obligation.about, About::Call { builtin: false, .. }),
            reason: None,
            instances: unit.instance.clone().into_iter().collect(),
        }
    };
    unit.obligations.iter().zip(findings).map(settle).collect()
}

/// Results of calls whose precondition is not proved: nothing is known of them.
fn unmet_calls(unit: &Unit, findings: &[Finding]) -> HashSet<TermId> {
    let unmet = |owed: &Vec<usize>| owed.iter().any(|i| findings[*i] != Finding::Proved);
    unit.call_obligations.iter().filter(|(_, owed)| unmet(owed)).map(|(t, _)| *t).collect()
}

fn depends(unit: &Unit, unmet: &HashSet<TermId>, claim: TermId) -> Dependence {
    let mut worst = Dependence::Independent;
    unit.terms.visit(&[claim], &mut |id| {
        let Op::Apply(symbol) = &unit.terms[id].op else { return };
        let own = match unit.origins.get(symbol) {
            None => Dependence::Independent,
            Some(Origin::Opaque { in_clause: true }) => Dependence::Clause,
            Some(Origin::Opaque { in_clause: false }) => Dependence::Body,
            Some(Origin::Call { .. }) if unit.specified.contains(&id) => Dependence::Clause,
            // A generic callee says little by its contract, so its result counts as
            // unknown where a proof fails.
            Some(Origin::Call { generic: true, .. }) => Dependence::Body,
            Some(Origin::Call { .. }) if unmet.contains(&id) => Dependence::Body,
            Some(Origin::Call { .. }) => Dependence::Independent,
            Some(Origin::State) => Dependence::State,
            Some(Origin::Binding(value)) => match depends(unit, unmet, *value) {
                Dependence::Independent => Dependence::Independent,
                Dependence::State | Dependence::BoundState => Dependence::BoundState,
                Dependence::Slot | Dependence::Clause | Dependence::Body => Dependence::Slot,
            },
        };
        worst = worst.max(own);
    });
    worst
}

fn refuted(
    obligation: &Obligation,
    certain: bool,
    dependence: Dependence,
) -> (Status, Option<Code>) {
    use Dependence::{BoundState, Independent, Slot};
    let kind = obligation.kind;
    let independent = dependence == Independent;
    let slot = matches!(dependence, Slot | BoundState);
    // Where facts are missing, only a manifest failure counts.
    let failed = if obligation.deferred || kind.needs_certain_failure() {
        certain
    } else if obligation.in_clause {
        // A postcondition speaks of the content at entry as it does of parameters.
        independent || kind == Kind::Ensures && dependence <= BoundState
    } else {
        match kind {
            Kind::NatBind | Kind::RefineBind => independent || slot && !is_return(obligation),
            Kind::CallPre => independent || slot,
            Kind::Requires
            | Kind::Ensures
            | Kind::Decreases
            | Kind::Assert
            | Kind::NatSub
            | Kind::DivZero
            | Kind::IndexBounds
            | Kind::IntOverflow
            | Kind::FloatToIntDomain
            | Kind::StateDecl => independent,
        }
    };
    if failed && let Some(code) = error(kind) {
        return (Status::Violated, Some(code));
    }
    let (status, code) = unsettled(kind, false);
    let in_clause = kind == Kind::Ensures && dependence == Dependence::Clause;
    (status, if in_clause { Some(Code::E523) } else { code })
}

fn is_return(obligation: &Obligation) -> bool {
    matches!(obligation.about, About::Narrow { site: Site::Return, .. })
}

/// The error of a refuted obligation; a measure or premise is never one.
fn error(kind: Kind) -> Option<Code> {
    match kind {
        Kind::Requires | Kind::Decreases => None,
        Kind::Ensures => Some(Code::E500),
        Kind::CallPre => Some(Code::E501),
        Kind::Assert => Some(Code::E507),
        Kind::NatSub => Some(Code::E502),
        Kind::NatBind => Some(Code::E503),
        Kind::RefineBind => Some(Code::E505),
        Kind::DivZero => Some(Code::E526),
        Kind::IndexBounds => Some(Code::E527),
        Kind::IntOverflow => Some(Code::E528),
        Kind::FloatToIntDomain => Some(Code::E529),
        Kind::StateDecl => Some(Code::E533),
    }
}

/// The verdict on an obligation that is neither proved nor refuted.
fn unsettled(kind: Kind, no_answer: bool) -> (Status, Option<Code>) {
    match kind {
        Kind::Requires => (Status::Tier3, Some(Code::E521)),
        Kind::Ensures if no_answer => (Status::Timeout, Some(Code::E524)),
        Kind::Ensures => (Status::Tier3, Some(Code::E522)),
        Kind::Decreases => (Status::Tier3, Some(Code::E525)),
        Kind::CallPre => (Status::Tier3, Some(Code::E532)),
        Kind::Assert => (Status::Tier3, Some(Code::E535)),
        Kind::RefineBind => (Status::Tier3, Some(Code::E506)),
        Kind::NatSub | Kind::DivZero if no_answer => (Status::Timeout, None),
        Kind::NatSub
        | Kind::NatBind
        | Kind::DivZero
        | Kind::IndexBounds
        | Kind::IntOverflow
        | Kind::FloatToIntDomain
        | Kind::StateDecl => (Status::Tier3, None),
    }
}
