//! Reading single characters from a terminal: no waiting for Enter, no echo.

/// Ctrl-D.
pub const END_OF_TRANSMISSION: u8 = 4;

/// Keeps the terminal in single-character mode while it lives.
#[cfg(unix)]
pub struct Guard {
    before: rustix::termios::Termios,
}

/// Switches standard input to single characters; `None` if it is no terminal.
/// Ctrl-C still interrupts.
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
    raw.local_modes -= LocalModes::ICANON | LocalModes::ECHO;
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
