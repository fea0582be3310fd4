//! Maps and sets that library functions make: what lies at a key is looked for where it
//! is asked for, in the functions that made the map, so no proof pays for keys it does
//! not ask for.

use vera_builtins::BuiltinId;

use super::walk::Walk;
use super::*;
use crate::logic::{Op, Sort};

/// A map is followed through so many functions.
const MAX_STEPS: usize = 16;

/// The constructors of `Option`.
const NONE: u32 = 0;
const SOME: u32 = 1;

/// How a map or set came about.
#[derive(Clone, Copy)]
pub(super) enum Made {
    Empty,
    /// With a value at a key; a set has none.
    Inserted {
        map: TermId,
        key: TermId,
        value: Option<TermId>,
    },
    Removed {
        map: TermId,
        key: TermId,
    },
}

impl Walk<'_, '_> {
    /// Remembers how a map or set came about, and what that says of its size.
    pub(super) fn map_made(&mut self, function: BuiltinId, values: &[TermId], result: TermId) {
        let made = match (function, values) {
            (BuiltinId::MapNew | BuiltinId::SetNew, []) => Made::Empty,
            (BuiltinId::MapInsert, [map, key, value]) => {
                Made::Inserted { map: *map, key: *key, value: Some(*value) }
            }
            (BuiltinId::SetAdd, [map, key]) => Made::Inserted { map: *map, key: *key, value: None },
            (BuiltinId::MapRemove | BuiltinId::SetRemove, [map, key]) => {
                Made::Removed { map: *map, key: *key }
            }
            _ => return,
        };
        // A float may differ from itself, as a key does not.
        let compares = match made {
            Made::Empty => true,
            Made::Inserted { key, .. } | Made::Removed { key, .. } => self.is_plain_key(key),
        };
        if self.place.bound || !compares {
            return;
        }
        self.maps.insert(result, made);
        let (size, contains) = match function {
            BuiltinId::MapNew | BuiltinId::MapInsert | BuiltinId::MapRemove => {
                (BuiltinId::MapSize, BuiltinId::MapContains)
            }
            _ => (BuiltinId::SetSize, BuiltinId::SetContains),
        };
        let own = self.size(size, result);
        let (zero, one) = (self.terms().int(0), self.terms().int(1));
        let expected = match made {
            Made::Empty => zero,
            Made::Inserted { map, key, .. } => {
                let (before, held) = (self.size(size, map), self.contains(contains, map, key));
                let more = self.terms().add(before, one);
                self.terms().ite(held, before, more)
            }
            Made::Removed { map, key } => {
                let (before, held) = (self.size(size, map), self.contains(contains, map, key));
                let fewer = self.terms().subtract(before, one);
                self.terms().ite(held, fewer, before)
            }
        };
        let same = self.terms().equal(own, expected);
        self.assume(Fact::exactly(same), Why::Derived);
    }

    /// Whether a map or set holds a key. One that holds a key is not empty.
    pub(super) fn contains(&mut self, function: BuiltinId, map: TermId, key: TermId) -> TermId {
        let (symbol, held) = self.applied(function.name(), &[map, key], Sort::Bool);
        self.unit.origins.entry(symbol).or_insert(Origin::Partial);
        if self.place.bound {
            return held;
        }
        let size = if function == BuiltinId::MapContains {
            BuiltinId::MapSize
        } else {
            BuiltinId::SetSize
        };
        let size = self.size(size, map);
        let zero = self.terms().int(0);
        let some = self.terms().less(zero, size);
        let fact = self.terms().implies(held, some);
        self.assume(Fact::exactly(fact), Why::Derived);
        if !self.is_plain_key(key) {
            return held;
        }
        let whole = self.unbound(map);
        if let Some((_, maps)) = self.alternatives(whole) {
            for (holds, map) in maps {
                self.under(holds, |w| w.contains(function, map, key));
            }
            return held;
        }
        // The functions that made it, the last one first.
        let (mut at, mut steps) = (map, Vec::new());
        let start = loop {
            match self.made(at) {
                Some(Made::Empty) => break Some(self.terms().bool(false)),
                Some(Made::Inserted { map, key, .. }) => {
                    steps.push((key, true));
                    at = map;
                }
                Some(Made::Removed { map, key }) => {
                    steps.push((key, false));
                    at = map;
                }
                None => break None,
            }
            if steps.len() > MAX_STEPS {
                return held;
            }
        };
        if steps.is_empty() && start.is_none() {
            return held;
        }
        let mut value = match start {
            Some(value) => value,
            None => self.applied(function.name(), &[at, key], Sort::Bool).1,
        };
        for (other, inserted) in steps.into_iter().rev() {
            let (same, inserted) = (self.terms().equal(key, other), self.terms().bool(inserted));
            value = self.terms().ite(same, inserted, value);
        }
        let same = self.terms().equal(held, value);
        self.assume(Fact::exactly(same), Why::Derived);
        value
    }

    /// What is known of the value that `map_get` yields: there is one if the map holds
    /// the key, and it is the one last inserted there.
    pub(super) fn got(&mut self, map: TermId, key: TermId, result: TermId) {
        let Sort::Data(data) = self.unit.terms.sort(result) else { return };
        if self.place.bound {
            return;
        }
        let held = self.contains(BuiltinId::MapContains, map, key);
        let some = self.unit.terms.is_ctor(&self.encoder.sorts, data, SOME, result);
        let same = self.terms().equal(some, held);
        self.assume(Fact::exactly(same), Why::Derived);
        let Op::Apply(symbol) = self.unit.terms[result].op else { return };
        if !self.is_plain_key(key) {
            return;
        }
        let whole = self.unbound(map);
        if let Some((_, maps)) = self.alternatives(whole) {
            for (holds, map) in maps {
                let other = self.unit.terms.apply(symbol, &[map, key]);
                self.under(holds, |w| w.got(map, key, other));
            }
            return;
        }
        let (mut at, mut steps) = (map, Vec::new());
        while let Some(made) = self.made(at) {
            let (map, other, value) = match made {
                Made::Empty => break,
                Made::Inserted { map, key, value: Some(value) } => {
                    let field = self.encoder.sorts.data(data).ctors[SOME as usize].fields[0];
                    if self.unit.terms.sort(value) != field {
                        return;
                    }
                    (map, key, self.terms().construct(data, SOME, &[value]))
                }
                Made::Inserted { .. } => return,
                Made::Removed { map, key } => (map, key, self.terms().construct(data, NONE, &[])),
            };
            steps.push((other, value));
            at = map;
            if steps.len() > MAX_STEPS {
                return;
            }
        }
        if steps.is_empty() {
            return;
        }
        let mut value = match self.made(at) {
            Some(_) => self.terms().construct(data, NONE, &[]),
            None => self.unit.terms.apply(symbol, &[at, key]),
        };
        for (other, there) in steps.into_iter().rev() {
            let same = self.terms().equal(key, other);
            value = self.terms().ite(same, there, value);
        }
        let same = self.terms().equal(result, value);
        self.assume(Fact::exactly(same), Why::Derived);
    }

    /// How a map came about, through the `let`s it went through.
    fn made(&self, map: TermId) -> Option<Made> {
        self.maps.get(&self.unbound(map)).copied()
    }

    fn is_plain_key(&self, key: TermId) -> bool {
        self.encoder.sorts.is_plain_key(self.unit.terms.sort(key))
    }
}
