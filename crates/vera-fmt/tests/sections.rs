//! The canonical format, section by section (language reference, chapter 02).
//! Every snapshot shows the text before and after.

use insta::assert_snapshot;
use vera_fmt::format;

/// The canonical text, which is checked to be its own.
#[track_caller]
fn canonical(text: &str) -> String {
    let parsed = vera_syntax::parse(text);
    assert!(parsed.errors.is_empty(), "{:?}\n{text}", parsed.errors);
    let formatted = format(text, &parsed);
    let again = vera_syntax::parse(&formatted);
    assert!(again.errors.is_empty(), "{:?}\n{formatted}", again.errors);
    assert_eq!(format(&formatted, &again), formatted);
    formatted
}

#[track_caller]
fn both(text: &str) -> String {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{end}──────── becomes\n{}", canonical(text))
}

/// The lines of a function body, canonical.
#[track_caller]
fn body(text: &str) -> String {
    let head = "private fn f(@Int -> @Int)\n  requires(true)\n  effects(pure)\n{\n";
    let whole = canonical(&format!("{head}{text}\n}}"));
    let inner = whole.strip_prefix(head).and_then(|rest| rest.strip_suffix("}\n"));
    let inner = inner.unwrap_or(&whole);
    inner.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn empty_files() {
    assert_eq!(canonical(""), "\n");
    assert_eq!(canonical("\n\n  \n"), "\n");
    assert_eq!(canonical("\n\n-- only  \n\n-- this"), "-- only\n-- this\n");
}

#[test]
fn declarations() {
    assert_snapshot!(both(
        "module  a.b;
import z;import c(F,g);
type P={@Int|@Int.0>0};data D<T>{A(Int,T),B}
effect E<T>{op f(Int,T->Unit);op g(->T);}
ability S<T>{op show(T->String);}
public data Q<T,U> invariant(@Int.0>=0){R}
type F=fn(Int,Array<Int>->T)effects(<M.E<T>>);
private forall<T where Eq<T>> fn k(@T->@Int) ensures(true) requires(1==1) decreases(1,2) effects(<IO,State<Int>>) {1} where { fn h(->@Int) requires(true) effects(pure) {2} fn i(->@Int) requires(true) effects(pure) {3} }
"
    ));
}

#[test]
fn expanded_constructs() {
    assert_snapshot!(both(
        "private fn f(@Int -> @Int)
  requires(true) effects(pure)
{
  let @Int = { if g() then { 1 } else { 2 } };
  let @Int = { let @Int = 2; @Int.0 };
  let Tuple<@Int,@Bool> = Tuple(1,true);
  match @Int.0 { 0 -> { 1 }, 1 -> { h(); 2 }, _ -> { match 3 { _ -> handle[Exn<Int>] { throw(@Int) -> 0 } in { 4 } } } };
  { if true then { 1 } else { if false then { 2 } else { { 3 } } } }
}
"
    ));
}

#[test]
fn handlers_have_one_line_per_clause() {
    assert_eq!(
        body(
            "handle[State<Int>]( @Int=0 ){get(@Unit)->resume(1),put(@Int)->{ { let @Int = 1; resume(()) } } with @Int=@Int.0,now()->if a() then {1} else {2}} in {1;2}"
        ),
        "handle[State<Int>](@Int = 0) {
  get(@Unit) -> { resume(1) },
  put(@Int) -> { { let @Int = 1; resume(()) } } with @Int = @Int.0,
  now() -> { if a() then { 1 } else { 2 } }
} in {
  1;
  2
}"
    );
}

#[test]
fn redundant_blocks() {
    let cases = [
        ("let @Int = { { 1 } }; 2", "let @Int = 1;\n2"),
        ("{ 3 }; 2", "3;\n2"),
        ("{ 4 }", "{\n  4\n}"),
        ("{ { 4 } }", "{\n  {\n    4\n  }\n}"),
        ("match 1 { 0 -> { { 1 } }, _ -> 2 }", "match 1 {\n  0 -> 1,\n  _ -> 2\n}"),
        ("f(match 1 { 0 -> { { 1 } } }, { { 2 } })", "f(match 1 { 0 -> 1 }, { { 2 } })"),
        ("{ { if a() then { 1 } else { 2 } } }", "if a() then {\n  1\n} else {\n  2\n}"),
        ("{ a(); 1 }", "{\n  a();\n  1\n}"),
        ("{ a(); 1 }; 2", "{\n  a();\n  1\n};\n2"),
        ("fn(-> @Int) effects(pure) { { 1 } }", "fn(-> @Int) effects(pure) { { 1 } }"),
    ];
    for (text, expected) in cases {
        assert_eq!(body(text), expected, "{text}");
    }
}

#[test]
fn inline_constructs() {
    assert_eq!(
        body(
            "g(match 1 {0->{1},_->{h();2}},{3},fn(@Int->@Int) effects(pure) {let @Int=1;if b() then {1} else {{2}}})"
        ),
        "g(match 1 { 0 -> 1, _ -> { h(); 2 } }, { 3 }, fn(@Int -> @Int) effects(pure) { let @Int = 1; if b() then { 1 } else { { 2 } } })"
    );
    assert_eq!(
        body("1 + handle[E](@Int=1){f(@Int)->1,g()->{2}} in {let Tuple<@Int>=1;3}"),
        "1 + handle[E](@Int = 1) { f(@Int) -> { 1 }, g() -> { 2 } } in { let Tuple<@Int> = 1; 3 }"
    );
}

#[test]
fn parentheses() {
    let cases = [
        (
            "((1)) + (2 * 3) - (4 - 5) - (6 + 7) / (8 / 9)",
            "1 + 2 * 3 - (4 - 5) - (6 + 7) / (8 / 9)",
        ),
        (
            "(true ==> false) ==> (true ==> (a() && b() || c()))",
            "(true ==> false) ==> true ==> a() && b() || c()",
        ),
        ("(1 == 2) == (3 < 4)", "(1 == 2) == 3 < 4"),
        ("(1 < 2) < 3", "(1 < 2) < 3"),
        ("1 == (2 != 3)", "1 == (2 != 3)"),
        (
            "(1 + 2 |> (g(3)) |> h()) * -(-4) + (-5)[0] + -x()[0]",
            "(1 + 2 |> g(3) |> h()) * -(-4) + (-5)[0] + -x()[0]",
        ),
        ("1 + (2 |> f())", "1 + (2 |> f())"),
        ("(2 |> f()) |> g(3 |> h())", "2 |> f() |> g(3 |> h())"),
        ("!(1 |> f())", "!(1 |> f())"),
        ("!(a() && b())", "!(a() && b())"),
        ("!(!(a()))", "!!a()"),
        ("!(-1)", "!-1"),
        ("-(!a())", "-!a()"),
        ("- -1", "-(-1)"),
        ("-(-(-1))", "-(-(-1))"),
        ("(-1) * 2 - (-3)", "-1 * 2 - -3"),
        ("(if b() then { 1 } else { 2 }) * 3", "if b() then { 1 } else { 2 } * 3"),
        ("(if b() then { 1 } else { 2 })[0]", "(if b() then { 1 } else { 2 })[0]"),
        ("({ 1 })[0] + ({ 1 })", "({ 1 })[0] + { 1 }"),
        ("(@A.0)[0][1]", "@A.0[0][1]"),
        ("(1 |> f())[0]", "(1 |> f())[0]"),
        ("({ 1 }) |> f()", "{ 1 } |> f()"),
        ("1 |> C(2) |> E.f() |> a.b::g(3)", "1 |> C(2) |> E.f() |> a.b::g(3)"),
    ];
    for (text, expected) in cases {
        assert_eq!(body(text), expected, "{text}");
    }
}

#[test]
fn literals() {
    let cases = [
        ("[1.50,00.5,3.0,0.00001]", "[1.5, 0.5, 3.0, 0.00001]"),
        ("\"x\\( @Int.0+1 )\\u{41}\\u{e9}\nb\"", "\"x\\(@Int.0 + 1)Aé\\nb\""),
        (r#""\(f("a\u{A0}"))""#, r#""\(f("a\u{00A0}"))""#),
        ("[ ]", "[]"),
        ("( )", "()"),
        ("[@ Array < Int > . 0,@Int . result,?,None]", "[@Array<Int>.0, @Int.result, ?, None]"),
        (
            "forall(@Nat,3,fn(@Nat->@Bool)effects(pure){true})",
            "forall(@Nat, 3, fn(@Nat -> @Bool) effects(pure) { true })",
        ),
        ("assert(old(E<T>)==new(E))", "assert(old(E<T>) == new(E))"),
    ];
    for (text, expected) in cases {
        assert_eq!(body(text), expected, "{text}");
    }
    let big = format!("00{}.500", "9".repeat(400));
    assert_eq!(body(&big), format!("{}.5", "9".repeat(400)));
}

#[test]
fn blank_lines() {
    assert_snapshot!(both(
        "data D {
  A,

  -- b

  B
}
private fn f(@Int -> @Int)

  requires(true)


  requires(true)

  effects(pure)

{

  let @Int = 1;


  -- note

  let @Int = 2; a();
  match @Int.0 {

    0 -> 1,

    _ -> 2

  }

}



type A = B;
type C = D;
"
    ));
}

#[test]
fn kept_blocks_have_no_gap() {
    assert_eq!(body("g();\n\n{ 2 }"), "g();\n{\n  2\n}");
    assert_eq!(body("g();\n{\n\n 2 }"), "g();\n{\n  2\n}");
    assert_eq!(body("g();\n\n-- c\n{ 2 }"), "g();\n\n-- c\n{\n  2\n}");
    assert_eq!(body("{\n{\n-- c\n2 } }"), "-- c\n{\n  {\n    2\n  }\n}");
}

#[test]
fn comments_in_functions() {
    assert_snapshot!(both(
        "private fn f(@Int -> @Int) -- sig
  -- pre
  requires(true) -- r
  -- eff
  effects(pure)
-- brace
{ -- open
  let @Int =
    -- why
    if b() then {
      -- one
      1 -- c
    } else {
      2
    }; -- done
  -- m
  match @Int.0 {
    -- zero
    0 -> 1, -- z
    _ ->
      -- body
      2
  }
  -- dangling
} -- end
"
    ));
}

#[test]
fn inline_comments() {
    assert_snapshot!(both(
        "private fn f(@Int -> @Int)
  requires(true) effects(pure)
{
  let @Int = 1; {- a -} let @Int = 2; /* b */ -- c
  g(1, -- one
    2, {- two
          lines -}
    3); -- three
  handle[State<Int>](@Int = 0) {
    -- c1
    get(@Unit) -> { -- g
      -- inside
      resume(1) -- r
    }, -- after
    put(@Int) -> resume(())
  } in { -- in
    1
  }
}
"
    ));
}

#[test]
fn comments_in_removed_layers() {
    assert_snapshot!(both(
        "private fn f(@Int -> @Int)
  requires(true) effects(pure)
{
  z();

  -- c
  a(); b();
  let @Int =

  -- why

    if true then { 1 } else { 2 };
  match 1 {

  0 ->

     -- in

     { 5 }
  , 1 -> {
     -- outer
     {
      -- inner
       6 } }, _ -> 3 }
}
"
    ));
}

#[test]
fn comments_between_declarations() {
    assert_snapshot!(both(
        "-- top

-- top2
module a; -- m
-- i

import b; -- z

-- j
import c;
data A { -- a
  B, -- b
  -- c
  C -- d
  -- e
} -- f
effect E { op f(-> A); -- x
  -- y

  op g(-> B); }
{- block
     indented -}
type F = G;

-- last


{- of
     all -}
"
    ));
}

#[test]
fn comments_around_a_signature() {
    assert_snapshot!(both(
        "public
-- v
forall<T> -- fa
fn f(@Int /* a
   b */ -- sa
 -> @Int -- sb
) -- sc
requires(true) effects(pure) { -- o
1 } -- e
where -- w
{ -- w2
 -- h
 fn g(/* before */ @Int /* w */, @Int /**/ -> @Int /* area */) requires(true) effects(pure) { 2 } -- g
 -- after g
} -- end
type B = C;
"
    ));
}

/// Inputs that must not lose or multiply a comment.
#[test]
fn comments_in_awkward_places() {
    let cases = [
        ("{- a -} {- b -}\ntype C = D;", "{- a -}\n{- b -}\ntype C = D;\n"),
        ("type A = B; {- x -} type C = D;", "type A = B;  {- x -}\n\ntype C = D;\n"),
        ("{- a -} type C = D;", "{- a -}\ntype C = D;\n"),
        (
            "type A = B; type C =\n -- has -} in it\n -- and {- too\n D; -- last",
            "type A = B;\n\ntype C = D;  -- last\n-- has -} in it\n-- and {- too\n",
        ),
        (
            "type C = B< -- has -} in it\n D>; -- last",
            "type C = B<D>;  /* has -} in it */ -- last\n",
        ),
        (
            "type C = B< -- has -} and */\n D>; -- last",
            "type C = B<D>;  {- last -} -- has -} and */\n",
        ),
        ("type C = B< --\n D>; -- last", "type C = B<D>;  {-  -} -- last\n"),
        ("type A = /* not\n a label */ B;", "type A = B;  /* not a label */\n"),
    ];
    for (text, expected) in cases {
        assert_eq!(canonical(text), expected, "{text}");
    }
    assert_eq!(body("\"\\(1 {- hole -})\"\n"), "\"\\(1)\"  {- hole -}");
    let own_line_label = "type A = B;\nprivate fn f(@Int\n  /* l */\n  -> @Int)\n  requires(true) effects(pure) { 1 }";
    assert!(canonical(own_line_label).contains("private fn f(@Int /* l */ -> @Int)\n"));
    let two_appends = "private -- a\nfn f(-> @Int) requires(true) effects(pure) { 1\n} -- b";
    assert!(canonical(two_appends).ends_with("}  {- a -} -- b\n"));
}

#[test]
fn long_chains() {
    let sum = format!("1{}", " + 1".repeat(10_000));
    assert_eq!(body(&sum), sum);
    let pipe = format!("1{}", " |> f()".repeat(10_000));
    assert_eq!(body(&pipe), pipe);
    let nots = format!("{}a()", "!".repeat(10_000));
    assert_eq!(body(&nots), nots);
}
