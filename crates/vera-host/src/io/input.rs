//! What a program reads: lines, characters, keys.

use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Stdin};
use std::time::{Duration, Instant};

use vera_abi::trap::TrapKind;

use super::Io;
use super::terminal::{self, Special};
use crate::trap::End;

/// Where a program reads.
pub enum Input {
    Stdin(BufReader<Stdin>),
    Bytes(Cursor<Vec<u8>>),
}

impl Input {
    /// The input of this process.
    pub fn stdin() -> Input {
        Input::Stdin(BufReader::new(io::stdin()))
    }

    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Input {
        Input::Bytes(Cursor::new(bytes.into()))
    }

    fn reader(&mut self) -> &mut dyn BufRead {
        match self {
            Input::Stdin(stdin) => stdin,
            Input::Bytes(bytes) => bytes,
        }
    }

    /// Whether a read would not wait for longer than this; also at the end of the input.
    fn is_ready(&mut self, within: Duration) -> bool {
        match self {
            Input::Stdin(stdin) => !stdin.buffer().is_empty() || terminal::wait(within),
            Input::Bytes(_) => true,
        }
    }
}

/// How long after an escape the rest of a key's code may come.
const ESCAPE: Duration = Duration::from_millis(50);

/// Most bytes of a key's code.
const LONGEST_KEY: usize = 12;

impl Io {
    /// The next line without its `\n`; empty at the end of the input.
    pub(crate) fn read_line(&mut self) -> Result<Vec<u8>, End> {
        Ok(self.next_line()?.unwrap_or_default())
    }

    /// The next line without its `\n`; `None` at the end of the input.
    pub(crate) fn next_line(&mut self) -> Result<Option<Vec<u8>>, End> {
        let mut line = Vec::new();
        let reader = self.input.reader();
        let mut any = false;
        loop {
            let found = match reader.fill_buf() {
                Ok(found) => found,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                // As at the end of the input.
                Err(_) => break,
            };
            any |= !found.is_empty();
            let end = found.iter().position(|byte| *byte == b'\n');
            let taken = end.unwrap_or(found.len());
            self.budget.extend(&mut line, &found[..taken])?;
            let is_last = end.is_some() || found.is_empty();
            reader.consume(taken + usize::from(end.is_some()));
            if is_last {
                break;
            }
        }
        let line = valid_utf8(line);
        self.budget.set_pending(line.len())?;
        Ok(any.then_some(line))
    }

    /// What is left of the input.
    pub(crate) fn read_all(&mut self) -> Result<Vec<u8>, End> {
        let mut all = Vec::new();
        let reader = self.input.reader();
        loop {
            let found = match reader.fill_buf() {
                Ok([]) => break,
                Ok(found) => found,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => break,
            };
            self.budget.extend(&mut all, found)?;
            let taken = found.len();
            reader.consume(taken);
        }
        let all = valid_utf8(all);
        self.budget.set_pending(all.len())?;
        Ok(all)
    }

    /// The next character.
    pub(crate) fn read_char(&mut self) -> Result<Vec<u8>, String> {
        let guard = self.single_characters();
        self.char(guard)
    }

    /// The next character, or `None` when it does not come within this time.
    pub(crate) fn read_char_within(
        &mut self,
        time: Duration,
    ) -> Result<Result<Option<Vec<u8>>, String>, End> {
        let guard = self.single_characters();
        let left = self.deadline.map(|d| d.saturating_duration_since(Instant::now()));
        if self.input.is_ready(left.map_or(time, |left| left.min(time))) {
            return Ok(self.char(guard).map(Some));
        }
        if left.is_some_and(|left| left < time) {
            let kind = TrapKind::TimeLimit;
            return Err(End::Trap(kind, kind.message().to_owned()));
        }
        Ok(Ok(None))
    }

    /// The next key: a character, or a name such as `<up>`.
    pub(crate) fn read_key(&mut self) -> Result<String, String> {
        let guard = self.single_characters();
        let mut code = self.char(guard)?;
        if code == [ESC] {
            let _guard = self.single_characters();
            while code.len() < LONGEST_KEY && !is_whole(&code) && self.input.is_ready(ESCAPE) {
                let mut byte = [0];
                match self.input.reader().read(&mut byte) {
                    Ok(1) => code.push(byte[0]),
                    _ => break,
                }
            }
        }
        Ok(key_name(&code))
    }

    fn single_characters(&self) -> Option<terminal::Guard> {
        match self.input {
            Input::Stdin(_) => terminal::single_characters(),
            Input::Bytes(_) => None,
        }
    }

    fn char(&mut self, guard: Option<terminal::Guard>) -> Result<Vec<u8>, String> {
        let reader = self.input.reader();
        let mut char = Vec::new();
        let end = || "EOF".to_owned();
        loop {
            let mut byte = [0];
            match reader.read(&mut byte) {
                Ok(0) if char.is_empty() => return Err(end()),
                Ok(0) => break,
                Ok(_) => char.push(byte[0]),
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return Err("io error".into()),
            }
            if guard.is_some() && char.len() == 1 {
                match terminal::special(char[0]) {
                    Some(Special::EndOfInput) => return Err(end()),
                    Some(Special::Interrupt) => {
                        drop(guard);
                        terminal::interrupt();
                        return Err("interrupted".into());
                    }
                    None => {}
                }
            }
            if std::str::from_utf8(&char).is_ok() || char.len() == utf8_length(char[0]) {
                break;
            }
        }
        Ok(valid_utf8(char))
    }
}

const ESC: u8 = 0x1b;

/// Whether the code of a key that begins with an escape is complete (ECMA-48, and what
/// terminals send for function keys).
fn is_whole(code: &[u8]) -> bool {
    match code {
        [] | [_] | [_, b'[' | b'O'] => false,
        [_, b'[', rest @ ..] => rest.last().is_some_and(|last| (0x40..0x7f).contains(last)),
        _ => true,
    }
}

/// The name of the key that a terminal sends this code for; a character is its own.
fn key_name(code: &[u8]) -> String {
    let name = match code {
        b"\r" | b"\n" => "enter",
        b"\t" => "tab",
        [0x7f | 0x08] => "backspace",
        [ESC] => "esc",
        b"\x1b[A" | b"\x1bOA" => "up",
        b"\x1b[B" | b"\x1bOB" => "down",
        b"\x1b[C" | b"\x1bOC" => "right",
        b"\x1b[D" | b"\x1bOD" => "left",
        b"\x1b[H" | b"\x1bOH" | b"\x1b[1~" => "home",
        b"\x1b[F" | b"\x1bOF" | b"\x1b[4~" => "end",
        b"\x1b[2~" => "insert",
        b"\x1b[3~" => "delete",
        b"\x1b[5~" => "page-up",
        b"\x1b[6~" => "page-down",
        b"\x1b[Z" => "shift-tab",
        b"\x1bOP" | b"\x1b[11~" => "f1",
        b"\x1bOQ" | b"\x1b[12~" => "f2",
        b"\x1bOR" | b"\x1b[13~" => "f3",
        b"\x1bOS" | b"\x1b[14~" => "f4",
        b"\x1b[15~" => "f5",
        b"\x1b[17~" => "f6",
        b"\x1b[18~" => "f7",
        b"\x1b[19~" => "f8",
        b"\x1b[20~" => "f9",
        b"\x1b[21~" => "f10",
        b"\x1b[23~" => "f11",
        b"\x1b[24~" => "f12",
        [ESC, byte @ b' '..=b'~'] => return format!("<alt-{}>", char::from(*byte)),
        [ESC, ..] => "unknown",
        [byte @ 1..=26] => return format!("<ctrl-{}>", char::from(b'a' + byte - 1)),
        text => return String::from_utf8_lossy(text).into_owned(),
    };
    format!("<{name}>")
}

fn valid_utf8(bytes: Vec<u8>) -> Vec<u8> {
    match String::from_utf8(bytes) {
        Ok(text) => text.into_bytes(),
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned().into_bytes(),
    }
}

/// Bytes of the character that starts with this one, if it is valid.
fn utf8_length(first: u8) -> usize {
    match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    }
}
