//! `vera serve --mcp`, by the client of the protocol's own SDK.

mod common;

use std::net::TcpStream;
use std::process::Stdio;
use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, CallToolResult, ProtocolVersion, ServerNotification, SubscriptionFilter,
    Tool,
};
use rmcp::service::{NotificationContext, RoleClient, RunningService};
use rmcp::transport::{StreamableHttpClientTransport, TokioChildProcess};
use rmcp::{ClientHandler, ClientLifecycleMode, ClientServiceExt, ServiceError, ServiceExt};
use serde_json::{Value, json};

use common::desk::Desk;
use common::serving::Serving;

const TOOLS: &str = r#"private data Shape {
  Circle(Float64),
  Box(Float64, Float64),
  Point
}

private data Tree {
  Leaf,
  Node(Tree, Int, Tree)
}

private data Order {
  Up,
  Down
}

type Percent = { @Int | @Int.0 >= 0 && @Int.0 <= 100 };

type Even = { @Int | @Int.0 % 2 == 0 };

-- So many of `whole`.
-- Rounded down.
public fn share(@Percent /* percent */, @Nat /* whole */ -> @Nat /* the share */)
  requires(@Nat.0 < 1000000)
  ensures(@Nat.result <= @Nat.0 && @Nat.result < 1000000)
  effects(pure)
{
  @Nat.0 * @Percent.0 / 100
}

public fn area(@Shape, @Order -> @Float64)
  requires(@Order.0 != Down)
  ensures(true)
  effects(pure)
{
  match @Shape.0 {
    Circle(@Float64) -> @Float64.0 * @Float64.0 * 3.0,
    Box(@Float64, @Float64) -> @Float64.1 * @Float64.0,
    Point -> 0.0
  }
}

{- Prints, and averages. -}
public fn mean(@Array<Int>, @String -> @Int)
  requires(array_length(@Array<Int>.0) > 0 && 10 >= array_length(@Array<Int>.0))
  requires(@String.0 == "down" || @String.0 == "up")
  ensures(true)
  effects(<IO>)
{
  IO.print("averaging\n");
  array_sum(@Array<Int>.0) / array_length(@Array<Int>.0)
}

public fn greater(@Int, @Int -> @Bool)
  requires(@Int.1 != @Int.0)
  ensures(true)
  effects(pure)
{
  @Int.1 > @Int.0
}

public fn many(@Map<String, Even>, @Option<Int>, @Set<Int>, @Tuple<Bool, Byte>, @Tree, @Unit -> @Result<Tree, String>)
  requires(true)
  ensures(true)
  effects(pure)
{
  match @Option<Int>.0 {
    Some(@Int) -> Ok(Node(@Tree.0, map_size(@Map<String, Even>.0) + set_size(@Set<Int>.0) + @Int.0, Leaf)),
    None -> Err("nothing")
  }
}

private fn spin(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(<Diverge>)
{
  spin(@Int.0 + 1 - 1)
}

public fn endless(@Unit -> @Int)
  requires(true)
  ensures(true)
  effects(<Diverge>)
{
  spin(200)
}

public fn deep(@Nat -> @Tree)
  requires(@Nat.0 <= 1000)
  ensures(true)
  effects(pure)
{
  array_fold(array_range(0, @Nat.0), Leaf, fn(@Tree, @Int -> @Tree) effects(pure) { Node(@Tree.0, @Int.0, Leaf) })
}

public fn quits(@Unit -> @Int)
  requires(true)
  ensures(true)
  effects(<IO>)
{
  IO.exit(3)
}

public fn reads(@String -> @Result<String, String>)
  requires(true)
  ensures(true)
  effects(<IO>)
{
  IO.read_file(@String.0)
}

public forall<T> fn same(@T -> @T)
  requires(true)
  ensures(true)
  effects(pure)
{
  @T.0
}

type Op = fn(Int -> Int) effects(pure);

public fn applied(@Op -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  apply_fn(@Op.0, 1)
}
"#;

type Client = RunningService<RoleClient, ()>;

async fn call(client: &Client, tool: &str, arguments: Value) -> CallToolResult {
    let arguments = arguments.as_object().cloned().expect("an object");
    let called =
        client.call_tool(CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments));
    called.await.expect("an answer")
}

/// The structured result; the text beside it says the same.
async fn result(client: &Client, tool: &str, arguments: Value) -> Value {
    let result = call(client, tool, arguments).await;
    let structured = result.structured_content.clone().unwrap_or_else(|| panic!("{result:?}"));
    let text: Value = serde_json::from_str(&texts(&result)[0]).expect("JSON");
    assert_eq!((result.is_error, &text), (Some(false), &structured));
    structured["result"].clone()
}

/// What a call that fails says.
async fn failure(client: &Client, tool: &str, arguments: Value) -> String {
    let result = call(client, tool, arguments).await;
    assert_eq!((result.is_error, &result.structured_content), (Some(true), &None), "{result:?}");
    texts(&result)[0].clone()
}

fn texts(result: &CallToolResult) -> Vec<String> {
    result.content.iter().filter_map(|c| c.as_text()).map(|text| text.text.clone()).collect()
}

async fn listed(client: &Client) -> Vec<Tool> {
    client.list_all_tools().await.expect("a list")
}

fn spawned(desk: &Desk, flags: &[&str]) -> TokioChildProcess {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_vera"));
    command.args(["serve", "app.vera", "--mcp=stdio"]).args(flags).current_dir(desk.place());
    command.env("XDG_CACHE_HOME", desk.path("cache"));
    let spawned = TokioChildProcess::builder(command).stderr(Stdio::null()).spawn();
    spawned.expect("vera starts").0
}

async fn over_streams(desk: &Desk, flags: &[&str]) -> Client {
    ().serve(spawned(desk, flags)).await.expect("it speaks the protocol")
}

fn url(server: &Serving) -> String {
    format!("http://{}/mcp", server.address)
}

async fn over_http(server: &Serving) -> Client {
    ().serve(StreamableHttpClientTransport::from_uri(url(server)))
        .await
        .expect("it speaks the protocol")
}

/// All that holds whatever the messages travel over.
async fn is_the_tools(client: &Client) {
    let info = client.peer_info().expect("the server says who it is");
    assert_eq!(info.server_info.as_ref().map(|info| info.name.as_str()), Some("app"));
    let tools = listed(client).await;
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_ref()).collect();
    let expected =
        ["share", "area", "mean", "greater", "many", "endless", "deep", "quits", "reads"];
    assert_eq!(names, expected);
    assert_eq!(result(client, "share", json!({ "percent": 50, "whole": 31 })).await, json!(15));
    let shape = json!({ "shape_0": { "Box": [2, 2.5] }, "order_0": "Up" });
    assert_eq!(result(client, "area", shape).await, json!(5.0));
    let of_all_kinds = json!({
        "map_string_even_0": { "a": 2, "b": 4 },
        "option_int_0": { "Some": 10 },
        "set_int_0": [7, 8, 9],
        "tuple_bool_byte_0": [true, 255],
        "tree_0": { "Node": ["Leaf", 1, "Leaf"] },
    });
    let tree = json!({ "Ok": { "Node": [{ "Node": ["Leaf", 1, "Leaf"] }, 15, "Leaf"] } });
    assert_eq!(result(client, "many", of_all_kinds).await, tree);
}

#[tokio::test]
async fn functions_are_tools_over_the_standard_streams() {
    let desk = Desk::new().with("app.vera", TOOLS);
    let client = over_streams(&desk, &[]).await;
    is_the_tools(&client).await;
    client.cancel().await.expect("it ends");
}

#[tokio::test]
async fn functions_are_tools_over_http() {
    let server = Serving::of(TOOLS, "--mcp");
    let client = over_http(&server).await;
    is_the_tools(&client).await;
    client.cancel().await.expect("it ends");
    assert_eq!(server.get("/elsewhere").0, 404);
    let (code, _, err) = server.stop();
    assert_eq!(code, Some(130));
    let left_out = "Left out: same — it has type parameters.\n\
         Left out: applied — its parameter @Op.0 is or holds a function.\n";
    assert!(err.starts_with(left_out) && err.ends_with("Stopped.\n"), "{err}");
}

#[tokio::test]
async fn a_tool_describes_itself() {
    let desk = Desk::new().with("app.vera", TOOLS);
    let client = over_streams(&desk, &[]).await;
    let tools = listed(&client).await;
    let tool = |name: &str| tools.iter().find(|tool| tool.name == name).expect("a tool");
    let share = tool("share");
    assert_eq!(
        share.description.as_deref(),
        Some(
            "So many of `whole`.\nRounded down.\n\nshare(@Percent, @Nat -> @Nat)\n\
             Ensures: @Nat.result <= @Nat.0 && @Nat.result < 1000000"
        )
    );
    assert_eq!(
        Value::Object(share.input_schema.as_ref().clone()),
        json!({
            "type": "object",
            "properties": {
                "percent": {
                    "type": "integer",
                    "minimum": 0,
                    "maximum": 100,
                    "description": "@Percent.0 of type Percent",
                },
                "whole": {
                    "type": "integer",
                    "minimum": 0,
                    "maximum": 999_999,
                    "description": "@Nat.0 of type Nat",
                },
            },
            "required": ["percent", "whole"],
            "additionalProperties": false,
        })
    );
    let output = share.output_schema.as_ref().expect("a schema");
    assert_eq!(
        output["properties"]["result"],
        json!({ "type": "integer", "minimum": 0, "maximum": 999_999, "description": "the share" })
    );
    let hints = share.annotations.as_ref().expect("hints");
    assert_eq!((hints.read_only_hint, hints.open_world_hint), (Some(true), Some(false)));
    let hints = tool("mean").annotations.as_ref().expect("hints");
    assert_eq!((hints.read_only_hint, hints.open_world_hint), (Some(false), Some(true)));
    let mean = &tool("mean").input_schema["properties"];
    assert_eq!(
        (&mean["array_int_0"]["minItems"], &mean["array_int_0"]["maxItems"]),
        (&json!(1), &json!(10))
    );
    assert_eq!(mean["string_0"]["enum"], json!(["down", "up"]));
    let said = tool("greater").description.clone().expect("a description");
    assert_eq!(said, "greater(@Int, @Int -> @Bool)\nRequires: @Int.1 != @Int.0");
    let area = &tool("area").input_schema["properties"]["order_0"];
    assert_eq!((&area["enum"], &area["not"]["const"]), (&json!(["Up", "Down"]), &json!("Down")));
    let many = &tool("many").input_schema;
    assert_eq!(many["properties"]["tree_0"]["$ref"], json!("#/$defs/Tree"));
    let node = &many["$defs"]["Tree"]["oneOf"][1]["properties"]["Node"];
    assert_eq!(node["prefixItems"][0], json!({ "$ref": "#/$defs/Tree" }));
    let even = &many["properties"]["map_string_even_0"]["additionalProperties"];
    assert_eq!(even["description"], json!("Even: @Int.0 % 2 == 0"));
    client.cancel().await.expect("it ends");
}

#[tokio::test]
async fn what_a_tool_refuses_it_explains() {
    let desk = Desk::new().with("app.vera", TOOLS);
    let client = over_streams(&desk, &["--timeout", "0.5"]).await;
    let said = |tool, arguments| failure(&client, tool, arguments);
    assert_eq!(
        said("greater", json!({ "int_1": 4, "int_0": 4 })).await,
        "The arguments are refused: Precondition violation in greater(@Int, @Int -> @Bool)\n  \
         requires(@Int.1 != @Int.0) failed"
    );
    let refused = said("share", json!({ "percent": 500, "whole": 1 })).await;
    assert!(
        refused.starts_with("The arguments are refused: Refinement violation")
            && refused.ends_with("@Int.0 >= 0 && @Int.0 <= 100 failed"),
        "{refused}"
    );
    assert_eq!(
        said("share", json!({ "percent": 5, "whole": -1 })).await,
        "The arguments are refused: whole: expected an integer from 0 to 2^63 - 1, found -1"
    );
    assert_eq!(
        said("mean", json!({ "array_int_0": [1, "x"], "string_0": "up" })).await,
        "The arguments are refused: array_int_0: at [1]: expected an integer of 64 bits, found \"x\""
    );
    assert_eq!(
        said("greater", json!({ "int_1": 4 })).await,
        "The arguments are refused: int_0 is missing"
    );
    assert_eq!(
        said("greater", json!({ "int_1": 4, "int_0": 5, "x": 1 })).await,
        "The arguments are refused: there is no argument x"
    );
    let shape = json!({ "shape_0": { "Square": 1 }, "order_0": "Up" });
    assert_eq!(
        said("area", shape).await,
        "The arguments are refused: shape_0: expected {\"Circle\": …} or {\"Box\": …} or \"Point\", \
         found an object"
    );
    assert_eq!(said("quits", json!({})).await, "The program ended itself: IO.exit(3)");
    let endless = said("endless", json!({})).await;
    assert!(endless.contains("time limit"), "{endless}");
    let deep = said("deep", json!({ "nat_0": 200 })).await;
    assert_eq!(
        deep,
        "The result cannot be told: the value nests more than 120 levels deep, which JSON does not"
    );
    let printed = call(&client, "mean", json!({ "array_int_0": [1, 3], "string_0": "up" })).await;
    assert_eq!(texts(&printed), ["{\"result\":2}", "Printed:\naveraging\n"]);
    let unknown = client.call_tool(CallToolRequestParams::new("nothing")).await;
    assert!(
        matches!(unknown, Err(ServiceError::McpError(error)) if error.message == "no tool nothing")
    );
    client.cancel().await.expect("it ends");
}

#[tokio::test]
async fn tools_reach_what_flags_allow() {
    let desk = Desk::new().with("app.vera", TOOLS).with("note.txt", "a note");
    let client = over_streams(&desk, &[]).await;
    assert_eq!(
        result(&client, "reads", json!({ "string_0": "note.txt" })).await,
        json!({ "Ok": "a note" })
    );
    client.cancel().await.expect("it ends");
    let client = over_streams(&desk, &["--sandbox"]).await;
    let denied = json!({ "Err": "permission denied: note.txt" });
    assert_eq!(result(&client, "reads", json!({ "string_0": "note.txt" })).await, denied);
    client.cancel().await.expect("it ends");
}

/// Listens to what a server says of its tools.
#[derive(Clone)]
struct Told(tokio::sync::mpsc::UnboundedSender<()>);

impl ClientHandler for Told {
    async fn on_tool_list_changed(&self, _context: NotificationContext<RoleClient>) {
        let _ = self.0.send(());
    }
}

type Hearing = tokio::sync::mpsc::UnboundedReceiver<()>;

fn told() -> (Told, Hearing) {
    let (tell, hearing) = tokio::sync::mpsc::unbounded_channel();
    (Told(tell), hearing)
}

async fn soon<T>(what: impl Future<Output = Option<T>>) -> T {
    let told = tokio::time::timeout(Duration::from_secs(60), what).await;
    told.expect("the server tells of a new version").expect("it is still there")
}

/// A tool of this name that returns a number.
fn tool(name: &str, result: &str, ensures: &str) -> String {
    format!(
        "public fn {name}(@Unit -> @Int)\n  requires(true)\n  ensures({ensures})\n  effects(pure)\n{{\n  {result}\n}}\n"
    )
}

const BROKEN: &str = "public fn broken(";

fn names(tools: &[Tool]) -> Vec<&str> {
    tools.iter().map(|tool| tool.name.as_ref()).collect()
}

/// A client of an older protocol sees a new version, and none of those that are refused.
async fn sees_versions(client: RunningService<RoleClient, Told>, hearing: Hearing, desk: &Desk) {
    let mut hearing = hearing;
    let able = client.peer_info().and_then(|info| info.capabilities.tools.clone());
    assert_eq!(able.and_then(|tools| tools.list_changed), Some(true));
    let listed = async || client.list_all_tools().await.expect("a list");
    assert_eq!(names(&listed().await), ["one"]);
    let write = |text: &str| std::fs::write(desk.path("app.vera"), text).expect("written");
    write(BROKEN);
    write(&tool("wrong", "2", "@Int.result == 3"));
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(names(&listed().await), ["one"]);
    write(&tool("two", "2", "@Int.result == 2"));
    soon(hearing.recv()).await;
    assert_eq!(names(&listed().await), ["two"]);
    let called = client.call_tool(CallToolRequestParams::new("two")).await.expect("an answer");
    assert_eq!(called.structured_content, Some(json!({ "result": 2 })));
    let gone = client.call_tool(CallToolRequestParams::new("one")).await;
    assert!(matches!(gone, Err(ServiceError::McpError(error)) if error.message == "no tool one"));
    assert!(hearing.try_recv().is_err(), "one new version, told twice");
    client.cancel().await.expect("it ends");
}

#[tokio::test]
async fn a_changed_program_has_other_tools_over_the_standard_streams() {
    let desk = Desk::new().with("app.vera", tool("one", "1", "true"));
    let (told, hearing) = told();
    let process = spawned(&desk, &["--watch"]);
    let client = told.serve(process).await.expect("it speaks the protocol");
    sees_versions(client, hearing, &desk).await;
}

#[tokio::test]
async fn a_changed_program_has_other_tools_over_http() {
    let server = Serving::of(&tool("one", "1", "true"), "--mcp --watch");
    let (told, hearing) = told();
    let client = told
        .serve(StreamableHttpClientTransport::from_uri(url(&server)))
        .await
        .expect("it speaks the protocol");
    sees_versions(client, hearing, &server.desk).await;
    let (_, _, err) = server.stop();
    assert!(err.contains("Not reloaded: the version before is still served.\n"), "{err}");
    assert!(err.contains("Reloaded.\n"), "{err}");
}

/// Clients of the protocol of 2026 have no session; they ask to be told.
#[tokio::test]
async fn a_client_that_listens_is_told_of_new_tools() {
    let server = Serving::of(&tool("one", "1", "true"), "--mcp --watch");
    let mode =
        ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] };
    let client =
        ().serve_with_lifecycle(StreamableHttpClientTransport::from_uri(url(&server)), mode).await;
    let client = client.expect("it speaks the protocol");
    let filter = SubscriptionFilter::builder().tools_list_changed().build();
    let mut heard = client.listen(filter).await.expect("it is listened to");
    assert_eq!(names(&listed(&client).await), ["one"]);
    std::fs::write(server.desk.path("app.vera"), tool("two", "2", "true")).expect("written");
    let heard_of = soon(async { heard.next().await.expect("a stream") }).await;
    assert!(matches!(heard_of, ServerNotification::ToolListChangedNotification(_)));
    assert_eq!(names(&listed(&client).await), ["two"]);
    // The server does not wait for a listener that never leaves.
    let (code, _, err) = server.stop();
    assert_eq!(code, Some(130), "{err}");
    drop(client);
}

#[test]
fn pages_of_the_web_do_not_reach_tools() {
    let server = Serving::of(TOOLS, "--mcp --max-body 2K");
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let ask = |headers: &str, body: &str| {
        let length = body.len();
        server.raw(
            format!(
                "POST /mcp HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\nContent-Type: application/json\r\n\
                 Accept: application/json, text/event-stream\r\n{headers}\r\n{body}"
            )
            .as_bytes(),
        )
    };
    let local = format!("Host: {}\r\n", server.address);
    assert!(ask(&local, body).starts_with("HTTP/1.1 200 "), "{}", ask(&local, body));
    assert!(ask("Host: evil.example\r\n", body).starts_with("HTTP/1.1 403 "));
    let foreign = format!("{local}Origin: http://evil.example\r\n");
    assert!(ask(&foreign, body).starts_with("HTTP/1.1 403 "));
    assert!(ask(&local, &"x".repeat(3000)).starts_with("HTTP/1.1 413 "));
    assert!(ask(&local, "nonsense").starts_with("HTTP/1.1 4"));
    // It is still there.
    drop(TcpStream::connect(server.address).expect("it listens"));
    assert!(ask(&local, body).contains("\"share\""));
}

#[test]
fn what_has_no_tools_is_refused() {
    let desk = Desk::new();
    desk.refuses(
        "serve --mcp=carrier-pigeon calc.vera",
        "Invalid --mcp value: carrier-pigeon (expected 'http' or 'stdio')",
    );
    desk.refuses("run calc.vera --mcp", "--mcp is only accepted by `vera serve`, not `vera run`.");
    let desk = desk.with(
        "none.vera",
        common::desk::function("f", "@Int", "@Int", "pure", "1").replace("public", "private"),
    );
    desk.refuses(
        "serve --mcp none.vera",
        "vera serve --mcp: the program has no public function that can be a tool",
    );
}
