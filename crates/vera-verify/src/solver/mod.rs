//! Asking a solver. A query is SMT-LIB 2 text, so that every backend sees the same
//! problem, a dump shows exactly what was asked, and a result can be stored under
//! a hash of it. Who answers is a [`Solver`]: the library of [`Z3`] in this process, or
//! one that its caller reaches by other ways.

mod literal;
mod model;
mod observed;
mod smt;
mod z3;

use std::time::Duration;

use crate::Cancel;

pub use model::Value;
pub(crate) use observed::Observed;
use smt::value_name;
pub use smt::{Problem, Script};
pub use vera_z3::{Outcome, Strategy};
pub use z3::{Seeded, Z3, library};

/// What a solver says about a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// No model exists.
    Unsatisfiable,
    /// A model exists: the assignments of the script's value constants, in the
    /// solver's notation.
    Satisfiable(Vec<(String, String)>),
    /// No answer within the time limit.
    Unknown,
}

impl Answer {
    /// The answer that a solver of Z3's kind gives with a model, as its library prints it.
    pub fn new(outcome: Outcome, model: &str, script: &Script) -> Answer {
        match outcome {
            Outcome::Unsatisfiable => Answer::Unsatisfiable,
            Outcome::Unknown => Answer::Unknown,
            Outcome::Satisfiable if script.values == 0 => Answer::Satisfiable(Vec::new()),
            Outcome::Satisfiable => Answer::Satisfiable(model::assignments(model, script.values)),
        }
    }
}

/// An answer, and what it is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub answer: Answer,
    /// The clock, rather than the script, decided it: another run may find more.
    pub interrupted: bool,
}

impl Reply {
    /// Of nobody.
    pub const NONE: Reply = Reply { answer: Answer::Unknown, interrupted: true };
}

/// What a script may cost.
#[derive(Clone, Debug)]
pub struct Limits {
    /// In steps, as many as a machine makes in that time.
    pub timeout_ms: u32,
    /// By the clock, which is the last resort: a busy machine takes longer over the same
    /// steps, and must find the same.
    pub patience: Duration,
    /// Nobody waits for the answer any more.
    pub cancel: Cancel,
}

/// One way to ask, and what it may spend in the library's own measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub strategy: Strategy,
    /// Z3's `rlimit`, which is the same on every machine.
    pub steps: u32,
}

/// What the core may spend: a quarter of a second or so.
const CORE_STEPS: u32 = 1_000_000;

/// What the portfolio may spend for each millisecond of the time limit: fewer steps
/// than a machine makes in that time, so that it is not the clock which decides.
const STEPS_PER_MS: u32 = 1_000;

impl Limits {
    /// The ways to ask, in order, until one has an answer: the core decides most queries
    /// in a millisecond; choosing procedures alone takes tens of milliseconds, but they
    /// are stronger on floats and products.
    pub fn attempts(&self) -> [Attempt; 2] {
        let steps = self.timeout_ms.saturating_mul(STEPS_PER_MS);
        [
            Attempt { strategy: Strategy::Core, steps: CORE_STEPS.min(steps) },
            Attempt { strategy: Strategy::Portfolio, steps },
        ]
    }
}

/// Why nobody answers scripts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The beginning of a sentence.
    pub what: String,
    pub reason: String,
    /// How to get a solver.
    pub fix: String,
}

/// A decision procedure for scripts, asked by several threads.
pub trait Solver: Sync {
    /// Names what answers depend on besides scripts and limits, for cache keys.
    fn version(&self) -> String;

    fn check(&self, script: &Script, limits: &Limits) -> Reply;

    /// `None` where scripts are answered.
    fn missing(&self) -> Option<Missing>;
}
