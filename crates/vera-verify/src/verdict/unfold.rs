//! Looking into callees: what the contracts leave open, definitions may settle.
//!
//! The definitions of the calls in an open goal's facts become facts, then those of the
//! calls that these introduce, until the goal is proved, has a counterexample that
//! needs no call that was not looked into, or is not worth more (Suter, Köksal, Kuncak,
//! *Satisfiability Modulo Recursive Programs*, SAS 2011). There are no quantifiers, so
//! counterexamples stay real ones. What was found is put among the goal's facts, where
//! everything that is done about the goal later sees it.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;
use vera_check::typed::{FnId, Program};

use super::collections::Collections;
use super::discharge::{Context, Finding, certainty, rank};
use super::folds;
use super::hypotheses::{Hypotheses, inductions};
use super::instances::Instances;
use super::sequences::Sequences;
use super::total::{Totality, admitted, is_value};
use crate::logic::{Op, Sort, SymbolId, TermId, Terms};
use crate::obligations::{
    Added, Claim, Definitions, Demand, Goal, Ground, Hyp, HypId, Kind, Obligation, Obligations,
    Origin, Unit, Why,
};
use crate::solver::Answer;

/// How often a recursive function is looked into again, step by step; others are looked
/// into where they are met.
const DEPTHS: [u32; 4] = [0, 1, 2, DEEPEST];

/// The last of these.
pub(crate) const DEEPEST: u32 = 4;

/// Once so many terms were added for one goal, no more are.
const MAX_TERMS: usize = 3_000;

/// And where the goal is only counted if it stays open: a chain of calls through many
/// modules would take seconds of search for each sum along it.
const MAX_COUNTED_TERMS: usize = 600;

/// A goal that so many terms leave open is not looked into further: each step is some times
/// the one before.
const ENOUGH_TERMS: usize = MAX_TERMS / 2;

/// So often bodies are put in the place of calls.
const MAX_SUBSTITUTIONS: usize = 8;

/// A worker takes so many units at a time: searches take longer than other queries.
const UNITS_AT_ONCE: usize = 2;

/// So deep non-recursive functions and calls of constants lead on within one step.
const MAX_CALLS: usize = 400;

/// Settles what it can of what is still open. Measures come first: what they show about
/// the end of calls decides whose definitions may be used.
pub(crate) fn unfold(
    context: &Context<'_>,
    program: &Program,
    definitions: &mut Definitions,
    all: &mut Obligations,
    findings: &mut [Vec<Finding>],
) {
    let is_measure = |_: &Unit, kind: Kind| kind == Kind::Decreases;
    definitions.endless = endless(program, all, findings);
    while !definitions.endless.is_empty() {
        let before = definitions.endless.len();
        settle(context, program, definitions, all, findings, &is_measure);
        definitions.endless = endless(program, all, findings);
        if definitions.endless.len() == before {
            break;
        }
    }
    totality(program, definitions, all, findings);
    settle(context, program, definitions, all, findings, &|u, kind| !is_measure(u, kind));
    // What is proved of functions lets more of their callers be known to come back, whose
    // claims may then be shown by induction.
    for _ in 0..MAX_ROUNDS {
        let more = totality(program, definitions, all, findings);
        if more.is_empty() {
            break;
        }
        settle(context, program, definitions, all, findings, &|unit, kind| {
            kind == Kind::Ensures && unit.function.is_some_and(|f| more.contains(&f))
        });
    }
}

/// Proofs by induction lead on to others so often.
const MAX_ROUNDS: u32 = 8;

/// Finds out which functions come back always, and tells of which it is new that their
/// bodies end.
fn totality(
    program: &Program,
    definitions: &mut Definitions,
    all: &Obligations,
    findings: &[Vec<Finding>],
) -> HashSet<FnId> {
    let totality = Totality::new(program, all, findings);
    let total: HashSet<FnId> =
        totality.total().into_iter().filter(|f| !definitions.endless.contains(f)).collect();
    let all = (0..program.fns.len() as u32).map(FnId);
    let ends = |f: &FnId| program.function(*f).cycle.is_none() && totality.ends(*f, &total);
    let ending: HashSet<FnId> = all.filter(ends).collect();
    let more = &ending - &definitions.ending;
    (definitions.total, definitions.ending) = (total, ending);
    more
}

/// The functions on cycles of calls with a measure that is not proved.
fn endless(program: &Program, all: &Obligations, findings: &[Vec<Finding>]) -> HashSet<FnId> {
    let mut cycles: HashSet<u32> = HashSet::new();
    for (unit, findings) in all.units.iter().zip(findings) {
        let open =
            |(o, f): (&Obligation, &Finding)| o.kind == Kind::Decreases && *f != Finding::Proved;
        if unit.obligations.iter().zip(findings).any(open) {
            cycles.extend(unit.function.and_then(|f| program.function(f).cycle));
        }
    }
    let on_one = |f: &FnId| program.function(*f).cycle.is_some_and(|c| cycles.contains(&c));
    (0..program.fns.len() as u32).map(FnId).filter(on_one).collect()
}

fn settle(
    context: &Context<'_>,
    program: &Program,
    definitions: &Definitions,
    all: &mut Obligations,
    findings: &mut [Vec<Finding>],
    wanted: &(dyn Fn(&Unit, Kind) -> bool + Sync),
) {
    all.units.par_iter_mut().zip(findings).with_min_len(UNITS_AT_ONCE).for_each(
        |(unit, findings)| {
            let mut instances = Instances::new(program, context.sorts, definitions);
            for (index, finding) in findings.iter_mut().enumerate() {
                let obligation = &unit.obligations[index];
                if wanted(unit, obligation.kind) && is_open(obligation, finding) {
                    let plain = is_unconstrained(program, unit);
                    let inductive = unit.function.is_some_and(|f| definitions.ending.contains(&f));
                    let instances = &mut instances;
                    let context = &context.for_kind(obligation.kind);
                    let mut unfolding = Unfolding { context, unit, instances, inductive, plain };
                    *finding = unfolding.obligation(index, *finding);
                }
            }
        },
    );
}

/// Whether all that can be made of constructors is a value: no type asks more of it.
fn is_unconstrained(program: &Program, unit: &Unit) -> bool {
    let trivial = |part: &TermId| unit.terms.as_bool(*part) == Some(true);
    program.refinements.is_empty() && unit.shown_parts.iter().all(trivial)
}

/// Whether looking into callees may change what was found.
pub(crate) fn is_open(obligation: &Obligation, finding: &Finding) -> bool {
    let open = match finding {
        Finding::Unknown | Finding::Refuted { .. } => true,
        Finding::Proved | Finding::Inexpressible => false,
    };
    open && matches!(obligation.demand, Demand::Goals(_))
}

struct Unfolding<'u, 'c, 'd> {
    context: &'u Context<'c>,
    unit: &'u mut Unit,
    instances: &'u mut Instances<'d>,
    /// What the function claims may be taken as proved at smaller arguments.
    inductive: bool,
    /// Whether all that can be made of constructors is a value.
    plain: bool,
}

impl Unfolding<'_, '_, '_> {
    fn obligation(&mut self, index: usize, before: Finding) -> Finding {
        let finding = self.looked_into(index, before);
        let counted = self.unit.obligations[index].kind.is_counted();
        if finding != Finding::Proved && !counted && self.by_folding(index) {
            return Finding::Proved;
        }
        finding
    }

    /// Whether a claim about a fold follows by induction over the elements; what shows it
    /// takes the place of the goal.
    fn by_folding(&mut self, index: usize) -> bool {
        let obligation = &self.unit.obligations[index];
        let (kind, demand) = (obligation.kind, obligation.demand.clone());
        let Demand::Goals(goals) = demand else { return false };
        let [goal] = goals.as_slice() else { return false };
        for induction in folds::inductions(self.unit, self.context.sorts, goal) {
            let (mut shown, count) = (Vec::new(), induction.goals.len());
            for (known, claim) in induction.goals {
                let under = self.extended(goal.under, folds::as_facts(known));
                let mut part = Goal::new(under, Claim::exactly(claim));
                let mut frontier = self.frontier(&part);
                match self.goal(kind, &mut part, &mut frontier, None, None) {
                    Outcome::Proved => shown.push(part),
                    Outcome::Unknown | Outcome::Refuted { .. } => break,
                }
            }
            if shown.len() == count {
                self.unit.obligations[index].demand = Demand::Goals(shown);
                return true;
            }
        }
        false
    }

    /// What is found with the definitions of callees.
    fn looked_into(&mut self, index: usize, before: Finding) -> Finding {
        let Demand::Goals(mut goals) = self.unit.obligations[index].demand.clone() else {
            return before;
        };
        let (kind, deferred) = {
            let obligation = &self.unit.obligations[index];
            (obligation.kind, obligation.deferred)
        };
        // What products may overflow takes a search that rarely pays.
        if kind.is_counted() && goals.iter().any(|g| has_product(&self.unit.terms, g.claim.term()))
        {
            return before;
        }
        let mut frontiers: Vec<Frontier> = goals.iter().map(|goal| self.frontier(goal)).collect();
        let defined = |f: &Frontier| !f.cut(self.unit, self.instances).is_empty();
        if !frontiers.iter().any(defined) {
            return before;
        }
        // Of several goals it is not known which is the open one.
        let known = (goals.len() == 1).then_some(before);
        let (mut understood, mut not) = (HashSet::new(), HashSet::new());
        let mut worst: Option<Finding> = None;
        for (goal, frontier) in goals.iter_mut().zip(&mut frontiers) {
            let whole = *goal;
            let mut outcome = self.goal(kind, goal, frontier, known, None);
            if self.inductive
                && kind == Kind::Ensures
                && matches!(outcome, Outcome::Unknown | Outcome::Refuted { real: false })
                && self.by_induction(whole, goal)
            {
                outcome = Outcome::Proved;
            }
            let finding = match outcome {
                Outcome::Proved => Finding::Proved,
                Outcome::Unknown => Finding::Unknown,
                Outcome::Refuted { real } => {
                    if real {
                        frontier.understood(self.unit, self.instances, &mut understood, &mut not);
                    }
                    if kind.is_counted() {
                        before
                    } else {
                        // Deeper calls may save what fails so far.
                        let certain = before == Finding::Refuted { certain: true }
                            || real && certainty(self.context, self.unit, kind, deferred, goal);
                        Finding::Refuted { certain }
                    }
                }
            };
            worst = worst.into_iter().chain([finding]).max_by_key(rank);
        }
        let calls = frontiers.iter().flat_map(|f| &f.expanded);
        let callees = calls.filter_map(|call| self.unit.call(*call)?.callee.function());
        let looked_into = callees.collect();
        let obligation = &mut self.unit.obligations[index];
        obligation.looked_into = looked_into;
        obligation.demand = Demand::Goals(goals);
        obligation.understood = &understood - &not;
        worst.unwrap_or(before)
    }

    /// The calls in a goal and its facts.
    fn frontier(&self, goal: &Goal) -> Frontier {
        let mut roots: Vec<TermId> = self.unit.facts(goal.under).map(|hyp| hyp.fact).collect();
        roots.reverse();
        roots.push(goal.claim.term());
        let mut frontier = Frontier::default();
        frontier.meet(self.unit, &roots, 0);
        frontier
    }

    /// Whether a claim follows from itself at smaller arguments; what shows it is put
    /// before the goal.
    fn by_induction(&mut self, whole: Goal, goal: &mut Goal) -> bool {
        for mut hypotheses in inductions(self.unit, &whole, self.plain) {
            let mut attempt = whole;
            let mut frontier = self.frontier(&whole);
            let known = Some(Finding::Refuted { certain: false });
            let hypotheses = Some(&mut hypotheses);
            let outcome = self.goal(Kind::Ensures, &mut attempt, &mut frontier, known, hypotheses);
            if matches!(outcome, Outcome::Proved) {
                *goal = attempt;
                return true;
            }
        }
        false
    }

    /// What is found about a goal, with the facts that show it put before it.
    fn goal(
        &mut self,
        kind: Kind,
        goal: &mut Goal,
        frontier: &mut Frontier,
        known: Option<Finding>,
        mut hypotheses: Option<&mut Hypotheses>,
    ) -> Outcome {
        let claim = goal.claim.term();
        let mut best = match known {
            Some(Finding::Refuted { .. }) => Outcome::Refuted { real: false },
            Some(Finding::Unknown) => Outcome::Unknown,
            Some(Finding::Proved | Finding::Inexpressible) | None => {
                match self.context.refute(self.unit, goal.under, claim) {
                    Answer::Unsatisfiable => return Outcome::Proved,
                    Answer::Unknown => Outcome::Unknown,
                    Answer::Satisfiable(_) => Outcome::Refuted { real: false },
                }
            }
        };
        let counted = kind.is_counted();
        // An attempt with hypotheses comes after one without.
        if !counted && hypotheses.is_none() && self.is_identity(goal) {
            return Outcome::Proved;
        }
        let before = self.unit.terms.len();
        let limit = before + if counted { MAX_COUNTED_TERMS } else { MAX_TERMS };
        for depth in if counted { &DEPTHS[1..2] } else { &DEPTHS[..] } {
            let mut facts = self.step(frontier, *depth, limit);
            if let Some(hypotheses) = hypotheses.as_deref_mut() {
                let more = hypotheses.suggested(self.unit, self.context.sorts, &frontier.met);
                frontier.meet(self.unit, &more, *depth);
                let ground = Ground::Hypothesis;
                facts.extend(more.into_iter().map(|fact| (fact, Why::Derived, ground)));
                facts.extend(self.all_come_back(frontier));
            }
            let collected = self.collections(frontier, *depth);
            facts.extend(collected);
            if facts.is_empty() {
                continue;
            }
            let under = self.extended(goal.under, facts);
            let answer = self.context.refute(self.unit, under, claim);
            match answer {
                Answer::Unsatisfiable => {
                    goal.under = under;
                    return Outcome::Proved;
                }
                Answer::Unknown => {}
                Answer::Satisfiable(_) => {
                    best = Outcome::Refuted { real: false };
                    goal.under = under;
                }
            }
            if counted || hypotheses.is_some() {
                continue;
            }
            // What calls at variables of quantifiers yield, any model has made up.
            if !frontier.hidden {
                let cut = frontier.cut(self.unit, self.instances);
                let not = |call| (self.unit.terms.not(call), Why::Derived, Ground::Laws);
                let not_made: Vec<Added> = cut.into_iter().map(not).collect();
                let same = not_made.is_empty() && answer != Answer::Unknown;
                let without = self.extended(under, not_made);
                if same || self.is_satisfiable(without, claim) {
                    goal.fails_under = without;
                    return Outcome::Refuted { real: true };
                }
            }
            // More to look at would not make it easier.
            if answer == Answer::Unknown || self.unit.terms.len() > before + ENOUGH_TERMS {
                break;
            }
        }
        best
    }

    /// Whether the claim holds whatever its values are, with the bodies of what it calls in
    /// the place of the calls. Laws of products are such identities; what is known of the
    /// products only keeps a solver from seeing it.
    fn is_identity(&mut self, goal: &Goal) -> bool {
        let facts: Vec<TermId> = self.unit.facts(goal.under).map(|hyp| hyp.fact).collect();
        let mut values: HashMap<TermId, TermId> = HashMap::new();
        for returned in facts {
            if self.instances.is_recursive(self.unit, returned) == Some(false) {
                values.extend(self.instances.equation(self.unit, returned));
            }
        }
        let mut claim = goal.claim.term();
        for _ in 0..MAX_SUBSTITUTIONS {
            let next = self.unit.terms.replace(self.context.sorts, claim, &values);
            if next == claim {
                break;
            }
            claim = next;
        }
        claim != goal.claim.term()
            && has_product(&self.unit.terms, claim)
            && self.context.refute_from(self.unit, Vec::new(), claim) == Answer::Unsatisfiable
    }

    fn is_satisfiable(&self, under: Option<HypId>, claim: TermId) -> bool {
        matches!(self.context.refute(self.unit, under, claim), Answer::Satisfiable(_))
    }

    /// The definitions of what is met down to a depth.
    fn step(&mut self, frontier: &mut Frontier, depth: u32, limit: usize) -> Vec<Added> {
        let mut out = Vec::new();
        let mut at = 0;
        while at < frontier.waiting.len() {
            let Call { returned, level } = frontier.waiting[at];
            let full = self.unit.terms.len() > limit || frontier.expanded.len() > MAX_CALLS;
            let in_reach = match self.instances.is_recursive(self.unit, returned) {
                Some(recursive) => level + u32::from(recursive) <= depth,
                None => false,
            };
            if full || !in_reach {
                at += 1;
                continue;
            }
            frontier.waiting.remove(at);
            let Some(instance) = self.instances.of(self.unit, returned) else { continue };
            frontier.expanded.insert(returned);
            let facts: Vec<TermId> = instance.facts.iter().map(|(fact, _)| *fact).collect();
            let recursive = self.instances.is_recursive(self.unit, returned) == Some(true);
            let next = level + u32::from(recursive);
            frontier.meet(self.unit, &facts, next);
            let callee = self.unit.call(returned).and_then(|call| call.callee.function());
            let ground = callee.map_or(Ground::Closure, Ground::Definition);
            out.extend(instance.facts.iter().map(|(fact, why)| (*fact, *why, ground)));
        }
        out
    }

    /// What is known of the maps, sets and arrays met.
    fn collections(&mut self, frontier: &mut Frontier, depth: u32) -> Vec<Added> {
        let mut collections = std::mem::take(&mut frontier.collections);
        let mut facts = collections.facts(self.unit, self.context.sorts, &frontier.met);
        frontier.collections = collections;
        let mut sequences = std::mem::take(&mut frontier.sequences);
        facts.extend(sequences.facts(self.unit, self.context.sorts, &frontier.met));
        frontier.sequences = sequences;
        frontier.meet(self.unit, &facts, depth);
        facts.into_iter().map(|fact| (fact, Why::Derived, Ground::Laws)).collect()
    }

    /// That the calls met come back, as far as their callees always do.
    fn all_come_back(&mut self, frontier: &mut Frontier) -> Vec<Added> {
        let mut calls: Vec<TermId> = frontier.waiting.iter().map(|call| call.returned).collect();
        calls.extend(frontier.expanded.iter());
        calls.sort();
        calls.retain(|call| frontier.back.insert(*call));
        let facts = calls.into_iter().filter_map(|call| self.comes_back(call));
        facts.map(|fact| (fact, Why::Derived, Ground::Returning)).collect()
    }

    /// That a call comes back whatever else holds, if its callee always does.
    fn comes_back(&mut self, returned: TermId) -> Option<TermId> {
        let Op::Apply(symbol) = self.unit.terms[returned].op else { return None };
        let callee = self.unit.calls.get(&symbol)?.callee.function()?;
        let args = self.unit.terms[returned].args.to_vec();
        // A number is one of its type where the fact says so.
        let fits = |arg: &TermId| {
            let terms = &self.unit.terms;
            terms.sort(*arg) == Sort::Int || is_value(terms, *arg, true)
        };
        if !self.instances.is_total(callee) || !args.iter().all(fits) {
            return None;
        }
        let premise = admitted(self.instances.program(), callee, &mut self.unit.terms, &args);
        let terms = &mut self.unit.terms;
        let back = match vera_faults::facts::is_negated(std::panic::Location::caller()) {
            true => terms.not(returned),
            false => returned,
        };
        Some(terms.implies(premise, back))
    }

    /// The facts with more after them.
    fn extended(&mut self, mut under: Option<HypId>, facts: Vec<Added>) -> Option<HypId> {
        for (fact, why, ground) in facts {
            self.unit.hyps.push(Hyp { parent: under, fact, why, ground });
            under = Some(HypId(self.unit.hyps.len() as u32 - 1));
        }
        under
    }
}

enum Outcome {
    Proved,
    Unknown,
    /// A state fails; it is `real` when no call decides it that was not looked into.
    Refuted {
        real: bool,
    },
}

/// A call that was met and not looked into.
#[derive(Clone, Copy)]
struct Call {
    /// The term that says that it returned.
    returned: TermId,
    level: u32,
}

/// The calls in a goal and its facts.
#[derive(Default)]
struct Frontier {
    /// Terms that differ from index to index of a quantifier are apart.
    met: HashSet<TermId>,
    open: HashSet<TermId>,
    waiting: Vec<Call>,
    expanded: HashSet<TermId>,
    /// Calls of which it was considered whether they always come back.
    back: HashSet<TermId>,
    collections: Collections,
    sequences: Sequences,
    /// There are calls at variables of quantifiers.
    hidden: bool,
}

impl Frontier {
    /// Finds the calls in terms. A call of constants is no step into a recursion: it is
    /// evaluated.
    fn meet(&mut self, unit: &Unit, roots: &[TermId], level: u32) {
        let mut work: Vec<TermId> = roots.iter().rev().copied().collect();
        while let Some(id) = work.pop() {
            if unit.terms.is_open(id) {
                if !self.open.insert(id) {
                    continue;
                }
                // What a call at a bound variable yields is not looked into.
                self.hidden |= matches!(&unit.terms[id].op, Op::Apply(symbol)
                    if matches!(unit.origins.get(symbol), Some(Origin::Call { .. })));
                work.extend(unit.terms[id].args.iter().rev());
                continue;
            }
            if !self.met.insert(id) {
                continue;
            }
            let node = &unit.terms[id];
            work.extend(node.args.iter().rev());
            if unit.call(id).is_some() {
                let constant = node.args.iter().all(|arg| is_constant(&unit.terms, *arg));
                let level = if constant { 0 } else { level };
                self.waiting.push(Call { returned: id, level });
            }
        }
    }

    /// The calls that could be looked into and were not.
    fn cut(&self, unit: &Unit, instances: &Instances<'_>) -> Vec<TermId> {
        let waiting = self.waiting.iter().map(|call| call.returned);
        waiting.filter(|call| instances.is_recursive(unit, *call).is_some()).collect()
    }

    /// Which symbols of calls a model is right about in which no call is made that was
    /// cut off; and about which it may be wrong.
    fn understood(
        &self,
        unit: &mut Unit,
        instances: &Instances<'_>,
        right: &mut HashSet<SymbolId>,
        wrong: &mut HashSet<SymbolId>,
    ) {
        let mut known: HashSet<TermId> = self.cut(unit, instances).into_iter().collect();
        known.extend(&self.expanded);
        let results: HashSet<SymbolId> = unit.calls.values().map(|called| called.result).collect();
        let mut right_results: HashSet<TermId> = HashSet::new();
        for call in &known {
            let Some(made) = unit.call(*call) else { continue };
            let (result, args) = (made.result, unit.terms[*call].args.clone());
            right_results.insert(unit.terms.apply(result, &args));
        }
        for id in &self.met {
            let Op::Apply(symbol) = unit.terms[*id].op else { continue };
            let is_right = if unit.calls.contains_key(&symbol) {
                known.contains(id)
            } else if results.contains(&symbol) {
                right_results.contains(id)
            } else if let Some(returned) = unit.passed.get(&symbol) {
                known.contains(returned)
            } else {
                continue;
            };
            if is_right {
                right.insert(symbol)
            } else {
                wrong.insert(symbol)
            };
        }
    }
}

/// Whether a term multiplies unknowns.
fn has_product(terms: &Terms, term: TermId) -> bool {
    let mut found = false;
    terms.visit(&[term], &mut |id| {
        let node = &terms[id];
        found |= node.op == Op::Multiply && node.args.iter().all(|a| terms.as_int(*a).is_none());
    });
    found
}

/// Whether a term is a value, written out.
fn is_constant(terms: &Terms, term: TermId) -> bool {
    let mut work = vec![term];
    while let Some(id) = work.pop() {
        let node = &terms[id];
        match node.op {
            Op::Bool(_) | Op::Int(_) | Op::Float(_) | Op::String(_) => {}
            Op::Construct(..) | Op::ArrayLiteral(_) => work.extend(&node.args),
            _ => return false,
        }
    }
    true
}
