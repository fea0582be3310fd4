//! Tools over HTTP (the protocol's streamable HTTP), without sessions: every request
//! stands for itself, so nothing is kept for clients that never come back. Only where the
//! program may change there are sessions too, for clients of a protocol that has no other
//! way to be told.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::{Method, Request};
use rmcp::transport::StreamableHttpService;
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use rmcp::transport::streamable_http_server::session::SessionManager;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use tokio::sync::watch;
use vera_serve::{Answer, Answering, Site, read_body, refusal};

use crate::server::Server;
use crate::tools::Tools;

/// Where the tools are.
pub const PATH: &str = "/mcp";

/// How long a session lasts in which nothing happens.
const SESSION: Duration = Duration::from_secs(12 * 60 * 60);

/// How requests are dealt with.
#[derive(Clone, Debug)]
pub struct Handling {
    /// Bytes of a request's body; more is 413.
    pub max_body: usize,
    /// How long a body may take to arrive.
    pub read_timeout: Duration,
    /// Only requests to this machine by one of its own names are answered, so that no page
    /// of the web reaches the server by a name that it made resolve to this machine.
    pub local: bool,
}

/// A site that has the tools at [`PATH`].
pub struct Endpoint {
    service: Service,
    handling: Handling,
    /// Whether the server is about to stop.
    stopping: watch::Sender<bool>,
}

enum Service {
    Plain(StreamableHttpService<Server, NeverSessionManager>),
    Sessions(StreamableHttpService<Server, LocalSessionManager>),
}

impl Endpoint {
    pub fn new(tools: Arc<Tools>, handling: Handling) -> Endpoint {
        let (stopping, stopped) = watch::channel(false);
        let changes = tools.offering.changes;
        let server = Server::new(tools, stopped);
        let service = if changes {
            let mut sessions = LocalSessionManager::default();
            sessions.session_config.keep_alive = Some(SESSION);
            Service::Sessions(service(server, &handling, sessions, true))
        } else {
            Service::Plain(service(server, &handling, NeverSessionManager::default(), false))
        };
        Endpoint { service, handling, stopping }
    }
}

fn service<M: SessionManager>(
    server: Server,
    handling: &Handling,
    manager: M,
    sessions: bool,
) -> StreamableHttpService<Server, M> {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(sessions)
        .with_json_response(true)
        .with_max_request_body_bytes(handling.max_body)
        .with_allowed_origins(["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"])
        .enforce_origin_validation();
    let config = if handling.local { config } else { config.disable_allowed_hosts() };
    StreamableHttpService::new(move || Ok(server.clone()), Arc::new(manager), config)
}

impl Site for Endpoint {
    fn answer<'a>(&'a self, request: Request<Incoming>, _id: &'a str) -> Answering<'a> {
        Box::pin(async move {
            if request.uri().path() != PATH {
                return refusal(404);
            }
            let (head, body) = request.into_parts();
            let body = read_body(body, self.handling.max_body, self.handling.read_timeout).await;
            let body = match body {
                Ok(body) => Full::<Bytes>::from(body),
                Err(status) => return refusal(status),
            };
            // What a client gets without a call has no end of its own.
            let endless = head.method == Method::GET;
            let request = Request::from_parts(head, body);
            let response = match &self.service {
                Service::Plain(service) => service.handle(request).await,
                Service::Sessions(service) => service.handle(request).await,
            };
            let response = response.map(|body| {
                let body = body.map_err(|never| match never {});
                if endless {
                    Ending::new(body.boxed_unsync(), self.stopping.subscribe()).boxed_unsync()
                } else {
                    body.boxed_unsync()
                }
            });
            Answer { response, failure: None }
        })
    }

    fn stopping(&self) {
        self.stopping.send_replace(true);
    }
}

/// A body that ends when the server stops.
struct Ending {
    body: vera_serve::Body,
    stopped: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Ending {
    fn new(body: vera_serve::Body, mut stopping: watch::Receiver<bool>) -> Ending {
        let stopped = Box::pin(async move {
            // Without a sender there is no server any more.
            let _ = stopping.wait_for(|stopping| *stopping).await;
        });
        Ending { body, stopped }
    }
}

impl Body for Ending {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            return Poll::Ready(frame);
        }
        ready!(self.stopped.as_mut().poll(cx));
        Poll::Ready(None)
    }
}
