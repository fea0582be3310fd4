//! `vera run`: arguments, results, exit codes, traps.

mod common;

use common::desk::{Desk, function, main_fn};
use common::{TempDir, vera};
use serde_json::{Value, json};

#[test]
fn run_chooses_a_function() {
    let desk = Desk::new();
    let note = "Note: no 'main' declared — running public function 'half'.\n";
    desk.says("run calc.vera -- 7 2", 0, "3\n", note);
    desk.says("run calc.vera --fn bump -- 4", 0, "5\n", "");
    desk.refuses(
        "run calc.vera --fn nope",
        "Function 'nope' not found in exports. Available: half, bump",
    );
    desk.refuses_first(
        "run calc.vera --fn hidden -- 1",
        "Function 'hidden' is declared private and cannot be called directly.",
    );
    desk.refuses_first(
        "run calc.vera --fn same -- 1",
        "Function 'same' is generic and cannot be called directly.",
    );
    desk.refuses(
        "run calc.vera --fn step -- 1",
        "Function 'step' not found in exports. Available: half, bump",
    );
    let envelope = desk.json("run --json calc.vera --fn nope", 1);
    assert_eq!(envelope["ok"], false);
    assert_eq!(envelope.get("warnings"), None);
}

#[test]
fn run_counts_and_reads_arguments() {
    let desk = Desk::new();
    desk.refuses(
        "run calc.vera --fn bump -- 1 2",
        "Function 'bump' expects 1 argument but 2 were provided.",
    );
    desk.refuses(
        "run calc.vera --fn half -- 1",
        "Function 'half' expects 2 arguments but 1 was provided.",
    );
    desk.refuses_first(
        "run calc.vera --fn half",
        "Function 'half' expects 2 parameters but 0 were provided.",
    );
    desk.refuses_first(
        "run calc.vera --fn bump -- --json",
        "Argument '--json' is not valid for parameter type @Int: expected an integer",
    );
    desk.refuses("run calc.vera --fn half -- 1 -4", "Argument '-4' is out of range for parameter type @Nat: a @Nat holds 0 .. 9223372036854775807.");
    desk.refuses(
        "run calc.vera --fn bump -- 9223372036854775808",
        "Argument '9223372036854775808' is out of range for parameter type @Int: \
         an @Int holds -9223372036854775808 .. 9223372036854775807.",
    );
}

/// Each scalar type, as argument and as result: what is read and what is printed.
#[test]
fn run_reads_and_prints_every_scalar_type() {
    let types = ["Int", "Nat", "Byte", "Bool", "Float64", "String"];
    let source: String = types
        .iter()
        .map(|ty| {
            function(
                &ty.to_lowercase(),
                &format!("@{ty}"),
                &format!("@{ty}"),
                "pure",
                &format!("@{ty}.0"),
            )
        })
        .collect::<Vec<_>>()
        .join("\n");
    let desk = Desk::new().with("types.vera", source);
    let accepted: &[(&str, &str, &str, Value)] = &[
        ("int", "42", "42", json!(42)),
        ("int", "+5", "5", json!(5)),
        ("int", "1_000", "1000", json!(1000)),
        ("int", " 42 ", "42", json!(42)),
        ("int", "-9223372036854775808", "-9223372036854775808", json!(i64::MIN)),
        ("nat", "9223372036854775807", "9223372036854775807", json!(i64::MAX)),
        ("byte", "255", "255", json!(255)),
        ("bool", "true", "1", json!(1)),
        ("bool", "NO", "0", json!(0)),
        ("bool", "1", "1", json!(1)),
        ("float64", "3", "3.0", json!(3.0)),
        ("float64", "1e20", "1e+20", json!(1e20)),
        ("float64", "1e-7", "1e-07", json!(1e-7)),
        ("float64", "0.0001", "0.0001", json!(0.0001)),
        ("float64", "1e15", "1000000000000000.0", json!(1e15)),
        ("float64", "0.1", "0.1", json!(0.1)),
        ("float64", "-0.0", "-0.0", json!(-0.0)),
        ("float64", "nan", "nan", json!("NaN")),
        ("float64", "-Infinity", "-inf", json!("-Infinity")),
        ("string", "", "", json!("")),
        ("string", "a b\té", "a b\té", json!("a b\té")),
    ];
    for (name, text, printed, value) in accepted {
        let run = |flags: &[&str]| {
            let words = [&["run", "types.vera", "--fn", name], flags, &["--", text]].concat();
            vera(words).dir(desk.place()).run()
        };
        let outcome = run(&[]);
        assert_eq!(
            (outcome.code, outcome.stdout, outcome.stderr),
            (Some(0), format!("{printed}\n"), String::new()),
            "{name} {text:?}"
        );
        assert_eq!(run(&["--json"]).json()["value"], *value, "{name} {text:?}");
    }
    let refused = [
        ("int", "0x10"),
        ("int", "1.0"),
        ("int", ""),
        ("int", "1__0"),
        ("int", "_1"),
        ("nat", "-1"),
        ("byte", "256"),
        ("byte", "-1"),
        ("byte", "yes"),
        ("bool", "7"),
        ("bool", "maybe"),
        ("float64", "1,5"),
        ("float64", "x"),
        ("float64", ""),
    ];
    for (name, text) in refused {
        let outcome = vera(["run", "types.vera", "--fn", name, "--", text]).dir(desk.place()).run();
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""), "{name} {text:?}");
        let start = format!("Error: Argument '{text}' is ");
        assert!(outcome.stderr.starts_with(&start), "{name} {text:?}: {}", outcome.stderr);
    }
}

#[test]
fn run_ends_with_the_code_of_the_program() {
    for (argument, code) in [("0", 0), ("3", 3), ("255", 255), ("300", 44), ("-1", 255), ("256", 0)]
    {
        let body = "IO.print(\"before\");\n  IO.exit(@Int.0);\n  1";
        let desk = Desk::new().with("exit.vera", function("main", "@Int", "@Int", "<IO>", body));
        desk.says(&format!("run exit.vera -- {argument}"), code, "before\n", "");
        assert_eq!(
            desk.json(&format!("run --json exit.vera -- {argument}"), code),
            json!({"ok": true, "file": "exit.vera", "function": "main", "value": null,
                "stdout": "before", "exit_code": argument.parse::<i64>().expect("a number")}),
            "{argument}"
        );
    }
}

#[test]
fn a_trap_in_words() {
    let desk = Desk::new();
    desk.says(
        "run calc.vera --fn half -- 6 0",
        1,
        "",
        "Error: Precondition violation in half(@Nat, @Nat -> @Nat)\n  requires(@Nat.0 > 0) failed\n\
         \x20 @Nat.0 = 0\nSource backtrace:\n  in half  (calc.vera:1-7) at calc.vera:2:3\n",
    );
    let desk = desk.with(
        "div.vera",
        function("main", "@Int", "@Int", "<IO>", "IO.print(\"first\");\n  1 / @Int.0"),
    );
    let outcome = desk.run("run div.vera -- 0");
    assert_eq!((outcome.code, outcome.stdout.trim_end()), (Some(1), "first"));
    let lines: Vec<&str> = outcome.stderr.lines().collect();
    assert_eq!(
        lines[..4],
        [
            "Error: Integer division by zero",
            "  @Int.0 = 0",
            "Source backtrace:",
            "  in main  (div.vera:1-8) at div.vera:7:3"
        ]
    );
    assert_eq!(lines[4], "Fix:");
    assert!(lines[5..].iter().all(|line| line.starts_with("  ") && line.len() <= 78));
}

#[test]
fn a_trap_in_json() {
    let desk = Desk::new();
    let envelope = desk.json("run --json calc.vera --fn half -- 6 0", 1);
    assert_eq!(envelope["ok"], false);
    let trap = &envelope["diagnostics"][0];
    assert_eq!(trap["severity"], "error");
    assert_eq!(trap["trap_kind"], "contract_violation");
    assert_eq!(trap["location"], json!({"line": 0, "column": 0}));
    assert_eq!(trap["fix"], "");
    let frame = &trap["frames"][0];
    assert_eq!(frame["func"], "half");
    assert_eq!(frame["file"], "calc.vera");
    assert_eq!((&frame["line_start"], &frame["line_end"]), (&json!(1), &json!(7)));
    assert_eq!(frame["is_builtin"], false);
}

#[test]
fn a_backtrace_is_bounded() {
    let body = "1 + main(@Int.0 + 1)";
    let desk = Desk::new().with("deep.vera", function("main", "@Int", "@Int", "<Diverge>", body));
    let outcome = desk.run("run deep.vera -- 0");
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.starts_with("Error: WASM call stack exhausted\n"), "{}", outcome.stderr);
    assert!(outcome.stderr.lines().count() < 40);
}

#[test]
fn program_output_goes_into_the_envelope() {
    let body = "IO.print(\"out\");\n  IO.stderr(\"err\");\n  7";
    let desk = Desk::new().with("io.vera", main_fn("@Int", "<IO>", body));
    desk.says("run io.vera", 0, "out\n", "err\n");
    assert_eq!(
        desk.json("run --json io.vera", 0),
        json!({"ok": true, "file": "io.vera", "function": "main", "value": 7,
            "stdout": "out", "stderr": "err"})
    );
}

#[test]
fn run_refuses_what_does_not_check() {
    let desk = Desk::new();
    assert_eq!(desk.run("run bad.vera").stderr, desk.run("check bad.vera").stderr);
    let envelope = desk.json("run --json bad.vera", 1);
    assert_eq!(envelope["diagnostics"][0]["error_code"], "E130");
}

#[test]
fn nobody_reads_the_output() {
    let body =
        "IO.print(string_repeat(\"x\", 1000000));\n  IO.print(string_repeat(\"y\", 1000000))";
    let desk = Desk::new().with("loud.vera", main_fn("@Unit", "<IO>", body));
    for line in ["run loud.vera", "builtins", "builtins --json", "errors"] {
        let (code, stderr) = desk.tool(line).run_with_closed_stdout();
        assert!(code.is_none() || code == Some(1), "vera {line}: {code:?}");
        assert!(!stderr.contains("panicked"), "vera {line}: {stderr}");
    }
}

#[test]
fn calls_that_were_compiled_away_are_in_the_backtrace() {
    let text = "\
private data List {
  Nil,
  Cons(Int, List)
}

private fn total(@List, @Int -> @Int)
  requires(true)
  ensures(true)
  decreases(@List.0)
  effects(pure)
{
  match @List.0 {
    Nil -> 10 / @Int.0,
    Cons(@Int, @List) -> @Int.0 + total(@List.0, @Int.1)
  }
}

public fn main(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  total(Cons(1, Cons(2, Cons(3, Nil))), @Int.0) + 1
}
";
    let outcome = Desk::new().with("list.vera", text).run("run list.vera -- 0");
    let lines: Vec<&str> = outcome.stderr.lines().skip(3).take(5).collect();
    assert_eq!(
        lines,
        [
            "  in total  (list.vera:6-16) at list.vera:13:12",
            "  in total  (list.vera:6-16) at list.vera:14:35",
            "  in total  (list.vera:6-16) at list.vera:14:35",
            "  in total  (list.vera:6-16) at list.vera:14:35",
            "  in main  (list.vera:18-24) at list.vera:23:3",
        ]
    );
}

/// Programs write the bytes of their strings, whole characters or not, and a result is
/// one.
#[test]
fn bytes_are_written_as_they_are() {
    let dir = TempDir::new("bytes");
    dir.file(
        "b.vera",
        "public fn pieces(@Unit -> @Unit)\n  requires(true)\n  ensures(true)\n  effects(<IO>)\n{\n  IO.print(string_from_char_code(195));\n  IO.print(string_from_char_code(169));\n  IO.print(string_from_char_code(200));\n  IO.stderr(string_from_char_code(201))\n}\n\npublic fn whole(@Unit -> @String)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  \"\u{e9}\\(string_from_char_code(200))\"\n}\n",
    );
    let run = |words: &[&str]| {
        std::process::Command::new(env!("CARGO_BIN_EXE_vera"))
            .args(["run", "b.vera", "--fn"])
            .args(words)
            .current_dir(dir.path())
            .output()
            .expect("the tool runs")
    };
    let pieces = run(&["pieces"]);
    assert_eq!(pieces.stdout, b"\xc3\xa9\xc8\n");
    assert_eq!(pieces.stderr, b"\xc9\n");
    assert_eq!(run(&["whole"]).stdout, b"\xc3\xa9\xc8\n");
    // JSON is text: what is no character is replaced, a character in pieces is one.
    let json: serde_json::Value =
        serde_json::from_slice(&run(&["pieces", "--json"]).stdout).expect("JSON");
    assert_eq!((&json["stdout"], &json["stderr"]), (&"é\u{fffd}".into(), &"\u{fffd}".into()));
}

/// What a result is printed as is an argument of its type.
#[test]
fn results_are_arguments() {
    let dir = TempDir::new("literals");
    let ty = "@Array<Tuple<Float64, Map<Int, String>>>";
    let body = format!("{ty}.0");
    dir.file("f.vera", function("same", ty, ty, "pure", &body));
    let value = r#"[Tuple(nan(), map_new()), Tuple(-infinity(), map_new() |> map_insert(1, "a\(string_from_char_code(200))\n")), Tuple(-0.0, map_new())]"#;
    let run = vera(["run", "f.vera", "--fn", "same", "--", value]).dir(dir.path()).run();
    assert_eq!((run.stdout.trim_end(), run.code), (value, Some(0)), "{}", run.stderr);
}
