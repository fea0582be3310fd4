//! Equality of arrays and tuples in contracts, and the order of values that are no
//! numbers.

mod common;

use common::{ensures, open, proved};

const INTS: &str = "@Array<Int> -> @Array<Int>";
const KEPT: &str = "@Array<Int>.result == @Array<Int>.0";

#[test]
fn arrays_of_the_same_elements_are_one() {
    proved(INTS, KEPT, "array_reverse(array_reverse(@Array<Int>.0))");
    open(INTS, KEPT, "array_reverse(@Array<Int>.0)");
    proved(INTS, KEPT, "array_concat(@Array<Int>.0, [])");
    open(INTS, KEPT, "array_concat(@Array<Int>.0, [0])");
    proved(INTS, KEPT, "array_map(@Array<Int>.0, fn(@Int -> @Int) effects(pure) { @Int.0 })");
    open(INTS, KEPT, "array_map(@Array<Int>.0, fn(@Int -> @Int) effects(pure) { abs(@Int.0) })");
    let at = "!(array_length(@Array<Int>.0) > 3 && @Array<Int>.0 == @Array<Int>.1) || @Array<Int>.0[3] == @Array<Int>.1[3]";
    proved("@Array<Int>, @Array<Int> -> @Unit", at, "()");
    open("@Array<Int>, @Array<Int> -> @Unit", &at.replace("==", "!="), "()");
}

#[test]
fn so_are_arrays_of_arrays_and_what_holds_them() {
    let nested = "@Array<Array<Int>>.result == [@Array<Int>.0, []]";
    let signature = "@Array<Int> -> @Array<Array<Int>>";
    proved(signature, nested, "array_append([@Array<Int>.0], [])");
    open(signature, nested, "array_append([[]], @Array<Int>.0)");
    let pair = "@Tuple<Int, Array<Int>>.result == Tuple(@Int.0, [@Int.0])";
    let signature = "@Int -> @Tuple<Int, Array<Int>>";
    proved(signature, pair, "Tuple(@Int.0, array_append([], @Int.0))");
    open(signature, pair, "Tuple(@Int.0, [0])");
    let some = "@Option<Array<Int>>.result == Some([@Int.0])";
    proved("@Int -> @Option<Array<Int>>", some, "Some(array_append([], @Int.0))");
    open("@Int -> @Option<Array<Int>>", some, "None");
}

#[test]
fn an_array_that_may_hold_a_nan_may_differ_from_itself() {
    open("@Array<Float64> -> @Unit", "@Array<Float64>.0 == @Array<Float64>.0", "()");
    open("@Tuple<Float64, Int> -> @Unit", "@Tuple<Float64, Int>.0 == @Tuple<Float64, Int>.0", "()");
    proved(
        "@Tuple<Float64, Int>, @Tuple<Float64, Int> -> @Unit",
        "@Tuple<Float64, Int>.0 == @Tuple<Float64, Int>.1 ==> @Tuple<Float64, Int>.1 == @Tuple<Float64, Int>.0",
        "()",
    );
}

#[test]
fn texts_are_in_a_total_order() {
    let least = "@String.result <= @String.0 && @String.result <= @String.1";
    let signature = "@String, @String -> @String";
    let body = "if @String.0 < @String.1 then { @String.0 } else { @String.1 }";
    proved(signature, least, body);
    open(signature, least, &body.replace('<', ">"));
    let through = "!(@String.0 < @String.1 && @String.1 < @String.2) || @String.0 < @String.2";
    proved("@String, @String, @String -> @Unit", through, "()");
    open(
        "@String, @String, @String -> @Unit",
        &through.replace("@String.0 < @String.2", "@String.2 < @String.0"),
        "()",
    );
    let same = "@String.0 <= @String.1 && @String.1 <= @String.0 ==> @String.0 == @String.1";
    proved("@String, @String -> @Unit", same, "()");
    proved("@Unit -> @Unit", "\"a\" < \"b\" && \"\\u{ffff}\" < \"\\u{10000}\"", "()");
    open("@Unit -> @Unit", "\"b\" < \"a\"", "()");
}

/// A generic function that nothing calls, at a type of which only its abilities are known.
fn generic(abilities: &str, claim: &str) -> Vec<String> {
    ensures(&format!(
        "private forall<T where {abilities}> fn f(@T, @T, @T -> @Unit)\n  requires(true)\n  ensures({claim})\n  effects(pure)\n{{\n  ()\n}}\n"
    ))
}

#[test]
fn a_type_parameter_has_the_laws_of_its_abilities() {
    let least =
        |a: &str, b: &str| format!("match compare({a}, {b}) {{ Greater -> false, _ -> true }}");
    let through = format!(
        "{} && {} ==> {}",
        least("@T.0", "@T.1"),
        least("@T.1", "@T.2"),
        least("@T.0", "@T.2")
    );
    assert_eq!(generic("Ord<T>", &through), ["ensures verified"]);
    let back = format!("{} ==> {}", least("@T.0", "@T.1"), least("@T.1", "@T.0"));
    assert_ne!(generic("Ord<T>", &back), ["ensures verified"]);
    let total = format!("{} || {}", least("@T.0", "@T.1"), least("@T.1", "@T.0"));
    assert_eq!(generic("Ord<T>", &total), ["ensures verified"]);
    assert_eq!(generic("Eq<T>", "@T.0 == @T.1 ==> @T.1 == @T.0"), ["ensures verified"]);
    assert_ne!(generic("Eq<T>", "@T.0 == @T.1"), ["ensures verified"]);
}

#[test]
fn data_all_the_way_down_is_what_it_is_made_of() {
    let program = |claim: &str| {
        format!(
            "private data Rose {{
  Rose(Int, Array<Rose>)
}}

private fn f(@Rose, @Rose -> @Unit)
  requires(true)
  ensures({claim})
  effects(pure)
{{
  ()
}}
"
        )
    };
    let kept = |claim: &str| ensures(&program(claim)) == ["ensures verified"];
    assert!(kept("@Rose.0 == @Rose.0"));
    assert!(kept("@Rose.0 == @Rose.1 ==> @Rose.1 == @Rose.0"));
    assert!(!kept("@Rose.0 == @Rose.1"));
    assert!(!kept("@Rose.0 != @Rose.1"));
}
