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

/// Not available on this system.
#[cfg(not(unix))]
pub fn single_characters() -> Option<Guard> {
    None
}
