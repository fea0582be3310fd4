//! Connections, and the way of a request from its first byte to its answer.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderValue, SERVER};
use hyper::service::service_fn;
use hyper::{Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

use crate::exchange::target;
use crate::log::Line;
use crate::seats::{Answered, Requests, Seat, Seats};
use crate::settings::{ServeError, Settings, shown};
use crate::tls::acceptor;

/// Why a server stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// Control-C.
    Interrupted,
    /// The system's request to end.
    Terminated,
}

/// The body of a response. Where it fails, the connection breaks off, so that no client
/// takes a part for the whole.
pub type Body = UnsyncBoxBody<Bytes, std::io::Error>;

/// The answer to a request.
pub struct Answer {
    pub response: Response<Body>,
    /// For the log: why the program did not answer.
    pub failure: Option<&'static str>,
}

/// See [`Site::answer`].
pub type Answering<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

/// What answers the requests of a server.
pub trait Site: Send + Sync + 'static {
    /// The answer to a request; every request has one. `id` tells it from all others of
    /// this server.
    fn answer<'a>(&'a self, request: Request<Incoming>, id: &'a str) -> Answering<'a>;

    /// The server finishes what is under way: answers without an end of their own end now.
    fn stopping(&self) {}
}

/// A server that listens.
pub struct Server {
    runtime: Runtime,
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    settings: Settings,
}

/// What all connections use.
struct Shared {
    settings: Settings,
    site: Arc<dyn Site>,
    /// Room for connections.
    seats: Arc<Seats>,
    /// The number of the next request.
    next: AtomicU64,
}

impl Server {
    /// Listens.
    ///
    /// # Errors
    /// See [`ServeError`].
    pub fn bind(settings: Settings) -> Result<Server, ServeError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(ServeError::Thread)?;
        let (name, port) = (settings.host.clone(), settings.port);
        let bound = runtime.block_on(TcpListener::bind((name.as_str(), port)));
        let bind = |why| ServeError::Bind { host: name.clone(), port, why };
        let listener = bound.map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let tls = settings.tls.as_ref().map(acceptor).transpose()?;
        Ok(Server { runtime, listener, address, tls, settings })
    }

    /// `http://127.0.0.1:8000`, with the port that is listened at.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", shown(&self.settings.host, self.address))
    }

    /// Has requests answered until the process is asked to end; then those under way.
    pub fn run(self, site: Arc<dyn Site>) -> Stop {
        let Server { runtime, listener, tls, settings, .. } = self;
        let seats = Seats::new(places(&settings));
        let shared = Arc::new(Shared { settings, site, seats, next: AtomicU64::new(0) });
        let stop = runtime.block_on(accept(listener, tls, &shared));
        // Programs that hang are left behind.
        runtime.shutdown_timeout(Duration::ZERO);
        stop
    }
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, shared: &Arc<Shared>) -> Stop {
    let graceful = GracefulShutdown::new();
    let stop = asked_to_stop();
    tokio::pin!(stop);
    let stopped = loop {
        let accepted = tokio::select! {
            stop = &mut stop => break stop,
            accepted = next(&listener, shared) => accepted,
        };
        let Some((stream, client, seat)) = accepted else { continue };
        let (shared, tls, watcher) = (Arc::clone(shared), tls.clone(), graceful.watcher());
        tokio::spawn(async move {
            match tls {
                None => connection(stream, client, &shared, seat, watcher).await,
                Some(tls) => {
                    let limit = shared.settings.read_timeout;
                    let accepted = tokio::select! {
                        accepted = tokio::time::timeout(limit, tls.accept(stream)) => accepted,
                        () = seat.given_up() => return,
                    };
                    if let Ok(Ok(stream)) = accepted {
                        connection(stream, client, &shared, seat, watcher).await;
                    }
                }
            }
        });
    };
    drop(listener);
    shared.site.stopping();
    let _ = tokio::time::timeout(shared.settings.stopping_time, graceful.shutdown()).await;
    stopped
}

/// The next connection, once there is room for it.
async fn next(listener: &TcpListener, shared: &Shared) -> Option<(TcpStream, SocketAddr, Seat)> {
    // The place is taken when somebody has come, so nobody gives one up for nobody.
    match listener.accept().await {
        Ok((stream, client)) => {
            // Answers are written in one go.
            let _ = stream.set_nodelay(true);
            Some((stream, client, shared.seats.take().await))
        }
        Err(_) => {
            // Out of file descriptors, say: others have to be closed first.
            let made = shared.seats.make_room();
            tokio::time::sleep(Duration::from_millis(if made { 1 } else { 50 })).await;
            None
        }
    }
}

#[cfg(unix)]
async fn asked_to_stop() -> Stop {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupt = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = interrupt => Stop::Interrupted,
            _ = terminate.recv() => Stop::Terminated,
        },
        Err(_) => {
            let _ = interrupt.await;
            Stop::Interrupted
        }
    }
}

#[cfg(not(unix))]
async fn asked_to_stop() -> Stop {
    let _ = tokio::signal::ctrl_c().await;
    Stop::Interrupted
}

async fn connection<S>(
    stream: S,
    client: SocketAddr,
    shared: &Arc<Shared>,
    seat: Seat,
    watcher: hyper_util::server::graceful::Watcher,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let settings = &shared.settings;
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(settings.read_timeout)
        .max_buf_size(settings.max_head.max(8 << 10));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(settings.max_head as u32)
        .max_concurrent_streams(128)
        .keep_alive_interval(Some(settings.read_timeout));
    let service = {
        let (shared, requests) = (Arc::clone(shared), seat.requests());
        service_fn(move |request| {
            let (shared, requests) = (Arc::clone(&shared), requests.clone());
            async move { Ok::<_, Infallible>(exchange(request, client, &shared, &requests).await) }
        })
    };
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    // What breaks a connection is the client's affair.
    tokio::select! {
        _ = watcher.watch(connection.into_owned()) => {}
        () = seat.given_up() => {}
        () = silent(&seat, settings.read_timeout) => {}
    }
}

/// Ends when no request has come within a time: telling the versions of HTTP apart, the
/// server waits for a first byte without a limit.
async fn silent(seat: &Seat, limit: Duration) {
    tokio::time::sleep(limit).await;
    if seat.requests().have_come() {
        std::future::pending::<()>().await;
    }
}

/// How many connections can be open: no more than the system allows, with some left for
/// what programs open themselves.
fn places(settings: &Settings) -> usize {
    let most = descriptors().map_or(usize::MAX, |n| n - (n / 4).min(1024));
    settings.max_connections.min(most).max(1)
}

/// How many files and sockets the process may have open, when it has asked for as many as
/// it can.
#[cfg(unix)]
fn descriptors() -> Option<usize> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Nofile).maximum;
    // Where the system refuses, it stays with what it was.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    getrlimit(Resource::Nofile).current.map(|n| usize::try_from(n).unwrap_or(usize::MAX))
}

#[cfg(not(unix))]
fn descriptors() -> Option<usize> {
    None
}

/// One request and its answer, with its line in the log.
async fn exchange(
    request: Request<Incoming>,
    client: SocketAddr,
    shared: &Shared,
    requests: &Requests,
) -> Response<Answered<Body>> {
    let running = requests.begin();
    let start = Instant::now();
    let (method, version) = (request.method().clone(), request.version());
    let target = target(version, request.uri());
    let id = format!("{:016x}", shared.next.fetch_add(1, Ordering::Relaxed));
    let Answer { mut response, failure } = shared.site.answer(request, &id).await;
    let headers = response.headers_mut();
    headers.entry(SERVER).or_insert(HeaderValue::from_static("vera"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.entry("x-request-id").or_insert(id);
    }
    let line = Line {
        client,
        id: &id,
        method: method.as_str(),
        target: &target,
        version: protocol(version),
        status: response.status().as_u16(),
        took: start.elapsed(),
        failure,
    };
    line.write(shared.settings.log);
    response.map(|body| Answered::new(body, running))
}

fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP/1.1",
    }
}
