//! Proofs that rest on what another function's declared types promise although this
//! run could not establish it (language reference, chapter 08.10).

use std::collections::HashMap;

use vera_check::typed::FnId;
use vera_diagnostics::Code;

use super::discharge::Context;
use super::{Settled, Status};
use crate::logic::{Op, TermId};
use crate::obligations::{Demand, Goal, Kind, Obligations, Origin, Unit, Why};
use crate::solver::Answer;

/// Withdraws proofs that need a disclosed fact; goes on until none is left, since
/// each withdrawal may disclose more.
pub(crate) fn disclose(context: &Context<'_>, all: &Obligations, settled: &mut [Vec<Settled>]) {
    let mut disclosed: HashMap<FnId, &'static str> = HashMap::new();
    loop {
        let before = disclosed.len();
        for (unit, records) in all.units.iter().zip(settled.iter()) {
            if let Some(f) = unit.function
                && let Some(reason) = records.iter().find_map(reason)
            {
                disclosed.entry(f).or_insert(reason);
            }
        }
        if disclosed.len() == before {
            return;
        }
        for (unit, records) in all.units.iter().zip(settled.iter_mut()) {
            for (obligation, record) in unit.obligations.iter().zip(records) {
                let Demand::Goals(goals) = &obligation.demand else { continue };
                if record.status != Status::Verified {
                    continue;
                }
                if let Some(reason) = goals.iter().find_map(|g| needs(context, unit, &disclosed, g))
                {
                    record.status = Status::Tier3;
                    record.code = Some(Code::E534);
                    record.reason = Some(reason);
                }
            }
        }
    }
}

/// How a record discloses its function's declared types.
fn reason(record: &Settled) -> Option<&'static str> {
    match (record.kind, record.status, record.code) {
        (_, _, Some(Code::E534)) => Some("could neither prove nor guard"),
        (Kind::RefineBind | Kind::NatBind, Status::Violated, _) => Some("proved FALSE"),
        (Kind::RefineBind | Kind::NatBind, Status::Tier3Unguarded, _) => {
            Some("could neither prove nor guard")
        }
        (Kind::RefineBind | Kind::NatBind, Status::Timeout, _) => {
            Some("could not decide within the budget")
        }
        _ => None,
    }
}

/// Why a goal is not proved without the disclosed facts, if it is not.
fn needs(
    context: &Context<'_>,
    unit: &Unit,
    disclosed: &HashMap<FnId, &'static str>,
    goal: &Goal,
) -> Option<&'static str> {
    let mut found = None;
    let mut kept: Vec<TermId> = Vec::new();
    for hyp in unit.facts(goal.under) {
        let node = &unit.terms[hyp.fact];
        let parts = if node.op == Op::And { node.args.to_vec() } else { vec![hyp.fact] };
        for part in parts {
            match (hyp.why == Why::Type).then(|| payload_of(unit, disclosed, part)).flatten() {
                Some(reason) => found = Some(reason),
                None => kept.push(part),
            }
        }
    }
    let reason = found?;
    kept.reverse();
    (context.refute_from(unit, kept, goal.claim.term()) != Answer::Unsatisfiable).then_some(reason)
}

/// Whether a fact is about a part of the result of a disclosed function.
fn payload_of(
    unit: &Unit,
    disclosed: &HashMap<FnId, &'static str>,
    fact: TermId,
) -> Option<&'static str> {
    let (mut reason, mut part) = (None, false);
    unit.terms.visit(&[fact], &mut |id| match &unit.terms[id].op {
        Op::Apply(symbol) => {
            if let Some(Origin::Call { callee: f, .. }) = unit.origins.get(symbol) {
                reason = reason.or(disclosed.get(f).copied());
            }
        }
        Op::Select(..) | Op::Element => part = true,
        _ => {}
    });
    if part { reason } else { None }
}
