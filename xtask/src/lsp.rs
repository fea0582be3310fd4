//! `cargo xtask bench lsp`: a scripted client of the language server, over its standard
//! streams: on a file of 3,000 lines, and on a project of 100 modules.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::generate;

/// How long anything may take before the measurement is given up.
const PATIENCE: Duration = Duration::from_secs(300);

/// How often each request is made.
const REQUESTS: usize = 200;

/// How many keys are pressed.
const KEYS: usize = 30;

/// A conversation with the server.
struct Client {
    server: Child,
    input: ChildStdin,
    /// Messages, with when they came.
    messages: Receiver<(Instant, Value)>,
    next_id: u64,
}

impl Drop for Client {
    fn drop(&mut self) {
        // It is ours, and waited for.
        _ = self.server.kill();
        _ = self.server.wait();
    }
}

impl Client {
    fn start(vera: &Path, dir: &Path) -> Result<Client, String> {
        let mut server = Command::new(vera)
            .arg("lsp")
            .current_dir(dir)
            .env("VERA_CACHE_DIR", dir.join("cache"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| error.to_string())?;
        let input = server.stdin.take().ok_or("no standard input")?;
        let output = server.stdout.take().ok_or("no standard output")?;
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(message) = read(&mut output) {
                if sender.send((Instant::now(), message)).is_err() {
                    break;
                }
            }
        });
        let mut client = Client { server, input, messages, next_id: 0 };
        client.request("initialize", json!({ "capabilities": {} }))?;
        client.notify("initialized", json!({}))?;
        Ok(client)
    }

    fn send(&mut self, message: &Value) -> Result<(), String> {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len())
            .and_then(|()| self.input.flush())
            .map_err(|error| error.to_string())
    }

    fn notify(&mut self, method: &str, params: Value) -> Result<(), String> {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }))
    }

    /// How long an answer takes.
    fn request(&mut self, method: &str, params: Value) -> Result<Duration, String> {
        self.next_id += 1;
        let id = self.next_id;
        let start = Instant::now();
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))?;
        let (at, answer) = self.wait(|m| m["id"] == id && m.get("method").is_none())?;
        match answer.get("error") {
            Some(error) => Err(format!("{method}: {error}")),
            None => Ok(at - start),
        }
    }

    fn wait(&self, is_it: impl Fn(&Value) -> bool) -> Result<(Instant, Value), String> {
        loop {
            let message = self.messages.recv_timeout(PATIENCE).map_err(|e| e.to_string())?;
            if is_it(&message.1) {
                return Ok(message);
            }
        }
    }

    /// When the diagnostics of a version come, with proofs or without.
    fn reports(&self, uri: &str, version: usize, proofs: bool) -> Result<Instant, String> {
        let wanted = |m: &Value| {
            let params = &m["params"];
            let items = params["diagnostics"].as_array();
            let proved = items.is_some_and(|items| items.iter().any(|d| d["code"] == "tier"));
            params["uri"] == uri && params["version"] == version && (proved || !proofs)
        };
        self.wait(wanted).map(|(at, _)| at)
    }

    fn open(&mut self, uri: &str, text: &str) -> Result<Instant, String> {
        let start = Instant::now();
        let document = json!({ "uri": uri, "languageId": "vera", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }))?;
        Ok(start)
    }

    /// Writes another character in the place of one.
    fn key(
        &mut self,
        uri: &str,
        version: usize,
        at: (usize, usize),
        key: &str,
    ) -> Result<Instant, String> {
        let position = |character: usize| json!({ "line": at.0, "character": character });
        let range = json!({ "start": position(at.1), "end": position(at.1 + 1) });
        let start = Instant::now();
        let params = json!({
            "textDocument": { "uri": uri, "version": version },
            "contentChanges": [{ "range": range, "text": key }],
        });
        self.notify("textDocument/didChange", params)?;
        Ok(start)
    }

    /// Resident memory in MB, where the system tells.
    fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.server.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
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

/// Measures both.
///
/// # Errors
/// The server does not answer, or refuses.
pub fn bench(vera: &Path, work: &Path) -> Result<(), String> {
    println!("\n{:<44} {:>9} {:>9}  goal", "language server", "median", "p99");
    one_file(vera, &work.join("lsp-file"))?;
    project(vera, &work.join("lsp-project"))
}

/// 231 functions of 13 lines.
fn one_file(vera: &Path, dir: &Path) -> Result<(), String> {
    std::fs::create_dir_all(dir).map_err(|e| e.to_string())?;
    let functions = 231;
    let text = generate::editable(functions);
    let uri = format!("file://{}", dir.join("big.vera").display());
    let mut client = Client::start(vera, dir)?;
    let start = client.open(&uri, &text)?;
    let reports = client.reports(&uri, 1, false)? - start;
    once("3,000 lines: open, reports", reports, "-");
    once("3,000 lines: open, proofs", client.reports(&uri, 1, true)? - start, "-");
    let mut pick = Picker(1);
    for (method, goal) in
        [("hover", "10 ms"), ("definition", "10 ms"), ("completion", "10 ms"), ("references", "-")]
    {
        let mut times = Vec::new();
        for _ in 0..REQUESTS {
            // In the `let`, or a branch.
            let (line, character) = [(5, 14), (7, 6), (9, 6)][pick.below(3)];
            let position =
                json!({ "line": pick.below(functions) * 13 + line, "character": character });
            let params = json!({ "textDocument": { "uri": uri }, "position": position,
                "context": { "includeDeclaration": true } });
            times.push(client.request(&format!("textDocument/{method}"), params)?);
        }
        several(&format!("3,000 lines: {method}"), times, goal);
    }
    let mut times = Vec::new();
    for _ in 0..REQUESTS {
        let line = pick.below(22) * 13 + 9;
        let position = json!({ "line": line, "character": 9 });
        times.push(client.request("vera/next", json!({ "uri": uri, "position": position }))?);
    }
    several("up to 300 lines: vera/next", times, "5 ms");
    let (mut plain, mut proved) = (Vec::new(), Vec::new());
    for version in 2..2 + KEYS {
        let place = (pick.below(functions) * 13 + 9, 13);
        let start = client.key(&uri, version, place, &(2 + pick.below(7)).to_string())?;
        plain.push(client.reports(&uri, version, false)? - start);
        proved.push(client.reports(&uri, version, true)? - start);
    }
    several("3,000 lines: keystroke to reports", plain, "30 ms");
    several("3,000 lines: keystroke to proofs", proved, "150 ms");
    memory("3,000 lines: memory", &client);
    Ok(())
}

fn project(vera: &Path, dir: &Path) -> Result<(), String> {
    for (name, text) in generate::project(100) {
        let file = dir.join(&name);
        std::fs::create_dir_all(file.parent().unwrap_or(dir)).map_err(|e| e.to_string())?;
        std::fs::write(file, text).map_err(|e| e.to_string())?;
    }
    let manifest = "[package]\nname = \"bench\"\nentry = \"main.vera\"\n";
    std::fs::write(dir.join("vera.toml"), manifest).map_err(|e| e.to_string())?;
    let uri = |name: &str| format!("file://{}", dir.join(name).display());
    let read = |name: &str| std::fs::read_to_string(dir.join(name)).map_err(|e| e.to_string());
    let mut client = Client::start(vera, dir)?;
    let (main, part) = (uri("main.vera"), uri("m0/part50.vera"));
    let start = client.open(&main, &read("main.vera")?)?;
    once("100 modules: open, reports", client.reports(&main, 1, false)? - start, "-");
    let text = read("m0/part50.vera")?;
    let start = client.open(&part, &text)?;
    once("100 modules: open a module, reports", client.reports(&part, 1, false)? - start, "-");
    once("100 modules: with proofs", client.reports(&part, 1, true)? - start, "-");
    let find = |needle: &str| {
        let line = text.lines().position(|line| line.contains(needle))?;
        let column = text.lines().nth(line)?.find(needle)?;
        Some((line, column))
    };
    let (line, column) = find("step50(").ok_or("the module declares step50")?;
    let position = json!({ "line": line, "character": column + 1 });
    for (method, goal, times) in [
        ("hover", "10 ms", 100),
        ("definition", "10 ms", 100),
        ("completion", "10 ms", 100),
        ("references", "-", 5),
        ("rename", "-", 5),
    ] {
        let params = json!({ "textDocument": { "uri": part }, "position": position,
            "context": { "includeDeclaration": true }, "newName": "step_fifty" });
        let times: Result<Vec<Duration>, String> = (0..times)
            .map(|_| client.request(&format!("textDocument/{method}"), params.clone()))
            .collect();
        several(&format!("100 modules: {method}"), times?, goal);
    }
    let (line, column) = find("> 100").ok_or("the module compares")?;
    let (mut plain, mut proved) = (Vec::new(), Vec::new());
    for version in 2..2 + KEYS {
        let digit = (1 + version % 9).to_string();
        let start = client.key(&part, version, (line, column + 2), &digit)?;
        plain.push(client.reports(&part, version, false)? - start);
        proved.push(client.reports(&part, version, true)? - start);
    }
    several("100 modules: keystroke to reports", plain, "30 ms");
    several("100 modules: keystroke to proofs", proved, "150 ms");
    memory("100 modules: memory", &client);
    Ok(())
}

/// Numbers that are the same in every run.
struct Picker(u64);

impl Picker {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) as usize % bound
    }
}

fn once(name: &str, time: Duration, goal: &str) {
    println!("{name:<44} {:>9} {:>9}  {goal}", milliseconds(time), "");
}

fn several(name: &str, mut times: Vec<Duration>, goal: &str) {
    times.sort();
    let (median, p99) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    println!("{name:<44} {:>9} {:>9}  {goal}", milliseconds(median), milliseconds(p99));
}

fn memory(name: &str, client: &Client) {
    let shown = client.memory().map_or_else(|| "-".to_owned(), |mb| format!("{mb} MB"));
    println!("{name:<44} {shown:>9} {:>9}  150 MB", "");
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}
