//! Slips from habit: each unexpected token behind which one is known has a sentence and a
//! fix of its own.

mod common;

use common::{in_body, report};

/// Bodies, by the name of their snapshot.
const BODIES: &[(&str, &str)] = &[
    ("missing_then", "if b() { 1 } else { 2 }"),
    ("missing_else", "if b() then { 1 }"),
    ("else_if", "if b() then { 1 } else if c() then { 2 } else { 3 }"),
    ("bare_branch", "if b() then 1 else 2"),
    ("return", "return @Int.0;"),
    ("named_let", "let x = 1; 2"),
    ("let_without_sigil", "let Int = 1; 2"),
    ("bare_statements", "match Some(1) { Some(@Int) -> let @Int = 2; @Int.0, None -> 0 }"),
    ("variable", "count + 1"),
    ("chained_order", "a() < b() < c()"),
    ("chained_equality", "a() == b() == c()"),
    ("missing_index", "f(@Option<Array<Int>>)"),
    ("index_is_no_number", "@Int.x"),
    ("lower_case_type", "@int.0"),
    ("named_pattern", "match 1 { x -> 1 }"),
    ("arm_arrow", "match 1 { _ => 1 }"),
    ("trailing_comma", "[1, 2,]"),
    ("missing_semicolon", "let @Int = 1\n@Int.0"),
    ("no_result", "f();"),
    ("empty_block", ""),
    ("slash_comment", "// note\n1"),
    ("method", "@String.0.length()"),
    ("assignment", "@Int.0 = 2;"),
    ("bare_result", "result + 1"),
    ("single_bar", "a() | b()"),
    ("ternary", "a() ? 1 : 2"),
    ("word_and", "a() and b()"),
    ("word_not", "not a()"),
    ("word_null", "f(null)"),
];

/// Whole files.
const FILES: &[(&str, &str)] = &[
    ("named_parameter", "fn f(x: Int -> @Int)"),
    ("type_without_sigil", "fn f(Int -> @Int)"),
    ("sigil_in_type", "type A = Option<@Int>;"),
    ("result_outside", "fn f(@Int) -> @Int"),
    ("result_outside_of_nothing", "fn f() -> @Int"),
    ("trailing_comma_of_parameters", "fn f(@Int, -> @Int)"),
];

#[test]
fn every_slip_is_explained() {
    let bodies = BODIES.iter().map(|(name, body)| (name, in_body(body)));
    let files = FILES.iter().map(|(name, text)| (name, (*text).to_owned()));
    for (name, text) in bodies.chain(files) {
        insta::assert_snapshot!(format!("slip_{name}"), report(&text));
    }
}

/// No slip is seen where there is none.
#[test]
fn other_tokens_have_no_slip() {
    for body in ["f(1;", "match 1 { }", "(1", "[1", "f(1"] {
        assert!(report(&in_body(body)).contains("Write one of the expected tokens"), "{body}");
    }
}
