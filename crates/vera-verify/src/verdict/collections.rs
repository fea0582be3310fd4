//! What lies in the maps and sets that are met while definitions are looked into.
//!
//! The walk over a function follows a map through the functions that made it; here a map
//! is asked for keys that nobody asked it for where it was made. Each map that a library
//! function made is related to the one it was made from at every key that is asked for
//! anywhere (McCarthy, *Towards a Mathematical Science of Computation*, 1962): so what
//! holds of one term holds of all that equal it.

use std::collections::{HashMap, HashSet};

use vera_builtins::BuiltinId;

use crate::logic::{Op, Sort, Sorts, SymbolId, TermId};
use crate::obligations::{Origin, Unit};

/// So many pairs of a map and a key are looked at for one goal.
const MAX_PAIRS: usize = 120;

/// The constructors of `Option`.
const NONE: u32 = 0;
const SOME: u32 = 1;

/// How a map or set was made from another.
#[derive(Clone, Copy)]
enum Made {
    Empty,
    Inserted { from: TermId, key: TermId, value: Option<TermId> },
    Removed { from: TermId, key: TermId },
}

/// A collection that a library function made.
#[derive(Clone, Copy)]
struct Maker {
    whole: TermId,
    made: Made,
    /// A map, not a set.
    is_map: bool,
}

/// The pairs that were looked at for one goal.
#[derive(Default)]
pub(super) struct Collections {
    sized: HashSet<TermId>,
    pairs: HashSet<(TermId, TermId)>,
    got: HashSet<TermId>,
}

impl Collections {
    /// Facts about the collections among terms that were not stated before.
    pub fn facts(&mut self, unit: &mut Unit, sorts: &Sorts, met: &HashSet<TermId>) -> Vec<TermId> {
        let names = names(unit);
        let mut met: Vec<TermId> = met.iter().copied().collect();
        met.sort();
        let named = |unit: &Unit, term: TermId| match unit.terms[term].op {
            Op::Apply(symbol) => names.get(&symbol).copied(),
            _ => None,
        };
        let mut makers: Vec<Maker> = Vec::new();
        let mut keys: Vec<TermId> = Vec::new();
        let mut readers: Vec<TermId> = Vec::new();
        for term in met {
            let Some(function) = named(unit, term) else { continue };
            let args = unit.terms[term].args.to_vec();
            match (function, args.as_slice()) {
                (BuiltinId::MapGet, [_, key]) => {
                    readers.push(term);
                    keys.push(*key);
                }
                (BuiltinId::MapContains | BuiltinId::SetContains, [_, key]) => keys.push(*key),
                _ => makers.extend(maker(function, term, &args)),
            }
        }
        if makers.is_empty() {
            return Vec::new();
        }
        keys.retain(|key| sorts.is_plain_key(unit.terms.sort(*key)));
        keys.sort();
        keys.dedup();
        let mut out = Vec::new();
        for maker in makers {
            self.size(unit, sorts, &maker, &mut out);
            for key in &keys {
                self.at_key(unit, sorts, &maker, *key, &mut out);
            }
        }
        for term in readers {
            if self.got.insert(term) {
                out.extend(found(unit, sorts, term));
            }
        }
        out
    }

    /// How many a collection holds, by how many the one before did.
    fn size(&mut self, unit: &mut Unit, sorts: &Sorts, maker: &Maker, out: &mut Vec<TermId>) {
        let function = if maker.is_map { BuiltinId::MapSize } else { BuiltinId::SetSize };
        if !maker.compares(unit, sorts) || !self.sized.insert(maker.whole) {
            return;
        }
        let own = apply(unit, function, &[maker.whole], Sort::Int);
        let expected = match maker.made {
            Made::Empty => unit.terms.int(0),
            Made::Inserted { from, key, .. } | Made::Removed { from, key } => {
                let before = apply(unit, function, &[from], Sort::Int);
                let held = maker.holds(unit, from, key);
                let one = unit.terms.int(1);
                match maker.made {
                    Made::Removed { .. } => {
                        let fewer = unit.terms.subtract(before, one);
                        unit.terms.ite(held, fewer, before)
                    }
                    Made::Empty | Made::Inserted { .. } => {
                        let more = unit.terms.add(before, one);
                        unit.terms.ite(held, before, more)
                    }
                }
            }
        };
        out.push(same(unit, own, expected));
    }

    /// What a collection has at a key, by what the one before has there.
    fn at_key(
        &mut self,
        unit: &mut Unit,
        sorts: &Sorts,
        maker: &Maker,
        key: TermId,
        out: &mut Vec<TermId>,
    ) {
        let fits = match maker.made {
            Made::Empty => true,
            Made::Inserted { key: own, .. } | Made::Removed { key: own, .. } => {
                unit.terms.sort(own) == unit.terms.sort(key)
            }
        };
        let known = self.pairs.len() >= MAX_PAIRS || !self.pairs.insert((maker.whole, key));
        if !fits || known || !maker.compares(unit, sorts) {
            return;
        }
        let holds = maker.holds(unit, maker.whole, key);
        let (before, is_own) = match maker.made {
            Made::Empty => (unit.terms.bool(false), unit.terms.bool(false)),
            Made::Inserted { from, key: own, .. } | Made::Removed { from, key: own } => {
                (maker.holds(unit, from, key), unit.terms.equal(key, own))
            }
        };
        let inserted = unit.terms.bool(matches!(maker.made, Made::Inserted { .. }));
        let expected = unit.terms.ite(is_own, inserted, before);
        out.push(same(unit, holds, expected));
        out.extend(maker.value(unit, sorts, key, is_own));
    }
}

impl Maker {
    /// Whether the key it was made with is equal to another exactly if both are one
    /// value of the logic.
    fn compares(&self, unit: &Unit, sorts: &Sorts) -> bool {
        match self.made {
            Made::Empty => true,
            Made::Inserted { key, .. } | Made::Removed { key, .. } => {
                sorts.is_plain_key(unit.terms.sort(key))
            }
        }
    }

    fn holds(&self, unit: &mut Unit, map: TermId, key: TermId) -> TermId {
        let contains = if self.is_map { BuiltinId::MapContains } else { BuiltinId::SetContains };
        apply(unit, contains, &[map, key], Sort::Bool)
    }

    /// The value at a key, where the program asks any map of this sort for values.
    fn value(&self, unit: &mut Unit, sorts: &Sorts, key: TermId, is_own: TermId) -> Option<TermId> {
        let params = [unit.terms.sort(self.whole), unit.terms.sort(key)];
        let start = format!("{}{params:?}", BuiltinId::MapGet.name());
        let get = unit.functions.iter().find(|(name, _)| name.starts_with(&start)).map(|f| *f.1)?;
        let Sort::Data(data) = unit.terms.symbol(get).result else { return None };
        let own = unit.terms.apply(get, &[self.whole, key]);
        let none = unit.terms.construct(data, NONE, &[]);
        let expected = match self.made {
            Made::Empty => none,
            Made::Inserted { from, value, .. } => {
                let value = value?;
                let field = sorts.data(data).ctors[SOME as usize].fields[0];
                if unit.terms.sort(value) != field {
                    return None;
                }
                let there = unit.terms.construct(data, SOME, &[value]);
                let before = unit.terms.apply(get, &[from, key]);
                unit.terms.ite(is_own, there, before)
            }
            Made::Removed { from, .. } => {
                let before = unit.terms.apply(get, &[from, key]);
                unit.terms.ite(is_own, none, before)
            }
        };
        Some(same(unit, own, expected))
    }
}

/// A map yields a value exactly at the keys it contains.
fn found(unit: &mut Unit, sorts: &Sorts, got: TermId) -> Option<TermId> {
    let Sort::Data(data) = unit.terms.sort(got) else { return None };
    let args = unit.terms[got].args.to_vec();
    let some = unit.terms.is_ctor(sorts, data, SOME, got);
    let held = apply(unit, BuiltinId::MapContains, &args, Sort::Bool);
    Some(same(unit, some, held))
}

/// The fact that two terms are one value.
#[track_caller]
fn same(unit: &mut Unit, a: TermId, b: TermId) -> TermId {
    let fact = unit.terms.equal(a, b);
    match vera_faults::facts::is_negated(std::panic::Location::caller()) {
        true => unit.terms.not(fact),
        false => fact,
    }
}

fn maker(function: BuiltinId, whole: TermId, args: &[TermId]) -> Option<Maker> {
    let (made, is_map) = match (function, args) {
        (BuiltinId::MapNew, []) => (Made::Empty, true),
        (BuiltinId::SetNew, []) => (Made::Empty, false),
        (BuiltinId::MapInsert, &[from, key, value]) => {
            (Made::Inserted { from, key, value: Some(value) }, true)
        }
        (BuiltinId::SetAdd, &[from, key]) => (Made::Inserted { from, key, value: None }, false),
        (BuiltinId::MapRemove, &[from, key]) => (Made::Removed { from, key }, true),
        (BuiltinId::SetRemove, &[from, key]) => (Made::Removed { from, key }, false),
        _ => return None,
    };
    Some(Maker { whole, made, is_map })
}

/// The library functions behind symbols.
fn names(unit: &Unit) -> HashMap<SymbolId, BuiltinId> {
    let wanted = [
        BuiltinId::MapNew,
        BuiltinId::MapInsert,
        BuiltinId::MapRemove,
        BuiltinId::MapGet,
        BuiltinId::MapContains,
        BuiltinId::SetNew,
        BuiltinId::SetAdd,
        BuiltinId::SetRemove,
        BuiltinId::SetContains,
    ];
    functions(unit, &wanted)
}

/// The symbols of library functions, of those that are wanted.
pub(super) fn functions(unit: &Unit, wanted: &[BuiltinId]) -> HashMap<SymbolId, BuiltinId> {
    let of = |key: &str| {
        let name = key.split('[').next().unwrap_or(key);
        wanted.iter().copied().find(|function| function.name() == name)
    };
    unit.functions.iter().filter_map(|(key, symbol)| Some((*symbol, of(key)?))).collect()
}

/// A library function at arguments, as the walk names it.
fn apply(unit: &mut Unit, function: BuiltinId, args: &[TermId], result: Sort) -> TermId {
    let params: Vec<Sort> = args.iter().map(|arg| unit.terms.sort(*arg)).collect();
    let symbol = unit.function_symbol(function.name(), params, result);
    unit.origins.entry(symbol).or_insert(Origin::Partial);
    unit.terms.apply(symbol, args)
}
