//! The integer part of a number, in a machine word where it fits.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::limbs::Limbs;
use crate::text::{push_digits, push_number};

/// Digits of a word.
pub(super) const WORD_DIGITS: u64 = 38;

/// 10^0 to 10^38.
const TENS: [u128; 39] = {
    let mut tens = [1; 39];
    let mut i = 1;
    while i < 39 {
        tens[i] = tens[i - 1] * 10;
        i += 1;
    }
    tens
};

/// 10^`exponent` for an exponent up to 38.
#[inline]
pub(super) fn ten_to(exponent: u64) -> u128 {
    TENS.get(exponent as usize).copied().unwrap_or(u128::MAX)
}

/// Significant digits of a word; 0 for 0. O(1).
#[inline]
pub(super) fn digits(word: u128) -> u64 {
    // 1233 / 4096 is the logarithm of 2, close enough for 128 bits; the digits are
    // as many or one more (S. E. Anderson, "Bit Twiddling Hacks").
    let bits = u64::from(128 - word.leading_zeros());
    let guess = (bits * 1233) >> 12;
    guess + u64::from(word >= ten_to(guess))
}

/// A non-negative integer; one of at most 38 digits is always a word.
#[derive(Clone, Debug)]
pub(super) enum Coefficient {
    Word(u128),
    Long(Limbs),
}

use Coefficient::{Long, Word};

impl Coefficient {
    pub(super) fn from_limbs(limbs: Limbs) -> Coefficient {
        limbs.word().map_or_else(|| Long(limbs), Word)
    }

    pub(super) fn limbs(&self) -> Limbs {
        match self {
            Word(word) => Limbs::from_word(*word),
            Long(limbs) => limbs.clone(),
        }
    }

    #[inline]
    pub(super) fn word(&self) -> Option<u128> {
        match self {
            Word(word) => Some(*word),
            Long(_) => None,
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        matches!(self, Word(0))
    }

    /// Significant digits; 0 for 0.
    pub(super) fn digits(&self) -> u64 {
        match self {
            Word(word) => digits(*word),
            Long(limbs) => limbs.digits(),
        }
    }

    /// `self * 10^by`. O(n + by).
    pub(super) fn shift_left(&self, by: u64) -> Coefficient {
        match self {
            Word(0) => Word(0),
            Word(word) if digits(*word).saturating_add(by) <= WORD_DIGITS => {
                Word(word.wrapping_mul(ten_to(by)))
            }
            _ => Long(self.limbs().shift_left(by)),
        }
    }

    /// `self / 10^by`, rounded half to even. O(n).
    pub(super) fn round_off(&self, by: u64) -> Coefficient {
        match self {
            _ if by == 0 => self.clone(),
            Word(word) => Word(round_off(*word, by)),
            Long(limbs) => {
                let (mut limbs, rest) = limbs.clone().shift_right(by);
                if rest.rounds_up(limbs.is_odd()) {
                    limbs.increment();
                }
                Coefficient::from_limbs(limbs)
            }
        }
    }

    /// Its zeros at the end, all cut off, and how many. O(n).
    pub(super) fn without_zeros(&self) -> (Coefficient, u64) {
        let mut zeros = 0;
        let mut word = match self {
            Word(word) => *word,
            Long(limbs) => {
                let digits = decimal_digits(self);
                zeros = digits.iter().rev().take_while(|&&digit| digit == b'0').count() as u64;
                if limbs.digits() - zeros > WORD_DIGITS {
                    let kept = digits.get(..digits.len() - zeros as usize).unwrap_or(&digits);
                    return (Long(Limbs::from_digits(kept)), zeros);
                }
                match self.round_off(zeros) {
                    Word(word) => word,
                    long => return (long, zeros),
                }
            }
        };
        for step in [32, 16, 8, 4, 2, 1] {
            let power = ten_to(step);
            if word >= power && word.is_multiple_of(power) {
                word /= power;
                zeros += step;
            }
        }
        (Word(word), zeros)
    }

    pub(super) fn compare(&self, other: &Coefficient) -> Ordering {
        match (self, other) {
            (Word(a), Word(b)) => a.cmp(b),
            (Long(a), Long(b)) => a.compare(b),
            (Word(_), Long(_)) => Ordering::Less,
            (Long(_), Word(_)) => Ordering::Greater,
        }
    }
}

/// `word / 10^by`, rounded half to even; the word has at most 39 digits.
pub(super) fn round_off(word: u128, by: u64) -> u128 {
    let Some(&power) = TENS.get(by as usize).filter(|_| by <= WORD_DIGITS) else { return 0 };
    let quotient = word / power;
    let rest = word - quotient * power;
    let half = power / 2;
    let up = rest > half || (rest == half && by > 0 && quotient & 1 == 1);
    quotient + u128::from(up)
}

/// The digits in ASCII, `0` for 0. O(n).
#[inline(never)]
pub(super) fn decimal_digits(coefficient: &Coefficient) -> Vec<u8> {
    /// Digits of a part of a word.
    const PART: u64 = 19;
    let mut out = Vec::new();
    match coefficient {
        Word(word) => {
            let power = ten_to(PART);
            if *word < power {
                push_number(&mut out, *word as u64);
            } else {
                let high = *word / power;
                push_number(&mut out, high as u64);
                push_digits(&mut out, (*word - high * power) as u64, PART as usize);
            }
        }
        Long(limbs) => {
            for &limb in limbs.0.iter().rev() {
                let width = if out.is_empty() { 1 } else { super::limbs::DIGITS as usize };
                push_digits(&mut out, u64::from(limb), width);
            }
        }
    }
    out
}
