//! Proofs by induction over a recursion that is not proved to end.
//!
//! A function may use its own postcondition of a recursive call only because the
//! recursion ends. Where the measure is not proved, what was proved so counts as
//! nothing; a function whose row has `Diverge` promises partial correctness only.

use std::collections::HashSet;

use rayon::prelude::*;
use vera_check::typed::Program;
use vera_diagnostics::Code;
use vera_faults::Fault;

use super::discharge::Context;
use super::{Settled, Status};
use crate::logic::TermId;
use crate::obligations::{Demand, Goal, Kind, Obligations, Unit, Why};
use crate::solver::Answer;

const REASON: &str = "takes from a recursion that is not proved to end";

/// Withdraws proofs that need the induction of a cycle with an unproved measure.
pub(crate) fn withdraw(
    context: &Context<'_>,
    program: &Program,
    all: &Obligations,
    settled: &mut [Vec<Settled>],
) {
    let mut open: HashSet<u32> = HashSet::new();
    for (unit, records) in all.units.iter().zip(settled.iter()) {
        let undecided = |r: &Settled| r.kind == Kind::Decreases && r.status != Status::Verified;
        if records.iter().any(undecided) {
            open.extend(unit.function.and_then(|f| program.function(f).cycle));
        }
    }
    if open.is_empty() || Fault::UnprovedMeasure.planted() {
        return;
    }
    all.units.par_iter().zip(settled).for_each(|(unit, records)| {
        let cycle = unit.function.and_then(|f| program.function(f).cycle);
        if !cycle.is_some_and(|cycle| open.contains(&cycle)) {
            return;
        }
        for (obligation, record) in unit.obligations.iter().zip(records) {
            let Demand::Goals(goals) = &obligation.demand else { continue };
            if record.status == Status::Verified
                && goals.iter().any(|goal| needs_induction(context, unit, goal))
            {
                record.status = Status::Tier3;
                record.code = Some(Code::E534);
                record.reason = Some(REASON);
            }
        }
    });
}

fn needs_induction(context: &Context<'_>, unit: &Unit, goal: &Goal) -> bool {
    let mut kept: Vec<TermId> = Vec::new();
    let mut found = false;
    for hyp in unit.facts(goal.under) {
        match hyp.why {
            Why::Induction => found = true,
            Why::Parameter | Why::Requires | Why::Assume | Why::Path | Why::Type | Why::Derived => {
                kept.push(hyp.fact)
            }
        }
    }
    kept.reverse();
    found && context.refute_from(unit, kept, goal.claim.term()) != Answer::Unsatisfiable
}
