//! Arguments of `async` that run beside the program: what a server sees at once, and that
//! nothing else can be told from a run without `async`.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use common::TempDir;
use common::server::{Server, reply};
use common::{Outcome, vera};

/// Waits until so many requests are there at the same time, and answers them with the
/// number behind the last `/`.
struct Crowd {
    server: Server,
    most: Arc<AtomicUsize>,
}

impl Crowd {
    fn of(wanted: usize) -> Crowd {
        let most = Arc::new(AtomicUsize::new(0));
        let here = Arc::new((Mutex::new(0_usize), Condvar::new()));
        let seen = Arc::clone(&most);
        let server = Server::start(move |request, stream| {
            let (count, changed) = &*here;
            let mut count = count.lock().expect("a number");
            *count += 1;
            seen.fetch_max(*count, Ordering::SeqCst);
            changed.notify_all();
            // Those that never meet are answered too.
            let limit = Duration::from_secs(10);
            let enough = || seen.load(Ordering::SeqCst) >= wanted;
            let (mut count, _) =
                changed.wait_timeout_while(count, limit, |_| !enough()).expect("a number");
            *count -= 1;
            drop(count);
            let number = request.target.rsplit('/').next().unwrap_or_default();
            reply(stream, "200 OK", &[], number.as_bytes());
        });
        Crowd { server, most }
    }

    fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}

fn program(main: &str, row: &str) -> String {
    format!(
        r#"private fn fetched(@String, @Int -> @Result<Int, String>)
  requires(true)
  ensures(true)
  effects(<Http>)
{{
  match Http.get("\(@String.0)/\(@Int.0)") {{
    Ok(@String) -> parse_int(@String.0),
    Err(@String) -> Err(@String.0)
  }}
}}

private fn value(@Result<Int, String> -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{{
  match @Result<Int, String>.0 {{
    Ok(@Int) -> @Int.0,
    Err(_) -> 0 - 1000
  }}
}}

private fn begun(@String, @Nat, @Array<Future<Result<Int, String>>> -> @Array<Future<Result<Int, String>>>)
  requires(true)
  ensures(true)
  decreases(@Nat.0)
  effects(<Http, Async>)
{{
  if @Nat.0 == 0 then {{
    @Array<Future<Result<Int, String>>>.0
  }} else {{
    begun(@String.0, @Nat.0 - 1, array_append(@Array<Future<Result<Int, String>>>.0, async(fetched(@String.0, @Nat.0))))
  }}
}}

private fn total(@Array<Future<Result<Int, String>>>, @Nat, @Int -> @Int)
  requires(true)
  ensures(true)
  effects(<Async, Diverge>)
{{
  if @Nat.0 >= array_length(@Array<Future<Result<Int, String>>>.0) then {{
    @Int.0
  }} else {{
    total(@Array<Future<Result<Int, String>>>.0, @Nat.0 + 1, @Int.0 + value(await(@Array<Future<Result<Int, String>>>.0[@Nat.0])))
  }}
}}

public fn main(@Unit -> @Unit)
  requires(true)
  ensures(true)
  effects({row})
{{
  {main}
}}
"#
    )
}

/// Checks and runs a program; nothing warns of it.
fn run(program: &str, flags: &[&str], env: &[(&str, &str)]) -> Outcome {
    let dir = TempDir::new("overlap");
    dir.file("f.vera", program);
    let checked = vera(["check", "f.vera"]).dir(dir.path()).run();
    assert_eq!((checked.code, checked.stderr.as_str()), (Some(0), ""), "{}", checked.stdout);
    let args = ["run"].iter().chain(flags).chain(&["f.vera"]);
    let tool = vera(args).dir(dir.path());
    let outcome = env.iter().fold(tool, |tool, (name, value)| tool.env(name, value)).run();
    outcome.clean().expect("no panic");
    outcome
}

#[test]
fn a_function_that_requests_and_parses_overlaps_with_itself() {
    let crowd = Crowd::of(20);
    let url = crowd.server.url("");
    let main = format!(r#"IO.print("\(total(begun("{url}", 20, []), 0, 0))")"#);
    let ran = run(&program(&main, "<Http, Async, IO, Diverge>"), &[], &[]);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("210\n", ""));
    assert_eq!(crowd.most(), 20);
}

#[test]
fn values_of_any_type_overlap_with_function_values_and_in_recursion() {
    let crowd = Crowd::of(20);
    let url = crowd.server.url("");
    let text = r#"type Op = fn(Int -> Int) effects(pure);

private fn sent(@String, @Op, @Nat -> @Int)
  requires(true)
  ensures(true)
  effects(<Http>)
{
  match Http.get("\(@String.0)/\(@Nat.0)") {
    Ok(@String) -> apply_fn(@Op.0, string_length(@String.0)),
    Err(@String) -> 0 - 1000
  }
}

private fn all(@String, @Op, @Nat -> @Int)
  requires(true)
  ensures(true)
  decreases(@Nat.0)
  effects(<Http, Async>)
{
  if @Nat.0 == 0 then {
    0
  } else {
    let @Future<Int> = async(sent(@String.0, @Op.0, @Nat.0));
    let @Int = all(@String.0, @Op.0, @Nat.0 - 1);
    @Int.0 + await(@Future<Int>.0)
  }
}

private fn halves(@String, @Op, @Nat -> @Int)
  requires(true)
  ensures(true)
  decreases(@Nat.0)
  effects(<Http, Async>)
{
  if @Nat.0 == 0 then {
    sent(@String.0, @Op.0, 10)
  } else {
    let @Future<Int> = async(halves(@String.0, @Op.0, @Nat.0 - 1));
    let @Int = sent(@String.0, @Op.0, 10);
    @Int.0 + await(@Future<Int>.0)
  }
}

public fn main(@Unit -> @Unit)
  requires(true)
  ensures(true)
  effects(<Http, Async, IO>)
{
  let @Int = 100;
  let @Op = fn(@Int -> @Int) effects(pure) { @Int.0 + @Int.1 };
  IO.print("\(all("URL", @Op.0, 20)) \(halves("URL", @Op.0, 1))")
}
"#;
    let ran = run(&text.replace("URL", &url), &[], &[]);
    // Lengths of one and two digits.
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("2031 204\n", ""));
    assert_eq!(crowd.most(), 20);
}

#[test]
fn more_than_there_is_room_for_are_called_in_place() {
    let crowd = Crowd::of(64);
    let url = crowd.server.url("");
    let main = format!(r#"IO.print("\(total(begun("{url}", 100, []), 0, 0))")"#);
    let ran = run(&program(&main, "<Http, Async, IO, Diverge>"), &[], &[]);
    assert_eq!(ran.stdout, "5050\n", "{}", ran.stderr);
    // And the one that the program sends itself.
    assert!((64..=65).contains(&crowd.most()), "{}", crowd.most());
}

#[test]
fn a_recorded_run_is_replayed() {
    let crowd = Crowd::of(1);
    let url = crowd.server.url("");
    let dir = TempDir::new("overlap");
    let main = format!(r#"IO.print("\(total(begun("{url}", 3, []), 0, 0))")"#);
    dir.file("f.vera", program(&main, "<Http, Async, IO, Diverge>"));
    let recorded = vera(["run", "f.vera", "--record", "r.jsonl"]).dir(dir.path()).run();
    assert_eq!(recorded.stdout, "6\n", "{}", recorded.stderr);
    drop(crowd);
    let replayed = vera(["run", "f.vera", "--replay", "r.jsonl"]).dir(dir.path()).run();
    assert_eq!((replayed.code, replayed.stdout.as_str()), (Some(0), "6\n"), "{}", replayed.stderr);
}

#[test]
fn a_trap_in_a_task_is_the_programs_where_it_is_awaited() {
    let crowd = Crowd::of(1);
    let url = crowd.server.url("");
    let main = r#"let @Future<Result<Int, String>> = async(dividing("URL/0"));
  IO.print("begun");
  IO.print("\(value(await(@Future<Result<Int, String>>.0)))")"#;
    let text = program(&main.replace("URL", &url), "<Http, Async, IO>")
        + r#"
private fn dividing(@String -> @Result<Int, String>)
  requires(true)
  ensures(true)
  effects(<Http>)
{
  match Http.get(@String.0) {
    Ok(@String) -> Ok(10 / string_length(@String.0) / value(parse_int(@String.0))),
    Err(@String) -> Err(@String.0)
  }
}
"#;
    let ran = run(&text, &[], &[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), "begun\n"));
    assert!(ran.stderr.starts_with("Error: Integer division by zero\n"), "{}", ran.stderr);
    assert!(ran.stderr.contains("  in dividing  (f.vera:"), "{}", ran.stderr);
}

#[test]
fn what_is_never_awaited_ends_with_the_program() {
    let text = r#"private fn late(@Nat -> @Option<Nat>)
  requires(true)
  ensures(true)
  effects(<IO>)
{
  IO.sleep(@Nat.0);
  Some(@Nat.0)
}

public fn main(@Unit -> @Unit)
  requires(true)
  ensures(true)
  effects(<IO, Async>)
{
  let @Future<Option<Nat>> = async(late(40000));
  let @Future<Option<Nat>> = async(late(1));
  IO.print("\(option_unwrap_or(await(@Future<Option<Nat>>.0), 0))")
}
"#;
    let start = Instant::now();
    let ran = run(text, &[], &[]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "1\n"), "{}", ran.stderr);
    // The tool's own limit would have ended it.
    assert!(start.elapsed() < Duration::from_secs(35));
}

#[test]
fn tasks_share_the_limits_of_their_run() {
    let text = r#"private fn busy(@Nat, @Array<Int> -> @Option<Int>)
  requires(true)
  ensures(true)
  effects(<IO>)
{
  IO.sleep(1);
  Some(array_length(array_concat(@Array<Int>.0, array_range(0, @Nat.0))))
}

public fn main(@Unit -> @Unit)
  requires(true)
  ensures(true)
  effects(<IO, Async>)
{
  let @Future<Option<Int>> = async(busy(2000000, []));
  let @Future<Option<Int>> = async(busy(2000000, []));
  IO.print("\(option_unwrap_or(await(@Future<Option<Int>>.1), 0) + option_unwrap_or(await(@Future<Option<Int>>.0), 0))")
}
"#;
    assert_eq!(run(text, &[], &[]).stdout, "4000000\n");
    let kind = |flags: &[&str]| {
        let flags: Vec<&str> = ["--json"].iter().chain(flags).copied().collect();
        let ran = run(text, &flags, &[]).json();
        ran["diagnostics"][0]["trap_kind"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(kind(&["--max-memory", "20M"]), "memory_limit");
    assert_eq!(kind(&["--fuel", "100000"]), "fuel_exhausted");
}

#[test]
fn queries_keep_their_place_among_what_changes_the_database() {
    let text = r#"private fn count(@Nat -> @Result<Array<Array<Option<String>>>, String>)
  requires(true)
  ensures(true)
  effects(<DB, IO>)
{
  IO.sleep(@Nat.0);
  DB.query("SELECT count(*) FROM t", [])
}

private fn shown(@Result<Array<Array<Option<String>>>, String> -> @String)
  requires(true)
  ensures(true)
  effects(pure)
{
  match @Result<Array<Array<Option<String>>>, String>.0 {
    Ok(@Array<Array<Option<String>>>) -> if array_length(@Array<Array<Option<String>>>.0) > 0 && array_length(@Array<Array<Option<String>>>.0[0]) > 0 then {
      option_unwrap_or(@Array<Array<Option<String>>>.0[0][0], "null")
    } else {
      "none"
    },
    Err(@String) -> @String.0
  }
}

public fn main(@Unit -> @Unit)
  requires(true)
  ensures(true)
  effects(<DB, IO, Async>)
{
  let @Result<Int, String> = DB.execute("CREATE TABLE t (a)", []);
  let @Future<Result<Array<Array<Option<String>>>, String>> = async(count(100));
  let @Result<Int, String> = DB.execute("INSERT INTO t VALUES (1)", []);
  let @Future<Result<Array<Array<Option<String>>>, String>> = async(DB.query("SELECT count(*) FROM t", []));
  let @Result<Unit, String> = DB.begin(());
  let @Result<Int, String> = DB.execute("INSERT INTO t VALUES (2)", []);
  let @Future<Result<Array<Array<Option<String>>>, String>> = async(count(50));
  let @Result<Unit, String> = DB.rollback(());
  IO.print(string_join([shown(await(@Future<Result<Array<Array<Option<String>>>, String>>.2)), shown(await(@Future<Result<Array<Array<Option<String>>>, String>>.1)), shown(await(@Future<Result<Array<Array<Option<String>>>, String>>.0)), shown(DB.query("SELECT count(*) FROM t", []))], " "))
}
"#;
    assert_eq!(run(text, &[], &[]).stdout, "0 1 2 1\n");
    let dir = TempDir::new("overlap");
    let url = format!("sqlite:///{}", dir.path().join("d.sqlite").display());
    assert_eq!(run(text, &[], &[("VERA_DB_URL", &url)]).stdout, "0 1 2 1\n");
}
