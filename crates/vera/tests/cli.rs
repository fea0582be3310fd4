//! The command line: words in, streams and exit code out. What a program computes
//! is the business of `conformance.rs`; here it is what surrounds it.

mod common;

use common::desk::{BAD, CALC, Desk, function, main_fn};
use serde_json::json;

// Usage ------------------------------------------------------------------------

#[test]
fn without_a_command_or_a_file_the_usage_goes_to_stderr() {
    let desk = Desk::new();
    for line in ["", "check", "run", "compile", "fmt", "parse", "ast", "frobnicate"] {
        let outcome = desk.run(line);
        assert_eq!(outcome.code, Some(1), "vera {line}");
        assert_eq!(outcome.stdout, "", "vera {line}");
        assert!(
            outcome.stderr.starts_with("Usage: vera <command> [options] <file>\n"),
            "vera {line}"
        );
        assert!(outcome.stderr.contains("\nCommands:\n"), "vera {line}");
        assert!(outcome.stderr.contains("\nOptions:\n"), "vera {line}");
    }
}

#[test]
fn help_goes_to_stdout() {
    let desk = Desk::new();
    for line in ["help", "--help", "-h", "check --help"] {
        let outcome = desk.run(line);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "vera {line}");
        assert!(outcome.stdout.starts_with("Usage: vera"), "vera {line}");
    }
}

#[test]
fn unknown_words_are_named() {
    let desk = Desk::new();
    let outcome = desk.run("frobnicate x");
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.starts_with("Unknown command: frobnicate\nUsage: vera"));
    desk.refuses("check --bogus calc.vera", "unknown option: --bogus");
    desk.refuses("compile calc.vera bad.vera", "unexpected argument: bad.vera");
}

#[test]
fn version() {
    let desk = Desk::new();
    let expected = format!("vera {}\nZ3 ", env!("CARGO_PKG_VERSION"));
    for line in ["version", "--version", "-V"] {
        let said = desk.run(line).stdout;
        assert!(said.starts_with(&expected) && said.lines().count() == 2, "vera {line}: {said}");
    }
}

#[test]
fn flags_of_other_commands_are_refused() {
    let desk = Desk::new();
    desk.refuses(
        "check --distrust calc.vera",
        "--distrust is only accepted by `vera test`, not `vera check`.",
    );
    desk.refuses(
        "run --reconcile calc.vera",
        "--reconcile is only accepted by `vera verify`, not `vera run`.",
    );
    let target = "Invalid --target value: x (expected 'wasm', 'browser', or 'wasi-p2')";
    desk.refuses("compile --target x calc.vera", target);
    desk.refuses(
        "run --world x calc.vera",
        "Invalid --world value: x (expected 'cli' or 'server')",
    );
    let place = json!({"line": 0, "column": 0});
    assert_eq!(
        desk.json("run --json --target x calc.vera", 1),
        json!({"ok": false, "file": "", "diagnostics":
            [{"severity": "error", "description": target, "location": place}]})
    );
}

// Input ------------------------------------------------------------------------

#[test]
fn a_missing_file_reads_the_same_from_every_command() {
    let desk = Desk::new();
    for command in ["check", "run", "compile", "fmt", "fmt --check", "fmt --write", "parse", "ast"]
    {
        desk.refuses(&format!("{command} nope.vera"), "file not found: nope.vera");
    }
    let diagnostic = json!({"severity": "error", "description": "file not found: nope.vera",
        "location": {"line": 0, "column": 0}});
    assert_eq!(
        desk.json("check --json nope.vera", 1),
        json!({"ok": false, "file": "nope.vera", "diagnostics": [diagnostic], "warnings": []})
    );
    assert_eq!(
        desk.json("run --json nope.vera", 1),
        json!({"ok": false, "file": "nope.vera", "diagnostics": [diagnostic]})
    );
    assert_eq!(
        desk.json("check --json --explain-slots nope.vera", 1)["slot_environments"],
        json!([])
    );
}

#[test]
fn a_directory_and_bytes_that_are_no_text_are_refused() {
    let desk = Desk::new().with("bytes.vera", b"abc\xff\xfe").with("dir.vera/x", "");
    for command in ["check", "run", "compile", "fmt", "parse", "ast"] {
        let why = match command {
            "fmt" => "dir.vera is a directory: give --check or --write",
            "check" => "no .vera files below dir.vera",
            _ => "cannot read dir.vera: is a directory",
        };
        desk.refuses(&format!("{command} dir.vera"), why);
        desk.refuses_first(
            &format!("{command} bytes.vera"),
            "cannot read bytes.vera: not valid UTF-8 (byte 3)",
        );
    }
    let envelope = desk.json("check --json bytes.vera", 1);
    assert_eq!(envelope["diagnostics"][0]["location"], json!({"line": 0, "column": 0}));
    assert_eq!(envelope["diagnostics"][0].get("error_code"), None);
}

#[test]
fn an_empty_file_is_a_program() {
    let desk = Desk::new().with("empty.vera", "");
    desk.says("check empty.vera", 0, "OK: empty.vera\n", "");
    desk.says("fmt empty.vera", 0, "\n", "");
    desk.says("compile empty.vera", 0, "Compiled: empty.wasm (0 functions exported)\n", "");
    desk.refuses_first("run empty.vera", "No exported functions to call.");
}

#[test]
fn line_ends_and_byte_order_marks() {
    let crlf = BAD.replace('\n', "\r\n");
    let cr = BAD.replace('\n', "\r");
    let text = main_fn("@String", "pure", "\"a\r\nb\rc\"");
    let desk = Desk::new()
        .with("crlf.vera", &crlf)
        .with("cr.vera", cr)
        .with("bom.vera", format!("\u{feff}{CALC}"))
        .with("text.vera", text);
    for file in ["crlf.vera", "cr.vera"] {
        let envelope = desk.json(&format!("check --json {file}"), 1);
        let diagnostic = &envelope["diagnostics"][0];
        assert_eq!(diagnostic["location"], json!({"line": 5, "column": 3, "file": file}));
        assert_eq!(diagnostic["source_line"], "  @Int.1");
        desk.says(&format!("fmt --check {file}"), 1, "", &format!("Would reformat: {file}\n"));
        desk.says(&format!("fmt {file}"), 0, BAD, "");
    }
    desk.says("run text.vera", 0, "a\nb\nc\n", "");
    desk.says("check bom.vera", 0, "OK: bom.vera\n", "");
    desk.says("fmt bom.vera", 0, CALC, "");
    // Only the first is skipped.
    let twice = format!("\u{feff}\u{feff}{CALC}");
    let desk = desk.with("twice.vera", &twice).with("main.vera", "import twice;\n");
    let second = desk.json("check --json twice.vera", 1)["diagnostics"][0].clone();
    assert_eq!(second["error_code"], "E006");
    assert_eq!(second["location"], json!({"line": 1, "column": 1, "file": "twice.vera"}));
    let piped = desk.tool("check --json -").stdin(twice.as_str()).run().json();
    assert_eq!(piped["diagnostics"][0]["error_code"], "E006");
    assert_eq!(desk.json("check --json main.vera", 1)["diagnostics"][0]["error_code"], "E013");
    assert_eq!(desk.run("fmt twice.vera").code, Some(1));
}

#[test]
fn standard_input_is_a_file_called_minus() {
    let desk = Desk::new();
    let answer = main_fn("@Int", "pure", "6 * 7");
    let feed = |line: &str, text: &str| desk.tool(line).stdin(text).run();
    assert_eq!(feed("check -", &answer).stdout, "OK: -\n");
    assert_eq!(feed("run -", &answer).stdout, "42\n");
    assert_eq!(feed("fmt -", &answer).stdout, answer);
    assert_eq!(feed("fmt --check -", &answer).stdout, "OK: -\n");
    assert_eq!(feed("fmt --write -", &answer).code, Some(1));
    let envelope = feed("check --json -", BAD).json();
    assert_eq!(envelope["file"], "-");
    let file = envelope["diagnostics"][0]["location"]["file"].as_str().unwrap_or_default();
    assert!(file.ends_with("/stdin.vera"), "{file}");
    assert_eq!(feed("compile -", &answer).code, Some(0));
    assert!(desk.path("stdin.wasm").exists());
}

// check ------------------------------------------------------------------------

#[test]
fn check_in_words() {
    let desk = Desk::new();
    desk.says("check calc.vera", 0, "OK: calc.vera\n", "");
    desk.says("typecheck calc.vera", 0, "OK: calc.vera\n", "");
    desk.says("check --quiet calc.vera", 0, "", "");
    let outcome = desk.run("check bad.vera");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
    let head = "[E130] Error at bad.vera, line 5, column 3:\n\n      @Int.1\n      ^\n\n  ";
    assert!(outcome.stderr.starts_with(head), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("\n\n  Fix:\n\n    "), "{}", outcome.stderr);
    assert_eq!(desk.run("check --quiet bad.vera").stderr, outcome.stderr);
}

#[test]
fn a_warning_is_said_before_ok() {
    let desk = Desk::new().with("hole.vera", main_fn("@Int", "pure", "?"));
    let outcome = desk.run("check hole.vera");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(0), "OK: hole.vera\n"));
    assert!(
        outcome.stderr.starts_with("warning: [W001] Warning at hole.vera, line 6, column 3:\n")
    );
    let envelope = desk.json("check --json hole.vera", 0);
    assert_eq!(envelope["ok"], true);
    assert_eq!(envelope["diagnostics"], json!([]));
    assert_eq!(envelope["warnings"][0]["severity"], "warning");
    assert_eq!(desk.run("run hole.vera").code, Some(1));
}

#[test]
fn check_in_json() {
    let desk = Desk::new();
    assert_eq!(
        desk.run("check --json calc.vera").stdout,
        "{\n  \"ok\": true,\n  \"file\": \"calc.vera\",\n  \"diagnostics\": [],\n  \"warnings\": []\n}\n"
    );
    let envelope = desk.json("check --json bad.vera", 1);
    let keys: Vec<&String> = envelope.as_object().expect("an object").keys().collect();
    assert_eq!(keys.len(), 4);
    let diagnostic = &envelope["diagnostics"][0];
    assert_eq!(diagnostic["severity"], "error");
    assert_eq!(diagnostic["error_code"], "E130");
    assert_eq!(diagnostic["location"], json!({"line": 5, "column": 3, "file": "bad.vera"}));
    assert_eq!(diagnostic["source_line"], "  @Int.1");
}

#[test]
fn columns_count_code_points_and_json_is_ascii() {
    let desk =
        Desk::new().with("wide.vera", main_fn("@String", "pure", "{- é😀 -} \"é\\(@Int.0)\""));
    let envelope = desk.json("check --json wide.vera", 1);
    assert_eq!(envelope["diagnostics"][0]["location"]["column"], 16);
    assert!(desk.run("check --json wide.vera").stdout.contains("\\ud83d\\ude00"));
}

#[test]
fn explain_slots() {
    let tables = "
Slot environments (index 0 = last occurrence in signature):

  fn half(@Nat, @Nat -> @Nat)
    @Nat.0  parameter 2 (last @Nat)
    @Nat.1  parameter 1 (first @Nat)

  fn bump(@Int -> @Int)
    @Int.0  parameter 1 (only @Int)
    where fn step(@Int -> @Int)
      @Int.0  parameter 1 (only @Int)

  fn hidden(@Int -> @Int)
    @Int.0  parameter 1 (only @Int)

  fn same(@T -> @T)
    @T.0  parameter 1 (only @T)

";
    let desk = Desk::new();
    desk.says("check --explain-slots calc.vera", 0, &format!("OK: calc.vera\n{tables}"), "");
    desk.says("check --quiet --explain-slots calc.vera", 0, tables, "");
    let outcome = desk.run("check --explain-slots bad.vera");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
    let envelope = desk.json("check --json --explain-slots calc.vera", 0);
    assert_eq!(
        envelope["slot_environments"][0],
        json!({"function": "half", "slots": [
            {"slot": "@Nat.0", "type": "Nat", "parameter": 2},
            {"slot": "@Nat.1", "type": "Nat", "parameter": 1}]})
    );
    assert_eq!(envelope["slot_environments"][2]["function"], "bump.step");
    assert_eq!(
        desk.json("check --json --explain-slots bad.vera", 1)["slot_environments"],
        json!([])
    );
}

#[test]
fn a_syntax_error_is_the_only_one() {
    let desk = Desk::new().with("syntax.vera", format!("{BAD}\nfn oops(\n"));
    for command in ["check", "run", "compile", "fmt", "parse", "ast"] {
        let outcome = desk.run(&format!("{command} syntax.vera"));
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""), "{command}");
        assert!(
            outcome.stderr.starts_with("[E005] Error at syntax.vera, line 8, column 8:"),
            "{command}: {}",
            outcome.stderr
        );
    }
    let envelope = desk.json("check --json syntax.vera", 1);
    assert_eq!(envelope["diagnostics"].as_array().map(Vec::len), Some(1));
}

// compile ----------------------------------------------------------------------

#[test]
fn compile_writes_beside_the_source() {
    let desk = Desk::new().with("one.vera", main_fn("@Int", "pure", "1"));
    desk.says("compile calc.vera", 0, "Compiled: calc.wasm (2 functions exported)\n", "");
    desk.says(
        "compile one.vera -o other.wasm",
        0,
        "Compiled: other.wasm (1 function exported)\n",
        "",
    );
    for name in ["calc.wasm", "other.wasm"] {
        let bytes = std::fs::read(desk.path(name)).expect("written");
        assert_eq!(&bytes[..8], b"\0asm\x01\0\0\0", "{name}");
    }
    assert!(!desk.path("one.wasm").exists());
}

#[test]
fn compile_says_which_output_it_cannot_write() {
    let desk = Desk::new();
    let outcome = desk.run("compile calc.vera -o nodir/x.wasm");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
    assert!(outcome.stderr.starts_with("Error: ") && outcome.stderr.contains("nodir/x.wasm"));
    assert!(!desk.path("nodir").exists());
}

#[test]
fn compile_in_json_and_as_text() {
    let desk = Desk::new();
    assert_eq!(
        desk.json("compile --json calc.vera", 0),
        json!({"ok": true, "file": "calc.vera", "exports": ["half", "bump"],
            "diagnostics": [], "warnings": []})
    );
    assert!(!desk.path("calc.wasm").exists(), "--json is a query");
    let outcome = desk.run("compile --wat calc.vera");
    assert_eq!(outcome.code, Some(0));
    assert!(outcome.stdout.starts_with("(module"));
    assert!(outcome.stdout.contains("(export \"half\""));
    assert!(!desk.path("calc.wasm").exists(), "--wat prints");
    let envelope = desk.json("compile --json bad.vera", 1);
    assert_eq!(envelope["diagnostics"][0]["error_code"], "E130");
}

// fmt, parse, ast, listings ------------------------------------------------------

#[test]
fn fmt() {
    let squeezed = "private fn f(@Int->@Int) requires(true) effects(pure) {@Int.1}";
    let desk = Desk::new().with("squeezed.vera", squeezed);
    desk.says("fmt squeezed.vera", 0, BAD, "");
    desk.says("fmt --check squeezed.vera", 1, "", "Would reformat: squeezed.vera\n");
    desk.says("fmt --check --write squeezed.vera", 1, "", "Would reformat: squeezed.vera\n");
    assert_eq!(std::fs::read_to_string(desk.path("squeezed.vera")).expect("kept"), squeezed);
    desk.says("fmt --write squeezed.vera", 0, "Formatted: squeezed.vera\n", "");
    assert_eq!(std::fs::read_to_string(desk.path("squeezed.vera")).expect("written"), BAD);
    desk.says("fmt --check squeezed.vera", 0, "OK: squeezed.vera\n", "");
    desk.says("fmt --write squeezed.vera", 0, "Formatted: squeezed.vera\n", "");
    desk.says("fmt bad.vera", 0, BAD, "");
}

#[test]
fn fix_applies_what_is_safe_and_leaves_the_rest() {
    let slips = "fn f(@Int) -> @Int\r\n  requires(true)\r\n  effects(pure)\r\n  ensures(true)\r\n{\r\n  // note\r\n  if @Int.0 > 0 {\r\n    return 1\r\n  } else if true {\r\n    let @Int = 1\r\n    2\r\n  } else { print(\"\") }\r\n}\r\n";
    let desk = Desk::new().with("slips.vera", slips);
    let shown = desk.json("fix --dry-run --json slips.vera", 1);
    assert_eq!(std::fs::read_to_string(desk.path("slips.vera")).expect("kept"), slips);
    let outcome = desk.run("fix slips.vera");
    assert_eq!(
        outcome.stdout,
        "Fixed: slips.vera (10 repairs)\n  line 1: Move the ')' behind the result\n  line 3: Move the clause before 'effects'\n  line 1: Insert 'private'\n  line 6: Write '--'\n  line 7: Insert 'then'\n  line 8: Delete 'return'\n  line 9: Put the second 'if' into a block\n  line 9: Insert 'then'\n  line 10: Insert ';'\n  line 12: Write `IO.print`\n"
    );
    assert_eq!(shown["fixed"].as_array().map(Vec::len), Some(10));
    let text = "private fn f(@Int -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  -- note\n  if @Int.0 > 0 then {\n    1\n  } else { if true then {\n    let @Int = 1;\n    2\n  } else { IO.print(\"\") } }\n}\n";
    let written = std::fs::read_to_string(desk.path("slips.vera")).expect("written");
    assert_eq!(written, text.replace('\n', "\r\n"));
    let left = desk.json("fix --json slips.vera", 1);
    assert_eq!((&left["fixed"], &left["fixable"]), (&json!([]), &json!(1)));
    desk.says("fix calc.vera", 0, "Nothing to fix: calc.vera\n", "");
}

#[test]
fn parse_and_ast() {
    let desk = Desk::new();
    assert_eq!(desk.run("parse calc.vera").code, Some(0));
    assert!(desk.run("ast calc.vera").stdout.starts_with("Program\n"));
    let tree = desk.json("ast --json bad.vera", 0);
    assert_eq!(tree["_type"], "Program");
    let declaration = &tree["declarations"][0];
    assert_eq!(declaration["_type"], "TopLevelDecl");
    assert_eq!(declaration["visibility"], "private");
    assert_eq!(declaration["decl"]["name"], "f");
    assert_eq!(
        declaration["decl"]["body"]["expr"],
        json!({"_type": "SlotRef", "span": {"line": 5, "column": 3, "end_line": 5, "end_column": 9},
            "type_name": "Int", "type_args": null, "index": 1})
    );
}

#[test]
fn listings() {
    let desk = Desk::new();
    for (command, schema, first) in [
        ("builtins", "vera-builtins/1", "abs"),
        ("effects", "vera-effects/1", "Async"),
        ("errors", "vera-errors/1", "E001"),
    ] {
        let text = desk.run(command);
        assert_eq!((text.code, text.stderr.as_str()), (Some(0), ""), "{command}");
        assert!(text.stdout.starts_with(first), "{command}");
        assert!(text.stdout.lines().all(|line| line == line.trim_end()), "{command}");
        let listing = desk.json(&format!("{command} --json"), 0);
        assert_eq!(listing["schema"], schema);
        let items = listing["items"].as_array().expect("a list");
        assert_eq!(items.len(), text.stdout.lines().count(), "{command}");
    }
    let builtins = desk.json("builtins --json", 0);
    assert_eq!(builtins["items"].as_array().map(Vec::len), Some(248));
    let one = desk.run("builtins abs");
    assert_eq!(
        one.stdout,
        "abs (Int -> Nat)\n\n  the absolute value; −2^63 traps\n  abs(-3) shows as 3\n"
    );
    assert_eq!(
        desk.json("builtins sha256 --json", 0)["items"][0]["signature"],
        "(String -> String)"
    );
    assert_eq!(
        desk.json("builtins array_take --json", 0)["items"][0]["example"],
        json!({"call": "array_take([1, 2, 3], 2)", "shown": "[1, 2]"})
    );
    let none = desk.run("builtins absolute");
    assert_eq!((none.code, none.stdout.as_str()), (Some(1), ""));
    assert_eq!(
        none.stderr,
        "No built-in function is called `absolute`; `vera builtins` lists them.\n"
    );
    let effects = desk.json("effects --json", 0);
    assert_eq!(effects["items"].as_array().map(Vec::len), Some(14));
    assert_eq!(effects["items"][10]["kind"], "ability");
}

// Modules ------------------------------------------------------------------------

#[test]
fn imports_are_found_beside_the_importer_and_beside_the_entry() {
    let call =
        |import: &str, body: &str| format!("import {import};\n\n{}", main_fn("@Int", "pure", body));
    let module = |body: &str| function("pick", "@Int", "@Int", "pure", body);
    let desk = Desk::new()
        .with("app/main.vera", call("sub.use", "go(1)"))
        .with(
            "app/sub/use.vera",
            format!(
                "import k;\nimport base;\n\n{}",
                function("go", "@Int", "@Int", "pure", "pick(@Int.0) + root(@Int.0)")
            ),
        )
        .with("app/sub/k.vera", module("@Int.0 + 100"))
        .with("app/base.vera", function("root", "@Int", "@Int", "pure", "@Int.0 + 1000"))
        .with("k.vera", module("@Int.0 + 7"));
    desk.says("run app/main.vera", 0, "1102\n", "");
}

#[test]
fn a_module_that_is_not_there() {
    let desk = Desk::new()
        .with("main.vera", format!("import lib.gone;\n\n{}", main_fn("@Int", "pure", "1")));
    let envelope = desk.json("check --json main.vera", 1);
    let diagnostic = &envelope["diagnostics"][0];
    assert_eq!(diagnostic["error_code"], "E012");
    assert_eq!(diagnostic["location"], json!({"line": 1, "column": 1, "file": "main.vera"}));
    assert_eq!(diagnostic["description"], "Cannot resolve import 'lib.gone': no file found.");
    assert!(diagnostic["rationale"].as_str().unwrap_or_default().contains("lib/gone.vera"));
}

#[test]
fn a_module_that_is_no_text() {
    let desk = Desk::new()
        .with("main.vera", format!("import bytes;\n\n{}", main_fn("@Int", "pure", "1")))
        .with("bytes.vera", b"abc\xff\xfe");
    let diagnostic = &desk.json("check --json main.vera", 1)["diagnostics"][0];
    assert_eq!(diagnostic["error_code"], "E012");
    let why = "Cannot resolve import 'bytes': not valid UTF-8 (byte 3).";
    assert_eq!(diagnostic["description"], why);
    assert_eq!(diagnostic["fix"], "Save `bytes.vera` as UTF-8.");
}

/// Import paths are relative to the entry file, so a module that is checked alone cannot
/// name its neighbours from the root of its program; the report says where that is.
#[test]
fn a_module_that_is_further_up() {
    let one = function("one", "", "@Int", "pure", "1");
    let wrong = function("wrong", "", "@Int", "pure", "one()");
    let desk = Desk::new()
        .with("main.vera", format!("import pkg.x;\n\n{}", main_fn("@Int", "pure", "wrong()")))
        .with("pkg/x.vera", format!("import pkg.y;\n\n{wrong}"))
        .with("pkg/y.vera", one);
    desk.says("run main.vera", 0, "1\n", "");
    let diagnostic = &desk.json("check --json pkg/x.vera", 1)["diagnostics"][0];
    let fix = diagnostic["fix"].as_str().unwrap_or_default();
    assert!(fix.starts_with("There is a file `pkg/y.vera`."), "{fix}");
    assert!(fix.contains("give it one in `.`"), "{fix}");
}

#[test]
fn a_module_that_imports_its_importer() {
    let desk = Desk::new()
        .with("a.vera", format!("import b;\n\n{}", main_fn("@Int", "pure", "1")))
        .with("b.vera", "import a;\n")
        .with("selfish.vera", "import selfish;\n");
    let envelope = desk.json("check --json a.vera", 1);
    let diagnostic = &envelope["diagnostics"][0];
    assert_eq!(diagnostic["error_code"], "E011");
    assert_eq!(
        diagnostic["description"],
        "Circular import detected: 'b' is already being resolved."
    );
    assert_eq!(desk.json("check --json selfish.vera", 1)["diagnostics"][0]["error_code"], "E011");
}

#[test]
fn a_module_with_a_mistake_inside() {
    let desk = Desk::new()
        .with(
            "main.vera",
            format!("import broken;\nimport bad;\n\n{}", main_fn("@Int", "pure", "1")),
        )
        .with("broken.vera", "public fn f(@Int -> @Int)\n{ 1 }\n");
    let envelope = desk.json("check --json main.vera", 1);
    let all = envelope["diagnostics"].as_array().expect("a list");
    assert_eq!(all.len(), 2);
    assert_eq!(all[0]["error_code"], "E013");
    assert_eq!(all[0]["location"], json!({"line": 1, "column": 1, "file": "main.vera"}));
    assert!(all[0].to_string().contains("E001"), "the module's own error is shown");
    assert_eq!(all[1]["error_code"], "E130");
    assert!(all[1]["location"]["file"].as_str().unwrap_or_default().ends_with("bad.vera"));
}

#[test]
fn private_and_ambiguous_names() {
    let module =
        |visibility: &str| CALC.replace("public fn bump", &format!("{visibility} fn bump"));
    let main = main_fn("@Int", "pure", "bump(1)");
    let desk = Desk::new()
        .with("left.vera", module("public"))
        .with("right.vera", module("public"))
        .with("shut.vera", module("private"))
        .with("two.vera", format!("import left(bump);\nimport right(bump);\n\n{main}"))
        .with("none.vera", format!("import shut(bump);\n\n{main}"));
    let codes = |file: &str| -> Vec<(String, u64)> {
        let envelope = desk.json(&format!("check --json {file}"), 1);
        let all = envelope["diagnostics"].as_array().expect("a list").iter();
        all.map(|d| {
            (
                d["error_code"].as_str().unwrap_or_default().to_owned(),
                d["location"]["line"].as_u64().unwrap_or(0),
            )
        })
        .collect()
    };
    assert_eq!(codes("two.vera"), [("E155".to_owned(), 2)]);
    assert_eq!(codes("none.vera"), [("E150".to_owned(), 1), ("E200".to_owned(), 8)]);
}

// Size ---------------------------------------------------------------------------

#[test]
fn ten_megabytes_on_one_line() {
    let source = format!(
        "public fn main(@Unit -> @Nat) requires(true) ensures(true) effects(pure) {{ string_length(\"{}\") }}",
        "x".repeat(10_000_000)
    );
    let desk = Desk::new().with("long.vera", source);
    desk.says("check long.vera", 0, "OK: long.vera\n", "");
    desk.says("run long.vera", 0, "10000000\n", "");
    assert_eq!(desk.run("fmt long.vera").code, Some(0));
}

#[test]
fn ten_megabytes_of_a_mistake() {
    let source = format!("{}§", "a ".repeat(5_000_000));
    let desk = Desk::new().with("noise.vera", source);
    let outcome = desk.run("check noise.vera");
    assert_eq!(outcome.code, Some(1));
}

/// Every way to nest, 10,000 deep: an answer or a diagnostic, never a crash.
#[test]
fn ten_thousand_levels() {
    let n = 10_000;
    let nested = |open: &str, inner: &str, close: &str| {
        format!("{}{inner}{}", open.repeat(n), close.repeat(n))
    };
    let bodies = [
        ("parentheses", nested("(", "1", ")")),
        ("blocks", nested("{ ", "1", " }")),
        ("negation", nested("- ", "1", "")),
        ("sums", nested("1 + ", "1", "")),
        ("calls", nested("abs(", "1", ")")),
        ("pipes", nested("", "1", " |> abs()")),
        ("arrays", format!("array_length({})", nested("[", "1", "]"))),
        ("ifs", nested("if true then { ", "1", " } else { 2 }")),
        ("matches", nested("match 1 { _ -> ", "1", " }")),
        ("lets", nested("let @Int = { ", "1", " }; @Int.0")),
        ("statements", nested("abs(1); ", "1", "")),
        ("long let chain", format!("{}@Int.0", "let @Int = 1; ".repeat(n))),
        ("indexes", format!("{}{}", "[1]", "[0]".repeat(n))),
        (
            "implications",
            format!("if {} then {{ 1 }} else {{ 2 }}", nested("true ==> ", "true", "")),
        ),
        ("closures", nested("apply_fn(fn(-> @Int) effects(pure) { ", "1", " })")),
        ("holes", nested("array_length([\"\\(", "1", ")\"])")),
        ("constructors", format!("match {} {{ _ -> 1 }}", nested("Some(", "1", ")"))),
        ("patterns", format!("match Some(1) {{ {} -> 1, _ -> 2 }}", nested("Some(", "_", ")"))),
        ("types", format!("let @{} = None; 1", nested("Option<", "Int", ">"))),
    ];
    // Not `ast --json`: its indentation alone is quadratic in the depth.
    let commands = ["check", "fmt", "run"];
    common::in_parallel(&bodies, |(name, body)| {
        let desk = Desk::new().with("deep.vera", main_fn("@Int", "pure", body));
        for command in commands {
            let outcome = desk.tool(&format!("{command} deep.vera")).run();
            outcome.clean().unwrap_or_else(|error| panic!("{name}, {command}: {error:.600}"));
            assert!(matches!(outcome.code, Some(0 | 1)), "{name}, {command}");
            assert!(
                outcome.code == Some(0) || !outcome.stderr.is_empty(),
                "{name}, {command}: refused without a word"
            );
        }
    });
}
