//! The part of the prelude that is proved, and what callers get of it. Compiled code
//! does not check what the prelude promises; so whatever is open here is checked in the
//! body itself.

mod common;

use common::{line, records, verify};

#[test]
fn everything_the_library_owes_is_proved_but_for_these_overflows() {
    let (verification, _) = verify(vera_builtins::LIBRARY);
    let open: Vec<String> = verification
        .records
        .iter()
        .filter(|record| !line(record).ends_with("verified"))
        .map(|record| format!("{}: {} in `{}`", record.function, line(record), record.text))
        .collect();
    insta::assert_snapshot!(open.join("\n"), @r"
    checked_mul: int_overflow tier3 in `@Int.1 * @Int.0`
    array_sum: int_overflow tier3 in `@Int.1 + @Int.0`
    offsets: int_overflow tier3 in `@Nat.0 + string_length(@Array<String>.0[@Nat.1])`
    offsets: int_overflow tier3 in `@Nat.0 + @Nat.3`
    ");
    assert!(verification.records.len() > 200);
    assert_eq!(verification.assumptions, 0);
}

/// What is not verified of a function with these parameters and clauses.
fn open(params: &str, clauses: &str, body: &str) -> Vec<String> {
    let text = format!("private fn f({params})\n  {clauses}\n  effects(pure)\n{{\n  {body}\n}}\n");
    let mut records = records(&verify(&text).0, "f");
    records.retain(|record| !record.ends_with("verified"));
    records
}

#[track_caller]
fn proved(params: &str, clauses: &str, body: &str) {
    assert_eq!(open(params, clauses, body), Vec::<String>::new(), "{body}");
}

const LONG: &str = "requires(array_length(@Array<Int>.0) > 4) ensures";

#[test]
fn a_precondition_is_owed_by_the_caller() {
    let clauses = "requires(true) ensures(true)";
    let call = "array_set(@Array<Int>.0, @Int.0, 1)";
    let refused = open("@Array<Int>, @Int -> @Array<Int>", clauses, call);
    assert_eq!(refused, ["call_pre violated E501"]);
    let call = "array_chunks(@Array<Int>.0, @Int.0)";
    let refused = open("@Array<Int>, @Int -> @Array<Array<Int>>", clauses, call);
    assert_eq!(refused, ["call_pre violated E501"]);
}

#[test]
fn elements_and_lengths_of_what_the_library_makes() {
    let set = "let @Array<Int> = array_set(@Array<Int>.0, 1, 7);";
    let body = format!("{set} @Array<Int>.0[array_length(@Array<Int>.1) - 1 - 3]");
    let seven = "requires(array_length(@Array<Int>.0) == 5) ensures(@Int.result == 7)";
    proved("@Array<Int> -> @Int", seven, &body);
    let kept = format!("{LONG}(@Int.result == @Array<Int>.0[2])");
    proved("@Array<Int> -> @Int", &kept, &format!("{set} @Array<Int>.0[2]"));
    let third = format!("{LONG}(@Int.result == @Array<Int>.0[3])");
    proved("@Array<Int> -> @Int", &third, "array_drop(@Array<Int>.0, 2)[1]");
    proved("@Array<Int> -> @Int", &third, "array_take(@Array<Int>.0, 4)[3]");
    proved("@Array<Int> -> @Int", &third, "array_slice(@Array<Int>.0, 1, 4)[2]");
    let zip = "match array_zip(@Array<Int>.0, @Array<Int>.0)[4] { Tuple(@Int, @Int) -> @Int.0 }";
    proved("@Array<Int> -> @Int", &format!("{LONG}(true)"), zip);
    let entries = "array_length(map_entries(@Map<Int, Int>.0)) - map_size(@Map<Int, Int>.0)";
    proved("@Map<Int, Int> -> @Int", "requires(true) ensures(@Int.result == 0)", entries);
}

#[test]
fn an_index_that_is_found_is_inside() {
    let is = "fn(@Int -> @Bool) effects(pure) { @Int.0 > 3 }";
    let body = format!(
        "match array_find_index(@Array<Int>.0, {is}) {{ Some(@Nat) -> @Array<Int>.0[@Nat.0], None -> 0 }}"
    );
    proved("@Array<Int> -> @Int", "requires(true) ensures(true)", &body);
    let get = "match array_get(@Array<Int>.0, 2) { Some(@Int) -> @Int.0, None -> 99 }";
    proved("@Array<Int> -> @Int", &format!("{LONG}(@Int.result == @Array<Int>.0[2])"), get);
}

#[test]
fn arithmetic_that_does_not_trap() {
    let small = "requires(@Int.0 < 100) ensures(@Int.result == @Int.0 + 1)";
    proved("@Int -> @Int", small, "wrapping_add(@Int.0, 1)");
    let turns = "requires(true) ensures(@Int.result == -9223372036854775808)";
    proved("@Unit -> @Int", turns, "wrapping_add(9223372036854775807, 1)");
    proved("@Unit -> @Int", turns, "wrapping_sub(9223372036854775807, -1)");
    proved("@Unit -> @Int", turns, "bit_shift_left(1, 63)");
    let checked = "match checked_sub(@Int.1, @Int.0) { Some(@Int) -> @Int.0, None -> 0 }";
    let either = "requires(true) ensures(@Int.result == 0 || @Int.result == @Int.1 - @Int.0)";
    assert!(open("@Int, @Int -> @Int", either, checked).iter().all(|r| r.starts_with("int_")));
}

#[test]
fn bits_of_natural_numbers() {
    let below = "requires(true) ensures(@Nat.result <= @Nat.1 && @Nat.result <= @Nat.0)";
    proved("@Nat, @Nat -> @Nat", below, "bit_and(@Nat.1, @Nat.0)");
    let above = "requires(true) ensures(@Nat.result >= @Nat.1)";
    proved("@Nat, @Nat -> @Nat", above, "bit_or(@Nat.1, @Nat.0)");
    let flipped = "requires(true) ensures(@Int.result == -1 - @Int.0)";
    proved("@Int -> @Int", flipped, "bit_not(@Int.0)");
    let constant = "requires(true) ensures(@Int.result == 6)";
    proved("@Unit -> @Int", constant, "bit_xor(bit_and(7, 13), 3)");
    let wrong = "requires(true) ensures(@Int.result >= 0)";
    assert!(!open("@Int, @Int -> @Int", wrong, "bit_xor(@Int.1, @Int.0)").is_empty());
}

#[test]
fn a_fold_of_nothing_is_its_start() {
    let sum = "requires(array_length(@Array<Int>.0) == 0) ensures(@Int.result == 0)";
    proved("@Array<Int> -> @Int", sum, "array_sum(@Array<Int>.0)");
}
