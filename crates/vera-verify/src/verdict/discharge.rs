//! Asking the simplifier and the solver what holds, in parallel.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::logic::{Assumptions, Sorts, TermId, has_model};
use crate::obligations::{Demand, Goal, HypId, Kind, Obligation, Obligations, Unit};
use crate::solver::{Answer, Problem, Script, Solver, Z3};
use crate::{Cache, Progress};

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
    /// Queries are long searches, which end at their limit of steps often.
    pub searches: bool,
    pub cache: &'c dyn Cache,
    pub progress: &'c dyn Progress,
}

impl Context<'_> {
    /// The answer to a script, from the cache where it is known.
    pub fn ask(&self, script: &Script) -> Answer {
        if script.hopeless {
            return Answer::Unknown;
        }
        let key = self.key(script);
        if let Some(answer) = self.cache.get(&key).and_then(|stored| decode(&stored)) {
            return answer;
        }
        let mut solver = Z3::new(self.timeout_ms, self.patience_ms).apart(self.searches);
        let answer = solver.check(script);
        // What the clock decided, a faster run may decide otherwise.
        if answer != Answer::Unknown || !solver.interrupted {
            self.cache.put(&key, &encode(&answer));
        }
        answer
    }

    /// A name for everything an answer depends on.
    fn key(&self, script: &Script) -> String {
        let mut hash = Sha256::new();
        hash.update(crate::solver::version());
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

/// What the simplifier alone proves, unit by unit, and how many obligations are left
/// for the solver.
pub(crate) fn simple(all: &Obligations) -> (Vec<Vec<bool>>, usize) {
    let proved: Vec<Vec<bool>> = all
        .units
        .par_iter()
        .map(|unit| unit.obligations.iter().map(|o| is_simple(unit, o)).collect())
        .collect();
    let open = proved.iter().flatten().filter(|simple| !**simple).count();
    (proved, open)
}

fn is_simple(unit: &Unit, obligation: &Obligation) -> bool {
    let Demand::Goals(goals) = &obligation.demand else { return true };
    goals.iter().all(|goal| {
        let mut facts: Vec<TermId> = unit.facts(goal.under).map(|h| h.fact).collect();
        facts.reverse();
        Assumptions::new(&unit.terms, facts.into_iter()).prove(goal.claim.term())
    })
}

/// Finds out about every obligation, unit by unit.
pub(crate) fn discharge(
    context: &Context<'_>,
    all: &Obligations,
    simple: Vec<Vec<bool>>,
) -> Vec<Vec<Finding>> {
    let jobs: Vec<(usize, usize)> = all
        .units
        .iter()
        .enumerate()
        .flat_map(|(u, unit)| (0..unit.obligations.len()).map(move |o| (u, o)))
        .collect();
    let done = AtomicUsize::new(0);
    let found: Vec<Finding> = jobs
        .par_iter()
        .map(|(u, o)| {
            let asks = matches!(all.units[*u].obligations[*o].demand, Demand::Goals(_));
            let finding = if asks && simple[*u][*o] {
                Finding::Proved
            } else {
                find(context, &all.units[*u], *o)
            };
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            context.progress.settled(done, jobs.len());
            finding
        })
        .collect();
    let mut out: Vec<Vec<Finding>> =
        all.units.iter().map(|u| Vec::with_capacity(u.obligations.len())).collect();
    for ((u, _), finding) in jobs.into_iter().zip(found) {
        out[u].push(finding);
    }
    out
}

fn find(context: &Context<'_>, unit: &Unit, index: usize) -> Finding {
    let obligation = &unit.obligations[index];
    match &obligation.demand {
        Demand::Nothing => Finding::Proved,
        Demand::Inexpressible => Finding::Inexpressible,
        Demand::Failed => Finding::Refuted { certain: true },
        Demand::Goals(goals) => {
            let findings =
                goals.iter().map(|g| goal(context, unit, obligation.kind, obligation.deferred, g));
            findings.max_by_key(rank).unwrap_or(Finding::Proved)
        }
    }
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
