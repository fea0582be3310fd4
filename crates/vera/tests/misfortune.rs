//! What the outside world does to a program: full disks, damaged databases, proxies.

mod common;

use std::io::{Read, Write};
use std::process::Command;

use common::server::{Server, reply};
use common::{TempDir, vera};

fn main_of(row: &str, body: &str) -> String {
    format!(
        "public fn main(@Unit -> @Unit)\n  requires(true)\n  ensures(true)\n  effects({row})\n{{\n  {body}\n}}\n"
    )
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_of_the_operation() {
    let dir = TempDir::new("misfortune");
    let text = r#"match IO.write_file("/dev/full", "text") {
    Ok(_) -> IO.print("written"),
    Err(@String) -> IO.print(@String.0)
  };
  match IO.append_bytes("/dev/full", [1, 2]) {
    Ok(_) -> IO.print(" written"),
    Err(@String) -> IO.print(" \(@String.0)")
  }"#;
    dir.file("f.vera", main_of("<IO>", text));
    let ran = vera(["run", "f.vera"]).dir(dir.path()).run();
    let expected = (Some(0), "io error: /dev/full io error: /dev/full\n");
    assert_eq!((ran.code, ran.stdout.as_str()), expected, "{}", ran.stderr);
}

const ROWS: &str = r#"match DB.execute("CREATE TABLE IF NOT EXISTS t (a)", []) {
    Ok(_) -> (),
    Err(@String) -> IO.print("\(@String.0). ")
  };
  match DB.execute("INSERT INTO t VALUES (?)", [Some(string_repeat("x", 200000))]) {
    Ok(_) -> IO.print("inserted. "),
    Err(@String) -> IO.print("\(@String.0). ")
  };
  match DB.query("SELECT count(*) FROM t", []) {
    Ok(@Array<Array<Option<String>>>) -> IO.print(if array_length(@Array<Array<Option<String>>>.0) > 0 && array_length(@Array<Array<Option<String>>>.0[0]) > 0 then { option_unwrap_or(@Array<Array<Option<String>>>.0[0][0], "") } else { "" }),
    Err(@String) -> IO.print(@String.0)
  }"#;

#[test]
fn a_damaged_database_says_so() {
    let dir = TempDir::new("misfortune");
    dir.file("f.vera", main_of("<IO, DB>", ROWS));
    let run = || vera(["run", "f.vera"]).dir(dir.path()).env("VERA_DB_URL", "data.sqlite").run();
    assert_eq!(run().stdout, "inserted. 1\n");
    let file = dir.path().join("data.sqlite");
    let mut bytes = std::fs::read(&file).expect("it is there");
    // All behind the header of the file.
    bytes[100..].fill(0xa5);
    std::fs::write(&file, &bytes).expect("it can be written");
    let ran = run();
    let why = "database disk image is malformed";
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.stdout.matches(why).count(), 3, "{}", ran.stdout);
    assert_eq!(std::fs::read(&file).expect("it is there"), bytes);
}

#[cfg(target_os = "linux")]
#[test]
fn a_database_on_a_full_disk_keeps_what_it_has() {
    let dir = TempDir::new("misfortune");
    dir.file("f.vera", main_of("<IO, DB>", ROWS));
    // Files may have 100 blocks of 512 bytes, and writing more is an error.
    let script = r#"ulimit -f 100; exec "$0" run f.vera"#;
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_vera")]).current_dir(dir.path());
    command.env("VERA_DB_URL", "sqlite:///data.sqlite").env("VERA_CACHE_DIR", dir.path().join("c"));
    let ran = command.output().expect("sh runs");
    let out = String::from_utf8_lossy(&ran.stdout);
    let err = String::from_utf8_lossy(&ran.stderr);
    let full = ["database or disk is full. 0\n", "disk I/O error. 0\n"];
    assert!(ran.status.success() && full.contains(&&*out), "{out}{err}");
}

#[test]
fn requests_go_through_the_proxy_of_the_environment() {
    // A tunnel that ends at the proxy itself.
    let proxy = Server::start(|request, stream| {
        _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && stream.read_exact(&mut byte).is_ok() {
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head);
        let wanted = head.lines().next().unwrap_or_default();
        let said = format!("{} {}: {wanted}", request.method, request.target);
        reply(stream, "200 OK", &[], said.as_bytes());
    });
    let direct = Server::start(|_, stream| reply(stream, "200 OK", &[], b"direct"));
    let dir = TempDir::new("misfortune");
    let get = |url: &str| {
        let text = r#"match Http.get("URL") {
    Ok(@String) -> IO.print(@String.0),
    Err(@String) -> IO.print("err: \(@String.0)")
  }"#;
        dir.file("f.vera", main_of("<Http, IO>", &text.replace("URL", url)));
        vera(["run", "f.vera"]).dir(dir.path()).env("no_proxy", "127.0.0.1")
    };
    let through = proxy.url("");
    let ran = get("http://nowhere.invalid/x").env("http_proxy", &through).run();
    let tunnelled = "CONNECT nowhere.invalid:80: GET /x HTTP/1.1\n";
    assert_eq!(ran.stdout, tunnelled, "{}", ran.stderr);
    let ran = get(&direct.url("/x")).env("http_proxy", &through).run();
    assert_eq!(ran.stdout, "direct\n", "{}", ran.stderr);
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let nobody = format!("http://{}", closed.local_addr().expect("an address"));
    drop(closed);
    let ran = get("http://nowhere.invalid/x").env("http_proxy", &nobody).run();
    assert!(ran.stdout.starts_with("err: "), "{}", ran.stdout);
}
