//! A line on the terminal that tells how far a long run is.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use vera_verify::Progress;

/// Shorter runs show nothing.
const PATIENCE: Duration = Duration::from_millis(500);
/// The line changes at most this often.
const PAUSE: Duration = Duration::from_millis(100);
/// Back to the start of the line, and clears it.
const CLEAR: &str = "\r\x1b[2K";

/// A line on standard error, gone when this is dropped; nothing where standard error
/// is no terminal.
pub(crate) struct ProgressLine {
    /// `None`: nothing is shown.
    state: Option<Mutex<State>>,
}

struct State {
    /// When the line may change next.
    next: Instant,
    done: usize,
    shown: bool,
}

impl ProgressLine {
    pub fn new(silent: bool) -> ProgressLine {
        let wanted = !silent && std::io::stderr().is_terminal();
        let next = Instant::now() + PATIENCE;
        let state = wanted.then(|| Mutex::new(State { next, done: 0, shown: false }));
        ProgressLine { state }
    }
}

impl Progress for ProgressLine {
    fn settled(&self, done: usize, total: usize) {
        let Some(state) = &self.state else { return };
        // Who finds it taken need not wait: another line is being written.
        let Ok(mut state) = state.try_lock() else { return };
        let now = Instant::now();
        if now < state.next || done < state.done {
            return;
        }
        *state = State { next: now + PAUSE, done, shown: true };
        let mut stderr = std::io::stderr().lock();
        let _ = write!(stderr, "{CLEAR}Verifying: {done} of {total} obligations");
        let _ = stderr.flush();
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        let shown = |state: &Mutex<State>| state.lock().is_ok_and(|state| state.shown);
        if self.state.as_ref().is_some_and(shown) {
            let mut stderr = std::io::stderr().lock();
            let _ = write!(stderr, "{CLEAR}");
            let _ = stderr.flush();
        }
    }
}
