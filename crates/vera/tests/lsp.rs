//! The language server: the real binary, spoken to over its standard input and output.

mod common;

use common::client::{Client, SUMS, range};
use serde_json::{Value, json};

#[test]
fn reports_come_at_once_and_proofs_follow() {
    let mut client = Client::start();
    let uri = client.open("sums.vera", SUMS);
    let hints: Vec<Value> = client.proved(&uri, 1).iter().map(|d| d["message"].clone()).collect();
    assert_eq!(
        hints,
        ["next: Tier 1 — all contracts proven by Z3", "twice: Tier 1 — all contracts proven by Z3"]
    );
    // One character less: `@Int.0 + 0`.
    client.notify(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": uri, "version": 2 },
            "contentChanges": [{ "range": range(8, 11, 12), "text": "0" }] }),
    );
    let proved = client.proved(&uri, 2);
    assert_eq!(proved[0]["code"], "E500");
    assert_eq!(proved[0]["range"], range(5, 2, 31));
    // A mistake in one function: the other one is proved all the same.
    let broken = SUMS.replace("@Int.0 + 1", "@Int.0 + true");
    client.notify(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": uri, "version": 3 }, "contentChanges": [{ "text": broken }] }),
    );
    let proved = client.proved(&uri, 3);
    assert_eq!(proved[0]["code"], "E140");
    let hints: Vec<&Value> = proved.iter().filter(|d| d["code"] == "tier").collect();
    assert_eq!(hints.len(), 1, "{proved:?}");
    assert_eq!(hints[0]["message"], "twice: Tier 1 — all contracts proven by Z3");
    client.notify("textDocument/didClose", json!({ "textDocument": { "uri": uri } }));
    client.wait(|m| m["params"]["uri"] == *uri && m["params"].get("version").is_none());
    client.stop();
}

#[test]
fn every_binder_is_found() {
    let mut client = Client::start();
    let uri = client.open("sums.vera", SUMS);
    // `@Int.0` in the branch is the `let`, `@Int.1` the parameter.
    assert_eq!(client.at("definition", &uri, 18, 6)["range"], range(16, 7, 10));
    assert_eq!(client.at("definition", &uri, 20, 6)["range"], range(11, 17, 20));
    assert_eq!(client.at("definition", &uri, 16, 14)["range"], range(3, 10, 14));
    let places = client.at("references", &uri, 3, 11);
    let lines: Vec<&Value> =
        places.as_array().unwrap().iter().map(|p| &p["range"]["start"]["line"]).collect();
    assert_eq!(lines, [3, 16]);
    let highlights = client.at("documentHighlight", &uri, 11, 18);
    assert_eq!(highlights.as_array().unwrap().len(), 4, "{highlights}");
    let hover = client.at("hover", &uri, 16, 14);
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(text.starts_with("```vera\nInt\n```"), "{text}");
    assert!(text.contains("requires(@Int.0 < 100)") && text.contains("One more."), "{text}");
    let renamed = client.at("rename", &uri, 16, 14);
    let edits = renamed["changes"][&uri].as_array().unwrap();
    assert_eq!(edits.len(), 2, "{edits:?}");
    assert!(edits.iter().all(|edit| edit["newText"] == "renamed"));
    client.stop();
}

#[test]
fn completion_knows_what_is_in_scope() {
    let mut client = Client::start();
    let holed = SUMS.replace("    @Int.1\n", "    ?\n");
    let uri = client.open("sums.vera", &holed);
    let items = client.at("completion", &uri, 20, 5);
    let labels = |items: &Value| -> Vec<String> {
        let items = items["items"].as_array().expect("items").iter();
        items.map(|item| item["label"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(labels(&items), ["@Int.0", "@Int.1", "@Bool.0"]);
    assert_eq!(items["items"][0]["preselect"], true);
    assert_eq!(items["items"][0]["textEdit"]["range"], range(20, 4, 5));
    // Behind `@Int.` in an unfinished text.
    let unfinished = SUMS.replace("    @Int.1\n", "    @Int.\n");
    client.notify(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": uri, "version": 2 }, "contentChanges": [{ "text": unfinished }] }),
    );
    let items = client.at("completion", &uri, 20, 9);
    assert_eq!(labels(&items), ["0", "1"]);
    let items = client.at("completion", &uri, 20, 5);
    assert!(labels(&items).contains(&"Option".to_owned()));
    client.stop();
}

#[test]
fn a_text_is_outlined_and_formatted() {
    let mut client = Client::start();
    let uri = client.open("sums.vera", &SUMS.replace("  @Int.0 + 1", "      @Int.0   +   1"));
    let document = json!({ "textDocument": { "uri": uri } });
    let symbols = client.request("textDocument/documentSymbol", document.clone());
    let names: Vec<&Value> =
        symbols["result"].as_array().unwrap().iter().map(|s| &s["name"]).collect();
    assert_eq!(names, ["next", "twice"]);
    let options = json!({ "textDocument": { "uri": uri }, "options": {} });
    let edits = client.request("textDocument/formatting", options);
    assert_eq!(edits["result"][0]["newText"], SUMS);
    let lenses = client.request("textDocument/codeLens", document.clone());
    assert_eq!(lenses["result"].as_array().unwrap().len(), 6);
    let all = json!({ "textDocument": { "uri": uri }, "range": { "start": { "line": 0, "character": 0 },
        "end": { "line": 99, "character": 0 } } });
    let hints = client.request("textDocument/inlayHint", all);
    let labels: Vec<&Value> =
        hints["result"].as_array().unwrap().iter().map(|h| &h["label"]).collect();
    assert!(labels.contains(&&json!("← line 17")), "{labels:?}");
    // Before an argument the type it is wanted at.
    let types = hints["result"].as_array().unwrap().iter().filter(|hint| hint["kind"] == 2);
    let types: Vec<(&Value, &Value)> = types.map(|h| (&h["label"], &h["position"])).collect();
    assert_eq!(types, [(&json!("Int:"), &json!({ "line": 16, "character": 18 }))]);
    let folds = client.request("textDocument/foldingRange", document);
    assert_eq!(folds["result"].as_array().unwrap().len(), 2);
    client.stop();
}

/// The tokens of a document: text, type and modifiers.
fn tokens(client: &mut Client, name: &str, text: &str) -> Vec<String> {
    let uri = client.open(name, text);
    let document = json!({ "textDocument": { "uri": uri } });
    let answer = client.request("textDocument/semanticTokens/full", document);
    let types = [
        "function",
        "type",
        "ctor",
        "effect",
        "operation",
        "parameter",
        "variable",
        "keyword",
        "number",
        "string",
        "comment",
        "typeParameter",
        "hole",
    ];
    let modifiers = ["declares", "library", "let", "match", "state", "contract"];
    let numbers = answer["result"]["data"].as_array().expect("numbers").iter();
    let numbers: Vec<usize> = numbers.map(|n| n.as_u64().expect("a number") as usize).collect();
    let lines: Vec<Vec<u16>> = text.lines().map(|line| line.encode_utf16().collect()).collect();
    let (mut line, mut column, mut out) = (0, 0, Vec::new());
    for token in numbers.chunks(5) {
        column = if token[0] == 0 { column + token[1] } else { token[1] };
        line += token[0];
        let word = String::from_utf16(&lines[line][column..column + token[2]]).expect("UTF-16");
        let said = modifiers.iter().enumerate().filter(|(i, _)| token[4] >> i & 1 == 1);
        let said: String = said.map(|(_, name)| format!(" {name}")).collect();
        out.push(format!("{word}: {}{said}", types[token[3]]));
    }
    out
}

#[test]
fn tokens_tell_what_words_are() {
    let mut client = Client::start();
    let text = "-- é\nprivate forall<T> fn same(@T -> @T)\n  requires(true)\n  ensures(@T.result == @T.0)\n  effects(pure)\n{\n  @T.0\n}\n";
    assert_eq!(
        tokens(&mut client, "same.vera", text),
        [
            "-- é: comment",
            "private: keyword",
            "forall: keyword",
            "T: typeParameter declares",
            "fn: keyword",
            "same: function declares",
            "T: typeParameter",
            "T: typeParameter",
            "requires: keyword contract",
            "true: keyword",
            "ensures: keyword contract",
            "T: typeParameter",
            "result: keyword contract",
            "@T.0: parameter",
            "effects: keyword",
            "pure: keyword",
            "@T.0: parameter",
        ]
    );
    let text = "private fn f(@Option<Int> -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  let @String = \"a\";\n  match @Option<Int>.0 {\n    Some(@Int) -> {- of\n two lines -} @Int.0 + string_length(@String.0),\n    None -> handle[State<Int>](@Int = 7) {\n      get(@Unit) -> { resume(@Int.0) }\n    } in {\n      ?\n    }\n  }\n}\n";
    let all = tokens(&mut client, "f.vera", text);
    let body = all.iter().skip_while(|token| *token != "let: keyword");
    let body: Vec<&str> = body.map(String::as_str).collect();
    assert_eq!(
        body,
        [
            "let: keyword",
            "String: type library",
            "\"a\": string",
            "match: keyword",
            "@Option<Int>.0: parameter",
            "Some: ctor library",
            "Int: type library",
            "{- of: comment",
            " two lines -}: comment",
            "@Int.0: variable match",
            "string_length: function library",
            "@String.0: variable let",
            "None: ctor library",
            "handle: keyword",
            "State: effect library",
            "Int: type library",
            "Int: type library",
            "7: number",
            "get: operation library",
            "Unit: type library",
            "@Int.0: variable state",
            "in: keyword",
            "?: hole",
        ]
    );
    client.stop();
}

#[test]
fn repairs_are_actions() {
    let mut client = Client::start();
    let uri = client.open("f.vera", "public fn f(@Int -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  return @Int.0\n}\n");
    let params = json!({ "textDocument": { "uri": uri }, "range": range(5, 2, 9),
        "context": { "diagnostics": [] } });
    let actions = client.request("textDocument/codeAction", params);
    let titles: Vec<&Value> =
        actions["result"].as_array().unwrap().iter().map(|a| &a["title"]).collect();
    assert_eq!(titles, ["Delete 'return'", "Apply all safe repairs"]);
    client.stop();
}

#[test]
fn imports_are_those_of_open_texts() {
    let mut client = Client::start();
    client.dir.file("sums.vera", SUMS);
    let main = "import sums(next);\n\npublic fn main(@Unit -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  next(1)\n}\n";
    let uri = client.open("main.vera", main);
    client.proved(&uri, 1);
    let definition = client.at("definition", &uri, 7, 3);
    assert_eq!(definition["uri"], client.uri("sums.vera"));
    assert_eq!(definition["range"], range(3, 10, 14));
    // Another name in the open text of the module: the importer is told.
    client.open("sums.vera", &SUMS.replace("next", "after"));
    let told = client.wait(|m| {
        let first = &m["params"]["diagnostics"][0]["code"];
        m["params"]["uri"] == *uri && first == "E150"
    });
    assert_eq!(told["params"]["version"], 1);
    client.stop();
}

#[test]
fn proposed_edits_are_weighed() {
    let mut client = Client::start();
    let uri = client.open("sums.vera", SUMS);
    client.proved(&uri, 1);
    let worse = SUMS.replace("@Int.0 + 1", "@Int.0");
    let answer =
        client.request("vera/speculativeEdit", json!({ "uri": uri, "text": worse, "version": 1 }));
    assert_eq!(answer["result"]["ok"], false, "{answer}");
    assert_eq!(answer["result"]["diagnostics"], 1);
    let delta = &answer["result"]["proof_delta"];
    assert_eq!(delta["proof_regressions"][0]["kind"], "ensures");
    assert_eq!(delta["proof_regressions"][0]["status_before"], "verified");
    assert_eq!(delta["removed"][0]["expr"], "@Int.0 + 1");
    let refused = client.request("vera/proposeEdit", json!({ "uri": uri, "text": worse }));
    assert_eq!(refused["result"]["applied"], false);
    assert_eq!(refused["result"]["client"], Value::Null);
    // A stronger contract that holds: the client is asked to make the edit.
    let id = client.ask(
        "vera/strengthenContract",
        json!({ "uri": uri, "fn": "next", "kind": "ensures", "expr": "@Int.result == @Int.0 + 1" }),
    );
    let asked = client.wait(|m| m["method"] == "workspace/applyEdit");
    let edit = &asked["params"]["edit"]["documentChanges"][0];
    assert_eq!(edit["textDocument"], json!({ "uri": uri, "version": 1 }));
    assert!(edit["edits"][0]["newText"].as_str().unwrap().contains("@Int.result == @Int.0 + 1"));
    client.send(&json!({ "jsonrpc": "2.0", "id": asked["id"], "result": { "applied": true } }));
    let answer = client.wait(|m| m["id"] == id);
    assert_eq!(answer["result"]["applied"], true);
    assert_eq!(answer["result"]["client"], "applied");
    // An effect goes to the callers, too.
    let id = client.ask("vera/addEffect", json!({ "uri": uri, "fn": "next", "effect": "IO" }));
    let asked = client.wait(|m| m["method"] == "workspace/applyEdit");
    client.send(&json!({ "jsonrpc": "2.0", "id": asked["id"],
        "result": { "applied": false, "failureReason": "busy" } }));
    let answer = client.wait(|m| m["id"] == id);
    assert_eq!(answer["result"]["rewritten"], json!(["next", "twice"]));
    assert_eq!(answer["result"]["client"], "declined");
    assert_eq!(answer["result"]["client_reason"], "busy");
    client.stop();
}

#[test]
fn bad_messages_get_an_answer() {
    let mut client = Client::with(json!({}));
    let code = |answer: &Value| answer["error"]["code"].clone();
    assert_eq!(code(&client.request("vera/nothing", json!({}))), -32601);
    assert_eq!(code(&client.request("textDocument/nothing", json!({}))), -32601);
    assert_eq!(code(&client.request("textDocument/hover", json!({ "position": 3 }))), -32602);
    let answer = client.request("vera/speculativeEdit", json!({ "uri": 1, "text": "" }));
    assert_eq!(answer["error"]["message"], "'uri' must be a string, got a number");
    let text = json!({ "uri": "file:///nowhere.vera", "text": "" });
    assert_eq!(code(&client.request("vera/speculativeEdit", text)), -32602);
    // A document that was never opened says nothing; a change of one opens it.
    let uri = client.uri("late.vera");
    assert_eq!(client.at("hover", &uri, 0, 0), Value::Null);
    client.notify(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": uri, "version": 7 }, "contentChanges": [{ "text": SUMS }] }),
    );
    client.proved(&uri, 7);
    let stale = json!({ "uri": uri, "text": SUMS, "version": 6 });
    assert_eq!(code(&client.request("vera/speculativeEdit", stale)), -32602);
    // Without the capabilities nothing is sent.
    let answer = client.request("vera/proposeEdit", json!({ "uri": uri, "text": SUMS }));
    assert_eq!(answer["result"]["client"], "unsupported");
    // A scheme of its own, no place, ranges that are none.
    client.notify(
        "textDocument/didOpen",
        json!({ "textDocument": { "uri": "untitled:1", "languageId": "vera", "version": 1, "text": "import a;\n" } }),
    );
    let told = client.wait(|m| m["params"]["uri"] == "untitled:1");
    assert_eq!(told["params"]["diagnostics"][0]["code"], "E012");
    client.notify(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": "untitled:1", "version": 2 },
            "contentChanges": [{ "range": { "start": { "line": 9, "character": 9 }, "end": { "line": 0, "character": 0 } }, "text": "x" }] }),
    );
    client.wait(|m| m["params"]["uri"] == "untitled:1" && m["params"]["version"] == 2);
    client.stop();
}

/// The text with a piece in the place of UTF-16 columns of a line.
fn edited(text: &str, line: usize, (start, end): (usize, usize), piece: &str) -> String {
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    let offset = |column: usize| {
        let mut units = 0;
        let found = lines[line].char_indices().find(|(_, c)| {
            units += c.len_utf16();
            units > column
        });
        found.map_or(lines[line].len(), |(at, _)| at)
    };
    let (from, to) = (offset(start), offset(end));
    lines[line].replace_range(from..to, piece);
    lines.join("\n")
}

#[test]
fn random_edits_leave_it_alive_and_right() {
    const PIECES: [&str; 13] =
        ["", "@Int.0", "{", "}", "𝄞", "(", "let @Nat = ", ";", "\"", "\n", "é", "?", "{-"];
    let mut client = Client::start();
    let mut text = SUMS.to_owned();
    let uri = client.open("sums.vera", &text);
    let mut state = 7_u64;
    let mut random = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as usize % bound.max(1)
    };
    for version in 2..400 {
        // From a text that is right now and then.
        if version % 50 == 0 {
            SUMS.clone_into(&mut text);
            let whole = json!([{ "text": SUMS }]);
            client.notify(
                "textDocument/didChange",
                json!({ "textDocument": { "uri": uri, "version": version }, "contentChanges": whole }),
            );
            continue;
        }
        let line = random(text.split('\n').count());
        let units = text.split('\n').nth(line).unwrap_or_default().encode_utf16().count();
        let (a, b) = (random(units + 1), random(units + 1));
        let (start, end) = (a.min(b), a.max(b).min(a.min(b) + 6));
        let piece = PIECES[random(PIECES.len())];
        text = edited(&text, line, (start, end), piece);
        let change =
            json!([{ "range": range(line as u32, start as u32, end as u32), "text": piece }]);
        client.notify(
            "textDocument/didChange",
            json!({ "textDocument": { "uri": uri, "version": version }, "contentChanges": change }),
        );
        client.at("hover", &uri, line as u32, start as u32);
        client.at("completion", &uri, line as u32, end as u32);
        let symbols = client
            .request("textDocument/documentSymbol", json!({ "textDocument": { "uri": uri } }));
        let count = symbols["result"].as_array().expect("a list").len();
        // The server has the text that we have.
        assert_eq!(count, vera_syntax::parse(&text).program.decls.len(), "{text}");
    }
    client.notify(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": uri, "version": 1000 }, "contentChanges": [{ "text": SUMS }] }),
    );
    assert_eq!(client.proved(&uri, 1000).len(), 2);
    client.stop();
}

#[test]
fn a_client_that_vanishes_ends_the_server() {
    let mut client = Client::start();
    client.open("sums.vera", SUMS);
    client.input = None;
    client.server.wait().expect("it ends");
}
