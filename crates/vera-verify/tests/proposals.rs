//! Clauses that reports propose: each proves what was open.

mod common;

use common::verify;
use vera_verify::Status;

/// What is proposed for the first report on a program that has such a proposal; with it,
/// nothing but overflow is open.
fn proposed(program: &str) -> Option<String> {
    let (verification, _) = verify(program);
    let fixes = verification.diagnostics.iter().flat_map(|d| &d.fixes);
    let fix = fixes.into_iter().find(|fix| fix.title.starts_with("Add `"))?;
    let mut mended = program.to_owned();
    for edit in fix.edits.iter().rev() {
        let (start, end) = (edit.at.span.start as usize, edit.at.span.end as usize);
        mended.replace_range(start..end, &edit.text);
    }
    let (verification, _) = verify(&mended);
    for record in &verification.records {
        let settled = record.status == Status::Verified || record.kind.as_str() == "int_overflow";
        assert!(settled, "{mended}\n{record:?}");
    }
    let clause = fix.title.strip_prefix("Add `")?.strip_suffix("`")?;
    Some(clause.to_owned())
}

fn f(signature: &str, requires: &str, body: &str) -> String {
    format!(
        "private fn f({signature})\n  requires({requires})\n  ensures(true)\n  effects(pure)\n{{\n  {body}\n}}\n"
    )
}

#[track_caller]
fn proposes(signature: &str, requires: &str, body: &str, condition: &str) {
    let clause = format!("requires({condition})");
    assert_eq!(proposed(&f(signature, requires, body)), Some(clause));
}

#[test]
fn what_an_operation_demands_is_asked_of_callers() {
    proposes("@Int, @Int -> @Int", "true", "@Int.1 / @Int.0", "@Int.0 != 0");
    let index = "@Array<Int>.0[@Nat.0]";
    proposes("@Array<Int>, @Nat -> @Int", "true", index, "@Nat.0 < array_length(@Array<Int>.0)");
    let index = "@Array<Int>.0[@Int.0]";
    let clause = "@Int.0 >= 0 && @Int.0 < array_length(@Array<Int>.0)";
    proposes("@Array<Int>, @Int -> @Int", "true", index, clause);
    let half = "@Int.0 < array_length(@Array<Int>.0)";
    proposes("@Array<Int>, @Int -> @Int", "@Int.0 >= 0", index, half);
    proposes("@Nat, @Nat -> @Nat", "true", "@Nat.1 - @Nat.0", "@Nat.0 <= @Nat.1");
    proposes("@Int -> @Nat", "true", "@Int.0", "@Int.0 >= 0");
}

#[test]
fn it_is_said_of_the_parameters_wherever_the_operation_stands() {
    let body = "let @Int = 7;\n  let @Int = @Int.1;\n  @Int.1 / @Int.0";
    proposes("@Int -> @Int", "true", body, "@Int.0 != 0");
}

#[test]
fn so_is_what_a_callee_asks() {
    let program = "private fn g(@Int, @Bool -> @Int)
  requires(@Int.0 > 3 || @Bool.0)
  ensures(true)
  effects(pure)
{
  @Int.0
}

private fn f(@Int, @String -> @Int)
  requires(string_length(@String.0) > 2)
  ensures(true)
  effects(pure)
{
  g(@Int.0 * 2, string_contains(@String.0, \"x\"))
}
";
    let clause = "requires(@Int.0 * 2 > 3 || string_contains(@String.0, \"x\"))";
    assert_eq!(proposed(program).as_deref(), Some(clause));
}

#[test]
fn what_no_caller_could_meet_is_not_proposed() {
    assert_eq!(proposed(&f("@Int -> @Int", "@Int.0 == 0", "1 / @Int.0")), None);
    assert_eq!(proposed(&f("@Int -> @Int", "true", "1 / (@Int.0 % 2)")), None);
    let local = "let @Array<Int> = array_map([@Int.0], fn(@Int -> @Int) effects(pure) { @Int.0 });\n  1 / array_fold(@Array<Int>.0, 0, fn(@Int, @Int -> @Int) effects(pure) { @Int.1 })";
    assert_eq!(proposed(&f("@Int -> @Int", "true", local)), None);
}

#[test]
fn differences_are_written_as_such() {
    let program = f("@Int -> @Int", "@Int.0 > 3", "@Int.0").replace("fn f", "fn g")
        + &f("@Int, @Int -> @Int", "true", "g(@Int.1 - @Int.0)");
    assert_eq!(proposed(&program).as_deref(), Some("requires(@Int.1 - @Int.0 > 3)"));
}

/// `down` takes long to come to its end: what it yields is not settled by looking into it.
const DOWN: &str = "private fn down(@Nat, @Int -> @Int)
  requires(true)
  ensures(true)
  decreases(@Nat.0)
  effects(pure)
{
  if @Nat.0 == 0 then { @Int.0 } else { down(@Nat.0 - 1, @Int.0) }
}

private fn in_order(@Int, @Int -> @Bool)
  requires(true)
  ensures(true)
  effects(pure)
{
  @Int.1 <= @Int.0
}

";

#[test]
fn a_callee_is_asked_for_what_is_claimed_of_its_result() {
    let caller = |assertion: &str| {
        let body =
            format!("let @Int = down(@Nat.0 + 9, @Int.0);\n  assert({assertion});\n  @Int.0");
        format!("{DOWN}{}", f("@Nat, @Int -> @Int", "true", &body))
    };
    for (assertion, clause) in [
        ("@Int.0 == @Int.1", "ensures(@Int.result == @Int.0)"),
        // Not of the predicate that the claim is written with.
        ("in_order(@Int.0, @Int.1)", "ensures(in_order(@Int.result, @Int.0))"),
    ] {
        assert_eq!(proposed(&caller(assertion)).as_deref(), Some(clause), "{assertion}");
    }
}
