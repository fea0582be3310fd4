//! What a program writes.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where a program's text goes.
pub enum Output {
    /// Written and flushed at once.
    Stream(Box<dyn Write + Send>),
    /// Collected.
    Capture(Captured),
    /// Lost.
    Discard,
}

/// So many bytes of a stream are collected at most.
pub const MAX_CAPTURED: usize = 16 << 20;

/// Collected output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captured {
    bytes: Vec<u8>,
    /// How much was written; more than `bytes` holds where the end is cut off.
    pub written: u64,
}

impl Captured {
    /// Collects what there is room for, and tells how much.
    fn push(&mut self, text: &[u8]) -> usize {
        self.written += text.len() as u64;
        let kept = text.len().min(MAX_CAPTURED - self.bytes.len());
        self.bytes.extend_from_slice(&text[..kept]);
        kept
    }

    /// As text: what is no UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn is_cut(&self) -> bool {
        self.written > self.bytes.len() as u64
    }
}

impl Output {
    /// Writes bytes as they are; the number of those that are kept in memory.
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        match self {
            Output::Stream(stream) => {
                stream.write_all(text)?;
                stream.flush()?;
                Ok(0)
            }
            Output::Capture(captured) => Ok(captured.push(text)),
            Output::Discard => Ok(0),
        }
    }

    fn flush(&mut self) {
        match self {
            // There is nowhere left to complain.
            Output::Stream(stream) => _ = stream.flush(),
            Output::Capture(_) | Output::Discard => {}
        }
    }

    fn captured(&self) -> Captured {
        match self {
            Output::Stream(_) | Output::Discard => Captured::default(),
            Output::Capture(captured) => captured.clone(),
        }
    }
}

/// The two output streams of a run. Clones share them, so that what a program
/// has written outlives a thread that hangs.
#[derive(Clone)]
pub struct Streams(Arc<Mutex<Written>>);

struct Written {
    stdout: Output,
    stderr: Output,
    summary: Summary,
    closed: bool,
}

/// What a run has written so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Bytes printed, and the last of them.
    pub printed: u64,
    pub last_byte: Option<u8>,
    /// The last byte written to the error output.
    pub last_error_byte: Option<u8>,
}

impl Streams {
    pub fn new(stdout: Output, stderr: Output) -> Streams {
        let summary = Summary::default();
        Streams(Arc::new(Mutex::new(Written { stdout, stderr, summary, closed: false })))
    }

    /// Both streams are collected.
    pub fn capture() -> Streams {
        let capture = || Output::Capture(Captured::default());
        Streams::new(capture(), capture())
    }

    pub fn summary(&self) -> Summary {
        self.lock().summary
    }

    /// What was collected of the output.
    pub fn captured_stdout(&self) -> Captured {
        self.lock().stdout.captured()
    }

    /// What was collected of the error output.
    pub fn captured_stderr(&self) -> Captured {
        self.lock().stderr.captured()
    }

    /// Refuses what is written from now on.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
    }

    /// The number of bytes that are kept in memory.
    pub(crate) fn print(&self, text: &[u8]) -> io::Result<usize> {
        let mut written = self.lock();
        if written.closed {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if let Some(last) = text.last() {
            written.summary.printed += text.len() as u64;
            written.summary.last_byte = Some(*last);
        }
        written.stdout.write(text)
    }

    /// The number of bytes that are kept in memory.
    pub(crate) fn print_error(&self, text: &[u8]) -> usize {
        let mut written = self.lock();
        if written.closed {
            return 0;
        }
        if let Some(last) = text.last() {
            written.summary.last_error_byte = Some(*last);
        }
        // There is nowhere left to complain.
        written.stderr.write(text).unwrap_or(0)
    }

    pub(crate) fn flush(&self) {
        let mut written = self.lock();
        written.stdout.flush();
        written.stderr.flush();
    }

    /// A thread that panicked while it wrote leaves bytes, and no broken rule.
    fn lock(&self) -> MutexGuard<'_, Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
