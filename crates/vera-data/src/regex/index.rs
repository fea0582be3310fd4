//! A hash index over things that live in a vector elsewhere.

use alloc::vec;
use alloc::vec::Vec;

/// FNV-1a over words.
pub(crate) fn hash(words: impl Iterator<Item = u32>) -> u32 {
    let mut hash = 0x811C_9DC5u32;
    for word in words {
        hash = (hash ^ word).wrapping_mul(0x0100_0193);
        hash ^= hash >> 15;
    }
    hash
}

/// Open addressing; a slot holds (hash, number + 1).
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    slots: Vec<(u32, u32)>,
    count: usize,
}

impl Index {
    /// The number under this hash that `is` accepts.
    pub(crate) fn find(&self, hash: u32, is: impl Fn(u32) -> bool) -> Option<u32> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = hash as usize & mask;
        loop {
            match self.slots[at] {
                (_, 0) => return None,
                (h, number) if h == hash && is(number - 1) => return Some(number - 1),
                _ => at = (at + 1) & mask,
            }
        }
    }

    /// Adds a number that is not there yet.
    pub(crate) fn insert(&mut self, hash: u32, number: u32) {
        if self.count * 2 >= self.slots.len() {
            let old = core::mem::take(&mut self.slots);
            self.slots = vec![(0, 0); (old.len() * 2).max(16)];
            for (hash, number) in old.into_iter().filter(|slot| slot.1 != 0) {
                self.place(hash, number);
            }
        }
        self.count += 1;
        self.place(hash, number + 1);
    }

    fn place(&mut self, hash: u32, number: u32) {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        while self.slots[at].1 != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = (hash, number);
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.slots.clear();
        self.count = 0;
    }
}
