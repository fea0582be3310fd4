//! `vera serve` with TLS and HTTP/2, by curl; and a client that meets a certificate nobody
//! vouches for.

mod common;

use std::path::PathBuf;
use std::process::Command;

use common::serving::Serving;
use common::{TempDir, root, vera};

const ECHO: &str = r#"public fn handle(@Request -> @Response)
  requires(true)
  ensures(true)
  effects(pure)
{
  match @Request.0 {
    Request(@String, @String, @Map<String, String>, @String) -> Response(200, map_new(), "\(@String.2) \(@String.1) \(option_unwrap_or(map_get(@Map<String, String>.0, "host"), "")) \(@String.0)")
  }
}
"#;

fn file(name: &str) -> PathBuf {
    root().join("crates/vera/tests/tls").join(name)
}

fn secured() -> Serving {
    let (certificate, key) = (file("certificate.pem"), file("key.pem"));
    Serving::of(ECHO, &format!("--tls-cert {} --tls-key {}", certificate.display(), key.display()))
}

/// The version of HTTP that was spoken, and the body.
fn curl(args: &[&str], url: &str) -> (String, String) {
    let mut command = Command::new("curl");
    command.args(["-sS", "--max-time", "20", "--noproxy", "*", "-w", "\n%{http_version}"]);
    let output = command.args(args).arg(url).output().expect("curl runs");
    let text = String::from_utf8(output.stdout).expect("text");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    let (body, version) = text.rsplit_once('\n').expect("the version");
    (version.to_owned(), if output.status.success() { body.to_owned() } else { error })
}

/// Whether there is a `curl`; `setup` installs it where it may.
fn has_curl() -> bool {
    let found = Command::new("curl").arg("--version").output().is_ok();
    if !found {
        println!("skipped: no curl");
    }
    found
}

#[test]
fn requests_are_answered_over_tls_and_both_versions() {
    if !has_curl() {
        return;
    }
    let server = secured();
    let certificate = file("certificate.pem");
    let trusted = ["--cacert", &*certificate.to_string_lossy()];
    let url = format!("https://{}/a?b=c", server.address);
    let said = format!("GET /a?b=c {} ", server.address);
    let with = |more: &[&'static str]| {
        let args: Vec<&str> = trusted.iter().copied().chain(more.iter().copied()).collect();
        curl(&args, &url)
    };
    assert_eq!(with(&["--http1.1"]), ("1.1".to_owned(), said.clone()));
    assert_eq!(with(&["--http2"]), ("2".to_owned(), said));
    let (version, body) = with(&["--http2", "-d", "x=1"]);
    assert_eq!((version.as_str(), body.ends_with(" x=1")), ("2", true), "{body}");
    // Nobody vouches for the certificate unless told to.
    let (_, refused) = curl(&[], &url);
    assert!(refused.contains("certificate"), "{refused}");
}

#[test]
fn http_2_needs_no_tls() {
    if !has_curl() {
        return;
    }
    let server = Serving::of(ECHO, "");
    let url = format!("http://{}/x", server.address);
    let (version, body) = curl(&["--http2-prior-knowledge"], &url);
    assert_eq!((version, body), ("2".to_owned(), format!("GET /x {} ", server.address)));
}

#[test]
fn what_is_no_tls_does_not_harm() {
    if !has_curl() {
        return;
    }
    let server = secured();
    let answer = server.raw(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assert!(!answer.contains("HTTP/1.1 200"), "{answer}");
    let certificate = file("certificate.pem");
    let url = format!("https://{}/", server.address);
    let (version, _) = curl(&["--cacert", &certificate.to_string_lossy()], &url);
    assert_eq!(version, "2");
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_a_failure() {
    let server = secured();
    let dir = TempDir::new("tls");
    let program = format!(
        r#"public fn main(@Unit -> @Unit)
  requires(true)
  ensures(true)
  effects(<Http, IO>)
{{
  match Http.get("https://{}/") {{
    Ok(@String) -> IO.print(@String.0),
    Err(@String) -> IO.print("err: \(@String.0)")
  }}
}}
"#,
        server.address
    );
    dir.file("f.vera", program);
    let ran = vera(["run", "f.vera"]).env("no_proxy", "*").dir(dir.path()).run();
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "err: tls failure\n"), "{}", ran.stderr);
}

#[test]
fn certificates_that_cannot_be_used_are_named() {
    let dir = TempDir::new("tls");
    dir.file("app.vera", ECHO);
    let nonsense = dir.file("nonsense.pem", "nothing");
    let key = file("key.pem");
    let flags = ["--tls-cert", "nonsense.pem", "--tls-key", &*key.to_string_lossy()];
    let args = ["serve", "app.vera", "--port", "0"].into_iter().chain(flags);
    let ran = vera(args).dir(dir.path()).run();
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
    assert!(ran.stderr.starts_with("Error: vera serve: TLS: cannot use "), "{}", ran.stderr);
    drop(nonsense);
}
