//! What is known of elements at every index, of collections that come out of branches or
//! definitions, and of closures that are written alike.

mod common;

use common::{claiming as f, ensures};

const PROVED: &str = "ensures verified";

#[test]
fn elements_are_of_their_type_at_every_index() {
    for (ty, claim) in
        [("Nat", ">= 0"), ("Nat", "<= 9223372036854775807"), ("Int", "<= 9223372036854775807")]
    {
        let quantified = format!(
            "forall(@Nat, array_length(@Array<{ty}>.0), fn(@Nat -> @Bool) effects(pure) {{ @Array<{ty}>.0[@Nat.0] {claim} }})"
        );
        let signature = format!("@Array<{ty}> -> @Unit");
        assert_eq!(ensures(&f(&signature, &quantified, "()")), [PROVED], "{ty} {claim}");
        let all = format!(
            "array_all(@Array<{ty}>.0, fn(@{ty} -> @Bool) effects(pure) {{ @{ty}.0 {claim} }})"
        );
        assert_eq!(ensures(&f(&signature, &all, "()")), [PROVED], "{ty} {claim}");
    }
    let letters = "type Letter = { @Nat | @Nat.0 < 26 };\n\n".to_owned()
        + &f(
            "@Array<Letter> -> @Unit",
            "forall(@Nat, array_length(@Array<Letter>.0), fn(@Nat -> @Bool) effects(pure) { @Array<Letter>.0[@Nat.0] < 26 })",
            "()",
        );
    assert_eq!(ensures(&letters), [PROVED]);
    let wrong = "array_all(@Array<Nat>.0, fn(@Nat -> @Bool) effects(pure) { @Nat.0 > 0 })";
    assert_ne!(ensures(&f("@Array<Nat> -> @Unit", wrong, "()")), [PROVED]);
}

#[test]
fn what_a_filter_keeps_meets_its_predicate_at_every_index() {
    let all = "array_all(@Array<Int>.result, fn(@Int -> @Bool) effects(pure) { @Int.0 > LOW })";
    let kept = "array_filter(@Array<Int>.0, fn(@Int -> @Bool) effects(pure) { @Int.0 > 0 })";
    let more = format!("array_map({kept}, fn(@Int -> @Int) effects(pure) {{ @Int.0 + 1 }})");
    let claim = |low: &str, body: &str| {
        ensures(&f("@Array<Int> -> @Array<Int>", &all.replace("LOW", low), body))
    };
    assert_eq!(claim("0", kept), [PROVED]);
    assert_ne!(claim("1", kept), [PROVED]);
    assert_eq!(claim("1", &more), [PROVED]);
    assert_ne!(claim("2", &more), [PROVED]);
}

#[test]
fn collections_are_followed_through_branches() {
    let body = "if @Bool.0 then {\n    array_concat(@Array<Int>.0, [3])\n  } else {\n    [3]\n  }";
    let claim = "@Array<Int>.result[array_length(@Array<Int>.result) - 1] == VALUE";
    let of = |value: &str| {
        ensures(&f("@Array<Int>, @Bool -> @Array<Int>", &claim.replace("VALUE", value), body))
    };
    assert_eq!(of("3"), [PROVED]);
    assert_ne!(of("4"), [PROVED]);
    let body = "if @Bool.0 then {\n    map_insert(@Map<Int, Int>.0, 1, 7)\n  } else {\n    map_remove(map_insert(map_new(), 1, 7), 2)\n  }";
    let claim = "map_get(@Map<Int, Int>.result, 1) == Some(VALUE)";
    let of = |value: &str| {
        ensures(&f("@Map<Int, Int>, @Bool -> @Map<Int, Int>", &claim.replace("VALUE", value), body))
    };
    assert_eq!(of("7"), [PROVED]);
    assert_ne!(of("8"), [PROVED]);
}

const TIMES: &str = "\
private fn times(@Map<String, Int>, @String -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  option_unwrap_or(map_get(@Map<String, Int>.0, @String.0), 0)
}

private fn has(@Set<Int>, @Int -> @Bool)
  requires(true)
  ensures(true)
  effects(pure)
{
  set_contains(@Set<Int>.0, @Int.0)
}

";

#[test]
fn maps_and_sets_are_asked_for_keys_by_definitions() {
    let map = |claim: &str| {
        let body =
            "map_insert(@Map<String, Int>.0, @String.0, times(@Map<String, Int>.0, @String.0) + 1)";
        let signature = "@Map<String, Int>, @String, @String -> @Map<String, Int>";
        ensures(&(TIMES.to_owned() + &f(signature, claim, body)))
    };
    let own = "times(@Map<String, Int>.result, @String.0) == times(@Map<String, Int>.0, @String.0) + STEP";
    assert_eq!(map(&own.replace("STEP", "1")), [PROVED]);
    assert_ne!(map(&own.replace("STEP", "2")), [PROVED]);
    let other = "PREMISE || times(@Map<String, Int>.result, @String.1) == times(@Map<String, Int>.0, @String.1)";
    assert_eq!(map(&other.replace("PREMISE", "@String.0 == @String.1")), [PROVED]);
    assert_ne!(map(&other.replace("PREMISE", "false")), [PROVED]);
    let set = |claim: &str| {
        let body = "set_remove(set_add(@Set<Int>.0, @Int.1), @Int.0)";
        ensures(&(TIMES.to_owned() + &f("@Set<Int>, @Int, @Int -> @Set<Int>", claim, body)))
    };
    assert_eq!(set("!has(@Set<Int>.result, @Int.0)"), [PROVED]);
    assert_eq!(set("@Int.0 == @Int.1 || has(@Set<Int>.result, @Int.1)"), [PROVED]);
    assert_ne!(set("has(@Set<Int>.result, @Int.1)"), [PROVED]);
}

const FILTER: &str = "\
private data List {
  Nil,
  Cons(Int, List)
}

type Test = fn(Int -> Bool) effects(pure);

private fn all(@Test, @List -> @Bool)
  requires(true)
  ensures(true)
  decreases(@List.0)
  effects(pure)
{
  match @List.0 {
    Nil -> true,
    Cons(@Int, @List) -> apply_fn(@Test.0, @Int.0) && all(@Test.0, @List.0)
  }
}

private fn filter(@Test, @List -> @List)
  requires(true)
  ensures(all(@Test.0, @List.result))
  decreases(@List.0)
  effects(pure)
{
  match @List.0 {
    Nil -> Nil,
    Cons(@Int, @List) -> if apply_fn(@Test.0, @Int.0) then {
      Cons(@Int.0, filter(@Test.0, @List.0))
    } else {
      filter(@Test.0, @List.0)
    }
  }
}

";

#[test]
fn closures_written_alike_over_the_same_values_are_the_same() {
    let body = "filter(fn(@Int -> @Bool) effects(pure) { @Int.0 < @Int.1 }, @List.0)";
    let claim = "all(fn(@Int -> @Bool) effects(pure) { @Int.0 < @Int.1 }, @List.result)";
    let same = f("@List, @Int, @Int -> @List", claim, body);
    assert_eq!(ensures(&format!("{FILTER}{same}")), [PROVED]);
    // The same text over another value.
    let other = "let @Int = @Int.1;\n  filter(fn(@Int -> @Bool) effects(pure) { @Int.0 < @Int.1 }, @List.0)";
    let other = f("@List, @Int, @Int -> @List", claim, other);
    assert_ne!(ensures(&format!("{FILTER}{other}")), [PROVED]);
}

#[test]
fn laws_of_products_are_seen_with_bodies_in_the_place_of_calls() {
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/programs/determinant.vera"
    ))
    .expect("the program is there");
    assert_eq!(ensures(&text), [PROVED]);
    assert_ne!(ensures(&text.replace("@Int.3 * @Int.0 -", "@Int.3 * @Int.0 +")), [PROVED]);
}

/// `half` promises a bound, and traps at 0.
const HALF: &str = "private fn half(@Nat -> @Nat)\n  requires(@Nat.0 > 0)\n  ensures(@Nat.result < @Nat.0)\n  effects(pure)\n{\n  @Nat.0 / 2\n}\n\n";

#[test]
fn calls_at_the_variable_of_a_quantifier_are_known_where_it_is_decided() {
    let all = |claim: &str| {
        format!("forall(@Nat, @Nat.0, fn(@Nat -> @Bool) effects(pure) {{ {claim} }})")
    };
    let some = |claim: &str| {
        format!("exists(@Nat, @Nat.0, fn(@Nat -> @Bool) effects(pure) {{ {claim} }})")
    };
    let claim = |claim: &str| ensures(&(HALF.to_owned() + &f("@Nat -> @Unit", claim, "()")));
    // From the promise, and from the body.
    assert_eq!(claim(&all("half(@Nat.0 + 1) <= @Nat.0")), [PROVED]);
    assert_eq!(claim(&all("half(@Nat.0 + 1) * 2 <= @Nat.0 + 1")), [PROVED]);
    assert_ne!(claim(&all("half(@Nat.0 + 1) < 3")), [PROVED]);
    assert_ne!(claim(&all("half(@Nat.0 + 1) < @Nat.0")), [PROVED]);
    // That one such index exists says how many there are.
    let least = |n: u32| format!("!{} || @Nat.0 >= {n}", some("half(@Nat.0 + 1) == 7"));
    assert_eq!(claim(&least(14)), [PROVED]);
    assert_ne!(claim(&least(15)), [PROVED]);
    // A predicate that holds at all indices does at one that is written out.
    let used = |rest: &str| format!("!{} || {rest}", all("half(@Nat.0 + 1) == 0"));
    assert_eq!(claim(&used("@Nat.0 <= 5 || half(6) == 0")), [PROVED]);
    assert_ne!(claim(&used("half(6) == 0")), [PROVED]);
}

#[test]
fn what_a_predicate_teaches_holds_at_the_deciding_index_only() {
    // `half(@Nat.0)` traps at 0, so a run that comes back had no index; what its check
    // teaches must not hold of the parameter.
    let called = "forall(@Nat, @Nat.0, fn(@Nat -> @Bool) effects(pure) { half(@Nat.0) < @Nat.0 })";
    let text = HALF.to_owned() + &f("@Nat -> @Unit", &format!("{called} && @Nat.0 > 0"), "()");
    assert_ne!(ensures(&text), [PROVED]);
    let inner = "forall(@Nat, @Nat.0, fn(@Nat -> @Bool) effects(pure) { exists(@Nat, @Nat.0 + 1, fn(@Nat -> @Bool) effects(pure) { half(@Nat.0 + 1) <= half(@Nat.1 + 1) }) })";
    assert_eq!(ensures(&(HALF.to_owned() + &f("@Nat -> @Unit", inner, "()"))), [PROVED]);
    let wrong = inner.replace("<=", ">");
    assert_ne!(ensures(&(HALF.to_owned() + &f("@Nat -> @Unit", &wrong, "()"))), [PROVED]);
}
