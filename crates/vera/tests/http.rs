//! `Http` against a real server on the loopback interface (language reference, chapters
//! 10.12.3 and 10.11).

mod common;

use std::io::Write;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use common::server::{Request, Server, reply};
use common::{TempDir, vera};

const PROGRAM: &str = "\
private fn said(@Result<String, String> -> @String)
  requires(true)
  ensures(true)
  effects(pure)
{
  match @Result<String, String>.0 {
    Ok(@String) -> \"ok: \\(@String.0)\",
    Err(@String) -> \"err: \\(@String.0)\"
  }
}

public fn get(@String -> @String)
  requires(true)
  ensures(true)
  effects(<Http>)
{
  said(Http.get(@String.0))
}

public fn send(@String, @String, @String -> @String)
  requires(true)
  ensures(true)
  effects(<Http>)
{
  if @String.2 == \"post\" then {
    said(Http.post(@String.1, @String.0))
  } else {
    if @String.2 == \"put\" then {
      said(Http.put(@String.1, @String.0))
    } else {
      if @String.2 == \"patch\" then { said(Http.patch(@String.1, @String.0)) } else { said(Http.delete(@String.1)) }
    }
  }
}

public fn request(@String, @String, @Map<String, String>, @String, @Nat -> @Result<HttpReply, String>)
  requires(true)
  ensures(true)
  effects(<Http>)
{
  Http.request(@String.2, @String.1, @Map<String, String>.0, @String.0, @Nat.0)
}

private fn begun(@String, @Nat -> @Array<Future<Result<String, String>>>)
  requires(true)
  ensures(true)
  decreases(@Nat.0)
  effects(<Http, Async>)
{
  if @Nat.0 == 0 then {
    []
  } else {
    let @Array<Future<Result<String, String>>> = begun(@String.0, @Nat.0 - 1);
    array_append(@Array<Future<Result<String, String>>>.0, async(Http.get(\"\\(@String.0)\\(@Nat.0)\")))
  }
}

private fn awaited(@Array<Future<Result<String, String>>>, @Nat -> @String)
  requires(@Nat.0 <= array_length(@Array<Future<Result<String, String>>>.0))
  ensures(true)
  decreases(@Nat.0)
  effects(<Async>)
{
  if @Nat.0 == 0 then {
    \"\"
  } else {
    let @String = awaited(@Array<Future<Result<String, String>>>.0, @Nat.0 - 1);
    \"\\(@String.0)\\(said(await(@Array<Future<Result<String, String>>>.0[@Nat.0 - 1]))) \"
  }
}

public fn many(@String, @Nat -> @String)
  requires(true)
  ensures(true)
  effects(<Http, Async>)
{
  let @Array<Future<Result<String, String>>> = begun(@String.0, @Nat.0);
  awaited(@Array<Future<Result<String, String>>>.0, array_length(@Array<Future<Result<String, String>>>.0))
}

public fn shown(@String -> @String)
  requires(true)
  ensures(true)
  effects(<Http, Async>)
{
  let @Future<Result<String, String>> = async(Http.get(@String.0));
  let @Bool = await(@Future<Result<String, String>>.0) == await(@Future<Result<String, String>>.0);
  \"\\(show(@Future<Result<String, String>>.0)) \\(@Bool.0)\"
}

public fn matched(@String -> @String)
  requires(true)
  ensures(true)
  effects(<Http, Async>)
{
  match Tuple(1, async(Http.get(@String.0))) {
    Tuple(@Int, Future(Ok(@String))) -> \"\\(@Int.0) \\(@String.0)\",
    Tuple(_, Future(Err(@String))) -> @String.0
  }
}

public fn future(@String -> @Future<Result<String, String>>)
  requires(true)
  ensures(true)
  effects(<Http, Async>)
{
  async(Http.get(@String.0))
}
";

struct Desk {
    dir: TempDir,
    server: Server,
}

impl Desk {
    fn new() -> Desk {
        let dir = TempDir::new("http");
        dir.file("http.vera", PROGRAM);
        Desk { dir, server: Server::start(|request, stream| answer(&request, stream)) }
    }

    fn run_with(&self, flags: &[&str], function: &str, words: &[&str]) -> String {
        let args = [&["run", "http.vera", "--fn", function], flags, &["--"], words].concat();
        let outcome = vera(args).env("no_proxy", "*").dir(self.dir.path()).run();
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{function} {words:?}");
        outcome.stdout.trim_end_matches('\n').to_owned()
    }

    fn run(&self, function: &str, words: &[&str]) -> String {
        self.run_with(&[], function, words)
    }

    fn get(&self, path: &str) -> String {
        self.run("get", &[&self.server.url(path)])
    }
}

fn answer(request: &Request, stream: &mut std::net::TcpStream) {
    let path = request.target.as_str();
    match path {
        "/echo" => {
            let kind = request.header("content-type").unwrap_or("-");
            let text = format!("{} {kind} [{}]", request.method, request.text());
            reply(stream, "200 OK", &[], text.as_bytes());
        }
        "/agent" => {
            let agent = request.header("user-agent").unwrap_or("-").to_owned();
            reply(stream, "200 OK", &[], agent.as_bytes());
        }
        "/missing" => reply(stream, "404 Not Found", &["X-Why: none"], b"gone"),
        "/error" => reply(stream, "500 Internal Server Error", &[], b"oh"),
        "/empty" => reply(stream, "204 No Content", &[], b""),
        "/latin" => reply(stream, "200 OK", &[], b"caf\xe9"),
        "/301" => reply(stream, "301 Moved Permanently", &["Location: /echo"], b""),
        "/303" => reply(stream, "303 See Other", &["Location: echo"], b""),
        "/307" => reply(stream, "307 Temporary Redirect", &["Location: /echo"], b""),
        "/loop" => reply(stream, "302 Found", &["Location: /loop"], b""),
        "/file" => reply(stream, "302 Found", &["Location: file:///etc/passwd"], b""),
        "/chunked" => {
            let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
            _ = stream.write_all(head);
            _ = stream.write_all(b"4\r\nWiki\r\n5\r\npedia\r\n0\r\n\r\n");
        }
        "/gzip" => {
            // `hello gzip`
            let body: &[u8] = &[
                31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 203, 72, 205, 201, 201, 87, 72, 175, 202, 44, 0,
                0, 25, 106, 210, 223, 10, 0, 0, 0,
            ];
            reply(stream, "200 OK", &["Content-Encoding: gzip"], body);
        }
        "/truncated" => {
            _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
        }
        "/garbage" => _ = stream.write_all(b"220 this is not HTTP\r\n\r\n"),
        "/closed" => {}
        "/slow" => {
            std::thread::sleep(Duration::from_secs(2));
            reply(stream, "200 OK", &[], b"late");
        }
        _ if path.starts_with("/wait") => {
            std::thread::sleep(Duration::from_millis(100));
            reply(stream, "200 OK", &[], &path.as_bytes()[5..]);
        }
        _ => reply(stream, "404 Not Found", &[], b""),
    }
}

#[test]
fn a_text_is_what_success_brings() {
    let desk = Desk::new();
    for (path, said) in [
        ("/echo", "ok: GET - []"),
        ("/agent", "ok: vera"),
        ("/empty", "ok: "),
        ("/latin", "ok: caf\u{fffd}"),
        ("/missing", "err: HTTP Error 404: Not Found"),
        ("/error", "err: HTTP Error 500: Internal Server Error"),
        ("/chunked", "ok: Wikipedia"),
        ("/gzip", "ok: hello gzip"),
    ] {
        assert_eq!(desk.get(path), said, "{path}");
    }
    let echo = desk.server.url("/echo");
    for (op, said) in [
        ("post", "ok: POST application/json [{}]"),
        ("put", "ok: PUT application/json [{}]"),
        ("patch", "ok: PATCH application/json [{}]"),
        ("delete", "ok: DELETE - []"),
    ] {
        assert_eq!(desk.run("send", &[op, &echo, "{}"]), said);
    }
}

#[test]
fn redirects_are_followed_by_their_rules() {
    let desk = Desk::new();
    for path in ["/301", "/303", "/307"] {
        assert_eq!(desk.get(path), "ok: GET - []", "{path}");
    }
    let sent = |path| desk.run("send", &["post", &desk.server.url(path), "{}"]);
    assert_eq!(sent("/301"), "ok: GET - []");
    assert_eq!(sent("/303"), "ok: GET - []");
    assert_eq!(sent("/307"), "err: HTTP Error 307: Temporary Redirect");
    assert_eq!(desk.get("/loop"), "err: too many redirects");
    assert_eq!(
        desk.get("/file"),
        "err: Http.get: refusing non-HTTP(S) URL; only 'http' and 'https' schemes are permitted"
    );
}

#[test]
fn other_schemes_are_refused() {
    let desk = Desk::new();
    for url in ["ftp://127.0.0.1/", "file:///etc/passwd", "", "no url", "//127.0.0.1/"] {
        let refused = desk.run("send", &["post", url, ""]);
        assert_eq!(
            refused,
            "err: Http.post: refusing non-HTTP(S) URL; only 'http' and 'https' schemes are permitted"
        );
    }
}

#[test]
fn what_goes_wrong_has_stable_words() {
    let desk = Desk::new();
    assert_eq!(desk.get("/truncated"), "err: connection closed early");
    assert_eq!(desk.get("/garbage"), "err: the server does not speak HTTP");
    assert_eq!(desk.get("/closed"), "err: connection closed early");
    // Nobody listens on a port that was just given back.
    let port =
        TcpListener::bind(("127.0.0.1", 0)).expect("a port").local_addr().expect("it").port();
    let nobody = format!("http://127.0.0.1:{port}/");
    assert_eq!(desk.run("get", &[&nobody]), "err: connection refused");
    assert_eq!(desk.run("get", &["http://no-such-host.invalid/"]), "err: dns failure");
    // A server that does not speak TLS.
    let plain = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let https = format!("https://{}/", plain.local_addr().expect("it"));
    std::thread::spawn(move || {
        let (mut stream, _) = plain.accept().expect("a connection");
        _ = stream.write_all(b"220 this is not TLS, and long enough to be read\r\n");
        std::thread::sleep(Duration::from_secs(1));
    });
    assert_eq!(desk.run("get", &[&https]), "err: tls failure");
}

#[test]
fn a_request_says_everything_and_so_does_its_reply() {
    let desk = Desk::new();
    let request = |method: &str, path: &str, headers: &str, body: &str, timeout: &str| {
        desk.run("request", &[method, &desk.server.url(path), headers, body, timeout])
    };
    let found = request("GET", "/missing", "map_new()", "", "0");
    assert!(found.starts_with("Ok(HttpReply(404, map_new() |> map_insert(\""), "{found}");
    assert!(found.contains("map_insert(\"x-why\", \"none\")"), "{found}");
    assert!(found.ends_with(", \"gone\"))"), "{found}");
    let plain = r#"map_new() |> map_insert("CONTENT-Type", "text/plain")"#;
    let echoed = request("POST", "/echo", plain, "b", "0");
    assert!(echoed.ends_with(", \"POST text/plain [b]\"))"), "{echoed}");
    let echoed = request("GET", "/echo", "map_new()", "b", "0");
    assert!(echoed.ends_with(", \"GET - [b]\"))"), "{echoed}");
    let moved = request("GET", "/301", "map_new()", "", "0");
    assert!(moved.starts_with("Ok(HttpReply(301, "), "{moved}");
    for (method, headers, why) in [
        ("TRACE", "map_new()", "Http.request: unsupported method 'TRACE'"),
        ("get", "map_new()", "Http.request: unsupported method 'get'"),
        ("GET", r#"map_new() |> map_insert("X", "a\r\nY: b")"#, "Http.request: invalid header 'X'"),
        ("GET", r#"map_new() |> map_insert("a b", "c")"#, "Http.request: invalid header 'a b'"),
    ] {
        assert_eq!(request(method, "/echo", headers, "", "0"), format!("Err(\"{why}\")"));
    }
    assert_eq!(request("GET", "/slow", "map_new()", "", "200"), "Err(\"timed out\")");
}

#[test]
fn requests_overlap() {
    let desk = Desk::new();
    // Compiled and cached, so that what is measured is the requests.
    desk.run("many", &[&desk.server.url("/wait"), "1"]);
    let start = Instant::now();
    let said = desk.run("many", &[&desk.server.url("/wait"), "20"]);
    let took = start.elapsed();
    let wanted: Vec<String> = (1..=20).map(|n| format!("ok: {n}")).collect();
    assert_eq!(said.trim_end(), wanted.join(" "));
    // One after the other they take two seconds.
    assert!(took < Duration::from_millis(1500), "{took:?}");
}

#[test]
fn a_future_is_its_value_wherever_it_is_looked_at() {
    let desk = Desk::new();
    let url = desk.server.url("/echo");
    assert_eq!(desk.run("shown", &[&url]), "Ok(GET - []) true");
    assert_eq!(desk.run("matched", &[&url]), "1 GET - []");
    assert_eq!(desk.run("future", &[&url]), "Ok(\"GET - []\")");
}

#[test]
fn hosts_that_are_not_allowed_are_refused() {
    let desk = Desk::new();
    let url = desk.server.url("/echo");
    let host = format!("127.0.0.1:{}", desk.server.port());
    let denied = format!("err: permission denied: {host}");
    assert_eq!(desk.run_with(&["--allow-net", &host], "get", &[&url]), "ok: GET - []");
    assert_eq!(desk.run_with(&["--allow-net", "127.0.0.1:1"], "get", &[&url]), denied);
    assert_eq!(desk.run_with(&["--sandbox"], "get", &[&url]), denied);
    assert_eq!(
        desk.run_with(&["--sandbox", "--allow-net", "127.0.0.1"], "get", &[&url]),
        "ok: GET - []"
    );
}
