//! Functions on `Float64` that wasm has no instruction for (language
//! reference, chapters 12.3.2 and 12.3.3).
//!
//! The transcendental ones come from `libm`, a port of musl's, on every target.

pub use libm::{acos, asin, atan, atan2, cos, log, log2, log10, sin, tan};

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
    }
}
