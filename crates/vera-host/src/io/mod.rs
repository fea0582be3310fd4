//! The outside world of a program.

mod files;
mod input;
mod streams;
pub(crate) mod terminal;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use vera_abi::trap::TrapKind;

pub use files::Files;
pub(crate) use files::resolve;
pub use input::Input;
pub use streams::{Captured, MAX_CAPTURED, Output, Streams, Summary};

use crate::budget::Budget;
use crate::operations::{Responder, World};
use crate::permissions::Permissions;
use crate::tape::Tape;
use crate::trap::End;
/// What an operation answers: bytes, or why there are none.
pub(crate) type Answer = Result<Vec<u8>, String>;

/// So much of a file is read at once.
const CHUNK: usize = 64 << 10;

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
    /// The program asked for something that another run may be answered differently.
    pub asked: bool,
    /// The source of chance; made when the program first asks for it.
    pub random: Option<fastrand::Rng>,
    /// What else it may reach.
    pub permissions: Permissions,
    /// What it has open there.
    pub world: World,
    /// Where the response goes that it sends piece by piece, if it does.
    pub responder: Option<Box<dyn Responder>>,
    /// Where operations are recorded, or answered from.
    pub tape: Tape,
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
            asked: false,
            random: None,
            permissions: Permissions::all(),
            world: World::default(),
            responder: None,
            tape: Tape::Off,
        }
    }

    /// For calls with made-up arguments: nothing is shown, nothing is written, nobody is
    /// asked, and chance repeats itself for the same seed.
    pub fn sandboxed(seed: u64) -> Io {
        Io {
            streams: Streams::new(Output::Discard, Output::Discard),
            read_only: true,
            random: Some(fastrand::Rng::with_seed(seed)),
            permissions: Permissions::none(),
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
    pub(crate) fn print(&mut self, text: &[u8]) -> Result<(), End> {
        let kept = self.streams.print(text).map_err(|error| {
            if error.kind() == ErrorKind::BrokenPipe {
                End::Exit(1)
            } else {
                End::Trap(TrapKind::HostError, "io error: standard output".into())
            }
        })?;
        self.budget.add_captured(kept)
    }

    pub(crate) fn print_error(&mut self, text: &[u8]) -> Result<(), End> {
        let kept = self.streams.print_error(text);
        self.budget.add_captured(kept)
    }

    pub(crate) fn flush(&mut self) {
        self.streams.flush();
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
        let mut bytes = Vec::new();
        let mut chunk = vec![0; CHUNK];
        let mut file = match self.files.open(Path::new(path)) {
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
        let written = self.files.create(Path::new(path), false);
        let written = written.and_then(|mut file| file.write_all(bytes));
        written.map_err(|error| file_error(path, &error))
    }

    /// A variable that the program asks for.
    pub(crate) fn visible_var(&mut self, name: &OsStr) -> Option<Vec<u8>> {
        let admitted = self.permissions.admits_env(&name.to_string_lossy());
        if admitted { self.env_var(name) } else { None }
    }

    pub(crate) fn env_var(&self, name: &OsStr) -> Option<Vec<u8>> {
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
        self.world.tasks.sleep(left.map_or(wish, |left| left.min(wish)));
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

pub(crate) fn denied(path: &OsStr) -> String {
    file_error(path, &ErrorKind::PermissionDenied.into())
}

/// The texts programs can depend on.
pub(crate) fn file_error(path: &OsStr, error: &io::Error) -> String {
    let reason = match error.kind() {
        ErrorKind::NotFound => "not found",
        ErrorKind::PermissionDenied => "permission denied",
        ErrorKind::IsADirectory => "is a directory",
        _ => "io error",
    };
    format!("{reason}: {}", Path::new(path).display())
}

/// A file name, which need not be Unicode.
#[cfg(unix)]
pub(crate) fn path_of(bytes: Vec<u8>) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes)
}

#[cfg(not(unix))]
pub(crate) fn path_of(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

/// FNV-1a, 64 bit (Fowler, Noll, Vo).
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(14_695_981_039_346_656_037, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(1_099_511_628_211)
    })
}
