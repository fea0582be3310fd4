//! Whether the premises of a function have a model (language reference, chapter
//! 08.11): without one, its proofs say nothing.

use vera_diagnostics::Code;

use super::discharge::Context;
use super::{Settled, Status};
use crate::logic::TermId;
use crate::obligations::{Unit, Why};
use crate::solver::Answer;

/// What is known of the premises of a function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Premises {
    Satisfiable,
    /// The author's own premises contradict each other.
    Contradictory,
    /// They contradict facts about callees, or who does is not decided.
    ContradictoryWithFacts,
    /// Not decided, outside the decidable fragment.
    Undecided,
}

impl Premises {
    /// The code its proofs are withdrawn with.
    pub fn code(self) -> Option<Code> {
        match self {
            Premises::Satisfiable => None,
            Premises::Contradictory => Some(Code::E538),
            Premises::ContradictoryWithFacts => Some(Code::E539),
            Premises::Undecided => Some(Code::E540),
        }
    }
}

/// Examines the premises and withdraws the proofs that rest on bad ones.
pub(crate) fn check_premises(
    context: &Context<'_>,
    unit: &Unit,
    settled: &mut [Settled],
) -> Premises {
    if !settled.iter().any(|s| s.status == Status::Verified && s.listed) {
        return Premises::Satisfiable;
    }
    let premises = examine(context, unit);
    if let Some(code) = premises.code() {
        for record in settled.iter_mut().filter(|s| s.status == Status::Verified) {
            record.status = Status::Tier3Unguarded;
            record.code = Some(code);
        }
    }
    premises
}

fn examine(context: &Context<'_>, unit: &Unit) -> Premises {
    let stated = facts(unit, |why| match why {
        Why::Parameter | Why::Requires | Why::Assume => true,
        Why::Path | Why::Type | Why::Derived | Why::Induction => false,
    });
    let all = facts(unit, |why| why != Why::Path);
    // Types alone always have values: a parameter's facts constrain it alone.
    if all.len() == facts(unit, |why| why == Why::Parameter).len() && !has_refinement(unit, &all) {
        return Premises::Satisfiable;
    }
    match ask(context, unit, all) {
        Answer::Satisfiable(_) => Premises::Satisfiable,
        Answer::Unsatisfiable => match ask(context, unit, stated) {
            Answer::Unsatisfiable => Premises::Contradictory,
            Answer::Satisfiable(_) | Answer::Unknown => Premises::ContradictoryWithFacts,
        },
        Answer::Unknown => match ask(context, unit, stated) {
            Answer::Unsatisfiable => Premises::Contradictory,
            Answer::Unknown if unit.nonlinear => Premises::Undecided,
            Answer::Satisfiable(_) | Answer::Unknown => Premises::Satisfiable,
        },
    }
}

/// Whether a fact is more than the range of a machine integer.
fn has_refinement(unit: &Unit, facts: &[TermId]) -> bool {
    facts.iter().any(|fact| {
        let node = &unit.terms[*fact];
        node.args.len() != 2
            || node.args.iter().any(|part| {
                !unit.terms[*part].args.iter().any(|side| unit.terms.as_int(*side).is_some())
            })
    })
}

fn facts(unit: &Unit, wanted: impl Fn(Why) -> bool) -> Vec<TermId> {
    let mut facts: Vec<TermId> =
        unit.facts(unit.end).filter(|h| wanted(h.why)).map(|h| h.fact).collect();
    facts.reverse();
    facts
}

fn ask(context: &Context<'_>, unit: &Unit, assertions: Vec<TermId>) -> Answer {
    if assertions.iter().any(|fact| unit.terms.as_bool(*fact) == Some(false)) {
        return Answer::Unsatisfiable;
    }
    context.decide(unit, assertions, None)
}
