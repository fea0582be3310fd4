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

use vera_z3::{Context, Outcome};

use super::smt::Script;
use super::{Answer, Attempt, CORE_STEPS, Limits, Missing, Reply, STEPS_PER_MS, Solver};
use crate::Cancel;

/// Z3 in this process.
pub struct Z3;

/// Z3 that makes its arbitrary choices otherwise: what it finds under every seed is not up
/// to them.
pub struct Seeded(pub u32);

/// How to get the library.
const FIX: &str = "Install Z3 (Debian, Ubuntu: `apt install libz3-4`; Fedora: `dnf install z3-libs`; macOS: `brew install z3`; anywhere: `pip install z3-solver`), or set `VERA_Z3` to the file of its library.";

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

impl Solver for Z3 {
    /// The library's version and how it is used; loads it.
    fn version(&self) -> String {
        let version = vera_z3::library().map_or("", |library| library.version());
        format!("z3 {version}, {CORE_STEPS}, {STEPS_PER_MS}")
    }

    fn check(&self, script: &Script, limits: &Limits) -> Reply {
        ask(script, limits, 0).unwrap_or(Reply::NONE)
    }

    fn missing(&self) -> Option<Missing> {
        let reason = vera_z3::library().err()?.to_string();
        Some(Missing { what: "Z3's library was not found".to_owned(), reason, fix: FIX.to_owned() })
    }
}

impl Solver for Seeded {
    fn version(&self) -> String {
        format!("{}, seed {}", Z3.version(), self.0)
    }

    fn check(&self, script: &Script, limits: &Limits) -> Reply {
        ask(script, limits, self.0).unwrap_or(Reply::NONE)
    }

    fn missing(&self) -> Option<Missing> {
        Z3.missing()
    }
}

/// Has a thread solve the script; `None` where there is none, or it gave no answer.
fn ask(script: &Script, limits: &Limits, seed: u32) -> Option<Reply> {
    let kept = IDLE.lock().ok().and_then(|mut idle| idle.pop());
    let thread = kept.or_else(Thread::start)?;
    // A thread that gave no answer may be busy for ever.
    let reply = thread.ask((script.clone(), limits.clone(), seed))?;
    IDLE.lock().ok()?.push(thread);
    Some(reply)
}

/// Threads that have nothing to do.
static IDLE: Mutex<Vec<Thread>> = Mutex::new(Vec::new());

/// The stack of a thread that solves: terms nest as deep as programs do.
const STACK: usize = 256 << 20;

/// A script, what it may cost, and a seed.
type Request = (Script, Limits, u32);

/// A thread that solves scripts.
struct Thread {
    requests: Sender<Request>,
    replies: Receiver<Reply>,
}

impl Thread {
    /// A new thread; `None` where the system gives none.
    fn start() -> Option<Thread> {
        let (requests, asked) = channel::<Request>();
        let (answered, replies) = channel();
        std::thread::Builder::new()
            .stack_size(STACK)
            .spawn(move || {
                while let Ok((script, limits, seed)) = asked.recv() {
                    let reply = solve(&script, &limits, seed).unwrap_or(Reply::NONE);
                    if answered.send(reply).is_err() {
                        break;
                    }
                }
            })
            .ok()?;
        Some(Thread { requests, replies })
    }

    fn ask(&self, request: Request) -> Option<Reply> {
        let latest = request.1.patience.saturating_add(GRACE);
        self.requests.send(request).ok()?;
        self.replies.recv_timeout(latest).ok()
    }
}

/// How much later a query is given up that does not heed an interrupt, as the library
/// in some versions does not over datatypes in datatypes. Its thread is lost.
const GRACE: Duration = Duration::from_secs(1);

/// How often a query that runs is looked after: the time limit and cancelling are kept to
/// this.
const LOOK: Duration = Duration::from_millis(10);

/// `None` where the library is not there or refuses to work.
fn solve(script: &Script, limits: &Limits, seed: u32) -> Option<Reply> {
    let context = Context::new(vera_z3::library().ok()?)?;
    let started = Instant::now();
    let [core, portfolio] = limits.attempts();
    let Limits { patience, cancel, .. } = limits;
    let first = attempt(&context, script, (core, seed), (*patience, cancel))?;
    if first.answer != Answer::Unknown || cancel.is_set() {
        return Some(first);
    }
    let rest = patience.saturating_sub(started.elapsed());
    let second = attempt(&context, script, (portfolio, seed), (rest, cancel))?;
    Some(Reply { answer: second.answer, interrupted: first.interrupted || second.interrupted })
}

fn attempt(
    context: &Context,
    script: &Script,
    (Attempt { strategy, steps }, seed): (Attempt, u32),
    limit: (Duration, &Cancel),
) -> Option<Reply> {
    let solver = context.solver(strategy)?;
    solver.set(&[(c"random_seed", seed), (c"rlimit", steps)]);
    if solver.read(script.text.as_str()) != Some(script.assertions) {
        debug_assert!(false, "the solver refuses a script:\n{}", script.text);
        return Some(Reply { answer: Answer::Unknown, interrupted: false });
    }
    let (outcome, interrupted) = check_in_time(context, &solver, limit);
    let wanted = outcome == Outcome::Satisfiable && script.values > 0;
    let model = if wanted { solver.model().unwrap_or_default() } else { String::new() };
    Some(Reply { answer: Answer::new(outcome, &model, script), interrupted })
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
