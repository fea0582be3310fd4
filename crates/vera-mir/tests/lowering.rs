//! MIR of small functions, after optimisation, one snapshot for each shape of
//! code the design promises.

use vera_check::NoModules;
use vera_diagnostics::SourceFile;
use vera_mir::lower::{Options, lower};

/// The functions of a program as text, without tables of places.
fn mir(body: &str) -> String {
    mir_of(body, false)
}

/// `trials`: of calls with supplied arguments only.
fn mir_of(body: &str, trials: bool) -> String {
    let text = body.replace("spec", "requires(true)\n  ensures(true)\n  effects(pure)");
    let checked = vera_check::check(SourceFile::new("test.vera", &text), &mut NoModules);
    let shown: Vec<String> = checked
        .diagnostics
        .iter()
        .map(|d| vera_diagnostics::render_text(d, &checked.sources))
        .collect();
    let program = checked.program.unwrap_or_else(|| panic!("{}", shown.join("\n")));
    let functions = program.entry_fns.clone();
    let options = Options { only: trials.then_some(functions.as_slice()), ..Options::default() };
    let mut mir =
        lower(&program, &checked.sources, &options).unwrap_or_else(|errors| panic!("{errors:?}"));
    vera_mir::passes::optimise(&mut mir, Default::default());
    vera_mir::analysis::annotate(&mut mir);
    vera_mir::verify::verify(&mir).unwrap_or_else(|errors| panic!("{errors}"));
    let text = mir.to_string();
    let start = text.find("\nfn ").unwrap_or(0);
    let mut out = String::new();
    for line in text[start..].lines() {
        out.push_str(line.split(" !loc").next().unwrap_or(line));
        out.push('\n');
    }
    out
}

macro_rules! shape {
    ($name:ident, $program:literal) => {
        #[test]
        fn $name() {
            insta::assert_snapshot!(mir($program));
        }
    };
}

shape!(
    a_self_tail_call_is_a_loop,
    "public fn sum(@Int, @Int -> @Int)
  spec
{
  if @Int.1 == 0 then {
    @Int.0
  } else {
    looped(@Int.1 - 1, @Int.0 + @Int.1)
  }
}
where {
  fn looped(@Int, @Int -> @Int)
    requires(true)
    ensures(true)
    decreases(@Int.1)
    effects(pure)
  {
    if @Int.1 == 0 then {
      @Int.0
    } else {
      looped(@Int.1 - 1, @Int.0 + @Int.1)
    }
  }
}
"
);

shape!(
    a_closure_passed_to_array_map_is_inlined,
    "public fn scaled(@Array<Int>, @Int -> @Array<Int>)
  spec
{
  array_map(@Array<Int>.0, fn(@Int -> @Int) effects(pure) { @Int.0 * @Int.1 })
}
"
);

shape!(
    a_match_tests_each_value_once,
    "private data Shape {
  Dot,
  Line(Int),
  Box(Int, Int)
}

public fn both(@Int, @Int -> @Int)
  spec
{
  area(if @Int.0 == 0 then { Dot } else { Line(@Int.0) }, Box(@Int.1, 2))
}

private fn area(@Shape, @Shape -> @Int)
  spec
{
  match Tuple(@Shape.1, @Shape.0) {
    Tuple(Dot, Dot) -> 0,
    Tuple(Line(@Int), _) -> @Int.0,
    Tuple(_, Box(@Int, @Int)) -> @Int.0 * @Int.1,
    Tuple(_, _) -> 1
  }
}
"
);

shape!(
    contracts_are_guards,
    "public fn half(@Int -> @Int)
  requires(@Int.0 >= 0)
  ensures(@Int.result <= @Int.0)
  effects(pure)
{
  @Int.0 / 2
}
"
);

shape!(
    a_fresh_object_is_not_read_back,
    "public fn first(@Int, @Int -> @Int)
  spec
{
  let Tuple<@Int, @Int> = Tuple(@Int.1, @Int.0);
  @Int.1
}
"
);

shape!(
    a_test_for_greater_is_one_comparison,
    "public fn exceeds(@Int, @Int -> @Bool)
  spec
{
  compare(@Int.1, @Int.0) == Greater
}"
);

shape!(
    literals_in_an_array_are_data,
    "public fn primes(-> @Array<Int>)
  spec
{
  [2, 3, -5]
}"
);

shape!(
    a_map_gets_an_entry_made_here,
    "public fn bound(@Map<Int, String>, @Int, @String -> @Map<Int, String>)
  spec
{
  map_insert(@Map<Int, String>.0, @Int.0, @String.0)
}"
);

shape!(
    a_result_that_callers_take_apart_is_returned_as_fields,
    "public fn known(@Int -> @Bool)
  requires(true)
  ensures(true)
  effects(<Diverge>)
{
  match depth(@Int.0) {
    Ok(@Int) -> true,
    Err(@String) -> false
  }
}

private fn depth(@Int -> @Result<Int, String>)
  requires(true)
  ensures(true)
  effects(<Diverge>)
{
  if @Int.0 > 1000 then { Err(\"deep\") } else {
    match depth(@Int.0 * @Int.0) {
      Ok(@Int) -> Ok(@Int.0 + 1),
      Err(@String) -> if @Int.0 > 30 then { Ok(0) } else { Err(@String.0) }
    }
  }
}
"
);

shape!(
    a_caller_that_keeps_a_result_makes_the_object,
    "public fn kept(@Int -> @Array<Option<Int>>)
  requires(true)
  ensures(true)
  effects(<Diverge>)
{
  [depth(@Int.0)]
}

public fn depth(@Int -> @Option<Int>)
  requires(true)
  ensures(true)
  effects(<Diverge>)
{
  if @Int.0 > 1000 then { None } else {
    match depth(@Int.0 * @Int.0) {
      Some(@Int) -> Some(@Int.0 + 1),
      None -> Some(0)
    }
  }
}
"
);

shape!(
    a_tuple_in_a_loop_is_its_fields,
    "public fn sums(@Array<Int> -> @Int)
  spec
{
  let @Tuple<Int, Int> = array_fold(@Array<Int>.0, Tuple(0, 1), fn(@Tuple<Int, Int>, @Int -> @Tuple<Int, Int>) effects(pure) {
    match @Tuple<Int, Int>.0 {
      Tuple(@Int, @Int) -> Tuple(@Int.1 + @Int.2, @Int.0 * @Int.2)
    }
  });
  match @Tuple<Int, Int>.0 {
    Tuple(@Int, @Int) -> @Int.1 + @Int.0
  }
}
"
);

shape!(
    a_string_that_a_loop_builds_is_extended_in_place,
    "public fn joined(@Array<String> -> @String)
  spec
{
  array_fold(@Array<String>.0, \"\", fn(@String, @String -> @String) effects(pure) {
    if string_length(@String.1) == 0 then { @String.0 } else { string_concat(string_concat(@String.1, \",\"), @String.0) }
  })
}
"
);

shape!(
    a_string_that_a_loop_keeps_is_not_extended_in_place,
    "public fn prefixes(@Array<String> -> @Array<String>)
  spec
{
  let @Tuple<String, Array<String>> = array_fold(@Array<String>.0, Tuple(\"\", []), fn(@Tuple<String, Array<String>>, @String -> @Tuple<String, Array<String>>) effects(pure) {
    match @Tuple<String, Array<String>>.0 {
      Tuple(@String, @Array<String>) -> {
        let @String = string_concat(@String.0, @String.1);
        Tuple(@String.0, array_append(@Array<String>.0, @String.0))
      }
    }
  });
  match @Tuple<String, Array<String>>.0 {
    Tuple(@String, @Array<String>) -> @Array<String>.0
  }
}
"
);

shape!(
    numbers_counted_through_are_no_array,
    "public fn sum(@Array<Int> -> @Int)
  spec
{
  array_fold(array_range(0, array_length(@Array<Int>.0)), 0, fn(@Int, @Int -> @Int) effects(pure) {
    if @Int.0 < array_length(@Array<Int>.0) then { @Int.1 + @Array<Int>.0[@Int.0] } else { @Int.1 }
  })
}
"
);

shape!(
    nothing_is_computed_twice,
    "public fn twice(@Array<Int>, @Int -> @Int)
  spec
{
  (@Array<Int>.0[@Int.0] * @Int.0 + 1) * (@Array<Int>.0[@Int.0] * @Int.0 + 1)
}
"
);

shape!(
    accesses_inside_the_bounds_are_not_checked,
    "public fn smooth(@Array<Int> -> @Array<Int>)
  spec
{
  array_map(array_range(1, array_length(@Array<Int>.0)), fn(@Int -> @Int) effects(pure) {
    @Array<Int>.0[@Int.0 - 1] + @Array<Int>.0[@Int.0]
  })
}

public fn from_the_end(@Array<Int>, @Nat, @Int -> @Int)
  requires(@Nat.0 <= array_length(@Array<Int>.0))
  ensures(true)
  decreases(@Nat.0)
  effects(pure)
{
  if @Nat.0 == 0 then { @Int.0 } else {
    from_the_end(@Array<Int>.0, @Nat.0 - 1, max(@Int.0, @Array<Int>.0[@Nat.0 - 1]))
  }
}
"
);

shape!(
    accesses_that_may_be_outside_are_checked,
    "public fn beyond(@Array<Int> -> @Int)
  spec
{
  array_fold(array_range(0, array_length(@Array<Int>.0)), 0, fn(@Int, @Int -> @Int) effects(pure) {
    @Int.1 + @Array<Int>.0[@Int.0 + 1]
  })
}

public fn before(@Array<Int>, @Int -> @Int)
  spec
{
  if @Int.0 < array_length(@Array<Int>.0) then { @Array<Int>.0[@Int.0] } else { 0 }
}
"
);

#[test]
fn a_trial_checks_what_it_is_given_before_it_calls() {
    let program = "private data Shape {
  Dot,
  Square(Nat)
}

public fn f(@Array<Shape>, @String, @Int -> @Int)
  requires(@Int.0 > array_length(@Array<Shape>.0))
  ensures(true)
  effects(pure)
{
  @Int.0
}";
    insta::assert_snapshot!(mir_of(program, true));
}

shape!(
    a_map_over_a_fresh_array_writes_into_it,
    "public fn scaled(@Array<Int>, @Int -> @Array<Int>)
  spec
{
  array_map(array_map(@Array<Int>.0, fn(@Int -> @Int) effects(pure) { @Int.0 * @Int.1 }), fn(@Int -> @Int) effects(pure) { @Int.0 + 1 })
}
"
);

shape!(
    a_map_over_fresh_references_writes_into_them,
    "public fn shouted(@Array<String> -> @Array<String>)
  spec
{
  array_map(array_map(@Array<String>.0, fn(@String -> @String) effects(pure) { string_upper(@String.0) }), fn(@String -> @String) effects(pure) { string_concat(@String.0, \"!\") })
}
"
);

shape!(
    a_map_over_an_array_that_is_used_again_does_not,
    "public fn both(@Array<Int> -> @Int)
  spec
{
  let @Array<Int> = array_map(@Array<Int>.0, fn(@Int -> @Int) effects(pure) { @Int.0 * 2 });
  let @Array<Int> = array_map(@Array<Int>.0, fn(@Int -> @Int) effects(pure) { @Int.0 + 1 });
  array_fold(@Array<Int>.1, array_fold(@Array<Int>.0, 0, fn(@Int, @Int -> @Int) effects(pure) { @Int.0 + @Int.1 }), fn(@Int, @Int -> @Int) effects(pure) { @Int.0 + @Int.1 })
}
"
);

shape!(
    constant_values_are_data,
    "private data Tree {
  Leaf,
  Node(Tree, Int, Tree)
}

public fn build(@Int -> @Tree)
  spec
{
  if @Int.0 == 0 then { Node(Leaf, 7, Node(Leaf, 8, Leaf)) } else { Node(Node(Leaf, 8, Leaf), @Int.0, Leaf) }
}
"
);

shape!(
    a_base_case_is_decided_where_the_call_stands,
    "private data List {
  Nil,
  Cons(Int, List)
}

private fn total(@List -> @Int)
  requires(true)
  ensures(true)
  decreases(@List.0)
  effects(pure)
{
  match @List.0 {
    Nil -> 0,
    Cons(@Int, @List) -> @Int.0 + total(@List.0)
  }
}

public fn twice(@List -> @Int)
  spec
{
  total(@List.0) * 2
}
"
);

shape!(
    a_base_case_keeps_its_postcondition,
    "public fn fib(@Nat -> @Nat)
  requires(@Nat.0 <= 90)
  ensures(@Nat.result < 10 || @Nat.result < 5000000000000000000 - @Nat.0)
  decreases(@Nat.0)
  effects(pure)
{
  if @Nat.0 < 2 then {
    @Nat.0
  } else {
    fib(@Nat.0 - 1) + fib(@Nat.0 - 2)
  }
}
"
);

shape!(
    a_countdown_of_naturals_needs_no_checks,
    "public fn power(@Nat, @Int -> @Int)
  requires(true)
  ensures(true)
  decreases(@Nat.0)
  effects(pure)
{
  if @Nat.0 == 0 then {
    @Int.0
  } else {
    power(@Nat.0 - 1, @Int.0 * 3)
  }
}
"
);

shape!(
    cheap_conditions_are_joined_without_branches,
    "public fn between(@Int, @Int, @Int -> @Bool)
  spec
{
  @Int.2 <= @Int.1 && @Int.1 <= @Int.0 || @Int.2 == 0 && !(@Int.1 / @Int.0 == 1)
}
"
);
