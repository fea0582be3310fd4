//! The outside world of a program.

mod files;
mod streams;
pub(crate) mod terminal;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read, Stdin};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use vera_abi::trap::TrapKind;

pub use files::Files;
pub use streams::{Captured, MAX_CAPTURED, Output, Streams, Summary};

use crate::budget::Budget;
use crate::trap::End;
use terminal::Special;

/// What an operation answers: bytes, or why there are none.
pub(crate) type Answer = Result<Vec<u8>, String>;

/// So much of a file is read at once.
const CHUNK: usize = 64 << 10;

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
}

/// The environment variables a program sees.
pub enum Env {
    /// Those of this process.
    Process,
    Fixed(BTreeMap<String, String>),
}

/// Everything a program can see and do outside.
pub struct Io {
    pub streams: Streams,
    pub input: Input,
    /// What `IO.args` yields.
    pub args: Vec<String>,
    pub env: Env,
    /// The files it may read and write.
    pub files: Files,
    /// How much memory the run has.
    pub budget: Budget,
    /// Writing files is refused.
    pub read_only: bool,
    /// When waiting ends, for a run with a time limit.
    pub deadline: Option<Instant>,
    /// The source of chance; made when the program first asks for it.
    pub random: Option<fastrand::Rng>,
}

impl Io {
    /// The streams of this process.
    pub fn streaming(args: Vec<String>) -> Io {
        Io {
            streams: Streams::new(
                Output::Stream(Box::new(io::stdout())),
                Output::Stream(Box::new(io::stderr())),
            ),
            input: Input::stdin(),
            args,
            ..Io::null()
        }
    }

    /// Output is collected; input is that of this process.
    pub fn captured(args: Vec<String>) -> Io {
        Io { input: Input::stdin(), args, ..Io::null() }
    }

    /// Output is collected, input is empty.
    pub fn null() -> Io {
        Io {
            streams: Streams::capture(),
            input: Input::bytes([]),
            args: Vec::new(),
            env: Env::Process,
            files: Files::All,
            budget: Budget::default(),
            read_only: false,
            deadline: None,
            random: None,
        }
    }

    /// For calls with made-up arguments: nothing is shown, nothing is written, and
    /// chance repeats itself for the same seed.
    pub fn sandboxed(seed: u64) -> Io {
        Io {
            streams: Streams::new(Output::Discard, Output::Discard),
            read_only: true,
            random: Some(fastrand::Rng::with_seed(seed)),
            ..Io::null()
        }
    }

    /// What was collected of the output, as text.
    pub fn captured_stdout(&self) -> String {
        self.streams.captured_stdout().text()
    }

    /// What was collected of the error output, as text.
    pub fn captured_stderr(&self) -> String {
        self.streams.captured_stderr().text()
    }

    /// Ends the program when nobody reads its output any more.
    pub(crate) fn print(&mut self, text: &[u8]) -> wasmtime::Result<()> {
        let kept = self.streams.print(text).map_err(|error| {
            if error.kind() == ErrorKind::BrokenPipe {
                End::Exit(1)
            } else {
                End::Trap(TrapKind::HostError, "io error: standard output".into())
            }
        })?;
        Ok(self.budget.add_captured(kept)?)
    }

    pub(crate) fn print_error(&mut self, text: &[u8]) -> wasmtime::Result<()> {
        let kept = self.streams.print_error(text);
        Ok(self.budget.add_captured(kept)?)
    }

    pub(crate) fn flush(&mut self) {
        self.streams.flush();
    }

    /// The next line without its `\n`; empty at the end of the input.
    pub(crate) fn read_line(&mut self) -> Result<Vec<u8>, End> {
        let mut line = Vec::new();
        let reader = self.input.reader();
        loop {
            let found = match reader.fill_buf() {
                Ok(found) => found,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                // As at the end of the input.
                Err(_) => break,
            };
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
        Ok(line)
    }

    /// The next character.
    pub(crate) fn read_char(&mut self) -> Result<Vec<u8>, String> {
        let guard = match self.input {
            Input::Stdin(_) => terminal::single_characters(),
            Input::Bytes(_) => None,
        };
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

    pub(crate) fn read_file(&mut self, path: &OsStr) -> Result<Answer, End> {
        let not_text = || format!("not valid UTF-8: {}", Path::new(path).display());
        let read = self.read_bytes(path)?;
        Ok(read.and_then(|bytes| match std::str::from_utf8(&bytes) {
            Ok(_) => Ok(bytes),
            Err(_) => Err(not_text()),
        }))
    }

    pub(crate) fn read_bytes(&mut self, path: &OsStr) -> Result<Answer, End> {
        if let Err(why) = self.admit(path) {
            return Ok(Err(why));
        }
        let mut bytes = Vec::new();
        let mut chunk = vec![0; CHUNK];
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) => return Ok(Err(file_error(path, &error))),
        };
        loop {
            match file.read(&mut chunk) {
                Ok(0) => return Ok(Ok(bytes)),
                Ok(count) => self.budget.extend(&mut bytes, &chunk[..count])?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Ok(Err(file_error(path, &error))),
            }
        }
    }

    pub(crate) fn write_file(&mut self, path: &OsStr, bytes: &[u8]) -> Result<(), String> {
        if self.read_only {
            return Err(denied(path));
        }
        self.admit(path)?;
        std::fs::write(path, bytes).map_err(|error| file_error(path, &error))
    }

    fn admit(&self, path: &OsStr) -> Result<(), String> {
        if self.files.admit(Path::new(path)) { Ok(()) } else { Err(denied(path)) }
    }

    pub(crate) fn env_var(&mut self, name: &OsStr) -> Option<Vec<u8>> {
        match &self.env {
            Env::Process => {
                let value = std::env::var_os(name)?;
                Some(value.to_string_lossy().into_owned().into_bytes())
            }
            Env::Fixed(vars) => Some(vars.get(name.to_str()?)?.clone().into_bytes()),
        }
    }

    /// The source of chance: seeded by `VERA_RANDOM_SEED`, any text, if set.
    pub(crate) fn random(&mut self) -> &mut fastrand::Rng {
        if self.random.is_none() {
            let seed = self.env_var(OsStr::new("VERA_RANDOM_SEED"));
            self.random = Some(match seed {
                Some(text) if !text.is_empty() => fastrand::Rng::with_seed(fnv1a(&text)),
                Some(_) | None => fastrand::Rng::new(),
            });
        }
        self.random.as_mut().expect("just made")
    }

    /// Waits, but not beyond the time the run has.
    pub(crate) fn sleep(&mut self, millis: u64) -> Result<(), End> {
        let wish = Duration::from_millis(millis);
        let left = self.deadline.map(|d| d.saturating_duration_since(Instant::now()));
        std::thread::sleep(left.map_or(wish, |left| left.min(wish)));
        if left.is_some_and(|left| left < wish) {
            let kind = TrapKind::TimeLimit;
            return Err(End::Trap(kind, kind.message().to_owned()));
        }
        Ok(())
    }

    /// Milliseconds since the Unix epoch.
    pub(crate) fn now(&mut self) -> i64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        now.map_or(0, |since| since.as_millis() as i64)
    }
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

fn denied(path: &OsStr) -> String {
    file_error(path, &ErrorKind::PermissionDenied.into())
}

/// The texts programs can depend on.
fn file_error(path: &OsStr, error: &io::Error) -> String {
    let reason = match error.kind() {
        ErrorKind::NotFound => "not found",
        ErrorKind::PermissionDenied => "permission denied",
        ErrorKind::IsADirectory => "is a directory",
        _ => "io error",
    };
    format!("{reason}: {}", Path::new(path).display())
}

/// FNV-1a, 64 bit (Fowler, Noll, Vo).
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(14_695_981_039_346_656_037, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(1_099_511_628_211)
    })
}
