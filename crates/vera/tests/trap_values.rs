//! The values that broke a check, told by a second run.

mod common;

use common::{TempDir, vera};

const PROGRAM: &str = r#"private data Tree {
  Leaf,
  Node(Tree, Int, Tree)
}

type Pos = { @Int | @Int.0 > 0 };

public fn post(@Tree, @String -> @Int)
  requires(@String.0 != "")
  ensures(@Int.result > 0 && @Tree.0 != Leaf && string_length(@String.0) > 0)
  effects(<IO>)
{
  IO.print("once");
  match @Tree.0 {
    Leaf -> 0,
    Node(@Tree, @Int, @Tree) -> @Int.0
  }
}

public fn at(@Array<Int>, @Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  @Array<Int>.0[@Int.0 + 1]
}

public fn pos(@Int -> @Pos)
  requires(true)
  ensures(true)
  effects(pure)
{
  @Int.0 - 3
}

public fn nat(@Int -> @Nat)
  requires(true)
  ensures(true)
  effects(pure)
{
  @Int.0 - 3
}

public fn asserted(@Int -> @Unit)
  requires(true)
  ensures(true)
  effects(pure)
{
  let @Array<Int> = [@Int.0, 2];
  assert(array_all(@Array<Int>.0, fn(@Int -> @Bool) effects(pure) { let @Bool = @Int.0 < @Int.1; @Bool.0 }));
  ()
}

public fn long(@Unit -> @Unit)
  requires(true)
  ensures(true)
  effects(pure)
{
  let @String = string_repeat("é", 500);
  assert(@String.0 == "")
}

public fn applied(@Unit -> @Unit)
  requires(true)
  ensures(true)
  effects(pure)
{
  let @fn(Int -> Int) effects(pure) = fn(@Int -> @Int) effects(pure) { @Int.0 };
  assert(apply_fn(@Fn.0, 1) == 2)
}

public fn add(@Int, @Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  (@Int.1 + 3) + @Int.0
}

public fn subtract(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  @Int.0 - 9
}

public fn multiply(@Int, @Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  @Int.1 * @Int.0
}

public fn quotient(@Int, @Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  @Int.1 / (@Int.0 - 2)
}

public fn remainder(@Int, @Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  @Int.1 % @Int.0
}

public fn negate(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  -@Int.0
}

public fn absolute(@Int -> @Nat)
  requires(true)
  ensures(true)
  effects(pure)
{
  abs(@Int.0)
}

public fn below(@Nat, @Nat -> @Nat)
  requires(true)
  ensures(true)
  effects(pure)
{
  @Nat.1 - @Nat.0
}

public fn code(@String, @Int -> @Nat)
  requires(true)
  ensures(true)
  effects(pure)
{
  string_char_code(@String.0, @Int.0)
}

public fn whole(@Float64 -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  floor(@Float64.0 * 2.0)
}

public fn chance(@Unit -> @Unit)
  requires(true)
  ensures(true)
  effects(<Random>)
{
  let @Int = Random.random_int(5, 9);
  assert(@Int.0 < 5)
}
"#;

/// The lines about values in the report on a call.
fn values(call: &[&str]) -> Vec<String> {
    let dir = TempDir::new("trap-values");
    dir.file("f.vera", PROGRAM);
    let ran = vera([&["run", "f.vera", "--fn"], call].concat()).dir(dir.path()).run();
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    // What the program prints, it prints once.
    let prints = call[0] == "post" && !call[3].is_empty();
    assert_eq!(ran.stdout.matches("once").count(), usize::from(prints));
    let report = ran.stderr.split("Source backtrace").next().unwrap_or_default();
    report
        .lines()
        .filter(|l| l.starts_with("  ") && l.contains(" = "))
        .map(|l| l.trim().to_owned())
        .collect()
}

#[test]
fn a_check_that_fails_shows_what_it_read() {
    assert_eq!(
        values(&["post", "--", "Node(Leaf,-3,Leaf)", "a\"b"]),
        ["@Int.result = -3", "@Tree.0 = Node(Leaf, -3, Leaf)", "@String.0 = \"a\"b\""]
    );
    assert_eq!(values(&["post", "--", "Leaf", ""]), ["@String.0 = \"\""]);
    assert_eq!(
        values(&["at", "--", "[1,2]", "5"]),
        ["@Int.0 + 1 = 6", "array_length(@Array<Int>.0) = 2"]
    );
    assert_eq!(values(&["pos", "--", "1"]), ["@Int.0 = -2"]);
    assert_eq!(values(&["nat", "--", "1"]), ["the value = -2"]);
    assert_eq!(values(&["asserted", "--", "7"]), ["@Array<Int>.0 = [7, 2]", "@Int.1 = 7"]);
    let shown = format!("@String.0 = \"{}…", "é".repeat(187));
    assert_eq!(values(&["long"]), [shown]);
}

#[test]
fn an_operation_that_fails_shows_its_operands() {
    const LEAST: &str = "-9223372036854775808";
    const MOST: &str = "9223372036854775807";
    assert_eq!(
        values(&["add", "--", "9223372036854775800", "5"]),
        ["@Int.1 = 9223372036854775800", "@Int.0 = 5", "@Int.1 + 3 = 9223372036854775803"]
    );
    assert_eq!(
        values(&["add", "--", MOST, "1"]),
        ["@Int.1 = 9223372036854775807"],
        "the addition that fails, not the one around it"
    );
    assert_eq!(values(&["subtract", "--", LEAST]), ["@Int.0 = -9223372036854775808"]);
    for (a, b) in [(LEAST, "-1"), ("-1", LEAST), (MOST, "2"), ("4294967296", "4294967296")] {
        let told = [format!("@Int.1 = {a}"), format!("@Int.0 = {b}")];
        assert_eq!(values(&["multiply", "--", a, b]), told);
    }
    assert_eq!(
        values(&["quotient", "--", "3", "2"]),
        ["@Int.1 = 3", "@Int.0 = 2", "@Int.0 - 2 = 0"]
    );
    assert_eq!(
        values(&["quotient", "--", LEAST, "1"]),
        ["@Int.1 = -9223372036854775808", "@Int.0 = 1", "@Int.0 - 2 = -1"]
    );
    assert_eq!(values(&["remainder", "--", "7", "0"]), ["@Int.1 = 7", "@Int.0 = 0"]);
    assert_eq!(values(&["negate", "--", LEAST]), ["@Int.0 = -9223372036854775808"]);
    assert_eq!(values(&["absolute", "--", LEAST]), ["@Int.0 = -9223372036854775808"]);
    assert_eq!(values(&["below", "--", "2", "3"]), ["@Nat.1 = 2", "@Nat.0 = 3"]);
    assert_eq!(values(&["code", "--", "é", "2"]), ["@Int.0 = 2", "string_length(@String.0) = 2"]);
    assert_eq!(
        values(&["whole", "--", "1e19"]),
        ["@Float64.0 = 10000000000000000000.0", "@Float64.0 * 2.0 = 20000000000000000000.0"]
    );
}

#[test]
fn nothing_is_told_of_functions_or_of_what_another_run_may_do_otherwise() {
    assert_eq!(values(&["applied"]), Vec::<String>::new());
    assert_eq!(values(&["chance"]), Vec::<String>::new());
}

#[test]
fn the_document_has_them_too() {
    let dir = TempDir::new("trap-values");
    dir.file("f.vera", PROGRAM);
    let ran = vera(["run", "--json", "f.vera", "--fn", "pos", "--", "1"]).dir(dir.path()).run();
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(document["diagnostics"][0]["values"], serde_json::json!(["@Int.0 = -2"]));
    // Without a check there is nothing to tell.
    let ran = vera(["run", "--json", "f.vera", "--fn", "chance"]).dir(dir.path()).run();
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(document["diagnostics"][0].get("values"), None);
}
