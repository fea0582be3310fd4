//! The Z3 library.

use std::sync::mpsc::channel;
use std::time::Duration;

use z3::{Config, Context, Params, SatResult, Tactic, with_z3_config};

use super::model::assignments;
use super::smt::Script;
use super::{Answer, Solver};

/// Z3 in this process. Each script has a context of its own, so that no answer
/// depends on what was asked before.
pub struct Z3 {
    timeout: Duration,
}

/// The library's version, for cache keys.
pub fn version() -> String {
    format!("z3 {}", z3::full_version())
}

impl Z3 {
    /// A solver that spends at most `timeout_ms` milliseconds on a script.
    pub fn new(timeout_ms: u32) -> Z3 {
        Z3 { timeout: Duration::from_millis(timeout_ms.into()) }
    }

    /// Checks within a time limit. The library's own timer blocks for ever in
    /// some versions when several threads use it, so a thread of ours interrupts.
    fn check_in_time(solver: &z3::Solver, limit: Duration) -> SatResult {
        let context = Context::thread_local();
        let handle = context.handle();
        std::thread::scope(|scope| {
            let (done, waiting) = channel::<()>();
            scope.spawn(move || {
                // The sender is dropped when the answer is there; interrupting once
                // more covers a check that was only about to start.
                while waiting.recv_timeout(limit) == Err(TIMEOUT) {
                    handle.interrupt();
                }
            });
            let result = solver.check();
            drop(done);
            result
        })
    }
}

const TIMEOUT: std::sync::mpsc::RecvTimeoutError = std::sync::mpsc::RecvTimeoutError::Timeout;

impl Solver for Z3 {
    fn check(&mut self, script: &Script) -> Answer {
        let first = self.timeout.min(CORE_LIMIT);
        match with_z3_config(&Config::new(), || attempt(script, Strategy::Core, first)) {
            Answer::Unknown => {
                let rest = self.timeout.saturating_sub(first).max(first);
                with_z3_config(&Config::new(), || attempt(script, Strategy::Portfolio, rest))
            }
            answer => answer,
        }
    }
}

/// What the library tries.
#[derive(Clone, Copy)]
enum Strategy {
    /// Its core alone, which answers most queries in a millisecond.
    Core,
    /// The procedures it picks by the look of the problem; choosing alone takes
    /// tens of milliseconds, but it is stronger on floats and products.
    Portfolio,
}

/// What the core may spend.
const CORE_LIMIT: Duration = Duration::from_millis(250);

fn attempt(script: &Script, strategy: Strategy, limit: Duration) -> Answer {
    let solver = match strategy {
        Strategy::Core => Tactic::new("smt").solver(),
        Strategy::Portfolio => z3::Solver::new(),
    };
    let mut params = Params::new();
    params.set_u32("random_seed", 0);
    solver.set_params(&params);
    solver.from_string(script.text.as_str());
    // The library ignores a script it cannot read.
    if solver.get_assertions().len() != script.assertions {
        debug_assert!(false, "the solver refuses a script:\n{}", script.text);
        return Answer::Unknown;
    }
    match Z3::check_in_time(&solver, limit) {
        SatResult::Unsat => Answer::Unsatisfiable,
        SatResult::Unknown => Answer::Unknown,
        SatResult::Sat => {
            let model = solver.get_model().map(|m| m.to_string()).unwrap_or_default();
            Answer::Satisfiable(assignments(&model, script.values))
        }
    }
}
