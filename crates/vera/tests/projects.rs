//! Projects: manifests, modules verified beside the program, several files at once, and
//! the commands that begin, describe and explain.

mod common;

use common::desk::{Desk, function};
use serde_json::json;

const MANIFEST: &str = "[package]\nname = \"shop\"\nroot = \"src\"\nentry = \"src/main.vera\"\n";

/// A function whose postcondition does not hold.
const BROKEN: &str = "module lib.price;\n\npublic fn total(@Int, @Int -> @Int)\n  requires(true)\n  ensures(@Int.result == @Int.0 + @Int.1 + 1)\n  effects(pure)\n{\n  @Int.0 + @Int.1\n}\n";

/// A program that relies on [`BROKEN`].
fn main_vera() -> String {
    format!(
        "import lib.price(total);\n\n{}",
        function("main", "@Unit", "@Int", "pure", "total(2, 3)")
    )
}

fn shop() -> Desk {
    Desk::new()
        .with("vera.toml", MANIFEST)
        .with("src/main.vera", main_vera())
        .with("src/lib/price.vera", BROKEN)
        .with("src/tools/report.vera", main_vera())
}

#[test]
fn a_module_deep_in_a_project_finds_the_others_from_the_root() {
    let desk = shop();
    desk.says("check src/tools/report.vera", 0, "OK: src/tools/report.vera\n", "");
    let without =
        Desk::new().with("src/lib/price.vera", BROKEN).with("src/tools/report.vera", main_vera());
    let report = without.json("check --json src/tools/report.vera", 1);
    assert_eq!(report["diagnostics"][0]["error_code"], "E012");
}

#[test]
fn where_no_file_is_given_the_entry_points_of_the_project_are_meant() {
    let desk = shop();
    desk.says("check", 0, "OK: src/main.vera\n", "");
    desk.refuses_first("run --fn main", "Postcondition violation in total(@Int, @Int -> @Int)");
}

#[test]
fn what_a_program_imports_is_verified_with_it() {
    let desk = shop();
    let outcome = desk.run("verify src/main.vera");
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""));
    let first = "[E500] Error at src/lib/price.vera, line 5, column 3:";
    assert_eq!(outcome.stderr.lines().next(), Some(first));
    let report = desk.json("verify --json src/main.vera", 1);
    assert_eq!(report["ok"], false);
    assert_eq!(report["diagnostics"], json!([]));
    assert_eq!(report["verification"]["total"], 2);
    assert_eq!(report["overview"]["trusted"], json!([]));
    let module = &report["modules"][0];
    assert_eq!((&module["file"], &module["ok"]), (&json!("src/lib/price.vera"), &json!(false)));
    assert_eq!(module["diagnostics"][0]["error_code"], "E500");
    assert_eq!(desk.json("test --json src/main.vera", 1)["modules"][0]["ok"], false);
}

#[test]
fn entry_only_says_what_is_trusted() {
    let desk = shop();
    let said = "OK: src/main.vera\nVerification: 2 verified (Tier 1)\n1 function: 1 proved; 2 clauses are `true`\nTrusted: contracts not verified here: total (lib.price)\n";
    desk.says("verify --entry-only src/main.vera", 0, said, "");
    assert_eq!(desk.json("verify --json --entry-only src/main.vera", 0).get("modules"), None);
}

#[test]
fn one_function_is_verified_alone() {
    let text = format!(
        "{}\n{}",
        BROKEN.trim_start_matches("module lib.price;\n\n"),
        function("main", "@Unit", "@Int", "pure", "total(2, 3)")
    );
    let desk = Desk::new().with("f.vera", text);
    let said = "OK: f.vera\nVerification: 2 verified (Tier 1)\n1 function: 1 proved; 2 clauses are `true`\nTrusted: contracts not verified here: total\n";
    desk.says("verify --fn main f.vera", 0, said, "");
    assert_eq!(desk.run("verify --fn total f.vera").code, Some(1));
    desk.refuses("verify --fn other f.vera", "no function is called `other` in f.vera");
}

#[test]
fn a_manifest_that_is_none_is_told() {
    let desk = shop().with("vera.toml", "[package]\nname = shop\n");
    let report = desk.json("check --json src/main.vera", 1);
    assert_eq!(report["diagnostics"][0]["error_code"], "E015");
    let why = "vera.toml: line 2: string values must be quoted, expected literal string";
    desk.refuses("verify src/main.vera", why);
    desk.refuses("run", why);
}

#[test]
fn an_import_that_two_files_answer_is_refused_in_a_project() {
    let desk = shop().with("src/tools/lib/price.vera", BROKEN);
    let report = desk.json("check --json src/tools/report.vera", 1);
    let first = &report["diagnostics"][0];
    assert_eq!(first["error_code"], "E014");
    assert_eq!(
        first["description"],
        "Import 'lib.price' is found in several places: src/tools/lib/price.vera, src/lib/price.vera."
    );
}

#[test]
fn a_dependency_is_found_by_its_name() {
    let area = function("area", "@Int", "@Int", "pure", "@Int.0 * @Int.0");
    let main = function("main", "@Unit", "@Int", "pure", "area(3)");
    let desk = Desk::new()
        .with("geom/vera.toml", "[package]\nname = \"geom\"\nroot = \"lib\"\n")
        .with("geom/lib/square.vera", area)
        .with(
            "app/vera.toml",
            "[package]\nname = \"app\"\n\n[dependencies]\ngeom = { path = \"../geom\" }\n",
        )
        .with("app/main.vera", format!("import geom.square(area);\n\n{main}"));
    desk.says("run app/main.vera", 0, "9\n", "");
    // Another project's proofs are its own.
    assert_eq!(desk.json("verify --json app/main.vera", 0).get("modules"), None);
}

#[test]
fn the_prover_is_set_by_the_project() {
    let strict = format!("{MANIFEST}\n[prover]\nstrict = true\n");
    let body = "100 / Random.random_int(0, 10)";
    let text = function("main", "@Unit", "@Int", "<Random>", body);
    let desk = Desk::new().with("src/main.vera", text);
    assert_eq!(desk.run("verify src/main.vera").code, Some(0));
    let desk = desk.with("vera.toml", strict);
    assert_eq!(desk.run("verify src/main.vera").code, Some(1));
}

#[test]
fn several_files_and_directories_are_one_command() {
    let desk = Desk::new().with("dir/b.vera", "").with("dir/a.vera", "").with("dir/.h/c.vera", "x");
    desk.says("check dir calc.vera", 0, "OK: dir/a.vera\nOK: dir/b.vera\nOK: calc.vera\n", "");
    let report = desk.json("check --json dir bad.vera nope.vera", 1);
    assert_eq!(report["ok"], false);
    let files: Vec<_> = report["files"].as_array().unwrap().iter().map(|f| &f["file"]).collect();
    assert_eq!(files, ["dir/a.vera", "dir/b.vera", "bad.vera", "nope.vera"]);
    assert_eq!(report["files"][3]["diagnostics"][0]["description"], "file not found: nope.vera");
}

#[test]
fn a_new_project_is_proved_tested_formatted_and_runs() {
    let desk = Desk::new();
    assert_eq!(desk.run("new first-one").code, Some(0));
    desk.says("run first-one/src/main.vera", 0, "first_one: 42 within 0 and 10 is 10\n", "");
    assert_eq!(desk.run("verify --strict=all first-one/src").code, Some(0));
    assert_eq!(desk.run("test first-one/src").code, Some(0));
    assert_eq!(desk.run("fmt --check first-one/src").code, Some(0));
    desk.refuses("new first-one", "first-one exists already");
    desk.refuses_first(
        "new First",
        "`First` is no name for a project: it begins with a lower-case letter and goes on with such, digits, `_` and `-`",
    );
}

#[test]
fn the_interface_is_written_with_contracts_and_proofs() {
    let text = "-- Sums.\nmodule sums;\n\n-- Adds one.\npublic fn next(@Nat -> @Nat)\n  requires(@Nat.0 < 10)\n  ensures(@Nat.result > @Nat.0)\n  effects(pure)\n{\n  @Nat.0 + 1\n}\n\nprivate fn hidden(@Int -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  @Int.0\n}\n";
    let desk = Desk::new().with("sums.vera", text);
    let markdown = "# sums\n\nSums.\n\n## Functions\n\n### next\n\n```vera\npublic fn next(@Nat -> @Nat)\n  requires(@Nat.0 < 10)\n  ensures(@Nat.result > @Nat.0)\n  effects(pure)\n```\n\nAdds one.\n\n*proved*\n\n";
    desk.says("doc sums.vera", 0, markdown, "");
    desk.says("doc --format html -o out.html sums.vera", 0, "", "");
    let html = std::fs::read_to_string(desk.path("out.html")).unwrap();
    assert!(html.contains("<p>Adds one.</p>\n<p><em>proved</em></p>"), "{html}");
}

#[test]
fn codes_are_explained() {
    let desk = Desk::new();
    let report = desk.json("explain e500 --json", 0);
    let item = &report["items"][0];
    assert_eq!((&item["code"], &item["phase"]), (&json!("E500"), &json!("verify")));
    assert_eq!(item["meaning"], "a postcondition is false for the inputs shown");
    assert_eq!(item["report"]["error_code"], "E500");
    let text = desk.run("explain E130").stdout;
    assert!(text.starts_with("E130: "), "{text}");
    assert!(text.contains("\nFor example:\n\n    public fn f(@Int -> @Int)\n"), "{text}");
    desk.refuses("explain E999", "there is no code E999; `vera errors` lists them");
}

/// Examples of what checking reports are tested where it is made.
#[test]
fn the_examples_of_codes_draw_them() {
    let desk = Desk::new();
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/diagnostics");
    let mut codes: Vec<String> = std::fs::read_dir(examples)
        .unwrap()
        .filter_map(|entry| {
            Some(entry.ok()?.file_name().to_str()?.strip_suffix("_1.vera")?.to_owned())
        })
        .filter(|code| !["E1", "E2", "E3"].iter().any(|early| code.starts_with(early)))
        // Of several files.
        .filter(|code| !["E011", "E012", "E013", "W002"].contains(&code.as_str()))
        .collect();
    codes.sort();
    assert!(codes.len() > 50, "{codes:?}");
    for code in codes {
        let report = desk.json(&format!("explain --json {code}"), 0);
        assert_eq!(report["items"][0]["report"]["error_code"], code.as_str());
    }
}

#[test]
fn shells_and_manuals() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = desk.run(&format!("completions {shell}")).stdout;
        assert!(script.contains("explain-slots"), "{shell}");
    }
    assert!(desk.run("man").stdout.contains(".TH vera 1"));
    assert!(desk.run("man verify").stdout.contains("dump\\-smt"));
    desk.refuses("man nothing", "there is no command `nothing`; `vera help` lists them");
}

#[test]
fn watching_runs_again_when_a_program_changes() {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    let desk = Desk::new().with("f.vera", function("f", "@Int", "@Int", "pure", "@Int.0"));
    let mut vera = Command::new(env!("CARGO_BIN_EXE_vera"))
        .args(["check", "--watch", "f.vera"])
        .current_dir(desk.place())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("vera starts");
    let mut said = BufReader::new(vera.stderr.take().expect("piped")).lines();
    let mut line = || said.next().expect("a line").expect("text");
    assert_eq!(line(), "Watching for changes (Ctrl-C to stop).");
    let desk = desk.with("f.vera", function("f", "@Int", "@Int", "pure", "@Int.1"));
    assert_eq!(line(), "[E130] Error at f.vera, line 6, column 3:");
    vera.kill().expect("it runs still");
    vera.wait().expect("it ends");
    drop(desk);
}
