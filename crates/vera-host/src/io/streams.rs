//! What a program writes.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where a program's text goes.
pub enum Output {
    /// Written and flushed at once.
    Stream(Box<dyn Write + Send>),
    /// Collected.
    Capture(Vec<u8>),
    /// Lost.
    Discard,
}

impl Output {
    fn write(&mut self, text: &[u8]) -> io::Result<()> {
        match self {
            Output::Stream(stream) => {
                stream.write_all(String::from_utf8_lossy(text).as_bytes())?;
                stream.flush()
            }
            Output::Capture(bytes) => {
                bytes.extend_from_slice(String::from_utf8_lossy(text).as_bytes());
                Ok(())
            }
            Output::Discard => Ok(()),
        }
    }

    fn flush(&mut self) {
        match self {
            // There is nowhere left to complain.
            Output::Stream(stream) => _ = stream.flush(),
            Output::Capture(_) | Output::Discard => {}
        }
    }

    fn captured(&self) -> String {
        match self {
            Output::Stream(_) | Output::Discard => String::new(),
            Output::Capture(bytes) => String::from_utf8_lossy(bytes).into_owned(),
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
        Streams::new(Output::Capture(Vec::new()), Output::Capture(Vec::new()))
    }

    pub fn summary(&self) -> Summary {
        self.lock().summary
    }

    /// What was collected of the output, as text.
    pub fn captured_stdout(&self) -> String {
        self.lock().stdout.captured()
    }

    /// What was collected of the error output, as text.
    pub fn captured_stderr(&self) -> String {
        self.lock().stderr.captured()
    }

    /// Refuses what is written from now on.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
    }

    pub(crate) fn print(&self, text: &[u8]) -> io::Result<()> {
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

    pub(crate) fn print_error(&self, text: &[u8]) {
        let mut written = self.lock();
        if written.closed {
            return;
        }
        if let Some(last) = text.last() {
            written.summary.last_error_byte = Some(*last);
        }
        // There is nowhere left to complain.
        _ = written.stderr.write(text);
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
