//! Room for connections. Where there is none, the connection that has waited longest for
//! its client gives its place to the next one: so clients that say nothing, or speak
//! slowly, keep nobody else out.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::Notify;

/// A connection keeps its place so long in any case.
const GRACE: Duration = Duration::from_secs(1);

/// How often somebody who waits for a place looks whether one has waited long enough.
const LOOK: Duration = Duration::from_millis(100);

/// The places of a server.
pub(crate) struct Seats {
    most: usize,
    taken: Mutex<Taken>,
    freed: Notify,
}

#[derive(Default)]
struct Taken {
    next: u64,
    /// In the order in which they were taken.
    seats: BTreeMap<u64, Arc<Place>>,
}

struct Place {
    /// Requests that are being answered.
    running: AtomicUsize,
    /// Since when none is.
    since: Mutex<Instant>,
    /// There has been one.
    used: AtomicBool,
    /// Tells the connection to end.
    given_up: Notify,
}

/// The place of one connection, which is free again when this is dropped.
pub(crate) struct Seat {
    seats: Arc<Seats>,
    number: u64,
    place: Arc<Place>,
}

/// A request that is being answered: its connection does not wait for its client.
pub(crate) struct Running(Arc<Place>);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Seats {
    /// So many places.
    pub fn new(most: usize) -> Arc<Seats> {
        Arc::new(Seats { most, taken: Mutex::default(), freed: Notify::new() })
    }

    /// A place, once there is one.
    pub async fn take(self: &Arc<Seats>) -> Seat {
        loop {
            if let Some(seat) = self.try_take() {
                return seat;
            }
            let _ = tokio::time::timeout(LOOK, self.freed.notified()).await;
        }
    }

    fn try_take(self: &Arc<Seats>) -> Option<Seat> {
        let mut taken = locked(&self.taken);
        if taken.seats.len() >= self.most {
            taken.give_up()?;
        }
        let place = Arc::new(Place {
            running: AtomicUsize::new(0),
            since: Mutex::new(Instant::now()),
            used: AtomicBool::new(false),
            given_up: Notify::new(),
        });
        let number = taken.next;
        taken.next += 1;
        taken.seats.insert(number, Arc::clone(&place));
        Some(Seat { seats: Arc::clone(self), number, place })
    }

    /// Ends the connection that has waited longest, if one has waited long enough.
    pub fn make_room(&self) -> bool {
        locked(&self.taken).give_up().is_some()
    }
}

impl Taken {
    fn give_up(&mut self) -> Option<()> {
        let waiting = self.seats.iter().filter(|(_, place)| place.waits());
        let (since, number) =
            waiting.map(|(number, place)| (*locked(&place.since), *number)).min()?;
        if since.elapsed() < GRACE {
            return None;
        }
        let place = self.seats.remove(&number)?;
        place.given_up.notify_one();
        Some(())
    }
}

impl Place {
    fn waits(&self) -> bool {
        self.running.load(Ordering::Acquire) == 0
    }
}

impl Seat {
    /// Ends when the place is somebody else's.
    pub async fn given_up(&self) {
        self.place.given_up.notified().await;
    }

    /// What tells that a request has come, again and again.
    pub fn requests(&self) -> Requests {
        Requests(Arc::clone(&self.place))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        locked(&self.seats.taken).seats.remove(&self.number);
        self.seats.freed.notify_one();
    }
}

/// See [`Seat::requests`].
#[derive(Clone)]
pub(crate) struct Requests(Arc<Place>);

impl Requests {
    pub fn begin(&self) -> Running {
        self.0.used.store(true, Ordering::Release);
        self.0.running.fetch_add(1, Ordering::AcqRel);
        Running(Arc::clone(&self.0))
    }

    /// Whether there has been one.
    pub fn have_come(&self) -> bool {
        self.0.used.load(Ordering::Acquire)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        *locked(&self.0.since) = Instant::now();
        self.0.running.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The body of a response, whose request is answered when it ends.
pub(crate) struct Answered<B> {
    body: B,
    _running: Running,
}

impl<B> Answered<B> {
    pub fn new(body: B, running: Running) -> Answered<B> {
        Answered { body, _running: running }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Answered<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_waits_longest_makes_room() {
        let seats = Seats::new(2);
        let (first, second) = (seats.take().await, seats.take().await);
        let busy = first.requests().begin();
        assert!(!seats.make_room(), "both are new");
        std::thread::sleep(GRACE);
        let third = seats.take().await;
        second.given_up().await;
        drop(busy);
        assert!(!seats.make_room(), "the first has just been answered");
        drop(third);
        assert_eq!(locked(&seats.taken).seats.len(), 1);
    }
}
