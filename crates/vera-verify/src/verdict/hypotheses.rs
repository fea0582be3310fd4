//! Induction without being asked: a claim for all arguments may be relied on at smaller
//! ones.
//!
//! A function that is not recursive and whose body comes to its end claims something of
//! all its arguments. Where the claim is not proved as it stands, it is taken as proved
//! at smaller arguments: those that make a call in the claim a call that is met when the
//! claim is looked into (Leino, *Automating Induction with an SMT Solver*, VMCAI 2012,
//! with the triggers of its hypotheses matched here, so that queries stay free of
//! quantifiers). Smaller is: some of the parameters taken together, each a part of what
//! it was or the same, or a number below and not negative, and one of them not the same.

use std::collections::{HashMap, HashSet};

use super::total::is_value;
use crate::logic::{Op, Sort, Sorts, SymbolId, TermId, Terms};
use crate::obligations::{Goal, HypId, Unit, Why};

/// So many hypotheses are made for one claim.
const MAX_HYPOTHESES: usize = 40;

/// So many places that a trigger matches are tried with those of another.
const MAX_MATCHES: usize = 12;

/// A claim that may be taken as proved at smaller arguments.
pub(super) struct Hypotheses {
    parameters: Vec<TermId>,
    /// The parameters that together get smaller.
    order: Vec<TermId>,
    /// What holds of parameters, and what has to have been evaluated for the claim to
    /// say something.
    premises: Vec<TermId>,
    claim: TermId,
    /// Calls in the claim that together mention what parameters it mentions.
    triggers: Vec<TermId>,
    /// Whether a constructor at values is a value, whatever they are: no type asks for more
    /// than its parts have.
    made_values: bool,
    made: HashSet<Vec<TermId>>,
}

/// The ways in which a claim of a unit may be taken as an induction over its parameters,
/// which come first to be tried. None where the claim speaks of more than parameters.
pub(super) fn inductions(unit: &mut Unit, goal: &Goal, made_values: bool) -> Vec<Hypotheses> {
    let claim = goal.claim.term();
    let mut premises = admitted(unit, goal);
    let parameters: Vec<TermId> = unit.parameters.iter().map(|(_, value)| *value).collect();
    let stated: Vec<TermId> = premises.iter().copied().chain([claim]).collect();
    // That a call at a variable of a quantifier came back cannot be asked for.
    if !speaks_only_of(unit, &stated, &parameters) || has_open_call(unit, &stated) {
        return Vec::new();
    }
    premises.extend(returned(unit, &stated));
    let mentioned = parameters_in(&unit.terms, &[claim], &parameters);
    let shrinks = |p: &&TermId| matches!(unit.terms.sort(**p), Sort::Data(_) | Sort::Int);
    let inductive: Vec<TermId> = mentioned.iter().filter(shrinks).copied().collect();
    let triggers = triggers(&unit.terms, claim, &mentioned);
    let with = |order: Vec<TermId>| Hypotheses {
        parameters: parameters.clone(),
        order,
        premises: premises.clone(),
        claim,
        triggers: triggers.clone(),
        made_values,
        made: HashSet::new(),
    };
    let alone = inductive.iter().filter(|_| inductive.len() > 1).map(|p| vec![*p]);
    let together = std::iter::once(inductive.clone()).filter(|order| !order.is_empty());
    together.chain(alone).map(with).collect()
}

/// What a claim is made under: what is known of parameters, and that the operations in
/// the claim passed their checks. What they yielded is of its type in any case.
fn admitted(unit: &Unit, goal: &Goal) -> Vec<TermId> {
    let body: HashSet<HypId> = unit.chain(unit.end).collect();
    let wanted = |at: &HypId| match unit.hyps[at.0 as usize].why {
        Why::Parameter | Why::Requires => true,
        Why::Path => !body.contains(at),
        Why::Assume | Why::Type | Why::Derived | Why::Induction => false,
    };
    // That a call of the claim came back is stated of the call.
    let is_passed = |fact: &TermId| match &unit.terms[*fact].op {
        Op::Apply(symbol) => unit.passed.contains_key(symbol),
        _ => false,
    };
    let facts = unit.chain(goal.under).filter(wanted).map(|at| unit.hyps[at.0 as usize].fact);
    facts.filter(|fact| !is_passed(fact)).collect()
}

/// Whether terms are made of parameters and of functions of the logic alone.
fn speaks_only_of(unit: &Unit, terms: &[TermId], parameters: &[TermId]) -> bool {
    let functions: HashSet<SymbolId> = unit.functions.values().copied().collect();
    let mut only = true;
    unit.terms.visit(terms, &mut |id| {
        if let Op::Apply(symbol) = &unit.terms[id].op {
            only &= functions.contains(symbol) || parameters.contains(&id);
        }
    });
    only
}

fn has_open_call(unit: &Unit, terms: &[TermId]) -> bool {
    let results: HashSet<SymbolId> = unit.calls.values().map(|called| called.result).collect();
    let mut found = false;
    unit.terms.visit(terms, &mut |id| {
        found |= unit.terms.is_open(id)
            && matches!(&unit.terms[id].op, Op::Apply(symbol) if results.contains(symbol));
    });
    found
}

/// That the calls in terms came back.
fn returned(unit: &mut Unit, terms: &[TermId]) -> Vec<TermId> {
    let symbols: HashMap<SymbolId, SymbolId> =
        unit.calls.iter().map(|(returned, called)| (called.result, *returned)).collect();
    let mut calls = Vec::new();
    unit.terms.visit(terms, &mut |id| {
        let node = &unit.terms[id];
        if let Op::Apply(symbol) = &node.op
            && let Some(returned) = symbols.get(symbol)
        {
            calls.push((*returned, node.args.clone()));
        }
    });
    calls.into_iter().map(|(symbol, args)| unit.terms.apply(symbol, &args)).collect()
}

/// Which parameters terms mention, in the order of the parameters.
fn parameters_in(terms: &Terms, roots: &[TermId], parameters: &[TermId]) -> Vec<TermId> {
    let mut met = HashSet::new();
    terms.visit(roots, &mut |id| {
        met.insert(id);
    });
    parameters.iter().copied().filter(|p| met.contains(p)).collect()
}

/// Calls in a claim, small ones first, that mention all that it mentions.
fn triggers(terms: &Terms, claim: TermId, mentioned: &[TermId]) -> Vec<TermId> {
    let mut calls: Vec<(usize, TermId, Vec<TermId>)> = Vec::new();
    terms.visit(&[claim], &mut |id| {
        let node = &terms[id];
        if matches!(node.op, Op::Apply(_)) && !node.args.is_empty() {
            let of = parameters_in(terms, &[id], mentioned);
            let mut size = 0;
            terms.visit(&[id], &mut |_| size += 1);
            calls.push((size, id, of));
        }
    });
    // What mentions more comes first, and of those that mention as much the smaller.
    calls.sort_by_key(|(size, id, of)| (usize::MAX - of.len(), *size, *id));
    let (mut out, mut covered) = (Vec::new(), HashSet::new());
    for (_, id, of) in calls {
        if of.iter().any(|p| !covered.contains(p)) {
            covered.extend(of);
            out.push(id);
        }
    }
    out
}

impl Hypotheses {
    /// The claim at smaller arguments that the terms met so far suggest.
    pub fn suggested(
        &mut self,
        unit: &mut Unit,
        sorts: &Sorts,
        met: &HashSet<TermId>,
    ) -> Vec<TermId> {
        let mut met: Vec<TermId> = met.iter().copied().collect();
        met.sort();
        let mut found = vec![HashMap::new()];
        for trigger in &self.triggers {
            let mut next: Vec<HashMap<TermId, TermId>> = Vec::new();
            for bound in &found {
                for term in &met {
                    let mut bound = bound.clone();
                    if self.matches(&unit.terms, *trigger, *term, &mut bound) {
                        next.push(bound);
                    }
                }
            }
            next.truncate(MAX_MATCHES * MAX_MATCHES);
            found = next;
        }
        // A part of one parameter, all else being the same.
        let parts = self.order.iter().flat_map(|p| met.iter().map(move |term| (*p, *term)));
        found.extend(parts.map(|(p, term)| HashMap::from([(p, term)])));
        let mut out = Vec::new();
        for bound in found {
            let at = |p: &TermId| bound.get(p).copied().unwrap_or(*p);
            let args: Vec<TermId> = self.parameters.iter().map(at).collect();
            if self.made.len() >= MAX_HYPOTHESES || self.made.contains(&args) {
                continue;
            }
            if let Some(fact) = self.at(unit, sorts, &args) {
                self.made.insert(args);
                out.push(fact);
            }
        }
        out
    }

    /// Whether a term is the pattern with terms in the place of parameters.
    fn matches(
        &self,
        terms: &Terms,
        pattern: TermId,
        term: TermId,
        bound: &mut HashMap<TermId, TermId>,
    ) -> bool {
        let mut work = vec![(pattern, term)];
        while let Some((pattern, term)) = work.pop() {
            if self.parameters.contains(&pattern) {
                if *bound.entry(pattern).or_insert(term) != term {
                    return false;
                }
                continue;
            }
            let (a, b) = (&terms[pattern], &terms[term]);
            if a.op != b.op || a.args.len() != b.args.len() {
                return false;
            }
            work.extend(a.args.iter().copied().zip(b.args.iter().copied()));
        }
        true
    }

    /// The claim at these arguments, if they are smaller.
    fn at(&self, unit: &mut Unit, sorts: &Sorts, args: &[TermId]) -> Option<TermId> {
        let smaller = self.smaller(unit, sorts, args)?;
        let by: HashMap<TermId, TermId> =
            self.parameters.iter().copied().zip(args.iter().copied()).collect();
        let mut premises = vec![smaller];
        for premise in &self.premises {
            premises.push(unit.terms.replace(sorts, *premise, &by));
        }
        let mut claim = unit.terms.replace(sorts, self.claim, &by);
        if vera_faults::facts::is_negated(std::panic::Location::caller()) {
            claim = unit.terms.not(claim);
        }
        let premise = unit.terms.all(&premises);
        Some(unit.terms.implies(premise, claim))
    }

    /// When the arguments are smaller than the parameters; `None` where that is not to
    /// be seen.
    fn smaller(&self, unit: &mut Unit, sorts: &Sorts, args: &[TermId]) -> Option<TermId> {
        let mut conditions = Vec::new();
        let mut strictly = Vec::new();
        for (parameter, arg) in self.parameters.iter().zip(args) {
            let terms = &mut unit.terms;
            if terms.sort(*parameter) != terms.sort(*arg) || terms.is_open(*arg) {
                return None;
            }
            if parameter == arg {
                continue;
            }
            let numeric = terms.sort(*parameter) == Sort::Int;
            if !self.order.contains(parameter) {
                // The premises say that a number fits.
                if !numeric && !is_value(terms, *arg, self.made_values) {
                    return None;
                }
            } else if numeric {
                let zero = terms.int(0);
                let (low, high) =
                    (terms.less_equal(zero, *arg), terms.less_equal(*arg, *parameter));
                conditions.extend([low, high]);
                strictly.push(terms.less(*arg, *parameter));
            } else {
                conditions.extend(is_part(terms, sorts, *arg, *parameter)?);
                strictly.push(terms.yes());
            }
        }
        let strictly = unit.terms.any(&strictly);
        if unit.terms.as_bool(strictly) == Some(false) {
            return None;
        }
        conditions.push(strictly);
        Some(unit.terms.all(&conditions))
    }
}

/// The constructors that a value and its parts must have for a term to be a part of it.
fn is_part(terms: &mut Terms, sorts: &Sorts, part: TermId, whole: TermId) -> Option<Vec<TermId>> {
    let mut conditions = Vec::new();
    let mut at = part;
    while at != whole {
        let node = &terms[at];
        let (Op::Select(data, ctor, _), &[from]) = (&node.op, node.args.as_slice()) else {
            return None;
        };
        let (data, ctor) = (*data, *ctor);
        conditions.push(terms.is_ctor(sorts, data, ctor, from));
        at = from;
    }
    Some(conditions)
}
