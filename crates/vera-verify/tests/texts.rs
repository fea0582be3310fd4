//! Texts: what they hold when they are joined.

mod common;

use common::{open, proved};

const FRAMED: &str = "string_concat(\"[\", string_concat(@String.0, \"]\"))";
const TEXT: &str = "@String -> @String";

#[test]
fn a_joined_text_begins_with_its_first_part_and_ends_with_its_last() {
    proved(TEXT, "string_starts_with(@String.result, \"[\")", FRAMED);
    proved(TEXT, "string_ends_with(@String.result, \"]\")", FRAMED);
    proved(TEXT, "string_contains(@String.result, @String.0)", FRAMED);
    open(TEXT, "string_starts_with(@String.result, \"[]\")", FRAMED);
    open(TEXT, "string_ends_with(@String.result, @String.0)", FRAMED);
    open(TEXT, "string_contains(@String.0, @String.result)", FRAMED);
}

#[test]
fn so_does_an_interpolation() {
    let greeting = "\"hello, \\(@String.0): \\(@Int.0)!\"";
    let signature = "@String, @Int -> @String";
    proved(signature, "string_starts_with(@String.result, \"hello, \")", greeting);
    proved(signature, "string_ends_with(@String.result, \"!\")", greeting);
    proved(signature, "string_contains(@String.result, \": \")", greeting);
    proved(signature, "string_contains(@String.result, int_to_string(@Int.0))", greeting);
    open(signature, "string_contains(@String.result, \"!!\")", greeting);
    open(signature, "string_starts_with(@String.result, @String.0)", greeting);
}

#[test]
fn joining_is_associative_and_the_empty_text_is_neutral() {
    let one = "string_concat(string_concat(@String.2, @String.1), @String.0)";
    let other = "string_concat(@String.2, string_concat(@String.1, @String.0))";
    let three = "@String, @String, @String -> @Unit";
    proved(three, &format!("{one} == {other}"), "()");
    open(three, &format!("{one} == {}", other.replace("@String.2", "@String.1")), "()");
    proved(TEXT, "@String.result == @String.0", "string_concat(\"\", @String.0)");
    open(TEXT, "@String.result == @String.0", "string_concat(@String.0, \" \")");
}

#[test]
fn lengths_of_joined_texts_add_up() {
    proved(
        TEXT,
        "string_length(@String.result) == string_length(@String.0) + 2 && string_starts_with(@String.result, \"[\")",
        FRAMED,
    );
    open(TEXT, "string_length(@String.result) == string_length(@String.0) + 1", FRAMED);
}
