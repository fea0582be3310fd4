//! A set of small integers kept as a sorted vector: live sets are short, and
//! are copied at every branch.

#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct LiveSet(Vec<u32>);

impl LiveSet {
    pub fn insert(&mut self, key: u32) {
        if let Err(at) = self.0.binary_search(&key) {
            self.0.insert(at, key);
        }
    }

    pub fn remove(&mut self, key: u32) {
        if let Ok(at) = self.0.binary_search(&key) {
            self.0.remove(at);
        }
    }

    /// Ascending.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = u32> + '_ {
        self.0.iter().copied()
    }

    /// Removes every key from `bound` up and returns them.
    pub fn split_off(&mut self, bound: u32) -> Vec<u32> {
        self.0.split_off(self.0.partition_point(|k| *k < bound))
    }

    pub fn union(&mut self, other: &LiveSet) {
        if other.0.is_empty() || self.0 == other.0 {
            return;
        }
        let mut merged = Vec::with_capacity(self.0.len().max(other.0.len()));
        let (mut a, mut b) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
            let key = **x.min(y);
            merged.push(key);
            a.next_if(|k| **k == key);
            b.next_if(|k| **k == key);
        }
        merged.extend(a);
        merged.extend(b);
        self.0 = merged;
    }
}
