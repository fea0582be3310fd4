//! Floating-point literals in the shortest digits that read back to the same value.

/// The value of a literal: with an exponent below 1e-4 and from 1e16 on, as in
/// `1e-05` and `1e+16`, otherwise positional. `None` for a literal that overflows.
pub(super) fn shortest(literal: &str) -> Option<String> {
    let value: f64 = literal.parse().ok().filter(|v: &f64| v.is_finite())?;
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    Some(if (-4..16).contains(&exponent) {
        format!("{value:?}")
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{digits}e{sign}{:02}", exponent.abs())
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn shortest() {
        let cases = [
            ("1.50", "1.5"),
            ("00.5", "0.5"),
            ("0.0", "0.0"),
            ("0.0001", "0.0001"),
            ("0.00001", "1e-05"),
            ("100000000000000000000000.0", "1e+23"),
            ("9999999999999998.0", "9999999999999998.0"),
            ("10000000000000000.0", "1e+16"),
            ("12345678901234567890.0", "1.2345678901234567e+19"),
        ];
        for (literal, expected) in cases {
            assert_eq!(super::shortest(literal).as_deref(), Some(expected));
        }
        assert_eq!(super::shortest(&format!("{}.0", "9".repeat(400))), None);
    }
}
