//! Functions on `Float64` that wasm has no instruction for (language
//! reference, chapters 12.3.2 and 12.3.3).
//!
//! The transcendental ones come from `libm`, a port of musl's, on every target.

pub use libm::{acos, asin, atan, atan2, cos, log, log2, log10, sin, tan};

/// The remainder of `x / y` with the sign of `x`, exact. NaN when `x` is not
/// finite or `y` is 0. Long division on the mantissas: O(difference of the
/// exponents), so at most about 2,000 steps.
///
/// ```
/// assert_eq!(vera_rt::float::rem(-7.5, 2.0), -1.5);
/// ```
pub fn rem(x: f64, y: f64) -> f64 {
    if y == 0.0 || y.is_nan() || !x.is_finite() {
        return f64::NAN;
    }
    if x.abs() < y.abs() {
        return x;
    }
    let (mantissa, mut exponent) = parts(x);
    let (divisor, low) = parts(y);
    let mut rest = mantissa % divisor;
    while exponent > low {
        // `rest` has at most 53 bits, so 11 more fit.
        let step = (exponent - low).min(11);
        rest = (rest << step) % divisor;
        exponent -= step;
    }
    let magnitude = assemble(rest, low);
    if x.is_sign_negative() { -magnitude } else { magnitude }
}

/// Mantissa and biased exponent of a finite number other than 0: its magnitude
/// is `mantissa * 2^(exponent - 1075)`.
fn parts(x: f64) -> (u64, u32) {
    let bits = x.to_bits() & !(1 << 63);
    let (fraction, exponent) = (bits & ((1 << 52) - 1), (bits >> 52) as u32);
    // `max` only tells the compiler that it is not 0.
    if exponent == 0 { (fraction.max(1), 1) } else { (fraction | 1 << 52, exponent) }
}

/// The number [`parts`] would take apart into these, but for leading zeros.
fn assemble(mantissa: u64, exponent: u32) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    let up = (mantissa.leading_zeros() - 11).min(exponent - 1);
    // The leading bit of a normal number adds one to the exponent.
    f64::from_bits((u64::from(exponent - 1 - up) << 52) + (mantissa << up))
}

/// `base` to the power `exponent` by squaring, in the order the language fixes
/// so that the bits agree everywhere; a negative exponent gives the reciprocal.
/// O(log |exponent|).
///
/// ```
/// assert_eq!(vera_rt::float::pow(2.0, 10), 1024.0);
/// assert_eq!(vera_rt::float::pow(f64::NAN, 0), 1.0);
/// ```
pub fn pow(base: f64, exponent: i64) -> f64 {
    let (mut result, mut square) = (1.0, base);
    let mut left = exponent.unsigned_abs();
    while left != 0 {
        if left & 1 != 0 {
            result *= square;
        }
        square *= square;
        left >>= 1;
    }
    if exponent < 0 { 1.0 / result } else { result }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pow_as_chapter_12_3_2() {
        assert_eq!(pow(2.0, -1), 0.5);
        assert_eq!(pow(-2.0, 3), -8.0);
        assert_eq!(pow(0.0, -1), f64::INFINITY);
        assert_eq!(pow(-0.0, -1), f64::NEG_INFINITY);
        assert_eq!(pow(2.0, 1024), f64::INFINITY);
        assert_eq!(pow(2.0, -1074), 0.0);
        assert!(pow(2.0, -1023) > 0.0);
        assert_eq!(pow(1.0, i64::MIN), 1.0);
    }

    /// The bit patterns of a correctly rounded library; one unit is allowed.
    #[test]
    fn transcendentals_as_chapter_12_3_3() {
        let cases = [
            (sin(1.0), 4605754516372524270),
            (cos(1.0), 4603041830072026764),
            (tan(1.0), 4609692760021066662),
            (log(10.0), 4612367379483415830),
            (log2(10.0), 4614662735865160561),
            (log10(2.0), 4599094494223104511),
            (atan2(1.0, 3.0), 4599467762625453793),
            (sin(100000000.0), 4606566677895946763),
        ];
        for (value, bits) in cases {
            assert!((value.to_bits() as i64 - bits).abs() <= 1, "{value} is not {bits}");
        }
    }

    #[test]
    fn exact_and_special_values() {
        assert_eq!((log2(8.0), log10(1000.0), log(1.0)), (3.0, 3.0, 0.0));
        assert_eq!(log(core::f64::consts::E), 1.0);
        for n in 0..300 {
            assert_eq!(log2(pow(2.0, n)), n as f64);
        }
        for n in 0..16 {
            assert_eq!(log10(pow(10.0, n)), n as f64);
        }
        assert_eq!(log(0.0), f64::NEG_INFINITY);
        assert!(log10(-1.0).is_nan() && sin(f64::INFINITY).is_nan() && acos(2.0).is_nan());
        assert_eq!(atan2(-0.0, -1.0), -core::f64::consts::PI);
        assert_eq!(rem(-7.5, 2.0), -1.5);
        assert!(rem(1.0, 0.0).is_nan());
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(if cfg!(miri) { 16 } else { 5_000 }))]
        #[test]
        fn rem_like_rust(x: u64, y: u64) {
            let (x, y) = (f64::from_bits(x), f64::from_bits(y));
            let (ours, rust) = (rem(x, y), x % y);
            proptest::prop_assert!(ours.to_bits() == rust.to_bits() || (ours.is_nan() && rust.is_nan()));
        }

        #[test]
        fn rem_of_close_numbers_like_rust(x: u64, y: u64, near in 0u64..64) {
            let y = f64::from_bits(y >> 12);
            let x = f64::from_bits(x & ((1 << 52) - 1) | near << 52);
            proptest::prop_assert_eq!(rem(x, y).to_bits(), (x % y).to_bits());
        }
    }
}
