//! Every report of the prover, as text and as JSON.

mod common;

use vera_diagnostics::{json_text, render_text};

/// Reports and records of a program, as the command line shows them.
fn shown(text: &str) -> String {
    let (verification, sources) = common::verify(text);
    let mut out = text.to_owned();
    out.push_str("\n-- text\n");
    for diagnostic in &verification.diagnostics {
        out.push_str(&render_text(diagnostic, &sources));
    }
    out.push_str("\n-- json\n");
    let mut envelope = serde_json::json!({});
    envelope["reports"] =
        verification.diagnostics.iter().map(|d| vera_diagnostics::to_json(d, &sources)).collect();
    vera_verify::to_json(&verification, &sources, &mut envelope);
    out.push_str(&json_text(&envelope));
    out
}

macro_rules! snapshots {
    ($($name:ident: $text:literal;)*) => {$(
        #[test]
        fn $name() {
            insta::assert_snapshot!(shown($text));
        }
    )*};
}

snapshots! {
    e500_postcondition_false: r#"
private fn f(@Int, @Int -> @Int)
  requires(@Int.0 > 0)
  ensures(@Int.result > @Int.1)
  effects(pure)
{
  @Int.1
}
"#;
    e500_state_false: r#"
private fn f(@Int -> @Unit)
  requires(@Int.0 > 0)
  ensures(new(State<Int>) > old(State<Int>) + @Int.0)
  effects(<State<Int>>)
{
  put(get(()) + @Int.0)
}
"#;
    e501_precondition_false: r#"
private fn half(@Int, @Int -> @Int)
  requires(@Int.0 != 0 && @Int.1 >= 0)
  ensures(true)
  effects(pure)
{
  1
}

private fn f(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  half(@Int.0 % 5, 2)
}
"#;
    e501_domain_of_a_built_in: r#"
private fn f(@Unit -> @Nat)
  requires(true)
  ensures(true)
  effects(pure)
{
  string_char_code("abc", 9)
}
"#;
    e502_underflow: r#"
private fn f(@Nat, @Nat -> @Nat)
  requires(true)
  ensures(true)
  effects(pure)
{
  @Nat.1 - @Nat.0
}
"#;
    e503_negative: r#"
private fn f(@Int -> @Nat)
  requires(true)
  ensures(true)
  effects(pure)
{
  @Int.0
}
"#;
    e505_predicate_false: r#"
type Pos = { @Int | @Int.0 > 0 };

private fn f(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  let @Pos = @Int.0;
  @Pos.0
}
"#;
    e505_literal: r#"
type Percent = { @Nat | @Nat.0 <= 100 };

private fn f(@Unit -> @Nat)
  requires(true)
  ensures(true)
  effects(pure)
{
  let @Percent = 130;
  @Percent.0
}
"#;
    e505_component: r#"
type Pos = { @Int | @Int.0 > 0 };

private fn f(@Option<Int> -> @Option<Pos>)
  requires(true)
  ensures(true)
  effects(pure)
{
  @Option<Int>.0
}
"#;
    e505_invariant_may_fail: r#"
private data Range invariant(match @Range.0 { Range(@Int, @Int) -> @Int.1 <= @Int.0 }) {
  Range(Int, Int)
}

private fn around(@Int, @Int -> @Range)
  requires(@Int.1 > 0)
  ensures(true)
  effects(pure)
{
  Range(@Int.0, @Int.1)
}
"#;
    e506_invariant_without_a_model: r#"
private data Word invariant(match @Word.0 { Word(@String) -> string_length(string_strip(@String.0)) > 0 }) {
  Word(String)
}

private fn word(@String -> @Word)
  requires(true)
  ensures(true)
  effects(pure)
{
  Word(@String.0)
}
"#;
    e506_predicate_undecided: r#"
type Name = { @String | string_length(@String.0) > 0 };

private fn f(@String -> @Name)
  requires(true)
  ensures(true)
  effects(pure)
{
  @String.0
}
"#;
    e506_element_of_a_closure: r#"
type Pos = { @Int | @Int.0 > 0 };

private fn f(@Array<Int> -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  array_length(array_map(@Array<Int>.0, fn(@Pos -> @Int) effects(pure) { 60 / @Pos.0 }))
}
"#;
    e507_assertion_false: r#"
private fn f(@Int -> @Int)
  requires(@Int.0 > 9)
  ensures(true)
  effects(pure)
{
  assert(@Int.0 < 3);
  @Int.0
}
"#;
    e520_no_instance: r#"
private forall<T> fn f(@T -> @T)
  requires(true)
  ensures(@T.result == @T.0)
  effects(pure)
{
  @T.0
}
"#;
    e521_precondition_undecidable: r#"
private fn f(@String -> @Int)
  requires(string_length(@String.0) > 2)
  ensures(true)
  effects(pure)
{
  1
}
"#;
    e522_body_undecidable: r#"
private fn f(@Unit -> @Int)
  requires(true)
  ensures(@Int.result >= 0)
  effects(<Random>)
{
  Random.random_int(-1, 3)
}
"#;
    e523_clause_undecidable: r#"
private fn f(@Int -> @Int)
  requires(true)
  ensures(string_length(int_to_string(@Int.result)) < 9)
  effects(pure)
{
  @Int.0
}
"#;
    e500_parts_of_a_conjunction: r#"
private fn f(@Int, @Int -> @Int)
  requires(@Int.0 > 0)
  ensures(@Int.result > 0 && @Int.result > @Int.1 && @Int.result == @Int.0)
  effects(pure)
{
  @Int.0
}
"#;
    e523_without_induction: r#"
private data List {
  Nil,
  Cons(Int, List)
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

private fn reverse(@List -> @List)
  requires(true)
  ensures(true)
  decreases(@List.0)
  effects(pure)
{
  match @List.0 {
    Nil -> Nil,
    Cons(@Int, @List) -> append(reverse(@List.0), Cons(@Int.0, Nil))
  }
}

private fn same(@List -> @List)
  requires(true)
  ensures(reverse(reverse(@List.result)) == @List.result)
  effects(pure)
{
  @List.0
}
"#;
    e524_timeout: r#"
private fn f(@Int, @Int, @Int -> @Int)
  requires(@Int.0 > 0 && @Int.1 > 0 && @Int.2 > 0)
  ensures(@Int.result != 0)
  effects(pure)
{
  @Int.0 * @Int.0 * @Int.0 + @Int.1 * @Int.1 * @Int.1 - @Int.2 * @Int.2 * @Int.2
}
"#;
    e525_measure: r#"
private fn f(@Nat -> @Nat)
  requires(true)
  ensures(true)
  decreases(@Nat.0)
  effects(pure)
{
  if @Nat.0 == 0 then { 0 } else { f(@Nat.0) }
}
"#;
    e526_division: r#"
private fn f(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  10 % @Int.0
}
"#;
    e527_index: r#"
private fn f(@Unit -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  let @Array<Int> = [4, 5];
  @Array<Int>.0[2]
}
"#;
    e528_overflow: r#"
private fn f(@Int -> @Int)
  requires(@Int.0 == 9223372036854775807)
  ensures(true)
  effects(pure)
{
  @Int.0 + 1
}
"#;
    e529_float_domain: r#"
private fn f(@Unit -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  floor(infinity())
}
"#;
    e532_precondition_undecidable: r#"
private fn g(@String -> @Int)
  requires(string_length(@String.0) > 2)
  ensures(true)
  effects(pure)
{
  1
}

private fn f(@String -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  g(@String.0)
}
"#;
    e534_disclosed: r#"
type Pos = { @Int | @Int.0 > 0 };

private data B {
  Mk(Pos)
}

private fn g(@Int -> @B)
  requires(true)
  ensures(true)
  effects(pure)
{
  Mk(@Int.0)
}

private fn f(@Int -> @Int)
  requires(true)
  ensures(@Int.result > 0)
  effects(pure)
{
  match g(@Int.0) {
    Mk(@Pos) -> @Pos.0
  }
}
"#;
    e535_assertion_undecided: r#"
private fn f(@Int -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  assert(@Int.0 > 0);
  @Int.0
}
"#;
    e538_premises: r#"
private fn f(@Int -> @Int)
  requires(@Int.0 > 0)
  requires(@Int.0 < 0)
  ensures(@Int.result == 8)
  effects(pure)
{
  1
}
"#;
    e539_premises_and_facts: r#"
private fn one(@Unit -> @Int)
  requires(true)
  ensures(@Int.result == 1)
  effects(pure)
{
  1
}

private fn f(@Unit -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  assume(one(()) == 2);
  1
}
"#;
    e540_premises_undecided: r#"
private fn f(@Int, @Int -> @Int)
  requires(@Int.0 * @Int.0 == 2 * (@Int.1 * @Int.1))
  requires(@Int.0 > 0)
  ensures(@Int.result > 0)
  effects(pure)
{
  @Int.0
}
"#;
    w003_assumption: r#"
private fn f(@Int -> @Int)
  requires(true)
  ensures(@Int.result > 3)
  effects(pure)
{
  assume(@Int.0 > 3);
  @Int.0
}
"#;
    instances_of_a_generic_function: r#"
private forall<T> fn second(@T, @T -> @T)
  requires(true)
  ensures(@T.result == @T.0)
  effects(pure)
{
  @T.1
}

private fn f(@Int, @Bool -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  if second(@Bool.0, true) then {
    second(@Int.0, 2)
  } else {
    3
  }
}
"#;
}

snapshots! {
    e501_without_slots: r##"
private fn first(@Array<Int>, @Option<Array<Int>> -> @Int)
  requires(array_length(@Array<Int>.0) > 0)
  requires(match @Option<Array<Int>>.0 { None -> true, Some(_) -> false })
  ensures(true)
  effects(pure)
{
  @Array<Int>.0[0]
}

public fn some(@Array<Int> -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  first(@Array<Int>.0, Some([1]))
}

public fn main(@Unit -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  first([], None)
}
"##;
    e502_of_constants: r#"
public fn main(@Unit -> @Nat)
  requires(true)
  ensures(true)
  effects(pure)
{
  string_length("a") - string_length("ab")
}
"#;
    e503_of_a_constant: r#"
public fn main(@Unit -> @Nat)
  requires(true)
  ensures(true)
  effects(pure)
{
  -5
}
"#;
    e525_the_slot_that_shrinks: r#"
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
    Cons(@Int, @List) -> 1 + len(@List.1)
  }
}
"#;
    e525_of_no_recursion: r#"
public fn main(@Nat -> @Nat)
  requires(true)
  ensures(true)
  decreases(@Nat.0)
  effects(pure)
{
  @Nat.0
}
"#;
    e526_of_constants: r#"
public fn main(@Unit -> @Int)
  requires(true)
  ensures(true)
  effects(pure)
{
  1 / 0
}
"#;
}
