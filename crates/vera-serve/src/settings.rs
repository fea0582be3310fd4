//! What a server is made with.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::log::LogForm;

/// How a server listens, whatever answers its requests.
#[derive(Clone)]
pub struct Settings {
    pub host: String,
    /// 0 for a free one.
    pub port: u16,
    /// Connections that are open at a time; others wait to be accepted.
    pub max_connections: usize,
    /// Bytes of a request's head; more is 431.
    pub max_head: usize,
    /// How long a request's head, and then its body, may take to arrive.
    pub read_timeout: Duration,
    /// How long running requests may take when the server stops.
    pub stopping_time: Duration,
    pub log: LogForm,
    pub tls: Option<Tls>,
}

/// Files in PEM form.
#[derive(Clone, Debug)]
pub struct Tls {
    pub certificates: PathBuf,
    pub key: PathBuf,
}

impl Default for Settings {
    /// The defaults of the language reference.
    fn default() -> Settings {
        Settings {
            host: "127.0.0.1".to_owned(),
            port: 8000,
            max_connections: 10_000,
            max_head: 64 << 10,
            read_timeout: Duration::from_secs(30),
            stopping_time: Duration::from_secs(10),
            log: LogForm::Text,
            tls: None,
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
