//! Verifying program text in tests.

#![allow(dead_code, reason = "each test file uses a part")]

use std::sync::Arc;

use vera_check::NoModules;
use vera_check::typed::Program;
use vera_diagnostics::{SourceFile, Sources};
use vera_verify::{NoCache, Options, Record, Verification};

/// The typed form of a program that has no errors.
pub fn checked(text: &str) -> (Arc<Program>, Sources) {
    let checked = vera_check::check(SourceFile::new("t.vera", text), &mut NoModules);
    let shown: Vec<&str> = checked.diagnostics.iter().map(|d| d.description.as_str()).collect();
    (checked.program.unwrap_or_else(|| panic!("refused: {shown:?}\n{text}")), checked.sources)
}

/// The verdicts on a program, with a budget that keeps tests short.
pub fn verify(text: &str) -> (Verification, Sources) {
    let (program, sources) = checked(text);
    let options = Options { timeout_ms: 1000, ..Options::default() };
    (vera_verify::verify(&program, &sources, &options, &NoCache), sources)
}

/// `div_zero violated E526`
pub fn line(record: &Record) -> String {
    let code = record.code.map_or(String::new(), |code| format!(" {}", code.as_str()));
    format!("{} {}{code}", record.kind.as_str(), record.status.as_str())
}

/// The records of a function, without those of literal `true` clauses.
pub fn records(verification: &Verification, function: &str) -> Vec<String> {
    let of = |r: &&Record| r.function == function && r.text != "true";
    verification.records.iter().filter(of).map(line).collect()
}

/// The verdicts on the postconditions of the function `f`.
pub fn ensures(text: &str) -> Vec<String> {
    let all = records(&verify(text).0, "f");
    all.into_iter().filter(|r| r.starts_with("ensures")).collect()
}

/// A pure function `f` that claims something of any arguments.
pub fn claiming(signature: &str, claim: &str, body: &str) -> String {
    format!(
        "private fn f({signature})\n  requires(true)\n  ensures({claim})\n  effects(pure)\n{{\n  {body}\n}}\n"
    )
}

/// That a pure function `f` is proved to keep what it claims.
#[track_caller]
pub fn proved(signature: &str, claim: &str, body: &str) {
    let of = ensures(&claiming(signature, claim, body));
    assert_eq!(of, ["ensures verified"], "{claim} of {body}");
}

/// That it is not.
#[track_caller]
pub fn open(signature: &str, claim: &str, body: &str) {
    let of = ensures(&claiming(signature, claim, body));
    assert_ne!(of, ["ensures verified"], "{claim} of {body}");
}
