//! Characters in classes that no set of the pattern tells apart.

use alloc::vec;
use alloc::vec::Vec;

use crate::regex::ast::Assert;
use crate::regex::program::{Inst, Program};
use crate::regex::set::Set;
use crate::regex::text::EDGE;
use crate::sort;

/// The most classes a pattern may have for the lazy automaton.
const MOST: usize = 250;

/// The classes of one pattern. Behind the last class come two symbols: the edge
/// of the text, and a line feed at its very end.
pub(crate) struct Alphabet {
    ascii: [u8; 128],
    /// Where intervals start, from U+0080 on, with their classes.
    starts: Vec<u32>,
    classes: Vec<u8>,
    /// A member of each class.
    members: Vec<u32>,
}

impl Alphabet {
    /// The alphabet, unless there are too many classes.
    pub(crate) fn new(program: &Program, sets: &[Set]) -> Option<Self> {
        let mut used: Vec<Set> = Vec::new();
        let mut seen = vec![false; sets.len()];
        let mut singles = Set::default();
        used.push(Set::from_ranges(vec![(10, 10)]));
        for inst in &program.insts {
            let set = match *inst {
                Inst::Char { c, .. } => {
                    singles.add(c, c);
                    continue;
                }
                Inst::Set { set, .. } => set,
                Inst::Assert {
                    assert:
                        Assert::Word { word: set, .. }
                        | Assert::Next { set, .. }
                        | Assert::Before { set, .. },
                    ..
                } => set,
                _ => continue,
            };
            if !core::mem::replace(&mut seen[set as usize], true) {
                used.push(sets[set as usize].clone());
            }
        }
        // Ranges of `singles` merge neighbours, but each is a class of its own.
        for &(low, high) in singles.normalised().ranges() {
            for c in low..=high {
                used.push(Set::from_ranges(vec![(c, c)]));
                if used.len() > 4 * MOST {
                    return None;
                }
            }
        }
        Self::split(&used)
    }

    #[inline(never)]
    fn split(used: &[Set]) -> Option<Self> {
        let mut bounds = vec![(0, 0), (128, 0)];
        for &(low, high) in used.iter().flat_map(Set::ranges) {
            bounds.extend([(low, 0), (high + 1, 0)]);
        }
        sort::pairs(&mut bounds);
        bounds.dedup();
        let starts: Vec<u32> = bounds.into_iter().map(|bound| bound.0).collect();
        let mut classes = vec![0usize; starts.len()];
        let mut count = 1;
        let mut work = 0;
        for set in used {
            // Every class that the set meets is split into the part inside and the rest.
            let mut inside: Vec<Option<usize>> = vec![None; count];
            for &(low, high) in set.ranges() {
                let first = starts.partition_point(|&start| start < low);
                for (start, class) in starts[first..].iter().zip(&mut classes[first..]) {
                    if *start > high {
                        break;
                    }
                    work += 1;
                    *class = *inside[*class].get_or_insert_with(|| {
                        count += 1;
                        count - 1
                    });
                }
            }
            if count > 64 * MOST || work > 4_000_000 {
                return None;
            }
        }
        // Classes that lost all members fall away.
        let mut numbers: Vec<Option<u8>> = vec![None; count];
        let mut members = Vec::new();
        let mut small = Vec::with_capacity(classes.len());
        for (&start, &class) in starts.iter().zip(&classes) {
            let number = match numbers[class] {
                Some(number) => number,
                None => {
                    if members.len() == MOST {
                        return None;
                    }
                    members.push(start);
                    let number = (members.len() - 1) as u8;
                    numbers[class] = Some(number);
                    number
                }
            };
            small.push(number);
        }
        let mut alphabet = Self { ascii: [0; 128], starts, classes: small, members };
        for c in 0..128u8 {
            alphabet.ascii[c as usize] = alphabet.look_up(u32::from(c));
        }
        // What is asked for from here on is not ASCII: a shorter search.
        let wide = alphabet.starts.partition_point(|&start| start < 128);
        alphabet.starts.drain(..wide);
        alphabet.classes.drain(..wide);
        Some(alphabet)
    }

    fn look_up(&self, c: u32) -> u8 {
        let after = self.starts.partition_point(|&start| start <= c);
        self.classes.get(after.wrapping_sub(1)).copied().unwrap_or(0)
    }

    /// Number of symbols, the edge and the last line feed included.
    pub(crate) fn len(&self) -> usize {
        self.members.len() + 2
    }

    /// The symbol of the edge.
    pub(crate) fn edge(&self) -> usize {
        self.members.len()
    }

    /// The symbol of an ASCII byte.
    #[inline]
    pub(crate) fn ascii(&self, byte: u8) -> usize {
        self.ascii[(byte & 127) as usize] as usize
    }

    /// The symbol of a character, or of a line feed at the end of the text.
    #[inline]
    pub(crate) fn symbol(&self, c: u32, is_last: bool) -> usize {
        match c {
            10 if is_last => self.members.len() + 1,
            0..128 => self.ascii[c as usize] as usize,
            EDGE => self.edge(),
            _ => self.look_up(c) as usize,
        }
    }

    /// A character of the symbol, and whether it is the text's last one.
    pub(crate) fn member(&self, symbol: usize) -> (u32, bool) {
        match self.members.get(symbol) {
            Some(&c) => (c, false),
            None if symbol == self.edge() => (EDGE, false),
            None => (10, true),
        }
    }
}
