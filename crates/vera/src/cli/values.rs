//! What flags take, and what is said of anything else. The texts of errors are whole:
//! they name the flag.

use std::time::Duration;

use super::Strict;

/// Bytes.
pub(crate) type Size = u64;

/// What is wrong with a flag's value.
pub(crate) fn bad(flag: &str, what: &str, given: &str) -> String {
    format!("{flag}: expected {what}, got '{given}'")
}

pub(super) fn timeout_ms(word: &str) -> Result<u32, String> {
    match word {
        "" => Err("--timeout-ms: missing value".to_owned()),
        word => milliseconds("--timeout-ms", word),
    }
}

/// A budget, from a flag or a variable.
pub(crate) fn milliseconds(source: &str, word: &str) -> Result<u32, String> {
    let number = word.trim().parse::<i128>().ok();
    match number {
        // Larger budgets than the solver can count are the largest it can.
        Some(n) if n > 0 => Ok(u32::try_from(n).unwrap_or(u32::MAX)),
        _ => {
            let shown = number.map_or_else(|| format!("'{word}'"), |n| n.to_string());
            Err(format!(
                "{source}: expected a positive integer number of milliseconds, got {shown}"
            ))
        }
    }
}

pub(super) fn strict(word: &str) -> Result<Strict, String> {
    match word {
        "" => Ok(Strict::AllButOverflow),
        "all" => Ok(Strict::All),
        _ => Err(format!("Invalid --strict value: {word} (expected --strict or --strict=all)")),
    }
}

/// Fewer than none are none.
pub(super) fn trials(word: &str) -> Result<usize, String> {
    let number = word.trim().parse::<i64>();
    let number = number.map_err(|_| format!("Invalid --trials value: {word}"))?;
    Ok(usize::try_from(number).unwrap_or(0))
}

pub(super) fn seed(word: &str) -> Result<u64, String> {
    word.trim().parse().map_err(|_| format!("Invalid --seed value: {word}"))
}

/// Whether it is a port, the address says.
pub(super) fn port(word: &str) -> Result<i64, String> {
    word.parse().map_err(|_| "--port requires an integer".to_owned())
}

pub(super) fn fuel(word: &str) -> Result<u64, String> {
    positive("--fuel", word)
}

pub(super) fn workers(word: &str) -> Result<usize, String> {
    positive("--workers", word).map(saturated)
}

pub(super) fn max_requests(word: &str) -> Result<usize, String> {
    positive("--max-requests", word).map(saturated)
}

fn positive(flag: &str, word: &str) -> Result<u64, String> {
    let number = word.parse().ok().filter(|n| *n > 0);
    number.ok_or_else(|| bad(flag, "a positive integer", word))
}

fn saturated(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

pub(super) fn timeout(word: &str) -> Result<Duration, String> {
    let seconds = word.parse().ok().filter(|s| *s > 0.0);
    let limit = seconds.and_then(|s| Duration::try_from_secs_f64(s).ok());
    limit.ok_or_else(|| bad("--timeout", "a positive number of seconds", word))
}

pub(super) fn precondition_status(word: &str) -> Result<u16, String> {
    let status = word.parse().ok().filter(|status| (400..=599).contains(status));
    status.ok_or_else(|| bad("--precondition-status", "a status from 400 to 599", word))
}

pub(super) fn max_memory(word: &str) -> Result<Size, String> {
    size("--max-memory", word)
}

pub(super) fn max_body(word: &str) -> Result<Size, String> {
    size("--max-body", word)
}

pub(super) fn max_head(word: &str) -> Result<Size, String> {
    size("--max-head", word)
}

/// A size with an optional unit: `K`, `M`, `G`, by powers of 1024.
fn size(flag: &str, word: &str) -> Result<Size, String> {
    let (digits, unit) = match word.char_indices().last() {
        Some((at, 'K' | 'k')) => (&word[..at], 1 << 10),
        Some((at, 'M' | 'm')) => (&word[..at], 1 << 20),
        Some((at, 'G' | 'g')) => (&word[..at], 1 << 30),
        _ => (word, 1),
    };
    let number = digits.parse::<u64>().ok().filter(|n| *n > 0);
    let bytes = number.and_then(|n| n.checked_mul(unit));
    bytes.ok_or_else(|| bad(flag, "a positive number of bytes, as 64M or 1G too", word))
}

/// `12:5`: a line and a column, both from 1.
pub(super) fn place(word: &str) -> Result<(u32, u32), String> {
    let number = |text: &str| text.parse::<u32>().ok().filter(|n| *n > 0);
    let parts = word.split_once(':').and_then(|(l, c)| Some((number(l)?, number(c)?)));
    parts.ok_or_else(|| bad("--at", "a line and a column, such as 12:5", word))
}
