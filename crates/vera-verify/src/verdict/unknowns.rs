//! What a refutation rests on that the prover does not understand: a callee known by
//! its contract only, a library function without a model, a premise it cannot express.

use std::collections::HashSet;

use vera_builtins::BuiltinId;
use vera_check::typed::{FnId, Program};

use super::unfold::DEEPEST;
use crate::logic::{Op, SymbolId, TermId};
use crate::obligations::{APPLY, Demand, Kind, Obligation, Origin, Unit, Why};

/// A value that is not understood.
#[derive(Clone, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub(crate) enum Unknown {
    /// The result of a function known by its contract.
    Callee(FnId),
    /// The result of a function whose definition was used.
    LookedInto(FnId),
    /// A value without a model, by the name of its symbol.
    Value(String),
}

/// What the obligation's goals, and the facts that bear on them, rest on; empty when
/// every symbol is understood.
///
/// A fact bears on a goal when it shares a symbol with it, through any number of
/// facts; a condition of the path does so in any case, since it decides whether the
/// place is reached, and so does a premise, which decides what inputs there are.
pub(crate) fn unknowns(unit: &Unit, obligation: &Obligation) -> Vec<Unknown> {
    let Demand::Goals(goals) = &obligation.demand else { return Vec::new() };
    let mut out = Vec::new();
    for goal in goals {
        let mut reached: HashSet<SymbolId> = HashSet::new();
        collect(unit, goal.claim.term(), &mut reached);
        let mut facts: Vec<(TermId, HashSet<SymbolId>)> = Vec::new();
        for hyp in unit.facts(goal.refuted_under()) {
            let mut symbols = HashSet::new();
            collect(unit, hyp.fact, &mut symbols);
            match hyp.why {
                Why::Path => reached.extend(symbols),
                // Whether inputs meet a premise that is not understood is not known.
                Why::Parameter | Why::Requires | Why::Assume => {
                    out.extend(symbols.iter().filter_map(|s| unknown(unit, *s, obligation)));
                    facts.push((hyp.fact, symbols));
                }
                Why::Type | Why::Derived | Why::Induction => facts.push((hyp.fact, symbols)),
            }
        }
        loop {
            let before = facts.len();
            facts.retain(|(_, symbols)| {
                let bears = symbols.iter().any(|s| reached.contains(s));
                if bears {
                    reached.extend(symbols);
                }
                !bears
            });
            if facts.len() == before {
                break;
            }
        }
        for symbol in reached {
            out.extend(unknown(unit, symbol, obligation));
        }
    }
    out.sort();
    out.dedup();
    out
}

/// The symbols of a term, those that bound values stand for included.
fn collect(unit: &Unit, term: TermId, out: &mut HashSet<SymbolId>) {
    unit.terms.visit(&[term], &mut |id| {
        if let Op::Apply(symbol) = &unit.terms[id].op {
            out.insert(*symbol);
        }
    });
}

fn unknown(unit: &Unit, symbol: SymbolId, obligation: &Obligation) -> Option<Unknown> {
    if obligation.understood.contains(&symbol) {
        return None;
    }
    let value = || Some(Unknown::Value(unit.terms.symbol(symbol).name.to_string()));
    match unit.origins.get(&symbol)? {
        Origin::Opaque { .. } | Origin::Partial => value(),
        // A postcondition speaks of the content at entry as it does of parameters; of
        // what callers leave there nothing else can be asked.
        Origin::State => (obligation.kind != Kind::Ensures).then(value).flatten(),
        Origin::Call { callee, .. } if obligation.looked_into.contains(callee) => {
            Some(Unknown::LookedInto(*callee))
        }
        Origin::Call { callee, .. } => Some(Unknown::Callee(*callee)),
        // The equation that binds it leads to what it stands for.
        Origin::Binding(_) => None,
    }
}

impl Unknown {
    /// Whether it is a function that was looked into, but not to the end.
    pub fn is_recursion(&self, program: &Program) -> bool {
        match self {
            Unknown::LookedInto(id) => program.function(*id).cycle.is_some(),
            Unknown::Callee(_) | Unknown::Value(_) => false,
        }
    }

    /// Whether it is a function that was looked into and leads back nowhere.
    pub fn is_definition(&self, program: &Program) -> bool {
        match self {
            Unknown::LookedInto(id) => program.function(*id).cycle.is_none(),
            Unknown::Callee(_) | Unknown::Value(_) => false,
        }
    }

    /// What is not understood, and what its author can do about it.
    pub fn text(&self, program: &Program) -> String {
        match self {
            Unknown::Callee(id) => {
                let function = program.function(*id);
                let name = &function.name;
                let ret = result_slot(&function.signature);
                if ret == "Unit" {
                    return format!(
                        "`{name}` is known only by its contract, which does not say when it returns."
                    );
                }
                format!(
                    "`{name}` is known only by its contract; add `ensures(@{ret}.result == …)` to it."
                )
            }
            Unknown::LookedInto(id) => {
                let function = program.function(*id);
                let name = &function.name;
                match function.cycle {
                    Some(_) => format!(
                        "`{name}` was looked into at most {DEEPEST} calls deep, which does not settle it."
                    ),
                    None => format!("`{name}` was looked into, which does not settle it."),
                }
            }
            Unknown::Value(name) if is_known_in_part(name) => {
                format!("What the prover knows of `{name}` (8.3) does not settle it.")
            }
            Unknown::Value(name) if vera_builtins::function(name).is_some() => {
                format!("`{name}` has no model in the prover.")
            }
            Unknown::Value(name) => format!("{} is not known to the prover.", what(name)),
        }
    }
}

/// Whether the prover knows something of what a library function yields.
fn is_known_in_part(name: &str) -> bool {
    let Some(row) = vera_builtins::function(name) else { return false };
    matches!(
        row.id,
        BuiltinId::ArrayAppend
            | BuiltinId::ArrayConcat
            | BuiltinId::ArrayFilter
            | BuiltinId::ArrayFold
            | BuiltinId::ArrayMap
            | BuiltinId::ArrayMapi
            | BuiltinId::ArrayRange
            | BuiltinId::ArrayReverse
            | BuiltinId::ArraySlice
            | BuiltinId::ArraySortBy
            | BuiltinId::MapContains
            | BuiltinId::MapGet
            | BuiltinId::MapInsert
            | BuiltinId::MapRemove
            | BuiltinId::SetAdd
            | BuiltinId::SetContains
            | BuiltinId::SetRemove
            | BuiltinId::StringConcat
            | BuiltinId::StringLength
            | BuiltinId::StringRepeat
            | BuiltinId::StringSlice
            | BuiltinId::StringSplit
    )
}

/// The result type as a signature writes it.
pub(crate) fn result_slot(signature: &str) -> &str {
    let arrow = signature.rsplit_once("-> @");
    arrow.map_or("", |(_, ret)| ret.strip_suffix(')').unwrap_or(ret))
}

/// What a symbol of this name stands for.
fn what(name: &str) -> String {
    match name {
        "text" => "The text of an interpolation",
        "handled" => "What this `handle` expression yields",
        "resumed" => "What the body of a handler yields",
        "state" => "What a state cell holds here",
        "parameter" => "What this closure or clause is given",
        "index" | "element" | "so_far" | "place" => "What a library function hands to a closure",
        APPLY => "What a function value yields",
        "closure" => "A function value",
        "calls" => "What a function value will be given and yield",
        "parts" | "contents" | "elements" => "What lies deeper inside the value",
        "equality" | "comparison" => "How values of this type compare",
        "quantifier" => "What the quantified predicate yields",
        "goes_on" => "Whether an operation comes back",
        "threw" | "thrown" | "reached" => "Whether a handler is left here",
        _ => return format!("What `{name}` yields"),
    }
    .to_owned()
}
