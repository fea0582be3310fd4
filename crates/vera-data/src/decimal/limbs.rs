//! Integers of any length in base 10^9, so that shifting by decimal digits,
//! reading and printing are linear.
//!
//! Nothing here is inlined: numbers this long are rare, and copies cost size.

use alloc::vec::Vec;

/// The base; nine digits a limb.
pub(super) const BASE: u32 = 1_000_000_000;

/// Digits of a limb.
pub(super) const DIGITS: u64 = 9;

/// A non-negative integer: limbs below [`BASE`], least significant first, the
/// last one not 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Limbs(pub(super) Vec<u32>);

/// How a number stands that was cut off.
#[derive(Clone, Copy)]
pub(super) struct Rest {
    /// The first digit cut off.
    digit: u32,
    /// Whether any behind it is not 0.
    more: bool,
}

impl Rest {
    /// Whether half to even rounds a number up whose last digit is odd or not.
    pub(super) fn rounds_up(self, odd: bool) -> bool {
        self.digit > 5 || (self.digit == 5 && (self.more || odd))
    }
}

impl Limbs {
    /// From digits in ASCII, most significant first. O(n).
    pub(super) fn from_digits(digits: &[u8]) -> Limbs {
        let limb = |group: &[u8]| {
            group
                .iter()
                .fold(0u32, |limb, digit| limb.wrapping_mul(10).wrapping_add(u32::from(digit & 15)))
        };
        Limbs(digits.rchunks(DIGITS as usize).map(limb).collect()).trimmed()
    }

    #[inline(never)]
    pub(super) fn from_word(mut word: u128) -> Limbs {
        let mut limbs = Vec::new();
        while word != 0 {
            limbs.push((word % u128::from(BASE)) as u32);
            word /= u128::from(BASE);
        }
        Limbs(limbs)
    }

    /// The same as a word, if it has at most 38 digits.
    #[inline(never)]
    pub(super) fn word(&self) -> Option<u128> {
        if self.digits() > 38 {
            return None;
        }
        let push = |word: u128, &limb: &u32| {
            word.wrapping_mul(u128::from(BASE)).wrapping_add(u128::from(limb))
        };
        Some(self.0.iter().rev().fold(0, push))
    }

    fn trimmed(mut self) -> Limbs {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        self
    }

    /// Significant digits; 0 for 0.
    pub(super) fn digits(&self) -> u64 {
        match self.0.last().and_then(|top| top.checked_ilog10()) {
            Some(log) => (self.0.len() as u64 - 1) * DIGITS + u64::from(log) + 1,
            None => 0,
        }
    }

    pub(super) fn is_odd(&self) -> bool {
        self.0.first().is_some_and(|limb| limb & 1 == 1)
    }

    #[inline(never)]
    pub(super) fn compare(&self, other: &Limbs) -> core::cmp::Ordering {
        let length = self.0.len().cmp(&other.0.len());
        length.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }

    /// `self * factor + carry`
    #[inline(never)]
    fn multiply_small(&mut self, factor: u32, carry: u32) {
        let mut carry = u64::from(carry);
        for limb in &mut self.0 {
            carry += u64::from(*limb) * u64::from(factor);
            *limb = (carry % u64::from(BASE)) as u32;
            carry /= u64::from(BASE);
        }
        if carry != 0 {
            self.0.push(carry as u32);
        }
    }

    /// Divides by `divisor`, not 0; returns the remainder.
    #[inline(never)]
    fn divide_small(&mut self, divisor: u32) -> u32 {
        let divisor = u64::from(divisor.max(1));
        let mut rest = 0;
        for limb in self.0.iter_mut().rev() {
            let value = rest * u64::from(BASE) + u64::from(*limb);
            *limb = (value / divisor) as u32;
            rest = value % divisor;
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
        rest as u32
    }

    /// `self * 10^by`. O(n + by).
    #[inline(never)]
    pub(super) fn shift_left(mut self, by: u64) -> Limbs {
        if !self.0.is_empty() {
            self.multiply_small(10u32.wrapping_pow((by % DIGITS) as u32), 0);
            let zeros = (by / DIGITS) as usize;
            self.0.splice(0..0, core::iter::repeat_n(0, zeros));
        }
        self
    }

    /// `self / 10^by`, `by` at least 1, and what was cut off. O(n).
    #[inline(never)]
    pub(super) fn shift_right(mut self, by: u64) -> (Limbs, Rest) {
        let by = by.saturating_sub(1);
        let whole = usize::try_from(by / DIGITS).unwrap_or(usize::MAX).min(self.0.len());
        let mut more = self.0.drain(..whole).fold(false, |more, limb| more | (limb != 0));
        more |= self.divide_small(10u32.wrapping_pow((by % DIGITS) as u32)) != 0;
        let digit = self.divide_small(10);
        (self, Rest { digit, more })
    }

    pub(super) fn increment(&mut self) {
        for limb in &mut self.0 {
            if *limb < BASE - 1 {
                *limb += 1;
                return;
            }
            *limb = 0;
        }
        self.0.push(1);
    }

    #[inline(never)]
    pub(super) fn add(mut self, other: &Limbs) -> Limbs {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        let mut carry = 0;
        let others = other.0.iter().copied().chain(core::iter::repeat(0));
        for (limb, other) in self.0.iter_mut().zip(others) {
            let sum = *limb + other + carry;
            carry = u32::from(sum >= BASE);
            *limb = if sum >= BASE { sum - BASE } else { sum };
        }
        if carry != 0 {
            self.0.push(1);
        }
        self
    }

    /// `self - other`, which is not negative.
    #[inline(never)]
    pub(super) fn subtract(mut self, other: &Limbs) -> Limbs {
        let mut borrow = 0;
        let others = other.0.iter().copied().chain(core::iter::repeat(0));
        for (limb, other) in self.0.iter_mut().zip(others) {
            let take = other + borrow;
            borrow = u32::from(*limb < take);
            *limb = if *limb < take { *limb + BASE - take } else { *limb - take };
        }
        self.trimmed()
    }

    /// The product, schoolbook fashion. O(n * m).
    #[inline(never)]
    pub(super) fn multiply(&self, other: &Limbs) -> Limbs {
        let mut out = alloc::vec![0u32; self.0.len() + other.0.len()];
        for (i, &limb) in self.0.iter().enumerate() {
            let mut carry = 0u64;
            let others = other.0.iter().copied().chain(core::iter::once(0));
            for (slot, other) in out.iter_mut().skip(i).zip(others) {
                carry += u64::from(*slot) + u64::from(limb) * u64::from(other);
                *slot = (carry % u64::from(BASE)) as u32;
                carry /= u64::from(BASE);
            }
        }
        Limbs(out).trimmed()
    }

    /// The quotient by `divisor`, not 0, and whether anything remains. O(n) per
    /// limb of the quotient.
    ///
    /// Schoolbook: each limb is guessed from the three topmost limbs of the
    /// remainder and two of the divisor. The guess is at most a few too large,
    /// as the error of the divisor's two limbs is below one in 10^9.
    #[inline(never)]
    pub(super) fn divide(mut self, divisor: &Limbs) -> (Limbs, bool) {
        if let [single] = divisor.0[..] {
            let rest = self.divide_small(single);
            return (self, rest != 0);
        }
        let length = divisor.0.len();
        if self.0.len() < length {
            let rest = !self.0.is_empty();
            return (Limbs::default(), rest);
        }
        // The remainder, one limb longer than the divisor.
        let mut rest = self.0.split_off(self.0.len() + 1 - length);
        rest.resize(length + 1, 0);
        let top = |limbs: &[u32], count: usize| {
            limbs.iter().rev().take(count).fold(0u128, |value, &limb| {
                value.wrapping_mul(u128::from(BASE)).wrapping_add(u128::from(limb))
            })
        };
        let leading = top(&divisor.0, 2).max(1);
        let mut quotient = alloc::vec![0u32; self.0.len()];
        for (place, &limb) in quotient.iter_mut().zip(&self.0).rev() {
            // The remainder is below the divisor: its topmost limb is 0.
            rest.rotate_right(1);
            if let Some(low) = rest.first_mut() {
                *low = limb;
            }
            let mut guess = (top(&rest, 3) / leading) as i64;
            let mut borrow = subtract_multiple(&mut rest, &divisor.0, guess);
            while borrow != 0 {
                guess -= 1;
                borrow += subtract_multiple(&mut rest, &divisor.0, -1);
            }
            *place = guess as u32;
        }
        (Limbs(quotient).trimmed(), rest.iter().any(|&limb| limb != 0))
    }
}

/// `rest -= times * divisor`; returns what is missing, in units of the base to
/// the length of `rest`.
#[inline(never)]
fn subtract_multiple(rest: &mut [u32], divisor: &[u32], times: i64) -> i64 {
    let base = i64::from(BASE);
    let mut borrow = 0;
    let limbs = divisor.iter().copied().chain(core::iter::repeat(0));
    for (slot, limb) in rest.iter_mut().zip(limbs) {
        let value = i64::from(*slot) - times * i64::from(limb) - borrow;
        let kept = value.rem_euclid(base);
        *slot = kept as u32;
        borrow = (kept - value) / base;
    }
    borrow
}
