//! Which parts of a conjunction are not proved, and which calls do not shrink a measure.

use super::discharge::Context;
use super::{Settled, Status};
use crate::obligations::{Demand, Goal, Kind, Unit};
use crate::solver::Answer;

/// Notes of conjunctions that are not proved which of their parts are, and of measures
/// the calls that are not known to shrink them.
pub(crate) fn divide(context: &Context<'_>, unit: &Unit, settled: &mut [Settled]) {
    for (obligation, record) in unit.obligations.iter().zip(settled) {
        let Demand::Goals(goals) = &obligation.demand else { continue };
        if record.status != Status::Verified && record.kind == Kind::Decreases {
            let open = |goal: &Goal| {
                let answer = context.refute(unit, goal.under, goal.claim.term());
                answer != Answer::Unsatisfiable
            };
            let calls = goals.iter().zip(&obligation.calls).filter(|(goal, _)| open(goal));
            record.calls = calls.map(|(_, call)| call.clone()).collect();
        }
        let ([goal], false) = (goals.as_slice(), obligation.parts.is_empty()) else { continue };
        if record.status == Status::Verified || !record.refuted && !record.exhausted {
            continue;
        }
        let proved = |claim| context.refute(unit, goal.under, claim) == Answer::Unsatisfiable;
        let (mut yes, mut no) = (Vec::new(), Vec::new());
        for (text, claim) in &obligation.parts {
            if proved(*claim) { yes.push(text.clone()) } else { no.push(text.clone()) }
        }
        // That all of it is open goes without saying.
        record.parts = (!yes.is_empty() && !no.is_empty()).then_some((yes, no));
    }
}
