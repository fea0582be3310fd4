//! Reading single characters from a terminal: no waiting for Enter, no echo.

#[cfg(unix)]
use std::sync::{Mutex, PoisonError};

/// Ctrl-C.
const END_OF_TEXT: u8 = 3;
/// Ctrl-D.
const END_OF_TRANSMISSION: u8 = 4;

/// What a key that the terminal would otherwise act on means.
pub enum Special {
    Interrupt,
    EndOfInput,
}

/// The meaning of a byte read in single-character mode, if it has one.
pub fn special(byte: u8) -> Option<Special> {
    match byte {
        END_OF_TEXT => Some(Special::Interrupt),
        END_OF_TRANSMISSION => Some(Special::EndOfInput),
        _ => None,
    }
}

/// Does to this process what Ctrl-C does in the ordinary mode.
pub fn interrupt() {
    #[cfg(unix)]
    {
        use rustix::process::{Signal, getpid, kill_process};
        _ = kill_process(getpid(), Signal::INT);
    }
}

/// How the terminal was before single-character mode, while it is in that mode.
#[cfg(unix)]
static BEFORE: Mutex<Option<rustix::termios::Termios>> = Mutex::new(None);

/// Keeps the terminal in single-character mode while it lives.
pub struct Guard(());

/// Switches standard input to single characters; `None` if it is no terminal.
/// Ctrl-C arrives as a character: a signal could end the process with the
/// terminal left in this mode.
#[cfg(unix)]
pub fn single_characters() -> Option<Guard> {
    use rustix::termios::{
        LocalModes, OptionalActions, SpecialCodeIndex, isatty, tcgetattr, tcsetattr,
    };
    let stdin = std::io::stdin();
    if !isatty(&stdin) {
        return None;
    }
    let before = tcgetattr(&stdin).ok()?;
    let mut raw = before.clone();
    raw.local_modes -= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
    raw.special_codes[SpecialCodeIndex::VMIN] = 1;
    raw.special_codes[SpecialCodeIndex::VTIME] = 0;
    tcsetattr(&stdin, OptionalActions::Now, &raw).ok()?;
    *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
    Some(Guard(()))
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

/// Leaves single-character mode: for a reader that will not come back to do it.
pub fn restore() {
    #[cfg(unix)]
    {
        use rustix::termios::{OptionalActions, tcsetattr};
        if let Some(before) = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take() {
            _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &before);
        }
    }
}

/// Columns and rows of the terminal that the program writes to.
#[cfg(unix)]
pub fn size() -> Option<(u16, u16)> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    (size.ws_col > 0 && size.ws_row > 0).then_some((size.ws_col, size.ws_row))
}

/// Waits until standard input has something, or is at its end.
#[cfg(unix)]
pub fn wait(within: std::time::Duration) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdin = std::io::stdin();
    let end = std::time::Instant::now() + within;
    loop {
        let left = end.saturating_duration_since(std::time::Instant::now());
        let left =
            Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) };
        let mut fds = [PollFd::new(&stdin, PollFlags::IN)];
        match poll(&mut fds, Some(&left)) {
            Err(rustix::io::Errno::INTR) => {}
            found => return found.is_ok_and(|count| count > 0),
        }
    }
}

/// Not available on this system.
#[cfg(not(unix))]
pub fn size() -> Option<(u16, u16)> {
    None
}

/// Reads wait.
#[cfg(not(unix))]
pub fn wait(_within: std::time::Duration) -> bool {
    true
}

/// Not available on this system.
#[cfg(not(unix))]
pub fn single_characters() -> Option<Guard> {
    None
}
