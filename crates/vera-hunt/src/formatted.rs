//! The canonical text of a program is the same program.

use vera_verify::{Record, Status, Verification};

use crate::examine::{Examiner, Finding, Oracle, subject};
use crate::files::Files;
use crate::proofs;

/// Checks the canonical text, and compares verdicts on the program, where there are
/// any, with those on it.
pub(crate) fn compare(
    examiner: &Examiner,
    files: &Files,
    verification: Option<&Verification>,
) -> Result<(), Finding> {
    let finding = |kind: &str, details: String| Finding::new(Oracle::Formatted, kind, details);
    let mut wrong = None;
    let formatted = files.map(|text| {
        let parsed = vera_syntax::parse(text);
        match vera_fmt::format_checked(text, &parsed) {
            Ok(text) => Some(text),
            Err(violation) => {
                wrong = Some(finding("canonical", violation.to_string()));
                None
            }
        }
    });
    let (Some(formatted), None) = (formatted, wrong.clone()) else {
        return wrong.map_or(Ok(()), Err);
    };
    let Some(after) = subject(&Files::new(&formatted))? else {
        return Err(finding("refused", "the canonical text is not admitted".to_owned()));
    };
    let Some(verification) = verification else { return Ok(()) };
    let again = examiner.verify(&after);
    let (before, after) = (&verification.records, &again.records);
    // What one run does not decide in time, another may.
    let settled = |r: &Record| matches!(r.status, Status::Verified | Status::Violated);
    let differ = |(a, b): &(&Record, &Record)| {
        a.kind != b.kind || settled(a) && settled(b) && a.status != b.status
    };
    match before.iter().zip(after).find(differ) {
        None if before.len() == after.len() => Ok(()),
        None => Err(finding("records", format!("{} records, then {}", before.len(), after.len()))),
        Some((a, b)) => Err(finding(
            "verdicts",
            format!("{}, then {}", proofs::described(a), proofs::described(b)),
        )),
    }
}
