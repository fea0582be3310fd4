//! `wasi:http/incoming-handler`: a request as the program's `Request`, and its `Response`.

use wasi::http::types::{
    Fields, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam,
};

use crate::console::CHUNK;
use crate::http;
use crate::wire::{self, Nodes, Part, Types};

/// The answer when the program's own is not legal.
const FAILED: u16 = 500;

/// Hands a request over: the types are those of the request, its map and the map's arrays.
/// The body is text, or bytes, which cross alike.
pub fn request(request: IncomingRequest, is_text: bool) {
    let types = Types::taken();
    let method = method_text(request.method());
    let path = request.path_with_query().unwrap_or_else(|| "/".to_owned());
    let entries = request.headers().entries();
    let mut headers: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, value) in entries {
        let (name, value) = (name.to_ascii_lowercase(), wire::lossy(value).into_bytes());
        // As `vera serve`, values of the same name as one.
        match headers.iter_mut().find(|(known, _)| *known == name) {
            Some((_, all)) => {
                all.extend_from_slice(b", ");
                all.extend(value);
            }
            None => headers.push((name, value)),
        }
    }
    let body = request.consume().ok().and_then(|body| http::read_all(&body)).unwrap_or_default();
    let body = if is_text { wire::lossy(body).into_bytes() } else { body };
    let mut nodes = Nodes::default();
    nodes.headers(types.get(1), types.get(2), headers);
    nodes.node(types.get(0), 0, [Part::from(method), path.into(), body.into()]);
    nodes.send();
}

fn method_text(method: Method) -> String {
    match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Connect => "CONNECT",
        Method::Options => "OPTIONS",
        Method::Trace => "TRACE",
        Method::Patch => "PATCH",
        Method::Other(other) => return other,
    }
    .to_owned()
}

/// Sends the `Response` that the program handed over.
pub fn respond(out: ResponseOutparam) {
    // The number of the constructor, the inline fields, then the map.
    wire::word();
    let (status, body) = (wire::word(), wire::bytes());
    let headers = wire::headers();
    let made = response(status, headers);
    let (response, body) = match made {
        Ok(response) => (response, body),
        Err(why) => {
            let text =
                ["{\"error\": \"", why, "\", \"trap_kind\": \"host_error\", \"frames\": []}"]
                    .concat();
            let json = ("content-type".to_owned(), b"application/json".to_vec());
            let response =
                OutgoingResponse::new(Fields::from_list(&[json]).unwrap_or_else(|_| Fields::new()));
            _ = response.set_status_code(FAILED);
            (response, text.into_bytes())
        }
    };
    let sent = response.body();
    ResponseOutparam::set(out, Ok(response));
    let Ok(sent) = sent else { return };
    if let Ok(stream) = sent.write() {
        for chunk in body.chunks(CHUNK) {
            // A client that is gone gets no more.
            if stream.blocking_write_and_flush(chunk).is_err() {
                break;
            }
        }
    }
    _ = OutgoingBody::finish(sent, None);
}

fn response(status: i64, headers: Vec<(String, String)>) -> Result<OutgoingResponse, &'static str> {
    let code = u16::try_from(status).ok().filter(|code| (100..=599).contains(code));
    let code = code.ok_or("the status is not legal")?;
    let own = |name: &str| name.eq_ignore_ascii_case("content-length");
    let headers = headers.into_iter().filter(|(name, _)| !own(name));
    let list: Vec<(String, Vec<u8>)> = headers.map(|(n, v)| (n, v.into_bytes())).collect();
    let fields = Fields::from_list(&list).map_err(|_| "a header is not legal")?;
    let response = OutgoingResponse::new(fields);
    response.set_status_code(code).map_err(|()| "the status is not legal")?;
    Ok(response)
}

/// `HttpServer.respond`, of a program whose response is not streamed.
pub fn not_streamed() {
    wire::send_done(Err("no response is streamed here".to_owned()));
}
