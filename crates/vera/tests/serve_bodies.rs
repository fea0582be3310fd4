//! Bodies of `vera serve` that are bytes, and responses that are sent piece by piece.

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use common::serving::{Serving, status};

/// Sends back the bytes it gets, and a zero.
const ECHO: &str = r#"public fn handle(@BytesRequest -> @BytesResponse)
  requires(true)
  ensures(true)
  effects(pure)
{
  match @BytesRequest.0 {
    BytesRequest(@String, @String, @Map<String, String>, @Array<Byte>) ->
      BytesResponse(200, map_insert(map_new(), "content-type", "application/octet-stream"), array_append(@Array<Byte>.0, 0))
  }
}
"#;

/// Streams what the path asks for.
const STREAMS: &str = r#"private fn lines(@Nat -> @Result<Unit, String>)
  requires(true)
  ensures(true)
  effects(<HttpServer, IO, Diverge>)
{
  if @Nat.0 == 0 then {
    Ok(())
  } else {
    match HttpServer.write("line \(@Nat.0)\n") {
      Err(@String) -> {
        IO.print("stopped: \(@String.0)\n");
        Err(@String.0)
      },
      Ok(_) -> {
        IO.sleep(20);
        lines(@Nat.0 - 1)
      }
    }
  }
}

private fn shown(@Result<Unit, String> -> @String)
  requires(true)
  ensures(true)
  effects(pure)
{
  match @Result<Unit, String>.0 {
    Ok(_) -> "ok",
    Err(@String) -> @String.0
  }
}

private fn failing(@Nat -> @Int)
  requires(@Nat.0 > 0)
  ensures(true)
  effects(pure)
{
  10 / @Nat.0
}

private fn streamed(@String -> @Unit)
  requires(true)
  ensures(true)
  effects(<HttpServer, IO, Diverge>)
{
  let @Map<String, String> = map_insert(map_new(), "Content-Type", "text/plain");
  if @String.0 == "/silent" then {
    ()
  } else {
    let @Result<Unit, String> = HttpServer.write("too early");
    let @Result<Unit, String> = HttpServer.respond(99, map_new());
    let @Result<Unit, String> = HttpServer.respond(200, map_insert(map_new(), "a", "b\nc"));
    let @Result<Unit, String> = HttpServer.respond(201, @Map<String, String>.0);
    let @Result<Unit, String> = HttpServer.respond(202, map_new());
    match @String.0 {
      "/errors" -> {
        let @Result<Unit, String> = HttpServer.write(string_join([shown(@Result<Unit, String>.4), shown(@Result<Unit, String>.3), shown(@Result<Unit, String>.2), shown(@Result<Unit, String>.1), shown(@Result<Unit, String>.0)], "\n"));
        ()
      },
      "/bytes" -> {
        let @Result<Unit, String> = HttpServer.write_bytes([1, 0, 255]);
        ()
      },
      "/trap" -> {
        let @Result<Unit, String> = HttpServer.write("part");
        IO.print("\(failing(nat_min(0, string_length(@String.0))))");
        ()
      },
      "/forever" -> {
        let @Result<Unit, String> = lines(100000);
        ()
      },
      _ -> {
        let @Result<Unit, String> = lines(3);
        ()
      }
    }
  }
}

public fn handle(@Request -> @Unit)
  requires(true)
  ensures(true)
  effects(<HttpServer, IO, Diverge>)
{
  match @Request.0 {
    Request(@String, @String, @Map<String, String>, @String) -> streamed(@String.1)
  }
}
"#;

/// Sends bytes and reads until the server closes the connection.
fn exchange(server: &Serving, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(server.address).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit");
    stream.write_all(request).expect("it reads");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}

fn get(server: &Serving, target: &str) -> String {
    server.raw(format!("GET {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").as_bytes())
}

#[test]
fn a_body_can_be_bytes() {
    let server = Serving::of(ECHO, "");
    let request = b"POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 4\r\n\r\n\xff\x00\xc3a";
    let answer = exchange(&server, request);
    assert!(answer.ends_with(b"\r\n\r\n\xff\x00\xc3a\x00"), "{answer:?}");
    assert!(String::from_utf8_lossy(&answer).contains("content-length: 5\r\n"));
}

#[test]
fn a_response_comes_piece_by_piece() {
    let server = Serving::of(STREAMS, "");
    let answer = get(&server, "/");
    assert_eq!(status(&answer), 201, "{answer}");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert!(head.contains("transfer-encoding: chunked"), "{head}");
    assert!(head.contains("content-type: text/plain"), "{head}");
    assert_eq!(body, "7\r\nline 3\n\r\n7\r\nline 2\n\r\n7\r\nline 1\n\r\n0\r\n\r\n");
    let bytes = exchange(&server, b"GET /bytes HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assert!(bytes.ends_with(b"\r\n\r\n3\r\n\x01\x00\xff\r\n0\r\n\r\n"), "{bytes:?}");
}

#[test]
fn what_is_wrong_with_a_streamed_response_is_told_to_the_program() {
    let server = Serving::of(STREAMS, "");
    let answer = get(&server, "/errors");
    let expected = "no response has begun\n\
        99 is no status of a response: it is from 200 to 599\n\
        the value of the header \"a\" is not legal\n\
        ok\n\
        the response has begun already";
    assert!(answer.contains(expected), "{answer}");
    let head = server.raw(b"HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 201 ") && head.ends_with("\r\n\r\n"), "{head}");
    let (code, body) = server.get("/silent");
    assert_eq!(code, 500);
    assert!(body.contains("the handler ended without having begun a response"), "{body}");
}

#[test]
fn a_response_that_fails_halfway_is_cut_off() {
    let server = Serving::of(STREAMS, "");
    let answer = get(&server, "/trap");
    assert_eq!(status(&answer), 201, "{answer}");
    assert!(answer.ends_with("4\r\npart\r\n"), "the end of the chunks is missing: {answer}");
    let (_, _, err) = server.stop();
    assert!(err.contains(": the response was cut off: Precondition violation in failing"), "{err}");
}

#[test]
fn a_client_that_goes_away_ends_a_stream() {
    let server = Serving::of(STREAMS, "--workers 1");
    let mut stream = TcpStream::connect(server.address).expect("it listens");
    stream.write_all(b"GET /forever HTTP/1.1\r\nHost: h\r\n\r\n").expect("it reads");
    let mut some = [0; 200];
    stream.read_exact(&mut some).expect("it sends");
    drop(stream);
    // The only worker is free again.
    assert_eq!(server.get("/").0, 201);
    let (_, out, _) = server.stop();
    assert!(out.contains("stopped: the client is gone\n"), "{out}");
}

#[test]
fn where_no_response_is_streamed_the_operations_say_so() {
    let program = r#"public fn handle(@Request -> @Response)
  requires(true)
  ensures(true)
  effects(<HttpServer>)
{
  match HttpServer.respond(200, map_new()) {
    Err(@String) -> Response(200, map_new(), @String.0),
    Ok(_) -> Response(500, map_new(), "")
  }
}
"#;
    let server = Serving::of(program, "");
    assert_eq!(server.get("/"), (200, "no response is streamed here".to_owned()));
}
