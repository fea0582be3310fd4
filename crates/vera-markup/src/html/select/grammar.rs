//! The grammar of selectors.
//!
//! ```text
//! list     = complex (',' complex)*
//! complex  = compound ((blanks | '>' | '+' | '~') compound)*
//! compound = ('*' | name)? ('.' name | '#' name? | '[' name ('=' value)? ']')*
//! value    = '"' … '"' | "'" … "'" | one or more bytes but blanks, quotes and ']'
//! ```
//!
//! A name is made of letters, digits, `-`, `_`, bytes from 128 on, and any byte
//! after a backslash. Blanks are allowed around everything but within a compound.

/// How two compounds of a selector are related.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Combinator {
    /// Blanks: somewhere below.
    Descendant,
    /// `>`: directly below.
    Child,
    /// `+`: the next sibling.
    Next,
    /// `~`: a later sibling.
    Later,
}

/// One condition on an element.
#[derive(PartialEq, Eq, Debug)]
pub enum Test {
    /// `*`
    Any,
    /// `name`
    Name(Vec<u8>),
    /// `.name`
    Class(Vec<u8>),
    /// `#name`; the empty name matches nothing.
    Id(Vec<u8>),
    /// `[name]`
    Has(Vec<u8>),
    /// `[name=value]`
    Is(Vec<u8>, Vec<u8>),
}

/// The conditions on one element.
pub type Compound = Vec<Test>;

/// Compounds with how each is related to the one before it; the first is not.
pub type Complex = Vec<(Option<Combinator>, Compound)>;

/// The list of alternatives that a selector is, if it is well-formed.
pub fn parse(selector: &[u8]) -> Option<Vec<Complex>> {
    let mut rest = Rest(selector);
    let mut list = Vec::new();
    loop {
        list.push(complex(&mut rest)?);
        if !rest.eat(b',') {
            return rest.0.is_empty().then_some(list);
        }
    }
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        if is_next {
            self.next();
        }
        is_next
    }

    fn blanks(&mut self) -> bool {
        let before = self.0.len();
        self.0 = self.0.trim_ascii_start();
        self.0.len() < before
    }

    /// A name, which may be empty.
    fn name(&mut self) -> Option<Vec<u8>> {
        let mut name = Vec::new();
        while let Some(byte) = self.peek() {
            match byte {
                b'\\' => {
                    self.next();
                    name.push(self.next()?);
                }
                b'-' | b'_' | 128.. => name.extend(self.next()),
                _ if byte.is_ascii_alphanumeric() => name.extend(self.next()),
                _ => break,
            }
        }
        Some(name)
    }

    fn filled_name(&mut self) -> Option<Vec<u8>> {
        self.name().filter(|name| !name.is_empty())
    }
}

fn complex(rest: &mut Rest<'_>) -> Option<Complex> {
    rest.blanks();
    let mut steps = vec![(None, compound(rest)?)];
    loop {
        let blanks = rest.blanks();
        let combinator = match rest.peek() {
            None | Some(b',') => return Some(steps),
            Some(b'>') => Combinator::Child,
            Some(b'+') => Combinator::Next,
            Some(b'~') => Combinator::Later,
            Some(_) if blanks => Combinator::Descendant,
            Some(_) => return None,
        };
        if combinator != Combinator::Descendant {
            rest.next();
            rest.blanks();
        }
        steps.push((Some(combinator), compound(rest)?));
    }
}

fn compound(rest: &mut Rest<'_>) -> Option<Compound> {
    let mut tests = Vec::new();
    if rest.eat(b'*') {
        tests.push(Test::Any);
    } else {
        let name = rest.name()?;
        if !name.is_empty() {
            tests.push(Test::Name(name));
        }
    }
    loop {
        if rest.eat(b'.') {
            tests.push(Test::Class(rest.filled_name()?));
        } else if rest.eat(b'#') {
            tests.push(Test::Id(rest.name()?));
        } else if rest.eat(b'[') {
            tests.push(attribute(rest)?);
        } else {
            return (!tests.is_empty()).then_some(tests);
        }
    }
}

/// What follows a `[`.
fn attribute(rest: &mut Rest<'_>) -> Option<Test> {
    rest.blanks();
    let key = rest.filled_name()?;
    rest.blanks();
    if rest.eat(b']') {
        return Some(Test::Has(key));
    }
    if !rest.eat(b'=') {
        return None;
    }
    rest.blanks();
    let value = value(rest)?;
    rest.blanks();
    rest.eat(b']').then_some(Test::Is(key, value))
}

fn value(rest: &mut Rest<'_>) -> Option<Vec<u8>> {
    let quote = rest.peek().filter(|byte| matches!(byte, b'"' | b'\''));
    if quote.is_some() {
        rest.next();
    }
    let mut value = Vec::new();
    loop {
        let byte = match (rest.peek(), quote) {
            (Some(byte), Some(quote)) if byte == quote => {
                rest.next();
                return Some(value);
            }
            (Some(b']' | b'"' | b'\''), None) => break,
            (Some(byte), None) if byte.is_ascii_whitespace() => break,
            _ => rest.next()?,
        };
        value.push(if byte == b'\\' { rest.next()? } else { byte });
    }
    (!value.is_empty()).then_some(value)
}
