//! WASI components: what a program does under a host that we did not write is what it
//! does natively.
//!
//! Needs Python with the package `wasmtime`; without it this is said, and the test
//! skipped. `setup` installs it.

mod common;

use std::io::Write;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use common::compiled::{Compiled, Ended, Source, artifact_for, sources};
use common::server::{Server, reply};
use common::{TempDir, in_parallel, tools, vera};
use serde_json::{Value as Json, json};
use vera_abi::interface::HostTy;
use vera_abi::wasi::{World, operation};
use vera_host::{CacheDir, Host, Limits};
use vera_mir::analysis::{HostUse, host_uses};
use vera_wasm::{EmitOptions, HostLink};

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wasi").join(name)
}

/// Python with the package, if there is one.
fn python() -> Option<Command> {
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", tools().join("wasmtime"));
    let works = python.args(["-c", "import wasmtime.component"]).output();
    if !works.is_ok_and(|o| o.status.success()) {
        println!("skipped: no Python with the package `wasmtime`");
        return None;
    }
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", tools().join("wasmtime"));
    Some(python)
}

struct Case {
    name: String,
    words: Vec<String>,
    stdin: String,
    component: Vec<u8>,
    ended: Ended,
}

/// A case, or why there is none.
fn case(source: &Source, host: &Host) -> Result<Case, String> {
    let header = &source.header;
    if header.max_memory.is_some() {
        return Err("--max-memory: a limit of the native host".to_owned());
    }
    let compiled = Compiled::new(source).ok_or("refused before it runs")?;
    if compiled.function != "main" || !compiled.args.is_empty() {
        return Err("no `main` without arguments".to_owned());
    }
    let result = compiled.function().plain.result.clone();
    let (component, refused) = component(source, &result)?;
    if !refused.is_empty() {
        return Err(format!("refused: {}", refused.join(", ")));
    }
    let ended = compiled.run(host, &compiled.stdin);
    let Compiled { name, words, stdin, .. } = compiled;
    Ok(Case { name, words, stdin, component, ended })
}

/// The component, and the operations for which it would be refused.
fn component(source: &Source, result: &HostTy) -> Result<(Vec<u8>, Vec<String>), String> {
    let mut refused = Vec::new();
    let options = EmitOptions { host: HostLink::Wasi(World::Cli), ..EmitOptions::default() };
    let (artifact, uses) = artifact_for(&source.path, &options, |mir| {
        mir.exports.retain(|e| e.name == "main" && !e.in_parts);
        host_uses(mir)
    });
    for (what, _) in uses {
        if let HostUse::Operation(number) = what {
            let op = &artifact.interface.operations[number as usize];
            if operation(&op.effect, &op.name, World::Cli).is_err() {
                refused.push(format!("{}.{}", op.effect, op.name));
            }
        }
    }
    let effects = &artifact.interface.operations;
    if effects.iter().any(|op| op.effect == "Http") {
        return Err("Http: needs a server".to_owned());
    }
    let component = vera_targets::component::encode(&artifact.wasm, World::Cli, result)?;
    refused.sort();
    refused.dedup();
    Ok((component, refused))
}

/// What the engine says of the traps that are its own.
fn engines(kind: &str) -> &'static str {
    match kind {
        "divide_by_zero" => "wasm trap: integer divide by zero",
        "overflow" => "wasm trap: integer overflow",
        "stack_exhausted" => "wasm trap: call stack exhausted",
        "float_conversion" => "wasm trap: invalid conversion to integer",
        _ => "\0",
    }
}

fn difference(native: &Ended, here: &Json) -> Option<String> {
    let text = |key: &str| here[key].as_str().unwrap_or_default().to_owned();
    let (stdout, stderr, end) = (text("stdout"), text("stderr"), text("end"));
    let mut wanted = native.stderr.clone();
    let ends_well = match (&native.trap, native.exit) {
        (None, None | Some(0)) => end == "ok",
        (None, Some(_)) => end == "exit",
        (Some(trap), _) if end.contains(engines(trap.kind)) => true,
        (Some(trap), _) => {
            wanted.push_str(&format!("Error: {}\nTrap: {}\n", trap.message, trap.kind));
            if !trap.fix.is_empty() {
                wanted.push_str(&format!("Fix: {}\n", trap.fix));
            }
            end == "exit"
        }
    };
    let same = ends_well && stdout == native.stdout && stderr == wanted;
    (!same).then(|| {
        let cut = |text: String| text.chars().take(400).collect::<String>();
        format!(
            "  native {}\n  here   {}",
            cut(format!("{native:?}")),
            cut(format!("{end:?} {stdout:?} {stderr:?}"))
        )
    })
}

#[test]
fn every_program_does_the_same_as_a_component() {
    let Some(mut python) = python() else { return };
    let limits = Limits { brief: true, ..Limits::default() };
    let host = Host::with_limits(&CacheDir::Off, limits).expect("an engine");
    let all = sources();
    let mut cases = Vec::new();
    for (source, case) in all.iter().zip(in_parallel(&all, |source| case(source, &host))) {
        match case {
            Ok(case) => cases.push(case),
            Err(why) => println!("exempt: {}: {why}", source.name),
        }
    }
    let dir = TempDir::new("wasi");
    let tests: Vec<Json> = (cases.iter().enumerate())
        .map(|(number, case)| {
            let module = format!("{number}.wasm");
            dir.file(&module, &case.component);
            json!({ "module": module, "stdin": case.stdin, "words": case.words })
        })
        .collect();
    dir.file("tests.json", Json::from(tests).to_string());
    let output = python.arg(script("parity.py")).arg(dir.path()).output().expect("Python starts");
    let ends: Vec<Json> = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}\n{}", String::from_utf8_lossy(&output.stderr));
    });
    let (mut wrong, mut shallow) = (Vec::new(), Vec::new());
    for (case, end) in cases.iter().zip(&ends) {
        let exhausted = end["end"].as_str().is_some_and(|e| e.contains("call stack exhausted"));
        if exhausted && case.ended.trap.is_none() {
            shallow.push(case.name.as_str());
        } else if let Some(text) = difference(&case.ended, end) {
            wrong.push(format!("{}\n{text}", case.name));
        }
    }
    println!(
        "wasmtime: {} programs compared, {} differ, {} need a deeper stack than it gives: {}",
        ends.len(),
        wrong.len(),
        shallow.len(),
        shallow.join(", ")
    );
    assert!(ends.len() == cases.len() && wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Compiles a program of `tests/wasi` with the tool.
fn compiled(dir: &TempDir, name: &str, flags: &[&str]) -> PathBuf {
    let path = dir.path().join(name).with_extension("wasm");
    let source = script(name).display().to_string();
    let out = path.display().to_string();
    let words = ["compile", "--target", "wasi-p2", &source, "-o", &out];
    let outcome = vera(words.iter().chain(flags)).run();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    path
}

/// The program `jco`, if there is one.
fn jco() -> Option<PathBuf> {
    let jco = tools().join("jco/node_modules/.bin/jco");
    let works = Command::new(&jco).arg("--version").output().is_ok_and(|o| o.status.success());
    if !works {
        println!("skipped: no jco");
    }
    works.then_some(jco)
}

fn fed(mut command: Command, input: &str) -> (String, String, bool) {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr), output.status.success())
}

const INPUT: &str = "first\n\u{1b}[Axé\nlast";

/// What `command.vera` prints with a directory that is empty.
fn said(args: &str, env: &str) -> String {
    format!(
        "args {args}\nenv {env} none\nline first\nkey <up> x\nrest é\nlast\nslept true\nrandom true\n\
         done\ndone\ndone\none two\n7\ndone\nb,g.txt\nnot found: a/b/f.txt\nis a directory: a\n\
         permission denied: ../outside.txt\ndone\nfalse true\n"
    )
}

#[test]
fn a_command_reaches_the_outside() {
    let dir = TempDir::new("wasi-command");
    let component = compiled(&dir, "command.vera", &[]);
    let files = dir.path().join("files");
    std::fs::create_dir(&files).expect("a directory");
    dir.file("outside.txt", "secret");
    if let Some(mut python) = python() {
        python.arg(script("command.py")).arg(&component).arg(&files);
        let (stdout, stderr, ok) = fed(python, INPUT);
        assert_eq!(stdout, format!("{}main 42\n", said("", "here")), "{stderr}");
        assert_eq!((stderr.as_str(), ok), ("bye\n", true));
    }
    if let Some(mut python) = python() {
        // Without a directory nothing may be read, which the program learns.
        python.arg(script("command.py")).arg(&component).arg("-");
        let (stdout, _, ok) = fed(python, INPUT);
        assert!(ok && stdout.contains("permission denied: a/b/f.txt\n"), "{stdout}");
    }
}

#[test]
fn a_command_runs_in_node() {
    let Some(jco) = jco() else { return };
    let server = Server::start(|request, stream| {
        reply(stream, "200 OK", &[], format!("{} {}", request.method, request.target).as_bytes());
    });
    let dir = TempDir::new("wasi-node");
    let component = compiled(&dir, "command.vera", &[]);
    let url = server.url("/x?y=1");
    let mut command = Command::new(jco);
    command.arg("run").arg(&component).arg(&url).current_dir(dir.path()).env("PLACE", "here");
    let (stdout, stderr, ok) = fed(command, INPUT);
    // Its root is that of the machine, so of files only the start is looked at.
    let (start, _) = said(&url, "here")
        .split_once("done\n")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .expect("lines");
    assert!(ok && stdout.starts_with(&start), "{stdout}{stderr}");
    assert!(stdout.ends_with("\nGET /x?y=1\n"), "{stdout}{stderr}");
}

/// A component that serves, until it is dropped.
struct Serving(Child, u16);

impl Drop for Serving {
    fn drop(&mut self) {
        // `jco` serves in a process of its own, which would outlive it.
        _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.0.id())]).status();
        _ = self.0.wait();
    }
}

fn serve(jco: &Path, component: &Path) -> Serving {
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let mut command = Command::new("node");
    command.arg(jco).arg("serve").arg(component).args(["--port", &port.to_string()]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let serving = Serving(command.spawn().expect("it starts"), port);
    for _ in 0..600 {
        if std::net::TcpStream::connect(("localhost", port)).is_ok() {
            return serving;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("the server does not start");
}

/// Status, header `x-method` and body of an answer.
fn curl(port: u16, words: &[&str], path: &str) -> (String, String, String) {
    let output = Command::new("curl")
        .args(["-s", "-w", "\n%{http_code} %header{x-method}"])
        .args(words)
        .arg(format!("http://localhost:{port}{path}"))
        .output()
        .expect("curl runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (body, last) = text.rsplit_once('\n').expect("two lines");
    let (status, method) = last.split_once(' ').expect("two words");
    (status.to_owned(), method.to_owned(), body.to_owned())
}

#[test]
fn a_server_answers_requests() {
    let Some(jco) = jco() else { return };
    if Command::new("curl").arg("--version").output().is_err() {
        println!("skipped: no curl");
        return;
    }
    let dir = TempDir::new("wasi-server");
    let component = compiled(&dir, "server.vera", &["--world", "server"]);
    let serving = serve(&jco, &component);
    let answer = |words: &[&str], path: &str| curl(serving.1, words, path);
    let own = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
    assert_eq!(answer(&[], "/a?b=1"), own("201", "GET", "/a?b=1  none"));
    let words = ["-X", "PUT", "-d", "été", "-H", "X-A: 1", "-H", "x-a: 2"];
    assert_eq!(answer(&words, "/"), own("201", "PUT", "/ été 1, 2"));
    let refused =
        r#"{"error": "the status is not legal", "trap_kind": "host_error", "frames": []}"#;
    assert_eq!(answer(&[], "/status"), own("500", "", refused));

    let other = Server::start(|request, stream| {
        let body = format!(
            "{} {} {}",
            request.method,
            request.header("x-b").unwrap_or_default(),
            request.text()
        );
        reply(stream, "203 Fine", &["X-C: d"], body.as_bytes());
    });
    let asked = answer(&["-d", &other.url("/")], "/ask");
    assert_eq!(asked, own("203", "", "POST c sent d"));
    assert_eq!(answer(&["-d", "http://127.0.0.1:1/"], "/ask").0, "502");
}
