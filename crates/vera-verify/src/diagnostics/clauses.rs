//! Clauses and assertions: E500, E507, E521-E525, E534, E535.

use vera_diagnostics::{Code, Diagnostic};

use super::About;
use crate::obligations::{Check, Kind};
use crate::verdict::{Gap, Status};

const CHAPTER: &str = "Chapter 8, Section 8.2 \"Obligations\"";

pub(super) fn postcondition_false(r: &About<'_>) -> Diagnostic {
    r.error(Code::E500, format!("Postcondition does not hold in function '{}'.", r.function))
        .rationale(format!("Inputs that meet the preconditions make `{}` false.", r.record.text))
        .fix("Correct the body, strengthen a `requires`, or weaken this `ensures`.")
        .spec(CHAPTER)
}

pub(super) fn assertion_false(r: &About<'_>) -> Diagnostic {
    r.error(
        Code::E507,
        format!("Assertion `assert({})` in '{}' is always false.", r.record.text, r.function),
    )
    .rationale(
        "No state that reaches the statement satisfies it, so every run that comes here traps.",
    )
    .fix("Weaken the assertion, or establish it before this statement.")
    .spec(CHAPTER)
}

pub(super) fn assertion_undecided(r: &About<'_>) -> Diagnostic {
    r.warning(
        Code::E535,
        format!(
            "Cannot statically verify assertion in '{}'. Assertion will be checked at runtime.",
            r.function
        ),
    )
    .rationale(format!(
        "`{}` follows from no fact in force here, and is not always false.",
        r.record.text
    ))
    .fix("Strengthen the `requires` clauses, or keep the check at run time.")
    .spec(CHAPTER)
}

pub(super) fn precondition_undecidable(r: &About<'_>) -> Diagnostic {
    r.warning(
        Code::E521,
        format!(
            "Precondition in '{}' uses constructs outside the decidable fragment. Contract will be checked at runtime.",
            r.function
        ),
    )
    .rationale(format!(
        "Proofs rely on `{}`, but it speaks of something the prover has no model of, so whether callers meet it may stay undecided.",
        r.record.text
    ))
    .fix("State it in terms the prover knows, such as comparisons of numbers and `array_length`, or keep the check at run time.")
    .spec("Chapter 8, Section 8.3 \"Facts\"")
}

pub(super) fn body_undecidable(r: &About<'_>) -> Diagnostic {
    undecidable(
        r,
        Code::E522,
        "Cannot statically verify postcondition in '{}'. Function body uses constructs outside the decidable fragment.",
    )
}

pub(super) fn postcondition_undecidable(r: &About<'_>) -> Diagnostic {
    undecidable(
        r,
        Code::E523,
        "Postcondition in '{}' uses constructs outside the decidable fragment.",
    )
}

fn undecidable(r: &About<'_>, code: Code, shape: &str) -> Diagnostic {
    match r.record.gap {
        Gap::Induction => return without_induction(r, code),
        Gap::Search => return without_steps(r, code),
        Gap::Model => {}
    }
    let text = shape.replace("{}", r.function);
    r.warning(code, format!("{text} Contract will be checked at runtime."))
        .rationale(format!(
            "`{}` depends on a value the prover has no model of.",
            r.record.text
        ))
        .fix("State what is known of that value with a contract or an `assert`, or keep the check at run time.")
        .spec("Chapter 8, Section 8.3 \"Facts\"")
}

/// The functions that a postcondition calls lead on for longer than they are looked into.
fn without_induction(r: &About<'_>, code: Code) -> Diagnostic {
    let why = format!(
        "What the functions in `{}` do in their first calls neither proves nor refutes it.",
        r.record.text
    );
    looked_into(
        r,
        code,
        why,
        "Of a function that does not call itself, its claim was taken as proved for smaller arguments already (induction); one that does gets its `ensures` from each call. Write what is still missing, such as how two of the functions named go together, as the `ensures` of a function of its own, whose value may be `()`, and call it here before the value.",
    )
}

/// All that a postcondition calls was looked into.
fn without_steps(r: &About<'_>, code: Code) -> Diagnostic {
    let why = format!(
        "The functions in `{}` were looked into, and the solver still neither proves nor refutes it.",
        r.record.text
    );
    looked_into(r, code, why, STEPS)
}

/// A postcondition that stays open though the functions it calls are known.
fn looked_into(r: &About<'_>, code: Code, why: String, fix: &str) -> Diagnostic {
    let text = format!(
        "Cannot statically verify postcondition in '{}'. Contract will be checked at runtime.",
        r.function
    );
    r.warning(code, text).rationale(why).fix(fix).spec("Chapter 8, Section 8.3 \"Facts\"")
}

/// What helps a solver that has all it needs.
const STEPS: &str = "Split the clause into several, or lead to it in steps: an `assert` before the result, or a function whose `ensures` says what is missing.";

pub(super) fn postcondition_timeout(r: &About<'_>) -> Diagnostic {
    r.warning(
        Code::E524,
        format!(
            "Could not verify postcondition in '{}' within timeout. Contract will be checked at runtime.",
            r.function
        ),
    )
    .rationale("The solver gave no answer within its budget.")
    .fix(format!("{STEPS} Where the solver spent its budget, --timeout-ms raises it; a newer Z3 (`VERA_Z3`) decides more."))
    .spec("Chapter 8, Section 8.6 \"Time\"")
}

pub(super) fn measure(r: &About<'_>) -> Diagnostic {
    let run = match r.record.check {
        Check::Idle => return idle_measure(r),
        Check::NoSize => {
            "It is not checked at runtime either: what functions in the value yield has no size."
        }
        Check::WhileRunning => {
            "It is checked at runtime while a call of the function is running, not in a closure that outlives the call."
        }
        Check::At(_) | Check::Elsewhere => "Contract will be checked at runtime.",
    };
    if r.record.status == Status::Violated {
        return r
            .error(Code::E525, format!("Termination metric in '{}' does not decrease.", r.function))
            .rationale(format!(
                "A call on the cycle makes `{}` no smaller, or negative.",
                r.record.text
            ))
            .fix("Recur on arguments for which the measure is smaller, or state the right measure.")
            .spec("Chapter 8, Section 8.4 \"Termination\"");
    }
    r.warning(
        Code::E525,
        format!("Termination metric in '{}' cannot be statically verified yet. {run}", r.function),
    )
    .rationale(format!(
        "It is not proved that `{}` decreases and stays non-negative at every call on the cycle.",
        r.record.text
    ))
    .fix("Use a measure over `Nat` or over structure that shrinks, and state the bounds it needs as `requires`.")
    .spec("Chapter 8, Section 8.4 \"Termination\"")
}

/// Of a function that calls itself nowhere.
fn idle_measure(r: &About<'_>) -> Diagnostic {
    r.warning(
        Code::E525,
        format!(
            "Termination metric in '{}' cannot be statically verified: the function calls itself nowhere, so there is nothing to measure.",
            r.function
        ),
    )
    .rationale("`decreases` is about the calls by which a function comes back to itself.")
    .fix("Drop the clause.")
    .spec("Chapter 8, Section 8.4 \"Termination\"")
}

pub(super) fn disclosed(r: &About<'_>) -> Diagnostic {
    let subject = match r.record.kind {
        Kind::Ensures => format!("Postcondition in '{}'", r.function),
        Kind::Requires
        | Kind::Decreases
        | Kind::CallPre
        | Kind::Assert
        | Kind::NatSub
        | Kind::NatBind
        | Kind::RefineBind
        | Kind::DivZero
        | Kind::IndexBounds
        | Kind::IntOverflow
        | Kind::FloatToIntDomain
        | Kind::StateDecl => format!("`{}` in '{}'", r.record.text, r.function),
    };
    let reason = r.record.reason.unwrap_or("could neither prove nor guard");
    r.warning(
        Code::E534,
        format!("{subject} holds only from a fact this run {reason}. Contract will be checked at runtime."),
    )
    .rationale("The proof uses what a callee's declared types promise, and the callee was not shown to keep that promise.")
    .fix("Establish the fact where the callee makes the value.")
    .spec("Chapter 8, Section 8.3 \"Facts\"")
}
