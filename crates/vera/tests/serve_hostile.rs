//! Clients that mean no good: what they send gets a right answer or none, and others are
//! served meanwhile.

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use common::serving::{Serving, status};

const ECHO: &str = r#"public fn handle(@Request -> @Response)
  requires(true)
  ensures(true)
  effects(<IO>)
{
  match @Request.0 {
    Request(@String, @String, @Map<String, String>, @String) -> if string_starts_with(@String.1, "/file/") then {
      match IO.read_file(string_slice(@String.1, 6, string_length(@String.1))) {
        Ok(@String) -> Response(200, map_new(), @String.0),
        Err(@String) -> Response(403, map_new(), @String.0)
      }
    } else {
      if string_starts_with(@String.1, "/header/") then {
        Response(200, map_insert(map_new(), "x-echo", result_unwrap_or(url_decode(string_slice(@String.1, 8, string_length(@String.1))), "")), "")
      } else {
        Response(200, map_new(), "\(@String.2) \(@String.1) [\(@String.0)]")
      }
    }
  }
}
"#;

/// Still there, and answering others.
fn is_well(server: &Serving) {
    assert_eq!(server.get("/well"), (200, "GET /well []".to_owned()));
}

#[test]
fn lengths_that_contradict_each_other_are_refused() {
    let server = Serving::of(ECHO, "");
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
    for (what, headers, body) in [
        ("two lengths", "Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"),
        ("a list of lengths", "Content-Length: 3, 4\r\n", "abcd"),
        ("no number", "Content-Length: abc\r\n", "abc"),
        ("a sign", "Content-Length: +3\r\n", "abc"),
        ("a negative one", "Content-Length: -3\r\n", "abc"),
        ("more than 64 bits", "Content-Length: 99999999999999999999999\r\n", ""),
        ("chunked that is not last", "Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
        ("an unknown coding", "Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"),
        ("a bad chunk", "Transfer-Encoding: chunked\r\n", "zz\r\nabc\r\n0\r\n\r\n"),
        ("a chunk beyond its size", "Transfer-Encoding: chunked\r\n", "1\r\nabc\r\n0\r\n\r\n"),
        ("a blank before the colon", "Content-Length : 3\r\n", "abc"),
        ("a folded header", "X: a\r\n b\r\n", ""),
    ] {
        let request = format!("POST / HTTP/1.1\r\nHost: h\r\n{headers}\r\n{body}{smuggled}");
        let answer = server.raw(request.as_bytes());
        let refused = answer.is_empty() || matches!(status(&answer), 400 | 413 | 501);
        assert!(refused && !answer.contains("/smuggled"), "{what}: {answer}");
        is_well(&server);
    }
    // Of both, the length counts for nothing, and the connection ends.
    let both = "POST /both HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    let answer = server.raw(format!("{both}{smuggled}").as_bytes());
    assert!(!answer.contains("/smuggled"), "{answer}");
}

#[test]
fn heads_that_are_none_are_refused() {
    let server = Serving::of(ECHO, "");
    for request in [
        "nonsense\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: h\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHo st: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}",
        "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
    ] {
        let answer = server.raw(format!("{request}\r\n\r\n").as_bytes());
        assert!(answer.is_empty() || status(&answer) == 400, "{request:?}: {answer}");
    }
    is_well(&server);
}

#[test]
fn headers_of_the_program_cannot_split_a_response() {
    let server = Serving::of(ECHO, "");
    for value in ["a%0D%0AX-Injected:%20b", "a%0Ab", "a%00b", "a%0Db"] {
        let answer = server.raw(
            format!("GET /header/{value} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                .as_bytes(),
        );
        assert_eq!(status(&answer), 500, "{answer}");
        assert!(!answer.to_lowercase().contains("\nx-injected"), "{answer}");
    }
    let answer = server.raw(b"GET /header/fine HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assert!(answer.contains("x-echo: fine\r\n"), "{answer}");
}

#[test]
fn paths_do_not_lead_out_of_what_is_allowed() {
    let server = Serving::of(ECHO, "--allow-dir .");
    std::fs::write(server.desk.path("inside.txt"), "inside").expect("the desk can be written");
    assert_eq!(server.get("/file/inside.txt"), (200, "inside".to_owned()));
    for path in [
        "../../../../etc/passwd",
        "/etc/passwd",
        "x/../../../../etc/passwd",
        "..%2f..%2fetc/passwd",
    ] {
        let (code, body) = server.get(&format!("/file/{path}"));
        assert_eq!(code, 403, "{path}: {body}");
        assert!(!body.contains("root:"), "{path}: {body}");
    }
}

#[test]
fn a_body_that_never_ends_is_cut_off() {
    let server = Serving::of(ECHO, "--max-body 64K");
    let mut stream = TcpStream::connect(server.address).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit");
    stream
        .write_all(b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
        .expect("it reads");
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
    for _ in 0..10_000 {
        // The server stops reading long before.
        if stream.write_all(chunk.as_bytes()).is_err() {
            break;
        }
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || status(&answer) == 413, "{answer}");
    is_well(&server);
}

/// How many sockets this process may have open.
fn descriptors() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().nth(3)?.parse().ok());
    soft.unwrap_or(1024)
}

/// Bytes of memory that a process has, where the system tells.
fn memory(id: u32) -> Option<usize> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<usize>().ok()? * 1024)
}

#[test]
fn more_silent_connections_than_there_is_room_for_keep_nobody_out() {
    let server = Serving::of(ECHO, "");
    is_well(&server);
    // The server has room for 10,000, or for fewer where the system has.
    let count = 11_000.min(descriptors().saturating_sub(100));
    let connect = || TcpStream::connect(server.address).expect("it listens");
    let mut idle: Vec<TcpStream> = Vec::new();
    while idle.len() < count {
        idle.extend((0..500.min(count - idle.len())).map(|_| connect()));
        is_well(&server);
    }
    for _ in 0..20 {
        is_well(&server);
    }
    if let Some(bytes) = memory(server.child.id()) {
        assert!(bytes < 400 << 20, "{bytes}");
    }
    // The last to come has still its place, and is answered.
    let stream = idle.last_mut().expect("there are some");
    stream
        .write_all(b"GET /late HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        .expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.ends_with("GET /late []"), "{answer}");
}

#[test]
fn connections_that_send_nothing_hold_nobody_up() {
    let server = Serving::of(ECHO, "");
    let connect = || TcpStream::connect(server.address).expect("it listens");
    let mut idle: Vec<TcpStream> = (0..400).map(|_| connect()).collect();
    // Half of them begin a request.
    for stream in idle.iter_mut().step_by(2) {
        stream.write_all(b"GET /slow HTT").expect("it reads");
    }
    for _ in 0..20 {
        is_well(&server);
    }
    // One that goes on is answered.
    let stream = &mut idle[0];
    stream.write_all(b"P/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.ends_with("GET /slow []"), "{answer}");
}
