//! Sets of characters as sorted ranges.

use alloc::vec::Vec;

use crate::sort;

/// A set of characters. After [`Set::normalised`] the ranges are sorted and apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Set {
    ranges: Vec<(u32, u32)>,
    /// The characters below 128, one bit each.
    ascii: u128,
}

impl Set {
    /// The set of these ranges, in any order.
    #[inline(never)]
    pub(crate) fn from_ranges(ranges: Vec<(u32, u32)>) -> Self {
        Self { ranges, ascii: 0 }.normalised()
    }

    /// The ranges, first and last included.
    pub(crate) fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }

    /// Adds a range; [`Set::normalised`] makes the set fit for asking again.
    pub(crate) fn add(&mut self, low: u32, high: u32) {
        self.ranges.push((low, high));
    }

    /// Adds another set's ranges, as [`Set::add`] does.
    pub(crate) fn extend(&mut self, other: &Set) {
        self.ranges.extend_from_slice(&other.ranges);
    }

    /// Sorted, merged, with the bits of its ASCII part.
    #[inline(never)]
    pub(crate) fn normalised(mut self) -> Self {
        let sorted = self.ranges.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0);
        if !sorted {
            sort::pairs(&mut self.ranges);
            let mut merged: Vec<(u32, u32)> = Vec::with_capacity(self.ranges.len());
            for &(low, high) in &self.ranges {
                match merged.last_mut() {
                    Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
                    _ => merged.push((low, high)),
                }
            }
            self.ranges = merged;
        }
        self.ascii = 0;
        for &(low, high) in &self.ranges {
            for c in low..=high.min(127) {
                self.ascii |= 1 << c;
            }
        }
        self
    }

    /// All characters outside.
    pub(crate) fn complement(&self) -> Self {
        let mut ranges = Vec::with_capacity(self.ranges.len() + 1);
        let mut at = 0;
        for &(low, high) in &self.ranges {
            if low > at {
                ranges.push((at, low - 1));
            }
            at = high + 1;
        }
        if at <= 0x10_FFFF {
            ranges.push((at, 0x10_FFFF));
        }
        Self::from_ranges(ranges)
    }

    /// Whether the character is inside; the edge of a text never is.
    #[inline]
    pub(crate) fn has(&self, c: u32) -> bool {
        if c < 128 {
            return self.ascii >> c & 1 == 1;
        }
        let after = self.ranges.partition_point(|&(low, _)| low <= c);
        after > 0 && c <= self.ranges[after - 1].1
    }

    /// Whether a character between `low` and `high` is inside.
    pub(crate) fn meets(&self, low: u32, high: u32) -> bool {
        let after = self.ranges.partition_point(|&(first, _)| first <= high);
        after > 0 && low <= self.ranges[after - 1].1
    }

    /// The only character, when there is one only.
    pub(crate) fn single(&self) -> Option<u32> {
        match self.ranges[..] {
            [(low, high)] if low == high => Some(low),
            _ => None,
        }
    }

    /// A number for looking the set up.
    pub(crate) fn hash(&self) -> u32 {
        super::index::hash(self.ranges.iter().flat_map(|&(low, high)| [low, high]))
    }
}
