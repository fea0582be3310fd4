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

use vera_z3::{Context, Outcome, Strategy};

use super::model::assignments;
use super::smt::Script;
use super::{Answer, Solver};
use crate::Cancel;

/// Z3 in this process.
pub struct Z3 {
    limits: Limits,
    /// Whether the clock, rather than the problem, decided the last answer.
    pub interrupted: bool,
}

/// What a script may cost.
#[derive(Clone)]
struct Limits {
    /// In steps, as many as a machine makes in that time.
    timeout_ms: u32,
    /// By the clock, which is the last resort: a busy machine takes longer over the same
    /// steps, and must find the same.
    patience: Duration,
    /// Nobody waits for the answer any more.
    cancel: Cancel,
}

/// The library, with its version, for people; loads it.
///
/// # Errors
/// Why there is none.
pub fn library() -> Result<String, String> {
    match vera_z3::library() {
        Ok(library) => Ok(format!("Z3 {}", library.version())),
        Err(missing) => Err(missing.to_string()),
    }
}

/// The library's version and how it is used, for cache keys; loads it.
pub fn version() -> String {
    let version = vera_z3::library().map_or("", |library| library.version());
    format!("z3 {version}, {CORE_STEPS}, {STEPS_PER_MS}")
}

impl Z3 {
    /// A solver that spends at most `timeout_ms` milliseconds on a script, counted in
    /// steps, and gives up after `patience_ms` by the clock, or when it is
    /// cancelled.
    pub fn new(timeout_ms: u32, patience_ms: u32, cancel: Cancel) -> Z3 {
        let patience = Duration::from_millis(patience_ms.into());
        Z3 { limits: Limits { timeout_ms, patience, cancel }, interrupted: false }
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
        let reply = thread.ask(script, self.limits.clone())?;
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

impl Reply {
    /// Of a library that is not there, or refuses.
    const NONE: Reply = Reply { answer: Answer::Unknown, interrupted: true };
}

impl Thread {
    /// A new thread; `None` where the system gives none.
    fn start() -> Option<Thread> {
        let (requests, asked) = channel::<(Script, Limits)>();
        let (answered, replies) = channel();
        std::thread::Builder::new()
            .stack_size(STACK)
            .spawn(move || {
                while let Ok((script, limits)) = asked.recv() {
                    let reply = solve(&script, &limits).unwrap_or(Reply::NONE);
                    if answered.send(reply).is_err() {
                        break;
                    }
                }
            })
            .ok()?;
        Some(Thread { requests, replies })
    }

    fn ask(&self, script: &Script, limits: Limits) -> Option<Reply> {
        let latest = limits.patience.saturating_add(GRACE);
        self.requests.send((script.clone(), limits)).ok()?;
        self.replies.recv_timeout(latest).ok()
    }
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

/// How often a query that runs is looked after: the time limit and cancelling are kept to
/// this.
const LOOK: Duration = Duration::from_millis(10);

/// `None` where the library is not there or refuses to work.
fn solve(script: &Script, limits: &Limits) -> Option<Reply> {
    let context = Context::new(vera_z3::library().ok()?)?;
    let started = Instant::now();
    let steps = limits.timeout_ms.saturating_mul(STEPS_PER_MS);
    let Limits { patience, cancel, .. } = limits;
    // The core answers most queries in a millisecond.
    let first =
        attempt(&context, script, Strategy::Core, CORE_STEPS.min(steps), (*patience, cancel))?;
    if first.answer != Answer::Unknown || cancel.is_set() {
        return Some(first);
    }
    // Choosing procedures alone takes tens of milliseconds, but they are stronger on
    // floats and products.
    let rest = patience.saturating_sub(started.elapsed());
    let second = attempt(&context, script, Strategy::Portfolio, steps, (rest, cancel))?;
    Some(Reply { answer: second.answer, interrupted: first.interrupted || second.interrupted })
}

fn attempt(
    context: &Context,
    script: &Script,
    strategy: Strategy,
    steps: u32,
    limit: (Duration, &Cancel),
) -> Option<Reply> {
    let solver = context.solver(strategy)?;
    solver.set(&[(c"random_seed", 0), (c"rlimit", steps)]);
    if solver.read(script.text.as_str()) != Some(script.assertions) {
        debug_assert!(false, "the solver refuses a script:\n{}", script.text);
        return Some(Reply { answer: Answer::Unknown, interrupted: false });
    }
    let (outcome, interrupted) = check_in_time(context, &solver, limit);
    let answer = match outcome {
        Outcome::Unsatisfiable => Answer::Unsatisfiable,
        Outcome::Unknown => Answer::Unknown,
        Outcome::Satisfiable if script.values == 0 => Answer::Satisfiable(Vec::new()),
        Outcome::Satisfiable => {
            Answer::Satisfiable(assignments(&solver.model().unwrap_or_default(), script.values))
        }
    };
    Some(Reply { answer, interrupted })
}

/// Checks within a time limit, as long as the answer is wanted, and tells whether it was
/// interrupted. The library's own timer
/// blocks for ever in some versions when several threads use it, so a thread of ours
/// interrupts.
fn check_in_time(
    context: &Context,
    solver: &vera_z3::Solver<'_>,
    (limit, cancel): (Duration, &Cancel),
) -> (Outcome, bool) {
    let interrupt = context.interrupt();
    std::thread::scope(|scope| {
        let (done, waiting) = channel::<()>();
        let timer = scope.spawn(move || {
            let mut interrupted = false;
            // The sender is dropped when the answer is there; interrupting once more
            // covers a check that was only about to start.
            let end = Instant::now() + limit;
            let pause = LOOK.min(limit.max(Duration::from_millis(1)));
            while waiting.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                if Instant::now() >= end || cancel.is_set() {
                    interrupt.now();
                    interrupted = true;
                }
            }
            interrupted
        });
        let outcome = solver.check();
        drop(done);
        (outcome, timer.join().unwrap_or(true))
    })
}
