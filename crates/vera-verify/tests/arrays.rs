//! Functions over arrays: what is known of their results, and what the closures
//! given to them owe.

mod common;

use common::{records, verify};

/// The records of a function `f` from an array with this return type, clauses and
/// body.
fn all(ret: &str, clauses: &str, body: &str) -> Vec<String> {
    let text = format!(
        "{HELPERS}private fn f(@Array<Int>, @Array<Nat>, @Int -> @{ret})\n  {clauses}\n  effects(pure)\n{{\n  {body}\n}}\n"
    );
    records(&verify(&text).0, "f")
}

/// The verdict on this postcondition of `f`.
fn ensures(ret: &str, predicate: &str, body: &str) -> String {
    let records = all(ret, &format!("requires(true) ensures({predicate})"), body);
    records.into_iter().find(|r| r.starts_with("ensures")).unwrap_or_default()
}

const HELPERS: &str = "type Pos = { @Int | @Int.0 > 0 };

private fn twice(@Int -> @Int)
  requires(@Int.0 >= 0)
  ensures(@Int.result == 2 * @Int.0)
  effects(pure)
{
  @Int.0 + @Int.0
}

";
const VERIFIED: &str = "ensures verified";
const OPEN: &str = "ensures tier3 E522";

#[test]
fn lengths() {
    let same = "array_length(@Array<Int>.result) == array_length(@Array<Int>.0)";
    let map = "array_map(@Array<Int>.0, fn(@Int -> @Int) effects(pure) { 1 })";
    assert_eq!(ensures("Array<Int>", same, map), VERIFIED);
    let at_most = "array_length(@Array<Int>.result) <= array_length(@Array<Int>.0)";
    let filter = "array_filter(@Array<Int>.0, fn(@Int -> @Bool) effects(pure) { @Int.0 > 0 })";
    assert_eq!(ensures("Array<Int>", at_most, filter), VERIFIED);
    assert_eq!(ensures("Array<Int>", same, filter), OPEN);
}

#[test]
fn elements_of_a_map() {
    let map = "let @Array<Int> = array_map(@Array<Int>.0, fn(@Int -> @Int) effects(pure) { if @Int.0 > 5 then { 5 } else { 1 } });";
    let read = format!(
        "{map} if array_length(@Array<Int>.0) > 0 then {{ @Array<Int>.0[0] }} else {{ 1 }}"
    );
    assert_eq!(ensures("Int", "@Int.result >= 1 && @Int.result <= 5", &read), VERIFIED);
    assert_eq!(ensures("Int", "@Int.result >= 2", &read), OPEN);
    let ensured = "forall(@Nat, array_length(@Array<Int>.result), fn(@Nat -> @Bool) effects(pure) { @Array<Int>.result[@Nat.0] <= 5 })";
    assert_eq!(ensures("Array<Int>", ensured, &format!("{map} @Array<Int>.0")), VERIFIED);
    let indexed = "let @Array<Int> = array_mapi(@Array<Int>.0, fn(@Int, @Nat -> @Int) effects(pure) { @Nat.0 }); if array_length(@Array<Int>.0) > 3 then { @Array<Int>.0[3] } else { 3 }";
    assert_eq!(ensures("Int", "@Int.result == 3", indexed), VERIFIED);
}

#[test]
fn elements_of_a_map_are_what_callees_promise() {
    let map = "let @Array<Int> = array_map(array_range(1, 9), fn(@Int -> @Int) effects(pure) { twice(@Int.0) });";
    assert_eq!(ensures("Int", "@Int.result == 8", &format!("{map} @Array<Int>.0[3]")), VERIFIED);
}

#[test]
fn elements_of_a_filter() {
    let filter = "let @Array<Int> = array_filter(@Array<Int>.0, fn(@Int -> @Bool) effects(pure) { @Int.0 > 0 });";
    let read = format!(
        "{filter} if array_length(@Array<Int>.0) > 0 then {{ @Array<Int>.0[0] }} else {{ 1 }}"
    );
    assert_eq!(ensures("Int", "@Int.result > 0", &read), VERIFIED);
    assert_eq!(ensures("Int", "@Int.result > 1", &read), OPEN);
    // What holds of all elements holds of those a filter keeps.
    let range = "let @Array<Int> = array_filter(array_range(3, 9), fn(@Int -> @Bool) effects(pure) { @Int.0 != 4 });";
    let read = format!(
        "{range} if array_length(@Array<Int>.0) > 0 then {{ @Array<Int>.0[0] }} else {{ 3 }}"
    );
    assert_eq!(ensures("Int", "@Int.result >= 3 && @Int.result < 9", &read), VERIFIED);
}

#[test]
fn rearrangements() {
    let read = |array: &str, index: &str| {
        format!(
            "let @Array<Int> = {array}; if array_length(@Array<Int>.0) > {index} then {{ @Array<Int>.0[{index}] }} else {{ 7 }}"
        )
    };
    assert_eq!(
        ensures("Int", "@Int.result == 3", &read("array_reverse([1, 2, 3])", "0")),
        VERIFIED
    );
    assert_eq!(
        ensures("Int", "@Int.result == 4", &read("array_concat([1, 2], [3, 4])", "3")),
        VERIFIED
    );
    assert_eq!(ensures("Int", "@Int.result == 9", &read("array_append([1, 2], 9)", "2")), VERIFIED);
    let sorted = "array_sort_by([5, 2, 3], fn(@Int, @Int -> @Ordering) effects(pure) { compare(@Int.1, @Int.0) })";
    assert_eq!(
        ensures("Int", "@Int.result >= 2 && @Int.result <= 7", &read(sorted, "1")),
        VERIFIED
    );
}

#[test]
fn folds() {
    let literal =
        "array_fold([1, 2, 3], @Int.0, fn(@Int, @Int -> @Int) effects(pure) { @Int.1 + @Int.0 })";
    assert_eq!(ensures("Int", "@Int.result == @Int.0 + 6", literal), VERIFIED);
    let natural = "array_fold(@Array<Int>.0, 0, fn(@Nat, @Int -> @Nat) effects(pure) { if @Int.0 > 0 then { @Nat.0 + 1 } else { @Nat.0 } })";
    assert_eq!(ensures("Int", "@Int.result >= 0", natural), VERIFIED);
    let refined = "array_fold(@Array<Int>.0, 1, fn(@Pos, @Int -> @Pos) effects(pure) { max(@Pos.0, @Int.0) })";
    assert_eq!(ensures("Int", "@Int.result > 0", refined), VERIFIED);
}

#[test]
fn finding_and_testing() {
    let find = "match array_find(@Array<Int>.0, fn(@Int -> @Bool) effects(pure) { @Int.0 > 3 }) { Some(@Int) -> @Int.0, None -> 4 }";
    assert_eq!(ensures("Int", "@Int.result > 3", find), VERIFIED);
    let tested = "if array_all(@Array<Int>.0, fn(@Int -> @Bool) effects(pure) { @Int.0 > 3 }) && array_length(@Array<Int>.0) > 2 then { @Array<Int>.0[2] } else { 9 }";
    assert_eq!(ensures("Int", "@Int.result > 3", tested), VERIFIED);
    let any = "if array_any(@Array<Int>.0, fn(@Int -> @Bool) effects(pure) { @Int.0 > 3 }) then { array_length(@Array<Int>.0) } else { 1 }";
    assert_eq!(ensures("Int", "@Int.result > 0", any), VERIFIED);
}

// ---- closures

const TRUE: &str = "requires(true) ensures(true)";

#[test]
fn closures_know_the_elements_they_get() {
    let body = |array: &str| {
        format!(
            "array_length(array_map({array}, fn(@Int -> @Int) effects(pure) {{ 60 / @Int.0 }}))"
        )
    };
    assert_eq!(all("Int", TRUE, &body("array_range(1, 5)")), ["div_zero verified"]);
    assert_eq!(all("Int", TRUE, &body("[1, 2]")), ["div_zero verified"]);
    assert_eq!(all("Int", TRUE, &body("@Array<Int>.0")), ["div_zero tier3 W007"]);
    let filtered = "array_filter(@Array<Int>.0, fn(@Int -> @Bool) effects(pure) { @Int.0 > 0 })";
    assert_eq!(all("Int", TRUE, &body(filtered)), ["div_zero verified"]);
    let known = "requires(forall(@Nat, array_length(@Array<Int>.0), fn(@Nat -> @Bool) effects(pure) { @Array<Int>.0[@Nat.0] > 0 })) ensures(true)";
    let records = all("Int", known, &body("@Array<Int>.0"));
    assert_eq!(records.last().map(String::as_str), Some("div_zero verified"));
}

#[test]
fn elements_enter_narrower_parameters() {
    let body = |array: &str, param: &str| {
        format!("array_length(array_map({array}, fn(@{param} -> @Int) effects(pure) {{ 1 }}))")
    };
    assert_eq!(all("Int", TRUE, &body("@Array<Int>.0", "Nat")), ["nat_bind tier3 W008"]);
    assert_eq!(all("Int", TRUE, &body("@Array<Int>.0", "Pos")), ["refine_bind tier3 E506"]);
    assert_eq!(all("Int", TRUE, &body("array_range(1, 4)", "Pos")), ["refine_bind verified"]);
    assert_eq!(all("Int", TRUE, &body("@Array<Nat>.0", "Nat")), [] as [&str; 0]);
}
