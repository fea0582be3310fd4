//! Requests as values of the program, and its values as responses.

use http_body_util::{BodyExt, Full};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, SET_COOKIE};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Response, StatusCode, Uri, Version};
use serde_json::json;
use vera_abi::trap::TrapKind;
use vera_diagnostics::Sources;
use vera_host::{Outcome, Run, Value, report};

use crate::front::{Answer, Body};
use crate::handler::RequestForm;

/// What clients are told, and how much of it.
#[derive(Clone, Copy)]
pub(crate) struct Telling {
    pub production: bool,
    pub precondition_status: u16,
}

/// The target as the client sent it.
pub(crate) fn target(version: Version, uri: &Uri) -> String {
    match version {
        // There it is split into pseudo-headers.
        Version::HTTP_2 => uri.path_and_query().map_or("/", |p| p.as_str()).to_owned(),
        _ => uri.to_string(),
    }
}

/// The value of the prelude's type `Request`, or `BytesRequest`.
pub(crate) fn request(head: &Parts, body: Vec<u8>, form: RequestForm) -> Value {
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
    let body = match form {
        RequestForm::Bytes => Value::Bytes(body),
        RequestForm::Text => Value::text(match String::from_utf8(body) {
            Ok(text) => text,
            Err(bytes) => String::from_utf8_lossy(bytes.as_bytes()).into_owned(),
        }),
    };
    let fields = [
        Value::text(head.method.as_str()),
        Value::text(target(head.version, &head.uri)),
        Value::Map { keys: keys.into(), values: values.into() },
        body,
    ];
    Value::data(0, fields)
}

/// The response to a request that the program has dealt with.
pub(crate) fn answer(run: &Run, sources: &Sources, method: &Method, telling: Telling) -> Answer {
    let failed = |status, error: String, kind: &'static str, frames: serde_json::Value| {
        let body = json!({ "error": error, "trap_kind": kind, "frames": frames });
        Answer { failure: Some(kind), ..failure(status, body, telling) }
    };
    match &run.outcome {
        Outcome::Returned(value) => match response(value, method) {
            Ok(response) => Answer { response, failure: None },
            Err(why) => failed(500, why, TrapKind::HostError.name(), json!([])),
        },
        Outcome::Exited(code) => {
            failed(500, format!("the handler called IO.exit({code})"), "exit", json!([]))
        }
        Outcome::Trapped(trap) => {
            let of_request = trap.kind == TrapKind::ContractViolation && !run.admission.admitted;
            let status = match trap.kind {
                TrapKind::TimeLimit => 504,
                _ if of_request => telling.precondition_status,
                _ => 500,
            };
            let frames = report::trap_json(trap, sources)["frames"].clone();
            failed(status, trap.message.clone(), trap.kind.name(), frames)
        }
    }
}

/// Why a run that streamed its response did not come to its end.
pub(crate) fn failed(run: &Run) -> Option<String> {
    match &run.outcome {
        Outcome::Returned(_) => None,
        Outcome::Exited(code) => Some(format!("the handler called IO.exit({code})")),
        Outcome::Trapped(trap) => Some(trap.message.clone()),
    }
}

/// A status with an object as the body.
fn failure(status: u16, body: serde_json::Value, telling: Telling) -> Answer {
    let body = match telling.production && status >= 500 {
        true => json!({ "error": reason(status) }),
        false => body,
    };
    object(status, &body)
}

fn object(status: u16, body: &serde_json::Value) -> Answer {
    let mut response = Response::new(whole(format!("{body}\n").into_bytes()));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Answer { response, failure: None }
}

fn whole(body: Vec<u8>) -> Body {
    Full::from(body).map_err(|never| match never {}).boxed_unsync()
}

/// A refusal that does not come from the program.
pub fn refusal(status: u16) -> Answer {
    let body = match status {
        504 => {
            json!({ "error": reason(504), "trap_kind": TrapKind::TimeLimit.name(), "frames": [] })
        }
        _ => json!({ "error": reason(status) }),
    };
    object(status, &body)
}

/// What a client is told of a status that does not come from the program.
pub(crate) fn reason(status: u16) -> &'static str {
    match status {
        404 => "there is nothing here",
        408 => "the request did not arrive in time",
        413 => "the body of the request is too large",
        500 => "internal error",
        503 => "too many requests",
        504 => "the request took too long",
        _ => "the request is refused",
    }
}

/// The value of the prelude's type `Response` or `BytesResponse`, if it is a legal one.
fn response(value: &Value, method: &Method) -> Result<Response<Body>, String> {
    let Value::Data { ctor: 0, fields } = value else { return Err(disagreement(value)) };
    let [Value::Int(code), Value::Map { keys, values }, Value::String(body) | Value::Bytes(body)] =
        &fields[..]
    else {
        return Err(disagreement(value));
    };
    let mut answer = Response::new(());
    *answer.status_mut() = status(*code)?;
    for pair in keys.iter().zip(values.iter()) {
        let (Value::String(name), Value::String(value)) = pair else {
            return Err(disagreement(value));
        };
        header(answer.headers_mut(), name, value)?;
    }
    let length = body.len();
    let bodiless = is_bodiless(answer.status());
    let body = if bodiless || method == Method::HEAD { Vec::new() } else { body.clone() };
    if !bodiless {
        answer.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    Ok(answer.map(|()| whole(body)))
}

/// The status of a response, if it is one.
pub(crate) fn status(code: i64) -> Result<StatusCode, String> {
    let legal = u16::try_from(code).ok().filter(|status| (200..=599).contains(status));
    legal
        .and_then(|status| StatusCode::from_u16(status).ok())
        .ok_or_else(|| format!("{code} is no status of a response: it is from 200 to 599"))
}

/// Whether responses of this status have no body.
pub(crate) fn is_bodiless(status: StatusCode) -> bool {
    matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// Adds a header. The lines of a `Set-Cookie` are one cookie each.
pub(crate) fn header(headers: &mut HeaderMap, name: &[u8], value: &[u8]) -> Result<(), String> {
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

fn disagreement(value: &Value) -> String {
    match value {
        Value::Unit => "the handler ended without having begun a response".to_owned(),
        _ => "the handler's result is no response".to_owned(),
    }
}
