//! What other languages call things: names that are no functions here, and what their
//! meaning is in Vera. For suggestions.

/// What to write for a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Meaning {
    /// Built-in functions, the likeliest first.
    Functions(&'static [&'static str]),
    /// Another form, as an expression.
    Form(&'static str),
}

use Meaning::{Form, Functions};

/// Names in alphabetical order.
const MEANINGS: &[(&str, Meaning)] = &[
    ("add", Form("a + b")),
    ("and", Form("a && b")),
    ("append", Functions(&["array_append", "string_concat"])),
    ("array_add", Functions(&["array_append"])),
    ("array_count", Functions(&["array_length"])),
    ("array_each", Functions(&["array_fold", "array_map"])),
    ("array_exists", Functions(&["array_any"])),
    ("array_first", Form("@Array<Int>.0[0]")),
    ("array_flat_map", Functions(&["array_map", "array_flatten"])),
    ("array_for_each", Functions(&["array_fold", "array_map"])),
    ("array_head", Form("@Array<Int>.0[0]")),
    ("array_is_empty", Form("array_length(@Array<Int>.0) == 0")),
    ("array_join", Functions(&["string_join", "array_concat"])),
    ("array_last", Form("@Array<Int>.0[array_length(@Array<Int>.0) - 1]")),
    ("array_prepend", Functions(&["array_concat"])),
    ("array_product", Functions(&["array_fold"])),
    ("array_push", Functions(&["array_append"])),
    ("array_reduce", Functions(&["array_fold"])),
    ("array_size", Functions(&["array_length"])),
    ("array_tail", Functions(&["array_slice"])),
    ("char_at", Functions(&["string_char_code", "string_slice"])),
    ("chars", Functions(&["string_chars"])),
    ("chr", Functions(&["string_from_char_code"])),
    ("concat", Functions(&["string_concat", "array_concat"])),
    ("contains", Functions(&["array_contains", "string_contains", "map_contains", "set_contains"])),
    ("count", Functions(&["array_length"])),
    ("div", Form("a / b")),
    ("equals", Form("a == b")),
    ("error", Form("throw(\"…\")")),
    ("exit", Form("IO.exit(1)")),
    ("fail", Form("throw(\"…\")")),
    ("filter", Functions(&["array_filter"])),
    ("flat_map", Functions(&["array_map", "array_flatten"])),
    ("float", Functions(&["int_to_float", "parse_float64"])),
    ("fold", Functions(&["array_fold"])),
    ("foldl", Functions(&["array_fold"])),
    ("foreach", Functions(&["array_fold", "array_map"])),
    ("format", Form("\"… \\(@Int.0) …\"")),
    ("head", Form("@Array<Int>.0[0]")),
    ("index_of", Functions(&["string_index_of"])),
    ("input", Form("IO.read_line(())")),
    ("insert", Functions(&["map_insert", "set_add"])),
    ("int", Functions(&["parse_int", "float_to_int"])),
    ("is_empty", Form("array_length(@Array<Int>.0) == 0")),
    ("is_none", Form("match @Option<Int>.0 { None -> true, Some(_) -> false }")),
    ("is_some", Functions(&["option_is_some"])),
    ("join", Functions(&["string_join"])),
    ("keys", Functions(&["map_keys"])),
    ("len", Functions(&["array_length", "string_length", "map_size", "set_size"])),
    ("length", Functions(&["array_length", "string_length", "map_size", "set_size"])),
    ("list_length", Functions(&["array_length"])),
    ("lower", Functions(&["string_lower"])),
    ("map", Functions(&["array_map", "option_map", "result_map"])),
    ("map_delete", Functions(&["map_remove"])),
    ("map_has", Functions(&["map_contains"])),
    ("map_length", Functions(&["map_size"])),
    ("map_put", Functions(&["map_insert"])),
    ("map_set", Functions(&["map_insert"])),
    ("mod", Form("a % b")),
    ("modulo", Form("a % b")),
    ("mul", Form("a * b")),
    ("neg", Form("-a")),
    ("negate", Form("-a")),
    ("not", Form("!a")),
    ("option_get", Functions(&["option_unwrap_or"])),
    ("or", Form("a || b")),
    ("ord", Functions(&["string_char_code"])),
    ("panic", Form("assert(false)")),
    ("power", Functions(&["pow"])),
    ("print", Form("IO.print(\"…\")")),
    ("print_line", Form("IO.print(\"…\\n\")")),
    ("println", Form("IO.print(\"…\\n\")")),
    ("push", Functions(&["array_append"])),
    ("raise", Form("throw(\"…\")")),
    ("random", Form("Random.random_int(0, 9)")),
    ("range", Functions(&["array_range"])),
    ("read_file", Form("IO.read_file(\"…\")")),
    ("read_line", Form("IO.read_line(())")),
    ("reduce", Functions(&["array_fold"])),
    ("replace", Functions(&["string_replace"])),
    ("reverse", Functions(&["array_reverse", "string_reverse"])),
    ("set_delete", Functions(&["set_remove"])),
    ("set_has", Functions(&["set_contains"])),
    ("set_insert", Functions(&["set_add"])),
    ("set_length", Functions(&["set_size"])),
    ("size", Functions(&["array_length", "string_length", "map_size", "set_size"])),
    ("slice", Functions(&["array_slice", "string_slice"])),
    ("sort", Functions(&["array_sort", "array_sort_by"])),
    ("sort_by", Functions(&["array_sort_by"])),
    ("split", Functions(&["string_split"])),
    ("str", Functions(&["to_string", "show"])),
    ("string_at", Functions(&["string_char_code", "string_slice"])),
    ("string_char_at", Functions(&["string_char_code", "string_slice"])),
    ("string_size", Functions(&["string_length"])),
    ("string_substring", Functions(&["string_slice"])),
    ("string_to_float", Functions(&["parse_float64"])),
    ("string_to_int", Functions(&["parse_int"])),
    ("string_to_lower", Functions(&["string_lower"])),
    ("string_to_nat", Functions(&["parse_nat"])),
    ("string_to_upper", Functions(&["string_upper"])),
    ("string_trim", Functions(&["string_strip"])),
    ("sub", Form("a - b")),
    ("substr", Functions(&["string_slice"])),
    ("substring", Functions(&["string_slice"])),
    ("sum", Functions(&["array_sum"])),
    ("tail", Functions(&["array_slice"])),
    ("to_float", Functions(&["int_to_float", "parse_float64"])),
    ("to_int", Functions(&["float_to_int", "parse_int"])),
    ("to_lower", Functions(&["string_lower"])),
    ("to_str", Functions(&["to_string", "show"])),
    ("to_upper", Functions(&["string_upper"])),
    ("trim", Functions(&["string_strip"])),
    ("truncate", Functions(&["float_to_int"])),
    ("unwrap", Functions(&["option_unwrap_or", "result_unwrap_or"])),
    ("unwrap_or", Functions(&["option_unwrap_or", "result_unwrap_or"])),
    ("upper", Functions(&["string_upper"])),
    ("values", Functions(&["map_values"])),
    ("words", Functions(&["string_words"])),
    ("write_file", Form("IO.write_file(\"…\", \"…\")")),
    ("xor", Form("a != b")),
];

/// What a name that is no function means.
pub fn meaning(name: &str) -> Option<Meaning> {
    let found = MEANINGS.binary_search_by_key(&name, |(known, _)| known).ok()?;
    Some(MEANINGS[found].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions_exist_and_what_they_stand_for_does_not() {
        assert!(MEANINGS.is_sorted_by_key(|(name, _)| name));
        for (name, meaning) in MEANINGS {
            assert!(crate::function(name).is_none(), "{name} is a function");
            if let Functions(names) = meaning {
                for name in *names {
                    let ability = crate::ABILITIES.iter().any(|a| a.op == *name);
                    assert!(ability || crate::function(name).is_some(), "{name} is none");
                }
            }
        }
    }
}
