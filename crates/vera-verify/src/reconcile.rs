//! Comparing the checks that verdicts claim with those a compiled module holds
//! (language reference, chapter 08.13).

use std::collections::HashSet;

use vera_abi::trap::TrapKind;
use vera_check::typed::Program;
use vera_diagnostics::{Code, Diagnostic, FileId, FileSpan, Sources, Span};

use crate::obligations::{self, Check, Kind};
use crate::{Record, Status, Verification};

/// A place where the module ends the program unless something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmittedCheck {
    pub kind: TrapKind,
    pub at: FileSpan,
}

/// What is asked of a module.
#[derive(Clone, Debug, Default)]
pub struct Module {
    pub checks: Vec<EmittedCheck>,
    /// The declarations it holds code for.
    pub functions: Vec<FileSpan>,
}

/// Why a claim and the module disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MismatchKind {
    /// A claimed check is not there.
    RecordedUnguarded,
    /// A check that no obligation accounts for.
    GuardedUnrecorded,
}

impl MismatchKind {
    /// The name in machine-readable output.
    pub fn as_str(self) -> &'static str {
        match self {
            MismatchKind::RecordedUnguarded => "recorded_unguarded",
            MismatchKind::GuardedUnrecorded => "guarded_unrecorded",
        }
    }
}

/// A disagreement.
#[derive(Clone, Debug)]
pub struct Mismatch {
    pub kind: MismatchKind,
    /// The kind of obligation, or of check.
    pub obligation: &'static str,
    pub at: FileSpan,
    pub function: String,
    pub status: &'static str,
    pub detail: String,
}

/// The outcome of the comparison.
#[derive(Clone, Debug, Default)]
pub struct Reconciliation {
    /// Claims whose check was found.
    pub matched: usize,
    /// Claims in functions the module holds no code for.
    pub absent: usize,
    /// Checks in imported and prelude code.
    pub out_of_scope: usize,
    pub mismatches: Vec<Mismatch>,
}

/// Compares the claims of a verification with a module.
pub fn reconcile(verification: &Verification, module: &Module) -> Reconciliation {
    let mut out = Reconciliation::default();
    let files: HashSet<FileId> = verification.records.iter().map(|r| r.at.file).collect();
    for record in &verification.records {
        match record.status {
            Status::Tier3 | Status::Timeout => out.claim(record, module),
            Status::Verified | Status::Tier3Unguarded | Status::Violated => {}
        }
    }
    for check in &module.checks {
        if !files.contains(&check.at.file) {
            out.out_of_scope += 1;
        } else if let Some(kind) = kinds(check.kind).first()
            && check.at.span != Span::default()
            && !verification.records.iter().any(|r| accounts_for(check, r))
            && !verification.unlisted.iter().any(|(kind, at)| stands_for(check, *kind, *at))
        {
            out.mismatches.push(Mismatch {
                kind: MismatchKind::GuardedUnrecorded,
                obligation: kind.as_str(),
                at: check.at,
                function: function_at(verification, check.at),
                status: "",
                detail: format!("a check that ends in {} has no obligation", check.kind.name()),
            });
        }
    }
    out
}

/// The checks of a module in the entry file that no obligation accounts for, whatever
/// becomes of the obligations: none, unless the prover has a defect.
pub fn unaccounted(program: &Program, sources: &Sources, module: &Module) -> Vec<EmittedCheck> {
    let all = obligations::Generator::new(program, sources).obligations();
    let mut accounts = all.evident;
    for unit in all.units {
        accounts.extend(unit.evident);
        for obligation in unit.obligations {
            accounts.push((obligation.kind, obligation.at));
            if let Check::At(at) = obligation.check {
                accounts.push((obligation.kind, at));
            }
        }
    }
    let entry = program.modules[0].file;
    let accounted =
        |check: &EmittedCheck| accounts.iter().any(|(kind, at)| stands_for(check, *kind, *at));
    let open = |check: &&EmittedCheck| {
        check.at.file == entry
            && check.at.span != Span::default()
            && !kinds(check.kind).is_empty()
            && !accounted(check)
    };
    module.checks.iter().filter(open).copied().collect()
}

impl Reconciliation {
    fn claim(&mut self, record: &Record, module: &Module) {
        let has_code =
            record.declaration.is_none_or(|decl| module.functions.binary_search(&decl).is_ok());
        if !has_code {
            self.absent += 1;
        } else if record.check_at.is_none() || module.checks.iter().any(|c| answers(c, record)) {
            self.matched += 1;
        } else {
            self.mismatches.push(Mismatch {
                kind: MismatchKind::RecordedUnguarded,
                obligation: record.kind.as_str(),
                at: record.at,
                function: record.function.clone(),
                status: record.status.as_str(),
                detail: format!("no check answers `{}`", record.text),
            });
        }
    }

    /// How many disagreements are of a kind.
    pub fn count(&self, kind: MismatchKind) -> usize {
        self.mismatches.iter().filter(|m| m.kind == kind).count()
    }

    /// W004 for checks nobody claims. A claim without its check is no report: it stands
    /// in code that is never reached, so that there is none to hold the check.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let unclaimed = |m: &&Mismatch| m.kind == MismatchKind::GuardedUnrecorded;
        self.mismatches.iter().filter(unclaimed).map(unrecorded).collect()
    }
}

fn unrecorded(mismatch: &Mismatch) -> Diagnostic {
    let (function, what) = (&mismatch.function, mismatch.obligation);
    Diagnostic::warning(
        Code::W004,
        mismatch.at,
        format!(
            "The compiled module checks this site in '{function}' (the runtime half of '{what}'), but no obligation accounts for it."
        ),
    )
    .rationale("Every check belongs to an obligation. This is a defect of the prover; the check stays in place.")
    .fix("Report it with the program.")
    .spec("Chapter 8, Section 8.7 \"Comparison with the module\"")
}

/// Whether a check is the run-time half of an obligation.
pub fn answers(check: &EmittedCheck, record: &Record) -> bool {
    record.check_at.is_some_and(|place| stands_for(check, record.kind, place))
}

/// Whether an obligation accounts for a check: it stands where the obligation's check
/// does, or where the obligation arises.
fn accounts_for(check: &EmittedCheck, record: &Record) -> bool {
    answers(check, record) || stands_for(check, record.kind, record.at)
}

/// Whether a check is the run-time half of an obligation of this kind at a place.
fn stands_for(check: &EmittedCheck, kind: Kind, place: FileSpan) -> bool {
    check.at.file == place.file
        && check.at.span.start <= place.span.start
        && place.span.start <= check.at.span.end
        && traps(kind).contains(&check.kind)
}

/// How a failed obligation of a kind ends a run.
pub(crate) fn traps(kind: Kind) -> &'static [TrapKind] {
    match kind {
        Kind::Requires | Kind::Ensures | Kind::Decreases | Kind::StateDecl => {
            &[TrapKind::ContractViolation]
        }
        Kind::RefineBind => &[TrapKind::ContractViolation, TrapKind::NatGuard],
        Kind::CallPre => &[TrapKind::ContractViolation, TrapKind::StringIndexOutOfBounds],
        Kind::Assert => &[TrapKind::AssertionFailed],
        Kind::NatSub => &[TrapKind::NatUnderflow],
        Kind::NatBind => &[TrapKind::NatGuard, TrapKind::ContractViolation],
        Kind::DivZero => &[TrapKind::DivideByZero],
        Kind::IndexBounds => &[TrapKind::IndexOutOfBounds],
        Kind::IntOverflow => &[TrapKind::Overflow],
        Kind::FloatToIntDomain => &[TrapKind::FloatConversion],
    }
}

/// The kinds of obligations that stand behind checks of this trap; none behind what
/// ends a run for other reasons.
fn kinds(trap: TrapKind) -> &'static [Kind] {
    match trap {
        TrapKind::NatUnderflow => &[Kind::NatSub],
        TrapKind::AssertionFailed => &[Kind::Assert],
        TrapKind::IndexOutOfBounds => &[Kind::IndexBounds],
        TrapKind::FloatConversion => &[Kind::FloatToIntDomain],
        TrapKind::Overflow => &[Kind::IntOverflow],
        TrapKind::NatGuard => &[Kind::NatBind, Kind::RefineBind],
        TrapKind::DivideByZero => &[Kind::DivZero],
        TrapKind::StringIndexOutOfBounds => &[Kind::CallPre],
        TrapKind::ContractViolation => &[
            Kind::Requires,
            Kind::Ensures,
            Kind::Decreases,
            Kind::CallPre,
            Kind::RefineBind,
            Kind::NatBind,
            Kind::StateDecl,
        ],
        TrapKind::HeapExhausted
        | TrapKind::UncaughtException
        | TrapKind::StackExhausted
        | TrapKind::HostError
        | TrapKind::OutOfBounds
        | TrapKind::Unreachable
        | TrapKind::Unknown
        | TrapKind::FuelExhausted
        | TrapKind::TimeLimit
        | TrapKind::MemoryLimit => &[],
    }
}

/// The function whose declaration a place lies in.
fn function_at(verification: &Verification, at: FileSpan) -> String {
    let inside = |r: &&Record| {
        r.declaration.is_some_and(|d| {
            d.file == at.file && d.span.start <= at.span.start && at.span.end <= d.span.end
        })
    };
    verification.records.iter().find(inside).map_or(String::new(), |r| r.function.clone())
}
