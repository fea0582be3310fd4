//! `Http` (language reference, chapter 10.12.3), and the transport of `Inference`.
//!
//! Requests need nothing of the program's, so that they can run on other threads.

use std::io::{self, Read};
use std::time::Duration;

use ureq::http::{HeaderMap, Method, Request, Response, Uri, header};
use ureq::{Agent, Body, Error, Proxy, Timeout};

use crate::permissions::Permissions;
use crate::value::Value;

/// How long a request may wait for the network each time.
const WAIT: Duration = Duration::from_secs(60);

/// Redirects that are followed.
const MAX_REDIRECTS: usize = 10;

/// A body larger than this is refused.
const MAX_BODY: u64 = 256 << 20;

/// The methods of `Http.request`.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

const JSON: &str = "application/json";

/// A client with its connections; clones share them.
#[derive(Clone)]
pub(crate) struct Client {
    agent: Agent,
    permissions: Permissions,
    /// A body larger than this is refused.
    max_body: u64,
}

/// What came back.
pub(crate) struct Reply {
    pub status: u16,
    pub reason: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// A request to make.
pub(crate) struct Ask<'a> {
    pub method: Method,
    pub url: &'a str,
    pub headers: HeaderMap,
    /// Nothing is sent where it is empty, unless the method always has one.
    pub body: &'a [u8],
    /// For the whole request; otherwise each wait is limited.
    pub timeout: Option<Duration>,
}

impl Client {
    pub fn new(permissions: Permissions, max_body: u64) -> Client {
        let tls = ureq::tls::TlsConfig::builder()
            .root_certs(ureq::tls::RootCerts::PlatformVerifier)
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent("vera")
            .proxy(None)
            .timeout_connect(Some(WAIT))
            .timeout_per_read(Some(WAIT))
            .timeout_per_write(Some(WAIT))
            .build();
        Client { agent: config.new_agent(), permissions, max_body: max_body.min(MAX_BODY) }
    }

    /// Performs an operation of `Http`.
    pub fn perform(&self, op: &str, args: Vec<Value>) -> Value {
        let mut args = args.into_iter();
        let mut text = || match args.next() {
            Some(Value::String(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
            _ => String::new(),
        };
        let method = match op {
            "get" => Method::GET,
            "post" => Method::POST,
            "put" => Method::PUT,
            "patch" => Method::PATCH,
            "delete" => Method::DELETE,
            _ => {
                let (method, url) = (text(), text());
                return match self.request(&method, &url, args) {
                    Ok(reply) => Value::ok(reply),
                    Err(why) => Value::err(why),
                };
            }
        };
        let url = text();
        let body = text();
        match self.simple(op, method, &url, body.as_bytes()) {
            Ok(text) => Value::ok(Value::text(text)),
            Err(why) => Value::err(why),
        }
    }

    /// The operations that yield a text: what is no success is an error.
    fn simple(&self, op: &str, method: Method, url: &str, body: &[u8]) -> Result<String, String> {
        let mut target = target(url).ok_or_else(|| refused(op))?;
        let (mut method, mut body) = (method, body);
        let mut headers = HeaderMap::new();
        if sends_body(&method) {
            headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(JSON));
        }
        for _ in 0..=MAX_REDIRECTS {
            let url = target.to_string();
            let ask = Ask {
                method: method.clone(),
                url: &url,
                headers: headers.clone(),
                body,
                timeout: None,
            };
            let reply = self.send(ask)?;
            let Some(location) = reply.redirect() else { return reply.text() };
            match reply.status {
                307 | 308 if method != Method::GET => return reply.text(),
                307 | 308 => {}
                _ => {
                    method = Method::GET;
                    body = &[];
                    headers.remove(header::CONTENT_TYPE);
                }
            }
            target = resolve(&target, &location).ok_or_else(|| refused(op))?;
        }
        Err("too many redirects".to_owned())
    }

    /// `Http.request`: any answer is one.
    fn request(
        &self,
        method: &str,
        url: &str,
        mut rest: impl Iterator<Item = Value>,
    ) -> Result<Value, String> {
        if !METHODS.contains(&method) {
            return Err(format!("Http.request: unsupported method '{method}'"));
        }
        target(url).ok_or_else(|| refused("request"))?;
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| refused("request"))?;
        let mut headers = HeaderMap::new();
        if let Some(Value::Map { keys, values }) = rest.next() {
            for (name, value) in keys.iter().zip(values.iter()) {
                let (Value::String(name), Value::String(value)) = (name, value) else { continue };
                let shown = String::from_utf8_lossy(name);
                let name = header::HeaderName::from_bytes(name);
                let value = header::HeaderValue::from_bytes(value);
                let (Ok(name), Ok(value)) = (name, value) else {
                    return Err(format!("Http.request: invalid header '{}'", shown.escape_debug()));
                };
                headers.insert(name, value);
            }
        }
        // How long the body is and how it is sent, the client knows.
        headers.remove(header::CONTENT_LENGTH);
        headers.remove(header::TRANSFER_ENCODING);
        let body = match rest.next() {
            Some(Value::String(body)) => body,
            _ => Vec::new(),
        };
        if sends_body(&method) && !headers.contains_key(header::CONTENT_TYPE) {
            headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(JSON));
        }
        let timeout = match rest.next() {
            Some(Value::Int(millis @ 1..)) => Duration::from_millis(millis as u64),
            _ => WAIT,
        };
        let ask = Ask { method, url, headers, body: &body, timeout: Some(timeout) };
        let reply = self.send(ask)?;
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        for name in reply.headers.keys() {
            let all = reply.headers.get_all(name).iter();
            let all: Vec<_> = all.map(|v| String::from_utf8_lossy(v.as_bytes())).collect();
            keys.push(Value::text(name.as_str()));
            values.push(Value::text(all.join(", ")));
        }
        let headers = Value::Map { keys: keys.into(), values: values.into() };
        let body = Value::text(String::from_utf8_lossy(&reply.body));
        Ok(Value::data(0, [Value::Int(reply.status.into()), headers, body]))
    }

    /// Sends one request and reads the answer; redirects are answers.
    ///
    /// # Errors
    /// Why there is no answer, in words that programs can depend on.
    pub fn send(&self, ask: Ask<'_>) -> Result<Reply, String> {
        let uri = target(ask.url).ok_or_else(|| "invalid URL".to_owned())?;
        self.permissions.admit_net(&uri)?;
        self.send_unlisted(ask)
    }

    pub fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    /// Sends to a host that need not be among those allowed.
    pub fn send_unlisted(&self, ask: Ask<'_>) -> Result<Reply, String> {
        let uri = target(ask.url).ok_or_else(|| "invalid URL".to_owned())?;
        let mut request = Request::builder().method(ask.method.clone()).uri(uri.clone());
        if let Some(headers) = request.headers_mut() {
            *headers = ask.headers;
        }
        let proxy = proxy(&uri).map_err(|Unusable| "the proxy's URL is not valid".to_owned())?;
        let sent = if ask.body.is_empty() && !sends_body(&ask.method) {
            request.body(()).map_err(Error::from).and_then(|request| {
                let request = self.agent.configure_request(request);
                let request = request.proxy(proxy).timeout_global(ask.timeout).build();
                self.agent.run(request)
            })
        } else {
            request.body(ask.body).map_err(Error::from).and_then(|request| {
                let request = self.agent.configure_request(request);
                let request = request.proxy(proxy).timeout_global(ask.timeout).build();
                self.agent.run(request)
            })
        };
        self.read(sent.map_err(|error| words(&error))?)
    }

    fn read(&self, response: Response<Body>) -> Result<Reply, String> {
        let (parts, body) = response.into_parts();
        let mut bytes = Vec::new();
        let limit = self.max_body;
        let read = body.into_reader().take(limit + 1).read_to_end(&mut bytes);
        read.map_err(|error| io_words(&error))?;
        if bytes.len() as u64 > limit {
            return Err(format!("the response is larger than {limit} bytes"));
        }
        Ok(Reply {
            status: parts.status.as_u16(),
            reason: parts.status.canonical_reason().unwrap_or_default().to_owned(),
            headers: parts.headers,
            body: bytes,
        })
    }
}

impl Reply {
    /// Where a redirect leads.
    fn redirect(&self) -> Option<String> {
        if !matches!(self.status, 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        let location = self.headers.get(header::LOCATION)?;
        Some(String::from_utf8_lossy(location.as_bytes()).into_owned())
    }

    fn text(self) -> Result<String, String> {
        match self.status {
            200..=299 => Ok(String::from_utf8_lossy(&self.body).into_owned()),
            status => Err(format!("HTTP Error {status}: {}", self.reason)),
        }
    }
}

fn sends_body(method: &Method) -> bool {
    *method == Method::POST || *method == Method::PUT || *method == Method::PATCH
}

fn refused(op: &str) -> String {
    format!("Http.{op}: refusing non-HTTP(S) URL; only 'http' and 'https' schemes are permitted")
}

/// A URL with a scheme and a host that are allowed.
fn target(url: &str) -> Option<Uri> {
    let url = url.split('#').next().unwrap_or_default();
    let uri: Uri = url.parse().ok()?;
    let scheme = uri.scheme_str()?.to_ascii_lowercase();
    let is_web = scheme == "http" || scheme == "https";
    (is_web && uri.host().is_some_and(|host| !host.is_empty())).then_some(uri)
}

/// Where a `Location` leads (RFC 3986, section 5.3, for what servers send).
fn resolve(from: &Uri, location: &str) -> Option<Uri> {
    let location = location.trim();
    if location.contains("://") || location.split(['/', '?']).next()?.contains(':') {
        return target(location);
    }
    let scheme = from.scheme_str()?;
    let authority = from.authority()?.as_str();
    let url = if location.starts_with("//") {
        format!("{scheme}:{location}")
    } else if location.starts_with('/') {
        format!("{scheme}://{authority}{location}")
    } else if location.starts_with('?') {
        format!("{scheme}://{authority}{}{location}", from.path())
    } else {
        let path = from.path();
        let dir = &path[..path.rfind('/').map_or(0, |at| at + 1)];
        let mut parts: Vec<&str> = Vec::new();
        let (relative, query) = location.split_once('?').unwrap_or((location, ""));
        let whole = format!("{dir}{relative}");
        for part in whole.trim_start_matches('/').split('/') {
            match part {
                "." => {}
                ".." => _ = parts.pop(),
                part => parts.push(part),
            }
        }
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{scheme}://{authority}/{}{mark}{query}", parts.join("/"))
    };
    target(&url)
}

/// A proxy whose URL says nothing usable.
struct Unusable;

/// The proxy that the environment names for a URL.
fn proxy(uri: &Uri) -> Result<Option<Proxy>, Unusable> {
    let var = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let either = |name: &str| var(name).or_else(|| var(&name.to_ascii_uppercase()));
    let own = if uri.scheme_str() == Some("https") { "https_proxy" } else { "http_proxy" };
    let Some(named) = either(own).or_else(|| either("all_proxy")) else { return Ok(None) };
    let host = uri.host().unwrap_or_default();
    if either("no_proxy").is_some_and(|list| is_excepted(&list, host)) {
        return Ok(None);
    }
    Proxy::new(&named).map(Some).map_err(|_| Unusable)
}

/// Whether a host is in the list of those that are reached without the proxy: names,
/// which stand for what is below them too, and `*`.
fn is_excepted(list: &str, host: &str) -> bool {
    let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
    list.split(',').map(|entry| entry.trim().to_ascii_lowercase()).any(|entry| {
        let name = entry.trim_start_matches('*').trim_start_matches('.');
        entry == "*"
            || !name.is_empty()
                && (host == name || host.strip_suffix(name).is_some_and(|h| h.ends_with('.')))
    })
}

/// Why there is no answer.
fn words(error: &Error) -> String {
    match error {
        Error::Io(error) => io_words(error),
        Error::Timeout(Timeout::Resolve) => "dns failure".to_owned(),
        Error::Timeout(_) => "timed out".to_owned(),
        Error::HostNotFound => "dns failure".to_owned(),
        Error::ConnectionFailed => "connection refused".to_owned(),
        Error::Tls(_) | Error::Pem(_) | Error::Rustls(_) | Error::TlsRequired => {
            "tls failure".to_owned()
        }
        Error::InvalidProxyUrl | Error::ConnectProxyFailed(_) => "proxy failure".to_owned(),
        Error::Http(_) | Error::BadUri(_) => "invalid URL".to_owned(),
        Error::LargeResponseHeader(..) => "the response's headers are too large".to_owned(),
        Error::Decompress(..) => "the response's body is damaged".to_owned(),
        Error::BodyStalled => "timed out".to_owned(),
        // The library's list is open.
        _ => "the server does not speak HTTP".to_owned(),
    }
}

fn io_words(error: &io::Error) -> String {
    // Errors of the layers above travel inside.
    if let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        return words(inner);
    }
    let is_tls =
        error.get_ref().is_some_and(|inner| inner.downcast_ref::<rustls::Error>().is_some());
    match error.kind() {
        _ if is_tls => "tls failure",
        io::ErrorKind::ConnectionRefused => "connection refused",
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => "timed out",
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => "connection reset",
        io::ErrorKind::UnexpectedEof => "connection closed early",
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => "network unreachable",
        io::ErrorKind::InvalidData => "the response's body is damaged",
        // The standard library's resolver has no kind of its own.
        _ if error.to_string().starts_with("failed to lookup address") => "dns failure",
        _ => "network error",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_lead_where_their_text_says() {
        let from = target("http://a.example:8/x/y?q=1").expect("a URL");
        for (location, to) in [
            ("https://b.example/z", Some("https://b.example/z")),
            ("//b.example/z", Some("http://b.example/z")),
            ("/z?r=2", Some("http://a.example:8/z?r=2")),
            ("z", Some("http://a.example:8/x/z")),
            ("../z/./w", Some("http://a.example:8/z/w")),
            ("../../../z", Some("http://a.example:8/z")),
            ("?r", Some("http://a.example:8/x/y?r")),
            ("file:///etc/passwd", None),
            ("ftp://b.example/", None),
            ("javascript:alert(1)", None),
        ] {
            let found = resolve(&from, location).map(|uri| uri.to_string());
            assert_eq!(found.as_deref(), to, "{location}");
        }
    }

    #[test]
    fn only_web_addresses_are_targets() {
        for url in ["http://h", "HTTPS://h/p?q#f", "http://[::1]:80/"] {
            assert!(target(url).is_some(), "{url}");
        }
        for url in ["", "h", "/p", "ftp://h", "file:///p", "http://", "http:///p", "ht tp://h"] {
            assert!(target(url).is_none(), "{url}");
        }
    }

    #[test]
    fn proxies_have_exceptions() {
        for (list, host, excepted) in [
            ("localhost, 127.0.0.1", "127.0.0.1", true),
            (".example.com", "a.example.com", true),
            ("example.com", "a.example.com", true),
            ("*.example.com", "a.example.com", true),
            ("example.com", "badexample.com", false),
            ("*", "h", true),
            ("", "h", false),
        ] {
            assert_eq!(is_excepted(list, host), excepted, "{list} {host}");
        }
    }
}
