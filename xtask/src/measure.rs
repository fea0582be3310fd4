//! Timing of whole processes.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Two commands timed in turn, so that both see the same machine.
pub struct Pair {
    pub subject: Duration,
    pub reference: Duration,
}

/// Median wall times of `subject` and `reference`, run alternately.
pub fn pair(
    runs: usize,
    mut subject: impl FnMut() -> Command,
    mut reference: impl FnMut() -> Command,
) -> Result<Pair, String> {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        a.push(once(&mut subject())?);
        b.push(once(&mut reference())?);
    }
    Ok(Pair { subject: median(a), reference: median(b) })
}

/// Median wall time of a command.
pub fn alone(runs: usize, mut command: impl FnMut() -> Command) -> Result<Duration, String> {
    let times: Result<Vec<Duration>, String> = (0..runs).map(|_| once(&mut command())).collect();
    times.map(median)
}

/// Wall time of one run, which must succeed.
pub fn once(command: &mut Command) -> Result<Duration, String> {
    let shown = format!("{command:?}");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let start = Instant::now();
    let output = command.output().map_err(|e| format!("{shown}: {e}"))?;
    let elapsed = start.elapsed();
    if output.status.success() {
        Ok(elapsed)
    } else {
        Err(format!("{shown} failed:\n{}", String::from_utf8_lossy(&output.stderr)))
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The first of these programs that exists, by path or on `PATH`.
pub fn find(names: &[&str]) -> Option<String> {
    let path = std::env::var("PATH").unwrap_or_default();
    names.iter().find_map(|name| {
        if name.contains('/') {
            return Path::new(name).is_file().then(|| (*name).to_owned());
        }
        path.split(':').map(|dir| format!("{dir}/{name}")).find(|file| Path::new(file).is_file())
    })
}
