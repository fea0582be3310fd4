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
    let mut program = checked.program.unwrap_or_else(|| panic!("{}", shown.join("\n")));
    let functions = program.entry_fns.clone();
    let options = Options { trials: trials.then_some(functions.as_slice()), ..Options::default() };
    let mut mir = lower(&mut program, &checked.sources, &options)
        .unwrap_or_else(|errors| panic!("{errors:?}"));
    vera_mir::passes::optimise(&mut mir);
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
