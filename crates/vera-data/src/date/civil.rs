//! Days of the calendar.
//!
//! Both conversions are those of Howard Hinnant, "chrono-Compatible Low-Level
//! Date Algorithms": years start in March, so that the leap day is the last, and
//! come in eras of 400 years, which are all alike.

use alloc::vec::Vec;

use super::{Cursor, Error};
use crate::text::push_digits;

/// Days of 400 years.
const ERA: i64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH: i64 = 719_468;

/// A day of the years 0000 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: i16,
    month: u8,
    day: u8,
}

impl Date {
    /// A day by its numbers, if there is one.
    pub fn new(year: i64, month: i64, day: i64) -> Option<Date> {
        let exists = (0..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day);
        exists.then_some(Date { year: year as i16, month: month as u8, day: day as u8 })
    }

    /// The day so many days after 1970-01-01. O(1).
    pub fn from_days(days: i64) -> Option<Date> {
        let days = days.checked_add(EPOCH)?;
        let (era, day) = (days.div_euclid(ERA), days.rem_euclid(ERA));
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        // Months from March on; their lengths repeat every 153 days.
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        Date::new(year + era * 400 + i64::from(month <= 2), month, day)
    }

    /// Days since 1970-01-01. O(1).
    pub fn to_days(self) -> i64 {
        let (month, day) = (self.month(), self.day());
        let year = self.year() - i64::from(month <= 2);
        let era = year.div_euclid(400);
        let year = year.rem_euclid(400);
        let month = if month > 2 { month - 3 } else { month + 9 };
        let day = (153 * month + 2) / 5 + day - 1;
        era * ERA + year * 365 + year / 4 - year / 100 + day - EPOCH
    }

    /// The year, 0 to 9999.
    pub fn year(self) -> i64 {
        i64::from(self.year)
    }

    /// The month, 1 to 12.
    pub fn month(self) -> i64 {
        i64::from(self.month)
    }

    /// The day of the month, from 1.
    pub fn day(self) -> i64 {
        i64::from(self.day)
    }

    /// The day of the week, 1 for Monday to 7 for Sunday.
    pub fn weekday(self) -> i64 {
        // 1970-01-01 was a Thursday.
        (self.to_days() + 3).rem_euclid(7) + 1
    }

    /// The day of the year, from 1.
    pub fn day_of_year(self) -> i64 {
        let first = Date { month: 1, day: 1, ..self };
        self.to_days() - first.to_days() + 1
    }

    /// The day so many days later.
    pub fn plus_days(self, days: i64) -> Option<Date> {
        Date::from_days(self.to_days().checked_add(days)?)
    }

    /// The same day so many months later, or the last one of a shorter month.
    pub fn plus_months(self, months: i64) -> Option<Date> {
        let months = (self.year() * 12 + self.month() - 1).checked_add(months)?;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        Date::new(year, month, self.day().min(days_in_month(year, month)))
    }

    /// Reads `YYYY-MM-DD`.
    ///
    /// # Errors
    ///
    /// Another form, or no such day.
    pub fn parse(text: &[u8]) -> Result<Date, Error> {
        let mut text = Cursor(text);
        let date = Date::read(&mut text)?;
        text.end()?;
        Ok(date)
    }

    pub(super) fn read(text: &mut Cursor) -> Result<Date, Error> {
        let year = text.number(4)?;
        text.expect(b"-")?;
        let month = text.number(2)?;
        text.expect(b"-")?;
        let day = text.number(2)?;
        Date::new(year, month, day).ok_or(Error::Range)
    }

    /// `YYYY-MM-DD`
    pub fn to_text(self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    pub(super) fn write(self, out: &mut Vec<u8>) {
        push_digits(out, self.year as u64, 4);
        out.push(b'-');
        push_digits(out, u64::from(self.month), 2);
        out.push(b'-');
        push_digits(out, u64::from(self.day), 2);
    }
}

/// The length of a month, 1 to 12.
fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text.as_bytes()).expect("a date")
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut day = date("0000-01-01");
        let mut days = day.to_days();
        assert_eq!(days, -719_528);
        loop {
            assert_eq!(Date::from_days(days), Some(day));
            assert_eq!(day.to_days(), days);
            if day.day() > 27 {
                assert_eq!(Date::parse(&day.to_text()), Ok(day));
            }
            let (year, month) = (day.year(), day.month());
            let next = Date::new(year, month, day.day() + 1)
                .or(Date::new(year, month + 1, 1))
                .or(Date::new(year + 1, 1, 1));
            let Some(next) = next else { break };
            assert!(next > day && next.weekday() == day.weekday() % 7 + 1);
            (day, days) = (next, days + 1);
        }
        assert_eq!((day, days), (date("9999-12-31"), 2_932_896));
        assert_eq!(Date::from_days(days + 1), None);
        assert_eq!(Date::from_days(-719_529), None);
        for days in [i64::MIN, i64::MAX] {
            assert_eq!(Date::from_days(days), None);
            assert_eq!(day.plus_days(days), None);
            assert_eq!(day.plus_months(days), None);
        }
    }

    #[test]
    fn known_days() {
        assert_eq!(date("1970-01-01").to_days(), 0);
        assert_eq!(date("2000-02-29").to_days(), 11_016);
        assert_eq!(date("2024-07-04").weekday(), 4);
        assert_eq!(date("1969-12-31").weekday(), 3);
        assert_eq!(date("2024-12-31").day_of_year(), 366);
        assert_eq!(date("2023-03-01").day_of_year(), 60);
    }

    #[test]
    fn months_later() {
        for (from, months, to) in [
            ("2024-01-31", 1, "2024-02-29"),
            ("2023-01-31", 1, "2023-02-28"),
            ("2024-02-29", 12, "2025-02-28"),
            ("2024-02-29", -48, "2020-02-29"),
            ("2024-01-15", -1, "2023-12-15"),
            ("2024-03-31", -13, "2023-02-28"),
        ] {
            assert_eq!(date(from).plus_months(months), Some(date(to)), "{from} {months}");
        }
        assert_eq!(date("9999-12-01").plus_months(1), None);
        assert_eq!(date("0000-01-31").plus_months(-1), None);
        assert_eq!(date("2024-02-28").plus_days(2), Some(date("2024-03-01")));
    }

    #[test]
    fn other_texts() {
        for text in
            ["", "2024", "2024-1-01", "20240101", "2024-01-01x", "+2024-01-01", "2024/01/01"]
        {
            assert_eq!(Date::parse(text.as_bytes()), Err(Error::Form), "{text}");
        }
        for text in
            ["2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-04-31", "2024-01-00"]
        {
            assert_eq!(Date::parse(text.as_bytes()), Err(Error::Range), "{text}");
        }
    }
}
