//! What proofs use: of the facts at a goal, by what teaches them, as few as prove it.
//!
//! Whatever is left out of the rest leaves the goal open (a minimal unsatisfiable core, by
//! deletion in halves: Zeller and Hildebrandt, *Simplifying and Isolating Failure-Inducing
//! Input*, 2002). Asking again works with any solver, and needs no names in queries.

use super::discharge::Context;
use super::{Premise, Settled, Status};
use crate::logic::TermId;
use crate::obligations::{Demand, Goal, Unit, Why};
use crate::solver::Answer;

/// Notes of what is proved which facts that takes.
pub(crate) fn explain(context: &Context<'_>, unit: &Unit, settled: &mut [Settled]) {
    for (obligation, record) in unit.obligations.iter().zip(settled) {
        let Demand::Goals(goals) = &obligation.demand else { continue };
        if record.status != Status::Verified || !record.listed {
            continue;
        }
        let mut premises: Vec<Premise> = Vec::new();
        for premise in goals.iter().flat_map(|goal| needed(context, unit, goal)) {
            if !premises.contains(&premise) {
                premises.push(premise);
            }
        }
        record.premises = Some(premises);
    }
}

/// Facts with one origin.
struct Group {
    premise: Premise,
    /// Where each stands among the goal's facts.
    facts: Vec<(usize, TermId)>,
}

fn needed(context: &Context<'_>, unit: &Unit, goal: &Goal) -> Vec<Premise> {
    let mut groups = groups(unit, goal);
    let proves = |groups: &[Group]| {
        let mut facts: Vec<(usize, TermId)> = groups.iter().flat_map(|g| g.facts.clone()).collect();
        facts.sort();
        let facts = facts.into_iter().map(|(_, fact)| fact).collect();
        context.refute_from(unit, facts, goal.claim.term()) == Answer::Unsatisfiable
    };
    let mut size = groups.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < groups.len() {
            let end = groups.len().min(at + size);
            let left_out: Vec<Group> = groups.drain(at..end).collect();
            if !proves(&groups) {
                groups.splice(at..at, left_out);
                at = end;
            }
        }
        size /= 2;
    }
    groups.into_iter().map(|group| group.premise).collect()
}

/// The facts of a goal by their origin, those that were known first coming first.
fn groups(unit: &Unit, goal: &Goal) -> Vec<Group> {
    let mut hyps: Vec<_> = unit.facts(goal.under).collect();
    hyps.reverse();
    let mut groups: Vec<Group> = Vec::new();
    for (index, hyp) in hyps.into_iter().enumerate() {
        let premise = Premise { why: hyp.why, ground: hyp.ground };
        let same = |group: &&mut Group| is_same(group.premise, premise);
        match groups.iter_mut().find(same) {
            Some(group) => group.facts.push((index, hyp.fact)),
            None => groups.push(Group { premise, facts: vec![(index, hyp.fact)] }),
        }
    }
    groups
}

/// Whether people would not tell two origins apart.
fn is_same(a: Premise, b: Premise) -> bool {
    let parameters = a.why == Why::Parameter && b.why == Why::Parameter;
    parameters || a.ground == b.ground && (a.why == b.why || a.ground.place().is_none())
}
