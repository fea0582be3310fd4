//! Syntax errors: codes, positions and reports (language reference, chapter 01
//! section 7).

mod common;

use common::{errors, first, in_body, report};
use insta::assert_snapshot;

/// Texts and the code and position of their first error.
#[track_caller]
fn check_texts(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(first(text), *expected, "{text}");
    }
}

/// The same for function bodies, which start at 2:1.
#[track_caller]
fn check_bodies(cases: &[(&str, &str)]) {
    for (body, expected) in cases {
        assert_eq!(first(&in_body(body)), *expected, "{body}");
    }
}

#[test]
fn worked_checks() {
    check_bodies(&[
        ("@Int", "E005 3:1"),
        ("@int.0", "E005 2:2"),
        ("[1, 2,]", "E005 2:7"),
        ("f(1,)", "E005 2:5"),
        ("match 1 { 0 -> 1, }", "E005 2:19"),
        ("if b() { 1 } else { 2 }", "E005 2:8"),
        ("let x = 1; 2", "E005 2:5"),
        ("let @Int := 1; 2", "E006 2:10"),
        ("1 & 2", "E006 2:3"),
        ("1 | 2", "E005 2:3"),
        ("return 1", "E005 2:8"),
    ]);
}

#[test]
fn row_1_state_forms() {
    check_texts(&[
        ("fn old(x", "E030 1:4"),
        ("fn f(-> @Int) requires(old(1))", "E030 1:24"),
        ("fn f(-> @Int) requires(new(@Int.0))", "E031 1:24"),
    ]);
    check_bodies(&[
        ("old(1)", "E030 2:1"),
        ("old (\n 1)", "E030 2:1"),
        ("old(#", "E030 2:1"),
        ("new()", "E031 2:1"),
        ("old(/* c */ 1)", "E005 2:13"),
        ("keep_old(#)", "E006 2:10"),
        ("keep_old(1,)", "E005 2:12"),
        ("old(State<Int>)", "ok"),
    ]);
    // At the end of the file the position is that of the last token.
    check_texts(&[("fn f(-> @Int) requires(old(", "E005 1:27")]);
    check_texts(&[("fn f(-> @Int) requires(old(State", "E030 1:24")]);
}

#[test]
fn row_2_contract_block() {
    check_texts(&[
        ("public fn f(@Int -> @Int) { @Int.0 }", "E001 1:27"),
        ("fn f(-> @Int) requires(true) { 1 }", "E001 1:30"),
        (
            "fn f(-> @Int) requires(true) effects(pure) { 1 } where { fn g(-> @Int) { 1 } }",
            "E001 1:72",
        ),
    ]);
}

#[test]
fn row_3_effects() {
    check_texts(&[
        ("fn f(-> @Int) requires(true) ensures(true) pure { 1 }", "E002 1:44"),
        ("fn f(-> @Int) requires(true) invariant(true) effects(pure) { 1 }", "E002 1:30"),
        ("fn f(-> @Int) requires(true)", "E002 1:28"),
        ("type F = fn(A -> B);", "E002 1:20"),
        ("type F = fn(A -> B) {", "E002 1:21"),
        ("fn f(-> @Int) requires(true) # ", "E006 1:30"),
    ]);
    check_bodies(&[
        ("fn(@Int -> @Int) { 1 }", "E002 2:18"),
        ("fn(@Int -> @Int) requires", "E002 2:18"),
    ]);
}

#[test]
fn row_4_dot_calls() {
    check_bodies(&[
        ("a.b(1)", "E008 2:4"),
        ("a. b.c (1)", "E008 2:8"),
        ("1 + a.match(1)", "E008 2:12"),
    ]);
    check_texts(&[("module a(", "E005 1:9"), ("import a.b(", "E005 1:11")]);
}

#[test]
fn row_5_late_contracts() {
    check_texts(&[
        ("fn f(-> @Int) requires(true) effects(pure) ensures(true) { 1 }", "E032 1:44"),
        ("fn f(-> @Int) requires(true) effects(pure) decreases(1) { 1 }", "E032 1:44"),
        ("data A requires(true) { B }", "E032 1:8"),
    ]);
    check_bodies(&[("if true then requires(1)", "E032 2:14")]);
}

#[test]
fn row_6_unexpected_tokens() {
    check_texts(&[
        ("fn f(-> @Int) effects(pure) { 1 }", "E005 1:15"),
        ("fn f(-> @Int) requires(true) effects(pure) effects(pure) { 1 }", "E005 1:44"),
        ("fn f(-> @Int) requires(true) effects(pure) invariant(true) { 1 }", "E005 1:44"),
        ("public type A = B;", "E005 1:8"),
        ("public effect A { op f(-> A); }", "E005 1:8"),
        ("public ability A { op f(-> A); }", "E005 1:8"),
        ("forall<T> public fn f", "E005 1:11"),
        ("import m();", "E005 1:10"),
        ("module a; module b;", "E005 1:11"),
        ("import a; module b;", "E005 1:11"),
        ("type A = B; import c;", "E005 1:13"),
        ("module a.B;", "E005 1:10"),
        ("data A { }", "E005 1:10"),
        ("data A { B() }", "E005 1:12"),
        ("data A { B, }", "E005 1:13"),
        ("data A { B } invariant(true)", "E005 1:14"),
        ("data A invariant(true) invariant(true) { B }", "E005 1:24"),
        ("type A = B", "E005 1:10"),
        ("type A<> = B;", "E005 1:8"),
        ("type A = {@B || true};", "E005 1:15"),
        ("type A = B<C>=1;", "E005 1:14"),
        ("effect A { }", "E005 1:12"),
        ("1", "E005 1:1"),
        ("module", "E005 1:1"),
        ("import", "E005 1:1"),
        ("-} type A = B;", "E005 1:1"),
        ("*/ type A = B;", "E005 1:1"),
        ("fn f(@Int, -> @Int)", "E005 1:12"),
        ("fn f(@Int @Int -> @Int)", "E005 1:11"),
        ("fn f(Int -> @Int)", "E005 1:6"),
        ("fn F(-> @Int)", "E005 1:4"),
        ("fn f(-> @Int) requires(true) effects(pure) { 1 } where { }", "E005 1:58"),
        ("fn f(-> @Int) requires(true) effects(pure) { 1 } where { private fn g", "E005 1:58"),
        ("fn f(-> @Int) requires(true) effects(<>) { 1 }", "E005 1:39"),
        ("publicfn f(-> @Int) requires(true) effects(pure) { 1 }", "E005 1:1"),
        ("importa;", "E005 1:1"),
    ]);
    check_bodies(&[
        ("", "E005 3:1"),
        ("1;", "E005 3:1"),
        ("if true then { 1 } else if true then { 2 } else { 3 }", "E005 2:25"),
        ("if true then { 1 }", "E005 3:1"),
        ("if(1)", "E005 3:1"),
        ("let(1)", "E005 2:4"),
        ("1 == 2 == 3", "E005 2:8"),
        ("1 == 2 != 3", "E005 2:8"),
        ("1 < 2 < 3", "E005 2:7"),
        ("1 < 2 >= 3", "E005 2:7"),
        ("1 -> 2", "E005 2:4"),
        ("-> 1", "E005 2:2"),
        ("!= 1", "E005 2:2"),
        ("1 => 2", "E005 2:3"),
        ("1 = 2", "E005 2:3"),
        ("let @Int == 1; 2", "E005 2:11"),
        ("@Int<3", "E005 2:6"),
        ("@Int<=3", "E005 2:6"),
        ("@{ @Int | true }.0", "E005 2:2"),
        ("@fn(-> Int) effects(pure).0", "E005 2:2"),
        ("@Int.-1", "E005 2:6"),
        ("@Int.01", "E005 2:7"),
        ("@Int.0.5", "E005 2:7"),
        ("@Int.007.5", "E005 2:7"),
        ("Foo<Int>(1)", "E005 2:8"),
        ("f()()", "E005 2:4"),
        ("(g)(1)", "E005 2:3"),
        ("(1)(1)", "E005 2:4"),
        ("@T.0(1)", "E005 2:5"),
        ("f", "E005 3:1"),
        ("1 |> f", "E005 3:1"),
        ("f f", "E005 2:3"),
        ("1 \"yz\"", "E005 2:3"),
        ("match 1 { }", "E005 2:11"),
        ("match 1 { 1.5 -> 2 }", "E005 2:12"),
        ("match 1 { -1 -> 2 }", "E005 2:11"),
        ("match 1 { C() -> 2 }", "E005 2:13"),
        ("match 1 { () -> 2 }", "E005 2:11"),
        ("match 1 { x -> 2 }", "E005 2:11"),
        ("let Tuple<@Int, _> = 1; 2", "E005 2:17"),
        ("resume(1) with @Int = 2", "E005 2:11"),
        ("forall(@Int, 3, f())", "E005 2:17"),
        ("handle[E] { } in { 1 }", "E005 2:13"),
        ("handle[E]() { f() -> 1 } in { 1 }", "E005 2:11"),
        ("1 publicx", "E005 2:3"),
        ("1 _x", "E005 2:3"),
    ]);
    assert_snapshot!(errors(&in_body("@Int")), @r#"E005 3:1 Unexpected "}" at this position. Expected one of: ".", "<""#);
    assert_snapshot!(errors(&in_body("if b() { 1 }")), @r#"E005 2:8 Unexpected "{" at this position. Expected one of: "then", "[", "!=", "%", "&&", "*", "+", "-", ..."#);
    assert_snapshot!(errors(&in_body("let x = 1; 2")), @r#"E005 2:5 Unexpected "x" at this position. Expected one of: "@", UPPER_IDENT"#);
    assert_snapshot!(errors(&in_body("(f)")), @r#"E005 2:3 Unexpected ")" at this position. Expected one of: "(", ".", "::""#);
    assert_snapshot!(errors(&in_body("1 == 2 ==3")), @r#"E005 2:8 Unexpected "==" at this position. Expected one of: ";", "}", "[", "%", "&&", "*", "+", "-", ..."#);
    assert_snapshot!(errors("fn f(-> @Int"), @r#"E005 1:10 Unexpected "" at this position. Expected one of: ")", "<""#);
}

#[test]
fn row_7_characters() {
    for c in
        ["#", "$", "'", "\\", "^", "~", "`", "&", ":", "é", "→", "\u{200B}", "\u{FEFF}", "\u{0}"]
    {
        let text = in_body(&format!("1 {c} 2"));
        assert_eq!(first(&text), "E006 2:3", "{c:?}");
        assert!(errors(&text).contains(&format!("Unexpected character \"{c}\"")), "{c:?}");
    }
    check_bodies(&[
        ("\"abc", "E006 2:1"),
        ("\"abc\\\n\"", "E006 2:1"),
        // A comment opener in a string without an end is no comment.
        ("\"abc {- /*", "E006 2:1"),
        ("\"abc \\\n {- ", "E006 2:1"),
        ("\"abc \\\n\" {- ", "E020 3:3"),
        ("\"abc \\\n\" /* /* */", "E023 3:6"),
        ("\\\"{-*//*;", "E006 2:1"),
        ("1 & & 2", "E006 2:3"),
        ("a:: :f(1)", "E006 2:5"),
    ]);
}

#[test]
fn pipes_into_other_things() {
    let cases = [
        ("1 |> 2", "2:6", "an integer literal"),
        ("1 |> 2.5", "2:6", "a float literal"),
        ("1 |> \"a\"", "2:6", "a string literal"),
        ("1 |> \"\\(1)\"", "2:6", "a string literal"),
        ("1 |> true", "2:6", "a Boolean literal"),
        ("1 |> ()", "2:6", "the unit value"),
        ("1 |> ?", "2:6", "a typed hole"),
        ("1 |> @Int.0", "2:6", "a slot reference"),
        ("1 |> @Int.result", "2:6", "a result reference"),
        ("1 |> Some", "2:6", "a constructor with no argument list"),
        ("1 |> f() + 1", "2:6", "an operator expression"),
        ("1 |> !f()", "2:6", "an operator expression"),
        ("1 |> f()[0]", "2:6", "an index expression"),
        ("1 |> [f()]", "2:6", "an array literal"),
        ("1 |> fn(-> @Int) effects(pure) { 1 }", "2:6", "an anonymous function"),
        ("1 |> if true then { 1 } else { 2 }", "2:6", "an 'if'"),
        ("1 |> match 1 { _ -> 1 }", "2:6", "a 'match'"),
        ("1 |> { f() }", "2:8", "a block"),
        ("1 |> handle[E] { f() -> 1 } in { 1 }", "2:6", "a 'handle'"),
        ("1 |> (2 |> f())", "2:7", "a pipe"),
        ("1 |> assert(true)", "2:6", "an expression that is not a call"),
        ("1 |> ((3))", "2:8", "an integer literal"),
    ];
    for (body, position, found) in cases {
        let expected = format!(
            "E040 {position} The right operand of '|>' must be a call; this one is {found}."
        );
        assert_eq!(errors(&in_body(body)), expected, "{body}");
    }
    check_bodies(&[
        ("1 |> f()", "ok"),
        ("1 |> (f(2))", "ok"),
        ("1 |> C() |> E.f() |> a.b::c(1)", "ok"),
        ("\"\\(1 |> 2)\"", "E040 2:9"),
    ]);
}

#[test]
fn comments() {
    check_texts(&[
        ("{- a {- b -}", "E020 1:1"),
        ("type A = B; {-1}", "E020 1:13"),
        ("\n /* a", "E021 2:2"),
        ("/*/", "E021 1:1"),
        ("/***/ /****/ /**/", "ok"),
        ("/* a /* b */ c */", "E023 1:6"),
        ("/* a /* b", "E021 1:1"),
        ("{- /* \" -- -}", "ok"),
        ("-- {- /*", "ok"),
        ("/* {- -- */", "ok"),
        ("fn fn fn {- open", "E020 1:10"),
        ("/* a /* b */ {- open", "E023 1:6"),
        ("-- only", "ok"),
        ("", "ok"),
        ("{--} {---} {-{--}-}", "ok"),
    ]);
    check_bodies(&[
        ("1 --2", "ok"),
        ("--5\n1", "ok"),
        ("\"{- /* --\"", "ok"),
        ("1 -} 2", "E005 2:4"),
    ]);
}

#[test]
fn escapes_and_holes() {
    let cases = [
        (r#""a\qb""#, r"Invalid escape sequence: \q"),
        (r#""\'""#, r"Invalid escape sequence: \'"),
        (r#""\u41""#, r"Invalid unicode escape: expected '{' after \u"),
        (r#""\u{41""#, r"Invalid unicode escape: missing '}'"),
        (r#""\u{}""#, r"Invalid unicode escape: \u{}"),
        (r#""\u{1234567}""#, r"Invalid unicode escape: \u{1234567}"),
        (r#""\u{xyz}""#, r"Invalid unicode escape: \u{xyz}"),
        (r#""\u{+41}""#, r"Invalid unicode escape: \u{+41}"),
        (r#""\u{110000}""#, r"Unicode code point out of range: \u{110000}"),
        (r#""\u{D800}""#, r"Unicode code point out of range: \u{D800}"),
        (r#""\()""#, "Empty expression in string interpolation"),
        (r#""\(  {- c -} )""#, "Empty expression in string interpolation"),
        (r#""\(1""#, r"Unmatched '\(' in string interpolation"),
        (r#""\(f(1)""#, r"Unmatched '\(' in string interpolation"),
        (r#""\(1 2)""#, r"Invalid expression in string interpolation: \(1 2)"),
        (r#""\(a.b(1))""#, r"Invalid expression in string interpolation: \(a.b(1))"),
        (r#""\(#)""#, r"Invalid expression in string interpolation: \(#)"),
        (r#""\(1 /*)""#, r"Invalid expression in string interpolation: \(1 /*)"),
        (r#""\(let @Int = 1; 2)""#, "Statements are not allowed inside string interpolation"),
        (r#""\(1; 2)""#, "Statements are not allowed inside string interpolation"),
        (r#""x\(1)\q""#, r"Invalid escape sequence: \q"),
    ];
    for (literal, description) in cases {
        let body = format!(" {literal}");
        assert_eq!(errors(&in_body(&body)), format!("E009 2:2 {description}"), "{literal}");
    }
    check_bodies(&[
        (r#"match "a" { "\(1)" -> 1 }"#, "E009 2:13"),
        (r#"match "a" { "\q" -> 1 }"#, "E009 2:13"),
        (r#""\\ \" \n \t \r \0 \u{41} \u{10ffff} \u{000000}""#, "ok"),
        ("\"line\nbreak\"", "ok"),
        (r#""\( 1 {- c -} )""#, "ok"),
        (r#""\((1))\(f((2), 3))""#, "ok"),
    ]);
}

#[test]
fn strings_inside_holes() {
    check_bodies(&[
        (r#""\(f("a"))""#, "ok"),
        (r#""\(f(")"))""#, "ok"),
        (r#""\(f("(", "\(g("x"))"))y""#, "ok"),
        (r#""\(f("\""))""#, "ok"),
        (r#"f("\(f("a")", 1)"#, "E005 2:9"),
        // A quote on a later line is no part of the literal.
        ("\"\\(1\" + g(\n\"b\")", "E009 2:1"),
        (r#""\(f("\q"))""#, "E009 2:6"),
    ]);
}

#[test]
fn grammar_errors_come_before_those_in_literals() {
    let text = "fn f(-> @Int) requires(true) effects(pure) { \"\\q\" |> 1 }\ntype A;\n";
    assert_snapshot!(errors(text), @r#"
    E005 2:7 Unexpected ";" at this position. Expected one of: "=", "<"
    E009 1:46 Invalid escape sequence: \q
    E040 1:54 The right operand of '|>' must be a call; this one is an integer literal.
    "#);
}

#[test]
fn every_declaration_reports_its_own_error() {
    let text = "module a.B;
import c
import d;
public fn one(@Int -> @Int) requires(true) effects(pure) { (1 }
public fn two(@Int -> @Int) requires(true) effects(pure) { 1 + }
  -- a missing brace
private fn three(@Int -> @Int)
  requires(true)
  effects(pure)
{
  if @Int.0 > 1 then { 1 } else { 2
}
private data D { A, B }
data D { A B }
fn four(-> @Int) { 1 }
where {
  fn five(-> @Int) { 1 }
}
type T = Int; } type U = Int;
public fn six(-> @Int) requires(true) effects(pure) { match 1 { _ -> fn(-> @Int) 1 } }
ability Ok<T> { op f(T -> Int); }
effect E { op f(T -> Int) }
";
    assert_snapshot!(errors(text), @r#"
    E005 1:10 Unexpected "B" at this position. Expected one of: LOWER_IDENT
    E005 3:1 Unexpected "import" at this position. Expected one of: "(", ".", ";"
    E005 4:63 Unexpected "}" at this position. Expected one of: ")", "[", "!=", "%", "&&", "*", "+", "-", ...
    E005 5:64 Unexpected "}" at this position. Expected one of: "(", "@", "[", "false", "true", "{", FLOAT_LIT, INT_LIT, ...
    E005 13:1 Unexpected "private" at this position. Expected one of: ";", "}", "[", "!=", "%", "&&", "*", "+", ...
    E005 14:12 Unexpected "B" at this position. Expected one of: "(", ",", "}"
    E001 15:18 This function lacks its contract block. The clauses requires(), ensures() and effects() stand between the signature and the body.
    E005 19:15 Unexpected "}" at this position. Expected one of: "ability", "data", "effect", "fn", "private", "public", "type", "forall"
    E002 20:82 The effects() declaration is missing.
    E005 22:27 Unexpected "}" at this position. Expected one of: ";"
    "#);
}

#[test]
fn a_byte_order_mark_is_no_token() {
    // Who reads the file takes the one off that may lead it.
    check_texts(&[("\u{FEFF}type A = B;", "E006 1:1"), ("type A = \u{FEFF}B;", "E006 1:10")]);
}

#[test]
fn all_white_space_separates() {
    let blanks = "\u{9}\u{A}\u{B}\u{C}\u{D}\u{1C}\u{1D}\u{1E}\u{1F} \u{85}\u{A0}\u{1680}\u{2000}\
                  \u{200A}\u{2028}\u{2029}\u{202F}\u{205F}\u{3000}";
    for blank in blanks.chars() {
        assert_eq!(first(&format!("type{blank}A{blank}={blank}B;")), "ok", "{blank:?}");
    }
    check_bodies(&[("@ Int . 0 + f (1) + a . b :: c (1) + IO . print (( ))", "ok")]);
}

/// Full reports, one for each code.
#[test]
fn reports() {
    let cases = [
        ("E001", "public fn f(@Int -> @Int) { @Int.0 }".to_string()),
        ("E002", "public fn f(@Int -> @Int) requires(true) ensures(true) pure { 1 }".to_string()),
        ("E005", in_body("@Int.0 +")),
        ("E005_end_of_file", "private fn f(@Int -> @Int".to_string()),
        ("E005_depth", in_body(&"(\n".repeat(5_000))),
        ("E006", in_body("@Int.0 # 1")),
        ("E006_quote", in_body("\"open")),
        ("E006_ampersand", in_body("true & false")),
        ("E006_colon", in_body("let @Int : 1; 2")),
        ("E006_apostrophe", in_body("'a'")),
        ("E008", in_body("a.b.g(@Int.0)")),
        ("E009_escape", in_body(r#""a\qb""#)),
        ("E009_range", in_body(r#""\u{110000}""#)),
        ("E009_hole", in_body(r#""a\(1 2)b""#)),
        ("E009_pattern", in_body(r#"match "a" { "\(1)" -> 1 }"#)),
        ("E020", "{- open".to_string()),
        ("E021", "/* open".to_string()),
        ("E023", "/* a /* b */ c */".to_string()),
        ("E030", "fn f(@Int -> @Int) ensures(old(@Int.0) == 1) effects(pure) { 1 }".to_string()),
        ("E031", "fn f(@Int -> @Int) ensures(new(@Int.0) == 1) effects(pure) { 1 }".to_string()),
        (
            "E032",
            "public fn f(@Int -> @Int) requires(true) effects(pure) ensures(true) { 1 }"
                .to_string(),
        ),
        ("E040", in_body("@Int.0 |> f() + 1")),
    ];
    for (name, text) in cases {
        assert_snapshot!(name, report(&text));
    }
}
