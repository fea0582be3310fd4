//! Reading single characters from a terminal: no waiting for Enter, no echo.

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

/// Keeps the terminal in single-character mode while it lives.
#[cfg(unix)]
pub struct Guard {
    before: rustix::termios::Termios,
}

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
    Some(Guard { before })
}

#[cfg(unix)]
impl Drop for Guard {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.before);
    }
}

/// Not available on this system.
#[cfg(not(unix))]
pub struct Guard;

#[cfg(not(unix))]
pub fn single_characters() -> Option<Guard> {
    None
}
