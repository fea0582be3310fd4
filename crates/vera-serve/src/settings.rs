//! What a server is made with.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use vera_diagnostics::Sources;
use vera_host::{Io, Module};

use crate::log::LogForm;

/// A compiled program that answers requests.
pub struct Program {
    pub module: Module,
    /// The export that takes a `Request` in parts and hands a `Response` over.
    pub entry: String,
    /// For the frames of traps.
    pub sources: Sources,
}

/// How a server behaves.
#[derive(Clone)]
pub struct Settings {
    pub host: String,
    /// 0 for a free one.
    pub port: u16,
    /// Threads that run the program.
    pub workers: usize,
    /// Requests that are answered at a time, or wait for a worker; others get 503.
    pub max_requests: usize,
    /// Connections that are open at a time; others wait to be accepted.
    pub max_connections: usize,
    /// Bytes of a request's body; more is 413.
    pub max_body: usize,
    /// Bytes of a request's head; more is 431.
    pub max_head: usize,
    /// How long a request's head, and then its body, may take to arrive.
    pub read_timeout: Duration,
    /// How long the program may take for a request; more is 504.
    pub handling_time: Duration,
    /// How long running requests may take when the server stops.
    pub stopping_time: Duration,
    /// Bytes of memory the program may use for a request.
    pub max_memory: Option<u64>,
    /// What is wrong with the program is not told to clients.
    pub production: bool,
    /// The status where a request breaks a `requires` of `handle`.
    pub precondition_status: u16,
    pub log: LogForm,
    pub tls: Option<Tls>,
    /// What a request's handler sees of the outside world; output that it collects is
    /// printed when the request has been handled.
    pub io: Arc<dyn Fn() -> Io + Send + Sync>,
}

/// Files in PEM form.
#[derive(Clone, Debug)]
pub struct Tls {
    pub certificates: PathBuf,
    pub key: PathBuf,
}

impl Settings {
    /// The defaults of the language reference.
    pub fn new(io: Arc<dyn Fn() -> Io + Send + Sync>) -> Settings {
        Settings {
            host: "127.0.0.1".to_owned(),
            port: 8000,
            workers: std::thread::available_parallelism().map_or(2, usize::from),
            max_requests: 1024,
            max_connections: 10_000,
            max_body: 10 << 20,
            max_head: 64 << 10,
            read_timeout: Duration::from_secs(30),
            handling_time: Duration::from_secs(30),
            stopping_time: Duration::from_secs(10),
            max_memory: None,
            production: false,
            precondition_status: 500,
            log: LogForm::Text,
            tls: None,
            io,
        }
    }
}

/// Why a server does not start.
#[derive(Debug)]
pub enum ServeError {
    Bind {
        host: String,
        port: u16,
        why: std::io::Error,
    },
    /// A certificate or key cannot be used.
    Tls(String),
    /// The system refuses a thread.
    Thread(std::io::Error),
}

impl std::fmt::Display for ServeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ServeError::Bind { host, port, why } => {
                write!(f, "could not bind {host}:{port} — {why}")
            }
            ServeError::Tls(why) => write!(f, "TLS: {why}"),
            ServeError::Thread(why) => write!(f, "cannot start a thread: {why}"),
        }
    }
}

impl std::error::Error for ServeError {}

/// The place a server listens at, as its start line shows it.
pub(crate) fn shown(host: &str, address: SocketAddr) -> String {
    if host.contains(':') {
        format!("[{host}]:{}", address.port())
    } else {
        format!("{host}:{}", address.port())
    }
}
