//! `--checks unproved`: proved checks are gone, and nobody can tell.

mod common;

use common::{Outcome, TempDir, vera};

const PROGRAM: &str = "\
private fn at(@Array<Int>, @Nat -> @Int)
  requires(@Nat.0 < array_length(@Array<Int>.0))
  ensures(true)
  effects(pure)
{
  @Array<Int>.0[@Nat.0]
}

public fn bounded(@Int, @Int -> @Int)
  requires((@Int.0 == 3 || @Int.0 == 5) && (@Int.1 == 7 || @Int.1 == 9))
  ensures(@Int.result >= @Int.0)
  effects(pure)
{
  @Int.0 + @Int.1
}

public fn unbounded(@Int, @Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  @Int.0 + @Int.1
}

public fn trusting(@Int -> @Int)
  requires(true)
  ensures(@Int.result > 0)
  effects(pure)
{
  assume(@Int.0 > 0);
  @Int.0
}

private data Odd invariant(match @Odd.0 { Odd(@Int) -> @Int.0 % 2 == 1 }) {
  Odd(Int)
}

public fn odd(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  if @Int.0 > 0 && @Int.0 < 1000 then {
    match Odd(2 * @Int.0 + 1) {
      Odd(@Int) -> @Int.0
    }
  } else {
    0
  }
}

public fn perhaps_odd(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  match Odd(@Int.0) {
    Odd(@Int) -> @Int.0
  }
}

private fn after(@Int -> @Int)
  requires(true)
  ensures(@Int.result == @Int.0 + 1)
  effects(pure)
{
  @Int.0 + 1
}

private fn same(@Int -> @Int)
  requires(true)
  ensures(@Int.result < after(@Int.0))
  effects(pure)
{
  @Int.0
}

public fn last(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  let @Int = same(@Int.0);
  if @Int.0 == 9223372036854775807 then {
    assert(false);
    1
  } else {
    2
  }
}

public fn main(@Unit -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  at([1, 2, 3], 2) + bounded(7, 3)
}
";

fn run(words: &[&str]) -> Outcome {
    let dir = TempDir::new("elision");
    dir.file("e.vera", PROGRAM);
    vera(words).dir(dir.path()).run()
}

/// The text of one function of the module, with these words for the command line.
fn function(name: &str, words: &[&str]) -> String {
    let line = [&["compile", "--wat", "e.vera"], words].concat();
    let text = run(&line).stdout;
    let start = text.find(&format!("(func ${name} ")).expect("the function is there");
    text[start..].lines().take_while(|l| *l != "  )").collect::<Vec<_>>().join("\n")
}

#[test]
fn all_checks_are_there_unless_asked_otherwise() {
    let all = function("bounded", &[]);
    assert_eq!(all, function("bounded", &["--checks", "all"]));
    // The precondition, the sum, the postcondition: none of them for an optimiser
    // that knows intervals only.
    assert_eq!(all.matches("call $").count(), 3, "{all}");
}

#[test]
fn proved_checks_go_and_preconditions_stay() {
    let some = function("bounded", &["--checks", "unproved"]);
    assert_eq!(some.matches("call $").count(), 1, "{some}");
    let unproved = function("unbounded", &["--checks", "unproved"]);
    assert_eq!(unproved, function("unbounded", &[]));
}

#[test]
fn proved_invariants_are_not_checked() {
    let checks = |name, words: &[&str]| function(name, words).matches("call $trap").count();
    for (name, left) in [("odd", 0), ("perhaps_odd", 1)] {
        assert_eq!(checks(name, &[]), 1, "{name}");
        assert_eq!(checks(name, &["--checks", "unproved"]), left, "{name}");
    }
}

#[test]
fn runs_end_the_same_way() {
    for call in [
        &["run", "e.vera"][..],
        &["run", "e.vera", "--fn", "bounded", "--", "1000", "2"],
        &["run", "e.vera", "--fn", "unbounded", "--", "9223372036854775807", "1"],
        &["run", "e.vera", "--fn", "odd", "--", "3"],
        &["run", "e.vera", "--fn", "perhaps_odd", "--", "4"],
        // What proves the assertion is that the postcondition of `same` came back.
        &["run", "e.vera", "--fn", "last", "--", "9223372036854775807"],
        // Its postcondition is proved from what it assumes, and not trusted here.
        &["run", "e.vera", "--fn", "trusting", "--", "-1"],
    ] {
        let (all, some) =
            (run(call), run(&[&call[..2], &["--checks", "unproved"], &call[2..]].concat()));
        assert_eq!((all.code, &all.stdout, &all.stderr), (some.code, &some.stdout, &some.stderr));
    }
}

#[test]
fn the_flag_is_checked() {
    let outcome = run(&["run", "--checks", "none", "e.vera"]);
    assert_eq!(outcome.code, Some(1));
    assert_eq!(
        outcome.stderr,
        "Error: Invalid --checks value: none (expected 'all' or 'unproved')\n"
    );
    let outcome = run(&["verify", "--checks", "all", "e.vera"]);
    assert_eq!(
        outcome.stderr,
        "Error: --checks is only accepted by `vera run` and `vera compile`, not `vera verify`.\n"
    );
}
