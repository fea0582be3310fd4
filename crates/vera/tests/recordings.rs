//! Recordings of runs, and runs that get their answers from them.

mod common;

use common::server::{Server, reply};
use common::{TempDir, vera};

const PROGRAM: &str = "\
private fn said(@Result<String, String> -> @String)
  requires(true)
  ensures(true)
  effects(pure)
{
  match @Result<String, String>.0 {
    Ok(@String) -> @String.0,
    Err(@String) -> \"err: \\(@String.0)\"
  }
}

public fn main(@String -> @Int)
  requires(true)
  ensures(true)
  effects(<Async, DB, Http, IO, Random>)
{
  let @Future<Result<String, String>> = async(Http.get(\"\\(@String.0)/a\"));
  let @Future<Result<String, String>> = async(Http.get(\"\\(@String.0)/b\"));
  let @Int = Random.random_int(1, 1000000);
  let @Option<String> = IO.get_env(\"VERA_OPENAI_API_KEY\");
  let @Result<Array<Map<String, DbValue>>, String> = DB.query_rows(\"SELECT 1.5 AS x\", []);
  IO.print(\"\\(said(await(@Future<Result<String, String>>.0)))\\(said(await(@Future<Result<String, String>>.1)))\");
  @Int.0
}
";

fn desk() -> TempDir {
    let dir = TempDir::new("recordings");
    dir.file("f.vera", PROGRAM);
    std::fs::create_dir(dir.path().join("suite")).expect("a directory");
    dir
}

fn run(dir: &TempDir, words: &[&str]) -> common::Outcome {
    let tool = vera(words).env("no_proxy", "*").env("VERA_OPENAI_API_KEY", "my-very-own");
    tool.dir(dir.path()).run()
}

#[test]
fn a_recorded_run_is_the_same_without_the_world() {
    let dir = desk();
    let server = Server::start(|request, stream| {
        // The first to be begun is the last to be answered.
        let wait = if request.target == "/a" { 200 } else { 0 };
        std::thread::sleep(std::time::Duration::from_millis(wait));
        reply(stream, "200 OK", &[], request.target.as_bytes());
    });
    let url = server.url("");
    let first = run(&dir, &["run", "f.vera", "--record", "suite/r.jsonl", "--", &url]);
    assert_eq!((first.code, first.stderr.as_str()), (Some(0), ""));
    assert_eq!(first.stdout, "/b/a\n");
    drop(server);
    let recording = std::fs::read_to_string(dir.path().join("suite/r.jsonl")).expect("a file");
    let lines: Vec<&str> = recording.lines().collect();
    assert_eq!(lines.len(), 8, "{recording}");
    assert_eq!(
        lines[0],
        format!(
            r#"{{"recording":"vera/1","file":"f.vera","function":"main","arguments":["{url}"]}}"#
        )
    );
    assert_eq!(
        lines[1],
        format!(r#"{{"op":"Http.get","args":["{url}/a"],"result":{{"Ok":"/a"}}}}"#)
    );
    assert_eq!(
        lines[4],
        r#"{"op":"IO.get_env","args":["VERA_OPENAI_API_KEY"],"result":{"Some":"[redacted]"}}"#
    );
    assert_eq!(
        lines[5],
        r#"{"op":"DB.query_rows","args":["SELECT 1.5 AS x",[]],"result":{"Ok":[{"x":{"DbReal":1.5}}]}}"#
    );
    assert_eq!(lines[6], r#"{"op":"IO.print","args":["/b/a"],"result":null}"#);
    assert!(!recording.contains("my-very-own"));

    let again = run(&dir, &["run", "f.vera", "--replay", "suite/r.jsonl"]);
    assert_eq!((again.code, again.stderr.as_str()), (Some(0), ""));
    assert_eq!(again.stdout, first.stdout);
    let suite = run(&dir, &["test", "f.vera", "--replay", "suite"]);
    assert_eq!(
        (suite.code, suite.stdout.as_str()),
        (Some(0), "r.jsonl: SAME\n\nReplayed: 1 of 1 recordings are the same\n")
    );

    // The same as handlers: a program that asks nobody.
    let words = ["run", "f.vera", "--replay", "suite/r.jsonl", "--as-handler"];
    let handlers = run(&dir, &words);
    assert_eq!((handlers.code, handlers.stderr.as_str()), (Some(0), ""));
    dir.file("g.vera", format!("{PROGRAM}\n{}", handlers.stdout));
    let mocked = run(&dir, &["run", "g.vera", "--fn", "replayed_main", "--sandbox"]);
    assert_eq!((mocked.code, mocked.stderr.as_str()), (Some(0), ""), "{}", handlers.stdout);
    assert_eq!(mocked.stdout, first.stdout);

    // A person edits what the world says.
    dir.file("edited.jsonl", recording.replace(r#"{"Ok":"/b"}"#, r#"{"Err":"gone"}"#));
    let edited = run(&dir, &["run", "f.vera", "--replay", "edited.jsonl"]);
    assert_eq!(edited.code, Some(1));
    assert!(
        edited.stderr.starts_with("Error: The run differs from the recording: `IO.print(\"err: gone/a\")` is performed, and line 7 records `IO.print(\"/b/a\")`\nSource backtrace:\n  in main  (f.vera:"),
        "{}",
        edited.stderr
    );
}

#[test]
fn the_first_difference_is_told() {
    let dir = desk();
    let head =
        r#"{"recording":"vera/1","file":"f.vera","function":"main","arguments":["http://h"]}"#;
    let get = |path: &str| {
        format!(r#"{{"op":"Http.get","args":["http://h/{path}"],"result":{{"Ok":""}}}}"#)
    };
    for (lines, told) in [
        (vec![], "the recording ends before `Http.get(\"http://h/a\")` is performed"),
        (
            vec![get("x")],
            "`Http.get(\"http://h/a\")` is performed, and line 2 records `Http.get(\"http://h/x\")`",
        ),
        (
            vec![
                get("a"),
                get("b"),
                r#"{"op":"Random.random_int","args":[1,1000000],"result":"x"}"#.to_owned(),
            ],
            "line 4 has no result of type Int: expected an integer of 64 bits, found \"x\"",
        ),
    ] {
        dir.file("suite/r.jsonl", format!("{head}\n{}\n", lines.join("\n")));
        let suite = run(&dir, &["test", "f.vera", "--replay", "suite"]);
        assert_eq!(suite.code, Some(1));
        let told = format!("r.jsonl: DIFFERS\n  The run differs from the recording: {told}\n");
        assert!(suite.stdout.starts_with(&told), "{}", suite.stdout);
        let json = run(&dir, &["test", "--json", "f.vera", "--replay", "suite"]).json();
        assert_eq!((&json["ok"], &json["replays"][0]["ok"]), (&false.into(), &false.into()));
    }
}

#[test]
fn what_is_no_recording_is_refused() {
    let dir = desk();
    for (text, told) in [
        ("", "r.jsonl is not a recording: line 1 does not say what was recorded"),
        (
            "{",
            "r.jsonl is not a recording: line 1 is not JSON: EOF while parsing an object at line 1 column 1",
        ),
        ("{\"recording\":\"vera/9\"}", "r.jsonl is not a recording: its form is not vera/1"),
        ("{\"recording\":\"vera/1\"}\n{}", "r.jsonl is not a recording: line 2 names no operation"),
    ] {
        dir.file("r.jsonl", text);
        let outcome = run(&dir, &["run", "f.vera", "--replay", "r.jsonl"]);
        assert_eq!((outcome.code, outcome.stderr), (Some(1), format!("Error: {told}\n")));
    }
    let outcome = run(&dir, &["run", "f.vera", "--replay", "none"]);
    assert!(outcome.stderr.starts_with("Error: cannot read the recording none: "));
    let outcome = run(&dir, &["test", "f.vera", "--replay", "suite"]);
    assert_eq!(
        outcome.stderr,
        "Error: --replay: no recordings (*.jsonl) in the directory: suite\n"
    );
    let outcome = run(&dir, &["run", "f.vera", "--replay", "a", "--record", "b"]);
    assert_eq!(outcome.stderr, "Error: `vera run` takes --record or --replay, not both.\n");
}
