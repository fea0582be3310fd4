//! `cargo xtask mutate [file:line…]`: each fact that the prover states is turned into
//! its opposite, one after the other, and the prover's own tests must notice (mutation
//! analysis: DeMillo, Lipton, Sayward, "Hints on test data selection", 1978). A place
//! whose negation nothing notices states a fact that nobody checks.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use vera_faults::facts::{NEGATED, PLACES};

pub fn run(only: &[String]) -> Result<(), String> {
    let log = std::env::temp_dir().join(format!("vera-facts-{}", std::process::id()));
    if !tests().env(PLACES, &log).status().map_err(|e| e.to_string())?.success() {
        return Err("the tests fail as they are".to_owned());
    }
    let text = std::fs::read_to_string(&log).map_err(|e| format!("no fact was stated: {e}"))?;
    // The file has served; it may stay where it cannot be removed.
    let _ = std::fs::remove_file(&log);
    let places: BTreeSet<&str> = text.lines().collect();
    let wanted = |place: &&&str| only.is_empty() || only.iter().any(|o| o == **place);
    let mut unnoticed = Vec::new();
    for place in places.iter().filter(wanted) {
        let mut tests = tests();
        tests.env(NEGATED, place).stdout(Stdio::null()).stderr(Stdio::null());
        let noticed = !tests.status().map_err(|e| e.to_string())?.success();
        println!("{place:<28} {}", if noticed { "noticed" } else { "NOT NOTICED" });
        if !noticed {
            unnoticed.push(*place);
        }
    }
    match unnoticed.len() {
        0 => Ok(()),
        n => Err(format!("{n} of {} facts are checked by nobody", places.len())),
    }
}

/// The prover's own tests, which stop at the first failure.
fn tests() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["test", "--quiet", "--package", "vera-verify", "--package", "vera-faults"]);
    command.args(["--features", "vera-faults/plant"]);
    command.env("INSTA_UPDATE", "no").env_remove(NEGATED).env_remove(PLACES);
    command
}
