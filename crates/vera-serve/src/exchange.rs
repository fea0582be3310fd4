//! Requests as values of the program, and its values as responses.

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, SET_COOKIE};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Response, StatusCode, Version};
use serde_json::json;
use vera_abi::trap::TrapKind;
use vera_host::{Outcome, Run, Value, report};

use crate::settings::Program;

/// A response with its whole body.
pub(crate) type Answer = Response<Full<Bytes>>;

/// What clients are told, and how much of it.
#[derive(Clone, Copy)]
pub(crate) struct Telling {
    pub production: bool,
    pub precondition_status: u16,
}

/// The target as the client sent it.
pub(crate) fn target(head: &Parts) -> String {
    match head.version {
        // There it is split into pseudo-headers.
        Version::HTTP_2 => head.uri.path_and_query().map_or("/", |p| p.as_str()).to_owned(),
        _ => head.uri.to_string(),
    }
}

/// The value of the prelude's type `Request`.
pub(crate) fn request(head: &Parts, body: Vec<u8>) -> Value {
    let mut headers: Vec<(String, String)> = Vec::new();
    let authority = head.uri.authority().map(|a| ("host", a.as_str().as_bytes()));
    let authority = authority.filter(|_| !head.headers.contains_key("host"));
    let sent = head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    for (name, value) in authority.into_iter().chain(sent) {
        let value = String::from_utf8_lossy(value);
        match headers.iter_mut().find(|(known, _)| known == name) {
            Some((_, joined)) => {
                joined.push_str(if name == "cookie" { "; " } else { ", " });
                joined.push_str(&value);
            }
            None => headers.push((name.to_owned(), value.into_owned())),
        }
    }
    let (keys, values): (Vec<Value>, Vec<Value>) =
        headers.into_iter().map(|(k, v)| (Value::text(k), Value::text(v))).unzip();
    let body = match String::from_utf8(body) {
        Ok(text) => text,
        Err(bytes) => String::from_utf8_lossy(bytes.as_bytes()).into_owned(),
    };
    let fields = [
        Value::text(head.method.as_str()),
        Value::text(target(head)),
        Value::Map { keys: keys.into(), values: values.into() },
        Value::text(body),
    ];
    Value::data(0, fields)
}

/// The response to a request that the program has dealt with, and why it is a failure.
pub(crate) fn answer(
    run: &Run,
    program: &Program,
    method: &Method,
    telling: Telling,
) -> (Answer, Option<&'static str>) {
    match &run.outcome {
        Outcome::Returned(value) => match response(value, method) {
            Ok(answer) => (answer, None),
            Err(why) => {
                let body = json!({ "error": why, "trap_kind": "host_error", "frames": [] });
                (failure(500, body, telling), Some("host_error"))
            }
        },
        Outcome::Exited(code) => {
            let why = format!("the handler called IO.exit({code})");
            let body = json!({ "error": why, "trap_kind": "exit", "frames": [] });
            (failure(500, body, telling), Some("exit"))
        }
        Outcome::Trapped(trap) => {
            let of_request = trap.kind == TrapKind::ContractViolation && !run.admission.admitted;
            let status = match trap.kind {
                TrapKind::TimeLimit => 504,
                _ if of_request => telling.precondition_status,
                _ => 500,
            };
            let shown = report::trap_json(trap, &program.sources);
            let body = json!({
                "error": trap.message,
                "trap_kind": shown["trap_kind"],
                "frames": shown["frames"],
            });
            (failure(status, body, telling), Some(trap.kind.name()))
        }
    }
}

/// A status with an object as the body.
fn failure(status: u16, body: serde_json::Value, telling: Telling) -> Answer {
    let body = match telling.production && status >= 500 {
        true => json!({ "error": reason(status) }),
        false => body,
    };
    let mut answer = Response::new(Full::from(format!("{body}\n")));
    *answer.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// A refusal that does not come from the program.
pub(crate) fn refusal(status: u16, telling: Telling) -> Answer {
    let body = match status {
        504 => {
            json!({ "error": reason(504), "trap_kind": TrapKind::TimeLimit.name(), "frames": [] })
        }
        _ => json!({ "error": reason(status) }),
    };
    failure(status, body, telling)
}

fn reason(status: u16) -> &'static str {
    match status {
        408 => "the request did not arrive in time",
        413 => "the body of the request is too large",
        500 => "internal error",
        503 => "too many requests",
        504 => "the request took too long",
        _ => "the request is refused",
    }
}

/// The value of the prelude's type `Response`, if it is a legal one.
fn response(value: &Value, method: &Method) -> Result<Answer, String> {
    let Value::Data { ctor: 0, fields } = value else { return Err(disagreement()) };
    let [Value::Int(status), Value::Map { keys, values }, Value::String(body)] = &fields[..] else {
        return Err(disagreement());
    };
    let status = u16::try_from(*status)
        .ok()
        .filter(|status| (200..=599).contains(status))
        .and_then(|status| StatusCode::from_u16(status).ok())
        .ok_or_else(|| format!("{status} is no status of a response: it is from 200 to 599"))?;
    let mut headers = HeaderMap::new();
    for (name, value) in keys.iter().zip(values.iter()) {
        let (Value::String(name), Value::String(value)) = (name, value) else {
            return Err(disagreement());
        };
        header(&mut headers, name, value)?;
    }
    let length = body.len();
    let bodiless = matches!(status.as_u16(), 204 | 304);
    let body = if bodiless || method == Method::HEAD { Vec::new() } else { body.clone() };
    let mut answer = Response::new(Full::from(body));
    *answer.status_mut() = status;
    *answer.headers_mut() = headers;
    if !bodiless {
        answer.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    Ok(answer)
}

/// Adds a header. The lines of a `Set-Cookie` are one cookie each.
fn header(headers: &mut HeaderMap, name: &[u8], value: &[u8]) -> Result<(), String> {
    let shown = || String::from_utf8_lossy(name).escape_debug().to_string();
    let legal = HeaderName::from_bytes(name)
        .map_err(|_| format!("\"{}\" is no name of a header", shown()))?;
    // These are the server's: how long the body is, and how the connection goes on.
    if matches!(legal.as_str(), "content-length" | "transfer-encoding" | "connection") {
        return Ok(());
    }
    let parts: Vec<&[u8]> = if legal == SET_COOKIE {
        value.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect()
    } else {
        vec![value]
    };
    for part in parts {
        let part = HeaderValue::from_bytes(part)
            .map_err(|_| format!("the value of the header \"{}\" is not legal", shown()))?;
        headers.append(legal.clone(), part);
    }
    Ok(())
}

fn disagreement() -> String {
    "the handler's result is no Response".to_owned()
}
