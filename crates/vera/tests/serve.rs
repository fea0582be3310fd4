//! `vera serve`, by requests over the loopback interface.

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use common::desk::Desk;
use common::serving::{Serving, status};

/// Answers by path, so that one program serves all tests.
const APP: &str = r#"private fn header(@Map<String, String>, @String -> @String)
  requires(true)
  ensures(true)
  effects(pure)
{
  match map_get(@Map<String, String>.0, @String.0) {
    Some(@String) -> @String.0,
    None -> "(none)"
  }
}

private fn spin(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(<Diverge>)
{
  spin(@Int.0 + 1 - 1)
}

private fn failing(@Nat -> @Int)
  requires(@Nat.0 > 0)
  ensures(true)
  effects(pure)
{
  10 / @Nat.0
}

private fn answer(@String, @String, @Map<String, String>, @String -> @Response)
  requires(true)
  ensures(true)
  effects(<State<Int>, IO, Diverge>)
{
  let @Map<String, String> = map_insert(map_new(), "Content-Type", "text/plain");
  match @String.1 {
    "/count" -> {
      put(get(()) + 1);
      Response(200, @Map<String, String>.0, "\(get(()))")
    },
    "/header" -> Response(200, @Map<String, String>.0, string_concat(header(@Map<String, String>.1, "x-twice"), header(@Map<String, String>.1, "host"))),
    "/empty" -> Response(204, @Map<String, String>.0, "not sent"),
    "/status" -> Response(99, @Map<String, String>.0, ""),
    "/split" -> Response(200, map_insert(@Map<String, String>.0, "X-A", "a\r\nX-B: b"), ""),
    "/cookies" -> Response(200, map_insert(@Map<String, String>.0, "Set-Cookie", "a=1\nb=2"), ""),
    "/trap" -> Response(failing(nat_min(0, string_length(@String.0))), @Map<String, String>.0, ""),
    "/exit" -> IO.exit(3),
    "/loop" -> Response(spin(200), @Map<String, String>.0, ""),
    "/sleep" -> {
      IO.sleep(300);
      Response(200, @Map<String, String>.0, "slept")
    },
    "/print" -> {
      IO.print("printed\n");
      Response(200, @Map<String, String>.0, "")
    },
    _ -> Response(200, @Map<String, String>.0, "\(@String.2) \(@String.1) \(@String.0)")
  }
}

public fn handle(@Request -> @Response)
  requires(match @Request.0 { Request(@String, @String, @Map<String, String>, @String) -> @String.1 != "/forbidden" })
  ensures(true)
  effects(<State<Int>, IO, Diverge, HttpServer>)
{
  match @Request.0 {
    Request(@String, @String, @Map<String, String>, @String) -> answer(@String.2, @String.1, @Map<String, String>.0, @String.0)
  }
}
"#;

fn serving(flags: &str) -> Serving {
    Serving::of(APP, flags)
}

#[test]
fn requests_and_responses_are_values() {
    let server = serving("");
    assert_eq!(server.get("/a?b=c%20d"), (200, "GET /a?b=c%20d ".to_owned()));
    assert_eq!(server.ask("POST", "/p", "", "häß"), (200, "POST /p häß".to_owned()));
    assert_eq!(server.ask("OPTIONS", "/o", "", ""), (200, "OPTIONS /o ".to_owned()));
    assert_eq!(server.ask("BREW", "/tea", "", ""), (200, "BREW /tea ".to_owned()));
    let twice = "X-Twice: one\r\nx-twice: two\r\n";
    assert_eq!(server.ask("GET", "/header", twice, ""), (200, "one, twoh".to_owned()));
    let chunked = server.raw(
        b"POST /c HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    );
    assert!(chunked.ends_with("\r\n\r\nPOST /c abcde"), "{chunked}");
    let head = server.raw(b"HEAD /h HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assert!(head.ends_with("\r\n\r\n") && head.contains("content-length: 8\r\n"), "{head}");
    let empty = server.raw(b"GET /empty HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assert_eq!((status(&empty), empty.ends_with("\r\n\r\n")), (204, true), "{empty}");
    let cookies = server.raw(b"GET /cookies HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assert!(cookies.contains("set-cookie: a=1\r\nset-cookie: b=2\r\n"), "{cookies}");
    let old = server.raw(b"GET /old HTTP/1.0\r\n\r\n");
    assert!(old.ends_with("\r\n\r\nGET /old "), "{old}");
}

#[test]
fn each_request_has_an_instance_of_its_own() {
    let server = serving("");
    for _ in 0..3 {
        assert_eq!(server.get("/count"), (200, "1".to_owned()));
    }
}

#[test]
fn a_connection_serves_many_requests() {
    let server = serving("");
    let answer = server.raw(
        b"GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    );
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 2, "{answer}");
    assert!(answer.contains("GET /1 ") && answer.ends_with("GET /2 "), "{answer}");
}

#[test]
fn failures_of_the_program_are_answers() {
    let server = serving("--timeout 0.5");
    let (code, body) = server.get("/trap");
    let body: serde_json::Value = serde_json::from_str(&body).expect("an object");
    assert_eq!((code, &body["trap_kind"]), (500, &"contract_violation".into()));
    assert_eq!(
        body["error"],
        "Precondition violation in failing(@Nat -> @Int)\n  requires(@Nat.0 > 0) failed"
    );
    assert_eq!(body["frames"][0]["file"], "app.vera");
    let kind = |(code, body): (u16, String)| {
        let body: serde_json::Value = serde_json::from_str(&body).expect("an object");
        (code, body["trap_kind"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(kind(server.get("/status")), (500, "host_error".to_owned()));
    assert_eq!(kind(server.get("/split")), (500, "host_error".to_owned()));
    assert_eq!(kind(server.get("/exit")), (500, "exit".to_owned()));
    assert_eq!(kind(server.get("/forbidden")), (500, "contract_violation".to_owned()));
    assert_eq!(kind(server.get("/loop")), (504, "time_limit".to_owned()));
    assert_eq!(server.get("/after"), (200, "GET /after ".to_owned()));
}

#[test]
fn work_is_limited_like_time() {
    let server = serving("--fuel 1000000");
    let (code, body) = server.get("/loop");
    let body: serde_json::Value = serde_json::from_str(&body).expect("an object");
    assert_eq!((code, &body["trap_kind"]), (500, &"fuel_exhausted".into()));
    assert_eq!(server.get("/after"), (200, "GET /after ".to_owned()));
}

#[test]
fn production_tells_clients_nothing() {
    let server = serving("--production --precondition-status 400");
    assert_eq!(server.get("/trap"), (500, "{\"error\":\"internal error\"}\n".to_owned()));
    let (code, body) = server.get("/forbidden");
    assert_eq!(code, 400);
    assert!(body.contains("requires("), "{body}");
}

#[test]
fn what_clients_send_is_limited() {
    let server = serving("--max-body 1K --max-head 8K");
    assert_eq!(server.ask("POST", "/", "", &"x".repeat(1024)).0, 200);
    assert_eq!(server.ask("POST", "/", "", &"x".repeat(1025)).0, 413);
    let long = format!("X-Long: {}\r\n", "y".repeat(20_000));
    assert_eq!(server.ask("GET", "/", &long, "").0, 431);
    for request in [
        "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: abc\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
        "nonsense\r\n\r\n",
    ] {
        assert_eq!(status(&server.raw(request.as_bytes())), 400, "{request:?}");
    }
    assert_eq!(server.get("/after").0, 200);
}

#[test]
fn a_request_that_waits_does_not_hold_up_others() {
    let server = serving("--workers 2 --timeout 2");
    let address = server.address;
    let slow = std::thread::spawn(move || {
        let mut stream = TcpStream::connect(address).expect("it listens");
        stream
            .write_all(b"GET /loop HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            .expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        status(&answer)
    });
    let start = Instant::now();
    for _ in 0..5 {
        assert_eq!(server.get("/quick").0, 200);
    }
    let quick = start.elapsed();
    assert_eq!(slow.join().expect("it ends"), 504);
    assert!(quick < start.elapsed(), "the quick ones were answered first");
}

#[test]
fn an_interrupt_lets_requests_finish() {
    let server = serving("");
    assert_eq!(server.get("/print").0, 200);
    let address = server.address;
    let slow = std::thread::spawn(move || {
        let mut stream = TcpStream::connect(address).expect("it listens");
        stream.write_all(b"GET /sleep HTTP/1.1\r\nHost: h\r\n\r\n").expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    });
    std::thread::sleep(Duration::from_millis(150));
    let (code, out, err) = server.stop();
    assert_eq!((code, out.as_str()), (Some(130), "printed\n"));
    assert!(err.ends_with("Stopped.\n"), "{err}");
    assert!(err.contains("\"GET /print HTTP/1.1\" 200\n"), "{err}");
    assert!(slow.join().expect("it ends").ends_with("slept"));
}

#[test]
fn the_log_can_be_objects() {
    let server = serving("--json");
    assert_eq!(server.get("/trap").0, 500);
    let (_, _, err) = server.stop();
    let line: serde_json::Value =
        serde_json::from_str(err.lines().next().expect("a line")).expect("an object");
    assert_eq!((&line["target"], &line["status"]), (&"/trap".into(), &500.into()));
    assert_eq!(line["failure"], "contract_violation");
}

#[test]
fn a_changed_program_is_served_if_it_is_one() {
    let server = serving("--watch");
    let path = server.desk.path("app.vera");
    let wait = |wanted: &str| {
        let start = Instant::now();
        while server.get("/x").1 != wanted {
            assert!(start.elapsed() < Duration::from_secs(30), "still not {wanted}");
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    wait("GET /x ");
    std::fs::write(&path, APP.replace("\\(@String.2) \\(@String.1)", "new \\(@String.1)"))
        .expect("written");
    wait("new /x ");
    std::fs::write(&path, "fn broken(").expect("written");
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(server.get("/x").1, "new /x ");
    let (_, _, err) = server.stop();
    assert!(err.contains("Reloaded.\n"), "{err}");
    assert!(err.contains("Not reloaded: the version before is still served.\n"), "{err}");
}

#[test]
fn what_cannot_be_served_is_refused() {
    let minimal = |handle: &str| {
        format!(
            "{handle}\n  requires(true)\n  ensures(true)\n  effects(pure)\n{{\n  Response(200, map_new(), \"\")\n}}\n"
        )
    };
    let desk = Desk::new()
        .with("none.vera", minimal("private fn handle(@Request -> @Response)"))
        .with("two.vera", minimal("public fn handle(@Request, @Int -> @Response)"))
        .with("other.vera", minimal("public fn handle(@String -> @Response)"))
        .with("ok.vera", minimal("public fn handle(@Request -> @Response)"));
    let refused = |line: &str, text: &str| desk.says(line, 1, "", text);
    refused(
        "serve none.vera",
        "Error: vera serve: the program must export a public 'handle' function (public fn handle(@Request -> @Response))\n",
    );
    let wrong = "Error: vera serve: 'handle' must take exactly one @Request parameter and return @Response — ";
    refused("serve two.vera", &format!("{wrong}it takes 2 parameters\n"));
    refused("serve other.vera", &format!("{wrong}its parameter has type String\n"));
    refused("serve ok.vera --port x", "Error: --port requires an integer\n");
    refused(
        "serve ok.vera --port 70000",
        "Error: could not bind 127.0.0.1:70000 — a port is a number from 0 to 65535\n",
    );
    refused("serve missing.vera", "Error: file not found: missing.vera\n");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("it has one").port();
    let outcome = desk.run(&format!("serve ok.vera --port {port}"));
    assert_eq!(outcome.code, Some(1));
    assert!(
        outcome.stderr.starts_with(&format!("Error: could not bind 127.0.0.1:{port} — ")),
        "{}",
        outcome.stderr
    );
}
