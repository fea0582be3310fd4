//! What values broke a check: told by a second run.
//!
//! Compiled code carries nothing to tell them with. A program that asked nothing of the
//! world that another run might be answered differently runs the same again, so it is
//! compiled once more with checks that tell, and run without writing anything.

use std::time::Duration;

use vera_abi::trap::TrapKind;
use vera_host::{CacheDir, Host, Io, Limits, Outcome, RunOptions, Trap};
use vera_mir::lower::Options;

use super::build::build;
use super::run::{Call, options};
use crate::cli::Run;
use crate::input::Entry;

/// Runs that took longer are not repeated.
const LONGEST: Duration = Duration::from_secs(2);

/// A value is shown up to so many characters.
const SHOWN: usize = 200;

/// The lines about a trap, `@Int.0 = -3`; none where the run cannot be repeated, or ended
/// otherwise.
pub(super) fn values(
    entry: &Entry,
    args: &Run,
    call: &Call<'_>,
    trap: &Trap,
    took: Duration,
) -> Vec<String> {
    if !is_told_of(trap.kind) || took > LONGEST {
        return Vec::new();
    }
    again(entry, args, call, trap).unwrap_or_default()
}

/// Whether a trap is the end of a check of values.
fn is_told_of(kind: TrapKind) -> bool {
    match kind {
        TrapKind::Overflow
        | TrapKind::NatGuard
        | TrapKind::DivideByZero
        | TrapKind::NatUnderflow
        | TrapKind::AssertionFailed
        | TrapKind::IndexOutOfBounds
        | TrapKind::StringIndexOutOfBounds
        | TrapKind::FloatConversion
        | TrapKind::ContractViolation => true,
        TrapKind::HeapExhausted
        | TrapKind::UncaughtException
        | TrapKind::StackExhausted
        | TrapKind::HostError
        | TrapKind::OutOfBounds
        | TrapKind::Unreachable
        | TrapKind::Unknown
        | TrapKind::FuelExhausted
        | TrapKind::TimeLimit
        | TrapKind::MemoryLimit => false,
    }
}

fn again(entry: &Entry, args: &Run, call: &Call<'_>, trap: &Trap) -> Option<Vec<String>> {
    let explaining = Options { explain: true, ..options(false) };
    let built = build(entry, &explaining, args.checks).ok()?;
    let run_options = RunOptions {
        max_memory: args.limits.max_memory,
        timeout: Some(LONGEST * 4),
        ..RunOptions::default()
    };
    let host = Host::with_limits(&CacheDir::Default, Limits { time: true, ..Limits::default() });
    let host = host.ok()?;
    let module = host.load(&built.artifact).ok()?;
    let mut io = Io::captured(call.words.clone());
    let values = call.values.clone();
    let run = host.run(&module, &call.export.name, values, &mut io, &run_options).ok()?;
    let Outcome::Trapped(again) = run.outcome else { return None };
    if (again.kind, &again.message) != (trap.kind, &trap.message) {
        return None;
    }
    let told = io.streams.captured_stderr();
    Some(told.text().lines().map(shortened).collect())
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}
