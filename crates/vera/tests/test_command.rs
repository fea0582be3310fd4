//! `vera test`: verdicts on functions, reports as text and JSON, exit codes.

mod common;

use common::{Outcome, TempDir, vera};
use serde_json::{Value, json};

/// A claim about an integer that holds and that the prover cannot settle.
const OPEN: &str = "array_length(string_chars(to_string(@Int.0))) < 30";

/// The outcome of testing a program.
fn test(program: &str, flags: &[&str]) -> Outcome {
    let dir = TempDir::new("test");
    dir.file("t.vera", program);
    let args = ["test", "t.vera"].into_iter().chain(flags.iter().copied());
    let outcome = vera(args).dir(dir.path()).run();
    outcome.clean().expect("a clean end");
    outcome
}

fn json(program: &str, flags: &[&str]) -> Value {
    let flags: Vec<&str> = flags.iter().copied().chain(["--json"]).collect();
    test(program, &flags).json()
}

/// The line of the report about a function, without name and dots.
fn line(outcome: &Outcome, name: &str) -> String {
    let head = format!("  {name} .");
    let line = outcome.stdout.lines().find(|l| l.starts_with(&head));
    let line = line.unwrap_or_else(|| panic!("no line for {name}:\n{}", outcome.stdout));
    line[head.len()..].trim_start_matches('.').trim_start().to_owned()
}

/// A public function `f`.
fn function(signature: &str, clauses: &str, body: &str) -> String {
    format!("public fn f({signature})\n  {clauses}\n  effects(pure)\n{{\n  {body}\n}}\n")
}

/// The texts of a function's failing arguments.
fn failures(report: &Value) -> &[Value] {
    report["functions"][0]["failures"].as_array().expect("a list")
}

#[test]
fn a_proved_function_is_not_run() {
    let program =
        function("@Int -> @Int", "requires(@Int.0 > 0)\n  ensures(@Int.result > 0)", "@Int.0");
    let outcome = test(&program, &[]);
    assert_eq!(outcome.code, Some(0));
    assert_eq!(
        outcome.stdout,
        "\nTesting: t.vera\n\n  f ....................................... VERIFIED (Tier 1)\n\nResults: 1 verified\n"
    );
    let report = json(&program, &[]);
    assert_eq!(
        report,
        json!({
            "ok": true,
            "file": "t.vera",
            "functions": [{
                "name": "f", "category": "verified", "reason": "Tier 1 (proved)",
                "trials_run": 0, "trials_passed": 0, "trials_failed": 0, "failures": [],
            }],
            "summary": {
                "verified": 1, "tested": 0, "passed": 0, "failed": 0, "skipped": 0,
                "total_trials": 0, "total_passes": 0, "total_failures": 0, "unlisted_errors": 0,
            },
            "diagnostics": [],
        })
    );
}

#[test]
fn a_small_domain_is_tried_as_a_whole() {
    let claim = "ensures(array_length(string_chars(to_string(@Nat.0))) < 3)";
    let program = function("@Nat -> @Nat", &format!("requires(@Nat.0 < 50)\n  {claim}"), "@Nat.0");
    let outcome = test(&program, &[]);
    assert_eq!((line(&outcome, "f").as_str(), outcome.code), ("TESTED  (50/50 passed)", Some(0)));
    let outcome = test(&program, &["--trials", "7"]);
    assert_eq!(line(&outcome, "f"), "TESTED  (7/7 passed)");
}

#[test]
fn a_small_refinement_is_tried_as_a_whole() {
    let program = "type Pos = { @Int | @Int.0 > 0 };\n\n".to_owned()
        + &function(
            "@Pos -> @Int",
            "requires(@Pos.0 < 4)\n  ensures(array_length(string_chars(to_string(@Pos.0))) == 1)",
            "@Pos.0",
        );
    assert_eq!(line(&test(&program, &[]), "f"), "TESTED  (3/3 passed)");
}

#[test]
fn boundary_inputs_all_run() {
    let program = function("@Int -> @Int", &format!("requires(true)\n  ensures({OPEN})"), "@Int.0");
    for trials in ["0", "-5", "9"] {
        assert_eq!(line(&test(&program, &["--trials", trials]), "f"), "TESTED  (9/9 passed)");
    }
    assert_eq!(line(&test(&program, &[]), "f"), "TESTED  (100/100 passed)");
}

#[test]
fn failing_inputs_meet_the_precondition_and_are_the_smallest() {
    let claim = "ensures(array_length(string_chars(to_string(@Int.0))) < 2)";
    let requires = "requires(@Int.0 >= 1 && @Int.1 == 8)";
    let program = function("@Int, @Int -> @Int", &format!("{requires}\n  {claim}"), "@Int.0");
    let outcome = test(&program, &["--trials", "12"]);
    assert_eq!(outcome.code, Some(1));
    assert!(line(&outcome, "f").starts_with("FAILED  ("), "{}", outcome.stdout);
    let report = json(&program, &["--trials", "12"]);
    assert_eq!(failures(&report)[0]["args"], json!({ "@Int.1": 8, "@Int.0": 10 }));
    assert_eq!(failures(&report)[0]["status"], "fail");
    let codes = report["diagnostics"].as_array().expect("a list").iter();
    assert_eq!(codes.filter(|d| d["error_code"] == "E700").count(), 1);
}

#[test]
fn a_trap_in_the_body_is_an_error() {
    let program = function(
        "@Int -> @Int",
        &format!("requires(@Int.0 >= 0)\n  ensures({OPEN})"),
        "assert(@Int.0 != 10);\n  @Int.0",
    );
    let outcome = test(&program, &[]);
    assert_eq!(outcome.code, Some(1));
    assert_eq!(
        outcome.stdout,
        "
Testing: t.vera

  f ....................................... FAILED  (99/100 passed, 1 failed)
    @Int.0 = 10 -> Assertion failed (line 6): assert(@Int.0 != 10)

Diagnostics:
  E700: Contract violation in 'f': Assertion failed (line 6): assert(@Int.0 != 10)

Results: 1 tested (0 passed, 1 failed)
Trials:  100 run, 99 passed, 1 failed
"
    );
    let report = json(&program, &[]);
    assert_eq!(
        report["functions"][0],
        json!({
            "name": "f", "category": "tested", "reason": "Tier 3 contract (runtime check)",
            "trials_run": 100, "trials_passed": 99, "trials_failed": 1,
            "failures": [{
                "args": { "@Int.0": 10 }, "status": "error",
                "message": "Assertion failed (line 6): assert(@Int.0 != 10)",
                "trap_kind": "assertion_failed",
            }],
        })
    );
    assert_eq!(report["ok"], false);
    assert_eq!(report["summary"]["failed"], 1);
    assert_eq!(report["summary"]["passed"], 0);
}

#[test]
fn what_the_verifier_refutes_runs_too() {
    for (body, code, failed) in [("@Int.0", "E500", 100), ("7 / @Int.0", "E526", 1)] {
        let claim = if code == "E500" { "@Int.result > @Int.0" } else { "true" };
        let program =
            function("@Int -> @Int", &format!("requires(true)\n  ensures({claim})"), body);
        let outcome = test(&program, &[]);
        let passed = 100 - failed;
        assert_eq!(
            line(&outcome, "f"),
            format!(
                "FAILED  ({passed}/100 passed, {failed} failed; the prover refutes it: {code})"
            )
        );
        assert_eq!(outcome.code, Some(1));
        assert!(outcome.stdout.contains("\nResults: 1 tested (0 passed, 1 failed)\n"));
    }
}

#[test]
fn functions_with_trivial_contracts_run_unless_nothing_can_fail() {
    let clauses = "requires(true)\n  ensures(true)";
    let outcome = test(&function("@Int -> @Int", clauses, "@Int.0"), &[]);
    assert_eq!(line(&outcome, "f"), "VERIFIED (Tier 1)");
    assert_eq!(outcome.code, Some(0));
    let outcome =
        test(&function("@Array<Int>, @Int -> @Int", clauses, "@Array<Int>.0[@Int.0]"), &[]);
    assert!(line(&outcome, "f").starts_with("FAILED  ("), "{}", outcome.stdout);
    assert_eq!(outcome.code, Some(1));
}

#[test]
fn an_assertion_or_a_refinement_is_a_contract_too() {
    let program = function(
        "@Int -> @Int",
        "requires(true)\n  ensures(true)",
        &format!("assert({OPEN});\n  @Int.0"),
    );
    assert_eq!(line(&test(&program, &[]), "f"), "TESTED  (100/100 passed)");
    let program = "type Short = { @String | string_length(@String.0) < 9 };\n\n".to_owned()
        + &function("@Int -> @Short", "requires(true)\n  ensures(true)", "to_string(@Int.0)");
    let report = json(&program, &[]);
    let failure = &failures(&report)[0];
    assert_eq!(
        (&failure["trap_kind"], &failure["status"]),
        (&json!("contract_violation"), &json!("fail"))
    );
}

#[test]
fn the_compiled_precondition_chooses_where_the_prover_cannot() {
    let claim = "ensures(array_length(string_chars(string_concat(@String.0, \"x\"))) > 1)";
    let program = function(
        "@String -> @Int",
        &format!("requires(string_length(@String.0) > 0)\n  {claim}"),
        "1",
    );
    let outcome = test(&program, &[]);
    assert_eq!((line(&outcome, "f").as_str(), outcome.code), ("TESTED  (100/100 passed)", Some(0)));
}

#[test]
fn a_precondition_that_nothing_meets_in_the_search_is_named() {
    let requires = "requires(string_length(string_strip(@String.0)) > 900)";
    let program = function(
        "@String -> @Int",
        &format!("{requires}\n  ensures(string_length(@String.0) > 1)"),
        "1",
    );
    let outcome = test(&program, &[]);
    assert_eq!(
        line(&outcome, "f"),
        "SKIPPED (cannot generate inputs satisfying `string_length(string_strip(@String.0)) > 900`)"
    );
    assert_eq!(outcome.code, Some(0));
    let report = json(&program, &[]);
    assert_eq!(report["diagnostics"][0]["error_code"], "E701");
    assert_eq!(report["diagnostics"][0]["severity"], "warning");
    assert_eq!(report["ok"], true);
}

#[test]
fn compound_arguments_are_built_and_made_smaller() {
    let program = "\
private data Tree {
  Leaf,
  Node(Tree, Int, Tree)
}

private fn size(@Tree -> @Nat)
  requires(true)
  ensures(true)
  decreases(@Tree.0)
  effects(pure)
{
  match @Tree.0 {
    Leaf -> 0,
    Node(@Tree, @Int, @Tree) -> 1 + size(@Tree.0) + size(@Tree.1)
  }
}

public fn f(@Tree, @Array<Int>, @Option<Bool>, @Tuple<Int, String> -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  assert(size(@Tree.0) < 2 || array_length(@Array<Int>.0) < 2);
  1
}
";
    let report = json(program, &["--trials", "300"]);
    assert_eq!(
        failures(&report)[0]["args"],
        json!({
            "@Tree.0": "Node(Node(Leaf, 0, Leaf), 0, Leaf)",
            "@Array<Int>.0": "[0, 0]",
            "@Option<Bool>.0": "None",
            "@Tuple<Int, String>.0": "Tuple(0, \"\")",
        })
    );
}

#[test]
fn types_without_literals_are_not_generated() {
    let program = function(
        "@Option<Future<Int>>, @Array<fn(Int -> Int) effects(pure)> -> @Int",
        "requires(true)\n  ensures(array_length(string_chars(to_string(@Int.result))) < 30)",
        "1",
    );
    let outcome = test(&program, &[]);
    assert!(
        line(&outcome, "f").starts_with("SKIPPED (cannot generate Array<fn("),
        "{}",
        outcome.stdout
    );
    assert!(line(&outcome, "f").ends_with(", Option<Future<Int>> inputs)"), "{}", outcome.stdout);
}

#[test]
fn maps_sets_and_decimals_are_built_and_made_smaller() {
    let body = "assert(map_size(@Map<String, Array<Nat>>.0) < 2 || array_length(option_unwrap_or(map_get(@Map<String, Array<Nat>>.0, \"a\"), [])) == 0 || !set_contains(@Set<Int>.0, 1) || decimal_eq(@Decimal.0, decimal_from_int(0)));\n  1";
    let program = function(
        "@Map<String, Array<Nat>>, @Set<Int>, @Decimal -> @Int",
        "requires(true)\n  ensures(array_length(string_chars(to_string(@Int.result))) < 30)",
        body,
    );
    let report = json(&program, &["--trials", "2000"]);
    assert_eq!(
        failures(&report)[0]["args"],
        json!({
            "@Map<String, Array<Nat>>.0": "map_new() |> map_insert(\"a\", [0]) |> map_insert(\"\", [])",
            "@Set<Int>.0": "set_new() |> set_add(1)",
            "@Decimal.0": "1",
        })
    );
    // What is shown is what `run` takes.
    let words = ["run", "f.vera", "--fn", "f", "--"];
    let dir = TempDir::new("maps");
    dir.file("f.vera", &program);
    let args = failures(&report)[0]["args"].clone();
    let values = ["@Map<String, Array<Nat>>.0", "@Set<Int>.0", "@Decimal.0"];
    let values = values.map(|slot| args[slot].as_str().expect("a literal").to_owned());
    let words: Vec<String> = words.map(str::to_owned).into_iter().chain(values).collect();
    let outcome = vera(words).dir(dir.path()).run();
    assert!(outcome.stderr.starts_with("Error: Assertion failed"), "{}", outcome.stderr);
}

#[test]
fn the_search_reaches_every_integer() {
    let requires = "requires(@Int.0 > 9007199254740992)";
    let program = function("@Int -> @Int", &format!("{requires}\n  ensures({OPEN})"), "@Int.0");
    assert_eq!(line(&test(&program, &[]), "f"), "TESTED  (100/100 passed)");
    let program = function(
        "@Int -> @Int",
        &format!("requires(true)\n  ensures({OPEN})"),
        "assert(@Int.0 != 9223372036854775807);\n  @Int.0",
    );
    let report = json(&program, &["--trials", "400"]);
    assert_eq!(failures(&report)[0]["args"], json!({ "@Int.0": 9223372036854775807_i64 }));
}

#[test]
fn a_precondition_without_a_model_has_no_inputs() {
    let clauses = "requires(@Nat.0 < 50 && @Nat.0 * @Nat.0 == 50)\n  ensures(array_length(string_chars(to_string(@Nat.0))) < 2)";
    let program = function("@Nat -> @Nat", clauses, "@Nat.0");
    let outcome = test(&program, &[]);
    let verdict = line(&outcome, "f");
    assert!(
        verdict == "SKIPPED (precondition is unsatisfiable (no valid inputs))"
            || verdict.starts_with("FAILED  (verification error (E538); precondition is unsatisf"),
        "{verdict}"
    );
}

#[test]
fn private_functions_count_when_they_are_refuted() {
    let program = "\
private fn g(@Int -> @Int)
  requires(true)
  ensures(@Int.result > @Int.0)
  effects(pure)
{
  @Int.0
}
";
    let outcome = test(program, &[]);
    assert_eq!(
        outcome.stdout,
        "\nTesting: t.vera\n\n\nDiagnostics:\n  E500: Postcondition does not hold in function 'g'.\n\nResults: 1 verifier error\n"
    );
    assert_eq!(outcome.code, Some(1));
    assert_eq!(json(program, &[])["summary"]["unlisted_errors"], 1);
    assert_eq!(test("", &[]).stdout, "\nTesting: t.vera\n\n\nResults: no testable functions\n");
}

const TWO: &str = "\
public fn good(@Int -> @Int)
  requires(@Int.0 > 0)
  ensures(@Int.result > 0)
  effects(pure)
{
  @Int.0
}

public fn bad(@Int -> @Int)
  requires(true)
  ensures(@Int.result > @Int.0)
  effects(pure)
{
  @Int.0
}
";

#[test]
fn one_function_is_selected_by_name() {
    let outcome = test(TWO, &["--fn", "good"]);
    assert_eq!(line(&outcome, "good"), "VERIFIED (Tier 1)");
    assert!(
        outcome.stdout.contains("Results: 1 verifier error, 1 verified\n"),
        "{}",
        outcome.stdout
    );
    assert_eq!(outcome.code, Some(1));
    let outcome = test(TWO, &["--fn", "ugly"]);
    assert_eq!(outcome.code, Some(1));
    assert_eq!(
        outcome.stderr,
        "Error: Function 'ugly' is not declared and cannot be tested. Public functions: good, bad\n"
    );
    let report = json(TWO, &["--fn", "ugly"]);
    assert_eq!(
        (&report["ok"], report["diagnostics"].as_array().map(Vec::len)),
        (&json!(false), Some(1))
    );
}

#[test]
fn generic_functions_and_functions_without_parameters() {
    let program = "\
public forall<T> fn same(@T -> @T)
  requires(true)
  ensures(@T.result == @T.0)
  effects(pure)
{
  @T.0
}

public fn constant(@Unit -> @Int)
  requires(true)
  ensures(array_length(string_chars(to_string(@Int.result))) == 1)
  effects(pure)
{
  3
}

public fn proved(@Unit -> @Int)
  requires(true)
  ensures(@Int.result == 3)
  effects(pure)
{
  3
}
";
    let outcome = test(program, &[]);
    assert_eq!(line(&outcome, "same"), "SKIPPED (generic function)");
    assert_eq!(line(&outcome, "constant"), "TESTED  (1/1 passed)");
    assert_eq!(line(&outcome, "proved"), "VERIFIED (Tier 1)");
    let outcome = test(program, &["--distrust"]);
    assert_eq!(line(&outcome, "proved"), "TESTED  (1/1 passed, Tier 1 proof held)");
}

const ASSUMING: &str = "\
public fn f(@Int -> @Int)
  requires(true)
  ensures(@Int.result > 0)
  effects(pure)
{
  assume(@Int.0 > 0);
  @Int.0
}
";

#[test]
fn a_false_assumption_is_found_out() {
    let outcome = test(ASSUMING, &[]);
    assert_eq!((line(&outcome, "f").as_str(), outcome.code), ("VERIFIED (Tier 1)", Some(0)));
    let outcome = test(ASSUMING, &["--distrust", "--trials", "20"]);
    assert_eq!(outcome.code, Some(1));
    let verdict = line(&outcome, "f");
    assert!(
        verdict.starts_with("REFUTED (")
            && verdict.ends_with("/20 trials contradict the Tier 1 proof)")
    );
    assert!(outcome.stdout.contains(
        "  E703: Tier 1 proof refuted in 'f': ensures(@Int.result > 0) was proved, but the trial on @Int.0 = 0 failed it at run time: Postcondition violation in f(@Int -> @Int); the proof rests on `assume(@Int.0 > 0)` at line 6, which these arguments violate\n"
    ), "{}", outcome.stdout);
    assert!(
        outcome.stdout.contains(
            "      contradicts the Tier 1 proof of ensures(@Int.result > 0)\n\nDiagnostics:"
        ),
        "{}",
        outcome.stdout
    );
    assert!(outcome.stdout.ends_with(
        "Proofs:  1 exercised, 1 refuted, 0 with an unattributed trap, 0 not exercised\n"
    ));
    let report = json(ASSUMING, &["--distrust"]);
    assert_eq!(report["distrust"], true);
    assert_eq!(report["functions"][0]["category"], "refuted");
    assert_eq!(report["functions"][0]["proved"], true);
    assert_eq!(
        failures(&report)[0]["refutes"],
        json!([{ "function": "f", "kind": "ensures", "expr": "@Int.result > 0", "file": "t.vera", "line": 3, "column": 3 }])
    );
    assert_eq!(report["summary"]["refuted"], 1);
    assert_eq!(report["summary"]["unattributed"], 0);
}

#[test]
fn proofs_that_hold_and_proofs_that_cannot_be_tried() {
    let program = "\
public fn held(@Int, @Bool -> @Int)
  requires(@Int.0 > 5)
  ensures(@Int.result > 0)
  effects(pure)
{
  @Int.0
}

public fn lazy(@Future<Int> -> @Int)
  requires(true)
  ensures(@Int.result == 1)
  effects(pure)
{
  1
}

public fn only_requires(@Int -> @Int)
  requires(@Int.0 > 5)
  ensures(true)
  effects(pure)
{
  @Int.0
}
";
    let outcome = test(program, &["--distrust", "--trials", "10"]);
    assert_eq!(outcome.code, Some(0));
    assert_eq!(line(&outcome, "held"), "TESTED  (10/10 passed, Tier 1 proof held)");
    assert_eq!(
        line(&outcome, "lazy"),
        "VERIFIED (Tier 1, not exercised: cannot generate Future<Int> inputs)"
    );
    assert_eq!(
        line(&outcome, "only_requires"),
        "VERIFIED (Tier 1, not exercised: no runtime check that a trial could fail)"
    );
    assert!(outcome.stdout.contains("\n  E701: 'lazy' is not tested: "), "{}", outcome.stdout);
    assert!(
        outcome.stdout.contains("\n  E702: The proof of 'only_requires' "),
        "{}",
        outcome.stdout
    );
    assert!(outcome.stdout.ends_with(
        "Proofs:  1 exercised, 0 refuted, 0 with an unattributed trap, 2 not exercised\n"
    ));
    let refused = vera(["verify", "t.vera", "--distrust"]).run();
    assert_eq!(refused.code, Some(1));
}

#[test]
fn traps_that_contradict_no_proof() {
    let program = "\
private fn positive(@Int -> @Int)
  requires(@Int.0 > 0)
  ensures(@Int.result > 0)
  effects(pure)
{
  @Int.0
}

public fn calls(@Int -> @Int)
  requires(true)
  ensures(@Int.result > 0)
  effects(pure)
{
  assume(@Int.0 > 0);
  positive(@Int.0)
}

public fn overflows(@Int -> @Int)
  requires(@Int.0 > 9223372036854775800)
  ensures(@Int.result == @Int.0 + 1)
  effects(pure)
{
  @Int.0 + 1
}
";
    let report = json(program, &["--distrust"]);
    let failure = |i: usize| &report["functions"][i]["failures"][0];
    // Nothing is on record about a call whose precondition was proved.
    assert_eq!(failure(0)["status"], "unattributed");
    assert_eq!(failure(0)["args"], json!({ "@Int.0": 0 }));
    assert_eq!(report["functions"][0]["category"], "tested");
    assert_eq!(failure(1)["status"], "error");
    assert_eq!(failure(1)["attribution"], "the check that failed stands for no proof");
    assert_eq!(failure(1)["args"], json!({ "@Int.0": 9223372036854775807_i64 }));
    assert_eq!(report["summary"]["unattributed"], 1);
    assert_eq!(report["summary"]["refuted"], 0);
    let text = test(program, &["--distrust"]).stdout;
    assert!(text.ends_with(
        "Proofs:  2 exercised, 0 refuted, 1 with an unattributed trap, 0 not exercised\n"
    ));
}

#[test]
fn an_unproved_refinement_at_a_call_contradicts_no_proof() {
    let program = "\
type Word = { @String | string_length(@String.0) > 0 };

private fn length(@Word -> @Nat)
  requires(true)
  ensures(true)
  effects(pure)
{
  string_length(@Word.0)
}

public fn f(@String -> @Nat)
  requires(true)
  ensures(true)
  effects(pure)
{
  length(@String.0)
}
";
    let report = json(program, &["--distrust"]);
    let failure = &failures(&report)[0];
    assert_eq!(
        (&failure["status"], &failure["args"]),
        (&json!("fail"), &json!({ "@String.0": "" }))
    );
    assert_eq!(failure["attribution"], "the check that failed stands for no proof");
}

#[test]
fn a_program_from_standard_input_and_a_bad_budget() {
    let program =
        function("@Int -> @Int", "requires(@Int.0 > 0)\n  ensures(@Int.result > 0)", "@Int.0");
    let outcome = vera(["test", "-"]).stdin(program.as_str()).run();
    assert_eq!(outcome.code, Some(0));
    assert!(outcome.stdout.starts_with("\nTesting: -\n\n  f ."), "{}", outcome.stdout);
    let outcome = vera(["test", "-"]).stdin(program).env("VERA_Z3_TIMEOUT_MS", "soon").run();
    assert_eq!(outcome.code, Some(1));
    assert_eq!(
        outcome.stderr,
        "Error: VERA_Z3_TIMEOUT_MS: expected a positive integer number of milliseconds, got 'soon'\n"
    );
}

#[test]
fn an_imported_type_is_built_and_an_imported_contract_checked() {
    let dir = TempDir::new("test");
    dir.file(
        "shapes.vera",
        "module shapes;\n\npublic data Shape {\n  Dot,\n  Square(Nat)\n}\n\npublic fn side(@Shape -> @Nat)\n  requires(true)\n  ensures(array_length(string_chars(to_string(@Nat.result))) < 3)\n  effects(pure)\n{\n  match @Shape.0 {\n    Dot -> 0,\n    Square(@Nat) -> @Nat.0\n  }\n}\n",
    );
    dir.file(
        "t.vera",
        "import shapes(Shape, side);\n\npublic fn f(@Array<Shape>, @Shape -> @Nat)\n  requires(true)\n  ensures(array_length(string_chars(string_concat(to_string(@Nat.result), \"x\"))) < 30)\n  effects(pure)\n{\n  side(@Shape.0)\n}\n",
    );
    let outcome = vera(["test", "t.vera", "--json"]).dir(dir.path()).run();
    outcome.clean().expect("a clean end");
    let report = outcome.json();
    let failure = &failures(&report)[0];
    assert_eq!(failure["args"], json!({ "@Array<Shape>.0": "[]", "@Shape.0": "Square(100)" }));
    let message = failure["message"].as_str().expect("a text");
    assert!(message.starts_with("Postcondition violation in side("), "{message}");
}

#[test]
fn inputs_follow_the_seed() {
    let program = function(
        "@Int, @String -> @Int",
        "requires(true)\n  ensures(true)",
        "assert(string_length(@String.0) + @Int.0 % 10 < 40);\n  1",
    );
    let run = |seed: &str| test(&program, &["--seed", seed, "--json"]).stdout;
    assert_eq!(run("1"), run("1"));
    let refused = test(&program, &["--seed", "x"]);
    assert_eq!(
        (refused.stderr.as_str(), refused.code),
        ("Error: Invalid --seed value: x\n", Some(1))
    );
    let refused = test(&program, &["--trials", "abc"]);
    assert_eq!(
        (refused.stderr.as_str(), refused.code),
        ("Error: Invalid --trials value: abc\n", Some(1))
    );
    let refused = test(&program, &["--timeout-ms", "5"]);
    assert_eq!(refused.code, Some(1));
    assert!(refused.stderr.contains("--timeout-ms is only accepted by `vera verify`"));
}

/// A function with effects, asserting something open so that it runs.
fn effectful(row: &str, body: &str) -> String {
    format!(
        "public fn f(@Int -> @Int)\n  requires(true)\n  ensures(true)\n  effects({row})\n{{\n  assert({OPEN});\n  {body}\n}}\n"
    )
}

#[test]
fn declared_exceptions_output_and_exits_are_no_failures() {
    for (row, body) in [
        ("<Exn<Int>>", "if @Int.0 > 1 then { throw(@Int.0) } else { 1 }"),
        ("<IO>", "IO.print(\"noise\"); IO.stderr(\"noise\"); 1"),
        ("<IO>", "let @String = IO.read_line(()); string_length(@String.0)"),
        ("<IO>", "if @Int.0 == 2 then { IO.exit(7) } else { 1 }"),
    ] {
        let outcome = test(&effectful(row, body), &[]);
        assert_eq!(line(&outcome, "f"), "TESTED  (100/100 passed)", "{body}");
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{body}");
        assert!(!outcome.stdout.contains("noise"), "{body}");
    }
}

#[test]
fn trials_write_no_files() {
    let dir = TempDir::new("test");
    let body = "match IO.write_file(\"made\", \"x\") { Ok(@Unit) -> 1, Err(@String) -> 0 }";
    dir.file("t.vera", effectful("<IO>", body));
    let outcome = vera(["test", "t.vera"]).dir(dir.path()).run();
    assert_eq!(line(&outcome, "f"), "TESTED  (100/100 passed)");
    assert!(!dir.path().join("made").exists());
}

#[test]
fn calls_without_end_and_without_bound_are_errors() {
    let endless = "if @Int.0 == 2 then { f(@Int.0) } else { 1 }";
    let report = json(&effectful("<Diverge>", endless), &[]);
    let failure = &failures(&report)[0];
    assert_eq!(failure["trap_kind"], "time_limit");
    assert_eq!(failure["message"], "The call did not end within 10 s");
    assert_eq!(failure["args"], json!({ "@Int.0": 2 }));
    let greedy = "string_length(grow(\"xxxxxxxxxxxxxxxx\"))";
    let program = effectful("<Diverge>", greedy)
        + "\nprivate fn grow(@String -> @String)\n  requires(true)\n  ensures(true)\n  effects(<Diverge>)\n{\n  grow(string_concat(@String.0, @String.0))\n}\n";
    let report = json(&program, &[]);
    assert_eq!(failures(&report)[0]["trap_kind"], "memory_limit");
    assert_eq!(failures(&report)[0]["status"], "error");
}

#[test]
fn cost_that_grows_with_the_argument_is_no_failure() {
    let program = "\
public fn f(@Nat -> @Nat)
  requires(true)
  ensures(true)
  decreases(@Nat.0)
  effects(pure)
{
  assert(array_length(string_chars(to_string(@Nat.0))) < 30);
  if @Nat.0 == 0 then {
    0
  } else {
    1 + f(@Nat.0 - 1)
  }
}
";
    assert_eq!(line(&test(program, &[]), "f"), "TESTED  (100/100 passed)");
}

#[test]
fn an_activation_that_breaks_its_own_precondition_is_a_failure() {
    let program = "\
public fn f(@Int -> @Int)
  requires(array_length(string_chars(to_string(@Int.0))) < 3)
  ensures(true)
  effects(<Diverge>)
{
  assert(array_length(string_chars(to_string(@Int.0))) < 30);
  if @Int.0 > 50 then {
    f(@Int.0 * 2)
  } else {
    1
  }
}
";
    let report = json(program, &[]);
    assert_eq!(failures(&report)[0]["args"], json!({ "@Int.0": 51 }));
    assert_eq!(failures(&report)[0]["trap_kind"], "contract_violation");
}

#[test]
fn programs_that_cannot_run() {
    let hole = function("@Int -> @Int", &format!("requires(true)\n  ensures({OPEN})"), "?");
    let outcome = test(&hole, &[]);
    assert_eq!(
        (line(&outcome, "f").as_str(), outcome.code),
        ("SKIPPED (compilation errors)", Some(0))
    );

    let ill = function("@Int -> @Int", "requires(true)\n  ensures(true)", "@Bool.0");
    let outcome = test(&ill, &[]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
    assert!(outcome.stderr.contains("[E130]"), "{}", outcome.stderr);
    let report = json(&ill, &[]);
    let keys: Vec<&String> = report.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["ok", "file", "diagnostics"]);

    let outcome = test("public fn (", &[]);
    assert_eq!(outcome.code, Some(1));

    let missing = vera(["test", "missing.vera", "--json"]).run();
    assert_eq!(missing.code, Some(1));
    assert_eq!(
        missing.json(),
        json!({
            "ok": false, "file": "missing.vera",
            "diagnostics": [{
                "severity": "error", "description": "file not found: missing.vera",
                "location": { "line": 0, "column": 0 },
            }],
        })
    );
    let directory = vera(["test", "."]).run();
    assert_eq!(directory.code, Some(1));
    directory.clean().expect("a clean end");
}

#[test]
fn collection_at_every_allocation_changes_nothing() {
    let program = function(
        "@Array<Option<String>>, @Tuple<String, Array<Int>> -> @Int",
        "requires(true)\n  ensures(true)",
        "assert(array_length(@Array<Option<String>>.0) < 3);\n  match @Tuple<String, Array<Int>>.0 { Tuple(@String, @Array<Int>) -> array_length(@Array<Int>.0) + string_length(@String.0) }",
    );
    let dir = TempDir::new("test");
    dir.file("t.vera", &program);
    let run =
        |eager: &str| vera(["test", "t.vera"]).dir(dir.path()).env("VERA_EAGER_GC", eager).run();
    let (normal, eager) = (run("0"), run("1"));
    assert_eq!(normal.stdout, eager.stdout);
    assert!(
        normal.stdout.contains("@Array<Option<String>>.0 = [None, None, None]"),
        "{}",
        normal.stdout
    );
}
