//! Refactorings of the language server: they reach every file of the project, and every slot
//! goes on naming what it named.

mod common;

use common::client::{Client, SUMS, range};
use serde_json::{Value, json};

const MAIN: &str = "import sums(twice);\n\npublic fn main(@Unit -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  1 |> twice(true)\n}\n";

/// The new texts that the client is asked to write, by URI.
fn edits(asked: &Value) -> Vec<(String, Value, String)> {
    let edits = asked["params"]["edit"]["documentChanges"].as_array().expect("changes").iter();
    let edit = |change: &Value| {
        let document = &change["textDocument"];
        let uri = document["uri"].as_str().expect("a URI").to_owned();
        let text = change["edits"][0]["newText"].as_str().expect("a text").to_owned();
        (uri, document["version"].clone(), text)
    };
    edits.map(edit).collect()
}

#[test]
fn a_signature_changes_with_every_call() {
    let mut client = Client::start();
    client.dir.file("main.vera", MAIN);
    let uri = client.open("sums.vera", SUMS);
    client.proved(&uri, 1);
    // The Boolean first, then a new number, then the old one.
    let params =
        json!([{ "from": 1 }, { "from": null, "type": "Int", "argument": "7" }, { "from": 0 }]);
    let id = client.ask(
        "vera/changeSignature",
        json!({ "uri": uri, "fn": "twice", "params": params, "version": 1 }),
    );
    let asked = client.wait(|m| m["method"] == "workspace/applyEdit");
    let edits = edits(&asked);
    let files = [(uri.clone(), json!(1)), (client.uri("main.vera"), Value::Null)];
    assert_eq!(edits.iter().map(|e| (e.0.clone(), e.1.clone())).collect::<Vec<_>>(), files);
    let expected = SUMS.replace("twice(@Int, @Bool -> @Int)", "twice(@Bool, @Int, @Int -> @Int)");
    assert_eq!(edits[0].2, expected);
    assert_eq!(edits[1].2, MAIN.replace("1 |> twice(true)", "twice(true, 7, 1)"));
    client.send(&json!({ "jsonrpc": "2.0", "id": asked["id"], "result": { "applied": true } }));
    let answer = client.wait(|m| m["id"] == id);
    assert_eq!(answer["result"]["applied"], true);
    assert_eq!(answer["result"]["files"], json!([uri, client.uri("main.vera")]));
    // The other way round the references are counted anew.
    let params = json!([{ "from": 0 }, { "from": null, "type": "Int" }, { "from": 1 }]);
    client.ask("vera/changeSignature", json!({ "uri": uri, "fn": "twice", "params": params }));
    let asked = client.wait(|m| m["method"] == "workspace/applyEdit");
    let text = &self::edits(&asked)[0].2;
    assert!(text.contains("twice(@Int, @Int, @Bool -> @Int)\n  requires(@Int.1 < 50)"), "{text}");
    assert!(text.contains("let @Int = next(@Int.1);"), "{text}");
    assert!(text.contains("else {\n    @Int.2\n"), "{text}");
    client.stop();
}

#[test]
fn an_effect_goes_to_the_callers_in_every_file() {
    let mut client = Client::start();
    let main = client.dir.file("main.vera", MAIN);
    let apart = "import sums(twice);\n\npublic fn quiet(@Unit -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  handle[Random] {\n    random_bool(@Unit) -> { resume(true) }\n  } in {\n    twice(1, true)\n  }\n}\n";
    client.dir.file("apart.vera", apart);
    let uri = client.open("sums.vera", SUMS);
    client.proved(&uri, 1);
    let params = json!({ "uri": uri, "fn": "next", "effect": "Random", "workspace": true });
    let id = client.ask("vera/addEffect", params);
    let asked = client.wait(|m| m["method"] == "workspace/applyEdit");
    let edits = edits(&asked);
    let with = |text: &str| text.replace("effects(pure)", "effects(<Random>)");
    // What handles the effect needs it in no row.
    assert_eq!(
        edits,
        [(uri.clone(), json!(1), with(SUMS)), (client.uri("main.vera"), Value::Null, with(MAIN)),]
    );
    client.send(&json!({ "jsonrpc": "2.0", "id": asked["id"], "result": { "applied": true } }));
    let answer = client.wait(|m| m["id"] == id);
    assert_eq!(answer["result"]["rewritten"], json!(["next", "twice"]));
    assert_eq!(
        answer["result"]["files"],
        json!([
            { "uri": uri, "rewritten": ["next", "twice"] },
            { "uri": client.uri("main.vera"), "rewritten": ["main"] },
        ])
    );
    assert_eq!(std::fs::read_to_string(main).expect("it is there"), MAIN);
    // Nobody lacks it.
    client.open("sums.vera", &with(SUMS));
    client.open("main.vera", &with(MAIN));
    let params = json!({ "uri": uri, "fn": "next", "effect": "Random", "workspace": true });
    let answer = client.request("vera/addEffect", params);
    assert_eq!(answer["result"]["rewritten"], json!([]));
    let params = json!({ "uri": uri, "fn": "next", "effect": "Random", "workspace": 1 });
    let answer = client.request("vera/addEffect", params);
    assert_eq!(answer["error"]["message"], "'workspace' must be a boolean");
    client.stop();
}

const THROUGH_VALUES: &str = "type Step = fn(Int -> Int) effects(pure);

type Count = Int;

private fn next(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  @Int.0
}

private fn applied(@Step, @Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  apply_fn(@Step.0, @Int.0)
}

private fn quiet(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  let @Step = fn(@Int -> @Int) effects(pure) { @Int.0 };
  array_length(array_map([1], fn(@Int -> @Int) effects(pure) { @Int.0 }))
}

private fn bounded(@Unit -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  handle[State<Count>](@Count = 0) {
    get(@Unit) -> { resume(@Count.0) },
    put(@Count) -> { resume(()) } with @Count = @Count.0
  } in {
    next(1)
  }
}

public fn main(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  applied(fn(@Int -> @Int) effects(pure) { next(@Int.0) }, @Int.0)
}
";

#[test]
fn an_effect_goes_through_function_values_and_stops_at_its_handler() {
    let mut client = Client::start();
    let uri = client.open("values.vera", THROUGH_VALUES);
    client.proved(&uri, 1);
    let id =
        client.ask("vera/addEffect", json!({ "uri": uri, "fn": "next", "effect": "State<Int>" }));
    let asked = client.wait(|m| m["method"] == "workspace/applyEdit");
    let row = "effects(<State<Int>>)";
    let expected = THROUGH_VALUES
        .replacen("(Int -> Int) effects(pure)", &format!("(Int -> Int) {row}"), 1)
        .replacen("{ next(@Int.0) }", "{ NEXT }", 1)
        .replacen("effects(pure) { NEXT", &format!("{row} {{ next(@Int.0)"), 1);
    // `next`, `applied` and `main`; neither `quiet` nor `bounded`.
    let parts: Vec<&str> = expected.split("  effects(pure)\n").collect();
    let [a, b, c, d, e, f] = parts[..] else { panic!("five functions") };
    let pure = "  effects(pure)\n";
    let with = format!("  {row}\n");
    let expected = [a, &with, b, &with, c, pure, d, pure, e, &with, f].concat();
    assert_eq!(edits(&asked), [(uri.clone(), json!(1), expected)]);
    client.send(&json!({ "jsonrpc": "2.0", "id": asked["id"], "result": { "applied": true } }));
    let answer = client.wait(|m| m["id"] == id);
    assert_eq!(answer["result"]["ok"], json!(true), "{answer}");
    assert_eq!(answer["result"]["rewritten"], json!(["next", "applied", "main"]));
    client.stop();
}

#[test]
fn a_signature_that_cannot_be_is_refused() {
    let mut client = Client::start();
    let uri = client.open("sums.vera", SUMS);
    let mut refusal = |function: &str, params: Value| {
        let params = json!({ "uri": uri, "fn": function, "params": params });
        let answer = client.request("vera/changeSignature", params);
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
        answer["error"]["message"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(refusal("none", json!([])), "there is no function `none`");
    assert_eq!(refusal("next", json!(3)), "'params' must be an array");
    assert_eq!(refusal("next", json!([])), "parameter 1 is used at 5:12");
    let beyond = "there is no parameter 4: it has 1, counted from 0";
    assert_eq!(refusal("next", json!([{ "from": 4 }])), beyond);
    let twice = json!([{ "from": 0 }, { "from": 0 }]);
    assert_eq!(refusal("next", twice), "parameter 0 is given twice");
    let untyped = json!([{ "from": 0 }, {}]);
    assert_eq!(refusal("next", untyped), "parameter 2 is new and has no `type`");
    let wrong = refusal("next", json!([{ "from": 0, "type": "Int," }]));
    assert!(wrong.ends_with("give types as they are written behind `@`"), "{wrong}");
    let commented = SUMS.replace("(@Int, @Bool ->", "(@Int, -- how many\n    @Bool ->");
    let uri = client.open("commented.vera", &commented);
    let params = json!({ "uri": uri, "fn": "twice", "params": [{ "from": 1 }, { "from": 0 }] });
    let answer = client.request("vera/changeSignature", params);
    let why = "a comment between the parameters would be lost: move it first";
    assert_eq!(answer["error"]["message"], why);
    // It would be a mistake: nothing is sent.
    let uri = client.uri("sums.vera");
    let answer = client.request(
        "vera/changeSignature",
        json!({ "uri": uri, "fn": "next", "params": [{ "from": 0, "type": "Bool" }] }),
    );
    assert_eq!(answer["result"]["applied"], false);
    assert_eq!(answer["result"]["proof_delta"], Value::Null);
    client.stop();
}

/// The text after the action of a kind at a range.
fn acted(client: &mut Client, uri: &str, text: &str, at: Value, kind: &str) -> Option<String> {
    let params =
        json!({ "textDocument": { "uri": uri }, "range": at, "context": { "diagnostics": [] } });
    let actions = client.request("textDocument/codeAction", params);
    let actions = actions["result"].as_array().expect("a list").clone();
    let action = actions.into_iter().find(|action| action["kind"] == kind)?;
    let edit = &action["edit"]["changes"][uri][0];
    let offset = |position: &Value| {
        let line = position["line"].as_u64().expect("a line") as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        start + position["character"].as_u64().expect("a column") as usize
    };
    let mut text = text.to_owned();
    let places = offset(&edit["range"]["start"])..offset(&edit["range"]["end"]);
    text.replace_range(places, edit["newText"].as_str().expect("a text"));
    Some(text)
}

#[test]
fn an_expression_is_bound_and_written_out_again() {
    let mut client = Client::start();
    let uri = client.open("sums.vera", SUMS);
    // `next(@Int.0)` in line 17: the branches see one binding more.
    let bound = acted(&mut client, &uri, SUMS, range(16, 13, 25), "refactor.extract");
    let bound = bound.expect("it can be bound");
    let body = "  let @Int = next(@Int.0);\n  let @Int = @Int.0;\n  if @Bool.0 then {\n    @Int.0\n  } else {\n    @Int.2\n  }";
    assert!(bound.contains(body), "{bound}");
    // The first of the two goes again.
    let uri = client.open("again.vera", &bound);
    let back = acted(&mut client, &uri, &bound, range(16, 4, 4), "refactor.inline");
    assert_eq!(back.as_deref(), Some(SUMS));
    // A clause has no place for a `let`.
    assert_eq!(acted(&mut client, &uri, &bound, range(4, 11, 17), "refactor.extract"), None);
    client.stop();
}

#[test]
fn names_change_in_files_that_are_not_open() {
    let mut client = Client::start();
    client.dir.file("main.vera", MAIN);
    let uri = client.open("sums.vera", SUMS);
    let places = client.at("references", &uri, 11, 11);
    assert_eq!(places.as_array().map(Vec::len), Some(3), "{places}");
    let renamed = client.at("rename", &uri, 11, 11);
    assert_eq!(renamed["changes"][client.uri("main.vera")].as_array().map(Vec::len), Some(2));
    client.stop();
}

#[test]
fn the_next_tokens_are_known() {
    let mut client = Client::start();
    let uri = client.open("sums.vera", SUMS);
    let at = |line: u32, character: u32| json!({ "uri": uri, "position": { "line": line, "character": character } });
    let found = client.request("vera/next", at(18, 9))["result"].clone();
    let tokens: Vec<&Value> =
        found["tokens"].as_array().unwrap().iter().map(|t| &t["token"]).collect();
    assert_eq!(tokens, ["0", "1", "result"]);
    let answer = client.request("vera/next", json!({ "uri": uri }));
    assert_eq!(answer["error"]["code"], -32602);
    client.stop();
}

#[test]
fn callers_and_callees_are_found() {
    let mut client = Client::start();
    client.dir.file("main.vera", MAIN);
    let uri = client.open("sums.vera", SUMS);
    let prepared = client.at("prepareCallHierarchy", &uri, 11, 11);
    let item = &prepared[0];
    assert_eq!((&item["name"], &item["selectionRange"]), (&json!("twice"), &range(11, 10, 15)));
    let calls = client.request("callHierarchy/incomingCalls", json!({ "item": item }));
    let calls = calls["result"].as_array().expect("a list").clone();
    assert_eq!(calls.len(), 1, "{calls:?}");
    assert_eq!(calls[0]["from"]["name"], "main");
    assert_eq!(calls[0]["from"]["uri"], client.uri("main.vera"));
    assert_eq!(calls[0]["fromRanges"], json!([range(7, 7, 12)]));
    let calls = client.request("callHierarchy/outgoingCalls", json!({ "item": item }));
    let calls = calls["result"].as_array().expect("a list").clone();
    assert_eq!(calls.len(), 1, "{calls:?}");
    assert_eq!(calls[0]["to"]["name"], "next");
    assert_eq!(calls[0]["fromRanges"], json!([range(16, 13, 17)]));
    // Of the function that was shown last, in the file that is not open.
    let item = json!({ "name": "main", "kind": 12, "uri": client.uri("main.vera"),
        "range": range(2, 0, 0), "selectionRange": range(2, 10, 14) });
    let calls = client.request("callHierarchy/outgoingCalls", json!({ "item": item }));
    assert_eq!(calls["result"][0]["to"]["name"], "twice", "{calls}");
    assert_eq!(client.at("prepareCallHierarchy", &uri, 0, 0), Value::Null);
    client.stop();
}

#[test]
fn declarations_in_a_range_are_formatted() {
    let mut client = Client::start();
    let spread =
        SUMS.replace("@Int.0 + 1", "@Int.0   +  1").replace("next(@Int.0);", "next( @Int.0 );");
    let uri = client.open("sums.vera", &spread);
    let params = json!({ "textDocument": { "uri": uri }, "range": range(14, 0, 3), "options": {} });
    let edits = client.request("textDocument/rangeFormatting", params)["result"].clone();
    assert_eq!(edits.as_array().map(Vec::len), Some(1), "{edits}");
    assert_eq!(edits[0]["range"]["start"], json!({ "line": 11, "character": 0 }));
    let text = edits[0]["newText"].as_str().expect("a text");
    assert!(text.starts_with("public fn twice") && text.contains("next(@Int.0);"), "{text}");
    client.stop();
}

/// With a budget of a day for each query the solver does not come back from this.
const HARD: &str = "public fn cubes(@Int, @Int, @Int -> @Bool)\n  requires(@Int.0 > 2 && @Int.1 > 2 && @Int.2 > 2)\n  ensures(@Bool.result)\n  effects(pure)\n{\n  @Int.0 * @Int.0 * @Int.0 + @Int.1 * @Int.1 * @Int.1 != @Int.2 * @Int.2 * @Int.2\n}\n";

#[test]
fn a_proof_that_runs_ends_when_the_text_changes() {
    let capabilities = json!({ "window": { "workDoneProgress": true } });
    let mut client = Client::launched(capabilities, &[("VERA_Z3_TIMEOUT_MS", "86400000")]);
    let uri = client.open("sums.vera", HARD);
    let begun = client.wait(|m| m["params"]["value"]["kind"] == "begin");
    assert_eq!(begun["params"]["value"]["title"], "Proving");
    client.notify(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": uri, "version": 2 }, "contentChanges": [{ "text": SUMS }] }),
    );
    let ended = client.wait(|m| m["params"]["value"]["kind"] == "end");
    assert_eq!(ended["params"]["token"], begun["params"]["token"]);
    assert_eq!(client.proved(&uri, 2).len(), 2);
    client.stop();
}
