//! Dates, instants and durations: days since 1970-01-01, milliseconds since then and
//! minutes ahead of UTC, months and milliseconds.

use vera_abi::prelude::{PAIR, TRIPLE};
use vera_data::date::{Date, DateTime, Duration, Error};
use vera_rt::{Heap, Ref, Roots, string};

use crate::values::{Builder, Field, build, long_field};

/// `Ok` of what `make` builds, or `Err` of what is wrong with a text that should be
/// `what`.
fn result<T>(
    heap: &mut Heap,
    roots: Roots,
    parsed: Result<T, Error>,
    what: &str,
    make: impl FnOnce(&mut Builder<'_>, T) -> Ref,
) -> Ref {
    build(heap, roots, |b| match parsed {
        Ok(value) => make(b, value),
        Err(error) => b.err(&error.message(what)),
    })
}

/// An `Option<Int>`.
fn number(heap: &mut Heap, roots: Roots, value: Option<i64>) -> Ref {
    build(heap, roots, |b| b.option_long(value.map(|value| value as u64)))
}

/// `Ok` of a `Tuple<Int, Int>`.
fn ok_pair(b: &mut Builder<'_>, fields: [i64; 2]) -> Ref {
    let pair = b.object(&PAIR, &fields.map(|field| Field::Long(field as u64)));
    b.ok(pair)
}

/// `date_parse`
pub fn parse(heap: &mut Heap, text: Ref, roots: Roots) -> Ref {
    let date = Date::parse(string::bytes(heap, text));
    result(heap, roots, date, "date", |b, date| b.ok_long(date.to_days() as u64))
}

/// `date_to_string`
pub fn to_string(heap: &mut Heap, days: i64, roots: Roots) -> Ref {
    let text = Date::from_days(days).map(Date::to_text);
    build(heap, roots, |b| b.option_string(text.as_deref()))
}

/// `date_from_parts`
pub fn from_parts(heap: &mut Heap, [year, month, day]: [i64; 3], roots: Roots) -> Ref {
    number(heap, roots, Date::new(year, month, day).map(Date::to_days))
}

/// `date_parts`
pub fn parts(heap: &mut Heap, days: i64, roots: Roots) -> Ref {
    build(heap, roots, |b| {
        let parts = Date::from_days(days).map(|date| {
            let parts = [date.year(), date.month(), date.day()];
            b.object(&TRIPLE, &parts.map(|part| Field::Long(part as u64)))
        });
        b.option(parts)
    })
}

/// `date_add_months`
pub fn add_months(heap: &mut Heap, days: i64, months: i64, roots: Roots) -> Ref {
    let sum = Date::from_days(days).and_then(|date| date.plus_months(months));
    number(heap, roots, sum.map(Date::to_days))
}

/// `datetime_parse`
pub fn parse_instant(heap: &mut Heap, text: Ref, roots: Roots) -> Ref {
    let instant = DateTime::parse(string::bytes(heap, text));
    result(heap, roots, instant, "date-time", |b, instant| {
        ok_pair(b, [instant.milliseconds(), instant.offset()])
    })
}

/// `datetime_to_string`
pub fn instant_to_string(heap: &mut Heap, milliseconds: i64, offset: i64, roots: Roots) -> Ref {
    let text = DateTime::new(milliseconds, offset).map(DateTime::to_text);
    build(heap, roots, |b| b.option_string(text.as_deref()))
}

/// `datetime_add`
pub fn add(heap: &mut Heap, [milliseconds, offset]: [i64; 2], by: Ref, roots: Roots) -> Ref {
    let by = duration(heap, by);
    let sum = DateTime::new(milliseconds, offset).and_then(|instant| instant.plus(by));
    number(heap, roots, sum.map(DateTime::milliseconds))
}

/// `duration_parse`
pub fn parse_duration(heap: &mut Heap, text: Ref, roots: Roots) -> Ref {
    let duration = Duration::parse(string::bytes(heap, text));
    result(heap, roots, duration, "duration", |b, duration| {
        ok_pair(b, [duration.months, duration.milliseconds])
    })
}

/// `duration_to_string`
pub fn duration_to_string(heap: &mut Heap, value: Ref, roots: Roots) -> Ref {
    let text = duration(heap, value).to_text();
    string::new(heap, &text, roots)
}

fn duration(heap: &Heap, value: Ref) -> Duration {
    let part = |at| long_field(heap, value, &PAIR, at) as i64;
    Duration { months: part(0), milliseconds: part(1) }
}
