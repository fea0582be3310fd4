//! Dates, instants and durations (ISO 8601, RFC 3339).
//!
//! The calendar is the proleptic Gregorian one, years 0000 to 9999, so that each
//! year has four digits. Time has no leap seconds, as POSIX counts it, and is
//! counted in milliseconds: an `i64` then holds every instant of these years with
//! room for any difference. Further digits of a fraction are cut off. There is
//! no time-zone database: an instant carries its distance from UTC.
//!
//! A duration keeps months and milliseconds apart: a year is twelve months, and a
//! day is 24 hours, but a month is no number of days.
//!
//! ```
//! use vera_data::date::{DateTime, Duration};
//!
//! let start = DateTime::parse(b"2024-01-31T22:30:00+02:00").unwrap();
//! let lease = Duration::parse(b"P1MT1H30M").unwrap();
//! assert_eq!(start.plus(lease).unwrap().to_text(), b"2024-03-01T00:00:00+02:00");
//! ```

mod civil;
mod duration;
mod instant;

use alloc::vec::Vec;

pub use civil::Date;
pub use duration::Duration;
pub use instant::DateTime;

/// Why a text is no date, instant or duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The text does not have the form.
    Form,
    /// A part is out of range: there is no such month, day, hour, …
    Range,
}

impl Error {
    /// The sentence of the language reference about a text that should be `what`.
    pub fn message(self, what: &str) -> Vec<u8> {
        let (before, behind) = match self {
            Error::Form => ("invalid ", ""),
            Error::Range => ("", " out of range"),
        };
        [before, what, behind].concat().into_bytes()
    }
}

/// Takes a text apart from the front.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    /// Takes one byte if it is among `bytes`.
    fn take(&mut self, bytes: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        bytes.contains(first).then(|| {
            self.0 = rest;
            *first
        })
    }

    /// Takes one byte that must be among `bytes`.
    fn expect(&mut self, bytes: &[u8]) -> Result<u8, Error> {
        self.take(bytes).ok_or(Error::Form)
    }

    fn digit(&mut self) -> Option<u8> {
        self.take(b"0123456789").map(|digit| digit - b'0')
    }

    /// Takes a number of exactly so many digits (nine at most).
    fn number(&mut self, digits: usize) -> Result<i64, Error> {
        let mut value = 0;
        for _ in 0..digits {
            value = value * 10 + i64::from(self.digit().ok_or(Error::Form)?);
        }
        Ok(value)
    }

    /// Takes `.` or `,` and digits, if there are any: milliseconds, what is
    /// smaller cut off.
    fn fraction(&mut self) -> Result<Option<i64>, Error> {
        if self.take(b".,").is_none() {
            return Ok(None);
        }
        let mut value = i64::from(self.digit().ok_or(Error::Form)?) * 100;
        let mut scale = 10;
        while let Some(digit) = self.digit() {
            value += i64::from(digit) * scale;
            scale /= 10;
        }
        Ok(Some(value))
    }

    /// The text must be used up.
    fn end(&self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Form) }
    }
}
