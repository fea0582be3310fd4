//! State and exceptions whose handlers are lexically known, and what makes them
//! unknown.

mod common;

use common::{records, verify};

/// The records of the function `f` of a program.
fn of_f(text: &str) -> Vec<String> {
    records(&verify(text).0, "f")
}

/// A function `f` over `Int` with this row, postcondition and body.
fn f(row: &str, ensures: &str, body: &str) -> Vec<String> {
    let text = format!(
        "{HELPERS}private fn f(@Int -> @Int)\n  requires(@Int.0 > 0 && @Int.0 < 100)\n  ensures({ensures})\n  effects({row})\n{{\n  {body}\n}}\n"
    );
    of_f(&text).into_iter().filter(|r| r.starts_with("ensures")).collect()
}

const HELPERS: &str = "
effect Ask {
  op ask(Unit -> Int);
}

private fn bump(@Unit -> @Unit)
  requires(true)
  ensures(new(State<Int>) == old(State<Int>) + 1)
  effects(<State<Int>>)
{
  put(get(()) + 1);
  ()
}

private fn anything(@Unit -> @Unit)
  requires(true)
  ensures(true)
  effects(<State<Int>>)
{
  put(7);
  ()
}

private fn checked(@Int -> @Int)
  requires(true)
  ensures(@Int.result == @Int.0)
  effects(<Exn<Int>>)
{
  if @Int.0 > 50 then { throw(@Int.0) } else { @Int.0 }
}

private fn fails(@Int -> @Never)
  requires(true)
  ensures(true)
  effects(<Exn<Int>>)
{
  throw(@Int.0)
}

private fn asking(@Unit -> @Int)
  requires(true)
  ensures(true)
  effects(<Ask>)
{
  Ask.ask(())
}

";

const VERIFIED: &[&str] = &["ensures verified"];
const REFUTED: &[&str] = &["ensures violated E500"];
const OPEN: &[&str] = &["ensures tier3 E522"];

/// A handler of a cell that starts at `start` around `body`.
fn cell(start: &str, body: &str) -> String {
    format!(
        "handle[State<Int>](@Int = {start}) {{ get(@Unit) -> {{ resume(@Int.0) }}, put(@Int) -> {{ resume(()) }} }} in {{ {body} }}"
    )
}

/// A handler of exceptions that yields `caught` around `body`.
fn catch(caught: &str, body: &str) -> String {
    format!("handle[Exn<Int>] {{ throw(@Int) -> {{ {caught} }} }} in {{ {body} }}")
}

// ---- cells of the caller

#[test]
fn a_postcondition_relates_the_states() {
    let same = "new(State<Int>) == old(State<Int>)";
    assert_eq!(f("<State<Int>>", same, "put(get(())); 1"), VERIFIED);
    assert_eq!(f("<State<Int>>", same, "put(get(()) + 1); 1"), REFUTED);
    assert_eq!(f("<State<Int>>", "@Int.result == old(State<Int>)", "get(())"), VERIFIED);
}

#[test]
fn a_state_is_of_its_type() {
    assert_eq!(f("<State<Nat>>", "new(State<Nat>) >= 0", "put(2); 1"), VERIFIED);
    assert_eq!(f("<State<Nat>>", "@Int.result >= 0", "get(())"), VERIFIED);
    let text = "type Even = { @Int | @Int.0 % 2 == 0 };
private fn f(@Unit -> @Int)
  requires(true)
  ensures(@Int.result % 2 == 0)
  effects(<State<Even>>)
{
  get(())
}
";
    assert_eq!(of_f(text), VERIFIED);
}

#[test]
fn branches_merge() {
    let body = "if @Int.0 > 5 then { put(1) } else { put(2) }; get(())";
    assert_eq!(f("<State<Int>>", "@Int.result == 1 || @Int.result == 2", body), VERIFIED);
    assert_eq!(f("<State<Int>>", "@Int.result == 1", body), REFUTED);
    let body = "match @Int.0 { 1 -> put(10), 2 -> put(20), _ -> () }; get(())";
    let ensures =
        "@Int.result == 10 || @Int.result == 20 || @Int.0 > 2 && @Int.result == old(State<Int>)";
    assert_eq!(f("<State<Int>>", ensures, body), VERIFIED);
}

#[test]
fn many_conditional_writes_stay_cheap() {
    let writes: String = (0..40)
        .map(|i| {
            format!("if @Bool.0 then {{ if @Int.0 > {i} then {{ put([1]) }} else {{ () }} }} else {{ () }};\n")
        })
        .collect();
    let text = format!(
        "private fn f(@Int, @Bool -> @Int)\n  requires(true)\n  ensures(@Int.result >= 0)\n  effects(<State<Array<Int>>>)\n{{\n  {writes}  array_length(get(()))\n}}\n"
    );
    assert_eq!(of_f(&text), VERIFIED);
}

#[test]
fn what_follows_a_call_that_never_returns_is_not_reached() {
    let body = "if @Int.0 > 50 then { fails(1) } else { () }; @Int.0";
    assert_eq!(f("<Exn<Int>>", "@Int.result <= 50", body), VERIFIED);
    assert_ne!(f("<Exn<Int>>", "@Int.result <= 49", body), VERIFIED);
}

#[test]
fn a_clause_knows_that_the_callers_precondition_was_met() {
    let answered = |low: &str| {
        format!(
            "handle[Random] {{ random_int(@Int, @Int) -> {{ resume({low}) }}, random_float(@Unit) -> {{ resume(0.5) }}, random_bool(@Unit) -> {{ resume(true) }} }} in {{ Random.random_int(1, 6) }}"
        )
    };
    let [low, float, own] = ["ensures verified"; 3];
    assert_eq!(f("pure", "@Int.0 > 0", &answered("@Int.1")), [low, float, own]);
    assert_ne!(f("pure", "@Int.0 > 0", &answered("@Int.1 - 1")), [low, float, own]);
}

#[test]
fn each_call_that_may_throw_is_an_exit() {
    let calls = "let @Int = checked(@Int.0); put(9); let @Int = checked(@Int.0); 7";
    let body = cell("0", &catch("get(())", calls));
    let all = "@Int.result == 0 || @Int.result == 9 || @Int.result == 7";
    assert_eq!(f("pure", all, &body), VERIFIED);
    for one in ["@Int.result != 0", "@Int.result != 9", "@Int.result != 7"] {
        assert_ne!(f("pure", one, &body), VERIFIED, "{one}");
    }
}

#[test]
fn calls_change_cells_as_they_promise() {
    let body = "bump(()); bump(()); 1";
    let ensures = "new(State<Int>) == old(State<Int>) + 2";
    assert_eq!(f("<State<Int>>", ensures, body), VERIFIED);
    let body = "anything(()); 1";
    assert_eq!(f("<State<Int>>", "new(State<Int>) == old(State<Int>)", body), OPEN);
}

#[test]
fn cells_of_two_types_differ() {
    let body = "put(5); bump_other(()); get(())";
    let text = format!(
        "private fn bump_other(@Unit -> @Unit)\n  requires(true)\n  ensures(true)\n  effects(<State<Bool>>)\n{{\n  put(true)\n}}\nprivate fn f(@Unit -> @Int)\n  requires(true)\n  ensures(@Int.result == 5)\n  effects(<State<Int>, State<Bool>>)\n{{\n  {body}\n}}\n"
    );
    assert_eq!(of_f(&text), VERIFIED);
}

#[test]
fn an_entry_state_refutes_postconditions_only() {
    let text = "private fn f(@Unit -> @Int)
  requires(true)
  ensures(true)
  effects(<State<Int>>)
{
  10 / get(())
}
";
    assert_eq!(of_f(text), ["div_zero tier3 W007"]);
}

// ---- handlers of state

#[test]
fn a_handled_body_reads_what_it_wrote() {
    let body = cell("40", "bump(()); bump(()); get(())");
    assert_eq!(f("pure", "@Int.result == 42", &body), VERIFIED);
    let body = cell("@Int.0", "put(get(()) + 1); get(())");
    assert_eq!(f("pure", "@Int.result == @Int.0 + 1", &body), VERIFIED);
    assert_eq!(f("pure", "@Int.result == @Int.0", &body), REFUTED);
}

#[test]
fn clauses_run_in_place_of_operations() {
    let with = |clauses: &str, body: &str| {
        format!("handle[State<Int>](@Int = 5) {{ {clauses} }} in {{ {body} }}")
    };
    let thrice = with("get(@Unit) -> { resume(@Int.0 * 3) }", "put(get(()) + 1); get(())");
    assert_eq!(f("pure", "@Int.result == 48", &thrice), VERIFIED);
    let undone = with("put(@Int) -> { resume(()) } with @Int = @Int.0", "put(99); get(())");
    assert_eq!(f("pure", "@Int.result == 5", &undone), VERIFIED);
    let sum = with("put(@Int) -> { resume(()) } with @Int = @Int.1 + @Int.0", "put(99); get(())");
    assert_eq!(f("pure", "@Int.result == 104", &sum), VERIFIED);
    let counted = with(
        "get(@Unit) -> { resume(@Int.0) } with @Int = @Int.0 + 1",
        "let @Int = get(()); get(()) * 10 + @Int.0",
    );
    assert_eq!(f("pure", "@Int.result == 65", &counted), VERIFIED);
}

#[test]
fn clauses_are_ignored_in_called_functions() {
    let text = "private fn read(@Unit -> @Int)
  requires(true)
  ensures(@Int.result == old(State<Int>) && new(State<Int>) == old(State<Int>))
  effects(<State<Int>>)
{
  get(())
}
private fn f(@Unit -> @Int)
  requires(true)
  ensures(@Int.result == 2020)
  effects(pure)
{
  handle[State<Int>](@Int = 20) {
    get(@Unit) -> { resume(@Int.0 * 100) }
  } in {
    let @Int = read(());
    get(()) + @Int.0
  }
}
";
    assert_eq!(
        of_f(text).into_iter().filter(|r| r.starts_with("ensures")).collect::<Vec<_>>(),
        VERIFIED
    );
}

#[test]
fn an_inner_cell_hides_an_outer_one() {
    let inner = cell("1", "put(2); get(())");
    let body = cell("7", &format!("let @Int = {inner}; get(()) * 10 + @Int.0"));
    assert_eq!(f("pure", "@Int.result == 72", &body), VERIFIED);
    // A clause acts on the cell around its handler.
    let inner = "handle[State<Int>](@Int = 1) { put(@Int) -> { put(@Int.1); resume(()) } } in { put(3); get(()) }";
    let body = cell("7", &format!("let @Int = {inner}; get(()) * 10 + @Int.0"));
    assert_eq!(f("pure", "@Int.result == 33", &body), VERIFIED);
}

#[test]
fn a_cell_without_initial_value_starts_at_zero() {
    let body = "handle[State<Int>] { get(@Unit) -> { resume(@Int.0) } } in { get(()) }";
    let body = body.replace("@Int.0", "4");
    assert_eq!(f("pure", "@Int.result == 4", &body), VERIFIED);
    let body = "handle[State<Int>] { put(@Int) -> { resume(()) } } in { get(()) }";
    assert_eq!(f("pure", "@Int.result == 0", body), VERIFIED);
}

#[test]
fn operations_in_a_handled_body_owe_what_they_owe() {
    let text = format!(
        "private fn f(@Unit -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{{\n  {}\n}}\n",
        cell("5", "10 / get(())")
    );
    assert_eq!(of_f(&text), ["div_zero verified"]);
    assert_eq!(of_f(&text.replace("= 5", "= 0"))[0], "div_zero violated E526");
}

#[test]
fn a_callees_weak_promise_refutes_nothing() {
    let body = cell("1", "anything(()); checked_or(@Int.0)");
    let text = format!(
        "{HELPERS}private fn checked_or(@Int -> @Int)\n  requires(true)\n  ensures(@Int.result > 2)\n  effects(pure)\n{{\n  match parse_int(\"3\") {{ Ok(@Int) -> if @Int.0 > 2 then {{ @Int.0 }} else {{ 3 }}, Err(@String) -> 3 }}\n}}\nprivate fn f(@Int -> @Int)\n  requires(true)\n  ensures(@Int.result == 3)\n  effects(pure)\n{{\n  {body}\n}}\n"
    );
    assert_eq!(of_f(&text), OPEN);
    assert_eq!(of_f(&text.replace("== 3)", "> 2)")), VERIFIED);
}

// ---- what makes a cell unknown

#[test]
fn a_closure_may_change_a_cell() {
    let body = "put(7); let @Int = apply_fn(fn(@Int -> @Int) effects(<State<Int>>) { put(@Int.0); 1 }, 3); get(())";
    assert_eq!(f("<State<Int>>", "@Int.result == 7", body), OPEN);
    let body = "put(7); let @Int = apply_fn(fn(@Int -> @Int) effects(pure) { @Int.0 }, 3); get(())";
    assert_eq!(f("<State<Int>>", "@Int.result == 7", body), VERIFIED);
}

#[test]
fn a_host_operation_may_be_handled_by_a_caller() {
    // The caller's clause for `print` may change the caller's cell.
    let body = "put(7); IO.print(\"x\"); get(())";
    assert_eq!(f("<IO, State<Int>>", "@Int.result == 7", body), OPEN);
    // Not a cell made here.
    let body = cell("7", "IO.print(\"x\"); get(())");
    assert_eq!(f("<IO>", "@Int.result == 7", &body), VERIFIED);
    // But one around a handler of the operation.
    let mock = "handle[Ask] { ask(@Unit) -> { put(8); resume(1) } } in { asking(()) }";
    let body = cell("7", &format!("let @Int = {mock}; get(())"));
    assert_eq!(f("pure", "@Int.result == 7", &body), OPEN);
}

// ---- exceptions

#[test]
fn a_body_that_cannot_throw_is_its_value() {
    assert_eq!(f("pure", "@Int.result == @Int.0 + 1", &catch("0", "@Int.0 + 1")), VERIFIED);
}

#[test]
fn a_body_that_always_throws_is_its_clause() {
    let body = catch("@Int.0 + 1", "throw(41)");
    assert_eq!(f("pure", "@Int.result == 42", &body), VERIFIED);
    let body = catch("@Int.0 + 1", "let @Int = throw(41); @Int.0");
    assert_eq!(f("pure", "@Int.result == 42", &body), VERIFIED);
}

#[test]
fn a_condition_decides_whether_it_throws() {
    let body = catch("@Int.0 + 1", "if @Int.0 > 5 then { throw(9) } else { @Int.0 }");
    assert_eq!(f("pure", "@Int.result <= 10", &body), VERIFIED);
    assert_eq!(
        f("pure", "@Int.result == (if @Int.0 > 5 then { 10 } else { @Int.0 })", &body),
        VERIFIED
    );
    assert_eq!(f("pure", "@Int.result <= 9", &body), REFUTED);
}

#[test]
fn the_first_throw_wins() {
    let body = catch(
        "@Int.0",
        "if @Int.0 > 5 then { throw(1) } else { () }; if @Int.0 > 3 then { throw(2) } else { () }; 3",
    );
    let ensures =
        "@Int.result == (if @Int.0 > 5 then { 1 } else { if @Int.0 > 3 then { 2 } else { 3 } })";
    assert_eq!(f("pure", ensures, &body), VERIFIED);
}

#[test]
fn a_call_may_throw_or_keep_its_promise() {
    let body = catch("100", "checked(@Int.0)");
    assert_eq!(f("pure", "@Int.result == @Int.0 || @Int.result == 100", &body), VERIFIED);
    assert_eq!(f("pure", "@Int.result == @Int.0", &body), OPEN);
    let body = catch("@Int.0", "checked(@Int.0)");
    assert_eq!(f("pure", "@Int.result == @Int.0", &body), OPEN);
}

#[test]
fn what_follows_a_throw_is_not_known_after_the_handler() {
    let body = catch("1", "if @Int.0 > 5 then { throw(0) } else { () }; assert(@Int.0 <= 5); 2");
    assert_eq!(f("pure", "@Int.0 <= 5", &body), REFUTED);
}

#[test]
fn writes_before_a_throw_stay() {
    let inner = catch("0", "put(100); throw(1)");
    let body = cell("7", &format!("let @Int = {inner}; get(())"));
    assert_eq!(f("pure", "@Int.result == 100", &body), VERIFIED);
    // A cell inside the handler is gone.
    let inner = catch("0", &cell("1", "put(100); throw(1)"));
    let body = cell("7", &format!("let @Int = {inner}; get(())"));
    assert_eq!(f("pure", "@Int.result == 7", &body), VERIFIED);
}

#[test]
fn clauses_throw_outward() {
    let inner = catch(
        "if @Int.0 == 2 then { throw(20) } else { 10 }",
        "if @Int.0 > 5 then { throw(1) } else { () }; if @Int.0 > 3 then { throw(2) } else { 3 }",
    );
    let body = catch("@Int.0", &inner);
    let ensures =
        "@Int.result == (if @Int.0 > 5 then { 10 } else { if @Int.0 > 3 then { 20 } else { 3 } })";
    assert_eq!(f("pure", ensures, &body), VERIFIED);
}

#[test]
fn a_state_clause_throws_outward() {
    let body = catch(
        "@Int.0",
        "handle[State<Int>](@Int = 3) { put(@Int) -> { if @Int.1 > 5 then { throw(9) } else { () }; resume(()) } } in { put(@Int.0); get(()) }",
    );
    let ensures = "@Int.result == (if @Int.0 > 5 then { 9 } else { @Int.0 })";
    assert_eq!(f("pure", ensures, &body), VERIFIED);
}

#[test]
fn other_handlers_may_leave_their_body() {
    let ask = |clause: &str, body: &str| {
        format!("handle[Ask] {{ ask(@Unit) -> {{ {clause} }} }} in {{ {body} }}")
    };
    // The clause leaves before the `throw` is reached.
    let body = catch("0", &ask("5", "let @Int = Ask.ask(()); throw(1)"));
    assert_eq!(f("pure", "@Int.result == 0", &body), OPEN);
    // The clause throws where no `throw` is written in the body.
    let inner = ask("throw(1)", "asking(())");
    let body = catch("0", &format!("let @Int = {inner}; 7"));
    assert_eq!(f("pure", "@Int.result == 7", &body), OPEN);
    assert_eq!(f("pure", "@Int.result == 7 || @Int.result == 0", &body), VERIFIED);
}

#[test]
fn a_premise_with_a_handler() {
    let text = format!(
        "{HELPERS}private fn f(@Int -> @Int)\n  requires({})\n  ensures(@Int.result <= 10)\n  effects(pure)\n{{\n  @Int.0\n}}\n",
        "handle[Exn<Int>] { throw(@Int) -> { false } } in { if @Int.0 > 10 then { throw(1) } else { true } }"
    );
    assert_eq!(of_f(&text), ["requires verified", "ensures verified"]);
}
