//! Connections, and the way of a request from its first byte to its answer.

use std::convert::Infallible;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::header::{HeaderValue, SERVER};
use hyper::service::service_fn;
use hyper::{Request, Version};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, oneshot};
use tokio_rustls::TlsAcceptor;
use vera_host::Host;

use crate::exchange::{Answer, Telling, answer, refusal, request, target};
use crate::log::Line;
use crate::settings::{Program, ServeError, Settings, shown};
use crate::tls::acceptor;
use crate::workers::{Done, Job, Workers};

/// Time beyond a program's own for it to notice that it is over.
const GRACE: Duration = Duration::from_millis(250);

/// Why a server stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// Control-C.
    Interrupted,
    /// The system's request to end.
    Terminated,
}

/// A server that listens.
pub struct Server {
    runtime: Runtime,
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    shared: Arc<Shared>,
}

/// Puts another program in the place of the one that is served.
#[derive(Clone)]
pub struct Replace(Arc<Shared>);

impl Replace {
    /// Requests from now on go to this program; those under way end with the old one.
    pub fn with(&self, program: Program) {
        *self.0.program.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(program);
    }
}

/// What all connections use.
struct Shared {
    settings: Settings,
    program: RwLock<Arc<Program>>,
    workers: Workers,
    /// Room for requests, and for connections.
    requests: Semaphore,
    connections: Arc<Semaphore>,
    /// The number of the next request, after a number of this server.
    next: AtomicU64,
}

impl Shared {
    fn telling(&self) -> Telling {
        let Settings { production, precondition_status, .. } = self.settings;
        Telling { production, precondition_status }
    }
}

impl Server {
    /// Listens, and starts the threads that run the program.
    ///
    /// # Errors
    /// See [`ServeError`].
    pub fn bind(settings: Settings, host: Host, program: Program) -> Result<Server, ServeError> {
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
        let workers = Workers::start(host, settings.workers)?;
        let shared = Shared {
            requests: Semaphore::new(settings.max_requests),
            connections: Arc::new(Semaphore::new(settings.max_connections)),
            program: RwLock::new(Arc::new(program)),
            next: AtomicU64::new(0),
            workers,
            settings,
        };
        Ok(Server { runtime, listener, address, tls, shared: Arc::new(shared) })
    }

    /// `http://127.0.0.1:8000`, with the port that is listened at.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", shown(&self.shared.settings.host, self.address))
    }

    pub fn replace(&self) -> Replace {
        Replace(Arc::clone(&self.shared))
    }

    /// Answers requests until the process is asked to end; then those under way.
    pub fn run(self) -> Stop {
        let Server { runtime, listener, tls, shared, .. } = self;
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
        let Some((stream, client, permit)) = accepted else { continue };
        let (shared, tls, watcher) = (Arc::clone(shared), tls.clone(), graceful.watcher());
        tokio::spawn(async move {
            match tls {
                None => connection(stream, client, &shared, watcher).await,
                Some(tls) => {
                    let limit = shared.settings.read_timeout;
                    if let Ok(Ok(stream)) = tokio::time::timeout(limit, tls.accept(stream)).await {
                        connection(stream, client, &shared, watcher).await;
                    }
                }
            }
            drop(permit);
        });
    };
    drop(listener);
    let _ = tokio::time::timeout(shared.settings.stopping_time, graceful.shutdown()).await;
    stopped
}

/// The next connection, once there is room for it.
async fn next(
    listener: &TcpListener,
    shared: &Shared,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let permit = Arc::clone(&shared.connections).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, client)) => {
            // Answers are written in one go.
            let _ = stream.set_nodelay(true);
            Some((stream, client, permit))
        }
        Err(_) => {
            // Out of file descriptors, say: others have to be closed first.
            tokio::time::sleep(Duration::from_millis(50)).await;
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
        let shared = Arc::clone(shared);
        service_fn(move |request| {
            let shared = Arc::clone(&shared);
            async move { Ok::<Answer, Infallible>(exchange(request, client, &shared).await) }
        })
    };
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    // What breaks a connection is the client's affair.
    let _ = watcher.watch(connection.into_owned()).await;
}

/// One request and its answer, with its line in the log.
async fn exchange(message: Request<Incoming>, client: SocketAddr, shared: &Shared) -> Answer {
    let start = Instant::now();
    let (head, body) = message.into_parts();
    let (method, version) = (head.method.clone(), head.version);
    let target = target(&head);
    let id = format!("{:016x}", shared.next.fetch_add(1, Ordering::Relaxed));
    let (mut answer, failure) = match handle(head, body, shared).await {
        Ok(handled) => handled,
        Err(status) => (refusal(status, shared.telling()), None),
    };
    let headers = answer.headers_mut();
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
        status: answer.status().as_u16(),
        took: start.elapsed(),
        failure,
    };
    line.write(shared.settings.log);
    answer
}

fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "HTTP/2",
        Version::HTTP_10 => "HTTP/1.0",
        _ => "HTTP/1.1",
    }
}

/// Has the program answer; the error is a status that it has no part in.
async fn handle(
    head: hyper::http::request::Parts,
    body: Incoming,
    shared: &Shared,
) -> Result<(Answer, Option<&'static str>), u16> {
    let settings = &shared.settings;
    let _room = shared.requests.try_acquire().map_err(|_| 503_u16)?;
    let body = read(body, settings).await?;
    let deadline = Instant::now() + settings.handling_time;
    let program = Arc::clone(&shared.program.read().unwrap_or_else(PoisonError::into_inner));
    let method = head.method.clone();
    let abandoned = Arc::new(AtomicBool::new(false));
    let (done, finished) = oneshot::channel();
    shared.workers.submit(Job {
        program: Arc::clone(&program),
        request: request(&head, body),
        io: (settings.io)(),
        max_memory: settings.max_memory,
        deadline,
        abandoned: Arc::clone(&abandoned),
        done,
    });
    let waited = tokio::time::timeout_at((deadline + GRACE).into(), finished).await;
    let Ok(finished) = waited else {
        // The worker hangs in the outside world; another one takes its place.
        abandoned.store(true, Ordering::Release);
        let _ = shared.workers.add();
        return Err(504);
    };
    let Ok(Done { run: Ok(run), io }) = finished else { return Err(500) };
    print(&io);
    Ok(answer(&run, &program, &method, shared.telling()))
}

/// The whole body of a request.
async fn read(body: Incoming, settings: &Settings) -> Result<Vec<u8>, u16> {
    if body.size_hint().lower() > settings.max_body as u64 {
        return Err(413);
    }
    let read = Limited::new(body, settings.max_body).collect();
    match tokio::time::timeout(settings.read_timeout, read).await {
        Err(_) => Err(408),
        Ok(Ok(body)) => Ok(body.to_bytes().into()),
        Ok(Err(why)) if why.is::<LengthLimitError>() => Err(413),
        Ok(Err(_)) => Err(400),
    }
}

/// Shows what the handler printed.
fn print(io: &vera_host::Io) {
    let (out, err) = (io.captured_stdout(), io.captured_stderr());
    // A closed stream is no reason to stop serving.
    if !out.is_empty() {
        let mut stdout = std::io::stdout().lock();
        let _ = stdout.write_all(out.as_bytes()).and_then(|()| stdout.flush());
    }
    if !err.is_empty() {
        let _ = std::io::stderr().lock().write_all(err.as_bytes());
    }
}
