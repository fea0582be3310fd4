//! The grammar as data against the parser: a recogniser that knows only the data accepts
//! every program of the suite that parses, and no other.

mod common;

use std::collections::{HashMap, HashSet};

use vera_syntax::grammar::{Class, EBNF, Format, Grammar, Node, OPERAND_WORDS, grammar};
use vera_syntax::parse;

/// A symbol of a rule in plain form.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Symbol {
    Literal(String),
    Class(Class),
    /// The number of a rule.
    Rule(usize),
}

/// An Earley recogniser (Earley 1970), with the nullable rules completed at once as Aycock
/// and Horspool (2002) do. Repetitions are left-recursive, so lists take linear time.
struct Recogniser {
    /// The alternatives of each rule.
    rules: Vec<Vec<Vec<Symbol>>>,
    nullable: Vec<bool>,
    names: HashMap<String, usize>,
}

impl Recogniser {
    fn new(grammar: &Grammar) -> Recogniser {
        let names: HashMap<String, usize> =
            grammar.rules.iter().enumerate().map(|(i, rule)| (rule.name.clone(), i)).collect();
        let rules = vec![Vec::new(); grammar.rules.len()];
        let mut this = Recogniser { rules, nullable: Vec::new(), names };
        for (i, rule) in grammar.rules.iter().enumerate() {
            let alternatives = this.alternatives(&rule.body);
            this.rules[i] = alternatives;
        }
        this.nullable = vec![false; this.rules.len()];
        loop {
            let known = this.nullable.clone();
            let empty = |s: &Symbol| matches!(s, Symbol::Rule(rule) if known[*rule]);
            for (i, alternatives) in this.rules.iter().enumerate() {
                this.nullable[i] = alternatives.iter().any(|a| a.iter().all(empty));
            }
            if this.nullable == known {
                return this;
            }
        }
    }

    fn alternatives(&mut self, node: &Node) -> Vec<Vec<Symbol>> {
        match node {
            Node::Choice(nodes) => nodes.iter().map(|node| self.symbols(node)).collect(),
            node => vec![self.symbols(node)],
        }
    }

    fn symbols(&mut self, node: &Node) -> Vec<Symbol> {
        match node {
            Node::Literal(text) => vec![Symbol::Literal(text.clone())],
            Node::Class(class) => vec![Symbol::Class(*class)],
            Node::Rule(name) => vec![Symbol::Rule(self.names[name])],
            Node::Sequence(nodes) => nodes.iter().flat_map(|node| self.symbols(node)).collect(),
            Node::Choice(_) => {
                let alternatives = self.alternatives(node);
                vec![self.fresh(alternatives)]
            }
            Node::Optional(inner) => {
                let mut alternatives = self.alternatives(inner);
                alternatives.push(Vec::new());
                vec![self.fresh(alternatives)]
            }
            Node::Many(inner) => {
                let Symbol::Rule(own) = self.fresh(Vec::new()) else { unreachable!() };
                let mut alternatives = self.alternatives(inner);
                alternatives.iter_mut().for_each(|a| a.insert(0, Symbol::Rule(own)));
                alternatives.push(Vec::new());
                self.rules[own] = alternatives;
                vec![Symbol::Rule(own)]
            }
        }
    }

    fn fresh(&mut self, alternatives: Vec<Vec<Symbol>>) -> Symbol {
        self.rules.push(alternatives);
        Symbol::Rule(self.rules.len() - 1)
    }

    fn accepts(&self, text: &str, start: &str) -> bool {
        let start = self.names[start];
        let Some(first) = blanks(text, 0) else { return false };
        // By place in the text: rule, alternative, position in it, and where it began.
        type Item = (usize, usize, usize, usize);
        let mut sets: HashMap<usize, Vec<Item>> = HashMap::new();
        let mut known: HashMap<usize, HashSet<Item>> = HashMap::new();
        // Who waits for a rule at a place.
        let mut waiting: HashMap<(usize, usize), Vec<Item>> = HashMap::new();
        let mut places = std::collections::BTreeSet::from([first]);
        let mut add = |sets: &mut HashMap<usize, Vec<Item>>, at: usize, item: Item| {
            if known.entry(at).or_default().insert(item) {
                sets.entry(at).or_default().push(item);
            }
        };
        for alternative in 0..self.rules[start].len() {
            add(&mut sets, first, (start, alternative, 0, first));
        }
        let mut accepted = false;
        while let Some(at) = places.pop_first() {
            let mut next = 0;
            while let Some(item) = sets.get(&at).and_then(|set| set.get(next)).copied() {
                next += 1;
                let (rule, alternative, dot, begun) = item;
                match self.rules[rule][alternative].get(dot) {
                    Some(Symbol::Rule(inner)) => {
                        waiting.entry((at, *inner)).or_default().push(item);
                        for i in 0..self.rules[*inner].len() {
                            add(&mut sets, at, (*inner, i, 0, at));
                        }
                        if self.nullable[*inner] {
                            add(&mut sets, at, (rule, alternative, dot + 1, begun));
                        }
                    }
                    Some(terminal) => {
                        let end = self.token(text, at, terminal).and_then(|end| blanks(text, end));
                        if let Some(end) = end {
                            add(&mut sets, end, (rule, alternative, dot + 1, begun));
                            places.insert(end);
                        }
                    }
                    None => {
                        accepted |= rule == start && begun == first && at == text.len();
                        for (r, a, d, b) in waiting.get(&(begun, rule)).cloned().unwrap_or_default()
                        {
                            add(&mut sets, at, (r, a, d + 1, b));
                        }
                    }
                }
            }
            sets.remove(&at);
        }
        accepted
    }

    /// The end of a token that begins at a place.
    fn token(&self, text: &str, at: usize, terminal: &Symbol) -> Option<usize> {
        let rest = &text[at..];
        let word_length = |rest: &str| {
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len())
        };
        let word = &rest[..word_length(rest)];
        let lower = word.starts_with(|c: char| c.is_ascii_lowercase());
        let digits = |rest: &str| rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let length = match terminal {
            Symbol::Literal(literal) if literal.starts_with(|c: char| c.is_ascii_lowercase()) => {
                (word == literal).then_some(word.len())
            }
            // The longest operator: what follows a minus or a brace may make it another.
            Symbol::Literal(literal) => rest.starts_with(literal).then_some(literal.len()),
            Symbol::Class(Class::Upper) => {
                word.starts_with(|c: char| c.is_ascii_uppercase()).then_some(word.len())
            }
            Symbol::Class(Class::Lower) => lower.then_some(word.len()),
            Symbol::Class(Class::Callee) => {
                (lower && !OPERAND_WORDS.contains(&word)).then_some(word.len())
            }
            Symbol::Class(Class::Int) => match digits(rest) {
                0 => None,
                _ if rest.starts_with('0') => Some(1),
                n => Some(n),
            },
            Symbol::Class(Class::Float) => {
                let whole = digits(rest);
                let fraction = rest[whole..].strip_prefix('.').map(digits)?;
                (whole > 0 && fraction > 0).then_some(whole + 1 + fraction)
            }
            Symbol::Class(Class::Text) => self.literal(rest, true),
            Symbol::Class(Class::PlainText) => self.literal(rest, false),
            Symbol::Rule(_) => None,
        };
        length.map(|length| at + length)
    }

    /// The length of a string literal, with expressions in it or without.
    fn literal(&self, rest: &str, holes: bool) -> Option<usize> {
        let mut at = 1;
        let inner = rest.strip_prefix('"')?;
        _ = inner;
        loop {
            let c = rest[at..].chars().next()?;
            at += c.len_utf8();
            if c == '"' {
                return Some(at);
            }
            if c != '\\' {
                continue;
            }
            let escape = rest[at..].chars().next()?;
            at += escape.len_utf8();
            match escape {
                '\\' | '"' | 'n' | 't' | 'r' | '0' => {}
                'u' => {
                    let digits = rest[at..].strip_prefix('{')?.split('}').next()?;
                    let value = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
                    (digits.len() <= 6 && !digits.starts_with('+')).then_some(())?;
                    value?;
                    at += digits.len() + 2;
                }
                '(' if holes => {
                    let length = hole(&rest[at..])?;
                    self.accepts(&rest[at..at + length], "expr").then_some(())?;
                    at += length + 1;
                }
                _ => return None,
            }
        }
    }
}

/// The length of a text up to the parenthesis that closes it.
fn hole(rest: &str) -> Option<usize> {
    let (mut depth, mut at) = (0, 0);
    loop {
        let c = rest[at..].chars().next()?;
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return Some(at),
            ')' => depth -= 1,
            '"' => {
                // A literal in the hole: to its quote.
                let mut skipped = false;
                let end = rest[at + 1..].find(|c| {
                    let ends = c == '"' && !skipped;
                    skipped = c == '\\' && !skipped;
                    ends
                })?;
                at += end + 1;
            }
            _ => {}
        }
        at += c.len_utf8();
    }
}

/// Where the next token begins; `None` where a comment is malformed.
fn blanks(text: &str, mut at: usize) -> Option<usize> {
    loop {
        let rest = &text[at..];
        if rest.starts_with("--") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("{-") {
            let mut depth = 0;
            let mut i = 0;
            loop {
                if rest[i..].starts_with("{-") {
                    (depth, i) = (depth + 1, i + 2);
                } else if rest[i..].starts_with("-}") {
                    (depth, i) = (depth - 1, i + 2);
                } else {
                    i += rest[i..].chars().next()?.len_utf8();
                }
                if depth == 0 {
                    break;
                }
            }
            at += i;
        } else if let Some(inner) = rest.strip_prefix("/*") {
            let end = inner.find("*/")?;
            if inner[..end].contains("/*") {
                return None;
            }
            at += end + 4;
        } else {
            match rest.chars().next() {
                Some(c) if c.is_whitespace() || ('\x1c'..='\x1f').contains(&c) => {
                    at += c.len_utf8()
                }
                _ => return Some(at),
            }
        }
    }
}

#[test]
fn the_data_and_the_parser_agree() {
    let recogniser = Recogniser::new(&Grammar::vera());
    let (mut right, mut wrong) = (0, 0);
    let mut differing = Vec::new();
    for (name, text) in common::programs() {
        // Deep and long ones say nothing more about rules.
        if text.len() > 8_000 {
            continue;
        }
        let parses = parse(&text).errors.is_empty();
        if recogniser.accepts(&text, "program") != parses {
            differing.push(format!("{name}: parses: {parses}"));
        }
        *(if parses { &mut right } else { &mut wrong }) += 1;
    }
    println!("{right} programs parse, {wrong} do not");
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    assert!(right > 1000 && wrong > 80, "{right} {wrong}");
}

#[test]
fn every_rule_is_used_and_printed() {
    let whole = Grammar::vera();
    for format in [Format::Ebnf, Format::Gbnf, Format::Lark] {
        let printed = grammar(format);
        for rule in &whole.rules {
            let name = match format {
                Format::Gbnf => rule.name.replace('_', "-"),
                Format::Ebnf | Format::Lark => rule.name.clone(),
            };
            // Where it is defined and where it is used.
            let words = printed.split(|c: char| !(c.is_ascii_alphanumeric() || "_-".contains(c)));
            let used = words.filter(|word| *word == name).count();
            assert!(used > usize::from(name != "program"), "{format:?}: {name}");
        }
    }
    assert_eq!(EBNF.matches(" = ").count(), whole.rules.len());
    assert_eq!(whole.words().len(), 34);
}

#[test]
fn words_are_kept_apart() {
    let printed = grammar(Format::Gbnf);
    let rule = |name: &str| {
        let start = format!("{name} ::= ");
        printed.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_default().to_owned()
    };
    assert_eq!(rule("visibility"), "( \"public\" | \"private\" )");
    assert_eq!(
        rule("top-decl"),
        "( ( visibility sp )? fn-decl | ( visibility sp )? data-decl | type-decl | effect-decl | ability-decl )"
    );
    assert_eq!(rule("block"), "\"{\" ( sp statement )* sp expr ws \"}\"");
    assert_eq!(rule("path"), "lower-ident ( ws \".\" ws lower-ident )*");
}
