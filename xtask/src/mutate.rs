//! `cargo xtask mutate [file:line…]`: each fact that the prover states is turned into
//! its opposite, one after the other, and the prover's own tests must notice (mutation
//! analysis: DeMillo, Lipton, Sayward, "Hints on test data selection", 1978). A place
//! whose negation nothing notices states a fact that nobody checks.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use vera_faults::facts::{NEGATED, PLACES};

use crate::release;

/// What a machine under load may cost a test beyond its share.
const SLACK: Duration = Duration::from_secs(30);

pub fn run(only: &[String]) -> Result<(), String> {
    let mut tests = Tests::build()?;
    let log = std::env::temp_dir().join(format!("vera-facts-{}", std::process::id()));
    if !tests.baseline(log.as_os_str())? {
        return Err("the tests fail as they are".to_owned());
    }
    let text = std::fs::read_to_string(&log).map_err(|e| format!("no fact was stated: {e}"))?;
    // The file has served; it may stay where it cannot be removed.
    let _ = std::fs::remove_file(&log);
    let places: BTreeSet<&str> = text.lines().collect();
    let wanted = |place: &&&str| only.is_empty() || only.iter().any(|o| o == **place);
    let mut unnoticed = 0;
    for place in places.iter().filter(wanted) {
        let noticed = tests.notice(place)?;
        println!("{place:<28} {}", if noticed { "noticed" } else { "NOT NOTICED" });
        unnoticed += usize::from(!noticed);
    }
    match unnoticed {
        0 => Ok(()),
        n => Err(format!("{n} of {} facts are checked by nobody", places.len())),
    }
}

/// The prover's own tests, built once.
struct Tests {
    /// Each with the time it may take: a fact that makes a test run on is noticed.
    executables: Vec<(PathBuf, Duration)>,
    /// Where they run.
    dir: PathBuf,
}

impl Tests {
    /// Builds the tests with the switches for facts.
    fn build() -> Result<Tests, String> {
        let root = release::root()?;
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(["test", "--no-run", "--locked"]);
        command.args(["--package", "vera-verify", "--package", "vera-faults"]);
        command.args(["--features", "vera-faults/plant"]);
        let built = release::executables(&root, &mut command, "the tests do not build")?;
        let executables = built.into_iter().map(|(_, file)| (file, Duration::MAX)).collect();
        Ok(Tests { executables, dir: root.join("crates/vera-verify") })
    }

    /// Whether all tests pass as they are, noting the places of facts in a file; from
    /// then on the quicker executables come first.
    fn baseline(&mut self, log: &OsStr) -> Result<bool, String> {
        let mut timed = Vec::new();
        for (executable, limit) in &self.executables {
            let start = Instant::now();
            if !self.passes(executable, *limit, PLACES, log)? {
                println!("{} fails as it is", executable.display());
                return Ok(false);
            }
            timed.push((start.elapsed(), executable.clone()));
        }
        timed.sort();
        let limited = |(took, path): (Duration, PathBuf)| (path, 10 * took + SLACK);
        self.executables = timed.into_iter().map(limited).collect();
        Ok(true)
    }

    /// Whether some test fails when the fact stated at a place is its opposite.
    fn notice(&self, place: &str) -> Result<bool, String> {
        for (executable, limit) in &self.executables {
            if !self.passes(executable, *limit, NEGATED, OsStr::new(place))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn passes(
        &self,
        executable: &Path,
        limit: Duration,
        variable: &str,
        value: &OsStr,
    ) -> Result<bool, String> {
        let mut command = Command::new(executable);
        command.current_dir(&self.dir).env("INSTA_UPDATE", "no");
        command.env_remove(NEGATED).env_remove(PLACES).env(variable, value);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut running = command.spawn().map_err(|e| e.to_string())?;
        let start = Instant::now();
        loop {
            if let Some(status) = running.try_wait().map_err(|e| e.to_string())? {
                return Ok(status.success());
            }
            if start.elapsed() > limit {
                running.kill().and_then(|()| running.wait()).map_err(|e| e.to_string())?;
                return Ok(false);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
