//! Instants: a point in time and the distance from UTC of the clock that shows it.

use alloc::vec::Vec;

use super::duration::Duration;
use super::{Cursor, Date, Error};
use crate::text::push_digits;

const MINUTE: i64 = 60_000;
pub(super) const DAY: i64 = 24 * 60 * MINUTE;

/// An instant whose local date is in the years 0000 to 9999.
///
/// Two are equal when both the point in time and the offset are; compare
/// [`milliseconds`](DateTime::milliseconds) to compare the points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DateTime {
    /// The local date.
    date: Date,
    /// Milliseconds since local midnight, below [`DAY`].
    time: i32,
    /// Minutes ahead of UTC.
    offset: i16,
}

impl DateTime {
    /// The instant so many milliseconds after 1970-01-01T00:00:00Z, on a clock
    /// that is `offset` minutes ahead of UTC: less than a day either way.
    pub fn new(milliseconds: i64, offset: i64) -> Option<DateTime> {
        if offset.unsigned_abs() >= 24 * 60 {
            return None;
        }
        let local = milliseconds.checked_add(offset * MINUTE)?;
        let date = Date::from_days(local.div_euclid(DAY))?;
        Some(DateTime { date, time: local.rem_euclid(DAY) as i32, offset: offset as i16 })
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub fn milliseconds(self) -> i64 {
        self.date.to_days() * DAY + self.time_of_day() - self.offset() * MINUTE
    }

    /// Minutes ahead of UTC.
    pub fn offset(self) -> i64 {
        i64::from(self.offset)
    }

    /// The local date.
    pub fn date(self) -> Date {
        self.date
    }

    /// Milliseconds since local midnight.
    pub fn time_of_day(self) -> i64 {
        i64::from(self.time)
    }

    /// The same point in time on another clock.
    pub fn at_offset(self, offset: i64) -> Option<DateTime> {
        DateTime::new(self.milliseconds(), offset)
    }

    /// The instant a duration later on the same clock: its months are counted
    /// first, the day of the month cut to a shorter month, then its milliseconds.
    pub fn plus(self, duration: Duration) -> Option<DateTime> {
        let date = self.date.plus_months(duration.months)?;
        let milliseconds = DateTime { date, ..self }.milliseconds();
        DateTime::new(milliseconds.checked_add(duration.milliseconds)?, self.offset())
    }

    /// The duration from `earlier` to this instant, in milliseconds.
    pub fn since(self, earlier: DateTime) -> Duration {
        Duration { months: 0, milliseconds: self.milliseconds() - earlier.milliseconds() }
    }

    /// Reads `YYYY-MM-DDThh:mm:ss.fff±hh:mm` as RFC 3339 has it: the `T` may be
    /// a `t` or a space, `Z` or `z` stands for `+00:00`, and the fraction may be
    /// absent or of any length. Unlike there, the seconds may be absent, too, and
    /// are below 60.
    ///
    /// # Errors
    ///
    /// Another form, or no such date, time or offset.
    pub fn parse(text: &[u8]) -> Result<DateTime, Error> {
        let mut text = Cursor(text);
        let date = Date::read(&mut text)?;
        text.expect(b"Tt ")?;
        let (hours, minutes) = hours_and_minutes(&mut text)?;
        let (mut seconds, mut fraction) = (0, 0);
        if text.take(b":").is_some() {
            seconds = text.number(2)?;
            fraction = text.fraction()?.unwrap_or(0);
        }
        let offset = match text.expect(b"Zz+-")? {
            sign @ (b'+' | b'-') => {
                let (hours, minutes) = hours_and_minutes(&mut text)?;
                (hours * 60 + minutes) * if sign == b'-' { -1 } else { 1 }
            }
            _ => 0,
        };
        text.end()?;
        if seconds > 59 {
            return Err(Error::Range);
        }
        let time = (hours * 60 + minutes) * MINUTE + seconds * 1000 + fraction;
        Ok(DateTime { date, time: time as i32, offset: offset as i16 })
    }

    /// The text, with milliseconds if there are any, and `Z` for no offset.
    pub fn to_text(self) -> Vec<u8> {
        let mut out = Vec::new();
        self.date.write(&mut out);
        out.push(b'T');
        let time = self.time_of_day();
        write_hours_and_minutes(&mut out, time / MINUTE);
        out.push(b':');
        push_digits(&mut out, (time % MINUTE / 1000) as u64, 2);
        if time % 1000 != 0 {
            out.push(b'.');
            push_digits(&mut out, (time % 1000) as u64, 3);
        }
        if self.offset == 0 {
            out.push(b'Z');
        } else {
            out.push(if self.offset < 0 { b'-' } else { b'+' });
            write_hours_and_minutes(&mut out, self.offset().abs());
        }
        out
    }
}

/// Reads `hh:mm`.
fn hours_and_minutes(text: &mut Cursor) -> Result<(i64, i64), Error> {
    let hours = text.number(2)?;
    text.expect(b":")?;
    let minutes = text.number(2)?;
    if hours > 23 || minutes > 59 { Err(Error::Range) } else { Ok((hours, minutes)) }
}

fn write_hours_and_minutes(out: &mut Vec<u8>, minutes: i64) {
    push_digits(out, (minutes / 60) as u64, 2);
    out.push(b':');
    push_digits(out, (minutes % 60) as u64, 2);
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::string::String;

    #[track_caller]
    fn instant(text: &str) -> DateTime {
        DateTime::parse(text.as_bytes()).expect("an instant")
    }

    #[test]
    fn reading_and_writing() {
        for (text, milliseconds, written) in [
            ("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"),
            ("1969-12-31t23:59:59.999z", -1, "1969-12-31T23:59:59.999Z"),
            ("2024-02-29 12:30+05:30", 1_709_190_000_000, "2024-02-29T12:30:00+05:30"),
            ("2001-09-09T01:46:40.0000Z", 1_000_000_000_000, "2001-09-09T01:46:40Z"),
            ("1970-01-01T00:00:00,0019999-00:01", 60_001, "1970-01-01T00:00:00.001-00:01"),
            ("1970-01-01T00:00:00-00:00", 0, "1970-01-01T00:00:00Z"),
            ("0000-01-01T00:00:00+23:59", -62_167_305_540_000, "0000-01-01T00:00:00+23:59"),
            ("9999-12-31T23:59:59.999-23:59", 253_402_387_139_999, "9999-12-31T23:59:59.999-23:59"),
        ] {
            let instant = instant(text);
            assert_eq!(instant.milliseconds(), milliseconds, "{text}");
            assert_eq!(String::from_utf8_lossy(&instant.to_text()), written);
            assert_eq!(DateTime::new(milliseconds, instant.offset()), Some(instant));
        }
    }

    #[test]
    fn other_texts() {
        for text in [
            "",
            "2024-01-01",
            "2024-01-01T",
            "2024-01-01T10:00",
            "2024-01-01T10:00:00",
            "2024-01-01T10Z",
            "2024-01-01T10:00:00.Z",
            "2024-01-01T10:00:00+0100",
            "2024-01-01T10:00:00Z ",
            "2024-01-01T1:00:00Z",
        ] {
            assert_eq!(DateTime::parse(text.as_bytes()), Err(Error::Form), "{text}");
        }
        for text in [
            "2024-02-30T10:00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T10:60:00Z",
            "2024-01-01T23:59:60Z",
            "2024-01-01T10:00:00+24:00",
            "2024-01-01T10:00:00+00:60",
        ] {
            assert_eq!(DateTime::parse(text.as_bytes()), Err(Error::Range), "{text}");
        }
    }

    #[test]
    fn arithmetic() {
        let start = instant("2024-01-31T23:30:00-01:00");
        let plus = |text: &str| start.plus(Duration::parse(text.as_bytes()).expect("a duration"));
        assert_eq!(plus("P1M"), Some(instant("2024-02-29T23:30:00-01:00")));
        assert_eq!(plus("P1MT30M"), Some(instant("2024-03-01T00:00:00-01:00")));
        assert_eq!(plus("-P1Y1DT0.5S"), Some(instant("2023-01-30T23:29:59.5-01:00")));
        assert_eq!(plus("P8000Y"), None);
        assert_eq!(plus("P4000000D"), None);
        assert_eq!(start.at_offset(60), Some(instant("2024-02-01T01:30:00+01:00")));
        assert_eq!(start.at_offset(1440), None);
        let end = instant("2024-02-01T00:30:00.001Z");
        assert_eq!(end.since(start).milliseconds, 1);
        assert_eq!(start.since(end).to_text(), b"-PT0.001S");
    }

    proptest! {
        #[test]
        fn instants_come_back(milliseconds in -62_167_000_000_000i64..253_402_000_000_000, offset in -100i64..100) {
            let instant = DateTime::new(milliseconds, offset).expect("in range");
            prop_assert_eq!(instant.milliseconds(), milliseconds);
            prop_assert_eq!(DateTime::parse(&instant.to_text()), Ok(instant));
        }
    }
}
