//! Threads for operations that overlap with the program.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};

/// So many operations run at the same time; others wait for their turn.
const MAX_THREADS: usize = 64;

type Job<T> = Box<dyn FnOnce() -> T + Send>;

/// An operation, and where its result goes.
type Begun<T> = (Job<T>, Sender<T>);

/// A small pool: a thread is made when an operation begins and none is idle. When the pool
/// is dropped, what has not begun never does, and nobody waits for what has.
pub(crate) struct Pool<T> {
    sender: Sender<Begun<T>>,
    receiver: Arc<Mutex<Receiver<Begun<T>>>>,
    threads: usize,
    /// Bytes of stack of a thread; `None` for the system's choice.
    stack: Option<usize>,
    /// Operations that run or wait.
    busy: Arc<AtomicUsize>,
}

impl<T: Send + 'static> Pool<T> {
    pub fn new(stack: Option<usize>) -> Pool<T> {
        let (sender, receiver) = mpsc::channel();
        let receiver = Arc::new(Mutex::new(receiver));
        Pool { sender, receiver, threads: 0, stack, busy: Arc::default() }
    }

    /// Begins an operation; its result comes from the receiver.
    ///
    /// # Errors
    /// When the operating system refuses the first thread.
    pub fn begin(&mut self, job: Job<T>) -> std::io::Result<Receiver<T>> {
        let busy = self.busy.fetch_add(1, Ordering::SeqCst) + 1;
        if busy > self.threads && self.threads < MAX_THREADS {
            match self.spawn() {
                Ok(()) => self.threads += 1,
                // Those that are there will come to it.
                Err(_) if self.threads > 0 => {}
                Err(error) => return Err(error),
            }
        }
        let (answer, result) = mpsc::channel();
        // The receiver lives as long as the pool.
        _ = self.sender.send((job, answer));
        Ok(result)
    }

    fn spawn(&self) -> std::io::Result<()> {
        let (receiver, busy) = (Arc::clone(&self.receiver), Arc::clone(&self.busy));
        let thread = std::thread::Builder::new().name("vera operation".into());
        let thread = match self.stack {
            Some(stack) => thread.stack_size(stack),
            None => thread,
        };
        let work = move || {
            loop {
                let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
                let Ok((job, answer)) = next else { return };
                let value = job();
                busy.fetch_sub(1, Ordering::SeqCst);
                // A future that is never awaited has nobody who listens.
                _ = answer.send(value);
            }
        };
        thread.spawn(work).map(drop)
    }
}
