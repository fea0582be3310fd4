//! Decimal numbers (language reference, chapter 13.3).
//!
//! A number is a sign, an integer coefficient and an exponent, so it keeps its
//! scale: 1.5 and 1.50 are equal but not the same. Construction is exact;
//! arithmetic rounds to [`PRECISION`] digits, half to even, as the General
//! Decimal Arithmetic Specification (M. Cowlishaw) has it. Coefficients of up to
//! 38 digits are machine words, longer ones, which only texts make, are limbs.
//!
//! Exponents are limited by [`LIMIT`] only, far beyond what a text may say: a
//! result above becomes an infinity, one below a zero.
//!
//! ```
//! use vera_data::decimal::Decimal;
//!
//! let number = |text: &str| Decimal::from_text(text.as_bytes()).unwrap();
//! let sum = number("0.1").add(&number("0.20")).unwrap();
//! assert_eq!(sum.to_text(), b"0.30");
//! let third = number("1").div(&number("3")).unwrap().unwrap();
//! assert_eq!(third.to_text(), b"0.3333333333333333333333333333");
//! ```

mod arithmetic;
mod bytes;
mod coefficient;
mod compare;
mod limbs;
mod short;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
mod text;

pub use bytes::Bytes;
pub use short::Short;

use coefficient::Coefficient;

/// Significant digits of a result.
pub const PRECISION: u64 = 28;

/// The exponents of the largest and, negated, the smallest numbers.
pub const LIMIT: i64 = 1 << 60;

/// A decimal number, an infinity or NaN.
#[derive(Clone, Debug)]
pub struct Decimal(Repr);

#[derive(Clone, Debug)]
enum Repr {
    Finite(Finite),
    /// An infinity, negative or not.
    Infinite(bool),
    NaN,
}

/// `±coefficient * 10^exponent`
#[derive(Clone, Debug)]
struct Finite {
    negative: bool,
    exponent: i64,
    coefficient: Coefficient,
}

/// What has no value: infinity minus infinity, infinity times zero, infinity by
/// infinity, and comparison with NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undefined;

impl Decimal {
    fn finite(negative: bool, coefficient: Coefficient, exponent: i64) -> Decimal {
        Decimal(Repr::Finite(Finite { negative, exponent, coefficient }))
    }

    /// An integer, with exponent 0. O(1).
    pub fn from_int(value: i64) -> Decimal {
        Decimal::finite(value < 0, Coefficient::Word(value.unsigned_abs().into()), 0)
    }

    /// The shortest decimal that reads back as the same double, with at least one
    /// fraction digit where 1e-4 ≤ |x| < 1e16 or x is 0. O(1).
    pub fn from_float(value: f64) -> Decimal {
        if value.is_nan() {
            return Decimal(Repr::NaN);
        }
        let negative = value.is_sign_negative();
        if value.is_infinite() {
            return Decimal(Repr::Infinite(negative));
        }
        let (digits, exponent) = crate::float::shortest(value);
        let (mut coefficient, mut exponent) = (u128::from(digits), i64::from(exponent));
        if exponent >= 0 && value.abs() < 1e16 {
            coefficient *= 10u128.pow(exponent as u32 + 1);
            exponent = -1;
        }
        Decimal::finite(negative, Coefficient::Word(coefficient), exponent)
    }

    /// The nearest double, ties to even; an infinity when it is too large.
    /// `nearest` gives the double nearest to a text of digits, `e` and an
    /// exponent, and is asked only when a machine word cannot tell.
    pub fn to_float(&self, nearest: impl Fn(&[u8]) -> f64) -> f64 {
        let (negative, magnitude) = match &self.0 {
            Repr::NaN => return f64::NAN,
            Repr::Infinite(negative) => (*negative, f64::INFINITY),
            Repr::Finite(finite) => {
                let word = finite.coefficient.word().and_then(|word| u64::try_from(word).ok());
                let fast = word.and_then(|word| crate::float::nearest(word, finite.exponent));
                let magnitude = fast.unwrap_or_else(|| nearest(&finite.digits_and_exponent()));
                (finite.negative, magnitude)
            }
        };
        if negative { -magnitude } else { magnitude }
    }

    /// Whether it is NaN.
    pub fn is_nan(&self) -> bool {
        matches!(self.0, Repr::NaN)
    }

    /// Whether it is neither an infinity nor NaN.
    pub fn is_finite(&self) -> bool {
        matches!(self.0, Repr::Finite(_))
    }
}
