//! Substring search: the two-way algorithm.
//!
//! M. Crochemore and D. Perrin, *Two-way string-matching*, Journal of the ACM
//! 38(3), 1991. O(n + m) time, constant space. The needle is cut at a *critical
//! position*; a window is compared from there to the right and then from there
//! to the left. A mismatch on the right moves the window behind it, one on the
//! left by the needle's period, and when the needle is really periodic a
//! `memory` of what is known to match keeps the total linear.

/// A needle, analysed.
#[derive(Clone, Copy, Debug)]
pub struct Needle {
    critical: usize,
    period: usize,
    periodic: bool,
}

impl Needle {
    /// Analyses a needle, which must not be empty. O(m).
    pub fn new(needle: &[u8]) -> Needle {
        let (less, greater) = (max_suffix(needle, false), max_suffix(needle, true));
        let (critical, period) = if less.0 > greater.0 { less } else { greater };
        let left = needle.get(..critical);
        if left.is_some() && left == needle.get(period..period + critical) {
            return Needle { critical, period, periodic: true };
        }
        let period = critical.max(needle.len() - critical) + 1;
        Needle { critical, period, periodic: false }
    }

    /// The first occurrence at or behind `from`. The needle is the one given to
    /// [`Needle::new`].
    pub fn find(&self, text: &[u8], needle: &[u8], from: usize) -> Option<usize> {
        if let [byte] = needle {
            let found = text.get(from..)?.iter().position(|b| b == byte)?;
            return Some(from + found);
        }
        let (mut at, mut memory) = (from, 0);
        loop {
            let window = text.get(at..)?.get(..needle.len())?;
            let start = self.critical.max(memory);
            let (right, seen) = (needle.get(start..)?, window.get(start..)?);
            if let Some(matched) = right.iter().zip(seen).position(|(a, b)| a != b) {
                at += start + matched - self.critical + 1;
                memory = 0;
            } else if needle.get(memory..start) == window.get(memory..start) {
                return Some(at);
            } else {
                at += self.period;
                memory = if self.periodic { needle.len() - self.period } else { 0 };
            }
        }
    }
}

/// Start and period of the needle's greatest suffix in the order of bytes, or
/// in its reverse.
fn max_suffix(needle: &[u8], reverse: bool) -> (usize, usize) {
    let (mut left, mut right, mut offset, mut period) = (0, 1, 0, 1);
    while let (Some(a), Some(b)) = (needle.get(right + offset), needle.get(left + offset)) {
        if a == b {
            if offset + 1 == period {
                right += period;
                offset = 0;
            } else {
                offset += 1;
            }
        } else if (a < b) != reverse {
            right += offset + 1;
            offset = 0;
            period = right - left;
        } else {
            left = right;
            right += 1;
            (offset, period) = (0, 1);
        }
    }
    (left, period)
}

/// Offset of the first occurrence of `needle`; an empty one occurs at 0. O(n + m).
///
/// ```
/// assert_eq!(vera_rt::string::search::find(b"aXbX", b"X"), Some(1));
/// ```
pub fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    if needle.is_empty() {
        return Some(0);
    }
    if needle.len() > text.len() {
        return None;
    }
    Needle::new(needle).find(text, needle, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn naive(text: &[u8], needle: &[u8]) -> Option<usize> {
        (0..=text.len()).find(|&i| text[i..].starts_with(needle))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 32 } else { 20_000 }))]
        #[test]
        fn finds_what_a_naive_search_finds(
            text in proptest::collection::vec(0u8..2, 0..60),
            needle in proptest::collection::vec(0u8..2, 0..9),
        ) {
            prop_assert_eq!(find(&text, &needle), naive(&text, &needle));
        }

        #[test]
        fn finds_periodic_needles(
            unit in proptest::collection::vec(0u8..2, 1..5),
            times in 1usize..6,
            text in proptest::collection::vec(0u8..2, 0..20),
        ) {
            let needle: Vec<u8> = unit.repeat(times);
            let text = [&text[..], &unit.repeat(times + 1), &text].concat();
            prop_assert_eq!(find(&text, &needle), naive(&text, &needle));
        }
    }

    #[test]
    fn takes_linear_time() {
        let n = if cfg!(miri) { 1_000 } else { 200_000 };
        let text = std::vec![b'a'; 2 * n];
        let mut needle = std::vec![b'a'; n];
        needle[0] = b'b';
        assert_eq!(find(&text, &needle), None);
        needle[0] = b'a';
        needle[n / 2] = b'b';
        assert_eq!(find(&text, &needle), None);
        needle[n / 2] = b'a';
        needle[n - 1] = b'b';
        assert_eq!(find(&text, &needle), None);
    }
}
