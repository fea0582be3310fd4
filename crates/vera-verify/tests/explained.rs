//! What proofs use (`--explain-proof`).

use vera_check::NoModules;
use vera_diagnostics::SourceFile;
use vera_verify::{Means, NoCache, Options};

/// The premises of what is proved of a kind, in words.
fn premises(program: &str, function: &str, kind: &str) -> Vec<Vec<String>> {
    let checked = vera_check::check(SourceFile::new("t.vera", program), &mut NoModules);
    let typed = checked.program.expect("a well-typed program");
    let options = Options { timeout_ms: 1000, explain: true, ..Options::default() };
    let means = Means { cache: &NoCache, ..Means::default() };
    let found = vera_verify::verify_with(&typed, &checked.sources, &options, &means);
    let of = |r: &&vera_verify::Record| r.function == function && r.kind.as_str() == kind;
    let premises = found.records.iter().filter(of).filter_map(|r| r.premises.as_ref());
    premises.map(|all| all.iter().map(|premise| premise.text.clone()).collect()).collect()
}

#[test]
fn as_few_clauses_and_branches_as_prove_it() {
    let program = "private fn within(@Int, @Int, @Int -> @Int)
  requires(@Int.1 <= @Int.0)
  requires(@Int.0 < 1000)
  ensures(@Int.result <= @Int.0)
  ensures(@Int.result == @Int.result)
  effects(pure)
{
  if @Int.2 < @Int.1 then { @Int.1 } else { if @Int.2 > @Int.0 then { @Int.0 } else { @Int.2 } }
}

private fn guarded(@Int, @Int -> @Int)
  requires(@Int.1 > 5)
  ensures(true)
  effects(pure)
{
  if @Int.0 == 0 then { 1 } else { @Int.1 / @Int.0 }
}
";
    assert_eq!(
        premises(program, "within", "ensures"),
        [vec!["`requires(@Int.1 <= @Int.0)`"], vec![]]
    );
    let path = "the path through `if @Int.0 == 0 then { 1 } else { @Int.1 / @Int.0 }`";
    assert_eq!(premises(program, "guarded", "div_zero"), [[path]]);
    // Clauses that say `true`, and premises, have nothing to prove.
    assert_eq!(premises(program, "guarded", "ensures"), Vec::<Vec<String>>::new());
    assert_eq!(premises(program, "guarded", "requires"), Vec::<Vec<String>>::new());
}

#[test]
fn promises_definitions_and_induction() {
    let program = "private data List {
  Nil,
  Cons(Int, List)
}

private fn length(@List -> @Nat)
  requires(true)
  ensures(true)
  decreases(@List.0)
  effects(pure)
{
  match @List.0 { Nil -> 0, Cons(_, @List) -> 1 + length(@List.0) }
}

private fn append(@List, @List -> @List)
  requires(true)
  ensures(length(@List.result) == length(@List.1) + length(@List.0))
  decreases(@List.1)
  effects(pure)
{
  match @List.1 { Nil -> @List.0, Cons(@Int, @List) -> Cons(@Int.0, append(@List.0, @List.1)) }
}

private fn law(@List -> @Unit)
  requires(true)
  ensures(length(append(@List.0, Cons(1, Nil))) > length(@List.0))
  effects(pure)
{
  ()
}
";
    let of_append = premises(program, "append", "ensures").concat();
    let induction = "what `append(@List.0, @List.1)` promises, by induction";
    assert!(of_append.iter().any(|premise| premise == induction), "{of_append:?}");
    assert!(of_append.iter().any(|p| p == "the definition of `length`"), "{of_append:?}");
    let of_law = premises(program, "law", "ensures").concat();
    let promise = "what is known of `append(@List.0, Cons(1, Nil))`";
    assert!(of_law.iter().any(|premise| premise == promise), "{of_law:?}");
}
