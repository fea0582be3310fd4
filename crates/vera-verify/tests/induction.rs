//! Claims proved by induction that no recursive call was written for.

mod common;

use common::{records, verify};

const LISTS: &str = "\
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

private fn append(@List, @List -> @List)
  requires(true)
  ensures(true)
  decreases(@List.1)
  effects(pure)
{
  match @List.1 {
    Nil -> @List.0,
    Cons(@Int, @List) -> Cons(@Int.0, append(@List.0, @List.1))
  }
}

private fn rev(@List -> @List)
  requires(true)
  ensures(true)
  decreases(@List.0)
  effects(pure)
{
  match @List.0 {
    Nil -> Nil,
    Cons(@Int, @List) -> append(rev(@List.0), Cons(@Int.0, Nil))
  }
}

private fn rev_acc(@List, @List -> @List)
  requires(true)
  ensures(true)
  decreases(@List.1)
  effects(pure)
{
  match @List.1 {
    Nil -> @List.0,
    Cons(@Int, @List) -> rev_acc(@List.0, Cons(@Int.0, @List.1))
  }
}

private fn sum(@List -> @Int)
  requires(true)
  ensures(true)
  decreases(@List.0)
  effects(pure)
{
  match @List.0 {
    Nil -> 0,
    Cons(@Int, @List) -> @Int.0 + sum(@List.0)
  }
}

private fn double(@Nat -> @Nat)
  requires(true)
  ensures(true)
  decreases(@Nat.0)
  effects(pure)
{
  if @Nat.0 == 0 then {
    0
  } else {
    2 + double(@Nat.0 - 1)
  }
}
";

/// The verdict on the postcondition of a function of this signature.
fn claim(signature: &str, ensures: &str, body: &str) -> String {
    let lemma = |name: &str, signature: &str, ensures: &str, body: &str| {
        format!(
            "\nprivate fn {name}({signature})\n  requires(true)\n  ensures({ensures})\n  effects(pure)\n{{\n  {body}\n}}\n"
        )
    };
    let neutral = lemma("neutral", "@List -> @Unit", "append(@List.0, Nil) == @List.0", "()");
    let associative = lemma("associative", "@List, @List, @List -> @Unit", ASSOCIATIVE, "()");
    let f = lemma("f", signature, ensures, body);
    let all = records(&verify(&format!("{LISTS}{neutral}{associative}{f}")).0, "f");
    all.into_iter().rfind(|r| r.starts_with("ensures")).expect("a postcondition")
}

const ASSOCIATIVE: &str =
    "append(append(@List.2, @List.1), @List.0) == append(@List.2, append(@List.1, @List.0))";
const PROVED: &str = "ensures verified";
const OPEN: &str = "ensures tier3 E523";
const REFUTED: &str = "ensures violated E500";

#[test]
fn a_part_of_a_list_is_smaller() {
    assert_eq!(claim("@List -> @Unit", "append(@List.0, Nil) == @List.0", "()"), PROVED);
    assert_eq!(claim("@List, @List, @List -> @Unit", ASSOCIATIVE, "()"), PROVED);
    let lengths = "len(append(@List.1, @List.0)) == len(@List.1) + len(@List.0)";
    assert_eq!(claim("@List, @List -> @Unit", lengths, "()"), PROVED);
    let longer = "len(append(@List.1, @List.0)) == len(@List.1) + len(@List.0) + 1";
    assert_eq!(claim("@List, @List -> @Unit", longer, "()"), REFUTED);
}

#[test]
fn a_smaller_number_that_is_not_negative_is_smaller() {
    assert_eq!(claim("@Nat -> @Unit", "double(@Nat.0) == 2 * @Nat.0", "()"), PROVED);
    assert_eq!(claim("@Nat -> @Unit", "double(@Nat.0) != 4", "()"), REFUTED);
}

#[test]
fn the_claim_may_be_about_the_result() {
    let body = "rev_acc(@List.1, @List.0)";
    let lengths = "len(@List.result) == len(@List.1) + len(@List.0)";
    assert_eq!(claim("@List, @List -> @List", lengths, body), PROVED);
    let wrong = "len(@List.result) == len(@List.1) + len(@List.1)";
    assert_eq!(claim("@List, @List -> @List", wrong, body), REFUTED);
}

#[test]
fn other_arguments_may_be_anything() {
    // The second argument of the hypothesis is one element longer.
    let reversed = "rev_acc(@List.1, @List.0) == append(rev(@List.1), @List.0)";
    let body = "match @List.1 {\n    Nil -> (),\n    Cons(@Int, @List) -> associative(rev(@List.0), Cons(@Int.0, Nil), @List.1)\n  }";
    assert_eq!(claim("@List, @List -> @Unit", reversed, body), PROVED);
    assert_eq!(claim("@List, @List -> @Unit", reversed, "()"), OPEN);
}

#[test]
fn a_sum_that_may_overflow_has_its_law_where_it_does_not() {
    let sums = "sum(append(@List.1, @List.0)) == sum(@List.1) + sum(@List.0)";
    assert_eq!(claim("@List, @List -> @Unit", sums, "()"), PROVED);
}

#[test]
fn nothing_is_taken_as_proved_of_arguments_that_are_not_smaller() {
    let swapped = "append(@List.1, @List.0) == append(@List.0, @List.1)";
    assert_eq!(claim("@List, @List -> @Unit", swapped, "()"), REFUTED);
    // False from five elements on, which is further than is looked.
    assert_eq!(claim("@List -> @Unit", "len(rev(@List.0)) < 9", "()"), OPEN);
    assert_eq!(claim("@List -> @Unit", "rev(@List.0) == @List.0", "()"), REFUTED);
}
