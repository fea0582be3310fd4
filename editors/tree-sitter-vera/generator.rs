//! From the grammar as data to tree-sitter's: shared by the build of this crate and by
//! `cargo xtask tree-sitter`.

use serde_json::{Map, Value, json};
use vera_syntax::grammar::{Class, Grammar, Node};

/// Rules without nodes of their own: lists, and the levels of operators.
const HIDDEN: [&str; 16] = [
    "top_decl", "name", "tyvars", "bindings", "types", "exprs", "stage", "implies", "or", "and",
    "eq", "cmp", "add", "mul", "postfix", "primary",
];

/// The grammar as `tree-sitter generate` reads it.
pub fn grammar() -> Value {
    let mut rules = Map::new();
    for rule in Grammar::vera().rules {
        rules.insert(named(&rule.name), node(&rule.body));
    }
    let more = json!({
        "upper_ident": pattern("[A-Z][A-Za-z0-9_]*"),
        "lower_ident": pattern("[a-z][A-Za-z0-9_]*"),
        "int_lit": pattern("0|[1-9][0-9]*"),
        "float_lit": pattern("[0-9]+\\.[0-9]+"),
        "string_lit": literal(&[symbol("string_text"), symbol("escape"), symbol("interpolation")]),
        "plain_string": literal(&[symbol("string_text"), symbol("escape")]),
        "interpolation": sequence(&[immediate(text("\\(")), symbol("expr"), text(")")]),
        "escape": immediate(pattern(r#"\\(["\\ntr0]|u\{[0-9a-fA-F]{1,6}\})"#)),
        "line_comment": { "type": "TOKEN", "content": pattern("--[^\\n]*") },
        "annotation": { "type": "TOKEN", "content": pattern(r"/\*[^*]*\*+([^/*][^*]*\*+)*/") },
    });
    rules.extend(more.as_object().cloned().unwrap_or_default());
    json!({
        "name": "vera",
        // Words are keywords only where they can be.
        "word": "lower_ident",
        "rules": rules,
        "extras": [pattern("\\s"), symbol("line_comment"), symbol("block_comment"), symbol("annotation")],
        // Block comments nest, and no comment begins in a text: `src/scanner.c`.
        "externals": [symbol("block_comment"), symbol("string_text"), symbol("error_sentinel")],
        "conflicts": [], "precedences": [], "inline": [], "supertypes": [],
    })
}

/// The parser as C.
///
/// # Errors
/// What the generator says.
pub fn parser() -> Result<String, String> {
    let level = tree_sitter_generate::OptLevel::default();
    let grammar = grammar().to_string();
    tree_sitter_generate::generate_parser_for_grammar(
        &grammar,
        Some((0, 1, 0)),
        level,
        &mut Vec::new(),
    )
    .map(|(_, parser)| parser)
    .map_err(|error| error.to_string())
}

/// Writes the parser and the header that it and the scanner need into a directory.
///
/// # Errors
/// What the generator or the system says.
pub fn write(dir: &std::path::Path) -> Result<(), String> {
    let headers = dir.join("tree_sitter");
    std::fs::create_dir_all(&headers)
        .and_then(|()| {
            std::fs::write(headers.join("parser.h"), tree_sitter_generate::PARSER_HEADER)
        })
        .map_err(|error| error.to_string())?;
    std::fs::write(dir.join("parser.c"), parser()?).map_err(|error| error.to_string())
}

fn named(rule: &str) -> String {
    if HIDDEN.contains(&rule) { format!("_{rule}") } else { rule.to_owned() }
}

fn node(body: &Node) -> Value {
    let all = |nodes: &[Node]| nodes.iter().map(node).collect::<Vec<Value>>();
    match body {
        Node::Literal(literal) => text(literal),
        Node::Class(Class::Callee) => symbol("lower_ident"),
        Node::Class(class) => symbol(&class.name().to_ascii_lowercase()),
        Node::Rule(name) => symbol(&named(name)),
        Node::Sequence(nodes) => sequence(&all(nodes)),
        Node::Choice(nodes) => json!({ "type": "CHOICE", "members": all(nodes) }),
        Node::Optional(inner) => {
            json!({ "type": "CHOICE", "members": [node(inner), { "type": "BLANK" }] })
        }
        Node::Many(inner) => json!({ "type": "REPEAT", "content": node(inner) }),
    }
}

fn symbol(name: &str) -> Value {
    json!({ "type": "SYMBOL", "name": name })
}

fn text(text: &str) -> Value {
    json!({ "type": "STRING", "value": text })
}

fn pattern(pattern: &str) -> Value {
    json!({ "type": "PATTERN", "value": pattern })
}

fn sequence(members: &[Value]) -> Value {
    json!({ "type": "SEQ", "members": members })
}

/// Without blanks before it.
fn immediate(content: Value) -> Value {
    json!({ "type": "IMMEDIATE_TOKEN", "content": content })
}

fn literal(parts: &[Value]) -> Value {
    let part = json!({ "type": "CHOICE", "members": parts });
    sequence(&[text("\""), json!({ "type": "REPEAT", "content": part }), immediate(text("\""))])
}
