//! Threads with a stack for programs, used again: to make one costs more than a short
//! run, and tests make thousands.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use crate::run::RUN_STACK;

/// Threads that have nothing to do.
static IDLE: Mutex<Vec<Thread>> = Mutex::new(Vec::new());

/// So many are kept.
const KEPT: usize = 4;

type Job = Box<dyn FnOnce() + Send>;

/// A thread that runs one job after the other.
pub(crate) struct Thread {
    jobs: Sender<Job>,
}

/// What a job yields, or the panic that ended it.
pub(crate) type Finished<T> = Result<T, Box<dyn Any + Send>>;

impl Thread {
    /// One that is idle, or a new one.
    ///
    /// # Errors
    /// Those of the system.
    pub fn get() -> io::Result<Thread> {
        let kept = IDLE.lock().ok().and_then(|mut idle| idle.pop());
        kept.map_or_else(Thread::start, Ok)
    }

    fn start() -> io::Result<Thread> {
        let (jobs, todo) = channel::<Job>();
        let thread = std::thread::Builder::new().name("vera program".into()).stack_size(RUN_STACK);
        thread.spawn(move || todo.into_iter().for_each(|job| job()))?;
        Ok(Thread { jobs })
    }

    /// Begins a job. Whoever has received what it yields may [`Thread::keep`] the thread.
    pub fn begin<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Receiver<Finished<T>> {
        let (sender, receiver) = channel();
        let job = move || {
            // Nobody waits for what was given up.
            _ = sender.send(catch_unwind(AssertUnwindSafe(job)));
        };
        // The thread is there as long as this end of its channel is.
        _ = self.jobs.send(Box::new(job));
        receiver
    }

    /// Keeps a thread for another job.
    pub fn keep(self) {
        if let Ok(mut idle) = IDLE.lock()
            && idle.len() < KEPT
        {
            idle.push(self);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_outlives_a_panic_and_is_used_again() {
        let thread = Thread::get().expect("there are threads");
        let id = |thread: &Thread| thread.begin(|| std::thread::current().id()).recv();
        let first = id(&thread).expect("an end").expect("no panic");
        let panicked = thread.begin(|| -> u32 { std::panic::resume_unwind(Box::new("end")) });
        assert!(panicked.recv().expect("an end").is_err());
        assert_eq!(id(&thread).expect("an end").expect("no panic"), first);
        thread.keep();
    }
}
