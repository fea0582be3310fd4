//! Doubles from and to decimal digits, without tables of any size.

/// The shortest decimal that reads back as the magnitude of `value`, a finite
/// double: an integer without trailing zeros and a power of ten; `(0, 0)` for
/// zero. O(1).
///
/// The digits are those of the crate `zmij`, a port of Victor Zverovich's
/// algorithm of that name.
pub(crate) fn shortest(value: f64) -> (u64, i32) {
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(value).as_bytes();
    // At most 17 digits and a zero behind the point: they fit.
    let (mut digits, mut exponent) = (0u64, 0i32);
    let mut fraction = false;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'0'..=b'9' => {
                digits = digits.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
                exponent -= i32::from(fraction);
            }
            b'.' => fraction = true,
            b'e' => break,
            _ => {}
        }
    }
    let (mut scale, mut negative) = (0i32, false);
    for &byte in text.get(at..).unwrap_or(&[]) {
        match byte {
            b'0'..=b'9' => scale = scale.wrapping_mul(10).wrapping_add(i32::from(byte - b'0')),
            _ => negative |= byte == b'-',
        }
    }
    if digits == 0 {
        return (0, 0);
    }
    exponent = exponent.wrapping_add(if negative { -scale } else { scale });
    while digits.is_multiple_of(10) {
        (digits, exponent) = (digits / 10, exponent + 1);
    }
    (digits, exponent)
}

/// The powers of ten that are doubles.
const TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// The double nearest to `digits * 10^exponent`, ties to even, where 128 bits are
/// enough to tell: the exponent is between -27 and 27. O(1).
///
/// The first case is Clinger's ("How to read floating point numbers accurately",
/// 1990): both numbers are doubles, so one operation rounds once. The second
/// takes `10^e` apart into `5^e * 2^e`, of which `5^27` is below `2^63`: the
/// product is exact, and the quotient has at least 65 bits, so that its last bit
/// may stand for a remainder; then one conversion rounds once, and a power of
/// two changes nothing.
pub(crate) fn nearest(digits: u64, exponent: i64) -> Option<f64> {
    let size = exponent.unsigned_abs();
    if exponent == 0 || digits == 0 {
        return Some(digits as f64);
    }
    if digits >> 53 == 0
        && let Some(power) = TENS.get(size as usize)
        && size < TENS.len() as u64
    {
        let digits = digits as f64;
        return Some(if exponent < 0 { digits / power } else { digits * power });
    }
    if size > 27 {
        return None;
    }
    let power = 5u64.wrapping_pow(size as u32);
    if exponent > 0 {
        let product = u128::from(digits) * u128::from(power);
        return Some(product as f64 * two_to(size as i64));
    }
    let shift = digits.leading_zeros();
    let dividend = u128::from(digits << shift) << 64;
    let power = u128::from(power);
    let quotient = dividend / power;
    let sticky = u128::from(quotient * power != dividend);
    Some((quotient | sticky) as f64 * two_to(-64 - i64::from(shift) - size as i64))
}

/// `2^exponent` for an exponent between -1022 and 1023.
fn two_to(exponent: i64) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::format;

    #[test]
    fn shortest_digits() {
        for (value, digits) in [
            (0.0, (0, 0)),
            (-0.0, (0, 0)),
            (1.0, (1, 0)),
            (-100.0, (1, 2)),
            (0.1, (1, -1)),
            (1234567890123456.0, (1234567890123456, 0)),
            (123456789012345680.0, (12345678901234568, 1)),
            (0.00001234, (1234, -8)),
            (5e-324, (5, -324)),
            (f64::MAX, (17976931348623157, 292)),
            (1e23, (1, 23)),
        ] {
            assert_eq!(shortest(value), digits, "{value}");
        }
    }

    proptest! {
        #[test]
        fn shortest_like_rust(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            let (digits, exponent) = shortest(value);
            prop_assert_eq!(format!("{digits}e{exponent}").parse(), Ok(value.abs()));
            prop_assert_eq!(digits.checked_ilog10(), format!("{:e}", value.abs()).bytes()
                .take_while(|&byte| byte != b'e').filter(u8::is_ascii_digit).count().checked_sub(1)
                .map(|n| n as u32).filter(|_| digits != 0));
        }

        #[test]
        fn nearest_like_rust(digits: u64, few in 0u32..64, exponent in -30i64..30) {
            let digits = digits >> few;
            match nearest(digits, exponent) {
                Some(value) => prop_assert_eq!(format!("{digits}e{exponent}").parse(), Ok(value)),
                None => prop_assert!(exponent.abs() > 27),
            }
        }
    }
}
