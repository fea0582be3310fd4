//! `vera verify`: flags, output and exit codes. Verdicts are tested in the prover.

mod common;

use common::desk::Desk;
use common::{Outcome, TempDir, Vera, vera};
use serde_json::{Value, json};

/// One proof, one check at run time.
const GOOD: &str = "\
public fn next(@Int -> @Int)
  requires(true)
  ensures(@Int.result > @Int.0)
  effects(pure)
{
  @Int.0 + 1
}
";

const BAD: &str = "\
public fn next(@Int -> @Int)
  requires(true)
  ensures(@Int.result > @Int.0)
  effects(pure)
{
  @Int.0
}
";

const HOLE: &str = "\
public fn next(@Int -> @Int)
  requires(true)
  ensures(@Int.result > 0)
  effects(pure)
{
  ?
}
";

const ILL_TYPED: &str = "\
public fn next(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  @Bool.0
}
";

/// The tool in a directory with the programs.
fn desk() -> TempDir {
    let dir = TempDir::new("verify");
    dir.file("good.vera", GOOD);
    dir.file("bad.vera", BAD);
    dir.file("hole.vera", HOLE);
    dir.file("ill.vera", ILL_TYPED);
    dir.file("empty.vera", "");
    dir
}

fn tool(dir: &TempDir, line: &str) -> Vera {
    vera(line.split_whitespace()).dir(dir.path())
}

fn run(dir: &TempDir, line: &str) -> Outcome {
    let outcome = tool(dir, line).run();
    outcome.clean().unwrap_or_else(|error| panic!("vera {line}: {error}"));
    outcome
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().map(|o| o.keys().map(String::as_str).collect()).unwrap_or_default()
}

#[test]
fn success_is_three_lines() {
    let dir = desk();
    let outcome = run(&dir, "verify good.vera");
    assert_eq!(outcome.code, Some(0));
    assert_eq!(
        outcome.stdout,
        "OK: good.vera\nVerification: 2 verified (Tier 1), 1 runtime checks (Tier 3)\nReconciliation: 1 of 1 runtime checks (Tier 3) found in the compiled module\n1 function: 1 checked at run time (int_overflow ×1); 1 clause is `true`\nOverflow: checked at run time in next ×1\n"
    );
    assert_eq!(outcome.stderr, "");
    assert_eq!(run(&dir, "verify --quiet good.vera").stdout, "");
    assert_eq!(
        run(&dir, "verify --no-reconcile good.vera").stdout,
        "OK: good.vera\nVerification: 2 verified (Tier 1), 1 runtime checks (Tier 3)\n1 function: 1 checked at run time (int_overflow ×1); 1 clause is `true`\nOverflow: checked at run time in next ×1\n"
    );
    let empty = run(&dir, "verify empty.vera");
    assert_eq!(empty.stdout, "OK: empty.vera\nVerification: no contracts\n");
}

#[test]
fn a_refuted_contract_fails() {
    let dir = desk();
    let outcome = run(&dir, "verify bad.vera");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
    assert!(outcome.stderr.starts_with("[E500] Error at bad.vera, line 3, column 3:\n"));
    assert!(outcome.stderr.contains("  Counterexample:\n"));
}

#[test]
fn the_json_envelope() {
    let dir = desk();
    let good = run(&dir, "verify --json good.vera").json();
    assert_eq!(
        keys(&good),
        [
            "ok",
            "file",
            "diagnostics",
            "warnings",
            "verification",
            "obligations",
            "overview",
            "reconciliation"
        ]
    );
    assert_eq!(
        good["verification"],
        json!({"tier1_verified": 2, "tier3_runtime": 1, "total": 3, "assumptions": 0, "timeout_ms": 10000})
    );
    assert_eq!(
        good["obligations"][1],
        json!({
            "kind": "int_overflow", "status": "tier3", "description": "@Int.0 + 1",
            "location": {"line": 6, "column": 3, "file": "good.vera"}, "function": "next",
        })
    );
    assert_eq!(
        good["reconciliation"],
        json!({"compiled": true, "matched": 1, "recorded_unguarded": 0, "guarded_unrecorded": 0,
               "no_mapping": 0, "absent": 0, "out_of_scope": 0, "mismatches": []})
    );
    let bad = run(&dir, "verify --json bad.vera");
    assert_eq!((bad.code, bad.stderr.as_str()), (Some(1), ""));
    let bad = bad.json();
    assert_eq!(bad["ok"], json!(false));
    assert_eq!(bad["obligations"][1]["error_code"], json!("E500"));
    assert_eq!(keys(&bad["obligations"][1]["counterexample"]), ["@Int.0", "@Int.result"]);
    let bare = run(&dir, "verify --json --no-reconcile good.vera").json();
    assert!(!keys(&bare).contains(&"reconciliation"));
}

#[test]
fn what_stops_before_the_prover() {
    let dir = desk();
    let four = ["ok", "file", "diagnostics", "warnings"];
    let ill = run(&dir, "verify --json ill.vera");
    assert_eq!((ill.code, keys(&ill.json())), (Some(1), four.to_vec()));
    let missing = run(&dir, "verify --json none.vera");
    let mut found = keys(&missing.json()).into_iter().map(str::to_owned).collect::<Vec<_>>();
    found.sort();
    assert_eq!(found, ["diagnostics", "file", "ok", "warnings"]);
    assert_eq!(missing.json()["diagnostics"][0]["description"], json!("file not found: none.vera"));
    assert_eq!(run(&dir, "verify none.vera").stderr, "Error: file not found: none.vera\n");
}

#[test]
fn holes_skip_the_comparison() {
    let dir = desk();
    let outcome = run(&dir, "verify --json hole.vera");
    assert_eq!(outcome.code, Some(0));
    let found = outcome.json();
    let codes: Vec<&Value> =
        found["warnings"].as_array().into_iter().flatten().map(|w| &w["error_code"]).collect();
    assert_eq!(codes, ["W001", "E522", "W005"]);
    assert_eq!(keys(&found["reconciliation"]), ["skipped"]);
}

#[test]
fn budgets() {
    let dir = desk();
    let refused = |line: &str, text: &str| {
        let outcome = run(&dir, line);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""), "vera {line}");
        assert_eq!(outcome.stderr, format!("Error: {text}\n"), "vera {line}");
    };
    let wanted = "expected a positive integer number of milliseconds, got";
    refused("verify good.vera --timeout-ms 0", &format!("--timeout-ms: {wanted} 0"));
    refused("verify good.vera --timeout-ms -5", &format!("--timeout-ms: {wanted} -5"));
    refused("verify good.vera --timeout-ms abc", &format!("--timeout-ms: {wanted} 'abc'"));
    refused("verify good.vera --timeout-ms", "--timeout-ms: missing value");
    let empty = tool(&dir, "verify good.vera").env("VERA_Z3_TIMEOUT_MS", "").run();
    assert_eq!(empty.stderr, format!("Error: VERA_Z3_TIMEOUT_MS: {wanted} ''\n"));
    let json = run(&dir, "verify --json good.vera --timeout-ms 0").json();
    assert_eq!(
        json,
        json!({"ok": false, "file": "", "diagnostics": [
            {"severity": "error", "description": format!("--timeout-ms: {wanted} 0")}]})
    );
    let budget = |vera: Vera| vera.run().json()["verification"]["timeout_ms"].clone();
    assert_eq!(budget(tool(&dir, "verify --json good.vera --timeout-ms 700")), json!(700));
    let variable = tool(&dir, "verify --json good.vera").env("VERA_Z3_TIMEOUT_MS", "800");
    assert_eq!(budget(variable), json!(800));
}

#[test]
fn flags_that_do_not_go_together() {
    let dir = desk();
    assert_eq!(
        run(&dir, "verify --reconcile --no-reconcile good.vera").stderr,
        "Error: `vera verify` takes --reconcile or --no-reconcile, not both.\n"
    );
    assert_eq!(
        run(&dir, "run --no-cache good.vera").stderr,
        "Error: --no-cache is only accepted by `vera verify` and `vera test`, not `vera run`.\n"
    );
    assert_eq!(run(&dir, "verify --bogus good.vera").stderr, "Error: unknown option: --bogus\n");
}

#[test]
fn answers_are_kept_and_reused() {
    let dir = desk();
    let cache = dir.path().join("cache");
    let with_cache =
        |line: &str| tool(&dir, line).env("VERA_CACHE_DIR", &cache.to_string_lossy()).run().stderr;
    with_cache("verify --no-cache bad.vera");
    assert!(!cache.exists());
    let first = with_cache("verify bad.vera");
    let count = || {
        let shards = std::fs::read_dir(cache.join("proofs")).into_iter().flatten().flatten();
        shards.flat_map(|s| std::fs::read_dir(s.path())).flatten().count()
    };
    let kept = count();
    assert!(kept > 0);
    assert_eq!(with_cache("verify bad.vera"), first);
    assert_eq!(count(), kept);
    // A damaged entry is no answer.
    for shard in std::fs::read_dir(cache.join("proofs")).into_iter().flatten().flatten() {
        for entry in std::fs::read_dir(shard.path()).into_iter().flatten().flatten() {
            std::fs::write(entry.path(), "nonsense").expect("the cache can be written");
        }
    }
    assert_eq!(with_cache("verify bad.vera"), first);
}

#[test]
fn queries_as_files() {
    let dir = desk();
    assert_eq!(run(&dir, "verify --quiet --dump-smt queries good.vera").code, Some(0));
    let mut names: Vec<String> = std::fs::read_dir(dir.path().join("queries"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["0000_next_int_overflow_6_3.smt2", "0001_next_ensures_3_3.smt2"]);
    let text = std::fs::read_to_string(dir.path().join("queries").join(&names[0]));
    assert!(text.is_ok_and(|t| t.starts_with("(set-logic ALL)\n") && t.ends_with("(check-sat)\n")));
}

#[test]
fn every_example_verifies() {
    let examples = common::root().join("examples");
    let mut names: Vec<_> = std::fs::read_dir(examples)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "vera"))
        .collect();
    names.sort();
    assert!(!names.is_empty());
    for path in names {
        let outcome = vera([std::ffi::OsStr::new("verify"), path.as_os_str()]).run();
        assert_eq!(outcome.code, Some(0), "{}\n{}", path.display(), outcome.stderr);
        for code in ["E541", "W004"] {
            assert!(!outcome.stderr.contains(code), "{}\n{}", path.display(), outcome.stderr);
        }
    }
}

/// A callee that promises nothing, and a body that divides.
const EXECUTED: &str = "\
private fn square(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  @Int.0 * @Int.0
}

private fn honest(@Int -> @Int)
  requires(@Int.0 > 0 && @Int.0 < 1000)
  ensures(@Int.result >= 0)
  effects(pure)
{
  square(@Int.0)
}

private fn broken(@Int -> @Int)
  requires(@Int.0 >= 5 && @Int.0 < 6)
  ensures(@Int.result > @Int.0)
  effects(pure)
{
  @Int.0
}

private fn trapping(@Array<Int> -> @Bool)
  requires(array_length(@Array<Int>.0) == 0)
  ensures(@Bool.result)
  effects(pure)
{
  @Array<Int>.0[0] > 0
}
";

#[test]
fn a_counterexample_is_run() {
    let dir = desk();
    dir.file("executed.vera", EXECUTED);
    let outcome = run(&dir, "verify executed.vera");
    assert_eq!(outcome.code, Some(1));
    let runs: Vec<&str> =
        outcome.stderr.lines().map(str::trim).filter(|l| l.starts_with("When run")).collect();
    assert_eq!(
        runs,
        [
            "When run, `broken(5)` ends with contract_violation: Postcondition violation in broken(@Int -> @Int)",
            "When run, `trapping([])` ends with index_out_of_bounds: Array index out of bounds (line 30): `@Array<Int>.0[0]` needs `0 <= 0` and `0 < array_length(@Array<Int>.0)`.",
        ]
    );
}

/// Operations that fail, each for some parameters; slots in scope there shift those
/// of the parameters.
const FAILING: &str = "\
type Even = { @Int | @Int.0 % 2 == 0 };

private fn half(@Int -> @Int)
  requires(@Int.0 % 2 == 0)
  ensures(true)
  effects(pure)
{
  @Int.0 / 2
}

private fn five(@Unit -> @Int)
  requires(true)
  ensures(@Int.result > 0)
  effects(pure)
{
  5
}

private fn divides(@Int, @Int -> @Int)
  requires(@Int.1 == 7)
  ensures(true)
  effects(pure)
{
  let @Int = 3;
  @Int.2 % @Int.1
}

private fn subtracts(@Nat, @Nat -> @Nat)
  requires(@Nat.0 < 100 && @Nat.1 < 100)
  ensures(true)
  effects(pure)
{
  @Nat.1 - @Nat.0
}

private fn narrows(@Int -> @Nat)
  requires(@Int.0 < 0 && @Int.0 > 0 - 10)
  ensures(true)
  effects(pure)
{
  @Int.0
}

private fn refines(@Int -> @Even)
  requires(true)
  ensures(true)
  effects(pure)
{
  @Int.0
}

private fn calls(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  half(@Int.0)
}

private fn asserts(@Int -> @Int)
  requires(@Int.0 > 3)
  ensures(true)
  effects(pure)
{
  assert(@Int.0 < 2);
  1
}

private fn overflows(@Int -> @Int)
  requires(@Int.0 == 9223372036854775807)
  ensures(true)
  effects(pure)
{
  @Int.0 + 1
}

private fn says_too_little(@Unit -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  60 / (five(()) - 1)
}
";

#[test]
fn a_counterexample_to_an_operation_is_run() {
    let dir = desk();
    dir.file("failing.vera", FAILING);
    let outcome = run(&dir, "verify failing.vera");
    assert_eq!(outcome.code, Some(1));
    let runs: Vec<&str> =
        outcome.stderr.lines().map(str::trim).filter(|l| l.starts_with("When run")).collect();
    assert_eq!(
        runs,
        [
            "When run, `divides(7, 0)` ends with divide_by_zero: Integer division by zero",
            "When run, `subtracts(0, 1)` ends with nat_underflow: @Nat subtraction `@Nat.1 - @Nat.0` would be negative (line 33): it needs `@Nat.1 >= @Nat.0`",
            "When run, `narrows(-1)` ends with nat_guard: Negative value bound into a @Nat slot",
            "When run, `refines(1)` ends with contract_violation: Refinement violation in refines(@Int -> @Even)",
            "When run, `calls(1)` ends with contract_violation: Precondition violation in half(@Int -> @Int)",
            "When run, `asserts(4)` ends with assertion_failed: Assertion failed (line 65): assert(@Int.0 < 2)",
            "When run, `overflows(9223372036854775807)` ends with overflow: Integer overflow",
        ]
    );
}

/// What the prover knows too little of, small inputs refute.
#[test]
fn what_is_neither_proved_nor_refuted_is_tried() {
    let text = "public fn kept(@Array<Int> -> @Array<Int>)\n  requires(true)\n  ensures(array_all(@Array<Int>.result, fn(@Int -> @Bool) effects(pure) { @Int.0 > 1 }))\n  effects(pure)\n{\n  array_filter(@Array<Int>.0, fn(@Int -> @Bool) effects(pure) { @Int.0 > 0 })\n}\n";
    let desk =
        Desk::new().with("kept.vera", text).with("right.vera", text.replace("> 1 }", "!= 0 }"));
    let report = desk.json("verify --json --no-cache kept.vera", 1);
    let refuted = &report["diagnostics"][0];
    assert_eq!(refuted["error_code"], "E500");
    let said = refuted["description"].as_str().unwrap_or_default().to_owned();
    assert!(said.contains("`kept([1])` ends with contract_violation"), "{said}");
    desk.json("verify --json right.vera", 0);
}

#[test]
fn proofs_under_several_seeds() {
    let dir = desk();
    let outcome = run(&dir, "verify --stability 3 good.vera");
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let last = outcome.stdout.lines().last();
    assert_eq!(last, Some("Stability: 3 of 3 obligations fare alike under 3 seeds"));
    let outcome = run(&dir, "verify --json --stability 2 good.vera");
    let document: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(document["stability"], json!({ "seeds": 2, "obligations": 3, "fragile": [] }));
    // What is refuted, is so under each seed; errors stay errors.
    let outcome = run(&dir, "verify --quiet --stability 2 bad.vera");
    assert_eq!(outcome.code, Some(1));
    assert_eq!(outcome.stdout, "Stability: 2 of 2 obligations fare alike under 2 seeds\n");
    assert_eq!(run(&dir, "verify --stability 1 good.vera").code, Some(1));
}

/// Three cubes: nobody knows whether they can make 114.
const CUBES: &str = "\
public fn cubes(@Int, @Int, @Int -> @Unit)
  requires(@Int.0 > 1000 && @Int.1 > 1000 && @Int.2 < -1000)
  ensures(@Int.0 * @Int.0 * @Int.0 + @Int.1 * @Int.1 * @Int.1 + @Int.2 * @Int.2 * @Int.2 != 114)
  effects(pure)
{
  ()
}
";

#[cfg(unix)]
#[test]
fn a_second_solver_is_asked_what_the_first_leaves_open() {
    use std::os::unix::fs::PermissionsExt;
    let dir = desk();
    dir.file("cubes.vera", CUBES);
    let says = |name: &str, answer: &str| {
        let script = format!(
            "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'solver 1.0'; exit; fi\ngrep -q '(check-sat)' && echo {answer}\n"
        );
        dir.file(name, script);
        let file = dir.path().join(name);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).expect("ours");
        file.display().to_string()
    };
    let verdict = |solver: &str| {
        let line = format!("verify --json --timeout-ms 300 --solver {solver} cubes.vera");
        let outcome = run(&dir, &line);
        let document: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
        let all = document["obligations"].as_array().expect("a list").clone();
        let of = |kind: &str| all.iter().filter(|o| o["kind"] == kind).cloned().collect::<Vec<_>>();
        of("ensures")[0]["status"].clone()
    };
    assert_eq!(verdict(&says("open", "unknown")), "timeout");
    // A counterexample without values settles nothing.
    assert_eq!(verdict(&says("against", "sat")), "timeout");
    assert_eq!(verdict(&says("for", "unsat")), "verified");
    let outcome = run(&dir, "verify --solver ./missing cubes.vera");
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("--solver: cannot run `./missing`: "), "{}", outcome.stderr);
}
