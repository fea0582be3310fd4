//! The playground, used as a person would: `playground/drive.mjs` types, reads, clicks.
//!
//! Needs `node`, `chromium` and the packages of `targets/playground` (`setup` installs
//! them); what is missing is said, and the test skipped. Builds the compiler for wasm, which
//! takes minutes the first time.

#[path = "../../../xtask/src/playground.rs"]
mod builder;
mod common;

use std::path::Path;
use std::process::Command;

use common::TempDir;
use serde_json::{Value as Json, json};

/// Whether the tools are there.
fn can_run() -> bool {
    let has = |program: &str| {
        let found = Command::new(program).arg("--version").output();
        found.is_ok_and(|output| output.status.success())
    };
    let missing: Vec<&str> = ["node", "chromium"].into_iter().filter(|tool| !has(tool)).collect();
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
    if !can_run() {
        return;
    }
    let site = TempDir::new("playground");
    builder::site(site.path(), target()).expect("the site is built, within its sizes");
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
            "repair": "Write `half`",
            "repaired": true,
            "names": true,
            "proofs": ["half checked at run time", "main proved"],
            "prover": "Prover: the built-in simplifier alone",
            "output": "half is 5\n",
            "module": true,
            "formatted": true,
            "hints": "checked at run time",
            "counterexample": true,
            "answered": "Who? Eva\nHello, Eva!\n",
            "stopped": "Stopped",
            "reloaded": true,
            "offline": true,
            "isolated": true,
            "nameless": [],
        })
    );
}
