//! What ends a run from outside: fuel, time, memory.

mod common;

use std::time::{Duration, Instant};

use common::{Outcome, TempDir, vera};

const PROGRAM: &str = "\
private fn spin(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(<Diverge>)
{
  spin(@Int.0)
}

public fn main(@Unit -> @Int)
  requires(true)
  ensures(true)
  effects(<Diverge>)
{
  spin(1) + 1
}

public fn nap(@Unit -> @Unit)
  requires(true)
  ensures(true)
  effects(<IO>)
{
  IO.print(\"before\");
  IO.sleep(20000)
}

public fn tell(@Unit -> @Unit)
  requires(true)
  ensures(true)
  effects(<IO>)
{
  IO.print(\"before\");
  IO.write_file(\"started\", \"\");
  IO.sleep(20000)
}

public fn ask(@Unit -> @String)
  requires(true)
  ensures(true)
  effects(<IO>)
{
  IO.print(\"name? \");
  IO.stderr(\"hint\");
  IO.read_line(())
}

public fn big(@Unit -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  array_length(array_reverse(array_range(0, 100000000)))
}

public fn copy(@String -> @Unit)
  requires(true)
  ensures(true)
  effects(<IO>)
{
  match IO.read_file(@String.0) {
    Ok(@String) -> IO.print(\"read\"),
    Err(@String) -> IO.print(\"refused\")
  }
}

private fn spam(@Nat -> @Unit)
  requires(true)
  ensures(true)
  decreases(@Nat.0)
  effects(<IO>)
{
  if @Nat.0 == 0 then {
    ()
  } else {
    IO.print(string_repeat(\"0123456789\", 100000));
    spam(@Nat.0 - 1)
  }
}

public fn loud(@Nat -> @Unit)
  requires(true)
  ensures(true)
  effects(<IO>)
{
  spam(@Nat.0)
}

public fn long(@Nat -> @String)
  requires(true)
  ensures(true)
  effects(pure)
{
  string_repeat(\"0123456789\", @Nat.0)
}
";

fn run(words: &[&str]) -> Outcome {
    let dir = TempDir::new("limits");
    dir.file("l.vera", PROGRAM);
    vera(["run", "l.vera"].iter().chain(words)).dir(dir.path()).run()
}

/// The `trap_kind` and message of a run with `--json`.
fn trap(words: &[&str]) -> (String, String) {
    let mut line = vec!["--json"];
    line.extend(words);
    let outcome = run(&line);
    assert_eq!(outcome.code, Some(1));
    let diagnostic = &outcome.json()["diagnostics"][0];
    let text = |key: &str| diagnostic[key].as_str().unwrap().to_owned();
    (text("trap_kind"), text("description"))
}

#[test]
fn fuel_ends_an_endless_loop() {
    let (kind, message) = trap(&["--fuel", "100000"]);
    assert_eq!(
        (kind.as_str(), message.as_str()),
        ("fuel_exhausted", "The fuel of this run is used up")
    );
}

#[test]
fn a_run_within_its_fuel_is_not_ended() {
    let outcome = run(&["--fn", "big", "--fuel", "10000000000"]);
    assert_eq!(outcome.stdout, "100000000\n");
}

#[test]
fn time_ends_an_endless_loop() {
    let started = Instant::now();
    let (kind, _) = trap(&["--timeout", "0.2"]);
    assert_eq!(kind, "time_limit");
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[test]
fn time_ends_waiting_and_keeps_the_output() {
    let outcome = run(&["--fn", "nap", "--timeout", "0.2"]);
    assert_eq!(outcome.stdout, "before\n");
    assert!(outcome.stderr.starts_with("Error: The time limit of this run has passed\n"));
}

#[test]
fn time_ends_reading_and_keeps_the_output() {
    let dir = TempDir::new("limits");
    dir.file("l.vera", PROGRAM);
    let waiting = |json: bool| {
        let words = ["run", "l.vera", "--fn", "ask", "--timeout", "0.2"];
        let json = ["--json"].into_iter().filter(|_| json);
        vera(words.into_iter().chain(json)).dir(dir.path()).waiting_stdin().run()
    };
    let text = waiting(false);
    assert_eq!((text.stdout.as_str(), text.code), ("name? \n", Some(1)));
    assert!(text.stderr.starts_with("hint\nError: The time limit of this run has passed\n"));
    let json = waiting(true).json();
    assert_eq!(json["diagnostics"][0]["trap_kind"], "time_limit");
    assert_eq!((&json["stdout"], &json["stderr"]), (&"name? ".into(), &"hint".into()));
}

#[cfg(unix)]
#[test]
fn an_interrupt_keeps_the_output() {
    let dir = TempDir::new("limits");
    dir.file("l.vera", PROGRAM);
    let run = vera(["run", "l.vera", "--fn", "tell", "--json"]).dir(dir.path());
    let outcome = run.interrupt_at(dir.path().join("started")).run();
    assert_eq!(outcome.code, Some(130));
    let json = outcome.json();
    assert_eq!((&json["ok"], &json["stdout"]), (&false.into(), &"before".into()));
    assert_eq!(json["diagnostics"][0]["description"], "Interrupted.");
}

#[test]
fn memory_has_a_kind_of_its_own() {
    let (kind, message) = trap(&["--fn", "big", "--max-memory", "64M"]);
    assert_eq!(kind, "memory_limit");
    assert_eq!(message, "The program needs more than 67108864 bytes of memory");
}

/// What the host holds for the program counts: a line without an end, a file, output
/// that is collected.
#[cfg(unix)]
#[test]
fn memory_the_host_holds_counts() {
    let (kind, _) = trap(&["--fn", "copy", "--max-memory", "16M", "--", "/dev/zero"]);
    assert_eq!(kind, "memory_limit");
    let (kind, _) = trap(&["--fn", "loud", "--max-memory", "4M", "--", "5"]);
    assert_eq!(kind, "memory_limit");
    let dir = TempDir::new("limits");
    dir.file("l.vera", PROGRAM);
    let endless = std::fs::File::open("/dev/zero").unwrap();
    let outcome = std::process::Command::new(env!("CARGO_BIN_EXE_vera"))
        .args(["run", "l.vera", "--fn", "ask", "--max-memory", "16M"])
        .current_dir(dir.path())
        .stdin(endless)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    let expected = "hintError: The program needs more than 16777216 bytes of memory\n";
    assert!(stderr.replace("hint\n", "hint").starts_with(expected), "{stderr}");
    assert_eq!(outcome.status.code(), Some(1));
}

#[test]
fn output_in_json_is_cut_and_says_so() {
    let json = run(&["--fn", "loud", "--json", "--", "20"]).json();
    assert_eq!(json["ok"], true);
    assert_eq!(json["stdout"].as_str().map(str::len), Some(16 << 20));
    assert_eq!(
        (&json["stdout_truncated"], &json["stdout_bytes"]),
        (&true.into(), &20_000_000.into())
    );
    let json = run(&["--fn", "long", "--json", "--", "2000000"]).json();
    assert_eq!(json["value"].as_str().map(str::len), Some(16 << 20));
    assert_eq!(
        (&json["value_truncated"], &json["value_bytes"]),
        (&true.into(), &20_000_000.into())
    );
    let json = run(&["--fn", "loud", "--json", "--", "1"]).json();
    assert_eq!(json.get("stdout_truncated"), None);
}

#[test]
fn bad_limits_are_refused() {
    for (words, text) in [
        (["--fuel", "x"], "Error: --fuel: expected a positive integer, got 'x'\n"),
        (["--fuel", "0"], "Error: --fuel: expected a positive integer, got '0'\n"),
        (
            ["--max-memory", "-1"],
            "Error: --max-memory: expected a positive number of bytes, as 64M or 1G too, got '-1'\n",
        ),
        (
            ["--timeout", "nan"],
            "Error: --timeout: expected a positive number of seconds, got 'nan'\n",
        ),
    ] {
        let outcome = run(&words);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(1), text));
    }
}
