//! The threads that run the program.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use vera_host::{Host, HostError, Io, RUN_STACK, Run, RunOptions, Value};

use crate::settings::{Program, ServeError};

/// How often running programs are asked whether their time has passed.
const TICK: Duration = Duration::from_millis(10);

/// A request for a worker.
pub(crate) struct Job {
    pub program: Arc<Program>,
    pub request: Value,
    pub io: Io,
    pub max_memory: Option<u64>,
    /// When the time of the request has passed.
    pub deadline: Instant,
    /// Set by who no longer waits for the worker and has another one started for it.
    pub abandoned: Arc<AtomicBool>,
    pub done: oneshot::Sender<Done>,
}

/// What came of a job.
pub(crate) struct Done {
    pub run: Result<Run, HostError>,
    /// With what the program wrote.
    pub io: Io,
}

/// A pool of threads with stacks for programs. Dropping it ends them after their jobs.
pub(crate) struct Workers {
    host: Host,
    jobs: Sender<Job>,
    queue: Arc<Mutex<Receiver<Job>>>,
    /// Alive as long as the pool is; the clock ends with it.
    _alive: Arc<()>,
}

impl Workers {
    pub fn start(host: Host, count: usize) -> Result<Workers, ServeError> {
        let (jobs, queue) = mpsc::channel();
        let alive = Arc::new(());
        start_clock(host.clone(), Arc::downgrade(&alive))?;
        let workers = Workers { host, jobs, queue: Arc::new(Mutex::new(queue)), _alive: alive };
        for _ in 0..count.max(1) {
            workers.add()?;
        }
        Ok(workers)
    }

    /// Hands a job over.
    pub fn submit(&self, job: Job) {
        // The queue is there as long as the pool is.
        let _ = self.jobs.send(job);
    }

    /// Starts another worker, in the place of one that hangs.
    pub fn add(&self) -> Result<(), ServeError> {
        let (host, queue) = (self.host.clone(), Arc::clone(&self.queue));
        let thread = std::thread::Builder::new().name("vera worker".into()).stack_size(RUN_STACK);
        thread.spawn(move || work(&host, &queue)).map_err(ServeError::Thread)?;
        Ok(())
    }
}

/// Lets time pass for running programs.
fn start_clock(host: Host, alive: Weak<()>) -> Result<(), ServeError> {
    let tick = move || {
        let (start, mut ticks) = (Instant::now(), 0);
        while alive.upgrade().is_some() {
            std::thread::sleep(TICK);
            // On a busy machine a sleep is longer than asked for.
            while ticks < start.elapsed().as_millis() / TICK.as_millis() {
                host.tick();
                ticks += 1;
            }
        }
    };
    std::thread::Builder::new()
        .name("vera clock".into())
        .spawn(tick)
        .map(drop)
        .map_err(ServeError::Thread)
}

fn work(host: &Host, queue: &Mutex<Receiver<Job>>) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        let Job { program, request, mut io, max_memory, deadline, abandoned, done } = job;
        let left = deadline.saturating_duration_since(Instant::now());
        io.deadline = Some(deadline);
        let ticks = left.as_millis() / TICK.as_millis() + 1;
        let options = RunOptions {
            max_memory,
            ticks: Some(u64::try_from(ticks).unwrap_or(u64::MAX)),
            ..RunOptions::default()
        };
        // A bug of the tool must not end the server.
        let ran = catch_unwind(AssertUnwindSafe(|| {
            host.run_here(&program.module, &program.entry, vec![request], &mut io, &options)
        }));
        if let Ok(run) = ran {
            let _ = done.send(Done { run, io });
        }
        if abandoned.load(Ordering::Acquire) {
            return;
        }
    }
}
