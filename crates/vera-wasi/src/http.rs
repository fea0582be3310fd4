//! `Http` on `wasi:http/outgoing-handler`.

use wasi::clocks::monotonic_clock::Duration;
use wasi::http::outgoing_handler::handle;
use wasi::http::types::{
    ErrorCode, Fields, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest,
    RequestOptions, Scheme,
};
use wasi::io::streams::StreamError;

use crate::console::CHUNK;
use crate::url::Url;
use crate::wire::{self, Nodes, Part, Types};

/// Redirects that are followed.
const MAX_REDIRECTS: usize = 10;

/// A body larger than this is refused.
const MAX_BODY: usize = 256 << 20;

const READ: u64 = 1 << 16;

const NANOS: u64 = 1_000_000;

/// How long a request may take where its program does not say, in milliseconds.
const WAIT: u64 = 60_000;

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

struct Reply {
    status: u16,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

fn refused(op: &str) -> String {
    ["Http.", op, ": refusing non-HTTP(S) URL; only 'http' and 'https' schemes are permitted"]
        .concat()
}

/// `get` and its like: a text, or an error for what is no success.
pub fn simple(op: &str, name: &'static str, has_body: bool) {
    let url = wire::text();
    let body = if has_body { wire::bytes() } else { Vec::new() };
    let answered = follow(op, name, &url, &body);
    wire::send_result(answered.map(|text| Some(wire::lossy(text).into())));
}

fn follow(op: &str, method: &'static str, url: &str, body: &[u8]) -> Result<Vec<u8>, String> {
    let mut url = Url::parse(url).ok_or_else(|| refused(op))?;
    let (mut method, mut body) = (method, body);
    for _ in 0..=MAX_REDIRECTS {
        let json = ("content-type".to_owned(), b"application/json".to_vec());
        let headers = if sends_body(method) { vec![json] } else { Vec::new() };
        let reply = send(method, &url, headers, body, WAIT)?;
        let location = reply.headers.iter().find(|(name, _)| name == "location");
        let (301 | 302 | 303 | 307 | 308, Some((_, location))) = (reply.status, location) else {
            return text(reply);
        };
        match (reply.status, method) {
            (307 | 308, "GET") => {}
            (307 | 308, _) => return text(reply),
            _ => (method, body) = ("GET", &[]),
        }
        let location = wire::lossy(location.clone());
        url = url.resolve(&location).ok_or_else(|| refused(op))?;
    }
    Err("too many redirects".to_owned())
}

fn text(reply: Reply) -> Result<Vec<u8>, String> {
    match reply.status {
        200..=299 => Ok(reply.body),
        status => Err(["HTTP Error ", &number(status), ": ", reason(status)].concat()),
    }
}

fn number(status: u16) -> String {
    let digits = [status / 100, status / 10 % 10, status % 10];
    digits.iter().filter_map(|d| char::from_digit(u32::from(*d), 10)).collect()
}

/// `Http.request`: any answer is one.
pub fn request() {
    let (method, url, headers) = (wire::text(), wire::text(), wire::headers());
    let (body, millis) = (wire::bytes(), wire::word());
    let types = Types::taken();
    let mut nodes = Nodes::default();
    let result = any(&method, &url, headers, &body, millis).map(|reply| {
        nodes.headers(types.get(2), types.get(3), joined(reply.headers));
        let fields = [Part::Word(reply.status.into()), wire::lossy(reply.body).into()];
        nodes.node(types.get(1), 0, fields);
        None
    });
    wire::end_result(&mut nodes, types.get(0), result);
    nodes.send();
}

fn any(
    method: &str,
    url: &str,
    given: Vec<(String, String)>,
    body: &[u8],
    millis: i64,
) -> Result<Reply, String> {
    if !METHODS.contains(&method) {
        return Err(["Http.request: unsupported method '", method, "'"].concat());
    }
    let url = Url::parse(url).ok_or_else(|| refused("request"))?;
    let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, value) in given {
        if !is_token(&name) || !value.bytes().all(|b| b == b'\t' || b >= b' ' && b != 0x7f) {
            return Err(["Http.request: invalid header '", &name, "'"].concat());
        }
        let name = name.to_ascii_lowercase();
        // How long the body is and how it is sent, the host knows.
        if name != "content-length" && name != "transfer-encoding" {
            headers.push((name, value.into_bytes()));
        }
    }
    if sends_body(method) && !headers.iter().any(|(name, _)| name == "content-type") {
        headers.push(("content-type".to_owned(), b"application/json".to_vec()));
    }
    let millis = if millis > 0 { millis as u64 } else { WAIT };
    send(method, &url, headers, body, millis)
}

/// Values of the same name as one.
fn joined(headers: Vec<(String, Vec<u8>)>) -> Vec<(String, Vec<u8>)> {
    let mut out: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, value) in headers {
        match out.iter_mut().find(|(known, _)| *known == name) {
            Some((_, all)) => {
                all.extend_from_slice(b", ");
                all.extend(value);
            }
            None => out.push((name, value)),
        }
    }
    out
}

/// A name of a header (RFC 9110, section 5.6.2).
fn is_token(name: &str) -> bool {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !name.is_empty() && name.bytes().all(legal)
}

fn sends_body(method: &str) -> bool {
    matches!(method, "POST" | "PUT" | "PATCH")
}

fn send(
    method: &str,
    url: &Url,
    mut headers: Vec<(String, Vec<u8>)>,
    body: &[u8],
    millis: u64,
) -> Result<Reply, String> {
    let invalid = |()| "invalid URL".to_owned();
    headers.push(("user-agent".to_owned(), b"vera".to_vec()));
    let has_body = !body.is_empty() || sends_body(method);
    if has_body {
        let length: String = decimal(body.len());
        headers.push(("content-length".to_owned(), length.into_bytes()));
    }
    let fields = Fields::from_list(&headers).map_err(|_| "invalid header".to_owned())?;
    let request = OutgoingRequest::new(fields);
    request.set_method(&method_of(method)).map_err(invalid)?;
    let scheme = if url.is_secure { Scheme::Https } else { Scheme::Http };
    request.set_scheme(Some(&scheme)).map_err(invalid)?;
    request.set_authority(Some(&url.authority)).map_err(invalid)?;
    request.set_path_with_query(Some(&url.target)).map_err(invalid)?;
    let sent = request.body().map_err(invalid)?;
    let options = RequestOptions::new();
    let time: Duration = millis.saturating_mul(NANOS);
    // A host that knows no such limit goes by its own.
    _ = options.set_connect_timeout(Some(time));
    _ = options.set_first_byte_timeout(Some(time));
    _ = options.set_between_bytes_timeout(Some(time));
    let coming = handle(request, Some(options)).map_err(words)?;
    if has_body {
        write_body(&sent, body)?;
    }
    OutgoingBody::finish(sent, None).map_err(words)?;
    coming.subscribe().block();
    let response = match coming.get() {
        Some(Ok(response)) => response.map_err(words)?,
        // It was waited for, and is taken once.
        Some(Err(())) | None => return Err("network error".to_owned()),
    };
    let (status, headers) = (response.status(), response.headers().entries());
    Ok(Reply { status, headers, body: read_body(&response)? })
}

fn write_body(body: &OutgoingBody, bytes: &[u8]) -> Result<(), String> {
    let closed = || "connection closed early".to_owned();
    let stream = body.write().map_err(|()| closed())?;
    for chunk in bytes.chunks(CHUNK) {
        stream.blocking_write_and_flush(chunk).map_err(|_| closed())?;
    }
    Ok(())
}

fn read_body(response: &IncomingResponse) -> Result<Vec<u8>, String> {
    let body = response.consume().map_err(|()| "network error".to_owned())?;
    read_all(&body).ok_or_else(|| "connection closed early".to_owned())
}

/// The whole body; `None` when it breaks off, or is too large.
pub fn read_all(body: &IncomingBody) -> Option<Vec<u8>> {
    let stream = body.stream().ok()?;
    let mut all = Vec::new();
    loop {
        match stream.blocking_read(READ) {
            Ok(mut bytes) => all.append(&mut bytes),
            Err(StreamError::Closed) => return Some(all),
            Err(StreamError::LastOperationFailed(_)) => return None,
        }
        if all.len() > MAX_BODY {
            return None;
        }
    }
}

pub fn decimal(mut number: usize) -> String {
    let mut digits = Vec::new();
    loop {
        digits.push(char::from(b'0' + (number % 10) as u8));
        number /= 10;
        if number == 0 {
            break;
        }
    }
    digits.iter().rev().collect()
}

fn method_of(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        "HEAD" => Method::Head,
        "OPTIONS" => Method::Options,
        other => Method::Other(other.to_owned()),
    }
}

/// Why there is no answer, in the words of the native host.
fn words(error: ErrorCode) -> String {
    match error {
        ErrorCode::DnsTimeout | ErrorCode::DnsError(_) | ErrorCode::DestinationNotFound => {
            "dns failure"
        }
        ErrorCode::ConnectionRefused => "connection refused",
        ErrorCode::ConnectionTerminated => "connection reset",
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout => "timed out",
        ErrorCode::TlsProtocolError
        | ErrorCode::TlsCertificateError
        | ErrorCode::TlsAlertReceived(_) => "tls failure",
        ErrorCode::HttpRequestDenied => "the host forbids requests to there",
        ErrorCode::HttpRequestUriInvalid | ErrorCode::HttpRequestUriTooLong => "invalid URL",
        ErrorCode::HttpResponseIncomplete => "connection closed early",
        ErrorCode::HttpProtocolError => "the server does not speak HTTP",
        _ => "network error",
    }
    .to_owned()
}

/// The words of a status (RFC 9110, section 15).
fn reason(status: u16) -> &'static str {
    match status {
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Payload Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        418 => "I'm a teapot",
        422 => "Unprocessable Entity",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}
