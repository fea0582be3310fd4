//! The compiler as a module: the playground, used as a person would (`playground/drive.mjs`
//! types, reads, clicks), and the command line for Node, installed as npm does it.
//!
//! Needs `node`, `chromium` and the packages of `targets/playground` (`setup` installs
//! them); what is missing is said, and its test skipped. Builds the compiler for wasm, which
//! takes minutes the first time.

mod common;
#[path = "../../../xtask/src/npm.rs"]
mod npm;
#[path = "../../../xtask/src/playground.rs"]
mod playground;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use common::TempDir;
use serde_json::{Value as Json, json};

/// Whether these tools are there, and what pages and command line are bundled from.
fn can_run(tools: &[&str]) -> bool {
    let has = |program: &str| {
        let found = Command::new(program).arg("--version").output();
        found.is_ok_and(|output| output.status.success())
    };
    let missing: Vec<&str> = tools.iter().copied().filter(|tool| !has(tool)).collect();
    for tool in &missing {
        println!("skipped: there is no {tool}");
    }
    let packages = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../targets/playground/node_modules")
        .is_dir();
    if !packages {
        println!("skipped: run `npm ci --prefix targets/playground` once");
    }
    missing.is_empty() && packages
}

/// Where cargo keeps what it builds, this test included.
fn target() -> &'static Path {
    let vera = Path::new(env!("CARGO_BIN_EXE_vera"));
    vera.ancestors().nth(2).expect("a program lies in its profile's directory")
}

#[test]
fn a_person_types_repairs_proves_runs_and_shares() {
    if !can_run(&["node", "chromium"]) {
        return;
    }
    let site = TempDir::new("playground");
    playground::site(site.path(), target()).expect("the site is built, within its sizes");
    let output = Command::new("node")
        .args(["--experimental-websocket", "--no-warnings"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/playground/drive.mjs"))
        .arg(site.path())
        .output()
        .expect("node starts");
    let mut seen: Json = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    // Times are told, not tested.
    println!("first run: {} ms", seen["firstRunMs"]);
    seen.as_object_mut().expect("an object").remove("firstRunMs");
    assert_eq!(
        seen,
        json!({
            "hello": "Hello, World!\n",
            "problem": "E200",
            "explained": "E200:",
            "repair": "Write `half`",
            "repaired": true,
            "names": true,
            "proofs": ["half needs Z3", "main proved"],
            "prover": "Prover: the built-in simplifier alone",
            "output": "half is 5\n",
            "module": true,
            "formatted": true,
            "hints": "checked at run time",
            "hover": "fn half(@Int -> @Int)",
            "completion": "array_length",
            "completed": true,
            "counterexample": true,
            "run": "It was run: minus(0, 0) ends: Postcondition violation in minus(@Int, @Int -> @Int)",
            "answered": "Who? Eva\nHello, Eva!\n",
            "stopped": "Stopped",
            "fuel": "The fuel of this run is used up",
            "colours": [
                ["note", "", "This page shows"],
                ["stdout bold", "var(--ansi-1)", "red"],
                ["stdout", "", "plain"],
                ["stdout", "rgb(255 175 0)", "amber"],
                ["stdout", "", ""],
            ],
            "z3": true,
            "proved": ["half proved", "main proved"],
            "reloaded": true,
            "offline": true,
            "isolated": true,
            "nameless": [],
        })
    );
}

/// A command in a directory: its status, and both streams.
fn run(dir: &Path, words: &[&str], stdin: &str) -> (Option<i32>, String, String) {
    let mut child = Command::new(words[0])
        .args(&words[1..])
        .current_dir(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut input = child.stdin.take().expect("a pipe");
    // What reads nothing may be gone before.
    _ = input.write_all(stdin.as_bytes());
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_package_for_node_is_installed_and_used() {
    if !can_run(&["node", "npm"]) {
        return;
    }
    let package = TempDir::new("npm-package");
    npm::package(package.path(), target()).expect("the package is made");
    let dir = TempDir::new("npm-user");
    dir.file("package.json", "{}");
    let source = package.path().to_str().expect("a path");
    let install = [
        "npm",
        "install",
        "--install-links",
        "--no-audit",
        "--no-fund",
        "--offline",
        "--silent",
        source,
    ];
    let (code, _, said) = run(dir.path(), &install, "");
    assert_eq!(code, Some(0), "{said}");
    let vera = |words: &[&str], stdin: &str| {
        let all: Vec<&str> = ["npx", "--no", "vera"].iter().chain(words).copied().collect();
        run(dir.path(), &all, stdin)
    };
    let hello = "public fn main(@Unit -> @Unit)\n  requires(true)\n  ensures(true)\n  effects(<IO>)\n{\n  IO.print(\"Hello, \\(IO.read_line(()))!\\n\")\n}\n";
    dir.file("hello.vera", hello);
    dir.file("lib/half.vera", "public fn half(@Int -> @Int)\n  requires(@Int.0 > 0)\n  ensures(@Int.result < @Int.0)\n  effects(pure)\n{\n  @Int.0 / 2\n}\n");
    dir.file("use.vera", "import lib.half(half);\n\npublic fn main(@Unit -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  half(84)\n}\n");
    dir.file("bad.vera", hello.replace("main(@Unit -> @Unit)", "main(@Unit -> @Int)"));
    dir.file("data.vera", "public fn main(@Unit -> @Unit)\n  requires(true)\n  ensures(true)\n  effects(<IO>)\n{\n  match json_parse(\"[1, 2]\") {\n    Ok(@Json) -> IO.print(json_stringify(@Json.0)),\n    Err(@String) -> IO.print(@String.0)\n  }\n}\n");
    let ok = |text: &str| (Some(0), text.to_owned(), String::new());
    assert_eq!(vera(&["check", "hello.vera"], ""), ok("OK: hello.vera\n"));
    assert_eq!(vera(&["run", "hello.vera"], "Eva\n"), ok("Hello, Eva!\n"));
    assert_eq!(vera(&["run", "use.vera"], ""), ok("42\n"));
    assert_eq!(vera(&["run", "data.vera"], ""), ok("[1,2]"));
    assert_eq!(vera(&["fmt", "hello.vera"], ""), ok(hello));
    assert_eq!(vera(&["fmt", "--check", "hello.vera"], ""), ok("OK: hello.vera\n"));
    let (code, said, errors) = vera(&["compile", "use.vera", "-o", "use.wasm"], "");
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert_eq!(said, "Compiled: use.wasm (1 function exported)\n");
    assert!(std::fs::read(dir.path().join("use.wasm")).expect("a module").starts_with(b"\0asm"));
    // As the native command says it.
    let native = common::vera(["check", "--json", "bad.vera"]).dir(dir.path()).run();
    let (code, said, _) = vera(&["check", "--json", "bad.vera"], "");
    assert_eq!((code, said), (Some(1), native.stdout));
    let (code, _, errors) = vera(&["verify", "lib/half.vera"], "");
    assert!(code == Some(1) && errors.contains("E542"), "without a solver: {errors}");
    let (code, _, errors) = vera(&["check", "none.vera"], "");
    assert_eq!((code, errors.as_str()), (Some(1), "Error: file not found: none.vera\n"));
    let (code, _, errors) = vera(&["serve", "use.vera"], "");
    assert!(code == Some(1) && errors.starts_with("Error: there is no command `serve` here"));
}
