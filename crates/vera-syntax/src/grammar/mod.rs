//! The grammar as data, for tools that are no parsers: samplers that constrain a model's
//! output, generators of highlighters. One file, [`EBNF`], is read into [`Grammar`]; the
//! printers write it in other notations. A recogniser in the tests, which knows nothing of
//! the parser, holds the two against each other over the conformance suite.

mod ebnf;
mod gbnf;
mod lark;

use crate::token::Tok;

pub use ebnf::EBNF;

/// A notation for grammars.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// ISO 14977, as the language reference has it.
    Ebnf,
    /// That of llama.cpp: character by character.
    Gbnf,
    /// That of the Python library.
    Lark,
}

/// The whole grammar, the first rule being that of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grammar {
    pub rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub name: String,
    pub body: Node,
}

/// What a rule consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A token that is always spelled alike.
    Literal(String),
    Class(Class),
    Rule(String),
    Sequence(Vec<Node>),
    Choice(Vec<Node>),
    Optional(Box<Node>),
    /// Any number of times, none included.
    Many(Box<Node>),
}

/// A sort of tokens that are spelled differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Upper,
    /// Any lower-case identifier; every word of the language is one, too.
    Lower,
    /// What an operand can begin with to be a call: a lower-case identifier that is none of
    /// [`OPERAND_WORDS`].
    Callee,
    Int,
    Float,
    /// With expressions between `\(` and `)`.
    Text,
    /// Without.
    PlainText,
}

/// The words that are keywords where an operand begins.
pub const OPERAND_WORDS: [&str; 12] = [
    "fn", "if", "match", "handle", "old", "new", "assert", "assume", "forall", "exists", "true",
    "false",
];

impl Class {
    /// Its name in the notations.
    pub fn name(self) -> &'static str {
        match self {
            Class::Upper => Tok::Upper.describe(),
            Class::Lower => Tok::Lower.describe(),
            Class::Callee => "CALLEE",
            Class::Int => Tok::Int.describe(),
            Class::Float => Tok::Float.describe(),
            Class::Text => Tok::Str.describe(),
            Class::PlainText => "PLAIN_STRING",
        }
    }

    const ALL: [Class; 7] = [
        Class::Upper,
        Class::Lower,
        Class::Callee,
        Class::Int,
        Class::Float,
        Class::Text,
        Class::PlainText,
    ];
}

impl Grammar {
    /// That of the language.
    pub fn vera() -> Grammar {
        ebnf::read(EBNF)
    }

    /// The words that are spelled in it, each once.
    pub fn words(&self) -> Vec<&str> {
        fn of<'g>(node: &'g Node, out: &mut Vec<&'g str>) {
            match node {
                Node::Literal(text) if text.starts_with(|c: char| c.is_ascii_lowercase()) => {
                    out.push(text);
                }
                Node::Literal(_) | Node::Class(_) | Node::Rule(_) => {}
                Node::Sequence(nodes) | Node::Choice(nodes) => {
                    nodes.iter().for_each(|node| of(node, out));
                }
                Node::Optional(node) | Node::Many(node) => of(node, out),
            }
        }
        let mut words = Vec::new();
        self.rules.iter().for_each(|rule| of(&rule.body, &mut words));
        words.sort_unstable();
        words.dedup();
        words
    }
}

/// The grammar of the language in a notation, with what the notation cannot express.
pub fn grammar(format: Format) -> String {
    match format {
        Format::Ebnf => ebnf::print(),
        Format::Gbnf => gbnf::print(&Grammar::vera()),
        Format::Lark => lark::print(&Grammar::vera()),
    }
}
