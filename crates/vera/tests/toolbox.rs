//! `vera mcp` and `vera context`: the toolchain for models, by the client of the
//! protocol's own SDK.

mod common;

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use common::desk::{BAD, CALC, Desk, function};
use rmcp::ServiceExt;
use rmcp::model::{CallToolRequestParams, CallToolResult, ReadResourceRequestParams};
use rmcp::service::{RoleClient, RunningService};
use rmcp::transport::TokioChildProcess;
use serde_json::{Value, json};

type Client = RunningService<RoleClient, ()>;

async fn start(desk: &Desk) -> Client {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_vera"));
    command.arg("mcp").current_dir(desk.place());
    command.env("VERA_CACHE_DIR", desk.path("cache"));
    let (process, _) =
        TokioChildProcess::builder(command).stderr(Stdio::null()).spawn().expect("vera starts");
    ().serve(process).await.expect("it speaks the protocol")
}

async fn call(client: &Client, tool: &str, arguments: Value) -> CallToolResult {
    let arguments = arguments.as_object().cloned().expect("an object");
    let called =
        client.call_tool(CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments));
    called.await.expect("an answer")
}

fn text(result: &CallToolResult) -> &str {
    result.content.iter().find_map(|c| c.as_text()).map_or("", |text| &text.text)
}

/// Text and structure of a call that succeeds.
async fn said(client: &Client, tool: &str, arguments: Value) -> (String, Value) {
    let result = call(client, tool, arguments).await;
    assert_eq!(result.is_error, Some(false), "{tool}: {result:?}");
    (text(&result).to_owned(), result.structured_content.clone().unwrap_or_default())
}

#[tokio::test]
async fn the_loop_of_a_model() {
    let desk = Desk::new();
    let client = start(&desk).await;
    let tools = client.list_all_tools().await.expect("a list");
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_ref()).collect();
    assert_eq!(
        names,
        [
            "check",
            "verify",
            "test",
            "run",
            "format",
            "fix",
            "holes",
            "outline",
            "context",
            "next",
            "explain",
            "lookup",
            "propose_edit",
            "change_signature"
        ]
    );
    let (first, reports) = said(&client, "check", json!({ "text": BAD })).await;
    assert!(first.starts_with("not ok\nE130 5:3 Cannot resolve @Int.1"), "{first}");
    assert_eq!(reports["diagnostics"][0]["error_code"], "E130");
    let (_, explained) = said(&client, "explain", json!({ "code": "E130" })).await;
    assert_eq!(explained["items"][0]["code"], "E130");
    // Written anew, with a slip.
    let slip = "public fn next(@Int -> @Int)\n  requires(@Int.0 < 100)\n  ensures(@Int.result > @Int.0)\n  effects(pure)\n{\n  return @Int.0 + 1\n}\n";
    let (_, fixed) = said(&client, "fix", json!({ "text": slip })).await;
    assert_eq!(fixed["fixed"][0]["title"], "Delete 'return'");
    let right = slip.replace("return ", "");
    let (first, proofs) = said(&client, "verify", json!({ "text": right })).await;
    assert!(first.contains("1 proved, 0 checked at run time, 0 failed"), "{first}");
    assert_eq!(proofs["ok"], true);
    let (_, tested) = said(&client, "test", json!({ "text": right, "fn": "next" })).await;
    assert_eq!(tested["functions"][0]["category"], "verified");
    let ran = json!({ "text": right, "fn": "next", "arguments": ["41"] });
    assert_eq!(said(&client, "run", ran).await.1["value"], 42);
    let (canonical, _) = said(&client, "format", json!({ "text": right.replace("  ", " ") })).await;
    assert_eq!(canonical, right);
    let (interface, _) = said(&client, "outline", json!({ "text": right })).await;
    assert!(interface.contains("ensures(@Int.result > @Int.0)"), "{interface}");
    let worse = right.replace("@Int.0 + 1", "@Int.0");
    let weighed = json!({ "text": right, "new_text": worse });
    let (first, delta) = said(&client, "propose_edit", weighed).await;
    assert_eq!(first, "0 proofs more, 1 obligations open, 1 proofs lost, 1 errors");
    assert_eq!(delta["ok"], false);
    let holed = json!({ "text": right.replace("@Int.0 + 1", "?") });
    let (first, holes) = said(&client, "holes", holed).await;
    assert!(first.contains("@Int.0: Int"), "{first}");
    assert_eq!(holes["warnings"].as_array().map(Vec::len), Some(1));
    let wanted = json!({ "takes": "Array<T>", "gives": "Option<T>" });
    let (_, found) = said(&client, "lookup", wanted).await;
    let found: Vec<&str> = found["functions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| f["name"].as_str().unwrap())
        .collect();
    assert!(found.contains(&"array_find"), "{found:?}");
    let begun = json!({ "text": right, "line": 6, "column": 4 });
    let (first, next) = said(&client, "next", begun).await;
    assert!(first.starts_with("fits: Int\nothers: "), "{first}");
    assert_eq!(next["tokens"][0]["kind"], "slot");
    client.cancel().await.expect("it ends");
}

#[tokio::test]
async fn a_signature_changes_in_every_file() {
    let sums = "module sums;\n\npublic fn less(@Int, @Int -> @Int)\n  requires(@Int.0 > 0 && @Int.1 > @Int.0)\n  ensures(@Int.result < @Int.1)\n  effects(pure)\n{\n  @Int.1 - @Int.0\n}\n";
    let main = "import sums(less);\n\npublic fn main(@Unit -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  less(7, 2)\n}\n";
    let desk = Desk::new().with("sums.vera", sums).with("main.vera", main);
    let client = start(&desk).await;
    let swapped = json!([{ "from": 1 }, { "from": 0 }]);
    let arguments = json!({ "path": "sums.vera", "fn": "less", "params": swapped });
    let (said_of_it, changed) = said(&client, "change_signature", arguments.clone()).await;
    assert!(said_of_it.ends_with("0 proofs lost, 0 errors"), "{said_of_it}");
    assert_eq!(changed["ok"], true, "{changed}");
    let files = changed["files"].as_array().expect("files");
    let (new_sums, new_main) = (
        sums.replace("0 > 0 && @Int.1 > @Int.0", "1 > 0 && @Int.0 > @Int.1")
            .replace("result < @Int.1", "result < @Int.0")
            .replace("@Int.1 - @Int.0", "@Int.0 - @Int.1"),
        main.replace("less(7, 2)", "less(2, 7)"),
    );
    assert_eq!(files.iter().map(|f| &f["text"]).collect::<Vec<_>>(), [&new_sums, &new_main]);
    assert_eq!(std::fs::read_to_string(desk.path("sums.vera")).unwrap(), sums);
    let mut written = arguments;
    written["write"] = json!(true);
    let (said_of_it, _) = said(&client, "change_signature", written).await;
    assert!(said_of_it.ends_with("; written"), "{said_of_it}");
    assert_eq!(std::fs::read_to_string(desk.path("sums.vera")).unwrap(), new_sums);
    assert_eq!(std::fs::read_to_string(desk.path("main.vera")).unwrap(), new_main);
    let lost = json!({ "path": "sums.vera", "fn": "less", "params": [{ "from": 0 }] });
    let refused = call(&client, "change_signature", lost).await;
    assert_eq!(refused.is_error, Some(true), "{refused:?}");
    client.cancel().await.expect("it ends");
}

#[tokio::test]
async fn limits_hold() {
    let desk = Desk::new().with("endless.vera", "public fn main(@Unit -> @Int)\n  requires(true)\n  ensures(true)\n  effects(<Diverge>)\n{\n  main(())\n}\n");
    let client = start(&desk).await;
    let failed = |result: &CallToolResult| {
        assert_eq!(result.is_error, Some(true), "{result:?}");
        text(result).to_owned()
    };
    let out = call(&client, "check", json!({ "path": "../../etc/passwd" })).await;
    assert!(failed(&out).starts_with("permission denied"), "{out:?}");
    let nothing = call(&client, "check", json!({})).await;
    assert_eq!(failed(&nothing), "give either `text` or `path`");
    let missing = call(&client, "check", json!({ "path": "nope.vera" })).await;
    assert_eq!(failed(&missing), "file not found: nope.vera");
    let wrong = call(&client, "check", json!({ "text": 3 })).await;
    assert_eq!(failed(&wrong), "`text` must be a string");
    // A budget cuts, and says so.
    let (cut, whole) = said(&client, "check", json!({ "text": BAD, "budget": 100 })).await;
    assert!(cut.ends_with("need a larger `budget`)"), "{cut}");
    assert_eq!(whole, Value::Null);
    // What runs has no files and ends.
    let reads = function("main", "@Unit", "@Bool", "<IO>", "IO.file_exists(\"calc.vera\")");
    let ran = said(&client, "run", json!({ "text": reads })).await.1;
    assert_ne!(ran["value"], 1, "{ran}");
    let (_, ran) = said(&client, "run", json!({ "path": "endless.vera" })).await;
    assert_eq!(ran["ok"], false);
    // Another call all the same.
    assert_eq!(said(&client, "check", json!({ "text": CALC })).await.0, "ok");
    client.cancel().await.expect("it ends");
}

#[tokio::test]
async fn guide_reference_and_codes_are_there_to_read() {
    let desk = Desk::new();
    let client = start(&desk).await;
    let texts = client.list_all_resources().await.expect("a list");
    assert!(texts.len() > 200, "{}", texts.len());
    for (uri, begins) in [
        ("vera://guide", "# Writing Vera"),
        ("vera://reference/04-slots", "# 4. Slot"),
        ("vera://code/E500", "E500: "),
    ] {
        let read = client.read_resource(ReadResourceRequestParams::new(uri)).await.expect("a text");
        let read = serde_json::to_value(&read).expect("JSON");
        let text = read["contents"][0]["text"].as_str().unwrap_or_default();
        assert!(text.starts_with(begins), "{uri}: {}", &text[..40.min(text.len())]);
    }
    let nothing = client.read_resource(ReadResourceRequestParams::new("vera://nothing")).await;
    assert!(nothing.is_err());
    client.cancel().await.expect("it ends");
}

/// The first messages of public clients, as they send them.
#[test]
fn clients_of_several_revisions_are_answered() {
    for (revision, client) in
        [("2024-11-05", "claude-ai"), ("2025-03-26", "Visual Studio Code"), ("2025-06-18", "codex")]
    {
        let desk = Desk::new();
        let mut server = Command::new(env!("CARGO_BIN_EXE_vera"))
            .arg("mcp")
            .current_dir(desk.place())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("vera starts");
        let mut input = server.stdin.take().expect("piped");
        let mut output = BufReader::new(server.stdout.take().expect("piped"));
        let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": revision, "capabilities": { "roots": {} },
            "clientInfo": { "name": client, "version": "1.0" } } });
        writeln!(input, "{hello}").expect("it listens");
        let mut line = String::new();
        output.read_line(&mut line).expect("it answers");
        let answer: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(answer["result"]["serverInfo"]["name"], "vera", "{answer}");
        assert_eq!(answer["result"]["protocolVersion"], revision);
        drop(input);
        server.wait().expect("it ends with its input");
    }
}

#[test]
fn context_says_a_project_in_few_words() {
    let text = "module sums;\n\npublic data Coin {\n  Head,\n  Tail\n}\n\npublic fn next(@Nat -> @Nat)\n  requires(@Nat.0 < 10)\n  ensures(@Nat.result > @Nat.0)\n  effects(pure)\n{\n  @Nat.0 + 1\n}\n\npublic fn twice(@Nat -> @Nat)\n  requires(@Nat.0 < 5)\n  ensures(true)\n  effects(pure)\n{\n  next(next(@Nat.0))\n}\n";
    let desk = Desk::new().with("sums.vera", text);
    desk.says(
        "context sums.vera",
        0,
        "## sums.vera\n- `public data Coin { Head, Tail }`\n- `public fn next(@Nat -> @Nat) requires(@Nat.0 < 10) ensures(@Nat.result > @Nat.0)`\n- `public fn twice(@Nat -> @Nat) requires(@Nat.0 < 5)` → next\n",
        "",
    );
    desk.says(
        "context --budget 25 sums.vera",
        0,
        "## sums.vera\n- `public fn next(@Nat -> @Nat) requires(@Nat.0 < 10) ensures(@Nat.result > @Nat.0)`\nLeft out: Coin, twice\n",
        "",
    );
    let document = desk.json("context --json sums.vera", 0);
    assert_eq!(document["files"][0]["items"][1]["uses"], 1);
}

#[test]
fn next_says_what_can_follow() {
    let desk =
        Desk::new().with("begun.vera", function("f", "@Nat, @Bool", "@Nat", "pure", "@Nat.0"));
    desk.says("next --at 6:4 begun.vera", 0, "slot: Nat* Bool\n", "");
    desk.says("next --at 6:8 begun.vera", 0, "keyword: result\nindex: 0*\n", "");
    let begun = desk.run("next --at 6:7 begun.vera");
    assert_eq!(begun.stdout, "symbol: . <\n");
    desk.refuses("next --at 99:1 begun.vera", "--at: there is no 99:1 in begun.vera");
    desk.refuses(
        "next --at x begun.vera",
        "--at: expected a line and a column, such as 12:5, got 'x'",
    );
    desk.refuses("next nothing.vera", "file not found: nothing.vera");
    let document = desk.json("next --json --at 6:4 begun.vera", 0);
    assert_eq!(document["tokens"][0]["token"], "Nat");
    assert_eq!(document["tokens"][0]["detail"], "@Nat.0: Nat");
    assert!(desk.run("next begun.vera").stdout.starts_with("The text is a program as it is.\n"));
    let broken = Desk::new().with("broken.vera", "public fn f) ");
    let nothing = "Nothing: there is an error before; `vera check` tells which.\n";
    broken.says("next broken.vera", 0, nothing, "");
}

#[test]
fn the_grammar_is_printed_in_three_notations() {
    let desk = Desk::new();
    for (format, line) in [
        ("ebnf", "visibility     = \"public\" | \"private\" ;"),
        ("gbnf", "visibility ::= ( \"public\" | \"private\" )"),
        ("lark", "types: type (\",\" type)*"),
    ] {
        let printed = desk.run(&format!("grammar --format {format}"));
        assert!(printed.stdout.lines().any(|l| l == line), "{}", printed.stdout);
    }
    assert_eq!(desk.run("grammar").stdout, desk.run("grammar --format ebnf").stdout);
    assert_eq!(desk.run("grammar --format bnf").code, Some(1));
}
