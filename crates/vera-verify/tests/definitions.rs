//! What is known of a call from the callee's body.

mod common;

use common::{ensures, records, verify};

const HELPERS: &str = "\
private data List {
  Nil,
  Cons(Int, List)
}

private fn len(@List -> @Nat)
  requires(true)
  ensures(true)
  decreases(@List.0)
  effects(pure)
{
  match @List.0 {
    Nil -> 0,
    Cons(@Int, @List) -> 1 + len(@List.0)
  }
}

private fn next(@Int -> @Int)
  requires(@Int.0 != 7)
  ensures(true)
  effects(pure)
{
  @Int.0 + 1
}

private fn text(@Int -> @String)
  requires(true)
  ensures(true)
  effects(pure)
{
  \"<\\(@Int.0)>\"
}

private fn halved(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  let @Nat = @Int.0 - 10;
  100 / @Nat.0
}
";

/// The records of a function with this signature, result claim and body.
fn f(signature: &str, ensures: &str, body: &str) -> Vec<String> {
    let text = format!(
        "{HELPERS}\nprivate fn f({signature})\n  requires(true)\n  ensures({ensures})\n  effects(pure)\n{{\n  {body}\n}}\n"
    );
    records(&verify(&text).0, "f")
}

fn last(signature: &str, ensures: &str, body: &str) -> String {
    f(signature, ensures, body).pop().expect("a record")
}

const PROVED: &str = "ensures verified";

#[test]
fn a_body_is_known_where_its_call_returned() {
    // That it returned says that the sum fits, in the claim as well.
    let body = "if @Int.0 == 7 then { 8 } else { next(@Int.0) }";
    let known = f("@Int -> @Int", "@Int.result == @Int.0 + 1", body);
    assert_eq!(known, ["int_overflow verified", PROVED]);
    // What was not let in says nothing.
    let owed = f("@Int -> @Int", "@Int.result == 9", "next(@Int.0)");
    assert_eq!(owed[0], "call_pre violated E501");
    assert_ne!(owed[1], PROVED);
}

#[test]
fn checks_that_were_passed_are_known() {
    let body = "let @Int = halved(@Int.0); @Int.1";
    assert_eq!(last("@Int -> @Int", "@Int.result > 10", body), PROVED);
    assert_eq!(last("@Int -> @Int", "@Int.result > 11", body), "ensures violated E500");
    // Not before the call, and not where it is not made.
    let before = "let @Int = @Int.0; if @Int.0 > 20 then { halved(@Int.0) } else { @Int.0 }";
    assert_eq!(last("@Int -> @Int", "@Int.0 > 10", before), "ensures violated E500");
}

#[test]
fn a_value_without_a_model_is_a_function_of_the_arguments() {
    let same = "text(@Int.0) == text(@Int.0 + 0)";
    assert_eq!(last("@Int -> @Bool", "@Bool.result", same), PROVED);
    let other = "text(@Int.0) == text(@Int.0 - 1)";
    assert_ne!(last("@Int -> @Bool", "@Bool.result", other), PROVED);
    assert_ne!(last("@Int -> @Bool", "!@Bool.result", other), PROVED);
}

#[test]
fn recursion_is_followed_for_some_calls() {
    let two = "len(Cons(1, Cons(@Int.0, Nil)))";
    assert_eq!(last("@Int -> @Nat", "@Nat.result == 2", two), PROVED);
    assert_eq!(last("@List -> @Nat", "@Nat.result < 2", "len(@List.0)"), "ensures violated E500");
    assert_eq!(last("@List -> @Nat", "@Nat.result < 9", "len(@List.0)"), "ensures tier3 E522");
}

#[test]
fn function_values_without_effects_are_functions() {
    let twice = "apply_fn(@Fn.0, @Int.0) == apply_fn(@Fn.0, @Int.0 + 0)";
    let signature = "@fn(Int -> Int) effects(pure), @Int -> @Bool";
    assert_eq!(last(signature, "@Bool.result", twice), PROVED);
    let known = "apply_fn(fn(@Int -> @Int) effects(pure) { @Int.0 - @Int.0 + 3 }, @Int.0)";
    assert_eq!(last("@Int -> @Int", "@Int.result == 3", known), PROVED);
}

#[test]
fn arrays_that_functions_make_and_read_are_followed_through_them() {
    let program = "private data Stack {
  Stack(Array<Int>)
}

private fn push(@Stack, @Int -> @Stack)
  requires(true)
  ensures(true)
  effects(pure)
{
  match @Stack.0 {
    Stack(@Array<Int>) -> Stack(array_append(@Array<Int>.0, @Int.0))
  }
}

private fn size(@Stack -> @Nat)
  requires(true)
  ensures(true)
  effects(pure)
{
  match @Stack.0 {
    Stack(@Array<Int>) -> array_length(@Array<Int>.0)
  }
}

private fn item(@Stack, @Nat -> @Int)
  requires(@Nat.0 < size(@Stack.0))
  ensures(true)
  effects(pure)
{
  match @Stack.0 {
    Stack(@Array<Int>) -> @Array<Int>.0[@Nat.0]
  }
}

private fn f(@Stack, @Int, @Nat -> @Unit)
  requires(@Nat.0 < size(@Stack.0))
  ensures(item(push(@Stack.0, @Int.0), size(@Stack.0)) == @Int.0)
  ensures(item(push(@Stack.0, @Int.0), @Nat.0) == item(@Stack.0, @Nat.0))
  effects(pure)
{
  ()
}
";
    assert_eq!(ensures(program), ["ensures verified", "ensures verified"]);
    let wrong = program
        .replace("array_append(@Array<Int>.0, @Int.0)", "array_concat([@Int.0], @Array<Int>.0)");
    assert!(
        ensures(&wrong).iter().all(|record| record != "ensures verified"),
        "{:?}",
        ensures(&wrong)
    );
    let reversed = wrong.replace(
        "array_concat([@Int.0], @Array<Int>.0)",
        "array_reverse(array_concat([@Int.0], array_reverse(@Array<Int>.0)))",
    );
    assert_eq!(ensures(&reversed), ["ensures verified", "ensures verified"]);
}
