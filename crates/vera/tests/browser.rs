//! The bundle for browsers: what a program does under Node and in Chromium is what it
//! does natively.
//!
//! Needs `node` (20 or newer) and `chromium`; what is missing is said, and its part
//! skipped. `setup` installs them.

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::compiled::{Compiled, Ended, Source, plain, sources};
use common::{TempDir, in_parallel, vera};
use serde_json::{Value as Json, json};
use vera_host::{CacheDir, Host, Limits};

/// Whether a program can be started.
fn has(program: &str) -> bool {
    let mut command = Command::new(program);
    // Node has it from version 20 on.
    command.args((program == "node").then_some("--experimental-websocket")).arg("--version");
    let found = command.output().is_ok_and(|o| o.status.success());
    if !found {
        println!("skipped: no {program} that is new enough");
    }
    found
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser").join(name)
}

/// Runs a script of this directory; its output is JSON.
fn node(name: &str, args: &[&str]) -> Json {
    let output = Command::new("node")
        .args(["--experimental-websocket", "--no-warnings"])
        .arg(script(name))
        .args(args)
        .output()
        .expect("node starts");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        let said = String::from_utf8_lossy(&output.stdout);
        panic!("{error}: {said}\n{}", String::from_utf8_lossy(&output.stderr))
    })
}

/// Why a program is not compared, by the rows of the language reference, chapter 18.3.3,
/// in which a page differs.
fn exempt(source: &Source, compiled: &Compiled) -> Option<&'static str> {
    let header = &source.header;
    if header.max_memory.is_some() {
        return Some("--max-memory: a limit of the native host");
    }
    for (effect, why) in [
        ("DB", "DB: always Err in a page"),
        ("Inference", "Inference: always Err in a page"),
        ("Http", "Http: needs a server; see `requests`"),
    ] {
        if compiled.uses(effect) {
            return Some(why);
        }
    }
    None
}

struct Case {
    compiled: Compiled,
    ended: Ended,
    exempt: Option<&'static str>,
}

fn cases() -> Vec<Case> {
    let limits = Limits { brief: true, ..Limits::default() };
    let host = Host::with_limits(&CacheDir::Off, limits).expect("an engine");
    let all = sources();
    let cases = in_parallel(&all, |source| {
        let compiled = Compiled::new(source)?;
        let exempt = exempt(source, &compiled);
        let ended = match exempt {
            None => compiled.run(&host, &compiled.stdin),
            Some(_) => {
                let (stdout, stderr) = (String::new(), String::new());
                Ended { stdout, stderr, value: Json::Null, exit: None, trap: None }
            }
        };
        Some(Case { compiled, ended, exempt })
    });
    for (source, case) in all.iter().zip(&cases) {
        if case.is_none() {
            println!("exempt: {}: refused before it runs", source.name);
        }
    }
    cases.into_iter().flatten().collect()
}

fn expected(ended: &Ended) -> Json {
    let trap = ended.trap.as_ref();
    json!({
        "stdout": ended.stdout,
        "stderr": ended.stderr,
        "value": ended.value,
        "exit": ended.exit,
        "trap": trap.map(|t| json!({ "kind": t.kind, "message": t.message, "fix": t.fix })),
    })
}

/// Writes modules and expectations, and the runtime.
fn prepare(dir: &TempDir, cases: &[&Case]) {
    let mut tests = Vec::new();
    for (number, Case { compiled, ended, .. }) in cases.iter().enumerate() {
        let module = format!("{number}.wasm");
        dir.file(&module, compiled.module());
        let params = compiled.function().export.params.iter();
        let types = params.filter(|ty| **ty != vera_abi::interface::HostTy::Unit);
        let args: Vec<Json> = (types.zip(&compiled.args))
            .map(|(ty, value)| plain(&compiled.artifact.interface, ty, value))
            .collect();
        tests.push(json!({
            "name": compiled.name,
            "module": module,
            "function": compiled.function,
            "args": args,
            "words": compiled.words,
            "stdin": compiled.stdin,
            "expected": expected(ended),
        }));
    }
    dir.file("tests.json", Json::from(tests).to_string());
    dir.file("runtime.mjs", vera_targets::browser::RUNTIME);
    dir.file("parity.mjs", std::fs::read(script("parity.mjs")).expect("the script"));
    dir.file("blank.html", "<!doctype html><title>parity</title>");
}

/// Programs that end otherwise than natively; those for which the engine's stack is too
/// small are told apart.
fn differences(report: &Json) -> (Vec<String>, Vec<String>) {
    let (mut wrong, mut shallow) = (Vec::new(), Vec::new());
    for each in report["wrong"].as_array().expect("a report") {
        let name = each["name"].as_str().unwrap_or_default();
        if each["found"]["trap"]["kind"] == "stack_exhausted" {
            shallow.push(name.to_owned());
        } else {
            let (wanted, found) = (each["wanted"].to_string(), each["found"].to_string());
            let cut = |text: String| text.chars().take(600).collect::<String>();
            wrong.push(format!("{name}\n  native {}\n  here   {}", cut(wanted), cut(found)));
        }
    }
    (wrong, shallow)
}

#[test]
fn every_program_does_the_same_in_a_page() {
    let (node_is_here, chromium_is_here) = (has("node"), has("chromium"));
    if !node_is_here {
        return;
    }
    let all = cases();
    let compared: Vec<&Case> = all.iter().filter(|case| case.exempt.is_none()).collect();
    for case in &all {
        if let Some(why) = case.exempt {
            println!("exempt: {}: {why}", case.compiled.name);
        }
    }
    let dir = TempDir::new("browser");
    prepare(&dir, &compared);
    let path = dir.path().to_str().expect("a path");

    let report = node("node.mjs", &[path, "call"]);
    let (wrong, shallow) = differences(&report);
    println!("Node: {} programs compared, {} differ", report["compared"], wrong.len());
    assert_eq!(shallow, [""; 0], "Node was given a deep stack");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    if !chromium_is_here {
        return;
    }
    for way in ["call", "callAsync"] {
        let expression = format!(
            "(async () => {{ const [runtime, parity] = await Promise.all([import('/runtime.mjs'), import('/parity.mjs')]); \
             const tests = await (await fetch('/tests.json')).json(); \
             return parity.compare(runtime, tests, async (name) => (await fetch('/' + name)).arrayBuffer(), '{way}'); }})()"
        );
        let report = &node("chromium.mjs", &[path, "blank.html", &expression])[0];
        let (wrong, shallow) = differences(report);
        println!(
            "Chromium, {way}: {} programs compared, {} differ, {} need a deeper stack than the engine has: {}",
            report["compared"],
            wrong.len(),
            shallow.len(),
            shallow.join(", ")
        );
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// The bundle of `browser/api.vera`, with these flags.
fn bundle(flags: &[&str]) -> TempDir {
    let dir = TempDir::new("bundle");
    let source = script("api.vera").display().to_string();
    let out = dir.path().display().to_string();
    let command = ["compile", "--target", "browser", &source, "-o", &out];
    let compiled = vera(command.iter().chain(flags)).run();
    assert_eq!((compiled.code, compiled.stderr.as_str()), (Some(0), ""));
    dir
}

#[test]
fn what_a_page_calls() {
    if !has("node") {
        return;
    }
    let dir = bundle(&[]);
    let path = |name: &str| dir.path().join(name).display().to_string();
    let said = node("api.mjs", &[&path("runtime.mjs"), &path("module.wasm")]);
    let said: Vec<&str> = said.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
    assert_eq!(said.len(), 16, "{said:#?}");
    assert!(said.iter().all(|line| line.ends_with(": ok")), "{said:#?}");
}

#[test]
fn the_page_is_a_terminal() {
    if !has("node") || !has("chromium") {
        return;
    }
    let shows = |text: &str| {
        format!(
            "document.querySelector('.xterm-rows')?.textContent.replaceAll('\\u00a0', ' ').includes({text:?}) || undefined"
        )
    };
    let ended = "document.documentElement.dataset.state";
    for flags in [&[][..], &["--bundle", "single"]] {
        let dir = bundle(flags);
        let path = dir.path().to_str().expect("a path");
        let asked = [
            "index.html".to_owned(),
            "document.title || undefined".to_owned(),
            shows("name?"),
            "type Eva".to_owned(),
            shows("name? Eva"),
            "press Enter".to_owned(),
            ended.to_owned(),
            shows("hi Eva"),
            // The colour is one, and not shown as text.
            shows("red"),
            "document.querySelector('.xterm-rows').textContent.includes('[31m')".to_owned(),
            "document.getElementById('status').textContent".to_owned(),
        ];
        let mut words = vec![path];
        words.extend(asked.iter().map(String::as_str));
        let seen = node("chromium.mjs", &words);
        assert_eq!(
            seen,
            json!(["Api", true, true, "finished", true, true, false, "Finished"]),
            "{flags:?}"
        );
    }
}

#[test]
fn bundles() {
    let names = |dir: &TempDir| {
        let mut names: Vec<String> = std::fs::read_dir(dir.path())
            .expect("the bundle")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(&bundle(&[])), ["index.html", "module.wasm", "runtime.d.mts", "runtime.mjs"]);
    assert_eq!(names(&bundle(&["--no-html"])), ["module.wasm", "runtime.d.mts", "runtime.mjs"]);
    assert_eq!(names(&bundle(&["--bundle", "single"])), ["index.html"]);
    let dir = bundle(&["--base-url", "https://cdn.example/v1/"]);
    let page = std::fs::read_to_string(dir.path().join("index.html")).expect("the page");
    assert!(page.contains(r#"new URL("https://cdn.example/v1/module.wasm", document.baseURI)"#));
    let types = std::fs::read_to_string(dir.path().join("runtime.d.mts")).expect("the types");
    for line in [
        r#"  "add": (p1: bigint | number, p2: bigint | number) => bigint;"#,
        r#"  "greet": (p1: string) => string;"#,
        r#"type T0 = Array<T1>;"#,
        r#"type T1 = { tag: "None"; fields: [] } | { tag: "Some"; fields: [bigint] };"#,
    ] {
        assert!(types.lines().any(|found| found == line), "{line}\n{types}");
    }
}
