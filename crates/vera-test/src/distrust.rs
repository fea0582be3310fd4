//! Which proofs a trap contradicts (language reference, chapter 09.6).

use vera_diagnostics::FileSpan;
use vera_host::Trap;
use vera_verify::{EmittedCheck, Kind, Record, Status, Verification, answers};

use crate::Subject;
use crate::classify::belongs;
use crate::report::RefutedProof;
use crate::trial;

/// The checks of a module with the obligations they stand for.
pub(crate) struct Evidence<'v> {
    pub verification: &'v Verification,
    pub checks: Vec<EmittedCheck>,
}

/// What a trap says about proofs.
#[derive(Debug)]
pub(crate) struct Attribution {
    pub status: trial::Status,
    pub text: String,
    pub refutes: Vec<RefutedProof>,
}

impl Evidence<'_> {
    /// Attributes a trap to the obligations whose run-time half ended the run. It
    /// contradicts proofs if all of these are proved, and none if none is.
    pub fn attribute(&self, trap: &Trap, ordinary: trial::Status) -> Attribution {
        let records = self.behind(trap);
        let proved: Vec<&Record> =
            records.iter().copied().filter(|r| r.status == Status::Verified).collect();
        let argument = is_of_an_argument(trap);
        if !records.is_empty() && proved.len() == records.len() && !argument {
            let refutes: Vec<RefutedProof> = proved.into_iter().map(proof).collect();
            let names: Vec<String> = refutes.iter().map(RefutedProof::clause).collect();
            let text = format!("contradicts the Tier 1 proof of {}", names.join(", "));
            return Attribution { status: trial::Status::Refuted, text, refutes };
        }
        let (status, text) = if argument && !proved.is_empty() {
            (ordinary, "the check that failed is of what a caller handed over")
        } else if !records.is_empty() && proved.is_empty() {
            (ordinary, "the check that failed stands for no proof")
        } else if is_of_a_contract(trap) {
            (trial::Status::Unattributed, "whether a proof is contradicted, cannot be told")
        } else {
            (ordinary, "no contract is behind this trap")
        };
        Attribution { status, text: text.to_owned(), refutes: Vec::new() }
    }

    /// The obligations behind the check that ended a run: the one at the failing
    /// place, or any of that kind in the function where the place is not known.
    fn behind(&self, trap: &Trap) -> Vec<&Record> {
        let Some(frame) = trap.frames.first() else { return Vec::new() };
        let here = |check: &&EmittedCheck| {
            check.kind == trap.kind
                && match (frame.at, frame.decl) {
                    (Some(at), _) => check.at == at,
                    (None, Some(decl)) => inside(decl, check.at),
                    (None, None) => false,
                }
        };
        let mut out: Vec<&Record> = Vec::new();
        for check in self.checks.iter().filter(here) {
            for record in self.answered(check) {
                if !out.iter().any(|r| std::ptr::eq(*r, record)) {
                    out.push(record);
                }
            }
        }
        out
    }

    /// The obligations a check stands for: those that start where it does, else those
    /// inside it, for a check at the entry of a function spans all of it.
    fn answered(&self, check: &EmittedCheck) -> Vec<&Record> {
        // A premise is nothing that a function proves of itself.
        let all = self
            .verification
            .records
            .iter()
            .filter(|r| r.kind != Kind::Requires && r.text != "true" && answers(check, r));
        let (exact, inside): (Vec<&Record>, Vec<&Record>) =
            all.partition(|r| r.check_at.is_some_and(|at| at.span.start == check.at.span.start));
        if exact.is_empty() { inside } else { exact }
    }

    /// Whether some check could fail although the precondition holds.
    pub fn can_fail(&self, subject: &Subject) -> bool {
        let own = self.verification.records.iter();
        own.filter(|r| belongs(r, subject) && r.kind != Kind::Requires && r.text != "true")
            .any(|r| self.checks.iter().any(|c| answers(c, r)))
    }

    /// Proved clauses that no check stands for.
    pub fn unchecked(&self, subject: &Subject) -> Vec<String> {
        let own = self.verification.records.iter();
        own.filter(|r| belongs(r, subject) && r.status == Status::Verified && r.text != "true")
            .filter(|r| matches!(r.kind, Kind::Ensures | Kind::Decreases | Kind::Assert))
            .filter(|r| !self.checks.iter().any(|c| answers(c, r)))
            .map(|r| proof(r).clause())
            .collect()
    }
}

fn inside(outer: FileSpan, inner: FileSpan) -> bool {
    outer.file == inner.file
        && outer.span.start <= inner.span.start
        && inner.span.end <= outer.span.end
}

/// Whether a trap is of a parameter's refinement, which callers owe.
fn is_of_an_argument(trap: &Trap) -> bool {
    trap.message.lines().nth(1).is_some_and(|line| line.trim_start().starts_with("parameter"))
}

/// Whether obligations stand behind checks that end in this trap.
fn is_of_a_contract(trap: &Trap) -> bool {
    use vera_abi::trap::TrapKind as K;
    match trap.kind {
        K::ContractViolation
        | K::AssertionFailed
        | K::NatUnderflow
        | K::NatGuard
        | K::DivideByZero
        | K::Overflow
        | K::IndexOutOfBounds
        | K::StringIndexOutOfBounds
        | K::FloatConversion => true,
        K::HeapExhausted
        | K::StackExhausted
        | K::UncaughtException
        | K::HostError
        | K::OutOfBounds
        | K::Unreachable
        | K::Unknown
        | K::FuelExhausted
        | K::TimeLimit
        | K::MemoryLimit => false,
    }
}

fn proof(record: &Record) -> RefutedProof {
    RefutedProof {
        function: record.function.clone(),
        kind: record.kind.as_str(),
        text: record.text.clone(),
        at: record.at,
    }
}

impl RefutedProof {
    /// `ensures(@Int.result > 0)`; of an operation, the expression and what was proved
    /// of it.
    pub(crate) fn clause(&self) -> String {
        match self.kind {
            "requires" | "ensures" | "decreases" | "assert" => {
                format!("{}({})", self.kind, self.text)
            }
            kind => format!("`{}` ({kind})", self.text),
        }
    }
}
