//! Claims of run-time checks against the checks of a module.

mod common;

use vera_diagnostics::{FileId, FileSpan, Span, render_text};
use vera_verify::{EmittedCheck, Module, Reconciliation, reconcile};

use vera_abi::trap::TrapKind;

const PROGRAM: &str = "\
public fn f(@Int, @Array<Int> -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  @Array<Int>.0[@Int.0 + 1]
}
";

/// A check at the place of some text of the program.
fn check(kind: TrapKind, text: &str) -> EmittedCheck {
    let start = PROGRAM.find(text).expect("the program has this text") as u32;
    let span = Span::new(start, start + text.len() as u32);
    EmittedCheck { kind, at: FileSpan { file: FileId(0), span } }
}

fn compare(checks: Vec<EmittedCheck>, with_code: bool) -> (Reconciliation, String) {
    let (verification, sources) = common::verify(PROGRAM);
    let functions = verification.records.iter().filter_map(|r| r.declaration).take(1);
    let functions = if with_code { functions.collect() } else { Vec::new() };
    let found = reconcile(&verification, &Module { checks, functions });
    let reports = found.diagnostics().iter().map(|d| render_text(d, &sources)).collect();
    (found, reports)
}

#[test]
fn every_claim_has_its_check() {
    let checks = vec![
        check(TrapKind::Overflow, "@Int.0 + 1"),
        check(TrapKind::IndexOutOfBounds, "@Array<Int>.0[@Int.0 + 1]"),
    ];
    let (found, reports) = compare(checks, true);
    assert_eq!((found.matched, found.absent, reports.as_str()), (2, 0, ""));
}

#[test]
fn a_claim_without_a_check() {
    let (found, reports) = compare(vec![check(TrapKind::Overflow, "@Int.0 + 1")], true);
    assert_eq!((found.matched, found.mismatches.len()), (1, 1));
    insta::assert_snapshot!(reports);
}

#[test]
fn a_check_without_an_obligation() {
    let checks = vec![
        check(TrapKind::Overflow, "@Int.0 + 1"),
        check(TrapKind::IndexOutOfBounds, "@Array<Int>.0[@Int.0 + 1]"),
        check(TrapKind::AssertionFailed, "@Int.0 + 1"),
    ];
    let (found, reports) = compare(checks, true);
    assert_eq!((found.matched, found.mismatches.len()), (2, 1));
    insta::assert_snapshot!(reports);
}

#[test]
fn functions_without_code_claim_nothing() {
    let (found, reports) = compare(Vec::new(), false);
    assert_eq!((found.matched, found.absent, reports.as_str()), (0, 2, ""));
}
