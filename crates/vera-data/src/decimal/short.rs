//! Sums of the numbers that programs mostly have, on the words they are kept in.

use super::coefficient::ten_to;
use super::{LIMIT, PRECISION};

/// The [bytes](super::Bytes::Short) of a number as words: exponent, kind, and the
/// lower and upper half of the coefficient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short(pub [u64; 4]);

/// The kinds of finite numbers: positive and negative.
const FINITE: u64 = 2;

impl Short {
    /// The sum, where it takes neither scaling nor rounding: of finite numbers with
    /// the same exponent. `None` leaves it to [`Decimal::add`](super::Decimal::add).
    #[inline]
    pub fn sum(self, other: Short) -> Option<Short> {
        let ([exponent, sign, ..], [other_exponent, other_sign, ..]) = (self.0, other.0);
        let far = (exponent as i64).unsigned_abs() > LIMIT as u64 - PRECISION;
        if exponent != other_exponent || sign >= FINITE || other_sign >= FINITE || far {
            return None;
        }
        let (a, b) = (self.coefficient(), other.coefficient());
        // Both are below 10^38.
        let (sign, sum) = if sign == other_sign {
            (sign, a.wrapping_add(b))
        } else if a > b {
            (sign, a.wrapping_sub(b))
        } else {
            (if a == b { 0 } else { other_sign }, b.wrapping_sub(a))
        };
        let fits = sum < ten_to(PRECISION);
        fits.then_some(Short([exponent, sign, sum as u64, (sum >> 64) as u64]))
    }

    /// The number with the other sign, of a finite one.
    #[inline]
    pub fn negated(self) -> Option<Short> {
        let [exponent, sign, low, high] = self.0;
        (sign < FINITE).then(|| Short([exponent, 1 - sign, low, high]))
    }

    #[inline]
    fn coefficient(self) -> u128 {
        let [_, _, low, high] = self.0;
        u128::from(high) << 64 | u128::from(low)
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::super::{Bytes, Decimal};
    use super::*;

    fn short(number: &Decimal) -> Short {
        let Bytes::Short(bytes) = number.to_bytes() else { panic!("a long coefficient") };
        let words: Vec<u64> =
            bytes.as_chunks::<8>().0.iter().map(|w| u64::from_le_bytes(*w)).collect();
        Short([words[0], words[1], words[2], words[3]])
    }

    /// Whatever a short sum says is what the long way says, to the scale and sign.
    #[test]
    fn agrees_with_the_long_way() {
        let texts = [
            "0",
            "-0",
            "1",
            "-1",
            "0.01",
            "-0.02",
            "0.00",
            "1E5",
            "-7E5",
            "5000000000000000000",
            "-9999999999999999999999999999",
            "9999999999999999999999999999",
            "18446744073709551615",
            "-18446744073709551616",
            "99999999999999999999999999999999999999",
        ];
        let mut numbers: Vec<Decimal> =
            texts.iter().map(|t| Decimal::from_text(t.as_bytes()).unwrap()).collect();
        numbers.extend([f64::NAN, f64::INFINITY, -f64::INFINITY].map(Decimal::from_float));
        let mut decided = 0;
        for a in &numbers {
            for b in &numbers {
                if let Some(sum) = short(a).sum(short(b)) {
                    assert_eq!(sum, short(&a.add(b).unwrap()), "{a:?} {b:?}");
                    decided += 1;
                }
                let negated = short(b).negated();
                if let Some(difference) = negated.and_then(|b| short(a).sum(b)) {
                    assert_eq!(difference, short(&a.sub(b).unwrap()), "{a:?} {b:?}");
                }
            }
        }
        assert_eq!(decided, DECIDED);
    }

    /// So many of the pairs take neither scaling nor rounding.
    const DECIDED: usize = 82;
}
