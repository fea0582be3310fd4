//! What is asked, and what is answered.

use serde_json::{Value, json};

use crate::Compiler;

const URI: &str = "file:///main.vera";

const HELLO: &str = "public fn main(@Unit -> @Unit)\n  requires(true)\n  ensures(true)\n  effects(<IO>)\n{\n  IO.print(\"hi\\n\")\n}\n";

/// What only a solver decides of it is the postcondition.
const HALF: &str = "public fn half(@Int -> @Int)\n  requires(@Int.0 > 0)\n  ensures(@Int.result < @Int.0)\n  effects(pure)\n{\n  @Int.0 / 2\n}\n";

fn ask(compiler: &mut Compiler, method: &str, params: Value) -> Value {
    compiler.answer(method, &params, Vec::new()).document
}

/// Asks until no file is wanted; there are these.
fn resolve(compiler: &mut Compiler, files: &[(&str, &str)], method: &str, params: &Value) -> Value {
    loop {
        let answer = ask(compiler, method, params.clone());
        let Some(wanted) = answer["wanted"].as_array() else { return answer };
        for path in wanted {
            let text = files.iter().find(|(name, _)| path == name).map(|(_, text)| *text);
            assert_eq!(ask(compiler, "file", json!({ "path": path, "text": text })), json!({}));
        }
    }
}

#[test]
fn a_program_is_checked_formatted_and_compiled() {
    let mut compiler = Compiler::default();
    let program = json!({ "file": "hello.vera", "text": HELLO });
    let checked = resolve(&mut compiler, &[], "check", &program);
    assert_eq!(checked["ok"], true, "{checked}");
    assert_eq!(checked["rendered"], "");
    let formatted = ask(&mut compiler, "format", program.clone());
    assert_eq!(formatted["text"], HELLO);
    let compiled = compiler.answer("compile", &program, Vec::new());
    assert_eq!(compiled.document["exports"], json!(["main"]));
    assert_eq!(compiled.document["size"], compiled.bytes.len());
    assert!(compiled.bytes.starts_with(b"\0asm"));
    let text = compiler.answer("wat", &json!({}), compiled.bytes).document;
    assert!(text["text"].as_str().is_some_and(|text| text.starts_with("(module")));
}

#[test]
fn what_imports_mean_is_asked() {
    let mut compiler = Compiler::default();
    let main = "import helper(double);\n\npublic fn main(@Unit -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  double(21)\n}\n";
    let helper = "public fn double(@Int -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  @Int.0 + @Int.0\n}\n";
    ask(&mut compiler, "enter", json!({ "directory": "/p" }));
    let params = json!({ "file": "src/main.vera", "text": main });
    let first = ask(&mut compiler, "check", params.clone());
    let wanted = first["wanted"].as_array().expect("files are wanted");
    assert!(wanted.contains(&json!("/p/src/helper.vera")), "{first}");
    let checked = resolve(&mut compiler, &[("/p/src/helper.vera", helper)], "check", &params);
    assert_eq!(checked["ok"], true, "{checked}");
    let alone = resolve(&mut Compiler::default(), &[], "check", &params);
    assert_eq!(alone["diagnostics"][0]["error_code"], "E012", "{alone}");
}

#[test]
fn an_editor_asks_as_a_client_of_the_language_server() {
    let mut compiler = Compiler::default();
    let broken = HELLO.replace("\"hi\\n\"", "1");
    let params = json!({ "uri": URI, "version": 1, "text": broken });
    let updated = resolve(&mut compiler, &[], "update", &params);
    assert_eq!(updated["ok"], false);
    assert_eq!(updated["diagnostics"].as_array().map(Vec::len), Some(1), "{updated}");
    let document =
        json!({ "textDocument": { "uri": URI }, "position": { "line": 5, "character": 4 } });
    let hover = ask(&mut compiler, "textDocument/hover", document);
    assert!(hover["result"]["contents"]["value"].is_string(), "{hover}");
}

#[test]
fn proofs_ask_a_solver_until_it_has_said_all() {
    let mut compiler = Compiler::default();
    let params = json!({ "uri": URI, "version": 1, "text": HALF });
    resolve(&mut compiler, &[], "update", &params);
    let alone = ask(&mut compiler, "prove", json!({ "uri": URI }));
    assert_eq!(alone["questions"], json!([]));
    assert_eq!(alone["functions"][0]["proof"], "checked at run time", "{alone}");
    // Nobody's mistake: the caller has no solver so far.
    let codes = alone["diagnostics"].as_array().expect("reports").iter().map(|r| &r["code"]);
    assert_eq!(codes.collect::<Vec<_>>(), ["tier"], "{alone}");
    assert_eq!(alone["unsolved"], 1);
    let program = json!({ "file": "half.vera", "text": HALF });
    let verified = ask(&mut compiler, "verify", program);
    let report = &verified["diagnostics"][0];
    assert_eq!(report["error_code"], "E542", "{verified}");
    assert_eq!(
        report["fix"],
        "Have Z3 loaded: in the playground by \u{201c}Prove with Z3\u{201d}, under Node by `npm install z3-solver`."
    );
    let with = json!({ "uri": URI, "solver": "Z3 1.0" });
    let mut rounds = 0;
    let proved = loop {
        let answer = ask(&mut compiler, "prove", with.clone());
        let questions = answer["questions"].as_array().expect("questions").clone();
        if questions.is_empty() {
            break answer;
        }
        rounds += 1;
        assert!(rounds < 20, "questions come to an end");
        for question in questions {
            assert_eq!(question["attempts"][0]["tactic"], "smt");
            // A solver that refutes every negation, and finds premises to be possible.
            let said = json!({ "question": question["question"], "outcome": outcome(&question) });
            assert_eq!(ask(&mut compiler, "solved", said), json!({}));
        }
    };
    assert_eq!(proved["functions"][0]["proof"], "proved", "{proved}");
    assert_eq!(proved["unsolved"], 0);
    assert!(proved["answered"].as_u64() >= Some(1));
    let again = ask(&mut compiler, "solved", json!({ "question": 1, "outcome": "sat" }));
    assert_eq!(again["error"]["message"], "question 1 is not open");
}

fn outcome(question: &Value) -> &'static str {
    let negated = question["text"].as_str().is_some_and(|text| text.contains("(assert (not "));
    if negated { "unsat" } else { "sat" }
}

/// The simplifier refutes it by values.
const MINUS: &str = "public fn minus(@Int, @Int -> @Int)\n  requires(true)\n  ensures(@Int.result > @Int.1)\n  effects(pure)\n{\n  @Int.1 - @Int.0\n}\n";

#[test]
fn a_run_decides_what_is_refuted() {
    let mut compiler = Compiler::default();
    resolve(&mut compiler, &[], "update", &json!({ "uri": URI, "version": 1, "text": MINUS }));
    let prove = json!({ "uri": URI, "runs": true });
    let asked = ask(&mut compiler, "prove", prove.clone());
    let run = &asked["runs"][0];
    assert_eq!(run["function"], 7, "{asked}");
    assert_eq!(run["inputs"][0]["value"], json!({ "int": "0" }));
    // A module for the call, and where its frames are.
    let request = json!({ "file": "main.vera", "text": MINUS, "functions": [7] });
    let made = compiler.answer("replay", &request, Vec::new());
    let described =
        json!({ "name": "minus", "start": 7, "slots": ["@Int.1", "@Int.0"], "cells": 0 });
    assert_eq!(made.document["functions"], json!([described]), "{}", made.document);
    assert_eq!(made.document["calls"][0]["export"], "minus$call");
    assert!(made.bytes.starts_with(b"\0asm"));
    let places = ask(&mut compiler, "places", json!({ "offsets": [[]] }));
    assert_eq!(places["places"], json!([[]]));
    // It breaks the claim where the claim stands.
    let at = MINUS.find("ensures").expect("a clause");
    let trapped = json!({
        "kind": "trapped", "trap": "contract_violation", "message": "Postcondition violation",
        "places": [[0, at, at + 29]],
    });
    let ran = |compiler: &mut Compiler, run: &Value, end: &Value| {
        ask(compiler, "ran", json!({ "run": run["run"], "end": end }))
    };
    assert_eq!(ran(&mut compiler, run, &trapped), json!({}));
    let refuted = ask(&mut compiler, "prove", prove.clone());
    let record = |answer: &Value| {
        let all = answer["functions"][0]["obligations"].as_array().cloned().unwrap_or_default();
        all.into_iter().find(|one| one["text"].as_str().is_some_and(|t| t.contains("result")))
    };
    let found = record(&refuted).expect("the claim");
    assert_eq!(found["status"], "violated", "{refuted}");
    assert_eq!(found["run"]["breaks"], true, "{refuted}");
    // With another text, nothing is known; and a run that returns withdraws the error.
    let text = format!("{MINUS}\n");
    resolve(&mut compiler, &[], "update", &json!({ "uri": URI, "version": 2, "text": text }));
    let asked = ask(&mut compiler, "prove", prove.clone());
    let returned = json!({ "kind": "returned", "text": "1" });
    assert_eq!(ran(&mut compiler, &asked["runs"][0], &returned), json!({}));
    let kept = ask(&mut compiler, "prove", prove);
    let found = record(&kept).expect("the claim");
    assert_eq!((&found["status"], &found["run"]["breaks"]), (&json!("tier3"), &json!(false)));
    assert_eq!(found["run"]["end"], json!({ "returned": "1" }));
    let again = ran(&mut compiler, &json!({ "run": 77 }), &returned);
    assert_eq!(again["error"]["message"], "run 77 is not open");
}

#[test]
fn work_is_counted_where_that_is_asked() {
    let mut compiler = Compiler::default();
    let text = "public fn main(@Unit -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  1\n}\n";
    let mut module = |fuel: bool| {
        let program = json!({ "file": "main.vera", "text": text, "fuel": fuel });
        let bytes = compiler.answer("compile", &program, Vec::new()).bytes;
        compiler.answer("wat", &json!({}), bytes).document["text"].to_string()
    };
    assert!(module(true).contains("vera.fuel"));
    assert!(!module(false).contains("vera.fuel"));
}

#[test]
fn bad_requests_are_refused() {
    let mut compiler = Compiler::default();
    let message = |answer: Value| answer["error"]["message"].clone();
    let mut refused = |method: &str, params: Value| message(ask(&mut compiler, method, params));
    assert_eq!(refused("dance", json!({})), "there is no method `dance`");
    assert_eq!(refused("check", json!({ "file": "a.vera" })), "'text' must be a string");
    assert_eq!(refused("prove", json!({ "uri": "file:///none.vera" })), "the document is not open");
    assert_eq!(refused("explain", json!({ "code": "E9" })), "there is no code E9");
    assert_eq!(refused("runtime", json!({ "name": "all" })), "there is no runtime `all`");
    assert_eq!(
        refused("verify", json!({ "file": "a.vera", "text": HELLO, "timeout_ms": 0 })),
        "'timeout_ms' must be a positive number of milliseconds"
    );
    assert!(refused("wat", json!({})).is_string());
    assert!(refused("textDocument/hover", json!({})).is_string());
}

#[test]
fn codes_are_explained() {
    let mut compiler = Compiler::default();
    let explained = ask(&mut compiler, "explain", json!({ "code": "e130" }));
    assert!(
        explained["text"].as_str().is_some_and(|text| text.starts_with("E130: ")),
        "{explained}"
    );
}
