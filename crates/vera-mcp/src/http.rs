//! Tools over HTTP (the protocol's streamable HTTP), without sessions: every request
//! stands for itself, so nothing is kept for clients that never come back.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::{Bytes, Incoming};
use rmcp::transport::StreamableHttpService;
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use vera_serve::{Answer, Answering, Site, read_body, refusal};

use crate::server::Server;
use crate::tools::Tools;

/// Where the tools are.
pub const PATH: &str = "/mcp";

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
    service: StreamableHttpService<Server, NeverSessionManager>,
    handling: Handling,
}

impl Endpoint {
    pub fn new(tools: Arc<Tools>, handling: Handling) -> Endpoint {
        let server = Server::new(tools);
        let config = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_json_response(true)
            .with_max_request_body_bytes(handling.max_body)
            .with_allowed_origins(["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"])
            .enforce_origin_validation();
        let config = if handling.local { config } else { config.disable_allowed_hosts() };
        let manager = Arc::new(NeverSessionManager::default());
        let service = StreamableHttpService::new(move || Ok(server.clone()), manager, config);
        Endpoint { service, handling }
    }
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
            let response = self.service.handle(Request::from_parts(head, body)).await;
            let response = response.map(|body| body.map_err(|never| match never {}).boxed_unsync());
            Answer { response, failure: None }
        })
    }
}
