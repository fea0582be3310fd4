//! The notation of llama.cpp. It has no tokens, so blanks are part of the rules: between two
//! tokens that would be read as one there must be some.

use std::collections::HashMap;

use super::{Class, Grammar, Node};

const HEAD: &str = r#"# Vera, for samplers that read character by character.
#
# Narrower than the language: where two tokens could be read as one, such as words, a blank
# stands between them, also where what is before happens to end in a symbol; of comments only
# those to the end of a line. Wider, because a rule cannot exclude words: a call may be
# written with the name of a keyword, such as `if(…)`. Nesting has no limit here.
root ::= ws program ws
"#;

const TERMINALS: &str = r##"upper-ident ::= [A-Z] [A-Za-z0-9_]*
lower-ident ::= [a-z] [A-Za-z0-9_]*
callee ::= lower-ident
int-lit ::= "0" | [1-9] [0-9]*
float-lit ::= [0-9]+ "." [0-9]+
string-lit ::= "\"" ( character | "\\(" ws expr ws ")" )* "\""
plain-string ::= "\"" character* "\""
character ::= [^"\\] | "\\" ( ["\\ntr0] | "u{" hex hex? hex? hex? hex? hex? "}" )
hex ::= [0-9a-fA-F]
ws ::= ( blank | "--" [^\n]* "\n" )*
sp ::= blank ws
blank ::= [ \t\n]
"##;

pub fn print(grammar: &Grammar) -> String {
    let edges = Edges::new(grammar);
    let mut out = HEAD.to_owned();
    for rule in &grammar.rules {
        out.push_str(&format!("{} ::= {}\n", dashed(&rule.name), edges.print(&rule.body)));
    }
    out.push_str(TERMINALS);
    out
}

/// Names have dashes here.
fn dashed(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "-")
}

/// What tokens can stand at the ends of a phrase, as far as others must be kept from them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Edge {
    word: bool,
    minus: bool,
    /// `{`, which is no brace before a `-`.
    brace: bool,
}

impl Edge {
    fn or(self, other: Edge) -> Edge {
        Edge {
            word: self.word || other.word,
            minus: self.minus || other.minus,
            brace: self.brace || other.brace,
        }
    }

    fn meets(self, next: Edge) -> bool {
        self.word && next.word || (self.minus || self.brace) && next.minus
    }
}

/// How a phrase begins and ends, and whether it may be empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Ends {
    first: Edge,
    last: Edge,
    empty: bool,
}

/// The ends of every rule.
struct Edges(HashMap<String, Ends>);

impl Edges {
    /// The least fixed point: rules are recursive.
    fn new(grammar: &Grammar) -> Edges {
        let mut edges = Edges(HashMap::new());
        loop {
            let before = edges.0.clone();
            for rule in &grammar.rules {
                let ends = edges.ends(&rule.body);
                edges.0.insert(rule.name.clone(), ends);
            }
            if edges.0 == before {
                return edges;
            }
        }
    }

    fn ends(&self, node: &Node) -> Ends {
        match node {
            Node::Literal(text) => {
                let edge = Edge {
                    word: text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'),
                    minus: text == "-",
                    brace: text == "{",
                };
                // An arrow begins with a minus and does not end with one.
                let first = Edge { minus: text.starts_with('-'), ..edge };
                Ends { first, last: edge, empty: false }
            }
            Node::Class(class) => {
                let text = matches!(class, Class::Text | Class::PlainText);
                let edge = Edge { word: !text, ..Edge::default() };
                Ends { first: edge, last: edge, empty: false }
            }
            Node::Rule(name) => self.0.get(name).copied().unwrap_or_default(),
            Node::Choice(nodes) => {
                nodes.iter().map(|node| self.ends(node)).fold(Ends::default(), |a, b| Ends {
                    first: a.first.or(b.first),
                    last: a.last.or(b.last),
                    empty: a.empty || b.empty,
                })
            }
            Node::Sequence(nodes) => self.sequence(nodes),
            Node::Optional(node) | Node::Many(node) => Ends { empty: true, ..self.ends(node) },
        }
    }

    fn sequence(&self, nodes: &[Node]) -> Ends {
        let start = Ends { empty: true, ..Ends::default() };
        nodes.iter().map(|node| self.ends(node)).fold(start, |a, b| Ends {
            first: if a.empty { a.first.or(b.first) } else { a.first },
            last: if b.empty { a.last.or(b.last) } else { b.last },
            empty: a.empty && b.empty,
        })
    }

    /// A node as an operand.
    fn print(&self, node: &Node) -> String {
        match node {
            Node::Literal(text) => format!("\"{text}\""),
            Node::Class(class) => dashed(class.name()),
            Node::Rule(name) => dashed(name),
            Node::Choice(nodes) => {
                let all: Vec<String> = nodes.iter().map(|node| self.print(node)).collect();
                format!("( {} )", all.join(" | "))
            }
            Node::Sequence(nodes) => self.print_sequence(nodes),
            Node::Optional(node) => format!("( {} )?", self.print(node)),
            Node::Many(node) => {
                let gap = self.gap(&[], node, &[]);
                format!("( {} ( {gap} {} )* )?", self.print(node), self.print(node))
            }
        }
    }

    /// The blanks between what stands before a node, the node itself repeated, and what
    /// stands behind.
    fn gap(&self, before: &[Node], node: &Node, behind: &[Node]) -> &'static str {
        let own = self.ends(node);
        let repeated = matches!(node, Node::Many(_));
        let before =
            self.sequence(before).last.or(if repeated { own.last } else { Edge::default() });
        let behind = self.sequence(behind).first;
        if before.meets(own.first) || own.empty && before.meets(behind) { "sp" } else { "ws" }
    }

    /// Blanks belong to the optional parts that they set apart: those at the beginning have
    /// them behind, the others before.
    fn print_sequence(&self, nodes: &[Node]) -> String {
        let certain = nodes.iter().position(|node| !self.ends(node).empty);
        let mut parts = Vec::new();
        for (i, node) in nodes.iter().enumerate() {
            let leading = certain.is_none_or(|certain| i < certain);
            let (inner, sign) = match node {
                Node::Optional(inner) => (self.print(inner), "?"),
                Node::Many(inner) => (self.print(inner), "*"),
                other => (self.print(other), ""),
            };
            parts.push(if leading {
                let own = self.ends(node);
                let next = self.sequence(&nodes[i + 1..]).first;
                let next = if sign == "*" { next.or(own.first) } else { next };
                let gap = if own.last.meets(next) { "sp" } else { "ws" };
                format!("( {inner} {gap} ){sign}")
            } else if Some(i) == certain {
                inner
            } else {
                let gap = self.gap(&nodes[..i], node, &[]);
                if sign.is_empty() {
                    format!("{gap} {inner}")
                } else {
                    format!("( {gap} {inner} ){sign}")
                }
            });
        }
        parts.join(" ")
    }
}
