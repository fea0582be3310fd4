//! The grammar against the conformance suite: it reads every program that parses, and
//! nothing else, but for some that are named; and the queries say what they should.

use tree_sitter::{Parser, Query, QueryCursor, StreamingIterator};

fn parser() -> Parser {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_vera::LANGUAGE.into()).expect("the versions agree");
    parser
}

fn programs() -> Vec<(String, String)> {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/conformance");
    let entries = std::fs::read_dir(dir).expect("the suite is there");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    let vera = paths.filter(|path| path.extension().is_some_and(|e| e == "vera"));
    let read = |path: std::path::PathBuf| {
        let name = path.file_name()?.to_string_lossy().into_owned();
        Some((name, std::fs::read_to_string(path).ok()?))
    };
    let mut out: Vec<(String, String)> = vera.filter_map(read).collect();
    out.sort();
    out
}

/// Where this grammar and the parser differ, and why.
const DIFFERING: [(&str, &str); 5] = [
    ("ch13_url_parse_rows.vera", "a NUL ends every text for tree-sitter"),
    ("ch01_annotation_does_not_nest.vera", "the first end closes the comment"),
    ("ch01_deep_parentheses_refused.vera", "nesting has no limit"),
    ("ch01_surrogate_escape.vera", "digits of an escape are not counted"),
    ("ch01_unicode_escape_out_of_range.vera", "digits of an escape are not counted"),
];

#[test]
fn every_program_is_read() {
    let mut parser = parser();
    let (mut right, mut wrong, mut differing) = (0, 0, Vec::new());
    for (name, text) in programs() {
        let parses = vera_syntax::parse(&text).errors.is_empty();
        let tree = parser.parse(&text, None).expect("no limit is set");
        *(if parses { &mut right } else { &mut wrong }) += 1;
        let other = DIFFERING.iter().any(|(known, _)| *known == name);
        if tree.root_node().has_error() == (parses ^ other) {
            let sexp = tree.root_node().to_sexp();
            let error = sexp.find("ERROR").or(sexp.find("MISSING")).unwrap_or_default();
            let around = &sexp[error.saturating_sub(200)..(error + 200).min(sexp.len())];
            differing.push(format!("{name}: parses: {parses}: {around}"));
        }
    }
    println!("{right} programs parse, {wrong} do not");
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

/// What a query says of a text: name and text of each capture.
fn captures(query: &str, text: &str) -> Vec<String> {
    let language = tree_sitter_vera::LANGUAGE.into();
    let query = Query::new(&language, query).expect("the query fits the grammar");
    let tree = parser().parse(text, None).expect("no limit is set");
    let mut cursor = QueryCursor::new();
    let mut found = cursor.captures(&query, tree.root_node(), text.as_bytes());
    let mut out = Vec::new();
    while let Some((matched, index)) = found.next() {
        let capture = matched.captures()[*index];
        let name = query.capture_names()[capture.index as usize];
        let node = capture.node.utf8_text(text.as_bytes()).expect("it is text");
        out.push(format!("{name} {}", node.lines().next().unwrap_or_default()));
    }
    out
}

const TEXT: &str = "private fn if(@Int -> @Int)\n  requires(true)\n  effects(<IO>)\n{\n  -- said\n  IO.print(\"{- \\(@Int.0) \\n\");\n  m.n::f(Some(2.5), @Array<Int>.0)\n}\n";

#[test]
fn names_have_colours() {
    let found = captures(tree_sitter_vera::HIGHLIGHTS, TEXT);
    for wanted in [
        "keyword fn",
        "function if",
        "type Int",
        "boolean true",
        "comment -- said",
        "module IO",
        "function.method.call print",
        "string \"{- \\(@Int.0) \\n\"",
        "string.escape \\n",
        "variable Int",
        "function.call f",
        "constructor Some",
        "number.float 2.5",
    ] {
        assert!(found.iter().any(|capture| capture == wanted), "{wanted}\n{}", found.join("\n"));
    }
    assert!(!found.contains(&"keyword if".to_owned()));
}

#[test]
fn declarations_fold_and_bindings_are_found() {
    let folds = captures(tree_sitter_vera::FOLDS, TEXT);
    assert_eq!(folds, ["fold fn if(@Int -> @Int)", "fold {"]);
    let locals = captures(tree_sitter_vera::LOCALS, TEXT);
    assert!(locals.contains(&"local.definition.var Int".to_owned()), "{locals:?}");
    assert!(locals.contains(&"local.reference Int".to_owned()), "{locals:?}");
}
