//! `Inference` against a local server that speaks each provider's shape (language
//! reference, chapter 10.12.5).

mod common;

use std::sync::{Arc, Mutex};

use common::server::{Request, Server, reply};
use common::{TempDir, vera};
use serde_json::{Value as Json, json};

const PROGRAM: &str = "\
public fn ask(@String -> @Result<String, String>)
  requires(true)
  ensures(true)
  effects(<Inference>)
{
  Inference.complete(@String.0)
}

public fn ask_with(@String, @InferenceOptions -> @Result<String, String>)
  requires(true)
  ensures(true)
  effects(<Inference>)
{
  Inference.complete_with(@String.0, @InferenceOptions.0)
}

public fn vector(@String -> @Result<Array<Float64>, String>)
  requires(true)
  ensures(true)
  effects(<Inference>)
{
  Inference.embed(@String.0)
}
";

/// A provider that answers with what it was told to, and remembers what it was asked.
struct Desk {
    dir: TempDir,
    server: Server,
    asked: Arc<Mutex<Vec<Request>>>,
    env: Vec<(&'static str, String)>,
}

impl Desk {
    fn new(status: &'static str, body: impl Into<Vec<u8>>) -> Desk {
        let dir = TempDir::new("inference");
        dir.file("inference.vera", PROGRAM);
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (seen, body) = (Arc::clone(&asked), body.into());
        let server = Server::start(move |request, stream| {
            seen.lock().expect("no panic").push(request);
            reply(stream, status, &["Content-Type: application/json"], &body);
        });
        let base = server.url("/v9");
        Desk { dir, server, asked, env: vec![("VERA_INFERENCE_BASE_URL", base)] }
    }

    fn with(mut self, name: &'static str, value: &str) -> Desk {
        self.env.push((name, value.to_owned()));
        self
    }

    fn run_with(&self, flags: &[&str], function: &str, words: &[&str]) -> String {
        let args = [&["run", "inference.vera", "--fn", function], flags, &["--"], words].concat();
        let tool = vera(args).env("no_proxy", "*").dir(self.dir.path());
        let tool = self.env.iter().fold(tool, |tool, (name, value)| tool.env(name, value));
        let outcome = tool.run();
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{function}");
        outcome.stdout.trim_end().to_owned()
    }

    fn run(&self, function: &str, words: &[&str]) -> String {
        self.run_with(&[], function, words)
    }

    fn last(&self) -> (Request, Json) {
        let asked = self.asked.lock().expect("no panic");
        let request = asked.last().expect("a request").clone();
        let body = serde_json::from_slice(&request.body).expect("JSON");
        (request, body)
    }
}

fn chat(text: &str) -> String {
    json!({ "choices": [{ "message": { "content": text }, "finish_reason": "stop" }] }).to_string()
}

#[test]
fn each_provider_is_asked_in_its_way() {
    let reply = json!({
        "content": [
            { "type": "thinking", "thinking": "hm" },
            { "type": "text", "text": "good " },
            { "type": "text", "text": "day" },
        ],
        "stop_reason": "end_turn",
    });
    let desk = Desk::new("200 OK", reply.to_string()).with("VERA_ANTHROPIC_API_KEY", "secret");
    assert_eq!(desk.run("ask", &["hello"]), "Ok(\"good day\")");
    let (request, body) = desk.last();
    assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/v9/messages"));
    assert_eq!(request.header("x-api-key"), Some("secret"));
    assert_eq!(request.header("anthropic-version"), Some("2023-06-01"));
    assert_eq!(
        body,
        json!({"model": "claude-opus-5", "max_tokens": 1024,
            "messages": [{"role": "user", "content": "hello"}]})
    );
    for (provider, key, model) in [
        ("openai", "VERA_OPENAI_API_KEY", "gpt-5.6-sol"),
        ("moonshot", "VERA_MOONSHOT_API_KEY", "kimi-k3"),
        ("Mistral", "VERA_MISTRAL_API_KEY", "mistral-large-latest"),
        ("XAI", "VERA_XAI_API_KEY", "grok-4.6"),
        ("deepseek", "VERA_DEEPSEEK_API_KEY", "deepseek-v4-pro"),
    ] {
        let desk = Desk::new("200 OK", chat("hi")).with(key, "secret");
        let desk = desk.with("VERA_INFERENCE_PROVIDER", provider);
        assert_eq!(desk.run("ask", &["hello"]), "Ok(\"hi\")", "{provider}");
        let (request, body) = desk.last();
        assert_eq!(request.target, "/v9/chat/completions");
        assert_eq!(request.header("authorization"), Some("Bearer secret"));
        assert_eq!(
            body,
            json!({"model": model, "messages": [{"role": "user", "content": "hello"}]})
        );
    }
}

#[test]
fn options_are_sent_where_they_are_given() {
    let desk = Desk::new("200 OK", chat("hi")).with("VERA_OPENAI_API_KEY", "secret");
    desk.run("ask_with", &["p", "InferenceOptions(7, Some(0.5), Some(\"own\"))"]);
    let messages = json!([{"role": "user", "content": "p"}]);
    assert_eq!(
        desk.last().1,
        json!({"model": "own", "max_tokens": 7, "temperature": 0.5, "messages": messages})
    );
    desk.run("ask_with", &["p", "InferenceOptions(0, None, None)"]);
    assert_eq!(desk.last().1, json!({"model": "gpt-5.6-sol", "messages": messages}));
    let desk = desk
        .with("VERA_INFERENCE_MODEL", "other")
        .with("VERA_INFERENCE_MAX_TOKENS", "9")
        .with("VERA_INFERENCE_TEMPERATURE", "1");
    desk.run("ask", &["p"]);
    assert_eq!(
        desk.last().1,
        json!({"model": "other", "max_tokens": 9, "temperature": 1.0, "messages": messages})
    );
}

#[test]
fn embeddings_are_vectors() {
    let body = json!({ "data": [{ "embedding": [0.25, -1, 2.5] }] }).to_string();
    let desk = Desk::new("200 OK", body).with("VERA_OPENAI_API_KEY", "secret");
    assert_eq!(desk.run("vector", &["t"]), "Ok([0.25, -1.0, 2.5])");
    let (request, body) = desk.last();
    assert_eq!(request.target, "/v9/embeddings");
    assert_eq!(body, json!({"model": "text-embedding-3-small", "input": "t"}));
    let desk = Desk::new("200 OK", "{}").with("VERA_ANTHROPIC_API_KEY", "secret");
    assert_eq!(
        desk.run("vector", &["t"]),
        "Err(\"Inference provider 'anthropic' does not support embeddings.\")"
    );
}

#[test]
fn what_goes_wrong_is_told_without_the_key() {
    let failed = |status: &'static str, body: &[u8]| {
        let desk = Desk::new(status, body).with("VERA_OPENAI_API_KEY", "my-very-own");
        desk.run("ask", &["p"])
    };
    let long = "x".repeat(300);
    let cut = format!("{}... (truncated)", "x".repeat(200));
    let who = "Inference provider 'openai' (gpt-5.6-sol)";
    let cases: [(&'static str, Vec<u8>, String); 11] = [
        (
            "401 Unauthorized",
            br#"{"error": {"message": "bad key my-very-own or sk-abcdefgh12"}}"#.to_vec(),
            format!("{who} rejected the request: HTTP 401: bad key [redacted] or [redacted]"),
        ),
        (
            "400 Bad Request",
            br#"{"error": "no"}"#.to_vec(),
            format!("{who} rejected the request: HTTP 400: no"),
        ),
        (
            "400 Bad Request",
            br#"{"message": "m"}"#.to_vec(),
            format!("{who} rejected the request: HTTP 400: m"),
        ),
        (
            "500 Internal Server Error",
            long.into_bytes(),
            format!("{who} rejected the request: HTTP 500: {cut}"),
        ),
        (
            "500 Internal Server Error",
            Vec::new(),
            format!("{who} rejected the request: HTTP 500: (empty response body)"),
        ),
        (
            "500 Internal Server Error",
            vec![0xff, 0xfe],
            format!("{who} rejected the request: HTTP 500: (unreadable response body)"),
        ),
        ("200 OK", b"<html>".to_vec(), format!("{who} returned a body that is not JSON")),
        ("200 OK", vec![0xff], format!("{who} returned a body that is not UTF-8")),
        (
            "200 OK",
            br#"{"choices": [{"message": {"content": 7}, "finish_reason": "stop"}]}"#.to_vec(),
            format!("{who} returned no text (stop reason: stop)"),
        ),
        (
            "200 OK",
            br#"{"choices": [{"message": {"content": ""}, "finish_reason": "length"}]}"#.to_vec(),
            format!("{who} returned no text before it was cut off (stop reason: length)"),
        ),
        (
            "200 OK",
            br#"{"choices": [{"message": {"refusal": "I will not"}}]}"#.to_vec(),
            format!("{who} refused the request: I will not"),
        ),
    ];
    for (status, body, said) in cases {
        assert_eq!(failed(status, &body), format!("Err(\"{said}\")"));
    }
    assert_eq!(failed("200 OK", chat("").as_bytes()), "Ok(\"\")");
}

#[test]
fn a_provider_must_be_configured_and_allowed() {
    let desk = Desk::new("200 OK", chat("hi"));
    assert_eq!(
        desk.run("ask", &["p"]),
        "Err(\"No inference provider configured. Set VERA_ANTHROPIC_API_KEY, VERA_OPENAI_API_KEY, VERA_MOONSHOT_API_KEY, VERA_MISTRAL_API_KEY, VERA_XAI_API_KEY, VERA_DEEPSEEK_API_KEY.\")"
    );
    let desk = desk.with("VERA_XAI_API_KEY", "secret");
    assert_eq!(desk.run("ask", &["p"]), "Ok(\"hi\")");
    assert_eq!(
        desk.run_with(&["--sandbox"], "ask", &["p"]),
        "Err(\"permission denied: Inference\")"
    );
    assert_eq!(desk.run_with(&["--sandbox", "--allow-inference"], "ask", &["p"]), "Ok(\"hi\")");
    let desk = desk.with("VERA_INFERENCE_PROVIDER", "openai");
    assert_eq!(
        desk.run("ask", &["p"]),
        "Err(\"Inference provider 'openai' selected but VERA_OPENAI_API_KEY is not set.\")"
    );
    let desk = desk.with("VERA_INFERENCE_PROVIDER", "oracle");
    assert_eq!(
        desk.run("ask", &["p"]),
        "Err(\"Unknown inference provider 'oracle'. Valid values: anthropic, deepseek, mistral, moonshot, openai, xai.\")"
    );
    let port = desk.server.port();
    drop(desk);
    let desk = Desk::new("200 OK", "")
        .with("VERA_OPENAI_API_KEY", "k")
        .with("VERA_INFERENCE_BASE_URL", &format!("http://127.0.0.1:{port}"));
    assert_eq!(
        desk.run("ask", &["p"]),
        "Err(\"Inference provider 'openai' (gpt-5.6-sol) failed: transport: connection refused\")"
    );
}
