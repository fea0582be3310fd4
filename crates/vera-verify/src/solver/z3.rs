//! The Z3 library.

use std::sync::mpsc::channel;
use std::time::Duration;

use z3::{Config, Context, Params, SatResult, with_z3_config};

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

    /// Checks within the time limit. The library's own timer blocks for ever in
    /// some versions when several threads use it, so a thread of ours interrupts.
    fn check_in_time(&self, solver: &z3::Solver) -> SatResult {
        let context = Context::thread_local();
        let handle = context.handle();
        std::thread::scope(|scope| {
            let (done, waiting) = channel::<()>();
            scope.spawn(move || {
                // The sender is dropped when the answer is there; interrupting once
                // more covers a check that was only about to start.
                while waiting.recv_timeout(self.timeout) == Err(TIMEOUT) {
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
        with_z3_config(&Config::new(), || self.check_afresh(script))
    }
}

impl Z3 {
    fn check_afresh(&self, script: &Script) -> Answer {
        let solver = z3::Solver::new();
        let mut params = Params::new();
        params.set_u32("random_seed", 0);
        solver.set_params(&params);
        solver.from_string(script.text.as_str());
        // The library ignores a script it cannot read.
        if solver.get_assertions().len() != script.assertions {
            debug_assert!(false, "the solver refuses a script:\n{}", script.text);
            return Answer::Unknown;
        }
        match self.check_in_time(&solver) {
            SatResult::Unsat => Answer::Unsatisfiable,
            SatResult::Unknown => Answer::Unknown,
            SatResult::Sat => {
                let model = solver.get_model().map(|m| m.to_string()).unwrap_or_default();
                Answer::Satisfiable(assignments(&model, script.values))
            }
        }
    }
}
