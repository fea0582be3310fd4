//! A scripted client of the language server, which is the real binary.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::TempDir;
use serde_json::{Value, json};

/// How long anything may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A scripted client.
pub struct Client {
    pub server: Child,
    pub input: Option<ChildStdin>,
    messages: Receiver<Value>,
    next_id: i64,
    pub dir: TempDir,
    /// What came while something else was waited for.
    aside: Vec<Value>,
}

impl Client {
    pub fn start() -> Client {
        Client::with(json!({ "workspace": {
            "applyEdit": true, "workspaceEdit": { "documentChanges": true } } }))
    }

    pub fn with(capabilities: Value) -> Client {
        Client::launched(capabilities, &[])
    }

    /// With variables of the environment.
    pub fn launched(capabilities: Value, environment: &[(&str, &str)]) -> Client {
        let dir = TempDir::new("lsp");
        let mut server = Command::new(env!("CARGO_BIN_EXE_vera"))
            .arg("lsp")
            .env("VERA_CACHE_DIR", dir.path().join("cache"))
            .envs(environment.iter().copied())
            .current_dir(dir.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let input = server.stdin.take();
        let output = server.stdout.take().expect("its output is piped");
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let mut client = Client { server, input, messages, next_id: 0, dir, aside: Vec::new() };
        let answer = client.request("initialize", json!({ "capabilities": capabilities }));
        assert_eq!(answer["result"]["serverInfo"]["name"], "vera-lsp");
        client.notify("initialized", json!({}));
        client
    }

    pub fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let input = self.input.as_mut().expect("the conversation goes on");
        write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("the server listens");
        input.flush().expect("the server listens");
    }

    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    pub fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.next_id += 1;
        let id = self.next_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        self.wait(|message| message["id"] == id && message.get("method").is_none())
    }

    /// The first message that is it.
    pub fn wait(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.aside.iter().position(&is_it) {
            return self.aside.remove(at);
        }
        loop {
            let message = self.messages.recv_timeout(PATIENCE).expect("the server answers");
            if is_it(&message) {
                return message;
            }
            self.aside.push(message);
        }
    }

    pub fn uri(&self, name: &str) -> String {
        format!("file://{}", self.dir.path().join(name).display())
    }

    pub fn open(&mut self, name: &str, text: &str) -> String {
        let uri = self.uri(name);
        self.notify(
            "textDocument/didOpen",
            json!({ "textDocument": { "uri": uri, "languageId": "vera", "version": 1, "text": text } }),
        );
        uri
    }

    /// The diagnostics of a version, with proofs: those that hold a tier hint.
    pub fn proved(&mut self, uri: &str, version: i64) -> Vec<Value> {
        let message = self.wait(|m| {
            let items = m["params"]["diagnostics"].as_array();
            m["method"] == "textDocument/publishDiagnostics"
                && m["params"]["uri"] == uri
                && m["params"]["version"] == version
                && items.is_some_and(|items| {
                    items.iter().any(|d| d["code"] == "tier" || d["code"] == "E500")
                })
        });
        message["params"]["diagnostics"].as_array().expect("a list").clone()
    }

    pub fn at(&mut self, method: &str, uri: &str, line: u32, character: u32) -> Value {
        let position = json!({ "line": line, "character": character });
        let params = json!({ "textDocument": { "uri": uri }, "position": position,
            "context": { "includeDeclaration": true }, "newName": "renamed" });
        self.request(&format!("textDocument/{method}"), params)["result"].clone()
    }

    pub fn stop(mut self) {
        assert_eq!(self.request("shutdown", Value::Null)["result"], Value::Null);
        self.notify("exit", Value::Null);
        self.input = None;
        assert_eq!(self.server.wait().expect("it ends").code(), Some(0));
    }
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            header => {
                if let Some(n) = header.strip_prefix("Content-Length: ") {
                    length = n.parse().ok()?;
                }
            }
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

pub const SUMS: &str = "module sums;\n\n-- One more.\npublic fn next(@Int -> @Int)\n  requires(@Int.0 < 100)\n  ensures(@Int.result > @Int.0)\n  effects(pure)\n{\n  @Int.0 + 1\n}\n\npublic fn twice(@Int, @Bool -> @Int)\n  requires(@Int.0 < 50)\n  ensures(true)\n  effects(pure)\n{\n  let @Int = next(@Int.0);\n  if @Bool.0 then {\n    @Int.0\n  } else {\n    @Int.1\n  }\n}\n";

pub fn range(line: u32, start: u32, end: u32) -> Value {
    json!({ "start": { "line": line, "character": start }, "end": { "line": line, "character": end } })
}
