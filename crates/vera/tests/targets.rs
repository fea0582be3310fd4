//! What `vera compile` writes for each target, and what it refuses.

mod common;

use common::desk::{Desk, main_fn};
use serde_json::json;

const DB: &str = "\
private fn cleaned(@Unit -> @Result<Int, String>)
  requires(true)
  ensures(true)
  effects(<DB>)
{
  DB.execute(\"delete from t\", [])
}

public fn main(@Unit -> @Unit)
  requires(true)
  ensures(true)
  effects(<IO, DB, Inference>)
{
  let @Result<Int, String> = cleaned(());
  let @Result<Int, String> = DB.execute(\"vacuum\", []);
  match Inference.complete(\"hi\") {
    Ok(@String) -> IO.print(@String.0),
    Err(_) -> ()
  }
}
";

const SERVER: &str = "\
public fn handle(@Request -> @Response)
  requires(true)
  ensures(true)
  effects(<IO>)
{
  let @String = IO.read_line(());
  Response(array_length(IO.args(())), map_new(), @String.0)
}
";

fn names(desk: &Desk, dir: &str) -> Vec<String> {
    let entries = std::fs::read_dir(desk.path(dir)).expect("a directory");
    let mut names: Vec<String> =
        entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn each_target_has_its_files() {
    let desk = Desk::new().with("f.vera", main_fn("@Int", "pure", "6 * 7"));
    desk.says("compile f.vera", 0, "Compiled: f.wasm (1 function exported)\n", "");
    desk.says(
        "compile --target browser f.vera",
        0,
        "Browser bundle: f_browser/\n  module.wasm\n  runtime.mjs\n  runtime.d.mts\n  index.html\n",
        "",
    );
    let core = std::fs::read(desk.path("f.wasm")).expect("a module");
    assert_eq!(std::fs::read(desk.path("f_browser/module.wasm")).expect("a module"), core);
    desk.says(
        "compile --target browser --bundle single -o deep/er f.vera",
        0,
        "Browser bundle: deep/er/\n  index.html\n",
        "",
    );
    desk.says(
        "compile --target wasi-p2 f.vera",
        0,
        "Compiled (WASI Preview 2 component): f.component.wasm\n",
        "",
    );
    desk.says(
        "compile --interface f.vera",
        0,
        "Compiled: f.wasm (1 function exported)\nInterface: f.interface.json\nInterface: f.wit\n",
        "",
    );
    assert_eq!(
        std::fs::read_to_string(desk.path("f.wit")).expect("the world"),
        "package vera:program;\n\nworld f {\n  export main: func() -> s64;\n}\n"
    );
    let described = std::fs::read_to_string(desk.path("f.interface.json")).expect("the interface");
    let described: serde_json::Value = serde_json::from_str(&described).expect("JSON");
    assert_eq!(
        described,
        json!({
            "version": 1,
            "types": [],
            "functions": [{ "name": "main", "params": ["Unit"], "result": "Int",
                "export": "main", "in_parts": false }],
            "operations": [],
            "tasks": [],
            "cells": [],
        })
    );
}

#[test]
fn nothing_is_written_for_json_alone() {
    let desk = Desk::new().with("f.vera", main_fn("@Int", "pure", "6 * 7"));
    for target in ["wasm", "browser", "wasi-p2"] {
        let envelope = desk.json(&format!("compile --json --target {target} f.vera"), 0);
        let wanted = json!({"ok": true, "file": "f.vera", "exports": ["main"], "diagnostics": [], "warnings": []});
        assert_eq!(envelope, wanted, "{target}");
    }
    assert_eq!(names(&desk, "."), ["bad.vera", "calc.vera", "f.vera"]);
}

#[test]
fn flags_that_do_not_fit_are_refused() {
    let desk = Desk::new().with("f.vera", main_fn("@Int", "pure", "6 * 7"));
    desk.refuses("compile --no-html f.vera", "--no-html requires --target browser");
    desk.refuses("compile --bundle single f.vera", "--bundle requires --target browser");
    desk.refuses(
        "compile --target wasi-p2 --base-url x f.vera",
        "--base-url requires --target browser",
    );
    desk.refuses(
        "compile --target browser --no-html --bundle single f.vera",
        "--bundle single is a page, and --no-html leaves it out",
    );
    desk.refuses(
        "compile --target browser --base-url x --bundle single f.vera",
        "--bundle single holds what --base-url would lead to",
    );
    desk.refuses(
        "compile --target wasi-p2 --interface f.vera",
        "--interface describes core modules; a component holds its own interface",
    );
    desk.refuses(
        "compile --target browser --bundle all f.vera",
        "Invalid --bundle value: all (expected 'single')",
    );
    desk.refuses(
        "run --target browser f.vera",
        "--target browser: `vera run` has no browser.\nWrite the bundle with `vera compile --target browser` and open its page, or leave `--target` out to run the program here.",
    );
}

#[test]
fn a_target_needs_its_entry_point() {
    let double = "public fn double(@Int -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  @Int.0 + @Int.0\n}\n";
    let desk = Desk::new().with("f.vera", double);
    let mut seen = String::new();
    for command in [
        "compile --target browser f.vera",
        "compile --target browser --json f.vera",
        "compile --target wasi-p2 f.vera",
        "compile --target wasi-p2 --json f.vera",
        "compile --target wasi-p2 --world server f.vera",
    ] {
        let outcome = desk.run(command);
        assert_eq!(outcome.code, Some(1), "{command}");
        seen += &format!("$ vera {command}\n{}{}\n", outcome.stdout, outcome.stderr);
    }
    insta::assert_snapshot!(seen);
    desk.says(
        "compile --target browser --no-html f.vera",
        0,
        "Browser bundle: f_browser/\n  module.wasm\n  runtime.mjs\n  runtime.d.mts\n",
        "",
    );
}

#[test]
fn a_component_is_refused_what_wasi_does_not_have() {
    let desk = Desk::new().with("db.vera", DB).with("server.vera", SERVER);
    let mut seen = String::new();
    for command in [
        "compile --target wasi-p2 db.vera",
        "compile --target wasi-p2 --json db.vera",
        "compile --target wasi-p2 --world server server.vera",
    ] {
        let outcome = desk.run(command);
        assert_eq!(outcome.code, Some(1), "{command}");
        seen += &format!("$ vera {command}\n{}{}\n", outcome.stdout, outcome.stderr);
    }
    insta::assert_snapshot!(seen);
    assert_eq!(names(&desk, "."), ["bad.vera", "calc.vera", "db.vera", "server.vera"]);
}

#[test]
fn a_component_runs() {
    let desk = Desk::new()
        .with("f.vera", main_fn("@Int", "pure", "6 * 7"))
        .with("exit.vera", main_fn("@Unit", "<IO>", "IO.print(\"a\");\n  IO.exit(3)"))
        .with(
            "args.vera",
            main_fn("@Int", "<IO>", "IO.print(string_join(IO.args(()), \"+\"));\n  1"),
        )
        .with(
            "trap.vera",
            main_fn(
                "@Unit",
                "<IO>",
                "IO.stderr(\"so\\n\");\n  let @Nat = IO.time(());\n  assert(@Nat.0 < 0)",
            ),
        )
        .with("zero.vera", main_fn("@Int", "<IO>", "1 / (0 - string_length(IO.read_line(())))"));
    desk.says("run --target wasi-p2 f.vera", 0, "42\n", "");
    desk.says("run --target wasi-p2 exit.vera", 1, "a\n", "");
    desk.says("run --target wasi-p2 args.vera -- x y", 0, "x+y\n", "");
    let envelope = desk.json("run --target wasi-p2 --json exit.vera", 1);
    assert_eq!(
        envelope,
        json!({"ok": true, "file": "exit.vera", "function": "main", "value": null, "stdout": "a", "exit_code": 1})
    );
    let report =
        "so\nError: Assertion failed (line 8): assert(@Nat.0 < 0)\nTrap: assertion_failed\n";
    let outcome = desk.run("run --target wasi-p2 trap.vera");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
    assert!(outcome.stderr.starts_with(report), "{}", outcome.stderr);
    let envelope = desk.json("run --target wasi-p2 --json trap.vera", 1);
    let trap = &envelope["diagnostics"][0];
    assert_eq!(trap["trap_kind"], "assertion_failed");
    assert_eq!(trap["description"], "Assertion failed (line 8): assert(@Nat.0 < 0)");
    // One of the engine's own.
    let envelope = desk.json("run --target wasi-p2 --json zero.vera", 1);
    assert_eq!(envelope["diagnostics"][0]["trap_kind"], "divide_by_zero");

    desk.refuses(
        "run --target wasi-p2 --fn half calc.vera",
        "--target wasi-p2: 'half' cannot be called; a component offers only `main`.",
    );
    desk.refuses_first(
        "run --target wasi-p2 --world server f.vera",
        "--world server: a server is not run.",
    );
    desk.refuses_first(
        "run --target wasi-p2 --fuel 5 f.vera",
        "--fuel: not with --target wasi-p2, whose host has no such limit; leave `--target` out to run the program natively",
    );
}
