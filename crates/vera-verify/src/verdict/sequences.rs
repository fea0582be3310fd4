//! What lies in the arrays that are met while definitions are looked into.
//!
//! As `collections` does for maps: an array that a library function made is related to
//! those it was made from at every index at which an array of its kind is read anywhere,
//! so that what holds of one term holds of all that equal it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use vera_builtins::BuiltinId;

use crate::logic::{Op, Sort, Sorts, SymbolId, TermId};
use crate::obligations::Unit;

/// So many pairs of an array and an index are looked at for one goal.
const MAX_PAIRS: usize = 80;

/// How an array was made.
#[derive(Clone, Copy)]
enum Made {
    Appended { from: TermId, last: TermId },
    Joined { first: TermId, second: TermId },
    Sliced { from: TermId, low: TermId },
    Reversed { from: TermId },
    Range { low: TermId },
}

/// The pairs that were looked at for one goal.
#[derive(Default)]
pub(super) struct Sequences {
    pairs: HashSet<(TermId, TermId)>,
    /// Elements that only these facts read: they lead back to the arrays they are read
    /// from, to no others.
    derived: HashSet<TermId>,
    /// The indices at which arrays of a kind are read otherwise.
    indices: BTreeSet<(Sort, TermId)>,
}

impl Sequences {
    /// Facts about the arrays among terms that were not stated before.
    pub fn facts(&mut self, unit: &mut Unit, sorts: &Sorts, met: &HashSet<TermId>) -> Vec<TermId> {
        let names = names(unit);
        if names.is_empty() {
            return Vec::new();
        }
        let mut met: Vec<TermId> = met.iter().copied().collect();
        met.sort();
        let mut makers: BTreeMap<TermId, Made> = BTreeMap::new();
        let mut read: Vec<(TermId, TermId)> = Vec::new();
        for term in met {
            let node = &unit.terms[term];
            match (&node.op, node.args.as_slice()) {
                (Op::Element, [array, index]) => {
                    read.push((*array, *index));
                    if !self.derived.contains(&term) {
                        self.indices.insert((unit.terms.sort(*array), *index));
                    }
                }
                (Op::Apply(symbol), args) if matches!(node.sort, Sort::Array(_)) => {
                    let made = names.get(symbol).and_then(|function| made(*function, args));
                    makers.extend(made.map(|made| (term, made)));
                }
                _ => {}
            }
        }
        let mut waiting: VecDeque<(TermId, TermId)> = VecDeque::new();
        for whole in makers.keys() {
            waiting.extend(read.iter().filter(|(array, _)| array == whole));
            let sort = unit.terms.sort(*whole);
            let alike = self.indices.iter().filter(|(of, _)| *of == sort);
            waiting.extend(alike.map(|(_, index)| (*whole, *index)));
        }
        let mut out = Vec::new();
        while let Some((whole, index)) = waiting.pop_front() {
            let Some(made) = makers.get(&whole) else { continue };
            if self.pairs.len() < MAX_PAIRS && self.pairs.insert((whole, index)) {
                let mut reads = Vec::new();
                out.push(at_index(unit, sorts, whole, *made, index, &mut reads));
                for (array, index) in reads {
                    self.derived.insert(unit.terms.element(sorts, array, index));
                    waiting.push_back((array, index));
                }
            }
        }
        out
    }
}

/// The element of an array at an index, if there is one. `reads`: the elements of other
/// arrays by which it is given.
fn at_index(
    unit: &mut Unit,
    sorts: &Sorts,
    whole: TermId,
    made: Made,
    index: TermId,
    reads: &mut Vec<(TermId, TermId)>,
) -> TermId {
    let own = unit.terms.element(sorts, whole, index);
    let mut element = |unit: &mut Unit, array: TermId, index: TermId| {
        reads.push((array, index));
        unit.terms.element(sorts, array, index)
    };
    let expected = match made {
        Made::Appended { from, last } => {
            let end = unit.terms.length(from);
            let is_last = unit.terms.equal(index, end);
            let before = element(unit, from, index);
            unit.terms.ite(is_last, last, before)
        }
        Made::Joined { first, second } => {
            let end = unit.terms.length(first);
            let is_first = unit.terms.less(index, end);
            let rest = unit.terms.subtract(index, end);
            let (a, b) = (element(unit, first, index), element(unit, second, rest));
            unit.terms.ite(is_first, a, b)
        }
        Made::Sliced { from, low } => {
            let zero = unit.terms.int(0);
            let low = unit.terms.maximum(low, zero);
            let there = unit.terms.add(low, index);
            element(unit, from, there)
        }
        Made::Reversed { from } => {
            let (length, one) = (unit.terms.length(from), unit.terms.int(1));
            let last = unit.terms.subtract(length, one);
            let there = unit.terms.subtract(last, index);
            element(unit, from, there)
        }
        Made::Range { low } => unit.terms.add(low, index),
    };
    let (zero, length) = (unit.terms.int(0), unit.terms.length(whole));
    let (low, high) = (unit.terms.less_equal(zero, index), unit.terms.less(index, length));
    let inside = unit.terms.and(low, high);
    let same = unit.terms.equal(own, expected);
    let same = match vera_faults::facts::is_negated(std::panic::Location::caller()) {
        true => unit.terms.not(same),
        false => same,
    };
    unit.terms.implies(inside, same)
}

fn made(function: BuiltinId, args: &[TermId]) -> Option<Made> {
    Some(match (function, args) {
        (BuiltinId::ArrayAppend, &[from, last]) => Made::Appended { from, last },
        (BuiltinId::ArrayConcat, &[first, second]) => Made::Joined { first, second },
        (BuiltinId::ArraySlice, &[from, low, _]) => Made::Sliced { from, low },
        (BuiltinId::ArrayReverse, &[from]) => Made::Reversed { from },
        (BuiltinId::ArrayRange, &[low, _]) => Made::Range { low },
        _ => return None,
    })
}

/// The library functions behind symbols.
fn names(unit: &Unit) -> HashMap<SymbolId, BuiltinId> {
    let wanted = [
        BuiltinId::ArrayAppend,
        BuiltinId::ArrayConcat,
        BuiltinId::ArraySlice,
        BuiltinId::ArrayReverse,
        BuiltinId::ArrayRange,
    ];
    super::collections::functions(unit, &wanted)
}
