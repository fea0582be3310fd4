//! The language's verdict on a finding (language reference, chapter 08 sections 3
//! and 5).

use vera_diagnostics::Code;

use super::discharge::Finding;
use super::{Counterexample, Gap, Settled, Status};
use crate::logic::Op;
use crate::obligations::{About, Demand, Kind, Obligation, Origin, Unit};

/// The verdicts on a unit's obligations.
pub(crate) fn interpret(unit: &Unit, findings: &[Finding]) -> Vec<Settled> {
    let settle = |(obligation, finding): (&Obligation, &Finding)| {
        let (refuted, certain) = match finding {
            Finding::Refuted { certain } => (true, *certain),
            Finding::Proved | Finding::Unknown | Finding::Inexpressible => (false, false),
        };
        let (status, code) = match finding {
            Finding::Proved => (Status::Verified, None),
            Finding::Refuted { certain } => self::refuted(unit, obligation, *certain),
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
            refuted,
            certain,
            deferred: obligation.deferred,
            exhausted: *finding == Finding::Unknown,
            tried: None,
            unknowns: Vec::new(),
            parts: None,
            calls: Vec::new(),
            gap: Gap::Model,
            listed: !matches!(obligation.about, About::Call { builtin: false, .. }),
            premises: None,
            proposal: None,
            reason: None,
            instances: unit.instance.clone().into_iter().collect(),
        }
    };
    unit.obligations.iter().zip(findings).map(settle).collect()
}

/// The verdict on a refuted obligation as far as no run decides otherwise.
fn refuted(unit: &Unit, obligation: &Obligation, certain: bool) -> (Status, Option<Code>) {
    let kind = obligation.kind;
    // Where facts are missing, only a manifest failure counts.
    let failed = certain || !obligation.deferred && !kind.needs_certain_failure();
    if failed && let Some(code) = error(kind) {
        return (Status::Violated, Some(code));
    }
    let (status, code) = unsettled(kind, false);
    let clause = kind == Kind::Ensures && rests_on_clause(unit, obligation);
    (status, if clause { Some(Code::E523) } else { code })
}

/// The error of a refuted obligation; a measure or premise is never one.
pub(super) fn error(kind: Kind) -> Option<Code> {
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

/// Whether what is not known stands in the contract clause itself.
pub(super) fn rests_on_clause(unit: &Unit, obligation: &Obligation) -> bool {
    let Demand::Goals(goals) = &obligation.demand else { return false };
    let roots: Vec<_> = goals.iter().map(|g| g.claim.term()).collect();
    let mut found = false;
    unit.terms.visit(&roots, &mut |id| {
        if let Op::Apply(symbol) = &unit.terms[id].op {
            found |= match unit.origins.get(symbol) {
                Some(Origin::Opaque { in_clause }) => *in_clause,
                Some(Origin::Call { .. }) => unit.specified.contains(&id),
                Some(Origin::Partial | Origin::State | Origin::Binding(_)) | None => false,
            };
        }
    });
    found
}

/// The verdict on an obligation that is neither proved nor refuted.
pub(super) fn unsettled(kind: Kind, no_answer: bool) -> (Status, Option<Code>) {
    match kind {
        Kind::Requires => (Status::Tier3, Some(Code::E521)),
        Kind::Ensures if no_answer => (Status::Timeout, Some(Code::E524)),
        Kind::Ensures => (Status::Tier3, Some(Code::E522)),
        Kind::Decreases => (Status::Tier3, Some(Code::E525)),
        Kind::CallPre => (Status::Tier3, Some(Code::E532)),
        Kind::Assert => (Status::Tier3, Some(Code::E535)),
        Kind::RefineBind => (Status::Tier3, Some(Code::E506)),
        Kind::NatSub if no_answer => (Status::Timeout, Some(Code::W009)),
        Kind::NatSub => (Status::Tier3, Some(Code::W009)),
        Kind::DivZero if no_answer => (Status::Timeout, Some(Code::W007)),
        Kind::DivZero => (Status::Tier3, Some(Code::W007)),
        Kind::NatBind => (Status::Tier3, Some(Code::W008)),
        Kind::IndexBounds => (Status::Tier3, Some(Code::W006)),
        Kind::FloatToIntDomain => (Status::Tier3, Some(Code::W010)),
        Kind::IntOverflow | Kind::StateDecl => (Status::Tier3, None),
    }
}
