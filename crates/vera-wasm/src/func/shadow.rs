//! Which slot of the shadow frame holds which reference.
//!
//! The shadow frame starts at the incoming shadow pointer and grows with what
//! is live: each collecting instruction is given the address behind the last
//! slot in use, and whatever lies above belongs to the callee. A forward walk
//! over the structured code remembers what the slots hold, so that a value is
//! stored once while it stays in its slot. Slots below the boundary that hold
//! nothing live are set to null once, so the collector neither sees a stale
//! address nor keeps a dead object.

use vera_mir::ir::ValueId;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Slot {
    /// Possibly the address of something long gone.
    Unknown,
    Null,
    Holds(ValueId),
}

/// The slots at one point of the code; those beyond the end are unknown.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Shadow {
    slots: Vec<Slot>,
}

/// A set of values that is emptied in constant time.
pub struct Marks {
    stamps: Vec<u32>,
    current: u32,
}

impl Marks {
    /// For a function with `count` values.
    pub fn new(count: usize) -> Marks {
        Marks { stamps: vec![0; count], current: 0 }
    }

    fn start(&mut self, values: &[ValueId]) {
        self.current += 1;
        values.iter().for_each(|v| self.stamps[v.index()] = self.current);
    }

    /// Whether the value was there.
    fn remove(&mut self, value: ValueId) -> bool {
        std::mem::take(&mut self.stamps[value.index()]) == self.current
    }
}

/// A store to a slot of the shadow frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Store {
    pub slot: u32,
    /// `None` stores null.
    pub value: Option<ValueId>,
}

impl Shadow {
    /// Makes the slots hold all of `roots` and nothing else that matters:
    /// returns the stores to do and the number of slots the callee must leave
    /// alone. The slots above become unknown.
    pub fn keep(&mut self, roots: &[ValueId], missing: &mut Marks) -> (Vec<Store>, u32) {
        missing.start(roots);
        let mut used = 0;
        let mut free = Vec::new();
        for (i, slot) in self.slots.iter().enumerate() {
            match slot {
                Slot::Holds(v) if missing.remove(*v) => used = i + 1,
                Slot::Holds(_) | Slot::Null | Slot::Unknown => free.push(i),
            }
        }
        let mut free = free.into_iter();
        let mut stores = Vec::new();
        for root in roots {
            if !missing.remove(*root) {
                continue;
            }
            let slot = free.next().unwrap_or(self.slots.len());
            if slot == self.slots.len() {
                self.slots.push(Slot::Unknown);
            }
            self.slots[slot] = Slot::Holds(*root);
            stores.push(Store { slot: slot as u32, value: Some(*root) });
            used = used.max(slot + 1);
        }
        for slot in free.take_while(|slot| *slot < used) {
            if self.slots[slot] != Slot::Null {
                self.slots[slot] = Slot::Null;
                stores.push(Store { slot: slot as u32, value: None });
            }
        }
        self.slots.truncate(used);
        (stores, used as u32)
    }

    /// Puts more values into slots that hold none, and returns the stores to do.
    pub fn add(&mut self, values: &[ValueId], missing: &mut Marks) -> Vec<Store> {
        missing.start(values);
        for slot in &self.slots {
            if let Slot::Holds(value) = slot {
                missing.remove(*value);
            }
        }
        let mut stores = Vec::new();
        let mut free = 0;
        for value in values.iter().copied().filter(|v| missing.remove(*v)) {
            while matches!(self.slots.get(free), Some(Slot::Holds(_))) {
                free += 1;
            }
            if free == self.slots.len() {
                self.slots.push(Slot::Unknown);
            }
            self.slots[free] = Slot::Holds(value);
            stores.push(Store { slot: free as u32, value: Some(value) });
        }
        stores
    }

    /// What is known when control may come from `self` or from `other`.
    pub fn meet(&mut self, other: &Shadow) {
        self.slots.truncate(other.slots.len());
        for (slot, theirs) in self.slots.iter_mut().zip(&other.slots) {
            if slot != theirs {
                *slot = Slot::Unknown;
            }
        }
    }

    /// Forgets every slot but those that hold a value for which `wanted` is true.
    pub fn retain(&mut self, wanted: impl Fn(ValueId) -> bool) {
        for slot in &mut self.slots {
            if !matches!(slot, Slot::Holds(v) if wanted(*v)) {
                *slot = Slot::Unknown;
            }
        }
    }

    /// The stores that turn `self` into a state in which all that `head` knows
    /// is true: what a jump back to a loop head must do.
    pub fn restore(&self, head: &Shadow) -> Vec<Store> {
        let mut stores = Vec::new();
        for (i, wanted) in head.slots.iter().enumerate() {
            if self.slots.get(i) != Some(wanted)
                && let Slot::Holds(value) = wanted
            {
                stores.push(Store { slot: i as u32, value: Some(*value) });
            }
        }
        stores
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(n: u32) -> ValueId {
        ValueId(n)
    }

    fn set(slot: u32, value: u32) -> Store {
        Store { slot, value: Some(v(value)) }
    }

    fn null(slot: u32) -> Store {
        Store { slot, value: None }
    }

    struct Frame(Shadow, Marks);

    impl Frame {
        fn new() -> Frame {
            Frame(Shadow::default(), Marks::new(9))
        }

        fn keep(&mut self, roots: &[u32]) -> (Vec<Store>, u32) {
            let roots: Vec<ValueId> = roots.iter().copied().map(v).collect();
            self.0.keep(&roots, &mut self.1)
        }
    }

    #[test]
    fn a_value_is_stored_once() {
        let mut frame = Frame::new();
        assert_eq!(frame.keep(&[1, 2]), (vec![set(0, 1), set(1, 2)], 2));
        assert_eq!(frame.keep(&[1, 2]), (vec![], 2));
        assert_eq!(frame.keep(&[1]), (vec![], 1));
        // Slot 1 was the callee's meanwhile.
        assert_eq!(frame.keep(&[1, 2]), (vec![set(1, 2)], 2));
    }

    #[test]
    fn a_dead_slot_is_used_again_or_cleared_once() {
        let mut frame = Frame::new();
        frame.keep(&[1, 2]);
        assert_eq!(frame.keep(&[2]), (vec![null(0)], 2));
        assert_eq!(frame.keep(&[2]), (vec![], 2));
        assert_eq!(frame.keep(&[2, 3]), (vec![set(0, 3)], 2));
    }

    #[test]
    fn nothing_live_needs_nothing() {
        let mut frame = Frame::new();
        frame.keep(&[1]);
        assert_eq!(frame.keep(&[]), (vec![], 0));
    }

    #[test]
    fn values_are_added_around_those_there() {
        let mut frame = Frame::new();
        frame.keep(&[1, 2]);
        frame.keep(&[2]);
        let values = [2, 3, 4].map(v);
        assert_eq!(frame.0.add(&values, &mut frame.1), vec![set(0, 3), set(2, 4)]);
        assert_eq!(frame.keep(&[2, 3, 4]), (vec![], 3));
    }

    #[test]
    fn a_join_knows_what_both_sides_know() {
        let (mut a, mut b) = (Frame::new(), Frame::new());
        a.keep(&[1, 2]);
        b.keep(&[1, 3, 4]);
        a.0.meet(&b.0);
        assert_eq!(a.keep(&[1, 2]), (vec![set(1, 2)], 2));
    }

    #[test]
    fn a_jump_back_restores_what_the_head_knows() {
        let mut frame = Frame::new();
        frame.keep(&[1, 2]);
        let head = frame.0.clone();
        frame.keep(&[2, 3]);
        assert_eq!(frame.0.restore(&head), vec![set(0, 1)]);
    }
}
