//! Asking the simplifier and the solver what holds, in parallel.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::logic::{Assumptions, Sorts, TermId, has_model};
use crate::obligations::{Demand, Goal, HypId, Kind, Obligation, Obligations, Unit};
use crate::solver::{Answer, Limits, Problem, Script, Solver};
use crate::{Cache, Progress};

/// A worker takes so many obligations or units at a time: a thread of the solver costs
/// more than a few queries.
pub(crate) const AT_ONCE: usize = 8;

/// What is only counted may cost so much less: it is many queries, few of which a long
/// search settles.
const COUNTED_SHARE: u32 = 10;

/// What was found out about an obligation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Finding {
    Proved,
    /// A state exists that fails; `certain` when every reachable one does.
    Refuted {
        certain: bool,
    },
    Unknown,
    /// There was nothing to ask.
    Inexpressible,
}

/// The means of asking: solver, cache, limits.
#[derive(Clone, Copy)]
pub(crate) struct Context<'c> {
    pub sorts: &'c Sorts,
    /// What a query may cost, in steps.
    pub timeout_ms: u32,
    /// And by the clock.
    pub patience_ms: u32,
    pub solver: &'c dyn Solver,
    pub cache: &'c dyn Cache,
    pub progress: &'c dyn Progress,
}

impl Context<'_> {
    /// With what a query about an obligation of a kind may cost.
    pub fn for_kind(&self, kind: Kind) -> Self {
        let share = if kind.is_counted() { COUNTED_SHARE } else { 1 };
        Context { timeout_ms: self.timeout_ms / share, ..*self }
    }

    /// The answer to a script, from the cache where it is known.
    pub fn ask(&self, script: &Script) -> Answer {
        if script.hopeless {
            return Answer::Unknown;
        }
        let key = self.key(script);
        if let Some(answer) = self.cache.get(&key).and_then(|stored| decode(&stored)) {
            return answer;
        }
        let cancel = self.progress.cancel();
        if cancel.is_set() {
            return Answer::Unknown;
        }
        let patience = Duration::from_millis(self.patience_ms.into());
        let limits = Limits { timeout_ms: self.timeout_ms, patience, cancel };
        let reply = self.solver.check(script, &limits);
        // What the clock decided, a faster run may decide otherwise.
        if reply.answer != Answer::Unknown || !reply.interrupted {
            self.cache.put(&key, &encode(&reply.answer));
        }
        reply.answer
    }

    /// A name for everything an answer depends on.
    fn key(&self, script: &Script) -> String {
        let mut hash = Sha256::new();
        hash.update(self.solver.version());
        hash.update([0]);
        hash.update(self.timeout_ms.to_le_bytes());
        hash.update(&script.text);
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether facts and the negation of a goal have a model.
    pub fn refute(&self, unit: &Unit, under: Option<HypId>, claim: TermId) -> Answer {
        let mut facts: Vec<TermId> = unit.facts(under).map(|h| h.fact).collect();
        facts.reverse();
        self.refute_from(unit, facts, claim)
    }

    /// [`Context::refute`] with the facts in the order they became known.
    pub fn refute_from(&self, unit: &Unit, facts: Vec<TermId>, claim: TermId) -> Answer {
        if Assumptions::new(&unit.terms, facts.iter().copied()).prove(claim) {
            return Answer::Unsatisfiable;
        }
        self.decide(unit, facts, Some(claim))
    }

    /// Whether the assertions, with `refuted` negated, have a model.
    pub fn decide(&self, unit: &Unit, assertions: Vec<TermId>, refuted: Option<TermId>) -> Answer {
        if has_model(&unit.terms, self.sorts, &assertions, refuted) {
            return Answer::Satisfiable(Vec::new());
        }
        let (terms, sorts) = (&unit.terms, self.sorts);
        let problem = Problem { terms, sorts, assertions, refuted, values: Vec::new() };
        self.ask(&problem.script())
    }
}

/// What is found without a solver, unit by unit: `None` of what is left for it; and how
/// many these are.
pub(crate) fn simple(all: &Obligations) -> (Vec<Vec<Option<Finding>>>, usize) {
    let found: Vec<Vec<Option<Finding>>> = all
        .units
        .par_iter()
        .map(|unit| unit.obligations.iter().map(|o| evident(unit, o)).collect())
        .collect();
    let open = found.iter().flatten().filter(|finding| finding.is_none()).count();
    (found, open)
}

fn evident(unit: &Unit, obligation: &Obligation) -> Option<Finding> {
    let goals = match &obligation.demand {
        Demand::Nothing => return Some(Finding::Proved),
        Demand::Inexpressible => return Some(Finding::Inexpressible),
        Demand::Failed => return Some(Finding::Refuted { certain: true }),
        Demand::Goals(goals) => goals,
    };
    let proved = goals.iter().all(|goal| {
        let mut facts: Vec<TermId> = unit.facts(goal.under).map(|h| h.fact).collect();
        facts.reverse();
        Assumptions::new(&unit.terms, facts.into_iter()).prove(goal.claim.term())
    });
    proved.then_some(Finding::Proved)
}

/// Finds out about every obligation, unit by unit, given what [`simple`] found.
pub(crate) fn discharge(
    context: &Context<'_>,
    all: &Obligations,
    simple: Vec<Vec<Option<Finding>>>,
) -> Vec<Vec<Finding>> {
    let total: usize = simple.iter().map(Vec::len).sum();
    let mut open: Vec<(&Unit, &Obligation)> = Vec::new();
    for (unit, findings) in all.units.iter().zip(&simple) {
        let left = unit.obligations.iter().zip(findings).filter(|(_, found)| found.is_none());
        open.extend(left.map(|(obligation, _)| (unit, obligation)));
    }
    let done = AtomicUsize::new(total - open.len());
    let asked = open.par_iter().with_min_len(AT_ONCE).map(|(unit, obligation)| {
        let finding = find(context, unit, obligation);
        context.progress.settled(done.fetch_add(1, Ordering::Relaxed) + 1, total);
        finding
    });
    let asked: Vec<Finding> = asked.collect();
    let mut asked = asked.into_iter();
    let mut settled = |found: Option<Finding>| {
        found.unwrap_or_else(|| asked.next().expect("every open obligation was asked about"))
    };
    simple.into_iter().map(|unit| unit.into_iter().map(&mut settled).collect()).collect()
}

/// What is found about an obligation by asking: the worst of its goals.
fn find(context: &Context<'_>, unit: &Unit, obligation: &Obligation) -> Finding {
    let Demand::Goals(goals) = &obligation.demand else { return Finding::Inexpressible };
    let context = &context.for_kind(obligation.kind);
    let findings =
        goals.iter().map(|g| goal(context, unit, obligation.kind, obligation.deferred, g));
    findings.max_by_key(rank).unwrap_or(Finding::Proved)
}

/// The finding about several goals is the worst of theirs.
pub(super) fn rank(finding: &Finding) -> u8 {
    match finding {
        Finding::Proved => 0,
        Finding::Inexpressible => 1,
        Finding::Unknown => 2,
        Finding::Refuted { .. } => 3,
    }
}

fn goal(context: &Context<'_>, unit: &Unit, kind: Kind, deferred: bool, goal: &Goal) -> Finding {
    match context.refute(unit, goal.under, goal.claim.term()) {
        Answer::Unsatisfiable => Finding::Proved,
        Answer::Unknown => Finding::Unknown,
        Answer::Satisfiable(_) => {
            Finding::Refuted { certain: certainty(context, unit, kind, deferred, goal) }
        }
    }
}

/// Whether every reachable state fails a refuted goal, where that matters.
pub(super) fn certainty(
    context: &Context<'_>,
    unit: &Unit,
    kind: Kind,
    deferred: bool,
    goal: &Goal,
) -> bool {
    unit.terms.as_bool(goal.claim.term()) == Some(false)
        || kind.needs_certain_failure()
            && kind != Kind::FloatToIntDomain
            && !deferred
            && always_fails(context, unit, goal)
}

/// Whether no reachable state meets the goal.
fn always_fails(context: &Context<'_>, unit: &Unit, goal: &Goal) -> bool {
    let mut assertions: Vec<TermId> = unit.facts(goal.under).map(|h| h.fact).collect();
    assertions.reverse();
    assertions.push(goal.claim.term());
    context.decide(unit, assertions, None) == Answer::Unsatisfiable
}

/// An answer as the cache stores it.
fn encode(answer: &Answer) -> String {
    match answer {
        Answer::Unsatisfiable => "unsat\n".to_owned(),
        Answer::Unknown => "unknown\n".to_owned(),
        Answer::Satisfiable(values) => {
            let mut out = "sat\n".to_owned();
            for (name, value) in values {
                out.push_str(&format!("{name} {}\n", value.replace('\n', " ")));
            }
            out
        }
    }
}

/// Reads what [`encode`] wrote; anything else is no answer.
fn decode(text: &str) -> Option<Answer> {
    let mut lines = text.lines();
    match lines.next()? {
        "unsat" => Some(Answer::Unsatisfiable),
        "unknown" => Some(Answer::Unknown),
        "sat" => {
            let pairs = lines.map(|line| {
                line.split_once(' ').map(|(name, value)| (name.to_owned(), value.to_owned()))
            });
            pairs.collect::<Option<Vec<_>>>().map(Answer::Satisfiable)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_survive_the_cache() {
        let values = vec![("value!v0".to_owned(), "(- 5)".to_owned())];
        for answer in [Answer::Unsatisfiable, Answer::Unknown, Answer::Satisfiable(values)] {
            assert_eq!(decode(&encode(&answer)), Some(answer));
        }
        assert_eq!(decode("sat\nbroken"), None);
        assert_eq!(decode(""), None);
    }
}
