//! Programs that the tool runs.

use std::io;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

/// How often a program that runs is looked after.
const LOOK: Duration = Duration::from_millis(2);

/// Waits for the end of a program; one that takes longer, or is not wanted any more, is
/// ended, which is `None`.
///
/// # Errors
/// Those of the system.
pub(crate) fn wait(
    child: &mut Child,
    limit: Duration,
    unwanted: impl Fn() -> bool,
) -> io::Result<Option<ExitStatus>> {
    let until = Instant::now() + limit;
    loop {
        match child.try_wait()? {
            Some(status) => return Ok(Some(status)),
            None if Instant::now() < until && !unwanted() => std::thread::sleep(LOOK),
            None => {
                // It is ours, and waited for.
                _ = child.kill();
                _ = child.wait();
                return Ok(None);
            }
        }
    }
}
