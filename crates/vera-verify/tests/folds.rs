//! Claims about folds, by induction over the elements.

mod common;

use common::{ensures, open, proved};

/// A fold over `@Array<Int>.0` from a start by a step that sees what was folded as
/// `@Int.1` and the element as `@Int.0`.
fn fold(start: &str, step: &str) -> String {
    format!("array_fold(@Array<Int>.0, {start}, fn(@Int, @Int -> @Int) effects(pure) {{ {step} }})")
}

const TO_INT: &str = "@Array<Int> -> @Int";

#[test]
fn what_every_step_keeps_holds_of_the_whole() {
    let absolute = fold("0", "max(@Int.1, abs(max(@Int.0, -1000)))");
    proved(TO_INT, "@Int.result >= 0", &absolute);
    open(TO_INT, "@Int.result >= 1", &absolute);
    proved(TO_INT, "@Int.result >= -3", &fold("7", "max(@Int.1 - 1, -3)"));
    open(TO_INT, "@Int.result >= -2", &fold("7", "max(@Int.1 - 1, -3)"));
}

#[test]
fn the_length_is_what_was_folded_so_far() {
    let count = fold("0", "if @Int.0 > 0 then { @Int.1 + 1 } else { @Int.1 }");
    proved(TO_INT, "0 <= @Int.result && @Int.result <= array_length(@Array<Int>.0)", &count);
    open(TO_INT, "@Int.result < array_length(@Array<Int>.0)", &count);
    let all = fold("0", "@Int.1 + 1");
    proved(TO_INT, "@Int.result == array_length(@Array<Int>.0)", &all);
    let largest = fold("0", "max(@Int.1, @Int.0)");
    let bound = |test: &str| {
        format!(
            "forall(@Nat, array_length(@Array<Int>.0), fn(@Nat -> @Bool) effects(pure) {{ @Array<Int>.0[@Nat.0] {test} @Int.result }})"
        )
    };
    proved(TO_INT, &bound("<="), &largest);
    open(TO_INT, &bound("<"), &largest);
}

#[test]
fn the_end_of_a_range_is_the_number_reached() {
    let sum = |to: &str| {
        format!(
            "array_fold(array_range(1, {to}), 0, fn(@Int, @Int -> @Int) effects(pure) {{ @Int.1 + @Int.0 }})"
        )
    };
    proved("@Nat -> @Int", "2 * @Int.result == @Nat.0 * (@Nat.0 + 1)", &sum("@Nat.0 + 1"));
    open("@Nat -> @Int", "2 * @Int.result == @Nat.0 * (@Nat.0 + 1)", &sum("@Nat.0"));
    // Below 1 the range is empty.
    open("@Int -> @Int", "2 * @Int.result == @Int.0 * (@Int.0 + 1)", &sum("@Int.0 + 1"));
    proved(
        "@Int -> @Int",
        "2 * @Int.result == if @Int.0 < 0 then { 0 } else { @Int.0 * (@Int.0 + 1) }",
        &sum("@Int.0 + 1"),
    );
}

#[test]
fn where_the_fold_is_not_reached_the_claim_is_shown_without_it() {
    let signature = "@Bool, @Array<Int> -> @Int";
    let body = |other: &str| {
        format!("if @Bool.0 then {{ {} }} else {{ {other} }}", fold("0", "max(@Int.1, @Int.0)"))
    };
    proved(signature, "@Int.result >= 0", &body("3"));
    open(signature, "@Int.result >= 0", &body("-3"));
    open(signature, "@Int.result == 0", &body("0"));
}

#[test]
fn what_is_folded_may_be_any_value() {
    let pair = "@Tuple<Int, Int>.result";
    let least_and_largest = "array_fold(@Array<Int>.0, Tuple(0, 0), fn(@Tuple<Int, Int>, @Int -> @Tuple<Int, Int>) effects(pure) { match @Tuple<Int, Int>.0 { Tuple(@Int, @Int) -> Tuple(min(@Int.1, @Int.2), max(@Int.0, @Int.2)) } })";
    let claim = format!("match {pair} {{ Tuple(@Int, @Int) -> @Int.1 <= 0 && 0 <= @Int.0 }}");
    proved("@Array<Int> -> @Tuple<Int, Int>", &claim, least_and_largest);
    let claim = format!("match {pair} {{ Tuple(@Int, @Int) -> @Int.1 < 0 || 0 < @Int.0 }}");
    open("@Array<Int> -> @Tuple<Int, Int>", &claim, least_and_largest);
    let union = "array_fold(set_to_array(@Set<Int>.0), @Set<Int>.1, fn(@Set<Int>, @Int -> @Set<Int>) effects(pure) { set_add(@Set<Int>.0, @Int.0) })";
    let signature = "@Set<Int>, @Set<Int> -> @Set<Int>";
    proved(signature, "set_size(@Set<Int>.result) >= set_size(@Set<Int>.1)", union);
    open(signature, "set_size(@Set<Int>.result) > set_size(@Set<Int>.1)", union);
    let kept = "!set_contains(@Set<Int>.1, 7) || set_contains(@Set<Int>.result, 7)";
    proved(signature, kept, union);
}

#[test]
fn what_a_step_asks_of_elements_may_stand_in_a_precondition() {
    let program = "public fn f(@Array<Int> -> @Int)
  requires(forall(@Nat, array_length(@Array<Int>.0), fn(@Nat -> @Bool) effects(pure) { @Array<Int>.0[@Nat.0] >= 0 }))
  ensures(@Int.result >= 0)
  effects(pure)
{
  array_fold(@Array<Int>.0, 0, fn(@Int, @Int -> @Int) effects(pure) { @Int.1 + @Int.0 })
}
";
    assert_eq!(ensures(program), ["ensures verified"]);
    assert_ne!(ensures(&program.replace("[@Nat.0] >= 0", "[@Nat.0] >= -1")), ["ensures verified"]);
}

#[test]
fn one_claim_may_need_another_of_the_steps_before() {
    let program = "public fn f(@Array<Int> -> @Int)
  requires(true)
  ensures(@Int.result >= 0)
  ensures(@Int.result != -1)
  effects(pure)
{
  array_fold(@Array<Int>.0, 0, fn(@Int, @Int -> @Int) effects(pure) { if @Int.1 < 0 then { -1 } else { abs(max(@Int.0, 0)) } })
}
";
    assert_eq!(ensures(program), ["ensures verified", "ensures verified"]);
}

#[test]
fn a_specification_that_recurses_over_prefixes_is_met() {
    let program = "private fn sum(@Array<Int>, @Nat -> @Int)
  requires(@Nat.0 <= array_length(@Array<Int>.0))
  ensures(true)
  decreases(@Nat.0)
  effects(pure)
{
  if @Nat.0 == 0 then {
    0
  } else {
    sum(@Array<Int>.0, @Nat.0 - 1) + @Array<Int>.0[@Nat.0 - 1]
  }
}

public fn f(@Array<Int> -> @Int)
  requires(true)
  ensures(@Int.result == sum(@Array<Int>.0, array_length(@Array<Int>.0)))
  effects(pure)
{
  array_fold(@Array<Int>.0, 0, fn(@Int, @Int -> @Int) effects(pure) { @Int.1 + @Int.0 })
}
";
    assert_eq!(ensures(program), ["ensures verified"]);
    let wrong = program.replace("@Int.1 + @Int.0 })", "@Int.1 - @Int.0 })");
    assert_ne!(ensures(&wrong), ["ensures verified"]);
}

#[test]
fn folds_of_the_library_are_folds() {
    let bounded = "public fn f(@Array<Int> -> @Int)
  requires(array_all(@Array<Int>.0, fn(@Int -> @Bool) effects(pure) { @Int.0 >= 0 }))
  ensures(@Int.result >= 0)
  effects(pure)
{
  array_sum(@Array<Int>.0)
}
";
    assert_eq!(ensures(bounded), ["ensures verified"]);
    assert_ne!(ensures(&bounded.replace(">= 0 }", ">= -1 }")), ["ensures verified"]);
    let union = "set_union(@Set<Int>.1, @Set<Int>.0)";
    let signature = "@Set<Int>, @Set<Int> -> @Set<Int>";
    proved(signature, "set_size(@Set<Int>.result) >= set_size(@Set<Int>.1)", union);
    open(signature, "set_size(@Set<Int>.result) > set_size(@Set<Int>.1)", union);
}
