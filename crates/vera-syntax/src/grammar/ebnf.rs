//! ISO 14977: `[ ]` optional, `{ }` any number of times, `|` choice, `,` sequence.

use super::{Class, Grammar, Node, Rule};

/// The rules.
pub const EBNF: &str = include_str!("vera.ebnf");

/// What the rules leave open.
const TERMINALS: &str = r#"(* Vera. Blanks and comments may stand between tokens, and nowhere inside them. The longest
   token is read that can stand there; `>=` behind a type is a `>` and a `=`. Words are
   keywords only where a rule names them.

   UPPER_IDENT  = letter A to Z , { letter | digit | "_" }
   LOWER_IDENT  = letter a to z , { letter | digit | "_" }
   CALLEE       = a LOWER_IDENT other than fn if match handle old new assert assume forall
                  exists true false; at the start of a statement also other than let
   INT_LIT      = "0" | digit 1 to 9 , { digit }
   FLOAT_LIT    = digit , { digit } , "." , digit , { digit }
   STRING_LIT   = '"' , { character | escape | "\(" , expr , ")" } , '"'
   PLAIN_STRING = '"' , { character | escape } , '"'
   escape       = "\\" | '\"' | "\n" | "\t" | "\r" | "\0" | "\u{" , hex , 5 * [ hex ] , "}"
   comments     = "--" to the end of the line | "{-" to its "-}", which nest
                | the other two delimiters of C, which do not

   Not expressed: an expression statement does not begin with the word `let`; nesting has a
   limit of 1,000. *)

"#;

/// The rules with their terminals.
pub fn print() -> String {
    format!("{TERMINALS}{EBNF}")
}

/// Reads rules. They are ours, and tested.
pub fn read(text: &str) -> Grammar {
    let mut reader = Reader { rest: text };
    let mut rules = Vec::new();
    while !reader.peek().is_empty() {
        let name = reader.take().to_owned();
        reader.expect("=");
        rules.push(Rule { name, body: reader.choice() });
        reader.expect(";");
    }
    Grammar { rules }
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    /// The next token; the empty text at the end.
    fn peek(&mut self) -> &'t str {
        self.rest = self.rest.trim_start();
        let length = match self.rest.chars().next() {
            None => 0,
            Some('"') => self.rest[1..].find('"').map_or(self.rest.len(), |end| end + 2),
            Some(c) if c.is_ascii_alphabetic() => {
                let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
                self.rest.find(|c| !word(c)).unwrap_or(self.rest.len())
            }
            Some(c) => c.len_utf8(),
        };
        &self.rest[..length]
    }

    fn take(&mut self) -> &'t str {
        let token = self.peek();
        self.rest = &self.rest[token.len()..];
        token
    }

    fn expect(&mut self, token: &str) {
        let found = self.take();
        assert_eq!(found, token, "the grammar is written in EBNF");
    }

    fn choice(&mut self) -> Node {
        let mut nodes = vec![self.sequence()];
        while self.peek() == "|" {
            self.take();
            nodes.push(self.sequence());
        }
        if nodes.len() == 1 { nodes.remove(0) } else { Node::Choice(nodes) }
    }

    fn sequence(&mut self) -> Node {
        let mut nodes = vec![self.item()];
        while self.peek() == "," {
            self.take();
            nodes.push(self.item());
        }
        if nodes.len() == 1 { nodes.remove(0) } else { Node::Sequence(nodes) }
    }

    fn item(&mut self) -> Node {
        let token = self.take();
        match token {
            "(" => {
                let inner = self.choice();
                self.expect(")");
                inner
            }
            "[" => {
                let inner = self.choice();
                self.expect("]");
                Node::Optional(Box::new(inner))
            }
            "{" => {
                let inner = self.choice();
                self.expect("}");
                Node::Many(Box::new(inner))
            }
            _ if token.starts_with('"') => Node::Literal(token.trim_matches('"').to_owned()),
            _ => match Class::ALL.into_iter().find(|class| class.name() == token) {
                Some(class) => Node::Class(class),
                None => Node::Rule(token.to_owned()),
            },
        }
    }
}
