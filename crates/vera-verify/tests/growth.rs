//! Recursions over data whose results cannot overflow, and those whose can.

mod common;

use common::{records, verify};

const DATA: &str = "\
private data List {
  Nil,
  Cons(Int, List)
}

private data Tree {
  Leaf,
  Node(Tree, Int, Tree)
}
";

/// The records about overflow of a recursion over a parameter of this type.
fn overflow(signature: &str, measure: &str, body: &str) -> Vec<String> {
    let text = format!(
        "{DATA}\nprivate fn f({signature})\n  requires(true)\n  ensures(true)\n  decreases({measure})\n  effects(pure)\n{{\n  {body}\n}}\n"
    );
    let all = records(&verify(&text).0, "f");
    all.into_iter().filter(|r| r.starts_with("int_overflow")).collect()
}

const PROVED: &str = "int_overflow verified";
const OPEN: &str = "int_overflow tier3";

#[test]
fn lengths_and_counts_are_bounded_by_the_memory_a_list_takes() {
    let body = "match @List.0 { Nil -> 0, Cons(@Int, @List) -> 1 + f(@List.0) }";
    assert_eq!(overflow("@List -> @Nat", "@List.0", body), [PROVED]);
    let body = "match @List.0 { Nil -> 0, Cons(@Int, @List) -> { let @Int = f(@List.0, @Int.1);\nif @Int.1 == @Int.2 then { @Int.0 + 1 } else { @Int.0 - 1 } } }";
    assert_eq!(overflow("@List, @Int -> @Int", "@List.0", body), [PROVED, PROVED]);
    let body = "match @List.0 { Nil -> 0, Cons(@Int, Nil) -> 1, Cons(@Int, Cons(@Int, @List)) -> 1000 + f(@List.0) }";
    assert_eq!(overflow("@List -> @Nat", "@List.0", body), [PROVED]);
}

#[test]
fn heights_are_bounded_and_sizes_are_not() {
    let body =
        "match @Tree.0 { Leaf -> 0, Node(@Tree, @Int, @Tree) -> 1 + max(f(@Tree.1), f(@Tree.0)) }";
    assert_eq!(overflow("@Tree -> @Int", "@Tree.0", body), [PROVED]);
    // The parts of a tree may be shared.
    let body =
        "match @Tree.0 { Leaf -> 0, Node(@Tree, @Int, @Tree) -> f(@Tree.1) + f(@Tree.0) + 1 }";
    assert_eq!(overflow("@Tree -> @Nat", "@Tree.0", body), [OPEN, OPEN]);
    let body = "match @Tree.0 { Leaf -> 1, Node(@Tree, @Int, @Tree) -> { let @Nat = f(@Tree.0);\n@Nat.0 + @Nat.0 } }";
    assert_eq!(overflow("@Tree -> @Nat", "@Tree.0", body), [OPEN]);
}

#[test]
fn what_is_added_must_be_constant() {
    let body = "match @List.0 { Nil -> 0, Cons(@Int, @List) -> @Int.0 + f(@List.0) }";
    assert_eq!(overflow("@List -> @Int", "@List.0", body), [OPEN]);
    let body = "match @List.0 { Nil -> 0, Cons(@Int, @List) -> 4611686018427387904 + f(@List.0) }";
    assert_eq!(overflow("@List -> @Int", "@List.0", body), [OPEN]);
    let body = "match @List.0 { Nil -> @Int.0, Cons(@Int, @List) -> f(@List.0, @Int.1 + 1) }";
    assert_eq!(overflow("@List, @Int -> @Int", "@List.0", body), [OPEN]);
}

#[test]
fn a_recursion_to_what_is_no_part_is_not_bounded() {
    let body = "match @List.0 { Nil -> 0, Cons(@Int, @List) -> 1 + f(Cons(@Int.0 - 1, @List.0)) }";
    let all = overflow("@List -> @Nat", "@List.0", body);
    assert!(all.contains(&OPEN.to_owned()), "{all:?}");
    let body = "if @Nat.0 == 0 then { 0 } else { 1 + f(@Nat.0 - 1) }";
    assert_eq!(overflow("@Nat -> @Nat", "@Nat.0", body), [PROVED, OPEN]);
}
