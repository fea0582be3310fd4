//! The notation of the Python library `lark`, for its Earley parser with the dynamic lexer.

use super::{Class, Grammar, Node, OPERAND_WORDS};

const HEAD: &str = r#"// Vera, for `Lark(grammar, parser="earley", lexer="dynamic")`, start rule `program`.
//
// Not expressed: a block comment in a block comment ends with the first `-}`; blanks and
// comments are passed over in string literals as they are elsewhere; an expression statement
// does not begin with the word `let`; `\\u{…}` is no surrogate; nesting has a limit of 1,000.
?start: program
"#;

const TERMINALS: &str = r##"UPPER_IDENT: /[A-Z][A-Za-z0-9_]*/
LOWER_WORD: /[a-z][A-Za-z0-9_]*(?![A-Za-z0-9_])/
CALLEE_WORD: /(?!(WORDS)(?![A-Za-z0-9_]))[a-z][A-Za-z0-9_]*(?![A-Za-z0-9_])/
INT_LIT: /(0|[1-9][0-9]*)(?![0-9])/
FLOAT_LIT: /[0-9]+\.[0-9]+/
string_lit: "\"" (TEXT | "\\(" expr ")")* "\""
TEXT: /([^"\\]|\\(["\\ntr0]|u\{[0-9a-fA-F]{1,6}\}))+/
PLAIN_STRING: /"([^"\\]|\\(["\\ntr0]|u\{[0-9a-fA-F]{1,6}\}))*"/
LINE_COMMENT: /--[^\n]*/
BLOCK_COMMENT: /\{-(?:[^-]|-(?!\}))*-\}/
ANNOTATION: /\/\*(?:[^*]|\*(?!\/))*\*\//
%ignore /\s+/
%ignore LINE_COMMENT
%ignore BLOCK_COMMENT
%ignore ANNOTATION
"##;

pub fn print(grammar: &Grammar) -> String {
    let mut out = HEAD.to_owned();
    for rule in &grammar.rules {
        let body = match &rule.body {
            Node::Choice(nodes) => nodes.iter().map(node).collect::<Vec<_>>().join("\n    | "),
            body => node(body),
        };
        out.push_str(&format!("{}: {body}\n", rule.name));
    }
    out.push_str(&TERMINALS.replace("WORDS", &OPERAND_WORDS.join("|")));
    out
}

fn node(node: &Node) -> String {
    let all = |nodes: &[Node], between: &str| {
        nodes.iter().map(self::node).collect::<Vec<_>>().join(between)
    };
    match node {
        // A word ends where the identifier does.
        Node::Literal(text) if text.starts_with(|c: char| c.is_ascii_lowercase()) => {
            format!("/{text}(?![A-Za-z0-9_])/")
        }
        // No operator is the beginning of a longer one, and no brace that of a comment.
        Node::Literal(text) if text == "-" => r"/-(?![->])/".to_owned(),
        Node::Literal(text) if text == "{" => r"/\{(?!-)/".to_owned(),
        Node::Literal(text) => format!("\"{text}\""),
        Node::Class(Class::Lower) => "LOWER_WORD".to_owned(),
        Node::Class(Class::Callee) => "CALLEE_WORD".to_owned(),
        Node::Class(Class::Text) => "string_lit".to_owned(),
        Node::Class(class) => class.name().to_owned(),
        Node::Rule(name) => name.clone(),
        Node::Sequence(nodes) => all(nodes, " "),
        Node::Choice(nodes) => format!("({})", all(nodes, " | ")),
        Node::Optional(inner) => format!("[{}]", self::node(inner)),
        Node::Many(inner) => format!("({})*", self::node(inner)),
    }
}
