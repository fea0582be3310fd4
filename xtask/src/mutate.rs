//! `cargo xtask mutate [file:line…]`: each fact that the prover states is turned into
//! its opposite, one after the other, and the prover's own tests must notice (mutation
//! analysis: DeMillo, Lipton, Sayward, "Hints on test data selection", 1978). A place
//! whose negation nothing notices states a fact that nobody checks.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use vera_faults::facts::{NEGATED, PLACES};

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
    executables: Vec<PathBuf>,
    /// Where they run.
    dir: PathBuf,
}

impl Tests {
    /// Builds the tests with the switches for facts.
    fn build() -> Result<Tests, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("no workspace")?;
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(["test", "--no-run", "--message-format=json", "--locked"]);
        command.args(["--package", "vera-verify", "--package", "vera-faults"]);
        command.args(["--features", "vera-faults/plant"]);
        let built = command
            .current_dir(root)
            .stderr(Stdio::inherit())
            .output()
            .map_err(|e| e.to_string())?;
        if !built.status.success() {
            return Err("the tests do not build".to_owned());
        }
        let messages = String::from_utf8_lossy(&built.stdout);
        let executable = |line: &str| {
            let message: serde_json::Value = serde_json::from_str(line).ok()?;
            Some(PathBuf::from(message["executable"].as_str()?))
        };
        let executables = messages.lines().filter_map(executable).collect();
        Ok(Tests { executables, dir: root.join("crates/vera-verify") })
    }

    /// Whether all tests pass as they are, noting the places of facts in a file; from
    /// then on the quicker executables come first.
    fn baseline(&mut self, log: &OsStr) -> Result<bool, String> {
        let mut timed = Vec::new();
        for executable in &self.executables {
            let start = Instant::now();
            if !self.passes(executable, PLACES, log)? {
                println!("{} fails as it is", executable.display());
                return Ok(false);
            }
            timed.push((start.elapsed(), executable.clone()));
        }
        timed.sort();
        self.executables = timed.into_iter().map(|(_, executable)| executable).collect();
        Ok(true)
    }

    /// Whether some test fails when the fact stated at a place is its opposite.
    fn notice(&self, place: &str) -> Result<bool, String> {
        for executable in &self.executables {
            if !self.passes(executable, NEGATED, OsStr::new(place))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn passes(&self, executable: &Path, variable: &str, value: &OsStr) -> Result<bool, String> {
        let mut command = Command::new(executable);
        command.current_dir(&self.dir).env("INSTA_UPDATE", "no");
        command.env_remove(NEGATED).env_remove(PLACES).env(variable, value);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Ok(command.status().map_err(|e| e.to_string())?.success())
    }
}
