//! What is said about failing and untested functions, as text and as JSON.

use vera_check::NoModules;
use vera_diagnostics::{SourceFile, Styles, json_text, render_text};
use vera_host::CacheDir;
use vera_test::{Options, Tools, to_json, to_text};
use vera_verify::NoCache;
use vera_wasm::EmitOptions;

/// The report on a program, the diagnostics in full, and the report as JSON.
fn report(program: &str, distrust: bool) -> String {
    let checked = vera_check::check(SourceFile::new("t.vera", program), &mut NoModules);
    let typed = checked.program.expect("a well-typed program");
    let options = Options { trials: 20, function: None, distrust, seed: 0, timeout_ms: 1_000 };
    let tools = Tools {
        proofs: &NoCache,
        code: &CacheDir::Off,
        emit: EmitOptions::default(),
        build: String::new(),
    };
    let sources = &checked.sources;
    let report =
        vera_test::test(&typed, sources, &options, &tools, &Default::default()).expect("a report");
    let mut out = to_text(&report, "t.vera", &Styles::PLAIN);
    for diagnostic in &report.diagnostics {
        out.push('\n');
        out.push_str(&render_text(diagnostic, sources));
    }
    out.push('\n');
    out.push_str(&json_text(&to_json(&report, "t.vera", sources)));
    out
}

#[test]
fn e700_a_violated_postcondition() {
    insta::assert_snapshot!(report(
        "public fn f(@Int, @String -> @Int)
  requires(true)
  ensures(array_length(string_chars(to_string(@Int.result))) < 3)
  effects(pure)
{
  @Int.0
}
",
        false
    ));
}

#[test]
fn e701_a_precondition_that_no_input_meets() {
    insta::assert_snapshot!(report(
        "public fn f(@String -> @Int)
  requires(string_length(string_strip(@String.0)) > 900)
  ensures(string_length(@String.0) > 2)
  effects(pure)
{
  1
}
",
        false
    ));
}

#[test]
fn e702_a_proof_without_a_check() {
    insta::assert_snapshot!(report(
        "public fn f(@Int -> @Int)
  requires(@Int.0 > 0)
  ensures(true)
  effects(pure)
{
  @Int.0
}
",
        true
    ));
}

#[test]
fn cells_without_a_start_value() {
    insta::assert_snapshot!(report(
        "type Pos = { @Int | @Int.0 > 0 };
type Small = { @Int | @Int.0 < 1 };

public fn optional(@Int -> @Int)
  requires(true)
  ensures(array_length(string_chars(to_string(@Int.result))) < 2)
  effects(<State<Option<Int>>>)
{
  put(Some(@Int.0));
  @Int.0
}

public fn positive(@Int -> @Int)
  requires(true)
  ensures(array_length(string_chars(to_string(@Int.result))) < 2)
  effects(<State<Bool>, State<Pos>>)
{
  @Int.0
}

public fn zero(@Int -> @Int)
  requires(true)
  ensures(array_length(string_chars(to_string(@Int.result))) < 30)
  effects(<State<Small>, State<Float64>>)
{
  @Int.0
}

public fn proved(@Int -> @Int)
  requires(true)
  ensures(@Int.result == @Int.0)
  effects(<State<Pos>>)
{
  @Int.0
}
",
        true
    ));
}

#[test]
fn e703_a_proof_that_rests_on_a_false_assumption() {
    insta::assert_snapshot!(report(
        "public fn f(@Int -> @Int)
  requires(true)
  ensures(@Int.result > 0)
  effects(pure)
{
  assume(@Int.0 > 0);
  @Int.0
}
",
        true
    ));
}

#[test]
fn e703_an_assumption_about_an_unknown_value() {
    insta::assert_snapshot!(report(
        "public fn f(@Int -> @Int)
  requires(true)
  ensures(@Int.result > 0)
  effects(<IO>)
{
  let @Int = string_length(IO.read_line(()));
  assume(@Int.0 > 0);
  @Int.0
}
",
        true
    ));
}
