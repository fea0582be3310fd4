//! Order, equality and the form that equal numbers share (chapter 13.3.9).

use core::cmp::Ordering;

use super::coefficient::Coefficient;
use super::{Decimal, Finite, Repr, Undefined};

impl Decimal {
    /// The order by value; scale and the sign of zero do not count. The cost
    /// does not depend on the exponents.
    ///
    /// # Errors
    ///
    /// A NaN has no place in the order.
    pub fn compare(&self, other: &Decimal) -> Result<Ordering, Undefined> {
        let sign = |number: &Decimal| match number.is_zero() {
            true => 0,
            false => {
                if number.is_negative() {
                    -1
                } else {
                    1
                }
            }
        };
        if self.is_nan() || other.is_nan() {
            return Err(Undefined);
        }
        let signs = sign(self).cmp(&sign(other));
        if signs != Ordering::Equal || self.is_zero() {
            return Ok(signs);
        }
        let order = match (&self.0, &other.0) {
            (Repr::Finite(a), Repr::Finite(b)) => magnitudes(a, b),
            (Repr::Finite(_), _) => Ordering::Less,
            (_, Repr::Finite(_)) => Ordering::Greater,
            _ => Ordering::Equal,
        };
        Ok(if self.is_negative() { order.reverse() } else { order })
    }

    /// Whether the values are equal; `false` with a NaN.
    pub fn equals(&self, other: &Decimal) -> bool {
        self.compare(other) == Ok(Ordering::Equal)
    }

    /// The same value in the form that equal numbers share, for hashing: without
    /// zeros at the end, and 0 for any zero.
    pub fn canonical(&self) -> Decimal {
        match &self.0 {
            Repr::Finite(Finite { negative, exponent, coefficient }) => {
                if coefficient.is_zero() {
                    return Decimal::from_int(0);
                }
                let (coefficient, zeros) = coefficient.without_zeros();
                Decimal::finite(*negative, coefficient, exponent + zeros as i64)
            }
            _ => self.clone(),
        }
    }
}

/// The order of two numbers other than 0, without their signs.
fn magnitudes(a: &Finite, b: &Finite) -> Ordering {
    let size = |number: &Finite| number.exponent + number.coefficient.digits() as i64;
    // Of one size, the exponents differ by no more than the lengths.
    size(a).cmp(&size(b)).then_with(|| {
        let by = a.exponent.abs_diff(b.exponent);
        let longer = |number: &Coefficient| number.shift_left(by);
        if a.exponent >= b.exponent {
            longer(&a.coefficient).compare(&b.coefficient)
        } else {
            a.coefficient.compare(&longer(&b.coefficient))
        }
    })
}
