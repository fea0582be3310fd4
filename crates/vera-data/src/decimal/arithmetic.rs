//! Sums, products, quotients and rounding (chapters 13.3.5 to 13.3.8).
//!
//! The reductions that keep numbers small are those of Python's `_pydecimal`.

use core::cmp::Ordering;

use super::coefficient::Coefficient::{self, Long, Word};
use super::coefficient::{WORD_DIGITS, round_off, ten_to};
use super::{Decimal, Finite, LIMIT, PRECISION, Repr, Undefined};

impl Decimal {
    /// `±coefficient * 10^exponent`, rounded to the precision.
    #[inline]
    fn rounded(negative: bool, coefficient: Coefficient, exponent: i64) -> Decimal {
        let mut exponent = exponent;
        let mut coefficient = coefficient;
        if !matches!(coefficient, Word(word) if word < ten_to(PRECISION)) {
            let drop = coefficient.digits().saturating_sub(PRECISION);
            let mut word = match coefficient {
                Word(word) => round_off(word, drop),
                Long(_) => coefficient.round_off(drop).word().unwrap_or(0),
            };
            exponent += drop as i64;
            if word >= ten_to(PRECISION) {
                // 99…9 rounded up.
                word = ten_to(PRECISION - 1);
                exponent += 1;
            }
            coefficient = Word(word);
        }
        if !(-LIMIT..=LIMIT - PRECISION as i64).contains(&exponent) {
            return beyond(negative, coefficient, exponent);
        }
        Decimal::finite(negative, coefficient, exponent)
    }

    /// The sum.
    ///
    /// # Errors
    ///
    /// Infinities of different signs.
    #[inline]
    pub fn add(&self, other: &Decimal) -> Result<Decimal, Undefined> {
        self.sum(other, false)
    }

    /// The difference.
    ///
    /// # Errors
    ///
    /// Infinities of the same sign.
    pub fn sub(&self, other: &Decimal) -> Result<Decimal, Undefined> {
        self.sum(other, true)
    }

    #[inline]
    fn sum(&self, other: &Decimal, flip: bool) -> Result<Decimal, Undefined> {
        match (&self.0, &other.0) {
            (Repr::Finite(a), Repr::Finite(b)) => {
                let (high, high_negative, low, low_negative) = if a.exponent >= b.exponent {
                    (a, a.negative, b, b.negative ^ flip)
                } else {
                    (b, b.negative ^ flip, a, a.negative)
                };
                if let (Word(x), Word(y)) = (&high.coefficient, &low.coefficient) {
                    let shift = high.exponent.abs_diff(low.exponent);
                    if shift == 0 || (shift < WORD_DIGITS && *x < ten_to(WORD_DIGITS - shift)) {
                        // Both below 10^38, so the sum fits.
                        let x = if shift == 0 { *x } else { x.wrapping_mul(ten_to(shift)) };
                        let (negative, sum) = signed_sum(x, high_negative, *y, low_negative);
                        return Ok(Decimal::rounded(negative, Word(sum), low.exponent));
                    }
                }
                Ok(distant_sum(high, high_negative, low, low_negative))
            }
            (Repr::NaN, _) | (_, Repr::NaN) => Ok(Decimal(Repr::NaN)),
            (Repr::Infinite(a), Repr::Infinite(b)) if *a != (*b ^ flip) => Err(Undefined),
            (Repr::Infinite(negative), _) => Ok(Decimal(Repr::Infinite(*negative))),
            (_, Repr::Infinite(negative)) => Ok(Decimal(Repr::Infinite(*negative ^ flip))),
        }
    }

    /// The product. O(1), and O(n * m) for coefficients of more than 38 digits.
    ///
    /// # Errors
    ///
    /// An infinity times zero.
    pub fn mul(&self, other: &Decimal) -> Result<Decimal, Undefined> {
        match (&self.0, &other.0) {
            (Repr::Finite(a), Repr::Finite(b)) => {
                let product = match (&a.coefficient, &b.coefficient) {
                    (Word(x), Word(y)) if x.leading_zeros() + y.leading_zeros() >= 128 => {
                        Word(x.wrapping_mul(*y))
                    }
                    (x, y) => Coefficient::from_limbs(x.limbs().multiply(&y.limbs())),
                };
                Ok(Decimal::rounded(a.negative ^ b.negative, product, a.exponent + b.exponent))
            }
            (Repr::NaN, _) | (_, Repr::NaN) => Ok(Decimal(Repr::NaN)),
            _ if self.is_zero() || other.is_zero() => Err(Undefined),
            _ => Ok(Decimal(Repr::Infinite(self.is_negative() ^ other.is_negative()))),
        }
    }

    /// The quotient; `None` exactly when the divisor is zero. O(n + m).
    ///
    /// # Errors
    ///
    /// An infinity by an infinity.
    pub fn div(&self, other: &Decimal) -> Result<Option<Decimal>, Undefined> {
        if other.is_zero() {
            return Ok(None);
        }
        let negative = self.is_negative() ^ other.is_negative();
        Ok(Some(match (&self.0, &other.0) {
            (Repr::Finite(a), Repr::Finite(b)) => quotient(a, b, negative),
            (Repr::NaN, _) | (_, Repr::NaN) => Decimal(Repr::NaN),
            (Repr::Infinite(_), Repr::Infinite(_)) => return Err(Undefined),
            (Repr::Infinite(_), _) => Decimal(Repr::Infinite(negative)),
            _ => Decimal::finite(negative, Word(0), 0),
        }))
    }

    /// The number with the other sign, rounded; never a negative zero.
    pub fn neg(&self) -> Decimal {
        self.with_sign(!self.is_negative() && !self.is_zero())
    }

    /// The magnitude, rounded.
    pub fn abs(&self) -> Decimal {
        self.with_sign(false)
    }

    fn with_sign(&self, negative: bool) -> Decimal {
        match &self.0 {
            Repr::Finite(Finite { exponent, coefficient, .. }) => {
                Decimal::rounded(negative, coefficient.clone(), *exponent)
            }
            Repr::Infinite(_) => Decimal(Repr::Infinite(negative)),
            Repr::NaN => Decimal(Repr::NaN),
        }
    }

    /// The number with `places` digits behind the point, rounded half to even;
    /// for negative places with the exponent `-places - 27`, at least 0. The
    /// number itself where that takes more than 28 digits or `places` is beyond
    /// ±999,999.
    pub fn round(&self, places: i64) -> Decimal {
        let Repr::Finite(Finite { negative, exponent, coefficient }) = &self.0 else {
            return self.clone();
        };
        if places.unsigned_abs() > 999_999 {
            return self.clone();
        }
        let target = if places >= 0 { -places } else { (-places - 27).max(0) };
        if coefficient.is_zero() {
            return Decimal::finite(*negative, Word(0), target);
        }
        let digits = coefficient.digits() as i64;
        // Digits of the result, but for a carry.
        if digits + exponent - target > PRECISION as i64 {
            return self.clone();
        }
        let by = exponent.abs_diff(target);
        let result = if *exponent >= target {
            coefficient.shift_left(by)
        } else {
            coefficient.round_off(by)
        };
        if result.digits() > PRECISION {
            return self.clone();
        }
        Decimal::finite(*negative, result, target)
    }

    pub(super) fn is_zero(&self) -> bool {
        matches!(&self.0, Repr::Finite(finite) if finite.coefficient.is_zero())
    }

    pub(super) fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Finite(finite) => finite.negative,
            Repr::Infinite(negative) => *negative,
            Repr::NaN => false,
        }
    }
}

/// A number whose exponent is out of reach.
#[cold]
fn beyond(negative: bool, coefficient: Coefficient, exponent: i64) -> Decimal {
    match coefficient {
        Word(0) => Decimal::finite(negative, Word(0), exponent.clamp(-LIMIT, LIMIT)),
        _ if exponent < 0 => Decimal::finite(negative, Word(0), -LIMIT),
        _ => Decimal(Repr::Infinite(negative)),
    }
}

/// `±x ± y` as sign and magnitude; a zero is negative when both are.
#[inline]
fn signed_sum(x: u128, x_negative: bool, y: u128, y_negative: bool) -> (bool, u128) {
    if x_negative == y_negative {
        return (x_negative, x.wrapping_add(y));
    }
    match x.cmp(&y) {
        Ordering::Greater => (x_negative, x.wrapping_sub(y)),
        Ordering::Less => (y_negative, y.wrapping_sub(x)),
        Ordering::Equal => (false, 0),
    }
}

/// The sum of numbers with exponents far apart or long coefficients.
#[inline(never)]
fn distant_sum(high: &Finite, high_negative: bool, low: &Finite, low_negative: bool) -> Decimal {
    let precision = PRECISION as i64;
    let exponent = low.exponent;
    match (high.coefficient.is_zero(), low.coefficient.is_zero()) {
        (true, true) => {
            return Decimal::rounded(high_negative && low_negative, Word(0), exponent);
        }
        (true, false) => {
            return Decimal::rounded(low_negative, low.coefficient.clone(), exponent);
        }
        (false, true) => {
            let exponent = exponent.max(high.exponent - precision - 1);
            let coefficient = high.coefficient.shift_left(high.exponent.abs_diff(exponent));
            return Decimal::rounded(high_negative, coefficient, exponent);
        }
        (false, false) => {}
    }
    // Where the lower number is below all digits that count, any does.
    let floor = high.exponent + (high.coefficient.digits() as i64 - precision - 2).min(-1);
    let below = low.coefficient.digits() as i64 + exponent - 1 < floor;
    let exponent = if below { floor } else { exponent };
    let x = high.coefficient.shift_left(high.exponent.abs_diff(exponent));
    let one = Word(1);
    let y = if below { &one } else { &low.coefficient };
    if let (Word(x), Word(y)) = (&x, y) {
        let (negative, sum) = signed_sum(*x, high_negative, *y, low_negative);
        return Decimal::rounded(negative, Word(sum), exponent);
    }
    let (x, y) = (x.limbs(), y.limbs());
    let (negative, sum) = if high_negative == low_negative {
        (high_negative, x.add(&y))
    } else {
        match x.compare(&y) {
            Ordering::Greater => (high_negative, x.subtract(&y)),
            Ordering::Less => (low_negative, y.subtract(&x)),
            Ordering::Equal => return Decimal::rounded(false, Word(0), exponent),
        }
    };
    Decimal::rounded(negative, Coefficient::from_limbs(sum), exponent)
}

/// `a / b`, `b` not zero.
fn quotient(a: &Finite, b: &Finite, negative: bool) -> Decimal {
    let ideal = a.exponent - b.exponent;
    if a.coefficient.is_zero() {
        return Decimal::rounded(negative, Word(0), ideal);
    }
    // One digit more than the precision, at least.
    let shift = b.coefficient.digits() as i64 - a.coefficient.digits() as i64;
    let shift = shift + PRECISION as i64 + 1;
    let mut exponent = ideal - shift;
    let up = a.coefficient.shift_left(shift.max(0) as u64);
    let down = b.coefficient.shift_left((-shift).max(0) as u64);
    let (mut word, inexact) = match (&up, &down) {
        (Word(up), Word(down)) => {
            let word = up.checked_div(*down).unwrap_or(0);
            (word, word.wrapping_mul(*down) != *up)
        }
        _ => {
            let (limbs, inexact) = up.limbs().divide(&down.limbs());
            (limbs.word().unwrap_or(0), inexact)
        }
    };
    if inexact {
        // A last digit of 0 or 5 may look like a tie.
        word += u128::from(word.is_multiple_of(5));
    } else {
        // Zeros at the end go, up to the ideal exponent.
        for step in [32, 16, 8, 4, 2, 1] {
            let power = ten_to(step);
            if exponent + step as i64 <= ideal && word >= power && word.is_multiple_of(power) {
                word /= power;
                exponent += step as i64;
            }
        }
    }
    Decimal::rounded(negative, Word(word), exponent)
}
