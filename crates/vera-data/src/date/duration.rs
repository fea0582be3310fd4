//! Durations.

use alloc::vec::Vec;

use super::instant::DAY;
use super::{Cursor, Error};
use crate::text::{push_digits, push_number};

/// A length of time: months and milliseconds, either of which may be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Duration {
    /// Whole months; a year is twelve.
    pub months: i64,
    /// Milliseconds; a day is 24 hours.
    pub milliseconds: i64,
}

/// A part of a duration: its letter, its length in months or milliseconds.
struct Unit(u8, i64);

const YEARS_AND_MONTHS: [Unit; 2] = [Unit(b'Y', 12), Unit(b'M', 1)];
const WEEKS_AND_DAYS: [Unit; 2] = [Unit(b'W', 7 * DAY), Unit(b'D', DAY)];
const TIME: [Unit; 3] = [Unit(b'H', 3_600_000), Unit(b'M', 60_000), Unit(b'S', 1000)];

/// Adds up the parts of a text, and remembers what may still come.
struct Parts<'a> {
    text: Cursor<'a>,
    /// Whether there was a part since it was last asked.
    any: bool,
    /// 1, or -1 for a duration with a sign in front.
    sign: i64,
}

impl Parts<'_> {
    /// Reads numbers with the letters of `units`, each at most once and in order.
    fn read(&mut self, units: &[Unit]) -> Result<i64, Error> {
        let mut total = 0i64;
        for Unit(letter, length) in units {
            let before = self.text.0;
            let part = self.part(*letter, *length)?;
            match part {
                Some(part) => {
                    total = total.checked_add(part).ok_or(Error::Range)?;
                    self.any = true;
                }
                None => self.text.0 = before,
            }
        }
        Ok(total)
    }

    /// A number with this letter, if that is what comes next.
    fn part(&mut self, letter: u8, length: i64) -> Result<Option<i64>, Error> {
        let negative = self.text.take(b"+-") == Some(b'-');
        let sign = if negative { -self.sign } else { self.sign };
        let mut digits = false;
        // Counted with its sign, so that the most negative number fits.
        let mut value = Some(0i64);
        while let Some(digit) = self.text.digit() {
            value =
                value.and_then(|value| value.checked_mul(10)?.checked_add(sign * i64::from(digit)));
            digits = true;
        }
        let fraction = if digits { self.text.fraction()? } else { None };
        if !digits || self.text.take(&[letter]).is_none() {
            return Ok(None);
        }
        if fraction.is_some() && letter != b'S' {
            return Err(Error::Form);
        }
        let value = value.and_then(|value| value.checked_mul(length));
        let value = value.and_then(|value| value.checked_add(sign * fraction.unwrap_or(0)));
        value.map(Some).ok_or(Error::Range)
    }
}

impl Duration {
    /// Reads `PnYnMnWnDTnHnMn.fS`: at least one part, the seconds alone with a
    /// fraction. Signs are allowed before the `P` and before each number, as ISO
    /// 8601-2 has them. O(n).
    ///
    /// # Errors
    ///
    /// Another form, or a number out of range.
    pub fn parse(text: &[u8]) -> Result<Duration, Error> {
        let mut text = Cursor(text);
        let sign = if text.take(b"+-") == Some(b'-') { -1 } else { 1 };
        text.expect(b"P")?;
        let mut parts = Parts { text, any: false, sign };
        let months = parts.read(&YEARS_AND_MONTHS)?;
        let mut milliseconds = parts.read(&WEEKS_AND_DAYS)?;
        if parts.text.take(b"T").is_some() {
            parts.any = false;
            let time = parts.read(&TIME)?;
            milliseconds = milliseconds.checked_add(time).ok_or(Error::Range)?;
        }
        parts.text.end()?;
        if parts.any { Ok(Duration { months, milliseconds }) } else { Err(Error::Form) }
    }

    /// The text: years, months, days, hours, minutes and seconds, without those
    /// that are 0; `PT0S` for none. One sign in front where it is enough.
    pub fn to_text(self) -> Vec<u8> {
        if self == Duration::default() {
            return b"PT0S".to_vec();
        }
        let mut out = Vec::new();
        let negative = self.months <= 0 && self.milliseconds <= 0;
        out.extend_from_slice(if negative { b"-P" } else { b"P" });
        let (months, minus) = (self.months.unsigned_abs(), self.months < 0 && !negative);
        push_part(&mut out, minus, months / 12, b'Y');
        push_part(&mut out, minus, months % 12, b'M');
        let (rest, minus) = (self.milliseconds.unsigned_abs(), self.milliseconds < 0 && !negative);
        push_part(&mut out, minus, rest / DAY as u64, b'D');
        let rest = rest % DAY as u64;
        if rest == 0 {
            return out;
        }
        out.push(b'T');
        push_part(&mut out, minus, rest / 3_600_000, b'H');
        push_part(&mut out, minus, rest / 60_000 % 60, b'M');
        let (seconds, fraction) = (rest % 60_000 / 1000, rest % 1000);
        if fraction == 0 {
            push_part(&mut out, minus, seconds, b'S');
            return out;
        }
        out.extend_from_slice(if minus { b"-" } else { b"" });
        push_number(&mut out, seconds);
        out.push(b'.');
        push_digits(&mut out, fraction, 3);
        while out.last() == Some(&b'0') {
            out.pop();
        }
        out.push(b'S');
        out
    }

    /// The sum.
    pub fn plus(self, other: Duration) -> Option<Duration> {
        Some(Duration {
            months: self.months.checked_add(other.months)?,
            milliseconds: self.milliseconds.checked_add(other.milliseconds)?,
        })
    }

    /// The same with the other sign.
    pub fn negated(self) -> Option<Duration> {
        Some(Duration {
            months: self.months.checked_neg()?,
            milliseconds: self.milliseconds.checked_neg()?,
        })
    }
}

/// Appends a part that is not 0.
fn push_part(out: &mut Vec<u8>, minus: bool, value: u64, letter: u8) {
    if value != 0 {
        out.extend_from_slice(if minus { b"-" } else { b"" });
        push_number(out, value);
        out.push(letter);
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::string::String;

    #[test]
    fn reading_and_writing() {
        for (text, months, milliseconds, written) in [
            ("P1DT2H3.5S", 0, 93_603_500, "P1DT2H3.5S"),
            ("P1Y2M3W4DT5H6M7S", 14, 2_178_367_000, "P1Y2M25DT5H6M7S"),
            ("PT0S", 0, 0, "PT0S"),
            ("-P0D", 0, 0, "PT0S"),
            ("P12M", 12, 0, "P1Y"),
            ("PT90M", 0, 5_400_000, "PT1H30M"),
            ("PT36H", 0, 129_600_000, "P1DT12H"),
            ("-P1M", -1, 0, "-P1M"),
            ("-PT0,0019S", 0, -1, "-PT0.001S"),
            ("P-1M", -1, 0, "-P1M"),
            ("P1MT-1.050S", 1, -1050, "P1MT-1.05S"),
            ("-P1M-1D", -1, 86_400_000, "P-1M1D"),
            ("+P+1D", 0, 86_400_000, "P1D"),
        ] {
            let duration = Duration::parse(text.as_bytes());
            assert_eq!(duration, Ok(Duration { months, milliseconds }), "{text}");
            let again = duration.map(Duration::to_text).expect("read");
            assert_eq!(String::from_utf8_lossy(&again), written);
        }
    }

    #[test]
    fn other_texts() {
        for text in [
            "", "P", "PT", "P1DT", "1D", "P1", "PD", "P1H", "P1M1Y", "P1D1D", "P1.5D", "P1Y1",
            "PT1S ", "PT.5S", "PT1.S", "p1d", "P--1D", "P1S",
        ] {
            assert_eq!(Duration::parse(text.as_bytes()), Err(Error::Form), "{text}");
        }
        for text in [
            "P9223372036854775808M",
            "P106751991168D",
            "PT9223372036854775S1",
            "P1000000000000000000Y",
        ] {
            assert!(Duration::parse(text.as_bytes()).is_err(), "{text}");
        }
        let most = Duration { months: i64::MIN, milliseconds: 0 };
        assert_eq!(Duration::parse(&most.to_text()), Ok(most));
        assert_eq!(most.negated(), None);
        assert_eq!(most.plus(most), None);
    }

    proptest! {
        #[test]
        fn durations_come_back(months: i64, milliseconds: i64) {
            let duration = Duration { months, milliseconds };
            prop_assert_eq!(Duration::parse(&duration.to_text()), Ok(duration));
        }
    }
}
