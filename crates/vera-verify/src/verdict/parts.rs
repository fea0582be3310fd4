//! Which parts of a conjunction are not proved.

use super::discharge::Context;
use super::{Settled, Status};
use crate::obligations::{Demand, Unit};
use crate::solver::Answer;

/// Notes of conjunctions that are not proved which of their parts are.
pub(crate) fn divide(context: &Context<'_>, unit: &Unit, settled: &mut [Settled]) {
    for (obligation, record) in unit.obligations.iter().zip(settled) {
        let Demand::Goals(goals) = &obligation.demand else { continue };
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
