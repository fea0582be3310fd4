//! The Z3 library.
//!
//! Each script is solved in a context of its own, so that an answer depends on nothing
//! that was asked before: not on names already declared, and not on how terms are
//! numbered, by which a search ends at its limit of steps or does not. A context is
//! cheap on a thread that had one before, since the allocator has its memory at hand;
//! so threads that solve are kept, and the last one used is used first.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use z3::{Config, Context, Params, SatResult, Tactic, with_z3_config};

use super::model::assignments;
use super::smt::Script;
use super::{Answer, Solver};

/// Z3 in this process.
pub struct Z3 {
    limits: Limits,
    /// Whether the clock, rather than the problem, decided the last answer.
    pub interrupted: bool,
}

/// What a script may cost.
#[derive(Clone, Copy)]
struct Limits {
    /// In steps, as many as a machine makes in that time.
    timeout_ms: u32,
    /// By the clock, which is the last resort: a busy machine takes longer over the same
    /// steps, and must find the same.
    patience: Duration,
}

/// The library, with its version, for people.
pub fn library() -> String {
    format!("Z3 {}", z3::full_version().trim_start_matches("Z3 "))
}

/// The library's version and how it is used, for cache keys.
pub fn version() -> String {
    format!("z3 {}, {CORE_STEPS}, {STEPS_PER_MS}", z3::full_version())
}

impl Z3 {
    /// A solver that spends at most `timeout_ms` milliseconds on a script, counted in
    /// steps, and gives up after `patience_ms` by the clock.
    pub fn new(timeout_ms: u32, patience_ms: u32) -> Z3 {
        let patience = Duration::from_millis(patience_ms.into());
        Z3 { limits: Limits { timeout_ms, patience }, interrupted: false }
    }
}

impl Solver for Z3 {
    fn check(&mut self, script: &Script) -> Answer {
        let reply = self.ask(script);
        self.interrupted = reply.as_ref().is_none_or(|reply| reply.interrupted);
        reply.map_or(Answer::Unknown, |reply| reply.answer)
    }
}

impl Z3 {
    /// Has a thread solve the script; `None` where there is none, or it gave no answer.
    fn ask(&self, script: &Script) -> Option<Reply> {
        let kept = IDLE.lock().ok().and_then(|mut idle| idle.pop());
        let thread = kept.or_else(Thread::start)?;
        // A thread that gave no answer may be busy for ever.
        let reply = thread.ask(script, self.limits)?;
        IDLE.lock().ok()?.push(thread);
        Some(reply)
    }
}

/// Threads that have nothing to do.
static IDLE: Mutex<Vec<Thread>> = Mutex::new(Vec::new());

/// The stack of a thread that solves: terms nest as deep as programs do.
const STACK: usize = 256 << 20;

/// A thread that solves scripts.
struct Thread {
    requests: Sender<(Script, Limits)>,
    replies: Receiver<Reply>,
}

struct Reply {
    answer: Answer,
    /// The time limit was met.
    interrupted: bool,
}

impl Thread {
    /// A new thread; `None` where the system gives none.
    fn start() -> Option<Thread> {
        let (requests, asked) = channel::<(Script, Limits)>();
        let (answered, replies) = channel();
        std::thread::Builder::new()
            .stack_size(STACK)
            .spawn(move || {
                let answer = |(script, limits)| answered.send(solve(&script, limits)).is_ok();
                // The first script gets the context that the thread has in any case.
                let mut going = asked.recv().is_ok_and(answer);
                while going && let Ok(request) = asked.recv() {
                    going = with_z3_config(&Config::new(), || answer(request));
                }
            })
            .ok()?;
        Some(Thread { requests, replies })
    }

    fn ask(&self, script: &Script, limits: Limits) -> Option<Reply> {
        self.requests.send((script.clone(), limits)).ok()?;
        let latest = limits.patience.saturating_add(GRACE);
        self.replies.recv_timeout(latest).ok()
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

/// What the core may spend in the library's own measure, which is the same on every
/// machine: a quarter of a second or so.
const CORE_STEPS: u32 = 1_000_000;

/// What the portfolio may spend for each millisecond of the time limit: fewer steps
/// than a machine makes in that time, so that it is not the clock which decides.
const STEPS_PER_MS: u32 = 1_000;

/// How much later a query is given up that does not heed an interrupt, as the library
/// in some versions does not over datatypes in datatypes. Its thread is lost.
const GRACE: Duration = Duration::from_secs(1);

fn solve(script: &Script, limits: Limits) -> Reply {
    let started = Instant::now();
    let steps = limits.timeout_ms.saturating_mul(STEPS_PER_MS);
    let patience = limits.patience;
    let first = attempt(script, Strategy::Core, CORE_STEPS.min(steps), patience);
    if first.answer != Answer::Unknown {
        return first;
    }
    let rest = patience.saturating_sub(started.elapsed());
    let second = attempt(script, Strategy::Portfolio, steps, rest);
    Reply { answer: second.answer, interrupted: first.interrupted || second.interrupted }
}

fn attempt(script: &Script, strategy: Strategy, steps: u32, limit: Duration) -> Reply {
    let solver = match strategy {
        Strategy::Core => Tactic::new("smt").solver(),
        Strategy::Portfolio => z3::Solver::new(),
    };
    let mut params = Params::new();
    params.set_u32("random_seed", 0);
    params.set_u32("rlimit", steps);
    solver.set_params(&params);
    solver.from_string(script.text.as_str());
    // The library ignores a script it cannot read.
    if solver.get_assertions().len() != script.assertions {
        debug_assert!(false, "the solver refuses a script:\n{}", script.text);
        return Reply { answer: Answer::Unknown, interrupted: false };
    }
    let (result, interrupted) = check_in_time(&solver, limit);
    let answer = match result {
        SatResult::Unsat => Answer::Unsatisfiable,
        SatResult::Unknown => Answer::Unknown,
        SatResult::Sat if script.values == 0 => Answer::Satisfiable(Vec::new()),
        SatResult::Sat => {
            let model = solver.get_model().map(|m| m.to_string()).unwrap_or_default();
            Answer::Satisfiable(assignments(&model, script.values))
        }
    };
    Reply { answer, interrupted }
}

/// Checks within a time limit, and tells whether it was met. The library's own timer
/// blocks for ever in some versions when several threads use it, so a thread of ours
/// interrupts.
fn check_in_time(solver: &z3::Solver, limit: Duration) -> (SatResult, bool) {
    let context = Context::thread_local();
    let handle = context.handle();
    std::thread::scope(|scope| {
        let (done, waiting) = channel::<()>();
        let timer = scope.spawn(move || {
            let mut interrupted = false;
            // The sender is dropped when the answer is there; interrupting once more
            // covers a check that was only about to start.
            while waiting.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                handle.interrupt();
                interrupted = true;
            }
            interrupted
        });
        let result = solver.check();
        drop(done);
        (result, timer.join().unwrap_or(true))
    })
}
