//! Verdicts on single functions, by kind of obligation and by source of facts.

mod common;

use common::{records, verify};

/// The records of the function `f` of a program.
fn of_f(text: &str) -> Vec<String> {
    records(&verify(text).0, "f")
}

/// A function `f` with this signature, clauses and body.
fn f(signature: &str, clauses: &str, body: &str) -> Vec<String> {
    of_f(&format!("private fn f({signature})\n  {clauses}\n  effects(pure)\n{{\n  {body}\n}}\n"))
}

const TRUE: &str = "requires(true) ensures(true)";

#[test]
fn an_int_is_a_machine_integer() {
    let clause = "requires(true) ensures(@Int.0 <= 9223372036854775807)";
    assert_eq!(f("@Int -> @Int", clause, "@Int.0"), ["ensures verified"]);
    assert_eq!(
        f("@Int -> @Int", "requires(@Int.0 >= 0) ensures(true)", "@Int.0 - 1"),
        ["requires verified", "int_overflow verified"]
    );
}

#[test]
fn a_byte_has_eight_bits() {
    let clause = "requires(true) ensures(@Int.result >= 0 && @Int.result <= 255)";
    assert_eq!(f("@Byte -> @Int", clause, "byte_to_int(@Byte.0)"), ["ensures verified"]);
}

#[test]
fn negating_the_least_integer_overflows() {
    assert_eq!(f("@Int -> @Int", TRUE, "-@Int.0"), ["int_overflow tier3"]);
    let least = "requires(@Int.0 < -9223372036854775807) ensures(true)";
    assert_eq!(
        f("@Int -> @Int", least, "-@Int.0"),
        ["requires verified", "int_overflow violated E528"]
    );
    assert_eq!(f("@Unit -> @Int", TRUE, "-5"), [] as [&str; 0]);
}

#[test]
fn a_quotient_overflows_only_at_the_least_integer() {
    assert_eq!(f("@Int -> @Int", TRUE, "@Int.0 / 2"), [] as [&str; 0]);
    assert_eq!(
        f("@Int, @Int -> @Int", "requires(@Int.0 > 0) ensures(true)", "@Int.1 / @Int.0"),
        ["requires verified", "div_zero verified", "int_overflow verified"]
    );
}

#[test]
fn division_truncates() {
    let minus = "requires(@Int.0 == -7) ensures(@Int.result == -3)";
    assert_eq!(f("@Int -> @Int", minus, "@Int.0 / 2"), ["requires verified", "ensures verified"]);
    let rest = "requires(@Int.0 == -7) ensures(@Int.result == -1)";
    assert_eq!(f("@Int -> @Int", rest, "@Int.0 % 2"), ["requires verified", "ensures verified"]);
}

#[test]
fn a_measure_over_int_needs_its_bound() {
    let text = |requires: &str| {
        format!(
            "private fn f(@Int -> @Int)\n  requires({requires})\n  ensures(true)\n  decreases(@Int.0)\n  effects(pure)\n{{\n  if @Int.0 == 0 then {{ 0 }} else {{ f(@Int.0 - 1) }}\n}}\n"
        )
    };
    assert_eq!(
        of_f(&text("@Int.0 >= 0")),
        ["requires verified", "int_overflow verified", "decreases verified"]
    );
    assert_eq!(of_f(&text("true")), ["int_overflow tier3", "decreases tier3 E525"]);
}

#[test]
fn a_measure_without_recursion_is_never_proved() {
    let clauses = "requires(true) ensures(true) decreases(@Nat.0)";
    assert_eq!(f("@Nat -> @Nat", clauses, "@Nat.0"), ["decreases tier3 E525"]);
}

#[test]
fn structural_measures() {
    let text = |argument: &str| {
        format!(
            "private data Lst<T> {{\n  Nl,\n  Cn(T, Lst<T>)\n}}\n\nprivate fn f(@Lst<Int> -> @Int)\n  requires(true)\n  ensures(true)\n  decreases(@Lst<Int>.0)\n  effects(pure)\n{{\n  match @Lst<Int>.0 {{\n    Nl -> 0,\n    Cn(@Int, @Lst<Int>) -> f({argument})\n  }}\n}}\n"
        )
    };
    assert_eq!(of_f(&text("@Lst<Int>.0")), ["decreases verified"]);
    assert_eq!(of_f(&text("Cn(@Int.0, @Lst<Int>.0)")), ["decreases tier3 E525"]);
}

#[test]
fn assume_against_a_callee_withdraws_proofs() {
    let text = "private fn six(@Unit -> @Int)\n  requires(true)\n  ensures(@Int.result > 5)\n  effects(pure)\n{\n  6\n}\n\nprivate fn f(@Unit -> @Int)\n  requires(true)\n  ensures(@Int.result < 3)\n  effects(pure)\n{\n  let @Int = six(());\n  assume(@Int.0 < 0);\n  @Int.0\n}\n";
    assert_eq!(of_f(text), ["ensures tier3_unguarded E539"]);
}

#[test]
fn sizes_of_collections() {
    let clauses = "requires(map_size(@Map<String, Int>.0) > 0) ensures(@Int.result > 0)";
    assert_eq!(
        f("@Map<String, Int> -> @Int", clauses, "map_size(@Map<String, Int>.0)"),
        ["requires verified", "ensures verified"]
    );
    let mapped = "requires(array_length(@Array<Int>.0) > 2) ensures(@Int.result > 2)";
    let body = "array_length(array_map(@Array<Int>.0, fn(@Int -> @Int) effects(pure) { @Int.0 }))";
    assert_eq!(f("@Array<Int> -> @Int", mapped, body), ["requires verified", "ensures verified"]);
}

#[test]
fn a_premise_without_a_model_is_tier_3() {
    let clauses = "requires(string_index_of(@String.0, \"a\") == None) ensures(true)";
    assert_eq!(f("@String -> @Int", clauses, "1"), ["requires tier3 E521"]);
}

#[test]
fn floats_follow_ieee_754() {
    let clamped = "requires(!float_is_nan(@Float64.0)) ensures(@Float64.result >= 0.0 && @Float64.result <= 1.0)";
    assert_eq!(
        f("@Float64 -> @Float64", clamped, "float_clamp(@Float64.0, 0.0, 1.0)"),
        ["requires verified", "ensures verified"]
    );
    let sum = "requires(true) ensures(@Bool.result)";
    assert_eq!(f("@Unit -> @Bool", sum, "0.1 + 0.2 != 0.3"), ["ensures verified"]);
    assert_eq!(f("@Float64 -> @Bool", sum, "@Float64.0 == @Float64.0"), ["ensures violated E500"]);
}

#[test]
fn comparison_and_matching() {
    let clauses = "requires(true) ensures(@Bool.result == (@Int.1 < @Int.0))";
    let body = "match compare(@Int.1, @Int.0) { Less -> true, _ -> false }";
    assert_eq!(f("@Int, @Int -> @Bool", clauses, body), ["ensures verified"]);
    let text = "requires(true) ensures(@Int.result >= 1)";
    let body = "match @String.0 { \"a\" -> 1, _ -> 2 }";
    assert_eq!(f("@String -> @Int", text, body), ["ensures verified"]);
}

#[test]
fn a_generic_callee_is_known_by_its_contract() {
    let text = "private forall<T> fn pick(@T -> @T)\n  requires(true)\n  ensures(@T.result == @T.0)\n  effects(pure)\n{\n  @T.0\n}\n\nprivate fn f(@Int -> @Int)\n  requires(true)\n  ensures(@Int.result == @Int.0)\n  effects(pure)\n{\n  pick(@Int.0)\n}\n";
    assert_eq!(of_f(text), ["ensures verified"]);
}

#[test]
fn what_an_effect_yields_is_unknown() {
    let text = "private fn f(@Unit -> @String)\n  requires(true)\n  ensures(@String.result == \"x\")\n  effects(<IO>)\n{\n  IO.read_line(())\n}\n";
    assert_eq!(of_f(text), ["ensures tier3 E522"]);
}

#[test]
fn what_rests_on_an_unknown_is_no_error() {
    let sink = "private fn sink(@Nat -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  1\n}\n\n";
    let f = |body: &str| {
        format!(
            "{sink}private fn f(@Unit -> @Int)\n  requires(true)\n  ensures(true)\n  effects(<Random>)\n{{\n  {body}\n}}\n"
        )
    };
    let bound = "let @Int = Random.random_int(-1, 4);\n  sink(@Int.0)";
    assert_eq!(of_f(&f(bound)), ["nat_bind tier3 W008"]);
    assert_eq!(of_f(&f("sink(Random.random_int(-1, 4))")), ["nat_bind tier3 W008"]);
    assert_eq!(of_f(&f("sink(Random.random_int(0, 4))")), ["nat_bind verified"]);
}

#[test]
fn code_under_an_impossible_condition_is_proved() {
    assert_eq!(
        f(
            "@Int -> @Int",
            "requires(@Int.0 > 0) ensures(true)",
            "if @Int.0 < 0 then { 1 / 0 } else { 3 }"
        ),
        ["requires verified", "div_zero verified"]
    );
}

#[test]
fn every_base_of_a_refinement_is_modelled() {
    let text = "type Some1 = { @Array<Int> | array_length(@Array<Int>.0) > 0 };\n\nprivate fn f(@Some1 -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  @Some1.0[0]\n}\n";
    assert_eq!(of_f(text), ["index_bounds verified"]);
    let text = "type Digit = { @Byte | @Byte.0 < 10 };\n\nprivate fn f(@Unit -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  let @Digit = 30;\n  1\n}\n";
    assert_eq!(of_f(text), ["refine_bind violated E505"]);
}

#[test]
fn components_of_unknown_values() {
    let head = "type Pos = { @Int | @Int.0 > 0 };\n\nprivate fn sum(@Array<Pos> -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  1\n}\n\n";
    let text = format!(
        "{head}private fn f(@Unit -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{{\n  sum(array_range(0, 3))\n}}\n"
    );
    assert_eq!(of_f(&text), ["refine_bind tier3 E506"]);
}

#[test]
fn quantifiers_over_unknown_bounds() {
    let clauses = "requires(array_length(@Array<Int>.0) > 3) requires(forall(@Int, array_length(@Array<Int>.0), fn(@Int -> @Bool) effects(pure) { @Array<Int>.0[@Int.0] > 2 })) ensures(@Int.result > 2)";
    assert_eq!(
        f("@Array<Int> -> @Int", clauses, "@Array<Int>.0[1]"),
        [
            "requires verified",
            "index_bounds verified",
            "requires verified",
            "index_bounds verified",
            "ensures verified"
        ]
    );
}

#[test]
fn an_exhausted_budget_is_no_error() {
    let clauses = "requires(@Int.0 > 0 && @Int.1 > 0 && @Int.2 > 0) ensures(@Int.result != 0)";
    let body = "@Int.0 * @Int.0 * @Int.0 + @Int.1 * @Int.1 * @Int.1 - @Int.2 * @Int.2 * @Int.2";
    let found = f("@Int, @Int, @Int -> @Int", clauses, body);
    assert_eq!(found.last().map(String::as_str), Some("ensures timeout E524"));
}

#[test]
fn disclosed_facts_prove_nothing() {
    let text = "type Pos = { @Int | @Int.0 > 0 };\n\nprivate data B {\n  Mk(Pos)\n}\n\nprivate fn g(@Unit -> @B)\n  requires(true)\n  ensures(true)\n  effects(<Random>)\n{\n  let @Int = Random.random_int(-1, 3);\n  Mk(@Int.0)\n}\n\nprivate fn f(@Unit -> @Int)\n  requires(true)\n  ensures(@Int.result > 0)\n  effects(<Random>)\n{\n  match g(()) { Mk(@Pos) -> @Pos.0 }\n}\n";
    assert_eq!(of_f(text), ["ensures tier3 E534"]);
}

#[test]
fn closures_know_what_they_capture() {
    let body =
        "let @Array<Int> = array_map([1], fn(@Int -> @Int) effects(pure) { 10 / @Int.1 });\n  1";
    assert_eq!(
        f("@Int -> @Int", "requires(@Int.0 > 0) ensures(true)", body),
        ["requires verified", "div_zero verified"]
    );
}

#[test]
fn a_counterexample_names_slots_as_the_source_does() {
    let text = "private fn f(@Int, @Int -> @Int)\n  requires(@Int.1 == 1)\n  requires(@Int.0 == 2)\n  ensures(@Int.result == 3)\n  effects(pure)\n{\n  @Int.1 - @Int.0\n}\n";
    let (verification, _) = verify(text);
    let refuted = verification.records.iter().find(|r| !r.counterexample.is_empty());
    let found: Vec<String> = refuted
        .map(|r| r.counterexample.iter().map(|v| format!("{} = {}", v.slot, v.text)).collect())
        .unwrap_or_default();
    assert_eq!(found, ["@Int.0 = 2", "@Int.1 = 1", "@Int.result = -1"]);
}

#[test]
fn values_in_counterexamples_read_as_vera() {
    let text = "private data Shape {\n  Dot,\n  Square(Int, Bool)\n}\n\nprivate fn f(@Shape, @Array<Int>, @String, @Bool -> @Bool)\n  requires(@Shape.0 == Square(2, true))\n  requires(array_length(@Array<Int>.0) == 1 && @Array<Int>.0[0] == 7)\n  requires(@String.0 == \"a\\\"b\")\n  requires(@Bool.0)\n  ensures(!@Bool.result)\n  effects(pure)\n{\n  @Bool.0\n}\n";
    let (verification, _) = verify(text);
    let refuted = verification.records.iter().find(|r| !r.counterexample.is_empty());
    let found: Vec<String> = refuted
        .map(|r| r.counterexample.iter().map(|v| format!("{} = {}", v.slot, v.text)).collect())
        .unwrap_or_default();
    assert_eq!(
        found,
        [
            "@Array<Int>.0 = [7]",
            "@Bool.0 = true",
            "@Shape.0 = Square(2, true)",
            "@String.0 = \"a\\\"b\"",
            "@Bool.result = true"
        ]
    );
}

#[test]
fn a_recursive_function_in_a_clause_is_looked_into() {
    let text = |body: &str| {
        format!(
            "private data Lst {{\n  Nl,\n  Cn(Int, Lst)\n}}\n\nprivate fn size(@Lst -> @Nat)\n  requires(true)\n  ensures(true)\n  decreases(@Lst.0)\n  effects(pure)\n{{\n  match @Lst.0 {{\n    Nl -> 0,\n    Cn(@Int, @Lst) -> 1 + size(@Lst.0)\n  }}\n}}\n\nprivate fn f(@Lst -> @Lst)\n  requires(true)\n  ensures(size(@Lst.result) == size(@Lst.0))\n  effects(pure)\n{{\n  {body}\n}}\n"
        )
    };
    assert_eq!(of_f(&text("@Lst.0")), ["ensures verified"]);
    assert_eq!(of_f(&text("match @Lst.0 { Nl -> Nl, _ -> @Lst.0 }")), ["ensures verified"]);
    assert_eq!(
        of_f(&text("match @Lst.0 { Nl -> Nl, Cn(@Int, @Lst) -> Cn(0, @Lst.0) }")),
        ["ensures verified"]
    );
    assert_eq!(
        of_f(&text("match @Lst.0 { Nl -> Nl, Cn(@Int, @Lst) -> @Lst.0 }")),
        ["ensures violated E500"]
    );
}

#[test]
fn parts_that_a_counterexample_shows_belong_to_their_types() {
    let text = "type Small = { @Int | @Int.0 >= 3 && @Int.0 < 5 };\n\nprivate data Box {\n  Box(Small, Array<Nat>)\n}\n\nprivate fn f(@Result<Small, Map<Byte, Nat>>, @Array<Option<Small>>, @Box, @Int -> @Int)\n  requires(array_length(@Array<Option<Small>>.0) == 1)\n  requires(match @Result<Small, Map<Byte, Nat>>.0 { Ok(@Small) -> true, Err(@Map<Byte, Nat>) -> false })\n  requires(match @Array<Option<Small>>.0[0] { Some(@Small) -> true, None -> false })\n  ensures(@Int.result != 7)\n  effects(pure)\n{\n  @Int.0\n}\n";
    let (verification, _) = verify(text);
    let refuted = verification.records.iter().find(|r| !r.counterexample.is_empty());
    let found: Vec<String> = refuted
        .map(|r| r.inputs.iter().map(|v| format!("{} = {}", v.slot, v.text)).collect())
        .unwrap_or_default();
    assert_eq!(
        found,
        [
            "@Array<Option<{ @Int | @Int.0 >= 3 && @Int.0 < 5 }>>.0 = [Some(3)]",
            "@Box.0 = Box(4, [])",
            "@Int.0 = 7",
            "@Result<{ @Int | @Int.0 >= 3 && @Int.0 < 5 }, Map<Byte, Nat>>.0 = Ok(3)"
        ]
    );
}

#[test]
fn an_invariant_that_was_checked_is_a_fact() {
    let text = |claim: &str| {
        format!(
            "private data Even invariant(match @Even.0 {{ Even(@Int) -> @Int.0 % 2 == 0 }}) {{\n  Even(Int)\n}}\n\nprivate fn f(@Int -> @Int)\n  requires(true)\n  ensures({claim})\n  effects(pure)\n{{\n  let @Even = Even(@Int.0);\n  @Int.0\n}}\n"
        )
    };
    let made = "refine_bind violated E505";
    assert_eq!(of_f(&text("@Int.result % 2 == 0")), [made, "ensures verified"]);
    assert_eq!(of_f(&text("@Int.result % 2 == 1")), [made, "ensures violated E500"]);
}
