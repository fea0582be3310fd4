//! The threads that run programs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use vera_host::{Host, HostError, Io, Module, RUN_STACK, Run, RunOptions, Value};

use crate::settings::ServeError;

/// How often running programs are asked whether their time has passed.
const TICK: Duration = Duration::from_millis(10);

/// Time beyond a program's own for it to notice that it is over.
const GRACE: Duration = Duration::from_millis(250);

/// What one call of a program may take, and what it sees.
#[derive(Clone)]
pub struct Bounds {
    /// Threads that run programs.
    pub workers: usize,
    pub time: Duration,
    /// Bytes of memory; `None` for what wasm allows.
    pub max_memory: Option<u64>,
    /// Units of work; needs a host with [`vera_host::Limits::fuel`].
    pub fuel: Option<u64>,
    /// What a call sees of the outside world; its output is collected.
    pub io: Arc<dyn Fn() -> Io + Send + Sync>,
}

impl Bounds {
    /// The defaults of the language reference.
    pub fn new(io: Arc<dyn Fn() -> Io + Send + Sync>) -> Bounds {
        Bounds {
            workers: std::thread::available_parallelism().map_or(2, usize::from),
            time: Duration::from_secs(30),
            max_memory: None,
            fuel: None,
            io,
        }
    }
}

/// A call of an exported function that takes its arguments in parts.
pub struct Call {
    pub module: Module,
    pub entry: String,
    pub args: Vec<Value>,
    pub io: Io,
}

/// What came of a call.
pub struct Done {
    pub run: Run,
    /// With what the program wrote.
    pub io: Io,
}

/// Why nothing came of a call.
#[derive(Debug)]
pub enum Lost {
    /// The program hangs in the outside world beyond its time.
    Late,
    /// The program could not be run.
    Refused(HostError),
    /// A bug of the tool.
    Broken,
}

/// A call on its way to a worker.
struct Job {
    call: Call,
    deadline: Instant,
    /// Set by who no longer waits for the worker and has another one started for it.
    abandoned: Arc<AtomicBool>,
    done: oneshot::Sender<(Result<Run, HostError>, Io)>,
}

/// A pool of threads with stacks for programs. Dropping it ends them after their jobs.
pub struct Workers {
    host: Host,
    bounds: Bounds,
    jobs: Sender<Job>,
    queue: Arc<Mutex<Receiver<Job>>>,
    /// Alive as long as the pool is; the clock ends with it.
    _alive: Arc<()>,
}

impl Workers {
    /// Starts the threads.
    ///
    /// # Errors
    /// [`ServeError::Thread`].
    pub fn start(host: Host, bounds: Bounds) -> Result<Workers, ServeError> {
        let (jobs, queue) = mpsc::channel();
        let alive = Arc::new(());
        start_clock(host.clone(), Arc::downgrade(&alive))?;
        let count = bounds.workers.max(1);
        let queue = Arc::new(Mutex::new(queue));
        let workers = Workers { host, bounds, jobs, queue, _alive: alive };
        for _ in 0..count {
            workers.add()?;
        }
        Ok(workers)
    }

    /// What a call sees of the outside world.
    pub fn io(&self) -> Io {
        (self.bounds.io)()
    }

    /// Has a worker run a call, and waits for it as long as its time lasts.
    ///
    /// # Errors
    /// See [`Lost`].
    pub async fn run(&self, mut call: Call) -> Result<Done, Lost> {
        let deadline = Instant::now() + self.bounds.time;
        call.io.deadline = Some(deadline);
        let abandoned = Arc::new(AtomicBool::new(false));
        let (done, finished) = oneshot::channel();
        // The queue is there as long as the pool is.
        let _ = self.jobs.send(Job { call, deadline, abandoned: Arc::clone(&abandoned), done });
        match tokio::time::timeout_at((deadline + GRACE).into(), finished).await {
            Ok(Ok((Ok(run), io))) => Ok(Done { run, io }),
            Ok(Ok((Err(why), _))) => Err(Lost::Refused(why)),
            Ok(Err(_)) => Err(Lost::Broken),
            Err(_) => {
                // Another worker takes the place of the one that hangs.
                abandoned.store(true, Ordering::Release);
                let _ = self.add();
                Err(Lost::Late)
            }
        }
    }

    fn add(&self) -> Result<(), ServeError> {
        let (host, queue) = (self.host.clone(), Arc::clone(&self.queue));
        let (max_memory, fuel) = (self.bounds.max_memory, self.bounds.fuel);
        let options = RunOptions { max_memory, fuel, ..RunOptions::default() };
        let thread = std::thread::Builder::new().name("vera worker".into()).stack_size(RUN_STACK);
        thread.spawn(move || work(&host, &queue, &options)).map_err(ServeError::Thread)?;
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

fn work(host: &Host, queue: &Mutex<Receiver<Job>>, options: &RunOptions) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { call, deadline, abandoned, done }) = next else { return };
        let Call { module, entry, args, mut io } = call;
        let left = deadline.saturating_duration_since(Instant::now());
        let ticks = left.as_millis() / TICK.as_millis() + 1;
        let ticks = Some(u64::try_from(ticks).unwrap_or(u64::MAX));
        let options = RunOptions { ticks, ..options.clone() };
        // A bug of the tool must not end the server.
        let ran = catch_unwind(AssertUnwindSafe(|| {
            host.run_here(&module, &entry, args, &mut io, &options)
        }));
        if let Ok(run) = ran {
            let _ = done.send((run, io));
        }
        if abandoned.load(Ordering::Acquire) {
            return;
        }
    }
}
