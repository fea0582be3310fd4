//! Function values that are handed on: what a closure yields is found by its definition.

mod common;

use common::ensures;

#[track_caller]
fn proved(program: &str) {
    assert!(ensures(program).iter().all(|record| record == "ensures verified"), "{program}");
    assert!(!ensures(program).is_empty(), "{program}");
}

#[track_caller]
fn open(program: &str) {
    assert!(ensures(program).iter().any(|record| record != "ensures verified"), "{program}");
}

/// A law `f` about lists and what is mapped over and chosen from them.
fn law(signature: &str, claim: &str) -> String {
    format!(
        "private data List {{
  Nil,
  Cons(Int, List)
}}

type F = fn(Int -> Int) effects(pure);

type Test = fn(Int -> Bool) effects(pure);

type Step = fn(Int -> Option<Int>) effects(pure);

private fn map(@List, @F -> @List)
  requires(true)
  ensures(true)
  decreases(@List.0)
  effects(pure)
{{
  match @List.0 {{
    Nil -> Nil,
    Cons(@Int, @List) -> Cons(apply_fn(@F.0, @Int.0), map(@List.0, @F.0))
  }}
}}

private fn all(@List, @Test -> @Bool)
  requires(true)
  ensures(true)
  decreases(@List.0)
  effects(pure)
{{
  match @List.0 {{
    Nil -> true,
    Cons(@Int, @List) -> apply_fn(@Test.0, @Int.0) && all(@List.0, @Test.0)
  }}
}}

private fn filter(@List, @Test -> @List)
  requires(true)
  ensures(all(@List.result, @Test.0))
  decreases(@List.0)
  effects(pure)
{{
  match @List.0 {{
    Nil -> Nil,
    Cons(@Int, @List) -> if apply_fn(@Test.0, @Int.0) then {{ Cons(@Int.0, filter(@List.0, @Test.0)) }} else {{ filter(@List.0, @Test.0) }}
  }}
}}

private fn bind(@Option<Int>, @Step -> @Option<Int>)
  requires(true)
  ensures(true)
  effects(pure)
{{
  match @Option<Int>.0 {{
    None -> None,
    Some(@Int) -> apply_fn(@Step.0, @Int.0)
  }}
}}

private fn f({signature} -> @Unit)
  requires(true)
  ensures({claim})
  effects(pure)
{{
  ()
}}
"
    )
}

const SOME: &str = "fn(@Int -> @Option<Int>) effects(pure) { Some(@Int.0) }";

#[test]
fn a_closure_handed_to_a_function_is_its_body() {
    proved(&law("@Option<Int>", &format!("bind(@Option<Int>.0, {SOME}) == @Option<Int>.0")));
    let other = SOME.replace("Some(@Int.0)", "None");
    open(&law("@Option<Int>", &format!("bind(@Option<Int>.0, {other}) == @Option<Int>.0")));
    proved(&law("@Int, @Step", "bind(Some(@Int.0), @Step.0) == apply_fn(@Step.0, @Int.0)"));
}

#[test]
fn closures_may_capture_function_values() {
    let both =
        "fn(@Int -> @Option<Int>) effects(pure) { bind(apply_fn(@Step.1, @Int.0), @Step.0) }";
    let one = "bind(bind(@Option<Int>.0, @Step.1), @Step.0)";
    proved(&law("@Option<Int>, @Step, @Step", &format!("{one} == bind(@Option<Int>.0, {both})")));
    let other = both
        .replace("@Step.1", "@Step.2")
        .replace("@Step.0", "@Step.1")
        .replace("@Step.2", "@Step.0");
    open(&law("@Option<Int>, @Step, @Step", &format!("{one} == bind(@Option<Int>.0, {other})")));
}

#[test]
fn laws_of_maps_hold_by_induction() {
    let same = "fn(@Int -> @Int) effects(pure) { @Int.0 }";
    proved(&law("@List", &format!("map(@List.0, {same}) == @List.0")));
    open(&law("@List", &format!("map(@List.0, {}) == @List.0", same.replace("@Int.0 }", "0 }"))));
    let both = "fn(@Int -> @Int) effects(pure) { apply_fn(@F.0, apply_fn(@F.1, @Int.0)) }";
    let one = "map(map(@List.0, @F.1), @F.0)";
    proved(&law("@List, @F, @F", &format!("{one} == map(@List.0, {both})")));
    let other = both.replace("@F.1", "@F.2").replace("@F.0", "@F.1").replace("@F.2", "@F.0");
    open(&law("@List, @F, @F", &format!("{one} == map(@List.0, {other})")));
}

#[test]
fn a_promise_about_function_values_is_one_about_closures() {
    let below = "fn(@Int -> @Bool) effects(pure) { @Int.0 < @Int.1 }";
    proved(&law("@List, @Int", &format!("all(filter(@List.0, {below}), {below})")));
    let other = below.replace('<', ">");
    open(&law("@List, @Int", &format!("all(filter(@List.0, {below}), {other})")));
}

#[test]
fn the_library_hands_them_on_too() {
    let agrees = "option_and_then(@Option<Int>.0, @Step.0) == bind(@Option<Int>.0, @Step.0)";
    proved(&law("@Option<Int>, @Step", agrees));
    let index = "match array_find_index(@Array<Int>.0, fn(@Int -> @Bool) effects(pure) { @Int.0 < 0 }) { None -> forall(@Nat, array_length(@Array<Int>.0), fn(@Nat -> @Bool) effects(pure) { @Array<Int>.0[@Nat.0] >= 0 }), Some(@Nat) -> @Nat.0 < array_length(@Array<Int>.0) && @Array<Int>.0[@Nat.0] < 0 }";
    proved(&law("@Array<Int>", index));
    open(&law("@Array<Int>", &index.replace("[@Nat.0] < 0 }", "[@Nat.0] < -1 }")));
    open(&law("@Array<Int>", &index.replace(">= 0 }", ">= 1 }")));
}
